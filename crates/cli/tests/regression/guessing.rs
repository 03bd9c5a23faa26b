//! REG-07 to REG-12: one budget for each subject, kept in the database, and no way round it.

use glassbreak_engine::core::operation::issue::{Refusal, Reply as Issued};
use glassbreak_engine::core::operation::redeem::Reply;
use glassbreak_engine::core::time::Seconds;
use glassbreak_testkit::http::{Answer, Client, Failure, Method};
use glassbreak_testkit::{FakeClock, seed};
use serde_json::{Value, json};

use crate::calls::{Place, Tested, attempt, issue, issuing, redeem, register};
use crate::common::{
    BUDGET, ISSUE_FREELY, ONE_LONG_WAIT, PROFILES, Tally, at_once, count, guess, replays, timeline,
};
use crate::embedded::{Embedded, store};
use crate::endpoints::api_key;

/// The failures in a row that the log counted, in order.
fn failures(timeline: &[Value]) -> Vec<u64> {
    timeline.iter().filter_map(|entry| entry["entry"]["data"]["failures"].as_u64()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn reg_07_of_ten_thousand_guesses_the_budget_is_evaluated() -> Tested {
    let seed = seed();
    let entropy = seed.entropy();
    let place = Place::new("reg-07")?;
    let server = place.start(ONE_LONG_WAIT, "warn")?;
    let mut client = server.client()?;
    for (profile, guesses) in [("strong", 10_000), ("compact", 1_600)] {
        let subject = format!("ada-{profile}");
        register(&mut client, &subject, "standard").await?;
        let shown = issue(&mut client, &subject, &json!({ "profile": profile })).await?;
        let mut tally = Tally::default();
        // Half of them in bursts of 100 at one moment, half from eight clients in a row.
        for _ in 0..guesses / 200 {
            let burst = (0..100).map(|_| attempt(&subject, &guess(&entropy, profile))).collect();
            let of_burst = Tally::of(&at_once(&client, burst).await?)?;
            tally.not_accepted += of_burst.not_accepted;
            tally.throttled += of_burst.throttled;
            assert_eq!(of_burst.accepted, 0);
        }
        let mut attackers = tokio::task::JoinSet::new();
        for _ in 0..8 {
            let (mut client, subject) = (client.another(), subject.clone());
            let guesses: Vec<_> = (0..guesses / 16).map(|_| guess(&entropy, profile)).collect();
            attackers.spawn(async move {
                let mut answers = Vec::new();
                for guess in guesses {
                    answers.push(redeem(&mut client, &subject, &guess).await?);
                }
                Ok::<_, Failure>(answers)
            });
        }
        for answers in attackers.join_all().await {
            let of_one = Tally::of(&answers?)?;
            assert_eq!((of_one.accepted, of_one.not_accepted), (0, 0), "after the bursts");
            tally.throttled += of_one.throttled;
        }
        let timeline = timeline(&mut client, &subject).await?;
        assert_eq!(count(&timeline, "code.refused"), BUDGET, "evaluated");
        assert_eq!(tally.not_accepted, BUDGET);
        assert_eq!(count(&timeline, "code.throttled"), tally.throttled);
        assert_eq!(tally.not_accepted + tally.throttled, guesses);
        // A good code is not looked at either, until the wait is over.
        assert_eq!(redeem(&mut client, &subject, &shown.codes[0]).await?.code(), "throttled");
    }
    replays(&mut client).await?;
    Ok(())
}

/// The backup path has the lock that the other path has: guesses at a confirmation and guesses at a
/// redemption are charged to the same budget.
#[tokio::test]
async fn reg_07_confirming_and_redeeming_share_the_budget() -> Tested {
    let seed = seed();
    let entropy = seed.entropy();
    let place = Place::new("reg-07-confirm")?;
    let server = place.start(ONE_LONG_WAIT, "warn")?;
    let mut client = server.client()?;
    register(&mut client, "ada", "privileged").await?;
    let shown = issue(&mut client, "ada", &json!({})).await?;
    let confirm = format!("/v1/code-sets/{}/confirm", shown.set);
    for number in 0..BUDGET {
        let typed = guess(&entropy, "strong");
        let answer = match number % 2 {
            0 => client.post(&confirm, &json!({ "code": typed })).await?,
            _ => redeem(&mut client, "ada", &typed).await?,
        };
        assert_eq!((answer.status, answer.code().as_str()), (401, "not_accepted"));
    }
    for code in [guess(&entropy, "strong"), shown.codes[0].clone()] {
        let answer = client.post(&confirm, &json!({ "code": code })).await?;
        assert_eq!((answer.status, answer.code().as_str()), (429, "throttled"));
        assert_eq!(redeem(&mut client, "ada", &code).await?.code(), "throttled");
    }
    let timeline = timeline(&mut client, "ada").await?;
    assert_eq!(failures(&timeline), [1, 2, 3, 4, 5, 6]);
    Ok(())
}

/// A typo costs nothing, so an owner who mistypes is not locked out; and it tells nothing.
#[tokio::test]
async fn reg_07_a_typo_costs_no_attempt() -> Tested {
    let place = Place::new("reg-07-typo")?;
    let server = place.start(ONE_LONG_WAIT, "warn")?;
    let mut client = server.client()?;
    for profile in PROFILES {
        let subject = format!("ada-{profile}");
        register(&mut client, &subject, "standard").await?;
        let shown = issue(&mut client, &subject, &json!({ "profile": profile })).await?;
        let code = &shown.codes[0];
        for at in (3..code.len()).filter(|at| code.as_bytes()[*at] != b'-') {
            let mut typed = code.clone().into_bytes();
            typed[at] = if typed[at] == b'7' { b'8' } else { b'7' };
            let typed = String::from_utf8(typed)?;
            let known = redeem(&mut client, &subject, &typed).await?;
            let unknown = redeem(&mut client, "nobody", &typed).await?;
            assert_eq!((known.status, known.code().as_str()), (422, "malformed_code"));
            assert_eq!(known.bytes, unknown.bytes);
        }
        assert_eq!(redeem(&mut client, &subject, code).await?.json()["outcome"], "accepted");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn reg_08_sessions_sources_keys_roles_and_restarts_share_one_budget() -> Tested {
    let seed = seed();
    let entropy = seed.entropy();
    let place = Place::new("reg-08")?;
    let mut server = place.start(ONE_LONG_WAIT, "warn")?;
    let mut client = server.client()?;
    register(&mut client, "ada", "standard").await?;
    let shown = issue(&mut client, "ada", &json!({})).await?;
    let mut evaluated = 0;
    for restart in 0..3 {
        let mut keys = Vec::new();
        for _ in 0..20 {
            keys.push(api_key(&mut client, &["redeem"]).await?.1);
        }
        let mut attackers = tokio::task::JoinSet::new();
        for session in 0..200_u32 {
            // A new connection, a new address, another key, and whatever else names an attempt.
            let mut client = client.presenting(keys.get(session as usize % 20).map(String::as_str));
            let mut body = attempt("ada", &guess(&entropy, "strong"));
            body["context"] = json!({ "source": format!("198.51.{restart}.{session}") });
            body["role"] = ["second_factor", "account_recovery"][session as usize % 2].into();
            body["presented"] =
                [json!([]), json!(["password", "authenticator"])][session as usize / 2 % 2].clone();
            attackers.spawn(async move {
                let name = format!("session-{restart}-{session}");
                let headers = [("idempotency-key", name.as_str()), ("x-forwarded-for", &name)];
                let path = "/v1/redemptions";
                client.send(Method::POST, path, &headers, body.to_string()).await
            });
        }
        let answers: Vec<Answer> =
            attackers.join_all().await.into_iter().collect::<Result<_, Failure>>()?;
        let tally = Tally::of(&answers)?;
        assert_eq!(tally.accepted, 0);
        evaluated += tally.not_accepted;
        if restart == 0 {
            // The subject has one budget, not one for each set.
            let refused = client.post("/v1/subjects/ada/code-sets", &issuing(&json!({}))).await?;
            assert_eq!(refused.code(), "throttled");
        }
        assert!(server.stop()?.success());
        server = place.start(ONE_LONG_WAIT, "warn")?;
        client = server.client()?;
    }
    assert_eq!(evaluated, BUDGET);
    let timeline = timeline(&mut client, "ada").await?;
    assert_eq!(count(&timeline, "code.refused"), BUDGET);
    assert_eq!(count(&timeline, "code.throttled"), 600 - BUDGET);
    assert_eq!(redeem(&mut client, "ada", &shown.codes[0]).await?.code(), "throttled");
    Ok(())
}

/// The limit on one source turns a flood away before it costs anything; the budget of the subject
/// does not depend on it.
#[tokio::test]
async fn reg_08_a_flood_from_one_source_is_turned_away_unseen() -> Tested {
    let seed = seed();
    let entropy = seed.entropy();
    let place = Place::new("reg-08-source")?;
    let config = "[source_limit]\nper_second = 1\nburst = 10\n";
    let server = place.start(config, "warn")?;
    let mut client = server.client()?;
    let mut busy = 0;
    for number in 0..40 {
        let mut body = attempt(&format!("ada-{number}"), &guess(&entropy, "strong"));
        body["context"] = json!({ "source": "203.0.113.9" });
        let answer = client.post("/v1/redemptions", &body).await?;
        match (answer.status, answer.code().as_str()) {
            (503, "busy") => busy += 1,
            (401, "not_accepted") => {}
            _ => panic!("{}", answer.text()),
        }
    }
    let entries = crate::common::log(&mut client).await?;
    assert_eq!(count(&entries, "code.refused"), 40 - busy);
    assert!(busy >= 20, "{busy} of 40 were turned away");
    Ok(())
}

#[tokio::test]
async fn reg_09_the_counter_survives_kill_9_after_each_failed_guess() -> Tested {
    let seed = seed();
    let entropy = seed.entropy();
    let place = Place::new("reg-09")?;
    let mut server = place.start(ONE_LONG_WAIT, "warn")?;
    register(&mut server.client()?, "ada", "standard").await?;
    let shown = issue(&mut server.client()?, "ada", &json!({})).await?;
    for guesses in 1..=BUDGET {
        let typed = guess(&entropy, "strong");
        assert_eq!(redeem(&mut server.client()?, "ada", &typed).await?.code(), "not_accepted");
        server.kill()?;
        server = place.start(ONE_LONG_WAIT, "warn")?;
        let timeline = timeline(&mut server.client()?, "ada").await?;
        assert_eq!(failures(&timeline).len(), guesses);
    }
    let mut client = server.client()?;
    assert_eq!(failures(&timeline(&mut client, "ada").await?), [1, 2, 3, 4, 5, 6]);
    for code in [guess(&entropy, "strong"), shown.codes[0].clone()] {
        assert_eq!(redeem(&mut client, "ada", &code).await?.code(), "throttled");
    }
    replays(&mut client).await?;
    Ok(())
}

/// A guess whose answer the attacker did not wait for is counted all the same, or was never looked
/// at: killing the server in the middle of a guess gives neither an answer nor a free try.
#[tokio::test]
async fn reg_09_killing_the_server_before_it_answers_gives_no_free_try() -> Tested {
    let seed = seed();
    let entropy = seed.entropy();
    let place = Place::new("reg-09-early")?;
    let mut server = place.start(ONE_LONG_WAIT, "warn")?;
    register(&mut server.client()?, "ada", "standard").await?;
    issue(&mut server.client()?, "ada", &json!({})).await?;
    let mut answered = 0;
    for _ in 0..2 * BUDGET {
        let guesses: Vec<_> = (0..4).map(|_| attempt("ada", &guess(&entropy, "strong"))).collect();
        let mut sending = tokio::task::JoinSet::new();
        for body in guesses {
            let mut client = server.client()?;
            sending.spawn(async move { client.post("/v1/redemptions", &body).await });
        }
        // The first answer is the event at which the server dies; others are on their way.
        let first = sending.join_next().await.ok_or("nothing was sent")??;
        server.kill()?;
        let others = sending.join_all().await;
        let evaluated = |answer: &Answer| answer.code() == "not_accepted";
        answered += [first].iter().chain(&others).flatten().filter(|a| evaluated(a)).count();
        server = place.start(ONE_LONG_WAIT, "warn")?;
        let counted = count(&timeline(&mut server.client()?, "ada").await?, "code.refused");
        assert!(answered <= counted, "{answered} were answered and {counted} counted");
        assert!(counted <= BUDGET, "{counted} were evaluated");
    }
    replays(&mut server.client()?).await?;
    Ok(())
}

#[tokio::test]
async fn reg_10_a_good_first_factor_does_not_clear_the_counter() -> Tested {
    let seed = seed();
    let entropy = seed.entropy();
    let place = Place::new("reg-10")?;
    let server = place.start(ONE_LONG_WAIT, "warn")?;
    let mut client = server.client()?;
    register(&mut client, "ada", "standard").await?;
    let shown = issue(&mut client, "ada", &json!({})).await?;
    for number in 0..1_000 {
        let mut good_password = attempt("ada", &guess(&entropy, "strong"));
        if number % 2 == 1 {
            good_password["role"] = "account_recovery".into();
        }
        client.post("/v1/redemptions", &good_password).await?;
        // A right code without the password is deferred: it uses nothing up and clears nothing.
        let mut no_password = attempt("ada", &shown.codes[0]);
        no_password["presented"] = json!([]);
        client.post("/v1/redemptions", &no_password).await?;
        if number == 2 {
            let body = json!({ "kind": "person", "assurance": "aal2", "groups": ["a"] });
            assert_eq!(client.put("/v1/subjects/ada", &body).await?.status, 200);
        }
    }
    let timeline = timeline(&mut client, "ada").await?;
    assert_eq!(failures(&timeline), [1, 2, 3, 4, 5, 6]);
    assert_eq!(count(&timeline, "code.deferred"), BUDGET - 1);
    assert_eq!(count(&timeline, "code.throttled"), 2_000 - BUDGET - (BUDGET - 1));
    Ok(())
}

/// The sessions are the caller's, who is told to wait and for how long; what is ours is that
/// waiting gives one guess, not a new window, until there is nothing left to guess at.
#[tokio::test]
async fn reg_11_after_a_lock_out_one_guess_is_looked_at_and_at_one_hundred_the_set_is_dead()
-> Tested {
    let seed = seed();
    let entropy = seed.entropy();
    for profile in PROFILES {
        let clock = FakeClock::default();
        let given = Box::new(clock.clone());
        let engine = Embedded::open(store(), |options| options.clock = given).await?;
        let codes = engine.issue("ada", profile, 2).await?;
        for _ in 0..BUDGET {
            let reply = engine.redeem("ada", &guess(&entropy, profile)).await?;
            assert_eq!(reply, Reply::NotAccepted);
        }
        let mut waits = Vec::new();
        for failures in BUDGET..100 {
            let throttled = engine.redeem("ada", &codes[0]).await?;
            let Reply::Throttled { retry_at } = throttled else {
                panic!("a second guess after {failures} failures: {throttled:?}");
            };
            waits.push(retry_at.seconds_from(engine.engine.now()));
            clock.set(retry_at);
            let reply = engine.redeem("ada", &guess(&entropy, profile)).await?;
            assert_eq!(reply, Reply::NotAccepted, "after {failures} failures");
        }
        assert_eq!(waits[..8], [30, 60, 120, 240, 480, 960, 1920, 3600]);
        assert!(waits[8..].iter().all(|wait| *wait == 3600));
        assert_eq!(engine.count("code.refused").await?, 100);
        assert_eq!(engine.count("code_set.disabled").await?, 1);
        clock.advance(Seconds::days(1));
        assert_eq!(engine.redeem("ada", &codes[0]).await?, Reply::NotAccepted, "the set is dead");
    }
    Ok(())
}

/// The owner, who has a good code, gets in when the wait is over, and the counter starts anew.
#[tokio::test]
async fn reg_11_a_lock_out_ends_for_the_owner() -> Tested {
    let seed = seed();
    let entropy = seed.entropy();
    let clock = FakeClock::default();
    let given = Box::new(clock.clone());
    let engine = Embedded::open(store(), |options| options.clock = given).await?;
    let codes = engine.issue("ada", "strong", 2).await?;
    for _ in 0..2 {
        for _ in 0..BUDGET {
            engine.redeem("ada", &guess(&entropy, "strong")).await?;
        }
        assert!(matches!(engine.redeem("ada", &codes[0]).await?, Reply::Throttled { .. }));
        clock.advance(Seconds(30));
        let spare = usize::from(engine.count("code.accepted").await? == 1);
        let reply = engine.redeem("ada", &codes[spare]).await?;
        assert!(matches!(reply, Reply::Accepted { .. }), "{reply:?}");
    }
    Ok(())
}

/// Sends what might be taken for a fresh start, and guesses after it.
async fn guess_after(
    client: &mut Client,
    typed: &str,
    path: &str,
    body: &Value,
) -> Result<Answer, Failure> {
    if path == "/v1/subjects/ada" {
        client.put(path, body).await?;
    } else {
        client.post(path, body).await?;
    }
    redeem(client, "ada", typed).await
}

#[tokio::test]
async fn reg_12_nothing_that_looks_like_a_fresh_start_resets_the_budget() -> Tested {
    let seed = seed();
    let entropy = seed.entropy();
    let place = Place::new("reg-12")?;
    let server = place.start(&format!("{ISSUE_FREELY}{ONE_LONG_WAIT}"), "warn")?;
    let mut client = server.client()?;
    register(&mut client, "ada", "standard").await?;
    let shown = issue(&mut client, "ada", &json!({})).await?;
    for _ in 0..BUDGET {
        redeem(&mut client, "ada", &guess(&entropy, "strong")).await?;
    }
    for reason in ["replacement", "reissue_after_recovery", "support_case", "enrolment"] {
        let body = issuing(&json!({ "reason": reason }));
        let refused = client.post("/v1/subjects/ada/code-sets", &body).await?;
        assert_eq!((refused.status, refused.code().as_str()), (429, "throttled"), "{reason}");
    }
    let lifecycle = "/v1/subjects/ada/lifecycle-events";
    let event = |kind: &str| (lifecycle.to_owned(), json!({ "type": kind }));
    let as_person = |tier: &str| {
        let body = json!({ "kind": "person", "tier": tier, "assurance": "aal2" });
        ("/v1/subjects/ada".to_owned(), body)
    };
    let revoke = (format!("/v1/code-sets/{}/revoke", shown.set), json!({ "reason": "lost" }));
    let fresh_starts = [
        event("risk_raised"),
        event("risk_cleared"),
        event("account_disabled"),
        event("account_enabled"),
        ("/v1/keys/pepper/rotate".to_owned(), Value::Null),
        as_person("privileged"),
        as_person("standard"),
        revoke,
        event("reenrolled"),
        event("subject_left"),
        as_person("standard"),
    ];
    for (path, body) in fresh_starts {
        let typed = guess(&entropy, "strong");
        let answer = guess_after(&mut client, &typed, &path, &body).await?;
        assert_eq!(answer.code(), "throttled", "after {path} {body}");
    }
    // That the protection was lowered puts recovery to rest besides; it is told first.
    let refused = client.post("/v1/subjects/ada/code-sets", &issuing(&json!({}))).await?;
    assert_eq!(refused.code(), "subject_suspended");
    let timeline = timeline(&mut client, "ada").await?;
    assert_eq!(count(&timeline, "code.refused"), BUDGET);
    assert_eq!(count(&timeline, "code_set.issue_refused"), 5);
    assert_eq!(count(&timeline, "code_set.issued"), 1);
    replays(&mut client).await?;
    Ok(())
}

/// A new set after the wait does not bring back the free guesses: the next failure earns the next
/// longer wait. An acceptance does, and nothing else.
#[tokio::test]
async fn reg_12_a_new_set_after_the_wait_brings_no_new_window() -> Tested {
    let seed = seed();
    let entropy = seed.entropy();
    let clock = FakeClock::default();
    let given = Box::new(clock.clone());
    let engine = Embedded::open(store(), |options| options.clock = given).await?;
    engine.issue("ada", "strong", 2).await?;
    for _ in 0..BUDGET {
        engine.redeem("ada", &guess(&entropy, "strong")).await?;
    }
    let asked = engine.ask_for("ada", "strong", 2).await?;
    assert!(matches!(asked, Issued::Refused(Refusal::Throttled { .. })));
    clock.advance(Seconds(30));
    let codes = engine.issue("ada", "strong", 2).await?;
    assert_eq!(engine.redeem("ada", &guess(&entropy, "strong")).await?, Reply::NotAccepted);
    let throttled = engine.redeem("ada", &guess(&entropy, "strong")).await?;
    let Reply::Throttled { retry_at } = throttled else { panic!("{throttled:?}") };
    assert_eq!(retry_at.seconds_from(engine.engine.now()), 60);
    clock.advance(Seconds(60));
    assert!(matches!(engine.redeem("ada", &codes[0]).await?, Reply::Accepted { .. }));
    for _ in 0..BUDGET {
        assert_eq!(engine.redeem("ada", &guess(&entropy, "strong")).await?, Reply::NotAccepted);
    }
    Ok(())
}
