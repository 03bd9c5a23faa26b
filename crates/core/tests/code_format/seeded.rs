//! Deterministic entropy for tests, which tells its seed when a test fails.

use std::fmt::Write as _;

use aws_lc_rs::digest;
use glassbreak_core::code::{Code, Digits, Entropy, EntropyFailed, Ordinal, Prefix, Profile, draw};

/// Every profile there is.
pub(crate) const PROFILES: [Profile; 5] = [
    Profile::Strong,
    Profile::Compact,
    Profile::Issued { digits: Digits::EIGHT },
    Profile::Issued { digits: Digits::NINE },
    Profile::Issued { digits: Digits::TEN },
];

/// The alphabet again, so that the tests do not lean on the code they test.
pub(crate) const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// SHA-256 in counter mode over a seed.
pub(crate) struct Seeded {
    seed: u64,
    counter: u64,
    block: Vec<u8>,
}

impl Seeded {
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed, counter: 0, block: Vec::new() }
    }

    fn byte(&mut self) -> u8 {
        if self.block.is_empty() {
            let input = [self.seed.to_be_bytes(), self.counter.to_be_bytes()].concat();
            self.block = digest::digest(&digest::SHA256, &input).as_ref().to_vec();
            self.counter += 1;
        }
        self.block.pop().expect("a digest is not empty")
    }

    /// A number below `end`, without bias worth a thought at these sizes.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        let number = (0..4).fold(0, |sum, _| sum << 8 | usize::from(self.byte()));
        number % end
    }

    /// So many different numbers below `end`.
    pub(crate) fn distinct(&mut self, count: usize, end: usize) -> Vec<usize> {
        let mut places: Vec<usize> = (0..end).collect();
        (0..count).map(|_| places.swap_remove(self.below(places.len()))).collect()
    }

    pub(crate) fn code(&mut self, profile: Profile, prefix: &Prefix) -> Code {
        let ordinal = u8::try_from(self.below(32)).expect("a byte");
        let ordinal = Ordinal::try_from(ordinal).expect("an ordinal");
        draw(profile, prefix, ordinal, self).expect("seeded entropy does not fail")
    }
}

impl Entropy for Seeded {
    fn fill(&mut self, buf: &mut [u8]) -> Result<(), EntropyFailed> {
        buf.fill_with(|| self.byte());
        Ok(())
    }
}

impl Drop for Seeded {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the seed of this test's entropy was {}", self.seed);
        }
    }
}

/// The symbols of a code as characters, without prefix and separators.
pub(crate) fn body(code: &Code) -> Vec<u8> {
    let display = code.expose_display();
    let prefix = format!("{}-", code.prefix());
    let text = display.strip_prefix(&prefix).unwrap_or(&display);
    text.bytes().filter(|byte| *byte != b'-').collect()
}

/// How many characters can stand in a code of this profile.
pub(crate) fn alphabet(profile: Profile) -> &'static [u8] {
    match profile {
        Profile::Issued { .. } => &ALPHABET[..10],
        Profile::Strong | Profile::Compact => ALPHABET,
    }
}

/// What the default prefix's parser says of symbols.
pub(crate) fn judge(
    symbols: &[u8],
    prefix: &Prefix,
) -> Result<(), glassbreak_core::code::Malformed> {
    Code::parse(std::str::from_utf8(symbols).expect("ASCII"), prefix).map(|_| ())
}

/// Bytes in lower-case hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("writing to a string does not fail");
        text
    })
}

#[test]
fn the_same_seed_gives_the_same_codes() {
    let text = |seed| {
        let code = Seeded::new(seed).code(Profile::Strong, &Prefix::default());
        code.expose_display().to_string()
    };
    assert_eq!(text(7), text(7));
    assert_ne!(text(7), text(8));
}
