//! What is mutated, and what has to hold of it.

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use sickbay::cells::cell::measure_cell;
use sickbay::cells::memory::{Retention, parts};
use sickbay::cells::points;
use sickbay::import::{chameleon, neutral};
use sickbay::scenario::{Scenario, load};
use sickbay::store::sweep::manifest;
use tempfile::TempDir;

use crate::cli::{sickbay, tiny};

/// A kind of input.
pub struct Family {
    /// Its name.
    pub name: &'static str,
    /// An input that is right.
    pub right: fn() -> Vec<u8>,
    /// Reads a mutant; what is wrong, if something is.
    pub read: fn(&[u8]) -> Result<(), String>,
    /// So many bytes of it in a short run.
    pub short: u64,
}

const fn family(
    name: &'static str,
    right: fn() -> Vec<u8>,
    read: fn(&[u8]) -> Result<(), String>,
    short: u64,
) -> Family {
    Family {
        name,
        right,
        read,
        short,
    }
}

/// All of them.
pub const FAMILIES: &[Family] = &[
    family(
        "scenario TOML",
        || include_bytes!("../hostile/whole.toml").to_vec(),
        scenario,
        60_000,
    ),
    family("--set", || SETTINGS.as_bytes().to_vec(), settings, 20_000),
    family("ranges", || RANGES.as_bytes().to_vec(), ranges, 100_000),
    family("neutral CSVs", || NEUTRAL.as_bytes().to_vec(), csvs, 100_000),
    family("raw imports", || RAW.as_bytes().to_vec(), raw, 60_000),
    family("sweep manifests", || SWEEP.1.clone(), manifests, 100_000),
    family("goldens", || GOLDEN.1.clone(), goldens, 20_000),
    family("results folders", || RESULTS.1.clone(), results, 20_000),
];

fn run_a_little(scenario: &Scenario) -> Result<(), String> {
    let bytes: u64 = parts(scenario, Some(1), Retention::Nothing)
        .iter()
        .map(|part| part.bytes)
        .sum();
    let small = bytes < 20_000_000 && scenario.demand.expected(scenario.horizon) < 20_000.0;
    if !small {
        return Ok(());
    }
    // So many questions are so many times 4,096 events.
    let asked = std::cell::Cell::new(0);
    let halt = || {
        asked.set(asked.get() + 1);
        asked.get() > 30
    };
    for variant in 0..scenario.variants.len() {
        let ran = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            measure_cell(scenario, variant, 0, &halt)
        }));
        if let Err(panic) = ran {
            let text = panic.downcast_ref::<String>().cloned().unwrap_or_default();
            if !text.contains("`time moves on`") {
                return Err(format!("a loaded scenario panics: {text}"));
            }
        }
    }
    Ok(())
}

/// What loads prints as a scenario that is the same, and runs.
fn scenario(case: &[u8]) -> Result<(), String> {
    let Ok(text) = std::str::from_utf8(case) else {
        return Ok(());
    };
    let here = Path::new("");
    match load(text, "m.toml", here, &[]) {
        Ok(scenario) => {
            let again = load(&scenario.annotated, "m.toml", here, &[])
                .map_err(|problems| format!("as printed: {}", problems[0]))?;
            if again.digest != scenario.digest {
                return Err("as printed it is another scenario".to_owned());
            }
            run_a_little(&scenario)
        }
        Err(problems) if problems.is_empty() => Err("refused without a word".to_owned()),
        Err(problems) => problems
            .iter()
            .try_for_each(|problem| match problem.message.is_empty() {
                true => Err("a problem without a message".to_owned()),
                false => Ok(()),
            }),
    }
}

const SETTINGS: &str = "fleet.scale=0.5\nscenario.strategies=[\"naive\", { name = \"withdraw\", label = \"w\" }]\n\
    workload.0.on_refusal={ retry = 3, backoff = \"10m\" }\noperators.technicians=3\n\
    control_plane.loop={ period = \"60s\", per_node = \"2s\" }\nmaintenance.campaign.1.budget={ nodes = 2 }\n\
    workload.0.flavor.0.hold={ quantiles = [[0, \"30s\"], [0.5, \"8h\"], [1, \"60d\"]] }\nreport.confidence=0.9\n";

