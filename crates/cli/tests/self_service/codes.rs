//! `/recover`: a code is used by whoever has it. The page tells nothing that the API does not (C9).

use std::io::{Read, Write};
use std::net::TcpStream;

use glassbreak_testkit::http::{Answer, Failure};
use serde_json::json;

use crate::calls::{Place, Tested, attempt, fresh, issue, redeem, register};
use crate::person::{Person, heading, hidden, led_to, logged};

const CONFIG: &str = "\
[self_service]
redeem = true
reenrol_url = 'https://id.example/enrol'
[throttle]
free = 5
";

/// A code with its last letter changed: the checksum does not hold.
fn mistyped(code: &str) -> String {
    let last = if code.ends_with('A') { 'B' } else { 'A' };
    format!("{}{last}", &code[..code.len() - 1])
}

impl Person {
    /// Opens the form, and sends it: the form's own name for the attempt, and the answer.
    async fn recover(&mut self, account: &str, code: &str) -> Result<(String, Answer), Failure> {
        let form = self.open("/recover").await?;
        let attempt = hidden(&form, "attempt")?;
        let answer = self.again(&attempt, account, code).await?;
        Ok((attempt, answer))
    }

    async fn again(&mut self, attempt: &str, who: &str, code: &str) -> Result<Answer, Failure> {
        self.send("/recover", &[("attempt", attempt), ("account", who), ("code", code)]).await
    }
}

#[tokio::test]
async fn codes_are_used_here_only_where_that_is_configured() -> Tested {
    let place = Place::new("recover-off")?;
    let server = place.start("", "warn")?;
    let mut api = server.client()?;
    register(&mut api, "ada", "standard").await?;
    let shown = issue(&mut api, "ada", &json!({})).await?;
    let mut ada = Person::at(&server);
    let page = ada.open("/recover").await?;
    assert!(page.text().contains("Codes are not used on this page."), "{}", page.text());
    assert!(!page.text().contains("<form method=\"post\" action=\"/recover\""));
    let sent = ada.again(&fresh().to_string(), "ada", &shown.codes[0]).await?;
    assert_eq!(sent.status, 409, "{}", sent.text());
    let used = redeem(&mut api, "ada", &shown.codes[0]).await?;
    assert_eq!(used.json()["outcome"], "accepted", "nothing was used up");
    Ok(())
}

#[tokio::test]
async fn a_code_opens_the_window_once_however_often_the_form_is_sent() -> Tested {
    let place = Place::new("recover")?;
    let server = place.start(CONFIG, "warn")?;
    let mut api = server.client()?;
    let body = json!({ "kind": "person", "assurance": "aal1" });
    api.put("/v1/subjects/ada", &body).await?;
    let shown = issue(&mut api, "ada", &json!({})).await?;
    let code = &shown.codes[0];
    let mut ada = Person::at(&server);

    // A typo costs nothing, and is mended in the same attempt.
    let (attempt, typo) = ada.recover("ada", &mistyped(code)).await?;
    assert_eq!((typo.status, hidden(&typo, "attempt")?), (422, attempt.clone()));
    assert!(typo.text().contains("This cost you nothing."));
    assert_eq!(logged(&mut api, "ada", "code.refused").await?.len(), 0);

    let typed = code.to_lowercase().replace('-', " ");
    let first = ada.again(&attempt, " ada ", &typed).await?;
    assert_eq!(
        (first.status, led_to(&first).as_str()),
        (303, "/self/recovery"),
        "{}",
        first.text()
    );
    let window = ada.open("/self/recovery").await?;
    assert_eq!(window.status, 200, "{}", window.text());
    let text = window.text();
    assert!(text.contains("<form method=\"post\" action=\"https://id.example/enrol\">"), "{text}");
    let grant = hidden(&window, "grant")?;
    assert_eq!(grant.split('.').count(), 3, "{grant}");
    let policy = window.headers["content-security-policy"].to_str()?;
    assert!(policy.contains("form-action 'self' https://id.example;"), "{policy}");
    assert!(text.contains("data-until=\"20"), "{text}");

    // A double press, a reload, the back button: the same again, in another browser too.
    let mut other = Person::at(&server);
    for who in [&mut ada, &mut other] {
        let again = who.again(&attempt, "ada", code).await?;
        assert_eq!(led_to(&again), "/self/recovery", "{}", again.text());
        assert_eq!(who.open("/self/recovery").await?.status, 200);
    }
    let accepted = logged(&mut api, "ada", "code.accepted").await?;
    assert_eq!(accepted.len(), 1);
    assert_eq!(accepted[0]["actor"]["kind"], "visitor");
    let (_, spent) = Person::at(&server).recover("ada", code).await?;
    assert_eq!(spent.status, 401, "another attempt with it is refused");

    // What is done is shown as done, and the end as the end.
    let recovery = accepted[0]["data"]["window"]["recovery"].as_str().ok_or("no window")?;
    let path = format!("/v1/recoveries/{recovery}/complete");
    api.post(&path, &json!({ "authenticator_bound": true })).await?;
    let later = ada.open("/self/recovery").await?;
    assert!(!later.text().contains("name=\"grant\""), "{}", later.text());
    issue(&mut api, "ada", &json!({ "reason": "reissue_after_recovery" })).await?;
    api.post(&path, &json!({ "authenticator_bound": true })).await?;
    let over = ada.open("/self/recovery").await?;
    assert_eq!(heading(&over), "You are back in", "{}", over.text());
    Ok(())
}

