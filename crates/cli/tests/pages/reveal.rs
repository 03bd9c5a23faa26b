//! The sheet of codes that a person is shown once (A3, A7, B1, REG-28).

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;

use glassbreak_testkit::browser::{self, By, Options, Reply, Tab};
use glassbreak_testkit::http::{Answer, Failure, Method};
use serde_json::{Value, json};

use crate::encodings::Planted;
use crate::world::{ADA, ROOT, Tested, World, ok, register};

const NEW: &str = "/self/codes/new";

/// A person without codes, of a tier in which a sheet is confirmed.
const PIA: &str = "pia";

/// What the button for the sheet on A4 sends, and what comes.
const AS_PDF: &str = "(async () => {
    const form = document.querySelector('form[target=_blank]');
    const body = new URLSearchParams(new FormData(form));
    body.set('as', 'a4');
    const answer = await fetch(form.action, { method: 'POST', body });
    const header = (name) => answer.headers.get(name);
    const bytes = [...new Uint8Array(await answer.arrayBuffer())];
    return { kind: header('content-type'), kept: header('cache-control'), bytes };
})()";

/// The usual people, and pia.
async fn begun(more: &str) -> Result<World, Failure> {
    let world = World::under(more).await?;
    let privileged = json!({ "tier": "privileged", "ial": "ial2" });
    register(&mut world.api()?, PIA, &privileged).await?;
    Ok(world)
}

/// Lets a subject in by a link, as an application of the organisation would.
async fn let_in(world: &World, tab: &Tab, who: &str, assurance: &str) -> Tested {
    let body = json!({ "session_assurance": assurance });
    let made = world.api()?.post(&format!("/v1/subjects/{who}/self-service-links"), &body).await?;
    let url = ok(&made)?["url"].as_str().ok_or("no url")?.to_owned();
    tab.open(&world.at("/self/open"))?;
    tab.fill("input[name=token]", &url)?;
    tab.press("Enter")?;
    tab.wait_for("form.whoami")
}

/// Goes through the first page, as far as the button, without pressing it.
fn ask(world: &World, tab: &Tab) -> Tested {
    tab.open(&world.at(NEW))?;
    tab.check("input[value=sealed_offline_copy]")
}

/// Presses it.
fn make(tab: &Tab) -> Tested {
    tab.click("form[data-once] button.primary")
}

/// The codes on the page, as a person reads them.
fn codes(tab: &Tab) -> Result<Vec<String>, Failure> {
    tab.texts("ol.codes code")
}

/// The number of the code that is asked for, and its last group.
fn asked(tab: &Tab) -> Result<(usize, String), Failure> {
    let number: usize = tab.value("input[name=number]")?.parse()?;
    let code = codes(tab)?.into_iter().nth(number - 1).ok_or("there is no such code")?;
    let last = code.rsplit('-').next().unwrap_or_default().to_owned();
    Ok((number, last))
}

/// The sets of a subject, as the inventory has them: state and custody.
async fn sets(world: &World, who: &str) -> Result<Vec<(String, Value)>, Failure> {
    let listed = ok(&world.api()?.get(&format!("/v1/inventory?subject={who}")).await?)?;
    let rows = listed["items"].as_array().or(listed["code_sets"].as_array());
    let rows = rows.ok_or_else(|| format!("no sets in {listed}"))?;
    Ok(rows
        .iter()
        .map(|row| (row["state"].as_str().unwrap_or_default().to_owned(), row["custody"].clone()))
        .collect())
}

async fn states(world: &World, who: &str) -> Result<Vec<String>, Failure> {
    Ok(sets(world, who).await?.into_iter().map(|(state, _)| state).collect())
}

/// What the browser of a tab would send with a request, beside what is asked of it.
fn cookies(tab: &Tab) -> Result<String, Failure> {
    let cookies = tab.cookies()?;
    let pairs = cookies.iter().map(|cookie| {
        let part = |name: &str| cookie[name].as_str().unwrap_or_default().to_owned();
        format!("{}={}", part("name"), part("value"))
    });
    Ok(pairs.collect::<Vec<_>>().join("; "))
}

/// The fields of the form that makes a set, as the page has them, encoded.
fn fields(tab: &Tab) -> Result<String, Failure> {
    let form = "new URLSearchParams(new FormData(document.querySelector('form[data-once]')))";
    let fields = tab.evaluate(&format!("{form}.toString()"))?;
    Ok(fields.as_str().unwrap_or_default().to_owned())
}

