//! How often a run's words are false, and how often they are found: runs until all claims are decided, made of real
//! replications of quickstart. Identical strategies differ by exactly 0 and would prove nothing, so a difference of nothing
//! is made of real ones: each strategy's differences less their mean over a large pool. A known difference is added to
//! these.

use std::path::Path;

use rayon::prelude::*;
use sickbay::cells::cell::measure_cell;
use sickbay::cells::columns::{COLUMNS, column};
use sickbay::cells::selector::Columns;
use sickbay::cells::table::matters;
use sickbay::kernel::streams::{Seed, Stream};
use sickbay::scenario::{Scenario, load};
use sickbay::stats::claims::{ClaimSample, Looks, Ruled};
use sickbay::stats::compare::{Good, Verdict};
use sickbay::stats::estimate::{deviation, mean};

/// A claim's differences over the pool, what matters in it and its good side.
struct Pool {
    name: String,
    centred: Vec<f64>,
    mean: f64,
    matters: f64,
    good: Good,
}

fn pools(scenario: &Scenario, replications: u32) -> Vec<Pool> {
    let rows: Vec<Vec<Vec<Option<f64>>>> = (0..scenario.variants.len())
        .map(|variant| {
            let of = |replication| measure_cell(scenario, variant, replication, &|| false).values;
            (0..replications).into_par_iter().map(of).collect()
        })
        .collect();
    let sizes = matters(
        &scenario.reporting.matters,
        &Columns::default(),
        &rows[scenario.baseline][..40],
    );
    let headline: Vec<usize> = scenario
        .reporting
        .headline
        .iter()
        .filter_map(|name| column(name))
        .collect();
    let mut pools = Vec::new();
    for at in headline {
        for (variant, own) in rows
            .iter()
            .enumerate()
            .filter(|(variant, _)| *variant != scenario.baseline)
        {
            let pairs = own.iter().zip(&rows[scenario.baseline]);
            let all: Vec<f64> = pairs.filter_map(|(own, base)| Some(own[at]? - base[at]?)).collect();
            let mean = mean(&all);
            pools.push(Pool {
                name: format!("{} of {}", COLUMNS[at].name, scenario.variants[variant].label),
                centred: all.iter().map(|difference| difference - mean).collect(),
                mean,
                matters: sizes[at],
                good: COLUMNS[at].good,
            });
        }
    }
    pools
}

/// A run until all is decided whose differences are drawn from the pools and shifted; and how many replications it took.
fn run(pools: &[Pool], looks: &Looks, shift: impl Fn(&Pool) -> f64, stream: &mut Stream) -> (Vec<Ruled>, u32) {
    let most = looks.at.last().copied().unwrap_or(0) as usize;
    let asked: Vec<ClaimSample> = pools
        .iter()
        .map(|pool| {
            let by = shift(pool);
            let draw = |_| Some(pool.centred[(stream.unit() * pool.centred.len() as f64) as usize] + by);
            ClaimSample {
                own: (0..most).map(draw).collect(),
                base: vec![Some(0.0); most],
                good: pool.good,
                matters: pool.matters,
            }
        })
        .collect();
    let mut have = looks.after(0).unwrap_or(0);
    loop {
        let ruled: Vec<Ruled> = asked.iter().filter_map(|asked| looks.rule(asked, have)).collect();
        match looks.after(have) {
            Some(next) if ruled.iter().any(|it| it.at.is_none()) => have = next,
            _ => return (ruled, have),
        }
    }
}

/// What came out of many runs.
#[derive(Debug, Default)]
struct Told {
    /// Runs with a *better* or *worse* where there is nothing.
    false_differs: u32,
    /// Of those runs, judged by a look at 40 at the level of a single interval, as many a tool does it.
    as_usual: u32,
    /// Claims called *same* whose difference is one and a half times what matters.
    false_same: u32,
    /// Claims with a difference of three times what matters, or one standard deviation if that is more, that were found.
    found: u32,
    claims: u32,
    /// The mean number of replications until a run with the pools' own differences had all decided, or ended.
    replications: f64,
    decided: u32,
}

