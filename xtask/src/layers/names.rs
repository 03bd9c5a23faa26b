//! Whether names say the same in every place.

use std::collections::BTreeSet;
use std::fs;

use anyhow::{Context, Result};

use crate::finding::Finding;
use crate::run;
use crate::source::words;

/// Files of `operation/` that are no operation.
const NO_OPERATION: &[&str] =
    &["mod", "candidates", "contain", "endings", "guess", "passkey", "plain", "refusal", "satisfy"];

/// Checks the architecture's crates and the operations' files.
pub(super) fn check(members: &[&str], findings: &mut Vec<Finding>) -> Result<()> {
    if let Ok(text) = fs::read_to_string(run::root().join("docs/ARCHITECTURE.md")) {
        architecture(&text, &crate_folders()?, members, findings);
    }
    verbs(&verbs_of("crates/core")?, &verbs_of("crates/engine")?, findings);
    Ok(())
}

/// The map names the crates that exist, and no others.
fn architecture(
    text: &str,
    folders: &BTreeSet<String>,
    members: &[&str],
    findings: &mut Vec<Finding>,
) {
    const MAP: &str = "docs/ARCHITECTURE.md";
    for folder in folders {
        let package = format!("glassbreak-{folder}");
        let spellings = [format!("`{folder}`"), format!("`{folder}/`"), format!("crates/{folder}")];
        let drawn = text.lines().any(|line| line.trim_start().starts_with(&format!("{folder}/ ")));
        let named = spellings.iter().any(|spelling| text.contains(spelling));
        if !drawn && !named && words(text, &package).is_empty() {
            findings.push(Finding::new(MAP, format!("does not name the crate `{folder}`")));
        }
    }
    let name = |at: usize| -> String {
        let rest = text.get(at..).unwrap_or_default();
        let name = rest.chars().take_while(|c| c.is_ascii_lowercase() || *c == '-');
        name.collect::<String>().trim_end_matches('-').to_owned()
    };
    for (at, path) in text.match_indices("crates/") {
        let folder = name(at + path.len());
        if !folder.is_empty() && !folders.contains(&folder) {
            findings.push(Finding::new(MAP, format!("`crates/{folder}` does not exist")));
        }
    }
    for (at, _) in text.match_indices("glassbreak-") {
        let package = name(at);
        let is_receipt = package == "glassbreak-receipt";
        if !is_receipt && !members.contains(&package.as_str()) {
            findings.push(Finding::new(MAP, format!("there is no crate `{package}`")));
        }
    }
}

/// One operation has one name in every crate (STYLE habit 10).
fn verbs(core: &BTreeSet<String>, engine: &BTreeSet<String>, findings: &mut Vec<Finding>) {
    for (have, lack, missing) in [(core, engine, "crates/engine"), (engine, core, "crates/core")] {
        for verb in have.difference(lack) {
            let place = format!("{missing}/src/operation/{verb}.rs");
            findings
                .push(Finding::new(place, "the other crate has this operation; this is missing"));
        }
    }
}

fn crate_folders() -> Result<BTreeSet<String>> {
    let mut folders = BTreeSet::new();
    for folder in fs::read_dir(run::root().join("crates")).context("cannot read `crates`")? {
        let path = folder?.path();
        if path.join("Cargo.toml").is_file() {
            folders.extend(path.file_name().map(|name| name.to_string_lossy().into_owned()));
        }
    }
    Ok(folders)
}

fn verbs_of(folder: &str) -> Result<BTreeSet<String>> {
    let folder = run::root().join(folder).join("src/operation");
    let mut verbs = BTreeSet::new();
    for file in
        fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))?
    {
        let path = file?.path();
        let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
        let is_rust = path.extension().is_some_and(|extension| extension == "rs");
        verbs.extend(stem.filter(|stem| is_rust && !NO_OPERATION.contains(&stem.as_str())));
    }
    Ok(verbs)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn the_map_and_the_crates_are_compared_both_ways() {
        let folders = set(&["core", "store-sqlite", "cli"]);
        let members = ["glassbreak-core", "glassbreak-store-sqlite", "glassbreak"];
        let found = |text: &str| {
            let mut findings = Vec::new();
            architecture(text, &folders, &members, &mut findings);
            findings.len()
        };
        assert_eq!(found("crates/core, `store-sqlite`\n  cli/   the binary\n"), 0);
        assert_eq!(found("glassbreak-core and `store-sqlite` and the cli\n"), 1);
        assert_eq!(found("`core` `store-sqlite` `cli` crates/policy glassbreak-signals\n"), 2);
    }

    #[test]
    fn a_verb_in_one_crate_only_is_found() {
        let mut findings = Vec::new();
        verbs(&set(&["issue", "redeem"]), &set(&["redeem", "revoke"]), &mut findings);
        let places: Vec<_> = findings.iter().map(|f| f.place.as_str()).collect();
        let expected =
            ["crates/engine/src/operation/issue.rs", "crates/core/src/operation/revoke.rs"];
        assert_eq!(places, expected);
    }
}
