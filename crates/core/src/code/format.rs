//! A code in memory, and its text.

use zeroize::Zeroizing;

use super::check;
use super::malformed::Malformed;
use super::prefix::Prefix;
use super::profile::Profile;
use super::typed::Typed;

/// One one-time secret, well formed: its check symbols agree with the rest.
///
/// The symbols live in memory that is wiped when the code is dropped, and moving the code does not
/// copy them. It cannot be printed, copied, compared or serialised by accident; the one way to its
/// text is [`Code::expose_display`], and codes are compared through their verifiers only.
///
/// ```
/// use glassbreak_core::code::{Code, Prefix};
/// fn check(code: &Code) { let _ = code.profile(); }
/// fn clone(code: &Code) { let _ = code.prefix().clone(); }
/// fn show(code: &Code) { format!("{:?}", code.profile()); }
/// ```
///
/// The same lines with the secret do not compile:
///
/// ```compile_fail
/// fn show(code: &glassbreak_core::code::Code) { format!("{code:?}"); }
/// ```
/// ```compile_fail
/// fn show(code: &glassbreak_core::code::Code) { format!("{code}"); }
/// ```
/// ```compile_fail
/// fn copy(code: &glassbreak_core::code::Code) -> glassbreak_core::code::Code { code.clone() }
/// ```
/// ```compile_fail
/// fn same(code: &glassbreak_core::code::Code) -> bool { *code == *code }
/// ```
/// ```compile_fail
/// fn json(code: &glassbreak_core::code::Code) { let _ = serde_json::to_string(code); }
/// ```
pub struct Code {
    profile: Profile,
    prefix: Prefix,
    /// All symbols, check symbols last. Boxed, so that a move copies the pointer only.
    symbols: Zeroizing<Box<[u8]>>,
}

impl Code {
    /// Reads what a person typed, under the prefix that this issuer and environment use.
    ///
    /// Case, separators, look-alikes (`O`, `I`, `L`) and the prefix itself are forgiven; all else
    /// counts, to the last symbol (N63B-HS-11). The number of symbols tells the profile. At most
    /// [`INPUT_BYTES_MAX`](super::INPUT_BYTES_MAX) bytes are looked at.
    ///
    /// # Errors
    ///
    /// [`Malformed`]: a typing error, or a code of another issuer or environment. It is known
    /// without any look-up (SS-03) and holds nothing of the input.
    pub fn parse(input: &str, prefix: &Prefix) -> Result<Self, Malformed> {
        let typed = Typed::read(input)?;
        let (profile, symbols) = typed.recognise(prefix)?;
        if !check::holds(profile, prefix, symbols) {
            return Err(Malformed::Checksum);
        }
        Ok(Self { profile, prefix: *prefix, symbols: Zeroizing::new(symbols.into()) })
    }

    /// The kind of code that `text` holds, if it holds one: as a whole, or between marks that no
    /// code has in it. For what is to be written down: a code that was pasted there by mistake
    /// would stay (F4). One number in ten of 8 to 10 digits has the check digit of a sent code by
    /// chance.
    pub fn pasted_in(text: &str, prefix: &Prefix) -> Option<Profile> {
        let mark = |c: char| matches!(c, '.' | '/' | '#' | ':' | ',' | ';' | '=' | '(' | ')');
        let whole = Zeroizing::new(text.replace(mark, "-"));
        let parts = text.split(mark).chain([whole.as_str()]);
        parts.filter_map(|part| Self::parse(part, prefix).ok()).map(|code| code.profile()).next()
    }

    /// Completes a payload with its check symbols. The payload has the profile's length.
    pub(super) fn of_payload(profile: Profile, prefix: &Prefix, payload: &[u8]) -> Self {
        let check = check::check_symbols(profile, prefix, payload);
        let mut symbols = Zeroizing::new(vec![0; profile.symbols()].into_boxed_slice());
        for (to, from) in symbols.iter_mut().zip(payload.iter().chain(check.iter())) {
            *to = *from;
        }
        Self { profile, prefix: *prefix, symbols }
    }

