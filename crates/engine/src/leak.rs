//! Codes that were found where they must not be: whose they are is looked up by their keyed
//! verifiers, and their sets are revoked (B5).
//!
//! A strong code can be found without its owner, a compact one cannot: it is salted, and would have
//! to be stretched for every set there is. Whoever knows the owner of a compact code revokes the
//! set.
//!
//! A report is noted first, as verifiers and not as codes, and answered then: what comes of it does
//! not show in the answer, nor in its time (REG-26). A look-up reads every set, a second for some
//! hundred thousand subjects, so reports that wait share one.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use glassbreak_core::access::KeyPurpose;
use glassbreak_core::code::{self, Code, MAC_BYTES, Scheme};
use glassbreak_core::code_set::RevokeReason;
use glassbreak_core::event::Actor;
use glassbreak_core::id::{EventId, SetId, SubjectId};
use glassbreak_core::operation::Denial;
use glassbreak_core::operation::revoke::Revoke;
use glassbreak_core::snapshot::SnapshotQuery;
use glassbreak_store::{Expected, Keep, Kept, KeyedCode, ShelfQuery};
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use crate::caller::Caller;
use crate::engine::{Engine, Parts};
use crate::error::Error;
use crate::pipeline;

/// The shelf with the reports that nobody has followed up yet, in the order in which they came.
const SHELF: &str = "leak";
/// How many reports share a look-up.
const AT_ONCE: usize = 64;
/// The most codes in one report.
const CODES_MAX: usize = 1000;
/// How soon a report is followed up again that could not be.
const AGAIN: Duration = Duration::from_secs(1);

/// Whether a text is one of our codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leak {
    /// It was issued here, to whomever, and is dead from now on.
    Ours,
    /// It was not issued here, or cannot be looked up.
    NotOurs,
}

/// A report that was noted.
#[derive(Serialize, Deserialize)]
struct Noted {
    by: Actor,
    macs: BTreeSet<Mac>,
}

/// A keyed verifier, in hexadecimal.
#[derive(Serialize, Deserialize, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[serde(try_from = "String", into = "String")]
struct Mac([u8; MAC_BYTES]);

impl TryFrom<String> for Mac {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let bytes = glassbreak_core::digest::unhex(&text).ok_or("it is not hexadecimal")?;
        bytes.try_into().map(Self).map_err(|_| "it is no verifier")
    }
}

impl From<Mac> for String {
    fn from(mac: Mac) -> Self {
        glassbreak_core::digest::hex(&mac.0)
    }
}

impl Engine {
    /// Takes a report of codes that leaked, and follows it up soon: the sets of those that were
    /// issued here are revoked. Nothing is told of what they were. Once it is answered it is not
    /// lost any more.
    ///
    /// # Errors
    /// `invalid_request` for more than 1,000 codes; [`Error::KeyBound`] if the caller does not
    /// reach everybody; [`Error::Busy`] for too many reports from one place.
    pub async fn note_leak(&self, caller: &Caller, codes: &[&str]) -> Result<(), Error> {
        let macs: BTreeSet<Mac> =
            self.sought(caller, codes).await?.into_values().flatten().map(Mac).collect();
        let (parts, now) = (&self.parts, self.parts.clock.now());
        let mut random = [0; 10];
        parts.entropy.fill(&mut random)?;
        let noted = serde_json::to_vec(&Noted { by: caller.actor.clone(), macs });
        // Also where there is nothing to look for: it takes as long.
        let value = Some(noted.map_err(|error| Error::Log(error.to_string()))?);
        let key = EventId::new(now, random).to_string();
        let note = Keep { shelf: SHELF, key, expected: Expected::Nothing, value };
        parts.store.keep(vec![note]).await?;
        parts.leaked.notify_one();
        Ok(())
    }

    /// Follows a report up at once, and tells of each code whether it was issued here: for a
    /// reporter who proved to be one that may know.
    ///
    /// # Errors
    /// As [`Engine::note_leak`].
    pub async fn burn_leaked(&self, caller: &Caller, codes: &[&str]) -> Result<Vec<Leak>, Error> {
        let sought = self.sought(caller, codes).await?;
        let all = sought.values().flatten().copied().collect();
        let found = find(&self.parts, &all).await?;
        burn(&self.parts, &found, |_| caller.clone()).await?;
        let is_ours = |place: usize| {
            let macs = sought.get(&place)?;
            found.iter().find(|(_, mac)| macs.contains(mac))
        };
        let leak = |place| if is_ours(place).is_some() { Leak::Ours } else { Leak::NotOurs };
        Ok((0..codes.len()).map(leak).collect())
    }

