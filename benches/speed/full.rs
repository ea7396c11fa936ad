//! W1 and W2 as a planner runs them: a scenario, and the whole program over one cell of it.

use std::path::Path;

use sickbay::cells::cell::run_cell;
use sickbay::cells::columns::Metric;
use sickbay::scenario::{Scenario, load};

use crate::lean::{Count, Load};

/// W1 and W2 as a scenario.
pub fn scenario(load_: &Load) -> Scenario {
    loaded(&text(load_, "cap = \"none\"\npick = \"least-recent\""))
}

/// # Panics
/// When the scenario has a fault.
pub fn loaded(text: &str) -> Scenario {
    load(text, "speed.toml", Path::new("."), &[]).unwrap_or_else(|problems| panic!("{}", problems[0]))
}

/// The scenario's text, with these lines of its control plane.
pub fn text(load: &Load, control: &str) -> String {
    let Load {
        nodes, classes, hours, ..
    } = *load;
    let mut text = format!(
        "# How fast is it?\n[scenario]\nname = \"speed\"\nepoch = \"2026-01-01T00:00:00Z\"\nhorizon = \"{hours}h\"\nseed = 1\n\
         replications = 1\nbaseline = \"withdraw\"\nstrategies = [\"withdraw\"]\n\
         [report]\nwarm_up = \"0s\"\n\
         [control_plane]\nloop = \"instant\"\n{control}\n\
         [ironic]\ndeploy = \"0s\"\ncleaning = \"0s\"\nbuild_failure = 0\nclean_failure = 0\n\
         [operators]\ntechnicians = {}\naction = \"0s\"\nslip = 0\n",
        load.technicians()
    );
    if load.faults {
        text += "[[maintenance.faults]]\nbetween = { exponential = \"720h\" }\ndrain = \"tenant-leaves\"\n\
                 errands = { counts = [[0, 1]], duration = \"1h\" }\n\
                 [[maintenance.faults.kind]]\nname = \"any\"\nshare = 1\ninterrupts = false\ndeploy_fails = 1\ndetection = \"0s\"\n\
                 work = { exponential = \"8h\" }\n";
    }
    text += "[fleet]\n";
    for class in 0..classes {
        let own = nodes / classes;
        text += &format!("[[fleet.group]]\nclass = \"c{class}\"\nnodes = {own}\n");
    }
    text += "[[workload]]\nname = \"all\"\ntenants = 20\n";
    for class in 0..classes {
        let per_day = 0.95 * (nodes / classes) as f64;
        text += &format!(
            "[[workload.flavor]]\nclass = \"c{class}\"\nper_day = {per_day}\nsizes = 1\nhold = {{ exponential = \"24h\" }}\n"
        );
    }
    text
}

/// One cell: what was decided in it.
pub fn run(scenario: &Scenario, load: &Load) -> Count {
    count(scenario).checked(load)
}

/// The same without a check against the load.
pub fn count(scenario: &Scenario) -> Count {
    // Replication 1: replication 0 also keeps a log of every request.
    let outcome = run_cell(scenario, 0, 1, &|| false);
    let value = |metric: Metric| outcome.values[metric.at()].unwrap_or(0.0);
    let asked = value(Metric::Requests);
    Count {
        asked: asked as u64,
        refused: (asked * (1.0 - value(Metric::Acceptance))).round() as u64,
    }
}
