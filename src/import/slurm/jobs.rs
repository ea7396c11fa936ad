//! `sacct`: jobs that had whole nodes, as requests that wait.

use std::collections::BTreeMap;
use std::path::Path;

use indexmap::{IndexMap, IndexSet};

use super::clock;
use super::hostlist;
use super::nodes::SlurmNode;
use super::rows::{Columns, Rows, SlurmRow};
use super::sharing::Stays;
use crate::import::foreign::asks::{Ask, Who};
use crate::import::foreign::draft::{Draft, DraftNode};
use crate::import::foreign::names::word;
use crate::import::foreign::open::Lines;
use crate::import::foreign::tally::Account;
use crate::import::foreign::wrong::{Faults, ForeignError};
use crate::kernel::text::quoted;

/// The 26 columns that XDMoD asks for, which its files name in no header.
const XDMOD: &str = "jobid|jobidraw|cluster|partition|qos|account|group|gid|user|uid|submit|eligible|start|end|elapsed|exitcode|state|\
                     nnodes|ncpus|reqcpus|reqmem|reqtres|alloctres|timelimit|nodelist|jobname";

/// Columns in which users write what they like; the first that is there takes surplus fields.
const FREE: [&str; 8] = [
    "jobname",
    "comment",
    "admincomment",
    "systemcomment",
    "submitline",
    "extra",
    "workdir",
    "wckey",
];

/// Columns with a time in every row.
const TIMES: [&str; 4] = ["submit", "start", "end", "eligible"];

/// The command that gives what is needed.
const COMMAND: &str = "print it with: sacct -a -X -D -P -S … -E … \
                       --format=JobID,User,Account,Partition,Submit,Eligible,Start,End,State,NNodes,NCPUS,Timelimit,Constraints,NodeList";

/// So many names in different lists of nodes are remembered.
const LISTED: usize = 4_000_000;

/// So many nodes may a cluster have.
const NODES: usize = 2_000_000;

/// Where the columns stand that are read.
#[derive(Debug, Default)]
struct Places {
    id: Option<usize>,
    user: Option<usize>,
    account: Option<usize>,
    partition: Option<usize>,
    submit: Option<usize>,
    eligible: Option<usize>,
    start: Option<usize>,
    end: Option<usize>,
    state: Option<usize>,
    nodes: Option<usize>,
    cpus: Option<usize>,
    limit: Option<usize>,
    list: Option<usize>,
}

impl Places {
    fn of(columns: &Columns) -> Places {
        let find = |names: &[&str]| columns.find(names);
        Places {
            id: find(&["jobid", "jobidraw"]),
            user: find(&["user"]),
            account: find(&["account"]),
            partition: find(&["partition"]),
            submit: find(&["submit"]),
            eligible: find(&["eligible"]),
            start: find(&["start"]),
            end: find(&["end"]),
            state: find(&["state"]),
            nodes: find(&["nnodes", "allocnodes"]),
            cpus: find(&["ncpus", "alloccpus"]),
            limit: find(&["timelimit", "timelimitraw"]),
            list: find(&["nodelist"]),
        }
    }

    fn missing(&self) -> Vec<&'static str> {
        let needed = [
            (self.id, "JobID"),
            (self.submit.or(self.start), "Submit"),
            (self.start, "Start"),
            (self.end, "End"),
            (self.nodes.or(self.list), "NNodes"),
        ];
        needed
            .into_iter()
            .filter(|(found, _)| found.is_none())
            .map(|(_, name)| name)
            .collect()
    }
}

/// What is gathered over the files.
struct Gathered<'a> {
    known: &'a BTreeMap<String, SlurmNode>,
    /// Names of nodes; a node's number is its place.
    nodes: IndexSet<String>,
    lists: IndexMap<String, Vec<u32>>,
    /// Names in these lists.
    listed: usize,
    stays: Stays,
    /// Where the first job stands among the requests.
    base: usize,
    /// For each job, whether it has as many processors as its nodes.
    whole: u64,
    counted: u64,
    /// The partition of each node's first job, where no file tells the nodes.
    made_up: BTreeMap<u32, String>,
    partitions: BTreeMap<String, String>,
}

