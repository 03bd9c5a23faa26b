//! The text format of Prometheus, read strictly.

use std::collections::{BTreeMap, BTreeSet};

use glassbreak_testkit::http::{Client, Failure};

/// Metrics as they were read: each line's name and labels, as written, with its value.
#[derive(Debug)]
pub(crate) struct Exposition {
    values: BTreeMap<String, f64>,
    /// Each metric with its type.
    pub(crate) types: BTreeMap<String, String>,
}

impl Exposition {
    /// Reads `/metrics`.
    pub(crate) async fn read(client: &mut Client) -> Result<Self, Failure> {
        let answer = client.get("/metrics").await?;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let kind = answer.headers.get("content-type").and_then(|kind| kind.to_str().ok());
        assert_eq!(kind, Some("text/plain; version=0.0.4; charset=utf-8"));
        Self::parse(&answer.text())
    }

    /// Reads a text; every line has to be right.
    pub(crate) fn parse(text: &str) -> Result<Self, Failure> {
        let (mut values, mut types) = (BTreeMap::new(), BTreeMap::new());
        let (mut helped, mut current) = (BTreeSet::new(), String::new());
        assert!(text.ends_with('\n'), "the last line ends");
        for line in text.lines() {
            if let Some(help) = line.strip_prefix("# HELP ") {
                current = help.split(' ').next().unwrap_or_default().to_owned();
                assert!(helped.insert(current.clone()), "{current} is told once");
            } else if let Some(kind) = line.strip_prefix("# TYPE ") {
                let (name, kind) = kind.split_once(' ').ok_or("no type")?;
                assert_eq!(name, current);
                assert!(["counter", "gauge", "histogram"].contains(&kind), "{line}");
                types.insert(name.to_owned(), kind.to_owned());
            } else {
                let (series, value) = line.rsplit_once(' ').ok_or("no value")?;
                let name = series.split('{').next().unwrap_or_default();
                let ends: &[&str] = match types.get(&current).map(String::as_str) {
                    Some("histogram") => &["_bucket", "_sum", "_count"],
                    _ => &[""],
                };
                assert!(ends.iter().any(|end| name == format!("{current}{end}")), "{line}");
                if let Some(labels) = series.strip_prefix(name).filter(|it| !it.is_empty()) {
                    let inner = labels.strip_prefix('{').and_then(|it| it.strip_suffix('}'));
                    for pair in inner.ok_or("labels are in brackets")?.split("\",") {
                        let (label, value) = pair.split_once("=\"").ok_or("no label")?;
                        assert!(label.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'));
                        assert!(!value.trim_end_matches('"').contains('"'), "{line}");
                    }
                }
                let value = value.parse::<f64>()?;
                assert!(values.insert(series.to_owned(), value).is_none(), "{line} twice");
            }
        }
        Ok(Self { values, types })
    }

    /// The value of a series; 0 where there is none.
    pub(crate) fn of(&self, series: &str) -> f64 {
        self.values.get(series).copied().unwrap_or_default()
    }

    /// Whether there is such a series.
    pub(crate) fn has(&self, series: &str) -> bool {
        self.values.contains_key(series)
    }

    /// The sum of all series of a metric.
    pub(crate) fn sum(&self, metric: &str) -> f64 {
        let of_it = |series: &str| series.split('{').next() == Some(metric);
        self.values.iter().filter(|(series, _)| of_it(series)).map(|(_, value)| value).sum()
    }

    /// Each series.
    pub(crate) fn series(&self) -> impl Iterator<Item = &str> {
        self.values.keys().map(String::as_str)
    }
}
