//! Public keys of credentials: read from COSE at enrolment, kept as `SubjectPublicKeyInfo`, which
//! every other tool reads too.

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ED25519, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256,
    RsaPublicKeyComponents, VerificationAlgorithm,
};
use serde::{Deserialize, Serialize};

use crate::base64url::Base64Url;
use crate::cbor::Reader;
use crate::refused::Refused;

/// RSA moduli, in bytes: 2048 to 4096 bits. Longer ones only cost time.
const MODULUS_BYTES: std::ops::RangeInclusive<usize> = 256..=512;
/// The one RSA exponent in use, 65537.
const EXPONENT: [u8; 3] = [1, 0, 1];

/// The encodings of Ed25519's points of small order, without the sign bit. Under such a key a
/// signature may hold for a message that nobody signed.
const SMALL_ORDER: [[u8; 32]; 7] = [
    y_coordinate(0x00, 0x00, 0x00),
    y_coordinate(0x01, 0x00, 0x00),
    y_coordinate(0xec, 0xff, 0x7f),
    y_coordinate(0xed, 0xff, 0x7f),
    y_coordinate(0xee, 0xff, 0x7f),
    [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98,
        0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53,
        0xfc, 0x05,
    ],
    [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67,
        0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac,
        0x03, 0x7a,
    ],
];

const fn y_coordinate(first: u8, middle: u8, last: u8) -> [u8; 32] {
    let mut bytes = [middle; 32];
    bytes[0] = first;
    bytes[31] = last;
    bytes
}

/// How a credential signs. Nothing else is enrolled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Algorithm {
    /// ECDSA on P-256 with SHA-256.
    #[serde(rename = "ES256")]
    Es256,
    /// Ed25519.
    #[serde(rename = "EdDSA")]
    EdDsa,
    /// RSA PKCS #1 v1.5 with SHA-256, 2048 to 4096 bits.
    #[serde(rename = "RS256")]
    Rs256,
}

impl Algorithm {
    /// All of them, the preferred first.
    pub const ALL: [Self; 3] = [Self::Es256, Self::EdDsa, Self::Rs256];

    /// The COSE number.
    pub fn cose(self) -> i64 {
        match self {
            Self::Es256 => -7,
            Self::EdDsa => -8,
            Self::Rs256 => -257,
        }
    }

    fn verifying(self) -> &'static dyn VerificationAlgorithm {
        match self {
            Self::Es256 => &ECDSA_P256_SHA256_ASN1,
            Self::EdDsa => &ED25519,
            Self::Rs256 => &RSA_PKCS1_2048_8192_SHA256,
        }
    }
}

/// A public key.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PublicKey {
    /// How it verifies.
    pub algorithm: Algorithm,
    /// DER of the X.509 `SubjectPublicKeyInfo`.
    #[serde(rename = "public_key")]
    pub spki: Base64Url,
}

/// The parameters of a COSE key, by label.
#[derive(Default)]
struct Cose<'a> {
    kty: Option<i64>,
    alg: Option<i64>,
    /// `crv`, an integer, or the RSA modulus.
    minus_1: Option<Parameter<'a>>,
    minus_2: Option<&'a [u8]>,
    minus_3: Option<&'a [u8]>,
}

enum Parameter<'a> {
    Integer(i64),
    Bytes(&'a [u8]),
}