    /// Which kind of code it is.
    pub const fn profile(&self) -> Profile {
        self.profile
    }

    /// The issuer and environment it belongs to.
    pub const fn prefix(&self) -> &Prefix {
        &self.prefix
    }

    /// The place of a compact code in its set, 0 to 31; none for the other profiles.
    pub fn ordinal(&self) -> Option<u8> {
        match self.profile {
            Profile::Compact => self.symbols.first().copied(),
            Profile::Strong | Profile::Issued { .. } => None,
        }
    }

    /// The text to show to the one person it is for, once.
    ///
    /// Upper case in groups joined by dashes after the prefix in lower case; issued codes have
    /// digits only and no prefix. The string is wiped when it is dropped; copies are the caller's.
    pub fn expose_display(&self) -> Zeroizing<String> {
        let groups = self.symbols.chunks(self.profile.group_symbols());
        let mut text = Zeroizing::new(String::with_capacity(2 * self.symbols.len() + 16));
        if !matches!(self.profile, Profile::Issued { .. }) {
            text.push_str(self.prefix.as_str());
        }
        for group in groups {
            if !text.is_empty() {
                text.push('-');
            }
            text.extend(group.iter().map(|symbol| check::character_of(*symbol)));
        }
        text
    }

    /// The bytes that verifiers are made of: the domain and a zero byte, then the prefix after its
    /// length, the profile's tag, and the symbols without the check symbols after their number.
    /// Every part has a known length, so no two codes give the same bytes.
    pub(super) fn message(&self, domain: &str) -> Zeroizing<Vec<u8>> {
        let prefix = self.prefix.as_bytes();
        let payload = self.symbols.iter().take(self.profile.payload_symbols());
        let capacity = domain.len() + 1 + 1 + prefix.len() + 1 + 1 + self.symbols.len();
        let mut message = Zeroizing::new(Vec::with_capacity(capacity));
        message.extend_from_slice(domain.as_bytes());
        message.push(0);
        message.extend(u8::try_from(prefix.len()));
        message.extend_from_slice(prefix);
        message.push(self.profile.tag());
        message.extend(u8::try_from(payload.len()));
        message.extend(payload);
        message
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Fails to compile if the type has the trait: both impls would then apply.
    macro_rules! assert_not_impl {
        ($type:ty: $($bound:path),+) => {$({
            trait Ambiguous<A> { fn probe() {} }
            impl<T: ?Sized> Ambiguous<()> for T {}
            impl<T: ?Sized + $bound> Ambiguous<u8> for T {}
            <$type as Ambiguous<_>>::probe();
        })+};
    }

    #[test]
    fn a_code_has_no_trait_that_gives_it_away() {
        assert_not_impl!(Code: std::fmt::Debug, std::fmt::Display, Clone, PartialEq);
        assert_not_impl!(Code: serde::Serialize, std::hash::Hash, AsRef<[u8]>, AsRef<str>);
    }

    #[test]
    fn display_has_the_layout_of_the_profile() {
        let prefix = Prefix::default();
        let text = |profile: Profile, payload: &[u8]| {
            Code::of_payload(profile, &prefix, payload).expose_display().to_string()
        };
        let strong = text(Profile::Strong, &[0; 26]);
        assert!(strong.starts_with("gb-00000-00000-00000-00000-00000-0"), "{strong}");
        assert_eq!(strong.len(), 2 + 6 * 6);
        let compact = text(Profile::Compact, &[9; 14]);
        assert!(compact.starts_with("gb-9999-9999-9999-99"), "{compact}");
        assert_eq!(compact.len(), 2 + 4 * 5);
    }

    #[test]
    fn the_message_is_what_the_specification_says() {
        let code = Code::of_payload(Profile::Compact, &Prefix::test(), &[5; 14]);
        let mut expected = b"domain\0\x03gbt\x02\x0e".to_vec();
        expected.extend([5; 14]);
        assert_eq!(*code.message("domain"), expected);
    }
}
