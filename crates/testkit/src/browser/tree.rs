//! The page as assistive technology gets it: what each thing is, and what it is called.

use std::collections::HashMap;
use std::fmt::Write as _;

use serde_json::Value;

/// What a form is filled in with. Chromium has words of its own where ARIA has none.
const FIELDS: [&str; 17] = [
    "textbox",
    "searchbox",
    "combobox",
    "listbox",
    "checkbox",
    "radio",
    "switch",
    "spinbutton",
    "slider",
    "Date",
    "DateTime",
    "InputTime",
    "ColorWell",
    "MenuListPopup",
    "PopUpButton",
    "TextField",
    "TextFieldWithComboBox",
];
/// A message that lists more than this is not read.
const LISTED_MAX: usize = 80;

/// A node.
pub(super) struct Node {
    /// What the DOM calls it.
    pub(super) backend: i64,
    /// What it is.
    pub(super) role: String,
    /// What it is called.
    pub(super) name: String,
    id: String,
    parent: String,
    is_hidden: bool,
}

/// All of it.
pub(super) struct Tree(Vec<Node>);

impl Tree {
    /// Reads the answer of `Accessibility.getFullAXTree`.
    pub(super) fn of(answer: &Value) -> Self {
        let nodes = answer.get("nodes").and_then(Value::as_array).into_iter().flatten();
        Self(nodes.map(node).collect())
    }

    /// What has that role and that name.
    pub(super) fn named(&self, role: &str, name: &str) -> Vec<&Node> {
        self.seen().filter(|node| is(node, role) && node.name == flat(name)).collect()
    }

    /// Fields of that name.
    pub(super) fn fields(&self, label: &str) -> Vec<&Node> {
        let fields = self.seen().filter(|node| FIELDS.contains(&node.role.as_str()));
        fields.filter(|node| node.name == flat(label)).collect()
    }

    /// What has that role and that text in it.
    pub(super) fn holding(&self, role: &str, text: &str) -> Vec<&Node> {
        let parents: HashMap<&str, &Node> =
            self.0.iter().map(|node| (node.id.as_str(), node)).collect();
        let mut texts: HashMap<&str, String> = HashMap::new();
        for leaf in self.0.iter().filter(|node| node.role == "StaticText" && !node.is_hidden) {
            let mut above = Some(leaf);
            while let Some(node) = above {
                if is(node, role) {
                    let told = texts.entry(node.id.as_str()).or_default();
                    let _ = write!(told, " {}", leaf.name);
                }
                above = parents.get(node.parent.as_str()).copied();
            }
        }
        let holds = |node: &&Node| {
            texts.get(node.id.as_str()).is_some_and(|told| flat(told).contains(&flat(text)))
        };
        self.seen().filter(|node| is(node, role)).filter(holds).collect()
    }

    /// What there is, for a person who looks for something else.
    pub(super) fn listed(&self) -> String {
        let told = |node: &&Node| {
            !node.name.is_empty() && !matches!(node.role.as_str(), "StaticText" | "InlineTextBox")
        };
        let mut all: Vec<String> =
            self.seen().filter(told).map(|node| format!("{} “{}”", node.role, node.name)).collect();
        if all.len() > LISTED_MAX {
            let more = all.len() - LISTED_MAX;
            all.truncate(LISTED_MAX);
            all.push(format!("and {more} more"));
        }
        if all.is_empty() { "nothing that has a name".to_owned() } else { all.join("; ") }
    }

    fn seen(&self) -> impl Iterator<Item = &Node> {
        self.0.iter().filter(|node| !node.is_hidden && node.backend != 0)
    }
}

fn is(node: &Node, role: &str) -> bool {
    // What opens details is a button to people, and has a role of its own.
    node.role == role || (role == "button" && node.role == "DisclosureTriangle")
}

fn node(told: &Value) -> Node {
    let word = |path: &str| told.pointer(path).and_then(Value::as_str).unwrap_or_default();
    Node {
        backend: told.get("backendDOMNodeId").and_then(Value::as_i64).unwrap_or_default(),
        role: word("/role/value").to_owned(),
        name: flat(word("/name/value")),
        id: word("/nodeId").to_owned(),
        parent: word("/parentId").to_owned(),
        is_hidden: told.get("ignored").and_then(Value::as_bool).unwrap_or_default(),
    }
}

/// Runs of white space become one space.
pub(super) fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
