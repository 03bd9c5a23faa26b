//! The driver itself, against small pages that a real listener serves.

#![cfg(test)]

use std::time::Duration;

use glassbreak_testkit::axe;
use glassbreak_testkit::browser::{Browser, By, Options, Reply, empty_page, serve};
use glassbreak_testkit::http::Failure;
use serde_json::json;

type Tested = Result<(), Failure>;

/// A form, a list, a table, and what scripts do to them.
const FORM: &str = "<!doctype html><html lang='en'><title>Form</title>
<style>a { display: inline-block; padding: 1em }</style>
<main><h1>A   form</h1>
<form method='post' action='/sent'>
<label for='name'>Your name</label><input id='name' name='name'>
<label>Day <input type='date' name='day'></label>
<label>Colour <select name='colour'><option>Red<option value='g'>Dark green</select></label>
<label><input type='checkbox' name='agreed' value='yes'> I agree</label>
<fieldset><legend>How</legend>
<label><input type='radio' name='how' value='post'> By post</label>
<label><input type='radio' name='how' value='here'> Here</label></fieldset>
<button>Send</button></form>
<table><caption>People</caption>
<tr><th scope='row'>Ada</th><td><a href='/ada'>Open</a></td></tr>
<tr><th scope='row'>Bob</th><td><a href='/bob'>Open</a></td></tr></table>
<div style='position: relative'><button id='below'>Below</button>
<div class='veil' style='position: absolute; inset: 0; background: #fff'></div></div>
<button hidden>Hidden</button><button disabled>Off</button>
</main></html>";

/// Pages by path; a form's body is told back.
fn site() -> Result<String, Failure> {
    let addr = serve(|method, path, body| match (method, path) {
        (_, "/form") => Reply::page(FORM),
        ("POST", "/sent") => Reply::see_other(&format!("/told?{body}")),
        (_, told) if told.starts_with("/told") => {
            let told = told.trim_start_matches("/told?").replace('&', " ");
            Reply::page(format!("<!doctype html><title>Told</title><h1>Told</h1><p id=t>{told}"))
        }
        (_, "/ada") => Reply::page("<!doctype html><title>Ada</title><h1>Ada</h1>"),
        (_, "/bob") => Reply::page("<!doctype html><title>Bob</title><h1>Bob</h1>"),
        (_, "/later") => Reply::page(
            "<!doctype html><title>Later</title><h1>Later</h1><p id=p></p><script>
             setTimeout(() => { document.getElementById('p').innerHTML = '<b>now</b>' }, 300);
             </script>",
        ),
        (_, "/scripts") => Reply::page(
            "<!doctype html><title>Scripts</title><h1>With or without</h1>
             <noscript><p>none run</p></noscript><p id=p></p>
             <script>document.getElementById('p').textContent = 'they run'</script>",
        ),
        (_, "/strict") => Reply::page(
            "<!doctype html><title>Strict</title><h1>Strict</h1><p id=p>still this</p>
             <script>document.getElementById('p').textContent = 'inline'</script>
             <img src='http://127.0.0.1:9/foreign.png' alt=''>",
        )
        .with("Content-Security-Policy", "default-src 'none'"),
        (_, "/wrong") => Reply::page(
            "<!doctype html><title>Wrong</title><h1>Wrong</h1>
             <script>console.error('said', 1); undefined.thing</script>
             <script src='/missing.js'></script>",
        ),
        (_, "/barrier") => Reply::page(
            "<!doctype html><html lang='en'><title>Barrier</title><main><h1>Barrier</h1>
             <input type='text'><p style='color: #999; background: #fff'>pale</p></main></html>",
        ),
        (_, "/file") => Reply::page(
            "<!doctype html><title>File</title><h1>File</h1><a href='/codes.txt'>Download</a>",
        ),
        (_, "/codes.txt") => Reply::page("one two three")
            .with("Content-Disposition", "attachment; filename=\"codes.txt\""),
        (_, "/leaving") => Reply::page(
            "<!doctype html><title>Leaving</title><h1>Leaving</h1><label>A <input></label>
             <a href='/ada'>Away</a>
             <script>addEventListener('beforeunload', e => e.preventDefault())</script>",
        ),
        (_, "/looks") => Reply::page(
            "<!doctype html><title>Looks</title><h1>Looks</h1>
             <style>b { display: none } @media (prefers-color-scheme: dark) { #dark { display:
             inline } } @media (prefers-reduced-motion: reduce) { #still { display: inline } }
             </style><b id=dark>dark</b> <b id=still>still</b>",
        ),
        (_, "/cookie") => Reply::page("<!doctype html><title>Cookie</title><h1>Cookie</h1>")
            .with("Set-Cookie", "who=ada; HttpOnly; SameSite=Strict"),
        (_, "/bfcache") => Reply::page("<!doctype html><title>One</title><h1>One</h1>"),
        _ => Reply::not_found(),
    })?;
    Ok(format!("http://localhost:{}", addr.port()))
}

