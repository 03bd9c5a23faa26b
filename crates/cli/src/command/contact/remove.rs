//! `glassbreak contact remove`

use super::path;
use crate::args::Shared;
use crate::exit::{Exit, Outcome};
use crate::output::{fields, text};

/// Arguments of `contact remove`.
#[derive(Debug, clap::Args)]
pub struct Remove {
    /// Your own id for the subject.
    subject: String,

    /// What the subject calls the contact.
    contact: String,
}

impl Remove {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        let answer = shared.connection.client()?.delete(&path(&self.subject, &self.contact))?;
        shared.output().show(&answer, |answer| {
            fields(&[("removed", self.contact.clone()), ("evidence", text(answer, "evidence"))])
        })?;
        Ok(Exit::Ok)
    }
}
