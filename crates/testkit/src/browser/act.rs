//! What a person does: clicks, types, chooses.

use serde_json::{Value, json};

use super::by::By;
use super::find::Found;
use super::keys;
use super::tab::Tab;
use crate::http::Failure;

/// What is at a point instead of the thing itself, its label, or something inside; null if
/// nothing is.
const IN_THE_WAY: &str = "function (x, y) {
  const hit = document.elementFromPoint(x, y);
  if (!hit) return 'the edge of the window';
  if (this.contains(hit)) return null;
  if (hit.closest('label')?.control === this) return null;
  const name = hit.tagName.toLowerCase();
  return name + (hit.id ? '#' + hit.id : '') + (hit.className ? '.' + hit.className : '');
}";
/// Notes whether a click comes.
const EXPECT: &str = "function () {
  this.isClicked = false;
  this.addEventListener('click', () => { this.isClicked = true; }, { capture: true, once: true });
}";
const HAS_COME: &str = "function () { return this.isClicked; }";
/// How often a click is tried: the page may move between the look and the click.
const TRIES: usize = 3;
/// Whether a field takes letters one by one; what has a widget of its own is set at once.
const TAKES_LETTERS: &str = "function () {
  const whole = ['date', 'datetime-local', 'month', 'time', 'week', 'color', 'range'];
  if (this.disabled || this.readOnly) return 'is disabled or can only be read';
  if (this.select) this.select();
  return whole.includes(this.type) ? 'whole' : 'letters';
}";
const SET: &str = "function (value) {
  this.value = value;
  this.dispatchEvent(new Event('input', { bubbles: true }));
  this.dispatchEvent(new Event('change', { bubbles: true }));
}";
const CHOOSE: &str = "function (wanted) {
  const flat = s => s.replace(/\\s+/gu, ' ').trim();
  const option = [...this.options ?? []].find(o => flat(o.label) === wanted);
  if (!option || option.disabled) return [...this.options ?? []].map(o => flat(o.label)).join('; ');
  this.value = option.value;
  this.dispatchEvent(new Event('input', { bubbles: true }));
  this.dispatchEvent(new Event('change', { bubbles: true }));
  return null;
}";

impl Tab {
    /// Clicks in the middle of something, after scrolling it into view, and waits for the page
    /// that this may lead to.
    ///
    /// # Errors
    /// If it does not come, is one of several, is disabled, cannot be seen, or something is in
    /// front of it.
    pub fn click(&self, by: impl Into<By>) -> Result<(), Failure> {
        let by = by.into();
        let found = self.one(&by)?;
        let disabled = self.ask(&found, "function () { return this.disabled === true; }", &[])?;
        if disabled == true {
            return Err(self.told(&format!("{by} is disabled")));
        }
        self.click_found(&by, &found)?;
        self.settle()
    }

    fn click_found(&self, by: &By, found: &Found) -> Result<(), Failure> {
        for _ in 0..TRIES {
            self.ask(found, EXPECT, &[])?;
            self.click_at(by, found)?;
            // Where scripts are off nothing is noted, and on a page that is left nothing is asked.
            if !self.options().javascript
                || self.ask(found, HAS_COME, &[]).ok() != Some(false.into())
            {
                return Ok(());
            }
        }
        Err(self.told(&format!("{by} does not get the click")))
    }

    fn click_at(&self, by: &By, found: &Found) -> Result<(), Failure> {
        let handle = json!({ "objectId": found.0 });
        let shown = self.call("DOM.scrollIntoViewIfNeeded", &handle);
        let quads = shown.and_then(|_| self.call("DOM.getContentQuads", &handle));
        let quads = quads.unwrap_or_default();
        let Some((x, y)) = quads.pointer("/quads").and_then(middle) else {
            return Err(self.told(&format!("{by} cannot be seen")));
        };
        let at = [json!({ "value": x }), json!({ "value": y })];
        if let Some(other) = self.ask(found, IN_THE_WAY, &at)?.as_str() {
            return Err(self.told(&format!("{by} cannot be clicked: `{other}` is in front of it")));
        }
        for (kind, count) in [("mouseMoved", 0), ("mousePressed", 1), ("mouseReleased", 1)] {
            let button = if count == 0 { "none" } else { "left" };
            let event =
                json!({ "type": kind, "x": x, "y": y, "button": button, "clickCount": count });
            self.call("Input.dispatchMouseEvent", &event)?;
        }
        Ok(())
    }