impl PublicKey {
    /// Reads a COSE key with exactly the parameters that `WebAuthn` section 5.8.5 asks for.
    pub(crate) fn from_cose(reader: &mut Reader<'_>) -> Result<Self, Refused> {
        let cose = Cose::read(reader)?;
        let alg = cose.alg.ok_or(Refused::KeyRefused)?;
        let known = Algorithm::ALL.into_iter().find(|known| known.cose() == alg);
        let algorithm = known.ok_or(Refused::AlgorithmNotTaken)?;
        let spki = match (algorithm, cose) {
            (
                Algorithm::Es256,
                Cose {
                    kty: Some(2), minus_1: Some(Parameter::Integer(1)), minus_2, minus_3, ..
                },
            ) => p256(minus_2, minus_3),
            (
                Algorithm::EdDsa,
                Cose {
                    kty: Some(1),
                    minus_1: Some(Parameter::Integer(6)),
                    minus_2: Some(point),
                    minus_3: None,
                    ..
                },
            ) => ed25519(point),
            (
                Algorithm::Rs256,
                Cose {
                    kty: Some(3),
                    minus_1: Some(Parameter::Bytes(modulus)),
                    minus_2: Some(exponent),
                    minus_3: None,
                    ..
                },
            ) => rsa(modulus, exponent),
            _ => None,
        };
        let spki = Base64Url(spki.ok_or(Refused::KeyRefused)?);
        Ok(Self { algorithm, spki })
    }

    /// Checks a signature.
    ///
    /// # Errors
    /// [`Refused::KeyRefused`] if the key cannot be read, [`Refused::BadSignature`].
    pub(crate) fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), Refused> {
        let key = ParsedPublicKey::new(self.algorithm.verifying(), self.spki.as_bytes());
        let key = key.map_err(|_| Refused::KeyRefused)?;
        key.verify_sig(message, signature).map_err(|_| Refused::BadSignature)
    }
}

impl<'a> Cose<'a> {
    fn read(reader: &mut Reader<'a>) -> Result<Self, Refused> {
        let mut cose = Self::default();
        for _ in 0..reader.map()? {
            let repeated = match reader.integer()? {
                1 => cose.kty.replace(reader.integer()?).is_some(),
                3 => cose.alg.replace(reader.integer()?).is_some(),
                -1 => cose.minus_1.replace(Parameter::read(reader)?).is_some(),
                -2 => cose.minus_2.replace(reader.bytes()?).is_some(),
                -3 => cose.minus_3.replace(reader.bytes()?).is_some(),
                _ => true,
            };
            if repeated {
                return Err(Refused::KeyRefused);
            }
        }
        Ok(cose)
    }
}

impl<'a> Parameter<'a> {
    fn read(reader: &mut Reader<'a>) -> Result<Self, Refused> {
        let mut ahead = reader.clone();
        if let Ok(bytes) = ahead.bytes() {
            *reader = ahead;
            return Ok(Self::Bytes(bytes));
        }
        reader.integer().map(Self::Integer)
    }
}

/// Points off the curve are refused here, by the crypto core.
fn p256(x: Option<&[u8]>, y: Option<&[u8]>) -> Option<Vec<u8>> {
    let (x, y): (&[u8; 32], &[u8; 32]) = (x?.try_into().ok()?, y?.try_into().ok()?);
    to_spki(Algorithm::Es256, &[&[4][..], x, y].concat())
}

fn ed25519(point: &[u8]) -> Option<Vec<u8>> {
    let point: &[u8; 32] = point.try_into().ok()?;
    let mut y = *point;
    if let Some(last) = y.last_mut() {
        *last &= 0x7f;
    }
    if SMALL_ORDER.contains(&y) { None } else { to_spki(Algorithm::EdDsa, point) }
}

fn to_spki(algorithm: Algorithm, raw: &[u8]) -> Option<Vec<u8>> {
    let key = ParsedPublicKey::new(algorithm.verifying(), raw).ok()?;
    Some(key.as_der().ok()?.as_ref().to_vec())
}

fn rsa(modulus: &[u8], exponent: &[u8]) -> Option<Vec<u8>> {
    let whole = modulus.first().is_some_and(|first| first & 0x80 != 0);
    if !MODULUS_BYTES.contains(&modulus.len()) || !whole || exponent != EXPONENT {
        return None;
    }
    let key = RsaPublicKeyComponents { n: modulus, e: exponent };
    Some(key.as_der().ok()?.as_ref().to_vec())
}
