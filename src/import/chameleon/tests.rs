use std::fs;
use std::path::Path;

use super::*;
use crate::import::neutral::RequestKind;

const MACHINES: &str = "EVENT_TIME,EVENT_TIME_SEC,HOST_NAME (PHYSICAL),EVENT,PROPERTIES\r\n";
const LEASES: &str = "lease_id,project_id,user_id,created_at,deleted_at,start_on,end_on,status,\
    node_cnt,reserve_conditions,reserve_count_range,node_type\n";

/// A source folder with these rows, without the headers.
fn source(machines: &str, on_demand: &str, in_advance: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let write = |name: &str, text: String| {
        let path = folder.path().join(name);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).expect("a folder");
        }
        fs::write(path, text).expect("a file");
    };
    write("machine_events.csv", format!("{MACHINES}{machines}"));
    write("on_demand/big.csv", format!("{LEASES}{on_demand}"));
    write("in_advance/big.csv", format!("{LEASES}{in_advance}"));
    folder
}

/// The window 2020-01-10 .. 2020-01-20.
fn import_january(folder: &Path) -> Result<Imported, ImportError> {
    import_of(folder, &[])
}

fn import_of(folder: &Path, monitoring: &[String]) -> Result<Imported, ImportError> {
    let at = |text: &str| text.parse().expect("a time");
    import(
        folder,
        (at("2020-01-10T00:00:00Z"), at("2020-01-20T00:00:00Z")),
        monitoring,
    )
}

fn imported(machines: &str, on_demand: &str, in_advance: &str) -> Imported {
    let folder = source(machines, on_demand, in_advance);
    import_january(folder.path()).expect("a good source")
}

fn machine(time: &str, host: &str, event: &str, properties: &str) -> String {
    format!("2020-01-{time},1.0,{host},{event},\"{properties}\"\r\n")
}

const BIG: &str = "{'node_type': 'big', 'placement.rack': 3}";

fn a_node() -> String {
    machine("01T00:00:00", "h", "CREATE", BIG)
}

/// A lease of January: created, deleted (or empty), start, end, count, range.
fn lease(id: &str, times: [&str; 4], count: u32, range: &str) -> String {
    let day = |text: &str| {
        if text.is_empty() {
            String::new()
        } else {
            format!("2020-01-{text}")
        }
    };
    let [created, deleted, start, end] = times.map(day);
    format!(
        "{id},p,u,{created},{deleted},{start},{end},active,{count},\
         \"[\"\"=\"\", \"\"$node_type\"\", \"\"big\"\"]\",{range},big\n"
    )
}

const HOUR: u64 = 3_600_000;
const DAY: u64 = 24 * HOUR;

#[test]
fn a_lease_runs_from_the_later_start_to_the_earlier_end() {
    let rows = [
        lease(
            "a",
            ["11 00:00:20", "11 05:00:00", "11 00:00:00", "11 09:00:00"],
            2,
            "1-3",
        ),
        lease("b", ["12 00:00:00", "", "12 00:01:00", "12 01:01:00"], 1, "1-1"),
        lease(
            "c",
            ["13 00:00:00", "13 09:00:00", "13 00:01:00", "13 01:01:00"],
            1,
            "1-1",
        ),
    ];
    let got = imported(&a_node(), &rows.concat(), "");
    let [a, b, c] = got.requests.as_slice() else {
        panic!("three requests");
    };
    assert_eq!((a.arrival_ms, a.start_ms), (DAY + 20_000, DAY + 20_000));
    assert_eq!(a.hold_ms, 5 * HOUR - 20_000);
    assert_eq!(a.planned_hold_ms, Some(9 * HOUR - 20_000));
    assert_eq!((a.count, a.min_count), (2, 1));
    assert_eq!((a.tenant.as_str(), a.user.as_str()), ("p", "u"));
    assert_eq!((b.arrival_ms, b.start_ms, b.hold_ms), (2 * DAY, 2 * DAY + 60_000, HOUR));
    assert_eq!(c.hold_ms, HOUR);
    assert_eq!(got.report.count("kept and created after their start"), Some(1));
    assert_eq!(got.report.count("kept and never deleted"), Some(1));
}

