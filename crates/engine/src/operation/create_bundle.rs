//! Create a bundle: split the secret, write the record down, and only then hand the shares out.
//! Neither the secret nor a share is kept (A4, B3).

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use glassbreak_bundle::{Header, Recipient, Secret, SplitRefused, split};
use glassbreak_core::bundle::{Bundle, BundleParts};
use glassbreak_core::canonical;
use glassbreak_core::id::{BundleId, SubjectRef};
use glassbreak_core::operation::create_bundle::{self, CreateBundle, Reply};
use glassbreak_core::operation::{Denial, Rules};
use glassbreak_core::operator::Operator;
use glassbreak_core::snapshot::{Snapshot, SnapshotQuery};
use glassbreak_core::stage::{Applied, Call, Decided};
use zeroize::Zeroizing;

use super::of_subject;
use crate::caller::Caller;
use crate::engine::{Engine, Parts};
use crate::entropy::Drawing;
use crate::error::Error;
use crate::pipeline::{self, Operation};

/// The most bytes of a secret, so that it fits a request. A longer one is encrypted elsewhere, and
/// its key is split.
pub const SECRET_MAX: usize = 32 * 1024;

/// A split, as a caller asks for it.
pub struct BundleRequest {
    /// The bundle that gets its next generation; a new bundle if `None`.
    pub bundle: Option<BundleId>,
    /// How many shares suffice, 2 to the number of custodians.
    pub threshold: u8,
    /// Who gets a share, in order, each with an age recipient (`age1...`); at most 32 people.
    pub custodians: Vec<(SubjectRef, String)>,
    /// The secret, 1 byte to [`SECRET_MAX`]; made here if `None`: 32 random bytes as 43 characters.
    pub secret: Option<Zeroizing<Vec<u8>>>,
}

/// One share, encrypted to its custodian.
#[derive(Debug, Clone)]
pub struct HandedShare {
    /// Whose it is.
    pub custodian: SubjectRef,
    /// The age ciphertext, armored.
    pub armored: String,
}

/// What came of a creation.
pub enum Created {
    /// The shares, this once.
    Shown {
        /// The bundle.
        bundle: Bundle,
        /// A share for each custodian, in order.
        shares: Vec<HandedShare>,
        /// The secret, if it was made here.
        secret: Option<Secret>,
    },
    /// A retry: they were shown before. If that answer was lost, split anew.
    Before(Bundle),
}

struct Creating<'a> {
    query: SnapshotQuery,
    subject: &'a SubjectRef,
    request: &'a BundleRequest,
    custodians: Vec<Operator>,
    recipients: Vec<Recipient>,
}

/// What was made for a decision.
enum Prepared {
    /// The shares.
    Handed(Handed),
    /// Nothing: the request was made before under its name.
    Before,
    /// Nothing: it is refused.
    Refused(Denial),
}

struct Handed {
    id: BundleId,
    parts: BundleParts,
    armored: Vec<String>,
    made: Option<Secret>,
}

impl Engine {
    /// Splits a secret of a subject among custodians, and hands the shares out, once. It counts
    /// when every custodian has proven a share; until then the generation before it does.
    ///
    /// # Errors
    /// `subject_unknown`, `subject_departed`, `subject_suspended`, `bundle_unknown`,
    /// `bundle_state`, `idempotency_key_reused`; `invalid_request` for custodians who are not
    /// different active people, for a recipient that is none, and for an empty or long secret.
    pub async fn create_bundle(
        &self,
        caller: &Caller,
        subject: &SubjectRef,
        request: &BundleRequest,
    ) -> Result<Applied<Created>, Error> {
        let (mut custodians, mut recipients) = (Vec::new(), Vec::new());
        for (name, recipient) in &request.custodians {
            let problem = "name somebody who is not registered";
            let found = self.operator(&caller.reach, name).await?;
            custodians.push(found.ok_or(Denial::Invalid { field: "custodians", problem })?);
            recipients.push(recipient.trim().parse().map_err(|_| recipient_refused())?);
        }
        let query = of_subject(&self.parts.marks, subject);
        let operation = Creating { query, subject, request, custodians, recipients };
        pipeline::run(&self.parts, caller, &operation).await
    }
}

