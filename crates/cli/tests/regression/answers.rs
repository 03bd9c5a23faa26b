//! REG-23, REG-24: no answer gives a code or what is stored for it away, but the one show; and what
//! is the server's to make is not taken from a client.

use glassbreak_testkit::http::{Answer, Client, Failure};
use serde_json::json;

use crate::at_rest::{secrets, verifiers};
use crate::calls::{Place, Tested, attempt, issue, issuing, redeem, register};
use crate::common::{count, log, replays, timeline};
use crate::encodings::Planted;
use crate::endpoints::{ENDPOINTS, Endpoint, SCOPES, Target, api_key};

/// Everything an answer says: status line, headers and body.
fn whole(answer: &Answer) -> Vec<u8> {
    let mut bytes = answer.status.to_string().into_bytes();
    for (name, value) in &answer.headers {
        bytes.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\n"].concat());
    }
    bytes.extend(&answer.bytes);
    bytes
}

/// What all endpoints say to a client, asked rightly and wrongly.
async fn ask_everything(
    client: &mut Client,
    target: &Target,
    who: &str,
) -> Result<Vec<(String, Vec<u8>)>, Failure> {
    let mut heard = Vec::new();
    for endpoint in ENDPOINTS {
        let Endpoint { method, path, .. } = *endpoint;
        let from = format!("{method} {path} by {who}");
        let mut answers = vec![target.call(client, *endpoint, &[]).await?];
        answers.push(target.call(client, *endpoint, &[("idempotency-key", "one name")]).await?);
        answers.push(target.call(client, *endpoint, &[("idempotency-key", "one name")]).await?);
        let (concrete, _) = target.request(*endpoint);
        for body in ["", "{", "[]", "{\"code\": 1}"] {
            answers.push(client.send(method.parse()?, &concrete, &[], body).await?);
        }
        for query in ["?limit=1000", "?unknown=1", "?state=active&kind=saved", "?expand=verifiers"]
        {
            let path = format!("{concrete}{query}");
            answers.push(client.send(method.parse()?, &path, &[], "").await?);
        }
        let said = answers.iter().map(|answer| whole(&without_the_show(answer)));
        heard.extend(said.map(|bytes| (from.clone(), bytes)));
    }
    Ok(heard)
}

/// The answer without what it is there to show, this once: the codes of a set, or a key.
fn without_the_show(answer: &Answer) -> Answer {
    let mut body = answer.json();
    if let (201, Some(members)) = (answer.status, body.as_object_mut()) {
        members.remove("codes");
        members.remove("key");
        return Answer { bytes: body.to_string().into_bytes(), ..answer.clone() };
    }
    answer.clone()
}

#[tokio::test]
async fn reg_23_no_answer_of_any_endpoint_to_any_role_has_a_code_or_a_verifier_in_it() -> Tested {
    let place = Place::new("reg-23")?;
    let config = "[throttle]\nfree = 10\nwait_first = 86400\nwait_max = 86400\n[tiers.standard]\n\
                  issue_limit = { sets = 100, period = 3600 }\n";
    let server = place.start(config, "warn")?;
    let mut admin = server.client()?;
    let (mut codes, mut keys, mut heard) = (Vec::new(), vec![server.admin_key()?], Vec::new());
    let mut clients =
        vec![("the administrator", admin.another()), ("nobody", admin.presenting(None))];
    for scope in SCOPES {
        let (_, key) = api_key(&mut admin, &[scope]).await?;
        clients.push((scope, admin.presenting(Some(&key))));
        keys.push(key);
    }
    for (number, (who, mut client)) in clients.into_iter().enumerate() {
        let subject = format!("ada-{number}");
        register(&mut admin, &subject, "standard").await?;
        let how = json!({ "profile": "compact", "count": 2 });
        codes.extend(issue(&mut admin, &subject, &how).await?.codes);
        let target = Target::make(&mut admin, &subject).await?;
        codes.extend(target.shown.codes.clone());
        // What is spent and what is wrong answers too.
        for code in &target.shown.codes[..2] {
            for _ in 0..2 {
                heard.push(whole(&redeem(&mut admin, &subject, code).await?));
            }
        }
        let said = ask_everything(&mut client, &target, who).await?;
        let planted = Planted::codes(&codes);
        for (from, bytes) in said {
            let text = String::from_utf8_lossy(&bytes);
            assert_eq!(planted.find(&bytes), [""; 0], "{from}: {text}");
            let found = keys.iter().filter(|key| text.contains(key.as_str())).count();
            assert_eq!(found, 0, "{from} tells a key");
            heard.push(bytes);
        }
    }
    // The codes are known first, what is stored only now: search everything again for that.
    let mut stored = Vec::new();
    for (mac, salt) in verifiers(&place.data())? {
        stored.push(mac);
        stored.extend(salt);
    }
    assert!(stored.len() > 100);
    stored.extend(secrets(&place.data())?);
    let (planted, stored) = (Planted::codes(&codes), Planted::raw(&stored));
    for bytes in &heard {
        let text = String::from_utf8_lossy(bytes);
        assert_eq!(planted.find(bytes), [""; 0], "{text}");
        assert_eq!(stored.find(bytes), [""; 0], "{text}");
    }
    println!("{} answers", heard.len());
    Ok(())
}

