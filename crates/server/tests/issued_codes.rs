//! Codes that are sent during a recovery (A4, F4, N63B-IC-*), over HTTP, with a courier that keeps
//! what it is given: the code reaches its addressee and nobody else.

#![cfg(test)]

use std::sync::{Arc, Mutex};

use glassbreak_engine::core::settings::{Settings, Support};
use glassbreak_engine::core::subject::{Channel, Tier};
use glassbreak_engine::operation::Outgoing;
use glassbreak_engine::store::memory::MemoryStore;
use glassbreak_engine::{Caller, Engine, Options, RootKey};
use glassbreak_server::{Courier, Delivering, NotDelivered, router};
use glassbreak_testkit::http::{Answer, Client, Failure};
use serde_json::{Value, json};

type Tested = Result<(), Failure>;

/// What was delivered: address and code.
#[derive(Default)]
struct Pigeon {
    delivered: Mutex<Vec<(String, String)>>,
    loses: Mutex<Option<NotDelivered>>,
}

impl Courier for Pigeon {
    fn carries(&self, channel: Channel) -> bool {
        channel != Channel::Voice
    }

    fn deliver(&self, outgoing: Outgoing) -> Delivering<'_> {
        let code = outgoing.code.expose_display().to_string();
        self.delivered.lock().unwrap().push((outgoing.to.address, code));
        let lost = *self.loses.lock().unwrap();
        Box::pin(std::future::ready(lost.map_or(Ok(()), Err)))
    }
}

/// A server in this process, a client with every scope, and the pigeon.
async fn serve() -> Result<(Client, Arc<Pigeon>, Engine), Failure> {
    let mut settings = Settings::defaults();
    let standard = settings.tiers.get_mut(&Tier::standard()).ok_or("no tier")?;
    let risk_analysis = "RA-1".to_owned().try_into()?;
    standard.support = Some(Support { risk_analysis });
    let store = Arc::new(MemoryStore::new());
    let root = RootKey::from_bytes([7; 32]);
    let engine = Engine::open(store, root, Options::new(settings)).await?;
    let key = engine.draw_api_key()?;
    let scopes = glassbreak_engine::core::access::Scope::ALL.to_vec();
    engine.create_api_key(&Caller::embedder(), &key, "a test".to_owned(), scopes).await?;
    let pigeon = Arc::new(Pigeon::default());
    let courier: Arc<dyn Courier> = pigeon.clone();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let addr = listener.local_addr()?;
    let service = router(engine.clone(), false, courier);
    tokio::spawn(async move { axum::serve(listener, service).await });
    let mut client = Client::new(addr, Some(&key.key));
    let person = json!({ "kind": "person", "assurance": "aal2", "notification_addresses": [
        { "channel": "email", "address": "ada@example.org", "verified": true },
        { "channel": "sms", "address": "+4930000", "verified": true },
        { "channel": "push", "address": "token" },
    ] });
    assert_eq!(client.put("/v1/subjects/ada", &person).await?.status, 201);
    Ok((client, pigeon, engine))
}

async fn open(client: &mut Client, more: Value) -> Result<String, Failure> {
    let mut body = json!({ "subject": "ada" });
    if let (Some(body), Some(more)) = (body.as_object_mut(), more.as_object()) {
        body.extend(more.clone());
    }
    let answer = client.post("/v1/recoveries", &body).await?;
    let id = answer.json()["recovery_id"].as_str().map(str::to_owned);
    id.ok_or_else(|| answer.text().into())
}

async fn send(client: &mut Client, recovery: &str, body: &Value) -> Result<Answer, Failure> {
    client.post(&format!("/v1/recoveries/{recovery}/issued-codes"), body).await
}

fn redeeming(name: u8, code: &str, recovery: Option<&str>, presented: &[&str]) -> Value {
    let id = format!("00000000-0000-4000-8000-0000000000{name:02x}");
    let mut body = json!({ "redemption_id": id, "subject": "ada", "code": code,
        "role": "account_recovery", "presented": presented });
    if let Some(recovery) = recovery {
        body["recovery_id"] = recovery.into();
    }
    body
}

