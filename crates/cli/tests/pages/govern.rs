//! Containment, policy, alerts, reviews and settings, as those who answer for them see them.

use glassbreak_testkit::browser::{By, Options};
use glassbreak_testkit::http::Method;
use serde_json::json;

use crate::world::{ADA, ADMIN, NORA, OTTO, RAE, SAM, Tested, VERA, World, ok};

#[tokio::test]
async fn i1_reg_29_everything_is_contained_by_one_and_lifted_by_two_others() -> Tested {
    let world = World::new().await?;
    let rae = world.browser()?;
    world.sign_in(&rae, RAE)?;
    rae.open(&world.at("/console/containment"))?;
    assert!(rae.text("main")?.contains("Nothing is contained"));
    world.check(&rae)?;
    rae.check("input[name=scope][value=all]")?;
    rae.choose(By::label("Why"), "Codes were seen where they must not be")?;
    rae.fill(By::label("Ticket of the incident (if there is one)"), "INC-7")?;
    // Without the tick the browser itself holds the form back.
    rae.click(By::button("Contain now"))?;
    assert!(!rae.url()?.contains("/containment/"), "{}", rae.url()?);
    rae.check("input[name=understood]")?;
    rae.click(By::button("Contain now"))?;
    let page = rae.url()?;
    assert!(page.contains("/console/containment/"), "{page}");
    assert!(rae.text("main")?.contains("You asked for this containment"));
    world.check(&rae)?;
    rae.open(&world.at("/console/containment"))?;
    assert!(!rae.has(By::link("Look at it"))?, "she asked for it");
    rae.open(&page)?;

    // In force: nothing is issued to anybody.
    let mut api = world.api()?;
    let issue = json!({ "reason": "replacement", "session_assurance": "aal2" });
    let refused = api.post(&format!("/v1/subjects/{ADA}/code-sets"), &issue).await?;
    assert_eq!((refused.status, refused.json()["code"].as_str()), (409, Some("contained")));

    // An agent may not even look; an auditor looks and can do nothing.
    let sam = rae.new_profile(&Options::default())?;
    world.sign_in(&sam, SAM)?;
    sam.open(&page)?;
    assert!(sam.text("h1")?.contains("You may not do this"), "{}", sam.text("h1")?);
    let otto = rae.new_profile(&Options::default())?;
    world.sign_in(&otto, OTTO)?;
    otto.open(&page)?;
    assert!(otto.text("main")?.contains("You are no approver"));
    assert!(!otto.has(By::button("Approve that it is lifted"))?);
    world.check(&otto)?;

    for name in [VERA, NORA] {
        let tab = rae.new_profile(&Options::default())?;
        let _key = world.enrol(&tab, name).await?;
        world.sign_in(&tab, name)?;
        tab.open(&world.at("/console/containment"))?;
        assert!(
            tab.text("main")?.contains("You are one of those who can approve that it is lifted")
        );
        world.check(&tab)?;
        tab.click(By::link("Look at it"))?;
        tab.click(By::button("Approve that it is lifted"))?;
        tab.wait_for(By::text(&format!("{name} has approved")))?;
        world.check(&tab)?;
        // What waits for others is not put before somebody again.
        tab.open(&world.at("/console/containment"))?;
        assert!(!tab.has(By::link("Look at it"))?);
    }
    rae.reload()?;
    rae.click(By::button("Lift now"))?;
    assert!(rae.text("main")?.contains("It was lifted"), "{}", rae.text("main")?);
    world.check(&rae)?;
    let issued = api.post(&format!("/v1/subjects/{ADA}/code-sets"), &issue).await?;
    ok(&issued).map(drop)
}

#[tokio::test]
async fn e5_a_change_to_the_rules_is_tried_on_what_was_decided_and_a_weak_one_is_told() -> Tested {
    let world = World::new().await?;
    let browser = world.browser()?;
    world.sign_in(&browser, ADMIN)?;
    browser.open(&world.at("/console/policy"))?;
    assert!(browser.text("main")?.contains("these are the rules that come along"));
    world.check(&browser)?;
    browser.open(&world.at("/console/policy/trial?file=issue.cedar"))?;
    world.check(&browser)?;
    let text = browser.value(By::css("#text"))?;
    browser.click(By::button("Try it"))?;
    let main = browser.text("main")?;
    assert!(main.contains("None would have been another"), "{main}");
    assert!(main.contains("The server would take these rules"), "{main}");
    world.check(&browser)?;
    // Nothing may be issued any more: what was issued would not have been.
    let never = format!(
        "{text}\n@id(\"never\")\nforbid (principal, action == Action::\"issue\", resource);\n"
    );
    browser.fill(By::css("#text"), &never)?;
    browser.click(By::button("Try it"))?;
    let main = browser.text("main")?;
    assert!(main.contains("Decisions that would have been others"), "{main}");
    world.check(&browser)?;
    browser.fill(By::css("#text"), "permit (principal, action")?;
    browser.click(By::button("Try it"))?;
    assert!(browser.text("main")?.contains("These rules cannot be read"));
    world.check(&browser)?;
    // What was tried is not in force.
    browser.open(&world.at("/console/policy/trial?file=issue.cedar"))?;
    assert_eq!(browser.value(By::css("#text"))?, text);
    Ok(())
}

#[tokio::test]
async fn g3_alerts_say_why_they_were_raised_and_settings_where_each_value_comes_from() -> Tested {
    let world = World::new().await?;
    let browser = world.browser()?;
    world.sign_in(&browser, ADMIN)?;
    for (path, part) in [
        ("/console/alerts", "What rules found in the log"),
        ("/console/alerts?level=critical&rule=&subject=ada", "No alert."),
        ("/console/reviews", "No review is due"),
        ("/console/settings", "first admin key"),
    ] {
        browser.open(&world.at(path))?;
        let main = browser.text("main")?;
        assert!(main.contains(part), "{path}: {main}");
        world.check(&browser)?;
    }
    // Whoever may not administer sees no keys.
    let otto = browser.new_profile(&Options::default())?;
    world.sign_in(&otto, OTTO)?;
    otto.open(&world.at("/console/settings"))?;
    assert!(!otto.text("main")?.contains("first admin key"));
    world.check(&otto)
}

#[tokio::test]
async fn asvs_7_4_whoever_signed_in_with_a_key_is_out_when_it_is_revoked() -> Tested {
    let world = World::new().await?;
    let browser = world.browser()?;
    world.sign_in(&browser, OTTO)?;
    browser.open(&world.at("/console/settings"))?;
    assert!(browser.text("h1")?.contains("Settings"));
    let mut api = world.api()?;
    let keys = ok(&api.get("/v1/api-keys").await?)?;
    let keys = keys["items"].as_array().ok_or("no keys")?;
    let otto = keys.iter().find(|key| key["operator"] == OTTO).ok_or("otto has no key")?;
    let id = otto["id"].as_str().ok_or("no id")?;
    let revoked = api.send(Method::DELETE, &format!("/v1/api-keys/{id}"), &[], "").await?;
    assert_eq!(revoked.status, 204);
    browser.open(&world.at("/console/settings"))?;
    assert!(!browser.text("h1")?.contains("Settings"), "{}", browser.text("h1")?);
    Ok(())
}
