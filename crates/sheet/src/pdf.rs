//! The plan as a PDF: tagged, in the form of PDF/UA-1, the same bytes for the same sheet.

use std::num::NonZeroU16;

use fast_qr::ECL;
use fast_qr::qr::QRBuilder;
use krilla::color::luma;
use krilla::configure::{Accessibility, ConfigurationBuilder};
use krilla::destination::XyzDestination;
use krilla::geom::{Path, PathBuilder, Point, Rect};
use krilla::metadata::{DateTime, Metadata};
use krilla::outline::{Outline, OutlineNode};
use krilla::page::PageSettings;
use krilla::paint::{Fill, Stroke, StrokeDash};
use krilla::surface::Surface;
use krilla::tagging::{
    Artifact, ArtifactType, ContentTag, Identifier, ListNumbering, Node, SpanTag, Tag, TagGroup,
    TagTree,
};
use krilla::{Document, SerializeSettings};
use zeroize::Zeroizing;

use crate::draw::{Block, Ink, Op, Plan, Role, Rule, Text};
use crate::error::SheetError;
use crate::face::Faces;
use crate::language::date_of;
use crate::sheet::{Sheet, mark_of};
use crate::words::Words;

pub(crate) fn write(
    sheet: &Sheet<'_>,
    plan: Plan,
    faces: &Faces,
) -> Result<Zeroizing<Vec<u8>>, SheetError> {
    let configuration =
        ConfigurationBuilder::new().with_accessibility_validator(Accessibility::UA1).finish();
    let settings = SerializeSettings {
        configuration: configuration.map_err(|error| SheetError::Pdf(format!("{error:?}")))?,
        ..SerializeSettings::default()
    };
    let mut document = Document::new_with(settings);
    let mut marks = vec![Vec::new(); plan.roles.len()];
    let picture = Picture::of(sheet.redemption_url)?;
    for leaf in &plan.leaves {
        let size = PageSettings::from_wh(plan.width, plan.height);
        let size = size.ok_or_else(|| SheetError::Pdf("no such paper".to_owned()))?;
        let mut page = document.start_page_with(size);
        let mut surface = page.surface();
        for op in &leaf.ops {
            draw(&mut surface, faces, &picture, op, &mut marks);
        }
        surface.finish();
        page.finish();
    }
    let words = Words::of(sheet.language);
    document.set_outline(outline(words.title(sheet)));
    document.set_metadata(metadata(sheet, words.title(sheet)));
    document.set_tag_tree(tags(sheet, &plan, marks, words.picture));
    drop(plan);
    // The library's word for what is wrong may hold texts of the sheet; its message does not.
    let bytes = document.finish().map_err(|error| SheetError::Pdf(error.to_string()))?;
    Ok(Zeroizing::new(bytes))
}

/// No author, no subject: the title is what the sheet is, and the id is made of the sheet's number.
fn metadata(sheet: &Sheet<'_>, title: &str) -> Metadata {
    let metadata = Metadata::new()
        .title(title.to_owned())
        .language(sheet.language.tag().to_owned())
        .creator("Glassbreak".to_owned())
        .document_id(format!("{} {}", mark_of(sheet.set), sheet.made_at.millis()));
    let Some(date) = date_of(sheet.made_at) else { return metadata };
    let number = |part: i8| u8::try_from(part).unwrap_or(1);
    let year = u16::try_from(date.year()).unwrap_or_default();
    let day = DateTime::new(year).month(number(date.month())).day(number(date.day()));
    metadata.creation_date(day.hour(0).minute(0).second(0).utc_offset_hour(0))
}

fn outline(title: &str) -> Outline {
    let mut outline = Outline::new();
    let top = XyzDestination::new(0, Point::from_xy(0.0, 0.0));
    outline.push_child(OutlineNode::new(title.to_owned(), top));
    outline
}

/// The pieces of each block become its children; codes in a row become a list.
fn tags(sheet: &Sheet<'_>, plan: &Plan, marks: Vec<Vec<Identifier>>, picture: &str) -> TagTree {
    let mut tree = TagTree::new().with_lang(Some(sheet.language.tag().to_owned()));
    let mut list: Option<TagGroup> = None;
    let mut number: Option<TagGroup> = None;
    for (place, (role, marks)) in plan.roles.iter().zip(marks).enumerate() {
        let children: Vec<Node> = marks.into_iter().map(Node::from).collect();
        match role {
            Role::Number => number = Some(TagGroup::with_children(Tag::Lbl, children)),
            Role::Code => {
                let body = TagGroup::with_children(Tag::LBody, children);
                let mut item = TagGroup::new(Tag::LI);
                if let Some(number) = number.take() {
                    item.push(number);
                }
                item.push(body);
                list.get_or_insert_with(|| TagGroup::new(Tag::L(ListNumbering::Decimal)))
                    .push(item);
            }
            Role::Title | Role::Heading | Role::Paragraph | Role::Picture => {
                if let Some(list) = list.take() {
                    tree.push(list);
                }
                let title = plan.text_of(Block(place));
                tree.push(simple(*role, children, title, picture));
            }
        }
    }
    if let Some(list) = list {
        tree.push(list);
    }
    tree
}

