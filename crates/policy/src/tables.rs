//! What each rule says to the facts it reads, asked of Cedar once and kept.
//!
//! A rule depends on what it reads and on nothing else, so its answers fit a table with a place for
//! each combination of those facts. A place is filled when it is first needed, by Cedar's own
//! authoriser over that rule alone; Cedar's way to combine rules (any `forbid` refuses, else any
//! `permit` allows) is then three lines here. `tests/whole_set.rs` compares with Cedar over all
//! rules at once.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use cedar_policy::Authorizer;
use glassbreak_core::event::Outcome;
use glassbreak_core::policy::{Verdict, smallest_further_evidence};
use glassbreak_core::redemption::Method;
use glassbreak_core::subject::Tier;

use crate::facts::{Action, Facts};
use crate::reads;
use crate::request;
use crate::rule::{Effect, Rule};

/// A rule that reads more than so many bits of facts has no table.
const TABLE_BITS_MAX: u32 = 16;
/// Tables are kept for so many tiers. Configurations have a handful.
const TIERS_MAX: usize = 64;
/// Verdicts are kept for so many questions of a tier.
const VERDICTS_MAX: usize = 65_536;

/// The reason of a refusal because rules could not be evaluated; their names follow it.
pub(crate) const ERROR: &str = "policy.error";

/// What a rule says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Says {
    /// It does not hold.
    Nothing,
    /// It holds.
    Holds,
    /// It could not be evaluated.
    Errs,
}

/// The rules, and their tables by tier.
#[derive(Debug)]
pub(crate) struct Engine {
    rules: Vec<Rule>,
    tiers: RwLock<BTreeMap<Tier, Arc<Tables>>>,
}

impl Engine {
    pub(crate) const fn new(rules: Vec<Rule>) -> Self {
        Self { rules, tiers: RwLock::new(BTreeMap::new()) }
    }

    pub(crate) fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The tables of a tier. Beyond [`TIERS_MAX`] they are made and not kept.
    pub(crate) fn tier(&self, tier: &Tier) -> Arc<Tables> {
        let tiers = self.tiers.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(tables) = tiers.get(tier) {
            return Arc::clone(tables);
        }
        drop(tiers);
        let tables = Arc::new(Tables::new(&self.rules, tier.clone()));
        let mut tiers = self.tiers.write().unwrap_or_else(PoisonError::into_inner);
        if tiers.len() < TIERS_MAX {
            tiers.entry(tier.clone()).or_insert_with(|| Arc::clone(&tables));
        }
        tables
    }

    /// The verdict with what would turn a refusal into a permit, if anything would.
    pub(crate) fn verdict(&self, tier: &Tier, facts: Facts) -> Verdict {
        let tables = self.tier(tier);
        let known = tables.verdicts.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(verdict) = known.get(&facts) {
            return verdict.clone();
        }
        drop(known);
        let verdict = tables.with_step_up(&self.rules, facts);
        let mut known = tables.verdicts.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() < VERDICTS_MAX {
            known.insert(facts, verdict.clone());
        }
        verdict
    }

    /// The names of the rules that decide, and whether they permit; no step-up.
    pub(crate) fn decide(&self, tables: &Tables, facts: Facts) -> Verdict {
        tables.decide(&self.rules, facts)
    }

    /// Whether it is permitted; the quick form of [`Engine::decide`].
    pub(crate) fn permits(&self, tables: &Tables, facts: Facts) -> bool {
        tables.permits(&self.rules, facts)
    }

    /// The names of the rules that cannot be evaluated.
    pub(crate) fn errors(&self, tables: &Tables, facts: Facts) -> Vec<String> {
        tables.names(&self.rules, facts, |_, says| says == Says::Errs)
    }
}

/// The tables of one tier.
#[derive(Debug)]
pub(crate) struct Tables {
    tier: Tier,
    /// By action: the rules that concern it, by their place in the list.
    by_action: [Vec<Table>; 7],
    verdicts: RwLock<HashMap<Facts, Verdict>>,
}

#[derive(Debug)]
struct Table {
    rule: usize,
    effect: Effect,
    /// Shift and width of each fact the rule reads.
    reads: Vec<(u32, u32)>,
    /// 0 where nobody asked yet. Empty where there would be too many places.
    places: Vec<AtomicU8>,
}

impl Tables {
    fn new(rules: &[Rule], tier: Tier) -> Self {
        let by_action = Action::ALL.map(|action| {
            let concerned = rules.iter().enumerate().filter(|(_, rule)| rule.concerns(action));
            concerned.map(|(place, rule)| Table::new(place, rule, action)).collect()
        });
        Self { tier, by_action, verdicts: RwLock::new(HashMap::new()) }
    }

    fn of(&self, action: Action) -> &[Table] {
        self.by_action.get(action.place()).map(Vec::as_slice).unwrap_or_default()
    }

