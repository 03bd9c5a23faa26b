//! Whether a resource is one that a filter asks for.

use std::borrow::Cow;
use std::cmp::Ordering;

use glassbreak_core::time::Timestamp;
use serde_json::{Map, Value};

use super::{Filter, Literal, Operator};
use crate::scim::error::{ScimError, ScimType};
use crate::scim::path::AttrPath;
use crate::scim::schema::{Attribute, Kind, Place, ResourceType};
use crate::scim::value::{self, fold};

/// A filter that was held against the schema of a resource type: every comparison in it can be
/// made.
#[derive(Debug, Clone)]
pub struct Matcher {
    filter: Filter,
    kind: ResourceType,
}

/// What the names of a filter are looked up in.
#[derive(Clone, Copy)]
enum Scope {
    /// A resource of this type.
    Resource(ResourceType),
    /// One value of this attribute.
    Within(&'static Attribute),
}

impl Matcher {
    /// Holds `filter` against the schema.
    ///
    /// An attribute that no schema has is taken for one without a value (RFC 7644 section 3.4.2.2).
    ///
    /// # Errors
    /// `invalidFilter` for an order of Booleans, a part of what is no string, or a value of another
    /// type than the attribute's.
    pub fn new(filter: Filter, kind: ResourceType) -> Result<Self, ScimError> {
        check(&filter, Scope::Resource(kind))?;
        Ok(Self { filter, kind })
    }

    /// The filter.
    pub const fn filter(&self) -> &Filter {
        &self.filter
    }

    /// Whether the resource is one that is asked for; `resource` as
    /// [`Resource::render`](crate::scim::Resource::render) gives it.
    pub fn matches(&self, resource: &Value) -> bool {
        let Some(members) = resource.as_object() else { return false };
        holds(&self.filter, Scope::Resource(self.kind), members)
    }
}

/// A filter that was held against the parts of an attribute.
pub(in crate::scim) struct Selector<'a> {
    filter: &'a Filter,
    attribute: &'static Attribute,
    /// A part and the text it has to be, where that is all: groups are large, and most selections
    /// are of one member.
    only: Option<(&'static Attribute, Cow<'a, str>)>,
}

impl<'a> Selector<'a> {
    /// Holds `filter` against the parts of `attribute`.
    ///
    /// # Errors
    /// `invalidFilter`, as [`Matcher::new`].
    pub(in crate::scim) fn new(
        filter: &'a Filter,
        attribute: &'static Attribute,
    ) -> Result<Self, ScimError> {
        let scope = Scope::Within(attribute);
        check(filter, scope)?;
        let only = match filter {
            Filter::Compare(path, Operator::Eq, Literal::Text(text)) => scope
                .resolve(path)
                .filter(|found| matches!(found.attribute.kind, Kind::Text))
                .map(|found| (found.attribute, fold(text, found.attribute.case_exact))),
            _ => None,
        };
        Ok(Self { filter, attribute, only })
    }

    /// Whether the filter holds for a value of the attribute.
    pub(in crate::scim) fn selects(&self, element: &Value) -> bool {
        match (&self.only, element) {
            (Some((sub, wanted)), element) => element
                .get(sub.name)
                .and_then(Value::as_str)
                .is_some_and(|text| fold(text, sub.case_exact) == *wanted),
            (None, Value::Object(members)) => {
                holds(self.filter, Scope::Within(self.attribute), members)
            }
            (None, _) => false,
        }
    }
}

impl Scope {
    /// The attribute, the one within it if that is meant, and the extension it is in.
    fn resolve(self, path: &AttrPath) -> Option<Found> {
        match self {
            Self::Resource(kind) => match kind.resolve(path) {
                Place::Attribute { extension, attribute, sub } => {
                    Some(Found { extension, attribute, sub })
                }
                _ => None,
            },
            Self::Within(outer) => {
                if path.schema.is_some() || path.sub.is_some() {
                    return None;
                }
                let attribute = outer.sub(&path.name)?;
                Some(Found { extension: None, attribute, sub: None })
            }
        }
    }
}

/// What a path of a filter leads to.
struct Found {
    extension: Option<&'static str>,
    attribute: &'static Attribute,
    sub: Option<&'static Attribute>,
}

impl Found {
    /// The attribute whose values are compared.
    fn compared(&self) -> Option<&'static Attribute> {
        self.sub.or_else(|| self.attribute.compared())
    }

    /// The values in a resource, all of them if there are many.
    fn values<'a>(&self, members: &'a Map<String, Value>) -> Vec<&'a Value> {
        let members = match self.extension {
            None => Some(members),
            Some(urn) => members.get(urn).and_then(Value::as_object),
        };
        let value = members.and_then(|members| members.get(self.attribute.name));
        value::each(value).collect()
    }
}

fn check(filter: &Filter, scope: Scope) -> Result<(), ScimError> {
    match filter {
        Filter::Present(_) => Ok(()),
        Filter::Not(inner) => check(inner, scope),
        Filter::And(terms) | Filter::Or(terms) => {
            terms.iter().try_for_each(|term| check(term, scope))
        }
        Filter::Element(path, inner) => match scope.resolve(path) {
            Some(found) if found.sub.is_none() && !found.attribute.subs().is_empty() => {
                check(inner, Scope::Within(found.attribute))
            }
            Some(found) => {
                let name = found.attribute.name;
                Err(refused(format!("`{name}` has no parts to select by")))
            }
            None => Ok(()),
        },
        Filter::Compare(path, operator, literal) => {
            let compared = scope.resolve(path).and_then(|found| found.compared());
            compared.map_or(Ok(()), |attribute| comparable(attribute, *operator, literal))
        }
    }
}

