//! The third story: a deployment service must be recovered at night, under dual control, loudly.

use serde_json::{Value, json};

use super::Stage;
use super::desk::Desk;
use super::teller::{Call, Teller};
use crate::command::redeem::new_name;
use crate::exit::Failure;
use crate::output::{items, text};

/// The service, and the person who answers for it.
const SERVICE: &str = "service-account-ci-deployer";
const OWNER: &str = "jonas.kruse";

/// Gives the newest event of the story.
pub(super) fn tell(
    teller: &mut Teller,
    stage: &Stage<'_>,
    desk: &mut Desk,
) -> Result<String, Failure> {
    let code = sealed(teller, stage)?;
    let recovery = opened(teller, stage, &code)?;
    teller.say("Mette and Tariq are called out of bed, and both sign:")?;
    desk.approve(teller, stage, &recovery)?;
    used(teller, stage, &recovery, &code)?;
    aftermath(teller, stage, desk, &recovery)
}

fn sealed(teller: &mut Teller, stage: &Stage<'_>) -> Result<String, Failure> {
    teller.chapter("A service has no phone to lose: break glass")?;
    teller.say(
        "The deployment service has an accountable owner, Jonas, and break-glass codes in a sealed\n\
         envelope. By themselves they open nothing:",
    )?;
    let body = json!({
        "kind": "break_glass", "reason": "break_glass_provisioning", "count": 3,
        "session_assurance": "aal2", "custody": "sealed_offline_copy",
    });
    let issued = stage.client.post(&format!("/v1/subjects/{SERVICE}/code-sets"), &body, None)?;
    let codes = items(&issued, "codes");
    let code = codes.first().and_then(Value::as_str).unwrap_or_default().to_owned();
    let attempt = attempt(&code, None)?;
    let told = ["outcome", "code", "title"];
    let reply = teller.call(stage.client, Call::post("/v1/redemptions", &attempt), &told)?;
    let accepted = text(&reply.body, "outcome") == "accepted";
    teller.check(!accepted, "a sealed code alone opens nothing")?;
    Ok(code)
}

fn opened(teller: &Teller, stage: &Stage<'_>, code: &str) -> Result<String, Failure> {
    teller.say("Three o'clock, the deployment is stuck. Jonas asks, by name and with a reason:")?;
    let body = json!({
        "subject": SERVICE, "cause": "emergency", "requester": OWNER, "reference": "INC-2207",
    });
    let told = ["state", "cause", "alternatives"];
    let reply = teller.call(stage.client, Call::post("/v1/recoveries", &body), &told)?;
    teller.check(reply.status == 201, "the emergency is open")?;
    let recovery = text(&reply.body, "recovery_id");
    let attempt = attempt(code, Some(&recovery))?;
    let told = ["outcome", "alternatives"];
    let alone = teller.call(stage.client, Call::post("/v1/redemptions", &attempt), &told)?;
    let waits = text(&alone.body, "outcome") == "more_evidence_required";
    teller.check(waits, "it takes two approvals")?;
    Ok(recovery)
}

fn used(teller: &mut Teller, stage: &Stage<'_>, recovery: &str, code: &str) -> Result<(), Failure> {
    teller.chapter("The glass is broken, and everybody hears it")?;
    let attempt = attempt(code, Some(recovery))?;
    let told = ["outcome", "obligations", "window_ends_at"];
    let reply = teller.call(stage.client, Call::post("/v1/redemptions", &attempt), &told)?;
    teller.check(text(&reply.body, "outcome") == "accepted", "the code is accepted")?;
    teller
        .say("An alert at the request, at the opening and at the use; all three are in the log:")?;
    let page = stage.client.get(&format!("/v1/subjects/{SERVICE}/timeline?limit=100"))?;
    let entries = items(&page, "items");
    let alerts: Vec<String> = entries
        .iter()
        .filter_map(|item| item.pointer("/entry/data/alert")?.as_str())
        .map(ToOwned::to_owned)
        .collect();
    teller.show(&alerts.join("\n"))?;
    let loud = ["break_glass_requested", "break_glass_opened", "break_glass_used"];
    teller.check(alerts == loud, "three alerts were raised")
}

fn aftermath(
    teller: &Teller,
    stage: &Stage<'_>,
    desk: &mut Desk,
    recovery: &str,
) -> Result<String, Failure> {
    teller.say(
        "What is left of the envelope is revoked, and somebody has to look at what was done. Mette\n\
         does, and signs for it:",
    )?;
    let path = format!("/v1/inventory?subject={SERVICE}");
    let page = stage.client.get(&path)?;
    let dead = items(&page, "items").iter().all(|set| text(set, "state") == "revoked");
    teller.check(dead, "the rest of the set is revoked")?;
    let reply = desk.review(teller, stage, recovery)?;
    teller.check(reply.status == 200, "the review is on record")?;
    let event = items(&reply.body, "evidence").last().and_then(Value::as_str);
    event.map(ToOwned::to_owned).ok_or_else(|| teller.wrong("the review names its evidence"))
}

fn attempt(code: &str, recovery: Option<&str>) -> Result<Value, Failure> {
    let mut body = json!({
        "redemption_id": new_name()?, "subject": SERVICE, "code": code,
        "role": "account_recovery",
    });
    if let (Some(recovery), Some(members)) = (recovery, body.as_object_mut()) {
        members.insert("recovery_id".to_owned(), recovery.into());
    }
    Ok(body)
}
