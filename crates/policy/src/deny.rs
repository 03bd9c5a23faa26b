//! The deny side as a table that a person can read: who, which action, which tier, and the evidence
//! without which the answer is no.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use glassbreak_core::policy::{Question, Stake};
use glassbreak_core::redemption::Method;
use glassbreak_core::subject::{Assurance, Proofing, SubjectKind, Tier};

use crate::facts::{Action, Facts, IALS, KINDS, LEVELS, method_name};
use crate::policy::CedarPolicy;
use crate::words::word;

const EVIDENCE: u32 = 0xfff;

const HEAD: &str = "\
# What is refused

Generated from the default policies by a test; `GLASSBREAK_GOLDEN=write cargo test -p
glassbreak-policy --test deny_table` writes it anew. Every question there is stands behind it.

For each action and each kind of subject: the smallest evidence that is let in. **Whatever does not
contain one of these sets is refused.** `never` means that no evidence helps. `nothing` means that
none is needed. A letter stands for the list below its table. What is named under `spoiled by` can
turn a permit into a refusal when it is presented too.

";

/// The table of `policy`, in Markdown.
pub fn table(policy: &CedarPolicy) -> String {
    let mut text = HEAD.to_owned();
    for (action, title) in [
        (Action::Recover, "Recover: get back in"),
        (Action::Redeem, "Redeem: a code as a second factor"),
        (Action::Release, "Release: send a code"),
    ] {
        let _ = writeln!(text, "## {title}\n");
        evidence_table(policy, action, &mut text);
        text.push('\n');
    }
    let _ = writeln!(text, "## Approve: let one's word count\n");
    approve_table(policy, &mut text);
    let _ = writeln!(text, "\n## Issue: show codes\n");
    issue_table(policy, &mut text);
    let _ = writeln!(text, "\n## Confirm and revoke: what becomes of a set\n");
    set_table(policy, &mut text);
    text
}

/// Rows with the same answer are one, and kinds of subject with the same rows are one.
fn evidence_table(policy: &CedarPolicy, action: Action, text: &mut String) {
    let tier = Tier::standard();
    let mut rows: Vec<(Row, Vec<String>)> = Vec::new();
    let mut ways = Ways::default();
    for facts in Facts::every(action).filter(|facts| facts.bits & EVIDENCE == 0) {
        let (row, about) = describe(&facts.question(&tier), needed(policy, facts, &tier));
        match rows.iter_mut().find(|(known, _)| *known == row) {
            Some((_, abouts)) => abouts.push(about),
            None => rows.push((row, vec![about])),
        }
    }
    let mut lines: Vec<(String, Vec<String>)> = Vec::new();
    for (row, abouts) in rows {
        let needed = ways.spell(&row.smallest);
        let spoils: Vec<_> = row.spoils.into_iter().collect();
        let spoils = spoils.join(", ");
        let line = format!("{} | {} | {needed} | {spoils} |", row.circumstances, levels(&abouts));
        match lines.iter_mut().find(|(known, _)| *known == line) {
            Some((_, kinds)) => kinds.push(row.kind),
            None => lines.push((line, vec![row.kind])),
        }
    }
    text.push_str(EVIDENCE_HEAD);
    for (line, kinds) in lines {
        let _ = writeln!(text, "| {} | {line}", kinds.join(", "));
    }
    for (number, way) in ways.0.iter().enumerate() {
        let _ = write!(text, "\n**{}**, one of: {way}.\n", letter(number));
    }
}

const EVIDENCE_HEAD: &str = "\
| subject | privileged | opened by | accounted for | assurance and proofing | let in with \
| spoiled by |
| --- | --- | --- | --- | --- | --- | --- |
";

/// A subject in its circumstances, and what is needed of it.
#[derive(PartialEq)]
struct Row {
    kind: String,
    circumstances: String,
    smallest: Vec<u32>,
    spoils: BTreeSet<&'static str>,
}

/// Lists of alternatives that several rows share, by letter.
#[derive(Default)]
struct Ways(Vec<String>);

impl Ways {
    /// What all sets share, and a letter for the rest.
    fn spell(&mut self, sets: &[u32]) -> String {
        let [first, more @ ..] = sets else { return "never".to_owned() };
        if more.is_empty() {
            return names(*first);
        }
        let shared = more.iter().fold(*first, |shared, bits| shared & bits);
        let rest: Vec<_> = sets.iter().map(|bits| names(bits & !shared)).collect();
        let rest = rest.join("; ");
        let known = self.0.iter().position(|way| *way == rest);
        let number = known.unwrap_or_else(|| {
            self.0.push(rest);
            self.0.len() - 1
        });
        let way = format!("**{}**", letter(number));
        if shared == 0 { way } else { format!("{} + {way}", names(shared)) }
    }
}

fn letter(number: usize) -> char {
    ('A'..='Z').nth(number).unwrap_or('?')
}

fn names(bits: u32) -> String {
    let held = Method::ALL.into_iter().filter(|method| bits & 1 << *method as u32 != 0);
    let names: Vec<_> = held.map(method_name).collect();
    if names.is_empty() { "nothing".to_owned() } else { names.join(" + ") }
}

