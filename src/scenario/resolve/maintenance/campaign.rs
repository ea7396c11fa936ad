//! `[[maintenance.campaign]]`: planned work, its hours and its budget, and whether it can be done at all.

use std::collections::BTreeSet;

use super::super::fleet::Yard;
use super::super::site::Site;
use super::{drain, errands};
use crate::fleet::{Change, ClassId, Fleet, NodeId, RackId};
use crate::kernel::clock::EVERY_DAY;
use crate::kernel::time::DAY_MS;
use crate::kernel::{Hours, Law, Span, Time, part_of};
use crate::scenario::diagnose::fix_word;
use crate::scenario::read::Section;
use crate::scenario::values;
use crate::workload::{Budget, Campaign, Counts, Scope};
use crate::world::settings::Operators;

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// The campaign at this place of the list.
pub fn read(c: &mut Section<'_>, at: usize, (site, yard): (&Site, &Yard), operators: &Operators) -> Campaign {
    let unnamed = c.is_preset("name");
    let mut name = c.text("name").unwrap_or_default();
    if unnamed && at > 0 {
        name = format!("{name}-{}", at + 1);
    }
    let full = c.full("start");
    let start = c
        .take("start")
        .and_then(|item| values::instant(c.ledger, &full, &item, site.epoch))
        .unwrap_or_default();
    let every = c.span_or("every", "once");
    let classes = yard.classes(c, "classes");
    let share = c.share("share");
    let budget = c.within("budget", true, budget);
    let campaign = Campaign {
        name,
        word: 0,
        start: Time(start.0),
        every,
        classes,
        share,
        budget: budget.unwrap_or(Budget {
            scope: Scope::Fleet,
            nodes: Some(1),
            share: None,
            counts: Counts::All,
        }),
        waves: c.flag("waves"),
        hours: hours_of(c, "window"),
        inside: c
            .choice("finish", &[("begun", false), ("inside", true)])
            .unwrap_or(false),
        announce: c.span("announce"),
        drain: drain(c),
        work: c.law("work"),
        errands: errands(c),
    };
    let problem = shifts(&campaign, yard, operators, site.horizon)
        .iter()
        .find_map(|(rack, shifts)| never_opens(&campaign, site, shifts, *rack));
    if let Some((message, fix)) = problem {
        let key = if c.has("window") { "window" } else { "days" };
        c.wrong(key, message, fix);
    }
    if let Some(message) = takes_much(&campaign, &yard.fleet) {
        c.ledger.warn(message);
    }
    campaign
}

/// The hours of the day and the days of the week.
pub fn hours_of(c: &mut Section<'_>, key: &str) -> Option<Hours> {
    let named = c.words("days");
    let mut days = 0;
    for (word, place) in &named {
        match DAYS.iter().position(|day| day == word) {
            Some(day) => days |= 1 << day,
            None => c
                .ledger
                .wrong(place, format!("`days`: there is no day `{word}`"), fix_word(word, DAYS)),
        }
    }
    let days = if named.is_empty() { EVERY_DAY } else { days };
    match c.take(key) {
        Some(item) => {
            let (from, to) = values::hours(c.ledger, key, &item)?;
            Some(Hours { from, to, days })
        }
        None if days == EVERY_DAY => None,
        None => Some(Hours {
            from: Span::ZERO,
            to: Span(DAY_MS),
            days,
        }),
    }
}

/// When technicians may begin a campaign's work; `None` is at any hour.
type Shifts = Vec<Option<Hours>>;

/// The shifts of those who may do a campaign's work, by rack where there are crews: each rack that it touches needs somebody.
fn shifts<'a>(
    campaign: &Campaign,
    yard: &'a Yard,
    operators: &Operators,
    horizon: Time,
) -> Vec<(Option<&'a str>, Shifts)> {
    if operators.crews.is_empty() {
        return vec![(None, vec![operators.shift])];
    }
    let fleet = &yard.fleet;
    let of_rack = |rack: RackId| {
        let able = operators.crews.iter().filter(|crew| crew.may(rack, "campaign"));
        (
            Some(fleet.names.racks.name(rack.0)),
            able.map(|crew| crew.hours).collect(),
        )
    };
    racks(campaign, fleet, horizon).into_iter().map(of_rack).collect()
}

