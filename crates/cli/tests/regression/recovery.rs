//! Recoveries (REG-15, REG-16, REG-18, REG-27, F1 to F6): what opens a window, who is handed the
//! grant, and what is never enough.

use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use glassbreak_testkit::http::{Answer, Client, Failure};
use serde_json::{Value, json};

use crate::calls::{Place, Tested, attempt, fresh, issue, issuing, register};
use crate::common::{count, log, replays, timeline};
use crate::endpoints::api_key;

/// A tier with a support desk; privileged subjects in a tier of their own.
const DESK: &str = "\
[relying_party]
id = \"localhost\"
origins = [\"http://localhost\"]
[tiers.standard.support]
risk_analysis = \"RA-2026-1\"
[tiers.privileged.support]
risk_analysis = \"RA-2026-1\"
";

async fn open(client: &mut Client, body: Value) -> Result<String, Failure> {
    let answer = client.post("/v1/recoveries", &body).await?;
    let id = answer.json()["recovery_id"].as_str().map(str::to_owned);
    id.filter(|_| answer.status == 201).ok_or_else(|| answer.text().into())
}

async fn tell(
    client: &mut Client,
    recovery: &str,
    verb: &str,
    body: &Value,
) -> Result<Answer, Failure> {
    client.post(&format!("/v1/recoveries/{recovery}/{verb}"), body).await
}

async fn vouch(client: &mut Client, recovery: &str, method: &str) -> Result<Answer, Failure> {
    tell(client, recovery, "evidence", &json!({ "type": "vouched", "method": method })).await
}

/// A code to get back in, with what the caller vouches for, and in which recovery.
fn recovering(subject: &str, code: &str, presented: &[&str], recovery: Option<&str>) -> Value {
    let mut body = attempt(subject, code);
    body["role"] = "account_recovery".into();
    body["presented"] = presented.into();
    if let Some(recovery) = recovery {
        body["recovery_id"] = recovery.into();
    }
    body
}

/// What a grant says, once its signature is good under a key of the server's key set.
async fn opened_grant(client: &mut Client, grant: &str) -> Result<(Value, Value), Failure> {
    let (signed, signature) = grant.rsplit_once('.').ok_or("not a token")?;
    let (header, claims) = signed.split_once('.').ok_or("not a token")?;
    let json = |part: &str| -> Result<Value, Failure> {
        Ok(serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part)?)?)
    };
    let (header, claims) = (json(header)?, json(claims)?);
    let set = client.presenting(None).get("/.well-known/jwks.json").await?.json();
    let keys = set["keys"].as_array().cloned().unwrap_or_default();
    let key = keys.iter().find(|key| key["kid"] == header["kid"]).ok_or("no such key")?;
    let public = URL_SAFE_NO_PAD.decode(key["x"].as_str().unwrap_or_default())?;
    let signature = URL_SAFE_NO_PAD.decode(signature)?;
    let good = UnparsedPublicKey::new(&ED25519, public).verify(signed.as_bytes(), &signature);
    good.map_err(|_| "the signature is not good")?;
    Ok((header, claims))
}

