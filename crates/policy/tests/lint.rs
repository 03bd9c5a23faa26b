//! What a load refuses (E5, C8), each shown by a set that differs from the default in one place.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test may fail")]

use glassbreak_core::settings::{IssueLimit, Settings, Throttle};
use glassbreak_core::subject::Tier;
use glassbreak_core::time::Seconds;
use glassbreak_policy::{Findings, PolicySet, Severity, exhaust, lint};

/// The default set with `rule` added, and the rules named in `without` taken out.
fn changed(without: &[&str], rule: &str) -> PolicySet {
    let mut files: Vec<(String, String)> = PolicySet::built_in()
        .files()
        .map(|(name, text)| {
            let mut text = text.to_owned();
            for rule in without {
                let note = format!("@id(\"{rule}\")");
                if let Some(from) = text.find(&note) {
                    let to = from + text[from..].find(';').unwrap() + 1;
                    text.replace_range(from..to, "");
                }
            }
            (name.to_owned(), text)
        })
        .collect();
    files.push(("zz.cedar".to_owned(), rule.to_owned()));
    PolicySet::new(files)
}

fn refused(set: PolicySet) -> Findings {
    set.load().map(|loaded| loaded.findings().clone()).expect_err("the set is refused")
}

const RECOVER: &str = "permit (principal, action == Action::\"recover\", resource)";

#[test]
fn the_default_set_has_no_findings() {
    assert_eq!(PolicySet::built_in().load().unwrap().findings().0, []);
    assert_eq!(lint::settings(&Settings::defaults()).0, []);
}

/// Every question is asked for each tier that the rules name, so that a text could ask for hours.
#[test]
fn a_set_that_names_many_tiers_is_refused_before_the_search() {
    let naming = |count: usize| {
        let names: Vec<_> = (0..count).map(|at| format!("\"tier-{at}\"")).collect();
        let rule = format!(
            "@id(\"recover.by-tier\") @requirement(\"E2\") forbid (principal, action == \
             Action::\"recover\", resource) when {{ [{}].contains(resource.subject.tier) }};",
            names.join(", ")
        );
        changed(&[], &rule).load_unlinted()
    };
    assert!(naming(exhaust::TIERS_MAX).is_ok());
    let findings = naming(exhaust::TIERS_MAX + 1).expect_err("the set is refused");
    let [finding] = findings.0.as_slice() else { panic!("{findings}") };
    assert_eq!((finding.name.as_str(), finding.severity), ("too-many-tiers", Severity::Refuse));
    // What only looks like the name of a tier does not count: entities, and sets that read none.
    let many: Vec<_> = (0..100).map(|at| format!("// \"tier-{at}\"\n")).collect();
    assert!(changed(&[], &many.concat()).load_unlinted().is_ok());
}

/// For each thing that must never be permitted there is a set that permits it and is refused.
#[test]
fn e5_every_weak_set_is_refused_with_a_question_that_shows_it() {
    let all = "@id(\"x\") @note(\"weak\") permit (principal, action, resource);";
    let without: Vec<String> =
        PolicySet::built_in().load().unwrap().rules().iter().map(|r| r.name.clone()).collect();
    let without: Vec<&str> = without.iter().map(String::as_str).collect();
    let found = refused(changed(&without, all));
    let names: Vec<_> = found.0.iter().filter(|f| f.severity == Severity::Refuse).collect();
    let invariants = exhaust::invariants();
    assert!(invariants.len() >= 15);
    for invariant in &invariants {
        let finding = names.iter().find(|finding| finding.name == invariant.name).unwrap();
        assert!(finding.shown_by.is_some() && !finding.row.is_empty(), "{finding}");
        assert_eq!(finding.rules, ["x"]);
        assert_eq!((finding.file.as_str(), finding.line), ("zz.cedar", 1));
    }
}

#[test]
fn c8_mail_only_recovery_is_refused_by_name() {
    let rule = format!(
        "@id(\"x\") @requirement(\"-\") {RECOVER} when {{ context.evidence.mailed_code }};"
    );
    let found = refused(changed(&[], &rule));
    let names: Vec<_> = found.0.iter().map(|finding| finding.name.as_str()).collect();
    assert_eq!(names, ["never.mail-only-recovery", "never.assurance-ignored"]);
    let shown = found.0[0].shown_by.as_ref().unwrap();
    assert_eq!(
        shown,
        "recover a person of tier standard, aal1, never proofed, opened by subject, with \
         mailed_code"
    );
}

