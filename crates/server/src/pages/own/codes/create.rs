//! `POST /self/codes/new`: makes the set, and its answer is the one page with the codes (A3).
//!
//! There is no redirect: what a browser could ask for again would have to be kept to be answered.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use glassbreak_engine::core::code_set::{Custody, SetState};
use glassbreak_engine::core::id::SetId;
use glassbreak_engine::core::operation::issue::Reply;
use glassbreak_engine::core::operation::{Denial, SetSummary};
use glassbreak_engine::core::self_service::Purpose;
use glassbreak_engine::core::stage::Applied;
use glassbreak_engine::{Engine, Error};
use glassbreak_sheet::mark_of;
use serde::Deserialize;
use uuid::Uuid;

use super::holder::{Holder, LookersForm};
use super::{PLACES, ShownCode, new};
use crate::pages::dress::shown;
use crate::pages::frame::Frame;
use crate::problem::Problem;

/// The form of the page before.
#[derive(Deserialize)]
pub(super) struct Making {
    /// The name of the request, drawn with the page.
    key: String,
    /// The sets that the page saw live.
    #[serde(default)]
    seen: Vec<Uuid>,
    /// Where the set will be kept.
    #[serde(default)]
    place: String,
}

/// The sheet.
#[derive(Template)]
#[template(path = "own/codes/reveal.html")]
struct Reveal {
    f: Frame,
    set: SetId,
    short: String,
    codes: Vec<ShownCode>,
    /// Which code is typed again, from 1: to confirm the set, or where it works already to check
    /// what was saved.
    asked: Option<usize>,
    confirm_by: Option<String>,
    expires: String,
    issued: String,
    custody: &'static str,
    /// Whether another set works until this one is confirmed.
    has_old: bool,
    /// What codes of this installation begin with.
    prefix: String,
    /// How many sets ended with this one.
    superseded: usize,
}

impl Reveal {
    fn place(&self, what: &str) -> String {
        super::place(&self.f, self.custody, what)
    }

    /// The code that is typed again.
    fn asked_code(&self) -> Option<&ShownCode> {
        self.codes.get(self.asked?.checked_sub(1)?)
    }
}

/// The set was shown before, or another one was made meanwhile.
#[derive(Template)]
#[template(path = "own/codes/again.html")]
struct Again {
    f: Frame,
    /// What is told: `shown`, `ended` or `changed`.
    what: &'static str,
    issued: Option<String>,
    confirm_by: Option<String>,
    short: Option<String>,
}

/// A name that a page of ours draws: base64url of 256 bits.
fn is_ours(key: &str) -> bool {
    key.len() == 43 && key.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
}

/// `POST /self/codes/new`.
pub(super) async fn create(
    State(engine): State<Engine>,
    LookersForm(holder, form): LookersForm<Making>,
) -> Result<Response, Problem> {
    // The first time it was sent it completed the recovery, and with that they only look.
    let present = &holder.0.present;
    if !holder.may_make() && present.session.came_by_code() {
        return again(holder.0.frame, None);
    }
    present.must(Purpose::Codes)?;
    if !is_ours(&form.key) {
        return Err(Problem::new("invalid_request", "the form is not of a page of ours"));
    }
    let custody = PLACES.into_iter().find(|custody| custody.name() == form.place);
    let Some(custody) = custody else { return new::page(&engine, holder, true).await };
    // By what the page saw, and not by what is: sent again, it is the same request.
    let request = holder.asks_for(!form.seen.is_empty(), Some(custody));
    let seen: Vec<SetId> = form.seen.into_iter().map(SetId).collect();
    let caller = holder.0.caller.clone().naming(Some(form.key));
    let applied = engine.issue_as_seen(&caller, holder.0.name(), &request, &seen).await;
    match applied.map(Applied::into_reply) {
        Ok(Reply::Shown { set, codes, superseded }) => {
            let codes = codes.iter().map(ShownCode::new).collect();
            let has_old = seen.len() > superseded.len();
            let prefix = engine.prefix().as_str().to_owned();
            reveal(holder, &set, (codes, prefix), custody, (has_old, superseded.len()))
        }
        Ok(Reply::ShownBefore { set }) => again(holder.0.frame, Some(&set)),
        Ok(Reply::Refused(refusal)) => {
            let has_live = !seen.is_empty();
            new::refused(&engine, holder, refusal, has_live).await
        }
        Err(Error::Denied(Denial::SetsChanged { .. })) => {
            let view = Again {
                f: holder.0.frame,
                what: "changed",
                issued: None,
                confirm_by: None,
                short: None,
            };
            Ok((StatusCode::CONFLICT, shown(&view)?).into_response())
        }
        // The same page of somebody who signed in more strongly meanwhile.
        Err(Error::Denied(Denial::RequestReused)) => again(holder.0.frame, None),
        Err(error) => Err(error.into()),
    }
}

fn reveal(
    holder: Holder,
    set: &SetSummary,
    (codes, prefix): (Vec<ShownCode>, String),
    custody: Custody,
    (has_old, superseded): (bool, usize),
) -> Result<Response, Problem> {
    let f = holder.0.frame;
    let confirm_by = match set.state {
        // In a window the codes count once they are confirmed: its end comes first.
        SetState::Offered { confirm_by } => {
            let window = holder.0.present.window.as_ref().map(|window| window.ends_at);
            Some(f.moment(window.map_or(confirm_by, |ends_at| ends_at.min(confirm_by))))
        }
        _ => None,
    };
    // Any will do: which one is by the set's id, so that it is not always the first.
    let asked = usize::from(set.id.0.as_bytes().last().copied().unwrap_or_default());
    let asked = asked.checked_rem(codes.len()).map(|place| place + 1);
    let view = Reveal {
        set: set.id,
        short: mark_of(set.id),
        codes,
        asked,
        confirm_by,
        expires: f.day(set.expires_at),
        issued: f.day(set.issued_at),
        custody: custody.name(),
        has_old,
        prefix,
        superseded,
        f,
    };
    Ok(shown(&view)?.into_response())
}

fn again(f: Frame, set: Option<&SetSummary>) -> Result<Response, Problem> {
    let confirm_by = set.and_then(|set| match set.state {
        SetState::Offered { confirm_by } => Some(f.moment(confirm_by)),
        _ => None,
    });
    let has_ended = set.is_some_and(|set| !set.state.is_live());
    let view = Again {
        what: if has_ended { "ended" } else { "shown" },
        issued: set.map(|set| f.moment(set.issued_at)),
        confirm_by,
        short: set.map(|set| mark_of(set.id)),
        f,
    };
    Ok(shown(&view)?.into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reg_28_a_request_has_a_name_that_was_drawn_and_no_other() {
        assert!(is_ours(&"a".repeat(43)));
        for key in ["", "1", &"a".repeat(44), &format!("{}\n", "a".repeat(42))] {
            assert!(!is_ours(key), "{key:?}");
        }
    }
}
