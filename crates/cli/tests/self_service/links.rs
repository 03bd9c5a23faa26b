//! Links: made by an application, opened by a person, once.

use glassbreak_testkit::http::Method;
use serde_json::json;

use crate::calls::{Place, Tested, issue, register};
use crate::person::{Person, heading, hidden, led_to, link, logged};

#[tokio::test]
async fn reg_28_a_link_opens_by_a_press_once_and_is_not_used_up_by_whoever_looks() -> Tested {
    let place = Place::new("links")?;
    let server = place.start("", "trace")?;
    let mut api = server.client()?;
    register(&mut api, "ada", "standard").await?;
    issue(&mut api, "ada", &json!({})).await?;
    let token = link(&mut api, "ada", &json!({})).await?;
    let mut ada = Person::at(&server);

    // A mail scanner, a preview, a browser that fetches ahead, and twice the person.
    let url = format!("{}/self/open", ada.base);
    for (method, headers) in [
        (Method::HEAD, &[][..]),
        (Method::GET, &[("sec-purpose", "prefetch")]),
        (Method::GET, &[("sec-purpose", "prefetch;prerender"), ("sec-fetch-site", "none")]),
        (Method::GET, &[("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate")]),
        (Method::GET, &[]),
        (Method::GET, &[]),
    ] {
        let looked = ada.browser.send(method, &url, headers, "").await?;
        assert_eq!(looked.status, 200);
        assert!(looked.headers.get("set-cookie").is_none());
    }
    // A page elsewhere has the browser send it.
    let sent = [("token", token.as_str())];
    for headers in
        [&[("origin", "https://evil.example")][..], &[("sec-fetch-site", "cross-site")], &[]]
    {
        let refused = ada.send_from(&url, headers, &sent).await?;
        assert_eq!(refused.status, 403, "{headers:?}");
    }
    assert_eq!(logged(&mut api, "ada", "self_service.entered").await?.len(), 0);

    let opened = ada.send("/self/open", &sent).await?;
    assert_eq!((opened.status, led_to(&opened).as_str()), (303, "/self"), "{}", opened.text());
    let cookie = opened.headers["set-cookie"].to_str()?;
    for part in ["glassbreak-self=", "HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=900"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    let home = ada.open("/self").await?;
    assert_eq!((home.status, heading(&home).as_str()), (200, "Your recovery codes"));
    assert_eq!(home.headers["cache-control"], "no-store");
    assert!(home.text().contains("10 of 10"), "{}", home.text());

    // Neither for another, nor for the same, and whatever is not one looks like it.
    let (mut eve, long) = (Person::at(&server), "A".repeat(43));
    for wrong in [token.as_str(), &long, "", "x"] {
        let again = eve.send("/self/open", &[("token", wrong)]).await?;
        assert_eq!(again.status, 422, "{wrong}");
        assert_eq!(heading(&again), "This link does not work any more");
    }

    // It is written down, and the value is nowhere.
    let made = logged(&mut api, "ada", "self_service.link_made").await?;
    let entered = logged(&mut api, "ada", "self_service.entered").await?;
    assert_eq!((made.len(), entered.len()), (1, 1));
    assert_eq!(entered[0]["data"]["link"], made[0]["data"]["link"]);
    assert_eq!(entered[0]["actor"]["kind"], "subject");
    assert_eq!(made[0]["data"]["assurance"], "aal2");
    let session = ada.browser.cookie(&url, "glassbreak-self").ok_or("no session")?;
    let said = server.said();
    for secret in [&token, &session] {
        assert!(!said.contains(secret.as_str()), "it is in the server's log");
        for file in std::fs::read_dir(place.data())? {
            let bytes = std::fs::read(file?.path())?;
            assert!(!bytes.windows(secret.len()).any(|window| window == secret.as_bytes()));
        }
    }
    let replayed = api.get("/v1/log/replay").await?;
    assert_eq!(replayed.status, 200, "{}", replayed.text());

    // The session is worth nothing at the API and on the console, and ends when she says so.
    for path in ["/v1/me", "/v1/inventory"] {
        assert_eq!(ada.open(path).await?.code(), "unauthenticated", "{path}");
    }
    assert!(led_to(&ada.open("/console").await?).starts_with("/sign-in"));
    let mut kept = ada.clone();
    let out = ada.send("/self/sign-out", &[("csrf", &hidden(&home, "csrf")?)]).await?;
    assert_eq!(led_to(&out), "/self/sign-in?out=1");
    assert!(led_to(&kept.open("/self").await?).starts_with("/self/sign-in?return_to="));
    // What a form was sent to is no page to come back to: one goes on where its area begins.
    for (form, place) in [
        ("/self/report", "/self/sign-in?return_to=%2Fself"),
        ("/desk/new", "/sign-in?return_to=%2Fdesk"),
        ("/console/inventory/revocations", "/sign-in?return_to=%2Fconsole"),
    ] {
        let lost = kept.send(form, &[("what", "phone")]).await?;
        assert_eq!((lost.status, led_to(&lost).as_str()), (303, place), "{form}");
    }
    // Who signs in for an entry of the log comes to where auditors read it, and not in a circle.
    let entry = kept.open("/log/entries/00000000-0000-7000-8000-000000000000").await?;
    let place = led_to(&entry);
    assert!(place.starts_with("/sign-in?return_to=%2Fconsole%2Flog%2Fentries%2F"), "{place}");
    Ok(())
}

#[tokio::test]
async fn of_thirty_two_who_open_a_link_at_once_one_is_let_in() -> Tested {
    let place = Place::new("links-race")?;
    // Beside it: mail that everybody on the way can read is warned of at the start.
    let open_mail = "[channels.email]\nkind = \"smtp\"\nhost = \"mail.example\"\n\
                     from = \"recovery@bank.example\"\ntls = \"none\"\ninsecure = true\n";
    let server = place.start(open_mail, "warn")?;
    let said = server.said();
    assert_eq!(said.matches("`channels.email.tls` is `none`").count(), 1, "{said}");
    let mut api = server.client()?;
    register(&mut api, "ada", "standard").await?;
    for _ in 0..4 {
        let token = link(&mut api, "ada", &json!({})).await?;
        let before = logged(&mut api, "ada", "self_service.entered").await?.len();
        let mut all = tokio::task::JoinSet::new();
        for _ in 0..32 {
            let (mut one, token) = (Person::at(&server), token.clone());
            all.spawn(async move {
                let opened = one.send("/self/open", &[("token", &token)]).await?;
                Ok::<_, glassbreak_testkit::http::Failure>((opened.status, one))
            });
        }
        let mut let_in = 0;
        for done in all.join_all().await {
            let (status, mut one) = done?;
            let is_in = one.open("/self").await?.status == 200;
            assert_eq!((status == 303, status == 422), (is_in, !is_in), "{status}");
            let_in += usize::from(is_in);
        }
        let after = logged(&mut api, "ada", "self_service.entered").await?.len();
        assert_eq!((let_in, after - before), (1, 1));
    }
    Ok(())
}

#[tokio::test]
async fn a_link_is_good_for_what_it_was_made_for_and_for_nobody_else() -> Tested {
    let place = Place::new("links-purpose")?;
    let server = place.start("", "warn")?;
    let mut api = server.client()?;
    register(&mut api, "ada", "standard").await?;
    let shown = issue(&mut api, "ada", &json!({})).await?;
    let mut ada = Person::at(&server);
    let token = link(&mut api, "ada", &json!({ "purposes": ["report"] })).await?;
    ada.send("/self/open", &[("token", &token)]).await?;
    assert_eq!(ada.open("/self").await?.status, 403);
    let form = ada.open("/self/report?what=phone").await?;
    assert!(form.text().contains("stop working at once"), "it says before what it will do");
    let (csrf, request) = (hidden(&form, "csrf")?, hidden(&form, "request")?);
    let fields = [("csrf", csrf.as_str()), ("request", &request), ("what", "phone")];
    // Without the value that only her page has, nothing is reported.
    let bare = ada.send("/self/report", &fields[1..]).await?;
    assert_eq!(bare.status, 403, "{}", bare.text());
    for _ in 0..2 {
        let sent = ada.send("/self/report", &fields).await?;
        assert_eq!(led_to(&sent), "/self/report/done?what=phone", "{}", sent.text());
    }
    let reported = logged(&mut api, "ada", "lifecycle.reported").await?;
    assert_eq!(reported.len(), 1, "sent twice, it is one report");
    assert_eq!(reported[0]["actor"]["kind"], "subject");
    let done = ada.open("/self/report/done?what=phone").await?;
    assert!(done.text().contains("One set of codes was ended."), "{}", done.text());
    let set = api.get("/v1/inventory?subject=ada").await?.json();
    assert_eq!(set["items"][0]["set_id"], json!(shown.set));
    assert_eq!(set["items"][0]["state"], "revoked");

    // What is asked of a link is checked.
    let path = "/v1/subjects/ada/self-service-links";
    for wrong in [
        json!({ "session_assurance": "aal2", "lifetime_seconds": 59 }),
        json!({ "session_assurance": "aal2", "lifetime_seconds": 901 }),
        json!({ "session_assurance": "aal2", "purposes": [] }),
        json!({ "session_assurance": "aal2", "purposes": ["redeem"] }),
        json!({}),
    ] {
        assert_eq!(api.post(path, &wrong).await?.code(), "invalid_request", "{wrong}");
    }
    Ok(())
}

#[tokio::test]
async fn who_is_offboarded_or_contained_is_out_at_once() -> Tested {
    let place = Place::new("links-ended")?;
    let server = place.start("", "warn")?;
    let mut api = server.client()?;
    for name in ["ada", "bob"] {
        register(&mut api, name, "standard").await?;
    }
    let (mut ada, mut bob) = (Person::at(&server), Person::at(&server));
    for (name, who) in [("ada", &mut ada), ("bob", &mut bob)] {
        let token = link(&mut api, name, &json!({})).await?;
        who.send("/self/open", &[("token", &token)]).await?;
        assert_eq!(who.open("/self").await?.status, 200);
    }
    let unused = link(&mut api, "ada", &json!({})).await?;
    let left = json!({ "type": "subject_left" });
    api.post("/v1/subjects/ada/lifecycle-events", &left).await?;
    assert!(led_to(&ada.open("/self").await?).starts_with("/self/sign-in"));
    assert_eq!(ada.send("/self/open", &[("token", &unused)]).await?.status, 422);
    let path = "/v1/subjects/ada/self-service-links";
    let body = json!({ "session_assurance": "aal2" });
    assert_eq!(api.post(path, &body).await?.code(), "subject_departed");

    let unused = link(&mut api, "bob", &json!({})).await?;
    let scope = json!({ "scope": { "subject": "bob" }, "reason": "precaution" });
    let begun = api.post("/v1/containments", &scope).await?;
    assert!(begun.status < 300, "{}", begun.text());
    let shut = bob.open("/self").await?;
    assert_eq!((shut.status, heading(&shut).as_str()), (409, "Recovery is switched off for now"));
    assert!(led_to(&bob.open("/self").await?).starts_with("/self/sign-in"), "the session ended");
    assert_eq!(bob.send("/self/open", &[("token", &unused)]).await?.status, 409);
    let path = "/v1/subjects/bob/self-service-links";
    assert_eq!(api.post(path, &body).await?.code(), "contained");
    Ok(())
}
