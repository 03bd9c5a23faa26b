//! The second story: an administrator lost the phone, and the help desk brings her back in without
//! anybody being able to do it alone.

use serde_json::{Value, json};

use super::Stage;
use super::passkey::Passkey;
use super::phone::Phone;
use super::teller::{Call, Teller};
use crate::client::Reply;
use crate::command::redeem::new_name;
use crate::exit::Failure;
use crate::output::{items, text};

/// Whose passkeys approve: those of this machine's own pages.
pub(super) const RELYING_PARTY: &str = "localhost";

/// Who works at the support desk.
const AGENT: &str = "hana.suzuki";
/// Who is to get back in: the realm's administrator.
const SOFIA: &str = "sofia.marino";

/// The people whose word it takes.
pub(super) struct Desk {
    approvers: [(&'static str, Passkey); 2],
}

impl Desk {
    /// Appoints them, each with a passkey.
    pub(super) fn open(teller: &mut Teller, stage: &Stage<'_>) -> Result<Self, Failure> {
        teller.chapter("A help desk, by name")?;
        teller.say(
            "Hana works at the desk. Mette and Tariq approve, each with a passkey of their own. Whose\n\
             public key it is goes into the log, so that an approval can be checked for ever.",
        )?;
        let duties = json!({ "duties": ["support"] });
        let path = format!("/v1/operators/{AGENT}");
        let told = ["subject", "duties"];
        let agent = teller.call(stage.client, Call::put(&path, &duties), &told)?;
        teller.check(agent.status == 200, "Hana is appointed")?;
        let approvers =
            [approver(teller, stage, "mette.holm")?, approver(teller, stage, "tariq.aziz")?];
        Ok(Self { approvers })
    }

    /// Both approve, one after the other.
    pub(super) fn approve(
        &mut self,
        teller: &Teller,
        stage: &Stage<'_>,
        recovery: &str,
    ) -> Result<(), Failure> {
        for (name, passkey) in &mut self.approvers {
            let reply = approve(teller, stage, recovery, name, passkey)?;
            teller.check(reply.status == 200, "the approval counts")?;
        }
        Ok(())
    }

    /// The first of them signs for having looked at what was done in an emergency.
    pub(super) fn review(
        &mut self,
        teller: &Teller,
        stage: &Stage<'_>,
        recovery: &str,
    ) -> Result<Reply, Failure> {
        let [(name, passkey), _] = &mut self.approvers;
        let path = format!("/v1/recoveries/{recovery}/review");
        let to_sign = stage.client.get(&format!("{path}/options?reviewer={name}"))?;
        let options = to_sign.get("options").cloned().unwrap_or_default();
        let body = json!({ "reviewer": name, "assertion": passkey.get(&options)? });
        teller.call(stage.client, Call::post(&path, &body), &["state", "reviewed_at"])
    }
}

fn approver(
    teller: &Teller,
    stage: &Stage<'_>,
    name: &'static str,
) -> Result<(&'static str, Passkey), Failure> {
    let duties = json!({ "duties": ["approve"] });
    stage.client.put(&format!("/v1/operators/{name}"), &duties)?;
    Ok((name, enrol(teller, stage, name)?))
}

/// A new passkey of an operator, enrolled.
fn enrol(teller: &Teller, stage: &Stage<'_>, name: &str) -> Result<Passkey, Failure> {
    let path = format!("/v1/operators/{name}/passkeys");
    let mut passkey = Passkey::new(RELYING_PARTY, &stage.origin)?;
    let options = stage.client.post(&format!("{path}/options"), &json!({}), None)?;
    let options = options.get("options").cloned().unwrap_or_default();
    let body = json!({ "credential": passkey.create(&options)? });
    let enrolled = stage.client.post(&path, &body, None)?;
    teller.check(items(&enrolled, "passkeys").len() == 1, "the passkey is enrolled")?;
    Ok(passkey)
}

fn approve(
    teller: &Teller,
    stage: &Stage<'_>,
    recovery: &str,
    name: &str,
    passkey: &mut Passkey,
) -> Result<Reply, Failure> {
    let path = format!("/v1/recoveries/{recovery}/approvals");
    let to_sign = stage.client.get(&format!("{path}/options?approver={name}"))?;
    let options = to_sign.get("options").cloned().unwrap_or_default();
    let body = json!({ "word": "approve", "approver": name, "assertion": passkey.get(&options)? });
    teller.call(stage.client, Call::post(&path, &body), &["state", "code", "reasons"])
}

/// The case, from request to re-enrolment.
pub(super) fn case(
    teller: &mut Teller,
    stage: &Stage<'_>,
    desk: &mut Desk,
    phone: &Phone,
) -> Result<(), Failure> {
    teller.chapter("The administrator calls: phone lost, codes lost")?;
    let path = format!("/v1/subjects/{SOFIA}");
    let body = json!({
        "kind": "person", "tier": "privileged", "assurance": "aal2", "ial": "ial2",
        "notification_addresses": [
            { "channel": "sms", "address": "+49305550142", "verified": true },
        ],
    });
    stage.client.put(&path, &body)?;
    teller.say("Hana opens a case. The policy says what it takes; nobody keeps a second list:")?;
    let body = json!({
        "subject": SOFIA, "agent": AGENT, "cause": "phone_lost", "reference": "CASE-4711",
    });
    let told = ["state", "opened_by", "alternatives"];
    let opened = teller.call(stage.client, Call::post("/v1/recoveries", &body), &told)?;
    teller.check(opened.status == 201, "the case is open")?;
    let recovery = text(&opened.body, "recovery_id");
    teller.say("Somebody in a hurry asks for the code at once:")?;
    let refused = send(teller, stage, &recovery)?;
    teller.check(refused.status == 403, "nothing is released before its time")?;
    gather(teller, stage, &recovery)?;
    approvals(teller, stage, desk, &recovery)?;
    let code = release(teller, stage, phone, &recovery)?;
    back_in(teller, stage, &recovery, &code)
}

fn send(teller: &Teller, stage: &Stage<'_>, recovery: &str) -> Result<Reply, Failure> {
    let path = format!("/v1/recoveries/{recovery}/issued-codes");
    let body = json!({ "channel": "sms" });
    let told = ["channel", "expires_at", "code", "reasons"];
    teller.call(stage.client, Call::post(&path, &body), &told)
}

fn gather(teller: &Teller, stage: &Stage<'_>, recovery: &str) -> Result<(), Failure> {
    teller.say(
        "Identity is proofed as at enrolment, and verified again in another way before release.\n\
         What is kept is who looked at what, and where the record lies; no pictures.",
    )?;
    let path = format!("/v1/recoveries/{recovery}/evidence");
    let pieces = [
        json!({ "type": "proofing", "agent": AGENT, "level": "ial2",
            "checks": ["document", "video"], "reference": "DOC-88" }),
        json!({ "type": "second_verification", "agent": AGENT,
            "check": "call_back", "reference": "CALL-12" }),
    ];
    for piece in &pieces {
        let reply = teller.call(stage.client, Call::post(&path, piece), &["outcome", "state"])?;
        teller.check(reply.status == 200, "the evidence is taken")?;
    }
    Ok(())
}

fn approvals(
    teller: &mut Teller,
    stage: &Stage<'_>,
    desk: &mut Desk,
    recovery: &str,
) -> Result<(), Failure> {
    teller.chapter("Two people approve, and it is not the one who opened it")?;
    teller
        .say("Hana is appointed to approve as well, as small teams do. Her own case she cannot:")?;
    let duties = json!({ "duties": ["support", "approve"] });
    stage.client.put(&format!("/v1/operators/{AGENT}"), &duties)?;
    let mut own = enrol(teller, stage, AGENT)?;
    let refused = approve(teller, stage, recovery, AGENT, &mut own)?;
    teller.check(refused.status == 403, "who opened the case approves nothing in it")?;
    teller.say(
        "Mette and Tariq sign the digest of exactly this case. Had it changed since, their\n\
         signatures would be over something else, and count for nothing:",
    )?;
    desk.approve(teller, stage, recovery)
}

/// The code, which only the phone has seen.
fn release(
    teller: &mut Teller,
    stage: &Stage<'_>,
    phone: &Phone,
    recovery: &str,
) -> Result<String, Failure> {
    teller.chapter("The code goes to Sofia, past the help desk")?;
    let sent = send(teller, stage, recovery)?;
    teller.check(sent.status == 201, "now it is released")?;
    teller.check(sent.body.get("code").is_none(), "the agent does not see the code")?;
    let message = phone.code()?;
    teller.say("On the telephone that was on record:")?;
    let code = find_code(&message).ok_or_else(|| teller.wrong("the message has the code"))?;
    teller.show(&format!("✉  {code}"))?;
    Ok(code)
}

/// The digits in a message of the gateway.
fn find_code(message: &Value) -> Option<String> {
    match message {
        Value::String(text) => {
            let digits = text.chars().filter(char::is_ascii_digit).count();
            let only = text.chars().all(|c| c.is_ascii_digit() || c == '-');
            (only && digits == 8).then(|| text.clone())
        }
        Value::Object(members) => members.values().find_map(find_code),
        Value::Array(items) => items.iter().find_map(find_code),
        _ => None,
    }
}

fn back_in(
    teller: &mut Teller,
    stage: &Stage<'_>,
    recovery: &str,
    code: &str,
) -> Result<(), Failure> {
    teller.chapter("A grant for one thing, for fifteen minutes")?;
    let body = json!({
        "redemption_id": new_name()?, "subject": SOFIA, "code": code,
        "role": "account_recovery", "recovery_id": recovery,
    });
    let told = ["outcome", "grant", "obligations", "window_ends_at"];
    let reply = teller.call(stage.client, Call::post("/v1/redemptions", &body), &told)?;
    teller.check(text(&reply.body, "outcome") == "accepted", "Sofia is back in")?;
    teller.say(
        "The grant is a signed token that is good for re-enrolment and nothing else; the keys to\n\
         check it are at /.well-known/jwks.json. Within the window Sofia binds a new\n\
         authenticator and takes new codes. If she did not, the path would close.",
    )?;
    finish(teller, stage, SOFIA, recovery)
}

/// A new authenticator and new codes end a recovery.
pub(super) fn finish(
    teller: &Teller,
    stage: &Stage<'_>,
    subject: &str,
    recovery: &str,
) -> Result<(), Failure> {
    let body = json!({ "reason": "reissue_after_recovery", "session_assurance": "aal2" });
    let issued = stage.client.post(&format!("/v1/subjects/{subject}/code-sets"), &body, None)?;
    if text(&issued, "state") == "offered" {
        teller.say("The new codes count once their holder has shown to have them:")?;
        let code = items(&issued, "codes").first().and_then(Value::as_str).unwrap_or_default();
        let path = format!("/v1/code-sets/{}/confirm", text(&issued, "set_id"));
        let confirmed = stage.client.post(&path, &json!({ "code": code }), None)?;
        teller.check(text(&confirmed, "state") == "active", "the new set is active")?;
    }
    let path = format!("/v1/recoveries/{recovery}/complete");
    let body = json!({ "authenticator_bound": true });
    let done = teller.call(stage.client, Call::post(&path, &body), &["state"])?;
    teller.check(text(&done.body, "state") == "completed", "the recovery is completed")
}
