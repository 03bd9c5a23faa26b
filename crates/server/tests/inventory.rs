//! The inventory over HTTP (G4): its filters, and its export as a file.

#![cfg(test)]

use std::sync::Arc;

use glassbreak_engine::core::access::Scope;
use glassbreak_engine::core::settings::Settings;
use glassbreak_engine::core::subject::Channel;
use glassbreak_engine::operation::Outgoing;
use glassbreak_engine::store::memory::{Calls, Fault, Faults, MemoryStore};
use glassbreak_engine::{Caller, Engine, Options, RootKey};
use glassbreak_server::{Courier, Delivering, router};
use glassbreak_testkit::http::{Client, Failure};
use serde_json::{Value, json};

type Tested = Result<(), Failure>;

struct Nobody;

impl Courier for Nobody {
    fn carries(&self, _: Channel) -> bool {
        false
    }

    fn deliver(&self, _: Outgoing) -> Delivering<'_> {
        Box::pin(std::future::ready(Ok(())))
    }
}

/// A server in this process, a client with every scope, and the store's faults.
async fn serve() -> Result<(Client, Faults), Failure> {
    let store = MemoryStore::new();
    let faults = store.faults();
    let root = RootKey::from_bytes([7; 32]);
    let engine = Engine::open(Arc::new(store), root, Options::new(Settings::defaults())).await?;
    let key = engine.draw_api_key()?;
    let scopes = Scope::ALL.to_vec();
    engine.create_api_key(&Caller::embedder(), &key, "a test".to_owned(), scopes).await?;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let client = Client::new(listener.local_addr()?, Some(&key.key));
    let service = router(engine, false, Arc::new(Nobody));
    tokio::spawn(async move { axum::serve(listener, service).await });
    Ok((client, faults))
}

/// Registers somebody in `group` and issues a set.
async fn holder(
    client: &mut Client,
    name: &str,
    group: &str,
    custody: &str,
) -> Result<Value, Failure> {
    let person = json!({ "kind": "person", "assurance": "aal1", "groups": [group],
        "notification_addresses":
            [{ "channel": "email", "address": "secret@example.org", "verified": true }] });
    let path = format!("/v1/subjects/{name}");
    let registered = client.put(&path, &person).await?;
    assert_eq!(registered.status, 201, "{}", registered.text());
    let asked = json!({ "reason": "enrolment", "kind": "saved", "count": 3, "custody": custody,
        "session_assurance": "aal2" });
    let issued = client.post(&format!("{path}/code-sets"), &asked).await?;
    assert_eq!(issued.status, 201, "{}", issued.text());
    Ok(issued.json())
}

#[tokio::test]
async fn g4_the_inventory_is_asked_by_custody_use_and_age() -> Tested {
    let (mut client, _) = serve().await?;
    let ada = holder(&mut client, "ada", "staff", "hardware").await?;
    holder(&mut client, "bob", "staff", "password_manager").await?;
    let redeemed = client
        .post(
            "/v1/redemptions",
            &json!({ "redemption_id": "00000000-0000-4000-8000-000000000001", "subject": "ada",
                "code": ada["codes"][0], "role": "account_recovery", "presented": ["password"] }),
        )
        .await?;
    assert_eq!(redeemed.status, 200, "{}", redeemed.text());
    for (query, expected) in [
        ("", &["ada", "bob"][..]),
        ("?custody=hardware", &["ada"]),
        ("?custody=secrets_manager", &[]),
        ("?used=true", &["ada"]),
        ("?used=true&custody=password_manager", &[]),
        ("?never_confirmed=true", &[]),
        ("?overdue=true", &[]),
        ("?expires_before=2000-01-01T00:00:00Z", &[]),
        ("?expires_before=2999-01-01T00:00:00Z", &["ada", "bob"]),
        ("?issued_after=2000-01-01T00:00:00Z", &["ada", "bob"]),
        ("?issued_after=2999-01-01T00:00:00Z", &[]),
        ("?issued_before=2999-01-01T00:00:00Z&subject=bob", &["bob"]),
    ] {
        let page = client.get(&format!("/v1/inventory{query}")).await?.json();
        let items = page["items"].as_array().ok_or("no items")?;
        let mut found: Vec<_> = items.iter().filter_map(|set| set["subject"].as_str()).collect();
        // The page goes by ids, and two of one millisecond have no order.
        found.sort_unstable();
        assert_eq!(found, expected, "{query}");
    }
    for wrong in ["custody=drawer", "issued_after=today", "used=often", "format=csv", "expiring=1"]
    {
        let refused = client.get(&format!("/v1/inventory?{wrong}")).await?;
        assert_eq!((refused.status, refused.code().as_str()), (422, "invalid_request"), "{wrong}");
    }
    let summary = client.get("/v1/inventory/summary").await?.json();
    assert_eq!(summary["by_custody"], json!({ "hardware": 1, "password_manager": 1 }));
    assert_eq!(summary["ages"]["under_30_days"], 2);
    let covered = json!({ "subjects": 2, "covered": 2, "uncovered": 0 });
    assert_eq!(summary["by_tier"]["standard"], covered);
    Ok(())
}

