//! What is on a sheet, as a program reads it that knows nothing of us.

use anyhow::Result;
use glassbreak_core::code::{Code, Digits, Profile};
use glassbreak_core::code_set::SetKind;
use glassbreak_sheet::{CODES_MAX, Language, Layout, Paper, Sheet, SheetError, mark_of, render};

use crate::sheets::{URL, codes, displayed, every_way, prefix, sheet};
use crate::tools::{Folder, Image, name, text_of, words};

#[test]
fn a7_every_sheet_has_its_codes_in_order_and_the_page_to_use_them_on() -> Result<()> {
    let folder = Folder::new("content")?;
    for (profile, count) in [(Profile::Strong, 10), (Profile::Compact, 10), (Profile::Strong, 32)] {
        let codes = codes(profile, count, 1)?;
        for way in every_way() {
            let sheet = sheet(&codes, way)?;
            let pdf = folder.put("sheet.pdf", &render(&sheet)?)?;
            let found: Vec<String> = words(&pdf)?.into_iter().map(|word| word.text).collect();
            let read = |word: &&String| Code::parse(word, &prefix()).is_ok();
            let in_order: Vec<&String> =
                found.iter().filter(|word| word.starts_with("gb-")).filter(read).collect();
            assert_eq!(in_order, displayed(&codes).iter().collect::<Vec<_>>(), "{way:?}");
            assert!(found.iter().any(|word| word == URL), "{way:?}");
            assert!(found.iter().any(|word| *word == mark_of(sheet.set)), "{way:?}");
        }
    }
    Ok(())
}

#[test]
fn a_sheet_is_read_aloud_from_its_title_to_what_a_finder_does() -> Result<()> {
    let folder = Folder::new("order")?;
    let codes = codes(Profile::Strong, 10, 2)?;
    for (language, in_order) in [
        (
            Language::English,
            [
                "Recovery codes",
                "Issued 22 November 2026",
                "There is no letter O",
                "gb-",
                "Use a code",
                "After use",
                "Keep it",
                "Lost, stolen",
                "You found this sheet",
            ],
        ),
        (
            Language::German,
            [
                "Wiederherstellungscodes",
                "Ausgestellt 22. November 2026",
                "keinen Buchstaben O",
                "gb-",
                "Einen Code benutzen",
                "Nach dem Benutzen",
                "Aufbewahren",
                "Verloren",
                "Sie haben dieses Blatt gefunden",
            ],
        ),
    ] {
        let sheet = sheet(&codes, (Layout::Page, Paper::A4, language))?;
        let pdf = folder.put("sheet.pdf", &render(&sheet)?)?;
        let text = text_of("pdftotext", &["-raw", name(&pdf)?, "-"])?.replace('\n', " ");
        let places: Vec<Option<usize>> = in_order.iter().map(|part| text.find(part)).collect();
        assert!(places.iter().all(Option::is_some), "{in_order:?} in {text}");
        assert!(places.is_sorted(), "{places:?} in {text}");
    }
    Ok(())
}

#[test]
fn a_sheet_is_tagged_has_a_language_and_no_name_but_its_title() -> Result<()> {
    let folder = Folder::new("tags")?;
    let codes = codes(Profile::Compact, 10, 3)?;
    for way in every_way() {
        let sheet = sheet(&codes, way)?;
        let pdf = folder.put("sheet.pdf", &render(&sheet)?)?;
        let facts = text_of("pdfinfo", &[name(&pdf)?])?;
        assert!(facts.contains("Tagged:          yes"), "{facts}");
        assert!(!facts.contains("Author:"), "{facts}");
        let titles =
            ["Recovery codes", "Emergency codes", "Wiederherstellungscodes", "Notfallcodes"];
        assert!(titles.iter().any(|title| facts.contains(title)), "{facts}");
        let structure = text_of("pdfinfo", &["-struct", name(&pdf)?])?;
        let count =
            |tag: &str| structure.lines().filter(|line| line.trim().starts_with(tag)).count();
        assert_eq!((count("H1 "), count("LI ")), (1, 10), "{structure}");
        assert!(structure.contains("Figure"), "{structure}");
        let meta = text_of("pdfinfo", &["-meta", name(&pdf)?])?;
        assert!(meta.contains("<pdfuaid:part>1</pdfuaid:part>"), "{meta}");
        assert!(meta.contains(way.2.tag()), "{meta}");
    }
    Ok(())
}

#[test]
fn the_same_sheet_is_the_same_file() -> Result<()> {
    let codes = codes(Profile::Strong, 10, 4)?;
    for way in every_way() {
        let sheet = sheet(&codes, way)?;
        assert_eq!(*render(&sheet)?, *render(&sheet)?, "{way:?}");
    }
    Ok(())
}

#[test]
fn an_envelope_is_one_leaf_whatever_the_number_of_codes() -> Result<()> {
    let folder = Folder::new("leaves")?;
    for count in [1, 10, 11, 20, 21, 32] {
        let codes = codes(Profile::Strong, count, 5)?;
        for (layout, paper, language) in every_way() {
            let sheet = sheet(&codes, (layout, paper, language))?;
            let pdf = folder.put("sheet.pdf", &render(&sheet)?)?;
            let facts = text_of("pdfinfo", &[name(&pdf)?])?;
            let sides = facts.lines().find_map(|line| line.strip_prefix("Pages:"));
            let sides: usize = sides.unwrap_or_default().trim().parse()?;
            let most = if layout == Layout::Envelope || count > 10 { 2 } else { 1 };
            assert!(sides <= most, "{layout:?} {paper:?} {language:?} {count}: {sides} sides");
        }
    }
    Ok(())
}

