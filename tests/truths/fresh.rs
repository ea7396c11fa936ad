//! How often a run's words are false when every run has a seed of its own, and how often true differences are found: the real
//! program, cells and judges, on a small cloud.
//!
//! A null needs two strategies of one law whose luck is independent; identical strategies with the same luck differ by exactly
//! 0 and prove nothing. So three times the same strategy is compared, each under a master seed of its own: demand, faults and
//! the pick among equals are all drawn anew, the law is the same, and the true difference of every claim is 0. That is a
//! harder null than pairs are, for nothing of the noise cancels.
//!
//! Known differences are those of real strategies on the same luck, as all runs of all seeds together have them: where that
//! mean is five standard errors from 0 and larger than what matters, a word to the contrary is false.

use rayon::prelude::*;
use sickbay::cells::cell::measure_cell;
use sickbay::cells::job::CellJob;
use sickbay::cells::outcome::Outcome;
use sickbay::cells::table::CellTable;
use sickbay::judge::claims::HeadlineClaim;
use sickbay::judge::stopping::{Next, Stopping};
use sickbay::scenario::Scenario;
use sickbay::stats::compare::{Good, Verdict, paired};

use super::scenario;

/// Five days of ten nodes that fail often and are asked for more than they can serve. What matters is large, so that nulls are
/// soon called the same and runs are short.
const SMALL: &str = r#"
[scenario]
name = "fresh"
horizon = "5d"
replications = "until-decided"
strategies = STRATEGIES
[[fleet.group]]
class = "c"
nodes = 10
[[workload]]
name = "people"
tenants = 4
[[workload.flavor]]
class = "c"
per_day = 34.0
hold = { exponential = "5h" }
[maintenance]
errands = { counts = 1, duration = "1h" }
[[maintenance.faults]]
between = { exponential = "12d" }
kind = [{ work = { exponential = "8h" }, detection = { exponential = "3h" }, deploy_fails = 0.1 }]
[report]
warm_up = "1d"
headline = ["served_well", "breaches", "errand_wait_p50", "refused"]
matters = { shares = "3pp", waits = "1h", counts = "5%", misplaced = "5%" }
"#;

/// The same strategy three times.
const ALIKE: &str =
    r#"[{ name = "withdraw", label = "a" }, { name = "withdraw", label = "b" }, { name = "withdraw", label = "c" }]"#;
/// Three that differ.
const APART: &str = r#"["withdraw", "naive", "hidden-via-extra-spec"]"#;

/// One run: the claims as they ended, the metrics' good sides, and the table behind them.
struct FreshRun {
    claims: Vec<HeadlineClaim>,
    table: CellTable<Outcome>,
    replications: u32,
}

/// A run until all is decided. With `own_luck` every strategy has a master seed of its own.
fn run(scenario: &Scenario, seed: u64, own_luck: bool) -> FreshRun {
    let variants: Vec<usize> = (0..scenario.variants.len()).collect();
    let stopping = Stopping::new(scenario, &variants).expect("a headline");
    let seeded = |variant: usize| {
        let mut own = scenario.clone();
        own.seed = seed + if own_luck { 1_000_003 * variant as u64 } else { 0 };
        own
    };
    let by_variant: Vec<Scenario> = variants.iter().map(|&variant| seeded(variant)).collect();
    let mut table: CellTable<Outcome> = CellTable::default();
    let (mut have, mut wanted) = (0, stopping.first());
    loop {
        for replication in have..wanted {
            for &variant in &variants {
                let outcome = measure_cell(&by_variant[variant], variant, replication, &|| false);
                table.enter(CellJob::of_one(variant, replication), outcome);
            }
        }
        have = wanted;
        match stopping.next(&table, have) {
            Next::More(n) => wanted = n,
            Next::End(n) => {
                table.cut(n);
                let claims = stopping.claims().rule(&table, n).all;
                return FreshRun {
                    claims,
                    table,
                    replications: n,
                };
            }
        }
    }
}

fn runs(strategies: &str, seeds: u32, own_luck: bool) -> (Scenario, Vec<FreshRun>) {
    let scenario = scenario(&SMALL.replace("STRATEGIES", strategies));
    let of = |seed: u32| run(&scenario, 10_000_000 + u64::from(seed), own_luck);
    let all = (0..seeds).into_par_iter().map(of).collect();
    (scenario, all)
}

/// What is known of a claim over all seeds.
struct FreshTruth {
    mean: f64,
    error: f64,
    matters: f64,
}

impl FreshTruth {
    fn is_large(&self) -> bool {
        self.mean.abs() > self.matters + 5.0 * self.error
    }
}

