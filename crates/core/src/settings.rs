//! What an operator may set, with floors and ceilings that no configuration gets past.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use crate::code::{ARGON2ID_DEFAULT, Scheme};
use crate::code_set::{Profile, SetKind};
use crate::lifecycle::{Effect, LifecycleKind};
use crate::recovery::Reference;
use crate::subject::{Assurance, Tier};
use crate::time::Seconds;

/// The settings of a whole installation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Settings by tier. A subject of a tier that is not here cannot be registered.
    pub tiers: BTreeMap<Tier, TierSettings>,
    /// How guessing is slowed and stopped (N63B-TH-*). One for all tiers and for unknown subjects,
    /// or the waits would tell who exists (C9).
    pub throttle: Throttle,
    /// What each lifecycle event does to a subject's recovery credentials (D1 to D9).
    pub lifecycle: BTreeMap<LifecycleKind, Effect>,
    /// How AI agents at the support desk are limited (H4).
    #[serde(default)]
    pub agents: AgentLimit,
    /// What follows when a privileged subject's protection is lowered.
    #[serde(default)]
    pub lowering: Lowering,
}

/// How AI agents at the support desk are limited (H4). People are not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgentLimit {
    /// So many cases each of them may open in any hour, over all subjects; 1 to 60.
    pub openings_per_hour: u8,
}

impl AgentLimit {
    /// The most openings an hour that a configuration may allow. An agent that is led astray opens
    /// no more than that before somebody looks.
    pub const OPENINGS_MAX: u8 = 60;
    /// The period that openings are counted over.
    pub const PERIOD: Seconds = Seconds::hours(1);
}

impl Default for AgentLimit {
    fn default() -> Self {
        Self { openings_per_hour: 10 }
    }
}

/// What follows when a privileged subject's protection is lowered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lowering {
    /// So long recovery and issue rest; an hour to 30 days.
    pub rest: Seconds,
}

impl Default for Lowering {
    fn default() -> Self {
        Self { rest: Seconds::hours(24) }
    }
}

/// The settings of one tier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TierSettings {
    /// The kinds of set that may be issued.
    pub kinds: Vec<SetKind>,
    /// The form of codes unless the request names another.
    pub profile: Profile,
    /// The forms a request may name.
    pub profiles: Vec<Profile>,
    /// How many codes unless the request says; 1 to 32.
    pub count: u8,
    /// How verifiers are made where the codes are long enough for a choice; `None` is the
    /// profile's own: keyed at 112 bits and above, Argon2id below.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scheme: Option<Scheme>,
    /// How long a code lives (A8), at most ten years.
    pub lifetime: Seconds,
    /// If set, codes work only once the holder has confirmed them, within this time (A3).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirm_within: Option<Seconds>,
    /// How many sets a subject may be issued in a period (A5).
    pub issue_limit: IssueLimit,
    /// The least assurance of the session in which codes are shown, at least `aal2` (N63B-LS-03).
    pub session_assurance: Assurance,
    /// After a use: how soon the set is to be replaced (N63B-SC-08).
    pub replace_within: Seconds,
    /// Whether its recoveries need two approvals, whatever else was gathered (E3, E4, F3).
    #[serde(default)]
    pub privileged: bool,
    /// How long a satisfied recovery stays open for its obligations; 1 minute to an hour (C4).
    #[serde(default = "window_default")]
    pub window: Seconds,
    /// How long a recovery may gather evidence; at most 31 days, for letters take that long.
    #[serde(default = "gather_default")]
    pub gather_within: Seconds,
    /// How soon a use of break-glass is reviewed; at most 30 days (E3).
    #[serde(default = "review_default")]
    pub review_within: Seconds,
    /// After how long a holder is asked again where a set is kept; at most ten years. Zero: never
    /// (B1).
    #[serde(default = "custody_review_default")]
    pub custody_review: Seconds,
    /// When codes count as a routine way in (C7).
    #[serde(default)]
    pub routine: Routine,
    /// How many codes are sent, and how many guesses at them are looked at (N63B-IC-07).
    #[serde(default)]
    pub sent_codes: SentCodes,
    /// How long an exception may be in force; at most 30 days. Zero: the tier has none (F5).
    #[serde(default = "exception_default")]
    pub exception_max: Seconds,
    /// If set, agents may open cases. An interaction with an agent is an application-specific
    /// method, which rests on a documented risk analysis (N63B-RM-02).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub support: Option<Support>,
}

