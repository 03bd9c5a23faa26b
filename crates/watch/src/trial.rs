//! Tests of rules as data: entries in, alerts expected.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use crate::alert::Alert;
use crate::evaluator::Evaluator;
use crate::fault::{Fault, RuleErrors};
use crate::memory::Limits;
use crate::set::{RuleSet, SourceFile};
use crate::span::Span;
use crate::yaml::{Fields, Node};

/// The most entries one test may make.
const ENTRIES_MAX: usize = 2_000;
/// When tests begin, in milliseconds since the Unix epoch: 2026-01-01T00:00:00Z.
const BEGIN: i64 = 1_767_225_600_000;

/// A test of one rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trial {
    /// What it shows.
    pub name: String,
    /// The rule.
    pub rule: String,
    /// The file it is in.
    pub file: String,
    /// Where in that it begins.
    pub line: usize,
    entries: Vec<Value>,
    alerts: usize,
    /// What the reasons have to say, somewhere.
    says: Vec<String>,
}

/// What came of a test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrialReport {
    /// The alerts of the rule it is about.
    pub alerts: Vec<Alert>,
    /// Why it failed, if it did.
    pub failure: Option<String>,
}

impl Trial {
    /// Reads the tests out of `files`; files with rules are passed over.
    ///
    /// # Errors
    /// All that is wrong, a test of a rule that is not in `rules` included.
    pub fn read(files: &[SourceFile], rules: &RuleSet) -> Result<Vec<Self>, RuleErrors> {
        let (mut trials, mut errors) = (Vec::new(), Vec::new());
        for file in files.iter().filter(|file| file.holds_tests()) {
            let documents = match file.documents() {
                Ok(documents) => documents,
                Err(error) => {
                    errors.push(error);
                    continue;
                }
            };
            for document in &documents {
                match read_all(&file.name, document, rules) {
                    Ok(read) => trials.extend(read),
                    Err(fault) => errors.push(fault.in_file(&file.name)),
                }
            }
        }
        if errors.is_empty() { Ok(trials) } else { Err(RuleErrors(errors)) }
    }

    /// Runs it.
    pub fn run(&self, rules: &Arc<RuleSet>) -> TrialReport {
        let mut evaluator = Evaluator::new(Arc::clone(rules), Limits::default());
        let mut alerts = Vec::new();
        for (index, entry) in (0_u64..).zip(&self.entries) {
            alerts.extend(evaluator.feed(index, entry));
        }
        alerts.retain(|alert| alert.rule == self.rule);
        let failure = self.failure(&alerts);
        TrialReport { alerts, failure }
    }

    fn failure(&self, alerts: &[Alert]) -> Option<String> {
        if alerts.len() != self.alerts {
            return Some(format!("{} alerts, and {} were expected", alerts.len(), self.alerts));
        }
        let told: Vec<&str> =
            alerts.iter().flat_map(|alert| &alert.reasons).map(String::as_str).collect();
        let missing = self.says.iter().find(|says| !told.iter().any(|told| told.contains(*says)));
        missing.map(|says| format!("no reason says `{says}`; they are: {}", told.join(" ")))
    }
}

/// The rules that raise alerts and have no test with one, or none without.
pub fn untried<'a>(rules: &'a RuleSet, trials: &[Trial]) -> Vec<&'a str> {
    let of = |name: &str, some: bool| {
        trials.iter().any(|trial| trial.rule == name && (trial.alerts > 0) == some)
    };
    let names = rules.loud().map(|rule| rule.name.as_str());
    names.filter(|name| !of(name, true) || !of(name, false)).collect()
}

fn read_all(file: &str, document: &Node, rules: &RuleSet) -> Result<Vec<Trial>, Fault> {
    let mut fields = Fields::of("a file of tests", document)?;
    let tests = fields.need("tests")?.list("tests")?;
    fields.finish()?;
    tests.iter().map(|test| read(file, test, rules)).collect()
}

fn read(file: &str, node: &Node, rules: &RuleSet) -> Result<Trial, Fault> {
    let mut fields = Fields::of("the test", node)?;
    let name = fields.need("name")?.text("name")?.to_owned();
    let rule_node = fields.need("rule")?;
    let rule = rule_node.text("rule")?.to_owned();
    if !rules.loud().any(|own| own.name == rule) {
        let help = "name a rule of this set that no other rests on";
        return Err(Fault::new(rule_node.line, format!("no rule `{rule}` raises alerts"), help));
    }
    let alerts = fields.need("alerts")?.number("alerts")?;
    let says = fields.take("says").map_or(Ok(Vec::new()), |node| node.texts("says"))?;
    let list = fields.need("entries")?.list("entries")?;
    fields.finish()?;
    let (mut entries, mut now) = (Vec::new(), BEGIN);
    for node in list {
        let line = Line::read(node)?;
        now = now.saturating_add(line.after.0);
        for turn in 0..line.times {
            if turn > 0 {
                now = now.saturating_add(line.every.0);
            }
            if entries.len() >= ENTRIES_MAX {
                let problem = format!("the test makes more than {ENTRIES_MAX} entries");
                return Err(Fault::new(node.line, problem, "make fewer"));
            }
            entries.push(line.entry(entries.len(), turn, now));
        }
    }
    Ok(Trial { name, rule, file: file.to_owned(), line: node.line, entries, alerts, says })
}

/// One or more entries of a test.
struct Line {
    after: Span,
    times: usize,
    every: Span,
    fields: Map<String, Value>,
}

impl Line {
    fn read(node: &Node) -> Result<Self, Fault> {
        let mut fields = Fields::of("the entry", node)?;
        let span = |node: Option<&Node>, of: &str| {
            node.map_or(Ok(Span(0)), |node| Span::read_any(of, node))
        };
        let after = span(fields.take("after"), "after")?;
        let every = span(fields.take("every"), "every")?;
        let times = fields.take("times").map_or(Ok(1), |node| node.number("times"))?;
        let kind = fields.need("type")?;
        kind.text("type")?;
        let mut kept = Map::new();
        kept.insert("type".to_owned(), kind.to_json());
        for name in ["subject", "actor", "decision", "data"] {
            if let Some(node) = fields.take(name) {
                kept.insert(name.to_owned(), node.to_json());
            }
        }
        fields.finish()?;
        Ok(Self { after, times, every, fields: kept })
    }

    /// The entry, with a number of its own in place of each `#`.
    fn entry(&self, index: usize, turn: usize, at: i64) -> Value {
        let defaults = BTreeMap::from([
            ("v", json!(1)),
            ("id", json!(format!("entry-{index}"))),
            ("at", json!(at)),
            ("actor", json!({"kind": "api_key", "id": "app"})),
            ("data", json!({})),
        ]);
        let defaults = defaults.into_iter().map(|(name, value)| (name.to_owned(), value));
        let own =
            self.fields.clone().into_iter().map(|(name, value)| (name, numbered(value, turn)));
        Value::Object(defaults.chain(own).collect())
    }
}

fn numbered(value: Value, turn: usize) -> Value {
    match value {
        Value::String(text) => Value::String(text.replace('#', &turn.to_string())),
        Value::Array(items) => items.into_iter().map(|item| numbered(item, turn)).collect(),
        Value::Object(members) => {
            members.into_iter().map(|(name, value)| (name, numbered(value, turn))).collect()
        }
        other => other,
    }
}
