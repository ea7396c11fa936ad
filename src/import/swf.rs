//! The Standard Workload Format: logs of jobs, 18 numbers a line.
//!
//! Lines with `;` say things of the log; its processors are not its nodes, so that `--procs-per-node` must be given. Fields are
//! read as decimals, −1 is unknown. More columns than 18 are let pass, and one line of words before the jobs.

use std::collections::BTreeMap;
use std::path::Path;

use super::foreign::asks::{Ask, Who};
use super::foreign::draft::{Draft, DraftNode};
use super::foreign::names::word;
use super::foreign::open::Lines;
use super::foreign::tally::Account;
use super::foreign::wrong::{Faults, ForeignError};
use crate::kernel::text::quoted;

/// Columns of a job.
const COLUMNS: usize = 18;

/// Names of the columns that are read, by their numbers.
const NAMES: [(usize, &str); 10] = [
    (0, "job"),
    (1, "submit"),
    (2, "wait"),
    (3, "run"),
    (4, "procs"),
    (7, "procs asked"),
    (8, "time asked"),
    (11, "user"),
    (12, "group"),
    (15, "partition"),
];

/// A first submit beyond this is in Unix seconds.
const UNIX: f64 = 1e9;

/// The begin of a log that tells none, ms since 1970: a Monday.
const EPOCH: i64 = 1_704_067_200_000;

/// So many nodes are made up at most.
const NODES: u64 = 1_000_000;

/// What the lines with `;` say.
#[derive(Default)]
struct Header {
    start: Option<f64>,
    nodes: Option<u64>,
    procs: Option<u64>,
}

/// How the log is read.
struct Reading {
    /// Processors of a node.
    per_node: u64,
    round: bool,
    by_queue: bool,
}

/// Reads the logs; `machines` are files of machines beside them.
pub(crate) fn import(logs: &[&Path], machines: &[&Path], draft: &mut Draft<'_>) -> Result<(), ForeignError> {
    let naming = &draft.options.naming;
    let by_queue = match naming.class_from.as_deref() {
        None | Some("partition") => false,
        Some("queue") => true,
        Some(other) => {
            let what = format!(
                "--class-from {}: of SWF classes come from `partition` or `queue`",
                quoted(other)
            );
            return Err(ForeignError::Use(what));
        }
    };
    let Some(per_node) = draft.options.demand.procs_per_node.map(u64::from) else {
        return Err(ForeignError::Use(
            "a log in the Standard Workload Format counts processors and does not say how many a node has: give --procs-per-node".to_owned(),
        ));
    };
    let reading = Reading {
        per_node,
        round: draft.options.demand.round_small,
        by_queue,
    };
    let mut account = Account::of("SWF lines read");
    let mut classes: BTreeMap<String, Load> = BTreeMap::new();
    let mut header = Header::default();
    for path in logs {
        read(path, &reading, &mut header, (&mut classes, draft, &mut account))?;
    }
    draft.accounts.push(account);
    draft.waits = true;
    fleet(&header, &reading, &classes, machines, draft)?;
    draft.remark(
        "The log's jobs are asked for at their submission and wait here as they waited there. It has no maintenance. Who was \
         cancelled before the start is not here.",
    );
    Ok(())
}

/// What is known of a class: its largest job, and node-seconds in all.
#[derive(Default)]
struct Load {
    largest: u64,
    work: f64,
}

/// Where what is read goes.
type Gathered<'a, 'o> = (&'a mut BTreeMap<String, Load>, &'a mut Draft<'o>, &'a mut Account);

