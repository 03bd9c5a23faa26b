//! `cargo xtask test`: every test there is.
//!
//! First it sees to what the tests need: a C compiler, for SQLite and the crypto core; a Python
//! that can make virtual environments, for the mail server that codes are delivered to; Node
//! with npm, for the identity provider at which operators sign in; `age`, with
//! which custodians open their shares; Chromium, in which operators approve; PostgreSQL, of which
//! the tests start servers of their own, of Debian's version and of 18; `cvc5`, which proves
//! policies; Patroni and etcd, by which PostgreSQL fails over; rsyslog, which the log is sent
//! to; and poppler, tesseract and zbar, which read printed sheets. All features are on, so the
//! `glassbreak` binary that the crash tests kill has its fail points.

use std::time::Duration;

use anyhow::{Result, bail};

use crate::postgres_18;
use crate::run::{cargo, now, spell, step, works};

/// The whole of it should take less, on two cores.
const MINUTES_MAX: u64 = 15;

/// Runs the tests; with arguments, only those that the arguments pick, and no documentation tests.
pub(crate) fn run(filter: &[String]) -> Result<()> {
    let started = now();
    need_c_compiler()?;
    need_python()?;
    need_node()?;
    need_age()?;
    need_chromium()?;
    need_postgres()?;
    need_cvc5()?;
    need_rsyslog()?;
    need_sheet_readers()?;
    offer_patroni()?;
    let mut times: Vec<(&str, Duration)> = Vec::new();
    // Documentation tests first: CI reads the summary that nextest ends with.
    if filter.is_empty() {
        let mut documented = cargo();
        documented.args(["test", "--doc", "--workspace", "--all-features"]);
        times.push(("documentation", step("documentation tests", &mut documented)?));
    }
    let mut tests = all_tests(filter);
    postgres_18::tell(&mut tests);
    times.push(("tests", step("tests", &mut tests)?));
    let each: Vec<String> =
        times.iter().map(|(name, time)| format!("{name} {}", spell(*time))).collect();
    let whole = started.elapsed();
    eprintln!("xtask test: {} ({})", spell(whole), each.join(", "));
    if whole > Duration::from_secs(MINUTES_MAX * 60) {
        eprintln!("warning: that is more than {MINUTES_MAX} minutes");
    }
    Ok(())
}

fn all_tests(filter: &[String]) -> std::process::Command {
    let mut tests = cargo();
    if works("cargo", &["nextest", "--version"]) {
        tests.args(["nextest", "run", "--workspace", "--all-features"]);
    } else {
        eprintln!(
            "cargo-nextest is not installed; `cargo test` runs the tests one crate at a time"
        );
        tests.args(["test", "--workspace", "--all-features", "--tests", "--no-fail-fast"]);
    }
    tests.args(filter);
    tests
}

fn need_c_compiler() -> Result<()> {
    if works("cc", &["--version"]) {
        return Ok(());
    }
    install("a C compiler is needed (`cc`)", &["gcc", "libc6-dev"])
}

/// What the tests of `crates/channels` put into an environment of their own, they install
/// themselves.
fn need_python() -> Result<()> {
    if works("python3", &["-c", "import ensurepip, venv"]) {
        return Ok(());
    }
    install("a `python3` with `venv` is needed", &["python3", "python3-venv"])
}

/// Operators sign in at an identity provider that is a Node program; its test installs it.
fn need_node() -> Result<()> {
    if works("node", &["--version"]) && works("npm", &["--version"]) {
        return Ok(());
    }
    install("`node` and `npm` are needed", &["nodejs", "npm"])
}

/// Custodians open their shares with `age`, and so do the tests of recovery bundles.
fn need_age() -> Result<()> {
    if works("age", &["--version"]) {
        return Ok(());
    }
    install("`age` is needed", &["age"])
}

/// Where more than one machine serves, the data is in PostgreSQL. The tests start servers of their
/// own, and need none of the package's to run.
fn need_postgres() -> Result<()> {
    // The client's package has the folder too; who can make a cluster is a server.
    let servers = "ls /usr/lib/postgresql/*/bin/initdb";
    if std::env::var_os("GLASSBREAK_POSTGRES_BIN").is_some() || works("sh", &["-c", servers]) {
        return Ok(());
    }
    install("PostgreSQL is needed", &["postgresql"])
}

/// Sheets of codes are turned into images, and read back by programs that know nothing of us.
fn need_sheet_readers() -> Result<()> {
    let all = ["pdftoppm -v", "tesseract --version", "zbarimg --version"];
    if all.iter().all(|reader| works("sh", &["-c", reader])) {
        return Ok(());
    }
    let packages = ["poppler-utils", "tesseract-ocr", "zbar-tools"];
    install("poppler, tesseract and zbar are needed", &packages)
}

/// Several database hosts fail over by Patroni and etcd. That test is root's alone, because it
/// makes machines of network namespaces; without them it says so and ends.
pub(crate) fn offer_patroni() -> Result<()> {
    let is_here = works("patroni", &["--version"]) && works("etcd", &["--version"]);
    if is_here || !is_root() {
        return Ok(());
    }
    install("Patroni and etcd are needed", &["patroni", "etcd-server", "iproute2"])
}

/// Operators approve in a browser, and so do the tests.
fn need_chromium() -> Result<()> {
    if works("chromium", &["--version"]) {
        return Ok(());
    }
    install("`chromium` is needed", &["chromium"])
}

/// The log is sent to collectors; this is the one that Debian has.
fn need_rsyslog() -> Result<()> {
    let tls = "ls /usr/lib/*/rsyslog/lmnsd_gtls.so";
    if works("/usr/sbin/rsyslogd", &["-v"]) && works("sh", &["-c", tls]) {
        return Ok(());
    }
    install("rsyslog is needed", &["rsyslog", "rsyslog-gnutls"])
}

/// Policies are proven with `cvc5` where it is installed; the tests are of a place where it is.
fn need_cvc5() -> Result<()> {
    if std::env::var_os("CVC5").is_some() || works("cvc5", &["--version"]) {
        return Ok(());
    }
    install("`cvc5` is needed", &["cvc5"])
}

fn install(need: &str, packages: &[&str]) -> Result<()> {
    if !is_root() || !works("apt-get", &["--version"]) {
        bail!("{need}; on Debian: apt-get install {}", packages.join(" "));
    }
    eprintln!("{need}; installing {}", packages.join(" "));
    step("apt-get update", std::process::Command::new("apt-get").arg("update"))?;
    let mut install = std::process::Command::new("apt-get");
    // What a package would start as a service stays off: the tests start their own.
    install.env("RUNLEVEL", "1");
    install.args(["install", "--yes", "--no-install-recommends"]).args(packages);
    step("apt-get install", &mut install)?;
    Ok(())
}

fn is_root() -> bool {
    crate::run::output(std::process::Command::new("id").arg("-u"))
        .is_ok_and(|id| id.trim_ascii() == b"0")
}