/// When codes count as a routine way in (C7): more of them than this in a period. What goes beyond
/// is refused, and told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Routine {
    /// So many recoveries that the subject opens, 1 to 32 ...
    pub uses: u8,
    /// ... in a period of this length, at least a day.
    pub period: Seconds,
    /// So many codes as a second factor in the same period, 1 to 32. The last of them is told as
    /// well.
    #[serde(default = "second_factors_default")]
    pub second_factors: u8,
    /// Whether codes are the everyday second factor of this tier. They are not counted then.
    #[serde(default)]
    pub codes_are_second_factor: bool,
}

const fn second_factors_default() -> u8 {
    10
}

impl Default for Routine {
    /// Five recoveries, or a whole set of codes, in thirty days: J4, recovery is not a second way
    /// to sign in.
    fn default() -> Self {
        Self {
            uses: 5,
            period: Seconds::days(30),
            second_factors: second_factors_default(),
            codes_are_second_factor: false,
        }
    }
}

/// How codes that are sent are limited (N63B-IC-07). A code has eight digits, one of them a check:
/// so many guesses at it, and so many of it, come to at most one chance in 100,000 a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SentCodes {
    /// After so many failures in one recovery no code sent in it counts, and none is sent any
    /// more; 1 to 100 (N63B-TH-01).
    pub failures: u32,
    /// At most so many codes are sent to a subject, over all its recoveries, 1 to 32 ...
    pub sends: u8,
    /// ... in any period of this length, at least an hour.
    pub period: Seconds,
}

impl Default for SentCodes {
    /// Ten failures, and ten codes a day.
    fn default() -> Self {
        Self { failures: 10, sends: 10, period: Seconds::days(1) }
    }
}

/// The support desk of a tier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Support {
    /// Where the risk analysis of recovery by agents lies (N63B-RM-02).
    pub risk_analysis: Reference,
}

const fn window_default() -> Seconds {
    Seconds::minutes(15)
}

const fn gather_default() -> Seconds {
    Seconds::days(7)
}

const fn review_default() -> Seconds {
    Seconds::days(7)
}

const fn custody_review_default() -> Seconds {
    Seconds::days(180)
}

const fn exception_default() -> Seconds {
    Seconds::days(7)
}

/// A limit on issuing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IssueLimit {
    /// At most so many sets, 1 to 100 ...
    pub sets: u32,
    /// ... in any period of this length, at least an hour.
    pub period: Seconds,
}

/// How guessing is slowed and stopped (SP 800-63B-4 section 3.2.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Throttle {
    /// So many failures in a row cost no wait; at most 10.
    pub free: u32,
    /// The wait after the first failure beyond those; doubles with each further one. At least 1 s.
    pub wait_first: Seconds,
    /// The longest wait.
    pub wait_max: Seconds,
    /// After so many failures in a row the set is disabled; at most 100 (N63B-TH-01).
    pub disable_at: u32,
}

impl Default for Throttle {
    /// Five failures free, then 30 s doubling to an hour, and the end at one hundred.
    fn default() -> Self {
        Self { free: 5, wait_first: Seconds(30), wait_max: Seconds::hours(1), disable_at: 100 }
    }
}

impl Throttle {
    fn validate(&self) -> Result<(), InvalidSetting> {
        if self.disable_at == 0 || self.disable_at > 100 {
            return Err(invalid("throttle.disable_at", "is 1 to 100", "N63B-TH-01"));
        }
        if self.free > 10 || self.wait_first.0 == 0 || self.wait_max < self.wait_first {
            let problem = "waits after at most 10 free failures, and at least a second";
            return Err(invalid("throttle", problem, "N63B-TH-04"));
        }
        Ok(())
    }

    /// The wait that `failures` failures in a row have earned.
    pub fn wait(&self, failures: u32) -> Option<Seconds> {
        let doublings = failures.checked_sub(self.free)?.checked_sub(1)?;
        let factor = 1_u32.checked_shl(doublings).unwrap_or(u32::MAX);
        Some(Seconds(self.wait_first.0.saturating_mul(factor)).min(self.wait_max))
    }
}

