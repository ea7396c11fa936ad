//! `[maintenance]`: recorded spells, faults and campaigns.

mod campaign;

pub use campaign::hours_of;

use std::sync::Arc;

use super::fleet::Yard;
use super::inputs::InputFiles;
use super::site::Site;
use super::words;
use crate::fleet::{Hold, NodeId};
use crate::import::neutral::read_spells;
use crate::kernel::text::quoted;
use crate::kernel::{Law, Span, Time};
use crate::scenario::diagnose::fix_word;
use crate::scenario::read::Section;
use crate::scenario::tree::{Place, Value};
use crate::scenario::values;
use crate::workload::{Age, Drain, ErrandLaw, FaultKind, FaultLaw, MaintenancePlan, Sizes, Spell, SpellUse};
use crate::world::settings::Operators;

const HOLDS: [(&str, Hold); 4] = [
    ("planned", Hold::Planned),
    ("fault", Hold::Fault),
    ("hardware-failure", Hold::HardwareFailure),
    ("operator-hold", Hold::Operator),
];
const DRAIN: &str = "write \"at-once\", \"tenant-leaves\" or { deadline = \"48h\" }";
/// So many wrong rows of a trace are told at once.
const ROWS_TOLD: usize = 20;

/// `[maintenance]`.
pub fn read(
    t: &mut Section<'_>,
    site: &Site,
    yard: &Yard,
    operators: &Operators,
    inputs: &mut InputFiles<'_>,
) -> MaintenancePlan {
    let mut spells = trace(t, yard, inputs);
    let spell_use = spell_use(t);
    // Faults and campaigns that say nothing of their own do as the table does.
    let common = (t.peek("drain"), t.peek("errands"));
    let before = t.ledger.count();
    let spell_drain = drain(t);
    let spell_errands = errands(t);
    // What is wrong with the table's own is told once.
    let common = if t.ledger.count() > before {
        (None, None)
    } else {
        common
    };
    let clean_work = t.law("clean_work");
    let mut called: Vec<Option<String>> = Vec::new();
    let mut faults = t.every("faults", |f, _| {
        called.push(law_name(f, &called));
        f.lend("drain", common.0.clone());
        f.lend("errands", common.1.clone());
        faults(f, yard)
    });
    words::of_faults(&mut faults, &called, &yard.fleet.names);
    let (mut named, mut names) = (Vec::new(), Vec::new());
    let mut campaigns = t.every("campaign", |c, at| {
        named.push(!c.is_preset("name"));
        c.lend("drain", common.0.clone());
        c.lend("errands", common.1.clone());
        let campaign = campaign::read(c, at, (site, yard), operators);
        if names.contains(&campaign.name) {
            let message = format!("two campaigns are called `{}`", campaign.name);
            c.wrong("name", message, "give one of them another `name`");
        }
        names.push(campaign.name.clone());
        campaign
    });
    words::of_campaigns(&mut campaigns, &named, &yard.fleet.names);
    spells.extend(t.every("spell", |s, _| spell(s, site, yard)).into_iter().flatten());
    let plan = MaintenancePlan {
        spells: Arc::new(in_order(t, spells, yard)),
        spell_use,
        spell_errands,
        spell_drain,
        faults,
        campaigns,
        clean_work,
    };
    assume(t, &plan);
    plan
}

/// What the report has to own up to.
fn assume(t: &Section<'_>, plan: &MaintenancePlan) {
    let boots = |errands: &ErrandLaw| errands.counts.mean() > 0.0;
    let drawn = (boots(&plan.spell_errands) && !plan.spells.is_empty())
        || plan.faults.iter().any(|f| boots(&f.errands))
        || plan.campaigns.iter().any(|c| boots(&c.errands));
    if drawn {
        t.ledger
            .assume("the operators' boots on nodes in maintenance are drawn: no trace records them".to_owned());
    }
    if !plan.spells.is_empty() {
        t.ledger.assume(match plan.spell_use {
            SpellUse::AsRecorded => "recorded spells end when the record says, whatever the strategy".to_owned(),
            SpellUse::AsWork { route } => format!(
                "recorded spells less {route} per errand are hands-on work, to which each strategy adds its route"
            ),
        });
    }
}

