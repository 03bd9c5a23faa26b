//! `glassbreak leak report`

use std::io::Read as _;
use std::path::PathBuf;

use anyhow::Context as _;
use serde_json::json;
use zeroize::Zeroizing;

use crate::args::Shared;
use crate::exit::{Exit, Outcome};
use crate::output::fields;

/// How many codes go into one request.
const AT_ONCE: usize = 500;

/// Arguments of `leak report`.
#[derive(Debug, clap::Args)]
pub struct Report {
    /// A file with what was found, a code on each line; `-` for standard input. Codes are not given
    /// as arguments: everybody on the machine could see them.
    file: PathBuf,
}

impl Report {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        let mut text = Zeroizing::new(String::new());
        let shown = self.file.display();
        if self.file.as_os_str() == "-" {
            let read = std::io::stdin().read_to_string(&mut text);
            read.context("cannot read standard input")?;
        } else {
            let opened = std::fs::File::open(&self.file);
            let mut opened = opened.with_context(|| format!("cannot read `{shown}`"))?;
            opened.read_to_string(&mut text).with_context(|| format!("cannot read `{shown}`"))?;
        }
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let codes: Vec<&str> = lines.collect();
        let client = shared.connection.client()?;
        for some in codes.chunks(AT_ONCE) {
            client.post("/v1/leak-reports", &json!({ "codes": some }), None)?;
        }
        // The answers say nothing else.
        let answer = json!({ "received": codes.len() });
        shared.output().show(&answer, |_| fields(&[("reported", codes.len().to_string())]))?;
        Ok(Exit::Ok)
    }
}
