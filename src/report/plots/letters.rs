//! The font, measured and drawn into bitmaps. plotters' own text drops the side bearing of every
//! letter, which shows at any size; an SVG's text is set by its viewer.

use std::sync::LazyLock;

use ab_glyph::{Font, FontRef, Glyph, Point, PxScale, ScaleFont, point};

/// DejaVu Sans, cut to Latin-1, Greek, arrows and some signs.
pub const FONT: &[u8] = include_bytes!("../DejaVuSans-subset.ttf");
/// The font's ascent less its descent, in em: what `ab_glyph` calls the scale.
const EM: f64 = 1.164;

/// The bytes are our own file: were they no font, every figure would be without text and the tests would show it.
static FACE: LazyLock<Option<FontRef<'static>>> = LazyLock::new(|| FontRef::try_from_slice(FONT).ok());

/// Calls `each` with every letter set from `start` on, and gives the width of all.
fn set(text: &str, em: f64, start: Point, mut each: impl FnMut(&FontRef<'static>, Glyph)) -> f32 {
    let Some(face) = FACE.as_ref() else { return 0.0 };
    let scale = PxScale::from((em * EM) as f32);
    let scaled = face.as_scaled(scale);
    let (mut x, mut last) = (0.0, None);
    for id in text.chars().map(|c| face.glyph_id(c)) {
        if let Some(last) = last {
            x += scaled.kern(last, id);
        }
        each(face, id.with_scale_and_position(scale, point(start.x + x, start.y)));
        x += scaled.h_advance(id);
        last = Some(id);
    }
    x
}

/// A text in letters that the font has: any other is spelt by its number, as in `<65e5>`, so that it is seen and
/// told apart from others.
#[must_use]
pub fn readable(text: &str) -> String {
    let Some(face) = FACE.as_ref() else {
        return text.to_owned();
    };
    let mut readable = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            control if control.is_control() => readable.push(' '),
            known if face.glyph_id(known).0 != 0 => readable.push(known),
            other => readable.push_str(&format!("<{:x}>", u32::from(other))),
        }
    }
    readable
}

/// Whether a text has letters that the font lacks.
#[must_use]
pub fn lacks(text: &str) -> bool {
    let lacks = |face: &FontRef<'static>| text.chars().any(|c| !c.is_control() && face.glyph_id(c).0 == 0);
    FACE.as_ref().is_some_and(lacks)
}

/// A text's width, in the unit of `em`.
#[must_use]
pub fn width(text: &str, em: f64) -> f64 {
    f64::from(set(text, em, point(0.0, 0.0), |_, _| ()))
}

/// Sets a text from `x` on, on this baseline, all in pixels; `dab` gets each pixel with its share, from 0 to 1.
pub fn draw(text: &str, em: f64, (x, baseline): (f64, f64), mut dab: impl FnMut((i32, i32), f64)) {
    set(text, em, point(x as f32, baseline as f32), |face, glyph| {
        let Some(outline) = face.outline_glyph(glyph) else {
            return;
        };
        let corner = outline.px_bounds().min;
        outline.draw(|dx, dy, share| {
            let at = (corner.x as i32 + dx as i32, corner.y as i32 + dy as i32);
            dab(at, f64::from(share.clamp(0.0, 1.0)));
        });
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_font_has_what_the_figures_say() {
        let face = FACE.as_ref().expect("a font");
        for c in "azAZ09 −–…→←·%()[]é".chars() {
            assert_ne!(face.glyph_id(c).0, 0, "{c}");
        }
        assert!(width("wide", 10.0) > width("i", 10.0));
        assert!((width("wide", 20.0) - 2.0 * width("wide", 10.0)).abs() < 1e-3);
    }
}
