//! All rules together: read from files, and each sure of the rules it rests on.

use std::collections::BTreeSet;

use glassbreak_core::digest::Digest;

use crate::fault::{Fault, RuleError, RuleErrors};
use crate::rule::{Body, Rule};
use crate::yaml::{Node, documents};

/// The most rules a set may have.
const RULES_MAX: usize = 1_000;

/// A file of rules or of tests: its name, and what is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFile {
    /// Its name. One that ends in `.test.yml` holds tests, any other holds rules.
    pub name: String,
    /// What is in it.
    pub text: String,
}

impl SourceFile {
    /// A file by its name.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        Self { name: name.into(), text: text.into() }
    }

    /// Whether it holds tests, and no rules.
    pub fn holds_tests(&self) -> bool {
        self.name.ends_with(".test.yml") || self.name.ends_with(".test.yaml")
    }

    pub(crate) fn documents(&self) -> Result<Vec<Node>, RuleError> {
        documents(&self.text).map_err(|fault| fault.in_file(&self.name))
    }
}

/// A set of rules that can be evaluated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleSet {
    rules: Vec<Placed>,
}

/// A rule among the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Placed {
    pub(crate) rule: Rule,
    /// The places of the rules it rests on, in the order in which it names them.
    pub(crate) rests_on: Vec<usize>,
    /// Another rests on it: it raises no alert of its own.
    pub(crate) silent: bool,
    /// Of what it looks for, the rules it rests on included.
    pub(crate) digest: Digest,
}

impl RuleSet {
    /// Reads the rules out of `files`; files with tests are passed over.
    ///
    /// # Errors
    /// All that is wrong, at most one thing for each document: text that is not YAML, unknown
    /// fields and modifiers, names that are not there or are there twice.
    pub fn read(files: &[SourceFile]) -> Result<Self, RuleErrors> {
        let (mut rules, mut errors) = (Vec::new(), Vec::new());
        for file in files.iter().filter(|file| !file.holds_tests()) {
            match file.documents() {
                Err(error) => errors.push(error),
                Ok(documents) => {
                    for node in &documents {
                        match Rule::read(&file.name, node) {
                            Ok(rule) => rules.push(rule),
                            Err(fault) => errors.push(fault.in_file(&file.name)),
                        }
                    }
                }
            }
        }
        if errors.is_empty() {
            errors.extend(names(&rules));
        }
        let placed = if errors.is_empty() { place(rules) } else { Ok(Vec::new()) };
        match placed {
            Ok(rules) if errors.is_empty() => Ok(Self { rules }),
            Ok(_) => Err(RuleErrors(errors)),
            Err(error) => Err(RuleErrors(vec![error])),
        }
    }

    /// The rules that come with Glassbreak (`rules/`).
    ///
    /// # Errors
    /// None in a build that passed its tests.
    pub fn built_in() -> Result<Self, RuleErrors> {
        Self::read(&crate::built_in::files())
    }

    /// The rules, in the order of the files.
    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.rules.iter().map(|placed| &placed.rule)
    }

    /// The rules that raise alerts: those no other rests on.
    pub fn loud(&self) -> impl Iterator<Item = &Rule> {
        self.rules.iter().filter(|placed| !placed.silent).map(|placed| &placed.rule)
    }

    pub(crate) fn placed(&self) -> &[Placed] {
        &self.rules
    }
}

/// Two rules of one name or one id, or too many rules at all.
fn names(rules: &[Rule]) -> Option<RuleError> {
    let mut taken = BTreeSet::new();
    for rule in rules {
        for own in std::iter::once(&rule.name).chain(&rule.id) {
            if !taken.insert(own) {
                let problem = format!("two rules are called `{own}`");
                let fault = Fault::new(rule.line, problem, "rename one, or take it out");
                return Some(fault.in_file(&rule.file));
            }
        }
    }
    let rule = rules.get(RULES_MAX)?;
    let fault = Fault::new(rule.line, format!("more than {RULES_MAX} rules"), "take some out");
    Some(fault.in_file(&rule.file))
}

fn place(rules: Vec<Rule>) -> Result<Vec<Placed>, RuleError> {
    let mut rests_on = Vec::new();
    for rule in &rules {
        let places = rule.rests_on().into_iter().map(|name| find(&rules, rule, name));
        rests_on.push(places.collect::<Result<Vec<_>, _>>()?);
    }
    let mut silent = BTreeSet::new();
    for (rule, places) in rules.iter().zip(&rests_on) {
        let generate = matches!(&rule.body, Body::Several(correlation) if correlation.generate);
        if !generate {
            silent.extend(places.iter().copied());
        }
    }
    let digests: Vec<Digest> = rules.iter().map(|rule| rule.digest).collect();
    let whole = |own: Digest, places: &[usize]| {
        let below = places.iter().filter_map(|place| digests.get(*place));
        let parts: Vec<&[u8]> =
            std::iter::once(&own).chain(below).map(|digest| digest.0.as_slice()).collect();
        Digest::of("glassbreak/watch/rule-and-below/v1", &parts)
    };
    let all = rules.into_iter().zip(rests_on).enumerate();
    let placed = all.map(|(place, (rule, rests_on))| {
        let digest = whole(rule.digest, &rests_on);
        Placed { rule, rests_on, silent: silent.contains(&place), digest }
    });
    Ok(placed.collect())
}

/// The rule of that name or id. It has to be one over single entries, with no history of its own.
fn find(rules: &[Rule], by: &Rule, name: &str) -> Result<usize, RuleError> {
    let line = match &by.body {
        Body::Several(correlation) => correlation.line,
        Body::Entry { .. } => by.line,
    };
    let fault = |problem: String, help: &str| Fault::new(line, problem, help).in_file(&by.file);
    let place = rules.iter().position(|rule| rule.name == name || rule.id.as_deref() == Some(name));
    let missing = || fault(format!("there is no rule `{name}`"), "name a rule of this set");
    let place = place.ok_or_else(missing)?;
    match rules.get(place).map(|rule| &rule.body) {
        Some(Body::Entry { history, .. }) if history.looks_back().is_none() => Ok(place),
        _ => {
            let help = "name rules with nothing but a `detection`";
            Err(fault(format!("`{name}` looks at more than one entry"), help))
        }
    }
}
