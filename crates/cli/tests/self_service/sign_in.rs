//! People sign in where they sign in to everything else: at a certified identity provider.

use glassbreak_testkit::http::Failure;
use glassbreak_testkit::server::TestServer;
use serde_json::{Value, json};

use crate::browser::parameter;
use crate::calls::{Place, Tested, issue, register};
use crate::person::{Person, heading, hidden, led_to, logged};
use crate::provider::Provider;

struct World {
    provider: Provider,
    server: TestServer,
    _place: Place,
}

impl World {
    async fn new() -> Result<Self, Failure> {
        let (provider, place) = (Provider::start()?, Place::new("self-sign-in")?);
        let config = format!(
            "[self_service]\nredeem = true\nreenrol_url = \"https://id.example/enrol\"\n\
             acr_assurance = {{ mfa = \"aal2\", pwd = \"aal1\" }}\n\
             [self_service.oidc]\nissuer = \"{}\"\nclient_id = \"glassbreak-self\"\n",
            provider.issuer
        );
        let server = place.start(&config, "info")?;
        let world = Self { provider, server, _place: place };
        world.signs_in_by("mfa").await?;
        for name in ["ada", "bob"] {
            register(&mut world.server.client()?, name, "standard").await?;
        }
        Ok(world)
    }

    /// How strongly somebody signs in from now on.
    async fn signs_in_by(&self, acr: &str) -> Tested {
        let base = Person::at(&self.server).base;
        let more = json!({ "acr": acr });
        self.provider.configure_more(&base, &json!({}), &more).await
    }

    /// Signs somebody in: where they go on.
    async fn sign_in(
        &self,
        person: &mut Person,
        who: &str,
        query: &str,
    ) -> Result<String, Failure> {
        let begun = person.open(&format!("/self/sign-in/provider?{query}")).await?;
        let at = led_to(&begun);
        assert_eq!(begun.status, 303, "{}", begun.text());
        let stop = format!("{}/self/callback", person.base);
        let back = person.browser.through(&at, who, &stop).await?;
        let done = person.browser.get(&back).await?;
        assert_eq!(done.status, 303, "{}", done.text());
        Ok(led_to(&done))
    }

    async fn entered(&self, who: &str) -> Result<Vec<Value>, Failure> {
        logged(&mut self.server.client()?, who, "self_service.entered").await
    }
}

#[tokio::test]
async fn a_subject_signs_in_at_the_provider_and_steps_up_where_more_is_asked() -> Tested {
    let world = World::new().await?;
    let mut ada = Person::at(&world.server);
    assert!(led_to(&ada.open("/self").await?).starts_with("/self/sign-in?return_to="));
    let ways = ada.open("/self/sign-in?return_to=/self/report").await?;
    assert!(ways.text().contains("/self/sign-in/provider?return_to="), "{}", ways.text());

    // Without being asked how, the provider does not say how, and that is the least.
    let place = world.sign_in(&mut ada, "ada", "return_to=/self/report").await?;
    assert_eq!(place, "/self/report");
    assert_eq!(ada.open("/self").await?.status, 200);
    assert_eq!(world.entered("ada").await?[0]["data"]["assurance"], "aal1");

    let begun = ada.open("/self/sign-in/provider?step_up=aal2&return_to=/self").await?;
    let at = led_to(&begun);
    assert_eq!(parameter(&at, "acr_values").as_deref(), Some("mfa"), "{at}");
    assert_eq!(parameter(&at, "max_age").as_deref(), Some("0"), "{at}");
    assert_eq!(world.sign_in(&mut ada, "ada", "step_up=aal2&return_to=/self").await?, "/self");
    let entered = world.entered("ada").await?;
    assert_eq!(entered.len(), 2);
    assert_eq!(entered[1]["data"]["assurance"], "aal2", "{entered:?}");
    assert_eq!(entered[1]["data"]["by"], "provider");

    // It is no sign-in of an operator.
    assert_eq!(ada.open("/v1/me").await?.code(), "unauthenticated");
    // A sign-in is finished by the browser that began it, and leads nowhere else.
    let begun = ada.open("/self/sign-in/provider?return_to=//evil.example").await?;
    let stop = format!("{}/self/callback", ada.base);
    let back = ada.browser.through(&led_to(&begun), "ada", &stop).await?;
    let stolen = Person::at(&world.server).browser.get(&back).await?;
    assert_eq!(stolen.status, 400, "{}", stolen.text());
    let own = ada.browser.get(&back).await?;
    assert_eq!(led_to(&own), "/self");
    assert_eq!(ada.browser.get(&back).await?.status, 400, "once");
    Ok(())
}

#[tokio::test]
async fn who_is_not_registered_or_has_left_does_not_come_in() -> Tested {
    let world = World::new().await?;
    let mut api = world.server.client()?;
    let left = json!({ "type": "subject_left" });
    api.post("/v1/subjects/bob/lifecycle-events", &left).await?;
    for who in ["zoe", "bob"] {
        let mut person = Person::at(&world.server);
        let begun = person.open("/self/sign-in/provider").await?;
        let stop = format!("{}/self/callback", person.base);
        let back = person.browser.through(&led_to(&begun), who, &stop).await?;
        let refused = person.browser.get(&back).await?;
        assert_eq!(refused.status, 400, "{who}: {}", refused.text());
        assert!(led_to(&person.open("/self").await?).starts_with("/self/sign-in"), "{who}");
    }
    Ok(())
}