/// Reads the files and adds their jobs.
pub(crate) fn import(
    paths: &[&Path],
    known: &BTreeMap<String, SlurmNode>,
    draft: &mut Draft<'_>,
) -> Result<(), ForeignError> {
    let mut account = Account::of("sacct rows read");
    let mut gathered = Gathered {
        known,
        nodes: IndexSet::new(),
        lists: IndexMap::new(),
        listed: 0,
        stays: Stays::default(),
        base: draft.asks.len(),
        whole: 0,
        counted: 0,
        made_up: BTreeMap::new(),
        partitions: classes(known, draft),
    };
    if paths.is_empty() {
        return Ok(());
    }
    for path in paths {
        read(path, &mut gathered, draft, &mut account)?;
    }
    make_up(&gathered, draft);
    drop_shared(&gathered, draft, &mut account);
    draft.accounts.push(account);
    draft.waits = true;
    draft.remark(
        "Slurm's jobs are asked for at their submission (or when they became eligible) and wait here as they waited there; a job \
         that NODE_FAIL ended keeps its end, which is the effect of the node's spell. Who was cancelled in the queue is not here.",
    );
    if let Some(zone) = &draft.zone
        && zone.folds + zone.gaps > 0
    {
        let (folds, gaps) = (zone.folds, zone.gaps);
        draft.remark(format!(
            "{folds} local times came twice, when the clocks went back: the earlier is taken. {gaps} never came: the later is taken."
        ));
    }
    Ok(())
}

/// The class of each partition: its own where a node has it, else that of its nodes.
fn classes(known: &BTreeMap<String, SlurmNode>, draft: &Draft<'_>) -> BTreeMap<String, String> {
    let mut classes: BTreeMap<String, String> = BTreeMap::new();
    for (name, node) in known {
        let class = draft.nodes.get(name).map(|node| node.class.clone()).unwrap_or_default();
        for partition in &node.partitions {
            let own = *partition == class;
            if own || !classes.contains_key(partition) {
                classes.insert(partition.clone(), class.clone());
            }
        }
    }
    classes
}

fn read(
    path: &Path,
    gathered: &mut Gathered<'_>,
    draft: &mut Draft<'_>,
    account: &mut Account,
) -> Result<(), ForeignError> {
    let mut lines = Lines::open(path)?;
    let mut faults = Faults::of(&lines.file.clone());
    let first = lines.next()?.unwrap_or_default().to_owned();
    let titled = first.to_lowercase().contains("jobid");
    let columns = Columns::of(if titled { &first } else { XDMOD }, &FREE, &TIMES);
    let places = Places::of(&columns);
    for name in places.missing() {
        faults.note(1, name, "the header lacks this column", COMMAND);
    }
    let mut rows = Rows::new(lines, columns, (!titled).then_some(first));
    if !places.missing().is_empty() {
        return faults.end();
    }
    while let Some(row) = rows.next()? {
        if faults.is_full() {
            break;
        }
        if let Err((column, message, mend)) = job(&row, &places, gathered, draft, account) {
            faults.note(row.line, column, message, mend);
        }
    }
    account.note(rows.broken, "of several lines", "a free text had a line end");
    account.note(rows.surplus, "with fields too many", "a free text had a `|`");
    account.note(rows.lines().foreign, "with bytes that are not UTF-8", "in free text");
    rows.lines().whole(&mut faults);
    faults.end()
}

/// What is wrong in a row: the column, what it is, and the mend.
type Wrong = (&'static str, String, &'static str);

