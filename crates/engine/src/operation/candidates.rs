//! What a typed code comes to under each key, cost and salt it could have been stored with.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use glassbreak_core::access::KeyPurpose;
use glassbreak_core::code::{
    self, ARGON2ID_DEFAULT, CandidateMac, Code, PepperKey, Salt, Scheme, StoredVerifier,
};
use glassbreak_core::code_set::{Profile, SetState};
use glassbreak_core::id::SentId;
use glassbreak_core::operation::open::LIVE_MAX;
use glassbreak_core::snapshot::Snapshot;

use crate::engine::Parts;
use crate::error::Error;

/// Stretches that a match has made unnecessary. If the code is refused all the same, they are made
/// up for.
#[derive(Default)]
pub(super) struct Spared(AtomicUsize);

impl Spared {
    /// Makes up for them: a right code that is spent, suspended or unconfirmed is refused in the
    /// time that a wrong one takes (C9).
    pub(super) async fn make_up(&self, parts: &Parts, code: &Arc<Code>) {
        let spared = self.0.swap(0, Ordering::Relaxed);
        let Some(scheme) = profile_of(code).and_then(|profile| parts.settings.stretches(profile))
        else {
            return;
        };
        let jobs = (0..spared).map(|_| dummy(parts, scheme, 1)).collect::<Result<Vec<_>, _>>();
        let Ok(jobs) = jobs else { return };
        if !jobs.is_empty() {
            let code = Arc::clone(code);
            // The refusal is durable: it is told, and in time, also where the pool is full.
            drop(parts.stretcher.run(move || stretch_until_found(&code, &jobs)).await);
        }
    }
}

/// Computes the candidates of `code` for the sets in `snapshot`.
///
/// Keyed ones are computed for every generation in use, at least for the current one. Stretched
/// ones are tried newest set first until one matches; a miss costs as many stretches whoever the
/// subject is and whether there is one (C9). What a match has `spared` is told.
pub(super) async fn candidates(
    parts: &Parts,
    snapshot: &Snapshot,
    code: &Arc<Code>,
    spared: &Spared,
) -> Result<Vec<CandidateMac>, Error> {
    spared.0.store(0, Ordering::Relaxed);
    let mut candidates = keyed(parts, snapshot, code)?;
    let Some(profile) = profile_of(code) else { return sent(parts, snapshot, code).await };
    let Some(scheme) = parts.settings.stretches(profile) else { return Ok(candidates) };
    let tries = tries(parts, profile);
    let found = candidates.iter().any(|candidate| {
        snapshot
            .sets
            .iter()
            .flat_map(|held| &held.verifiers)
            .any(|stored| stored.matches(candidate))
    });
    if found {
        spared.0.store(tries, Ordering::Relaxed);
        return Ok(candidates);
    }
    let jobs = jobs(parts, snapshot, code, scheme, tries)?;
    let planned = jobs.len();
    let code = Arc::clone(code);
    let stretched = parts.stretcher.run(move || stretch_until_found(&code, &jobs)).await?;
    spared.0.store(planned.saturating_sub(stretched.len()), Ordering::Relaxed);
    candidates.extend(stretched);
    Ok(candidates)
}

/// Codes that are sent are digits, and always stretched: one try for each live recovery there can
/// be, whoever the subject is and whether there is one (C9).
async fn sent(
    parts: &Parts,
    snapshot: &Snapshot,
    code: &Arc<Code>,
) -> Result<Vec<CandidateMac>, Error> {
    let generation = snapshot.keys.get(&KeyPurpose::Pepper).copied().unwrap_or(1);
    let mut jobs = Vec::with_capacity(LIVE_MAX);
    let now = parts.clock.now();
    let waiting = snapshot
        .recoveries
        .iter()
        .filter(|held| held.recovery.takes_approvals() && held.recovery.awaited(now).is_some());
    for stored in waiting.filter_map(|held| held.verifier.as_ref()).take(LIVE_MAX) {
        let Some(salt) = stored.salt().copied() else { continue };
        let pepper = parts.keys.pepper(stored.key_generation())?;
        let (scheme, generation) = (stored.scheme(), stored.key_generation());
        jobs.push(Job { scheme, generation, pepper, salt, stored: None });
    }
    while jobs.len() < LIVE_MAX {
        jobs.push(dummy(parts, ARGON2ID_DEFAULT, generation)?);
    }
    let code = Arc::clone(code);
    // No verifier is given along, so that all are made whether one matches or not.
    parts.stretcher.run(move || stretch_until_found(&code, &jobs)).await
}