fn hurried() -> Options {
    Options { patience: Duration::from_millis(300), ..Options::default() }
}

fn told<T>(result: Result<T, Failure>) -> String {
    result.err().map(|error| error.to_string()).unwrap_or_default()
}

#[test]
fn a_form_is_filled_in_by_labels_and_sent_by_a_click_and_the_next_page_is_there_after_it() -> Tested
{
    let (browser, site) = (Browser::start()?, site()?);
    browser.open(&format!("{site}/form"))?;
    assert_eq!(browser.text("h1")?, "A form");
    browser.fill(By::label("Your name"), "Ada L")?;
    browser.fill(By::label("Your name"), "Ada-1")?;
    browser.fill(By::label("Day"), "2026-11-22")?;
    browser.choose(By::label("Colour"), "Dark green")?;
    browser.check(By::label("I agree"))?;
    browser.check(By::label("Here"))?;
    assert!(browser.is_checked(By::label("I agree"))?);
    assert_eq!(browser.value(By::label("Your name"))?, "Ada-1");
    browser.click(By::button("Send"))?;
    assert_eq!(browser.title()?, "Told");
    let sent = "name=Ada-1 day=2026-11-22 colour=g agreed=yes how=here";
    assert_eq!(browser.text("#t")?, sent);
    browser.back()?;
    assert_eq!(browser.title()?, "Form");
    browser.forward()?;
    assert_eq!(browser.title()?, "Told");
    Ok(())
}

#[test]
fn a_form_is_sent_by_the_keyboard_alone() -> Tested {
    let (browser, site) = (Browser::start()?, site()?);
    browser.open(&format!("{site}/form"))?;
    browser.press("Tab")?;
    assert_eq!(browser.focused()?, ("textbox".to_owned(), "Your name".to_owned()));
    browser.type_text("bob")?;
    browser.press("Shift+Tab")?;
    browser.press("Tab")?;
    browser.press("Enter")?;
    assert!(browser.text("#t")?.starts_with("name=bob "));
    Ok(())
}

#[test]
fn equal_links_are_told_apart_by_their_row_and_not_guessed_at() -> Tested {
    let (browser, site) = (Browser::start_with(&hurried())?, site()?);
    browser.open(&format!("{site}/form"))?;
    let error = told(browser.click(By::link("Open")));
    assert!(error.contains("there are 2 of link “Open”"), "{error}");
    browser.click(By::link("Open").inside(By::row("Bob")))?;
    assert_eq!(browser.title()?, "Bob");
    Ok(())
}

#[test]
fn what_is_covered_hidden_or_off_cannot_be_clicked_and_the_message_says_why() -> Tested {
    let (browser, site) = (Browser::start_with(&hurried())?, site()?);
    browser.open(&format!("{site}/form"))?;
    let error = told(browser.click(By::button("Below")));
    assert!(error.contains("`div.veil` is in front of it"), "{error}");
    let picture = error.rsplit("as in ").next().unwrap_or_default();
    assert!(std::fs::read(picture)?.starts_with(b"\x89PNG"), "a picture is left");
    let error = told(browser.click(By::button("Hidden")));
    assert!(error.contains("there is no button “Hidden”"), "{error}");
    assert!(error.contains("button “Send”"), "what there is instead: {error}");
    let error = told(browser.click("button[hidden]"));
    assert!(error.contains("cannot be seen"), "{error}");
    assert!(told(browser.click(By::button("Off"))).contains("is disabled"));
    Ok(())
}

