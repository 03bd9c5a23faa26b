//! What a gateway's answer, or its silence, comes to (SW-09).

use glassbreak_core::time::Seconds;
use ureq::http::Response;

use crate::Receipt;
use crate::error::{Cause, DeliveryError, Fault, is_tls};

/// The longest wait that a gateway may ask for; beyond it, no code is alive anyway.
const RETRY_AFTER_MAX: u32 = 86_400;

/// How long the gateway asks to be left alone, where it says so in seconds.
pub(super) fn retry_after<B>(answer: &Response<B>) -> Option<Seconds> {
    let value = answer.headers().get("retry-after")?.to_str().ok()?;
    let seconds: u32 = value.trim().parse().ok()?;
    Some(Seconds(seconds.min(RETRY_AFTER_MAX)))
}

/// What an answer of this status comes to.
///
/// Success is 2xx alone. 500, 502 and 504 are said by gateways, and by what stands before them,
/// that may have passed the message on already: that is doubt. A redirect is not followed: it would
/// show the code to whom the configuration does not name (ASVS-15.3.2).
pub(super) fn judge(status: u16, retry_after: Option<Seconds>) -> Result<Receipt, DeliveryError> {
    let fault = |cause| Fault { cause, status: Some(status) };
    let later = |cause| DeliveryError::Unavailable { fault: fault(cause), retry_after };
    Err(match status {
        200..=299 => return Ok(Receipt { status }),
        400 | 413 | 422 => DeliveryError::Refused(fault(Cause::MessageRefused)),
        408 | 425 | 429 | 503 => later(Cause::TryLater),
        300..=499 | 501 => later(Cause::TurnedAway),
        500..=599 => DeliveryError::Unknown(fault(Cause::ServerFailed)),
        _ => DeliveryError::Unknown(fault(Cause::NotUnderstood)),
    })
}

/// What a failure without an answer comes to. Until the body was read from, nothing has left.
pub(super) fn failure(error: &ureq::Error, handed_over: bool) -> DeliveryError {
    let cause = cause(error, handed_over);
    if handed_over { DeliveryError::unknown(cause) } else { DeliveryError::unavailable(cause) }
}

fn cause(error: &ureq::Error, handed_over: bool) -> Cause {
    match error {
        ureq::Error::Timeout(_) => Cause::Timeout,
        ureq::Error::Io(error) if error.kind() == std::io::ErrorKind::TimedOut => Cause::Timeout,
        ureq::Error::Tls(_) | ureq::Error::Rustls(_) => Cause::Tls,
        ureq::Error::Io(error) if is_tls(error) => Cause::Tls,
        ureq::Error::Protocol(_) | ureq::Error::LargeResponseHeader(..) | ureq::Error::Http(_) => {
            Cause::NotUnderstood
        }
        _ if handed_over => Cause::ConnectionLost,
        _ => Cause::NotReached,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_has_its_outcome_sw_09() {
        for (status, outcome) in [
            (200, "receipt"),
            (202, "receipt"),
            (301, "unavailable"),
            (307, "unavailable"),
            (400, "refused"),
            (401, "unavailable"),
            (404, "unavailable"),
            (410, "unavailable"),
            (422, "refused"),
            (429, "unavailable"),
            (500, "unknown"),
            (502, "unknown"),
            (503, "unavailable"),
            (504, "unknown"),
            (999, "unknown"),
        ] {
            let judged = judge(status, None);
            assert_eq!(
                judged.map_or_else(DeliveryError::outcome, |_| "receipt"),
                outcome,
                "{status}"
            );
        }
    }

    #[test]
    fn the_wait_a_gateway_asks_for_is_told_and_bounded() {
        let asks = |value: &str| {
            retry_after(&Response::builder().header("retry-after", value).body(()).unwrap())
        };
        assert_eq!(asks("7"), Some(Seconds(7)));
        assert_eq!(asks("4000000000"), Some(Seconds(86_400)));
        for odd in ["-1", "soon", "Wed, 21 Oct 2015 07:28:00 GMT", "99999999999"] {
            assert_eq!(asks(odd), None, "{odd}");
        }
        let error = judge(429, Some(Seconds(7))).unwrap_err();
        assert!(matches!(error, DeliveryError::Unavailable { retry_after: Some(Seconds(7)), .. }));
    }
}
