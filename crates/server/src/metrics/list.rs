//! Every metric there is. A name that was released keeps its meaning.

/// What kind of metric it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Only grows, from 0 at the start of the process.
    Counter,
    /// A state; goes up and down.
    Gauge,
    /// How often a value was at most each of some limits.
    Histogram {
        /// What one of the unit is in what is counted: a second is a million microseconds.
        per_unit: u32,
    },
}

impl Kind {
    /// Its name in the text format.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram { .. } => "histogram",
        }
    }
}

/// A metric.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Metric {
    /// Its name; the unit is in it, where there is one.
    pub(crate) name: &'static str,
    /// Its kind.
    pub(crate) kind: Kind,
    /// What one of it is.
    pub(crate) unit: &'static str,
    /// Its labels.
    pub(crate) labels: &'static [&'static str],
    /// What it tells, in a line.
    pub(crate) help: &'static str,
}

const SECONDS: Kind = Kind::Histogram { per_unit: 1_000_000 };
const NUMBERS: Kind = Kind::Histogram { per_unit: 1 };
const COUNTER: Kind = Kind::Counter;
const GAUGE: Kind = Kind::Gauge;

macro_rules! metrics {
    ($(
        $id:ident = $kind:ident $name:literal, $unit:literal, [$($label:literal),*], $help:literal;
    )+) => {
        $(
            #[doc = $help]
            pub(crate) const $id: &Metric = &Metric {
                name: $name, kind: $kind, unit: $unit, labels: &[$($label),*], help: $help,
            };
        )+
        /// All of them, in the order in which they are told.
        pub(crate) const METRICS: &[&Metric] = &[$($id,)+];
    };
}

metrics! {
    REQUESTS = COUNTER "glassbreak_http_requests_total", "requests", ["route", "method", "status"],
        "Requests answered, by route, method and class of status. A combination is there once it was seen.";
    REQUEST_DURATION = SECONDS "glassbreak_http_request_duration_seconds", "seconds",
        ["route", "method"],
        "How long requests took, from their head to the head of their answer.";
    IN_FLIGHT = GAUGE "glassbreak_http_requests_in_flight", "requests", [],
        "Requests that are being answered.";
    REFUSALS = COUNTER "glassbreak_refusals_total", "requests", ["code"],
        "Requests refused, by the code of the problem (docs/ERRORS.md).";
    REDEMPTIONS = COUNTER "glassbreak_redemptions_total", "attempts", ["outcome"],
        "Attempts to redeem a code, by how they ended.";
    EVENTS = COUNTER "glassbreak_events_total", "events", ["event"],
        "Events that this process made durable, by name; issues, windows opened, throttled attempts and alerts among them.";
    REVOKED = COUNTER "glassbreak_code_sets_revoked_total", "code sets", ["reason"],
        "Code sets revoked, by reason.";
    STRETCH_RUNNING = GAUGE "glassbreak_stretching_running", "codes", [],
        "Codes being stretched.";
    STRETCH_THREADS = GAUGE "glassbreak_stretching_threads", "codes", [],
        "How many codes may be stretched at once.";
    STRETCH_WAITING = GAUGE "glassbreak_stretching_waiting", "codes", [],
        "Codes that wait to be stretched.";
    STRETCH_WAITING_MAX = GAUGE "glassbreak_stretching_waiting_max", "codes", [],
        "How many codes may wait to be stretched. Beyond, requests are turned away as `busy`.";
    STRETCH_TURNED_AWAY = COUNTER "glassbreak_stretching_turned_away_total", "codes", [],
        "Codes that were not stretched, because too many waited.";
    COMMIT_DURATION = SECONDS "glassbreak_commit_duration_seconds", "seconds", [],
        "How long a transaction took, its wait for the disk with it.";
    COMMIT_SIZE = NUMBERS "glassbreak_commit_decisions", "decisions", [],
        "How many decisions shared a transaction.";
    COMMIT_FAILED = COUNTER "glassbreak_commits_failed_total", "transactions", [],
        "Transactions that failed, or of which nobody can say what became of them.";
    CONFLICTS = COUNTER "glassbreak_conflicts_total", "decisions", [],
        "Decisions that were made anew, because another one was faster.";
    FAILOVERS = COUNTER "glassbreak_database_failovers_total", "failovers", [],
        "How often another database server has answered than before.";
    DATABASE_UP = GAUGE "glassbreak_database_up", "1 or 0", [],
        "Whether the database answered while this was read. With 0, what it would say is missing here.";
    LOG_ENTRIES = GAUGE "glassbreak_log_entries", "entries", [],
        "Entries of the transparency log that are committed.";
    LOG_INTEGRATED = GAUGE "glassbreak_log_integrated_entries", "entries", [],
        "Entries that the newest checkpoint covers.";
    LOG_LAG = GAUGE "glassbreak_log_lag_seconds", "seconds", [],
        "For how long the oldest entry without a checkpoint has waited for one; 0 where none waits.";
    CHECKPOINTS = COUNTER "glassbreak_log_checkpoints_total", "checkpoints", [],
        "Checkpoints that this process signed. Of several nodes one does.";
    ANCHORS = GAUGE "glassbreak_anchors", "anchors", [],
        "How many anchors are configured.";
    ANCHOR_LAG = GAUGE "glassbreak_anchor_lag_seconds", "seconds", [],
        "For how long an anchor has not kept the newest checkpoint; 0 where all keep it.";
    CONTAINMENTS = GAUGE "glassbreak_containments_in_force", "containments", [],
        "Containments in force.";
    SEALED = GAUGE "glassbreak_sealed", "1 or 0", [],
        "Whether the database is sealed: it was restored from an old backup, and two people have to open it.";
    SPANS_DROPPED = COUNTER "glassbreak_telemetry_dropped_total", "spans", [],
        "Spans that were not sent to the collector, because it was slow or away.";
    PROCESS_CPU = COUNTER "process_cpu_seconds_total", "seconds", [],
        "Processor time that this process has used.";
    PROCESS_MEMORY = GAUGE "process_resident_memory_bytes", "bytes", [],
        "Memory of this process that is in RAM.";
    PROCESS_FDS = GAUGE "process_open_fds", "files", [],
        "Files and sockets that this process has open.";
    PROCESS_FDS_MAX = GAUGE "process_max_fds", "files", [],
        "How many files and sockets this process may have open.";
    PROCESS_THREADS = GAUGE "process_threads", "threads", [],
        "Threads of this process.";
    PROCESS_START = GAUGE "process_start_time_seconds", "seconds since the Unix epoch", [],
        "When this process was started.";
    BUILD = GAUGE "glassbreak_build_info", "always 1", ["version"],
        "The version that runs.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_metric_has_a_name_of_its_own_that_says_its_kind() {
        let mut names: Vec<_> = METRICS.iter().map(|metric| metric.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), METRICS.len());
        for metric in METRICS {
            let is_total = metric.name.ends_with("_total");
            assert_eq!(is_total, metric.kind == Kind::Counter, "{}", metric.name);
            let letters = |c: char| c.is_ascii_lowercase() || c == '_';
            assert!(metric.name.chars().all(letters), "{}", metric.name);
            assert!(!metric.help.contains(['\n', '\\']), "{}", metric.name);
        }
    }
}
