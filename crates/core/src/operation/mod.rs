//! The operations: one file each, and the same verb names it in API, CLI, tests and docs.
//!
//! Every operation takes a [`Snapshot`] and a command and gives a [`Decided`]: events with an
//! answer that waits for them, or the answer alone where nothing is to be written. None of them
//! does I/O.

pub mod add_contact;
pub mod allow_opening;
pub mod amend;
pub mod appoint;
pub mod approve;
pub mod approve_containment;
pub mod approve_exception;
pub mod begin_containment;
pub mod cancel;
pub mod complete;
pub mod confirm;
pub mod confirm_address;
mod contain;
pub mod create_api_key;
pub mod create_bundle;
pub mod custodians_left;
pub mod declare;
mod endings;
pub mod enter;
pub mod erase;
pub mod finish_containment;
pub mod gather;
pub mod give_back;
mod guess;
pub mod issue;
pub mod lapse;
pub mod lift_containment;
pub mod load_policy;
pub mod make_link;
pub mod offer_enrolment;
pub mod open;
pub mod open_bundle;
pub mod prove_share;
pub mod raise_alert;
pub mod redeem;
mod refusal;
pub mod register;
pub mod remove_contact;
pub mod report;
pub mod repudiate;
pub mod request_exception;
pub mod review;
pub mod review_contacts;
pub mod revoke;
pub mod revoke_api_key;
pub mod revoke_bundle;
pub mod rotate_key;
pub mod satisfy;
pub mod send;
pub mod send_confirmation;
pub mod withdraw_exception;

use self::endings::{end_exceptions, end_openings, lapse_recovery};
use self::guess::{Charge, Found, charge, decoy, find};
use crate::bundle::{Bundle, BundleError};
use crate::code::EntropyFailed;
use crate::code_set::{CodeSet, SetState};
use crate::containment::Hold;
use crate::digest::Digest;
use crate::event::{Aside, Asked, Happened, Outcome as Ruled, Ruling};
use crate::exception::{Exception, ExceptionKind, WhyEnded};
use crate::id::{BundleId, ContainmentId, ExceptionId, RecoveryId, SetId, SubjectId};
use crate::operator::Approvers;
use crate::policy::{Policy, Question};
use crate::recovery::{Opener, Recovery, RecoveryState};
use crate::settings::{Settings, TierSettings};
use crate::snapshot::{HeldRecovery, HeldSet, Snapshot};
use crate::stage::{Call, Decided, Draft};
use crate::subject::{Standing, Subject};
use crate::time::Timestamp;

/// What every decision is made under.
pub struct Rules<'a> {
    /// The settings.
    pub settings: &'a Settings,
    /// The policy.
    pub policy: &'a dyn Policy,
}

