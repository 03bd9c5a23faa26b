//! Several decisions as one transaction in one round trip.

use std::collections::BTreeSet;

use glassbreak_core::id::SubjectId;
use uuid::Uuid;

use crate::project::Part;
use crate::session::{Call, call};
use crate::sql::Sql;

/// Where in [`calls`] the counter is moved; what it gives is the place after the last entry.
pub(crate) const COUNT: usize = 0;

/// How many entries a decision has.
pub(crate) fn steps(part: &Part) -> i64 {
    i64::try_from(part.entries.len()).unwrap_or(i64::MAX)
}

/// The statements of a transaction that writes `parts`, each of an aggregate of its own. Places are
/// told as so many before the counter, which is read and moved in the database.
pub(crate) fn calls(parts: &[&Part]) -> Vec<Call> {
    let total = parts.iter().map(|part| steps(part)).sum::<i64>();
    let mut calls = vec![call(Sql::Count).with(total), compare(parts), entries(parts, total)];
    aggregates(parts, total, &mut calls);
    names(parts, total, &mut calls);
    sets(parts, &mut calls);
    calls.extend(parts.iter().filter_map(|part| openings(part)));
    calls.extend(parts.iter().flat_map(|part| part.rest.iter().cloned()));
    calls
}

/// Compares what the decisions count on: the versions of their aggregates and of what they rest on
/// besides, and the epoch of the containments. Two may rest on the same, which is one row then.
fn compare(parts: &[&Part]) -> Call {
    let there = parts.iter().filter(|part| part.expected > 0);
    let there = there.map(|part| (part.aggregate, part.expected));
    let rests = parts.iter().flat_map(|part| part.rests.iter().copied());
    let all: BTreeSet<(Uuid, i64)> = there.chain(rests).collect();
    let (ids, versions): (Vec<Uuid>, Vec<i64>) = all.into_iter().unzip();
    let count = i64::try_from(ids.len()).unwrap_or(i64::MAX);
    let epochs: BTreeSet<i64> = parts.iter().filter_map(|part| part.epoch).collect();
    let epochs: Vec<i64> = epochs.into_iter().collect();
    let call = call(Sql::Compare).with(ids).with(versions).with(count);
    call.with(SubjectId::CONTAINMENTS.0).with(epochs)
}

/// Counts an agent's openings again, behind the counter and before the new one.
fn openings(part: &Part) -> Option<Call> {
    let (agent, since, count) = part.openings?;
    Some(call(Sql::OpeningsSince).with(agent).with(since).with(count))
}

fn entries(parts: &[&Part], total: i64) -> Call {
    let (mut backs, mut ids) = (Vec::new(), Vec::new());
    // Only of the first entry of a decision: its aggregate, whose chain it goes on with.
    let (mut firsts, mut bytes) = (Vec::new(), Vec::new());
    let all = parts.iter().flat_map(|part| {
        let firsts = std::iter::once(Some(part.aggregate)).chain(std::iter::repeat(None));
        part.entries.iter().zip(firsts)
    });
    for ((entry, first), back) in all.zip((1..=total).rev()) {
        backs.push(back);
        ids.push(entry.id);
        firsts.push(first);
        bytes.push(entry.bytes.clone());
    }
    call(Sql::EntriesAdd).with(backs).with(ids).with(firsts).with(bytes)
}

/// How far before the counter the last entry of each part is.
fn backs<'a>(parts: &'a [&Part], total: i64) -> impl Iterator<Item = (&'a Part, i64)> {
    parts.iter().scan(total, |left, part| {
        *left -= steps(part);
        Some((*part, *left + 1))
    })
}

fn aggregates(parts: &[&Part], total: i64, calls: &mut Vec<Call>) {
    for (sql, is_new) in [(Sql::AggregatesStart, true), (Sql::AggregatesMove, false)] {
        let (mut ids, mut versions, mut newest) = (Vec::new(), Vec::new(), Vec::new());
        let (mut failures, mut retry_at) = (Vec::new(), Vec::new());
        let mut second_factor = Vec::new();
        for (part, back) in backs(parts, total).filter(|(part, _)| (part.expected == 0) == is_new) {
            ids.push(part.aggregate);
            versions.push(part.version);
            newest.push(back);
            failures.push(part.budget.map(|(failures, _)| failures));
            retry_at.push(part.budget.and_then(|(_, retry_at)| retry_at));
            second_factor.push(part.second_factor.clone());
        }
        if !ids.is_empty() {
            let call = call(sql).with(ids).with(versions).with(newest);
            let call = call.with(failures).with(retry_at);
            // Whose aggregate is new has no codes.
            calls.push(if is_new { call } else { call.with(second_factor) });
        }
    }
}

/// What can be named only once.
fn names(parts: &[&Part], total: i64, calls: &mut Vec<Call>) {
    let (mut ids, mut places) = (Vec::new(), Vec::new());
    for (part, back) in backs(parts, total) {
        for redemption in &part.redemptions {
            ids.push(redemption.id);
            places.push(back + redemption.left);
        }
    }
    if !ids.is_empty() {
        calls.push(call(Sql::RedemptionsAdd).with(ids).with(places));
    }
    let (mut keys, mut fingerprints, mut subjects) = (Vec::new(), Vec::new(), Vec::new());
    let (mut sets, mut recoveries, mut bundles) = (Vec::new(), Vec::new(), Vec::new());
    let (mut sent, mut exceptions, mut containments) = (Vec::new(), Vec::new(), Vec::new());
    for part in parts {
        for request in &part.requests {
            keys.push(request.key.clone());
            fingerprints.push(request.fingerprint.clone());
            subjects.push(part.aggregate);
            sets.push(request.set);
            recoveries.push(request.recovery);
            bundles.push(request.bundle);
            sent.push(request.sent);
            exceptions.push(request.exception);
            containments.push(request.containment);
        }
    }
    if !keys.is_empty() {
        let call = call(Sql::RequestsAdd).with(keys).with(fingerprints).with(subjects);
        let call = call.with(sets).with(recoveries).with(bundles);
        calls.push(call.with(sent).with(exceptions).with(containments));
    }
}

fn sets(parts: &[&Part], calls: &mut Vec<Call>) {
    let (mut subjects, mut sets, mut ordinals) = (Vec::new(), Vec::new(), Vec::new());
    let (mut usages, mut replace_by) = (Vec::new(), Vec::new());
    let (mut at, mut exhausts) = (Vec::new(), Vec::new());
    for part in parts {
        for accept in &part.accepts {
            subjects.push(part.aggregate);
            sets.push(accept.set);
            ordinals.push(accept.ordinal);
            usages.push(accept.usage.clone());
            replace_by.push(accept.replace_by);
            at.push(accept.at);
            exhausts.push(accept.exhausts);
        }
    }
    if !subjects.is_empty() {
        let call = call(Sql::SetsAccept).with(subjects).with(sets).with(ordinals).with(usages);
        calls.push(call.with(replace_by).with(at).with(exhausts));
    }
    let charged = parts.iter().flat_map(|part| {
        let of = part.aggregate;
        part.charges.iter().map(move |set| (of, *set))
    });
    let (subjects, sets): (Vec<Uuid>, Vec<Uuid>) = charged.unzip();
    if !subjects.is_empty() {
        calls.push(call(Sql::SetsCharge).with(subjects).with(sets));
    }
}
