//! How selections are put together: `selection and not (known or 1 of filter*)`.

use crate::fault::Fault;

/// How deep parentheses may lie in one another.
const DEPTH_MAX: usize = 16;
const HELP: &str = "write names of selections with and, or, not, parentheses, `1 of` and `all of`";

/// A condition over selections.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Condition {
    One(String),
    /// Of the selections whose name begins so: one, or all.
    Of {
        all: bool,
        begin: String,
    },
    Not(Box<Self>),
    All(Vec<Self>),
    Any(Vec<Self>),
}

impl Condition {
    pub(crate) fn read(text: &str, line: usize, names: &[&str]) -> Result<Self, Fault> {
        let tokens = tokens(text);
        let mut reader = Reader { tokens: &tokens, line, names, depth: 0 };
        let condition = reader.any()?;
        match reader.next() {
            None => Ok(condition),
            Some(left) => Err(reader.fault(&format!("`{left}` is in the wrong place"))),
        }
    }

    /// Whether it holds, where `is` says which selections do.
    pub(crate) fn holds(&self, names: &[&str], is: &dyn Fn(&str) -> bool) -> bool {
        match self {
            Self::One(name) => is(name),
            Self::Of { all, begin } => {
                let mut meant = names.iter().filter(|name| name.starts_with(begin.as_str()));
                if *all { meant.all(|name| is(name)) } else { meant.any(|name| is(name)) }
            }
            Self::Not(one) => !one.holds(names, is),
            Self::All(each) => each.iter().all(|one| one.holds(names, is)),
            Self::Any(each) => each.iter().any(|one| one.holds(names, is)),
        }
    }

    /// Whether it asks for that selection.
    pub(crate) fn asks(&self, name: &str) -> bool {
        match self {
            Self::One(own) => own == name,
            Self::Of { begin, .. } => name.starts_with(begin.as_str()),
            Self::Not(one) => one.asks(name),
            Self::All(each) | Self::Any(each) => each.iter().any(|one| one.asks(name)),
        }
    }
}

/// Words, and parentheses by themselves.
fn tokens(text: &str) -> Vec<String> {
    let spaced = text.replace('(', " ( ").replace(')', " ) ");
    spaced.split_whitespace().map(ToOwned::to_owned).collect()
}

struct Reader<'a> {
    tokens: &'a [String],
    line: usize,
    names: &'a [&'a str],
    depth: usize,
}

impl Reader<'_> {
    fn next(&mut self) -> Option<String> {
        let (first, rest) = self.tokens.split_first()?;
        self.tokens = rest;
        Some(first.clone())
    }

    fn takes(&mut self, word: &str) -> bool {
        let is = self.tokens.first().is_some_and(|next| next == word);
        if is {
            self.next();
        }
        is
    }

    fn fault(&self, problem: &str) -> Fault {
        Fault::new(self.line, format!("the condition cannot be read: {problem}"), HELP)
    }

    fn any(&mut self) -> Result<Condition, Fault> {
        let mut each = vec![self.all()?];
        while self.takes("or") {
            each.push(self.all()?);
        }
        Ok(alone(each, Condition::Any))
    }

    fn all(&mut self) -> Result<Condition, Fault> {
        let mut each = vec![self.one()?];
        while self.takes("and") {
            each.push(self.one()?);
        }
        Ok(alone(each, Condition::All))
    }

    fn one(&mut self) -> Result<Condition, Fault> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(self.fault("it lies too deep in parentheses"));
        }
        let one = match self.next().as_deref() {
            None => return Err(self.fault("it ends too early")),
            Some("not") => Condition::Not(Box::new(self.one()?)),
            Some("(") => {
                let inside = self.any()?;
                if !self.takes(")") {
                    return Err(self.fault("a `)` is missing"));
                }
                inside
            }
            Some("1" | "any") => self.of(false)?,
            Some("all") => self.of(true)?,
            Some(name) if self.names.contains(&name) => Condition::One(name.to_owned()),
            Some(name) => return Err(self.fault(&format!("there is no selection `{name}`"))),
        };
        self.depth -= 1;
        Ok(one)
    }

    /// What comes after `1 of` or `all of`: `them`, or how names begin.
    fn of(&mut self, all: bool) -> Result<Condition, Fault> {
        if !self.takes("of") {
            return Err(self.fault("an `of` is missing"));
        }
        let meant = self.next().ok_or_else(|| self.fault("it ends too early"))?;
        let Some(begin) = meant.strip_suffix('*').or((meant == "them").then_some("")) else {
            if self.names.contains(&meant.as_str()) {
                return Ok(Condition::One(meant));
            }
            return Err(self.fault(&format!("there is no selection `{meant}`")));
        };
        if !self.names.iter().any(|own| own.starts_with(begin)) {
            return Err(self.fault(&format!("no selection is `{meant}`")));
        }
        let begin = begin.to_owned();
        Ok(Condition::Of { all, begin })
    }
}

fn alone(mut each: Vec<Condition>, several: fn(Vec<Condition>) -> Condition) -> Condition {
    match each.pop() {
        Some(one) if each.is_empty() => one,
        Some(last) => {
            each.push(last);
            several(each)
        }
        None => several(each),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 4] = ["a", "b", "filter_one", "filter_two"];

    fn holds(text: &str, which: &[&str]) -> bool {
        let condition = Condition::read(text, 1, &NAMES).unwrap();
        condition.holds(&NAMES, &|name| which.contains(&name))
    }

    #[test]
    fn not_binds_closer_than_and_and_and_closer_than_or() {
        assert!(holds("a or b and filter_one", &["a"]));
        assert!(!holds("(a or b) and filter_one", &["a"]));
        assert!(holds("not a and b", &["b"]) && !holds("not (a or b)", &["b"]));
        assert!(holds("not not a", &["a"]));
    }

    #[test]
    fn some_and_all_of_what_begins_alike_are_asked_for() {
        assert!(holds("a and not 1 of filter_*", &["a"]));
        assert!(!holds("a and not 1 of filter_*", &["a", "filter_two"]));
        assert!(!holds("all of filter*", &["filter_one"]));
        assert!(holds("all of them", &NAMES) && holds("any of them", &["b"]));
    }

    #[test]
    fn what_is_no_condition_is_told() {
        for text in [
            "",
            "a b",
            "a and",
            "(a",
            "a)",
            "c",
            "1 a",
            "1 of",
            "1 of c*",
            "1 of filter",
            "and",
            "2 of them",
        ] {
            assert!(Condition::read(text, 1, &NAMES).is_err(), "{text}");
        }
        let deep = format!("{}a{}", "(".repeat(40), ")".repeat(40));
        assert!(Condition::read(&deep, 1, &NAMES).is_err());
    }
}
