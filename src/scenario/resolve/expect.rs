//! `[[expect]]`.

use crate::kernel::Span;
use crate::scenario::diagnose::fix_word;
use crate::scenario::expect::{Expectation, Never, Of, Relation, Wants};
use crate::scenario::read::Section;
use crate::scenario::whole::Variant;

/// One expectation; none when what it wants is not said.
pub fn read(t: &mut Section<'_>, variants: &[Variant]) -> Option<Expectation> {
    let (metric, never) = (t.text("metric"), t.choice("never", &Never::ALL));
    let strategies = strategies(t, variants);
    let relation = t.choice("relation", &Relation::ALL);
    let value = t.number("value", "a number");
    // What does not belong to it has no default to be filled in.
    let of = if t.has("metric") {
        t.choice("of", &[("every", Of::Every), ("mean", Of::Mean)])
    } else {
        None
    };
    let longer_than = if never.is_some_and(Never::lasts) {
        t.span("longer_than")
    } else {
        Span::ZERO
    };
    let why = t.text("why");
    let place = t.ledger.blank(&t.place("metric"));
    let wants = match (metric, never) {
        (Some(metric), None) if !t.has("never") => of_metric(t, metric, relation, value, of),
        (None, Some(what)) if !t.has("metric") => of_never(t, what, longer_than),
        _ if t.has("metric") && t.has("never") => {
            let fix = "write two entries of `[[expect]]`";
            t.wrong("never", "an expectation has a `metric` or a `never`, not both", fix);
            None
        }
        // A wrong one has been noted already.
        _ if t.has("metric") || t.has("never") => None,
        _ => {
            let fix = "add `metric`, `relation` and `value`, or `never = \"breach\"`";
            t.wrong("metric", "this expectation expects nothing", fix);
            None
        }
    }?;
    Some(Expectation {
        wants,
        strategies,
        why,
        place,
    })
}

/// The labels that are meant: a label names one, a name all that bear it, nothing all.
fn strategies(t: &mut Section<'_>, variants: &[Variant]) -> Vec<String> {
    let labels = || variants.iter().map(|variant| variant.label.clone());
    let Some(typed) = t.text("strategy") else {
        return labels().collect();
    };
    if variants.iter().any(|variant| variant.label == typed) {
        return vec![typed];
    }
    let bearers = variants.iter().filter(|variant| variant.name == typed);
    let found: Vec<String> = bearers.map(|variant| variant.label.clone()).collect();
    if found.is_empty() && !variants.is_empty() {
        let message = format!("`{typed}` is not among the scenario's strategies");
        let known = variants.iter().map(|variant| variant.label.as_str());
        t.wrong("strategy", message, fix_word(&typed, known));
    }
    found
}

fn of_metric(
    t: &Section<'_>,
    metric: String,
    relation: Option<Relation>,
    value: Option<f64>,
    of: Option<Of>,
) -> Option<Wants> {
    for (key, example) in [("relation", "\"<=\""), ("value", "0")] {
        if !t.has(key) {
            let message = format!("an expectation of a metric lacks its `{key}`");
            t.wrong("metric", message, format!("add `{key} = {example}`"));
        }
    }
    if t.has("longer_than") {
        t.wrong(
            "longer_than",
            "`longer_than` is for states, not for a metric",
            "remove it",
        );
    }
    Some(Wants::Metric {
        metric,
        relation: relation?,
        value: value?,
        of: of?,
    })
}

fn of_never(t: &Section<'_>, what: Never, longer_than: Span) -> Option<Wants> {
    for key in ["relation", "value", "of"].into_iter().filter(|key| t.has(key)) {
        t.wrong(key, format!("`{key}` is for a metric; never is never"), "remove it");
    }
    if t.has("longer_than") && !what.lasts() {
        let message = format!("`{}` is an instant and does not last", what.words());
        let fix = "`longer_than` is for `stranded node` and `exposed node`: remove it";
        t.wrong("longer_than", message, fix);
    }
    Some(Wants::Never { what, longer_than })
}
