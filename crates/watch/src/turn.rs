//! One rule's look at one entry: what it remembers of it, and whether that makes an alert.

use serde_json::Value;

use crate::alert::{Alert, Gaps, Seat};
use crate::correlation::{Correlation, Kind};
use crate::history::{History, Wanted};
use crate::memory::{Group, Limits, Memory, Seen};
use crate::path::{Path, apart, moment};
use crate::rule::{Body, Rule};
use crate::set::{Placed, RuleSet};
use crate::span::Span;

/// The most values of a field that are remembered of one group; the oldest go first.
const VALUES_MAX: usize = 64;

/// One rule's look at one entry.
pub(crate) struct Turn<'a> {
    pub(crate) rules: &'a RuleSet,
    pub(crate) placed: &'a Placed,
    /// Whether its own detection holds.
    pub(crate) hit: bool,
    /// Whether those of the rules it rests on do.
    pub(crate) below: Vec<bool>,
    pub(crate) entry: &'a Value,
    pub(crate) seat: Seat<'a>,
    pub(crate) limits: Limits,
}

impl Turn<'_> {
    fn rule(&self) -> &Rule {
        &self.placed.rule
    }

    /// Whether there is anything to do for it.
    pub(crate) fn concerns(&self) -> bool {
        self.hit || self.below.contains(&true)
    }

    fn seen(&self, mark: String) -> Seen {
        Seen { at: self.seat.at, id: self.seat.id.to_owned(), mark }
    }

    pub(crate) fn take(&self, memory: &mut Memory) -> Option<Alert> {
        match &self.rule().body {
            Body::Entry { history, .. } => self.one(history, memory),
            Body::Several(correlation) => self.several(correlation, memory),
        }
    }

    /// The group's key; `None` where the entry lacks one of the fields.
    fn key(&self, group_by: &[Path]) -> Option<Vec<String>> {
        group_by.iter().map(|path| path.one(self.entry)).collect()
    }

    fn subject(&self) -> Option<String> {
        self.entry.get("subject").and_then(Value::as_str).map(ToOwned::to_owned)
    }

    fn one(&self, history: &History, memory: &mut Memory) -> Option<Alert> {
        let mut alert = Alert::new(self.rule(), &self.seat, self.subject());
        let Some(keep) = history.looks_back() else {
            return self.hit.then(|| {
                alert.reasons.push(format!("{}.", self.rule().title));
                alert
            });
        };
        let key = self.key(&history.group_by)?;
        let now = self.seat.at;
        let reason = memory.with(key, now, keep, self.limits, |group| {
            let reason = match &history.wanted {
                None => self.hit.then(|| format!("{}.", self.rule().title)),
                Some(Wanted::WithoutBefore { within, .. }) => self.without(group, *within),
                Some(Wanted::Unseen { field, within, at_least }) => {
                    self.unseen(group, field, *within, *at_least)
                }
            };
            reason.filter(|_| group.may_tell(now, history.quiet))
        })?;
        let gaps = history.wanted.is_some().then(|| gaps(memory, now, keep.0));
        alert.reasons.push(reason);
        alert.reasons.extend(gaps.unwrap_or_default().told());
        Some(alert)
    }

    fn without(&self, group: &mut Group, within: Span) -> Option<String> {
        group.prune(self.seat.at, within);
        let reason = (self.hit && group.seen.is_empty())
            .then(|| format!("{}: none in the {within} before.", self.rule().title));
        if self.below.contains(&true) {
            group.seen = [self.seen(String::new())].into();
        }
        reason
    }

    fn unseen(
        &self,
        group: &mut Group,
        field: &Path,
        within: Span,
        at_least: usize,
    ) -> Option<String> {
        let value = field.one(self.entry)?;
        group.prune(self.seat.at, within);
        let known = group.seen.iter().any(|seen| seen.mark == value);
        let others = group.seen.len();
        group.seen.retain(|seen| seen.mark != value);
        group.seen.push_back(self.seen(value.clone()));
        while group.seen.len() > VALUES_MAX {
            group.seen.pop_front();
        }
        (!known && others >= at_least).then(|| {
            let were = if others == 1 { "other was" } else { "others were" };
            format!("`{field}` {value} was not there in {within}; {others} {were}.")
        })
    }

    fn several(&self, correlation: &Correlation, memory: &mut Memory) -> Option<Alert> {
        let Correlation { kind, group_by, timespan, .. } = correlation;
        let key = self.key(group_by)?;
        let now = self.seat.at;
        let (limits, span) = (self.limits, *timespan);
        let found = memory.with(key.clone(), now, span, limits, |group| {
            group.prune(now, span);
            let found = match kind {
                Kind::EventCount { at_least } => self.count(group, *at_least),
                Kind::ValueCount { field, at_least } => self.values(group, field, *at_least),
                Kind::Temporal => self.together(group),
                Kind::TemporalOrdered => self.in_order(group, span.0),
            };
            found.filter(|_| group.may_tell(now, span))
        })?;
        let at = |path: &str| group_by.iter().position(|own| own.is(path));
        let subject = match at("subject") {
            Some(place) => key.get(place).cloned(),
            // A recovery is of one subject.
            None => group_by
                .iter()
                .any(|path| path.to_string() == "data.recovery")
                .then(|| self.subject())
                .flatten(),
        };
        let mut alert = Alert::new(self.rule(), &self.seat, subject);
        alert.reasons.push(self.told(correlation, &found));
        let common = group_by.iter().zip(&key).map(|(path, value)| format!("`{path}` {value}"));
        let common: Vec<String> = common.collect();
        if !common.is_empty() {
            alert.reasons.push(format!("They have in common: {}.", common.join(", ")));
        }
        alert.reasons.extend(gaps(memory, now, span.0).told());
        alert.entries = found.into_iter().map(|seen| seen.id).collect();
        Some(alert)
    }

    fn count(&self, group: &mut Group, at_least: usize) -> Option<Vec<Seen>> {
        group.seen.push_back(self.seen(String::new()));
        enough(group, at_least)
    }

    fn values(&self, group: &mut Group, field: &Path, at_least: usize) -> Option<Vec<Seen>> {
        let value = field.one(self.entry)?;
        group.seen.retain(|seen| seen.mark != value);
        group.seen.push_back(self.seen(value));
        enough(group, at_least)
    }

    fn together(&self, group: &mut Group) -> Option<Vec<Seen>> {
        for (place, _) in self.below.iter().enumerate().filter(|(_, hit)| **hit) {
            let mark = place.to_string();
            group.seen.retain(|seen| seen.mark != mark);
            group.seen.push_back(self.seen(mark));
        }
        (group.seen.len() == self.below.len()).then(|| group.seen.iter().cloned().collect())
    }

    /// For each place the latest entries that lead up to it. From the last place to the first, so
    /// that one entry is not two steps.
    fn in_order(&self, group: &mut Group, span: i64) -> Option<Vec<Seen>> {
        let oldest = self.seat.at.saturating_sub(span);
        group.chains.resize(self.below.len(), Vec::new());
        for chain in &mut group.chains {
            if chain.first().is_some_and(|first| first.at < oldest) {
                chain.clear();
            }
        }
        let mut whole = None;
        let hit = self.below.iter().enumerate().filter(|(_, hit)| **hit).map(|(place, _)| place);
        for place in hit.rev() {
            let mut chain = match place.checked_sub(1) {
                None => Vec::new(),
                Some(before) => match group.chains.get(before) {
                    Some(chain) if !chain.is_empty() => chain.clone(),
                    _ => continue,
                },
            };
            chain.push(self.seen(String::new()));
            if place + 1 == self.below.len() {
                whole = Some(chain);
            } else if let Some(own) = group.chains.get_mut(place) {
                *own = chain;
            }
        }
        whole
    }

    /// Why it is an alert, with the figures.
    fn told(&self, correlation: &Correlation, found: &[Seen]) -> String {
        let Correlation { kind, timespan, .. } = correlation;
        let first = found.iter().map(|seen| seen.at).min().unwrap_or_default();
        let last = found.iter().map(|seen| seen.at).max().unwrap_or_default();
        let (within, from, to) = (apart(first, last), moment(first), moment(last));
        let when = format!("within {within}, from {from} to {to}");
        let below = self.placed.rests_on.iter().filter_map(|at| self.rules.placed().get(*at));
        let titles: Vec<String> =
            below.map(|placed| format!("\"{}\"", placed.rule.title)).collect();
        match kind {
            Kind::EventCount { at_least } => format!(
                "{} times {} {when}; {at_least} in {timespan} are told.",
                found.len(),
                titles.join(" or ")
            ),
            Kind::ValueCount { field, at_least } => format!(
                "{} different values of `{field}` where {} {when}; \
                 {at_least} in {timespan} are told.",
                found.len(),
                titles.join(" or ")
            ),
            Kind::Temporal => format!("{} {when}.", titles.join(" and ")),
            Kind::TemporalOrdered => format!("{} {when}.", titles.join(", then ")),
        }
    }
}

/// What is not known of the time that a rule looks back on.
fn gaps(memory: &Memory, now: i64, looks_back: i64) -> Gaps {
    let since = memory.since.filter(|since| *since > now.saturating_sub(looks_back));
    Gaps { forgotten: memory.forgotten, since }
}

/// The latest so many, if there are so many.
fn enough(group: &mut Group, at_least: usize) -> Option<Vec<Seen>> {
    while group.seen.len() > at_least {
        group.seen.pop_front();
    }
    (group.seen.len() >= at_least).then(|| group.seen.iter().cloned().collect())
}
