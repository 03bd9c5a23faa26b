//! Addresses that are confirmed by a code, and recovery contacts (N63B-IC-08, -09, N63B-RC-01 to
//! -04), over HTTP and SQLite, with a courier that keeps what it is given and a clock that tests
//! move.

#![cfg(test)]

use std::sync::{Arc, Mutex};

use glassbreak_engine::core::settings::Settings;
use glassbreak_engine::core::subject::Channel;
use glassbreak_engine::core::time::Seconds;
use glassbreak_engine::operation::{Errand, Outgoing};
use glassbreak_engine::{Caller, Engine, Options, RootKey};
use glassbreak_server::{Courier, Delivering, router};
use glassbreak_store_sqlite::SqliteStore;
use glassbreak_testkit::FakeClock;
use glassbreak_testkit::http::{Answer, Client, Failure};
use glassbreak_testkit::server::TempDir;
use serde_json::{Value, json};

type Tested = Result<(), Failure>;

const CONFIRMATIONS: &str = "/v1/subjects/ada/addresses/confirmations";

/// What was delivered: address, code, and what for.
#[derive(Default)]
struct Pigeon(Mutex<Vec<(String, String, Errand)>>);

impl Courier for Pigeon {
    fn carries(&self, channel: Channel) -> bool {
        channel != Channel::Voice
    }

    fn deliver(&self, outgoing: Outgoing) -> Delivering<'_> {
        let code = outgoing.code.expose_display().to_string();
        self.0.lock().unwrap().push((outgoing.to.address, code, outgoing.errand));
        Box::pin(std::future::ready(Ok(())))
    }
}

struct World {
    client: Client,
    engine: Engine,
    clock: FakeClock,
    pigeon: Arc<Pigeon>,
    _dir: TempDir,
}

impl World {
    async fn open() -> Result<Self, Failure> {
        let dir = TempDir::new("address-book")?;
        let path = dir.path().join("glassbreak.db");
        let store = SqliteStore::open(&path, &glassbreak_store_sqlite::Options::default())?;
        let clock = FakeClock::default();
        let options =
            Options { clock: Box::new(clock.clone()), ..Options::new(Settings::defaults()) };
        let engine = Engine::open(Arc::new(store), RootKey::from_bytes([7; 32]), options).await?;
        let key = engine.draw_api_key()?;
        let scopes = glassbreak_engine::core::access::Scope::ALL.to_vec();
        engine.create_api_key(&Caller::embedder(), &key, "a test".to_owned(), scopes).await?;
        let pigeon = Arc::new(Pigeon::default());
        let courier: Arc<dyn Courier> = pigeon.clone();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let addr = listener.local_addr()?;
        let service = router(engine.clone(), false, courier);
        tokio::spawn(async move { axum::serve(listener, service).await });
        let client = Client::new(addr, Some(&key.key));
        let mut world = Self { client, engine, clock, pigeon, _dir: dir };
        world.register(&["ada@example.org", "ada@work.example"]).await?;
        Ok(world)
    }

    /// Registers Ada with mail addresses that nobody has verified, as a nightly sync would.
    async fn register(&mut self, addresses: &[&str]) -> Tested {
        let addresses: Vec<_> =
            addresses.iter().map(|to| json!({ "channel": "email", "address": to })).collect();
        let person = json!({ "kind": "person", "assurance": "aal2",
            "notification_addresses": addresses });
        let answer = self.client.put("/v1/subjects/ada", &person).await?;
        assert!(matches!(answer.status, 200 | 201), "{}", answer.text());
        Ok(())
    }

    /// Sends a confirmation: its id and the code that went out.
    async fn send(&mut self, body: &Value) -> Result<(String, String), Failure> {
        let sent = self.client.post(CONFIRMATIONS, body).await?;
        assert_eq!(sent.status, 201, "{}", sent.text());
        let id = sent.json()["confirmation_id"].as_str().map(str::to_owned);
        let (_, code, errand) = self.delivered();
        assert_eq!(errand, Errand::Confirmation);
        assert!(!sent.text().contains(&code), "F4: the code is in no answer");
        Ok((id.ok_or("no id")?, code))
    }

    async fn confirm(&mut self, id: &str, code: &str) -> Result<Answer, Failure> {
        let path = format!("{CONFIRMATIONS}/{id}/confirm");
        self.client.post(&path, &json!({ "code": code })).await
    }

    fn delivered(&self) -> (String, String, Errand) {
        self.pigeon.0.lock().unwrap().last().cloned().unwrap()
    }

