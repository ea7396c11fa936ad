//! Spells of maintenance, made fit for `maintenance.csv`: merged, long enough, numbered by campaign and cut to the window.

use std::collections::BTreeMap;

use super::draft::{Draft, DraftNode, DraftSpell};
use super::tally::Account;
use super::window::Window;
use crate::import::neutral::SpellRecord;

/// Fewest spells that start together and are taken as a campaign.
const BATCH_MIN: usize = 5;

/// Longest pause between two starts of one campaign, ms.
const BATCH_GAP: i64 = 15 * 60_000;

/// The spells of a draft that are in the window, by start, then node.
pub(crate) fn finish(draft: &mut Draft<'_>, window: Window) -> Vec<SpellRecord> {
    let mut account = Account::of("spells found");
    let spells = std::mem::take(&mut draft.spells);
    let (least, open_spell) = (draft.min_spell, draft.options.open_spell);
    let sound = spells
        .into_iter()
        .filter_map(|spell| sound(spell, &draft.nodes, &mut account));
    let mut merged = merge(sound.collect(), &mut account);
    merged.retain(|spell| {
        let long = length(spell).is_none_or(|length| length >= least);
        if !long {
            account.one("skipped: shorter than --min-spell", "hardly more than a reboot");
        }
        long
    });
    number_campaigns(&mut merged);
    let mut records: Vec<SpellRecord> = merged
        .into_iter()
        .filter_map(|spell| record(spell, window, open_spell, &mut account))
        .collect();
    records.sort_by(|a, b| (a.start_ms, &a.node_id, &a.kind).cmp(&(b.start_ms, &b.node_id, &b.kind)));
    let campaigns: std::collections::BTreeSet<&str> = records.iter().filter_map(|it| it.campaign.as_deref()).collect();
    account.note(
        campaigns.len() as u64,
        "campaigns",
        "5 or more starts, each within 15 minutes of the one before, or named so",
    );
    draft.accounts.push(account);
    records
}

/// The spell if it has a node and a length.
fn sound(spell: DraftSpell, nodes: &BTreeMap<String, DraftNode>, account: &mut Account) -> Option<DraftSpell> {
    if !nodes.contains_key(&spell.node) {
        account.one(
            "skipped: of nodes that are not in the fleet",
            "no file of nodes has them",
        );
        return None;
    }
    match length(&spell) {
        Some(0) => account.one("skipped: of no length", "ended in the moment in which they began"),
        Some(length) if length < 0 => account.one("skipped: end before they begin", "the times are not to be trusted"),
        _ => return Some(spell),
    }
    None
}

/// How long it lasts, ms; none where begin or end is unknown.
fn length(spell: &DraftSpell) -> Option<i64> {
    Some(spell.end? - spell.start?)
}

/// Spells of one node and kind that touch or overlap become one.
fn merge(mut spells: Vec<DraftSpell>, account: &mut Account) -> Vec<DraftSpell> {
    // A begin that is not known sorts first, as the earliest.
    spells.sort_by(|a, b| {
        (&a.node, &a.kind, a.start, a.end.unwrap_or(i64::MAX)).cmp(&(
            &b.node,
            &b.kind,
            b.start,
            b.end.unwrap_or(i64::MAX),
        ))
    });
    let mut merged: Vec<DraftSpell> = Vec::new();
    for spell in spells {
        if let Some(last) = merged.last_mut()
            && last.node == spell.node
            && last.kind == spell.kind
            && last.end.is_none_or(|end| spell.start.is_none_or(|start| start <= end))
        {
            last.end = last.end.zip(spell.end).map(|(one, other)| one.max(other));
            last.campaign = last.campaign.take().or(spell.campaign);
            account.one("merged into another of the same node and kind", "they touch or overlap");
        } else {
            merged.push(spell);
        }
    }
    merged
}

/// Names the batches of spells that belong to no campaign yet, in order of time.
fn number_campaigns(spells: &mut [DraftSpell]) {
    spells.sort_by(|a, b| (a.start, &a.node, &a.kind).cmp(&(b.start, &b.node, &b.kind)));
    let mut free: Vec<&mut DraftSpell> = spells
        .iter_mut()
        .filter(|spell| spell.campaign.is_none() && spell.start.is_some())
        .collect();
    let gap = |a: &&mut DraftSpell, b: &&mut DraftSpell| b.start.zip(a.start).is_some_and(|(b, a)| b - a <= BATCH_GAP);
    let batches = free.chunk_by_mut(gap);
    for (number, batch) in (1..).zip(batches.filter(|batch| batch.len() >= BATCH_MIN)) {
        for spell in batch {
            spell.campaign = Some(format!("batch-{number}"));
        }
    }
}

