//! Create an API key. Only its digest is kept.

use super::{Denial, Outcome, past_request};
use crate::access::{Rights, Scope};
use crate::digest::Digest;
use crate::event::{Aside, Happened};
use crate::snapshot::Snapshot;
use crate::stage::{Call, Draft};

/// The key to keep.
#[derive(Debug, Clone)]
pub struct CreateApiKey {
    /// Its public id.
    pub id: String,
    /// What people call it; 1 to 100 characters.
    pub label: String,
    /// What it may do, and to whom.
    pub rights: Rights,
    /// The digest of the whole key.
    pub digest: Digest,
}

/// Decides the creation; the answer is nothing but that it is durable.
///
/// A key with the scope `admin` is bound to no group and no operator: it makes keys, and could make
/// itself a wider one (B4).
pub fn decide(snapshot: &Snapshot, command: CreateApiKey, call: &mut Call<'_>) -> Outcome<()> {
    if command.rights.scopes.is_empty() {
        return Err(Denial::Invalid { field: "scopes", problem: "names at least one scope" });
    }
    check_bounds(&command.rights)?;
    let chars = command.label.chars().count();
    if chars == 0 || chars > 100 || command.label.chars().any(char::is_control) {
        return Err(Denial::Invalid { field: "label", problem: "is 1 to 100 characters" });
    }
    // The key was shown when it was made; a retry cannot show it again.
    if past_request(call, snapshot)?.is_some() {
        return Err(Denial::RequestReused);
    }
    let CreateApiKey { id, label, rights, digest } = command;
    let Rights { mut scopes, mut groups, operator } = rights;
    scopes.sort_unstable();
    scopes.dedup();
    groups.sort_unstable();
    groups.dedup();
    let mut draft = Draft::new(call, snapshot);
    let bound = bound_to(digest, &groups);
    let committed = commitment(digest);
    let happened = Happened::ApiKeyCreated { id, scopes, digest: committed, bound, operator };
    draft.add_with(happened, None, Aside::ApiKey { digest, label, groups })?;
    Ok(draft.decide(()))
}

fn check_bounds(rights: &Rights) -> Result<(), Denial> {
    // What an application vouches for is no person's to say, least of all an approver's (F3).
    let of_applications = [Scope::Recover, Scope::Redeem];
    if rights.operator.is_some()
        && of_applications.iter().any(|scope| rights.scopes.contains(scope))
    {
        let problem = "is for people at the desk: `recover` and `redeem` are an application's";
        return Err(Denial::Invalid { field: "operator", problem });
    }
    if rights.operator.is_some() && rights.scopes.contains(&Scope::Admin) {
        let problem = "is named for no key with the scope `admin`, which could make another";
        return Err(Denial::Invalid { field: "operator", problem });
    }
    let refuse = |problem| Err(Denial::Invalid { field: "groups", problem });
    if rights.groups.len() > Rights::GROUPS_MAX {
        return refuse("are at most 32");
    }
    let fits = |group: &String| (1..=Rights::GROUP_BYTES_MAX).contains(&group.len());
    if !rights.groups.iter().all(fits) {
        return refuse("are 1 to 256 bytes long");
    }
    if !rights.groups.is_empty() && rights.scopes.contains(&Scope::Admin) {
        return refuse("bind no key with the scope `admin`, which could make a wider one");
    }
    Ok(())
}

/// What the log holds of the groups that a key is bound to; `None` if it is bound to none. Salted
/// with the key's stored digest, which is not in the log: the names of groups cannot be guessed
/// from it. They are sorted, without duplicates.
pub fn bound_to(digest: Digest, groups: &[String]) -> Option<Digest> {
    let groups = groups.iter().map(String::as_bytes);
    let parts: Vec<&[u8]> = std::iter::once(digest.0.as_slice()).chain(groups).collect();
    (parts.len() > 1).then(|| Digest::of("glassbreak/api-key/groups/v1", &parts))
}

/// What the log holds of a stored key digest.
pub fn commitment(digest: Digest) -> Digest {
    Digest::of("glassbreak/api-key/v1", &[&digest.0])
}