/// The smallest sets that are permitted, and the pieces that spoil a permit.
fn needed(policy: &CedarPolicy, facts: Facts, tier: &Tier) -> (Vec<u32>, BTreeSet<&'static str>) {
    let permits = |bits: u32| policy.permits(Facts { bits: facts.bits | bits, ..facts }, tier);
    let mut smallest: Vec<u32> = Vec::new();
    let mut spoils = BTreeSet::new();
    let mut sets: Vec<u32> = (0..=EVIDENCE).filter(|bits| permits(*bits)).collect();
    sets.sort_by_key(|bits| (bits.count_ones(), *bits));
    for bits in sets {
        if !smallest.iter().any(|less| less & bits == *less) {
            smallest.push(bits);
        }
        let more = Method::ALL.into_iter().filter(|method| !permits(bits | 1 << *method as u32));
        spoils.extend(more.map(method_name));
    }
    (smallest, spoils)
}

/// The subject and the circumstances, and apart from them its levels.
fn describe(
    question: &Question,
    (smallest, spoils): (Vec<u32>, BTreeSet<&'static str>),
) -> (Row, String) {
    let about = question.about();
    let yes = |yes: bool| if yes { "yes" } else { "no" };
    let opened = match question {
        Question::Recover { opened_by, accounted_for, .. } => {
            format!("{} | {}", word(opened_by), yes(*accounted_for))
        }
        Question::Release { opened_by, .. } => format!("{} | -", word(opened_by)),
        _ => "- | -".to_owned(),
    };
    let circumstances = format!("{} | {opened}", yes(about.privileged));
    let row = Row { kind: word(&about.kind), circumstances, smallest, spoils };
    (row, format!("{} {}", word(&about.assurance), word(&about.ial)))
}

/// `aal2 ial1, aal2 ial2, ..` as `aal2: ial1 ial2`.
fn levels(all: &[String]) -> String {
    let every = LEVELS.len() * IALS.len();
    if all.len() == every {
        return "any".to_owned();
    }
    let mut by_level: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (level, ial) in all.iter().filter_map(|pair| pair.split_once(' ')) {
        by_level.entry(level).or_default().push(ial);
    }
    let told = by_level.into_iter().map(|(level, ials)| {
        let all = ials.len() == IALS.len();
        format!("{level}: {}", if all { "any".to_owned() } else { ials.join(" ") })
    });
    told.collect::<Vec<_>>().join("; ")
}

fn approve_table(policy: &CedarPolicy, text: &mut String) {
    text.push_str(
        "| approver | appointed | stake | answer | by |\n| --- | --- | --- | --- | --- |\n",
    );
    for approver in KINDS {
        for (appointed, stake) in
            [true, false].into_iter().flat_map(|yes| Stake::ALL.map(|stake| (yes, stake)))
        {
            let about = ordinary(Assurance::Aal2);
            let question = Question::Approve { about, approver, appointed, stake };
            let verdict = policy.decide(&question);
            let _ = writeln!(
                text,
                "| {} | {} | {} | {} | {} |",
                word(&approver),
                if appointed { "yes" } else { "no" },
                word(&stake),
                word(&verdict.outcome),
                verdict.reasons.join(", ")
            );
        }
    }
}

fn issue_table(policy: &CedarPolicy, text: &mut String) {
    use glassbreak_core::code_set::{IssueReason, SetKind};
    text.push_str(
        "| account | session | tier asks | answer | by |\n| --- | --- | --- | --- | --- |\n",
    );
    for assurance in LEVELS {
        for (session, session_floor) in
            LEVELS.into_iter().flat_map(|session| LEVELS.map(|floor| (session, floor)))
        {
            let verdict = policy.decide(&Question::Issue {
                about: ordinary(assurance),
                set: SetKind::Saved,
                reason: IssueReason::Enrolment,
                kind_in_tier: true,
                profile_in_tier: true,
                session,
                session_floor,
            });
            let _ = writeln!(
                text,
                "| {} | {} | {} | {} | {} |",
                word(&assurance),
                word(&session),
                word(&session_floor),
                word(&verdict.outcome),
                verdict.reasons.join(", ")
            );
        }
    }
}

/// For an ordinary subject; the rules about sets read nothing of whose they are.
fn set_table(policy: &CedarPolicy, text: &mut String) {
    text.push_str(
        "| action | set | kind named by the tier | answer | by |\n| --- | --- | --- | --- | --- |\n",
    );
    for facts in [Action::Confirm, Action::Revoke].into_iter().flat_map(Facts::every) {
        let question = facts.question(&Tier::standard());
        if *question.about() != ordinary(Assurance::Aal2) {
            continue;
        }
        let (set, named) = match &question {
            Question::Confirm { set, kind_in_tier, .. } => {
                (word(set), if *kind_in_tier { "yes" } else { "no" })
            }
            Question::Revoke { set, .. } => (word(set), "-"),
            _ => continue,
        };
        let verdict = policy.decide(&question);
        let _ = writeln!(
            text,
            "| {} | {set} | {named} | {} | {} |",
            question.action(),
            word(&verdict.outcome),
            verdict.reasons.join(", ")
        );
    }
}

fn ordinary(assurance: Assurance) -> glassbreak_core::policy::About {
    glassbreak_core::policy::About {
        kind: SubjectKind::Person,
        tier: Tier::standard(),
        privileged: false,
        assurance,
        ial: Proofing::None,
    }
}