/// A request beside the browser, with its session.
async fn beside(
    world: &World,
    tab: &Tab,
    method: Method,
    path: &str,
    headers: &[(&str, &str)],
) -> Result<Answer, Failure> {
    let (cookies, host) = (cookies(tab)?, format!("localhost:{}", world.server.addr().port()));
    let mut all = vec![("cookie", cookies.as_str()), ("host", host.as_str())];
    all.extend(headers);
    world.api()?.presenting(None).send(method, path, &all, "").await
}

/// The text of a PDF, as poppler reads it.
fn read(pdf: &Path) -> Result<String, Failure> {
    let read = Command::new("pdftotext").arg("-layout").arg(pdf).arg("-").output()?;
    Ok(String::from_utf8(read.stdout)?)
}

/// Letters and digits alone.
fn plain(text: &str) -> String {
    let kept = text.chars().filter(char::is_ascii_alphanumeric);
    kept.map(|c| c.to_ascii_uppercase()).collect()
}

#[tokio::test]
async fn a3_a7_b1_a_person_makes_a_sheet_saves_it_three_ways_and_confirms_it() -> Tested {
    let world = begun("").await?;
    let tab = world.browser()?;
    let_in(&world, &tab, PIA, "aal2").await?;
    tab.open(&world.at("/self/codes"))?;
    assert!(tab.text("main")?.contains("no recovery codes"), "{}", tab.text("main")?);
    world.check(&tab)?;
    tab.click(By::link("Make a new sheet"))?;
    world.check(&tab)?;
    let said = tab.text("main")?;
    for part in ["Not in a mail, a ticket or a chat", "screenshot", "once", "used or not"] {
        assert!(said.contains(part), "{part} is not in {said}");
    }
    tab.check(By::css("input[value=password_manager]"))?;
    make(&tab)?;
    let shown = codes(&tab)?;
    assert_eq!(shown.len(), 10, "{shown:?}");
    assert_eq!(tab.count("ol.codes b")?, 10);
    assert!(tab.text("#confirm + p")?.contains("underlined"), "{}", tab.text("#confirm + p")?);
    world.check(&tab)?;
    assert_eq!(sets(&world, PIA).await?, [("offered".to_owned(), json!("password_manager"))]);

    tab.click(By::button("Copy all codes"))?;
    tab.wait_for(By::text("Copied. Paste them where you keep them, then copy something else."))?;
    tab.click(By::button("Text file"))?;
    let text = fs::read_to_string(tab.downloaded()?)?;
    assert!(shown.iter().all(|code| text.contains(code.as_str())), "{text}");
    assert!(!text.contains(PIA), "{text}");
    let drawn = tab.evaluate(AS_PDF)?;
    assert_eq!(drawn["kind"], "application/pdf", "{drawn}");
    assert_eq!(drawn["kept"], "no-store");
    let sheet = world.server.data_dir().join("../sheet.pdf");
    let bytes = drawn["bytes"].as_array().into_iter().flatten().filter_map(Value::as_u64);
    fs::write(&sheet, bytes.filter_map(|byte| u8::try_from(byte).ok()).collect::<Vec<_>>())?;
    let paper = plain(&read(&sheet)?);
    assert!(shown.iter().all(|code| paper.contains(&plain(code))), "{paper}");
    assert!(!paper.contains(&PIA.to_uppercase()), "{paper}");

    let printed = browser::picture_folder().join("reveal-print.pdf");
    tab.pdf(&printed)?;
    let paper = read(&printed)?;
    assert!(shown.iter().all(|code| paper.contains(code.as_str())), "{paper}");
    assert!(!paper.contains(PIA) && !paper.contains("Confirm"), "{paper}");

    // A wrong group is told on the page, which would be gone if it were sent.
    let (_, last) = asked(&tab)?;
    let wrong: String = last.chars().rev().chain("Z".chars()).collect();
    tab.fill("input[name=last]", &wrong)?;
    tab.click(By::button("Confirm"))?;
    assert!(tab.text("#last-error")?.contains("No attempt was counted"));
    assert_eq!(codes(&tab)?, shown);
    world.check(&tab)?;
    tab.fill("input[name=last]", &last.to_lowercase())?;
    tab.click(By::button("Confirm"))?;
    tab.wait_for(By::text("Works"))?;
    assert!(tab.text(By::role("status", ""))?.starts_with("Done."), "{}", tab.text("main")?);
    assert_eq!(states(&world, PIA).await?, ["active"]);
    assert_eq!(tab.questions(), [""; 0], "nobody is asked whether to leave after confirming");
    world.check(&tab)
}

