//! The facts that rules may read, as small numbers packed into one: what a question is to a table,
//! and how all questions are counted through.

use std::sync::LazyLock;

use glassbreak_core::code_set::{IssueReason, SetKind};
use glassbreak_core::policy::{About, Question, Stake};
use glassbreak_core::recovery::Opener;
use glassbreak_core::redemption::Method;
use glassbreak_core::subject::{Assurance, Proofing, SubjectKind, Tier};

/// What is asked for. One for each kind of [`Question`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// [`Question::Issue`].
    Issue,
    /// [`Question::Confirm`].
    Confirm,
    /// [`Question::Revoke`].
    Revoke,
    /// [`Question::Redeem`].
    Redeem,
    /// [`Question::Recover`].
    Recover,
    /// [`Question::Release`].
    Release,
    /// [`Question::Approve`].
    Approve,
}

impl Action {
    /// Every action that is asked.
    pub const ALL: [Self; 7] = [
        Self::Issue,
        Self::Confirm,
        Self::Revoke,
        Self::Redeem,
        Self::Recover,
        Self::Release,
        Self::Approve,
    ];

    /// The action's name, as rules and logs spell it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Issue => "issue",
            Self::Confirm => "confirm",
            Self::Revoke => "revoke",
            Self::Redeem => "redeem",
            Self::Recover => "recover",
            Self::Release => "release",
            Self::Approve => "approve",
        }
    }

    /// The action of a question.
    pub const fn of(question: &Question) -> Self {
        match question {
            Question::Issue { .. } => Self::Issue,
            Question::Confirm { .. } => Self::Confirm,
            Question::Revoke { .. } => Self::Revoke,
            Question::Redeem { .. } => Self::Redeem,
            Question::Recover { .. } => Self::Recover,
            Question::Release { .. } => Self::Release,
            Question::Approve { .. } => Self::Approve,
        }
    }

    /// Whether evidence is what it is about.
    pub const fn weighs_evidence(self) -> bool {
        matches!(self, Self::Redeem | Self::Recover | Self::Release)
    }

    /// What is true of every request about it that can be asked, as a condition in Cedar.
    pub fn askable(self) -> String {
        crate::request::askable(self)
    }

    pub(crate) const fn place(self) -> usize {
        self as usize
    }

    pub(crate) fn layout(self) -> &'static Layout {
        static LAYOUTS: LazyLock<[Layout; 7]> = LazyLock::new(|| Action::ALL.map(Layout::of));
        let [issue, confirm, revoke, redeem, recover, release, approve] = &*LAYOUTS;
        match self {
            Self::Issue => issue,
            Self::Confirm => confirm,
            Self::Revoke => revoke,
            Self::Redeem => redeem,
            Self::Recover => recover,
            Self::Release => release,
            Self::Approve => approve,
        }
    }
}

pub(crate) const KINDS: [SubjectKind; 3] =
    [SubjectKind::Person, SubjectKind::Service, SubjectKind::Agent];
pub(crate) const LEVELS: [Assurance; 3] = [Assurance::Aal1, Assurance::Aal2, Assurance::Aal3];
pub(crate) const IALS: [Proofing; 4] =
    [Proofing::None, Proofing::Ial1, Proofing::Ial2, Proofing::Ial3];
const SETS: [SetKind; 2] = [SetKind::Saved, SetKind::BreakGlass];
const REASONS: [IssueReason; 5] = [
    IssueReason::Enrolment,
    IssueReason::Replacement,
    IssueReason::ReissueAfterRecovery,
    IssueReason::BreakGlassProvisioning,
    IssueReason::SupportCase,
];
pub(crate) const OPENERS: [Opener; 2] = [Opener::Subject, Opener::Agent];