#[test]
fn leases_that_never_ran_or_lie_outside_are_counted() {
    let rows = [
        lease(
            "never",
            ["11 00:00:00", "11 01:00:00", "11 02:00:00", "11 03:00:00"],
            1,
            "1-1",
        ),
        lease(
            "zero",
            ["11 00:00:00", "11 02:00:00", "11 02:00:00", "11 03:00:00"],
            1,
            "1-1",
        ),
        lease("before", ["08 00:00:00", "", "09 00:00:00", "10 00:00:00"], 1, "1-1"),
        lease("after", ["11 00:00:00", "", "20 00:00:00", "21 00:00:00"], 1, "1-1"),
        lease("none", ["11 00:00:00", "", "12 00:00:00", "13 00:00:00"], 0, "1-1"),
        lease("class", ["11 00:00:00", "", "12 00:00:00", "13 00:00:00"], 1, "1-1").replace("big", "huge"),
        lease("twice", ["11 00:00:00", "", "12 00:00:00", "13 00:00:00"], 1, "1-1"),
        lease("twice", ["11 00:00:00", "", "12 00:00:00", "13 00:00:00"], 1, "1-1"),
    ];
    let got = imported(&a_node(), &rows.concat(), "");
    assert_eq!(got.requests.len(), 1);
    for reason in [
        "end before they start",
        "of no length",
        "ended before the window",
        "start after the window",
        "of no node",
        "class unknown in the window",
        "id seen before",
    ] {
        let what = format!("leases skipped: {reason}");
        assert_eq!(got.report.count(&what), Some(1), "{what}");
    }
    assert_eq!(got.report.count("leases read"), Some(8));
}

#[test]
fn leases_at_the_edges_fill_the_fleet_and_keep_their_length() {
    let on_demand = [
        lease("running", ["08 00:00:00", "", "08 00:00:00", "10 06:00:00"], 1, "1-1"),
        lease("beyond", ["19 12:00:00", "", "19 12:00:00", "25 12:00:00"], 1, "1-1"),
    ];
    let in_advance = lease("asked", ["09 00:00:00", "", "12 00:00:00", "13 00:00:00"], 1, "1-1");
    let got = imported(&a_node(), &on_demand.concat(), &in_advance);
    let times: Vec<_> = got
        .requests
        .iter()
        .map(|r| (r.request_id.as_str(), r.arrival_ms, r.start_ms, r.hold_ms))
        .collect();
    assert_eq!(
        times,
        [
            ("running", 0, 0, 6 * HOUR),
            ("asked", 0, 2 * DAY, DAY),
            ("beyond", 9 * DAY + 12 * HOUR, 9 * DAY + 12 * HOUR, 6 * DAY),
        ]
    );
    assert_eq!(got.requests[0].planned_hold_ms, Some(6 * HOUR));
    let count = |what| got.report.count(what);
    assert_eq!(count("requests kept: start within the window"), Some(2));
    assert_eq!(count("requests kept: running at the window's begin"), Some(1));
    assert_eq!(count("kept and asked before the window for a start in it"), Some(1));
    assert_eq!(count("kept and held beyond the window's end"), Some(1));
    assert_eq!(count("in advance"), Some(1));
}