fn job(
    row: &SlurmRow<'_>,
    places: &Places,
    gathered: &mut Gathered<'_>,
    draft: &mut Draft<'_>,
    account: &mut Account,
) -> Result<(), Wrong> {
    let id = row.get(places.id);
    if id.contains('.') {
        account.one("skipped: steps of jobs", "only jobs count: -X leaves steps out");
        return Ok(());
    }
    if id.is_empty() {
        return Err(("JobID", "the field is empty".to_owned(), COMMAND));
    }
    let mut time = |column: Option<usize>, name: &'static str| {
        clock::time(row.get(column), &mut draft.zone).map_err(|(message, mend)| (name, message, mend))
    };
    let (start, end) = (time(places.start, "Start")?, time(places.end, "End")?);
    let (submit, eligible) = (time(places.submit, "Submit")?, time(places.eligible, "Eligible")?);
    let state = row.get(places.state).split_whitespace().next().unwrap_or_default();
    let list = row.get(places.list);
    let Some(start) = start.filter(|_| list != "None assigned" && state != "PENDING") else {
        account.one("skipped: never started", "pending, or cancelled in the queue");
        return Ok(());
    };
    let runs = matches!(
        state,
        "RUNNING"
            | "SUSPENDED"
            | "RESIZING"
            | "COMPLETING"
            | "CONFIGURING"
            | "STOPPED"
            | "SIGNALING"
            | "STAGE_OUT"
            | ""
    );
    if end.is_none() && !runs {
        account.one(
            "skipped: over, and without an end",
            "sacctmgr show runawayjobs lists such jobs",
        );
        return Ok(());
    }
    let nodes = hosts(list, gathered).map_err(|message| ("NodeList", message, "give the list as Slurm printed it"))?;
    let count = match row.get(places.nodes).parse::<u64>() {
        Ok(0) | Err(_) if nodes.is_empty() => {
            account.one("skipped: without nodes", "they held nothing that counts here");
            return Ok(());
        }
        Ok(0) | Err(_) => nodes.len() as u64,
        Ok(count) => count,
    };
    let Ok(count) = u16::try_from(count) else {
        account.one("skipped: of more than 65,535 nodes", "");
        return Ok(());
    };
    measure(row, places, &nodes, count, gathered);
    let partition = row.get(places.partition).split(',').next().unwrap_or_default();
    let class = class(partition, &nodes, gathered, draft);
    let arrival = submit.max(eligible).unwrap_or(start).min(start);
    let owner = row.get(places.account);
    let user = row.get(places.user);
    let who = draft.asks.who(&Who {
        tenant: draft.people.tenant(if owner.is_empty() { user } else { owner }),
        user: draft.people.user(user),
        class,
        ..Who::default()
    });
    let ask = Ask {
        id: id.to_owned(),
        arrival,
        start,
        end,
        planned: clock::limit(row.get(places.limit)),
        who,
        count,
        queued: !draft.options.demand.as_scheduled,
    };
    draft
        .asks
        .push(&ask)
        .map_err(|message| ("Start", message, "look at the clock that wrote it"))?;
    gathered.stays.push(&nodes);
    draft.extent.see(arrival);
    draft.extent.see(end.unwrap_or(start));
    account.note(
        u64::from(state == "NODE_FAIL"),
        "ended by NODE_FAIL",
        "their end carries the outage already: they are not hit twice",
    );
    account.note(u64::from(end.is_none()), "still running", "");
    Ok(())
}

/// The numbers of a job's nodes.
fn hosts(list: &str, gathered: &mut Gathered<'_>) -> Result<Vec<u32>, String> {
    if list.is_empty() {
        return Ok(Vec::new());
    }
    if let Some(known) = gathered.lists.get(list) {
        return Ok(known.clone());
    }
    let names = hostlist::expand(list).map_err(|message| format!("{}: {message}", quoted(list)))?;
    let numbers: Vec<u32> = names
        .into_iter()
        .map(|name| match gathered.nodes.get_index_of(&name) {
            Some(at) => at as u32,
            None => gathered.nodes.insert_full(name).0 as u32,
        })
        .collect();
    if gathered.nodes.len() > NODES {
        return Err("the jobs name more than two million nodes".to_owned());
    }
    if gathered.listed + numbers.len() < LISTED {
        gathered.listed += numbers.len();
        gathered.lists.insert(list.to_owned(), numbers.clone());
    }
    Ok(numbers)
}

