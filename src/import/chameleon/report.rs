//! What an import kept and left out, counted.

use std::collections::BTreeMap;
use std::fmt;

/// One line of the report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportLine {
    /// What was counted.
    pub what: String,
    /// How many.
    pub count: u64,
    /// Why it was kept, changed or left out.
    pub why: String,
}

/// What was kept and what was left out, and why; its text is an aligned table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// What was imported, in a sentence.
    pub title: String,
    /// The counts, in a fixed order; indented lines are parts of the line above.
    pub lines: Vec<ReportLine>,
}

impl Report {
    /// The count of the line `what` (without its indent).
    pub fn count(&self, what: &str) -> Option<u64> {
        let line = self.lines.iter().find(|line| line.what.trim() == what);
        line.map(|line| line.count)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = self.lines.iter().map(|line| line.what.chars().count()).max();
        let count = self.lines.iter().map(|line| line.count.to_string().len()).max();
        let (what, count) = (what.unwrap_or(0), count.unwrap_or(0));
        writeln!(f, "{}", self.title)?;
        for line in &self.lines {
            let text = format!("{:what$}  {:>count$}  {}", line.what, line.count, line.why);
            writeln!(f, "{}", text.trim_end())?;
        }
        Ok(())
    }
}

/// What is counted. The order here and in [`ITEMS`] is the report's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Item {
    EventRows,
    Nodes,
    NodesLater,
    NodesRackMoved,
    NodesRackUnknown,
    NodesClassLate,
    ClassChanges,
    NodesOutside,
    NodesNoClass,
    Spells,
    SpellsPlanned,
    SpellsFault,
    SpellsRunning,
    SpellsOpen,
    SpellsOutside,
    SpellsOfOthers,
    ZeroPairs,
    InitialEnables,
    StrayEnables,
    RepeatedDisables,
    LeaseRows,
    Requests,
    Monitoring,
    People,
    InAdvance,
    Running,
    AskedBefore,
    BeyondEnd,
    LateStarts,
    NeverDeleted,
    OutsideRange,
    OtherConditions,
    OtherClass,
    Inverted,
    ZeroLength,
    EndedBefore,
    StartsAfter,
    UnknownClass,
    NoNodes,
    Repeated,
}

