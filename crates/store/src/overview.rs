//! What a console asks of a database: how things stand now, the alerts, the directory, and who has
//! to wait. Each is found by an index or ends after so many rows: none of them walks through a
//! table that has a row for each subject.

use std::collections::BTreeMap;

use glassbreak_core::code_set::{CodeSet, SetKind, SetState};
use glassbreak_core::event::AlertLevel;
use glassbreak_core::id::{SubjectId, SubjectRef};
use glassbreak_core::subject::{DirectoryEntry, Standing, Subject, Tier};
use glassbreak_core::time::{Seconds, Timestamp};

use crate::{LogEntry, RecoveryRow};

/// How many recoveries are under way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Live {
    /// Those that gather evidence.
    pub open: u64,
    /// Those whose window is open.
    pub window: u64,
}

impl Live {
    /// Counts so many in the state of this name.
    pub fn count(&mut self, state: &str, recoveries: u64) {
        let figure = if state == "window" { &mut self.window } else { &mut self.open };
        *figure = figure.saturating_add(recoveries);
    }
}

/// Alerts by level, over the last day and the last seven.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Raised {
    /// In the last 24 hours.
    pub day: u64,
    /// In the last seven days, that one included.
    pub week: u64,
}

/// How things stand at a moment, as far as indexes tell.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standings {
    /// Recoveries that their subjects opened.
    pub own: Live,
    /// Recoveries that agents opened.
    pub cases: Live,
    /// The open windows that end first, at most [`Self::WINDOWS`].
    pub windows: Vec<RecoveryRow>,
    /// Recoveries that wait for a review (E3).
    pub reviews_due: u64,
    /// Subjects that have to wait after wrong codes.
    pub throttled: u64,
    /// Alerts by level; levels without one are left out.
    pub alerts: BTreeMap<AlertLevel, Raised>,
}

impl Standings {
    /// The most windows in it.
    pub const WINDOWS: usize = 20;
    /// What counts as a day.
    pub const DAY: Seconds = Seconds::days(1);
    /// What counts as a week.
    pub const WEEK: Seconds = Seconds::days(7);
}

/// Which alerts are asked for; each filter is open if it is not set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AlertQuery {
    /// Those whose entries come before this place: the cursor.
    pub before: Option<u64>,
    /// At most so many, at least one.
    pub limit: usize,
    /// Those about one subject.
    pub subject: Option<SubjectId>,
    /// Those that this rule raised, or that are called so.
    pub name: Option<String>,
    /// Those of this level and above.
    pub level: Option<AlertLevel>,
    /// Those that were raised then or later.
    pub since: Option<Timestamp>,
}

/// An alert, with the caller's name for the subject it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlertRow {
    /// The entry that raised it.
    pub entry: LogEntry,
    /// The subject's name, unless it is about none or that was erased.
    pub reference: Option<SubjectRef>,
}

/// A page of alerts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AlertPage {
    /// The alerts, the newest first.
    pub rows: Vec<AlertRow>,
    /// The place before which the next page begins, if there is one.
    pub next: Option<u64>,
}

impl AlertQuery {
    /// The page made of the rows that were found, one more than the limit if there are that many.
    pub fn page(&self, mut rows: Vec<AlertRow>) -> AlertPage {
        let limit = self.limit.max(1);
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().filter(|_| more).map(|row| row.entry.index);
        AlertPage { rows, next }
    }
}

/// Which subjects of the directory are asked for. All that is set must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SubjectQuery {
    /// Only those whose name begins so.
    pub prefix: String,
    /// Only of this tier.
    pub tier: Option<Tier>,
    /// Only in this group.
    pub group: Option<String>,
    /// Only those that have not left and have no active set that is more than a decoy.
    pub uncovered: bool,
    /// Those after this one: the cursor. If its name was erased meanwhile, the list is at its end.
    pub after: Option<SubjectId>,
    /// At most so many rows; 0 counts as 1.
    pub limit: usize,
    /// Looks at no more than so many subjects, at least one: for a filter that few pass the page is
    /// short or empty then and has a cursor to go on with. `None` looks at all.
    pub look_at: Option<usize>,
}

impl SubjectQuery {
    /// Whether a subject passes, leaving prefix and cursor aside. `sets` are all of its own. For
    /// stores that have no query language.
    pub fn wants<'a>(
        &self,
        subject: &Subject,
        groups: &[String],
        sets: impl IntoIterator<Item = &'a CodeSet>,
    ) -> bool {
        let left = matches!(subject.standing, Standing::Departed { .. });
        let covers = |set: &CodeSet| {
            matches!(set.state, SetState::Active { .. }) && set.issued.kind != SetKind::Canary
        };
        self.tier.as_ref().is_none_or(|tier| subject.profile.tier == *tier)
            && self.group.as_ref().is_none_or(|group| groups.contains(group))
            && (!self.uncovered || (!left && !sets.into_iter().any(covers)))
    }

    /// The page made of the rows that were found, one more than the limit if there are that many,
    /// when nothing after `looked` was looked at.
    pub fn page(&self, mut rows: Vec<SubjectRow>, looked: Option<SubjectId>) -> SubjectPage {
        let limit = self.limit.max(1);
        let more = rows.len() > limit;
        rows.truncate(limit);
        let last = rows.last().filter(|_| more).map(|row| row.subject.id);
        SubjectPage { rows, next: last.or(looked) }
    }
}

/// A subject of the directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubjectRow {
    /// The subject.
    pub subject: Subject,
    /// Its directory entry.
    pub directory: DirectoryEntry,
    /// The set that stands for it: an active one before an offered one before an ended one, a saved
    /// one before others, the newest of those. Never a decoy.
    pub set: Option<CodeSet>,
}

/// A page of the directory.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SubjectPage {
    /// The subjects, in the order of the bytes of their names.
    pub rows: Vec<SubjectRow>,
    /// The cursor of the next page. `None` at the end.
    pub next: Option<SubjectId>,
}

/// Who has to wait after wrong codes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ThrottledQuery {
    /// Those who have to wait beyond then.
    pub now: Timestamp,
    /// Those after this one.
    pub after: Option<SubjectId>,
    /// At most so many, at least one.
    pub limit: usize,
}

/// A subject that has to wait.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThrottledRow {
    /// Who.
    pub subject: SubjectId,
    /// The caller's name for it, unless it was erased.
    pub reference: Option<SubjectRef>,
    /// Its tier.
    pub tier: Tier,
    /// Failed attempts since the last success.
    pub failures: u32,
    /// When the next attempt is looked at.
    pub retry_at: Timestamp,
}

/// A page of those who have to wait.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ThrottledPage {
    /// The subjects, in the order of their ids.
    pub rows: Vec<ThrottledRow>,
    /// Where the next page begins after, if there is one.
    pub next: Option<SubjectId>,
}

impl ThrottledQuery {
    /// The page made of the rows that were found, one more than the limit if there are that many.
    pub fn page(&self, mut rows: Vec<ThrottledRow>) -> ThrottledPage {
        let limit = self.limit.max(1);
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().filter(|_| more).map(|row| row.subject);
        ThrottledPage { rows, next }
    }
}
