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
use rusqlite::Row;
use rusqlite::types::ValueRef;
use serde::de::value::{Error as NameError, StrDeserializer};
use serde::de::{DeserializeOwned, IntoDeserializer as _};
use std::collections::BTreeMap;
use uuid::Uuid;

use crate::failure::Failure;
use crate::holds::Holds;

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
    /// Of which other tables it has rows.
    pub(crate) holds: Holds,
}

/// An aggregate, from the columns of `aggregate_columns!`.
pub(crate) fn aggregate(row: &Row<'_>) -> Result<Aggregate, Failure> {
    let id = SubjectId(uuid(row, 0)?);
    let budget =
        Budget { version: place(row, 1)?, failures: row.get(2)?, retry_at: optional_time(row, 3)? };
    let registered = !matches!(row.get_ref(4)?, ValueRef::Null);
    let subject = if registered { Some(subject(id, row)?) } else { None };
    let recent = Recent {
        recoveries: times(row, 21)?,
        second_factors: times(row, 22)?,
        sent_codes: codes_sent(row, 23)?,
    };
    let (directory, holds) = (directory(row)?, Holds::new(row.get(25)?));
    Ok(Aggregate { id, budget, subject, directory, recent, holds })
}

/// Times as an aggregate's row holds them, newest first.
fn times(row: &Row<'_>, column: usize) -> Result<Vec<Timestamp>, Failure> {
    let (times, []) = bytes(row, column)?.as_chunks::<8>() else {
        return Err(corrupt("aggregates", "half a time is written"));
    };
    Ok(times.iter().map(|at| Timestamp::from_millis(i64::from_be_bytes(*at))).collect())
}

/// The codes that were sent, as an aggregate's row holds them, newest first.
fn codes_sent(row: &Row<'_>, column: usize) -> Result<Vec<CodeSent>, Failure> {
    let (sent, []) = bytes(row, column)?.as_chunks::<8>() else {
        return Err(corrupt("aggregates", "half a time is written"));
    };
    Ok(sent.iter().copied().map(CodeSent::from_bytes).collect())
}

fn subject(id: SubjectId, row: &Row<'_>) -> Result<Subject, Failure> {
    let status = row.get_ref(9)?.as_str().map_err(rusqlite::Error::from)?;
    let at = || -> Result<Timestamp, Failure> { Ok(Timestamp::from_millis(row.get(10)?)) };
    let standing = match status {
        "active" => Standing::Active,
        "suspended" => Standing::Suspended {
            at: at()?,
            account: row.get(11)?,
            risk: row.get(12)?,
            recovery: row.get(13)?,
            lowered: optional_time(row, 24)?,
        },
        "departed" => Standing::Departed { at: at()?, lowered: optional_time(row, 24)? },
        other => return Err(corrupt("aggregates", &format!("a subject is `{other}`"))),
    };
    Ok(Subject {
        id,
        profile: Profile {
            kind: name(row, 4)?,
            tier: name(row, 5)?,
            assurance: name(row, 6)?,
            ial: name(row, 7)?,
            owner: optional_uuid(row, 8)?.map(SubjectId),
        },
        standing,
        registered_at: time(row, 14)?,
        directory: Digest(row.get(15)?),
    })
}

fn directory(row: &Row<'_>) -> Result<Option<DirectoryEntry>, Failure> {
    let Some(reference) = reference(row, 16)? else { return Ok(None) };
    Ok(Some(DirectoryEntry {
        reference,
        groups: json(row, 17)?,
        notification_addresses: json(row, 18)?,
        contacts: if matches!(row.get_ref(20)?, ValueRef::Null) {
            Vec::new()
        } else {
            json(row, 20)?
        },
        salt: row.get(19)?,
    }))
}

/// The caller's name for a subject.
pub(crate) fn reference(row: &Row<'_>, column: usize) -> Result<Option<SubjectRef>, Failure> {
    let text: Option<String> = row.get(column)?;
    let reference = text.map(SubjectRef::try_from).transpose();
    reference.map_err(|error| corrupt("aggregates", &error.to_string()))
}

/// A set, from the columns of `set_columns!`.
pub(crate) fn code_set(row: &Row<'_>) -> Result<CodeSet, Failure> {
    let at = time(row, 14)?;
    let state = match row.get_ref(13)?.as_str().map_err(rusqlite::Error::from)? {
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
        key_generation: row.get(5)?,
        count: row.get(6)?,
        reason: name(row, 7)?,
        session_assurance: name(row, 8)?,
        custody: if declared.is_some() { optional_name(row, 22)? } else { custody },
        expires_at: time(row, 12)?,
        verifiers: Digest(row.get(10)?),
    };
    Ok(CodeSet {
        id: SetId(uuid(row, 0)?),
        subject: SubjectId(uuid(row, 1)?),
        issued,
        issued_at: time(row, 11)?,
        state,
        used: used(row)?,
        failures: row.get(17)?,
        replace_by: optional_time(row, 18)?,
        declared,
    })
}

