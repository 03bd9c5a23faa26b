//! Rows to values. A row that cannot be one of ours is [`Failure::Corrupt`]: it was edited, or a
//! bug wrote it.

use glassbreak_core::access::ApiKey;
use glassbreak_core::code::{Salt, StoredVerifier};
use glassbreak_core::code_set::{CodeSet, Declared, Issued, SetState};
use glassbreak_core::digest::{Digest, Fingerprint};
use glassbreak_core::event::Entry;
use glassbreak_core::fold;
use glassbreak_core::id::{
    BundleId, ContainmentId, EventId, ExceptionId, RecoveryId, RedemptionId, SentId, SetId,
    SubjectId, SubjectRef,
};
use glassbreak_core::recent::{CodeSent, Recent};
use glassbreak_core::redemption::Remembered;
use glassbreak_core::snapshot::{Budget, HeldSet, PastRequest};
use glassbreak_core::subject::{DirectoryEntry, Profile, Standing, Subject};
use glassbreak_core::time::Timestamp;
use glassbreak_store::{LogEntry, PolicyRow};
use serde::de::value::{Error as NameError, StrDeserializer};
use serde::de::{DeserializeOwned, IntoDeserializer as _};
use std::collections::BTreeMap;
use tokio_postgres::Row;
use tokio_postgres::types::FromSql;
use uuid::Uuid;

use crate::failure::Failure;

/// What the row of an aggregate says.
pub(crate) struct Aggregate {
    /// Its id.
    pub(crate) id: SubjectId,
    /// Its place in its serial order, and its budget.
    pub(crate) budget: Budget,
    /// The subject, if one was registered.
    pub(crate) subject: Option<Subject>,
    /// Its directory entry, unless that was erased.
    pub(crate) directory: Option<DirectoryEntry>,
    /// What its codes did of late.
    pub(crate) recent: Recent,
}

/// An aggregate, from the columns of `aggregate_columns!`.
pub(crate) fn aggregate(row: &Row) -> Result<Aggregate, Failure> {
    aggregate_behind(row, 0)
}

/// The same behind so many other columns.
pub(crate) fn aggregate_behind(row: &Row, others: usize) -> Result<Aggregate, Failure> {
    let at = |column| others + column;
    let id = SubjectId(uuid(row, at(0))?);
    let budget = Budget {
        version: place(row, at(1))?,
        failures: small(row, at(2))?,
        retry_at: optional_time(row, at(3))?,
    };
    let kind: Option<&str> = get(row, at(4))?;
    let subject = if kind.is_some() { Some(subject(id, row, others)?) } else { None };
    let recent = Recent {
        recoveries: times(row, at(21))?,
        second_factors: times(row, at(22))?,
        sent_codes: codes_sent(row, at(23))?,
    };
    Ok(Aggregate { id, budget, subject, directory: directory(row, others)?, recent })
}

/// Times as an aggregate's row holds them, newest first.
fn times(row: &Row, column: usize) -> Result<Vec<Timestamp>, Failure> {
    let (times, []) = bytes(row, column)?.as_chunks::<8>() else {
        return Err(corrupt("aggregates", "half a time is written"));
    };
    Ok(times.iter().map(|at| Timestamp::from_millis(i64::from_be_bytes(*at))).collect())
}

/// The codes that were sent, as an aggregate's row holds them, newest first.
fn codes_sent(row: &Row, column: usize) -> Result<Vec<CodeSent>, Failure> {
    let (sent, []) = bytes(row, column)?.as_chunks::<8>() else {
        return Err(corrupt("aggregates", "half a time is written"));
    };
    Ok(sent.iter().copied().map(CodeSent::from_bytes).collect())
}