    /// Calls `each` with the place of every rule that holds.
    pub(crate) fn each_holding(&self, rules: &[Rule], facts: Facts, mut each: impl FnMut(usize)) {
        for table in self.of(facts.action) {
            if table.says(rules, &self.tier, facts) == Says::Holds {
                each(table.rule);
            }
        }
    }

    fn permits(&self, rules: &[Rule], facts: Facts) -> bool {
        let mut permitted = false;
        for table in self.of(facts.action) {
            match (table.says(rules, &self.tier, facts), table.effect) {
                (Says::Nothing, _) => {}
                (Says::Holds, Effect::Permit) => permitted = true,
                (Says::Holds, Effect::Forbid) | (Says::Errs, _) => return false,
            }
        }
        permitted
    }

    fn decide(&self, rules: &[Rule], facts: Facts) -> Verdict {
        let refusal = |reasons| Verdict { reasons, ..Verdict::deny(ERROR) };
        let errs = self.names(rules, facts, |_, says| says == Says::Errs);
        if !errs.is_empty() {
            return refusal([vec![ERROR.to_owned()], errs].concat());
        }
        let holds = |wanted: Effect| {
            self.names(rules, facts, |effect, says| says == Says::Holds && effect == wanted)
        };
        let forbids = holds(Effect::Forbid);
        if !forbids.is_empty() {
            return refusal(forbids);
        }
        let permits = holds(Effect::Permit);
        if permits.is_empty() {
            return refusal(vec![unpermitted(facts.action).to_owned()]);
        }
        Verdict { reasons: permits, ..Verdict::permit("") }
    }

    fn with_step_up(&self, rules: &[Rule], facts: Facts) -> Verdict {
        let verdict = self.decide(rules, facts);
        if verdict.outcome != Outcome::Deny || !facts.action.weighs_evidence() {
            return verdict;
        }
        let lacking = |method: &Method| facts.with(&[*method]) != facts;
        let further: Vec<_> = Method::ALL.into_iter().filter(lacking).collect();
        let permits = |more: &[Method]| self.permits(rules, facts.with(more));
        verdict.or_with(smallest_further_evidence(&further, permits))
    }

    fn names(
        &self,
        rules: &[Rule],
        facts: Facts,
        wanted: impl Fn(Effect, Says) -> bool,
    ) -> Vec<String> {
        let tables = self.of(facts.action).iter();
        let said =
            tables.filter(|table| wanted(table.effect, table.says(rules, &self.tier, facts)));
        said.filter_map(|table| Some(rules.get(table.rule)?.name.clone())).collect()
    }
}

impl Table {
    fn new(place: usize, rule: &Rule, action: Action) -> Self {
        let fields = action.layout().fields.iter();
        let read = fields.filter(|field| reads::touch(&rule.reads, &field.path));
        let reads: Vec<_> = read.map(|field| (field.shift, field.width)).collect();
        let bits: u32 = reads.iter().map(|(_, width)| width).sum();
        let size = if bits <= TABLE_BITS_MAX { 1_usize << bits } else { 0 };
        let places = std::iter::repeat_with(|| AtomicU8::new(0)).take(size).collect();
        Self { rule: place, effect: rule.effect, reads, places }
    }

    fn says(&self, rules: &[Rule], tier: &Tier, facts: Facts) -> Says {
        let Some(place) = self.places.get(self.index(facts.bits)) else {
            return self.ask(rules, tier, facts);
        };
        // Whoever comes second writes the same: rules have no state.
        match place.load(Ordering::Relaxed) {
            1 => Says::Nothing,
            2 => Says::Holds,
            3 => Says::Errs,
            _ => {
                let says = self.ask(rules, tier, facts);
                place.store(says as u8 + 1, Ordering::Relaxed);
                says
            }
        }
    }

    fn index(&self, bits: u32) -> usize {
        let mut index = 0;
        for (shift, width) in &self.reads {
            index = index << width | (bits >> shift) & ((1 << width) - 1);
        }
        index as usize
    }

    #[cold]
    fn ask(&self, rules: &[Rule], tier: &Tier, facts: Facts) -> Says {
        let Some(rule) = rules.get(self.rule) else { return Says::Errs };
        let Ok((request, entities)) = request::build(facts, tier, None) else {
            return Says::Errs;
        };
        let response = Authorizer::new().is_authorized(&request, &rule.alone, &entities);
        let told = response.diagnostics();
        if told.errors().next().is_some() {
            Says::Errs
        } else if told.reason().next().is_some() {
            Says::Holds
        } else {
            Says::Nothing
        }
    }
}

/// The reason where no rule speaks: what is not permitted is refused.
const fn unpermitted(action: Action) -> &'static str {
    match action {
        Action::Issue => "issue.no-rule-permits",
        Action::Confirm => "confirm.no-rule-permits",
        Action::Revoke => "revoke.no-rule-permits",
        Action::Redeem => "redeem.evidence-too-weak",
        Action::Recover => "recover.evidence-too-weak",
        Action::Release => "release.evidence-too-weak",
        Action::Approve => "approve.no-rule-permits",
    }
}
