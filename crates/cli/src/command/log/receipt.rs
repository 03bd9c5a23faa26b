//! `glassbreak log receipt`

use std::path::PathBuf;

use anyhow::Context;
use glassbreak_verify::{Receipt as Proof, verify_receipt, witnessed};
use serde_json::json;

use super::verify::{as_json, spelled};
use crate::args::Shared;
use crate::client::segment;
use crate::exit::{Exit, Outcome};
use crate::log_copy::{verifier_keys, write};
use crate::output::{fields, instant, pretty, print};

/// Arguments of `log receipt`.
#[derive(Debug, clap::Args)]
pub struct Receipt {
    /// The event to fetch the receipt of, as `evidence` names it.
    #[arg(required_unless_present = "verify")]
    event_id: Option<String>,

    /// Write the receipt there in place of showing it.
    #[arg(long, value_name = "FILE", conflicts_with = "verify")]
    out: Option<PathBuf>,

    /// Verify a receipt offline; no server is asked.
    #[arg(long, value_name = "FILE", requires = "vkey", conflicts_with = "event_id")]
    verify: Option<PathBuf>,

    /// The log's verifier key, or a file that holds it, got from somebody you trust; may be
    /// repeated.
    #[arg(long, value_name = "FILE|KEY", requires = "verify")]
    vkey: Vec<String>,

    /// A witness's verifier key, or a file that holds it: it has to have signed the receipt's
    /// checkpoint too; may be repeated.
    #[arg(long, value_name = "FILE|KEY", requires = "verify")]
    witness: Vec<String>,
}

impl Receipt {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        match &self.verify {
            Some(file) => self.check(file, shared),
            None => self.fetch(shared),
        }
    }

    fn fetch(&self, shared: &Shared) -> Outcome {
        let event = self.event_id.as_deref().unwrap_or_default();
        let path = format!("/v1/log/receipts/{}", segment(event));
        let receipt = shared.connection.client()?.get(&path)?;
        match &self.out {
            Some(file) => {
                write(file, receipt.to_string().as_bytes())?;
                let answer = json!({ "receipt": file.display().to_string() });
                let told = format!("The receipt is in `{}`.", file.display());
                shared.output().show(&answer, |_| told)?;
            }
            None => print(&pretty(&receipt))?,
        }
        Ok(Exit::Ok)
    }

    fn check(&self, file: &PathBuf, shared: &Shared) -> Outcome {
        let (keys, wanted) = (verifier_keys(&self.vkey)?, verifier_keys(&self.witness)?);
        let bytes = std::fs::read(file);
        let bytes = bytes.with_context(|| format!("cannot read `{}`", file.display()))?;
        let report = verify_receipt(&Proof::parse(&bytes)?, &keys)?;
        let witnessed = witnessed(&report.checkpoint, &wanted)?;
        let origin = report.checkpoint.checkpoint().origin().to_owned();
        let answer = json!({
            "verified": true,
            "origin": origin,
            "index": report.index,
            "size": report.size,
            "witnessed_by": as_json(&witnessed),
            "id": report.id.to_string(),
            "at": instant(report.at),
            "type": report.kind,
            "entry": report.entry,
        });
        shared.output().show(&answer, |_| {
            let mut about = vec![
                ("log", origin.clone()),
                ("entry", format!("{} of {}", report.index, report.size)),
                ("event", report.id.to_string()),
                ("at", instant(report.at)),
                ("type", report.kind.clone()),
            ];
            about.extend(witnessed.iter().map(|signature| ("witnessed by", spelled(signature))));
            let about = fields(&about);
            let entry = pretty(&report.entry);
            format!("{about}\n{entry}\nThe receipt is good: the log has this entry.")
        })?;
        Ok(Exit::Ok)
    }
}