fn read(
    path: &Path,
    reading: &Reading,
    header: &mut Header,
    (classes, draft, account): Gathered<'_, '_>,
) -> Result<(), ForeignError> {
    let mut lines = Lines::open(path)?;
    let mut faults = Faults::of(&lines.file.clone());
    let (mut origin, mut words) = (None, false);
    while let Some(text) = lines.next()?.map(str::to_owned) {
        let text = text.trim();
        if faults.is_full() {
            break;
        }
        if text.is_empty() {
            continue;
        }
        if let Some(said) = text.strip_prefix(';') {
            account.one("skipped: remarks", "");
            header.take(said);
            continue;
        }
        let fields: Vec<&str> = text.split_whitespace().collect();
        if !words && origin.is_none() && fields[0].starts_with(char::is_alphabetic) {
            words = true;
            account.one("skipped: a line of words", "the names of the columns");
            continue;
        }
        if fields.len() < COLUMNS {
            let mend = if lines.ended {
                "give the log as it was published"
            } else {
                "fetch it again: it is cut short"
            };
            faults.note(
                lines.line,
                "",
                format!("{} columns where a job has {COLUMNS}", fields.len()),
                mend,
            );
            continue;
        }
        let mut numbers = [0.0; COLUMNS];
        let wrong = NAMES.iter().find(|(at, _)| match fields[*at].parse::<f64>() {
            Ok(number) if number.is_finite() && number.abs() < 1e12 => {
                numbers[*at] = number;
                false
            }
            _ => true,
        });
        // The queue stands in column 15.
        numbers[14] = fields[14].parse().unwrap_or(-1.0);
        if let Some((at, name)) = wrong {
            faults.note(
                lines.line,
                name,
                format!("{} is no number", quoted(fields[*at])),
                "give the log as it was published",
            );
            continue;
        }
        let origin = *origin.get_or_insert_with(|| match header.start {
            _ if numbers[1] > UNIX => 0,
            Some(start) if start > 0.0 => (start * 1000.0) as i64,
            _ => EPOCH,
        });
        if let Err(message) = job(fields[0], &numbers, origin, reading, (classes, draft, account)) {
            faults.note(lines.line, "submit", message, "look at the log's UnixStartTime");
        }
    }
    faults.end()
}

impl Header {
    /// Takes a line `Key: value` in. Of a key that comes again the first counts.
    fn take(&mut self, said: &str) {
        let Some((key, value)) = said.split_once(':') else {
            return;
        };
        let first = value.split_whitespace().next().unwrap_or_default();
        match key.trim().to_lowercase().as_str() {
            "unixstarttime" => self.start = self.start.or(first.parse().ok().filter(|at: &f64| at.abs() < 1e11)),
            "maxnodes" => self.nodes = self.nodes.or(first.parse().ok().filter(|nodes| *nodes > 0)),
            "maxprocs" => self.procs = self.procs.or(first.parse().ok().filter(|procs| *procs > 0)),
            _ => {}
        }
    }
}

