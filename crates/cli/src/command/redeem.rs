//! `glassbreak redeem`

use anyhow::anyhow;
use glassbreak_engine::core::id::RedemptionId;
use glassbreak_engine::{Clock, EntropySource, SystemClock, SystemEntropy};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use crate::args::Shared;
use crate::command::recovery::{alternatives, shown_grant};
use crate::exit::{Exit, Failure, Outcome};
use crate::output::{filled, minute, text};
use crate::secret::CodeSource;
use crate::words;

/// Arguments of `redeem`.
#[derive(Debug, clap::Args)]
pub struct Redeem {
    /// Your own id for the subject.
    subject: String,

    /// The role the code plays: beside a password, or to get back in.
    #[arg(long, value_parser = words::one_of(words::ROLES))]
    role: String,

    /// What was verified besides; may be repeated.
    #[arg(long, value_parser = words::one_of(words::METHODS))]
    presented: Vec<String>,

    /// Your own name for this attempt (a UUID). Repeating it gives the same answer; a new one is
    /// made unless told otherwise.
    #[arg(long, value_name = "UUID")]
    redemption_id: Option<Uuid>,

    /// The recovery it is presented in, if there is one already. A code that was sent needs it.
    #[arg(long, value_name = "UUID")]
    recovery: Option<Uuid>,

    /// Where the attempt came from, such as an address; only a pseudonym of it is kept.
    #[arg(long, value_name = "SOURCE")]
    source: Option<String>,

    /// Where the code comes from.
    #[command(flatten)]
    code: CodeSource,
}

#[derive(Serialize)]
struct Body<'a> {
    redemption_id: Uuid,
    subject: &'a str,
    code: &'a str,
    role: &'a str,
    presented: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    recovery_id: Option<Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    context: Option<Context<'a>>,
}

#[derive(Serialize)]
struct Context<'a> {
    source: &'a str,
}

impl Redeem {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        let client = shared.connection.client()?;
        let code = self.code.read()?;
        let redemption_id = match self.redemption_id {
            Some(named) => named,
            None => new_name()?,
        };
        let body = Body {
            redemption_id,
            subject: &self.subject,
            code: &code,
            role: &self.role,
            presented: &self.presented,
            recovery_id: self.recovery,
            context: self.source.as_deref().map(|source| Context { source }),
        };
        let answer = client.post("/v1/redemptions", &body, None);
        let answer = answer.map_err(|failure| with_name(failure, redemption_id))?;
        shared.output().show(&answer, human)?;
        let accepted = answer.get("outcome") == Some(&Value::from("accepted"));
        Ok(if accepted { Exit::Ok } else { Exit::MoreEvidence })
    }
}

/// A new name for an attempt, in the order of time: the database keeps such names side by side.
pub(crate) fn new_name() -> Result<Uuid, Failure> {
    let mut random = [0; 10];
    let drawn = SystemEntropy::default().fill(&mut random);
    drawn.map_err(|_| anyhow!("the operating system gave no randomness"))?;
    Ok(RedemptionId::new(SystemClock.now(), random).0)
}

/// Says under which name the attempt is repeated where nobody knows whether it was counted.
fn with_name(failure: Failure, redemption_id: Uuid) -> Failure {
    match failure {
        Failure::Unreachable(message) => Failure::Unreachable(format!(
            "{message}; it is not known whether the code was used: repeat with \
             `--redemption-id {redemption_id}`, which uses it once at most"
        )),
        other => other,
    }
}

fn human(answer: &Value) -> String {
    let recovery = text(answer, "recovery_id");
    if answer.get("outcome") != Some(&Value::from("accepted")) {
        let alternatives = alternatives(answer);
        let told = format!("The code is right, and not enough. It needs: {alternatives}");
        return if recovery.is_empty() {
            format!("{told}\nA saved code was not used. Try again with it.")
        } else {
            format!("{told}\nRecovery {recovery} waits for it. A saved code was not used.")
        };
    }
    let told = filled(vec![
        ("outcome", "accepted".to_owned()),
        ("redemption", text(answer, "redemption_id")),
        ("set", text(answer, "set_id")),
        ("codes left", text(answer, "remaining")),
        ("recovery", recovery),
        ("window ends", minute(&text(answer, "window_ends_at"))),
        ("obligations", text(answer, "obligations")),
        ("replace by", minute(&text(answer, "replace_by"))),
        ("evidence", text(answer, "evidence")),
    ]);
    format!("{told}{}", shown_grant(answer))
}
