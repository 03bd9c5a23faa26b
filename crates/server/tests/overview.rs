//! What a console asks, over HTTP: how things stand, alerts, the directory, who has to wait, what
//! recoveries wait for, the newest entries, and decisions on record (G1, G3, G4, F1, E5).

#![cfg(test)]

use std::sync::Arc;

use glassbreak_engine::core::access::Scope;
use glassbreak_engine::core::event::{AlertLevel, RuleAlert};
use glassbreak_engine::core::id::{EventId, SubjectRef};
use glassbreak_engine::core::recovery::Reference;
use glassbreak_engine::core::settings::{Settings, Support};
use glassbreak_engine::core::subject::Channel;
use glassbreak_engine::operation::Outgoing;
use glassbreak_engine::store::memory::MemoryStore;
use glassbreak_engine::{Caller, Engine, Options, Reach, RootKey};
use glassbreak_policy::CedarPolicy;
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

/// A server in this process, with its engine.
struct Served {
    engine: Engine,
    /// A client with every scope.
    client: Client,
    /// One that audits, and reaches the group `staff`.
    bound: Client,
}

async fn serve() -> Result<Served, Failure> {
    let store = Arc::new(MemoryStore::new());
    let root = RootKey::from_bytes([7; 32]);
    let mut settings = Settings::defaults();
    for tier in settings.tiers.values_mut() {
        tier.support = Some(Support { risk_analysis: Reference::try_from("RISK-1".to_owned())? });
    }
    let mut options = Options::new(settings);
    let policy = CedarPolicy::default_set().map_err(|findings| findings.to_string())?;
    options.policy = Some(Arc::new(policy));
    let engine = Engine::open(store, root, options).await?;
    let key = engine.draw_api_key()?;
    let scopes = Scope::ALL.to_vec();
    engine.create_api_key(&Caller::embedder(), &key, "a test".to_owned(), scopes).await?;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let mut client = Client::new(listener.local_addr()?, Some(&key.key));
    let service = router(engine.clone(), false, Arc::new(Nobody));
    let addr = listener.local_addr()?;
    tokio::spawn(async move { axum::serve(listener, service).await });
    let body = json!({ "label": "bound", "scopes": ["audit"], "groups": ["staff"] });
    let made = client.post("/v1/api-keys", &body).await?.json();
    let bound = Client::new(addr, made["key"].as_str());
    Ok(Served { engine, client, bound })
}

impl Served {
    async fn get(&mut self, path: &str) -> Result<Value, Failure> {
        let answer = self.client.get(path).await?;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        Ok(answer.json())
    }

    async fn register(&mut self, name: &str, group: &str, assurance: &str) -> Tested {
        let person = json!({ "kind": "person", "assurance": assurance, "groups": [group] });
        let registered = self.client.put(&format!("/v1/subjects/{name}"), &person).await?;
        assert_eq!(registered.status, 201, "{}", registered.text());
        Ok(())
    }

    async fn issue(&mut self, name: &str) -> Result<Value, Failure> {
        let asked = json!({ "reason": "enrolment", "kind": "saved", "session_assurance": "aal2" });
        let path = format!("/v1/subjects/{name}/code-sets");
        let issued = self.client.post(&path, &asked).await?;
        assert_eq!(issued.status, 201, "{}", issued.text());
        Ok(issued.json())
    }

    async fn redeem(&mut self, number: u32, name: &str, code: &Value) -> Result<u16, Failure> {
        let body = json!({ "redemption_id": format!("00000000-0000-4000-8000-{number:012}"),
            "subject": name, "code": code, "role": "account_recovery", "presented": ["password"] });
        Ok(self.client.post("/v1/redemptions", &body).await?.status)
    }

    /// Six wrong codes for `name`: codes of another's set.
    async fn throttle(&mut self, name: &str, wrong: &Value) -> Tested {
        for number in 100..106 {
            assert_eq!(self.redeem(number, name, wrong).await?, 401);
        }
        Ok(())
    }

    /// Counts all that is committed, as the server does beside its requests.
    async fn count_days(&self) -> Tested {
        let stored = self.engine.figures().await.stored.ok_or("no figures")?;
        let mut counter = self.engine.day_counter().await?;
        while counter.position() < stored.committed {
            counter.step().await?;
        }
        Ok(())
    }

    async fn raise(&self, subject: Option<&str>, rule: &str, level: AlertLevel) -> Tested {
        let subject = match subject {
            None => None,
            Some(name) => {
                let name = SubjectRef::try_from(name.to_owned())?;
                let found = self.engine.subject(&Reach::Everybody, &name).await?;
                found.map(|(subject, _)| subject.id)
            }
        };
        let entries = vec![EventId(self.engine.new_id()?)];
        let reasons = vec!["A rule.".to_owned(), "It counted 5.".to_owned()];
        let rule = RuleAlert { name: rule.to_owned(), level, reasons, entries };
        self.engine.raise_alert(subject, rule).await?;
        Ok(())
    }
}

