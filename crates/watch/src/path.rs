//! A path into an entry, such as `data.source`.

use serde_json::Value;

use crate::fault::Fault;

/// What an entry has at its top.
const TOP: [&str; 9] = ["actor", "at", "data", "decision", "id", "request", "subject", "type", "v"];

/// Names below one another. Where a list is on the way, all its items are looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Path(Vec<String>);

impl Path {
    pub(crate) fn read(text: &str, line: usize) -> Result<Self, Fault> {
        let parts: Vec<String> = text.split('.').map(ToOwned::to_owned).collect();
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if parts.iter().any(|part| part.is_empty() || !part.chars().all(plain)) {
            let help = "write names with dots between, such as `data.source`";
            return Err(Fault::new(line, format!("`{text}` is no field of an entry"), help));
        }
        if parts.first().is_none_or(|first| !TOP.contains(&first.as_str())) {
            let help = format!("an entry has {}; what happened is in `data`", TOP.join(", "));
            return Err(Fault::new(line, format!("no entry has a field `{text}`"), help));
        }
        Ok(Self(parts))
    }

    /// Whether it is that field.
    pub(crate) fn is(&self, name: &str) -> bool {
        self.0.len() == 1 && self.0.first().is_some_and(|first| first == name)
    }

    /// What lies there: nothing, one value, or several out of a list.
    pub(crate) fn of<'a>(&self, entry: &'a Value) -> Vec<&'a Value> {
        let mut found = vec![entry];
        for name in &self.0 {
            found = found.into_iter().flat_map(items).filter_map(|value| value.get(name)).collect();
        }
        let found = found.into_iter().flat_map(items);
        found.filter(|value| !value.is_null()).collect()
    }

    /// The one value there as a text, for groups; `None` where there is none.
    pub(crate) fn one(&self, entry: &Value) -> Option<String> {
        match self.of(entry).first()? {
            Value::String(text) => Some(text.clone()),
            Value::Object(_) => None,
            other => Some(other.to_string()),
        }
    }
}

/// A value itself, or the items of a list.
fn items(value: &Value) -> Box<dyn Iterator<Item = &Value> + '_> {
    match value {
        Value::Array(items) => Box::new(items.iter()),
        one => Box::new(std::iter::once(one)),
    }
}

impl std::fmt::Display for Path {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.join("."))
    }
}

/// A moment of the log for people, to the second.
pub(crate) fn moment(at: i64) -> String {
    let moment = jiff::Timestamp::from_millisecond(at);
    moment.map_or_else(|_| at.to_string(), |moment| format!("{moment:.0}"))
}

/// How long after one another two moments are, for people.
pub(crate) fn apart(first: i64, last: i64) -> String {
    let seconds = last.saturating_sub(first).max(0) / 1_000;
    let (unit, name) = match seconds {
        0..120 => (1, "second"),
        120..7_200 => (60, "minute"),
        7_200..172_800 => (3_600, "hour"),
        _ => (86_400, "day"),
    };
    let count = seconds / unit;
    format!("{count} {name}{}", if count == 1 { "" } else { "s" })
}
