//! The shapes that several calls share.

pub(crate) mod bundle;
pub(crate) mod containment;
pub(crate) mod exception;
pub(crate) mod recovery;

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use glassbreak_engine::core::code_set::{
    CodeSet, Custody, IssueReason, Profile, RevokeReason, SetKind, SetState,
};
use glassbreak_engine::core::id::{EventId, SetId};
use glassbreak_engine::core::operation::SetSummary;
use glassbreak_engine::core::stage::Applied;
use glassbreak_engine::core::time::Timestamp;
use glassbreak_engine::store::{InventoryRow, LogEntry};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::problem::Problem;

/// A code set. Never a code of it.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(crate) struct Set {
    /// Its id.
    pub(crate) set_id: Uuid,
    /// Whose it is, by the caller's name; missing where that was erased.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) subject: Option<String>,
    /// The subject's tier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) tier: Option<String>,
    /// `saved`, `break_glass` or `canary`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) kind: Option<String>,
    /// `strong` or `compact`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) profile: Option<String>,
    /// `offered`, `active`, `exhausted`, `expired`, `revoked`, `superseded`, `disabled` or
    /// `lapsed`.
    pub(crate) state: String,
    /// Why it was revoked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) revoked_because: Option<String>,
    /// How many codes it was issued with.
    pub(crate) count: u8,
    /// How many are unused.
    pub(crate) unused: u8,
    /// Failed attempts charged to it in a row.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) failures: Option<u32>,
    /// When it was issued (RFC 3339).
    pub(crate) issued_at: String,
    /// When it expires (RFC 3339).
    pub(crate) expires_at: String,
    /// By when an offered set is to be confirmed (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) confirm_by: Option<String>,
    /// By when it is to be replaced (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) replace_by: Option<String>,
    /// The controlled moment at which it was issued.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
    /// Where the holder keeps it, by their last word.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) custody: Option<String>,
    /// When they gave it (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) custody_declared_at: Option<String>,
}

impl From<&SetSummary> for Set {
    fn from(set: &SetSummary) -> Self {
        let confirm_by = match set.state {
            SetState::Offered { confirm_by } => Some(confirm_by.to_string()),
            _ => None,
        };
        let revoked_because = match set.state {
            SetState::Revoked { reason, .. } => Some(word(&reason)),
            _ => None,
        };
        Self {
            set_id: set.id.0,
            state: set.state.name().to_owned(),
            revoked_because,
            count: set.count,
            unused: set.unused,
            issued_at: set.issued_at.to_string(),
            expires_at: set.expires_at.to_string(),
            confirm_by,
            replace_by: set.replace_by.map(|by| by.to_string()),
            ..Self::default()
        }
    }
}

impl From<&CodeSet> for Set {
    fn from(set: &CodeSet) -> Self {
        Self {
            kind: Some(word(&set.issued.kind)),
            profile: Some(word(&set.issued.profile)),
            failures: Some(set.failures),
            reason: Some(word(&set.issued.reason)),
            custody: set.custody().as_ref().map(word),
            custody_declared_at: set.custody_declared_at().map(|at| at.to_string()),
            ..Self::from(&SetSummary::from(set))
        }
    }
}

impl From<&InventoryRow> for Set {
    fn from(row: &InventoryRow) -> Self {
        Self {
            subject: row.reference.clone().map(String::from),
            tier: Some(row.tier.as_str().to_owned()),
            ..Self::from(&row.set)
        }
    }
}

/// A log entry with its place.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PlacedEntry {
    /// Its leaf index.
    pub(crate) index: u64,
    /// The event's id.
    pub(crate) id: Uuid,
    /// The entry, as the log has it.
    #[schema(value_type = Object)]
    pub(crate) entry: serde_json::Value,
}

impl TryFrom<LogEntry> for PlacedEntry {
    type Error = Problem;
    fn try_from(entry: LogEntry) -> Result<Self, Problem> {
        let value = serde_json::from_slice(&entry.bytes).map_err(|_| Problem::plain("corrupt"))?;
        Ok(Self { index: entry.index, id: entry.id.0, entry: value })
    }
}

/// A page of log entries.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EntryPage {
    /// The entries, in order; the newest first where that was asked for.
    pub(crate) items: Vec<PlacedEntry>,
    /// Where the next page starts; missing at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next_cursor: Option<u64>,
}

impl EntryPage {
    /// A page out of what was found when `limit` were asked for.
    pub(crate) fn of(entries: Vec<LogEntry>, limit: usize) -> Result<Self, Problem> {
        let full = entries.len() == limit;
        let next_cursor = entries.last().filter(|_| full).map(|entry| entry.index + 1);
        let items = entries.into_iter().map(PlacedEntry::try_from).collect::<Result<_, _>>()?;
        Ok(Self { items, next_cursor })
    }
}

impl EntryPage {
    /// The same, the newest first: the next page is what comes before this one.
    pub(crate) fn newest(entries: Vec<LogEntry>, limit: usize) -> Result<Self, Problem> {
        let full = entries.len() == limit;
        let last = entries.last().filter(|_| full).map(|entry| entry.index);
        let next_cursor = last.filter(|index| *index > 0);
        let items = entries.into_iter().map(PlacedEntry::try_from).collect::<Result<_, _>>()?;
        Ok(Self { items, next_cursor })
    }
}

/// What a call wrote into the log: ids to ask receipts for.
pub(crate) fn evidence<R>(applied: &Applied<R>) -> Vec<Uuid> {
    applied.events().iter().map(|EventId(id)| *id).collect()
}