fn subject(id: SubjectId, row: &Row, others: usize) -> Result<Subject, Failure> {
    let column = |column| others + column;
    let status = get::<&str>(row, column(9))?;
    let at = || -> Result<Timestamp, Failure> { Ok(Timestamp::from_millis(get(row, column(10))?)) };
    let standing = match status {
        "active" => Standing::Active,
        "suspended" => Standing::Suspended {
            at: at()?,
            account: get(row, column(11))?,
            risk: get(row, column(12))?,
            recovery: get(row, column(13))?,
            lowered: optional_time(row, column(24))?,
        },
        "departed" => Standing::Departed { at: at()?, lowered: optional_time(row, column(24))? },
        other => return Err(corrupt("aggregates", &format!("a subject is `{other}`"))),
    };
    Ok(Subject {
        id,
        profile: Profile {
            kind: name(row, column(4))?,
            tier: name(row, column(5))?,
            assurance: name(row, column(6))?,
            ial: name(row, column(7))?,
            owner: optional_uuid(row, column(8))?.map(SubjectId),
        },
        standing,
        registered_at: time(row, column(14))?,
        directory: Digest(array(row, column(15))?),
    })
}

fn directory(row: &Row, others: usize) -> Result<Option<DirectoryEntry>, Failure> {
    let column = |column| others + column;
    let Some(reference) = reference(row, column(16))? else { return Ok(None) };
    Ok(Some(DirectoryEntry {
        reference,
        groups: json(row, column(17))?,
        notification_addresses: json(row, column(18))?,
        contacts: optional_json(row, column(20))?.unwrap_or_default(),
        salt: array(row, column(19))?,
    }))
}

/// The caller's name for a subject.
pub(crate) fn reference(row: &Row, column: usize) -> Result<Option<SubjectRef>, Failure> {
    let text: Option<String> = get(row, column)?;
    let reference = text.map(SubjectRef::try_from).transpose();
    reference.map_err(|error| corrupt("aggregates", &error.to_string()))
}

/// A set, from the columns of `set_columns!`.
pub(crate) fn code_set(row: &Row) -> Result<CodeSet, Failure> {
    let at = time(row, 14)?;
    let state = match get::<&str>(row, 13)? {
        "offered" => SetState::Offered { confirm_by: at },
        "active" => SetState::Active { since: at },
        "exhausted" => SetState::Exhausted { at },
        "expired" => SetState::Expired { at },
        "revoked" => SetState::Revoked { at, reason: name(row, 15)? },
        "superseded" => SetState::Superseded { at, by: SetId(uuid(row, 16)?) },
        "disabled" => SetState::Disabled { at },
        "lapsed" => SetState::Lapsed { at },
        other => return Err(corrupt("code_sets", &format!("a set is `{other}`"))),
    };
    let custody = optional_name(row, 9)?;
    let declared_at = optional_time(row, 21)?;
    let declared = declared_at.zip(custody).map(|(at, custody)| Declared { custody, at });
    let issued = Issued {
        kind: name(row, 2)?,
        profile: name(row, 3)?,
        scheme: json(row, 4)?,
        key_generation: small(row, 5)?,
        count: small(row, 6)?,
        reason: name(row, 7)?,
        session_assurance: name(row, 8)?,
        custody: if declared.is_some() { optional_name(row, 22)? } else { custody },
        expires_at: time(row, 12)?,
        verifiers: Digest(array(row, 10)?),
    };
    Ok(CodeSet {
        id: SetId(uuid(row, 0)?),
        subject: SubjectId(uuid(row, 1)?),
        issued,
        issued_at: time(row, 11)?,
        state,
        used: used(row)?,
        failures: small(row, 17)?,
        replace_by: optional_time(row, 18)?,
        declared,
    })
}

/// The codes used, and by which redemptions.
fn used(row: &Row) -> Result<BTreeMap<u8, RedemptionId>, Failure> {
    let (uses, []) = bytes(row, 20)?.as_chunks::<17>() else {
        return Err(corrupt("code_sets", "half a use is written"));
    };
    let read = |[ordinal, redemption @ ..]: &[u8; 17]| {
        (*ordinal, RedemptionId(Uuid::from_bytes(*redemption)))
    };
    Ok(uses.iter().map(read).collect())
}

