//! What is drawn and where, before there is a PDF: texts, lines and frames, each at its place.
//!
//! Places are in points from the upper left corner of the leaf. A text's place is the left end of
//! its base line.

use zeroize::Zeroizing;

use crate::face::{FaceName, Faces};

/// How dark something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ink {
    /// What is read.
    Black,
    /// What is read beside it; 7:1 on white paper.
    Grey,
    /// Lines and frames.
    Pale,
}

/// What a text is, to a reader who hears the sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Title,
    Heading,
    Paragraph,
    /// The number of a code.
    Number,
    /// A code; the number before it is its own.
    Code,
    /// The square of dots.
    Picture,
}

/// A piece of the sheet in reading order, as its place in [`Plan::roles`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Block(pub(crate) usize);

pub(crate) struct Text {
    pub(crate) x: f32,
    pub(crate) y: f32,
    pub(crate) size: f32,
    /// Points more after each character.
    pub(crate) spacing: f32,
    pub(crate) face: FaceName,
    pub(crate) ink: Ink,
    pub(crate) text: Zeroizing<String>,
    pub(crate) block: Block,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Rule {
    pub(crate) from: (f32, f32),
    pub(crate) to: (f32, f32),
    pub(crate) width: f32,
    pub(crate) ink: Ink,
    pub(crate) is_dashed: bool,
}

pub(crate) enum Op {
    Text(Text),
    Rule(Rule),
    /// The outline of a rectangle: left, top, width, height.
    Frame(f32, f32, f32, f32),
    /// The square of dots: left, top, side.
    Picture(f32, f32, f32, Block),
}

/// One side of a leaf.
#[derive(Default)]
pub(crate) struct Leaf {
    pub(crate) ops: Vec<Op>,
}

/// The whole sheet.
pub(crate) struct Plan {
    pub(crate) width: f32,
    pub(crate) height: f32,
    pub(crate) leaves: Vec<Leaf>,
    /// What each block is, in reading order.
    pub(crate) roles: Vec<Role>,
}

/// The look of a text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Style {
    pub(crate) face: FaceName,
    pub(crate) size: f32,
    pub(crate) ink: Ink,
}

impl Style {
    pub(crate) const fn text(size: f32) -> Self {
        Self { face: FaceName::Text, size, ink: Ink::Black }
    }

    pub(crate) const fn strong(size: f32) -> Self {
        Self { face: FaceName::Strong, size, ink: Ink::Black }
    }

    pub(crate) const fn aside(size: f32) -> Self {
        Self { face: FaceName::Text, size, ink: Ink::Grey }
    }

    /// From one base line to the next.
    pub(crate) const fn leading(self) -> f32 {
        self.size * 1.32
    }
}

impl Plan {
    pub(crate) fn new((width, height): (f32, f32)) -> Self {
        Self { width, height, leaves: vec![Leaf::default()], roles: Vec::new() }
    }

    pub(crate) fn new_leaf(&mut self) {
        self.leaves.push(Leaf::default());
    }

    pub(crate) fn block(&mut self, role: Role) -> Block {
        self.roles.push(role);
        Block(self.roles.len() - 1)
    }

    pub(crate) fn push(&mut self, op: Op) {
        if let Some(leaf) = self.leaves.last_mut() {
            leaf.ops.push(op);
        }
    }

    /// The whole text of a block: what a heading is called in the PDF's own table.
    pub(crate) fn text_of(&self, block: Block) -> String {
        let ops = self.leaves.iter().flat_map(|leaf| &leaf.ops);
        let texts = ops.filter_map(|op| match op {
            Op::Text(text) if text.block == block => Some(text.text.as_str()),
            _ => None,
        });
        texts.collect()
    }

    /// A line of text as a block of its own.
    pub(crate) fn line(&mut self, at: (f32, f32), style: Style, role: Role, text: &str) {
        let block = self.block(role);
        self.text(at, style, block, text);
    }

    pub(crate) fn text(&mut self, (x, y): (f32, f32), style: Style, block: Block, text: &str) {
        let Style { face, size, ink } = style;
        let text = Zeroizing::new(text.to_owned());
        self.push(Op::Text(Text { x, y, size, spacing: 0.0, face, ink, text, block }));
    }

    /// A paragraph from the upper left corner `(x, top)`; gives where the next thing may begin.
    pub(crate) fn paragraph(
        &mut self,
        faces: &Faces,
        (x, top): (f32, f32),
        width: f32,
        style: Style,
        role: Role,
        text: &str,
    ) -> f32 {
        let block = self.block(role);
        let mut y = top + style.size;
        let lines = faces.get(style.face).lines(text, style.size, width);
        let last = lines.len().saturating_sub(1);
        for (place, line) in lines.into_iter().enumerate() {
            // Who hears the sheet or copies from it needs the space between lines as well.
            let line = if place == last { line } else { line + " " };
            self.text((x, y), style, block, &line);
            y += style.leading();
        }
        y - style.size
    }

    pub(crate) fn rule(&mut self, from: (f32, f32), to: (f32, f32)) {
        self.push(Op::Rule(Rule { from, to, width: 0.6, ink: Ink::Pale, is_dashed: false }));
    }

    pub(crate) fn dashed(&mut self, from: (f32, f32), to: (f32, f32)) {
        self.push(Op::Rule(Rule { from, to, width: 0.6, ink: Ink::Pale, is_dashed: true }));
    }
}
