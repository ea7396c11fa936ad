//! `whatif`: an imported cloud with nodes taken out; small ones, worked out by hand.

use std::fs;

use serde_json::Value;
use tempfile::TempDir;

use super::{files_below, sickbay, stderr, stdout};

const HEADER: &str = "request_id,arrival_s,start_s,hold_s,tenant,resource_class,count,node_id,end_known,age_s\n";

/// A cloud of three nodes in two racks, whose data end at 06:00. Six holds of 10 h have ended. Instance `a` has run on n1 for
/// 12 h, `b` on n2 since before the data for 24 h more, and `c` on n3 ends in 4 h, as is known.
fn cloud(folder: &TempDir) {
    let put = |name: &str, text: &str| fs::write(folder.path().join("cloud").join(name), text).expect("written");
    fs::create_dir(folder.path().join("cloud")).expect("a folder");
    put(
        "nodes.csv",
        "node_id,resource_class,rack,conductor_group\nn1,compute,r1,west\nn2,compute,r1,\nn3,compute,r2,\n",
    );
    let ended: String = (0..6).map(|n| format!("e{n},0,{n},36000,t,compute,1,,,\n")).collect();
    let running = "a,43200,43200,43200,anna,compute,1,n1,false,\nb,0,0,86400,bert,compute,1,n2,false,86400\n\
                   c,0,0,100800,carl,compute,1,n3,,\n";
    put("requests.csv", &format!("{HEADER}{ended}{running}"));
    put("maintenance.csv", "node_id,start_s,end_s\nn1,1000,2000\n");
    put(
        "scenario.toml",
        "[scenario]\nname = \"cloud\"\nepoch = \"2026-11-26T06:00:00Z\"\nhorizon = \"1d\"\nreplications = 1\n\
         strategies = [\"naive\", \"withdraw\"]\n[fleet]\nsource = \"nodes.csv\"\n[[workload]]\ntrace = \"requests.csv\"\n\
         [maintenance]\ntrace = \"maintenance.csv\"\n[control_plane]\nloop = \"instant\"\n[ironic]\ndeploy = \"0s\"\n\
         cleaning = \"0s\"\nbuild_failure = 0.0\nclean_failure = 0.0\n",
    );
}

fn json(folder: &TempDir, arguments: &str) -> Value {
    let ended = sickbay(folder, &format!("whatif {arguments} --format json -q"))
        .assert()
        .code(0);
    serde_json::from_str(&stdout(&ended)).expect("JSON")
}

fn refused(folder: &TempDir, arguments: &str) -> String {
    stderr(&sickbay(folder, &format!("whatif {arguments}")).assert().code(2))
}

/// Six ends in 6 x 10 h + 12 h + 24 h (b, from its age of 24 h on) + 24 h (c) = 120 h: one in 20 h, whatever the age.
#[test]
fn who_is_on_the_nodes_and_when_they_leave_is_told_without_any_demand() {
    let folder = TempDir::new().expect("a folder");
    cloud(&folder);
    let told = json(&folder, "cloud --take rack=r1 --at 10:00 --for 8h --until 36h");
    assert_eq!(told.get("strategies"), None);
    assert_eq!(told["nodes"], serde_json::json!(["n1", "n2"]));
    let on = told["occupants"].as_array().expect("a list");
    let ages: Vec<(&str, f64)> = on
        .iter()
        .map(|it| {
            (
                it["node"].as_str().expect("text"),
                it["age_s"].as_f64().expect("a number"),
            )
        })
        .collect();
    assert_eq!(ages, [("n1", 43_200.0), ("n2", 172_800.0)]);
    for (key, hours) in [("gone_at", 4.0_f64), ("gone_end", 12.0), ("gone_until", 36.0)] {
        for it in on {
            let (own, found) = (1.0 - libm::exp(-hours / 20.0), it[key].as_f64().expect("a number"));
            assert!((own - found).abs() < 0.01, "{key} {it}: {own}");
        }
    }
    let free = told["free_at"].as_f64().expect("a number");
    assert!((free - 2.0 * (1.0 - libm::exp(-0.2))).abs() < 0.01, "{free}");
    // Where the data know the end it is known: c leaves at 10:00.
    let known = json(&folder, "cloud --take node=n3 --at 09:59 --for 1h");
    let on = &known["occupants"][0];
    assert_eq!(
        (on["gone_at"].as_f64(), on["gone_end"].as_f64()),
        (Some(0.0), Some(1.0))
    );
    assert_eq!(on["half_gone_s"].as_f64(), Some(14_400.0));
    let text = stdout(
        &sickbay(&folder, "whatif cloud --take rack=r1 --at 10:00 --for 8h")
            .assert()
            .code(0),
    );
    assert!(
        text.contains("Who is refused is not told: nobody said what will be asked for"),
        "{text}"
    );
    assert!(text.contains("2 of these 2 nodes have a tenant now"), "{text}");
}

