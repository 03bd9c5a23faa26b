//! One entry of the log, its receipt, the way to it, and the keys that prove both.

use askama::Template;
use axum::extract::State;
use axum::http::header;
use axum::response::{Html, IntoResponse, Response};
use glassbreak_engine::Engine;
use glassbreak_engine::core::event::Entry;
use glassbreak_engine::core::id::EventId;
use serde::Deserialize;
use uuid::Uuid;

use super::log::{self, Looking};
use crate::body::{IdPath, Parameters};
use crate::pages::dress::{go, shown};
use crate::pages::frame::Frame;
use crate::problem::Problem;

#[derive(Template)]
#[template(path = "console/log_entry.html")]
struct Shown {
    f: Frame,
    base: &'static str,
    index: u64,
    id: Uuid,
    kind: &'static str,
    at: String,
    subject: Option<String>,
    /// The exact text that was hashed.
    text: String,
    keys: String,
    words: Vec<(&'static str, String)>,
}

/// `GET /console/log/entries/{event_id}` and `GET /log/entries/{event_id}`.
pub(super) async fn show(
    State(engine): State<Engine>,
    looking: Looking,
    IdPath(event): IdPath<Uuid>,
) -> Result<Html<String>, Problem> {
    looking.must_see_entries()?;
    let receipt = engine.receipt(EventId(event)).await?;
    let receipt = receipt.ok_or_else(|| Problem::plain("event_unknown"))?;
    let entry = Entry::from_bytes(receipt.entry.as_bytes());
    let entry = entry.map_err(|_| Problem::plain("corrupt"))?;
    let keys = log::lines(&engine.verifier_keys().await?, &looking.f.site.witnesses);
    shown(&Shown {
        base: looking.base,
        index: receipt.index,
        id: event,
        kind: entry.happened.name(),
        at: looking.f.moment(entry.at),
        subject: entry.subject.map(|subject| subject.to_string()),
        words: log::words(&looking.f),
        f: looking.f,
        text: receipt.entry,
        keys,
    })
}

/// `GET /console/log/receipts/{event_id}` and `GET /log/receipts/{event_id}`: the file.
pub(super) async fn download(
    State(engine): State<Engine>,
    looking: Looking,
    IdPath(event): IdPath<Uuid>,
) -> Result<Response, Problem> {
    looking.must_see_entries()?;
    let receipt = engine.receipt(EventId(event)).await?;
    let receipt = receipt.ok_or_else(|| Problem::plain("event_unknown"))?;
    Ok(file(&format!("receipt-{event}.json"), "application/json", receipt.to_json().to_string()))
}

/// `GET /console/log/log.vkey` and `GET /log/log.vkey`: the verifier keys, for who has none yet.
pub(super) async fn keys(
    State(engine): State<Engine>,
    looking: Looking,
) -> Result<Response, Problem> {
    let keys = log::lines(&engine.verifier_keys().await?, &looking.f.site.witnesses);
    Ok(file("log.vkey", "text/plain; charset=utf-8", keys))
}

fn file(name: &str, kind: &'static str, text: String) -> Response {
    let disposition = format!("attachment; filename=\"{name}\"");
    ([(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, disposition)], text)
        .into_response()
}

/// What somebody looks for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Sought {
    /// An event's id, or a place in the log.
    entry: String,
}

/// `GET /console/log/find` and `GET /log/find`: on to the entry.
pub(super) async fn find(
    State(engine): State<Engine>,
    looking: Looking,
    Parameters(sought): Parameters<Sought>,
) -> Result<Response, Problem> {
    looking.must_see_entries()?;
    let unknown = || Problem::plain("event_unknown");
    let sought = sought.entry.trim();
    let id = match sought.parse::<u64>() {
        Ok(index) => {
            let found = engine.entries(index, 1).await?;
            found.first().filter(|entry| entry.index == index).map(|entry| entry.id.0)
        }
        Err(_) => sought.parse::<Uuid>().ok(),
    };
    go(&format!("{}/entries/{}", looking.base, id.ok_or_else(unknown)?))
}