#[test]
fn the_robot_and_odd_rows_are_kept_and_counted() {
    let times = ["11 00:00:00", "", "11 00:00:00", "11 01:00:00"];
    let rows = [
        lease("robot", times, 1, "1-1").replace(",u,", ",checks,"),
        lease("more", times, 5, "2-3"),
        lease("turned", times, 1, "4-1"),
        lease("gpu", times, 1, "1-1").replace("node_type\"\"", "gpu.gpu\"\""),
    ];
    let folder = source(&a_node(), &rows.concat(), "");
    let got = import_of(folder.path(), &["checks".to_owned()]).expect("a good source");
    let of = |id: &str| got.requests.iter().find(|r| r.request_id == id).expect("kept");
    assert_eq!(of("robot").kind, RequestKind::Monitoring);
    assert_eq!(of("more").kind, RequestKind::People);
    assert_eq!((of("more").count, of("more").min_count), (5, 2));
    assert_eq!((of("turned").count, of("turned").min_count), (1, 1));
    assert_eq!(got.report.count("monitoring"), Some(1));
    assert_eq!(got.report.count("people's"), Some(3));
    assert_eq!(got.report.count("kept and granted outside of the range asked"), Some(2));
    assert_eq!(got.report.count("kept without further conditions"), Some(1));
}

/// `n` leases of a user over these days of January, each this many minutes long.
fn leases_of(user: &str, n: u32, days: u32, minutes: u32) -> String {
    let one = |at: u32| {
        let minute = at * days * 24 * 60 / n;
        let stamp = |minute: u32| {
            let (day, hour) = (1 + minute / 1440, minute / 60 % 24);
            format!("{day:02} {hour:02}:{:02}:00", minute % 60)
        };
        let (from, to) = (stamp(minute), stamp(minute + minutes));
        let times = [&from, "", &from, &to].map(|text| text as &str);
        lease(&format!("{user}-{at}"), times, 1, "1-1").replace(",u,", &format!(",{user},"))
    };
    (0..n).map(one).collect()
}

#[test]
fn a_robot_is_who_asks_often_and_holds_shortly() {
    let rows = [
        leases_of("robot", 120, 20, 5),
        leases_of("another", 104, 10, 59),
        leases_of("few", 90, 10, 5),
        leases_of("long", 120, 20, 90),
        leases_of("seldom", 110, 24, 5).replace("2020-01-24", "2020-03-24"),
    ];
    let folder = source(&a_node(), &rows.concat(), "");
    let kinds = |monitoring: &[String]| {
        let got = import_of(folder.path(), monitoring).expect("a good source");
        let robots = got.requests.iter().filter(|r| r.kind == RequestKind::Monitoring);
        robots
            .map(|r| r.user.clone())
            .collect::<std::collections::BTreeSet<_>>()
    };
    let robots = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(kinds(&[]), robots(&["another", "robot"]));
    // Whoever is named, and nobody else.
    assert_eq!(kinds(&["long".to_owned()]), robots(&["long"]));
    let nobody = import_of(folder.path(), &["nobody".to_owned()]);
    assert!(matches!(nobody, Err(ImportError::NoSuchUser(user)) if user == "nobody"));
}

