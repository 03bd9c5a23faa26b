//! Declare where a set is kept: still there, or elsewhere (B1). Nothing is opened by it.

use super::{Denial, Outcome, past_request, set_of, settle};
use crate::code_set::{CodeSet, Custody, Declared};
use crate::event::{Declaration, Happened};
use crate::id::SetId;
use crate::snapshot::Snapshot;
use crate::stage::{Call, Draft};
use crate::time::Seconds;

/// Which set, and where it is.
#[derive(Debug, Clone, Copy)]
pub struct Declare {
    /// The set.
    pub set: SetId,
    /// Where the holder keeps it.
    pub custody: Custody,
}

/// Within that time the same word again says nothing new.
const SAID: Seconds = Seconds::hours(1);

/// Decides a declaration. The same place again within an hour is not written again. The rules are
/// not asked: it is a record of what the holder says, and a place that may not be cannot be named
/// ([`Custody`]).
///
/// # Errors
/// [`Denial::SetUnknown`]; [`Denial::SetEnded`] if the set is not live.
pub fn decide(snapshot: &Snapshot, command: Declare, call: &mut Call<'_>) -> Outcome<CodeSet> {
    let at = call.now;
    let mut draft = Draft::new(call, snapshot);
    let sets = settle(&mut draft, snapshot)?.sets;
    let set = set_of(&sets, command.set).ok_or(Denial::SetUnknown)?.set.clone();
    if past_request(draft.call, snapshot)?.is_some() {
        return Ok(draft.decide(set));
    }
    let Declare { set: id, custody } = command;
    let said = set.declared.filter(|said| said.custody == custody);
    if said.is_some_and(|said| said.at.plus(SAID) > at) && set.state.is_live() {
        // What is not written takes no name.
        draft.call.request = None;
        return Ok(draft.decide(set));
    }
    let ended = Denial::SetEnded { state: set.state.name() };
    let set = set.declare(Declared { custody, at }).map_err(|_| ended)?;
    draft.add(Happened::CodeSetDeclared(Declaration { set: id, custody }))?;
    Ok(draft.decide(set))
}