    /// Which of Ada's addresses are verified.
    async fn verified(&mut self) -> Result<Vec<String>, Failure> {
        let seen = self.client.get("/v1/subjects/ada").await?.json();
        let addresses = seen["notification_addresses"].as_array().ok_or("no addresses")?;
        let verified = addresses.iter().filter(|to| to["verified"] == true);
        Ok(verified.filter_map(|to| to["address"].as_str().map(str::to_owned)).collect())
    }

    async fn add_contact(&mut self, label: &str, to: &Value) -> Result<Answer, Failure> {
        self.client.put(&format!("/v1/subjects/ada/contacts/{label}"), to).await
    }

    async fn remove_contact(&mut self, label: &str) -> Result<Answer, Failure> {
        let path = format!("/v1/subjects/ada/contacts/{label}");
        self.client.send("DELETE".parse()?, &path, &[], String::new()).await
    }

    async fn contacts(&mut self) -> Result<Value, Failure> {
        Ok(self.client.get("/v1/subjects/ada/contacts").await?.json())
    }

    async fn open_recovery(&mut self) -> Result<String, Failure> {
        let answer = self.client.post("/v1/recoveries", &json!({ "subject": "ada" })).await?;
        let id = answer.json()["recovery_id"].as_str().map(str::to_owned);
        id.ok_or_else(|| answer.text().into())
    }

    async fn issue_code(&mut self, recovery: &str, body: &Value) -> Result<Answer, Failure> {
        self.client.post(&format!("/v1/recoveries/{recovery}/issued-codes"), body).await
    }

    async fn redeem(&mut self, name: u8, code: &str, recovery: &str) -> Result<Answer, Failure> {
        let id = format!("00000000-0000-4000-8000-0000000000{name:02x}");
        let body = json!({ "redemption_id": id, "subject": "ada", "code": code,
            "role": "account_recovery", "recovery_id": recovery, "presented": [] });
        self.client.post("/v1/redemptions", &body).await
    }

    /// The tables are what the log says, and the log holds no name and no address.
    async fn ends_well(&mut self) -> Tested {
        let replay = self.engine.replay(&mut |_, _| {}).await?;
        assert!(replay.differences.is_empty(), "{:?}", replay.differences);
        let entries = self.engine.entries(0, 1000).await?;
        let log: String = entries.iter().map(|it| String::from_utf8_lossy(&it.bytes)).collect();
        for planted in ["example", "bert", "sister", "+49"] {
            assert!(!log.contains(planted), "`{planted}` is in the log");
        }
        for (_, code, _) in self.pigeon.0.lock().unwrap().iter() {
            assert!(!log.contains(code), "a code is in the log");
        }
        self.engine.close().await;
        Ok(())
    }

    async fn happened(&self, name: &str) -> Result<usize, Failure> {
        let entries = self.engine.entries(0, 1000).await?;
        let entries = entries.iter().filter_map(|entry| entry.entry().ok());
        Ok(entries.filter(|entry| entry.happened.name() == name).count())
    }
}

fn mail(address: &str) -> Value {
    json!({ "channel": "email", "address": address })
}

#[tokio::test]
async fn n63b_ic_08_an_address_is_verified_after_the_right_code_came_back() -> Tested {
    let mut world = World::open().await?;
    let (id, code) = world.send(&mail("ada@example.org")).await?;
    assert_eq!(world.delivered().0, "ada@example.org");
    let digits = code.chars().filter(char::is_ascii_digit).count();
    assert!(digits >= 8, "N63B-IC-02: {digits} digits");
    assert!(world.verified().await?.is_empty(), "sending alone verifies nothing");
    let recovery = world.open_recovery().await?;
    let refused = world.issue_code(&recovery, &json!({ "channel": "email" })).await?;
    assert_eq!(refused.code(), "invalid_request", "N63B-IC-01: {}", refused.text());

    let (other, other_code) = world.send(&mail("ada@work.example")).await?;
    let crossed = world.confirm(&id, &other_code).await?;
    assert_eq!((crossed.status, crossed.code().as_str()), (401, "not_accepted"));
    let confirmed = world.confirm(&id, &code).await?;
    assert_eq!(confirmed.status, 200, "{}", confirmed.text());
    assert_eq!(world.confirm(&id, &code).await?.code(), "not_accepted", "it works once");
    assert_eq!(world.verified().await?, ["ada@example.org"]);
    // N63B-IC-09: a second address, and more, up to all 256 that a subject may have.
    assert_eq!(world.confirm(&other, &other_code).await?.status, 200);
    assert_eq!(world.verified().await?.len(), 2);
    let again = world.client.post(CONFIRMATIONS, &mail("ada@example.org")).await?;
    assert_eq!(again.code(), "invalid_request", "verified already");

    // A recovery that is opened from now on may send there; one from before may not.
    let refused = world.issue_code(&recovery, &json!({ "channel": "email" })).await?;
    assert_eq!(refused.code(), "invalid_request", "confirmed in mid-case: {}", refused.text());
    let recovery = world.open_recovery().await?;
    let sent = world.issue_code(&recovery, &json!({ "channel": "email" })).await?;
    assert_eq!(sent.status, 201, "{}", sent.text());
    assert_eq!(world.delivered().2, Errand::Recovery);

    // A sync knows nothing of it and takes nothing away, unless the address goes.
    world.register(&["ada@example.org", "ada@work.example", "new@example.org"]).await?;
    assert_eq!(world.verified().await?.len(), 2);
    world.register(&["ada@work.example"]).await?;
    world.register(&["ada@example.org", "ada@work.example"]).await?;
    assert_eq!(world.verified().await?, ["ada@work.example"], "who came back is not known");
    world.ends_well().await
}