#[tokio::test]
async fn a_sheet_is_made_and_confirmed_without_javascript_and_in_german() -> Tested {
    let world = begun("").await?;
    let quiet = Options { language: "de".to_owned(), ..Options::without_javascript() };
    let tab = world.browser_with(&quiet)?;
    let_in(&world, &tab, PIA, "aal2").await?;
    tab.open(&world.at(NEW))?;
    world.check_without_scripts(&tab)?;
    tab.check("input[value=sealed_offline_copy]")?;
    make(&tab)?;
    let shown = codes(&tab)?;
    assert_eq!(shown.len(), 10);
    assert_eq!(tab.text("h1")?, "Ihre Wiederherstellungscodes");
    assert!(!tab.text("main")?.contains('['), "a phrase is missing: {}", tab.text("main")?);
    world.check_without_scripts(&tab)?;
    tab.click(By::button("Textdatei"))?;
    assert!(fs::read_to_string(tab.downloaded()?)?.contains(&shown[9]));
    // A wrong group leads to a page that asks once more and has no code on it.
    let (_, last) = asked(&tab)?;
    tab.fill("input[name=last]", "00000")?;
    tab.press("Enter")?;
    assert!(tab.text("#last-error")?.contains("kein Versuch"));
    let html = tab.html()?;
    assert!(shown.iter().all(|code| !html.contains(code.as_str())), "a code is on the page");
    world.check_without_scripts(&tab)?;
    tab.fill("input[name=last]", &last)?;
    tab.press("Enter")?;
    assert_eq!(states(&world, PIA).await?, ["active"]);
    assert!(tab.text(By::role("status", ""))?.starts_with("Fertig."));
    Ok(())
}

#[tokio::test]
async fn reg_28_reload_back_forward_and_a_second_tab_show_nothing_twice_and_end_nothing() -> Tested
{
    let world = begun("").await?;
    let tab = world.browser()?;
    let_in(&world, &tab, ROOT, "aal2").await?;
    let other = tab.new_tab()?;
    ask(&world, &tab)?;
    ask(&world, &other)?;
    assert!(tab.text("main")?.contains("goes on working until you have confirmed the new one"));
    make(&tab)?;
    let shown = codes(&tab)?;
    assert_eq!(states(&world, ROOT).await?, ["active", "offered"]);

    // Whoever is asked whether to leave, and stays, has lost nothing.
    tab.answer_no();
    tab.evaluate("document.querySelector('a.brand').click()")?;
    assert_eq!(tab.questions().len(), 1);
    assert_eq!(codes(&tab)?, shown);
    tab.answer_yes();
    tab.reload()?;
    assert_eq!(tab.text("h1")?, "These codes were shown already");
    assert!(tab.text("main")?.contains("Nothing was changed now"));
    world.check(&tab)?;
    tab.back()?;
    assert_eq!(tab.count("ol.codes")?, 0);
    tab.forward()?;
    assert_eq!(tab.count("ol.codes")?, 0, "{}", tab.text("main")?);
    assert_eq!(states(&world, ROOT).await?, ["active", "offered"]);

    // The page in the other tab is older than the new sheet.
    make(&other)?;
    assert_eq!(other.text("h1")?, "There is a newer sheet");
    world.check(&other)?;
    assert_eq!(states(&world, ROOT).await?, ["active", "offered"]);

    // What was printed is confirmed by a whole code; a typo costs nothing.
    other.open(&world.at("/self/codes"))?;
    world.check(&other)?;
    assert!(other.text("main")?.contains("do not work yet"));
    other.fill("input[data-code]", &shown[3].replace('-', " ").to_lowercase())?;
    other.click(By::button("Confirm"))?;
    assert!(other.text(By::role("status", ""))?.starts_with("Done."));
    assert_eq!(states(&world, ROOT).await?, ["superseded", "active"]);
    world.check(&other)
}

