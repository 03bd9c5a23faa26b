// C2SP signed notes and checkpoints: who signed which head of which log. Ed25519 is the browser's.

import { Fault, HASH_LEN, joined, same, sha256 } from "./tree.js";

const NOTE_MAX = 1_000_000;
const SIGNATURES_MAX = 100;
/** C2SP identifier bytes: a log's signature, a witness's cosignature/v1. */
const ED25519 = 1;
const COSIGNATURE = 4;

const utf8 = new TextEncoder();

/** Canonical base64 with padding; a value has one spelling. @param {string} text */
export function fromBase64(text) {
  try {
    const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
    return toBase64(bytes) === text ? bytes : undefined;
  } catch {
    return undefined;
  }
}

/** @param {Uint8Array} bytes */
export const toBase64 = (bytes) => btoa(String.fromCharCode(...bytes));

/** A decimal number without leading zeroes. @param {string} text */
export function fromDecimal(text) {
  const number = /^(0|[1-9][0-9]*)$/.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(number) ? number : undefined;
}

/** A hash in base64. @param {string} text */
export function toHash(text) {
  const bytes = fromBase64(text);
  return bytes?.length === HASH_LEN ? bytes : undefined;
}

const isKeyName = (/** @type {string} */ name) => /^[^\p{White_Space}+\0-\x1f]+$/u.test(name);

/**
 * Where a key's signature may stand, and what checks it.
 * @typedef {{name: string, id: number, kind: number, public: Uint8Array, text: string}} Key
 */

/** Reads `<name>+<key id>+<base64>`. @param {string} text @returns {Promise<Key>} */
export async function parseKey(text) {
  const [, name, id, encoded] = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/.exec(text.trim()) ?? [];
  const typed = fromBase64(encoded ?? "");
  const kind = typed?.[0] ?? 0;
  if (!typed || typed.length !== 33 || ![ED25519, COSIGNATURE].includes(kind) || !isKeyName(name)) {
    throw new Fault("key_malformed");
  }
  const hash = await sha256(joined(utf8.encode(`${name}\n`), typed));
  const number = new DataView(hash.buffer).getUint32(0);
  // The id is the hash of name and key: one of them is mistyped.
  if (number !== Number.parseInt(id, 16)) throw new Fault("key_malformed");
  return { name, id: number, kind, public: typed.slice(1), text: text.trim() };
}

/** @param {Uint8Array} publicKey @param {Uint8Array} message @param {Uint8Array} signature */
async function verifies(publicKey, message, signature) {
  const { subtle } = globalThis.crypto;
  let key;
  try {
    key = await subtle.importKey("raw", publicKey, "Ed25519", false, ["verify"]);
  } catch {
    throw new Fault("ed25519_unsupported");
  }
  return subtle.verify("Ed25519", key, signature, message);
}

/**
 * Reads a note in its one spelling. Its text means nothing until {@link openCheckpoint} has said
 * who signed it.
 * @param {string} note
 */
export function parseNote(note) {
  const end = note.lastIndexOf("\n\n");
  const refused = () => new Fault("note_malformed");
  const isPlain = !/[\0-\x09\x0b-\x1f]/.test(note) && note.isWellFormed();
  if (note.length > NOTE_MAX || !isPlain) throw refused();
  if (end < 0 || !note.endsWith("\n")) throw refused();
  const lines = note.slice(end + 2, -1).split("\n");
  if (lines.length > SIGNATURES_MAX) throw refused();
  const signatures = lines.map((line) => {
    const [, name, encoded] = /^\u2014 ([^ ]+) ([^ ]+)$/.exec(line) ?? [];
    const bytes = fromBase64(encoded ?? "");
    if (!bytes || bytes.length < 5 || !isKeyName(name)) throw refused();
    return { name, id: new DataView(bytes.buffer).getUint32(0), bytes: bytes.slice(4) };
  });
  return { text: note.slice(0, end + 1), signatures };
}

/**
 * @typedef {{origin: string, size: number, root: Uint8Array, note: string,
 *   signers: {name: string, time?: number}[]}} Checkpoint A head that its log signed. `time`, in
 *   seconds since the Unix epoch, is when a witness saw it.
 */

/** When a witness signed, if it did. */
async function cosigned(
  /** @type {Key} */ key,
  /** @type {string} */ text,
  /** @type {Uint8Array} */ bytes,
) {
  if (bytes.length !== 72) return undefined;
  const time = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0));
  const message = utf8.encode(`cosignature/v1\ntime ${time}\n${text}`);
  return (await verifies(key.public, message, bytes.slice(8))) ? time : undefined;
}

/**
 * Reads a checkpoint, and checks its signatures. Lines of unknown keys are passed over, a bad line
 * of a known key condemns all, and the log itself must have signed, with a key of its own name.
 * @param {string} note @param {Key[]} keys @returns {Promise<Checkpoint>}
 */
export async function openCheckpoint(note, keys) {
  const { text, signatures } = parseNote(note);
  const signers = [];
  let byLog = false;
  const [origin, size, root, ...extensions] = text.slice(0, -1).split("\n");
  for (const { name, id, bytes } of signatures) {
    const key = keys.find((known) => known.name === name && known.id === id);
    if (!key) continue;
    const isLog = key.kind === ED25519;
    const time = isLog ? undefined : await cosigned(key, text, bytes);
    const good = isLog ? await verifies(key.public, utf8.encode(text), bytes) : time !== undefined;
    if (!good) throw new Fault("checkpoint_refused", { why: "signature_wrong", name });
    byLog ||= isLog && name === origin;
    signers.push({ name, time });
  }
  if (!byLog) throw new Fault("checkpoint_refused", { why: "not_signed", name: origin });
  const [count, hash] = [fromDecimal(size ?? ""), toHash(root ?? "")];
  if (count === undefined || !hash || extensions.includes("")) {
    throw new Fault("checkpoint_refused", { why: "malformed", name: origin });
  }
  return { origin, size: count, root: hash, note, signers };
}

/** Whether two heads are the same. @param {Checkpoint} a @param {Checkpoint} b */
export const sameHead = (a, b) => a.size === b.size && same(a.root, b.root);
