//! REG-21, REG-22: no setting makes codes weak, and no code is made without randomness.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use aws_lc_rs::{digest, hmac};
use glassbreak_engine::core::code::{self, Entropy, EntropyFailed, Ordinal, Prefix, Profile, bits};
use glassbreak_engine::core::operation::Denial;
use glassbreak_engine::core::operation::redeem::Reply;
use glassbreak_engine::{EntropySource, Error, SystemEntropy};
use glassbreak_testkit::http::Failure;
use serde_json::json;

use crate::at_rest::verifiers;
use crate::calls::{Place, Tested, issue, register};
use crate::common::{ISSUE_FREELY, PROFILES};
use crate::embedded::{Embedded, store};

#[tokio::test]
async fn reg_21_a_configuration_past_a_floor_starts_no_server() -> Tested {
    let cases = [
        ("tiers.standard.scheme = { scheme = \"pbkdf2\", iterations = 1000 }", "ASVS-11.4.2"),
        (
            "[tiers.standard.scheme]\nscheme = \"argon2id\"\nmemory_kib = 8\npasses = 1\nlanes = 1",
            "ASVS-11.4.2",
        ),
        (
            "[tiers.standard.scheme]\nscheme = \"argon2id\"\nmemory_kib = 19455\npasses = 2\nlanes=1",
            "ASVS-11.4.2",
        ),
        ("tiers.standard.scheme = { scheme = \"sha256\" }", "sha256"),
        ("tiers.standard.profile = \"issued\"", "issued"),
        ("tiers.standard.profile = \"short\"", "short"),
        ("tiers.standard.profiles = [\"compact\"]", "A4"),
        ("tiers.standard.bits = 40", "bits"),
        ("tiers.standard.length = 6", "length"),
        ("tiers.standard.count = 33", "A4"),
        ("tiers.standard.lifetime = 0", "A8"),
        ("tiers.standard.session_assurance = \"aal1\"", "N63B-LS-03"),
        ("throttle.disable_at = 101", "N63B-TH-01"),
        ("throttle.disable_at = 0", "N63B-TH-01"),
        ("throttle.free = 11", "N63B-TH-04"),
        ("throttle.wait_first = 0", "N63B-TH-04"),
        ("throttle.wait_max = 1", "N63B-TH-04"),
        ("throttle.enabled = false", "enabled"),
        ("throttle = false", "throttle"),
        ("lifecycle.subject_left = \"record\"", "N63B-IN-01"),
        ("lifecycle.device_lost = \"replace\"", "N63B-IN-01"),
        ("pepper = \"none\"", "pepper"),
    ];
    for (setting, told) in cases {
        let place = Place::new("reg-21")?;
        match place.start(setting, "warn") {
            Ok(_) => panic!("a server started with `{setting}`"),
            Err(failure) => {
                let said = failure.to_string();
                assert!(said.contains(told), "{setting}: {said}");
            }
        }
        assert!(!place.data().join("glassbreak.db").exists(), "`{setting}` made a database");
    }
    Ok(())
}

/// There are two forms of code to be saved, both above the 64 bits of SP 800-63B-4; the one below
/// 80 cannot be had without the throttle, and neither can the other.
#[test]
fn reg_21_no_saved_code_has_fewer_than_64_bits() {
    assert_eq!((bits(Profile::Strong), bits(Profile::Compact)), (130, 65));
}