/// What a fact is in Cedar.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Shape {
    /// A Boolean.
    Bool,
    /// A number from `first` on.
    Level { first: i64, values: u32 },
    /// A member of an enumeration.
    OneOf { of: &'static str, names: &'static [&'static str] },
}

impl Shape {
    fn values(self) -> u32 {
        match self {
            Self::Bool => 2,
            Self::Level { values, .. } => values,
            Self::OneOf { names, .. } => u32::try_from(names.len()).unwrap_or(u32::MAX),
        }
    }
}

const KIND: Shape = Shape::OneOf { of: "Kind", names: &["person", "service", "agent"] };
const SET: Shape = Shape::OneOf { of: "SetKind", names: &["saved", "break_glass"] };
const REASON: Shape = Shape::OneOf {
    of: "IssueReason",
    names: &[
        "enrolment",
        "replacement",
        "reissue_after_recovery",
        "break_glass_provisioning",
        "support_case",
    ],
};
const OPENER: Shape = Shape::OneOf { of: "Opener", names: &["subject", "agent"] };
const STAKE: Shape = Shape::OneOf {
    of: "Stake",
    names: &["none", "subject", "owner", "requester", "opener", "approver"],
};
const LEVEL: Shape = Shape::Level { first: 1, values: 3 };
const IAL: Shape = Shape::Level { first: 0, values: 4 };

/// The attributes of a subject, but for its tier, which is not from a small set.
const ABOUT: [(&str, Shape); 4] =
    [("kind", KIND), ("privileged", Shape::Bool), ("assurance", LEVEL), ("ial", IAL)];

/// The name of a piece of evidence, as the schema and the log spell it.
pub const fn method_name(method: Method) -> &'static str {
    match method {
        Method::Password => "password",
        Method::Authenticator => "authenticator",
        Method::Proofing => "proofing",
        Method::BiometricProofing => "biometric_proofing",
        Method::SavedCode => "saved_code",
        Method::IssuedCode => "issued_code",
        Method::MailedCode => "mailed_code",
        Method::RecoveryContact => "recovery_contact",
        Method::BreakGlassCode => "break_glass_code",
        Method::SecondVerification => "second_verification",
        Method::Approval => "approval",
        Method::SecondApproval => "second_approval",
    }
}

/// One fact of an action.
#[derive(Debug, Clone)]
pub(crate) struct Field {
    /// Where rules read it.
    pub(crate) path: String,
    pub(crate) shape: Shape,
    pub(crate) shift: u32,
    pub(crate) width: u32,
}

impl Field {
    /// Its value in `bits`.
    pub(crate) const fn read(&self, bits: u32) -> u32 {
        (bits >> self.shift) & ((1 << self.width) - 1)
    }
}

/// The facts of an action, in the order in which they are packed. Evidence comes first, so that
/// further evidence is an `or` with a mask.
#[derive(Debug)]
pub(crate) struct Layout {
    pub(crate) fields: Vec<Field>,
}

impl Layout {
    fn of(action: Action) -> Self {
        let mut layout = Self { fields: Vec::new() };
        if action.weighs_evidence() {
            for method in Method::ALL {
                layout.add(format!("context.evidence.{}", method_name(method)), Shape::Bool);
            }
        }
        let subject = if action == Action::Issue { "resource" } else { "resource.subject" };
        for (name, shape) in ABOUT {
            layout.add(format!("{subject}.{name}"), shape);
        }
        let more: &[(&str, Shape)] = match action {
            Action::Issue => &[
                ("context.set", SET),
                ("context.reason", REASON),
                ("context.kind_in_tier", Shape::Bool),
                ("context.profile_in_tier", Shape::Bool),
                ("context.session", LEVEL),
                ("context.session_floor", LEVEL),
            ],
            Action::Confirm => &[("context.set", SET), ("context.kind_in_tier", Shape::Bool)],
            Action::Revoke => &[("context.set", SET)],
            Action::Redeem => &[],
            Action::Recover => {
                &[("context.opened_by", OPENER), ("context.accounted_for", Shape::Bool)]
            }
            Action::Release => &[("context.opened_by", OPENER)],
            Action::Approve => &[
                ("principal.kind", KIND),
                ("principal.appointed", Shape::Bool),
                ("context.stake", STAKE),
            ],
        };
        for (path, shape) in more {
            layout.add((*path).to_owned(), *shape);
        }
        layout
    }

    fn add(&mut self, path: String, shape: Shape) {
        let shift = self.fields.last().map_or(0, |last| last.shift + last.width);
        let width = u32::BITS - (shape.values() - 1).leading_zeros();
        self.fields.push(Field { path, shape, shift, width });
    }
}

/// The facts of a question but for the tier's name, packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Facts {
    /// What is asked for.
    pub action: Action,
    /// The facts, as the action's layout packs them.
    pub bits: u32,
}

