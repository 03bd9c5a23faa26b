//! What cvc5 proves and refutes (E1, E5, C8), against what is found by asking everything. Needs
//! `cvc5`, which `cargo xtask test` sees to.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may fail")]

use std::time::Duration;

use glassbreak_core::event::Outcome;
use glassbreak_core::policy::Policy as _;
use glassbreak_policy::proof::{By, Proof, Prover as _};
use glassbreak_policy::{CedarPolicy, Loaded, PolicySet, exhaust};
use glassbreak_policy_prove::{Solver, SolverOrSearch, Unproven};
use glassbreak_testkit::{SeededEntropy, seed};

/// The default set with `rule` added, and the rules named in `without` taken out.
fn changed(without: &[&str], rule: &str) -> Loaded {
    let mut text = PolicySet::built_in().to_text();
    for name in without {
        let from = text.find(&format!("@id(\"{name}\")")).unwrap_or_else(|| panic!("{name}"));
        let to = from + text[from..].find(';').unwrap() + 1;
        text.replace_range(from..to, "");
    }
    let set = PolicySet::from_text(&(text + "\n// file: zz.cedar\n" + rule));
    set.load_unlinted().unwrap_or_else(|findings| panic!("{findings}"))
}

/// The solver that is installed. What it tells is tested and not how soon: a machine that does a
/// lot besides makes it slow.
fn solver() -> Solver {
    Solver::find().unwrap().within(Duration::from_mins(5))
}

fn rule(action: &str, condition: &str) -> String {
    format!(
        "@id(\"x\") @requirement(\"-\")\n\
         permit (principal, action == Action::\"{action}\", resource) when {{ {condition} }};"
    )
}

fn broken(proof: &Proof) -> Vec<&str> {
    let broken = proof.held.iter().filter(|held| !held.holds());
    broken.map(|held| held.name.as_str()).collect()
}

#[test]
fn e5_the_default_set_is_proven_for_all_requests() {
    let solver = solver();
    let set = PolicySet::built_in().load_unlinted().unwrap();
    let proof = solver.prove(&set).unwrap();
    assert!(proof.holds(), "{:?} {:?}", broken(&proof), proof.erring);
    assert_eq!(proof.held.len(), exhaust::invariants().len());
    assert!(solver.name().starts_with("cvc5 "));
    assert_eq!(proof.by.to_string(), format!("proved by {} for all requests", solver.name()));
    assert_eq!(solver.differ(&set, &set).unwrap(), []);
}

/// The weak sets that the lint refuses. What the solver shows is permitted when it is asked.
#[test]
fn e5_c8_every_weak_set_is_refuted_with_a_request_that_shows_it_when_asked() {
    let weak: [(&str, &[&str], String); 7] = [
        ("never.mail-only-recovery", &[], rule("recover", "context.evidence.mailed_code")),
        ("never.assurance-ignored", &[], rule("recover", "context.evidence.mailed_code")),
        (
            "never.single-approver-for-privileged",
            &["recover.privileged-needs-two-approvals"],
            String::new(),
        ),
        ("never.agent-approves", &["approve.only-people"], rule("approve", "true")),
        ("never.case-without-second-verification", &["release.case-not-verified"], String::new()),
        ("never.issue-outside-the-tier", &["issue.kind-not-in-tier"], rule("issue", "true")),
        (
            "never.issue-to-a-weaker-session",
            &["issue.session-assurance-too-low"],
            rule("issue", "context.kind_in_tier && context.profile_in_tier"),
        ),
    ];
    let solver = solver();
    for (name, without, rule) in weak {
        let policy = CedarPolicy::from_set(changed(without, &rule));
        let proof = solver.prove(policy.set()).unwrap();
        let held = proof.held.iter().find(|held| held.name == name).unwrap();
        let question = held.counter_example.as_ref().unwrap_or_else(|| panic!("{name} holds"));
        let verdict = policy.ask(question);
        assert_eq!(verdict.outcome, Outcome::Permit, "{name}: {question:?}");
        assert_eq!(verdict.reasons, held.by, "{name}");
    }
}

#[test]
fn a_rule_that_errs_is_refuted_and_one_that_could_only_err_out_of_range_is_not() {
    let solver = solver();
    let errs = |factor: &str| {
        let set = changed(&[], &rule("recover", &format!("resource.subject.ial * {factor} < 0")));
        solver.prove(&set).unwrap().erring
    };
    let (question, rules) = errs("4611686018427387904").unwrap();
    assert_eq!(rules, ["x"]);
    assert!(question.about().ial >= glassbreak_core::subject::Proofing::Ial2);
    assert_eq!(errs("3000000000000000000"), None);
}

