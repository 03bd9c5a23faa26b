//! Refusals of requests about exceptions, bundles and containments: the entry first, then the
//! denial (G1).

use super::{Denial, Outcome, settle};
use crate::event::{
    BundleAsked, BundleRequestRefused, ContainmentAsked, ContainmentRequestRefused, ExceptionAsked,
    ExceptionRequestRefused, Happened, Ruling, WhyNot,
};
use crate::id::{BundleId, ContainmentId, ExceptionId, SubjectId};
use crate::snapshot::Snapshot;
use crate::stage::{Call, Decided, Draft};

/// A denial, with what the policy said where it was asked.
pub(super) struct Refused {
    denial: Denial,
    ruling: Option<Box<Ruling>>,
}

impl Refused {
    /// A denial that the policy gave, or that was given after asking it.
    pub(super) fn ruled(denial: Denial, ruling: Ruling) -> Self {
        Self { denial, ruling: Some(Box::new(ruling)) }
    }
}

impl<E: Into<Denial>> From<E> for Refused {
    fn from(why: E) -> Self {
        Self { denial: why.into(), ruling: None }
    }
}

/// What was asked, and by whom: what an entry tells of its refusal.
#[derive(Debug, Clone, Copy)]
pub(super) enum Plea {
    /// Something about an exception.
    Exception { exception: Option<ExceptionId>, asked: ExceptionAsked, by: SubjectId },
    /// Something about a bundle.
    Bundle { bundle: Option<BundleId>, asked: BundleAsked, by: Option<SubjectId> },
    /// Something about a containment.
    Containment { containment: ContainmentId, asked: ContainmentAsked, by: Option<SubjectId> },
}

impl Plea {
    /// What comes of asking. A refusal is decided on the same snapshot anew: with it is written
    /// what time has done, and nothing that the request would have done.
    pub(super) fn answer<R>(
        self,
        answered: Result<Decided<R>, Refused>,
        snapshot: &Snapshot,
        call: &mut Call<'_>,
    ) -> Outcome<R> {
        let Refused { denial, ruling } = match answered {
            Ok(decided) => return Ok(decided),
            Err(refused) => refused,
        };
        if !leaves_an_entry(&denial) {
            return Err(denial);
        }
        let mut draft = Draft::new(call, snapshot);
        settle(&mut draft, snapshot)?;
        let happened = self.refused(why_not(&denial));
        draft.refuse(happened, ruling.map(|ruling| *ruling), denial)
    }

    fn refused(self, why: WhyNot) -> Happened {
        match self {
            Self::Exception { exception, asked, by } => {
                let refused = ExceptionRequestRefused { exception, asked, by, why };
                Happened::ExceptionRequestRefused(refused)
            }
            Self::Bundle { bundle, asked, by } => {
                let refused = BundleRequestRefused { bundle, asked, by, why };
                Happened::BundleRequestRefused(refused)
            }
            Self::Containment { containment, asked, by } => {
                let refused = ContainmentRequestRefused { containment, asked, by, why };
                Happened::ContainmentRequestRefused(refused)
            }
        }
    }
}

/// Whether an entry tells of it: not where nobody and nothing of that name is here, and not where
/// nothing was looked at.
const fn leaves_an_entry(denial: &Denial) -> bool {
    match denial {
        Denial::SubjectUnknown
        | Denial::SetUnknown
        | Denial::RecoveryUnknown
        | Denial::BundleUnknown
        | Denial::ContactUnknown
        | Denial::ExceptionUnknown
        | Denial::ContainmentUnknown
        | Denial::TierUnknown { .. }
        | Denial::ApiKeyUnknown
        | Denial::GroupMissing
        | Denial::NotYourName
        | Denial::RedemptionReused
        | Denial::RequestReused
        | Denial::NoEntropy => false,
        Denial::SubjectDeparted
        | Denial::SetNotOffered { .. }
        | Denial::SetEnded { .. }
        | Denial::SetsChanged { .. }
        | Denial::RecoveryState { .. }
        | Denial::BundleState { .. }
        | Denial::ExceptionState { .. }
        | Denial::NotACase
        | Denial::OperatorUnknown
        | Denial::SubjectSuspended
        | Denial::ContainmentState { .. }
        | Denial::ApprovalsMissing { .. }
        | Denial::Contained { .. }
        | Denial::ReissueNeeded
        | Denial::NotAllowed { .. }
        | Denial::SentCodesDisabled
        | Denial::SendLimit { .. }
        | Denial::PasskeyRefused { .. }
        | Denial::ProofRefused
        | Denial::ObligationsUnmet { .. }
        | Denial::LastAdminKey
        | Denial::Invalid { .. } => true,
    }
}

fn why_not(denial: &Denial) -> WhyNot {
    let (field, passkey) = match denial {
        Denial::Invalid { field, .. } => (Some((*field).to_owned()), None),
        Denial::PasskeyRefused { reason, .. } => (None, Some((*reason).to_owned())),
        _ => (None, None),
    };
    WhyNot { why: denial.code().to_owned(), field, passkey }
}
