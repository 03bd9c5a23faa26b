// The code format of docs/CODE-FORMAT.md, sections 1 to 5, read in the browser: a typing error is
// told before it is sent. Nothing here is secret; the server reads every code again.

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const BYTES_MAX = 128;
const SEPARATORS = new RegExp(
  "[\\p{White_Space}\\-_\\u02d7\\u058a\\u05be\\u1400\\u1806\\u2010-\\u2015\\u2043\\u2053\\u207b" +
    "\\u208b\\u2212\\u2e17\\u2e1a\\u2e3a\\u2e3b\\u2e40\\u2e5d\\u301c\\u3030\\u30a0\\ufe31\\ufe32" +
    "\\ufe58\\ufe63\\uff0d\\uff3f\\u{10d6e}\\u{10ead}\\u00ad\\u200b\\u200e\\u200f\\u2060\\ufeff]",
  "u",
);
// Row is the interim digit.
const DAMM = [
  "0317598642", "7092154863", "4206871359", "1750983426", "6123045978",
  "3674209581", "5869720134", "8945362017", "9438617205", "2581436790",
];

/**
 * @typedef {{name: "strong" | "compact" | "issued", symbols: number, group: number,
 *   generator?: number[]}} Profile
 */

/** @type {Profile} */
const STRONG = { name: "strong", symbols: 30, group: 5, generator: [30, 6, 9, 17] };
/** @type {Profile} */
const COMPACT = { name: "compact", symbols: 16, group: 4, generator: [6, 8] };

/** The field's elements as powers of 2, and back. */
const POWERS = Array.from({ length: 31 }, () => 0);
const LOGARITHMS = Array.from({ length: 32 }, () => 0);
for (let power = 0, value = 1; power < 31; power += 1) {
  POWERS[power] = value;
  LOGARITHMS[value] = power;
  value = value & 16 ? (value << 1) ^ 0b100101 : value << 1;
}

/** @param {number} a @param {number} b */
function product(a, b) {
  return a === 0 || b === 0 ? 0 : POWERS[(LOGARITHMS[a] + LOGARITHMS[b]) % 31];
}

const VALUES = new Map();
for (const [value, character] of [...ALPHABET].entries()) {
  VALUES.set(character, value);
  VALUES.set(character.toLowerCase(), value);
}
for (const [typed, read] of [..."OoIiLl"].map((c) => [c, c === "O" || c === "o" ? 0 : 1])) {
  VALUES.set(typed, read);
}

/**
 * What an input holds, without judging it.
 * @param {string} input
 * @returns {{symbols: number[], firstGroup?: number} | {error: string, position?: number}}
 */
function symbolsOf(input) {
  if (new TextEncoder().encode(input).length > BYTES_MAX) return { error: "code_too_long" };
  const symbols = [];
  let firstGroup;
  let position = 0;
  for (const character of input) {
    position += 1;
    const value = VALUES.get(character);
    if (value !== undefined) symbols.push(value);
    else if (!SEPARATORS.test(character)) return { error: "code_bad_symbol", position };
    else if (symbols.length > 0) firstGroup ??= symbols.length;
  }
  return symbols.length === 0 ? { error: "code_empty" } : { symbols, firstGroup };
}

/** @param {number} length @returns {Profile | undefined} */
const ofLength = (length) => [STRONG, COMPACT].find((profile) => profile.symbols === length);

/** @param {number[]} symbols */
const allDigits = (symbols) => symbols.every((symbol) => symbol < 10);

/** @param {number[]} symbols @returns {Profile | undefined} */
function ofBare(symbols) {
  const count = symbols.length;
  if (count >= 8 && count <= 10 && allDigits(symbols)) {
    return { name: "issued", symbols: count, group: Math.ceil(count / 2) };
  }
  return ofLength(count);
}

/**
 * Section 4: payload(X) · X^r modulo the generator.
 * @param {number[]} payload @param {number[]} generator
 */
function remainder(payload, generator) {
  const register = generator.map(() => 0);
  for (const symbol of payload) {
    const feedback = symbol ^ register[0];
    register.push(0);
    register.shift();
    for (const [place, coefficient] of generator.entries()) {
      register[place] ^= product(feedback, coefficient);
    }
  }
  return register;
}

