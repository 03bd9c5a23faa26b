//! `glassbreak inventory`

mod export;
mod filter;
mod summary;

use serde_json::{Value, json};

use self::filter::Filter;
use crate::args::Shared;
use crate::client::{Client, query};
use crate::command::page::more;
use crate::exit::{Exit, Failure, Outcome};
use crate::output::{items, minute, plain, text};

/// The most sets the server puts on a page.
const PAGE_MAX: usize = 500;

/// Arguments of `inventory`.
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Inventory {
    /// Something else than a list.
    #[command(subcommand)]
    verb: Option<Verb>,

    /// Figures in place of the list.
    #[arg(long, conflicts_with_all = ["Filter", "cursor"])]
    summary: bool,

    #[command(flatten)]
    filter: Filter,

    /// Where to go on, as the page before said.
    #[arg(long)]
    cursor: Option<String>,

    /// At most so many sets.
    #[arg(long, default_value_t = 100)]
    limit: usize,
}

/// What else can be done with the inventory.
#[derive(Debug, clap::Subcommand)]
enum Verb {
    /// Write all of it, or what passes the filters, to a file.
    Export(export::Export),
}

impl Inventory {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        if let Some(Verb::Export(export)) = self.verb {
            return export.run(shared);
        }
        let client = shared.connection.client()?;
        if self.summary {
            let answer = client.get("/v1/inventory/summary")?;
            shared.output().show(&answer, summary::tables)?;
            return Ok(Exit::Ok);
        }
        let answer = self.pages(&client)?;
        shared.output().show(&answer, |answer| match items(answer, "items") {
            [] => format!("No code sets.{}", more(answer)),
            held => format!("{}{}", sets(held), more(answer)),
        })?;
        Ok(Exit::Ok)
    }

    /// As many pages as the limit asks for, as one.
    fn pages(&self, client: &Client) -> Result<Value, Failure> {
        let (mut found, mut cursor) = (Vec::new(), self.cursor.clone());
        loop {
            let wanted = self.limit.saturating_sub(found.len()).min(PAGE_MAX);
            let mut asked = self.filter.asked().to_vec();
            asked.extend([("cursor", cursor.clone()), ("limit", Some(wanted.to_string()))]);
            let page = client.get(&format!("/v1/inventory{}", query(&asked)))?;
            found.extend(items(&page, "items").iter().cloned());
            cursor = page.get("next_cursor").filter(|next| !next.is_null()).map(plain);
            let Some(next) = &cursor else { return Ok(json!({ "items": found })) };
            if found.len() >= self.limit {
                return Ok(json!({ "items": found, "next_cursor": next }));
            }
        }
    }
}

/// Coverage by tier and every other figure of the inventory, as tables.
pub(crate) fn figures_of(answer: &Value) -> String {
    summary::tables(answer)
}

/// Code sets as a table.
pub(crate) fn sets(held: &[Value]) -> String {
    let rows = held.iter().map(|set| {
        [
            text(set, "set_id"),
            text(set, "subject"),
            text(set, "tier"),
            text(set, "kind"),
            text(set, "state"),
            format!("{} of {}", text(set, "unused"), text(set, "count")),
            minute(&text(set, "issued_at")),
            minute(&text(set, "expires_at")),
            minute(&text(set, "replace_by")),
        ]
    });
    let header =
        ["set", "subject", "tier", "kind", "state", "unused", "issued", "expires", "replace by"];
    drop_empty_columns(header, rows.collect())
}

/// A table without the columns that no row has anything in.
fn drop_empty_columns<const N: usize>(header: [&str; N], rows: Vec<[String; N]>) -> String {
    let keep: Vec<bool> = (0..N)
        .map(|at| rows.iter().any(|row| row.get(at).is_some_and(|cell| !cell.is_empty())))
        .collect();
    let kept = |cells: Vec<String>| -> Vec<String> {
        cells.into_iter().zip(&keep).filter_map(|(cell, keep)| keep.then_some(cell)).collect()
    };
    let mut table = comfy_table::Table::new();
    table.load_style(comfy_table::presets::UTF8_BORDERS_ONLY);
    table.set_header(kept(header.map(ToOwned::to_owned).to_vec()));
    for row in rows {
        table.add_row(kept(row.to_vec()));
    }
    table.to_string()
}

/// Every number in an answer, with the path to it.
pub(crate) fn figures(value: &Value, path: &str, rows: &mut Vec<[String; 2]>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                let name = if path.is_empty() { name.clone() } else { format!("{path}, {name}") };
                figures(member, &name, rows);
            }
        }
        Value::Array(list) => list.iter().for_each(|member| {
            let words: Vec<&str> = member
                .as_object()
                .into_iter()
                .flat_map(|members| members.values().filter_map(Value::as_str))
                .collect();
            let name = [path, &words.join(" ")].join(" ");
            for number in member.as_object().into_iter().flat_map(|m| m.values()) {
                if number.is_number() {
                    rows.push([name.trim().to_owned(), number.to_string()]);
                }
            }
        }),
        other => rows.push([path.replace('_', " "), plain(other)]),
    }
}
