//! Settings from the environment: `GLASSBREAK__SOURCE_LIMIT__BURST=20` is `source_limit.burst`.
//!
//! Every setting can be set so; two underscores stand for the dot. Where a name on the way has a
//! `-`, an underscore stands for that too. The environment comes after the file. A value is read as
//! TOML where it is some, and as text where it is not, or where the setting is a text.

use toml::{Table, Value};

/// What the names of the variables begin with.
pub(super) const PREFIX: &str = "GLASSBREAK__";

/// The variables that set something, in the order of their names.
pub(super) fn of_process() -> Vec<(String, String)> {
    // Names and values that are not UTF-8 are none of ours.
    let ours = std::env::vars_os().filter_map(|(name, value)| {
        let name = name.into_string().ok().filter(|name| name.starts_with(PREFIX))?;
        Some((name, value.into_string().ok()?))
    });
    let mut ours: Vec<_> = ours.collect();
    ours.sort();
    ours
}

/// The variables as a table to lay over `under`, with the path that each of them sets.
///
/// # Errors
/// A name with an empty part, or one that leads through a setting that is no table.
pub(super) fn table(
    variables: &[(String, String)],
    under: &Table,
) -> anyhow::Result<(Table, Vec<String>)> {
    let (mut over, mut paths) = (Table::new(), Vec::new());
    for (variable, value) in variables {
        let names = variable.strip_prefix(PREFIX).unwrap_or_default();
        let mut path = Vec::new();
        let mut known = Some(under);
        let mut found = None;
        for part in names.split("__") {
            anyhow::ensure!(!part.is_empty(), "`{variable}` names no setting");
            let (name, inner) = spelled(part, known);
            known = inner.and_then(Value::as_table);
            found = inner;
            path.push(name);
        }
        let is_text = matches!(found, Some(Value::String(_)));
        put(&mut over, &path, read(value, is_text)).ok_or_else(|| {
            anyhow::anyhow!("`{variable}` and another variable contradict each other")
        })?;
        paths.push(path.join("."));
    }
    Ok((over, paths))
}

/// A part of a variable's name, as the setting that it is meant for is spelled.
fn spelled<'a>(part: &str, known: Option<&'a Table>) -> (String, Option<&'a Value>) {
    let plain = |name: &str| name.to_ascii_lowercase().replace('-', "_");
    let wanted = plain(part);
    let found = known.and_then(|known| known.iter().find(|(name, _)| plain(name) == wanted));
    match found {
        Some((name, value)) => (name.clone(), Some(value)),
        None => (wanted, None),
    }
}

fn read(value: &str, is_text: bool) -> Value {
    let as_toml = || {
        let table: Table = format!("value = {value}").parse().ok()?;
        // A line break in the value could set more than one.
        table.get("value").filter(|_| table.len() == 1).cloned()
    };
    let text = || Value::String(value.to_owned());
    match as_toml() {
        Some(Value::String(quoted)) => Value::String(quoted),
        Some(other) if !is_text => other,
        _ => text(),
    }
}

fn put(table: &mut Table, path: &[String], value: Value) -> Option<()> {
    let (name, rest) = path.split_first()?;
    if rest.is_empty() {
        return table.insert(name.clone(), value).is_none().then_some(());
    }
    let inner = table.entry(name.clone()).or_insert_with(|| Value::Table(Table::new()));
    put(inner.as_table_mut()?, rest, value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn laid(variables: &[(&str, &str)]) -> anyhow::Result<(Table, Vec<String>)> {
        let under: Table = "prefix = \"gb\"\n[source_limit]\nburst = 60\n[anchors.other-disk]\n\
                            folder = \"/a\"\n"
            .parse()?;
        let variables: Vec<_> =
            variables.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        table(&variables, &under)
    }

    #[test]
    fn a_variable_sets_what_its_name_leads_to() {
        let (over, paths) = laid(&[
            ("GLASSBREAK__ANCHORS__OTHER_DISK__FOLDER", "/mnt/b"),
            ("GLASSBREAK__PREFIX", "7"),
            ("GLASSBREAK__SOURCE_LIMIT__BURST", "20"),
            ("GLASSBREAK__TIERS__STANDARD__KINDS", "[\"saved\"]"),
        ])
        .unwrap();
        assert_eq!(
            paths,
            ["anchors.other-disk.folder", "prefix", "source_limit.burst", "tiers.standard.kinds"]
        );
        let wanted: Table = "prefix = \"7\"\n[source_limit]\nburst = 20\n[anchors.other-disk]\n\
                             folder = \"/mnt/b\"\n[tiers.standard]\nkinds = [\"saved\"]\n"
            .parse()
            .unwrap();
        assert_eq!(over, wanted);
    }

    #[test]
    fn variables_that_name_nothing_or_contradict_each_other_are_refused() {
        assert!(laid(&[("GLASSBREAK__", "1")]).is_err());
        assert!(laid(&[("GLASSBREAK__A____B", "1")]).is_err());
        assert!(laid(&[("GLASSBREAK__A", "1"), ("GLASSBREAK__A__B", "1")]).is_err());
        let (over, _) = laid(&[("GLASSBREAK__A", "1\nb = 2")]).unwrap();
        assert_eq!(over.get("a").and_then(Value::as_str), Some("1\nb = 2"));
    }
}
