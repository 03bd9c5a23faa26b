//! A PostgreSQL server of a test's own: a new cluster in a temporary directory, reached by a unix
//! socket, with everything that durability rests on switched on.
//!
//! PostgreSQL refuses to run as root. A test that does runs it as the user `postgres`, which
//! Debian's package makes; `GLASSBREAK_POSTGRES_BIN` names a directory with other programs than
//! that package's, and `GLASSBREAK_POSTGRES_18_BIN` those of PostgreSQL 18, which Debian does not
//! have and `cargo xtask test` fetches.

use std::io::{self, BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc;
use std::time::Duration;

use crate::http::Failure;
use crate::server::TempDir;

/// How long a server may say nothing before it is ready.
const START_MAX: Duration = Duration::from_mins(1);

/// The port that a server's socket is named after when it listens to no network.
const PORT: u16 = 5432;

/// Who is let in where TLS is on: over the network nobody without.
const ONLY_TLS: &str = "local all all trust\nhostssl all all 127.0.0.1/32 trust\n";

/// A running server. It ends, and what it wrote goes, with this value.
#[derive(Debug)]
pub struct Cluster {
    bin: PathBuf,
    dir: TempDir,
    settings: Vec<String>,
    port: u16,
    server: Option<Child>,
    databases: AtomicU32,
}

impl Cluster {
    /// Makes a cluster and starts it, with more settings of the form `name=value`.
    ///
    /// # Errors
    /// If PostgreSQL is not installed, or does not start; what it said is in the error.
    pub fn start(settings: &[&str]) -> Result<Self, Failure> {
        let mut cluster = Self::make(programs()?, settings)?;
        cluster.run()?;
        Ok(cluster)
    }

    /// The same with PostgreSQL 18, where it is; a test without it says so and ends.
    ///
    /// # Errors
    /// If it does not start.
    pub fn start_18(settings: &[&str]) -> Result<Option<Self>, Failure> {
        let Some(bin) = std::env::var_os("GLASSBREAK_POSTGRES_18_BIN") else {
            eprintln!(
                "skipped: PostgreSQL 18 is not here; `cargo xtask test` fetches it, or name its \
                 programs in GLASSBREAK_POSTGRES_18_BIN"
            );
            return Ok(None);
        };
        let mut cluster = Self::make(PathBuf::from(bin), settings)?;
        cluster.run()?;
        Ok(Some(cluster))
    }

    /// Makes a cluster and starts it on a port of this machine where it takes TLS alone, with
    /// a certificate and its key in PEM.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub fn start_tls(certificate: &str, key: &str) -> Result<Self, Failure> {
        let mut cluster = Self::make(programs()?, &[])?;
        let free = std::net::TcpListener::bind("127.0.0.1:0")?;
        cluster.port = free.local_addr()?.port();
        drop(free);
        let (dir, mut settings) = (cluster.dir.path().to_owned(), Vec::new());
        for (setting, text) in
            [("ssl_cert_file", certificate), ("ssl_key_file", key), ("hba_file", ONLY_TLS)]
        {
            let file = dir.join(setting);
            std::fs::write(&file, text)?;
            done(Command::new("chmod").arg("600").arg(&file).output()?)?;
            if is_root() {
                done(Command::new("chown").arg("postgres").arg(&file).output()?)?;
            }
            settings.push(format!("{setting}={}", file.display()));
        }
        settings.push("ssl=on".to_owned());
        settings.push("listen_addresses=127.0.0.1".to_owned());
        settings.push(format!("port={}", cluster.port));
        cluster.settings = settings;
        cluster.run()?;
        Ok(cluster)
    }

    /// Whether PostgreSQL is here at all.
    pub fn is_installed() -> bool {
        programs().is_ok()
    }

    /// The directory of its socket.
    pub fn socket(&self) -> &Path {
        self.dir.path()
    }

    /// The process of the server, whose children do its work; `None` while it is stopped.
    pub fn pid(&self) -> Option<u32> {
        self.server.as_ref().map(Child::id)
    }

    /// Where a program of PostgreSQL's is that talks to it, as `pgbench`.
    pub fn program(&self, name: &str) -> PathBuf {
        self.bin.join(name)
    }

    /// Where it listens, if it listens to a network at all.
    pub const fn port(&self) -> u16 {
        self.port
    }

    fn make(bin: PathBuf, settings: &[&str]) -> Result<Self, Failure> {
        let dir = TempDir::new("postgres")?;
        let cluster = Self {
            bin,
            dir,
            settings: settings.iter().map(|&setting| setting.to_owned()).collect(),
            port: PORT,
            server: None,
            databases: AtomicU32::new(0),
        };
        if is_root() {
            done(Command::new("chown").arg("postgres").arg(cluster.dir.path()).output()?)?;
        }
        let mut make = cluster.command("initdb");
        make.args(["--auth=trust", "--encoding=UTF8", "--locale=C", "--username=postgres"]);
        // Small files: a disk may hold many clusters, and none of them writes much.
        make.arg("--wal-segsize=1");
        // Without waiting for the disk: nothing is promised of an empty cluster.
        done(make.arg("--no-sync").arg("-D").arg(cluster.data()).output()?)?;
        Ok(cluster)
    }

    /// Starts the server on what is there.
    ///
    /// # Errors
    /// If it does not start.
    pub fn run(&mut self) -> Result<(), Failure> {
        let mut server = self.command("postgres");
        server.arg("-D").arg(self.data()).arg("-k").arg(self.dir.path());
        server.args(["-c", "listen_addresses=", "-c", "max_connections=200"]);
        for setting in &self.settings {
            server.args(["-c", setting]);
        }
        server.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut server = server.spawn()?;
        let said = server.stderr.take().ok_or("no standard error")?;
        self.server = Some(server);
        // Everything it says is read, or it would wait for that one day.
        let (tell, heard) = mpsc::channel();
        std::thread::spawn(move || {
            for line in BufReader::new(said).lines().map_while(Result::ok) {
                // Nobody listens any more once it is ready.
                drop(tell.send(line));
            }
        });
        let mut all = String::new();
        while let Ok(line) = heard.recv_timeout(START_MAX) {
            if line.contains("ready to accept") {
                return Ok(());
            }
            all.push_str(&line);
            all.push('\n');
        }
        Err(format!("PostgreSQL did not start: {all}").into())
    }

    /// Ends the server as a crash would, and gives back what it wrote to [`Self::run`].
    ///
    /// # Errors
    /// If it cannot be ended.
    pub fn crash(&mut self) -> io::Result<()> {
        let Some(mut server) = self.server.take() else { return Ok(()) };
        // An immediate shutdown: no checkpoint, and recovery at the next start.
        let told = Command::new("kill").args(["-QUIT", &server.id().to_string()]).status()?;
        if !told.success() {
            server.kill()?;
        }
        server.wait().map(drop)
    }

    /// Makes the stopped server a standby from its next start on: one that follows nobody.
    ///
    /// # Errors
    /// If it cannot be told so.
    pub fn make_standby(&self) -> io::Result<()> {
        std::fs::write(self.data().join("standby.signal"), "")
    }

    /// A new database, and the address to reach it at.
    ///
    /// # Errors
    /// If it cannot be made.
    pub fn database(&self) -> Result<Database, Failure> {
        let database = self.named();
        self.sql("postgres", &format!("CREATE DATABASE {}", database.name))?;
        Ok(database)
    }

    /// A name that no database of this cluster has yet, and its address.
    fn named(&self) -> Database {
        let name = format!("test_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        let socket = self.dir.path().display();
        let address = format!("postgres://postgres@/{name}?host={socket}&port={}", self.port);
        Database { name, address }
    }

    /// A new database with all that is in `database`, which nobody may have open.
    ///
    /// # Errors
    /// If it cannot be made.
    pub fn copy(&self, database: &Database) -> Result<Database, Failure> {
        let copy = self.named();
        self.sql("postgres", &format!("CREATE DATABASE {} TEMPLATE {}", copy.name, database.name))?;
        Ok(copy)
    }

    /// Does away with a database, whoever still has it open.
    ///
    /// # Errors
    /// If it is not there.
    pub fn forget(&self, database: &Database) -> Result<(), Failure> {
        let drop = format!("DROP DATABASE {} WITH (FORCE)", database.name);
        self.sql("postgres", &drop).map(|_| ())
    }

    /// Runs SQL in a database, as its superuser; gives what it printed.
    ///
    /// # Errors
    /// If it fails; what PostgreSQL said is in the error.
    pub fn sql(&self, database: &str, sql: &str) -> Result<String, Failure> {
        // Debian's `psql` on the path is a script that looks for the program first.
        let own = self.bin.join("psql");
        let mut psql = Command::new(if own.exists() { own } else { "psql".into() });
        psql.args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-U", "postgres"]);
        psql.arg("-h").arg(self.dir.path()).args(["-p", &self.port.to_string()]);
        psql.args(["-d", database, "-c", sql]);
        let output = done(psql.output()?)?;
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }

    fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    /// A program of PostgreSQL's, as a user that it accepts. It ends when whoever started it does.
    fn command(&self, program: &str) -> Command {
        let path = self.bin.join(program);
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "QUIT"]);
        if is_root() {
            command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]);
        }
        command.arg(path).current_dir("/");
        command
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // What is left behind is in the temporary directory; it is no failure of the test.
        drop(self.crash());
    }
}

