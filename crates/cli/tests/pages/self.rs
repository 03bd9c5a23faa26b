//! Self-service: a person comes in, sees what they have, reports a loss, uses a code and finds the
//! window. In English and German, with scripts and without.

use glassbreak_testkit::browser::{By, Options, Tab};
use glassbreak_testkit::http::Failure;
use serde_json::{Value, json};

use crate::world::{ADA, BOB, Tested, World, issue, ok, register};

/// Codes are used here, and the grant goes to a page of the provider's.
const CONFIG: &str = "\
[self_service]
redeem = true
reenrol_url = 'https://id.example/enrol'
sign_in_url = 'https://apps.example/'
";

impl World {
    /// A link for somebody.
    async fn link(&self, subject: &str, more: Value) -> Result<String, Failure> {
        let mut body = json!({ "session_assurance": "aal2" });
        if let (Some(body), Value::Object(more)) = (body.as_object_mut(), more) {
            body.extend(more);
        }
        let path = format!("/v1/subjects/{subject}/self-service-links");
        let made = ok(&self.api()?.post(&path, &body).await?)?;
        Ok(made["url"].as_str().ok_or("no url")?.to_owned())
    }

    /// The states of somebody's sets.
    async fn states(&self, subject: &str) -> Result<Vec<String>, Failure> {
        let found = ok(&self.api()?.get(&format!("/v1/inventory?subject={subject}")).await?)?;
        let items = found["items"].as_array().into_iter().flatten();
        Ok(items.filter_map(|set| set["state"].as_str()).map(str::to_owned).collect())
    }

    /// The page is sound on a desk and on a small, dark, German one, with the same on it.
    fn check_both(&self, tab: &Tab) -> Tested {
        self.check(tab)?;
        tab.look(&Options { dark: true, ..Options::narrow() })?;
        // Colours go over into others, and are measured once they have.
        tab.evaluate(
            "Promise.all(document.getAnimations().map((it) => it.finished)).then(() => 1)",
        )?;
        self.check(tab)?;
        tab.look(&Options::default())
    }
}

#[tokio::test]
async fn a_person_opens_a_link_sees_what_they_have_and_reports_a_lost_phone() -> Tested {
    let world = World::under(CONFIG).await?;
    let browser = world.browser()?;
    let link = world.link(ADA, json!({})).await?;
    // To look is free: twice, and once more from elsewhere.
    for _ in 0..2 {
        browser.open(&link)?;
        browser.reload()?;
    }
    browser.open("about:blank")?;
    browser.open(&link)?;
    world.check_both(&browser)?;
    assert!(!browser.url()?.contains('#'), "{}", browser.url()?);
    browser.click(By::button("Go on"))?;
    assert_eq!(browser.url()?, world.at("/self"));
    assert!(browser.text("main")?.contains("10 of 10"), "{}", browser.text("main")?);
    world.check_both(&browser)?;

    browser.click(By::link("Report something lost or stolen"))?;
    world.check_both(&browser)?;
    browser.click(By::text("My phone, computer or security key is lost or stolen"))?;
    browser.click(By::button("Report it"))?;
    assert!(browser.text("main")?.contains("One set of codes was ended."));
    world.check_both(&browser)?;
    assert_eq!(world.states(ADA).await?, ["revoked"]);
    browser.back()?;
    browser.reload()?;
    browser.open(&world.at("/self"))?;
    assert!(browser.text("main")?.contains("You have no recovery codes that work."));
    world.check_both(&browser)?;
    browser.click(By::button("Sign out"))?;
    world.check_both(&browser)?;
    browser.open(&world.at("/self"))?;
    assert!(browser.url()?.contains("/self/sign-in"), "{}", browser.url()?);
    // The link is used up, and the page says so plainly.
    browser.open(&world.at("/"))?;
    browser.open(&link)?;
    browser.click(By::button("Go on"))?;
    assert_eq!(browser.text("h1")?, "This link does not work any more");
    world.check_both(&browser)
}

#[tokio::test]
async fn all_of_it_works_without_javascript_and_in_german() -> Tested {
    let world = World::under(CONFIG).await?;
    let quiet = Options { language: "de".to_owned(), ..Options::without_javascript() };
    let browser = world.browser_with(&quiet)?;
    browser.open(&world.at("/self/open"))?;
    browser.fill("#token", &world.link(ADA, json!({})).await?)?;
    browser.click(By::button("Weiter"))?;
    assert_eq!(browser.text("h1")?, "Ihre Wiederherstellungscodes");
    assert!(browser.text("main")?.contains("10 von 10"));
    world.check_without_scripts(&browser)?;
    browser.open(&world.at("/self/report?what=seen"))?;
    browser.click(By::button("Melden"))?;
    assert_eq!(browser.text("h1")?, "Danke, es ist erledigt");
    assert_eq!(world.states(ADA).await?, ["revoked"]);
    browser.open(&world.at("/recover"))?;
    browser.fill("#account", ADA)?;
    browser.fill("#code", "gb-AAAAA-AAAAA-AAAAA-AAAAA-AAAAA-AAAAA")?;
    browser.click(By::button("Wieder hineinkommen"))?;
    assert!(browser.text("main")?.contains("Im Code ist ein Tippfehler."));
    world.check_without_scripts(&browser)
}

