//! The console: what needs somebody, every set there is, one subject, one recovery, and revoking
//! what a filter finds (G4, I3).

use glassbreak_testkit::browser::{By, Options, Tab};
use glassbreak_testkit::http::{Client, Failure};
use serde_json::{Value, json};

use crate::world::{ADA, ADMIN, BOB, OTTO, RAE, ROOT, SAM, Tested, World, issue, ok, register};

/// Sets that are revoked at once: more than fit into two lots.
const MANY: usize = 600;
/// Whoever asks at the same time while the world is filled.
const AT_ONCE: usize = 6;

/// A recovery of ada's that has a window, and a case of bob's.
async fn busy(world: &World) -> Result<(String, String), Failure> {
    let mut api = world.api()?;
    let redemption = json!({
        "redemption_id": "0192f0c1-2345-7abc-8def-0123456789ab", "subject": ADA,
        "code": world.sets[ADA].codes[0], "role": "account_recovery", "presented": ["password"],
    });
    let window = ok(&api.post("/v1/redemptions", &redemption).await?)?;
    let case = json!({ "subject": BOB, "agent": SAM, "cause": "phone_lost" });
    let case = ok(&api.post("/v1/recoveries", &case).await?)?;
    Ok((id(&window, "recovery_id")?, id(&case, "recovery_id")?))
}

fn id(answer: &Value, field: &str) -> Result<String, Failure> {
    let id = answer.get(field).and_then(Value::as_str);
    Ok(id.ok_or_else(|| format!("no {field} in {answer}"))?.to_owned())
}

/// Signs in with a key that is bound to a group, for auditors.
async fn sign_in_bound(world: &World, tab: &Tab, group: &str) -> Tested {
    let body = json!({ "label": "bound", "scopes": ["audit"], "groups": [group] });
    let made = ok(&world.api()?.post("/v1/api-keys", &body).await?)?;
    tab.open(&world.at("/sign-in"))?;
    tab.fill("input[name=key]", &id(&made, "key")?)?;
    tab.press("Enter")?;
    tab.wait_for("form.whoami")
}

/// Opens a page and looks whether it is sound.
fn visit(world: &World, tab: &Tab, path: &str) -> Tested {
    tab.open(&world.at(path))?;
    world.check(tab)
}

/// So many people with a set each, in group `mass`. Several ask at a time.
async fn crowd(world: &World, many: usize) -> Tested {
    let key = world.server.admin_key()?;
    let crowds = (0..AT_ONCE).map(|part| {
        let mut api = Client::new(world.server.addr(), Some(&key));
        tokio::spawn(async move {
            for at in (part..many).step_by(AT_ONCE) {
                let name = format!("p{at:04}");
                register(&mut api, &name, &json!({ "groups": ["mass"] })).await?;
                issue(&mut api, &name, &json!({})).await?;
            }
            Ok::<_, Failure>(())
        })
    });
    for crowd in crowds.collect::<Vec<_>>() {
        crowd.await??;
    }
    Ok(())
}

#[tokio::test]
async fn g4_the_overview_says_what_needs_somebody_and_leads_there() -> Tested {
    let world = World::new().await?;
    busy(&world).await?;
    let containment = json!({ "scope": { "group": "emea" }, "reason": "precaution" });
    ok(&world.api()?.post("/v1/containments", &containment).await?)?;
    let browser = world.browser()?;
    world.sign_in(&browser, ADMIN)?;
    world.check(&browser)?;
    let urgent = browser.text("section[aria-labelledby=now]")?;
    for words in ["Containments in force", "Open windows", "Open cases"] {
        assert!(urgent.contains(words), "`{words}` is not in {urgent}");
    }
    assert_eq!(browser.count("svg.plot")?, 4, "{}", browser.text("main")?);
    // Each picture has its figures in a table.
    browser.click(".plots > figure:first-child summary")?;
    assert!(browser.text(".plots > figure:first-child table")?.contains("standard"));
    world.check(&browser)?;
    browser.click(By::holding("link", "Open cases"))?;
    assert!(browser.text("table")?.contains(BOB));
    assert!(!browser.text("table")?.contains(ADA), "ada's is her own");
    world.check(&browser)
}

