// RFC 8785 as entries use it, and what every entry has: `at`, `id`, `type` and `v`.

import { Fault } from "./tree.js";

const BYTES_MAX = 65_535;
const DEPTH_MAX = 64;
const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const KIND = /^[a-z_]+(\.[a-z_]+)+$/;

/**
 * The one spelling of a value; nothing if entries have no such value.
 * @param {any} value @param {number} depth @returns {string | undefined}
 */
function spelled(value, depth) {
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "string") return value.isWellFormed() ? JSON.stringify(value) : undefined;
  if (typeof value === "number") return Number.isSafeInteger(value) ? String(value) : undefined;
  if (depth === DEPTH_MAX) return undefined;
  const inner = (/** @type {any} */ part) => spelled(part, depth + 1);
  if (Array.isArray(value)) {
    const parts = value.map(inner);
    return parts.includes(undefined) ? undefined : `[${parts.join(",")}]`;
  }
  // Sorted by UTF-16 code units, as the standard asks.
  const names = Object.keys(value).sort();
  const members = names.map((name) => [spelled(name, depth), inner(value[name])]);
  if (members.flat().includes(undefined)) return undefined;
  return `{${members.map(([name, part]) => `${name}:${part}`).join(",")}}`;
}

/** @param {string} text @returns {any} */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Reads an entry, if it is one in its one spelling.
 * @param {string} text
 * @returns {{id: string, at: number, type: string, entry: any}} `at` in milliseconds since the Unix
 *   epoch.
 */
export function readEntry(text) {
  const entry = parsed(text);
  const isObject = typeof entry === "object" && entry !== null && !Array.isArray(entry);
  const fits = new TextEncoder().encode(text).length <= BYTES_MAX;
  if (!isObject || !fits || spelled(entry, 0) !== text) throw new Fault("entry_malformed");
  const { id, at, type, v } = entry;
  const isTold = v === 1 && typeof at === "number" && at >= 0;
  if (!isTold || !ID.test(String(id)) || typeof type !== "string" || !KIND.test(type)) {
    throw new Fault("entry_malformed");
  }
  return { id, at, type, entry };
}
