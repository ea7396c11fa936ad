//! Areas and lines as shares of pixels. plotters' own bitmaps leave holes in thick lines that turn, and know no joints.
//!
//! Each pixel has 8 by 8 samples, one bit each. What is drawn in pieces (the stretches of a line and its joints) is their
//! union, so that no seam shows where they meet.

/// Samples along each side of a pixel.
const FINE: f64 = 8.0;

/// Pixels with the share of each that is inked, from a corner on.
pub struct Mask {
    left: i32,
    top: i32,
    width: usize,
    height: usize,
    bits: Vec<u64>,
}

impl Mask {
    /// An empty mask that has room for these points and `more` pixels around them, within a page of this size.
    #[must_use]
    pub fn around(points: &[(f64, f64)], more: f64, (wide, high): (u32, u32)) -> Mask {
        let ends = |part: fn(&(f64, f64)) -> f64, most: u32| {
            let all = || points.iter().map(part);
            let lo = all().fold(f64::INFINITY, f64::min) - more;
            let hi = all().fold(f64::NEG_INFINITY, f64::max) + more;
            let inside = |end: f64| end.clamp(0.0, f64::from(most)) as i32;
            (inside(lo.floor()), inside(hi.ceil()))
        };
        let ((left, right), (top, bottom)) = (ends(|p| p.0, wide), ends(|p| p.1, high));
        let [width, height] = [right - left, bottom - top].map(|side| usize::try_from(side).unwrap_or(0));
        Mask {
            left,
            top,
            width,
            height,
            bits: vec![0; width * height],
        }
    }

    /// Adds a polygon, filled where it winds around a sample (SVG's `nonzero`).
    pub fn fill(&mut self, polygon: &[(f64, f64)]) {
        let ys = || polygon.iter().map(|p| (p.1 - f64::from(self.top)) * FINE);
        let rows = (self.height as f64 * FINE).max(0.0);
        let first = ys().fold(f64::INFINITY, f64::min).clamp(0.0, rows) as usize;
        let last = ys().fold(0.0, f64::max).ceil().clamp(0.0, rows) as usize;
        let mut crossings: Vec<(f64, i32)> = Vec::new();
        for row in first..last {
            let y = f64::from(self.top) + (row as f64 + 0.5) / FINE;
            crossings.clear();
            let ends = polygon.iter().zip(polygon.iter().cycle().skip(1));
            for (a, b) in ends.filter(|(a, b)| (a.1 <= y) != (b.1 <= y)) {
                let x = a.0 + (y - a.1) / (b.1 - a.1) * (b.0 - a.0);
                crossings.push((x, if a.1 < b.1 { 1 } else { -1 }));
            }
            crossings.sort_by(|a, b| a.0.total_cmp(&b.0));
            let mut winding = 0;
            for pair in crossings.windows(2) {
                winding += pair[0].1;
                if winding != 0 {
                    self.span(row, pair[0].0, pair[1].0);
                }
            }
        }
    }

    /// Inks the samples of a row between two places.
    fn span(&mut self, row: usize, from: f64, to: f64) {
        let sample = |x: f64| {
            let at = ((x - f64::from(self.left)) * FINE - 0.5).ceil();
            at.clamp(0.0, self.width as f64 * FINE) as usize
        };
        let fine = FINE as usize;
        let (from, to) = (sample(from), sample(to));
        let line = row / fine * self.width;
        let mut at = from;
        while at < to {
            let (pixel, bit) = (at / fine, at % fine);
            let many = (to - at).min(fine - bit);
            self.bits[line + pixel] |= (((1 << many) - 1) << bit) << (row % fine * fine);
            at += many;
        }
    }

    /// Adds a line through these points: blunt ends and round joints, as the SVG has them.
    pub fn stroke(&mut self, points: &[(f64, f64)], width: f64) {
        let half = width / 2.0;
        for pair in points.windows(2) {
            let ((x0, y0), (x1, y1)) = (pair[0], pair[1]);
            let (dx, dy) = (x1 - x0, y1 - y0);
            let long = (dx * dx + dy * dy).sqrt();
            if long > 0.0 {
                let (ox, oy) = (-dy / long * half, dx / long * half);
                self.fill(&[
                    (x0 + ox, y0 + oy),
                    (x1 + ox, y1 + oy),
                    (x1 - ox, y1 - oy),
                    (x0 - ox, y0 - oy),
                ]);
            }
        }
        for joint in points.iter().skip(1).rev().skip(1) {
            self.fill(&circle(*joint, half));
        }
    }

    /// Every inked pixel with its share, from above 0 to 1.
    pub fn pixels(&self) -> impl Iterator<Item = ((i32, i32), f64)> {
        let inked = self.bits.iter().enumerate().filter(|(_, bits)| **bits != 0);
        inked.map(|(at, bits)| {
            let (x, y) = (at % self.width, at / self.width);
            let place = (self.left + x as i32, self.top + y as i32);
            (place, f64::from(bits.count_ones()) / (FINE * FINE))
        })
    }
}

/// A circle as a polygon that no pixel tells from it.
#[must_use]
pub fn circle((x, y): (f64, f64), radius: f64) -> Vec<(f64, f64)> {
    let corners = (radius * 4.0).clamp(12.0, 96.0).ceil() as u32;
    let corner = |at: u32| {
        let (sin, cos) = libm::sincos(f64::from(at) / f64::from(corners) * std::f64::consts::TAU);
        (x + radius * cos, y + radius * sin)
    };
    (0..corners).map(corner).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shares(mask: &Mask) -> Vec<((i32, i32), f64)> {
        mask.pixels().collect()
    }

    #[test]
    fn shares_are_areas() {
        let square = [(1.0, 1.0), (2.5, 1.0), (2.5, 2.25), (1.0, 2.25)];
        let mut mask = Mask::around(&square, 0.0, (10, 10));
        mask.fill(&square);
        assert_eq!(
            shares(&mask),
            [((1, 1), 1.0), ((2, 1), 0.5), ((1, 2), 0.25), ((2, 2), 0.125)]
        );
        // Twice the same is no darker.
        mask.fill(&square);
        assert_eq!(shares(&mask).len(), 4);
        let round = circle((20.0, 20.0), 10.0);
        let mut mask = Mask::around(&round, 0.0, (40, 40));
        mask.fill(&round);
        let area: f64 = mask.pixels().map(|pixel| pixel.1).sum();
        assert!((area - 314.16).abs() < 2.0, "{area}");
    }

    #[test]
    fn what_lies_off_the_page_is_left_out() {
        let line = [(-5.0, 2.0), (50.0, 2.0), (50.0, -9.0)];
        let mut mask = Mask::around(&line, 2.0, (8, 8));
        mask.stroke(&line, 2.0);
        assert_eq!(shares(&mask).len(), 16);
    }
}
