//! `code.js` against the vectors, and against the parser of the core.

use std::fs;
use std::path::Path;

use glassbreak_engine::core::code::{Code, Digits, Malformed, Ordinal, Prefix, Profile, draw};
use glassbreak_testkit::SeededEntropy;
use glassbreak_testkit::seed;
use serde_json::{Value, json};

use crate::Tested;
use crate::node;

const ALPHABET: &[u8] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const PROFILES: [Profile; 5] = [
    Profile::Strong,
    Profile::Compact,
    Profile::Issued { digits: Digits::EIGHT },
    Profile::Issued { digits: Digits::NINE },
    Profile::Issued { digits: Digits::TEN },
];
/// What people and programs put into codes.
const STRAY: [&str; 14] = [
    "o", "I", "l", "U", "u", "-", "_", " ", "\u{2014}", "\u{a0}", "\u{feff}", "é", ".", "\u{212a}",
];

/// What the core says, in the words of `code.js`.
fn verdict(input: &str, prefix: &Prefix) -> Value {
    match Code::parse(input, prefix) {
        Ok(code) => json!({
            "profile": code.profile().name(),
            "display": *code.expose_display(),
            "ordinal": code.ordinal(),
        }),
        Err(Malformed::BadSymbol { position }) => {
            json!({ "error": "code_bad_symbol", "position": position })
        }
        Err(error) => json!({ "error": error.code() }),
    }
}

/// Whether the script said the same, and told a person who is typing so.
fn agree(said: &Value, expected: &Value, input: &str) {
    for member in ["profile", "display", "ordinal", "error", "position"] {
        assert_eq!(said[member], expected[member], "{member} of {input:?}: {said}");
    }
    let is_complete = said["state"] == "complete";
    assert_eq!(is_complete, expected["error"].is_null(), "{input:?}: {said}");
    assert_eq!(said["state"] == "empty", expected["error"] == "code_empty", "{input:?}: {said}");
}

#[test]
fn code_js_agrees_with_every_vector() -> Tested {
    let mut asked = Vec::new();
    let mut expected = Vec::new();
    for folder in ["accept", "reject"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors").join(folder);
        for file in fs::read_dir(folder)? {
            let path = file?.path();
            // Receipts that are refused need not be JSON.
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            if !name.starts_with("code-") {
                continue;
            }
            let vector: Value = serde_json::from_str(&fs::read_to_string(path)?)?;
            if !["accept_code", "reject_code"].map(Value::from).contains(&vector["kind"]) {
                continue;
            }
            for case in vector["cases"].as_array().ok_or("no cases")? {
                let mut wanted = case.clone();
                wanted["profile"] = case["profile"]["kind"].clone();
                asked.push(json!({ "prefix": case["prefix"], "input": case["input"] }));
                expected.push(wanted);
            }
        }
    }
    assert!(asked.len() > 100, "only {} cases", asked.len());
    let said = node::answer("codes.mjs", &asked.clone().into())?;
    for ((asked, expected), place) in asked.iter().zip(&expected).zip(0_usize..) {
        agree(&said[place], expected, asked["input"].as_str().unwrap_or_default());
    }
    Ok(())
}

/// A code that somebody copied with more or less care.
fn copied(source: &mut SeededEntropy, prefix: &Prefix) -> Result<String, crate::Failure> {
    let profile = PROFILES[source.below(PROFILES.len())];
    let ordinal = Ordinal::try_from(u8::try_from(source.below(32))?)?;
    let code = draw(profile, prefix, ordinal, source)?;
    let mut text: Vec<char> = code.expose_display().chars().collect();
    for _ in 0..source.below(4) {
        let place = source.below(text.len().max(1)).min(text.len().saturating_sub(1));
        let symbol = char::from(ALPHABET[source.below(ALPHABET.len())]);
        match source.below(9) {
            0 | 1 => text[place] = symbol,
            2 if place > 0 => text.swap(place - 1, place),
            3 => text.insert(place, symbol),
            4 => drop(text.remove(place)),
            5 => text.truncate(place.max(1)),
            6 => text.splice(place..place, STRAY[source.below(STRAY.len())].chars()).for_each(drop),
            7 => text = text.iter().map(char::to_ascii_lowercase).collect(),
            _ => text.retain(|c| *c != '-'),
        }
        if text.is_empty() {
            break;
        }
    }
    Ok(text.into_iter().collect())
}

#[test]
fn code_js_says_what_the_core_says_of_ten_thousand_codes() -> Tested {
    let seed = seed();
    let mut source = seed.entropy();
    let prefixes = ["gb", "gbt", "acme", "zzzzzzzz"].map(Prefix::parse);
    let mut asked = Vec::new();
    let mut expected = Vec::new();
    for _ in 0..10_000 {
        let prefix = prefixes[source.below(prefixes.len())]?;
        let mut input = copied(&mut source, &prefix)?;
        if source.below(20) == 0 {
            let random = (0..source.below(140)).map(|_| ALPHABET[source.below(32)]);
            input = String::from_utf8(random.collect())?;
        }
        expected.push(verdict(&input, &prefix));
        asked.push(json!({ "prefix": prefix, "input": input }));
    }
    let good = expected.iter().filter(|verdict| verdict["error"].is_null()).count();
    assert!((2_000..9_000).contains(&good), "both kinds are there: {good} good ones");
    let said = node::answer("codes.mjs", &asked.clone().into())?;
    for (place, (asked, expected)) in asked.iter().zip(&expected).enumerate() {
        agree(&said[place], expected, asked["input"].as_str().unwrap_or_default());
    }
    Ok(())
}

/// One wrong symbol, or two neighbours the wrong way round: the group is told, and no other.
#[test]
fn code_js_tells_the_group_with_the_mistake() -> Tested {
    let seed = seed();
    let mut source = seed.entropy();
    let prefix = Prefix::default();
    let mut asked = Vec::new();
    let mut expected = Vec::new();
    for (profile, group) in [(Profile::Strong, 5), (Profile::Compact, 4)] {
        let code = draw(profile, &prefix, Ordinal::try_from(3)?, &mut source)?;
        let display = code.expose_display().replace('-', "");
        let right: Vec<char> = display.chars().skip(2).collect();
        for place in 0..right.len() {
            let mut wrong = right.clone();
            let others =
                ALPHABET.iter().map(|byte| char::from(*byte)).filter(|c| *c != right[place]);
            wrong[place] = others.clone().nth(source.below(31)).ok_or("no other symbol")?;
            let input: String = wrong.into_iter().collect();
            asked.push(json!({ "prefix": "gb", "input": input }));
            expected.push(vec![place / group + 1]);
            if place == 0 || right[place - 1] == right[place] || profile == Profile::Compact {
                continue;
            }
            let mut swapped = right.clone();
            swapped.swap(place - 1, place);
            let input: String = swapped.into_iter().collect();
            asked.push(json!({ "prefix": "gb", "input": input }));
            let mut groups = vec![(place - 1) / group + 1, place / group + 1];
            groups.dedup();
            expected.push(groups);
        }
    }
    let said = node::answer("codes.mjs", &asked.clone().into())?;
    for (place, (asked, groups)) in asked.iter().zip(&expected).enumerate() {
        assert_eq!(said[place]["groups"], json!(groups), "{asked}");
    }
    Ok(())
}

#[test]
fn code_js_puts_codes_into_groups_and_leaves_the_caret_where_it_was() -> Tested {
    node::passes("typing.test.mjs")
}
