//! Finding things on a page, and reading them.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::by::By;
use super::tab::{Tab, thrown};
use super::tree::{Tree, flat};
use crate::http::Failure;

/// Some changes the browser tells nobody of (a style sheet that came, an animation that ended):
/// after so long it is looked again, told or not.
const LOOK_AGAIN: Duration = Duration::from_millis(500);

/// The innermost visible elements that hold a text.
const BY_TEXT: &str = "text => {
  const seen = e => e.checkVisibility({ visibilityProperty: true });
  const words = n => n.nodeType === Node.TEXT_NODE ? n.data
    : n.nodeType === Node.ELEMENT_NODE && seen(n) ? [...n.childNodes].map(words).join('') : '';
  const holds = e => e.textContent.includes(text.split(' ')[0])
    && words(e).replace(/\\s+/gu, ' ').includes(text);
  const dig = e => {
    const inner = [...e.children].filter(holds);
    return inner.length ? inner.flatMap(dig) : [e];
  };
  return document.body && holds(document.body) ? dig(document.body) : [];
}";

/// A thing on the page, by the browser's handle for it.
#[derive(Debug, Clone)]
pub(super) struct Found(pub(super) String);

impl Tab {
    /// Waits until something is there.
    ///
    /// # Errors
    /// If it does not come.
    pub fn wait_for(&self, by: impl Into<By>) -> Result<(), Failure> {
        self.some(&by.into()).map(drop)
    }

    /// Waits until something is no longer there.
    ///
    /// # Errors
    /// If it stays.
    pub fn wait_until_gone(&self, by: impl Into<By>) -> Result<(), Failure> {
        let by = by.into();
        let until = Instant::now() + self.options().patience;
        loop {
            let seen = self.watch();
            if self.all(&by)?.is_empty() {
                return Ok(());
            }
            if Instant::now() >= until {
                return Err(self.told(&format!("waited for {by} to go and it stayed")));
            }
            self.changed(seen, until.min(Instant::now() + LOOK_AGAIN))?;
        }
    }

    /// Whether something is there now.
    ///
    /// # Errors
    /// If the browser is gone.
    pub fn has(&self, by: impl Into<By>) -> Result<bool, Failure> {
        Ok(self.count(by)? > 0)
    }

    /// How many there are now.
    ///
    /// # Errors
    /// If the browser is gone.
    pub fn count(&self, by: impl Into<By>) -> Result<usize, Failure> {
        Ok(self.all(&by.into())?.len())
    }

    /// The text that a person reads there, white space flattened. Waits for it to come.
    ///
    /// # Errors
    /// If it does not, or there are several.
    pub fn text(&self, by: impl Into<By>) -> Result<String, Failure> {
        let found = self.one(&by.into())?;
        let text = self.ask(&found, "function () { return this.innerText; }", &[])?;
        Ok(flat(text.as_str().unwrap_or_default()))
    }

    /// The texts of all that are there now, in the order of the page.
    ///
    /// # Errors
    /// If the browser is gone.
    pub fn texts(&self, by: impl Into<By>) -> Result<Vec<String>, Failure> {
        let mut texts = Vec::new();
        for found in self.all(&by.into())? {
            let text = self.ask(&found, "function () { return this.innerText; }", &[])?;
            texts.push(flat(text.as_str().unwrap_or_default()));
        }
        Ok(texts)
    }

    /// What stands in a field.
    ///
    /// # Errors
    /// If there is none, or several.
    pub fn value(&self, by: impl Into<By>) -> Result<String, Failure> {
        let found = self.one(&by.into())?;
        let value = self.ask(&found, "function () { return this.value; }", &[])?;
        Ok(value.as_str().unwrap_or_default().to_owned())
    }

    /// An attribute; none if it is not set.
    ///
    /// # Errors
    /// If there is no such thing, or several.
    pub fn attribute(&self, by: impl Into<By>, name: &str) -> Result<Option<String>, Failure> {
        let found = self.one(&by.into())?;
        let get = "function (name) { return this.getAttribute(name); }";
        let value = self.ask(&found, get, &[json!({ "value": name })])?;
        Ok(value.as_str().map(ToOwned::to_owned))
    }

    /// What the page has, as assistive technology would read it out: for messages.
    ///
    /// # Errors
    /// If the browser is gone.
    pub fn described(&self) -> Result<String, Failure> {
        Ok(self.tree()?.listed())
    }

    /// What the keyboard goes to: role and name.
    ///
    /// # Errors
    /// If the browser is gone.
    pub fn focused(&self) -> Result<(String, String), Failure> {
        let ask = json!({ "expression": "document.activeElement" });
        let answer = self.call("Runtime.evaluate", &ask)?;
        let handle = answer.pointer("/result/objectId").cloned().unwrap_or_default();
        let ask = json!({ "objectId": handle, "fetchRelatives": false });
        let told = self.call("Accessibility.getPartialAXTree", &ask)?;
        let word =
            |path: &str| told.pointer(path).and_then(Value::as_str).unwrap_or_default().to_owned();
        Ok((word("/nodes/0/role/value"), word("/nodes/0/name/value")))
    }