/// A request that was not carried out. It leaves no trace where nothing it names exists or it
/// contradicts itself; where somebody asked for what is not theirs, an entry tells of it (G1). Each
/// has a stable [`code`](Denial::code).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Denial {
    /// Nobody of that id is registered.
    #[error("no subject of that id is registered")]
    SubjectUnknown,
    /// The subject has left.
    #[error("the subject has left; register it again before anything is issued to it")]
    SubjectDeparted,
    /// No set has that id.
    #[error("no code set has that id")]
    SetUnknown,
    /// A set was issued since whoever asks last looked (REG-28).
    #[error("the code set {set} was issued meanwhile; look at what there is, and ask again")]
    SetsChanged {
        /// Which.
        set: SetId,
    },
    /// The set is past confirming.
    #[error("the code set is `{state}`; only an offered set is confirmed")]
    SetNotOffered {
        /// The state it is in.
        state: &'static str,
    },
    /// The set has ended: where it was kept is of no interest any more.
    #[error("the code set is `{state}`; only of a live one is said where it is kept")]
    SetEnded {
        /// The state it is in.
        state: &'static str,
    },
    /// No recovery has that id.
    #[error("no recovery has that id")]
    RecoveryUnknown,
    /// The recovery has ended, or is past what was asked.
    #[error("the recovery is `{state}`; {wants}")]
    RecoveryState {
        /// The state it is in.
        state: &'static str,
        /// What it would have to be.
        wants: &'static str,
    },
    /// An agent looked in a recovery that the subject opened (N63B-RM-02).
    #[error(
        "the subject opened this recovery; agents gather in cases: open one in the agent's name"
    )]
    NotACase,
    /// No bundle has that id.
    #[error("no bundle has that id")]
    BundleUnknown,
    /// The bundle has ended, or is not where it was wanted.
    #[error("the bundle is `{state}`; {wants}")]
    BundleState {
        /// The state it is in.
        state: &'static str,
        /// What it would have to be.
        wants: &'static str,
    },
    /// The subject has no recovery contact of that label.
    #[error("the subject has no recovery contact of that label")]
    ContactUnknown,
    /// The subject has no exception of that id.
    #[error("the subject has no exception of that id")]
    ExceptionUnknown,
    /// The exception has ended, or is past what was asked.
    #[error("the exception is `{state}`; {wants}")]
    ExceptionState {
        /// The state it is in.
        state: &'static str,
        /// What it would have to be.
        wants: &'static str,
    },
    /// No containment has that id.
    #[error("no containment has that id")]
    ContainmentUnknown,
    /// The containment is past what was asked.
    #[error("the containment is `{state}`; {wants}")]
    ContainmentState {
        /// The state it is in.
        state: &'static str,
        /// What it would have to be.
        wants: &'static str,
    },
    /// A containment is lifted by two people, and fewer have approved it.
    #[error("{have} of {needed} people approve that it is lifted")]
    ApprovalsMissing {
        /// How many approvals stand.
        have: usize,
        /// How many it takes.
        needed: usize,
    },
    /// Recovery is switched off for the subject (I1).
    #[error("recovery is switched off for the subject by the containment {containment}")]
    Contained {
        /// By which.
        containment: ContainmentId,
    },
    /// A containment was lifted, and no set was issued since: access is held (D9).
    #[error("the subject was contained; issue a set to it, or open a support case")]
    ReissueNeeded,
    /// The named operator is none, or has not that duty.
    #[error("nobody of that id is appointed for this; an administrator appoints operators")]
    OperatorUnknown,
    /// Recovery rests for the subject.
    #[error("recovery rests for the subject; lift what suspended it first")]
    SubjectSuspended,
    /// The policy refused; its reasons.
    #[error("the policy refuses: {}", .reasons.join(", "))]
    NotAllowed {
        /// The names of the rules that decided.
        reasons: Vec<String>,
    },
    /// Too many failed attempts at the codes sent in the recovery, or to the address within a day
    /// (N63B-IC-07).
    #[error("too many wrong codes came back; those that were sent are dead and no other is sent")]
    SentCodesDisabled,
    /// Too many codes were sent to the subject in too short a time (N63B-IC-07).
    #[error("too many codes were sent to the subject; the next may go out at {retry_at}")]
    SendLimit {
        /// When.
        retry_at: Timestamp,
    },
    /// The passkey's answer does not hold.
    #[error("the passkey's answer was refused: {what}")]
    PasskeyRefused {
        /// Its stable name.
        reason: &'static str,
        /// What did not hold.
        what: String,
    },
    /// A token is not the one of this custodian's share.
    #[error("this is not the token of this custodian's share of the pending generation")]
    ProofRefused,
    /// Obligations of the window are not met.
    #[error("not done yet: {}", .left.join(", "))]
    ObligationsUnmet {
        /// Which.
        left: Vec<&'static str>,
    },
    /// The tier is not in the settings.
    #[error("the tier `{tier}` is not configured")]
    TierUnknown {
        /// Its name.
        tier: String,
    },
    /// No API key has that id.
    #[error("no API key has that id")]
    ApiKeyUnknown,
    /// It is the only API key left that may make others.
    #[error("this is the last API key with the scope `admin`; make another one first")]
    LastAdminKey,
    /// A redemption's name was used for something else.
    #[error("this redemption_id was used for another redemption; name each attempt anew")]
    RedemptionReused,
    /// A caller that is bound to groups named a registration without one of them, or of somebody
    /// who is in none of them (B4).
    #[error("the key is bound to groups, and the subject is not in one of them")]
    GroupMissing,
    /// The caller acts in one operator's name, and named another.
    #[error("the key is one operator's own, and acts in no other name")]
    NotYourName,
    /// An `Idempotency-Key` was used for something else.
    #[error("this Idempotency-Key was used for another request")]
    RequestReused,
    /// A value is out of bounds.
    #[error("`{field}` {problem}")]
    Invalid {
        /// Which.
        field: &'static str,
        /// What is wrong with it, and what would be right.
        problem: &'static str,
    },
    /// The operating system gave no randomness; nothing was done.
    #[error("the operating system gave no randomness")]
    NoEntropy,
}

