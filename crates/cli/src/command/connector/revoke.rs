//! `glassbreak connector revoke`

use glassbreak_connectors::RevokedSet;
use serde_json::json;

use super::{Which, failed, word};
use crate::args::Shared;
use crate::exit::{Exit, Outcome};
use crate::output::table;

/// Arguments of `connector revoke`. It is safe to run it again.
#[derive(Debug, clap::Args)]
pub struct Revoke {
    #[command(flatten)]
    which: Which,

    /// The user, as the other system names it.
    user: String,
}

impl Revoke {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        let revoked = self.which.open()?.revoke(&self.user).map_err(failed)?;
        let answer = json!({ "user": self.user, "sets": revoked });
        shared.output().show(&answer, |_| human(&revoked))?;
        Ok(Exit::Ok)
    }
}

fn human(revoked: &[RevokedSet]) -> String {
    if revoked.is_empty() {
        return "There are no recovery codes of this user.".to_owned();
    }
    let row =
        |set: &RevokedSet| [set.kind.clone(), set.set.clone(), word(&set.done).replace('_', " ")];
    table(["kind", "set", "what was done"], revoked.iter().map(row).collect())
}
