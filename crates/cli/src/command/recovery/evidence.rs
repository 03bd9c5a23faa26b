//! `glassbreak recovery evidence`

use serde_json::{Value, json};

use super::{Named, shown_grant, standing};
use crate::args::Shared;
use crate::exit::{Exit, Failure, Outcome};
use crate::words;

/// Arguments of `recovery evidence`.
#[derive(Debug, clap::Args)]
pub struct Evidence {
    #[command(flatten)]
    named: Named,

    /// What kind of evidence.
    #[arg(value_name = "TYPE", value_parser = words::one_of(words::EVIDENCE))]
    kind: String,

    /// With `vouched`: what was verified; `proofing` only in a recovery that the subject opened.
    #[arg(long, value_parser = words::one_of(words::METHODS))]
    method: Option<String>,

    /// With the others: the support agent who looked.
    #[arg(long, value_name = "SUBJECT")]
    agent: Option<String>,

    /// With `proofing`: the level reached.
    #[arg(long, value_parser = words::one_of(words::IALS))]
    level: Option<String>,

    /// What was looked at; with `proofing` it may be repeated.
    #[arg(long, value_parser = words::one_of(words::CHECKS))]
    check: Vec<String>,

    /// Where the record of it lies.
    #[arg(long)]
    reference: Option<String>,
}

impl Evidence {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        let body = self.body()?;
        let answer = self.named.post(shared, "evidence", &body)?;
        shared
            .output()
            .show(&answer, |answer| format!("{}{}", standing(answer), shown_grant(answer)))?;
        let enough = answer.get("outcome") == Some(&Value::from("accepted"));
        Ok(if enough { Exit::Ok } else { Exit::MoreEvidence })
    }

    fn body(&self) -> Result<Value, Failure> {
        let given = |value: &Option<String>, option: &str| {
            let needs = || Failure::Usage(format!("`{}` needs `{option}`", self.kind));
            value.clone().ok_or_else(needs)
        };
        if self.kind == "vouched" {
            return Ok(json!({ "type": self.kind, "method": given(&self.method, "--method")? }));
        }
        let agent = given(&self.agent, "--agent")?;
        let reference = given(&self.reference, "--reference")?;
        if self.kind == "proofing" {
            let (level, checks) = (given(&self.level, "--level")?, &self.check);
            return Ok(json!({ "type": self.kind, "agent": agent, "reference": reference,
                "level": level, "checks": checks }));
        }
        let [check] = self.check.as_slice() else {
            let message = "`second_verification` needs one `--check`".to_owned();
            return Err(Failure::Usage(message));
        };
        Ok(json!({ "type": self.kind, "agent": agent, "reference": reference, "check": check }))
    }
}