/// A setting past a floor or a ceiling.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{at}: {problem} ({source_row})")]
pub struct InvalidSetting {
    /// Which setting, as a path.
    pub at: String,
    /// What is wrong and what would be right.
    pub problem: String,
    /// The requirement or standard row that asks for it.
    pub source_row: &'static str,
}

impl Settings {
    /// What a new installation runs on: three tiers and the effects of STANDARDS section 5.8 and 9.
    pub fn defaults() -> Self {
        let tier =
            |name: &str| Tier::try_from(name.to_owned()).unwrap_or_else(|_| Tier::standard());
        let standard = TierSettings::standard();
        let privileged = TierSettings {
            kinds: vec![SetKind::Saved, SetKind::BreakGlass],
            profiles: vec![Profile::Strong],
            lifetime: Seconds::days(180),
            confirm_within: Some(Seconds::minutes(30)),
            issue_limit: IssueLimit { sets: 3, period: Seconds::days(1) },
            replace_within: Seconds::days(1),
            custody_review: Seconds::days(90),
            privileged: true,
            ..standard.clone()
        };
        let service = TierSettings {
            kinds: vec![SetKind::BreakGlass],
            profiles: vec![Profile::Strong],
            lifetime: Seconds::days(90),
            custody_review: Seconds::days(90),
            privileged: true,
            ..standard.clone()
        };
        Self {
            tiers: [
                (tier("standard"), standard),
                (tier("privileged"), privileged),
                (tier("service"), service),
            ]
            .into(),
            throttle: Throttle::default(),
            lifecycle: LifecycleKind::ALL
                .iter()
                .map(|kind| (*kind, kind.effect_default()))
                .collect(),
            agents: AgentLimit::default(),
            lowering: Lowering::default(),
        }
    }

    /// The settings of a tier.
    pub fn tier(&self, tier: &Tier) -> Option<&TierSettings> {
        self.tiers.get(tier)
    }

    /// What a lifecycle event does here.
    pub fn effect(&self, kind: LifecycleKind) -> Effect {
        self.lifecycle.get(&kind).copied().unwrap_or_else(|| kind.effect_default())
    }

    /// Whether any tier stretches codes of `profile`, so that refusals have to take as long.
    pub fn stretches(&self, profile: Profile) -> Option<Scheme> {
        let allowing = self.tiers.values().filter(|tier| tier.profiles.contains(&profile));
        let schemes = allowing.map(|tier| tier.scheme_for(profile));
        schemes.into_iter().find(|scheme| *scheme != Scheme::Keyed)
    }

    /// Where codes of one profile are stretched, all tiers that allow it stretch them alike: the
    /// time of a refusal would tell the tier otherwise (C9).
    fn stretch_alike(&self) -> Result<(), InvalidSetting> {
        for profile in [Profile::Strong, Profile::Compact] {
            let allowing = self.tiers.values().filter(|tier| tier.profiles.contains(&profile));
            let schemes = allowing.map(|tier| tier.scheme_for(profile));
            let mut stretched = schemes.filter(|scheme| *scheme != Scheme::Keyed);
            if let Some(first) = stretched.next()
                && stretched.any(|other| other != first)
            {
                return Err(invalid(
                    "tiers",
                    "stretch codes of one profile in different ways",
                    "C9",
                ));
            }
        }
        Ok(())
    }

