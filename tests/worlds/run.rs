//! Running a world under all its strategies, with every law watching; panics of the program are breaches, too.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Once;
use std::sync::atomic::{AtomicU32, Ordering};

use sickbay::cells::audit::Audit;
use sickbay::cells::cell::{run_cell_watched, tape_of};
use sickbay::cells::outcome::Outcome;
use sickbay::cells::selector::Columns;
use sickbay::kernel::Stop;
use sickbay::scenario::{Scenario, load};

use super::doc::Doc;
use super::laws::{Breach, Laws, Watch};
use super::plan::Plan;
use super::recount::Recount;

/// What became of a world under one strategy.
#[derive(Clone, Debug)]
pub struct Ran {
    pub label: String,
    pub breaches: Vec<Breach>,
    pub deeds: BTreeSet<&'static str>,
    pub facts: u64,
}

/// The kernel asks every 4,096 events whether to go on: a world that is still at it then has gone astray.
const MOST_PAUSES: u32 = 2_000;

/// A world's scenario; or what the program has against it. A panic is a breach.
pub fn read(doc: &Doc, folder: &Path) -> Result<Scenario, Unread> {
    doc.write_files(folder);
    let text = doc.toml();
    match quietly(|| load(&text, "world.toml", folder, &[])) {
        Ok(Ok(scenario)) => Ok(scenario),
        Ok(Err(problems)) => Err(Unread::Refused(problems.iter().map(ToString::to_string).collect())),
        Err(said) => Err(Unread::Panicked(said)),
    }
}

/// Why there is no scenario.
#[derive(Clone, Debug)]
pub enum Unread {
    Refused(Vec<String>),
    Panicked(Breach),
}

/// Runs a world under each of its strategies.
pub fn run(doc: &Doc, folder: &Path) -> Result<Vec<Ran>, Unread> {
    let scenario = read(doc, folder)?;
    let plan = Plan::of(doc);
    Ok((0..scenario.variants.len())
        .map(|variant| run_variant(&scenario, &plan, variant))
        .collect())
}

fn run_variant(scenario: &Scenario, plan: &Plan, variant: usize) -> Ran {
    let label = scenario.variants[variant].label.clone();
    let tape = match quietly(|| tape_of(scenario, 0)) {
        Ok(tape) => tape,
        Err(breach) => return astray(label, breach),
    };
    let laws = RefCell::new(Laws::new(plan, scenario, variant, &tape));
    let pauses = AtomicU32::new(0);
    let halt = || pauses.fetch_add(1, Ordering::Relaxed) > MOST_PAUSES;
    let watcher = (Watch(&laws), Audit::new(scenario).strict());
    let ended = quietly(|| run_cell_watched(scenario, variant, 0, watcher, &halt).0);
    let mut laws = laws.into_inner();
    match ended {
        Err(breach) => laws.breaches.push(breach),
        Ok(outcome) if outcome.stop == Stop::Halted => {
            let what = format!("{} events", outcome.events);
            laws.breaches.push(breach("a run comes to its end", 0, what));
        }
        Ok(outcome) => {
            let wrong = figures(&outcome, &Columns::of(scenario), &laws.recount, scenario.horizon.0);
            laws.breaches.extend(wrong);
        }
    }
    Ran {
        label,
        breaches: laws.breaches,
        deeds: laws.deeds.done,
        facts: laws.facts,
    }
}

fn astray(label: String, breach: Breach) -> Ran {
    Ran {
        label,
        breaches: vec![breach],
        deeds: BTreeSet::new(),
        facts: 0,
    }
}

fn breach(law: &str, at: u64, what: String) -> Breach {
    Breach {
        law: law.to_owned(),
        at,
        what,
    }
}

/// The figures that the program gives against those of the recount.
fn figures(outcome: &Outcome, columns: &Columns, recount: &Recount, end: u64) -> Option<Breach> {
    let law = |name: &str| format!("a metric is what the facts say: {name}");
    for (column, &value) in columns.iter().zip(&outcome.values) {
        let Some(due) = recount.column(column, &outcome.campaigns) else {
            return Some(breach(
                "every metric has a second definition",
                end,
                column.name.to_owned(),
            ));
        };
        if !alike(value, due) {
            return Some(breach(
                &law(column.name),
                end,
                format!("{value:?}, by the facts {due:?}"),
            ));
        }
    }
    (!recount.whole()).then(|| breach("standings sum to nodes times time", end, String::new()))
}

fn alike(a: Option<f64>, b: Option<f64>) -> bool {
    match (a, b) {
        // Figures are rounded to nine digits.
        (Some(a), Some(b)) => (a - b).abs() <= 1e-8 * a.abs().max(b.abs()).max(1.0),
        (a, b) => a == b,
    }
}

thread_local! {
    static QUIET: Cell<bool> = const { Cell::new(false) };
    static SAID: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Does what may panic, without a word on the screen; what it said is a breach.
pub fn quietly<T>(what: impl FnOnce() -> T) -> Result<T, Breach> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if QUIET.get() {
                SAID.replace(info.to_string());
            } else {
                before(info);
            }
        }));
    });
    let outer = QUIET.replace(true);
    let ended = catch_unwind(AssertUnwindSafe(what));
    QUIET.set(outer);
    ended.map_err(|_| {
        let said = SAID.take();
        // A broken law of the audit's is named by its words, another panic by its place.
        let law = match said.split('`').collect::<Vec<_>>()[..] {
            [before, law, ..] if before.contains("broken law") => format!("audit: {law}"),
            _ => said
                .lines()
                .next()
                .unwrap_or_default()
                .replace("thread ", "")
                .trim()
                .to_owned(),
        };
        breach(&cut(&law), 0, said)
    })
}

/// Two panics at one place are one, whatever thread they were in.
fn cut(law: &str) -> String {
    law.rsplit_once("panicked at")
        .map_or(law.to_owned(), |(_, place)| format!("panic at{place}"))
}
