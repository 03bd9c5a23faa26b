//! The support desk (F1 to F6, E7, REG-29): a whole case through pages, and what nobody gets past.

use glassbreak_testkit::browser::{By, Options, Tab, VirtualAuthenticator};
use glassbreak_testkit::http::{Client, Failure};
use serde_json::{Value, json};

use crate::world::{ADMIN, BOB, NORA, OTTO, ROOT, SAM, Tested, VERA, World, issue, ok, register};

/// Sends a form of the page otherwise than the page offers it, with the page's own token.
const FORGE: &str = "(async (path, fields) => {
    const form = new URLSearchParams(fields);
    form.set('csrf', document.querySelector('input[name=csrf]').value);
    form.set('request', crypto.randomUUID());
    const answer = await fetch(path, { method: 'POST', body: form });
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    const code = page.querySelector('#refusal .fine code, main .fine code');
    return [answer.status, code?.textContent ?? ''];
})";
/// Asks the API in the name of who is signed in.
const ASK: &str = "(async (path, body) => {
    const answer = await fetch(path, { method: 'POST', body: JSON.stringify(body), headers:
        { 'Content-Type': 'application/json', 'Glassbreak-Request': '1' } });
    return [answer.status, (await answer.json()).code ?? ''];
})";

fn forged(tab: &Tab, path: &str, fields: &Value) -> Result<Value, Failure> {
    tab.evaluate(&format!("{FORGE}({}, {fields})", json!(path)))
}

fn asked(tab: &Tab, path: &str, body: &Value) -> Result<Value, Failure> {
    tab.evaluate(&format!("{ASK}({}, {body})", json!(path)))
}

/// A person whom mail reaches.
async fn with_mail(api: &mut Client, who: &str, tier: &str) -> Tested {
    let mail =
        json!([{ "channel": "email", "address": "ruth.lang@bank.example", "verified": true }]);
    let more = json!({ "tier": tier, "ial": "ial2", "notification_addresses": mail });
    register(api, who, &more).await
}

/// Opens a case on the page for it, and gives its id.
fn open(world: &World, tab: &Tab, who: &str) -> Result<String, Failure> {
    tab.open(&world.at("/desk/new"))?;
    tab.fill("#subject", who)?;
    tab.check("input[name=cause][value=phone_lost]")?;
    tab.fill("#reference", "INC-7")?;
    tab.click("form.narrow button.primary")?;
    tab.wait_for("ol.steps")?;
    let url = tab.url()?;
    let id = url.split("/desk/cases/").nth(1).and_then(|rest| rest.get(..36));
    Ok(id.ok_or("no case")?.to_owned())
}

fn proof(tab: &Tab) -> Tested {
    tab.choose("#level", "IAL2")?;
    tab.check("input[name=checks][value=document]")?;
    tab.fill("#proofing-reference", "DOC-88")?;
    tab.click("#step-proofing button.primary")?;
    tab.wait_for("#step-proofing.done")
}

fn verify_again(tab: &Tab) -> Tested {
    tab.check("input[name=check][value=call_back]")?;
    tab.fill("#second-reference", "CALL-12")?;
    tab.click("#step-second button.primary")?;
    tab.wait_for("#step-second.done")
}

/// Everything that an agent alone could think of to get the code out. None of it works, at any
/// moment before the last approval.
fn no_way_around(tab: &Tab, id: &str) -> Tested {
    assert!(!tab.has("#step-release form")?, "the page offers what is refused");
    let case = format!("/desk/cases/{id}");
    let mail = json!({ "to": "channel/email" });
    assert_eq!(forged(tab, &format!("{case}/codes"), &mail)?, json!([403, "not_allowed"]));
    let yes = json!({ "word": "approve", "assertion": "{}" });
    assert_eq!(forged(tab, &format!("{case}/word"), &yes)?, json!([403, "scope_missing"]));
    let api = format!("/v1/recoveries/{id}");
    let mail = json!({ "channel": "email" });
    let sent = asked(tab, &format!("{api}/issued-codes"), &mail)?;
    assert_eq!(sent, json!([403, "not_allowed"]));
    let vouched = json!({ "type": "vouched", "method": "password" });
    let vouched = asked(tab, &format!("{api}/evidence"), &vouched)?;
    assert_eq!(vouched, json!([403, "scope_missing"]));
    let in_vera_s_name = json!({ "type": "second_verification", "agent": VERA, "check": "video",
        "reference": "V-1" });
    let other = asked(tab, &format!("{api}/evidence"), &in_vera_s_name)?;
    assert_eq!(other, json!([403, "not_your_name"]));
    // That these were refused the browser complains of, and is meant to.
    tab.console_errors().map(drop)
}

