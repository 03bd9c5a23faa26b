//! The inventory: what is asked of it, what a store gives, and how its figures are counted (G4).

use std::collections::BTreeMap;

use glassbreak_core::code_set::{CodeSet, Custody, SetKind};
use glassbreak_core::id::{SetId, SubjectRef};
use glassbreak_core::subject::Tier;
use glassbreak_core::time::{Seconds, Timestamp};

/// Which sets to list. All that is set must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InventoryQuery {
    /// Only this subject's.
    pub subject: Option<SubjectRef>,
    /// Only of subjects of this tier.
    pub tier: Option<Tier>,
    /// Only in this state, by its name.
    pub state: Option<String>,
    /// Only of this kind.
    pub kind: Option<SetKind>,
    /// Only those that the holder declared to keep so.
    pub custody: Option<Custody>,
    /// Only live ones whose replacement is due by then: used and not replaced in time, or expired
    /// by then with nobody having written it down yet.
    pub overdue_at: Option<Timestamp>,
    /// Only live ones that expire before then.
    pub expires_before: Option<Timestamp>,
    /// Only those issued before then.
    pub issued_before: Option<Timestamp>,
    /// Only those issued then or later.
    pub issued_after: Option<Timestamp>,
    /// Only those whose holder has not proven, or never proved, that the codes were saved:
    /// `offered` and `lapsed`.
    pub never_confirmed: bool,
    /// Only those of which a code was used.
    pub used: bool,
    /// After this set: the cursor.
    pub after: Option<SetId>,
    /// At most so many rows; 0 counts as 1.
    pub limit: usize,
    /// Looks at no more than about so many sets, at least one: for a filter that few sets pass,
    /// the page is short or empty then and has a cursor to go on with. `None` looks at all.
    pub look_at: Option<usize>,
}

impl InventoryQuery {
    /// The states that [`Self::never_confirmed`] asks for.
    pub const UNCONFIRMED: [&'static str; 2] = ["offered", "lapsed"];

    /// Whether a row passes, leaving the cursor aside. For stores that have no query language.
    pub fn wants(&self, row: &InventoryRow) -> bool {
        let set = &row.set;
        let (live, expires_at) = (set.state.is_live(), set.issued.expires_at);
        let due = |then| expires_at <= then || set.replace_by.is_some_and(|by| by <= then);
        let unconfirmed = || Self::UNCONFIRMED.contains(&set.state.name());
        self.subject.as_ref().is_none_or(|subject| row.reference.as_ref() == Some(subject))
            && self.tier.as_ref().is_none_or(|tier| row.tier == *tier)
            && self.state.as_ref().is_none_or(|state| set.state.name() == state)
            && self.kind.is_none_or(|kind| set.issued.kind == kind)
            && self.custody.is_none_or(|custody| set.custody() == Some(custody))
            && self.overdue_at.is_none_or(|then| live && due(then))
            && self.expires_before.is_none_or(|then| live && expires_at < then)
            && self.issued_before.is_none_or(|then| set.issued_at < then)
            && self.issued_after.is_none_or(|then| set.issued_at >= then)
            && (!self.never_confirmed || unconfirmed())
            && (!self.used || !set.used.is_empty())
    }

    /// The page made of the rows that were found, one more than the limit if there are that many,
    /// when nothing after `looked` was looked at.
    pub fn page(&self, mut rows: Vec<InventoryRow>, looked: Option<SetId>) -> InventoryPage {
        let limit = self.limit.max(1);
        let more = rows.len() > limit;
        rows.truncate(limit);
        let last = rows.last().filter(|_| more).map(|row| row.set.id);
        InventoryPage { rows, next: last.or(looked) }
    }
}

/// One set of the inventory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InventoryRow {
    /// The caller's name for the subject, unless it was erased.
    pub reference: Option<SubjectRef>,
    /// The subject's tier.
    pub tier: Tier,
    /// The set. Never its verifiers.
    pub set: CodeSet,
}

/// A page of the inventory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InventoryPage {
    /// The rows, in the order of set ids.
    pub rows: Vec<InventoryRow>,
    /// The cursor of the next page: the last row's set, or the last that was looked at. `None` at
    /// the end. A set's id never changes, so whatever becomes of the sets meanwhile, pages neither
    /// repeat one nor leave out one that passed the filter all along.
    pub next: Option<SetId>,
}

