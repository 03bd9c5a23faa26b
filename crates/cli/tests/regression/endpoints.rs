//! Every endpoint there is, with the scope it needs and a request that it takes. The server's own
//! description says which there are; one that is missing here fails the run.

use glassbreak_testkit::http::{Answer, Client, Failure, Method};
use serde_json::{Value, json};

use crate::calls::{Shown, attempt, issue, issuing, register};
use crate::common::timeline;

/// An endpoint.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Endpoint {
    /// The method.
    pub(crate) method: &'static str,
    /// The path, as the description has it.
    pub(crate) path: &'static str,
    /// The scopes of which its request in this table needs one; none where it is open to everyone.
    pub(crate) needs: &'static [&'static str],
    /// The scopes that open it at all; for another request it may need another of them.
    pub(crate) opens: &'static [&'static str],
    /// What a key bound to another group than the subject's gets.
    pub(crate) stranger: Stranger,
}

/// What an endpoint says to a key that is bound to a group which the subject is not in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stranger {
    /// What it says of a thing that does not exist.
    NotThere,
    /// The same refusal to every such key, under this code.
    Refused(&'static str),
    /// What it says to everyone.
    Open,
}

const fn to(needs: &'static [&'static str], method: &'static str, path: &'static str) -> Endpoint {
    Endpoint { method, path, needs, opens: needs, stranger: Stranger::NotThere }
}

/// About the whole installation.
const fn everywhere(
    needs: &'static [&'static str],
    method: &'static str,
    path: &'static str,
) -> Endpoint {
    Endpoint { stranger: Stranger::Refused("key_bound"), ..to(needs, method, path) }
}

/// The same, for who looks.
const fn whole(method: &'static str, path: &'static str) -> Endpoint {
    everywhere(AUDIT, method, path)
}

/// Opened by a scope that no bound key has.
const fn admin(method: &'static str, path: &'static str) -> Endpoint {
    Endpoint { stranger: Stranger::Refused("scope_missing"), ..to(ADMIN, method, path) }
}

/// Opened by `recover` for what the subject opened, and by `support` for cases.
const fn of_a_recovery(method: &'static str, path: &'static str) -> Endpoint {
    Endpoint { opens: &["recover", "support"], ..to(RECOVER, method, path) }
}

const fn open(path: &'static str) -> Endpoint {
    Endpoint { stranger: Stranger::Open, ..to(&[], "GET", path) }
}

const ISSUE: &[&str] = &["issue"];
const REDEEM: &[&str] = &["redeem"];
const REVOKE: &[&str] = &["revoke"];
const AUDIT: &[&str] = &["audit"];
const ADMIN: &[&str] = &["admin"];
const RECOVER: &[&str] = &["recover"];
const SUPPORT: &[&str] = &["support"];
const APPROVE: &[&str] = &["approve"];
const CONTAIN: &[&str] = &["contain"];

const CONFIRM_ADDRESS: &str =
    "/v1/subjects/{subject}/addresses/confirmations/{confirmation_id}/confirm";

