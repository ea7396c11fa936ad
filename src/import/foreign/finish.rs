//! What an import of foreign files gives: the neutral records, cut to the window, and a scenario that runs.

use std::collections::{BTreeMap, BTreeSet};

use super::asks::{Ask, Asks, Who};
use super::draft::Draft;
use super::fleet;
use super::moment::told;
use super::names::placement;
use super::scenario::{self, Facts};
use super::spells;
use super::tally::{Account, ForeignReport};
use super::window::{Cut, Window};
use super::wrong::ForeignError;
use crate::import::neutral::{NodeRecord, RequestKind, RequestMulti, RequestRecord, RequestsWriter, SpellRecord};

/// What an import of foreign files gives.
#[derive(Debug)]
pub struct ForeignImport {
    /// The nodes, by name.
    pub nodes: Vec<NodeRecord>,
    /// The spells of maintenance, by start, then node; ms since the window's begin.
    pub spells: Vec<SpellRecord>,
    /// What was kept and what was left out, and what is assumed.
    pub report: ForeignReport,
    /// A scenario of the files, which runs.
    pub scenario: String,
    asks: Asks,
    window: Window,
    seats: BTreeMap<String, String>,
    seldom: bool,
}

impl ForeignImport {
    /// The requests, by arrival, then start, then name; ms since the window's begin.
    pub fn requests(&self) -> impl Iterator<Item = RequestRecord> {
        self.asks.iter().filter_map(|ask| {
            let cut = self.window.cut(&ask).ok()?;
            Some(self.request(ask, cut))
        })
    }

    fn request(&self, ask: Ask, cut: Cut) -> RequestRecord {
        let who: &Who = self.asks.who_of(ask.who);
        let count = u32::from(ask.count);
        // Where it ran in between is nobody's business: a run places those itself.
        let tells = cut.runs || !cut.end_known;
        let seat = tells.then(|| self.seats.get(&ask.id).cloned()).flatten();
        RequestRecord {
            request_id: ask.id,
            arrival_ms: cut.arrival,
            start_ms: cut.start,
            hold_ms: cut.hold,
            planned_hold_ms: cut.planned,
            tenant: who.tenant.clone(),
            user: who.user.clone(),
            resource_class: who.class.clone(),
            traits: who.traits.clone(),
            count,
            min_count: match who.min_count {
                0 => count,
                least => u32::from(least).min(count),
            },
            kind: RequestKind::People,
            multi: who.blazar.then_some(RequestMulti::Blazar),
            node_id: seat,
            end_known: cut.end_known,
            age_ms: cut.age,
        }
    }

    /// Tells the text of `requests.csv` piece by piece.
    ///
    /// # Errors
    /// What whoever is told answers with.
    pub fn tell_requests<E>(&self, mut tell: impl FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
        const PIECE: usize = 1 << 16;
        let mut text = Vec::with_capacity(2 * PIECE);
        let writer = RequestsWriter::new(self.seldom, &mut text);
        for request in self.requests() {
            writer.push(&request, &mut text);
            if text.len() >= PIECE {
                tell(&text)?;
                text.clear();
            }
        }
        tell(&text)
    }
}

/// Cuts a draft to its window.
pub(crate) fn finish(mut draft: Draft<'_>, files: Vec<String>) -> Result<ForeignImport, ForeignError> {
    let repeats = draft.asks.settle();
    fleet::make_up(&mut draft)?;
    let window = Window::of(&mut draft)?;
    if draft.nodes.is_empty() {
        return Err(ForeignError::Use(nothing(&draft)));
    }
    let nodes = fleet::finish(&mut draft, window);
    if nodes.is_empty() {
        return Err(ForeignError::Use(format!(
            "no node is there between {} and {}: give another --from and --to",
            told(window.from),
            told(window.to)
        )));
    }
    let mut asks = std::mem::take(&mut draft.asks);
    let tally = cut_asks(&mut asks, &nodes, &mut draft, window, repeats);
    let spells = spells::finish(&mut draft, window);
    if tally.total > 0 {
        draft.accounts.push(tally);
    }
    if asks.len() == 0 {
        draft.remark(
            "No file tells demand: the scenario's workload is assumed. Nothing that it says of acceptance or waits is about \
             your cloud before you replace it.",
        );
    }
    say_kinds(&mut draft);
    let names: BTreeSet<&str> = nodes.iter().map(|node| node.node_id.as_str()).collect();
    let seats: BTreeMap<String, String> = draft
        .seats
        .iter()
        .filter(|(_, seat)| names.contains(seat.node.as_str()))
        .map(|(id, seat)| (id.clone(), seat.node.clone()))
        .collect();
    let seldom = asks
        .iter()
        .any(|ask| ask.end.is_none() || window.cut(&ask).is_ok_and(|cut| cut.runs));
    let facts = Facts {
        sources: &draft.sources,
        window,
        zone: draft.options.zone.as_deref(),
        nodes: &nodes,
        requests: asks.len(),
        spells: spells.len(),
        waits: draft.waits,
        provisioned: draft.provisioned,
        remarks: &draft.remarks,
    };
    let scenario = scenario::text(&facts);
    let report = ForeignReport {
        title: format!(
            "Import of {}, {} to {}; times are seconds since its begin",
            draft.sources.join(" and "),
            told(window.from),
            told(window.to)
        ),
        files,
        accounts: draft.accounts,
        remarks: draft.remarks,
    };
    Ok(ForeignImport {
        nodes,
        spells,
        report,
        scenario,
        asks,
        window,
        seats,
        seldom,
    })
}

