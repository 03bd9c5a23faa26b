//! A history: each step goes to core and model, and both are held against each other.

use glassbreak_core::code_set::CodeSet;
use glassbreak_core::recovery::{Obligation, RecoveryState, Review};
use glassbreak_core::redemption::Ending;
use glassbreak_core::settings::Settings;

use crate::generator::{self, Generator};
use crate::random::Random;
use crate::reference::{Model, Set, Stage};
use crate::subject_under_test::{Core, Counts, Pool};
use crate::vocabulary::{Answer, Command, Step};

/// Steps of one history. Short ones find as much and are quicker: what a step costs grows with what
/// is about.
pub(crate) const STEPS: usize = 200;

/// Where core and model disagree, or an invariant is broken.
pub(crate) struct Finding {
    pub(crate) steps: Vec<Step>,
    pub(crate) what: String,
}

struct Pair<'p> {
    core: Core<'p>,
    model: Model<'p>,
    accepted: u64,
    /// By code: whether it was accepted.
    spent: Vec<bool>,
}

/// Runs the history of a seed; gives its number of steps.
pub(crate) fn run(
    seed: u64,
    pool: &Pool,
    size: usize,
    counts: &mut Counts,
) -> Result<usize, Finding> {
    let mut random = Random::new(seed);
    let settings = generator::settings(&mut random);
    let mut pair = Pair::new(pool, size, &settings);
    let mut generator = Generator::new(random, size);
    let mut steps = Vec::with_capacity(STEPS);
    while steps.len() < STEPS && !generator.is_spent() {
        let step = generator.next();
        let outcome = pair.step(&step, counts);
        steps.push(step.clone());
        match outcome {
            Ok(answer) => generator.learn(&step, &answer, pair.model.recs.len()),
            Err(what) => return Err(Finding { steps, what }.shrunk(&settings, pool, size)),
        }
    }
    Ok(steps.len())
}

/// The settings of a seed, for a person to look at.
pub(crate) fn settings_of(seed: u64) -> Settings {
    generator::settings(&mut Random::new(seed))
}

impl Finding {
    /// Leaves out every step without which something is still found.
    fn shrunk(mut self, settings: &Settings, pool: &Pool, size: usize) -> Self {
        let mut place = self.steps.len();
        while place > 0 {
            place -= 1;
            let mut fewer = self.steps.clone();
            fewer.remove(place);
            let mut pair = Pair::new(pool, size, settings);
            let mut counts = Counts::new();
            let found = fewer
                .iter()
                .enumerate()
                .find_map(|(at, step)| pair.step(step, &mut counts).err().map(|what| (at, what)));
            if let Some((at, what)) = found {
                fewer.truncate(at + 1);
                self = Self { steps: fewer, what };
                place = place.min(self.steps.len());
            }
        }
        self
    }
}

impl<'p> Pair<'p> {
    fn new(pool: &'p Pool, size: usize, settings: &'p Settings) -> Self {
        let (core, model) = (Core::new(pool, settings), Model::new(settings));
        Self { core, model, accepted: 0, spent: vec![false; size] }
    }

    fn step(&mut self, step: &Step, counts: &mut Counts) -> Result<Answer, String> {
        let attempts = self.core.state.redemptions.len();
        let answer = self.core.step(step, counts)?;
        let expected = self.model.step(step);
        if answer != expected {
            return Err(format!("the core answers\n  {answer:?}\nand the model\n  {expected:?}"));
        }
        *counts.entry(answer.name()).or_default() += 1;
        let is_new = self.core.state.redemptions.len() > attempts;
        if let (Command::Redeem(redeem), Answer::Accepted { .. }, true) =
            (&step.command, &answer, is_new)
        {
            self.accepted += 1;
            if std::mem::replace(&mut self.spent[redeem.code], true) {
                return Err("a code was accepted twice".to_owned());
            }
        }
        self.compare()?;
        self.compare_recoveries()?;
        self.invariants()?;
        Ok(answer)
    }

