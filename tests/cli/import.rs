//! `import` as operators meet it: files of each source, what is written, what is refused, and that the scenario runs.

use std::fs;
use std::path::{Path, PathBuf};

use sickbay::import::neutral::{read_nodes, read_requests, read_spells};
use tempfile::TempDir;

use super::{files_below, sickbay, stderr, stdout};

/// A file of our own in the format of a source.
fn fixture(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures/import")
        .join(name);
    path.display().to_string()
}

/// The operators' samples, where they lie beside the repository.
fn samples() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/operators");
    if folder.is_dir() {
        return Some(folder);
    }
    println!("skipped: no ../shared");
    None
}

/// What an import has written.
struct Imported {
    folder: TempDir,
    nodes: String,
    requests: String,
    spells: String,
    report: String,
}

/// Imports into `out`, checks the neutral files and the counts, and runs the scenario.
fn imported(arguments: &str) -> Imported {
    let folder = TempDir::new().expect("a folder");
    let ended = sickbay(&folder, &format!("import {arguments} --out out"))
        .assert()
        .code(0);
    assert!(
        stderr(&ended).contains("next: sickbay run out/scenario.toml"),
        "{}",
        stderr(&ended)
    );
    let text = |name: &str| fs::read_to_string(folder.path().join("out").join(name)).expect(name);
    let (nodes, requests, spells) = (text("nodes.csv"), text("requests.csv"), text("maintenance.csv"));
    let report = text("report.txt");
    read_nodes(nodes.as_bytes(), "nodes.csv").expect("nodes.csv is read");
    read_requests(requests.as_bytes(), "requests.csv").expect("requests.csv is read");
    read_spells(spells.as_bytes(), "maintenance.csv").expect("maintenance.csv is read");
    assert_eq!(stdout(&ended), report);
    adds_up(&report);
    let ran = sickbay(&folder, "run out/scenario.toml --replications 2 --out ran")
        .assert()
        .code(0);
    assert!(!stderr(&ran).contains("warning: out/"), "{}", stderr(&ran));
    Imported {
        folder,
        nodes,
        requests,
        spells,
        report,
    }
}

/// Every whole of a report is the sum of its parts.
fn adds_up(report: &str) {
    let mut open: Option<(String, u64, u64)> = None;
    let close = |open: Option<(String, u64, u64)>| {
        if let Some((what, whole, parts)) = open {
            assert_eq!(whole, parts, "{what} in:\n{report}");
        }
    };
    let lines = report.lines().skip(1).take_while(|line| *line != "What to know:");
    for line in lines.filter(|line| !line.contains(", for it")) {
        let indent = line.len() - line.trim_start().len();
        let number = line.split("  ").find_map(|word| word.trim().parse::<u64>().ok());
        let Some(number) = number else { continue };
        match indent {
            0 => close(open.replace((line.to_owned(), number, 0))),
            2 => {
                if let Some(open) = &mut open {
                    open.2 += number;
                }
            }
            _ => {}
        }
    }
    close(open);
}

/// What a refused import says; nothing is written.
fn refused(folder: &TempDir, arguments: &str) -> String {
    let ended = sickbay(folder, &format!("import {arguments} --out out"))
        .assert()
        .code(2);
    assert!(
        !folder.path().join("out").exists(),
        "something was written: {arguments}"
    );
    stderr(&ended)
}