fn record(spell: DraftSpell, window: Window, open_spell: Option<i64>, account: &mut Account) -> Option<SpellRecord> {
    let begin = spell.start.unwrap_or(window.from);
    // One that is open lasts at least as long as the data say that it is open.
    let assumed = |length: i64| match spell.start {
        Some(start) => (start + length).max(window.to),
        None => begin + length,
    };
    let end = spell.end.or(open_spell.map(assumed));
    if begin >= window.to {
        account.one("skipped: after the window", "");
        return None;
    }
    if end.is_some_and(|end| end <= window.from) {
        account.one("skipped: over before the window", "");
        return None;
    }
    account.one("kept", "");
    account.note(1, format!("of kind {}", spell.kind), "");
    account.note(
        u64::from(begin < window.from),
        "running at the window's begin",
        "they start at 0",
    );
    account.note(
        u64::from(spell.start.is_none()),
        "whose begin is not known",
        "they start at the window's begin",
    );
    account.note(
        u64::from(spell.end.is_none()),
        "open at the end of the data",
        "their end is not known: to the horizon, or as --open-spell says",
    );
    account.note(
        u64::from(end.is_some_and(|end| end > window.to)),
        "cut at the window's end",
        "",
    );
    Some(SpellRecord {
        node_id: spell.node,
        start_ms: window.since(begin),
        end_ms: end.map(|end| window.since(end.min(window.to))),
        kind: spell.kind,
        campaign: spell.campaign,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::foreign::kinds::Kinds;
    use crate::import::foreign::options::ForeignOptions;

    fn spell(node: &str, start: Option<i64>, end: Option<i64>, kind: &str) -> DraftSpell {
        DraftSpell {
            node: node.to_owned(),
            start,
            end,
            kind: kind.to_owned(),
            campaign: None,
        }
    }

    fn finished(spells: Vec<DraftSpell>, options: &ForeignOptions) -> (Vec<String>, Account) {
        let mut draft = Draft::new(options, Kinds::standard(), None);
        for node in ["a", "b", "c", "d", "e"] {
            draft.nodes.insert(node.to_owned(), DraftNode::default());
        }
        draft.min_spell = options.min_spell.unwrap_or(0);
        draft.spells = spells;
        let records = finish(&mut draft, Window { from: 1000, to: 9000 });
        let told = |it: &SpellRecord| {
            let end = it.end_ms.map_or("…".to_owned(), |end| end.to_string());
            let campaign = it.campaign.as_deref().unwrap_or("-");
            format!("{} {}..{end} {} {campaign}", it.node_id, it.start_ms, it.kind)
        };
        let account = draft.accounts.pop().expect("an account");
        assert!(account.adds_up(), "{account:?}");
        (records.iter().map(told).collect(), account)
    }

    #[test]
    fn spells_are_merged_cut_and_counted() {
        let options = ForeignOptions {
            min_spell: Some(50),
            ..ForeignOptions::default()
        };
        let spells = vec![
            spell("a", Some(500), Some(1500), "fault"),
            spell("a", Some(1500), Some(2000), "fault"),
            spell("a", Some(1600), Some(1700), "planned"),
            spell("a", Some(1900), Some(1950), "fault"),
            spell("b", None, None, "fault"),
            spell("b", Some(3000), Some(4000), "fault"),
            spell("c", Some(3000), Some(3000), "fault"),
            spell("c", Some(3000), Some(2000), "fault"),
            spell("c", Some(4000), Some(4049), "fault"),
            spell("c", Some(100), Some(1000), "fault"),
            spell("c", Some(9000), None, "fault"),
            spell("c", Some(8000), Some(12_000), "fault"),
            spell("z", Some(3000), Some(4000), "fault"),
        ];
        let (told, account) = finished(spells, &options);
        assert_eq!(
            told,
            [
                "a 0..1000 fault -",
                "b 0..… fault -",
                "a 600..700 planned -",
                "c 7000..… fault -"
            ]
        );
        assert_eq!(account.total, 13);
        assert_eq!(account.count("merged into another of the same node and kind"), 4);
        assert_eq!(account.count("whose begin is not known"), 1);
    }

    #[test]
    fn starts_close_to_each_other_are_a_campaign_and_open_ends_may_be_assumed() {
        let quarter = 15 * 60_000;
        let options = ForeignOptions {
            open_spell: Some(100),
            ..ForeignOptions::default()
        };
        let nodes = ["a", "b", "c", "d", "e"];
        let mut spells: Vec<DraftSpell> = (0..)
            .zip(nodes)
            .map(|(at, node)| spell(node, Some(at * quarter - 60_000_000), Some(1001), "planned"))
            .collect();
        spells.push(spell("a", None, None, "fault"));
        let (told, account) = finished(spells, &options);
        assert_eq!(told[0], "a 0..100 fault -");
        assert!(
            told[1..].iter().all(|told| told.ends_with("0..1 planned batch-1")),
            "{told:?}"
        );
        assert_eq!((told.len(), account.count("campaigns")), (6, 1));
    }
}
