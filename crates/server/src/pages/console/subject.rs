//! `GET /console/subjects/{subject}`: one subject, everything the log says of it, and what can be
//! done about it (G4, I3).

use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::http::header;
use axum::response::{Html, IntoResponse, Response};
use futures_util::stream;
use glassbreak_engine::core::access::Scope;
use glassbreak_engine::core::id::SubjectRef;
use glassbreak_engine::core::lifecycle::LifecycleKind;
use glassbreak_engine::core::subject::{DirectoryEntry, Subject};
use glassbreak_engine::store::{InventoryQuery, RecoveryQuery};
use glassbreak_engine::{Dossier, Engine, Reach};
use serde::Deserialize;
use uuid::Uuid;

use super::common::{Badge, SetRow, distance, encoded, state_of_recovery, subject_page, title};
use super::subjects::standing;
use super::timeline::{Happening, Telling};
use crate::access::{Audit, Revoke};
use crate::body::{Parameters, SubjectPath};
use crate::pages::dress::{go, shown};
use crate::pages::form::Sent;
use crate::pages::frame::Frame;
use crate::pages::visit::Visit;
use crate::problem::Problem;
use crate::shape::recovery::person;
use crate::shape::word;

/// Entries on one page.
const ENTRIES: usize = 30;
/// Sets and recoveries on the page, each.
const LISTED: usize = 20;
/// Entries of a file that are read at a time.
const AT_ONCE: usize = 100;
/// What is reported from here; the rest comes from the identity provider.
const KINDS: [LifecycleKind; 10] = [
    LifecycleKind::DeviceLost,
    LifecycleKind::DeviceReplaced,
    LifecycleKind::DeviceWiped,
    LifecycleKind::AccountReset,
    LifecycleKind::PrimaryFactorCompromised,
    LifecycleKind::RiskRaised,
    LifecycleKind::RiskCleared,
    LifecycleKind::RoleChanged,
    LifecycleKind::SubjectLeft,
    LifecycleKind::RecoveryReopened,
];

/// An address, as far as it is for auditors.
struct Address {
    channel: String,
    masked: String,
    is_confirmed: bool,
}

/// A recovery of the subject.
struct RecoveryRow {
    id: Uuid,
    state: Badge,
    cause: String,
    opened: String,
}

/// A containment over the subject.
struct Containing {
    reason: String,
    scope: String,
    since: String,
}

/// An exception in its favour.
struct Excepted {
    kind: String,
    state: String,
    until: String,
}

