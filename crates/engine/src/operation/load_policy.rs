//! Load a set of policies without a restart.

use std::sync::{Arc, PoisonError};

use glassbreak_core::code::{Code, Profile};
use glassbreak_core::operation::Denial;
use glassbreak_core::operation::load_policy::{self, LoadPolicy};
use glassbreak_core::policy::Policy;
use glassbreak_core::snapshot::SnapshotQuery;
use glassbreak_core::stage::Applied;
use glassbreak_store::PolicyRow;

use super::plain::Plain;
use crate::caller::Caller;
use crate::engine::Engine;
use crate::error::Error;
use crate::pipeline;

impl Engine {
    /// Puts `policy` in force, and keeps its `text` for the next start. Whether it is fit to be is
    /// for whoever made it to say: a policy that was linted, not any text.
    ///
    /// # Errors
    /// `invalid_request` for a version that cannot be shown.
    pub async fn load_policy(
        &self,
        caller: &Caller,
        policy: Arc<dyn Policy>,
        version: &str,
        text: &str,
    ) -> Result<Applied<()>, Error> {
        let digest = policy.digest();
        // Of digits alone it is a date or a number; a saved code is nothing else.
        let pasted = Code::pasted_in(version, self.parts.keys.prefix());
        if pasted.is_some_and(|form| !matches!(form, Profile::Issued { .. })) {
            let problem = "reads as a code, which belongs nowhere but where it is redeemed";
            return Err(Denial::Invalid { field: "version", problem }.into());
        }
        let command =
            LoadPolicy { policy: digest, version: version.to_owned(), text: text.to_owned() };
        let operation = Plain::new(
            SnapshotQuery::default(),
            vec![b"load-policy".to_vec(), digest.0.to_vec()],
            |snapshot, call, _| load_policy::decide(snapshot, command.clone(), call),
        );
        // Held until the swap: two that are loaded at once come into force in the log's order.
        let _turn = self.parts.loading.lock().await;
        let applied = pipeline::run(&self.parts, caller, &operation).await?;
        if applied.first().is_none() {
            // A retry. What was loaded since is in force.
            return Ok(applied);
        }
        *self.parts.policy.write().unwrap_or_else(PoisonError::into_inner) = policy;
        Ok(applied)
    }

    /// The policy in force.
    pub fn policy(&self) -> Arc<dyn Policy> {
        self.parts.policy()
    }

    /// The set of policies that was last loaded, with its text.
    pub async fn loaded_policy(&self) -> Result<Option<PolicyRow>, Error> {
        Ok(self.parts.store.policy().await?)
    }
}
