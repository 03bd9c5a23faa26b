//! REG-01 to REG-05: one code, one acceptance, and the others unharmed.

use std::collections::BTreeSet;
use std::sync::Arc;

use glassbreak_engine::core::operation::redeem::Reply;
use glassbreak_engine::core::time::Seconds;
use glassbreak_testkit::http::Failure;
use glassbreak_testkit::{FakeClock, seed};
use serde_json::{Value, json};

use crate::calls::{Place, Tested, attempt, issue, redeem, register};
use crate::common::{
    NO_FLOOD_LIMIT, PROFILES, Tally, at_once, count, replays, same_code, shuffle, timeline,
};
use crate::embedded::{Embedded, Gate, Gated, store};
use crate::endpoints;

#[tokio::test]
async fn reg_01_a_used_code_stays_used_at_once_after_a_restart_and_after_kill_9() -> Tested {
    for profile in PROFILES {
        let place = Place::new("reg-01")?;
        let server = place.start("", "warn")?;
        let mut client = server.client()?;
        register(&mut client, "ada", "standard").await?;
        let how = json!({ "profile": profile, "count": 2 });
        let shown = issue(&mut client, "ada", &how).await?;
        let code = &shown.codes[0];
        let first = attempt("ada", code);
        let accepted = client.post("/v1/redemptions", &first).await?;
        assert_eq!(accepted.json()["outcome"], "accepted", "{}", accepted.text());

        assert_eq!(redeem(&mut client, "ada", code).await?.code(), "not_accepted");
        assert!(server.stop()?.success());

        let server = place.start("", "warn")?;
        let mut client = server.client()?;
        assert_eq!(redeem(&mut client, "ada", code).await?.code(), "not_accepted");
        server.kill()?;

        let server = place.start("", "warn")?;
        let mut client = server.client()?;
        assert_eq!(redeem(&mut client, "ada", code).await?.code(), "not_accepted");
        // The first attempt under its own name is no second use: it gets its first answer.
        let again = client.post("/v1/redemptions", &first).await?;
        assert_eq!(again.json()["outcome"], "accepted");
        assert_eq!(again.json()["remaining"], accepted.json()["remaining"]);
        assert_eq!(again.json()["evidence"], json!([]));
        assert_eq!(count(&timeline(&mut client, "ada").await?, "code.accepted"), 1);
        replays(&mut client).await?;
    }
    Ok(())
}

#[tokio::test]
async fn reg_01_an_acceptance_that_was_answered_survives_kill_9_at_once() -> Tested {
    let place = Place::new("reg-01-kill")?;
    let mut server = place.start("", "warn")?;
    let mut client = server.client()?;
    register(&mut client, "ada", "standard").await?;
    let shown = issue(&mut client, "ada", &json!({ "count": 4 })).await?;
    for code in &shown.codes {
        let mut client = server.client()?;
        assert_eq!(redeem(&mut client, "ada", code).await?.json()["outcome"], "accepted");
        server.kill()?;
        server = place.start("", "warn")?;
        let mut client = server.client()?;
        assert_eq!(redeem(&mut client, "ada", code).await?.code(), "not_accepted");
    }
    Ok(())
}

