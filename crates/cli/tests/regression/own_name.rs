//! A key of one operator (B4, F1): what it does at the desk it does in that name, and in no other.

use glassbreak_testkit::http::{Client, Failure};
use serde_json::{Value, json};

use crate::calls::{Place, Tested, register};
use crate::common::replays;
use crate::endpoints::exceptional;

const CONFIG: &str = "\
[relying_party]
id = \"localhost\"
origins = [\"http://localhost\"]
[tiers.standard.support]
risk_analysis = \"RISK-7\"
";

/// Makes a key of `operator`'s own, with what a desk and its approvers may do.
async fn own_key(admin: &mut Client, operator: &str, groups: &[&str]) -> Result<String, Failure> {
    let scopes = ["support", "approve", "audit"];
    let body = json!({ "label": "own", "scopes": scopes, "operator": operator, "groups": groups });
    let made = admin.post("/v1/api-keys", &body).await?;
    assert_eq!(made.json()["operator"], operator, "{}", made.text());
    Ok(made.json()["key"].as_str().ok_or("no key")?.to_owned())
}

/// Sam and pat of the desk, and ada, whom they help.
async fn desk(admin: &mut Client) -> Tested {
    for who in ["sam", "pat", "ada", "jonas"] {
        register(admin, who, "standard").await?;
    }
    for who in ["sam", "pat"] {
        let duties = json!({ "duties": ["support", "approve"] });
        assert_eq!(admin.put(&format!("/v1/operators/{who}"), &duties).await?.status, 200);
    }
    Ok(())
}

/// Every request in which somebody acts, in the name of `who`.
fn acting(who: &str, recovery: &str, exception: &str) -> Vec<(&'static str, String, Value)> {
    let recovery = format!("/v1/recoveries/{recovery}");
    let exceptions = "/v1/subjects/ada/exceptions";
    let approvals = format!("{exceptions}/{exception}/approvals");
    vec![
        ("POST", "/v1/recoveries".to_owned(), json!({ "subject": "ada", "agent": who })),
        (
            "POST",
            format!("{recovery}/evidence"),
            json!({ "type": "proofing", "agent": who, "level": "ial2",
                    "checks": ["document"], "reference": "DOC-9" }),
        ),
        (
            "POST",
            format!("{recovery}/evidence"),
            json!({ "type": "second_verification", "agent": who, "check": "call_back",
                    "reference": "CALL-3" }),
        ),
        ("GET", format!("{recovery}/approvals/options?approver={who}"), Value::Null),
        (
            "POST",
            format!("{recovery}/approvals"),
            json!({ "word": "decline", "approver": who, "assertion": {} }),
        ),
        ("GET", format!("{recovery}/review/options?reviewer={who}"), Value::Null),
        (
            "POST",
            format!("{recovery}/approvals"),
            json!({ "word": "approve", "approver": who, "assertion": {} }),
        ),
        ("POST", format!("{recovery}/review"), json!({ "reviewer": who, "assertion": {} })),
        ("POST", exceptions.to_owned(), exceptional("over_issue_limit", who)),
        ("GET", format!("{approvals}/options?approver={who}"), Value::Null),
        ("POST", approvals, json!({ "approver": who, "assertion": {} })),
    ]
}

#[tokio::test]
async fn b4_f1_a_key_of_one_operator_acts_in_that_name_and_no_other() -> Tested {
    let place = Place::new("own-name")?;
    let server = place.start(CONFIG, "warn")?;
    let mut admin = server.client()?;
    desk(&mut admin).await?;
    let key = own_key(&mut admin, "sam", &[]).await?;
    let mut sams = admin.presenting(Some(&key));
    let case = json!({ "subject": "ada", "agent": "sam", "requester": "jonas" });
    let opened = sams.post("/v1/recoveries", &case).await?;
    assert_eq!(opened.status, 201, "the agent acts, and says who asked: {}", opened.text());
    let recovery = opened.json()["recovery_id"].as_str().ok_or("no case")?.to_owned();
    let asked =
        sams.post("/v1/subjects/ada/exceptions", &exceptional("routine_use", "sam")).await?;
    let exception = asked.json()["exception_id"].as_str().ok_or("not asked for")?.to_owned();

    let before = admin.get("/v1/log/entries?limit=1000").await?.text();
    // Of a colleague, of somebody who is no operator, and of nobody it says the same.
    for who in ["pat", "ada", "nobody"] {
        for (method, path, body) in acting(who, &recovery, &exception) {
            let body = if body.is_null() { String::new() } else { body.to_string() };
            let answer = sams.send(method.parse()?, &path, &[], body).await?;
            let text = answer.text();
            assert_eq!(
                (answer.status, answer.code()),
                (403, "not_your_name".to_owned()),
                "{path}: {text}"
            );
        }
    }
    let after = admin.get("/v1/log/entries?limit=1000").await?.text();
    assert_eq!(after, before, "nothing was done in another's name");
    // In sam's own name it is refused, where it is, for another reason.
    for (method, path, body) in acting("sam", &recovery, &exception) {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let answer = sams.send(method.parse()?, &path, &[], body).await?;
        assert_ne!(answer.code(), "not_your_name", "{path}: {}", answer.text());
    }
    replays(&mut admin).await?;
    Ok(())
}

/// The desk is seldom in the groups that it serves: its own name it may always give.
#[tokio::test]
async fn b4_a_bound_key_of_one_operator_names_it_from_outside_of_its_groups() -> Tested {
    let place = Place::new("own-name-bound")?;
    let server = place.start(CONFIG, "warn")?;
    let mut admin = server.client()?;
    desk(&mut admin).await?;
    let key = own_key(&mut admin, "sam", &["emea"]).await?;
    let mut sams = admin.presenting(Some(&key));
    let case = json!({ "subject": "ada", "agent": "sam" });
    assert_eq!(sams.post("/v1/recoveries", &case).await?.code(), "subject_unknown");
    let emea = json!({ "kind": "person", "assurance": "aal2", "groups": ["emea"] });
    admin.put("/v1/subjects/ada", &emea).await?;
    assert_eq!(sams.post("/v1/recoveries", &case).await?.status, 201);
    assert_eq!(sams.get("/v1/subjects/sam").await?.code(), "subject_unknown");
    let exception = exceptional("routine_use", "sam");
    assert_eq!(sams.post("/v1/subjects/ada/exceptions", &exception).await?.status, 201);
    Ok(())
}

#[tokio::test]
async fn b4_a_key_is_made_for_an_appointed_operator_and_listed_with_the_name() -> Tested {
    let place = Place::new("own-name-keys")?;
    let server = place.start(CONFIG, "warn")?;
    let mut admin = server.client()?;
    desk(&mut admin).await?;
    for (operator, scope, code) in [
        ("ada", "support", "operator_unknown"),
        ("nobody", "support", "operator_unknown"),
        ("sam", "admin", "invalid_request"),
        // Who approves must not vouch for what is approved (F3).
        ("sam", "recover", "invalid_request"),
        ("sam", "redeem", "invalid_request"),
    ] {
        let body = json!({ "label": "own", "scopes": [scope], "operator": operator });
        assert_eq!(admin.post("/v1/api-keys", &body).await?.code(), code, "{operator}");
    }
    own_key(&mut admin, "sam", &[]).await?;
    let listed = admin.get("/v1/api-keys").await?.json();
    let own =
        listed["items"].as_array().into_iter().flatten().filter(|key| key["operator"] == "sam");
    assert_eq!(own.count(), 1, "{listed}");
    // Somebody who can write to the database, and takes the name off.
    server.stop()?;
    let database = rusqlite::Connection::open(place.data().join("glassbreak.db"))?;
    let widened = "UPDATE api_keys SET operator = NULL WHERE operator IS NOT NULL";
    assert_eq!(database.execute(widened, [])?, 1);
    drop(database);
    let server = place.start(CONFIG, "warn")?;
    let found = server.client()?.get("/v1/log/replay").await?.json();
    assert_eq!(found["differences"][0]["table"], "api_keys", "{found}");
    Ok(())
}

/// Sam's key, as an application of theirs would present it.
async fn sams(admin: &mut Client) -> Result<Client, Failure> {
    let key = own_key(admin, "sam", &[]).await?;
    Ok(admin.presenting(Some(&key)))
}

/// The same refusal as of a key that never was.
async fn is_out(client: &mut Client) -> Tested {
    for path in ["/v1/recoveries?limit=1", "/v1/log/entries?limit=1"] {
        let answer = client.get(path).await?;
        assert_eq!((answer.status, answer.code()), (401, "unauthenticated".to_owned()), "{path}");
    }
    Ok(())
}

#[tokio::test]
async fn b4_the_key_of_an_operator_who_is_dismissed_or_has_left_is_out_at_once() -> Tested {
    let place = Place::new("own-name-out")?;
    let server = place.start(CONFIG, "warn")?;
    let mut admin = server.client()?;
    desk(&mut admin).await?;
    let mut client = sams(&mut admin).await?;
    assert_eq!(client.get("/v1/recoveries?limit=1").await?.status, 200);
    let none = json!({ "duties": [] });
    assert_eq!(admin.put("/v1/operators/sam", &none).await?.status, 200);
    is_out(&mut client).await?;
    // It is the appointment's: who is appointed again has it again.
    let again = json!({ "duties": ["support"] });
    assert_eq!(admin.put("/v1/operators/sam", &again).await?.status, 200);
    assert_eq!(client.get("/v1/recoveries?limit=1").await?.status, 200);
    let left = json!({ "type": "subject_left" });
    let reported = admin.post("/v1/subjects/sam/lifecycle-events", &left).await?;
    assert_eq!(reported.status, 200, "{}", reported.text());
    is_out(&mut client).await?;
    replays(&mut admin).await?;
    Ok(())
}

#[tokio::test]
async fn b4_f1_a_key_of_one_operator_gives_up_no_colleagues_case() -> Tested {
    let place = Place::new("own-name-cancel")?;
    let server = place.start(CONFIG, "warn")?;
    let mut admin = server.client()?;
    desk(&mut admin).await?;
    let mut client = sams(&mut admin).await?;
    let opened = async |admin: &mut Client, agent: &str| -> Result<String, Failure> {
        let case = json!({ "subject": "ada", "agent": agent });
        let opened = admin.post("/v1/recoveries", &case).await?;
        let path = opened.json()["recovery_id"].as_str().map(|id| format!("/v1/recoveries/{id}"));
        path.ok_or_else(|| opened.text().into())
    };
    let pats = opened(&mut admin, "pat").await?;
    let refused = client.post(&format!("{pats}/cancel"), &json!({})).await?;
    assert_eq!((refused.status, refused.code()), (403, "not_your_name".to_owned()));
    let state = admin.get(&pats).await?.json()["state"].clone();
    assert_ne!(state, "cancelled", "it goes on");
    // Its own it may give up, and the desk's application anybody's.
    assert_eq!(admin.post(&format!("{pats}/cancel"), &json!({})).await?.status, 200);
    let own = opened(&mut admin, "sam").await?;
    assert_eq!(client.post(&format!("{own}/cancel"), &json!({})).await?.status, 200);
    replays(&mut admin).await?;
    Ok(())
}
