//! Small drawings inside of the page. Every shape says its colours in attributes of its own, so that it is right where the
//! stylesheet is lost; the classes beside them are for the stylesheet, which knows dark and light.

use super::super::number::rounded;
use super::super::plots::axis::{Scale, labelled};
use super::super::plots::canvas::{self, Anchor, Ink, Op, Sheet};
use crate::kernel::text::shown;

/// Text and axes.
pub(super) const TEXT: Ink = canvas::DARK;
/// The size of text.
pub(super) const EM: f64 = 11.0;

/// The stretch of differences that do not matter.
pub(super) const DELTA: Ink = Ink(0xe4, 0xec, 0xf4);

/// Where a text's point lies.
#[derive(Clone, Copy)]
pub(super) enum At {
    Start,
    Middle,
    End,
}

/// A drawing.
pub(super) struct Svg {
    width: f64,
    height: f64,
    body: String,
}

/// How a line is drawn: its class, its colour, its width, its dashes.
#[derive(Clone, Copy)]
pub(super) struct Stroke<'a> {
    pub(super) class: &'a str,
    pub(super) ink: Ink,
    pub(super) width: f64,
    pub(super) dashes: &'a [f64],
}

impl<'a> Stroke<'a> {
    pub(super) fn plain(class: &'a str, ink: Ink, width: f64) -> Stroke<'a> {
        Stroke {
            class,
            ink,
            width,
            dashes: &[],
        }
    }

    fn attributes(&self) -> String {
        let dashes: Vec<String> = self.dashes.iter().map(|dash| number(*dash)).collect();
        let dashes = match dashes.is_empty() {
            true => String::new(),
            false => format!(" stroke-dasharray=\"{}\"", dashes.join(" ")),
        };
        format!(
            "class=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"{}\"{dashes}",
            self.class,
            hex(self.ink),
            number(self.width)
        )
    }
}

impl Svg {
    pub(super) fn new(width: f64, height: f64) -> Svg {
        Svg {
            width,
            height,
            body: String::new(),
        }
    }

    /// What a figure has drawn, in the classes of its colours.
    pub(super) fn sheet(&mut self, sheet: &Sheet) {
        for op in &sheet.ops {
            match op {
                Op::Rect(f, ink) => {
                    let corners = [(f.x0, f.y0), (f.x1, f.y0), (f.x1, f.y1), (f.x0, f.y1)];
                    self.area(&corners, filled(*ink), *ink);
                }
                Op::Path(points, width, ink) => {
                    let stroke = Stroke::plain(stroked(*ink), *ink, *width);
                    for pair in points.windows(2) {
                        self.line(pair[0], pair[1], stroke);
                    }
                }
                Op::Dot(centre, radius, ink) => self.dot(*centre, *radius, filled(*ink), *ink),
                Op::Shape(points, ink) => self.area(points, filled(*ink), *ink),
                Op::Veil(points, _) => self.area(points, "delta", DELTA),
                Op::Text((x, y), text, em, anchor, ink) => {
                    let at = match anchor {
                        Anchor::Start => At::Start,
                        Anchor::Middle => At::Middle,
                        Anchor::End => At::End,
                    };
                    let class = if *ink == canvas::GREY { "soft" } else { "" };
                    self.sized((*x, y + em * 0.35), text, *em, at, class);
                }
            }
        }
    }

    pub(super) fn line(&mut self, (x0, y0): (f64, f64), (x1, y1): (f64, f64), stroke: Stroke<'_>) {
        let [x0, y0, x1, y1] = [x0, y0, x1, y1].map(number);
        let line = format!(
            "<line x1=\"{x0}\" y1=\"{y0}\" x2=\"{x1}\" y2=\"{y1}\" {}/>",
            stroke.attributes()
        );
        self.body.push_str(&line);
    }

    /// A line through these points, of which steps cost one number each.
    pub(super) fn path(&mut self, points: &[(f64, f64)], stroke: Stroke<'_>, title: &str) {
        if points.is_empty() {
            return;
        }
        let path = format!(
            "<path d=\"{}\" {}><title>{}</title></path>",
            steps(points),
            stroke.attributes(),
            escaped(title)
        );
        self.body.push_str(&path);
    }