#[tokio::test]
async fn n63b_ic_08_a_confirmation_dies_of_time_a_newer_one_and_a_change() -> Tested {
    let mut world = World::open().await?;
    let to = mail("ada@example.org");
    let (old, old_code) = world.send(&to).await?;
    let (id, code) = world.send(&to).await?;
    assert_eq!(world.confirm(&old, &old_code).await?.code(), "not_accepted", "a newer one");
    // N63B-IC-04: a day by mail, and not a moment more.
    world.clock.advance(Seconds::hours(24));
    assert_eq!(world.confirm(&id, &code).await?.code(), "not_accepted", "its time is up");
    let (id, code) = world.send(&to).await?;
    world.register(&["ada@work.example"]).await?;
    world.register(&["ada@example.org", "ada@work.example"]).await?;
    assert_eq!(world.confirm(&id, &code).await?.code(), "not_accepted", "the address went");
    assert!(world.verified().await?.is_empty());

    let longer = json!({ "channel": "email", "address": "ada@example.org",
        "lifetime_seconds": 86_401 });
    let stranger = mail("eve@example.org");
    let both = json!({ "channel": "email", "address": "ada@example.org", "contact": "sister" });
    for body in [longer, stranger, both, json!({}), json!({ "channel": "email" })] {
        let refused = world.client.post(CONFIRMATIONS, &body).await?;
        assert_eq!(refused.code(), "invalid_request", "{body}: {}", refused.text());
    }
    let nobody = world.client.post(CONFIRMATIONS, &json!({ "contact": "nobody" })).await?;
    assert_eq!((nobody.status, nobody.code().as_str()), (404, "contact_unknown"));
    for _ in 0..9 {
        world.send(&to).await?;
    }
    let eleventh = world.client.post(CONFIRMATIONS, &to).await?;
    assert_eq!(eleventh.code(), "invalid_request", "ten a day: {}", eleventh.text());
    world.ends_well().await
}

#[tokio::test]
async fn n63b_ic_07_wrong_codes_look_alike_and_are_charged_to_the_one_budget() -> Tested {
    let mut world = World::open().await?;
    let (id, code) = world.send(&mail("ada@example.org")).await?;
    let (_, other) = world.send(&mail("ada@work.example")).await?;
    let unknown = "01a201ae-0000-7000-8000-000000000000";
    let mut refusals = Vec::new();
    for name in [id.as_str(), unknown, &id, unknown, &id, unknown] {
        let refused = world.confirm(name, &other).await?;
        refusals.push((refused.status, refused.json()));
    }
    refusals.dedup();
    assert_eq!(refusals.len(), 1, "C9: {refusals:?}");
    // The right one is not looked at before its time, neither here nor at a redemption.
    let throttled = world.confirm(&id, &code).await?;
    assert_eq!((throttled.status, throttled.code().as_str()), (429, "throttled"));
    let recovery = world.open_recovery().await?;
    assert_eq!(world.redeem(1, &code, &recovery).await?.code(), "throttled", "N63B-TH-01");
    world.clock.advance(Seconds(31));
    assert_eq!(world.confirm(&id, &code).await?.status, 200);
    // It bought nothing: the next failure waits as long as if nothing had been confirmed.
    assert_eq!(world.confirm(&id, &other).await?.code(), "not_accepted");
    assert_eq!(world.confirm(&id, &other).await?.code(), "throttled");
    world.ends_well().await
}

