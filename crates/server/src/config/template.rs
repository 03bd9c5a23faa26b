//! `glassbreak config init`: a file with every setting, commented out.
//!
//! It is made from the page that people read, docs/CONFIGURATION.md, which is built into the
//! program: each block of TOML there is a section here. So there is one text, and the tests below
//! hold it to what [`super::parse`] accepts: every setting is in it, and nothing else; what it says
//! is the default, is.

use std::fmt::Write as _;

/// The page.
const PAGE: &str = include_str!("../../../../docs/CONFIGURATION.md");

/// How a block begins that shows the defaults, and one that shows what has none.
const DEFAULTS: &str = "```toml";
const EXAMPLE: &str = "```toml example";

/// A block of TOML on the page.
struct Block {
    /// The heading above it.
    heading: &'static str,
    /// Whether its values are examples, because there is no default.
    is_example: bool,
    lines: Vec<&'static str>,
}

fn blocks() -> Vec<Block> {
    let (mut found, mut heading, mut open) = (Vec::new(), "General", None::<Block>);
    for line in PAGE.lines() {
        match (&mut open, line) {
            (Some(_), "```") => found.extend(open.take()),
            (Some(block), _) => block.lines.push(line),
            (None, DEFAULTS | EXAMPLE) => {
                open = Some(Block { heading, is_example: line == EXAMPLE, lines: Vec::new() });
            }
            (None, _) => heading = line.strip_prefix("## ").unwrap_or(heading),
        }
    }
    found
}

/// The file.
pub fn template() -> String {
    let mut text = String::from(
        "# The configuration of a Glassbreak server. What stands behind `#` without a space is a \
         setting, with its\n# default or, where it has none, an example: take the `#` away to set \
         it, and in front of the name of its table\n# where there is one.\n# `glassbreak config check --config FILE` \
         says what a file comes to. Any setting can also come from the\n# environment, which comes \
         after the file: GLASSBREAK__SOURCE_LIMIT__BURST=20 is `burst` in [source_limit].\n",
    );
    for block in blocks() {
        let kind = if block.is_example { " (examples)" } else { "" };
        // Writing to a string does not fail.
        let _ = writeln!(text, "\n# ---- {}{kind}\n", block.heading);
        for line in block.lines {
            // A table that holds nothing sets nothing, and what is set below it lands in it.
            let is_table = line.starts_with('[') && !block.is_example;
            text.push_str(&if is_table { line.to_owned() } else { commented(line) });
            text.push('\n');
        }
    }
    text
}

/// A line of a block, as the file has it.
fn commented(line: &str) -> String {
    match optional(line) {
        Some(setting) => format!("#{setting}"),
        None if line.is_empty() || line.starts_with('#') => line.to_owned(),
        // What goes on from the line before: words, or the rest of a value.
        None if line.trim_start().starts_with('#') => line.trim_start().to_owned(),
        None => format!("#{line}"),
    }
}

/// The setting in a line that is commented out on the page as well, because it may be left out.
fn optional(line: &str) -> Option<&str> {
    let setting = line.strip_prefix("# ")?;
    let (name, _) = setting.split_once(" = ")?;
    let is_name = |c: char| c.is_ascii_lowercase() || c == '_';
    (!name.is_empty() && name.chars().all(is_name)).then_some(setting)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use toml::{Table, Value};

    use super::super::nearest::unknown;
    use super::super::{Config, KNOWN, parse};
    use super::*;

    /// The file with every setting taken in, or only those with a default.
    fn uncommented(examples: bool) -> String {
        let mut text = String::new();
        for block in blocks().into_iter().filter(|block| examples || !block.is_example) {
            for line in block.lines {
                // Some that may be left out exclude each other.
                text.push_str(if optional(line).is_some() { "" } else { line });
                text.push('\n');
            }
        }
        text
    }

    #[test]
    fn what_the_page_says_is_the_default_is() {
        let told: Table = uncommented(false).parse().unwrap();
        let defaults = Table::try_from(Config::default()).unwrap();
        differences("", &told, &defaults);
        // The other way round: nothing that has a default is left out.
        let config = Table::try_from(parse(&uncommented(false)).unwrap()).unwrap();
        differences("", &config, &defaults);
        for (name, value) in &defaults {
            let is_empty = value.as_table().is_some_and(Table::is_empty);
            assert!(is_empty || told.contains_key(name), "`{name}` is not on the page");
            if !["tiers"].contains(&name.as_str()) && !is_empty {
                assert_eq!(told.get(name), Some(value), "`{name}`");
            }
        }
        let standard = |table: &Table| table["tiers"]["standard"].clone();
        assert_eq!(standard(&told), standard(&defaults));
    }

    /// Every value in `told` is the one in `defaults`.
    fn differences(path: &str, told: &Table, defaults: &Table) {
        for (name, value) in told {
            let path = format!("{path}.{name}");
            match (value, defaults.get(name)) {
                (Value::Table(told), Some(Value::Table(defaults))) => {
                    differences(&path, told, defaults);
                }
                (value, default) => assert_eq!(Some(value), default, "`{path}`"),
            }
        }
    }

    #[test]
    fn every_example_is_accepted() {
        parse(&uncommented(true)).unwrap();
    }

    #[test]
    fn every_setting_there_is_is_on_the_page() {
        let whole: Table = uncommented(true).parse().unwrap();
        let lines: Vec<&str> = blocks().into_iter().flat_map(|block| block.lines).collect();
        let page = lines.join("\n");
        for name in KNOWN {
            assert!(page.contains(name), "`{name}` is not on the page");
        }
        let mut asked = BTreeSet::new();
        ask_all(&mut Vec::new(), &whole, &whole, &mut asked);
        assert!(asked.len() > 60, "the question is not understood: {asked:?}");
        let words: BTreeSet<&str> =
            page.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).collect();
        for name in asked {
            assert!(words.contains(name.as_str()), "`{name}` is not on the page");
        }
    }

    /// Puts a name that is none into each table, and reads in the refusal which there are.
    fn ask_all(path: &mut Vec<String>, table: &Table, whole: &Table, names: &mut BTreeSet<String>) {
        for (name, value) in table {
            if let Value::Table(inner) = value {
                path.push(name.clone());
                let mut with = whole.clone();
                let last = path.iter().fold(&mut with, |table, name| {
                    table.get_mut(name).and_then(Value::as_table_mut).unwrap()
                });
                last.insert("no_such_name".to_owned(), Value::Boolean(true));
                let refusal = parse(&with.to_string()).map(drop);
                // A table of things with names of the operator's own has no such refusal.
                if let Err(error) = refusal
                    && let Some((_, known)) = unknown(&format!("{error:#}"))
                {
                    names.extend(known);
                }
                ask_all(path, inner, whole, names);
                path.pop();
            }
        }
    }

    #[test]
    fn the_file_sets_nothing_until_somebody_takes_a_comment_away() {
        let defaults = Table::try_from(Config::default()).unwrap();
        assert_eq!(Table::try_from(parse(&template()).unwrap()).unwrap(), defaults);
        let set = template().replace("#burst = 60", "burst = 7");
        assert_eq!(parse(&set).unwrap().source_limit.burst.get(), 7);
    }
}
