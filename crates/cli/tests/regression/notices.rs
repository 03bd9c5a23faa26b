//! REG-27: exactly one notice for each entry that asks for one, and none without; over restarts,
//! kill -9, and mail servers that refuse, hang, cut off, go away and come back.

use std::collections::{BTreeMap, BTreeSet};

use glassbreak_testkit::http::{Client, Failure};
use serde_json::{Value, json};

use crate::calls::{Place, Shown, Tested, attempt, issue, redeem};
use crate::common::{ISSUE_FREELY, count, log, timeline};
use crate::encodings::Planted;
use crate::postbox::{Mail, Postbox};

/// Registers a person with verified mail addresses.
pub(crate) async fn with_addresses(client: &mut Client, subject: &str, to: &[&str]) -> Tested {
    let addresses: Vec<_> = to
        .iter()
        .map(|to| json!({ "channel": "email", "address": to, "verified": true }))
        .collect();
    let body =
        json!({ "kind": "person", "assurance": "aal2", "notification_addresses": addresses });
    let answer = client.put(&format!("/v1/subjects/{subject}"), &body).await?;
    match answer.status {
        200 | 201 => Ok(()),
        _ => Err(answer.text().into()),
    }
}

/// Makes something happen that is told of at an address of its own, after all else.
async fn mark(client: &mut Client, name: &str) -> Result<String, Failure> {
    let address = format!("{name}@mark.example");
    with_addresses(client, name, &[&address]).await?;
    issue(client, name, &json!({})).await?;
    Ok(address)
}

/// All notices of a state.
pub(crate) async fn listed(client: &mut Client, state: &str) -> Result<Vec<Value>, Failure> {
    let (mut found, mut cursor) = (Vec::new(), String::new());
    loop {
        let path = format!("/v1/notices?state={state}&limit=7{cursor}");
        let answer = client.get(&path).await?;
        let page = answer.json();
        let items = page["items"].as_array().ok_or_else(|| answer.text())?;
        found.extend(items.iter().cloned());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return Ok(found),
        }
    }
}

/// The ids of the entries of a subject that ask for a notice, by an own reading of the list.
async fn asking(client: &mut Client, subject: &str) -> Result<BTreeSet<String>, Failure> {
    let asks = |entry: &Value| {
        let kind = entry["type"].as_str().unwrap_or_default();
        let by_itself = ["requested", "lost", "leaked"];
        match kind {
            "code_set.revoked" => {
                by_itself.iter().any(|reason| entry["data"]["reason"] == **reason)
            }
            "code_set.issued" | "code.accepted" | "recovery.opened" | "recovery.completed"
            | "lifecycle.reported" => true,
            _ => false,
        }
    };
    let entries = timeline(client, subject).await?;
    let asking = entries.iter().filter(|entry| asks(&entry["entry"]));
    Ok(asking.map(|entry| entry["id"].as_str().unwrap_or_default().to_owned()).collect())
}

fn by_address(mails: &[Mail]) -> BTreeMap<&str, Vec<&Mail>> {
    let mut sorted: BTreeMap<&str, Vec<&Mail>> = BTreeMap::new();
    for mail in mails {
        sorted.entry(&mail.to).or_default().push(mail);
    }
    sorted
}

/// Use, issue by an administrator, replacement, revocation, recovery, reset; each of them once.
async fn live(client: &mut Client, subject: &str) -> Result<Vec<Shown>, Failure> {
    let first = issue(client, subject, &json!({})).await?;
    // The one set takes the place of the other: one cause, two entries.
    let second = issue(client, subject, &json!({ "reason": "replacement" })).await?;
    let used = redeem(client, subject, &second.codes[0]).await?;
    assert_eq!(used.json()["outcome"], "accepted", "{}", used.text());
    // Refused, repeated under its name, and asked for in vain: told to nobody.
    redeem(client, subject, &first.codes[0]).await?;
    let again = attempt(subject, &second.codes[1]);
    for _ in 0..3 {
        assert_eq!(client.post("/v1/redemptions", &again).await?.status, 200);
    }
    let path = format!("/v1/code-sets/{}/revoke", second.set);
    for _ in 0..2 {
        assert_eq!(client.post(&path, &json!({ "reason": "lost" })).await?.status, 200);
    }
    let third = issue(client, subject, &json!({})).await?;
    let opened = client.post("/v1/recoveries", &json!({ "subject": subject })).await?;
    assert_eq!(opened.status, 201, "{}", opened.text());
    // It revokes the set and ends the recovery: one cause, four entries.
    let path = format!("/v1/subjects/{subject}/lifecycle-events");
    assert_eq!(client.post(&path, &json!({ "type": "account_reset" })).await?.status, 200);
    Ok(vec![first, second, third])
}

