//! What happened in a case, from the log: the timeline, and when each thing was found.

use glassbreak_engine::Engine;
use glassbreak_engine::core::event::{Entry, Happened};
use glassbreak_engine::core::id::{RecoveryId, SubjectId};
use glassbreak_engine::core::recovery::Item;
use glassbreak_engine::core::subject::Subject;
use glassbreak_engine::core::time::Timestamp;

use super::people::Names;
use crate::pages::frame::Frame;
use crate::problem::Problem;

/// How many entries are read at a time.
const PAGE: usize = 500;
/// How many are read at most: a subject has few, but an attacker may make it have many.
const PAGES_MAX: usize = 20;

/// The entries of one recovery, in order.
pub(super) struct Story(Vec<Entry>);

/// One line of a timeline.
pub(super) struct Line {
    /// What happened.
    pub(super) what: String,
    /// Who did it, and why if they said.
    pub(super) more: String,
    /// When.
    pub(super) at: String,
    /// `good`, `care`, `harm` or nothing.
    pub(super) tone: &'static str,
}

impl Story {
    /// The story of a recovery of `subject`.
    pub(super) async fn read(
        engine: &Engine,
        subject: &Subject,
        id: RecoveryId,
    ) -> Result<Self, Problem> {
        let (mut from, mut entries) = (0, Vec::new());
        for _ in 0..PAGES_MAX {
            let page = engine.timeline(subject, from, PAGE).await?;
            for placed in &page {
                let entry = Entry::from_bytes(&placed.bytes);
                let entry = entry.map_err(|_| Problem::plain("corrupt"))?;
                if of(&entry.happened) == Some(id) {
                    entries.push(entry);
                }
            }
            match page.last() {
                Some(last) if page.len() == PAGE => from = last.index.saturating_add(1),
                _ => break,
            }
        }
        Ok(Self(entries))
    }

    /// When an item was brought.
    pub(super) fn when(&self, item: &Item) -> Option<Timestamp> {
        let brought = |entry: &&Entry| match &entry.happened {
            Happened::RecoveryEvidenceAdded { item: brought, .. } => brought == item,
            _ => false,
        };
        self.0.iter().find(brought).map(|entry| entry.at)
    }

    /// Whoever is named in it.
    pub(super) fn people(&self) -> Vec<SubjectId> {
        self.0.iter().filter_map(|entry| who(&entry.happened)).collect()
    }

    /// The lines, the newest first.
    pub(super) fn lines(&self, f: &Frame, names: &Names) -> Vec<Line> {
        let line = |entry: &Entry| {
            let name = entry.happened.name();
            let mut more: Vec<String> =
                who(&entry.happened).map(|id| names.name(id)).into_iter().collect();
            match &entry.happened {
                Happened::RecoveryDeclined { why: Some(why), .. }
                | Happened::RecoveryCancelled { why: Some(why), .. } => {
                    more.push(f.word("desk-end", why.name()).to_string());
                }
                Happened::RecoveryRequestRefused { why, .. } => more.push(why.clone()),
                _ => {}
            }
            let what = f.word("desk-happened", name.replace('.', "-")).to_string();
            let what = if what.starts_with('[') { name.to_owned() } else { what };
            Line { what, more: more.join(" · "), at: f.moment(entry.at), tone: tone(name) }
        };
        self.0.iter().rev().map(line).collect()
    }
}

/// The recovery that an entry is about, if only because something in it was refused.
fn of(happened: &Happened) -> Option<RecoveryId> {
    match happened {
        Happened::RecoveryRequestRefused { recovery, .. } => *recovery,
        other => other.recovery(),
    }
}

/// The person who did it, where the entry names one.
fn who(happened: &Happened) -> Option<SubjectId> {
    match happened {
        Happened::RecoveryOpened { opening, .. } => opening.by.agent(),
        Happened::RecoveryEvidenceAdded {
            item: Item::Proofed { agent, .. } | Item::VerifiedAgain { agent, .. },
            ..
        } => Some(*agent),
        Happened::RecoveryApproved { approver, .. }
        | Happened::RecoveryDeclined { approver, .. } => Some(*approver),
        Happened::RecoveryReviewed { reviewer, .. } => Some(*reviewer),
        Happened::RecoveryRequestRefused { by, .. } => *by,
        _ => None,
    }
}

fn tone(name: &str) -> &'static str {
    match name {
        "recovery.satisfied" | "recovery.completed" | "recovery.approved" => "good",
        "recovery.request_refused"
        | "recovery.lapsed"
        | "code.refused"
        | "recovery.code_undelivered" => "care",
        "recovery.declined" | "recovery.codes_disabled" => "harm",
        _ => "",
    }
}