/// On each fold of the envelope lies the dashed line and nothing else.
#[test]
fn no_text_crosses_a_fold() -> Result<()> {
    let folder = Folder::new("folds")?;
    for count in [10, 20, 32] {
        let codes = codes(Profile::Strong, count, 6)?;
        for (layout, paper, language) in every_way().filter(|way| way.0 == Layout::Envelope) {
            let sheet = sheet(&codes, (layout, paper, language))?;
            let pdf = folder.put("sheet.pdf", &render(&sheet)?)?;
            let height = match paper {
                Paper::A4 => 841.89,
                Paper::Letter => 792.0,
            };
            for word in words(&pdf)? {
                let [left, top, right, bottom] = word.place;
                assert!(left > 30.0 && right < 582.0, "{} leaves the margin", word.text);
                // A word's box is higher than its letters.
                for fold in [0.0, height / 3.0, 2.0 * height / 3.0, height] {
                    let crosses = top + 2.0 < fold && fold < bottom - 2.0;
                    assert!(
                        !crosses,
                        "`{}` crosses a fold: {way:?}",
                        word.text,
                        way = (paper, language, count)
                    );
                }
            }
        }
    }
    Ok(())
}

/// Texts of one side do not lie over each other, in any layout.
#[test]
fn no_text_lies_on_another() -> Result<()> {
    let folder = Folder::new("overlap")?;
    for count in [10, 20, 32] {
        let codes = codes(Profile::Strong, count, 7)?;
        for way in every_way() {
            let sheet = sheet(&codes, way)?;
            let pdf = folder.put("sheet.pdf", &render(&sheet)?)?;
            let words = words(&pdf)?;
            for (place, one) in words.iter().enumerate() {
                for other in words.iter().skip(place + 1).filter(|other| other.page == one.page) {
                    let [left, top, right, bottom] = one.place;
                    let [from, above, to, below] = other.place;
                    let across = right.min(to) - left.max(from);
                    let down = bottom.min(below) - top.max(above);
                    // Boxes reach into the space between lines, letters do not.
                    assert!(
                        across < 0.5 || down < 4.0,
                        "`{}` lies on `{}`: {way:?}, {count} codes",
                        one.text,
                        other.text
                    );
                }
            }
        }
    }
    Ok(())
}

#[test]
fn decoys_are_printed_as_saved_codes_are() -> Result<()> {
    let codes = codes(Profile::Strong, 10, 8)?;
    let way = (Layout::Page, Paper::A4, Language::English);
    let saved = sheet(&codes, way)?;
    let decoy = Sheet { kind: SetKind::Canary, ..sheet(&codes, way)? };
    assert_eq!(*render(&saved)?, *render(&decoy)?);
    Ok(())
}

#[test]
fn what_cannot_be_a_sheet_is_refused_without_repeating_a_code() -> Result<()> {
    let way = (Layout::Page, Paper::A4, Language::English);
    assert_eq!(render(&sheet(&[], way)?).err(), Some(SheetError::Count));
    let mut many = codes(Profile::Compact, 32, 9)?;
    many.extend(codes(Profile::Compact, 1, 10)?);
    assert_eq!(many.len(), CODES_MAX + 1);
    assert_eq!(render(&sheet(&many, way)?).err(), Some(SheetError::Count));
    let sent = codes(Profile::Issued { digits: Digits::EIGHT }, 1, 11)?;
    assert_eq!(render(&sheet(&sent, way)?).err(), Some(SheetError::Sent { number: 1 }));
    let codes = codes(Profile::Strong, 2, 12)?;
    let with_url = |url| sheet(&codes, way).map(|sheet| Sheet { redemption_url: url, ..sheet });
    assert_eq!(render(&with_url("https://x.example/?c=1")?).err(), Some(SheetError::Url));
    let pasted = displayed(&codes).concat();
    let long = "a".repeat(201);
    for text in ["", "\u{7}", "日本", long.as_str(), &pasted[..41.min(pasted.len())]] {
        let wrong = Sheet { finder: Some(text), ..sheet(&codes, way)? };
        let refused = render(&wrong).err();
        let is_code = text.starts_with("gb-");
        assert!(is_code || refused == Some(SheetError::Finder), "{text:?}: {refused:?}");
    }
    let whole = displayed(&codes).swap_remove(0);
    let wrong = Sheet { finder: Some(&whole), ..sheet(&codes, way)? };
    assert_eq!(render(&wrong).err(), Some(SheetError::Finder));
    Ok(())
}

/// The two sides of an envelope are what they are for: codes on the first alone.
#[test]
fn the_outside_of_an_envelope_has_no_code() -> Result<()> {
    let folder = Folder::new("outside")?;
    for count in [10, 32] {
        let codes = codes(Profile::Strong, count, 13)?;
        for way in every_way().filter(|way| way.0 == Layout::Envelope) {
            let pdf = folder.put("sheet.pdf", &render(&sheet(&codes, way)?)?)?;
            for word in words(&pdf)?.iter().filter(|word| word.text.starts_with("gb-")) {
                assert_eq!(word.page, 1, "{way:?}");
            }
            assert!(Image::of_page(&pdf, 2, 50)?.dark() > 500, "the cover is drawn: {way:?}");
        }
    }
    Ok(())
}
