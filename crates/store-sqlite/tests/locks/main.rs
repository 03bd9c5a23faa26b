//! Every order in which a writer and readers can meet at what is kept of the world (RELIABILITY
//! goal 4; issue 4, "What must hold"; ASVS 8.3.2), gone through by loom. The writer's queue has no
//! lock of ours: it is the standard library's, with one thread at its end.
//!
//! `src/world.rs` is compiled here once more, with loom's locks in place of the standard library's.

#![cfg(test)]

mod failure;
mod sync;
#[expect(dead_code, reason = "what is kept is kept as key generations are, and not read here")]
#[path = "../../src/world.rs"]
mod world;

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use glassbreak_core::access::KeyPurpose;
use loom::sync::atomic::{AtomicU64, Ordering};
use loom::thread;
use world::World;

/// How many changes of thread, at moments where none is forced, a schedule may have.
const PREEMPTIONS_MAX: usize = 2;

/// A database with one number in it, and what is kept of that.
#[derive(Default)]
struct Database {
    generation: AtomicU64,
    /// The newest generation whose commit was answered.
    answered: AtomicU64,
    world: World,
}

impl Database {
    /// Reads the number as every call does: kept, or from the database.
    fn read(&self) -> u64 {
        let stamp = self.world.stamp();
        let read = || {
            let generation = self.generation.load(Ordering::SeqCst);
            Ok([(KeyPurpose::Pepper, u32::try_from(generation).unwrap_or(0))].into())
        };
        let keys = self.world.keys(stamp, read).unwrap_or_default();
        keys.get(&KeyPurpose::Pepper).copied().map_or(0, u64::from)
    }

    /// As the writer commits: told of before and after. With `early`, told of it twice before.
    fn commit(&self, generation: u64, early: bool) {
        self.world.count();
        if early {
            self.world.count();
        }
        self.generation.store(generation, Ordering::SeqCst);
        if !early {
            self.world.count();
        }
        self.answered.store(generation, Ordering::SeqCst);
    }

    /// Nobody is given what was over before it asked.
    fn read_current(&self) {
        let answered = self.answered.load(Ordering::SeqCst);
        let read = self.read();
        assert!(read >= answered, "generation {read} was given after {answered} was answered");
    }
}

/// Two readers beside a writer with one commit; each reader asks twice.
fn schedules(early: bool) -> usize {
    let schedules = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&schedules);
    let mut model = loom::model::Builder::new();
    model.preemption_bound = Some(PREEMPTIONS_MAX);
    model.check(move || {
        counted.fetch_add(1, Ordering::Relaxed);
        let database = Arc::new(Database::default());
        let readers = [0, 1].map(|_| {
            let database = Arc::clone(&database);
            thread::spawn(move || {
                database.read_current();
                database.read_current();
            })
        });
        database.commit(1, early);
        for reader in readers {
            assert!(reader.join().is_ok());
        }
        database.read_current();
    });
    schedules.load(Ordering::Relaxed)
}

#[test]
fn goal_4_no_schedule_gives_what_was_over_before_it_was_asked_for() {
    let schedules = schedules(false);
    println!("{schedules} schedules");
    assert!(schedules > 100, "{schedules} schedules are not all there are");
}

#[test]
#[should_panic(expected = "was answered")]
fn goal_4_planted_a_commit_that_is_told_of_too_early_leaves_what_is_over_in_memory() {
    schedules(true);
}