#[tokio::test]
async fn f4_a_sent_code_is_in_no_answer_and_works_once_in_its_own_recovery() -> Tested {
    let (mut client, pigeon, engine) = serve().await?;
    let recovery = open(&mut client, json!({})).await?;
    let other = open(&mut client, json!({})).await?;
    let sent = send(&mut client, &recovery, &json!({ "channel": "sms" })).await?;
    assert_eq!(sent.status, 201, "{}", sent.text());
    let (address, code) = pigeon.delivered.lock().unwrap()[0].clone();
    assert_eq!(address, "+4930000");
    let digits: String = code.chars().filter(char::is_ascii_digit).collect();
    assert!(digits.len() >= 8, "N63B-IC-02: {} digits", digits.len());
    let mut answers = vec![sent];

    // In no recovery, in another one, and as a second factor it is no code at all.
    for (name, recovery) in [(1, None), (2, Some(other.as_str()))] {
        let body = redeeming(name, &code, recovery, &["password"]);
        let refused = client.post("/v1/redemptions", &body).await?;
        assert_eq!(refused.code(), "not_accepted", "{}", refused.text());
        answers.push(refused);
    }
    let mut second_factor = redeeming(3, &code, Some(&recovery), &["password"]);
    second_factor["role"] = "second_factor".into();
    let refused = client.post("/v1/redemptions", &second_factor).await?;
    assert_eq!(refused.code(), "not_accepted", "N63B-IC-10: {}", refused.text());

    // In its own it counts, and waits for more.
    let alone = redeeming(4, &code, Some(&recovery), &[]);
    let gathered = client.post("/v1/redemptions", &alone).await?;
    assert_eq!(gathered.json()["outcome"], "more_evidence_required", "{}", gathered.text());
    assert_eq!(gathered.json()["recovery_id"], recovery.as_str());
    answers.push(gathered);
    let once_more = redeeming(5, &code, Some(&recovery), &["password"]);
    let used_up = client.post("/v1/redemptions", &once_more).await?;
    assert_eq!(used_up.code(), "not_accepted", "a sent code works once: {}", used_up.text());
    let path = format!("/v1/recoveries/{recovery}/evidence");
    let vouched = client.post(&path, &json!({ "type": "vouched", "method": "password" })).await?;
    assert_eq!(vouched.json()["outcome"], "accepted", "{}", vouched.text());
    let grant = vouched.json()["grant"].as_str().unwrap_or_default().to_owned();
    assert_eq!(vouched.headers["cache-control"], "no-store");
    let fetch = format!("/v1/recoveries/{recovery}/grant");
    let fetched = client.post(&fetch, &json!({})).await?;
    assert_eq!(fetched.json()["grant"], grant.as_str(), "the same window, the same grant");

    let mut log = String::new();
    for path in ["/v1/log/entries?limit=1000", "/v1/recoveries", "/v1/subjects/ada/timeline"] {
        let answer = client.get(path).await?;
        log.push_str(&answer.text());
        answers.push(answer);
    }
    answers.push(client.get(&format!("/v1/recoveries/{recovery}")).await?);
    for answer in &answers {
        let text = answer.text();
        assert!(!text.contains(&code) && !text.contains(&digits), "the code is in {text}");
        assert!(!text.contains(&grant), "the grant is in {text}");
    }
    for place in ["+4930000", "ada@example.org"] {
        assert!(!log.contains(place), "an address is in the log");
    }
    engine.close().await;
    Ok(())
}

