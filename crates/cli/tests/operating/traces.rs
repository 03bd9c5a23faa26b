//! Spans and metrics at a collector, by OTLP in JSON.

use std::path::Path;
use std::process::{Command, Stdio};

use glassbreak_testkit::collector::{Collector, Posted};
use glassbreak_testkit::http::{Client, Failure, Method};
use glassbreak_testkit::python;
use serde_json::{Value, json};

use crate::calls::{Place, Tested, issue, redeem, register};
use crate::exposition::Exposition;
use crate::{AGAIN, WAIT_MAX, until};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

/// The spans in what was posted.
fn spans(posted: &[Posted]) -> Vec<Value> {
    let bodies = posted.iter().filter(|posted| posted.path == "/v1/traces");
    let bodies = bodies.filter_map(|posted| serde_json::from_slice::<Value>(&posted.body).ok());
    bodies
        .flat_map(|body| {
            let spans = &body["resourceSpans"][0]["scopeSpans"][0]["spans"];
            spans.as_array().cloned().unwrap_or_default()
        })
        .collect()
}

fn attribute<'a>(span: &'a Value, name: &str) -> &'a Value {
    let all = span["attributes"].as_array().map_or(&[] as &[Value], Vec::as_slice);
    all.iter().find(|it| it["key"] == name).map_or(&Value::Null, |it| &it["value"])
}

fn configured(collector: &Collector, more: &str) -> String {
    format!("[telemetry]\nendpoint = \"{}\"\n{more}", collector.url())
}

#[tokio::test]
async fn each_request_is_one_span_in_the_trace_of_its_caller() -> Tested {
    let place = Place::new("traces")?;
    let collector = Collector::start(200)?;
    let config = configured(&collector, "headers_variable = \"OTLP_HEADERS\"\n");
    let environment = [("OTLP_HEADERS", "api-key=let-me-in")];
    let server = place.start_with(&config, &[], &environment)?;
    let mut client = server.client()?;
    register(&mut client, "ada", "standard").await?;
    let shown = issue(&mut client, "ada", &json!({})).await?;
    let accepted = redeem(&mut client, "ada", &shown.codes[0]).await?;
    let evidence = accepted.json()["evidence"].clone();
    let request_id = accepted.headers["x-request-id"].to_str()?.to_owned();
    let parent = format!("00-{TRACE}-00f067aa0ba902b7-01");
    let named = client.send(Method::GET, "/v1/keys", &[("traceparent", &parent)], "").await?;
    assert_eq!(named.status, 200);
    // The caller does not record this one, and so nor does the server.
    let unwanted = parent.replace("-01", "-00").replace("4bf9", "ffff");
    client.send(Method::GET, "/v1/keys", &[("traceparent", &unwanted)], "").await?;
    client.get("/no/such/path").await?;
    assert!(server.stop()?.success());

    let posted = collector.rest();
    assert!(posted.iter().all(|it| it.headers.contains("api-key: let-me-in")), "{posted:?}");
    let spans = spans(&posted);
    assert_eq!(spans.len(), 5, "{spans:#?}");
    let span = spans.iter().find(|span| {
        attribute(span, "glassbreak.request_id")["stringValue"] == request_id.as_str()
    });
    let span = span.ok_or("no span of the redemption")?;
    assert_eq!(span["name"], "POST /v1/redemptions");
    assert_eq!(span["kind"], 2);
    assert_eq!(attribute(span, "http.response.status_code")["intValue"], "200");
    let told = &attribute(span, "glassbreak.evidence")["arrayValue"]["values"];
    let told: Vec<&Value> =
        told.as_array().into_iter().flatten().map(|it| &it["stringValue"]).collect();
    assert_eq!(json!(told), evidence, "the span names the request's evidence");
    for stage in ["load", "prepare", "decide", "commit"] {
        let taken = attribute(span, &format!("glassbreak.stage.{stage}.seconds"));
        assert!(taken["doubleValue"].as_f64().is_some_and(|taken| taken > 0.0), "{stage}");
    }
    let keys: Vec<_> = spans.iter().filter(|span| span["name"] == "GET /v1/keys").collect();
    assert_eq!(keys.len(), 1, "one was recorded by its caller, one was not");
    assert_eq!(
        (&keys[0]["traceId"], &keys[0]["parentSpanId"]),
        (&json!(TRACE), &json!("00f067aa0ba902b7"))
    );
    assert!(spans.iter().any(|span| span["name"] == "GET no route"), "{spans:#?}");
    conforms(&place, &posted)
}

#[tokio::test]
async fn metrics_go_to_the_collector_too() -> Tested {
    let place = Place::new("traces-metrics")?;
    let collector = Collector::start(200)?;
    let config = configured(&collector, "traces = false\nmetrics = true\nmetrics_every = 1\n");
    let server = place.start_with(&config, &[], &[])?;
    let mut client = server.client()?;
    register(&mut client, "ada", "standard").await?;
    let posted = collector.next().ok_or("nothing came")?;
    assert_eq!(posted.path, "/v1/metrics");
    let body: Value = serde_json::from_slice(&posted.body)?;
    let metrics = &body["resourceMetrics"][0]["scopeMetrics"][0]["metrics"];
    let names: Vec<_> = metrics.as_array().into_iter().flatten().map(|it| &it["name"]).collect();
    assert!(names.contains(&&json!("glassbreak_events_total")), "{names:?}");
    assert!(names.contains(&&json!("glassbreak_commit_duration_seconds")), "{names:?}");
    conforms(&place, &[posted])
}

#[tokio::test]
async fn a_collector_that_is_away_costs_spans_and_no_request() -> Tested {
    let place = Place::new("traces-away")?;
    let collector = Collector::start(400)?;
    let server = place.start_with(&configured(&collector, ""), &[], &[])?;
    let mut client = server.client()?;
    register(&mut client, "ada", "standard").await?;
    let counted = async {
        let mut again = tokio::time::interval(AGAIN);
        while dropped(&mut client).await? == 0.0 {
            again.tick().await;
        }
        Ok::<_, Failure>(())
    };
    tokio::time::timeout(WAIT_MAX, counted)
        .await
        .map_err(|_| "what was refused is not counted")??;
    until("the server says so", || server.said().contains("the collector refuses")).await
}

/// How many spans were not sent.
async fn dropped(client: &mut Client) -> Result<f64, Failure> {
    Ok(Exposition::read(client).await?.of("glassbreak_telemetry_dropped_total"))
}

/// The messages of OpenTelemetry's own schema take what was sent; a name that they do not know is
/// an error.
fn conforms(place: &Place, posted: &[Posted]) -> Result<(), Failure> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/operating");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let python = python::environment(folder, "operating", &here.join("requirements.txt"))?;
    let script = "import sys\n\
        from google.protobuf.json_format import Parse\n\
        from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import \
        ExportTraceServiceRequest as Traces\n\
        from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import \
        ExportMetricsServiceRequest as Metrics\n\
        for path, file in zip(sys.argv[1::2], sys.argv[2::2]):\n\
        \x20   message = Traces() if path == '/v1/traces' else Metrics()\n\
        \x20   Parse(open(file, encoding='utf-8').read(), message)\n";
    let mut read = Command::new(python);
    read.args(["-c", script]).stdin(Stdio::null());
    for (number, posted) in posted.iter().enumerate() {
        let file = place.data().with_file_name(format!("posted-{number}.json"));
        std::fs::write(&file, &posted.body)?;
        read.arg(&posted.path).arg(&file);
    }
    let read = read.output()?;
    assert!(read.status.success(), "{}", String::from_utf8_lossy(&read.stderr));
    Ok(())
}
