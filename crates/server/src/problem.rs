//! Problems (RFC 9457): what went wrong, under a stable code, with what to do about it, and with
//! nothing secret in it.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use glassbreak_engine::Error;
use glassbreak_engine::core::operation::Denial;
use glassbreak_engine::core::time::Timestamp;
use glassbreak_engine::store::StoreError;
use serde::Serialize;
use utoipa::ToSchema;

use crate::metrics::RefusedAs;

/// A problem: what a handler refuses with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    code: &'static str,
    detail: String,
    retry_after_seconds: Option<u64>,
    reasons: Vec<String>,
}

/// A problem, as `application/problem+json` (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct ProblemBody<'a> {
    /// `urn:glassbreak:problem:` and the code.
    #[serde(rename = "type")]
    kind: String,
    /// A short title; the same for every problem of the code.
    title: &'a str,
    /// The HTTP status.
    status: u16,
    /// What happened here, and what to do about it.
    detail: &'a str,
    /// The stable code. Programs go by this.
    code: &'a str,
    /// When to try again, in seconds; also in the `Retry-After` header.
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after_seconds: Option<u64>,
    /// The names of the rules that refused.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    reasons: &'a [String],
}

impl ProblemBody<'_> {
    /// The HTTP status.
    pub(crate) const fn status(&self) -> u16 {
        self.status
    }

    /// What happened, and what to do about it.
    pub(crate) const fn detail(&self) -> &str {
        self.detail
    }
}

