//! What is set, where it comes from, what bounds it, and what of it is refused (issue part 9).

use std::path::Path;

use glassbreak_engine::core::lifecycle::{Effect, LifecycleKind};
use serde::Serialize;

use super::{Laid, overrides, parse_with};

/// A setting, explained.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Setting {
    /// Its path: `tiers.standard.count`.
    pub name: String,
    /// Its value as the file would spell it; `not set` where it may be left out and was.
    pub value: String,
    /// `default`, `file` or `environment`.
    pub from: &'static str,
    /// What no configuration gets past; empty where there is no such thing.
    pub bound: String,
    /// The requirement or standard row that asks for the bound.
    pub row: &'static str,
}

/// A configuration, explained.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Explained {
    /// Every setting there is.
    pub settings: Vec<Setting>,
    /// What is refused, and why; a server with any of it does not start.
    pub refused: Vec<String>,
}

/// Bounds by the end of a setting's path, with the row that asks for each.
const BOUNDS: &[(&str, &str, &str)] = &[
    ("throttle.free", "at most 10", "N63B-TH-04"),
    ("throttle.wait_first", "at least 1 s", "N63B-TH-04"),
    ("throttle.wait_max", "at least `wait_first`", "N63B-TH-04"),
    ("throttle.disable_at", "1 to 100", "N63B-TH-01"),
    ("kinds", "at least one", "A4"),
    ("profile", "one of `profiles`", "A4"),
    ("profiles", "`strong` and `compact`, both of 64 bits or more", "A4"),
    ("count", "1 to 32", "A4"),
    ("scheme", "at least the cost of ASVS 5.0 Appendix C", "ASVS-11.4.2"),
    ("lifetime", "1 s to ten years; there is no never", "A8"),
    ("confirm_within", "at least 1 s", "A3"),
    ("issue_limit.sets", "1 to 100", "A5"),
    ("issue_limit.period", "at least 3600 s", "A5"),
    ("session_assurance", "at least `aal2`", "N63B-LS-03"),
    ("replace_within", "", "N63B-SC-08"),
    ("privileged", "", "E3"),
    ("window", "60 s to 3600 s", "C4"),
    ("gather_within", "1 s to 31 days", "N63B-IC-06"),
    ("review_within", "1 s to 30 days", "E3"),
    ("custody_review", "at most ten years; zero is never", "B1"),
    ("routine.uses", "1 to 32", "C7"),
    ("routine.second_factors", "1 to 32", "C7"),
    ("routine.codes_are_second_factor", "", "C7"),
    ("sent_codes.failures", "1 to 100", "N63B-TH-01"),
    ("sent_codes.sends", "1 to 32", "N63B-IC-07"),
    ("sent_codes.period", "at least 3600 s", "N63B-IC-07"),
    ("routine.period", "at least a day", "C7"),
    ("exception_max", "at most 30 days; zero is none", "F5"),
    ("agents.openings_per_hour", "1 to 60", "H4"),
    ("lowering.rest", "3600 s to 30 days", "E3"),
    ("support.risk_analysis", "without it, agents open no cases", "N63B-RM-02"),
    ("scim.erase_after", "at most 30 days", "SCIM-04"),
    ("scim.inactive", "", "SCIM-01"),
    ("scim.role_groups", "without it, every group", "D4"),
    ("relying_party", "without it, nothing is approved", "F3"),
    ("telemetry.share", "0 to 1", ""),
    ("operators", "without it, nobody signs in; API keys alone", "B4"),
    ("operators.session.lifetime", "300 s to 43200 s", "ASVS-7.3.2"),
    ("operators.session.idle", "60 s to 3600 s", "ASVS-7.3.1"),
    ("tls", "without it, a proxy in front speaks TLS", "N63B-LS-11"),
    ("machines", "by certificate; needs `tls.client_ca`", "NHI4"),
    ("notices.enabled", "without it, nobody hears of a recovery", "N63B-NO-01"),
    ("notices.public_url", "without it, the address of pages; else no link", "N63B-NO-07"),
    ("sheets.page_url", "without it, below the address of pages or notices", "A7"),
    ("sheets.finder", "without it, a finder destroys the sheet", "A7"),
    ("notices.link_days", "1 to 30", "N63B-NO-07"),
    ("notices.keep_days", "1 to 3650", ""),
    ("pages.enabled", "without them there are the API and the command line", "J3"),
    ("self_service.redeem", "without it, an application of yours asks for codes", "C9"),
    ("self_service.session.lifetime", "60 s to 3600 s", "ASVS-7.3.2"),
    ("self_service.session.idle", "60 s to 3600 s", "ASVS-7.3.1"),
    ("anchors", "without one, a restored database is not found", "G2"),
    ("alerts.enabled", "without it, no rule raises an alert", "G3"),
    ("alerts.rules_dir", "without it, the rules that come along", "G3"),
    ("destinations", "without one, nothing leaves the log", "G3"),
    ("connectors", "", "J1"),
];