/// What a client might want to decide about a set: its codes, its secrets, its times, its ids.
const NOT_THEIRS: [&str; 27] = [
    "code",
    "codes",
    "secret",
    "secrets",
    "verifier",
    "verifiers",
    "hash",
    "salt",
    "seed",
    "entropy",
    "key_generation",
    "scheme",
    "at",
    "now",
    "time",
    "timestamp",
    "issued_at",
    "created_at",
    "expires_at",
    "confirm_by",
    "set_id",
    "id",
    "grant",
    "window_ends_at",
    "obligations",
    "sent_id",
    "case_digest",
];

/// How many entries there are, but for what the server writes by itself: that a containment is
/// finished.
async fn of_requests(client: &mut Client) -> Result<usize, Failure> {
    let entries = log(client).await?;
    Ok(entries.len() - count(&entries, "containment.finished"))
}

#[tokio::test]
async fn reg_24_codes_times_and_ids_of_a_clients_own_making_are_refused() -> Tested {
    let place = Place::new("reg-24")?;
    let server = place.start("", "warn")?;
    let mut client = server.client()?;
    let target = Target::make(&mut client, "ada").await?;
    let own = "gb-00000-00000-00000-00000-00000-00000";
    let values = [json!(own), json!([own]), json!(0), json!("2000-01-01T00:00:00Z"), json!(null)];
    let before = of_requests(&mut client).await?;
    let mut refused = 0;
    for endpoint in ENDPOINTS.iter().filter(|endpoint| ["PUT", "POST"].contains(&endpoint.method)) {
        let (path, body) = target.request(*endpoint);
        let Some(own_fields) = body.as_object() else { continue };
        for field in NOT_THEIRS.iter().filter(|field| !own_fields.contains_key(**field)) {
            for value in &values {
                let mut body = body.clone();
                body[*field] = value.clone();
                let answer = client.send(endpoint.method.parse()?, &path, &[], body.to_string());
                let answer = answer.await?;
                assert_eq!(answer.code(), "invalid_request", "{path}: `{field}` was taken");
                assert_eq!(answer.status, 422);
                assert!(!answer.text().contains(own), "{path}: `{field}` came back");
                refused += 1;
            }
        }
    }
    let after = of_requests(&mut client).await?;
    assert_eq!(after, before, "a refused request left something behind");
    println!("{refused} requests");
    Ok(())
}

/// Headers and the reporter's word about time decide nothing: an event's moment is the server's.
#[tokio::test]
async fn reg_24_a_clients_clock_decides_nothing() -> Tested {
    let place = Place::new("reg-24-clock")?;
    let server = place.start("", "warn")?;
    let mut client = server.client()?;
    register(&mut client, "ada", "standard").await?;
    let headers = [
        ("date", "Mon, 01 Jan 2001 00:00:00 GMT"),
        ("x-timestamp", "978307200"),
        ("x-request-start", "t=978307200000"),
        ("if-unmodified-since", "Mon, 01 Jan 2001 00:00:00 GMT"),
    ];
    let path = "/v1/subjects/ada/code-sets";
    let body = issuing(&json!({ "count": 2 })).to_string();
    let shown = client.send("POST".parse()?, path, &headers, body).await?;
    assert_eq!(shown.status, 201, "{}", shown.text());
    let code = shown.json()["codes"][0].as_str().unwrap_or_default().to_owned();
    let body = attempt("ada", &code).to_string();
    let redeemed = client.send("POST".parse()?, "/v1/redemptions", &headers, body).await?;
    assert_eq!(redeemed.json()["outcome"], "accepted");
    let path = "/v1/subjects/ada/lifecycle-events";
    let future = json!({ "type": "risk_raised", "occurred_at": "2099-01-01T00:00:00Z" });
    assert_eq!(client.post(path, &future).await?.code(), "invalid_request");
    let past = json!({ "type": "risk_raised", "occurred_at": "2001-01-01T00:00:00Z" });
    assert_eq!(client.post(path, &past).await?.status, 200);
    let timeline = timeline(&mut client, "ada").await?;
    assert_eq!(count(&timeline, "lifecycle.reported"), 1);
    // All within a minute of the registration, which named no time.
    let moments: Vec<_> =
        timeline.iter().filter_map(|entry| entry["entry"]["at"].as_u64()).collect();
    assert_eq!(moments.len(), timeline.len());
    assert!(moments.is_sorted(), "{moments:?}");
    assert!(moments[moments.len() - 1] - moments[0] < 60_000, "{moments:?}");
    replays(&mut client).await?;
    Ok(())
}

/// A lifetime can be shorter than the tier's, never longer, and there is no never.
#[tokio::test]
async fn reg_24_a_client_shortens_a_lifetime_and_never_lengthens_it() -> Tested {
    let place = Place::new("reg-24-lifetime")?;
    let server = place.start("", "warn")?;
    let mut client = server.client()?;
    register(&mut client, "ada", "standard").await?;
    let year = 365 * 86_400;
    for lifetime in [json!(0), json!(year + 1), json!(u32::MAX), json!(-1), json!("never")] {
        let body = issuing(&json!({ "lifetime_seconds": lifetime }));
        let answer = client.post("/v1/subjects/ada/code-sets", &body).await?;
        assert_eq!(answer.code(), "invalid_request", "{lifetime}: {}", answer.text());
    }
    issue(&mut client, "ada", &json!({ "lifetime_seconds": 3600 })).await?;
    let set = client.get("/v1/inventory?subject=ada").await?.json()["items"][0].clone();
    let moment = |member: &str| -> Result<jiff::Timestamp, Failure> {
        Ok(set[member].as_str().unwrap_or_default().parse()?)
    };
    let lives = moment("expires_at")?.as_second() - moment("issued_at")?.as_second();
    assert_eq!(lives, 3600);
    Ok(())
}
