//! `/readyz` and `glassbreak health`: ready, sealed, not reached.

use std::process::{Command, Output, Stdio};

use glassbreak_testkit::http::Failure;
use serde_json::Value;

use crate::calls::{Place, Tested, register};

fn health(url: &str) -> Result<Output, Failure> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_glassbreak"));
    command.args(["health", "--json", "--url", url]).stdin(Stdio::null());
    Ok(command.output()?)
}

#[tokio::test]
async fn a_server_is_ready_or_cannot_be_reached() -> Tested {
    let place = Place::new("health")?;
    let server = place.start("", "info")?;
    let url = format!("http://{}", server.addr());
    let said = health(&url)?;
    assert_eq!(said.status.code(), Some(0), "{said:?}");
    assert_eq!(serde_json::from_slice::<Value>(&said.stdout)?["state"], "ready");
    let mut client = server.client()?;
    for (path, status) in
        [("/readyz?sealed=503", 200), ("/readyz?sealed=7", 422), ("/healthz", 200)]
    {
        assert_eq!(client.get(path).await?.status, status, "{path}");
    }
    assert!(server.stop()?.success());
    assert_eq!(health(&url)?.status.code(), Some(5), "unreachable");
    Ok(())
}

/// A database that is behind its anchor: the state, the reason, the containment, and the exit code.
#[tokio::test]
async fn a_restored_database_is_told_as_sealed() -> Tested {
    let place = Place::new("health-sealed")?;
    let anchor = place.data().with_file_name("anchor");
    let config = format!("[anchors.disk]\nkind = \"file\"\nfolder = {:?}\n", anchor.display());
    let server = place.start_with(&config, &[], &[])?;
    register(&mut server.client()?, "ada", "standard").await?;
    assert!(server.stop()?.success());
    let data = place.data();
    let (database, old) = (data.join("glassbreak.db"), place.data().with_file_name("old.db"));
    std::fs::copy(&database, &old)?;
    let server = place.start_with(&config, &[], &[])?;
    register(&mut server.client()?, "bob", "standard").await?;
    assert!(server.stop()?.success());
    for beside in ["glassbreak.db-wal", "glassbreak.db-shm"] {
        // They are there only where the server was not the last to close the file.
        drop(std::fs::remove_file(data.join(beside)));
    }
    std::fs::copy(&old, &database)?;

    let server = place.start_with(&config, &[], &[])?;
    let mut client = server.client()?;
    let url = format!("http://{}", server.addr());
    let said = health(&url)?;
    assert_eq!(said.status.code(), Some(8), "{said:?}");
    let told: Value = serde_json::from_slice(&said.stdout)?;
    let reason = &told["reasons"][0];
    assert_eq!((told["state"].as_str(), reason["code"].as_str()), (Some("sealed"), Some("sealed")));
    assert!(reason["since"].as_str().is_some_and(|since| since.ends_with('Z')), "{told}");
    let containments = client.get("/v1/containments").await?.json();
    assert_eq!(reason["containment_id"], containments["items"][0]["containment_id"]);
    assert_eq!(client.get("/readyz").await?.status, 200, "reports and approvals go on");
    assert_eq!(client.get("/readyz?sealed=503").await?.status, 503);
    let metrics = client.get("/metrics").await?.text();
    assert!(metrics.contains("\nglassbreak_sealed 1\n"), "{metrics}");
    assert!(metrics.contains("\nglassbreak_containments_in_force 1\n"), "{metrics}");
    Ok(())
}
