//! A figure's SVG and its PNG show the same: the SVG is read back and drawn in another way (16 samples a pixel, each
//! asked for its distance from every line), and the two pictures are compared pixel by pixel.

use std::collections::BTreeMap;

use roxmltree::{Document, Node};

use super::canvas::{BLUE, DARK, Frame, GREEN, ORANGE, Sheet, VERMILLION};
use super::paint::{Said, aside};
use super::*;
use crate::judge::sample::{SampleWish, results as sample};

/// Pixels whose colours differ by more than this are seen. Ragged edges differ by less: both pictures share them out.
const SEEN: i32 = 72;
/// Samples along each side of a pixel.
const FINE: usize = 4;

struct Picture {
    width: usize,
    height: usize,
    pixels: Vec<[f64; 3]>,
}

/// A piece of what an element of the SVG covers: a line is its stretches and its joints.
enum Piece {
    Stretch((f64, f64), (f64, f64), f64),
    Circle((f64, f64), f64),
    Area(Vec<(f64, f64)>),
    /// Whole pixels from a corner to another.
    Rect((f64, f64), (f64, f64)),
}

fn pieces(node: Node<'_, '_>) -> Vec<Piece> {
    let number = |name: &str| -> f64 {
        let text = node.attribute(name).unwrap_or_else(|| panic!("no {name}"));
        text.parse().unwrap_or_else(|_| panic!("{name} is {text}"))
    };
    let points = || -> Vec<(f64, f64)> {
        let pairs = node.attribute("points").expect("points").split_whitespace();
        let pair = |pair: &str| {
            pair.split_once(',')
                .and_then(|(x, y)| Some((x.parse().ok()?, y.parse().ok()?)))
        };
        pairs.map(|text| pair(text).expect("a pair")).collect()
    };
    match node.tag_name().name() {
        "rect" => {
            let (x, y, wide, high) = (number("x"), number("y"), number("width"), number("height"));
            vec![Piece::Rect((x, y), (x + wide, y + high))]
        }
        "circle" => vec![Piece::Circle((number("cx"), number("cy")), number("r"))],
        "polygon" => vec![Piece::Area(points())],
        "polyline" => {
            let wide = number("stroke-width");
            let aside = aside(wide as u32);
            let points: Vec<_> = points().into_iter().map(|(x, y)| (x + aside, y + aside)).collect();
            let stretches = points
                .windows(2)
                .map(|pair| Piece::Stretch(pair[0], pair[1], wide / 2.0));
            let joints = points
                .iter()
                .skip(1)
                .rev()
                .skip(1)
                .map(|at| Piece::Circle(*at, wide / 2.0));
            stretches.chain(joints).collect()
        }
        "svg" | "title" | "desc" | "text" => Vec::new(),
        other => panic!("an element that is not known here: {other}"),
    }
}

impl Piece {
    /// Whether a place is covered.
    fn holds(&self, (x, y): (f64, f64)) -> bool {
        match self {
            Piece::Rect(..) => true,
            Piece::Circle((cx, cy), r) => (x - cx) * (x - cx) + (y - cy) * (y - cy) <= r * r,
            Piece::Area(points) => {
                let ends = points.iter().zip(points.iter().cycle().skip(1));
                let crosses = |(a, b): &(&(f64, f64), &(f64, f64))| {
                    (a.1 <= y) != (b.1 <= y) && x >= a.0 + (y - a.1) / (b.1 - a.1) * (b.0 - a.0)
                };
                let winding: i32 = ends.filter(crosses).map(|(a, b)| if a.1 < b.1 { 1 } else { -1 }).sum();
                winding != 0
            }
            Piece::Stretch(a, b, half) => {
                let (dx, dy, px, py) = (b.0 - a.0, b.1 - a.1, x - a.0, y - a.1);
                let long = (dx * dx + dy * dy).sqrt();
                let (along, across) = ((px * dx + py * dy) / long, (px * dy - py * dx) / long);
                (0.0..=long).contains(&along) && across.abs() <= *half
            }
        }
    }

