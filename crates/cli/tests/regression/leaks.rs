//! REG-26: codes that leaked can be burned without their owners, and who reports them learns
//! nothing, unless it is one that proved it may.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use glassbreak_testkit::http::{Answer, Client, Failure, Method};
use glassbreak_testkit::seed;
use serde_json::{Value, json};

use crate::calls::{Place, Tested, issue, redeem, register};
use crate::common::{guess, timeline};
use crate::endpoints::api_key;

const PEOPLE: usize = 40;
const REPORTED: usize = 100;

/// Waits until a set has ended, and gives its entry.
async fn revoked(client: &mut Client, subject: &str) -> Result<Value, Failure> {
    // Far more than it takes; a test that waits for nothing has to end.
    for _ in 0..20_000 {
        let events = timeline(client, subject).await?;
        if let Some(found) =
            events.iter().find(|event| event["entry"]["type"] == "code_set.revoked")
        {
            return Ok(found.clone());
        }
    }
    Err(format!("no set of `{subject}` was revoked").into())
}

#[tokio::test]
async fn reg_26_leaked_codes_of_anybody_are_burned_and_the_answer_tells_nothing() -> Tested {
    let entropy = seed().entropy();
    let place = Place::new("leaks")?;
    let server = place.start("[source_limit]\nper_second = 10000\nburst = 10000\n", "info")?;
    let mut client = server.client()?;
    let mut leaked = Vec::new();
    for person in 0..PEOPLE {
        let name = format!("person-{person}");
        register(&mut client, &name, "standard").await?;
        let shown = issue(&mut client, &name, &json!({})).await?;
        // Of some one code, of others two: each set is revoked once.
        leaked.extend(shown.codes.into_iter().take(1 + person % 2));
    }
    register(&mut client, "unharmed", "standard").await?;
    let unharmed = issue(&mut client, "unharmed", &json!({})).await?;
    // A key that was rotated since does not hide what was issued under it.
    client.post("/v1/keys/pepper/rotate", &json!({})).await?;
    let strangers = (leaked.len()..REPORTED).map(|_| guess(&entropy, "strong"));
    let mut reported: Vec<String> = leaked.iter().cloned().chain(strangers).collect();
    crate::common::shuffle(&entropy, &mut reported);
    let unknown: Vec<String> = (0..REPORTED).map(|_| guess(&entropy, "strong")).collect();
    let noise: Vec<&str> = vec!["no code at all"; REPORTED];
    let (_, key) = api_key(&mut client, &["revoke"]).await?;
    let mut finder = Client::new(server.addr(), Some(&key));
    let began = Instant::now();
    let mut answers = Vec::new();
    for codes in [json!(reported), json!(unknown), json!(noise), json!(reported)] {
        let answer = finder.post("/v1/leak-reports", &json!({ "codes": codes })).await?;
        answers.push((answer.status, answer.text()));
    }
    let blind = (202, format!("{{\"received\":{REPORTED}}}"));
    assert!(answers.iter().all(|answer| *answer == blind), "{answers:?}");
    for person in 0..PEOPLE {
        let entry = revoked(&mut client, &format!("person-{person}")).await?;
        assert_eq!(entry["entry"]["data"]["reason"], "leaked", "{entry}");
    }
    println!("{} codes of {PEOPLE} sets: burned after {:?}", leaked.len(), began.elapsed());
    for person in 0..PEOPLE {
        let events = timeline(&mut client, &format!("person-{person}")).await?;
        let ended = events.iter().filter(|event| event["entry"]["type"] == "code_set.revoked");
        assert_eq!(ended.count(), 1, "a report that comes twice does nothing twice");
    }
    for code in &leaked {
        let answer = redeem(&mut client, "person-0", code).await?;
        assert_ne!(answer.json()["outcome"], "accepted");
    }
    let code = unharmed.codes.first().ok_or("no code")?;
    let answer = redeem(&mut client, "unharmed", code).await?;
    assert_eq!(answer.json()["outcome"], "accepted", "{}", answer.text());
    // Who may not revoke may not report, unless it is configured so.
    let mut nobody = Client::new(server.addr(), None);
    let refused = nobody.post("/v1/leak-reports", &json!({ "codes": [] })).await?;
    assert_eq!(refused.status, 401);
    let too_many: Vec<&str> = vec!["x"; 1001];
    let refused = finder.post("/v1/leak-reports", &json!({ "codes": too_many })).await?;
    assert_eq!(refused.code(), "invalid_request");
    Ok(())
}

#[tokio::test]
async fn reg_26_a_report_outlives_the_server_that_took_it_and_anyone_may_make_one() -> Tested {
    let place = Place::new("leaks-open")?;
    let server = place.start("[leaks]\nopen = true\n", "info")?;
    let mut client = server.client()?;
    register(&mut client, "ada", "standard").await?;
    let shown = issue(&mut client, "ada", &json!({})).await?;
    let mut nobody = Client::new(server.addr(), None);
    let codes = json!({ "codes": [shown.codes.first()] });
    let answer = nobody.post("/v1/leak-reports", &codes).await?;
    assert_eq!((answer.status, answer.text().as_str()), (202, "{\"received\":1}"));
    server.kill()?;
    let server = place.start("", "info")?;
    revoked(&mut server.client()?, "ada").await?;
    Ok(())
}

