//! A folder with what Node programs of the tests need, installed once.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A folder called `name` below `folder` (a test's `CARGO_TARGET_TMPDIR`) with a copy of the files
/// in `program`, and with the packages that its `package.json` names.
///
/// # Errors
/// If there is no npm, or nothing can be installed; `cargo xtask test` sees to the first.
pub fn installed(folder: &Path, name: &str, program: &Path) -> io::Result<PathBuf> {
    let mut wanted = String::new();
    let mut files = Vec::new();
    for file in fs::read_dir(program)? {
        let path = file?.path();
        wanted.push_str(&fs::read_to_string(&path)?);
        files.push(path);
    }
    let place = folder.join(name);
    let done = place.join("installed.txt");
    fs::create_dir_all(&place)?;
    // Tests run as processes of their own, several at a time; one installs, the others wait.
    let lock = File::create(folder.join(format!("{name}.lock")))?;
    lock.lock()?;
    if fs::read_to_string(&done).is_ok_and(|installed| installed == wanted) {
        return Ok(place);
    }
    for file in files {
        fs::copy(&file, place.join(file.file_name().unwrap_or_default()))?;
    }
    let mut install = Command::new("npm");
    install.args(["install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock"]);
    let told = match install.current_dir(&place).stdin(Stdio::null()).output() {
        Ok(output) if output.status.success() => {
            fs::write(&done, wanted)?;
            return Ok(place);
        }
        Ok(output) => String::from_utf8_lossy(&output.stderr).into_owned(),
        Err(error) => error.to_string(),
    };
    Err(io::Error::other(format!(
        "these tests need node and npm (Debian: apt-get install nodejs npm) and a package registry \
         that npm can reach\n{told}"
    )))
}
