//! What an alert tells beyond its name.

use serde::{Deserialize, Serialize};

use super::{Alert, Entry, Happened};
use crate::id::{EventId, RecoveryId, SetId, SubjectId};
use crate::time::Timestamp;

/// How much an alert that a rule raised matters, in Sigma's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertLevel {
    /// For the record.
    Informational,
    /// Odd, and mostly harmless.
    Low,
    /// To be looked at.
    Medium,
    /// To be looked at today.
    High,
    /// To be looked at now.
    Critical,
}

impl AlertLevel {
    /// Every level, from the least.
    pub const ALL: [Self; 5] =
        [Self::Informational, Self::Low, Self::Medium, Self::High, Self::Critical];

    /// The level's name, as rules and entries spell it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Informational => "informational",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }

    /// The level of that place in [`Self::ALL`], as tables have it.
    pub fn at(place: usize) -> Option<Self> {
        Self::ALL.get(place).copied()
    }

    /// The level's place in [`Self::ALL`].
    pub const fn place(self) -> usize {
        self as usize
    }
}

impl Alert {
    /// The alert's name, as entries spell it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::BreakGlassRequested => "break_glass_requested",
            Self::BreakGlassOpened => "break_glass_opened",
            Self::BreakGlassUsed => "break_glass_used",
            Self::WindowLapsed => "window_lapsed",
            Self::RoutineUse => "routine_use",
            Self::OwnerLeft => "owner_left",
            Self::BundleOpening => "bundle_opening",
            Self::BundleOpened => "bundle_opened",
            Self::CustodianLeft => "custodian_left",
            Self::PrivilegedLowered => "privileged_lowered",
            Self::Rule => "rule",
            Self::CanaryUsed => "canary_used",
            Self::Repudiated => "repudiated",
        }
    }

    /// How much it matters. Of a rule's alert its rule says that.
    pub const fn level(self) -> AlertLevel {
        match self {
            Self::BreakGlassUsed | Self::BundleOpened | Self::CanaryUsed => AlertLevel::Critical,
            Self::BreakGlassRequested
            | Self::BreakGlassOpened
            | Self::BundleOpening
            | Self::PrivilegedLowered
            | Self::Repudiated => AlertLevel::High,
            Self::WindowLapsed
            | Self::RoutineUse
            | Self::OwnerLeft
            | Self::CustodianLeft
            | Self::Rule => AlertLevel::Medium,
        }
    }
}

/// What alerts are listed by (G3). The rest of one is in its entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlertFacts {
    /// The subject it is about, if it is about one.
    pub subject: Option<SubjectId>,
    /// The rule that raised it, or the name of an alert that no rule raises.
    pub name: String,
    /// How much it matters.
    pub level: AlertLevel,
    /// When it was raised.
    pub at: Timestamp,
}

impl AlertFacts {
    /// Those of an entry, if it raises an alert.
    pub fn of(entry: &Entry) -> Option<Self> {
        let Happened::AlertRaised { alert, rule, .. } = &entry.happened else { return None };
        let (name, level) = match rule {
            Some(rule) => (rule.name.clone(), rule.level),
            None => (alert.name().to_owned(), alert.level()),
        };
        Some(Self { subject: entry.subject, name, level, at: entry.at })
    }
}

/// The rule that raised an alert, and why it did (G3). Rules hold ids and figures out of entries,
/// so no personal data comes along.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleAlert {
    /// The rule's name.
    pub name: String,
    /// How much it matters.
    pub level: AlertLevel,
    /// The rule's title, then sentences with figures.
    pub reasons: Vec<String>,
    /// The entries that made it; the one at which it was raised is the last.
    pub entries: Vec<EventId>,
}

impl RuleAlert {
    /// The most reasons.
    pub const REASONS_MAX: usize = 8;
    /// The longest name or reason, in bytes.
    pub const TEXT_MAX: usize = 512;
    /// The most entries.
    pub const ENTRIES_MAX: usize = 100;

    /// Whether it fits into an entry.
    pub fn fits(&self) -> bool {
        let texts = std::iter::once(&self.name).chain(&self.reasons);
        let short = texts.into_iter().all(|text| !text.is_empty() && text.len() <= Self::TEXT_MAX);
        let entries = 1..=Self::ENTRIES_MAX;
        short && self.reasons.len() <= Self::REASONS_MAX && entries.contains(&self.entries.len())
    }
}

/// A code that never works and was presented all the same. Never the code itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CanaryCode {
    /// The set of decoys.
    pub set: SetId,
    /// The code's place in it.
    pub ordinal: u8,
}

impl Happened {
    /// An alert that tells no more than its name.
    pub const fn alert(alert: Alert, recovery: Option<RecoveryId>) -> Self {
        Self::AlertRaised { alert, recovery, rule: None, canary: None }
    }

    /// The alert that a decoy was presented.
    pub const fn canary(canary: CanaryCode) -> Self {
        let alert = Alert::CanaryUsed;
        Self::AlertRaised { alert, recovery: None, rule: None, canary: Some(canary) }
    }
}
