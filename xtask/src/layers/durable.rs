//! Durable steps go through `durably(...)` (`glassbreak_store::step`), or a crash test cannot stop
//! there.
//!
//! The rule is textual. A call that makes something durable must stand inside the parentheses of a
//! `durably(...)`. If it does not, the function around it counts as durable in its place, and every
//! call of that function by name must stand inside one; and so on outwards. A constant that holds
//! SQL with `COMMIT` counts in the same way. A private function is called from its own file; a
//! public one by its name, or by its module and its name if there are several of that name.
//! [`EXCEPTIONS`] is for where that is too hard.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::finding::{Exception, Finding, print_exceptions};
use crate::source::{Source, bracketed, words};

/// Methods and functions that make something durable.
const CALLS: &[&str] =
    &["sync_all", "sync_data", "fs::rename", "rename_noreplace", "wal_checkpoint", ".commit"];

/// Functions that may stay outside.
const EXCEPTIONS: &[Exception] = &[
    Exception {
        path: "crates/cli/src/log_copy.rs",
        what: "write",
        reason: "an auditor's copy of a log: made again if it is lost, and nothing rests on it",
    },
    Exception {
        path: "crates/cli/src/command/inventory/export.rs",
        what: "write",
        reason: "a client's file, under another name until it is whole; asked for again if lost",
    },
    Exception {
        path: "crates/cli/src/command/api_key/create.rs",
        what: "run",
        reason: "a client's file; the server has committed, and a lost key is revoked by its id",
    },
    Exception {
        path: "crates/cli/src/command/operator/sign_in.rs",
        what: "run",
        reason: "a client's file; who loses a token signs in again",
    },
    Exception {
        path: "crates/cli/src/demo/mod.rs",
        what: "configuration",
        reason: "the demo's own file in its temporary directory",
    },
    Exception {
        path: "crates/server/src/backup.rs",
        what: "backup",
        reason: "a command of its own, without a server; a backup that was cut off is made again",
    },
    Exception {
        path: "crates/server/src/backup.rs",
        what: "restore",
        reason: "a command of its own, without a server; until the last rename nothing has changed",
    },
];

/// Something durable: where, and how it is spelled.
struct Durable<'a> {
    source: &'a Source,
    at: usize,
    what: String,
}

/// Checks the production code of the crates that people run.
pub(super) fn check(sources: &[Source], findings: &mut Vec<Finding>) {
    print_exceptions("outside of durably", EXCEPTIONS);
    let sources: Vec<&Source> = sources.iter().filter(|source| holds_in(&source.path)).collect();
    let mut open: Vec<Durable> = sources.iter().flat_map(|source| calls_in(source)).collect();
    let mut known = BTreeSet::new();
    while let Some(durable) = open.pop() {
        if durable.is_inside() || durable.is_excepted() {
            continue;
        }
        let Some(name) = durable.name_around() else {
            findings.push(durable.finding("stands outside of any function"));
            continue;
        };
        if !known.insert((durable.source.path.clone(), name.clone())) {
            continue;
        }
        let Some(uses) = durable.uses_of_function(&sources, &name) else {
            let what =
                format!("stands outside of `durably(...)` in `{name}`, of which there are several");
            findings.push(durable.finding(&what));
            continue;
        };
        if uses.is_empty() {
            let what = "stands outside of `durably(...)`, and nothing calls the function around it";
            findings.push(durable.finding(what));
        }
        open.extend(uses);
    }
}

fn holds_in(path: &str) -> bool {
    let tools = ["crates/testkit/", "crates/bench/"];
    path.starts_with("crates/")
        && !path.contains("/examples/")
        && !tools.iter().any(|tool| path.starts_with(tool))
}

/// Every durable call in production code.
fn calls_in(source: &Source) -> Vec<Durable<'_>> {
    let calls = CALLS.iter().flat_map(|call| {
        let found = words(&source.code, call).into_iter();
        let is_call = |at: &usize| {
            source.code.get(at + call.len()..).is_some_and(|after| after.starts_with('('))
        };
        // The store's own `commit` takes a write; a transaction's takes nothing.
        let is_commit = *call == ".commit";
        let ends = move |at: &usize| {
            source.code.get(at + call.len()..).is_some_and(|after| after.starts_with("()"))
        };
        found.filter(is_call).filter(move |at| !is_commit || ends(at)).map(|at| (at, *call))
    });
    let commits = words(&source.text, "COMMIT").into_iter().filter(|at| is_sql(source, *at));
    let all = calls.chain(commits.map(|at| (at, "COMMIT")));
    let all = all.filter(|(at, _)| !source.in_test(*at));
    all.map(|(at, what)| Durable { source, at, what: what.to_owned() }).collect()
}