#[test]
fn a_nodes_class_and_rack_are_those_on_record() {
    let rows = [
        machine(
            "12T00:00:00",
            "a",
            "UPDATE",
            "{'node_type': 'new', 'placement.rack': 2}",
        ),
        machine(
            "01T00:00:00",
            "a",
            "CREATE",
            "{'node_type': 'old', 'placement.rack': None}",
        ),
        machine(
            "02T00:00:00",
            "a",
            "UPDATE",
            "{'node_type': 'mid', 'placement.rack': 1}",
        ),
        machine(
            "25T00:00:00",
            "a",
            "UPDATE",
            "{'node_type': 'last', 'placement.rack': 9}",
        ),
        machine("15T00:00:00", "b", "CREATE", "{'placement.rack': None}"),
        machine("16T00:00:00", "b", "UPDATE", BIG),
        machine("01T00:00:00", "c", "CREATE", "{'placement.rack': 4}"),
        machine("21T00:00:00", "d", "CREATE", BIG),
    ];
    let got = imported(&rows.concat(), "", "");
    let [a, b] = got.nodes.as_slice() else {
        panic!("two nodes: {:?}", got.nodes);
    };
    assert_eq!(
        (a.node_id.as_str(), a.resource_class.as_str(), a.rack.as_str()),
        ("a", "mid", "2")
    );
    assert_eq!(a.class_changes, [(2 * DAY, "new".to_owned())]);
    assert_eq!((a.available_from_ms, a.conductor_group.as_str()), (0, ""));
    assert_eq!((b.resource_class.as_str(), b.rack.as_str()), ("big", "3"));
    assert_eq!(b.available_from_ms, 5 * DAY);
    assert!(b.class_changes.is_empty());
    let count = |what| got.report.count(what);
    assert_eq!(count("created within the window"), Some(1));
    assert_eq!(count("whose class was recorded late"), Some(1));
    assert_eq!(count("with more than one rack on record"), Some(1));
    assert_eq!(count("nodes skipped: no class on record"), Some(1));
    assert_eq!(count("nodes skipped: created after the window"), Some(1));
    assert_eq!(count("class changes kept"), Some(1));
}

#[test]
fn spells_are_paired_in_order_of_time() {
    let rows = [
        machine("13T00:00:00", "h", "ENABLE", BIG),
        machine("12T00:00:00", "h", "DISABLE", BIG),
        a_node(),
        machine("02T00:00:00", "h", "ENABLE", BIG),
        machine("09T00:00:00", "h", "DISABLE", BIG),
        machine("10T06:00:00", "h", "ENABLE", BIG),
        machine("12T12:00:00", "h", "DISABLE", BIG),
        machine("14T00:00:00", "h", "DISABLE", BIG),
        machine("14T00:00:00", "h", "ENABLE", BIG),
        machine("15T00:00:00", "h", "ENABLE", BIG),
        machine("18T00:00:00", "h", "DISABLE", BIG),
        machine("03T00:00:00", "h", "DISABLE", BIG),
        machine("04T00:00:00", "h", "ENABLE", BIG),
        machine("21T00:00:00", "late", "CREATE", BIG),
        machine("21T00:00:00", "late", "DISABLE", BIG),
    ];
    let got = imported(&rows.concat(), "", "");
    let times: Vec<_> = got.spells.iter().map(|s| (s.start_ms, s.end_ms)).collect();
    assert_eq!(times, [(0, Some(6 * HOUR)), (2 * DAY, Some(3 * DAY)), (8 * DAY, None),]);
    assert!(got.spells.iter().all(|s| s.kind == "fault" && s.campaign.is_none()));
    let count = |what| got.report.count(what);
    assert_eq!(count("running at the window's begin"), Some(1));
    assert_eq!(count("open at the window's end"), Some(1));
    assert_eq!(count("ENABLE skipped: the first of a node"), Some(1));
    assert_eq!(count("ENABLE skipped: not in maintenance"), Some(1));
    assert_eq!(count("DISABLE skipped: in maintenance already"), Some(1));
    assert_eq!(count("spells skipped: of no length"), Some(1));
    assert_eq!(count("spells skipped: outside of the window"), Some(1));
    assert_eq!(count("spells skipped: of nodes that were skipped"), Some(1));
}

#[test]
fn five_starts_within_a_quarter_of_an_hour_each_are_a_campaign() {
    let mut rows = String::new();
    for (number, start) in ["00:00", "15:00", "29:59", "30:00", "45:00"].into_iter().enumerate() {
        let host = format!("p{number}");
        rows += &machine("01T00:00:00", &host, "CREATE", BIG);
        rows += &machine(&format!("12T00:{start}"), &host, "DISABLE", BIG);
    }
    for (number, start) in ["01:00:01", "01:00:02", "01:00:03", "01:00:04"].into_iter().enumerate() {
        let host = format!("f{number}");
        rows += &machine("01T00:00:00", &host, "CREATE", BIG);
        rows += &machine(&format!("12T{start}"), &host, "DISABLE", BIG);
    }
    let got = imported(&rows, "", "");
    for spell in &got.spells {
        if spell.node_id.starts_with('p') {
            assert_eq!(
                (spell.kind.as_str(), spell.campaign.as_deref()),
                ("planned", Some("batch-1"))
            );
        } else {
            assert_eq!((spell.kind.as_str(), spell.campaign.as_deref()), ("fault", None));
        }
    }
    assert_eq!(got.report.count("planned"), Some(5));
    assert_eq!(got.report.count("faults"), Some(4));
}

