//! `/recover`: a code is used, by whoever has it and says whose it is. Nobody is signed in.
//!
//! It tells nothing that the API does not: every reason of a refusal is one page with one status,
//! and takes the same time (C9); a typo costs no attempt. The form names its attempt, so a double
//! press, a reload and the back button repeat it safely.

use std::collections::BTreeSet;

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use glassbreak_engine::core::code::{Code, Profile};
use glassbreak_engine::core::digest::Digest;
use glassbreak_engine::core::id::{RecoveryId, RedemptionId, SubjectId, SubjectRef};
use glassbreak_engine::core::operation::redeem::Reply;
use glassbreak_engine::core::recovery::Window;
use glassbreak_engine::core::redemption::{Method, Role};
use glassbreak_engine::core::self_service::Purpose;
use glassbreak_engine::core::time::{Seconds, Timestamp};
use glassbreak_engine::operation::Redemption;
use glassbreak_engine::store::RecoveryQuery;
use glassbreak_engine::{Engine, Error, Reach};
use serde::Deserialize;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::body::subject;
use crate::pages::dress::{go, shown};
use crate::pages::form::PlainForm;
use crate::pages::frame::Frame;
use crate::pages::sign_in::with_cookie;
use crate::problem::Problem;
use crate::self_service::{Own, SelfService, Stranger};
use crate::shape::word;

/// How long somebody may report a loss whose code is right and not enough.
const REPORTING: Seconds = Seconds::minutes(15);
/// Among so many of the newest recoveries is the one that a code was sent in.
const LATELY: usize = 20;

/// What is wrong with what was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wrong {
    /// The account's name cannot be one.
    Account,
    /// The code was mistyped. It cost no attempt.
    Typo,
    /// Not accepted, whatever the reason.
    NotAccepted,
    /// Too many attempts; so many seconds to wait.
    Wait(u64),
}

#[derive(Template)]
#[template(path = "own/recover.html")]
struct Page {
    f: Frame,
    redeems: bool,
    has_provider: bool,
    prefix: String,
    /// Who signed in at the identity provider a moment ago.
    known: Option<String>,
    account: String,
    code: Zeroizing<String>,
    attempt: Uuid,
    wrong: Option<Wrong>,
}

impl Page {
    fn is_typo(&self) -> bool {
        self.wrong == Some(Wrong::Typo)
    }

    fn is_no_account(&self) -> bool {
        self.wrong == Some(Wrong::Account)
    }

    fn is_refused(&self) -> bool {
        self.wrong == Some(Wrong::NotAccepted)
    }

    const fn wait(&self) -> Option<u64> {
        match self.wrong {
            Some(Wrong::Wait(seconds)) => Some(seconds),
            _ => None,
        }
    }
}

/// More has to come with the code.
#[derive(Template)]
#[template(path = "own/more.html")]
struct More {
    f: Frame,
    has_provider: bool,
    /// Where people sign in to everything else.
    sign_in_url: Option<String>,
    alternatives: Vec<Vec<String>>,
}

impl More {
    /// Whether it is shown by signing in.
    fn is_sign_in(method: &str) -> bool {
        ["password", "authenticator"].contains(&method)
    }

    /// Whether it is typed in where the first code was.
    fn is_typed(method: &str) -> bool {
        method.ends_with("_code") || method == "recovery_contact"
    }

    /// What to do for it. Where people do not sign in here, what a sign-in shows counts only
    /// where they do.
    fn how(&self, method: &str) -> String {
        let elsewhere = Self::is_sign_in(method) && !self.has_provider;
        let phrase = if elsewhere {
            self.f.t("own-more-elsewhere")
        } else {
            self.f.word("own-need-do", method)
        };
        phrase.with("contact", self.f.contact()).to_string()
    }
}

/// The window of a repeated attempt has closed.
#[derive(Template)]
#[template(path = "own/over.html")]
struct Over {
    f: Frame,
}

/// An attempt.
#[derive(Deserialize)]
pub(crate) struct Attempt {
    #[serde(default)]
    account: String,
    #[serde(default)]
    code: Zeroizing<String>,
    attempt: Uuid,
}

/// `GET /recover`: the form, with a name for the attempt.
pub(crate) async fn show(
    State(engine): State<Engine>,
    Own(own): Own,
    f: Frame,
    headers: HeaderMap,
) -> Result<Html<String>, Problem> {
    let known = signed_in(&own, &headers).await.map(|(name, _)| String::from(name));
    shown(&form(&engine, &own, f, known)?)
}

