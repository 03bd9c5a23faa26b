//! What is stored accepts its own code and nothing else.

use glassbreak_core::code::{
    ARGON2ID_DEFAULT, Code, DeriveError, Entropy, EntropyFailed, Ordinal, PepperKey, Prefix,
    Profile, Salt, Scheme, SchemeRefused, StoredVerifier, candidate_mac, derive, draw, draw_salt,
};

use crate::seeded::{ALPHABET, PROFILES, Seeded, body, hex};

const PBKDF2: Scheme = Scheme::Pbkdf2 { iterations: 210_000 };

fn pepper(byte: u8) -> PepperKey {
    PepperKey::new(&[byte; 32])
}

fn salt_for(scheme: Scheme, source: &mut Seeded) -> Option<Salt> {
    scheme.is_stretched().then(|| draw_salt(source).expect("entropy"))
}

#[test]
fn a2_n63b_hs_01_every_scheme_accepts_its_code_and_no_other() {
    let prefix = Prefix::default();
    let mut source = Seeded::new(4_001);
    for scheme in [Scheme::Keyed, ARGON2ID_DEFAULT, PBKDF2] {
        for profile in PROFILES.into_iter().filter(|profile| scheme.allowed_for(*profile)) {
            let (code, other) = (source.code(profile, &prefix), source.code(profile, &prefix));
            let salt = salt_for(scheme, &mut source);
            let stored = derive(scheme, 3, &pepper(1), salt, &code).expect("derive");
            let typed = Code::parse(&code.expose_display(), &prefix).expect("parse");
            let matches = |generation, key: &PepperKey, code: &Code| {
                let candidate = candidate_mac(scheme, generation, key, salt, code).expect("mac");
                stored.matches(&candidate)
            };
            assert!(matches(3, &pepper(1), &typed), "{scheme:?} {profile:?}");
            assert!(!matches(3, &pepper(1), &other), "another code");
            assert!(!matches(3, &pepper(2), &typed), "another pepper");
            assert!(!matches(4, &pepper(1), &typed), "another generation, same MAC");
        }
    }
}

#[test]
fn a_candidate_of_another_salt_cost_or_scheme_does_not_match() {
    let mut source = Seeded::new(4_002);
    let code = source.code(Profile::Strong, &Prefix::default());
    let salts = [(); 2].map(|()| draw_salt(&mut source).ok());
    let costlier = Scheme::Pbkdf2 { iterations: 210_001 };
    let ways = [
        (Scheme::Keyed, None),
        (PBKDF2, salts[0]),
        (PBKDF2, salts[1]),
        (costlier, salts[0]),
        (ARGON2ID_DEFAULT, salts[0]),
    ];
    for (i, (scheme, salt)) in ways.into_iter().enumerate() {
        let stored = derive(scheme, 1, &pepper(1), salt, &code).expect("derive");
        for (j, (scheme, salt)) in ways.into_iter().enumerate() {
            let candidate = candidate_mac(scheme, 1, &pepper(1), salt, &code).expect("mac");
            assert_eq!(stored.matches(&candidate), i == j, "{i} {j}");
        }
    }
}

/// Prefix and profile are part of what is hashed, not only of the check symbols.
#[test]
fn b6_the_same_random_symbols_of_another_environment_do_not_match() {
    let payload = Symbols((0..26).collect());
    let [live, test] = [Prefix::default(), Prefix::test()].map(|prefix| {
        let code = draw(Profile::Strong, &prefix, Ordinal::FIRST, &mut payload.clone());
        derive(Scheme::Keyed, 1, &pepper(1), None, &code.expect("code")).expect("derive")
    });
    assert_ne!(live, test);
}

/// All ordered pairs of a set of ten: each code opens its own verifier only.
#[test]
fn reg_05_one_code_of_a_set_says_nothing_about_the_rest() {
    let prefix = Prefix::default();
    let mut source = Seeded::new(4_003);
    let codes = [(); 10].map(|()| source.code(Profile::Strong, &prefix));
    let stored = codes.each_ref().map(|code| derive(Scheme::Keyed, 1, &pepper(1), None, code));
    for (i, code) in codes.iter().enumerate() {
        let candidate = candidate_mac(Scheme::Keyed, 1, &pepper(1), None, code).expect("mac");
        for (j, stored) in stored.iter().enumerate() {
            assert_eq!(stored.as_ref().expect("derive").matches(&candidate), i == j);
        }
    }
}

/// Gives these symbols, which become the code: an attacker's choice.
#[derive(Clone)]
struct Symbols(Vec<u8>);

impl Entropy for Symbols {
    fn fill(&mut self, buf: &mut [u8]) -> Result<(), EntropyFailed> {
        buf.iter_mut().zip(&self.0).for_each(|(to, from)| *to = *from);
        Ok(())
    }
}