#[tokio::test]
async fn reg_27_one_notice_per_entry_that_asks_and_none_without_over_kills() -> Tested {
    let (place, postbox) = (Place::new("reg-27")?, Postbox::open()?);
    let config = format!("{}{ISSUE_FREELY}", postbox.config());
    let mut server = place.start(&config, "info")?;
    let mut codes = Vec::new();
    let ada = ["ada@a.example", "ada@b.example"];
    with_addresses(&mut server.client()?, "ada", &ada).await?;
    let mut mails = Vec::new();
    for round in 0..4 {
        let mut client = server.client()?;
        // Round by round: nothing, an end in order, a kill at once, and a kill later.
        let shown = live(&mut client, "ada").await?;
        codes.extend(shown.into_iter().flat_map(|shown| shown.codes));
        match round {
            1 => drop(server.stop()?),
            2 => server.kill()?,
            3 => {
                mails.push(postbox.next()?);
                server.kill()?;
            }
            _ => continue,
        }
        server = place.start(&config, "info")?;
    }
    let mut client = server.client()?;
    unrelated(&client).await?;
    let marked = mark(&mut client, "marker").await?;
    mails.extend(postbox.until(&marked)?);

    let expected = asking(&mut client, "ada").await?;
    assert_eq!(expected.len(), 4 * 8, "three issued, two used, one revoked, opened, reset");
    let sorted = by_address(&mails);
    assert_eq!(sorted.keys().copied().collect::<Vec<_>>(), ada);
    for mails in sorted.values() {
        let names: BTreeSet<_> = mails.iter().map(|mail| mail.header("message-id")).collect();
        assert_eq!(names.len(), expected.len());
        // A kill between a mail and its record sends it again, under the same name.
        assert!(mails.len() <= expected.len() + 2, "{} mails", mails.len());
    }
    while !listed(&mut client, "due").await?.is_empty() {}
    let sent = listed(&mut client, "sent").await?;
    let of_ada: Vec<_> = sent.iter().filter(|notice| notice["subject"] == "ada").collect();
    assert_eq!(of_ada.len(), 2 * expected.len());
    let told: BTreeSet<_> =
        of_ada.iter().map(|notice| notice["event_id"].as_str().unwrap_or_default()).collect();
    assert_eq!(told, expected.iter().map(String::as_str).collect());
    assert_eq!(sent.len(), of_ada.len() + 1, "and the marker's");

    // REG-25: no code is in any of them, nor in what the server said.
    let planted = Planted::codes(&codes);
    for mail in &mails {
        assert_eq!(planted.find(mail.raw.as_bytes()), [""; 0], "{}", mail.raw);
        assert!(!mail.raw.contains("Ada"), "no greeting");
    }
    let said = server.stop_and_listen()?;
    assert_eq!(planted.find(said.as_bytes()), [""; 0]);
    for secret in ["ada@a.example", mails[0].token()?] {
        assert!(!said.contains(secret), "{secret} is in the server's log");
    }
    Ok(())
}

