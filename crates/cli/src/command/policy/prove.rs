//! `glassbreak policy prove`

use glassbreak_policy::proof::{By, Proof, Prover as _};
use glassbreak_policy::question_words;
use glassbreak_policy_prove::SolverOrSearch;
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
    /// Runs it. By a solver, if one is installed; else every question there is is asked.
    pub fn run(self, shared: &Shared) -> Outcome {
        let Some(set) = self.which.load(shared)? else { return Ok(Exit::VerificationFailed) };
        let proof = SolverOrSearch::find().prove(&set);
        let good = proof.holds();
        let mut answer = as_json(&proof);
        if let Some(members) = answer.as_object_mut() {
            members.insert("policy".to_owned(), about(&set));
            members.insert("proven".to_owned(), json!(good));
            members.insert("reads_tier".to_owned(), json!(set.reads_tier()));
        }
        shared.output().show(&answer, human)?;
        Ok(if good { Exit::Ok } else { Exit::VerificationFailed })
    }
}

fn as_json(proof: &Proof) -> Value {
    let held = proof.held.iter().map(|held| {
        json!({
            "name": held.name,
            "rows": held.rows,
            "holds": held.holds(),
            "questions": held.counted.map(|(_, questions)| questions),
            "permitted": held.counted.map(|(permitted, _)| permitted),
            "counter_example": held.counter_example,
            "in_words": held.counter_example.as_ref().map(question_words),
            "by": held.by,
        })
    });
    let erring = proof.erring.as_ref().map(|(question, rules)| {
        json!({ "question": question, "in_words": question_words(question), "rules": rules })
    });
    let mut answer = json!({ "invariants": held.collect::<Vec<_>>(), "erring": erring });
    if let (Some(members), Value::Object(by)) = (answer.as_object_mut(), json!(proof.by)) {
        members.insert("in_short".to_owned(), json!(proof.in_short()));
        members.extend(by);
    }
    if let (Some(members), By::Solver { .. }) = (answer.as_object_mut(), &proof.by) {
        members.insert("questions".to_owned(), Value::Null);
    }
    answer
}

fn human(answer: &Value) -> String {
    let by_solver = text(answer, "method") == "solver";
    let asked = |of: &Value| if by_solver { "all".to_owned() } else { text(of, "questions") };
    let rows = items(answer, "invariants").iter().map(|held| {
        let verdict = if held.get("holds") == Some(&json!(true)) { "holds" } else { "BROKEN" };
        [text(held, "name"), text(held, "rows"), asked(held), verdict.to_owned()]
    });
    let mut rows: Vec<_> = rows.collect();
    let erring = answer.get("erring").filter(|erring| !erring.is_null());
    let verdict = if erring.is_some() { "BROKEN" } else { "holds" };
    let all = asked(answer);
    rows.push([
        "no rule errs".to_owned(),
        "DESIGN 1.5".to_owned(),
        all.clone(),
        verdict.to_owned(),
    ]);
    let mut parts = vec![table(["never permitted", "rows", "questions", ""], rows)];
    for held in
        items(answer, "invariants").iter().filter(|held| held.get("holds") != Some(&json!(true)))
    {
        let (name, by) = (text(held, "name"), text(held, "by"));
        parts.push(format!("{name} is broken by {by}:\n  {}", text(held, "in_words")));
    }
    if let Some(erring) = erring {
        let (rules, words) = (text(erring, "rules"), text(erring, "in_words"));
        parts.push(format!("{rules} cannot be evaluated:\n  {words}"));
    }
    if by_solver {
        parts.push(format!("Method: {}, whatever the tier is called.", text(answer, "in_short")));
        return parts.join("\n");
    }
    parts.push(format!(
        "Method: exhaustive search. All facts are from small sets; each of the {all} questions there \
         are was asked."
    ));
    if answer.get("why").is_some() {
        parts.push(format!("Not proved by a solver: {}.", text(answer, "why")));
    }
    if answer.get("reads_tier") == Some(&json!(true)) {
        let message = "A rule reads the name of a tier: asked about were the names that the rules \
                       write out, and one that they do not.";
        parts.push(message.to_owned());
    }
    parts.join("\n")
}
