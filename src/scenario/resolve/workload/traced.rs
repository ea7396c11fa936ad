//! Workloads of a trace: its rows become requests.

use std::sync::Arc;

use super::super::fleet::Yard;
use super::super::inputs::{InputFiles, Text, Wrong};
use super::super::seats::SeatBook;
use crate::fleet::names::Names;
use crate::fleet::{ClassId, TenantId, TraitId, TraitSet};
use crate::import::neutral::{RequestKind, RequestMulti, ToldRow, TraceRow};
use crate::kernel::text::quoted;
use crate::kernel::{Span, Time};
use crate::scenario::diagnose::fix_word;
use crate::scenario::library::{Kept, Origin};
use crate::scenario::read::Section;
use crate::workload::laws::Stock;
use crate::workload::{BEYOND, Kind, Multi, Request, Trace};

/// So many wrong rows of a trace are told at once.
const ROWS_TOLD: usize = 20;

/// The requests of a trace.
pub(super) fn trace(
    t: &mut Section<'_>,
    workload: (usize, Multi),
    yard: &mut Yard,
    inputs: &mut InputFiles<'_>,
) -> Stock {
    let text = t
        .text("trace")
        .and_then(|path| inputs.requests(&path, &t.place("trace")));
    let Some(text) = text else {
        return Stock::Given(Arc::default());
    };
    let names = &yard.fleet.names;
    let from = Origin {
        file: text.file.clone(),
        workload,
        classes: names.classes.clone(),
        tenants: names.tenants.clone(),
        traits: names.traits.clone(),
    };
    let Some(kept) = inputs
        .library
        .kept(&from)
        .or_else(|| told(t, &text, from, yard, inputs))
    else {
        return Stock::Given(Arc::default());
    };
    inputs.warn(&kept.warnings);
    SeatBook::take(&kept.trace, (workload.0, &text), t.ledger, yard);
    (yard.fleet.names.tenants, yard.fleet.names.traits) = (kept.tenants, kept.traits);
    Stock::Given(kept.trace)
}

/// Reads a trace; it is kept if nothing is wrong with it.
fn told(t: &Section<'_>, text: &Text, from: Origin, yard: &mut Yard, inputs: &InputFiles<'_>) -> Option<Kept> {
    // A file that turns out odd halfway is read anew, and one that is wrong leaves no names behind.
    let forget = |names: &mut Names| (names.tenants, names.traits) = (from.tenants.clone(), from.traits.clone());
    let (mut trace, mut wrong) = (Trace::default(), Vec::new());
    let warnings = inputs.tell_requests(text, &t.place("trace"), &mut |told| match told {
        ToldRow::Anew => {
            forget(&mut yard.fleet.names);
            (trace, wrong) = (Trace::default(), Vec::new());
        }
        ToldRow::Row(row) => match from_row(&row, from.workload, yard) {
            Ok(request) => {
                trace.push(&request, row.request_id);
                note_begin_and_end(&mut trace, &row);
            }
            Err(what) if wrong.len() < ROWS_TOLD => wrong.push((row.line, what)),
            Err(_) => {}
        },
    });
    let Some(warnings) = warnings else {
        forget(&mut yard.fleet.names);
        return None;
    };
    wrong.iter().for_each(|(line, what)| text.wrong(t.ledger, *line, what));
    trace.finish();
    let kept = Kept {
        trace: Arc::new(trace),
        tenants: yard.fleet.names.tenants.clone(),
        traits: yard.fleet.names.traits.clone(),
        warnings,
        from,
    };
    if wrong.is_empty() {
        inputs.library.keep(kept.clone());
    }
    Some(kept)
}

/// Notes where a request runs at the begin, and that its end is not known.
fn note_begin_and_end(trace: &mut Trace, row: &TraceRow<'_>) {
    if row.start_ms == 0 && !row.node_id.is_empty() {
        trace.sits(row.line, row.node_id);
    }
    if !row.end_known {
        trace.is_open(Span(row.hold_ms), Span(row.age_ms));
    }
}

/// A request of a trace; or the column, what is wrong there, and the fix.
fn from_row(record: &TraceRow<'_>, (source, multi): (usize, Multi), yard: &mut Yard) -> Result<Request, Wrong> {
    let names = &mut yard.fleet.names;
    let Some(class) = names.classes.find(record.resource_class).map(ClassId) else {
        if yard.unsure {
            return Ok(Request::default());
        }
        let known: Vec<&str> = names.classes.iter().collect();
        let message = format!("no node has the class {}", quoted(record.resource_class));
        return Err((
            "resource_class",
            message,
            fix_word(record.resource_class, known.iter().copied()),
        ));
    };
    let mut required = TraitSet::default();
    for name in record.traits.split_whitespace() {
        match names.traits.enter(name) {
            number if number < 64 => required = required.with(TraitId(number)),
            _ => {
                return Err((
                    "traits",
                    format!("{} is the 65th trait", quoted(name)),
                    "64 can be told apart".to_owned(),
                ));
            }
        }
    }
    if record.start_ms == 0 && !record.node_id.is_empty() && record.count != 1 {
        let message = format!("{} machines cannot run on one node", record.count);
        let fix = "write a row for each machine, or leave `node_id` empty".to_owned();
        return Err(("node_id", message, fix));
    }
    // Of an end that is not known it is known that it comes after the data.
    let hold = if record.end_known { Span(record.hold_ms) } else { BEYOND };
    let count = |column, n: u32| {
        u16::try_from(n).map_err(|_| {
            let most = format!("ask for at most {}", u16::MAX);
            (column, format!("`{n}` machines are too many"), most)
        })
    };
    Ok(Request {
        arrival: Time(record.arrival_ms),
        start: Time(record.start_ms),
        hold,
        planned: record.planned_hold_ms.map_or(hold, Span),
        plans: record.planned_hold_ms.is_some(),
        tenant: TenantId(names.tenants.enter(record.tenant)),
        class,
        required,
        forbidden: TraitSet::default(),
        extras: 0,
        count: count("count", record.count)?,
        min_count: count("min_count", record.min_count)?,
        multi: match record.multi {
            Some(RequestMulti::Nova) => Multi::Nova,
            Some(RequestMulti::Blazar) => Multi::Blazar,
            None => multi,
        },
        kind: match record.kind {
            RequestKind::People => Kind::People,
            RequestKind::Monitoring => Kind::Monitoring,
            RequestKind::Operator => Kind::Operator,
        },
        source: source as u16,
        // The draw gives each request its luck, per replication.
        luck: 0,
    })
}
