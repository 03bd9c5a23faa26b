//! `glassbreak policy prove`

use glassbreak_policy::exhaust::{self, Searched};
use glassbreak_policy::question_words;
use serde_json::{Value, json};

use super::{Which, about};
use crate::args::Shared;
use crate::exit::{Exit, Outcome};
use crate::output::{items, table, text};

/// Arguments of `policy prove`.
#[derive(Debug, clap::Args)]
pub struct Prove {
    #[command(flatten)]
    which: Which,
}

impl Prove {
    /// Runs it. All facts are from small sets, so every question there is is asked.
    pub fn run(self, shared: &Shared) -> Outcome {
        let Some(set) = self.which.load(shared)? else { return Ok(Exit::VerificationFailed) };
        let searched = exhaust::search(&set);
        let good =
            searched.erring.is_none() && searched.held.iter().all(|held| held.permitted == 0);
        let mut answer = as_json(&searched);
        if let Some(members) = answer.as_object_mut() {
            members.insert("policy".to_owned(), about(&set));
            members.insert("proven".to_owned(), json!(good));
            members.insert("reads_tier".to_owned(), json!(set.reads_tier()));
        }
        shared.output().show(&answer, human)?;
        Ok(if good { Exit::Ok } else { Exit::VerificationFailed })
    }
}

fn as_json(searched: &Searched) -> Value {
    let held = searched.held.iter().map(|held| {
        json!({
            "name": held.name,
            "rows": held.rows,
            "questions": held.questions,
            "permitted": held.permitted,
            "counter_example": held.counter_example,
            "in_words": held.counter_example.as_ref().map(question_words),
            "by": held.by,
        })
    });
    let erring = searched.erring.as_ref().map(|(question, rules)| {
        json!({ "question": question, "in_words": question_words(question), "rules": rules })
    });
    json!({
        "method": "exhaustive_search",
        "questions": searched.questions,
        "invariants": held.collect::<Vec<_>>(),
        "erring": erring,
    })
}

fn human(answer: &Value) -> String {
    let rows = items(answer, "invariants").iter().map(|held| {
        let verdict = if text(held, "permitted") == "0" { "holds" } else { "BROKEN" };
        let name = text(held, "name");
        [name, text(held, "rows"), text(held, "questions"), verdict.to_owned()]
    });
    let mut rows: Vec<_> = rows.collect();
    let erring = answer.get("erring").filter(|erring| !erring.is_null());
    let verdict = if erring.is_some() { "BROKEN" } else { "holds" };
    let all = text(answer, "questions");
    rows.push([
        "no rule errs".to_owned(),
        "DESIGN 1.5".to_owned(),
        all.clone(),
        verdict.to_owned(),
    ]);
    let mut parts = vec![table(["never permitted", "rows", "questions", ""], rows)];
    for held in items(answer, "invariants").iter().filter(|held| text(held, "permitted") != "0") {
        let (name, by) = (text(held, "name"), text(held, "by"));
        parts.push(format!("{name} is broken by {by}:\n  {}", text(held, "in_words")));
    }
    if let Some(erring) = erring {
        let (rules, words) = (text(erring, "rules"), text(erring, "in_words"));
        parts.push(format!("{rules} cannot be evaluated:\n  {words}"));
    }
    parts.push(format!(
        "Method: exhaustive search. All facts are from small sets; each of the {all} questions there \
         are was asked."
    ));
    if answer.get("reads_tier") == Some(&json!(true)) {
        let message = "A rule reads the name of a tier: asked about were the names that the rules \
                       write out, and one that they do not.";
        parts.push(message.to_owned());
    }
    parts.join("\n")
}
