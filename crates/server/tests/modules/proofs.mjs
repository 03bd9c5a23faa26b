// Reads {vectors: [...], logs: [...]}, and writes what `tree.js` makes of them: for a vector
// whether it holds, for a log its root, a path, a proof, and whether they hold.

import { readFileSync } from "node:fs";
import { Tiles, continues, includes, leafHash, tilePath } from "../assets/tree.js";

const bytes = (text) => new Uint8Array(Buffer.from(text ?? "", "base64"));
const text = (hash) => Buffer.from(hash).toString("base64");

async function holds(vector) {
  const proof = (vector.proof ?? []).map(bytes);
  if (vector.leafIdx !== undefined) {
    const { leafHash: leaf, leafIdx, treeSize, root } = vector;
    return includes(bytes(leaf), leafIdx, treeSize, bytes(root), proof);
  }
  const { size1, size2, root1, root2 } = vector;
  return continues(size1, size2, bytes(root1), bytes(root2), proof);
}

async function worked({ files, size, index, old, oldRoot, entry }) {
  const fetched = [];
  const tiles = new Tiles(async (path) => {
    fetched.push(path);
    return files[path] === undefined ? undefined : bytes(files[path]);
  }, size);
  const root = await tiles.root();
  const path = await tiles.inclusion(index);
  const proof = await tiles.consistency(old);
  const leaf = await leafHash(bytes(entry));
  return {
    root: text(root),
    path: path.map(text),
    proof: proof.map(text),
    included: await includes(leaf, index, size, root, path),
    continued: await continues(old, size, bytes(oldRoot), root, proof),
    fetchedTwice: fetched.length - new Set(fetched).size,
  };
}

const { vectors, logs, paths } = JSON.parse(readFileSync(0, "utf8"));
const said = { vectors: [], logs: [], paths: [] };
for (const vector of vectors) said.vectors.push(await holds(vector));
for (const log of logs) said.logs.push(await worked(log));
for (const [level, index, width] of paths) said.paths.push(tilePath(level, index, width));
process.stdout.write(JSON.stringify(said));
