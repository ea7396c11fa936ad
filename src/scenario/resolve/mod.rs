//! From the file as typed to the validated scenario: one file per table. All problems are noted
//! in the ledger; a stand-in takes the place of a wrong value, and no scenario comes out of it.

mod assume;
pub(crate) mod bounds;
mod control;
mod costs;
mod crews;
mod expect;
mod fleet;
mod idle;
mod inputs;
mod maintenance;
mod quota;
mod report;
mod seats;
mod site;
mod strategies;
mod words;
mod workload;

use std::path::Path;

use super::diagnose::{Ledger, fix_word};
use super::keys;
use super::library::Library;
use super::read::Section;
use super::tree::{Branch, Place};
use super::whole::{Scenario, Variant};
use super::{values, zone};
use crate::kernel::time::DAY_MS;
use crate::kernel::{Clock, Span, Time};
use crate::workload::{Demand, MaintenancePlan, Source, Stock};
use inputs::InputFiles;
use site::Site;

/// `[scenario]`, with the strategies still to be built.
struct Head {
    name: String,
    site: Site,
    replications: u32,
    until_decided: bool,
    variants: Vec<Variant>,
    baseline: usize,
}

/// Resolves a file. The scenario is meaningless when the ledger holds problems.
pub fn resolve(
    root: Branch,
    (base, library): (&Path, &Library),
    question: String,
    ledger: &Ledger,
) -> Option<Scenario> {
    let mut file = Section::new(&keys::FILE, "", Place::default(), root, ledger);
    let mut inputs = InputFiles::new(base, library, ledger);
    let head = file.within("scenario", false, |t| head(t, library));
    // Without a usable head the other tables are still held against their keys and values.
    let stand_in = Site {
        epoch: jiff::Timestamp::UNIX_EPOCH,
        horizon: Time(DAY_MS),
        seed: 1,
        clock: Clock::default(),
        zone: jiff::tz::TimeZone::UTC,
    };
    let site = head.as_ref().map_or(&stand_in, |head| &head.site);
    let before = ledger.count();
    let mut yard = file
        .within("fleet", false, |t| fleet::read(t, site, &mut inputs))
        .unwrap_or_default();
    yard.unsure = ledger.count() > before;
    let demand = workload::read(&mut file, site, &mut yard, &mut inputs);
    let (operators, crews) = file.section("operators", |t| control::operators(t, &yard));
    let plan = file.section("maintenance", |t| {
        maintenance::read(t, site, &yard, &operators, &mut inputs)
    });
    let (policy, sync, driver_refusal) = file.section("control_plane", |t| control::plane(t, &yard));
    let ironic = file.section("ironic", control::ironic);
    crews::check(&file, &crews, &plan, ironic.clean_failure > 0.0, &yard);
    let synthetic = is_synthetic(&demand, &plan);
    let mut reporting = file.section("report", |t| report::read(t, site, &demand, synthetic));
    let costs = file.within("costs", false, costs::read).flatten();
    reporting.matters.costs = costs.as_ref().map(|costs| costs.matters);
    let variants = head.as_ref().map_or(&[][..], |head| &head.variants);
    let expectations = file.every("expect", |t, _| expect::read(t, variants));
    let assumed = file.every("assume", |t, _| assume::read(t));
    let settings = crate::world::Settings {
        sync,
        driver_refusal,
        ironic,
        operators,
        clock: site.clock.clone(),
    };
    let sheet = file.into_sheet();
    let head = head?;
    // Where something is wrong already, another value stands in for it, and what all of them come to says nothing.
    if ledger.count() == 0 {
        bounds::check(&yard.fleet, &demand, &plan, &settings, head.site.horizon, ledger);
        idle::check(
            ledger,
            (&yard.fleet, &demand, &plan),
            policy.keep_clear,
            head.site.horizon,
        );
    }
    let runs = sheet.without("expect").without("assume").to_toml(false);
    let plausible = assume::in_force(assumed.into_iter().flatten(), &runs, ledger);
    let unsupported = assume::unsupported(ledger, &plausible, &yard.fleet, (&demand, &plan), !crews.is_empty());
    let comment: String = question
        .lines()
        .map(|line| format!("# {line}").trim_end().to_owned() + "\n")
        .collect();
    Some(Scenario {
        annotated: format!("{comment}\n{}", sheet.to_toml(true).trim_start()),
        name: head.name,
        question,
        epoch: head.site.epoch.to_string(),
        horizon: head.site.horizon,
        seed: head.site.seed,
        replications: head.replications,
        until_decided: head.until_decided,
        baseline: head.baseline,
        variants: head.variants,
        fleet: yard.fleet,
        demand,
        maintenance: plan,
        policy,
        settings,
        reporting,
        costs,
        inputs: inputs.files(),
        expectations: expectations.into_iter().flatten().collect(),
        unsupported,
        plausible,
        digest: inputs.digest(&runs),
        effective: runs,
        assumptions: ledger.assumptions(),
        warnings: ledger.warnings(),
    })
}

