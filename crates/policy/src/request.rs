//! Facts as Cedar takes them: a request and its entities.

use std::collections::{BTreeMap, HashMap, HashSet};

use cedar_policy::{
    Context, Entities, Entity, EntityId, EntityTypeName, EntityUid, Request, RestrictedExpression,
    Schema,
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
    let subject = if facts.action == Action::Issue { "resource" } else { "resource.subject" };
    tree.put(&format!("{subject}.tier"), RestrictedExpression::new_string(tier.as_str().into()));
    let principal = uid(if facts.action == Action::Approve { "Approver" } else { "Client" }, "it")?;
    let action = uid("Action", facts.action.name())?;
    let mut entities = vec![entity(principal.clone(), tree.take("principal"))?];
    let resource = match facts.action {
        Action::Issue => {
            let subject = uid("Subject", "it")?;
            entities.push(entity(subject.clone(), tree.take("resource"))?);
            subject
        }
        Action::Redeem | Action::Recover | Action::Release | Action::Approve => {
            let subject = uid("Subject", "it")?;
            entities.push(entity(subject.clone(), tree.take("resource.subject"))?);
            let of = if facts.action == Action::Redeem { "CodeSet" } else { "Recovery" };
            let resource = uid(of, "it")?;
            let about = ("subject".to_owned(), RestrictedExpression::new_entity_uid(subject));
            entities.push(entity(resource.clone(), vec![about])?);
            resource
        }
    };
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
}