/// The mean difference over all replications of all runs, with its standard error.
fn truth(all: &[FreshRun], nth: usize) -> FreshTruth {
    let claim = all[0].claims[nth];
    let (mut own, mut base) = (Vec::new(), Vec::new());
    for run in all {
        let of = |variant| run.table.samples(&[variant], claim.column).remove(0);
        let (one, other) = (of(claim.arm), of(0));
        own.extend(one);
        base.extend(other);
    }
    let pooled = paired(&own, &base, Good::Neither, 0.0, 0.95).expect("pairs");
    let matters = all.iter().map(|run| run.claims[nth].ruled.paired.matters).sum::<f64>() / all.len() as f64;
    FreshTruth {
        mean: pooled.diff,
        error: pooled.deviation / f64::from(pooled.n).sqrt(),
        matters,
    }
}

/// False and true words among the runs of one kind.
#[derive(Debug, Default)]
struct FreshTold {
    /// Runs with a false word.
    runs_false: u32,
    /// Claims with a false word, of all claims of all runs.
    false_words: u32,
    claims: u32,
    /// Claims that were decided.
    decided: u32,
    /// Claims whose true difference is known to be larger than what matters, and those of them with the right word.
    large: u32,
    found: u32,
    /// The mean number of replications.
    replications: f64,
}

fn told(label: &str, scenario: &Scenario, all: &[FreshRun], null: bool) -> FreshTold {
    let truths: Vec<FreshTruth> = (0..all[0].claims.len()).map(|nth| truth(all, nth)).collect();
    let columns = sickbay::cells::selector::Columns::of(scenario);
    let is_false = |nth: usize, verdict: Verdict, good: Good| {
        let it = &truths[nth];
        let known = it.mean.abs() > 5.0 * it.error;
        let up = it.mean > 0.0;
        match verdict {
            _ if null => verdict.differs(),
            Verdict::Same => it.is_large(),
            Verdict::Better => known && up != (good == Good::High),
            Verdict::Worse => known && up == (good == Good::High),
            _ => false,
        }
    };
    let mut told = FreshTold::default();
    let mut words = vec![[0_u32; 4]; truths.len()];
    for run in all {
        let mut any = false;
        for (nth, claim) in run.claims.iter().enumerate() {
            let verdict = claim.ruled.paired.verdict;
            let wrong = is_false(nth, verdict, columns[claim.column].good);
            any |= wrong;
            told.false_words += u32::from(wrong);
            told.claims += 1;
            told.decided += u32::from(claim.ruled.at.is_some());
            if !null && truths[nth].is_large() {
                told.large += 1;
                told.found += u32::from(verdict.differs() && !wrong);
            }
            let place = [Verdict::Better, Verdict::Worse, Verdict::Same]
                .iter()
                .position(|it| *it == verdict);
            words[nth][place.unwrap_or(3)] += 1;
        }
        told.runs_false += u32::from(any);
        told.replications += f64::from(run.replications) / all.len() as f64;
    }
    println!("{label}, {} runs: {told:?}", all.len());
    for (nth, (it, words)) in truths.iter().zip(&words).enumerate() {
        let claim = all[0].claims[nth];
        println!(
            "  {} of {}: {:+.4} (se {:.4}, matters {:.4}); better {}, worse {}, same {}, not decided {}",
            columns[claim.column].name,
            scenario.variants[claim.arm].label,
            it.mean,
            it.error,
            it.matters,
            words[0],
            words[1],
            words[2],
            words[3]
        );
    }
    told
}

/// So many of `n` have a probability of 1 in 1,000 at most, at a rate of 5 %.
fn at_most_a_twentieth(hits: u32, n: u32) -> bool {
    f64::from(hits) <= 0.05 * f64::from(n) + 3.1 * (0.05 * 0.95 * f64::from(n)).sqrt()
}

fn words_hold(seeds: u32) {
    let (alike, all) = runs(ALIKE, seeds, true);
    let null = told("nulls", &alike, &all, true);
    assert!(at_most_a_twentieth(null.runs_false, seeds), "{null:?}");
    let (apart, all) = runs(APART, seeds, false);
    let known = told("known differences", &apart, &all, false);
    assert!(at_most_a_twentieth(known.runs_false, seeds), "{known:?}");
    assert!(f64::from(known.decided) > 0.5 * f64::from(known.claims), "{known:?}");
    assert!(
        known.large > 0 && f64::from(known.found) > 0.9 * f64::from(known.large),
        "{known:?}"
    );
}

/// The long form: `SICKBAY_FRESH=400 cargo test --release fresh_seeds -- --ignored --nocapture` runs the program with so many
/// seeds, twice.
#[test]
#[ignore = "minutes: hundreds of runs until decided"]
fn words_with_fresh_seeds() {
    let seeds = std::env::var("SICKBAY_FRESH").ok().and_then(|it| it.parse().ok());
    words_hold(seeds.unwrap_or(400));
}
