//! Rank regression (Iman and Conover 1979): ranks of an output on ranks of the inputs, by least squares. It tells which
//! inputs an output hangs on where the relation is monotone and not linear; R² says how far that holds.

use super::estimate::tidy;

/// A rank regression.
#[derive(Clone, Debug, PartialEq)]
pub struct RankRegression {
    /// The share of the variance of the output's ranks that the inputs' ranks explain.
    pub r2: f64,
    /// The standardised coefficients, by input: 1 where the output's rank is the input's, -1 where it is the reverse.
    pub coefficients: Vec<f64>,
}

impl RankRegression {
    /// What each input has of what all of them explain, by the squares of the coefficients: right where the inputs do not
    /// hang together, as in a Latin hypercube. Sums to 1.
    #[must_use]
    pub fn shares(&self) -> Vec<f64> {
        let sum: f64 = self.coefficients.iter().map(|c| c * c).sum();
        let share = |c: &f64| if sum > 0.0 { tidy(c * c / sum) } else { 0.0 };
        self.coefficients.iter().map(share).collect()
    }
}

/// Ranks from 1; those of equal values are their mean.
#[must_use]
pub fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut ranks = vec![0.0; values.len()];
    let mut at = 0;
    while at < order.len() {
        let equal = order[at..]
            .iter()
            .take_while(|&&i| values[i] == values[order[at]])
            .count();
        let mean = at as f64 + (equal as f64 + 1.0) / 2.0;
        order[at..at + equal].iter().for_each(|&i| ranks[i] = mean);
        at += equal;
    }
    ranks
}

/// Regresses the ranks of `output` on those of the inputs, each of which has a value for every output. An input that does not
/// vary has the coefficient 0. None where the output does not vary, there are too few values for so many inputs, or inputs
/// determine each other.
#[must_use]
pub fn rank_regression(inputs: &[Vec<f64>], output: &[f64]) -> Option<RankRegression> {
    let y = standardised(output)?;
    let varied: Vec<(usize, Vec<f64>)> = inputs
        .iter()
        .enumerate()
        .filter_map(|(at, input)| Some((at, standardised(input)?)))
        .collect();
    if output.len() < varied.len() + 2 || inputs.iter().any(|input| input.len() != output.len()) {
        return None;
    }
    let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let matrix = varied.iter().map(|(_, a)| {
        let row = varied.iter().map(|(_, b)| product(a, b));
        row.chain([product(a, &y)]).collect()
    });
    let solved = solve(matrix.collect())?;
    let explained: f64 = varied.iter().zip(&solved).map(|((_, x), c)| c * product(x, &y)).sum();
    let mut coefficients = vec![0.0; inputs.len()];
    for ((at, _), coefficient) in varied.iter().zip(&solved) {
        coefficients[*at] = tidy(*coefficient);
    }
    Some(RankRegression {
        r2: tidy(explained.clamp(0.0, 1.0)),
        coefficients,
    })
}

/// The ranks with mean 0 and length 1; none where all are equal.
fn standardised(values: &[f64]) -> Option<Vec<f64>> {
    let ranks = ranks(values);
    let mean = ranks.iter().sum::<f64>() / ranks.len().max(1) as f64;
    let centred: Vec<f64> = ranks.iter().map(|rank| rank - mean).collect();
    let length = centred.iter().map(|x| x * x).sum::<f64>().sqrt();
    (length > 0.0).then(|| centred.iter().map(|x| x / length).collect())
}

/// Solves linear equations, each a row with its right side last, by elimination with pivots; none where they are singular.
fn solve(mut rows: Vec<Vec<f64>>) -> Option<Vec<f64>> {
    let n = rows.len();
    for at in 0..n {
        let pivot = (at..n).max_by(|&a, &b| rows[a][at].abs().total_cmp(&rows[b][at].abs()))?;
        rows.swap(at, pivot);
        if rows[at][at].abs() < 1e-9 {
            return None;
        }
        let own = rows[at].clone();
        for row in &mut rows[at + 1..] {
            let factor = row[at] / own[at];
            row.iter_mut().zip(&own).for_each(|(x, y)| *x -= factor * y);
        }
    }
    let mut solved = vec![0.0; n];
    for at in (0..n).rev() {
        let known: f64 = (at + 1..n).map(|k| rows[at][k] * solved[k]).sum();
        solved[at] = (rows[at][n] - known) / rows[at][at];
    }
    Some(solved)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(a: f64, b: f64) -> bool {
        (a - b).abs() < 1e-6
    }

    #[test]
    fn ties_share_their_ranks() {
        assert_eq!(ranks(&[10.0, 5.0, 10.0, 1.0]), [3.5, 2.0, 3.5, 1.0]);
        assert!(ranks(&[]).is_empty());
    }

    /// One input: the coefficient is Spearman's rho; the example of IQ and hours of television, where it is -29/165.
    #[test]
    fn one_input_has_spearmans_coefficient() {
        let iq = vec![106.0, 86.0, 100.0, 101.0, 99.0, 103.0, 97.0, 113.0, 112.0, 110.0];
        let hours = [7.0, 0.0, 27.0, 50.0, 28.0, 29.0, 20.0, 12.0, 6.0, 17.0];
        let found = rank_regression(&[iq], &hours).expect("it varies");
        assert!(near(found.coefficients[0], -29.0 / 165.0), "{found:?}");
        assert!(near(found.r2, 29.0 / 165.0 * 29.0 / 165.0));
    }

    #[test]
    fn a_monotone_relation_is_told_whole_and_an_idle_input_has_no_part() {
        let x: Vec<f64> = (0..20).map(f64::from).collect();
        let idle: Vec<f64> = (0..20).map(|k| f64::from(k * 7 % 20)).collect();
        let output: Vec<f64> = x.iter().map(|x| -x * x * x).collect();
        let found = rank_regression(&[idle, x, vec![3.0; 20]], &output).expect("it varies");
        assert!(near(found.r2, 1.0) && near(found.coefficients[1], -1.0), "{found:?}");
        assert_eq!(found.shares(), [0.0, 1.0, 0.0]);
    }

    /// Two inputs that do not hang together and add up: each has its part, as the squares of the weights say.
    #[test]
    fn what_adds_up_is_shared() {
        let grid = (0..15_u32).flat_map(|a| (0..15_u32).map(move |b| (f64::from(a), f64::from(b))));
        let (a, b): (Vec<f64>, Vec<f64>) = grid.unzip();
        let output: Vec<f64> = a.iter().zip(&b).map(|(a, b)| 2.0 * a - b).collect();
        let found = rank_regression(&[a, b], &output).expect("it varies");
        assert!(found.r2 > 0.97, "{found:?}");
        let shares = found.shares();
        assert!(
            (shares[0] - 0.8).abs() < 0.03 && near(shares[0] + shares[1], 1.0),
            "{shares:?}"
        );
    }

    #[test]
    fn what_cannot_be_told_is_not() {
        let x: Vec<f64> = (0..9).map(f64::from).collect();
        assert_eq!(rank_regression(std::slice::from_ref(&x), &[1.0; 9]), None);
        assert_eq!(rank_regression(&[x.clone(), x.clone()], &x), None);
        assert_eq!(rank_regression(&[vec![1.0, 2.0]], &[1.0, 2.0]), None);
    }
}