/// A use of a code, as [`used`] reads it.
pub(crate) fn usage(ordinal: u8, by: RedemptionId) -> [u8; 17] {
    let mut usage = [ordinal; 17];
    let [_, redemption @ ..] = &mut usage;
    redemption.copy_from_slice(by.0.as_bytes());
    usage
}

/// A set with its verifiers, from the columns of `set_columns!` and two more.
pub(crate) fn held(row: &Row) -> Result<HeldSet, Failure> {
    let set = code_set(row)?;
    let marked = set.used.keys().fold(0_i64, |marked, ordinal| marked | 1 << (ordinal & 31));
    if marked != get::<i64>(row, 24)? {
        return Err(corrupt("code_sets", &format!("set {} has uses that do not fit", set.id)));
    }
    let verifiers = unpacked(&set.issued, bytes(row, 23)?)
        .ok_or_else(|| corrupt("code_sets", &format!("set {} lacks a code", set.id)))?;
    Ok(HeldSet { set, verifiers })
}

/// Verifiers as a set's row holds them: the MAC of each, and after it the salt if it has one.
pub(crate) fn packed(verifiers: &[StoredVerifier]) -> Vec<u8> {
    let mut codes = Vec::with_capacity(48 * verifiers.len());
    for verifier in verifiers {
        codes.extend_from_slice(verifier.mac());
        codes.extend(verifier.salt().iter().flat_map(|salt| salt.as_bytes()));
    }
    codes
}

fn unpacked(issued: &Issued, codes: &[u8]) -> Option<Vec<StoredVerifier>> {
    let width = if issued.scheme.is_stretched() { 48 } else { 32 };
    let one = |code: &[u8]| {
        let (mac, salt) = code.split_first_chunk::<32>()?;
        let salt = salt.first_chunk::<16>().copied().map(Salt::new);
        StoredVerifier::from_parts(issued.scheme, issued.key_generation, salt, *mac).ok()
    };
    let verifiers: Vec<_> = codes.chunks(width).map(one).collect::<Option<_>>()?;
    (codes.len() == width * usize::from(issued.count)).then_some(verifiers)
}

/// A remembered redemption with its name: what the entry says that the name points to.
pub(crate) fn remembered(row: &Row) -> Result<(RedemptionId, Remembered), Failure> {
    remembered_behind(row, 0)
}

/// The same behind so many other columns.
pub(crate) fn remembered_behind(
    row: &Row,
    others: usize,
) -> Result<(RedemptionId, Remembered), Failure> {
    let id = RedemptionId(uuid(row, others)?);
    let entry = Entry::from_bytes(bytes(row, others + 1)?).ok();
    let remembered = entry.as_ref().and_then(fold::remembered);
    let remembered = remembered.filter(|(name, _)| *name == id);
    remembered.ok_or_else(|| corrupt("redemptions", &format!("{id} points to another entry")))
}

/// A past request with the digest of its name.
pub(crate) fn request(row: &Row) -> Result<(Digest, PastRequest), Failure> {
    let past = PastRequest {
        fingerprint: Fingerprint(array(row, 1)?),
        subject: SubjectId(uuid(row, 2)?),
        set: optional_uuid(row, 3)?.map(SetId),
        recovery: optional_uuid(row, 4)?.map(RecoveryId),
        bundle: optional_uuid(row, 5)?.map(BundleId),
        sent: optional_uuid(row, 6)?.map(SentId),
        exception: optional_uuid(row, 7)?.map(ExceptionId),
        containment: optional_uuid(row, 8)?.map(ContainmentId),
    };
    Ok((Digest(array(row, 0)?), past))
}

/// A set of policies.
pub(crate) fn policy(row: &Row) -> Result<PolicyRow, Failure> {
    Ok(PolicyRow {
        policy: Digest(array(row, 0)?),
        version: get(row, 1)?,
        loaded_at: time(row, 2)?,
        text: get(row, 3)?,
    })
}

