//! `glassbreak address confirm`

use serde::Serialize;

use crate::args::Shared;
use crate::client::segment;
use crate::exit::{Exit, Outcome};
use crate::output::{fields, text};
use crate::secret::CodeSource;

/// Arguments of `address confirm`.
#[derive(Debug, clap::Args)]
pub struct Confirm {
    /// Your own id for the subject.
    subject: String,

    /// The confirmation, as `address send-confirmation` named it.
    confirmation_id: String,

    /// Where the code comes from.
    #[command(flatten)]
    code: CodeSource,
}

#[derive(Serialize)]
struct Body<'a> {
    code: &'a str,
}

impl Confirm {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        let client = shared.connection.client()?;
        let code = self.code.read()?;
        let (subject, id) = (segment(&self.subject), segment(&self.confirmation_id));
        let path = format!("/v1/subjects/{subject}/addresses/confirmations/{id}/confirm");
        let answer = client.post(&path, &Body { code: &code }, None)?;
        shared.output().show(&answer, |answer| {
            fields(&[
                ("confirmed", text(answer, "confirmation_id")),
                ("evidence", text(answer, "evidence")),
            ])
        })?;
        Ok(Exit::Ok)
    }
}
