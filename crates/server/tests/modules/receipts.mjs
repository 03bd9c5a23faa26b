// Reads {keys, receipts: {name: file}, notes, logs}, and writes what `verify.js` says.

import { readFileSync } from "node:fs";
import { parseNote } from "../assets/note.js";
import { Fault, parseKeys, verifyLog, verifyReceipt } from "../assets/verify.js";

const { keys, receipts = {}, notes = [], logs = [] } = JSON.parse(readFileSync(0, "utf8"));

/** The steps that ended well, and the code of what was found. */
async function told(verify) {
  const steps = [];
  try {
    const good = await verify((step) => steps.push(step));
    return { steps, code: "good", signers: good?.head?.signers };
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { steps, code: error.code, why: error.values.why };
  }
}

const said = { receipts: {}, notes: [], logs: [] };
for (const [name, file] of Object.entries(receipts)) {
  const verify = async (tell) => verifyReceipt(file, await parseKeys(keys), tell);
  said.receipts[name] = await told(verify);
}
for (const note of notes) said.notes.push((await told(() => parseNote(note))).code);
for (const { files, known, vkey } of logs) {
  const fetchFile = async (path) =>
    files[path] === undefined ? undefined : new Uint8Array(Buffer.from(files[path], "base64"));
  const verify = async (tell) =>
    verifyLog({ fetchFile, keys: await parseKeys(vkey ?? keys), known, told: tell });
  said.logs.push(await told(verify));
}
process.stdout.write(JSON.stringify(said));
