//! How long things last of which some are cut off: what began before it was seen, and what had not ended when the data did.
//!
//! The hazard is constant between ages at which about equally many ended; in each piece it is those that ended by the time
//! that all spent there, which is its maximum-likelihood estimate under both kinds of cut (Friedman 1982). Beyond the last
//! piece it stays as it was there: what lasts longer than anything seen has no other estimate.

/// A length of time as far as it was seen, in any unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SeenSpan {
    /// How long it had lasted when it was first seen.
    pub from: f64,
    /// How long it had lasted when it was last seen.
    pub until: f64,
    /// Whether it ended then.
    pub ended: bool,
}

/// The hazard of an end, by age.
#[derive(Clone, Debug, PartialEq)]
pub struct PiecewiseHazard {
    /// Where each piece begins, rising from 0, and its hazard.
    pieces: Vec<(f64, f64)>,
    /// How many ends it rests on.
    pub ends: usize,
}

/// About so many ends make a piece.
const ENDS: usize = 8;
/// More pieces than this say nothing more.
const PIECES: usize = 12;

impl PiecewiseHazard {
    /// The hazard behind these spans; none where none has ended.
    #[must_use]
    pub fn of(spans: &[SeenSpan]) -> Option<PiecewiseHazard> {
        let mut ends: Vec<f64> = spans.iter().filter(|span| span.ended).map(|span| span.until).collect();
        ends.sort_by(f64::total_cmp);
        let pieces = (ends.len() / ENDS).clamp(1, PIECES);
        let mut edges = vec![0.0];
        for piece in 1..pieces {
            let edge = ends[ends.len() * piece / pieces];
            if edges.last().is_some_and(|last| edge > *last) {
                edges.push(edge);
            }
        }
        let mut found: Vec<(f64, f64)> = Vec::with_capacity(edges.len());
        for (at, &edge) in edges.iter().enumerate() {
            let next = edges.get(at + 1).copied().unwrap_or(f64::INFINITY);
            let died = ends.iter().filter(|end| **end > edge && **end <= next).count();
            let spent: f64 = spans
                .iter()
                .map(|span| (span.until.min(next) - span.from.max(edge)).max(0.0))
                .sum();
            let last = found.last().map_or(0.0, |(_, hazard)| *hazard);
            let open = next == f64::INFINITY && died == 0;
            let hazard = if spent > 0.0 && !open {
                died as f64 / spent
            } else {
                last
            };
            found.push((edge, hazard));
        }
        let lasting = found.last().is_some_and(|(_, hazard)| *hazard > 0.0);
        lasting.then_some(PiecewiseHazard {
            pieces: found,
            ends: ends.len(),
        })
    }

    /// The probability of lasting longer than this.
    #[must_use]
    pub fn longer(&self, than: f64) -> f64 {
        let mut summed = 0.0;
        for (at, (edge, hazard)) in self.pieces.iter().enumerate() {
            let next = self.pieces.get(at + 1).map_or(f64::INFINITY, |(next, _)| *next);
            summed += (than.min(next) - edge).max(0.0) * hazard;
        }
        libm::exp(-summed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::streams::Seed;
    use crate::kernel::{Law, Span};

    fn ended(until: f64) -> SeenSpan {
        SeenSpan {
            from: 0.0,
            until,
            ended: true,
        }
    }

    #[test]
    fn a_few_ends_give_ends_by_time_spent() {
        // Two ended after 2 and 4 h, one was seen from 1 h to 5 h: 2 ends in 2 + 4 + 4 = 10 h.
        let open = SeenSpan {
            from: 1.0,
            until: 5.0,
            ended: false,
        };
        let hazard = PiecewiseHazard::of(&[ended(2.0), ended(4.0), open]).expect("some ended");
        assert_eq!(hazard.ends, 2);
        assert!((hazard.longer(5.0) - libm::exp(-1.0)).abs() < 1e-12);
        assert_eq!(PiecewiseHazard::of(&[open]), None);
        assert_eq!(PiecewiseHazard::of(&[]), None);
    }

    #[test]
    fn spans_that_are_all_alike_end_by_then() {
        let hazard = PiecewiseHazard::of(&[ended(24.0); 40]).expect("some ended");
        assert!(hazard.longer(24.0) < 0.4 && hazard.longer(0.0) == 1.0);
    }

    /// From spans of a known law, half of them cut off before they end and some first seen late.
    #[test]
    fn the_law_is_found_again_from_what_is_cut_off() {
        let law = Law::Weibull {
            scale: Span::hours(10),
            shape: 0.7,
        };
        let mut stream = Seed {
            master: 12,
            replication: 0,
        }
        .stream(1, 1);
        let mut spans = Vec::new();
        for _ in 0..6_000 {
            let whole = law.draw(&mut stream).0 as f64;
            let (from, cut) = (stream.unit() * 4.0e7 - 2.0e7, stream.unit() * 6.0e7);
            let from = from.max(0.0);
            if whole > from && cut > from {
                spans.push(SeenSpan {
                    from,
                    until: whole.min(cut),
                    ended: whole <= cut,
                });
            }
        }
        let hazard = PiecewiseHazard::of(&spans).expect("some ended");
        for hours in [2_u64, 5, 10, 15] {
            let (own, found) = (
                law.longer(Span::hours(hours)),
                hazard.longer(Span::hours(hours).0 as f64),
            );
            assert!((own - found).abs() < 0.05, "{hours} h: {own} and {found}");
        }
    }
}