/// Why there is no fleet.
fn nothing(draft: &Draft<'_>) -> String {
    let counts: Vec<String> = draft
        .accounts
        .iter()
        .map(|account| {
            let parts = account.parts.iter().map(|(part, (count, _))| format!("{count} {part}"));
            format!(
                "{} {}: {}",
                account.total,
                account.what,
                parts.collect::<Vec<_>>().join(", ")
            )
        })
        .collect();
    format!(
        "the files give no node and no request ({}); import a file of nodes, such as ironic=nodes.json",
        counts.join("; ")
    )
}

/// Leaves the requests that are in the window and whose class some node has; counts all.
fn cut_asks(asks: &mut Asks, nodes: &[NodeRecord], draft: &mut Draft<'_>, window: Window, repeats: u64) -> Account {
    let mut account = Account::of("requests found");
    let later = nodes
        .iter()
        .flat_map(|node| node.class_changes.iter().map(|(_, class)| class.as_str()));
    let classes: BTreeSet<&str> = nodes
        .iter()
        .map(|node| node.resource_class.as_str())
        .chain(later)
        .collect();
    let known: Vec<bool> = asks.whos().map(|who| classes.contains(who.class.as_str())).collect();
    let mut strange: BTreeMap<String, u64> = BTreeMap::new();
    let mut kept = Vec::with_capacity(asks.len());
    for ask in asks.iter() {
        let cut = match window.cut(&ask) {
            Ok(cut) => cut,
            Err(outside) => {
                outside.count(&mut account);
                kept.push(false);
                continue;
            }
        };
        let fits = known[ask.who as usize];
        kept.push(fits);
        if !fits {
            *strange.entry(asks.who_of(ask.who).class.clone()).or_default() += 1;
            account.one("skipped: of a class that no node has", "they could never be met");
            continue;
        }
        account.one(
            if cut.runs {
                "kept: running at the window's begin"
            } else {
                "kept: asked for in the window"
            },
            if cut.runs {
                "arrival and start are 0, the rest of their time is held"
            } else {
                ""
            },
        );
        account.note(
            u64::from(!cut.end_known),
            "still running at the end of the data",
            "held to the window's end: censored",
        );
        account.note(
            u64::from(!cut.runs && ask.arrival < window.from),
            "asked for before the window",
            "their arrival is 0",
        );
    }
    account.note(
        repeats,
        "of a name that came before",
        "the name got `.1`, `.2`, … (counted before the cut)",
    );
    let mut kept = kept.into_iter();
    asks.retain(|_| kept.next().unwrap_or(false));
    if !strange.is_empty() {
        let list: Vec<String> = strange
            .iter()
            .take(5)
            .map(|(class, n)| format!("`{class}` ({n})"))
            .collect();
        let known: Vec<&str> = classes.iter().take(5).copied().collect();
        let like = strange
            .keys()
            .any(|class| classes.iter().any(|known| placement(known) == placement(class)));
        draft.remark(format!(
            "Requests for classes that no node has were left out: {}{}. The nodes have {}{}.{}",
            list.join(", "),
            if strange.len() > 5 { ", …" } else { "" },
            known
                .iter()
                .map(|class| format!("`{class}`"))
                .collect::<Vec<_>>()
                .join(", "),
            if classes.len() > 5 { ", …" } else { "" },
            if like {
                ""
            } else {
                " Give the flavors (--flavors) or another --class-from."
            },
        ));
    }
    account
}

/// Says how often each pattern of the table of kinds has fitted.
fn say_kinds(draft: &mut Draft<'_>) {
    let hits: Vec<String> = draft
        .kinds
        .hits()
        .filter(|(.., hits)| *hits > 0)
        .map(|(kind, pattern, hits)| format!("{kind} {hits} (`{pattern}`)"))
        .collect();
    let others = draft.kinds.others;
    if hits.is_empty() && others == 0 {
        return;
    }
    let said = if hits.is_empty() {
        String::new()
    } else {
        format!("{}, ", hits.join(", "))
    };
    let text = format!(
        "Kinds of spells are guessed from their texts by {}: {said}fault {others} (no pattern fits). --kinds FILE replaces it.",
        draft.kinds.source
    );
    draft.remark(text);
}