    /// Types into a field what then stands in it alone. A field with a widget of its own (a date)
    /// takes the value as HTML writes it.
    ///
    /// # Errors
    /// If there is no such field, or it takes nothing.
    pub fn fill(&self, by: impl Into<By>, text: &str) -> Result<(), Failure> {
        let by = by.into();
        let found = self.one(&by)?;
        self.call("DOM.scrollIntoViewIfNeeded", &json!({ "objectId": found.0 }))?;
        self.call("DOM.focus", &json!({ "objectId": found.0 }))?;
        let kind = self.ask(&found, TAKES_LETTERS, &[])?;
        match kind.as_str() {
            Some("letters") if text.is_empty() => self.press("Delete"),
            Some("letters") => self.type_text(text),
            Some("whole") => self.ask(&found, SET, &[json!({ "value": text })]).map(drop),
            other => Err(self.told(&format!("{by} {}", other.unwrap_or("takes nothing")))),
        }
    }

    /// Types letter by letter where the keyboard goes to.
    ///
    /// # Errors
    /// If the browser is gone.
    pub fn type_text(&self, text: &str) -> Result<(), Failure> {
        for letter in text.chars() {
            for event in keys::letter(letter) {
                self.call("Input.dispatchKeyEvent", &event)?;
            }
        }
        Ok(())
    }

    /// Puts a text where the keyboard goes to, all at once, as pasting does.
    ///
    /// # Errors
    /// If the browser is gone.
    pub fn paste(&self, text: &str) -> Result<(), Failure> {
        self.call("Input.insertText", &json!({ "text": text })).map(drop)
    }

    /// Presses a key: `Enter`, `Tab`, `Shift+Tab`, `Escape`, `Space`, `ArrowDown`, a letter. Waits
    /// for the page that this may lead to.
    ///
    /// # Errors
    /// If there is no such key.
    pub fn press(&self, key: &str) -> Result<(), Failure> {
        for event in keys::key(key)? {
            self.call("Input.dispatchKeyEvent", &event)?;
        }
        self.settle()
    }

    /// Chooses an option of a list by what it says.
    ///
    /// # Errors
    /// If there is no such list, or no such option.
    pub fn choose(&self, by: impl Into<By>, option: &str) -> Result<(), Failure> {
        let by = by.into();
        let found = self.one(&by)?;
        self.call("DOM.focus", &json!({ "objectId": found.0 }))?;
        let others = self.ask(&found, CHOOSE, &[json!({ "value": option })])?;
        match others.as_str() {
            Some(others) => {
                Err(self.told(&format!("{by} has no option “{option}”, but: {others}")))
            }
            None => self.settle(),
        }
    }

    /// Sees to it that a box is ticked, or one of several is picked.
    ///
    /// # Errors
    /// If it cannot be clicked.
    pub fn check(&self, by: impl Into<By>) -> Result<(), Failure> {
        self.tick(&by.into(), true)
    }

    /// Sees to it that a box is not ticked.
    ///
    /// # Errors
    /// If it cannot be clicked.
    pub fn uncheck(&self, by: impl Into<By>) -> Result<(), Failure> {
        self.tick(&by.into(), false)
    }

    /// Whether a box is ticked.
    ///
    /// # Errors
    /// If there is none.
    pub fn is_checked(&self, by: impl Into<By>) -> Result<bool, Failure> {
        let found = self.one(&by.into())?;
        self.is_ticked(&found)
    }

    fn tick(&self, by: &By, wanted: bool) -> Result<(), Failure> {
        let found = self.one(by)?;
        if self.is_ticked(&found)? == wanted {
            return Ok(());
        }
        self.click_found(by, &found)?;
        self.settle()?;
        match self.is_ticked(&found) {
            Ok(ticked) if ticked != wanted => Err(self.told(&format!("{by} did not change"))),
            // The page may have left for another.
            _ => Ok(()),
        }
    }

    fn is_ticked(&self, found: &Found) -> Result<bool, Failure> {
        Ok(self.ask(found, "function () { return this.checked; }", &[])? == true)
    }
}

/// The middle of the first corner-to-corner box that has an inside.
fn middle(quads: &Value) -> Option<(f64, f64)> {
    quads.as_array()?.iter().find_map(|quad| {
        let numbers: Vec<f64> = quad.as_array()?.iter().filter_map(Value::as_f64).collect();
        let [x1, y1, _, _, x2, y2, _, _] = numbers.as_slice() else { return None };
        let is_a_box = (x2 - x1).abs() >= 1.0 && (y2 - y1).abs() >= 1.0;
        is_a_box.then_some((f64::midpoint(*x1, *x2), f64::midpoint(*y1, *y2)))
    })
}
