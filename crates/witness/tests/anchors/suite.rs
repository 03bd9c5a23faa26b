//! What every form of an anchor holds to.

use glassbreak_tlog::anchor::{Anchor, Answer};

use crate::Place;
use crate::history::{ENTRIES, History};

fn keeps(answer: &Answer) -> bool {
    matches!(answer, Answer::Keeps { .. })
}

/// The size that it says it keeps.
fn kept(answer: &Answer) -> u64 {
    match answer {
        Answer::KeepsAnother(kept) => kept.size,
        Answer::Says { size } => *size,
        other @ Answer::Keeps { .. } => panic!("it keeps another, and answered {other:?}"),
    }
}

fn offer(anchor: &dyn Anchor, log: &History, size: u64, from: Option<u64>) -> Answer {
    anchor.offer(&log.offer(size, from)).expect("it can be reached")
}

pub(crate) fn goes_forward_and_never_back(place: &mut dyn Place) {
    let log = History::new(b'a');
    let anchor = place.anchor();
    let first = offer(anchor.as_ref(), &log, 3, None);
    assert!(matches!(first, Answer::Keeps { first: true, .. }), "{first:?}");
    assert!(keeps(&offer(anchor.as_ref(), &log, 300, Some(3))), "it continues");
    assert!(keeps(&offer(anchor.as_ref(), &log, 300, Some(300))), "the same again");

    place.restart();
    // A server that starts does not know what is kept, and is told.
    let anchor = place.anchor();
    assert_eq!(kept(&offer(anchor.as_ref(), &log, ENTRIES, None)), 300);
    let next = offer(anchor.as_ref(), &log, ENTRIES, Some(300));
    assert!(matches!(next, Answer::Keeps { first: false, .. }), "{next:?}");

    // The database was restored from a backup.
    for behind in [1, 3, 299, 300, ENTRIES - 1] {
        let answer = offer(anchor.as_ref(), &log, behind, None);
        assert_eq!(kept(&answer), ENTRIES, "a log of {behind} entries is behind");
        assert!(matches!(answer, Answer::KeepsAnother(_)), "and is shown what was signed");
        if behind > 1 {
            let answer = offer(anchor.as_ref(), &log, behind, Some(1));
            assert_eq!(kept(&answer), ENTRIES, "and says so whatever it believes");
        }
    }
    assert!(keeps(&offer(anchor.as_ref(), &log, ENTRIES, Some(ENTRIES))), "nothing has changed");
}

pub(crate) fn finds_another_history(place: &mut dyn Place) {
    let (log, other) = (History::new(b'a'), History::new(b'b'));
    let anchor = place.anchor();
    assert!(keeps(&offer(anchor.as_ref(), &log, 300, None)), "the first is kept");
    let same_size = offer(anchor.as_ref(), &other, 300, Some(300));
    let longer = offer(anchor.as_ref(), &other, ENTRIES, Some(300));
    for answer in [same_size, longer] {
        let root = log.offer(300, None).head.checkpoint().root();
        let found =
            matches!(&answer, Answer::KeepsAnother(kept) if (kept.size, kept.root) == (300, root));
        assert!(found, "{answer:?}");
    }
    assert!(keeps(&offer(anchor.as_ref(), &log, ENTRIES, Some(300))), "it kept the first");
}

/// Each of several servers offers each size in its own order, from what it is told is kept.
pub(crate) fn race(place: &(impl Place + Sync)) {
    const SERVERS: u64 = 4;
    std::thread::scope(|scope| {
        for server in 0..SERVERS {
            scope.spawn(move || {
                let log = History::new(b'a');
                let anchor = place.anchor();
                let (mut known, mut newest) = (None, 0);
                for size in (1 + server..=24).step_by(2) {
                    // At most as often as the others can have been faster.
                    for _ in 0..200 {
                        let from = known.filter(|known| *known <= size);
                        let answer = anchor.offer(&log.offer(size, from)).expect("an answer");
                        let kept = if keeps(&answer) { size } else { self::kept(&answer) };
                        assert!(kept >= newest, "it kept {newest} before, and now {kept}");
                        (known, newest) = (Some(kept), kept);
                        if kept >= size {
                            break;
                        }
                    }
                    assert!(newest >= size, "it had 200 turns to keep {size}");
                }
            });
        }
    });
}