impl Denial {
    /// A code was given as a reference: those are written into the log, where no code may be (F4).
    pub const A_CODE_IS_NO_REFERENCE: Self = Self::Invalid {
        field: "reference",
        problem: "reads as a code, which belongs nowhere but where it is redeemed; name a ticket",
    };

    /// The stable code of the denial.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::SubjectUnknown => "subject_unknown",
            Self::SubjectDeparted => "subject_departed",
            Self::SetUnknown => "code_set_unknown",
            Self::SetsChanged { .. } => "code_sets_changed",
            Self::SetNotOffered { .. } => "code_set_not_offered",
            Self::SetEnded { .. } => "code_set_ended",
            Self::RecoveryUnknown => "recovery_unknown",
            Self::RecoveryState { .. } => "recovery_state",
            Self::NotACase => "not_a_case",
            Self::BundleUnknown => "bundle_unknown",
            Self::BundleState { .. } => "bundle_state",
            Self::ContactUnknown => "contact_unknown",
            Self::ExceptionUnknown => "exception_unknown",
            Self::ExceptionState { .. } => "exception_state",
            Self::ContainmentUnknown => "containment_unknown",
            Self::ContainmentState { .. } => "containment_state",
            Self::ApprovalsMissing { .. } => "approvals_missing",
            Self::Contained { .. } => "contained",
            Self::ReissueNeeded => "reissue_needed",
            Self::OperatorUnknown => "operator_unknown",
            Self::SubjectSuspended => "subject_suspended",
            Self::NotAllowed { .. } => "not_allowed",
            Self::SentCodesDisabled => "sent_codes_disabled",
            Self::SendLimit { .. } => "send_limit_reached",
            Self::PasskeyRefused { .. } => "passkey_refused",
            Self::ProofRefused => "proof_refused",
            Self::ObligationsUnmet { .. } => "obligations_unmet",
            Self::TierUnknown { .. } => "tier_unknown",
            Self::ApiKeyUnknown => "api_key_unknown",
            Self::LastAdminKey => "last_admin_key",
            Self::RedemptionReused => "redemption_id_reused",
            Self::GroupMissing => "group_missing",
            Self::NotYourName => "not_your_name",
            Self::RequestReused => "idempotency_key_reused",
            Self::Invalid { .. } => "invalid_request",
            Self::NoEntropy => "entropy_unavailable",
        }
    }
}

/// No decision gets here: each looks at the state before it writes an event.
impl From<BundleError> for Denial {
    fn from(error: BundleError) -> Self {
        let wants = "it cannot follow";
        match error {
            BundleError::State { state, .. } => Self::BundleState { state, wants },
            BundleError::Unknown(_) | BundleError::Generation(_) => Self::BundleUnknown,
        }
    }
}

impl From<EntropyFailed> for Denial {
    fn from(_: EntropyFailed) -> Self {
        Self::NoEntropy
    }
}

/// A set as callers see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetSummary {
    /// Its id.
    pub id: SetId,
    /// Whose it is.
    pub subject: SubjectId,
    /// Where it stands.
    pub state: SetState,
    /// How many codes it was issued with.
    pub count: u8,
    /// How many are unused.
    pub unused: u8,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// When it expires.
    pub expires_at: Timestamp,
    /// By when it is to be replaced, if it is.
    pub replace_by: Option<Timestamp>,
}

impl From<&CodeSet> for SetSummary {
    fn from(set: &CodeSet) -> Self {
        Self {
            id: set.id,
            subject: set.subject,
            state: set.state,
            count: set.issued.count,
            unused: set.unused(),
            issued_at: set.issued_at,
            expires_at: set.issued.expires_at,
            replace_by: set.replace_by,
        }
    }
}

/// The subject as it is once what time alone has done is written down.
struct Settled {
    sets: Vec<HeldSet>,
    recoveries: Vec<HeldRecovery>,
    bundles: Vec<Bundle>,
    exceptions: Vec<Exception>,
    standing: Option<Standing>,
    /// What containments come to for it.
    hold: Hold,
    /// Whoever approved, and who acts now, as they stand.
    approvers: Approvers,
}

impl Settled {
    /// The bundle of `id`, if the subject has it.
    fn bundle(&self, id: BundleId) -> Option<&Bundle> {
        self.bundles.iter().find(|bundle| bundle.id == id)
    }

    /// The recovery of `id`, if the subject has it.
    fn recovery(&self, id: RecoveryId) -> Option<&Recovery> {
        self.recoveries.iter().map(|held| &held.recovery).find(|recovery| recovery.id == id)
    }