/// The codes used, and by which redemptions.
fn used(row: &Row<'_>) -> Result<BTreeMap<u8, RedemptionId>, Failure> {
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
pub(crate) fn held(row: &Row<'_>) -> Result<HeldSet, Failure> {
    let set = code_set(row)?;
    let marked = set.used.keys().fold(0_i64, |marked, ordinal| marked | 1 << (ordinal & 31));
    if marked != row.get::<_, i64>(24)? {
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
pub(crate) fn remembered(row: &Row<'_>) -> Result<(RedemptionId, Remembered), Failure> {
    let id = RedemptionId(uuid(row, 0)?);
    let entry = Entry::from_bytes(bytes(row, 1)?).ok();
    let remembered = entry.as_ref().and_then(fold::remembered);
    let remembered = remembered.filter(|(name, _)| *name == id);
    remembered.ok_or_else(|| corrupt("redemptions", &format!("{id} points to another entry")))
}

/// A past request with the digest of its name.
pub(crate) fn request(row: &Row<'_>) -> Result<(Digest, PastRequest), Failure> {
    let past = PastRequest {
        fingerprint: Fingerprint(row.get(1)?),
        subject: SubjectId(uuid(row, 2)?),
        set: optional_uuid(row, 3)?.map(SetId),
        recovery: optional_uuid(row, 4)?.map(RecoveryId),
        bundle: optional_uuid(row, 5)?.map(BundleId),
        sent: optional_uuid(row, 6)?.map(SentId),
        exception: optional_uuid(row, 7)?.map(ExceptionId),
        containment: optional_uuid(row, 8)?.map(ContainmentId),
    };
    Ok((Digest(row.get(0)?), past))
}

/// A set of policies.
pub(crate) fn policy(row: &Row<'_>) -> Result<PolicyRow, Failure> {
    Ok(PolicyRow {
        policy: Digest(row.get(0)?),
        version: row.get(1)?,
        loaded_at: time(row, 2)?,
        text: row.get(3)?,
    })
}

/// An API key.
pub(crate) fn api_key(row: &Row<'_>) -> Result<ApiKey, Failure> {
    Ok(ApiKey {
        id: row.get(0)?,
        label: row.get(1)?,
        scopes: json(row, 2)?,
        groups: json(row, 6)?,
        operator: optional_uuid(row, 7)?.map(SubjectId),
        digest: Digest(row.get(3)?),
        created_at: time(row, 4)?,
        revoked_at: optional_time(row, 5)?,
    })
}

/// An entry with its place.
pub(crate) fn entry(row: &Row<'_>) -> Result<LogEntry, Failure> {
    Ok(LogEntry { index: place(row, 0)?, id: EventId(uuid(row, 1)?), bytes: row.get(2)? })
}

/// A place, a size or a version: a whole number that is not negative.
pub(crate) fn place(row: &Row<'_>, column: usize) -> Result<u64, Failure> {
    let number: i64 = row.get(column)?;
    u64::try_from(number).map_err(|_| corrupt("a table", "a number is negative"))
}

/// A UUID.
pub(crate) fn uuid(row: &Row<'_>, column: usize) -> Result<Uuid, Failure> {
    Ok(Uuid::from_bytes(row.get(column)?))
}

/// A value by the name that the log has for it.
pub(crate) fn name<T: DeserializeOwned>(row: &Row<'_>, column: usize) -> Result<T, Failure> {
    named(row.get_ref(column)?.as_str().map_err(rusqlite::Error::from)?)
}

fn optional_name<T: DeserializeOwned>(row: &Row<'_>, column: usize) -> Result<Option<T>, Failure> {
    let text: Option<String> = row.get(column)?;
    text.as_deref().map(named).transpose()
}

fn named<T: DeserializeOwned>(text: &str) -> Result<T, Failure> {
    let name: StrDeserializer<'_, NameError> = text.into_deserializer();
    T::deserialize(name).map_err(|error| corrupt("a name", &error.to_string()))
}

pub(crate) fn json<T: DeserializeOwned>(row: &Row<'_>, column: usize) -> Result<T, Failure> {
    let text = row.get_ref(column)?.as_str().map_err(rusqlite::Error::from)?;
    serde_json::from_str(text).map_err(|error| corrupt("a list", &error.to_string()))
}

pub(crate) fn bytes<'a>(row: &'a Row<'_>, column: usize) -> Result<&'a [u8], Failure> {
    Ok(row.get_ref(column)?.as_blob().map_err(rusqlite::Error::from)?)
}

fn optional_uuid(row: &Row<'_>, column: usize) -> Result<Option<Uuid>, Failure> {
    let bytes: Option<[u8; 16]> = row.get(column)?;
    Ok(bytes.map(Uuid::from_bytes))
}

fn time(row: &Row<'_>, column: usize) -> Result<Timestamp, Failure> {
    Ok(Timestamp::from_millis(row.get(column)?))
}

fn optional_time(row: &Row<'_>, column: usize) -> Result<Option<Timestamp>, Failure> {
    let millis: Option<i64> = row.get(column)?;
    Ok(millis.map(Timestamp::from_millis))
}

fn corrupt(table: &str, what: &str) -> Failure {
    Failure::Corrupt(format!("{table}: {what}"))
}