/// Settings that may be left out, in all and in each tier.
const OPTIONAL: [&str; 29] = [
    "anchors",
    "machines",
    "operators",
    "origin",
    "root_key_variable",
    "relying_party",
    "tls",
    "metrics.listen",
    "telemetry.endpoint",
    "telemetry.headers_variable",
    "telemetry.ca_file",
    "alerts.rules_dir",
    "destinations",
    "notices.public_url",
    "notices.templates_dir",
    "notices.zone",
    "pages.key_sign_in",
    "pages.public_url",
    "sheets.page_url",
    "sheets.finder",
    "self_service.acr_assurance",
    "self_service.oidc",
    "self_service.reenrol_url",
    "self_service.sign_in_url",
    "self_service.source_header",
    "scim.base",
    "scim.groups",
    "scim.role_groups",
    "connectors",
];
const OPTIONAL_IN_TIER: [&str; 3] = ["confirm_within", "scheme", "support.risk_analysis"];

/// Explains the configuration `text`, or the defaults where there is none, with what the
/// environment of this process sets.
///
/// # Errors
/// A text that is not TOML: there is nothing to explain in it.
pub fn explain(text: &str) -> anyhow::Result<Explained> {
    explain_with(text, &overrides::of_process())
}

/// Explains the configuration in a file, or the defaults where there is none.
///
/// # Errors
/// A file that cannot be read, or is not TOML.
pub(crate) fn explain_file(path: Option<&Path>) -> anyhow::Result<Explained> {
    let text = path.map(std::fs::read_to_string).transpose()?;
    explain(&text.unwrap_or_default())
}

fn explain_with(text: &str, variables: &[(String, String)]) -> anyhow::Result<Explained> {
    let Laid { whole, file: given, environment } = Laid::over_defaults(text, variables)?;
    let mut from_file = Vec::new();
    leaves("", &given, &mut from_file);
    let mut all = Vec::new();
    leaves("", &whole, &mut all);
    let is_set = |name: &str| {
        let within = format!("{name}.");
        all.iter().any(|(set, _)| set == name || set.starts_with(&within))
    };
    let optional = optional(&whole).into_iter().filter(|name| !is_set(name));
    let unset: Vec<_> = optional.map(|name| (name, "not set".to_owned())).collect();
    all.extend(unset);
    all.sort();
    let settings = all.into_iter().map(|(name, value)| {
        let from = if environment.iter().any(|set| is_within(&name, set)) {
            "environment"
        } else if from_file.iter().any(|(given, _)| *given == name) {
            "file"
        } else {
            "default"
        };
        let value = if is_secret(&name, &value) { NOT_SHOWN.to_owned() } else { value };
        let (bound, row) = bound(&name);
        Setting { name, value, from, bound, row }
    });
    Ok(Explained { settings: settings.collect(), refused: refused(text, &given, variables) })
}

/// In place of a value that is not for everyone.
const NOT_SHOWN: &str = "(not shown)";

