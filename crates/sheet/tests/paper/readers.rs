//! Sheets read back by machine: codes by tesseract, the square of dots by zbar.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::Result;
use glassbreak_core::code::{Code, Profile};
use glassbreak_sheet::{Layout, Sheet, render};

use crate::sheets::{URL, codes, displayed, every_way, prefix, sheet};
use crate::tools::{Folder, Image, Word, name, text_of, words};

/// How a line is read: dots per inch, and tesseract's page mode (13: a raw line; 7: a line).
/// No dictionary takes part in any: codes are not words.
const READINGS: [(u16, &str); 6] =
    [(200, "13"), (200, "7"), (150, "13"), (150, "7"), (300, "13"), (300, "7")];

const NO_DICTIONARIES: [&str; 5] =
    ["system_dawg", "freq_dawg", "punc_dawg", "number_dawg", "bigram_dawg"];

/// What one reading gave for each code; no text where the line held none.
fn read(
    folder: &Folder,
    pdf: &Path,
    lines: &[&Word],
    (dpi, mode): (u16, &str),
) -> Result<Vec<String>> {
    let scale = f64::from(dpi) / 72.0;
    let mut list = String::new();
    let mut pages: Vec<(usize, Image)> = Vec::new();
    for (place, line) in lines.iter().enumerate() {
        if pages.last().is_none_or(|(page, _)| *page != line.page) {
            pages.push((line.page, Image::of_page(pdf, line.page, dpi)?));
        }
        let Some((_, page)) = pages.last() else { continue };
        let [left, top, right, bottom] = line.place;
        // Room for the underline, and not for the next code.
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "dots of a page"
        )]
        let part = [left - 5.0, top, right + 5.0, bottom + 0.5].map(|at| (at * scale) as usize);
        let path = folder.put(&format!("{place}.pgm"), &page.part(part).pgm())?;
        list += name(&path)?;
        list += "\n";
    }
    let list = folder.put("list", list.as_bytes())?;
    let mut arguments = vec![name(&list)?.to_owned(), "-".to_owned()];
    arguments.extend(["--psm", mode].map(str::to_owned));
    for dictionary in NO_DICTIONARIES {
        arguments.extend(["-c".to_owned(), format!("load_{dictionary}=0")]);
    }
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let text = text_of("tesseract", &arguments)?;
    let only_symbols = |page: &str| page.chars().filter(char::is_ascii_alphanumeric).collect();
    Ok(text.split('\u{c}').take(lines.len()).map(only_symbols).collect())
}

/// What came of all readings of one sheet.
#[derive(Debug, Default)]
struct Tally {
    codes: usize,
    /// Read by the first reading.
    at_once: usize,
    /// Read by any of them.
    read: usize,
    refused: usize,
    another: Vec<String>,
}

fn tally(folder: &Folder, sheet: &Sheet<'_>, tally: &mut Tally) -> Result<()> {
    let pdf = folder.put("sheet.pdf", &render(sheet)?)?;
    let words = words(&pdf)?;
    let printed = displayed(sheet.codes);
    let mut left: Vec<&Word> = words.iter().filter(|word| printed.contains(&word.text)).collect();
    assert_eq!(left.len(), printed.len(), "every code is a word of the sheet");
    tally.codes += printed.len();
    for (pass, reading) in READINGS.into_iter().enumerate() {
        if left.is_empty() {
            break;
        }
        let mut unread = Vec::new();
        for (text, line) in read(folder, &pdf, &left, reading)?.into_iter().zip(left) {
            match Code::parse(&text, &prefix()) {
                Ok(code) if *code.expose_display() == line.text => {
                    tally.read += 1;
                    tally.at_once += usize::from(pass == 0);
                }
                Ok(_) => tally.another.push(format!("{} as {text}", line.text)),
                Err(_) => {
                    tally.refused += 1;
                    unread.push(line);
                }
            }
        }
        left = unread;
    }
    Ok(())
}

/// The readers do not know what is printed: what they read is a code of the sheet, or nothing.
#[test]
fn codes_that_tesseract_reads_are_those_that_are_printed() -> Result<()> {
    let folder = Folder::new("tesseract")?;
    let mut all = Tally::default();
    for (seed, way) in every_way().enumerate() {
        let seed = u64::try_from(seed)?;
        for profile in [Profile::Strong, Profile::Compact] {
            let codes = codes(profile, 10, 100 + seed)?;
            tally(&folder, &sheet(&codes, way)?, &mut all)?;
        }
    }
    eprintln!("{all:?}");
    assert_eq!(all.another, Vec::<String>::new(), "never another valid code");
    assert!(all.read * 100 >= all.codes * 95, "{all:?}: at least 95 in 100 are read");
    assert!(all.refused > 0, "{all:?}: the checksum had something to catch");
    Ok(())
}

/// Where many codes are on one leaf, they are smaller.
#[test]
fn small_codes_are_read_as_well() -> Result<()> {
    let folder = Folder::new("small")?;
    let mut all = Tally::default();
    let codes = codes(Profile::Strong, 32, 200)?;
    for way in every_way().filter(|way| way.2.tag() == "en") {
        tally(&folder, &sheet(&codes, way)?, &mut all)?;
    }
    eprintln!("{all:?}");
    assert_eq!(all.another, Vec::<String>::new(), "never another valid code");
    assert!(all.read * 100 >= all.codes * 95, "{all:?}: at least 95 in 100 are read");
    Ok(())
}

#[test]
fn the_square_of_dots_holds_the_address_and_no_code() -> Result<()> {
    let folder = Folder::new("dots")?;
    let codes = codes(Profile::Strong, 10, 300)?;
    for way in every_way() {
        let pdf = folder.put("sheet.pdf", &render(&sheet(&codes, way)?)?)?;
        let sides: BTreeSet<usize> = words(&pdf)?.iter().map(|word| word.page).collect();
        let mut found = Vec::new();
        for side in sides {
            // The outside of an envelope is for whoever holds it closed: no address on it.
            if way.0 == Layout::Envelope && side == 2 {
                continue;
            }
            let image = folder.put("side.pgm", &Image::of_page(&pdf, side, 200)?.pgm())?;
            let text = text_of("zbarimg", &["--quiet", "--raw", name(&image)?])?;
            found.extend(text.lines().map(str::to_owned));
        }
        assert_eq!(found, [URL], "{way:?}");
    }
    Ok(())
}
