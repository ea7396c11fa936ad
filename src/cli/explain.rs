//! `explain`: one request's decision, stage by stage; or the list of those that were refused.

use super::args::{ExplainArgs, Wording};
use super::failure::Failure;
use super::nearest::guess;
use super::{print, source};
use crate::cells::explain::{ExplainError, errands, explain as account, refused};
use crate::report::explanation;
use crate::scenario::Scenario;

/// Explains the request under the strategy that is asked for, or else under the baseline.
pub fn explain(args: &ExplainArgs) -> Result<(), Failure> {
    let scenario = source::load(&args.scenario)?;
    if args.replication >= scenario.replications {
        return Err(Failure::Use(format!(
            "there is no replication {}: `{}` has {}, counted from 0\nGive --replications to have more.",
            args.replication, scenario.name, scenario.replications
        )));
    }
    let variant = scenario.baseline;
    if let Some(node) = &args.boots {
        return boots(args, &scenario, variant, node);
    }
    let Some(id) = &args.request else {
        return list(args, &scenario, variant);
    };
    match account(&scenario, variant, args.replication, id) {
        Ok(told) => match args.format {
            Wording::Text => print::answer(&explanation::text(&told)),
            Wording::Json => print::answer(&explanation::json(&told)),
        },
        Err(error @ ExplainError::NoNode { .. }) => Err(Failure::Use(error.to_string())),
        Err(ExplainError::Unknown { id, replication, known }) => {
            let near = guess(&id, known.iter().map(String::as_str));
            let some = match (known.first(), known.last()) {
                (Some(first), Some(last)) => format!("Its {} requests run from {first} to {last}.", known.len()),
                _ => "It has no requests at all.".to_owned(),
            };
            Err(Failure::Use(format!(
                "replication {replication} of `{}` has no request `{id}`{near}\n{some} Without --request, those that \
                 were refused are listed.",
                scenario.name
            )))
        }
    }
}

/// The operators' boots onto a node.
fn boots(args: &ExplainArgs, scenario: &Scenario, variant: usize, node: &str) -> Result<(), Failure> {
    match errands(scenario, variant, args.replication, node) {
        Ok(told) => match args.format {
            Wording::Text => print::answer(&explanation::errands_text(&told)),
            Wording::Json => print::answer(&explanation::errands_json(&told)),
        },
        Err(error) => {
            let near = match &error {
                ExplainError::NoNode { node, known } => guess(node, known.iter().map(String::as_str)),
                ExplainError::Unknown { .. } => String::new(),
            };
            Err(Failure::Use(format!("{error}{near}")))
        }
    }
}

fn list(args: &ExplainArgs, scenario: &Scenario, variant: usize) -> Result<(), Failure> {
    let refused = refused(scenario, variant, args.replication);
    let label = &scenario.variants[variant].label;
    match args.format {
        Wording::Text => print::answer(&explanation::list_text(&refused, label, args.replication)),
        Wording::Json => print::answer(&explanation::list_json(&refused, label, args.replication)),
    }
}
