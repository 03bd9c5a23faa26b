//! The log's pages: what an auditor reads, and what their own browser finds out.

use glassbreak_testkit::browser::{Browser, By, Options, Tab, picture_folder};
use glassbreak_testkit::http::{Client, Failure};
use glassbreak_testkit::server::{TempDir, TestServer};
use serde_json::json;

use crate::world::{BOB, OTTO, SAM, Tested, World, ok, register};

const GOOD_LOG: &str = "Good. The log is signed";
const BAD: &str = "Do not rely on it.";

/// Lays a change over what the page fetches: `change(path, bytes)` gives other bytes.
fn tamper(tab: &Tab, change: &str) -> Tested {
    let patch = format!(
        "(() => {{
           const real = window.realFetch ??= window.fetch.bind(window);
           const change = {change};
           window.fetch = async (url, how) => {{
             const answer = await real(url, how);
             const path = String(url).replace('/tlog/', '');
             const bytes = new Uint8Array(await answer.arrayBuffer());
             return new Response(change(path, bytes) ?? bytes, {{ status: answer.status }});
           }};
         }})()"
    );
    tab.evaluate(&patch).map(drop)
}

fn untamper(tab: &Tab) -> Tested {
    tab.evaluate("(() => { window.fetch = window.realFetch })()").map(drop)
}

/// Checks the log, waits for the words, and gives the steps.
fn checked(tab: &Tab, words: &str) -> Result<Vec<String>, Failure> {
    tab.click(By::button("Check now"))?;
    tab.wait_for(By::text(words))?;
    tab.texts("[data-steps] > li")
}

/// Drops a file on the field for receipts.
fn drop_receipt(tab: &Tab, file: &std::path::Path, words: &str) -> Tested {
    let document = tab.call("DOM.getDocument", &json!({}))?;
    let root = document.pointer("/root/nodeId").ok_or("no document")?;
    let asked = json!({ "nodeId": root, "selector": "input[type=file]" });
    let field = tab.call("DOM.querySelector", &asked)?;
    let set = json!({ "nodeId": field["nodeId"], "files": [file] });
    tab.call("DOM.setFileInputFiles", &set)?;
    tab.wait_for(By::text(words))
}

/// Waits until a checkpoint covers all that is written, and gives how much that is.
async fn signed(api: &mut Client) -> Result<u64, Failure> {
    let last = ok(&api.get("/v1/log/entries?limit=1000").await?)?;
    let last = last["items"].as_array().and_then(|items| items.last()).ok_or("no entries")?;
    let id = last["id"].as_str().ok_or("no id")?;
    ok(&api.get(&format!("/v1/log/receipts/{id}")).await?)?;
    Ok(last["index"].as_u64().ok_or("no place")? + 1)
}

#[tokio::test]
async fn an_auditor_checks_the_log_and_at_the_next_visit_that_it_goes_on() -> Tested {
    let world = World::new().await?;
    let mut api = world.api()?;
    let size = signed(&mut api).await?;
    let browser = world.browser()?;
    world.sign_in_to(&browser, OTTO, "/console/log")?;
    world.check(&browser)?;
    assert!(browser.text(".facts")?.contains(&format!("Entries {size}")));
    assert!(browser.has(By::text("This browser remembers no checkpoint"))?);

    let steps = checked(&browser, GOOD_LOG)?;
    assert_eq!(steps.len(), 3, "{steps:?}");
    assert!(steps[0].contains(&format!("with {size} entries")), "{steps:?}");
    assert!(steps[1].contains("come to the root that was signed"), "{steps:?}");
    assert!(steps[2].contains("had not seen the log before"), "{steps:?}");
    assert!(browser.has(By::text(&format!("remembers a checkpoint with {size} entries")))?);
    browser.screenshot(&picture_folder().join("log.png"), true)?;
    world.check(&browser)?;

    register(&mut api, "newcomer", &json!({})).await?;
    let larger = signed(&mut api).await?;
    assert!(larger > size);
    browser.open(&world.at("/console/log"))?;
    let steps = checked(&browser, GOOD_LOG)?;
    assert!(steps[2].contains(&format!("goes on from the {size} entries")), "{steps:?}");

    browser.click(By::button("Forget what this browser remembers"))?;
    browser.wait_for(By::text("Forgotten."))?;
    assert_eq!(browser.evaluate("localStorage.length")?, 0);
    Ok(())
}

