//! What a patch makes of a resource. Everything is done to a copy: who is refused has changed
//! nothing (SCIM-02).

use serde_json::{Map, Value};

use super::selected::selected;
use super::{Operation, Patch, Verb};
use crate::scim::error::{ScimError, ScimType};
use crate::scim::filter::Filter;
use crate::scim::path::PatchPath;
use crate::scim::schema::{Attribute, Mutability, Place, ResourceType, Schema};
use crate::scim::value::{self, Values, each, fold, merge};

pub(super) type Members = Map<String, Value>;

/// Where an operation is done.
#[derive(Clone, Copy)]
pub(super) struct Target<'a> {
    pub(super) extension: Option<&'static str>,
    pub(super) attribute: &'static Attribute,
    pub(super) filter: Option<&'a Filter>,
    pub(super) sub: Option<&'static Attribute>,
}

/// The attributes after the patch.
///
/// # Errors
/// As RFC 7644 section 3.5.2 has them, with the operation's number.
pub(in crate::scim) fn apply(
    kind: ResourceType,
    attributes: &Members,
    patch: &Patch,
) -> Result<Members, ScimError> {
    let mut work = attributes.clone();
    let mut comparisons = 0;
    for (index, operation) in patch.operations().iter().enumerate() {
        comparisons += comparisons_of(operation, &work);
        if comparisons > Patch::COMPARISONS_MAX {
            let detail = "its filters and those before it have too much to compare";
            return Err(ScimError::new(ScimType::TooMany, detail).in_operation(index));
        }
        step(kind, &mut work, operation).map_err(|error| error.in_operation(index))?;
    }
    Ok(work)
}

/// How many comparisons an operation may take: those of its filter, for each value of the attribute
/// that has the most.
fn comparisons_of(operation: &Operation, work: &Members) -> usize {
    let selection = operation.path.as_ref().and_then(|path| path.selection.as_ref());
    let terms = selection.map_or(0, |selection| selection.filter.terms());
    let most = work.values().filter_map(Value::as_array).map(Vec::len).max();
    terms * most.unwrap_or_default()
}

fn step(kind: ResourceType, work: &mut Members, operation: &Operation) -> Result<(), ScimError> {
    let value = operation.value.as_ref();
    match (&operation.path, value) {
        (Some(path), value) => at_path(kind, work, path, operation.verb, value, true),
        (None, Some(Value::Object(members))) => set_all(kind, work, operation.verb, members.iter()),
        (None, _) => {
            let detail = "without a `path`, the `value` is an object of attributes";
            Err(ScimError::new(ScimType::InvalidValue, detail))
        }
    }
}

/// Attributes by their names. A name may be a whole path: Entra writes `name.givenName` and
/// `urn:...:User:manager` there. What no schema has, and what is read-only, is passed over, as in a
/// `PUT`: Okta sends the id along.
fn set_all<'a>(
    kind: ResourceType,
    work: &mut Members,
    verb: Verb,
    members: impl Iterator<Item = (&'a String, &'a Value)>,
) -> Result<(), ScimError> {
    for (name, value) in members {
        if let Ok(path) = name.parse::<PatchPath>() {
            at_path(kind, work, &path, verb, Some(value), false)?;
        }
    }
    Ok(())
}

/// Gives attributes their values, as the body of a `POST` or a `PUT` does.
///
/// # Errors
/// `invalidValue` for a value that is not one of its attribute's.
pub(in crate::scim) fn set(
    kind: ResourceType,
    work: &mut Members,
    name: &str,
    value: &Value,
) -> Result<(), ScimError> {
    let path = name.parse::<PatchPath>().ok();
    // No part of an attribute is a member of a resource.
    let path = path.filter(|path| path.selection.is_none() && path.attribute.sub.is_none());
    let Some(path) = path else { return Ok(()) };
    let given = at_path(kind, work, &path, Verb::Replace, Some(value), false);
    given.map_err(|error| match error.scim_type() {
        // An empty value of what is required. Nothing is changed by it: there was none.
        Some(ScimType::Mutability) => value::invalid(name, "is required"),
        _ => error,
    })
}

