//! A share of a whole number, by the one rule that every share follows: the share is the decimal that
//! was written, not the binary number next to it, and the result is rounded down, so that a budget is never
//! exceeded.

/// `share` of `whole`: 0.29 of 100 is 29, 0.05 of 30 is 1, 0.5 of 1 is 0.
///
/// A binary number stands for the shortest decimal that is read as it, which is what was written unless
/// that had more than 15 digits.
#[must_use]
pub fn part_of(share: f64, whole: u64) -> u64 {
    if !share.is_finite() || share <= 0.0 {
        return 0;
    }
    let text = share.to_string();
    let (before, after) = text.split_once('.').unwrap_or((&text, ""));
    let digits = before
        .bytes()
        .chain(after.bytes())
        .map(|digit| u128::from(digit - b'0'));
    // 10^19 times a whole number of 64 bits fits into 128 bits: a share finer than that counts for nothing.
    let most = before.len() + after.len().min(18);
    let (mut above, mut below) = (0u128, 1u128);
    for (index, digit) in digits.take(most).enumerate() {
        above = above.saturating_mul(10).saturating_add(digit);
        if index >= before.len() {
            below *= 10;
        }
    }
    u64::try_from(above.saturating_mul(u128::from(whole)) / below).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_the_decimal_that_was_written_rounded_down() {
        for hundredths in 0..=100u64 {
            let share: f64 = format!("0.{hundredths:02}").parse().expect("a number");
            let share = if hundredths == 100 { 1.0 } else { share };
            assert_eq!(part_of(share, 100), hundredths);
            assert_eq!(part_of(share, 10), hundredths / 10, "{share}");
        }
        for (share, whole, part) in [
            (0.05, 30, 1),
            (0.067, 30, 2),
            (0.35, 10, 3),
            (1.15, 100, 115),
            (1000.0, 2_000_000, 2_000_000_000),
            (1e-30, u64::MAX, 0),
            (0.1 + 0.2, 10, 3),
            (0.0, 7, 0),
            (f64::NAN, 7, 0),
        ] {
            assert_eq!(part_of(share, whole), part, "{share} of {whole}");
        }
    }
}