    /// How many recoveries that `opener` opened are live.
    fn live(&self, opener: Opener) -> usize {
        let theirs = |held: &&HeldRecovery| {
            held.recovery.is_live() && held.recovery.opening.by.opener() == opener
        };
        self.recoveries.iter().filter(theirs).count()
    }

    /// Why nothing is opened for it, if nothing is: it rests, or is contained.
    fn rests(&self) -> Option<Denial> {
        let active = matches!(self.standing, Some(Standing::Active));
        let rests = (!active).then_some(Denial::SubjectSuspended);
        rests.or_else(|| self.hold.contained())
    }

    /// The exception of `id`, if the subject has it.
    fn exception(&self, id: ExceptionId) -> Option<&Exception> {
        self.exceptions.iter().find(|exception| exception.id == id)
    }

    /// The exception of `kind` that is in force. It needs as many approvals that stand as the tier
    /// asks for now: a tier that came under dual control since does not go by one (F5).
    fn in_force(&self, kind: ExceptionKind, tier: &TierSettings) -> Option<ExceptionId> {
        let in_force = |held: &&Exception| {
            held.terms.kind == kind && held.is_in_force(&self.approvers, tier.approvers_needed())
        };
        self.exceptions.iter().find(in_force).map(|held| held.id)
    }
}

/// Writes down what time alone has done to the subject's sets and recoveries, and what a
/// containment has, and gives them as they now are.
///
/// Every decision begins with this, so that an expired code stays dead and an ended window stays
/// shut however late the sweeper is and wherever the clock goes afterwards (A8, C5).
fn settle(draft: &mut Draft<'_, '_>, snapshot: &Snapshot) -> Result<Settled, Denial> {
    let now = draft.call.now;
    // What time alone has done was not asked for: the request's name waits for what was.
    let name = draft.call.request.take();
    let mut settled = Settled {
        sets: snapshot.sets.clone(),
        recoveries: snapshot.recoveries.clone(),
        bundles: snapshot.bundles.clone(),
        exceptions: snapshot.exceptions.clone(),
        standing: snapshot.subject.as_ref().map(|subject| subject.standing),
        hold: snapshot.hold(),
        approvers: snapshot.approvers.clone().with(snapshot.operator.as_ref()),
    };
    for HeldSet { set, .. } in &mut settled.sets {
        let Some(end) = set.due(now) else { continue };
        let id = set.id;
        draft.add(match end {
            SetState::Lapsed { .. } => Happened::CodeSetLapsed { set: id },
            _ => Happened::CodeSetExpired { set: id },
        })?;
        set.state = end;
    }
    if let Some(cause) = settled.standing.and_then(|standing| standing.due(now)) {
        draft.add(Happened::SubjectResumed { cause })?;
        settled.standing = settled.standing.map(|standing| standing.resume(cause));
    }
    for HeldRecovery { recovery, .. } in &mut settled.recoveries {
        if recovery.is_due(now) {
            lapse_recovery(draft, recovery, &mut settled.standing)?;
        }
    }
    let over = |id| {
        let mut ended = settled.recoveries.iter().filter(|held| !held.recovery.is_live());
        ended.any(|held| held.recovery.id == id)
    };
    end_openings(draft, &mut settled.bundles, |bundle, emergency| {
        bundle.is_due(now) || over(emergency)
    })?;
    end_exceptions(draft, &mut settled.exceptions, |held| held.is_due(now), WhyEnded::Expired)?;
    contain::end_all(draft, &mut settled)?;
    draft.call.request = name;
    Ok(settled)
}

/// Writes down what happens to a bundle; answers what becomes of it.
fn step(draft: &mut Draft<'_, '_>, bundle: Bundle, happened: Happened) -> Result<Bundle, Denial> {
    let after = bundle.follow(&happened, draft.call.now)?;
    draft.add(happened)?;
    Ok(after)
}

/// Revokes or supersedes every set in `sets` that `which` picks.
fn end_sets(
    draft: &mut Draft<'_, '_>,
    sets: &[HeldSet],
    which: impl Fn(&CodeSet) -> bool,
    how: impl Fn(SetId) -> Happened,
) -> Result<Vec<SetId>, Denial> {
    let mut ended = Vec::new();
    for HeldSet { set, .. } in sets {
        if set.state.is_live() && which(set) {
            draft.add(how(set.id))?;
            ended.push(set.id);
        }
    }
    Ok(ended)
}

