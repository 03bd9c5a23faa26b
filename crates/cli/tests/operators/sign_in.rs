//! People with a browser: the authorisation code flow with PKCE, sessions, and signing out
//! (ASVS 7, 10; RFC 9700).

use glassbreak_testkit::http::{Answer, Failure, Method};
use serde_json::json;

use crate::browser::{Browser, location, parameter, with_parameter};
use crate::world::{Tested, World};

const MARK: (&str, &str) = ("glassbreak-request", "1");

impl World {
    /// Begins a sign-in: the URL at the provider that the browser is sent to.
    async fn begin(&self, browser: &mut Browser) -> Result<String, Failure> {
        let url = format!("{}/auth/login?return_to=/console%3Fa%3Db", self.base);
        let begun = browser.get(&url).await?;
        assert_eq!(begun.status, 303, "{}", begun.text());
        Ok(location(&begun, &url).ok_or("sent nowhere")?)
    }

    /// Goes through the provider's pages: the URL here that the browser is sent back to.
    async fn come_back(
        &self,
        browser: &mut Browser,
        at: &str,
        who: &str,
    ) -> Result<String, Failure> {
        browser.through(at, who, &format!("{}/auth/callback", self.base)).await
    }

    /// A browser in which `who` is signed in.
    async fn signed_in(&self, who: &str) -> Result<Browser, Failure> {
        let mut browser = Browser::default();
        let at = self.begin(&mut browser).await?;
        let back = self.come_back(&mut browser, &at, who).await?;
        let answer = browser.get(&back).await?;
        assert_eq!(answer.status, 303, "{}", answer.text());
        Ok(browser)
    }

    /// A request of a page of ours.
    async fn post(&self, browser: &mut Browser, path: &str, body: &str) -> Result<Answer, Failure> {
        let headers = [MARK, ("origin", self.base.as_str()), ("sec-fetch-site", "same-origin")];
        browser.send(Method::POST, &format!("{}{path}", self.base), &headers, body).await
    }

    /// Nobody is signed in, and the answer says that the sign-in did not succeed.
    async fn is_refused(&self, browser: &mut Browser, url: &str, what: &str) -> Tested {
        let answer = browser.get(url).await?;
        assert_eq!((answer.status, answer.code()), (400, "sign_in_refused".to_owned()), "{what}");
        assert_eq!(browser.cookie(url, "glassbreak"), None, "{what}");
        assert_eq!(browser.get(&format!("{}/v1/me", self.base)).await?.status, 401, "{what}");
        Ok(())
    }
}

#[tokio::test]
async fn an_operator_signs_in_with_a_browser_works_and_signs_out() -> Tested {
    let world = World::new().await?;
    let mut browser = Browser::default();
    let at = world.begin(&mut browser).await?;
    for (name, value) in [("response_type", "code"), ("code_challenge_method", "S256")] {
        assert_eq!(parameter(&at, name).as_deref(), Some(value), "{at}");
    }
    let back = world.come_back(&mut browser, &at, "sam").await?;
    let answer = browser.get(&back).await?;
    let here = answer.headers.get("location").ok_or("sent nowhere")?.to_str()?;
    assert_eq!((answer.status, here), (303, "/console?a=b"));
    let cookies: Vec<_> = answer.headers.get_all("set-cookie").iter().collect();
    let session = cookies.iter().find_map(|line| {
        let line = line.to_str().ok()?;
        line.starts_with("glassbreak=").then_some(line)
    });
    let session = session.ok_or("no session")?;
    for part in ["HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(session.contains(part), "{session}");
    }
    assert_eq!(answer.headers.get("cache-control").ok_or("none")?, "no-store");
    assert_eq!(answer.headers.get("referrer-policy").ok_or("none")?, "no-referrer");
    let me = browser.get(&format!("{}/v1/me", world.base)).await?.json();
    assert_eq!(
        (&me["operator"], &me["scopes"], &me["roles"]),
        (&json!("sam"), &json!(["support"]), &json!(["desk"])),
        "{me}"
    );
    let case = json!({ "subject": "ada", "agent": "sam" }).to_string();
    let opened = world.post(&mut browser, "/v1/recoveries", &case).await?;
    assert_eq!(opened.status, 201, "{}", opened.text());
    let named = json!({ "subject": "ada", "agent": "pat" }).to_string();
    let refused = world.post(&mut browser, "/v1/recoveries", &named).await?;
    assert_eq!(refused.code(), "not_your_name");

    let value = browser.cookie(&world.base_url(), "glassbreak").ok_or("no cookie")?;
    for file in std::fs::read_dir(world.server.data_dir())? {
        let bytes = std::fs::read(file?.path())?;
        let found = bytes.windows(value.len()).any(|window| window == value.as_bytes());
        assert!(!found, "the cookie's value is on disk");
    }
    assert!(!world.server.said().contains(&value), "the cookie's value is in the log");

    let kept = browser.clone();
    let out = world.post(&mut browser, "/auth/logout", "").await?;
    assert_eq!(out.status, 200, "{}", out.text());
    let place = out.json()["continue_at"].as_str().ok_or("nowhere to go on")?.to_owned();
    assert!(place.starts_with(&world.provider.issuer), "{place}");
    assert_eq!(browser.get(&place).await?.status, 200, "the provider's page to sign out");
    assert_eq!(browser.cookie(&world.base_url(), "glassbreak"), None);
    // Whoever has kept the cookie has nothing.
    let mut kept = kept;
    assert_eq!(kept.get(&format!("{}/v1/me", world.base)).await?.code(), "unauthenticated");
    Ok(())
}