/// The racks of the nodes that a campaign may take: in the fleet, and of its classes, when one of its rounds is fixed.
fn racks(campaign: &Campaign, fleet: &Fleet, horizon: Time) -> BTreeSet<RackId> {
    let joins = fleet.boundaries.iter().filter(|one| one.change == Change::Joins);
    let late: BTreeSet<NodeId> = joins.map(|one| one.node).collect();
    // By node: since when it is of which class, if it is in the fleet.
    let mut stands: Vec<(Time, Option<ClassId>)> = fleet
        .ids()
        .map(|id| (Time::ZERO, Some(fleet.node(id).class).filter(|_| !late.contains(&id))))
        .collect();
    let mut classes: Vec<ClassId> = fleet.ids().map(|id| fleet.node(id).class).collect();
    let mut found = BTreeSet::new();
    let mut look = |node: NodeId, (from, class): (Time, Option<ClassId>), until: Time| {
        if class.is_some_and(|class| campaign.touches(class)) && is_fixed_within(campaign, (from, until), horizon) {
            found.insert(fleet.kind(node).rack);
        }
    };
    for boundary in &fleet.boundaries {
        let place = boundary.node.at();
        let there = match boundary.change {
            Change::Joins => true,
            Change::Leaves => false,
            Change::Class(class) => {
                classes[place] = class;
                stands[place].1.is_some()
            }
            Change::Group(_) | Change::Retires => continue,
        };
        let stands = std::mem::replace(&mut stands[place], (boundary.at, there.then_some(classes[place])));
        look(boundary.node, stands, boundary.at);
    }
    for (node, stands) in fleet.ids().zip(stands) {
        look(node, stands, Time::NEVER);
    }
    found
}

/// Whether the nodes of one of a campaign's rounds that begin before the horizon are fixed between two instants.
fn is_fixed_within(campaign: &Campaign, (from, until): (Time, Time), horizon: Time) -> bool {
    let (start, announce) = (campaign.start.0, campaign.announce.0);
    let late = if from == Time::ZERO {
        0
    } else {
        (from.0 + announce).saturating_sub(start)
    };
    let start = match campaign.every {
        Some(every) => start.saturating_add(late.div_ceil(every.0.max(1)).saturating_mul(every.0)),
        None if late > 0 => return false,
        None => start,
    };
    start < horizon.0 && start.saturating_sub(announce) < until.0
}

/// Why none of the campaign's hours within the horizon can be used, if none can, and the fix.
fn never_opens(campaign: &Campaign, site: &Site, shifts: &Shifts, rack: Option<&str>) -> Option<(String, String)> {
    // That nobody at all may do the work is told of the crews.
    if shifts.is_empty() {
        return None;
    }
    let (hours, clock) = (campaign.hours?, &site.clock);
    let work = match campaign.work {
        Law::Fixed(work) if campaign.inside => work,
        _ => Span::ZERO,
    };
    let (mut at, mut open, mut meets) = (campaign.start, false, false);
    while at < site.horizon {
        let from = hours.opens(clock, at);
        if from >= site.horizon {
            break;
        }
        let until = hours.closes(clock, from);
        open = true;
        // The first instant of these hours at which technicians are there.
        let begins = |shift: &Option<Hours>| shift.map_or(from, |shift| shift.opens(clock, from));
        let begins = shifts.iter().map(begins).min().unwrap_or(from);
        meets |= begins < until;
        if begins < until && begins + work <= until {
            return None;
        }
        at = until;
    }
    // Cut off by the horizon: the answer says that it did not open.
    if campaign.start >= site.horizon {
        return None;
    }
    let name = &campaign.name;
    Some(if !open {
        (
            format!("the hours of campaign `{name}` do not come between its start and the horizon"),
            "give other days, an earlier start or a later horizon".to_owned(),
        )
    } else if !meets {
        let (whose, fix) = match rack {
            None => (
                "the technicians' shift: no work could begin".to_owned(),
                "let `window` and `operators.shift` overlap",
            ),
            Some(rack) => (
                format!("the shift of a crew that may do its work in the rack `{rack}`"),
                "give other hours, or such a crew hours and days that overlap with them",
            ),
        };
        (
            format!("the hours of campaign `{name}` never meet {whose}"),
            fix.to_owned(),
        )
    } else {
        (
            format!(
                "work of {work} never fits into the hours of campaign `{name}`, and finish = \"inside\" begins nothing else"
            ),
            "give a longer window, or finish = \"begun\"".to_owned(),
        )
    })
}

/// A warning of a campaign that may take more than a third of a class of more than two nodes at once.
fn takes_much(campaign: &Campaign, fleet: &Fleet) -> Option<String> {
    let budget = campaign.budget;
    let names = &fleet.names;
    let mut sizes = vec![0u64; names.classes.len()];
    let mut racks = vec![0u64; names.racks.len()];
    // How many nodes of each class are in each rack.
    let mut pairs = std::collections::BTreeMap::new();
    for id in fleet.ids() {
        let (class, rack) = (fleet.node(id).class, fleet.kind(id).rack.0);
        sizes[class.at()] += 1;
        racks[usize::from(rack)] += 1;
        *pairs.entry((class, rack)).or_insert(0u64) += 1;
    }
    let allowed = |members: u64| {
        let share = || part_of(budget.share.unwrap_or(1.0), members);
        budget.nodes.map_or_else(share, u64::from).max(1)
    };
    let at_once = |class: ClassId| match budget.scope {
        Scope::Fleet => allowed(fleet.nodes.len() as u64),
        Scope::Class => allowed(sizes[class.at()]),
        Scope::Rack => {
            let of_class = pairs.iter().filter(|((of, _), _)| *of == class);
            of_class
                .map(|((_, rack), n)| allowed(racks[usize::from(*rack)]).min(*n))
                .sum()
        }
    };
    let classes = (0..names.classes.len() as u16)
        .map(ClassId)
        .filter(|&class| campaign.touches(class));
    let touched = |class: ClassId| part_of(campaign.share, sizes[class.at()]).max(1);
    let much: Vec<String> = classes
        .filter_map(|class| {
            let (all, most) = (sizes[class.at()], at_once(class).min(touched(class)));
            (all > 2 && most * 3 > all).then(|| format!("{most} of {all} `{}`", names.classes.name(class.0)))
        })
        .collect();
    (!much.is_empty()).then(|| {
        format!(
            "campaign `{}` may take more than a third of a class at once: {}",
            campaign.name,
            much.join(", ")
        )
    })
}

