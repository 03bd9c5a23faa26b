//! The faults do what they say, and nothing else.

use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use glassbreak_core::code::{Entropy, EntropyFailed};
use glassbreak_core::event::Actor;
use glassbreak_core::operation::rotate_key;
use glassbreak_core::snapshot::{Snapshot, SnapshotQuery};
use glassbreak_core::stage::{Call, Decided, SealedWrite};

use super::{Calls, Fault, MemoryStore, Plan};
use crate::{Answer, Committed, Store, StoreError};

struct Counter(u8);

impl Entropy for Counter {
    fn fill(&mut self, buf: &mut [u8]) -> Result<(), EntropyFailed> {
        self.0 += 1;
        buf.fill(self.0);
        Ok(())
    }
}

/// The answer, which is there at once.
fn now<T>(answer: Answer<'_, T>) -> Result<T, StoreError> {
    match pin!(answer).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(answer) => answer,
        Poll::Pending => panic!("a store in memory never waits"),
    }
}

fn rotation(snapshot: &Snapshot, entropy: u8) -> SealedWrite {
    let mut entropy = Counter(entropy);
    let at = glassbreak_core::time::Timestamp::from_millis(1);
    let mut call = Call { now: at, actor: Actor::System, request: None, entropy: &mut entropy };
    let purpose = glassbreak_core::access::KeyPurpose::Pepper;
    match rotate_key::decide(snapshot, purpose, &mut call).unwrap() {
        Decided::Write(decision) => decision.split().0.seal().unwrap(),
        Decided::Refuse(_) | Decided::Already(_) => panic!("a rotation writes"),
    }
}

fn committed(store: &MemoryStore) -> u64 {
    now(store.committed()).unwrap().0
}

#[test]
fn each_fault_fails_the_nth_commit_in_its_own_way() {
    for fault in Fault::ALL {
        let store = MemoryStore::new();
        let faults = store.faults();
        faults.fail(Calls::Commits, 2, fault);
        let write =
            |entropy| rotation(&now(store.load(&SnapshotQuery::default())).unwrap(), entropy);
        assert!(matches!(now(store.commit(write(1))), Ok(Committed::Done(_))));
        let persisted = match (fault, now(store.commit(write(2)))) {
            (Fault::UnknownPersisted, Err(StoreError::Unknown(_))) => 1,
            (Fault::Unavailable, Err(StoreError::Unavailable(_)))
            | (Fault::UnknownLost, Err(StoreError::Unknown(_)))
            | (Fault::Conflict, Ok(Committed::Conflict)) => 0,
            (fault, answer) => panic!("{fault:?} gave {answer:?}"),
        };
        assert_eq!(committed(&store), 1 + persisted);
        assert!(matches!(now(store.commit(write(3))), Ok(Committed::Done(_))), "once only");
        assert!(faults.disarm(), "it came");
        assert!(!faults.disarm(), "and is gone");
    }
}

#[test]
fn a_loop_over_the_nth_call_ends_when_none_is_left_to_fail() {
    let mut failed = 0;
    for nth in 1.. {
        let store: Arc<MemoryStore> = Arc::default();
        let faults = store.faults();
        faults.fail(Calls::Any, nth, Fault::Unavailable);
        let run = || {
            let snapshot = now(store.load(&SnapshotQuery::default()))?;
            now(store.commit(rotation(&snapshot, 1)))?;
            now(store.dump())
        };
        let ended = run();
        if !faults.disarm() {
            assert!(ended.is_ok());
            break;
        }
        assert!(matches!(ended, Err(StoreError::Unavailable(_))));
        failed += 1;
    }
    assert_eq!(failed, 3, "load, commit and dump");
}

#[test]
fn a_database_may_be_gone_for_good() {
    let store = MemoryStore::new();
    let faults = store.faults();
    faults.arm(Plan { calls: Calls::Any, nth: 1, times: u64::MAX, fault: Fault::Conflict });
    for _ in 0..10 {
        assert!(now(store.committed()).is_err(), "a read has no conflicts");
        let write = rotation(&Snapshot::empty(glassbreak_core::id::SubjectId::WORLD), 1);
        assert!(matches!(now(store.commit(write)), Ok(Committed::Conflict)));
    }
    faults.disarm();
    assert_eq!(committed(&store), 0);
}

#[test]
fn nothing_is_done_before_the_answer_is_asked_for() {
    let store = MemoryStore::new();
    drop(store.commit(rotation(&Snapshot::empty(glassbreak_core::id::SubjectId::WORLD), 1)));
    assert_eq!(committed(&store), 0);
}
