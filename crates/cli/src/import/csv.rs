//! CSV: a header names the columns, in any order; lists are separated by `;`.

use std::io::Read;

use anyhow::{Context, anyhow};
use csv::{ByteRecord, ReaderBuilder};
use serde_json::{Map, Value, json};

use super::record::{BadRecord, Place, Record, Row};
use crate::exit::Failure;

/// The columns there may be.
pub const COLUMNS: [&str; 9] = [
    "subject",
    "kind",
    "tier",
    "assurance",
    "ial",
    "owner",
    "groups",
    "notification_addresses",
    "enabled",
];

/// The columns of a file, in its order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Columns(Vec<&'static str>);

/// Reads a header.
///
/// # Errors
/// A column that is not known or there twice, and a required one that is missing.
pub fn parse_csv_header(header: &ByteRecord) -> Result<Columns, BadRecord> {
    let mut columns: Vec<&'static str> = Vec::new();
    for cell in header {
        let name = String::from_utf8_lossy(cell);
        let name = name.trim();
        let known = COLUMNS.into_iter().find(|column| column.eq_ignore_ascii_case(name));
        let known = known.ok_or_else(|| {
            BadRecord(format!("`{name}` is not a column; columns are {}", COLUMNS.join(", ")))
        })?;
        if columns.contains(&known) {
            return Err(BadRecord(format!("the column `{known}` is there twice")));
        }
        columns.push(known);
    }
    let missing = ["subject", "assurance"].into_iter().find(|name| !columns.contains(name));
    match missing {
        Some(name) => Err(BadRecord(format!("the header has no column `{name}`"))),
        None => Ok(Columns(columns)),
    }
}

/// Reads a row under a header. An empty cell is one that is not there.
///
/// # Errors
/// What is wrong with the row.
pub fn parse_csv_record(columns: &Columns, row: &ByteRecord) -> Result<Record, BadRecord> {
    if row.len() != columns.0.len() {
        let (found, wanted) = (row.len(), columns.0.len());
        return Err(BadRecord(format!("{found} cells instead of {wanted}")));
    }
    let mut fields = Map::new();
    for (name, cell) in columns.0.iter().zip(row) {
        let cell = std::str::from_utf8(cell);
        let cell = cell.map_err(|_| BadRecord(format!("`{name}` is not UTF-8")))?.trim();
        if cell.is_empty() {
            continue;
        }
        let items = || cell.split(';').map(str::trim).filter(|item| !item.is_empty());
        let value = match *name {
            "groups" => json!(items().collect::<Vec<_>>()),
            "notification_addresses" => items().map(address).collect::<Result<Value, _>>()?,
            "enabled" => Value::Bool(truth(cell)?),
            _ => json!(cell),
        };
        fields.insert((*name).to_owned(), value);
    }
    let record = serde_json::from_value::<Record>(Value::Object(fields));
    record.map_err(|error| BadRecord(error.to_string()))?.checked()
}

fn address(text: &str) -> Result<Value, BadRecord> {
    let (channel, address) = text.split_once(':').ok_or_else(|| {
        BadRecord(format!("`{text}` is not an address: write `email:anna@example.org`"))
    })?;
    Ok(json!({ "channel": channel.trim(), "address": address.trim() }))
}

fn truth(cell: &str) -> Result<bool, BadRecord> {
    match cell.to_ascii_lowercase().as_str() {
        "true" | "yes" | "1" => Ok(true),
        "false" | "no" | "0" => Ok(false),
        _ => Err(BadRecord(format!("`enabled` is `true` or `false`, not `{cell}`"))),
    }
}