    /// A filled polygon.
    pub(super) fn area(&mut self, points: &[(f64, f64)], class: &str, ink: Ink) {
        if !points.is_empty() {
            let area = format!(
                "<path d=\"{}Z\" class=\"{class}\" fill=\"{}\"/>",
                steps(points),
                hex(ink)
            );
            self.body.push_str(&area);
        }
    }

    /// A filled circle.
    pub(super) fn dot(&mut self, (x, y): (f64, f64), radius: f64, class: &str, ink: Ink) {
        let [x, y, radius] = [x, y, radius].map(number);
        let dot = format!(
            "<circle cx=\"{x}\" cy=\"{y}\" r=\"{radius}\" class=\"{class}\" fill=\"{}\"/>",
            hex(ink)
        );
        self.body.push_str(&dot);
    }

    /// A circle of which only the line is drawn.
    pub(super) fn ring(&mut self, (x, y): (f64, f64), radius: f64, stroke: Stroke<'_>) {
        let [x, y, radius] = [x, y, radius].map(number);
        let ring = format!("<circle cx=\"{x}\" cy=\"{y}\" r=\"{radius}\" {}/>", stroke.attributes());
        self.body.push_str(&ring);
    }

    pub(super) fn text(&mut self, point: (f64, f64), text: &str, at: At, class: &str) {
        self.sized(point, text, EM, at, class);
    }

    /// A text of this size.
    fn sized(&mut self, (x, y): (f64, f64), text: &str, em: f64, at: At, class: &str) {
        if text.is_empty() {
            return;
        }
        let anchor = match at {
            At::Start => "",
            At::Middle => " text-anchor=\"middle\"",
            At::End => " text-anchor=\"end\"",
        };
        let class = match class {
            "" => String::new(),
            class => format!(" class=\"{class}\""),
        };
        let size = match em == EM {
            true => String::new(),
            false => format!(" font-size=\"{}\"", number(em)),
        };
        let [x, y] = [x, y].map(number);
        let text = escaped(text);
        self.body
            .push_str(&format!("<text x=\"{x}\" y=\"{y}\"{anchor}{size}{class}>{text}</text>"));
    }

    /// Everything that follows until `group_end` has this title, which a pointer shows.
    pub(super) fn group(&mut self, title: &str) {
        self.body.push_str(&format!("<g><title>{}</title>", escaped(title)));
    }

    pub(super) fn group_end(&mut self) {
        self.body.push_str("</g>");
    }

    /// The drawing as a legend's sample, in its own size.
    pub(super) fn sample(self) -> String {
        let [width, height] = [self.width, self.height].map(number);
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
             viewBox=\"0 0 {width} {height}\" aria-hidden=\"true\">{}</svg>",
            self.body
        )
    }

    /// The drawing as an element with its name and its description; `id` is its own in the page.
    pub(super) fn finish(self, id: &str, title: &str, description: &str) -> String {
        let [width, height, em] = [self.width, self.height, EM].map(number);
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" role=\"img\" \
             aria-labelledby=\"{id}-t\" aria-describedby=\"{id}-d\" font-family=\"system-ui,sans-serif\" \
             font-size=\"{em}\" fill=\"{}\"><title id=\"{id}-t\">{}</title><desc id=\"{id}-d\">{}</desc>{}</svg>",
            hex(TEXT),
            escaped(title),
            escaped(description),
            self.body
        )
    }
}

/// The class of what is filled with a colour.
fn filled(ink: Ink) -> &'static str {
    match ink {
        canvas::PAPER => "paper",
        canvas::GREEN => "fill-better",
        canvas::VERMILLION => "fill-worse",
        canvas::DARK => "ink",
        _ => "fill-open",
    }
}

/// The class of what is drawn in a colour.
fn stroked(ink: Ink) -> &'static str {
    match ink {
        canvas::FAINT => "grid",
        canvas::GREEN => "better",
        canvas::VERMILLION => "worse",
        canvas::DARK => "axis",
        _ => "open",
    }
}

