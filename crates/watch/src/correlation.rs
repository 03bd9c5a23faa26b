//! Several entries together: Sigma's correlations.

use crate::fault::Fault;
use crate::path::Path;
use crate::span::Span;
use crate::yaml::{Fields, Node};

/// The most entries or values that a rule may wait for: so many are kept for each group.
pub(crate) const COUNT_MAX: usize = 100;
/// The most rules that one may put in a row.
const RULES_MAX: usize = 8;

/// Entries that are an alert together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Correlation {
    pub(crate) kind: Kind,
    /// The rules whose entries it is about, as they are spelled.
    pub(crate) rules: Vec<String>,
    /// Entries are looked at together where these are the same.
    pub(crate) group_by: Vec<Path>,
    pub(crate) timespan: Span,
    /// Whether those rules raise alerts of their own all the same.
    pub(crate) generate: bool,
    pub(crate) line: usize,
}

/// What has to come together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    /// So many entries.
    EventCount { at_least: usize },
    /// So many different values of a field.
    ValueCount { field: Path, at_least: usize },
    /// An entry of every rule.
    Temporal,
    /// The same, in the order in which the rules are named.
    TemporalOrdered,
}

impl Correlation {
    pub(crate) fn read(node: &Node) -> Result<Self, Fault> {
        let mut fields = Fields::of("correlation", node)?;
        let kind = fields.need("type")?;
        let named = fields.need("rules")?;
        let rules = named.texts("rules")?;
        let group_by =
            fields.take("group-by").map_or(Ok(Vec::new()), |node| paths("group-by", node))?;
        let timespan = Span::read("timespan", fields.need("timespan")?)?;
        let generate = fields.take("generate").map_or(Ok(false), |node| node.truth("generate"))?;
        let condition = fields.take("condition");
        fields.finish()?;
        let name = kind.text("type")?;
        let kind = match (name, condition) {
            ("event_count", Some(condition)) => {
                let mut fields = Fields::of("condition", condition)?;
                let at_least = at_least(&mut fields, condition)?;
                fields.finish()?;
                Kind::EventCount { at_least }
            }
            ("value_count", Some(condition)) => {
                let mut fields = Fields::of("condition", condition)?;
                let field = fields.need("field")?;
                let field = Path::read(field.text("field")?, field.line)?;
                let at_least = at_least(&mut fields, condition)?;
                fields.finish()?;
                Kind::ValueCount { field, at_least }
            }
            ("event_count" | "value_count", None) => {
                let help = "add `condition:` with `gte:`";
                return Err(Fault::new(node.line, format!("`{name}` has no `condition`"), help));
            }
            ("temporal", None) => Kind::Temporal,
            ("temporal_ordered", None) => Kind::TemporalOrdered,
            ("temporal" | "temporal_ordered", Some(condition)) => {
                let help = "take it out: every rule has to have matched";
                return Err(Fault::new(condition.line, "a condition is not read here", help));
            }
            (other, _) => {
                let help = "there are event_count, value_count, temporal and temporal_ordered";
                return Err(Fault::new(kind.line, format!("there is no type `{other}`"), help));
            }
        };
        let several = matches!(kind, Kind::Temporal | Kind::TemporalOrdered);
        if !(if several { 2..=RULES_MAX } else { 1..=RULES_MAX }).contains(&rules.len()) {
            let problem = format!("`{name}` over {} rules", rules.len());
            return Err(Fault::new(named.line, problem, "name 1 to 8 rules, temporal at least 2"));
        }
        Ok(Self { kind, rules, group_by, timespan, generate, line: node.line })
    }
}

/// Fields by which entries are put together.
pub(crate) fn paths(of: &str, node: &Node) -> Result<Vec<Path>, Fault> {
    let paths = node.texts(of)?;
    if paths.len() > 4 {
        return Err(Fault::new(node.line, format!("`{of}` has more than 4 fields"), "name fewer"));
    }
    paths.iter().map(|path| Path::read(path, node.line)).collect()
}

/// How many; fewer than some number is only known when the time is over, and is not waited for.
fn at_least(fields: &mut Fields<'_>, node: &Node) -> Result<usize, Fault> {
    let (gte, gt) = (fields.take("gte"), fields.take("gt"));
    let wrong = |problem: &str| Fault::new(node.line, problem, "write `gte:` or `gt:`, once");
    let count = match (gte, gt) {
        (Some(gte), None) => gte.number("gte")?,
        (None, Some(gt)) => gt.number("gt")?.saturating_add(1),
        (None, None) => return Err(wrong("the condition names no number to reach")),
        (Some(_), Some(_)) => return Err(wrong("the condition names two numbers")),
    };
    if !(1..=COUNT_MAX).contains(&count) {
        let help = "so many entries are kept for each group";
        return Err(Fault::new(node.line, format!("{count} is not 1 to {COUNT_MAX}"), help));
    }
    Ok(count)
}
