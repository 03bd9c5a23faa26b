//! `cargo xtask tidy`: sizes and habits as checks (STYLE habit 16).
//!
//! `--wrap` breaks comments that are too wide, in the files named after it or in all of them.

mod wrap;

use std::fs;

use anyhow::{Context, Result};

use crate::finding::{Exception, Finding, print_exceptions, settle};
use crate::source::{Function, Source, words};
use crate::{run, source};

const WIDTH_MAX: usize = 100;
const TEXT_WIDTH_MAX: usize = 180;
const FUNCTION_LINES_MAX: usize = 70;
/// A test that tells one story may take a little more; past the other limit it is named.
const TEST_LINES_MAX: usize = 100;
const FILE_LINES_WARN: usize = 400;
const FILE_LINES_MAX: usize = 600;

/// Functions that may be longer: tables that read well as one `match`.
const LONG_FUNCTIONS: &[Exception] = &[];

/// Words that say that work is not finished. Joined here, so that this file has none of them.
const UNFINISHED: &[&str] = &[concat!("TO", "DO"), concat!("FIX", "ME"), concat!("X", "XX")];

/// Waiting for a guessed time makes a test slow or flaky; it waits for what it is waiting for.
const SLEEPS: &[&str] = &["thread::sleep", "time::sleep"];

/// Tests that may sleep.
const SLEEPING_TESTS: &[Exception] = &[Exception {
    path: "crates/engine/tests/simulation/weather.rs",
    what: "sleep",
    reason: "in time that passes when nothing is left to do",
}];

/// Hosts that packages come from. No file names them: which registry is used is the machine's
/// affair. In two parts, so that this file does not name them either.
const REGISTRIES: &[(&str, &str)] = &[
    ("crates", ".io"),
    ("pypi", ".org"),
    ("pythonhosted", ".org"),
    ("npmjs", ".org"),
    ("npmjs", ".com"),
    ("deb.debian", ".org"),
    ("proxy.golang", ".org"),
];

/// Files that name a registry because a tool writes them so.
const REGISTRY_NAMED: &[Exception] = &[
    Exception { path: "Cargo.lock", what: "registry", reason: "cargo writes it into every entry" },
    Exception { path: "fuzz/Cargo.lock", what: "registry", reason: "the same" },
];

/// Checks.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    if let Some((first, only)) = arguments.split_first() {
        anyhow::ensure!(first == "--wrap", "takes nothing but `--wrap`");
        return wrap_files(only);
    }
    let started = run::now();
    print_exceptions("long function", LONG_FUNCTIONS);
    print_exceptions("sleep in a test", SLEEPING_TESTS);
    print_exceptions("registry named", REGISTRY_NAMED);
    let mut findings = Vec::new();
    let sources = source::rust_files()?;
    for source in &sources {
        check_sizes(source, &mut findings);
        check_sleeps(source, &mut findings);
    }
    let files = source::files()?;
    for path in &files {
        let text = fs::read(run::root().join(path)).unwrap_or_default();
        check_text(path, &String::from_utf8_lossy(&text), &mut findings);
    }
    settle(findings)?;
    println!("tidy: {} files ({})", files.len(), run::spell(started.elapsed()));
    Ok(())
}

fn wrap_files(only: &[String]) -> Result<()> {
    for source in source::rust_files()? {
        let wanted = only.is_empty() || only.contains(&source.path);
        let Some(wrapped) = wrap::comments(&source.raw, WIDTH_MAX).filter(|_| wanted) else {
            continue;
        };
        let path = run::root().join(&source.path);
        fs::write(path, wrapped).with_context(|| format!("cannot write {}", source.path))?;
        println!("{} wrapped", source.path);
    }
    Ok(())
}

fn check_sizes(source: &Source, findings: &mut Vec<Finding>) {
    let lines = source.production_lines();
    if !source.is_test && lines > FILE_LINES_MAX {
        let what = format!("{lines} lines of production code, more than {FILE_LINES_MAX}");
        findings.push(Finding::new(&source.path, what));
    } else if !source.is_test && lines > FILE_LINES_WARN {
        println!("warning: {}: {lines} lines, more than {FILE_LINES_WARN}", source.path);
    }
    for function in source.functions() {
        check_function(source, &function, findings);
    }
    for (number, line) in source.raw.lines().enumerate() {
        let width = line.chars().count();
        // A text that people read is not broken in two for the sake of a column, up to a point.
        let most =
            if line.contains('"') || line.ends_with('\\') { TEXT_WIDTH_MAX } else { WIDTH_MAX };
        if width > most {
            let place = format!("{}:{}", source.path, number + 1);
            let what = format!("{width} characters wide, more than {most}");
            findings.push(Finding::new(place, what));
        }
    }
}