/// The bytes of a row, written in every way a person could paste them, are malformed; put into a
/// well-formed code, with the right check symbols, they are a wrong one.
#[test]
fn reg_19_what_is_stored_is_never_accepted_as_a_code() {
    let prefix = Prefix::default();
    let mut source = Seeded::new(4_004);
    for _ in 0..500 {
        let code = source.code(Profile::Strong, &prefix);
        let stored = derive(Scheme::Keyed, 1, &pepper(1), None, &code).expect("derive");
        let salt = draw_salt(&mut source).expect("entropy");
        for column in [stored.mac().as_slice(), salt.as_bytes()] {
            let hex = hex(column);
            let digits = five_bits(column);
            let base32 = digits.iter().map(|s| char::from(ALPHABET[usize::from(*s)]));
            let base32 = base32.collect::<String>();
            let raw = String::from_utf8_lossy(column);
            for text in [&hex, &base32, &*raw, &hex[..30], &base32[..26]] {
                for text in [text.to_owned(), format!("gb-{text}")] {
                    let accepted =
                        Code::parse(&text, &prefix).is_ok_and(|typed| opens(&stored, &typed));
                    assert!(!accepted);
                }
            }
            let symbols = five_bits(column).into_iter().cycle().take(26).collect();
            let forged = draw(Profile::Strong, &prefix, Ordinal::FIRST, &mut Symbols(symbols));
            let forged = forged.expect("symbols of a MAC are not all the same");
            assert!(Code::parse(&forged.expose_display(), &prefix).is_ok(), "well formed");
            assert!(!opens(&stored, &forged), "and wrong");
        }
    }
}

fn opens(stored: &StoredVerifier, code: &Code) -> bool {
    candidate_mac(Scheme::Keyed, 1, &pepper(1), None, code).is_ok_and(|mac| stored.matches(&mac))
}

fn five_bits(bytes: &[u8]) -> Vec<u8> {
    let bits = bytes.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1));
    let bits = bits.collect::<Vec<_>>();
    bits.chunks(5).map(|five| five.iter().fold(0, |sum, bit| sum << 1 | bit)).collect()
}

#[test]
fn n63b_ls_09_reg_21_short_codes_without_salt_or_stretching_are_refused() {
    let mut source = Seeded::new(4_005);
    let prefix = Prefix::default();
    let try_derive = |scheme, salt, code: &Code| derive(scheme, 1, &pepper(1), salt, code).err();
    let salt = draw_salt(&mut source).ok();
    let cheap = Scheme::Argon2id { memory_kib: 4_096, passes: 3, lanes: 1 };
    for profile in PROFILES {
        let code = source.code(profile, &prefix);
        let keyed = try_derive(Scheme::Keyed, None, &code);
        let refused = (profile != Profile::Strong).then_some(DeriveError::NotForProfile(profile));
        assert_eq!(keyed, refused);
        assert_eq!(try_derive(ARGON2ID_DEFAULT, None, &code), Some(DeriveError::SaltMissing));
        assert_eq!(try_derive(PBKDF2, None, &code), Some(DeriveError::SaltMissing));
        let too_cheap = DeriveError::Scheme(SchemeRefused::TooCheap);
        assert_eq!(try_derive(cheap, salt, &code), Some(too_cheap));
    }
    let strong = source.code(Profile::Strong, &prefix);
    assert_eq!(try_derive(Scheme::Keyed, salt, &strong), Some(DeriveError::SaltUnexpected));
}

/// A leaked code is found by its MAC without its owner; stretched verifiers cannot be.
#[test]
fn reg_26_only_keyed_candidates_can_be_looked_up() {
    let mut source = Seeded::new(4_006);
    let code = source.code(Profile::Strong, &Prefix::default());
    let stored = derive(Scheme::Keyed, 1, &pepper(1), None, &code).expect("derive");
    let keyed = candidate_mac(Scheme::Keyed, 1, &pepper(1), None, &code).expect("mac");
    assert_eq!(keyed.lookup_key(), Some(stored.mac()));
    let salt = draw_salt(&mut source).ok();
    let stretched = candidate_mac(PBKDF2, 1, &pepper(1), salt, &code).expect("mac");
    assert_eq!(stretched.lookup_key(), None);
}

#[test]
fn reg_20_a_stored_verifier_shows_neither_code_nor_mac() {
    let mut source = Seeded::new(4_007);
    let code = source.code(Profile::Strong, &Prefix::default());
    let stored = derive(Scheme::Keyed, 1, &pepper(1), None, &code).expect("derive");
    assert_eq!(format!("{stored:?}"), "StoredVerifier { scheme: Keyed, key_generation: 1, .. }");
    let json = serde_json::to_string(&stored).expect("json");
    let symbols = String::from_utf8(body(&code)).expect("ASCII");
    assert!(!json.to_uppercase().contains(&symbols[..8]));
    assert_eq!(serde_json::from_str::<StoredVerifier>(&json).expect("read back"), stored);
}

#[test]
fn damaged_rows_are_refused() {
    let salt = Some(Salt::new([1; 16]));
    let cheap = Scheme::Pbkdf2 { iterations: 1 };
    assert!(StoredVerifier::from_parts(Scheme::Keyed, 1, None, [0; 32]).is_ok());
    assert!(StoredVerifier::from_parts(PBKDF2, 1, salt, [0; 32]).is_ok());
    assert!(StoredVerifier::from_parts(Scheme::Keyed, 1, salt, [0; 32]).is_err());
    assert!(StoredVerifier::from_parts(PBKDF2, 1, None, [0; 32]).is_err());
    assert!(StoredVerifier::from_parts(cheap, 1, salt, [0; 32]).is_err());
    let good = r#"{"scheme":{"scheme":"keyed"},"key_generation":1,"mac":"MAC"}"#;
    let read = |mac: &str| serde_json::from_str::<StoredVerifier>(&good.replace("MAC", mac));
    assert!(read(&"0a".repeat(32)).is_ok());
    for mac in ["0a".repeat(31), "0A".repeat(32), "0g".repeat(32), "é".repeat(32)] {
        assert!(read(&mac).is_err(), "{mac}");
    }
}