fn spell_use(t: &mut Section<'_>) -> SpellUse {
    let as_work = t
        .choice("spells", &[("as-recorded", false), ("as-work", true)])
        .unwrap_or(false);
    if as_work {
        return SpellUse::AsWork {
            route: t.span("practice_route"),
        };
    }
    if t.has("practice_route") {
        t.wrong(
            "practice_route",
            "`practice_route` has a use only with spells = \"as-work\"",
            "remove it, or set `spells = \"as-work\"`",
        );
    }
    SpellUse::AsRecorded
}

fn drain(t: &mut Section<'_>) -> Drain {
    let Some(item) = t.take("drain") else {
        return Drain::TenantLeaves;
    };
    match &item.value {
        Value::Text(word) if word == "at-once" => Drain::AtOnce,
        Value::Text(word) if word == "tenant-leaves" => Drain::TenantLeaves,
        Value::Table(branch) if branch.len() == 1 && branch.contains_key("deadline") => {
            let deadline = branch
                .get("deadline")
                .and_then(|(_, item)| values::span(t.ledger, "drain.deadline", item));
            Drain::Deadline(deadline.unwrap_or_default())
        }
        other => {
            t.ledger.wrong(
                &item.place,
                format!("`drain` is {}, which is not understood", other.inline()),
                DRAIN,
            );
            Drain::TenantLeaves
        }
    }
}

fn errands(t: &mut Section<'_>) -> ErrandLaw {
    let read = |e: &mut Section<'_>| ErrandLaw {
        counts: e.sizes("counts"),
        duration: e.law("duration"),
    };
    let none = || ErrandLaw {
        counts: Sizes::always(0),
        duration: Law::Fixed(Span::ZERO),
    };
    t.within("errands", true, read).unwrap_or_else(none)
}

/// A spell with the place where it is written, if that is the scenario file.
type Placed = (Spell, Option<Place>);

fn trace(t: &mut Section<'_>, yard: &Yard, inputs: &mut InputFiles<'_>) -> Vec<Placed> {
    let Some(path) = t.text("trace") else { return Vec::new() };
    let Some(rows) = inputs.rows(&path, &t.place("trace"), read_spells) else {
        return Vec::new();
    };
    let (mut spells, mut left_out, mut wrong) = (Vec::new(), 0, 0);
    for (row, record) in rows.read.records.iter().enumerate() {
        if yard.left_out.contains(&record.node_id) {
            left_out += 1;
            continue;
        }
        let Some(node) = yard.node(&record.node_id) else {
            wrong += 1;
            if wrong <= ROWS_TOLD && !yard.fleet.nodes.is_empty() {
                let fix = fix_word(&record.node_id, yard.names());
                let error = rows.error(
                    row,
                    "node_id",
                    format!("there is no node {}", quoted(&record.node_id)),
                    fix,
                );
                t.ledger.wrong_row(&rows.text, &error);
            }
            continue;
        };
        // A site's own word for a reason is a wish of its operators.
        let hold = HOLDS
            .iter()
            .find(|(word, _)| *word == record.kind)
            .map_or(Hold::Operator, |(_, hold)| *hold);
        spells.push((
            Spell {
                node,
                start: Time(record.start_ms),
                end: record.end_ms.map(Time),
                hold,
            },
            None,
        ));
    }
    if left_out > 0 {
        t.ledger.assume(format!(
            "{left_out} recorded spells belong to nodes that the scaled fleet leaves out"
        ));
    }
    spells
}

fn spell(s: &mut Section<'_>, site: &Site, yard: &Yard) -> Option<Placed> {
    let instant = |s: &mut Section<'_>, key: &str| {
        let full = s.full(key);
        s.take(key)
            .and_then(|item| values::instant(s.ledger, &full, &item, site.epoch))
            .map(|span| Time(span.0))
    };
    let node = node(s, yard);
    let (start, end) = (instant(s, "start"), instant(s, "end"));
    let hold = s.choice("kind", &HOLDS).unwrap_or(Hold::Planned);
    if let (Some(start), Some(end)) = (start, end)
        && end <= start
    {
        s.wrong(
            "end",
            "`end` is not after `start`",
            "let the spell end after its start, or leave `end` out",
        );
    }
    Some((
        Spell {
            node: node?,
            start: start?,
            end,
            hold,
        },
        Some(s.place("start")),
    ))
}

