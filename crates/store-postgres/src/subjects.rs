//! Subjects and their directory entries.

use glassbreak_core::digest::Digest;
use glassbreak_core::event::{Aside, Registration};
use glassbreak_core::subject::Standing;
use glassbreak_core::time::Timestamp;

use crate::failure::Failure;
use crate::project::{Projected, Projection, json, name};
use crate::session::call;
use crate::sql::Sql;

impl Projection {
    /// Writes a registration by `sql`, which says what becomes of the standing, and the directory
    /// entry that came with it. A reference that another subject has is a conflict: somebody
    /// registered it since the decision looked.
    pub(crate) fn register(
        &mut self,
        sql: Sql,
        at: Timestamp,
        registration: &Registration,
        aside: &Aside,
    ) -> Projected {
        let profile = &registration.profile;
        let register = call(sql)
            .with(self.part.aggregate)
            .with(name(&profile.kind)?)
            .with(profile.tier.as_str().to_owned())
            .with(name(&profile.assurance)?)
            .with(name(&profile.ial)?)
            .with(profile.owner.map(|owner| owner.0))
            .with(at.millis())
            .with(registration.directory.0.to_vec());
        self.part.rest.push(register);
        self.directory(aside)
    }

    fn directory(&mut self, aside: &Aside) -> Projected {
        let Aside::Directory(entry) = aside else { return Ok(()) };
        let none = entry.contacts.is_empty();
        let contacts = if none { None } else { Some(json(&entry.contacts)?) };
        let directory = call(Sql::DirectorySet)
            .with(self.part.aggregate)
            .with(entry.reference.as_str().to_owned())
            .with(json(&entry.groups)?)
            .with(json(&entry.notification_addresses)?)
            .with(entry.salt.to_vec())
            .with(contacts);
        self.part.rest.push(directory);
        Ok(())
    }

    /// Writes a directory entry that changed without a registration, and the digest of it.
    pub(crate) fn redirect(&mut self, digest: &Digest, aside: &Aside) -> Projected {
        let digest = digest.0.to_vec();
        let redirect = call(Sql::SubjectDirectory).with(self.part.aggregate).with(digest);
        self.part.rest.push(redirect);
        self.directory(aside)
    }

    /// Moves the standing on. The causes to rest are the core's to combine.
    pub(crate) fn stand(&mut self, step: impl FnOnce(Standing) -> Standing) -> Projected {
        let unknown = || Failure::Corrupt("a subject that rests is not there".to_owned());
        let standing = step(self.before.standing.ok_or_else(unknown)?);
        self.before.standing = Some(standing);
        let (at, account, risk, recovery) = match standing {
            Standing::Active => (None, false, false, false),
            Standing::Suspended { at, account, risk, recovery, .. } => {
                (Some(at.millis()), account, risk, recovery)
            }
            Standing::Departed { at, .. } => (Some(at.millis()), false, false, false),
        };
        let call = call(Sql::SubjectStand).with(self.part.aggregate).with(standing.name()).with(at);
        let lowered = standing.lowered_until().map(Timestamp::millis);
        let call = call.with(account).with(risk).with(recovery).with(lowered);
        self.part.rest.push(call);
        Ok(())
    }
}
