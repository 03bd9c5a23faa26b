//! What events become: the table of `docs/SIGNALS.md`, row by row.

use std::collections::BTreeSet;

use glassbreak_core::lifecycle::{Effect, LifecycleKind};
use glassbreak_signals::set::event::{self, Event};
use glassbreak_signals::set::{Consequence, Question, consequence};
use serde_json::{Value, json};

use Consequence::{Ask, Keep, Report};
use LifecycleKind as Kind;

fn event(name: &str, payload: &Value) -> Event {
    let uri = format!("https://schemas.openid.net/secevent/{name}");
    let uri = uri.replacen("caep/", "caep/event-type/", 1).replacen("risc/", "risc/event-type/", 1);
    let uri = uri.replacen("ssf/", "ssf/event-type/", 1);
    let read = Event::read(&uri, payload.as_object().unwrap());
    let event = read.unwrap_or_else(|misfit| panic!("{uri}: {misfit}"));
    assert!(!matches!(event, Event::Unknown { .. }), "{uri}");
    assert_eq!((event.uri(), Value::from(event.payload())), (uri, payload.clone()));
    event
}

fn credential(kind: &str, change: &str) -> Value {
    json!({ "credential_type": kind, "change_type": change })
}

fn risk(principal: &str, level: &str) -> Value {
    json!({ "principal": principal, "current_level": level })
}

fn compliance(from: &str, to: &str) -> Value {
    json!({ "previous_status": from, "current_status": to })
}

