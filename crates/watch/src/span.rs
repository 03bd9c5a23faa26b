//! Spans of time, as rules write them and as people read them.

use crate::fault::Fault;
use crate::yaml::Node;

/// The longest span a rule may look back: 400 days, in milliseconds.
const MOST: i64 = 400 * DAY;
const SECOND: i64 = 1_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// A span of time in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Span(pub(crate) i64);

impl Span {
    /// Reads `10m` or the like; more than nothing.
    pub(crate) fn read(of: &str, node: &Node) -> Result<Self, Fault> {
        let span = Self::read_any(of, node)?;
        if span.0 == 0 {
            return Err(Fault::new(node.line, format!("`{of}` is no time at all"), HELP));
        }
        Ok(span)
    }

    /// The same, and nothing is a span too.
    pub(crate) fn read_any(of: &str, node: &Node) -> Result<Self, Fault> {
        let text = node.text(of)?;
        let span = parse(text).filter(|span| (0..=MOST).contains(span));
        span.map(Self).ok_or_else(|| {
            Fault::new(node.line, format!("`{of}` is no span of up to 400 days: `{text}`"), HELP)
        })
    }
}

const HELP: &str = "write a number and s, m, h, d or w, such as `10m`";

fn parse(text: &str) -> Option<i64> {
    let unit = match text.chars().last()? {
        's' => SECOND,
        'm' => MINUTE,
        'h' => HOUR,
        'd' => DAY,
        'w' => 7 * DAY,
        _ => return None,
    };
    let number = text.get(..text.len().checked_sub(1)?)?;
    if !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    number.parse::<i64>().ok()?.checked_mul(unit)
}

impl std::fmt::Display for Span {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let units = [(DAY, "day"), (HOUR, "hour"), (MINUTE, "minute"), (SECOND, "second")];
        let whole = units.into_iter().find(|(unit, _)| self.0 >= *unit && self.0 % unit == 0);
        let (unit, name) = whole.unwrap_or((SECOND, "second"));
        let count = self.0 / unit;
        write!(f, "{count} {name}{}", if count == 1 { "" } else { "s" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_read_as_sigma_writes_them_and_told_in_words() {
        let told = |text: &str| parse(text).map(|span| Span(span).to_string());
        for (text, words) in [
            ("1s", "1 second"),
            ("90s", "90 seconds"),
            ("10m", "10 minutes"),
            ("24h", "1 day"),
            ("2w", "14 days"),
        ] {
            assert_eq!(told(text).as_deref(), Some(words));
        }
        for text in ["", "m", "-1m", "+1m", "1.5h", "1M", "99999999999999999999d", "1ö", "ö"] {
            assert_eq!(told(text), None, "{text}");
        }
    }
}