/// F1 to F4, REG-29: opened, proofed, verified again, approved by two with their passkeys, sent by
/// mail, used, enrolled again, closed. The agent sees no code and gets past nobody.
#[tokio::test]
async fn f1_reg_29_a_privileged_case_is_done_on_pages_by_three_people_and_by_no_fewer() -> Tested {
    let world = World::with_mail().await?;
    let mut api = world.api()?;
    with_mail(&mut api, ROOT, "privileged").await?;
    let sam = world.browser()?;
    world.sign_in_to(&sam, SAM, "/desk")?;
    world.check(&sam)?;
    let id = open(&world, &sam, ROOT)?;
    world.check(&sam)?;
    let case = world.at(&format!("/desk/cases/{id}"));
    no_way_around(&sam, &id)?;

    // A code that was pasted is not written down, and the page says what to do about it.
    let code = world.sets[ROOT].codes[1].clone();
    sam.check("input[name=checks][value=document]")?;
    sam.fill("#proofing-reference", &code)?;
    sam.click("#step-proofing button.primary")?;
    assert!(sam.text("#refusal")?.contains("reads as a recovery code"));
    assert!(!sam.html()?.contains(&code), "the code is on the page again");
    world.check(&sam)?;
    sam.open(&case)?;
    proof(&sam)?;
    no_way_around(&sam, &id)?;
    // F2: what was looked at before is not offered, and not taken.
    assert!(!sam.has("input[name=check][value=document]")?);
    let same = json!({ "check": "document", "reference": "DOC-89" });
    let same = forged(&sam, &format!("/desk/cases/{id}/second-verification"), &same)?;
    assert_eq!(same, json!([422, "invalid_request"]));
    verify_again(&sam)?;
    assert!(sam.text("#step-approvals")?.contains("0 of 2"), "{}", sam.text("#step-approvals")?);
    no_way_around(&sam, &id)?;

    let vera = sam.new_profile(&Options::default())?;
    let _key = world.enrol(&vera, VERA).await?;
    world.sign_in_to(&vera, VERA, "/desk")?;
    world.check(&vera)?;
    vera.click(By::link(ROOT))?;
    world.check(&vera)?;
    assert!(vera.text("#step-approvals .facts")?.contains("DOC-88"), "it says what is signed");
    vera.click(By::button("Approve with passkey"))?;
    vera.wait_for(By::text("Your approval counts."))?;
    assert!(!vera.has(By::button("Approve with passkey"))?);
    assert!(vera.text("#step-approvals")?.contains("another person gives it"));
    world.check(&vera)?;
    sam.open(&case)?;
    assert!(sam.text("#step-approvals")?.contains("1 of 2"));
    no_way_around(&sam, &id)?;

    let nora = world.browser()?;
    let _key = enrol_when_told(&world, &nora).await?;
    nora.open(&case)?;
    nora.click(By::button("Approve with passkey"))?;
    nora.wait_for(By::text("Your approval counts."))?;
    nora.wait_for("#step-approvals.done")?;

    sam.open(&case)?;
    assert!(sam.text("#step-release")?.contains("r…@bank.example"), "masked");
    assert!(!sam.html()?.contains("ruth.lang"), "F4: the address");
    // The one place there is needs no choosing.
    world.check(&sam)?;
    sam.click(By::button("Send the code"))?;
    sam.wait_for("#step-release.done")?;
    assert!(sam.has(By::button("Send another code"))?, "{}", sam.text("#step-release")?);
    assert!(!sam.has(By::button("Send the code"))?);
    let code = code_for_ruth(&world)?;
    assert!(!sam.html()?.contains(&code), "F4: the agent sees no code");
    world.check(&sam)?;

    // The person types it where codes are used, and knows nothing of the case.
    let person = sam.new_profile(&Options::default())?;
    person.open(&world.at("/recover"))?;
    person.fill("#account", ROOT)?;
    person.fill("#code", &code)?;
    person.press("Enter")?;
    person.wait_for("ol.steps")?;
    assert!(person.url()?.ends_with("/self/recovery"), "{}", person.url()?);
    world.check(&person)?;
    sam.open(&case)?;
    assert!(sam.text("#step-reenrolment.now")?.contains("Enrol a new authenticator"));
    world.check(&sam)?;
    let new = issue(&mut api, ROOT, &json!({ "reason": "reissue_after_recovery" })).await?;
    let kept = json!({ "code": new.codes[0] });
    ok(&api.post(&format!("/v1/code-sets/{}/confirm", new.set), &kept).await?)?;
    let done = json!({ "authenticator_bound": true });
    ok(&api.post(&format!("/v1/recoveries/{id}/complete"), &done).await?)?;
    sam.open(&case)?;
    sam.wait_for("#step-closed.done")?;
    assert_eq!(sam.count("ol.steps > li.done")?, 7);
    assert!(sam.text("ol.timeline")?.contains("The code was accepted"));
    world.check(&sam)?;
    sam.open(&world.at("/desk?show=closed"))?;
    assert!(sam.text("table")?.contains("Completed"));
    world.check(&sam)?;
    let replay = ok(&api.get("/v1/log/replay").await?)?;
    assert_eq!(replay["differences"], json!([]), "{replay}");
    Ok(())
}