/// A database of a cluster.
#[derive(Debug, Clone)]
pub struct Database {
    /// What it is called.
    pub name: String,
    /// Where it is, as a server of ours is told it.
    pub address: String,
}

/// The directory with PostgreSQL's programs.
///
/// # Errors
/// If it is not installed.
pub fn programs() -> Result<PathBuf, Failure> {
    if let Some(named) = std::env::var_os("GLASSBREAK_POSTGRES_BIN") {
        return Ok(PathBuf::from(named));
    }
    let versions = std::fs::read_dir("/usr/lib/postgresql")
        .map_err(|_| "PostgreSQL is not installed; on Debian: apt-get install postgresql")?;
    let mut found: Vec<PathBuf> = versions
        .map(|version| version.map(|entry| entry.path().join("bin")))
        .collect::<Result<_, _>>()?;
    found.retain(|bin| bin.join("initdb").exists());
    found.sort();
    Ok(found.pop().ok_or("PostgreSQL's `initdb` is not there")?)
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt as _;
    std::fs::metadata(Path::new("/proc/self")).is_ok_and(|own| own.uid() == 0)
}

fn done(output: Output) -> Result<Output, Failure> {
    if output.status.success() {
        return Ok(output);
    }
    Err(String::from_utf8_lossy(&output.stderr).into_owned().into())
}
