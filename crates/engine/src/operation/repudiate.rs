//! Repudiate an event that the subject was told of, without signing in: what is presented is the
//! token out of the notice (N63B-NO-07).

use aws_lc_rs::{constant_time, hmac};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use glassbreak_core::id::{EventId, SubjectId};
use glassbreak_core::operation::Denial;
use glassbreak_core::operation::report::Reported;
use glassbreak_core::operation::repudiate::{self, Repudiate};
use glassbreak_core::snapshot::{Aggregate, SnapshotQuery};
use glassbreak_core::stage::Applied;
use glassbreak_core::time::Timestamp;
use uuid::Uuid;

use super::plain::Plain;
use crate::caller::Caller;
use crate::engine::{Engine, Parts};
use crate::error::Error;
use crate::pipeline;

/// What is before the MAC: the version, the event, the subject, the end of its time.
const CLAIM: usize = 1 + 16 + 16 + 8;
/// The length of the MAC, in bytes: HMAC-SHA-256, cut.
const MAC: usize = 16;
/// The version of the token's form.
const VERSION: u8 = 1;

/// What a token says: that its holder was told of `event` as the subject, or in its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Repudiation {
    /// The event that the notice tells of.
    pub event: EventId,
    /// Whom it concerns.
    pub subject: SubjectId,
    /// Until when the token is good.
    pub until: Timestamp,
}

impl Repudiation {
    fn claim(&self) -> Vec<u8> {
        let mut claim = vec![VERSION];
        claim.extend(self.event.0.as_bytes());
        claim.extend(self.subject.0.as_bytes());
        claim.extend(self.until.millis().to_be_bytes());
        claim
    }

    fn read(claim: &[u8]) -> Option<Self> {
        let (version, rest) = claim.split_first()?;
        let (event, rest) = rest.split_first_chunk::<16>()?;
        let (subject, rest) = rest.split_first_chunk::<16>()?;
        let until = i64::from_be_bytes(*rest.first_chunk::<8>()?);
        (*version == VERSION).then(|| Self {
            event: EventId(Uuid::from_bytes(*event)),
            subject: SubjectId(Uuid::from_bytes(*subject)),
            until: Timestamp::from_millis(until),
        })
    }
}

impl Engine {
    /// The token of a notice: 76 characters, the same each time it is asked for. Whoever holds it
    /// can end the subject's recovery credentials until its time is up, and nothing else.
    ///
    /// # Errors
    /// [`Error::Key`] if the key could not be derived.
    pub fn repudiation_token(&self, repudiation: &Repudiation) -> Result<String, Error> {
        let mut token = repudiation.claim();
        let mac = mac(&self.parts, &token)?;
        token.extend(mac);
        Ok(URL_SAFE_NO_PAD.encode(token))
    }

    /// Answers a notice with "this was not me": every live set and every code that was sent to the
    /// subject is dead, every recovery ends, and an alert is raised. The account is not touched. A
    /// token that was used before does nothing more. `source` is where the attempt came from, for
    /// the limit on those that are refused.
    ///
    /// # Errors
    /// [`Error::RepudiationRefused`] for a token that is not one of ours, whose time is up, or
    /// whose subject is not there any more: these look alike. [`Error::Busy`] in place of it if
    /// there were too many from that source.
    pub async fn repudiate(&self, token: &str, source: &str) -> Result<Applied<Reported>, Error> {
        let refused = || {
            let heard = self.parts.refusals.admits("repudiation", source);
            Err(if heard { Error::RepudiationRefused } else { Error::Busy })
        };
        let Some(repudiation) = opened(&self.parts, token)? else { return refused() };
        if repudiation.until <= self.now() {
            return refused();
        }
        let notice = repudiation.event;
        let of = Aggregate::Subject(repudiation.subject);
        let query = SnapshotQuery { of, ..SnapshotQuery::default() };
        let content = vec![b"repudiate".to_vec(), notice.0.as_bytes().to_vec()];
        let operation = Plain::new(query, content, |snapshot, call, rules| {
            repudiate::decide(snapshot, Repudiate { notice }, call, rules)
        });
        // The notice names the request: a second use of its link is a retry of the first.
        let caller = Caller::system().naming(Some(format!("repudiation/{notice}")));
        match pipeline::run(&self.parts, &caller, &operation).await {
            Err(Error::Denied(Denial::SubjectUnknown)) => refused(),
            done => done,
        }
    }
}

/// What a token says, if it is one of ours.
fn opened(parts: &Parts, token: &str) -> Result<Option<Repudiation>, Error> {
    let Ok(bytes) = URL_SAFE_NO_PAD.decode(token) else { return Ok(None) };
    let Some((claim, presented)) = bytes.split_at_checked(CLAIM) else { return Ok(None) };
    let is_ours = constant_time::verify_slices_are_equal(&mac(parts, claim)?, presented).is_ok();
    Ok(Repudiation::read(claim).filter(|_| is_ours))
}

fn mac(parts: &Parts, claim: &[u8]) -> Result<Vec<u8>, Error> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, parts.keys.repudiation()?.as_slice());
    let tag = hmac::sign(&key, claim);
    Ok(tag.as_ref().iter().copied().take(MAC).collect())
}