#[test]
fn header_only_files_give_an_empty_import() {
    let got = imported("", "", "");
    assert!(got.nodes.is_empty() && got.requests.is_empty() && got.spells.is_empty());
    assert!(got.report.to_string().contains("nodes kept"));
}

#[test]
fn errors_name_the_file_the_line_and_the_mend() {
    let folder = source(
        &machine("40T00:00:00", "h", "CREATE", "{'node_type': [1]}"),
        &lease("a", ["11T00:00:00", "", "11 00:00:00", "11 01:00:00"], 1, "1"),
        "",
    );
    let error = import_january(folder.path()).expect_err("bad").to_string();
    assert!(error.contains("machine_events.csv:2: column `EVENT_TIME`: `2020-01-40T00:00:00` is not a time; give UTC as YYYY-MM-DDTHH:MM:SS"), "{error}");
    assert!(error.contains("column `PROPERTIES`: `[1]` is neither"), "{error}");
    fs::write(folder.path().join("machine_events.csv"), MACHINES).expect("a file");
    let error = import_january(folder.path()).expect_err("bad").to_string();
    assert!(error.contains("big.csv:2: column `created_at`"), "{error}");
    assert!(
        error.contains("column `reserve_count_range`: `1` is not a range; give `min-max`"),
        "{error}"
    );
    fs::write(folder.path().join("on_demand/big.csv"), format!("{LEASES}a,b,c")).expect("a file");
    let error = import_january(folder.path()).expect_err("cut").to_string();
    assert!(
        error.contains(
            "big.csv:2: column `created_at`: the row ends before it: 3 fields where the header has 12; the file looks"
        ),
        "{error}"
    );
    fs::write(
        folder.path().join("on_demand/big.csv"),
        LEASES.replace("user_id", "userid"),
    )
    .expect("a file");
    let error = import_january(folder.path()).expect_err("column").to_string();
    assert!(
        error.contains("column `user_id`") && error.contains("nearest header is `userid`"),
        "{error}"
    );
    fs::remove_dir_all(folder.path().join("in_advance")).expect("removed");
    fs::write(folder.path().join("on_demand/big.csv"), LEASES).expect("a file");
    let error = import_january(folder.path()).expect_err("folder").to_string();
    assert!(error.contains("in_advance: no such folder"), "{error}");
}

#[test]
fn an_empty_window_and_a_missing_source_are_refused() {
    let at: jiff::Timestamp = "2020-01-10T00:00:00Z".parse().expect("a time");
    let folder = source("", "", "");
    let same = import(folder.path(), (at, at), &[]);
    assert!(matches!(same, Err(ImportError::Window { .. })));
    let nowhere = import_january(&folder.path().join("nowhere"));
    assert!(matches!(nowhere, Err(ImportError::Missing { .. })));
}

#[test]
fn an_import_reads_back_from_its_files() {
    let got = imported(&a_node(), "", "");
    let files = files(&got);
    let of = |name: &str| &files.iter().find(|(file, _)| *file == name).expect("a file").1;
    assert_eq!(of("report.txt"), got.report.to_string().as_bytes());
    let nodes = crate::import::neutral::read_nodes(of("nodes.csv"), "nodes.csv").expect("good");
    assert_eq!(nodes.records, got.nodes);
}