fn node(s: &mut Section<'_>, yard: &Yard) -> Option<NodeId> {
    let name = s.text("node")?;
    let found = yard.node(&name);
    if found.is_none() && !yard.unsure && !yard.left_out.contains(&name) && !yard.fleet.nodes.is_empty() {
        let fix = fix_word(&name, yard.names());
        s.wrong("node", format!("there is no node `{name}`"), fix);
    }
    found
}

/// Spells by (start, node); two of a node and kind that overlap are noted: of different kinds they are two holds.
/// Overlaps within a file have been noted by its reader.
fn in_order(t: &Section<'_>, mut spells: Vec<Placed>, yard: &Yard) -> Vec<Spell> {
    spells.sort_by_key(|(spell, _)| (spell.node, spell.hold, spell.start));
    for pair in spells.windows(2) {
        let ((a, a_place), (b, b_place)) = (&pair[0], &pair[1]);
        let overlap = (a.node, a.hold) == (b.node, b.hold) && a.end.is_none_or(|end| end > b.start);
        if let (true, Some(place)) = (overlap, b_place.as_ref().or(a_place.as_ref())) {
            let name = &yard.fleet.name(a.node);
            let message = format!(
                "two spells of `{name}` of one kind overlap: {} to {}, and from {}",
                a.start,
                a.end.map_or("never".to_owned(), |e| e.to_string()),
                b.start
            );
            t.ledger
                .wrong(place, message, "let one end before the other starts, or make them one");
        }
    }
    let mut spells: Vec<Spell> = spells.into_iter().map(|(spell, _)| spell).collect();
    spells.sort_by_key(|spell| (spell.start, spell.node, spell.hold));
    spells
}

/// The name of a law of faults, if it has one, which no other has.
fn law_name(f: &mut Section<'_>, called: &[Option<String>]) -> Option<String> {
    let name = f.text("name");
    if let Some(twice) = name.as_ref().filter(|_| called.contains(&name)) {
        let message = format!("two laws of faults are called `{twice}`");
        f.wrong("name", message, "give one of them another `name`");
    }
    name
}

fn faults(f: &mut Section<'_>, yard: &Yard) -> FaultLaw {
    let classes = yard.classes(f, "classes");
    // A wrong one is told, and whatever stands in for it says nothing of how many faults there are.
    let between = f.law_or("between", Law::Exponential(Span::days(365)));
    // A law with (nearly) no time between faults would fill the memory with them.
    if f.has("between") && between.mean_ms() < 60_000.0 {
        f.wrong(
            "between",
            "faults follow each other in less than a minute on average",
            "give a longer time between faults, such as \"200d\"",
        );
    }
    let (drain, errands) = (drain(f), errands(f));
    let mut kinds = f.every("kind", |k, _| FaultKind {
        name: k.text("name").unwrap_or_default(),
        share: k.number("share", "a weight from 0 to 1000000000").unwrap_or(0.0),
        interrupts: k.flag("interrupts"),
        deploy_fails: k.share("deploy_fails"),
        power: k.flag("power"),
        detection: k.law("detection"),
        work: k.law("work"),
    });
    let sum: f64 = kinds.iter().map(|kind| kind.share).sum();
    let none = matches!(f.peek("kind").map(|item| item.value), Some(Value::List(all)) if all.is_empty());
    if f.has("kind") && sum <= 0.0 && (none || !kinds.is_empty()) {
        f.wrong(
            "kind",
            "the shares of the kinds of fault sum to 0",
            "give at least one kind a share above 0",
        );
    }
    kinds.iter_mut().for_each(|kind| kind.share /= sum);
    let age = age(f, &between);
    FaultLaw {
        word: 0,
        classes,
        between,
        age,
        kinds,
        drain,
        errands,
    }
}

/// A law without a mean has no state that it comes to.
fn age(f: &mut Section<'_>, between: &Law) -> Age {
    let age = f.choice("age", &[("stationary", Age::Stationary), ("new", Age::New)]);
    let age = age.unwrap_or_default();
    if age == Age::Stationary && !between.mean_ms().is_finite() {
        f.wrong(
            "between",
            "the time between faults has no mean, so nothing says how old the hardware is at the begin",
            "give a tail index above 1, or set `age = \"new\"`",
        );
    }
    age
}