    /// A frame that holds it.
    fn frame(&self) -> ((f64, f64), (f64, f64)) {
        let (points, more) = match self {
            Piece::Stretch(a, b, half) => (vec![*a, *b], *half),
            Piece::Circle(at, r) => (vec![*at], *r),
            Piece::Area(points) => (points.clone(), 0.0),
            Piece::Rect(from, to) => (vec![*from, *to], 0.0),
        };
        let ends = |part: fn(&(f64, f64)) -> f64| {
            let all = || points.iter().map(part);
            (
                all().fold(f64::MAX, f64::min) - more,
                all().fold(f64::MIN, f64::max) + more,
            )
        };
        (ends(|p| p.0), ends(|p| p.1))
    }
}

/// Draws the SVG's shapes, without its text.
fn read_back(svg: &[u8]) -> Picture {
    let text = std::str::from_utf8(svg).expect("text");
    let document = Document::parse(text).expect("XML");
    let root = document.root_element();
    let sides: Vec<usize> = root
        .attribute("viewBox")
        .expect("a view")
        .split(' ')
        .map(|side| side.parse().expect("a number"))
        .collect();
    let (width, height) = (sides[2], sides[3]);
    let mut picture = Picture {
        width,
        height,
        pixels: vec![[255.0; 3]; width * height],
    };
    for node in root.descendants().filter(Node::is_element) {
        let pieces = pieces(node);
        if pieces.is_empty() {
            continue;
        }
        let paint = match node.attribute("fill") {
            Some("none") | None => node.attribute("stroke"),
            fill => fill,
        };
        let ink = paint
            .and_then(|ink| u32::from_str_radix(ink.strip_prefix('#')?, 16).ok())
            .expect("a colour");
        let opacity: f64 = node
            .attribute("opacity")
            .map_or(1.0, |text| text.parse().expect("a number"));
        picture.lay(&pieces, [16, 8, 0].map(|shift| f64::from(ink >> shift & 0xff)), opacity);
    }
    picture
}

impl Picture {
    fn lay(&mut self, pieces: &[Piece], ink: [f64; 3], opacity: f64) {
        let mut covered: BTreeMap<usize, u16> = BTreeMap::new();
        for piece in pieces {
            let (across, down) = piece.frame();
            let within =
                |(from, to): (f64, f64), most: usize| (from.max(0.0) as usize)..(to.max(0.0).ceil() as usize).min(most);
            for y in within(down, self.height) {
                for x in within(across, self.width) {
                    let place = |cell: usize, at: usize| cell as f64 + (at as f64 + 0.5) / FINE as f64;
                    let held = |at: &usize| piece.holds((place(x, at % FINE), place(y, at / FINE)));
                    let samples = match piece {
                        Piece::Rect(..) => u16::MAX,
                        _ => (0..FINE * FINE).filter(held).fold(0, |bits, at| bits | 1 << at),
                    };
                    *covered.entry(y * self.width + x).or_default() |= samples;
                }
            }
        }
        for (at, samples) in covered {
            let share = f64::from(samples.count_ones()) / (FINE * FINE) as f64 * opacity;
            for (part, over) in self.pixels[at].iter_mut().zip(ink) {
                *part += (over - *part) * share;
            }
        }
    }

    /// Where a bitmap looks otherwise.
    fn differences(&self, bitmap: &[u8]) -> Vec<(usize, usize)> {
        assert_eq!(bitmap.len(), self.pixels.len() * 3);
        let differs = |at: &usize| {
            let parts = self.pixels[*at].iter().zip(&bitmap[*at * 3..*at * 3 + 3]);
            parts
                .into_iter()
                .any(|(a, b)| (a.round() as i32 - i32::from(*b)).abs() > SEEN)
        };
        let found = (0..self.pixels.len()).filter(differs);
        found.map(|at| (at % self.width, at / self.width)).collect()
    }
}

fn without_texts(mut sheet: Sheet) -> Sheet {
    sheet.ops.retain(|op| !matches!(op, canvas::Op::Text(..)));
    sheet
}

fn both(sheet: &Sheet) -> (Picture, Vec<u8>) {
    let said = Said {
        title: "a figure",
        version: "0",
        provenance: "a test",
        wide: None,
    };
    let svg = sheet.svg(said).expect("drawn");
    (read_back(&svg), sheet.bitmap(2.0).expect("drawn"))
}

