//! What disruption budgets count: the nodes in the fleet and those of them that are away, by class, rack and in
//! all. Kept up to date change by change, so that no decision looks at the whole fleet.

use crate::fleet::{ClassId, NodeId};
use crate::workload::Scope;

/// How a node is counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Row {
    /// The class that it is of, if it is in the fleet and not retired for good.
    class: Option<ClassId>,
    /// Whether it is in the fleet, and away.
    away: bool,
}

#[derive(Clone, Copy, Debug, Default)]
struct Count {
    members: u32,
    away: u32,
}

/// The counts; none are kept where there is no campaign.
#[derive(Clone, Debug, Default)]
pub(super) struct Absences {
    rows: Vec<Row>,
    racks: Vec<Count>,
    classes: Vec<Count>,
    fleet: Count,
}

impl Absences {
    /// Counts for so many nodes, none of which is in the fleet yet.
    pub fn new(nodes: usize, racks: usize, classes: usize) -> Absences {
        Absences {
            rows: vec![Row::default(); nodes],
            racks: vec![Count::default(); racks],
            classes: vec![Count::default(); classes],
            fleet: Count::default(),
        }
    }

    /// Whether counts are kept.
    #[inline]
    pub fn kept(&self) -> bool {
        !self.rows.is_empty()
    }

    /// Counts a node anew: its class if it is in the fleet, and whether it is away. Whether that is new.
    pub fn count(&mut self, node: NodeId, rack: u16, class: Option<ClassId>, away: bool) -> bool {
        let was = self.rows[node.at()];
        let away = away && class.is_some();
        let is = Row { class, away };
        if was == is {
            return false;
        }
        self.rows[node.at()] = is;
        let of_all = [Some(&mut self.fleet), self.racks.get_mut(usize::from(rack))];
        for count in of_all.into_iter().flatten() {
            step(&mut count.members, was.class.is_some(), is.class.is_some());
            step(&mut count.away, was.away, is.away);
        }
        for (row, there) in [(was, false), (is, true)] {
            if let Some(count) = row.class.and_then(|class| self.classes.get_mut(class.at())) {
                step(&mut count.members, !there, there);
                if row.away {
                    step(&mut count.away, !there, there);
                }
            }
        }
        true
    }

    /// Whether a node is away.
    pub fn is_away(&self, node: NodeId) -> bool {
        self.rows[node.at()].away
    }

    fn of(&self, scope: Scope, index: u16) -> Count {
        let found = match scope {
            Scope::Fleet => Some(&self.fleet),
            Scope::Rack => self.racks.get(usize::from(index)),
            Scope::Class => self.classes.get(usize::from(index)),
        };
        found.copied().unwrap_or_default()
    }

    /// Nodes of a place in a scope that are in the fleet.
    pub fn members(&self, scope: Scope, index: u16) -> u32 {
        self.of(scope, index).members
    }

    /// Nodes of a place in a scope that are away.
    pub fn away(&self, scope: Scope, index: u16) -> u32 {
        self.of(scope, index).away
    }
}

fn step(count: &mut u32, was: bool, is: bool) {
    match (was, is) {
        (false, true) => *count += 1,
        (true, false) => *count = count.saturating_sub(1),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_that_is_away_counts_in_the_class_that_it_is_of() {
        let (a, b) = (ClassId(0), ClassId(1));
        let mut absences = Absences::new(2, 1, 2);
        assert!(absences.count(NodeId(0), 0, Some(a), false) && absences.count(NodeId(1), 0, Some(a), false));
        assert!(!absences.count(NodeId(0), 0, Some(a), false), "nothing new");
        assert!(absences.count(NodeId(0), 0, Some(a), true));
        assert!(
            absences.count(NodeId(0), 0, Some(b), true),
            "of another class, while away"
        );
        let told = |absences: &Absences| {
            [
                (Scope::Class, 0),
                (Scope::Class, 1),
                (Scope::Rack, 0),
                (Scope::Fleet, 0),
            ]
            .map(|(scope, index)| (absences.members(scope, index), absences.away(scope, index)))
        };
        assert_eq!(told(&absences), [(1, 0), (1, 1), (2, 1), (2, 1)]);
        assert!(absences.count(NodeId(0), 0, Some(b), false));
        assert_eq!(told(&absences), [(1, 0), (1, 0), (2, 0), (2, 0)]);
        // What is not in the fleet is not away either.
        assert!(absences.count(NodeId(0), 0, None, true) && !absences.is_away(NodeId(0)));
        assert_eq!(told(&absences), [(1, 0), (0, 0), (1, 0), (1, 0)]);
    }
}