/// Whether the word at `at` is a statement in a string: first in it, or before a semicolon.
fn is_sql(source: &Source, at: usize) -> bool {
    let in_string = source.code.get(at..at + 1) == Some(" ");
    let before = source.text.get(..at).unwrap_or_default().trim_end();
    let after = source.text.get(at + "COMMIT".len()..).unwrap_or_default();
    let begins = before.ends_with(['"', ';', '\\']);
    in_string && begins && after.trim_start().starts_with([';', '"'])
}

/// How many functions of a name there are in production code.
fn definitions_of(sources: &[&Source], name: &str) -> usize {
    let defined = |source: &&Source| {
        let named = |at: &usize| {
            let before = source.code.get(..*at).unwrap_or_default().trim_end();
            before.ends_with(" fn") || before.ends_with("\nfn") || before == "fn"
        };
        let found = words(&source.code, name).into_iter().filter(|at| !source.in_test(*at));
        found.filter(named).count()
    };
    sources.iter().map(defined).sum()
}

/// Every mention of a function or constant in production code, but for its definition and imports.
fn uses_of<'a>(source: &'a Source, name: &str) -> Vec<Durable<'a>> {
    let is_use = |at: &usize| {
        let before = source.code.get(..*at).unwrap_or_default();
        let after = source.code.get(at + name.len()..).unwrap_or_default().trim_start();
        let line = before.rsplit('\n').next().unwrap_or_default().trim_start();
        let defined = before.trim_end().ends_with("fn") || before.trim_end().ends_with("const");
        let bound = after.starts_with('=') && !after.starts_with("==");
        let called = after.starts_with(['(', ')', ',']) || is_constant(name);
        let import = line.starts_with("use ") || line.starts_with("pub use ") || in_import(before);
        called && !defined && !bound && !import && !source.in_test(*at)
    };
    let found = words(&source.code, name).into_iter().filter(is_use);
    found.map(|at| Durable { source, at, what: name.to_owned() }).collect()
}

/// Whether the end of this code is inside an import of several lines.
fn in_import(before: &str) -> bool {
    let statement = before.rsplit([';', '}']).next().unwrap_or_default().trim_start();
    statement.starts_with("use ") || statement.starts_with("pub use ")
}

impl Durable<'_> {
    fn is_inside(&self) -> bool {
        spans(self.source).iter().any(|span| span.contains(&self.at))
    }

    fn is_excepted(&self) -> bool {
        let name = self.name_around();
        EXCEPTIONS.iter().any(|e| e.path == self.source.path && Some(e.what) == name.as_deref())
    }

    /// The innermost function around it; the constant whose value it is if there is none.
    fn name_around(&self) -> Option<String> {
        let functions = self.source.functions();
        let around = functions.into_iter().filter(|f| f.extent.contains(&self.at));
        if let Some(function) = around.min_by_key(|f| f.extent.len()) {
            return Some(function.name);
        }
        let before = self.source.code.get(..self.at)?;
        let (left, _) = before.rsplit(';').next()?.rsplit_once('=')?;
        let left = left.split(':').next()?.trim_end();
        let name = left.rsplit(|c: char| !c.is_alphanumeric() && c != '_').next()?;
        is_constant(name).then(|| name.to_owned())
    }

    /// Where the function of that name around it, or the constant, is used; none if it cannot be
    /// told from others.
    fn uses_of_function<'a>(&self, sources: &[&'a Source], name: &str) -> Option<Vec<Durable<'a>>> {
        let here = |use_: &Durable| use_.source.path == self.source.path;
        let all = sources.iter().flat_map(|source| uses_of(source, name));
        if self.is_private(name) {
            return Some(all.filter(here).collect());
        }
        if definitions_of(sources, name) <= 1 {
            return Some(all.collect());
        }
        let stem = self.source.path.rsplit('/').next()?.trim_end_matches(".rs");
        let called = format!("{stem}::");
        let qualified =
            |use_: &Durable| use_.source.code.get(..use_.at).is_some_and(|b| b.ends_with(&called));
        let uses: Vec<_> = all.filter(qualified).collect();
        (!uses.is_empty()).then_some(uses)
    }

    /// Whether the function of that name in this file is private to it.
    fn is_private(&self, name: &str) -> bool {
        let definition = format!("fn {name}");
        words(&self.source.code, &definition).iter().any(|at| {
            let line = self.source.code.get(..*at).unwrap_or_default();
            !line.rsplit('\n').next().unwrap_or_default().contains("pub")
        })
    }

    fn finding(&self, what: &str) -> Finding {
        Finding::new(self.source.place(self.at), format!("`{}` {what}", self.what))
    }
}

