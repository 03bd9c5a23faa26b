//! The checklist of a case. What is still asked for is what the policy in force answers
//! ([`Outlook::release`], [`Outlook::alternatives`]), and which of it is next says
//! [`Outlook::need`], as it does to the API; nothing here knows what suffices, or whose turn it is.

use glassbreak_engine::core::event::Outcome;
use glassbreak_engine::core::recovery::{Item, RecoveryState};
use glassbreak_engine::core::redemption::Method;
use glassbreak_engine::core::subject::Proofing;
use glassbreak_engine::core::time::Timestamp;
use glassbreak_engine::{Need, Outlook};

use super::people::{CouldApprove, Names};
use super::story::Story;
use crate::pages::frame::Frame;
use crate::shape::word;

/// Codes that the claimant brings.
const CODES: [Method; 5] = [
    Method::SavedCode,
    Method::IssuedCode,
    Method::MailedCode,
    Method::RecoveryContact,
    Method::BreakGlassCode,
];

/// Where a step stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// It is done.
    Done,
    /// It is what the case waits for.
    Now,
    /// Its turn comes.
    Later,
    /// The policy does not ask for it.
    NotAsked,
    /// It ended badly.
    Wrong,
    /// The case ended before.
    Ended,
}

impl Stage {
    /// The class of its place in the list.
    pub(super) const fn class(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Now => "now",
            Self::Wrong => "wrong",
            Self::Later | Self::NotAsked | Self::Ended => "",
        }
    }

    /// The class of its badge.
    pub(super) const fn tone(self) -> &'static str {
        match self {
            Self::Done => "good",
            Self::Now => "care",
            Self::Wrong => "harm",
            Self::Later | Self::NotAsked | Self::Ended => "",
        }
    }

    /// The key of its name.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Done => "desk-stage-done",
            Self::Now => "desk-stage-now",
            Self::Later => "desk-stage-later",
            Self::NotAsked => "desk-stage-not-asked",
            Self::Wrong => "desk-stage-wrong",
            Self::Ended => "desk-stage-ended",
        }
    }
}

/// A step.
#[derive(Debug)]
pub(super) struct Step {
    /// Which: the end of the keys of its texts.
    pub(super) key: &'static str,
    /// Where it stands.
    pub(super) stage: Stage,
    /// What was done, by whom and when; or what is missing and who can give it.
    pub(super) lines: Vec<String>,
}

/// What the steps are told by.
pub(super) struct Told<'a> {
    pub(super) f: &'a Frame,
    pub(super) outlook: &'a Outlook,
    pub(super) names: &'a Names,
    pub(super) story: Option<&'a Story>,
    pub(super) could_approve: &'a CouldApprove,
    pub(super) now: Timestamp,
}

/// What of the policy's question is open.
pub(super) struct Missing<'a>(pub(super) &'a Outlook);

impl Missing<'_> {
    fn has(&self, method: Method) -> bool {
        self.0.evidence.contains(&method)
    }

    /// Whether some way on asks for it.
    pub(super) fn asks(&self, method: Method) -> bool {
        let sets = self.0.release.alternatives.iter().chain(&self.0.alternatives);
        !self.has(method) && sets.flatten().any(|one| *one == method)
    }

    /// Whether some way on asks for proofing, of either strength.
    pub(super) fn asks_for_proofing(&self) -> bool {
        self.asks(Method::Proofing) || self.asks(Method::BiometricProofing)
    }

    /// Whether proofing is behind us, at the strength that the policy asks for.
    pub(super) fn is_proofed(&self) -> bool {
        let biometric = |set: &Vec<Method>| set.contains(&Method::BiometricProofing);
        let ways = &self.0.alternatives;
        let only_biometric = !ways.is_empty() && ways.iter().all(biometric);
        (self.has(Method::Proofing) || self.has(Method::BiometricProofing)) && !only_biometric
    }

    /// How many approvals are still asked for: by the road that takes the fewest, or where the case
    /// waits for one, by that of the roads that take any.
    pub(super) fn approvals(&self) -> usize {
        let least = usize::from(self.0.need == Some(Need::Approval));
        let count = |set: &Vec<Method>| {
            let approval = |it: &&Method| matches!(it, Method::Approval | Method::SecondApproval);
            set.iter().filter(approval).count()
        };
        let fewest = |sets: &[Vec<Method>]| {
            sets.iter().map(count).filter(|count| *count >= least).min().unwrap_or_default()
        };
        fewest(&self.0.release.alternatives).max(fewest(&self.0.alternatives))
    }

    /// Whether a code of the claimant's came back.
    pub(super) fn has_code(&self) -> bool {
        CODES.into_iter().any(|code| self.has(code))
    }
}