/// The clock of a process cannot be set from outside, so the hour passes in an embedded engine.
#[tokio::test]
async fn reg_01_a_used_code_stays_used_an_hour_and_a_clock_set_back_later() -> Tested {
    let clock = FakeClock::default();
    let given = Box::new(clock.clone());
    let engine = Embedded::open(store(), |options| options.clock = given).await?;
    let codes = engine.issue("ada", "strong", 1).await?;
    assert!(matches!(engine.redeem("ada", &codes[0]).await?, Reply::Accepted { .. }));
    clock.advance(Seconds::hours(1));
    assert_eq!(engine.redeem("ada", &codes[0]).await?, Reply::NotAccepted);
    clock.turn_back(Seconds::hours(48));
    assert_eq!(engine.redeem("ada", &codes[0]).await?, Reply::NotAccepted);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn reg_02_parallel_requests_with_one_code_get_one_acceptance() -> Tested {
    let place = Place::new("reg-02")?;
    let server = place.start(NO_FLOOD_LIMIT, "warn")?;
    let mut client = server.client()?;
    for profile in PROFILES {
        for racers in [2, 8, 64, 256] {
            let subject = format!("ada-{profile}-{racers}");
            register(&mut client, &subject, "standard").await?;
            let how = json!({ "profile": profile, "count": 1 });
            let shown = issue(&mut client, &subject, &how).await?;
            let attempts = same_code(&subject, &shown.codes[0], racers);
            let tally = Tally::of(&at_once(&client, attempts).await?)?;
            assert_eq!(tally.accepted, 1, "{subject}: {tally:?}");
            assert_eq!(tally.not_accepted + tally.throttled, racers - 1);
            assert_eq!(count(&timeline(&mut client, &subject).await?, "code.accepted"), 1);
        }
    }
    replays(&mut client).await?;
    Ok(())
}

/// The same attempt, repeated because the answer did not come: all get the one answer, and one code
/// is used up.
#[tokio::test(flavor = "multi_thread")]
async fn reg_02_parallel_retries_of_one_attempt_get_one_answer() -> Tested {
    let place = Place::new("reg-02-retry")?;
    let server = place.start("", "warn")?;
    let mut client = server.client()?;
    for profile in PROFILES {
        let subject = format!("ada-{profile}");
        register(&mut client, &subject, "standard").await?;
        let shown =
            issue(&mut client, &subject, &json!({ "profile": profile, "count": 2 })).await?;
        let attempt = attempt(&subject, &shown.codes[1]);
        let answers = at_once(&client, vec![attempt; 64]).await?;
        let tally = Tally::of(&answers)?;
        assert_eq!(tally, Tally { accepted: 64, ..Tally::default() });
        let with_evidence = answers.iter().filter(|answer| answer.json()["evidence"] != json!([]));
        assert_eq!(with_evidence.count(), 1);
        assert_eq!(count(&timeline(&mut client, &subject).await?, "code.accepted"), 1);
    }
    Ok(())
}

/// Eight engines on one store stand for eight server processes. Each is held between its read and
/// its write until all have read: all of them have seen the code unused.
#[tokio::test(flavor = "multi_thread", worker_threads = 12)]
async fn reg_02_a_pause_between_read_and_write_lets_nobody_through_twice() -> Tested {
    let store = store();
    let setup = Embedded::open(Arc::clone(&store), |_| ()).await?;
    let mut racers = Vec::new();
    for _ in 0..8 {
        let gate = Arc::new(Gate::default());
        let entropy = Box::new(Gated(Arc::clone(&gate)));
        racers.push((
            Embedded::open(Arc::clone(&store), |options| options.entropy = entropy).await?,
            gate,
        ));
    }
    for round in 0..20 {
        let subject = format!("ada-{round}");
        let codes = setup.issue(&subject, "strong", 1).await?;
        let mut running = tokio::task::JoinSet::new();
        for (engine, gate) in &racers {
            gate.arm();
            let (engine, subject, code) = (engine.clone(), subject.clone(), codes[0].clone());
            running.spawn(async move { engine.redeem(&subject, &code).await });
            gate.wait_for_arrival(0);
        }
        for (_, gate) in &racers {
            gate.disarm();
        }
        let replies: Vec<Reply> =
            running.join_all().await.into_iter().collect::<Result<_, Failure>>()?;
        let accepted = replies.iter().filter(|reply| matches!(reply, Reply::Accepted { .. }));
        assert_eq!(accepted.count(), 1, "{replies:?}");
    }
    Ok(())
}

/// Every order in which three processes can read and write. Each is held between its read and its
/// write; a schedule says who goes next, and all schedules are walked.
#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn reg_03_no_schedule_of_three_processes_gives_two_or_none() -> Tested {
    let store = store();
    let setup = Embedded::open(Arc::clone(&store), |_| ()).await?;
    let mut racers = Vec::new();
    for _ in 0..3 {
        let gate = Arc::new(Gate::default());
        let entropy = Box::new(Gated(Arc::clone(&gate)));
        let engine = Embedded::open(Arc::clone(&store), |options| options.entropy = entropy);
        racers.push((engine.await?, gate));
    }
    // Whose turn it was, among how many, at each step.
    let mut path: Vec<(usize, usize)> = Vec::new();
    let mut schedules = 0;
    loop {
        let subject = format!("ada-{schedules}");
        let codes = setup.issue(&subject, "strong", 1).await?;
        let mut running: [Option<tokio::task::JoinHandle<_>>; 3] = [const { None }; 3];
        let mut unfinished = vec![0, 1, 2];
        for depth in 0.. {
            if unfinished.is_empty() {
                break;
            }
            if depth == path.len() {
                path.push((0, unfinished.len()));
            }
            let turn = unfinished[path[depth].0];
            let (engine, gate) = &racers[turn];
            if running[turn].is_some() {
                gate.let_one_pass();
            } else {
                gate.arm();
                let (engine, subject, code) = (engine.clone(), subject.clone(), codes[0].clone());
                let leaving = Arc::clone(gate);
                running[turn] = Some(tokio::spawn(async move {
                    let reply = engine.redeem(&subject, &code).await;
                    leaving.leave();
                    reply
                }));
            }
            if gate.wait_for_arrival_or_end() {
                unfinished.retain(|racer| *racer != turn);
            }
        }
        let mut accepted = 0;
        for handle in running.into_iter().flatten() {
            accepted += usize::from(matches!(handle.await??, Reply::Accepted { .. }));
        }
        assert_eq!(accepted, 1, "schedule {path:?}");
        schedules += 1;
        while let Some((choice, options)) = path.pop() {
            if choice + 1 < options {
                path.push((choice + 1, options));
                break;
            }
        }
        if path.is_empty() {
            break;
        }
    }
    println!("{schedules} schedules");
    assert!(schedules >= 90, "{schedules} schedules are fewer than the orders of three pairs");
    Ok(())
}