fn budget(b: &mut Section<'_>) -> Budget {
    let scope = b.choice(
        "scope",
        &[("fleet", Scope::Fleet), ("rack", Scope::Rack), ("class", Scope::Class)],
    );
    let nodes = b.whole("nodes").map(|n| n as u32);
    let share = b.number("share", "a share above 0, at most 1");
    if b.has("nodes") == b.has("share") {
        b.ledger.wrong(
            &b.head,
            "a budget is either a number of `nodes` or a `share`",
            "such as { scope = \"rack\", nodes = 2 }",
        );
    }
    let counts = b.choice("counts", &[("all", Counts::All), ("campaign", Counts::Campaign)]);
    Budget {
        // A share of the whole fleet could be all nodes of a small class.
        scope: scope.unwrap_or(if share.is_some() { Scope::Class } else { Scope::Fleet }),
        nodes,
        share,
        counts: counts.unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::{Boundary, GroupId, NodeSpec, TraitSet};

    /// Two racks with a node each, which joins, leaves or changes its class as it is said, and a campaign over one class.
    fn touched(changes: &[(u64, u32, Change)], every: Option<Span>, announce: Span) -> Vec<u16> {
        let mut fleet = Fleet::default();
        for rack in 0..2 {
            fleet.enter(&NodeSpec {
                name: format!("n{rack}"),
                class: ClassId(0),
                traits: TraitSet::default(),
                model: 0,
                rack: RackId(rack),
                group: GroupId(0),
                owner: None,
                lessee: None,
            });
        }
        let due = |&(day, node, change): &(u64, u32, Change)| Boundary {
            at: Time(day * DAY_MS),
            node: NodeId(node),
            change,
        };
        fleet.boundaries = changes.iter().map(due).collect();
        let campaign = Campaign {
            name: "firmware".to_owned(),
            word: 0,
            start: Time(7 * DAY_MS),
            every,
            classes: vec![ClassId(0)],
            share: 1.0,
            budget: Budget {
                scope: Scope::Fleet,
                nodes: Some(1),
                share: None,
                counts: Counts::All,
            },
            waves: false,
            hours: None,
            inside: false,
            announce,
            drain: crate::workload::Drain::TenantLeaves,
            work: Law::Fixed(Span::hours(1)),
            errands: crate::workload::ErrandLaw {
                counts: crate::workload::Sizes::always(0),
                duration: Law::Fixed(Span::ZERO),
            },
        };
        let racks = racks(&campaign, &fleet, Time(20 * DAY_MS));
        racks.into_iter().map(|rack| rack.0).collect()
    }

    #[test]
    fn a_campaigns_racks_are_those_of_the_nodes_that_are_there_and_of_its_classes_then() {
        let (once, weekly) = (None, Some(Span::days(7)));
        let other = Change::Class(ClassId(1));
        for (changes, every, announce, racks) in [
            (&[][..], once, 0, &[0, 1][..]),
            (&[(7, 1, Change::Leaves)], once, 0, &[0]),
            (&[(8, 1, Change::Leaves)], once, 0, &[0, 1]),
            (&[(7, 1, Change::Joins)], once, 0, &[0, 1]),
            (&[(8, 1, Change::Joins)], once, 0, &[0]),
            (&[(8, 1, Change::Joins)], weekly, 0, &[0, 1]),
            (&[(15, 1, Change::Joins)], weekly, 0, &[0]),
            (&[(8, 1, Change::Joins), (13, 1, Change::Leaves)], weekly, 0, &[0]),
            (&[(3, 1, other)], weekly, 0, &[0]),
            (&[(3, 1, other), (13, 1, Change::Class(ClassId(0)))], weekly, 0, &[0, 1]),
            // Its nodes are fixed when it is announced.
            (&[(3, 1, other)], once, 4, &[0]),
            (&[(3, 1, other)], once, 5, &[0, 1]),
            (&[(3, 1, Change::Joins)], once, 9, &[0]),
        ] {
            assert_eq!(
                touched(changes, every, Span::days(announce)),
                racks,
                "{changes:?}, {every:?}"
            );
        }
    }
}