#[test]
fn a_list_of_nodes_is_the_same_from_every_version_of_the_client() {
    let json = imported(&format!("ironic={}", fixture("ironic/nodes.json")));
    assert_eq!(
        json.nodes,
        "node_id,resource_class,traits,rack,conductor_group,owner,available_from_s,available_until_s,class_changes\n\
         10000000-0000-4000-8000-000000000003,bm.gpu,CUSTOM_RACK_R2,r2,,,0,,\n\
         r1-n1,bm.large,CUSTOM_RACK_R1 CUSTOM_NVME,one,west,,0,,\n\
         r1-n2,bm.large,,,,t-b35b011f64,0,,\n\
         r1-n7,bm.large,,,,,0,,\n"
    );
    assert_eq!(
        json.spells,
        "node_id,start_s,end_s,kind,campaign\n10000000-0000-4000-8000-000000000003,0,,fault,\nr1-n2,0,,planned,\nr1-n7,0,,fault,\n"
    );
    for said in [
        "being enrolled",
        "without a resource class",
        "retired",
        "manageable",
        "deploy failed",
    ] {
        assert!(
            said == "being enrolled" || json.report.contains(said),
            "{said}: {}",
            json.report
        );
    }
    for secret in ["carla", "CHG", "192.0.2", "project-"] {
        for (name, bytes) in files_below(&json.folder.path().join("out")) {
            assert!(
                !String::from_utf8_lossy(&bytes).contains(secret),
                "{secret} is in {name}"
            );
        }
    }
    for other in ["ironic/nodes-labels.csv", "ironic/nodes-labels.yaml"] {
        let other = imported(&format!("auto={}", fixture(other)));
        assert_eq!((&other.nodes, &other.spells), (&json.nodes, &json.spells));
    }
}

#[test]
fn pages_notifications_and_other_forms_of_ironic_are_read() {
    let folder = TempDir::new().expect("a folder");
    let nodes: serde_json::Value =
        serde_json::from_slice(&fs::read(fixture("ironic/nodes.json")).expect("read")).expect("JSON");
    let place = |name: &str| folder.path().join(name).display().to_string();
    let page = |from: usize, to: usize, next: &str| {
        let nodes = &nodes.as_array().expect("a list")[from..to];
        serde_json::json!({ "nodes": nodes, "next": if next.is_empty() { None } else { Some(next) } }).to_string()
    };
    let whole = imported(&format!("ironic={}", fixture("ironic/nodes.json")));
    fs::write(place("pages.json"), page(0, 3, "http://x") + "\n" + &page(3, 7, "")).expect("written");
    let pages = imported(&format!("ironic={}", place("pages.json")));
    assert_eq!((&pages.nodes, &pages.spells), (&whole.nodes, &whole.spells));
    assert!(!pages.report.contains("next page"), "{}", pages.report);
    fs::write(place("open.json"), page(0, 3, "http://x")).expect("written");
    assert!(
        imported(&format!("ironic={}", place("open.json")))
            .report
            .contains("next page")
    );
    let one = nodes[0].to_string();
    fs::write(place("show.json"), one).expect("written");
    assert!(
        imported(&format!("ironic={}", place("show.json")))
            .nodes
            .contains("\nr1-n1,bm.large,")
    );
    // A node comes, goes into maintenance by a person, comes back, is broken by the conductor's word, and has a tenant before.
    let said = |at: &str, what: &str, state: &str, changes: serde_json::Value| {
        let mut data = serde_json::json!({ "uuid": "u1", "name": "n1", "resource_class": "big", "provision_state": state,
            "maintenance": false, "instance_uuid": null, "instance_info": {}, "traits": [], "extra": {} });
        for (key, value) in changes.as_object().expect("an object") {
            data[key] = value.clone();
        }
        let message = serde_json::json!({ "event_type": format!("baremetal.node.{what}"), "publisher_id": "p",
            "timestamp": format!("2026-03-01 {at}"), "payload": { "ironic_object.data": data } });
        serde_json::json!({ "oslo.version": "2.0", "oslo.message": message.to_string() }).to_string()
    };
    let none = || serde_json::json!({});
    let away = |reason: &str| serde_json::json!({ "maintenance": true, "maintenance_reason": reason });
    let seated = || serde_json::json!({ "instance_uuid": "i1", "lessee": "p1" });
    let lines = [
        said("00:00:00.000000", "create.end", "enroll", none()),
        said("01:00:00.000000", "provision_set.success", "available", none()),
        said("02:00:00.500000", "provision_set.start", "deploying", seated()),
        said("02:10:00.000000", "provision_set.end", "active", seated()),
        said("05:10:00.000000", "provision_set.start", "deleting", seated()),
        said("06:00:00.000000", "provision_set.end", "available", none()),
        said(
            "07:00:00.000000",
            "maintenance_set.start",
            "available",
            away("firmware"),
        ),
        said("07:00:00.250000", "maintenance_set.end", "available", away("firmware")),
        said("08:00:00.000000", "maintenance_set.end", "available", none()),
        said(
            "09:00:00.000000",
            "power_state_corrected.success",
            "available",
            serde_json::json!({ "maintenance": true, "fault": "power failure" }),
        ),
        said(
            "10:00:00.000000",
            "update.end",
            "available",
            serde_json::json!({ "resource_class": "huge" }),
        ),
    ];
    fs::write(place("log.jsonl"), lines.join("\n")).expect("written");
    let log = imported(&format!(
        "ironic={} --keep-names --from 2026-03-01 --to 2026-03-02",
        place("log.jsonl")
    ));
    assert!(log.nodes.contains("n1,big,,,,,3600,,36000:huge\n"), "{}", log.nodes);
    let head = "node_id,start_s,end_s,kind,campaign\n";
    assert_eq!(
        log.spells,
        format!("{head}n1,25200.25,28800,planned,\nn1,32400,36000,fault,\n")
    );
    assert!(
        log.requests.contains("i1,7200.5,7200.5,10800,,p1,,big,"),
        "{}",
        log.requests
    );
}