fn settings(case: &[u8]) -> Result<(), String> {
    let text = String::from_utf8_lossy(case);
    let pairs: Vec<(String, String)> = text
        .lines()
        .filter_map(|line| line.split_once('='))
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect();
    match load(
        include_str!("../hostile/whole.toml"),
        "whole.toml",
        Path::new(""),
        &pairs,
    ) {
        Ok(scenario) => run_a_little(&scenario),
        Err(problems) if problems.is_empty() => Err("refused without a word".to_owned()),
        Err(_) => Ok(()),
    }
}

const RANGES: &str = "fleet.scale=0.5..2:0.1\nfleet.group.0.nodes=1,2,3\ncontrol_plane.loop.period=30s..120s:30s\n\
    1..20\n0.3..1:0.01\nacceptance >= 98% and errand_wait_p95 <= 4h\nrefused <= 30\n1d12h\n";

fn ranges(case: &[u8]) -> Result<(), String> {
    let text = String::from_utf8_lossy(case);
    for line in text.lines() {
        if let Ok(axis) = points::axis::Axis::parse(line)
            && let Ok(design) = points::design::Design::new(vec![axis], points::design::DesignKind::Grid)
        {
            let points = design.points(1).len();
            if points == 0 || points > 1_000_000 {
                return Err(format!("`{line}` has {points} points"));
            }
        }
        if let Some(Ok(range)) = points::range::Range::parse(line)
            && let Ok(range) = range.stepped()
            && range.values().len() > 100_000
        {
            return Err(format!("`{line}` is {} values", range.values().len()));
        }
        sickbay::judge::slo::Slo::parse(line).ok();
        sickbay::scenario::values::duration(line).ok();
    }
    Ok(())
}

/// Three files, parted by a line of their own.
const NEUTRAL: &str = "node_id,resource_class,traits,rack,conductor_group,owner,available_from_s,available_until_s,class_changes\n\
    n1,compute,GPU SSD,r1,g1,,0,,\nn2,compute,,r1,g1,t1,0,9000,\nn3,gpu,GPU,r2,g2,,10.5,,3600:compute|7200:gpu\n%%\n\
    request_id,arrival_s,start_s,hold_s,planned_hold_s,tenant,user,resource_class,traits,count,min_count,kind\n\
    a,0,0,3600,,t1,u,compute,,1,1,people\nb,10,20.5,60,120,t2,,gpu,GPU,1,,monitoring\nc,30,30,0,,t1,,compute,SSD,2,1,operator\n%%\n\
    node_id,start_s,end_s,kind,campaign\nn1,100,200,fault,\nn3,50,,planned,c1\nn1,300,400.25,operator-hold,\n";

/// What is read is written so that it reads the same; a scenario loads with it or says why not.
fn csvs(case: &[u8]) -> Result<(), String> {
    let parts: Vec<&[u8]> = split(case, b"\n%%\n");
    let [nodes, requests, spells] = [0, 1, 2].map(|at| parts.get(at).copied().unwrap_or_default());
    let mut told = 0;
    let each = neutral::each_request(requests, "r.csv", &mut |row| match row {
        neutral::ToldRow::Row(_) => told += 1,
        neutral::ToldRow::Anew => told = 0,
    });
    match (neutral::read_requests(requests, "r.csv"), each) {
        (Ok(read), Ok(_)) => {
            if read.records.len() != told {
                return Err(format!("{} requests one way, {told} the other", read.records.len()));
            }
            let again = neutral::read_requests(&neutral::write_requests(&read.records), "r.csv");
            if again.map(|again| again.records) != Ok(read.records) {
                return Err("requests read otherwise than they were written".to_owned());
            }
        }
        (Err(_), Err(_)) => {}
        _ => return Err("one way of reading requests refuses what the other takes".to_owned()),
    }
    if let Ok(read) = neutral::read_nodes(nodes, "n.csv") {
        let again = neutral::read_nodes(&neutral::write_nodes(&read.records), "n.csv");
        if again.map(|again| again.records) != Ok(read.records) {
            return Err("nodes read otherwise than they were written".to_owned());
        }
    }
    if let Ok(read) = neutral::read_spells(spells, "m.csv") {
        let again = neutral::read_spells(&neutral::write_spells(&read.records), "m.csv");
        if again.map(|again| again.records) != Ok(read.records) {
            return Err("spells read otherwise than they were written".to_owned());
        }
    }
    loaded(nodes, requests, spells).map_or(Ok(()), |scenario| run_a_little(&scenario))
}

