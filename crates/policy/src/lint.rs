//! The weak set-ups that are refused (E5, C8), each with a question that shows it.
//!
//! What rules permit is found for all requests ([`crate::proof`]); what settings leave open is read
//! from them.

use glassbreak_core::code_set::SetKind;
use glassbreak_core::settings::{Settings, Throttle, TierSettings};
use glassbreak_core::time::Seconds;

use crate::finding::{Finding, Findings};
use crate::proof::Proof;
use crate::rule::Effect;
use crate::set::Loaded;
use crate::words::question_words;

/// More sets a day than anybody loses.
const SETS_A_DAY: u32 = 24;

/// What is wrong with the rules of a set, of which `proof` is known.
pub fn rules(set: &Loaded, proof: &Proof) -> Findings {
    let mut findings = Vec::new();
    if set.rules().iter().all(|rule| rule.effect != Effect::Permit) {
        let message = "no rule permits anything: with this set nobody gets back in";
        findings.push(Finding::refuse("permits-nothing", message));
    }
    for held in &proof.held {
        let Some(question) = &held.counter_example else { continue };
        let counted =
            held.counted.map(|(permitted, of)| format!(", in {permitted} of {of} questions"));
        let message = format!(
            "permits what no set may permit{}; narrow the rule, or forbid it",
            counted.unwrap_or_default()
        );
        let mut finding = Finding::refuse(&held.name, message).row(&held.rows);
        if let Some(rule) = set.rules().iter().find(|rule| held.by.contains(&rule.name)) {
            finding = finding.at(&rule.file, rule.line);
        }
        finding.rules.clone_from(&held.by);
        finding.shown_by = Some(question_words(question));
        findings.push(finding);
    }
    if let Some((question, names)) = &proof.erring {
        let message = "a rule cannot be evaluated on a question that can be asked; it would refuse";
        let mut finding = Finding::refuse("rule-errs", message).row("DESIGN 1.5");
        finding.rules.clone_from(names);
        finding.shown_by = Some(question_words(question));
        findings.push(finding);
    }
    for rule in set.rules().iter().filter(|rule| !rule.is_asked()) {
        let message = format!(
            "`{}` is about an action that nothing asks the policy about yet; it does nothing",
            rule.name
        );
        findings.push(Finding::warn("never-asked", message).at(&rule.file, rule.line));
    }
    Findings(findings)
}

/// What is wrong with settings. The floors of [`Settings::validate`] are among it.
pub fn settings(settings: &Settings) -> Findings {
    let mut findings = Vec::new();
    if let Err(error) = settings.validate() {
        let finding = Finding::refuse(setting_name(&error.at), error.problem.clone());
        findings.push(finding.at(&error.at, 0).row(error.source_row));
    }
    throttle(&settings.throttle, &mut findings);
    for (name, tier) in &settings.tiers {
        tier_settings(&format!("tiers.{}", name.as_str()), tier, &mut findings);
        if name.as_str() == "privileged" && !tier.privileged {
            let message = "is called privileged and is not under dual control; set `privileged`";
            let at = "tiers.privileged.privileged";
            findings.push(Finding::warn("privileged-in-name-only", message).at(at, 0).row("E3"));
        }
    }
    Findings(findings)
}

fn throttle(throttle: &Throttle, findings: &mut Vec<Finding>) {
    // The validated floors stop what the standard stops. This is what is merely unwise.
    if throttle.disable_at > 0 && throttle.wait_max < Seconds::minutes(5) {
        let message = "never waits longer than five minutes; a patient guesser is not slowed";
        let finding = Finding::warn("weak-throttle", message).row("E5, N63B-TH-04");
        let mut finding = finding.at("throttle.wait_max", 0);
        finding.shown_by = Some(format!(
            "a wrong code every {} s until {} failures",
            throttle.wait_max.0, throttle.disable_at
        ));
        findings.push(finding);
    }
}

fn tier_settings(path: &str, tier: &TierSettings, findings: &mut Vec<Finding>) {
    let limit = tier.issue_limit;
    let days = (limit.period.0 / Seconds::days(1).0).max(1);
    let short = Seconds::days(1).0 / limit.period.0.clamp(1, Seconds::days(1).0);
    let a_day = limit.sets.saturating_mul(short) / days;
    if a_day > SETS_A_DAY {
        let message = format!(
            "lets a subject be issued {a_day} sets a day; whoever steals a session can mint \
             until one is useful; allow at most {SETS_A_DAY}"
        );
        let finding = Finding::refuse("unlimited-regeneration", message).row("E5, A5");
        let mut finding = finding.at(format!("{path}.issue_limit"), 0);
        finding.shown_by = Some(format!("the {a_day}th set of one subject on one day"));
        findings.push(finding);
    }
    if tier.lifetime > Seconds::days(2 * 366) {
        let message = "lets a code live for longer than two years; nobody will know where it is";
        let finding = Finding::warn("long-life", message).row("E5, A8");
        let mut finding = finding.at(format!("{path}.lifetime"), 0);
        finding.shown_by =
            Some(format!("a code redeemed {} days after its issue", tier.lifetime.0 / 86_400));
        findings.push(finding);
    }
    if tier.privileged && !tier.kinds.contains(&SetKind::BreakGlass) {
        let message = "is privileged and has static codes as its only path; allow `break_glass`";
        let finding = Finding::warn("static-codes-for-privileged", message).row("E3, E4");
        findings.push(finding.at(format!("{path}.kinds"), 0));
    }
}

/// The stable name of a setting past its floor.
fn setting_name(at: &str) -> &'static str {
    let field = at.rsplit('.').next().unwrap_or(at);
    match field {
        "lifetime" => "no-expiry",
        "issue_limit" => "unlimited-regeneration",
        "throttle" | "disable_at" => "no-throttle",
        _ => "setting-past-its-floor",
    }
}
