//! What signed-in people may do: roles of the identity provider and duties of Glassbreak in,
//! scopes of the API out. A set of rules of its own (docs/decisions/0033): the rules about
//! recoveries go by what is asked for, these by who asks.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use cedar_policy::{
    Authorizer, Context, Decision, Entities, Entity, EntityUid, PolicySet, Request,
    RestrictedExpression, Schema,
};
use glassbreak_core::access::Scope;
use glassbreak_core::digest::Digest;
use glassbreak_core::operator::Duty;

use crate::finding::{Finding, Findings};
use crate::parse;

/// The schema of these rules.
pub const SCHEMA: &str = include_str!("../../../policies/operators/operators.cedarschema");
const BUILT_IN: &str = include_str!("../../../policies/operators/operators.cedar");

/// Somebody who signed in, as these rules see them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SignedIn {
    /// The roles that the provider's claims map to.
    pub roles: BTreeSet<String>,
    /// The duties that an administrator gave.
    pub duties: BTreeSet<Duty>,
    /// Whether it is a person.
    pub is_person: bool,
}

/// Rules about signed-in people.
#[derive(Debug)]
pub struct OperatorPolicy {
    rules: PolicySet,
    schema: Schema,
    digest: Digest,
}

impl OperatorPolicy {
    /// The rules that are built in.
    ///
    /// # Errors
    /// None that a build with green tests has.
    pub fn built_in() -> Result<Self, Findings> {
        Self::from_text(BUILT_IN)
    }

    /// Rules from one Cedar file.
    ///
    /// # Errors
    /// All findings, if one of them refuses: bad syntax, a name that the schema does not know, a
    /// rule without a name.
    pub fn from_text(text: &str) -> Result<Self, Findings> {
        let files = BTreeMap::from([("operators.cedar".to_owned(), text.to_owned())]);
        let (_, rules, findings) = parse::rules(&files, SCHEMA);
        let mut findings = Findings(findings);
        let schema = Schema::from_cedarschema_str(SCHEMA);
        let schema = schema.map_err(|error| Finding::refuse("schema", error.to_string()));
        match schema {
            Ok((schema, _)) if !findings.refuses() => {
                let parts = [SCHEMA.as_bytes(), text.as_bytes()];
                let digest = Digest::of("glassbreak/operator-policy/v1", &parts);
                Ok(Self { rules, schema, digest })
            }
            Ok(_) => Err(findings),
            Err(finding) => {
                findings.0.push(finding);
                Err(findings)
            }
        }
    }

    /// The digest of the rules and their schema.
    pub const fn digest(&self) -> Digest {
        self.digest
    }

    /// What somebody may do. A rule that cannot be evaluated permits nothing.
    pub fn scopes(&self, who: &SignedIn) -> Vec<Scope> {
        let permits = |scope: &Scope| self.permits(who, *scope).unwrap_or(false);
        Scope::ALL.into_iter().filter(permits).collect()
    }

    fn permits(&self, who: &SignedIn, scope: Scope) -> Option<bool> {
        let me = uid("Operator", "it")?;
        let roles: Option<HashSet<_>> = who.roles.iter().map(|role| uid("Role", role)).collect();
        let duties: Option<Vec<_>> =
            who.duties.iter().map(|duty| uid("Duty", duty.name())).collect();
        let duties = duties?.into_iter().map(RestrictedExpression::new_entity_uid);
        let attributes = [
            ("duties".to_owned(), RestrictedExpression::new_set(duties)),
            ("person".to_owned(), RestrictedExpression::new_bool(who.is_person)),
        ];
        let roles = roles?;
        let mut entities: Vec<_> = roles.iter().cloned().map(Entity::with_uid).collect();
        entities.push(Entity::new(me.clone(), attributes.into_iter().collect(), roles).ok()?);
        let entities = Entities::from_entities(entities, Some(&self.schema)).ok()?;
        let (action, here) = (uid("Action", scope.name())?, uid("Installation", "it")?);
        let request = Request::new(me, action, here, Context::empty(), Some(&self.schema)).ok()?;
        let answer = Authorizer::new().is_authorized(&request, &self.rules, &entities);
        let errs = answer.diagnostics().errors().next().is_some();
        Some(answer.decision() == Decision::Allow && !errs)
    }
}

fn uid(kind: &str, id: &str) -> Option<EntityUid> {
    Some(EntityUid::from_type_name_and_id(kind.parse().ok()?, cedar_policy::EntityId::new(id)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scopes(roles: &[&str], duties: &[Duty], is_person: bool) -> Vec<Scope> {
        let roles = roles.iter().map(|role| (*role).to_owned()).collect();
        let who = SignedIn { roles, duties: duties.iter().copied().collect(), is_person };
        OperatorPolicy::built_in().unwrap().scopes(&who)
    }

    #[test]
    fn a_role_without_its_duty_may_do_nothing_and_neither_may_a_duty_without_its_role() {
        for (role, duty, granted) in [
            ("desk", Duty::Support, &[Scope::Support][..]),
            ("approver", Duty::Approve, &[Scope::Approve]),
            ("auditor", Duty::Audit, &[Scope::Audit]),
            ("responder", Duty::Respond, &[Scope::Revoke, Scope::Contain]),
            ("administrator", Duty::Administer, &[Scope::Admin]),
        ] {
            assert_eq!(scopes(&[role], &[duty], true), granted, "{role}");
            assert_eq!(scopes(&[role], &[], true), [], "{role}");
            assert_eq!(scopes(&[], &Duty::ALL, true), [], "{role}");
            let others: Vec<_> = Duty::ALL.into_iter().filter(|other| *other != duty).collect();
            assert_eq!(scopes(&[role], &others, true), [], "{role}");
        }
        assert_eq!(scopes(&["wheel"], &Duty::ALL, true), []);
    }

    #[test]
    fn an_agent_neither_approves_nor_administers_and_an_administrator_works_no_desk() {
        let all = ["desk", "approver", "auditor", "responder", "administrator"];
        let agent = scopes(&all, &Duty::ALL, false);
        assert!(!agent.contains(&Scope::Approve) && !agent.contains(&Scope::Admin), "{agent:?}");
        let person = scopes(&all, &Duty::ALL, true);
        assert!(person.contains(&Scope::Admin) && !person.contains(&Scope::Support));
        assert!(!person.contains(&Scope::Approve));
    }

    #[test]
    fn a_rule_with_a_slip_is_refused() {
        for text in [
            "permit (principal, action, resource);",
            "@id(\"a\") permit (principal, action == Action::\"suport\", resource);",
            "@id(\"a\") permit (principal, action, resource) when { principal.duty };",
            "@id(\"a\") permit (principal, action, resource)\n\
             when { principal.duties.contains(Duty::\"x\") };",
            "not cedar",
        ] {
            assert!(OperatorPolicy::from_text(text).is_err(), "{text}");
        }
    }
}
