//! The linearizability checker finds what it should, and nothing else.
// It always holds here; it tells clippy that helpers, too, may panic.
#![cfg(test)]

use glassbreak_testkit::linear::code::{Code, Life, Op, Ret};
use glassbreak_testkit::linear::{Call, CallOf, Model, check, check_each};
use glassbreak_testkit::{SeededEntropy, seed};

type History = Vec<CallOf<Code>>;

/// How clients behave in a random history.
#[derive(Clone, Copy)]
struct Clients {
    count: usize,
    calls: usize,
    /// Redemption ids, so that some requests are retries.
    ids: usize,
    /// Whether anybody redeems.
    redeem: bool,
    /// Whether anybody ends the code.
    withdraw: bool,
}

/// A call under way.
struct Pending {
    op: Op,
    invoked: u64,
    done: Option<Ret>,
}

/// A history that is linearizable because it is made so: each call happens at one moment, and the
/// model answers it then. At the end, some calls are left without an answer.
fn history(clients: Clients, random: &SeededEntropy) -> History {
    let mut under_way: Vec<Option<Pending>> = (0..clients.count).map(|_| None).collect();
    let (mut state, mut begun, mut calls) = (Code.initial(), 0, Vec::new());
    for now in 0.. {
        let all_begun = begun == clients.calls;
        if all_begun && (under_way.iter().all(Option::is_none) || random.once_in(20)) {
            break;
        }
        let client = &mut under_way[random.below(clients.count)];
        match client.take() {
            None if all_begun => {}
            None => {
                let op = operation(clients, random);
                *client = Some(Pending { op, invoked: now, done: None });
                begun += 1;
            }
            Some(Pending { op, invoked, done: None }) => {
                let (next, ret) = answer(&state, &op, random);
                state = next;
                *client = Some(Pending { op, invoked, done: Some(ret) });
            }
            Some(Pending { op, invoked, done: Some(ret) }) => {
                calls.push(Call { op, invoked, answer: Some((now, ret)) });
            }
        }
    }
    let unanswered = under_way.into_iter().flatten();
    calls.extend(unanswered.map(|p| Call { op: p.op, invoked: p.invoked, answer: None }));
    calls
}

fn operation(clients: Clients, random: &SeededEntropy) -> Op {
    match random.below(8) {
        1 => Op::Suspend,
        2 => Op::Resume,
        3 if clients.withdraw => Op::Withdraw,
        4.. if clients.redeem => Op::Redeem(random.below(clients.ids) as u64),
        _ => Op::Read,
    }
}

/// One of the answers that the model allows.
fn answer(
    state: &<Code as Model>::State,
    op: &Op,
    random: &SeededEntropy,
) -> (<Code as Model>::State, Ret) {
    let mut lives = vec![Life::Live, Life::Withdrawn];
    lives.extend((0..64).map(Life::Used));
    let mut rets = vec![Ret::Accepted, Ret::Refused, Ret::Done, Ret::Nothing];
    rets.extend(lives.into_iter().map(Ret::Seen));
    if random.once_in(16) {
        rets.insert(0, Ret::NotLookedAt);
    }
    let mut allowed =
        rets.into_iter().filter_map(|ret| Some((Code.step(state, op, Some(&ret))?, ret)));
    let first = allowed.next().expect("the model answers everything");
    if random.once_in(2) { allowed.next().unwrap_or(first) } else { first }
}

const CLIENTS: Clients = Clients { count: 8, calls: 60, ids: 20, redeem: true, withdraw: true };

fn end(history: &History) -> u64 {
    let ends = history.iter().map(|call| call.answer.as_ref().map_or(call.invoked, |(at, _)| *at));
    ends.max().unwrap_or(0) + 1
}

fn answered(op: Op, at: u64, ret: Ret) -> CallOf<Code> {
    Call { op, invoked: at, answer: Some((at + 1, ret)) }
}

#[test]
fn a_thousand_valid_histories_are_accepted() {
    let seed = seed();
    let random = seed.entropy();
    let mut accepted = 0;
    for _ in 0..1000 {
        let clients = Clients { count: 1 + random.below(32), ..CLIENTS };
        let history = history(clients, &random);
        accepted += usize::from(history.iter().any(|call| is(call, &Ret::Accepted)));
        check(&Code, &history).unwrap_or_else(|anomaly| panic!("{anomaly}"));
    }
    assert!(accepted > 300, "the histories have too few acceptances to mean anything: {accepted}");
}

fn is(call: &CallOf<Code>, wanted: &Ret) -> bool {
    call.answer.as_ref().is_some_and(|(_, ret)| ret == wanted)
}

