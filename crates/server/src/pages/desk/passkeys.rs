//! `GET /desk/passkeys`: the passkeys that the visitor signs with.

use askama::Template;
use axum::extract::State;
use axum::response::Html;
use glassbreak_engine::Engine;

use super::people::duties;
use crate::access::Desk;
use crate::pages::dress::shown;
use crate::pages::frame::Frame;
use crate::pages::visit::Visit;
use crate::problem::Problem;

/// The page.
#[derive(Template)]
#[template(path = "desk/passkeys.html")]
struct Passkeys {
    f: Frame,
    /// None where the sign-in is nobody's own.
    duties: Option<String>,
    /// Each by the end of its id, and whether it can leave its device.
    passkeys: Vec<(String, String)>,
}

pub(crate) async fn show(
    State(engine): State<Engine>,
    visit: Visit<Desk>,
) -> Result<Html<String>, Problem> {
    let operator = match visit.operator {
        Some(operator) => engine.on_duty(operator).await?,
        None => None,
    };
    let f = visit.frame;
    let passkeys = operator.iter().flat_map(|operator| &operator.appointment.passkeys);
    let passkeys = passkeys.map(|passkey| {
        (short(&passkey.credential), f.word("desk-backup", &passkey.backup).to_string())
    });
    let passkeys = passkeys.collect();
    let duties = operator.as_ref().map(|operator| duties(&f, &operator.appointment.duties));
    shown(&Passkeys { f, duties, passkeys })
}

/// As much of a credential's id as tells one from another.
pub(in crate::pages) fn short(credential: &str) -> String {
    let short: String = credential.chars().take(12).collect();
    if short.len() < credential.len() { format!("{short}…") } else { short }
}
