// Keeps a part of the page up to date while something is under way.
//
//   <section id="progress" data-progress="2">: read again every so many seconds, until the page
//   that comes has no such part any more.
//
// Without a script a link on the page does the same. Who is in the middle of something keeps the
// focus: only that part is put in place.

const part = document.querySelector("[data-progress]");
if (part instanceof HTMLElement) follow(part);

/** @param {HTMLElement} part */
async function follow(part) {
  const seconds = Number(part.dataset.progress) || 2;
  await new Promise((done) => setTimeout(done, seconds * 1000));
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const next = page.getElementById(part.id);
    if (!answer.ok || !next) return;
    const heading = page.querySelector("h1");
    document.querySelector("h1")?.replaceChildren(heading?.textContent ?? "");
    part.replaceWith(document.adoptNode(next));
    if (next instanceof HTMLElement && next.dataset.progress) follow(next);
  } catch {
    // The server is gone for a moment; it is asked again.
    follow(part);
  }
}
