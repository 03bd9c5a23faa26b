//! From text to rules: syntax, names, and the schema.

use std::collections::BTreeMap;

use cedar_policy::{PolicyId, PolicySet as CedarSet, Schema, ValidationMode, Validator};
use miette::Diagnostic;

use crate::finding::Finding;
use crate::nesting;
use crate::rule::Rule;

/// What a rule may say of itself. Nothing else, so that nobody believes that a note switches
/// something off (E5: a use is always logged).
const NOTES: [&str; 4] = ["id", "requirement", "standard", "note"];

/// The rules of all `files`, in the order of file name and line, with what is wrong in them.
pub(crate) fn rules(
    files: &BTreeMap<String, String>,
    schema: &str,
) -> (Vec<Rule>, CedarSet, Vec<Finding>) {
    let mut reader = Reader::default();
    for (file, text) in files {
        reader.file(file, text);
    }
    match Schema::from_cedarschema_str(schema) {
        Ok((schema, _)) => reader.validate(schema),
        Err(error) => reader.findings.push(Finding::refuse("schema", error.to_string())),
    }
    (reader.rules, reader.whole, reader.findings)
}

#[derive(Default)]
struct Reader {
    rules: Vec<Rule>,
    whole: CedarSet,
    findings: Vec<Finding>,
}

impl Reader {
    fn file(&mut self, file: &str, text: &str) {
        if let Some(finding) = nesting::too_deep(file, text) {
            self.findings.push(finding);
            return;
        }
        let set = match text.parse::<CedarSet>() {
            Ok(set) => set,
            Err(errors) => {
                self.findings.extend(errors.iter().map(|error| syntax(file, text, error)));
                return;
            }
        };
        if set.templates().next().is_some() {
            let message = "has a template (`?principal`, `?resource`); write the rule out";
            self.findings.push(Finding::refuse("template", message).at(file, 0));
        }
        let first = self.rules.len();
        for policy in set.policies() {
            let Some(name) = policy.annotation("id").filter(|name| !name.is_empty()) else {
                let message = "a rule has no name; give it `@id(\"action.what-it-says\")`: \
                               decisions name it as their reason";
                let line = nameless(text);
                self.findings.push(Finding::refuse("rule-without-name", message).at(file, line));
                continue;
            };
            let line = text.find(&format!("@id(\"{name}\")")).map_or(0, |at| line_of(text, at));
            self.notes(policy, name, file, line);
            if let Some(other) = self.rules.iter().find(|rule| rule.name == name) {
                let message = format!(
                    "`{name}` is the name of a rule in {}:{} too; give one of them another",
                    other.file, other.line
                );
                let finding = Finding::refuse("rule-named-twice", message);
                self.findings.push(finding.at(file, line));
                continue;
            }
            let named = policy.new_id(PolicyId::new(name));
            let rule = Rule::of(&named, name, file, line);
            if let (Some(rule), Ok(())) = (rule, self.whole.add(named)) {
                self.rules.push(rule);
            } else {
                let message = format!("Cedar cannot take `{name}` by itself");
                self.findings.push(Finding::refuse("rule", message).at(file, line));
            }
        }
        if let Some(added) = self.rules.get_mut(first..) {
            added.sort_by(|a, b| (a.line, &a.name).cmp(&(b.line, &b.name)));
        }
    }

    fn notes(&mut self, policy: &cedar_policy::Policy, name: &str, file: &str, line: usize) {
        for (note, _) in policy.annotations().filter(|(note, _)| !NOTES.contains(note)) {
            let message = format!(
                "`{name}` has the annotation `@{note}`, which nothing reads; use {} (no \
                 annotation switches logging off)",
                NOTES.map(|note| format!("`@{note}`")).join(", ")
            );
            let finding = Finding::refuse("unknown-annotation", message).row("E5");
            self.findings.push(finding.at(file, line));
        }
        if policy.annotation("requirement").is_none() && policy.annotation("standard").is_none() {
            let message = format!(
                "`{name}` does not say what asks for it; add `@requirement(..)` or \
                 `@standard(..)`"
            );
            self.findings.push(Finding::warn("rule-without-source", message).at(file, line));
        }
    }

    fn validate(&mut self, schema: Schema) {
        let result = Validator::new(schema).validate(&self.whole, ValidationMode::Strict);
        let at = |finding: Finding, id: &PolicyId| {
            let name: &str = id.as_ref();
            let rule = self.rules.iter().find(|rule| rule.name == name);
            rule.map_or(finding.clone(), |rule| finding.at(&rule.file, rule.line))
        };
        let mut found = Vec::new();
        for error in result.validation_errors() {
            let help = error.help().map(|help| format!("; {help}")).unwrap_or_default();
            let finding = Finding::refuse("schema", format!("{error}{help}"));
            found.push(at(finding, error.policy_id()));
        }
        for warning in result.validation_warnings() {
            let finding = Finding::warn("schema", warning.to_string());
            found.push(at(finding, warning.policy_id()));
        }
        found.sort_by(|a, b| (&a.file, a.line, &a.message).cmp(&(&b.file, b.line, &b.message)));
        self.findings.append(&mut found);
    }
}

fn syntax(file: &str, text: &str, error: &cedar_policy::ParseError) -> Finding {
    let at = error.labels().and_then(|mut labels| labels.next());
    let line = at.map_or(0, |label| line_of(text, label.offset()));
    let help = error.help().map(|help| format!("; {help}")).unwrap_or_default();
    Finding::refuse("syntax", format!("{error}{help}")).at(file, line)
}

/// The line of the first rule that no `@id` stands above, as far as text tells.
fn nameless(text: &str) -> usize {
    let mut named = false;
    for (number, line) in text.lines().enumerate() {
        let line = line.trim_start();
        named |= line.starts_with("@id(\"") && !line.starts_with("@id(\"\")");
        if line.starts_with("permit") || line.starts_with("forbid") {
            if !named {
                return number + 1;
            }
            named = false;
        }
    }
    0
}

fn line_of(text: &str, at: usize) -> usize {
    text.get(..at).map_or(0, |before| before.matches('\n').count() + 1)
}
