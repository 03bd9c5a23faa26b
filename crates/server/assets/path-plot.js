// Draws the way from an entry up to the root: at each step the hash so far, and the one beside it
// that the proof brings. Shapes and places tell it, not colour; the figure has its words beside it.

const SVG = "http://www.w3.org/2000/svg";
const STEP = 34;
const BOX = { width: 74, height: 20 };

/**
 * @param {string} name @param {Record<string, string | number>} attributes @param {string} [text]
 */
function drawn(name, attributes, text) {
  const element = document.createElementNS(SVG, name);
  for (const [attribute, value] of Object.entries(attributes)) {
    element.setAttribute(attribute, String(value));
  }
  if (text) element.textContent = text;
  return element;
}

/**
 * On which side of the hash so far each one of the path stands (RFC 9162, 2.1.3.2).
 * @param {number} index @param {number} size @param {number} count
 */
export function sides(index, size, count) {
  let [position, last] = [index, size - 1];
  return Array.from({ length: count }, () => {
    const isLeft = position % 2 === 1 || position === last;
    while (isLeft && position % 2 === 0 && position !== 0) {
      [position, last] = [Math.floor(position / 2), Math.floor(last / 2)];
    }
    [position, last] = [Math.floor(position / 2), Math.floor(last / 2)];
    return isLeft ? "left" : "right";
  });
}

/**
 * @param {{index: number, size: number, path: string[], leaf: string, label: string}} way Hashes in
 *   base64; the first characters of each are shown.
 */
export function plot({ index, size, path, leaf, label }) {
  const height = (path.length + 1) * STEP;
  const svg = drawn("svg", { viewBox: `0 0 300 ${height}`, role: "img", class: "plot tree" });
  svg.setAttribute("aria-label", label);
  const short = (/** @type {string} */ hash) => `${hash.slice(0, 6)}…`;
  /** @param {number} x @param {number} y @param {string} kind @param {string} text */
  const box = (x, y, kind, text) => {
    svg.append(drawn("rect", { x, y, ...BOX, rx: 4, class: kind }));
    if (text) svg.append(drawn("text", { x: x + 6, y: y + 14 }, text));
  };
  const middle = 150 - BOX.width / 2;
  const side = sides(index, size, path.length);
  for (const [step, hash] of path.entries()) {
    const y = height - (step + 1) * STEP;
    const x = side[step] === "left" ? 6 : 300 - BOX.width - 6;
    const from = { class: "axis", x2: 150, y2: y - STEP + BOX.height + 4 };
    svg.append(drawn("line", { x1: 150, y1: y + 4, ...from }));
    svg.append(drawn("line", { x1: x + BOX.width / 2, y1: y + 4, ...from }));
    box(x, y + 4, "sibling", short(hash));
  }
  for (let step = 0; step <= path.length; step += 1) {
    const y = height - (step + 1) * STEP + 4;
    box(middle, y, "node", step === 0 ? short(leaf) : "");
  }
  return svg;
}
