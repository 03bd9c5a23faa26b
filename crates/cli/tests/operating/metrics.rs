//! `/metrics`: figures that agree with what was done.

use std::path::Path;
use std::process::{Command, Stdio};

use glassbreak_testkit::http::Client;
use glassbreak_testkit::python;
use serde_json::json;

use crate::calls::{Place, Tested, attempt, issue, redeem, register};
use crate::exposition::Exposition;

#[tokio::test]
#[expect(clippy::float_cmp, reason = "what is counted are whole numbers, and exact")]
async fn the_figures_are_what_was_done() -> Tested {
    let place = Place::new("metrics")?;
    let server = place.start("", "info")?;
    let mut client = server.client()?;
    let before = Exposition::read(&mut client).await?;
    register(&mut client, "ada", "standard").await?;
    register(&mut client, "bob-the-secret-name", "standard").await?;
    let shown = issue(&mut client, "ada", &json!({})).await?;
    let second = issue(&mut client, "bob-the-secret-name", &json!({})).await?;
    for code in shown.codes.iter().take(3) {
        assert_eq!(redeem(&mut client, "ada", code).await?.status, 200);
    }
    // A wrong code, a typo, and a retry that is answered again.
    let wrong = redeem(&mut client, "ada", &second.codes[0]).await?;
    assert_eq!(wrong.status, 401, "{}", wrong.text());
    assert_eq!(redeem(&mut client, "ada", "gb-nonsense").await?.status, 422);
    let again = attempt("bob-the-secret-name", &second.codes[1]);
    for _ in 0..2 {
        assert_eq!(client.post("/v1/redemptions", &again).await?.status, 200);
    }
    let revoke = format!("/v1/code-sets/{}/revoke", shown.set);
    let revoked = client.post(&revoke, &json!({ "reason": "leaked" })).await?;
    assert_eq!(revoked.status, 200, "{}", revoked.text());
    let after = Exposition::read(&mut client).await?;

    let grown = |series: &str| after.of(series) - before.of(series);
    for (series, count) in [
        ("glassbreak_redemptions_total{outcome=\"accepted\"}", 5.0),
        ("glassbreak_redemptions_total{outcome=\"not_accepted\"}", 1.0),
        ("glassbreak_redemptions_total{outcome=\"turned_away\"}", 1.0),
        ("glassbreak_events_total{event=\"code.accepted\"}", 4.0),
        ("glassbreak_events_total{event=\"code.refused\"}", 1.0),
        ("glassbreak_events_total{event=\"code_set.issued\"}", 2.0),
        ("glassbreak_events_total{event=\"subject.registered\"}", 2.0),
        ("glassbreak_code_sets_revoked_total{reason=\"leaked\"}", 1.0),
        ("glassbreak_code_sets_revoked_total{reason=\"lifecycle\"}", 0.0),
        ("glassbreak_refusals_total{code=\"not_accepted\"}", 1.0),
        ("glassbreak_refusals_total{code=\"malformed_code\"}", 1.0),
        (
            "glassbreak_http_requests_total{route=\"/v1/redemptions\",method=\"POST\",status=\"2xx\"}",
            5.0,
        ),
        (
            "glassbreak_http_requests_total{route=\"/v1/redemptions\",method=\"POST\",status=\"4xx\"}",
            2.0,
        ),
        (
            "glassbreak_http_request_duration_seconds_count{route=\"/v1/subjects/{subject}\",method=\"PUT\"}",
            2.0,
        ),
        // The first reading was not yet answered when it was written.
        ("glassbreak_http_requests_total{route=\"/metrics\",method=\"GET\",status=\"2xx\"}", 1.0),
    ] {
        assert_eq!(grown(series), count, "{series}");
    }
    // Every entry of the log since was counted as an event, and as a decision of some commit.
    let entries = grown("glassbreak_log_entries");
    let events = after.sum("glassbreak_events_total") - before.sum("glassbreak_events_total");
    assert!(entries > 0.0 && entries == events, "{entries} entries, {events} events");
    assert!(grown("glassbreak_commit_decisions_sum") >= 10.0);
    assert_eq!(after.of("glassbreak_database_up"), 1.0);
    assert_eq!(after.of("glassbreak_sealed"), 0.0);
    assert_eq!(after.of("glassbreak_http_requests_in_flight"), 1.0, "this one");
    assert!(after.of("process_resident_memory_bytes") > 1e6);
    assert!(!after.series().any(|series| series.contains("secret-name")), "no subject is told");
    Ok(())
}

#[tokio::test]
async fn metrics_need_audit_or_an_address_of_their_own() -> Tested {
    let place = Place::new("metrics-open")?;
    // Bound and let go again: nobody else takes it in between, or the server says so.
    let free = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let server = place.start_with(&format!("[metrics]\nlisten = \"{free}\"\n"), &[], &[])?;
    let client = server.client()?;
    assert_eq!(client.presenting(None).get("/metrics").await?.status, 401);
    let mut own = Client::new(free, None);
    let told = Exposition::parse(&own.get("/metrics").await?.text())?;
    assert!(told.types.len() > 25, "{:?}", told.types);
    assert_eq!(own.get("/v1/keys").await?.status, 404, "nothing else is there");
    assert!(
        told.has(&format!("glassbreak_build_info{{version=\"{}\"}}", env!("CARGO_PKG_VERSION")))
    );
    assert!(server.stop()?.success());
    Ok(())
}

#[tokio::test]
async fn the_page_tells_every_metric_that_there_is_and_no_other() -> Tested {
    let place = Place::new("metrics-page")?;
    let server = place.start("", "info")?;
    let told = Exposition::read(&mut server.client()?).await?;
    let page = std::fs::read_to_string(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/METRICS.md"),
    )?;
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    let rows: std::collections::BTreeSet<&str> = rows.collect();
    let names: std::collections::BTreeSet<&str> = told.types.keys().map(String::as_str).collect();
    assert_eq!(rows, names);
    Ok(())
}

/// The parser of Prometheus' own Python client reads it, and finds the same types.
#[tokio::test]
async fn a_parser_that_nobody_here_wrote_reads_it() -> Tested {
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/operating");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let python = python::environment(folder, "operating", &here.join("requirements.txt"))?;
    let place = Place::new("metrics-python")?;
    let server = place.start("", "info")?;
    let mut client = server.client()?;
    register(&mut client, "ada", "standard").await?;
    let text = client.get("/metrics").await?.text();
    let file = place.data().with_file_name("metrics.txt");
    std::fs::write(&file, &text)?;
    let script = "import sys\n\
        from prometheus_client.parser import text_string_to_metric_families as read\n\
        found = list(read(open(sys.argv[1], encoding='utf-8').read()))\n\
        assert all(family.type != 'unknown' for family in found), found\n\
        print(len(found), sum(len(family.samples) for family in found))\n";
    let read =
        Command::new(python).args(["-c", script]).arg(&file).stdin(Stdio::null()).output()?;
    assert!(read.status.success(), "{}", String::from_utf8_lossy(&read.stderr));
    let lines = text.lines().filter(|line| !line.starts_with('#')).count();
    let families = Exposition::parse(&text)?.types.len();
    let said = String::from_utf8(read.stdout)?;
    assert_eq!(said.trim(), format!("{families} {lines}"));
    Ok(())
}