#[tokio::test]
async fn who_came_with_a_code_does_nothing_more_once_its_window_has_ended() -> Tested {
    let place = Place::new("recover-ended")?;
    let server = place.start(CONFIG, "warn")?;
    let mut api = server.client()?;
    let body = json!({ "kind": "person", "assurance": "aal1" });
    api.put("/v1/subjects/ada", &body).await?;
    let shown = issue(&mut api, "ada", &json!({})).await?;
    let mut ada = Person::at(&server);
    let (_, opened) = ada.recover("ada", &shown.codes[0]).await?;
    assert_eq!(led_to(&opened), "/self/recovery", "{}", opened.text());
    assert_eq!(ada.open("/self").await?.status, 200);
    let form = ada.open("/self/report").await?;
    let (csrf, request) = (hidden(&form, "csrf")?, hidden(&form, "request")?);
    // Somebody reports the loss elsewhere, which ends the window.
    let lost = json!({ "type": "device_lost" });
    api.post("/v1/subjects/ada/lifecycle-events", &lost).await?;
    let over = ada.open("/self/recovery").await?;
    assert_eq!(heading(&over), "This recovery is over", "{}", over.text());
    for path in ["/self", "/self/codes", "/self/codes/new", "/self/report"] {
        let shut = ada.open(path).await?;
        assert_eq!(shut.status, 403, "{path}: {}", shut.text());
    }
    let fields = [("csrf", csrf.as_str()), ("request", &request), ("what", "phone")];
    let sent = ada.send("/self/report", &fields).await?;
    assert_eq!(sent.status, 403, "{}", sent.text());
    Ok(())
}

/// Who sends more than a form can have, and who never sends the rest of one, is told so on a page.
#[tokio::test]
async fn a_form_that_is_too_long_or_never_ends_is_refused_on_a_page() -> Tested {
    let place = Place::new("recover-limits")?;
    let server = place.start(CONFIG, "warn")?;
    let mut line = TcpStream::connect(server.addr())?;
    write!(
        line,
        "POST /recover HTTP/1.1\r\nhost: localhost:{port}\r\norigin: http://localhost:{port}\r\n\
         sec-fetch-site: same-origin\r\nconnection: close\r\n\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: 64\r\n\r\naccount=",
        port = server.addr().port(),
    )?;
    let waiting = tokio::task::spawn_blocking(move || {
        let mut answer = String::new();
        line.read_to_string(&mut answer).map(|_| answer)
    });
    let mut ada = Person::at(&server);
    let long = ada.again(&fresh().to_string(), "ada", &"A".repeat(64 * 1024)).await?;
    assert_eq!((long.status, heading(&long).as_str()), (413, "This is too large"));
    let answer = waiting.await??;
    assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
    assert!(answer.contains("<h1>It took too long</h1>"), "{answer}");
    Ok(())
}

