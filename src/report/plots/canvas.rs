//! A figure as a [`Sheet`]: a list of shapes in units of a 960-wide page. `paint.rs` draws it. Axes are our own
//! (`axis.rs`): plotters' ones cannot wrap a label, leave the minor grid out or keep two labels apart.

use super::letters;

/// The page's width; text sizes are chosen for it.
pub const WIDTH: f64 = 960.0;

/// A colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ink(pub u8, pub u8, pub u8);

/// Text and axes.
pub const DARK: Ink = Ink(0x22, 0x22, 0x22);
/// Secondary text.
pub const GREY: Ink = Ink(0x5a, 0x5a, 0x5a);
/// Grid lines.
pub const FAINT: Ink = Ink(0xe3, 0xe3, 0xe3);
/// Paper.
pub const PAPER: Ink = Ink(0xff, 0xff, 0xff);
/// Okabe and Ito's palette, which colour-blind people can tell apart.
pub const ORANGE: Ink = Ink(0xe6, 0x9f, 0x00);
/// Of the palette.
pub const SKY: Ink = Ink(0x56, 0xb4, 0xe9);
/// Of the palette.
pub const GREEN: Ink = Ink(0x00, 0x9e, 0x73);
/// Of the palette.
pub const YELLOW: Ink = Ink(0xf0, 0xe4, 0x42);
/// Of the palette.
pub const BLUE: Ink = Ink(0x00, 0x72, 0xb2);
/// Of the palette.
pub const VERMILLION: Ink = Ink(0xd5, 0x5e, 0x00);
/// Of the palette.
pub const PURPLE: Ink = Ink(0xcc, 0x79, 0xa7);

/// Where a text's given point lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    /// At its left end.
    Start,
    /// In its middle.
    Middle,
    /// At its right end.
    End,
}

/// A rectangle of the page.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Frame {
    /// Left.
    pub x0: f64,
    /// Top.
    pub y0: f64,
    /// Right.
    pub x1: f64,
    /// Bottom.
    pub y1: f64,
}

/// A shape of a page.
#[derive(Clone, Debug)]
pub(in crate::report) enum Op {
    Rect(Frame, Ink),
    Path(Vec<(f64, f64)>, f64, Ink),
    Dot((f64, f64), f64, Ink),
    Shape(Vec<(f64, f64)>, Ink),
    Veil(Vec<(f64, f64)>, Ink),
    Text((f64, f64), String, f64, Anchor, Ink),
}

/// A figure's page.
#[derive(Clone, Debug)]
pub struct Sheet {
    height: f64,
    told: String,
    /// Where the heading stands among the shapes.
    heading: Option<usize>,
    pub(in crate::report) ops: Vec<Op>,
}

impl Sheet {
    /// An empty page of this height.
    #[must_use]
    pub fn new(height: f64) -> Sheet {
        Sheet {
            height: height.ceil(),
            told: String::new(),
            heading: None,
            ops: Vec::new(),
        }
    }

    /// Says in words what is to be seen, for those who do not see it.
    pub fn tell(&mut self, words: String) {
        self.told = words;
    }

    /// What is to be seen, in words.
    #[must_use]
    pub fn told(&self) -> &str {
        &self.told
    }

    /// The page's height.
    #[must_use]
    pub fn height(&self) -> f64 {
        self.height
    }

    /// The heading.
    pub fn heading(&mut self, point: (f64, f64), text: &str, em: f64) {
        self.heading = Some(self.ops.len());
        self.text(point, text, em, Anchor::Start, DARK);
    }

    /// Another heading in the place of the one that there is.
    pub fn retitle(&mut self, heading: &str) {
        let at = self.heading.and_then(|at| self.ops.get_mut(at));
        if let Some(Op::Text((x, _), text, em, ..)) = at {
            *text = wrap(heading, *em, WIDTH - 2.0 * *x, 1).concat();
        }
    }

    /// A filled rectangle.
    pub fn rect(&mut self, frame: Frame, ink: Ink) {
        self.ops.push(Op::Rect(frame, ink));
    }

    /// A line through these points.
    pub fn path(&mut self, points: Vec<(f64, f64)>, width: f64, ink: Ink) {
        self.ops.push(Op::Path(points, width, ink));
    }

    /// A dashed line of this width.
    pub fn dashed(&mut self, points: &[(f64, f64)], (dashes, wide): (&[f64], f64), ink: Ink) {
        if points.len() < 2 {
            return;
        }
        if dashes.is_empty() {
            self.path(points.to_vec(), wide, ink);
            return;
        }
        let (mut turn, mut left) = (0, dashes[0]);
        let mut stroke = vec![points[0]];
        for pair in points.windows(2) {
            let (mut from, to) = (pair[0], pair[1]);
            loop {
                let (dx, dy) = (to.0 - from.0, to.1 - from.1);
                let length = (dx * dx + dy * dy).sqrt();
                if length <= left {
                    left -= length;
                    stroke.push(to);
                    break;
                }
                from = (from.0 + dx * left / length, from.1 + dy * left / length);
                stroke.push(from);
                if turn % 2 == 0 {
                    self.path(std::mem::take(&mut stroke), wide, ink);
                }
                stroke = vec![from];
                turn += 1;
                left = dashes[turn % dashes.len()];
            }
        }
        if turn % 2 == 0 {
            self.path(stroke, wide, ink);
        }
    }

