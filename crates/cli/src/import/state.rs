//! How far an import got, in a file.

use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::Context;
use serde::{Deserialize, Serialize};

use super::Pass;
use crate::exit::Failure;
use crate::log_copy;

/// How often the file is written at most.
const EVERY: Duration = Duration::from_millis(250);

/// What the server did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {
    /// Subjects that are new.
    pub created: u64,
    /// Subjects that changed.
    pub updated: u64,
    /// Subjects that were as asked for already.
    pub unchanged: u64,
    /// Subjects whose account was reported as disabled.
    pub disabled: u64,
}

/// What became of one record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    Created,
    Updated,
    Unchanged,
    Refused,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Written {
    version: u32,
    /// Of the input and the options.
    digest: String,
    /// Where it was sent.
    server: String,
    people: Progress,
    owned: Progress,
    done: Done,
}

/// How far one pass got.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Progress {
    /// The first so many records of the pass are finished.
    finished: u64,
    /// Those among them that the server refused: they are tried again.
    refused: BTreeSet<u64>,
    /// Finished ones beyond, which others still stand before.
    #[serde(skip)]
    ahead: BTreeSet<u64>,
}

/// How far an import got.
#[derive(Debug)]
pub(super) struct State {
    file: PathBuf,
    written: Written,
    saved: Instant,
}

impl State {
    /// The state of an earlier run on the same input, or a new one.
    pub(super) fn open(file: PathBuf, digest: &str, server: &str) -> Result<Self, Failure> {
        let shown = file.display();
        let earlier = match fs::read(&file) {
            Ok(bytes) => serde_json::from_slice::<Written>(&bytes).ok(),
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => {
                let failed = Err(error).with_context(|| format!("cannot read `{shown}`"));
                return Ok(failed?);
            }
        };
        let same = |written: &Written| {
            written.version == 1 && written.digest == digest && written.server == server
        };
        let fresh = || Written {
            version: 1,
            digest: digest.to_owned(),
            server: server.to_owned(),
            ..Written::default()
        };
        let written = earlier.filter(same).unwrap_or_else(fresh);
        let state = Self { file, written, saved: Instant::now() };
        state.save().context("`--state` names another place")?;
        Ok(state)
    }

    /// Forgets what an earlier run wrote down.
    pub(super) fn forget(file: &Path) -> Result<(), Failure> {
        match fs::remove_file(file) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                let failed =
                    Err(error).with_context(|| format!("cannot remove `{}`", file.display()));
                Ok(failed?)
            }
            _ => Ok(()),
        }
    }

    /// How many records are finished and need not be sent.
    pub(super) fn finished(&self) -> u64 {
        let of = |progress: &Progress| progress.finished - progress.refused.len() as u64;
        of(&self.written.people) + of(&self.written.owned)
    }

    /// Whether the record at this place of a pass, from 1, is finished.
    pub(super) fn is_finished(&self, pass: Pass, at: u64) -> bool {
        let progress = self.of(pass);
        at <= progress.finished && !progress.refused.contains(&at)
    }

    /// Writes down what became of a record, from time to time into the file.
    pub(super) fn finish(&mut self, pass: Pass, at: u64, ended: Ended) -> Result<(), Failure> {
        let done = &mut self.written.done;
        match ended {
            Ended::Created => done.created += 1,
            Ended::Updated => done.updated += 1,
            Ended::Unchanged => done.unchanged += 1,
            Ended::Refused => {}
        }
        let progress = match pass {
            Pass::People => &mut self.written.people,
            Pass::Owned => &mut self.written.owned,
        };
        if ended == Ended::Refused {
            progress.refused.insert(at);
        } else {
            progress.refused.remove(&at);
        }
        if at > progress.finished {
            progress.ahead.insert(at);
        }
        while progress.ahead.remove(&(progress.finished + 1)) {
            progress.finished += 1;
        }
        if self.saved.elapsed() >= EVERY {
            self.saved = Instant::now();
            self.save()?;
        }
        Ok(())
    }

    /// Counts an account that was reported as disabled.
    pub(super) fn disabled(&mut self) {
        self.written.done.disabled += 1;
    }

    /// What the server did, all runs together.
    pub(super) fn done(&self) -> Done {
        self.written.done
    }

    /// Records that the server refused.
    pub(super) fn refused(&self) -> u64 {
        (self.written.people.refused.len() + self.written.owned.refused.len()) as u64
    }

    /// Writes the file.
    pub(super) fn save(&self) -> anyhow::Result<()> {
        log_copy::write(&self.file, &serde_json::to_vec(&self.written)?)
    }

    /// The import has ended. What was refused is kept, so that the next run tries just that again.
    pub(super) fn close(self) -> Result<(), Failure> {
        if self.refused() == 0 { Self::forget(&self.file) } else { Ok(self.save()?) }
    }

    fn of(&self, pass: Pass) -> &Progress {
        match pass {
            Pass::People => &self.written.people,
            Pass::Owned => &self.written.owned,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn temp_dir(name: &str) -> PathBuf {
        std::env::temp_dir().join(format!("gb-state-{}-{name}", std::process::id()))
    }

    #[test]
    fn an_import_goes_on_where_it_was() {
        let dir = temp_dir("goes-on");
        let file = dir.join("state");
        let mut state = State::open(file.clone(), "d", "s").unwrap();
        for (at, ended) in [(2, Ended::Created), (1, Ended::Refused), (4, Ended::Updated)] {
            state.finish(Pass::People, at, ended).unwrap();
        }
        state.save().unwrap();
        let again = State::open(file.clone(), "d", "s").unwrap();
        // The fourth was done while the third was open, so it is done again.
        assert!(again.is_finished(Pass::People, 2));
        assert!([1, 3, 4].iter().all(|at| !again.is_finished(Pass::People, *at)));
        assert!(!again.is_finished(Pass::Owned, 1));
        assert_eq!((again.finished(), again.refused(), again.done().created), (1, 1, 1));
        let other = State::open(file.clone(), "other", "s").unwrap();
        assert_eq!(other.finished(), 0);
        other.close().unwrap();
        assert!(!file.exists());
        fs::remove_dir_all(dir).unwrap();
    }

    #[test]
    fn a_refused_record_is_kept_for_the_next_run() {
        let dir = temp_dir("refused");
        let file = dir.join("state");
        let mut state = State::open(file.clone(), "d", "s").unwrap();
        state.finish(Pass::Owned, 1, Ended::Refused).unwrap();
        state.close().unwrap();
        let mut again = State::open(file.clone(), "d", "s").unwrap();
        assert!(!again.is_finished(Pass::Owned, 1));
        again.finish(Pass::Owned, 1, Ended::Created).unwrap();
        again.close().unwrap();
        assert!(!file.exists());
        fs::remove_dir_all(dir).unwrap();
    }
}