#[test]
fn options_choose_names_ends_and_holds() {
    let nodes = fixture("ironic/nodes.json");
    let one = imported(&format!(
        "ironic {nodes} --keep-names --open-spell 72h --hold 3d --id uuid --default-class odd --all-states --rack-from ^(.)"
    ));
    assert!(
        one.nodes
            .contains("10000000-0000-4000-8000-000000000002,bm.large,,r,,project-b,0,,"),
        "{}",
        one.nodes
    );
    assert!(one.nodes.contains("000000000004,odd"), "{}", one.nodes);
    assert!(one.spells.contains("000000000002,0,259200,planned,"), "{}", one.spells);
    assert_eq!(
        one.requests.lines().nth(1),
        Some(
            "20000000-0000-4000-8000-000000000001,0,0,259200,,project-a,,bm.large,,1,1,people,,10000000-0000-4000-8000-000000000001,,"
        )
    );
}

/// A word that is neither yes nor no is not taken for no: a node in maintenance would be on offer.
#[test]
fn a_flag_that_is_no_flag_is_refused() {
    let folder = TempDir::new().expect("a folder");
    let right = fs::read_to_string(fixture("ironic/nodes.json")).expect("read");
    let wrong = right.replacen("\"maintenance\": true", "\"maintenance\": \"perhaps\"", 1);
    fs::write(folder.path().join("nodes.json"), wrong).expect("written");
    let told = refused(&folder, "ironic=nodes.json");
    assert!(
        told.contains("nodes.json:25: column `maintenance`: `perhaps` is neither yes nor no")
            || told.contains("column `maintenance`: node 2: `perhaps` is neither yes nor no"),
        "{told}"
    );
}

#[test]
fn two_dumps_of_openstack_give_a_report_in_three_commands() {
    let (nodes, usage, flavors) = (
        fixture("ironic/nodes.json"),
        fixture("nova/usage.json"),
        fixture("nova/flavors.json"),
    );
    let both = imported(&format!(
        "ironic={nodes} nova={usage} --flavors {flavors} --from 2026-02-21 --to 2026-03-01 --keep-names"
    ));
    assert_eq!(
        both.requests,
        "request_id,arrival_s,start_s,hold_s,planned_hold_s,tenant,user,resource_class,traits,count,min_count,kind,multi,node_id,\
         end_known,age_s\n\
         20000000-0000-4000-8000-000000000001,0,0,691200,,project-a,,bm.large,,1,1,people,,r1-n1,false,50400\n\
         20000000-0000-4000-8000-000000000002,36000.25,36000.25,12600.5,,project-a,,bm.large,,1,1,people,,,,\n"
    );
    assert!(both.report.contains("skipped: of virtual machines"), "{}", both.report);
    // Without the flavors, the class of a flavor is learned from the instances on the nodes.
    let learned = imported(&format!(
        "nova={usage} ironic={nodes} --from 2026-02-21 --to 2026-03-01 --keep-names"
    ));
    assert_eq!(learned.requests, both.requests);
    // The run has the instance on its node from its begin to its end, under every strategy.
    for strategy in ["naive", "withdraw", "hidden-via-extra-spec", "tenant-reservation"] {
        let log = fs::read_to_string(both.folder.path().join(format!("ran/{strategy}/requests.csv"))).expect("a log");
        let seated = log.lines().find(|line| line.contains("000000000001")).expect("a row");
        assert!(seated.ends_with(",accepted,,0,0,r1-n1"), "{strategy}: {seated}");
    }
}

