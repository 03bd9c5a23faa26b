//! Rows to values. A row that cannot be one of ours is [`Failure::Corrupt`]: it was edited, or a
//! bug wrote it.

use glassbreak_core::access::ApiKey;
use glassbreak_core::code::{Salt, StoredVerifier};
use glassbreak_core::code_set::{CodeSet, Issued, SetState};
use glassbreak_core::digest::{Digest, Fingerprint};
use glassbreak_core::id::{EventId, RedemptionId, SetId, SubjectId, SubjectRef};
use glassbreak_core::redemption::{Ending, Remembered};
use glassbreak_core::snapshot::{Budget, HeldSet, PastRequest};
use glassbreak_core::subject::{DirectoryEntry, Profile, Standing, Subject};
use glassbreak_core::time::Timestamp;
use glassbreak_store::LogEntry;
use rusqlite::{Connection, Row};
use serde::de::value::{Error as NameError, StrDeserializer};
use serde::de::{DeserializeOwned, IntoDeserializer as _};
use std::collections::BTreeMap;
use uuid::Uuid;

use crate::failure::Failure;
use crate::sql;

/// A subject, from the first columns of `subject_columns!`, as its row says.
pub(crate) fn subject(row: &Row<'_>) -> Result<Subject, Failure> {
    let status = row.get_ref(6)?.as_str().map_err(rusqlite::Error::from)?;
    let at = || -> Result<Timestamp, Failure> { Ok(Timestamp::from_millis(row.get(7)?)) };
    let standing = match status {
        "active" => Standing::Active,
        "suspended" => Standing::Suspended { at: at()?, account: row.get(8)?, risk: row.get(9)? },
        "departed" => Standing::Departed { at: at()? },
        other => return Err(corrupt("subjects", &format!("a subject is `{other}`"))),
    };
    Ok(Subject {
        id: SubjectId(uuid(row, 0)?),
        profile: Profile {
            kind: name(row, 1)?,
            tier: name(row, 2)?,
            assurance: name(row, 3)?,
            ial: name(row, 4)?,
            owner: optional_uuid(row, 5)?.map(SubjectId),
        },
        standing,
        registered_at: time(row, 10)?,
        directory: Digest(row.get(11)?),
    })
}

/// A directory entry, from the last columns of `subject_columns!`; `None` if it was erased.
pub(crate) fn directory(row: &Row<'_>) -> Result<Option<DirectoryEntry>, Failure> {
    let Some(reference) = reference(row, 12)? else { return Ok(None) };
    Ok(Some(DirectoryEntry {
        reference,
        groups: json(row, 13)?,
        notification_addresses: json(row, 14)?,
        salt: row.get(15)?,
    }))
}

/// The caller's name for a subject.
pub(crate) fn reference(row: &Row<'_>, column: usize) -> Result<Option<SubjectRef>, Failure> {
    let text: Option<String> = row.get(column)?;
    let reference = text.map(SubjectRef::try_from).transpose();
    reference.map_err(|error| corrupt("directory", &error.to_string()))
}

/// A budget, from three columns beginning at `first`.
pub(crate) fn budget(row: &Row<'_>, first: usize) -> Result<Budget, Failure> {
    Ok(Budget {
        version: place(row, first)?,
        failures: row.get(first + 1)?,
        retry_at: optional_time(row, first + 2)?,
    })
}

/// A set, from the columns of `set_columns!`. Its used codes lie in another table.
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
    let custody: Option<String> = row.get(9)?;
    let issued = Issued {
        kind: name(row, 2)?,
        profile: name(row, 3)?,
        scheme: json(row, 4)?,
        key_generation: row.get(5)?,
        count: row.get(6)?,
        reason: name(row, 7)?,
        session_assurance: name(row, 8)?,
        custody: custody.as_deref().map(named).transpose()?,
        expires_at: time(row, 12)?,
        verifiers: Digest(row.get(10)?),
    };
    Ok(CodeSet {
        id: SetId(uuid(row, 0)?),
        subject: SubjectId(uuid(row, 1)?),
        issued,
        issued_at: time(row, 11)?,
        state,
        used: BTreeMap::new(),
        failures: row.get(17)?,
        replace_by: optional_time(row, 18)?,
    })
}

