//! The repository's files as the checks read them: Rust with its comments and strings told apart
//! from its code, test code told apart from production code, and functions with their extent.
//!
//! A scanner, not a parser: it knows enough of Rust to count braces. What it cannot know is the
//! meaning of a name; rules that follow names say so.

mod mask;

use std::collections::BTreeSet;
use std::ops::Range;
use std::process::Command;

use anyhow::{Context, Result};

use crate::run;

/// A Rust file. All views have the same length, so an offset means the same in each.
pub(crate) struct Source {
    /// From the root of the repository.
    pub(crate) path: String,
    /// As it is.
    pub(crate) raw: String,
    /// Comments blanked.
    pub(crate) text: String,
    /// Comments and the insides of strings blanked.
    pub(crate) code: String,
    /// The parts under `cfg(test)`.
    tests: Vec<Range<usize>>,
    /// Whether all of it is a test.
    pub(crate) is_test: bool,
}

/// A function.
pub(crate) struct Function {
    /// Its name.
    pub(crate) name: String,
    /// From `fn` to the closing brace.
    pub(crate) extent: Range<usize>,
}

impl Source {
    /// Reads a file.
    pub(crate) fn new(path: &str, raw: String) -> Self {
        let mask::Masked { text, code } = mask::mask(&raw);
        let tests = test_parts(&code);
        Self { path: path.to_owned(), is_test: is_test_path(path), raw, text, code, tests }
    }

    /// Whether an offset lies in test code.
    pub(crate) fn in_test(&self, offset: usize) -> bool {
        self.is_test || self.tests.iter().any(|part| part.contains(&offset))
    }

    /// The line of an offset, from 1.
    pub(crate) fn line(&self, offset: usize) -> usize {
        1 + self.raw.get(..offset).unwrap_or_default().matches('\n').count()
    }

    /// `file:line`.
    pub(crate) fn place(&self, offset: usize) -> String {
        format!("{}:{}", self.path, self.line(offset))
    }

    /// Lines of production code and its comments.
    pub(crate) fn production_lines(&self) -> usize {
        let lines = |range: &str| range.matches('\n').count();
        let tests = self.tests.iter().filter_map(|part| self.raw.get(part.clone()));
        lines(&self.raw).saturating_sub(tests.map(lines).sum())
    }

    /// Every function with a body, in order; those inside others too.
    pub(crate) fn functions(&self) -> Vec<Function> {
        let starts = words(&self.code, "fn").into_iter();
        starts.filter_map(|at| function_at(&self.code, at)).collect()
    }

    /// Where `name(` stands in the code, not as part of a longer name and not as a definition.
    pub(crate) fn calls(&self, name: &str) -> Vec<usize> {
        let called = |at: &usize| {
            let after = self.code.get(at + name.len()..).unwrap_or_default();
            let before = self.code.get(..*at).unwrap_or_default();
            after.starts_with('(') && !before.trim_end().ends_with("fn")
        };
        words(&self.code, name).into_iter().filter(called).collect()
    }

    /// The modules of this file that exist for tests only, as the paths their files may have.
    fn test_modules(&self) -> Vec<String> {
        let stem = self.path.trim_end_matches(".rs");
        let (folder, name) = stem.rsplit_once('/').unwrap_or(("", stem));
        let home = if matches!(name, "mod" | "lib" | "main") { folder } else { stem };
        let declared = self.tests.iter().filter_map(|part| {
            let (_, module) = self.code.get(part.clone())?.split_once("mod ")?;
            module.trim().strip_suffix(';').map(|module| format!("{home}/{}", module.trim()))
        });
        declared.collect()
    }
}

