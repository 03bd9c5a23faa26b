//! A rule: what it is called, which entries it is about, and what makes an alert of them.

use glassbreak_core::digest::Digest;
use glassbreak_core::event::AlertLevel;
use glassbreak_core::id::EventId;
use serde::Serialize;

use crate::correlation::Correlation;
use crate::detection::Detection;
use crate::fault::Fault;
use crate::history::History;
use crate::yaml::{Fields, Node};

/// How far a rule can be trusted, in Sigma's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Tried for long.
    Stable,
    /// Tried.
    Test,
    /// New.
    Experimental,
}

/// A rule as it was read. Rules that others rest on raise no alert themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// What it is called everywhere: 1 to 64 lower-case letters, digits, `-` and `_`.
    pub name: String,
    /// Sigma's id, a UUID.
    pub id: Option<String>,
    /// The alert in a few words.
    pub title: String,
    /// What it looks for, and why.
    pub description: String,
    /// How far it can be trusted.
    pub status: Status,
    /// How much its alerts matter.
    pub level: AlertLevel,
    /// What else could look like it.
    pub falsepositives: Vec<String>,
    /// The file it is in.
    pub file: String,
    /// Where in that it begins.
    pub line: usize,
    pub(crate) body: Body,
    /// Of what it looks for: what was remembered for another is not taken for it.
    pub(crate) digest: Digest,
}

/// What makes an alert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Body {
    /// One entry, perhaps in the light of what came before.
    Entry { detection: Detection, history: History },
    /// Several entries together.
    Several(Correlation),
}

impl Rule {
    /// Reads one document of a file.
    pub(crate) fn read(file: &str, node: &Node) -> Result<Self, Fault> {
        let mut fields = Fields::of("the rule", node)?;
        let title = fields.need("title")?.text("title")?.to_owned();
        let name = name_of(fields.need("name")?)?;
        let id = fields.take("id").map(id_of).transpose()?;
        let status = fields.take("status").map_or(Ok(Status::Experimental), status_of)?;
        let description = fields.need("description")?.text("description")?.trim().to_owned();
        for (known, several) in [
            ("references", true),
            ("tags", true),
            ("author", false),
            ("date", false),
            ("modified", false),
        ] {
            if let Some(node) = fields.take(known) {
                if several { node.texts(known).map(drop)? } else { node.text(known).map(drop)? }
            }
        }
        let source = fields.take("logsource");
        let (detection, correlation) = (fields.take("detection"), fields.take("correlation"));
        let level = fields.take("level").map_or(Ok(AlertLevel::Medium), level_of)?;
        let falsepositives = fields.take("falsepositives");
        let falsepositives =
            falsepositives.map_or(Ok(Vec::new()), |node| node.texts("falsepositives"))?;
        let ours = fields.take("glassbreak");
        fields.finish()?;
        let body = match (detection, correlation, ours) {
            (Some(detection), None, ours) => {
                our_log(source, node.line)?;
                let history = ours.map_or(Ok(History::default()), History::read)?;
                Body::Entry { detection: Detection::read(detection)?, history }
            }
            (None, Some(_), Some(ours)) => {
                let help = "take it out; `timespan` and `group-by` of the correlation do it";
                return Err(Fault::new(ours.line, "a correlation has no `glassbreak`", help));
            }
            (None, Some(correlation), None) => Body::Several(Correlation::read(correlation)?),
            (None, None, _) => {
                let help = "add `detection:`, or `correlation:` over other rules";
                return Err(Fault::new(node.line, "the rule looks for nothing", help));
            }
            (Some(_), Some(both), _) => {
                let help = "put the `detection` in a rule of its own";
                return Err(Fault::new(both.line, "`detection` and `correlation` in one", help));
            }
        };
        let looks_for = [detection, correlation, ours].map(written);
        let parts: Vec<&[u8]> = looks_for.iter().map(String::as_bytes).collect();
        let digest = Digest::of("glassbreak/watch/rule/v1", &parts);
        let (file, line) = (file.to_owned(), node.line);
        Ok(Self {
            name,
            id,
            title,
            description,
            status,
            level,
            falsepositives,
            file,
            line,
            body,
            digest,
        })
    }

    /// Whether it remembers anything.
    pub(crate) fn looks_back(&self) -> bool {
        match &self.body {
            Body::Entry { history, .. } => history.looks_back().is_some(),
            Body::Several(_) => true,
        }
    }

    /// The names or ids of the rules it rests on, as it spells them.
    pub(crate) fn rests_on(&self) -> Vec<&str> {
        match &self.body {
            Body::Entry { history, .. } => history.rests_on().into_iter().collect(),
            Body::Several(correlation) => correlation.rules.iter().map(String::as_str).collect(),
        }
    }
}

/// A part of a rule as text that is the same on every machine. Members stay in their order.
fn written(node: Option<&Node>) -> String {
    let Some(node) = node else { return String::new() };
    let bytes = glassbreak_core::canonical::to_bytes(&node.to_json());
    bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
}

fn our_log(source: Option<&Node>, line: usize) -> Result<(), Fault> {
    let help = "write `logsource: {product: glassbreak}`";
    let Some(source) = source else {
        return Err(Fault::new(line, "the rule has no `logsource`", help));
    };
    let mut fields = Fields::of("logsource", source)?;
    let product = fields.need("product")?;
    if product.text("product")? != "glassbreak" {
        return Err(Fault::new(product.line, "the rule is for another product's log", help));
    }
    fields.finish()
}

fn name_of(node: &Node) -> Result<String, Fault> {
    let name = node.text("name")?;
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
    if name.is_empty() || name.len() > 64 || !name.chars().all(plain) {
        let help = "use 1 to 64 lower-case letters, digits, `-` and `_`";
        return Err(Fault::new(node.line, format!("`{name}` is no name of a rule"), help));
    }
    Ok(name.to_owned())
}

fn id_of(node: &Node) -> Result<String, Fault> {
    let id = node.text("id")?;
    if id.parse::<EventId>().is_err() {
        let help = "Sigma's ids are UUIDs; leave it out if there is none";
        return Err(Fault::new(node.line, format!("`{id}` is no UUID"), help));
    }
    Ok(id.to_owned())
}

fn level_of(node: &Node) -> Result<AlertLevel, Fault> {
    let text = node.text("level")?;
    AlertLevel::ALL.into_iter().find(|level| level.name() == text).ok_or_else(|| {
        let help = "the levels are informational, low, medium, high and critical";
        Fault::new(node.line, format!("there is no level `{text}`"), help)
    })
}

fn status_of(node: &Node) -> Result<Status, Fault> {
    match node.text("status")? {
        "stable" => Ok(Status::Stable),
        "test" => Ok(Status::Test),
        "experimental" => Ok(Status::Experimental),
        text => {
            let help = "it is stable, test or experimental; a rule that is neither is taken out";
            Err(Fault::new(node.line, format!("there is no status `{text}` here"), help))
        }
    }
}
