//! `glassbreak log approvals`: what people signed, every approval, refusal and review.

use std::path::PathBuf;

use anyhow::anyhow;
use glassbreak_engine::tlog::tile::bundles_at;
use glassbreak_engine::tlog::{LogPath, bundle};
use glassbreak_verify::cases::Cases;
use glassbreak_verify::{DirSource, LogSource, verify_log};
use serde_json::json;

use crate::args::Shared;
use crate::exit::{Exit, Failure, Outcome};
use crate::log_copy::{HttpSource, verifier_keys};

/// Arguments of `log approvals`. The log is that of the server at `--url` unless `--dir` is given.
#[derive(Debug, clap::Args)]
pub struct Approvals {
    /// A copy of the log (`log export`) in place of the server at `--url`.
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,

    /// The log's verifier key, or a file that holds it, got from somebody you trust; may be
    /// repeated.
    #[arg(long, required = true, value_name = "FILE|KEY")]
    vkey: Vec<String>,

    /// The domain under which approvers enrolled their passkeys.
    #[arg(long, value_name = "DOMAIN")]
    relying_party: String,

    /// A page on which approvals are given, such as `https://desk.example.com`; may be repeated.
    #[arg(long, required = true, value_name = "ORIGIN")]
    origin: Vec<String>,
}

impl Approvals {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        let keys = verifier_keys(&self.vkey)?;
        let client = if self.dir.is_none() { Some(shared.connection.open_client()?) } else { None };
        let source: Box<dyn LogSource + '_> = match (&self.dir, &client) {
            (Some(dir), _) => Box::new(DirSource::new(dir)),
            (None, Some(client)) => Box::new(HttpSource::new(client)),
            (None, None) => return Err(anyhow!("there is no log to read").into()),
        };
        // First that it is the log: what is in it counts for nothing otherwise.
        let report = verify_log(source.as_ref(), &keys, None, &mut |_, _| {})?;
        let origins = self.origin.as_slice();
        let cases = check(source.as_ref(), report.size(), &self.relying_party, origins)?;
        let answer = json!({
            "verified": true, "entries": report.size(), "approvals": cases.checked(),
            "declines": cases.declines(), "reviews": cases.reviews(),
            "relying_party": self.relying_party,
        });
        shared.output().show(&answer, |_| standing(&cases))?;
        Ok(Exit::Ok)
    }
}

/// What was signed in a log, for people.
fn standing(cases: &Cases) -> String {
    let signed = [
        (cases.checked(), "approval", "approvals"),
        (cases.declines(), "refusal", "refusals"),
        (cases.reviews(), "review", "reviews"),
    ];
    let signed: Vec<_> = signed
        .into_iter()
        .filter(|(count, ..)| *count > 0)
        .map(|(count, one, more)| format!("{count} {}", if count == 1 { one } else { more }))
        .collect();
    if signed.is_empty() {
        return "The log is whole and unchanged. Nobody has signed anything.".to_owned();
    }
    format!("The log is whole and unchanged. Signed and verified: {}.", signed.join(", "))
}

/// Checks every approval, refusal and review among the first `size` entries; answers how many
/// there are.
pub(crate) fn check<S: AsRef<str>>(
    source: &dyn LogSource,
    size: u64,
    relying_party: &str,
    origins: &[S],
) -> Result<Cases, Failure> {
    let (mut cases, mut index) = (Cases::default(), 0_u64);
    for path in bundles_at(size).map(LogPath::Bundle) {
        let path = path.to_string();
        let bytes = source.read(&path).map_err(Failure::other)?;
        let bytes = bytes.ok_or_else(|| anyhow!("the log lacks `{path}`"))?;
        for entry in bundle::parse(&bytes).map_err(Failure::other)? {
            let read = cases.read(entry, relying_party, origins);
            read.map_err(|fault| Failure::Unapproved { index, fault })?;
            index += 1;
        }
    }
    Ok(cases)
}
