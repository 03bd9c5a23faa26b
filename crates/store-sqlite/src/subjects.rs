//! Subjects and their directory entries.

use glassbreak_core::digest::Digest;
use glassbreak_core::event::{Aside, Entry, Happened, Registration};
use glassbreak_core::id::SubjectId;
use glassbreak_core::subject::Standing;
use glassbreak_core::time::Timestamp;
use rusqlite::{Connection, params};

use crate::failure::{Failure, Refusal};
use crate::project::{Projected, execute, json, name, once, one};
use crate::{load, rows, sql};

/// Writes a registration by `statement`, which says what becomes of the standing.
pub(crate) fn register(
    db: &Connection,
    statement: &str,
    subject: SubjectId,
    at: Timestamp,
    registration: &Registration,
) -> Projected {
    let profile = &registration.profile;
    let row = params![
        subject.0.as_bytes(),
        name(&profile.kind)?,
        profile.tier.as_str(),
        name(&profile.assurance)?,
        name(&profile.ial)?,
        profile.owner.map(|owner| *owner.0.as_bytes()),
        at.millis(),
        registration.directory.0,
    ];
    execute(db, statement, row)?;
    Ok(())
}

/// Writes the directory entry that came with a registration. A reference that another subject has
/// is a conflict: somebody registered it since the decision looked.
pub(crate) fn directory(db: &Connection, subject: SubjectId, aside: &Aside) -> Projected {
    let Aside::Directory(entry) = aside else { return Ok(()) };
    let none = entry.contacts.is_empty();
    let contacts = if none { None } else { Some(json(&entry.contacts)?) };
    let row = params![
        subject.0.as_bytes(),
        entry.reference.as_str(),
        json(&entry.groups)?,
        json(&entry.notification_addresses)?,
        entry.salt,
        contacts,
    ];
    once(db, sql::DIRECTORY_SET, row)
}

/// Writes a directory entry that changed without a registration, and the digest of it.
pub(crate) fn redirect(
    db: &Connection,
    subject: SubjectId,
    digest: &Digest,
    aside: &Aside,
) -> Projected {
    let row = params![subject.0.as_bytes(), digest.0];
    one(db, sql::SUBJECT_DIRECTORY, row, "a subject with contacts is not there")?;
    directory(db, subject, aside)
}

/// Moves the standing on. It is read and written, not computed in SQL: the causes to rest are the
/// core's to combine.
pub(crate) fn stand(db: &Connection, id: SubjectId, entry: &Entry) -> Projected {
    let unknown = || Failure::Corrupt(format!("subject {id} is not there"));
    let found = load::first(db, sql::AGGREGATE, [id.0.as_bytes()], rows::aggregate)?;
    let subject = found.and_then(|aggregate| aggregate.subject).ok_or_else(unknown)?;
    let standing = match entry.happened {
        Happened::SubjectSuspended { cause } => subject.standing.suspend(cause, entry.at),
        Happened::SubjectResumed { cause } => subject.standing.resume(cause),
        _ => subject.standing.depart(entry.at),
    };
    let (at, account, risk, recovery) = match standing {
        Standing::Active => (None, false, false, false),
        Standing::Suspended { at, account, risk, recovery, .. } => {
            (Some(at.millis()), account, risk, recovery)
        }
        Standing::Departed { at, .. } => (Some(at.millis()), false, false, false),
    };
    let lowered = standing.lowered_until().map(Timestamp::millis);
    let row = params![id.0.as_bytes(), standing.name(), at, account, risk, recovery, lowered];
    match execute(db, sql::SUBJECT_STAND, row)? {
        1 => Ok(()),
        _ => Err(Refusal::Failed(unknown())),
    }
}