fn told(scenario: &Scenario, pool: u32, runs: u32) -> Told {
    let pools = pools(scenario, pool);
    let looks = Looks {
        at: vec![40, 80, 160, 320, 640],
        claims: pools.len(),
        confidence: 0.95,
    };
    let usual = Looks {
        at: vec![40],
        claims: 1,
        confidence: 0.95,
    };
    let differs = |ruled: &[Ruled]| u32::from(ruled.iter().any(|it| it.paired.verdict.differs()));
    let count = |ruled: &[Ruled], wanted: fn(Verdict) -> bool| {
        ruled.iter().filter(|it| wanted(it.paired.verdict)).count() as u32
    };
    let stream = |nth: u32, purpose: u64| {
        let seed = Seed {
            master: u64::from(nth),
            replication: 0,
        };
        seed.stream(purpose, 0)
    };
    let mut told = Told::default();
    for nth in 0..runs {
        told.false_differs += differs(&run(&pools, &looks, |_| 0.0, &mut stream(nth, 1)).0);
        told.as_usual += differs(&run(&pools, &usual, |_| 0.0, &mut stream(nth, 1)).0);
        let beyond = run(&pools, &looks, |pool| 1.5 * pool.matters, &mut stream(nth, 2)).0;
        told.false_same += count(&beyond, |verdict| verdict == Verdict::Same);
        let large = |pool: &Pool| (3.0 * pool.matters).max(deviation(&pool.centred));
        told.found += count(&run(&pools, &looks, large, &mut stream(nth, 3)).0, Verdict::differs);
        told.claims += pools.len() as u32;
        let (real, n) = run(&pools, &looks, |pool| pool.mean, &mut stream(nth, 4));
        told.replications += f64::from(n) / f64::from(runs);
        told.decided += u32::from(real.iter().all(|it| it.at.is_some()));
    }
    for pool in &pools {
        println!(
            "{}: {:+.4} of a spread of {:.4}, matters {:.4}",
            pool.name,
            pool.mean,
            deviation(&pool.centred),
            pool.matters
        );
    }
    println!("{} claims, {runs} runs of {pool} replications: {told:?}", pools.len());
    told
}

fn quickstart(settings: &[(&str, &str)]) -> Scenario {
    let settings: Vec<(String, String)> = settings
        .iter()
        .map(|(key, value)| ((*key).into(), (*value).into()))
        .collect();
    let text = include_str!("../../scenarios/quickstart.toml");
    load(text, "quickstart.toml", Path::new("."), &settings).unwrap_or_else(|problems| panic!("{}", problems[0]))
}

/// The least rate of which so many hits among `n` have a probability of 1 in 1,000 at most, for a rate of 5 %.
fn at_most_a_twentieth(hits: u32, n: u32) -> bool {
    let spread = (0.05 * 0.95 / f64::from(n)).sqrt();
    f64::from(hits) / f64::from(n) <= 0.05 + 3.1 * spread
}

fn words_hold(told: &Told, runs: u32) {
    assert!(at_most_a_twentieth(told.false_differs, runs), "{told:?}");
    assert!(told.as_usual > 3 * told.false_differs.max(runs / 20), "{told:?}");
    // Each of a run's claims is called the same with at most 5 % in all.
    assert!(at_most_a_twentieth(told.false_same, runs), "{told:?}");
    assert!(f64::from(told.found) > 0.95 * f64::from(told.claims), "{told:?}");
}

#[test]
fn false_words_are_rare_and_large_differences_are_found() {
    let short = quickstart(&[("horizon", "20d"), ("report.warm_up", "5d")]);
    let told = told(&short, 40, 60);
    words_hold(&told, 60);
}

/// The long form: `SICKBAY_CLAIMS=2000 cargo test --release words_at_length -- --ignored --nocapture` draws as many runs
/// from as many replications of quickstart as it is.
#[test]
#[ignore = "minutes in a release build: the long form"]
fn words_at_length() {
    let runs = std::env::var("SICKBAY_CLAIMS")
        .ok()
        .and_then(|it| it.parse().ok())
        .unwrap_or(2_000);
    let told = told(&quickstart(&[("report.warm_up", "14d")]), runs, runs);
    words_hold(&told, runs);
}