/// All of them.
pub(crate) const ENDPOINTS: &[Endpoint] = &[
    Endpoint {
        stranger: Stranger::Refused("group_missing"),
        ..to(ISSUE, "PUT", "/v1/subjects/{subject}")
    },
    to(AUDIT, "GET", "/v1/subjects/{subject}"),
    to(AUDIT, "GET", "/v1/subjects/{subject}/timeline"),
    to(ISSUE, "POST", "/v1/subjects/{subject}/addresses/confirmations"),
    to(ISSUE, "POST", CONFIRM_ADDRESS),
    to(&["issue", "audit"], "GET", "/v1/subjects/{subject}/contacts"),
    to(ISSUE, "PUT", "/v1/subjects/{subject}/contacts/{contact}"),
    to(ISSUE, "DELETE", "/v1/subjects/{subject}/contacts/{contact}"),
    to(ISSUE, "POST", "/v1/subjects/{subject}/contact-reviews"),
    to(ISSUE, "POST", "/v1/subjects/{subject}/code-sets"),
    to(REVOKE, "POST", "/v1/subjects/{subject}/lifecycle-events"),
    to(ISSUE, "POST", "/v1/subjects/{subject}/self-service-links"),
    // What is presented is the token out of a notice.
    Endpoint { stranger: Stranger::Open, ..to(&[], "POST", "/v1/repudiations") },
    whole("GET", "/v1/notices"),
    everywhere(REVOKE, "POST", "/v1/leak-reports"),
    Endpoint { stranger: Stranger::Open, ..to(&[], "POST", "/v1/leak-reports/github") },
    to(ISSUE, "POST", "/v1/code-sets/{set_id}/confirm"),
    to(ISSUE, "POST", "/v1/code-sets/{set_id}/declare"),
    to(REVOKE, "POST", "/v1/code-sets/{set_id}/revoke"),
    to(ISSUE, "POST", "/v1/sheets"),
    to(REDEEM, "POST", "/v1/redemptions"),
    of_a_recovery("POST", "/v1/recoveries"),
    to(AUDIT, "GET", "/v1/recoveries"),
    whole("GET", "/v1/recoveries/burden"),
    to(&["recover", "support", "approve", "audit"], "GET", "/v1/recoveries/{recovery_id}"),
    of_a_recovery("POST", "/v1/recoveries/{recovery_id}/evidence"),
    of_a_recovery("POST", "/v1/recoveries/{recovery_id}/issued-codes"),
    to(RECOVER, "POST", "/v1/recoveries/{recovery_id}/grant"),
    to(RECOVER, "POST", "/v1/recoveries/{recovery_id}/complete"),
    of_a_recovery("POST", "/v1/recoveries/{recovery_id}/cancel"),
    to(APPROVE, "POST", "/v1/recoveries/{recovery_id}/review"),
    to(APPROVE, "GET", "/v1/recoveries/{recovery_id}/review/options"),
    to(APPROVE, "POST", "/v1/recoveries/{recovery_id}/approvals"),
    to(APPROVE, "GET", "/v1/recoveries/{recovery_id}/approvals/options"),
    to(ISSUE, "POST", "/v1/subjects/{subject}/bundles"),
    to(ISSUE, "POST", "/v1/bundles/{bundle_id}/proofs"),
    to(RECOVER, "POST", "/v1/bundles/{bundle_id}/openings"),
    to(RECOVER, "POST", "/v1/bundles/{bundle_id}/open"),
    to(REVOKE, "POST", "/v1/bundles/{bundle_id}/revoke"),
    to(AUDIT, "GET", "/v1/bundles"),
    to(&["issue", "recover", "audit"], "GET", "/v1/bundles/{bundle_id}"),
    to(SUPPORT, "POST", "/v1/subjects/{subject}/exceptions"),
    to(&["support", "approve"], "DELETE", "/v1/subjects/{subject}/exceptions/{exception_id}"),
    to(APPROVE, "POST", "/v1/subjects/{subject}/exceptions/{exception_id}/approvals"),
    to(APPROVE, "GET", "/v1/subjects/{subject}/exceptions/{exception_id}/approvals/options"),
    to(AUDIT, "GET", "/v1/exceptions"),
    everywhere(CONTAIN, "POST", "/v1/containments"),
    everywhere(&["contain", "audit"], "GET", "/v1/containments"),
    everywhere(&["contain", "audit"], "GET", "/v1/containments/{containment_id}"),
    everywhere(CONTAIN, "DELETE", "/v1/containments/{containment_id}"),
    everywhere(APPROVE, "POST", "/v1/containments/{containment_id}/approvals"),
    everywhere(APPROVE, "GET", "/v1/containments/{containment_id}/approvals/options"),
    admin("GET", "/v1/operators"),
    admin("POST", "/v1/operators/{subject}/enrolment-links"),
    // What is presented is the token out of a link.
    Endpoint { method: "POST", ..open("/v1/enrolments") },
    Endpoint { method: "POST", ..open("/v1/enrolments/options") },
    admin("PUT", "/v1/operators/{subject}"),
    whole("GET", "/v1/operators/{subject}"),
    admin("DELETE", "/v1/operators/{subject}/passkeys/{credential}"),
    admin("POST", "/v1/operators/{subject}/passkeys"),
    admin("POST", "/v1/operators/{subject}/passkeys/options"),
    admin("PUT", "/v1/policy"),
    whole("GET", "/v1/policy"),
    whole("GET", "/v1/overview"),
    to(AUDIT, "GET", "/v1/alerts"),
    to(AUDIT, "GET", "/v1/subjects"),
    to(AUDIT, "GET", "/v1/throttled"),
    whole("GET", "/v1/decisions"),
    whole("POST", "/v1/policy/trial"),
    to(AUDIT, "GET", "/v1/inventory"),
    whole("GET", "/v1/inventory/summary"),
    whole("GET", "/v1/destinations"),
    whole("GET", "/v1/destinations/{destination}/dead-letters"),
    admin("POST", "/v1/destinations/{destination}/replay"),
    admin("POST", "/v1/destinations/{destination}/resume"),
    admin("POST", "/v1/destinations/{destination}/dead-letters/{index}/replay"),
    admin("POST", "/v1/destinations/{destination}/dead-letters/{index}/discard"),
    to(AUDIT, "GET", "/v1/inventory/export"),
    whole("GET", "/v1/log/entries"),
    whole("GET", "/v1/log/receipts/{event_id}"),
    whole("GET", "/v1/log/replay"),
    admin("GET", "/v1/api-keys"),
    admin("POST", "/v1/api-keys"),
    admin("DELETE", "/v1/api-keys/{id}"),
    whole("GET", "/v1/keys"),
    admin("POST", "/v1/keys/{purpose}/rotate"),
    whole("GET", "/v1/signals/received"),
    whole("GET", "/v1/signals/received/{signal_id}"),
    everywhere(REVOKE, "POST", "/v1/signals/received/{signal_id}/resolve"),
    admin("POST", "/v1/signals/signing-key/rotate"),
    open("/auth/login"),
    open("/auth/callback"),
    Endpoint { method: "POST", ..open("/auth/logout") },
    // Whoever calls, with whatever scope.
    Endpoint { stranger: Stranger::Open, ..to(&SCOPES, "GET", "/v1/me") },
    open("/tlog/checkpoint"),
    open("/tlog/tile/{path}"),
    open("/.well-known/jwks.json"),
    open("/healthz"),
    open("/readyz"),
    whole("GET", "/metrics"),
];