/** Section 5. @param {number[]} payload @param {number} digits */
function damm(payload, digits) {
  return [digits % 10, ...payload].reduce((interim, digit) => Number(DAMM[interim][digit]), 0);
}

/**
 * Section 4's tweak: what moves the check symbols of this prefix.
 * @param {string} name @param {string} prefix @param {number} count
 */
async function tweakOf(name, prefix, count) {
  const text = new TextEncoder().encode(`glassbreak/code/v1/check/${name}/${prefix}`);
  const hash = await globalThis.crypto.subtle.digest("SHA-256", text);
  return [...new Uint8Array(hash).slice(0, count)].map((byte) => byte & 31);
}

/** Reads codes of one issuer and environment. Make one with {@link reader}. */
export class Reader {
  /** @param {string} prefix @param {{strong: number[], compact: number[]}} tweaks */
  constructor(prefix, tweaks) {
    this.prefix = prefix;
    this.prefixSymbols = [...prefix].map((character) => VALUES.get(character));
    this.tweaks = tweaks;
  }

  /**
   * The verdict of the server's own parser, with the same stable codes.
   * @param {string} input
   * @returns {{profile: string, display: string, ordinal?: number} |
   *   {error: string, position?: number, groups?: number[]}}
   */
  parse(input) {
    const typed = symbolsOf(input);
    if ("error" in typed) return typed;
    const { symbols, firstGroup } = typed;
    const rest = this.withoutPrefix(symbols);
    const bare = ofBare(symbols);
    const profile = bare ?? (rest && ofLength(rest.length));
    if (!profile) return { error: diagnose(symbols, rest, firstGroup) };
    const code = bare ? symbols : /** @type {number[]} */ (rest);
    const wrong = this.wrongPlaces(profile, code);
    if (wrong) {
      const groups = [...new Set(wrong.map((place) => Math.floor(place / profile.group) + 1))];
      return { error: "code_checksum", groups };
    }
    const ordinal = profile === COMPACT ? { ordinal: code[0] } : {};
    return { profile: profile.name, display: this.display(profile, code), ...ordinal };
  }

  /**
   * The same for someone who is still typing. What may yet become a code is `incomplete`, and only
   * once the typing has paused (`settled`) are the check symbols of a length looked at which
   * longer codes go through as well.
   * @param {string} input @param {boolean} settled
   * @returns {{state: "empty" | "incomplete" | "typo" | "complete", count?: number, error?: string,
   *   position?: number, groups?: number[], profile?: string, display?: string}}
   */
  judge(input, settled) {
    const found = this.parse(input);
    if ("profile" in found) return { state: "complete", ...found };
    const typed = symbolsOf(input);
    if ("error" in typed) {
      return { state: typed.error === "code_empty" ? "empty" : "typo", ...found };
    }
    const count = (this.withoutPrefix(typed.symbols) ?? typed.symbols).length;
    const aLength = found.error === "code_checksum" || found.error === "code_other_prefix";
    if (count < 30 && !(aLength && settled)) return { state: "incomplete", count };
    return { state: "typo", ...found };
  }

  /**
   * The text in the groups of `name`, and where the caret goes: behind as many symbols as before.
   * A text with anything foreign in it is left alone, for a person to see what it is.
   * @param {string} text @param {number} caret @param {"strong" | "compact"} name
   */
  arrange(text, caret, name) {
    const whole = symbolsOf(text);
    if ("error" in whole) return { text, caret };
    const profile = name === "strong" ? STRONG : COMPACT;
    const { symbols, firstGroup } = whole;
    const rest = this.withoutPrefix(symbols);
    const size = this.prefix.length;
    const prefixed = rest && (firstGroup === size || rest.length === profile.symbols);
    const body = prefixed ? rest : symbols;
    const groups = grouped(body, profile.group);
    if (prefixed) groups.unshift(this.prefix);
    const arranged = groups.join("-") + (prefixed && body.length === 0 ? "-" : "");
    const before = symbolsOf(text.slice(0, caret));
    let left = "error" in before ? 0 : before.symbols.length;
    let place = 0;
    while (left > 0) {
      if (arranged[place] !== "-") left -= 1;
      place += 1;
    }
    // At the end of the text the caret stays there, behind a dash as well.
    return { text: arranged, caret: caret === text.length ? arranged.length : place };
  }

