//! A set of rules as a unit: its text, its digest, and what comes of loading it.

use std::collections::BTreeMap;

use cedar_policy::PolicySet as CedarSet;
use glassbreak_core::digest::Digest;
use glassbreak_core::subject::Tier;

use crate::exhaust::{self, Search};
use crate::facts::Facts;
use crate::finding::{Finding, Findings};
use crate::lint;
use crate::parse;
use crate::proof::{By, Prover};
use crate::rule::Rule;
use crate::tables::Engine;

/// The schema every set is validated against.
pub const SCHEMA: &str = include_str!("../../../policies/glassbreak.cedarschema");

/// What no set may permit, as rules of its own.
pub(crate) const NEVER: &str = include_str!("../../../policies/invariants/never.cedar");

const DEFAULTS: [(&str, &str); 9] = [
    ("accountable.cedar", include_str!("../../../policies/accountable.cedar")),
    ("approve.cedar", include_str!("../../../policies/approve.cedar")),
    ("case.cedar", include_str!("../../../policies/case.cedar")),
    ("confirm.cedar", include_str!("../../../policies/confirm.cedar")),
    ("issue.cedar", include_str!("../../../policies/issue.cedar")),
    ("privileged.cedar", include_str!("../../../policies/privileged.cedar")),
    ("recover.cedar", include_str!("../../../policies/recover.cedar")),
    ("redeem.cedar", include_str!("../../../policies/redeem.cedar")),
    ("revoke.cedar", include_str!("../../../policies/revoke.cedar")),
];

/// How files follow each other in one text.
const FILE: &str = "// file: ";
const VERSION: &str = "// version: ";
/// More text than any set that people can read.
const BYTES_MAX: usize = 1024 * 1024;

/// The text of a set: Cedar files by name. Not looked at yet; [`PolicySet::load`] does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicySet {
    files: BTreeMap<String, String>,
}

impl PolicySet {
    /// The set that is built in.
    pub fn built_in() -> Self {
        Self::new(DEFAULTS.map(|(name, text)| (name.to_owned(), text.to_owned())))
    }

    /// A set of files: name and text. Their order does not matter.
    pub fn new(files: impl IntoIterator<Item = (String, String)>) -> Self {
        let clean = |text: String| {
            let lines = text.lines().map(str::trim_end).collect::<Vec<_>>();
            format!("{}\n", lines.join("\n").trim_end())
        };
        Self { files: files.into_iter().map(|(name, text)| (name, clean(text))).collect() }
    }

    /// A set in one text: what [`PolicySet::to_text`] gave, or the text of a single file.
    pub fn from_text(text: &str) -> Self {
        let mut files: Vec<(String, String)> = Vec::new();
        for line in text.lines() {
            if let Some(name) = line.strip_prefix(FILE) {
                files.push((name.trim().to_owned(), String::new()));
                continue;
            }
            if files.is_empty() {
                files.push(("policy.cedar".to_owned(), String::new()));
            }
            if let Some((_, file)) = files.last_mut() {
                file.push_str(line);
                file.push('\n');
            }
        }
        Self::new(files)
    }

    /// The whole set in one text, to be stored.
    pub fn to_text(&self) -> String {
        let parts = self.files.iter().map(|(name, text)| [FILE, name, "\n", text].concat());
        parts.collect::<Vec<_>>().concat()
    }

    /// The files, by name.
    pub fn files(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files.iter().map(|(name, text)| (name.as_str(), text.as_str()))
    }

    /// The digest of the files and the schema, recorded with every decision. Line ends, spaces at
    /// the end of a line and the order of files do not count; a comment does.
    pub fn digest(&self) -> Digest {
        let mut parts = vec![SCHEMA.as_bytes()];
        for (name, text) in &self.files {
            parts.extend([name.as_bytes(), text.as_bytes()]);
        }
        Digest::of("glassbreak/policy-set/v1", &parts)
    }

    /// What the set calls itself in a line `// version: ..`, else the start of its digest.
    pub fn version(&self) -> String {
        let mut lines = self.files.values().flat_map(|text| text.lines());
        match lines.find_map(|line| line.strip_prefix(VERSION)) {
            Some(version) => version.trim().to_owned(),
            None => self.digest().to_string().chars().take(12).collect(),
        }
    }

    /// Parses, validates and lints (E5, C8).
    ///
    /// # Errors
    /// All findings, if one of them refuses: bad syntax, a name the schema does not know, a rule
    /// without a name, or a request permitted that no set may permit.
    pub fn load(self) -> Result<Loaded, Findings> {
        self.load_by(&Search)
    }

    /// [`PolicySet::load`], where `prover` finds out what the set permits.
    ///
    /// # Errors
    /// The same.
    pub fn load_by(self, prover: &dyn Prover) -> Result<Loaded, Findings> {
        let loaded = self.load_unlinted()?;
        let proof = prover.prove(&loaded);
        let mut findings = loaded.findings.clone();
        findings.0.extend(lint::rules(&loaded, &proof).0);
        let proven_by = Some(proof.by);
        if findings.refuses() {
            Err(findings)
        } else {
            Ok(Loaded { findings, proven_by, ..loaded })
        }
    }

