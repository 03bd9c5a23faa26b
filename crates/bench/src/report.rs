//! The table: as Markdown for people and README, as JSON for programs.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

/// One line of the table.
pub(crate) struct Row {
    measure: String,
    figure: String,
    baseline: String,
    ratio: String,
    hold: String,
    met: Option<bool>,
}

impl Row {
    /// A figure for its own sake.
    pub(crate) fn plain(measure: impl Into<String>, figure: impl Into<String>) -> Self {
        let (measure, figure) = (measure.into(), figure.into());
        let [baseline, ratio, hold] = [(); 3].map(|()| String::new());
        Self { measure, figure, baseline, ratio, hold, met: None }
    }

    /// What it is held against.
    pub(crate) fn against(self, baseline: impl Into<String>, ratio: impl Into<String>) -> Self {
        Self { baseline: baseline.into(), ratio: ratio.into(), ..self }
    }

    /// What it has to be, and whether it is.
    pub(crate) fn hold(self, hold: impl Into<String>, met: bool) -> Self {
        Self { hold: hold.into(), met: Some(met), ..self }
    }
}

/// The whole report.
#[derive(Default)]
pub(crate) struct Report {
    /// What it was taken on.
    pub(crate) header: Vec<(&'static str, String)>,
    rows: Vec<Row>,
    notes: Vec<String>,
}

const BEGIN: &str = "<!-- bench:begin -->";
const END: &str = "<!-- bench:end -->";

impl Report {
    /// Adds a line, and shows it.
    pub(crate) fn add(&mut self, row: Row) {
        eprintln!("   {}: {} {} {}", row.measure, row.figure, row.baseline, row.ratio);
        self.rows.push(row);
    }

    /// Adds a remark below the table.
    pub(crate) fn note(&mut self, note: impl Into<String>) {
        self.notes.push(note.into());
    }

    /// The table for people.
    pub(crate) fn markdown(&self) -> String {
        let mut text = String::new();
        for (name, value) in &self.header {
            text.extend(["- ", name, ": ", value, "\n"]);
        }
        text.push_str("\n| measure | figure | baseline | ratio | hold | met |\n");
        text.push_str("| --- | --- | --- | --- | --- | --- |\n");
        for row in &self.rows {
            let Row { measure, figure, baseline, ratio, hold, met } = row;
            let met = met.map_or("", |met| if met { "yes" } else { "**no**" });
            let cells = [measure, figure, baseline, ratio, hold, met].join(" | ");
            text.extend(["| ", &cells, " |\n"]);
        }
        for note in &self.notes {
            text.extend(["\n", note, "\n"]);
        }
        text
    }

    fn json(&self) -> Value {
        let header: serde_json::Map<_, _> =
            self.header.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
        let row = |row: &Row| {
            json!({
                "measure": row.measure, "figure": row.figure, "baseline": row.baseline,
                "ratio": row.ratio, "hold": row.hold, "met": row.met,
            })
        };
        let rows: Vec<_> = self.rows.iter().map(row).collect();
        json!({ "machine": header, "rows": rows, "notes": self.notes })
    }

    /// Writes both forms into `directory`.
    pub(crate) fn write(&self, directory: &Path) -> Result<()> {
        fs::create_dir_all(directory)?;
        fs::write(directory.join("bench.md"), self.markdown())?;
        let json = serde_json::to_string_pretty(&self.json())? + "\n";
        fs::write(directory.join("bench.json"), json)?;
        Ok(())
    }

    /// Replaces what is between the marks of `readme`.
    pub(crate) fn write_readme(&self, readme: &Path) -> Result<()> {
        let text = fs::read_to_string(readme)
            .with_context(|| format!("cannot read `{}`", readme.display()))?;
        let Some((before, rest)) = text.split_once(BEGIN) else {
            bail!("`{}` has no line `{BEGIN}`", readme.display());
        };
        let Some((_, after)) = rest.split_once(END) else {
            bail!("`{}` has no line `{END}`", readme.display());
        };
        let table = self.markdown();
        fs::write(readme, format!("{before}{BEGIN}\n{table}{END}{after}"))?;
        Ok(())
    }
}

/// A count a second.
pub(crate) fn per_second(rate: f64) -> String {
    let digits = usize::from(rate < 1000.0);
    let text = format!("{rate:.digits$}");
    let whole = text.split('.').next().map_or(0, str::len);
    // A comma before the last three digits of a whole number.
    match (whole > 3, text.split_at_checked(whole.saturating_sub(3))) {
        (true, Some((thousands, rest))) => format!("{thousands},{rest}/s"),
        _ => format!("{text}/s"),
    }
}

/// Milliseconds.
pub(crate) fn millis(value: f64) -> String {
    format!("{value:.2} ms")
}

/// A share.
pub(crate) fn percent(of: f64, whole: f64) -> String {
    format!("{:.1}%", 100.0 * of / whole.max(1e-9))
}
