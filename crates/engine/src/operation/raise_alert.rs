//! Raise an alert that a rule found in the log.

use glassbreak_core::event::RuleAlert;
use glassbreak_core::id::SubjectId;
use glassbreak_core::operation::raise_alert;
use glassbreak_core::snapshot::{Aggregate, SnapshotQuery};
use glassbreak_core::stage::Applied;

use super::plain::Plain;
use crate::caller::Caller;
use crate::engine::Engine;
use crate::error::Error;
use crate::pipeline;

impl Engine {
    /// Raises an alert of a rule, about `subject` if it is about one. One rule raises one alert for
    /// one last entry: raised again after a crash, it is answered `false` and not written twice.
    ///
    /// # Errors
    /// `invalid_request` if it does not fit into an entry.
    pub async fn raise_alert(
        &self,
        subject: Option<SubjectId>,
        rule: RuleAlert,
    ) -> Result<Applied<bool>, Error> {
        let of = subject.map_or(Aggregate::World, Aggregate::Subject);
        let query = SnapshotQuery { of, ..SnapshotQuery::default() };
        let last = rule.entries.last().map(ToString::to_string).unwrap_or_default();
        let name = format!("alert {} {last}", rule.name);
        let content = [b"raise_alert".as_slice(), rule.name.as_bytes(), last.as_bytes()];
        let content = content.map(<[u8]>::to_vec).to_vec();
        let operation = Plain::new(query, content, |snapshot, call, _| {
            raise_alert::decide(snapshot, rule.clone(), call)
        });
        let caller = Caller::system().naming(Some(name));
        pipeline::run(&self.parts, &caller, &operation).await
    }
}
