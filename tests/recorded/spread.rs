//! What hangs on windows and ties has no one answer: runs of one time table on a real cloud are held against a thousand
//! simulated ones as samples of one distribution.
//!
//! The simulated runs have the real ones' clock: a hundred with that of each. How long passes, deploys, cleans and
//! answers took was measured and is no question here; what follows from it is.
//!
//! The test is a permutation test on the difference of means: of all runs, real and simulated, as many as are real are
//! drawn anew without end, and the p-value is the share of draws whose mean is as far from the others'. Its power is
//! told as the shift of the real mean that it would find four times in five.

use std::collections::BTreeMap;

use sickbay::cells::cell::run_cell;
use sickbay::cells::rows::RequestOutcome;
use sickbay::fleet::WindowId;

use super::replay::by_clock;
use super::tape::{self, Played, Recording};

const SIMULATED: u64 = 1000;
const DRAWS: usize = 4000;
/// No metric of any strategy may be further off than this allows, all of them taken together.
const LEVEL: f64 = 0.01;

/// The figures of one run.
type Figures = BTreeMap<&'static str, f64>;

/// A recorded run's figures.
fn of_run(played: &Played) -> Figures {
    let mut figures = Figures::new();
    let served = played
        .accounts
        .iter()
        .filter(|(what, one)| !what.starts_with("boot ") && one.is_served());
    figures.insert("accepted", served.count() as f64);
    figures.insert("refused after builds", played.refused_after_builds as f64);
    figures.insert("failed builds", played.failed_builds as f64);
    figures.insert("boots that ran", played.waits.len() as f64);
    if !played.waits.is_empty() {
        figures.insert("boots' wait, s", mean(&played.waits));
    }
    figures
}

/// A simulated run's figures.
fn simulated(recording: &Recording, label: &str, seed: u64) -> Figures {
    let scenario = by_clock(recording, label, seed);
    let place = scenario.variants.iter().position(|one| one.label == label);
    let place = place.unwrap_or_else(|| panic!("no strategy `{label}`"));
    let log = run_cell(&scenario, place, 0, &|| false).log.unwrap_or_default();
    let mut figures = Figures::new();
    let served = |row: &&sickbay::cells::rows::RequestRow| row.outcome == RequestOutcome::Accepted;
    figures.insert("accepted", log.requests.iter().filter(served).count() as f64);
    let lost = log
        .requests
        .iter()
        .filter(|row| row.outcome == RequestOutcome::Refused && row.failed_builds > 0);
    figures.insert("refused after builds", lost.count() as f64);
    let failed: u32 = log.requests.iter().map(|row| u32::from(row.failed_builds)).sum();
    figures.insert("failed builds", f64::from(failed));
    let opened: BTreeMap<WindowId, u64> = log.windows.iter().map(|row| (row.window, row.opened.0)).collect();
    let wait =
        |row: &sickbay::cells::rows::ErrandRow| Some((row.running?.0 - opened.get(&row.window)?) as f64 / 1000.0);
    let waits: Vec<f64> = log.errands.iter().filter_map(wait).collect();
    figures.insert("boots that ran", waits.len() as f64);
    if !waits.is_empty() {
        figures.insert("boots' wait, s", mean(&waits));
    }
    figures
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// Numbers below `n`, one after the other, always the same.
struct Luck(u64);

impl Luck {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) % n as u64) as usize
    }
}

/// The distances of the means of `draws` samples of `size` values, drawn without putting back, from the others' mean.
fn distances(pool: &[f64], size: usize, draws: usize) -> Vec<f64> {
    let (mut pool, mut luck) = (pool.to_vec(), Luck(7));
    let sum: f64 = pool.iter().sum();
    let rest = (pool.len() - size) as f64;
    let draw = |_| {
        for place in 0..size {
            let other = place + luck.below(pool.len() - place);
            pool.swap(place, other);
        }
        let drawn: f64 = pool[..size].iter().sum();
        (drawn / size as f64 - (sum - drawn) / rest).abs()
    };
    let mut distances: Vec<f64> = (0..draws).map(draw).collect();
    distances.sort_by(f64::total_cmp);
    distances
}

/// The p-value of the real runs among the simulated ones, and the shift that would be found four times in five at `level`.
fn judge(real: &[f64], ours: &[f64], level: f64) -> (f64, f64) {
    let pool: Vec<f64> = real.iter().chain(ours).copied().collect();
    let all = distances(&pool, real.len(), DRAWS);
    let off = (mean(real) - mean(ours)).abs();
    let as_far = all.iter().filter(|&&one| one >= off - 1e-9).count();
    let p = (as_far + 1) as f64 / (DRAWS + 1) as f64;
    // A real mean is off by more than the critical distance in four of five samples once it is shifted by that and the
    // distance that one sample in five has on the other side.
    let critical = all[((1.0 - level) * (DRAWS - 1) as f64) as usize];
    let one_in_five = distances(ours, real.len(), DRAWS)[(0.6 * (DRAWS - 1) as f64) as usize];
    (p, critical + one_in_five)
}

/// The recorded runs of the time table, by strategy and figure.
fn real(runs: &[Recording]) -> BTreeMap<String, BTreeMap<&'static str, Vec<f64>>> {
    let mut real: BTreeMap<String, BTreeMap<&'static str, Vec<f64>>> = BTreeMap::new();
    for (label, played) in runs.iter().flat_map(|run| &run.strategies) {
        let of_label = real.entry(label.clone()).or_default();
        for (figure, value) in of_run(played) {
            of_label.entry(figure).or_default().push(value);
        }
    }
    real
}

#[test]
fn recorded_runs_are_drawn_from_the_simulated_ones() {
    let runs = tape::of("spread");
    if runs.is_empty() {
        return;
    }
    let real = real(&runs);
    let tests: usize = real.values().map(BTreeMap::len).sum();
    println!("strategy, figure: real runs, mean; simulated mean; p; shift found 4 times in 5");
    let mut off = Vec::new();
    for (label, figures) in &real {
        let ours: Vec<Figures> = (0..SIMULATED)
            .map(|n| simulated(&runs[n as usize % runs.len()], label, n + 1))
            .collect();
        for (figure, values) in figures {
            let ours: Vec<f64> = ours.iter().filter_map(|run| run.get(figure).copied()).collect();
            let (p, shift) = judge(values, &ours, LEVEL / tests as f64);
            let (here, there) = (mean(values), mean(&ours));
            println!(
                "  {label:<18} {figure:<22} {:>3} {here:>7.2} {there:>7.2}  p {p:.4}  {shift:.2}",
                values.len()
            );
            if p < LEVEL / tests as f64 {
                off.push(format!("{label}, {figure}: {here:.2} against {there:.2}, p {p:.5}"));
            }
        }
    }
    assert!(off.is_empty() || !tape::is_ours(), "{off:#?}");
}

#[test]
fn recorded_runs_that_are_shifted_would_be_found() {
    let ours: Vec<f64> = (0..1000).map(|n| f64::from(n % 10)).collect();
    let real: Vec<f64> = (0..10).map(f64::from).collect();
    let (p, shift) = judge(&real, &ours, 0.01);
    assert!(p > 0.9, "the same distribution: p {p}");
    let moved: Vec<f64> = real.iter().map(|value| value + shift).collect();
    let (p, _) = judge(&moved, &ours, 0.01);
    assert!(p < 0.01, "shifted by {shift}: p {p}");
}