    /// Checks every floor and ceiling.
    ///
    /// # Errors
    /// The first setting that is past one, with the row that sets it.
    pub fn validate(&self) -> Result<(), InvalidSetting> {
        if self.tiers.is_empty() {
            return Err(invalid("tiers", "name at least one tier", "E2"));
        }
        self.throttle.validate()?;
        if !(1..=AgentLimit::OPENINGS_MAX).contains(&self.agents.openings_per_hour) {
            return Err(invalid("agents.openings_per_hour", "is 1 to 60", "H4"));
        }
        if self.lowering.rest < Seconds::hours(1) || self.lowering.rest > Seconds::days(30) {
            return Err(invalid("lowering.rest", "is an hour to 30 days", "E3"));
        }
        for (name, tier) in &self.tiers {
            tier.validate(&format!("tiers.{}", name.as_str()))?;
        }
        self.stretch_alike()?;
        for kind in LifecycleKind::ALL {
            let effect = self.effect(*kind);
            let lifts = kind.effect_floor() == Effect::Resume;
            if lifts && effect > Effect::Record {
                let at = format!("lifecycle.{}", kind.name());
                return Err(invalid(&at, "can only be `resume` or `record`", "D5"));
            }
            if effect < kind.effect_floor() {
                let problem = format!(
                    "`{}` does too little; at least `{}`",
                    effect.name(),
                    kind.effect_floor().name()
                );
                let at = format!("lifecycle.{}", kind.name());
                return Err(InvalidSetting { at, problem, source_row: "N63B-IN-01" });
            }
        }
        Ok(())
    }
}

impl TierSettings {
    /// What a tier has unless told otherwise.
    pub fn standard() -> Self {
        Self {
            kinds: vec![SetKind::Saved],
            profile: Profile::Strong,
            profiles: vec![Profile::Strong, Profile::Compact],
            count: 10,
            scheme: None,
            lifetime: Seconds::days(365),
            confirm_within: None,
            issue_limit: IssueLimit { sets: 5, period: Seconds::days(1) },
            session_assurance: Assurance::Aal2,
            replace_within: Seconds::days(7),
            privileged: false,
            window: window_default(),
            gather_within: gather_default(),
            review_within: review_default(),
            custody_review: custody_review_default(),
            routine: Routine::default(),
            sent_codes: SentCodes::default(),
            exception_max: exception_default(),
            support: None,
        }
    }

    /// How verifiers of codes of `profile` are made in this tier.
    pub fn scheme_for(&self, profile: Profile) -> Scheme {
        match self.scheme {
            Some(scheme) if scheme.allowed_for(profile.into()) => scheme,
            _ if Scheme::Keyed.allowed_for(profile.into()) => Scheme::Keyed,
            _ => ARGON2ID_DEFAULT,
        }
    }

    /// How many approvals an exception needs: two where there is dual control (E3, E4, F5).
    pub const fn approvers_needed(&self) -> usize {
        if self.privileged { 2 } else { 1 }
    }

    fn validate(&self, path: &str) -> Result<(), InvalidSetting> {
        let refuse = |field: &str, problem: &str, row| {
            Err(invalid(&format!("{path}.{field}"), problem, row))
        };
        if self.kinds.is_empty() {
            return refuse("kinds", "names at least one kind", "A4");
        }
        if self.kinds.contains(&SetKind::Canary) {
            return refuse("kinds", "are `saved` and `break_glass`; decoys go with `saved`", "A4");
        }
        if !self.profiles.contains(&self.profile) {
            return refuse("profile", "is not among `profiles`", "A4");
        }
        if !(1..=32).contains(&self.count) {
            return refuse("count", "is 1 to 32", "A4");
        }
        if self.lifetime.0 == 0 || self.lifetime > Seconds::days(3660) {
            return refuse("lifetime", "is 1 second to ten years; there is no never", "A8");
        }
        if self.issue_limit.sets == 0
            || self.issue_limit.sets > 100
            || self.issue_limit.period < Seconds::hours(1)
        {
            return refuse("issue_limit", "is 1 to 100 sets in a period of at least an hour", "A5");
        }
        if self.session_assurance < Assurance::Aal2 {
            return refuse("session_assurance", "is at least `aal2`", "N63B-LS-03");
        }
        if self.confirm_within == Some(Seconds(0)) {
            return refuse("confirm_within", "leaves no time to confirm", "A3");
        }
        if self.window < Seconds::minutes(1) || self.window > Seconds::hours(1) {
            return refuse("window", "is a minute to an hour", "C4");
        }
        if self.gather_within.0 == 0 || self.gather_within > Seconds::days(31) {
            return refuse("gather_within", "is at most 31 days", "N63B-IC-06");
        }
        if self.review_within.0 == 0 || self.review_within > Seconds::days(30) {
            return refuse("review_within", "is at most 30 days", "E3");
        }
        if self.custody_review > Seconds::days(3660) {
            return refuse("custody_review", "is at most ten years; 0 is never", "B1");
        }
        // So many times are kept of each (`Recent::MAX`): more could not be counted.
        let countable = 1..=32;
        let Routine { uses, second_factors, period, .. } = self.routine;
        if !countable.contains(&uses)
            || !countable.contains(&second_factors)
            || period < Seconds::days(1)
        {
            return refuse("routine", "is 1 to 32 of each in at least a day", "C7");
        }
        let SentCodes { failures, sends, period } = self.sent_codes;
        if !(1..=100).contains(&failures) {
            return refuse("sent_codes.failures", "is 1 to 100", "N63B-TH-01");
        }
        if !countable.contains(&sends) || period < Seconds::hours(1) {
            let problem = "is 1 to 32 `sends` in a period of at least an hour";
            return refuse("sent_codes", problem, "N63B-IC-07");
        }
        if self.exception_max > crate::exception::LONGEST {
            return refuse("exception_max", "is at most 30 days", "F5");
        }
        if self.scheme.is_some_and(|scheme| scheme.validate().is_err()) {
            return refuse("scheme", "costs less than ASVS 5.0 Appendix C asks", "ASVS-11.4.2");
        }
        Ok(())
    }
}

