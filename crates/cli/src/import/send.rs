//! Sends records to the server, many at a time.

use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use indicatif::ProgressBar;
use serde_json::{Value, json};

use super::record::{Place, Record};
use super::state::{Done, Ended, State};
use super::{Pass, hex};
use crate::client::{Client, Method, problem, segment};
use crate::exit::{Failure, Problem};

/// How often a call is tried when the server is busy or away, before the import stops.
const TRIES: u32 = 7;
/// The wait before the second try; doubles with each further one.
const WAIT_FIRST: Duration = Duration::from_millis(100);

/// What came of sending.
pub(super) struct Report {
    pub(super) done: Done,
    pub(super) refused: u64,
    pub(super) sent: u64,
}

pub(super) struct Sender<'a> {
    client: Client,
    bar: &'a ProgressBar,
    concurrency: usize,
    input: Input,
    shared: Mutex<Shared>,
}

/// What is sent.
pub(super) struct Input {
    /// The digest of the input and the options.
    pub(super) digest: String,
    /// When the file was written (RFC 3339): what it says was so by then.
    pub(super) written_at: String,
}

struct Shared {
    state: State,
    sent: u64,
    /// Why nothing more is sent.
    stopped: Option<Failure>,
}

/// A record to be sent, with its place in the pass from 1.
struct Job {
    at: u64,
    place: Place,
    record: Record,
}

/// What `pass` hands to whoever reads the file.
type Send<'s> = dyn FnMut(Place, Record) -> Result<(), Failure> + 's;

impl<'a> Sender<'a> {
    pub(super) const fn new(
        client: Client,
        bar: &'a ProgressBar,
        concurrency: usize,
        input: Input,
        state: State,
    ) -> Self {
        let shared = Mutex::new(Shared { state, sent: 0, stopped: None });
        Self { client, bar, concurrency, input, shared }
    }

    /// One pass: `read` hands over the records, workers send them. It ends when the last is sent.
    pub(super) fn pass(
        &self,
        pass: Pass,
        read: impl FnOnce(&mut Send<'_>) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let (jobs, taken) = sync_channel::<Job>(self.concurrency * 2);
        let taken = Mutex::new(taken);
        let read = thread::scope(|scope| {
            for _ in 0..self.concurrency {
                scope.spawn(|| self.work(pass, &taken));
            }
            let mut at = 0;
            let mut send = |place, record| {
                at += 1;
                if self.lock().state.is_finished(pass, at) {
                    return Ok(());
                }
                let stopped = || Failure::Unreachable("the import was stopped".to_owned());
                if self.lock().stopped.is_some() {
                    return Err(stopped());
                }
                jobs.send(Job { at, place, record }).map_err(|_| stopped())
            };
            let read = read(&mut send);
            drop(jobs);
            read
        });
        let mut shared = self.lock();
        shared.state.save()?;
        match shared.stopped.take() {
            Some(failure) => Err(self.interrupted(failure)),
            None => read,
        }
    }

    /// Closes the books.
    pub(super) fn finish(self) -> Result<Report, Failure> {
        let shared = self.shared.into_inner().unwrap_or_else(PoisonError::into_inner);
        let state = shared.state;
        let (done, refused, sent) = (state.done(), state.refused(), shared.sent);
        state.close()?;
        Ok(Report { done, refused, sent })
    }

    fn interrupted(&self, failure: Failure) -> Failure {
        let done = self.bar.position();
        match failure {
            Failure::Unreachable(message) => Failure::Unreachable(format!(
                "{message}; {done} records are done, run the same command again to go on"
            )),
            other => other,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn work(&self, pass: Pass, jobs: &Mutex<Receiver<Job>>) {
        loop {
            let job = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
            let Ok(job) = job else { return };
            if self.lock().stopped.is_some() {
                // The rest is taken and dropped, so that whoever reads the file does not wait.
                continue;
            }
            let finished =
                self.register(&job.record).or_else(|failure| self.refused(&job, failure));
            let mut shared = self.lock();
            shared.sent += 1;
            let finished = finished.and_then(|ended| {
                self.bar.inc(u64::from(ended != Ended::Refused));
                shared.state.finish(pass, job.at, ended)
            });
            if let Err(failure) = finished {
                shared.stopped.get_or_insert(failure);
            }
        }
    }

    /// A refusal of one record is reported and the import goes on; one of the caller, or a server
    /// that is away, would go for every other record too.
    fn refused(&self, job: &Job, failure: Failure) -> Result<Ended, Failure> {
        match &failure {
            Failure::Refused(problem) if !matches!(problem.status, 401 | 403 | 500..) => {
                self.bar.suspend(|| eprintln!("{}: {problem}", job.place));
                Ok(Ended::Refused)
            }
            _ => Err(failure),
        }
    }

    fn register(&self, record: &Record) -> Result<Ended, Failure> {
        let path = format!("/v1/subjects/{}", segment(&record.subject));
        let body = serde_json::to_value(record.body()).map_err(Failure::other)?;
        let answer = self.patiently(Method::Put, &path, &body, None)?;
        if !record.enabled {
            self.disable(&path, &record.subject)?;
        }
        Ok(match answer.get("change").and_then(Value::as_str) {
            Some("created") => Ended::Created,
            Some("updated") => Ended::Updated,
            _ => Ended::Unchanged,
        })
    }

    /// Reports the account as disabled, as of this export: once for each.
    fn disable(&self, path: &str, subject: &str) -> Result<(), Failure> {
        let body = json!({ "type": "account_disabled", "occurred_at": self.input.written_at });
        let Input { digest: input, written_at } = &self.input;
        let mark = digest(&SHA256, format!("{input} {written_at} {subject}").as_bytes());
        let request = format!("import-{}", hex(mark.as_ref()));
        let path = format!("{path}/lifecycle-events");
        self.patiently(Method::Post, &path, &body, Some(&request))?;
        self.lock().state.disabled();
        Ok(())
    }

    /// Calls, and calls again where the server is busy, asks for patience, or is away for a moment.
    fn patiently(
        &self,
        method: Method,
        path: &str,
        body: &Value,
        request: Option<&str>,
    ) -> Result<Value, Failure> {
        let mut wait = WAIT_FIRST;
        for attempt in 1.. {
            let last = attempt == TRIES || self.lock().stopped.is_some();
            let told = match self.client.call(method, path, Some(body), request) {
                Ok(reply) if reply.status < 300 => return Ok(reply.body),
                Ok(reply) if !last && matches!(reply.status, 429 | 503) => {
                    problem(reply).retry_after_seconds
                }
                Ok(reply) => {
                    let problem: Problem = problem(reply);
                    return Err(Failure::Refused(Box::new(problem)));
                }
                Err(Failure::Unreachable(_)) if !last => None,
                Err(failure) => return Err(failure),
            };
            thread::sleep(told.map_or(wait, Duration::from_secs));
            wait *= 2;
        }
        Err(Failure::Unreachable("the server stayed busy".to_owned()))
    }
}