/// Who could approve and has nothing to sign with is told so, and not that they can.
async fn enrol_when_told(world: &World, nora: &Tab) -> Result<VirtualAuthenticator, Failure> {
    world.sign_in_to(nora, NORA, "/desk")?;
    let queue = nora.text("main")?;
    assert!(queue.contains("waits for your approval. You have no passkey"), "{queue}");
    assert!(!queue.contains("You can approve"), "{queue}");
    world.enrol(nora, NORA).await
}

/// The code in the mail to ruth; what else she is told of is passed over.
fn code_for_ruth(world: &World) -> Result<String, Failure> {
    let postbox = world.postbox.as_ref().ok_or("no postbox")?;
    loop {
        let mail = postbox.next()?;
        let code = mail.text.lines().find_map(|line| line.strip_prefix("    "));
        if let Some(code) = code.filter(|_| mail.text.contains("recovery code is")) {
            return Ok(code.to_owned());
        }
    }
}

/// F3: a no has a reason, is signed, and ends the case; so does the agent's own, and another
/// agent's case is not theirs to end. A passkey signs the case that its page shows and no other.
#[tokio::test]
async fn f3_a_case_is_declined_with_a_reason_and_what_has_changed_is_not_approved() -> Tested {
    let world = World::new().await?;
    let mut api = world.api()?;
    let sam = world.browser()?;
    world.sign_in_to(&sam, SAM, "/desk")?;
    let (first, second) = (open(&world, &sam, BOB)?, open(&world, &sam, BOB)?);
    // The third is refused, and says why; what was typed stays.
    sam.open(&world.at("/desk/new"))?;
    sam.fill("#subject", BOB)?;
    sam.check("input[name=cause][value=codes_lost]")?;
    sam.click(By::button("Open the case"))?;
    assert!(sam.text("#refusal")?.contains("Two cases"), "{}", sam.text("#refusal")?);
    assert_eq!(sam.value("#subject")?, BOB);
    world.check(&sam)?;

    let vera = sam.new_profile(&Options::default())?;
    let _key = world.enrol(&vera, VERA).await?;
    world.sign_in_to(&vera, VERA, &format!("/desk/cases/{first}"))?;
    // Somebody is faster: the case is another one when vera presses.
    sam.open(&world.at(&format!("/desk/cases/{first}")))?;
    proof(&sam)?;
    vera.click(By::button("Approve with passkey"))?;
    vera.wait_for("#refusal")?;
    assert!(vera.text("#refusal")?.contains("Look at it again"), "{}", vera.text("#refusal")?);
    world.check(&vera)?;
    vera.click("summary:has(+ form)")?;
    vera.choose("#decline-reason", "It looks like somebody else's doing")?;
    vera.click(By::button("Decline with passkey"))?;
    vera.wait_for(By::text("You declined."))?;
    assert!(vera.text("ol.timeline")?.contains("somebody else's doing"));
    world.check(&vera)?;

    // Without a reason nothing is cancelled, however it is sent.
    let path = format!("/desk/cases/{second}/cancel");
    assert_eq!(forged(&sam, &path, &json!({}))?, json!([422, "invalid_request"]));
    sam.open(&world.at(&format!("/desk/cases/{second}")))?;
    sam.click("summary:has(+ form)")?;
    sam.choose("#cancel-reason", "Opened by mistake")?;
    sam.click("details button.danger")?;
    sam.wait_for(By::text("The case is cancelled."))?;
    let path = format!("/v1/subjects/{BOB}/timeline");
    let told = ok(&api.get(&path).await?)?.to_string();
    for reason in ["suspicious", "mistake"] {
        assert!(told.contains(&format!("\"why\":\"{reason}\"")), "{reason}: {told}");
    }
    Ok(())
}

