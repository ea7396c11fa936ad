//! Who sits on which node at the begin: the rows of traces that name a `node_id` and start at 0.

use std::collections::BTreeMap;

use super::fleet::Yard;
use super::inputs::{Text, Wrong};
use crate::fleet::{NodeId, Provision};
use crate::kernel::text::quoted;
use crate::scenario::diagnose::{Ledger, fix_word};
use crate::workload::{Seated, Trace, TraceSeat};

/// So many wrong rows of a trace are told at once.
const ROWS_TOLD: usize = 20;

/// The seats taken so far.
#[derive(Debug, Default)]
pub struct SeatBook {
    all: Vec<Seated>,
    /// Who sits on a node: the request and its file.
    taken: BTreeMap<NodeId, (String, String)>,
}

impl SeatBook {
    /// SeatBook those of a trace that run at the begin. One whose node a scaled fleet leaves out asks as others do.
    pub fn take(trace: &Trace, (source, text): (usize, &Text), ledger: &Ledger, yard: &mut Yard) {
        let mut wrong = 0;
        for seat in trace.seats() {
            let name = trace.name(seat.row);
            match find(yard, seat, (name, &text.file.0)) {
                Ok(None) => {}
                Ok(Some(node)) => {
                    let who = (name.to_owned(), text.file.0.clone());
                    yard.seats.taken.insert(node, who);
                    yard.seats.all.push(Seated {
                        source: source as u16,
                        row: seat.row,
                        node,
                    });
                }
                Err(_) if wrong >= ROWS_TOLD => {}
                Err(what) => {
                    text.wrong(ledger, seat.line, &what);
                    wrong += 1;
                }
            }
        }
    }

    /// All of them.
    pub fn into_all(self) -> Vec<Seated> {
        self.all
    }
}

/// The node of a seat; none where the fleet is scaled and has it not.
fn find(yard: &Yard, seat: &TraceSeat, (_, file): (&str, &str)) -> Result<Option<NodeId>, Wrong> {
    let Some(node) = yard.node(&seat.node) else {
        // Without any node the fleet itself is wrong, and that has been noted.
        if yard.unsure || yard.left_out.contains(&seat.node) || yard.fleet.nodes.is_empty() {
            return Ok(None);
        }
        let message = format!("there is no node {}", quoted(&seat.node));
        return Err(("node_id", message, fix_word(&seat.node, yard.names())));
    };
    if yard.fleet.node(node).provision == Provision::Enroll {
        let message = format!(
            "{} joins the fleet later, and nothing runs on it at the begin",
            quoted(&seat.node)
        );
        let fix = "leave `node_id` empty, or let the node be there from the begin".to_owned();
        return Err(("node_id", message, fix));
    }
    if let Some((other, of)) = yard.seats.taken.get(&node) {
        let of = if of == file {
            String::new()
        } else {
            format!(" of `{of}`")
        };
        let message = format!("{} runs on {} at the begin, too{of}", quoted(other), quoted(&seat.node));
        let fix = "one machine runs one instance: correct one `node_id`, or leave it empty".to_owned();
        return Err(("node_id", message, fix));
    }
    Ok(Some(node))
}
