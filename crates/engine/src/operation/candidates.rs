//! What a typed code comes to under each key, cost and salt it could have been stored with.

use std::collections::BTreeSet;
use std::sync::Arc;

use glassbreak_core::access::KeyPurpose;
use glassbreak_core::code::{self, CandidateMac, Code, PepperKey, Salt, Scheme, StoredVerifier};
use glassbreak_core::code_set::{Profile, SetState};
use glassbreak_core::snapshot::Snapshot;

use crate::engine::Parts;
use crate::error::Error;

/// Computes the candidates of `code` for the sets in `snapshot`.
///
/// Keyed ones are computed for every generation in use, at least for the current one. Stretched ones
/// are tried newest set first until one matches; a miss costs as many stretches whoever the subject
/// is and whether there is one (C9).
pub(super) async fn candidates(
    parts: &Parts,
    snapshot: &Snapshot,
    code: &Arc<Code>,
) -> Result<Vec<CandidateMac>, Error> {
    let mut candidates = keyed(parts, snapshot, code)?;
    let profile = match code.profile() {
        code::Profile::Strong => Profile::Strong,
        code::Profile::Compact => Profile::Compact,
        code::Profile::Issued { .. } => return Ok(candidates),
    };
    let Some(dummy) = parts.settings.stretches(profile) else { return Ok(candidates) };
    let found = candidates.iter().any(|candidate| {
        snapshot
            .sets
            .iter()
            .flat_map(|held| &held.verifiers)
            .any(|stored| stored.matches(candidate))
    });
    if found {
        return Ok(candidates);
    }
    let tries = tries(parts, profile);
    let jobs = jobs(parts, snapshot, code, dummy, tries)?;
    let code = Arc::clone(code);
    let stretched = parts.stretcher.run(move || stretch_until_found(&code, &jobs)).await?;
    candidates.extend(stretched);
    Ok(candidates)
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
/// to try in each of at most two active sets; a strong one does not, so there are as many as a set
/// has codes.
fn tries(parts: &Parts, profile: Profile) -> usize {
    let per_set = match profile {
        Profile::Compact => 1,
        Profile::Strong => {
            let counts = parts.settings.tiers.values().map(|tier| usize::from(tier.count));
            counts.max().unwrap_or(1)
        }
    };
    per_set * 2
}

fn jobs(
    parts: &Parts,
    snapshot: &Snapshot,
    code: &Code,
    dummy: Scheme,
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
        let pepper = parts.keys.pepper(generation)?;
        let salt = Salt::new([0; code::SALT_BYTES]);
        jobs.push(Job { scheme: dummy, generation, pepper, salt, stored: None });
    }
    Ok(jobs)
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