/// The first acceptance of a history.
fn accepted(history: &History) -> Option<(u64, u64)> {
    history.iter().find_map(|call| match (&call.op, &call.answer) {
        (Op::Redeem(id), Some((at, Ret::Accepted))) => Some((*id, *at)),
        _ => None,
    })
}

/// Plants one anomaly; none if the history has no place for it.
fn plant(kind: usize, random: &SeededEntropy) -> Option<(&'static str, History)> {
    let quiet = Clients { redeem: false, ..CLIENTS };
    let alone = Clients { withdraw: false, ..CLIENTS };
    Some(match kind {
        0 => {
            let mut history = history(CLIENTS, random);
            let (id, _) = accepted(&history)?;
            // Somebody else's refusal becomes an acceptance.
            let others: Vec<usize> = (0..history.len())
                .filter(|place| matches!(history[*place].op, Op::Redeem(other) if other != id))
                .filter(|place| is(&history[*place], &Ret::Refused))
                .collect();
            let place = *random.one_of(&others)?;
            let at = history[place].answer.take()?.0;
            history[place].answer = Some((at, Ret::Accepted));
            ("double accept", history)
        }
        1 => {
            let mut history = history(quiet, random);
            let at = end(&history);
            history.push(answered(Op::Withdraw, at, Ret::Done));
            history.push(answered(Op::Redeem(7), at + 2, Ret::Accepted));
            ("accept after an acknowledged revocation", history)
        }
        2 => {
            let mut history = history(CLIENTS, random);
            let (id, at) = accepted(&history)?;
            let at = at + 1 + random.below(50) as u64;
            history.push(answered(Op::Redeem(id), at, Ret::Refused));
            ("lost acceptance", history)
        }
        3 => {
            let mut history = history(CLIENTS, random);
            let (_, at) = accepted(&history)?;
            let at = at + 1 + random.below(50) as u64;
            history.push(answered(Op::Read, at, Ret::Seen(Life::Live)));
            ("stale read", history)
        }
        4 => {
            let mut history = history(alone, random);
            let (_, at) = accepted(&history)?;
            history.push(answered(Op::Withdraw, at + 1, Ret::Done));
            let at = end(&history);
            history.push(answered(Op::Read, at, Ret::Seen(Life::Withdrawn)));
            ("a used code withdrawn", history)
        }
        5 => {
            let mut history = history(Clients { withdraw: false, ..quiet }, random);
            // One that was never answered might still happen, and would be the reason.
            history.retain(|call| call.answer.is_some() || call.op != Op::Suspend);
            let at = end(&history);
            history.push(answered(Op::Resume, at, Ret::Done));
            history.push(answered(Op::Redeem(1), at + 2, Ret::Refused));
            ("refused without a reason", history)
        }
        6 => {
            let mut history = history(alone, random);
            history.retain(|call| call.answer.is_some() || call.op != Op::Resume);
            let at = end(&history);
            history.push(answered(Op::Suspend, at, Ret::Done));
            history.push(answered(Op::Redeem(1000), at + 2, Ret::Accepted));
            ("accept while at rest", history)
        }
        _ => {
            let mut history = history(alone, random);
            let at = end(&history);
            history.push(answered(Op::Read, at, Ret::Seen(Life::Used(999))));
            ("an acceptance that nobody asked for", history)
        }
    })
}

#[test]
fn a_thousand_planted_anomalies_are_found() {
    let seed = seed();
    let random = seed.entropy();
    let mut planted = 0;
    while planted < 1000 {
        let Some((what, history)) = plant(planted % 8, &random) else { continue };
        let Err(anomaly) = check(&Code, &history) else {
            panic!("{what} was not found in {history:#?}");
        };
        planted += 1;
        // The prefix is the smallest: without its last answer it can be.
        let mut before: History = anomaly.calls.iter().map(|at| history[*at].clone()).collect();
        let cut = history[anomaly.last].answer.as_ref().expect("an answer").0;
        for call in &mut before {
            call.answer.take_if(|(at, _)| *at >= cut);
        }
        check(&Code, &before).unwrap_or_else(|too_long| panic!("{what}: {anomaly}{too_long}"));
        assert!(anomaly.to_string().contains("<- nothing explains this"));
    }
}

/// The definition itself: some order of some of the calls, all answered ones among them, keeps to
/// real time and to the model.
fn by_definition(history: &History, state: <Code as Model>::State, left: &[usize]) -> bool {
    let answer = |at: &usize| history[*at].answer.as_ref();
    if left.iter().all(|at| answer(at).is_none()) {
        return true;
    }
    left.iter().any(|next| {
        let begun = history[*next].invoked;
        let late = left.iter().any(|other| answer(other).is_some_and(|(end, _)| *end < begun));
        let ret = answer(next).map(|(_, ret)| ret);
        let others: Vec<usize> = left.iter().copied().filter(|at| at != next).collect();
        let after = Code.step(&state, &history[*next].op, ret);
        !late && after.is_some_and(|after| by_definition(history, after, &others))
    })
}