fn form(
    engine: &Engine,
    own: &SelfService,
    f: Frame,
    known: Option<String>,
) -> Result<Page, Problem> {
    Ok(Page {
        f,
        redeems: own.config.redeem,
        has_provider: own.has_provider(),
        prefix: engine.prefix().as_str().to_owned(),
        account: known.clone().unwrap_or_default(),
        known,
        code: Zeroizing::default(),
        attempt: engine.new_id()?,
        wrong: None,
    })
}

/// Who signed in at the identity provider, and showed a factor there that the configuration knows.
/// That counts beside the code, as when a program vouches for a password (N63B-RA-02); also when
/// the code has let them in since, so that the form that is sent again asks the same.
async fn signed_in(own: &SelfService, headers: &HeaderMap) -> Option<(SubjectRef, SubjectId)> {
    let present = own.present(headers).await.ok()?;
    let session = &present.session;
    (session.is_vouched_for && !session.only_reports())
        .then_some((present.entry.reference, present.subject.id))
}

/// `POST /recover`.
pub(crate) async fn send(
    State(engine): State<Engine>,
    Own(own): Own,
    Stranger(caller): Stranger,
    f: Frame,
    headers: HeaderMap,
    PlainForm(form_sent): PlainForm<Attempt>,
) -> Result<Response, Problem> {
    if !own.config.redeem {
        return Err(Problem::new("not_configured", "codes are not used here"));
    }
    let known = signed_in(&own, &headers).await;
    let known_as = known.as_ref().map(|(name, _)| String::from(name.clone()));
    let page = form(&engine, &own, f.clone(), known_as)?;
    let Attempt { account, code, attempt } = form_sent;
    let account = account.trim().to_owned();
    let again = |wrong, code| {
        // A typo is mended in the same attempt: nothing is remembered of it.
        let attempt = if wrong == Wrong::Typo { attempt } else { page.attempt };
        refused(&Page { account: account.clone(), code, attempt, wrong: Some(wrong), ..page })
    };
    // First, and whoever it is said to be of.
    let Ok(parsed) = Code::parse(&code, engine.prefix()) else {
        return again(Wrong::Typo, code);
    };
    let is_sent = matches!(parsed.profile(), Profile::Issued { .. });
    let Ok(name) = subject(account.clone()) else {
        return again(Wrong::Account, code);
    };
    let is_known = known.is_some_and(|(known, _)| known == name);
    let redemption = Redemption {
        id: named(attempt),
        subject: &name,
        code: &code,
        role: Role::AccountRecovery,
        presented: if is_known { vec![Method::Password] } else { Vec::new() },
        recovery: if is_sent { sent_in(&engine, &name).await? } else { None },
    };
    let reply = match engine.redeem(&caller, redemption).await {
        Ok(applied) => applied.into_reply(),
        Err(Error::Malformed(_)) => return again(Wrong::Typo, code),
        Err(error) => return Err(error.into()),
    };
    let now = engine.now();
    let done = match reply {
        Reply::Accepted { window: Some(window), .. } | Reply::Recovered { window } => {
            in_window(&engine, &own, &headers, &name, &window).await
        }
        Reply::Accepted { .. } | Reply::WindowClosed { .. } => {
            Ok(shown(&Over { f })?.into_response())
        }
        Reply::MoreEvidenceRequired { recovery, alternatives } => {
            let alternatives = in_order(&alternatives);
            let (has_provider, sign_in_url) = (own.has_provider(), own.config.sign_in_url.clone());
            let view = More { f, has_provider, sign_in_url, alternatives };
            let page = shown(&view)?.into_response();
            to_report(&engine, &own, &headers, (&name, recovery, now), page).await
        }
        Reply::NotAccepted => return again(Wrong::NotAccepted, Zeroizing::default()),
        Reply::Throttled { retry_at } => {
            let seconds = retry_at.seconds_from(now).max(1);
            return again(Wrong::Wait(seconds), Zeroizing::default());
        }
    };
    match done {
        // A stranger does not learn that somebody is contained.
        Err(problem) if problem.is_contained() => again(Wrong::NotAccepted, Zeroizing::default()),
        done => done,
    }
}