#[tokio::test]
async fn the_overview_is_read_on_a_narrow_screen_in_german_and_in_the_dark() -> Tested {
    let world = World::new().await?;
    let narrow = Options { language: "de".to_owned(), dark: true, ..Options::narrow() };
    let browser = world.browser_with(&narrow)?;
    world.sign_in(&browser, OTTO)?;
    assert_eq!(browser.text("h1")?, "Übersicht");
    world.check(&browser)?;
    for path in ["/console/inventory", "/console/subjects", "/console/subjects/ada"] {
        visit(&world, &browser, path)?;
        let words = browser.text("main")?;
        assert!(!words.contains('['), "a phrase is missing on {path}: {words}");
    }
    Ok(())
}

#[tokio::test]
async fn an_auditor_who_is_bound_to_groups_sees_theirs_and_reads_why_not_more() -> Tested {
    let world = World::new().await?;
    let mut api = world.api()?;
    register(&mut api, "emil", &json!({ "groups": ["emea"] })).await?;
    let set = issue(&mut api, "emil", &json!({})).await?.set;
    let browser = world.browser()?;
    sign_in_bound(&world, &browser, "emea").await?;
    world.check(&browser)?;
    assert!(browser.text("main")?.contains("The overview concerns everybody"));
    for path in ["/console/inventory", "/console/subjects"] {
        visit(&world, &browser, path)?;
        let table = browser.text("table")?;
        assert!(table.contains("emil") && !table.contains(ADA), "{path}: {table}");
    }
    visit(&world, &browser, &format!("/console/sets/{set}"))?;
    assert!(!browser.has(By::link("Receipt"))?, "the log concerns everybody");
    visit(&world, &browser, "/console/subjects/emil")?;
    assert!(browser.text("main")?.contains("without their proofs"));
    for path in [
        "/console/subjects/ada".to_owned(),
        format!("/console/sets/{}", world.sets[ADA].set),
        "/console/subjects/emil/timeline.jsonl".to_owned(),
    ] {
        visit(&world, &browser, &path)?;
        let words = browser.text("main")?;
        let refused = ["subject_unknown", "code_set_unknown", "key_bound"];
        assert!(refused.iter().any(|code| words.contains(code)), "{path}: {words}");
    }
    Ok(())
}

#[tokio::test]
async fn g4_the_inventory_is_narrowed_by_filters_that_stay_in_the_address() -> Tested {
    let world = World::new().await?;
    let browser = world.browser()?;
    world.sign_in_to(&browser, OTTO, "/console/inventory")?;
    world.check(&browser)?;
    assert!(!browser.has(By::button("Revoke all that match…"))?, "an auditor revokes nothing");
    browser.choose(By::label("Tier"), "privileged")?;
    browser.choose(By::label("State"), "Active")?;
    browser.click(By::button("Show"))?;
    world.check(&browser)?;
    let table = browser.text("tbody")?;
    assert!(table.contains(ROOT) && !table.contains(ADA), "{table}");
    let address = browser.url()?;
    assert!(address.contains("tier=privileged") && address.contains("state=active"), "{address}");
    browser.click(By::holding("link", "Tier: privileged"))?;
    assert!(!browser.url()?.contains("privileged"), "{}", browser.url()?);
    // Nothing is older than a year, and the page says how to see more.
    browser.click(By::link("Older than a year"))?;
    assert!(browser.text("main")?.contains("No set matches"));
    world.check(&browser)?;
    browser.click(By::link("Without filters"))?;
    browser.click(By::link("Export as CSV"))?;
    let file = std::fs::read_to_string(browser.downloaded()?)?;
    assert!(file.starts_with("set_id,subject,tier,"), "{file}");
    assert!(file.contains(ADA) && file.contains("break_glass"), "{file}");
    Ok(())
}

