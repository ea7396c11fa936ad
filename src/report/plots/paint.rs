//! The one place that calls plotters: draws a [`Sheet`] to SVG and to PNG. plotters' coordinates are whole pixels, so
//! that an SVG is drawn at twice the page's size. Lines, circles and areas of a bitmap are our own (`raster.rs`).

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::OnceLock;

use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{FontStyle, register_font};

use super::canvas::{Anchor, Frame, Ink, Op, Sheet, WIDTH, width};
use super::letters;
use super::raster::{Mask, circle};
use crate::report::error::DrawError;

/// Pixels for each unit of the page, unless another size is asked for.
const SCALE: f64 = 2.0;
/// plotters writes `font-size = size / 1.24` into an SVG.
const SVG_SIZE: f64 = 1.24;
/// Where a viewer puts the baseline of plotters' vertically centred text, in em below the centre.
const SVG_BASELINE: f64 = 0.273;
/// Half the height of a capital letter, in em.
const HALF_CAPITAL: f64 = 0.365;
/// How much of a veil's colour is seen.
pub(super) const VEIL: f64 = 0.16;

/// The colours of a PNG's palette.
const PALETTE: usize = 256;

/// What a file says of itself.
#[derive(Clone, Copy, Debug)]
pub struct Said<'a> {
    /// The figure's title.
    pub title: &'a str,
    /// The program's version.
    pub version: &'a str,
    /// What made it.
    pub provenance: &'a str,
    /// How many pixels a PNG is wide, and an SVG is shown; twice the page and the page unless given.
    pub wide: Option<u32>,
}

/// RGB pixels as a palette of at most 256 colours and the place of each pixel in it. Where there are more, the rarest, which
/// are shades of the edges of lines and letters, become the nearest of the others.
fn indexed(pixels: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let pixels = pixels.as_chunks::<3>().0;
    let mut runs: BTreeMap<[u8; 3], u64> = BTreeMap::new();
    for run in pixels.chunk_by(|a, b| a == b) {
        *runs.entry(run[0]).or_default() += run.len() as u64;
    }
    let mut colours: Vec<([u8; 3], u64)> = runs.into_iter().collect();
    // The sort is stable: what is as frequent stays in the order of colours.
    colours.sort_by_key(|(_, n)| Reverse(*n));
    let (kept, rare) = colours.split_at(colours.len().min(PALETTE));
    let apart =
        |a: &[u8; 3], b: &[u8; 3]| -> u32 { a.iter().zip(b).map(|(a, b)| u32::from(a.abs_diff(*b)).pow(2)).sum() };
    let nearest = |colour: &[u8; 3]| {
        (0..kept.len())
            .min_by_key(|&at| apart(&kept[at].0, colour))
            .unwrap_or(0)
    };
    let own = kept.iter().enumerate().map(|(at, (colour, _))| (*colour, at as u8));
    let mut places: BTreeMap<[u8; 3], u8> = own.collect();
    places.extend(rare.iter().map(|(colour, _)| (*colour, nearest(colour) as u8)));
    let mut indexed = Vec::with_capacity(pixels.len());
    for run in pixels.chunk_by(|a, b| a == b) {
        indexed.resize(indexed.len() + run.len(), places[&run[0]]);
    }
    (kept.iter().flat_map(|(colour, _)| *colour).collect(), indexed)
}

