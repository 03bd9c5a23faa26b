//! JSON read strictly, and the members of an object by name.

use std::fmt;

use glassbreak_core::time::Timestamp;
use serde::Deserialize;
use serde::de::{self, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// Bytes that are not one JSON object, or one where a name is there twice. RFC 7515 section 4 and
/// RFC 7519 section 4 let a reader refuse those: two readers that each take another of two members
/// would not agree on what was signed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a JSON object: {0}")]
pub struct NotJson(String);

/// A member that is not as its definition wants it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{member}` {wants}")]
pub struct Misfit {
    /// The member's name, cut where it is long.
    pub member: String,
    /// What it has to be, to go on after its name: `must be a text`.
    pub wants: &'static str,
}

/// As much of a member's name as is repeated, in characters.
const MEMBER_LEN_MAX: usize = 64;

impl Misfit {
    /// That `member` is not what it must be.
    pub(crate) fn of(member: &str, wants: &'static str) -> Self {
        // The name may be the other side's, and goes back to it and into messages.
        let shown = member.chars().filter(|c| !c.is_control()).take(MEMBER_LEN_MAX);
        Self { member: shown.collect(), wants }
    }
}

/// The object that `bytes` spell.
pub(crate) fn object(bytes: &[u8]) -> Result<Map<String, Value>, NotJson> {
    let strict: Strict =
        serde_json::from_slice(bytes).map_err(|error| NotJson(error.to_string()))?;
    match strict.0 {
        Value::Object(members) => Ok(members),
        _ => Err(NotJson("it is another value".to_owned())),
    }
}

/// A text, if the member is there; `null` is no text.
pub(crate) fn text<'a>(
    members: &'a Map<String, Value>,
    name: &str,
) -> Result<Option<&'a str>, Misfit> {
    let text = |value: &'a Value| value.as_str().ok_or_else(|| Misfit::of(name, "must be a text"));
    members.get(name).map(text).transpose()
}

/// A text of at least one character that has to be there.
pub(crate) fn needed<'a>(members: &'a Map<String, Value>, name: &str) -> Result<&'a str, Misfit> {
    let found = text(members, name)?.filter(|text| !text.is_empty());
    found.ok_or_else(|| Misfit::of(name, "must be there and not be empty"))
}

/// An array of texts, if the member is there.
pub(crate) fn texts(
    members: &Map<String, Value>,
    name: &str,
) -> Result<Option<Vec<String>>, Misfit> {
    let misfit = || Misfit::of(name, "must be an array of texts");
    let text = |value: &Value| value.as_str().map(str::to_owned).ok_or_else(misfit);
    let Some(value) = members.get(name) else { return Ok(None) };
    value.as_array().ok_or_else(misfit)?.iter().map(text).collect::<Result<_, _>>().map(Some)
}

/// An object, if the member is there.
pub(crate) fn inner<'a>(
    members: &'a Map<String, Value>,
    name: &str,
) -> Result<Option<&'a Map<String, Value>>, Misfit> {
    let Some(value) = members.get(name) else { return Ok(None) };
    value.as_object().map(Some).ok_or_else(|| Misfit::of(name, "must be an object"))
}

/// A moment as RFC 7519 spells it: a number of seconds since the epoch, which may have a fraction.
pub(crate) fn moment(
    members: &Map<String, Value>,
    name: &str,
) -> Result<Option<Timestamp>, Misfit> {
    let misfit = || Misfit::of(name, "must be a number of seconds since 1970");
    let Some(value) = members.get(name) else { return Ok(None) };
    if let Some(seconds) = value.as_i64() {
        let millis = u64::try_from(seconds).ok().and_then(|s| s.checked_mul(1000));
        let millis = millis.and_then(|millis| i64::try_from(millis).ok());
        return millis.map(|millis| Some(Timestamp::from_millis(millis))).ok_or_else(misfit);
    }
    let millis = value.as_f64().ok_or_else(misfit)? * 1000.0;
    // 2^53: as many milliseconds as a number with a fraction tells apart, the year 287396.
    if !(0.0..=9_007_199_254_740_992.0).contains(&millis) {
        return Err(misfit());
    }
    #[expect(clippy::cast_possible_truncation, reason = "within 2^53, as said above")]
    Ok(Some(Timestamp::from_millis(millis as i64)))
}

/// Seconds since the epoch, as we write them: whole ones.
pub(crate) fn seconds(at: Timestamp) -> Value {
    at.millis().div_euclid(1000).into()
}

/// A value in which no object has a name twice.
struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(StrictVisitor).map(Self)
    }
}

struct StrictVisitor;

impl<'de> Visitor<'de> for StrictVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("not a number"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(Strict(value)) = access.next_element()? {
            values.push(value);
        }
        Ok(values.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut members = Map::new();
        while let Some((name, Strict(value))) = access.next_entry::<String, Strict>()? {
            if members.insert(name, value).is_some() {
                return Err(de::Error::custom("a member is there twice"));
            }
        }
        Ok(members.into())
    }
}