/// Each item's line and its reason.
const ITEMS: [(Item, &str, &str); 40] = [
    (Item::EventRows, "machine events read", ""),
    (Item::Nodes, "nodes kept", "machines created before the window's end"),
    (
        Item::NodesLater,
        "  created within the window",
        "they join the fleet at their creation",
    ),
    (
        Item::NodesRackMoved,
        "  with more than one rack on record",
        "the last one known by the window's end is kept",
    ),
    (
        Item::NodesRackUnknown,
        "  without a rack on record",
        "the rack is left empty",
    ),
    (
        Item::NodesClassLate,
        "  whose class was recorded late",
        "the first class on record is given from the beginning",
    ),
    (Item::ClassChanges, "class changes kept", "they fall into the window"),
    (
        Item::NodesOutside,
        "nodes skipped: created after the window",
        "they were not there yet",
    ),
    (
        Item::NodesNoClass,
        "nodes skipped: no class on record",
        "no request can name them",
    ),
    (Item::Spells, "spells kept", "they overlap the window"),
    (
        Item::SpellsPlanned,
        "  planned",
        "started in a batch of 5 or more within 15 minutes of each other",
    ),
    (Item::SpellsFault, "  faults", "the others; the trace records no reason"),
    (
        Item::SpellsRunning,
        "  running at the window's begin",
        "they start at 0",
    ),
    (
        Item::SpellsOpen,
        "  open at the window's end",
        "they keep their end; none on record: to the horizon",
    ),
    (Item::SpellsOutside, "spells skipped: outside of the window", ""),
    (Item::SpellsOfOthers, "spells skipped: of nodes that were skipped", ""),
    (
        Item::ZeroPairs,
        "spells skipped: of no length",
        "cleared in the second it was set",
    ),
    (
        Item::InitialEnables,
        "ENABLE skipped: the first of a node",
        "its initial state, not a return",
    ),
    (Item::StrayEnables, "ENABLE skipped: not in maintenance", ""),
    (
        Item::RepeatedDisables,
        "DISABLE skipped: in maintenance already",
        "the first one counts",
    ),
    (
        Item::LeaseRows,
        "leases read",
        "granted ones only: refusals were never recorded",
    ),
    (Item::Requests, "requests kept: start within the window", ""),
    (Item::Monitoring, "  monitoring", "robots' health checks"),
    (Item::People, "  people's", ""),
    (
        Item::InAdvance,
        "  in advance",
        "asked at their creation for a later start",
    ),
    (
        Item::Running,
        "requests kept: running at the window's begin",
        "arrival and start are 0, the rest of their time is held",
    ),
    (
        Item::AskedBefore,
        "kept and asked before the window for a start in it",
        "their arrival is 0",
    ),
    (
        Item::BeyondEnd,
        "kept and held beyond the window's end",
        "their hold is not cut",
    ),
    (
        Item::LateStarts,
        "kept and created after their start",
        "start_on is floored to the minute: the creation is the start",
    ),
    (
        Item::NeverDeleted,
        "kept and never deleted",
        "they ran to the planned end",
    ),
    (
        Item::OutsideRange,
        "kept and granted outside of the range asked",
        "the granted number is the count",
    ),
    (
        Item::OtherConditions,
        "kept without further conditions",
        "only the class is understood",
    ),
    (
        Item::OtherClass,
        "kept from a file of another class",
        "the row's own class counts",
    ),
    (Item::Inverted, "leases skipped: end before they start", "never ran"),
    (Item::ZeroLength, "leases skipped: of no length", "never ran"),
    (Item::EndedBefore, "leases skipped: ended before the window", ""),
    (Item::StartsAfter, "leases skipped: start after the window", ""),
    (
        Item::UnknownClass,
        "leases skipped: class unknown in the window",
        "no node has it at any time of the window",
    ),
    (Item::NoNodes, "leases skipped: of no node", ""),
    (Item::Repeated, "leases skipped: id seen before", "the first one counts"),
];

/// The counts, while they grow.
#[derive(Debug, Default)]
pub(super) struct Tally {
    counts: BTreeMap<Item, u64>,
}

impl Tally {
    /// Counts one.
    pub(super) fn one(&mut self, item: Item) {
        self.add(item, 1);
    }

    /// Counts `n`.
    pub(super) fn add(&mut self, item: Item, n: usize) {
        *self.counts.entry(item).or_default() += n as u64;
    }

    /// Counts one if `yes`.
    pub(super) fn one_if(&mut self, yes: bool, item: Item) {
        if yes {
            self.one(item);
        }
    }

    /// The finished report. Lines at 0 stay: they say that it was looked for.
    pub(super) fn report(&self, from: jiff::Timestamp, to: jiff::Timestamp) -> Report {
        let lines = ITEMS.iter().map(|(item, what, why)| ReportLine {
            what: (*what).to_owned(),
            count: self.counts.get(item).copied().unwrap_or(0),
            why: (*why).to_owned(),
        });
        Report {
            title: format!("Chameleon Cloud trace, {from} .. {to}; times are seconds since its begin"),
            lines: lines.collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_item_has_its_line_in_order() {
        for pair in ITEMS.windows(2) {
            assert!(pair[0].0 < pair[1].0, "{:?} before {:?}", pair[0].0, pair[1].0);
        }
        assert_eq!(ITEMS[0].0, Item::EventRows);
        assert_eq!(ITEMS[ITEMS.len() - 1].0, Item::Repeated);
    }

    #[test]
    fn the_table_is_aligned() {
        let report = Report {
            title: "t".to_owned(),
            lines: vec![
                ReportLine {
                    what: "long one".to_owned(),
                    count: 5,
                    why: "because".to_owned(),
                },
                ReportLine {
                    what: "x".to_owned(),
                    count: 123,
                    why: String::new(),
                },
            ],
        };
        assert_eq!(report.to_string(), "t\nlong one    5  because\nx         123\n");
        assert_eq!(report.count("x"), Some(123));
    }
}
