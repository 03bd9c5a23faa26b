// Enrols an operator's passkey with a link. What is behind the `#` is the right to do it: it goes
// into bodies, and out of the address as soon as the page is open.
//
//   <h1>…</h1> <p data-before>…</p>
//   <form data-enrol> <p data-who hidden></p> <button hidden>…</button> <p data-told role="alert"></p>
//     <p data-done role="status" hidden></p> <template data-words>…</template> </form>
//
// Words: those of a passkey, and for (%who%), done, no_link, refused.

import { Refused, ask, create, nameOf } from "./passkey.js";
import { wordsOf } from "./words.js";

const form = document.querySelector("form[data-enrol]");

/** @param {HTMLFormElement} form */
function begin(form) {
  const words = wordsOf(form);
  const part = (/** @type {string} */ name) => form.querySelector(name);
  const say = (/** @type {string} */ text) => {
    const told = part("[data-told]");
    if (told) told.textContent = text;
  };
  const token = window.location.hash.slice(1);
  window.history.replaceState(null, "", window.location.pathname);
  if (!token) {
    say(words("no_link"));
    return;
  }
  const fail = (/** @type {unknown} */ error) => {
    if (!(error instanceof Refused)) say(words(nameOf(error)));
    else if (error.code === "enrolment_refused") say(words("refused"));
    else say(words("failed", { title: error.message, code: error.code }));
  };
  const options = () => ask("/v1/enrolments/options", { token });
  options().then(({ operator }) => {
    const who = part("[data-who]");
    if (who) who.textContent = words("for", { who: operator });
    for (const hidden of form.querySelectorAll("[data-who], button")) hidden.removeAttribute("hidden");
  }, fail);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    say(words("waiting"));
    try {
      const credential = await create((await options()).options);
      await ask("/v1/enrolments", { token, credential });
      say("");
      const title = document.querySelector("h1");
      if (title) title.textContent = words("done");
      const before = document.querySelectorAll("[data-before], form[data-enrol] button");
      for (const over of before) over.setAttribute("hidden", "");
      for (const done of document.querySelectorAll("[data-done]")) done.removeAttribute("hidden");
    } catch (error) {
      fail(error);
    }
  });
}

if (form instanceof HTMLFormElement) begin(form);
