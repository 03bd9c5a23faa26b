//! People at a terminal (RFC 8252).

use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Stdio};

use glassbreak_testkit::server::TempDir;

use crate::browser::{Browser, parameter, with_parameter};
use crate::world::{AUDIENCE, Tested, World};

#[tokio::test]
async fn an_operator_signs_in_at_a_terminal_and_works_with_the_token() -> Tested {
    let world = World::new().await?;
    let place = TempDir::new("operators-terminal")?;
    let file = place.path().join("token");
    let mut child = Command::new(env!("CARGO_BIN_EXE_glassbreak"))
        .args(["operator", "sign-in", "--issuer", &world.provider.issuer, "--scope", "api"])
        .args(["--client-id", "terminal", "--audience", AUDIENCE, "--out"])
        .arg(&file)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let mut said = BufReader::new(child.stderr.take().ok_or("no standard error")?).lines();
    let line = said.next().ok_or("it said nothing")??;
    let url = line.split_once(": ").ok_or("no URL")?.1.to_owned();
    let mut browser = Browser::default();
    let home = parameter(&url, "redirect_uri").ok_or("no way back")?;
    let home = home.replace("%3A", ":").replace("%2F", "/");
    let back = browser.through(&url, "sam", &home).await?;
    // Somebody else on this machine, who guesses where it listens.
    let other = browser.get(&with_parameter(&back, "state", Some("x"))).await?;
    assert_eq!(other.status, 404);
    assert_eq!(browser.get(&back).await?.status, 200);
    assert!(child.wait()?.success());
    let mode = std::fs::metadata(&file)?.permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let url = format!("http://{}", world.server.addr());
    let me = Command::new(env!("CARGO_BIN_EXE_glassbreak"))
        .args(["operator", "me", "--json", "--url", &url, "--api-key-file"])
        .arg(&file)
        .output()?;
    let me: serde_json::Value = serde_json::from_slice(&me.stdout)?;
    assert_eq!((&me["operator"], &me["kind"]), (&"sam".into(), &"operator".into()), "{me}");
    Ok(())
}