/// A way by which a code gets into the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    SecondFactor,
    Recovery,
    Confirm,
}

const WAYS: [Way; 3] = [Way::SecondFactor, Way::Recovery, Way::Confirm];

#[tokio::test]
async fn reg_04_over_every_pair_of_ways_in_a_code_is_accepted_once() -> Tested {
    let place = Place::new("reg-04")?;
    let server = place.start("", "warn")?;
    let mut client = server.client()?;
    // `privileged` sets are confirmed before they work; `standard` ones work at once.
    for tier in ["standard", "privileged"] {
        for first in WAYS {
            for second in WAYS {
                let subject = format!("ada-{tier}-{first:?}-{second:?}");
                register(&mut client, &subject, tier).await?;
                let shown = issue(&mut client, &subject, &json!({ "count": 2 })).await?;
                for way in [first, second, Way::SecondFactor, Way::Recovery, Way::Confirm] {
                    let mut body = attempt(&subject, &shown.codes[0]);
                    let mut path = "/v1/redemptions".to_owned();
                    match way {
                        Way::SecondFactor => {}
                        Way::Recovery => body["role"] = "account_recovery".into(),
                        Way::Confirm => {
                            path = format!("/v1/code-sets/{}/confirm", shown.set);
                            body = json!({ "code": shown.codes[0] });
                        }
                    }
                    client.post(&path, &body).await?;
                }
                let timeline = timeline(&mut client, &subject).await?;
                let confirmed = first == Way::Confirm || second == Way::Confirm;
                let expected = usize::from(tier == "standard" || confirmed);
                assert_eq!(count(&timeline, "code.accepted"), expected, "{subject}");
            }
        }
    }
    replays(&mut client).await?;
    Ok(())
}

/// The ways above are all there are: a new endpoint that takes a code has to be added to them.
/// Codes that confirm an address are no way in; the server's tests of the address book use them
/// twice.
#[tokio::test]
async fn reg_04_no_other_endpoint_takes_a_code() -> Tested {
    let place = Place::new("reg-04-ways")?;
    let server = place.start("", "warn")?;
    let description = server.client()?.get("/openapi.json").await?.json();
    let mut taking = Vec::new();
    for (method, path, operation) in endpoints::described(&description) {
        let schema = &operation["requestBody"]["content"]["application/json"]["schema"]["$ref"];
        let name = schema.as_str().and_then(|schema| schema.rsplit('/').next()).unwrap_or("");
        let properties = &description["components"]["schemas"][name]["properties"];
        let names = properties.as_object().into_iter().flat_map(|map| map.keys());
        if names.into_iter().any(|name| name.contains("code")) {
            taking.push(format!("{method} {path}"));
        }
    }
    taking.retain(|way| !way.contains("/addresses/confirmations/"));
    // A report of leaked codes takes them, and only ever ends them (REG-26). A sheet is drawn of
    // them, and they are looked up nowhere (A7).
    let all = [
        "POST /v1/code-sets/{set_id}/confirm",
        "POST /v1/leak-reports",
        "POST /v1/redemptions",
        "POST /v1/sheets",
    ];
    assert_eq!(taking, all);
    Ok(())
}