/// The scopes there are.
pub(crate) const SCOPES: [&str; 10] = [
    "issue",
    "redeem",
    "revoke",
    "audit",
    "admin",
    "recover",
    "support",
    "approve",
    "contain",
    "provision",
];

/// Every operation of a description: method, path, and what it says of it.
pub(crate) fn described(description: &Value) -> Vec<(String, &str, &Value)> {
    let paths = description["paths"].as_object().into_iter().flatten();
    let mut found: Vec<_> = paths
        .flat_map(|(path, item)| {
            let operations = item.as_object().into_iter().flatten();
            operations
                .map(move |(method, operation)| (method.to_uppercase(), path.as_str(), operation))
        })
        .collect();
    found.sort_by_key(|(method, path, _)| (path.to_string(), method.clone()));
    found
}

/// What the requests are about.
pub(crate) struct Target {
    /// A subject's name.
    pub(crate) subject: String,
    /// A live set of it.
    pub(crate) shown: Shown,
    /// The id of an event about it.
    pub(crate) event: String,
    /// A recovery of it that is open.
    pub(crate) recovery: String,
    /// An exception that is asked for, for it.
    pub(crate) exception: String,
    /// A bundle of it; no such thing unless a test makes one.
    pub(crate) bundle: String,
    /// A containment that covers nobody.
    pub(crate) containment: String,
    /// The public id of an API key that nobody uses.
    pub(crate) key: String,
}