#[tokio::test]
async fn reg_18_a_saved_code_alone_gets_nobody_back_in_at_aal2() -> Tested {
    let place = Place::new("reg-18")?;
    let server = place.start("", "warn")?;
    let mut client = server.client()?;
    register(&mut client, "ada", "standard").await?;
    let shown = issue(&mut client, "ada", &json!({ "count": 3 })).await?;
    let alone = recovering("ada", &shown.codes[0], &[], None);
    let answer = client.post("/v1/redemptions", &alone).await?;
    let told = answer.json();
    assert_eq!(told["outcome"], "more_evidence_required", "{}", answer.text());
    assert!(told["grant"].is_null() && told["recovery_id"].is_string(), "{told}");
    assert!(!told["alternatives"].as_array().is_none_or(Vec::is_empty), "{told}");
    let recovery = told["recovery_id"].as_str().unwrap_or_default().to_owned();
    let early = tell(&mut client, &recovery, "grant", &json!({})).await?;
    assert_eq!((early.status, early.code().as_str()), (409, "recovery_state"));
    // A second factor without the password is none either.
    let mut second_factor = attempt("ada", &shown.codes[0]);
    second_factor["presented"] = json!([]);
    let answer = client.post("/v1/redemptions", &second_factor).await?.json();
    assert_eq!(answer["outcome"], "more_evidence_required");
    assert!(answer["recovery_id"].is_null(), "{answer}");

    // With the password it is enough, and the code was not used up before.
    let with = recovering("ada", &shown.codes[0], &["password"], Some(&recovery));
    let first = client.post("/v1/redemptions", &with).await?;
    let told = first.json();
    assert_eq!(told["outcome"], "accepted", "{}", first.text());
    assert_eq!(told["recovery_id"], recovery.as_str());
    assert_eq!(told["obligations"], json!(["bind_authenticator", "replace_codes"]));
    assert_eq!(first.headers["cache-control"], "no-store");
    let again = client.post("/v1/redemptions", &with).await?.json();
    assert_eq!(again["grant"], told["grant"], "a retry is answered word for word");
    let grant = told["grant"].as_str().unwrap_or_default();
    let (header, claims) = opened_grant(&mut client, grant).await?;
    assert_eq!(header["typ"], "glassbreak-grant+jwt");
    assert_eq!((&claims["purpose"], &claims["sub"]), (&json!("reenrol"), &json!("ada")));
    assert_eq!(claims["recovery_id"], recovery.as_str());
    let lives = claims["exp"].as_i64().unwrap_or(0) - claims["iat"].as_i64().unwrap_or(0);
    assert!((60..=3600).contains(&lives), "C4: a grant lives minutes, not {lives} s");
    let rotated = client.post("/v1/keys/grant_signing/rotate", &Value::Null).await?;
    assert_eq!(rotated.status, 200, "{}", rotated.text());
    opened_grant(&mut client, grant).await?;
    assert_eq!(count(&timeline(&mut client, "ada").await?, "code.accepted"), 1);
    replays(&mut client).await?;
    Ok(())
}

/// C4, C5, C6: the window ends with a new authenticator and new codes, and not before.
#[tokio::test]
async fn c5_a_recovery_is_completed_by_a_new_authenticator_and_new_codes() -> Tested {
    let place = Place::new("recovery-window")?;
    let server = place.start("", "warn")?;
    let mut client = server.client()?;
    register(&mut client, "ada", "standard").await?;
    let shown = issue(&mut client, "ada", &json!({ "count": 2 })).await?;
    let recovery = open(&mut client, json!({ "subject": "ada", "cause": "phone_lost" })).await?;
    let vouched = vouch(&mut client, &recovery, "password").await?.json();
    assert_eq!(vouched["outcome"], "more_evidence_required");
    assert!(vouched["grant"].is_null());
    // The evidence of the recovery counts: the code comes with no password of its own.
    let body = recovering("ada", &shown.codes[0], &[], Some(&recovery));
    let accepted = client.post("/v1/redemptions", &body).await?.json();
    assert_eq!(accepted["outcome"], "accepted", "{accepted}");
    let nothing = json!({ "authenticator_bound": false });
    let early = tell(&mut client, &recovery, "complete", &nothing).await?;
    assert_eq!((early.status, early.code().as_str()), (409, "obligations_unmet"));
    let done = json!({ "authenticator_bound": true });
    let half = tell(&mut client, &recovery, "complete", &done).await?.json();
    assert_eq!(
        (&half["state"], &half["obligations"]),
        (&json!("window"), &json!(["replace_codes"]))
    );
    issue(&mut client, "ada", &json!({ "reason": "reissue_after_recovery" })).await?;
    let whole = tell(&mut client, &recovery, "complete", &done).await?.json();
    assert_eq!(whole["state"], "completed", "{whole}");
    let late = tell(&mut client, &recovery, "grant", &json!({})).await?;
    assert_eq!(late.code(), "recovery_state");
    let seen = client.get(&format!("/v1/recoveries/{recovery}")).await?;
    assert!(!seen.text().contains("eyJ"), "a grant is shown once: {}", seen.text());
    assert_eq!(seen.json()["items"][1]["method"], "saved_code", "{}", seen.text());
    let burden = client.get("/v1/recoveries/burden").await?.json();
    assert_eq!((&burden["opened"], &burden["by_cause"]["phone_lost"]), (&json!(1), &json!(1)));
    assert_eq!(burden["by_outcome"]["completed"], 1, "{burden}");
    assert_eq!(burden["time_to_restore"]["count"], 1, "{burden}");
    let listed = client.get("/v1/recoveries?subject=ada&state=completed").await?.json();
    assert_eq!(listed["items"][0]["recovery_id"], recovery.as_str());
    let none = client.get("/v1/recoveries?subject=nobody").await?.json();
    assert_eq!(none["items"], json!([]));
    replays(&mut client).await?;
    Ok(())
}

