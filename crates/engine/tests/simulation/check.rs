//! What must hold at the end of every seed, looked at with nothing but the log, the tables, and
//! what the clients were told.
//!
//! The log is one order of all that happened. It is read once, by rules written from what the
//! operations promise and not from the fold ([`Reading`]): each entry must have been possible where
//! it stands. Then each answer must be explained by it, between the place the log had when the call
//! was made and the place it had when the answer came. Both together say that the histories are
//! linearizable, and that nothing that was acknowledged is lost.

use std::collections::BTreeMap;

use glassbreak_engine::core::event::Entry;
use glassbreak_engine::core::id::{EventId, RedemptionId, SetId, SubjectId};
use glassbreak_engine::core::lifecycle::LifecycleKind;
use glassbreak_engine::replay::replay;
use glassbreak_engine::store::Store;

use super::calls::{Call, CodeAt, Op, Told, reference};
use super::nodes::Nodes;
use super::reading::{Ended, Reading};
use super::tree;

/// Checks a seed.
pub(crate) async fn check(nodes: &Nodes, calls: &[Call]) -> Result<(), String> {
    let durable = nodes.database.durable();
    let store = durable.as_ref();
    let broken = |error: glassbreak_engine::store::StoreError| error.to_string();
    let logged = store.entries(0, usize::MAX).await.map_err(broken)?;
    let mut entries = Vec::with_capacity(logged.len());
    for entry in &logged {
        entries.push(entry.entry().map_err(broken)?);
    }
    let reading = Reading::of(&entries, &codes(calls))?;
    let answers = Answers { entries: &entries, reading: &reading, calls };
    answers.check(nodes).await?;
    let replayed = replay(store, &mut |_, _| {}).await.map_err(|error| error.to_string())?;
    if !replayed.differences.is_empty() {
        return Err(format!("the tables are not what the log says: {:?}", replayed.differences));
    }
    if !replayed.ledger.balances() {
        return Err(format!("the ledger does not balance: {:?}", replayed.ledger));
    }
    reading.agrees_with(&store.dump().await.map_err(broken)?)?;
    tree::check(nodes, &logged).await?;
    let counts = &nodes.weather.counts;
    reading.accepted.iter().for_each(|_| counts.accepted.add());
    reading.refused.iter().for_each(|_| counts.refused.add());
    reading.contained.iter().for_each(|_| counts.contained.add());
    Ok(())
}

/// Which code each redemption was for.
fn codes(calls: &[Call]) -> BTreeMap<RedemptionId, CodeAt> {
    let codes = calls.iter().filter_map(|call| match call.op {
        Op::Redeem { id, code, .. } => Some((id, code)),
        _ => None,
    });
    codes.collect()
}

struct Answers<'a> {
    entries: &'a [Entry],
    reading: &'a Reading,
    calls: &'a [Call],
}

impl Answers<'_> {
    async fn check(&self, nodes: &Nodes) -> Result<(), String> {
        let places: BTreeMap<EventId, u64> =
            self.entries.iter().zip(0_u64..).map(|(entry, place)| (entry.id, place)).collect();
        for call in self.calls {
            let Some((told, to)) = &call.answer else { continue };
            for event in &call.events {
                let place = places.get(event);
                let place = place.ok_or_else(|| format!("lost: {event}, of {call:?}"))?;
                if !(call.from..*to).contains(place) {
                    return Err(format!("{event} is out of its time, at {place}: {call:?}"));
                }
            }
            let subject = match call.op {
                Op::Report { subject, .. } => {
                    let found = nodes.database.durable().subject(&reference(subject)?).await;
                    found.map_err(|error| error.to_string())?.map(|(subject, _)| subject.id)
                }
                _ => None,
            };
            self.explain(call, told, *to, subject)
                .map_err(|what| format!("{what}; the answer to {call:?}"))?;
        }
        let known = codes(self.calls);
        match self.reading.accepted.keys().find(|id| !known.contains_key(id)) {
            Some(id) => Err(format!("nobody asked for the redemption {id}")),
            None => Ok(()),
        }
    }

    /// That the log as it was when the answer came explains the answer.
    fn explain(
        &self,
        call: &Call,
        told: &Told,
        to: u64,
        subject: Option<SubjectId>,
    ) -> Result<(), String> {
        match (&call.op, told) {
            (Op::Redeem { id, code, .. }, told) => self.explain_redemption(*id, *code, told, to),
            (Op::Issue { .. }, Told::Issued { set }) => {
                let issued = self.reading.sets.get(set).map(|held| held.issued_at);
                within("issued", issued, call.from..to)
            }
            (Op::Confirm { set }, Told::Confirmed) => {
                let confirmed = self.reading.sets.get(set).and_then(|held| held.active_at);
                within("confirmed", confirmed, 0..to)
            }
            (Op::Revoke { set }, Told::Done) => within("ended", self.ended(*set), 0..to),
            (Op::Report { kind, .. }, Told::Done) => {
                let reported = self
                    .reading
                    .reported(subject, *kind)
                    .find(|place| (call.from..to).contains(place));
                within("reported", reported, call.from..to)?;
                if matches!(kind, LifecycleKind::AccountDisabled | LifecycleKind::AccountEnabled) {
                    return Ok(());
                }
                // D2, D3, D7: whatever was live ends with it.
                let theirs = self.reading.sets.iter().filter(|(_, held)| {
                    Some(held.subject) == subject && held.issued_at < call.from
                });
                theirs.into_iter().try_for_each(|(set, _)| within("ended", self.ended(*set), 0..to))
            }
            (Op::Contain { .. }, Told::Done) => {
                let begun = self.reading.contained.iter().copied();
                let begun = begun.into_iter().find(|place| (call.from..to).contains(place));
                within("contained", begun, call.from..to)
            }
            _ => Ok(()),
        }
    }

    fn explain_redemption(
        &self,
        id: RedemptionId,
        code: CodeAt,
        told: &Told,
        to: u64,
    ) -> Result<(), String> {
        let calls = self
            .calls
            .iter()
            .filter(|call| matches!(call.op, Op::Redeem { id: of, .. } if of == id));
        let from = calls.map(|call| call.from).min().unwrap_or(0);
        let accepted = self.reading.accepted.get(&id);
        let refused = self.reading.refused.get(&id);
        match told {
            Told::Accepted { set, remaining } => {
                within("accepted", accepted.map(|accepted| accepted.place), from..to)?;
                let what = accepted.map(|accepted| (accepted.code, accepted.remaining));
                let same = what == Some((code, *remaining)) && *set == code.set;
                same.then_some(()).ok_or_else(|| format!("the log accepted {what:?}"))
            }
            Told::NotAccepted => within("refused", refused.copied(), from..to),
            // Not looked at: nothing has happened by then.
            _ if accepted.is_some_and(|accepted| accepted.place < to) => {
                Err("it was accepted all the same".to_owned())
            }
            _ => Ok(()),
        }
    }

    /// Where a set has ended, in the log.
    fn ended(&self, set: SetId) -> Option<u64> {
        match self.reading.sets.get(&set)?.ended {
            Some(Ended::At(place) | Ended::CutOff(place)) => Some(place),
            None => None,
        }
    }
}

fn within(what: &str, place: Option<u64>, range: std::ops::Range<u64>) -> Result<(), String> {
    match place {
        Some(place) if range.contains(&place) => Ok(()),
        Some(place) => Err(format!("{what} at {place}, not within {range:?}")),
        None => Err(format!("not {what}, in all of the log")),
    }
}
