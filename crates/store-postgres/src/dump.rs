//! The tables as a fold would give them. Every digest that the log holds of something beside it is
//! computed anew from what lies there, so that a swapped verifier or an edited address is found.

use std::collections::BTreeMap;
use std::pin::pin;

use futures_util::TryStreamExt as _;
use glassbreak_core::address_book::HeldAddresses;
use glassbreak_core::code_set::verifiers_digest;
use glassbreak_core::fold::{ApiKeyFacts, PolicyFacts, State};
use glassbreak_core::id::{BundleId, SubjectId};
use glassbreak_core::operation::create_api_key::{bound_to, commitment};
use glassbreak_core::operation::load_policy;
use glassbreak_core::recent::Recent;
use glassbreak_store::PolicyRow;
use tokio_postgres::Row;

use crate::failure::Failure;
use crate::load;
use crate::open::Source;
use crate::rows::Aggregate;
use crate::session::{Purpose, Session, call};
use crate::sql::Sql;
use crate::{addresses, bundles, containments, exceptions, overview, recoveries, rows};

/// Everything but the entries, as of one moment.
///
/// On a connection of its own, a row at a time: all there is does not fit in what waits to be read,
/// and a walk that is broken off leaves no open transaction to others.
pub(crate) async fn dump(source: &Source) -> Result<State, Failure> {
    let session = source.session(Purpose::Scan).await?;
    session.rows(vec![call(Sql::BeginRead)]).await?;
    let state = tables(&session).await?;
    session.rows(vec![call(Sql::End)]).await?;
    Ok(state)
}

async fn tables(session: &Session) -> Result<State, Failure> {
    let keys = session.rows(vec![call(Sql::Keys)]).await?.pop().unwrap_or_default();
    let mut state = State { keys: load::keys(&keys)?, ..State::default() };
    each(session, Sql::AggregatesAll, |row| {
        let Aggregate { id, budget, subject, directory, recent } = rows::aggregate(row)?;
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
    .await?;
    each(session, Sql::SetsAll, |row| {
        let mut held = rows::held(row)?;
        held.set.issued.verifiers = verifiers_digest(&held.verifiers);
        state.sets.insert(held.set.id, held.set);
        Ok(())
    })
    .await?;
    each(session, Sql::RecoveriesAll, |row| {
        let mut held = recoveries::read(row)?;
        if let (Some(sent), Some(verifier)) = (held.recovery.sent.last_mut(), &held.verifier) {
            sent.verifier = verifiers_digest(std::slice::from_ref(verifier));
        }
        state.recoveries.insert(held.recovery.id, held.recovery);
        Ok(())
    })
    .await?;
    cases(session, &mut state).await?;
    beside(session, &mut state).await?;
    Ok(state)
}

/// Bundles, address books and exceptions.
async fn cases(session: &Session, state: &mut State) -> Result<(), Failure> {
    each(session, Sql::BundlesAll, |row| {
        let bundle = bundles::read(row)?;
        state.bundles.insert(bundle.id, bundle);
        Ok(())
    })
    .await?;
    let mut parts = BTreeMap::new();
    each(session, Sql::BundlePartsAll, |row| {
        let of = (BundleId(rows::uuid(row, 2)?), rows::small::<u32>(row, 3)?);
        parts.insert(of, bundles::read_parts(row)?);
        Ok(())
    })
    .await?;
    for bundle in state.bundles.values_mut() {
        let id = bundle.id;
        for one in &mut bundle.generations {
            one.rest_on(parts.get(&(id, one.number)));
        }
    }
    each(session, Sql::AddressBooksAll, |row| {
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
    .await?;
    each(session, Sql::ExceptionsAll, |row| {
        let exception = exceptions::read(row)?;
        state.exceptions.insert(exception.id, exception);
        Ok(())
    })
    .await
}

/// What is neither a subject's nor a set's.
async fn beside(session: &Session, state: &mut State) -> Result<(), Failure> {
    each(session, Sql::Containments, |row| {
        let containment = containments::read(row)?.as_held();
        state.containments.insert(containment.id, containment);
        Ok(())
    })
    .await?;
    each(session, Sql::OperatorsAll, |row| {
        state.appointments.insert(SubjectId(rows::uuid(row, 1)?), rows::json(row, 0)?);
        Ok(())
    })
    .await?;
    each(session, Sql::PasskeysAll, |row| {
        state.passkeys.insert(rows::get(row, 0)?, SubjectId(rows::uuid(row, 1)?));
        Ok(())
    })
    .await?;
    each(session, Sql::RedemptionsAll, |row| {
        state.redemptions.extend([rows::remembered(row)?]);
        Ok(())
    })
    .await?;
    each(session, Sql::RequestsAll, |row| {
        state.requests.extend([rows::request(row)?]);
        Ok(())
    })
    .await?;
    each(session, Sql::PoliciesAll, |row| {
        let PolicyRow { policy, version, loaded_at, text } = rows::policy(row)?;
        let text = load_policy::commitment(&text);
        state.policies.insert(policy, PolicyFacts { version, text, loaded_at });
        Ok(())
    })
    .await?;
    each(session, Sql::AlertsAll, |row| {
        state.alerts.extend([overview::alert(row)?]);
        Ok(())
    })
    .await?;
    each(session, Sql::ApiKeys, |row| {
        let key = rows::api_key(row)?;
        let facts = ApiKeyFacts {
            scopes: key.scopes,
            digest: commitment(key.digest),
            bound: bound_to(key.digest, &key.groups),
            operator: key.operator,
            created_at: key.created_at,
            revoked_at: key.revoked_at,
        };
        state.api_keys.insert(key.id, facts);
        Ok(())
    })
    .await
}

async fn each(
    session: &Session,
    sql: Sql,
    mut take: impl FnMut(&Row) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let mut found = pin!(session.query(call(sql)).await?);
    while let Some(row) = found.try_next().await? {
        take(&row)?;
    }
    Ok(())
}
