// The page with the codes: prints it, tells a wrong last group before the page is left for it, and
// keeps no code in a page that the browser puts aside.
//
//   <div data-reveal data-leave> … <button data-print hidden> …
//     <form data-last-group="PREFIX"> <input name="head"> <input name="last"> <p data-told> …

import { reader } from "./code.js";
import { confirmed } from "./leave.js";
import { wordsOf } from "./words.js";

for (const button of document.querySelectorAll("button[data-print]")) {
  button.removeAttribute("hidden");
  button.addEventListener("click", () => window.print());
}

/** @param {HTMLFormElement} form */
async function watch(form) {
  const [head, last] = [form.elements.namedItem("head"), form.elements.namedItem("last")];
  const told = form.querySelector("[data-told]");
  if (!(head instanceof HTMLInputElement) || !(last instanceof HTMLInputElement)) return;
  // Without a secure context there is no hashing: the server tells.
  const codes = globalThis.crypto?.subtle ? await reader(form.dataset.lastGroup || "gb") : undefined;
  const words = wordsOf(form);
  form.addEventListener("submit", (event) => {
    const is = (/** @type {string} */ text) => codes?.judge(text, true).state === "complete";
    if (!codes || is(head.value + last.value) || is(last.value)) {
      confirmed();
      return;
    }
    event.preventDefault();
    last.setAttribute("aria-invalid", "true");
    if (told) told.textContent = words("typo");
    last.select();
    last.focus();
  });
}

for (const form of document.querySelectorAll("form[data-last-group]")) {
  if (form instanceof HTMLFormElement) watch(form);
}

// A page that is put aside to be shown again by going back is not to have the codes in it.
window.addEventListener("pagehide", () => {
  for (const part of document.querySelectorAll("[data-reveal]")) part.replaceChildren();
});
window.addEventListener("pageshow", (event) => {
  if (event.persisted) location.replace("/self/codes");
});
