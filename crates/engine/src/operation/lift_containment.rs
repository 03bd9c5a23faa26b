//! Lift a containment.

use glassbreak_core::containment::Containment;
use glassbreak_core::id::ContainmentId;
use glassbreak_core::operation::lift_containment;
use glassbreak_core::stage::Applied;

use super::begin_containment::of_containments;
use super::plain::Plain;
use crate::caller::Caller;
use crate::engine::Engine;
use crate::error::Error;
use crate::pipeline;

impl Engine {
    /// Lifts a containment that two people have approved the lifting of. Access is held until paths
    /// are reissued (D9). One that was lifted stays as it was lifted.
    ///
    /// # Errors
    /// `containment_unknown`; `approvals_missing` while fewer than two approvals stand.
    pub async fn lift_containment(
        &self,
        caller: &Caller,
        containment: ContainmentId,
    ) -> Result<Applied<Containment>, Error> {
        let operation = Plain::new(
            of_containments(),
            vec![b"lift_containment".to_vec(), containment.0.as_bytes().to_vec()],
            |snapshot, call, _| lift_containment::decide(snapshot, containment, call),
        );
        pipeline::run(&self.parts, caller, &operation).await
    }
}
