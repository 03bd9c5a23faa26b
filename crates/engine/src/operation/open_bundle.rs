//! Open a bundle: shares come together in one request, are looked at one by one, and make up the
//! secret, which leaves once and is kept nowhere (A4, E3).

use aws_lc_rs::digest::{SHA256, digest};
use glassbreak_bundle::{BundleRecord, Sealed, Secret, Share, ShareRefused, combine};
use glassbreak_core::bundle::{Bundle, Generation};
use glassbreak_core::id::{BundleId, SubjectId, SubjectRef};
use glassbreak_core::operation::open_bundle::{self, OpenBundle, Reply, Shares};
use glassbreak_core::operation::{Denial, Rules};
use glassbreak_core::snapshot::{Aggregate, Snapshot, SnapshotQuery};
use glassbreak_core::stage::{Applied, Call, Decided};
use glassbreak_store::StoreError;
use zeroize::Zeroizing;

use crate::caller::Caller;
use crate::engine::{Engine, Parts};
use crate::error::Error;
use crate::pipeline::{self, Operation};

/// A share, opened by its custodian: what `age --decrypt` printed, to the last byte.
pub struct BroughtShare {
    /// Whose it is.
    pub custodian: SubjectRef,
    /// Its text.
    pub text: Zeroizing<String>,
}

/// What came of an opening.
pub enum Opened {
    /// The secret, this once.
    Secret {
        /// The bundle; its secret is to be replaced now (E4).
        bundle: Bundle,
        /// The secret.
        secret: Secret,
    },
    /// The shares did not make it up.
    Refused {
        /// The bundle, still open to another try.
        bundle: Bundle,
        /// What is wrong: a custodian's name where it is one share, and the reason's stable name.
        reasons: Vec<(Option<SubjectRef>, &'static str)>,
    },
    /// A retry: whatever it was, it was told before.
    Before(Bundle),
}

struct Opening<'a> {
    bundle: BundleId,
    shares: &'a [BroughtShare],
    /// Who brought them, as far as those names are registered.
    custodians: Vec<Option<SubjectId>>,
}

struct Looked {
    generation: u32,
    secret: Option<Secret>,
    reasons: Vec<(Option<SubjectRef>, &'static str)>,
    shares: Shares,
}

impl Engine {
    /// Opens a bundle with k shares of its custodians, brought together by the caller, while an
    /// opening is allowed. Wrong shares are named by custodian, and are written down.
    ///
    /// # Errors
    /// `bundle_unknown`, `bundle_state` if no opening is allowed, `recovery_state` if what allowed
    /// it has ended, `subject_suspended`, `idempotency_key_reused`.
    pub async fn open_bundle(
        &self,
        caller: &Caller,
        bundle: BundleId,
        shares: &[BroughtShare],
    ) -> Result<Applied<Opened>, Error> {
        let mut custodians = Vec::with_capacity(shares.len());
        for share in shares {
            let found = self.parts.reached(&caller.reach, &share.custodian).await?;
            custodians.push(found.map(|(subject, _)| subject.id));
        }
        pipeline::run(&self.parts, caller, &Opening { bundle, shares, custodians }).await
    }
}

impl Opening<'_> {
    fn look(&self, generation: &Generation, record: &BundleRecord, sealed: &Sealed) -> Looked {
        let (mut good, mut whose) = (Vec::new(), Vec::new());
        let (mut wrong, mut reasons) = (Vec::new(), Vec::new());
        for (brought, custodian) in self.shares.iter().zip(&self.custodians) {
            match looked_at(brought, *custodian, generation, record) {
                Ok(share) => {
                    good.push(share);
                    whose.extend(*custodian);
                }
                Err(why) => {
                    let held = custodian.filter(|id| generation.index_of(*id).is_some());
                    wrong.extend(held);
                    reasons.push((Some(brought.custodian.clone()), why));
                }
            }
        }
        let combined = if reasons.is_empty() { Some(combine(record, sealed, &good)) } else { None };
        let secret = match combined {
            Some(Ok(secret)) => Some(secret),
            Some(Err(why)) => {
                reasons.push((None, why.code()));
                None
            }
            None => None,
        };
        wrong.sort_unstable();
        wrong.dedup();
        let shares = match secret {
            Some(_) => Shares::Good { custodians: whose },
            None => Shares::Wrong { custodians: wrong },
        };
        Looked { generation: generation.number, secret, reasons, shares }
    }
}