impl Sheet {
    /// The page as SVG, with title, description and provenance.
    ///
    /// # Errors
    /// When plotters fails.
    pub fn svg(&self, said: Said<'_>) -> Result<Vec<u8>, DrawError> {
        register();
        let mut text = String::new();
        let size = self.pixels(SCALE);
        self.vectors(SVGBackend::with_string(&mut text, size))
            .map_err(failed(said.title))?;
        // The viewer scales: the page is drawn in whole pixels and shown at the size that is asked for.
        let wide = said.wide.unwrap_or(WIDTH as u32);
        let high = (self.height() / WIDTH * f64::from(wide)).round();
        let big = format!("<svg width=\"{}\" height=\"{}\" ", size.0, size.1);
        let page = format!(
            "<svg width=\"{wide}\" height=\"{high}\" role=\"img\" aria-labelledby=\"title desc\" stroke-linejoin=\"round\" "
        );
        let head = format!(
            "xmlns=\"http://www.w3.org/2000/svg\">\n<title id=\"title\">{}</title>\n<desc id=\"desc\">{}</desc>\n<!-- {} -->",
            escaped(said.title),
            escaped(self.told()),
            said.provenance.replace("--", "- -")
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

    /// The page as PNG, with title, description and provenance as text chunks.
    ///
    /// # Errors
    /// When plotters or the encoder fails.
    pub fn png(&self, said: Said<'_>) -> Result<Vec<u8>, DrawError> {
        let scale = said.wide.map_or(SCALE, |wide| f64::from(wide) / WIDTH);
        let (width, height) = self.pixels(scale);
        let pixels = self.bitmap(scale).map_err(failed(said.title))?;
        let mut file = Vec::new();
        let mut encoder = png::Encoder::new(&mut file, width, height);
        encoder.set_depth(png::BitDepth::Eight);
        encoder.set_compression(png::Compression::High);
        // One byte a pixel where there are three: a fifth of the time. Filters are for shades, which a palette has not.
        let (palette, places) = indexed(&pixels);
        encoder.set_color(png::ColorType::Indexed);
        encoder.set_palette(&palette);
        encoder.set_filter(png::Filter::NoFilter);
        let wrong = |e: png::EncodingError| failed(said.title)(e.to_string());
        let software = format!("sickbay {}", said.version);
        for (key, text) in [
            ("Title", said.title),
            ("Description", self.told()),
            ("Software", &software),
            ("Source", said.provenance),
        ] {
            encoder.add_text_chunk(key.to_owned(), latin1(text)).map_err(wrong)?;
        }
        let mut writer = encoder.write_header().map_err(wrong)?;
        writer.write_image_data(&places).map_err(wrong)?;
        writer.finish().map_err(wrong)?;
        Ok(file)
    }

    /// The page's size in pixels.
    pub(super) fn pixels(&self, scale: f64) -> (u32, u32) {
        let side = |units: f64| (units * scale).round().max(1.0) as u32;
        (side(WIDTH), side(self.height()))
    }

    /// The page as RGB pixels, row by row.
    ///
    /// # Errors
    /// When plotters fails.
    pub(super) fn bitmap(&self, scale: f64) -> Result<Vec<u8>, String> {
        let size = self.pixels(scale);
        let mut pixels = vec![255; size.0 as usize * size.1 as usize * 3];
        let backend = BitMapBackend::with_buffer(&mut pixels, size);
        let mut brush = Brush { backend, size, scale };
        for op in &self.ops {
            brush.paint(op).map_err(|e| e.to_string())?;
        }
        brush.backend.present().map_err(|e| e.to_string())?;
        drop(brush);
        Ok(pixels)
    }

    fn vectors<B: DrawingBackend>(&self, backend: B) -> Result<(), String> {
        let area = backend.into_drawing_area();
        let wrong = |e: DrawingAreaErrorKind<B::ErrorType>| e.to_string();
        area.fill(&RGBColor(255, 255, 255)).map_err(wrong)?;
        for op in &self.ops {
            match op {
                Op::Rect(frame, ink) => {
                    if let Some(corners) = corners(*frame, SCALE) {
                        area.draw(&Rectangle::new(corners, rgb(*ink).filled())).map_err(wrong)?;
                    }
                }
                Op::Path(points, width, ink) => {
                    let style = rgb(*ink).stroke_width(thick(*width, SCALE));
                    area.draw(&PathElement::new(distinct(points, SCALE), style))
                        .map_err(wrong)?;
                }
                Op::Dot(centre, radius, ink) => {
                    let radius = (radius * SCALE).round() as i32;
                    area.draw(&Circle::new(pixel(*centre, SCALE), radius, rgb(*ink).filled()))
                        .map_err(wrong)?;
                }
                Op::Shape(points, ink) => {
                    area.draw(&Polygon::new(distinct(points, SCALE), rgb(*ink)))
                        .map_err(wrong)?;
                }
                Op::Veil(points, ink) => {
                    let veil = rgb(*ink).mix(VEIL).filled();
                    area.draw(&Polygon::new(distinct(points, SCALE), veil)).map_err(wrong)?;
                }
                Op::Text(point, text, em, anchor, ink) => {
                    let pos = match anchor {
                        Anchor::Start => HPos::Left,
                        Anchor::Middle => HPos::Center,
                        Anchor::End => HPos::Right,
                    };
                    let font = ("sans-serif", em * SCALE * SVG_SIZE).into_font();
                    let style = font.color(&rgb(*ink)).pos(Pos::new(pos, VPos::Center));
                    let at = pixel((point.0, point.1 + em * (HALF_CAPITAL - SVG_BASELINE)), SCALE);
                    area.draw(&Text::new(text.as_str(), at, style)).map_err(wrong)?;
                }
            }
        }
        area.present().map_err(wrong)
    }
}

/// Draws shapes on a bitmap.
struct Brush<'a> {
    backend: BitMapBackend<'a>,
    size: (u32, u32),
    scale: f64,
}

impl Brush<'_> {
    fn paint(&mut self, op: &Op) -> Result<(), String> {
        let (scale, size) = (self.scale, self.size);
        match op {
            Op::Rect(frame, ink) => match corners(*frame, scale) {
                Some([from, to]) => self
                    .backend
                    .draw_rect(from, to, &rgb(*ink), true)
                    .map_err(|e| e.to_string()),
                None => Ok(()),
            },
            Op::Path(points, width, ink) => {
                let wide = thick(*width, scale);
                let aside = aside(wide);
                let points = places(&distinct(points, scale), aside);
                let mut mask = Mask::around(&points, f64::from(wide), size);
                mask.stroke(&points, f64::from(wide));
                self.dab(&mask, *ink, 1.0)
            }
            Op::Dot(centre, radius, ink) => {
                let at = places(&[pixel(*centre, scale)], 0.0)[0];
                self.area(&circle(at, (radius * scale).round()), *ink, 1.0)
            }
            Op::Shape(points, ink) => self.area(&places(&distinct(points, scale), 0.0), *ink, 1.0),
            Op::Veil(points, ink) => self.area(&places(&distinct(points, scale), 0.0), *ink, VEIL),
            Op::Text(point, text, em, anchor, ink) => self.text(*point, (text, *em), *anchor, *ink),
        }
    }

