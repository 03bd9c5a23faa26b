// Puts what is behind the `#` of a link into the form, and takes it out of the address bar and the
// history. Nothing is sent before somebody presses the button.
//
//   <div data-paste><label for="token">…</label><input id="token" name="token" data-fragment></div>

const field = document.querySelector("input[data-fragment]");
if (field instanceof HTMLInputElement && location.hash.length > 1) {
  field.value = location.hash.slice(1);
  history.replaceState(null, "", location.pathname);
  const paste = field.closest("[data-paste]");
  if (paste instanceof HTMLElement) paste.hidden = true;
}
