//! RELIABILITY goal 12: whatever is changed in a log, the offline verifier finds it, with nothing
//! but the public key and the last checkpoint.

use std::thread;

use glassbreak_tlog::{SignedCheckpoint, VerifierKey, bundle};

use crate::fixture::{Files, Log, entry, keys, rehash};
use crate::log::{verify_log, verify_under};

const ENTRIES: u64 = 64;

/// The verifier, with nothing known from before. Most of its time goes into the checkpoint's
/// signature; where a change leaves the checkpoint alone, the answer to it is kept.
struct Verifier {
    keys: Vec<VerifierKey>,
    note: Vec<u8>,
    opened: SignedCheckpoint,
}

impl Verifier {
    fn new(log: &Log) -> Self {
        let (keys, note) = (keys(), log.files["checkpoint"].clone());
        let opened = SignedCheckpoint::open(&note, &keys).unwrap();
        Self { keys, note, opened }
    }

    fn finds(&self, files: &Files) -> bool {
        let answer = if files.get("checkpoint") == Some(&self.note) {
            verify_under(self.opened.clone(), files, None, &mut |_, _| ())
        } else {
            verify_log(files, &self.keys, None, &mut |_, _| ())
        };
        answer.is_err()
    }
}

/// Changes the log in each of the ways numbered below `cases`, on every core; all must be found.
fn check_all_found(log: &Log, cases: usize, change: impl Fn(&mut Files, usize) + Sync) {
    let workers = thread::available_parallelism().map_or(1, usize::from);
    let work = |worker: usize| -> Vec<usize> {
        let (verifier, mut files) = (Verifier::new(log), log.files.clone());
        assert!(!verifier.finds(&files), "the log is good before it is changed");
        let mut missed = Vec::new();
        for case in (worker..cases).step_by(workers) {
            change(&mut files, case);
            if !verifier.finds(&files) {
                missed.push(case);
            }
            files.clone_from(&log.files);
        }
        missed
    };
    let work = &work;
    let missed: Vec<usize> = thread::scope(|scope| {
        let start = |worker| scope.spawn(move || work(worker));
        let workers: Vec<_> = (0..workers).map(start).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    });
    assert!(missed.is_empty(), "not found: {missed:?}");
}

fn flip(bytes: &mut [u8], bit: usize) {
    bytes[bit / 8] ^= 1 << (bit % 8);
}

#[test]
fn goal_12_every_flipped_bit_of_every_file_is_found() {
    let log = Log::of_size(ENTRIES);
    let mut flips = 0;
    for (path, bytes) in &log.files {
        let bits = bytes.len() * 8;
        check_all_found(&log, bits, |files, bit| flip(files.get_mut(path).unwrap(), bit));
        flips += bits;
    }
    assert!(flips > 150_000, "only {flips} flips");
}

#[test]
fn goal_12_every_truncation_of_every_file_is_found() {
    let log = Log::of_size(ENTRIES);
    for (path, bytes) in &log.files {
        let cut = |files: &mut Files, length| files.get_mut(path).unwrap().truncate(length);
        check_all_found(&log, bytes.len(), cut);
    }
    let paths: Vec<&String> = log.files.keys().collect();
    let remove = |files: &mut Files, case: usize| assert!(files.remove(paths[case]).is_some());
    check_all_found(&log, paths.len(), remove);
}

/// All ways to delete, repeat, move or insert entries: what the bundle would hold then.
fn rearranged(log: &Log) -> Vec<Vec<Vec<u8>>> {
    let entries: Vec<Vec<u8>> =
        log.entries.iter().map(|entry| entry.clone().into_bytes()).collect();
    let mut cases = Vec::new();
    let mut with = |change: &dyn Fn(&mut Vec<Vec<u8>>)| {
        let mut entries = entries.clone();
        change(&mut entries);
        cases.push(entries);
    };
    for place in 0..entries.len() {
        with(&|entries| drop(entries.remove(place)));
        with(&|entries| entries.truncate(place));
        with(&|entries| entries.insert(place, entries[place].clone()));
        with(&|entries| entries.insert(place, entry(ENTRIES).into_bytes()));
        with(&|entries| entries.insert(place, Vec::new()));
        with(&|entries| entries[place] = entry(ENTRIES).into_bytes());
        for other in place + 1..entries.len() {
            with(&|entries| entries.swap(place, other));
            with(&|entries| entries[place] = entries[other].clone());
            with(&|entries| entries[other] = entries[place].clone());
        }
    }
    with(&|entries| entries.push(entry(ENTRIES).into_bytes()));
    with(&|entries| entries.push(Vec::new()));
    with(&|entries| entries.reverse());
    with(&|entries| entries.rotate_left(1));
    cases
}

#[test]
fn goal_12_every_delete_duplicate_swap_and_insert_is_found() {
    let log = Log::of_size(ENTRIES);
    let path = log.path("tile/entries/");
    let cases = rearranged(&log);
    assert!(cases.len() > 6_000);
    let write = |files: &mut Files, case: usize| {
        let bytes = bundle::encode(cases[case].iter().map(Vec::as_slice)).unwrap_or_default();
        files.insert(path.clone(), bytes);
    };
    check_all_found(&log, cases.len(), write);
    // And again by an intruder who makes the leaf tile fit.
    let write_both = |files: &mut Files, case: usize| {
        write(files, case);
        if !files[&path].is_empty() {
            rehash(files, &path);
        }
    };
    check_all_found(&log, cases.len(), write_both);
}

#[test]
fn goal_12_every_older_log_is_found_by_who_has_seen_the_newer() {
    let newest = Log::of_size(ENTRIES);
    let verifier = Verifier::new(&newest);
    for size in 0..ENTRIES {
        let older = Log::of_size(size);
        let answer = verify_log(&older.files, &keys(), Some(&newest.checkpoint), &mut |_, _| ());
        assert_eq!(answer.unwrap_err().code(), "log_rolled_back", "size {size}");
        let answer = verify_log(&newest.files, &keys(), Some(&older.checkpoint), &mut |_, _| ());
        assert!(answer.is_ok(), "size {size}");
        let mut mixed = newest.files.clone();
        mixed.insert("checkpoint".into(), older.files["checkpoint"].clone());
        if size > 0 {
            assert!(verifier.finds(&mixed), "size {size} with the files of the newest");
        }
    }
}

/// Numbers that look random and are always the same (splitmix64).
fn scattered(case: usize) -> u64 {
    let mut mixed = (case as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

fn flip_2000_bits_in_a_log_of(entries: u64) {
    let log = Log::of_size(entries);
    let total: usize = log.files.values().map(Vec::len).sum();
    let flip_one = |files: &mut Files, case: usize| {
        let mut bit = usize::try_from(scattered(case) % (total as u64 * 8)).unwrap();
        for bytes in files.values_mut() {
            if bit < bytes.len() * 8 {
                return flip(bytes, bit);
            }
            bit -= bytes.len() * 8;
        }
    };
    check_all_found(&log, 2_000, flip_one);
}

#[test]
fn goal_12_two_thousand_flips_in_a_log_of_two_levels_are_found() {
    flip_2000_bits_in_a_log_of(1_000);
}

#[test]
#[ignore = "T2, some minutes: cargo test --release -p glassbreak-verify goal_12 -- --ignored"]
fn goal_12_two_thousand_flips_in_a_log_of_100_000_entries_are_found() {
    flip_2000_bits_in_a_log_of(100_000);
}