/// An event, its payload, and what it becomes.
type Row = (&'static str, Value, Consequence);

fn rows() -> Vec<Row> {
    [sessions_and_credentials(), levels(), accounts(), streams()].concat()
}

fn sessions_and_credentials() -> Vec<Row> {
    vec![
        ("caep/session-revoked", json!({}), Keep),
        ("caep/session-established", json!({ "amr": ["otp"], "acr": "AAL2" }), Keep),
        ("caep/session-presented", json!({ "ext_id": "1" }), Keep),
        ("caep/token-claims-change", json!({ "claims": { "trusted": false } }), Keep),
        (
            "caep/token-claims-change",
            json!({ "claims": { "http://schemas.example/claims/role": "ro", "groups": [] } }),
            Report(&[Kind::RoleChanged]),
        ),
        (
            "caep/token-claims-change",
            json!({ "claims": { "Groups": ["admins"] } }),
            Report(&[Kind::PrivilegesChanged]),
        ),
        (
            "caep/credential-change",
            credential("fido2-roaming", "create"),
            Report(&[Kind::MfaChanged]),
        ),
        ("caep/credential-change", credential("app", "update"), Report(&[Kind::DeviceReplaced])),
        ("caep/credential-change", credential("phone-sms", "revoke"), Report(&[Kind::DeviceLost])),
        ("caep/credential-change", credential("their-own", "delete"), Report(&[Kind::MfaChanged])),
        ("caep/credential-change", credential("password", "update"), Keep),
        ("caep/credential-change", credential("pin", "revoke"), Ask(Question::PasswordRevoked)),
        ("caep/credential-change", credential("recovery-code", "revoke"), Keep),
    ]
}

fn levels() -> Vec<Row> {
    let level = json!({ "namespace": "NIST-AAL", "current_level": "nist-aal1" });
    let with = |name: &str, value: &str| {
        let mut level = level.clone();
        level[name] = json!(value);
        level
    };
    vec![
        ("caep/assurance-level-change", with("change_direction", "increase"), Keep),
        (
            "caep/assurance-level-change",
            with("change_direction", "decrease"),
            Ask(Question::AssuranceFell),
        ),
        (
            "caep/assurance-level-change",
            with("previous_level", "nist-aal2"),
            Ask(Question::AssuranceFell),
        ),
        ("caep/assurance-level-change", with("previous_level", "nist-aal1"), Keep),
        ("caep/assurance-level-change", level, Keep),
        (
            "caep/device-compliance-change",
            compliance("compliant", "not-compliant"),
            Report(&[Kind::RiskRaised]),
        ),
        (
            "caep/device-compliance-change",
            compliance("not-compliant", "compliant"),
            Ask(Question::RiskElsewhereFell),
        ),
        ("caep/device-compliance-change", compliance("compliant", "compliant"), Keep),
        ("caep/risk-level-change", risk("USER", "HIGH"), Report(&[Kind::RiskRaised])),
        ("caep/risk-level-change", risk("USER", "MEDIUM"), Keep),
        ("caep/risk-level-change", risk("USER", "LOW"), Report(&[Kind::RiskCleared])),
        ("caep/risk-level-change", risk("DEVICE", "HIGH"), Report(&[Kind::RiskRaised])),
        ("caep/risk-level-change", risk("SESSION", "LOW"), Ask(Question::RiskElsewhereFell)),
        ("caep/risk-level-change", risk("TENANT", "HIGH"), Ask(Question::RiskOfMany)),
        ("caep/risk-level-change", risk("GROUP", "LOW"), Keep),
    ]
}

fn accounts() -> Vec<Row> {
    vec![
        ("risc/account-credential-change-required", json!({}), Report(&[Kind::MfaChanged])),
        ("risc/account-purged", json!({}), Report(&[Kind::SubjectLeft])),
        ("risc/account-disabled", json!({}), Report(&[Kind::AccountDisabled])),
        (
            "risc/account-disabled",
            json!({ "reason": "bulk-account" }),
            Report(&[Kind::AccountDisabled]),
        ),
        (
            "risc/account-disabled",
            json!({ "reason": "hijacking" }),
            Report(&[Kind::AccountDisabled, Kind::PrimaryFactorCompromised]),
        ),
        ("risc/account-enabled", json!({}), Report(&[Kind::AccountEnabled])),
        ("risc/identifier-changed", json!({ "new-value": "a@b.c" }), Ask(Question::Identifier)),
        ("risc/identifier-recycled", json!({}), Ask(Question::Identifier)),
        (
            "risc/credential-compromise",
            json!({ "credential_type": "password", "event_timestamp": 1, "reason_admin": { "en": "x" } }),
            Report(&[Kind::PrimaryFactorCompromised]),
        ),
        (
            "risc/credential-compromise",
            json!({ "credential_type": "recovery-code", "event_timestamp": 1 }),
            Keep,
        ),
        ("risc/opt-in", json!({}), Keep),
        ("risc/opt-out-initiated", json!({}), Keep),
        ("risc/opt-out-cancelled", json!({}), Keep),
        ("risc/opt-out-effective", json!({}), Ask(Question::Silence)),
        ("risc/recovery-activated", json!({}), Keep),
        ("risc/recovery-information-changed", json!({}), Keep),
        ("risc/sessions-revoked", json!({}), Keep),
    ]
}

fn streams() -> Vec<Row> {
    vec![
        ("ssf/verification", json!({ "state": "x" }), Consequence::Verified),
        ("ssf/stream-updated", json!({ "status": "enabled" }), Keep),
        ("ssf/stream-updated", json!({ "status": "paused" }), Ask(Question::Silence)),
        (
            "ssf/stream-updated",
            json!({ "status": "disabled", "reason": "x" }),
            Ask(Question::Silence),
        ),
    ]
}

#[test]
fn d1_to_d9_each_event_asks_of_us_what_the_table_says() {
    let mut seen = BTreeSet::new();
    for (name, payload, expected) in rows() {
        let event = event(name, &payload);
        assert_eq!(consequence(&event), expected, "{name} {payload}");
        seen.insert(event.uri());
    }
    let read: BTreeSet<String> = event::types().collect();
    assert_eq!(read.len(), 22, "8 of CAEP, 14 of RISC");
    assert!(read.is_subset(&seen), "a type without a row: {:?}", read.difference(&seen));
}

#[test]
fn the_table_in_the_documents_is_this_one() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let document = std::fs::read_to_string(root.join("../../docs/SIGNALS.md")).unwrap();
    for (name, payload, expected) in rows() {
        let uri = event(name, &payload).uri();
        let short = uri.rsplit('/').next().unwrap();
        let lines: Vec<&str> = document
            .lines()
            .filter(|line| line.starts_with('|') && line.contains(&format!("`{short}`")))
            .collect();
        let says = match expected {
            Report(kinds) => kinds.iter().map(|kind| format!("`{}`", kind.name())).collect(),
            Ask(question) => vec![format!("ask `{}`", question.name())],
            Keep => vec!["keep".to_owned()],
            Consequence::Verified => vec!["check the state".to_owned()],
        };
        let holds = lines.iter().any(|line| says.iter().all(|word| line.contains(word)));
        assert!(holds, "docs/SIGNALS.md has no row that says {says:?} of {short} {payload}");
    }
}