#[tokio::test]
async fn chosen_sets_are_revoked_after_a_page_that_says_what_happens_without_scripts() -> Tested {
    let world = World::new().await?;
    let browser = world.browser_with(&Options::without_javascript())?;
    world.sign_in_to(&browser, ADMIN, "/console/inventory")?;
    let set = &world.sets[ADA].set;
    browser.check(format!("input[value='{set}']").as_str())?;
    browser.click(By::button("Revoke the chosen…"))?;
    world.check_without_scripts(&browser)?;
    let words = browser.text("main")?;
    assert!(words.contains("1 live set is about to be revoked"), "{words}");
    assert!(words.contains("1 holder has no other live set") && words.contains(ADA), "{words}");
    assert!(words.contains("The holder of each set is told"), "{words}");
    let before = ok(&world.api()?.get(&format!("/v1/subjects/{ADA}")).await?)?;
    assert_eq!(before["code_sets"][0]["state"], "active", "nothing has happened yet");
    browser.check("input[value=lost]")?;
    browser.click(By::button("Revoke 1 set"))?;
    world.check_without_scripts(&browser)?;
    assert_eq!(browser.text("h1")?, "Sets were revoked");
    let after = ok(&world.api()?.get(&format!("/v1/subjects/{ADA}")).await?)?;
    assert_eq!(after["code_sets"][0]["state"], "revoked");
    assert_eq!(after["code_sets"][0]["revoked_because"], "lost");
    browser.open(&world.at("/console/inventory/revocations"))?;
    assert!(browser.text("table")?.contains("Done"));
    // There is nothing left to choose.
    browser.open(&world.at(&format!("/console/inventory?subject={ADA}")))?;
    browser.click(By::button("Revoke all that match…"))?;
    assert!(browser.text("main")?.contains("nothing_to_revoke"));
    Ok(())
}

#[tokio::test]
async fn g4_what_a_filter_found_is_revoked_to_the_last_set_across_a_kill() -> Tested {
    let world = World::new().await?;
    crowd(&world, MANY).await?;
    let browser = world.browser()?;
    world.sign_in(&browser, ADMIN)?;
    visit(&world, &browser, "/console/inventory?kind=saved&tier=standard")?;
    assert!(browser.text("main")?.contains("There are more"));
    browser.click(By::button("Revoke all that match…"))?;
    world.check(&browser)?;
    // Everybody of the crowd, and ada.
    let all = MANY + 1;
    assert!(browser.text("h1 + p")?.starts_with(&format!("{all} live sets")));
    // Bob's set came too late to be found.
    issue(&mut world.api()?, BOB, &json!({})).await?;
    // Ada uses a code: her set is another than the one that was shown.
    busy(&world).await?;
    browser.check("input[value=leaked]")?;
    browser.fill(By::label(&format!("Type {all} to confirm")), "600")?;
    browser.click(By::button(&format!("Revoke {all} sets")))?;
    assert!(browser.text("main")?.contains("This is not the number of sets"));
    world.check(&browser)?;
    browser.check("input[value=leaked]")?;
    browser.fill(By::label(&format!("Type {all} to confirm")), &all.to_string())?;
    browser.click(By::button(&format!("Revoke {all} sets")))?;
    assert_eq!(browser.text("h1")?, "Sets are being revoked", "it is under way");
    let path = browser.url()?;
    let path = path.split("/console/").nth(1).ok_or("no path")?.to_owned();
    let world = world.killed_and_started_again()?;
    // It listens elsewhere now, and what was asked before was not foreign.
    drop(browser.requests()?);
    let done = format!("Sets looked at: {all} of {all}");
    browser.open(&world.at(&format!("/console/{path}")))?;
    browser.wait_for(By::text(&done))?;
    browser.wait_for(By::heading("Sets were revoked"))?;
    world.check(&browser)?;
    let tiles = browser.texts(".tile .figure")?;
    assert_eq!(tiles, [MANY.to_string(), "1".to_owned(), "0".to_owned()]);
    assert!(browser.text("table")?.contains("It changed meanwhile"));
    let mut api = world.api()?;
    let left = ok(&api.get(&format!("/v1/subjects/{ADA}")).await?)?;
    assert_eq!(left["code_sets"][0]["state"], "active", "what changed is left as it is");
    let left = ok(&api.get(&format!("/v1/subjects/{BOB}")).await?)?;
    assert_eq!(left["code_sets"][0]["state"], "active", "what came later is not among them");
    // One entry for each set, and not one more.
    let summary = ok(&api.get("/v1/inventory/summary").await?)?;
    assert_eq!(summary["by_state"]["revoked"], MANY);
    assert_eq!(revocations_in_the_log(&mut api).await?, MANY);
    Ok(())
}

