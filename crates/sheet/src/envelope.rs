//! The layout that is folded in three and sealed, with the codes inside.
//!
//! ```text
//!   first side (inside)         second side (outside; turned on the long edge)
//!   what it is, how to use      the flap: seal, custodians
//!   - - - - - - - - - - - -     - - - - - - - - - - - -
//!   codes                       the cover
//!   - - - - - - - - - - - -     - - - - - - - - - - - -
//!   codes or record of use      what to do after; how to fold (hidden once folded)
//! ```
//!
//! No code crosses a fold, and none lies behind the cover's edge.

use crate::draw::{Plan, Role, Style};
use crate::face::Faces;
use crate::page;
use crate::rows::{self, NARROW, WIDE};
use crate::sheet::{Sheet, mark_of};
use crate::words::{self, Words};

const MARGIN: f32 = 46.0;
/// Kept free on both sides of a fold.
const FOLD: f32 = 12.0;

pub(crate) fn plan(sheet: &Sheet<'_>, faces: &Faces) -> Plan {
    let mut plan = Plan::new(sheet.paper.points());
    inside(&mut plan, sheet, faces);
    plan.new_leaf();
    outside(&mut plan, sheet, faces);
    plan
}

fn folds(plan: &mut Plan) {
    for third in [1.0, 2.0] {
        let y = plan.height * third / 3.0;
        plan.dashed((0.0, y), (plan.width, y));
    }
}

fn inside(plan: &mut Plan, sheet: &Sheet<'_>, faces: &Faces) {
    let words = Words::of(sheet.language);
    let (third, width) = (plan.height / 3.0, plan.width - 2.0 * MARGIN);
    folds(plan);
    let y = page::head(plan, faces, (MARGIN, MARGIN - 12.0), width, sheet);
    page::codes_head(plan, faces, (MARGIN, y + 8.0), width, words);
    let narrow = sheet.codes.len() > 20;
    let measure = if narrow { NARROW } else { WIDE };
    let in_a_third = if narrow { 16 } else { 10 };
    for (place, code) in sheet.codes.iter().enumerate() {
        let (top, row) =
            if place < in_a_third { (third, place) } else { (2.0 * third, place - in_a_third) };
        let row = f32::from(u8::try_from(row).unwrap_or(u8::MAX));
        let y = top + FOLD + measure.pitch * (row + 0.85);
        rows::row(plan, faces, (MARGIN, y), width, measure, (place + 1, code));
    }
    if sheet.codes.len() <= in_a_third {
        record(plan, 2.0 * third + FOLD, width, words);
    }
}

/// Lines to write on: who used which code.
fn record(plan: &mut Plan, top: f32, width: f32, words: &Words) {
    plan.line((MARGIN, top + 18.0), Style::strong(13.0), Role::Heading, words.record);
    let column = width / 3.0;
    let block = plan.block(Role::Paragraph);
    for (place, title) in [0.0, 1.0, 2.0].into_iter().zip(words.record_columns) {
        let text = title.to_owned() + " ";
        plan.text((MARGIN + column * place, top + 34.0), Style::aside(9.0), block, &text);
    }
    let mut y = top + 62.0;
    while y < plan.height - MARGIN + 10.0 {
        plan.rule((MARGIN, y), (MARGIN + width, y));
        y += 26.0;
    }
}

fn outside(plan: &mut Plan, sheet: &Sheet<'_>, faces: &Faces) {
    let words = Words::of(sheet.language);
    let third = plan.height / 3.0;
    folds(plan);
    flap(plan, faces, words);
    cover(plan, faces, third, sheet, words);
    let mark = mark_of(sheet.set);
    let notes = words::notes(sheet, &mark);
    let width = plan.width - 2.0 * MARGIN;
    let column = (width - 24.0) / 2.0;
    let (left, right) = page::in_two(&notes);
    let top = 2.0 * third + FOLD;
    page::draw_notes(plan, faces, (MARGIN, top), column, 8.4, left);
    page::draw_notes(plan, faces, (MARGIN + column + 24.0, top), column, 8.4, right);
    let style = Style::aside(8.0);
    let y = plan.height - MARGIN - 2.0;
    plan.paragraph(faces, (MARGIN, y), width, style, Role::Paragraph, words.fold);
}

/// What lies on top once it is folded: the edge that is sealed, and who sealed it.
fn flap(plan: &mut Plan, faces: &Faces, words: &Words) {
    let width = plan.width - 2.0 * MARGIN;
    let edge = 30.0;
    plan.dashed((0.0, edge), (plan.width, edge));
    let style = Style::strong(10.0);
    plan.paragraph(faces, (MARGIN, edge + 6.0), width, style, Role::Heading, words.seal_here);
    let mut y = edge + 66.0;
    for _ in 0..3 {
        write_on(plan, (MARGIN, y), width * 0.46, words.custodian);
        write_on(plan, (MARGIN + width * 0.5, y), width * 0.2, words.date);
        write_on(plan, (MARGIN + width * 0.74, y), width * 0.26, words.signature);
        y += 42.0;
    }
    write_on(plan, (MARGIN, y), width * 0.46, words.seal_number);
}

fn cover(plan: &mut Plan, faces: &Faces, third: f32, sheet: &Sheet<'_>, words: &Words) {
    let width = plan.width - 2.0 * MARGIN;
    let top = third + FOLD + 10.0;
    plan.line((MARGIN, top + 34.0), Style::strong(38.0), Role::Heading, words.sealed);
    let style = Style::strong(15.0);
    let text = words.cover(sheet);
    let mut y = plan.paragraph(faces, (MARGIN, top + 46.0), width, style, Role::Paragraph, text);
    let about = format!("{}  ·  {}", words.title(sheet), page::facts(sheet));
    let style = Style::text(10.5);
    y = plan.paragraph(faces, (MARGIN, y + 6.0), width, style, Role::Paragraph, &about);
    let style = Style::text(9.6);
    plan.paragraph(faces, (MARGIN, y + 4.0), width, style, Role::Paragraph, words.broken);
    let y = 2.0 * third - FOLD - 20.0;
    write_on(plan, (MARGIN, y), width * 0.46, words.opened_by);
    write_on(plan, (MARGIN + width * 0.5, y), width * 0.5, words.opened_why);
}

/// A line to write on, with what belongs there under it.
fn write_on(plan: &mut Plan, (x, y): (f32, f32), width: f32, label: &str) {
    plan.rule((x, y), (x + width, y));
    plan.line((x, y + 9.5), Style::aside(8.0), Role::Paragraph, label);
}