#[test]
fn snapshots_over_time_give_spells_changes_and_requests() {
    let folder = TempDir::new().expect("a folder");
    let base = fs::read_to_string(fixture("ironic/nodes.json")).expect("read");
    let mut days: Vec<serde_json::Value> = (0..4).map(|_| serde_json::from_str(&base).expect("JSON")).collect();
    // The second node comes out of maintenance on the third day, and changes its class on the fourth.
    days[2][1]["maintenance"] = false.into();
    days[3][1]["maintenance"] = false.into();
    days[3][1]["resource_class"] = "bm.huge".into();
    // The first node's instance is another one from the second day on; the seventh node comes then, and goes.
    for day in &mut days[1..] {
        day[0]["instance_uuid"] = "20000000-0000-4000-8000-000000000009".into();
    }
    days[0].as_array_mut().expect("a list").truncate(3);
    days[3].as_array_mut().expect("a list").truncate(3);
    for (number, day) in days.iter().enumerate() {
        fs::write(
            folder.path().join(format!("nodes-2026-03-0{}.json", number + 1)),
            day.to_string(),
        )
        .expect("written");
    }
    let several = imported(&format!("ironic={}", folder.path().display()));
    assert!(
        several.nodes.contains("r1-n2,bm.large,,,,t-b35b011f64,0,,\n"),
        "{}",
        several.nodes
    );
    assert!(
        several.nodes.contains("r1-n7,bm.large,,,,,86400,,\n"),
        "{}",
        several.nodes
    );
    let wider = imported(&format!("ironic={} --to 2026-03-05", folder.path().display()));
    assert!(
        wider
            .nodes
            .contains("r1-n2,bm.large,,,,t-b35b011f64,0,,259200:bm.huge\n"),
        "{}",
        wider.nodes
    );
    assert!(
        wider.nodes.contains("r1-n7,bm.large,,,,,86400,259200,\n"),
        "{}",
        wider.nodes
    );
    assert!(wider.spells.contains("r1-n2,0,172800,planned,\n"), "{}", wider.spells);
    assert!(
        wider.requests.contains("000000000001,0,0,86400,,"),
        "{}",
        wider.requests
    );
    assert!(
        wider.requests.contains("000000000009,86400,86400,259200,,"),
        "{}",
        wider.requests
    );
    assert!(wider.report.contains("at most 1440 min"), "{}", wider.report);
}

#[test]
fn what_is_wrong_is_refused_with_its_place_and_mend() {
    let folder = TempDir::new().expect("a folder");
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).expect("written");
    let nodes = fs::read_to_string(fixture("ironic/nodes.json")).expect("read");
    write("cut.json", &nodes[..nodes.len() / 2]);
    write(
        "time.json",
        &nodes.replace("2026-03-01T10:00:30.250000+00:00", "yesterday"),
    );
    write(
        "v11.json",
        r#"{"nodes": [{"uuid": "1", "provision_state": "active", "maintenance": false, "links": []}]}"#,
    );
    write(
        "short.json",
        r#"[{"UUID": "1", "Name": "n", "Provisioning State": "active", "Maintenance": false}]"#,
    );
    write("table.txt", "+----+\n| ID |\n+----+\n");
    write("empty.json", "");
    write("none.json", "[]");
    write("noise.bin", "\u{0}\u{1}\u{2}");
    let gz = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255, 1, 2];
    fs::write(folder.path().join("cut.json.gz"), gz).expect("written");
    for (arguments, said) in [
        ("ironic=cut.json", "cut.json:"),
        ("ironic=cut.json", "cut short"),
        (
            "ironic=time.json",
            "time.json:2: column `updated_at`: node 1: `yesterday` is no time",
        ),
        ("ironic=v11.json", "X-OpenStack-Ironic-API-Version"),
        ("ironic=short.json", "--long"),
        ("ironic=table.txt", "-f json"),
        ("ironic=empty.json", "empty.json:1: the file is empty"),
        ("ironic=none.json", "administrator"),
        ("ironic=noise.bin", "no text"),
        ("ironic=cut.json.gz", "cut.json.gz:"),
        ("nova=short.json", "give it as ironic=short.json"),
        ("ironic=nowhere.json", "no such file"),
        ("ironik=short.json", "ironic"),
        ("short.json", "SOURCE=FILE"),
        ("ironic", "has no file"),
        ("ironic=short.json --tz Mars/Olympus", "Europe/Berlin"),
    ] {
        let told = refused(&folder, arguments);
        assert!(told.contains(said), "{arguments}: {told}");
    }
}