#[tokio::test]
async fn reg_15_no_authenticator_is_rebound_with_a_password_only() -> Tested {
    let place = Place::new("reg-15")?;
    let server = place.start("", "warn")?;
    let mut client = server.client()?;
    for assurance in ["aal2", "aal3"] {
        let subject = format!("ada-{assurance}");
        let body = json!({ "kind": "person", "assurance": assurance, "ial": "ial2" });
        assert_eq!(client.put(&format!("/v1/subjects/{subject}"), &body).await?.status, 201);
        let recovery = open(&mut client, json!({ "subject": subject })).await?;
        for method in ["password", "authenticator", "password"] {
            let after = vouch(&mut client, &recovery, method).await?;
            assert_eq!(after.json()["outcome"], "more_evidence_required", "{}", after.text());
            assert!(!after.text().contains("eyJ"), "{}", after.text());
        }
        // A comparison of faces, a code and an approval are no matter of a caller's word.
        for method in ["biometric_proofing", "saved_code", "approval", "second_approval"] {
            let body = json!({ "type": "vouched", "method": method });
            let refused = tell(&mut client, &recovery, "evidence", &body).await?;
            assert_eq!(refused.code(), "invalid_request", "{method}");
        }
        let done = json!({ "authenticator_bound": true });
        for (verb, body) in [("grant", json!({})), ("complete", done)] {
            let refused = tell(&mut client, &recovery, verb, &body).await?;
            assert_eq!(
                (refused.status, refused.code().as_str()),
                (409, "recovery_state"),
                "{verb}"
            );
        }
        let timeline = timeline(&mut client, &subject).await?;
        let told = "each piece is audited; the same word twice is one piece";
        assert_eq!(count(&timeline, "recovery.evidence_added"), 2, "{told}");
        assert_eq!(count(&timeline, "recovery.satisfied"), 0);
    }
    replays(&mut client).await?;
    Ok(())
}

#[tokio::test]
async fn reg_16_a_stolen_session_without_step_up_regenerates_no_codes() -> Tested {
    let place = Place::new("reg-16")?;
    let server = place.start("", "warn")?;
    let mut client = server.client()?;
    for (assurance, sessions) in [("aal2", &["aal1"][..]), ("aal3", &["aal1", "aal2"])] {
        let subject = format!("ada-{assurance}");
        let body = json!({ "kind": "person", "assurance": assurance });
        assert_eq!(client.put(&format!("/v1/subjects/{subject}"), &body).await?.status, 201);
        let shown =
            issue(&mut client, &subject, &json!({ "session_assurance": assurance })).await?;
        // An open recovery is no way round it.
        open(&mut client, json!({ "subject": subject })).await?;
        let path = format!("/v1/subjects/{subject}/code-sets");
        let mut tried = 0;
        for session in sessions {
            for reason in ["enrolment", "replacement", "reissue_after_recovery", "support_case"] {
                let more = json!({ "session_assurance": session, "reason": reason });
                let refused = client.post(&path, &issuing(&more)).await?;
                assert_eq!((refused.status, refused.code().as_str()), (403, "issue_not_allowed"));
                tried += 1;
            }
        }
        let timeline = timeline(&mut client, &subject).await?;
        assert_eq!(count(&timeline, "code_set.issue_refused"), tried, "each refusal is audited");
        assert_eq!(count(&timeline, "code_set.issued"), 1);
        let set = client.get(&format!("/v1/inventory?subject={subject}")).await?.json();
        assert_eq!(set["items"][0]["set_id"], shown.set.as_str());
        assert_eq!(set["items"][0]["state"], "active", "the old set is untouched");
    }
    // With the step-up there is still a limit.
    register(&mut client, "bea", "standard").await?;
    let mut statuses = Vec::new();
    for _ in 0..7 {
        statuses
            .push(client.post("/v1/subjects/bea/code-sets", &issuing(&json!({}))).await?.status);
    }
    assert_eq!(statuses, [201, 201, 201, 201, 201, 429, 429]);
    Ok(())
}

