//! `glassbreak codes confirm`

use serde::Serialize;

use crate::args::Shared;
use crate::client::segment;
use crate::exit::{Exit, Outcome};
use crate::output::{fields, minute, text};
use crate::secret::CodeSource;

/// Arguments of `codes confirm`.
#[derive(Debug, clap::Args)]
pub struct Confirm {
    /// The set.
    set_id: String,

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
        let path = format!("/v1/code-sets/{}/confirm", segment(&self.set_id));
        let answer = client.post(&path, &Body { code: &code }, None)?;
        shared.output().show(&answer, |answer| {
            fields(&[
                ("set", text(answer, "set_id")),
                ("state", text(answer, "state")),
                ("unused", text(answer, "unused")),
                ("expires", minute(&text(answer, "expires_at"))),
            ])
        })?;
        Ok(Exit::Ok)
    }
}
