//! Which language a page is in: the one that was chosen, or else the first that the browser asks
//! for.

use axum::http::header::{ACCEPT_LANGUAGE, COOKIE};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::form::PlainForm;
use super::text::Language;
use crate::operators::is_own_path;
use crate::problem::Problem;

/// The cookie with the choice. It says nothing of anybody.
const COOKIE_NAME: &str = "glassbreak-language";
/// A year, in seconds.
const KEPT: u32 = 31_536_000;

/// The language for a request.
pub(crate) fn of(headers: &HeaderMap) -> Language {
    let lines = headers.get_all(COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.split_once('='));
    let chosen = pairs.find(|(name, _)| name.trim() == COOKIE_NAME);
    let chosen = chosen.and_then(|(_, tag)| Language::tagged(tag.trim()));
    let asked = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    chosen.or_else(|| asked.and_then(Language::accepted)).unwrap_or(Language::En)
}

/// The choice.
#[derive(Deserialize)]
pub(crate) struct Choice {
    language: String,
    return_to: String,
}

/// `POST /language`: remembers the choice in the browser, and goes back.
pub(crate) async fn choose(PlainForm(choice): PlainForm<Choice>) -> Result<Response, Problem> {
    let language = Language::tagged(&choice.language)
        .ok_or_else(|| Problem::new("invalid_request", "there is no such language"))?;
    let place = if is_own_path(&choice.return_to) { choice.return_to } else { "/".to_owned() };
    let cookie = format!("{COOKIE_NAME}={}; Path=/; SameSite=Lax; Max-Age={KEPT}", language.tag());
    let mut response = StatusCode::SEE_OTHER.into_response();
    for (name, value) in [(header::LOCATION, place), (header::SET_COOKIE, cookie)] {
        let value = HeaderValue::try_from(value).map_err(|_| Problem::plain("internal"))?;
        response.headers_mut().insert(name, value);
    }
    Ok(response)
}