#[tokio::test]
async fn n63b_ic_07_n63b_th_08_ten_wrong_codes_end_a_confirmation_and_a_newer_one() -> Tested {
    let mut world = World::open().await?;
    // A day by mail is too short for the waits; a letter lives 21 days.
    let person = json!({ "kind": "person", "assurance": "aal2", "notification_addresses": [
        { "channel": "postal", "address": "1 Elm Street" },
        { "channel": "email", "address": "ada@work.example" },
    ] });
    world.client.put("/v1/subjects/ada", &person).await?;
    let (id, code) = world.send(&json!({ "channel": "postal", "address": "1 Elm Street" })).await?;
    let (_, wrong) = world.send(&mail("ada@work.example")).await?;
    let letter = json!({ "channel": "postal", "address": "1 Elm Street" });
    let (mut id, mut code) = (id, code);
    for guess in 0..10 {
        if guess == 5 {
            // N63B-TH-08: a newer code does not start the count anew.
            (id, code) = world.send(&letter).await?;
        }
        let refused = world.confirm(&id, &wrong).await?;
        assert_eq!(refused.code(), "not_accepted", "guess {guess}: {}", refused.text());
        world.clock.advance(Seconds::hours(1));
    }
    assert_eq!(world.confirm(&id, &code).await?.code(), "not_accepted", "the right one is late");
    let another = world.client.post(CONFIRMATIONS, &letter).await?;
    assert_eq!((another.status, another.code().as_str()), (409, "sent_codes_disabled"));
    world.clock.advance(Seconds::days(1));
    let (id, code) = world.send(&letter).await?;
    assert_eq!(world.confirm(&id, &code).await?.status, 200, "a day later it begins anew");
    world.ends_well().await
}

#[tokio::test]
async fn n63b_rc_01_a_code_by_way_of_a_contact_counts_as_recovery_contact_once() -> Tested {
    let mut world = World::open().await?;
    let (id, code) = world.send(&mail("ada@example.org")).await?;
    assert_eq!(world.confirm(&id, &code).await?.status, 200);
    let added = world.add_contact("sister", &mail("bert@example.net")).await?;
    assert_eq!(added.status, 201, "{}", added.text());
    let early = world.open_recovery().await?;
    let to_contact = json!({ "contact": "sister" });
    let refused = world.issue_code(&early, &to_contact).await?;
    assert_eq!(refused.code(), "invalid_request", "not confirmed: {}", refused.text());

    let before = world.engine.now();
    let (id, code) = world.send(&to_contact).await?;
    assert_eq!(world.delivered().0, "bert@example.net");
    // N63B-RC-02: a day more than by mail; it comes back in the last minute.
    world.clock.advance(Seconds(2 * 86_400 - 60));
    assert_eq!(world.confirm(&id, &code).await?.status, 200);
    let seen = world.contacts().await?;
    assert_eq!(seen["contacts"][0]["contact"], "sister");
    assert!(seen["contacts"][0]["confirmed_at"].is_string(), "{seen}");
    let refused = world.issue_code(&early, &to_contact).await?;
    assert_eq!(refused.code(), "invalid_request", "confirmed in mid-case: {}", refused.text());

    let recovery = world.open_recovery().await?;
    let beyond = json!({ "contact": "sister", "lifetime_seconds": 2 * 86_400 + 1 });
    let refused = world.issue_code(&recovery, &beyond).await?;
    assert_eq!(refused.code(), "invalid_request", "N63B-RC-02: {}", refused.text());
    let sent = world.issue_code(&recovery, &to_contact).await?;
    assert_eq!(sent.status, 201, "{}", sent.text());
    assert_eq!(sent.json()["contact"], "sister");
    let (address, code, errand) = world.delivered();
    assert_eq!((address.as_str(), errand), ("bert@example.net", Errand::Recovery));
    world.clock.advance(Seconds(2 * 86_400 - 60));
    let gathered = world.redeem(1, &code, &recovery).await?;
    assert_eq!(gathered.json()["outcome"], "more_evidence_required", "N63B-RA-02");
    assert_eq!(world.redeem(2, &code, &recovery).await?.code(), "not_accepted", "once");
    // A second one by the same way is the same method.
    assert_eq!(world.issue_code(&recovery, &to_contact).await?.status, 201);
    let (_, code, _) = world.delivered();
    let again = world.redeem(3, &code, &recovery).await?;
    assert_eq!(again.json()["outcome"], "more_evidence_required", "{}", again.text());
    let detail = world.client.get(&format!("/v1/recoveries/{recovery}")).await?.json();
    assert_eq!(detail["items"][0]["method"], "recovery_contact", "{detail}");
    // With one by another way it is enough.
    let issued = world.issue_code(&recovery, &json!({ "channel": "email" })).await?;
    assert_eq!(issued.status, 201, "{}", issued.text());
    let (_, code, _) = world.delivered();
    let accepted = world.redeem(4, &code, &recovery).await?;
    assert_eq!(accepted.json()["outcome"], "accepted", "{}", accepted.text());
    assert!(before < world.engine.now());
    world.ends_well().await
}

