//! Good logs of every shape pass; each kind of fault is named as what it is.

use std::fs;

use glassbreak_tlog::{CheckpointError, EMPTY_ROOT, NoteError};

use super::*;
use crate::fixture::{Files, Log, ORIGIN, entry, key, keys, rehash};
use crate::source::{DirSource, SourceError};

fn verify(files: &Files, known: Option<&Checkpoint>) -> Result<LogReport, VerifyError> {
    verify_log(files, &keys(), known, &mut |_, _| ())
}

fn code(files: &Files, known: Option<&Checkpoint>) -> &'static str {
    verify(files, known).map_or_else(|error| error.code(), |_| "good")
}

#[test]
fn good_logs_pass_at_every_kind_of_size() {
    for size in [0, 1, 2, 3, 255, 256, 257, 511, 512, 513, 1000] {
        let log = Log::of_size(size);
        let mut steps = Vec::new();
        let report = verify_log(&log.files, &keys(), Some(&log.checkpoint), &mut |done, total| {
            steps.push((done, total));
        });
        let report = report.unwrap();
        assert_eq!((report.origin(), report.size()), (ORIGIN, size));
        assert_eq!(report.root(), log.checkpoint.root());
        assert_eq!(report.counts.values().sum::<u64>(), size);
        assert_eq!(report.earliest_at, (size > 0).then_some(1_700_000_000_000));
        assert_eq!(steps.len() as u64, size.div_ceil(256));
        assert_eq!(steps.last().copied().unwrap_or((0, 0)), (size, size));
    }
}

#[test]
fn a_tree_of_three_levels_passes() {
    let log = Log::of_size(66_000);
    let report = verify(&log.files, Some(&Log::of_size(300).checkpoint)).unwrap();
    assert_eq!(report.counts["code.redeemed"], 16_500);
    for level in ["tile/1/000", "tile/1/001", "tile/2/"] {
        let mut files = log.files.clone();
        let path = log.path(level);
        files.get_mut(&path).unwrap()[5] ^= 1;
        assert!(matches!(
            verify(&files, None),
            Err(VerifyError::TileHash { path: found, hash: 0 }) if found == path
        ));
    }
}

#[test]
fn a_log_continues_every_earlier_checkpoint_and_no_other() {
    let log = Log::of_size(600);
    for size in [0, 1, 255, 256, 257, 599, 600] {
        let mut entries = log.entries[..size].to_vec();
        let known = Log::new(entries.clone()).checkpoint;
        assert_eq!(code(&log.files, Some(&known)), "good", "size {size}");
        if let Some(last) = entries.last_mut() {
            *last = entry(9999);
            let other = Log::new(entries).checkpoint;
            assert_eq!(code(&log.files, Some(&other)), "log_forked", "size {size}");
        }
    }
    let longer = Log::of_size(601).checkpoint;
    assert_eq!(code(&log.files, Some(&longer)), "log_rolled_back");
    let impossible = Checkpoint::new(ORIGIN, 0, longer.root()).unwrap();
    assert_eq!(code(&log.files, Some(&impossible)), "log_forked");
    let stranger = Checkpoint::new("other.example/log", 1, EMPTY_ROOT).unwrap();
    assert_eq!(code(&log.files, Some(&stranger)), "origin_changed");
}

#[test]
fn a_log_that_grows_while_it_is_read_passes() {
    let (older, newer) = (Log::of_size(300), Log::of_size(520));
    let mut files = newer.files.clone();
    files.insert("checkpoint".into(), older.files["checkpoint"].clone());
    assert_eq!(code(&files, None), "file_missing");
    files.insert(older.path("tile/1/"), older.files[&older.path("tile/1/")].clone());
    assert_eq!(verify(&files, None).unwrap().size(), 300);
    files.get_mut("tile/entries/001").unwrap().push(0);
    assert_eq!(code(&files, None), "bundle_malformed");
}