/// A member of each item of a list.
fn each<'a>(answer: &'a Value, member: &str) -> Vec<&'a str> {
    let items = answer["items"].as_array().map(Vec::as_slice).unwrap_or_default();
    items.iter().map(|item| item[member].as_str().unwrap_or_default()).collect()
}

#[tokio::test]
async fn g4_the_overview_tells_how_things_stand_in_one_answer() -> Tested {
    let mut served = serve().await?;
    for (name, assurance) in [("ada", "aal1"), ("bob", "aal2"), ("eve", "aal1")] {
        served.register(name, "staff", assurance).await?;
    }
    let (ada, eve) = (served.issue("ada").await?, served.issue("eve").await?);
    assert_eq!(served.redeem(1, "ada", &ada["codes"][0]).await?, 200);
    served.throttle("eve", &ada["codes"][1]).await?;
    served.raise(Some("eve"), "guessing", AlertLevel::High).await?;
    let opened = served.client.post("/v1/recoveries", &json!({ "subject": "bob" })).await?;
    assert_eq!(opened.status, 201, "{}", opened.text());
    served.count_days().await?;
    let found = served.get("/v1/overview").await?;
    assert_eq!(found["recoveries"], json!({ "open": 1, "window": 1 }));
    assert_eq!(found["cases"], json!({ "open": 0, "window": 0 }));
    assert_eq!(found["windows"][0]["subject"], "ada");
    assert!(found["windows"][0]["window_ends_at"].is_string());
    assert_eq!((&found["throttled"], &found["containments"]), (&json!(1), &json!(0)));
    assert_eq!(found["alerts"]["high"], json!({ "last_day": 1, "last_week": 1 }));
    assert_eq!(found["alerts"]["critical"], json!({ "last_day": 0, "last_week": 0 }));
    // A database as small as this one is counted while the first one waits.
    let counted = &found["inventory"];
    assert_eq!((&counted["subjects"], &counted["covered"]), (&json!(3), &json!(2)));
    let of = |name: &str| counted["by_assurance"][name].clone();
    assert_eq!(of("aal1"), json!({ "subjects": 2, "covered": 2, "uncovered": 0 }));
    assert_eq!(of("aal2"), json!({ "subjects": 1, "covered": 0, "uncovered": 1 }));
    assert_eq!(counted["by_tier"]["standard"]["uncovered"], 1);
    assert!(counted["as_of"].is_string());
    let days = found["days"]["items"].as_array().ok_or("no days")?;
    let today = days.last().ok_or("no today")?;
    assert_eq!(days.len(), 30);
    assert_eq!((&today["accepted"], &today["refused"]), (&json!(1), &json!(6)));
    assert_eq!((&today["issued"], &today["alerts"]), (&json!(2), &json!(1)));
    assert!(
        found["now"]
            .as_str()
            .is_some_and(|now| now.starts_with(today["day"].as_str().unwrap_or("-")))
    );
    assert_eq!(served.bound.get("/v1/overview").await?.json()["code"], "key_bound");
    drop(eve);
    // What is counted beside the requests does not change until it is counted anew.
    served.register("new", "staff", "aal1").await?;
    assert_eq!(served.get("/v1/overview").await?["inventory"]["subjects"], 3);
    served.engine.count_inventory().await?;
    assert_eq!(served.get("/v1/overview").await?["inventory"]["subjects"], 4);
    Ok(())
}

#[tokio::test]
async fn g4_days_are_counted_once_however_often_the_counter_begins() -> Tested {
    let mut served = serve().await?;
    served.register("ada", "staff", "aal1").await?;
    for round in 1..4_u64 {
        served.issue("ada").await?;
        served.count_days().await?;
        let found = served.get("/v1/overview").await?;
        let today = found["days"]["items"].as_array().and_then(|days| days.last());
        assert_eq!(today.map(|today| &today["issued"]), Some(&json!(round)));
        assert!(found["days"]["as_of"].is_string());
    }
    Ok(())
}