/// Every code, with its status, its title and what to do: the error catalogue (`docs/ERRORS.md`).
const CATALOGUE: &[(&str, u16, &str, &str)] = &[
    (
        "invalid_request",
        422,
        "The request is not what this call takes",
        "correct the field it names",
    ),
    ("malformed_code", 422, "The code was mistyped", "ask for it again; it cost no attempt"),
    (
        "unauthenticated",
        401,
        "No valid API key or token was presented",
        "send `Authorization: Bearer <key>`",
    ),
    (
        "signature_refused",
        403,
        "The report is not signed by one who may report",
        "sign the body under a key that is published where `leaks.github.keys_url` says",
    ),
    ("scope_missing", 403, "The caller may not do this", "use a key with the scope it names"),
    (
        "not_appointed",
        403,
        "The person who signed in is no operator",
        "have an administrator appoint them to a duty",
    ),
    (
        "cross_site",
        403,
        "The request does not come from a page of this server",
        "send `Glassbreak-Request: 1` from a page of the same origin; programs use keys or tokens",
    ),
    (
        "sign_in_refused",
        400,
        "The sign-in did not succeed",
        "begin again at `/auth/login`; the server's log says why",
    ),
    (
        "provider_unavailable",
        503,
        "The identity provider gave no answer",
        "try again in a moment; API keys work meanwhile",
    ),
    (
        "key_bound",
        403,
        "This concerns everybody, and the API key is bound to groups",
        "use a key that is bound to none",
    ),
    (
        "not_your_name",
        403,
        "The API key is one operator's own",
        "name that operator as the one who acts; another operator has another key",
    ),
    (
        "group_missing",
        403,
        "The API key is bound to groups, and the subject is not in one of them",
        "name one of the key's groups; a subject outside of them is another key's to register",
    ),
    (
        "not_accepted",
        401,
        "The code was not accepted",
        "let the person try another code; every reason looks like this",
    ),
    (
        "throttled",
        429,
        "Too many failed attempts, or cases opened by an AI agent",
        "wait as long as `Retry-After` says",
    ),
    ("busy", 503, "Too much is asked at once", "try again in a moment; the same name is safe"),
    ("issue_not_allowed", 403, "The policy refused to issue", "read `reasons`"),
    ("issue_limit_reached", 429, "Too many sets were issued", "wait as long as `Retry-After` says"),
    (
        "subject_suspended",
        409,
        "Recovery rests for this subject",
        "report what lifted the cause first",
    ),
    ("subject_unknown", 404, "No such subject", "register it first"),
    ("subject_departed", 409, "The subject has left", "register it again first"),
    (
        "contact_unknown",
        404,
        "No such recovery contact",
        "list the subject's contacts; names are as they were added",
    ),
    ("code_set_unknown", 404, "No such code set", "list the subject's sets"),
    (
        "sheet_without_page",
        409,
        "No page for using codes is configured, which every sheet names",
        "set `sheets.page_url`, or `notices.public_url`",
    ),
    (
        "code_sets_changed",
        409,
        "A set was issued meanwhile",
        "look at the subject's sets, and ask again if it is still wanted",
    ),
    ("code_set_ended", 409, "The code set has ended", "list the subject's sets"),
    ("code_set_not_offered", 409, "The set is past confirming", "issue a new one"),
    ("recovery_unknown", 404, "No such recovery", "list the recoveries"),
    (
        "recovery_state",
        409,
        "The recovery is past what was asked",
        "look at it; open another one if it has ended",
    ),
    (
        "not_a_case",
        409,
        "An agent gathers in cases alone",
        "open a case in the agent's name; what a program checked itself is `vouched`",
    ),
    (
        "sent_codes_disabled",
        409,
        "Too many wrong codes came in this recovery, or for this address within a day",
        "bring other evidence, or open another recovery; confirm the address tomorrow",
    ),
    (
        "send_limit_reached",
        429,
        "Too many codes were sent to the subject",
        "wait as long as `Retry-After` says",
    ),
    (
        "obligations_unmet",
        409,
        "The recovery's obligations are not met",
        "do what `detail` names, then report it",
    ),
    (
        "repudiation_refused",
        422,
        "The link is not one of ours, or its time is up",
        "take the link from the newest notice, or turn to the service; every reason looks like this",
    ),
    (
        "enrolment_refused",
        422,
        "The enrolment link is not good",
        "ask an administrator for a new one; each is good once, for 15 minutes",
    ),
    (
        "link_refused",
        422,
        "The link is not one of ours, was used, or its time is up",
        "ask for another link; every reason looks like this",
    ),
    ("bundle_unknown", 404, "No such bundle", "list the bundles"),
    (
        "bundle_state",
        409,
        "The bundle is not where it was wanted",
        "look at it; `detail` says what it would have to be",
    ),
    (
        "proof_refused",
        422,
        "The token is not the one of this share",
        "send the digits behind `token:` in the opened share of the pending generation",
    ),
    (
        "shares_refused",
        422,
        "The shares do not open the bundle",
        "read `reasons`: they name each wrong share by its custodian",
    ),
    ("exception_unknown", 404, "No such exception", "list the exceptions"),
    (
        "exception_state",
        409,
        "The exception is past what was asked",
        "look at it; ask for another one if it has ended",
    ),
    (
        "contained",
        409,
        "Recovery is switched off for this subject",
        "wait until two people have lifted the containment; revoking and reporting work",
    ),
    (
        "reissue_needed",
        409,
        "Access is held after a containment",
        "issue a set to the subject, or open a support case",
    ),
    ("containment_unknown", 404, "No such containment", "list the containments"),
    (
        "containment_state",
        409,
        "The containment is past what was asked",
        "look at it; begin another one if recovery is to be off",
    ),
    (
        "approvals_missing",
        409,
        "Too few people approve the lifting",
        "have two approvers sign who neither asked for it nor are its subject or owner",
    ),
    ("operator_unknown", 422, "Nobody appointed for this", "have an administrator appoint them"),
    ("not_allowed", 403, "The policy refuses", "read `reasons`"),
    (
        "channel_not_configured",
        409,
        "No delivery is set up for this channel",
        "name another channel, or set one up in the server's configuration",
    ),
    (
        "not_delivered",
        502,
        "The code may not have been delivered",
        "send another under a new Idempotency-Key; it takes the place of this one",
    ),
    (
        "passkey_refused",
        422,
        "The passkey's answer does not hold",
        "ask for new options, and sign again; `detail` says what did not hold",
    ),
    (
        "not_configured",
        409,
        "The server lacks a setting for this",
        "set what `detail` names in the server's configuration",
    ),
    ("policy_refused", 422, "The policies cannot be in force", "correct what `reasons` name"),
    ("tier_unknown", 422, "No such tier", "name one from the configuration"),
    ("api_key_unknown", 404, "No such API key", "list the keys"),
    ("last_admin_key", 409, "The last key with the scope admin", "make another admin key first"),
    ("signal_unknown", 404, "No such signal", "list what was received"),
    (
        "signal_state",
        409,
        "The signal is past what was asked",
        "look at it; what was applied or decided stays so",
    ),
    ("event_unknown", 404, "No such event", "take an id from `evidence` or the log"),
    ("redemption_id_reused", 409, "The redemption_id was used before", "name each attempt anew"),
    (
        "idempotency_key_reused",
        409,
        "The Idempotency-Key was used before",
        "name each request anew",
    ),
    (
        "destination_unknown",
        404,
        "No such destination",
        "list the destinations; the configuration names them",
    ),
    (
        "dead_letter_unknown",
        404,
        "The destination has no such dead letter",
        "list its dead letters; one that was taken is none any more",
    ),
    ("not_found", 404, "No such page", "see /openapi.json"),
    (
        "nothing_to_revoke",
        409,
        "No live set is among these",
        "choose other sets, or another filter; what has ended needs no revoking",
    ),
    (
        "too_many_sets",
        422,
        "More sets match than are revoked at once",
        "narrow the filter, or contain everybody",
    ),
    ("method_not_allowed", 405, "The page does not take this method", "see /openapi.json"),
    ("too_large", 413, "The request is too large", "send at most 64 KiB"),
    ("too_slow", 503, "The request took too long", "try again; the same name is safe"),
    (
        "outcome_unknown",
        503,
        "Nobody can say whether it was written",
        "repeat it under the same name; the answer will tell",
    ),
    ("unavailable", 503, "The database gave no answer", "try again; the same name is safe"),
    (
        "entropy_unavailable",
        503,
        "The operating system gave no randomness",
        "look at the machine; nothing was issued",
    ),
    ("corrupt", 500, "The database holds what cannot be", "run `glassbreak log replay`"),
    ("internal", 500, "Something is wrong on our side", "look at the server's log"),
    ("settings_refused", 500, "The settings are past a floor", "correct the configuration"),
];

