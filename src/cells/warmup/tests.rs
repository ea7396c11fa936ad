use super::*;
use crate::cells::testing::{busy, scenario};
use crate::kernel::Law;
use crate::workload::{Budget, Campaign, Counts, Drain, ErrandLaw, Scope, Sizes, Stock};

fn mser(scenario: Scenario) -> Scenario {
    let mut scenario = scenario;
    scenario.reporting.warm_up = WarmUpRule::Mser5;
    scenario
}

fn settled(scenario: &Scenario, threads: usize) -> (Span, WarmUp) {
    let variants: Vec<usize> = (0..scenario.variants.len()).collect();
    let Settled { scenario, warm_up } =
        settle(scenario, &variants, Engine::on(Some(threads), &|| false), &|_| ()).expect("a warm-up");
    (scenario.reporting.warm_up.cut(), warm_up)
}

#[test]
fn a_fixed_warm_up_is_taken_as_it_is_and_costs_no_run() {
    let mut scenario = scenario(1, 100);
    scenario.reporting.warm_up = WarmUpRule::Fixed(Span(60));
    // No progress is told and a halt cuts nothing off: nothing is played.
    let settled = settle(&scenario, &[0], Engine::on(Some(1), &|| true), &|_| panic!("a run")).expect("a warm-up");
    assert!(matches!(settled.scenario, Cow::Borrowed(_)));
    assert_eq!(settled.warm_up, WarmUp::typed(Span(60), Time(100)));
    assert!(settled.warm_up.too_much() && !WarmUp::typed(Span(50), Time(100)).too_much());
    assert!(settled.warm_up.sentence().expect("a cut").contains("more than half"));
    assert_eq!(WarmUp::typed(Span::ZERO, Time(100)).sentence(), None);
}

#[test]
fn threads_change_nothing_and_the_largest_cut_is_everybodys() {
    let scenario = mser(busy());
    let (cut, warm_up) = settled(&scenario, 1);
    assert_eq!(settled(&scenario, 3), (cut, warm_up.clone()));
    let all: Vec<usize> = (0..scenario.variants.len()).collect();
    let here = settle(&scenario, &all, Engine::here(&|| false), &|_| ()).expect("a warm-up");
    assert_eq!(here.warm_up, warm_up);
    assert_eq!(warm_up.series.len(), scenario.variants.len());
    assert_eq!(warm_up.series.iter().map(|series| series.cut).max(), Some(cut));
    assert_eq!((warm_up.cut, warm_up.pilots), (cut, scenario.replications));
    // Thirty days that begin with an empty fleet whose tenants stay for 30 h.
    assert!(cut > Span::ZERO && cut <= Span::days(15), "{cut}");
}

/// Every node at once for three days, from the twentieth day on.
fn campaign() -> Campaign {
    Campaign {
        word: 1,
        name: "all".to_owned(),
        start: Time::ZERO + Span::days(20),
        every: None,
        classes: Vec::new(),
        share: 1.0,
        budget: Budget {
            scope: Scope::Fleet,
            nodes: Some(12),
            share: None,
            counts: Counts::All,
        },
        waves: true,
        hours: None,
        inside: false,
        announce: Span::ZERO,
        drain: Drain::Deadline(Span::ZERO),
        work: Law::Fixed(Span::days(3)),
        errands: ErrandLaw {
            counts: Sizes::always(0),
            duration: Law::Fixed(Span::ZERO),
        },
    }
}

#[test]
fn a_campaign_that_starts_late_does_not_move_the_cut() {
    let scenario = mser(busy());
    let mut later = scenario.clone();
    later.maintenance.campaigns = vec![campaign()];
    assert_eq!(settled(&scenario, 1), settled(&later, 1));
    // It is back for the run.
    let settled = settle(&later, &[0], Engine::here(&|| false), &|_| ()).expect("a warm-up");
    assert_eq!(settled.scenario.maintenance.campaigns.len(), 1);
}

#[test]
fn without_demand_maintenance_is_watched() {
    let mut scenario = mser(busy());
    scenario.demand.sources.clear();
    let (_, warm_up) = settled(&scenario, 1);
    assert!(
        warm_up.series.iter().all(|series| series.series == "in_maintenance"),
        "{warm_up:?}"
    );
}

#[test]
fn what_never_settles_is_said() {
    // Tenants stay for years: the fleet of nodes fills to the end.
    let mut scenario = mser(busy());
    scenario.fleet = crate::cells::warmup::tests::scenario(600, 1).fleet;
    scenario.maintenance.faults.clear();
    for source in &mut scenario.demand.sources {
        if let Stock::Poisson(poisson) = &mut source.stock {
            std::sync::Arc::make_mut(poisson).flavors[0].hold = Law::Fixed(Span::days(3650));
        }
    }
    let (cut, warm_up) = settled(&scenario, 1);
    assert!(warm_up.too_much() && warm_up.unsettled().is_some(), "{warm_up:?}");
    assert!(cut <= Span::days(15) && cut > Span::days(14), "{cut}");
    let warning = warm_up.warning().expect("a warning");
    assert!(warning.contains("occupied") && warning.contains("half"), "{warning}");
    assert!(warm_up.sentence().expect("a sentence").contains(&warning));
}

#[test]
fn an_interrupt_gives_no_warm_up() {
    let scenario = mser(busy());
    let interrupted = settle(&scenario, &[0], Engine::on(Some(1), &|| true), &|_| ());
    assert_eq!(interrupted.unwrap_err(), CellsError::Interrupted);
}
