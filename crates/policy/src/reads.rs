//! Which facts a rule reads, by its syntax. What it does not read it cannot depend on, so what it
//! says can be kept by the facts it reads.

use std::collections::BTreeSet;

use serde_json::Value;

/// The paths in a rule's JSON form: `context.evidence.saved_code`, or `context` where all of it is
/// used at once.
pub(crate) fn paths(rule: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    collect(rule, &mut found);
    found
}

/// Whether a rule that reads `paths` can depend on the fact at `fact`.
pub(crate) fn touch(paths: &BTreeSet<String>, fact: &str) -> bool {
    paths.iter().any(|path| {
        let rest = fact.strip_prefix(path.as_str());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    })
}

/// The texts that a rule writes out: with what it compares the name of a tier, as nothing else that
/// it may know is a text.
pub(crate) fn texts(rule: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    write_out(rule.get("conditions").unwrap_or(&Value::Null), &mut found);
    found
}

fn write_out(node: &Value, found: &mut BTreeSet<String>) {
    match node {
        Value::Array(items) => items.iter().for_each(|item| write_out(item, found)),
        Value::Object(members) => {
            if let Some(Value::String(text)) = members.get("Value") {
                found.insert(text.clone());
            }
            members.values().for_each(|member| write_out(member, found));
        }
        _ => {}
    }
}

fn collect(node: &Value, found: &mut BTreeSet<String>) {
    if let Some(path) = chain(node) {
        found.insert(path);
        return;
    }
    match node {
        Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
        Value::Object(members) => members.values().for_each(|member| collect(member, found)),
        _ => {}
    }
}

/// The path of a variable, or of an attribute of an attribute of one.
fn chain(node: &Value) -> Option<String> {
    if let Some(variable) = node.get("Var").and_then(Value::as_str) {
        return Some(variable.to_owned());
    }
    let access = node.get(".")?;
    let attribute = access.get("attr")?.as_str()?;
    Some(format!("{}.{attribute}", chain(access.get("left")?)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(rule: &str) -> BTreeSet<String> {
        let rule: cedar_policy::Policy = rule.parse().unwrap();
        paths(&rule.to_json().unwrap())
    }

    #[test]
    fn attributes_are_found_wherever_they_stand() {
        let found = read(
            r#"permit (principal, action, resource)
            when { if context.evidence.approval then resource.subject.ial > 1 else false }
            unless { [principal.kind].contains(Kind::"agent") };"#,
        );
        let expected = ["context.evidence.approval", "principal.kind", "resource.subject.ial"];
        assert!(found.iter().eq(expected.iter()));
        assert!(touch(&found, "principal.kind"));
        assert!(!touch(&found, "context.evidence.proofing"));
    }

    #[test]
    fn texts_are_found_and_names_of_enumerations_are_none() {
        let rule: cedar_policy::Policy = r#"permit (principal, action, resource)
            when { ["a", "b"].contains(resource.subject.tier) || resource.subject.tier == "c" }
            unless { principal.kind == Kind::"agent" || resource.subject.tier like "d*" };"#
            .parse()
            .unwrap();
        assert!(texts(&rule.to_json().unwrap()).iter().eq(["a", "b", "c"]));
    }

    #[test]
    fn a_record_used_whole_counts_as_all_of_it() {
        let found = read(
            "permit (principal, action, resource)
            when { context.evidence == {a: true} && context has session };",
        );
        assert!(touch(&found, "context.evidence.saved_code"));
        assert!(touch(&found, "context.session"));
        assert!(!touch(&found, "resource.subject.ial"));
        assert!(!touch(&BTreeSet::from(["context.set".to_owned()]), "context.settings"));
    }
}