impl Told<'_> {
    fn t(&self, key: &str) -> String {
        self.f.t(key).to_string()
    }

    fn is_open(&self) -> bool {
        let recovery = &self.outlook.recovery;
        matches!(recovery.state, RecoveryState::Open {}) && !recovery.is_due(self.now)
    }

    fn was_enough(&self) -> bool {
        self.outlook.recovery.satisfied_at.is_some()
    }

    /// The stage of something that is gathered.
    fn gathered(&self, done: bool, asked: bool) -> Stage {
        match (done, self.is_open(), asked) {
            (true, ..) => Stage::Done,
            (false, true, true) => Stage::Later,
            (false, false, _) if !self.was_enough() => Stage::Ended,
            (false, ..) => Stage::NotAsked,
        }
    }

    /// By whom an item was brought, what it says and when.
    pub(super) fn item(&self, item: &Item) -> String {
        let (who, reference, checks, level) = match item {
            Item::Proofed { level, checks, agent, reference } => {
                (*agent, reference, checks.as_slice(), Some(*level))
            }
            Item::VerifiedAgain { check, agent, reference } => {
                (*agent, reference, std::slice::from_ref(check), None)
            }
            Item::Vouched { method } | Item::Presented { method, .. } => {
                return self.f.word("desk-method", word(method)).to_string();
            }
        };
        let checks: Vec<String> =
            checks.iter().map(|it| self.f.word("desk-check", word(it)).to_string()).collect();
        let mut words = vec![checks.join(", ")];
        words.extend(level.map(|level| word(&level).to_uppercase()));
        words.push(reference.as_str().to_owned());
        words.push(self.names.name(who));
        let at = self.story.and_then(|story| story.when(item));
        words.extend(at.map(|at| self.f.moment(at)));
        words.join(" · ")
    }

    fn proofing(&self, missing: &Missing<'_>) -> Step {
        let (asks, ial) = (Method::Proofing, self.outlook.subject.profile.ial);
        let stage = self.gathered(missing.is_proofed(), missing.asks_for_proofing());
        let items = self.outlook.recovery.items.iter();
        let found = items.filter_map(|item| match item {
            Item::Proofed { level, .. } if *level < ial => {
                let below = self.f.t("desk-proofing-below");
                Some(below.with("item", self.item(item)).to_string())
            }
            Item::Proofed { .. } => Some(self.item(item)),
            _ => None,
        });
        let mut lines: Vec<String> = found.collect();
        match stage {
            Stage::Later if missing.asks(asks) => {
                let level = word(&ial).to_uppercase();
                lines.push(self.f.t("desk-proofing-missing").with("level", level).to_string());
            }
            Stage::Later => lines.push(self.t("desk-proofing-biometric")),
            Stage::NotAsked if ial == Proofing::None => {
                lines.push(self.t("desk-proofing-never"));
            }
            _ => {}
        }
        Step { key: "proofing", stage, lines }
    }

    fn second(&self, missing: &Missing<'_>) -> Step {
        let done = self.outlook.evidence.contains(&Method::SecondVerification);
        let stage = self.gathered(done, missing.asks(Method::SecondVerification));
        let items = self.outlook.recovery.items.iter();
        let again = items.filter(|item| matches!(item, Item::VerifiedAgain { .. }));
        let mut lines: Vec<String> = again.map(|item| self.item(item)).collect();
        if stage == Stage::Later {
            lines.push(self.t("desk-second-missing"));
        }
        Step { key: "second", stage, lines }
    }

    fn approvals(&self, missing: &Missing<'_>) -> Step {
        // Of one that has ended nobody's approval is looked up any more, and none is missing.
        let left = if self.is_open() { missing.approvals() } else { 0 };
        let recovery = &self.outlook.recovery;
        let given = self.outlook.approvers.len();
        let stage = self.gathered(left == 0 && given > 0, left > 0);
        let case = recovery.case().ok();
        let line = |approval: &glassbreak_engine::core::recovery::Approval| {
            let stands =
                self.outlook.approvers.contains(&approval.approver) && Some(approval.case) == case;
            let key = if stands { "desk-approved" } else { "desk-approved-before" };
            let line = self.f.t(key).with("who", self.names.name(approval.approver));
            line.with("at", self.f.moment(approval.at)).to_string()
        };
        let mut lines: Vec<String> = recovery.approvals.iter().map(line).collect();
        if let RecoveryState::Refused { at, by } = recovery.state {
            let declined = self.f.t("desk-declined").with("who", self.names.name(by));
            lines.push(declined.with("at", self.f.moment(at)).to_string());
        }
        if stage == Stage::Later {
            let needed = given.saturating_add(left);
            let count = self.f.t("desk-approvals-missing").count("given", given);
            lines.push(count.count("needed", needed).to_string());
            lines.push(self.t("desk-approvals-who"));
            let CouldApprove { now, with_passkey } = self.could_approve;
            for (who, key) in
                [(now, "desk-approvals-names"), (with_passkey, "desk-approvals-no-passkey")]
            {
                if !who.is_empty() {
                    lines.push(self.f.t(key).with("who", who.join(", ")).to_string());
                }
            }
        }
        Step { key: "approvals", stage, lines }
    }

    fn release(&self, missing: &Missing<'_>) -> Step {
        let recovery = &self.outlook.recovery;
        let awaited = recovery.awaited(self.now);
        let stage = self.gathered(awaited.is_some() || missing.has_code(), true);
        let line = |sent: &glassbreak_engine::core::recovery::Sent| {
            let lost = recovery.undelivered.contains(&sent.id);
            let key = if lost { "desk-sent-not" } else { "desk-sent" };
            let way = if sent.contact.is_some() { "contact" } else { sent.channel.name() };
            let line = self.f.t(key).with("way", self.f.word("desk-way", way));
            let line = line.with("at", self.f.moment(sent.sent_at));
            line.with("until", self.f.moment(sent.expires_at)).to_string()
        };
        let mut lines: Vec<String> = recovery.sent.iter().map(line).collect();
        if recovery.codes_disabled_at.is_some() {
            lines.push(self.t("desk-codes-disabled"));
        }
        if stage == Stage::Later {
            let may = self.outlook.release.outcome == Outcome::Permit;
            lines.push(self.t(if may { "desk-release-may" } else { "desk-release-not-yet" }));
        }
        Step { key: "release", stage, lines }
    }

    fn used(&self, missing: &Missing<'_>) -> Step {
        let done = missing.has_code() || self.was_enough();
        let stage = self.gathered(done, true);
        let mut lines = Vec::new();
        match self.outlook.recovery.awaited(self.now) {
            Some(sent) if stage == Stage::Later => {
                let until = self.f.moment(sent.expires_at);
                let line = self.f.t("desk-use-waiting").with("until", until);
                lines.push(line.with("where", &self.f.site.recover_at).to_string());
            }
            _ => {}
        }
        if let Some(at) = self.outlook.recovery.satisfied_at {
            lines.push(self.f.t("desk-use-enough").with("at", self.f.moment(at)).to_string());
        }
        Step { key: "use", stage, lines }
    }

    fn reenrolment(&self) -> Step {
        let mut lines = Vec::new();
        let stage = match &self.outlook.recovery.state {
            RecoveryState::Completed { .. } => Stage::Done,
            RecoveryState::Window(window) if window.ends_at > self.now => {
                let until = self.f.moment(window.ends_at);
                lines.push(self.f.t("desk-window-until").with("until", until).to_string());
                let left = window.obligations.iter();
                let left = left.map(|it| self.f.word("desk-obligation", it.name()).to_string());
                lines.extend(left);
                Stage::Now
            }
            RecoveryState::Window(_) | RecoveryState::Lapsed { in_window: true, .. } => {
                lines.push(self.t("desk-window-over"));
                Stage::Wrong
            }
            _ if self.is_open() => Stage::Later,
            _ => Stage::Ended,
        };
        Step { key: "reenrolment", stage, lines }
    }

    fn closed(&self) -> Step {
        let (stage, at) = match &self.outlook.recovery.state {
            RecoveryState::Completed { at } => (Stage::Done, Some(*at)),
            RecoveryState::Lapsed { at, .. }
            | RecoveryState::Refused { at, .. }
            | RecoveryState::Cancelled { at } => (Stage::Wrong, Some(*at)),
            RecoveryState::Open {} | RecoveryState::Window(_) => {
                let due = self.outlook.recovery.is_due(self.now);
                (if due { Stage::Wrong } else { Stage::Later }, None)
            }
        };
        let word = self.f.word("desk-state", self.outlook.recovery.state.name());
        let line = |at| format!("{word} · {}", self.f.moment(at));
        let mut lines: Vec<String> = at.map(line).into_iter().collect();
        if stage == Stage::Wrong && at.is_none() {
            lines.push(self.t("desk-time-is-up"));
        }
        Step { key: "closed", stage, lines }
    }

    /// All of them, in order. What the case waits for says [`Outlook::need`]; of the evidence, the
    /// first piece that is asked for and not there.
    pub(super) fn steps(&self) -> Vec<Step> {
        let missing = Missing(self.outlook);
        let mut steps = vec![
            self.proofing(&missing),
            self.second(&missing),
            self.approvals(&missing),
            self.release(&missing),
            self.used(&missing),
            self.reenrolment(),
            self.closed(),
        ];
        let next: &[&str] = match self.outlook.need.filter(|_| self.is_open()) {
            Some(Need::Evidence) => &["proofing", "second", "use"],
            Some(Need::Approval) => &["approvals"],
            Some(Need::Release) => &["release"],
            // The window has its stage from its end.
            Some(Need::Enrolment) | None => &[],
        };
        let is_next = |step: &&mut Step| step.stage == Stage::Later && next.contains(&step.key);
        if let Some(next) = steps.iter_mut().find(is_next) {
            next.stage = Stage::Now;
        }
        steps
    }
}