#[tokio::test]
async fn reg_28_a_look_by_a_preview_a_prefetch_or_a_scanner_makes_and_ends_nothing() -> Tested {
    let world = begun("").await?;
    let tab = world.browser()?;
    let_in(&world, &tab, ROOT, "aal2").await?;
    let before = ok(&world.api()?.get("/v1/log/entries?from=0").await?)?;
    for path in ["/self/codes", NEW, "/self/codes/confirm", "/self/codes/sheet"] {
        for (method, headers) in [
            (Method::GET, &[][..]),
            (Method::GET, &[("sec-purpose", "prefetch"), ("sec-fetch-site", "none")]),
            (Method::GET, &[("sec-purpose", "prefetch;prerender"), ("purpose", "prefetch")]),
            (Method::HEAD, &[]),
            (Method::GET, &[("user-agent", "Slackbot-LinkExpanding 1.0")]),
            (Method::GET, &[("user-agent", "Mozilla/5.0 (compatible; SafeLinks)")]),
        ] {
            let answer = beside(&world, &tab, method.clone(), path, headers).await?;
            assert!([200, 303].contains(&answer.status), "{method} {path}: {}", answer.text());
            assert_eq!(answer.headers["cache-control"], "no-store", "{method} {path}");
        }
    }
    assert_eq!(ok(&world.api()?.get("/v1/log/entries?from=0").await?)?, before);
    assert_eq!(states(&world, ROOT).await?, ["active"]);
    Ok(())
}

#[tokio::test]
async fn reg_28_a_double_click_shows_the_codes_and_a_lost_answer_is_told_with_a_way_on() -> Tested {
    let world = begun("").await?;
    let tab = world.browser()?;
    let_in(&world, &tab, PIA, "aal2").await?;
    ask(&world, &tab)?;
    let button = "document.querySelector('form[data-once] button.primary')";
    tab.evaluate(&format!("{button}.click(); {button}.click(); {button}.click()"))?;
    tab.wait_for("ol.codes")?;
    let shown = codes(&tab)?;
    assert_eq!(shown.len(), 10);
    assert_eq!(states(&world, PIA).await?, ["offered"]);
    // Left for elsewhere and gone back to, the page has none of them on it.
    tab.open(&world.at("/self"))?;
    tab.back()?;
    let page = tab.html()?;
    assert!(shown.iter().all(|code| !page.contains(code.as_str())), "a code is on the page");

    // The answer begins to arrive, and the line is cut. The person presses the button again.
    ask(&world, &tab)?;
    let body = fields(&tab)?;
    let origin = world.at("").trim_end_matches('/').to_owned();
    let mut line = TcpStream::connect(world.server.addr())?;
    write!(
        line,
        "POST {NEW} HTTP/1.1\r\nhost: {}\r\norigin: {origin}\r\nsec-fetch-site: same-origin\r\n\
         cookie: {}\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{body}",
        origin.trim_start_matches("http://"),
        cookies(&tab)?,
        body.len(),
    )?;
    line.read_exact(&mut [0; 12])?;
    drop(line);
    make(&tab)?;
    assert_eq!(tab.text("h1")?, "These codes were shown already");
    assert_eq!(states(&world, PIA).await?, ["superseded", "offered"]);
    tab.click(By::link("Make a new sheet"))?;
    assert!(tab.text("main")?.contains("was never confirmed"));
    tab.check("input[value=hardware]")?;
    make(&tab)?;
    assert_eq!(codes(&tab)?.len(), 10);
    assert_eq!(states(&world, PIA).await?, ["superseded", "superseded", "offered"]);
    Ok(())
}

#[tokio::test]
async fn a_form_from_elsewhere_or_of_a_session_that_has_ended_makes_nothing() -> Tested {
    let world = begun("").await?;
    let tab = world.browser()?;
    let_in(&world, &tab, PIA, "aal2").await?;
    ask(&world, &tab)?;
    let inputs: String = tab
        .evaluate("[...document.querySelectorAll('form[data-once] input[type=hidden]')].map(i => i.outerHTML).join('')")?
        .as_str()
        .unwrap_or_default()
        .to_owned();
    let target = world.at(NEW);
    let foreign = browser::serve(move |_, _, _| {
        Reply::page(format!(
            "<!doctype html><title>x</title><form method=post action='{target}'>{inputs}\
             <input name=place value=hardware><button>Win</button></form>"
        ))
    })?;
    let other = tab.new_tab()?;
    other.open(&format!("http://localhost:{}/", foreign.port()))?;
    other.click(By::button("Win"))?;
    assert!(other.text("main")?.contains("cross_site"), "{}", other.text("main")?);
    assert_eq!(states(&world, PIA).await?, [""; 0]);
    // Not even from a page of ours without the session's value.
    tab.evaluate("document.querySelector('form[data-once] [name=csrf]').value = 'A'.repeat(43)")?;
    make(&tab)?;
    assert!(tab.text("main")?.contains("cross_site"));
    assert_eq!(states(&world, PIA).await?, [""; 0]);

    ask(&world, &tab)?;
    other.open(&world.at("/self"))?;
    other.click(By::button("Sign out"))?;
    make(&tab)?;
    assert!(tab.url()?.contains("/sign-in"), "{}", tab.url()?);
    assert_eq!(states(&world, PIA).await?, [""; 0]);
    Ok(())
}