#[tokio::test]
async fn n63b_rc_03_contacts_are_viewed_and_managed() -> Tested {
    let mut world = World::open().await?;
    let own = world.add_contact("me", &mail("ADA@example.org")).await?;
    assert_eq!(own.code(), "invalid_request", "a contact is somebody else: {}", own.text());
    for number in 1..=5 {
        let to = mail(&format!("bert{number}@example.net"));
        assert_eq!(world.add_contact(&format!("friend-{number}"), &to).await?.status, 201);
    }
    let sixth = world.add_contact("friend-6", &mail("bert6@example.net")).await?;
    assert_eq!(sixth.code(), "invalid_request", "{}", sixth.text());
    let twice = world.add_contact("friend-5", &mail("bert1@example.net")).await?;
    assert_eq!(twice.code(), "invalid_request", "two names for one place: {}", twice.text());

    let friend = json!({ "contact": "friend-1" });
    let (id, code) = world.send(&friend).await?;
    assert_eq!(world.confirm(&id, &code).await?.status, 200);
    let same = world.add_contact("friend-1", &mail("bert1@example.net")).await?;
    assert_eq!((same.status, same.json()["change"].as_str()), (200, Some("unchanged")));
    assert!(world.contacts().await?["contacts"][0]["confirmed_at"].is_string());
    // Another address is another contact: not confirmed, and what was on its way is dead.
    let moved = world.add_contact("friend-1", &mail("bert@elsewhere.example")).await?;
    assert_eq!(moved.status, 201, "{}", moved.text());
    assert_ne!(moved.json()["id"], same.json()["id"]);
    let (id, code) = world.send(&friend).await?;
    world.add_contact("friend-1", &mail("bert@third.example")).await?;
    assert_eq!(world.confirm(&id, &code).await?.code(), "not_accepted");
    let (id, code) = world.send(&friend).await?;
    let removed = world.remove_contact("friend-1").await?;
    assert_eq!(removed.status, 200, "{}", removed.text());
    assert_eq!(world.confirm(&id, &code).await?.code(), "not_accepted");
    let gone = world.remove_contact("friend-1").await?;
    assert_eq!((gone.status, gone.code().as_str()), (404, "contact_unknown"));
    // A sync of the subject leaves its contacts alone.
    world.register(&["ada@example.org"]).await?;
    assert_eq!(world.contacts().await?["contacts"].as_array().map(Vec::len), Some(4));
    // Who leaves takes the names of others along.
    let left = json!({ "type": "subject_left" });
    let left = world.client.post("/v1/subjects/ada/lifecycle-events", &left).await?;
    assert_eq!(left.status, 200, "{}", left.text());
    assert_eq!(world.contacts().await?["contacts"], json!([]));
    world.ends_well().await
}

#[tokio::test]
async fn n63b_rc_04_once_a_year_a_review_of_the_contacts_is_due() -> Tested {
    let mut world = World::open().await?;
    let year = Seconds::days(365);
    let review = "/v1/subjects/ada/contact-reviews";
    let none = world.client.post(review, &json!({})).await?;
    assert_eq!(none.code(), "invalid_request", "{}", none.text());
    world.clock.advance(year);
    assert_eq!(world.engine.sweep().await?, 0, "without contacts there is nothing to review");
    world.add_contact("sister", &mail("bert@example.net")).await?;
    world.clock.advance(Seconds(year.0 - 1));
    assert_eq!(world.engine.sweep().await?, 0);
    world.clock.advance(Seconds(1));
    assert_eq!(world.engine.sweep().await?, 1);
    assert_eq!(world.engine.sweep().await?, 0, "once a year");
    assert_eq!(world.happened("contacts.review_due").await?, 1);
    // A look at them, by name or by putting one again, makes it a year from then.
    world.clock.advance(Seconds(year.0 - 1));
    assert_eq!(world.client.post(review, &json!({})).await?.status, 200);
    world.clock.advance(Seconds(year.0 - 1));
    world.add_contact("sister", &mail("bert@example.net")).await?;
    world.clock.advance(Seconds(year.0 - 1));
    assert_eq!(world.engine.sweep().await?, 0);
    world.clock.advance(Seconds(1));
    assert_eq!(world.engine.sweep().await?, 1);
    assert_eq!(world.remove_contact("sister").await?.status, 200);
    world.clock.advance(year);
    assert_eq!(world.engine.sweep().await?, 0, "there is none left");
    world.ends_well().await
}