#[test]
fn what_comes_later_is_waited_for_by_what_the_browser_tells() -> Tested {
    let (browser, site) = (Browser::start()?, site()?);
    browser.open(&format!("{site}/later"))?;
    assert!(!browser.has(By::text("now"))?, "not at once");
    browser.wait_for(By::text("now"))?;
    assert_eq!(browser.text(By::text("now"))?, "now");
    browser.evaluate("setTimeout(() => document.querySelector('b').remove(), 100); 0")?;
    browser.wait_until_gone(By::text("now"))?;
    browser.look(&hurried())?;
    assert!(told(browser.wait_for(By::heading("Never"))).contains("there is no heading “Never”"));
    Ok(())
}

#[test]
fn without_javascript_none_runs_and_forms_and_readings_still_work() -> Tested {
    let site = site()?;
    let browser = Browser::start()?;
    browser.open(&format!("{site}/scripts"))?;
    assert_eq!(browser.text("#p")?, "they run");
    browser.look(&Options::without_javascript())?;
    browser.open(&format!("{site}/scripts"))?;
    assert_eq!(browser.text("#p")?, "");
    assert!(browser.has(By::text("none run"))?);
    browser.open(&format!("{site}/form"))?;
    browser.fill(By::label("Your name"), "quiet")?;
    browser.check(By::label("I agree"))?;
    browser.click(By::button("Send"))?;
    assert_eq!(browser.text("#t")?, "name=quiet day= colour=Red agreed=yes");
    Ok(())
}

#[test]
fn what_a_policy_forbids_and_what_a_page_complains_of_is_told_and_so_is_every_request() -> Tested {
    let (browser, site) = (Browser::start()?, site()?);
    browser.open(&format!("{site}/strict"))?;
    assert_eq!(browser.text("#p")?, "still this");
    let forbidden = browser.csp_violations()?.join("\n");
    assert!(forbidden.contains("script-src") && forbidden.contains("img-src"), "{forbidden}");
    assert!(!browser.console_errors()?.is_empty(), "the console tells of it as well");

    browser.open(&format!("{site}/wrong"))?;
    let complaints = browser.console_errors()?.join("\n");
    for part in ["said 1", "TypeError", "/missing.js"] {
        assert!(complaints.contains(part), "{part} in {complaints}");
    }
    let requests = browser.requests()?;
    let missing = requests.iter().find(|request| request.url.ends_with("/missing.js"));
    assert_eq!(
        missing.map(|request| (request.status, request.kind.as_str())),
        Some((404, "Script"))
    );
    let page = requests.iter().find(|request| request.url.ends_with("/wrong"));
    assert!(page.is_some_and(|page| page.kind == "Document" && page.bytes > 150), "{requests:?}");

    browser.open(&format!("{site}/nowhere"))?;
    assert_eq!(browser.console_errors()?, [""; 0], "that a page is refused is no complaint of it");
    let requests = browser.requests()?;
    assert_eq!(requests.first().map(|request| request.status), Some(404), "{requests:?}");
    Ok(())
}

#[test]
fn tabs_of_a_person_share_cookies_and_those_of_another_person_do_not() -> Tested {
    let (browser, site) = (Browser::start()?, site()?);
    browser.open(&format!("{site}/cookie"))?;
    let (other, stranger) = (browser.new_tab()?, browser.new_profile(&Options::default())?);
    let names = |cookies: Vec<serde_json::Value>| {
        cookies.iter().map(|cookie| cookie["name"].clone()).collect::<Vec<_>>()
    };
    other.open(&format!("{site}/ada"))?;
    stranger.open(&format!("{site}/ada"))?;
    assert_eq!(names(other.cookies()?), [json!("who")]);
    assert!(stranger.cookies()?.is_empty());
    assert_eq!(other.cookies()?[0]["httpOnly"], true);
    assert_eq!(browser.title()?, "Cookie", "the first tab is where it was");
    Ok(())
}