#[derive(Template)]
#[template(path = "console/subject.html")]
struct SubjectPage {
    f: Frame,
    title: String,
    name: String,
    page: String,
    code: String,
    id: Uuid,
    standing: Badge,
    kind: String,
    tier: String,
    assurance: String,
    ial: String,
    owner: Option<(String, String)>,
    groups: Vec<String>,
    registered: String,
    addresses: Vec<Address>,
    contacts: Vec<Address>,
    failures: u32,
    retry: Option<String>,
    containments: Vec<Containing>,
    exceptions: Vec<Excepted>,
    sets: Vec<SetRow>,
    recoveries: Vec<RecoveryRow>,
    happenings: Vec<Happening>,
    older: Option<String>,
    newest: Option<String>,
    is_everybody: bool,
    may_revoke: bool,
    may_contain: bool,
    kinds: Vec<(&'static str, String, String)>,
    reported: Option<String>,
}

/// Which part of the timeline, and what led here.
#[derive(Deserialize)]
pub(super) struct Part {
    before: Option<u64>,
    reported: Option<LifecycleKind>,
}

/// The form that reports something.
#[derive(Deserialize)]
pub(super) struct Reporting {
    kind: LifecycleKind,
}

/// An address of which enough is seen to recognise it: `l…@example.com`, `…42`.
fn masked(address: &str) -> String {
    if let Some((name, host)) = address.split_once('@') {
        let first: String = name.chars().take(1).collect();
        return format!("{first}…@{host}");
    }
    let last: Vec<char> = address.chars().rev().take(2).collect();
    format!("…{}", last.iter().rev().collect::<String>())
}

async fn known(
    engine: &Engine,
    reach: &Reach,
    name: &SubjectRef,
) -> Result<(Subject, DirectoryEntry), Problem> {
    engine.subject(reach, name).await?.ok_or_else(|| Problem::plain("subject_unknown"))
}

/// Addresses of the subject, and those of its recovery contacts.
async fn addresses(
    engine: &Engine,
    f: &Frame,
    subject: &Subject,
    directory: &DirectoryEntry,
) -> Result<(Vec<Address>, Vec<Address>), Problem> {
    let book = engine.addresses(subject).await?;
    let own = directory.notification_addresses.iter().map(|to| Address {
        channel: f.word("channel", to.channel.name()).to_string(),
        masked: masked(&to.address),
        is_confirmed: to.verified || book.is_confirmed(&to.digest(&directory.salt)),
    });
    let contacts = directory.contacts.iter().map(|entry| Address {
        channel: f.word("channel", entry.channel.name()).to_string(),
        masked: masked(&entry.address),
        is_confirmed: book.contact(entry.id).is_some_and(|it| it.confirmed_at.is_some()),
    });
    Ok((own.collect(), contacts.collect()))
}

fn containments(f: &Frame, dossier: &Dossier) -> Vec<Containing> {
    let all = dossier.containments.iter().map(|held| Containing {
        reason: f.word("contain-reason", held.containment.terms.reason.name()).to_string(),
        scope: f.word("contain-scope", held.containment.terms.scope.name()).to_string(),
        since: f.moment(held.containment.begun_at),
    });
    all.collect()
}

fn exceptions(f: &Frame, dossier: &Dossier) -> Vec<Excepted> {
    let all = dossier.exceptions.iter().map(|exception| Excepted {
        kind: f.word("exception", exception.terms.kind.name()).to_string(),
        state: f.word("exception-state", exception.state.name()).to_string(),
        until: f.moment(exception.terms.ends_at),
    });
    all.collect()
}

/// The newest sets and the newest recoveries.
async fn listed(
    engine: &Engine,
    reach: &Reach,
    f: &Frame,
    name: &SubjectRef,
    subject: &Subject,
) -> Result<(Vec<SetRow>, Vec<RecoveryRow>), Problem> {
    let now = engine.now();
    let query =
        InventoryQuery { subject: Some(name.clone()), limit: 1000, ..InventoryQuery::default() };
    let sets = engine.inventory(reach, &query).await?.rows;
    let sets = sets.iter().rev().take(LISTED).map(|row| SetRow::of(f, row, now)).collect();
    let query = RecoveryQuery {
        subject: Some(subject.id),
        newest: true,
        limit: LISTED,
        ..RecoveryQuery::default()
    };
    let recoveries = engine.recoveries(reach, &query).await?.rows;
    let recoveries = recoveries.iter().map(|row| RecoveryRow {
        id: row.recovery.id.0,
        state: state_of_recovery(f, row.recovery.state.name()),
        cause: f.word("cause", row.recovery.opening.cause.name()).to_string(),
        opened: f.moment(row.recovery.opened_at),
    });
    Ok((sets, recoveries.collect()))
}

/// `GET /console/subjects/{subject}`.
pub(super) async fn show(
    State(engine): State<Engine>,
    visit: Visit<Audit>,
    SubjectPath(name): SubjectPath,
    Parameters(part): Parameters<Part>,
) -> Result<Html<String>, Problem> {
    let (subject, directory) = known(&engine, visit.reach(), &name).await?;
    let dossier = engine.dossier(&subject).await?;
    let is_everybody = visit.reach().must_be_everybody().is_ok();
    let (may_revoke, may_contain) = (visit.has(Scope::Revoke), visit.has(Scope::Contain));
    let (caller, f) = (visit.caller, visit.frame);
    let (sets, recoveries) = listed(&engine, &caller.reach, &f, &name, &subject).await?;
    let (addresses, contacts) = addresses(&engine, &f, &subject, &directory).await?;
    let entries = engine.newest_of(&subject, part.before, ENTRIES).await?;
    let older = entries.last().filter(|_| entries.len() == ENTRIES).map(|entry| entry.index);
    let happenings = Telling::new(&engine, &f, is_everybody).all(&entries).await?;
    let page = subject_page(&name);
    let owner = match subject.profile.owner {
        Some(owner) => {
            let reference = engine.reference(owner).await?;
            let shown = person(&engine, Some(owner)).await?.unwrap_or_default();
            Some((shown, reference.as_ref().map(subject_page).unwrap_or_default()))
        }
        None => None,
    };
    let kinds = KINDS.map(|kind| {
        let effect = engine.settings().effect(kind).name();
        let effect = f.word("effect", effect).to_string();
        (kind.name(), f.word("lifecycle", kind.name()).to_string(), effect)
    });
    let profile = &subject.profile;
    let earlier =
        if part.before.is_some() { f.t("timeline-older").to_string() } else { String::new() };
    let reported = part.reported.map(|kind| f.word("lifecycle", kind.name()).to_string());
    let set = [earlier.as_str(), reported.as_deref().unwrap_or_default()];
    shown(&SubjectPage {
        title: title(name.as_str(), set),
        code: encoded(name.as_str()),
        name: name.as_str().to_owned(),
        id: subject.id.0,
        standing: standing(&f, subject.standing),
        kind: f.word("subject-kind", word(&profile.kind)).to_string(),
        tier: profile.tier.as_str().to_owned(),
        assurance: word(&profile.assurance).to_uppercase(),
        ial: f.word("ial", word(&profile.ial)).to_string(),
        owner,
        groups: directory.groups.clone(),
        registered: f.moment(subject.registered_at),
        addresses,
        contacts,
        failures: dossier.failures,
        retry: dossier.retry_at.map(|at| distance(&f, at, engine.now())),
        containments: containments(&f, &dossier),
        exceptions: exceptions(&f, &dossier),
        sets,
        recoveries,
        happenings,
        older: older.map(|before| format!("{page}?before={before}#timeline")),
        newest: part.before.map(|_| page.clone()),
        is_everybody,
        may_revoke,
        may_contain,
        kinds: kinds.to_vec(),
        reported,
        page,
        f,
    })
}

/// `POST /console/subjects/{subject}/lifecycle-events`: reports what happened.
pub(super) async fn report(
    State(engine): State<Engine>,
    SubjectPath(name): SubjectPath,
    Sent { visit, form }: Sent<Revoke, Reporting>,
) -> Result<Response, Problem> {
    engine.report(&visit.caller, &name, form.kind, None).await?;
    go(&format!("{}?reported={}", subject_page(&name), form.kind.name()))
}

/// What is left of a file of proofs.
struct Proving {
    engine: Engine,
    subject: Subject,
    from: Option<u64>,
}

/// Something could not be proven; what came is not whole.
#[derive(Debug)]
struct Broken;

impl std::fmt::Display for Broken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the rest of the timeline could not be proven")
    }
}