/// `strict` where a path was named: what it must not touch, or what there is not, is an error then.
fn at_path(
    kind: ResourceType,
    work: &mut Members,
    path: &PatchPath,
    verb: Verb,
    value: Option<&Value>,
    strict: bool,
) -> Result<(), ScimError> {
    let (extension, attribute, sub) = match kind.resolve(&path.attribute) {
        Place::Attribute { extension, attribute, sub } => (extension, attribute, sub),
        Place::Extension(schema) => return at_extension(kind, work, schema, verb, value),
        Place::Nowhere if strict => return Err(nowhere()),
        Place::Ignored | Place::Nowhere => return Ok(()),
    };
    let (filter, sub) = match &path.selection {
        None => (None, sub),
        Some(selection) => {
            let sub = selection.sub.as_deref().map(|name| attribute.sub(name).ok_or_else(nowhere));
            (Some(&selection.filter), sub.transpose()?)
        }
    };
    let is_fixed = |attribute: &Attribute| attribute.mutability == Mutability::ReadOnly;
    if is_fixed(attribute) || sub.is_some_and(is_fixed) {
        let name = attribute.name;
        return if strict { Err(mutability(name, "is read-only")) } else { Ok(()) };
    }
    change(work, Target { extension, attribute, filter, sub }, verb, value)
}

/// An extension as a whole.
fn at_extension(
    kind: ResourceType,
    work: &mut Members,
    schema: &'static Schema,
    verb: Verb,
    value: Option<&Value>,
) -> Result<(), ScimError> {
    match (verb, value) {
        (Verb::Remove, _) | (Verb::Replace, Some(Value::Null)) => {
            work.remove(schema.id);
            Ok(())
        }
        (_, Some(Value::Object(members))) => {
            let named =
                members.iter().map(|(name, value)| (format!("{}:{name}", schema.id), value));
            let named: Vec<_> = named.collect();
            set_all(kind, work, verb, named.iter().map(|(name, value)| (name, *value)))
        }
        _ => Err(value::invalid(schema.name, "is an object of attributes")),
    }
}

fn change(
    work: &mut Members,
    target: Target<'_>,
    verb: Verb,
    value: Option<&Value>,
) -> Result<(), ScimError> {
    let name = target.attribute.name;
    let current = match target.extension {
        None => work.remove(name),
        Some(urn) => work.get_mut(urn).and_then(Value::as_object_mut).and_then(|m| m.remove(name)),
    };
    let next = match (target.filter, target.sub, target.attribute.multi_valued) {
        (None, None, false) => whole(target.attribute, current, verb, value)?,
        (None, None, true) => values(target.attribute, current, verb, value)?,
        (None, Some(sub), false) => part_of_one(target.attribute, sub, current, verb, value)?,
        (Some(_), _, false) => return Err(nowhere()),
        (_, _, true) => selected(target, current, verb, value)?,
    };
    if next.is_none() && target.attribute.required {
        return Err(mutability(name, "is required"));
    }
    put(work, target.extension, name, next);
    Ok(())
}

fn put(work: &mut Members, extension: Option<&str>, name: &str, next: Option<Value>) {
    let Some(urn) = extension else {
        if let Some(value) = next {
            work.insert(name.to_owned(), value);
        }
        return;
    };
    let within = work.entry(urn).or_insert_with(|| Members::new().into());
    if let (Some(within), Some(value)) = (within.as_object_mut(), next) {
        within.insert(name.to_owned(), value);
    }
    if within.as_object().is_some_and(Members::is_empty) {
        work.remove(urn);
    }
}

