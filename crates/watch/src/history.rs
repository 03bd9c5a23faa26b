//! What Sigma has no words for: an entry in the light of what came before it. Under `glassbreak:`.

use crate::correlation::paths;
use crate::fault::Fault;
use crate::path::Path;
use crate::span::Span;
use crate::yaml::{Fields, Node};

/// What has to be so of the time before an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct History {
    /// Entries are looked at together where these are the same.
    pub(crate) group_by: Vec<Path>,
    /// After an alert the group raises none for so long; zero: every entry is one.
    pub(crate) quiet: Span,
    pub(crate) wanted: Option<Wanted>,
}

/// What makes an entry one to tell of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// No entry of that rule came within the time before.
    WithoutBefore { rule: String, within: Span },
    /// The field's value was not there within the time before, and at least so many others were.
    Unseen { field: Path, within: Span, at_least: usize },
}

impl Default for History {
    fn default() -> Self {
        Self { group_by: Vec::new(), quiet: Span(0), wanted: None }
    }
}

impl History {
    pub(crate) fn read(node: &Node) -> Result<Self, Fault> {
        let mut fields = Fields::of("glassbreak", node)?;
        let group_by = fields.take("group-by").map(|node| paths("group-by", node)).transpose()?;
        let quiet = fields.take("quiet").map(|node| Span::read_any("quiet", node)).transpose()?;
        let (without, unseen) = (fields.take("without_before"), fields.take("unseen"));
        fields.finish()?;
        let wanted = match (without, unseen) {
            (None, None) => None,
            (Some(without), None) => Some(without_before(without)?),
            (None, Some(unseen)) => Some(self::unseen(unseen)?),
            (Some(_), Some(both)) => {
                let help = "make two rules of it";
                return Err(Fault::new(both.line, "`without_before` and `unseen` in one", help));
            }
        };
        let group_by = match group_by {
            Some(group_by) => group_by,
            None => vec![Path::read("subject", node.line)?],
        };
        Ok(Self { group_by, quiet: quiet.unwrap_or(Span(0)), wanted })
    }

    /// The rule it rests on, if on one.
    pub(crate) fn rests_on(&self) -> Option<&str> {
        match &self.wanted {
            Some(Wanted::WithoutBefore { rule, .. }) => Some(rule),
            _ => None,
        }
    }

    /// How long something has to be remembered for it; nothing at all: `None`.
    pub(crate) fn looks_back(&self) -> Option<Span> {
        let within = match &self.wanted {
            Some(Wanted::WithoutBefore { within, .. } | Wanted::Unseen { within, .. }) => *within,
            None => Span(0),
        };
        Some(within.max(self.quiet)).filter(|span| span.0 > 0)
    }
}

fn without_before(node: &Node) -> Result<Wanted, Fault> {
    let mut fields = Fields::of("without_before", node)?;
    let rule = fields.need("rule")?.text("rule")?.to_owned();
    let within = Span::read("within", fields.need("within")?)?;
    fields.finish()?;
    Ok(Wanted::WithoutBefore { rule, within })
}

fn unseen(node: &Node) -> Result<Wanted, Fault> {
    let mut fields = Fields::of("unseen", node)?;
    let field = fields.need("field")?;
    let field = Path::read(field.text("field")?, field.line)?;
    let within = Span::read("within", fields.need("within")?)?;
    let at_least = fields.take("known").map_or(Ok(1), |known| known.number("known"))?;
    fields.finish()?;
    if at_least > 16 {
        return Err(Fault::new(node.line, "`known` is more than 16", "ask for fewer"));
    }
    Ok(Wanted::Unseen { field, within, at_least })
}
