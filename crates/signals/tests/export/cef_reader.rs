//! A strict reader of CEF:0, by the format's own rules: what it takes is well-formed.

use std::collections::BTreeMap;

/// One event as read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Cef {
    /// Vendor, product, version, signature id, name, severity.
    pub(crate) head: Vec<String>,
    pub(crate) extension: BTreeMap<String, String>,
}

/// Reads one line, or says what is wrong with it.
pub(crate) fn read(line: &str) -> Result<Cef, String> {
    if line.contains(['\n', '\r']) {
        return Err("a line end".to_owned());
    }
    let mut rest = line.strip_prefix("CEF:0|").ok_or("no CEF:0")?;
    let mut head = Vec::new();
    while head.len() < 6 {
        let (field, after) = read_field(rest)?;
        head.push(field);
        rest = after;
    }
    Ok(Cef { head, extension: read_extension(rest)? })
}

/// A field of the head, up to its `|`.
fn read_field(text: &str) -> Result<(String, &str), String> {
    let mut field = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '|' => return Ok((field, &text[at + 1..])),
            '\\' => match chars.next() {
                Some((_, c @ ('\\' | '|'))) => field.push(c),
                other => return Err(format!("an escape of {other:?} in the head")),
            },
            c => field.push(c),
        }
    }
    Err("a head without end".to_owned())
}

/// `key=value` with a space between; a value goes up to the space before the next key.
fn read_extension(text: &str) -> Result<BTreeMap<String, String>, String> {
    let mut found = BTreeMap::new();
    let mut starts: Vec<(usize, usize)> = Vec::new();
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        if c == '=' && !escaped {
            let start = text[..at].rfind(' ').map_or(0, |space| space + 1);
            starts.push((start, at));
        }
        escaped = c == '\\' && !escaped;
    }
    for (number, (start, equals)) in starts.iter().enumerate() {
        let key = &text[*start..*equals];
        if key.is_empty() || !key.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(format!("a key `{key}`"));
        }
        let end = starts.get(number + 1).map_or(text.len(), |(next, _)| next - 1);
        let value = text.get(equals + 1..end).ok_or("a value that is not there")?;
        if found.insert(key.to_owned(), unescape(value)?).is_some() {
            return Err(format!("`{key}` twice"));
        }
    }
    Ok(found)
}

fn unescape(value: &str) -> Result<String, String> {
    let mut text = String::new();
    let mut chars = value.chars();
    while let Some(c) = chars.next() {
        text.push(match c {
            '\\' => match chars.next() {
                Some(c @ ('\\' | '=')) => c,
                Some('n') => '\n',
                Some('r') => '\r',
                other => return Err(format!("an escape of {other:?} in a value")),
            },
            '=' => return Err("a bare `=`".to_owned()),
            c => c,
        });
    }
    Ok(text)
}