/// Ten thousand entries that concern nobody's recovery.
async fn unrelated(client: &Client) -> Tested {
    const EACH: usize = 625;
    let mut writers = tokio::task::JoinSet::new();
    for writer in 0..16 {
        let mut client = client.another();
        writers.spawn(async move {
            for number in 0..EACH {
                let name = format!("someone-{writer}-{number}");
                let to = format!("{name}@else.example");
                with_addresses(&mut client, &name, &[&to]).await?;
            }
            Ok::<_, Failure>(())
        });
    }
    for written in writers.join_all().await {
        written?;
    }
    let entries = log(&mut client.another()).await?;
    assert!(count(&entries, "subject.registered") >= 10_000);
    Ok(())
}

#[tokio::test]
async fn reg_27_a_mail_server_that_fails_loses_no_notice_and_holds_no_other_up() -> Tested {
    let (place, postbox) = (Place::new("reg-27-faults")?, Postbox::open()?);
    let impatient = postbox.config().replace("timeout = 20", "timeout = 3");
    let config = format!("{impatient}{ISSUE_FREELY}");
    let server = place.start(&config, "info")?;
    let mut client = server.client()?;
    let faults =
        ["nobody", "spam", "later-once", "gone-once", "full-once", "cut-once", "hang-once"];
    for fault in faults {
        let address = format!("{fault}@a.example");
        with_addresses(&mut client, fault, &[&address]).await?;
        issue(&mut client, fault, &json!({})).await?;
    }
    // Behind all of them: it does not wait for them.
    let marked = mark(&mut client, "marker").await?;
    let mut mails = postbox.until(&marked)?;
    let again = ["later-once", "gone-once", "full-once", "cut-once", "hang-once"];
    let is_done = |mails: &[Mail]| {
        let times = |fault: &str| mails.iter().filter(|mail| mail.to.starts_with(fault)).count();
        // Those that failed after their text arrive twice, under one name.
        again.iter().all(|fault| {
            let wanted = if ["later-once", "gone-once"].contains(fault) { 1 } else { 2 };
            times(fault) >= wanted
        })
    };
    while !is_done(&mails) {
        mails.push(postbox.next()?);
    }
    for (address, mails) in by_address(&mails) {
        let names: BTreeSet<_> = mails.iter().map(|mail| mail.header("message-id")).collect();
        let raws: BTreeSet<_> = mails.iter().map(|mail| mail.raw.as_str()).collect();
        assert_eq!((names.len(), raws.len()), (1, 1), "{address}: a retry is the same mail");
    }
    let failed = listed(&mut client, "failed").await?;
    let mut problems: Vec<_> =
        failed.iter().map(|one| (one["subject"].as_str(), one["problem"].as_str())).collect();
    problems.sort_unstable();
    let wanted = [("nobody", "recipient_refused"), ("spam", "message_refused")];
    assert_eq!(problems, wanted.map(|(who, why)| (Some(who), Some(why))));
    assert!(failed.iter().all(|one| !one.to_string().contains("@a.example")));

    // Gone for a while: held back, and redemptions do not wait for it.
    let port = postbox.port;
    drop(postbox);
    with_addresses(&mut client, "ada", &["ada@a.example", "ada@b.example"]).await?;
    let shown = issue(&mut client, "ada", &json!({})).await?;
    for code in &shown.codes[..3] {
        assert_eq!(redeem(&mut client, "ada", code).await?.json()["outcome"], "accepted");
    }
    while listed(&mut client, "due").await?.len() < 8 {}
    server.kill()?;
    let server = place.start(&config, "info")?;
    let postbox = Postbox::open_at(port)?;
    let marked = mark(&mut server.client()?, "second-marker").await?;
    let mails = postbox.until(&marked)?;
    let names: BTreeSet<_> = mails.iter().map(|mail| mail.header("message-id")).collect();
    assert_eq!((mails.len(), names.len()), (8, 8), "four events at two addresses");
    while !listed(&mut server.client()?, "due").await?.is_empty() {}
    Ok(())
}

