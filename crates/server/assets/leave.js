// Warns before a page is left on which something is not confirmed that is shown only once. The
// browser says it in its own words; what they mean stands on the page, beside `data-leave`.
//
//   <main data-leave> … <form data-leave-ends>…</form> … </main>
//
// It ends with the sending of any form or the following of any link that has `data-leave-ends`.

const part = document.querySelector("[data-leave]");

/** @param {BeforeUnloadEvent} event */
function warn(event) {
  event.preventDefault();
}

/** Ends the warning, for a page that confirms in its own way. */
export function confirmed() {
  window.removeEventListener("beforeunload", warn);
}

if (part) {
  window.addEventListener("beforeunload", warn);
  for (const end of part.querySelectorAll("[data-leave-ends]")) {
    end.addEventListener(end instanceof HTMLFormElement ? "submit" : "click", confirmed);
  }
}
