//! What is told, in the JSON form of OTLP 1.x: 64-bit numbers are strings, ids are hexadecimal.

use std::time::Duration;

use glassbreak_engine::core::time::Timestamp;
use glassbreak_engine::meter::Reading;
use glassbreak_engine::stages::Stage;
use serde_json::{Value, json};

use super::Answered;
use crate::config::TelemetryConfig;
use crate::metrics::{Family, Kind, Metric, Sample, Value as Figure};

/// `SPAN_KIND_SERVER`.
const SERVER: u8 = 2;
/// `STATUS_CODE_ERROR`.
const ERROR: u8 = 2;
/// `AGGREGATION_TEMPORALITY_CUMULATIVE`.
const CUMULATIVE: u8 = 2;

/// Who tells it.
#[derive(Debug, Clone)]
pub(crate) struct Resource(Value);

impl Resource {
    /// This server, by its configured name.
    pub(crate) fn of(config: &TelemetryConfig) -> Self {
        Self(json!({ "attributes": [
            text("service.name", &config.service_name),
            text("service.version", env!("CARGO_PKG_VERSION")),
        ] }))
    }

    /// Spans, as a request to `/v1/traces`.
    pub(crate) fn traces(&self, spans: &[Value]) -> Value {
        json!({ "resourceSpans": [{
            "resource": self.0,
            "scopeSpans": [{ "scope": scope(), "spans": spans }],
        }] })
    }

    /// Metrics, as a request to `/v1/metrics`.
    pub(crate) fn metrics(&self, metrics: &Value) -> Value {
        json!({ "resourceMetrics": [{
            "resource": self.0,
            "scopeMetrics": [{ "scope": scope(), "metrics": metrics }],
        }] })
    }
}

fn scope() -> Value {
    json!({ "name": "glassbreak", "version": env!("CARGO_PKG_VERSION") })
}

fn text(key: &str, value: &str) -> Value {
    json!({ "key": key, "value": { "stringValue": value } })
}

fn nanos(at: Timestamp) -> u64 {
    u64::try_from(at.millis()).unwrap_or(0).saturating_mul(1_000_000)
}

/// A request as a span. Names of attributes are OpenTelemetry's where it has one.
pub(crate) fn span(answered: &Answered) -> Value {
    let trace = &answered.trace;
    let began = nanos(answered.at);
    let ended = began.saturating_add(answered.micros.saturating_mul(1000));
    let mut attributes = vec![
        text("http.request.method", answered.method),
        json!({ "key": "http.response.status_code",
            "value": { "intValue": answered.status.to_string() } }),
        text("glassbreak.request_id", &answered.request),
    ];
    attributes.extend(answered.route.as_deref().map(|route| text("http.route", route)));
    attributes.extend(answered.refused.map(|code| text("error.type", code)));
    for stage in Stage::ALL {
        if let Some(micros) = answered.stages.micros(stage) {
            let seconds = Duration::from_micros(micros).as_secs_f64();
            let key = format!("glassbreak.stage.{}.seconds", stage.name());
            attributes.push(json!({ "key": key, "value": { "doubleValue": seconds } }));
        }
    }
    let evidence: Vec<Value> = answered
        .stages
        .events()
        .iter()
        .map(|event| json!({ "stringValue": event.to_string() }))
        .collect();
    if !evidence.is_empty() {
        let values = json!({ "arrayValue": { "values": evidence } });
        attributes.push(json!({ "key": "glassbreak.evidence", "value": values }));
    }
    let route = answered.route.as_deref().unwrap_or("no route");
    let mut span = json!({
        "traceId": trace.trace_id(),
        "spanId": trace.span_id(),
        "name": format!("{} {route}", answered.method),
        "kind": SERVER,
        "startTimeUnixNano": began.to_string(),
        "endTimeUnixNano": ended.to_string(),
        "attributes": attributes,
    });
    if let Some(span) = span.as_object_mut() {
        if let Some(parent) = trace.parent_id() {
            span.insert("parentSpanId".to_owned(), parent.into());
        }
        // A refusal is an answer; only a failure of ours is an error of this span.
        if answered.status >= 500 {
            span.insert("status".to_owned(), json!({ "code": ERROR }));
        }
    }
    span
}

/// Metrics, cumulative since the start.
pub(crate) fn metrics(families: &[Family], started: Timestamp, now: Timestamp) -> Value {
    let times = (nanos(started).to_string(), nanos(now).to_string());
    let families = families.iter().filter(|family| !family.samples.is_empty());
    families.map(|family| metric(family, &times)).collect()
}

fn metric(family: &Family, times: &(String, String)) -> Value {
    let metric = family.metric;
    let points: Vec<Value> =
        family.samples.iter().map(|sample| point(metric, sample, times)).collect();
    let (name, data) = match metric.kind {
        Kind::Counter => (
            "sum",
            json!({ "aggregationTemporality": CUMULATIVE, "isMonotonic": true,
                "dataPoints": points }),
        ),
        Kind::Gauge => ("gauge", json!({ "dataPoints": points })),
        Kind::Histogram { .. } => {
            ("histogram", json!({ "aggregationTemporality": CUMULATIVE, "dataPoints": points }))
        }
    };
    json!({ "name": metric.name, "description": metric.help, name: data })
}

fn point(metric: &Metric, sample: &Sample, (started, now): &(String, String)) -> Value {
    let labels = metric.labels.iter().zip(&sample.labels);
    let attributes: Vec<Value> = labels.map(|(name, value)| text(name, value)).collect();
    let mut point = json!({
        "attributes": attributes, "startTimeUnixNano": started, "timeUnixNano": now,
    });
    let figures = match &sample.value {
        Figure::Number(number) => json!({ "asDouble": number }),
        Figure::Reading(reading) => buckets(metric, reading),
    };
    if let (Some(point), Value::Object(figures)) = (point.as_object_mut(), figures) {
        point.extend(figures);
    }
    point
}

/// Buckets as OTLP counts them: each value in one, and not in all above as well.
fn buckets(metric: &Metric, reading: &Reading) -> Value {
    let per_unit = match metric.kind {
        Kind::Histogram { per_unit } => f64::from(per_unit),
        Kind::Counter | Kind::Gauge => 1.0,
    };
    let number = crate::metrics::number;
    let bounds: Vec<f64> =
        reading.buckets.iter().map(|(limit, _)| number(*limit) / per_unit).collect();
    let mut before = 0;
    let mut counts: Vec<String> = Vec::new();
    for sofar in reading.buckets.iter().map(|(_, sofar)| *sofar).chain([reading.count]) {
        counts.push(sofar.saturating_sub(before).to_string());
        before = sofar;
    }
    json!({
        "count": reading.count.to_string(),
        "sum": number(reading.sum) / per_unit,
        "bucketCounts": counts,
        "explicitBounds": bounds,
    })
}
