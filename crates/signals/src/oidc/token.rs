//! A provider's tokens: signature first, then for whom, from whom, and when.

use std::collections::BTreeSet;

use glassbreak_core::time::{Seconds, Timestamp};
use serde_json::{Map, Value};

use crate::set::{KeySet, Misfit, Part, Refusal, json, open};

/// What a token is taken for.
#[derive(Debug, Clone, Copy)]
pub enum Kind<'a> {
    /// An access token (RFC 9068): it is for our API, and says so in its `typ`.
    Access {
        /// The name of our API; one of `aud`.
        audience: &'a str,
        /// The clients whose tokens are taken; `client_id` or `azp` has to be one.
        clients: &'a [String],
        /// Whether `typ` may be left out, or be `JWT`. For providers that do not mark theirs.
        may_be_unmarked: bool,
    },
    /// An ID token, as the answer to one sign-in (Core 3.1.3.7).
    Id {
        /// Our name at the provider.
        client: &'a str,
        /// What was sent with the sign-in.
        nonce: &'a str,
    },
}

/// What a token has to be to be taken.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// The provider's issuer.
    pub issuer: &'a str,
    /// What it is taken for.
    pub kind: Kind<'a>,
    /// The time.
    pub now: Timestamp,
    /// How far the provider's clock may be off, either way.
    pub skew: Seconds,
}

/// Why a token is refused. For the server's own log: who presented it learns no more than that.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenRefusal {
    /// Its form, its header, its key or its signature.
    #[error(transparent)]
    Jws(#[from] Refusal),
    /// A `typ` of something else: another kind of token (RFC 8725 3.11).
    #[error("it is a token of another kind")]
    Type,
    /// Of another issuer.
    #[error("`iss` is another")]
    Issuer,
    /// For somebody else.
    #[error("`aud` does not name us, or names others too")]
    Audience,
    /// Asked for by another client.
    #[error("`azp` or `client_id` is not one of ours")]
    Client,
    /// Past its time.
    #[error("it has expired")]
    Expired,
    /// Before its time.
    #[error("`nbf` or `iat` is in the future")]
    Early,
    /// Of another sign-in.
    #[error("`nonce` is another")]
    Nonce,
    /// A claim is missing or is not what it must be.
    #[error("{0}")]
    Claim(#[from] Misfit),
}

impl TokenRefusal {
    /// Whether newer keys may help.
    pub const fn is_of_an_unknown_key(&self) -> bool {
        matches!(self, Self::Jws(Refusal::UnknownKey))
    }
}

/// The claims of a token that was verified.
#[derive(Debug, Clone, PartialEq)]
pub struct Claims {
    /// From when on it is worthless.
    pub expires_at: Timestamp,
    members: Map<String, Value>,
}

impl Claims {
    /// The claim under `name`, or at `name` as a JSON pointer if it begins with `/`.
    fn at(&self, name: &str) -> Option<&Value> {
        let Some(path) = name.strip_prefix('/') else { return self.members.get(name) };
        let mut steps = path.split('/');
        let first = self.members.get(steps.next()?)?;
        steps.try_fold(first, |at, step| at.get(step))
    }

    /// A claim that is a text and not empty.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.at(name).and_then(Value::as_str).filter(|text| !text.is_empty())
    }

    /// A claim that is a text or an array of texts; nothing else counts.
    pub fn texts(&self, name: &str) -> BTreeSet<&str> {
        match self.at(name) {
            Some(Value::String(one)) => [one.as_str()].into(),
            Some(Value::Array(many)) => many.iter().filter_map(Value::as_str).collect(),
            _ => BTreeSet::new(),
        }
    }

    /// A claim that is a whole number, as moments are: seconds since the Unix epoch.
    pub fn seconds(&self, name: &str) -> Option<i64> {
        self.at(name).and_then(Value::as_i64)
    }

    /// Whether a claim is `true`.
    pub fn is_true(&self, name: &str) -> bool {
        self.at(name) == Some(&Value::Bool(true))
    }
}

/// Takes a token: verifies it with the provider's keys, and reads what it says.
///
/// # Errors
/// [`TokenRefusal`].
pub fn receive(
    token: &str,
    keys: &KeySet,
    expected: &Expected<'_>,
) -> Result<Claims, TokenRefusal> {
    let opened = open(token, keys)?;
    if !is_typed(opened.typ.as_deref(), expected.kind) {
        return Err(TokenRefusal::Type);
    }
    let members =
        json::object(&opened.payload).map_err(|error| Refusal::Json(Part::Payload, error))?;
    if json::needed(&members, "iss")? != expected.issuer {
        return Err(TokenRefusal::Issuer);
    }
    json::needed(&members, "sub")?;
    is_for_us(&members, expected.kind)?;
    let expires_at = in_time(&members, expected)?;
    Ok(Claims { expires_at, members })
}

/// Media types in `typ` may go without `application/` and in any case (RFC 7515 4.1.9).
fn is_typed(typ: Option<&str>, kind: Kind<'_>) -> bool {
    let typ = typ.map(str::to_ascii_lowercase);
    let typ = typ.as_deref().map(|typ| typ.strip_prefix("application/").unwrap_or(typ));
    match kind {
        Kind::Access { may_be_unmarked, .. } => {
            typ == Some("at+jwt") || may_be_unmarked && typ.is_none_or(|typ| typ == "jwt")
        }
        Kind::Id { .. } => typ.is_none_or(|typ| typ == "jwt"),
    }
}

fn is_for_us(members: &Map<String, Value>, kind: Kind<'_>) -> Result<(), TokenRefusal> {
    let audience = match members.get("aud") {
        Some(Value::String(one)) => vec![one.clone()],
        _ => json::texts(members, "aud")?.unwrap_or_default(),
    };
    let party = json::text(members, "azp")?;
    match kind {
        Kind::Access { audience: ours, clients, .. } => {
            if !audience.iter().any(|one| one == ours) {
                return Err(TokenRefusal::Audience);
            }
            let known = |client: &str| clients.iter().any(|known| known == client);
            let named = [party, json::text(members, "client_id")?];
            let mut named = named.into_iter().flatten().peekable();
            // Without a client, nobody knows who asked for it.
            if named.peek().is_none() || !named.all(known) {
                return Err(TokenRefusal::Client);
            }
        }
        Kind::Id { client, nonce } => {
            if audience != [client] {
                return Err(TokenRefusal::Audience);
            }
            if party.is_some_and(|party| party != client) {
                return Err(TokenRefusal::Client);
            }
            if json::text(members, "nonce")? != Some(nonce) {
                return Err(TokenRefusal::Nonce);
            }
        }
    }
    Ok(())
}

/// `exp`, `nbf` and `iat`; the moment it ends.
fn in_time(
    members: &Map<String, Value>,
    expected: &Expected<'_>,
) -> Result<Timestamp, TokenRefusal> {
    let needed =
        |name| json::moment(members, name)?.ok_or_else(|| Misfit::of(name, "must be there"));
    let (expires_at, issued_at) = (needed("exp")?, needed("iat")?);
    let begins_at = json::moment(members, "nbf")?.map_or(issued_at, |nbf| nbf.max(issued_at));
    if expected.now.minus(expected.skew) >= expires_at {
        return Err(TokenRefusal::Expired);
    }
    if begins_at > expected.now.plus(expected.skew) {
        return Err(TokenRefusal::Early);
    }
    Ok(expires_at)
}
