// Sends a form once, however often its button is pressed: a second request would be answered in
// place of the first, and that one's answer is told once.
//
//   <form data-once> … <button>Make</button></form>
//
// A line that hangs leaves nobody with a dead button: after a while it can be pressed again, and the
// server tells what became of the first.

/** Milliseconds. */
const PATIENCE = 10_000;

for (const form of document.querySelectorAll("form[data-once]")) {
  let sent = false;
  const button = form.querySelector("button");
  const wait = (/** @type {boolean} */ waits) => {
    sent = waits;
    if (waits) button?.setAttribute("aria-disabled", "true");
    else button?.removeAttribute("aria-disabled");
  };
  form.addEventListener("submit", (event) => {
    if (sent) event.preventDefault();
    else window.setTimeout(wait, PATIENCE, false);
    wait(true);
  });
  // Shown again by going back: what was sent is over.
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
  });
}
