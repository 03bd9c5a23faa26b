//! One recovery code as a sequential object: the model that the race tests check against.

use super::Model;

/// The model of one code, issued and live at first.
#[derive(Debug, Clone, Copy, Default)]
pub struct Code;

/// What clients ask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Op {
    /// Redeem it, under this redemption id.
    Redeem(u64),
    /// End it: revoke, supersede, expire, disable, or let the subject leave.
    Withdraw,
    /// Put recovery to rest.
    Suspend,
    /// Lift that.
    Resume,
    /// Read its state.
    Read,
}

/// What they are answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ret {
    /// The code was accepted, now or the first time this redemption id was used.
    Accepted,
    /// It was not accepted, and nobody says why.
    Refused,
    /// The attempt came before its time and was not looked at. Always possible.
    NotLookedAt,
    /// It is done: after a withdrawal, the code is not live.
    Done,
    /// There was nothing to withdraw.
    Nothing,
    /// Its state was this.
    Seen(Life),
}

/// How far its life has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Life {
    /// It would be accepted, if recovery is not at rest.
    Live,
    /// It was accepted, under this redemption id.
    Used(u64),
    /// It was ended before that.
    Withdrawn,
}

/// The state of the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct State {
    life: Life,
    at_rest: bool,
}

impl Model for Code {
    type State = State;
    type Op = Op;
    type Ret = Ret;

    fn initial(&self) -> State {
        State { life: Life::Live, at_rest: false }
    }

    fn step(&self, state: &State, op: &Op, ret: Option<&Ret>) -> Option<State> {
        match op {
            Op::Redeem(id) => redeem(*state, *id, ret),
            Op::Withdraw => withdraw(*state, ret),
            Op::Suspend | Op::Resume => {
                let after = State { at_rest: *op == Op::Suspend, ..*state };
                matches!(ret, None | Some(Ret::Done)).then_some(after)
            }
            Op::Read => {
                matches!(ret, Some(Ret::Seen(life)) if *life == state.life).then_some(*state)
            }
        }
    }

    fn changes_nothing(&self, _: &Op, ret: &Ret) -> bool {
        matches!(ret, Ret::Refused | Ret::NotLookedAt | Ret::Nothing | Ret::Seen(_))
    }
}

fn redeem(state: State, id: u64, ret: Option<&Ret>) -> Option<State> {
    let works = state.life == Life::Live && !state.at_rest;
    let is_retry = state.life == Life::Used(id);
    let used = State { life: Life::Used(id), ..state };
    match ret {
        None | Some(Ret::Accepted) if works || is_retry => Some(used),
        Some(Ret::Refused) if !works && !is_retry => Some(state),
        Some(Ret::NotLookedAt) => Some(state),
        _ => None,
    }
}

fn withdraw(state: State, ret: Option<&Ret>) -> Option<State> {
    let is_live = state.life == Life::Live;
    let ended = State { life: Life::Withdrawn, ..state };
    match ret {
        None | Some(Ret::Done) if is_live => Some(ended),
        Some(Ret::Done | Ret::Nothing) if !is_live => Some(state),
        _ => None,
    }
}
