//! How verifiers are computed, and the costs that are allowed.

use serde::{Deserialize, Serialize};

use super::profile::{KEYED_BITS_MIN, Profile, bits};

/// The default for stretched verifiers: 19 MiB, two passes, one lane (ASVS 5.0.0 Appendix C).
pub const ARGON2ID_DEFAULT: Scheme = Scheme::Argon2id { memory_kib: 19_456, passes: 2, lanes: 1 };
/// The least memory in KiB for at least so many passes (ASVS 5.0.0 Appendix C). With one pass,
/// that table has one lane only.
pub const ARGON2ID_FLOORS: [(u32, u32); 3] = [(3, 12_288), (2, 19_456), (1, 47_104)];
/// The most memory a scheme may ask for, in KiB: 1 GiB. Ceilings keep a damaged row or a slip in
/// the configuration from stopping the server.
pub const ARGON2ID_MEMORY_KIB_MAX: u32 = 1 << 20;
/// The most passes.
pub const ARGON2ID_PASSES_MAX: u32 = 64;
/// The most lanes.
pub const ARGON2ID_LANES_MAX: u32 = 16;
/// The fewest iterations of PBKDF2-HMAC-SHA-512 (ASVS 5.0.0 Appendix C).
pub const PBKDF2_ITERATIONS_MIN: u32 = 210_000;
/// The most iterations.
pub const PBKDF2_ITERATIONS_MAX: u32 = 20_000_000;

/// How a verifier is computed from a code. Stored with it (N63B-HS-06).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "scheme", rename_all = "snake_case", deny_unknown_fields)]
pub enum Scheme {
    /// HMAC-SHA-256 under the pepper, unsalted: a leaked code can be looked up without its owner.
    /// For codes of 112 bits and more.
    Keyed,
    /// Argon2id version 0x13 with a 128-bit salt, then HMAC-SHA-256 under the pepper.
    Argon2id {
        /// Memory, in KiB.
        memory_kib: u32,
        /// Passes over the memory (t).
        passes: u32,
        /// Lanes (p). They are computed one after the other.
        lanes: u32,
    },
    /// PBKDF2-HMAC-SHA-512 with a 128-bit salt, then HMAC-SHA-256 under the pepper: the family
    /// that NIST approves (N63B-HS-04).
    Pbkdf2 {
        /// Iterations.
        iterations: u32,
    },
}

impl Scheme {
    /// Whether the costs are between floor and ceiling.
    ///
    /// # Errors
    ///
    /// [`SchemeRefused`] names the side on which they are not.
    pub fn validate(self) -> Result<(), SchemeRefused> {
        match self {
            Self::Argon2id { memory_kib, passes, lanes } => argon2id(memory_kib, passes, lanes),
            Self::Pbkdf2 { iterations } if iterations < PBKDF2_ITERATIONS_MIN => {
                Err(SchemeRefused::TooCheap)
            }
            Self::Pbkdf2 { iterations } if iterations > PBKDF2_ITERATIONS_MAX => {
                Err(SchemeRefused::TooCostly)
            }
            Self::Keyed | Self::Pbkdf2 { .. } => Ok(()),
        }
    }

    /// Whether codes of this profile may be stored under this scheme: any under a stretched one,
    /// under [`Scheme::Keyed`] only those of [`KEYED_BITS_MIN`] bits (N63B-LS-09, ASVS-6.5.2).
    pub const fn allowed_for(self, profile: Profile) -> bool {
        match self {
            Self::Keyed => bits(profile) >= KEYED_BITS_MIN,
            Self::Argon2id { .. } | Self::Pbkdf2 { .. } => true,
        }
    }

    /// Whether verifiers of this scheme have a salt of their own, and cost time to compute.
    pub const fn is_stretched(self) -> bool {
        !matches!(self, Self::Keyed)
    }
}

fn argon2id(memory_kib: u32, passes: u32, lanes: u32) -> Result<(), SchemeRefused> {
    let floor = ARGON2ID_FLOORS.iter().find(|(at_least, _)| passes >= *at_least);
    if lanes < 1 || floor.is_none_or(|(_, least)| memory_kib < *least) {
        return Err(SchemeRefused::TooCheap);
    }
    if passes == 1 && lanes > 1 {
        return Err(SchemeRefused::TooCheap);
    }
    let costly = memory_kib > ARGON2ID_MEMORY_KIB_MAX
        || passes > ARGON2ID_PASSES_MAX
        || lanes > ARGON2ID_LANES_MAX;
    if costly { Err(SchemeRefused::TooCostly) } else { Ok(()) }
}

