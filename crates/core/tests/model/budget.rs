//! One budget per account (RELIABILITY goal 16; REG-08, REG-10, REG-12; N63B-TH-01): properties of
//! random histories of an attacker who knows everything but a code.

use glassbreak_core::code_set::{SetKind, SetState};
use glassbreak_core::operation::{issue, redeem};
use glassbreak_core::redemption::{Method, Role};
use glassbreak_core::settings::Throttle;
use glassbreak_core::time::Seconds;
use proptest::prelude::*;

use crate::account::Account;

/// What the caller vouches for: a session with a good password, or without; either role.
fn session() -> impl Strategy<Value = (Role, Vec<Method>)> {
    let role = prop_oneof![Just(Role::SecondFactor), Just(Role::AccountRecovery)];
    let methods = proptest::sample::subsequence(
        vec![Method::Password, Method::Authenticator, Method::Proofing],
        0..=3,
    );
    (role, methods)
}

/// At most so many guesses are looked at in `seconds`: the free ones, and then one for each wait.
fn allowed(throttle: Throttle, seconds: u32) -> u32 {
    let (mut left, mut guesses) = (seconds, throttle.free + 1);
    while let Some(wait) = throttle.wait(guesses) {
        let Some(rest) = left.checked_sub(wait.0) else { break };
        (left, guesses) = (rest, guesses + 1);
    }
    guesses
}

proptest! {
    #[test]
    fn reg_08_one_budget_per_account(
        guesses in proptest::collection::vec((session(), 0_u8..4, 0_u32..20, 0_u8..3), 1..200)
    ) {
        let mut account = Account::new();
        account.issue(SetKind::Saved);
        account.issue(SetKind::BreakGlass);
        let (mut looked_at, mut seconds) = (0, 0);
        for ((role, presented), source, pause, way) in guesses {
            account.wait(pause);
            seconds += pause;
            // Another role, other evidence, another address, another road: the same budget.
            let looked = match way {
                0 => account.guess_at_confirmation(),
                _ => account.guess(role, presented, source) == redeem::Reply::NotAccepted,
            };
            looked_at += u32::from(looked);
        }
        let allowed = allowed(Throttle::default(), seconds);
        prop_assert!(looked_at <= allowed, "{looked_at} looked at, {allowed} allowed");
        prop_assert_eq!(account.budget().failures, looked_at);
    }

    #[test]
    fn reg_10_counter_never_falls_without_success(
        steps in proptest::collection::vec((session(), 0_u8..6, 0_u32..4000), 1..120)
    ) {
        let mut account = Account::new();
        account.issue(SetKind::Saved);
        for ((role, presented), what, pause) in steps {
            account.wait(pause);
            let before = (account.budget().failures, account.failures_of_sets());
            let succeeded = match what {
                // A good password beside a bad code; a right code with too little beside it.
                0 => account.guess(role, vec![Method::Password], 0).accepted(),
                1 => account.guess(role, presented, 0).accepted(),
                2 => account.redeem_next(role, Vec::new()).accepted(),
                3 => { account.try_issue(SetKind::Saved); false }
                4 => { account.leave_and_return(); false }
                _ => { account.lapse(); false }
            };
            let after = (account.budget().failures, account.failures_of_sets());
            if succeeded {
                prop_assert_eq!(after.0, 0, "a success clears the budget");
                continue;
            }
            prop_assert!(after.0 >= before.0, "the budget fell without a success");
            for (set, failures) in before.1 {
                prop_assert!(after.1[&set] >= failures, "a set's counter fell");
            }
        }
    }

    #[test]
    fn reg_12_reissue_does_not_reset_the_budget(
        guesses in 1_u32..40, pauses in proptest::collection::vec(0_u32..7200, 40)
    ) {
        let mut account = Account::new();
        account.issue(SetKind::Saved);
        for pause in pauses.into_iter().take(guesses as usize) {
            account.wait(pause);
            account.guess(Role::AccountRecovery, Vec::new(), 0);
            let before = account.budget();
            let waiting = before.retry_at.is_some_and(|at| at > account.now());
            let reply = account.try_issue(SetKind::Saved);
            let after = account.budget();
            prop_assert_eq!((after.failures, after.retry_at), (before.failures, before.retry_at));
            let throttled =
                matches!(reply, issue::Reply::Refused(issue::Refusal::Throttled { .. }));
            prop_assert_eq!(throttled, waiting, "no new set is a way round a wait");
        }
    }
}

/// What an answer means for the properties.
trait Accepted {
    fn accepted(&self) -> bool;
}

impl Accepted for redeem::Reply {
    fn accepted(&self) -> bool {
        matches!(self, Self::Accepted { .. })
    }
}

#[test]
fn n63b_th_01_disabled_at_100() {
    let mut account = Account::new();
    let set = account.issue(SetKind::Saved);
    for failures in 1..=100_u32 {
        assert!(account.set(set).state.is_live(), "{failures} are not a hundred");
        account.wait(3600);
        let reply = account.guess(Role::AccountRecovery, vec![Method::Password], 0);
        assert_eq!(reply, redeem::Reply::NotAccepted);
        assert_eq!(account.set(set).failures, failures);
    }
    assert!(matches!(account.set(set).state, SetState::Disabled { .. }));
    account.wait(3600);
    let reply = account.redeem_next(Role::AccountRecovery, vec![Method::Password]);
    assert_eq!(reply, redeem::Reply::NotAccepted, "the right code at attempt 101");
    // N63B-TH-03: only a new set helps, and its own count begins at nothing.
    account.wait(3600);
    let anew = account.issue(SetKind::Saved);
    assert_eq!(account.set(anew).failures, 0);
    let reply = account.redeem_next(Role::AccountRecovery, vec![Method::Password]);
    assert!(reply.accepted(), "{reply:?}");
    assert!(matches!(account.set(set).state, SetState::Disabled { .. }), "disabled for good");
}

#[test]
fn n63b_th_02_every_set_that_could_be_meant_is_disabled() {
    let mut account = Account::new();
    let sets = [account.issue(SetKind::Saved), account.issue(SetKind::BreakGlass)];
    for _ in 0..100 {
        account.wait(3600);
        account.guess(Role::SecondFactor, Vec::new(), 0);
    }
    assert!(sets.iter().all(|set| account.set(*set).state.name() == "disabled"));
}

#[test]
fn n63b_th_05_a_success_clears_the_count_of_the_set_used_and_no_other() {
    let mut account = Account::new();
    let (glass, saved) = (account.issue(SetKind::BreakGlass), account.issue(SetKind::Saved));
    for _ in 0..3 {
        account.guess(Role::AccountRecovery, Vec::new(), 0);
    }
    // The newest set's first code.
    let reply = account.redeem_next(Role::AccountRecovery, vec![Method::Password]);
    assert!(reply.accepted(), "{reply:?}");
    assert_eq!((account.set(saved).failures, account.set(glass).failures), (0, 3));
}

#[test]
fn the_allowance_is_what_the_schedule_says() {
    let throttle = Throttle::default();
    assert_eq!(allowed(throttle, 0), 6);
    assert_eq!(allowed(throttle, 29), 6);
    assert_eq!(allowed(throttle, 30 + 60), 8);
    assert_eq!(throttle.wait(6), Some(Seconds(30)));
}