/// A legend's sample: a line, with its dashes.
pub(super) fn line_sample(stroke: Stroke<'_>) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"30\" height=\"10\" viewBox=\"0 0 30 10\" aria-hidden=\"true\">\
         <path d=\"M0,5H30\" {}/></svg>",
        stroke.attributes()
    )
}

/// A legend's sample: a box.
pub(super) fn box_sample(class: &str, ink: Ink) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"14\" height=\"14\" viewBox=\"0 0 14 14\" aria-hidden=\"true\">\
         <rect x=\"0.5\" y=\"0.5\" width=\"13\" height=\"13\" class=\"{class}\" fill=\"{}\" stroke=\"#777777\"/></svg>",
        hex(ink)
    )
}

/// A vertical axis at the left of a frame from `x0` to `x1`, with lines across it.
pub(super) fn left(svg: &mut Svg, (x0, x1): (f64, f64), scale: Scale, marks: &[(f64, String)]) {
    for (value, text) in marks {
        let y = scale.at(*value);
        svg.line((x0, y), (x1, y), Stroke::plain("grid", canvas::FAINT, 1.0));
        svg.text((x0 - 5.0, y + EM * 0.35), text, At::End, "soft");
    }
}

/// A horizontal axis below a frame from `y0` to `y1`, with lines down it; labels do not touch.
pub(super) fn bottom(svg: &mut Svg, (y0, y1): (f64, f64), scale: Scale, marks: &[(f64, String)]) {
    for ((value, text), labelled) in marks.iter().zip(labelled(scale, marks, EM)) {
        let x = scale.at(*value);
        svg.line((x, y0), (x, y1), Stroke::plain("grid", canvas::FAINT, 1.0));
        if labelled {
            // Within the drawing, or its half is cut.
            let half = canvas::width(text, EM) / 2.0;
            svg.text((x.min(svg.width - half), y1 + EM * 1.3), text, At::Middle, "soft");
        }
    }
    svg.line(
        (scale.from, y1),
        (scale.to, y1),
        Stroke::plain("axis", canvas::DARK, 1.0),
    );
}

/// A path through points, with `H` and `V` where it goes straight.
fn steps(points: &[(f64, f64)]) -> String {
    let mut path = String::new();
    let mut last: Option<(String, String)> = None;
    for (x, y) in points {
        let (x, y) = (number(*x), number(*y));
        match &last {
            None => path.push_str(&format!("M{x},{y}")),
            Some((a, b)) if *a == x && *b == y => continue,
            Some((_, b)) if *b == y => path.push_str(&format!("H{x}")),
            Some((a, _)) if *a == x => path.push_str(&format!("V{y}")),
            Some(_) => path.push_str(&format!("L{x},{y}")),
        }
        last = Some((x, y));
    }
    path
}

/// A coordinate, to a tenth.
fn number(value: f64) -> String {
    let text = rounded(value, 1);
    text.strip_suffix(".0").map_or_else(|| text.clone(), str::to_owned)
}

pub(super) fn hex(ink: Ink) -> String {
    format!("#{:02x}{:02x}{:02x}", ink.0, ink.1, ink.2)
}

/// A text as it may stand in an element or an attribute. Characters that act on a reader, such as those that turn the
/// direction of what follows, are spelt out.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in shown(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_short_and_names_are_escaped() {
        assert_eq!(
            steps(&[(0.0, 1.0), (4.04, 1.0), (4.0, 7.26), (4.0, 7.26), (5.0, 8.0)]),
            "M0,1H4V7.3L5,8"
        );
        let mut svg = Svg::new(10.0, 10.0);
        svg.text((0.0, 0.0), "</text><script>\"'&\u{0}", At::Start, "");
        let text = svg.finish("a", "<b>", "c");
        assert!(
            text.contains("&lt;/text&gt;&lt;script&gt;&quot;&#39;&amp;\\u{0}</text>")
                && text.contains(">&lt;b&gt;</title>"),
            "{text}"
        );
    }
}