    /// Waits until there is exactly one.
    pub(super) fn one(&self, by: &By) -> Result<Found, Failure> {
        let mut all = self.some(by)?;
        match (all.pop(), all.len()) {
            (Some(only), 0) => Ok(only),
            (_, more) => {
                let which = format!("there are {} of {by}, not one", more + 1);
                Err(self.told(&format!("{which}\n  the page has {}", self.tree()?.listed())))
            }
        }
    }

    /// Waits until there is one or more.
    fn some(&self, by: &By) -> Result<Vec<Found>, Failure> {
        let until = Instant::now() + self.options().patience;
        loop {
            let seen = self.watch();
            // A page that is just being left answers nothing; the next one will.
            if let Ok(found) = self.all(by)
                && !found.is_empty()
            {
                return Ok(found);
            }
            if Instant::now() >= until {
                let there = self.described().unwrap_or_default();
                return Err(self.told(&format!("there is no {by}\n  the page has {there}")));
            }
            self.changed(seen, until.min(Instant::now() + LOOK_AGAIN))?;
        }
    }

    /// Has the browser tell of changes anywhere on the page, and says how many there were so far.
    fn watch(&self) -> u64 {
        // It tells of what it was once asked for, so it is asked for everything. The answer is as
        // long as the page, and nobody reads it.
        drop(self.call("DOM.getDocument", &json!({ "depth": -1 })));
        self.changes()
    }

    /// All that are there now.
    fn all(&self, by: &By) -> Result<Vec<Found>, Failure> {
        match by {
            By::Css(selector) => {
                let selector = Value::from(selector.as_str());
                self.elements(&format!("[...document.querySelectorAll({selector})]"))
            }
            By::Text(text) => self.elements(&format!("({BY_TEXT})({})", Value::from(flat(text)))),
            By::Role(role, name) => {
                let tree = self.tree()?;
                self.resolved(tree.named(role, name).iter().map(|node| node.backend))
            }
            By::Holding(role, text) => {
                let tree = self.tree()?;
                self.resolved(tree.holding(role, text).iter().map(|node| node.backend))
            }
            By::Label(label) => {
                let tree = self.tree()?;
                self.resolved(tree.fields(label).iter().map(|node| node.backend))
            }
            By::Inside(inner, outer) => {
                let (inner, outer) = (self.all(inner)?, self.all(outer)?);
                let holds = "function (inner) { return this !== inner && this.contains(inner); }";
                let mut found = Vec::new();
                for candidate in inner {
                    let handle = json!({ "objectId": candidate.0 });
                    for around in &outer {
                        if self.ask(around, holds, std::slice::from_ref(&handle))? == true {
                            found.push(candidate);
                            break;
                        }
                    }
                }
                Ok(found)
            }
        }
    }

    fn tree(&self) -> Result<Tree, Failure> {
        Ok(Tree::of(&self.call("Accessibility.getFullAXTree", &json!({}))?))
    }

    /// Handles for nodes. What went away since they were listed is not there.
    fn resolved(&self, nodes: impl Iterator<Item = i64>) -> Result<Vec<Found>, Failure> {
        let mut found = Vec::new();
        for node in nodes {
            match self.call("DOM.resolveNode", &json!({ "backendNodeId": node })) {
                Ok(answer) => {
                    let handle = answer.pointer("/object/objectId").and_then(Value::as_str);
                    found.extend(handle.map(|handle| Found(handle.to_owned())));
                }
                Err(gone) if gone.to_string().contains("given id") => {}
                Err(error) => return Err(error),
            }
        }
        Ok(found)
    }

    /// Handles for an array of elements, which is what `expression` comes to.
    fn elements(&self, expression: &str) -> Result<Vec<Found>, Failure> {
        let answer = self.call("Runtime.evaluate", &json!({ "expression": expression }))?;
        thrown(&answer)?;
        let array = answer.pointer("/result/objectId").cloned().unwrap_or_default();
        let ask = json!({ "objectId": array, "ownProperties": true });
        let answer = self.call("Runtime.getProperties", &ask)?;
        let members = answer.get("result").and_then(Value::as_array).into_iter().flatten();
        let elements = members.filter(|member| {
            let name = member.get("name").and_then(Value::as_str).unwrap_or_default();
            name.parse::<u32>().is_ok()
        });
        let handle = |member: &Value| {
            member.pointer("/value/objectId").and_then(Value::as_str).map(ToOwned::to_owned)
        };
        Ok(elements.filter_map(handle).map(Found).collect())
    }

    /// What a function comes to with a thing of the page as its `this`.
    pub(super) fn ask(
        &self,
        found: &Found,
        function: &str,
        arguments: &[Value],
    ) -> Result<Value, Failure> {
        let ask = json!({
            "functionDeclaration": function, "objectId": found.0, "arguments": arguments,
            "returnByValue": true, "awaitPromise": true, "userGesture": true,
        });
        let answer = self.call("Runtime.callFunctionOn", &ask)?;
        thrown(&answer)?;
        Ok(answer.pointer("/result/value").cloned().unwrap_or_default())
    }
}
