//! Anchors: the newest checkpoint also lies outside the database, and a database that is behind it
//! was restored from an old backup (DESIGN section 6).
//!
//! At the start, before anything is served, every anchor is offered the log's head. A database that
//! is behind one, or has another history than it, is sealed: recovery is contained for everyone
//! with the reason `restored`, by which every code that could have been used in the gap is burned,
//! and two people have to open it. The log goes on under another name, because under the old one
//! another history was signed. Afterwards the anchors follow each new head, and what witnesses sign
//! of it is published with it.
//!
//! A checkpoint that the log itself has signed seals it, and nothing less. What an anchor only says
//! counts as no answer.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use glassbreak_core::containment::{
    Anchored, ContainmentReason, ContainmentScope, ContainmentTerms,
};
use glassbreak_core::digest::Digest;
use glassbreak_core::id::ContainmentId;
use glassbreak_core::operation::begin_containment::{self, BeginContainment};
use glassbreak_store::{Integration, LogHead};
use glassbreak_tlog::anchor::{Anchor, Answer, Continued, Kept, Offer};
use glassbreak_tlog::{Hash, Note, Signature, SignedCheckpoint, VerifierKey, prove};
use tokio::sync::watch;

use crate::caller::Caller;
use crate::engine::{Parts, all_log_keys};
use crate::error::Error;
use crate::operation::{Plain, of_containments};
use crate::sequencer::settled_head;
use crate::{pipeline, sequencer};

/// How many rotations of the log's key a backup may be behind: what the anchor keeps was signed by
/// one that this database does not know of.
const ROTATIONS_AHEAD: u32 = 64;

/// How often a node that starts looks for the first checkpoint of a log that another one makes.
const FIRST_HEAD_LOOKS: u32 = 50;
const FIRST_HEAD_EVERY: Duration = Duration::from_millis(200);

/// How often an anchor that gave no answer is asked again.
const ASK_AGAIN: Duration = Duration::from_secs(5);

/// How often an offer is made anew: what is kept may grow meanwhile, by another node.
const ATTEMPTS_MAX: usize = 8;

/// What an anchor's answers come to.
enum Found {
    /// It keeps the head, which has what it signed, if it is a witness, published with it.
    Keeps { first: bool },
    /// It keeps what this database does not have, and the log signed it.
    Lost(Lost),
}

/// What a database has lost.
struct Lost {
    anchored: Anchored,
    /// The name that the log had when it was compared.
    origin: String,
}

/// What became of a seal.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sealed {
    /// The log goes on under another name than was compared.
    Done,
    /// It was sealed under the very name that was compared, and still is. The next lifting ends
    /// what there is; then it is sealed anew.
    Before,
}

/// Compares the database with every anchor, and seals it if it is behind one.
///
/// # Errors
/// [`Error::Anchor`] if one gives no answer, or says that something was lost and does not prove it:
/// nobody can say then whether the database was restored.
pub(crate) async fn check(parts: &Parts) -> Result<(), Error> {
    for _ in 0..FIRST_HEAD_LOOKS {
        sequencer::catch_up(parts, &mut None).await?;
        if parts.store.log_head().await?.is_some() {
            break;
        }
        // Another node has just made the log, and is about to sign its first checkpoint.
        tokio::time::sleep(FIRST_HEAD_EVERY).await;
    }
    let mut lost = None;
    for anchor in &parts.anchors {
        match compare(parts, anchor, ROTATIONS_AHEAD).await? {
            Found::Keeps { first } => {
                let entries = parts.store.log_head().await?.map_or(0, |head| head.size);
                if first && entries > FIRST_ENTRIES {
                    tracing::warn!(
                        anchor = anchor.name(),
                        entries,
                        "it had nothing of this log: only from now on can it tell whether the \
                         database was restored"
                    );
                }
            }
            Found::Lost(found) => lost = Some(most(lost, found)),
        }
    }
    if let Some(lost) = lost {
        // Where it was sealed before, it is safe to start, and people have to lift that first.
        seal(parts, lost).await?;
    }
    Ok(())
}

fn most(known: Option<Lost>, other: Lost) -> Lost {
    known.filter(|known| known.anchored.size >= other.anchored.size).unwrap_or(other)
}

/// The entries that a first start makes: with more, an anchor could have known the log.
const FIRST_ENTRIES: u64 = 8;

/// Follows the log's head until `stopped`; the one that the sequencer ends with is offered by
/// whoever stops both.
pub(crate) async fn run(parts: Arc<Parts>, mut stopped: watch::Receiver<bool>) {
    let mut head = parts.head.subscribe();
    loop {
        let behind = parts.unanchored_since.borrow().is_some();
        tokio::select! {
            biased;
            _ = head.changed() => {}
            () = tokio::time::sleep(ASK_AGAIN), if behind => {}
            _ = stopped.changed() => return,
        }
        follow(&parts).await;
    }
}

