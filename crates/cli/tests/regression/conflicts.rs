//! REG-06: a conflict is neither a success nor a wrong code.

use std::sync::Arc;

use glassbreak_engine::Error;
use glassbreak_engine::core::operation::redeem::Reply;
use glassbreak_engine::store::memory::{Calls, Fault, Plan};
use glassbreak_testkit::http::Failure;
use serde_json::json;

use crate::calls::{Place, Tested, attempt, fresh, issue, register};
use crate::common::{ISSUE_FREELY, PROFILES, Tally, at_once, replays};
use crate::embedded::{Embedded, store};

/// Whether the caller is told to come back, and not that the code was wrong.
fn retryable(failure: &Failure) -> bool {
    matches!(failure.downcast_ref::<Error>(), Some(Error::Store(_) | Error::Busy))
}

/// Every call of the store fails in turn, in every way in which it can, once, three times and for
/// good, until the attempt gets through untouched.
#[tokio::test]
async fn reg_06_a_good_code_meets_every_fault_and_is_accepted_once_or_asked_for_again() -> Tested {
    let store = store();
    let faults = store.faults();
    let engine = Embedded::open(Arc::clone(&store), |_| ()).await?;
    let mut number = 0;
    for profile in PROFILES {
        for fault in Fault::ALL {
            for calls in [Calls::Any, Calls::Commits] {
                // Stretching takes its time: a compact code meets the hiccups only.
                let times = if profile == "compact" { &[1][..] } else { &[1, 3, u64::MAX] };
                for times in times.iter().copied() {
                    for nth in 1.. {
                        let case = format!("{profile} {fault:?} {calls:?} {nth} x{times}");
                        number += 1;
                        let subject = format!("ada-{number}");
                        let codes = engine.issue(&subject, profile, 1).await?;
                        let name = fresh();

                        faults.arm(Plan { calls, nth, times, fault });
                        let under_fault = engine.attempt(name, &subject, &codes[0]).await;
                        let struck = faults.disarm();

                        let accepted = match under_fault {
                            Ok(Reply::Accepted { .. }) => true,
                            Ok(reply) => panic!("{case}: {reply:?} for a good code"),
                            Err(failure) if retryable(&failure) => false,
                            Err(failure) => panic!("{case}: {failure}"),
                        };
                        // Asked again under the same name, it is accepted, this once.
                        let again = engine.attempt(name, &subject, &codes[0]).await?;
                        assert!(matches!(again, Reply::Accepted { .. }), "{case}: {again:?}");
                        let other = engine.redeem(&subject, &codes[0]).await?;
                        assert_eq!(other, Reply::NotAccepted, "{case}: twice");
                        if !struck {
                            assert!(accepted, "{case}: refused without a fault");
                            break;
                        }
                        // The sequencer calls too: the count of calls is not fixed, and small.
                        assert!(nth < 100, "{case}: the attempt does not end");
                    }
                }
            }
        }
    }
    println!("{number} cases");
    Ok(())
}

/// Conflicts without end are a server that is too busy, not a wrong code.
#[tokio::test]
async fn reg_06_conflicts_without_end_are_told_as_busy() -> Tested {
    let store = store();
    let faults = store.faults();
    let engine = Embedded::open(Arc::clone(&store), |_| ()).await?;
    let codes = engine.issue("ada", "strong", 1).await?;
    let endless = Plan { calls: Calls::Commits, nth: 1, times: u64::MAX, fault: Fault::Conflict };
    faults.arm(endless);
    let failure = engine.redeem("ada", &codes[0]).await.err().ok_or("it was answered")?;
    faults.disarm();
    assert!(matches!(failure.downcast_ref::<Error>(), Some(Error::Busy)), "{failure}");
    assert!(matches!(engine.redeem("ada", &codes[0]).await?, Reply::Accepted { .. }));
    Ok(())
}

/// A database that somebody else has locked is told as that, and the good code is good afterwards.
#[tokio::test]
async fn reg_06_a_locked_database_is_unavailable_and_uses_no_code_up() -> Tested {
    let place = Place::new("reg-06-locked")?;
    let server = place.start("", "warn")?;
    let mut client = server.client()?;
    register(&mut client, "ada", "standard").await?;
    let shown = issue(&mut client, "ada", &json!({ "count": 2 })).await?;
    let attempt = attempt("ada", &shown.codes[0]);
    let writer = rusqlite::Connection::open(place.data().join("glassbreak.db"))?;
    writer.execute_batch("BEGIN IMMEDIATE")?;
    let answer = client.post("/v1/redemptions", &attempt).await?;
    assert_eq!((answer.status, answer.code().as_str()), (503, "unavailable"), "{}", answer.text());
    assert!(answer.headers.contains_key("retry-after"));
    writer.execute_batch("ROLLBACK")?;
    for _ in 0..2 {
        let answer = client.post("/v1/redemptions", &attempt).await?;
        assert_eq!(answer.json()["outcome"], "accepted", "{}", answer.text());
        assert_eq!(answer.json()["remaining"], 1);
    }
    replays(&mut client).await?;
    Ok(())
}

/// The same over HTTP: many attempts on one subject at once, each with a good code of its own. Each
/// loses races against the others, and none is told that its code was wrong.
#[tokio::test(flavor = "multi_thread")]
async fn reg_06_thirty_two_good_codes_of_one_subject_at_once_are_all_accepted() -> Tested {
    let place = Place::new("reg-06")?;
    let server = place.start(ISSUE_FREELY, "warn")?;
    let mut client = server.client()?;
    for profile in PROFILES {
        let subject = format!("ada-{profile}");
        register(&mut client, &subject, "standard").await?;
        let how = json!({ "profile": profile, "count": 32 });
        let shown = issue(&mut client, &subject, &how).await?;
        let attempts = shown.codes.iter().map(|code| attempt(&subject, code)).collect();
        let tally = Tally::of(&at_once(&client, attempts).await?)?;
        assert_eq!(tally, Tally { accepted: 32, ..Tally::default() });
    }
    replays(&mut client).await?;
    Ok(())
}
