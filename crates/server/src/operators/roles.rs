//! From claims to roles and reach, and from those to scopes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, bail};
use glassbreak_engine::Reach;
use glassbreak_engine::core::access::Scope;
use glassbreak_engine::core::operator::{Duty, Operator};
use glassbreak_engine::core::subject::SubjectKind;
use glassbreak_policy::operators::{OperatorPolicy, SignedIn};
use glassbreak_signals::oidc::Claims;
use serde::{Deserialize, Serialize};

use super::config::OperatorsConfig;

/// What the provider said of somebody, in our words.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Claimed {
    /// The roles.
    pub(crate) roles: BTreeSet<String>,
    /// Whom they reach: these groups, or everybody.
    pub(crate) groups: Option<BTreeSet<String>>,
}

impl Claimed {
    /// Whom they reach, as the engine wants it.
    pub(crate) fn reach(&self) -> Reach {
        match &self.groups {
            None => Reach::Everybody,
            // Maybe none at all, which is nobody.
            Some(groups) => Reach::Groups(groups.iter().cloned().collect()),
        }
    }
}

/// What claims mean, and what rules make of it.
pub(crate) struct Roles {
    config: OperatorsConfig,
    policy: OperatorPolicy,
    /// Answers of the rules; there are as few as there are sets of roles and duties.
    answers: Mutex<BTreeMap<SignedIn, Vec<Scope>>>,
}

impl Roles {
    /// Reads the rules that `config` names.
    ///
    /// # Errors
    /// Rules that do not hold, or a mapping to a role that no rule permits anything.
    pub(crate) fn open(config: &OperatorsConfig) -> anyhow::Result<Self> {
        let policy = match &config.policy {
            None => OperatorPolicy::built_in(),
            Some(path) => {
                let text = std::fs::read_to_string(path)
                    .with_context(|| format!("cannot read `{}`", path.display()))?;
                OperatorPolicy::from_text(&text)
            }
        };
        let policy =
            policy.map_err(|findings| anyhow::anyhow!("`operators.policy`: {findings}"))?;
        for role in config.role_names() {
            let roles = [role.to_owned()].into();
            let who = SignedIn { roles, duties: Duty::ALL.into(), is_person: true };
            if policy.scopes(&who).is_empty() {
                bail!("`operators.roles`: no rule permits the role `{role}` anything");
            }
        }
        tracing::info!(policy = %policy.digest(), "people may sign in");
        let answers = Mutex::new(BTreeMap::new());
        Ok(Self { config: config.clone(), policy, answers })
    }

    /// What claims mean.
    pub(crate) fn of(&self, claims: &Claims) -> Claimed {
        let has = |claim: &str, value: &str| claims.texts(claim).contains(value);
        let held = self.config.roles.iter().filter(|role| has(&role.claim, &role.value));
        let roles = held.map(|role| role.role.clone()).collect();
        let reached = self.config.reach.iter().filter(|reach| has(&reach.claim, &reach.value));
        let reached: Vec<_> = reached.collect();
        let everybody = self.config.reach.is_empty() || reached.iter().any(|it| it.everybody);
        let groups = reached.iter().flat_map(|reach| reach.groups.iter().cloned());
        Claimed { roles, groups: (!everybody).then(|| groups.collect()) }
    }

    /// What an operator may do now, by the provider's word and by the appointment.
    pub(crate) fn scopes(&self, claimed: &Claimed, operator: &Operator) -> Vec<Scope> {
        let who = SignedIn {
            roles: claimed.roles.clone(),
            duties: operator.appointment.duties.iter().copied().collect(),
            is_person: operator.kind == SubjectKind::Person,
        };
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        answers.entry(who).or_insert_with_key(|who| self.policy.scopes(who)).clone()
    }
}
