// Copies a text that stands on the page.
//
//   <button type="button" data-copy="the-id" hidden>Copy</button>
//   <span data-told role="status"></span>, and words `copied` and `not_copied`, in the same
//   [data-copy-part], or in the button's parent.
//
// The button is hidden without a script. What is copied is the text of the element, or its
// `data-copy-text`. If the browser does not allow it, the text is selected for the person to copy.

import { wordsOf } from "./words.js";

/** @param {Element} from */
async function copy(from) {
  const text = from.getAttribute("data-copy-text") ?? textOf(from);
  if (navigator.clipboard?.writeText) {
    await navigator.clipboard.writeText(text);
    return;
  }
  select(from);
  if (!document.execCommand("copy")) throw new Error("not allowed");
}

/** Line by line where there are items, else as it stands. @param {Element} from */
function textOf(from) {
  if (from instanceof HTMLInputElement || from instanceof HTMLTextAreaElement) return from.value;
  const items = [...from.querySelectorAll("[data-copy-line]")];
  const texts = (items.length > 0 ? items : [from]).map((item) => item.textContent?.trim() ?? "");
  return texts.join("\n");
}

/** @param {Element} from */
function select(from) {
  if (from instanceof HTMLInputElement || from instanceof HTMLTextAreaElement) {
    from.select();
    return;
  }
  window.getSelection()?.selectAllChildren(from);
}

for (const button of document.querySelectorAll("button[data-copy]")) {
  const part = button.closest("[data-copy-part]") ?? button.parentElement ?? document;
  const words = wordsOf(part);
  const told = part.querySelector("[data-told]");
  const say = (/** @type {string} */ name) => told && (told.textContent = words(name));
  button.removeAttribute("hidden");
  button.addEventListener("click", async () => {
    const from = document.getElementById(button.getAttribute("data-copy") ?? "");
    if (!from) return;
    // Emptied first: the same words again are said again.
    if (told) told.textContent = "";
    try {
      await copy(from);
      say("copied");
    } catch {
      select(from);
      say("not_copied");
    }
  });
}
