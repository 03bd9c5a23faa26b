//! Operations on some values of an attribute: those that a filter selects.

use serde_json::Value;

use super::Verb;
use super::apply::{Members, Target, mutability, no_target, with_part};
use crate::scim::error::ScimError;
use crate::scim::filter::matcher::Selector;
use crate::scim::filter::{Filter, Literal, Operator};
use crate::scim::schema::{Attribute, Mutability};
use crate::scim::value::{self, Values, merge};

/// Some values of an attribute that has many: those that a filter selects, or all of them.
pub(super) fn selected(
    target: Target<'_>,
    current: Option<Value>,
    verb: Verb,
    value: Option<&Value>,
) -> Result<Option<Value>, ScimError> {
    let attribute = target.attribute;
    let selector = target.filter.map(|filter| Selector::new(filter, attribute)).transpose()?;
    let mut values = Values::of(current);
    let is_meant = |value: &Value| selector.as_ref().is_none_or(|filter| filter.selects(value));
    let meant = values.list().iter().enumerate().filter(|(_, value)| is_meant(value));
    let meant: Vec<usize> = meant.map(|(place, _)| place).collect();
    if meant.is_empty() && verb != Verb::Remove {
        let value = value.filter(|_| verb == Verb::Add);
        let new =
            target.filter.zip(value).and_then(|(filter, value)| new_value(target, filter, value));
        let Some(new) = new else { return Err(no_target(attribute.name)) };
        values.add_all(attribute, &new)?;
        return values.settle(attribute);
    }
    let mut gone = Vec::new();
    for place in meant {
        let Some(there) = values.list().get(place).cloned() else { continue };
        match changed(target, there, verb, value)? {
            Some(value) => values.put(place, value),
            None => gone.push(place),
        }
    }
    values.retain(|place, _| gone.binary_search(&place).is_err());
    values.settle(attribute)
}

/// One value after the operation; `None` if it is gone.
fn changed(
    target: Target<'_>,
    there: Value,
    verb: Verb,
    value: Option<&Value>,
) -> Result<Option<Value>, ScimError> {
    let attribute = target.attribute;
    let value = value.filter(|_| verb != Verb::Remove);
    if let Some(sub) = target.sub {
        let part = value.map(|value| value::read(sub, value)).transpose()?.flatten();
        if part.is_none() && verb == Verb::Add {
            return Ok(Some(there));
        }
        return with_part(attribute, sub, there, part);
    }
    let Some(value) = value else { return Ok(None) };
    if value.is_null() {
        return Ok((verb == Verb::Add).then_some(there));
    }
    // Whoever changes one part of a value does not name the others.
    let mut given = there.clone();
    let named = match value {
        Value::Object(_) => value.clone(),
        value => Members::from_iter([("value".to_owned(), value.clone())]).into(),
    };
    let named = in_own_names(attribute, named);
    if verb == Verb::Add {
        merge(&mut given, without_nothing(named));
    } else {
        given = named;
    }
    let Some(given) = value::read_one(attribute, &given)? else { return Ok(None) };
    let fixed = attribute.subs().iter().filter(|sub| sub.mutability == Mutability::Immutable);
    for sub in fixed {
        if there.get(sub.name).is_some_and(|before| given.get(sub.name) != Some(before)) {
            return Err(mutability(attribute.name, "keeps what it was given once"));
        }
    }
    Ok(Some(given))
}

/// The parts under the names that the schema spells.
fn in_own_names(attribute: &'static Attribute, value: Value) -> Value {
    let Value::Object(members) = value else { return value };
    let own = |name: String| attribute.sub(&name).map_or(name, |sub| sub.name.to_owned());
    members.into_iter().map(|(name, value)| (own(name), value)).collect()
}

/// The parts that have a value: an addition takes nothing away.
fn without_nothing(mut value: Value) -> Value {
    if let Some(members) = value.as_object_mut() {
        members.retain(|_, part| !part.is_null() && part.as_str() != Some(""));
    }
    value
}

/// The value that an addition makes where its filter finds none. Entra adds
/// `emails[type eq "work"].value` to a user without an address and expects a work address.
fn new_value(target: Target<'_>, filter: &Filter, value: &Value) -> Option<Value> {
    let mut parts = Members::new();
    let terms = match filter {
        Filter::And(terms) => terms.as_slice(),
        term => std::slice::from_ref(term),
    };
    for term in terms {
        let Filter::Compare(path, Operator::Eq, literal) = term else { return None };
        let sub = target.attribute.sub(&path.name).filter(|_| path.sub.is_none())?;
        if *literal == Literal::Null {
            return None;
        }
        parts.insert(sub.name.to_owned(), literal.to_value());
    }
    match (target.sub, value) {
        (Some(sub), value) => drop(parts.insert(sub.name.to_owned(), value.clone())),
        (None, Value::Object(_)) => {
            if let Value::Object(named) = in_own_names(target.attribute, value.clone()) {
                parts.extend(named);
            }
        }
        (None, _) => return None,
    }
    Some(Value::Object(parts))
}
