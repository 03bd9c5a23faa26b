//! `POST /ssf/push/{name}`: a transmitter pushes a token (RFC 8935).

use axum::body::Bytes;
use axum::extract::{Extension, Path};
use axum::http::{HeaderMap, StatusCode, header};
use glassbreak_signals::set::MEDIA_TYPE;
use std::sync::Arc;

use super::take::Taken;
use crate::ssf::Ssf;
use crate::ssf::error::Refused;

/// 202 without a body once it is stored; 400 with an `err` if it is refused for good; anything else
/// says that it is to be sent again.
pub(super) async fn push(
    ssf: Option<Extension<Arc<Ssf>>>,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, Refused> {
    let Some(Extension(ssf)) = ssf else { return Err(Refused::stranger()) };
    let receivers = &ssf.receivers;
    // A stream that is not there and a token that is not right look the same.
    let receiver = receivers.streams.get(&name);
    let known = |token: super::Known| token.is_shown(&headers);
    let receiver = receiver.filter(|receiver| receiver.push_token.is_some_and(known));
    let receiver = receiver.ok_or_else(Refused::stranger)?;
    let media_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media_type = media_type.and_then(|value| value.split(';').next()).unwrap_or_default();
    if !media_type.trim().eq_ignore_ascii_case(MEDIA_TYPE) {
        return Err(Refused::request("the media type must be `application/secevent+jwt`"));
    }
    let token = std::str::from_utf8(&body).map_err(|_| Refused::request("it is no token"))?;
    match receivers.take(receiver, token).await? {
        Taken::Stored => Ok(StatusCode::ACCEPTED),
        Taken::Refused(body) => Err(Refused::because(body)),
        Taken::Later => Err(Refused::later("your keys could not be fetched just now", 5)),
    }
}