/// REG-29: whoever opened a case and may approve others does not approve this one; nobody's key
/// opens none.
#[tokio::test]
async fn reg_29_who_has_a_part_in_a_case_is_told_why_they_may_not_approve_it() -> Tested {
    let world = World::new().await?;
    let mut api = world.api()?;
    register(&mut api, "pat", &json!({})).await?;
    let duties = json!({ "duties": ["support", "approve"] });
    ok(&api.put("/v1/operators/pat", &duties).await?)?;
    let key = json!({ "label": "pat", "scopes": ["support", "approve"], "operator": "pat" });
    let key = ok(&api.post("/v1/api-keys", &key).await?)?;
    let pat = world.browser()?;
    let _key = world.enrol(&pat, "pat").await?;
    pat.open(&world.at("/sign-in?return_to=/desk"))?;
    pat.fill("input[name=key]", key["key"].as_str().ok_or("no key")?)?;
    pat.press("Enter")?;
    let id = open(&world, &pat, ROOT)?;
    assert!(pat.text("#step-approvals")?.contains("You cannot approve: you opened the case"));
    assert!(!pat.has(By::button("Approve with passkey"))?);
    let yes = json!({ "word": "approve", "assertion": "" });
    let refused = forged(&pat, &format!("/desk/cases/{id}/word"), &yes)?;
    assert_eq!(refused, json!([422, "invalid_request"]));

    let nobody = pat.new_profile(&Options::default())?;
    world.sign_in_to(&nobody, ADMIN, "/desk/new")?;
    assert!(nobody.has(By::text("belongs to nobody in particular"))?);
    assert!(!nobody.has("#subject")?);
    let opening = json!({ "subject": BOB, "cause": "phone_lost" });
    let refused = forged(&nobody, "/desk/new", &opening)?;
    assert_eq!(refused[0], 403, "{refused}");
    Ok(())
}

/// Pages work where no script runs, and in German; that an approval needs one is said.
#[tokio::test]
async fn a_case_is_worked_on_without_scripts_and_in_german() -> Tested {
    let world = World::new().await?;
    let quiet = Options { language: "de".to_owned(), ..Options::without_javascript() };
    let sam = world.browser_with(&quiet)?;
    world.sign_in_to(&sam, SAM, "/desk")?;
    assert_eq!(sam.text("h1")?, "Offene Fälle");
    let id = open(&world, &sam, ROOT)?;
    proof(&sam)?;
    verify_again(&sam)?;
    assert!(sam.text("#step-approvals")?.contains("0 von 2"));
    assert!(!sam.html()?.contains("[desk-") && !sam.html()?.contains("[word-"));
    world.check_without_scripts(&sam)?;
    let vera = world.browser()?;
    let _key = world.enrol(&vera, VERA).await?;
    vera.look(&quiet)?;
    world.sign_in_to(&vera, VERA, &format!("/desk/cases/{id}"))?;
    assert!(vera.text("#step-approvals")?.contains("JavaScript"));
    world.check_without_scripts(&vera)?;
    vera.click(By::button("Mit Passkey genehmigen"))?;
    assert!(vera.text("#refusal")?.contains("JavaScript"), "{}", vera.text("#refusal")?);
    Ok(())
}