/// The same set with its codes: which were used, and the verifiers of all.
pub(crate) fn held(db: &Connection, mut set: CodeSet) -> Result<HeldSet, Failure> {
    let mut statement = db.prepare_cached(sql::CODES)?;
    let mut rows = statement.query([set.id.0.as_bytes()])?;
    let mut verifiers = Vec::with_capacity(usize::from(set.issued.count));
    while let Some(row) = rows.next()? {
        let ordinal: u8 = row.get(0)?;
        if usize::from(ordinal) != verifiers.len() {
            return Err(corrupt("codes", &format!("set {} lacks a code", set.id)));
        }
        let salt: Option<[u8; 16]> = row.get(2)?;
        let Issued { scheme, key_generation, .. } = set.issued;
        let salt = salt.map(Salt::new);
        let verifier = StoredVerifier::from_parts(scheme, key_generation, salt, row.get(1)?);
        verifiers.push(verifier.map_err(|error| corrupt("codes", &error.to_string()))?);
        if let Some(redemption) = optional_uuid(row, 3)? {
            set.used.insert(ordinal, RedemptionId(redemption));
        }
    }
    if verifiers.len() != usize::from(set.issued.count) {
        return Err(corrupt("codes", &format!("set {} lacks a code", set.id)));
    }
    Ok(HeldSet { set, verifiers })
}

/// The same set with its used codes alone.
pub(crate) fn with_used(db: &Connection, mut set: CodeSet) -> Result<CodeSet, Failure> {
    let mut statement = db.prepare_cached(sql::CODES_USED)?;
    let mut rows = statement.query([set.id.0.as_bytes()])?;
    while let Some(row) = rows.next()? {
        set.used.insert(row.get(0)?, RedemptionId(uuid(row, 1)?));
    }
    Ok(set)
}

/// A remembered redemption with its name.
pub(crate) fn remembered(row: &Row<'_>) -> Result<(RedemptionId, Remembered), Failure> {
    let ending = match row.get_ref(4)?.as_str().map_err(rusqlite::Error::from)? {
        "accepted" => Ending::Accepted {
            set: SetId(uuid(row, 5)?),
            ordinal: row.get(6)?,
            remaining: row.get(7)?,
            replace_by: time(row, 8)?,
        },
        "deferred" => Ending::Deferred { set: SetId(uuid(row, 5)?), alternatives: json(row, 9)? },
        "refused" => Ending::Refused,
        other => return Err(corrupt("redemptions", &format!("a redemption is `{other}`"))),
    };
    let remembered = Remembered {
        subject: SubjectId(uuid(row, 1)?),
        fingerprint: Fingerprint(row.get(2)?),
        at: time(row, 3)?,
        ending,
    };
    Ok((RedemptionId(uuid(row, 0)?), remembered))
}

/// A past request with the digest of its name.
pub(crate) fn request(row: &Row<'_>) -> Result<(Digest, PastRequest), Failure> {
    let past = PastRequest {
        fingerprint: Fingerprint(row.get(1)?),
        subject: SubjectId(uuid(row, 2)?),
        set: optional_uuid(row, 3)?.map(SetId),
    };
    Ok((Digest(row.get(0)?), past))
}

/// An API key.
pub(crate) fn api_key(row: &Row<'_>) -> Result<ApiKey, Failure> {
    Ok(ApiKey {
        id: row.get(0)?,
        label: row.get(1)?,
        scopes: json(row, 2)?,
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

fn named<T: DeserializeOwned>(text: &str) -> Result<T, Failure> {
    let name: StrDeserializer<'_, NameError> = text.into_deserializer();
    T::deserialize(name).map_err(|error| corrupt("a name", &error.to_string()))
}

fn json<T: DeserializeOwned>(row: &Row<'_>, column: usize) -> Result<T, Failure> {
    let text = row.get_ref(column)?.as_str().map_err(rusqlite::Error::from)?;
    serde_json::from_str(text).map_err(|error| corrupt("a list", &error.to_string()))
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
