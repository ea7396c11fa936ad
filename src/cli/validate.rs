//! `validate`: says that a scenario can be run, or all that is wrong with it.

use super::args::ValidateArgs;
use super::failure::Failure;
use super::run::counted;
use super::{print, source};

/// Checks the scenario and prints what it is, or the whole of it with its defaults.
pub fn validate(args: &ValidateArgs) -> Result<(), Failure> {
    let scenario = source::load(&args.scenario)?;
    if args.effective {
        return print::answer(&scenario.annotated);
    }
    if args.quiet {
        return Ok(());
    }
    let labels: Vec<&str> = scenario.variants.iter().map(|variant| variant.label.as_str()).collect();
    let replications = if scenario.until_decided {
        "as many replications as decide".to_owned()
    } else {
        counted(scenario.replications as usize, "replication", "replications")
    };
    print::answer(&format!(
        "{} is valid: {} nodes until {}, {replications} of {}",
        scenario.name,
        scenario.fleet.nodes.len(),
        scenario.horizon,
        labels.join(", "),
    ))
}