fn looked_at(
    brought: &BroughtShare,
    custodian: Option<SubjectId>,
    generation: &Generation,
    record: &BundleRecord,
) -> Result<Share, &'static str> {
    let index = custodian.and_then(|custodian| generation.index_of(custodian));
    let index = index.ok_or("custodian_unknown")?;
    let share = Share::parse(brought.text.as_bytes()).map_err(ShareRefused::code)?;
    share.check(record).map_err(ShareRefused::code)?;
    if share.index() == index { Ok(share) } else { Err("share_of_another_custodian") }
}

impl Operation for Opening<'_> {
    type Prepared = Option<Looked>;
    type Reply = Opened;

    fn query(&self) -> SnapshotQuery {
        SnapshotQuery { of: Aggregate::Bundle(self.bundle), ..SnapshotQuery::default() }
    }

    fn content(&self) -> Vec<Vec<u8>> {
        let mut content = vec![b"open_bundle".to_vec(), self.bundle.0.as_bytes().to_vec()];
        for share in self.shares {
            let name = share.custodian.as_str().as_bytes().to_vec();
            content.extend([name, secret_digest(&share.text)]);
        }
        content
    }

    async fn prepare(&self, parts: &Parts, snapshot: &Snapshot) -> Result<Option<Looked>, Error> {
        if snapshot.request.is_some() {
            return Ok(None);
        }
        // That somebody tried is written down; the core says the rest.
        let Ok(number) = open_bundle::plan(snapshot, self.bundle) else { return Ok(None) };
        let bundle = snapshot.bundles.iter().find(|bundle| bundle.id == self.bundle);
        let generation =
            bundle.and_then(|bundle| bundle.generations.iter().find(|one| one.number == number));
        let generation = generation.ok_or(Denial::BundleUnknown)?;
        let (record, sealed) = record_of(parts, self.bundle, generation).await?;
        let sealed = sealed.ok_or_else(|| corrupt("what was sealed is gone"))?;
        Ok(Some(self.look(generation, &record, &sealed)))
    }

    fn decide(
        &self,
        snapshot: &Snapshot,
        looked: Option<Looked>,
        call: &mut Call<'_>,
        rules: &Rules<'_>,
    ) -> Result<Decided<Opened>, Denial> {
        // A named request that was made before, or no opening: nothing was looked at for it.
        let looked = looked.unwrap_or(Looked {
            generation: 0,
            secret: None,
            reasons: Vec::new(),
            shares: Shares::Wrong { custodians: Vec::new() },
        });
        let Looked { generation, secret, reasons, shares } = looked;
        let command = OpenBundle { bundle: self.bundle, generation, shares };
        let decided = open_bundle::decide(snapshot, command, call, rules)?;
        Ok(decided.map(|reply| match (reply, secret) {
            (Reply::Opened(bundle), Some(secret)) => Opened::Secret { bundle, secret },
            (Reply::Before(bundle), _) => Opened::Before(bundle),
            (Reply::Opened(bundle) | Reply::Refused(bundle), _) => {
                Opened::Refused { bundle, reasons }
            }
        }))
    }
}

/// A generation's record and sealed secret, if they are what the log says.
pub(super) async fn record_of(
    parts: &Parts,
    id: BundleId,
    generation: &Generation,
) -> Result<(BundleRecord, Option<Sealed>), Error> {
    let held = parts.store.bundle_parts(id, generation.number).await?;
    let held = held.ok_or_else(|| corrupt("a generation is without its record"))?;
    let sealed_fits = held.sealed_digest().is_none_or(|sealed| sealed == generation.sealed);
    if held.record_digest() != generation.record || !sealed_fits {
        return Err(corrupt("a record is not the one that its log names"));
    }
    let record = serde_json::from_str(&held.record);
    let record = record.map_err(|_| corrupt("a record cannot be read"))?;
    Ok((record, held.sealed.map(Sealed::from_bytes)))
}

fn corrupt(what: &str) -> Error {
    StoreError::Corrupt(format!("bundles: {what}")).into()
}

/// What names a secret in a request's fingerprint: one copy less of it.
pub(super) fn secret_digest(text: &Zeroizing<String>) -> Vec<u8> {
    digest(&SHA256, text.as_bytes()).as_ref().to_vec()
}
