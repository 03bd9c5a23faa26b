//! Clients that nobody here wrote: scim2-tester runs its whole check against `/scim/v2`, and
//! schemathesis makes requests of the `OpenAPI` description for everything else.

use std::path::{Path, PathBuf};
use std::process::Command;

use glassbreak_testkit::http::Failure;
use glassbreak_testkit::python::environment;

use crate::calls::{Place, Tested};
use crate::endpoints::{ENDPOINTS, SCOPES, api_key};

/// The seed of schemathesis; a failure tells it, and is found again by it.
const SEED: &str = "20261122";

fn scripts() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python")
}

fn python() -> Result<PathBuf, Failure> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    Ok(environment(folder, "clients", &scripts().join("requirements.txt"))?)
}

/// Runs a client to its end: what it said, which is also why it failed.
fn run(command: &mut Command) -> Result<String, Failure> {
    let output = command.env("PYTHONDONTWRITEBYTECODE", "1").output()?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    println!("{said}");
    if output.status.success() {
        return Ok(said);
    }
    Err(format!("{}\n{said}\n{}", output.status, String::from_utf8_lossy(&output.stderr)).into())
}

#[tokio::test]
async fn scim_2_0_as_a_client_nobody_here_wrote_checks_it() -> Tested {
    let place = Place::new("scim-client")?;
    // It changes tiers and kinds at random, which takes `admin` where it lowers protection (E3).
    let server = place.start("", "warn")?;
    let (_, key) = api_key(&mut server.client()?, &["provision", "admin"]).await?;
    let base = format!("http://{}/scim/v2", server.addr());
    run(Command::new(python()?).arg(scripts().join("scim_check.py")).args([&base, &key]))?;
    Ok(())
}

#[tokio::test]
async fn no_request_of_the_description_is_a_server_error() -> Tested {
    let place = Place::new("schemathesis")?;
    // No limit on floods: what is turned away is not looked at.
    let free = "[source_limit]\nper_second = 100000\nburst = 100000\n";
    let server = place.start(free, "warn")?;
    let (_, key) = api_key(&mut server.client()?, &SCOPES).await?;
    let program = python()?.with_file_name("schemathesis");
    let mut command = Command::new(program);
    // It keeps what it learnt in the folder it is started in.
    command.current_dir(server.data_dir());
    command.args(["run", &format!("http://{}/openapi.json", server.addr())]);
    command.args(["--checks", "not_a_server_error", "--phases", "examples,coverage,fuzzing"]);
    command.args(["--seed", SEED, "--max-examples", "5", "--max-time", "45", "--no-color"]);
    command.args(["--continue-on-failure", "--generation-database", "none"]);
    let said = run(command.args(["--header", &format!("Authorization: Bearer {key}")]))?;
    // It got to each of them within its time.
    let endpoints = ENDPOINTS.len();
    for line in [format!("Selected: {endpoints}/{endpoints}"), format!("Tested: {endpoints}")] {
        assert!(said.contains(&line), "{line}\n{said}");
    }
    Ok(())
}
