//! Send a code to the subject during a recovery: draw it, write its verifier down, and only then
//! let it go. Nobody but its addressee sees it (F4).

use std::sync::Arc;

use glassbreak_core::access::KeyPurpose;
use glassbreak_core::code::{self, ARGON2ID_DEFAULT, Code, Digits, Ordinal, StoredVerifier};
use glassbreak_core::id::{RecoveryId, SentId};
use glassbreak_core::operation::send::{self, Addressee, Reply, Send};
use glassbreak_core::operation::{Denial, Rules};
use glassbreak_core::recovery::Sent;
use glassbreak_core::snapshot::{Aggregate, Snapshot, SnapshotQuery};
use glassbreak_core::stage::{Applied, Call, Decided};
use glassbreak_core::subject::NotificationAddress;
use glassbreak_core::time::Seconds;

use crate::caller::Caller;
use crate::engine::{Engine, Parts};
use crate::entropy::Drawing;
use crate::error::Error;
use crate::pipeline::{self, Operation};

/// How many digits a code has that is sent. Seven random ones and a check stand for 23 bits, above
/// the six digits that SP 800-63B-4 section 4.2.1.2 asks for (N63B-IC-02).
const DIGITS: Digits = Digits::EIGHT;

/// What a code on its way out is for; its addressee is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Errand {
    /// To recover access (N63B-IC-01).
    Recovery,
    /// To show that the address is who it is said to be (N63B-IC-08).
    Confirmation,
}

/// A code on its way out, with the one copy of it there is.
pub struct Outgoing {
    /// The code.
    pub code: Code,
    /// What the log holds of it.
    pub sent: Sent,
    /// Where to. Somebody else's where `sent.contact` names a recovery contact.
    pub to: NotificationAddress,
    /// What for.
    pub errand: Errand,
}

/// What came of a sending.
pub enum Sending {
    /// To be delivered now.
    New(Outgoing),
    /// A retry: it went out before, or is on its way.
    Before(Sent),
}

struct SendingTo {
    recovery: RecoveryId,
    to: Addressee,
    lifetime: Option<Seconds>,
}

/// A code that was drawn to be sent.
pub(super) struct Drawn {
    pub(super) sent: SentId,
    pub(super) code: Code,
    pub(super) verifier: StoredVerifier,
    pub(super) key_generation: u32,
}

impl Engine {
    /// Draws a code for a recovery and writes its verifier down. What is given back has to be
    /// delivered by the caller, to that address and nowhere else; the server does it through its
    /// channels. An earlier code of the recovery is dead from now on.
    ///
    /// # Errors
    /// `recovery_unknown`, `recovery_state`, `not_allowed` until the case may be released,
    /// `invalid_request` without a verified address on the channel (N63B-IC-01) or a contact that
    /// was confirmed in time, `contact_unknown`.
    pub async fn send_code(
        &self,
        caller: &Caller,
        recovery: RecoveryId,
        to: impl Into<Addressee>,
        lifetime: Option<Seconds>,
    ) -> Result<Applied<Sending>, Error> {
        let operation = SendingTo { recovery, to: to.into(), lifetime };
        pipeline::run(&self.parts, caller, &operation).await
    }
}

impl Operation for SendingTo {
    type Prepared = Drawn;
    type Reply = Sending;

    fn query(&self) -> SnapshotQuery {
        SnapshotQuery { of: Aggregate::Recovery(self.recovery), ..SnapshotQuery::default() }
    }

    fn content(&self) -> Vec<Vec<u8>> {
        let to = match &self.to {
            Addressee::Subject(channel) => format!("channel/{}", channel.name()),
            Addressee::Contact(label) => format!("contact/{}", label.as_str()),
        };
        let lifetime = format!("{:?}", self.lifetime).into_bytes();
        let recovery = self.recovery.0.as_bytes().to_vec();
        vec![b"send".to_vec(), recovery, to.into_bytes(), lifetime]
    }

    async fn prepare(&self, parts: &Parts, snapshot: &Snapshot) -> Result<Drawn, Error> {
        draw(parts, snapshot).await
    }

    fn decide(
        &self,
        snapshot: &Snapshot,
        drawn: Drawn,
        call: &mut Call<'_>,
        rules: &Rules<'_>,
    ) -> Result<Decided<Sending>, Denial> {
        let Drawn { sent, code, verifier, key_generation } = drawn;
        let command = Send {
            recovery: self.recovery,
            sent,
            to: self.to.clone(),
            verifier,
            scheme: ARGON2ID_DEFAULT,
            key_generation,
            lifetime: self.lifetime,
        };
        let decided = send::decide(snapshot, command, call, rules)?;
        Ok(decided.map(|reply| match reply {
            Reply::Send { sent, to } => {
                Sending::New(Outgoing { code, sent, to, errand: Errand::Recovery })
            }
            Reply::SentBefore { sent } => Sending::Before(sent),
        }))
    }
}

/// Draws a code to be sent, and stretches it.
pub(super) async fn draw(parts: &Parts, snapshot: &Snapshot) -> Result<Drawn, Error> {
    let key_generation = snapshot.keys.get(&KeyPurpose::Pepper).copied().unwrap_or(1);
    let pepper = parts.keys.pepper(key_generation)?;
    let mut entropy = Drawing(parts.entropy.as_ref());
    let mut random = [0; 10];
    parts.entropy.fill(&mut random)?;
    let sent = SentId::new(parts.clock.now(), random);
    let profile = code::Profile::Issued { digits: DIGITS };
    let code = code::draw(profile, parts.keys.prefix(), Ordinal::FIRST, &mut entropy)?;
    let salt = code::draw_salt(&mut entropy)?;
    let code = Arc::new(code);
    let derive = {
        let code = Arc::clone(&code);
        move || code::derive(ARGON2ID_DEFAULT, key_generation, &pepper, Some(salt), &code)
    };
    let verifier =
        parts.stretcher.run(move || derive().map_err(|error| Error::Verifier(error.to_string())));
    let verifier = verifier.await?;
    let code = Arc::into_inner(code)
        .ok_or_else(|| Error::Verifier("the code is still in use".to_owned()))?;
    Ok(Drawn { sent, code, verifier, key_generation })
}