#[test]
fn packed_files_are_read_as_plain_ones() {
    use std::io::Write;
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("nodes.json.gz");
    let file = fs::File::create(&path).expect("made");
    let mut packed = flate2::write::GzEncoder::new(file, flate2::Compression::fast());
    packed
        .write_all(&fs::read(fixture("ironic/nodes.json")).expect("read"))
        .expect("packed");
    packed.finish().expect("packed");
    let plain = imported(&format!("ironic={}", fixture("ironic/nodes.json")));
    let gz = imported(&format!("auto={}", path.display()));
    let xz = imported(&format!("auto={}", fixture("ironic/nodes.json.xz")));
    assert_eq!((&gz.nodes, &gz.spells), (&plain.nodes, &plain.spells));
    assert_eq!((&xz.nodes, &xz.spells), (&plain.nodes, &plain.spells));
    let bytes = fs::read(&path).expect("read");
    fs::write(folder.path().join("cut.gz"), &bytes[..bytes.len() - 40]).expect("written");
    assert!(refused(&folder, "auto=cut.gz").contains("ends too early"));
}

#[test]
fn a_cluster_gives_jobs_that_wait_and_spells_with_reasons() {
    let folder = TempDir::new().expect("a folder");
    for name in ["jobs.txt", "events.txt", "nodes.txt", "reservations.txt"] {
        fs::copy(fixture(&format!("slurm/{name}")), folder.path().join(name)).expect("copied");
    }
    fs::write(folder.path().join("slurm.conf"), "ClusterName=c\n").expect("written");
    let dump = folder.path().display();
    let told = refused(&TempDir::new().expect("a folder"), &format!("slurm={dump}"));
    assert!(told.contains("--tz"), "{told}");
    let window = "--from 2026-02-01T09:00:00Z --to 2026-02-01T20:00:00Z";
    let cluster = imported(&format!("slurm={dump} --tz UTC --keep-names {window}"));
    assert_eq!(
        cluster.nodes,
        "node_id,resource_class,traits,rack,conductor_group,owner,available_from_s,available_until_s,class_changes\n\
         n01,all,CUSTOM_RACKA CUSTOM_XEON,,,,0,,\nn02,all,CUSTOM_RACKA CUSTOM_XEON,,,,0,,\nn03,all,CUSTOM_RACKB CUSTOM_EPYC,,,,0,,\n"
    );
    assert_eq!(
        cluster.requests,
        "request_id,arrival_s,start_s,hold_s,planned_hold_s,tenant,user,resource_class,traits,count,min_count,kind,multi,node_id,\
         end_known,age_s\n\
         1,3600,3600,3600,7200,phys,ann,all,,2,2,people,,,,\n\
         3_1,3900,3900,1800,1800,phys,ann,all,,1,1,people,,,,\n\
         2,5400,5400,3590,86400,bob,bob,all,,1,1,people,,,,\n\
         6,10800,10800,600,7200,phys,ann,all,,1,1,people,,,,\n\
         6.1,12120,12120,27000,7200,phys,ann,all,,1,1,people,,,false,\n"
    );
    assert_eq!(
        cluster.spells,
        "node_id,start_s,end_s,kind,campaign\n\
         n01,3600,3605,planned,\nn02,3600,3605,planned,\n\
         n01,10800,11340,hardware-failure,\n\
         n02,14400,,fault,\n\
         n01,25200,32400,planned,fw_now\nn02,25200,32400,planned,fw_now\nn03,25200,32400,planned,fw_now\n"
    );
    let scenario = fs::read_to_string(cluster.folder.path().join("out/scenario.toml")).expect("read");
    assert!(scenario.contains("on_refusal = { wait = \"7d\" }"), "{scenario}");
    for said in [
        "slurm.conf: left out, it is none of the files",
        "skipped: steps of jobs",
        "skipped: shared a node with another job",
        "skipped: never started",
        "ended by NODE_FAIL",
    ] {
        assert!(cluster.report.contains(said), "{said}: {}", cluster.report);
    }
    // In another zone all is an hour earlier; the window is the same instants.
    let berlin = imported(&format!(
        "slurm={dump} --tz Europe/Berlin --from 2026-02-01T08:00:00Z --to 2026-02-01T19:00:00Z --keep-names"
    ));
    assert_eq!((berlin.requests, berlin.spells), (cluster.requests, cluster.spells));
}

