//! How deep a text goes, found without going there.
//!
//! Cedar's parser and what walks its trees call themselves once for each level, and the stack of a
//! thread ends a server and not a request. So depth is counted over the text, before it is parsed:
//! brackets inside of brackets, and words in a row (`a && b && ..`, `a.b.c`, `if .. else if ..`),
//! which a tree hangs one below the other as well.

use crate::finding::Finding;

/// The most brackets inside of each other. What people write stays under ten.
pub(crate) const BRACKETS_MAX: usize = 32;
/// The most conditions (`if`) in one rule: each hangs below the one before, and costs the parser as
/// much stack as a bracket does.
pub(crate) const CONDITIONS_MAX: usize = 16;
/// The most operators and dots in one rule. What people write stays under fifty.
pub(crate) const OPERATORS_MAX: usize = 128;

/// What refuses a file for its depth, if anything does.
pub(crate) fn too_deep(file: &str, text: &str) -> Option<Finding> {
    let mut walk = Walk { line: 1, ..Walk::default() };
    let mut rest = text.chars().peekable();
    while let Some(next) = rest.next() {
        walk.take(next, rest.peek().copied());
        if walk.brackets > BRACKETS_MAX {
            let message = format!("has more than {BRACKETS_MAX} brackets inside of each other");
            return Some(Finding::refuse("too-deep", message).at(file, walk.line));
        }
        if walk.conditions > CONDITIONS_MAX {
            let message = format!("has more than {CONDITIONS_MAX} `if` in one rule; split it");
            return Some(Finding::refuse("too-deep", message).at(file, walk.line));
        }
        if walk.operators > OPERATORS_MAX {
            let message = format!("has more than {OPERATORS_MAX} operators in one rule; split it");
            return Some(Finding::refuse("too-deep", message).at(file, walk.line));
        }
    }
    None
}

/// What the text is in the middle of.
#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum Inside {
    #[default]
    Rule,
    Text,
    /// In a text, right after a backslash.
    Escape,
    Comment,
    /// In a word, which is an operator if it is one of those.
    Word,
}

#[derive(Default)]
struct Walk {
    inside: Inside,
    word: String,
    line: usize,
    brackets: usize,
    conditions: usize,
    operators: usize,
}

impl Walk {
    fn take(&mut self, next: char, then: Option<char>) {
        self.line += usize::from(next == '\n');
        match (self.inside, next) {
            (Inside::Text, '\\') => self.inside = Inside::Escape,
            (Inside::Escape, _) => self.inside = Inside::Text,
            (Inside::Text, '"') | (Inside::Comment, '\n') => self.inside = Inside::Rule,
            (Inside::Text | Inside::Comment, _) => {}
            (Inside::Word, letter) if is_word(letter) => self.word.push(letter),
            (Inside::Word | Inside::Rule, _) => {
                self.end_word();
                self.begin(next, then);
            }
        }
    }

    fn end_word(&mut self) {
        let word = std::mem::take(&mut self.word);
        let operators = ["has", "in", "like", "is"];
        self.conditions += usize::from(word == "if");
        self.operators += usize::from(operators.contains(&word.as_str()));
        self.inside = Inside::Rule;
    }

    fn begin(&mut self, next: char, then: Option<char>) {
        match next {
            '"' => self.inside = Inside::Text,
            '/' if then == Some('/') => self.inside = Inside::Comment,
            letter if is_word(letter) => {
                self.inside = Inside::Word;
                self.word.push(letter);
            }
            '(' | '[' | '{' => self.brackets += 1,
            ')' | ']' | '}' => self.brackets = self.brackets.saturating_sub(1),
            // Each of the two characters of `&&` counts: the bound is of depth, not of taste.
            '&' | '|' | '!' | '=' | '<' | '>' | '+' | '-' | '*' | '.' => self.operators += 1,
            ';' => (self.conditions, self.operators) = (0, 0),
            _ => {}
        }
    }
}

