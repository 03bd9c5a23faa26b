//! The text format of Prometheus, version 0.0.4: a line of help and of type for each metric, and a
//! line for each of its values.

use std::fmt::Write as _;

use super::{Family, Kind, Sample, Value, number};

/// The format's media type.
pub(crate) const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Writes metrics down.
pub(crate) fn write(families: &[Family]) -> String {
    let mut text = String::with_capacity(32 * 1024);
    for family in families {
        let metric = family.metric;
        // Writing to a string does not fail.
        let _ = writeln!(text, "# HELP {} {}", metric.name, metric.help);
        let _ = writeln!(text, "# TYPE {} {}", metric.name, metric.kind.name());
        for sample in &family.samples {
            write_sample(&mut text, family, sample);
        }
    }
    text
}

fn write_sample(text: &mut String, family: &Family, sample: &Sample) {
    let metric = family.metric;
    match &sample.value {
        Value::Number(value) => line(text, metric.name, "", &labels(family, sample), *value),
        Value::Reading(reading) => {
            let per_unit = match metric.kind {
                Kind::Histogram { per_unit } => f64::from(per_unit),
                Kind::Counter | Kind::Gauge => 1.0,
            };
            let base = labels(family, sample);
            for (limit, count) in &reading.buckets {
                let limit = number(*limit) / per_unit;
                let with_limit = joined(&base, &format!("le=\"{limit}\""));
                line(text, metric.name, "_bucket", &with_limit, number(*count));
            }
            let all = number(reading.count);
            line(text, metric.name, "_bucket", &joined(&base, "le=\"+Inf\""), all);
            line(text, metric.name, "_sum", &base, number(reading.sum) / per_unit);
            line(text, metric.name, "_count", &base, all);
        }
    }
}

fn line(text: &mut String, name: &str, end: &str, labels: &str, value: f64) {
    let _ = if labels.is_empty() {
        writeln!(text, "{name}{end} {value}")
    } else {
        writeln!(text, "{name}{end}{{{labels}}} {value}")
    };
}

fn joined(labels: &str, more: &str) -> String {
    if labels.is_empty() { more.to_owned() } else { format!("{labels},{more}") }
}

fn labels(family: &Family, sample: &Sample) -> String {
    let pairs = family.metric.labels.iter().zip(&sample.labels);
    let pairs = pairs.map(|(name, value)| format!("{name}=\"{}\"", escaped(value)));
    pairs.collect::<Vec<_>>().join(",")
}

fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::super::list;
    use super::*;
    use glassbreak_engine::meter::Histogram;

    #[test]
    fn a_histogram_is_told_in_its_unit_with_growing_counts() {
        let histogram = Histogram::of_durations();
        histogram.observe(1_000);
        histogram.observe(2_000_000_000);
        let family = Family::read(list::COMMIT_DURATION, vec![(Vec::new(), histogram.reading())]);
        let text = write(&[family]);
        for line in [
            "# TYPE glassbreak_commit_duration_seconds histogram",
            "glassbreak_commit_duration_seconds_bucket{le=\"0.0005\"} 0",
            "glassbreak_commit_duration_seconds_bucket{le=\"0.001\"} 1",
            "glassbreak_commit_duration_seconds_bucket{le=\"10\"} 1",
            "glassbreak_commit_duration_seconds_bucket{le=\"+Inf\"} 2",
            "glassbreak_commit_duration_seconds_sum 2000.001",
            "glassbreak_commit_duration_seconds_count 2",
        ] {
            assert!(text.lines().any(|told| told == line), "{line}\n{text}");
        }
    }

    #[test]
    fn labels_are_escaped() {
        let family = Family::of(list::REFUSALS, vec![(vec!["a\"b\\c\nd".to_owned()], 1.5)]);
        let text = write(&[family]);
        let line = "glassbreak_refusals_total{code=\"a\\\"b\\\\c\\nd\"} 1.5";
        assert_eq!(text.lines().last(), Some(line));
    }
}