/// An answer that is kept nowhere on its way: there is something in it to show once.
pub(crate) fn unstored(answer: impl IntoResponse) -> Response {
    let mut response = answer.into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Set ids as they travel.
pub(crate) fn set_ids(sets: &[SetId]) -> Vec<Uuid> {
    sets.iter().map(|SetId(id)| *id).collect()
}

/// The word of a unit variant, as the wire spells it.
pub(crate) fn word(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}

/// A moment from the wire.
pub(crate) fn moment(text: &str, field: &'static str) -> Result<Timestamp, Problem> {
    text.parse().map_err(|error: glassbreak_engine::core::time::InvalidTimestamp| {
        Problem::new("invalid_request", format!("`{field}`: {error}"))
    })
}

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident = $core:ty {
        $($(#[$variant_doc:meta])* $variant:ident),* $(,)?
    })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, serde::Deserialize, Serialize, ToSchema)]
        #[serde(rename_all = "snake_case")]
        pub(crate) enum $name { $($(#[$variant_doc])* $variant),* }

        impl From<$name> for $core {
            fn from(word: $name) -> Self {
                match word { $($name::$variant => Self::$variant),* }
            }
        }
    )*};
}

words! {
    /// What a set is for.
    KindWord = SetKind {
        /// Printed or stored by the holder.
        Saved,
        /// For the emergency.
        BreakGlass,
        /// Decoys: they never work, and whoever presents one is heard.
        Canary,
    }
    /// The form of codes.
    ProfileWord = Profile {
        /// 130 bits.
        Strong,
        /// 65 bits.
        Compact,
    }
    /// The controlled moment.
    ReasonWord = IssueReason {
        /// The subject enrols.
        Enrolment,
        /// In place of the old set.
        Replacement,
        /// After a recovery.
        ReissueAfterRecovery,
        /// A break-glass path is set up.
        BreakGlassProvisioning,
        /// A support case asks for it.
        SupportCase,
    }
    /// Where the set will be kept.
    CustodyWord = Custody {
        /// A password manager.
        PasswordManager,
        /// A sealed copy on paper.
        SealedOfflineCopy,
        /// A secrets manager.
        SecretsManager,
        /// A hardware token or module.
        Hardware,
    }
    /// Why a set is revoked. (`lifecycle` is not among them: that is reported.)
    RevokeWord = RevokeReason {
        /// The holder or an operator asked for it.
        Requested,
        /// Lost or stolen.
        Lost,
        /// Seen where it must not be.
        Leaked,
    }
    /// An assurance level.
    AssuranceWord = glassbreak_engine::core::subject::Assurance {
        /// AAL1.
        Aal1,
        /// AAL2.
        Aal2,
        /// AAL3.
        Aal3,
    }
    /// An identity assurance level.
    ProofingWord = glassbreak_engine::core::subject::Proofing {
        /// Never proofed.
        None,
        /// IAL1.
        Ial1,
        /// IAL2.
        Ial2,
        /// IAL3.
        Ial3,
    }
    /// What a subject is.
    SubjectKindWord = glassbreak_engine::core::subject::SubjectKind {
        /// A human being.
        Person,
        /// A service account or workload.
        Service,
        /// An AI agent.
        Agent,
    }
    /// How a message travels.
    ChannelWord = glassbreak_engine::core::subject::Channel {
        /// Electronic mail.
        Email,
        /// A text message.
        Sms,
        /// A telephone call.
        Voice,
        /// A letter.
        Postal,
        /// A push message.
        Push,
    }
    /// The role a code plays.
    RoleWord = glassbreak_engine::core::redemption::Role {
        /// Beside a password.
        SecondFactor,
        /// To get back in.
        AccountRecovery,
    }
    /// What the caller vouches for besides the code.
    MethodWord = glassbreak_engine::core::redemption::Method {
        /// A password was verified.
        Password,
        /// A bound authenticator was verified.
        Authenticator,
        /// Identity proofing was repeated.
        Proofing,
    }
}

words! {
    /// Why the subject cannot get in.
    CauseWord = glassbreak_engine::core::recovery::Cause {
        /// The phone is lost, stolen or broken.
        PhoneLost,
        /// The authenticator app was deleted.
        AuthenticatorDeleted,
        /// The device was migrated and the factor did not come along.
        DeviceMigrated,
        /// The saved codes are lost.
        CodesLost,
        /// Nothing else works: break glass.
        Emergency,
        /// Nobody said why.
        Unstated,
    }
    /// What an agent looked at.
    CheckWord = glassbreak_engine::core::recovery::Check {
        /// An identity document.
        Document,
        /// A face or a fingerprint, compared with the one on record.
        Biometric,
        /// A call back to a number on record before the case.
        CallBack,
        /// A conversation on video.
        Video,
        /// In person.
        InPerson,
        /// A word of the manager on record.
        Manager,
    }
    /// Why somebody ended a recovery.
    EndReasonWord = glassbreak_engine::core::recovery::EndReason {
        /// The person is in again, or wants it no more.
        NoNeed,
        /// The person could not be verified.
        NotVerified,
        /// Something looks like somebody else's doing.
        Suspicious,
        /// It should not have been opened, or not like this.
        Mistake,
    }
    /// What an operator may do.
    DutyWord = glassbreak_engine::core::operator::Duty {
        /// Opens cases and gathers evidence.
        Support,
        /// Approves and declines.
        Approve,
        /// Reads the inventory and the log, signed in.
        Audit,
        /// Switches recovery off and revokes, signed in.
        Respond,
        /// Administers Glassbreak, signed in.
        Administer,
    }
}
