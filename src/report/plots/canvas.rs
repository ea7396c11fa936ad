//! The one place that calls plotters. A figure is a [`Sheet`]: a list of shapes in units of a
//! 960-wide page, which is drawn at twice that size to SVG and PNG (plotters' coordinates are
//! whole pixels). Axes are our own (`axis.rs`): plotters' ones cannot wrap a label, leave the minor
//! grid out or keep two labels apart.

use std::sync::OnceLock;

use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{FontStyle, register_font};

use super::letters::{self, Bitmap};
use crate::report::error::DrawError;

/// The page's width; text sizes are chosen for it.
pub const WIDTH: f64 = 960.0;
/// Pixels per unit of the page.
const SCALE: f64 = 2.0;
/// plotters writes `font-size = size / 1.24` into an SVG.
const SVG_SIZE: f64 = 1.24;
/// Where a viewer puts the baseline of plotters' vertically centred text, in em below the centre.
const SVG_BASELINE: f64 = 0.273;
/// Half the height of a capital letter, in em.
const HALF_CAPITAL: f64 = 0.365;

/// How much of a veil's colour is seen.
const VEIL: f64 = 0.16;

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

/// The colours of strategies, in their order; yellow, too faint for a line, gives way to grey.
const STRATEGIES: [Ink; 8] = [
    BLUE,
    ORANGE,
    GREEN,
    PURPLE,
    VERMILLION,
    SKY,
    Ink(0, 0, 0),
    Ink(0x88, 0x88, 0x88),
];

/// A strategy's colour.
#[must_use]
pub fn strategy_ink(place: usize) -> Ink {
    STRATEGIES[place % STRATEGIES.len()]
}

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

#[derive(Clone, Debug)]
enum Op {
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
    ops: Vec<Op>,
}

impl Sheet {
    /// An empty page of this height.
    #[must_use]
    pub fn new(height: f64) -> Sheet {
        Sheet {
            height: height.ceil(),
            ops: Vec::new(),
        }
    }

    /// The page's height.
    #[must_use]
    pub fn height(&self) -> f64 {
        self.height
    }

    /// A filled rectangle.
    pub fn rect(&mut self, frame: Frame, ink: Ink) {
        self.ops.push(Op::Rect(frame, ink));
    }