fn job(
    id: &str,
    numbers: &[f64; COLUMNS],
    origin: i64,
    reading: &Reading,
    (classes, draft, account): Gathered<'_, '_>,
) -> Result<(), String> {
    let ms = |seconds: f64| (seconds * 1000.0).round() as i64;
    let (submit, wait, run) = (numbers[1], numbers[2], numbers[3]);
    if run <= 0.0 {
        account.one("skipped: that did not run", "their time is 0 or unknown");
        return Ok(());
    }
    if submit < 0.0 {
        account.one("skipped: submitted nobody knows when", "");
        return Ok(());
    }
    let procs = if numbers[4] > 0.0 { numbers[4] } else { numbers[7] };
    if procs <= 0.0 {
        account.one("skipped: of unknown size", "");
        return Ok(());
    }
    let procs = procs.ceil() as u64;
    if procs < reading.per_node && !reading.round {
        account.one(
            "skipped: smaller than a node",
            "they shared one; --small round gives them a whole one",
        );
        return Ok(());
    }
    let nodes = procs.div_ceil(reading.per_node);
    let Ok(count) = u16::try_from(nodes) else {
        account.one("skipped: of more than 65,535 nodes", "");
        return Ok(());
    };
    let (group, user) = (numbers[12], numbers[11]);
    let named = |number: f64| {
        if number >= 0.0 {
            format!("{number}")
        } else {
            String::new()
        }
    };
    let number = if reading.by_queue { numbers[14] } else { numbers[15] };
    let class = if number >= 0.0 {
        format!("{}-{number}", if reading.by_queue { "queue" } else { "partition" })
    } else {
        "compute".to_owned()
    };
    let load = classes.entry(class.clone()).or_default();
    load.largest = load.largest.max(nodes);
    load.work += nodes as f64 * run;
    let tenant = if group >= 0.0 { named(group) } else { named(user) };
    let who = draft.asks.who(&Who {
        tenant: draft.people.tenant(&tenant),
        user: draft.people.user(&named(user)),
        class,
        ..Who::default()
    });
    let arrival = origin + ms(submit);
    account.note(u64::from(wait < 0.0), "of unknown wait", "taken as started at once");
    let start = arrival + ms(wait.max(0.0));
    let end = start + ms(run).max(1);
    let planned = (numbers[8] > 0.0).then(|| ms(numbers[8]) as u64);
    draft.asks.push(&Ask {
        id: word(id),
        arrival,
        start,
        end: Some(end),
        planned,
        who,
        count,
        queued: true,
    })?;
    account.one("jobs", "");
    draft.extent.see(arrival);
    draft.extent.see(end);
    Ok(())
}

/// Makes the nodes up: the header's number of them, shared among the classes by their work, no class smaller than its largest job.
fn fleet(
    header: &Header,
    reading: &Reading,
    classes: &BTreeMap<String, Load>,
    machines: &[&Path],
    draft: &mut Draft<'_>,
) -> Result<(), ForeignError> {
    let mut told = 0;
    for path in machines {
        told += read_machines(path)?;
    }
    let by_procs = header.procs.map(|procs| procs.div_ceil(reading.per_node));
    // Some headers give processors under the name of nodes.
    let all = match (told, by_procs, header.nodes) {
        (0, Some(by_procs), Some(nodes)) => Some(by_procs.min(nodes)),
        (0, by_procs, nodes) => by_procs.or(nodes),
        (told, ..) => Some(told),
    };
    let work: f64 = classes.values().map(|load| load.work).sum();
    let mut made = 0;
    for (class, load) in classes {
        let share = all.map_or(0, |all| {
            (all.min(NODES) as f64 * load.work / work.max(1.0)).round() as u64
        });
        let nodes = share.max(load.largest);
        made += nodes;
        if made > NODES {
            return Err(ForeignError::Use(format!(
                "the log's classes would need more than {NODES} nodes; give another --class-from or more --procs-per-node"
            )));
        }
        let digits = nodes.to_string().len();
        for number in 1..=nodes {
            let node = DraftNode {
                class: class.clone(),
                ..DraftNode::default()
            };
            draft.nodes.insert(format!("{class}-{number:0digits$}"), node);
        }
    }
    draft.remark(format!(
        "The nodes are made up, {made} of {} processors each: {}. A class has its share of them by its work, and no fewer than its \
         largest job.",
        reading.per_node,
        match (told > 0, all) {
            (true, _) => "the file of machines says how many".to_owned(),
            (false, Some(all)) => format!("the header gives {all}"),
            (false, None) => "the header does not say how many, so that each class has as many as its largest job".to_owned(),
        }
    ));
    Ok(())
}

/// How many nodes a file of machines has: id, name, nodes, processors of each, …
fn read_machines(path: &Path) -> Result<u64, ForeignError> {
    let mut lines = Lines::open(path)?;
    let mut nodes = 0_u64;
    while let Some(text) = lines.next()? {
        let count: Option<u64> = text.split_whitespace().nth(2).and_then(|count| count.parse().ok());
        nodes = nodes.saturating_add(count.unwrap_or(0));
    }
    Ok(nodes.min(NODES))
}