#[tokio::test]
async fn reg_05_using_any_code_leaves_every_other_one_working() -> Tested {
    let place = Place::new("reg-05")?;
    let server = place.start("", "warn")?;
    let mut client = server.client()?;
    for first in 0..10 {
        for second in (0..10).filter(|second| *second != first) {
            let subject = format!("ada-{first}-{second}");
            register(&mut client, &subject, "standard").await?;
            let shown = issue(&mut client, &subject, &json!({ "count": 10 })).await?;
            for (ordinal, remaining) in [(first, 9), (second, 8)] {
                let answer = redeem(&mut client, &subject, &shown.codes[ordinal]).await?;
                assert_eq!(answer.json()["remaining"], remaining, "{}", answer.text());
            }
        }
    }
    replays(&mut client).await?;
    Ok(())
}

/// Ten orders in which each code follows each other one exactly once (a Williams square): the
/// ninety pairs again, each with a history of its own before it.
#[tokio::test]
async fn reg_05_every_code_works_directly_after_every_other_one() -> Tested {
    let place = Place::new("reg-05-orders")?;
    let server = place.start("", "warn")?;
    let mut client = server.client()?;
    for profile in PROFILES {
        let mut pairs = BTreeSet::new();
        for row in 0..10 {
            // 0, 1, 9, 2, 8, ...: the differences of neighbours are all different.
            let column = |at: usize| if at % 2 == 1 { at.div_ceil(2) } else { 10 - at / 2 };
            let order: Vec<usize> = (0..10).map(|at| (column(at) + row) % 10).collect();
            let subject = format!("ada-{profile}-{row}");
            register(&mut client, &subject, "standard").await?;
            let shown = issue(&mut client, &subject, &json!({ "profile": profile })).await?;
            for (used, ordinal) in order.iter().enumerate() {
                let answer = redeem(&mut client, &subject, &shown.codes[*ordinal]).await?;
                assert_eq!(answer.json()["remaining"], 9 - used, "{}", answer.text());
            }
            pairs.extend(order.windows(2).map(|pair| (pair[0], pair[1])));
        }
        assert_eq!(pairs.len(), 90);
    }
    replays(&mut client).await?;
    Ok(())
}

#[tokio::test]
async fn reg_05_all_ten_codes_work_in_random_order_with_restarts_and_a_rotation_between() -> Tested
{
    let seed = seed();
    let entropy = seed.entropy();
    let place = Place::new("reg-05-order")?;
    let mut server = place.start("", "warn")?;
    for profile in PROFILES {
        let mut client = server.client()?;
        let subject = format!("ada-{profile}");
        register(&mut client, &subject, "standard").await?;
        let shown = issue(&mut client, &subject, &json!({ "profile": profile })).await?;
        let mut codes = shown.codes.clone();
        assert_eq!(codes.len(), 10);
        shuffle(&entropy, &mut codes);
        for (used, code) in codes.iter().enumerate() {
            if used == 3 {
                let rotated = client.post("/v1/keys/pepper/rotate", &Value::Null).await?;
                assert_eq!(rotated.status, 200, "{}", rotated.text());
            }
            if used == 6 {
                assert!(server.stop()?.success());
                server = place.start("", "warn")?;
                client = server.client()?;
            }
            let answer = redeem(&mut client, &subject, code).await?;
            assert_eq!(answer.json()["remaining"], 9 - used, "{}", answer.text());
        }
        for code in &codes {
            let code = redeem(&mut client, &subject, code).await?.code();
            assert!(code == "not_accepted" || code == "throttled");
        }
    }
    Ok(())
}