impl World {
    fn base_url(&self) -> String {
        format!("{}/", self.base)
    }
}

#[tokio::test]
async fn asvs_3_5_a_page_elsewhere_has_the_browser_do_nothing() -> Tested {
    let world = World::new().await?;
    let mut browser = world.signed_in("sam").await?;
    let case = json!({ "subject": "ada", "agent": "sam" }).to_string();
    let ours = ("origin", world.base.as_str());
    let evil = ("origin", "https://evil.example");
    for headers in [
        &[][..],
        &[MARK],
        &[ours],
        &[evil],
        &[MARK, evil],
        &[MARK, ("origin", "null")],
        &[MARK, ours, ("sec-fetch-site", "cross-site")],
        &[MARK, ours, ("sec-fetch-site", "same-site")],
        &[MARK, ours, ("host", "evil.example")],
    ] {
        for path in ["/v1/recoveries", "/auth/logout"] {
            let url = format!("{}{path}", world.base);
            let answer = browser.send(Method::POST, &url, headers, &case).await?;
            let found = (answer.status, answer.code());
            assert_eq!(found, (403, "cross_site".to_owned()), "{path} {headers:?}");
        }
    }
    let url = format!("{}/v1/me", world.base);
    let read = browser.send(Method::GET, &url, &[("sec-fetch-site", "cross-site")], "").await?;
    assert_eq!(read.code(), "cross_site");
    assert_eq!(browser.get(&url).await?.status, 200, "the session goes on");
    Ok(())
}

#[tokio::test]
async fn a_sign_in_is_finished_once_and_by_the_browser_that_began_it() -> Tested {
    let world = World::new().await?;
    let mut browser = Browser::default();
    let at = world.begin(&mut browser).await?;
    let back = world.come_back(&mut browser, &at, "sam").await?;
    let before = browser.clone();
    // Somebody else's browser: it has begun none, or another.
    world.is_refused(&mut Browser::default(), &back, "no sign-in").await?;
    let mut other = Browser::default();
    world.begin(&mut other).await?;
    world.is_refused(&mut other, &back, "another sign-in").await?;
    assert_eq!(browser.get(&back).await?.status, 303);
    // Again, with what the browser has now, and with all that it had then.
    let mut again = browser.clone();
    again.forget("glassbreak");
    world.is_refused(&mut again, &back, "state and code again").await?;
    let mut then = before;
    world.is_refused(&mut then, &back, "code again").await?;
    assert_eq!(browser.get(&format!("{}/v1/me", world.base)).await?.status, 200);
    Ok(())
}

