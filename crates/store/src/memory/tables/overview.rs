//! What a console asks of the store in memory.

use glassbreak_core::code_set::{CodeSet, SetKind, SetState};
use glassbreak_core::event::AlertLevel;
use glassbreak_core::id::SubjectId;
use glassbreak_core::recovery::{Opener, Recovery, Review};
use glassbreak_core::time::Timestamp;

use super::Tables;
use crate::{
    AlertPage, AlertQuery, AlertRow, LogEntry, RecoveryPage, RecoveryQuery, RecoveryRow,
    RecoveryWalk, Standings, SubjectPage, SubjectQuery, SubjectRow, ThrottledPage, ThrottledQuery,
    ThrottledRow,
};

impl Tables {
    pub(in crate::memory) fn recoveries(&self, query: &RecoveryQuery) -> RecoveryPage {
        let enough = query.limit.max(1).saturating_add(1);
        let walks_all = query.walk() == RecoveryWalk::All;
        let look_at = query.look_at.filter(|_| walks_all).map_or(usize::MAX, |most| most.max(1));
        let all: Box<dyn Iterator<Item = &Recovery>> = if query.newest {
            Box::new(self.state.recoveries.values().rev())
        } else {
            Box::new(self.state.recoveries.values())
        };
        let is_after = |recovery: &&Recovery| match query.after {
            Some(after) if query.newest => recovery.id < after,
            Some(after) => recovery.id > after,
            None => true,
        };
        let within: Vec<_> = all.filter(is_after).take(look_at).collect();
        let looked = within.last().filter(|_| within.len() == look_at).map(|last| last.id);
        let found = within.into_iter().filter(|recovery| query.wants(recovery)).take(enough);
        query.page(found.map(|recovery| self.recovery_row(recovery)).collect(), looked)
    }

    fn recovery_row(&self, recovery: &Recovery) -> RecoveryRow {
        RecoveryRow { reference: self.reference(recovery.subject), recovery: recovery.clone() }
    }

    pub(in crate::memory) fn standings(&self, now: Timestamp) -> Standings {
        let mut standings = Standings::default();
        let mut windows = Vec::new();
        for recovery in self.state.recoveries.values() {
            if recovery.is_live() {
                let of = match recovery.opening.by.opener() {
                    Opener::Subject => &mut standings.own,
                    Opener::Agent => &mut standings.cases,
                };
                of.count(recovery.state.name(), 1);
            }
            windows.extend(recovery.window().map(|window| (window.ends_at, recovery)));
            if matches!(recovery.review, Some(Review::Due { .. })) {
                standings.reviews_due = standings.reviews_due.saturating_add(1);
            }
        }
        windows.sort_by_key(|(ends_at, recovery)| (*ends_at, recovery.id));
        let first = windows.into_iter().take(Standings::WINDOWS);
        standings.windows = first.map(|(_, recovery)| self.recovery_row(recovery)).collect();
        standings.throttled = self.waiting(now).count() as u64;
        let (day, week) = (now.minus(Standings::DAY), now.minus(Standings::WEEK));
        for alert in self.state.alerts.values().filter(|alert| alert.at >= week) {
            let raised = standings.alerts.entry(alert.level).or_default();
            raised.week = raised.week.saturating_add(1);
            raised.day = raised.day.saturating_add(u64::from(alert.at >= day));
        }
        standings
    }

    pub(in crate::memory) fn alerts(&self, query: &AlertQuery) -> AlertPage {
        let wanted = |logged: &&LogEntry| {
            let before = query.before.is_none_or(|before| logged.index < before);
            let Some(alert) = self.state.alerts.get(&logged.id).filter(|_| before) else {
                return false;
            };
            let at_least = |level: AlertLevel| alert.level >= level;
            query.subject.is_none_or(|subject| alert.subject == Some(subject))
                && query.name.as_ref().is_none_or(|name| alert.name == *name)
                && query.level.is_none_or(at_least)
                && query.since.is_none_or(|since| alert.at >= since)
        };
        let row = |logged: &LogEntry| AlertRow {
            entry: logged.clone(),
            reference: self
                .state
                .alerts
                .get(&logged.id)
                .and_then(|alert| self.reference(alert.subject?)),
        };
        let found = self.log.iter().rev().filter(wanted);
        query.page(found.take(query.limit.max(1).saturating_add(1)).map(row).collect())
    }

    pub(in crate::memory) fn subjects(&self, query: &SubjectQuery) -> SubjectPage {
        let enough = query.limit.max(1).saturating_add(1);
        let look_at = query.look_at.map_or(usize::MAX, |most| most.max(1));
        let after = match query.after.map(|after| self.reference(after)) {
            Some(None) => return SubjectPage::default(),
            Some(after) => after,
            None => None,
        };
        let mut named: Vec<_> = self.references.iter().collect();
        named.sort_by_key(|(reference, _)| reference.as_str().as_bytes());
        let found = named.into_iter().filter(|(reference, _)| {
            reference.as_str().starts_with(&query.prefix)
                && after.as_ref().is_none_or(|after| reference.as_str() > after.as_str())
        });
        let within: Vec<_> = found.map(|(_, id)| *id).take(look_at).collect();
        let looked = within.last().copied().filter(|_| within.len() == look_at);
        let rows = within.into_iter().filter_map(|id| self.wanted(query, id));
        query.page(rows.take(enough).collect(), looked)
    }

    fn wanted(&self, query: &SubjectQuery, id: SubjectId) -> Option<SubjectRow> {
        let (subject, directory) = (self.state.subjects.get(&id)?, self.directory.get(&id)?);
        query.wants(subject, &directory.groups, self.sets_of(id)).then(|| SubjectRow {
            subject: subject.clone(),
            directory: directory.clone(),
            set: self
                .sets_of(id)
                .filter(|set| set.issued.kind != SetKind::Canary)
                .min_by_key(|set| stands_for(set))
                .cloned(),
        })
    }

    pub(in crate::memory) fn throttled(&self, query: &ThrottledQuery) -> ThrottledPage {
        let after = self.waiting(query.now);
        let after = after.filter(|row| query.after.is_none_or(|after| row.subject > after));
        query.page(after.take(query.limit.max(1).saturating_add(1)).collect())
    }

    fn waiting(&self, now: Timestamp) -> impl Iterator<Item = ThrottledRow> {
        self.state.budgets.iter().filter_map(move |(id, budget)| {
            let retry_at = budget.retry_at.filter(|retry_at| *retry_at > now)?;
            let tier = self.state.subjects.get(id)?.profile.tier.clone();
            let (reference, failures) = (self.reference(*id), budget.failures);
            Some(ThrottledRow { subject: *id, reference, tier, failures, retry_at })
        })
    }

    pub(in crate::memory) fn newest(
        &self,
        subject: SubjectId,
        before: u64,
        limit: usize,
    ) -> Vec<LogEntry> {
        let places = self.places_of.get(&subject).map(Vec::as_slice).unwrap_or_default();
        let entries = places.iter().rev().filter_map(|place| self.log.get(*place));
        entries.filter(|entry| entry.index < before).take(limit).cloned().collect()
    }
}

/// The set that stands for a subject is the least by this.
fn stands_for(set: &CodeSet) -> impl Ord + use<> {
    let (live, active) = (set.state.is_live(), matches!(set.state, SetState::Active { .. }));
    let saved = set.issued.kind == SetKind::Saved;
    (!live, !active, !saved, std::cmp::Reverse(set.id))
}
