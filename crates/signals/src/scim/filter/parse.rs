//! Reads filters and paths, one byte after the other. Only ASCII has a meaning outside of strings.

use serde_json::Number;

use super::{Filter, Literal, Malformed, Operator};
use crate::scim::path::{AttrPath, PatchPath, Selection};

/// A place in a text.
pub(in crate::scim) struct Cursor<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
    terms: usize,
    /// Inside of brackets there are no brackets (`valFilter` in the grammar).
    in_element: bool,
}

impl<'a> Cursor<'a> {
    pub(in crate::scim) fn new(text: &'a str) -> Self {
        Self { text, at: 0, depth: 0, terms: 0, in_element: false }
    }

    /// A filter: terms of `or`, each of them terms of `and`.
    pub(in crate::scim) fn filter(&mut self) -> Result<Filter, Malformed> {
        if self.text.len() > Filter::BYTES_MAX {
            return Err(Malformed { at: Filter::BYTES_MAX, expected: "4096 bytes at most" });
        }
        self.spaces();
        let any =
            self.terms("or", |cursor| cursor.terms("and", Self::term, Filter::And), Filter::Or)?;
        self.spaces();
        Ok(any)
    }

    /// The end of the text.
    pub(in crate::scim) fn end(&mut self) -> Result<(), Malformed> {
        let expected = "expected `and`, `or` or the end";
        if self.rest().is_empty() { Ok(()) } else { Err(self.expected(expected)) }
    }

    /// The path of a patch.
    pub(in crate::scim) fn patch_path(&mut self) -> Result<PatchPath, Malformed> {
        self.spaces();
        let attribute = self.attr_path()?;
        if !self.takes("[") {
            self.spaces();
            return Ok(PatchPath { attribute, selection: None });
        }
        self.no_sub(&attribute)?;
        let filter = self.element()?;
        let sub = if self.takes(".") { Some(self.name()?) } else { None };
        self.spaces();
        Ok(PatchPath { attribute, selection: Some(Selection { filter, sub }) })
    }

