//! `/metrics`: what a monitoring system reads (docs/METRICS.md, docs/decisions/0034).
//!
//! [`list`] names every metric there is; the page that people read, the dashboard and the alert
//! rules are made from it ([`pages`]). [`gather`] fills them in from the engine, from what the
//! server counted of its requests ([`http`]) and from the operating system ([`process`]); [`text`]
//! writes them down. Labels have a fixed, small set of values each: no subject, no key, no address.

mod gather;
mod http;
mod list;
pub(crate) mod pages;
mod process;
mod text;

pub(crate) use gather::{Own, gather};
pub(crate) use http::{HttpMeter, RefusedAs, method_name};
pub(crate) use list::{Kind, Metric};
pub(crate) use text::{CONTENT_TYPE, write};

use glassbreak_engine::meter::Reading;

/// A metric with its values at a moment.
#[derive(Debug, Clone)]
pub(crate) struct Family {
    /// Which.
    pub(crate) metric: &'static Metric,
    /// Its values.
    pub(crate) samples: Vec<Sample>,
}

/// A value of a metric, under a value for each of its labels.
#[derive(Debug, Clone)]
pub(crate) struct Sample {
    /// In the order of the metric's labels.
    pub(crate) labels: Vec<String>,
    /// The value.
    pub(crate) value: Value,
}

/// A value.
#[derive(Debug, Clone)]
pub(crate) enum Value {
    /// Of a counter or a gauge.
    Number(f64),
    /// Of a histogram.
    Reading(Reading),
}

impl Family {
    /// A metric without labels.
    pub(crate) fn one(metric: &'static Metric, value: f64) -> Self {
        Self::of(metric, vec![(Vec::new(), value)])
    }

    /// A metric of numbers.
    pub(crate) fn of(metric: &'static Metric, values: Vec<(Vec<String>, f64)>) -> Self {
        let sample = |(labels, value)| Sample { labels, value: Value::Number(value) };
        Self { metric, samples: values.into_iter().map(sample).collect() }
    }

    /// A metric of readings.
    pub(crate) fn read(metric: &'static Metric, readings: Vec<(Vec<String>, Reading)>) -> Self {
        let sample = |(labels, reading)| Sample { labels, value: Value::Reading(reading) };
        Self { metric, samples: readings.into_iter().map(sample).collect() }
    }
}

/// A count as a number of the text format. Beyond 2^53 it is not exact any more.
#[expect(clippy::cast_precision_loss, reason = "the format has no other numbers")]
pub(crate) const fn number(count: u64) -> f64 {
    count as f64
}