/// F1 to F4: a case is verified twice by an appointed agent and approved by somebody else; the desk
/// sees neither code nor grant.
#[tokio::test]
async fn f2_a_case_needs_two_looks_and_an_approval_and_its_agent_is_handed_nothing() -> Tested {
    let place = Place::new("recovery-case")?;
    let server = place.start(DESK, "warn")?;
    let mut admin = server.client()?;
    for subject in ["ada", "sam", "eve"] {
        register(&mut admin, subject, "standard").await?;
    }
    register(&mut admin, "root", "privileged").await?;
    let (_, key) = api_key(&mut admin, &["support"]).await?;
    let mut desk = admin.presenting(Some(&key));
    let case = |subject: &str| json!({ "subject": subject, "agent": "sam", "reference": "T-1" });
    let unknown = desk.post("/v1/recoveries", &case("ada")).await?;
    assert_eq!((unknown.status, unknown.code().as_str()), (422, "operator_unknown"));
    let appointed = admin.put("/v1/operators/sam", &json!({ "duties": ["support"] })).await?;
    assert_eq!(appointed.json()["duties"], json!(["support"]), "{}", appointed.text());
    let seen = admin.get("/v1/operators/sam").await?.json();
    assert_eq!((&seen["duties"], &seen["passkeys"]), (&json!(["support"]), &json!([])));

    for (subject, needed) in [("ada", 1), ("root", 2)] {
        let recovery = open(&mut desk, case(subject)).await?;
        // A case is not the subject's own recovery, nor the reverse.
        let own = json!({ "subject": subject });
        assert_eq!(desk.post("/v1/recoveries", &own).await?.code(), "scope_missing");
        let checks = json!(["document"]);
        let proofing = json!({ "type": "proofing", "agent": "sam", "level": "ial2",
            "checks": checks, "reference": "P-1" });
        let proofed = tell(&mut desk, &recovery, "evidence", &proofing).await?;
        assert_eq!(proofed.json()["outcome"], "more_evidence_required", "{}", proofed.text());
        let by_itself = open(&mut admin, json!({ "subject": subject })).await?;
        let elsewhere = tell(&mut desk, &by_itself, "evidence", &proofing).await?;
        let told = (elsewhere.status, elsewhere.code());
        assert_eq!(told, (409, "not_a_case".to_owned()), "N63B-RM-02: agents work in cases");
        let look = |agent: &str, check: &str| {
            json!({ "type": "second_verification", "agent": agent, "check": check,
                "reference": "V-1" })
        };
        let same = tell(&mut desk, &recovery, "evidence", &look("sam", "document")).await?;
        assert_eq!(same.code(), "invalid_request", "F2: one look is not two");
        let stranger = tell(&mut desk, &recovery, "evidence", &look("eve", "call_back")).await?;
        assert_eq!(stranger.code(), "operator_unknown");
        let second = tell(&mut desk, &recovery, "evidence", &look("sam", "call_back")).await?;
        assert_eq!(second.json()["outcome"], "more_evidence_required", "{}", second.text());
        assert!(second.json()["grant"].is_null());
        let fetched = tell(&mut desk, &recovery, "grant", &json!({})).await?;
        assert_eq!(fetched.code(), "scope_missing", "F4: the desk fetches no grant");
        let text_message = json!({ "channel": "sms" });
        let sending = tell(&mut desk, &recovery, "issued-codes", &text_message).await?;
        assert_eq!(sending.code(), "channel_not_configured");
        // What approvers sign is there to see, and changes with the case.
        let seen = desk.get(&format!("/v1/recoveries/{recovery}")).await?.json();
        let approvals = &seen["approvals"];
        assert_eq!((&approvals["given"], &approvals["needed"]), (&json!(0), &json!(needed)));
        let hex = approvals["case_digest"].as_str().unwrap_or_default();
        let challenge = approvals["challenge"].as_str().unwrap_or_default();
        let digest = URL_SAFE_NO_PAD.decode(challenge)?;
        assert_eq!(glassbreak_engine::core::digest::hex(&digest), hex);
        assert_eq!(seen["agent"], "sam");
        tell(&mut desk, &recovery, "evidence", &look("sam", "video")).await?;
        let after = desk.get(&format!("/v1/recoveries/{recovery}")).await?.json();
        assert_ne!(after["approvals"]["case_digest"], approvals["case_digest"]);
        let review = json!({ "reviewer": "sam", "assertion": {} });
        let reviewed = tell(&mut admin, &recovery, "review", &review).await?;
        assert_eq!(reviewed.code(), "recovery_state", "there is nothing to review");
        let cancelled = tell(&mut desk, &recovery, "cancel", &json!({})).await?.json();
        assert_eq!(cancelled["state"], "cancelled");
        let late = tell(&mut desk, &recovery, "evidence", &look("sam", "manager")).await?;
        assert_eq!(late.code(), "recovery_state");
    }
    replays(&mut admin).await?;
    Ok(())
}

