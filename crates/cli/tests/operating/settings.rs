//! `config init`, `check` and `show`, the environment, and a reload while the server runs.

use std::process::{Command, Output, Stdio};

use glassbreak_testkit::http::{Client, Failure};
use serde_json::{Value, json};

use crate::calls::{Place, Tested, issue, issuing, register};
use crate::{until, utf8};

fn config(arguments: &[&str], environment: &[(&str, &str)]) -> Result<Output, Failure> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_glassbreak"));
    command.arg("config").args(arguments).envs(environment.iter().copied());
    Ok(command.stdin(Stdio::null()).output()?)
}

/// How many codes a set of the standard tier has.
async fn count(client: &mut Client, subject: &str) -> Result<usize, Failure> {
    register(client, subject, "standard").await?;
    let path = format!("/v1/subjects/{subject}/code-sets");
    let shown = client.post(&path, &issuing(&json!({}))).await?.json();
    Ok(shown["codes"].as_array().map_or(0, Vec::len))
}

#[test]
fn the_file_that_init_writes_is_accepted_and_never_written_over() -> Tested {
    let place = Place::new("config-init")?;
    let file = place.data().with_file_name("new.toml");
    let made = config(&["init", "--out", utf8(&file)?], &[])?;
    assert!(made.status.success(), "{made:?}");
    let checked = config(&["check", "--config", utf8(&file)?], &[])?;
    assert!(checked.status.success(), "{checked:?}");
    let again = config(&["init", "--out", utf8(&file)?], &[])?;
    assert_eq!(again.status.code(), Some(1));
    let printed = config(&["init"], &[])?;
    assert_eq!(String::from_utf8(printed.stdout)?, std::fs::read_to_string(&file)?);
    Ok(())
}

#[test]
fn show_tells_where_each_value_comes_from() -> Tested {
    let place = Place::new("config-show")?;
    let file = place.data().with_file_name("it.toml");
    std::fs::write(&file, "[source_limit]\nburst = 70\nper_second = 20\n")?;
    let environment = [("GLASSBREAK__SOURCE_LIMIT__BURST", "80")];
    let arguments = ["show", "--changed", "--json", "--config", utf8(&file)?];
    let shown = config(&arguments, &environment)?;
    let shown: Value = serde_json::from_slice(&shown.stdout)?;
    assert_eq!(
        shown["settings"],
        json!([
            { "name": "source_limit.burst", "value": "80", "from": "environment" },
            { "name": "source_limit.per_second", "value": "20", "from": "file" },
        ])
    );
    std::fs::write(&file, "[source_limit]\nbrust = 70\n")?;
    let refused = config(&["check", "--config", utf8(&file)?], &[])?;
    assert_eq!(refused.status.code(), Some(1));
    let told = String::from_utf8(refused.stdout)?;
    assert!(told.contains("did you mean `burst`?"), "{told}");
    Ok(())
}

#[tokio::test]
async fn the_environment_comes_after_the_file() -> Tested {
    let place = Place::new("config-environment")?;
    let file = "[tiers.standard]\ncount = 8\n";
    let environment = [("GLASSBREAK__TIERS__STANDARD__COUNT", "6")];
    let server = place.start_with(file, &[], &environment)?;
    assert_eq!(count(&mut server.client()?, "ada").await?, 6);
    let wrong = [("GLASSBREAK__TIERS__STANDARD__COUNT", "600")];
    let refused = Place::new("config-wrong")?.start_with(file, &[], &wrong).map(drop);
    let refused = refused.err().ok_or("a server started past a bound")?.to_string();
    assert!(refused.contains("tiers.standard.count"), "{refused}");
    Ok(())
}

#[tokio::test]
#[cfg(unix)]
async fn a_reload_changes_what_may_change_and_a_bad_file_changes_nothing() -> Tested {
    let place = Place::new("config-reload")?;
    let before = "[logs]\nlevel = \"info\"\n[source_limit]\nper_second = 1\nburst = 2\n";
    let server = place.start_with(before, &[], &[])?;
    let file = place.data().with_file_name("glassbreak.toml");
    let hang_up = || Command::new("kill").args(["-HUP", &server.pid().to_string()]).status();
    let mut client = server.client()?;
    assert!(!server.said().contains("answered"), "nothing is told below `info`");

    std::fs::write(&file, "[logs]\nlevel = \"debug\"\n[channels.email]\nkind = \"smtp\"\n")?;
    hang_up()?;
    until("the bad file is refused", || server.said().contains("was not reloaded")).await?;
    client.get("/healthz").await?;
    assert!(!server.said().contains("answered"), "the level is as it was");

    let after = "[alerts]\nenabled = false\n[logs]\nlevel = \"debug\"\n[source_limit]\nper_second = 1\nburst = 30\n\
                 [tiers.standard]\ncount = 7\n";
    std::fs::write(&file, after)?;
    hang_up()?;
    until("it is reloaded", || server.said().contains("wait for a restart")).await?;
    assert!(server.said().contains("settings=\"tiers\""), "{}", server.said());
    assert_eq!(count(&mut client, "ada").await?, 10, "tiers wait for a restart");
    until("the level is the new one", || server.said().contains("answered")).await?;
    // Twenty from one place at once: the first limit would have let two through.
    let code = issue(&mut client, "ada", &json!({})).await?.codes.remove(0);
    let mut busy = 0;
    for number in 0..20 {
        let body = json!({
            "redemption_id": crate::calls::fresh(), "subject": format!("nobody-{number}"),
            "code": code, "role": "second_factor",
            "presented": ["password"], "context": { "source": "192.0.2.1" },
        });
        let answer = client.post("/v1/redemptions", &body).await?;
        busy += usize::from(answer.status == 503);
    }
    assert_eq!(busy, 0, "the new limit holds");
    Ok(())
}