/// Who administers hands out a link; the operator enrols on a machine of their own, once.
#[tokio::test]
async fn an_operator_enrols_a_passkey_with_a_link_that_is_good_once() -> Tested {
    let world = World::new().await?;
    let admin = world.browser()?;
    world.sign_in_to(&admin, ADMIN, "/console/operators")?;
    world.check(&admin)?;
    admin.fill("#subject", BOB)?;
    admin.check(By::css("form.narrow input[value=approve]"))?;
    admin.click(By::button("Appoint"))?;
    assert!(admin.text("table")?.contains(BOB));
    admin.click(By::button("Enrolment link for bob"))?;
    let link = admin.text("#link")?;
    assert!(link.starts_with(&world.at("/enrol#")), "{link}");
    world.check(&admin)?;

    let bob = world.browser()?;
    let key = bob.add_authenticator()?;
    bob.open(&link)?;
    bob.wait_for(By::text("For bob"))?;
    assert!(!bob.url()?.contains('#'), "the token is out of the address");
    world.check(&bob)?;
    bob.click(By::button("Enrol a passkey on this device"))?;
    bob.wait_for(By::text("Your passkey is enrolled."))?;
    assert_eq!(bob.text("h1")?, "Passkey enrolled");
    assert!(!bob.has(By::button("Enrol a passkey on this device"))?, "it is done");
    assert!(bob.has(By::link("Go to the support desk"))?, "{}", bob.text("main")?);
    assert_eq!(key.passkeys()?.len(), 1);
    world.check(&bob)?;
    bob.open(&world.at("/"))?;
    bob.open(&link)?;
    bob.wait_for(By::text("This link is not good any more."))?;

    let mut api = world.api()?;
    let listed = ok(&api.get("/v1/operators").await?)?;
    let of_bob = listed["items"].as_array().into_iter().flatten().find(|it| it["subject"] == BOB);
    assert_eq!(of_bob.and_then(|it| it["passkeys"].as_array()).map(Vec::len), Some(1), "{listed}");
    let told = ok(&api.get(&format!("/v1/subjects/{BOB}/timeline")).await?)?.to_string();
    for event in ["operator.enrolment_offered", "operator.passkey_added"] {
        assert!(told.contains(event), "{event}: {told}");
    }
    let token = link.split('#').nth(1).ok_or("no token")?;
    assert!(!told.contains(token), "what is in the link is in no entry");
    Ok(())
}

/// F6: figures as plots, with the same as text; REG-28: to look changes nothing.
#[tokio::test]
async fn f6_the_figures_are_plots_with_tables_and_to_look_at_the_desk_changes_nothing() -> Tested {
    let world = World::new().await?;
    let sam = world.browser()?;
    world.sign_in_to(&sam, SAM, "/desk")?;
    let id = open(&world, &sam, BOB)?;
    let mut api = world.api()?;
    let before = ok(&api.get("/v1/log/entries?limit=1000").await?)?;
    let otto = sam.new_profile(&Options::default())?;
    world.sign_in_to(&otto, OTTO, "/desk/burden?days=7")?;
    assert!(otto.count("svg.plot")? >= 2);
    let told = otto.attribute("#waiting + svg.plot", "aria-label")?.unwrap_or_default();
    assert!(told.contains("minute"), "{told}");
    assert!(otto.text("main")?.contains("Phone lost, stolen or broken"));
    world.check(&otto)?;
    for path in ["/desk", "/desk?show=closed", "/desk/passkeys", "/desk/new"] {
        sam.open(&world.at(path))?;
        world.check(&sam)?;
    }
    sam.open(&world.at(&format!("/desk/cases/{id}")))?;
    let after = ok(&api.get("/v1/log/entries?limit=1000").await?)?;
    assert_eq!(before["items"], after["items"]);
    Ok(())
}