#[test]
fn a_cluster_without_a_file_of_nodes_and_as_it_was_scheduled() {
    let jobs = fixture("slurm/jobs.txt");
    let cluster = imported(&format!(
        "auto={jobs} --tz UTC --as-scheduled --keep-shared --keep-names --from 2026-02-01T11:00:00Z"
    ));
    assert!(cluster.nodes.contains("\nn03,all,"), "{}", cluster.nodes);
    assert!(cluster.requests.contains("\n1,0,0,10,3610,"), "{}", cluster.requests);
    assert!(cluster.requests.contains("\n3_1,0,3600,1800,"), "{}", cluster.requests);
    assert!(cluster.requests.contains("\n5,0,9000,3600,"), "{}", cluster.requests);
}

#[test]
fn damaged_files_of_slurm_are_refused() {
    let folder = TempDir::new().expect("a folder");
    let jobs = fs::read_to_string(fixture("slurm/jobs.txt")).expect("read");
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).expect("written");
    write("cut.txt", &jobs[..jobs.len() - 40]);
    write(
        "table.txt",
        "       JobID      State\n------------ ----------\n1 COMPLETED\n",
    );
    write(
        "time.txt",
        &jobs.replace("2026-02-01T12:00:00|NODE_FAIL", "12:00:00|NODE_FAIL"),
    );
    write("bare.txt", jobs.trim_end());
    write("few.txt", "JobID|State|NNodes\n1|COMPLETED|1\n");
    write("list.txt", &jobs.replace("n[01-02]", "n[01-"));
    for (file, said) in [
        ("cut.txt", "cut short"),
        ("bare.txt", "bare.txt:12: the last line has no line end"),
        ("table.txt", "-P"),
        ("time.txt", "time.txt:3: column `End`: `12:00:00` is no time"),
        ("few.txt", "column `Start`: the header lacks this column"),
        ("list.txt", "list.txt:2: column `NodeList`"),
    ] {
        let told = refused(&folder, &format!("slurm={file} --tz UTC"));
        assert!(told.contains(said), "{file}: {told}");
    }
}

#[test]
fn a_failure_trace_gives_nodes_and_faults() {
    let folder = fixture("fta");
    let window = "--from 2004-11-09T11:33:20Z --to 2004-11-15T06:26:40Z";
    let trace = imported(&format!("fta={folder} {window}"));
    // The first node is not there before the end of its first down; the last down of the other was not seen to end.
    assert!(
        trace.nodes.contains("site/c1/n1,site/c1,,site/c1,,,360000,,"),
        "{}",
        trace.nodes
    );
    assert!(trace.nodes.contains("10.000,site/c2,,site/c2,,,0,,"), "{}", trace.nodes);
    let head = "node_id,start_s,end_s,kind,campaign\n";
    assert_eq!(
        trace.spells,
        format!("{head}site/c1/n1,380000,390000,fault,\n10.000,400000,,fault,\n")
    );
    let all = imported(&format!("fta={folder}/event_trace.tab --min-spell 0s {window}"));
    assert_eq!(all.spells.lines().count(), 4, "{}", all.spells);
    assert!(all.nodes.contains("10.000,node,,,"), "{}", all.nodes);
    let other = TempDir::new().expect("a folder");
    fs::write(
        other.path().join("cut.tab"),
        "0 0 0 5 n1 0 1100000000 1100360000 NULL\n1 0 0 5 n1",
    )
    .expect("written");
    assert!(refused(&other, "fta=cut.tab").contains("cut.tab:2: 5 fields"));
}