  /** @param {Profile} profile @param {number[]} code */
  display(profile, code) {
    const groups = grouped(code, profile.group);
    return (profile.name === "issued" ? groups : [this.prefix, ...groups]).join("-");
  }

  /** @param {number[]} symbols @returns {number[] | undefined} */
  withoutPrefix(symbols) {
    const begins = this.prefixSymbols.every((symbol, place) => symbols[place] === symbol);
    return begins ? symbols.slice(this.prefixSymbols.length) : undefined;
  }

  /**
   * Nothing if the check symbols hold; else the places of what was most likely mistyped: one
   * symbol, or two neighbours the wrong way round. No places if it is more than that.
   * @param {Profile} profile @param {number[]} code @returns {number[] | undefined}
   */
  wrongPlaces(profile, code) {
    if (!profile.generator) {
      const payload = code.slice(0, -1);
      return damm(payload, profile.symbols) === code.at(-1) ? undefined : [];
    }
    const roots = profile.generator.length;
    const tweak = this.tweaks[/** @type {"strong" | "compact"} */ (profile.name)];
    const word = code.map((symbol, place) => {
      const check = place - (code.length - roots);
      return check < 0 ? symbol : symbol ^ tweak[check];
    });
    const check = remainder(word.slice(0, -roots), profile.generator);
    if (check.every((symbol, place) => symbol === word.at(place - roots))) return undefined;
    return likelyMistake(word, code, roots);
  }
}

/**
 * The values at the roots tell of errors alone: an error e at the power p adds e·2^(p·i).
 * @param {number[]} word Without the tweak. @param {number[]} code As typed.
 * @param {number} roots @returns {number[]}
 */
function likelyMistake(word, code, roots) {
  const syndromes = Array.from({ length: roots }, (_, i) =>
    word.reduce((sum, symbol) => product(sum, POWERS[i + 1]) ^ symbol, 0),
  );
  const explained = (/** @type {number[][]} */ errors) =>
    syndromes.every((syndrome, i) => {
      const told = errors.map(([power, by]) => product(by, POWERS[(power * (i + 1)) % 31]));
      return told.reduce((sum, value) => sum ^ value, 0) === syndrome;
    });
  const power = (/** @type {number} */ place) => word.length - 1 - place;
  for (const place of code.slice(1).keys()) {
    const by = code[place] ^ code[place + 1];
    const swap = [[power(place), by], [power(place + 1), by]];
    if (by && explained(swap)) return [place, place + 1];
  }
  for (const place of word.keys()) {
    const by = product(syndromes[0], POWERS[(31 - (power(place) % 31)) % 31]);
    if (by && explained([[power(place), by]])) return [place];
  }
  return [];
}

/** @param {number[]} symbols @param {number} size */
function grouped(symbols, size) {
  const groups = [];
  for (let start = 0; start < symbols.length; start += size) {
    groups.push(symbols.slice(start, start + size).map((symbol) => ALPHABET[symbol]).join(""));
  }
  return groups;
}

/** The words for a number of symbols that no code has. */
function diagnose(
  /** @type {number[]} */ symbols,
  /** @type {number[] | undefined} */ rest,
  /** @type {number | undefined} */ firstGroup,
) {
  const prefixLike = firstGroup !== undefined && firstGroup >= 2 && firstGroup <= 8;
  if (prefixLike && symbols[0] > 9 && ofLength(symbols.length - firstGroup)) {
    return "code_other_prefix";
  }
  const count = (rest ?? symbols).length;
  if (!rest && allDigits(symbols) && count < 13) {
    return count < 8 ? "code_too_short" : "code_too_long";
  }
  return count < 16 || (count >= 23 && count < 30) ? "code_too_short" : "code_too_long";
}

/**
 * A reader of the codes of one prefix.
 * @param {string} prefix As configured, lower case and without a dash.
 */
export async function reader(prefix) {
  const [strong, compact] = await Promise.all([
    tweakOf("strong", prefix, 4),
    tweakOf("compact", prefix, 2),
  ]);
  return new Reader(prefix, { strong, compact });
}