    fn compare(&self) -> Result<(), String> {
        let (core, model) = (&self.core, &self.model);
        if core.order.len() != model.sets.len() {
            return Err(format!("{} sets, and {}", core.order.len(), model.sets.len()));
        }
        for (id, expected) in core.order.iter().zip(&model.sets) {
            let set = &core.state.sets[id];
            if !same_set(set, expected) {
                let (state, used) = (expected.state, &expected.used);
                let (failures, by) = (expected.failures, expected.replace_by);
                let model = format!("{state:?}, used {used:?}, failures {failures}, by {by:?}");
                return Err(format!("the core has\n  {set:?}\nand the model\n  {model}"));
            }
        }
        if core.state.subjects.len() != model.subjects.len() {
            return Err("another number of subjects".to_owned());
        }
        for expected in &model.subjects {
            let subject = &core.state.subjects[&expected.id];
            let same = subject.profile == expected.profile
                && subject.standing == expected.standing
                && subject.registered_at == expected.registered_at;
            if !same {
                let (profile, standing) = (&expected.profile, expected.standing);
                let model = format!("{profile:?}, {standing:?}");
                return Err(format!("the core has\n  {subject:?}\nand the model\n  {model}"));
            }
        }
        for expected in &model.budgets {
            let budget = core.state.budgets.get(&expected.of).copied().unwrap_or_default();
            if (budget.failures, budget.retry_at) != (expected.failures, expected.retry_at) {
                let model = (expected.failures, expected.retry_at);
                return Err(format!("the core has {budget:?} and the model {model:?}"));
            }
        }
        Ok(())
    }

    fn compare_recoveries(&self) -> Result<(), String> {
        let (core, model) = (&self.core, &self.model);
        if core.recoveries.len() != model.recs.len() || core.alerts != model.alerts {
            let (many, expected) = (core.recoveries.len(), model.recs.len());
            let (alerts, told) = (&core.alerts, &model.alerts);
            return Err(format!("{many} recoveries, and {expected}; {alerts:?}, and {told:?}"));
        }
        for ((id, _), expected) in core.recoveries.iter().zip(&model.recs) {
            let recovery = &core.state.recoveries[id];
            let reviewed = recovery.review.as_ref().map(|held| matches!(held, Review::Done { .. }));
            let same = stage_of(&recovery.state) == expected.stage
                && recovery.items.len() == expected.items()
                && recovery.approvals.len() == expected.approvals.len()
                && recovery.satisfied_at == expected.satisfied_at
                && reviewed == expected.reviewed;
            if !same {
                return Err(format!("the core has\n  {recovery:?}\nand the model\n  {expected:?}"));
            }
        }
        Ok(())
    }

    /// Goal 14, and what single use comes to in the tables.
    fn invariants(&self) -> Result<(), String> {
        let state = &self.core.state;
        let ledger = state.ledger();
        if !ledger.balances() {
            return Err(format!("the ledger does not balance: {ledger:?}"));
        }
        if ledger.used != self.accepted {
            return Err(format!("{} accepted, and {ledger:?}", self.accepted));
        }
        for set in state.sets.values() {
            for (ordinal, redemption) in &set.used {
                let ending = state.redemptions.get(redemption).map(|past| &past.ending);
                match ending {
                    Some(Ending::Accepted { set: of, ordinal: at, .. })
                        if *of == set.id && at == ordinal => {}
                    other => return Err(format!("{redemption} used a code and is {other:?}")),
                }
            }
        }
        Ok(())
    }
}

fn stage_of(state: &RecoveryState) -> Stage {
    match state {
        RecoveryState::Open {} => Stage::Open,
        RecoveryState::Window(window) => Stage::Window {
            ends_at: window.ends_at,
            bind: window.obligations.contains(&Obligation::BindAuthenticator),
            replace: window.obligations.contains(&Obligation::ReplaceCodes),
        },
        RecoveryState::Completed { at } => Stage::Completed(*at),
        RecoveryState::Lapsed { at, in_window } => Stage::Lapsed(*at, *in_window),
        RecoveryState::Refused { at, by } => Stage::Refused(*at, *by),
        RecoveryState::Cancelled { at } => Stage::Cancelled(*at),
    }
}

fn same_set(set: &CodeSet, expected: &Set) -> bool {
    let used = set.used.len() == expected.used.len()
        && expected.used.iter().all(|(ordinal, by)| set.used.get(ordinal) == Some(by));
    used && set.id == expected.id
        && set.subject == expected.owner
        && set.state == expected.state
        && set.failures == expected.failures
        && set.replace_by == expected.replace_by
        && set.custody().zip(set.custody_declared_at()) == expected.kept
        && set.issued.expires_at == expected.expires_at
}