#[tokio::test]
async fn n63b_ra_02_a_sign_in_with_a_password_counts_beside_the_code_for_its_own_account() -> Tested
{
    let world = World::new().await?;
    let mut api = world.server.client()?;
    let hers = issue(&mut api, "ada", &json!({})).await?;
    let his = issue(&mut api, "bob", &json!({})).await?;
    world.signs_in_by("pwd").await?;
    let mut ada = Person::at(&world.server);
    let place = world.sign_in(&mut ada, "ada", "step_up=aal1&return_to=/recover").await?;
    assert_eq!(place, "/recover");
    for (who, code, place, status) in
        [("bob", &his.codes[0], "", 200), ("ada", &hers.codes[0], "/self/recovery", 303)]
    {
        let form = ada.open("/recover").await?;
        assert!(form.text().contains("You are signed in as ada"), "{}", form.text());
        let attempt = hidden(&form, "attempt")?;
        let fields = [("attempt", attempt.as_str()), ("account", who), ("code", code)];
        let answer = ada.send("/recover", &fields).await?;
        assert_eq!((answer.status, led_to(&answer).as_str()), (status, place), "{}", answer.text());
        if who == "bob" {
            // She was put into his session, to report; hers is gone.
            world.sign_in(&mut ada, "ada", "step_up=aal1&return_to=/recover").await?;
        }
    }
    let accepted = logged(&mut api, "ada", "code.accepted").await?;
    assert_eq!(accepted[0]["data"]["presented"], json!(["password"]), "{accepted:?}");
    Ok(())
}

/// In the window of somebody at `aal2`: the grant stays in the browser of the code, and the new
/// codes are taken and printed there once the new authenticator is bound.
#[tokio::test]
async fn c5_a_window_is_finished_in_its_browser_whichever_way_one_comes_in() -> Tested {
    let world = World::new().await?;
    let mut api = world.server.client()?;
    let shown = issue(&mut api, "ada", &json!({})).await?;
    world.signs_in_by("pwd").await?;
    let mut ada = Person::at(&world.server);
    world.sign_in(&mut ada, "ada", "step_up=aal1&return_to=/recover").await?;
    let attempt = hidden(&ada.open("/recover").await?, "attempt")?;
    let fields = [("attempt", attempt.as_str()), ("account", "ada"), ("code", &shown.codes[0])];
    assert_eq!(led_to(&ada.send("/recover", &fields).await?), "/self/recovery");

    // An answer that was lost is asked for again, and leads there again.
    assert_eq!(led_to(&ada.send("/recover", &fields).await?), "/self/recovery");
    // The log does not give back what the form needs.
    let accepted = logged(&mut api, "ada", "code.accepted").await?;
    assert_eq!(accepted.len(), 1);
    assert!(!accepted[0].to_string().contains(&attempt), "{}", accepted[0]);
    // Not yet, and the page says so.
    assert_eq!(ada.open("/self/codes/new").await?.status, 403);
    let waits = ada.open("/self/recovery").await?;
    assert!(waits.text().contains("This comes after"), "{}", waits.text());
    // To sign in again in this browser loses nothing; another browser sees the window, and is
    // handed no grant.
    world.sign_in(&mut ada, "ada", "step_up=aal1&return_to=/self/recovery").await?;
    assert!(ada.open("/self/recovery").await?.text().contains("name=\"grant\""));
    let mut other = Person::at(&world.server);
    world.sign_in(&mut other, "ada", "step_up=aal1&return_to=/self").await?;
    assert!(other.open("/self").await?.text().contains("href=\"/self/recovery\""));
    let seen = other.open("/self/recovery").await?;
    assert_eq!((seen.status, seen.text().contains("name=\"grant\"")), (200, false));

    let accepted = logged(&mut api, "ada", "code.accepted").await?;
    let recovery = accepted[0]["data"]["window"]["recovery"].as_str().ok_or("no window")?;
    let path = format!("/v1/recoveries/{recovery}/complete");
    api.post(&path, &json!({ "authenticator_bound": true })).await?;
    assert_eq!(other.open("/self/codes/new").await?.status, 403, "a password is still one factor");
    let form = ada.open("/self/codes/new").await?;
    assert_eq!(form.status, 200, "{}", form.text());
    let (csrf, key) = (hidden(&form, "csrf")?, hidden(&form, "key")?);
    let seen = hidden(&form, "seen")?;
    let place = "sealed_offline_copy";
    let fields = [("csrf", csrf.as_str()), ("key", &key), ("seen", &seen), ("place", place)];
    let made = ada.send("/self/codes/new", &fields).await?;
    assert_eq!(heading(&made), "Your recovery codes", "{}", made.text());
    let issued = logged(&mut api, "ada", "code_set.issued").await?;
    assert_eq!(issued[1]["data"]["reason"], "reissue_after_recovery");
    assert_eq!(issued[1]["data"]["session_assurance"], "aal2");
    assert_eq!(heading(&ada.open("/self/recovery").await?), "You are back in");
    // Sent again, it tells that it was done, and shows no code twice (REG-28).
    let fields = [("csrf", csrf.as_str()), ("key", &key), ("seen", &seen), ("place", place)];
    let again = ada.send("/self/codes/new", &fields).await?;
    assert!(again.status == 200 && !again.text().contains("name=\"code\""), "{}", again.text());
    // What is on the page can still be printed.
    let (csrf, set) = (hidden(&made, "csrf")?, hidden(&made, "set")?);
    let code = hidden(&made, "code")?;
    let fields = [("csrf", csrf.as_str()), ("set", &set), ("code", &code), ("as", "a4")];
    let sheet = ada.send("/self/codes/sheet", &fields).await?;
    assert_eq!(sheet.status, 200, "{}", sheet.text());
    assert_eq!(sheet.headers["content-type"], "application/pdf");
    Ok(())
}
