//! A virtual environment with what Python programs of the tests need, installed once.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A Python that has what the file `requirements` names, in an environment called `name` below
/// `folder` (a test's `CARGO_TARGET_TMPDIR`).
///
/// # Errors
/// If there is no Python with venv, or nothing can be installed; `cargo xtask test` sees to both.
pub fn environment(folder: &Path, name: &str, requirements: &Path) -> io::Result<PathBuf> {
    let wanted = fs::read_to_string(requirements)?;
    let environment = folder.join(name);
    let done = environment.join("installed.txt");
    let python = environment.join("bin/python");
    fs::create_dir_all(folder)?;
    // Tests run as processes of their own, several at a time; one installs, the others wait.
    let lock = File::create(folder.join(format!("{name}.lock")))?;
    lock.lock()?;
    if fs::read_to_string(&done).is_ok_and(|installed| installed == wanted) {
        return Ok(python);
    }
    let mut make = Command::new("python3");
    make.args(["-m", "venv", "--clear"]).arg(&environment);
    run("make a virtual environment", &mut make)?;
    let mut install = Command::new(&python);
    install.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
    run("install the test servers", install.arg("--requirement").arg(requirements))?;
    fs::write(&done, wanted)?;
    Ok(python)
}

fn run(what: &str, command: &mut Command) -> io::Result<()> {
    let told = match command.stdin(Stdio::null()).output() {
        Ok(output) if output.status.success() => return Ok(()),
        Ok(output) => String::from_utf8_lossy(&output.stderr).into_owned(),
        Err(error) => error.to_string(),
    };
    Err(io::Error::other(format!(
        "cannot {what}: these tests need python3 with venv (Debian: apt-get install python3-venv) \
         and a package registry that pip can reach\n{command:?}\n{told}"
    )))
}
