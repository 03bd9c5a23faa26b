//! Recoveries and operators. What becomes of a row is the fold's to say: the row is read, the entry
//! is taken in by `glassbreak_core`, and the row is written again.

use glassbreak_core::code::{Salt, StoredVerifier};
use glassbreak_core::event::Aside;
use glassbreak_core::id::{RecoveryId, SubjectId};
use glassbreak_core::operator::{Appointment, Operator};
use glassbreak_core::recovery::{Recovery, Review};
use glassbreak_core::snapshot::HeldRecovery;
use glassbreak_core::time::Timestamp;
use tokio_postgres::Row;
use uuid::Uuid;

use crate::failure::Failure;
use crate::log::clamp;
use crate::pool::{Shared, Walkers};
use crate::project::json;
use crate::rows;
use crate::session::{Call, call};
use crate::sql::Sql;

/// Writes a recovery over `before`, or as a new one.
pub(crate) fn write(
    before: Option<&Recovery>,
    after: &Recovery,
    aside: &Aside,
) -> Result<Call, Failure> {
    let code = match aside {
        Aside::SentVerifier(verifier) => Some(rows::packed(std::slice::from_ref(verifier))),
        _ => None,
    };
    let review_by = match after.review {
        Some(Review::Due { by }) => Some(by.millis()),
        Some(Review::Done { .. }) | None => None,
    };
    let sql = if before.is_none() { Sql::RecoveryStart } else { Sql::RecoveryMove };
    let call = call(sql).with(after.id.0).with(after.subject.0).with(after.state.name());
    let call = call.with(after.due_at().map(Timestamp::millis)).with(review_by);
    let approvers: Vec<Uuid> = after.approvals.iter().map(|given| given.approver.0).collect();
    let call = call.with(json(after)?).with(code).with(approvers);
    if let Some(before) = before {
        return Ok(call.with(json(before)?));
    }
    let agent = after.opening.by.agent().map(|agent| agent.0);
    Ok(call.with(agent).with(after.opened_at.millis()))
}

/// A recovery with the verifier of its last code, from `body` and `code`.
pub(crate) fn read(row: &Row) -> Result<HeldRecovery, Failure> {
    let recovery: Recovery = rows::json(row, 0)?;
    let corrupt = || Failure::Corrupt(format!("recoveries: {} has another code", recovery.id));
    let code: Option<&[u8]> = rows::get(row, 1)?;
    let verifier = match (code, recovery.sent.last()) {
        (None, None) => None,
        (Some(code), Some(sent)) => {
            let (mac, salt) = code.split_first_chunk::<32>().ok_or_else(corrupt)?;
            let salt = salt.first_chunk::<16>().copied().map(Salt::new);
            let (scheme, generation) = (sent.scheme, sent.key_generation);
            let verifier = StoredVerifier::from_parts(scheme, generation, salt, *mac);
            Some(verifier.map_err(|_| corrupt())?)
        }
        _ => return Err(corrupt()),
    };
    Ok(HeldRecovery { recovery, verifier })
}

/// A recovery by its id.
pub(crate) async fn recovery(pool: &Shared, id: RecoveryId) -> Result<Option<Recovery>, Failure> {
    let found = pool.one(call(Sql::Recovery).with(id.0)).await?;
    Ok(found.first().map(read).transpose()?.map(|held| held.recovery))
}

/// A subject as an operator, from the columns of an aggregate and its appointment.
pub(crate) fn operator(row: &Row) -> Result<Option<Operator>, Failure> {
    let found = rows::aggregate(row)?;
    let Some(subject) = found.subject else { return Ok(None) };
    let appointment = rows::optional_json(row, 25)?.unwrap_or_default();
    Ok(Some(Operator {
        subject: subject.id,
        kind: subject.profile.kind,
        standing: subject.standing,
        owner: subject.profile.owner,
        appointment,
        version: found.budget.version,
    }))
}

/// A subject as an operator, appointed or not.
pub(crate) async fn find_operator(
    pool: &Shared,
    id: SubjectId,
) -> Result<Option<Operator>, Failure> {
    let found = pool.one(call(Sql::Operator).with(id.0)).await?;
    Ok(found.first().map(operator).transpose()?.flatten())
}

/// Whoever has a duty or a passkey, in the order of their ids.
pub(crate) async fn operators(walkers: &Walkers) -> Result<Vec<Operator>, Failure> {
    let mut found = Vec::new();
    for row in &walkers.one(call(Sql::OperatorsNow)).await? {
        found.extend(operator(row)?.filter(|it| it.appointment != Appointment::default()));
    }
    Ok(found)
}

/// The subjects that have not left of which `owner` is the accountable owner.
pub(crate) async fn owned_by(
    walkers: &Walkers,
    owner: SubjectId,
) -> Result<Vec<SubjectId>, Failure> {
    subjects(&walkers.one(call(Sql::OwnedBy).with(owner.0)).await?)
}

/// Subjects with live sets whose owner has left.
pub(crate) async fn orphans(walkers: &Walkers, limit: usize) -> Result<Vec<SubjectId>, Failure> {
    subjects(&walkers.one(call(Sql::Orphans).with(clamp(limit as u64))).await?)
}

fn subjects(found: &[Row]) -> Result<Vec<SubjectId>, Failure> {
    found.iter().map(|row| Ok(SubjectId(rows::uuid(row, 0)?))).collect()
}