    /// Parses and validates. For tools that look at a set which must not be in force.
    ///
    /// # Errors
    /// As [`PolicySet::load`], but for the lint.
    pub fn load_unlinted(self) -> Result<Loaded, Findings> {
        let bytes: usize = self.files.values().map(String::len).sum();
        if bytes > BYTES_MAX {
            let message = format!("the set has {bytes} bytes; at most {BYTES_MAX}");
            return Err(Findings(vec![Finding::refuse("too-large", message)]));
        }
        let (rules, cedar, mut findings) = parse::rules(&self.files, SCHEMA);
        // What is stored is one text: it has to come apart again as it was put together.
        findings.extend(self.files.iter().filter_map(|(name, text)| misleading(name, text)));
        let findings = Findings(findings);
        if findings.refuses() {
            return Err(findings);
        }
        let (engine, proven_by) = (Engine::new(rules), None);
        let loaded = Loaded { engine, cedar, findings, proven_by, set: self };
        // One is for all the tiers that no rule names.
        let tiers = exhaust::tiers(&[&loaded]).len().saturating_sub(1);
        if tiers > exhaust::TIERS_MAX {
            let message = format!(
                "the rules read the tier's name and write out {tiers} words that could be one; at \
                 most {}, for every question is asked about each of them. Give tiers that are \
                 alike one name, or go by `privileged`",
                exhaust::TIERS_MAX
            );
            return Err(Findings(vec![Finding::refuse("too-many-tiers", message).row("E5")]));
        }
        Ok(loaded)
    }
}

/// A file that would be another one after it was stored.
fn misleading(name: &str, text: &str) -> Option<Finding> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    if name.strip_suffix(".cedar").is_none() || !name.chars().all(plain) {
        let message = "a file's name is letters, digits and `._-`, and ends in `.cedar`";
        return Some(Finding::refuse("file-name", message));
    }
    let line = text.lines().position(|line| line.starts_with(FILE))?;
    let message = format!("a line cannot begin with `{FILE}`: that begins another file");
    Some(Finding::refuse("file-marker", message).at(name, line + 1))
}

/// A set that was parsed and validated.
#[derive(Debug)]
pub struct Loaded {
    pub(crate) engine: Engine,
    cedar: CedarSet,
    findings: Findings,
    proven_by: Option<By>,
    set: PolicySet,
}

impl Loaded {
    /// Its text.
    pub const fn set(&self) -> &PolicySet {
        &self.set
    }

    /// Its rules, in the order of file name and line.
    pub fn rules(&self) -> &[Rule] {
        self.engine.rules()
    }

    /// What was found and does not refuse it.
    pub const fn findings(&self) -> &Findings {
        &self.findings
    }

    /// Whether a question with these facts about a subject of `tier` is permitted.
    pub fn permits(&self, facts: Facts, tier: &Tier) -> bool {
        self.engine.permits(&self.engine.tier(tier), facts)
    }

    /// By which means it was found to permit nothing that no set may; `None` if it was not linted.
    pub const fn proven_by(&self) -> Option<&By> {
        self.proven_by.as_ref()
    }

    /// The rules as Cedar holds them, for whoever reasons about them with other means.
    pub const fn cedar(&self) -> &CedarSet {
        &self.cedar
    }

    /// Whether any rule reads the name of a tier. If none does, questions about one tier stand for
    /// those about all.
    pub fn reads_tier(&self) -> bool {
        self.rules().iter().any(|rule| {
            ["resource.tier", "resource.subject.tier"]
                .iter()
                .any(|path| crate::reads::touch(&rule.reads, path))
        })
    }
}

/// The rules of what no set may permit.
pub(crate) fn never() -> Vec<Rule> {
    let files = BTreeMap::from([("never.cedar".to_owned(), NEVER.to_owned())]);
    parse::rules(&files, SCHEMA).0
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn the_digest_is_of_the_rules_and_not_of_how_they_lie_on_disk() {
        let set = PolicySet::built_in();
        let again = PolicySet::from_text(&set.to_text().replace('\n', "  \r\n"));
        assert_eq!(again.digest(), set.digest());
        assert_eq!(again, set);
        let mut files = DEFAULTS.map(|(name, text)| (name.to_owned(), text.to_owned()));
        files.reverse();
        assert_eq!(PolicySet::new(files.clone()).digest(), set.digest());
        if let Some((_, text)) = files.first_mut() {
            text.push_str("// more\n");
        }
        assert_ne!(PolicySet::new(files).digest(), set.digest());
    }

    #[test]
    fn every_file_in_the_directory_is_built_in() {
        let dir = concat!(env!("CARGO_MANIFEST_DIR"), "/../../policies");
        let names = std::fs::read_dir(dir).unwrap().map(|file| file.unwrap().file_name());
        let mut names: Vec<_> = names.map(|name| name.into_string().unwrap()).collect();
        names.retain(|name| Path::new(name).extension().is_some_and(|of| of == "cedar"));
        names.sort();
        assert_eq!(names, DEFAULTS.map(|(name, _)| name));
    }

    #[test]
    fn a_set_that_permits_nothing_is_refused() {
        let findings = PolicySet::new([]).load().unwrap_err();
        assert!(findings.to_string().contains("permits-nothing"), "{findings}");
    }

    #[test]
    fn a_file_that_would_be_another_one_once_stored_is_refused() {
        for (name, text) in [("a\nb.cedar", ""), ("a", ""), ("a.cedar", "\n// file: issue.cedar\n")]
        {
            let (name, text) = (name.to_owned(), text.to_owned());
            let findings = PolicySet::new([(name, text)]).load_unlinted().unwrap_err();
            assert!(findings.to_string().contains("file-"), "{findings}");
        }
    }

    #[test]
    fn a_set_tells_its_version() {
        assert_eq!(PolicySet::built_in().version(), "default 1");
        let set = PolicySet::from_text("// nothing");
        assert_eq!(set.version(), set.digest().to_string()[..12]);
    }
}
