//! What a recovery still needs, asked of the policy that will decide it.

use std::collections::BTreeSet;

use glassbreak_core::id::SubjectId;
use glassbreak_core::operator::Approvers;
use glassbreak_core::policy::{About, Question};
use glassbreak_core::recovery::{Recovery, RecoveryState};
use glassbreak_core::redemption::Method;
use glassbreak_core::snapshot::{Aggregate, SnapshotQuery};

use crate::engine::Engine;
use crate::error::Error;

impl Engine {
    /// The smallest further evidence that would open the window of an open recovery, one of these.
    /// Empty where nothing would, or where the recovery gathers no more. It is the policy in force
    /// that answers, so there is no second table of requirements to drift.
    pub async fn alternatives(&self, recovery: &Recovery) -> Result<Vec<Vec<Method>>, Error> {
        if !matches!(recovery.state, RecoveryState::Open {}) {
            return Ok(Vec::new());
        }
        let of = Aggregate::Subject(recovery.subject);
        let query = SnapshotQuery { of, ..SnapshotQuery::default() };
        let snapshot = self.parts.store.load(&query).await?;
        let subject = snapshot.subject;
        let tier = subject.as_ref().and_then(|it| self.parts.settings.tier(&it.profile.tier));
        let (Some(subject), Some(tier)) = (&subject, tier) else { return Ok(Vec::new()) };
        let question = Question::Recover {
            about: About::of(subject, tier),
            opened_by: recovery.opening.by.opener(),
            accounted_for: recovery.opening.accounted_for(),
            evidence: recovery.evidence(subject.profile.ial, &snapshot.approvers),
        };
        Ok(self.parts.policy().ask(&question).alternatives)
    }

    /// Whose approvals count. While a recovery is open that is asked of those who gave them as they
    /// stand now (F3); of one that has ended it is told who gave them.
    pub async fn approvers(&self, recovery: &Recovery) -> Result<BTreeSet<SubjectId>, Error> {
        if !matches!(recovery.state, RecoveryState::Open {}) {
            return Ok(recovery.approved_by());
        }
        let mut now = Approvers::default();
        for approver in recovery.approved_by() {
            now.extend(self.parts.store.operator(approver).await?);
        }
        Ok(recovery.approvers(&now))
    }
}