/// What a server could do to its log. Each is a byte or a file that the page is given; all else is
/// the real server's.
#[tokio::test]
async fn the_browser_refuses_a_log_that_was_tampered_with_in_clear_words() -> Tested {
    let world = World::new().await?;
    let mut api = world.api()?;
    let before = signed(&mut api).await?;
    let old = api.get("/tlog/checkpoint").await?.text();
    register(&mut api, "newcomer", &json!({})).await?;
    let size = signed(&mut api).await?;
    let browser = world.browser()?;
    world.sign_in_to(&browser, OTTO, "/console/log")?;
    let key = browser.value("[data-keys]")?;
    let flip = "path.startsWith('tile/') && (bytes[40] ^= 1), bytes";
    let signature = "path === 'checkpoint' &&
      (bytes[bytes.length - 9] = bytes[bytes.length - 9] === 65 ? 66 : 65), bytes";
    let number = "path !== 'checkpoint' ? bytes : new TextEncoder().encode(\
                  new TextDecoder().decode(bytes).replace(/\\n\\d+\\n/, '\\n7\\n'))";
    for (change, words) in [
        (flip, "A tile was changed"),
        (signature, "is wrong. The checkpoint was changed"),
        (number, "is wrong. The checkpoint was changed"),
        ("path.startsWith('tile/') ? bytes.slice(0, 64) : bytes", "has another length"),
    ] {
        tamper(&browser, &format!("(path, bytes) => ({change})"))?;
        let steps = checked(&browser, BAD);
        let steps = steps.map_err(|error| format!("{words}: {error}"))?;
        let refused = steps.last().ok_or("no step")?;
        assert!(refused.contains("Refused:") && refused.contains(words), "{words}: {steps:?}");
        world.check(&browser)?;
        untamper(&browser)?;
    }
    // Nothing of that was remembered, and the real log is good.
    assert!(browser.has(By::text("This browser remembers no checkpoint"))?);
    checked(&browser, GOOD_LOG)?;

    // The log of before, signed and all: but this browser has seen more of it.
    let old = serde_json::to_string(&old)?;
    let back = format!("path === 'checkpoint' ? new TextEncoder().encode({old}) : bytes");
    tamper(&browser, &format!("(path, bytes) => ({back})"))?;
    let steps = checked(&browser, BAD)?;
    let words = format!("this browser saw {size} entries, and now there are {before}");
    assert!(steps.last().is_some_and(|step| step.contains(&words)), "{steps:?}");
    untamper(&browser)?;

    // Another log's key, and one with a letter wrong.
    browser.click("summary")?;
    let other = "audit.example.com/log1+cf18fe2a+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4";
    browser.fill("[data-keys]", other)?;
    let steps = checked(&browser, BAD)?;
    assert!(steps[0].contains("None of the keys you trust signed"), "{steps:?}");
    browser.fill("[data-keys]", &key.trim().replace("glassbreak", "glassbraek"))?;
    checked(&browser, "A verifier key is not one, or is mistyped")?;
    Ok(())
}

#[tokio::test]
async fn an_entry_is_found_checked_and_taken_along_as_a_receipt_that_proves_itself() -> Tested {
    let world = World::new().await?;
    signed(&mut world.api()?).await?;
    let browser = world.browser()?;
    world.sign_in_to(&browser, OTTO, "/console/log")?;
    browser.fill(By::label("Event id, or place in the log"), "2")?;
    browser.click(By::button("Find the entry"))?;
    assert_eq!(browser.text("h1")?, "Entry 2");
    world.check(&browser)?;
    browser.click(By::button("Check now"))?;
    browser.wait_for(By::text("Good. This entry is in the signed log"))?;
    let steps = browser.texts("[data-steps] > li")?;
    assert!(steps.iter().any(|step| step.contains("from the entry at place 2")), "{steps:?}");
    assert_eq!(browser.count("svg.tree")?, 1);
    browser.screenshot(&picture_folder().join("log-entry.png"), true)?;
    world.check(&browser)?;
    // Another word in the text is another entry.
    browser.evaluate("document.getElementById('entry-text').firstChild.data += ' '")?;
    browser.click(By::button("Check now"))?;
    browser.wait_for(By::text("The proof does not lead from this entry"))?;

    browser.click(By::link("Download receipt"))?;
    let file = browser.downloaded()?;
    let receipt = std::fs::read_to_string(&file)?;
    browser.open(&world.at("/console/log"))?;
    drop_receipt(&browser, &file, "Good. The receipt proves")?;
    assert_eq!(browser.count("[data-steps] > li.done")?, 3);
    world.check(&browser)?;
    let place = TempDir::new("receipt")?;
    for (from, to, words) in [
        ("\\\"v\\\":1", "\\\"v\\\": 1", "The proof does not lead from this entry"),
        ("index 2", "index 3", "The proof does not lead from this entry"),
        ("tlog-proof@v1", "tlog-proof@v2", "The proof in the receipt is not in its form"),
        ("\"format\"", "\"formal\"", "The file is not a receipt"),
    ] {
        let changed = place.path().join("receipt.json");
        assert!(receipt.contains(from), "{from} is not in {receipt}");
        std::fs::write(&changed, receipt.replacen(from, to, 1))?;
        drop_receipt(&browser, &changed, words)?;
        assert!(browser.has(By::text(BAD))?, "{words}");
    }
    drop_receipt(&browser, &file, "Good. The receipt proves")?;

    // What is sought and is not there, and who may not seek.
    browser.open(&world.at("/console/log/find?entry=999999"))?;
    assert_eq!(browser.text("h1")?, "There is no such entry");
    world.check(&browser)?;
    browser.open(&world.at("/console/log"))?;
    browser.click(By::button("Sign out"))?;
    browser.wait_until_gone("form.whoami")?;
    browser.open(&world.at("/console/log/find?entry=2"))?;
    assert!(browser.url()?.contains("/sign-in"), "{}", browser.url()?);
    Ok(())
}

