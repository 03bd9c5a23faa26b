// The auditor's side in the browser: is this receipt good, does the log go on from where it was,
// is this entry in it? It believes nothing but the verifier key. The server that sent this page
// could have sent another script: who must not trust it at all runs `glassbreak log verify`, which
// is the same mathematics in a program of its own.

import { readEntry } from "./canonical.js";
import {
  fromDecimal,
  openCheckpoint,
  parseKey,
  parseNote,
  sameHead,
  toBase64,
  toHash,
} from "./note.js";
import { Fault, Tiles, continues, includes, leafHash } from "./tree.js";

export { Fault } from "./tree.js";
export { parseKey } from "./note.js";

const FORMAT = "glassbreak-receipt/v1";
const PROOF = "c2sp.org/tlog-proof@v1";
const HASHES_MAX = 64;

/** @typedef {import("./note.js").Key} Key */
/** @typedef {import("./note.js").Checkpoint} Checkpoint */
/** @typedef {import("./tree.js").FetchFile} FetchFile */
/**
 * @callback Told Hears of each step as it ends well.
 * @param {"key" | "entry" | "signature" | "path" | "root" | "history"} step
 * @param {Record<string, string | number>} values
 */

const utf8 = new TextEncoder();

/**
 * Reads the file of a receipt, in its form. Every member is a string and occurs once, so the file
 * has six strings.
 * @param {string} file
 */
export function parseReceipt(file) {
  let members;
  try {
    members = JSON.parse(file);
  } catch {
    throw new Fault("receipt_malformed");
  }
  const names = Object.keys(members ?? {}).sort().join();
  const texts = names === "entry,format,proof" && Object.values(members);
  const strings = file.match(/"(?:[^"\\]|\\.)*"/g) ?? [];
  if (!texts || strings.length !== 6 || texts.some((text) => typeof text !== "string")) {
    throw new Fault("receipt_malformed");
  }
  if (members.format !== FORMAT) throw new Fault("receipt_format_unknown");
  return { entry: members.entry, ...parseProof(members.proof) };
}

/** Reads a C2SP tlog-proof. @param {string} proof */
export function parseProof(proof) {
  const refused = () => new Fault("proof_malformed");
  const blank = proof.indexOf("\n\n");
  const lines = proof.slice(0, blank).split("\n");
  if (blank < 0 || lines.shift() !== PROOF) throw refused();
  if (lines[0]?.startsWith("extra ")) {
    const extra = lines.shift()?.slice("extra ".length) ?? "";
    if (extra === "" || !isBase64(extra)) throw refused();
  }
  const [, number] = /^index (.+)$/.exec(lines.shift() ?? "") ?? [];
  const index = fromDecimal(number ?? "");
  const path = lines.map(toHash);
  if (index === undefined || path.length > HASHES_MAX) throw refused();
  const hashes = path.filter((hash) => hash !== undefined);
  const checkpoint = proof.slice(blank + 2);
  if (hashes.length < path.length || !isNote(checkpoint)) throw refused();
  return { index, path: hashes, checkpoint };
}

const isBase64 = (/** @type {string} */ text) => {
  try {
    return btoa(atob(text)) === text;
  } catch {
    return false;
  }
};

const isNote = (/** @type {string} */ text) => {
  try {
    return Boolean(parseNote(text));
  } catch {
    return false;
  }
};

/**
 * Verifies a receipt, offline: nothing is fetched.
 * @param {string} file @param {Key[]} keys @param {Told} [told]
 */
export async function verifyReceipt(file, keys, told = () => {}) {
  const { entry, index, path, checkpoint } = parseReceipt(file);
  const head = await openCheckpoint(checkpoint, keys);
  told("signature", shown(head));
  const leaf = await leafHash(utf8.encode(entry));
  if (!(await includes(leaf, index, head.size, head.root, path))) throw new Fault("proof_wrong");
  told("path", { index, size: head.size, hashes: path.length, leaf: toBase64(leaf) });
  const read = readEntry(entry);
  told("entry", { id: read.id, type: read.type, at: read.at });
  return { ...read, index, path, leaf, head };
}

