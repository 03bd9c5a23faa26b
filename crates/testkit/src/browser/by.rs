//! What to look for on a page.

use std::fmt::{self, Display, Formatter};

/// How something is found. In place of one, a plain string is a CSS selector.
///
/// Names are compared whole, letter by letter, after runs of white space became one space.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum By {
    /// By what assistive technology says it is (ARIA's words: `button`, `link`, `heading`,
    /// `alert`) and by its name there.
    Role(String, String),
    /// The same, for what holds a text somewhere: the `row` of a person, the `dialog` about it.
    Holding(String, String),
    /// A field by its label.
    Label(String),
    /// The innermost visible element whose text has this in it.
    Text(String),
    /// The last resort.
    Css(String),
    /// Something inside of something.
    Inside(Box<Self>, Box<Self>),
}

impl By {
    /// By role and name.
    pub fn role(role: &str, name: &str) -> Self {
        Self::Role(role.to_owned(), name.to_owned())
    }

    /// By role and a text in it.
    pub fn holding(role: &str, text: &str) -> Self {
        Self::Holding(role.to_owned(), text.to_owned())
    }

    /// A button, or what opens and closes details.
    pub fn button(name: &str) -> Self {
        Self::role("button", name)
    }

    /// A link.
    pub fn link(name: &str) -> Self {
        Self::role("link", name)
    }

    /// A heading of any level.
    pub fn heading(name: &str) -> Self {
        Self::role("heading", name)
    }

    /// The row of a table that has a text in it.
    pub fn row(text: &str) -> Self {
        Self::holding("row", text)
    }

    /// A field by its label.
    pub fn label(label: &str) -> Self {
        Self::Label(label.to_owned())
    }

    /// By its text.
    pub fn text(text: &str) -> Self {
        Self::Text(text.to_owned())
    }

    /// By a selector.
    pub fn css(selector: &str) -> Self {
        Self::Css(selector.to_owned())
    }

    /// This, inside of `outer`: `By::button("Revoke").inside(By::row("lena"))`.
    #[must_use]
    pub fn inside(self, outer: impl Into<Self>) -> Self {
        Self::Inside(Box::new(self), Box::new(outer.into()))
    }
}

impl From<&str> for By {
    fn from(selector: &str) -> Self {
        Self::css(selector)
    }
}

impl From<&Self> for By {
    fn from(by: &Self) -> Self {
        by.clone()
    }
}

impl Display for By {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Role(role, name) => write!(f, "{role} “{name}”"),
            Self::Holding(role, text) => write!(f, "{role} with “{text}” in it"),
            Self::Label(label) => write!(f, "field “{label}”"),
            Self::Text(text) => write!(f, "text “{text}”"),
            Self::Css(selector) => write!(f, "`{selector}`"),
            Self::Inside(inner, outer) => write!(f, "{inner} inside of {outer}"),
        }
    }
}
