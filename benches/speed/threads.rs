//! What a second thread is worth: replications of one scenario, cells of a sweep.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicU64, Ordering};

use sickbay::cells::cell::values_of;
use sickbay::cells::columns::Metric;
use sickbay::cells::engine::{Course, Engine, Scenarios};
use sickbay::cells::job::Job;
use sickbay::experiment::{Options, run};
use sickbay::scenario::Scenario;

use crate::full;
use crate::lean::Load;

/// Six replications, on so many threads.
pub fn replications(scenario: &Scenario, threads: usize) -> u32 {
    let options = Options {
        threads: Some(threads),
        variants: None,
    };
    let ran = run(scenario, &options, &|_| {}, &|| false);
    let replications = ran.map_or(0, |results| results.replications);
    assert_eq!(replications, scenario.replications, "all of them end");
    replications
}

/// The cells of a sweep over the fleet's size, four replications each; the requests that were decided in all of them.
pub fn sweep(sizes: &[usize], hours: u64, threads: usize) -> u64 {
    let jobs: Vec<Job> = (0..sizes.len())
        .flat_map(|point| {
            (0..4).map(move |replication| Job {
                point,
                variant: 0,
                replication,
            })
        })
        .collect();
    let decided = AtomicU64::new(0);
    let tell = |_: usize, course: Course| {
        if let Course::Values(values) = course {
            let own = values[Metric::Requests.at()].unwrap_or(0.0);
            decided.fetch_add(own as u64, Ordering::Relaxed);
        }
        ControlFlow::Continue(())
    };
    let load = |point: usize| Ok(full::scenario(&Load::w2(sizes[point], hours)));
    let halt = || false;
    let engine = Engine::on(Some(threads), &halt);
    let ran = engine.run(
        &jobs,
        Scenarios::Each(&load),
        &|scenario, job| values_of(scenario, job, &halt),
        &tell,
    );
    assert!(ran.is_ok(), "{ran:?}");
    decided.into_inner()
}

/// So many sizes of small fleets.
pub fn sizes(points: usize) -> Vec<usize> {
    (0..points).map(|point| 80 * (1 + point % 10)).collect()
}
