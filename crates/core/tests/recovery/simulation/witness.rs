//! What was seen to be done in each recovery, and whether that is enough: SP 800-63B-4 section
//! 4.2.2 with E3, F2, F3 and NHI10, stated a second time.

use std::collections::{BTreeMap, BTreeSet};

use glassbreak_core::id::{RecoveryId, SubjectId};
use glassbreak_core::recovery::Check;
use glassbreak_core::redemption::Method;
use glassbreak_core::subject::{Assurance, Profile, Proofing, SubjectKind};

/// What was seen in one recovery.
#[derive(Debug, Clone, Default)]
pub(super) struct Seen {
    pub(super) agent: Option<SubjectId>,
    pub(super) requester: Option<SubjectId>,
    pub(super) referenced: bool,
    pub(super) vouched: BTreeSet<Method>,
    pub(super) proofed: Vec<(Proofing, Vec<Check>, SubjectId)>,
    pub(super) verified_again: Vec<(Check, SubjectId)>,
    /// Those who approved what the desk had found by now. Another finding empties it.
    pub(super) approvers: BTreeSet<SubjectId>,
    pub(super) codes: BTreeSet<Method>,
}

pub(super) type Witness = BTreeMap<RecoveryId, Seen>;

impl Seen {
    /// Why this does not recover `subject`; nothing if it does.
    pub(super) fn lacks(
        &self,
        id: SubjectId,
        subject: &Profile,
        privileged: bool,
    ) -> Option<&'static str> {
        let stake = |person: &SubjectId| {
            *person == id
                || Some(*person) == subject.owner
                || Some(*person) == self.agent
                || Some(*person) == self.requester
                || self.proofed.iter().any(|(_, _, agent)| agent == person)
                || self.verified_again.iter().any(|(_, agent)| agent == person)
        };
        if self.approvers.iter().any(stake) {
            return Some("an approver with a stake");
        }
        if self.agent.is_none() && !(self.proofed.is_empty() && self.verified_again.is_empty()) {
            return Some("that the desk works in cases");
        }
        let approvals = self.approvers.len();
        let accounted = self.requester.is_some() && self.referenced;
        let good = |(level, _, _): &&(Proofing, Vec<Check>, SubjectId)| *level >= subject.ial;
        let proofed = self.proofed.iter().any(|given| good(&given));
        let compared = self.proofed.iter().filter(good);
        let compared = compared.into_iter().any(|(_, looks, _)| looks.contains(&Check::Biometric));
        if subject.kind != SubjectKind::Person && !accounted {
            return Some("nobody stands for it");
        }
        if privileged && approvals < 2 {
            return Some("two approvals");
        }
        let ial3 = (subject.assurance, subject.ial) == (Assurance::Aal3, Proofing::Ial3);
        if ial3 && !compared {
            return Some("the biometric comparison");
        }
        if self.agent.is_some() {
            let twice =
                !self.verified_again.is_empty() && (proofed || subject.ial == Proofing::None);
            if !twice || approvals == 0 {
                return Some("a verified and approved case");
            }
        }
        if self.codes.contains(&Method::BreakGlassCode) {
            let opened = approvals >= 2 && accounted;
            return (!opened).then_some("break-glass under dual control");
        }
        self.weak(subject, proofed)
    }

    /// A bare word for it counts in the subject's own recovery alone.
    fn vouched_proofing(&self) -> bool {
        self.agent.is_none() && self.vouched.contains(&Method::Proofing)
    }

    fn weak(&self, subject: &Profile, proofed: bool) -> Option<&'static str> {
        let saved = self.codes.contains(&Method::SavedCode);
        let texted = self.codes.contains(&Method::IssuedCode);
        let issued = texted || self.codes.contains(&Method::MailedCode);
        let one_factor = [Method::Password, Method::Authenticator];
        let beside = one_factor.iter().any(|method| self.vouched.contains(method));
        let once_proofed = subject.ial != Proofing::None && subject.assurance != Assurance::Aal1;
        let again = once_proofed && (proofed || self.vouched_proofing());
        let enough = (saved && issued)
            || ((saved || issued) && beside)
            || (again && (self.agent.is_none() || saved || issued))
            || (subject.assurance == Assurance::Aal1 && (saved || texted));
        (!enough).then_some("evidence")
    }
}