#[tokio::test]
async fn n63b_no_a_change_of_addresses_is_told_of_at_the_former_ones_too() -> Tested {
    let (place, postbox) = (Place::new("notice-addresses")?, Postbox::open()?);
    let server = place.start(&postbox.config(), "info")?;
    let mut client = server.client()?;
    with_addresses(&mut client, "ada", &["old@a.example", "kept@a.example"]).await?;
    // Once she was told of something, the reader has seen them.
    issue(&mut client, "ada", &json!({})).await?;
    let first = [postbox.next()?, postbox.next()?];
    assert!(first.iter().all(|mail| mail.header("subject").contains("New recovery codes")));
    with_addresses(&mut client, "ada", &["new@a.example", "kept@a.example"]).await?;
    // The same again, and another group: no address changed.
    with_addresses(&mut client, "ada", &["kept@a.example", "new@a.example"]).await?;
    let body = json!({ "kind": "person", "assurance": "aal2", "groups": ["some"],
        "notification_addresses": [
            { "channel": "email", "address": "kept@a.example", "verified": true },
            { "channel": "email", "address": "new@a.example", "verified": true }] });
    assert_eq!(client.put("/v1/subjects/ada", &body).await?.status, 200);
    // Of a service its owner is told.
    let body = json!({ "kind": "service", "assurance": "aal2", "owner": "ada" });
    assert_eq!(client.put("/v1/subjects/ci", &body).await?.status, 201);
    issue(&mut client, "ci", &json!({})).await?;
    let marked = mark(&mut client, "marker").await?;
    let mails = postbox.until(&marked)?;
    let (changed, of_ci): (Vec<_>, Vec<_>) =
        mails.iter().partition(|mail| mail.header("subject").contains("addresses"));
    let to = |mails: &[&Mail]| mails.iter().map(|mail| mail.to.clone()).collect::<BTreeSet<_>>();
    let set = |names: &[&str]| names.iter().map(|name| format!("{name}@a.example")).collect();
    assert_eq!(to(&changed), set(&["old", "kept", "new"]));
    assert_eq!(to(&of_ci), set(&["kept", "new"]));
    assert_eq!((changed.len(), of_ci.len()), (3, 2));
    Ok(())
}

/// The same configuration with nobody told: what happens under it is read later.
fn silent(config: &str) -> String {
    config.replace("[notices]\n", "[notices]\nenabled = false\n")
}

