//! Scales, ticks and axes.

use super::canvas::{Anchor, DARK, FAINT, Frame, GREY, Sheet, width};
use crate::kernel::Time;
use crate::kernel::time::DAY_MS;
use crate::report::number::{magnitude, rounded};

/// The size of tick labels.
pub const TICK: f64 = 9.5;

/// Maps values to places on the page.
#[derive(Clone, Copy, Debug)]
pub struct Scale {
    /// The least value.
    pub lo: f64,
    /// The greatest.
    pub hi: f64,
    /// The least value's place.
    pub from: f64,
    /// The greatest value's place.
    pub to: f64,
}

impl Scale {
    /// A value's place, held within the scale.
    #[must_use]
    pub fn at(&self, value: f64) -> f64 {
        let share = if self.hi > self.lo {
            (value - self.lo) / (self.hi - self.lo)
        } else {
            0.5
        };
        self.from + share.clamp(0.0, 1.0) * (self.to - self.from)
    }
}

/// A range with room at both ends; never empty.
#[must_use]
pub fn padded(lo: f64, hi: f64, share: f64) -> (f64, f64) {
    let span = hi - lo;
    let room = if span > 0.0 {
        span * share
    } else if hi == 0.0 {
        1.0
    } else {
        hi.abs() * 0.05
    };
    (lo - room, hi + room)
}

/// Round values in a range, about so many, as (value, label).
#[must_use]
pub fn ticks(lo: f64, hi: f64, about: usize) -> Vec<(f64, String)> {
    let rough = (hi - lo) / about.max(1) as f64;
    if rough <= 0.0 || !rough.is_finite() {
        return vec![(lo, rounded(lo, 2))];
    }
    let power = magnitude(rough);
    let steps = |power: i32| [1.0, 2.0, 5.0].map(|m| m * libm::pow(10.0, f64::from(power)));
    let steps: Vec<f64> = [power - 1, power, power + 1].into_iter().flat_map(steps).collect();
    let wished = steps
        .iter()
        .position(|s| *s >= rough * 0.999)
        .unwrap_or(steps.len() - 1);
    // One mark says nothing of the scale: then more than were asked for.
    let step = (0..=wished).rev().map(|at| steps[at]).find(|step| {
        let (first, last) = within(lo, hi, *step);
        last > first
    });
    let step = step.unwrap_or(steps[0]);
    let decimals = usize::try_from(-magnitude(step)).unwrap_or(0);
    let (first, last) = within(lo, hi, step);
    (first..=last)
        .map(|k| (k as f64 * step, label(k as f64 * step, decimals)))
        .collect()
}

/// The first and the last multiple of a step in a range.
fn within(lo: f64, hi: f64, step: f64) -> (i64, i64) {
    (
        libm::ceil(lo / step - 1e-9) as i64,
        libm::floor(hi / step + 1e-9) as i64,
    )
}

fn label(value: f64, decimals: usize) -> String {
    let text = rounded(value, decimals).replace('-', "−");
    if value.abs() >= 10_000.0 && decimals == 0 {
        grouped(&text)
    } else {
        text
    }
}

/// Thousands apart, by a narrow-looking space.
fn grouped(text: &str) -> String {
    let digits: Vec<char> = text.chars().collect();
    let mut out = String::new();
    for (i, c) in digits.iter().enumerate() {
        let left = digits.len() - i;
        if i > 0 && left.is_multiple_of(3) && digits[i - 1].is_ascii_digit() {
            out.push('\u{a0}');
        }
        out.push(*c);
    }
    out
}

/// Which marks have their labels, so that none touch: every one, every second and so on, else the first and the last.
pub(crate) fn labelled(scale: Scale, marks: &[(f64, String)], em: f64) -> Vec<bool> {
    if marks.is_empty() {
        return Vec::new();
    }
    let ends: Vec<(f64, f64)> = marks
        .iter()
        .map(|(value, text)| {
            let (x, half) = (scale.at(*value), width(text, em) / 2.0);
            (x - half, x + half)
        })
        .collect();
    let free = |kept: &[usize]| kept.windows(2).all(|two| ends[two[0]].1 + 6.0 <= ends[two[1]].0);
    let zero = marks.iter().position(|mark| mark.0 == 0.0).unwrap_or(0);
    let every = |step: usize| -> Vec<usize> { (0..marks.len()).filter(|at| at % step == zero % step).collect() };
    let steps = (1..marks.len().max(2)).map(every).filter(|kept| kept.len() > 1);
    let last = marks.len() - 1;
    let kept = steps
        .chain([vec![0, last], vec![0]])
        .find(|kept| free(kept))
        .unwrap_or_default();
    (0..marks.len()).map(|at| kept.contains(&at)).collect()
}

