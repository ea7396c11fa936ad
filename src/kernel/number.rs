//! Numbers as files hold them: always the same digits for the same value, never an exponent, never `-0`.

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
}