fn split<'b>(bytes: &'b [u8], at: &[u8]) -> Vec<&'b [u8]> {
    let (mut parts, mut rest) = (Vec::new(), bytes);
    while let Some(found) = rest.windows(at.len()).position(|window| window == at) {
        parts.push(&rest[..=found]);
        rest = &rest[found + at.len()..];
    }
    parts.push(rest);
    parts
}

const REPLAY: &str = "[scenario]\nname = \"m\"\nhorizon = \"10d\"\nreplications = 1\nstrategies = [\"naive\"]\n\
    [fleet]\nsource = \"nodes.csv\"\n[[workload]]\ntrace = \"requests.csv\"\n[maintenance]\ntrace = \"maintenance.csv\"\n";

fn loaded(nodes: &[u8], requests: &[u8], spells: &[u8]) -> Option<Scenario> {
    let folder = TempDir::new().ok()?;
    for (name, bytes) in [
        ("nodes.csv", nodes),
        ("requests.csv", requests),
        ("maintenance.csv", spells),
    ] {
        fs::write(folder.path().join(name), bytes).ok()?;
    }
    load(REPLAY, "m.toml", folder.path(), &[]).ok()
}

/// Machine events, leases on demand, leases in advance.
const RAW: &str = "EVENT_TIME,EVENT_TIME_SEC,HOST_NAME (PHYSICAL),EVENT,PROPERTIES\n\
    2020-01-01T00:00:00,1.0,h,CREATE,\"{'node_type': 'big', 'placement.rack': 3}\"\n\
    2020-01-01T00:00:00,1.0,i,CREATE,\"{'node_type': 'big', 'placement.rack': 4}\"\n\
    2020-01-12T00:00:00,1.0,h,DISABLE,\"{'node_type': 'big', 'placement.rack': 3}\"\n\
    2020-01-13T00:00:00,1.0,h,ENABLE,\"{'node_type': 'big', 'placement.rack': 3}\"\n%%\n\
    lease_id,project_id,user_id,created_at,deleted_at,start_on,end_on,status,node_cnt,reserve_conditions,reserve_count_range,node_type\n\
    a,p,u,2020-01-11 00:00:20,2020-01-11 05:00:00,2020-01-11 00:00:00,2020-01-11 09:00:00,active,2,\"[\"\"=\"\", \"\"$node_type\"\", \"\"big\"\"]\",1-3,big\n\
    b,p,u,2020-01-12 00:00:00,,2020-01-12 00:01:00,2020-01-12 01:01:00,active,1,\"[\"\"=\"\", \"\"$node_type\"\", \"\"big\"\"]\",1-1,big\n%%\n\
    lease_id,project_id,user_id,created_at,deleted_at,start_on,end_on,status,node_cnt,reserve_conditions,reserve_count_range,node_type\n\
    c,p,u,2020-01-13 00:00:00,2020-01-13 09:00:00,2020-01-14 00:01:00,2020-01-14 01:01:00,active,1,\"[\"\"=\"\", \"\"$node_type\"\", \"\"big\"\"]\",1-1,big\n";

