//! JSON Lines: one object a line, with the names of the API's PUT body, and `subject` and
//! `enabled`.

use std::io::{BufRead, Read};

use anyhow::Context;

use super::record::{BadRecord, Place, Record, Row};
use crate::exit::Failure;

/// The longest line that is read.
pub const LINE_MAX: u64 = 1024 * 1024;

/// Reads a line.
///
/// # Errors
/// What is wrong with the line.
pub fn parse_json_line(line: &[u8]) -> Result<Record, BadRecord> {
    let record = serde_json::from_slice::<Record>(line).map_err(|error| {
        let told = error.to_string();
        // The line is that of the file, which the place tells.
        BadRecord(told.replace(" at line 1 column ", ", at column "))
    });
    record?.checked()
}

/// Reads a file line by line. Empty lines are passed over.
pub(super) fn read(
    mut source: impl BufRead,
    visit: &mut dyn FnMut(Row) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let mut line = Vec::new();
    for number in 1.. {
        line.clear();
        let limited = source.by_ref().take(LINE_MAX).read_until(b'\n', &mut line);
        if limited.context("cannot read the file")? == 0 {
            return Ok(());
        }
        let place = Place::Line(number);
        if !line.ends_with(b"\n") && line.len() as u64 == LINE_MAX {
            skip_line(&mut source).context("cannot read the file")?;
            let record = Err(BadRecord(format!("longer than {LINE_MAX} bytes")));
            visit(Row { place, record })?;
        } else if !line.trim_ascii().is_empty() {
            let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&line);
            visit(Row { place, record: parse_json_line(line) })?;
        }
    }
    Ok(())
}

/// Passes over the rest of a line without keeping it.
fn skip_line(source: &mut impl BufRead) -> std::io::Result<()> {
    loop {
        let buffer = source.fill_buf()?;
        let (used, ended) = match buffer.iter().position(|byte| *byte == b'\n') {
            Some(at) => (at + 1, true),
            None => (buffer.len(), buffer.is_empty()),
        };
        source.consume(used);
        if ended {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Vec<(String, Result<Record, String>)> {
        let mut found = Vec::new();
        let read = read(text.as_bytes(), &mut |row| {
            let record = row.record.map_err(|error| error.to_string());
            found.push((row.place.to_string(), record));
            Ok(())
        });
        read.unwrap();
        found
    }

    #[test]
    fn lines_are_read() {
        let text = "{\"subject\":\"anna\",\"assurance\":\"aal2\"}\n\n  \n\
            {\"subject\":\"bot\",\"kind\":\"agent\",\"assurance\":\"aal1\",\"owner\":\"anna\"}";
        let found = rows(text);
        assert_eq!(found.len(), 2);
        assert!(found[0].1.is_ok());
        assert_eq!(found[1].0, "line 4");
        assert_eq!(found[1].1.as_ref().unwrap().owner.as_deref(), Some("anna"));
    }

    #[test]
    fn bad_lines_are_named() {
        let cases = [
            ("{", "EOF"),
            ("[]", "invalid"),
            ("{\"subject\":\"a\"}", "assurance"),
            ("{\"subject\":\"a\",\"assurance\":\"aal4\"}", "aal4"),
            ("{\"subject\":\"a\",\"assurance\":\"aal1\",\"code\":\"1\"}", "code"),
            ("{\"subject\":\"a\",\"assurance\":\"aal1\",\"tier\":\"Top\"}", "tier"),
            ("{\"subject\":\"\",\"assurance\":\"aal1\"}", "1 to 256 characters"),
            ("{\"subject\":7,\"assurance\":\"aal1\"}", "column 12"),
        ];
        for (line, told) in cases {
            let error = parse_json_line(line.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(told), "{line}: {error}");
        }
    }

    #[test]
    fn a_line_without_end_spoils_itself_only() {
        let long = "x".repeat(usize::try_from(LINE_MAX).unwrap() * 2 + 5);
        let text = format!("{long}\n{{\"subject\":\"anna\",\"assurance\":\"aal2\"}}\n");
        let found = rows(&text);
        assert!(found[0].1.as_ref().unwrap_err().contains("longer than"));
        assert!(found[1].1.is_ok());
        assert_eq!(found[1].0, "line 2");
    }
}
