//! Receivers that nobody here wrote: the reference library of Standard Webhooks, and rsyslog.

use std::fs;
use std::io::{BufRead as _, BufReader, Lines};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use glassbreak_outbound::Tls;
use glassbreak_testkit::python::environment;
use glassbreak_testkit::server::TempDir;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, ExtendedKeyUsagePurpose, IsCa, KeyPair,
};
use serde_json::Value;

use crate::peer::parameter;
use crate::world::{SECRET, World, collector, in_order, webhook};

const TIMEOUT: Duration = Duration::from_secs(20);
/// How long a program may take that is waited for: the machine may be busy.
const PATIENCE: Duration = Duration::from_mins(1);

/// A program that ends when this is dropped.
struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

fn next(lines: &mut Lines<BufReader<ChildStdout>>) -> Value {
    serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_reference_library_takes_every_signature_sw_02_sw_03() {
    let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/outbound/servers");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let python = environment(folder, "outbound-python", &scripts.join("requirements.txt")).unwrap();
    for (secret, status) in [(SECRET, 204), ("whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", 401)] {
        let mut child = Command::new(&python)
            .arg(scripts.join("receiver.py"))
            .arg(secret)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = BufReader::new(child.stdout.take().unwrap()).lines();
        let _program = Program(child);
        let port = u16::try_from(next(&mut said)["port"].as_u64().unwrap()).unwrap();
        let mut world = World::of(3).await;
        world.send(webhook(port, TIMEOUT), &[]).await;
        if status == 401 {
            // Signed with another key: nothing is taken, and it says so.
            assert_eq!(next(&mut said)["status"], 401);
            continue;
        }
        world.until_told().await;
        let told = (0..world.size().await).map(|_| {
            let told = next(&mut said);
            assert_eq!(told["status"], 204, "{told}");
            told["index"].as_u64().unwrap()
        });
        in_order(&told.collect::<Vec<_>>(), world.size().await);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rsyslog_reads_every_entry_over_tcp_also_those_while_it_was_stopped() {
    let folder = TempDir::new("rsyslog-tcp").unwrap();
    let mut rsyslog = Rsyslog::start(folder.path(), 0, "");
    let mut world = World::of(40).await;
    world.send(collector(rsyslog.port, None, TIMEOUT), &[]).await;
    world.until_told().await;
    rsyslog.stop();
    world.register(40..60).await;
    world.until(|it| it.state.failures > 2).await;
    let rsyslog = Rsyslog::start(folder.path(), rsyslog.port, "");
    world.until_told().await;
    let size = world.size().await;
    in_order(&rsyslog.indices(size), size);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rsyslog_reads_every_entry_over_tls_from_who_has_a_certificate_of_its_authority() {
    let folder = TempDir::new("rsyslog-tls").unwrap();
    let [authority, identity, key] = certificates(folder.path());
    let more = "StreamDriver.Name=\"gtls\" StreamDriver.Mode=\"1\" \
                StreamDriver.AuthMode=\"x509/certvalid\"";
    let rsyslog = Rsyslog::start(folder.path(), 0, more);
    let mut world = World::of(20).await;
    // Without a certificate nobody is listened to, and nobody takes that for an acknowledgement.
    let unknown = Tls::new(Some(authority.as_bytes()), None).unwrap();
    world.send(collector(rsyslog.port, Some(unknown), TIMEOUT), &[]).await;
    let refused = world.until(|it| it.state.failures > 2).await;
    assert_eq!(refused.position, 0, "{:?}", refused.state);
    world.cut().await;
    let pair = (identity.as_bytes(), key.as_bytes());
    let known = Tls::new(Some(authority.as_bytes()), Some(pair)).unwrap();
    world.send(collector(rsyslog.port, Some(known), TIMEOUT), &[]).await;
    world.until_told().await;
    let size = world.size().await;
    in_order(&rsyslog.indices(size), size);
    world.cut().await;
    // Whom we do not trust, we tell nothing.
    let strangers = Tls::new(None, Some(pair)).unwrap();
    world.register(20..21).await;
    world.send(collector(rsyslog.port, Some(strangers), TIMEOUT), &[]).await;
    let untrusted = world.until(|it| it.state.failures > 2).await;
    assert_eq!(untrusted.state.last_failure.unwrap().cause.name(), "tls_failed");
}

/// An rsyslog of our own, which writes what it reads into a file.
struct Rsyslog {
    program: Program,
    folder: PathBuf,
    port: u16,
}

impl Rsyslog {
    /// Starts one that listens at `port`, or at one of its choice.
    fn start(folder: &Path, port: u16, driver: &str) -> Self {
        let at = |name: &str| folder.join(name).display().to_string();
        let tls = if driver.is_empty() {
            String::new()
        } else {
            format!(
                "global(DefaultNetstreamDriverCAFile=\"{}\" DefaultNetstreamDriverCertFile=\"{}\" \
                 DefaultNetstreamDriverKeyFile=\"{}\")\n",
                at("ca.pem"),
                at("server.pem"),
                at("server-key.pem")
            )
        };
        let config = format!(
            "global(workDirectory=\"{}\" maxMessageSize=\"64k\")\n{tls}\
             module(load=\"imtcp\" {driver})\n\
             input(type=\"imtcp\" port=\"{port}\" address=\"127.0.0.1\" listenPortFileName=\"{}\")\n\
             template(name=\"all\" type=\"string\" \
             string=\"%app-name% %msgid% %syslogfacility-text% %structured-data% %msg%\\n\")\n\
             action(type=\"omfile\" file=\"{}\" template=\"all\")\n",
            folder.display(),
            at("port"),
            at("out"),
        );
        let (file, port_file) = (folder.join("rsyslog.conf"), folder.join("port"));
        fs::write(&file, config).unwrap();
        drop(fs::remove_file(&port_file));
        let child = Command::new("/usr/sbin/rsyslogd")
            .args(["-n", "-i"])
            .arg(folder.join("pid"))
            .arg("-f")
            .arg(&file)
            .stdin(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("rsyslog is needed, see `cargo xtask test`: {error}"));
        let program = Program(child);
        // It tells the port that it chose, and none that it was told.
        let port = wait(|| match port {
            0 => fs::read_to_string(&port_file).ok()?.trim().parse().ok(),
            port => TcpStream::connect(("127.0.0.1", port)).ok().map(|_| port),
        });
        Self { program, folder: folder.to_owned(), port }
    }

    /// Stops it in order.
    fn stop(&mut self) {
        let pid = self.program.0.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        self.program.0.wait().unwrap();
    }

    /// The indices of what it has read, in order, once the last one is there.
    fn indices(&self, end: u64) -> Vec<u64> {
        let found = wait(|| {
            let text = fs::read_to_string(self.folder.join("out")).ok()?;
            // What rsyslog says of itself is not ours.
            let ours: Vec<String> = text
                .lines()
                .filter(|line| line.starts_with("glassbreak "))
                .map(str::to_owned)
                .collect();
            let last = ours.last().map(|line| parameter(line, "index"));
            (last == Some((end - 1).to_string())).then_some(ours)
        });
        let index = |line: &String| {
            assert!(line.contains(" authpriv [origin "), "{line}");
            // The whole of the text came, and it is JSON.
            let (_, json) = line.split_once("] {").unwrap();
            let event: Value = serde_json::from_str(&format!("{{{json}")).unwrap();
            assert!(line.starts_with(&format!(
                "glassbreak {} ",
                event["metadata"]["event_code"].as_str().unwrap()
            )));
            parameter(line, "index").parse().unwrap()
        };
        found.iter().map(index).collect()
    }
}

/// Looks until there is something.
fn wait<T>(mut look: impl FnMut() -> Option<T>) -> T {
    let until = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < until, "waited in vain");
        std::thread::park_timeout(Duration::from_millis(10));
    }
}

/// An authority, and our certificate and key; and those of the server, in files.
fn certificates(folder: &Path) -> [String; 3] {
    let mut authority = CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
    let [server, ours] = ["localhost", "glassbreak.example"].map(|name| {
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        let purposes = [ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
        params.extended_key_usages = purposes.to_vec();
        let key = KeyPair::generate().unwrap();
        (params.signed_by(&key, &authority).unwrap().pem(), key.serialize_pem())
    });
    fs::write(folder.join("ca.pem"), authority.pem()).unwrap();
    fs::write(folder.join("server.pem"), server.0).unwrap();
    fs::write(folder.join("server-key.pem"), server.1).unwrap();
    [authority.pem(), ours.0, ours.1]
}