impl std::error::Error for Broken {}

impl Proving {
    /// The next lines: a receipt each.
    async fn more(&mut self) -> Result<Option<Vec<u8>>, glassbreak_engine::Error> {
        let Some(from) = self.from else { return Ok(None) };
        let entries = self.engine.timeline(&self.subject, from, AT_ONCE).await?;
        let full = entries.len() == AT_ONCE;
        self.from = entries.last().filter(|_| full).map(|entry| entry.index.saturating_add(1));
        let mut lines = Vec::new();
        for entry in &entries {
            if let Some(receipt) = self.engine.receipt(entry.id).await? {
                lines.extend(receipt.to_json().to_string().into_bytes());
                lines.push(b'\n');
            }
        }
        Ok((!lines.is_empty()).then_some(lines))
    }
}

/// `GET /console/subjects/{subject}/timeline.jsonl`: the timeline as a file that stands alone: a
/// receipt a line, from the oldest on. Each can be checked by itself, with the log's verifier key
/// and nothing else (I3).
pub(super) async fn proofs(
    State(engine): State<Engine>,
    visit: Visit<Audit>,
    SubjectPath(name): SubjectPath,
) -> Result<Response, Problem> {
    visit.reach().must_be_everybody()?;
    let (subject, _) = known(&engine, visit.reach(), &name).await?;
    let mut proving = Proving { engine, subject, from: Some(0) };
    let first = proving.more().await?;
    let begun = (first, proving);
    let body = stream::try_unfold(begun, |(first, mut proving)| async {
        let lines = match first {
            Some(first) => Some(first),
            None => proving.more().await.map_err(|error| {
                tracing::error!(%error, "a timeline with proofs was broken off");
                Broken
            })?,
        };
        Ok::<_, Broken>(lines.map(|lines| (lines, (None, proving))))
    });
    let headers = [
        (header::CONTENT_TYPE, "application/jsonl"),
        (header::CONTENT_DISPOSITION, "attachment; filename=timeline.jsonl"),
    ];
    Ok((headers, Body::from_stream(body)).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_an_address_no_more_is_seen_than_is_needed() {
        for (address, shown) in [
            ("lena@example.com", "l…@example.com"),
            ("+49 151 5550142", "…42"),
            ("é@x", "é…@x"),
            ("", "…"),
        ] {
            assert_eq!(masked(address), shown);
        }
    }
}
