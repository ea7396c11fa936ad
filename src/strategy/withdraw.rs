//! `withdraw`: Ironic today. The operator sets the maintenance flag; the nova driver then reports
//! `reserved = total = 1` (nova 34.0 virt/ironic/driver.py:874-964), so that the node is counted
//! but schedulable by nobody, not even by a hint. The flag reaches Placement by the compute
//! service's loop.
//!
//! Because deploy is refused under the flag, an errand goes either `out-of-band` (by hand,
//! outside Nova, in its own time) or by `expose`: clear the flag, wait for the loop, race the
//! tenants for the node, set the flag again.

use super::{Act, Naming, Param, RosterEntry, Route, Step, Strategy, Taken};
use crate::fleet::{Marks, Node};
use crate::kernel::{Law, Span};

/// The roster's line.
pub const ENTRY: RosterEntry = RosterEntry {
    name: "withdraw",
    summary: "Ironic today: the maintenance flag reserves the node in Placement, for everybody",
    plain: || {
        Box::new(Withdraw {
            by_hand: true,
            out_of_band: Span::hours(2),
            taken: Taken::Wait,
        })
    },
};

#[derive(Debug)]
struct Withdraw {
    by_hand: bool,
    out_of_band: Span,
    taken: Taken,
}

impl Strategy for Withdraw {
    fn params(&mut self) -> Vec<Param<'_>> {
        let by_hand = self.by_hand;
        let out_of_band = Param::span(
            "out_of_band",
            &mut self.out_of_band,
            "mean time (exponential) of a deploy by hand outside Nova; an assumption, no trace records it",
        );
        vec![
            Param::choice(
                "route",
                &mut self.by_hand,
                &[("out-of-band", true), ("expose", false)],
                "how an errand gets an image onto the node: by hand outside Nova, or by clearing the flag and racing the tenants",
            ),
            if by_hand { out_of_band.assumed() } else { out_of_band },
            self.taken.param(),
        ]
    }

    fn entry(&self, _node: &Node) -> Vec<Step> {
        vec![Step::human(&[Act::SetFlag])]
    }

    fn back(&self, _node: &Node) -> Vec<Step> {
        vec![Step::human(&[Act::ClearFlag])]
    }

    fn route(&self, _node: &Node) -> Route {
        if self.by_hand {
            let time = Law::Exponential(self.out_of_band);
            let taken = self.taken;
            return Route::OutOfBand { time, taken };
        }
        Route::Boot {
            naming: Naming::Destination,
            asks: Marks::default(),
            lift_flag: true,
            taken: self.taken,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::strategy::testing::{asked, node, on_entry, with};

    #[test]
    fn the_flag_hides_the_node_and_errands_go_by_hand_in_a_time_of_their_own() {
        let withdraw = with(&ENTRY, &[("out_of_band", "5h")]);
        assert_eq!(on_entry(&*withdraw), [Act::SetFlag]);
        let time = Law::Exponential(Span::hours(5));
        let taken = Taken::Wait;
        assert_eq!(withdraw.route(&node()), Route::OutOfBand { time, taken });
    }

    #[test]
    fn who_exposes_the_node_lifts_the_flag_and_asks_for_nothing() {
        let withdraw = with(&ENTRY, &[("route", "expose")]);
        assert!(asked(&*withdraw).is_empty());
        assert!(matches!(withdraw.route(&node()), Route::Boot { lift_flag: true, .. }));
    }
}