fn invalid(at: &str, problem: &str, source_row: &'static str) -> InvalidSetting {
    InvalidSetting { at: at.to_owned(), problem: problem.to_owned(), source_row }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_pass_their_own_floors() {
        Settings::defaults().validate().unwrap();
    }

    #[test]
    fn n63b_th_04_the_wait_grows_from_30_s_to_an_hour() {
        let throttle = Throttle::default();
        let waits: Vec<_> = (4..=14).map(|n| throttle.wait(n).map(|s| s.0)).collect();
        let expected = [
            None,
            None,
            Some(30),
            Some(60),
            Some(120),
            Some(240),
            Some(480),
            Some(960),
            Some(1920),
            Some(3600),
            Some(3600),
        ];
        assert_eq!(waits, expected);
        assert_eq!(throttle.wait(u32::MAX), Some(Seconds(3600)));
    }

    #[test]
    fn no_configuration_gets_past_a_floor() {
        type Break = fn(&mut TierSettings);
        let cases: [(&str, Break); 8] = [
            ("custody_review", |t| t.custody_review = Seconds(u32::MAX)),
            ("lifetime", |t| t.lifetime = Seconds(0)),
            ("lifetime", |t| t.lifetime = Seconds(u32::MAX)),
            ("count", |t| t.count = 33),
            ("issue_limit", |t| t.issue_limit.sets = 0),
            ("exception_max", |t| t.exception_max = Seconds(30 * 86_400 + 1)),
            ("session_assurance", |t| t.session_assurance = Assurance::Aal1),
            ("scheme", |t| t.scheme = Some(Scheme::Pbkdf2 { iterations: 1000 })),
        ];
        for (field, break_it) in cases {
            let mut settings = Settings::defaults();
            break_it(settings.tiers.get_mut(&Tier::standard()).unwrap());
            let error = settings.validate().unwrap_err();
            assert_eq!(error.at, format!("tiers.standard.{field}"));
        }
        let mut settings = Settings::defaults();
        settings.throttle.disable_at = 101;
        assert_eq!(settings.validate().unwrap_err().source_row, "N63B-TH-01");
        settings.throttle = Throttle { free: 11, ..Throttle::default() };
        assert_eq!(settings.validate().unwrap_err().source_row, "N63B-TH-04");
        let mut settings = Settings::defaults();
        settings.agents.openings_per_hour = 61;
        assert_eq!(settings.validate().unwrap_err().source_row, "H4");
        let mut settings = Settings::defaults();
        settings.lowering.rest = Seconds(3599);
        assert_eq!(settings.validate().unwrap_err().at, "lowering.rest");
        let mut settings = Settings::defaults();
        settings.lifecycle.insert(LifecycleKind::SubjectLeft, Effect::Record);
        assert_eq!(settings.validate().unwrap_err().at, "lifecycle.subject_left");
    }
}
