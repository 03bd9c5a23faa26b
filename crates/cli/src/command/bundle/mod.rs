//! Recovery bundles: a secret split among custodians who open their shares with `age`.

mod allow;
mod create;
mod list;
mod open;
mod prove;
mod revoke;
mod show;

pub use allow::Allow;
pub use create::Create;
pub use list::List;
pub use open::Open;
pub use prove::Prove;
pub use revoke::Revoke;
pub use show::Show;

use std::io::Read;
use std::path::Path;

use anyhow::Context;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use zeroize::Zeroizing;

use crate::args::Shared;
use crate::client::segment;
use crate::exit::{Failure, Outcome};
use crate::output::{filled, minute, text};

/// The most bytes of a file that is read for a bundle: a secret of 32 KiB, and one more.
const FILE_MAX: u64 = 32 * 1024 + 1;

/// What to do with a bundle.
#[derive(Debug, clap::Subcommand)]
pub enum Verb {
    /// Split a secret among custodians and hand their shares out, this once.
    Create(Create),
    /// Prove with an opened share that its custodian has it. The share itself is not sent.
    Prove(Prove),
    /// Allow that a bundle is opened, inside an emergency recovery with two approvals.
    Allow(Allow),
    /// Open a bundle with its custodians' shares and show its secret, this once.
    Open(Open),
    /// Revoke a bundle: nobody opens it any more.
    Revoke(Revoke),
    /// List bundles.
    List(List),
    /// Show a bundle with its generations and custodians.
    Show(Show),
}

impl Verb {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        match self {
            Self::Create(args) => args.run(shared),
            Self::Prove(args) => args.run(shared),
            Self::Allow(args) => args.run(shared),
            Self::Open(args) => args.run(shared),
            Self::Revoke(args) => args.run(shared),
            Self::List(args) => args.run(shared),
            Self::Show(args) => args.run(shared),
        }
    }
}

/// What every change of a bundle takes.
#[derive(Debug, clap::Args)]
pub struct Named {
    /// The bundle.
    bundle_id: String,

    /// Your own name for this request: repeating it is safe.
    #[arg(long, value_name = "NAME")]
    idempotency_key: Option<String>,
}

impl Named {
    fn post(
        &self,
        shared: &Shared,
        verb: &str,
        body: &impl serde::Serialize,
    ) -> Result<Value, Failure> {
        let path = format!("/v1/bundles/{}/{verb}", segment(&self.bundle_id));
        shared.connection.client()?.post(&path, body, self.idempotency_key.as_deref())
    }
}

/// Where a bundle stands, field by field; what is empty is left out.
fn standing(answer: &Value) -> String {
    let time = |name| minute(&text(answer, name));
    let shares = match (text(answer, "threshold"), text(answer, "custodians")) {
        (k, n) if !k.is_empty() => format!("{k} of {n}"),
        _ => String::new(),
    };
    let flag = |name| answer.get(name) == Some(&Value::Bool(true));
    let left = if flag("needs_new_shares") { "a custodian has left: split anew" } else { "" };
    filled(vec![
        ("bundle", text(answer, "bundle_id")),
        ("subject", text(answer, "subject")),
        ("state", text(answer, "state")),
        ("generation", text(answer, "generation")),
        ("shares", shares),
        ("pending", text(answer, "pending_generation")),
        ("proofs missing", text(answer, "proofs_missing")),
        ("opening until", time("opening_until")),
        ("in recovery", text(answer, "opening_recovery_id")),
        ("rotate since", time("rotate_since")),
        ("shares needed", left.to_owned()),
        ("evidence", text(answer, "evidence")),
    ])
}

/// Two halves of `NAME=VALUE`.
fn pair(text: &str) -> Result<(String, String), String> {
    let halves = text.split_once('=').filter(|(name, value)| !name.is_empty() && !value.is_empty());
    let (name, value) = halves.ok_or("it is written NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}

/// A file to the last byte, `-` for standard input. It never grows a buffer: growing would leave
/// copies behind.
fn bytes(file: &Path) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let room = usize::try_from(FILE_MAX).unwrap_or(0).saturating_mul(2);
    let mut bytes = Zeroizing::new(Vec::with_capacity(room));
    let read = if file == Path::new("-") {
        std::io::stdin().lock().take(FILE_MAX).read_to_end(&mut bytes)
    } else {
        std::fs::File::open(file).and_then(|open| open.take(FILE_MAX).read_to_end(&mut bytes))
    };
    read.with_context(|| format!("cannot read `{}`", file.display()))?;
    Ok(bytes)
}

/// The text in a file, as [`bytes`] has it.
fn share_in(file: &Path) -> Result<Zeroizing<String>, Failure> {
    let bytes = bytes(file)?;
    let text = std::str::from_utf8(&bytes);
    let usage =
        |_| Failure::Usage(format!("`{}` is no opened share: open it with `age`", file.display()));
    Ok(Zeroizing::new(text.map_err(usage)?.to_owned()))
}

/// A secret for people: as it is where it can be shown, else in base64.
fn secret_of(answer: &Value) -> Option<Zeroizing<String>> {
    let base64 = answer.get("secret_base64").and_then(Value::as_str)?;
    let shown = |text: &str| !text.chars().any(|c| c.is_control() && c != '\n');
    let bytes = Zeroizing::new(STANDARD.decode(base64).ok()?);
    Some(Zeroizing::new(match std::str::from_utf8(&bytes) {
        Ok(text) if shown(text) => text.to_owned(),
        _ => format!("{base64} (base64)"),
    }))
}