impl Target {
    /// Makes one: a subject with a set, and a key.
    pub(crate) async fn make(client: &mut Client, subject: &str) -> Result<Self, Failure> {
        register(client, subject, "standard").await?;
        let shown = issue(client, subject, &json!({})).await?;
        let events = timeline(client, subject).await?;
        let event = events.first().and_then(|event| event["id"].as_str()).ok_or("no event")?;
        let event = event.to_owned();
        let opened = client.post("/v1/recoveries", &json!({ "subject": subject })).await?;
        let recovery = opened.json()["recovery_id"].as_str().ok_or("not opened")?.to_owned();
        let asking = format!("{subject}-asks");
        register(client, &asking, "standard").await?;
        let path = format!("/v1/subjects/{subject}/exceptions");
        let asked = client.post(&path, &exceptional("routine_use", &asking)).await?;
        let exception = asked.json()["exception_id"].as_str().ok_or("not asked for")?.to_owned();
        let begun = client.post("/v1/containments", &containing()).await?;
        let containment = begun.json()["containment_id"].as_str().ok_or("not begun")?.to_owned();
        // What follows from it is written down later, and would come between two looks.
        let path = format!("/v1/containments/{containment}");
        while client.get(&path).await?.json().get("finished_at").is_none() {}
        let (key, _) = api_key(client, &["audit"]).await?;
        let (subject, bundle) = (subject.to_owned(), event.clone());
        Ok(Self { subject, shown, event, recovery, exception, bundle, containment, key })
    }

    /// A request to the endpoint that it takes: path and body.
    pub(crate) fn request(&self, endpoint: Endpoint) -> (String, Value) {
        let path = endpoint
            .path
            .replace("{subject}", &self.subject)
            .replace("{set_id}", &self.shown.set)
            .replace("{event_id}", &self.event)
            .replace("{recovery_id}", &self.recovery)
            .replace("{bundle_id}", &self.bundle)
            .replace("{exception_id}", &self.exception)
            .replace("{containment_id}", &self.containment)
            .replace("{signal_id}", &self.event)
            .replace("{credential}", "bm9uZQ")
            .replace("{contact}", "sister")
            .replace("{confirmation_id}", &self.recovery)
            .replace("{id}", &self.key)
            .replace("{purpose}", "pepper")
            .replace("{destination}", "siem")
            .replace("{index}", "0")
            .replace("{path}", "0/000.p/1");
        let path = if endpoint.path.ends_with("/approvals/options") {
            format!("{path}?approver={}", self.subject)
        } else if endpoint.path.ends_with("/review/options") {
            format!("{path}?reviewer={}", self.subject)
        } else if endpoint.path.ends_with("/export") {
            format!("{path}?format=csv")
        } else {
            path
        };
        let code = self.shown.codes.first().map_or("", String::as_str);
        let body = match (endpoint.method, endpoint.path) {
            ("PUT", "/v1/subjects/{subject}") => json!({ "kind": "person", "assurance": "aal2" }),
            (_, "/v1/subjects/{subject}/addresses/confirmations") => {
                json!({ "contact": "sister" })
            }
            ("PUT", "/v1/subjects/{subject}/contacts/{contact}") => {
                json!({ "channel": "email", "address": "bert@example.net" })
            }
            (_, "/v1/subjects/{subject}/code-sets") => issuing(&json!({})),
            (_, "/v1/subjects/{subject}/lifecycle-events") => json!({ "type": "risk_raised" }),
            (_, "/v1/subjects/{subject}/self-service-links") => {
                json!({ "session_assurance": "aal2" })
            }
            (_, CONFIRM_ADDRESS | "/v1/code-sets/{set_id}/confirm") => json!({ "code": code }),
            (_, "/v1/code-sets/{set_id}/declare") => json!({ "custody": "hardware" }),
            (_, "/v1/code-sets/{set_id}/revoke" | "/v1/bundles/{bundle_id}/revoke") => {
                json!({ "reason": "requested" })
            }
            (_, "/v1/sheets") => json!({ "set_id": self.shown.set, "codes": [code] }),
            (_, "/v1/repudiations" | "/v1/enrolments/options") => json!({ "token": "none" }),
            (_, "/v1/leak-reports") => json!({ "codes": [code] }),
            (_, "/v1/leak-reports/github") => json!([{ "token": code, "type": "code" }]),
            (_, "/v1/redemptions") => attempt(&self.subject, code),
            ("POST", "/v1/recoveries") => json!({ "subject": self.subject }),
            (_, "/v1/recoveries/{recovery_id}/evidence") => {
                json!({ "type": "vouched", "method": "password" })
            }
            (_, "/v1/recoveries/{recovery_id}/issued-codes") => json!({ "channel": "email" }),
            (_, "/v1/recoveries/{recovery_id}/complete") => json!({ "authenticator_bound": true }),
            (_, "/v1/recoveries/{recovery_id}/review") => {
                json!({ "reviewer": self.subject, "assertion": {} })
            }
            (_, "/v1/recoveries/{recovery_id}/approvals") => {
                json!({ "word": "decline", "approver": self.subject, "assertion": {} })
            }
            (_, "/v1/subjects/{subject}/bundles") => json!({ "threshold": 2, "custodians": [] }),
            (_, "/v1/bundles/{bundle_id}/proofs") => {
                json!({ "custodian": self.subject, "token": "00" })
            }
            (_, "/v1/bundles/{bundle_id}/openings") => json!({ "recovery_id": self.recovery }),
            (_, "/v1/bundles/{bundle_id}/open") => json!({ "shares": [] }),
            (_, "/v1/subjects/{subject}/exceptions") => {
                exceptional("over_issue_limit", &format!("{}-asks", self.subject))
            }
            ("POST", "/v1/containments") => containing(),
            (
                _,
                "/v1/subjects/{subject}/exceptions/{exception_id}/approvals"
                | "/v1/containments/{containment_id}/approvals",
            ) => {
                json!({ "approver": self.subject, "assertion": {} })
            }
            (_, "/v1/signals/received/{signal_id}/resolve") => json!({ "reference": "INC-1" }),
            (_, "/v1/enrolments") => json!({ "token": "none", "credential": {} }),
            ("POST", "/v1/operators/{subject}/passkeys") => json!({ "credential": {} }),
            ("PUT", "/v1/policy") | ("POST", "/v1/policy/trial") => {
                json!({ "files": { "a.cedar": "no policy" } })
            }
            ("PUT", "/v1/operators/{subject}") => json!({ "duties": ["support"] }),
            (_, "/v1/destinations/{destination}/replay") => json!({ "from_index": 0 }),
            ("POST", "/v1/api-keys") => json!({ "label": "a test", "scopes": ["audit"] }),
            _ => Value::Null,
        };
        (path, body)
    }

