//! `glassbreak backup` and `glassbreak restore`: a backup under load is whole, and a restore that
//! cannot be right changes nothing.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use glassbreak_testkit::http::Client;
use tokio::task::JoinSet;

use super::books::{Books, replayed};
use super::machine::{Machine, enrol, redeem, told, write};
use super::random::uuid;
use super::run::Run;

/// Clients that go on while backups are taken.
const CLIENTS: usize = 6;
/// Backups that are taken meanwhile.
const BACKUPS: usize = 4;

/// Each backup holds everything that was acknowledged before it began; and each is a log of its
/// own that is what its tables say.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_backup_under_load_holds_all_that_was_acknowledged_before() {
    let run = Run::begin("backups under load");
    let random = run.random();
    let mut machine = Machine::new("");
    let client = machine.start();
    let is_over = Arc::new(AtomicBool::new(false));
    let mut load = JoinSet::new();
    for number in 0..CLIENTS {
        load.spawn(go_on(number, client.another(), Arc::clone(&is_over)));
    }
    let mut client = client.another();
    let mut backups = Vec::new();
    for number in 0..BACKUPS {
        let subject = format!("eve-{number}");
        let codes = enrol(&mut client, &subject).await;
        assert_eq!(redeem(&mut client, uuid(&random), &subject, &codes[0]).await, 200);
        let name = format!("backup-{number}.db");
        backups.push((machine.back_up(&name), name));
    }
    is_over.store(true, Ordering::SeqCst);
    load.join_all().await;
    let taken = machine.run(&["backup", "--to", machine.path("backup-0.db").to_str().unwrap()]);
    assert!(!taken.status.success(), "a backup was written over: {}", told(&taken));
    let all = machine.close().await.entries();

    for (number, (entries, name)) in backups.iter().enumerate() {
        assert!(*entries < all, "{name} is of later");
        let restored = machine.restore(name);
        assert!(restored.status.success(), "{name}: {}", told(&restored));
        let books = Books {
            verified: serde_json::json!({"size": entries}),
            replayed: replayed(&machine.data(), None),
        };
        assert_eq!(books.replayed["entries"], books.entries(), "{name}");
        assert!(books.placed("used") > number as u64, "{name}: an acceptance is missing");
    }
    // It goes on from there, without an anchor, as if nothing had been.
    machine.start();
    assert_eq!(machine.seals().len(), 0);
    machine.close().await;
}

/// Enrols one subject after the other, until told.
async fn go_on(number: usize, mut client: Client, is_over: Arc<AtomicBool>) {
    for subject in 0.. {
        if is_over.load(Ordering::SeqCst) {
            return;
        }
        enrol(&mut client, &format!("load-{number}-{subject}")).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restore_is_refused_while_a_server_runs() {
    let mut machine = Machine::new("");
    let mut client = machine.start();
    machine.back_up("backup.db");
    let codes = enrol(&mut client, "eve").await;
    let refused = machine.restore("backup.db");
    assert!(!refused.status.success(), "{}", told(&refused));
    assert!(told(&refused).contains("another Glassbreak process"), "{}", told(&refused));
    // The server has not noticed, and what came after the backup is there.
    let id = uuid(&glassbreak_testkit::seed().entropy());
    assert_eq!(redeem(&mut client, id, "eve", &codes[0]).await, 200);
    assert_eq!(machine.close().await.placed("used"), 1);
    assert_eq!(aside(&machine), [] as [PathBuf; 0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_there_is_put_aside_and_can_be_put_back() {
    let mut machine = Machine::new("");
    let client = machine.start();
    let before = machine.back_up("backup.db");
    write(&client, "later", 40).await;
    let all = machine.close().await.entries();
    for times in 1..=2 {
        let restored = machine.restore("backup.db");
        assert!(restored.status.success(), "{}", told(&restored));
        assert_eq!(replayed(&machine.data(), None)["entries"], before);
        assert_eq!(aside(&machine).len(), times, "one more");
    }
    let first = aside(&machine).remove(0);
    let back = machine.ask(&["restore", "--from", first.to_str().unwrap()]);
    assert_eq!(back["entries"], all, "nothing is lost by a restore");
}

/// The databases that were put aside, the first one first.
fn aside(machine: &Machine) -> Vec<PathBuf> {
    let all = files(&machine.data()).into_keys();
    all.filter(|path| path.to_string_lossy().contains("before-restore")).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_damaged_backup_is_refused_and_nothing_changes() {
    let mut machine = Machine::new("");
    let client = machine.start();
    write(&client, "one", 60).await;
    machine.back_up("backup.db");
    machine.close().await;
    let good = std::fs::read(machine.path("backup.db")).unwrap();
    let before = files(&machine.data());
    let cut = good[..good.len() / 2].to_vec();
    let mut torn = good.clone();
    torn[4096..].chunks_mut(4096).for_each(|page| page[..64].fill(0xA5));
    for (what, bytes) in [("cut", cut), ("torn", torn), ("empty", Vec::new())] {
        std::fs::write(machine.path("damaged.db"), bytes).unwrap();
        refused(&machine, "damaged.db", what, &before);
    }
    refused(&machine, "never-made.db", "not there", &before);
    // Good pages, and a row that its log does not know.
    std::fs::write(machine.path("edited.db"), &good).unwrap();
    let edited = rusqlite::Connection::open(machine.path("edited.db")).unwrap();
    let changed = edited
        .execute("UPDATE aggregates SET tier = 'service' WHERE tier IS NOT NULL", ())
        .unwrap();
    assert!(changed > 0);
    drop(edited);
    refused(&machine, "edited.db", "edited", &before);
    let restored = machine.restore("backup.db");
    assert!(restored.status.success(), "the good one: {}", told(&restored));
}

#[track_caller]
fn refused(machine: &Machine, name: &str, what: &str, before: &BTreeMap<PathBuf, Vec<u8>>) {
    let refused = machine.restore(name);
    assert!(!refused.status.success(), "{what}: {}", told(&refused));
    assert!(&files(&machine.data()) == before, "{what}: something has changed");
}

/// Every file of a directory, with what is in it. Locks are empty, and stay.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let all = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    all.map(|path| (path.clone(), std::fs::read(path).unwrap())).collect()
}

/// G2: with an anchor, what is restored comes up sealed, and the program says why.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_an_anchor_a_restored_database_comes_up_sealed() {
    let mut machine = Machine::new("");
    let folder = machine.path("other-disk");
    machine.configure(&format!("[anchors.disk]\nkind = \"file\"\nfolder = {folder:?}\n"));
    let mut client = machine.start();
    let codes = enrol(&mut client, "eve").await;
    assert_eq!(machine.seals().len(), 0);
    machine.back_up("backup.db");
    write(&client, "later", 20).await;
    machine.close().await;
    assert!(machine.restore("backup.db").status.success());
    let mut client = machine.start();
    let [seal] = &machine.seals()[..] else { panic!("not sealed") };
    assert_eq!((&seal["state"], &seal["scope"]), (&"in_force".into(), &"all".into()));
    let id = uuid(&glassbreak_testkit::seed().entropy());
    assert_eq!(redeem(&mut client, id, "eve", &codes[0]).await, 401);
    let seal = seal["containment_id"].as_str().unwrap();
    let lifted = machine.run(&["containment", "lift", seal]);
    assert_eq!(lifted.status.code(), Some(3), "nobody has signed: {}", told(&lifted));
    machine.close().await;
}