impl Facts {
    /// The facts of `question`.
    pub fn of(question: &Question) -> Self {
        let action = Action::of(question);
        let mut pack = Pack { fields: &action.layout().fields, bits: 0 };
        if let Some(evidence) = question.evidence() {
            for method in Method::ALL {
                pack.put(u32::from(evidence.contains(&method)));
            }
        }
        let about = question.about();
        pack.one_of(&KINDS, about.kind);
        pack.put(u32::from(about.privileged));
        pack.one_of(&LEVELS, about.assurance);
        pack.one_of(&IALS, about.ial);
        match question {
            Question::Issue {
                set,
                reason,
                kind_in_tier,
                profile_in_tier,
                session,
                session_floor,
                ..
            } => {
                pack.one_of(&SETS, *set);
                pack.one_of(&REASONS, *reason);
                pack.put(u32::from(*kind_in_tier));
                pack.put(u32::from(*profile_in_tier));
                pack.one_of(&LEVELS, *session);
                pack.one_of(&LEVELS, *session_floor);
            }
            Question::Confirm { set, kind_in_tier, .. } => {
                pack.one_of(&SETS, *set);
                pack.put(u32::from(*kind_in_tier));
            }
            Question::Revoke { set, .. } => pack.one_of(&SETS, *set),
            Question::Redeem { .. } => {}
            Question::Recover { opened_by, accounted_for, .. } => {
                pack.one_of(&OPENERS, *opened_by);
                pack.put(u32::from(*accounted_for));
            }
            Question::Release { opened_by, .. } => pack.one_of(&OPENERS, *opened_by),
            Question::Approve { approver, appointed, stake, .. } => {
                pack.one_of(&KINDS, *approver);
                pack.put(u32::from(*appointed));
                pack.one_of(&Stake::ALL, *stake);
            }
        }
        Self { action, bits: pack.bits }
    }

    /// The question with these facts, about a subject of `tier`.
    pub fn question(self, tier: &Tier) -> Question {
        let mut unpack = Unpack { fields: &self.action.layout().fields, bits: self.bits };
        let mut evidence = std::collections::BTreeSet::new();
        if self.action.weighs_evidence() {
            evidence.extend(Method::ALL.into_iter().filter(|_| unpack.flag()));
        }
        let about = About {
            kind: unpack.one_of(&KINDS, SubjectKind::Agent),
            tier: tier.clone(),
            privileged: unpack.flag(),
            assurance: unpack.one_of(&LEVELS, Assurance::Aal3),
            ial: unpack.one_of(&IALS, Proofing::Ial3),
        };
        match self.action {
            Action::Issue => Question::Issue {
                about,
                set: unpack.one_of(&SETS, SetKind::BreakGlass),
                reason: unpack.one_of(&REASONS, IssueReason::SupportCase),
                kind_in_tier: unpack.flag(),
                profile_in_tier: unpack.flag(),
                session: unpack.one_of(&LEVELS, Assurance::Aal3),
                session_floor: unpack.one_of(&LEVELS, Assurance::Aal3),
            },
            Action::Confirm => Question::Confirm {
                about,
                set: unpack.one_of(&SETS, SetKind::BreakGlass),
                kind_in_tier: unpack.flag(),
            },
            Action::Revoke => {
                Question::Revoke { about, set: unpack.one_of(&SETS, SetKind::BreakGlass) }
            }
            Action::Redeem => Question::Redeem { about, evidence },
            Action::Recover => Question::Recover {
                about,
                opened_by: unpack.one_of(&OPENERS, Opener::Agent),
                accounted_for: unpack.flag(),
                evidence,
            },
            Action::Release => Question::Release {
                about,
                opened_by: unpack.one_of(&OPENERS, Opener::Agent),
                evidence,
            },
            Action::Approve => Question::Approve {
                about,
                approver: unpack.one_of(&KINDS, SubjectKind::Agent),
                appointed: unpack.flag(),
                stake: unpack.one_of(&Stake::ALL, Stake::Approver),
            },
        }
    }

    /// The same with `more` evidence.
    #[must_use]
    pub fn with(self, more: &[Method]) -> Self {
        let mask = more.iter().fold(0, |mask, method| mask | 1 << (*method as u32));
        Self { bits: self.bits | mask, ..self }
    }

