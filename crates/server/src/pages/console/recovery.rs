//! `GET /console/recoveries/{id}`: one recovery for who checks it: what was presented and by whom,
//! what the policy said each time and under which rules, who signed what, and how it ended.

use askama::Template;
use axum::extract::State;
use axum::response::Html;
use glassbreak_engine::core::access::Scope;
use glassbreak_engine::core::digest::Digest;
use glassbreak_engine::core::id::{RecoveryId, SubjectId};
use glassbreak_engine::core::operation::Denial;
use glassbreak_engine::core::recovery::{Item, Recovery, RecoveryState, Review};
use glassbreak_engine::core::redemption::Method;
use glassbreak_engine::{Engine, Error};
use uuid::Uuid;

use super::common::{Badge, distance, short, state_of_recovery, subject_page};
use super::timeline::{Happening, Telling};
use crate::access::SeeRecovery;
use crate::body::IdPath;
use crate::pages::dress::shown;
use crate::pages::frame::Frame;
use crate::pages::visit::Visit;
use crate::problem::Problem;
use crate::shape::recovery::person;
use crate::shape::word;

/// So many of the subject's newest entries are looked through for those of the recovery.
const LOOK_AT: usize = 500;

/// A piece of evidence, in the order in which it came.
struct Piece {
    what: String,
    /// What more there is to it: the level, what was looked at.
    more: Vec<String>,
    who: String,
    /// Where the record of it lies.
    record: String,
}

/// A code that was sent.
struct SentRow {
    channel: String,
    at: String,
    until: String,
    state: Badge,
}

/// An approval.
struct Approved {
    who: String,
    at: String,
    /// The digest of the case that was signed.
    case: String,
    /// Whether that is the case as it stands.
    is_of_now: bool,
    /// The passkey that signed.
    passkey: String,
}

#[derive(Template)]
#[template(path = "console/recovery.html")]
struct RecoveryPage {
    f: Frame,
    id: Uuid,
    short: String,
    subject: String,
    subject_page: String,
    state: Badge,
    cause: String,
    opened: String,
    opened_ago: String,
    opener: String,
    requester: Option<String>,
    reference: Option<String>,
    bundle: Option<String>,
    pieces: Vec<Piece>,
    sent: Vec<SentRow>,
    failures: u32,
    codes_disabled: Option<String>,
    approvals: Vec<Approved>,
    case: String,
    /// What is missing: one of these.
    missing: Vec<String>,
    needs: Option<String>,
    expires: Option<String>,
    satisfied: Option<String>,
    grant: Option<String>,
    window_ends: Option<String>,
    obligations: Vec<String>,
    ended: Option<String>,
    review: Option<String>,
    happenings: Vec<Happening>,
    is_cut: bool,
    may_audit: bool,
    at_the_desk: bool,
}

fn person_or(f: &Frame, name: Option<String>) -> String {
    name.unwrap_or_else(|| f.t("erased").to_string())
}

async fn pieces(engine: &Engine, f: &Frame, recovery: &Recovery) -> Result<Vec<Piece>, Problem> {
    let name = async |id: SubjectId| person(engine, Some(id)).await;
    let check =
        |check: &glassbreak_engine::core::recovery::Check| f.word("check", word(check)).to_string();
    let mut pieces = Vec::new();
    for item in &recovery.items {
        pieces.push(match item {
            Item::Vouched { method } => Piece {
                what: f.word("method", word(method)).to_string(),
                more: vec![f.t("piece-vouched").to_string()],
                who: String::new(),
                record: String::new(),
            },
            Item::Proofed { level, checks, agent, reference } => Piece {
                what: f.t("piece-proofed").to_string(),
                more: std::iter::once(f.word("ial", word(level)).to_string())
                    .chain(checks.iter().map(check))
                    .collect(),
                who: person_or(f, name(*agent).await?),
                record: reference.as_str().to_owned(),
            },
            Item::VerifiedAgain { check: looked_at, agent, reference } => Piece {
                what: f.t("piece-again").to_string(),
                more: vec![check(looked_at)],
                who: person_or(f, name(*agent).await?),
                record: reference.as_str().to_owned(),
            },
            Item::Presented { method, redemption, .. } => Piece {
                what: f.word("method", word(method)).to_string(),
                more: vec![f.t("piece-code").to_string()],
                who: String::new(),
                record: redemption.to_string(),
            },
        });
    }
    Ok(pieces)
}

