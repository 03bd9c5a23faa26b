//! A compact JWS (RFC 7515), opened: the signature first, then what it signs.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::json;
use super::keys::{Algorithm, KeySet};
use super::refusal::{Part, Refusal};

/// The longest token that is looked at, in bytes.
pub const TOKEN_LEN_MAX: usize = 65_536;

/// Members of the header that are refused wherever they are: a key or a way to one (the key comes
/// from the set, and from nowhere else), and what changes how the rest is read.
const REFUSED: &[&str] = &["jwk", "jku", "x5c", "x5u", "crit", "b64", "enc", "zip"];

/// What was signed, by whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Jws {
    /// The header's `typ`.
    pub typ: Option<String>,
    /// The header's `kid`.
    pub kid: Option<String>,
    /// How it was signed.
    pub algorithm: Algorithm,
    /// The payload's bytes.
    pub payload: Vec<u8>,
}

/// Opens a compact JWS with the key of `keys` that its `kid` names. The key says how it is
/// verified; that the header names the same algorithm is required besides. What the payload is, is
/// not looked at: [`super::receive`] does that.
///
/// # Errors
/// [`Refusal`]: the form, the header, the key or the signature.
pub fn open(token: &str, keys: &KeySet) -> Result<Jws, Refusal> {
    if token.len() > TOKEN_LEN_MAX {
        return Err(Refusal::TooLong);
    }
    let (signed, signature) = token.rsplit_once('.').ok_or(Refusal::NotCompact)?;
    let (header, payload) = signed.split_once('.').ok_or(Refusal::NotCompact)?;
    if payload.contains('.') {
        return Err(Refusal::NotCompact);
    }
    let header = decode(header, Part::Header)?;
    let header = json::object(&header).map_err(|error| Refusal::Json(Part::Header, error))?;
    if let Some(name) = REFUSED.iter().find(|name| header.contains_key(**name)) {
        return Err(Refusal::HeaderMember(name));
    }
    let text = |name| json::text(&header, name).map_err(Refusal::Header);
    let named = json::needed(&header, "alg").map_err(Refusal::Header)?;
    let named = Algorithm::parse(named).ok_or(Refusal::Algorithm)?;
    let kid = text("kid")?;
    let key = keys.find(kid)?;
    if key.algorithm != named {
        return Err(Refusal::OtherAlgorithm);
    }
    if !key.has_signed(signed.as_bytes(), &decode(signature, Part::Signature)?) {
        return Err(Refusal::Signature);
    }
    Ok(Jws {
        typ: text("typ")?.map(str::to_owned),
        kid: kid.map(str::to_owned),
        algorithm: key.algorithm,
        payload: decode(payload, Part::Payload)?,
    })
}

/// The bytes of a part. The engine refuses padding, white space and stray bits at the end, so bytes
/// have one spelling.
fn decode(text: &str, part: Part) -> Result<Vec<u8>, Refusal> {
    URL_SAFE_NO_PAD.decode(text).map_err(|_| Refusal::Base64(part))
}
