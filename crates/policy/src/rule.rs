//! One rule: its name, where it stands, what it reads, and the Cedar policy itself.

use std::collections::BTreeSet;

use cedar_policy::{ActionConstraint, Policy, PolicySet as CedarSet};
use serde::Serialize;

use crate::facts::Action;
use crate::reads;

/// What a rule does when it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Its request may be allowed.
    Permit,
    /// Its request is refused, whatever else permits it.
    Forbid,
}

impl Effect {
    /// The effect's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Permit => "permit",
            Self::Forbid => "forbid",
        }
    }
}

/// A rule of a set.
#[derive(Debug, Clone)]
pub struct Rule {
    /// Its name: the annotation `@id`. Decisions name it as their reason.
    pub name: String,
    /// What it does.
    pub effect: Effect,
    /// The requirements it serves: `@requirement("F3")`.
    pub requirement: String,
    /// The standard's rows it serves: `@standard("N63B-RA-02")`.
    pub standard: String,
    /// Where it stands.
    pub file: String,
    /// The line of its `@id`, from 1.
    pub line: usize,
    /// The policy, alone in a set.
    pub(crate) alone: CedarSet,
    pub(crate) reads: BTreeSet<String>,
    /// The texts that it writes out.
    pub(crate) texts: BTreeSet<String>,
    actions: Option<Vec<String>>,
}

impl Rule {
    /// The rule that `policy` is. `None` if Cedar cannot tell its form, which it always can for a
    /// policy that was parsed from text.
    pub(crate) fn of(policy: &Policy, name: &str, file: &str, line: usize) -> Option<Self> {
        let alone = CedarSet::from_policies([policy.clone()]).ok()?;
        let actions = match policy.action_constraint() {
            ActionConstraint::Any => None,
            ActionConstraint::Eq(one) => Some(vec![one.id().unescaped().to_owned()]),
            ActionConstraint::In(some) => {
                Some(some.iter().map(|one| one.id().unescaped().to_owned()).collect())
            }
        };
        let json = policy.to_json().ok()?;
        let note = |key| policy.annotation(key).unwrap_or_default().to_owned();
        Some(Self {
            name: name.to_owned(),
            effect: match policy.effect() {
                cedar_policy::Effect::Permit => Effect::Permit,
                cedar_policy::Effect::Forbid => Effect::Forbid,
            },
            requirement: note("requirement"),
            standard: note("standard"),
            file: file.to_owned(),
            line,
            reads: reads::paths(&json),
            texts: reads::texts(&json),
            alone,
            actions,
        })
    }

    /// Whether it can have a say about `action`.
    pub fn concerns(&self, action: Action) -> bool {
        self.actions.as_ref().is_none_or(|some| some.iter().any(|one| one == action.name()))
    }

    /// The rule as Cedar holds it, alone in a set, for whoever reasons about it with other means.
    pub const fn cedar(&self) -> &CedarSet {
        &self.alone
    }

    /// Whether it can ever have a say.
    pub fn is_asked(&self) -> bool {
        Action::ALL.into_iter().any(|action| self.concerns(action))
    }

    /// The rows it serves, requirement and standard.
    pub fn rows(&self) -> String {
        [self.requirement.as_str(), self.standard.as_str()]
            .into_iter()
            .filter(|rows| !rows.is_empty())
            .collect::<Vec<_>>()
            .join(", ")
    }
}
