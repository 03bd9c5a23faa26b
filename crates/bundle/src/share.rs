//! One custodian's share, as it is inside of the age ciphertext.
//!
//! The text is made for a person with nothing but `age` at hand, and has one spelling only:
//!
//! ```text
//! glassbreak-share v1
//! bundle: 018f3c5e-7a10-7000-8000-0123456789ab
//! generation: 1
//! index: 2
//! k: 2
//! n: 3
//! token: (64 hexadecimal digits; sent back as the proof of possession)
//! salt: (64 hexadecimal digits)
//! share: (64 hexadecimal digits; sent to nobody but in order to combine)
//! ```

use glassbreak_core::digest::{Digest, hex};
use zeroize::Zeroizing;

use crate::entropy::Random;
use crate::header::{BundleId, Header};
use crate::proof::{Proof, read_hex};
use crate::record::BundleRecord;

const SHARE_DOMAIN: &str = "glassbreak/bundle/v1/share";
const FIRST_LINE: &str = "glassbreak-share v1";
/// More bytes than any share has.
pub const SHARE_TEXT_BYTES_MAX: usize = 512;

/// A plaintext share.
///
/// It wipes itself, and can be neither printed, cloned, compared nor serialised:
///
/// ```compile_fail
/// fn show(share: &glassbreak_bundle::Share) { println!("{share:?}"); }
/// ```
/// ```compile_fail
/// fn show(share: &glassbreak_bundle::Share) { println!("{share}"); }
/// ```
/// ```compile_fail
/// fn twice(share: &glassbreak_bundle::Share) { let _: glassbreak_bundle::Share = share.clone(); }
/// ```
/// ```compile_fail
/// fn json(share: &glassbreak_bundle::Share) { let _ = serde_json::to_string(share); }
/// ```
pub struct Share {
    pub(crate) header: Header,
    pub(crate) index: u8,
    pub(crate) token: Random,
    /// Known to the custodian alone, so that the public commitment tells nothing.
    pub(crate) salt: Random,
    /// The points of the key's polynomials at `index`.
    pub(crate) points: Random,
}

/// Why a share cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ShareRefused {
    /// Not the text of a share: cut off, changed in its form, or of a later version.
    #[error("this is not the whole text of a share, version 1")]
    Malformed,
    /// A share of another bundle.
    #[error("this share belongs to another bundle")]
    OtherBundle,
    /// A share of this bundle, from another split.
    #[error("this share belongs to another generation of the bundle")]
    OtherGeneration,
    /// It says that it is of this split, and is not what the record commits to.
    #[error("this share is not what was handed out")]
    Damaged,
}

impl ShareRefused {
    /// The stable name of this refusal.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Malformed => "share_malformed",
            Self::OtherBundle => "share_other_bundle",
            Self::OtherGeneration => "share_other_generation",
            Self::Damaged => "share_damaged",
        }
    }
}

impl Share {
    /// Reads what `age` printed, to the last byte.
    ///
    /// # Errors
    ///
    /// [`ShareRefused::Malformed`]. It holds nothing of the input.
    pub fn parse(bytes: &[u8]) -> Result<Self, ShareRefused> {
        let text =
            std::str::from_utf8(bytes).ok().filter(|text| text.len() <= SHARE_TEXT_BYTES_MAX);
        let share = text.and_then(Self::read).ok_or(ShareRefused::Malformed)?;
        // Leading zeros, capitals and what follows the last line would be other spellings.
        if share.expose_text().as_bytes() == bytes {
            Ok(share)
        } else {
            Err(ShareRefused::Malformed)
        }
    }

    fn read(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        if lines.next()? != FIRST_LINE {
            return None;
        }
        let mut field = |name: &str| lines.next()?.strip_prefix(name)?.strip_prefix(": ");
        let bundle = BundleId(field("bundle")?.parse().ok()?);
        let generation = field("generation")?.parse().ok()?;
        let index = field("index")?.parse().ok()?;
        let (k, n) = (field("k")?.parse().ok()?, field("n")?.parse().ok()?);
        let header = Header::new(bundle, generation, k, n).ok()?;
        let token = read_hex(field("token")?)?;
        let salt = read_hex(field("salt")?)?;
        let points = read_hex(field("share")?)?;
        header.indices().contains(&index).then_some(Self { header, index, token, salt, points })
    }

    /// The text that is encrypted. Look twice at every caller.
    pub fn expose_text(&self) -> Zeroizing<String> {
        // At its full size from the start: growing would leave a copy behind.
        let mut text = Zeroizing::new(String::with_capacity(SHARE_TEXT_BYTES_MAX));
        let numbers = format!(
            "{FIRST_LINE}\nbundle: {}\ngeneration: {}\nindex: {}\nk: {}\nn: {}\n",
            self.header.bundle(),
            self.header.generation(),
            self.index,
            self.header.k(),
            self.header.n()
        );
        text.push_str(&numbers);
        let secrets = [("token", &self.token), ("salt", &self.salt), ("share", &self.points)];
        for (name, bytes) in secrets {
            let digits = Zeroizing::new(hex(bytes.as_slice()));
            for part in [name, ": ", &digits, "\n"] {
                text.push_str(part);
            }
        }
        text
    }

    /// Of which split it says that it is.
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// Whose it is: the custodian's number, from 1.
    pub const fn index(&self) -> u8 {
        self.index
    }

    /// Whether it is the share that the record commits to, without combining anything.
    ///
    /// # Errors
    ///
    /// [`ShareRefused`]: which of the ways in which it is not.
    pub fn check(&self, record: &BundleRecord) -> Result<(), ShareRefused> {
        let header = record.header();
        if self.header.bundle() != header.bundle() {
            return Err(ShareRefused::OtherBundle);
        }
        if self.header.generation() != header.generation() {
            return Err(ShareRefused::OtherGeneration);
        }
        let custodian = record.custodian(self.index).ok_or(ShareRefused::Damaged)?;
        if self.header != *header || custodian.share != self.commitment() {
            return Err(ShareRefused::Damaged);
        }
        Ok(())
    }

    /// What the custodian sends back. Only for a share that is the right one: a custodian with a
    /// wrong share must not be counted.
    ///
    /// # Errors
    ///
    /// [`ShareRefused`], as of [`Self::check`].
    pub fn prove(&self, record: &BundleRecord) -> Result<Proof, ShareRefused> {
        self.check(record)?;
        Ok(Proof::new(self.token.clone()))
    }

    /// What the record keeps of the token.
    pub(crate) fn proof_digest(&self) -> Digest {
        Proof::new(self.token.clone()).digest(&self.header, self.index)
    }

    /// What the record keeps: it binds to all of the share, and the salt hides what it binds to.
    pub(crate) fn commitment(&self) -> Digest {
        let parts: [&[u8]; 5] = [
            &self.header.to_bytes(),
            &[self.index],
            self.token.as_slice(),
            self.salt.as_slice(),
            self.points.as_slice(),
        ];
        Digest::of(SHARE_DOMAIN, &parts)
    }
}
