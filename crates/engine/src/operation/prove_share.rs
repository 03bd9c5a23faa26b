//! Prove a share: the token is checked here, against the record, and what it comes to is decided in
//! the core.

use glassbreak_bundle::Proof;
use glassbreak_core::bundle::Bundle;
use glassbreak_core::id::{BundleId, SubjectRef};
use glassbreak_core::operation::prove_share::{self, ProveShare};
use glassbreak_core::operation::{Denial, Rules};
use glassbreak_core::snapshot::{Aggregate, Snapshot, SnapshotQuery};
use glassbreak_core::stage::{Applied, Call, Decided};
use zeroize::Zeroizing;

use super::open_bundle::{record_of, secret_digest};
use crate::caller::Caller;
use crate::engine::{Engine, Parts};
use crate::error::Error;
use crate::pipeline::{self, Operation};

struct Proving<'a> {
    bundle: BundleId,
    custodian: glassbreak_core::id::SubjectId,
    token: &'a Zeroizing<String>,
}

impl Engine {
    /// Takes the token out of a custodian's opened share. With the last of them the generation
    /// counts, and the one before it is superseded.
    ///
    /// # Errors
    /// `proof_refused` unless it is the token of this custodian's share of the pending generation;
    /// `bundle_unknown`, `bundle_state`.
    pub async fn prove_share(
        &self,
        caller: &Caller,
        bundle: BundleId,
        custodian: &SubjectRef,
        token: &Zeroizing<String>,
    ) -> Result<Applied<Bundle>, Error> {
        let found = self.parts.reached(&caller.reach, custodian).await?;
        let (custodian, _) = found.ok_or(Denial::ProofRefused)?;
        let operation = Proving { bundle, custodian: custodian.id, token };
        pipeline::run(&self.parts, caller, &operation).await
    }
}

impl Operation for Proving<'_> {
    /// The generation whose share the token is of; none if it is of none.
    type Prepared = Option<u32>;
    type Reply = Bundle;

    fn query(&self) -> SnapshotQuery {
        SnapshotQuery { of: Aggregate::Bundle(self.bundle), ..SnapshotQuery::default() }
    }

    fn content(&self) -> Vec<Vec<u8>> {
        let (bundle, custodian) = (self.bundle.0.as_bytes(), self.custodian.0.as_bytes());
        let token = secret_digest(self.token);
        vec![b"prove_share".to_vec(), bundle.to_vec(), custodian.to_vec(), token]
    }

    async fn prepare(&self, parts: &Parts, snapshot: &Snapshot) -> Result<Option<u32>, Error> {
        if snapshot.request.is_some() {
            return Ok(None);
        }
        let bundle = snapshot.bundles.iter().find(|bundle| bundle.id == self.bundle);
        let bundle = bundle.ok_or(Denial::BundleUnknown)?;
        // That somebody tried is written down; the core says the rest.
        let Some(pending) = bundle.pending() else { return Ok(None) };
        let (record, _) = record_of(parts, bundle.id, pending).await?;
        let proof = Proof::parse(self.token).ok().zip(pending.index_of(self.custodian));
        let proven = proof.is_some_and(|(proof, index)| record.is_proven_by(index, &proof));
        Ok(proven.then_some(pending.number))
    }

    fn decide(
        &self,
        snapshot: &Snapshot,
        generation: Option<u32>,
        call: &mut Call<'_>,
        _: &Rules<'_>,
    ) -> Result<Decided<Bundle>, Denial> {
        let command = ProveShare { bundle: self.bundle, generation, custodian: self.custodian };
        prove_share::decide(snapshot, command, call)
    }
}
