//! Looks for barriers on a page, with axe-core from npm: WCAG 2.2 A and AA, and its own best
//! practice.
//!
//! What a program finds is a part of the barriers that there are; that it finds none is where
//! looking begins.

use std::fmt::{self, Display, Formatter};
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::browser::Tab;
use crate::http::Failure;
use crate::{node, target};

const RUN: &str = "axe.run(document, { resultTypes: ['violations'], runOnly: {
  type: 'tag',
  values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
} }).then(found => found.violations)";

/// A rule that a page breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Its name, `color-contrast`.
    pub rule: String,
    /// How bad: `minor`, `moderate`, `serious`, `critical`.
    pub impact: String,
    /// What it asks for.
    pub help: String,
    /// Where it is broken, each with why: selectors and HTML.
    pub places: Vec<String>,
}

impl Display for Finding {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}): {}", self.rule, self.impact, self.help)?;
        for place in &self.places {
            write!(f, "\n    {place}")?;
        }
        Ok(())
    }
}

/// Looks at the page of a tab as it is now. Scripts must be on.
///
/// # Errors
/// If axe-core cannot be installed, or does not run.
pub fn findings(tab: &Tab) -> Result<Vec<Finding>, Failure> {
    if tab.evaluate("typeof axe")? != "object" {
        let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("axe");
        let place = target().join("tmp");
        fs::create_dir_all(&place)?;
        let place = node::installed(&place, "axe", &program)?;
        let axe = fs::read_to_string(place.join("node_modules/axe-core/axe.min.js"))?;
        // The page's content security policy does not hold for what the protocol brings.
        tab.evaluate(&format!("{axe}\n;0"))?;
    }
    let found = tab.evaluate(RUN)?;
    let found = found.as_array().ok_or_else(|| format!("axe found {found}"))?;
    Ok(found.iter().map(finding).collect())
}

/// The same, as an error if there is anything.
///
/// # Errors
/// With every finding, and with the page's address.
pub fn check(tab: &Tab) -> Result<(), Failure> {
    let found = findings(tab)?;
    if found.is_empty() {
        return Ok(());
    }
    let told: Vec<String> = found.iter().map(ToString::to_string).collect();
    Err(format!("axe finds on {}:\n  {}", tab.url()?, told.join("\n  ")).into())
}

fn finding(told: &Value) -> Finding {
    let word = |value: &Value, name: &str| {
        value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let nodes = told.get("nodes").and_then(Value::as_array).into_iter().flatten();
    let places = nodes.map(|node| {
        let target = node.get("target").map(ToString::to_string).unwrap_or_default();
        let why = word(node, "failureSummary").split_whitespace().collect::<Vec<_>>().join(" ");
        format!("{target} {} {why}", word(node, "html"))
    });
    Finding {
        rule: word(told, "id"),
        impact: word(told, "impact"),
        help: word(told, "help"),
        places: places.collect(),
    }
}
