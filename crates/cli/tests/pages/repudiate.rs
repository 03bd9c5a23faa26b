//! "This was not me": from the mail to the page, in a browser.

use glassbreak_testkit::browser::Options;
use serde_json::json;

use crate::world::{ADA, Tested, World, issue, ok};

#[tokio::test]
async fn reg_28_the_link_of_a_mail_changes_nothing_until_its_page_is_sent() -> Tested {
    let world = World::with_mail().await?;
    let postbox = world.postbox.as_ref().ok_or("no postbox")?;
    let mut api = world.api()?;
    let body = json!({
        "kind": "person", "tier": "standard", "assurance": "aal2", "ial": "ial2",
        "notification_addresses": [{ "channel": "email", "address": "ada@example.com",
            "verified": true }],
    });
    ok(&api.put(&format!("/v1/subjects/{ADA}"), &body).await?)?;
    issue(&mut api, ADA, &json!({ "reason": "replacement" })).await?;
    let mail = loop {
        let mail = postbox.next()?;
        if mail.token().is_ok() {
            break mail;
        }
    };

    let browser = world.browser()?;
    let link = world.at(&format!("/repudiate#{}", mail.token()?));
    // A page that is loaded again has no token any more: it is out of the address.
    for _ in 0..2 {
        browser.open(&link)?;
        browser.reload()?;
        browser.open(&world.at("/"))?;
    }
    browser.open(&link)?;
    let path = format!("/v1/inventory?subject={ADA}&state=active");
    let live = ok(&api.get(&path).await?)?["items"].as_array().map(Vec::len);
    assert_eq!(live, Some(1), "to look changes nothing");
    world.check(&browser)?;
    browser.look(&Options::narrow())?;
    world.check(&browser)?;
    browser.click("button[type=submit], form button:not([name])")?;
    let live = ok(&api.get(&path).await?)?["items"].as_array().map(Vec::len);
    assert_eq!(live, Some(0), "to press does");
    world.check(&browser)
}