/// An API key.
pub(crate) fn api_key(row: &Row) -> Result<ApiKey, Failure> {
    Ok(ApiKey {
        id: get(row, 0)?,
        label: get(row, 1)?,
        scopes: json(row, 2)?,
        groups: json(row, 6)?,
        operator: optional_uuid(row, 7)?.map(SubjectId),
        digest: Digest(array(row, 3)?),
        created_at: time(row, 4)?,
        revoked_at: optional_time(row, 5)?,
    })
}

/// An entry with its place.
pub(crate) fn entry(row: &Row) -> Result<LogEntry, Failure> {
    Ok(LogEntry { index: place(row, 0)?, id: EventId(uuid(row, 1)?), bytes: get(row, 2)? })
}

/// A value of a column.
pub(crate) fn get<'a, T: FromSql<'a>>(row: &'a Row, column: usize) -> Result<T, Failure> {
    row.try_get(column).map_err(|error| corrupt("a table", &error.to_string()))
}

/// So many bytes.
pub(crate) fn array<const N: usize>(row: &Row, column: usize) -> Result<[u8; N], Failure> {
    bytes(row, column)?.try_into().map_err(|_| corrupt("a table", "a value has another length"))
}

/// A number that is smaller than its column holds.
pub(crate) fn small<T: TryFrom<i64>>(row: &Row, column: usize) -> Result<T, Failure> {
    T::try_from(get(row, column)?).map_err(|_| corrupt("a table", "a number is out of range"))
}

/// A place, a size or a version: a whole number that is not negative.
pub(crate) fn place(row: &Row, column: usize) -> Result<u64, Failure> {
    let number: i64 = get(row, column)?;
    u64::try_from(number).map_err(|_| corrupt("a table", "a number is negative"))
}

/// A UUID.
pub(crate) fn uuid(row: &Row, column: usize) -> Result<Uuid, Failure> {
    get(row, column)
}

/// A value by the name that the log has for it.
pub(crate) fn name<T: DeserializeOwned>(row: &Row, column: usize) -> Result<T, Failure> {
    named(get::<&str>(row, column)?)
}

/// A value by that name.
pub(crate) fn optional_name<T: DeserializeOwned>(
    row: &Row,
    column: usize,
) -> Result<Option<T>, Failure> {
    get::<Option<&str>>(row, column)?.map(named).transpose()
}

pub(crate) fn named<T: DeserializeOwned>(text: &str) -> Result<T, Failure> {
    let name: StrDeserializer<'_, NameError> = text.into_deserializer();
    T::deserialize(name).map_err(|error| corrupt("a name", &error.to_string()))
}

pub(crate) fn json<T: DeserializeOwned>(row: &Row, column: usize) -> Result<T, Failure> {
    let text = get::<&str>(row, column)?;
    serde_json::from_str(text).map_err(|error| corrupt("a list", &error.to_string()))
}

/// JSON, unless the column is null.
pub(crate) fn optional_json<T: DeserializeOwned>(
    row: &Row,
    column: usize,
) -> Result<Option<T>, Failure> {
    let text: Option<&str> = get(row, column)?;
    if text.is_some() { Ok(Some(json(row, column)?)) } else { Ok(None) }
}

pub(crate) fn bytes(row: &Row, column: usize) -> Result<&[u8], Failure> {
    get(row, column)
}

fn optional_uuid(row: &Row, column: usize) -> Result<Option<Uuid>, Failure> {
    get(row, column)
}

fn time(row: &Row, column: usize) -> Result<Timestamp, Failure> {
    Ok(Timestamp::from_millis(get(row, column)?))
}

fn optional_time(row: &Row, column: usize) -> Result<Option<Timestamp>, Failure> {
    let millis: Option<i64> = get(row, column)?;
    Ok(millis.map(Timestamp::from_millis))
}

fn corrupt(table: &str, what: &str) -> Failure {
    Failure::Corrupt(format!("{table}: {what}"))
}
