//! REG-14: while a set is replaced, the old one and the new one are never both good.

use std::sync::Arc;

use glassbreak_testkit::http::{Client, Failure};
use serde_json::{Value, json};
use tokio::sync::Barrier;

use crate::calls::{Place, Tested, issue, redeem, register};
use crate::common::{ISSUE_FREELY, replays, timeline};

/// Where in the log the entry is that `kind` and a member of its data pick out.
fn place(timeline: &[Value], kind: &str, member: &str, value: &str) -> Option<u64> {
    let found = timeline
        .iter()
        .find(|entry| entry["entry"]["type"] == kind && entry["entry"]["data"][member] == value);
    found.and_then(|entry| entry["index"].as_u64())
}

/// What a race came to: whether the old code was accepted.
type Raced = Result<bool, Failure>;

/// Redeems a code of the old set while `swap` puts the new one in its place, and holds the log to
/// what was answered.
async fn race<S>(client: &Client, subject: &str, profile: &str, tier: &str, swap: S) -> Raced
where
    S: AsyncFnOnce(&mut Client, &Barrier) -> Result<(), Failure>,
{
    let mut one = client.another();
    register(&mut one, subject, tier).await?;
    let how = json!({ "profile": profile, "count": 2 });
    let old = issue(&mut one, subject, &how).await?;
    if tier == "privileged" {
        confirm(&mut one, &old.set, &old.codes[1]).await?;
    }
    let barrier = Arc::new(Barrier::new(2));
    let (mut redeeming, waiting) = (client.another(), Arc::clone(&barrier));
    redeeming.get("/healthz").await?;
    let (name, code) = (subject.to_owned(), old.codes[0].clone());
    let redeeming = tokio::spawn(async move {
        waiting.wait().await;
        redeem(&mut redeeming, &name, &code).await
    });
    swap(&mut one, &barrier).await?;
    let answer = redeeming.await??;

    let timeline = timeline(&mut one, subject).await?;
    let superseded = place(&timeline, "code_set.superseded", "set", &old.set);
    let superseded = superseded.ok_or("the old set was not superseded")?;
    let accepted = place(&timeline, "code.accepted", "set", &old.set);
    match accepted {
        Some(accepted) => {
            assert_eq!(answer.json()["outcome"], "accepted", "{}", answer.text());
            assert!(accepted < superseded, "accepted at {accepted}, dead since {superseded}");
        }
        None => assert_eq!(answer.code(), "not_accepted", "{}", answer.text()),
    }
    // After the swap nothing of the old set is good.
    assert_eq!(redeem(&mut one, subject, &old.codes[1]).await?.code(), "not_accepted");
    Ok(accepted.is_some())
}

async fn confirm(client: &mut Client, set: &str, code: &str) -> Tested {
    let path = format!("/v1/code-sets/{set}/confirm");
    let answer = client.post(&path, &json!({ "code": code })).await?;
    if answer.status == 200 { Ok(()) } else { Err(answer.text().into()) }
}

#[tokio::test(flavor = "multi_thread")]
async fn reg_14_an_old_code_is_accepted_only_if_its_commit_precedes_the_swap() -> Tested {
    let place = Place::new("reg-14")?;
    let server = place.start(ISSUE_FREELY, "warn")?;
    let client = server.client()?;
    for (profile, races) in [("strong", 240), ("compact", 24)] {
        let mut old_won = 0;
        for number in 0..races {
            let subject = format!("ada-{profile}-{number}");
            let swap = async |client: &mut Client, barrier: &Barrier| {
                barrier.wait().await;
                let how = json!({ "profile": profile, "count": 1, "reason": "replacement" });
                let new = issue(client, &subject, &how).await?;
                let answer = redeem(client, &subject, &new.codes[0]).await?;
                assert_eq!(answer.json()["outcome"], "accepted", "{}", answer.text());
                Ok(())
            };
            old_won += usize::from(race(&client, &subject, profile, "standard", swap).await?);
        }
        println!("{profile}: the old code won {old_won} of {races} races");
    }
    replays(&mut server.client()?).await?;
    Ok(())
}

/// Where a set is confirmed before it works, the old one works until then and not a commit longer.
#[tokio::test(flavor = "multi_thread")]
async fn reg_14_where_sets_are_confirmed_the_swap_is_the_confirmation() -> Tested {
    let place = Place::new("reg-14-confirm")?;
    let server = place.start(ISSUE_FREELY, "warn")?;
    let client = server.client()?;
    let (mut old_won, races) = (0, 100);
    for number in 0..races {
        let subject = format!("ada-{number}");
        let swap = async |client: &mut Client, barrier: &Barrier| {
            let how = json!({ "count": 2, "reason": "replacement" });
            let new = issue(client, &subject, &how).await?;
            barrier.wait().await;
            confirm(client, &new.set, &new.codes[1]).await?;
            let answer = redeem(client, &subject, &new.codes[0]).await?;
            assert_eq!(answer.json()["outcome"], "accepted", "{}", answer.text());
            Ok(())
        };
        old_won += usize::from(race(&client, &subject, "strong", "privileged", swap).await?);
    }
    println!("the old code won {old_won} of {races} races");
    replays(&mut server.client()?).await?;
    Ok(())
}

/// A second offer kills the first: of two answers to the same wish only the newer set can be
/// confirmed, and until then the old codes are the good ones.
#[tokio::test]
async fn reg_14_an_offer_does_not_end_the_old_set_and_ends_the_older_offer() -> Tested {
    let place = Place::new("reg-14-offer")?;
    let server = place.start(ISSUE_FREELY, "warn")?;
    let mut client = server.client()?;
    register(&mut client, "ada", "privileged").await?;
    let old = issue(&mut client, "ada", &json!({})).await?;
    confirm(&mut client, &old.set, &old.codes[0]).await?;
    let first = issue(&mut client, "ada", &json!({ "reason": "replacement" })).await?;
    let second = issue(&mut client, "ada", &json!({ "reason": "replacement" })).await?;
    assert!(confirm(&mut client, &first.set, &first.codes[0]).await.is_err());
    assert_eq!(redeem(&mut client, "ada", &old.codes[0]).await?.json()["outcome"], "accepted");
    for unconfirmed in [&first.codes[0], &second.codes[0]] {
        assert_eq!(redeem(&mut client, "ada", unconfirmed).await?.code(), "not_accepted");
    }
    confirm(&mut client, &second.set, &second.codes[0]).await?;
    assert_eq!(redeem(&mut client, "ada", &old.codes[1]).await?.code(), "not_accepted");
    assert_eq!(redeem(&mut client, "ada", &second.codes[0]).await?.json()["outcome"], "accepted");
    Ok(())
}