    /// What to look for, of each code by its place: its verifier under every key there was.
    async fn sought(
        &self,
        caller: &Caller,
        codes: &[&str],
    ) -> Result<BTreeMap<usize, Vec<[u8; MAC_BYTES]>>, Error> {
        caller.reach.must_be_everybody()?;
        if codes.len() > CODES_MAX {
            let problem = "holds at most 1,000 codes";
            return Err(Denial::Invalid { field: "codes", problem }.into());
        }
        let source = caller.source.as_deref().unwrap_or("leaks");
        if !self.parts.sources.admits(&caller.id(), source) {
            return Err(Error::Busy);
        }
        let world = self.parts.store.load(&SnapshotQuery::default()).await?;
        let newest = world.keys.get(&KeyPurpose::Pepper).copied().unwrap_or(1);
        let mut peppers = Vec::new();
        for generation in 1..=newest {
            peppers.push((generation, self.parts.keys.pepper(generation)?));
        }
        let prefix = self.parts.keys.prefix();
        let mut sought = BTreeMap::new();
        for (place, typed) in codes.iter().enumerate() {
            let Ok(code) = Code::parse(typed, prefix) else { continue };
            if !Scheme::Keyed.allowed_for(code.profile()) {
                continue;
            }
            let mut macs = Vec::new();
            for (generation, pepper) in &peppers {
                let mac = code::candidate_mac(Scheme::Keyed, *generation, pepper, None, &code);
                let mac = mac.map_err(|error| Error::Verifier(error.to_string()))?;
                macs.extend(mac.lookup_key());
            }
            sought.insert(place, macs);
        }
        Ok(sought)
    }
}

/// A code that was found, and by which verifier.
type Found = (KeyedCode, [u8; MAC_BYTES]);

/// Looks the verifiers up, one look-up at a time.
async fn find(parts: &Parts, macs: &BTreeSet<[u8; MAC_BYTES]>) -> Result<Vec<Found>, Error> {
    if macs.is_empty() {
        return Ok(Vec::new());
    }
    let _turn = parts.looking.lock().await;
    Ok(parts.store.keyed_codes(macs).await?)
}

/// Revokes the sets of what was found, each once. One that has ended stays as it ended.
async fn burn(
    parts: &Parts,
    found: &[Found],
    caller: impl Fn(&[u8; MAC_BYTES]) -> Caller,
) -> Result<(), Error> {
    let mut sets: BTreeMap<SetId, (SubjectId, Caller)> = BTreeMap::new();
    for (code, mac) in found {
        sets.entry(code.set).or_insert_with(|| (code.subject, caller(mac)));
    }
    for (set, (subject, caller)) in sets {
        let reason = RevokeReason::Leaked;
        match pipeline::run(parts, &caller, &Revoke { set, reason }).await {
            Ok(_) => tracing::warn!(%set, %subject, "a code leaked, and its set is revoked"),
            Err(Error::Denied(denial)) => {
                tracing::error!(%set, code = denial.code(), "a leaked set could not be revoked");
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Follows up what was noted, until `stopped`: as soon as this process notes something, and now and
/// then what another has noted and left.
pub(crate) async fn run(parts: Arc<Parts>, every: Duration, mut stopped: watch::Receiver<bool>) {
    loop {
        let wait = match follow_up(&parts).await {
            Ok(()) => every,
            Err(error) => {
                tracing::error!(%error, "a report of leaked codes could not be followed up");
                AGAIN
            }
        };
        tokio::select! {
            biased;
            _ = stopped.changed() => return,
            () = parts.leaked.notified() => {}
            () = tokio::time::sleep(wait) => {}
        }
    }
}

async fn follow_up(parts: &Parts) -> Result<(), Error> {
    loop {
        let kept = parts.store.shelf(&ShelfQuery::all(SHELF, AT_ONCE)).await?;
        if kept.is_empty() {
            return Ok(());
        }
        let mut by = BTreeMap::new();
        for report in &kept {
            match serde_json::from_slice::<Noted>(&report.value) {
                Ok(Noted { by: actor, macs }) => {
                    by.extend(macs.into_iter().map(|mac| (mac.0, actor.clone())));
                }
                Err(_) => {
                    tracing::error!("a report of leaked codes cannot be read, and is dropped");
                }
            }
        }
        let found = find(parts, &by.keys().copied().collect()).await?;
        let reporter = |mac: &[u8; MAC_BYTES]| match by.get(mac) {
            Some(actor) => Caller::by(actor.clone()),
            None => Caller::system(),
        };
        burn(parts, &found, reporter).await?;
        let done = |Kept { key, version, .. }: Kept| {
            let expected = Expected::Version(version);
            Keep { shelf: SHELF, key, expected, value: None }
        };
        // Another process may have done the same at the same time.
        parts.store.keep(kept.into_iter().map(done).collect()).await?;
    }
}
