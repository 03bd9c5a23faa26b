//! `/self/report`: a phone, a sheet of codes, or what one did not do. It takes something away and
//! gives nothing, so one factor is enough: a weak session, a link, a code (D2, N63B-LT-01).

use askama::Template;
use axum::extract::State;
use axum::response::{Html, Response};
use glassbreak_engine::Engine;
use glassbreak_engine::core::code_set::{RevokeReason, SetState};
use glassbreak_engine::core::lifecycle::LifecycleKind;
use glassbreak_engine::core::self_service::Purpose;
use glassbreak_engine::core::time::Seconds;
use serde::Deserialize;

use super::home::sets;
use super::{Sent, Visit};
use crate::body::Parameters;
use crate::pages::dress::{go, shown};
use crate::pages::frame::Frame;
use crate::problem::Problem;

/// What ended so long ago is said to have ended by the report.
const JUST: Seconds = Seconds::minutes(15);

/// What is reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum What {
    /// The phone or key is lost or stolen.
    Phone,
    /// The codes are lost or stolen.
    Codes,
    /// Somebody else has the codes, or has seen them.
    Seen,
    /// Something was done that they did not do.
    NotMe,
}

impl What {
    const ALL: [Self; 4] = [Self::Phone, Self::Codes, Self::Seen, Self::NotMe];

    /// Its name in the form and in the texts.
    const fn name(self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::Codes => "codes",
            Self::Seen => "seen",
            Self::NotMe => "not_me",
        }
    }

    /// The same in keys of texts.
    fn key(self, of: &str) -> String {
        format!("own-report-{}{of}", self.name().replace('_', "-"))
    }
}

#[derive(Template)]
#[template(path = "own/report.html")]
struct Page {
    f: Frame,
    /// Names this report, so that it is safe to send it twice.
    request: String,
    live: usize,
    chosen: Option<What>,
    choices: [What; 4],
}

/// The form.
#[derive(Deserialize)]
pub(crate) struct Reporting {
    what: What,
    request: String,
}

/// What leads to the form, and to what came of it.
#[derive(Deserialize)]
pub(crate) struct Asked {
    what: Option<What>,
}

#[derive(Template)]
#[template(path = "own/reported.html")]
struct Done {
    f: Frame,
    what: What,
    /// How many sets ended just now, and how many work.
    ended: usize,
    live: usize,
    may_make: bool,
}

/// `GET /self/report`: says what each report does, before it is sent.
pub(crate) async fn show(
    State(engine): State<Engine>,
    visit: Visit,
    Parameters(asked): Parameters<Asked>,
) -> Result<Html<String>, Problem> {
    visit.present.must(Purpose::Report)?;
    let live = sets(&engine, &visit).await?.iter().filter(|set| set.state.is_live()).count();
    let request = engine.new_id()?.to_string();
    let (choices, chosen) = (What::ALL, asked.what);
    shown(&Page { f: visit.frame, request, live, chosen, choices })
}

/// `POST /self/report`. Sent twice, it is one report.
pub(crate) async fn send(
    State(engine): State<Engine>,
    Sent { visit, form }: Sent<Reporting>,
) -> Result<Response, Problem> {
    visit.present.must(Purpose::Report)?;
    if form.request.is_empty() || form.request.len() > 64 {
        return Err(Problem::new("invalid_request", "open the form again"));
    }
    let name = |of: &str| Some(format!("report/{}/{of}", form.request));
    let lifecycle = |kind| {
        let caller = visit.caller.clone().naming(name("lifecycle"));
        let (engine, visit) = (&engine, &visit);
        async move { engine.report(&caller, visit.name(), kind, None).await }
    };
    match form.what {
        What::Phone => drop(lifecycle(LifecycleKind::DeviceLost).await?),
        What::NotMe => drop(lifecycle(LifecycleKind::Repudiated).await?),
        What::Codes => revoke(&engine, &visit, RevokeReason::Lost).await?,
        What::Seen => revoke(&engine, &visit, RevokeReason::Leaked).await?,
    }
    go(&format!("/self/report/done?what={}", form.what.name()))
}

/// Revokes every set that works. One that has ended meanwhile stays as it ended.
async fn revoke(engine: &Engine, visit: &Visit, reason: RevokeReason) -> Result<(), Problem> {
    for set in sets(engine, visit).await?.iter().filter(|set| set.state.is_live()) {
        engine.revoke(&visit.caller, set.id, reason).await?;
    }
    Ok(())
}

/// `GET /self/report/done`: what was ended, as it is written down.
pub(crate) async fn done(
    State(engine): State<Engine>,
    visit: Visit,
    Parameters(asked): Parameters<Asked>,
) -> Result<Html<String>, Problem> {
    visit.present.must(Purpose::Report)?;
    let now = engine.now();
    let sets = sets(&engine, &visit).await?;
    let just =
        |state: &SetState| matches!(state, SetState::Revoked { at, .. } if at.plus(JUST) > now);
    let ended = sets.iter().filter(|set| just(&set.state)).count();
    let live = sets.iter().filter(|set| set.state.is_live()).count();
    let what = asked.what.unwrap_or(What::NotMe);
    let may_make = visit.present.session.purposes.contains(&Purpose::Codes);
    shown(&Done { f: visit.frame, what, ended, live, may_make })
}
