//! Reading: a long list of requests against the csv crate's bare loop; and the recorded years of CHI@TACC against one
//! plain loop over the same rows.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use sickbay::cells::cell::run_cell;
use sickbay::cells::columns::Metric;
use sickbay::import::chameleon::{Imported, files, import};
use sickbay::import::neutral::{ToldRow, each_request};
use sickbay::scenario::{Scenario, load};

/// A `requests.csv` of so many rows, written to a folder.
pub fn written(rows: u64, folder: &Path) -> PathBuf {
    let mut text = String::from("request_id,arrival_s,start_s,hold_s,tenant,resource_class,count\n");
    for row in 0..rows {
        let (at, hold, tenant, class) = (row * 7, 3600 + row % 86_400, row % 20, row % 8);
        let _ = writeln!(text, "r{row},{at},{at},{hold},tenant-{tenant},compute_{class},1");
    }
    let path = folder.join("requests.csv");
    fs::write(&path, text).unwrap_or_else(|error| panic!("{error}"));
    path
}

/// The file as the program reads it, row by row: checked, in milliseconds.
pub fn read(path: &Path) -> u64 {
    let text = fs::read(path).unwrap_or_else(|error| panic!("{error}"));
    let (mut rows, mut held) = (0, 0_u64);
    let told = each_request(&text, "requests.csv", &mut |told| match told {
        ToldRow::Row(row) => {
            rows += 1;
            held = held.wrapping_add(row.hold_ms);
        }
        ToldRow::Anew => panic!("a file that is all well is read once"),
    });
    assert!(told.is_ok_and(|warnings| warnings.is_empty()) && held > 0);
    rows
}

/// A scenario over the file: read, named, held in columns, digested.
pub fn scenario(path: &Path) -> u64 {
    let mut text = String::from("[scenario]\nname = \"rows\"\nhorizon = \"36500d\"\n");
    for class in 0..8 {
        let _ = writeln!(text, "[[fleet.group]]\nclass = \"compute_{class}\"\nnodes = 10");
    }
    text += "[[workload]]\ntrace = \"requests.csv\"\n";
    let folder = path.parent().unwrap_or(Path::new("."));
    let loaded = load(&text, "rows.toml", folder, &[]).unwrap_or_else(|problems| panic!("{}", problems[0]));
    loaded.demand.expected(loaded.horizon) as u64
}

/// The file as the csv crate hands it out, nothing looked at.
pub fn bare(path: &Path) -> u64 {
    let mut reader = csv::Reader::from_path(path).unwrap_or_else(|error| panic!("{error}"));
    let (mut record, mut rows) = (csv::ByteRecord::new(), 0);
    while reader
        .read_byte_record(&mut record)
        .unwrap_or_else(|error| panic!("{error}"))
    {
        rows += 1;
    }
    rows
}

/// The recorded years, imported.
pub struct Recorded {
    pub rows: Imported,
    pub scenario: Scenario,
}

/// CHI@TACC's 893 days; none where the traces are not beside the repository.
pub fn recorded() -> Option<Recorded> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let source = root.join("../shared/data/chameleon-tacc");
    if !source.is_dir() {
        return None;
    }
    let time = |text: &str| text.parse().unwrap_or_else(|_| panic!("{text} is a time"));
    let rows = import(
        &source,
        (time("2018-03-15T00:00:00Z"), time("2020-08-25T00:00:00Z")),
        &[],
    );
    let rows = rows.unwrap_or_else(|error| panic!("{error}"));
    let folder = tempfile::tempdir().unwrap_or_else(|error| panic!("{error}"));
    let inputs = folder.path().join("tacc");
    fs::create_dir(&inputs).unwrap_or_else(|error| panic!("{error}"));
    for (name, text) in files(&rows) {
        fs::write(inputs.join(name), text).unwrap_or_else(|error| panic!("{error}"));
    }
    let text = fs::read_to_string(root.join("scenarios/chameleon-tacc.toml")).unwrap_or_else(|error| panic!("{error}"));
    let text = text.replace("../data/chameleon-tacc", &inputs.display().to_string());
    let scenario = load(&text, "chameleon-tacc.toml", root, &[]).unwrap_or_else(|problems| panic!("{}", problems[0]));
    Some(Recorded { rows, scenario })
}

/// One strategy (`withdraw`), one replication: how many people's requests there were.
pub fn replayed(scenario: &Scenario) -> u64 {
    let outcome = run_cell(scenario, 1, 1, &|| false);
    let asked = outcome.values[Metric::Requests.at()].unwrap_or(0.0);
    // People's; the robots' are replayed beside them.
    assert!(asked > 5_000.0, "{asked} requests were replayed");
    asked as u64
}

/// What happens in the plain loop: a hold ends, a spell ends, a spell begins, a request begins.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Ends(u32),
    Returns(u32),
    Goes(u32),
    Asks(u32),
}

/// The same rows in one plain loop over a heap: lists of free nodes by class, nodes that are away, nothing measured but
/// the refusals.
pub fn plain(rows: &Imported) -> u64 {
    let places: BTreeMap<&str, usize> = rows
        .nodes
        .iter()
        .enumerate()
        .map(|(at, node)| (&*node.node_id, at))
        .collect();
    let mut classes: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, node) in rows.nodes.iter().enumerate() {
        let class = node
            .class_changes
            .last()
            .map_or(&*node.resource_class, |(_, class)| class);
        classes.entry(class).or_default().push(at);
    }
    let mut heap = BinaryHeap::new();
    for (at, request) in rows.requests.iter().enumerate() {
        heap.push(Reverse((request.start_ms, Step::Asks(at as u32))));
    }
    for (at, spell) in rows.spells.iter().enumerate() {
        heap.push(Reverse((spell.start_ms, Step::Goes(at as u32))));
        heap.extend(spell.end_ms.map(|end| Reverse((end, Step::Returns(at as u32)))));
    }
    let (mut held, mut away) = (vec![false; places.len()], vec![0_u32; places.len()]);
    let mut hosts: Vec<Vec<usize>> = vec![Vec::new(); rows.requests.len()];
    let (mut asked, mut refused) = (0, 0_u64);
    while let Some(Reverse((now, step))) = heap.pop() {
        match step {
            Step::Asks(at) => {
                let request = &rows.requests[at as usize];
                asked += 1;
                let nodes = classes.get(&*request.resource_class).map_or(&[][..], Vec::as_slice);
                let free = nodes.iter().copied().filter(|&node| !held[node] && away[node] == 0);
                let taken: Vec<usize> = free.take(request.count as usize).collect();
                if taken.len() < request.min_count.max(1) as usize {
                    refused += 1;
                    continue;
                }
                taken.iter().for_each(|&node| held[node] = true);
                hosts[at as usize] = taken;
                heap.push(Reverse((now + request.hold_ms, Step::Ends(at))));
            }
            Step::Ends(at) => hosts[at as usize].drain(..).for_each(|node| held[node] = false),
            Step::Goes(at) => away[places[&*rows.spells[at as usize].node_id]] += 1,
            Step::Returns(at) => away[places[&*rows.spells[at as usize].node_id]] -= 1,
        }
    }
    assert!(asked > 16_000 && refused * 20 < asked, "{refused} of {asked} refused");
    asked
}
