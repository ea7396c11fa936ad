//! `naive`: nothing is done. The node stays published and open to all; the scheduler does not
//! know. The control group: what maintenance costs when nobody hides anything.
//!
//! An errand is a boot that names the node and competes with tenants for it.

use super::{Naming, Param, RosterEntry, Route, Step, Strategy, Taken};
use crate::fleet::{Marks, Node};

/// The roster's line.
pub const ENTRY: RosterEntry = RosterEntry {
    name: "naive",
    summary: "nothing is hidden: the node stays published and open to all (the control group)",
    plain: || Box::new(Naive::default()),
};

#[derive(Debug, Default)]
struct Naive {
    taken: Taken,
}

impl Strategy for Naive {
    fn params(&mut self) -> Vec<Param<'_>> {
        vec![self.taken.param()]
    }

    fn entry(&self, _node: &Node) -> Vec<Step> {
        Vec::new()
    }

    fn back(&self, _node: &Node) -> Vec<Step> {
        Vec::new()
    }

    fn route(&self, _node: &Node) -> Route {
        Route::Boot {
            naming: Naming::Destination,
            asks: Marks::default(),
            lift_flag: false,
            taken: self.taken,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::strategy::testing::{asked, node, with};

    #[test]
    fn nothing_is_done_and_the_errand_names_its_node() {
        let naive = with(&ENTRY, &[]);
        assert!(naive.entry(&node()).is_empty() && naive.back(&node()).is_empty());
        assert!(asked(&*naive).is_empty());
        let named = matches!(
            naive.route(&node()),
            Route::Boot {
                naming: Naming::Destination,
                lift_flag: false,
                ..
            }
        );
        assert!(named);
    }
}
