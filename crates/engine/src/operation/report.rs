//! Report a lifecycle event.

use glassbreak_core::id::SubjectRef;
use glassbreak_core::lifecycle::LifecycleKind;
use glassbreak_core::operation::report::{self, Report, Reported};
use glassbreak_core::operation::{Denial, Rules};
use glassbreak_core::snapshot::{Snapshot, SnapshotQuery};
use glassbreak_core::stage::{Applied, Call, Decided};
use glassbreak_core::time::Timestamp;

use super::{nothing, of_subject};
use crate::caller::Caller;
use crate::engine::{Engine, Parts};
use crate::error::Error;
use crate::pipeline::{self, Operation};

struct Reporting<'a> {
    query: SnapshotQuery,
    reference: &'a SubjectRef,
    kind: LifecycleKind,
    occurred_at: Option<Timestamp>,
}

impl Engine {
    /// Reports what happened in a subject's life; recovery credentials that depended on it are
    /// revoked as the settings say. The account is not touched. `occurred_at` is the reporter's
    /// word; `None` is now.
    ///
    /// # Errors
    /// `subject_unknown`; `invalid_request` for a time in the future.
    pub async fn report(
        &self,
        caller: &Caller,
        reference: &SubjectRef,
        kind: LifecycleKind,
        occurred_at: Option<Timestamp>,
    ) -> Result<Applied<Reported>, Error> {
        let query = of_subject(&self.parts.marks, reference);
        let operation = Reporting { query, reference, kind, occurred_at };
        pipeline::run(&self.parts, caller, &operation).await
    }
}

impl Operation for Reporting<'_> {
    type Prepared = ();
    type Reply = Reported;

    fn query(&self) -> SnapshotQuery {
        self.query.clone()
    }

    fn content(&self) -> Vec<Vec<u8>> {
        // As the reporter sent it: a time filled in here would make a retry another request.
        let occurred_at = self.occurred_at.map(Timestamp::millis);
        let what = format!("{}/{occurred_at:?}", self.kind.name()).into_bytes();
        vec![b"report".to_vec(), self.reference.as_str().as_bytes().to_vec(), what]
    }

    fn prepare(&self, _: &Parts, _: &Snapshot) -> impl Future<Output = Result<(), Error>> + Send {
        nothing()
    }

    fn decide(
        &self,
        snapshot: &Snapshot,
        (): (),
        call: &mut Call<'_>,
        rules: &Rules<'_>,
    ) -> Result<Decided<Reported>, Denial> {
        let occurred_at = self.occurred_at.unwrap_or(call.now);
        report::decide(snapshot, Report { kind: self.kind, occurred_at }, call, rules)
    }
}
