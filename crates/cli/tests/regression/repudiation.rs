//! "This was not me": a link out of a real mail is followed, and the codes are dead afterwards
//! (N63B-NO-07). Looking at it changes nothing (REG-28).

use glassbreak_testkit::http::{Answer, Client, Failure};
use serde_json::{Value, json};

use crate::calls::{Place, Tested, issue, redeem};
use crate::common::{ISSUE_FREELY, count, log, replays, timeline};
use crate::notices::with_addresses;
use crate::postbox::{Mail, Postbox};

/// Sends the form of the page, as a browser does.
async fn submit(browser: &mut Client, token: &str) -> Result<Answer, Failure> {
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    browser.send("POST".parse()?, "/repudiate", &headers, format!("token={token}")).await
}

async fn accepted(client: &mut Client, subject: &str, code: &str) -> Result<bool, Failure> {
    let answer = redeem(client, subject, code).await?;
    match (answer.status, answer.code().as_str()) {
        (200, _) => Ok(true),
        (401, "not_accepted") => Ok(false),
        _ => Err(answer.text().into()),
    }
}

#[tokio::test]
async fn n63b_no_07_a_link_out_of_a_mail_revokes_without_signing_in_and_once() -> Tested {
    let (place, postbox) = (Place::new("repudiate")?, Postbox::open()?);
    let server = place.start(&format!("{}{ISSUE_FREELY}", postbox.config()), "trace")?;
    let mut client = server.client()?;
    let mut nobody = client.presenting(None);
    for name in ["ada", "bob"] {
        with_addresses(&mut client, name, &[&format!("{name}@a.example")]).await?;
    }
    let mine = issue(&mut client, "ada", &json!({})).await?;
    let mail = postbox.next()?;
    let theirs = issue(&mut client, "bob", &json!({})).await?;
    let of_bob = postbox.next()?;
    let opened = client.post("/v1/recoveries", &json!({ "subject": "ada" })).await?;
    let recovery = opened.json()["recovery_id"].as_str().ok_or("not opened")?.to_owned();
    postbox.next()?;
    says_all_it_has_to(&mail);
    let token = mail.token()?;
    let before = log(&mut client).await?;
    looks(&mut nobody, token).await?;
    tries_what_is_no_token(&mut nobody, token).await?;
    assert_eq!(log(&mut client).await?, before);

    // The link of somebody else ends what is somebody else's.
    let page = submit(&mut nobody, of_bob.token()?).await?;
    assert_eq!(page.status, 200, "{}", page.text());
    assert!(page.text().contains("Your recovery codes are revoked"));
    assert!(!accepted(&mut client, "bob", &theirs.codes[0]).await?);
    assert!(accepted(&mut client, "ada", &mine.codes[0]).await?);

    let done = nobody.post("/v1/repudiations", &json!({ "token": token })).await?;
    assert_eq!((done.status, done.json()), (200, json!({ "outcome": "revoked" })));
    for code in &mine.codes[1..3] {
        assert!(!accepted(&mut client, "ada", code).await?);
    }
    let now = client.get(&format!("/v1/recoveries/{recovery}")).await?.json();
    assert_eq!(now["state"], "cancelled", "{now}");
    is_written_down(&mut client).await?;
    a_second_use_does_nothing(&mut client, &mut nobody, token).await?;

    // It was told of, without a link; and no token is anywhere in what the server said.
    let mut mails = Vec::new();
    while mails.len() < 4 {
        mails.push(postbox.next()?);
    }
    let about = mails.iter().find(|mail| mail.header("subject").contains("at your word"));
    assert!(about.is_some_and(|mail| mail.token().is_err()));
    let said = server.stop_and_listen()?;
    assert!(!said.contains(token) && !said.contains(of_bob.token()?));
    Ok(())
}

fn says_all_it_has_to(mail: &Mail) {
    for part in [
        "Example Bank",
        "+1 202 555 0100",
        " UTC (",
        "Europe/Berlin",
        "A new set of recovery codes",
        "https://recover.example.com/repudiate#",
    ] {
        assert!(mail.text.contains(part), "{part} is not in {}", mail.text);
    }
}