/// The row alone is no hash of the code that could be tried out: without the root key, which is not
/// in the database, a guess cannot be tested even by somebody who knows the right code.
#[tokio::test]
async fn reg_21_a_stolen_row_cannot_be_tried_without_the_root_key() -> Tested {
    let place = Place::new("reg-21-row")?;
    let server = place.start("", "warn")?;
    let mut client = server.client()?;
    let mut codes = Vec::new();
    for profile in PROFILES {
        let subject = format!("ada-{profile}");
        register(&mut client, &subject, "standard").await?;
        codes.extend(issue(&mut client, &subject, &json!({ "profile": profile })).await?.codes);
    }
    assert!(server.stop()?.success());
    let stored = verifiers(&place.data())?;
    assert_eq!(stored.len(), codes.len());
    assert!(stored[..10].iter().all(|(_, salt)| salt.is_none()), "strong codes are keyed");
    let salts: BTreeSet<_> = stored[10..].iter().filter_map(|(_, salt)| salt.clone()).collect();
    assert_eq!(salts.len(), 10, "every compact code has a salt of its own");
    let macs: BTreeSet<_> = stored.iter().map(|(mac, _)| mac.clone()).collect();
    for code in &codes {
        let bare: String = code.split('-').skip(1).collect();
        for text in [code.clone(), code.to_lowercase(), bare.clone(), bare.to_lowercase()] {
            for (_, salt) in &stored {
                let salt = salt.as_deref().unwrap_or_default();
                let salted = [[salt, text.as_bytes()].concat(), [text.as_bytes(), salt].concat()];
                for bytes in salted {
                    let plain = digest::digest(&digest::SHA256, &bytes);
                    assert!(!macs.contains(plain.as_ref()), "an unkeyed hash of {text}");
                }
                let key = hmac::Key::new(hmac::HMAC_SHA256, salt);
                let keyed = hmac::sign(&key, text.as_bytes());
                assert!(!macs.contains(keyed.as_ref()), "a hash of {text} under its salt");
            }
        }
    }
    Ok(())
}

/// Randomness that fails from the n-th call on, or is stuck at one byte.
struct Broken {
    /// Calls that are left before it breaks.
    left: Arc<AtomicU64>,
    stuck_at: Option<u8>,
}

impl EntropySource for Broken {
    fn fill(&self, buffer: &mut [u8]) -> Result<(), EntropyFailed> {
        let less = |left: u64| left.checked_sub(1);
        if self.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, less).is_ok() {
            return SystemEntropy::default().fill(buffer);
        }
        match self.stuck_at {
            Some(byte) => {
                buffer.fill(byte);
                Ok(())
            }
            None => Err(EntropyFailed),
        }
    }
}

#[tokio::test]
async fn reg_22_while_randomness_fails_nothing_is_issued_and_nothing_used_up() -> Tested {
    for profile in PROFILES {
        let left = Arc::new(AtomicU64::new(u64::MAX));
        let broken = Box::new(Broken { left: Arc::clone(&left), stuck_at: None });
        let engine = Embedded::open(store(), |options| options.entropy = broken).await?;
        let codes = engine.issue("ada", profile, 2).await?;
        let before = engine.log().await?;
        // Every call for randomness fails in turn, until the set is issued.
        for calls in 0.. {
            assert!(calls < 100, "issuing does not end");
            left.store(calls, Ordering::SeqCst);
            let asked = engine.ask_for("ada", profile, 2).await;
            left.store(u64::MAX, Ordering::SeqCst);
            match asked {
                Ok(_) => break,
                Err(failure) => assert!(no_entropy(&failure), "{failure}"),
            }
            assert_eq!(engine.log().await?, before, "{calls} calls: something was written");
        }
        assert_eq!(engine.count("code_set.issued").await?, 2);

        // The old set was replaced by the one that was issued in the end.
        let codes_now = engine.issue("ada", profile, 2).await?;
        assert_ne!(codes, codes_now);
        left.store(0, Ordering::SeqCst);
        let attempt = engine.redeem("ada", &codes_now[0]).await;
        left.store(u64::MAX, Ordering::SeqCst);
        assert!(attempt.as_ref().is_err_and(no_entropy), "{attempt:?}");
        let reply = engine.redeem("ada", &codes_now[0]).await?;
        assert!(matches!(reply, Reply::Accepted { .. }), "{reply:?}");
    }
    Ok(())
}

fn no_entropy(failure: &Failure) -> bool {
    matches!(failure.downcast_ref::<Error>(), Some(Error::Denied(Denial::NoEntropy)))
}

