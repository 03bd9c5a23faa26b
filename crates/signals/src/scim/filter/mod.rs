//! Filters (RFC 7644 section 3.4.2.2): the grammar in full, read with a bounded depth and length.

mod lookup;
pub(super) mod matcher;
mod parse;

use std::fmt;
use std::str::FromStr;

use serde_json::{Number, Value};

use super::error::{ScimError, ScimType};
use super::path::AttrPath;

pub use lookup::{Lookup, index_key};
pub use matcher::Matcher;
pub(super) use parse::Cursor;

/// A filter as it was read. `and` binds tighter than `or`; lists of both have two terms or more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Filter {
    /// `title pr`: there is a value.
    Present(AttrPath),
    /// `userName eq "ada"`.
    Compare(AttrPath, Operator, Literal),
    /// `not (...)`.
    Not(Box<Filter>),
    /// Each of the terms.
    And(Vec<Filter>),
    /// One of the terms at least.
    Or(Vec<Filter>),
    /// `emails[type eq "work"]`: one value of the attribute for which all of it holds.
    Element(AttrPath, Box<Filter>),
}

/// How two values are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Operator {
    /// Equal.
    Eq,
    /// Not equal.
    Ne,
    /// Contains.
    Co,
    /// Starts with.
    Sw,
    /// Ends with.
    Ew,
    /// Greater than, or later.
    Gt,
    /// Less than, or earlier.
    Lt,
    /// Greater or equal.
    Ge,
    /// Less or equal.
    Le,
}

impl Operator {
    /// Every operator.
    pub const ALL: &'static [Self] =
        &[Self::Eq, Self::Ne, Self::Co, Self::Sw, Self::Ew, Self::Gt, Self::Lt, Self::Ge, Self::Le];

    /// The operator as filters spell it; read without regard to case.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Eq => "eq",
            Self::Ne => "ne",
            Self::Co => "co",
            Self::Sw => "sw",
            Self::Ew => "ew",
            Self::Gt => "gt",
            Self::Lt => "lt",
            Self::Ge => "ge",
            Self::Le => "le",
        }
    }
}

/// What an attribute is compared with: a JSON value that is no list and no object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Literal {
    /// No value.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number.
    Number(Number),
    /// A string.
    Text(String),
}

impl Literal {
    /// The literal in a resource.
    pub(super) fn to_value(&self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Bool(value) => Value::Bool(*value),
            Self::Number(value) => Value::Number(value.clone()),
            Self::Text(value) => Value::String(value.clone()),
        }
    }
}

impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.to_value().fmt(f)
    }
}

impl Filter {
    /// The most bytes a filter may have.
    pub const BYTES_MAX: usize = 4096;
    /// How deep brackets and parentheses may nest.
    pub const DEPTH_MAX: usize = 16;
    /// The most comparisons a filter may have.
    pub const TERMS_MAX: usize = 128;

    /// Reads a filter.
    ///
    /// # Errors
    /// [`Malformed`] with the place, if the text is no filter or past one of the limits.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        let mut cursor = Cursor::new(text);
        let filter = cursor.filter()?;
        cursor.end()?;
        Ok(filter)
    }

    /// How many comparisons it has.
    pub(super) fn terms(&self) -> usize {
        match self {
            Self::Present(_) | Self::Compare(..) => 1,
            Self::Not(inner) | Self::Element(_, inner) => inner.terms(),
            Self::And(terms) | Self::Or(terms) => terms.iter().map(Self::terms).sum(),
        }
    }
}

impl FromStr for Filter {
    type Err = Malformed;
    fn from_str(text: &str) -> Result<Self, Malformed> {
        Self::parse(text)
    }
}

impl fmt::Display for Filter {
    /// The filter in a form that reads as itself, with no more parentheses than that takes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Present(path) => write!(f, "{path} pr"),
            Self::Compare(path, operator, literal) => {
                write!(f, "{path} {} {literal}", operator.name())
            }
            Self::Not(inner) => write!(f, "not ({inner})"),
            Self::Element(path, inner) => write!(f, "{path}[{inner}]"),
            Self::And(terms) => {
                let grouped = |term: &Self| matches!(term, Self::And(_) | Self::Or(_));
                print_terms(f, terms, " and ", grouped)
            }
            Self::Or(terms) => print_terms(f, terms, " or ", |term| matches!(term, Self::Or(_))),
        }
    }
}

fn print_terms(
    f: &mut fmt::Formatter<'_>,
    terms: &[Filter],
    between: &str,
    grouped: impl Fn(&Filter) -> bool,
) -> fmt::Result {
    for (index, term) in terms.iter().enumerate() {
        if index > 0 {
            f.write_str(between)?;
        }
        if grouped(term) {
            write!(f, "({term})")?;
        } else {
            write!(f, "{term}")?;
        }
    }
    Ok(())
}

/// Where a filter or a path stops being one, and what would have been right there. It holds nothing
/// of the text: filters name people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("byte {at}: {expected}")]
pub struct Malformed {
    /// The place, in bytes from 0.
    pub at: usize,
    /// What was expected there.
    pub expected: &'static str,
}

impl Malformed {
    /// The refusal of a filter.
    pub fn as_filter(self) -> ScimError {
        ScimError::new(ScimType::InvalidFilter, format!("the filter, {self}"))
    }

    /// The refusal of a path.
    pub fn as_path(self) -> ScimError {
        ScimError::new(ScimType::InvalidPath, format!("the path, {self}"))
    }
}