/// Offers the head to every anchor, where this node is the one to do it. An anchor that gives no
/// answer is behind until the next time; the log does not wait for it.
pub(crate) async fn follow(parts: &Parts) {
    // One node does it: two would only be in each other's way.
    if !matches!(parts.store.leads().await, Ok(true)) {
        return;
    }
    let (mut lost, mut all_keep) = (None, true);
    for anchor in &parts.anchors {
        match compare(parts, anchor, 0).await {
            Ok(Found::Keeps { .. }) => {}
            Ok(Found::Lost(found)) => lost = Some(most(lost, found)),
            Err(error) => {
                all_keep = false;
                let anchor = anchor.name();
                tracing::warn!(anchor, %error, "the newest checkpoint is not kept there");
            }
        }
    }
    // A failover to a standby that lacked what was acknowledged is a restore too. Until it is
    // sealed, the anchor is behind, and so this is done again.
    if let Some(lost) = lost {
        match seal(parts, lost).await {
            Ok(sealed) => all_keep &= sealed == Sealed::Done,
            Err(error) => {
                all_keep = false;
                tracing::error!(%error, "recovery could not be contained");
            }
        }
    }
    parts.unanchored_since.send_if_modified(|since| {
        let before = *since;
        *since = (!all_keep).then(|| before.unwrap_or_else(|| parts.clock.now()));
        before != *since
    });
}

/// Offers the head to an anchor; where it was found to be behind, once more. The first look may
/// have been at a server that is no longer the database's primary: what settles is what commits,
/// and the store looks at no other from then on.
async fn compare(parts: &Parts, anchor: &Arc<dyn Anchor>, ahead: u32) -> Result<Found, Error> {
    let found = offer(parts, anchor, ahead).await?;
    if matches!(found, Found::Keeps { .. }) {
        return Ok(found);
    }
    parts.store.settled().await?;
    offer(parts, anchor, ahead).await
}

/// What is known of an anchor when it is asked again.
struct Known {
    size: u64,
    /// The root, where the anchor has shown that the log signed it.
    root: Option<Hash>,
    /// The name of the log that it was asked about.
    origin: String,
}

impl Known {
    /// What the database has lost, if that is proven.
    fn lost(&self) -> Option<Lost> {
        let root = Some(Digest(*self.root?.as_bytes()));
        let anchored = Anchored { size: self.size, root };
        Some(Lost { anchored, origin: self.origin.clone() })
    }
}

/// Offers the head to an anchor, from what it says it keeps.
async fn offer(parts: &Parts, anchor: &Arc<dyn Anchor>, ahead: u32) -> Result<Found, Error> {
    let failed = |error: &dyn std::fmt::Display| Error::Anchor {
        anchor: anchor.name().to_owned(),
        what: error.to_string(),
    };
    let mut known: Option<Known> = None;
    for _ in 0..ATTEMPTS_MAX {
        // Read after the answer that it is compared with: another node may have brought both on.
        let Some(head) = settled_head(parts).await? else {
            return Err(failed(&"the log has no checkpoint yet"));
        };
        let from = match &known {
            None => None,
            Some(kept) if kept.size > head.size => {
                let lost = kept.lost().ok_or_else(|| failed(&"its larger tree is not proven"))?;
                return Ok(Found::Lost(lost));
            }
            Some(kept) => {
                let continued = continued(parts, kept.size, &head).await?;
                if let (Some(root), Some(lost)) = (kept.root, kept.lost())
                    && root != continued.root
                {
                    return Ok(Found::Lost(lost));
                }
                Some(continued)
            }
        };
        let keys = all_log_keys(parts, ahead).await?;
        let signed = by_log(&head, &keys)?;
        let newest = keys.first().map(VerifierKey::name);
        if newest != Some(signed.checkpoint().origin()) {
            // It is sealed already; the next head has the name that goes on.
            return Ok(Found::Keeps { first: false });
        }
        let origin = signed.checkpoint().origin().to_owned();
        let offer = Offer { head: signed, keys, from };
        let asked = Arc::clone(anchor);
        let answer = tokio::task::spawn_blocking(move || asked.offer(&offer)).await;
        let answer = answer.map_err(|_| failed(&"it was not asked to the end"))?;
        match answer.map_err(|error| failed(&spelled(error.as_ref())))? {
            Answer::Keeps { first, cosignatures } => {
                publish(parts, &head, cosignatures).await?;
                return Ok(Found::Keeps { first });
            }
            Answer::KeepsAnother(Kept { size, root }) => {
                known = Some(Known { size, root: Some(root), origin });
            }
            Answer::Says { size } => known = Some(Known { size, root: None, origin }),
        }
    }
    Err(failed(&"it never stood still"))
}

