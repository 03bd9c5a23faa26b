//! The cases that the vector files are written from.

use glassbreak_core::code::{
    ARGON2ID_DEFAULT, Code, Malformed, PepperKey, Prefix, Profile, Salt, Scheme, derive,
};

use super::{Accepted, Derived, Refused, Unmatched, Vector};
use crate::seeded::{ALPHABET, PROFILES, Seeded, body, hex};

/// Where the crate is. The vectors are two folders up.
pub(crate) const MANIFEST: &str = env!("CARGO_MANIFEST_DIR");

const PEPPER: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
const PBKDF2: Scheme = Scheme::Pbkdf2 { iterations: 210_000 };

/// Every file by its name, relative to `vectors/`.
pub(crate) fn all() -> Vec<(String, Vector)> {
    let mut files = accepted();
    files.extend(refused_typos());
    files.extend(refused_texts());
    files.extend(refused_issued());
    files.extend(unmatched());
    files
}

/// What a verifier is made of, without the domain and its zero byte, as the specification has it.
pub(crate) fn message(code: &Code) -> String {
    let prefix = code.prefix().as_str();
    let (tag, checks) = match code.profile() {
        Profile::Strong => (1, 4),
        Profile::Compact => (2, 2),
        Profile::Issued { .. } => (3, 1),
    };
    let mut symbols = body(code);
    symbols.truncate(symbols.len() - checks);
    let values = symbols.iter().map(|s| ALPHABET.iter().position(|a| a == s).expect("a symbol"));
    let values = values.map(|value| u8::try_from(value).expect("below 32"));
    let mut message = vec![u8::try_from(prefix.len()).expect("at most 8")];
    message.extend(prefix.bytes());
    message.extend([tag, u8::try_from(symbols.len()).expect("at most 26")]);
    message.extend(values);
    hex(&message)
}

/// The position that a refusal names.
pub(crate) fn position(error: Malformed) -> Option<usize> {
    match error {
        Malformed::BadSymbol { position } => Some(position),
        _ => None,
    }
}

fn accepted() -> Vec<(String, Vector)> {
    let mut source = Seeded::new(5_001);
    let prefixes = ["gb", "gbt", "acme0", "zzzzzzzz"].map(prefix);
    let mut plain = |profile: Profile| -> Vec<Accepted> {
        let codes = prefixes.iter().map(|prefix| source.code(profile, prefix));
        codes.map(|code| accept(code.prefix(), &code.expose_display())).collect()
    };
    let strong = plain(Profile::Strong);
    let compact = plain(Profile::Compact);
    let issued = PROFILES[2..].iter().flat_map(|profile| plain(*profile)).collect();
    vec![
        accept_file("code-strong", "Strong codes as displayed.", strong),
        accept_file("code-compact", "Compact codes as displayed.", compact),
        accept_file("code-issued", "Issued codes as displayed.", issued),
        accept_file("code-typed-carelessly", "All that normalisation forgives.", careless()),
        verifiers("code-verifier-keyed", Scheme::Keyed, &[Profile::Strong]),
        verifiers("code-verifier-argon2id", ARGON2ID_DEFAULT, &PROFILES),
        verifiers("code-verifier-pbkdf2", PBKDF2, &PROFILES),
    ]
}

fn careless() -> Vec<Accepted> {
    let gb = prefix("gb");
    let mut source = Seeded::new(5_002);
    // A code with both a 0 and a 1, so that the look-alikes show.
    let display = loop {
        let display = source.code(Profile::Compact, &gb).expose_display().to_string();
        if display.contains('0') && display.contains('1') {
            break display;
        }
    };
    let strong = source.code(Profile::Strong, &gb).expose_display().to_string();
    let issued = source.code(PROFILES[2], &gb).expose_display().to_string();
    let inputs = [
        display.to_lowercase(),
        display.to_uppercase(),
        display.replace('0', "O").replace('1', "I"),
        display.replace('0', "o").replace('1', "l"),
        display.replace('0', "o").replace('1', "L").replace('-', " "),
        display.replace('-', ""),
        display.replace('-', "\u{2014}"),
        display.replace('-', "_"),
        display.replace('-', " \u{2212} "),
        format!("\u{feff}\u{a0}{display}\r\n"),
        display.replacen("gb-", "", 1),
        display.replacen("gb-", "G B", 1),
        strong.replacen("gb-", "", 1).to_lowercase(),
        strong.replace('-', "\u{200b}\n"),
        issued.replace('-', " "),
        issued.replace('-', ""),
        issued.replace('0', "o").replace('1', "i"),
    ];
    inputs.iter().map(|input| accept(&gb, input)).collect()
}

