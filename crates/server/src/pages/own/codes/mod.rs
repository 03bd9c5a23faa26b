//! `/self/codes`: the sheet of codes a person is shown once, and what becomes of it (A3, A7, B1).
//!
//! ```text
//! GET /self/codes/new ──> POST /self/codes/new ──> POST /self/codes/confirm ──> GET /self/codes
//!     what will happen        the codes, once          one last group                how it stands
//! ```
//!
//! To look changes nothing (REG-28). The form that makes a set carries a name drawn when the page
//! was made, so that sending it again never shows codes again, and the sets that the page saw, so
//! that an old page takes no newer set's place. docs/decisions/0046.

mod confirm;
mod create;
mod custody;
mod holder;
mod new;
mod sheet;
mod show;

use axum::Router;
use axum::response::Response;
use axum::routing::get;
use glassbreak_engine::Engine;
use glassbreak_engine::core::code::{Code, Prefix};
use glassbreak_engine::core::code_set::{Custody, SetKind, SetState};
use glassbreak_engine::core::id::SetId;
use glassbreak_sheet::mark_of;
use zeroize::Zeroizing;

use self::holder::Holder;
use crate::pages::dress::go;
use crate::pages::frame::Frame;
use crate::pages::own::home;
use crate::problem::Problem;

/// The pages.
pub(super) fn routes() -> Router<Engine> {
    Router::new()
        .route("/self/codes", get(show::show))
        .route("/self/codes/new", get(new::show).post(create::create))
        .route("/self/codes/confirm", get(back).post(confirm::confirm))
        .route("/self/codes/custody", get(back_home).post(custody::custody))
        .route("/self/codes/sheet", get(back).post(sheet::sheet))
        .route("/self/codes/", get(back))
}

/// What answers forms alone is gone to by whoever types its address, or changes the language there.
async fn back() -> Result<Response, Problem> {
    go("/self/codes")
}

/// The same of the form that stands on the first page.
async fn back_home() -> Result<Response, Problem> {
    go("/self")
}

/// The places where a set may be kept (B1), in the order in which people are asked. A custody that
/// is named nowhere here cannot be declared.
pub(super) const PLACES: [Custody; 4] = [
    Custody::SealedOfflineCopy,
    Custody::PasswordManager,
    Custody::Hardware,
    Custody::SecretsManager,
];

/// A set as its holder sees it. Never a code of it.
struct SetView {
    id: SetId,
    /// How a sheet names it.
    short: String,
    state: &'static str,
    /// What the state is as a badge: good, care or nothing.
    tone: &'static str,
    is_live: bool,
    is_offered: bool,
    count: u8,
    unused: u8,
    issued: String,
    expires: String,
    /// By when it is to be confirmed, of one on offer.
    confirm_by: Option<String>,
    replace_by: Option<String>,
    custody: Option<&'static str>,
}

/// How many sets that have ended are shown.
const ENDED: usize = 5;

/// The saved sets of a holder: those that are live, and the last ones that have ended, the newest
/// first.
async fn sets(engine: &Engine, holder: &Holder) -> Result<(Vec<SetView>, Vec<SetView>), Problem> {
    let sets = home::sets(engine, &holder.0).await?;
    let saved = sets.into_iter().filter(|set| set.issued.kind == SetKind::Saved);
    let f = &holder.0.frame;
    // What its time has ended is over, whether anybody has written that down yet or not.
    let now = engine.now();
    let views = saved.map(|set| {
        let state = set.due(now).unwrap_or(set.state);
        let confirm_by = match state {
            SetState::Offered { confirm_by } => Some(f.moment(confirm_by)),
            _ => None,
        };
        SetView {
            id: set.id,
            short: mark_of(set.id),
            state: state.name(),
            tone: tone(state),
            is_live: state.is_live(),
            is_offered: confirm_by.is_some(),
            count: set.issued.count,
            unused: set.unused(),
            issued: f.moment(set.issued_at),
            expires: f.day(set.issued.expires_at),
            confirm_by,
            replace_by: set.replace_by.map(|at| f.day(at)),
            custody: set.custody().map(Custody::name),
        }
    });
    let (live, mut ended): (Vec<_>, Vec<_>) = views.partition(|set: &SetView| set.is_live);
    ended.truncate(ENDED);
    Ok((live, ended))
}

const fn tone(state: SetState) -> &'static str {
    match state {
        SetState::Active { .. } => "good",
        SetState::Offered { .. } | SetState::Lapsed { .. } | SetState::Disabled { .. } => "care",
        _ => "",
    }
}

/// A code as the sheet shows it: in two parts, because the last group is what is typed again.
struct ShownCode {
    whole: Zeroizing<String>,
    /// Where the last group begins.
    last_at: usize,
}

impl ShownCode {
    fn new(code: &Code) -> Self {
        let whole = code.expose_display();
        let last_at = whole.rfind('-').map_or(0, |dash| dash + 1);
        Self { whole, last_at }
    }

    fn whole(&self) -> &str {
        &self.whole
    }

    /// All but the last group, with the dash before it.
    fn head(&self) -> &str {
        self.whole.get(..self.last_at).unwrap_or_default()
    }

    fn last(&self) -> &str {
        self.whole.get(self.last_at..).unwrap_or_default()
    }
}

/// The code that somebody typed the last group of; the whole code is taken too.
fn typed(head: &str, last: &str, prefix: &Prefix) -> Zeroizing<String> {
    let is_whole = Code::parse(last, prefix).is_ok();
    Zeroizing::new(if is_whole { last.to_owned() } else { format!("{head}{last}") })
}

/// A phrase about a place (B1), by its custody: `codes-place-NAME`, or `codes-place-NAME-WHAT`.
fn place(f: &Frame, custody: &str, what: &str) -> String {
    let name = custody.replace('_', "-");
    let key = if what.is_empty() {
        format!("codes-place-{name}")
    } else {
        format!("codes-place-{name}-{what}")
    };
    f.t(&key).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_taken_by_its_last_group_or_whole() {
        let prefix = Prefix::default();
        let whole = "gb-00000-00000-00000-00000-00000-00000";
        assert_eq!(*typed("gb-A-", "b", &prefix), "gb-A-b");
        let is_code = Code::parse(whole, &prefix).is_ok();
        let expected = if is_code { whole.to_owned() } else { format!("x-{whole}") };
        assert_eq!(*typed("x-", whole, &prefix), expected);
    }
}
