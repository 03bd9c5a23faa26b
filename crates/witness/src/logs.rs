//! The logs that a witness knows: verifier keys, in files that their operators bring up to date.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use glassbreak_tlog::{KeyError, VerifierKey};
use thiserror::Error;

/// Why a file of verifier keys cannot be used.
#[derive(Debug, Error)]
pub enum LogsError {
    /// What the operating system said.
    #[error("cannot read the verifier keys in `{}`", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A line is none.
    #[error("`{}` has a line that is no verifier key", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        #[source]
        source: KeyError,
    },
    /// There is none.
    #[error("`{}` has no verifier key in it", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
}

/// How often the files are read at most for a name that is known.
const READ_EVERY: Duration = Duration::from_secs(1);

/// The keys of the logs to witness, and the files they come from. A log gets another key when its
/// key is rotated, and another name when its database is restored; and a key that was stolen is
/// taken out. So the files are read again before a request is judged, for a known name no more
/// often than once a second, and the witness need not be started anew.
#[derive(Debug)]
pub struct Logs {
    files: Vec<PathBuf>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    known: Vec<VerifierKey>,
    /// When the files were last read for a request.
    read: Option<Instant>,
    /// What was last said of files that cannot be read; once is enough.
    trouble: Option<String>,
}

impl Logs {
    /// The logs of `files`, one verifier key a line; several keys may have one name.
    ///
    /// # Errors
    /// [`LogsError`], if one of them cannot be used.
    pub fn open(files: Vec<PathBuf>) -> Result<Self, LogsError> {
        let state = State { known: all_keys(&files)?, read: None, trouble: None };
        Ok(Self { files, state: Mutex::new(state) })
    }

    /// The keys of the log of that name, at `now`. The files are read again if that was
    /// [`READ_EVERY`] ago, or if the name is not known.
    pub(crate) fn of(&self, origin: &str, now: Instant) -> Vec<VerifierKey> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let is_due = |read| now.saturating_duration_since(read) >= READ_EVERY;
        // Who asks for a name that was just written into a file is not put off.
        let is_new = state.known.iter().all(|key| key.name() != origin);
        if is_new || state.read.is_none_or(is_due) {
            state.read = Some(now);
            state.take(all_keys(&self.files));
        }
        state.known.iter().filter(|key| key.name() == origin).cloned().collect()
    }
}

impl State {
    /// Takes what was read. What cannot be read changes nothing: somebody may be writing it.
    fn take(&mut self, read: Result<Vec<VerifierKey>, LogsError>) {
        let keys = match read {
            Ok(keys) => keys,
            Err(error) => {
                let trouble = error.to_string();
                if self.trouble.as_ref() != Some(&trouble) {
                    eprintln!("the logs stay as they were: {trouble}");
                    self.trouble = Some(trouble);
                }
                return;
            }
        };
        self.trouble = None;
        for key in keys.iter().filter(|key| !self.known.contains(key)) {
            eprintln!("also knows: {key}");
        }
        for key in self.known.iter().filter(|key| !keys.contains(key)) {
            eprintln!("no longer knows: {key}");
        }
        self.known = keys;
    }
}

fn all_keys(files: &[PathBuf]) -> Result<Vec<VerifierKey>, LogsError> {
    let mut keys = Vec::new();
    for file in files {
        keys.extend(keys_in(file)?);
    }
    Ok(keys)
}

fn keys_in(file: &Path) -> Result<Vec<VerifierKey>, LogsError> {
    let path = || file.to_owned();
    let text =
        fs::read_to_string(file).map_err(|source| LogsError::File { path: path(), source })?;
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let keys = lines.map(VerifierKey::parse).collect::<Result<Vec<_>, _>>();
    let keys = keys.map_err(|source| LogsError::Line { path: path(), source })?;
    if keys.is_empty() { Err(LogsError::Empty { path: path() }) } else { Ok(keys) }
}

#[cfg(test)]
mod tests {
    use glassbreak_testkit::server::TempDir;
    use glassbreak_tlog::SigningKey;

    use super::*;

    const LOG: &str = "log.example/glassbreak";

    fn key(seed: u8) -> VerifierKey {
        SigningKey::from_seed(LOG, &[seed; 32]).unwrap().verifier_key().clone()
    }

    #[test]
    fn a_key_that_is_taken_out_of_the_file_is_out_at_the_next_request() {
        let dir = TempDir::new("witness-logs").unwrap();
        let file = dir.path().join("logs");
        let write = |keys: &[VerifierKey]| {
            let lines: Vec<String> = keys.iter().map(ToString::to_string).collect();
            fs::write(&file, lines.join("\n")).unwrap();
        };
        write(&[key(1), key(2)]);
        let logs = Logs::open(vec![file.clone()]).unwrap();
        let start = Instant::now();
        assert_eq!(logs.of(LOG, start), [key(1), key(2)]);

        write(&[key(2), key(3)]);
        let soon = start + READ_EVERY / 2;
        assert_eq!(logs.of(LOG, soon), [key(1), key(2)], "read more often than once a second");
        assert_eq!(logs.of(LOG, start + READ_EVERY), [key(2), key(3)]);

        fs::write(&file, "half a li").unwrap();
        assert_eq!(logs.of(LOG, start + 2 * READ_EVERY), [key(2), key(3)], "half written");
        write(&[key(3)]);
        assert_eq!(logs.of("log.example/other", start + 3 * READ_EVERY), []);
        assert_eq!(logs.of(LOG, start + 3 * READ_EVERY), [key(3)]);
    }
}