fn verifiers(name: &str, scheme: Scheme, profiles: &[Profile]) -> (String, Vector) {
    let mut source = Seeded::new(5_003);
    let cases = profiles.iter().zip(1..).map(|(profile, key_generation)| {
        let prefix = prefix(["gb", "gbt"][source.below(2)]);
        let code = source.code(*profile, &prefix);
        let input = code.expose_display().to_string();
        let salt = scheme.is_stretched().then(|| salt(&mut source));
        let verifier = derive(scheme, key_generation, &pepper(), salt, &code).expect("derive");
        Derived { prefix, input, message: message(&code), pepper: PEPPER.to_owned(), verifier }
    });
    let about = "The verifier that is stored for a code. pepper and message are hex.".to_owned();
    let cases = cases.collect();
    (format!("accept/{name}.json"), Vector::AcceptVerifier { about, cases })
}

/// Edits of one strong and one compact code of `gb`: a name, what it shows, the edits.
type Edits = (&'static str, &'static str, &'static [fn(&str) -> String]);

const TYPOS: [Edits; 10] = [
    (
        "code-one-symbol-changed",
        "One symbol is another one: the first, one inside, a check symbol.",
        &[|t| changed(t, &[3]), |t| changed(t, &[11]), |t| changed(t, &[t.len() - 1])],
    ),
    (
        "code-two-symbols-changed",
        "Two symbols are other ones.",
        &[|t| changed(t, &[3, 4]), |t| changed(t, &[4, 15])],
    ),
    ("code-neighbours-swapped", "Two neighbours that differ are swapped.", &[swapped]),
    (
        "code-truncated",
        "The end, or the beginning, is missing.",
        &[|t| t[..t.len() - 1].to_owned(), |t| t[..t.len() - 5].to_owned(), |t| t[4..].to_owned()],
    ),
    (
        "code-one-symbol-more",
        "A symbol too many, at the end or after the prefix.",
        &[|t| format!("{t}0"), |t| t.replacen("gb-", "gb-0", 1)],
    ),
    ("code-typed-twice", "The same code twice.", &[|t| format!("{t} {t}")]),
    ("code-with-u", "U is not in the alphabet.", &[|t| with_at(t, 8, 'U')]),
    (
        "code-with-foreign-character",
        "Neither a symbol nor a separator: punctuation, full width and other digits, accents.",
        &[
            |t| with_at(t, 8, '.'),
            |t| with_at(t, 8, '\u{ff11}'),
            |t| with_at(t, 8, '\u{0663}'),
            |t| with_at(t, 8, '\u{e9}'),
            |t| with_at(t, 8, '\u{212a}'),
            |t| format!("{t}\0"),
        ],
    ),
    (
        "code-mistyped-prefix",
        "The prefix is not the issuer's.",
        &[|t| t.replacen("gb", "bg", 1), |t| t.replacen("gb", "g8", 1)],
    ),
    (
        "code-only-check-symbols-changed",
        "The last two symbols, which are check symbols, are other ones.",
        &[|t| changed(t, &[t.len() - 2, t.len() - 1])],
    ),
];

/// Typing errors in otherwise good codes of the two profiles with letters.
fn refused_typos() -> Vec<(String, Vector)> {
    let (gb, gbt) = (prefix("gb"), prefix("gbt"));
    let mut source = Seeded::new(5_004);
    let profiles = [Profile::Strong, Profile::Compact];
    let displays = profiles.map(|profile| source.code(profile, &gb).expose_display().to_string());
    let foreign = profiles.map(|profile| source.code(profile, &gbt).expose_display().to_string());
    let edited = |text: &str, edits: &[fn(&str) -> String]| {
        edits.iter().map(|edit| edit(text)).collect::<Vec<_>>()
    };
    let mut files = Vec::new();
    for (name, about, edits) in TYPOS {
        let inputs = displays.each_ref().map(|text| edited(text, edits)).concat();
        files.push(reject_file(name, about, &gb, &inputs));
    }
    let about = "A gbt code where gb is in use.";
    files.push(reject_file("code-other-environment", about, &gb, &foreign));
    let name = "code-other-environment-without-prefix";
    let about = "A gbt code, typed without its prefix or with the other one.";
    let edits: [fn(&str) -> String; 2] =
        [|t| t.replacen("gbt-", "", 1), |t| t.replacen("gbt", "gb", 1)];
    let inputs = foreign.each_ref().map(|text| edited(text, &edits)).concat();
    files.push(reject_file(name, about, &gb, &inputs));
    files
}

fn refused_texts() -> Vec<(String, Vector)> {
    let gb = prefix("gb");
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    vec![
        reject_file(
            "code-empty",
            "Nothing but separators.",
            &gb,
            &texts(&["", " ", "\u{2014}-\n"]),
        ),
        reject_file("code-only-prefix", "The prefix alone.", &gb, &texts(&["gb", "GB-"])),
        reject_file(
            "code-input-too-long",
            "More than 128 bytes are not looked at, whatever they are.",
            &gb,
            &["0".repeat(129), "!".repeat(4_096)],
        ),
        reject_file(
            "code-all-zero",
            "All symbols zero: the tweak makes the check symbols something else.",
            &gb,
            &["0".repeat(30), "0".repeat(16)],
        ),
    ]
}

fn refused_issued() -> Vec<(String, Vector)> {
    let gb = prefix("gb");
    let mut source = Seeded::new(5_005);
    let mut display = |i: usize| source.code(PROFILES[i], &gb).expose_display().to_string();
    let displays = [display(2), display(3), display(4)];
    let edit = |edit: fn(&str) -> String| displays.each_ref().map(|text| edit(text));
    vec![
        reject_file(
            "code-issued-wrong-check-digit",
            "The last digit is another one.",
            &gb,
            &edit(|text| changed(text, &[text.len() - 1])),
        ),
        reject_file(
            "code-issued-neighbours-swapped",
            "Two neighbours that differ are swapped.",
            &gb,
            &edit(swapped),
        ),
        reject_file(
            "code-issued-zero-added",
            "A zero at the end, which plain Damm does not notice.",
            &gb,
            &displays.each_ref().map(|text| format!("{text}0"))[..2],
        ),
        reject_file(
            "code-issued-wrong-length",
            "Seven digits, and eleven.",
            &gb,
            &["1234567".to_owned(), "123-4567-8901".to_owned()],
        ),
        reject_file(
            "code-issued-with-prefix",
            "Issued codes have no prefix.",
            &gb,
            &displays.each_ref().map(|text| format!("gb-{text}")),
        ),
    ]
}

/// Well-formed codes that are wrong.
fn unmatched() -> Vec<(String, Vector)> {
    let gb = prefix("gb");
    let mut source = Seeded::new(5_006);
    let (code, other) = (source.code(Profile::Strong, &gb), source.code(Profile::Strong, &gb));
    let salts = [salt(&mut source), salt(&mut source)];
    let keyed = derive(Scheme::Keyed, 1, &pepper(), None, &code).expect("derive");
    let stretched = derive(PBKDF2, 1, &pepper(), Some(salts[0]), &code).expect("derive");
    let case = |code: &Code, verifier: &glassbreak_core::code::StoredVerifier| Unmatched {
        prefix: gb,
        input: code.expose_display().to_string(),
        pepper: PEPPER.to_owned(),
        scheme: verifier.scheme(),
        key_generation: 1,
        salt: verifier.salt().copied(),
        verifier: verifier.clone(),
    };
    let file = |name: &str, about: &str, cases| {
        let about = about.to_owned();
        (format!("reject/{name}.json"), Vector::RejectVerifier { about, cases })
    };
    let right = || case(&code, &stretched);
    vec![
        file(
            "code-verifier-other-code",
            "A well-formed code that is not the one.",
            vec![case(&other, &keyed), case(&other, &stretched)],
        ),
        file(
            "code-verifier-other-generation",
            "The MAC is right, but said to be of another key generation.",
            vec![Unmatched { key_generation: 2, ..right() }],
        ),
        file(
            "code-verifier-other-pepper",
            "The right code under another pepper.",
            vec![Unmatched { pepper: "ff".repeat(32), ..right() }],
        ),
        file(
            "code-verifier-other-salt",
            "The right code under another salt.",
            vec![Unmatched { salt: Some(salts[1]), ..right() }],
        ),
        file(
            "code-verifier-other-scheme",
            "The right code under other costs, and under another scheme.",
            vec![
                Unmatched { scheme: Scheme::Pbkdf2 { iterations: 210_001 }, ..right() },
                Unmatched { scheme: Scheme::Keyed, salt: None, ..right() },
            ],
        ),
    ]
}

fn accept_file(name: &str, about: &str, cases: Vec<Accepted>) -> (String, Vector) {
    let about = about.to_owned();
    (format!("accept/{name}.json"), Vector::AcceptCode { about, cases })
}

fn accept(prefix: &Prefix, input: &str) -> Accepted {
    let code = super::parse(prefix, input);
    Accepted {
        prefix: *prefix,
        input: input.to_owned(),
        display: code.expose_display().to_string(),
        profile: code.profile(),
        ordinal: code.ordinal(),
    }
}

fn reject_file(name: &str, about: &str, prefix: &Prefix, inputs: &[String]) -> (String, Vector) {
    let cases = inputs.iter().map(|input| {
        let error = Code::parse(input, prefix).err().expect(input);
        let (input, error, position) = (input.clone(), error.code().to_owned(), position(error));
        Refused { prefix: *prefix, input, error, position }
    });
    let (about, cases) = (about.to_owned(), cases.collect());
    (format!("reject/{name}.json"), Vector::RejectCode { about, cases })
}

fn prefix(text: &str) -> Prefix {
    Prefix::parse(text).expect("a prefix")
}

fn pepper() -> PepperKey {
    PepperKey::new(&super::bytes(PEPPER).try_into().expect("32 bytes"))
}

fn salt(source: &mut Seeded) -> Salt {
    glassbreak_core::code::draw_salt(source).expect("seeded entropy does not fail")
}

/// The text with the symbols at these byte positions replaced by their successors.
fn changed(text: &str, places: &[usize]) -> String {
    let mut bytes = text.as_bytes().to_vec();
    let size = if text.starts_with("gb") { 32 } else { 10 };
    for place in places {
        let value = ALPHABET.iter().position(|a| *a == bytes[*place]).expect("a symbol");
        bytes[*place] = ALPHABET[(value + 1) % size];
    }
    String::from_utf8(bytes).expect("ASCII")
}

/// The text with the first two differing neighbours after the prefix swapped.
fn swapped(text: &str) -> String {
    let mut bytes = text.as_bytes().to_vec();
    let start = if text.starts_with("gb") { 4 } else { 1 };
    let differ = |i: &usize| text.as_bytes()[*i - 1] != text.as_bytes()[*i];
    let place = (start..bytes.len()).find(differ).expect("not all the same");
    bytes.swap(place - 1, place);
    String::from_utf8(bytes).expect("ASCII")
}

/// The text with the character at this byte position replaced.
fn with_at(text: &str, place: usize, character: char) -> String {
    format!("{}{character}{}", &text[..place], &text[place + 1..])
}