/// Whether a setting is `set`, or a part of it.
fn is_within(name: &str, set: &str) -> bool {
    name.strip_prefix(set).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// Whether a value is not for everyone. The configuration names files and variables and holds no
/// secrets; this is for who puts one there all the same.
fn is_secret(name: &str, value: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or_default();
    let says_so = |word: &str| last == word || last.ends_with(&format!("_{word}"));
    let authority = value.split_once("://").map(|(_, rest)| rest.split('/').next());
    let has_login = authority.flatten().is_some_and(|authority| authority.contains('@'));
    ["secret", "password", "token"].into_iter().any(says_so) || has_login
}

/// What a server would not start with. A check stops at the first fault, so each name of the file
/// is tried by itself as well.
fn refused(text: &str, given: &toml::Table, variables: &[(String, String)]) -> Vec<String> {
    let Err(whole) = parse_with(text, variables) else { return Vec::new() };
    let mut found = vec![format!("{whole:#}")];
    let mut leaves = Vec::new();
    branches(&mut Vec::new(), given, &mut leaves);
    for (path, value) in leaves {
        let alone = path.iter().rev().fold(value, |inner, name| {
            toml::Value::Table([(name.clone(), inner)].into_iter().collect())
        });
        let toml::Value::Table(alone) = alone else { continue };
        if let Err(error) = parse_with(&alone.to_string(), &[]) {
            found.push(format!("{error:#}"));
        }
    }
    found.sort();
    found.dedup();
    found
}

/// Every value that is no table, with the names that lead to it. Tables that stand for one setting
/// stay whole, so that each is tried as it was meant.
fn branches(
    path: &mut Vec<String>,
    table: &toml::Table,
    found: &mut Vec<(Vec<String>, toml::Value)>,
) {
    for (name, value) in table {
        path.push(name.clone());
        let of_one_piece =
            path.len() == 1 && ["operators", "tls", "machines"].contains(&name.as_str());
        let whole = of_one_piece
            || ["issue_limit", "routine", "scheme", "sent_codes"].contains(&name.as_str());
        match value {
            toml::Value::Table(inner) if !whole => branches(path, inner, found),
            _ => found.push((path.clone(), value.clone())),
        }
        path.pop();
    }
}

/// Every value that is no table, as path and text.
fn leaves(path: &str, table: &toml::Table, found: &mut Vec<(String, String)>) {
    for (name, value) in table {
        let name = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        match value {
            toml::Value::Table(inner) => leaves(&name, inner, found),
            _ => found.push((name, value.to_string())),
        }
    }
}

fn optional(whole: &toml::Table) -> Vec<String> {
    let tiers = whole.get("tiers").and_then(toml::Value::as_table);
    let tiers = tiers.into_iter().flat_map(toml::Table::keys);
    let in_tiers = tiers
        .flat_map(|tier| OPTIONAL_IN_TIER.iter().map(move |name| format!("tiers.{tier}.{name}")));
    OPTIONAL.iter().map(|name| (*name).to_owned()).chain(in_tiers).collect()
}

/// What bounds a setting, and the row that asks for it.
fn bound(name: &str) -> (String, &'static str) {
    if let Some(kind) = name.strip_prefix("lifecycle.") {
        let kind = LifecycleKind::ALL.iter().find(|known| known.name() == kind);
        return match kind.map(|kind| kind.effect_floor()) {
            Some(Effect::Resume) => ("`resume` or `record`".to_owned(), "D5"),
            Some(floor) => (format!("at least `{}`", floor.name()), "N63B-IN-01"),
            None => (String::new(), ""),
        };
    }
    let in_tier = name.strip_prefix("tiers.").and_then(|rest| rest.split_once('.'));
    let name = in_tier.map_or(name, |(_, name)| name);
    let is_it = |known: &str| {
        let inside = name.strip_prefix(known).and_then(|rest| rest.strip_prefix('.'));
        name == known || (known == "scheme" && inside.is_some())
    };
    let found = BOUNDS.iter().find(|(known, ..)| is_it(known));
    found.map_or((String::new(), ""), |(_, bound, row)| ((*bound).to_owned(), row))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_says_where_it_comes_from() {
        let explained = explain("[tiers.standard]\ncount = 8\n").unwrap();
        let find = |name: &str| explained.settings.iter().find(|it| it.name == name).unwrap();
        let count = find("tiers.standard.count");
        assert_eq!((count.value.as_str(), count.from, count.row), ("8", "file", "A4"));
        assert_eq!(find("tiers.privileged.count").from, "default");
        assert_eq!(find("tiers.standard.support.risk_analysis").value, "not set");
        assert_eq!(find("lifecycle.device_lost").row, "N63B-IN-01");
        assert_eq!(explained.refused, [""; 0]);
    }

    #[test]
    fn the_environment_comes_after_the_file_and_secrets_are_not_shown() {
        let variables = [
            ("GLASSBREAK__TIERS__STANDARD__COUNT".to_owned(), "9".to_owned()),
            ("GLASSBREAK__TELEMETRY__ENDPOINT".to_owned(), "https://me:pw@h/x".to_owned()),
        ];
        let explained = explain_with("[tiers.standard]\ncount = 8\n", &variables).unwrap();
        let find = |name: &str| explained.settings.iter().find(|it| it.name == name).unwrap();
        let count = find("tiers.standard.count");
        assert_eq!((count.value.as_str(), count.from), ("9", "environment"));
        assert_eq!(find("telemetry.endpoint").value, NOT_SHOWN);
        assert_eq!(find("telemetry.headers_variable").from, "default");
        let wrong = [("GLASSBREAK__TIERS__STANDARD__COUNT".to_owned(), "99".to_owned())];
        assert!(explain_with("", &wrong).unwrap().refused.join("").contains("A4"));
    }

    #[test]
    fn every_bound_that_is_told_is_kept() {
        let past = [
            ("throttle", "free = 11", "N63B-TH-04"),
            ("throttle", "wait_first = 0", "N63B-TH-04"),
            ("throttle", "disable_at = 101", "N63B-TH-01"),
            ("tiers.standard", "kinds = []", "A4"),
            ("tiers.standard", "count = 33", "A4"),
            ("tiers.standard", "lifetime = 0", "A8"),
            ("tiers.standard", "confirm_within = 0", "A3"),
            ("tiers.standard", "issue_limit = { sets = 101 }", "A5"),
            ("tiers.standard", "issue_limit = { period = 60 }", "A5"),
            ("tiers.standard", "session_assurance = \"aal1\"", "N63B-LS-03"),
            ("tiers.standard", "window = 3601", "C4"),
            ("tiers.standard", "window = 59", "C4"),
            ("tiers.standard", "gather_within = 2678401", "N63B-IC-06"),
            ("tiers.standard", "review_within = 2592001", "E3"),
            ("tiers.standard", "routine = { uses = 0 }", "C7"),
            ("tiers.standard", "routine = { uses = 33 }", "C7"),
            ("tiers.standard", "routine = { second_factors = 0 }", "C7"),
            ("tiers.standard", "routine = { period = 60 }", "C7"),
            ("tiers.standard", "sent_codes = { failures = 101 }", "N63B-TH-01"),
            ("tiers.standard", "sent_codes = { sends = 0 }", "N63B-IC-07"),
            ("tiers.standard", "sent_codes = { period = 60 }", "N63B-IC-07"),
            ("tiers.standard", "exception_max = 2592001", "F5"),
            ("agents", "openings_per_hour = 61", "H4"),
            ("agents", "openings_per_hour = 0", "H4"),
            ("lowering", "rest = 60", "E3"),
            ("lifecycle", "subject_left = \"record\"", "N63B-IN-01"),
            ("lifecycle", "account_enabled = \"revoke\"", "D5"),
        ];
        for (table, line, row) in past {
            let refused = explain(&format!("[{table}]\n{line}\n")).unwrap().refused;
            assert!(refused.iter().any(|why| why.contains(row)), "{line}: {refused:?}");
        }
    }

    #[test]
    fn all_that_is_refused_is_told_at_once() {
        let text = "prefx = 1\n[throttle]\ndisable_at = 1000\n[tiers.standard]\nwindow = 1\n";
        let refused = explain(text).unwrap().refused.join("\n");
        for part in ["prefx", "N63B-TH-01", "C4"] {
            assert!(refused.contains(part), "{refused}");
        }
    }
}
