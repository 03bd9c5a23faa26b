//! What a recovery still needs, asked of the policy that will decide it.

use std::collections::BTreeSet;

use glassbreak_core::event::Outcome;
use glassbreak_core::id::{RecoveryId, SubjectId};
use glassbreak_core::operation::send::Addressee;
use glassbreak_core::operation::{Denial, Rules, approve, gather, send};
use glassbreak_core::operator::{Approvers, Duty, Operator};
use glassbreak_core::policy::{About, Question, Stake, Verdict};
use glassbreak_core::recovery::{Recovery, RecoveryState};
use glassbreak_core::redemption::Method;
use glassbreak_core::snapshot::{Aggregate, SnapshotQuery};
use glassbreak_core::subject::{NotificationAddress, Standing, Subject, SubjectKind};

use crate::engine::Engine;
use crate::error::Error;
use crate::needs::Need;
use crate::reach::Reach;

/// A recovery with what would come of the next steps in it, as of one moment. Each answer is that
/// of the function that decides the step, so that a page which goes by it never offers what is
/// refused, but where somebody was faster.
#[derive(Debug, Clone)]
pub struct Outlook {
    /// The recovery.
    pub recovery: Recovery,
    /// Whose it is.
    pub subject: Subject,
    /// Whether its tier asks for dual control.
    pub privileged: bool,
    /// What of it counts by now.
    pub evidence: BTreeSet<Method>,
    /// The smallest further evidence that would open its window, one of these.
    pub alternatives: Vec<Vec<Method>>,
    /// Whether a code may be sent in it; if not, what would do.
    pub release: Verdict,
    /// What it waits for; `None` if it has ended, or if nothing would satisfy it.
    pub need: Option<Need>,
    /// Whose approvals count now; of one that has ended, who gave them.
    pub approvers: BTreeSet<SubjectId>,
    /// Whom a code could go to, each with the address. For masks of it: nobody is shown more (F4).
    pub addressees: Vec<(Addressee, NotificationAddress)>,
    /// Why nothing is opened for the subject, if nothing is.
    pub rests: Option<Denial>,
    /// What the operator who looks may do in it.
    pub visitor: Option<Visitor>,
}

/// An operator who looks at a recovery.
#[derive(Debug, Clone)]
pub struct Visitor {
    /// Who.
    pub operator: Operator,
    /// What they are in it besides.
    pub stake: Stake,
    /// Why what they find is not taken, if it is not.
    pub gathers: Result<(), Denial>,
    /// Whether the policy lets their approval count, and by which rules.
    pub approves: Verdict,
}

impl Visitor {
    /// Whether their yes counts.
    pub fn may_approve(&self) -> bool {
        self.operator.kind == SubjectKind::Person && self.approves.outcome == Outcome::Permit
    }

    /// Whether they have a passkey to sign with.
    pub fn has_passkey(&self) -> bool {
        !self.operator.appointment.passkeys.is_empty()
    }

    /// Whether their no is heard: that of any appointed approver.
    pub fn may_decline(&self) -> bool {
        self.operator.kind == SubjectKind::Person && self.operator.is_appointed(Duty::Approve)
    }
}

impl Engine {
    /// A recovery, with what the operator `visitor` and others could do in it now.
    ///
    /// # Errors
    /// [`Error::Store`] if the database gave no answer; `tier_unknown`.
    pub async fn outlook(
        &self,
        reach: &Reach,
        id: RecoveryId,
        visitor: Option<SubjectId>,
    ) -> Result<Option<Outlook>, Error> {
        if self.recovery(reach, id).await?.is_none() {
            return Ok(None);
        }
        let of = Aggregate::Recovery(id);
        let query = SnapshotQuery { of, operator: visitor, ..SnapshotQuery::default() };
        let snapshot = self.parts.store.load(&query).await?;
        let mut held = snapshot.recoveries.iter().map(|held| &held.recovery);
        let recovery = held.find(|held| held.id == id).cloned();
        let (Some(recovery), Some(subject)) = (recovery, snapshot.subject.clone()) else {
            return Ok(None);
        };
        let unknown = || Denial::TierUnknown { tier: subject.profile.tier.as_str().to_owned() };
        let tier = self.parts.settings.tier(&subject.profile.tier).ok_or_else(unknown)?;
        let policy = self.parts.policy();
        let rules = Rules { settings: &self.parts.settings, policy: &*policy };
        let approvers = snapshot.approvers.clone().with(snapshot.operator.as_ref());
        let is_open = matches!(recovery.state, RecoveryState::Open {});
        let evidence = recovery.evidence(subject.profile.ial, &approvers);
        let (about, opened_by) = (About::of(&subject, tier), recovery.opening.by.opener());
        let recover = Question::Recover {
            about: about.clone(),
            opened_by,
            accounted_for: recovery.opening.accounted_for(),
            evidence: evidence.clone(),
        };
        let release = Question::Release { about, opened_by, evidence: evidence.clone() };
        let visitor = snapshot.operator.as_ref().map(|operator| Visitor {
            operator: operator.clone(),
            stake: recovery.stake(operator.subject, subject.profile.owner, &approvers),
            gathers: gather::may_gather(operator, &recovery),
            approves: approve::judged((&subject, tier), operator, &recovery, &approvers, &rules).0,
        });
        let active = subject.standing == Standing::Active;
        let rests = (!active).then_some(Denial::SubjectSuspended);
        let alternatives = if is_open { policy.ask(&recover).alternatives } else { Vec::new() };
        let release = policy.ask(&release);
        Ok(Some(Outlook {
            privileged: tier.privileged,
            need: Need::of(&recovery, self.now(), &alternatives, &release),
            alternatives,
            release,
            approvers: if is_open {
                recovery.approvers(&approvers)
            } else {
                recovery.approved_by()
            },
            addressees: send::addressees(&snapshot, &recovery),
            rests: rests.or_else(|| snapshot.hold().contained()),
            evidence,
            visitor,
            recovery,
            subject,
        }))
    }

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
