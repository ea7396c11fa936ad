//! Spells of maintenance out of the machines' histories.

use std::collections::BTreeSet;

use super::inventory::{Event, Histories, Kind};
use super::{BATCH_GAP_MS, BATCH_MIN, Item, Tally, Window};
use crate::import::neutral::SpellRecord;

/// A spell of the trace; times in ms since 1970.
#[derive(Debug, Clone)]
struct Spell<'h> {
    host: &'h str,
    start: i64,
    end: Option<i64>,
    campaign: Option<usize>,
}

/// The spells that overlap the window, of the nodes in `kept`.
pub(super) fn spells(
    histories: &Histories,
    kept: &BTreeSet<&str>,
    window: Window,
    tally: &mut Tally,
) -> Vec<SpellRecord> {
    let mut spells = Vec::new();
    for (host, events) in histories {
        pair(host, events, &mut spells, tally);
    }
    // Batches are sought in the whole trace, so that a window's edge does not cut one into faults
    // and a campaign has the same number in every window.
    spells.sort_by_key(|spell| (spell.start, spell.host));
    number_campaigns(&mut spells);
    let mut records = Vec::new();
    for spell in spells {
        if !kept.contains(spell.host) {
            tally.one(Item::SpellsOfOthers);
        } else if spell.start >= window.to || spell.end.is_some_and(|end| end <= window.from) {
            tally.one(Item::SpellsOutside);
        } else {
            records.push(record(&spell, window, tally));
        }
    }
    records.sort_by(|a, b| (a.start_ms, &a.node_id).cmp(&(b.start_ms, &b.node_id)));
    records
}

fn record(spell: &Spell<'_>, window: Window, tally: &mut Tally) -> SpellRecord {
    let planned = spell.campaign.is_some();
    tally.one(Item::Spells);
    tally.one(if planned {
        Item::SpellsPlanned
    } else {
        Item::SpellsFault
    });
    tally.one_if(spell.start < window.from, Item::SpellsRunning);
    tally.one_if(
        spell.end.is_none_or(|end| end >= window.to),
        Item::SpellsOpen,
    );
    SpellRecord {
        node_id: spell.host.to_owned(),
        start_ms: window.since(spell.start),
        end_ms: spell.end.map(|end| window.since(end)),
        kind: if planned { "planned" } else { "fault" }.to_owned(),
        campaign: spell.campaign.map(|number| format!("batch-{number}")),
    }
}

/// Pairs one machine's DISABLE and ENABLE, which are in order of time.
fn pair<'h>(host: &'h str, events: &[Event], spells: &mut Vec<Spell<'h>>, tally: &mut Tally) {
    let mut open: Option<i64> = None;
    let mut enabled_before = false;
    let mut push = |start, end| {
        spells.push(Spell {
            host,
            start,
            end,
            campaign: None,
        });
    };
    for event in events {
        match (event.kind, open) {
            (Kind::Disable, None) => open = Some(event.at),
            (Kind::Disable, Some(_)) => tally.one(Item::RepeatedDisables),
            (Kind::Enable, Some(start)) => {
                open = None;
                if event.at > start {
                    push(start, Some(event.at));
                } else {
                    tally.one(Item::ZeroPairs);
                }
            }
            (Kind::Enable, None) if enabled_before => tally.one(Item::StrayEnables),
            (Kind::Enable, None) => tally.one(Item::InitialEnables),
            (Kind::Create | Kind::Update, _) => {}
        }
        enabled_before |= event.kind == Kind::Enable;
    }
    if let Some(start) = open {
        push(start, None);
    }
}

/// Numbers the batches of `spells`, which are in order of their starts, from 1.
fn number_campaigns(spells: &mut [Spell<'_>]) {
    let batches = spells.chunk_by_mut(|a, b| b.start - a.start <= BATCH_GAP_MS);
    for (number, batch) in (1..).zip(batches.filter(|batch| batch.len() >= BATCH_MIN)) {
        for spell in batch {
            spell.campaign = Some(number);
        }
    }
}
