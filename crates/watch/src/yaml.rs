//! YAML as a tree whose every node knows its line. Anchors, aliases and tags are refused: a rule
//! needs none, and an alias can blow up a small file.

use saphyr_parser::{Event, Parser, ScalarStyle};
use serde_json::{Value, json};

use crate::fault::Fault;

/// The most bytes a file may have: 256 KiB.
pub(crate) const FILE_LEN_MAX: usize = 256 * 1024;
/// How deep maps and lists may lie in one another.
const DEPTH_MAX: usize = 16;

/// A value and where it begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Node {
    pub(crate) line: usize,
    pub(crate) what: What,
}

/// A value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum What {
    Null,
    Truth(bool),
    Number(i64),
    Text(String),
    List(Vec<Node>),
    Map(Vec<Member>),
}

/// A key and its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Member {
    pub(crate) line: usize,
    pub(crate) name: String,
    pub(crate) node: Node,
}

impl Node {
    /// The value as JSON. Members keep their order where JSON does.
    pub(crate) fn to_json(&self) -> Value {
        match &self.what {
            What::Null => Value::Null,
            What::Truth(truth) => json!(truth),
            What::Number(number) => json!(number),
            What::Text(text) => json!(text),
            What::List(items) => items.iter().map(Self::to_json).collect(),
            What::Map(members) => {
                let members = members.iter();
                members.map(|member| (member.name.clone(), member.node.to_json())).collect()
            }
        }
    }

    /// What kind of value it is, for people.
    pub(crate) const fn kind(&self) -> &'static str {
        match self.what {
            What::Null => "nothing",
            What::Truth(_) => "true or false",
            What::Number(_) => "a number",
            What::Text(_) => "a text",
            What::List(_) => "a list",
            What::Map(_) => "a map",
        }
    }

    pub(crate) fn text(&self, of: &str) -> Result<&str, Fault> {
        match &self.what {
            What::Text(text) => Ok(text),
            _ => Err(self.instead(of, "a text", "write it in quotes")),
        }
    }

    pub(crate) fn number(&self, of: &str) -> Result<usize, Fault> {
        let wrong = || self.instead(of, "a whole number from 0 up", "write it without quotes");
        match self.what {
            What::Number(number) => usize::try_from(number).map_err(|_| wrong()),
            _ => Err(wrong()),
        }
    }

    pub(crate) fn truth(&self, of: &str) -> Result<bool, Fault> {
        match self.what {
            What::Truth(truth) => Ok(truth),
            _ => Err(self.instead(of, "true or false", "write it without quotes")),
        }
    }

    pub(crate) fn list(&self, of: &str) -> Result<&[Self], Fault> {
        match &self.what {
            What::List(items) => Ok(items),
            _ => Err(self.instead(of, "a list", "begin each item with `- `")),
        }
    }

    pub(crate) fn map(&self, of: &str) -> Result<&[Member], Fault> {
        match &self.what {
            What::Map(members) => Ok(members),
            _ => Err(self.instead(of, "a map", "write `name: value` on lines of their own")),
        }
    }

    /// A list of texts, or one text alone.
    pub(crate) fn texts(&self, of: &str) -> Result<Vec<String>, Fault> {
        if let What::Text(text) = &self.what {
            return Ok(vec![text.clone()]);
        }
        self.list(of)?.iter().map(|item| item.text(of).map(ToOwned::to_owned)).collect()
    }

    fn instead(&self, of: &str, wanted: &str, help: &str) -> Fault {
        let problem = format!("`{of}` is {wanted}, and here is {}", self.kind());
        Fault::new(self.line, problem, help)
    }
}

/// A map or a list that is not at its end.
enum Open {
    List { line: usize, items: Vec<Node> },
    Map { line: usize, members: Vec<Member>, key: Option<(usize, String)> },
}

