//! Which entries a rule is about: selections over fields, as Sigma writes them.

use glassbreak_core::event::Happened;
use serde_json::Value;

use crate::condition::Condition;
use crate::fault::Fault;
use crate::path::Path;
use crate::yaml::{Member, Node, What};

/// Selections and how they are put together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Detection {
    selections: Vec<(String, Selection)>,
    condition: Condition,
}

/// Tests that all have to hold, or several such lists of which one has to.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Selection(Vec<Vec<Test>>);

/// One field and what it has to be.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Test {
    path: Path,
    how: How,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum How {
    /// There is something, or there is nothing.
    Exists(bool),
    /// A number on that side of another.
    Number { side: Side, than: i64 },
    /// A value that is one of these, or that is so with each of them.
    Value { be: Be, cased: bool, all: bool, values: Vec<What> },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Above,
    From,
    Below,
    UpTo,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Be {
    Equal,
    Containing,
    Starting,
    Ending,
}

const MODIFIERS: &str = "the modifiers are contains, startswith, endswith, all, cased, exists, gt, \
     gte, lt and lte";

impl Detection {
    pub(crate) fn read(node: &Node) -> Result<Self, Fault> {
        let (mut selections, mut condition) = (Vec::new(), None);
        for Member { line, name, node } in node.map("detection")? {
            if name == "condition" {
                condition = Some((node.text("condition")?, node.line));
            } else if name == "timeframe" {
                let help = "write a rule with `correlation:` and its `timespan`";
                return Err(Fault::new(*line, "`timeframe` is not read", help));
            } else {
                selections.push((name.clone(), Selection::read(name, node)?));
            }
        }
        let (text, line) = condition.ok_or_else(|| {
            let help = "add `condition:` with the name of a selection";
            Fault::new(node.line, "detection has no `condition`", help)
        })?;
        let names: Vec<&str> = selections.iter().map(|(name, _)| name.as_str()).collect();
        let condition = Condition::read(text, line, &names)?;
        if let Some(idle) = names.iter().position(|name| !condition.asks(name)) {
            let name = names.get(idle).copied().unwrap_or_default();
            let help = "use it in `condition`, or take it out";
            return Err(Fault::new(node.line, format!("nothing asks for `{name}`"), help));
        }
        Ok(Self { selections, condition })
    }

    /// Whether an entry is one of those.
    pub(crate) fn matches(&self, entry: &Value) -> bool {
        let holds = |name: &str| {
            let found = self.selections.iter().find(|(own, _)| own == name);
            found.is_some_and(|(_, selection)| selection.matches(entry))
        };
        let names: Vec<&str> = self.selections.iter().map(|(name, _)| name.as_str()).collect();
        self.condition.holds(&names, &holds)
    }
}

impl Selection {
    fn read(name: &str, node: &Node) -> Result<Self, Fault> {
        let maps = match &node.what {
            What::List(items) => items.as_slice(),
            _ => std::slice::from_ref(node),
        };
        let tests = |map: &Node| {
            if let What::Text(_) | What::Number(_) = map.what {
                let help = "name the field that it is looked for in";
                return Err(Fault::new(map.line, "words without a field are not read", help));
            }
            let members = map.map(name)?;
            if members.is_empty() {
                let help = "name at least one field";
                return Err(Fault::new(map.line, format!("`{name}` asks for nothing"), help));
            }
            members.iter().map(Test::read).collect::<Result<Vec<_>, _>>()
        };
        let any = maps.iter().map(tests).collect::<Result<Vec<_>, _>>()?;
        if any.is_empty() {
            let help = "name at least one field";
            return Err(Fault::new(node.line, format!("`{name}` asks for nothing"), help));
        }
        Ok(Self(any))
    }

    fn matches(&self, entry: &Value) -> bool {
        self.0.iter().any(|all| all.iter().all(|test| test.matches(entry)))
    }
}

impl Test {
    fn read(member: &Member) -> Result<Self, Fault> {
        let Member { line, name, node } = member;
        let mut parts = name.split('|');
        let path = Path::read(parts.next().unwrap_or_default(), *line)?;
        let (mut be, mut cased, mut all, mut alone) = (Be::Equal, false, false, None);
        let modifiers: Vec<&str> = parts.collect();
        for modifier in &modifiers {
            match *modifier {
                "contains" => be = Be::Containing,
                "startswith" => be = Be::Starting,
                "endswith" => be = Be::Ending,
                "cased" => cased = true,
                "all" => all = true,
                "exists" => alone = Some(How::Exists(node.truth(name)?)),
                "gt" => alone = Some(How::number(Side::Above, name, node)?),
                "gte" => alone = Some(How::number(Side::From, name, node)?),
                "lt" => alone = Some(How::number(Side::Below, name, node)?),
                "lte" => alone = Some(How::number(Side::UpTo, name, node)?),
                other => {
                    let problem = format!("there is no modifier `{other}`");
                    return Err(Fault::new(*line, problem, MODIFIERS));
                }
            }
        }
        let looks = modifiers.iter().filter(|one| !matches!(**one, "cased" | "all")).count();
        if looks > 1 || (alone.is_some() && modifiers.len() > 1) {
            let problem = format!("the modifiers of `{name}` do not go together");
            return Err(Fault::new(*line, problem, "use one, with `cased` or `all` at most"));
        }
        if let Some(how) = alone {
            return Ok(Self { path, how });
        }
        let values = values(name, node)?;
        if path.is("type") && be == Be::Equal {
            known(&values)?;
        }
        let values = values.into_iter().map(|node| node.what.clone()).collect();
        Ok(Self { path, how: How::Value { be, cased, all, values } })
    }

    fn matches(&self, entry: &Value) -> bool {
        let found = self.path.of(entry);
        match &self.how {
            How::Exists(wanted) => found.is_empty() != *wanted,
            How::Number { side, than } => {
                let number = |value: &&Value| value.as_i64();
                found.iter().filter_map(number).any(|number| match side {
                    Side::Above => number > *than,
                    Side::From => number >= *than,
                    Side::Below => number < *than,
                    Side::UpTo => number <= *than,
                })
            }
            How::Value { be, cased, all, values } => {
                let is = |wanted: &What| {
                    if *wanted == What::Null {
                        return found.is_empty();
                    }
                    found.iter().any(|value| be.holds(*cased, value, wanted))
                };
                if *all { values.iter().all(is) } else { values.iter().any(is) }
            }
        }
    }
}

impl How {
    fn number(side: Side, of: &str, node: &Node) -> Result<Self, Fault> {
        let than = i64::try_from(node.number(of)?).unwrap_or(i64::MAX);
        Ok(Self::Number { side, than })
    }
}

impl Be {
    fn holds(self, cased: bool, value: &Value, wanted: &What) -> bool {
        match (value, wanted) {
            (Value::String(value), What::Text(wanted)) if cased => self.text(value, wanted),
            (Value::String(value), What::Text(wanted)) => {
                self.text(&value.to_lowercase(), &wanted.to_lowercase())
            }
            (Value::Number(value), What::Number(wanted)) => value.as_i64() == Some(*wanted),
            (Value::Bool(value), What::Truth(wanted)) => value == wanted,
            _ => false,
        }
    }

    fn text(self, value: &str, wanted: &str) -> bool {
        match self {
            Self::Equal => value == wanted,
            Self::Containing => value.contains(wanted),
            Self::Starting => value.starts_with(wanted),
            Self::Ending => value.ends_with(wanted),
        }
    }
}

/// The values that a field is compared with: one, or any of a list.
fn values<'a>(of: &str, node: &'a Node) -> Result<Vec<&'a Node>, Fault> {
    let values: Vec<&Node> = match &node.what {
        What::List(items) => items.iter().collect(),
        _ => vec![node],
    };
    for value in &values {
        match &value.what {
            What::Text(text) if text.contains(['*', '?']) => {
                let help = "use the modifier contains, startswith or endswith";
                let problem = format!("`{of}` has `*` or `?` in it, which is not read");
                return Err(Fault::new(value.line, problem, help));
            }
            What::List(_) | What::Map(_) => {
                let help = "names below one another are joined by dots";
                let problem = format!("`{of}` is compared with {}", value.kind());
                return Err(Fault::new(value.line, problem, help));
            }
            _ => {}
        }
    }
    if values.is_empty() {
        let problem = format!("`{of}` is compared with nothing");
        return Err(Fault::new(node.line, problem, "name a value"));
    }
    Ok(values)
}

/// A rule that waits for an event there is not would be silent for ever.
fn known(values: &[&Node]) -> Result<(), Fault> {
    for value in values {
        let What::Text(name) = &value.what else { continue };
        if !Happened::NAMES.contains(&name.as_str()) {
            let help = "docs/EXPORT.md lists the events there are";
            return Err(Fault::new(value.line, format!("there is no event `{name}`"), help));
        }
    }
    Ok(())
}
