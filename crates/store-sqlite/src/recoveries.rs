//! Recoveries and operators. What becomes of a row is the fold's to say: the row is read, the entry
//! is taken in by `glassbreak_core`, and the row is written again.

use glassbreak_core::code::{Salt, StoredVerifier};
use glassbreak_core::event::{Aside, Event, Happened};
use glassbreak_core::id::{RecoveryId, SubjectId};
use glassbreak_core::operator::{Appointment, Operator};
use glassbreak_core::recovery::{Recovery, Review};
use glassbreak_core::snapshot::{HeldRecovery, Snapshot};
use glassbreak_core::time::Timestamp;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row, params};

use crate::failure::{Failure, Refusal};
use crate::holds::{self, Thing};
use crate::load::{all, first};
use crate::log::clamp;
use crate::project::{Projected, execute, json, once, one};
use crate::{rows, sql};

/// Takes an entry into the recovery it concerns; gives that as the entry leaves it.
pub(crate) fn follow(
    db: &Connection,
    subject: SubjectId,
    id: RecoveryId,
    event: &Event,
) -> Result<Recovery, Refusal> {
    let key = params![subject.0.as_bytes(), id.0.as_bytes()];
    let before = first(db, sql::RECOVERY_OF, key, read)?.map(|held| held.recovery);
    let after = match Recovery::after(before, id, subject, &event.entry) {
        Ok(after) => after,
        Err(error) if error.is_overtaken() => return Err(Refusal::Conflict),
        Err(error) => return Err(Failure::Corrupt(error.to_string()).into()),
    };
    let code = match &event.aside {
        Aside::SentVerifier(verifier) => Some(rows::packed(std::slice::from_ref(verifier))),
        _ => None,
    };
    let review_by = match after.review {
        Some(Review::Due { by }) => Some(by.millis()),
        Some(Review::Done { .. }) | None => None,
    };
    let due_at = after.due_at().map(Timestamp::millis);
    let (id, subject, state) = (id.0.as_bytes(), subject.0.as_bytes(), after.state.name());
    let agent = after.opening.by.agent().map(|agent| *agent.0.as_bytes());
    let opened_at = after.opened_at.millis();
    let body = json(&after)?;
    let row = params![id, subject, state, due_at, review_by, body, code, agent, opened_at];
    execute(db, sql::RECOVERY_SET, row)?;
    holds::note(db, after.subject, Thing::Recovery)?;
    Ok(after)
}

/// Takes an entry into the appointment it concerns.
pub(crate) fn appoint(db: &Connection, subject: SubjectId, happened: &Happened) -> Projected {
    let before = appointment(db, subject)?;
    let mut appointment = before.clone();
    appointment.follow(happened);
    // Most who leave were never appointed to anything.
    if matches!(happened, Happened::SubjectDeparted {}) && appointment == before {
        return Ok(());
    }
    execute(db, sql::OPERATOR_SET, params![subject.0.as_bytes(), json(&appointment)?])?;
    let remove = |credential: &str| {
        let row = params![credential, subject.0.as_bytes()];
        one(db, sql::PASSKEY_REMOVE, row, "a passkey that is not there")
    };
    match happened {
        // A passkey is one operator's: who was faster with the same one makes this a conflict.
        Happened::OperatorPasskeyAdded { passkey } => {
            once(db, sql::PASSKEY_ADD, params![passkey.credential, subject.0.as_bytes()])
        }
        Happened::OperatorPasskeyRemoved { credential } => remove(credential),
        Happened::SubjectDeparted {} => {
            before.passkeys.iter().try_for_each(|passkey| remove(&passkey.credential))
        }
        _ => Ok(()),
    }
}

/// When an operator opened its newest cases, newest first.
pub(crate) fn openings(db: &Connection, agent: SubjectId) -> Result<Vec<Timestamp>, Failure> {
    let by = params_of(agent, Snapshot::OPENINGS_MAX);
    all(db, sql::OPENINGS, by, |row| Ok(Timestamp::from_millis(row.get(0)?)))
}

/// The recoveries that a snapshot holds: the live ones, then the newest ended ones.
pub(crate) fn held(db: &Connection, subject: SubjectId) -> Result<Vec<HeldRecovery>, Failure> {
    let most = Snapshot::RECOVERIES_MAX;
    let by = |limit: usize| params_of(subject, limit);
    let mut held = all(db, sql::RECOVERIES_LIVE, by(most), read)?;
    let room = most.saturating_sub(held.len());
    held.extend(all(db, sql::RECOVERIES_ENDED, by(room), read)?);
    Ok(held)
}