/// What `code` comes to for the one confirmation it is said to be of. One try, also where there is
/// nothing to try (C9).
pub(super) async fn confirmation(
    parts: &Parts,
    snapshot: &Snapshot,
    confirmation: SentId,
    code: &Arc<Code>,
) -> Result<Vec<CandidateMac>, Error> {
    let generation = snapshot.keys.get(&KeyPurpose::Pepper).copied().unwrap_or(1);
    let stored = snapshot.addresses.verifier(confirmation);
    let job = match stored.and_then(|stored| Some((stored, stored.salt().copied()?))) {
        None => dummy(parts, ARGON2ID_DEFAULT, generation)?,
        Some((stored, salt)) => {
            let (scheme, generation) = (stored.scheme(), stored.key_generation());
            let pepper = parts.keys.pepper(generation)?;
            Job { scheme, generation, pepper, salt, stored: None }
        }
    };
    let code = Arc::clone(code);
    parts.stretcher.run(move || stretch_until_found(&code, &[job])).await
}

/// The form of a code that is saved.
fn profile_of(code: &Code) -> Option<Profile> {
    match code.profile() {
        code::Profile::Strong => Some(Profile::Strong),
        code::Profile::Compact => Some(Profile::Compact),
        code::Profile::Issued { .. } => None,
    }
}

fn keyed(parts: &Parts, snapshot: &Snapshot, code: &Code) -> Result<Vec<CandidateMac>, Error> {
    if !Scheme::Keyed.allowed_for(code.profile()) {
        return Ok(Vec::new());
    }
    let current = snapshot.keys.get(&KeyPurpose::Pepper).copied().unwrap_or(1);
    let used = snapshot.sets.iter().map(|held| held.set.issued.key_generation);
    let generations: BTreeSet<u32> = used.chain([current]).collect();
    let candidate = |generation| {
        let pepper = parts.keys.pepper(generation)?;
        mac(Scheme::Keyed, generation, &pepper, None, code)
    };
    generations.into_iter().map(candidate).collect()
}

/// One stretch to make, and the verifier it could match.
struct Job {
    scheme: Scheme,
    generation: u32,
    pepper: Arc<PepperKey>,
    salt: Salt,
    stored: Option<StoredVerifier>,
}

/// How many stretches a miss costs. A compact code names its place in the set, so there is one salt
/// to try in each live set; a strong one does not, so there are as many as a set has codes. Of each
/// kind an active set and an offered one can be live, and of decoys one set.
fn tries(parts: &Parts, profile: Profile) -> usize {
    let tiers = parts.settings.tiers.values().filter(|tier| tier.profiles.contains(&profile));
    let kinds = tiers.map(|tier| tier.kinds.len()).max().unwrap_or(1).max(1);
    let per_set = match profile {
        Profile::Compact => 1,
        Profile::Strong => {
            let counts = parts.settings.tiers.values().map(|tier| usize::from(tier.count));
            counts.max().unwrap_or(1)
        }
    };
    per_set * (kinds * 2 + 1)
}

fn jobs(
    parts: &Parts,
    snapshot: &Snapshot,
    code: &Code,
    scheme_of_dummies: Scheme,
    tries: usize,
) -> Result<Vec<Job>, Error> {
    let mut jobs = Vec::with_capacity(tries);
    let active = snapshot.sets.iter().filter(|held| {
        matches!(held.set.state, SetState::Active { .. } | SetState::Offered { .. })
    });
    for held in active {
        for (ordinal, stored) in (0_u8..).zip(&held.verifiers) {
            let here = code.ordinal().is_none_or(|typed| typed == ordinal);
            let (true, Some(salt)) = (here, stored.salt().copied()) else { continue };
            let generation = stored.key_generation();
            let pepper = parts.keys.pepper(generation)?;
            let (scheme, stored) = (stored.scheme(), Some(stored.clone()));
            jobs.push(Job { scheme, generation, pepper, salt, stored });
        }
    }
    let generation = snapshot.keys.get(&KeyPurpose::Pepper).copied().unwrap_or(1);
    while jobs.len() < tries {
        jobs.push(dummy(parts, scheme_of_dummies, generation)?);
    }
    Ok(jobs)
}

/// A stretch that matches nothing.
fn dummy(parts: &Parts, scheme: Scheme, generation: u32) -> Result<Job, Error> {
    let (pepper, salt) = (parts.keys.pepper(generation)?, Salt::new([0; code::SALT_BYTES]));
    Ok(Job { scheme, generation, pepper, salt, stored: None })
}

fn stretch_until_found(code: &Code, jobs: &[Job]) -> Result<Vec<CandidateMac>, Error> {
    let mut candidates = Vec::new();
    for Job { scheme, generation, pepper, salt, stored } in jobs {
        if !scheme.allowed_for(code.profile()) {
            continue;
        }
        let candidate = mac(*scheme, *generation, pepper, Some(*salt), code)?;
        let found = stored.as_ref().is_some_and(|stored| stored.matches(&candidate));
        candidates.push(candidate);
        if found {
            break;
        }
    }
    Ok(candidates)
}

fn mac(
    scheme: Scheme,
    generation: u32,
    pepper: &PepperKey,
    salt: Option<Salt>,
    code: &Code,
) -> Result<CandidateMac, Error> {
    let candidate = code::candidate_mac(scheme, generation, pepper, salt, code);
    candidate.map_err(|error| Error::Verifier(error.to_string()))
}