    /// A straight line.
    pub fn line(&mut self, from: (f64, f64), to: (f64, f64), width: f64, ink: Ink) {
        self.path(vec![from, to], width, ink);
    }

    /// A filled circle.
    pub fn dot(&mut self, centre: (f64, f64), radius: f64, ink: Ink) {
        self.ops.push(Op::Dot(centre, radius, ink));
    }

    /// A filled polygon.
    pub fn shape(&mut self, points: Vec<(f64, f64)>, ink: Ink) {
        self.ops.push(Op::Shape(points, ink));
    }

    /// A filled polygon that what lies below shines through.
    pub fn veil(&mut self, points: Vec<(f64, f64)>, ink: Ink) {
        self.ops.push(Op::Veil(points, ink));
    }

    /// A text whose capitals are centred on the point's height.
    pub fn text(&mut self, point: (f64, f64), text: &str, em: f64, anchor: Anchor, ink: Ink) {
        self.ops.push(Op::Text(point, letters::readable(text), em, anchor, ink));
    }

    /// A thin frame around a rectangle.
    pub fn outline(&mut self, f: Frame, ink: Ink) {
        self.path(
            vec![(f.x0, f.y0), (f.x1, f.y0), (f.x1, f.y1), (f.x0, f.y1), (f.x0, f.y0)],
            0.5,
            ink,
        );
    }

    /// Lines of text below each other, the first at the point; gives the height used.
    pub fn lines(&mut self, (x, y): (f64, f64), lines: &[String], em: f64, anchor: Anchor, ink: Ink) -> f64 {
        for (i, line) in lines.iter().enumerate() {
            self.text((x, y + i as f64 * em * 1.3), line, em, anchor, ink);
        }
        lines.len() as f64 * em * 1.3
    }
}

/// A text's width on the page.
#[must_use]
pub fn width(text: &str, em: f64) -> f64 {
    letters::width(text, em)
}

/// Breaks a text into at most `most` lines of this width, after spaces and the joints of
/// composed names; what does not fit ends in `…`.
#[must_use]
pub fn wrap(text: &str, em: f64, room: f64, most: usize) -> Vec<String> {
    let (mut lines, text) = (vec![String::new()], letters::readable(text));
    for piece in text.split_inclusive([' ', '-', '_', ',', '/', '.', ':']) {
        let last = lines.len() - 1;
        let longer = format!("{}{piece}", lines[last]);
        if lines[last].is_empty() || width(longer.trim_end(), em) <= room {
            lines[last] = longer;
        } else {
            lines.push(piece.to_owned());
        }
    }
    let over = lines.len() > most.max(1);
    lines.truncate(most.max(1));
    let last = lines.len() - 1;
    for (i, line) in lines.iter_mut().enumerate() {
        *line = fitted(line.trim_end(), em, room, over && i == last);
    }
    lines
}

/// A text cut to the room, ending in `…` if it had to be cut or more follows it.
fn fitted(text: &str, em: f64, room: f64, more: bool) -> String {
    if !more && width(text, em) <= room {
        return text.to_owned();
    }
    let mut kept: Vec<char> = text.chars().collect();
    loop {
        let trial: String = kept.iter().chain(['…'].iter()).collect();
        if width(&trial, em) <= room || kept.pop().is_none() {
            return trial;
        }
    }
}

#[cfg(test)]
impl Sheet {
    /// Every text, as it is drawn.
    pub fn texts(&self) -> Vec<String> {
        self.boxes().into_iter().map(|(_, text)| text).collect()
    }

    /// Every text with the box that it fills.
    fn boxes(&self) -> Vec<(Frame, String)> {
        let texts = self.ops.iter().filter_map(|op| match op {
            Op::Text((x, y), text, em, anchor, _) => {
                let wide = width(text, *em);
                let x0 = match anchor {
                    Anchor::Start => *x,
                    Anchor::Middle => x - wide / 2.0,
                    Anchor::End => x - wide,
                };
                Some((
                    Frame {
                        x0,
                        y0: y - em * 0.4,
                        x1: x0 + wide,
                        y1: y + em * 0.4,
                    },
                    text.clone(),
                ))
            }
            _ => None,
        });
        texts.collect()
    }

    /// Texts that leave the page.
    pub(super) fn outside(&self) -> Vec<String> {
        let out = |f: &Frame| f.x0 < 0.0 || f.y0 < 0.0 || f.x1 > WIDTH || f.y1 > self.height;
        self.boxes()
            .into_iter()
            .filter(|(f, _)| out(f))
            .map(|(_, text)| text)
            .collect()
    }

    /// Pairs of texts that overlap.
    pub(super) fn collisions(&self) -> Vec<String> {
        let boxes = self.boxes();
        let mut found = Vec::new();
        for (i, (a, left)) in boxes.iter().enumerate() {
            for (b, right) in &boxes[i + 1..] {
                if a.x0 < b.x1 && b.x0 < a.x1 && a.y0 < b.y1 && b.y0 < a.y1 {
                    found.push(format!("`{left}` and `{right}`"));
                }
            }
        }
        found
    }
}
