//! `[[maintenance.campaign]]`: planned work, its hours and its budget, and whether it can be done at all.

use std::collections::BTreeSet;

use super::super::fleet::Yard;
use super::super::site::Site;
use super::{drain, errands};
use crate::fleet::{ClassId, Fleet, RackId};
use crate::kernel::clock::EVERY_DAY;
use crate::kernel::time::DAY_MS;
use crate::kernel::{Hours, Law, Span, Time, part_of};
use crate::scenario::diagnose::fix_word;
use crate::scenario::read::Section;
use crate::scenario::values;
use crate::workload::{Budget, Campaign, Counts, Scope};
use crate::world::settings::Operators;

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// One campaign.
pub fn read(c: &mut Section<'_>, site: &Site, yard: &Yard, operators: &Operators) -> Campaign {
    let name = c.text("name").unwrap_or_default();
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
    let problem = shifts(&campaign, yard, operators)
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
fn shifts<'a>(campaign: &Campaign, yard: &'a Yard, operators: &Operators) -> Vec<(Option<&'a str>, Shifts)> {
    if operators.crews.is_empty() {
        return vec![(None, vec![operators.shift])];
    }
    let fleet = &yard.fleet;
    let touched = fleet.ids().filter(|&node| campaign.touches(fleet.node(node).class));
    let racks: BTreeSet<RackId> = touched.map(|node| fleet.kind(node).rack).collect();
    let of_rack = |rack: RackId| {
        let able = operators.crews.iter().filter(|crew| crew.may(rack, "campaign"));
        (
            Some(fleet.names.racks.name(rack.0)),
            able.map(|crew| crew.hours).collect(),
        )
    };
    racks.into_iter().map(of_rack).collect()
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