/// Where GitHub would publish its keys: answers every request with the list as it is now.
struct Published {
    addr: SocketAddr,
    list: Arc<Mutex<Value>>,
}

impl Published {
    fn start() -> Result<Self, Failure> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let addr = listener.local_addr()?;
        let list = Arc::new(Mutex::new(json!({ "public_keys": [] })));
        let shared = Arc::clone(&list);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let mut stream = stream;
                let mut head = [0; 4096];
                let body = shared.lock().unwrap_or_else(PoisonError::into_inner).to_string();
                let head_read = stream.read(&mut head);
                let answer = format!(
                    "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
                    body.len()
                );
                if head_read.is_ok() {
                    drop(stream.write_all(answer.as_bytes()));
                }
            }
        });
        Ok(Self { addr, list })
    }

    fn publish(&self, name: &str, key: &EcdsaKeyPair) -> Tested {
        let der: PublicKeyX509Der<'_> = key.public_key().as_der()?;
        let pem = format!(
            "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n",
            STANDARD.encode(der.as_ref())
        );
        let listed = json!({ "key_identifier": name, "key": pem, "is_current": true });
        *self.list.lock().unwrap_or_else(PoisonError::into_inner) =
            json!({ "public_keys": [listed] });
        Ok(())
    }
}

fn new_key() -> Result<EcdsaKeyPair, Failure> {
    Ok(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING)?)
}

async fn report(
    client: &mut Client,
    body: &str,
    signed: Option<(&str, &EcdsaKeyPair, &str)>,
) -> Result<Answer, Failure> {
    let mut headers = Vec::new();
    let signature;
    if let Some((name, key, text)) = signed {
        let raw = key.sign(&SystemRandom::new(), text.as_bytes())?;
        signature = STANDARD.encode(raw);
        headers.push(("github-public-key-identifier", name));
        headers.push(("github-public-key-signature", signature.as_str()));
    }
    client.send(Method::POST, "/v1/leak-reports/github", &headers, body.to_owned()).await
}

#[tokio::test]
async fn reg_26_github_is_believed_by_its_signature_and_told_what_was_ours() -> Tested {
    let entropy = seed().entropy();
    let (published, place) = (Published::start()?, Place::new("leaks-github")?);
    let config = format!("[leaks.github]\nkeys_url = \"http://{}/keys\"\n", published.addr);
    let server = place.start(&config, "info")?;
    let mut client = server.client()?;
    for name in ["ada", "bob"] {
        register(&mut client, name, "standard").await?;
    }
    let ada = issue(&mut client, "ada", &json!({})).await?;
    let bob = issue(&mut client, "bob", &json!({})).await?;
    let token = |code: &str| {
        json!({ "token": code, "type": "glassbreak_code", "url": "https://example.com/x",
            "source": "content" })
    };
    let findings = json!([token(&ada.codes[0]), token(&guess(&entropy, "strong")), token("x")]);
    let body = findings.to_string();
    let (old, new, other) = (new_key()?, new_key()?, new_key()?);
    published.publish("old", &old)?;
    let mut github = Client::new(server.addr(), None);
    let unproven = report(&mut github, &body, None).await?;
    assert_eq!((unproven.status, unproven.code().as_str()), (403, "signature_refused"));
    for (name, key, text) in
        [("old", &other, body.as_str()), ("old", &old, "[]"), ("made up", &old, &body)]
    {
        let refused = report(&mut github, &body, Some((name, key, text))).await?;
        assert_eq!((refused.status, &refused.bytes), (403, &unproven.bytes), "alike");
    }
    let refused = redeem(&mut client, "ada", &ada.codes[1]).await?;
    assert_eq!(refused.json()["outcome"], "accepted", "nothing was burned by them");
    let answer = report(&mut github, &body, Some(("old", &old, &body))).await?;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let judged = answer.json();
    let labels: Vec<_> = judged.as_array().into_iter().flatten().map(|one| &one["label"]).collect();
    assert_eq!(labels, ["true_positive", "false_positive", "false_positive"]);
    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, ada.codes[0].as_bytes());
    assert_eq!(judged[0]["token_hash"], STANDARD.encode(hash));
    assert_eq!(judged[0]["token_type"], "glassbreak_code");
    // It is burned by the time it is answered.
    assert_eq!(redeem(&mut client, "ada", &ada.codes[2]).await?.status, 401);
    // The same once more: still ours, and nothing is done twice.
    let again = report(&mut github, &body, Some(("old", &old, &body))).await?;
    assert_eq!(again.bytes, answer.bytes);
    // A key that was not there before, and one that is there no more.
    published.publish("new", &new)?;
    let body = json!([token(&bob.codes[0])]).to_string();
    let answer = report(&mut github, &body, Some(("new", &new, &body))).await?;
    assert_eq!((answer.status, &answer.json()[0]["label"]), (200, &json!("true_positive")));
    let refused = report(&mut github, &body, Some(("old", &old, &body))).await?;
    assert_eq!(refused.status, 403, "it was withdrawn");
    let refused = report(&mut github, "no json", Some(("new", &new, "no json"))).await?;
    assert_eq!(refused.code(), "invalid_request");
    Ok(())
}
