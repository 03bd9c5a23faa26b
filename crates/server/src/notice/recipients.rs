//! Who is told: all notification addresses of a subject, and of the person who answers for it.

use std::collections::BTreeSet;

use glassbreak_engine::core::event::Entry;
use glassbreak_engine::core::id::SubjectId;
use glassbreak_engine::core::subject::{
    Assurance, Channel, DirectoryEntry, NotificationAddress, Standing, Subject, SubjectKind,
};
use glassbreak_engine::{Engine, Error, Reach};
use serde::{Deserialize, Serialize};

use super::what::What;

/// An address, and whether somebody has shown that it is theirs.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Recipient {
    /// The address. Its own `verified` says the same as this one's.
    pub(super) to: NotificationAddress,
}

impl Recipient {
    /// Whether both are one place.
    fn is_at(&self, other: &Self) -> bool {
        (self.to.channel, &self.to.address) == (other.to.channel, &other.to.address)
    }
}

/// A subject as it is now.
pub(super) struct Found {
    subject: Subject,
    entry: DirectoryEntry,
    /// Its own addresses.
    pub(super) own: Vec<Recipient>,
}

impl Found {
    /// Whose addresses these are.
    pub(super) const fn id(&self) -> SubjectId {
        self.subject.id
    }

    /// Whether the subject has left.
    pub(super) const fn departed(&self) -> bool {
        matches!(self.subject.standing, Standing::Departed { .. })
    }

    /// A known address, with the word of now on whether it is verified, if it is still one.
    pub(super) fn as_now(&self, known: &Recipient) -> Recipient {
        self.own.iter().find(|own| own.is_at(known)).unwrap_or(known).clone()
    }

    /// Those of the `known` addresses that are no longer ones.
    pub(super) fn former(&self, known: Vec<Recipient>) -> Vec<Recipient> {
        known.into_iter().filter(|known| !self.own.iter().any(|own| own.is_at(known))).collect()
    }
}

/// The subject of that id, if it is there. An attempt on a name that nobody has concerns nobody.
pub(super) async fn find(engine: &Engine, id: SubjectId) -> Result<Option<Found>, Error> {
    let Some(reference) = engine.reference(id).await? else { return Ok(None) };
    let Some((subject, entry)) = engine.subject(&Reach::Everybody, &reference).await? else {
        return Ok(None);
    };
    let book = engine.addresses(&subject).await?;
    let own = entry.notification_addresses.iter().map(|to| {
        let verified = to.verified || book.is_confirmed(&to.digest(&entry.salt));
        Recipient { to: NotificationAddress { verified, ..to.clone() } }
    });
    let own = own.collect();
    Ok(Some(Found { subject, entry, own }))
}

/// Where `what` is told: at the verified addresses of the subject and of the owner of a service or
/// an agent, and at `former` ones; at all of them where none is verified. A letter goes out where
/// N63B-NO-06 asks for one.
pub(super) async fn recipients(
    engine: &Engine,
    found: &Found,
    former: Vec<Recipient>,
    what: What,
    entry: &Entry,
) -> Result<Vec<NotificationAddress>, Error> {
    let mut all: BTreeSet<Recipient> = found.own.iter().cloned().chain(former).collect();
    let profile = &found.subject.profile;
    if profile.kind != SubjectKind::Person
        && let Some(owner) = profile.owner
        && let Some(owner) = find(engine, owner).await?
    {
        all.extend(owner.own);
    }
    if all.iter().any(|known| known.to.verified) {
        all.retain(|known| known.to.verified);
    }
    let is_letter = |known: &&Recipient| known.to.channel == Channel::Postal;
    let other = all.iter().filter(|known| !is_letter(known)).count();
    let by_letter = other == 0
        || (profile.assurance == Assurance::Aal3 && what.is_recovery())
        || (other == 1 && only_other_got_the_code(engine, found, &all, entry).await?);
    if !by_letter {
        all.retain(|known| known.to.channel != Channel::Postal);
    }
    // One place is told once, however often it is written down.
    let mut seen = BTreeSet::new();
    let mut once = Vec::new();
    for Recipient { to } in all.into_iter().rev() {
        if seen.insert((to.channel, to.address.clone())) {
            once.push(to);
        }
    }
    Ok(once)
}

/// Whether the one address that is not postal is the one to which a code went in the recovery that
/// `entry` is about (N63B-NO-06): whoever reads it there has both.
async fn only_other_got_the_code(
    engine: &Engine,
    found: &Found,
    all: &BTreeSet<Recipient>,
    entry: &Entry,
) -> Result<bool, Error> {
    let Some(recovery) = entry.happened.recovery() else { return Ok(false) };
    let Some(recovery) = engine.recovery(&Reach::Everybody, recovery).await? else {
        return Ok(false);
    };
    let mut others = all.iter().filter(|known| known.to.channel != Channel::Postal);
    Ok(others.any(|known| {
        let address = known.to.digest(&found.entry.salt);
        recovery.sent.iter().any(|sent| sent.is_to(None, &address))
    }))
}
