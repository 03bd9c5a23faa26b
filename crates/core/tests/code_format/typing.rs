//! What people type: forgiven or refused, never a panic.

use glassbreak_core::code::{Code, INPUT_BYTES_MAX, Malformed, Prefix};
use proptest::prelude::*;

use crate::seeded::{PROFILES, Seeded, body};

const SEPARATORS: [&str; 12] =
    ["", "", "", " ", "-", "_", "\u{2013}", "\u{2014}", "\u{a0}", "\u{200b}", "\t", "\u{2212}"];

fn prefixes() -> impl Strategy<Value = Prefix> {
    "[a-hjkmnp-tv-z][0-9a-hjkmnp-tv-z]{1,7}".prop_map(|text| Prefix::parse(&text).expect("valid"))
}

/// The display of a code as a careless person types it.
fn typed(code: &Code, with_prefix: bool, noise: &mut Seeded) -> String {
    let symbols = body(code);
    let prefix = if with_prefix { code.prefix().as_str() } else { "" };
    let mut text = String::new();
    for character in prefix.chars().chain(symbols.into_iter().map(char::from)) {
        let look_alikes: &[char] = match character {
            '0' => &['0', 'O', 'o'],
            '1' => &['1', 'I', 'i', 'L', 'l'],
            other => &[other.to_ascii_lowercase(), other.to_ascii_uppercase()],
        };
        text.push(look_alikes[noise.below(look_alikes.len())]);
        if text.len() < 100 {
            text.push_str(SEPARATORS[noise.below(SEPARATORS.len())]);
        }
    }
    text
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 4_000,
        failure_persistence: None,
        ..Default::default()
    })]

    #[test]
    fn a2_what_is_displayed_is_read_back_however_it_is_typed(
        prefix in prefixes(), profile in 0..PROFILES.len(), seed: u64, with_prefix: bool,
    ) {
        let profile = PROFILES[profile];
        let mut source = Seeded::new(seed);
        let code = source.code(profile, &prefix);
        let prefixed = with_prefix && profile.name() != "issued";
        let text = typed(&code, prefixed, &mut source);
        prop_assume!(text.len() <= INPUT_BYTES_MAX);
        let read = Code::parse(&text, &prefix);
        prop_assert!(read.is_ok(), "{:?}: {:?}", text, read.err());
        let read = read.expect("just checked");
        prop_assert_eq!(read.profile(), profile);
        prop_assert_eq!(read.ordinal(), code.ordinal());
        prop_assert_eq!(read.expose_display(), code.expose_display());
    }

    #[test]
    fn parse_never_panics(text in any::<String>(), prefix in prefixes()) {
        let _ = Code::parse(&text, &prefix);
    }

    #[test]
    fn parse_never_panics_near_the_format(
        text in "[-_ a-zA-Z0-9\u{2013}\u{ad}!é]{0,60}", prefix in prefixes(),
    ) {
        if let Ok(code) = Code::parse(&text, &prefix) {
            // What is accepted means the same when it is displayed: nothing was lost.
            let again = Code::parse(&code.expose_display(), &prefix).expect("displayed");
            prop_assert_eq!(again.expose_display(), code.expose_display());
        }
    }

    /// However two different codes are typed, they are read as two different codes.
    #[test]
    fn n63b_hs_12_no_two_codes_become_one(seed: u64, profile in 0..PROFILES.len()) {
        let mut source = Seeded::new(seed);
        let prefix = Prefix::default();
        let codes = [(); 2].map(|()| source.code(PROFILES[profile], &prefix));
        let read = codes.each_ref().map(|code| {
            let text = typed(code, false, &mut source);
            Code::parse(&text, &prefix).expect("typed").expose_display()
        });
        prop_assert_eq!(read[0] == read[1], body(&codes[0]) == body(&codes[1]));
    }
}

#[test]
fn refusals_have_stable_codes_and_do_not_repeat_the_input() {
    let prefix = Prefix::default();
    let strong = "gb-00000-00000-00000-00000-00000-00000";
    for (input, code) in [
        ("", "code_empty"),
        (" - ", "code_empty"),
        ("gb-0000", "code_too_short"),
        ("gb-0000-0000-0000-000", "code_too_short"),
        ("gb-0000-0000-0000-0000-0", "code_too_long"),
        ("gb-00000-00000-00000-00000-00000-0000", "code_too_short"),
        ("gb-00000-00000-00000-00000-00000-000000", "code_too_long"),
        ("1234567", "code_too_short"),
        ("12345678901", "code_too_long"),
        ("gb-0000-0000-0U00-0000", "code_bad_symbol"),
        ("gb-0000-0000-0000-0000!", "code_bad_symbol"),
        ("gbt-0000-0000-0000-0000", "code_other_prefix"),
        ("hb-00000-00000-00000-00000-00000-00000", "code_other_prefix"),
        (strong, "code_checksum"),
        ("12345678", "code_checksum"),
    ] {
        let error = Code::parse(input, &prefix).err().expect(input);
        assert_eq!(error.code(), code, "{input}");
        assert!(!error.advice().is_empty());
        assert!(!error.to_string().contains('0'), "{error}");
    }
    let error = Code::parse("gb-0000-0000-0U00", &prefix).err();
    assert_eq!(error, Some(Malformed::BadSymbol { position: 15 }));
    assert_eq!(Code::parse(&"0".repeat(1 << 20), &prefix).err(), Some(Malformed::TooLong));
}
