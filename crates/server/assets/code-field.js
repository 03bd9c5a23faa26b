// Makes `<input data-code="PREFIX">` tell of typing errors before they are sent, and put what is
// typed into groups. The server decides all the same; the form is never held back.
//
//   <div data-code-field>
//     <label for="code">…</label>
//     <input id="code" name="code" data-code="gb" data-profile="strong"
//       aria-describedby="code-told">
//     <p id="code-told" data-told role="status"></p>
//     <template data-words> <span data-word="complete">…</span> … </template>
//   </div>
//
// Words: incomplete (%count%), complete, code_checksum, code_checksum_group (%group%),
// code_checksum_groups (%first%, %second%), code_bad_symbol (%position%), code_other_prefix,
// code_too_long. `data-profile` may be missing; then only whole codes are put into groups.

import { reader } from "./code.js";
import { wordsOf } from "./words.js";

/** Milliseconds without a key after which a length that codes have is taken for a code. */
const PAUSE = 900;

/** @param {HTMLInputElement} input */
export async function enhance(input) {
  const field = input.closest("[data-code-field]");
  const told = field?.querySelector("[data-told]");
  // Without a secure context there is no hashing, and nothing can be said.
  if (!field || !told || !globalThis.crypto?.subtle) return;
  const codes = await reader(input.dataset.code || "gb");
  const words = wordsOf(field);
  let pause = 0;

  const tell = (/** @type {boolean} */ settled) => {
    const found = codes.judge(input.value, settled);
    field.setAttribute("data-state", found.state);
    input.setAttribute("aria-invalid", String(found.state === "typo"));
    const text = sentence(found, words);
    // A live region that is given the same words again would say them again.
    if (told.textContent !== text) told.textContent = text;
    return found;
  };
  const group = () => {
    const found = codes.parse(input.value);
    const name = "profile" in found ? found.profile : input.dataset.profile;
    const caret = input.selectionStart ?? input.value.length;
    if (name === "strong" || name === "compact") {
      const arranged = codes.arrange(input.value, caret, name);
      put(input, arranged.text, arranged.caret);
    } else if ("profile" in found && caret === input.value.length) {
      put(input, found.display, found.display.length);
    }
  };

  input.addEventListener("input", (event) => {
    // An input method is still at work on these characters.
    if (event instanceof InputEvent && event.isComposing) return;
    group();
    clearTimeout(pause);
    const pasted = event instanceof InputEvent && event.inputType === "insertFromPaste";
    tell(pasted);
    if (!pasted) pause = window.setTimeout(() => tell(true), PAUSE);
  });
  input.addEventListener("change", () => {
    clearTimeout(pause);
    tell(true);
  });
  if (input.value) tell(true);
}

/** @param {HTMLInputElement} input @param {string} text @param {number} caret */
function put(input, text, caret) {
  if (input.value === text) return;
  input.value = text;
  input.setSelectionRange(caret, caret);
}

/**
 * @param {ReturnType<import("./code.js").Reader["judge"]>} found
 * @param {ReturnType<typeof wordsOf>} words
 */
function sentence(found, words) {
  if (found.state !== "typo") return words(found.state, { count: found.count ?? 0 });
  const [first, second] = found.groups ?? [];
  if (second !== undefined) return words("code_checksum_groups", { first, second });
  if (first !== undefined) return words("code_checksum_group", { group: first });
  return words(found.error ?? "", { position: found.position ?? 0 });
}

if (typeof document !== "undefined") {
  for (const input of document.querySelectorAll("input[data-code]")) {
    if (input instanceof HTMLInputElement) enhance(input);
  }
}
