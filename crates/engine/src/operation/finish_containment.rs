//! Write down that all that was live from before a containment has ended.

use glassbreak_core::id::ContainmentId;
use glassbreak_core::operation::finish_containment;

use super::begin_containment::of_containments;
use super::plain::Plain;
use crate::caller::Caller;
use crate::engine::Parts;
use crate::error::Error;
use crate::pipeline;

/// Writes it down; answers whether it was not before.
pub(crate) async fn finish_containment(parts: &Parts, id: ContainmentId) -> Result<bool, Error> {
    let operation = Plain::new(of_containments(), Vec::new(), |snapshot, call, _| {
        finish_containment::decide(snapshot, id, call)
    });
    Ok(pipeline::run(parts, &Caller::system(), &operation).await?.into_reply())
}
