import assert from "node:assert/strict";
import test from "node:test";
import { reader } from "../assets/code.js";
import { passesMark, remaining } from "../assets/countdown.js";

const codes = await reader("gb");

/** `|` is the caret. */
function arranged(text, profile) {
  const caret = text.indexOf("|");
  const found = codes.arrange(text.replace("|", ""), caret, profile);
  return `${found.text.slice(0, found.caret)}|${found.text.slice(found.caret)}`;
}

test("typing puts dashes between the groups and nothing at the end", () => {
  assert.equal(arranged("01234|", "strong"), "01234|");
  assert.equal(arranged("012345|", "strong"), "01234-5|");
  assert.equal(arranged("0123456789a|", "strong"), "01234-56789-A|");
  assert.equal(arranged("01234|", "compact"), "0123-4|");
});

test("the prefix stays what it is, typed or pasted", () => {
  assert.equal(arranged("gb-|", "strong"), "gb-|");
  assert.equal(arranged("GB 012345|", "strong"), "gb-01234-5|");
  assert.equal(arranged("gb01|", "compact"), "GB01|");
  assert.equal(arranged("gb0123456789ABCDEF|", "compact"), "gb-0123-4567-89AB-CDEF|");
});

test("the caret stays behind the same symbol when something is changed in the middle", () => {
  assert.equal(arranged("0123|4-56789", "strong"), "0123|4-56789");
  assert.equal(arranged("012x|34-56789", "strong"), "012X|3-45678-9");
  assert.equal(arranged("0123|-56789", "strong"), "0123|5-6789");
  assert.equal(arranged("|01234-5", "strong"), "|01234-5");
});

test("a dash can be deleted over", () => {
  assert.equal(arranged("01234|5", "strong"), "01234|-5");
});

test("what has a foreign character in it is left alone, for a person to see", () => {
  assert.equal(arranged("01234567u|", "strong"), "01234567u|");
  assert.equal(arranged("|", "strong"), "|");
});

test("what may become a code is incomplete while typed, and judged once it has paused", () => {
  const wrong = "0123456789ABCDEF";
  assert.equal(codes.parse(wrong).error, "code_checksum");
  assert.deepEqual(codes.judge(wrong, false), { state: "incomplete", count: 16 });
  assert.equal(codes.judge(wrong, true).state, "typo");
  assert.equal(codes.judge("ABCDE-FGHJK-MNPQR-STVWX-Y", false).state, "incomplete");
  assert.equal(codes.judge("0123456789ABCDEF0", true).state, "incomplete");
  assert.equal(codes.judge("0".repeat(29) + "1", false).state, "typo");
  assert.equal(codes.judge("01u", false).state, "typo");
  assert.equal(codes.judge(" - ", true).state, "empty");
});

test("the time left is in its two largest units, in the page's language", () => {
  assert.equal(remaining(3 * 86400 + 3600 * 5 + 59, "en"), "3 days 5 hours");
  assert.equal(remaining(61, "de"), "1 Minute, 1 Sekunde");
  assert.equal(remaining(0.2, "en"), "1 second");
  assert.equal(remaining(-5, "en"), "0 seconds");
});

test("the time left is said at its marks, and not between them", () => {
  assert.equal(passesMark(601, 600), true);
  assert.equal(passesMark(600, 599), false);
  assert.equal(passesMark(3700, 61), true);
  assert.equal(passesMark(61, 60.4), false);
});
