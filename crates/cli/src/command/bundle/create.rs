//! `glassbreak bundle create`

use std::path::{Path, PathBuf};

use anyhow::Context;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde_json::Value;
use zeroize::Zeroizing;

use super::{bytes, pair, secret_of, standing};
use crate::args::Shared;
use crate::client::segment;
use crate::exit::{Exit, Failure, Outcome};
use crate::output::{items, text};

/// Arguments of `bundle create`.
#[derive(Debug, clap::Args)]
pub struct Create {
    /// Your own id for the subject whose secret it is.
    subject: String,

    /// How many shares suffice.
    #[arg(long, value_name = "K")]
    threshold: u8,

    /// A custodian and the age recipient of that person; once for each.
    #[arg(long = "custodian", value_name = "SUBJECT=RECIPIENT", value_parser = pair, required = true)]
    custodians: Vec<(String, String)>,

    /// The file with the secret, taken to the last byte; `-` for standard input. The server makes
    /// one unless told.
    #[arg(long, value_name = "FILE")]
    secret_file: Option<PathBuf>,

    /// The bundle that gets its next generation, in place of a new bundle.
    #[arg(long, value_name = "BUNDLE_ID")]
    next_of: Option<String>,

    /// Write the shares into this directory, as `share-1.age` and so on, in place of showing them.
    #[arg(long, value_name = "DIR")]
    shares_to: Option<PathBuf>,

    /// Your own name for this request. A retry under the same name splits nothing anew, and does
    /// not show the shares again.
    #[arg(long, value_name = "NAME")]
    idempotency_key: Option<String>,
}

#[derive(Serialize)]
struct Body<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    bundle_id: Option<&'a str>,
    threshold: u8,
    custodians: Vec<Custodian<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    secret_base64: Option<&'a str>,
}

#[derive(Serialize)]
struct Custodian<'a> {
    custodian: &'a str,
    recipient: &'a str,
}

impl Create {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        let client = shared.connection.client()?;
        let secret = self.secret_file.as_deref().map(bytes).transpose()?;
        let secret = secret.map(|bytes| Zeroizing::new(STANDARD.encode(bytes.as_slice())));
        let custodians = self.custodians.iter();
        let body = Body {
            bundle_id: self.next_of.as_deref(),
            threshold: self.threshold,
            custodians: custodians
                .map(|(custodian, recipient)| Custodian { custodian, recipient })
                .collect(),
            secret_base64: secret.as_ref().map(|text| text.as_str()),
        };
        if let Some(dir) = &self.shares_to {
            std::fs::create_dir_all(dir)
                .with_context(|| format!("cannot make `{}`", dir.display()))?;
        }
        let path = format!("/v1/subjects/{}/bundles", segment(&self.subject));
        let answer = client.post(&path, &body, self.idempotency_key.as_deref())?;
        if let Some(dir) = &self.shares_to {
            write(dir, &answer)?;
        }
        shared.output().show(&answer, |answer| human(answer, self.shares_to.as_deref()))?;
        Ok(Exit::Ok)
    }
}

fn write(dir: &Path, answer: &Value) -> Result<(), Failure> {
    for (number, share) in (1..).zip(items(answer, "shares")) {
        let file = dir.join(format!("share-{number}.age"));
        std::fs::write(&file, text(share, "age"))
            .with_context(|| format!("cannot write `{}`", file.display()))?;
    }
    Ok(())
}

fn human(answer: &Value, written: Option<&Path>) -> String {
    let told = standing(answer);
    if answer.get("shown_before") == Some(&Value::Bool(true)) {
        return format!(
            "{told}\n\nIts shares were shown by this request before, and are never shown again; split \
             the secret anew if they did not arrive."
        );
    }
    let mut parts = vec![told];
    for (number, share) in (1..).zip(items(answer, "shares")) {
        let custodian = text(share, "custodian");
        parts.push(match written {
            Some(dir) => format!("For {custodian}: {}/share-{number}.age", dir.display()),
            None => format!("For {custodian}:\n{}", text(share, "age").trim_end()),
        });
    }
    if let Some(secret) = secret_of(answer) {
        parts.push(format!("The secret, shown once; set it where it is used:\n{}", *secret));
    }
    parts.push(
        "Each custodian opens the share with `age --decrypt` and proves it with `glassbreak bundle \
         prove`. It counts when all have."
            .to_owned(),
    );
    parts.join("\n\n")
}
