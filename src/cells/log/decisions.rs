//! Refusals and misplacements: the first ones of each are kept, the others counted. What is to be said of them is filled in
//! later (`cells/explain/short`).

use crate::cells::outcome::DecisionsLeft;
use crate::cells::rows::{DecisionKind, DecisionRow};
use crate::fleet::RequestId;
use crate::kernel::Time;
use crate::world::{Fact, Sight};

/// So many are told in all.
const MOST: usize = 50;
/// So many of them are misplacements, if there are as many: they are rarer and weigh more.
const MISPLACED: usize = 25;

/// What has been met so far, by kind.
#[derive(Debug, Default)]
pub struct Decisions {
    refused: (Vec<DecisionRow>, u64),
    misplaced: (Vec<DecisionRow>, u64),
}

impl Decisions {
    pub fn told(&mut self, at: Time, fact: &Fact, sight: &Sight<'_>) {
        let row = |request: RequestId, what| {
            let asked = sight.request(request);
            let names = &sight.fleet.names;
            DecisionRow {
                at,
                what,
                request: sight.request_name(request),
                tenant: names.tenants.name(asked.tenant.0).to_owned(),
                class: names.classes.name(asked.class.0).to_owned(),
                count: asked.count,
                number: request.0,
                ..DecisionRow::default()
            }
        };
        match *fact {
            Fact::Refused { request, cause } => keep(&mut self.refused, || DecisionRow {
                cause: Some(cause),
                ..row(request, DecisionKind::Refused)
            }),
            Fact::Misplaced { request, node } => keep(&mut self.misplaced, || DecisionRow {
                node: sight.fleet.name(node).to_owned(),
                ..row(request, DecisionKind::Misplaced)
            }),
            _ => {}
        }
    }

    /// The rows in order of time, and how many more there were.
    pub fn rows(self) -> (Vec<DecisionRow>, DecisionsLeft) {
        let ((mut refused, all_refused), (mut misplaced, all_misplaced)) = (self.refused, self.misplaced);
        misplaced.truncate(MISPLACED.max(MOST.saturating_sub(refused.len())));
        refused.truncate(MOST.saturating_sub(misplaced.len()));
        let left = DecisionsLeft {
            refused: all_refused - refused.len() as u64,
            misplaced: all_misplaced - misplaced.len() as u64,
        };
        refused.extend(misplaced);
        refused.sort_by_key(|row| row.at);
        (refused, left)
    }
}

fn keep((rows, all): &mut (Vec<DecisionRow>, u64), row: impl FnOnce() -> DecisionRow) {
    *all += 1;
    if rows.len() < MOST {
        rows.push(row());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(refused: u64, misplaced: u64) -> (usize, usize, DecisionsLeft) {
        let mut decisions = Decisions::default();
        for at in 0..refused {
            keep(&mut decisions.refused, || DecisionRow {
                at: Time(at * 2),
                ..DecisionRow::default()
            });
        }
        for at in 0..misplaced {
            keep(&mut decisions.misplaced, || DecisionRow {
                at: Time(at * 2 + 1),
                what: DecisionKind::Misplaced,
                ..DecisionRow::default()
            });
        }
        let (rows, left) = decisions.rows();
        assert!(rows.is_sorted_by_key(|row| row.at));
        let of = |kind| rows.iter().filter(|row| row.what == kind).count();
        (of(DecisionKind::Refused), of(DecisionKind::Misplaced), left)
    }

    #[test]
    fn the_first_ones_are_kept_and_the_rest_is_counted() {
        let left = |refused, misplaced| DecisionsLeft { refused, misplaced };
        assert_eq!(found(3, 2), (3, 2, left(0, 0)));
        assert_eq!(found(300, 2), (48, 2, left(252, 0)));
        assert_eq!(found(300, 100), (25, 25, left(275, 75)));
        assert_eq!(found(10, 100), (10, 40, left(0, 60)));
    }
}
