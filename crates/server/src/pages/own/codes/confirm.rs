//! `POST /self/codes/confirm`: the holder has the codes, and shows it with the last group of one,
//! or with a whole one from the paper.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use glassbreak_engine::core::id::SetId;
use glassbreak_engine::core::operation::Denial;
use glassbreak_engine::core::operation::confirm::Reply;
use glassbreak_engine::core::stage::Applied;
use glassbreak_engine::{Engine, Error};
use glassbreak_sheet::mark_of;
use serde::Deserialize;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::holder::HoldersForm;
use super::typed;
use crate::pages::dress::{go, shown};
use crate::pages::frame::Frame;
use crate::problem::Problem;

/// What was typed.
#[derive(Deserialize)]
pub(super) struct Typed {
    /// Of which set.
    set: Uuid,
    /// The number of the code, from 1; of a whole one none.
    number: Option<u8>,
    /// What the page has of it; of a whole one nothing.
    #[serde(default)]
    head: Zeroizing<String>,
    /// What was typed.
    #[serde(default)]
    last: Zeroizing<String>,
}

/// The question once more, without the codes: they are on paper by now, or nowhere.
#[derive(Template)]
#[template(path = "own/codes/confirm.html")]
struct Asking {
    f: Frame,
    set: Uuid,
    short: String,
    number: Option<u8>,
    head: Zeroizing<String>,
    prefix: String,
    /// What is wrong: `typo`, `other` or `throttled`.
    wrong: &'static str,
    retry_at: Option<String>,
}

/// `POST /self/codes/confirm`.
pub(super) async fn confirm(
    State(engine): State<Engine>,
    HoldersForm(holder, form): HoldersForm<Typed>,
) -> Result<Response, Problem> {
    let Typed { set, number, head, last } = form;
    let code = typed(&head, &last, engine.prefix());
    let confirmed = engine.confirm(&holder.0.caller, SetId(set), &code).await;
    let (wrong, status, retry_at) = match confirmed.map(Applied::into_reply) {
        Ok(Reply::Confirmed { .. }) => return go("/self/codes?confirmed=1"),
        // A typo is no attempt (SS-03).
        Err(Error::Malformed(_)) => ("typo", StatusCode::UNPROCESSABLE_ENTITY, None),
        Ok(Reply::NotAccepted) => ("other", StatusCode::UNAUTHORIZED, None),
        Ok(Reply::Throttled { retry_at }) => {
            ("throttled", StatusCode::TOO_MANY_REQUESTS, Some(retry_at))
        }
        Err(Error::Denied(Denial::SetNotOffered { .. })) => return go("/self/codes?ended=1"),
        Err(error) => return Err(error.into()),
    };
    let f = holder.0.frame;
    let retry_at = retry_at.map(|at| f.moment(at));
    let (short, prefix) = (mark_of(SetId(set)), engine.prefix().as_str().to_owned());
    let view = Asking { f, set, short, number, head, prefix, wrong, retry_at };
    Ok((status, shown(&view)?).into_response())
}
