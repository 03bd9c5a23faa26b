//! `POST /self/codes/sheet`: the codes on the page as a file, to print or to keep.
//!
//! The server cannot read codes back, so the page that shows them sends them. They are checked to
//! be codes, made into the file, and forgotten: nothing of them is stored or written down.

use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use glassbreak_engine::Engine;
use glassbreak_engine::core::code::Code;
use glassbreak_engine::core::code_set::CodeSet;
use glassbreak_engine::core::id::SetId;
use glassbreak_sheet::{CODES_MAX, Layout, Paper, mark_of, render};
use serde::Deserialize;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::holder::{Holder, LookersForm};
use crate::pages::frame::Frame;
use crate::pages::own::home;
use crate::pages::text::Language;
use crate::problem::Problem;

/// The kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum As {
    /// A sheet to print, on paper of the size that most of the world uses.
    A4,
    /// The same on the paper of North America.
    Letter,
    /// Plain text, for a place that holds secrets.
    Text,
}

/// What the page has.
#[derive(Deserialize)]
pub(super) struct Sheet {
    set: Uuid,
    code: Vec<Zeroizing<String>>,
    #[serde(rename = "as")]
    kind: As,
}

/// `POST /self/codes/sheet`.
pub(super) async fn sheet(
    State(engine): State<Engine>,
    LookersForm(holder, form): LookersForm<Sheet>,
) -> Result<Response, Problem> {
    if form.code.is_empty() || form.code.len() > CODES_MAX {
        return Err(Problem::new("invalid_request", "a set has 1 to 32 codes"));
    }
    let codes = form.code.iter().map(|text| Code::parse(text, engine.prefix()));
    let codes: Vec<Code> = codes.collect::<Result<_, _>>().map_err(|_| {
        Problem::new("malformed_code", "what the page sent is not the codes it was shown")
    })?;
    let set = set_of(&engine, &holder, SetId(form.set)).await?;
    let paper = match form.kind {
        As::Text => {
            let text = text(&holder.0.frame, &set, &codes);
            return file(text.as_bytes(), "text/plain; charset=utf-8", "attachment", "txt");
        }
        As::A4 => Paper::A4,
        As::Letter => Paper::Letter,
    };
    let language = match holder.0.frame.language {
        Language::En => glassbreak_sheet::Language::English,
        Language::De => glassbreak_sheet::Language::German,
    };
    let (url, made_at) = (format!("{}/recover", holder.0.own.public_url), engine.now());
    let drawn = tokio::task::spawn_blocking(move || {
        render(&glassbreak_sheet::Sheet {
            codes: &codes,
            set: set.id,
            kind: set.issued.kind,
            issued_at: set.issued_at,
            expires_at: set.issued.expires_at,
            language,
            paper,
            layout: Layout::Page,
            redemption_url: &url,
            finder: None,
            made_at,
        })
    });
    let drawn = drawn.await.map_err(|_| Problem::plain("internal"))?;
    let drawn = drawn.map_err(|error| {
        tracing::error!(%error, "a sheet could not be drawn");
        Problem::plain("internal")
    })?;
    // Shown, and not put among the downloads: what is printed from there leaves no file behind.
    file(&drawn, "application/pdf", "inline", "pdf")
}

/// The set, if it is the holder's.
async fn set_of(engine: &Engine, holder: &Holder, id: SetId) -> Result<CodeSet, Problem> {
    let sets = home::sets(engine, &holder.0).await?;
    let found = sets.into_iter().find(|set| set.id == id);
    found.ok_or_else(|| Problem::plain("code_set_unknown"))
}

/// The codes as lines. No name of anybody is among them.
fn text(f: &Frame, set: &CodeSet, codes: &[Code]) -> Zeroizing<String> {
    // As long as it will be: a text that grows leaves copies behind.
    let mut text = Zeroizing::new(String::with_capacity(4096));
    let mut line = |words: &str| {
        text.push_str(words);
        text.push_str("\r\n");
    };
    line(&f.t("codes-sheet-title").with("set", mark_of(set.id)).to_string());
    line("");
    for (at, code) in codes.iter().enumerate() {
        line(&Zeroizing::new(format!("{:>2}  {}", at + 1, *code.expose_display())));
    }
    line("");
    line(&f.t("codes-expires-on").with("day", f.day(set.issued.expires_at)).to_string());
    for key in ["codes-use-once", "codes-use-where", "codes-lost"] {
        line(&f.t(key).to_string());
    }
    text
}

fn file(
    bytes: &[u8],
    kind: &'static str,
    disposition: &'static str,
    ending: &str,
) -> Result<Response, Problem> {
    let name = format!("{disposition}; filename=\"recovery-codes.{ending}\"");
    let name = HeaderValue::try_from(name).map_err(|_| Problem::plain("internal"))?;
    let kind = HeaderValue::from_static(kind);
    let headers = [(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, name)];
    Ok((headers, bytes.to_vec()).into_response())
}