fn comparable(
    attribute: &'static Attribute,
    operator: Operator,
    literal: &Literal,
) -> Result<(), ScimError> {
    use Operator::{Eq, Ne};
    let name = attribute.name;
    let is_equality = matches!(operator, Eq | Ne);
    let is_part = matches!(operator, Operator::Co | Operator::Sw | Operator::Ew);
    let fits = match (attribute.kind, literal) {
        (_, Literal::Null) => is_equality,
        (Kind::Boolean, literal) => is_equality && flag(literal).is_some(),
        (Kind::Moment, Literal::Text(text)) => is_part || text.parse::<Timestamp>().is_ok(),
        (Kind::Text | Kind::Reference(_), Literal::Text(_)) => true,
        _ => false,
    };
    if fits {
        return Ok(());
    }
    let operator = operator.name();
    Err(refused(format!("`{name}` cannot be compared by `{operator}` with such a value")))
}

fn refused(detail: String) -> ScimError {
    ScimError::new(ScimType::InvalidFilter, detail)
}

fn holds(filter: &Filter, scope: Scope, members: &Map<String, Value>) -> bool {
    match filter {
        Filter::Not(inner) => !holds(inner, scope, members),
        Filter::And(terms) => terms.iter().all(|term| holds(term, scope, members)),
        Filter::Or(terms) => terms.iter().any(|term| holds(term, scope, members)),
        Filter::Present(path) => scope.resolve(path).is_some_and(|found| {
            let values = found.values(members);
            match found.sub {
                None => !values.is_empty(),
                Some(sub) => values.iter().any(|value| part(value, sub).is_some()),
            }
        }),
        Filter::Element(path, inner) => scope.resolve(path).is_some_and(|found| {
            let within = Scope::Within(found.attribute);
            let mut elements = found.values(members).into_iter().filter_map(Value::as_object);
            elements.any(|element| holds(inner, within, element))
        }),
        Filter::Compare(path, operator, literal) => {
            let nothing = || compare_nothing(*operator, literal);
            let Some(found) = scope.resolve(path) else { return nothing() };
            let Some(attribute) = found.compared() else { return nothing() };
            let values = found.values(members);
            let parts = values.into_iter().filter_map(|value| match value {
                Value::Object(_) => part(value, attribute),
                _ => Some(value),
            });
            let parts: Vec<_> = parts.collect();
            if parts.is_empty() {
                return nothing();
            }
            // Of several values, one is enough (RFC 7644 section 3.4.2.2), for `ne` as well.
            parts.iter().any(|value| compare(value, attribute, *operator, literal))
        }
    }
}

fn part<'a>(value: &'a Value, attribute: &Attribute) -> Option<&'a Value> {
    value.get(attribute.name).filter(|part| !part.is_null())
}

/// What is not there is null, and differs from everything else.
fn compare_nothing(operator: Operator, literal: &Literal) -> bool {
    match operator {
        Operator::Eq => *literal == Literal::Null,
        Operator::Ne => *literal != Literal::Null,
        _ => false,
    }
}

fn compare(
    value: &Value,
    attribute: &'static Attribute,
    operator: Operator,
    literal: &Literal,
) -> bool {
    let Literal::Text(wanted) = literal else {
        let same = match literal {
            Literal::Bool(wanted) => value.as_bool() == Some(*wanted),
            _ => false,
        };
        return same == (operator == Operator::Eq);
    };
    if let Some(found) = value.as_bool() {
        return (flag(literal) == Some(found)) == (operator == Operator::Eq);
    }
    let Some(found) = value.as_str() else { return operator == Operator::Ne };
    if let Kind::Moment = attribute.kind
        && let (Ok(found), Ok(wanted)) = (found.parse::<Timestamp>(), wanted.parse::<Timestamp>())
    {
        return ordered(found.cmp(&wanted), operator).unwrap_or(false);
    }
    let exact = attribute.case_exact;
    texts(&fold(found, exact), &fold(wanted, exact), operator)
}

fn texts(found: &str, wanted: &str, operator: Operator) -> bool {
    ordered(found.cmp(wanted), operator).unwrap_or_else(|| match operator {
        Operator::Co => found.contains(wanted),
        Operator::Sw => found.starts_with(wanted),
        _ => found.ends_with(wanted),
    })
}

/// Whether an order is the one asked for; `None` where the operator asks for no order.
fn ordered(order: Ordering, operator: Operator) -> Option<bool> {
    Some(match operator {
        Operator::Eq => order.is_eq(),
        Operator::Ne => order.is_ne(),
        Operator::Gt => order.is_gt(),
        Operator::Lt => order.is_lt(),
        Operator::Ge => order.is_ge(),
        Operator::Le => order.is_le(),
        Operator::Co | Operator::Sw | Operator::Ew => return None,
    })
}

/// A Boolean, also as the text that Entra writes.
fn flag(literal: &Literal) -> Option<bool> {
    match literal {
        Literal::Bool(value) => Some(*value),
        Literal::Text(text) => value::flag(text),
        _ => None,
    }
}