/// An error with what caused it, in one line.
fn spelled(error: &(dyn std::error::Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

/// The head as the log signed it: a witness is not shown what others have signed.
fn by_log(head: &LogHead, keys: &[VerifierKey]) -> Result<SignedCheckpoint, Error> {
    let broken = |error: &dyn std::fmt::Display| Error::Log(error.to_string());
    let note = Note::parse(head.checkpoint.as_bytes()).map_err(|error| broken(&error))?;
    let note = note.only_by(keys).map_err(|error| broken(&error))?.to_string();
    SignedCheckpoint::open(note.as_bytes(), keys).map_err(|error| broken(&error))
}

/// Publishes what a witness signed: its lines go below the log's own in the checkpoint that
/// everybody reads (C2SP tlog-witness). Where the log has grown meanwhile they are not: the next
/// head is on its way to the witness.
async fn publish(parts: &Parts, head: &LogHead, lines: Vec<Signature>) -> Result<(), Error> {
    if lines.is_empty() {
        return Ok(());
    }
    let broken = |error: &dyn std::fmt::Display| Error::Log(error.to_string());
    let succession = parts.store.succession();
    // Read again: another witness may have signed it since.
    let Some(now) = parts.store.log_head().await?.filter(|now| now.size == head.size) else {
        return Ok(());
    };
    let parsed = |head: &LogHead| Note::parse(head.checkpoint.as_bytes());
    let mut note = parsed(&now).map_err(|error| broken(&error))?;
    if note.text() != parsed(head).map_err(|error| broken(&error))?.text() {
        return Ok(());
    }
    for line in lines {
        note = note.with_newest(line).map_err(|error| broken(&error))?;
    }
    let head = LogHead { size: now.size, checkpoint: note.to_string() };
    let step = Integration { from: now.size, head: head.clone(), tiles: Vec::new() };
    let moving = parts.store.integrate(step);
    if parts.store.succession() == succession && moving.await? {
        // For the receipts. It is nothing new to offer, so nobody is woken.
        parts.head.send_if_modified(|known| {
            if known.as_ref().is_some_and(|known| known.size == head.size) {
                *known = Some(head);
            }
            false
        });
    }
    Ok(())
}

/// The older tree as this database has it, and the proof that its head continues it.
async fn continued(parts: &Parts, size: u64, head: &LogHead) -> Result<Continued, Error> {
    let mut tiles = BTreeMap::new();
    let of_proof = prove::consistency_tiles(size, head.size).into_iter();
    let wanted = of_proof.chain(prove::root_tiles(size));
    let wanted: BTreeSet<_> = wanted.map(|tile| (tile.level(), tile.index())).collect();
    for at in wanted {
        tiles.insert(at, parts.store.tile(at.0, at.1).await?.unwrap_or_default());
    }
    let broken = |error: &dyn std::fmt::Display| Error::Log(error.to_string());
    let root: Hash = prove::root(size, &tiles).map_err(|error| broken(&error))?;
    let proof = prove::consistency(size, head.size, &tiles).map_err(|error| broken(&error))?;
    Ok(Continued { size, root, proof })
}

/// Contains recovery for everyone, unless it is for this reason already: of two nodes that find it
/// out at the same time, one makes the containment.
async fn seal(parts: &Parts, Lost { anchored, origin }: Lost) -> Result<Sealed, Error> {
    let mut random = [0; 10];
    parts.entropy.fill(&mut random)?;
    let new_id = ContainmentId::new(parts.clock.now(), random);
    let terms = ContainmentTerms {
        scope: ContainmentScope::All {},
        reason: ContainmentReason::Restored,
        reference: None,
        requester: None,
        anchored: Some(anchored),
    };
    let command = BeginContainment { new_id, terms, group: None };
    let operation = Plain::new(of_containments(), Vec::new(), |snapshot, call, rules| {
        begin_containment::decide(snapshot, command.clone(), call, rules)
    });
    let begun = pipeline::run(parts, &Caller::system(), &operation).await?.into_reply();
    if begun.id != new_id {
        let keys = all_log_keys(parts, 0).await?;
        if keys.first().is_some_and(|newest| newest.name() != origin) {
            return Ok(Sealed::Done);
        }
        tracing::error!(
            kept = anchored.size,
            containment = %begun.id,
            "the database is sealed, and behind its anchor again: it was restored once more. After \
             this containment is lifted it is sealed anew"
        );
        return Ok(Sealed::Before);
    }
    parts.contained.notify_one();
    tracing::error!(
        kept = anchored.size,
        containment = %new_id,
        "the database is behind its anchor: it was restored from an old backup. Recovery is off \
         for everyone until two people lift this containment"
    );
    Ok(Sealed::Done)
}
