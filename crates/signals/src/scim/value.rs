//! Values as their attributes have them: read with mercy, kept in one form.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::error::{ScimError, ScimType};
use super::schema::{Attribute, Kind, Mutability, Words};

/// The longest text, in bytes.
const TEXT_MAX: usize = 1024;
/// The most values of an attribute: what a directory entry holds (`DirectoryEntry::LIST_MAX`).
const VALUES_MAX: usize = 256;
/// The most members of a group.
const MEMBERS_MAX: usize = 16_384;

/// The values in what is one, several or none. Null is none (RFC 7643 section 2.5).
pub(super) fn each(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    let values = match value {
        Some(Value::Array(values)) => values.as_slice(),
        Some(value) => std::slice::from_ref(value),
        None => &[],
    };
    values.iter().filter(|value| !value.is_null())
}

/// A text for comparisons: as it is, or without its case.
pub(super) fn fold(text: &str, exact: bool) -> Cow<'_, str> {
    if exact { Cow::Borrowed(text) } else { Cow::Owned(text.to_lowercase()) }
}

/// A Boolean that came as a text, as Entra writes `"False"`.
pub(super) fn flag(text: &str) -> Option<bool> {
    let is = |word: &str| text.eq_ignore_ascii_case(word);
    if is("true") { Some(true) } else { is("false").then_some(false) }
}

/// The refusal of a value. It names the attribute and never what was sent.
pub(super) fn invalid(attribute: &str, problem: &str) -> ScimError {
    ScimError::new(ScimType::InvalidValue, format!("`{attribute}` {problem}"))
}

/// What an attribute is given, in the form it is kept in; `None` if that leaves it unassigned:
/// null, an empty text or an empty list. Parts that no schema has, and read-only ones, are dropped.
///
/// # Errors
/// `invalidValue` if it is of another type, too long, or not one of the words.
pub(super) fn read(
    attribute: &'static Attribute,
    given: &Value,
) -> Result<Option<Value>, ScimError> {
    if !attribute.multi_valued {
        return read_one(attribute, given);
    }
    let mut values = Values::default();
    values.add_all(attribute, given)?;
    values.settle(attribute)
}

/// One value of an attribute.
pub(super) fn read_one(
    attribute: &'static Attribute,
    given: &Value,
) -> Result<Option<Value>, ScimError> {
    let name = attribute.name;
    match (attribute.kind, given) {
        (_, Value::Null) => Ok(None),
        (Kind::Complex(_), Value::Object(members)) => read_parts(attribute, members),
        // Entra names a manager, and Okta some members, by the id alone.
        (Kind::Complex(_), Value::String(_)) if attribute.sub("value").is_some() => {
            read_parts(attribute, &Map::from_iter([("value".to_owned(), given.clone())]))
        }
        (Kind::Complex(_), _) => Err(invalid(name, "has parts, and takes an object")),
        (Kind::Boolean, Value::Bool(_)) => Ok(Some(given.clone())),
        (Kind::Boolean, Value::String(text)) if !text.is_empty() => {
            let value = flag(text).ok_or_else(|| invalid(name, "is true or false"))?;
            Ok(Some(Value::Bool(value)))
        }
        (Kind::Boolean, Value::String(_)) => Ok(None),
        (Kind::Boolean, _) => Err(invalid(name, "is true or false")),
        (_, Value::String(text)) => read_text(attribute, text),
        _ => Err(invalid(name, "is a text")),
    }
}

fn read_text(attribute: &'static Attribute, text: &str) -> Result<Option<Value>, ScimError> {
    let name = attribute.name;
    if text.is_empty() {
        return Ok(None);
    }
    if text.len() > TEXT_MAX || text.contains(char::is_control) {
        return Err(invalid(name, "is 1024 bytes at most, without control characters"));
    }
    let Words::Closed(words) = attribute.words else { return Ok(Some(text.into())) };
    let word = words.iter().find(|word| word.eq_ignore_ascii_case(text));
    let word = word.ok_or_else(|| invalid(name, &format!("is one of {}", words.join(", "))))?;
    Ok(Some((*word).into()))
}

fn read_parts(
    attribute: &'static Attribute,
    members: &Map<String, Value>,
) -> Result<Option<Value>, ScimError> {
    let mut kept = Map::new();
    for sub in attribute.subs().iter().filter(|sub| sub.mutability != Mutability::ReadOnly) {
        let mut given = members.iter().filter(|(name, _)| name.eq_ignore_ascii_case(sub.name));
        let first = given.next();
        if given.next().is_some() {
            return Err(invalid(attribute.name, "has a part twice"));
        }
        let part = first.map(|(_, given)| read_one(sub, given)).transpose()?.flatten();
        match part {
            Some(part) => {
                kept.insert(sub.name.to_owned(), part);
            }
            // A value that was emptied on purpose is no value.
            None if sub.required && first.is_some() => return Ok(None),
            None if sub.required => {
                return Err(invalid(attribute.name, &format!("needs a `{}`", sub.name)));
            }
            None => {}
        }
    }
    Ok((!kept.is_empty()).then_some(Value::Object(kept)))
}

