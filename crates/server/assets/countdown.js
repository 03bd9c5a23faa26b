// Shows the time that is left until `<time data-until="2026-01-02T03:04:05Z">`, second by second.
// Who cannot see it hears it at a few marks only, and once it is over.
//
//   <div data-countdown data-now="2026-01-02T03:00:00Z">
//     <time data-until="…" datetime="…">until 03:04</time>
//     <p data-told role="status" class="unseen"></p> <template data-words>…</template>
//   </div>
//
// `data-now` is the server's time when it made the page: a wrong clock here does no harm.
// Words: left (%time%), over. Numbers and units are the browser's, in the page's language.

import { wordsOf } from "./words.js";

/** Seconds before the end at which the time left is said. */
const MARKS = [3600, 1800, 600, 300, 60, 30];

/** The time left in its two largest units. @param {number} seconds @param {string} language */
export function remaining(seconds, language) {
  const whole = Math.max(0, Math.ceil(seconds));
  const parts = [
    ["day", Math.floor(whole / 86400)],
    ["hour", Math.floor(whole / 3600) % 24],
    ["minute", Math.floor(whole / 60) % 60],
    ["second", whole % 60],
  ];
  const first = parts.findIndex(([, count]) => Number(count) > 0);
  const shown = first < 0 ? parts.slice(3) : parts.slice(first, first + 2);
  const texts = shown.map(([unit, count]) =>
    new Intl.NumberFormat(language, {
      style: "unit",
      unit: String(unit),
      unitDisplay: "long",
    }).format(Number(count)),
  );
  return new Intl.ListFormat(language, { style: "narrow", type: "unit" }).format(texts);
}

/**
 * Whether a mark lies between two looks at the clock.
 * @param {number} before @param {number} now
 */
export const passesMark = (before, now) => MARKS.some((mark) => before > mark && now <= mark);

/** @param {Element} part */
function run(part) {
  const time = part.querySelector("time[data-until]");
  if (!(time instanceof HTMLTimeElement)) return;
  const until = Date.parse(time.dataset.until ?? "");
  const told = part.querySelector("[data-told]");
  const words = wordsOf(part);
  const language = document.documentElement.lang || "en";
  const ahead = Date.parse(part.getAttribute("data-now") ?? "") - Date.now();
  let before = Number.POSITIVE_INFINITY;
  const tick = () => {
    const left = (until - Date.now() - (Number.isNaN(ahead) ? 0 : ahead)) / 1000;
    const over = left <= 0;
    const text = over ? words("over") : words("left", { time: remaining(left, language) });
    time.textContent = text;
    if (told && (over || passesMark(before, left))) told.textContent = text;
    before = left;
    if (over) part.setAttribute("data-over", "");
    else window.setTimeout(tick, Math.min(1000, (left % 1) * 1000 + 5));
  };
  if (!Number.isNaN(until)) tick();
}

if (typeof document !== "undefined") {
  for (const part of document.querySelectorAll("[data-countdown]")) run(part);
}
