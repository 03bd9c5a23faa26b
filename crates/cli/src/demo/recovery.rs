//! The middle of the story: a code is used, once, and the rest dies with the phone.

use serde_json::{Value, json};

use super::Stage;
use super::phone::Phone;
use super::start::{AISHA, Issued, ROBIN, ROBIN_MAIL};
use super::teller::{Call, Teller};
use crate::client::Reply;
use crate::command::redeem::new_name;
use crate::exit::Failure;
use crate::output::{items, minute, table, text};

const REDEEM: &str = "/v1/redemptions";

pub(super) fn typo(teller: &mut Teller, stage: &Stage<'_>, issued: &Issued) -> Result<(), Failure> {
    teller.chapter("The phone is gone. Robin mistypes, and it costs nothing")?;
    teller.say(
        "Every code carries check symbols, so a slip of the finger is told from a wrong code\n\
         before anything is looked up, counted or slowed down.",
    )?;
    let code = mistyped(issued.code(0));
    let body = attempt(ROBIN, &code, &["password"])?;
    let reply = teller.call(stage.client, Call::post(REDEEM, &body), &["code", "title"])?;
    let told = reply.status == 422 && text(&reply.body, "code") == "malformed_code";
    teller.check(told, "a typo is answered with 422 malformed_code")
}

/// The accepted event's id.
pub(super) fn redeem(
    teller: &mut Teller,
    stage: &Stage<'_>,
    issued: &Issued,
) -> Result<String, Failure> {
    teller.chapter("Robin redeems the first code")?;
    teller.say(
        "A code alone is not enough at this level of assurance. The policy says what is missing:",
    )?;
    let alone = attempt(ROBIN, issued.code(0), &[])?;
    let reply =
        teller.call(stage.client, Call::post(REDEEM, &alone), &["outcome", "alternatives"])?;
    let outcome = |reply: &Reply| text(&reply.body, "outcome");
    teller.check(outcome(&reply) == "more_evidence_required", "more evidence is asked for")?;
    teller.say("With the password, which the application verified, it is. The code was not used up before:")?;
    let body = attempt(ROBIN, issued.code(0), &["password"])?;
    let told = ["outcome", "remaining", "obligations", "grant", "window_ends_at"];
    let reply = teller.call(stage.client, Call::post(REDEEM, &body), &told)?;
    teller.check(reply.status == 200 && outcome(&reply) == "accepted", "the code is accepted")?;
    teller.check(reply.body.get("remaining") == Some(&Value::from(9)), "nine codes are left")?;
    teller.say(
        "The network dropped that answer. The retry names the same redemption and gets the same:",
    )?;
    let again = teller.call(stage.client, Call::post(REDEEM, &body), &told)?;
    let same = told.iter().all(|name| again.body.get(name) == reply.body.get(name));
    teller.check(again.status == 200 && same, "the retry gets the same answer")?;
    let event = items(&reply.body, "evidence").first().and_then(Value::as_str);
    event.map(ToOwned::to_owned).ok_or_else(|| teller.wrong("the acceptance names its evidence"))
}

/// What Robin hears of it, unasked.
pub(super) fn told(teller: &mut Teller, phone: &Phone) -> Result<(), Failure> {
    teller.chapter("Robin is told, each time")?;
    teller.say(
        "Nothing about recovery happens quietly: each event is one notice to every address of the\n\
         subject (docs/NOTICES.md). With a public URL there is a link in it that revokes at once.",
    )?;
    for _ in 0..2 {
        let notice = phone.notice(ROBIN_MAIL)?;
        let lines: Vec<&str> = notice.lines().filter(|line| !line.trim().is_empty()).collect();
        teller.show(&format!("✉  {}", lines.join("\n   ")))?;
    }
    Ok(())
}

pub(super) fn refusals(
    teller: &mut Teller,
    stage: &Stage<'_>,
    issued: &Issued,
) -> Result<(), Failure> {
    teller.chapter("Nobody learns anything from a refusal")?;
    teller.say("The same code once more, a code of somebody else's, and a name nobody has:")?;
    let attempts = [
        (ROBIN, issued.code(0)),
        (ROBIN, issued.aishas.as_str()),
        ("nobody.at.all", issued.code(1)),
    ];
    let mut answers = Vec::new();
    for (subject, code) in attempts {
        let body = attempt(subject, code, &["password"])?;
        let reply = teller.call(stage.client, Call::post(REDEEM, &body), &["code", "title"])?;
        teller.check(reply.status == 401, "the attempt is refused with 401")?;
        answers.push(reply.body);
    }
    let alike = answers.windows(2).all(|pair| pair.first() == pair.last());
    teller.check(alike, "the three answers are the same to the letter")?;
    teller.say(
        "Three times the same answer, and the log knows which was which. Failed attempts are\n\
         counted; after a few of them each next one has to wait.",
    )
}

pub(super) fn phone_replaced(
    teller: &mut Teller,
    stage: &Stage<'_>,
    issued: &Issued,
) -> Result<(), Failure> {
    teller.chapter("Robin gets a new phone, and the old codes die")?;
    teller.say(
        "The identity provider reports the new device. Nobody has to remember the nine codes that\n\
         are left: what depended on the old device is revoked. The account itself is not touched.",
    )?;
    let body = json!({ "type": "device_replaced" });
    let path = format!("/v1/subjects/{ROBIN}/lifecycle-events");
    let reply = teller.call(stage.client, Call::post(&path, &body), &["effect", "revoked"])?;
    let revoked = items(&reply.body, "revoked").iter().filter_map(Value::as_str);
    teller.check(revoked.eq([issued.set.as_str()]), "Robin's set is revoked")?;
    teller.say("Whoever finds the old sheet now has nothing:")?;
    let body = attempt(ROBIN, issued.code(1), &["password"])?;
    let refused = teller.call(stage.client, Call::post(REDEEM, &body), &["code", "title"])?;
    teller.check(refused.status == 401, "an old code is refused")
}

pub(super) fn inventory(
    teller: &mut Teller,
    stage: &Stage<'_>,
    issued: &Issued,
) -> Result<(), Failure> {
    teller.chapter("Who has which codes")?;
    teller.say("The inventory knows every set, its age and its state, and not one code:")?;
    let page = stage.client.get("/v1/inventory?limit=50")?;
    let found = items(&page, "items");
    let rows = found.iter().map(|set| {
        let unused = format!("{} of {}", text(set, "unused"), text(set, "count"));
        let expires = minute(&text(set, "expires_at"));
        [text(set, "subject"), text(set, "tier"), text(set, "state"), unused, expires]
    });
    let header = ["subject", "tier", "state", "unused", "expires"];
    teller.show(&table(header, rows.collect()))?;
    let has = |name: &str, value: &str, state: &str| {
        found.iter().any(|set| text(set, name) == value && text(set, "state") == state)
    };
    teller.check(has("set_id", &issued.set, "revoked"), "Robin's set is revoked")?;
    teller.check(has("subject", AISHA, "active"), "Aisha's set is active")
}

/// An attempt under a new name.
fn attempt(subject: &str, code: &str, presented: &[&str]) -> Result<Value, Failure> {
    Ok(json!({
        "redemption_id": new_name()?, "subject": subject, "code": code,
        "role": "account_recovery", "presented": presented,
    }))
}

/// The code with its last symbol hit wrong.
fn mistyped(code: &str) -> String {
    let mut code = code.to_owned();
    let last = code.pop();
    code.push(if last == Some('7') { '8' } else { '7' });
    code
}
