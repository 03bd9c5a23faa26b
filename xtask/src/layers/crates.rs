//! Which crate may use which.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::finding::Finding;
use crate::run;

/// What each of our crates may use in what it builds for others. Development dependencies are free,
/// but for the crates in [`NOBODY_NEEDS`].
const MAY_USE: &[(&str, &[&str])] = &[
    ("glassbreak-core", &[]),
    ("glassbreak-tlog", &[]),
    ("glassbreak-channels", &["glassbreak-core", "glassbreak-signals"]),
    ("glassbreak-connectors", &["glassbreak-core"]),
    ("glassbreak-approval", &["glassbreak-core"]),
    ("glassbreak-policy", &["glassbreak-core"]),
    ("glassbreak-policy-prove", &["glassbreak-policy", "glassbreak-core"]),
    ("glassbreak-bundle", &["glassbreak-core"]),
    ("glassbreak-sheet", &["glassbreak-core"]),
    ("glassbreak-signals", &["glassbreak-core"]),
    ("glassbreak-watch", &["glassbreak-core"]),
    ("glassbreak-store", &["glassbreak-core"]),
    ("glassbreak-store-sqlite", &["glassbreak-store", "glassbreak-core"]),
    ("glassbreak-store-postgres", &["glassbreak-store", "glassbreak-core"]),
    (
        "glassbreak-engine",
        &[
            "glassbreak-core",
            "glassbreak-store",
            "glassbreak-tlog",
            "glassbreak-approval",
            "glassbreak-bundle",
            "glassbreak-policy",
        ],
    ),
    ("glassbreak-outbound", &["glassbreak-engine", "glassbreak-signals"]),
    ("glassbreak-verify", &["glassbreak-tlog"]),
    // The store for its durable steps alone.
    ("glassbreak-anchor", &["glassbreak-tlog", "glassbreak-store"]),
    ("glassbreak-witness", &["glassbreak-anchor", "glassbreak-tlog", "glassbreak-store"]),
    // The store only to wire it up; handlers cannot reach it (see `calls`).
    (
        "glassbreak-server",
        &[
            "glassbreak-engine",
            "glassbreak-store-sqlite",
            "glassbreak-store-postgres",
            "glassbreak-channels",
            "glassbreak-sheet",
            "glassbreak-connectors",
            "glassbreak-signals",
            "glassbreak-watch",
            "glassbreak-outbound",
            "glassbreak-anchor",
            "glassbreak-policy",
            "glassbreak-policy-prove",
        ],
    ),
    (
        "glassbreak",
        &[
            "glassbreak-server",
            "glassbreak-connectors",
            "glassbreak-verify",
            "glassbreak-engine",
            "glassbreak-policy",
            "glassbreak-policy-prove",
            "glassbreak-watch",
        ],
    ),
    ("xtask", &[]),
];

/// Tools of ours that may use everything, and that nothing but a test may use.
const NOBODY_NEEDS: &[&str] = &["glassbreak-testkit", "glassbreak-bench"];

/// Crates that must stay pure, and what they must not even reach through others.
const PURE: &[&str] = &[
    "glassbreak-core",
    "glassbreak-policy",
    "glassbreak-tlog",
    "glassbreak-verify",
    "glassbreak-approval",
    "glassbreak-bundle",
    "glassbreak-sheet",
    "glassbreak-signals",
    "glassbreak-watch",
];
const NOT_PURE: &[&str] =
    &["tokio", "rusqlite", "libsqlite3-sys", "axum", "hyper", "ureq", "tracing-subscriber"];

/// Crates that must not be in the tree at all: there is one crypto core (decision 0002).
const NOWHERE: &[&str] = &["ring", "openssl-sys", "native-tls"];

/// Every crate and what it depends on, with all features.
pub(super) struct Graph {
    /// Name by package id.
    names: BTreeMap<String, String>,
    members: BTreeSet<String>,
    /// By package id: the ids of what it is built from.
    normal: BTreeMap<String, Vec<String>>,
    /// The names of all that is really built, on any machine.
    built: BTreeSet<String>,
}

