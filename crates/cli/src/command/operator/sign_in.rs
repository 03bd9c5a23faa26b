//! `glassbreak operator sign-in`

use std::path::PathBuf;

use anyhow::Context;
use glassbreak_engine::write_private;
use glassbreak_server::TerminalSignIn;
use serde_json::{Value, json};

use crate::args::Shared;
use crate::exit::{Exit, Outcome};
use crate::output::{filled, text};

/// Arguments of `operator sign-in`.
#[derive(Debug, clap::Args)]
pub struct SignIn {
    /// The identity provider, as the server's configuration has it.
    #[arg(long)]
    issuer: String,

    /// The name of this program there: a public client that may come back to
    /// `http://127.0.0.1/callback` at any port.
    #[arg(long)]
    client_id: String,

    /// The name of the API, as `operators.oidc.audience` has it.
    #[arg(long)]
    audience: String,

    /// What to ask for beside `openid`; may be repeated.
    #[arg(long = "scope", value_name = "SCOPE")]
    scopes: Vec<String>,

    /// Write the token into a file that only you can read. Name it with `--api-key-file`.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

impl SignIn {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        let Self { issuer, client_id, audience, scopes, out } = self;
        let sign_in = TerminalSignIn { issuer, client_id, audience, scopes };
        let runtime = tokio::runtime::Runtime::new().context("no runtime")?;
        let show = |url: &str| {
            // Beside the answer, which a program may read.
            console::Term::stderr().write_line(&format!("open in a browser: {url}"))?;
            Ok(())
        };
        let ca_file = shared.connection.ca_file.as_deref();
        let signed_in = runtime.block_on(sign_in.run(ca_file, show))?;
        write_private(&out, signed_in.token.as_bytes())
            .with_context(|| format!("cannot write `{}`", out.display()))?;
        let ends_at = signed_in.ends_at.map(|at| at.to_string());
        let answer = json!({
            "token_file": out.display().to_string(),
            "ends_at": ends_at.map_or(Value::Null, Value::String),
        });
        shared.output().show(&answer, |answer| {
            filled(vec![
                ("token in", text(answer, "token_file")),
                ("until", text(answer, "ends_at")),
            ])
        })?;
        Ok(Exit::Ok)
    }
}