#[test]
fn d9_a_compromise_revokes_and_an_account_that_is_enabled_gets_nothing_revoked_back() {
    for (_, _, expected) in rows() {
        let Report(kinds) = expected else { continue };
        assert!(!kinds.is_empty());
        for kind in kinds {
            let effect = kind.effect_floor();
            if *kind == Kind::PrimaryFactorCompromised {
                assert!(effect >= Effect::Revoke);
            }
        }
    }
    assert_eq!(Kind::AccountEnabled.effect_default(), Effect::Resume);
}

#[test]
fn an_event_of_another_type_is_kept_whole() {
    let payload = json!({ "anything": [1, { "at": "all" }] });
    for uri in [
        "urn:ietf:params:scim:event:prov:deactivate",
        "https://schemas.openid.net/secevent/caep/event-type/new-in-2030",
        "https://schemas.openid.net/secevent/risc/event-type/",
        "",
    ] {
        let event = Event::read(uri, payload.as_object().unwrap()).unwrap();
        assert!(matches!(event, Event::Unknown { .. }), "{uri}");
        assert_eq!((event.uri().as_str(), Value::from(event.payload())), (uri, payload.clone()));
        assert_eq!(consequence(&event), Keep);
    }
}

#[test]
fn set_10_an_event_has_what_its_type_wants_and_may_have_more() {
    for (name, payload) in [
        ("caep/event-type/token-claims-change", json!({})),
        ("caep/event-type/credential-change", json!({ "credential_type": "app" })),
        ("caep/event-type/credential-change", credential("app", "created")),
        ("caep/event-type/credential-change", credential("", "create")),
        ("caep/event-type/assurance-level-change", json!({ "namespace": "NIST-AAL" })),
        ("caep/event-type/device-compliance-change", json!({ "current_status": "compliant" })),
        ("caep/event-type/risk-level-change", risk("USER", "high")),
        ("caep/event-type/risk-level-change", json!({ "current_level": "HIGH" })),
        ("caep/event-type/session-revoked", json!({ "event_timestamp": "1615304991" })),
        ("caep/event-type/session-revoked", json!({ "initiating_entity": "nobody" })),
        ("caep/event-type/session-revoked", json!({ "reason_admin": {} })),
        ("caep/event-type/session-revoked", json!({ "reason_admin": "text" })),
        ("caep/event-type/session-established", json!({ "amr": "otp" })),
        ("risc/event-type/credential-compromise", json!({})),
        ("risc/event-type/account-disabled", json!({ "reason": 1 })),
        ("ssf/event-type/stream-updated", json!({ "status": "stopped" })),
        ("ssf/event-type/verification", json!({ "state": 1 })),
    ] {
        let uri = format!("https://schemas.openid.net/secevent/{name}");
        let read = Event::read(&uri, payload.as_object().unwrap());
        assert!(read.is_err(), "{name} {payload}");
    }
    let more = json!({ "unheard-of": { "a": 1 } });
    let uri = "https://schemas.openid.net/secevent/caep/event-type/session-revoked";
    let read = Event::read(uri, more.as_object().unwrap()).unwrap();
    assert!(read.payload().is_empty());
}
