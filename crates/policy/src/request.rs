//! Facts as Cedar takes them: a request and its entities.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::str::FromStr as _;

use cedar_policy::{
    Context, Entities, Entity, EntityId, EntityTypeName, EntityUid, EvalResult, Expression,
    Request, RestrictedExpression, Schema, eval_expression,
};
use glassbreak_core::subject::Tier;

use crate::facts::{Action, Facts, Shape};

/// Why facts could not be put before Cedar. Never seen with the schema that is built in.
pub(crate) type Unaskable = String;

/// Puts `facts` about a subject of `tier` before Cedar; checked against `schema` if there is one.
pub(crate) fn build(
    facts: Facts,
    tier: &Tier,
    schema: Option<&Schema>,
) -> Result<(Request, Entities), Unaskable> {
    let mut tree = Tree::default();
    for field in &facts.action.layout().fields {
        tree.put(&field.path, value(field.shape, field.read(facts.bits))?);
    }
    let at = subject(facts.action);
    tree.put(&format!("{at}.tier"), RestrictedExpression::new_string(tier.as_str().into()));
    let (principal, resource) = between(facts.action);
    let (principal, resource) = (uid(principal, IT)?, uid(resource, IT)?);
    let action = uid("Action", facts.action.name())?;
    let mut entities = vec![entity(principal.clone(), tree.take("principal"))?];
    let about = uid("Subject", IT)?;
    entities.push(entity(about.clone(), tree.take(at))?);
    if resource != about {
        let about = ("subject".to_owned(), RestrictedExpression::new_entity_uid(about));
        entities.push(entity(resource.clone(), vec![about])?);
    }
    let evidence = tree.take("context.evidence");
    let mut context = tree.take("context");
    if facts.action.weighs_evidence() {
        let evidence = RestrictedExpression::new_record(evidence).map_err(told)?;
        context.push(("evidence".to_owned(), evidence));
    }
    let context = Context::from_pairs(context).map_err(told)?;
    let request = Request::new(principal, action, resource, context, schema).map_err(told)?;
    Ok((request, Entities::from_entities(entities, schema).map_err(told)?))
}

/// Reads facts back from a request and its entities.
pub(crate) fn read(request: &Request, entities: &Entities) -> Option<(Facts, String)> {
    let asked = request.action()?;
    let named = |action: &Action| action.name() == asked.id().unescaped();
    let action = Action::ALL.into_iter().find(named)?;
    let told = |path: &str| {
        let path = Expression::from_str(path).ok()?;
        eval_expression(request, entities, &path).ok()
    };
    let mut bits = 0;
    for field in &action.layout().fields {
        let value = told(&field.path).and_then(|value| number(field.shape, &value));
        bits |= value.unwrap_or(0) << field.shift;
    }
    let tier = match told(&format!("{}.tier", subject(action))) {
        Some(EvalResult::String(tier)) => tier,
        _ => String::new(),
    };
    Some((Facts { action, bits }, tier))
}

fn number(shape: Shape, value: &EvalResult) -> Option<u32> {
    match (shape, value) {
        (Shape::Bool, EvalResult::Bool(yes)) => Some(u32::from(*yes)),
        (Shape::Level { first, .. }, EvalResult::Long(level)) => {
            u32::try_from(level.checked_sub(first)?).ok()
        }
        (Shape::OneOf { names, .. }, EvalResult::EntityUid(uid)) => {
            let at = names.iter().position(|name| *name == uid.id().unescaped())?;
            u32::try_from(at).ok()
        }
        _ => None,
    }
}

/// What is true of every request that is asked about `action`, as a condition in Cedar: levels are
/// in their range, and principal and resource are the ones that [`build`] names.
pub(crate) fn askable(action: Action) -> String {
    let (principal, resource) = between(action);
    let mut terms = vec![
        format!("principal == {principal}::\"{IT}\""),
        format!("resource == {resource}::\"{IT}\""),
        format!("{} == Subject::\"{IT}\"", subject(action)),
    ];
    for field in &action.layout().fields {
        if let Shape::Level { first, values } = field.shape {
            let path = &field.path;
            terms.push(format!("{path} >= {first} && {path} < {}", first + i64::from(values)));
        }
    }
    terms.join(" && ")
}

/// The name of every principal and resource.
const IT: &str = "it";

/// The types of principal and resource.
const fn between(action: Action) -> (&'static str, &'static str) {
    match action {
        Action::Issue => ("Client", "Subject"),
        Action::Confirm | Action::Revoke | Action::Redeem => ("Client", "CodeSet"),
        Action::Recover | Action::Release => ("Client", "Recovery"),
        Action::Approve => ("Approver", "Recovery"),
    }
}

/// Where the subject is.
fn subject(action: Action) -> &'static str {
    if between(action).1 == "Subject" { "resource" } else { "resource.subject" }
}

type Attributes = Vec<(String, RestrictedExpression)>;

/// Values by the path above them.
#[derive(Default)]
struct Tree(BTreeMap<String, Attributes>);

impl Tree {
    fn put(&mut self, path: &str, value: RestrictedExpression) {
        if let Some((above, name)) = path.rsplit_once('.') {
            self.0.entry(above.to_owned()).or_default().push((name.to_owned(), value));
        }
    }

    fn take(&mut self, path: &str) -> Attributes {
        self.0.remove(path).unwrap_or_default()
    }
}

fn value(shape: Shape, value: u32) -> Result<RestrictedExpression, Unaskable> {
    Ok(match shape {
        Shape::Bool => RestrictedExpression::new_bool(value == 1),
        Shape::Level { first, .. } => RestrictedExpression::new_long(first + i64::from(value)),
        Shape::OneOf { of, names } => {
            let name = names.get(value as usize).ok_or("a number that means nothing")?;
            RestrictedExpression::new_entity_uid(uid(of, name)?)
        }
    })
}

fn uid(of: &str, name: &str) -> Result<EntityUid, Unaskable> {
    let of: EntityTypeName = of.parse().map_err(told)?;
    Ok(EntityUid::from_type_name_and_id(of, EntityId::new(name)))
}

fn entity(uid: EntityUid, attributes: Attributes) -> Result<Entity, Unaskable> {
    let attributes: HashMap<_, _> = attributes.into_iter().collect();
    Entity::new(uid, attributes, HashSet::new()).map_err(told)
}

fn told(error: impl std::fmt::Display) -> Unaskable {
    error.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_put_before_cedar_is_what_the_schema_says() {
        let (schema, _) = Schema::from_cedarschema_str(crate::SCHEMA).unwrap();
        for action in Action::ALL {
            for facts in Facts::every(action).step_by(257) {
                build(facts, &Tier::standard(), Some(&schema)).unwrap();
            }
        }
    }

    #[test]
    fn what_is_put_before_cedar_can_be_read_back_and_is_askable() {
        for action in Action::ALL {
            let askable = Expression::from_str(&askable(action)).unwrap();
            for facts in Facts::every(action).step_by(1031) {
                let (request, entities) = build(facts, &Tier::standard(), None).unwrap();
                let (again, tier) = read(&request, &entities).unwrap();
                assert_eq!((again, tier.as_str()), (facts, "standard"));
                let told = eval_expression(&request, &entities, &askable).unwrap();
                assert_eq!(told, EvalResult::Bool(true));
            }
        }
    }
}
