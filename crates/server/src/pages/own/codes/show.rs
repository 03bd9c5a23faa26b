//! `GET /self/codes`: how the sets stand. Never a code.

use askama::Template;
use axum::extract::State;
use axum::response::Html;
use glassbreak_engine::Engine;
use serde::Deserialize;

use super::holder::Looker;
use super::{SetView, sets};
use crate::body::Parameters;
use crate::pages::dress::shown;
use crate::pages::frame::Frame;
use crate::problem::Problem;

#[derive(Template)]
#[template(path = "own/codes/show.html")]
#[expect(clippy::struct_excessive_bools, reason = "each shows a part of the page or does not")]
struct Show {
    f: Frame,
    live: Vec<SetView>,
    ended: Vec<SetView>,
    prefix: String,
    is_confirmed: bool,
    has_ended: bool,
    may_make: bool,
    /// Whether a window is open, of which the codes were one step.
    is_in_recovery: bool,
    /// Whether they were the last step of it.
    is_back: bool,
}

impl Show {
    fn place(&self, custody: &str, what: &str) -> String {
        super::place(&self.f, custody, what)
    }
}

/// What led here.
#[derive(Deserialize)]
pub(super) struct Came {
    confirmed: Option<String>,
    ended: Option<String>,
}

/// `GET /self/codes`.
pub(super) async fn show(
    State(engine): State<Engine>,
    Looker(holder): Looker,
    Parameters(came): Parameters<Came>,
) -> Result<Html<String>, Problem> {
    let (live, ended) = sets(&engine, &holder).await?;
    // An address that somebody kept says nothing that is not so.
    let is_confirmed = came.confirmed.is_some() && live.iter().any(|set| !set.is_offered);
    let (may_make, is_in_recovery) = (holder.may_make(), holder.is_in_recovery());
    shown(&Show {
        may_make,
        is_in_recovery,
        is_back: holder.0.present.is_back,
        f: holder.0.frame,
        live,
        ended,
        prefix: engine.prefix().as_str().to_owned(),
        is_confirmed,
        has_ended: came.ended.is_some(),
    })
}