async fn revocations_in_the_log(api: &mut Client) -> Result<usize, Failure> {
    let (mut from, mut count) = (0, 0);
    loop {
        let page = ok(&api.get(&format!("/v1/log/entries?limit=1000&from={from}")).await?)?;
        let items = page["items"].as_array().ok_or("no entries")?;
        count += items.iter().filter(|it| it["entry"]["type"] == "code_set.revoked").count();
        match page["next_cursor"].as_u64() {
            Some(next) => from = next,
            None => return Ok(count),
        }
    }
}

#[tokio::test]
async fn who_may_not_revoke_revokes_nothing_whatever_is_sent() -> Tested {
    let world = World::new().await?;
    let browser = world.browser()?;
    world.sign_in_to(&browser, OTTO, "/console/inventory")?;
    let set = &world.sets[ADA].set;
    let send = |path: &str, form: &str| {
        browser.evaluate(&format!(
            "fetch('{path}', {{ method: 'POST', body: new URLSearchParams('{form}&csrf=' + \
             document.querySelector('[name=csrf]').value) }}).then(answer => answer.status)"
        ))
    };
    for (path, form) in [
        ("/console/inventory/revocations".to_owned(), format!("which=chosen&set={set}")),
        (format!("/console/sets/{set}/revoke"), "reason=lost".to_owned()),
        (format!("/console/subjects/{ADA}/lifecycle-events"), "kind=device_lost".to_owned()),
    ] {
        assert_eq!(send(&path, &form)?, 403, "{path}");
    }
    // A page of another sign-in does not count, either.
    world.sign_in_to(&browser, ADMIN, "/console/inventory")?;
    let forged = format!(
        "fetch('/console/sets/{set}/revoke', {{ method: 'POST', body: \
         new URLSearchParams('reason=lost&csrf=x') }}).then(answer => answer.status)"
    );
    assert_eq!(browser.evaluate(&forged)?, 403);
    let ada = ok(&world.api()?.get(&format!("/v1/subjects/{ADA}")).await?)?;
    assert_eq!(ada["code_sets"][0]["state"], "active");
    Ok(())
}

#[tokio::test]
async fn i3_a_subject_is_found_by_the_beginning_of_its_name_with_all_that_happened() -> Tested {
    let world = World::new().await?;
    busy(&world).await?;
    let browser = world.browser()?;
    world.sign_in_to(&browser, ADMIN, "/console/subjects")?;
    world.check(&browser)?;
    browser.fill(By::label("Name begins with"), "ad")?;
    browser.click(By::button("Search"))?;
    world.check(&browser)?;
    browser.click(By::link(ADA))?;
    world.check(&browser)?;
    let timeline = browser.texts(".timeline > li strong")?;
    assert_eq!(timeline.last().map(String::as_str), Some("Registered"), "{timeline:?}");
    assert!(timeline.iter().any(|it| it == "Code accepted"), "{timeline:?}");
    // The file stands alone: a receipt a line.
    browser.click(By::link("Download the timeline with proofs"))?;
    let file = std::fs::read_to_string(browser.downloaded()?)?;
    assert_eq!(file.lines().count(), timeline.len());
    for line in file.lines() {
        let receipt: Value = serde_json::from_str(line)?;
        assert_eq!(receipt["format"], "glassbreak-receipt/v1");
    }
    // What happened is reported, and what it did is seen.
    browser.click(By::text("Report what happened"))?;
    browser.choose(By::label("What happened"), "Device lost (revokes the sets)")?;
    browser.click(By::button("Report"))?;
    world.check(&browser)?;
    assert!(browser.text(By::role("status", ""))?.contains("Device lost"));
    assert!(browser.text("section[aria-labelledby=sets]")?.contains("Revoked"));
    browser.click("section[aria-labelledby=sets] tbody a")?;
    world.check(&browser)?;
    assert!(browser.text("main")?.contains("What it depended on changed"));
    Ok(())
}

