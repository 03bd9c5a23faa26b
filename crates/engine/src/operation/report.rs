//! Report a lifecycle event.

use glassbreak_core::id::SubjectRef;
use glassbreak_core::operation::report::{self, Report, Reported};
use glassbreak_core::operation::{Denial, Rules};
use glassbreak_core::snapshot::{Snapshot, SnapshotQuery};
use glassbreak_core::stage::{Applied, Call, Decided};

use super::{nothing, of_subject};
use crate::caller::Caller;
use crate::engine::{Engine, Parts};
use crate::error::Error;
use crate::pipeline::{self, Operation};

struct Reporting<'a> {
    query: SnapshotQuery,
    reference: &'a SubjectRef,
    report: Report,
}

impl Engine {
    /// Reports what happened in a subject's life; recovery credentials that depended on it are
    /// revoked as the settings say. The account is not touched.
    ///
    /// # Errors
    /// `subject_unknown`; `invalid_request` for a time in the future.
    pub async fn report(
        &self,
        caller: &Caller,
        reference: &SubjectRef,
        report: Report,
    ) -> Result<Applied<Reported>, Error> {
        let query = of_subject(&self.parts.marks, reference);
        pipeline::run(&self.parts, caller, &Reporting { query, reference, report }).await
    }
}

impl Operation for Reporting<'_> {
    type Prepared = ();
    type Reply = Reported;

    fn query(&self) -> SnapshotQuery {
        self.query.clone()
    }

    fn content(&self) -> Vec<Vec<u8>> {
        let Report { kind, occurred_at } = self.report;
        let what = format!("{}/{}", kind.name(), occurred_at.millis()).into_bytes();
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
        report::decide(snapshot, self.report, call, rules)
    }
}