/// Every kind of shape: steps thick and thin, slants, corners of every angle, dots, areas and veils.
fn shapes() -> Sheet {
    let mut sheet = Sheet::new(120.0);
    let steps = |x: f64, y: f64| {
        let level = |at: usize| y + [0.0, 9.0, 2.5, 30.0, 11.0, 12.0, 0.5][at % 7];
        (0..14)
            .flat_map(|at| [(x + at as f64 * 7.5, level(at)), (x + at as f64 * 7.5 + 7.5, level(at))])
            .collect()
    };
    for (at, width) in [0.5, 1.0, 1.5, 3.0, 5.0].into_iter().enumerate() {
        sheet.path(steps(10.0 + at as f64 * 120.0, 10.0), width, BLUE);
        let zigzag = (0..12).map(|k| {
            (
                10.0 + at as f64 * 120.0 + f64::from(k) * 9.0,
                60.0 + f64::from(k * k % 7) * 4.0,
            )
        });
        sheet.path(zigzag.collect(), width, VERMILLION);
    }
    sheet.veil(vec![(620.0, 10.0), (900.0, 40.0), (880.0, 100.0), (700.0, 60.0)], GREEN);
    sheet.shape(vec![(640.0, 20.0), (660.0, 90.0), (690.0, 30.0), (620.0, 60.0)], ORANGE);
    sheet.dot((760.0, 60.0), 12.0, DARK);
    sheet.dot((790.0, 60.0), 3.0, DARK);
    let frame = Frame {
        x0: 820.0,
        y0: 50.0,
        x1: 850.4,
        y1: 80.2,
    };
    sheet.rect(frame, BLUE);
    sheet.outline(
        Frame {
            x0: 815.0,
            x1: 856.0,
            ..frame
        },
        DARK,
    );
    sheet
}

#[test]
fn both_forms_of_every_shape_are_alike() {
    let (svg, png) = both(&shapes());
    assert_eq!(svg.differences(&png), []);
}

#[test]
fn a_hole_of_two_pixels_in_a_thick_line_is_found() {
    let sheet = shapes();
    let (svg, mut png) = both(&sheet);
    // On the first step of the line that is 3 units thick.
    let (x, y) = (740, 20);
    for (x, y) in [(x, y), (x + 1, y)] {
        let at = (y * svg.width + x) * 3;
        assert_eq!(png[at..at + 3], [BLUE.0, BLUE.1, BLUE.2]);
        png[at..at + 3].fill(255);
    }
    assert_eq!(svg.differences(&png), [(x, y), (x + 1, y)]);
}

/// plotters' own bitmaps of the same lines, which the figures had, do not pass.
#[test]
fn the_holes_that_there_were_are_found() {
    use plotters::prelude::{BitMapBackend, Color, IntoDrawingArea, PathElement, RGBColor};
    let mut sheet = Sheet::new(60.0);
    let points = [(10, 20), (200, 20), (200, 60), (204, 60), (204, 22), (400, 22)];
    let units = points.iter().map(|(x, y)| (f64::from(*x) / 2.0, f64::from(*y) / 2.0));
    sheet.path(units.collect(), 3.0, BLUE);
    let (svg, png) = both(&sheet);
    assert_eq!(svg.differences(&png), []);
    let mut pixels = vec![255; png.len()];
    {
        let area = BitMapBackend::with_buffer(&mut pixels, sheet.pixels(2.0)).into_drawing_area();
        let style = RGBColor(0x00, 0x72, 0xb2).stroke_width(6);
        area.draw(&PathElement::new(points.to_vec(), style)).expect("drawn");
    }
    assert!(!svg.differences(&pixels).is_empty());
}

#[test]
fn both_forms_of_every_figure_are_alike() {
    let results = sample(SampleWish {
        arms: 3,
        replications: 20,
        eventful: true,
    });
    for figure in &FIGURES {
        let (svg, png) = both(&without_texts((figure.draw)(&results, &PlotWish::default())));
        let differences = svg.differences(&png);
        assert!(
            differences.is_empty(),
            "{}: {} pixels, first {:?}",
            figure.name,
            differences.len(),
            differences[0]
        );
    }
}
