//! The queue in front of the threads, and how they wait for it. Apart from what they do, so that
//! every order in which they can meet at it is gone through (`tests/locks`).

use std::collections::VecDeque;

use super::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// A queue of work, of bounded length.
pub(crate) struct Queue<W> {
    state: Mutex<State<W>>,
    changed: Condvar,
    waiting_max: usize,
}

struct State<W> {
    waiting: VecDeque<W>,
    closed: bool,
}

impl<W> Queue<W> {
    /// One in which at most `waiting_max` wait.
    pub(crate) fn new(waiting_max: usize) -> Self {
        let state = State { waiting: VecDeque::new(), closed: false };
        Self { state: Mutex::new(state), changed: Condvar::new(), waiting_max }
    }

    /// Puts work at its end; `false` if it is full.
    pub(crate) fn put(&self, work: W) -> bool {
        {
            let mut state = self.state();
            if state.waiting.len() >= self.waiting_max {
                return false;
            }
            state.waiting.push_back(work);
        }
        self.changed.notify_one();
        true
    }

    /// Nothing more is waited for. What is in it is still given out.
    pub(crate) fn close(&self) {
        self.state().closed = true;
        self.changed.notify_all();
    }

    /// The next work, if there is some.
    pub(crate) fn take(&self) -> Option<W> {
        self.state().waiting.pop_front()
    }

    /// The next work, waited for; none once the queue is closed and empty.
    pub(crate) fn wait(&self) -> Option<W> {
        let mut state = self.state();
        loop {
            match state.waiting.pop_front() {
                Some(work) => return Some(work),
                None if state.closed => return None,
                None => {
                    state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
                }
            }
        }
    }

    /// How much waits.
    pub(crate) fn len(&self) -> usize {
        self.state().waiting.len()
    }

    fn state(&self) -> MutexGuard<'_, State<W>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
