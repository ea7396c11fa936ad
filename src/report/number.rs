//! Numbers as they are shown.

use crate::stats::compare::Paired;
use crate::stats::estimate::Estimate;

/// So many decimals, with no `-0`.
#[must_use]
pub fn rounded(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    let zero = text.bytes().all(|b| matches!(b, b'-' | b'0' | b'.'));
    if zero {
        text.trim_start_matches('-').to_owned()
    } else {
        text
    }
}

/// Like [`rounded`], with a sign before positive values too.
#[must_use]
pub fn signed(value: f64, decimals: usize) -> String {
    let text = rounded(value, decimals);
    let positive = text.bytes().any(|b| matches!(b, b'1'..=b'9')) && !text.starts_with('-');
    if positive { format!("+{text}") } else { text }
}

/// Decimals that show two digits of the narrowest interval, and no more than four digits of the
/// largest value where no interval asks for them.
#[must_use]
pub fn decimals(means: &[f64], half_widths: &[f64]) -> usize {
    let largest = means.iter().fold(0.0_f64, |a, &b| a.max(b.abs()));
    let narrowest = half_widths
        .iter()
        .copied()
        .filter(|w| *w > 0.0)
        .fold(f64::INFINITY, f64::min);
    let by_value = 3 - magnitude(largest);
    let wanted = if narrowest.is_finite() {
        (1 - magnitude(narrowest)).min(by_value + 1)
    } else {
        by_value
    };
    let whole = means.iter().chain(half_widths).all(|v| (v - v.round()).abs() < 1e-9);
    if whole {
        0
    } else {
        usize::try_from(wanted).unwrap_or(0).min(6)
    }
}

/// The power of ten of the first digit; 0 for 0.
#[must_use]
pub fn magnitude(value: f64) -> i32 {
    if value == 0.0 || !value.is_finite() {
        0
    } else {
        libm::floor(libm::log10(value.abs()) + 1e-9) as i32
    }
}

/// A mean with its interval; each has the digits that its own interval can carry.
#[must_use]
pub fn estimated(e: Estimate) -> String {
    let places = decimals(&[e.mean], &[(e.hi - e.lo) / 2.0]);
    let mean = rounded(e.mean, places);
    if e.n > 1 {
        format!("{mean} [{}, {}]", rounded(e.lo, places), rounded(e.hi, places))
    } else {
        mean
    }
}

/// A difference with its interval.
#[must_use]
pub fn differed(p: Paired) -> String {
    let places = decimals(&[p.diff], &[(p.hi - p.lo) / 2.0]);
    let diff = signed(p.diff, places);
    if p.n > 1 {
        format!("{diff} [{}, {}]", signed(p.lo, places), signed(p.hi, places))
    } else {
        diff
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_less_than_nothing() {
        assert_eq!(rounded(-0.004, 2), "0.00");
        assert_eq!(signed(0.004, 2), "0.00");
        assert_eq!(signed(0.5, 1), "+0.5");
    }

    #[test]
    fn digits_follow_the_interval() {
        assert_eq!(decimals(&[0.97312], &[0.0012]), 4);
        assert_eq!(decimals(&[1234.5], &[56.7]), 0);
        assert_eq!(decimals(&[3.0, 4.0], &[]), 0);
    }
}
