//! A real server process for tests: the `glassbreak` binary on a data directory of its own.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use crate::http::{Client, Failure};

/// A directory that is removed when dropped; that of a soak which fails is kept.
#[derive(Debug)]
pub struct TempDir(PathBuf);

impl TempDir {
    /// A new directory, named after `label`, the process and a counter.
    ///
    /// # Errors
    /// If it cannot be made.
    pub fn new(label: &str) -> std::io::Result<Self> {
        use std::sync::atomic::{AtomicU32, Ordering};
        static MADE: AtomicU32 = AtomicU32::new(0);
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let name = format!("glassbreak-{label}-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        if path.exists() {
            std::fs::remove_dir_all(&path)?;
        }
        std::fs::create_dir_all(&path)?;
        Ok(Self(path))
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for TempDir {
    fn drop(&mut self) {
        if std::thread::panicking() && std::env::var_os("GLASSBREAK_SOAK_MINUTES").is_some() {
            eprintln!("kept: {}", self.0.display());
            return;
        }
        // What is left behind is in the temporary directory; it is no failure of the test.
        drop(std::fs::remove_dir_all(&self.0));
    }
}

/// A server process.
pub struct TestServer {
    child: Child,
    addr: SocketAddr,
    data_dir: PathBuf,
    said: Arc<Mutex<String>>,
    listeners: Vec<JoinHandle<()>>,
}

impl TestServer {
    /// Starts `binary` on `data_dir` with more arguments and environment, and waits until it says
    /// where it listens.
    ///
    /// # Errors
    /// If it ends before that; what it said is in the error.
    pub fn start(
        binary: &str,
        data_dir: &Path,
        arguments: &[&str],
        environment: &[(&str, &str)],
    ) -> Result<Self, Failure> {
        let mut child = Self::spawn(binary, data_dir, arguments, environment)?;
        let said = Arc::new(Mutex::new(String::new()));
        let stderr = child.stderr.take().ok_or("no standard error")?;
        let mut listeners = vec![keep(stderr, Arc::clone(&said))];
        let stdout = child.stdout.take().ok_or("no standard output")?;
        let mut lines = BufReader::new(stdout).lines();
        let mut heard = String::new();
        let addr = loop {
            let Some(line) = lines.next().transpose()? else {
                let status = child.wait()?;
                // Its last words are why.
                for listener in listeners {
                    listener.join().map_err(|_| "a listener ended badly")?;
                }
                let said = said.lock().unwrap_or_else(PoisonError::into_inner).clone();
                return Err(format!("the server ended with {status}: {heard}{said}").into());
            };
            heard.push_str(&line);
            heard.push('\n');
            if let Some(addr) = address_in(&line) {
                break addr;
            }
        };
        let rest = Arc::clone(&said);
        rest.lock().unwrap_or_else(PoisonError::into_inner).push_str(&heard);
        listeners.push(std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                let mut said = rest.lock().unwrap_or_else(PoisonError::into_inner);
                said.push_str(&line);
                said.push('\n');
            }
        }));
        Ok(Self { child, addr, data_dir: data_dir.to_owned(), said, listeners })
    }

    /// Starts `binary` and hands over the bare process.
    ///
    /// # Errors
    /// If it cannot be started.
    pub fn spawn(
        binary: &str,
        data_dir: &Path,
        arguments: &[&str],
        environment: &[(&str, &str)],
    ) -> std::io::Result<Child> {
        Command::new(binary)
            .arg("serve")
            .arg("--data-dir")
            .arg(data_dir)
            .args(["--listen", "127.0.0.1:0"])
            .args(arguments)
            .envs(environment.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
    }

    /// Where it listens.
    pub const fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Its data directory.
    pub fn data_dir(&self) -> &Path {
        &self.data_dir
    }

    /// The first admin key.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn admin_key(&self) -> std::io::Result<String> {
        Ok(std::fs::read_to_string(self.data_dir.join("admin-key"))?.trim().to_owned())
    }

    /// A client with the admin key.
    ///
    /// # Errors
    /// If the key cannot be read.
    pub fn client(&self) -> std::io::Result<Client> {
        Ok(Client::new(self.addr, Some(&self.admin_key()?)))
    }

    /// Everything it has said so far, on standard output and standard error.
    pub fn said(&self) -> String {
        self.said.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The id of its process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Kills it as `kill -9` does, and waits until it is gone.
    ///
    /// # Errors
    /// If it cannot be killed.
    pub fn kill(mut self) -> std::io::Result<()> {
        self.child.kill()?;
        self.child.wait().map(drop)
    }

    /// Asks it to stop, as an operator does, and waits until it has.
    ///
    /// # Errors
    /// If it cannot be asked.
    pub fn stop(mut self) -> std::io::Result<ExitStatus> {
        self.terminate()
    }

    /// Asks it to stop, and gives all that it has said, to its last word.
    ///
    /// # Errors
    /// If it cannot be asked, or does not stop in order.
    pub fn stop_and_listen(mut self) -> Result<String, Failure> {
        let status = self.terminate()?;
        for listener in std::mem::take(&mut self.listeners) {
            listener.join().map_err(|_| "a listener ended badly")?;
        }
        if status.success() {
            Ok(self.said())
        } else {
            Err(format!("it ended with {status}").into())
        }
    }

    fn terminate(&mut self) -> std::io::Result<ExitStatus> {
        Command::new("kill").args(["-TERM", &self.pid().to_string()]).status()?;
        self.child.wait()
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        // It may be gone already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// The address in a line like `listening on http://127.0.0.1:40123`.
fn address_in(line: &str) -> Option<SocketAddr> {
    let rest = line.split_once("http://").or_else(|| line.split_once("https://"))?.1;
    let end = rest.find(|c: char| c.is_whitespace() || c == '/').unwrap_or(rest.len());
    rest.get(..end)?.parse().ok()
}

fn keep(mut from: impl Read + Send + 'static, said: Arc<Mutex<String>>) -> JoinHandle<()> {
    std::thread::spawn(move || {
        let mut bytes = [0; 4096];
        while let Ok(read @ 1..) = from.read(&mut bytes) {
            let text = String::from_utf8_lossy(bytes.get(..read).unwrap_or_default()).into_owned();
            said.lock().unwrap_or_else(PoisonError::into_inner).push_str(&text);
        }
    })
}
