//! What suffices, from the papers: SP 800-63B-4 section 4.2.2, E3, F2, F3, NHI10, C8. And the
//! smallest further evidence that would, found by trying all of it.

use std::collections::HashMap;

use glassbreak_core::redemption::Method;
use glassbreak_core::subject::{Assurance, Proofing};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(clippy::struct_excessive_bools, reason = "plain facts, as the papers name them")]
pub(super) struct Facts {
    pub(super) person: bool,
    pub(super) privileged: bool,
    pub(super) assurance: Assurance,
    pub(super) ial: Proofing,
    pub(super) case: bool,
    pub(super) accounted: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Answered {
    Enough,
    Never,
    Needs(Vec<Vec<Method>>),
}

impl Answered {
    pub(super) fn alternatives(self) -> Vec<Vec<Method>> {
        match self {
            Self::Needs(alternatives) => alternatives,
            Self::Enough | Self::Never => Vec::new(),
        }
    }
}

/// Answers that were worked out before: trying all of it is dear.
#[derive(Default)]
pub(super) struct Papers(HashMap<(Facts, u16), Answered>);

fn bit(method: Method) -> u16 {
    let place = Method::ALL.iter().position(|other| *other == method).expect("one of all");
    1 << place
}

impl Facts {
    /// A case is verified: twice looked at, and approved. Proofing is repeated if there was one.
    pub(super) fn verified(self, has: &[Method]) -> bool {
        let has = |method| has.contains(&method);
        let first =
            self.ial == Proofing::None || has(Method::Proofing) || has(Method::BiometricProofing);
        first && has(Method::SecondVerification) && has(Method::Approval)
    }

    fn recovers(self, given: &[Method]) -> bool {
        let has = |method| given.contains(&method);
        let both = has(Method::Approval) && has(Method::SecondApproval);
        let never = (!self.person && !self.accounted)
            || (self.privileged && !both)
            || (self.case && !self.verified(given))
            || (self.assurance == Assurance::Aal3
                && self.ial == Proofing::Ial3
                && !has(Method::BiometricProofing));
        if never {
            return false;
        }
        if has(Method::BreakGlassCode) {
            return both && self.accounted;
        }
        let sent = has(Method::IssuedCode) || has(Method::MailedCode);
        let methods = [has(Method::SavedCode), sent, has(Method::RecoveryContact)];
        let methods = methods.iter().filter(|given| **given).count();
        let beside = has(Method::Password) || has(Method::Authenticator);
        let again = has(Method::Proofing) || has(Method::BiometricProofing);
        match methods {
            0 if self.case => false,
            0 | 1 if again && self.ial != Proofing::None && self.assurance != Assurance::Aal1 => {
                true
            }
            0 => false,
            1 if beside => true,
            // C8: mail alone is not enough even where any other one code is.
            1 => {
                self.assurance == Assurance::Aal1 && !has(Method::MailedCode) || {
                    let texted = has(Method::IssuedCode);
                    self.assurance == Assurance::Aal1 && texted
                }
            }
            _ => true,
        }
    }
}

impl Papers {
    pub(super) fn answer(&mut self, facts: Facts, evidence: &[Method]) -> Answered {
        let given = evidence.iter().fold(0, |mask, method| mask | bit(*method));
        let known = self.0.entry((facts, given));
        known.or_insert_with(|| work_out(facts, given)).clone()
    }
}

fn methods(mask: u16) -> Vec<Method> {
    Method::ALL.into_iter().filter(|method| mask & bit(*method) != 0).collect()
}

fn work_out(facts: Facts, given: u16) -> Answered {
    if facts.recovers(&methods(given)) {
        return Answered::Enough;
    }
    let mut enough: Vec<u16> = (1..1 << Method::ALL.len())
        .filter(|more: &u16| more & given == 0 && more.count_ones() <= 5)
        .filter(|more| facts.recovers(&methods(more | given)))
        .collect();
    enough.sort_unstable_by_key(|more| more.count_ones());
    let mut least: Vec<u16> = Vec::new();
    for more in enough {
        if !least.iter().any(|less| less & more == *less) {
            least.push(more);
        }
    }
    let mut least: Vec<Vec<Method>> = least.into_iter().map(methods).collect();
    least.sort_by_key(|set| (set.len(), set.clone()));
    if least.is_empty() { Answered::Never } else { Answered::Needs(least) }
}