/// Adds the recoveries of `subject` that are asked about to those that a snapshot holds anyway.
pub(crate) fn hold_also(
    db: &Connection,
    subject: SubjectId,
    asked: &[Option<RecoveryId>],
    held: &mut Vec<HeldRecovery>,
) -> Result<(), Failure> {
    for id in asked.iter().flatten() {
        if !held.iter().any(|held| held.recovery.id == *id) {
            let key = params![subject.0.as_bytes(), id.0.as_bytes()];
            held.extend(first(db, sql::RECOVERY_OF, key, read)?);
        }
    }
    Ok(())
}

fn params_of(subject: SubjectId, limit: usize) -> ([u8; 16], i64) {
    (*subject.0.as_bytes(), clamp(limit as u64))
}

/// A recovery with the verifier of its last code, from `body` and `code`.
pub(crate) fn read(row: &Row<'_>) -> Result<HeldRecovery, Failure> {
    let recovery: Recovery = rows::json(row, 0)?;
    let corrupt = || Failure::Corrupt(format!("recoveries: {} has another code", recovery.id));
    let verifier = match (row.get_ref(1)?, recovery.sent.last()) {
        (ValueRef::Null, None) => None,
        (_, Some(sent)) => {
            let (mac, salt) = rows::bytes(row, 1)?.split_first_chunk::<32>().ok_or_else(corrupt)?;
            let salt = salt.first_chunk::<16>().copied().map(Salt::new);
            let (scheme, generation) = (sent.scheme, sent.key_generation);
            let verifier = StoredVerifier::from_parts(scheme, generation, salt, *mac);
            Some(verifier.map_err(|_| corrupt())?)
        }
        (_, None) => return Err(corrupt()),
    };
    Ok(HeldRecovery { recovery, verifier })
}

/// The subject a recovery belongs to.
pub(crate) fn owner(db: &Connection, id: RecoveryId) -> Result<Option<SubjectId>, Failure> {
    let subject = |row: &Row<'_>| Ok(SubjectId(rows::uuid(row, 0)?));
    first(db, sql::RECOVERY_OWNER, [id.0.as_bytes()], subject)
}

/// A recovery by its id.
pub(crate) fn recovery(db: &Connection, id: RecoveryId) -> Result<Option<Recovery>, Failure> {
    first(db, sql::RECOVERY, [id.0.as_bytes()], |row| Ok(read(row)?.recovery))
}

/// A subject as an operator, appointed or not.
pub(crate) fn operator(db: &Connection, id: SubjectId) -> Result<Option<Operator>, Failure> {
    let found = first(db, sql::AGGREGATE, [id.0.as_bytes()], rows::aggregate)?;
    let Some(found) = found else { return Ok(None) };
    let version = found.budget.version;
    let Some(subject) = found.subject else { return Ok(None) };
    Ok(Some(Operator {
        subject: id,
        kind: subject.profile.kind,
        standing: subject.standing,
        owner: subject.profile.owner,
        appointment: appointment(db, id)?,
        version,
    }))
}

/// Whoever has a duty or a passkey, in the order of their ids.
pub(crate) fn operators(db: &Connection) -> Result<Vec<Operator>, Failure> {
    let ids = all(db, sql::OPERATORS_NOW, [], |row| Ok(SubjectId(rows::uuid(row, 0)?)))?;
    let mut found = Vec::new();
    for id in ids {
        found.extend(operator(db, id)?.filter(|it| it.appointment != Appointment::default()));
    }
    Ok(found)
}

/// Whose passkey has that credential id now.
pub(crate) fn passkey_of(db: &Connection, credential: &str) -> Result<Option<SubjectId>, Failure> {
    first(db, sql::PASSKEY, [credential], |row| Ok(SubjectId(rows::uuid(row, 0)?)))
}

fn appointment(db: &Connection, id: SubjectId) -> Result<Appointment, Failure> {
    let found = first(db, sql::OPERATOR, [id.0.as_bytes()], |row| rows::json(row, 0))?;
    Ok(found.unwrap_or_default())
}

/// The subjects that have not left of which `owner` is the accountable owner.
pub(crate) fn owned_by(db: &Connection, owner: SubjectId) -> Result<Vec<SubjectId>, Failure> {
    let id = |row: &Row<'_>| Ok(SubjectId(rows::uuid(row, 0)?));
    all(db, sql::OWNED_BY, [owner.0.as_bytes()], id)
}

/// Subjects with live sets whose owner has left.
pub(crate) fn orphans(db: &Connection, limit: usize) -> Result<Vec<SubjectId>, Failure> {
    let id = |row: &Row<'_>| Ok(SubjectId(rows::uuid(row, 0)?));
    all(db, sql::ORPHANS, [clamp(limit as u64)], id)
}