    /// An attribute, with its URN before it and its sub-attribute after it.
    pub(in crate::scim) fn attr_path(&mut self) -> Result<AttrPath, Malformed> {
        let start = self.at;
        let part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | ':' | '$');
        let length = self.rest().find(|c: char| !part(c)).unwrap_or(self.rest().len());
        if length > AttrPath::BYTES_MAX {
            return Err(self.expected("expected a path of 512 bytes at most"));
        }
        let whole = self.rest().get(..length).unwrap_or_default();
        let (schema, local) = match whole.rsplit_once(':') {
            Some((schema, local)) => (Some(schema), local),
            None => (None, whole),
        };
        let is_urn = |schema: &str| schema.get(..4).is_some_and(|s| s.eq_ignore_ascii_case("urn:"));
        if schema.is_some_and(|schema| !is_urn(schema)) {
            return Err(self.expected("expected an attribute, or a URN before one"));
        }
        self.at = start + whole.len() - local.len();
        let version = local.split('.').next().unwrap_or_default();
        if schema.is_some() && version.starts_with(|c: char| c.is_ascii_digit()) {
            return Err(self.expected("expected an attribute after the URN"));
        }
        let name = self.name()?;
        let sub = if self.takes(".") { Some(self.name()?) } else { None };
        if self.at != start + length {
            return Err(self.expected("expected the end of the attribute's name"));
        }
        Ok(AttrPath { schema: schema.map(str::to_owned), name, sub })
    }

    fn terms(
        &mut self,
        word: &str,
        mut term: impl FnMut(&mut Self) -> Result<Filter, Malformed>,
        join: impl FnOnce(Vec<Filter>) -> Filter,
    ) -> Result<Filter, Malformed> {
        let first = term(self)?;
        let mut rest = Vec::new();
        while self.takes_word(word) {
            rest.push(term(self)?);
        }
        if rest.is_empty() {
            return Ok(first);
        }
        rest.insert(0, first);
        Ok(join(rest))
    }

    fn term(&mut self) -> Result<Filter, Malformed> {
        if self.takes("(") {
            return self.grouped();
        }
        if self.takes_not() {
            return Ok(Filter::Not(Box::new(self.grouped()?)));
        }
        self.terms += 1;
        if self.terms > Filter::TERMS_MAX {
            return Err(self.expected("expected no more than 128 comparisons"));
        }
        let path = self.attr_path()?;
        if !self.in_element && self.takes("[") {
            self.no_sub(&path)?;
            return Ok(Filter::Element(path, Box::new(self.element()?)));
        }
        self.space()?;
        self.comparison(path)
    }

    /// The rest of a group, after its parenthesis.
    fn grouped(&mut self) -> Result<Filter, Malformed> {
        self.deeper()?;
        let inner = self.filter()?;
        self.depth -= 1;
        if self.takes(")") { Ok(inner) } else { Err(self.expected("expected `)`")) }
    }

    /// The rest of a value path, after its bracket.
    fn element(&mut self) -> Result<Filter, Malformed> {
        self.deeper()?;
        self.in_element = true;
        let inner = self.filter()?;
        self.in_element = false;
        self.depth -= 1;
        if self.takes("]") { Ok(inner) } else { Err(self.expected("expected `]`")) }
    }

    fn comparison(&mut self, path: AttrPath) -> Result<Filter, Malformed> {
        let word = self.word();
        if word.eq_ignore_ascii_case("pr") {
            self.at += word.len();
            return Ok(Filter::Present(path));
        }
        let same = |operator: &&Operator| word.eq_ignore_ascii_case(operator.name());
        let Some(operator) = Operator::ALL.iter().find(same) else {
            let expected = "expected one of eq, ne, co, sw, ew, gt, lt, ge, le, pr";
            return Err(self.expected(expected));
        };
        self.at += word.len();
        self.space()?;
        let literal = self.literal()?;
        Ok(Filter::Compare(path, *operator, literal))
    }

    /// A JSON value that is neither list nor object, read by the JSON parser itself.
    fn literal(&mut self) -> Result<Literal, Malformed> {
        let rest = self.rest();
        let length = match rest.strip_prefix('"') {
            Some(inside) => string_end(inside).map(|end| end + 2),
            None => rest.find(|c: char| c.is_whitespace() || matches!(c, ')' | ']')),
        };
        let json = rest.get(..length.unwrap_or(rest.len())).unwrap_or_default();
        let literal = match json.to_ascii_lowercase().as_str() {
            "true" => Some(Literal::Bool(true)),
            "false" => Some(Literal::Bool(false)),
            "null" => Some(Literal::Null),
            _ if json.starts_with('"') => serde_json::from_str(json).ok().map(Literal::Text),
            _ => number(json).map(Literal::Number),
        };
        let expected = "expected a JSON string, number, true, false or null";
        let literal = literal.ok_or_else(|| self.expected(expected))?;
        self.at += json.len();
        Ok(literal)
    }

    fn name(&mut self) -> Result<String, Malformed> {
        let rest = self.rest();
        let (dollar, plain) = match rest.strip_prefix('$') {
            Some(plain) => (1, plain),
            None => (0, rest),
        };
        let part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        let length = plain.find(|c: char| !part(c)).unwrap_or(plain.len());
        let name = rest.get(..dollar + length).unwrap_or_default();
        if !plain.starts_with(|c: char| c.is_ascii_alphabetic()) {
            return Err(self.expected("expected the name of an attribute"));
        }
        self.at += name.len();
        Ok(name.to_owned())
    }

    fn no_sub(&self, path: &AttrPath) -> Result<(), Malformed> {
        if path.sub.is_none() {
            return Ok(());
        }
        Err(self.expected("expected no sub-attribute before a bracket"))
    }

    fn deeper(&mut self) -> Result<(), Malformed> {
        self.depth += 1;
        if self.depth <= Filter::DEPTH_MAX {
            return Ok(());
        }
        Err(self.expected("expected no more than 16 levels of parentheses"))
    }

    /// `not`, if a parenthesis follows it. An attribute may have that name as well.
    fn takes_not(&mut self) -> bool {
        let before = self.at;
        let word = self.word();
        if word.eq_ignore_ascii_case("not") {
            self.at += word.len();
            self.spaces();
            if self.takes("(") {
                return true;
            }
        }
        self.at = before;
        false
    }

    /// White space, `word` and white space again, or nothing of it.
    fn takes_word(&mut self, word: &str) -> bool {
        let before = self.at;
        let spaced = self.spaces();
        let found = self.word();
        if spaced && found.eq_ignore_ascii_case(word) {
            self.at += found.len();
            if self.spaces() {
                return true;
            }
        }
        self.at = before;
        false
    }

    fn takes(&mut self, mark: &str) -> bool {
        let found = self.rest().starts_with(mark);
        self.at += if found { mark.len() } else { 0 };
        found
    }

    fn space(&mut self) -> Result<(), Malformed> {
        if self.spaces() { Ok(()) } else { Err(self.expected("expected a space")) }
    }

    fn spaces(&mut self) -> bool {
        let rest = self.rest();
        let spaces = rest.len() - rest.trim_start_matches(' ').len();
        self.at += spaces;
        spaces > 0
    }

    fn word(&self) -> &'a str {
        let rest = self.rest();
        let length = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
        rest.get(..length).unwrap_or_default()
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn expected(&self, expected: &'static str) -> Malformed {
        Malformed { at: self.at, expected }
    }
}

/// A JSON number. The JSON parser decides whether it is one; where it has a fraction, the standard
/// library rounds it, so that what is printed reads as itself to the last bit.
fn number(json: &str) -> Option<Number> {
    let number: Number = serde_json::from_str(json).ok()?;
    if number.is_f64() { Number::from_f64(json.parse().ok()?) } else { Some(number) }
}

/// Where the quote is that ends a string, in bytes from behind the one that began it.
fn string_end(inside: &str) -> Option<usize> {
    let mut escaped = false;
    for (at, byte) in inside.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return Some(at),
            _ => {}
        }
    }
    None
}
