//! What Placement has heard of: a query that names another trait is refused (HTTP 400), whoever asks,
//! whether it requires the trait or forbids it.

use std::cell::Cell;

use super::judge::Judge;
use super::nova::Query;
use super::nova::resource_request::is_standard_trait;
use crate::fleet::{Marks, TraitSet};
use crate::view::View;

/// Whether the trait is known whatever nodes report: a standard one, or a mark's that the operators
/// have created.
fn from_the_beginning(judge: &Judge, name: &str, marks: Marks) -> bool {
    is_standard_trait(name) || (!marks.is_empty() && judge.policy().traits_created)
}

/// Why Placement refuses a query, if it does.
pub(super) fn refusal(judge: &Judge, view: &View, query: &Query) -> Option<String> {
    let known = |name: &str| {
        let (traits, marks) = judge.glossary().means(name);
        let reported = traits.0 & view.known_traits().0 != 0 || marks.0 & view.known_marks().0 != 0;
        reported || from_the_beginning(judge, name, marks)
    };
    let refused = query.sound(|_| true, known).err()?;
    Some(format!("Placement refuses the query: {} (HTTP 400)", refused.0))
}

/// Whether Placement refuses a query whatever nodes report, and the traits, with the marks that are
/// traits, of which it must have heard by a node's report.
pub(super) fn asked(judge: &Judge, query: &Query) -> (bool, (TraitSet, Marks)) {
    let reported = Cell::new((TraitSet::default(), Marks::default()));
    let known = |name: &str| {
        let (traits, marks) = judge.glossary().means(name);
        if from_the_beginning(judge, name, marks) {
            return true;
        }
        let (so_far, marked) = reported.get();
        reported.set((TraitSet(so_far.0 | traits.0), Marks(marked.0 | marks.0)));
        !traits.is_empty() || !marks.is_empty()
    };
    let refused = query.sound(|_| true, known).is_err();
    (refused, reported.get())
}
