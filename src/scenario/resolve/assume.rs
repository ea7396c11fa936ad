//! `[[assume]]`, and which assumptions are in force.

use crate::fleet::Fleet;
use crate::scenario::assume::{Plausible, PlausibleRange};
use crate::scenario::diagnose::{Ledger, Unsupported};
use crate::scenario::keys::{self, full_key};
use crate::scenario::read::Section;
use crate::scenario::tree::{self, Place};
use crate::strategy::ROSTER;
use crate::workload::{Demand, ErrandLaw, MaintenancePlan};

/// A range as it is typed, before it is known what it is the range of.
pub struct TypedRange {
    key: String,
    range: PlausibleRange,
    source: String,
    place: Place,
}

/// One range; none when it is wrong, which is noted.
pub fn read(t: &mut Section<'_>) -> Option<TypedRange> {
    let key = t.text("key").map(|key| full_key(&key));
    for key in ["low", "high"].into_iter().filter(|key| !t.has(key)) {
        let mend = format!("add `{key}`, such as `{key} = 0.05` or `{key} = \"8h\"`");
        t.wrong("key", format!("this range lacks its `{key}`"), mend);
    }
    let (low, high) = (t.take("low"), t.take("high"));
    let source = t.text("source").unwrap_or_default();
    let range = PlausibleRange::of(&low?.value, &high?.value);
    let range = range.map_err(|why| {
        let mend = "give two numbers or two times, such as `low = \"10m\"` and `high = \"8h\"`";
        t.wrong("low", format!("`{}`: {why}", t.full("low")), mend);
    });
    let place = t.place("key");
    Some(TypedRange {
        key: key?,
        range: range.ok()?,
        source,
        place,
    })
}

/// The ranges whose keys have a value in this effective scenario. A key that there is not is noted; one that has no value as
/// things stand (a loop's period under `loop = "instant"`) is left out.
pub fn in_force(typed: impl Iterator<Item = TypedRange>, effective: &str, ledger: &Ledger) -> Vec<Plausible> {
    let mut all: Vec<Plausible> = Vec::new();
    let mut root = None;
    for TypedRange {
        key,
        range,
        source,
        place,
    } in typed
    {
        let root = root.get_or_insert_with(|| tree::parse(effective).unwrap_or_default());
        let path: Vec<&str> = key.split('.').collect();
        if !is_a_key(&path) {
            let message = format!("there is no key `{key}`");
            ledger.wrong(
                &place,
                message,
                "`sickbay validate SCENARIO --effective` prints all keys that have a value",
            );
            continue;
        }
        if all.iter().any(|other| other.key == key) {
            ledger.wrong(&place, format!("`{key}` has two ranges"), "remove one of them");
            continue;
        }
        let Some(own) = tree::value_at(root, &path).map(tree::Value::inline) else {
            continue;
        };
        if range
            .part(&own)
            .is_some_and(|part| !(-1e-9..=1.0 + 1e-9).contains(&part))
        {
            let own = own.trim_matches('"');
            ledger.warn(format!("{key} = {own} lies outside of its plausible range, {range}"));
        }
        all.push(Plausible {
            own,
            range,
            source,
            place: ledger.blank(&place),
            key,
        });
    }
    all
}

/// Whether there is such a key, as far as it can be told without a value.
fn is_a_key(path: &[&str]) -> bool {
    let known = keys::leads_somewhere(path);
    match path {
        ["scenario", "strategies", _, param] => ROSTER.iter().any(|entry| {
            let mut plain = (entry.plain)();
            plain.params().iter().any(|known| known.name == *param)
        }),
        _ => known,
    }
}

/// The defaults that no data supports and that something hangs on, but those that have a range.
pub fn unsupported(
    ledger: &Ledger,
    plausible: &[Plausible],
    fleet: &Fleet,
    (demand, plan): (&Demand, &MaintenancePlan),
    has_crews: bool,
) -> Vec<Unsupported> {
    let maintained = !plan.faults.is_empty() || !plan.campaigns.is_empty() || !plan.spells.is_empty();
    let boots = |errands: &ErrandLaw| errands.counts.mean() > 0.0;
    let booted = boots(&plan.spell_errands)
        || plan.faults.iter().any(|law| boots(&law.errands))
        || plan.campaigns.iter().any(|campaign| boots(&campaign.errands));
    let owned = fleet.nodes.iter().any(|node| node.owner().is_some());
    let rescued = demand.sources.iter().any(|source| source.rescue.is_some());
    let matters = |key: &str| match key {
        _ if key.starts_with("report.") || key.starts_with("scenario.") && !key.starts_with("scenario.strategies.") => {
            false
        }
        "ironic.rescue" => rescued,
        // Crews have numbers of their own.
        "operators.technicians" => maintained && !has_crews,
        "operators.wrong_pool" => owned && maintained,
        "operators.retry" | "operators.notice_wrong" => booted,
        _ if key.ends_with("errands.duration") || key.ends_with(".out_of_band") => booted,
        _ if key.starts_with("operators.") || key.starts_with("maintenance.") => maintained,
        _ => true,
    };
    let ranged = |key: &str| {
        let covers = |one: &Plausible| one.key == key || one.key.starts_with(&format!("{key}."));
        plausible.iter().any(covers)
    };
    let mut all = ledger.unsupported();
    all.retain(|one| matters(&one.key) && !ranged(&one.key));
    all
}