#[tokio::test]
async fn n63b_ra_02_a_code_that_is_not_enough_says_what_is_and_lets_one_report() -> Tested {
    let place = Place::new("recover-more")?;
    let server = place.start(CONFIG, "warn")?;
    let mut api = server.client()?;
    register(&mut api, "ada", "standard").await?;
    let shown = issue(&mut api, "ada", &json!({})).await?;
    let mut ada = Person::at(&server);
    let (_, more) = ada.recover("ada", &shown.codes[0]).await?;
    assert_eq!((more.status, heading(&more).as_str()), (200, "One more step"), "{}", more.text());
    assert!(more.text().contains("Your everyday sign-in"), "{}", more.text());
    assert!(!more.text().contains('['), "a word is missing: {}", more.text());
    // It is one factor: enough to report a loss, and not to look or to make codes.
    assert_eq!(ada.open("/self").await?.status, 403);
    // Nor is the grant handed out to it once somebody else has opened the window.
    let mut enough = attempt("ada", &shown.codes[0]);
    enough["role"] = json!("account_recovery");
    let opened = api.post("/v1/redemptions", &enough).await?;
    assert!(opened.text().contains("\"grant\""), "{}", opened.text());
    let shut = ada.open("/self/recovery").await?;
    assert_eq!(shut.status, 403, "{}", shut.text());
    assert!(!shut.text().contains("name=\"grant\""), "{}", shut.text());
    let form = ada.open("/self/report").await?;
    let (csrf, request) = (hidden(&form, "csrf")?, hidden(&form, "request")?);
    let fields = [("csrf", csrf.as_str()), ("request", &request), ("what", "seen")];
    let sent = ada.send("/self/report", &fields).await?;
    assert_eq!(led_to(&sent), "/self/report/done?what=seen", "{}", sent.text());
    let revoked = logged(&mut api, "ada", "code_set.revoked").await?;
    assert_eq!(revoked[0]["data"]["reason"], "leaked");
    Ok(())
}

#[tokio::test]
async fn c9_every_refusal_is_the_same_page() -> Tested {
    let place = Place::new("recover-alike")?;
    let server = place.start(CONFIG, "warn")?;
    let mut api = server.client()?;
    for name in ["ada", "bob", "eve", "joe", "sue"] {
        register(&mut api, name, "standard").await?;
    }
    let other = issue(&mut api, "sue", &json!({})).await?.codes[0].clone();
    let spent = issue(&mut api, "bob", &json!({})).await?.codes[0].clone();
    redeem(&mut api, "bob", &spent).await?;
    let revoked = issue(&mut api, "eve", &json!({})).await?.codes[0].clone();
    let lost = json!({ "type": "device_lost" });
    api.post("/v1/subjects/eve/lifecycle-events", &lost).await?;
    let left = issue(&mut api, "joe", &json!({})).await?.codes[0].clone();
    let gone = json!({ "type": "subject_left" });
    api.post("/v1/subjects/joe/lifecycle-events", &gone).await?;
    issue(&mut api, "ada", &json!({})).await?;
    let mut refused = Vec::new();
    for (who, code) in
        [("ada", &other), ("zoe", &other), ("bob", &spent), ("eve", &revoked), ("joe", &left)]
    {
        let mut person = Person::at(&server);
        let (attempt, answer) = person.recover(who, code).await?;
        let next = hidden(&answer, "attempt")?;
        assert_ne!(attempt, next, "the next attempt is another one");
        assert!(!answer.text().contains(code.as_str()), "the code is not shown again");
        let page = answer.text().replace(&next, "").replace(&format!("value=\"{who}\""), "");
        let mut headers: Vec<_> = answer.headers.iter().collect();
        // Each answer has an id of its own, and a length that the name's makes.
        let own = ["date", "content-length", "x-request-id"];
        headers.retain(|(name, _)| !own.contains(&name.as_str()));
        headers.sort_by_key(|(name, _)| name.as_str());
        refused.push((answer.status, page, format!("{headers:?}")));
    }
    assert_eq!(refused[0].0, 401);
    assert!(refused[0].1.contains("not_accepted"));
    refused.dedup();
    assert_eq!(refused.len(), 1, "{refused:#?}");

    // So does having to wait, for somebody and for nobody.
    let mut waits = Vec::new();
    for who in ["ada", "zoe"] {
        let mut person = Person::at(&server);
        let mut answer = person.recover(who, &other).await?.1;
        for _ in 0..8 {
            answer = person.recover(who, &other).await?.1;
        }
        assert_eq!((answer.status, answer.headers.contains_key("retry-after")), (429, true));
        waits.push(heading(&answer));
    }
    assert_eq!(waits[0], waits[1]);
    Ok(())
}