#[tokio::test]
async fn n63b_ic_01_a_code_goes_to_a_verified_address_within_the_channels_lifetime() -> Tested {
    let (mut client, pigeon, engine) = serve().await?;
    let recovery = open(&mut client, json!({})).await?;
    let before = engine.entries(0, 1000).await?.len();
    for (body, code) in [
        (json!({ "channel": "voice" }), "channel_not_configured"),
        (json!({ "channel": "push" }), "invalid_request"),
        (json!({ "channel": "postal" }), "invalid_request"),
        (json!({ "channel": "sms", "lifetime_seconds": 601 }), "invalid_request"),
        (json!({ "channel": "sms", "lifetime_seconds": 0 }), "invalid_request"),
        (json!({ "channel": "email", "lifetime_seconds": 86_401 }), "invalid_request"),
        (json!({ "channel": "sms", "address": "+49666" }), "invalid_request"),
    ] {
        let refused = send(&mut client, &recovery, &body).await?;
        assert_eq!(refused.code(), code, "{body}: {}", refused.text());
    }
    assert!(pigeon.delivered.lock().unwrap().is_empty(), "nothing left");
    assert_eq!(engine.entries(0, 1000).await?.len(), before, "nothing was drawn");
    let mut sent = Vec::new();
    for _ in 0..5 {
        sent.push(send(&mut client, &recovery, &json!({ "channel": "email" })).await?.status);
    }
    assert_eq!(sent, [201; 5]);
    let sixth = send(&mut client, &recovery, &json!({ "channel": "email" })).await?;
    assert_eq!(sixth.code(), "invalid_request", "five codes a recovery");
    // Only the last one counts, and mail alone never recovers anything (C8).
    let delivered = pigeon.delivered.lock().unwrap().clone();
    let first = redeeming(1, &delivered[0].1, Some(&recovery), &["password"]);
    assert_eq!(client.post("/v1/redemptions", &first).await?.code(), "not_accepted");
    let last = redeeming(2, &delivered[4].1, Some(&recovery), &[]);
    let mail = client.post("/v1/redemptions", &last).await?;
    assert_eq!(mail.json()["outcome"], "more_evidence_required", "{}", mail.text());
    engine.close().await;
    Ok(())
}

#[tokio::test]
async fn a_retry_sends_nothing_and_a_lost_code_is_told() -> Tested {
    let (mut client, pigeon, engine) = serve().await?;
    let recovery = open(&mut client, json!({})).await?;
    let path = format!("/v1/recoveries/{recovery}/issued-codes");
    let body = json!({ "channel": "sms" }).to_string();
    let named = [("idempotency-key", "one")];
    let first = client.send("POST".parse()?, &path, &named, body.clone()).await?;
    let again = client.send("POST".parse()?, &path, &named, body.clone()).await?;
    assert_eq!((first.status, again.status), (201, 200));
    assert_eq!(again.json()["sent_id"], first.json()["sent_id"]);
    assert_eq!(again.json()["sent_before"], true);
    assert_eq!(pigeon.delivered.lock().unwrap().len(), 1);
    for (loss, is_certain) in [(NotDelivered::Unknown, false), (NotDelivered::Certain, true)] {
        *pigeon.loses.lock().unwrap() = Some(loss);
        let lost = send(&mut client, &recovery, &json!({ "channel": "sms" })).await?;
        assert_eq!((lost.status, lost.code().as_str()), (502, "not_delivered"));
        let seen = client.get(&format!("/v1/recoveries/{recovery}")).await?.json();
        let sent = seen["sent_codes"].as_array().and_then(|sent| sent.last()).ok_or("none")?;
        assert_eq!(sent["undelivered"] == true, is_certain, "{sent}");
    }
    let timeline = client.get("/v1/subjects/ada/timeline").await?.text();
    assert_eq!(timeline.matches("recovery.code_undelivered").count(), 1, "{timeline}");
    assert_eq!(engine.replay(&mut |_, _| {}).await?.differences, []);
    engine.close().await;
    Ok(())
}

/// F2, F4: the desk releases a code only once the case is verified twice and approved.
#[tokio::test]
async fn f2_a_case_releases_no_code_before_it_is_approved() -> Tested {
    let (mut client, pigeon, engine) = serve().await?;
    let sam = json!({ "kind": "person", "assurance": "aal2" });
    assert_eq!(client.put("/v1/subjects/sam", &sam).await?.status, 201);
    client.put("/v1/operators/sam", &json!({ "duties": ["support"] })).await?;
    let case = open(&mut client, json!({ "agent": "sam", "reference": "T-1" })).await?;
    let look = json!({ "type": "second_verification", "agent": "sam", "check": "video",
        "reference": "V-1" });
    client.post(&format!("/v1/recoveries/{case}/evidence"), &look).await?;
    let refused = send(&mut client, &case, &json!({ "channel": "sms" })).await?;
    assert_eq!((refused.status, refused.code().as_str()), (403, "not_allowed"));
    assert_eq!(refused.json()["reasons"], json!(["release.case-not-verified"]));
    assert!(pigeon.delivered.lock().unwrap().is_empty());
    engine.close().await;
    Ok(())
}
