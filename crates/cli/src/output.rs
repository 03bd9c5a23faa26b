//! What people see: tables, times, boxes, progress. Programs get JSON instead.

use std::io::{IsTerminal, Write};
use std::time::Duration;

use anyhow::Context;
use comfy_table::presets::UTF8_BORDERS_ONLY;
use comfy_table::{Cell, Table};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::Value;

use crate::exit::Failure;

/// How answers are shown.
#[derive(Debug, Clone, Copy)]
pub struct Output {
    json: bool,
}

impl Output {
    /// JSON for programs, or text for people.
    pub const fn new(json: bool) -> Self {
        Self { json }
    }

    /// Whether a program reads.
    pub const fn is_json(self) -> bool {
        self.json
    }

    /// Shows `value` as JSON, or what `human` makes of it.
    pub fn show(self, value: &Value, human: impl FnOnce(&Value) -> String) -> Result<(), Failure> {
        if self.json { print(&pretty(value)) } else { print(human(value).trim_end()) }
    }
}

/// Writes lines to standard output. A reader that went away is no reason to panic.
pub fn print(text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    Ok(writeln!(out, "{text}").and_then(|()| out.flush()).context("cannot write the answer")?)
}

/// JSON on several lines.
pub fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

/// A table with a header.
pub fn table<const N: usize>(header: [&str; N], rows: Vec<[String; N]>) -> String {
    let mut table = Table::new();
    table.load_style(UTF8_BORDERS_ONLY).set_header(header);
    for row in rows {
        table.add_row(row.map(Cell::new));
    }
    table.to_string()
}

/// Name and value below one another, aligned.
pub fn fields(rows: &[(&str, String)]) -> String {
    let width = rows.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
    let lines = rows.iter().map(|(name, value)| {
        let line = format!("{name:width$}  {value}");
        line.trim_end().to_owned()
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// The same without the rows that have nothing to tell.
pub fn filled(rows: Vec<(&str, String)>) -> String {
    let told: Vec<_> = rows.into_iter().filter(|(_, value)| !value.is_empty()).collect();
    fields(&told)
}

/// The codes of a set as their holder sees them, numbered, in a box.
pub fn sheet(title: &str, codes: &[&str], footer: &[String]) -> String {
    let numbered = codes.iter().enumerate().map(|(at, code)| format!("{:>2}.  {code}", at + 1));
    let parts = [vec![title.to_owned()], numbered.collect(), footer.to_vec()];
    let width = parts.iter().flatten().map(|line| line.chars().count()).max().unwrap_or_default();
    let rule = "─".repeat(width + 2);
    let boxed = |lines: &Vec<String>| {
        let lines = lines.iter().map(|line| format!("│ {line:width$} │\n"));
        lines.collect::<Vec<_>>().concat()
    };
    let parts: Vec<String> = parts.iter().map(boxed).collect();
    format!("┌{rule}┐\n{}└{rule}┘", parts.join(&format!("├{rule}┤\n")))
}

/// A member of an answer as text; empty if it is not there.
pub fn text(value: &Value, name: &str) -> String {
    match value.get(name) {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(items)) => items.iter().map(plain).collect::<Vec<_>>().join(", "),
        Some(other) => other.to_string(),
    }
}

/// A value as text, strings without their quotes.
pub fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned)
}

/// The members of a list in an answer.
pub fn items<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// A time as an API tells it, to the minute.
pub fn minute(time: &str) -> String {
    match (time.get(..10), time.get(11..16)) {
        (Some(day), Some(clock)) => format!("{day} {clock}"),
        _ => time.to_owned(),
    }
}

/// Milliseconds since the Unix epoch, as RFC 3339.
pub fn instant(milliseconds: i64) -> String {
    jiff::Timestamp::from_millisecond(milliseconds)
        .map_or_else(|_| milliseconds.to_string(), |at| format!("{at:.3}"))
}

/// A bar on standard error, if that is a terminal; otherwise nothing.
pub fn progress(total: Option<u64>, unit: &'static str) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::with_draw_target(total, ProgressDrawTarget::stderr_with_hz(10));
    let template = match total {
        Some(_) => format!("{{bar:32}} {{pos}}/{{len}} {unit}  {{per_sec}}  {{eta}} left  {{msg}}"),
        None => format!("{{spinner}} {{pos}} {unit}  {{per_sec}}  {{elapsed}}  {{msg}}"),
    };
    if let Ok(style) = ProgressStyle::with_template(&template) {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_to_the_minute() {
        assert_eq!(minute("2026-11-22T01:02:03.456Z"), "2026-11-22 01:02");
        assert_eq!(minute("soon"), "soon");
        assert_eq!(instant(1_767_225_600_000), "2026-01-01T00:00:00.000Z");
    }

    #[test]
    fn a_sheet_numbers_its_codes() {
        let sheet = sheet("For anna", &["gb-A", "gb-B"], &["Keep it safe.".to_owned()]);
        assert!(sheet.contains(" 1.  gb-A") && sheet.contains(" 2.  gb-B"), "{sheet}");
        assert!(sheet.contains("Keep it safe."));
    }
}