/// A name taken apart: the search asks about the names that are written out, the solver about all.
#[test]
fn a_tier_that_no_rule_writes_out_is_found_by_the_solver_alone() {
    let weak = "resource.subject.tier like \"b*b\" && context.evidence.mailed_code";
    let set = changed(&[], &rule("recover", weak));
    assert!(exhaust::search(&set).holds());
    let proof = solver().prove(&set).unwrap();
    let held = proof.held.iter().find(|held| held.name == "never.mail-only-recovery").unwrap();
    let tier = &held.counter_example.as_ref().unwrap().about().tier;
    assert!(tier.as_str().starts_with('b') && tier.as_str().ends_with('b'), "{tier:?}");
}

#[test]
fn two_sets_that_part_are_told_apart_by_a_request() {
    let before = PolicySet::built_in().load_unlinted().unwrap();
    let after = changed(&[], &rule("recover", "context.evidence.mailed_code"));
    let differ = solver().differ(&before, &after).unwrap();
    assert_eq!(differ.len(), 1);
    let (before, after) = (CedarPolicy::from_set(before), CedarPolicy::from_set(after));
    for question in &differ {
        assert_ne!(before.decide(question).outcome, after.decide(question).outcome);
    }
}

#[test]
fn without_a_solver_or_in_too_short_a_time_the_search_is_taken_and_says_why() {
    let set = PolicySet::built_in().load_unlinted().unwrap();
    let missing = Solver::open("/nowhere/cvc5").unwrap_err();
    assert!(missing.to_string().contains("`/nowhere/cvc5` cannot be run"), "{missing}");
    let hurried = solver().within(Duration::ZERO);
    assert!(matches!(hurried.prove(&set), Err(Unproven::TimedOut(_) | Unproven::Failed(_))));
    let proof = SolverOrSearch::with(hurried).prove(&set);
    assert!(proof.holds());
    let By::Search { questions, why: Some(why) } = proof.by else { panic!("{:?}", proof.by) };
    assert!(questions > 2_000_000 && !why.is_empty(), "{why}");
}

/// Rules taken out and put in at random: whatever the search knows, the solver knows too.
#[test]
fn solver_and_search_never_contradict_each_other() {
    let solver = solver();
    let seed = seed();
    let random = seed.entropy();
    let mut refuted = 0;
    for _ in 0..8 {
        let (set, text) = mutated(&random);
        let searched = exhaust::search(&set);
        let proven = solver.prove(&set).unwrap_or_else(|error| panic!("{error}\n{text}"));
        assert_eq!(broken(&proven), broken(&searched), "{text}");
        assert_eq!(proven.erring.is_some(), searched.erring.is_some(), "{text}");
        refuted += usize::from(!proven.holds());
    }
    assert!(refuted > 0, "{seed}: no mutation broke anything");
}

fn mutated(random: &SeededEntropy) -> (Loaded, String) {
    let built_in = PolicySet::built_in().load_unlinted().unwrap();
    let names: Vec<_> = built_in.rules().iter().map(|rule| rule.name.clone()).collect();
    let without: Vec<_> = names.iter().map(String::as_str).filter(|_| random.once_in(12)).collect();
    let (action, atoms) = *random.one_of(ATOMS).unwrap();
    let terms: Vec<_> = (0..=random.below(3))
        .map(|_| {
            let not = if random.once_in(3) { "!" } else { "" };
            format!("{not}({})", random.one_of(atoms).unwrap())
        })
        .collect();
    let operator = if random.once_in(3) { " || " } else { " && " };
    let added = rule(action, &terms.join(operator));
    (changed(&without, &added), format!("without {without:?}\n{added}"))
}

const ATOMS: &[(&str, &[&str])] = &[
    (
        "recover",
        &[
            "context.evidence.mailed_code",
            "context.evidence.saved_code",
            "context.evidence.break_glass_code",
            "context.evidence.approval",
            "context.accounted_for",
            "context.opened_by == Opener::\"agent\"",
            "resource.subject.privileged",
            "resource.subject.assurance > 1",
            "resource.subject.ial == 3",
            "resource.subject.kind == Kind::\"service\"",
        ],
    ),
    (
        "release",
        &[
            "context.evidence.second_verification",
            "context.opened_by == Opener::\"subject\"",
            "resource.subject.privileged",
            "resource.subject.ial < 2",
        ],
    ),
    (
        "issue",
        &[
            "context.kind_in_tier",
            "context.session >= context.session_floor",
            "resource.assurance == 1",
            "context.reason == IssueReason::\"enrolment\"",
        ],
    ),
    (
        "approve",
        &[
            "principal.appointed",
            "principal.kind == Kind::\"agent\"",
            "context.stake in [Stake::\"owner\", Stake::\"none\"]",
        ],
    ),
    ("redeem", &["context.evidence.saved_code", "resource.subject.assurance < 3"]),
];
