//! RFC 8785 canonical JSON, as far as entries use it: strings, integers, booleans, null, arrays and
//! objects. A value has exactly one spelling, so a text is either that spelling or refused.

use std::borrow::Cow;
use std::cmp::Ordering;

use thiserror::Error;

/// How deep arrays and objects may nest.
const DEPTH_MAX: u32 = 64;

/// The largest integer that every JSON reader keeps exact (RFC 7493): `2^53 - 1`, either sign.
const INTEGER_MAX: u64 = (1 << 53) - 1;

/// Where a text leaves the canonical form, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("not canonical JSON at byte {offset}: {what}")]
pub struct CanonicalFault {
    /// Bytes before the fault.
    pub offset: usize,
    /// What is wrong there.
    pub what: &'static str,
}

/// The members of a canonical JSON object, in their order: each name and value as spelled in the
/// text, names without their quotation marks.
pub fn object_members(json: &[u8]) -> Result<Vec<(&str, &str)>, CanonicalFault> {
    let text = std::str::from_utf8(json)
        .map_err(|error| CanonicalFault { offset: error.valid_up_to(), what: "not UTF-8" })?;
    let mut scanner = Scanner { text, at: 0, depth: 0 };
    let mut members = Vec::with_capacity(12);
    scanner.object(&mut |name, value| members.push((name, value)))?;
    if scanner.at < text.len() {
        return Err(scanner.fault("text after the end"));
    }
    Ok(members)
}

struct Scanner<'a> {
    text: &'a str,
    at: usize,
    depth: u32,
}

impl<'a> Scanner<'a> {
    fn value(&mut self) -> Result<(), CanonicalFault> {
        match self.peek() {
            Some(b'"') => self.string().map(|_| ()),
            Some(b'{') => self.object(&mut |_, _| ()),
            Some(b'[') => self.array(),
            Some(b'-' | b'0'..=b'9') => self.integer(),
            _ => {
                let rest = self.rest();
                let word = ["true", "false", "null"].into_iter().find(|w| rest.starts_with(w));
                self.at += word.ok_or(self.fault("a value was expected"))?.len();
                Ok(())
            }
        }
    }

    fn object(&mut self, each: &mut dyn FnMut(&'a str, &'a str)) -> Result<(), CanonicalFault> {
        self.open(b'{', "an object was expected")?;
        if self.take(b'}') {
            return self.close();
        }
        let mut before: Option<&str> = None;
        loop {
            let start = self.at;
            let name = self.string()?;
            if before.is_some_and(|before| utf16_order(before, name) != Ordering::Less) {
                let what = "names repeated or not in the order of their UTF-16 code units";
                return Err(CanonicalFault { offset: start, what });
            }
            before = Some(name);
            self.expect(b':', "`:` was expected")?;
            let start = self.at;
            self.value()?;
            each(name, self.text.get(start..self.at).unwrap_or_default());
            if self.take(b'}') {
                return self.close();
            }
            self.expect(b',', "`,` or `}` was expected")?;
        }
    }

    fn array(&mut self) -> Result<(), CanonicalFault> {
        self.open(b'[', "an array was expected")?;
        if self.take(b']') {
            return self.close();
        }
        loop {
            self.value()?;
            if self.take(b']') {
                return self.close();
            }
            self.expect(b',', "`,` or `]` was expected")?;
        }
    }

    /// A string in its shortest spelling; its text between the quotation marks.
    fn string(&mut self) -> Result<&'a str, CanonicalFault> {
        self.expect(b'"', "a string was expected")?;
        let start = self.at;
        loop {
            let plain = |byte: &u8| *byte >= b' ' && *byte != b'"' && *byte != b'\\';
            let rest = self.rest().as_bytes();
            self.at += rest.iter().position(|byte| !plain(byte)).unwrap_or(rest.len());
            match self.peek() {
                Some(b'"') => {
                    let content = self.text.get(start..self.at).unwrap_or_default();
                    self.at += 1;
                    return Ok(content);
                }
                Some(b'\\') => self.escape()?,
                _ => return Err(self.fault("a control character or the end inside a string")),
            }
        }
    }

    /// `\b \t \n \f \r \" \\`, and `\u00xx` for the control characters that have no shorter one.
    fn escape(&mut self) -> Result<(), CanonicalFault> {
        let length = match self.rest().as_bytes() {
            [b'\\', b'b' | b't' | b'n' | b'f' | b'r' | b'"' | b'\\', ..] => 2,
            [b'\\', b'u', b'0', b'0', b'0', b'0'..=b'7' | b'b' | b'e' | b'f', ..]
            | [b'\\', b'u', b'0', b'0', b'1', b'0'..=b'9' | b'a'..=b'f', ..] => 6,
            _ => return Err(self.fault("an escape that is not the shortest")),
        };
        self.at += length;
        Ok(())
    }

    fn integer(&mut self) -> Result<(), CanonicalFault> {
        let rest = self.rest();
        let digits = rest.strip_prefix('-').unwrap_or(rest);
        let end = digits.bytes().position(|byte| !byte.is_ascii_digit()).unwrap_or(digits.len());
        let number = digits.get(..end).unwrap_or_default();
        let zero = number.starts_with('0');
        if number.is_empty() || (zero && (number != "0" || digits.len() != rest.len())) {
            return Err(self.fault("an integer with a needless zero or sign"));
        }
        if number.parse().is_ok_and(|number: u64| number <= INTEGER_MAX) {
            self.at += rest.len() - digits.len() + end;
            return Ok(());
        }
        Err(self.fault("an integer beyond 2^53 - 1"))
    }

    fn open(&mut self, bracket: u8, what: &'static str) -> Result<(), CanonicalFault> {
        if self.depth == DEPTH_MAX {
            return Err(self.fault("nested too deeply"));
        }
        self.depth += 1;
        self.expect(bracket, what)
    }

    #[expect(clippy::unnecessary_wraps, reason = "the last step of functions that can fail")]
    fn close(&mut self) -> Result<(), CanonicalFault> {
        self.depth -= 1;
        Ok(())
    }

    fn expect(&mut self, byte: u8, what: &'static str) -> Result<(), CanonicalFault> {
        if self.take(byte) { Ok(()) } else { Err(self.fault(what)) }
    }

    fn take(&mut self, byte: u8) -> bool {
        let there = self.peek() == Some(byte);
        self.at += usize::from(there);
        there
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn fault(&self, what: &'static str) -> CanonicalFault {
        CanonicalFault { offset: self.at, what }
    }
}

/// Compares two names as RFC 8785 section 3.2.3 does, from their canonical spelling.
fn utf16_order(a: &str, b: &str) -> Ordering {
    let plain = |name: &str| name.bytes().all(|byte| byte.is_ascii() && byte != b'\\');
    if plain(a) && plain(b) {
        return a.cmp(b);
    }
    unescape(a).encode_utf16().cmp(unescape(b).encode_utf16())
}

fn unescape(spelled: &str) -> Cow<'_, str> {
    if !spelled.contains('\\') {
        return Cow::Borrowed(spelled);
    }
    let quoted = format!("\"{spelled}\"");
    serde_json::from_str(&quoted).map_or(Cow::Borrowed(spelled), Cow::Owned)
}

#[cfg(test)]
mod tests;
