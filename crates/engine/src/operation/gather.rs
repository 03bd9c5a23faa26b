//! Gather evidence in a recovery.

use glassbreak_core::id::{RecoveryId, SubjectRef};
use glassbreak_core::operation::gather::{self, Gather, Gathered, Presented};
use glassbreak_core::recovery::{Check, Reference};
use glassbreak_core::redemption::Method;
use glassbreak_core::snapshot::{Aggregate, SnapshotQuery};
use glassbreak_core::stage::Applied;
use glassbreak_core::subject::Proofing;

use super::plain::Plain;
use super::{no_code, text_of};
use crate::caller::Caller;
use crate::engine::Engine;
use crate::error::Error;
use crate::pipeline;

/// A piece of evidence, as a caller presents it.
#[derive(Clone, serde::Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Evidence {
    /// The calling program verified a password or an authenticator or, in a recovery that the
    /// subject opened, that identity was proofed again.
    Vouched {
        /// Which.
        method: Method,
    },
    /// A named agent proofed identity again (ASVS 6.4.4).
    Proofing {
        /// The agent, by the caller's name.
        agent: SubjectRef,
        /// The level reached.
        level: Proofing,
        /// What was looked at.
        checks: Vec<Check>,
        /// Where the record of it lies.
        reference: Reference,
    },
    /// A named agent verified identity again before release (F2).
    SecondVerification {
        /// The agent, by the caller's name.
        agent: SubjectRef,
        /// What was looked at; not what was looked at the first time.
        check: Check,
        /// Where the record of it lies.
        reference: Reference,
    },
}

impl Evidence {
    const fn reference(&self) -> Option<&Reference> {
        match self {
            Self::Vouched { .. } => None,
            Self::Proofing { reference, .. } | Self::SecondVerification { reference, .. } => {
                Some(reference)
            }
        }
    }

    const fn agent(&self) -> Option<&SubjectRef> {
        match self {
            Self::Vouched { .. } => None,
            Self::Proofing { agent, .. } | Self::SecondVerification { agent, .. } => Some(agent),
        }
    }
}

impl Engine {
    /// Adds evidence to a recovery; opens its window if that was enough.
    ///
    /// # Errors
    /// `recovery_unknown`, `recovery_state`, `operator_unknown`, `invalid_request`; `not_a_case`
    /// for what an agent found in a recovery that the subject opened.
    pub async fn gather(
        &self,
        caller: &Caller,
        recovery: RecoveryId,
        evidence: &Evidence,
    ) -> Result<Applied<Gathered>, Error> {
        no_code(&self.parts, evidence.reference())?;
        let operator = self.operator_id(caller, evidence.agent()).await?;
        let unknown = || glassbreak_core::operation::Denial::OperatorUnknown;
        let presented = match evidence.clone() {
            Evidence::Vouched { method } => Presented::Vouched { method },
            Evidence::Proofing { level, checks, reference, .. } => {
                let agent = operator.ok_or_else(unknown)?;
                Presented::Proofed { level, checks, agent, reference }
            }
            Evidence::SecondVerification { check, reference, .. } => {
                let agent = operator.ok_or_else(unknown)?;
                Presented::VerifiedAgain { check, agent, reference }
            }
        };
        let of = Aggregate::Recovery(recovery);
        let operation = Plain::new(
            SnapshotQuery { of, operator, ..SnapshotQuery::default() },
            vec![b"gather".to_vec(), recovery.0.as_bytes().to_vec(), text_of(evidence)],
            |snapshot, call, rules| {
                let command = Gather { recovery, presented: presented.clone() };
                gather::decide(snapshot, command, call, rules)
            },
        );
        pipeline::run(&self.parts, caller, &operation).await
    }
}
