//! Report a lifecycle event.

use glassbreak_core::id::SubjectRef;
use glassbreak_core::lifecycle::LifecycleKind;
use glassbreak_core::operation::report::{self, Report, Reported};
use glassbreak_core::snapshot::{Aggregate, SnapshotQuery};
use glassbreak_core::stage::Applied;
use glassbreak_core::subject::Standing;
use glassbreak_core::time::Timestamp;

use super::plain::Plain;
use super::{of_subject, raise_custodians_left};
use crate::caller::Caller;
use crate::engine::{Engine, Parts};
use crate::error::Error;
use crate::pipeline;

/// How many orphans one look takes.
const BATCH: usize = 256;

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
        let content = vec![
            b"report".to_vec(),
            reference.as_str().as_bytes().to_vec(),
            // As the reporter sent it: a time filled in here would make a retry another request.
            format!("{}/{:?}", kind.name(), occurred_at.map(Timestamp::millis)).into_bytes(),
        ];
        let operation = Plain::new(query, content, |snapshot, call, rules| {
            let occurred_at = occurred_at.unwrap_or(call.now);
            report::decide(snapshot, Report { kind, occurred_at }, call, rules)
        });
        let applied = pipeline::run(&self.parts, caller, &operation).await?;
        if matches!(applied.reply().standing, Standing::Departed { .. }) {
            raise_orphans(&self.parts).await?;
            raise_custodians_left(&self.parts).await?;
        }
        Ok(applied)
    }
}

/// Raises what a departed owner answered for (H2): nobody has to remember. The sweeper does it
/// again, so that a crash between the two leaves nothing standing.
pub(crate) async fn raise_orphans(parts: &Parts) -> Result<usize, Error> {
    let mut raised = 0;
    loop {
        let orphans = parts.store.orphans(BATCH).await?;
        for orphan in &orphans {
            let of = Aggregate::Subject(*orphan);
            let query = SnapshotQuery { of, ..SnapshotQuery::default() };
            let operation = Plain::new(query, Vec::new(), |snapshot, call, rules| {
                let kind = LifecycleKind::OwnerLeft;
                report::decide(snapshot, Report { kind, occurred_at: call.now }, call, rules)
            });
            pipeline::run(parts, &Caller::system(), &operation).await?;
            raised += 1;
        }
        if orphans.len() < BATCH {
            return Ok(raised);
        }
    }
}
