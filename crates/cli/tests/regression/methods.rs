//! REG-28: reading changes nothing, and nobody's browser can be made to do anything.

use glassbreak_testkit::http::{Answer, Client, Failure};
use serde_json::{Value, json};

use crate::calls::{Place, Tested, issuing, redeem, register};
use crate::common::{count, log, replays, timeline};
use crate::endpoints::{ENDPOINTS, Target};

/// All that can change: the log, the sets, the keys, and what they fold to.
async fn state(client: &mut Client) -> Result<[Value; 4], Failure> {
    let log = Value::Array(log(client).await?);
    let sets = client.get("/v1/inventory?limit=1000").await?.json();
    let keys = client.get("/v1/api-keys").await?.json();
    Ok([log, sets, keys, replays(client).await?])
}

#[tokio::test]
async fn reg_28_get_head_options_and_unknown_methods_change_nothing_anywhere() -> Tested {
    let place = Place::new("reg-28")?;
    let server = place.start("", "warn")?;
    let mut client = server.client()?;
    let target = Target::make(&mut client, "ada").await?;
    let before = state(&mut client).await?;
    for endpoint in ENDPOINTS {
        let (path, body) = target.request(*endpoint);
        let query = format!("{path}?reason=enrolment&session_assurance=aal2&type=subject_left");
        for method in ["GET", "HEAD", "OPTIONS", "TRACE", "PROPFIND", "LINK"] {
            for path in [&path, &query] {
                for headers in [
                    [("purpose", "prefetch"), ("sec-purpose", "prefetch;prerender")],
                    [("user-agent", "Slackbot-LinkExpanding 1.0"), ("x-moz", "prefetch")],
                    [("x-http-method-override", endpoint.method), ("x-method-override", "POST")],
                ] {
                    let asked = client.send(method.parse()?, path, &headers, body.to_string());
                    let answer = asked.await?;
                    assert!(answer.json()["codes"].is_null(), "{method} {path} shows codes");
                    let taken = answer.status < 300;
                    let reads = endpoint.method == "GET" || is_also_read(endpoint.path);
                    assert!(!taken || reads, "{method} {path}: {}", answer.status);
                }
            }
        }
    }
    assert_eq!(state(&mut client).await?, before);
    Ok(())
}

/// Whether there is something to read at a path too.
fn is_also_read(path: &str) -> bool {
    ENDPOINTS.iter().any(|endpoint| endpoint.path == path && endpoint.method == "GET")
}

/// A preview of the link, a reload, a retry by a proxy: the one show stays the one show, and none
/// of them uses it up before the person has seen it.
#[tokio::test]
async fn reg_28_the_show_is_not_consumed_by_a_preview_and_not_repeated_by_a_retry() -> Tested {
    let place = Place::new("reg-28-show")?;
    let server = place.start("", "warn")?;
    let mut client = server.client()?;
    for profile in ["strong", "compact"] {
        let subject = format!("ada-{profile}");
        register(&mut client, &subject, "standard").await?;
        let path = format!("/v1/subjects/{subject}/code-sets");
        for method in ["GET", "HEAD", "OPTIONS"] {
            let preview = client.send(method.parse()?, &path, &[], "").await?;
            assert_eq!(preview.status, 405, "{method}");
        }
        let name = format!("enrolment of {subject}");
        let named = [("idempotency-key", name.as_str())];
        let body = issuing(&json!({ "profile": profile, "count": 2 })).to_string();
        let shown = client.send("POST".parse()?, &path, &named, body.clone()).await?;
        assert_eq!(shown.status, 201, "{}", shown.text());
        assert_eq!(shown.headers["cache-control"], "no-store");
        for _ in 0..3 {
            let again = client.send("POST".parse()?, &path, &named, body.clone()).await?;
            assert_eq!((again.status, &again.json()["shown_before"]), (200, &json!(true)));
            assert_eq!(again.json()["set_id"], shown.json()["set_id"]);
            assert!(again.json()["codes"].is_null(), "{}", again.text());
            assert_eq!(again.headers["cache-control"], "no-store");
        }
        assert_eq!(count(&timeline(&mut client, &subject).await?, "code_set.issued"), 1);
        for code in shown.json()["codes"].as_array().into_iter().flatten() {
            let answer = redeem(&mut client, &subject, code.as_str().unwrap_or_default()).await?;
            assert_eq!(answer.json()["outcome"], "accepted");
        }
    }
    Ok(())
}

/// What a page of somebody else's can make a browser send: no key goes with it, because keys are in
/// a header that only a program sets; there is no cookie to ride on, and no other origin is let in.
#[tokio::test]
async fn reg_28_a_request_from_another_site_is_refused() -> Tested {
    let place = Place::new("reg-28-site")?;
    let server = place.start("", "warn")?;
    let mut client = server.client()?;
    let target = Target::make(&mut client, "ada").await?;
    let before = state(&mut client).await?;
    let mut browser = client.presenting(None);
    let key = server.admin_key()?;
    let cookie = format!("api_key={key}; authorization=Bearer {key}; session={key}");
    for endpoint in ENDPOINTS {
        let (path, body) = target.request(*endpoint);
        for kind in ["application/x-www-form-urlencoded", "text/plain", "multipart/form-data"] {
            let headers = [
                ("origin", "https://evil.example"),
                ("sec-fetch-site", "cross-site"),
                ("sec-fetch-mode", "no-cors"),
                ("cookie", cookie.as_str()),
                ("content-type", kind),
            ];
            for query in [String::new(), format!("?api_key={key}&access_token={key}")] {
                let path = format!("{path}{query}");
                let asked =
                    browser.send(endpoint.method.parse()?, &path, &headers, body.to_string());
                let answer = asked.await?;
                if !endpoint.opens.is_empty() {
                    assert_eq!(answer.code(), "unauthenticated", "{endpoint:?} {kind}");
                }
                lets_no_site_in(&answer, endpoint.path);
            }
        }
        let preflight = [
            ("origin", "https://evil.example"),
            ("access-control-request-method", endpoint.method),
            ("access-control-request-headers", "authorization, content-type"),
        ];
        let answer = browser.send("OPTIONS".parse()?, &path, &preflight, "").await?;
        assert!(answer.status >= 400, "{endpoint:?}: a preflight was answered");
        lets_no_site_in(&answer, endpoint.path);
        if endpoint.method == "GET" {
            let answer = target.call(&mut client, *endpoint, &preflight[..1]).await?;
            lets_no_site_in(&answer, endpoint.path);
        }
    }
    assert_eq!(state(&mut client).await?, before);
    let code = &target.shown.codes[1];
    let form = format!("subject=ada&code={code}&role=second_factor");
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    let answer = client.send("POST".parse()?, "/v1/redemptions", &headers, form).await?;
    assert_eq!(answer.code(), "invalid_request", "a form is not a request");
    Ok(())
}

fn lets_no_site_in(answer: &Answer, path: &str) {
    for name in answer.headers.keys() {
        let name = name.as_str();
        assert!(!name.starts_with("access-control-allow"), "{path} answers with {name}");
        assert_ne!(name, "set-cookie", "{path} sets a cookie");
    }
}
