//! What an event is called, and what it concerns.

use super::{Acceptance, Declaration, Happened};
use crate::id::{RecoveryId, SentId, SetId};
use crate::recovery::Window;

/// One line for each event; one that is left out does not compile.
macro_rules! names {
    ($($event:ident => $name:literal,)+) => {
        /// The events in the order of their list, for counting.
        #[derive(Clone, Copy)]
        enum Place {
            $($event,)+
        }

        impl Happened {
            /// The names of all events there are.
            pub const NAMES: &'static [&'static str] = &[$($name,)+];

            /// The place of the event's name in [`Self::NAMES`].
            pub const fn place(&self) -> usize {
                match self {
                    $(Self::$event { .. } => Place::$event as usize,)+
                }
            }

            /// The event's name, as the entry's `type` spells it.
            pub const fn name(&self) -> &'static str {
                match self {
                    $(Self::$event { .. } => $name,)+
                }
            }
        }
    };
}

names! {
    SubjectRegistered => "subject.registered",
    SubjectUpdated => "subject.updated",
    SubjectSuspended => "subject.suspended",
    SubjectResumed => "subject.resumed",
    SubjectDeparted => "subject.departed",
    SubjectContained => "subject.contained",
    LifecycleReported => "lifecycle.reported",
    AddressConfirmationSent => "address.confirmation_sent",
    AddressConfirmationUndelivered => "address.confirmation_undelivered",
    AddressConfirmed => "address.confirmed",
    AddressConfirmRefused => "address.confirm_refused",
    AddressRemoved => "address.removed",
    ContactAdded => "contact.added",
    ContactRemoved => "contact.removed",
    ContactsReviewed => "contacts.reviewed",
    ContactsReviewDue => "contacts.review_due",
    CodeSetIssued => "code_set.issued",
    CodeSetIssueRefused => "code_set.issue_refused",
    CodeSetConfirmed => "code_set.confirmed",
    CodeSetConfirmRefused => "code_set.confirm_refused",
    CodeSetSuperseded => "code_set.superseded",
    CodeSetRevoked => "code_set.revoked",
    CodeSetExpired => "code_set.expired",
    CodeSetLapsed => "code_set.lapsed",
    CodeSetDisabled => "code_set.disabled",
    CodeSetDeclared => "code_set.declared",
    CodeSetReplacementDue => "code_set.replacement_due",
    CodeAccepted => "code.accepted",
    CodeDeferred => "code.deferred",
    CodeRefused => "code.refused",
    CodeThrottled => "code.throttled",
    SentCodeAccepted => "sent_code.accepted",
    RecoveryOpened => "recovery.opened",
    RecoveryOpenThrottled => "recovery.open_throttled",
    RecoveryEvidenceAdded => "recovery.evidence_added",
    RecoveryCodeSent => "recovery.code_sent",
    RecoveryCodeUndelivered => "recovery.code_undelivered",
    RecoveryCodesDisabled => "recovery.codes_disabled",
    RecoveryApproved => "recovery.approved",
    RecoveryDeclined => "recovery.declined",
    RecoverySatisfied => "recovery.satisfied",
    RecoveryObligationMet => "recovery.obligation_met",
    RecoveryCompleted => "recovery.completed",
    RecoveryLapsed => "recovery.lapsed",
    RecoveryCancelled => "recovery.cancelled",
    RecoveryReviewDue => "recovery.review_due",
    RecoveryReviewed => "recovery.reviewed",
    BundleCreated => "bundle.created",
    BundleShareProven => "bundle.share_proven",
    BundleEffective => "bundle.effective",
    BundleSuperseded => "bundle.superseded",
    BundleOpeningAllowed => "bundle.opening_allowed",
    BundleOpeningLapsed => "bundle.opening_lapsed",
    BundleOpenRefused => "bundle.open_refused",
    BundleOpened => "bundle.opened",
    BundleRotationDue => "bundle.rotation_due",
    BundleCustodianLeft => "bundle.custodian_left",
    BundleRevoked => "bundle.revoked",
    RecoveryRequestRefused => "recovery.request_refused",
    ExceptionRequestRefused => "exception.request_refused",
    BundleRequestRefused => "bundle.request_refused",
    ContainmentRequestRefused => "containment.request_refused",
    ExceptionRequested => "exception.requested",
    ExceptionApproved => "exception.approved",
    ExceptionGranted => "exception.granted",
    ExceptionEnded => "exception.ended",
    ContainmentBegun => "containment.begun",
    ContainmentApproved => "containment.approved",
    ContainmentLifted => "containment.lifted",
    ContainmentFinished => "containment.finished",
    AlertRaised => "alert.raised",
    OperatorAppointed => "operator.appointed",
    OperatorEnrolmentOffered => "operator.enrolment_offered",
    OperatorPasskeyAdded => "operator.passkey_added",
    OperatorPasskeyRemoved => "operator.passkey_removed",
    SelfServiceLinkMade => "self_service.link_made",
    SelfServiceEntered => "self_service.entered",
    PolicyLoaded => "policy.loaded",
    ApiKeyCreated => "api_key.created",
    ApiKeyRevoked => "api_key.revoked",
    KeyRotated => "key.rotated",
}

impl Happened {
    /// The set it concerns, if it concerns one.
    pub const fn set(&self) -> Option<SetId> {
        match self {
            Self::CodeSetIssued { set, .. }
            | Self::CodeSetConfirmed { set }
            | Self::CodeSetConfirmRefused { set, .. }
            | Self::CodeSetSuperseded { set, .. }
            | Self::CodeSetRevoked { set, .. }
            | Self::CodeSetExpired { set }
            | Self::CodeSetLapsed { set }
            | Self::CodeSetDisabled { set }
            | Self::CodeSetDeclared(Declaration { set, .. })
            | Self::CodeSetReplacementDue { set, .. }
            | Self::CodeAccepted(Acceptance { set, .. })
            | Self::CodeDeferred { set, .. } => Some(*set),
            _ => None,
        }
    }

    /// The code that it sends, if it sends one.
    pub const fn sent(&self) -> Option<SentId> {
        match self {
            Self::RecoveryCodeSent { sent, .. } => Some(sent.id),
            _ => None,
        }
    }

    /// The recovery that it changes, if it changes one.
    pub const fn recovery(&self) -> Option<RecoveryId> {
        match self {
            Self::CodeAccepted(
                Acceptance { recovery: Some(recovery), .. }
                | Acceptance { window: Some(Window { recovery, .. }), .. },
            )
            | Self::SentCodeAccepted { recovery, .. }
            | Self::RecoverySatisfied(Window { recovery, .. })
            | Self::RecoveryOpened { recovery, .. }
            | Self::RecoveryEvidenceAdded { recovery, .. }
            | Self::RecoveryCodeSent { recovery, .. }
            | Self::CodeRefused { charged_recovery: Some(recovery), .. }
            | Self::RecoveryCodeUndelivered { recovery, .. }
            | Self::RecoveryCodesDisabled { recovery }
            | Self::RecoveryApproved { recovery, .. }
            | Self::RecoveryDeclined { recovery, .. }
            | Self::RecoveryObligationMet { recovery, .. }
            | Self::RecoveryCompleted { recovery }
            | Self::RecoveryLapsed { recovery }
            | Self::RecoveryCancelled { recovery, .. }
            | Self::RecoveryReviewDue { recovery, .. }
            | Self::RecoveryReviewed { recovery, .. } => Some(*recovery),
            _ => None,
        }
    }
}
