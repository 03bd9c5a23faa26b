//! Who is an operator at a place of the log: appointed to approve, there, and with which passkeys.

use std::collections::{BTreeSet, HashMap};

use crate::approval::ApproverKey;
use crate::cases::{CaseFault, Members, parsed};

/// One subject, as far as it matters for its word.
#[derive(Default)]
struct Operator {
    approves: bool,
    departed: bool,
    /// Why recovery rests for it; it gives its word again when each cause is lifted.
    rests: BTreeSet<String>,
    passkeys: Vec<ApproverKey>,
}

/// Subjects by their id as the entries spell it, once something was said of them.
#[derive(Default)]
pub(crate) struct Operators(HashMap<String, Operator>);

impl Operators {
    /// Takes in what happened to `subject`; entries of other kinds say nothing of operators.
    pub(crate) fn read(
        &mut self,
        kind: &str,
        subject: Option<&str>,
        data: &Members<'_>,
    ) -> Result<(), CaseFault> {
        let Some(subject) = subject else { return Ok(()) };
        if !kind.starts_with("\"subject.") && !kind.starts_with("\"operator.") {
            return Ok(());
        }
        let operator = self.0.entry(subject.to_owned()).or_default();
        match kind {
            "\"subject.registered\"" => {
                operator.departed = false;
                operator.rests.clear();
            }
            // Whatever it was appointed to ends, also if it comes back.
            "\"subject.departed\"" => {
                *operator = Operator { departed: true, ..Operator::default() }
            }
            "\"subject.suspended\"" => drop(operator.rests.insert(parsed(data, "cause")?)),
            "\"subject.resumed\"" => drop(operator.rests.remove(&parsed::<String>(data, "cause")?)),
            "\"operator.appointed\"" => {
                let duties: Vec<String> = parsed(data, "duties")?;
                operator.approves = duties.iter().any(|duty| duty == "approve");
            }
            "\"operator.passkey_added\"" => operator.passkeys.push(parsed(data, "passkey")?),
            "\"operator.passkey_removed\"" => {
                let gone: String = parsed(data, "credential")?;
                operator.passkeys.retain(|key| key.id != gone);
            }
            _ => {}
        }
        Ok(())
    }

    /// Whether `subject` is appointed to approve now.
    pub(crate) fn approves(&self, subject: &str) -> bool {
        let operator = self.0.get(subject);
        operator.is_some_and(|it| it.approves && !it.departed && it.rests.is_empty())
    }

    /// The passkey of `subject` with that credential id, if it is registered now.
    pub(crate) fn passkey(&self, subject: &str, credential: &str) -> Option<&ApproverKey> {
        self.0.get(subject)?.passkeys.iter().find(|key| key.id == credential)
    }
}