#[tokio::test]
async fn a_code_that_is_not_enough_says_what_else_would_do() -> Tested {
    let world = World::under(CONFIG).await?;
    let browser = world.browser()?;
    let code = world.sets[ADA].codes[0].clone();
    browser.open(&world.at("/recover"))?;
    world.check_both(&browser)?;
    browser.fill(By::label("Your account name"), ADA)?;
    // The typing error is told before it is sent.
    let wrong = if code.ends_with('A') { "B" } else { "A" };
    browser.fill("#code", "")?;
    browser.paste(&format!("{}{wrong}", &code[..code.len() - 1]))?;
    browser.wait_for(By::text("There is a typing error"))?;
    world.check_both(&browser)?;
    browser.press("Enter")?;
    assert!(browser.text(By::role("alert", ""))?.contains("This cost you nothing."));
    world.check_both(&browser)?;
    browser.fill("#code", &code)?;
    browser.press("Enter")?;
    assert_eq!(browser.text("h1")?, "One more step");
    world.check_both(&browser)?;
    // Nobody signs in on this server: the page says where, and what to do there.
    assert!(browser.text("main")?.contains("Not on this page: sign in with your password"));
    let there = browser.attribute("main li:first-child a.button", "href")?;
    assert_eq!(there.as_deref(), Some("https://apps.example/"));
    browser.click(By::link("Report something lost or stolen"))?;
    assert_eq!(browser.text("h1")?, "What happened?");

    // A refusal is plain, and says who can help.
    let other = issue(&mut world.api()?, BOB, &json!({})).await?;
    browser.open(&world.at("/recover"))?;
    browser.fill("#account", ADA)?;
    browser.fill("#code", &other.codes[0])?;
    browser.press("Enter")?;
    assert!(browser.text("main")?.contains("+1 202 555 0100"));
    assert_eq!(browser.value("#code")?, "");
    world.check_both(&browser)
}

#[tokio::test]
async fn c4_the_window_shows_the_time_and_the_steps_and_survives_back_and_reload() -> Tested {
    let world = World::under(CONFIG).await?;
    let mut api = world.api()?;
    register(&mut api, "carl", &json!({ "assurance": "aal1" })).await?;
    let shown = issue(&mut api, "carl", &json!({})).await?;
    let browser = world.browser()?;
    browser.open(&world.at("/recover"))?;
    browser.fill("#account", "carl")?;
    browser.fill("#code", &shown.codes[0])?;
    browser.click(By::button("Get back in"))?;
    assert_eq!(browser.url()?, world.at("/self/recovery"));
    assert_eq!(browser.text("h1")?, "You are in: two things to do");
    world.check_both(&browser)?;
    let left = browser.text("time[data-until]")?;
    assert!(left.contains("minute") || left.contains("second"), "{left}");
    assert_eq!(
        browser.attribute("main form", "action")?.as_deref(),
        Some("https://id.example/enrol")
    );
    browser.reload()?;
    browser.back()?;
    browser.forward()?;
    assert_eq!(browser.text("h1")?, "You are in: two things to do");
    browser.open(&world.at("/self"))?;
    world.check_both(&browser)
}

#[tokio::test]
async fn b1_a_person_says_where_the_codes_are_or_that_they_are_lost() -> Tested {
    let world = World::under("[tiers.standard]\ncustody_review = 1\n").await?;
    register(&mut world.api()?, "kim", &json!({})).await?;
    issue(&mut world.api()?, "kim", &json!({ "custody": "hardware" })).await?;
    let browser = world.browser()?;
    browser.open(&world.link("kim", json!({})).await?)?;
    browser.click(By::button("Go on"))?;
    // It is due a second after it was said.
    while !browser.has(By::button("Yes, still there"))? {
        browser.reload()?;
    }
    assert!(browser.text("main")?.contains("On a security key or in a hardware module?"));
    world.check_both(&browser)?;
    browser.click(By::button("Yes, still there"))?;
    assert_eq!(
        browser.text(By::role("status", ""))?,
        "Thank you. It is noted where you keep your codes."
    );
    while !browser.has(By::text("Say where they are"))? {
        browser.reload()?;
    }
    browser.click(By::text("Say where they are"))?;
    world.check_both(&browser)?;
    browser.click("input[value=password_manager]")?;
    browser.click(By::button("Note this place"))?;
    let found = ok(&world.api()?.get("/v1/inventory?subject=kim").await?)?;
    assert_eq!(found["items"][0]["custody"], "password_manager");
    while !browser.has(By::link("I cannot find them"))? {
        browser.reload()?;
    }
    browser.click(By::link("I cannot find them"))?;
    browser.click(By::button("Report it"))?;
    assert_eq!(world.states("kim").await?, ["revoked"]);
    Ok(())
}