#[tokio::test]
async fn g3_alerts_are_listed_newest_first_with_their_reasons() -> Tested {
    let mut served = serve().await?;
    served.register("ada", "staff", "aal1").await?;
    served.register("bob", "others", "aal1").await?;
    served.raise(Some("ada"), "guessing", AlertLevel::High).await?;
    served.raise(Some("bob"), "guessing", AlertLevel::High).await?;
    served.raise(None, "key-rotated", AlertLevel::Low).await?;
    let all = served.get("/v1/alerts").await?;
    assert_eq!(each(&all, "rule"), ["key-rotated", "guessing", "guessing"]);
    assert_eq!(each(&all, "subject"), ["", "bob", "ada"]);
    let first = &all["items"][2];
    assert_eq!(first["reasons"], json!(["A rule.", "It counted 5."]));
    assert_eq!(
        (&first["level"], first["entries"].as_array().map(Vec::len)),
        (&json!("high"), Some(1))
    );
    for (query, expected) in [
        ("level=medium", vec!["bob", "ada"]),
        ("rule=guessing", vec!["bob", "ada"]),
        ("subject=ada", vec!["ada"]),
        ("subject=nobody", vec![]),
        ("since=2000-01-01T00:00:00Z&limit=1", vec![""]),
        ("since=2100-01-01T00:00:00Z", vec![]),
    ] {
        let found = served.get(&format!("/v1/alerts?{query}")).await?;
        assert_eq!(each(&found, "subject"), expected, "{query}");
    }
    let page = served.get("/v1/alerts?limit=2").await?;
    let rest = served.get(&format!("/v1/alerts?limit=2&cursor={}", page["next_cursor"])).await?;
    assert_eq!((each(&rest, "subject"), rest.get("next_cursor")), (vec!["ada"], None));
    let bound = served.bound.get("/v1/alerts").await?.json();
    assert_eq!(each(&bound, "subject"), ["ada"], "of others it learns nothing");
    let wrong = served.client.get("/v1/alerts?level=loud").await?;
    assert_eq!((wrong.status, &wrong.json()["code"]), (422, &json!("invalid_request")));
    Ok(())
}

#[tokio::test]
async fn g4_the_directory_is_searched_and_tells_who_has_to_wait() -> Tested {
    let mut served = serve().await?;
    for (name, group) in [("anna", "staff"), ("anton", "others"), ("bea", "staff")] {
        served.register(name, group, "aal1").await?;
    }
    let anna = served.issue("anna").await?;
    let found = served.get("/v1/subjects?prefix=an").await?;
    assert_eq!(each(&found, "subject"), ["anna", "anton"]);
    assert_eq!(found["items"][0]["code_set"]["set_id"], anna["set_id"]);
    assert_eq!(found["items"][1].get("code_set"), None);
    for (query, expected) in [
        ("uncovered=true", vec!["anton", "bea"]),
        ("group=staff", vec!["anna", "bea"]),
        ("tier=privileged", vec![]),
        ("prefix=an&uncovered=true&tier=standard", vec!["anton"]),
    ] {
        let found = served.get(&format!("/v1/subjects?{query}")).await?;
        assert_eq!(each(&found, "subject"), expected, "{query}");
    }
    let page = served.get("/v1/subjects?limit=2").await?;
    let next = page["next_cursor"].as_str().ok_or("no next page")?.to_owned();
    let rest = served.get(&format!("/v1/subjects?limit=2&cursor={next}")).await?;
    assert_eq!(each(&rest, "subject"), ["bea"]);
    let bound = served.bound.get("/v1/subjects").await?.json();
    assert_eq!(each(&bound, "subject"), ["anna", "bea"]);
    served.issue("anton").await?;
    served.throttle("anton", &anna["codes"][0]).await?;
    let waiting = served.get("/v1/throttled").await?;
    assert_eq!(each(&waiting, "subject"), ["anton"]);
    assert_eq!(waiting["items"][0]["failures"], 6);
    assert!(waiting["items"][0]["until"].is_string());
    let bound = served.bound.get("/v1/throttled").await?.json();
    assert_eq!(bound["items"], json!([]));
    Ok(())
}

#[tokio::test]
async fn f1_recoveries_are_listed_by_what_they_wait_for() -> Tested {
    let mut served = serve().await?;
    for name in ["ada", "bob", "iris"] {
        served.register(name, "staff", "aal1").await?;
    }
    let duties = json!({ "duties": ["support"] });
    let appointed = served.client.put("/v1/operators/iris", &duties).await?;
    assert_eq!(appointed.status, 200, "{}", appointed.text());
    let set = served.issue("ada").await?;
    for body in [
        json!({ "subject": "bob" }),
        json!({ "subject": "ada", "agent": "iris", "cause": "phone_lost" }),
    ] {
        let opened = served.client.post("/v1/recoveries", &body).await?;
        assert_eq!(opened.status, 201, "{}", opened.text());
    }
    assert_eq!(served.redeem(1, "ada", &set["codes"][0]).await?, 200);
    for (query, expected) in [
        ("", vec!["bob", "ada", "ada"]),
        ("?newest=true", vec!["ada", "ada", "bob"]),
        ("?kind=case", vec!["ada"]),
        ("?kind=own", vec!["bob", "ada"]),
        ("?agent=iris", vec!["ada"]),
        ("?agent=nobody", vec![]),
        ("?needs=enrolment", vec!["ada"]),
        ("?needs=evidence&kind=own", vec!["bob"]),
        ("?needs=any&newest=true&limit=1", vec!["ada"]),
        ("?opened_before=2000-01-01T00:00:00Z", vec![]),
        ("?opened_after=2000-01-01T00:00:00Z&state=open", vec!["bob", "ada"]),
        ("?opened_before=2100-01-01T00:00:00Z&newest=true&state=window", vec!["ada"]),
    ] {
        let found = served.get(&format!("/v1/recoveries{query}")).await?;
        assert_eq!(each(&found, "subject"), expected, "{query}");
    }
    let all = served.get("/v1/recoveries?needs=any").await?;
    assert_eq!(each(&all, "waits_for"), ["evidence", "evidence", "enrolment"]);
    for query in ["needs=luck", "kind=other"] {
        let wrong = served.client.get(&format!("/v1/recoveries?{query}")).await?;
        assert_eq!(wrong.json()["code"], "invalid_request", "{query}");
    }
    Ok(())
}