impl Graph {
    /// Asks cargo.
    pub(super) fn read() -> Result<Self> {
        let mut cargo = run::cargo();
        cargo.args(["metadata", "--format-version", "1", "--all-features"]);
        let metadata = serde_json::from_slice(&run::output(&mut cargo)?);
        // `cargo metadata` also lists optional dependencies that no feature turns on.
        let mut tree = run::cargo();
        tree.args(["tree", "--workspace", "--all-features", "--target", "all"]);
        tree.args(["--prefix", "none", "--format", "{p}"]);
        let built = String::from_utf8(run::output(&mut tree)?)?;
        let built = built.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned);
        Self::of(&metadata.context("`cargo metadata` printed no JSON")?, built.collect())
    }

    fn of(metadata: &Value, built: BTreeSet<String>) -> Result<Self> {
        let packages = array(metadata, "/packages")?;
        let names =
            packages.iter().map(|package| Ok((text(package, "id")?, text(package, "name")?)));
        let members = array(metadata, "/workspace_members")?;
        let members = members.iter().filter_map(Value::as_str).map(str::to_owned);
        let mut normal = BTreeMap::new();
        for node in array(metadata, "/resolve/nodes")? {
            let mut needed = Vec::new();
            for dependency in array(node, "/deps")? {
                if array(dependency, "/dep_kinds")?
                    .iter()
                    .any(|kind| kind.get("kind").is_none_or(Value::is_null))
                {
                    needed.push(text(dependency, "pkg")?);
                }
            }
            normal.insert(text(node, "id")?, needed);
        }
        Ok(Self { names: names.collect::<Result<_>>()?, members: members.collect(), normal, built })
    }

    /// The names of our crates.
    pub(super) fn members(&self) -> Vec<&str> {
        self.members.iter().map(|id| self.name(id)).collect()
    }

    /// Checks the directions.
    pub(super) fn check(&self, findings: &mut Vec<Finding>) {
        for id in &self.members {
            let name = self.name(id);
            let used = self.normal.get(id).map(Vec::as_slice).unwrap_or_default();
            let ours = used.iter().filter(|used| self.members.contains(*used));
            check_direction(name, ours.map(|used| self.name(used)).collect(), findings);
            if PURE.contains(&name) {
                self.check_purity(id, findings);
            }
        }
        for banned in NOWHERE.iter().filter(|banned| self.built.contains(**banned)) {
            findings.push(Finding::new(
                "Cargo.lock",
                format!("`{banned}` is in the tree; `cargo tree -i {banned}` tells through whom"),
            ));
        }
    }

    /// Looks for what a pure crate reaches.
    fn check_purity(&self, id: &str, findings: &mut Vec<Finding>) {
        let mut reached = BTreeSet::new();
        let mut open = vec![id];
        while let Some(id) = open.pop() {
            for next in self.normal.get(id).into_iter().flatten() {
                if reached.insert(self.name(next)) {
                    open.push(next);
                }
            }
        }
        for banned in NOT_PURE.iter().filter(|banned| reached.contains(*banned)) {
            let what = format!("is pure and must not reach `{banned}`, not even through others");
            findings.push(Finding::new(self.name(id), what));
        }
    }

    fn name<'a>(&'a self, id: &'a str) -> &'a str {
        self.names.get(id).map_or(id, String::as_str)
    }
}

fn check_direction(name: &str, ours: Vec<&str>, findings: &mut Vec<Finding>) {
    let is_tool = NOBODY_NEEDS.contains(&name);
    let may = MAY_USE.iter().find(|(known, _)| *known == name).map(|(_, may)| *may);
    if may.is_none() && !is_tool {
        let what = "a crate that `cargo xtask layers` does not know: say in `MAY_USE` what it \
                    may use, and draw it in DESIGN section 3";
        findings.push(Finding::new(name, what));
    }
    for used in ours.into_iter().filter(|_| !is_tool) {
        if NOBODY_NEEDS.contains(&used) {
            let what = format!("uses `{used}` outside of dev-dependencies");
            findings.push(Finding::new(name, what));
        } else if may.is_some_and(|may| !may.contains(&used)) {
            let what = format!("must not depend on `{used}` (DESIGN section 3)");
            findings.push(Finding::new(name, what));
        }
    }
}

fn array<'a>(value: &'a Value, at: &str) -> Result<&'a Vec<Value>> {
    let found = value.pointer(at).and_then(Value::as_array);
    found.with_context(|| format!("`cargo metadata` printed no array `{at}`"))
}

fn text(value: &Value, member: &str) -> Result<String> {
    let found = value.get(member).and_then(Value::as_str);
    found.map(str::to_owned).with_context(|| format!("`cargo metadata` printed no `{member}`"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// A workspace of two of our crates, the first using the second and, by way of `via`, `last`.
    fn findings(first: &str, second: &str, kind: Option<&str>, last: &str) -> Vec<String> {
        let package = |name: &str| json!({"id": format!("{name} 1"), "name": name});
        let edge = |to: &str, kind: Option<&str>| {
            let kinds = [json!({"kind": kind})];
            json!({"pkg": format!("{to} 1"), "dep_kinds": kinds})
        };
        let node = |name: &str, deps: Vec<Value>| json!({"id": format!("{name} 1"), "deps": deps});
        let metadata = json!({
            "packages": [package(first), package(second), package("via"), package(last)],
            "workspace_members": [format!("{first} 1"), format!("{second} 1")],
            "resolve": {"nodes": [
                node(first, vec![edge(second, kind), edge("via", None)]),
                node(second, vec![]),
                node("via", vec![edge(last, None)]),
                node(last, vec![]),
            ]},
        });
        let graph = Graph::of(&metadata, BTreeSet::from([last.to_owned()]));
        let mut findings = Vec::new();
        graph.expect("metadata").check(&mut findings);
        findings.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn the_allowed_directions_pass() {
        let none: [String; 0] = [];
        assert_eq!(findings("glassbreak-store", "glassbreak-core", None, "tokio"), none);
        assert_eq!(findings("glassbreak-core", "glassbreak-engine", Some("dev"), "serde"), none);
        assert_eq!(findings("glassbreak-engine", "glassbreak-testkit", Some("dev"), "x"), none);
        assert_eq!(findings("glassbreak-testkit", "glassbreak-engine", None, "tokio"), none);
        assert_eq!(findings("glassbreak-bench", "glassbreak-testkit", None, "tokio"), none);
    }

    #[test]
    fn every_wrong_turn_is_found() {
        for (first, second, last, found) in [
            ("glassbreak-core", "glassbreak-store", "serde", "must not depend on"),
            ("glassbreak-verify", "glassbreak-core", "serde", "must not depend on"),
            ("glassbreak", "glassbreak-store", "serde", "must not depend on"),
            ("glassbreak-engine", "glassbreak-testkit", "serde", "outside of dev-dependencies"),
            ("glassbreak-tlog", "xtask", "tokio", "not even through others"),
            ("glassbreak-new", "glassbreak-core", "serde", "does not know"),
            ("glassbreak-store", "glassbreak-core", "ring", "is in the tree"),
        ] {
            let findings = findings(first, second, None, last);
            assert!(findings.iter().any(|f| f.contains(found)), "{first}: {findings:?}");
        }
    }
}