/// Whether a name is spelled as constants are.
fn is_constant(name: &str) -> bool {
    let fits = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    !name.is_empty() && name.chars().all(fits)
}

/// What lies inside the parentheses of each `durably(...)`, and of each that is waited for.
fn spans(source: &Source) -> Vec<Range<usize>> {
    let spans = |name: &'static str| {
        let calls = source.calls(name).into_iter();
        calls.filter_map(move |at| bracketed(&source.code, at + name.len()))
    };
    ["durably", "durably_later"].into_iter().flat_map(spans).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(files: &[(&str, &str)]) -> Vec<String> {
        let sources = files.iter().map(|(path, text)| Source::new(path, (*text).to_owned()));
        let mut findings = Vec::new();
        check(&sources.collect::<Vec<_>>(), &mut findings);
        findings.iter().map(ToString::to_string).collect()
    }

    const HELPER: &str = "/// sync_all\npub fn keep(f: &File) {\n    f.sync_all()\n}\n";

    #[test]
    fn what_goes_through_durably_passes() {
        let direct = "fn a() { durably(Step::A, || { file.sync_all() }) }";
        assert!(found(&[("crates/a/src/a.rs", direct)]).is_empty());
        let caller = "use a::keep;\nfn b() { durably(Step::A, || keep(&file)) }";
        let files = [("crates/a/src/a.rs", HELPER), ("crates/b/src/b.rs", caller)];
        assert!(found(&files).is_empty());
        let twice = "fn keep_two() { keep(a); keep(b) }\nfn c() { durably(S, || keep_two()) }";
        let files = [("crates/a/src/a.rs", HELPER), ("crates/b/src/b.rs", twice)];
        assert!(found(&files).is_empty());
        let private = "fn all() { durably(S, || run(db)) }\nfn run(db: Db) { db.commit() }";
        let other = "fn run(db: Db) {}\nfn main() { run(db) }";
        let files = [("crates/a/src/a.rs", private), ("crates/b/src/b.rs", other)];
        assert!(found(&files).is_empty());
        let later = "fn a() { durably_later(Step::A, async { file.sync_all() }).await }";
        assert!(found(&[("crates/a/src/a.rs", later)]).is_empty());
        let sql = "statements! {\n    BEGIN = \"BEGIN\";\n    COMMIT = \"COMMIT\";\n}\n";
        let writer = "fn w() { durably(S, || run(sql::COMMIT)) }";
        let files = [("crates/s/src/sql.rs", sql), ("crates/s/src/w.rs", writer)];
        assert!(found(&files).is_empty());
    }

    #[test]
    fn what_goes_around_it_is_found() {
        let unused = found(&[("crates/a/src/a.rs", HELPER)]);
        assert_eq!(unused.len(), 1, "{unused:?}");
        assert!(unused[0].starts_with("crates/a/src/a.rs:3: `sync_all`"), "{unused:?}");
        let good = "fn b() { durably(Step::A, || keep(&file)) }";
        let bad = "fn main() {\n    keep(&file)\n}";
        let files = [
            ("crates/a/src/a.rs", HELPER),
            ("crates/b/src/b.rs", good),
            ("crates/c/src/c.rs", bad),
        ];
        let around = found(&files);
        assert_eq!(around.len(), 1, "{around:?}");
        assert!(around[0].starts_with("crates/c/src/c.rs:2: `keep`"), "{around:?}");
        let sql = "const COMMIT: &str = \"COMMIT\";\nfn main() { run(COMMIT) }";
        assert_eq!(found(&[("crates/s/src/sql.rs", sql)]).len(), 1);
        let inline = "fn main() {\n    db.execute_batch(\"BEGIN; x; COMMIT;\")\n}";
        assert_eq!(found(&[("crates/s/src/m.rs", inline)]).len(), 1);
        let namesakes = "impl A { pub fn new() { f.sync_all() } }\nimpl B { pub fn new() {} }";
        assert!(found(&[("crates/a/src/a.rs", namesakes)])[0].contains("there are several"));
        let transaction = "fn main() {\n    transaction.commit()\n}";
        assert_eq!(found(&[("crates/s/src/m.rs", transaction)]).len(), 1);
    }
}