/// An attribute of one value. Of a complex one, the parts that are not named stay.
fn whole(
    attribute: &'static Attribute,
    current: Option<Value>,
    verb: Verb,
    value: Option<&Value>,
) -> Result<Option<Value>, ScimError> {
    let given = match (verb, value) {
        (Verb::Remove, _) | (_, None) => return Ok(None),
        (_, Some(value)) => value::read(attribute, value)?,
    };
    Ok(match (current, given) {
        (Some(mut there), Some(given)) => {
            merge(&mut there, given);
            Some(there)
        }
        (there, None) if verb == Verb::Add => there,
        (_, given) => given,
    })
}

/// An attribute of many values, all of them.
fn values(
    attribute: &'static Attribute,
    current: Option<Value>,
    verb: Verb,
    value: Option<&Value>,
) -> Result<Option<Value>, ScimError> {
    match (verb, value) {
        (Verb::Add, Some(value)) => {
            let mut values = Values::of(current);
            values.add_all(attribute, value)?;
            values.settle(attribute)
        }
        (Verb::Replace, Some(value)) => value::read(attribute, value),
        (Verb::Remove, Some(listed)) if !listed.is_null() => {
            let listed = listed_values(attribute, listed)?;
            let mut values = Values::of(current);
            values.retain(|_, there| !listed.contains(&value_of(attribute, there)));
            values.settle(attribute)
        }
        _ => Ok(None),
    }
}

/// Which values a removal lists, as Entra does for members: by their `value` alone.
fn listed_values(
    attribute: &'static Attribute,
    listed: &Value,
) -> Result<std::collections::BTreeSet<String>, ScimError> {
    let one = |listed: &Value| match listed {
        Value::Object(_) | Value::String(_) => Ok(value_of(attribute, listed)),
        _ => Err(value::invalid(attribute.name, "is removed by a list of values")),
    };
    each(Some(listed)).map(one).collect()
}

fn value_of(attribute: &'static Attribute, value: &Value) -> String {
    let text = value.as_str().or_else(|| value.get("value").and_then(Value::as_str));
    let exact = attribute.sub("value").is_some_and(|sub| sub.case_exact);
    fold(text.unwrap_or_default(), exact).into_owned()
}

/// One part of an attribute of one value.
fn part_of_one(
    attribute: &'static Attribute,
    sub: &'static Attribute,
    current: Option<Value>,
    verb: Verb,
    value: Option<&Value>,
) -> Result<Option<Value>, ScimError> {
    let given = match verb {
        Verb::Remove => None,
        Verb::Add | Verb::Replace => value.map(|v| value::read(sub, v)).transpose()?.flatten(),
    };
    if given.is_none() && verb == Verb::Add {
        return Ok(current);
    }
    let there = current.unwrap_or_else(|| Members::new().into());
    let changed = with_part(attribute, sub, there, given)?;
    // A part alone may not be enough: no manager without an id.
    Ok(changed.map(|changed| value::read(attribute, &changed)).transpose()?.flatten())
}

/// A value with one part set or taken away; nothing is left of it without a part that it needs.
pub(super) fn with_part(
    attribute: &'static Attribute,
    sub: &'static Attribute,
    mut value: Value,
    part: Option<Value>,
) -> Result<Option<Value>, ScimError> {
    let Some(members) = value.as_object_mut() else { return Ok(None) };
    match part {
        None if sub.required => return Ok(None),
        None => drop(members.remove(sub.name)),
        Some(part) => {
            let fixed = sub.mutability == Mutability::Immutable;
            let before = members.insert(sub.name.to_owned(), part.clone());
            if fixed && before.is_some_and(|before| before != part) {
                return Err(mutability(attribute.name, "keeps what it was given once"));
            }
        }
    }
    Ok((!members.is_empty()).then_some(value))
}

fn nowhere() -> ScimError {
    ScimError::new(ScimType::InvalidPath, "the path leads to nothing that such a resource has")
}

pub(super) fn no_target(name: &str) -> ScimError {
    ScimError::new(ScimType::NoTarget, format!("the path selects no value of `{name}`"))
}

pub(super) fn mutability(name: &str, rule: &str) -> ScimError {
    ScimError::new(ScimType::Mutability, format!("`{name}` {rule}"))
}