#[tokio::test]
async fn reg_22_a_source_that_is_stuck_issues_nothing() -> Tested {
    for profile in PROFILES {
        for byte in [0, 7, 255] {
            let left = Arc::new(AtomicU64::new(u64::MAX));
            let broken = Box::new(Broken { left: Arc::clone(&left), stuck_at: Some(byte) });
            let engine = Embedded::open(store(), |options| options.entropy = broken).await?;
            engine.register("ada").await?;
            left.store(0, Ordering::SeqCst);
            let asked = engine.ask_for("ada", profile, 2).await;
            assert!(asked.as_ref().is_err_and(no_entropy), "stuck at {byte}");
            assert_eq!(engine.count("code_set.issued").await?, 0);
        }
    }
    Ok(())
}

/// What a cloned virtual machine or a forked process would do: two servers go on from the same
/// files in the same state. Both ask the operating system anew for each code, so nothing repeats.
#[tokio::test]
async fn reg_22_two_processes_from_one_state_issue_no_code_twice() -> Tested {
    let place = Place::new("reg-22-original")?;
    let server = place.start(ISSUE_FREELY, "warn")?;
    register(&mut server.client()?, "ada", "standard").await?;
    assert!(server.stop()?.success());
    let (mut drawn, mut sets, mut count) = (BTreeSet::new(), BTreeSet::new(), 0);
    for clone in 0..2 {
        let copy = Place::new(&format!("reg-22-clone-{clone}"))?;
        std::fs::create_dir_all(copy.data())?;
        for entry in std::fs::read_dir(place.data())? {
            let entry = entry?;
            std::fs::copy(entry.path(), copy.data().join(entry.file_name()))?;
        }
        let server = copy.start(ISSUE_FREELY, "warn")?;
        let mut client = server.client()?;
        for profile in ["strong", "strong", "strong", "compact"] {
            let how = json!({ "profile": profile, "count": 32 });
            let shown = issue(&mut client, "ada", &how).await?;
            count += shown.codes.len();
            drawn.extend(shown.codes);
            sets.insert(shown.set);
        }
    }
    assert_eq!((count, drawn.len(), sets.len()), (256, 256, 8));
    Ok(())
}

/// The operating system's randomness as the core wants it.
struct System(SystemEntropy);

impl Entropy for System {
    fn fill(&mut self, buffer: &mut [u8]) -> Result<(), EntropyFailed> {
        self.0.fill(buffer)
    }
}

/// A million codes: no two are the same, and at every place each symbol is as frequent as the
/// others. The bound is a chi-square of 31 degrees of freedom that a fair source exceeds at one of
/// the 39 places in less than one run of a million.
#[test]
fn reg_22_a_million_codes_are_distinct_and_their_symbols_even() -> Tested {
    const SYMBOLS: &str = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    const BOUND: f64 = 105.0;
    let mut entropy = System(SystemEntropy::default());
    let mut values = [0; 256];
    for (value, symbol) in SYMBOLS.bytes().enumerate() {
        values[usize::from(symbol)] = value;
    }
    for (profile, random) in [(Profile::Strong, 0..26), (Profile::Compact, 1..14)] {
        let mut drawn: Vec<[u8; 16]> = Vec::new();
        let mut counts = vec![[0_u32; 32]; 30];
        for _ in 0..500_000 {
            let code = code::draw(profile, &Prefix::default(), Ordinal::FIRST, &mut entropy)?;
            let text = code.expose_display();
            // 16 symbols of 5 bits: a collision by chance has odds below 2^-27.
            let (mut short, mut place) = ([0; 16], 0);
            for symbol in &text.as_bytes()[3..] {
                if *symbol == b'-' {
                    continue;
                }
                counts[place][values[usize::from(*symbol)]] += 1;
                if place < short.len() {
                    short[place] = *symbol;
                }
                place += 1;
            }
            drawn.push(short);
        }
        drawn.sort_unstable();
        assert!(drawn.windows(2).all(|pair| pair[0] != pair[1]), "a code was drawn twice");
        for place in random {
            let expected = 500_000.0 / 32.0;
            let terms = counts[place].iter().map(|count| (f64::from(*count) - expected).powi(2));
            let chi_square = terms.sum::<f64>() / expected;
            assert!(chi_square < BOUND, "{profile:?}, place {place}: {chi_square}");
        }
    }
    Ok(())
}
