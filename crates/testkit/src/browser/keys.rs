//! Keys, as the protocol wants them.

use serde_json::{Value, json};

use crate::http::Failure;

/// Name, code of the key on the keyboard, virtual key, and the text it makes.
const NAMED: [(&str, &str, u32, &str); 13] = [
    ("Enter", "Enter", 13, "\r"),
    ("Tab", "Tab", 9, ""),
    ("Escape", "Escape", 27, ""),
    ("Space", "Space", 32, " "),
    ("Backspace", "Backspace", 8, ""),
    ("Delete", "Delete", 46, ""),
    ("ArrowLeft", "ArrowLeft", 37, ""),
    ("ArrowUp", "ArrowUp", 38, ""),
    ("ArrowRight", "ArrowRight", 39, ""),
    ("ArrowDown", "ArrowDown", 40, ""),
    ("Home", "Home", 36, ""),
    ("End", "End", 35, ""),
    ("F5", "F5", 116, ""),
];
const MODIFIERS: [(&str, u32); 4] = [("Alt+", 1), ("Control+", 2), ("Meta+", 4), ("Shift+", 8)];

/// Down and up of a key, with those that are held meanwhile.
pub(super) fn key(spelled: &str) -> Result<[Value; 2], Failure> {
    let (mut rest, mut modifiers) = (spelled, 0);
    while let Some((name, bit)) = MODIFIERS.iter().find(|(name, _)| rest.starts_with(name)) {
        rest = rest.strip_prefix(name).unwrap_or_default();
        modifiers |= bit;
    }
    let mut letters = rest.chars();
    if let (Some(letter), None) = (letters.next(), letters.next()) {
        return Ok(pair(
            &letter.to_string(),
            "",
            virtual_key(letter),
            &letter.to_string(),
            modifiers,
        ));
    }
    let known = NAMED.iter().find(|(name, ..)| *name == rest);
    let (name, code, number, text) = known.ok_or_else(|| format!("there is no key `{spelled}`"))?;
    // What the key says is the character; only for people is it called by a name.
    let name = if *name == "Space" { " " } else { name };
    Ok(pair(name, code, *number, text, modifiers))
}

/// Down and up of the key that makes a letter.
pub(super) fn letter(letter: char) -> [Value; 2] {
    if matches!(letter, '\n' | '\r') {
        return pair("Enter", "Enter", 13, "\r", 0);
    }
    pair(&letter.to_string(), "", virtual_key(letter), &letter.to_string(), 0)
}

/// Letters and digits have the number of their upper case; others are told by their text alone.
fn virtual_key(letter: char) -> u32 {
    if letter.is_ascii_alphanumeric() { letter.to_ascii_uppercase().into() } else { 0 }
}

fn pair(key: &str, code: &str, number: u32, text: &str, modifiers: u32) -> [Value; 2] {
    // Together with Control a letter is a command and makes no text.
    let text = if matches!(modifiers, 0 | 8) { text } else { "" };
    let event = |kind: &str, text: &str| {
        json!({
            "type": kind, "key": key, "code": code, "windowsVirtualKeyCode": number,
            "text": text, "modifiers": modifiers,
        })
    };
    let down = if text.is_empty() { "rawKeyDown" } else { "keyDown" };
    [event(down, text), event("keyUp", "")]
}
