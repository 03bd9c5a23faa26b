// The tree of RFC 6962 as C2SP tlog-tiles keeps it: hashes, proofs, and the tiles proofs are made
// of. Sizes are numbers up to 2^53 - 1, far beyond any log; larger ones are refused where they are
// read.

export const HASH_LEN = 32;
const TILE_WIDTH = 256;

/** What is found wrong: a stable code, that of `glassbreak log verify`, and what to tell of it. */
export class Fault extends Error {
  /** @param {string} code @param {Record<string, string | number>} [values] */
  constructor(code, values = {}) {
    super(`${code} ${JSON.stringify(values)}`);
    this.code = code;
    this.values = values;
  }
}

/** @param {Uint8Array} bytes */
export async function sha256(bytes) {
  return new Uint8Array(await globalThis.crypto.subtle.digest("SHA-256", bytes));
}

/** @param {Uint8Array[]} parts */
export function joined(...parts) {
  const all = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** @param {Uint8Array} a @param {Uint8Array} b */
export const same = (a, b) => a.length === b.length && a.every((byte, at) => byte === b[at]);

/** The hash of an entry. @param {Uint8Array} entry */
export const leafHash = (entry) => sha256(joined(Uint8Array.of(0), entry));

/** @param {Uint8Array} left @param {Uint8Array} right */
const nodeHash = (left, right) => sha256(joined(Uint8Array.of(1), left, right));

/** The largest power of two below `leaves`, for two leaves or more. @param {number} leaves */
function split(leaves) {
  let power = 1;
  while (power * 2 < leaves) power *= 2;
  return power;
}

const half = (/** @type {number} */ number) => Math.floor(number / 2);
const isOdd = (/** @type {number} */ number) => number % 2 === 1;

/**
 * Whether `path` leads from the leaf at `index` to the root of `size` leaves (RFC 9162, 2.1.3.2).
 * @param {Uint8Array} leaf @param {number} index @param {number} size @param {Uint8Array} root
 * @param {Uint8Array[]} path
 */
export async function includes(leaf, index, size, root, path) {
  if (index >= size || root.length !== HASH_LEN) return false;
  let [position, last, hash] = [index, size - 1, leaf];
  for (const sibling of path) {
    if (last === 0) return false;
    if (isOdd(position) || position === last) {
      hash = await nodeHash(sibling, hash);
      while (!isOdd(position) && position !== 0) [position, last] = [half(position), half(last)];
    } else {
      hash = await nodeHash(hash, sibling);
    }
    [position, last] = [half(position), half(last)];
  }
  return last === 0 && same(hash, root);
}

/**
 * Whether the tree of `size` leaves continues the older one (RFC 9162, 2.1.4.2). Every tree
 * continues the empty one, so nothing can be proved from that.
 * @param {number} oldSize @param {number} size @param {Uint8Array} oldRoot @param {Uint8Array} root
 * @param {Uint8Array[]} proof
 */
export async function continues(oldSize, size, oldRoot, root, proof) {
  if (oldSize < 1 || oldSize > size) return false;
  if (oldSize === size) return proof.length === 0 && same(oldRoot, root);
  let [position, last] = [oldSize - 1, size - 1];
  while (isOdd(position)) [position, last] = [half(position), half(last)];
  const isWhole = position === 0;
  const [first, ...rest] = isWhole ? [oldRoot, ...proof] : proof;
  if (!first) return false;
  let [old, now] = [first, first];
  for (const hash of rest) {
    if (last === 0) return false;
    if (isOdd(position) || position === last) {
      [old, now] = [await nodeHash(hash, old), await nodeHash(hash, now)];
      while (!isOdd(position) && position !== 0) [position, last] = [half(position), half(last)];
    } else {
      now = await nodeHash(now, hash);
    }
    [position, last] = [half(position), half(last)];
  }
  return last === 0 && same(old, oldRoot) && same(now, root);
}

/** The path of a tile or, with the level `entries`, of a bundle of entries. */
export function tilePath(
  /** @type {number | "entries"} */ level,
  /** @type {number} */ index,
  /** @type {number} */ width,
) {
  let number = String(index % 1000).padStart(3, "0");
  for (let left = Math.floor(index / 1000); left > 0; left = Math.floor(left / 1000)) {
    number = `x${String(left % 1000).padStart(3, "0")}/${number}`;
  }
  return `tile/${level}/${number}${width < TILE_WIDTH ? `.p/${width}` : ""}`;
}

/**
 * @callback FetchFile Reads a file below the log's prefix.
 * @param {string} path
 * @returns {Promise<Uint8Array | undefined>} Nothing if the log has no such file.
 */

/** How wide a row is at the tree's right edge. @param {number} count @param {number} index */
const widthAt = (count, index) => Math.min(TILE_WIDTH, count - index * TILE_WIDTH);

/**
 * A file that may have grown since: a partial one is the beginning of the full one.
 * @param {FetchFile} fetchFile @param {number | "entries"} level @param {number} index
 * @param {number} width
 */
async function readRow(fetchFile, level, index, width) {
  const path = tilePath(level, index, width);
  const bytes = (await fetchFile(path)) ?? (await fetchFile(tilePath(level, index, TILE_WIDTH)));
  if (!bytes) throw new Fault("file_missing", { path });
  return { path, bytes };
}

/** The tree of one size, out of tiles; each is fetched once. */
export class Tiles {
  /** @param {FetchFile} fetchFile @param {number} size */
  constructor(fetchFile, size) {
    this.fetchFile = fetchFile;
    this.size = size;
    /** @type {Map<string, Promise<Uint8Array>>} */
    this.read = new Map();
  }

  /** How many tiles were fetched. */
  get count() {
    return this.read.size;
  }

  /** @param {number} level @param {number} index */
  tile(level, index) {
    const width = widthAt(Math.floor(this.size / TILE_WIDTH ** level), index);
    const key = `${level}/${index}`;
    const known = this.read.get(key) ?? this.fetchTile(level, index, width);
    this.read.set(key, known);
    return known;
  }

  /** @param {number} level @param {number} index @param {number} width */
  async fetchTile(level, index, width) {
    const { path, bytes } = await readRow(this.fetchFile, level, index, width);
    const isWhole = bytes.length === TILE_WIDTH * HASH_LEN;
    if (bytes.length !== width * HASH_LEN && !isWhole) {
      throw new Fault("tile_length_wrong", { path });
    }
    return bytes;
  }

  /** The root over 2^height leaves from `first` on. @param {number} first @param {number} height */
  async perfect(first, height) {
    const level = Math.floor(height / 8);
    const position = Math.floor(first / TILE_WIDTH ** level);
    const tile = await this.tile(level, Math.floor(position / TILE_WIDTH));
    const start = position % TILE_WIDTH;
    let row = Array.from({ length: 2 ** (height % 8) }, (_, at) =>
      tile.slice((start + at) * HASH_LEN, (start + at + 1) * HASH_LEN),
    );
    while (row.length > 1) {
      const pairs = row.filter((_, at) => at % 2 === 0).map((left, at) => [left, row[2 * at + 1]]);
      row = await Promise.all(pairs.map(([left, right]) => nodeHash(left, right)));
    }
    return row[0];
  }

  /** The root over the leaves `start` to `end`, a node of the tree. */
  async rangeRoot(/** @type {number} */ start, /** @type {number} */ end) {
    const parts = [];
    for (let [first, left] = [start, end - start]; left > 0; ) {
      let height = 0;
      while (2 ** (height + 1) <= left) height += 1;
      parts.push(this.perfect(first, height));
      first += 2 ** height;
      left -= 2 ** height;
    }
    const [last, ...rest] = (await Promise.all(parts)).reverse();
    let root = last;
    for (const left of rest) root = await nodeHash(left, root);
    return root;
  }

  /** The root of the whole tree. */
  root() {
    return this.size === 0 ? sha256(new Uint8Array()) : this.rangeRoot(0, this.size);
  }

  /** The path of the leaf at `index`, its sibling first. @param {number} index */
  inclusion(index) {
    return this.siblings((middle) => index < middle, (start, end) => end - start <= 1);
  }

  /** The proof that this tree continues its first `oldSize` leaves, one or more. */
  consistency(/** @type {number} */ oldSize) {
    const ends = (/** @type {number} */ _, /** @type {number} */ end) => end === oldSize;
    return this.siblings((middle) => oldSize <= middle, ends, true);
  }

  /**
   * Walks down from the root, and gives the roots of what was passed by, the lowest first.
   * @param {(middle: number) => boolean} goesLeft
   * @param {(start: number, end: number) => boolean} ends
   * @param {boolean} [withLast] Whether the node at the end is given too, unless it is the first.
   */
  async siblings(goesLeft, ends, withLast = false) {
    let [start, end] = [0, this.size];
    const ranges = [];
    while (!ends(start, end)) {
      const middle = start + split(end - start);
      if (goesLeft(middle)) {
        ranges.push([middle, end]);
        end = middle;
      } else {
        ranges.push([start, middle]);
        start = middle;
      }
    }
    if (withLast && start > 0) ranges.push([start, end]);
    return Promise.all(ranges.reverse().map(([from, to]) => this.rangeRoot(from, to)));
  }

  /** The entry at `index`, out of its bundle. @param {number} index */
  async entry(index) {
    const bundle = Math.floor(index / TILE_WIDTH);
    const width = widthAt(this.size, bundle);
    const { path, bytes } = await readRow(this.fetchFile, "entries", bundle, width);
    let at = 0;
    for (let place = 0; at + 2 <= bytes.length; place += 1) {
      const end = at + 2 + bytes[at] * 256 + bytes[at + 1];
      if (end > bytes.length) break;
      if (place === index % TILE_WIDTH) return bytes.slice(at + 2, end);
      at = end;
    }
    throw new Fault("bundle_malformed", { path });
  }
}