fn sent(f: &Frame, recovery: &Recovery) -> Vec<SentRow> {
    let used = |id| {
        recovery
            .items
            .iter()
            .any(|item| matches!(item, Item::Presented { sent: Some(sent), .. } if *sent == id))
    };
    let rows = recovery.sent.iter().map(|sent| SentRow {
        channel: f.word("channel", sent.channel.name()).to_string(),
        at: f.moment(sent.sent_at),
        until: f.moment(sent.expires_at),
        state: if used(sent.id) {
            Badge::new("good", f.t("sent-used"))
        } else if recovery.undelivered.contains(&sent.id) {
            Badge::new("harm", f.t("sent-undelivered"))
        } else {
            Badge::new("", f.t("sent-unused"))
        },
    });
    rows.collect()
}

async fn approvals(
    engine: &Engine,
    f: &Frame,
    recovery: &Recovery,
    case: Digest,
) -> Result<Vec<Approved>, Problem> {
    let mut all = Vec::new();
    for approval in &recovery.approvals {
        all.push(Approved {
            who: person_or(f, person(engine, Some(approval.approver)).await?),
            at: f.moment(approval.at),
            case: approval.case.to_string(),
            is_of_now: approval.case == case,
            passkey: approval.assertion.credential_id.clone(),
        });
    }
    Ok(all)
}

/// How it ended, in a sentence.
async fn ended(
    engine: &Engine,
    f: &Frame,
    state: &RecoveryState,
) -> Result<Option<String>, Problem> {
    let (key, at) = match state {
        RecoveryState::Open {} | RecoveryState::Window(_) => return Ok(None),
        RecoveryState::Completed { at } => ("ended-completed", at),
        RecoveryState::Lapsed { at, in_window: true } => ("ended-lapsed-window", at),
        RecoveryState::Lapsed { at, in_window: false } => ("ended-lapsed", at),
        RecoveryState::Cancelled { at } => ("ended-cancelled", at),
        RecoveryState::Refused { at, by } => {
            let who = person_or(f, person(engine, Some(*by)).await?);
            let text = f.t("ended-refused").with("when", f.moment(*at)).with("who", who);
            return Ok(Some(text.to_string()));
        }
    };
    Ok(Some(f.t(key).with("when", f.moment(*at)).to_string()))
}

async fn review(
    engine: &Engine,
    f: &Frame,
    recovery: &Recovery,
) -> Result<Option<String>, Problem> {
    Ok(match &recovery.review {
        None => None,
        Some(Review::Due { by }) => {
            Some(f.t("review-due-by").with("when", f.moment(*by)).to_string())
        }
        Some(Review::Done { at, reviewer }) => {
            let who = person_or(f, person(engine, Some(*reviewer)).await?);
            let text = f.t("review-done-by").with("when", f.moment(*at)).with("who", who);
            Some(text.to_string())
        }
    })
}

/// Each of the smallest further sets of evidence, in words.
fn missing(f: &Frame, alternatives: &[Vec<Method>]) -> Vec<String> {
    let and = f.t("and").to_string();
    let words = |set: &Vec<Method>| {
        let words: Vec<String> =
            set.iter().map(|method| f.word("method", word(method)).to_string()).collect();
        words.join(&format!(" {and} "))
    };
    alternatives.iter().map(words).collect()
}