/// Every Rust file of the repository that git knows or would add.
pub(crate) fn rust_files() -> Result<Vec<Source>> {
    let mut sources = Vec::new();
    for path in files()?.into_iter().filter(|path| path.rsplit('.').next() == Some("rs")) {
        let raw = std::fs::read_to_string(run::root().join(&path));
        sources.push(Source::new(&path, raw.with_context(|| format!("cannot read {path}"))?));
    }
    let modules: BTreeSet<String> = sources.iter().flat_map(Source::test_modules).collect();
    for source in &mut sources {
        let path = source.path.trim_end_matches(".rs");
        let below = |module: &String| {
            path.strip_prefix(module.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        source.is_test |= modules.iter().any(below);
    }
    Ok(sources)
}

/// Every file of the repository that git knows or would add, and that is there.
pub(crate) fn files() -> Result<Vec<String>> {
    let mut git = Command::new("git");
    git.current_dir(run::root());
    git.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
    let listed = run::output(&mut git)?;
    let listed = String::from_utf8(listed).context("a file name that is not UTF-8")?;
    let there = |path: &&str| !path.is_empty() && run::root().join(path).is_file();
    let files: BTreeSet<String> = listed.split('\0').filter(there).map(str::to_owned).collect();
    Ok(files.into_iter().collect())
}

/// Where a word stands in code, not as part of a longer one.
pub(crate) fn words(code: &str, word: &str) -> Vec<usize> {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    let whole = |(at, _): &(usize, &str)| {
        let before = code.get(..*at).and_then(|before| before.chars().next_back());
        let after = code.get(at + word.len()..).and_then(|after| after.chars().next());
        let (first, last) = (word.starts_with(part), word.ends_with(part));
        let begins_inside = first && before.is_some_and(part);
        let ends_inside = last && after.is_some_and(part);
        !begins_inside && !ends_inside
    };
    code.match_indices(word).filter(whole).map(|(at, _)| at).collect()
}

/// From an opening bracket at `open` to behind its closing one, whichever kind it is.
pub(crate) fn bracketed(code: &str, open: usize) -> Option<Range<usize>> {
    let mut depth = 0_usize;
    for (at, byte) in code.bytes().enumerate().skip(open) {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return Some(open..at + 1);
        }
    }
    None
}

/// From `start` to behind the end of an item: its semicolon or its closing brace.
fn item(code: &str, start: usize) -> Option<(Range<usize>, bool)> {
    let mut depth = 0_usize;
    for (at, byte) in code.bytes().enumerate().skip(start) {
        match byte {
            b'(' | b'[' => depth += 1,
            b')' | b']' => depth = depth.saturating_sub(1),
            b';' if depth == 0 => return Some((start..at + 1, false)),
            b'{' if depth == 0 => {
                return bracketed(code, at).map(|body| (start..body.end, true));
            }
            _ => {}
        }
    }
    None
}

fn function_at(code: &str, at: usize) -> Option<Function> {
    let after = code.get(at + 2..)?;
    let named = after.trim_start();
    let name: String = named.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    if name.is_empty() {
        return None;
    }
    let (extent, has_body) = item(code, at)?;
    has_body.then_some(Function { name, extent })
}

fn test_parts(code: &str) -> Vec<Range<usize>> {
    let attributes = ["#[cfg(test)]", "#[cfg(all(test,"].into_iter();
    let starts = attributes.flat_map(|attribute| code.match_indices(attribute));
    starts.filter_map(|(at, _)| item(code, at)).map(|(extent, _)| extent).collect()
}

/// Files that are tests by their place.
fn is_test_path(path: &str) -> bool {
    let file = path.rsplit('/').next().unwrap_or_default();
    path.contains("/tests/")
        || path.starts_with("crates/testkit/")
        || file == "tests.rs"
        || file.ends_with("_tests.rs")
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXAMPLE: &str = r##"
//! fn not_this() { "
fn first(of: [u8; 2]) -> char {
    let brace = '{'; // }
    second("}"); r#"" { "#; b'\''
}
fn declared(); // in a trait
#[cfg(test)]
mod elsewhere;
#[cfg(test)]
mod tests {
    fn second<'a>(_: &'a str) {}
}
fn third() { second("fn x() {") }
"##;

    #[test]
    fn functions_have_their_extent() {
        let source = Source::new("a/src/lib.rs", EXAMPLE.to_owned());
        let lines = |f: &Function| (source.line(f.extent.start), source.line(f.extent.end));
        let found = source.functions();
        let found: Vec<_> = found.iter().map(|f| (f.name.as_str(), lines(f))).collect();
        assert_eq!(found, [("first", (3, 6)), ("second", (12, 12)), ("third", (14, 14))]);
    }

    #[test]
    fn tests_are_told_from_production() {
        let source = Source::new("a/src/lib.rs", EXAMPLE.to_owned());
        let calls = source.calls("second");
        assert_eq!(calls.iter().map(|at| source.line(*at)).collect::<Vec<_>>(), [5, 14]);
        let functions = source.functions();
        let tested: Vec<_> = functions.iter().map(|f| source.in_test(f.extent.start)).collect();
        assert_eq!(tested, [false, true, false]);
        assert_eq!(source.test_modules(), ["a/src/elsewhere"]);
        assert_eq!(source.production_lines(), 14 - 4);
    }
}
