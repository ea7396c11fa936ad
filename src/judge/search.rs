//! The search for the border between values that do not hold and values that do: a function of what has been ruled so
//! far, which says where to look next.
//!
//! Places run from 0, where the objective is hardest to meet, to the last, where it is easiest.

use std::collections::BTreeMap;

/// What replications say about a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ruling {
    /// The objective holds, at the stated confidence.
    Holds,
    /// It does not, at the stated confidence.
    Fails,
    /// The budget was spent before either could be said.
    Open,
}

/// What to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SearchStep {
    /// Look at this place.
    Ask(usize),
    /// There is an answer.
    Done(SearchEnd),
}

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SearchEnd {
    /// The hardest place that holds, and the easiest place that fails; none where nothing was shown to fail.
    Border {
        /// The hardest place that holds.
        holds: usize,
        /// The easiest place that fails.
        fails: Option<usize>,
    },
    /// It holds even at the hardest place.
    Everywhere,
    /// It is not shown to hold even at the easiest place.
    Nowhere,
    /// It holds at a hard place and fails at an easier one: there is no border to find.
    NotMonotone {
        /// Where it holds.
        holds: usize,
        /// Where it fails although that should be easier.
        fails: usize,
    },
}

/// The next step among `places` places (at least one), after these rulings.
///
/// By bisection: first both ends, then the border of what holds, then its neighbours on both sides, which would show
/// that the objective is not monotone, then the border of what fails.
#[must_use]
pub fn next(places: usize, rulings: &BTreeMap<usize, Ruling>) -> SearchStep {
    let last = places.saturating_sub(1);
    let at = |ruling: Ruling| {
        rulings
            .iter()
            .filter(move |(_, found)| **found == ruling)
            .map(|(place, _)| *place)
    };
    let hardest = at(Ruling::Holds).min();
    let fails = at(Ruling::Fails).max();
    if let (Some(holds), Some(fails)) = (hardest, fails)
        && holds < fails
    {
        return SearchStep::Done(SearchEnd::NotMonotone { holds, fails });
    }
    let ask = |place: usize| (!rulings.contains_key(&place)).then_some(SearchStep::Ask(place));
    if let Some(step) = ask(last).or_else(|| ask(0)) {
        return step;
    }
    if rulings.get(&last) != Some(&Ruling::Holds) {
        return SearchStep::Done(SearchEnd::Nowhere);
    }
    let Some(holds) = hardest else {
        return SearchStep::Done(SearchEnd::Nowhere);
    };
    if holds == 0 {
        return ask(1.min(last)).unwrap_or(SearchStep::Done(SearchEnd::Everywhere));
    }
    let between = |low: usize, high: usize| (high - low > 1).then(|| SearchStep::Ask(usize::midpoint(low, high)));
    let below = rulings.range(..holds).next_back().map_or(0, |(place, _)| *place);
    let neighbours = || ask((holds + 1).min(last)).or_else(|| ask(holds.saturating_sub(2)));
    let border = || {
        let fails = fails?;
        let above = rulings.range(fails + 1..).next().map_or(holds, |(place, _)| *place);
        between(fails, above)
    };
    between(below, holds)
        .or_else(neighbours)
        .or_else(border)
        .unwrap_or(SearchStep::Done(SearchEnd::Border { holds, fails }))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Searches where `truth` rules; the finding and the places that were asked.
    fn search(places: usize, truth: impl Fn(usize) -> Ruling) -> (SearchEnd, Vec<usize>) {
        let (mut rulings, mut asked) = (BTreeMap::new(), Vec::new());
        loop {
            match next(places, &rulings) {
                SearchStep::Ask(place) => {
                    assert!(
                        place < places && rulings.insert(place, truth(place)).is_none(),
                        "{place} twice"
                    );
                    asked.push(place);
                }
                SearchStep::Done(finding) => return (finding, asked),
            }
        }
    }

    /// Fails, then is open, then holds.
    fn border(fails: usize, holds: usize) -> impl Fn(usize) -> Ruling {
        move |place| match place {
            _ if place >= holds => Ruling::Holds,
            _ if place < fails => Ruling::Fails,
            _ => Ruling::Open,
        }
    }

    #[test]
    fn the_border_is_found_wherever_it_is() {
        for places in 1..40 {
            for holds in 0..=places {
                for fails in 0..=holds {
                    let (finding, asked) = search(places, border(fails, holds));
                    let expected = match holds {
                        0 => SearchEnd::Everywhere,
                        _ if holds == places => SearchEnd::Nowhere,
                        _ => SearchEnd::Border {
                            holds,
                            fails: fails.checked_sub(1),
                        },
                    };
                    assert_eq!(finding, expected, "{places} {holds} {fails}");
                    assert!(asked.len() <= 16, "{asked:?}");
                }
            }
        }
    }

    #[test]
    fn a_large_range_takes_few_looks() {
        let (finding, asked) = search(100_000, border(54_000, 54_321));
        assert!(matches!(
            finding,
            SearchEnd::Border {
                holds: 54_321,
                fails: Some(53_999)
            }
        ));
        assert!(asked.len() < 40, "{}", asked.len());
    }

    #[test]
    fn what_is_not_monotone_is_said() {
        // Easy is hard: the ends show it.
        let backwards = |place: usize| if place < 5 { Ruling::Holds } else { Ruling::Fails };
        assert_eq!(search(10, backwards).0, SearchEnd::NotMonotone { holds: 0, fails: 9 });
        // A saw: the neighbours show it.
        let saw = |place: usize| match place {
            0 => Ruling::Fails,
            9 => Ruling::Holds,
            _ if place.is_multiple_of(2) => Ruling::Holds,
            _ => Ruling::Fails,
        };
        assert!(matches!(search(10, saw).0, SearchEnd::NotMonotone { .. }));
    }
}