#[tokio::test]
async fn a_retry_sends_nothing_and_confirms_nothing_twice() -> Tested {
    let mut world = World::open().await?;
    let named = [("idempotency-key", "one")];
    let body = mail("ada@example.org").to_string();
    let first = world.client.send("POST".parse()?, CONFIRMATIONS, &named, body.clone()).await?;
    let again = world.client.send("POST".parse()?, CONFIRMATIONS, &named, body).await?;
    assert_eq!((first.status, again.status), (201, 200), "{}", again.text());
    assert_eq!(again.json()["confirmation_id"], first.json()["confirmation_id"]);
    assert_eq!(world.pigeon.0.lock().unwrap().len(), 1);
    let (_, code, _) = world.delivered();
    let id = first.json()["confirmation_id"].as_str().ok_or("no id")?.to_owned();
    let (path, named) = (format!("{CONFIRMATIONS}/{id}/confirm"), [("idempotency-key", "two")]);
    let body = json!({ "code": code }).to_string();
    for _ in 0..2 {
        let sent = world.client.send("POST".parse()?, &path, &named, body.clone()).await?;
        assert_eq!(sent.status, 200, "{}", sent.text());
    }
    assert_eq!(world.happened("address.confirmed").await?, 1);
    world.ends_well().await
}

#[tokio::test]
async fn an_address_has_the_form_of_its_channel_and_a_refusal_names_its_place() -> Tested {
    let mut world = World::open().await?;
    for (channel, address) in [
        ("email", "ada"),
        ("email", "Ada <ada@example.org>"),
        ("email", "ada@example.org,eve@example.org"),
        ("sms", "030 555 0142"),
        ("voice", "+49 30 555 0142"),
        ("sms", "ada@example.org"),
        ("push", "a\nb"),
    ] {
        let person = json!({ "kind": "person", "assurance": "aal2", "notification_addresses": [
            { "channel": "email", "address": "ada@example.org" },
            { "channel": channel, "address": address },
        ] });
        let refused = world.client.put("/v1/subjects/ada", &person).await?;
        assert_eq!((refused.status, refused.code().as_str()), (422, "invalid_request"));
        let detail = refused.text();
        assert!(detail.contains("`notification_addresses[1]`"), "{detail}");
        assert!(!detail.contains(address), "the address is in {detail}");
        let contact = json!({ "channel": channel, "address": address });
        let refused = world.add_contact("sister", &contact).await?;
        assert_eq!((refused.status, refused.code().as_str()), (422, "invalid_request"));
        assert!(!refused.text().contains(address), "the address is in {}", refused.text());
    }
    world.ends_well().await
}

#[tokio::test]
async fn an_idempotency_key_used_again_with_another_code_confirms_nothing() -> Tested {
    let mut world = World::open().await?;
    let (id, code) = world.send(&mail("ada@example.org")).await?;
    let (_, other) = world.send(&mail("ada@work.example")).await?;
    let path = format!("{CONFIRMATIONS}/{id}/confirm");
    let named = [("idempotency-key", "one")];
    let mut confirm = async |code: &str| {
        let body = json!({ "code": code }).to_string();
        world.client.send("POST".parse()?, &path, &named, body).await
    };
    // A refusal takes no name; a success does, and with it the code that it was for.
    assert_eq!(confirm(&other).await?.code(), "not_accepted");
    assert_eq!(confirm(&code).await?.status, 200);
    assert_eq!(confirm(&code).await?.status, 200, "a retry");
    let reused = confirm(&other).await?;
    assert_eq!((reused.status, reused.code().as_str()), (409, "idempotency_key_reused"));
    world.ends_well().await
}