/// Without a sign-in there are the checkpoint, the keys and the tiles; entries only if they are
/// open (C9).
#[tokio::test]
async fn the_open_page_of_the_log_has_no_entries_unless_they_are_open() -> Tested {
    let world = World::new().await?;
    let mut api = world.api()?;
    signed(&mut api).await?;
    let newest = ok(&api.get("/v1/log/entries?limit=1").await?)?;
    let id = newest["items"][0]["id"].as_str().ok_or("no id")?.to_owned();
    let browser = world.browser_with(&Options::narrow())?;
    browser.open(&world.at("/log"))?;
    world.check(&browser)?;
    assert!(browser.has(By::text("The entries are for auditors"))?);
    assert!(!browser.html()?.contains(&id));
    assert_eq!(browser.count("table")?, 0);
    checked(&browser, GOOD_LOG)?;
    world.check(&browser)?;
    for path in ["entries", "receipts"] {
        browser.open(&world.at(&format!("/log/{path}/{id}")))?;
        assert!(browser.url()?.contains("/sign-in"), "{}", browser.url()?);
    }
    let mut nobody = Client::new(world.server.addr(), None);
    let keys = nobody.get("/log/log.vkey").await?;
    assert_eq!(keys.text(), std::fs::read_to_string(world.server.data_dir().join("log.vkey"))?);

    browser.open(&world.at("/sign-in?return_to=/"))?;
    browser.fill(By::label("API key"), world.key(SAM))?;
    browser.press("Enter")?;
    for path in
        ["", "/log.vkey", "/find?entry=0", &format!("/entries/{id}"), &format!("/receipts/{id}")]
    {
        browser.open(&world.at(&format!("/console/log{path}")))?;
        assert!(browser.has(By::text("scope_missing"))?, "{path} is for auditors");
    }
    Ok(())
}

#[tokio::test]
async fn the_open_page_shows_open_entries_in_german_in_the_dark_and_without_javascript() -> Tested {
    let place = TempDir::new("open-log")?;
    let config = place.path().join("glassbreak.toml");
    std::fs::write(&config, "open_log_entries = true\n")?;
    let config = config.to_str().ok_or("the path is not UTF-8")?;
    let data = place.path().join("data");
    let binary = env!("CARGO_BIN_EXE_glassbreak");
    let server = TestServer::start(binary, &data, &["--config", config], &[])?;
    let mut api = server.client()?;
    for place in 0..30 {
        register(&mut api, &format!("{BOB}-{place}"), &json!({})).await?;
    }
    let size = signed(&mut api).await?;
    let at = |path: &str| format!("http://localhost:{}{path}", server.addr().port());
    let german = Options { dark: true, language: "de".to_owned(), ..Options::default() };
    let browser = Browser::start_with(&german)?;
    browser.open(&at("/log"))?;
    glassbreak_testkit::axe::check(&browser)?;
    assert_eq!(browser.text("h1")?, "Protokoll");
    assert!(browser.has(By::row("subject.registered"))?);
    browser.click(By::button("Jetzt prüfen"))?;
    browser.wait_for(By::text("Gut. Das Protokoll ist signiert"))?;
    glassbreak_testkit::axe::check(&browser)?;
    browser.click(By::link("Ältere"))?;
    assert!(browser.url()?.contains(&format!("before={}", size - 25)), "{}", browser.url()?);
    browser.click("tbody tr:last-child a[href*=entries]")?;
    let last = browser.text("h1")?;
    assert!(last.starts_with("Eintrag "), "{last}");

    let quiet = browser.new_profile(&Options::without_javascript())?;
    quiet.open(&at("/log"))?;
    assert!(quiet.has(By::text("This needs JavaScript"))?);
    assert!(quiet.has(By::row("subject.registered"))?);
    quiet.click("tbody tr:first-child a[href*=entries]")?;
    assert!(quiet.text("pre")?.contains("\"type\":\""));
    Ok(())
}