/// What `import` writes, `run` takes.
fn raw(case: &[u8]) -> Result<(), String> {
    let folder = TempDir::new().map_err(|error| error.to_string())?;
    let parts = split(case, b"\n%%\n");
    for (at, name) in ["machine_events.csv", "on_demand/a.csv", "in_advance/a.csv"]
        .into_iter()
        .enumerate()
    {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap_or(folder.path())).map_err(|error| error.to_string())?;
        fs::write(&path, parts.get(at).copied().unwrap_or_default()).map_err(|error| error.to_string())?;
    }
    let at = |text: &str| text.parse().map_err(|_| "no time".to_owned());
    let (from, to) = (at("2020-01-10T00:00:00Z")?, at("2020-01-20T00:00:00Z")?);
    let Ok(imported) = chameleon::import(folder.path(), (from, to), &[]) else {
        return Ok(());
    };
    let [nodes, requests, spells] = [
        neutral::write_nodes(&imported.nodes),
        neutral::write_requests(&imported.requests),
        neutral::write_spells(&imported.spells),
    ];
    for (name, bytes) in [
        ("nodes.csv", &nodes),
        ("requests.csv", &requests),
        ("maintenance.csv", &spells),
    ] {
        fs::write(folder.path().join(name), bytes).map_err(|error| error.to_string())?;
    }
    match load(REPLAY, "m.toml", folder.path(), &[]) {
        Ok(scenario) => run_a_little(&scenario),
        Err(problems) => Err(format!("imported, and refused: {}", problems[0])),
    }
}

/// A folder made by a command, and the bytes of one of its files.
type Made = (TempDir, Vec<u8>);

fn made(command: &str, file: &str) -> Made {
    let folder = tiny();
    sickbay(&folder, command).assert().success();
    let bytes = fs::read(folder.path().join(file)).expect("it was written");
    (folder, bytes)
}

static SWEEP: LazyLock<Made> = LazyLock::new(|| {
    made(
        "sweep plan tiny.toml --vary fleet.scale=1,2 --shards 2 --out s --quiet",
        "s/manifest.json",
    )
});
static GOLDEN: LazyLock<Made> = LazyLock::new(|| made("check tiny.toml --bless --quiet", "tiny.golden"));
static RESULTS: LazyLock<Made> = LazyLock::new(|| made("run tiny.toml --out o --quiet", "o/summary.json"));

/// What parses is what a plan could have written.
fn manifests(case: &[u8]) -> Result<(), String> {
    let Ok(text) = std::str::from_utf8(case) else {
        return Ok(());
    };
    let Ok(read) = manifest::parse(text) else { return Ok(()) };
    let points = read.points().len();
    if points == 0 || points > 1_000_000 {
        return Err(format!("{points} points"));
    }
    let again = manifest::parse(&manifest::document(&read));
    if again.as_ref() != Ok(&read) {
        return Err(format!("it reads otherwise than it was written: {again:?}"));
    }
    Ok(())
}

/// Runs a command on a mutant that takes a file's place; it may find something, say no, or be content.
fn by_command(made: &Made, file: &str, case: &[u8], commands: &[&str]) -> Result<(), String> {
    let path = made.0.path().join(file);
    fs::write(&path, case).map_err(|error| error.to_string())?;
    for command in commands {
        let ended = sickbay(&made.0, command).output().map_err(|error| error.to_string())?;
        let told = String::from_utf8_lossy(&ended.stderr).into_owned();
        if !matches!(ended.status.code(), Some(0..=2)) {
            return Err(format!("{command} ends with {:?}: {told}", ended.status.code()));
        }
        if told.contains('\u{1b}') || ended.stdout.contains(&0x1b) {
            return Err(format!("{command} prints what it was given: {told}"));
        }
    }
    fs::write(&path, &made.1).map_err(|error| error.to_string())
}

fn goldens(case: &[u8]) -> Result<(), String> {
    by_command(&GOLDEN, "tiny.golden", case, &["check tiny.toml --quiet --threads 1"])
}

fn results(case: &[u8]) -> Result<(), String> {
    by_command(&RESULTS, "o/summary.json", case, &["compare o o"])
}
