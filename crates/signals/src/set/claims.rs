//! A token's claims (RFC 8417 section 2.2, SSF section 4): from a token to a [`Set`].

use glassbreak_core::time::{Seconds, Timestamp};
use serde_json::{Map, Value};

use super::event::{CAEP, Event, RISC, Ssf};
use super::json::{self, Misfit};
use super::keys::KeySet;
use super::refusal::{Part, Refusal};
use super::subject::Subject;
use super::{TOKEN_TYPE, jws};

/// A security event token's claims.
#[derive(Debug, Clone, PartialEq)]
pub struct Set {
    /// Who says it.
    pub iss: String,
    /// To whom; at least one.
    pub aud: Vec<String>,
    /// When it was said.
    pub iat: Timestamp,
    /// The token's name, one in its feed (SET-02): 1 to 256 visible ASCII characters.
    pub jti: String,
    /// What several tokens of one cause have in common (SET-08).
    pub txn: Option<String>,
    /// When it happened.
    pub toe: Option<Timestamp>,
    /// Who it is about.
    pub subject: Subject,
    /// What happened.
    pub event: Event,
}

/// What a token has to be to be taken on a stream.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// The stream's issuer (SET-07).
    pub issuer: &'a str,
    /// The names that are ours; one of them has to be in `aud`.
    pub audiences: &'a [String],
    /// The members of a complex subject that the transmitter calls critical (SET-12).
    pub critical_members: &'a [String],
    /// The time.
    pub now: Timestamp,
    /// How far the transmitter's clock may be ahead.
    pub skew: Seconds,
    /// How old a token may be. It has to be at most as long as the caller remembers each `jti`;
    /// a transmitter may deliver late, so days rather than minutes. `None` for any age.
    pub age_max: Option<Seconds>,
}

/// A token's longest `jti`, in characters.
const JTI_LEN_MAX: usize = 256;

/// Takes a token: verifies it with the transmitter's keys, and reads what it says. Signature first;
/// of what nobody has signed, nothing is parsed but the header.
///
/// # Errors
/// [`Refusal`]; its code goes to the transmitter.
pub fn receive(token: &str, keys: &KeySet, expected: &Expected<'_>) -> Result<Set, Refusal> {
    let opened = jws::open(token, keys)?;
    if opened.typ.as_deref() != Some(TOKEN_TYPE) {
        return Err(Refusal::Type);
    }
    let claims = json::object(&opened.payload);
    let claims = claims.map_err(|error| Refusal::Json(Part::Payload, error))?;
    read(&claims, expected)
}

/// When it happened, by the transmitter's word, or else when it was said. Checks nothing: it is for
/// putting tokens in order, also ones that nobody has verified yet, and for nothing else.
pub fn told_at(claims: &Map<String, Value>) -> Option<Timestamp> {
    let moment = |members, name| json::moment(members, name).ok().flatten();
    let event = the_event(claims).ok().map(|(_, event)| event);
    let happened = event.and_then(|event| moment(event, "event_timestamp"));
    happened.or_else(|| moment(claims, "toe")).or_else(|| moment(claims, "iat"))
}

