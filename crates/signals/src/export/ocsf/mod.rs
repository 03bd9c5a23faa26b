//! One entry of the log as one event of OCSF 1.8.0 (STANDARDS section 7).
//!
//! - [`TABLE`] has one row for each kind of event: its class, activity, severity and outcome.
//! - [`Event`] is the event itself, with the entry under `unmapped`.
//!
//! Account Change (3001) is the class of 1.8.0. Its successor in 1.9.0-dev, User Management (3007),
//! numbers its activities otherwise: whoever moves the version has to move the numbers with it.

mod class;
mod event;
mod facts;
mod object;
mod table;

pub use class::{Account, Authentication, Class, Entity, EntityActivity, Factor, Finding, What};
pub use event::{Event, Status};
pub use object::{
    Actor, Analytic, AuthFactor, FindingInfo, ManagedEntity, Metadata, Observable, Product,
    Resource, Service, Unmapped, User,
};
pub use table::{Row, TABLE};

/// The version of the schema.
pub const VERSION: &str = "1.8.0";

/// How bad it is (`severity_id`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Routine.
    Informational,
    /// Something was refused.
    Low,
    /// Something was taken away that was not asked for.
    Medium,
    /// Somebody should look at it now.
    High,
    /// Recovery is off, or the account is in danger.
    Critical,
}

impl Severity {
    /// `severity_id`.
    pub const fn id(self) -> u8 {
        match self {
            Self::Informational => 1,
            Self::Low => 2,
            Self::Medium => 3,
            Self::High => 4,
            Self::Critical => 5,
        }
    }

    /// `severity`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Informational => "Informational",
            Self::Low => "Low",
            Self::Medium => "Medium",
            Self::High => "High",
            Self::Critical => "Critical",
        }
    }
}
