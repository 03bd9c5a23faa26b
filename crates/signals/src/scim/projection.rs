//! Which attributes a client wants to see (RFC 7644 section 3.9).

use serde_json::{Map, Value};

use super::error::{ScimError, ScimType};
use super::filter::Malformed;
use super::path::AttrPath;
use super::schema::{Attribute, Place, ResourceType, Returned};
use super::value::invalid;

/// The most attributes a client may name.
const NAMES_MAX: usize = 64;

/// Which attributes are in an answer. What is always returned (`id`, `schemas`) is in each.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Projection {
    /// All of them.
    #[default]
    All,
    /// These.
    Only(Vec<AttrPath>),
    /// All but these.
    Except(Vec<AttrPath>),
}

impl Projection {
    /// Reads the parameters `attributes` and `excludedAttributes`, each a list with commas.
    ///
    /// # Errors
    /// `invalidValue` for both at once and for too many, `invalidPath` for what is no name.
    pub fn read(attributes: Option<&str>, excluded: Option<&str>) -> Result<Self, ScimError> {
        let attributes = attributes.filter(|text| !text.trim().is_empty());
        let excluded = excluded.filter(|text| !text.trim().is_empty());
        match (attributes, excluded) {
            (None, None) => Ok(Self::All),
            (Some(names), None) => paths(names).map(Self::Only),
            (None, Some(names)) => paths(names).map(Self::Except),
            (Some(_), Some(_)) => {
                Err(invalid("attributes", "and `excludedAttributes` exclude each other"))
            }
        }
    }

    /// The resource as the client wants to see it. Names that no schema has are passed over.
    pub fn apply(&self, kind: ResourceType, resource: Value) -> Value {
        let (paths, only) = match self {
            Self::All => return resource,
            Self::Only(paths) => (paths, true),
            Self::Except(paths) => (paths, false),
        };
        let places: Vec<Place> = paths.iter().map(|path| kind.resolve(path)).collect();
        let Value::Object(members) = resource else { return resource };
        let shown = members.into_iter().filter_map(|(name, value)| {
            if let Some(extension) = kind.extension(&name) {
                let value = in_extension(extension.id, &places, only, kind, value)?;
                return Some((name, value));
            }
            let value = in_core(&name, &places, only, kind, value)?;
            Some((name, value))
        });
        Value::Object(shown.collect())
    }
}

fn paths(names: &str) -> Result<Vec<AttrPath>, ScimError> {
    let names: Vec<&str> = names.split(',').map(str::trim).collect();
    if names.len() > NAMES_MAX {
        return Err(ScimError::new(ScimType::TooMany, "64 attributes may be named at most"));
    }
    names.into_iter().map(|name| name.parse().map_err(Malformed::as_path)).collect()
}

fn in_core(
    name: &str,
    places: &[Place],
    only: bool,
    kind: ResourceType,
    value: Value,
) -> Option<Value> {
    let Place::Attribute { attribute, .. } = kind.resolve(&AttrPath::plain(name)) else {
        return Some(value);
    };
    if attribute.returned == Returned::Always {
        return Some(value);
    }
    shown(&named(None, attribute, places), only, value)
}

fn in_extension(
    urn: &'static str,
    places: &[Place],
    only: bool,
    kind: ResourceType,
    value: Value,
) -> Option<Value> {
    let whole = |place: &Place| matches!(place, Place::Extension(schema) if schema.id == urn);
    if places.iter().any(whole) {
        return only.then_some(value);
    }
    let Value::Object(members) = value else { return None };
    let shown = members.into_iter().filter_map(|(name, value)| {
        let attribute = kind.extension(urn)?.attribute(&name)?;
        let value = shown(&named(Some(urn), attribute, places), only, value)?;
        Some((name, value))
    });
    let shown: Map<String, Value> = shown.collect();
    (!shown.is_empty()).then_some(Value::Object(shown))
}

/// What of an attribute is named.
enum Named {
    Nothing,
    Whole,
    Parts(Vec<&'static str>),
}

fn named(extension: Option<&str>, wanted: &'static Attribute, places: &[Place]) -> Named {
    let mut parts = Vec::new();
    for place in places {
        let Place::Attribute { extension: within, attribute, sub } = place else { continue };
        if *within != extension || attribute.name != wanted.name {
            continue;
        }
        match sub {
            None => return Named::Whole,
            Some(sub) => parts.push(sub.name),
        }
    }
    if parts.is_empty() { Named::Nothing } else { Named::Parts(parts) }
}

fn shown(named: &Named, only: bool, value: Value) -> Option<Value> {
    match named {
        Named::Nothing => (!only).then_some(value),
        Named::Whole => only.then_some(value),
        Named::Parts(parts) => {
            let keep = |name: &str| parts.contains(&name) == only;
            with_parts(value, &keep)
        }
    }
}

fn with_parts(value: Value, keep: &impl Fn(&str) -> bool) -> Option<Value> {
    match value {
        Value::Array(values) => {
            let kept = values.into_iter().filter_map(|value| with_parts(value, keep));
            let kept: Vec<Value> = kept.collect();
            (!kept.is_empty()).then_some(Value::Array(kept))
        }
        Value::Object(members) => {
            let kept = members.into_iter().filter(|(name, _)| keep(name));
            let kept: Map<String, Value> = kept.collect();
            (!kept.is_empty()).then_some(Value::Object(kept))
        }
        value => Some(value),
    }
}
