//! Calls and answers over the pipes, and what the browser tells without being asked.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, Write};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::heard::Heard;
use super::process::Pipes;
use crate::http::Failure;

/// No answer takes longer, even on a machine with much else to do.
const ANSWER_MAX: Duration = Duration::from_mins(1);

/// The connection that all tabs of a process share.
pub(super) struct Wire {
    to: File,
    from: Receiver<Value>,
    said: Arc<Mutex<String>>,
    calls: u64,
    answers: HashMap<u64, Value>,
    tabs: HashMap<String, Heard>,
    /// Files that have arrived whole, by the browser's name for them.
    begun: HashMap<String, PathBuf>,
    pub(super) downloads: Vec<PathBuf>,
}

impl Wire {
    pub(super) fn new(pipes: Pipes, said: Arc<Mutex<String>>) -> Self {
        let Pipes { to, mut from } = pipes;
        let (tell, told) = channel();
        // It ends with the process, whose death closes the pipe.
        thread::spawn(move || {
            let mut bytes = Vec::new();
            while matches!(from.read_until(0, &mut bytes), Ok(1..)) {
                pass_on(&tell, &mut bytes);
            }
        });
        let (answers, tabs, begun) = (HashMap::new(), HashMap::new(), HashMap::new());
        Self { to, from: told, said, calls: 0, answers, tabs, begun, downloads: Vec::new() }
    }

    /// From here on what is told in `session` is kept.
    pub(super) fn listen_to(&mut self, session: &str, heard: Heard) {
        self.tabs.insert(session.to_owned(), heard);
    }

    /// What was told in `session`.
    pub(super) fn heard(&mut self, session: &str) -> &mut Heard {
        self.tabs.entry(session.to_owned()).or_default()
    }

    /// A call, and its answer.
    pub(super) fn call(
        &mut self,
        session: Option<&str>,
        method: &str,
        parameters: &Value,
    ) -> Result<Value, Failure> {
        let id = self.send(session, method, parameters)?;
        let until = Instant::now() + ANSWER_MAX;
        loop {
            if let Some(answer) = self.answers.remove(&id) {
                return match answer.get("error") {
                    Some(error) => Err(format!("the browser refused `{method}`: {error}").into()),
                    None => Ok(answer.get("result").cloned().unwrap_or_default()),
                };
            }
            if !self.hear(until)? {
                return Err(format!("the browser does not answer `{method}`").into());
            }
        }
    }

    fn send(
        &mut self,
        session: Option<&str>,
        method: &str,
        parameters: &Value,
    ) -> Result<u64, Failure> {
        self.calls += 1;
        let mut message = json!({ "id": self.calls, "method": method, "params": parameters });
        if let (Some(session), Some(members)) = (session, message.as_object_mut()) {
            members.insert("sessionId".to_owned(), session.into());
        }
        let mut bytes = serde_json::to_vec(&message)?;
        bytes.push(0);
        self.to.write_all(&bytes)?;
        Ok(self.calls)
    }

    /// Takes in one message; false if none came in time.
    pub(super) fn hear(&mut self, until: Instant) -> Result<bool, Failure> {
        let told = match self.from.recv_timeout(until.saturating_duration_since(Instant::now())) {
            Ok(told) => told,
            Err(RecvTimeoutError::Timeout) => return Ok(false),
            Err(RecvTimeoutError::Disconnected) => {
                let said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
                return Err(format!("the browser is gone: {said}").into());
            }
        };
        if let Some(id) = told.get("id").and_then(Value::as_u64) {
            self.answers.insert(id, told);
            return Ok(true);
        }
        let method = told.get("method").and_then(Value::as_str).unwrap_or_default();
        let parameters = told.get("params").unwrap_or(&Value::Null);
        match told.get("sessionId").and_then(Value::as_str) {
            Some(session) => self.take(session, method, parameters)?,
            None => self.take_download(method, parameters),
        }
        Ok(true)
    }

    fn take(&mut self, session: &str, method: &str, parameters: &Value) -> Result<(), Failure> {
        let Some(heard) = self.tabs.get_mut(session) else { return Ok(()) };
        heard.take(method, parameters);
        // Nothing else is answered while a question is open, so it is answered here.
        if method == "Page.javascriptDialogOpening" {
            let answer = json!({ "accept": heard.says_yes });
            let id = self.send(Some(session), "Page.handleJavaScriptDialog", &answer)?;
            self.answers.remove(&id);
        }
        Ok(())
    }

    fn take_download(&mut self, method: &str, parameters: &Value) {
        let word = |name| parameters.get(name).and_then(Value::as_str).unwrap_or_default();
        match method {
            "Browser.downloadWillBegin" => {
                let file = PathBuf::from(word("suggestedFilename"));
                self.begun.insert(word("guid").to_owned(), file);
            }
            "Browser.downloadProgress" if word("state") == "completed" => {
                self.downloads.extend(self.begun.remove(word("guid")));
            }
            _ => {}
        }
    }
}

fn pass_on(tell: &Sender<Value>, bytes: &mut Vec<u8>) {
    if bytes.last() == Some(&0) {
        bytes.pop();
    }
    if let Ok(told) = serde_json::from_slice(bytes) {
        // Nobody listens any more once the browser is being closed.
        drop(tell.send(told));
    }
    bytes.clear();
}
