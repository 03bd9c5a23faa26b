//! The deny side to a key that is bound to groups (B4). To it, everybody else is not there: every
//! endpoint gives it the answer for a thing that does not exist, and of what concerns everybody it
//! gets none.

use glassbreak_testkit::http::{Client, Failure};
use serde_json::{Value, json};

use crate::calls::{Place, Tested, fresh, redeem};
use crate::common::{replays, timeline};
use crate::endpoints::{ENDPOINTS, Endpoint, SCOPES, Stranger, Target, bound_key};

/// Whom a bundle is split between: the public half of keys that nobody has.
const RECIPIENTS: [&str; 2] = [
    "age1el40y3kjzdp2g9ttgy7fdcsel9xwspjw9du548v3lrjwg84njcaqg35dyc",
    "age1ql02auhnnz2cjxvq954ufnkax9t362n8zch7pftdud8xn4ucncfs5nm0lh",
];

/// Every scope that a bound key can have.
fn scopes() -> Vec<&'static str> {
    SCOPES.into_iter().filter(|scope| *scope != "admin").collect()
}

/// Registers a person in groups.
async fn register_in(client: &mut Client, subject: &str, groups: &[&str]) -> Tested {
    let body = json!({ "kind": "person", "assurance": "aal2", "groups": groups });
    let answer = client.put(&format!("/v1/subjects/{subject}"), &body).await?;
    match answer.status {
        200 | 201 => Ok(()),
        _ => Err(answer.text().into()),
    }
}

/// A subject of the group `theirs` with one of everything, and with a contact and a bundle.
async fn theirs(admin: &mut Client, subject: &str) -> Result<Target, Failure> {
    let mut target = Target::make(admin, subject).await?;
    target.bundle = bundle(admin, subject).await?;
    let path = format!("/v1/subjects/{subject}/contacts/sister");
    let contact = json!({ "channel": "email", "address": "sis@example.org" });
    assert_eq!(admin.put(&path, &contact).await?.status, 201);
    let asking = format!("{subject}-asks");
    for name in [subject, asking.as_str()] {
        register_in(admin, name, &["theirs"]).await?;
    }
    Ok(target)
}

/// A bundle of a subject, split between two more people.
async fn bundle(admin: &mut Client, subject: &str) -> Result<String, Failure> {
    let mut custodians = Vec::new();
    for (number, recipient) in RECIPIENTS.into_iter().enumerate() {
        let custodian = format!("{subject}-keeps-{number}");
        register_in(admin, &custodian, &["theirs"]).await?;
        custodians.push(json!({ "custodian": custodian, "recipient": recipient }));
    }
    let body = json!({ "threshold": 2, "custodians": custodians });
    let created = admin.post(&format!("/v1/subjects/{subject}/bundles"), &body).await?;
    let id = created.json()["bundle_id"].as_str().map(str::to_owned);
    id.ok_or_else(|| created.text().into())
}

/// The same requests about things that do not exist.
fn absent(target: &Target) -> Target {
    Target {
        subject: "nobody".to_owned(),
        shown: crate::calls::Shown { set: fresh().to_string(), codes: target.shown.codes.clone() },
        event: fresh().to_string(),
        recovery: fresh().to_string(),
        exception: fresh().to_string(),
        bundle: fresh().to_string(),
        containment: fresh().to_string(),
        key: "nokey".to_owned(),
    }
}

type Answers = Vec<(Endpoint, u16, String)>;

async fn ask(client: &mut Client, target: &Target) -> Result<Answers, Failure> {
    let mut heard = Vec::new();
    for endpoint in ENDPOINTS {
        let answer = target.call(client, *endpoint, &[]).await?;
        heard.push((*endpoint, answer.status, answer.text()));
    }
    Ok(heard)
}

/// All that the log says of a subject, and all that an administrator sees of it.
async fn everything(admin: &mut Client, subject: &str) -> Result<(Vec<Value>, Value), Failure> {
    let seen = admin.get(&format!("/v1/subjects/{subject}")).await?.json();
    Ok((timeline(admin, subject).await?, seen))
}