/// Reads a file row by row.
pub(super) fn read(
    source: impl Read,
    visit: &mut dyn FnMut(Row) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let mut reader = ReaderBuilder::new().flexible(true).from_reader(source);
    let header = reader.byte_headers().context("cannot read the header")?;
    let columns = parse_csv_header(header).map_err(|error| anyhow!("line 1: {error}"))?;
    let mut row = ByteRecord::new();
    while reader.read_byte_record(&mut row).context("cannot read the file")? {
        let line = row.position().map_or(0, csv::Position::line);
        visit(Row { place: Place::Line(line), record: parse_csv_record(&columns, &row) })?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "Assurance,subject,kind,owner,groups,notification_addresses,enabled\n";

    fn rows(text: &str) -> Vec<(String, Result<Record, String>)> {
        let mut found = Vec::new();
        let read = read(format!("{HEADER}{text}").as_bytes(), &mut |row| {
            let record = row.record.map_err(|error| error.to_string());
            found.push((row.place.to_string(), record));
            Ok(())
        });
        read.unwrap();
        found
    }

    #[test]
    fn good_rows_are_read() {
        let text = "aal2,anna,,,ops; on call ;,email:anna@example.org;sms:+49 (30) 555-01,\n\
            \"aal1\",\"backup \"\"bot\"\"\",service,anna,,,no\n";
        let found = rows(text);
        let anna = found[0].1.as_ref().unwrap();
        assert_eq!((anna.subject.as_str(), anna.groups.len(), anna.enabled), ("anna", 2, true));
        assert_eq!(anna.groups[1], "on call");
        assert_eq!(anna.notification_addresses[1].address, "+493055501");
        let bot = found[1].1.as_ref().unwrap();
        assert_eq!((bot.subject.as_str(), bot.enabled), ("backup \"bot\"", false));
        assert_eq!(bot.owner.as_deref(), Some("anna"));
        assert_eq!(found[1].0, "line 3");
    }

    #[test]
    fn bad_rows_are_named_by_line() {
        let cases = [
            ("aal9,anna,,,,,", "aal9"),
            ("aal2,,,,,,", "subject"),
            (",anna,,,,,", "assurance"),
            ("aal2,anna", "2 cells instead of 7"),
            ("aal2,anna,robot,,,,", "robot"),
            ("aal2,anna,,bert,,,", "a person has no `owner`"),
            ("aal2,bot,service,bot,,,", "the subject itself"),
            ("aal2,anna,,,,pigeon:home,", "pigeon"),
            ("aal2,anna,,,,anna@example.org,", "is not an address"),
            ("aal2,anna,,,,sms:+49301234;email:anna,", "`notification_addresses[1]` is a mail"),
            ("aal2,anna,,,,sms:0301234567,", "`notification_addresses[0]` is a telephone number"),
            ("aal2,anna,,,,,perhaps", "not `perhaps`"),
            ("aal2,a\u{7}b,,,,,", "visible"),
        ];
        let text: Vec<&str> = cases.iter().map(|(row, _)| *row).collect();
        for (at, (place, record)) in rows(&text.join("\n")).into_iter().enumerate() {
            let error = record.unwrap_err();
            assert!(error.contains(cases[at].1), "{}: {error}", cases[at].0);
            assert_eq!(place, format!("line {}", at + 2));
        }
    }

    #[test]
    fn bytes_that_are_no_text_spoil_one_row() {
        let mut found = 0;
        let text = [b"subject,assurance\nan\xffna,aal2\nbert,aal2\n".as_slice()].concat();
        read(text.as_slice(), &mut |row| {
            found += usize::from(row.record.is_ok());
            Ok(())
        })
        .unwrap();
        assert_eq!(found, 1);
    }

    #[test]
    fn headers_are_held_to_the_list() {
        let header = |cells: &[&str]| parse_csv_header(&ByteRecord::from(cells.to_vec()));
        assert!(header(&["subject", "assurance"]).is_ok());
        assert!(header(&["subject"]).unwrap_err().to_string().contains("`assurance`"));
        assert!(header(&["subject", "assurance", "Subject"]).is_err());
        assert!(header(&["subject", "assurance", "password"]).is_err());
    }
}