#[tokio::test]
async fn a_weak_session_is_led_to_a_stronger_one_and_a_limit_is_told_with_its_time() -> Tested {
    let world = begun("[tiers.small]\nissue_limit = { sets = 1, period = 86400 }\n").await?;
    let tab = world.browser()?;
    let_in(&world, &tab, ROOT, "aal1").await?;
    tab.open(&world.at(NEW))?;
    assert_eq!(tab.text("h1")?, "No new sheet now");
    assert!(tab.text("main")?.contains("more strongly who you are"), "{}", tab.text("main")?);
    assert!(tab.text("main")?.contains("issue_not_allowed"));
    world.check(&tab)?;

    register(&mut world.api()?, "eve", &json!({ "tier": "small" })).await?;
    let_in(&world, &tab, "eve", "aal2").await?;
    ask(&world, &tab)?;
    make(&tab)?;
    assert_eq!(codes(&tab)?.len(), 10);
    // A tier that confirms nothing: the codes work, and nobody is held back.
    assert!(tab.text("main")?.contains("These codes work now"));
    world.check(&tab)?;
    // What was saved can be checked all the same; that changes nothing.
    let before = states(&world, "eve").await?;
    let number: usize = tab.value("input[name=number]")?.parse()?;
    let code = codes(&tab)?.into_iter().nth(number - 1).ok_or("no code")?;
    tab.fill("#last", code.rsplit('-').next().unwrap_or_default())?;
    tab.click(By::button("Check my copy"))?;
    tab.wait_for(By::text("Your new codes work now."))?;
    assert_eq!(tab.questions(), [""; 0]);
    assert_eq!(states(&world, "eve").await?, before);
    world.check(&tab)?;
    tab.open(&world.at(NEW))?;
    assert_eq!(tab.questions(), [""; 0]);
    assert!(tab.text("main")?.contains("The next one can be made at"), "{}", tab.text("main")?);
    assert!(tab.text("main")?.contains("UTC"));
    world.check(&tab)?;

    // Without a place nothing is made, and what is missing is said at the field.
    let_in(&world, &tab, ADA, "aal2").await?;
    let before = states(&world, ADA).await?;
    tab.open(&world.at(NEW))?;
    tab.evaluate("document.querySelector('form[data-once]').noValidate = true")?;
    make(&tab)?;
    assert_eq!(tab.text("#place-error")?, "Choose one of these places.");
    world.check(&tab)?;
    assert_eq!(states(&world, ADA).await?, before);
    Ok(())
}

#[tokio::test]
async fn codes_are_on_their_page_and_nowhere_else() -> Tested {
    let world = begun("").await?;
    let tab = world.browser_with(&Options { dark: true, ..Options::narrow() })?;
    let_in(&world, &tab, PIA, "aal2").await?;
    ask(&world, &tab)?;
    drop(tab.requests()?);
    make(&tab)?;
    let shown = codes(&tab)?;
    assert_eq!(shown.len(), 10);
    world.check(&tab)?;
    let planted = Planted::codes(&shown);
    let storage = tab.evaluate(
        "JSON.stringify([location.href, document.cookie, {...localStorage}, {...sessionStorage}, history.state])",
    )?;
    assert_eq!(planted.find(storage.to_string().as_bytes()), [""; 0]);
    assert_eq!(planted.find(json!(tab.cookies()?).to_string().as_bytes()), [""; 0]);
    tab.click(By::button("Text file"))?;
    drop(tab.downloaded()?);
    let (_, last) = asked(&tab)?;
    tab.fill("input[name=last]", &last)?;
    tab.click(By::button("Confirm"))?;
    tab.wait_for(By::text("Works"))?;
    assert_eq!(planted.find(tab.html()?.as_bytes()), [""; 0]);
    for asked in tab.requests()? {
        assert_eq!(planted.find(asked.url.as_bytes()), [""; 0], "{}", asked.url);
        let of_ours = asked.url.contains("/self/codes");
        let kept = asked.headers.get("cache-control").map(String::as_str);
        assert!(!of_ours || kept == Some("no-store"), "{} is kept: {kept:?}", asked.url);
    }
    let data = world.server.data_dir().to_owned();
    let (found, bytes) = planted.find_below(&data)?;
    assert_eq!(found, [""; 0]);
    assert!(bytes > 0);
    assert_eq!(planted.find(world.server.said().as_bytes()), [""; 0]);
    Ok(())
}
