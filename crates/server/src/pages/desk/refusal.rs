//! A press that was refused, as the page tells it: what, why, what to do and who can.

use crate::pages::frame::Frame;
use crate::problem::Problem;

/// What a page says above everything else after a refusal.
#[derive(Debug)]
pub(in crate::pages) struct Refusal {
    /// Why, and what to do about it.
    pub(in crate::pages) why: String,
    /// The server's own words, in English.
    pub(in crate::pages) detail: String,
    /// The stable code.
    pub(in crate::pages) code: &'static str,
    /// The rules that refused.
    pub(in crate::pages) rules: Vec<String>,
    /// When to try again, in seconds.
    pub(in crate::pages) retry_after: Option<u64>,
}

impl Refusal {
    /// A problem in the page's language.
    pub(in crate::pages) fn of(f: &Frame, problem: &Problem) -> Self {
        let (code, detail) = (problem.code(), problem.body().detail().to_owned());
        let key = match field(&detail) {
            Some(field) if code == "invalid_request" => format!("field-{field}"),
            _ => code.to_owned(),
        };
        let key = format!("desk-refused-{}", key.replace('_', "-"));
        let found = f.language.phrase(key).to_string();
        let why =
            if found.starts_with('[') { f.t("desk-refused-other").to_string() } else { found };
        let (rules, retry_after) = (problem.reasons().to_vec(), problem.retry_after_seconds());
        Self { why, detail, code, rules, retry_after }
    }
}

/// The field that a detail is about.
fn field(detail: &str) -> Option<&str> {
    if detail.starts_with("a reference is") {
        return Some("reference-form");
    }
    detail.strip_prefix('`').and_then(|rest| rest.split('`').next())
}

/// Whether somebody at a page can do something about it: then the page says it, else the whole of
/// the page is the refusal.
pub(in crate::pages) fn is_for_the_page(problem: &Problem) -> bool {
    let status = problem.body().status();
    (400..500).contains(&status)
        && !["unauthenticated", "scope_missing", "cross_site", "recovery_unknown"]
            .contains(&problem.code())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_told_by_the_field_that_it_is_about() {
        assert_eq!(field("`check` was looked at before"), Some("check"));
        assert_eq!(field("a reference is 1 to 64 letters"), Some("reference-form"));
        assert_eq!(field("the policy refuses: a, b"), None);
    }
}
