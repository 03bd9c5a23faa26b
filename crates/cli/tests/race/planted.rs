//! The check of [`matrix`](super::matrix) finds what it looks for: real histories that passed are
//! falsified one answer at a time, and not one of them passes then.

use glassbreak_engine::core::id::SetId;
use glassbreak_testkit::linear::Call;
use glassbreak_testkit::seed;

use super::matrix::{Against, Ran, explained, race};
use super::model::{Op, Ret};
use super::world::History;

/// How many histories are falsified each way.
const EACH: usize = 50;
/// How many trials give enough histories to falsify.
const TRIALS: usize = 400;

/// A way to falsify a history; `None` if it has no place for that.
type Falsify = fn(&History) -> Option<History>;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn goal_2_every_falsified_history_is_found() {
    let seed = seed();
    let random = seed.entropy();
    let same = race(Against::Same, TRIALS, &random).await;
    let revoke = race(Against::Revoke, TRIALS, &random).await;
    falsified("a refusal made an acceptance", &same, accepted_twice);
    falsified("a good code lost", &same, lost);
    falsified("another answer for a retry", &same, retry_told_otherwise);
    falsified("an acceptance after an acknowledged revocation", &revoke, accepted_after_revoke);
    falsified("an older inventory than one may see", &same, stale_inventory);
}

fn falsified(how: &str, real: &[Ran], falsify: Falsify) {
    let cases = real.iter().filter_map(|Ran { before, history, .. }| {
        assert!(explained(before, history).is_ok(), "the real history is refused");
        Some((before, falsify(history)?))
    });
    let mut found = 0;
    for (before, planted) in cases.take(EACH) {
        assert!(explained(before, &planted).is_err(), "{how}: not found in {planted:#?}");
        found += 1;
    }
    assert_eq!(found, EACH, "{how}: too few histories to falsify");
}

fn is_accepted(call: &Call<Op, Ret>) -> bool {
    matches!(call.answer, Some((_, Ret::Accepted { .. })))
}

fn is_refused(call: &Call<Op, Ret>) -> bool {
    matches!(call.answer, Some((_, Ret::NotAccepted)))
}

fn answer(call: &mut Call<Op, Ret>, told: Ret) {
    if let Some((_, ret)) = &mut call.answer {
        *ret = told;
    }
}

/// The code was used, and somebody else is told so too.
fn accepted_twice(history: &History) -> Option<History> {
    let mut planted = history.clone();
    let winner = history.iter().find(|call| is_accepted(call))?.answer.clone()?.1;
    answer(planted.iter_mut().find(|call| is_refused(call))?, winner);
    Some(planted)
}

/// Nobody is told that the code was good.
fn lost(history: &History) -> Option<History> {
    let mut planted = history.clone();
    history.iter().find(|call| is_accepted(call))?;
    planted.iter_mut().filter(|call| is_accepted(call)).for_each(|c| answer(c, Ret::NotAccepted));
    Some(planted)
}

/// Two calls under one name, two answers.
fn retry_told_otherwise(history: &History) -> Option<History> {
    let name = |call: &Call<Op, Ret>| match call.op {
        Op::Redeem { id, .. } => Some(id),
        _ => None,
    };
    let (place, _) = history.iter().enumerate().find(|(place, call)| {
        is_accepted(call) && history.iter().take(*place).any(|other| name(other) == name(call))
    })?;
    let mut planted = history.clone();
    answer(planted.get_mut(place)?, Ret::NotAccepted);
    Some(planted)
}

/// The set was revoked, that was answered, and only then a code of it is tried, and taken.
fn accepted_after_revoke(history: &History) -> Option<History> {
    let revoked: SetId = history.iter().find_map(|call| match call.op {
        Op::Revoke(set) => Some(set),
        _ => None,
    })?;
    let end = history.iter().filter_map(|call| call.answer.as_ref()).map(|(at, _)| *at).max()?;
    let mut planted = history.clone();
    let moved = planted.iter_mut().find(|call| {
        matches!(call.op, Op::Redeem { code: (set, _), .. } if set == revoked) && is_accepted(call)
    })?;
    moved.invoked = end + 1;
    moved.answer.as_mut()?.0 = end + 2;
    Some(planted)
}

/// The last look at the inventory does not know of the code that was used before.
fn stale_inventory(history: &History) -> Option<History> {
    let mut planted = history.clone();
    let last = planted.iter_mut().rfind(|call| call.op == Op::Inventory)?;
    let Some((_, Ret::Sets(sets))) = &mut last.answer else { return None };
    for (_, unused) in sets.values_mut() {
        *unused += 1;
    }
    Some(planted)
}
