//! What holds for every page, whatever is on it: its headers, and how a refusal looks.

use askama::Template;
use axum::body::to_bytes;
use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};
use serde::Deserialize;

use super::frame::Frame;
use crate::problem::Problem;

/// Nothing comes from elsewhere, no script and no style is in a page, and nobody puts it in a
/// frame (ASVS 3.4.3, 3.4.6).
pub(crate) const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
                                 img-src 'self' data:; font-src 'self'; connect-src 'self'; \
                                 form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const HEADERS: [(HeaderName, &str); 6] = [
    (header::CACHE_CONTROL, "no-store"),
    (header::REFERRER_POLICY, "same-origin"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (HeaderName::from_static("x-robots-tag"), "noindex"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

/// The most of a problem that is read, in bytes.
const PROBLEM_MAX: usize = 64 * 1024;

/// A problem as it travels.
#[derive(Deserialize)]
struct Told {
    code: String,
    title: String,
    detail: String,
    #[serde(default)]
    reasons: Vec<String>,
    #[serde(default)]
    retry_after_seconds: Option<u64>,
}

/// The page of a refusal.
#[derive(Template)]
#[template(path = "refused.html")]
struct Refused {
    f: Frame,
    title: String,
    what_to_do: String,
    /// What is particular about it, if that is more than what to do.
    detail: Option<String>,
    told: Told,
}

/// Dresses what a page's handler answered.
pub(crate) async fn dress(request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let mut frame = Frame::new(&parts);
    // What a form was sent to is no page: after a sign-in one goes on where its area begins.
    if ![Method::GET, Method::HEAD].contains(&parts.method) {
        let area =
            frame.here.split('/').nth(1).filter(|area| ["desk", "console", "self"].contains(area));
        frame.here = area.map_or_else(|| "/".to_owned(), |area| format!("/{area}"));
    }
    let mut response = next.run(Request::from_parts(parts, body)).await;
    let kind = response.headers().get(header::CONTENT_TYPE);
    if kind.is_some_and(|kind| kind == "application/problem+json") {
        response = refused(frame, response).await;
    }
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    let policy = HeaderValue::from_static(POLICY);
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(policy);
    response
}

/// A refusal as people read it. Who is not signed in is led to where they can.
async fn refused(frame: Frame, response: Response) -> Response {
    let (parts, body) = response.into_parts();
    let bytes = to_bytes(body, PROBLEM_MAX).await.unwrap_or_default();
    let Ok(told) = serde_json::from_slice::<Told>(&bytes) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    if told.code == "unauthenticated" {
        return sign_in(&frame);
    }
    let phrase = |key: String, otherwise: &str| {
        let text = frame.language.phrase(key).to_string();
        if text.starts_with('[') { otherwise.to_owned() } else { text }
    };
    let title = phrase(format!("problem-{}", told.code.replace('_', "-")), &told.title);
    let what_to_do = phrase(format!("problem-{}-do", told.code.replace('_', "-")), &told.detail);
    let is_more = !Problem::is_advice(&told.detail) && what_to_do != told.detail;
    let detail = is_more.then(|| told.detail.clone());
    let mut page = shown(&Refused { f: frame, title, what_to_do, detail, told }).into_response();
    *page.status_mut() = parts.status;
    if let Some(after) = parts.headers.get(header::RETRY_AFTER) {
        page.headers_mut().insert(header::RETRY_AFTER, after.clone());
    }
    page
}

fn sign_in(frame: &Frame) -> Response {
    // Who signs in to see the log's entries sees them on the auditors' pages.
    let auditors = if frame.here.starts_with("/log/") { "/console" } else { "" };
    let place = format!("{auditors}{}", frame.here);
    let place = percent_encoding::utf8_percent_encode(&place, percent_encoding::NON_ALPHANUMERIC);
    let is_own = frame.here == "/self" || frame.here.starts_with("/self/");
    let area = if is_own { "/self" } else { "" };
    go(&format!("{area}/sign-in?return_to={place}")).into_response()
}

/// The browser goes on at `place`, a path of this server, with a new request that changes nothing.
pub(crate) fn go(place: &str) -> Result<Response, Problem> {
    let place = HeaderValue::try_from(place).map_err(|_| Problem::plain("internal"))?;
    Ok((StatusCode::SEE_OTHER, [(header::LOCATION, place)]).into_response())
}

/// A page.
pub(crate) fn shown(view: &impl Template) -> Result<Html<String>, Problem> {
    view.render().map(Html).map_err(|error| {
        tracing::error!(%error, "a page could not be written");
        Problem::plain("internal")
    })
}

#[cfg(test)]
mod tests {
    use crate::pages::text::Language;
    use crate::problem::codes;

    #[test]
    fn every_refusal_has_a_title_in_each_language() {
        for language in Language::ALL {
            for code in codes() {
                let title = language.phrase(format!("problem-{}", code.replace('_', "-")));
                assert!(!title.to_string().starts_with('['), "{code}");
            }
        }
    }
}