/// What a person, a scanner and a preview do that only look.
async fn looks(nobody: &mut Client, token: &str) -> Tested {
    for method in ["GET", "HEAD", "OPTIONS"] {
        for path in ["/repudiate", &format!("/repudiate?token={token}")] {
            nobody.send(method.parse()?, path, &[], "").await?;
        }
        let path = format!("/v1/repudiations?token={token}");
        assert_eq!(nobody.send(method.parse()?, &path, &[], "").await?.status, 405);
    }
    let page = nobody.get("/repudiate").await?;
    let policy = page.headers["content-security-policy"].to_str()?;
    assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    assert_eq!(page.headers["referrer-policy"], "no-referrer");
    Ok(())
}

/// What is not the token, whatever it lacks, is refused in the same words.
async fn tries_what_is_no_token(nobody: &mut Client, token: &str) -> Tested {
    let changed = |at: usize| {
        let mut bytes = token.as_bytes().to_vec();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        String::from_utf8(bytes)
    };
    let mut refused = Vec::new();
    for wrong in [
        String::new(),
        "x".to_owned(),
        token[1..].to_owned(),
        format!("{token}A"),
        changed(3)?,
        changed(30)?,
        changed(50)?,
        changed(60)?,
    ] {
        let answer = nobody.post("/v1/repudiations", &json!({ "token": wrong })).await?;
        assert_eq!((answer.status, answer.code().as_str()), (422, "repudiation_refused"));
        refused.push(answer.text());
        assert_eq!(submit(nobody, &wrong).await?.status, 422);
    }
    refused.dedup();
    assert_eq!(refused.len(), 1, "{refused:?}");
    Ok(())
}

/// The log names the event that the notice told of, and people hear of it.
async fn is_written_down(client: &mut Client) -> Tested {
    let entries = timeline(client, "ada").await?;
    let said = entries.iter().find(|entry| entry["entry"]["data"]["kind"] == "repudiated");
    let said = &said.ok_or("nothing is written of it")?["entry"];
    let issued = entries.iter().find(|entry| entry["entry"]["type"] == "code_set.issued");
    assert_eq!(Some(&said["data"]["notice"]), issued.map(|entry| &entry["id"]));
    let loud = |entry: &&Value| entry["entry"]["data"]["alert"] == "repudiated";
    assert_eq!(entries.iter().filter(loud).count(), 1);
    Ok(())
}

/// A link that was used does nothing more, however often; not to codes that came after it.
async fn a_second_use_does_nothing(
    client: &mut Client,
    nobody: &mut Client,
    token: &str,
) -> Tested {
    let later = issue(client, "ada", &json!({})).await?;
    let before = count(&log(client).await?, "lifecycle.reported");
    for _ in 0..3 {
        let body = json!({ "token": token });
        assert_eq!(nobody.post("/v1/repudiations", &body).await?.status, 200);
        assert_eq!(submit(nobody, token).await?.status, 200);
    }
    assert_eq!(count(&log(client).await?, "lifecycle.reported"), before);
    assert!(accepted(client, "ada", &later.codes[0]).await?);
    replays(client).await?;
    Ok(())
}

#[tokio::test]
async fn n63b_no_07_wrong_links_in_a_flood_are_turned_away_and_good_ones_are_not() -> Tested {
    let (place, postbox) = (Place::new("repudiate-flood")?, Postbox::open()?);
    let limit = "[source_limit]\nper_second = 1\nburst = 5\n";
    let server = place.start(&format!("{}{limit}", postbox.config()), "info")?;
    let mut client = server.client()?;
    with_addresses(&mut client, "ada", &["ada@a.example"]).await?;
    let shown = issue(&mut client, "ada", &json!({})).await?;
    let mail = postbox.next()?;
    let mut nobody = client.presenting(None);
    let mut answers = Vec::new();
    for _ in 0..30 {
        let answer = nobody.post("/v1/repudiations", &json!({ "token": "x" })).await?;
        answers.push(answer.code());
    }
    assert_eq!(answers.first().map(String::as_str), Some("repudiation_refused"));
    assert!(answers.iter().any(|code| code == "busy"), "{answers:?}");
    let done = nobody.post("/v1/repudiations", &json!({ "token": mail.token()? })).await?;
    assert_eq!(done.status, 200, "{}", done.text());
    assert!(!accepted(&mut client, "ada", &shown.codes[0]).await?);
    Ok(())
}