#[tokio::test]
async fn b1_where_a_set_is_kept_is_declared_again() -> Tested {
    let (mut client, _) = serve().await?;
    let ada = holder(&mut client, "ada", "staff", "hardware").await?;
    let path = format!("/v1/code-sets/{}/declare", ada["set_id"].as_str().ok_or("no id")?);
    let before = client.get("/v1/inventory").await?.json()["items"][0].clone();
    assert_eq!(before["custody_declared_at"], before["issued_at"]);
    let said = client.post(&path, &json!({ "custody": "password_manager" })).await?;
    assert_eq!(said.status, 200, "{}", said.text());
    let said = said.json();
    assert_eq!(said["custody"], "password_manager");
    assert_eq!(said["evidence"].as_array().map(Vec::len), Some(1));
    let after = client.get("/v1/inventory?custody=password_manager").await?.json();
    assert_eq!(after["items"][0]["custody_declared_at"], said["custody_declared_at"]);
    for (body, status, code) in [
        (json!({ "custody": "drawer" }), 422, "invalid_request"),
        (json!({}), 422, "invalid_request"),
        (json!({ "custody": "hardware", "set": 1 }), 422, "invalid_request"),
    ] {
        let refused = client.post(&path, &body).await?;
        assert_eq!((refused.status, refused.code().as_str()), (status, code), "{body}");
    }
    client.post(&path.replace("declare", "revoke"), &json!({ "reason": "lost" })).await?;
    let late = client.post(&path, &json!({ "custody": "hardware" })).await?;
    assert_eq!((late.status, late.code().as_str()), (409, "code_set_ended"));
    let nobodys = "/v1/code-sets/00000000-0000-7000-8000-000000000009/declare";
    let unknown = client.post(nobodys, &json!({ "custody": "hardware" })).await?;
    assert_eq!((unknown.status, unknown.code().as_str()), (404, "code_set_unknown"));
    Ok(())
}

