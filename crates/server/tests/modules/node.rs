//! Runs a program of this folder with the scripts of the pages beside it.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use glassbreak_testkit::http::Failure;
use glassbreak_testkit::server::TempDir;
use serde_json::Value;

/// A folder with the scripts and the programs. Node takes them for modules.
fn laid_out() -> Result<TempDir, Failure> {
    let place = TempDir::new("modules")?;
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    for folder in ["assets", "tests/modules"] {
        let to = place.path().join(Path::new(folder).file_name().unwrap_or_default());
        fs::create_dir(&to)?;
        for file in fs::read_dir(here.join(folder))? {
            let from: PathBuf = file?.path();
            fs::copy(&from, to.join(from.file_name().unwrap_or_default()))?;
        }
    }
    fs::write(place.path().join("package.json"), r#"{"type":"module"}"#)?;
    Ok(place)
}

/// What the program writes when it is given `input`.
pub(crate) fn answer(program: &str, input: &Value) -> Result<Value, Failure> {
    let place = laid_out()?;
    let mut child = Command::new("node")
        .arg(program)
        .current_dir(place.path().join("modules"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    child.stdin.take().ok_or("no input")?.write_all(&serde_json::to_vec(input)?)?;
    let output = child.wait_with_output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// Runs the tests in a file of `node:test`.
pub(crate) fn passes(file: &str) -> Result<(), Failure> {
    let place = laid_out()?;
    let ran = Command::new("node")
        .args(["--test", file])
        .current_dir(place.path().join("modules"))
        .output()?;
    let said = String::from_utf8_lossy(&ran.stdout);
    // A file without tests passes too.
    if ran.status.success() && !said.contains("# tests 0") {
        return Ok(());
    }
    Err(said.into_owned().into())
}