/// A horizontal axis under a frame: grid lines, labels that do not touch, and its name.
pub fn bottom(sheet: &mut Sheet, frame: Frame, scale: Scale, marks: &[(f64, String)], name: &str) {
    for ((value, text), labelled) in marks.iter().zip(labelled(scale, marks, TICK)) {
        let x = scale.at(*value);
        sheet.line((x, frame.y0), (x, frame.y1), 0.5, FAINT);
        if labelled {
            sheet.text((x, frame.y1 + 10.0), text, TICK, Anchor::Middle, GREY);
        }
    }
    sheet.line((frame.x0, frame.y1), (frame.x1, frame.y1), 1.0, DARK);
    if !name.is_empty() {
        sheet.text(
            ((frame.x0 + frame.x1) / 2.0, frame.y1 + 25.0),
            name,
            10.5,
            Anchor::Middle,
            DARK,
        );
    }
}

/// A vertical axis left of a frame; its labels are left out where `labelled` is false.
pub fn left(sheet: &mut Sheet, frame: Frame, scale: Scale, marks: &[(f64, String)], labelled: bool) {
    for (value, text) in marks {
        let y = scale.at(*value);
        sheet.line((frame.x0, y), (frame.x1, y), 0.5, FAINT);
        if labelled {
            sheet.text((frame.x0 - 5.0, y), text, TICK, Anchor::End, GREY);
        }
    }
}

/// The unit of a time axis over a horizon: milliseconds per unit and its name.
#[must_use]
pub fn calendar(horizon: Time) -> (f64, &'static str) {
    if horizon.0 <= 4 * DAY_MS {
        (3_600_000.0, "hours")
    } else {
        (DAY_MS as f64, "days")
    }
}

/// The name of a time axis: its unit and the day that it counts from.
#[must_use]
pub fn since(unit: &str, epoch: &str) -> String {
    match epoch.split_once('T') {
        Some((date, _)) if unit == "days" => format!("{unit} since {date}"),
        _ => format!("{unit} since {epoch}"),
    }
}

/// A logarithmic axis of waits: round spans with their names, in milliseconds.
pub const WAITS: [(u64, &str); 14] = [
    (1, "1 ms"),
    (10, "10 ms"),
    (100, "0.1 s"),
    (1_000, "1 s"),
    (10_000, "10 s"),
    (60_000, "1 min"),
    (600_000, "10 min"),
    (3_600_000, "1 h"),
    (21_600_000, "6 h"),
    (86_400_000, "1 d"),
    (604_800_000, "7 d"),
    (2_592_000_000, "30 d"),
    (31_536_000_000, "1 y"),
    (315_360_000_000, "10 y"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_inside() {
        let marks = ticks(0.931, 0.992, 4);
        assert_eq!(
            marks.iter().map(|m| m.1.as_str()).collect::<Vec<_>>(),
            ["0.94", "0.96", "0.98"]
        );
        let marks = ticks(-12_000.0, 9_000.0, 4);
        assert_eq!(marks[0].1, "−10\u{a0}000");
        assert_eq!(ticks(1.0, 1.0, 4).len(), 1);
    }

    #[test]
    fn labels_stand_at_even_steps_and_do_not_touch() {
        let kept = |to: f64, values: &[&str]| -> Vec<usize> {
            let marks: Vec<(f64, String)> = (0..)
                .zip(values)
                .map(|(at, text)| (f64::from(at), (*text).to_owned()))
                .collect();
            let scale = Scale {
                lo: 0.0,
                hi: values.len() as f64 - 1.0,
                from: 0.0,
                to,
            };
            let labelled = labelled(scale, &marks, TICK);
            (0..values.len()).filter(|at| labelled[*at]).collect()
        };
        let values = ["84", "86", "88", "90", "92"];
        assert_eq!(kept(200.0, &values), [0, 1, 2, 3, 4]);
        assert_eq!(kept(60.0, &values), [0, 2, 4]);
        assert_eq!(kept(30.0, &values), [0, 3]);
        assert_eq!(kept(100.0, &["99.990", "99.995", "100.000"]), [0, 1, 2]);
        assert_eq!(kept(60.0, &["1", "1", "1000000000"]), [0, 2]);
        assert_eq!(kept(20.0, &["1"]), [0]);
    }

    #[test]
    fn an_axis_has_two_marks_at_least() {
        for about in 1..7 {
            for k in 1..400 {
                let k = f64::from(k);
                let (lo, hi) = (k * 0.377 - 40.0, k * 0.377 - 40.0 + k * k * 0.013);
                let marks = ticks(lo, hi, about);
                assert!(marks.len() >= 2, "{lo} to {hi}: {marks:?}");
                assert!(marks[0].1 != marks[1].1 && marks[0].0 >= lo - 1e-6 && marks[marks.len() - 1].0 <= hi + 1e-6);
            }
        }
    }
}
