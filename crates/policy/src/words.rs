//! Questions in words, for findings, tables and people.

use std::collections::BTreeSet;

use glassbreak_core::policy::{About, Question};
use glassbreak_core::redemption::Method;
use serde::Serialize;

use crate::facts::method_name;

/// A question on one line.
pub fn question_words(question: &Question) -> String {
    let about = about(question.about());
    let has = question.evidence().map(evidence_words).unwrap_or_default();
    match question {
        Question::Issue {
            set,
            reason,
            kind_in_tier,
            profile_in_tier,
            session,
            session_floor,
            ..
        } => format!(
            "issue {} codes to {about}, at {}, in an {} session where the tier asks {}{}{}",
            word(set),
            word(reason),
            word(session),
            word(session_floor),
            if *kind_in_tier { "" } else { ", a kind that the tier does not name" },
            if *profile_in_tier { "" } else { ", a profile that the tier does not name" },
        ),
        Question::Confirm { set, kind_in_tier, .. } => format!(
            "confirm {} codes of {about}{}",
            word(set),
            if *kind_in_tier { "" } else { ", a kind that the tier does not name" },
        ),
        Question::Revoke { set, .. } => {
            format!("revoke {} codes of {about}, on request", word(set))
        }
        Question::Redeem { .. } => format!("redeem as second factor for {about}, with {has}"),
        Question::Recover { opened_by, accounted_for, .. } => format!(
            "recover {about}, opened by {}{}, with {has}",
            word(opened_by),
            if *accounted_for { ", accounted for" } else { "" },
        ),
        Question::Release { opened_by, .. } => {
            format!("release a code to {about}, opened by {}, with {has}", word(opened_by))
        }
        Question::Approve { approver, appointed, stake, .. } => format!(
            "approve for {about}, by {} {}, with stake {}",
            if *appointed { "an appointed" } else { "a not appointed" },
            word(approver),
            word(stake),
        ),
    }
}

/// Evidence in words: `saved_code + password`, or `nothing`.
pub fn evidence_words(evidence: &BTreeSet<Method>) -> String {
    let names: Vec<_> = evidence.iter().map(|method| method_name(*method)).collect();
    if names.is_empty() { "nothing".to_owned() } else { names.join(" + ") }
}

fn about(about: &About) -> String {
    format!(
        "a {} of tier {}{}, {}, {}",
        word(&about.kind),
        about.tier.as_str(),
        if about.privileged { " (privileged)" } else { "" },
        word(&about.assurance),
        match word(&about.ial).as_str() {
            "none" => "never proofed".to_owned(),
            ial => ial.to_owned(),
        },
    )
}

/// A value as JSON spells it.
pub(crate) fn word(value: &impl Serialize) -> String {
    let value = serde_json::to_value(value).unwrap_or_default();
    value.as_str().unwrap_or_default().to_owned()
}
