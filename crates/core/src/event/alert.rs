//! What an alert tells beyond its name.

use serde::{Deserialize, Serialize};

use super::{Alert, Happened};
use crate::id::{EventId, RecoveryId, SetId};

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