#[tokio::test]
async fn g1_the_newest_entries_come_first_where_that_is_asked_for() -> Tested {
    let mut served = serve().await?;
    served.register("ada", "staff", "aal1").await?;
    for _ in 0..3 {
        served.issue("ada").await?;
    }
    for (path, cursor) in [("/v1/log/entries", "from"), ("/v1/subjects/ada/timeline", "cursor")] {
        let oldest = served.get(&format!("{path}?limit=1000")).await?;
        let (mut newest, mut next) = (Vec::new(), String::new());
        loop {
            let page = served.get(&format!("{path}?newest=true&limit=2{next}")).await?;
            newest.extend(page["items"].as_array().cloned().unwrap_or_default());
            let Some(at) = page.get("next_cursor") else { break };
            next = format!("&{cursor}={at}");
        }
        newest.reverse();
        assert_eq!(oldest["items"], json!(newest), "{path}");
    }
    Ok(())
}

#[tokio::test]
async fn e5_a_change_of_policy_is_tried_against_decisions_on_record() -> Tested {
    let mut served = serve().await?;
    served.register("ada", "staff", "aal1").await?;
    let set = served.issue("ada").await?;
    assert_eq!(served.redeem(1, "ada", &set["codes"][0]).await?, 200);
    let found = served.get("/v1/decisions").await?;
    assert_eq!(each(&found, "action"), ["recover", "issue"]);
    assert_eq!(each(&found, "outcome"), ["permit", "permit"]);
    assert!(found["items"][0]["asked"].is_object() && found["items"][0]["reasons"][0].is_string());
    let issues = served.get("/v1/decisions?action=issue&outcome=permit").await?;
    assert_eq!(each(&issues, "type"), ["code_set.issued"]);
    assert_eq!(served.get("/v1/decisions?outcome=deny").await?["items"], json!([]));
    let page = served.get("/v1/decisions?limit=1").await?;
    let rest = served.get(&format!("/v1/decisions?cursor={}", page["next_cursor"])).await?;
    assert_eq!(each(&rest, "action"), ["issue"]);
    // The set in force changes nothing; without what permits recoveries, one would be refused.
    let in_force = served.get("/v1/policy").await?;
    let same = json!({ "files": in_force["files"] });
    let tried = served.client.post("/v1/policy/trial", &same).await?;
    assert_eq!(tried.status, 200, "{}", tried.text());
    assert_eq!(
        (&tried.json()["decisions"], &tried.json()["changed_count"]),
        (&json!(2), &json!(0))
    );
    assert_eq!(tried.json()["refused"], false);
    let mut files = in_force["files"].clone();
    let name = "zz-change.cedar";
    files[name] = json!(
        "@id(\"recover.never\")\nforbid (principal, action == Action::\"recover\", resource);\n"
    );
    let tried =
        served.client.post("/v1/policy/trial", &json!({ "files": files, "last": 5 })).await?;
    assert_eq!(tried.status, 200, "{}", tried.text());
    let tried = tried.json();
    assert_eq!(tried["changed_count"], 1, "{tried}");
    let changed = &tried["changed"][0];
    assert_eq!((&changed["action"], &changed["outcome"]), (&json!("recover"), &json!("permit")));
    assert_eq!(changed["would_be"], "deny");
    assert_eq!(changed["would_be_by"], json!(["recover.never"]));
    assert_eq!(served.get("/v1/policy").await?["policy"], in_force["policy"], "nothing was loaded");
    let broken = json!({ "files": { "a.cedar": "no policy" } });
    let broken = served.client.post("/v1/policy/trial", &broken).await?;
    assert_eq!(broken.json()["code"], "policy_refused");
    let bound = served.bound.get("/v1/decisions").await?;
    assert_eq!(bound.json()["code"], "key_bound");
    Ok(())
}