impl Creating<'_> {
    fn split(&self, parts: &Parts, generation: u32) -> Result<Handed, Error> {
        let mut random = [0; 10];
        parts.entropy.fill(&mut random)?;
        let new_id = BundleId::new(parts.clock.now(), random);
        let id = self.request.bundle.unwrap_or(new_id);
        let n = u8::try_from(self.recipients.len()).unwrap_or(u8::MAX);
        let header = Header::new(id, generation, self.request.threshold, n).map_err(|_| {
            let problem = "are n people of whom k suffice, with 2 <= k <= n <= 32";
            Denial::Invalid { field: "custodians", problem }
        })?;
        let (secret, is_made) = self.secret(parts)?;
        let mut entropy = Drawing(parts.entropy.as_ref());
        let split = split(header, &self.recipients, &secret, &mut entropy).map_err(refused)?;
        let record = canonical::to_bytes(&split.record)?;
        let record = String::from_utf8(record).map_err(|_| failed())?;
        Ok(Handed {
            id,
            parts: BundleParts { record, sealed: Some(split.sealed.as_bytes().to_vec()) },
            armored: split.shares.into_iter().map(|share| share.armored).collect(),
            made: is_made.then_some(secret),
        })
    }

    fn secret(&self, parts: &Parts) -> Result<(Secret, bool), Error> {
        let (bytes, is_made) = if let Some(given) = &self.request.secret {
            (given.clone(), false)
        } else {
            let mut random = Zeroizing::new([0; 32]);
            parts.entropy.fill(random.as_mut_slice())?;
            let text = URL_SAFE_NO_PAD.encode(random.as_slice()).into_bytes();
            (Zeroizing::new(text), true)
        };
        let problem = "is 1 byte to 32 KiB; encrypt a longer one, and split its key";
        let invalid = Denial::Invalid { field: "secret", problem };
        if bytes.len() > SECRET_MAX {
            return Err(invalid.into());
        }
        Ok((Secret::new(bytes).map_err(|_| invalid)?, is_made))
    }
}

impl Operation for Creating<'_> {
    type Prepared = Prepared;
    type Reply = Created;

    fn query(&self) -> SnapshotQuery {
        self.query.clone()
    }

    fn content(&self) -> Vec<Vec<u8>> {
        let request = self.request;
        let what = format!("{:?}/{}", request.bundle, request.threshold).into_bytes();
        let subject = self.subject.as_str().as_bytes().to_vec();
        // Its digest and not itself: one copy less of a secret.
        let secret = request.secret.as_ref().map(|given| digest(&SHA256, given).as_ref().to_vec());
        let mut content =
            vec![b"create_bundle".to_vec(), subject, what, secret.unwrap_or_default()];
        for (name, recipient) in &request.custodians {
            content.extend([name.as_str().as_bytes().to_vec(), recipient.clone().into_bytes()]);
        }
        content
    }

    async fn prepare(&self, parts: &Parts, snapshot: &Snapshot) -> Result<Prepared, Error> {
        if snapshot.request.is_some() {
            return Ok(Prepared::Before);
        }
        let planned = create_bundle::plan(snapshot, self.request.bundle).map_err(Error::from);
        match planned.and_then(|generation| self.split(parts, generation)) {
            Ok(handed) => Ok(Prepared::Handed(handed)),
            // That somebody tried is written down; the core says the rest.
            Err(Error::Denied(denial)) => Ok(Prepared::Refused(denial)),
            Err(failed) => Err(failed),
        }
    }

    fn decide(
        &self,
        snapshot: &Snapshot,
        prepared: Prepared,
        call: &mut Call<'_>,
        _: &Rules<'_>,
    ) -> Result<Decided<Created>, Denial> {
        let Handed { id, parts, armored, made } = match prepared {
            Prepared::Handed(handed) => handed,
            Prepared::Refused(denial) => {
                return create_bundle::refuse(snapshot, self.request.bundle, denial, call);
            }
            Prepared::Before => {
                let shown = create_bundle::shown_before(call, snapshot)?;
                let Some(Reply::ShownBefore(bundle) | Reply::Shown(bundle)) = shown else {
                    return Err(Denial::RequestReused);
                };
                return Ok(Decided::Already(Created::Before(bundle)));
            }
        };
        let command = CreateBundle {
            bundle: id,
            next: self.request.bundle.is_some(),
            k: self.request.threshold,
            custodians: self.custodians.clone(),
            parts,
        };
        let names = self.request.custodians.iter().map(|(name, _)| name.clone());
        let shares = names.zip(armored);
        let shares =
            shares.map(|(custodian, armored)| HandedShare { custodian, armored }).collect();
        let decided = create_bundle::decide(snapshot, command, call)?;
        Ok(decided.map(|reply| match reply {
            Reply::Shown(bundle) => Created::Shown { bundle, shares, secret: made },
            Reply::ShownBefore(bundle) => Created::Before(bundle),
        }))
    }
}

const fn recipient_refused() -> Denial {
    let problem = "is an age recipient: `age1...`, `age1tag1...` or `age1tagpq1...`";
    Denial::Invalid { field: "recipient", problem }
}

fn refused(why: SplitRefused) -> Error {
    match why {
        SplitRefused::DuplicateRecipient | SplitRefused::RecipientCount { .. } => {
            let problem = "is another one for each custodian: one key would hold two shares";
            Denial::Invalid { field: "recipient", problem }.into()
        }
        SplitRefused::Entropy(_) => Denial::NoEntropy.into(),
        SplitRefused::Failed => failed(),
    }
}

fn failed() -> Error {
    Error::Split("the split failed its own check; nothing was handed out".to_owned())
}
