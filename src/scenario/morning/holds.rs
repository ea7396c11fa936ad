//! How long those who run still run: laws of whole holds, by class, from the holds that were seen.

use std::collections::BTreeMap;

use super::demand::Profile;
use super::state::{Alike, State};
use super::told::HoldFound;
use crate::kernel::samplers::QuantileTable;
use crate::kernel::{Law, Span};
use crate::stats::hazard::{PiecewiseHazard, SeenSpan};
use crate::workload::BEYOND;

/// A class needs so many holds that have ended for a law of its own, and all together so many for one of all.
const OWN: usize = 20;
const ALL: usize = 5;

/// The probabilities of lasting longer at which a law is written down, falling: near each other as long as many last so
/// long, since between them a table is log-linear.
fn longer_shares() -> impl Iterator<Item = f64> {
    let next = |share: &f64| {
        let step = match *share {
            share if share > 0.9 => 0.97,
            share if share > 0.001 => 0.9,
            _ => 0.5,
        };
        (*share > LEAST).then_some(share * step)
    };
    std::iter::successors(Some(0.99), next)
}

/// So few last longer than the last point of a law.
const LEAST: f64 = 1e-6;

/// The laws, and which of them holds for whom.
pub(super) struct Holds {
    pub laws: Vec<HoldFound>,
    pub of: BTreeMap<Alike, usize>,
}

/// The laws for all who run or have run, where something is known of them.
pub(super) fn found(state: &State, profile: Option<&Profile>) -> Holds {
    let mut holds = Holds {
        laws: Vec::new(),
        of: BTreeMap::new(),
    };
    let everybody: Vec<SeenSpan> = state.seen.values().flatten().copied().collect();
    let mut pooled = None;
    for (alike, seen) in &state.seen {
        let own = of_spans(seen, &told(alike), OWN);
        let others = || profile.and_then(|profile| profile.hold(&alike.0));
        if let Some(law) = own.or_else(others) {
            holds.laws.push(law);
            holds.of.insert(alike.clone(), holds.laws.len() - 1);
            continue;
        }
        let at = *pooled.get_or_insert_with(|| {
            let all = of_spans(&everybody, "all classes together", ALL)?;
            holds.laws.push(all);
            Some(holds.laws.len() - 1)
        });
        if let Some(at) = at {
            holds.of.insert(alike.clone(), at);
        }
    }
    holds
}

/// A group of requests in words.
pub(super) fn told((class, robots): &Alike) -> String {
    match robots {
        true => format!("{class}, monitoring"),
        false => class.clone(),
    }
}

fn of_spans(seen: &[SeenSpan], of: &str, least: usize) -> Option<HoldFound> {
    let hazard = PiecewiseHazard::of(seen).filter(|hazard| hazard.ends >= least)?;
    let law = table(&|age: Span| hazard.longer(age.0 as f64))?;
    let running = seen.len() - hazard.ends;
    Some(HoldFound {
        of: of.to_owned(),
        law,
        from: format!("{} holds that ended and {running} that had not", hazard.ends),
    })
}

/// The law of which `longer` is the probability of lasting longer than an age.
pub(super) fn table(longer: &dyn Fn(Span) -> f64) -> Option<Law> {
    let mut points: Vec<(f64, f64)> = vec![(0.0, 0.0)];
    for share in longer_shares() {
        let p = if share <= LEAST { 1.0 } else { 1.0 - share };
        points.push(((p * 1e6).round() / 1e6, age_where(longer, share).0 as f64));
    }
    points.dedup_by_key(|(p, _)| *p);
    Some(Law::Table(QuantileTable::new(points).ok()?))
}

/// The age that so large a share lasts beyond.
fn age_where(longer: &dyn Fn(Span) -> f64, share: f64) -> Span {
    let (mut low, mut high) = (0, BEYOND.0);
    while low < high {
        let middle = low + (high - low) / 2;
        if longer(Span(middle)) > share {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    Span(low)
}

/// A law in TOML.
pub(super) fn toml(law: &Law) -> String {
    let Law::Table(table) = law else { return String::new() };
    let points: Vec<String> = table
        .points()
        .iter()
        .map(|(p, ms)| format!("[{p:?}, \"{}\"]", Span(*ms as u64)))
        .collect();
    format!("{{ quantiles = [{}] }}", points.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_law_is_written_down_so_that_it_stays_what_it_was() {
        let own = Law::Exponential(Span::hours(10));
        let written = table(&|age| own.longer(age)).expect("a law");
        for hours in [1, 5, 10, 30, 60] {
            let at = Span::hours(hours);
            assert!((own.longer(at) - written.longer(at)).abs() < 0.01, "{hours} h");
        }
        // Without a memory what is left hangs on no age.
        let left = |age| {
            written
                .left(Span::hours(age), 0.5)
                .expect("some last so long")
                .as_hours()
        };
        assert!(
            (left(0) - 6.93).abs() < 0.2 && (left(20) - 6.93).abs() < 0.4,
            "{} {}",
            left(0),
            left(20)
        );
        assert!(
            toml(&written).starts_with("{ quantiles = [[0.0, \"0s\"], [0.01, \""),
            "{}",
            toml(&written)
        );
    }
}