#[tokio::test]
async fn b4_to_a_stranger_of_another_group_nobody_else_is_there() -> Tested {
    let place = Place::new("strangers")?;
    let server = place.start("", "warn")?;
    let mut admin = server.client()?;
    let (_, key) = bound_key(&mut admin, &scopes(), &["ours"]).await?;
    let mut stranger = admin.presenting(Some(&key));
    let cleo = theirs(&mut admin, "cleo").await?;
    // Before there is anything to be told of ada, and after.
    let before = ask(&mut stranger, &absent(&cleo)).await?;
    let ada = theirs(&mut admin, "ada").await?;
    let (log, seen) = everything(&mut admin, "ada").await?;
    let there = ask(&mut stranger, &ada).await?;
    let nowhere = ask(&mut stranger, &absent(&ada)).await?;
    for ((there, nowhere), before) in there.iter().zip(&nowhere).zip(&before) {
        let (endpoint, status, text) = there;
        match endpoint.stranger {
            Stranger::Open => continue,
            Stranger::Refused(code) => {
                assert_eq!(*status, 403, "{endpoint:?}: {text}");
                assert!(text.contains(&format!("\"code\":\"{code}\"")), "{endpoint:?}: {text}");
            }
            Stranger::NotThere => {}
        }
        assert_eq!((there.1, &there.2), (nowhere.1, &nowhere.2), "{endpoint:?}");
        assert_eq!((there.1, &there.2), (before.1, &before.2), "{endpoint:?}");
        assert!(!text.contains(&ada.recovery) && !text.contains(&ada.shown.set), "{endpoint:?}");
    }
    let entries = stranger.get("/tlog/tile/entries/000.p/1").await?;
    assert_eq!(entries.code(), "key_bound");
    // Nothing was written of her, and her code is as good as it was.
    assert_eq!(everything(&mut admin, "ada").await?, (log, seen));
    let code = ada.shown.codes.first().ok_or("no code")?;
    assert_eq!(redeem(&mut admin, "ada", code).await?.json()["outcome"], "accepted");
    replays(&mut admin).await?;
    Ok(())
}

/// What is named in a request beside its subject is reached or is not there, too; and a listing
/// tells of nobody, however it is filtered.
#[tokio::test]
async fn b4_a_bound_key_names_nobody_out_of_its_reach() -> Tested {
    let place = Place::new("strangers-named")?;
    let server = place.start("", "warn")?;
    let mut admin = server.client()?;
    let (_, key) = bound_key(&mut admin, &scopes(), &["ours"]).await?;
    let mut stranger = admin.presenting(Some(&key));
    register_in(&mut admin, "ours", &["ours"]).await?;
    theirs(&mut admin, "ada").await?;
    let operator = json!({ "duties": ["support", "approve"] });
    assert_eq!(admin.put("/v1/operators/ada", &operator).await?.status, 200);
    let naming = |who: &str| {
        let service =
            json!({ "kind": "service", "assurance": "aal2", "groups": ["ours"], "owner": who });
        let custodians: Vec<_> =
            RECIPIENTS.map(|recipient| json!({ "custodian": who, "recipient": recipient })).into();
        [
            ("PUT", "/v1/subjects/robot", service),
            ("POST", "/v1/recoveries", json!({ "subject": "ours", "agent": who })),
            ("POST", "/v1/recoveries", json!({ "subject": "ours", "requester": who })),
            (
                "POST",
                "/v1/subjects/ours/exceptions",
                crate::endpoints::exceptional("routine_use", who),
            ),
            (
                "POST",
                "/v1/subjects/ours/bundles",
                json!({ "threshold": 2, "custodians": custodians }),
            ),
        ]
    };
    for (known, unknown) in naming("ada").into_iter().zip(naming("nobody")) {
        let (method, path, body) = known;
        let known = stranger.send(method.parse()?, path, &[], body.to_string()).await?;
        let unknown = stranger.send(method.parse()?, path, &[], unknown.2.to_string()).await?;
        assert_eq!(
            (known.status, known.text()),
            (unknown.status, unknown.text()),
            "{path}: {body}"
        );
        assert!(known.status >= 400, "{path}: {}", known.text());
    }
    for listing in ["inventory", "recoveries", "bundles", "exceptions"] {
        for query in ["", "?subject=ada", "?subject=ada&limit=1", "?subject=nobody"] {
            let page = stranger.get(&format!("/v1/{listing}{query}")).await?;
            assert_eq!(page.json(), json!({ "items": [] }), "{listing}{query}");
        }
    }
    Ok(())
}

/// The other side of it: to a key of the subject's group the subject is there as to any other.
#[tokio::test]
async fn b4_a_key_of_the_subjects_group_gets_what_an_unbound_one_gets() -> Tested {
    let place = Place::new("strangers-friends")?;
    let server = place.start("", "warn")?;
    let mut admin = server.client()?;
    let ada = theirs(&mut admin, "ada").await?;
    let (_, bound) = bound_key(&mut admin, &scopes(), &["more", "theirs"]).await?;
    let (_, unbound) = bound_key(&mut admin, &scopes(), &[]).await?;
    let (mut bound, mut unbound) =
        (admin.presenting(Some(&bound)), admin.presenting(Some(&unbound)));
    let mut compared = 0;
    for endpoint in ENDPOINTS.iter().filter(|endpoint| endpoint.method == "GET") {
        if endpoint.stranger == Stranger::NotThere {
            let (one, other) = (
                ada.call(&mut bound, *endpoint, &[]).await?,
                ada.call(&mut unbound, *endpoint, &[]).await?,
            );
            assert_eq!((one.status, one.text()), (other.status, other.text()), "{endpoint:?}");
            compared += usize::from(one.status == 200);
        }
    }
    assert!(compared >= 8, "{compared}");
    let code = ada.shown.codes.first().ok_or("no code")?;
    assert_eq!(redeem(&mut bound, "ada", code).await?.json()["outcome"], "accepted");
    Ok(())
}

