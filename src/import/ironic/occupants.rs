//! Instances that Ironic's nodes carry, as requests: where no file of Nova's tells of them.

use crate::import::foreign::asks::{Ask, Who};
use crate::import::foreign::draft::{Draft, Seat};
use crate::import::foreign::names::word;
use crate::import::foreign::tally::Account;

/// Adds a request for each instance of which nothing else tells.
pub(crate) fn import(draft: &mut Draft<'_>) {
    if draft.seats.is_empty() {
        return;
    }
    let mut account = Account::of("instances on nodes");
    let seats: Vec<(String, Seat)> = draft
        .seats
        .iter()
        .map(|(id, seat)| (id.clone(), seat.clone()))
        .collect();
    let first = draft.extent.first.or(draft.snapshot).unwrap_or(0);
    // Before every window that may be found, so that they run at its begin.
    let before = first - first.rem_euclid(60_000) - 1;
    let mut unknown = 0;
    for (id, seat) in seats {
        if draft.told.contains(&id) {
            account.one("told of by a file of demand", "it knows their times");
            continue;
        }
        let end = match (seat.timed, draft.options.hold) {
            (true, _) => seat.end,
            (false, Some(hold)) => Some(before + 1 + hold),
            (false, None) => {
                account.one(
                    "skipped: held nobody knows how long",
                    "--hold says how long, or import nova=usage.json beside",
                );
                unknown += 1;
                continue;
            }
        };
        let who = draft.asks.who(&Who {
            tenant: draft.people.tenant(&seat.tenant),
            class: word(&seat.class),
            ..Who::default()
        });
        let start = seat.start.unwrap_or(before);
        let pushed = draft.asks.push(&Ask {
            id,
            arrival: seat.arrival.unwrap_or(start).min(start),
            start,
            end,
            planned: None,
            who,
            count: 1,
            queued: true,
        });
        match pushed {
            Ok(()) => account.one("requests", ""),
            Err(_) => account.one("skipped: at no time of this program", ""),
        }
    }
    if unknown > 0 {
        draft.remark(format!(
            "{unknown} instances run on the nodes and are left out, since a snapshot does not know how long they are held: their \
             nodes are free at the begin. Import nova=usage.json beside, or give --hold."
        ));
    }
    draft.accounts.push(account);
}
