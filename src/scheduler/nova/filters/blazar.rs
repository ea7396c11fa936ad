//! BlazarFilter (blazar-nova 10.0, `blazarnova/scheduler/filters/blazar_filter.py`): a request
//! without the `reservation` hint never lands on a reserved machine, not even its owner's; with
//! it, on machines of that reservation alone. Blazar keeps reservations as aggregates; here the
//! capability `reservation` names the reservation that holds the machine, so that it works per
//! node, as Chameleon's fork does, and not per compute service.

use super::{Filter, never};
use crate::scheduler::nova::terms::No;

/// The capability that names the reservation, and the hint.
pub const RESERVATION: &str = "reservation";

/// The list's line.
pub const ENTRY: Filter = Filter {
    name: "BlazarFilter",
    summary: "reserved machines are for requests with that reservation's hint alone (per node)",
    run: |host, request| {
        let (held, asked) = (host.stats.get(RESERVATION), request.hint(RESERVATION));
        match (held, asked) {
            (None, None) => Ok(()),
            (Some(held), Some(asked)) if held == asked => Ok(()),
            (Some(held), _) => Err(No::because(format!("in the reservation {held}"))),
            (None, Some(asked)) => Err(No::because(format!("not in the reservation {asked}"))),
        }
    },
    may_raise: never,
};
