//! What can happen: one variant for each event, in the order of the subjects of their sentences.

use super::{
    Acceptance, Alert, Asked, Attempt, BundleCreated, BundleCustodianLeft, BundleEffective,
    BundleOpenRefused, BundleOpened, BundleOpeningAllowed, BundleOpeningLapsed,
    BundleRequestRefused, BundleRevoked, BundleRotationDue, BundleShareProven, BundleSuperseded,
    CanaryCode, ContactAddition, ContainmentApproved, ContainmentBegun, ContainmentLifted,
    ContainmentRequestRefused, Declaration, EnrolmentOffered, ExceptionRequestRefused,
    Registration, RuleAlert, SelfServiceEntered, SelfServiceLinkMade, Undelivered,
};
use crate::access::{KeyPurpose, Scope};
use crate::code_set::{Issued, RevokeReason};
use crate::digest::Digest;
use crate::exception::{Terms, WhyEnded};
use crate::id::{
    ContactId, ContainmentId, EventId, ExceptionId, RecoveryId, SentId, SetId, SubjectId,
};
use crate::lifecycle::{Effect, LifecycleKind};
use crate::operator::{Duty, Passkey};
use crate::recovery::{Assertion, EndReason, Item, Obligation, Opening, Sent, Window};
use crate::redemption::{Method, WhyRefused};
use crate::subject::SuspendCause;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// What happened. The serialised `type` is the event's name everywhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "data")]
pub enum Happened {
    /// A subject was registered, or came back after it had left.
    #[serde(rename = "subject.registered")]
    SubjectRegistered(Registration),
    /// A subject's registration changed.
    #[serde(rename = "subject.updated")]
    SubjectUpdated(Registration),
    /// Recovery was put to rest.
    #[serde(rename = "subject.suspended")]
    SubjectSuspended {
        /// Why.
        #[serde(flatten)]
        cause: SuspendCause,
    },
    /// A cause to rest was lifted.
    #[serde(rename = "subject.resumed")]
    SubjectResumed {
        /// Which.
        #[serde(flatten)]
        cause: SuspendCause,
    },
    /// The subject left. Whatever it was appointed to ends, and its passkeys are nobody's.
    #[serde(rename = "subject.departed")]
    SubjectDeparted {},
    /// A containment ended what was live of the subject. The events after this one say what (I1).
    #[serde(rename = "subject.contained")]
    SubjectContained {
        /// Which.
        containment: ContainmentId,
    },
    /// A lifecycle event was reported, or followed from a changed registration.
    #[serde(rename = "lifecycle.reported")]
    LifecycleReported {
        /// What happened.
        kind: LifecycleKind,
        /// When it happened, by the reporter's word.
        occurred_at: Timestamp,
        /// What it did here.
        effect: Effect,
        /// The event whose notice the subject answered with "this was not me" (N63B-NO-07).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        notice: Option<EventId>,
    },
    /// A code was sent to an address that is not confirmed yet (N63B-IC-08).
    #[serde(rename = "address.confirmation_sent")]
    AddressConfirmationSent {
        /// The code, without the code.
        confirmation: Sent,
    },
    /// A confirmation code did not go out, for certain, and is dead.
    #[serde(rename = "address.confirmation_undelivered")]
    AddressConfirmationUndelivered(Undelivered),
    /// The right code came back: the address is the subject's, or the contact's.
    #[serde(rename = "address.confirmed")]
    AddressConfirmed {
        /// The code, which is used up.
        confirmation: SentId,
        /// The salted digest of the address.
        address: Digest,
        /// Whose it is, if not the subject's own.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        contact: Option<ContactId>,
    },
    /// A wrong code came back, or for a confirmation that is not awaited.
    #[serde(rename = "address.confirm_refused")]
    AddressConfirmRefused {
        /// The code it was a guess at, if it is awaited.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        confirmation: Option<SentId>,
        /// How many failures in a row that makes for the subject.
        failures: u32,
        /// The next attempt is looked at from then on.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry_at: Option<Timestamp>,
    },
    /// A registration no longer has an address that was confirmed, or was about to be.
    #[serde(rename = "address.removed")]
    AddressRemoved {
        /// The salted digest of the address.
        address: Digest,
    },
    /// The subject named a recovery contact (N63B-RC-01).
    #[serde(rename = "contact.added")]
    ContactAdded(ContactAddition),
    /// The subject took a recovery contact back (N63B-RC-03).
    #[serde(rename = "contact.removed")]
    ContactRemoved {
        /// The contact.
        contact: ContactId,
        /// The salted digest of the subject's directory entry, without it.
        directory: Digest,
    },
    /// The subject looked at its recovery contacts and left them as they are.
    #[serde(rename = "contacts.reviewed")]
    ContactsReviewed {},
    /// A year has passed since: the subject is to be reminded of its contacts (N63B-RC-04).
    #[serde(rename = "contacts.review_due")]
    ContactsReviewDue {},
    /// A set was issued and shown, once.
    #[serde(rename = "code_set.issued")]
    CodeSetIssued {
        /// The set.
        set: SetId,
        /// What it was issued as.
        #[serde(flatten)]
        issued: Issued,
        /// If it must be confirmed: by when.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        confirm_by: Option<Timestamp>,
    },
    /// A set was asked for and refused.
    #[serde(rename = "code_set.issue_refused")]
    CodeSetIssueRefused {
        /// The refusal's stable code.
        why: String,
    },
    /// The holder proved that the codes were saved.
    #[serde(rename = "code_set.confirmed")]
    CodeSetConfirmed {
        /// The set.
        set: SetId,
    },
    /// A confirmation did not match; it is charged like any other guess.
    #[serde(rename = "code_set.confirm_refused")]
    CodeSetConfirmRefused {
        /// The set.
        set: SetId,
        /// The sets charged.
        charged: Vec<SetId>,
        /// How many failures in a row that makes.
        failures: u32,
        /// The next attempt is looked at from then on.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry_at: Option<Timestamp>,
    },
    /// A newer set took its place.
    #[serde(rename = "code_set.superseded")]
    CodeSetSuperseded {
        /// The set.
        set: SetId,
        /// The newer one.
        by: SetId,
    },
    /// A set was revoked.
    #[serde(rename = "code_set.revoked")]
    CodeSetRevoked {
        /// The set.
        set: SetId,
        /// Why.
        reason: RevokeReason,
    },
    /// A set's time was up.
    #[serde(rename = "code_set.expired")]
    CodeSetExpired {
        /// The set.
        set: SetId,
    },
    /// An offered set was never confirmed.
    #[serde(rename = "code_set.lapsed")]
    CodeSetLapsed {
        /// The set.
        set: SetId,
    },
    /// Too many failed attempts.
    #[serde(rename = "code_set.disabled")]
    CodeSetDisabled {
        /// The set.
        set: SetId,
    },
    /// The holder said again where the set is kept.
    #[serde(rename = "code_set.declared")]
    CodeSetDeclared(Declaration),
    /// A set is to be replaced.
    #[serde(rename = "code_set.replacement_due")]
    CodeSetReplacementDue {
        /// The set.
        set: SetId,
        /// By when.
        by: Timestamp,
    },
    /// A code was accepted, this once.
    #[serde(rename = "code.accepted")]
    CodeAccepted(Acceptance),
    /// The code was right, and more evidence is needed. Nothing was used up.
    #[serde(rename = "code.deferred")]
    CodeDeferred {
        /// The attempt.
        #[serde(flatten)]
        attempt: Attempt,
        /// The set the code belongs to.
        set: SetId,
        /// The recovery that waits for more.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        recovery: Option<RecoveryId>,
        /// The smallest further evidence that would do, one of these.
        alternatives: Vec<Vec<Method>>,
    },
    /// A code that was sent came back, and counts. It is used up.
    #[serde(rename = "sent_code.accepted")]
    SentCodeAccepted {
        /// The attempt.
        #[serde(flatten)]
        attempt: Attempt,
        /// The recovery it was sent in.
        recovery: RecoveryId,
        /// Which.
        sent: SentId,
        /// What it counts as.
        method: Method,
        /// Where it was enough: the window that `recovery.satisfied` opens right after.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        window: Option<Window>,
        /// Where it was not: the smallest further evidence that would do, one of these.
        alternatives: Vec<Vec<Method>>,
    },
    /// An attempt was refused.
    #[serde(rename = "code.refused")]
    CodeRefused {
        /// The attempt.
        #[serde(flatten)]
        attempt: Attempt,
        /// Why; the caller is not told.
        why: WhyRefused,
        /// The sets charged with a failure.
        charged: Vec<SetId>,
        /// How many failures in a row that makes for the subject.
        failures: u32,
        /// The next attempt is looked at from then on.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry_at: Option<Timestamp>,
        /// The recovery charged with a failure: it waited for a code that was sent (N63B-IC-07).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        charged_recovery: Option<RecoveryId>,
    },
    /// An attempt came before its time and was not looked at.
    #[serde(rename = "code.throttled")]
    CodeThrottled {
        /// The attempt.
        #[serde(flatten)]
        attempt: Attempt,
        /// The next attempt is looked at from then on.
        retry_at: Timestamp,
    },
    /// A recovery was opened.
    #[serde(rename = "recovery.opened")]
    RecoveryOpened {
        /// Which.
        recovery: RecoveryId,
        /// How.
        #[serde(flatten)]
        opening: Opening,
    },
    /// A case was not opened: the AI agent has opened too many within the hour (H4).
    #[serde(rename = "recovery.open_throttled")]
    RecoveryOpenThrottled {
        /// The agent.
        agent: SubjectId,
        /// When it may open one.
        retry_at: Timestamp,
    },
    /// Something was presented in a recovery.
    #[serde(rename = "recovery.evidence_added")]
    RecoveryEvidenceAdded {
        /// Which.
        recovery: RecoveryId,
        /// What.
        item: Item,
    },
    /// A code was sent to the subject.
    #[serde(rename = "recovery.code_sent")]
    RecoveryCodeSent {
        /// Which.
        recovery: RecoveryId,
        /// The code, without the code.
        sent: Sent,
    },
    /// A code did not go out, for certain, and is dead. It is not counted among those sent.
    #[serde(rename = "recovery.code_undelivered")]
    RecoveryCodeUndelivered {
        /// Which.
        recovery: RecoveryId,
        /// The code.
        sent: SentId,
        /// When it was sent.
        sent_at: Timestamp,
    },
    /// Too many failed attempts: no code sent in it counts any more, and no other is sent in it.
    #[serde(rename = "recovery.codes_disabled")]
    RecoveryCodesDisabled {
        /// Which.
        recovery: RecoveryId,
    },
    /// An approver approved the case as it stood.
    #[serde(rename = "recovery.approved")]
    RecoveryApproved {
        /// Which.
        recovery: RecoveryId,
        /// Who.
        approver: SubjectId,
        /// The digest of what was approved.
        case: Digest,
        /// The signature over it.
        assertion: Assertion,
    },
    /// An approver declined.
    #[serde(rename = "recovery.declined")]
    RecoveryDeclined {
        /// Which.
        recovery: RecoveryId,
        /// Who.
        approver: SubjectId,
        /// The digest of what was declined.
        case: Digest,
        /// The signature over that and the word.
        assertion: Assertion,
        /// Why, as they said.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        why: Option<EndReason>,
    },
    /// There was enough evidence: the window is open.
    #[serde(rename = "recovery.satisfied")]
    RecoverySatisfied(Window),
    /// An obligation was met.
    #[serde(rename = "recovery.obligation_met")]
    RecoveryObligationMet {
        /// Which.
        recovery: RecoveryId,
        /// What was done.
        obligation: Obligation,
    },
    /// All obligations were met: everyday sign-in is back.
    #[serde(rename = "recovery.completed")]
    RecoveryCompleted {
        /// Which.
        recovery: RecoveryId,
    },
    /// A recovery's time was up.
    #[serde(rename = "recovery.lapsed")]
    RecoveryLapsed {
        /// Which.
        recovery: RecoveryId,
    },
    /// A recovery was given up.
    #[serde(rename = "recovery.cancelled")]
    RecoveryCancelled {
        /// Which.
        recovery: RecoveryId,
        /// Why, where somebody said.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        why: Option<EndReason>,
    },
    /// Somebody has to review what was done (E3).
    #[serde(rename = "recovery.review_due")]
    RecoveryReviewDue {
        /// Which.
        recovery: RecoveryId,
        /// By when.
        by: Timestamp,
    },
    /// Somebody did.
    #[serde(rename = "recovery.reviewed")]
    RecoveryReviewed {
        /// Which.
        recovery: RecoveryId,
        /// Who.
        reviewer: SubjectId,
        /// The digest of the case that was reviewed.
        case: Digest,
        /// The signature over that and the word.
        assertion: Assertion,
    },
    /// A secret was split, and its shares were handed out, once (A4, B3).
    #[serde(rename = "bundle.created")]
    BundleCreated(BundleCreated),
    /// A custodian proved that the share can be opened.
    #[serde(rename = "bundle.share_proven")]
    BundleShareProven(BundleShareProven),
    /// Every custodian has proven: from now on this generation counts.
    #[serde(rename = "bundle.effective")]
    BundleEffective(BundleEffective),
    /// A newer generation took its place. What was sealed is erased.
    #[serde(rename = "bundle.superseded")]
    BundleSuperseded(BundleSuperseded),
    /// Policy and two approvers allow that it is opened (E3).
    #[serde(rename = "bundle.opening_allowed")]
    BundleOpeningAllowed(BundleOpeningAllowed),
    /// An opening ended unused: its time was up, or its emergency had ended.
    #[serde(rename = "bundle.opening_lapsed")]
    BundleOpeningLapsed(BundleOpeningLapsed),
    /// Shares were brought that do not open it.
    #[serde(rename = "bundle.open_refused")]
    BundleOpenRefused(BundleOpenRefused),
    /// The secret was put together and told, once.
    #[serde(rename = "bundle.opened")]
    BundleOpened(BundleOpened),
    /// The secret is to be replaced and split anew.
    #[serde(rename = "bundle.rotation_due")]
    BundleRotationDue(BundleRotationDue),
    /// A custodian has left. The share exists all the same: new ones are needed.
    #[serde(rename = "bundle.custodian_left")]
    BundleCustodianLeft(BundleCustodianLeft),
    /// A bundle was revoked. What was sealed is erased.
    #[serde(rename = "bundle.revoked")]
    BundleRevoked(BundleRevoked),
    /// Something asked of a recovery, or for one, was refused (G1). It changes nothing.
    #[serde(rename = "recovery.request_refused")]
    RecoveryRequestRefused {
        /// In which recovery; none where one was to be opened.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        recovery: Option<RecoveryId>,
        /// What was asked.
        asked: Asked,
        /// Who of the desk asked, where somebody was named.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<SubjectId>,
        /// The refusal's stable code.
        why: String,
        /// What of the passkey's answer did not hold, where that is why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        passkey: Option<String>,
    },
    /// Something asked of an exception, or for one, was refused (G1). It changes nothing.
    #[serde(rename = "exception.request_refused")]
    ExceptionRequestRefused(ExceptionRequestRefused),
    /// Something asked of a containment was refused (G1).
    #[serde(rename = "containment.request_refused")]
    ContainmentRequestRefused(ContainmentRequestRefused),
    /// Something asked of a bundle, or for one, was refused (G1). It changes nothing.
    #[serde(rename = "bundle.request_refused")]
    BundleRequestRefused(BundleRequestRefused),
    /// An exception was asked for (F5).
    #[serde(rename = "exception.requested")]
    ExceptionRequested {
        /// Which.
        exception: ExceptionId,
        /// What was asked for.
        #[serde(flatten)]
        terms: Terms,
    },
    /// An approver approved the exception as it was asked for.
    #[serde(rename = "exception.approved")]
    ExceptionApproved {
        /// Which.
        exception: ExceptionId,
        /// Who.
        approver: SubjectId,
        /// The digest of what was approved.
        case: Digest,
        /// The signature over it.
        assertion: Assertion,
    },
    /// An exception has its approvals and is in force. This one entry tells all of it again.
    #[serde(rename = "exception.granted")]
    ExceptionGranted {
        /// Which.
        exception: ExceptionId,
        /// What is set aside.
        #[serde(flatten)]
        terms: Terms,
        /// Who approved it.
        approvers: Vec<SubjectId>,
        /// The digest of what they approved.
        case: Digest,
    },
    /// An exception, or the request for one, ended.
    #[serde(rename = "exception.ended")]
    ExceptionEnded {
        /// Which.
        exception: ExceptionId,
        /// Why.
        why: WhyEnded,
    },
    /// Recovery was switched off for a subject, a group or everyone (I1).
    #[serde(rename = "containment.begun")]
    ContainmentBegun(ContainmentBegun),
    /// An approver approved that a containment is lifted.
    #[serde(rename = "containment.approved")]
    ContainmentApproved(ContainmentApproved),
    /// A containment was lifted, by two people.
    #[serde(rename = "containment.lifted")]
    ContainmentLifted(ContainmentLifted),
    /// All that was live from before a containment is written down as ended.
    #[serde(rename = "containment.finished")]
    ContainmentFinished {
        /// Which.
        containment: ContainmentId,
    },
    /// Something happened that people must hear of.
    #[serde(rename = "alert.raised")]
    AlertRaised {
        /// What.
        alert: Alert,
        /// In which recovery.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        recovery: Option<RecoveryId>,
        /// The rule that raised it, where one did.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        rule: Option<Box<RuleAlert>>,
        /// The decoy that was presented, where one was.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        canary: Option<CanaryCode>,
    },
    /// A subject was appointed an operator, or its duties changed; none is a dismissal.
    #[serde(rename = "operator.appointed")]
    OperatorAppointed {
        /// The duties.
        duties: Vec<Duty>,
    },
    /// An operator was handed a link to enrol a passkey with, good once.
    #[serde(rename = "operator.enrolment_offered")]
    OperatorEnrolmentOffered(EnrolmentOffered),
    /// An operator registered a passkey.
    #[serde(rename = "operator.passkey_added")]
    OperatorPasskeyAdded {
        /// What its signatures are checked with.
        passkey: Passkey,
    },
    /// A passkey was taken away.
    #[serde(rename = "operator.passkey_removed")]
    OperatorPasskeyRemoved {
        /// The credential's id.
        credential: String,
    },
    /// A link to self-service was made for the subject. It changes nothing.
    #[serde(rename = "self_service.link_made")]
    SelfServiceLinkMade(SelfServiceLinkMade),
    /// The subject came into self-service. It changes nothing.
    #[serde(rename = "self_service.entered")]
    SelfServiceEntered(SelfServiceEntered),
    /// A set of policies came into force.
    #[serde(rename = "policy.loaded")]
    PolicyLoaded {
        /// The digest that decisions under it name.
        policy: Digest,
        /// What it calls itself.
        version: String,
        /// The digest of its text, which lies beside the log.
        text: Digest,
    },
    /// An API key was made.
    #[serde(rename = "api_key.created")]
    ApiKeyCreated {
        /// Its public id.
        id: String,
        /// What it may do.
        scopes: Vec<Scope>,
        /// The digest of its stored digest.
        digest: Digest,
        /// What commits it to the groups it is bound to, if any: their names lie beside the log.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        bound: Option<Digest>,
        /// The one operator in whose name it acts, if it is one's own.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        operator: Option<SubjectId>,
    },
    /// An API key was revoked.
    #[serde(rename = "api_key.revoked")]
    ApiKeyRevoked {
        /// Its public id.
        id: String,
    },
    /// A key got a new generation.
    #[serde(rename = "key.rotated")]
    KeyRotated {
        /// Which key.
        purpose: KeyPurpose,
        /// The generation now in use.
        generation: u32,
    },
}