const fn is_word(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '_'
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::set::PolicySet;

    fn rule(condition: &str) -> String {
        format!("@id(\"deep\")\npermit (principal, action, resource) when {{ {condition} }};\n")
    }

    fn refused(condition: &str) -> bool {
        let files = [("deep.cedar".to_owned(), rule(condition))];
        let loaded = PolicySet::new(files).load_unlinted();
        loaded.is_err_and(|findings| findings.to_string().contains("too-deep"))
    }

    /// On a stack as small as a server's threads have, each of them would end the process.
    #[test]
    fn a_text_that_is_nested_very_deeply_is_refused_and_overflows_nothing() {
        let deep = |open: &str, within: &str, close: &str| {
            [open.repeat(10_000), within.to_owned(), close.repeat(10_000)].concat()
        };
        for condition in [
            deep("(", "true", ")"),
            deep("[", "", "]"),
            deep("{a: ", "1", "}"),
            deep("if true then true else ", "true", ""),
            deep("true && ", "true", ""),
            deep("1 + ", "1", " == 1"),
            deep("!", "true", ""),
            deep("-", "1", " == 1"),
            ["context", &".a".repeat(10_000)].concat(),
            ["context", &"[\"a\"]".repeat(100), &".a".repeat(10_000)].concat(),
        ] {
            assert!(refused(&condition), "{}", &condition[..40]);
        }
    }

    /// On the stack that threads have where nobody says otherwise, in a build without optimisation.
    fn fits(condition: String) {
        let parse = move || assert!(!refused(&condition));
        std::thread::Builder::new().stack_size(2 << 20).spawn(parse).unwrap().join().unwrap();
    }

    #[test]
    fn as_many_brackets_as_are_allowed_fit_on_the_stack() {
        let brackets = BRACKETS_MAX - 1;
        fits(["(".repeat(brackets), "true".to_owned(), ")".repeat(brackets)].concat());
    }

    #[test]
    fn as_many_conditions_as_are_allowed_fit_on_the_stack() {
        fits(["if true then true else ".repeat(CONDITIONS_MAX), "true".to_owned()].concat());
    }

    #[test]
    fn both_at_once_fit_on_the_stack() {
        let brackets = BRACKETS_MAX - 1;
        let conditions = "if true then true else (".repeat(CONDITIONS_MAX);
        let more = "(".repeat(brackets - CONDITIONS_MAX);
        fits([conditions, more, "true".to_owned(), ")".repeat(brackets)].concat());
    }

    #[test]
    fn all_of_it_at_once_fits_on_the_stack() {
        let brackets = BRACKETS_MAX - 1;
        let conditions = "if true then true else (".repeat(CONDITIONS_MAX);
        let more = "(".repeat(brackets - CONDITIONS_MAX);
        let operators = "true && ".repeat(OPERATORS_MAX / 2);
        fits([conditions, more, operators, "true".to_owned(), ")".repeat(brackets)].concat());
    }

    #[test]
    fn as_many_operators_as_are_allowed_fit_on_the_stack() {
        fits(["true && ".repeat(OPERATORS_MAX / 2), "true".to_owned()].concat());
    }

    #[test]
    fn as_many_dots_as_are_allowed_fit_on_the_stack() {
        fits(["context".to_owned(), ".a".repeat(OPERATORS_MAX)].concat());
    }

    #[test]
    fn texts_and_comments_have_no_depth() {
        let many = "([{.&&".repeat(10_000);
        assert!(too_deep("a.cedar", &format!("// {many}\n{}", rule("true"))).is_none());
        let text = rule(&format!("\"{many}\\\"{many}\" == \"\""));
        assert!(too_deep("a.cedar", &text).is_none());
        let files: Vec<_> =
            PolicySet::built_in().files().map(|(_, text)| text.to_owned()).collect();
        assert!(files.iter().all(|text| too_deep("a.cedar", text).is_none()));
    }
}
