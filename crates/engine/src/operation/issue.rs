//! Issue a code set: draw the codes, make their verifiers, and only then decide.

use std::sync::Arc;

use glassbreak_core::access::KeyPurpose;
use glassbreak_core::code::{self, Code, Ordinal, PepperKey, Scheme, StoredVerifier};
use glassbreak_core::id::{SetId, SubjectRef};
use glassbreak_core::operation::issue::{self, Foreseen, IssueRequest, Minted, Plan, Reply};
use glassbreak_core::operation::{Denial, Rules};
use glassbreak_core::snapshot::{Snapshot, SnapshotQuery};
use glassbreak_core::stage::{Applied, Call, Decided};
use glassbreak_core::subject::Standing;

use super::{of_subject, text_of};
use crate::caller::Caller;
use crate::engine::{Engine, Parts};
use crate::entropy::Drawing;
use crate::error::Error;
use crate::pipeline::{self, Operation};

struct Issuing<'a> {
    query: SnapshotQuery,
    reference: &'a SubjectRef,
    request: &'a IssueRequest,
    /// The live sets that whoever asks knows of, if it matters.
    seen: Option<&'a [SetId]>,
}

impl Engine {
    /// Issues a code set and shows it, once. A retry under the same name never shows codes again.
    ///
    /// # Errors
    /// `subject_unknown`, `subject_departed`, `invalid_request`, `idempotency_key_reused`.
    pub async fn issue(
        &self,
        caller: &Caller,
        reference: &SubjectRef,
        request: &IssueRequest,
    ) -> Result<Applied<Reply>, Error> {
        let query = of_subject(&self.parts.marks, reference);
        let issuing = Issuing { query, reference, request, seen: None };
        pipeline::run(&self.parts, caller, &issuing).await
    }

    /// The same, unless there is a live set of the kind that is not among those whoever asks had
    /// `seen`: what was looked at a while ago takes nobody's place by accident (REG-28).
    ///
    /// # Errors
    /// Those of [`Engine::issue`], and `code_sets_changed`.
    pub async fn issue_as_seen(
        &self,
        caller: &Caller,
        reference: &SubjectRef,
        request: &IssueRequest,
        seen: &[SetId],
    ) -> Result<Applied<Reply>, Error> {
        let query = of_subject(&self.parts.marks, reference);
        let issuing = Issuing { query, reference, request, seen: Some(seen) };
        pipeline::run(&self.parts, caller, &issuing).await
    }

    /// What would come of issuing now, by the rules in force. Nothing is issued or written.
    ///
    /// # Errors
    /// `subject_unknown`, `subject_departed`, `invalid_request`.
    pub async fn foresee_issue(
        &self,
        caller: &Caller,
        reference: &SubjectRef,
        request: &IssueRequest,
    ) -> Result<Foreseen, Error> {
        let parts = &self.parts;
        let query = of_subject(&parts.marks, reference);
        let operation = Issuing { query: query.clone(), reference, request, seen: None };
        let snapshot = pipeline::look(parts, caller, &operation, &query, None).await?;
        let policy = parts.policy();
        let mut entropy = Drawing(parts.entropy.as_ref());
        let (now, actor) = (parts.clock.now(), caller.actor.clone());
        let mut call = Call { now, actor, request: None, entropy: &mut entropy };
        Ok(issue::foresee(&snapshot, request, &mut call, &parts.rules(policy.as_ref()))?)
    }
}

impl Operation for Issuing<'_> {
    type Prepared = Option<Minted>;
    type Reply = Reply;

    fn query(&self) -> SnapshotQuery {
        self.query.clone()
    }

    fn content(&self) -> Vec<Vec<u8>> {
        let reference = self.reference.as_str().as_bytes().to_vec();
        let mut content = vec![b"issue".to_vec(), reference, text_of(self.request)];
        content.extend(self.seen.into_iter().flatten().map(|set| set.0.as_bytes().to_vec()));
        content
    }

    async fn prepare(&self, parts: &Parts, snapshot: &Snapshot) -> Result<Option<Minted>, Error> {
        if snapshot.request.is_some() {
            return Ok(None);
        }
        let policy = parts.policy();
        let plan = issue::plan(snapshot, self.request, &parts.rules(policy.as_ref()))?;
        owner_is_there(parts, snapshot).await?;
        mint(parts, snapshot, plan).await.map(Some)
    }

    fn decide(
        &self,
        snapshot: &Snapshot,
        minted: Option<Minted>,
        call: &mut Call<'_>,
        rules: &Rules<'_>,
    ) -> Result<Decided<Reply>, Denial> {
        let Some(minted) = minted else {
            // A named request that was made before: nothing was drawn for it.
            let shown = issue::shown_before(call, snapshot)?;
            return shown.map(Decided::Already).ok_or(Denial::RequestReused);
        };
        if let Some(seen) = self.seen {
            issue::as_seen(snapshot, self.request.kind, seen, call.now)?;
        }
        issue::decide(snapshot, self.request, minted, call, rules)
    }
}

/// Nothing is issued to what nobody answers for any more (H1, H2).
async fn owner_is_there(parts: &Parts, snapshot: &Snapshot) -> Result<(), Error> {
    let owner = snapshot.subject.as_ref().and_then(|subject| subject.profile.owner);
    let Some(owner) = owner else { return Ok(()) };
    let found = parts.store.operator(owner).await?;
    if found.is_some_and(|owner| owner.standing == Standing::Active) {
        return Ok(());
    }
    let problem = "of the subject is not active; name another one first (H2)";
    Err(Denial::Invalid { field: "owner", problem }.into())
}

async fn mint(parts: &Parts, snapshot: &Snapshot, plan: Plan) -> Result<Minted, Error> {
    let key_generation = snapshot.keys.get(&KeyPurpose::Pepper).copied().unwrap_or(1);
    let pepper = parts.keys.pepper(key_generation)?;
    let prefix = parts.keys.prefix();
    let mut entropy = Drawing(parts.entropy.as_ref());
    let mut random = [0; 10];
    parts.entropy.fill(&mut random)?;
    let set = SetId::new(parts.clock.now(), random);
    let mut drawn = Vec::with_capacity(usize::from(plan.count));
    for ordinal in 0..plan.count {
        let ordinal = Ordinal::try_from(ordinal).unwrap_or(Ordinal::FIRST);
        let code = code::draw(plan.profile.into(), prefix, ordinal, &mut entropy)?;
        let salt =
            if plan.scheme.is_stretched() { Some(code::draw_salt(&mut entropy)?) } else { None };
        drawn.push((code, salt));
    }
    let derive = move || derive_all(plan.scheme, key_generation, &pepper, drawn);
    let (codes, verifiers) =
        if plan.scheme.is_stretched() { parts.stretcher.run(derive).await? } else { derive()? };
    Ok(Minted { set, plan, codes, verifiers, key_generation })
}

type Derived = (Vec<Code>, Vec<StoredVerifier>);

fn derive_all(
    scheme: Scheme,
    key_generation: u32,
    pepper: &Arc<PepperKey>,
    drawn: Vec<(Code, Option<code::Salt>)>,
) -> Result<Derived, Error> {
    let mut codes = Vec::with_capacity(drawn.len());
    let mut verifiers = Vec::with_capacity(drawn.len());
    for (code, salt) in drawn {
        let verifier = code::derive(scheme, key_generation, pepper, salt, &code);
        verifiers.push(verifier.map_err(|error| Error::Verifier(error.to_string()))?);
        codes.push(code);
    }
    Ok((codes, verifiers))
}