/// A node that nobody is on, asked for 10 times an hour for 36 s, is taken out for 8 h: 80 requests more are refused, less the
/// eleventh part that finds it busy anyway.
#[test]
fn who_is_refused_is_as_many_as_ask_in_that_time() {
    let folder = TempDir::new().expect("a folder");
    cloud(&folder);
    let put = |name: &str, text: &str| fs::write(folder.path().join("cloud").join(name), text).expect("written");
    put("nodes.csv", "node_id,resource_class,rack\nn1,compute,r1\nn2,other,r2\n");
    put(
        "requests.csv",
        "request_id,arrival_s,start_s,hold_s,tenant,resource_class,count\ne,0,0,60,t,other,1\n",
    );
    put("maintenance.csv", "node_id,start_s,end_s\n");
    fs::write(
        folder.path().join("profile.toml"),
        "[scenario]\nname = \"profile\"\nhorizon = \"9d\"\n[[fleet.group]]\nclass = \"compute\"\nnodes = 3\n\
         [[workload]]\nname = \"asked\"\ntenants = [\"anna\"]\n[[workload.flavor]]\nclass = \"compute\"\nper_day = 240\nhold = \"36s\"\n",
    )
    .expect("written");
    let take = "cloud --take rack=r1 --at 10:00 --for 8h --until 20:00 --demand profile.toml";
    let told = json(&folder, &format!("{take} --out kept"));
    let effect = |strategy: &str, kind: &str, metric: &str| {
        let it = &told["strategies"][strategy][kind][metric]["effect"];
        (it["diff"].as_f64(), it["verdict"].as_str().map(str::to_owned))
    };
    let (diff, word) = effect("withdraw", "metrics", "refused");
    let expected = 80.0 * (1.0 - 1.0 / 11.0);
    assert!((diff.expect("a number") - expected).abs() < 4.0, "{diff:?}");
    assert_eq!(word.as_deref(), Some("worse"));
    // All of them are anna's, in the one class that is asked for.
    for part in ["refused{class=compute}", "refused{tenant=anna}"] {
        assert_eq!(effect("withdraw", "parts", part).0, diff, "{part}");
    }
    // Who is not told goes on using it.
    assert_eq!(effect("naive", "metrics", "refused").0, Some(0.0));
    assert_eq!(effect("naive", "metrics", "breaches").1.as_deref(), Some("worse"));
    // The kept scenario is one like any other, and says the same of its draws.
    let ended = sickbay(&folder, "run kept/scenario.toml --strategy withdraw --out ran -q")
        .assert()
        .code(0);
    drop(ended);
    let summary = fs::read_to_string(folder.path().join("ran/summary.json")).expect("a file");
    let summary: Value = serde_json::from_str(&summary).expect("JSON");
    assert_eq!(
        summary["strategies"]["withdraw"]["metrics"]["refused"]["mean"],
        told["strategies"]["withdraw"]["metrics"]["refused"]["with"]["mean"]
    );
    // The same bytes again, on one thread.
    let again = json(&folder, &format!("{take} --threads 1 --out again"));
    assert_eq!(again, told);
    let (kept, again) = (
        files_below(&folder.path().join("kept")),
        files_below(&folder.path().join("again")),
    );
    assert_eq!(kept, again);
    let text = stdout(&sickbay(&folder, &format!("whatif {take} -q")).assert().code(0));
    assert!(
        text.contains("Taking them out changes how many requests are refused under withdraw +7"),
        "{text}"
    );
    assert!(text.contains("Who, under withdraw: class compute +7"), "{text}");
}

