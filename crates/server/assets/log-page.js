// The parts of the log's pages that check: `[data-verify]`. What each step came to is told in words
// that stand on the page; what was seen of the log is remembered in this browser, so that a log
// that is rolled back or rewritten is found at the next visit.

import { toBase64 } from "./note.js";
import { plot } from "./path-plot.js";
import { Fault, fetchBelow, parseKeys, verifyEntry, verifyLog, verifyReceipt } from "./verify.js";
import { wordsOf } from "./words.js";

const KEYS = "glassbreak/log-keys";
const LOG = "/tlog/";

/** @typedef {import("./note.js").Checkpoint} Checkpoint */
/** What is seen of a log, by its origin. @param {string} origin */
const placeOf = (origin) => `glassbreak/log/${origin}`;

/** @param {HTMLElement} part */
function start(part) {
  const words = wordsOf(part);
  const find = (/** @type {string} */ name) =>
    /** @type {HTMLElement} */ (part.querySelector(`[data-${name}]`));
  const [steps, told, remembered, changed] = ["steps", "told", "remembered", "changed"].map(find);
  const field = /** @type {HTMLTextAreaElement} */ (find("keys"));
  const ofPage = field.value;
  let isBusy = false;

  /** @param {string} kind @param {string} text */
  function add(kind, text) {
    const step = document.createElement("li");
    step.className = kind;
    const said = document.createElement("p");
    said.textContent = text;
    step.append(said);
    steps.append(step);
    return step;
  }

  function showRemembered() {
    const seen = seenOf(field.value);
    remembered.textContent = seen
      ? words("remembers", { size: seen.split("\n")[1] })
      : words("remembers_nothing");
  }

  /** Shows the steps of a check as they end, and what it came to. */
  async function run(/** @type {(tell: import("./verify.js").Told) => Promise<string>} */ check) {
    if (isBusy) return;
    isBusy = true;
    steps.replaceChildren();
    told.className = "note";
    told.textContent = words("working");
    try {
      const good = await check((step, values) => {
        const isFirst = step === "history" && values.known === "";
        add("done", words(`step_${step}${isFirst ? "_first" : ""}`, values)).dataset.step = step;
      });
      localStorage.setItem(KEYS, field.value);
      told.className = "note good";
      told.textContent = words(good);
    } catch (error) {
      const { text, isFound } = explained(error, words);
      add("wrong", `${words("step_wrong")} ${text}`);
      told.className = isFound ? "note harm" : "note care";
      told.textContent = isFound ? words("bad") : text;
    }
    showRemembered();
    isBusy = false;
  }

  /** The log as it is now, and what was seen of it before. */
  async function checkLog(/** @type {import("./verify.js").Told} */ tell) {
    const keys = await parseKeys(field.value);
    const known = localStorage.getItem(placeOf(keys[0].name)) ?? undefined;
    const log = await verifyLog({ fetchFile: fetchBelow(LOG), keys, known, told: tell });
    localStorage.setItem(placeOf(log.head.origin), log.head.note);
    return log;
  }

  /** @param {{index: number, path: Uint8Array[], leaf: Uint8Array}} found @param {number} size */
  function draw({ index, path, leaf }, size) {
    const label = words("plot", { hashes: path.length });
    const way = { index, size, path: path.map(toBase64), leaf: toBase64(leaf), label };
    if (path.length > 0) steps.querySelector("[data-step=path]")?.append(plot(way));
  }

  find("buttons").hidden = false;
  find("check").addEventListener("click", () =>
    run(async (tell) => {
      const log = await checkLog(tell);
      if (part.dataset.for !== "entry") return "good_log";
      const text = document.getElementById(part.dataset.entry ?? "")?.textContent ?? "";
      const found = await verifyEntry(text, Number(part.dataset.index), log, tell);
      draw(found, log.head.size);
      return "good_entry";
    }),
  );
  find("forget").addEventListener("click", () => {
    for (const name of Object.keys(localStorage)) {
      if (name === KEYS || name.startsWith(placeOf(""))) localStorage.removeItem(name);
    }
    field.value = ofPage;
    changed.hidden = true;
    steps.replaceChildren();
    told.className = "note";
    told.textContent = words("forgotten");
    showRemembered();
  });
  const file = find("receipt");
  file?.addEventListener("change", () => {
    const chosen = file instanceof HTMLInputElement ? file.files?.[0] : undefined;
    if (!chosen) return;
    run(async (tell) => {
      const text = await chosen.text();
      // So that the same file can be chosen again.
      if (file instanceof HTMLInputElement) file.value = "";
      const found = await verifyReceipt(text, await parseKeys(field.value), tell);
      draw(found, found.head.size);
      return "good_receipt";
    });
  });

  const kept = localStorage.getItem(KEYS);
  if (kept !== null && kept.trim() !== ofPage.trim()) {
    field.value = kept;
    changed.textContent = words("keys_changed");
    changed.hidden = false;
  }
  field.addEventListener("input", showRemembered);
  showRemembered();
}

/** What is remembered of the log whose key stands first. @param {string} keys */
function seenOf(keys) {
  const name = keys.trim().split("+")[0];
  return name ? localStorage.getItem(placeOf(name)) : null;
}

/**
 * What is told of an error, and whether something is wrong with the log or the receipt; else the
 * check itself could not be done.
 * @param {unknown} error @param {ReturnType<typeof wordsOf>} words
 */
function explained(error, words) {
  if (!(error instanceof Fault)) return { text: words("failed"), isFound: false };
  const { code, values } = error;
  const undone = ["source_failed", "entry_not_yet", "ed25519_unsupported", "key_malformed"];
  const name = values.why ? `${code}_${values.why}` : code;
  return { text: words(name, values), isFound: !undone.includes(code) };
}

for (const part of document.querySelectorAll("[data-verify]")) {
  if (part instanceof HTMLElement) start(part);
}
