//! A page of a list: how it is asked for and shown, the same by every command that lists.

use serde_json::Value;

use crate::args::Shared;
use crate::client::query;
use crate::exit::{Exit, Failure, Outcome};
use crate::output::{items, plain, table};

/// Which page of a list.
#[derive(Debug, clap::Args)]
pub struct Page {
    /// Where to go on, as the page before said.
    #[arg(long)]
    cursor: Option<String>,

    /// At most so many, 1 to 1000.
    #[arg(long, default_value_t = 100)]
    limit: u32,
}

/// A list as a table.
pub struct Listing<const N: usize> {
    /// What is said where there is nothing.
    pub none: &'static str,
    /// The heads of the columns.
    pub header: [&'static str; N],
    /// The cells of an item.
    pub row: fn(&Value) -> [String; N],
}

impl Page {
    /// Reads the page of what is at `path` and passes `filters`.
    ///
    /// # Errors
    /// As the server refuses.
    pub fn read(
        self,
        shared: &Shared,
        path: &str,
        filters: &[(&str, Option<String>)],
    ) -> Result<Value, Failure> {
        let page = [("cursor", self.cursor), ("limit", Some(self.limit.to_string()))];
        let asked = query(&[filters, &page[..]].concat());
        shared.connection.client()?.get(&format!("{path}{asked}"))
    }

    /// Reads the page and shows it.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn show<const N: usize>(
        self,
        shared: &Shared,
        path: &str,
        filters: &[(&str, Option<String>)],
        listing: &Listing<N>,
    ) -> Outcome {
        let answer = self.read(shared, path, filters)?;
        shared.output().show(&answer, |answer| listing.of(answer))?;
        Ok(Exit::Ok)
    }
}

impl<const N: usize> Listing<N> {
    fn of(&self, answer: &Value) -> String {
        let found = items(answer, "items");
        let shown = match found {
            [] => self.none.to_owned(),
            _ => table(self.header, found.iter().map(self.row).collect()),
        };
        shown + &more(answer)
    }
}

/// The line that says how to go on, if there is more. A page may be empty and have a next one.
pub(crate) fn more(answer: &Value) -> String {
    let next = answer.get("next_cursor").filter(|cursor| !cursor.is_null());
    next.map(|cursor| format!("\nmore: --cursor {}", plain(cursor))).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::text;
    use serde_json::json;

    #[test]
    fn a_page_without_a_row_still_says_how_to_go_on() {
        let row = |item: &Value| [text(item, "a")];
        let listing = Listing { none: "None.", header: ["a"], row };
        assert_eq!(listing.of(&json!({ "items": [] })), "None.");
        assert_eq!(listing.of(&json!({ "items": [], "next_cursor": null })), "None.");
        let page = json!({ "items": [], "next_cursor": 7 });
        assert_eq!(listing.of(&page), "None.\nmore: --cursor 7");
        let page = json!({ "items": [{ "a": "b" }], "next_cursor": "c" });
        assert!(listing.of(&page).ends_with("\nmore: --cursor c"), "{}", listing.of(&page));
    }
}