#[tokio::test]
async fn an_answer_of_the_provider_that_was_tampered_with_signs_nobody_in() -> Tested {
    let world = World::new().await?;
    for (name, value) in [
        ("state", Some("x")),
        ("state", None),
        ("code", Some("x")),
        ("code", None),
        ("iss", Some("https%3A%2F%2Fevil.example")),
        ("iss", None),
        ("error", Some("access_denied")),
    ] {
        let mut browser = Browser::default();
        let at = world.begin(&mut browser).await?;
        let back = world.come_back(&mut browser, &at, "sam").await?;
        let back = with_parameter(&back, name, value);
        world.is_refused(&mut browser, &back, &format!("{name} {value:?}")).await?;
    }
    // What is asked of the provider: another nonce; another's challenge, or none.
    let nothing = "4".repeat(43);
    for (name, value) in
        [("nonce", Some("x")), ("nonce", None), ("code_challenge", Some(nothing.as_str()))]
    {
        let mut browser = Browser::default();
        let at = world.begin(&mut browser).await?;
        let at = with_parameter(&at, name, value);
        let back = world.come_back(&mut browser, &at, "sam").await?;
        world.is_refused(&mut browser, &back, &format!("{name} {value:?}")).await?;
    }
    let mut browser = Browser::default();
    let at = world.begin(&mut browser).await?;
    let at =
        with_parameter(&with_parameter(&at, "code_challenge", None), "code_challenge_method", None);
    let back = world.come_back(&mut browser, &at, "sam").await?;
    world.is_refused(&mut browser, &back, "no challenge").await?;
    // One's own code in another's browser: the victim would work in the attacker's name.
    let (mut attacker, mut victim) = (Browser::default(), Browser::default());
    let at = world.begin(&mut attacker).await?;
    let codes = world.come_back(&mut attacker, &at, "pat").await?;
    let at = world.begin(&mut victim).await?;
    let back = world.come_back(&mut victim, &at, "sam").await?;
    let code = parameter(&codes, "code").ok_or("no code")?;
    let back = with_parameter(&back, "code", Some(&code));
    world.is_refused(&mut victim, &back, "another's code").await?;
    Ok(())
}

#[tokio::test]
async fn nobody_is_sent_elsewhere_after_signing_in() -> Tested {
    let world = World::new().await?;
    for elsewhere in [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "/%09/evil.example",
        "evil.example",
        "%2F%2Fevil.example",
        "",
    ] {
        let encoded = elsewhere.replace('\\', "%5C");
        let url = format!("{}/auth/login?return_to={encoded}", world.base);
        let answer = Browser::default().get(&url).await?;
        let found = (answer.status, answer.code());
        assert_eq!(found, (422, "invalid_request".to_owned()), "{elsewhere}");
    }
    Ok(())
}

#[tokio::test]
async fn asvs_7_4_2_who_is_no_operator_gets_no_session_and_who_is_dismissed_has_none() -> Tested {
    let world = World::new().await?;
    let mut browser = Browser::default();
    let at = world.begin(&mut browser).await?;
    let back = world.come_back(&mut browser, &at, "eve").await?;
    let answer = browser.get(&back).await?;
    assert_eq!((answer.status, answer.code()), (403, "not_appointed".to_owned()));
    assert_eq!(browser.cookie(&world.base_url(), "glassbreak"), None);
    let mut sam = world.signed_in("sam").await?;
    let me = format!("{}/v1/me", world.base);
    assert_eq!(sam.get(&me).await?.status, 200);
    world.appoint("sam", &[]).await?;
    assert_eq!(sam.get(&me).await?.code(), "not_appointed");
    // The session ended with it: a new appointment asks for a new sign-in.
    world.appoint("sam", &["support"]).await?;
    assert_eq!(sam.get(&me).await?.code(), "unauthenticated");
    Ok(())
}

#[tokio::test]
async fn asvs_7_2_4_a_session_is_not_one_that_somebody_put_there_before() -> Tested {
    let world = World::new().await?;
    let planted = "A".repeat(43);
    let mut browser = Browser::default();
    browser.plant(&world.base_url(), "glassbreak", &planted)?;
    assert_eq!(browser.get(&format!("{}/v1/me", world.base)).await?.code(), "unauthenticated");
    let at = world.begin(&mut browser).await?;
    let back = world.come_back(&mut browser, &at, "sam").await?;
    assert_eq!(browser.get(&back).await?.status, 303);
    let first = browser.cookie(&world.base_url(), "glassbreak").ok_or("no session")?;
    assert_ne!(first, planted);
    let mut old = browser.clone();
    // Signing in again ends the session that was there.
    let at = world.begin(&mut browser).await?;
    let back = world.come_back(&mut browser, &at, "sam").await?;
    assert_eq!(browser.get(&back).await?.status, 303);
    assert_ne!(browser.cookie(&world.base_url(), "glassbreak"), Some(first));
    assert_eq!(old.get(&format!("{}/v1/me", world.base)).await?.code(), "unauthenticated");
    Ok(())
}
