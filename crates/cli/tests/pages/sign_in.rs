//! Signing in to the console with an API key.

use glassbreak_testkit::browser::{By, Options};

use crate::world::{ADMIN, OTTO, Tested, World};

#[tokio::test]
async fn an_operator_signs_in_with_a_key_goes_where_they_were_going_and_signs_out() -> Tested {
    let world = World::new().await?;
    let browser = world.browser()?;
    browser.open(&world.at("/sign-in?return_to=/console"))?;
    world.check(&browser)?;
    browser.fill(By::label("API key"), "gbk-of-nobody")?;
    browser.click(By::button("Sign in"))?;
    assert!(browser.text(By::role("alert", ""))?.contains("not known"));
    world.check(&browser)?;
    browser.fill(By::label("API key"), world.key(ADMIN))?;
    browser.click(By::button("Sign in"))?;
    assert!(browser.url()?.ends_with("/console"), "{}", browser.url()?);
    assert!(!browser.evaluate("document.cookie")?.to_string().contains("glassbreak"));
    let cookies = browser.cookies()?;
    assert!(cookies.iter().all(|cookie| cookie["httpOnly"] == true), "{cookies:?}");
    world.check(&browser)?;
    browser.click(By::button("Sign out"))?;
    assert!(!browser.has("form.whoami")?);
    browser.open(&world.at("/console"))?;
    assert!(browser.url()?.contains("/sign-in"), "{}", browser.url()?);
    Ok(())
}

#[tokio::test]
async fn signing_in_works_without_javascript_and_in_german() -> Tested {
    let world = World::new().await?;
    let quiet = Options { language: "de".to_owned(), ..Options::without_javascript() };
    let browser = world.browser_with(&quiet)?;
    world.sign_in(&browser, OTTO)?;
    assert_eq!(browser.attribute("html", "lang")?.as_deref(), Some("de"));
    assert!(browser.url()?.ends_with("/console"), "{}", browser.url()?);
    world.check_without_scripts(&browser)
}
