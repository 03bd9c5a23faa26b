// Reads [{prefix, input}, ...], and writes what `code.js` says of each.

import { readFileSync } from "node:fs";
import { reader } from "../assets/code.js";

const readers = new Map();
const said = [];
for (const { prefix, input } of JSON.parse(readFileSync(0, "utf8"))) {
  if (!readers.has(prefix)) readers.set(prefix, await reader(prefix));
  const codes = readers.get(prefix);
  said.push({ ...codes.parse(input), state: codes.judge(input, true).state });
}
process.stdout.write(JSON.stringify(said));
