//! One character misread is caught, whoever reads: a person or a program.

use anyhow::Result;
use glassbreak_core::code::{Code, Malformed, Profile};
use proptest::prelude::*;

use crate::sheets::{codes, displayed, prefix};

/// Characters that people and programs take for each other, as published for print and
/// handwriting. `O`, `I` and `L` do not occur in codes and are read as `0` and `1`.
const CONFUSED: [(char, char); 14] = [
    ('0', 'D'),
    ('0', 'Q'),
    ('0', '8'),
    ('0', '9'),
    ('1', '7'),
    ('1', 'J'),
    ('1', 'T'),
    ('2', 'Z'),
    ('5', 'S'),
    ('6', 'G'),
    ('8', 'B'),
    ('V', 'Y'),
    ('M', 'N'),
    ('C', 'G'),
];

fn with(text: &str, place: usize, character: char) -> String {
    text.chars().enumerate().map(|(at, c)| if at == place { character } else { c }).collect()
}

/// Every pair, both ways, at every place of every code where it can happen.
#[test]
fn every_published_confusion_is_caught_wherever_it_happens() -> Result<()> {
    let mut tried = 0_u32;
    for profile in [Profile::Strong, Profile::Compact] {
        for code in displayed(&codes(profile, 32, 20)?) {
            for (place, is) in code.char_indices().skip(3) {
                for (a, b) in CONFUSED {
                    let wrong = match is {
                        c if c == a => b,
                        c if c == b => a,
                        _ => continue,
                    };
                    let misread = with(&code, place, wrong);
                    let read = Code::parse(&misread, &prefix());
                    assert_eq!(read.err(), Some(Malformed::Checksum), "{code} as {misread}");
                    tried += 1;
                }
            }
        }
    }
    assert!(tried > 1000, "{tried} confusions were tried");
    Ok(())
}

#[test]
fn the_letters_that_codes_do_not_have_are_read_as_what_they_look_like() -> Result<()> {
    for code in displayed(&codes(Profile::Strong, 32, 21)?) {
        let (prefix_text, rest) = code.split_at(3);
        for (digit, letters) in [('0', "Oo"), ('1', "IiLl")] {
            for letter in letters.chars() {
                let read = rest.replace(digit, &letter.to_string());
                let read = Code::parse(&format!("{prefix_text}{read}"), &prefix())?;
                assert_eq!(*read.expose_display(), code);
            }
        }
    }
    Ok(())
}

proptest! {
    /// Any one character in place of any other, and any two for compact codes.
    #[test]
    fn any_one_or_two_wrong_characters_are_caught(
        seed: u64,
        is_compact: bool,
        places in (3_usize..19, 3_usize..19),
        wrong in ("[0-9A-HJKMNP-TV-Z]", "[0-9A-HJKMNP-TV-Z]"),
    ) {
        let profile = if is_compact { Profile::Compact } else { Profile::Strong };
        let code = displayed(&codes(profile, 1, seed).expect("codes")).swap_remove(0);
        let mut misread = code.clone();
        for (place, wrong) in [(places.0, &wrong.0), (places.1, &wrong.1)] {
            if code.chars().nth(place) != Some('-') {
                misread = with(&misread, place, wrong.chars().next().expect("a character"));
            }
        }
        if misread != code {
            prop_assert!(Code::parse(&misread, &prefix()).is_err(), "{} as {}", code, misread);
        }
    }
}