/// What the log says of it, the oldest first, and whether there may be more.
async fn entries(
    engine: &Engine,
    visit: &Visit<SeeRecovery>,
    recovery: &Recovery,
) -> Result<(Vec<Happening>, bool), Problem> {
    let Some(name) = engine.reference(recovery.subject).await? else {
        return Ok((Vec::new(), false));
    };
    let Some((subject, _)) = engine.subject(visit.reach(), &name).await? else {
        return Ok((Vec::new(), false));
    };
    let newest = engine.newest_of(&subject, None, LOOK_AT).await?;
    let has_proof = visit.has(Scope::Audit) && visit.reach().must_be_everybody().is_ok();
    let mut telling = Telling::new(engine, &visit.frame, has_proof);
    let (mut happenings, mut is_cut) = (Vec::new(), newest.len() == LOOK_AT);
    for entry in newest.iter().rev() {
        let read = entry.entry().map_err(Error::from)?;
        if read.happened.recovery() == Some(recovery.id) {
            is_cut = is_cut && read.happened.name() != "recovery.opened";
            happenings.push(telling.one(entry.index, &read).await?);
        }
    }
    Ok((happenings, is_cut))
}

/// `GET /console/recoveries/{id}`.
pub(super) async fn show(
    State(engine): State<Engine>,
    visit: Visit<SeeRecovery>,
    IdPath(id): IdPath<Uuid>,
) -> Result<Html<String>, Problem> {
    let found = engine.recovery(visit.reach(), RecoveryId(id)).await?;
    let recovery = found.ok_or(Error::Denied(Denial::RecoveryUnknown))?;
    let may_audit = visit.has(Scope::Audit);
    let is_case = recovery.opening.by.agent().is_some();
    let at_the_desk = is_case && (visit.has(Scope::Support) || visit.has(Scope::Approve));
    // What the log says is for who checks.
    let (happenings, is_cut) =
        if may_audit { entries(&engine, &visit, &recovery).await? } else { (Vec::new(), false) };
    let (f, now) = (visit.frame, engine.now());
    let name = engine.reference(recovery.subject).await?;
    let case = recovery.case().map_err(|_| Problem::plain("corrupt"))?;
    let opener = match recovery.opening.by.agent() {
        Some(agent) => {
            let agent = person_or(&f, person(&engine, Some(agent)).await?);
            f.t("opened-by-agent").with("who", agent).to_string()
        }
        None => f.t("by-subject").to_string(),
    };
    let window = recovery.window();
    let obligations = window.map(|it| it.obligations.as_slice()).unwrap_or_default();
    let opening = &recovery.opening;
    let needs = engine.waits_for(&recovery).await?;
    let is_open = matches!(recovery.state, RecoveryState::Open {});
    shown(&RecoveryPage {
        id,
        short: short(id),
        subject: name
            .as_ref()
            .map_or_else(|| f.t("erased").to_string(), |name| name.as_str().to_owned()),
        subject_page: name.as_ref().filter(|_| may_audit).map(subject_page).unwrap_or_default(),
        state: state_of_recovery(&f, recovery.state.name()),
        cause: f.word("cause", opening.cause.name()).to_string(),
        opened: f.moment(recovery.opened_at),
        opened_ago: distance(&f, recovery.opened_at, now),
        opener,
        requester: person(&engine, opening.requester).await?,
        reference: opening.reference.as_ref().map(|it| it.as_str().to_owned()),
        bundle: opening.bundle.map(|bundle| bundle.to_string()),
        pieces: pieces(&engine, &f, &recovery).await?,
        sent: sent(&f, &recovery),
        failures: recovery.failures,
        codes_disabled: recovery.codes_disabled_at.map(|at| f.moment(at)),
        approvals: approvals(&engine, &f, &recovery, case).await?,
        case: case.to_string(),
        missing: missing(&f, &engine.alternatives(&recovery).await?),
        needs: needs.map(|need| f.word("needs", need.name()).to_string()),
        expires: is_open.then(|| f.moment(opening.expires_at)),
        satisfied: recovery.satisfied_at.map(|at| f.moment(at)),
        grant: window.map(|window| window.grant.to_string()),
        window_ends: window.map(|window| {
            format!("{} ({})", f.moment(window.ends_at), distance(&f, window.ends_at, now))
        }),
        obligations: obligations
            .iter()
            .map(|obligation| f.word("obligation", obligation.name()).to_string())
            .collect(),
        ended: ended(&engine, &f, &recovery.state).await?,
        review: review(&engine, &f, &recovery).await?,
        happenings,
        is_cut,
        may_audit,
        at_the_desk,
        f,
    })
}