fn check_function(source: &Source, function: &Function, findings: &mut Vec<Finding>) {
    let (first, last) = (function.extent.start, function.extent.end);
    let lines = source.line(last) - source.line(first) + 1;
    let excepted = LONG_FUNCTIONS.iter().any(|e| e.path == source.path && e.what == function.name);
    if lines <= FUNCTION_LINES_MAX || excepted {
        return;
    }
    let what = format!("`{}` has {lines} lines, more than {FUNCTION_LINES_MAX}", function.name);
    let finding = Finding::new(source.place(first), what);
    if source.in_test(first) && lines <= TEST_LINES_MAX {
        println!("warning: {finding}");
    } else {
        findings.push(finding);
    }
}

fn check_sleeps(source: &Source, findings: &mut Vec<Finding>) {
    let excepted = SLEEPING_TESTS.iter().any(|e| e.path == source.path);
    for at in SLEEPS.iter().flat_map(|sleep| words(&source.code, sleep)) {
        if source.in_test(at) && !excepted {
            let what = "a test sleeps; let it wait for what it is waiting for";
            findings.push(Finding::new(source.place(at), what));
        }
    }
}

/// What holds for every kind of file.
fn check_text(path: &str, text: &str, findings: &mut Vec<Finding>) {
    let is_code = [".rs", ".toml", ".sql", ".sh", ".ci/run"].iter().any(|end| path.ends_with(end));
    let names_registry = REGISTRY_NAMED.iter().any(|e| e.path == path);
    for (number, line) in text.lines().enumerate() {
        let place = format!("{path}:{}", number + 1);
        if is_code && UNFINISHED.iter().any(|word| !words(line, word).is_empty()) {
            let what = "unfinished work; finish it, or write an issue";
            findings.push(Finding::new(&place, what));
        }
        let named = |(name, end): &(&str, &str)| {
            line.match_indices(name).any(|(at, _)| {
                line.get(at + name.len()..).is_some_and(|after| after.starts_with(end))
            })
        };
        if !names_registry && REGISTRIES.iter().any(named) {
            findings.push(Finding::new(place, "names the host of a package registry"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> Vec<String> {
        let mut findings = Vec::new();
        let source = Source::new(path, text.to_owned());
        check_sizes(&source, &mut findings);
        check_sleeps(&source, &mut findings);
        check_text(path, text, &mut findings);
        findings.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn long_functions_files_and_lines_are_found() {
        let body = |lines: usize| "    call();\n".repeat(lines);
        assert!(found("a/src/a.rs", &format!("fn f() {{\n{}}}\n", body(68))).is_empty());
        let long = found("a/src/a.rs", &format!("fn f() {{\n{}}}\n", body(69)));
        assert_eq!(long, ["a/src/a.rs:1: `f` has 71 lines, more than 70"]);
        let test = |lines: usize| format!("fn f() {{\n{}}}\n", body(lines));
        assert!(found("a/tests/a.rs", &test(98)).is_empty());
        assert_eq!(found("a/tests/a.rs", &test(99)).len(), 1);
        let consts = "const A: u8 = 1;\n".repeat(601);
        assert_eq!(found("a/src/a.rs", &consts).len(), 1);
        assert!(found("a/tests/a.rs", &consts).is_empty());
        let tested = format!("#[cfg(test)]\nmod tests {{\n{consts}}}\n");
        assert!(found("a/src/a.rs", &tested).is_empty());
        assert_eq!(found("a/src/a.rs", &format!("// {}\n", "é".repeat(98))).len(), 1);
        assert!(found("a/src/a.rs", &format!("// {}\n", "é".repeat(97))).is_empty());
    }

    #[test]
    fn unfinished_work_sleeps_and_registries_are_found() {
        for word in UNFINISHED {
            assert_eq!(found("a/src/a.rs", &format!("// {word}: more\n")).len(), 1);
            assert!(found("a/src/a.rs", &format!("// A{word}s\n")).is_empty());
        }
        let sleeps = "fn f() { std::thread::sleep(x) }\n";
        assert_eq!(found("a/tests/a.rs", sleeps).len(), 1);
        assert!(found("a/src/a.rs", sleeps).is_empty());
        for (name, end) in REGISTRIES {
            let line = format!("see https://{name}{end}/x\n");
            assert_eq!(found("README.md", &line).len(), 1);
            assert!(found("Cargo.lock", &line).is_empty());
        }
    }
}