/// The values of an attribute that has many, while they change.
#[derive(Default)]
pub(super) struct Values {
    list: Vec<Value>,
    /// Where each is, by its identity. Only for many additions at once: a group may be large, and
    /// most changes are of one member.
    places: Option<BTreeMap<Identity, usize>>,
    /// Whether two may have become alike.
    unsettled: bool,
    /// Which was made the primary one by this change, and whether several were.
    primary: Option<usize>,
    contested: bool,
}

impl Values {
    /// Those that there are.
    pub(super) fn of(current: Option<Value>) -> Self {
        let list = match current {
            Some(Value::Array(list)) => list,
            Some(value) => vec![value],
            None => Vec::new(),
        };
        Self { list, ..Self::default() }
    }

    pub(super) fn list(&self) -> &[Value] {
        &self.list
    }

    /// Leaves those that `keep` says, by place and value.
    pub(super) fn retain(&mut self, mut keep: impl FnMut(usize, &Value) -> bool) {
        let (mut place, mut primary) = (0, None);
        let mut kept = 0;
        self.list.retain(|value| {
            let stays = keep(place, value);
            primary = if stays && self.primary == Some(place) { Some(kept) } else { primary };
            kept += usize::from(stays);
            place += 1;
            stays
        });
        (self.primary, self.places) = (primary, None);
    }

    /// Adds values that were given, one or several. One that is there already takes over the parts
    /// that are new.
    pub(super) fn add_all(
        &mut self,
        attribute: &'static Attribute,
        given: &Value,
    ) -> Result<(), ScimError> {
        if given.as_array().is_some_and(|given| given.len() > 8) {
            let places = self.list.iter().enumerate();
            let places = places.map(|(place, value)| (owned(attribute, value), place));
            self.places = Some(places.collect());
        }
        for given in each(Some(given)) {
            if let Some(value) = read_one(attribute, given)? {
                self.add(attribute, value);
            }
        }
        Ok(())
    }

    fn add(&mut self, attribute: &'static Attribute, value: Value) {
        let known = if let Some(places) = &self.places {
            places.get(&owned(attribute, &value)).copied()
        } else {
            let wanted = identity(attribute, &value);
            self.list.iter().position(|there| identity(attribute, there) == wanted)
        };
        let place = known.unwrap_or(self.list.len());
        if let Some(places) = &mut self.places {
            places.insert(owned(attribute, &value), place);
        }
        match self.list.get_mut(place) {
            Some(there) => merge(there, value),
            None => self.list.push(value),
        }
        self.claim(place);
    }

    /// Puts another value in a place.
    pub(super) fn put(&mut self, place: usize, value: Value) {
        if let Some(there) = self.list.get_mut(place) {
            *there = value;
            self.unsettled = true;
            self.claim(place);
        }
    }

    fn claim(&mut self, place: usize) {
        if self.list.get(place).is_some_and(is_primary) {
            self.contested |= self.primary.is_some_and(|other| other != place);
            self.primary = Some(place);
        }
    }

    /// The attribute afterwards. Whoever was made the primary one is the only one (RFC 7644
    /// section 3.5.2).
    pub(super) fn settle(
        mut self,
        attribute: &'static Attribute,
    ) -> Result<Option<Value>, ScimError> {
        let most = if attribute.name == "members" { MEMBERS_MAX } else { VALUES_MAX };
        if self.list.len() > most {
            return Err(invalid(attribute.name, &format!("has {most} values at most")));
        }
        if self.contested {
            return Err(invalid(attribute.name, "has one primary value at most"));
        }
        for (place, value) in self.list.iter_mut().enumerate() {
            if self.primary.is_some_and(|primary| primary != place) && is_primary(value) {
                merge(value, Value::Object(Map::from_iter([("primary".to_owned(), false.into())])));
            }
        }
        if self.unsettled {
            let mut seen = BTreeSet::new();
            self.list.retain(|value| seen.insert(owned(attribute, value)));
        }
        Ok((!self.list.is_empty()).then_some(Value::Array(self.list)))
    }
}

/// Puts the parts of `new` in their places, and leaves the others; what has no parts is replaced.
pub(super) fn merge(there: &mut Value, new: Value) {
    match (there, new) {
        (Value::Object(there), Value::Object(new)) => there.extend(new),
        (there, new) => *there = new,
    }
}

fn is_primary(value: &Value) -> bool {
    value.get("primary").and_then(Value::as_bool) == Some(true)
}

/// By what two values are the same: the value, and what it is for.
type Identity = [String; 2];

fn owned(attribute: &'static Attribute, value: &Value) -> Identity {
    identity(attribute, value).map(Cow::into_owned)
}

/// A member is one whatever it is said to be.
fn identity<'a>(attribute: &'static Attribute, value: &'a Value) -> [Cow<'a, str>; 2] {
    let Value::Object(members) = value else {
        return [Cow::Borrowed(value.as_str().unwrap_or_default()), Cow::Borrowed("")];
    };
    let part = |name: &str| {
        let exact = attribute.sub(name).is_some_and(|sub| sub.case_exact);
        fold(members.get(name).and_then(Value::as_str).unwrap_or_default(), exact)
    };
    let fixed = attribute.sub("value").is_some_and(|sub| sub.mutability == Mutability::Immutable);
    [part("value"), if fixed { Cow::Borrowed("") } else { part("type") }]
}
