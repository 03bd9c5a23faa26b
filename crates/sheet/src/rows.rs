//! The codes: a box to cross out, the number, and the code with its check group underlined.

use glassbreak_core::code::Code;
use zeroize::Zeroizing;

use crate::draw::{Ink, Op, Plan, Role, Rule, Style, Text};
use crate::face::{FaceName, Faces};

/// How large codes are drawn.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Measure {
    /// From one code to the next, in points.
    pub(crate) pitch: f32,
    /// The size of the type. docs/decisions/0042 has what readers by machine make of it.
    pub(crate) size: f32,
}

/// For up to twenty codes: ten in a third of a leaf.
pub(crate) const WIDE: Measure = Measure { pitch: 24.0, size: 14.0 };
/// For more: sixteen in a third of a leaf.
pub(crate) const NARROW: Measure = Measure { pitch: 15.0, size: 12.0 };

/// Points after each character, in parts of the size: apart enough for a reader by machine.
const SPACING: f32 = 0.086;
/// The box and the number.
const BEFORE_CODE: f32 = 44.0;

/// Draws one code with its number, on the base line `y`, in at most `width` points.
pub(crate) fn row(
    plan: &mut Plan,
    faces: &Faces,
    (x, y): (f32, f32),
    width: f32,
    measure: Measure,
    (number, code): (usize, &Code),
) {
    let text = code.expose_display();
    let size = fitting(faces, &text, width - BEFORE_CODE, measure.size);
    let tick = measure.size * 0.78;
    plan.push(Op::Frame(x, y - tick, tick, tick));
    let label = Zeroizing::new(number.to_string() + " ");
    let style = Style { ink: Ink::Grey, ..Style::strong(measure.size * 0.8) };
    let label_width = faces.get(style.face).width(label.trim_end(), style.size, 0.0);
    plan.line((x + BEFORE_CODE - 10.0 - label_width, y), style, Role::Number, &label);
    underline_check(plan, faces, (x + BEFORE_CODE, y), size, &text);
    let block = plan.block(Role::Code);
    plan.push(Op::Text(Text {
        x: x + BEFORE_CODE,
        y,
        size,
        spacing: size * SPACING,
        face: FaceName::Code,
        ink: Ink::Black,
        text,
        block,
    }));
}

/// The size at which the code fits: smaller than wished only under a long prefix.
fn fitting(faces: &Faces, text: &str, width: f32, wished: f32) -> f32 {
    let needed = faces.get(FaceName::Code).width(text, wished, wished * SPACING);
    if needed > width { wished * width / needed } else { wished }
}

/// The whole last group, which is the one that a page asks for to see that a sheet was saved.
fn underline_check(plan: &mut Plan, faces: &Faces, (x, y): (f32, f32), size: f32, text: &str) {
    let face = faces.get(FaceName::Code);
    let end = x + face.width(text, size, size * SPACING);
    let group = text.rsplit('-').next().unwrap_or(text);
    let from = end - face.width(group, size, size * SPACING);
    let below = y + size * 0.3;
    let to = end - size * SPACING;
    let (width, ink) = (0.9, Ink::Grey);
    plan.push(Op::Rule(Rule {
        from: (from, below),
        to: (to, below),
        width,
        ink,
        is_dashed: false,
    }));
}
