//! Every input in `fuzz/corpus/` goes through its target again. Nothing is lost that fuzzing found,
//! and a stable toolchain is enough.
// It always holds here; it tells clippy that helpers, too, may panic.
#![cfg(test)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use glassbreak_testkit::fuzz::TARGETS;

fn fuzz() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz")
}

/// The names in a folder, without their endings.
fn names(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder);
    let entries = entries.unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let stem = |entry: fs::DirEntry| entry.path().file_stem().map(|s| s.to_string_lossy().into());
    entries.filter_map(|entry| stem(entry.expect("an entry"))).collect()
}

#[test]
fn every_target_has_a_corpus_and_a_file_and_every_corpus_a_target() {
    let targets: BTreeSet<String> = TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(targets.len(), TARGETS.len(), "two targets of one name");
    assert_eq!(names(&fuzz().join("corpus")), targets);
    assert_eq!(names(&fuzz().join("fuzz_targets")), targets);
    let manifest = fs::read_to_string(fuzz().join("Cargo.toml")).expect("fuzz/Cargo.toml");
    for target in &targets {
        let body = fuzz().join("fuzz_targets").join(format!("{target}.rs"));
        let body = fs::read_to_string(body).expect("a target's file");
        assert!(body.contains(&format!("fuzz::{target}(")), "{target} calls another's body");
        assert!(manifest.contains(&format!("name = \"{target}\"")), "{target} is not built");
    }
}

#[test]
fn every_input_of_every_corpus_passes() {
    for (name, body) in TARGETS {
        let folder = fuzz().join("corpus").join(name);
        let mut inputs = 0;
        for entry in fs::read_dir(&folder).expect("a corpus") {
            let path = entry.expect("an entry").path();
            let data = fs::read(&path).expect("an input");
            assert!(data.len() <= 65_536, "{} is too large for a corpus", path.display());
            let passed = std::panic::catch_unwind(|| body(&data));
            assert!(passed.is_ok(), "{} fails", path.display());
            inputs += 1;
        }
        assert!((10..=200).contains(&inputs), "{name} has {inputs} inputs");
    }
}