/// The inventory in figures.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InventorySummary {
    /// How many subjects are registered and have not left.
    pub subjects: u64,
    /// How many of them have an active set.
    pub covered: u64,
    /// Sets by state name.
    pub by_state: BTreeMap<String, u64>,
    /// Subjects and coverage by tier.
    pub by_tier: BTreeMap<String, TierCount>,
    /// Subjects and coverage by assurance level.
    pub by_assurance: BTreeMap<String, TierCount>,
    /// Live sets by kind.
    pub by_kind: BTreeMap<String, u64>,
    /// Live sets by declared custody; those of which none was declared are not in it.
    pub by_custody: BTreeMap<String, u64>,
    /// Live sets by age.
    pub ages: Ages,
    /// Live sets whose replacement is due, as [`InventoryQuery::overdue_at`] counts them.
    pub overdue: u64,
    /// Live sets that expire within [`Self::SOON`], those that have expired by now included.
    pub expiring: u64,
    /// Sets as [`InventoryQuery::never_confirmed`] asks for them.
    pub never_confirmed: u64,
}

/// The figures of one tier, or of one assurance level.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TierCount {
    /// Subjects that have not left.
    pub subjects: u64,
    /// Those with an active set.
    pub covered: u64,
}

/// How many sets are how old, by the days since they were issued.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ages {
    /// Fewer than 30 days.
    pub under_30_days: u64,
    /// 30 days, and fewer than 90.
    pub under_90_days: u64,
    /// 90 days, and fewer than 180.
    pub under_180_days: u64,
    /// 180 days, and fewer than 365.
    pub under_365_days: u64,
    /// 365 days and more.
    pub older: u64,
}

impl Ages {
    /// The ages at which the next band begins, in milliseconds.
    pub const BANDS: [i64; 4] = [30 * Self::DAY, 90 * Self::DAY, 180 * Self::DAY, 365 * Self::DAY];
    const DAY: i64 = 24 * 60 * 60 * 1000;

    /// The band of a set issued at `issued_at`: how many of [`Self::BANDS`] it has reached.
    pub fn band(issued_at: Timestamp, now: Timestamp) -> usize {
        let age = now.millis().saturating_sub(issued_at.millis());
        Self::BANDS.iter().filter(|band| age >= **band).count()
    }

    const fn of(&mut self, band: usize) -> &mut u64 {
        match band {
            0 => &mut self.under_30_days,
            1 => &mut self.under_90_days,
            2 => &mut self.under_180_days,
            3 => &mut self.under_365_days,
            _ => &mut self.older,
        }
    }
}

/// What the figures take of a set; of any number of sets alike.
#[derive(Debug, Clone, Copy)]
pub struct Counted<'a> {
    /// The name of its state.
    pub state: &'a str,
    /// The name of its kind.
    pub kind: &'a str,
    /// The name of its declared custody.
    pub custody: Option<&'a str>,
    /// Whether it is live.
    pub live: bool,
    /// Its age, by [`Ages::band`].
    pub band: usize,
    /// Whether its replacement is due, if it is live.
    pub overdue: bool,
    /// Whether it expires soon, if it is live.
    pub expiring: bool,
}

impl InventorySummary {
    /// What counts as soon: 30 days.
    pub const SOON: Seconds = Seconds::days(30);

    /// Counts subjects that have not left.
    pub fn count_subjects(&mut self, tier: &str, assurance: &str, counted: TierCount) {
        self.subjects = self.subjects.saturating_add(counted.subjects);
        self.covered = self.covered.saturating_add(counted.covered);
        let add = |count: &mut TierCount| {
            count.subjects = count.subjects.saturating_add(counted.subjects);
            count.covered = count.covered.saturating_add(counted.covered);
        };
        at(&mut self.by_tier, tier, add);
        at(&mut self.by_assurance, assurance, add);
    }

    /// Counts so many sets that are alike.
    pub fn count_sets(&mut self, set: &Counted<'_>, sets: u64) {
        let add = |figure: &mut u64| *figure = figure.saturating_add(sets);
        // Nothing comes of a decoy, so it is no set that anybody has, lacks or has to replace.
        if set.kind == SetKind::Canary.name() {
            if set.live {
                at(&mut self.by_kind, set.kind, add);
            }
            return;
        }
        at(&mut self.by_state, set.state, add);
        if InventoryQuery::UNCONFIRMED.contains(&set.state) {
            add(&mut self.never_confirmed);
        }
        if !set.live {
            return;
        }
        at(&mut self.by_kind, set.kind, add);
        if let Some(custody) = set.custody {
            at(&mut self.by_custody, custody, add);
        }
        add(self.ages.of(set.band));
        if set.overdue {
            add(&mut self.overdue);
        }
        if set.expiring {
            add(&mut self.expiring);
        }
    }
}

/// Changes the figure of this name. Names are few and sets are many: a name is copied once.
fn at<T: Default>(figures: &mut BTreeMap<String, T>, name: &str, change: impl FnOnce(&mut T)) {
    if let Some(figure) = figures.get_mut(name) {
        change(figure);
    } else {
        let mut figure = T::default();
        change(&mut figure);
        figures.insert(name.to_owned(), figure);
    }
}