/// The word for replications until the claims are decided.
const UNTIL_DECIDED: &str = "until-decided";

/// The replications that commands other than `run` take where the scenario has no number of its own: enough for a first
/// look at the intervals.
const LEAST: u32 = 10;

fn head(t: &mut Section<'_>, library: &Library) -> Head {
    let name = name(t);
    let epoch = t
        .take("epoch")
        .and_then(|item| values::epoch(t.ledger, "scenario.epoch", &item))
        .unwrap_or_default();
    let horizon = horizon(t, epoch);
    let (clock, zone) = clock(t, epoch, horizon);
    let seed = t.whole("seed").unwrap_or(1) as u64;
    let fixed = t.whole_or("replications", UNTIL_DECIDED);
    let (variants, baseline) = strategies::read(t, library);
    Head {
        name,
        site: Site {
            epoch,
            horizon,
            seed,
            clock,
            zone,
        },
        replications: fixed.map_or(LEAST, |n| n as u32),
        until_decided: fixed.is_none(),
        variants,
        baseline,
    }
}

/// The clocks of the scenario's time zone.
fn clock(t: &mut Section<'_>, epoch: jiff::Timestamp, horizon: Time) -> (Clock, jiff::tz::TimeZone) {
    let name = t.text("time_zone").unwrap_or_default();
    if let Some((zone, _)) = zone::find(&name) {
        return (zone::clock(&zone, epoch, horizon), zone);
    }
    let known = zone::names();
    let fix = fix_word(&name, known.iter().map(String::as_str));
    t.wrong("time_zone", format!("there is no time zone `{name}`"), fix);
    (Clock::default(), jiff::tz::TimeZone::UTC)
}

/// The scenario's name: it names a folder.
fn name(t: &mut Section<'_>) -> String {
    let name = t.text("name").unwrap_or_default();
    let fits = |c: char| c.is_alphanumeric() || "-_.+ ".contains(c);
    let begins = name.starts_with(char::is_alphanumeric);
    if !name.is_empty() && (!name.chars().all(fits) || !begins || name.ends_with(' ') || name.len() > 100) {
        let message = format!("`{name}` cannot name a results folder");
        t.wrong(
            "name",
            message,
            "use letters, digits, `-`, `_`, `.` and `+`, beginning with a letter or digit",
        );
    }
    name
}

fn horizon(t: &mut Section<'_>, epoch: jiff::Timestamp) -> Time {
    let item = t.take("horizon");
    let span = item.and_then(|item| values::instant(t.ledger, "scenario.horizon", &item, epoch));
    match span {
        Some(Span(0)) => t.wrong(
            "horizon",
            "the horizon is the epoch: nothing would run",
            "give a later horizon, such as \"90d\"",
        ),
        // Sums of event times must stay far from the end of the clock.
        Some(span) if span > Span::days(36_525) => t.wrong(
            "horizon",
            "the horizon is more than 100 years away",
            "give a nearer one",
        ),
        _ => {}
    }
    Time(span.unwrap_or(Span::days(1)).0)
}

/// Whether nothing is replayed: no given requests and no recorded spells.
fn is_synthetic(demand: &Demand, plan: &MaintenancePlan) -> bool {
    let drawn = |source: &Source| matches!(source.stock, Stock::Poisson(_));
    demand.sources.iter().all(drawn) && plan.spells.is_empty()
}
