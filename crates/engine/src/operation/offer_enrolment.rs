//! Offer an operator a link to enrol a passkey with, and take the passkey that comes by it.
//!
//! Who administers hands the link on and never sees the passkey: the operator enrols it on a
//! machine of their own. What the link has in it is kept beside the log under its digest, is good
//! once, and for minutes.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use glassbreak_core::digest::Digest;
use glassbreak_core::id::{SubjectId, SubjectRef};
use glassbreak_core::operation::{Denial, offer_enrolment};
use glassbreak_core::operator::Appointment;
use glassbreak_core::snapshot::SnapshotQuery;
use glassbreak_core::stage::Applied;
use glassbreak_core::time::{Seconds, Timestamp};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::of_subject;
use super::passkey::relying_party;
use super::plain::Plain;
use crate::caller::Caller;
use crate::engine::Engine;
use crate::error::Error;
use crate::pipeline;
use crate::shelf::{Expected, Kept, Shelf};

/// How long a link is good for.
const GOOD_FOR: Seconds = Seconds::minutes(15);
/// The shelf, by the digests of the tokens.
const SHELF: &str = "enrolments";
/// How many that have ended are taken away when another one is put there.
const FORGOTTEN: usize = 100;

/// A link, as it is shown once.
pub struct EnrolmentLink {
    /// What is behind the `#`: 256 random bits, base64url.
    pub token: Zeroizing<String>,
    /// Until when it is good.
    pub ends_at: Timestamp,
}

/// What is kept of one.
#[derive(Serialize, Deserialize)]
struct Offered {
    operator: SubjectId,
    ends_at: Timestamp,
}

impl Engine {
    /// Makes a link with which `operator` enrols one passkey, within 15 minutes and without any
    /// other right.
    ///
    /// # Errors
    /// `operator_unknown` of who has no duty; `not_configured` without a relying party;
    /// `entropy_unavailable`.
    pub async fn offer_enrolment(
        &self,
        caller: &Caller,
        operator: &SubjectRef,
    ) -> Result<Applied<EnrolmentLink>, Error> {
        relying_party(&self.parts)?;
        let found = self.operator(&caller.reach, operator).await?;
        let found = found.ok_or(Denial::OperatorUnknown)?.subject;
        let ends_at = self.now().plus(GOOD_FOR);
        let mut random = Zeroizing::new([0; 32]);
        self.parts.entropy.fill(random.as_mut_slice())?;
        let operation = Plain::new(
            SnapshotQuery { operator: Some(found), ..of_subject(&self.parts.marks, operator) },
            vec![b"offer_enrolment".to_vec(), operator.as_str().as_bytes().to_vec()],
            |snapshot, call, _| offer_enrolment::decide(snapshot, ends_at, call),
        );
        let applied = pipeline::run(&self.parts, caller, &operation).await?;
        let (links, now) = (self.shelf(SHELF), self.now());
        for kept in links.list("", None, FORGOTTEN).await? {
            if read(&kept).is_none_or(|offered| offered.ends_at <= now) {
                links.take(&kept.key, Expected::Version(kept.version)).await?;
            }
        }
        let token = Zeroizing::new(URL_SAFE_NO_PAD.encode(random.as_slice()));
        let value = serde_json::to_vec(&Offered { operator: found, ends_at }).unwrap_or_default();
        links.put(&key(&token), Expected::Nothing, value).await?;
        Ok(applied.map(|_| EnrolmentLink { token, ends_at }))
    }

    /// Whose link the token is of, if it is good now. To look does not use it up.
    ///
    /// # Errors
    /// [`Error::Busy`] if too much is asked from where `asker` is; [`Error::Store`] if the database
    /// gave no answer.
    pub async fn offered_enrolment(
        &self,
        asker: &Caller,
        token: &str,
    ) -> Result<Option<SubjectRef>, Error> {
        self.heard(asker)?;
        match self.offered(token).await? {
            Some((_, _, name)) => Ok(Some(name)),
            None => Ok(None),
        }
    }

    /// Enrols the passkey that came by a link, in its operator's name. The link is used up, but by
    /// a passkey that does not hold.
    ///
    /// # Errors
    /// [`Error::Busy`] if too much is asked from where `asker` is; `enrolment_refused` for a link
    /// that is not good now, whatever the reason; `passkey_refused` if the passkey does not hold;
    /// as [`Engine::add_passkey`] otherwise.
    pub async fn enrol_as_offered(
        &self,
        asker: &Caller,
        token: &str,
        response: &[u8],
    ) -> Result<Applied<Appointment>, Error> {
        self.heard(asker)?;
        let found = self.offered(token).await?;
        let (kept, operator, name) = found.ok_or(Error::EnrolmentRefused)?;
        let (links, here) = (self.shelf(SHELF), Expected::Version(kept.version));
        // Taken first: of two who have the link, one enrols.
        if !links.take(&kept.key, here).await? {
            return Err(Error::EnrolmentRefused);
        }
        let enrolled = self.add_passkey(&Caller::operator(operator), &name, response).await;
        if let Err(Error::Passkey(_)) = &enrolled {
            links.put(&kept.key, Expected::Nothing, kept.value).await?;
        }
        enrolled
    }

    /// The limit on attempts from one source, of its own: who enrols has used no code.
    fn heard(&self, asker: &Caller) -> Result<(), Error> {
        let sources = &self.parts.sources;
        let is_heard = asker.source.as_ref().is_none_or(|from| sources.admits("enrolment", from));
        is_heard.then_some(()).ok_or(Error::Busy)
    }

    async fn offered(&self, token: &str) -> Result<Option<(Kept, SubjectId, SubjectRef)>, Error> {
        let Some(kept) = Shelf::get(&self.shelf(SHELF), &key(token)).await? else {
            return Ok(None);
        };
        let offered = read(&kept).filter(|offered| offered.ends_at > self.now());
        let Some(Offered { operator, .. }) = offered else { return Ok(None) };
        // Who was dismissed meanwhile enrols nothing.
        if self.on_duty(operator).await?.is_none() {
            return Ok(None);
        }
        let name = self.reference(operator).await?;
        Ok(name.map(|name| (kept, operator, name)))
    }
}

/// Its place on the shelf: whoever reads the database cannot enrol with what is there.
fn key(token: &str) -> String {
    Digest::of("glassbreak/enrolment/v1", &[token.as_bytes()]).to_string()
}

fn read(kept: &Kept) -> Option<Offered> {
    serde_json::from_slice(&kept.value).ok()
}
