//! Decisions on record: what the policies were asked, what they said, and what they would say now.
//! An entry has the whole question with it, so nothing has to be looked up to ask it again.

use glassbreak_core::event::{Entry, Outcome, Ruling};
use glassbreak_core::id::{EventId, SubjectId};
use glassbreak_core::policy::Policy;
use glassbreak_core::time::Timestamp;

use crate::engine::Engine;
use crate::error::Error;
use crate::reach::Reach;

/// How many entries are read at once.
const BATCH: usize = 1_000;

/// Which decisions are asked for; each filter is open if it is not set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DecisionQuery {
    /// Those before this place in the log: the cursor.
    pub before: Option<u64>,
    /// At most so many, at least one.
    pub limit: usize,
    /// Those of this action: `issue`, `confirm`, `revoke`, `redeem`, `recover`, `release`,
    /// `approve`.
    pub action: Option<String>,
    /// Those with this outcome.
    pub outcome: Option<Outcome>,
    /// Looks at no more than about so many entries: the page is short or empty then, and has a
    /// cursor to go on with. 0 counts as 1.
    pub look_at: usize,
}

/// A decision that a policy made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    /// Its entry's place in the log.
    pub index: u64,
    /// Its entry's id.
    pub id: EventId,
    /// When it was made.
    pub at: Timestamp,
    /// What came of it, as the entry's `type` says.
    pub event: &'static str,
    /// Whom it concerns.
    pub subject: Option<SubjectId>,
    /// What was asked, decided, why, and by which set of policies.
    pub ruling: Ruling,
}

/// A page of decisions, the newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DecisionPage {
    /// The decisions.
    pub rows: Vec<Decided>,
    /// The place before which the next page begins, if there is one.
    pub next: Option<u64>,
}

/// A decision that another policy would make otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Otherwise {
    /// As it was made.
    pub was: Decided,
    /// What would be decided.
    pub would_be: Outcome,
    /// Why.
    pub would_be_by: Vec<String>,
}

/// What another policy would have changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trial {
    /// How many decisions were asked again.
    pub decisions: u64,
    /// The moments of the oldest and the newest of them.
    pub span: Option<(Timestamp, Timestamp)>,
    /// Those with another outcome, the newest first.
    pub changed: Vec<Otherwise>,
    /// Whether the log has older decisions that were not asked again.
    pub more: bool,
}

impl Trial {
    /// The most decisions that one trial asks again.
    pub const LAST_MAX: usize = 10_000;
    /// The most entries it looks at.
    const LOOK_AT: usize = 50_000;
}

impl Engine {
    /// One page of the decisions on record, the newest first. They concern everybody.
    ///
    /// # Errors
    /// [`Error::KeyBound`] unless `reach` is everybody; [`Error::Store`] if the database gave no
    /// answer.
    pub async fn decisions(
        &self,
        reach: &Reach,
        query: &DecisionQuery,
    ) -> Result<DecisionPage, Error> {
        reach.must_be_everybody()?;
        let limit = query.limit.max(1);
        let (mut before, mut looked, mut rows) = (query.before, 0, Vec::new());
        loop {
            let some = BATCH.min(query.look_at.max(1).saturating_sub(looked));
            let entries = self.newest_entries(before, some).await?;
            let Some(last) = entries.last().map(|entry| entry.index) else {
                return Ok(DecisionPage { rows, next: None });
            };
            looked += entries.len();
            for logged in entries {
                if let Some(decided) = decided(logged.index, logged.entry()?, query) {
                    rows.push(decided);
                    if rows.len() == limit {
                        let next = Some(logged.index).filter(|index| *index > 0);
                        return Ok(DecisionPage { rows, next });
                    }
                }
            }
            if last == 0 || looked >= query.look_at {
                return Ok(DecisionPage { rows, next: Some(last).filter(|last| *last > 0) });
            }
            before = Some(last);
        }
    }

    /// Asks `policy` the last so many decisions again, at most [`Trial::LAST_MAX`], and changes
    /// nothing.
    ///
    /// # Errors
    /// As [`Engine::decisions`].
    pub async fn try_policy(
        &self,
        reach: &Reach,
        policy: &dyn Policy,
        last: usize,
    ) -> Result<Trial, Error> {
        let limit = last.clamp(1, Trial::LAST_MAX);
        let query = DecisionQuery { limit, look_at: Trial::LOOK_AT, ..DecisionQuery::default() };
        let DecisionPage { rows, next } = self.decisions(reach, &query).await?;
        let mut trial = Trial { more: next.is_some(), ..Trial::default() };
        trial.decisions = rows.len() as u64;
        trial.span = rows.last().zip(rows.first()).map(|(first, last)| (first.at, last.at));
        for was in rows {
            let verdict = policy.ask(&was.ruling.asked);
            if verdict.outcome != was.ruling.outcome {
                let (would_be, would_be_by) = (verdict.outcome, verdict.reasons);
                trial.changed.push(Otherwise { was, would_be, would_be_by });
            }
        }
        Ok(trial)
    }
}

fn decided(index: u64, entry: Entry, query: &DecisionQuery) -> Option<Decided> {
    let event = entry.happened.name();
    let ruling = entry.decision?;
    let action = ruling.asked.action();
    let wanted = query.action.as_ref().is_none_or(|wanted| action == wanted)
        && query.outcome.is_none_or(|wanted| ruling.outcome == wanted);
    let Entry { id, at, subject, .. } = entry;
    wanted.then_some(Decided { index, id, at, event, subject, ruling })
}
