//! Numbers as text: always the same digits for the same value, never an exponent, never `-0`.

/// At most six decimals, trailing zeros cut: the form of every float in a file.
#[must_use]
pub fn fixed(value: f64) -> String {
    trimmed(format!("{value:.6}"))
}

/// The value that [`fixed`] writes, so that what is drawn before writing and after reading is the same.
#[must_use]
pub fn as_written(value: f64) -> f64 {
    fixed(value).parse().unwrap_or(value)
}

/// Whole milliseconds as seconds, with at most three decimals.
#[must_use]
pub fn seconds(ms: u64) -> String {
    trimmed(format!("{}.{:03}", ms / 1000, ms % 1000))
}

/// The milliseconds that [`seconds`] wrote.
#[must_use]
pub fn parse_seconds(text: &str) -> Option<u64> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || part.len() > 3 || !digits(whole) || !digits(part) {
        return None;
    }
    let part: u64 = format!("{part:0<3}").parse().ok()?;
    whole.parse::<u64>().ok()?.checked_mul(1000)?.checked_add(part)
}

fn trimmed(text: String) -> String {
    let short = if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.')
    } else {
        &text
    };
    if short == "-0" {
        "0".to_owned()
    } else {
        short.to_owned()
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_have_one_form() {
        for (value, text) in [
            (0.0, "0"),
            (-0.0, "0"),
            (-1e-9, "0"),
            (1.5, "1.5"),
            (1e-6, "0.000001"),
            (2e21, "2000000000000000000000"),
            (100.0, "100"),
        ] {
            assert_eq!(fixed(value), text);
        }
        assert_eq!(rounded(-0.004, 2), "0.00");
        assert_eq!(signed(0.004, 2), "0.00");
        assert_eq!(signed(0.5, 1), "+0.5");
    }

    #[test]
    fn seconds_are_exact_both_ways() {
        for ms in [0, 1, 10, 999, 1000, 60_500, u64::MAX] {
            assert_eq!(parse_seconds(&seconds(ms)), Some(ms));
        }
        assert_eq!(seconds(1_050), "1.05");
        for bad in ["", ".5", "-1", "1.2345", "1e3", " 1", "99999999999999999999"] {
            assert_eq!(parse_seconds(bad), None, "{bad}");
        }
    }

    #[test]
    fn digits_follow_the_interval() {
        assert_eq!(decimals(&[0.97312], &[0.0012]), 4);
        assert_eq!(decimals(&[1234.5], &[56.7]), 0);
        assert_eq!(decimals(&[3.0, 4.0], &[]), 0);
    }
}
