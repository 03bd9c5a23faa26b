//! Which events give something, and which only tell of it or take it away.

use super::Happened;

/// One line for each event; one that is left out does not compile.
macro_rules! opens {
    ($($event:ident)|+ => true, $($other:ident)|+ => false $(,)?) => {
        impl Happened {
            /// Whether it opens a way in, brings one further, or makes something that could become
            /// one: what must not happen under a containment (I1).
            pub const fn opens(&self) -> bool {
                match self {
                    $(Self::$event { .. })|+ => true,
                    $(Self::$other { .. })|+ => false,
                }
            }
        }
    };
}

opens! {
    AddressConfirmationSent
    | AddressConfirmed
    | ContactAdded
    | CodeSetIssued
    | CodeSetConfirmed
    | CodeAccepted
    | CodeDeferred
    | SentCodeAccepted
    | RecoveryOpened
    | RecoveryEvidenceAdded
    | RecoveryCodeSent
    | RecoveryApproved
    | RecoverySatisfied
    | RecoveryObligationMet
    | RecoveryCompleted
    | BundleCreated
    | BundleShareProven
    | BundleEffective
    | BundleOpeningAllowed
    | BundleOpened
    | ExceptionRequested
    | ExceptionApproved
    | ExceptionGranted
    | SelfServiceLinkMade
    | SelfServiceEntered => true,
    // Directory and standing; what rests is not opened by resting no more.
    SubjectRegistered
    | SubjectUpdated
    | SubjectSuspended
    | SubjectResumed
    | SubjectDeparted
    | SubjectContained
    | LifecycleReported
    // What takes away, and what tells of a refusal.
    | AddressConfirmRefused
    | AddressRemoved
    | ContactRemoved
    | ContactsReviewed
    | ContactsReviewDue
    | AddressConfirmationUndelivered
    | RecoveryCodeUndelivered
    | ExceptionRequestRefused
    | BundleRequestRefused
    | ContainmentRequestRefused
    | CodeSetIssueRefused
    | CodeSetConfirmRefused
    | CodeSetSuperseded
    | CodeSetRevoked
    | CodeSetExpired
    | CodeSetLapsed
    | CodeSetDisabled
    | CodeSetDeclared
    | CodeSetReplacementDue
    | CodeRefused
    | CodeThrottled
    | RecoveryOpenThrottled
    | RecoveryCodesDisabled
    | RecoveryDeclined
    | RecoveryLapsed
    | RecoveryCancelled
    | RecoveryReviewDue
    | RecoveryReviewed
    | RecoveryRequestRefused
    | BundleSuperseded
    | BundleOpeningLapsed
    | BundleOpenRefused
    | BundleRotationDue
    | BundleCustodianLeft
    | BundleRevoked
    | ExceptionEnded
    | AlertRaised
    // What belongs to no subject's recovery. Who lifts a containment may be covered by it.
    | ContainmentBegun
    | ContainmentApproved
    | ContainmentLifted
    | ContainmentFinished
    | OperatorAppointed
    | OperatorEnrolmentOffered
    | OperatorPasskeyAdded
    | OperatorPasskeyRemoved
    | PolicyLoaded
    | ApiKeyCreated
    | ApiKeyRevoked
    | KeyRotated => false,
}
