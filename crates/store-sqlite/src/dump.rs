//! The tables as a fold would give them. Every digest that the log holds of something beside it is
//! computed anew from what lies there, so that a swapped verifier or an edited address is found.

use glassbreak_core::address_book::HeldAddresses;
use glassbreak_core::code_set::verifiers_digest;
use glassbreak_core::fold::{ApiKeyFacts, PolicyFacts, State};
use glassbreak_core::id::SubjectId;
use glassbreak_core::operation::create_api_key::{bound_to, commitment};
use glassbreak_core::operation::load_policy;
use glassbreak_core::recent::Recent;
use glassbreak_store::PolicyRow;
use rusqlite::{Connection, Params, Row};

use crate::failure::Failure;
use crate::load;
use crate::pool::at_one_moment;
use crate::rows::Aggregate;
use crate::{addresses, bundles, containments, exceptions, holds, overview, recoveries, rows, sql};

/// Everything but the entries, as of one moment.
pub(crate) fn dump(db: &Connection) -> Result<State, Failure> {
    at_one_moment(db, || {
        let mut state = State { keys: load::keys(db)?, ..State::default() };
        aggregates(db, &mut state)?;
        holds::check(db)?;
        each(db, sql::SETS, [], |row| {
            let mut held = rows::held(row)?;
            held.set.issued.verifiers = verifiers_digest(&held.verifiers);
            state.sets.insert(held.set.id, held.set);
            Ok(())
        })?;
        each(db, sql::RECOVERIES, [], |row| {
            let mut held = recoveries::read(row)?;
            if let (Some(sent), Some(verifier)) = (held.recovery.sent.last_mut(), &held.verifier) {
                sent.verifier = verifiers_digest(std::slice::from_ref(verifier));
            }
            state.recoveries.insert(held.recovery.id, held.recovery);
            Ok(())
        })?;
        each(db, sql::BUNDLES, [], |row| {
            let bundle = bundles::as_held(db, bundles::read(row)?)?;
            state.bundles.insert(bundle.id, bundle);
            Ok(())
        })?;
        address_books(db, &mut state)?;
        each(db, sql::EXCEPTIONS, [], |row| {
            let exception = exceptions::read(row)?;
            state.exceptions.insert(exception.id, exception);
            Ok(())
        })?;
        each(db, sql::CONTAINMENTS, [], |row| {
            let containment = containments::read(row)?.as_held();
            state.containments.insert(containment.id, containment);
            Ok(())
        })?;
        each(db, sql::OPERATORS, [], |row| {
            state.appointments.insert(SubjectId(rows::uuid(row, 1)?), rows::json(row, 0)?);
            Ok(())
        })?;
        each(db, sql::PASSKEYS, [], |row| {
            state.passkeys.insert(row.get(0)?, SubjectId(rows::uuid(row, 1)?));
            Ok(())
        })?;
        each(db, sql::REDEMPTIONS, [], |row| {
            state.redemptions.extend([rows::remembered(row)?]);
            Ok(())
        })?;
        each(db, sql::REQUESTS, [], |row| {
            state.requests.extend([rows::request(row)?]);
            Ok(())
        })?;
        each(db, sql::POLICIES, [], |row| {
            let PolicyRow { policy, version, loaded_at, text } = rows::policy(row)?;
            let text = load_policy::commitment(&text);
            state.policies.insert(policy, PolicyFacts { version, text, loaded_at });
            Ok(())
        })?;
        api_keys(db, &mut state)?;
        each(db, sql::ALERTS, [], |row| {
            state.alerts.extend([overview::alert(row)?]);
            Ok(())
        })?;
        Ok(state)
    })
}

fn aggregates(db: &Connection, state: &mut State) -> Result<(), Failure> {
    each(db, sql::AGGREGATES, [], |row| {
        let Aggregate { id, budget, subject, directory, recent, .. } = rows::aggregate(row)?;
        state.budgets.insert(id, budget);
        if recent != Recent::default() {
            state.recent.insert(id, recent);
        }
        if let Some(mut subject) = subject {
            // Of an erased entry only the log's digest is left.
            if let Some(entry) = directory {
                subject.directory = entry.digest();
            }
            state.subjects.insert(id, subject);
        }
        Ok(())
    })
}

fn api_keys(db: &Connection, state: &mut State) -> Result<(), Failure> {
    for key in load::api_keys(db)? {
        let facts = ApiKeyFacts {
            scopes: key.scopes,
            digest: commitment(key.digest),
            bound: bound_to(key.digest, &key.groups),
            operator: key.operator,
            created_at: key.created_at,
            revoked_at: key.revoked_at,
        };
        state.api_keys.insert(key.id, facts);
    }
    Ok(())
}

fn address_books(db: &Connection, state: &mut State) -> Result<(), Failure> {
    each(db, sql::ADDRESS_BOOKS, [], |row| {
        let HeldAddresses { mut book, verifiers } = addresses::read(row)?;
        for (id, verifier) in &verifiers {
            let pending = book.pending.iter_mut().find(|pending| pending.sent.id == *id);
            if let Some(pending) = pending {
                pending.sent.verifier = verifiers_digest(std::slice::from_ref(verifier));
            }
        }
        state.address_books.insert(SubjectId(rows::uuid(row, 2)?), book);
        Ok(())
    })
}

fn each(
    db: &Connection,
    statement: &str,
    by: impl Params,
    mut take: impl FnMut(&Row<'_>) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let mut statement = db.prepare_cached(statement)?;
    let mut rows = statement.query(by)?;
    while let Some(row) = rows.next()? {
        take(row)?;
    }
    Ok(())
}