#[test]
fn a_stated_rate_asks_as_the_tenants_of_the_data_did() {
    let folder = TempDir::new().expect("a folder");
    cloud(&folder);
    let shown = sickbay(
        &folder,
        "whatif cloud --take class=compute --at now --for 1h --per-day compute=5 --drain 2h --effective",
    )
    .assert()
    .code(0);
    let text = stdout(&shown);
    for said in [
        "per_day = 5.0",
        "{ name = \"t\", share = 6 }",
        "trace = \"running-1.csv\"",
        "running_hold = { quantiles = ",
        "drain = { deadline = \"2h\" }",
        "trace = \"taken.csv\"",
        "epoch = \"2026-11-27T06:00:00Z\"",
    ] {
        assert!(text.contains(said), "{said}:\n{text}");
    }
}

#[test]
fn wrong_questions_name_what_to_ask() {
    let folder = TempDir::new().expect("a folder");
    cloud(&folder);
    fs::write(
        folder.path().join("given.toml"),
        "[scenario]\nname = \"given\"\nhorizon = \"9d\"\n[[fleet.group]]\nclass = \"compute\"\nnodes = 3\n\
         [[workload]]\n[[workload.request]]\nat = \"1h\"\nclass = \"compute\"\nhold = \"1h\"\n",
    )
    .expect("written");
    let rest = "--at 22:00 --for 8h";
    for (arguments, says) in [
        (format!("nowhere --take rack=r1 {rest}"), "there is no such folder"),
        (
            format!("cloud --take rack=7 {rest}"),
            "--take rack=7: no node of the fleet at that instant has it; known are `r1`, `r2`",
        ),
        (format!("cloud --take shelf=7 {rest}"), "nodes are not taken by `shelf`"),
        (format!("cloud --take rack= {rest}"), "names nothing"),
        (
            "cloud --take rack=r1 --at tonight --for 8h".to_owned(),
            "--at tonight: give an hour of the day (22:00)",
        ),
        (
            "cloud --take rack=r1 --at 2026-11-01 --for 8h".to_owned(),
            "is before the instant whose state counts",
        ),
        ("cloud --take rack=r1 --at 22:00 --for 8".to_owned(), "8h"),
        (
            format!("cloud --take rack=r1 {rest} --until 21:00"),
            "the nodes are not taken by then",
        ),
        (
            format!("cloud --take rack=r1 {rest} --now 2025-01-01"),
            "the data reach from",
        ),
        (
            format!("cloud --take rack=r1 {rest} --per-day gpu=4"),
            "no node has the class `gpu`",
        ),
        (format!("cloud --take rack=r1 {rest} --per-day compute"), "give CLASS=N"),
        (
            format!("cloud --take rack=r1 {rest} --demand given.toml"),
            "is given and not drawn: it has no future",
        ),
        (
            format!("cloud --take rack=r1 {rest} --demand none.toml"),
            "there is no such file",
        ),
        (format!("cloud --take rack=r1 {rest} --replications 39"), "40"),
    ] {
        let told = refused(&folder, &arguments);
        assert!(told.contains(says), "{arguments}: {told}");
    }
    let wrong = format!("{HEADER}a,0,0,-5,t,compute,1,,,\n");
    fs::write(folder.path().join("cloud/requests.csv"), wrong).expect("written");
    let told = refused(&folder, &format!("cloud --take rack=r1 {rest}"));
    assert!(
        told.contains("cloud/requests.csv:2") && told.contains("`-5` is negative"),
        "{told}"
    );
}