/// The claims of an object, checked.
pub(super) fn read(claims: &Map<String, Value>, expected: &Expected<'_>) -> Result<Set, Refusal> {
    if let Some(name) = ["sub", "exp"].into_iter().find(|name| claims.contains_key(*name)) {
        return Err(Refusal::Forbidden(name));
    }
    let iss = json::needed(claims, "iss").map_err(Refusal::Claim)?;
    if iss != expected.issuer {
        return Err(Refusal::Issuer);
    }
    let aud = audience(claims)?;
    if !aud.iter().any(|one| expected.audiences.contains(one)) {
        return Err(Refusal::Audience);
    }
    let iat = issued_at(claims, expected)?;
    let jti = json::needed(claims, "jti").map_err(Refusal::Claim)?;
    if jti.len() > JTI_LEN_MAX || !jti.bytes().all(|byte| byte.is_ascii_graphic()) {
        let wants = "must be 1 to 256 visible characters";
        return Err(Refusal::Claim(Misfit::of("jti", wants)));
    }
    let (uri, payload) = the_event(claims)?;
    let event = Event::read(uri, payload).map_err(Refusal::Event)?;
    let subject = subject(claims, uri, payload)?;
    event.fits(&subject).map_err(Refusal::Claim)?;
    if let Some(name) = subject.critical_unread(expected.critical_members) {
        return Err(Refusal::Critical(name.to_owned()));
    }
    let txn = json::text(claims, "txn").map_err(Refusal::Claim)?;
    Ok(Set {
        iss: iss.to_owned(),
        aud,
        iat,
        jti: jti.to_owned(),
        txn: txn.map(str::to_owned),
        toe: json::moment(claims, "toe").map_err(Refusal::Claim)?,
        subject,
        event,
    })
}

/// `aud`: a text or an array of texts (RFC 7519 4.1.3). Without one, a token is for nobody here.
fn audience(claims: &Map<String, Value>) -> Result<Vec<String>, Refusal> {
    match claims.get("aud") {
        None => Err(Refusal::Audience),
        Some(Value::String(one)) => Ok(vec![one.clone()]),
        Some(_) => Ok(json::texts(claims, "aud").map_err(Refusal::Claim)?.unwrap_or_default()),
    }
}

fn issued_at(claims: &Map<String, Value>, expected: &Expected<'_>) -> Result<Timestamp, Refusal> {
    let iat = json::moment(claims, "iat").map_err(Refusal::Claim)?;
    let iat = iat.ok_or_else(|| Refusal::Claim(Misfit::of("iat", "must be there")))?;
    if iat > expected.now.plus(expected.skew) {
        return Err(Refusal::Future);
    }
    if expected.age_max.is_some_and(|age_max| iat < expected.now.minus(age_max)) {
        return Err(Refusal::TooOld);
    }
    Ok(iat)
}

/// The one event (SET-02, SET-09).
fn the_event(claims: &Map<String, Value>) -> Result<(&str, &Map<String, Value>), Refusal> {
    let events = json::inner(claims, "events").map_err(Refusal::Claim)?;
    let events = events.ok_or_else(|| Refusal::Claim(Misfit::of("events", "must be there")))?;
    let mut all = events.iter();
    let (Some((uri, payload)), None) = (all.next(), all.next()) else {
        return Err(Refusal::EventCount);
    };
    let payload = payload.as_object();
    let payload = payload.ok_or_else(|| Misfit::of("events", "must hold an object"));
    Ok((uri, payload.map_err(Refusal::Claim)?))
}

/// `sub_id`; for CAEP and RISC also the event's own `subject`, which older transmitters send in its
/// place (SET-06).
fn subject(
    claims: &Map<String, Value>,
    uri: &str,
    payload: &Map<String, Value>,
) -> Result<Subject, Refusal> {
    let had_subject = uri.starts_with(CAEP) || uri.starts_with(RISC);
    let legacy = payload.get("subject").filter(|_| had_subject);
    let found = claims.get("sub_id").or(legacy);
    let members = found.and_then(Value::as_object);
    let missing = || Refusal::Claim(Misfit::of("sub_id", "must be there and be an object"));
    Subject::from_json(members.ok_or_else(missing)?).map_err(Refusal::Subject)
}

/// Whether a verification event answers what was asked with (SSF 8.1.4.1). A transmitter may send
/// one unasked; then it has no state.
///
/// # Errors
/// [`Refusal::State`] if it has a state that is not the one expected.
pub fn check_state(event: &Event, expected: Option<&str>) -> Result<(), Refusal> {
    match event {
        Event::Ssf(Ssf::Verification { state: Some(state) }) if Some(&**state) != expected => {
            Err(Refusal::State)
        }
        _ => Ok(()),
    }
}
