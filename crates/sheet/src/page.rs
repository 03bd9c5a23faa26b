//! The layout for a drawer: codes, and what to do with them.

use crate::draw::{Op, Plan, Role, Style};
use crate::face::Faces;
use crate::rows::{self, NARROW, WIDE};
use crate::sheet::{Sheet, mark_of};
use crate::words::{self, Note, Words};

const MARGIN: f32 = 46.0;
const PICTURE: f32 = 74.0;
const BETWEEN_COLUMNS: f32 = 24.0;

/// Lays the sheet out. Codes that do not fit go on the next side, and the notes follow them.
pub(crate) fn plan(sheet: &Sheet<'_>, faces: &Faces) -> Plan {
    let mut plan = Plan::new(sheet.paper.points());
    let mark = mark_of(sheet.set);
    let words = Words::of(sheet.language);
    let width = plan.width - 2.0 * MARGIN;
    let mut y = head(&mut plan, faces, (MARGIN, MARGIN), width, sheet);
    y = codes_head(&mut plan, faces, (MARGIN, y), width, words);
    let measure = if sheet.codes.len() > 20 { NARROW } else { WIDE };
    for (place, code) in sheet.codes.iter().enumerate() {
        if y + measure.pitch > plan.height - MARGIN {
            y = next_side(&mut plan, sheet, &mark, words.continued);
        }
        y += measure.pitch;
        rows::row(&mut plan, faces, (MARGIN, y), width, measure, (place + 1, code));
    }
    y += 16.0;
    let notes = words::notes(sheet, &mark);
    let column = (width - BETWEEN_COLUMNS) / 2.0;
    let (left, right) = in_two(&notes);
    let needed = [left, right].map(|notes| height_of(faces, column, NOTE, notes));
    if y + needed[0].max(needed[1]) > plan.height - MARGIN {
        y = next_side(&mut plan, sheet, &mark, words.title(sheet));
    }
    let (x, further) = (MARGIN, MARGIN + column + BETWEEN_COLUMNS);
    fold_marks(&mut plan);
    plan.rule((x, y), (x + width, y));
    draw_notes(&mut plan, faces, (x, y + 8.0), column, NOTE, left);
    draw_notes(&mut plan, faces, (further, y + 8.0), column, NOTE, right);
    plan
}

/// Where to fold it for an envelope of one's own: short lines at both edges.
fn fold_marks(plan: &mut Plan) {
    for third in [1.0, 2.0] {
        let y = plan.height * third / 3.0;
        plan.rule((10.0, y), (22.0, y));
        plan.rule((plan.width - 22.0, y), (plan.width - 10.0, y));
    }
}

/// The size of the notes on a page.
const NOTE: f32 = 9.4;

/// The first two notes go left; they are the ones looked for first.
pub(crate) fn in_two(notes: &[Note]) -> (&[Note], &[Note]) {
    notes.split_at_checked(3).unwrap_or((notes, &[]))
}

/// A further side begins with its heading and the sheet's number: sides get parted.
fn next_side(plan: &mut Plan, sheet: &Sheet<'_>, mark: &str, heading: &str) -> f32 {
    plan.new_leaf();
    let y = MARGIN + 13.0;
    let text = format!("{heading} – {} {mark}", Words::of(sheet.language).sheet);
    plan.line((MARGIN, y), Style::strong(13.0), Role::Heading, &text);
    y + 12.0
}

/// Title, facts and the square of dots. Gives where the next thing may begin.
pub(crate) fn head(
    plan: &mut Plan,
    faces: &Faces,
    (x, top): (f32, f32),
    width: f32,
    sheet: &Sheet<'_>,
) -> f32 {
    let words = Words::of(sheet.language);
    plan.line((x, top + 22.0), Style::strong(25.0), Role::Title, words.title(sheet));
    let beside = width - PICTURE - 16.0;
    let about = facts(sheet);
    let mut y = top + 36.0;
    y = plan.paragraph(faces, (x, y), beside, Style::aside(10.0), Role::Paragraph, &about);
    let intro = words.intro(sheet);
    y = plan.paragraph(faces, (x, y + 7.0), beside, Style::text(11.0), Role::Paragraph, intro);
    let picture = plan.block(Role::Picture);
    plan.push(Op::Picture(x + width - PICTURE, top, PICTURE, picture));
    let address = sheet.redemption_url;
    y = plan.paragraph(faces, (x, y + 5.0), width, Style::strong(10.0), Role::Paragraph, address);
    y.max(top + PICTURE + 8.0)
}

/// The number of the sheet and its two days.
pub(crate) fn facts(sheet: &Sheet<'_>) -> String {
    let words = Words::of(sheet.language);
    let day = |at| sheet.language.day(at);
    format!(
        "{} {}  ·  {} {}  ·  {} {}",
        words.sheet,
        mark_of(sheet.set),
        words.issued,
        day(sheet.issued_at),
        words.valid_until,
        day(sheet.expires_at)
    )
}

/// The heading over the codes, and how to read them.
pub(crate) fn codes_head(
    plan: &mut Plan,
    faces: &Faces,
    (x, top): (f32, f32),
    width: f32,
    words: &Words,
) -> f32 {
    plan.rule((x, top + 4.0), (x + width, top + 4.0));
    plan.line((x, top + 21.0), Style::strong(13.0), Role::Heading, words.codes);
    let style = Style::aside(8.6);
    plan.paragraph(faces, (x, top + 26.0), width, style, Role::Paragraph, words.reading)
}

/// Draws notes from `(x, top)` down, and gives where they end.
pub(crate) fn draw_notes(
    plan: &mut Plan,
    faces: &Faces,
    (x, top): (f32, f32),
    width: f32,
    size: f32,
    notes: &[Note],
) -> f32 {
    let mut y = top;
    for note in notes {
        let heading = Style::strong(size + 0.8);
        y = plan.paragraph(faces, (x, y + 4.0), width, heading, Role::Heading, note.heading);
        for line in &note.lines {
            y = plan.paragraph(
                faces,
                (x, y + 1.5),
                width,
                Style::text(size),
                Role::Paragraph,
                line,
            );
        }
        y += 4.0;
    }
    y
}

/// How high notes are: drawn on paper that is thrown away.
fn height_of(faces: &Faces, width: f32, size: f32, notes: &[Note]) -> f32 {
    let mut scratch = Plan::new((width, 0.0));
    draw_notes(&mut scratch, faces, (0.0, 8.0), width, size, notes)
}