/// F4, F2: a desk may be careless or worse.
#[tokio::test]
async fn f4_a_code_is_no_reference_and_nobody_vouches_for_themselves_or_after_leaving() -> Tested {
    let place = Place::new("recovery-careless")?;
    let server = place.start(DESK, "warn")?;
    let mut admin = server.client()?;
    for subject in ["ada", "sam"] {
        register(&mut admin, subject, "standard").await?;
    }
    admin.put("/v1/operators/sam", &json!({ "duties": ["support"] })).await?;
    let (_, key) = api_key(&mut admin, &["support"]).await?;
    let mut desk = admin.presenting(Some(&key));
    let case = |subject: &str| json!({ "subject": subject, "agent": "sam", "reference": "T-1" });
    // References are in the log.
    let shown = issue(&mut admin, "ada", &json!({})).await?;
    let body = json!({ "subject": "ada", "agent": "sam", "reference": shown.codes[0] });
    let refused = desk.post("/v1/recoveries", &body).await?;
    assert_eq!(refused.code(), "invalid_request");
    assert!(!refused.text().contains(&shown.codes[0]));
    let own = open(&mut desk, case("sam")).await?;
    let look = json!({ "type": "second_verification", "agent": "sam", "check": "video",
        "reference": "V-1" });
    assert_eq!(tell(&mut desk, &own, "evidence", &look).await?.code(), "operator_unknown");
    let left = json!({ "type": "subject_left" });
    admin.post("/v1/subjects/sam/lifecycle-events", &left).await?;
    assert_eq!(desk.post("/v1/recoveries", &case("ada")).await?.code(), "operator_unknown");
    replays(&mut admin).await?;
    Ok(())
}

/// N63B-RM-02, H4, NHI10: what is asked for before a case, an emergency and a duty.
#[tokio::test]
async fn n63b_rm_02_a_desk_without_a_risk_analysis_opens_nothing() -> Tested {
    let place = Place::new("recovery-desk")?;
    let server = place.start("", "warn")?;
    let mut admin = server.client()?;
    for subject in ["ada", "sam"] {
        register(&mut admin, subject, "standard").await?;
    }
    admin.put("/v1/operators/sam", &json!({ "duties": ["support", "approve"] })).await?;
    let case = json!({ "subject": "ada", "agent": "sam" });
    let refused = admin.post("/v1/recoveries", &case).await?;
    assert_eq!(refused.code(), "invalid_request");
    assert!(refused.text().contains("N63B-RM-02"), "{}", refused.text());
    let emergency = json!({ "subject": "ada", "cause": "emergency" });
    assert!(admin.post("/v1/recoveries", &emergency).await?.text().contains("NHI10"));
    let bot = json!({ "kind": "agent", "assurance": "aal1", "owner": "ada" });
    assert_eq!(admin.put("/v1/subjects/bot", &bot).await?.status, 201);
    let refused = admin.put("/v1/operators/bot", &json!({ "duties": ["approve"] })).await?;
    assert!(refused.text().contains("H4"), "{}", refused.text());
    let none = admin.put("/v1/operators/nobody", &json!({ "duties": ["support"] })).await?;
    assert_eq!((none.status, none.code().as_str()), (404, "subject_unknown"));
    for path in [format!("/v1/recoveries/{}", fresh()), "/v1/operators/nobody".to_owned()] {
        assert_eq!(admin.get(&path).await?.status, 404, "{path}");
    }
    Ok(())
}