#[test]
fn f3_a_single_approver_for_privileged_subjects_is_refused() {
    let found = refused(changed(&["recover.privileged-needs-two-approvals"], ""));
    assert_eq!(found.0[0].name, "never.single-approver-for-privileged");
    assert!(found.0[0].row.starts_with("F3"));
}

#[test]
fn h4_no_file_lets_an_agent_approve() {
    let rule = "@id(\"x\") @requirement(\"-\") \
        permit (principal, action == Action::\"approve\", resource);";
    let found = refused(changed(&["approve.only-people"], rule));
    assert_eq!(found.0[0].name, "never.agent-approves");
}

#[test]
fn f2_a_release_without_second_verification_is_refused() {
    let found = refused(changed(&["release.case-not-verified"], ""));
    assert!(found.0.iter().any(|f| f.name == "never.case-without-second-verification"));
}

#[test]
fn a_rule_that_errs_on_any_question_is_refused() {
    let rule = format!(
        "@id(\"x\") @requirement(\"-\") {RECOVER} \
         when {{ resource.subject.ial * 4611686018427387904 < 0 }};"
    );
    let found = refused(changed(&[], &rule));
    assert_eq!(found.0[0].name, "rule-errs");
    assert_eq!(found.0[0].rules, ["x"]);
}

#[test]
fn what_is_wrong_with_the_text_is_told_by_file_and_line() {
    for (rule, name, line) in [
        ("\n\npermit (principal, action, resource) when { ", "syntax", 3),
        ("\npermit (principal, action, resource);", "rule-without-name", 2),
        (
            "\n@id(\"approve.only-people\") forbid (principal, action, resource);",
            "rule-named-twice",
            2,
        ),
        ("@id(\"x\") @log(\"off\") forbid (principal, action, resource);", "unknown-annotation", 1),
        (
            "\n\n\n@id(\"x\") forbid (principal, action == Action::\"redeem\", resource)\n\
             when { context.evidence.saved_cod };",
            "schema",
            4,
        ),
        (
            "@id(\"x\") forbid (principal, action == Action::\"approve\", resource) \
             when { principal.kind == Kind::\"robot\" };",
            "schema",
            1,
        ),
    ] {
        let found = refused(changed(&[], rule));
        let finding = found.0.iter().find(|finding| finding.severity == Severity::Refuse).unwrap();
        assert_eq!(finding.name, name, "{finding}");
        assert_eq!((finding.file.as_str(), finding.line), ("zz.cedar", line), "{finding}");
    }
}

#[test]
fn a_rule_about_what_is_never_asked_is_told() {
    let rule =
        "@id(\"x\") @requirement(\"-\") permit (principal, action == Action::\"read\", resource);";
    let loaded = changed(&[], rule).load().unwrap();
    assert_eq!(loaded.findings().0[0].name, "never-asked");
}

#[test]
fn e5_weak_settings_are_found() {
    type Weaken = fn(&mut Settings);
    fn tier(settings: &mut Settings) -> &mut glassbreak_core::settings::TierSettings {
        settings.tiers.get_mut(&Tier::standard()).unwrap()
    }
    let cases: [(&str, Severity, Weaken); 6] = [
        ("no-expiry", Severity::Refuse, |s| tier(s).lifetime = Seconds(0)),
        ("unlimited-regeneration", Severity::Refuse, |s| {
            tier(s).issue_limit = IssueLimit { sets: 100, period: Seconds::hours(1) };
        }),
        ("no-throttle", Severity::Refuse, |s| s.throttle.disable_at = 0),
        ("weak-throttle", Severity::Warn, |s| {
            s.throttle = Throttle { wait_max: Seconds(30), ..Throttle::default() };
        }),
        ("long-life", Severity::Warn, |s| tier(s).lifetime = Seconds::days(1000)),
        ("static-codes-for-privileged", Severity::Warn, |s| tier(s).privileged = true),
    ];
    for (name, severity, weaken) in cases {
        let mut settings = Settings::defaults();
        weaken(&mut settings);
        let found = lint::settings(&settings);
        let finding = found.0.iter().find(|finding| finding.name == name);
        let finding = finding.unwrap_or_else(|| panic!("{name}: {found}"));
        assert_eq!(finding.severity, severity);
        assert!(!finding.row.is_empty());
    }
}