/**
 * Verifies the log's newest head: its signature, that the tiles come to its root, and that it goes
 * on from the one seen before.
 * @param {{fetchFile: FetchFile, keys: Key[], known?: string, told?: Told}} how `known` is the note
 *   of the checkpoint seen before, which is checked as any other.
 */
export async function verifyLog({ fetchFile, keys, known, told = () => {} }) {
  const bytes = await fetchFile("checkpoint");
  if (!bytes) throw new Fault("file_missing", { path: "checkpoint" });
  const head = await openCheckpoint(textOf(bytes), keys);
  told("signature", shown(head));
  const tiles = new Tiles(fetchFile, head.size);
  const root = toBase64(await tiles.root());
  if (root !== toBase64(head.root)) {
    throw new Fault("root_wrong", { size: head.size, found: root, signed: toBase64(head.root) });
  }
  told("root", { size: head.size, root, tiles: tiles.count });
  const before = known ? await openKnown(known, keys) : undefined;
  if (before) await goesOn(before, head, tiles);
  told("history", { known: before?.size ?? "", size: head.size });
  return { head, tiles };
}

/** @param {string} known @param {Key[]} keys */
async function openKnown(known, keys) {
  try {
    return await openCheckpoint(known, keys);
  } catch {
    throw new Fault("known_refused");
  }
}

/**
 * That a head goes on from an earlier one.
 * @param {Checkpoint} before @param {Checkpoint} head @param {Tiles} tiles Those of `head`.
 */
export async function goesOn(before, head, tiles) {
  if (before.origin !== head.origin) {
    throw new Fault("origin_changed", { known: before.origin, found: head.origin });
  }
  const sizes = { known: before.size, found: head.size };
  if (before.size > head.size) throw new Fault("log_rolled_back", sizes);
  if (before.size === 0 || sameHead(before, head)) return;
  const proof = await tiles.consistency(before.size);
  if (!(await continues(before.size, head.size, before.root, head.root, proof))) {
    throw new Fault("log_forked", sizes);
  }
}

/**
 * Verifies that an entry is in the tree of a head that was verified, by a path out of its tiles.
 * @param {string} entry Its exact text. @param {number} index
 * @param {{head: Checkpoint, tiles: Tiles}} log What {@link verifyLog} gave. @param {Told} [told]
 */
export async function verifyEntry(entry, index, { head, tiles }, told = () => {}) {
  const leaf = await leafHash(utf8.encode(entry));
  if (index >= head.size) throw new Fault("entry_not_yet", { index, size: head.size });
  const path = await tiles.inclusion(index);
  if (!(await includes(leaf, index, head.size, head.root, path))) {
    throw new Fault("proof_wrong", { index });
  }
  told("path", { index, size: head.size, hashes: path.length, leaf: toBase64(leaf) });
  const read = readEntry(entry);
  told("entry", { id: read.id, type: read.type, at: read.at });
  return { ...read, index, path, leaf };
}

/** Reads files below `base`, which ends in a slash. @param {string} base @returns {FetchFile} */
export function fetchBelow(base) {
  return async (path) => {
    const answer = await fetch(base + path, { credentials: "same-origin", redirect: "error" });
    if (answer.status === 404) return undefined;
    if (!answer.ok) throw new Fault("source_failed", { path, status: answer.status });
    return new Uint8Array(await answer.arrayBuffer());
  };
}

/** Keys, one a line. @param {string} text */
export const parseKeys = (text) => Promise.all(text.trim().split(/\s*\n\s*/).map(parseKey));

/** @param {Uint8Array} bytes */
function textOf(bytes) {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Fault("note_malformed");
  }
}

/** @param {Checkpoint} head */
function shown(head) {
  const { origin, size, root, signers } = head;
  const names = signers.map((signer) => signer.name).join(", ");
  return { origin, size, root: toBase64(root), signers: names };
}
