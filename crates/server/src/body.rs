//! Reading requests. What is wrong with one is told without repeating what it held: it may have
//! held a code.

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use glassbreak_engine::core::code::{Code, Prefix};
use glassbreak_engine::core::id::SubjectRef;
use glassbreak_engine::core::operation::Denial;
use glassbreak_engine::core::recovery::Reference;
use glassbreak_engine::{Engine, Error};
use serde::de::DeserializeOwned;

use crate::problem::Problem;

/// The largest request body, in bytes.
pub(crate) const BODY_MAX: usize = 64 * 1024;

/// A JSON body. Fields the call does not know are refused: a client that sends its own codes or
/// times is told so, not ignored (REG-24).
pub(crate) struct Body<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<Engine> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, engine: &Engine) -> Result<Self, Problem> {
        let bytes =
            Bytes::from_request(request, engine).await.map_err(|rejected| {
                match rejected.status() {
                    StatusCode::PAYLOAD_TOO_LARGE => Problem::plain("too_large"),
                    _ => Problem::new("invalid_request", "the body could not be read"),
                }
            })?;
        parse(&bytes).map(Self)
    }
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    serde_json::from_slice(bytes).map_err(|error| Problem::new("invalid_request", told(&error)))
}

/// What is wrong with a body, without what it held.
fn told(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let place = format!("line {}, column {}", error.line(), error.column());
    // Names of fields that are missing are ours; names and values that were sent are not.
    if let Some(field) =
        text.strip_prefix("missing field `").and_then(|rest| rest.split('`').next())
    {
        return format!("the field `{field}` is missing ({place})");
    }
    if text.starts_with("unknown field") {
        return format!("there is a field this call does not take ({place}); see /openapi.json");
    }
    if text.starts_with("unknown variant") {
        return format!(
            "a value is not one of those this field takes ({place}); see /openapi.json"
        );
    }
    match error.classify() {
        serde_json::error::Category::Data => {
            format!("a value is not of the kind its field takes ({place}); see /openapi.json")
        }
        _ => format!("the body is not JSON ({place})"),
    }
}

/// A subject from the path.
pub(crate) struct SubjectPath(pub(crate) SubjectRef);

impl FromRequestParts<Engine> for SubjectPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, engine: &Engine) -> Result<Self, Problem> {
        let IdPath(text) = IdPath::<String>::from_request_parts(parts, engine).await?;
        subject(text).map(Self)
    }
}

/// A subject's name, checked.
pub(crate) fn subject(text: String) -> Result<SubjectRef, Problem> {
    SubjectRef::try_from(text).map_err(|error| Problem::new("invalid_request", error.to_string()))
}

/// A name in somebody else's records, checked. Codes fit the form of one, and references go into
/// the log: a code that was put there by mistake is refused, saved or sent (F4).
pub(crate) fn reference(text: String, prefix: &Prefix) -> Result<Reference, Problem> {
    if Code::pasted_in(&text, prefix).is_some() {
        return Err(Error::Denied(Denial::A_CODE_IS_NO_REFERENCE).into());
    }
    Reference::try_from(text).map_err(|error| Problem::new("invalid_request", error.to_string()))
}

/// An id from the path.
pub(crate) struct IdPath<T>(pub(crate) T);

impl<T: DeserializeOwned + Send> FromRequestParts<Engine> for IdPath<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, engine: &Engine) -> Result<Self, Problem> {
        let Path(id) = Path::<T>::from_request_parts(parts, engine).await.map_err(|_| {
            Problem::new("invalid_request", "the id in the path is not one of this kind")
        })?;
        Ok(Self(id))
    }
}

/// Parameters from the query string.
pub(crate) struct Parameters<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequestParts<Engine> for Parameters<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, engine: &Engine) -> Result<Self, Problem> {
        let Query(parameters) =
            Query::<T>::from_request_parts(parts, engine).await.map_err(|_| {
                let detail = "a parameter is unknown or not of its kind; see /openapi.json";
                Problem::new("invalid_request", detail)
            })?;
        Ok(Self(parameters))
    }
}

/// Reads `data` as every request body there is; for the fuzzer. Answers how many could be read.
pub fn fuzz_body(data: &[u8]) -> usize {
    use crate::operation as op;
    let readings = [
        parse::<op::register::Registering>(data).is_ok(),
        parse::<op::issue::Issuing>(data).is_ok(),
        parse::<op::confirm::Confirming>(data).is_ok(),
        parse::<op::send_confirmation::SendingConfirmation>(data).is_ok(),
        parse::<op::confirm_address::ConfirmingAddress>(data).is_ok(),
        parse::<op::contacts::AddingContact>(data).is_ok(),
        parse::<op::redeem::Redeeming>(data).is_ok(),
        parse::<crate::sheet::Drawing>(data).is_ok(),
        parse::<op::revoke::Revoking>(data).is_ok(),
        parse::<op::report::Reporting>(data).is_ok(),
        parse::<op::repudiate::Repudiating>(data).is_ok(),
        parse::<op::make_link::MakingLink>(data).is_ok(),
        parse::<op::api_keys::Creating>(data).is_ok(),
        parse::<op::open::OpeningRecovery>(data).is_ok(),
        parse::<op::gather::Gathering>(data).is_ok(),
        parse::<op::send::SendingCode>(data).is_ok(),
        parse::<op::complete::Completing>(data).is_ok(),
        parse::<op::review::Reviewing>(data).is_ok(),
        parse::<op::appoint::Appointing>(data).is_ok(),
        parse::<op::approve::Approving>(data).is_ok(),
        parse::<op::request_exception::RequestingException>(data).is_ok(),
        parse::<op::approve_exception::ApprovingException>(data).is_ok(),
        parse::<op::passkey::Enrolling>(data).is_ok(),
        parse::<op::offer_enrolment::WithLink>(data).is_ok(),
        parse::<op::offer_enrolment::EnrollingWithLink>(data).is_ok(),
        parse::<op::load_policy::LoadingPolicy>(data).is_ok(),
        parse::<op::create_bundle::Splitting>(data).is_ok(),
        parse::<op::prove_share::Proving>(data).is_ok(),
        parse::<op::allow_opening::AllowingOpening>(data).is_ok(),
        parse::<op::open_bundle::OpeningBundle>(data).is_ok(),
        parse::<op::destinations::Replaying>(data).is_ok(),
        parse::<op::resolve_signal::Resolving>(data).is_ok(),
    ];
    readings.into_iter().filter(|read| *read).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_told_without_what_was_sent() {
        let planted = "gb-PLANT-ED000-00000-00000-00000-00000";
        let bodies = [
            format!("{{\"{planted}\": 1}}"),
            format!("{{\"redemption_id\": \"{planted}\"}}"),
            format!("{{\"role\": \"{planted}\"}}"),
            format!("\"{planted}\""),
            planted.to_owned(),
            "{}".to_owned(),
        ];
        for body in bodies {
            let Err(problem) = parse::<crate::operation::redeem::Redeeming>(body.as_bytes()) else {
                panic!("{body} was read");
            };
            assert!(
                !serde_json::to_string(&problem.body()).unwrap().contains("PLANT"),
                "{problem:?}"
            );
        }
    }
}