/// The documents of a file, in order; empty ones are left out.
pub(crate) fn documents(text: &str) -> Result<Vec<Node>, Fault> {
    if text.len() > FILE_LEN_MAX {
        let problem = format!("the file has more than {} KiB", FILE_LEN_MAX / 1024);
        return Err(Fault::new(1, problem, "split it into several"));
    }
    let mut parser = Parser::new_from_str(text);
    let (mut documents, mut open) = (Vec::new(), Vec::new());
    while let Some(next) = parser.next_event() {
        let (event, span) = next.map_err(|error| {
            let problem = format!("this is not YAML: {}", error.info());
            Fault::new(error.marker().line(), problem, "look at quotes, colons and indentation")
        })?;
        let line = span.start.line().max(1);
        let done = match event {
            Event::Alias(_) => return Err(refuse(line, "an alias")),
            Event::Scalar(_, _, 1.., _)
            | Event::SequenceStart(1.., _)
            | Event::MappingStart(1.., _) => return Err(refuse(line, "an anchor")),
            Event::Scalar(_, _, _, Some(_))
            | Event::SequenceStart(_, Some(_))
            | Event::MappingStart(_, Some(_)) => return Err(refuse(line, "a tag")),
            Event::Scalar(text, style, ..) => {
                Some(Node { line, what: scalar(text.into_owned(), style) })
            }
            Event::SequenceStart(..) => {
                open.push(Open::List { line, items: Vec::new() });
                None
            }
            Event::MappingStart(..) => {
                open.push(Open::Map { line, members: Vec::new(), key: None });
                None
            }
            Event::SequenceEnd | Event::MappingEnd => open.pop().map(close),
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd => None,
        };
        if open.len() > DEPTH_MAX {
            let problem = format!("maps and lists lie more than {DEPTH_MAX} deep");
            return Err(Fault::new(line, problem, "a rule needs no such depth"));
        }
        if let Some(node) = done {
            match open.last_mut() {
                Some(inside) => add(inside, node)?,
                None if node.what == What::Null => {}
                None => documents.push(node),
            }
        }
    }
    Ok(documents)
}

fn refuse(line: usize, what: &str) -> Fault {
    Fault::new(line, format!("{what} is not read"), "write the value out")
}

fn close(open: Open) -> Node {
    match open {
        Open::List { line, items } => Node { line, what: What::List(items) },
        Open::Map { line, members, .. } => Node { line, what: What::Map(members) },
    }
}

fn add(inside: &mut Open, node: Node) -> Result<(), Fault> {
    match inside {
        Open::List { items, .. } => items.push(node),
        Open::Map { members, key, .. } => {
            if let Some((line, name)) = key.take() {
                members.push(Member { line, name, node });
            } else {
                let line = node.line;
                *key = Some((line, key_of(node, members)?));
            }
        }
    }
    Ok(())
}

/// The name of a member, which none of those before has.
fn key_of(node: Node, before: &[Member]) -> Result<String, Fault> {
    let name = match node.what {
        What::Text(name) => name,
        What::Number(number) => number.to_string(),
        What::Truth(truth) => truth.to_string(),
        _ => return Err(Fault::new(node.line, "a key is no text", "name it")),
    };
    if before.iter().any(|member| member.name == name) {
        let problem = format!("`{name}` is here twice");
        return Err(Fault::new(node.line, problem, "keep one of the two"));
    }
    Ok(name)
}

/// A plain scalar by the core schema, without fractions; anything in quotes is a text.
fn scalar(text: String, style: ScalarStyle) -> What {
    if style != ScalarStyle::Plain {
        return What::Text(text);
    }
    match text.as_str() {
        "" | "~" | "null" => What::Null,
        "true" => What::Truth(true),
        "false" => What::Truth(false),
        _ => text.parse().map_or(What::Text(text), What::Number),
    }
}

/// The members of one map, taken by name; what is left over at the end is refused.
pub(crate) struct Fields<'a> {
    of: String,
    line: usize,
    left: Vec<&'a Member>,
    known: Vec<&'static str>,
}

impl<'a> Fields<'a> {
    pub(crate) fn of(of: &str, node: &'a Node) -> Result<Self, Fault> {
        let left = node.map(of)?.iter().collect();
        Ok(Self { of: of.to_owned(), line: node.line, left, known: Vec::new() })
    }

    pub(crate) fn take(&mut self, name: &'static str) -> Option<&'a Node> {
        self.known.push(name);
        let at = self.left.iter().position(|member| member.name == name)?;
        Some(&self.left.remove(at).node)
    }

    pub(crate) fn need(&mut self, name: &'static str) -> Result<&'a Node, Fault> {
        let problem = format!("{} has no `{name}`", self.of);
        let line = self.line;
        self.take(name).ok_or_else(|| Fault::new(line, problem, format!("add `{name}:`")))
    }

    pub(crate) fn finish(self) -> Result<(), Fault> {
        let Some(left) = self.left.first() else { return Ok(()) };
        let problem = format!("{} has no field `{}`", self.of, left.name);
        Err(Fault::new(left.line, problem, format!("the fields are {}", self.known.join(", "))))
    }
}