#[test]
fn size_colours_motion_language_and_line_are_those_of_the_person() -> Tested {
    let (dark, site) = (Options { dark: true, ..Options::narrow() }, site()?);
    let browser = Browser::start_with(&Options { language: "de".to_owned(), ..dark })?;
    browser.open(&format!("{site}/looks"))?;
    assert_eq!(browser.evaluate("[innerWidth, navigator.language]")?, json!([320, "de"]));
    assert!(browser.has(By::text("dark"))? && !browser.has(By::text("still"))?);
    browser.look(&Options { reduced_motion: true, ..Options::default() })?;
    assert!(browser.has(By::text("still"))? && !browser.has(By::text("dark"))?);
    browser.look(&Options { offline: true, ..Options::default() })?;
    assert!(told(browser.open(&format!("{site}/ada"))).contains("ERR_INTERNET_DISCONNECTED"));
    browser.look(&Options { slow: true, ..Options::default() })?;
    let began = std::time::Instant::now();
    browser.open(&format!("{site}/ada"))?;
    assert!(began.elapsed() >= Duration::from_millis(350), "{:?}", began.elapsed());
    Ok(())
}

#[test]
fn a_page_that_asks_whether_to_leave_is_left_or_stayed_on_as_the_person_says() -> Tested {
    let (browser, site) = (Browser::start()?, site()?);
    browser.open(&format!("{site}/leaving"))?;
    browser.fill(By::label("A"), "unsaved")?;
    browser.answer_no();
    browser.click(By::link("Away"))?;
    assert_eq!((browser.title()?.as_str(), browser.questions().len()), ("Leaving", 1));
    browser.answer_yes();
    browser.click(By::link("Away"))?;
    assert_eq!((browser.title()?.as_str(), browser.questions().len()), ("Ada", 1));
    Ok(())
}

#[test]
fn a_file_that_a_page_gives_away_arrives_and_pictures_and_prints_are_made() -> Tested {
    let (browser, site) = (Browser::start()?, site()?);
    browser.open(&format!("{site}/file"))?;
    browser.click(By::link("Download"))?;
    let file = browser.downloaded()?;
    assert!(file.ends_with("codes.txt"));
    assert_eq!(std::fs::read_to_string(file)?, "one two three");
    assert_eq!(browser.title()?, "File", "the page stays");

    let place = glassbreak_testkit::server::TempDir::new("pictures")?;
    browser.screenshot(&place.path().join("page.png"), true)?;
    browser.pdf(&place.path().join("page.pdf"))?;
    assert!(std::fs::read(place.path().join("page.png"))?.starts_with(b"\x89PNG"));
    assert!(std::fs::read(place.path().join("page.pdf"))?.starts_with(b"%PDF"));
    Ok(())
}

#[test]
fn a_key_goes_from_one_tab_to_another_with_its_passkeys_and_knows_its_person() -> Tested {
    const CREATE: &str = "navigator.credentials.create({ publicKey: {
        challenge: new Uint8Array(16), rp: { name: 'x' }, pubKeyCredParams: [{ type: 'public-key',
        alg: -7 }], user: { id: new Uint8Array(8), name: 'ada', displayName: 'Ada' } } })
        .then(made => made.id)";
    const GET: &str = "navigator.credentials.get({ publicKey: { challenge: new Uint8Array(16),
        userVerification: 'required' } }).then(got => got.id)";
    let (browser, page) = (Browser::start()?, format!("http://localhost:{}", empty_page()?.port()));
    browser.open(&page)?;
    let key = browser.add_authenticator()?;
    let made = browser.evaluate(CREATE)?;
    browser.reload()?;
    assert_eq!((key.passkeys()?.len(), browser.title()?.as_str()), (1, "Empty"));
    let other = browser.new_tab()?;
    other.open(&page)?;
    assert!(key.plugged_into(&other)?.passkeys()?.len() == 1);
    key.user_is_verified(false)?;
    assert!(told(browser.evaluate(GET)).contains("NotAllowedError"));
    key.user_is_verified(true)?;
    assert!(made.as_str().is_some_and(|id| !id.is_empty()));
    Ok(())
}

#[test]
fn axe_finds_the_barriers_that_were_planted_and_none_where_there_are_none() -> Tested {
    let (browser, site) = (Browser::start()?, site()?);
    browser.open(&format!("{site}/barrier"))?;
    let found = axe::findings(&browser)?;
    let rules: Vec<&str> = found.iter().map(|finding| finding.rule.as_str()).collect();
    assert_eq!(rules, ["color-contrast", "label"]);
    let error = told(axe::check(&browser));
    assert!(error.contains("/barrier") && error.contains("label (critical)"), "{error}");
    browser.open(&format!("{site}/form"))?;
    axe::check(&browser)
}
