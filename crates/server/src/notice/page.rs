//! The page that the link in a notice opens, and the form on it.
//!
//! The token is behind the `#` of the link, so no browser sends it and no proxy writes it down. A
//! script of ours puts it into the form; without scripts the person pastes the link there. To open
//! the page changes nothing, whoever does: a person, a mail scanner, a link preview (REG-28).

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use glassbreak_engine::{Engine, Error};
use zeroize::Zeroizing;

use crate::operation::repudiate::SOURCE;

/// The longest body of the form, in bytes.
const FORM_MAX: usize = 2048;

/// Nothing comes from elsewhere, nothing goes elsewhere, and nobody puts the page in a frame.
const POLICY: &str = "default-src 'none'; script-src 'self'; form-action 'self'; base-uri 'none'; \
                      frame-ancestors 'none'";
const HEADERS: [(HeaderName, &str); 5] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::CACHE_CONTROL, "no-store"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (HeaderName::from_static("x-robots-tag"), "noindex"),
];

const SCRIPT: &str = include_str!("../../notices/repudiate.js");

/// The pages of one language.
struct Pages {
    form: &'static str,
    done: &'static str,
    refused: &'static str,
    busy: &'static str,
}

const ENGLISH: Pages = Pages {
    form: include_str!("../../notices/en/page.html"),
    done: include_str!("../../notices/en/done.html"),
    refused: include_str!("../../notices/en/refused.html"),
    busy: include_str!("../../notices/en/busy.html"),
};
const GERMAN: Pages = Pages {
    form: include_str!("../../notices/de/page.html"),
    done: include_str!("../../notices/de/done.html"),
    refused: include_str!("../../notices/de/refused.html"),
    busy: include_str!("../../notices/de/busy.html"),
};

/// The pages in the language that the browser asks for first, if there are such.
fn pages(headers: &HeaderMap) -> &'static Pages {
    let asked = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    let first = asked.unwrap_or_default().trim_start().to_ascii_lowercase();
    if first.starts_with("de") { &GERMAN } else { &ENGLISH }
}

/// `GET /repudiate`: the form.
pub(crate) async fn form(headers: HeaderMap) -> Response {
    (HEADERS, Html(pages(&headers).form)).into_response()
}

/// `GET /repudiate.js`: puts the token of the link into the form.
pub(crate) async fn script() -> Response {
    let kind = [(header::CONTENT_TYPE, "text/javascript; charset=utf-8")];
    (HEADERS, kind, SCRIPT).into_response()
}

/// `POST /repudiate`: the form, sent.
pub(crate) async fn submit(
    State(engine): State<Engine>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let pages = pages(&headers);
    let token = Zeroizing::new(token_in(&body).unwrap_or_default());
    let (status, page) = match engine.repudiate(&token, SOURCE).await {
        Ok(_) => (StatusCode::OK, pages.done),
        Err(Error::RepudiationRefused) => (StatusCode::UNPROCESSABLE_ENTITY, pages.refused),
        Err(error) => {
            tracing::warn!(code = error.code(), "an answer to a notice could not be taken");
            (StatusCode::SERVICE_UNAVAILABLE, pages.busy)
        }
    };
    (status, HEADERS, Html(page)).into_response()
}

/// The token in a form: as it is, or behind the `#` of the whole link.
fn token_in(body: &[u8]) -> Option<String> {
    let body = body.get(..FORM_MAX.min(body.len())).filter(|cut| cut.len() == body.len())?;
    let mut fields = body.split(|byte| *byte == b'&');
    let value = fields.find_map(|field| field.strip_prefix(b"token="))?;
    let text = String::from_utf8(decoded(value)?).ok()?;
    let token = text.rsplit('#').next()?;
    Some(token.trim().to_owned())
}

/// `application/x-www-form-urlencoded`, read back.
fn decoded(value: &[u8]) -> Option<Vec<u8>> {
    let digit = |byte: &u8| char::from(*byte).to_digit(16).and_then(|d| u8::try_from(d).ok());
    let mut bytes = value.iter();
    let mut decoded = Vec::with_capacity(value.len());
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'+' => b' ',
            b'%' => digit(bytes.next()?)? << 4 | digit(bytes.next()?)?,
            plain => *plain,
        });
    }
    Some(decoded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_takes_the_token_and_the_whole_link() {
        for (body, token) in [
            ("token=abc-_123", Some("abc-_123")),
            ("x=1&token=+abc%0A", Some("abc")),
            ("token=https%3A%2F%2Fa.example%2Frepudiate%23abc", Some("abc")),
            ("token=", Some("")),
            ("token=%2", None),
            ("token=%zz", None),
            ("token=%ff", None),
            ("tokens=abc", None),
            ("", None),
        ] {
            assert_eq!(token_in(body.as_bytes()).as_deref(), token, "{body}");
        }
        assert_eq!(token_in(format!("token={}", "a".repeat(FORM_MAX)).as_bytes()), None);
    }

    #[test]
    fn no_page_asks_another_place_for_anything_or_has_a_script_in_it() {
        for pages in [&ENGLISH, &GERMAN] {
            for page in [pages.form, pages.done, pages.refused, pages.busy] {
                let own = page.replace("<script src=\"repudiate.js\" defer></script>", "");
                for part in
                    ["http", "//", "<script", "<style", "style=", "onclick", "<img", "<link"]
                {
                    assert!(!own.contains(part), "{part} is in {page}");
                }
            }
            assert!(pages.form.contains("<form method=\"post\" action=\"repudiate\""));
        }
    }
}
