//! Every order in which threads can meet at the engine's own locks (RELIABILITY goal 4; issue 4,
//! "What must hold"), gone through by loom. There is one: the queue in front of the stretching
//! threads. Turns are tokio's locks, and hold nothing that could be in disorder.
//!
//! The queue's own file is compiled here once more, with loom's locks in place of the standard
//! library's: no flag, no feature, and no second queue that could drift from the first.

#![cfg(test)]
#![expect(
    clippy::duplicate_mod,
    reason = "the queue with loom's locks, and with one that is wrong"
)]

mod planted;
mod sound;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use loom::thread;

/// How many changes of thread, at moments where none is forced, a schedule may have.
const PREEMPTIONS_MAX: usize = 3;

/// Goes through the schedules of two workers at one queue: two works are put into it, as far as
/// there is room, and it is closed. Tells how many schedules there were.
macro_rules! two_workers {
    ($queue:ty) => {{
        // The standard library's: loom's own would panic once more while it ends a deadlock.
        let schedules = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&schedules);
        let mut model = loom::model::Builder::new();
        model.preemption_bound = Some(PREEMPTIONS_MAX);
        model.check(move || {
            counted.fetch_add(1, Ordering::Relaxed);
            let queue = Arc::new(<$queue>::new(1));
            let workers = [0, 1].map(|_| {
                let queue = Arc::clone(&queue);
                thread::spawn(move || {
                    let mut done = 0;
                    while queue.take().or_else(|| queue.wait()).is_some() {
                        done += 1;
                    }
                    done
                })
            });
            let put = [(), ()].map(|work| usize::from(queue.put(work)));
            queue.close();
            let done: usize =
                workers.into_iter().map(|worker| worker.join().unwrap_or_default()).sum();
            assert_eq!(queue.len(), 0);
            assert_eq!(done, put.iter().sum::<usize>(), "what was taken in is done, once");
        });
        schedules.load(Ordering::Relaxed)
    }};
}

#[test]
fn goal_4_no_schedule_loses_work_does_it_twice_or_leaves_a_thread_waiting() {
    let schedules = two_workers!(sound::Queue<()>);
    println!("{schedules} schedules");
    assert!(schedules > 100, "{schedules} schedules are not all there are");
}

#[test]
#[should_panic(expected = "deadlock")]
fn goal_4_planted_a_close_that_wakes_one_thread_leaves_the_other_waiting() {
    two_workers!(planted::Queue<()>);
}