/// The ruling, the event and nothing beside the log: the common case of [`Draft::add_with`].
fn add_ruled(draft: &mut Draft<'_, '_>, happened: Happened, ruling: Ruling) -> Result<(), Denial> {
    draft.add_with(happened, Some(ruling), Aside::None)
}

/// The policy's ruling, if it permits.
///
/// # Errors
/// [`Denial::NotAllowed`] with its reasons, if it does not.
fn permitted(rules: &Rules<'_>, question: &Question) -> Result<Ruling, Denial> {
    let verdict = rules.policy.ask(question);
    if verdict.outcome == Ruled::Permit {
        return Ok(verdict.ruling(question, rules.policy));
    }
    Err(Denial::NotAllowed { reasons: verdict.reasons })
}

/// What was asked of a recovery, by whom: what an entry tells of its refusal.
struct Petition {
    recovery: Option<RecoveryId>,
    asked: Asked,
    by: Option<SubjectId>,
}

impl Petition {
    /// Refuses it: the entry first, then the denial (G1). `ruling` is what the policy said, if it
    /// was asked.
    fn refuse<R>(self, draft: Draft<'_, '_>, denial: Denial, ruling: Option<Ruling>) -> Outcome<R> {
        let Self { recovery, asked, by } = self;
        let passkey = match &denial {
            Denial::PasskeyRefused { reason, .. } => Some((*reason).to_owned()),
            _ => None,
        };
        let why = denial.code().to_owned();
        let happened = Happened::RecoveryRequestRefused { recovery, asked, by, why, passkey };
        draft.refuse(happened, ruling, denial)
    }
}

/// Whether the request was made before under its name, and is the same.
fn past_request(
    call: &Call<'_>,
    snapshot: &Snapshot,
) -> Result<Option<crate::snapshot::PastRequest>, Denial> {
    match (call.request, snapshot.request) {
        (Some(mark), Some(past)) if mark.fingerprint == past.fingerprint => Ok(Some(past)),
        (Some(_), Some(_)) => Err(Denial::RequestReused),
        _ => Ok(None),
    }
}

/// The subject, if recovery is open to it at all, with the settings of its tier.
fn subject_and_tier<'a>(
    snapshot: &'a Snapshot,
    rules: &Rules<'a>,
) -> Result<(&'a Subject, &'a TierSettings), Denial> {
    let subject = snapshot.subject.as_ref().ok_or(Denial::SubjectUnknown)?;
    if matches!(subject.standing, Standing::Departed { .. }) {
        return Err(Denial::SubjectDeparted);
    }
    let tier = rules.settings.tier(&subject.profile.tier);
    let tier =
        tier.ok_or_else(|| Denial::TierUnknown { tier: subject.profile.tier.clone().into() })?;
    Ok((subject, tier))
}

/// The digests of the subject's verified addresses: by the caller's word, or by a code that came
/// back (N63B-IC-08).
fn verified_addresses(snapshot: &Snapshot) -> Vec<Digest> {
    let directory = snapshot.directory.iter();
    let verified = directory.flat_map(|entry| {
        let addresses = entry.notification_addresses.iter();
        let digests = addresses.map(|to| (to.verified, to.digest(&entry.salt)));
        digests.filter(|(verified, address)| {
            *verified || snapshot.addresses.book.is_confirmed(address)
        })
    });
    verified.map(|(_, address)| address).collect()
}

/// The digests of the recovery contacts' addresses that are confirmed (N63B-RC-01).
fn confirmed_contacts(snapshot: &Snapshot) -> Vec<Digest> {
    let contacts = snapshot.addresses.book.contacts.iter();
    let confirmed = contacts.filter(|contact| contact.confirmed_at.is_some());
    confirmed.map(|contact| contact.address).collect()
}

/// The recovery of `id`, if it still gathers evidence.
fn open_recovery(settled: &Settled, id: RecoveryId) -> Result<&Recovery, Denial> {
    let recovery = settled.recovery(id).ok_or(Denial::RecoveryUnknown)?;
    match recovery.state {
        RecoveryState::Open {} => Ok(recovery),
        ref state => Err(Denial::RecoveryState { state: state.name(), wants: "only an open one" }),
    }
}

/// The set of `id` as it stands after [`settle`].
fn set_of(sets: &[HeldSet], id: SetId) -> Option<&HeldSet> {
    sets.iter().find(|held| held.set.id == id)
}

/// The end of every operation: what was drafted, with its answer.
type Outcome<R> = Result<Decided<R>, Denial>;