#[tokio::test]
async fn n63b_no_what_came_before_a_change_of_addresses_is_told_at_the_former_one_by_a_late_reader()
-> Tested {
    let (place, postbox) = (Place::new("notice-late")?, Postbox::open()?);
    let config = postbox.config();
    let server = place.start(&config, "info")?;
    let mut client = server.client()?;
    for name in ["ada", "eve"] {
        with_addresses(&mut client, name, &[&format!("old@{name}.example")]).await?;
        issue(&mut client, name, &json!({})).await?;
        postbox.next()?;
    }
    assert!(server.stop()?.success());
    let server = place.start(&silent(&config), "info")?;
    let mut client = server.client()?;
    // Twice for one of them: the first event that is read settles nothing.
    for (name, times) in [("ada", 1), ("eve", 2)] {
        for _ in 0..times {
            let opened = client.post("/v1/recoveries", &json!({ "subject": name })).await?;
            assert_eq!(opened.status, 201, "{}", opened.text());
        }
        with_addresses(&mut client, name, &[&format!("new@{name}.example")]).await?;
    }
    let marked = mark(&mut client, "marker").await?;
    assert!(server.stop()?.success());
    let _server = place.start(&config, "info")?;
    let mails = postbox.until(&marked)?;
    for (name, times) in [("ada", 1), ("eve", 2)] {
        for at in ["old", "new"] {
            let to = format!("{at}@{name}.example");
            let (changed, opened): (Vec<_>, Vec<_>) = mails
                .iter()
                .filter(|mail| mail.to == to)
                .partition(|mail| mail.header("subject").contains("addresses"));
            assert_eq!((changed.len(), opened.len()), (1, times), "{to}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn reg_27_addresses_that_are_put_off_for_good_do_not_stop_their_channel() -> Tested {
    let (place, postbox) = (Place::new("notice-put-off")?, Postbox::open()?);
    let config = postbox.config();
    assert!(place.start(&config, "info")?.stop()?.success());
    // All of them are there at once, those that are put off before the one that is not.
    let server = place.start(&silent(&config), "info")?;
    let mut client = server.client()?;
    for name in ["one", "two", "three"] {
        with_addresses(&mut client, name, &[&format!("later@{name}.example")]).await?;
        issue(&mut client, name, &json!({})).await?;
    }
    let marked = mark(&mut client, "marker").await?;
    assert!(server.stop()?.success());
    let server = place.start(&config, "info")?;
    assert!(postbox.until(&marked)?.is_empty());
    let due = listed(&mut server.client()?, "due").await?;
    let put_off = due.iter().filter(|one| one["attempts"].as_u64() >= Some(1)).count();
    assert_eq!(put_off, 3, "{due:?}");
    Ok(())
}

/// What failed by post, for want of a gateway, of a subject: that a letter was to go out.
async fn letters(client: &mut Client, subject: &str) -> Result<Vec<String>, Failure> {
    let failed = listed(client, "failed").await?;
    let by_post =
        failed.iter().filter(|one| one["channel"] == "postal" && one["subject"] == subject);
    Ok(by_post.map(|one| one["what"].as_str().unwrap_or_default().to_owned()).collect())
}

#[tokio::test]
async fn n63b_no_06_a_letter_goes_out_at_aal3_alone_and_where_the_code_went_to_the_only_other()
-> Tested {
    let (place, postbox) = (Place::new("notice-letters")?, Postbox::open()?);
    let server = place.start(&format!("{}{ISSUE_FREELY}", postbox.config()), "info")?;
    let mut client = server.client()?;
    let post = json!({ "channel": "postal", "address": "1 Main Street", "verified": true });
    let people = [("high", "aal3", true), ("alone", "aal2", false), ("coded", "aal1", true)];
    for (name, assurance, has_mail) in people {
        let mut to = vec![post.clone()];
        if has_mail {
            let address = format!("{name}@a.example");
            to.push(json!({ "channel": "email", "address": address, "verified": true }));
        }
        let body =
            json!({ "kind": "person", "assurance": assurance, "notification_addresses": to });
        let answer = client.put(&format!("/v1/subjects/{name}"), &body).await?;
        assert_eq!(answer.status, 201, "{}", answer.text());
    }
    let issuing = json!({ "session_assurance": "aal3" });
    for name in ["high", "alone"] {
        issue(&mut client, name, &issuing).await?;
    }
    let mut recoveries = BTreeMap::new();
    for name in ["high", "coded"] {
        let opened = client.post("/v1/recoveries", &json!({ "subject": name })).await?;
        let id = opened.json()["recovery_id"].as_str().ok_or("not opened")?.to_owned();
        recoveries.insert(name, id);
    }
    // The last of these is that of `coded`: the reader is past what came before the code.
    for _ in 0..3 {
        postbox.next()?;
    }
    let path = format!("/v1/recoveries/{}/issued-codes", recoveries["coded"]);
    let sent = client.post(&path, &json!({ "channel": "email" })).await?;
    assert!((200..300).contains(&sent.status), "{}", sent.text());
    let mail = postbox.next()?;
    let code = mail.text.lines().find_map(|line| line.strip_prefix("    "));
    let code = code.ok_or_else(|| format!("no code in {}", mail.text))?.trim();
    let mut body = attempt("coded", code);
    body["role"] = "account_recovery".into();
    body["recovery_id"] = recoveries["coded"].as_str().into();
    let answer = client.post("/v1/redemptions", &body).await?;
    assert_eq!(answer.status, 200, "{}", answer.text());
    postbox.next()?;
    while !listed(&mut client, "due").await?.is_empty() {}
    assert_eq!(letters(&mut client, "high").await?, ["recovery_opened"]);
    assert_eq!(letters(&mut client, "alone").await?, ["codes_issued"]);
    let coded = letters(&mut client, "coded").await?;
    assert_eq!(coded.len(), 1, "not of the opening: {coded:?}");
    assert!(["sent_code_accepted", "recovery_satisfied"].contains(&coded[0].as_str()), "{coded:?}");
    Ok(())
}
