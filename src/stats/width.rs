//! How narrow an interval, or how small a difference, somebody wants: in a metric's unit or as a share.

/// A difference or half-width as it is typed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Width {
    /// A number in the metric's unit.
    Absolute(f64),
    /// Points of a share, already as a share: `"0.2pp"` is 0.002.
    Points(f64),
    /// A share of the mean: `"5%"` is 0.05.
    Relative(f64),
}

impl Width {
    /// A width from its text: `"0.2pp"` or `"5%"`.
    ///
    /// # Errors
    /// When it is neither, or not above 0.
    pub fn parse(text: &str) -> Result<Width, String> {
        let text = text.trim();
        let number = |digits: &str| match digits.trim().parse::<f64>() {
            Ok(n) if n > 0.0 && n.is_finite() => Ok(n / 100.0),
            Ok(_) => Err(format!("`{text}` is not above 0")),
            Err(_) => Err(format!("`{text}` is no width")),
        };
        if let Some(points) = text.strip_suffix("pp") {
            number(points).map(Width::Points)
        } else if let Some(share) = text.strip_suffix('%') {
            number(share).map(Width::Relative)
        } else {
            Err(format!("`{text}` is no width"))
        }
    }

    /// In the metric's unit, for a mean of `mean`.
    #[must_use]
    pub fn at(self, mean: f64) -> f64 {
        match self {
            Width::Absolute(width) | Width::Points(width) => width,
            Width::Relative(share) => share * mean.abs(),
        }
    }
}

/// Of what a precision is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GoalOf {
    /// Of the mean of every strategy.
    Mean,
    /// Of the difference of every strategy from the baseline.
    Difference,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_are_points_or_shares_above_zero() {
        assert_eq!(Width::parse("0.2pp"), Ok(Width::Points(0.002)));
        assert_eq!(Width::parse(" 5 % "), Ok(Width::Relative(0.05)));
        for wrong in ["", "pp", "0pp", "-1%", "5", "5 nodes", "NaNpp", "inf%"] {
            assert!(Width::parse(wrong).is_err(), "{wrong}");
        }
        assert_eq!(Width::Relative(0.05).at(-40.0), 2.0);
        assert_eq!(Width::Points(0.002).at(0.9), 0.002);
    }
}