#[test]
fn a_log_in_the_standard_format_gives_jobs_that_wait() {
    let log = fixture("swf/log.swf");
    let folder = TempDir::new().expect("a folder");
    assert!(refused(&folder, &format!("swf={log}")).contains("--procs-per-node"));
    let jobs = imported(&format!(
        "swf={log} --procs-per-node 2 --keep-names --from 2002-07-28T07:04:05Z"
    ));
    let head = "request_id,arrival_s,start_s,hold_s,planned_hold_s,tenant,user,resource_class,traits,count,min_count,kind,multi\n";
    let rows = "1,0,0,3600,7200,2,1,partition-1,,2,2,people,\n2,60,60,1800,,3,3,partition-1,,1,1,people,\n";
    assert_eq!(jobs.requests, format!("{head}{rows}"));
    assert_eq!(jobs.nodes.lines().count(), 5, "{}", jobs.nodes);
    let rounded = imported(&format!(
        "swf={log} --procs-per-node 2 --small round --class-from queue"
    ));
    assert!(rounded.requests.contains("queue-3"), "{}", rounded.requests);
    assert_eq!(rounded.requests.lines().count(), 4, "{}", rounded.requests);
    fs::write(folder.path().join("cut.swf"), "; MaxNodes: 3\n1 0 10 3600 4 -1 -1").expect("written");
    assert!(refused(&folder, "swf=cut.swf --procs-per-node 2").contains("cut.swf:2: 7 columns"));
}

#[test]
fn leases_give_requests_and_leases_for_maintenance_spells() {
    let leases = imported(&format!("blazar={} --keep-names", fixture("blazar")));
    let head = "request_id,arrival_s,start_s,hold_s,planned_hold_s,tenant,user,resource_class,traits,count,min_count,kind,multi\n";
    let rows = "res-1,0,0,43200,86400,p1,u1,gpu,,2,1,people,blazar\nres-2,172800,172800,86400,86400,p1,u1,plain,,1,1,people,blazar\n";
    assert_eq!(leases.requests, format!("{head}{rows}"));
    assert_eq!(
        leases.spells,
        "node_id,start_s,end_s,kind,campaign\nhv-2,172800,345600,planned,\n"
    );
    let earlier = imported(&format!("blazar={} --from 2026-02-01", fixture("blazar")));
    assert!(
        earlier.requests.contains("res-1,43200,86400,43200,86400,"),
        "{}",
        earlier.requests
    );
    let alone = imported(&format!("auto={}", fixture("blazar/leases.json")));
    assert!(alone.report.contains("made-up names"), "{}", alone.report);
}

#[test]
fn every_sample_is_imported_and_its_scenario_runs() {
    let Some(samples) = samples() else { return };
    for arguments in [
        "auto=ironic/cli_6.3.0_node_list_long.json",
        "auto=ironic/cli_5.15.0_node_list_long.csv",
        "auto=ironic/nodes_detail_rest_2020.json --all-states",
        "auto=ironic/notifications.jsonl",
        "auto=nova/cli_usage_list.json",
        "auto=nova/usage_rest_one_tenant_2017.json",
        "auto=nova/servers_detail_rest_2.96.json",
        "slurm=slurm --tz UTC",
        "blazar=blazar/leases_rest.json blazar=blazar/allocations_rest.json",
        "auto=research-traces/g5k_event_trace_head.tab auto=research-traces/g5k_node_head.tab",
        "swf=swf/small.swf --procs-per-node 8",
        "auto=research-traces/hpc2n_head.swf --procs-per-node 2",
        "ironic=ironic/cli_6.3.0_node_list_long.json nova=nova/cli_usage_list.json",
    ] {
        let placed = arguments
            .split(' ')
            .map(|word| match word.split_once('=') {
                Some((source, file)) => format!("{source}={}", samples.join(file).display()),
                None => word.to_owned(),
            })
            .collect::<Vec<_>>()
            .join(" ");
        imported(&placed);
    }
}
