//! Runs the binary, and masks what differs from run to run.

use std::collections::HashMap;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::Value;

/// A temporary directory, gone at the end.
pub(crate) struct TempDir(PathBuf);

impl TempDir {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let next = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("gb-cli-{}-{next}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn join(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for TempDir {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

/// The binary, without what the environment of the tests might tell it.
pub(crate) fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_glassbreak"));
    for name in
        ["COLUMNS", "GLASSBREAK_URL", "GLASSBREAK_DATA_DIR", "GLASSBREAK_API_KEY", "GLASSBREAK_LOG"]
    {
        command.env_remove(name);
    }
    command
}

/// What a run said.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Said {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|_| panic!("not JSON: {self:?}"))
    }

    #[track_caller]
    pub(crate) fn ok(self) -> Self {
        assert_eq!(self.code, 0, "{}{}", self.out, self.err);
        self
    }
}

impl From<Output> for Said {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// Runs the binary to its end.
pub(crate) fn run(command: &mut Command, stdin: &str) -> Said {
    let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = piped.spawn().unwrap();
    // A command that reads nothing may have ended before.
    drop(child.stdin.take().unwrap().write_all(stdin.as_bytes()));
    child.wait_with_output().unwrap().into()
}

/// A server that is the binary.
pub(crate) struct Server {
    child: Child,
    pub(crate) url: String,
    pub(crate) dir: TempDir,
}

impl Server {
    pub(crate) fn start() -> Self {
        Self::configured(|_| String::new())
    }

    /// One with the configuration that is made for its folder.
    pub(crate) fn configured(configuration: impl FnOnce(&TempDir) -> String) -> Self {
        let dir = TempDir::new();
        // What a log holds must not depend on how fast a rule is.
        let configuration = format!("[alerts]\nenabled = false\n{}", configuration(&dir));
        fs::write(dir.join("glassbreak.toml"), configuration).unwrap();
        let (child, url) = serve(&dir);
        Self { child, url, dir }
    }

    /// The binary, as the server's operator runs it.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = command();
        command.env("GLASSBREAK_URL", &self.url);
        command.env("GLASSBREAK_DATA_DIR", self.dir.join("data"));
        command.args(args);
        command
    }

    pub(crate) fn run(&self, args: &[&str]) -> Said {
        run(&mut self.command(args), "")
    }

    pub(crate) fn vkey(&self) -> String {
        self.dir.join("data/log.vkey").display().to_string()
    }

    /// Ends the server, the hard way.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn serve(dir: &TempDir) -> (Child, String) {
    let mut command = command();
    command.args(["serve", "--json", "--listen", "127.0.0.1:0", "--data-dir"]);
    command.arg(dir.join("data")).arg("--config").arg(dir.join("glassbreak.toml"));
    command.env("GLASSBREAK_LOG", "warn");
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    let told: Value = serde_json::from_str(&line).unwrap();
    (child, told["url"].as_str().unwrap().to_owned())
}

/// Compares with a golden file, or writes it.
#[track_caller]
pub(crate) fn golden(name: &str, found: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    if std::env::var_os("GLASSBREAK_GOLDEN").is_some_and(|mode| mode == "write") {
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, found).unwrap();
        return;
    }
    let expected = fs::read_to_string(&file).unwrap_or_default();
    let first = expected.lines().zip(found.lines()).position(|(a, b)| a != b);
    assert!(
        expected == found,
        "tests/golden/{name} differs, from line {:?} on; \
         write it anew with GLASSBREAK_GOLDEN=write if that is meant\n{found}",
        first.map(|line| line + 1)
    );
}

/// Replaces what differs from run to run. Ids are numbered in the order they appear.
pub(crate) struct Mask {
    dir: String,
    url: String,
    ids: HashMap<String, usize>,
}

impl Mask {
    pub(crate) fn new(server: &Server) -> Self {
        let dir = server.dir.join("").display().to_string();
        Self { dir, url: server.url.clone(), ids: HashMap::new() }
    }

    pub(crate) fn text(&mut self, text: &str) -> String {
        let text = text.replace(&self.dir, "DIR/").replace(&self.url, "http://SERVER");
        let (mut masked, mut word) = (String::new(), String::new());
        for character in text.chars().chain(['\n']) {
            if character.is_ascii_alphanumeric() || "-_:.+/=".contains(character) {
                word.push(character);
            } else {
                masked.push_str(&self.word(&word));
                word.clear();
                masked.push(character);
            }
        }
        masked.pop();
        masked
    }

    fn word(&mut self, word: &str) -> String {
        if let Some((name, value)) = word.split_once('=').filter(|(_, value)| !value.is_empty()) {
            return format!("{name}={}", self.word(value));
        }
        let next = self.ids.len() + 1;
        let mut numbered = |kind| {
            let number = *self.ids.entry(word.to_owned()).or_insert(next);
            format!("{kind}-{number}")
        };
        let hex = |length| {
            word.len() == length
                && word.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
        };
        let digits = |text: &str, pattern: &str| {
            text.len() == pattern.len()
                && text.bytes().zip(pattern.bytes()).all(|(found, wanted)| match wanted {
                    b'9' => found.is_ascii_digit(),
                    exact => found == exact,
                })
        };
        if uuid::Uuid::try_parse(word).is_ok() {
            numbered("ID")
        } else if word.ends_with('Z') && word.get(..19).is_some_and(|start| digits(start, INSTANT))
        {
            "TIME".to_owned()
        } else if digits(word, "9999-99-99") {
            "DATE".to_owned()
        } else if digits(word, "99:99") || digits(word, "9999999999999") {
            "TIME".to_owned()
        } else if word.starts_with("gb-") && word.len() > 30 {
            numbered("CODE")
        } else if word.starts_with("eyJ") && word.matches('.').count() == 2 {
            numbered("GRANT")
        } else if word.len() == 43 {
            "CHALLENGE".to_owned()
        } else if word.starts_with("gbk") || word.starts_with("gb_") {
            "KEY".to_owned()
        } else if word.starts_with("glassbreak.local/") {
            "ORIGIN".to_owned()
        } else if hex(64) || (word.len() == 44 && word.ends_with('=')) {
            "HASH".to_owned()
        } else if hex(8) || hex(12) {
            numbered("MARK")
        } else {
            word.to_owned()
        }
    }
}

const INSTANT: &str = "9999-99-99T99:99:99";

/// A session at the prompt, as a text.
pub(crate) struct Transcript<'a> {
    server: &'a Server,
    mask: Mask,
    text: String,
}

impl<'a> Transcript<'a> {
    pub(crate) fn new(server: &'a Server) -> Self {
        Self { server, mask: Mask::new(server), text: String::new() }
    }

    /// Runs a command and writes down what it said.
    pub(crate) fn step(&mut self, args: &[&str], stdin: &str) -> Said {
        let said = run(&mut self.server.command(args), stdin);
        let input = if stdin.is_empty() { String::new() } else { format!("< {stdin}\n") };
        let raw = format!(
            "$ glassbreak {}\n{input}{}{}exit {}\n\n",
            args.join(" "),
            said.out,
            said.err,
            said.code
        );
        self.text.push_str(&self.mask.text(&raw));
        said
    }

    #[track_caller]
    pub(crate) fn check(self, name: &str) {
        golden(name, &self.text);
    }
}