#[test]
fn small_histories_are_judged_as_the_definition_judges_them() {
    let seed = seed();
    let random = seed.entropy();
    let clients = Clients { count: 4, calls: 6, ids: 2, redeem: true, withdraw: true };
    let (mut good, mut bad) = (0, 0);
    for _ in 0..20_000 {
        let mut history = history(clients, &random);
        for call in &mut history {
            if let (true, Some((_, ret))) = (random.once_in(6), &mut call.answer) {
                let lives = [Life::Live, Life::Used(0), Life::Used(1), Life::Withdrawn];
                *ret = match (&call.op, random.below(2)) {
                    (Op::Redeem(_), 0) => Ret::Accepted,
                    (Op::Redeem(_), _) => Ret::Refused,
                    (Op::Withdraw, 0) => Ret::Nothing,
                    (Op::Read, _) => Ret::Seen(*random.one_of(&lives).expect("lives")),
                    _ => Ret::Done,
                };
            }
        }
        let all: Vec<usize> = (0..history.len()).collect();
        let wanted = by_definition(&history, Code.initial(), &all);
        let found = check(&Code, &history);
        assert_eq!(found.is_ok(), wanted, "{found:?}\n{history:#?}");
        if wanted { good += 1 } else { bad += 1 }
    }
    assert!(good > 2000 && bad > 2000, "one-sided: {good} good, {bad} bad");
}

#[test]
fn the_64_clients_of_a_race_are_judged_at_once() {
    let redeem = |id: u64, ret| Call { op: Op::Redeem(id), invoked: id, answer: Some((99, ret)) };
    let mut history: History = (0..64).map(|id| redeem(id, Ret::Refused)).collect();
    assert!(check(&Code, &history).is_err(), "a code that nobody got");
    history[40] = redeem(40, Ret::Accepted);
    assert!(check(&Code, &history).is_ok());
    history[3] = redeem(3, Ret::Accepted);
    let anomaly = check(&Code, &history).expect_err("two acceptances");
    assert_eq!(anomaly.calls.len(), 64);
    let withdrawn = |id: u64| Call { op: Op::Withdraw, invoked: id, answer: Some((99, Ret::Done)) };
    history[3] = redeem(3, Ret::Refused);
    history.extend((0..64).map(withdrawn));
    assert!(check(&Code, &history).is_ok());
}

/// Many codes in one history.
struct Codes;

impl Model for Codes {
    type State = <Code as Model>::State;
    type Op = (u64, Op);
    type Ret = Ret;

    fn initial(&self) -> Self::State {
        Code.initial()
    }

    fn step(&self, state: &Self::State, op: &(u64, Op), ret: Option<&Ret>) -> Option<Self::State> {
        Code.step(state, &op.1, ret)
    }

    fn changes_nothing(&self, op: &(u64, Op), ret: &Ret) -> bool {
        Code.changes_nothing(&op.1, ret)
    }
}

#[test]
fn a_history_of_a_hundred_thousand_calls_is_checked_code_by_code() {
    let seed = seed();
    let random = seed.entropy();
    let mut calls: Vec<CallOf<Codes>> = Vec::new();
    for code in 0..500 {
        let clients = Clients { count: 64, calls: 200, ids: 60, ..CLIENTS };
        let history = history(clients, &random);
        let of_code = |call: CallOf<Code>| Call {
            op: (code, call.op),
            invoked: call.invoked,
            answer: call.answer,
        };
        calls.extend(history.into_iter().map(of_code));
    }
    assert!(calls.len() >= 100_000);
    assert_eq!(check_each(&Codes, &calls, |op| op.0), Ok(500));
    let last = calls.iter().filter_map(|call| Some(call.answer.as_ref()?.0)).max().unwrap_or(0);
    calls.push(Call { op: (77, Op::Withdraw), invoked: last, answer: Some((last + 1, Ret::Done)) });
    let stale = Ret::Seen(Life::Live);
    calls.push(Call { op: (77, Op::Read), invoked: last + 2, answer: Some((last + 3, stale)) });
    let anomaly = check_each(&Codes, &calls, |op| op.0).expect_err("a stale read");
    assert_eq!(anomaly.of.as_deref(), Some("77"));
    assert_eq!(anomaly.last, calls.len() - 1);
}
