//! What a console shows, on a server process: figures that follow what happens, and alerts that
//! nobody takes off the list unseen.

use serde_json::{Value, json};

use crate::calls::{Place, Tested, issue, redeem, register};
use crate::common::replays;

/// A figure of today.
fn today(overview: &Value, figure: &str) -> Option<u64> {
    overview["days"]["items"].as_array()?.last()?[figure].as_u64()
}

#[tokio::test]
async fn g3_g4_the_overview_follows_what_happens_and_replay_finds_an_alert_that_was_removed()
-> Tested {
    let place = Place::new("overviews")?;
    let server = place.start("", "warn")?;
    let mut admin = server.client()?;
    register(&mut admin, "alice", "standard").await?;
    let decoys = issue(&mut admin, "alice", &json!({ "kind": "canary" })).await?;
    issue(&mut admin, "alice", &json!({})).await?;
    let code = decoys.codes.first().ok_or("no decoy")?;
    assert_eq!(redeem(&mut admin, "alice", code).await?.status, 401);
    let alerts =
        admin.get("/v1/alerts?rule=canary_used&subject=alice&level=critical").await?.json();
    assert_eq!(alerts["items"][0]["set_id"], json!(decoys.set), "{alerts}");
    // The server counts beside its requests, and catches up with what it is asked for.
    let overview = loop {
        let overview = admin.get("/v1/overview").await?.json();
        if today(&overview, "refused") == Some(1) && overview.get("inventory").is_some() {
            break overview;
        }
    };
    assert_eq!(today(&overview, "issued"), Some(2), "{overview}");
    assert_eq!(overview["inventory"]["covered"], 1, "{overview}");
    assert_eq!(overview["alerts"]["critical"]["last_day"], 1, "{overview}");
    replays(&mut admin).await?;
    server.stop()?;
    let database = rusqlite::Connection::open(place.data().join("glassbreak.db"))?;
    let removed = database.execute("DELETE FROM alerts WHERE name = 'canary_used'", [])?;
    assert_eq!(removed, 1);
    drop(database);
    let server = place.start("", "warn")?;
    let mut admin = server.client()?;
    assert_eq!(admin.get("/v1/alerts?rule=canary_used").await?.json()["items"], json!([]));
    let found = admin.get("/v1/log/replay").await?.json();
    assert_eq!(found["differences"][0]["table"], "alerts", "{found}");
    // Of the days nothing is counted twice after a restart.
    assert_eq!(today(&admin.get("/v1/overview").await?.json(), "issued"), Some(2));
    Ok(())
}