/// The error catalogue as Markdown, for `docs/ERRORS.md`.
pub fn catalogue() -> String {
    let mut text = String::from(
        "# Errors\n\nGenerated by `cargo xtask generate`. Every refusal of the API is an RFC 9457 problem \
         with one of these\ncodes; programs go by the code, people by `detail`.\n\n\
         | code | status | what it means | what to do |\n| --- | --- | --- | --- |\n",
    );
    let mut rows: Vec<_> = CATALOGUE.iter().collect();
    rows.sort_unstable();
    for (code, status, title, advice) in rows {
        text.extend([
            "| `",
            code,
            "` | ",
            &status.to_string(),
            " | ",
            title,
            " | ",
            advice,
            " |\n",
        ]);
    }
    text
}

impl Problem {
    /// The problem of a code in the catalogue.
    pub(crate) fn new(code: &'static str, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into(), retry_after_seconds: None, reasons: Vec::new() }
    }

    /// The problem as it travels.
    pub(crate) fn body(&self) -> ProblemBody<'_> {
        let row = CATALOGUE.iter().find(|(known, ..)| *known == self.code);
        let (status, title) =
            row.map_or((500, "Something is wrong on our side"), |row| (row.1, row.2));
        ProblemBody {
            kind: format!("urn:glassbreak:problem:{}", self.code),
            title,
            status,
            detail: &self.detail,
            code: self.code,
            retry_after_seconds: self.retry_after_seconds,
            reasons: &self.reasons,
        }
    }

    /// The stable code.
    pub(crate) const fn code(&self) -> &'static str {
        self.code
    }

    /// The rules that refused.
    pub(crate) fn reasons(&self) -> &[String] {
        &self.reasons
    }

    /// When to try again, in seconds.
    pub(crate) const fn retry_after_seconds(&self) -> Option<u64> {
        self.retry_after_seconds
    }

    /// The problem of a code, with the catalogue's own advice as detail.
    pub(crate) fn plain(code: &'static str) -> Self {
        let advice = CATALOGUE.iter().find(|(known, ..)| *known == code).map_or("", |row| row.3);
        Self::new(code, advice)
    }

    /// Whether a detail is the catalogue's own advice, and says nothing of the case in hand.
    pub(crate) fn is_advice(detail: &str) -> bool {
        CATALOGUE.iter().any(|row| row.3 == detail)
    }

    /// The same, to be tried again at `retry_at`.
    pub(crate) fn retry_at(self, retry_at: Timestamp, now: Timestamp) -> Self {
        Self { retry_after_seconds: Some(retry_at.seconds_from(now).max(1)), ..self }
    }

    /// The same, with the rules that refused.
    pub(crate) fn because(self, reasons: Vec<String>) -> Self {
        Self { reasons, ..self }
    }

    /// Whether it is about who asks, and not about the server.
    pub(crate) fn is_of_visitor(&self) -> bool {
        ["unauthenticated", "contained"].contains(&self.code)
    }

    /// Whether a containment is why.
    pub(crate) fn is_contained(&self) -> bool {
        ["contained", "recovery_state"].contains(&self.code)
    }

    /// Every refused redemption: unknown, wrong, spent, expired and locked look alike (C9).
    pub(crate) fn not_accepted() -> Self {
        Self::plain("not_accepted")
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let code = error.code();
        match &error {
            Error::Denied(Denial::NoEntropy)
            | Error::Key(_)
            | Error::Entry(_)
            | Error::Log(_)
            | Error::Verifier(_)
            | Error::Split(_)
            | Error::Grant(_)
            | Error::Settings(_)
            | Error::TooLarge
            | Error::Anchor { .. } => {
                log_chain(&error);
                Self::plain(code)
            }
            Error::Store(store) => {
                log_chain(store);
                let problem = Self::plain(code);
                match store {
                    StoreError::Corrupt(_) => problem,
                    _ => Self { retry_after_seconds: Some(1), ..problem },
                }
            }
            Error::Busy => Self { retry_after_seconds: Some(1), ..Self::plain(code) },
            Error::Denied(Denial::NotAllowed { reasons }) => {
                Self::new(code, error.to_string()).because(reasons.clone())
            }
            Error::Denied(Denial::PasskeyRefused { reason, .. }) => {
                Self::new(code, error.to_string()).because(vec![(*reason).to_owned()])
            }
            Error::Passkey(refused) => {
                Self::new(code, error.to_string()).because(vec![refused.code().to_owned()])
            }
            Error::Denied(_)
            | Error::Malformed(_)
            | Error::KeyBound
            | Error::NotConfigured(_)
            | Error::RepudiationRefused
            | Error::EnrolmentRefused
            | Error::Throttled { .. } => Self::new(code, error.to_string()),
        }
    }
}

/// Logs an error once, with everything behind it.
fn log_chain(error: &dyn std::error::Error) {
    let mut chain = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        chain.push_str(": ");
        chain.push_str(&inner.to_string());
        source = inner.source();
    }
    tracing::error!(error = %chain, "a request failed");
}

/// Every code there is.
pub(crate) fn codes() -> impl Iterator<Item = &'static str> {
    CATALOGUE.iter().map(|row| row.0)
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = self.body();
        let status = StatusCode::from_u16(body.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(body)).into_response();
        response.extensions_mut().insert(RefusedAs(self.code));
        let headers = response.headers_mut();
        let kind = HeaderValue::from_static("application/problem+json");
        headers.insert(header::CONTENT_TYPE, kind);
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if self.code == "unauthenticated" {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(seconds) = self.retry_after_seconds {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_in_the_catalogue_once() {
        let mut codes: Vec<_> = CATALOGUE.iter().map(|row| row.0).collect();
        codes.sort_unstable();
        let count = codes.len();
        codes.dedup();
        assert_eq!(codes.len(), count);
    }
}
