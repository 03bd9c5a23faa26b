//! What a recovery under way waits for: whose turn it is. The policy that will decide it is asked,
//! so that a queue never shows another road than the one that leads through.

use std::collections::BTreeSet;

use glassbreak_core::event::Outcome;
use glassbreak_core::id::RecoveryId;
use glassbreak_core::policy::{About, Question, Verdict};
use glassbreak_core::recovery::{Opener, Recovery, RecoveryState};
use glassbreak_core::redemption::Method;
use glassbreak_core::snapshot::{Aggregate, SnapshotQuery};
use glassbreak_core::time::Timestamp;
use glassbreak_store::{RecoveryPage, RecoveryQuery, RecoveryRow};

use crate::engine::Engine;
use crate::error::Error;
use crate::reach::Reach;

/// How many recoveries are read at once, and the most that one page looks at.
const BATCH: usize = 100;
const LOOK_AT: usize = 1_000;

/// What a recovery waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Need {
    /// A piece of evidence: of the subject, or of the agent of its case.
    Evidence,
    /// An approver's word on the case as it stands (F3).
    Approval,
    /// That the agent releases a code to the subject (F2).
    Release,
    /// What is to be done in the open window.
    Enrolment,
}

impl Need {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Evidence, Self::Approval, Self::Release, Self::Enrolment];

    /// Its name, as API and CLI spell it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Evidence => "evidence",
            Self::Approval => "approval",
            Self::Release => "release",
            Self::Enrolment => "enrolment",
        }
    }

    /// The need of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|need| need.name() == name)
    }

    /// What `recovery` waits for at `now`, by what the policy in force answers: the sets of further
    /// evidence that would open its window, and whether a code may be sent in it. `None` if it has
    /// ended, or if nothing would satisfy it.
    pub(crate) fn of(
        recovery: &Recovery,
        now: Timestamp,
        alternatives: &[Vec<Method>],
        release: &Verdict,
    ) -> Option<Self> {
        if !matches!(recovery.state, RecoveryState::Open {}) {
            return Self::after_gathering(recovery);
        }
        // The subject has the code: it is the subject's turn.
        if recovery.awaited(now).is_some() || recovery.opening.by.opener() == Opener::Subject {
            return Self::among(alternatives, false);
        }
        if release.outcome == Outcome::Permit {
            return Self::among(alternatives, true);
        }
        Self::among(&[alternatives, &release.alternatives].concat(), false)
    }

    /// The same of one that gathers no more: no policy is asked.
    fn after_gathering(recovery: &Recovery) -> Option<Self> {
        matches!(recovery.state, RecoveryState::Window(_)).then_some(Self::Enrolment)
    }

    /// What is next, if one of `alternatives` is what is missing. Where approvals would do, they
    /// come before a release; both come after what agents find, for that changes the case.
    fn among(alternatives: &[Vec<Method>], releases: bool) -> Option<Self> {
        let has = |missing: &[Method], any: &[Method]| missing.iter().any(|one| any.contains(one));
        let found = [Method::Proofing, Method::BiometricProofing, Method::SecondVerification];
        let approvals = [Method::Approval, Method::SecondApproval];
        let codes = [Method::IssuedCode, Method::MailedCode, Method::RecoveryContact];
        let ready = || alternatives.iter().filter(|missing| !has(missing, &found));
        if ready().any(|missing| has(missing, &approvals)) {
            Some(Self::Approval)
        } else if releases && ready().any(|missing| missing.iter().all(|one| codes.contains(one))) {
            Some(Self::Release)
        } else if alternatives.is_empty() {
            None
        } else {
            Some(Self::Evidence)
        }
    }
}

/// A page of recoveries under way.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WaitingPage {
    /// The recoveries, each with what it waits for; `None` where nothing would satisfy it.
    pub rows: Vec<(RecoveryRow, Option<Need>)>,
    /// Where the next page begins after, if there is one.
    pub next: Option<RecoveryId>,
}