    fn area(&mut self, points: &[(f64, f64)], ink: Ink, opacity: f64) -> Result<(), String> {
        let mut mask = Mask::around(points, 1.0, self.size);
        mask.fill(points);
        self.dab(&mask, ink, opacity)
    }

    fn dab(&mut self, mask: &Mask, ink: Ink, opacity: f64) -> Result<(), String> {
        for (at, share) in mask.pixels() {
            self.dot(at, ink, share * opacity)?;
        }
        Ok(())
    }

    fn dot(&mut self, at: (i32, i32), ink: Ink, share: f64) -> Result<(), String> {
        let ink = rgb(ink).mix(share).to_backend_color();
        self.backend.draw_pixel(at, ink).map_err(|e| e.to_string())
    }

    /// plotters' own text drops the side bearing of every letter.
    fn text(&mut self, (x, y): (f64, f64), (text, em): (&str, f64), anchor: Anchor, ink: Ink) -> Result<(), String> {
        let wide = width(text, em);
        let left = match anchor {
            Anchor::Start => x,
            Anchor::Middle => x - wide / 2.0,
            Anchor::End => x - wide,
        };
        // On whole pixels the feet of the letters are sharp.
        let baseline = ((y + em * HALF_CAPITAL) * self.scale).round();
        let mut failed = None;
        letters::draw(text, em * self.scale, (left * self.scale, baseline), |at, share| {
            failed = self.dot(at, ink, share).err().or(failed.take());
        });
        failed.map_or(Ok(()), Err)
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

fn pixel((x, y): (f64, f64), scale: f64) -> (i32, i32) {
    ((x * scale).round() as i32, (y * scale).round() as i32)
}

/// A rectangle's corners; none where it has no area.
fn corners(frame: Frame, scale: f64) -> Option<[(i32, i32); 2]> {
    let (from, to) = (pixel((frame.x0, frame.y0), scale), pixel((frame.x1, frame.y1), scale));
    (to.0 > from.0 && to.1 > from.1).then_some([from, to])
}

/// A line's width in whole pixels.
fn thick(width: f64, scale: f64) -> u32 {
    (width * scale).round().max(1.0) as u32
}

/// How far a bitmap's line stands beside its points: one of an odd width is sharp on the middles of pixels only.
pub(super) fn aside(wide: u32) -> f64 {
    if wide % 2 == 1 { 0.5 } else { 0.0 }
}

fn places(points: &[(i32, i32)], aside: f64) -> Vec<(f64, f64)> {
    let place = |(x, y): &(i32, i32)| (f64::from(*x) + aside, f64::from(*y) + aside);
    points.iter().map(place).collect()
}

/// The points as pixels, none twice in a row: plotters' thick lines divide by their distance.
fn distinct(points: &[(f64, f64)], scale: f64) -> Vec<(i32, i32)> {
    let mut pixels: Vec<(i32, i32)> = points.iter().map(|p| pixel(*p, scale)).collect();
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

#[cfg(test)]
mod tests {
    use super::*;

    fn unfolded((palette, places): (Vec<u8>, Vec<u8>)) -> Vec<u8> {
        assert!(palette.len() <= 3 * PALETTE);
        places
            .iter()
            .flat_map(|&place| palette[3 * usize::from(place)..][..3].to_vec())
            .collect()
    }

    #[test]
    fn a_palette_keeps_every_colour_as_long_as_it_has_room_and_then_the_frequent_ones() {
        let shade = |n: u32| [n as u8, (n >> 8) as u8, 7];
        let few: Vec<u8> = (0..600).flat_map(|n| shade(n % 256)).collect();
        assert_eq!(unfolded(indexed(&few)), few);
        // The first 200 come twice, the others once: 256 are kept, and of the rest each becomes one that is near.
        let many: Vec<u8> = (0..600).flat_map(|n| shade(n % 400)).collect();
        let kept = unfolded(indexed(&many));
        assert_eq!(kept[..600], many[..600]);
        let far = kept
            .chunks(3)
            .zip(many.chunks(3))
            .map(|(a, b)| a[0].abs_diff(b[0]))
            .max();
        assert!(kept != many && far.is_some_and(|far| far < 160), "{far:?}");
    }
}