fn simple(role: Role, children: Vec<Node>, title: String, picture: &str) -> TagGroup {
    match role {
        Role::Title => TagGroup::with_children(Tag::Hn(NonZeroU16::MIN, Some(title)), children),
        Role::Heading => {
            let second = NonZeroU16::MIN.saturating_add(1);
            TagGroup::with_children(Tag::Hn(second, Some(title)), children)
        }
        Role::Picture => TagGroup::with_children(Tag::Figure(Some(picture.to_owned())), children),
        Role::Paragraph | Role::Number | Role::Code => TagGroup::with_children(Tag::P, children),
    }
}

fn draw(
    surface: &mut Surface<'_>,
    faces: &Faces,
    picture: &Picture,
    op: &Op,
    marks: &mut [Vec<Identifier>],
) {
    match op {
        Op::Text(text) => {
            let mark = surface.start_tagged(ContentTag::Span(SpanTag::empty()));
            write_text(surface, faces, text);
            surface.end_tagged();
            note(marks, text.block, mark);
        }
        Op::Picture(x, y, side, block) => {
            let mark = surface.start_tagged(ContentTag::Other);
            picture.draw(surface, (*x, *y), *side);
            surface.end_tagged();
            note(marks, *block, mark);
        }
        Op::Rule(rule) => {
            decoration(surface);
            write_rule(surface, *rule);
            surface.end_tagged();
        }
        Op::Frame(x, y, width, height) => {
            decoration(surface);
            let mut path = PathBuilder::new();
            if let Some(rect) = Rect::from_xywh(*x, *y, *width, *height) {
                path.push_rect(rect);
            }
            stroke(surface, path.finish(), Stroke { width: 0.9, ..stroke_of(Ink::Grey) });
            surface.end_tagged();
        }
    }
}

fn note(marks: &mut [Vec<Identifier>], block: Block, mark: Identifier) {
    if let Some(of_block) = marks.get_mut(block.0) {
        of_block.push(mark);
    }
}

fn decoration(surface: &mut Surface<'_>) {
    let artifact = Artifact::with_kind(ArtifactType::Layout);
    let _ = surface.start_tagged(ContentTag::Artifact(artifact));
}

fn write_text(surface: &mut Surface<'_>, faces: &Faces, text: &Text) {
    let face = faces.get(text.face);
    let glyphs = face.glyphs(&text.text, text.size, text.spacing);
    surface.set_stroke(None);
    surface.set_fill(Some(Fill { paint: colour(text.ink).into(), ..Fill::default() }));
    let at = Point::from_xy(text.x, text.y);
    surface.draw_glyphs(at, &glyphs, face.font.clone(), &text.text, text.size, false);
}

fn write_rule(surface: &mut Surface<'_>, rule: Rule) {
    let mut path = PathBuilder::new();
    path.move_to(rule.from.0, rule.from.1);
    path.line_to(rule.to.0, rule.to.1);
    let dash = rule.is_dashed.then(|| StrokeDash { array: vec![4.0, 4.0], offset: 0.0 });
    stroke(surface, path.finish(), Stroke { width: rule.width, dash, ..stroke_of(rule.ink) });
}

fn stroke(surface: &mut Surface<'_>, path: Option<Path>, stroke: Stroke) {
    let Some(path) = path else { return };
    surface.set_fill(None);
    surface.set_stroke(Some(stroke));
    surface.draw_path(&path);
    surface.set_stroke(None);
}

fn stroke_of(ink: Ink) -> Stroke {
    Stroke { paint: colour(ink).into(), ..Stroke::default() }
}

const fn colour_value(ink: Ink) -> u8 {
    match ink {
        Ink::Black => 0,
        Ink::Grey => 84,
        Ink::Pale => 170,
    }
}

fn colour(ink: Ink) -> luma::Color {
    luma::Color::new(colour_value(ink))
}

/// The square of dots, as rectangles: no picture format is part of it.
struct Picture {
    size: u16,
    /// Column and row of each dark dot.
    dark: Vec<(u16, u16)>,
}

impl Picture {
    fn of(address: &str) -> Result<Self, SheetError> {
        let code = QRBuilder::new(address).ecl(ECL::M).build().map_err(|_| SheetError::Url)?;
        let size = u16::try_from(code.size).map_err(|_| SheetError::Url)?;
        let dots = (0..size).flat_map(|row| (0..size).map(move |column| (column, row)));
        let is_dark = |(column, row): &(u16, u16)| {
            let place = usize::from(*row) * code.size + usize::from(*column);
            code.data.get(place).is_some_and(|dot| dot.value())
        };
        Ok(Self { size, dark: dots.filter(is_dark).collect() })
    }

    /// Draws it in a square, with the free edge of four dots that readers need.
    fn draw(&self, surface: &mut Surface<'_>, (x, y): (f32, f32), side: f32) {
        let dot = side / f32::from(self.size + 8);
        let mut path = PathBuilder::new();
        for (column, row) in &self.dark {
            let (left, top) = (f32::from(*column + 4) * dot, f32::from(*row + 4) * dot);
            if let Some(rect) = Rect::from_xywh(x + left, y + top, dot, dot) {
                path.push_rect(rect);
            }
        }
        surface.set_stroke(None);
        surface.set_fill(Some(Fill::default()));
        if let Some(path) = path.finish() {
            surface.draw_path(&path);
        }
    }
}