    /// The facts as Cedar takes them, for whoever asks it in other ways.
    ///
    /// # Errors
    /// None with the built-in schema.
    pub fn to_cedar(
        self,
        tier: &Tier,
    ) -> Result<(cedar_policy::Request, cedar_policy::Entities), String> {
        crate::request::build(self, tier, None)
    }

    /// The facts that Cedar was given, and the tier's name; where it was not given one, the least.
    /// The reverse of [`Facts::to_cedar`]. `None` if the request is of an action that is not asked.
    pub fn of_cedar(
        request: &cedar_policy::Request,
        entities: &cedar_policy::Entities,
    ) -> Option<(Self, String)> {
        crate::request::read(request, entities)
    }

    /// The plainest like it for which `still` holds: a fact at a time, evidence is left out, and
    /// what else there is becomes an earlier one of its kind (a person, not privileged, AAL1, ..).
    #[must_use]
    pub fn plainest(self, still: impl Fn(Self) -> bool) -> Self {
        let mut kept = self;
        loop {
            let before = kept;
            for field in &self.action.layout().fields {
                let rest = kept.bits & !(((1 << field.width) - 1) << field.shift);
                let plainer = (0..field.read(kept.bits))
                    .map(|value| Self { bits: rest | value << field.shift, ..kept });
                kept = plainer.into_iter().find(|facts| still(*facts)).unwrap_or(kept);
            }
            // What one fact needed may be needless without another.
            if kept == before {
                return kept;
            }
        }
    }

    /// Every question about `action`, as facts.
    pub fn every(action: Action) -> impl Iterator<Item = Self> {
        let fields = &action.layout().fields;
        let end = fields.last().map_or(0, |last| 1 << (last.shift + last.width));
        // Widths of facts with three, five or six values leave numbers that mean nothing.
        let sound = |bits: &u32| fields.iter().all(|f| f.read(*bits) < f.shape.values());
        (0..end).filter(sound).map(move |bits| Self { action, bits })
    }
}

struct Pack {
    fields: &'static [Field],
    bits: u32,
}

impl Pack {
    /// Packs the next fact.
    fn put(&mut self, value: u32) {
        if let Some((field, rest)) = self.fields.split_first() {
            self.bits |= value << field.shift;
            self.fields = rest;
        }
    }

    fn one_of<T: Copy + PartialEq>(&mut self, all: &[T], value: T) {
        let at = all.iter().position(|other| *other == value);
        self.put(at.and_then(|at| u32::try_from(at).ok()).unwrap_or(0));
    }
}

struct Unpack {
    fields: &'static [Field],
    bits: u32,
}

impl Unpack {
    fn take(&mut self) -> u32 {
        let Some((field, rest)) = self.fields.split_first() else { return 0 };
        self.fields = rest;
        field.read(self.bits)
    }

    fn flag(&mut self) -> bool {
        self.take() == 1
    }

    /// The next fact; `other` where the number means nothing.
    fn one_of<T: Copy>(&mut self, all: &[T], other: T) -> T {
        all.get(self.take() as usize).copied().unwrap_or(other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_question_is_packed_and_unpacked_without_loss() {
        let tier = Tier::standard();
        for action in Action::ALL {
            for facts in Facts::every(action) {
                assert_eq!(Facts::of(&facts.question(&tier)), facts);
            }
        }
    }

    #[test]
    fn there_are_as_many_questions_as_the_facts_multiply_to() {
        let count = |action| Facts::every(action).count();
        let about = 3 * 2 * 3 * 4;
        assert_eq!(count(Action::Issue), about * 2 * 5 * 2 * 2 * 3 * 3);
        assert_eq!(count(Action::Confirm), about * 2 * 2);
        assert_eq!(count(Action::Revoke), about * 2);
        assert_eq!(count(Action::Redeem), about * 4096);
        assert_eq!(count(Action::Recover), about * 4096 * 2 * 2);
        assert_eq!(count(Action::Release), about * 4096 * 2);
        assert_eq!(count(Action::Approve), about * 3 * 2 * 6);
    }

    #[test]
    fn evidence_is_named_as_in_the_log() {
        for method in Method::ALL {
            let logged = serde_json::to_value(method).unwrap();
            assert_eq!(logged, method_name(method));
        }
    }
}