impl Engine {
    /// What a recovery waits for; `None` if it has ended, or if nothing would satisfy it.
    ///
    /// # Errors
    /// [`Error::Store`] if the database gave no answer.
    pub async fn waits_for(&self, recovery: &Recovery) -> Result<Option<Need>, Error> {
        if !matches!(recovery.state, RecoveryState::Open {}) {
            return Ok(Need::after_gathering(recovery));
        }
        let of = Aggregate::Subject(recovery.subject);
        let query = SnapshotQuery { of, ..SnapshotQuery::default() };
        let snapshot = self.parts.store.load(&query).await?;
        let subject = snapshot.subject;
        let tier = subject.as_ref().and_then(|it| self.parts.settings.tier(&it.profile.tier));
        let (Some(subject), Some(tier)) = (&subject, tier) else { return Ok(None) };
        let evidence: BTreeSet<Method> =
            recovery.evidence(subject.profile.ial, &snapshot.approvers);
        let opened_by = recovery.opening.by.opener();
        let recover = self.parts.policy().ask(&Question::Recover {
            about: About::of(subject, tier),
            opened_by,
            accounted_for: recovery.opening.accounted_for(),
            evidence: evidence.clone(),
        });
        let about = About::of(subject, tier);
        let release = self.parts.policy().ask(&Question::Release { about, opened_by, evidence });
        Ok(Need::of(recovery, self.now(), &recover.alternatives, &release))
    }

    /// One page of the recoveries under way, each with what it waits for; only those that wait for
    /// `need`, if one is given. As [`Engine::recoveries`] gives one: it looks at no more than a
    /// thousand, or than the query says, in hundreds.
    ///
    /// # Errors
    /// [`Error::Store`] if the database gave no answer.
    pub async fn waiting(
        &self,
        reach: &Reach,
        query: &RecoveryQuery,
        need: Option<Need>,
    ) -> Result<WaitingPage, Error> {
        let limit = query.limit.max(1);
        let most = query.look_at.map_or(LOOK_AT, |most| most.min(LOOK_AT));
        let mut query = RecoveryQuery { live: true, limit: BATCH, ..query.clone() };
        let (mut waiting, mut looked) = (Vec::new(), 0);
        loop {
            let RecoveryPage { rows, next } = self.recoveries(reach, &query).await?;
            let last = rows.last().map(|row| row.recovery.id);
            for row in rows {
                let id = row.recovery.id;
                let waits_for = self.waits_for(&row.recovery).await?;
                if need.is_some() && waits_for != need {
                    continue;
                }
                waiting.push((row, waits_for));
                if waiting.len() == limit {
                    let more = next.is_some() || last != Some(id);
                    return Ok(WaitingPage { rows: waiting, next: more.then_some(id) });
                }
            }
            looked += BATCH;
            if next.is_none() || looked >= most {
                return Ok(WaitingPage { rows: waiting, next });
            }
            query.after = next;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f1_whose_turn_it_is_follows_from_what_is_missing() {
        use Method::{
            Approval, IssuedCode, Password, Proofing, SavedCode, SecondApproval, SecondVerification,
        };
        type Case<'a> = (&'a [&'a [Method]], bool, Option<Need>);
        let cases: [Case<'_>; 8] = [
            (&[], true, None),
            (&[&[SavedCode], &[Password]], false, Some(Need::Evidence)),
            // The agent has to look first; an approval now would be of another case.
            (&[&[Proofing, SecondVerification, Approval]], false, Some(Need::Evidence)),
            (&[&[Approval, IssuedCode]], false, Some(Need::Approval)),
            (&[&[SavedCode, Password], &[SecondApproval]], true, Some(Need::Approval)),
            (&[&[SavedCode], &[IssuedCode]], true, Some(Need::Release)),
            // The policy does not let a code out yet, or it is out already.
            (&[&[SavedCode], &[IssuedCode]], false, Some(Need::Evidence)),
            (&[&[IssuedCode, Password]], true, Some(Need::Evidence)),
        ];
        for (missing, releases, expected) in cases {
            let alternatives: Vec<Vec<Method>> = missing.iter().map(|one| one.to_vec()).collect();
            assert_eq!(Need::among(&alternatives, releases), expected, "{missing:?}");
        }
        assert!(Need::ALL.iter().all(|need| Need::named(need.name()) == Some(*need)));
    }
}