#[tokio::test]
async fn b4_a_bound_key_registers_who_is_in_one_of_its_groups_before_and_after() -> Tested {
    let place = Place::new("strangers-register")?;
    let server = place.start("", "warn")?;
    let mut admin = server.client()?;
    register_in(&mut admin, "ada", &["theirs"]).await?;
    let (_, key) = bound_key(&mut admin, &["issue", "audit"], &["ours", "more"]).await?;
    let mut client = admin.presenting(Some(&key));
    let mut refused = Vec::new();
    // Out of the group after; before; the same whether there is such a name or not.
    for (subject, groups) in [
        ("ada", json!([])),
        ("ada", json!(["theirs"])),
        ("ada", json!(["ours", "theirs"])),
        ("nobody", json!([])),
        ("nobody", json!(["theirs"])),
    ] {
        let body = json!({ "kind": "person", "assurance": "aal2", "groups": groups });
        let answer = client.put(&format!("/v1/subjects/{subject}"), &body).await?;
        assert_eq!((answer.status, answer.code()), (403, "group_missing".to_owned()));
        refused.push(answer.text());
    }
    refused.dedup();
    assert_eq!(refused.len(), 1, "{refused:?}");
    assert_eq!(client.get("/v1/subjects/ada").await?.code(), "subject_unknown");
    register_in(&mut client, "bob", &["ours"]).await?;
    register_in(&mut client, "bob", &["more"]).await?;
    assert_eq!(client.get("/v1/subjects/bob").await?.status, 200);
    // Once it has left the groups, it is gone for this key, and not this key's to bring back.
    register_in(&mut admin, "bob", &["theirs"]).await?;
    assert_eq!(client.get("/v1/subjects/bob").await?.code(), "subject_unknown");
    assert!(register_in(&mut client, "bob", &["ours"]).await.is_err());
    Ok(())
}

#[tokio::test]
async fn b4_a_key_that_makes_keys_is_bound_to_nothing() -> Tested {
    let place = Place::new("strangers-keys")?;
    let server = place.start("", "warn")?;
    let mut admin = server.client()?;
    let many: Vec<String> = (0..33).map(|number| format!("g{number}")).collect();
    for (scopes, groups) in [
        (json!(["admin", "audit"]), json!(["ours"])),
        (json!(["audit"]), json!([""])),
        (json!(["audit"]), json!(["x".repeat(257)])),
        (json!(["audit"]), json!(many)),
    ] {
        let body = json!({ "label": "a test", "scopes": scopes, "groups": groups });
        let answer = admin.post("/v1/api-keys", &body).await?;
        assert_eq!(answer.code(), "invalid_request", "{body}");
    }
    let (id, _) = bound_key(&mut admin, &["audit"], &["ours", "more", "ours"]).await?;
    let listed = admin.get("/v1/api-keys").await?.json();
    let key = listed["items"].as_array().into_iter().flatten().find(|key| key["id"] == id);
    assert_eq!(key.map(|key| key["groups"].clone()), Some(json!(["more", "ours"])));
    // The names of groups are the directory's, and not for the log.
    let log = admin.get("/v1/log/entries?limit=1000").await?.text();
    assert!(log.contains("\"bound\":\"") && !log.contains("\"ours\""), "{log}");
    Ok(())
}

/// Somebody who can write to the database, and gives a key more than was decided.
#[tokio::test]
async fn b4_replay_finds_a_key_that_was_widened_behind_the_servers_back() -> Tested {
    let place = Place::new("strangers-widened")?;
    let server = place.start("", "warn")?;
    let mut admin = server.client()?;
    let (id, _) = bound_key(&mut admin, &["audit"], &["ours"]).await?;
    replays(&mut admin).await?;
    server.stop()?;
    for widened in ["[\"ours\",\"theirs\"]", "[]"] {
        let database = rusqlite::Connection::open(place.data().join("glassbreak.db"))?;
        let changed = database.execute(
            "UPDATE api_keys SET group_names = ?1 WHERE id = ?2",
            [widened, id.as_str()],
        )?;
        assert_eq!(changed, 1);
        drop(database);
        let server = place.start("", "warn")?;
        let found = server.client()?.get("/v1/log/replay").await?.json();
        assert_eq!(found["differences"][0]["table"], "api_keys", "{found}");
        server.stop()?;
    }
    Ok(())
}
