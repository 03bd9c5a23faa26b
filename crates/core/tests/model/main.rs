//! The differential test: ten million random operations on the core, and on a model of its rules
//! that was written from the papers and not from the code (RELIABILITY goals 14 and 22).
//!
//! `GLASSBREAK_MODEL_OPS` sets the number of operations; `GLASSBREAK_SEED` replays one history.

// `cfg(test)` always holds here; it tells clippy that helpers, too, may panic.
#[cfg(test)]
mod account;
#[cfg(test)]
mod budget;
#[cfg(test)]
mod generator;
#[cfg(test)]
mod history;
#[cfg(test)]
mod random;
#[cfg(test)]
mod reference;
#[cfg(test)]
mod subject_under_test;
#[cfg(test)]
mod vocabulary;

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
    use std::time::Instant;

    use crate::history::{self, Finding};
    use crate::subject_under_test::{Counts, Pool};

    const OPERATIONS: u64 = 10_000_000;
    const THREADS: u64 = 2;
    const POOL: usize = 400;

    /// Each has to come up, or the histories do not go where they should.
    const EVERYTHING: &[&str] = &[
        "accepted",
        "accepted to recover",
        "appointed",
        "confirmed",
        "containment: in_force",
        "containment: lifted",
        "declared",
        "denied: approvals_missing",
        "denied: code_set_ended",
        "denied: code_set_not_offered",
        "denied: code_set_unknown",
        "denied: contained",
        "denied: containment_state",
        "denied: idempotency_key_reused",
        "denied: invalid_request",
        "denied: not_a_case",
        "denied: not_allowed",
        "denied: obligations_unmet",
        "denied: operator_unknown",
        "denied: recovery_state",
        "denied: redemption_id_reused",
        "denied: reissue_needed",
        "denied: send_limit_reached",
        "denied: sent_codes_disabled",
        "denied: subject_departed",
        "denied: subject_suspended",
        "denied: subject_unknown",
        "denied: tier_unknown",
        "event: alert.raised",
        "event: code.accepted",
        "event: code.deferred",
        "event: code.refused CodeSpent",
        "event: code.refused Contained",
        "event: code.refused NoMatch",
        "event: code.refused Policy",
        "event: code.refused RecoveryClosed",
        "event: code.refused RoutineUse",
        "event: code.refused SetDisabled",
        "event: code.refused SetExpired",
        "event: code.refused SetRevoked",
        "event: code.refused SetSuperseded",
        "event: code.refused SetUnconfirmed",
        "event: code.refused SubjectDeparted",
        "event: code.refused SubjectSuspended",
        "event: code.refused SubjectUnknown",
        "event: code.throttled",
        "event: code_set.confirm_refused",
        "event: code_set.confirmed",
        "event: code_set.declared",
        "event: code_set.disabled",
        "event: code_set.expired",
        "event: code_set.issue_refused",
        "event: code_set.issued",
        "event: code_set.lapsed",
        "event: code_set.replacement_due",
        "event: code_set.revoked",
        "event: code_set.superseded",
        "event: containment.approved",
        "event: containment.begun",
        "event: containment.lifted",
        "event: containment.request_refused",
        "event: lifecycle.reported",
        "event: operator.appointed",
        "event: recovery.approved",
        "event: recovery.cancelled",
        "event: recovery.code_sent",
        "event: recovery.codes_disabled",
        "event: recovery.completed",
        "event: recovery.declined",
        "event: recovery.evidence_added",
        "event: recovery.lapsed",
        "event: recovery.obligation_met",
        "event: recovery.opened",
        "event: recovery.request_refused",
        "event: recovery.review_due",
        "event: recovery.reviewed",
        "event: recovery.satisfied",
        "event: sent_code.accepted",
        "event: subject.contained",
        "event: subject.departed",
        "event: subject.registered",
        "event: subject.resumed",
        "event: subject.suspended",
        "event: subject.updated",
        "gathered: open",
        "gathered: refused",
        "gathered: window",
        "issue refused: contained",
        "issue refused: issue_limit_reached",
        "issue refused: issue_not_allowed",
        "issue refused: subject_suspended",
        "issue refused: throttled",
        "lapsed: none",
        "lapsed: some",
        "more evidence",
        "not accepted",
        "opened",
        "recovered",
        "registered: Created",
        "registered: Unchanged",
        "registered: Updated",
        "reported: depart",
        "reported: record",
        "reported: replace",
        "reported: resume",
        "reported: revoke",
        "reported: suspend",
        "revoke leaves disabled",
        "revoke leaves exhausted",
        "revoke leaves expired",
        "revoke leaves lapsed",
        "revoke leaves revoked",
        "revoke leaves superseded",
        "sent",
        "shown",
        "shown before",
        "stands: cancelled",
        "stands: completed",
        "stands: lapsed",
        "stands: window",
        "throttled",
        "window closed",
    ];

    #[test]
    fn ten_million_operations_agree_with_the_reference_model() {
        let pool = Pool::new(POOL);
        if let Some(seed) = number("GLASSBREAK_SEED") {
            replay(seed, &pool);
            return;
        }
        let operations = number("GLASSBREAK_MODEL_OPS").unwrap_or(OPERATIONS);
        let began = Instant::now();
        let (done, stop) = (AtomicU64::new(0), AtomicBool::new(false));
        let work = |thread: u64| {
            let mut counts = Counts::new();
            let mut seed = thread;
            while done.load(Ordering::Relaxed) < operations && !stop.load(Ordering::Relaxed) {
                let steps = history::run(seed, &pool, POOL, &mut counts).map_err(|finding| {
                    stop.store(true, Ordering::Relaxed);
                    text_of(seed, &finding)
                })?;
                done.fetch_add(steps as u64, Ordering::Relaxed);
                seed += THREADS;
            }
            Ok::<Counts, String>(counts)
        };
        let results: Vec<Result<Counts, String>> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..THREADS).map(|at| scope.spawn(move || work(at))).collect();
            threads.into_iter().map(|thread| thread.join().expect("no panic")).collect()
        });
        let mut counts = Counts::new();
        for result in results {
            match result {
                Ok(more) => add(&mut counts, more),
                Err(finding) => panic!("{finding}"),
            }
        }
        let (done, took) = (done.load(Ordering::Relaxed), began.elapsed());
        let per_second = u128::from(done) * 1000 / took.as_millis().max(1);
        eprintln!("{done} operations in {took:.1?}: {per_second}/s");
        let mut sorted: Vec<_> = counts.iter().collect();
        sorted.sort();
        for (name, count) in sorted {
            eprintln!("{count:>10}  {name}");
        }
        let missing: Vec<_> =
            EVERYTHING.iter().filter(|name| !counts.contains_key(**name)).collect();
        assert!(missing.is_empty() || done < 1_000_000, "never came up: {missing:?}");
    }

    fn add(sum: &mut Counts, more: Counts) {
        for (name, count) in more {
            *sum.entry(name).or_default() += count;
        }
    }

    fn number(variable: &str) -> Option<u64> {
        let text = std::env::var(variable).ok()?;
        Some(text.parse().unwrap_or_else(|_| panic!("{variable} is a number, not `{text}`")))
    }

    fn replay(seed: u64, pool: &Pool) {
        match history::run(seed, pool, POOL, &mut Counts::new()) {
            Ok(steps) => eprintln!("seed {seed}: {steps} steps without a difference"),
            Err(finding) => panic!("{}", text_of(seed, &finding)),
        }
    }

    fn text_of(seed: u64, finding: &Finding) -> String {
        let steps: Vec<_> = finding.steps.iter().map(|step| format!("  {step:?}\n")).collect();
        format!(
            "GLASSBREAK_SEED={seed} finds, after {} steps,\n{}under {:?}:\n{}",
            steps.len(),
            steps.concat(),
            history::settings_of(seed),
            finding.what
        )
    }
}
