//! Goal 9: a database that was restored from a backup is found out at its start, however old the
//! backup is: by a file that lies elsewhere, and by a witness.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use glassbreak_testkit::SeededEntropy;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::machine::{Machine, enrol, redeem, told, tree_size, write};
use super::random::{fork, uuid};
use super::run::Run;
use super::witness::Witness;

/// Trials at once.
const WIDTH: usize = 3;
/// How long an anchor may take to hold what the log has.
const FOLLOWS_MAX: Duration = Duration::from_secs(30);

/// What holds the newest checkpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum By {
    File,
    Witness,
}

/// A trial: how many entries the backup is behind, and who knows.
type Trial = (By, usize);

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn goal_9_every_restored_backup_is_found_at_the_start_by_file_and_by_witness() {
    let mut run = Run::begin("restored backups");
    let random = run.random();
    let short = [(By::File, 1), (By::Witness, 1), (By::File, 10), (By::Witness, 100)];
    let (mut found, mut begun) = (BTreeMap::new(), 0);
    let width = Arc::new(Semaphore::new(WIDTH));
    let mut running = JoinSet::new();
    while !run.is_over(begun == short.len()) {
        let trial = if run.is_long() { drawn(&random) } else { short[begun] };
        begun += 1;
        let turn = Arc::clone(&width).acquire_owned().await.unwrap();
        let random = fork(&random);
        running.spawn(async move {
            let accepted = one(trial, &random).await;
            drop(turn);
            (trial, accepted)
        });
        while let Some(done) = running.try_join_next() {
            count(&mut found, done.unwrap());
        }
        run.tell(&figures(&found));
    }
    while let Some(done) = running.join_next().await {
        count(&mut found, done.unwrap());
    }
    run.end(&figures(&found));
    assert_eq!(found.values().sum::<usize>(), begun, "found in every trial");
}

fn drawn(random: &SeededEntropy) -> Trial {
    let by = *random.one_of(&[By::File, By::Witness]).unwrap();
    let back = match random.below(40) {
        0..=15 => 1,
        16..=27 => 10,
        28..=38 => 100,
        _ => 10_000,
    };
    (by, back)
}

fn count(found: &mut BTreeMap<Trial, usize>, (trial, is_found): (Trial, bool)) {
    assert!(is_found, "{trial:?} was not found");
    *found.entry(trial).or_insert(0) += 1;
}

fn figures(found: &BTreeMap<Trial, usize>) -> String {
    let all: usize = found.values().sum();
    let each = found.iter().map(|((by, back), trials)| format!("{by:?} {back}: {trials}"));
    format!("{all} trials, found in each ({})", each.collect::<Vec<_>>().join(", "))
}

/// A code is used after the backup, and then tried on what was restored from it. Whether the server
/// came up sealed.
async fn one((by, back): Trial, random: &SeededEntropy) -> bool {
    let mut machine = Machine::new("");
    // Its first start makes the verifier key, which a witness has to be told.
    let _witness = match by {
        By::File => {
            let folder = machine.path("elsewhere");
            machine.configure(&format!("[anchors.disk]\nkind = \"file\"\nfolder = {folder:?}\n"));
            None
        }
        By::Witness => {
            machine.start();
            machine.stop();
            let vkey = machine.data().join("log.vkey");
            let witness = Witness::start(&machine.path("elsewhere"), &vkey);
            machine.configure(&witness.config());
            Some(witness)
        }
    };
    let mut client = machine.start();
    let codes = enrol(&mut client, "eve").await;
    let kept = machine.back_up("backup.db");
    assert_eq!(redeem(&mut client, uuid(random), "eve", &codes[0]).await, 200);
    let so_far = tree_size(&mut client).await - kept;
    write(&client, "other", back.saturating_sub(usize::try_from(so_far).unwrap())).await;
    let last = tree_size(&mut client).await;
    assert!(last - kept >= back as u64, "{} entries back, and not {back}", last - kept);
    if random.once_in(2) {
        machine.stop();
    } else {
        follows(&machine.path("elsewhere"), last).await;
        machine.kill();
    }
    let restored = machine.restore("backup.db");
    assert!(restored.status.success(), "{}", told(&restored));

    let mut client = machine.start();
    for code in &codes {
        let status = redeem(&mut client, uuid(random), "eve", code).await;
        assert_eq!(status, 401, "{by:?}, {back} entries back: a code of the backup was accepted");
    }
    let is_found = loop {
        let seals = machine.seals();
        // What could have been used is ended by and by; nothing of it is accepted meanwhile.
        if seals.iter().all(|seal| seal["left"] == 0) {
            break seals.len() == 1 && seals[0]["state"] == "in_force";
        }
    };
    let books = machine.close().await;
    assert_eq!(books.count("code.accepted"), 0, "nothing that the backup knows of was accepted");
    assert_eq!((books.placed("used"), books.placed("live")), (0, 0), "burned");
    assert!(books.entries() > kept);
    is_found
}

/// Waits until an anchor below `folder` holds the whole log.
async fn follows(folder: &Path, entries: u64) {
    let (asked, mut again) = (Instant::now(), tokio::time::interval(Duration::from_millis(5)));
    while held(folder).is_none_or(|held| held < entries) {
        assert!(asked.elapsed() < FOLLOWS_MAX, "the anchor does not follow");
        again.tick().await;
    }
}

/// The size of the checkpoint in `folder`, or below it.
fn held(folder: &Path) -> Option<u64> {
    let checkpoint = |folder: &Path| std::fs::read_to_string(folder.join("checkpoint")).ok();
    let size = |note: String| note.lines().nth(1)?.parse().ok();
    checkpoint(folder).and_then(size).or_else(|| {
        let below = std::fs::read_dir(folder).ok()?.filter_map(Result::ok);
        below.filter_map(|entry| held(&entry.path())).max()
    })
}
