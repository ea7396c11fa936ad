//! The finer parts of the comparison: which strategies can be told apart at all, pooled quantiles, what happened in some
//! replications only, and what became of the goals.

use super::{Place, change, some, tables};
use crate::cells::columns::Metric;
use crate::judge::advice::headline;
use crate::judge::results::{Arm, Results, shown};
use crate::report::number::{decimals, rounded};
use crate::report::plots::{percent, words};
use crate::report::roster::broken;
use crate::report::{factor, paired, points_or_unit};
use crate::stats::estimate::Estimate;

/// When the claims were decided, what matters, and how many replications the open ones would take.
pub(super) fn decided(results: &Results, wide: usize) -> String {
    let claims = &results.claims;
    let mut said: Vec<String> = Vec::new();
    let matters = headline(results).into_iter().filter_map(|at| {
        let matters = claims.all.iter().find(|claim| claim.column == at)?.ruled.paired.matters;
        let size = change(matters, results.columns.at(at));
        Some(format!(
            "{} in {}",
            size.trim_start_matches('+'),
            words(results.columns[at].name)
        ))
    });
    said.push(format!(
        "Same: the difference is smaller than what matters (`report.matters`): {}.",
        matters.collect::<Vec<_>>().join(", ")
    ));
    let label = |arm: usize| results.arms.get(arm).map_or("", |arm| arm.label.as_str());
    let open = claims.all.iter().filter(|claim| claim.ruled.at.is_none());
    let open: Vec<String> = open
        .map(|claim| {
            let needs = claim.ruled.needs.map_or_else(
                || "cannot be said".to_owned(),
                |needs| format!("about {} replications", super::super::number::rounded(needs as f64, 0)),
            );
            format!(
                "{} of {} ({needs})",
                words(results.columns[claim.column].name),
                label(claim.arm)
            )
        })
        .collect();
    if !open.is_empty() {
        said.push(format!("Not decided, with what it would take: {}.", open.join("; ")));
    }
    if claims.short {
        said.push("The budget of simulated events (`report.max_events`) left no further look.".to_owned());
    }
    let lines: Vec<String> = said.iter().flat_map(|text| broken(text, wide)).collect();
    format!("{}\n\n", lines.join("\n"))
}

/// All pairs of the metrics shown, by letters.
pub(super) fn apart(results: &Results, arms: &[&Arm], wide: usize) -> String {
    let of = |place: usize| results.letters.get(place).filter(|own| !own.is_empty());
    let rows: Vec<Place> = shown(results)
        .into_iter()
        .filter(|(place, _)| of(*place).is_some())
        .collect();
    // Where all share the one letter there is nothing to tell.
    let (told, same): (Vec<Place>, Vec<Place>) = rows
        .into_iter()
        .partition(|(place, _)| of(*place).is_some_and(|own| own.iter().any(|l| *l != own[0])));
    if told.is_empty() && same.is_empty() {
        return String::new();
    }
    let said = format!(
        "Which strategies can be told apart, all pairs of all metrics at once at {} % (those that share a letter cannot; a is the good side):",
        percent(results.confidence)
    );
    let mut out = format!("{}\n\n", broken(&said, wide).join("\n"));
    let cells = |(place, _): Place, arms: &[&Arm]| -> Vec<String> {
        let letters = |at: usize| of(place).and_then(|own| own.get(at)).cloned().unwrap_or_default();
        (0..arms.len()).map(letters).collect()
    };
    if !told.is_empty() {
        out.push_str(&tables("metric", &told, arms, &cells, wide));
    }
    if !same.is_empty() {
        let names: Vec<&str> = same.iter().map(|(_, column)| column.name).collect();
        out.push_str(&broken(&format!("No two can be told apart in {}.", names.join(", ")), wide).join("\n"));
        out.push_str("\n\n");
    }
    out
}