    /// Sends the request that the endpoint takes.
    pub(crate) async fn call(
        &self,
        client: &mut Client,
        endpoint: Endpoint,
        headers: &[(&str, &str)],
    ) -> Result<Answer, Failure> {
        let (path, body) = self.request(endpoint);
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let method = Method::from_bytes(endpoint.method.as_bytes())?;
        client.send(method, &path, headers, body).await
    }
}

/// A containment of a group that nobody is in, as a request asks for it.
fn containing() -> Value {
    json!({ "scope": { "group": "nobody's" }, "reason": "precaution" })
}

/// An exception for a day, as a request asks for it.
#[expect(clippy::disallowed_methods, reason = "the server under test goes by the machine's clock")]
pub(crate) fn exceptional(kind: &str, requester: &str) -> Value {
    let day = std::time::SystemTime::now() + std::time::Duration::from_hours(24);
    let millis = day.duration_since(std::time::UNIX_EPOCH).map_or(0, |since| since.as_millis());
    let millis = i64::try_from(millis).unwrap_or(0);
    let ends_at = glassbreak_engine::core::time::Timestamp::from_millis(millis).to_string();
    json!({ "kind": kind, "reason": "CHG-1", "requester": requester, "ends_at": ends_at })
}

/// Makes an API key: its public id, and the key.
pub(crate) async fn api_key(
    client: &mut Client,
    scopes: &[&str],
) -> Result<(String, String), Failure> {
    bound_key(client, scopes, &[]).await
}

/// Makes an API key that is bound to groups: its public id, and the key.
pub(crate) async fn bound_key(
    client: &mut Client,
    scopes: &[&str],
    groups: &[&str],
) -> Result<(String, String), Failure> {
    let body = json!({ "label": "a test", "scopes": scopes, "groups": groups });
    let answer = client.post("/v1/api-keys", &body).await?;
    let made = answer.json();
    match (made["id"].as_str(), made["key"].as_str()) {
        (Some(id), Some(key)) => Ok((id.to_owned(), key.to_owned())),
        _ => Err(format!("no key was made: {}", answer.text()).into()),
    }
}