#[test]
fn every_fault_has_its_name() {
    let log = Log::of_size(300);
    let check = |path: &str, change: &dyn Fn(&mut Files, &str)| {
        let path = log.path(path);
        let mut files = log.files.clone();
        change(&mut files, &path);
        code(&files, None)
    };
    let remove = |files: &mut Files, path: &str| files.remove(path).map_or((), |_| ());
    let cut = |files: &mut Files, path: &str| {
        files.get_mut(path).unwrap().pop();
    };
    let flip = |files: &mut Files, path: &str| files.get_mut(path).unwrap()[40] ^= 1;
    for (start, change, expected) in [
        ("checkpoint", &remove as &dyn Fn(&mut Files, &str), "file_missing"),
        ("tile/0/000", &remove, "file_missing"),
        ("tile/0/001.p/44", &remove, "file_missing"),
        ("tile/1/", &remove, "file_missing"),
        ("tile/entries/000", &remove, "file_missing"),
        ("checkpoint", &cut, "checkpoint_refused"),
        ("tile/0/000", &cut, "tile_length_wrong"),
        ("tile/1/", &cut, "tile_length_wrong"),
        ("tile/entries/000", &cut, "bundle_malformed"),
        ("tile/0/000", &flip, "entry_hash_wrong"),
        ("tile/entries/001", &flip, "entry_hash_wrong"),
    ] {
        assert_eq!(check(start, change), expected, "{start}");
    }
    let lone = Log::of_size(5);
    let mut files = lone.files.clone();
    files.insert(lone.path("tile/entries/"), Log::of_size(4).files["tile/entries/000.p/4"].clone());
    assert_eq!(code(&files, None), "bundle_width_wrong");
    let mut swapped = Log::new((0..5).map(|index| entry(4 - index)).collect()).files;
    rehash(&mut swapped, "tile/entries/000.p/5");
    swapped.insert("checkpoint".into(), lone.files["checkpoint"].clone());
    assert_eq!(code(&swapped, None), "root_wrong");
}

#[test]
fn what_the_log_signed_must_still_be_entries() {
    let with = |change: &dyn Fn(&mut Vec<String>)| {
        let mut entries: Vec<String> = (0..5).map(entry).collect();
        change(&mut entries);
        verify(&Log::new(entries).files, None)
    };
    assert!(matches!(
        with(&|entries| entries[3].push(' ')),
        Err(VerifyError::Entry { index: 3, .. })
    ));
    assert!(matches!(
        with(&|entries| entries[0] = "{}".into()),
        Err(VerifyError::Entry { index: 0, .. })
    ));
    assert!(matches!(
        with(&|entries| entries[4] = entries[1].clone()),
        Err(VerifyError::DuplicateId { index: 4, .. })
    ));
}

#[test]
fn a_checkpoint_of_a_stranger_is_refused() {
    let log = Log::of_size(3);
    let stranger = glassbreak_tlog::SigningKey::from_seed(ORIGIN, &[1; 32]).unwrap();
    let mut files = log.files.clone();
    let note = log.checkpoint.sign(&[&stranger]).unwrap();
    files.insert("checkpoint".into(), note.to_string().into_bytes());
    assert!(matches!(
        verify(&files, None),
        Err(VerifyError::Checkpoint(CheckpointError::Note(NoteError::NotSigned)))
    ));
    let other = glassbreak_tlog::SigningKey::from_seed("other.example", &[1; 32]).unwrap();
    let note = log.checkpoint.sign(&[&other]).unwrap();
    files.insert("checkpoint".into(), note.to_string().into_bytes());
    let known = [key().verifier_key().clone(), other.verifier_key().clone()];
    assert!(matches!(
        verify_log(&files, &known, None, &mut |_, _| ()),
        Err(VerifyError::Checkpoint(CheckpointError::NotByLog { .. }))
    ));
}

#[test]
fn a_copied_directory_verifies() {
    let root = std::env::temp_dir().join(format!("glassbreak-verify-{}", std::process::id()));
    let log = Log::of_size(300);
    for (path, bytes) in &log.files {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    let source = DirSource::new(&root);
    let report = verify_log(&source, &keys(), None, &mut |_, _| ());
    let outside = source.read("../checkpoint");
    let absent = source.read("tile/7/000");
    fs::remove_dir_all(&root).unwrap();
    assert_eq!(report.unwrap().size(), 300);
    assert!(outside.is_err());
    assert_eq!(absent.unwrap(), None);
}

#[test]
fn a_source_that_fails_is_not_a_log_that_lies() {
    struct Broken;
    impl LogSource for Broken {
        fn read(&self, _: &str) -> Result<Option<Vec<u8>>, SourceError> {
            Err(SourceError::new("no route to host"))
        }
    }
    let error = verify_log(&Broken, &keys(), None, &mut |_, _| ()).unwrap_err();
    assert_eq!(error.code(), "source_failed");
    let cause = std::error::Error::source(&error).unwrap();
    assert_eq!(cause.to_string(), "no route to host");
}