/// REG-27: each use, issue by an administrator and reset leaves exactly one entry to tell people
/// of, a retry none; an alarm is raised for what is alarming and for nothing else.
#[tokio::test]
async fn reg_27_one_entry_for_each_thing_that_happened_and_none_without() -> Tested {
    let place = Place::new("reg-27")?;
    let server = place.start("", "warn")?;
    let mut client = server.client()?;
    register(&mut client, "ada", "standard").await?;
    register(&mut client, "sam", "standard").await?;
    let named = |name: &'static str| [("idempotency-key", name)];
    let mut again = client.another();
    let issued = issuing(&json!({ "count": 3 })).to_string();
    let mut codes = Vec::new();
    for _ in 0..2 {
        let path = "/v1/subjects/ada/code-sets";
        let answer = again.send("POST".parse()?, path, &named("i"), issued.clone()).await?;
        codes.extend(answer.json()["codes"].as_array().cloned().unwrap_or_default());
    }
    assert_eq!(codes.len(), 3, "shown once");
    let code = codes[0].as_str().unwrap_or_default();
    let body = recovering("ada", code, &["password"], None);
    for _ in 0..3 {
        assert_eq!(client.post("/v1/redemptions", &body).await?.json()["outcome"], "accepted");
    }
    let emergency = json!({ "subject": "ada", "cause": "emergency", "requester": "sam",
        "reference": "INC-7" })
    .to_string();
    for status in [201, 200, 200] {
        let path = "/v1/recoveries";
        let answer = again.send("POST".parse()?, path, &named("e"), emergency.clone()).await?;
        assert_eq!(answer.status, status, "{}", answer.text());
    }
    let reset = json!({ "type": "account_reset" }).to_string();
    for _ in 0..2 {
        let path = "/v1/subjects/ada/lifecycle-events";
        again.send("POST".parse()?, path, &named("r"), reset.clone()).await?;
    }
    let timeline = timeline(&mut client, "ada").await?;
    for (kind, expected) in [
        ("code_set.issued", 1),
        ("code.accepted", 1),
        ("recovery.opened", 1),
        // The emergency, and the window that the reset ended.
        ("alert.raised", 2),
        ("lifecycle.reported", 1),
    ] {
        assert_eq!(count(&timeline, kind), expected, "{kind}");
    }
    let alarms = log(&mut client).await?;
    assert_eq!(count(&alarms, "alert.raised"), 2, "an ordinary recovery raises no alarm");
    replays(&mut client).await?;
    Ok(())
}

/// REG-29: a key that enrols cannot turn a privileged subject into one that recovers with a code
/// and somebody's word for a password.
#[tokio::test]
async fn reg_29_no_enrolment_key_lowers_a_subjects_protection() -> Tested {
    let place = Place::new("reg-29-lowered")?;
    let server = place.start("", "warn")?;
    let mut client = server.client()?;
    let high = json!({
        "kind": "person", "tier": "privileged", "assurance": "aal2", "ial": "ial2",
    });
    assert_eq!(client.put("/v1/subjects/root", &high).await?.status, 201);
    let (_, key) = api_key(&mut client, &["issue", "redeem"]).await?;
    let mut enrols = client.presenting(Some(&key));
    let lower = [("tier", "standard"), ("assurance", "aal1"), ("ial", "ial1"), ("kind", "service")];
    for (field, value) in lower {
        let mut body = high.clone();
        body[field] = value.into();
        let refused = enrols.put("/v1/subjects/root", &body).await?;
        let told = (refused.status, refused.code());
        assert_eq!(told, (403, "scope_missing".to_owned()), "{field}: {}", refused.text());
    }
    let mut raised = high.clone();
    raised["assurance"] = "aal3".into();
    assert_eq!(enrols.put("/v1/subjects/root", &raised).await?.status, 200, "more is no secret");
    assert_eq!(client.put("/v1/subjects/root", &high).await?.status, 200, "admin may");
    Ok(())
}
