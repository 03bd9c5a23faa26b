//! RSA keys of our own. The interoperability profile wants RS256 (SET-11), and an RSA key cannot
//! be derived from another: it is drawn once, by the crypto library, and kept by the caller.

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use jsonwebtoken::EncodingKey;
use zeroize::Zeroizing;

use super::keys::Algorithm;
use super::write::{Signer, Unfit};

/// A new private key of 2048 bits, as PKCS#8. Takes a tenth of a second and more.
///
/// # Errors
/// [`Unfit::Unreadable`] if the system gives no randomness.
pub fn generate_rsa() -> Result<Zeroizing<Vec<u8>>, Unfit> {
    let pair = KeyPair::generate(KeySize::Rsa2048).map_err(|_| Unfit::Unreadable)?;
    let der: Pkcs8V1Der<'_> = pair.as_der().map_err(|_| Unfit::Unreadable)?;
    Ok(Zeroizing::new(der.as_ref().to_vec()))
}

impl Signer {
    /// The signer of such a key, published as `kid`.
    ///
    /// # Errors
    /// [`Unfit`] if the bytes are no private RSA key that [`Signer::new`] takes.
    pub fn rs256(kid: &str, pkcs8: &[u8]) -> Result<Self, Unfit> {
        let pkcs1 = pkcs1(pkcs8).ok_or(Unfit::Unreadable)?;
        Self::new(Algorithm::Rs256, kid, EncodingKey::from_rsa_der(pkcs1))
    }
}

/// The `RSAPrivateKey` inside PKCS#8 (RFC 5208 section 5, RFC 8017 A.1.2): a sequence of version,
/// algorithm and an octet string. The library that signs takes no other form.
fn pkcs1(pkcs8: &[u8]) -> Option<&[u8]> {
    let (whole, _) = value(0x30, pkcs8)?;
    let (_, rest) = value(0x02, whole)?;
    let (_, rest) = value(0x30, rest)?;
    Some(value(0x04, rest)?.0)
}

/// The content of the DER value of this tag that `bytes` begin with, and what follows it.
fn value(tag: u8, bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (head, rest) = bytes.split_at_checked(2)?;
    let [found, short] = head else { return None };
    let (length, rest) = match short {
        0..=0x7f => (usize::from(*short), rest),
        0x81 | 0x82 => {
            let (long, rest) = rest.split_at_checked(usize::from(short & 0x7f))?;
            (long.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte)), rest)
        }
        _ => return None,
    };
    if *found == tag { rest.split_at_checked(length) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_key_signs_under_its_name_and_what_is_cut_does_not() {
        let key = generate_rsa().unwrap();
        let signer = Signer::rs256("one", &key).unwrap();
        assert_eq!(signer.public_jwk()["kid"], "one");
        assert_eq!(signer.public_jwk()["alg"], "RS256");
        for length in [0, 1, 4, 30, key.len() - 1] {
            assert!(Signer::rs256("one", &key[..length]).is_err(), "{length} bytes");
        }
        assert_ne!(*key, *generate_rsa().unwrap());
    }
}