#[tokio::test]
async fn one_set_is_revoked_from_its_own_page_and_its_receipt_is_there() -> Tested {
    let world = World::new().await?;
    let browser = world.browser()?;
    let page = format!("/console/sets/{}", world.sets[ROOT].set);
    world.sign_in_to(&browser, ADMIN, &page)?;
    world.check(&browser)?;
    assert!(browser.text("main")?.contains("10 of 10"), "{}", browser.text("main")?);
    browser.click(By::text("Revoke this set"))?;
    browser.check("input[value=leaked]")?;
    browser.click(By::button("Revoke"))?;
    world.check(&browser)?;
    assert!(browser.text(By::role("status", ""))?.contains("revoked"));
    let newest = browser.text(".timeline > li:first-child strong")?;
    assert_eq!(newest, "Set revoked");
    browser.click(".timeline > li:first-child a[download]")?;
    let receipt = std::fs::read_to_string(browser.downloaded()?)?;
    let receipt: Value = serde_json::from_str(&receipt)?;
    assert!(receipt["entry"].as_str().is_some_and(|it| it.contains("code_set.revoked")));
    Ok(())
}

#[tokio::test]
async fn a_recovery_shows_its_evidence_its_rules_and_what_is_missing() -> Tested {
    let world = World::new().await?;
    let (window, case) = busy(&world).await?;
    let browser = world.browser()?;
    world.sign_in_to(&browser, RAE, "/console/recoveries")?;
    world.check(&browser)?;
    let table = browser.text("tbody")?;
    assert!(table.contains(ADA) && table.contains(BOB) && table.contains(SAM), "{table}");
    browser.choose(By::label("Waits for"), "Enrolment")?;
    browser.click(By::button("Show"))?;
    world.check(&browser)?;
    let table = browser.text("tbody")?;
    assert!(table.contains(ADA) && !table.contains(BOB), "{table}");
    visit(&world, &browser, &format!("/console/recoveries/{window}"))?;
    let words = browser.text("main")?;
    for part in ["Saved code", "Password", "Window open", "under policy", "Enrol an authenticator"]
    {
        assert!(words.contains(part), "`{part}` is not in {words}");
    }
    visit(&world, &browser, &format!("/console/recoveries/{case}"))?;
    let words = browser.text("main")?;
    for part in ["Still missing", "Identity proofing", "Phone lost", "sam, support"] {
        assert!(words.contains(part), "`{part}` is not in {words}");
    }
    // An agent sees the recovery, and not what the log says of it.
    let agent = browser.new_profile(&Options::default())?;
    world.sign_in_to(&agent, SAM, &format!("/console/recoveries/{case}"))?;
    world.check(&agent)?;
    assert!(!agent.text("main")?.contains("What the log says"));
    Ok(())
}

#[tokio::test]
async fn d1_who_has_to_wait_after_wrong_codes_is_listed() -> Tested {
    let world = World::new().await?;
    let mut api = world.api()?;
    for at in 0..7 {
        let redemption = json!({
            "redemption_id": format!("0192f0c1-2345-7abc-8def-00000000000{at}"), "subject": ADA,
            "code": world.sets[ROOT].codes[1], "role": "account_recovery",
            "presented": ["password"],
        });
        api.post("/v1/redemptions", &redemption).await?;
    }
    let browser = world.browser()?;
    world.sign_in(&browser, OTTO)?;
    browser.click(By::holding("link", "Have to wait after wrong codes"))?;
    world.check(&browser)?;
    assert!(browser.text("tbody")?.contains(ADA));
    browser.click(By::link(ADA))?;
    world.check(&browser)?;
    let words = browser.text("main")?;
    assert!(words.contains("Has to wait after wrong codes"), "{words}");
    assert!(words.contains("Code refused") && words.contains("Wrong code"), "{words}");
    Ok(())
}
