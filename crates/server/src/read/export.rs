//! The inventory as a file: read page by page while it is sent, so that it takes the same memory
//! however long it is, and a client that goes away ends it.

use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use glassbreak_engine::store::{InventoryPage, InventoryQuery, InventoryRow};
use glassbreak_engine::{Engine, Reach};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::problem::Problem;
use crate::shape::Set;

/// How many sets are read at a time.
const PAGE: usize = 1000;

/// The columns, in the order in which a listing has its members. New ones come at the end.
const COLUMNS: [&str; 17] = [
    "set_id",
    "subject",
    "tier",
    "kind",
    "profile",
    "state",
    "revoked_because",
    "count",
    "unused",
    "failures",
    "issued_at",
    "expires_at",
    "confirm_by",
    "replace_by",
    "reason",
    "custody",
    "custody_declared_at",
];

/// The form of an export.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Format {
    /// Comma-separated values (RFC 4180), with a header.
    Csv,
    /// JSON Lines: an object a line.
    Jsonl,
}

impl Format {
    /// What comes before the first set.
    fn header(self) -> Result<Vec<u8>, Problem> {
        match self {
            Self::Csv => csv_lines([COLUMNS.map(str::to_owned)]),
            Self::Jsonl => Ok(Vec::new()),
        }
    }

    fn lines(self, rows: &[InventoryRow]) -> Result<Vec<u8>, Problem> {
        let sets = rows.iter().map(Set::from);
        match self {
            Self::Csv => csv_lines(sets.map(cells)),
            Self::Jsonl => {
                let mut lines = Vec::new();
                for set in sets {
                    let written = serde_json::to_writer(&mut lines, &set);
                    written.map_err(|_| Problem::plain("internal"))?;
                    lines.push(b'\n');
                }
                Ok(lines)
            }
        }
    }

    fn headers(self) -> [(header::HeaderName, HeaderValue); 3] {
        let (kind, file) = match self {
            Self::Csv => {
                ("text/csv; charset=utf-8; header=present", "attachment; filename=inventory.csv")
            }
            Self::Jsonl => ("application/jsonl", "attachment; filename=inventory.jsonl"),
        };
        [
            (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
            (header::CONTENT_DISPOSITION, HeaderValue::from_static(file)),
            (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        ]
    }
}

/// The sets that `query` wants and `reach` covers. Once the answer has begun, a page that cannot be
/// read breaks the connection: what came cannot be taken for all there is.
///
/// # Errors
/// If the first page cannot be read.
pub(crate) async fn answer(
    engine: Engine,
    reach: Reach,
    query: InventoryQuery,
    format: Format,
) -> Result<Response, Problem> {
    let query = InventoryQuery { limit: PAGE, ..query };
    let InventoryPage { rows, next } = engine.inventory(&reach, &query).await?;
    let mut first = format.header()?;
    first.extend(format.lines(&rows)?);
    let reading = Reading { engine, reach, query: InventoryQuery { after: next, ..query }, format };
    let begun = (Some(first), reading);
    let body = stream::try_unfold(begun, |(first, mut reading)| async {
        let lines = match first {
            Some(first) => Some(first),
            None => reading.more().await?,
        };
        Ok::<_, Broken>(lines.map(|lines| (lines, (None, reading))))
    });
    Ok((format.headers(), Body::from_stream(body)).into_response())
}

/// An export under way.
struct Reading {
    engine: Engine,
    reach: Reach,
    /// What is left: nothing if it is after no set.
    query: InventoryQuery,
    format: Format,
}

impl Reading {
    async fn more(&mut self) -> Result<Option<Vec<u8>>, Broken> {
        if self.query.after.is_none() {
            return Ok(None);
        }
        let page = self.engine.inventory(&self.reach, &self.query).await.map_err(|error| {
            tracing::error!(%error, "an export of the inventory was broken off");
            Broken
        })?;
        self.query.after = page.next;
        self.format.lines(&page.rows).map(Some).map_err(|_| Broken)
    }
}

/// The rest could not be read.
#[derive(Debug)]
struct Broken;

impl std::fmt::Display for Broken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the rest of the inventory could not be read")
    }
}

impl std::error::Error for Broken {}

fn cells(set: Set) -> [String; COLUMNS.len()] {
    let number = |number: Option<u32>| number.map(|number| number.to_string());
    [
        Some(set.set_id.to_string()),
        set.subject.map(no_formula),
        set.tier.map(no_formula),
        set.kind,
        set.profile,
        Some(set.state),
        set.revoked_because,
        Some(set.count.to_string()),
        Some(set.unused.to_string()),
        number(set.failures),
        Some(set.issued_at),
        Some(set.expires_at),
        set.confirm_by,
        set.replace_by,
        set.reason,
        set.custody,
        set.custody_declared_at,
    ]
    .map(Option::unwrap_or_default)
}

/// A spreadsheet calculates what begins like this, whoever wrote it; a `'` in front makes it text.
fn no_formula(text: String) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text }
}

fn csv_lines<const N: usize>(
    records: impl IntoIterator<Item = [String; N]>,
) -> Result<Vec<u8>, Problem> {
    let mut lines =
        csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    for record in records {
        lines.write_record(&record).map_err(|_| Problem::plain("internal"))?;
    }
    lines.into_inner().map_err(|_| Problem::plain("internal"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The columns of a file do not depend on its form, and both are a listing's members.
    #[test]
    fn the_columns_are_the_members_of_a_listing() {
        let text = |text: &str| Some(text.to_owned());
        let set = || Set {
            subject: text("ada"),
            tier: text("standard"),
            kind: text("saved"),
            profile: text("strong"),
            revoked_because: text("lost"),
            failures: Some(0),
            confirm_by: text("then"),
            replace_by: text("then"),
            reason: text("enrolment"),
            custody: text("hardware"),
            custody_declared_at: text("then"),
            ..Set::default()
        };
        let written = serde_json::to_string(&set()).unwrap();
        let places: Vec<_> =
            COLUMNS.iter().map(|name| written.find(&format!("\"{name}\":"))).collect();
        assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{written}");
        let members = serde_json::to_value(set()).unwrap();
        assert_eq!(members.as_object().unwrap().len(), COLUMNS.len());
        for (name, cell) in COLUMNS.iter().zip(cells(set())) {
            let member = &members[*name];
            let member = member.as_str().map_or_else(|| member.to_string(), str::to_owned);
            assert_eq!(cell, member, "{name}");
        }
    }

    #[test]
    fn a_name_is_no_formula_and_no_second_line() {
        for name in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1"] {
            assert_eq!(no_formula(name.to_owned()), format!("'{name}"));
        }
        assert_eq!(no_formula("ada=1".to_owned()), "ada=1");
        let lines = csv_lines([["a \"b\"".to_owned(), "c,\r\nd".to_owned()]]).unwrap();
        assert_eq!(String::from_utf8(lines).unwrap(), "\"a \"\"b\"\"\",\"c,\r\nd\"\r\n");
    }
}
