//! `glassbreak bundle open`

use std::path::Path;

use serde::Serialize;
use serde_json::Value;
use zeroize::Zeroizing;

use super::{Named, pair, secret_of, share_in, standing};
use crate::args::Shared;
use crate::exit::{Exit, Failure, Outcome};

/// Arguments of `bundle open`.
#[derive(Debug, clap::Args)]
pub struct Open {
    /// The bundle.
    #[command(flatten)]
    named: Named,

    /// A custodian and the file with that person's opened share, as `age --decrypt` printed it;
    /// once for each.
    #[arg(long = "share", value_name = "SUBJECT=FILE", value_parser = pair, required = true)]
    shares: Vec<(String, String)>,
}

#[derive(Serialize)]
struct Body<'a> {
    shares: Vec<Share<'a>>,
}

#[derive(Serialize)]
struct Share<'a> {
    custodian: &'a str,
    share: &'a str,
}

impl Open {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        let read = |(name, file): &(String, String)| {
            Ok::<_, Failure>((name.clone(), share_in(Path::new(file))?))
        };
        let opened: Vec<(String, Zeroizing<String>)> =
            self.shares.iter().map(read).collect::<Result<_, _>>()?;
        let brought = opened.iter().map(|(custodian, share)| Share { custodian, share });
        let body = Body { shares: brought.collect() };
        let answer = self.named.post(shared, "open", &body)?;
        shared.output().show(&answer, human)?;
        Ok(Exit::Ok)
    }
}

fn human(answer: &Value) -> String {
    let told = standing(answer);
    match secret_of(answer) {
        Some(secret) => format!(
            "{told}\n\nThe secret, shown once. Replace it when the emergency is over, and split the \
             new one:\n{}",
            *secret
        ),
        None => {
            format!("{told}\n\nThis request was answered before; the secret is not told again.")
        }
    }
}