/// What the log calls an attempt. The form's own name of it is not there for others to send again.
fn named(attempt: Uuid) -> RedemptionId {
    let Digest(bytes) = Digest::of("glassbreak/recover-attempt/v1", &[attempt.as_bytes()]);
    let mut own = [0; 16];
    own.copy_from_slice(bytes.split_at(16).0);
    RedemptionId(uuid::Builder::from_custom_bytes(own).into_uuid())
}

/// The recovery in which a code was last sent to somebody: a code that was sent is good in its own,
/// and people know nothing of its id. However it stands now, so that a form that is sent again asks
/// the same.
async fn sent_in(engine: &Engine, name: &SubjectRef) -> Result<Option<RecoveryId>, Problem> {
    let Some((subject, _)) = engine.subject(&Reach::Everybody, name).await? else {
        return Ok(None);
    };
    let newest = RecoveryQuery {
        newest: true,
        limit: LATELY,
        subject: Some(subject.id),
        ..RecoveryQuery::default()
    };
    let page = engine.recoveries(&Reach::Everybody, &newest).await?;
    let found = page.rows.into_iter().find(|row| !row.recovery.sent.is_empty());
    Ok(found.map(|row| row.recovery.id))
}

/// The form again, with what is wrong.
fn refused(page: &Page) -> Result<Response, Problem> {
    let status = match page.wrong {
        Some(Wrong::Typo | Wrong::Account) => StatusCode::UNPROCESSABLE_ENTITY,
        Some(Wrong::Wait(_)) => StatusCode::TOO_MANY_REQUESTS,
        Some(Wrong::NotAccepted) | None => StatusCode::UNAUTHORIZED,
    };
    let wait = page.wait();
    let mut response = (status, shown(page)?).into_response();
    if let Some(seconds) = wait {
        response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    Ok(response)
}

/// On to the window, in a session that lasts as long as it does.
async fn in_window(
    engine: &Engine,
    own: &SelfService,
    headers: &HeaderMap,
    name: &SubjectRef,
    window: &Window,
) -> Result<Response, Problem> {
    let found = engine.subject(&Reach::Everybody, name).await?;
    let (subject, _) = found.ok_or_else(Problem::not_accepted)?;
    let purposes = Purpose::ALL.to_vec();
    let at = (window.recovery, window.ends_at);
    let begun = own.by_code(headers, subject.id, at, purposes).await?;
    // Their own session ends by itself, soon: if this answer is lost, the form is sent again as who
    // they were, and leads here again. Anybody else's ends now.
    if !own.present(headers).await.is_ok_and(|present| present.subject.id == subject.id) {
        own.leave(headers).await?;
    }
    with_cookie(go("/self/recovery")?, &own.cookie(Some(&begun)))
}

/// A code that is right is one factor, and one is enough to report a loss: not more than that. Who
/// is in already stays in.
async fn to_report(
    engine: &Engine,
    own: &SelfService,
    headers: &HeaderMap,
    (name, recovery, now): (&SubjectRef, Option<RecoveryId>, Timestamp),
    page: Response,
) -> Result<Response, Problem> {
    let found = engine.subject(&Reach::Everybody, name).await?;
    let (Some((subject, _)), Some(recovery)) = (found, recovery) else { return Ok(page) };
    if own.present(headers).await.is_ok_and(|present| present.subject.id == subject.id) {
        return Ok(page);
    }
    let at = (recovery, now.plus(REPORTING));
    let begun = own.by_code(headers, subject.id, at, vec![Purpose::Report]).await?;
    own.leave(headers).await?;
    with_cookie(page, &own.cookie(Some(&begun)))
}

/// What else would do, each by the names of what has to come together, the easiest first. A sign-in
/// shows a password or an authenticator: where either would do, people are told of it once.
fn in_order(alternatives: &[Vec<Method>]) -> Vec<Vec<String>> {
    let with_password = |all: &[Method]| -> BTreeSet<Method> {
        let swap = |it: &Method| if *it == Method::Authenticator { Method::Password } else { *it };
        all.iter().map(swap).collect()
    };
    let is_told = |all: &&Vec<Method>| {
        !all.contains(&Method::Authenticator)
            || alternatives
                .iter()
                .all(|other| other == *all || with_password(other) != with_password(all))
    };
    let ordered: BTreeSet<(usize, &Vec<Method>)> =
        alternatives.iter().filter(is_told).map(|all| (all.len(), all)).collect();
    ordered.iter().map(|(_, all)| all.iter().map(word).collect()).collect()
}
