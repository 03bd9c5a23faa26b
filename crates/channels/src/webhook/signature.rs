//! The signature of Standard Webhooks, symmetric form (SW-02, SW-03).

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

/// How many bytes a secret has (SW-03).
const SECRET_BYTES: std::ops::RangeInclusive<usize> = 24..=64;
/// More secrets than one are for the time in which one replaces the other (SW-05).
const KEYS_MAX: usize = 4;

/// The keys that sign: one, and a second while it replaces the first.
pub(super) struct Keys(Vec<hmac::Key>);

impl Keys {
    /// Reads secrets, `whsec_` and base64 each, with white space between them.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let keys: Vec<_> = text.split_whitespace().map(key).collect::<Option<_>>()?;
        (1..=KEYS_MAX).contains(&keys.len()).then_some(Self(keys))
    }

    /// The value of `webhook-signature`: a signature by each key, with a space between them.
    pub(super) fn sign(&self, id: &str, timestamp: &str, body: &[u8]) -> String {
        let signatures: Vec<String> = self
            .0
            .iter()
            .map(|key| {
                let mut context = hmac::Context::with_key(key);
                for part in [id.as_bytes(), b".", timestamp.as_bytes(), b".", body] {
                    context.update(part);
                }
                format!("v1,{}", STANDARD.encode(context.sign()))
            })
            .collect();
        signatures.join(" ")
    }
}

fn key(text: &str) -> Option<hmac::Key> {
    let encoded = text.strip_prefix("whsec_")?;
    let bytes = Zeroizing::new(STANDARD.decode(encoded).ok()?);
    SECRET_BYTES.contains(&bytes.len()).then(|| hmac::Key::new(hmac::HMAC_SHA256, &bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";

    #[test]
    fn the_published_vector_comes_out_sw_03() {
        let body = br#"{"email":"test@example.com","username":"test_user"}"#;
        let sign = |secrets: &str| {
            let keys = Keys::parse(secrets).unwrap();
            keys.sign("msg_27UH4WbU6Z5A5EzD8u03UvzRbpk", "1649367553", body)
        };
        let expected = "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=";
        assert_eq!(sign(SECRET), expected);
        let other = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
        let both = sign(&format!("{other}\n{SECRET}\n"));
        assert_eq!(both.split(' ').count(), 2);
        assert!(both.ends_with(expected));
    }

    #[test]
    fn a_secret_of_another_form_or_length_is_refused() {
        let short = format!("whsec_{}", STANDARD.encode([7; 23]));
        let long = format!("whsec_{}", STANDARD.encode([7; 65]));
        let five = format!("{SECRET} ").repeat(5);
        let bare = "C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
        for text in ["", bare, "whsec_", "whsec_!!!", &short, &long, &five] {
            assert!(Keys::parse(text).is_none(), "{text}");
        }
    }
}