/// Counts whether a job has all processors of its nodes, where these are known.
fn measure(row: &SlurmRow<'_>, places: &Places, nodes: &[u32], count: u16, gathered: &mut Gathered<'_>) {
    let first = nodes.first().and_then(|node| gathered.nodes.get_index(*node as usize));
    let cpus = first
        .and_then(|name| gathered.known.get(name))
        .map_or(0, |node| node.cpus);
    if let Ok(asked) = row.get(places.cpus).parse::<u64>()
        && cpus > 0
    {
        gathered.counted += 1;
        gathered.whole += u64::from(asked >= cpus * u64::from(count));
    }
}

/// The class of a job: of its partition, else of its nodes.
fn class(partition: &str, nodes: &[u32], gathered: &mut Gathered<'_>, draft: &Draft<'_>) -> String {
    if gathered.known.is_empty() {
        // Without a file of nodes, a node is of the partition of its first job.
        let class = word(if partition.is_empty() { "compute" } else { partition });
        for node in nodes {
            gathered.made_up.entry(*node).or_insert_with(|| class.clone());
        }
        let first = nodes.first().and_then(|node| gathered.made_up.get(node));
        return first.cloned().unwrap_or(class);
    }
    let by_partition = draft
        .options
        .naming
        .class_from
        .as_deref()
        .is_none_or(|from| from == "partition");
    if by_partition && let Some(class) = gathered.partitions.get(partition) {
        return word(class);
    }
    let first = nodes.first().and_then(|node| gathered.nodes.get_index(*node as usize));
    let class = first
        .and_then(|name| draft.nodes.get(name))
        .map(|node| node.class.as_str());
    word(
        class
            .or(gathered.partitions.get(partition).map(String::as_str))
            .unwrap_or(partition),
    )
}

/// Makes up the fleet from the nodes that jobs ran on, where no file tells it.
fn make_up(gathered: &Gathered<'_>, draft: &mut Draft<'_>) {
    if !gathered.known.is_empty() || gathered.made_up.is_empty() {
        return;
    }
    for (number, class) in &gathered.made_up {
        if let Some(name) = gathered.nodes.get_index(*number as usize) {
            let node = DraftNode {
                class: class.clone(),
                ..DraftNode::default()
            };
            draft.nodes.insert(name.clone(), node);
        }
    }
    draft.remark(format!(
        "No file tells the nodes: the fleet is the {} nodes that jobs ran on, each of the partition of its first job. Import what \
         `scontrol show node -o` prints beside.",
        gathered.made_up.len()
    ));
}

/// Leaves out the jobs that shared a node with another.
fn drop_shared(gathered: &Gathered<'_>, draft: &mut Draft<'_>, account: &mut Account) {
    let base = gathered.base;
    let jobs = draft.asks.len() - base;
    let open = draft.extent.last.unwrap_or(i64::MAX);
    let (shares, sharing) = gathered.stays.sweep(&draft.asks, base, open);
    let sharers = shares.iter().filter(|shares| **shares).count();
    if gathered.counted > 0 || sharing.nodes > 0 {
        draft.remark(format!(
            "Whole nodes: on {} of {} nodes no two jobs ever ran at once; {} of {} jobs had no other on their nodes; by processors \
             {} of {} whose nodes' processors are known took whole nodes.",
            sharing.nodes - sharing.shared,
            sharing.nodes,
            jobs - sharers,
            jobs,
            gathered.whole,
            gathered.counted
        ));
    }
    if sharing.nodes == 0 && jobs > 0 {
        draft.remark(
            "The jobs name no nodes (no NodeList): whether they had whole nodes is not known, and all are kept.",
        );
    }
    if draft.options.demand.shared || sharers == 0 {
        account.add(jobs as u64, "jobs", "");
        return;
    }
    account.add((jobs - sharers) as u64, "jobs", "they had their nodes to themselves");
    account.add(
        sharers as u64,
        "skipped: shared a node with another job",
        "a machine has one tenant here; --keep-shared keeps them",
    );
    draft.asks.retain(|at| at < base || !shares[at - base]);
}
