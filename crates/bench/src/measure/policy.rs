//! A decision by the Cedar rules, with the search for what further evidence would do.

use std::hint::black_box;
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow};
use glassbreak_core::policy::{Policy, Question};
use glassbreak_core::subject::Tier;
use glassbreak_policy::CedarPolicy;
use glassbreak_policy::facts::{Action, Facts};

use crate::report::{Report, Row};

/// What a redemption may spend on it (issue 3).
const MOST: Duration = Duration::from_micros(150);
/// A prime: some 1,700 questions, with every value of every fact among them.
const STEP: usize = 881;

/// Measures. Needs no server.
pub(crate) fn run(report: &mut Report) -> Result<()> {
    let begun = Instant::now();
    let policy = CedarPolicy::default_set().map_err(|findings| anyhow!("{findings}"))?;
    let loaded = begun.elapsed();
    let tier = Tier::standard();
    let questions = [Action::Redeem, Action::Recover].into_iter().flat_map(Facts::every);
    let questions: Vec<_> = questions.step_by(STEP).map(|facts| facts.question(&tier)).collect();
    let first = median(&policy, &questions);
    let warm = median(&policy, &questions);
    let micros = |time: Duration| format!("{:.1} µs", time.as_secs_f64() * 1e6);
    report.add(
        Row::plain("policy decision with what-if, median", micros(warm))
            .hold("under 150 µs", warm < MOST),
    );
    report.add(Row::plain("the same, each question for the first time", micros(first)));
    report.add(Row::plain("loading the default policies", micros(loaded)));
    Ok(())
}

fn median(policy: &CedarPolicy, questions: &[Question]) -> Duration {
    let time = |question| {
        let begun = Instant::now();
        black_box(policy.ask(black_box(question)));
        begun.elapsed()
    };
    let mut times: Vec<_> = questions.iter().map(time).collect();
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}
