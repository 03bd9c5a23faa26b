//! Which calls may stand where.

use crate::finding::{Exception, Finding, print_exceptions};
use crate::source::{Source, words};

/// A call that only some files may make.
struct Rule {
    /// The call, as the source spells it.
    call: &'static str,
    /// Where it may stand: beginnings of paths.
    only_in: &'static [&'static str],
    /// Where the rule holds: beginnings of paths.
    within: &'static [&'static str],
    /// Whether tests are free of it.
    tests_may: bool,
    /// What to do in its place.
    instead: &'static str,
}

const CLOCK: &[&str] =
    &["crates/engine/src/clock.rs", "crates/cli/", "crates/testkit/", "crates/bench/", "xtask/"];
const ENTROPY: &[&str] =
    &["crates/engine/src/entropy.rs", "crates/cli/", "crates/testkit/", "crates/bench/", "xtask/"];
/// Where even the passing of time is an argument, or at least not measured.
const TIMELESS: &[&str] = &[
    "crates/core/",
    "crates/policy/",
    "crates/tlog/",
    "crates/store/",
    "crates/store-sqlite/",
    "crates/store-postgres/",
    "crates/engine/",
    "crates/verify/",
];
/// Where requests are answered.
const HANDLERS: &[&str] = &["crates/server/src/operation/", "crates/server/src/read/"];
const EVERYWHERE: &[&str] = &["crates/", "xtask/"];

const ASK_CLOCK: &str = "time is an argument; the engine's `Clock` tells it";
const ASK_ENTROPY: &str = "randomness is an argument; the engine's `EntropySource` gives it";
const ONLY_STORES: &str = "only a store says that something is durable";

const ONLY_WIRING: &str = "handlers call the engine; the wiring alone knows a store";

const fn rule(call: &'static str, only_in: &'static [&'static str], instead: &'static str) -> Rule {
    Rule { call, only_in, within: EVERYWHERE, tests_may: true, instead }
}

const RULES: &[Rule] = &[
    Rule { tests_may: false, ..rule("Durable::at", &["crates/store"], ONLY_STORES) },
    rule("SystemTime::now", CLOCK, ASK_CLOCK),
    rule("Timestamp::now", CLOCK, ASK_CLOCK),
    rule("Zoned::now", CLOCK, ASK_CLOCK),
    Rule { within: TIMELESS, ..rule("Instant::now", CLOCK, ASK_CLOCK) },
    rule("OsRng", ENTROPY, ASK_ENTROPY),
    rule("SysRng", ENTROPY, ASK_ENTROPY),
    rule("SystemRandom", ENTROPY, ASK_ENTROPY),
    rule("getrandom", ENTROPY, ASK_ENTROPY),
    rule("rand::rng", ENTROPY, ASK_ENTROPY),
    rule("thread_rng", ENTROPY, ASK_ENTROPY),
    rule("Uuid::new_v4", ENTROPY, ASK_ENTROPY),
    rule("Uuid::now_v7", ENTROPY, ASK_ENTROPY),
    Rule { within: HANDLERS, ..rule("glassbreak_store_sqlite", &[], ONLY_WIRING) },
    Rule { within: HANDLERS, ..rule("glassbreak_store_postgres", &[], ONLY_WIRING) },
    Rule { within: HANDLERS, ..rule("engine::store", &[], ONLY_WIRING) },
    Rule { within: HANDLERS, ..rule("dyn Store", &[], ONLY_WIRING) },
];

/// Calls that may stay where they are.
const EXCEPTIONS: &[Exception] = &[
    Exception {
        path: "crates/core/tests/recovery/world.rs",
        what: "Durable::at",
        reason: "stands in for a store: the searches and the simulation run on the core alone",
    },
    Exception {
        path: "crates/core/tests/model/subject_under_test.rs",
        what: "Durable::at",
        reason: "stands in for a store: the reference model runs on the core alone",
    },
    Exception {
        path: "crates/store/src/meter.rs",
        what: "Instant::now",
        reason: "the one stopwatch of the figures; nothing is decided by it",
    },
    Exception {
        path: "crates/engine/src/operation/redeem.rs",
        what: "Instant::now",
        reason: "a refusal waits out its quantum in real time; nothing is decided by it",
    },
    Exception {
        path: "crates/engine/src/operation/confirm.rs",
        what: "Instant::now",
        reason: "the same",
    },
    Exception {
        path: "crates/engine/src/operation/confirm_address.rs",
        what: "Instant::now",
        reason: "the same",
    },
    Exception {
        path: "crates/witness/src/app.rs",
        what: "SystemTime::now",
        reason: "the witness is a program of its own; here it asks for the time, once",
    },
];

/// Checks every file.
pub(super) fn check(sources: &[Source], findings: &mut Vec<Finding>) {
    print_exceptions("call", EXCEPTIONS);
    for source in sources.iter().filter(|source| !is_example(&source.path)) {
        for rule in RULES.iter().filter(|rule| rule.holds_in(&source.path)) {
            rule.check(source, findings);
        }
    }
}

impl Rule {
    fn holds_in(&self, path: &str) -> bool {
        let begins = |beginnings: &[&str]| beginnings.iter().any(|b| path.starts_with(b));
        let excepted = EXCEPTIONS.iter().any(|e| e.path == path && e.what == self.call);
        begins(self.within) && !begins(self.only_in) && !excepted
    }

    fn check(&self, source: &Source, findings: &mut Vec<Finding>) {
        for at in words(&source.code, self.call) {
            if self.tests_may && source.in_test(at) {
                continue;
            }
            let what = format!("`{}` has no place here: {}", self.call, self.instead);
            findings.push(Finding::new(source.place(at), what));
        }
    }
}

/// Examples are read and run by people, and measure themselves.
fn is_example(path: &str) -> bool {
    path.contains("/examples/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> Vec<String> {
        let mut findings = Vec::new();
        check(&[Source::new(path, text.to_owned())], &mut findings);
        findings.into_iter().map(|finding| finding.place).collect()
    }

    #[test]
    fn calls_out_of_place_are_found_with_their_line() {
        let now = "//! SystemTime::now\nfn f() {\n    std::time::SystemTime::now();\n}\n";
        assert_eq!(found("crates/core/src/a.rs", now), ["crates/core/src/a.rs:3"]);
        assert_eq!(found("crates/engine/src/keys.rs", now), ["crates/engine/src/keys.rs:3"]);
        assert!(found("crates/engine/src/clock.rs", now).is_empty());
        assert!(found("crates/core/tests/a.rs", now).is_empty());
        let durable = "#[cfg(test)]\nmod tests { fn f() { Durable::at(3); } }\n";
        assert_eq!(found("crates/engine/src/a.rs", durable), ["crates/engine/src/a.rs:2"]);
        assert!(found("crates/store-sqlite/src/a.rs", durable).is_empty());
        let instant = "fn f() { Instant::now(); MyOsRng; }";
        assert_eq!(found("crates/tlog/src/a.rs", instant).len(), 1);
        assert!(found("crates/server/src/a.rs", instant).is_empty());
    }
}