    /// A line through these points.
    pub fn path(&mut self, points: Vec<(f64, f64)>, width: f64, ink: Ink) {
        self.ops.push(Op::Path(points, width, ink));
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

    /// The page as SVG, with its provenance as title and comment.
    ///
    /// # Errors
    /// When plotters fails.
    pub fn svg(&self, title: &str, provenance: &str) -> Result<Vec<u8>, DrawError> {
        register();
        let mut text = String::new();
        let size = self.pixels();
        self.paint(SVGBackend::with_string(&mut text, size), true)
            .map_err(failed(title))?;
        // The viewer scales: twice the page in whole pixels, shown at the page's size.
        let big = format!("<svg width=\"{}\" height=\"{}\" ", size.0, size.1);
        let page = format!("<svg width=\"{}\" height=\"{}\" ", size.0 / 2, size.1 / 2);
        let head = format!(
            "xmlns=\"http://www.w3.org/2000/svg\">\n<title>{}</title>\n<!-- {} -->",
            escaped(title),
            provenance.replace("--", "- -")
        );
        let text = text
            .replacen(&big, &page, 1)
            .replacen("xmlns=\"http://www.w3.org/2000/svg\">", &head, 1)
            .replace(" opacity=\"1\"", "")
            .replace(" stroke=\"none\"", "")
            .replace(
                "font-family=\"sans-serif\"",
                "font-family=\"DejaVu Sans, Verdana, sans-serif\"",
            );
        Ok(text.into_bytes())
    }

    /// The page as PNG, with its provenance as text chunks.
    ///
    /// # Errors
    /// When plotters or the encoder fails.
    pub fn png(&self, title: &str, version: &str, provenance: &str) -> Result<Vec<u8>, DrawError> {
        register();
        let (width, height) = self.pixels();
        let mut pixels = vec![255; width as usize * height as usize * 3];
        self.paint(BitMapBackend::with_buffer(&mut pixels, (width, height)), false)
            .map_err(failed(title))?;
        self.letters(&mut Bitmap {
            pixels: &mut pixels,
            width: width as usize,
        });
        let mut file = Vec::new();
        let mut encoder = png::Encoder::new(&mut file, width, height);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        encoder.set_compression(png::Compression::High);
        let wrong = |e: png::EncodingError| failed(title)(e.to_string());
        for (key, text) in [
            ("Title", title),
            ("Software", &format!("sickbay {version}")),
            ("Source", provenance),
        ] {
            encoder.add_text_chunk(key.to_owned(), latin1(text)).map_err(wrong)?;
        }
        let mut writer = encoder.write_header().map_err(wrong)?;
        writer.write_image_data(&pixels).map_err(wrong)?;
        writer.finish().map_err(wrong)?;
        Ok(file)
    }

    fn letters(&self, bitmap: &mut Bitmap<'_>) {
        for op in &self.ops {
            if let Op::Text((x, y), text, em, anchor, ink) = op {
                let wide = width(text, *em);
                let left = match anchor {
                    Anchor::Start => *x,
                    Anchor::Middle => x - wide / 2.0,
                    Anchor::End => x - wide,
                };
                // On whole pixels the feet of the letters are sharp.
                let baseline = ((y + em * HALF_CAPITAL) * SCALE).round();
                letters::draw(bitmap, text, em * SCALE, (left * SCALE, baseline), *ink);
            }
        }
    }

    fn pixels(&self) -> (u32, u32) {
        ((WIDTH * SCALE) as u32, (self.height * SCALE) as u32)
    }

    fn paint<B: DrawingBackend>(&self, backend: B, texts: bool) -> Result<(), String> {
        let area = backend.into_drawing_area();
        let wrong = |e: DrawingAreaErrorKind<B::ErrorType>| e.to_string();
        area.fill(&RGBColor(255, 255, 255)).map_err(wrong)?;
        for op in &self.ops {
            match op {
                Op::Rect(frame, ink) => {
                    let ((x0, y0), (x1, y1)) = (pixel((frame.x0, frame.y0)), pixel((frame.x1, frame.y1)));
                    if x1 > x0 && y1 > y0 {
                        area.draw(&Rectangle::new([(x0, y0), (x1, y1)], rgb(*ink).filled()))
                            .map_err(wrong)?;
                    }
                }
                Op::Path(points, width, ink) => {
                    let style = rgb(*ink).stroke_width((width * SCALE).round().max(1.0) as u32);
                    area.draw(&PathElement::new(distinct(points), style)).map_err(wrong)?;
                }
                Op::Dot(centre, radius, ink) => {
                    let radius = (radius * SCALE).round() as i32;
                    area.draw(&Circle::new(pixel(*centre), radius, rgb(*ink).filled()))
                        .map_err(wrong)?;
                }
                Op::Shape(points, ink) => {
                    area.draw(&Polygon::new(distinct(points), rgb(*ink))).map_err(wrong)?;
                }
                Op::Veil(points, ink) => {
                    let veil = rgb(*ink).mix(VEIL).filled();
                    area.draw(&Polygon::new(distinct(points), veil)).map_err(wrong)?;
                }
                Op::Text(point, text, em, anchor, ink) if texts => {
                    let pos = match anchor {
                        Anchor::Start => HPos::Left,
                        Anchor::Middle => HPos::Center,
                        Anchor::End => HPos::Right,
                    };
                    let font = ("sans-serif", em * SCALE * SVG_SIZE).into_font();
                    let style = font.color(&rgb(*ink)).pos(Pos::new(pos, VPos::Center));
                    let at = pixel((point.0, point.1 + em * (HALF_CAPITAL - SVG_BASELINE)));
                    area.draw(&Text::new(text.as_str(), at, style)).map_err(wrong)?;
                }
                Op::Text(..) => {}
            }
        }
        area.present().map_err(wrong)
    }
}

fn failed(figure: &str) -> impl Fn(String) -> DrawError + '_ {
    move |what| DrawError {
        figure: figure.to_owned(),
        what,
    }
}

/// The font, once: without it every text fails, in an SVG too. The bytes are our own file, so
/// that a failure would show in every test.
fn register() {
    static ONCE: OnceLock<bool> = OnceLock::new();
    ONCE.get_or_init(|| register_font("sans-serif", FontStyle::Normal, letters::FONT).is_ok());
}

fn rgb(ink: Ink) -> RGBColor {
    RGBColor(ink.0, ink.1, ink.2)
}

fn pixel((x, y): (f64, f64)) -> (i32, i32) {
    ((x * SCALE).round() as i32, (y * SCALE).round() as i32)
}

/// The points as pixels, none twice in a row: plotters' thick lines divide by their distance.
fn distinct(points: &[(f64, f64)]) -> Vec<(i32, i32)> {
    let mut pixels: Vec<(i32, i32)> = points.iter().map(|p| pixel(*p)).collect();
    pixels.dedup();
    if let [only] = pixels[..] {
        pixels.push((only.0 + 1, only.1));
    }
    pixels
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Text chunks of a PNG are Latin-1 without control characters.
fn latin1(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() || u32::from(c) > 0xff { '?' } else { c })
        .collect()
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
