//! What is asked of the solver, and what is made of its answers.
//!
//! Each question to it is of the form: is there a request, among those that can be asked, which ..?
//! Its answer is a request; that one is put to the rules themselves before anybody is told.

use std::collections::BTreeMap;

use cedar_policy::{Policy, PolicyId, PolicySet as CedarSet, RequestEnv, Schema};
use cedar_policy_symcc::solver::LocalSolver;
use cedar_policy_symcc::{CedarSymCompiler, CompiledPolicy, CompiledPolicySet, Env};
use glassbreak_core::policy::Question;
use glassbreak_core::subject::Tier;
use glassbreak_policy::facts::{Action, Facts};
use glassbreak_policy::proof::Held;
use glassbreak_policy::{Loaded, Rule, SCHEMA, exhaust};

use crate::solver::{Unproven, failed};

/// A solver that is asked about requests of the schema.
pub(crate) struct Asking<'a> {
    solver: &'a mut CedarSymCompiler<LocalSolver>,
    schema: Schema,
    envs: BTreeMap<Action, RequestEnv>,
}

impl<'a> Asking<'a> {
    pub(crate) fn new(solver: &'a mut CedarSymCompiler<LocalSolver>) -> Result<Self, Unproven> {
        let (schema, _) = Schema::from_cedarschema_str(SCHEMA).map_err(failed)?;
        let mut envs = BTreeMap::new();
        for env in schema.request_envs() {
            let name = env.action().id().unescaped();
            if let Some(action) = Action::ALL.into_iter().find(|action| action.name() == name) {
                // What is asked about an action is of one type of principal and of resource.
                if envs.insert(action, env.clone()).is_some() {
                    return Err(failed(format!("`{name}` has more than one form of request")));
                }
            }
        }
        Ok(Self { solver, schema, envs })
    }

    /// Each invariant: is a request permitted that it describes?
    pub(crate) async fn held(&mut self, set: &Loaded) -> Result<Vec<Held>, Unproven> {
        let mut ours = BTreeMap::new();
        for action in Action::ALL {
            ours.insert(action, self.compile(set.cedar(), action)?);
        }
        let mut all = Vec::new();
        for invariant in exhaust::invariants() {
            let mut held = Held::of(&invariant);
            for (action, ours) in &ours {
                if held.holds() && invariant.concerns(*action) {
                    let described = within(invariant.cedar().clone(), *action)?;
                    let described = self.compile(&described, *action)?;
                    let found =
                        self.solver.check_disjoint_with_counterexample_opt(ours, &described);
                    if let Some(found) = found.await.map_err(failed)? {
                        let shows = |facts, tier: &_| exhaust::shown(set, &invariant, facts, tier);
                        held = asked(&found, &[set], shows)
                            .ok_or_else(|| Unproven::NotShown(invariant.name.clone()))?;
                    }
                }
            }
            all.push(held);
        }
        Ok(all)
    }

    /// Each rule: is there a request on which it errs?
    pub(crate) async fn erring(
        &mut self,
        set: &Loaded,
    ) -> Result<Option<(Question, Vec<String>)>, Unproven> {
        for rule in set.rules() {
            for action in Action::ALL.into_iter().filter(|action| rule.concerns(*action)) {
                let guarded = guarded(rule, action)?;
                let env = self.env(action)?;
                let compiled =
                    CompiledPolicy::compile(&guarded, env, &self.schema).map_err(failed)?;
                let found = self.solver.check_never_errors_with_counterexample_opt(&compiled);
                if let Some(found) = found.await.map_err(failed)? {
                    let errs = |facts, tier: &_| exhaust::errs(set, facts, tier);
                    let shown = asked(&found, &[set], errs);
                    return shown.map(Some).ok_or_else(|| Unproven::NotShown(rule.name.clone()));
                }
            }
        }
        Ok(None)
    }

    /// Each action: is there a request that one set permits and the other refuses?
    pub(crate) async fn differ(
        &mut self,
        before: &Loaded,
        after: &Loaded,
    ) -> Result<Vec<Question>, Unproven> {
        let mut all = Vec::new();
        for action in Action::ALL {
            let before_it = self.compile(&within(before.cedar().clone(), action)?, action)?;
            let after_it = self.compile(&within(after.cedar().clone(), action)?, action)?;
            let found = self.solver.check_equivalent_with_counterexample_opt(&before_it, &after_it);
            if let Some(found) = found.await.map_err(failed)? {
                let differs = |facts: Facts, tier: &Tier| {
                    let differ = |facts| before.permits(facts, tier) != after.permits(facts, tier);
                    differ(facts).then(|| facts.plainest(differ).question(tier))
                };
                let shown = asked(&found, &[before, after], differs);
                all.push(shown.ok_or_else(|| Unproven::NotShown(action.name().to_owned()))?);
            }
        }
        Ok(all)
    }

    fn compile(&self, set: &CedarSet, action: Action) -> Result<CompiledPolicySet, Unproven> {
        CompiledPolicySet::compile(set, self.env(action)?, &self.schema).map_err(failed)
    }

    fn env(&self, action: Action) -> Result<&RequestEnv, Unproven> {
        let env = self.envs.get(&action);
        env.ok_or_else(|| failed(format!("the schema has no `{}`", action.name())))
    }
}

/// What the solver found, asked for real. It may have made up the name of a tier; then tiers that
/// rules speak of are tried in its place.
fn asked<T>(found: &Env, sets: &[&Loaded], shows: impl Fn(Facts, &Tier) -> Option<T>) -> Option<T> {
    let (facts, tier) = Facts::of_cedar(&found.request, &found.entities)?;
    let mut tiers = exhaust::tiers(sets);
    tiers.extend(Tier::try_from(tier).ok().filter(|_| sets.iter().any(|set| set.reads_tier())));
    tiers.iter().rev().find_map(|tier| shows(facts, tier))
}

/// The name of the rule that leaves only requests that can be asked.
const ASKABLE: &str = "glassbreak.askable";

/// `set`, permitting nothing but what can be asked.
fn within(mut set: CedarSet, action: Action) -> Result<CedarSet, Unproven> {
    let (name, askable) = (action.name(), action.askable());
    let rule = format!(
        "forbid (principal, action == Action::\"{name}\", resource) unless {{ {askable} }};"
    );
    let rule = Policy::parse(Some(PolicyId::new(ASKABLE)), rule).map_err(failed)?;
    set.add(rule).map_err(failed)?;
    Ok(set)
}

/// `rule`, evaluated only on requests that can be asked: conditions are looked at in their order.
fn guarded(rule: &Rule, action: Action) -> Result<Policy, Unproven> {
    let askable = format!("permit (principal, action, resource) when {{ {} }};", action.askable());
    let first = Policy::parse(None, askable).map_err(failed)?.to_json().map_err(failed)?;
    let alone = rule.cedar().policies().next();
    let alone = alone.ok_or_else(|| failed("a rule without its policy"))?;
    let mut json = alone.to_json().map_err(failed)?;
    let mut conditions = first.get("conditions").and_then(|all| all.as_array()).cloned();
    if let (Some(first), Some(own)) = (conditions.as_mut(), json.get_mut("conditions")) {
        first.extend(own.as_array().cloned().unwrap_or_default());
        *own = serde_json::Value::Array(first.clone());
    }
    Policy::from_json(Some(PolicyId::new(&rule.name)), json).map_err(failed)
}