#[tokio::test]
async fn g4_an_export_is_the_listing_in_the_same_order_without_codes_or_addresses() -> Tested {
    let (mut client, _) = serve().await?;
    let mut codes = Vec::new();
    for name in ["ada", "%3Dcmd%7C1", "c%2C%22d%22"] {
        let issued = holder(&mut client, name, "staff", "hardware").await?;
        let shown = issued["codes"].as_array().ok_or("no codes")?.iter();
        codes.extend(shown.filter_map(Value::as_str).map(str::to_owned));
    }
    let listed = client.get("/v1/inventory").await?.json();
    let lines = client.get("/v1/inventory/export?format=jsonl").await?;
    assert_eq!(
        (lines.status, &lines.headers["content-type"]),
        (200, &"application/jsonl".parse()?)
    );
    let objects: Vec<Value> =
        lines.text().lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    assert_eq!(Value::from(objects), listed["items"]);
    let table = client.get("/v1/inventory/export?format=csv&custody=hardware").await?;
    assert_eq!(table.headers["content-type"], "text/csv; charset=utf-8; header=present");
    let text = table.text();
    let records: Vec<&str> = text.split_terminator("\r\n").collect();
    let header = "set_id,subject,tier,kind,profile,state,revoked_because,count,unused,failures,\
        issued_at,expires_at,confirm_by,replace_by,reason,custody,custody_declared_at";
    assert_eq!((records.len(), records.first()), (4, Some(&header)));
    // In the order of ids, which of the same millisecond is anybody's guess.
    let has = |what: &str| records.iter().find(|record| record.contains(what));
    let ada = has(",ada,standard,saved,strong,active,,3,3,0,");
    assert!(ada.is_some_and(|ada| ada.contains(",,,enrolment,hardware,20")), "{text}");
    assert!(has(",'=cmd|1,").is_some(), "no formula: {text}");
    assert!(has(",\"c,\"\"d\"\"\",").is_some(), "{text}");
    for secret in codes.iter().map(String::as_str).chain(["secret@example.org"]) {
        assert!(!text.contains(secret) && !lines.text().contains(secret), "{secret}");
    }
    let none = client.get("/v1/inventory/export?format=csv&state=lapsed").await?;
    assert_eq!(none.text(), format!("{header}\r\n"));
    for wrong in ["", "?format=xlsx", "?format=csv&limit=1", "?format=csv&state=lost"] {
        let refused = client.get(&format!("/v1/inventory/export{wrong}")).await?;
        assert_eq!((refused.status, refused.code().as_str()), (422, "invalid_request"), "{wrong}");
    }
    Ok(())
}

#[tokio::test]
async fn g4_b4_a_key_bound_to_a_group_exports_its_own() -> Tested {
    let (mut client, _) = serve().await?;
    holder(&mut client, "ada", "berlin", "hardware").await?;
    holder(&mut client, "bob", "paris", "hardware").await?;
    let bound = json!({ "label": "berlin", "scopes": ["audit"], "groups": ["berlin"] });
    let key = client.post("/v1/api-keys", &bound).await?.json();
    let mut berlin = client.presenting(key["key"].as_str());
    let own = berlin.get("/v1/inventory/export?format=jsonl").await?.text();
    assert!(own.contains("\"ada\"") && !own.contains("\"bob\""), "{own}");
    let other = berlin.get("/v1/inventory/export?format=jsonl&subject=bob").await?;
    assert_eq!((other.status, other.text().as_str()), (200, ""));
    assert_eq!(berlin.get("/v1/inventory/summary").await?.code(), "key_bound");
    Ok(())
}

/// More sets than one page of an export has.
const SETS: usize = 1_050;

#[tokio::test]
async fn g4_an_export_that_fails_on_its_way_breaks_the_connection() -> Tested {
    let (mut client, faults) = serve().await?;
    for number in 0..SETS {
        holder(&mut client, &format!("subject-{number}"), "staff", "hardware").await?;
    }
    let whole = client.get("/v1/inventory/export?format=jsonl").await?;
    assert_eq!(whole.text().lines().count(), SETS);
    let (mut refused, mut broken) = (0, 0);
    for nth in 1.. {
        faults.fail(Calls::Any, nth, Fault::Unavailable);
        match client.get("/v1/inventory/export?format=jsonl").await {
            Ok(answer) if answer.status == 200 => {
                assert_eq!(answer.bytes, whole.bytes, "what ends properly is whole");
                if !faults.disarm() {
                    break;
                }
            }
            // Before the answer began it is a problem like any other.
            Ok(answer) => {
                assert_eq!(answer.status, 503, "{}", answer.text());
                refused += 1;
            }
            Err(_) => broken += 1,
        }
        faults.disarm();
    }
    assert!(refused >= 1 && broken == 1, "{refused} refused, {broken} broken");
    Ok(())
}