/// The pooled quantiles of the metrics shown.
pub(super) fn pooled(results: &Results, arms: &[&Arm], wide: usize) -> String {
    let of = |arm: &Arm, place: usize| arm.pooled.iter().find(|q| q.column == place).copied();
    let rows: Vec<Place> = shown(results)
        .into_iter()
        .filter(|(place, _)| arms.iter().any(|arm| of(arm, *place).is_some()))
        .collect();
    if rows.is_empty() || results.replications < 2 {
        return String::new();
    }
    let cells = |(place, _): Place, arms: &[&Arm]| -> Vec<String> {
        let cell = |arm: &&Arm| {
            of(arm, place).map_or_else(
                || "none".to_owned(),
                |q| {
                    let e = Estimate {
                        mean: q.value,
                        lo: q.lo,
                        hi: q.hi,
                        n: q.n,
                    };
                    super::estimated(e)
                },
            )
        };
        arms.iter().map(cell).collect()
    };
    let said = "Quantiles over all replications together (above: means of the replications' own):";
    format!(
        "{}\n\n{}",
        broken(said, wide).join("\n"),
        tables("metric", &rows, arms, &cells, wide)
    )
}

/// What happened in some replications and not in all.
pub(super) fn happened(results: &Results, arms: &[&Arm], wide: usize) -> String {
    let of = |arm: &Arm, place: usize| arm.happened.iter().find(|h| h.column == place).copied();
    let rows: Vec<Place> = shown(results)
        .into_iter()
        .filter(|(place, c)| {
            c.metric != Metric::Refused
                && c.metric.cause().is_none()
                && arms.iter().any(|arm| of(arm, *place).is_some())
        })
        .collect();
    if rows.is_empty() {
        return String::new();
    }
    let cells = |(place, _): Place, arms: &[&Arm]| -> Vec<String> {
        let cell = |arm: &&Arm| {
            if let Some(h) = of(arm, place) {
                let [lo, hi] = [h.share.lo, h.share.hi].map(|share| rounded(share * 100.0, 0));
                return format!("{} of {} [{lo} %, {hi} %]", h.hits, h.n);
            }
            match super::estimate(arm, place) {
                Some(e) if e.mean > 0.0 => "all".to_owned(),
                Some(_) => "none".to_owned(),
                None => String::new(),
            }
        };
        arms.iter().map(cell).collect()
    };
    format!(
        "Replications in which it happened at all:\n\n{}",
        tables("metric", &rows, arms, &cells, wide)
    )
}

/// What pairing saved, over the headline metrics.
pub(super) fn pairing(results: &Results) -> Option<String> {
    let saved = |place: usize| {
        let metric = results.columns[place].metric;
        let shares = results
            .arms
            .iter()
            .filter_map(|arm| paired(arm, metric.at())?.variance_reduction);
        let shares: Vec<f64> = shares.collect();
        let lo = shares.iter().copied().reduce(f64::min)?;
        let hi = shares.iter().copied().reduce(f64::max)?;
        let [from, to] = [lo, hi].map(|share| rounded(share * 100.0, 0));
        Some(if from == to {
            format!("{from} % in {}", words(metric.name()))
        } else {
            format!("{from} to {to} % in {}", words(metric.name()))
        })
    };
    let said: Vec<String> = headline(results).into_iter().filter_map(saved).collect();
    (!said.is_empty()).then(|| {
        format!(
            "Pairing took off the variance of a difference, against independent replications: {} (less than 0: it added).",
            said.join(", ")
        )
    })
}

/// The best strategy, in words.
pub(super) fn chosen(results: &Results) -> Option<String> {
    let best = results.best.as_ref()?;
    let column = results.columns.at(best.column);
    let label = |at: &usize| results.arms.get(*at).map_or("", |arm| arm.label.as_str()).to_owned();
    let left: Vec<String> = best.left.iter().map(label).collect();
    let zone = change(best.indifference, column).trim_start_matches('+').to_owned();
    let level = percent(best.confidence);
    Some(match (best.at, left.as_slice()) {
        (Some(at), [one]) => format!(
            "Best in {}: {one}, with a probability of {level} % or within {zone} of the best (decided at {at} replications).",
            words(column.name)
        ),
        (Some(at), _) => format!(
            "Best in {}: {}, which took the very same values (decided at {at} replications).",
            words(column.name),
            some(left)
        ),
        (None, _) => format!(
            "Best in {}: not decided between {} after {} replications (wanted: {level} %, indifference {zone}).",
            words(column.name),
            some(left),
            results.replications
        ),
    })
}