/// Why a scheme's costs are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SchemeRefused {
    /// Below the floor of ASVS 5.0.0 Appendix C.
    #[error("the verifier scheme costs less than ASVS 5.0.0 appendix C allows")]
    TooCheap,
    /// Above the ceiling that protects the server.
    #[error("the verifier scheme costs more than this server allows")]
    TooCostly,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::code::profile::Digits;

    const fn argon(memory_kib: u32, passes: u32, lanes: u32) -> Scheme {
        Scheme::Argon2id { memory_kib, passes, lanes }
    }

    #[test]
    fn asvs_11_4_2_floors_hold_and_one_less_is_refused() {
        for (good, bad) in [
            (argon(19_456, 2, 1), argon(19_455, 2, 1)),
            (argon(47_104, 1, 1), argon(47_103, 1, 1)),
            (argon(12_288, 3, 1), argon(12_287, 3, 1)),
            (argon(19_456, 2, 4), argon(19_456, 2, 0)),
            (argon(47_104, 1, 1), argon(47_104, 1, 2)),
            (argon(47_104, 1, 1), argon(1 << 20, 0, 1)),
            (Scheme::Pbkdf2 { iterations: 210_000 }, Scheme::Pbkdf2 { iterations: 209_999 }),
        ] {
            assert_eq!(good.validate(), Ok(()), "{good:?}");
            assert_eq!(bad.validate(), Err(SchemeRefused::TooCheap), "{bad:?}");
        }
        assert_eq!(ARGON2ID_DEFAULT.validate(), Ok(()));
        assert_eq!(Scheme::Keyed.validate(), Ok(()));
    }

    #[test]
    fn ceilings_hold_and_one_more_is_refused() {
        for (good, bad) in [
            (argon(1 << 20, 2, 1), argon((1 << 20) + 1, 2, 1)),
            (argon(19_456, 64, 1), argon(19_456, 65, 1)),
            (argon(19_456, 2, 16), argon(19_456, 2, 17)),
            (Scheme::Pbkdf2 { iterations: 20_000_000 }, Scheme::Pbkdf2 { iterations: 20_000_001 }),
        ] {
            assert_eq!(good.validate(), Ok(()), "{good:?}");
            assert_eq!(bad.validate(), Err(SchemeRefused::TooCostly), "{bad:?}");
        }
    }

    #[test]
    fn n63b_ls_09_reg_21_short_codes_are_never_only_keyed() {
        let issued = [Digits::EIGHT, Digits::NINE, Digits::TEN];
        let short = issued.map(|digits| Profile::Issued { digits });
        assert!(Scheme::Keyed.allowed_for(Profile::Strong));
        assert!(!Scheme::Keyed.allowed_for(Profile::Compact));
        assert!(short.iter().all(|profile| !Scheme::Keyed.allowed_for(*profile)));
        for profile in short.into_iter().chain([Profile::Strong, Profile::Compact]) {
            assert!(ARGON2ID_DEFAULT.allowed_for(profile));
            assert!(Scheme::Pbkdf2 { iterations: 210_000 }.allowed_for(profile));
        }
    }

    #[test]
    fn schemes_are_stored_under_stable_names() {
        let text = |scheme| serde_json::to_string(&scheme).expect("json");
        assert_eq!(text(Scheme::Keyed), r#"{"scheme":"keyed"}"#);
        let argon2id = r#"{"scheme":"argon2id","memory_kib":19456,"passes":2,"lanes":1}"#;
        assert_eq!(text(ARGON2ID_DEFAULT), argon2id);
        assert_eq!(
            text(Scheme::Pbkdf2 { iterations: 210_000 }),
            r#"{"scheme":"pbkdf2","iterations":210000}"#
        );
        assert_eq!(serde_json::from_str::<Scheme>(argon2id).expect("scheme"), ARGON2ID_DEFAULT);
        assert!(serde_json::from_str::<Scheme>(r#"{"scheme":"bcrypt"}"#).is_err());
    }
}
