//! Entries of every kind, and golden files.

use std::fs;
use std::path::Path;

use glassbreak_core::event::Entry;
use glassbreak_signals::export::Origin;
use glassbreak_signals::export::ocsf::Event;

pub(crate) fn origin() -> Origin {
    Origin {
        version: "0.1.0".to_owned(),
        installation: "glassbreak.example.com".to_owned(),
        log: "glassbreak.example.com/log".to_owned(),
    }
}

/// One entry of every kind. The first has the index 100.
pub(crate) fn entries() -> Vec<(u64, Entry)> {
    let lines = include_str!("entries.jsonl").lines();
    let entries = lines.map(|line| Entry::from_bytes(line.as_bytes()).expect(line));
    (100..).zip(entries).collect()
}

/// The entry of that name.
pub(crate) fn entry(name: &str) -> Entry {
    let mut found = entries().into_iter().filter(|(_, entry)| entry.happened.name() == name);
    found.next().expect(name).1
}

pub(crate) fn event(entry: &Entry, index: u64) -> Event<'_> {
    Event::of(entry, index, &origin()).unwrap()
}

/// One line for each entry.
pub(crate) fn lines(write: impl Fn(&Entry, &Event<'_>) -> String) -> String {
    let lines = entries();
    lines.iter().map(|(index, entry)| write(entry, &event(entry, *index)) + "\n").collect()
}

pub(crate) fn is_writing() -> bool {
    std::env::var_os("GLASSBREAK_GOLDEN").is_some_and(|mode| mode == "write")
}

/// Compares with a golden file, or writes it.
#[track_caller]
pub(crate) fn golden(name: &str, found: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/export/golden").join(name);
    if is_writing() {
        fs::write(&file, found).unwrap();
    }
    let expected = fs::read_to_string(&file).unwrap_or_default();
    let first = expected.lines().zip(found.lines()).find(|(a, b)| a != b);
    assert!(
        expected == found,
        "golden/{name} differs: write it anew with GLASSBREAK_GOLDEN=write if that is meant\n\
         {first:#?}"
    );
}
