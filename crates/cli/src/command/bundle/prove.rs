//! `glassbreak bundle prove`

use std::path::PathBuf;

use serde::Serialize;

use super::{Named, share_in, standing};
use crate::args::Shared;
use crate::exit::{Exit, Failure, Outcome};

/// Arguments of `bundle prove`.
#[derive(Debug, clap::Args)]
pub struct Prove {
    /// The bundle.
    #[command(flatten)]
    named: Named,

    /// Whose share it is.
    #[arg(long, value_name = "SUBJECT")]
    custodian: String,

    /// The opened share, as `age --decrypt` printed it, or the token alone; standard input unless
    /// told. Only the token is sent.
    #[arg(long, value_name = "FILE", default_value = "-")]
    share: PathBuf,
}

#[derive(Serialize)]
struct Body<'a> {
    custodian: &'a str,
    token: &'a str,
}

impl Prove {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        let opened = share_in(&self.share)?;
        let token = token(&opened)?;
        let body = Body { custodian: &self.custodian, token };
        let answer = self.named.post(shared, "proofs", &body)?;
        shared.output().show(&answer, standing)?;
        Ok(Exit::Ok)
    }
}

/// The token in an opened share. Never anything else of it: the share stays with its custodian.
fn token(opened: &str) -> Result<&str, Failure> {
    let line = opened.lines().find_map(|line| line.strip_prefix("token:"));
    let token = line.unwrap_or(opened).trim();
    if token.len() == 64 && token.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Ok(token);
    }
    let message = "there is no token of 64 hexadecimal digits in it: open the share with `age`";
    Err(Failure::Usage(message.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_share_only_the_token_is_taken() {
        let (token_digits, share_digits) = ("ab".repeat(32), "cd".repeat(32));
        let opened = format!("glassbreak-share v1\ntoken: {token_digits}\nshare: {share_digits}\n");
        assert_eq!(token(&opened).unwrap(), token_digits);
        assert_eq!(token(&format!("{token_digits}\n")).unwrap(), token_digits);
        assert!(token("glassbreak-share v1\n").is_err());
        assert!(token(&format!("share: {share_digits}\n")).is_err());
    }
}