/// What became of the precision asked for, in words.
pub(super) fn precise(results: &Results) -> Option<String> {
    let goal = results.precision.as_ref()?;
    let column = results.columns.at(goal.column);
    let (factor, unit) = (factor(column), points_or_unit(column));
    let widths = goal.half_widths.iter().map(|(at, widths)| {
        let label = results.arms.get(*at).map_or("", |arm| arm.label.as_str());
        match widths {
            Some((half, wanted)) => {
                let places = decimals(&[*half * factor, *wanted * factor], &[*wanted * factor]);
                let [half, wanted] = [half, wanted].map(|w| rounded(w * factor, places));
                format!("{label} ±{half} of {wanted} {unit}")
            }
            None => format!("{label} has too few values"),
        }
    });
    let widths: Vec<String> = widths.collect();
    Some(format!(
        "The precision asked of {} was {} ({}).",
        words(column.name),
        if goal.at.is_some() {
            "reached"
        } else {
            "NOT reached within the budget"
        },
        widths.join(", ")
    ))
}

#[cfg(test)]
mod tests {
    use crate::cells::columns::Metric;
    use crate::judge::sample::{SampleWish, results};
    use crate::report::table::comparison;
    use crate::stats::best::BestChosen;
    use crate::stats::precision::PrecisionReached;
    use crate::stats::width::GoalOf;

    fn sample() -> crate::judge::results::Results {
        results(SampleWish {
            arms: 4,
            replications: 20,
            eventful: true,
        })
    }

    #[test]
    fn letters_pooled_quantiles_and_rare_events_are_shown() {
        let text = comparison(&sample(), 140);
        for line in [
            "Which strategies can be told apart, all pairs of all metrics at once at 95 %",
            "Quantiles over all replications together",
            "1 of 20 [1 %, 24 %]",
            "Pairing took off the variance of a difference",
        ] {
            assert!(text.contains(line), "{line}:\n{text}");
        }
    }

    #[test]
    fn goals_are_told_reached_or_not() {
        let mut sample = sample();
        let acceptance = Metric::Acceptance.at();
        sample.best = Some(BestChosen {
            column: acceptance,
            indifference: 0.005,
            confidence: 0.95,
            first: 10,
            at: Some(17),
            budget: 500,
            left: vec![2],
            let_go: vec![(0, 12), (1, 17), (3, 10)],
        });
        sample.precision = Some(PrecisionReached {
            column: acceptance,
            of: GoalOf::Mean,
            confidence: 0.95,
            at: Some(15),
            budget: 500,
            half_widths: vec![(0, Some((0.0018, 0.002))), (1, None)],
        });
        let text = comparison(&sample, 140).replace('\n', " ");
        assert!(
            text.contains("Best in acceptance: hidden-via-extra-spec, with a probability of 95 % or within 0.50 points of the best (decided at 17"),
            "{text}"
        );
        assert!(
            text.contains("was reached (withdraw ±0.18 of 0.20 points, naive has too few values)."),
            "{text}"
        );
        if let (Some(best), Some(precision)) = (&mut sample.best, &mut sample.precision) {
            (best.at, best.left, precision.at) = (None, vec![1, 2], None);
        }
        let text = comparison(&sample, 140).replace('\n', " ");
        assert!(
            text.contains("not decided between naive and hidden-via-extra-spec after 20 replications"),
            "{text}"
        );
        assert!(text.contains("was NOT reached within the budget"), "{text}");
    }
}
