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
        text.contains("What changes: breaches under naive ") && text.contains("; refusals under withdraw +7"),
        "{text}"
    );
    assert!(
        text.contains("Who is refused, under withdraw: class compute +7"),
        "{text}"
    );
    // Under naive all of them are breaches, and those are about as many: the more are named first.
    assert!(text.contains("Worst, when they are taken out: +7"), "{text}");
}

/// The cloud of the test above with a class that waits: nobody is refused, and whoever asks while the node is out waits until it
/// is back, 4 h on average.
#[test]
fn where_requests_wait_who_waits_is_told() {
    let folder = TempDir::new().expect("a folder");
    cloud(&folder);
    let put = |name: &str, text: &str| fs::write(folder.path().join(name), text).expect("written");
    put(
        "cloud/nodes.csv",
        "node_id,resource_class,rack\nn1,compute,r1\nn2,other,r2\nn3,compute,r3\n",
    );
    put(
        "cloud/requests.csv",
        "request_id,arrival_s,start_s,hold_s,tenant,resource_class,count\ne,0,0,60,t,other,1\n",
    );
    put("cloud/maintenance.csv", "node_id,start_s,end_s,kind\nn3,80000,,fault\n");
    put(
        "profile.toml",
        "[scenario]\nname = \"profile\"\nhorizon = \"9d\"\n[[fleet.group]]\nclass = \"compute\"\nnodes = 3\n\
         [[workload]]\nname = \"asked\"\ntenants = [\"anna\"]\non_refusal = { wait = \"7d\" }\n[[workload.flavor]]\n\
         class = \"compute\"\nper_day = 240\nhold = \"36s\"\n",
    );
    let take = "cloud --take class=compute --at 10:00 --for 8h --until 20:00 --demand profile.toml --strategy withdraw";
    let told = json(&folder, take);
    let arm = &told["strategies"]["withdraw"];
    let effect = |kind: &str, metric: &str| arm[kind][metric]["effect"]["diff"].as_f64().expect(metric);
    assert_eq!(effect("metrics", "refused"), 0.0);
    assert_eq!(told["long_wait_s"].as_f64(), Some(1800.0));
    // 10 an hour for 8 h, each behind 80 that take 48 minutes, and those of the first 20 minutes after them.
    let long = effect("metrics", "waited_long");
    assert!((long - 83.3).abs() < 4.0, "{long}");
    assert_eq!(effect("parts", "waited_long{tenant=anna}"), long);
    // 80 of 140 requests wait 4 h, and the queue of 80 is served in 48 minutes.
    let mean = effect("metrics", "waited_mean");
    assert!((2.2..2.7).contains(&mean), "{mean}");
    let text = stdout(&sickbay(&folder, &format!("whatif {take} -q")).assert().code(0));
    for said in [
        "Worst, when they are taken out: +8",
        "requests that wait longer than 30m under withdraw",
        "Who waits longer, under withdraw: class compute +8",
        "A difference of less than one: evictions; refusals",
        "and until Fri 2026-11-27 18:00 +00:00 or longer: 1 of the taken nodes (n3). Taking those out changes nothing.",
    ] {
        assert!(text.replace('\n', " ").contains(said), "{said}\n{text}");
    }
}

/// A profile with a trend goes on where the state's instant lies on its axis: its rates there, and not those of its first days.
#[test]
fn demand_goes_on_where_the_instant_lies_on_the_profiles_axis() {
    let folder = TempDir::new().expect("a folder");
    cloud(&folder);
    let profile = |head: &str, keys: &str| {
        let text = format!(
            "[scenario]\nname = \"profile\"\n{head}\n[[fleet.group]]\nclass = \"compute\"\nnodes = 3\n[[workload]]\nscale = 2.0\n\
             {keys}\n[[workload.flavor]]\nclass = \"compute\"\nper_day = 10\nhold = \"1h\"\n"
        );
        fs::write(folder.path().join("profile.toml"), text).expect("written");
        let ended = sickbay(
            &folder,
            "whatif cloud --take rack=r1 --at now --for 1h --until 24h --demand profile.toml --effective -q",
        );
        stdout(&ended.assert().code(0))
    };
    let trend = "trend = { every = \"12h\", rates = [0.25, 1.75] }";
    // The data end 1 d after their begin, and with them the profile's: its last stretch goes on.
    let ended = profile("horizon = \"1d\"", trend);
    assert!(ended.contains("scale = 3.5") && !ended.contains("trend = "), "{ended}");
    // One that comes again within its own scenario begins anew; an epoch says where the instant lies.
    let again = profile("horizon = \"9d\"", trend);
    assert!(
        again.contains("rates = [0.25, 1.75]") && again.contains("scale = 2.0"),
        "{again}"
    );
    let moved = profile("horizon = \"9d\"\nepoch = \"2026-11-25T12:00:00Z\"", trend);
    assert!(moved.contains("every = \"6h\""), "{moved}");
    assert!(moved.contains("rates = [1.75, 0.25, 0.25, 1.75]"), "{moved}");
    // Growth goes on from where it has come to: fourfold in a year.
    let grown = profile(
        "horizon = \"2d\"\nepoch = \"2025-11-27T06:00:00Z\"",
        "growth_a_year = 3.0",
    );
    assert!(
        grown.contains("scale = 8.0") && grown.contains("growth_a_year = 3.0"),
        "{grown}"
    );
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
    fs::create_dir(folder.path().join("bare")).expect("a folder");
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
            format!("cloud --take rack=r1 {rest} --per-day compute=4 --per-day compute=5"),
            "--per-day compute=4 and --per-day compute=5: two rates for one class; give one of them",
        ),
        (
            format!("bare --take rack=r1 {rest}"),
            "bare: there is no scenario.toml in it; give a folder that `sickbay import",
        ),
        (
            format!("cloud/nodes.csv --take rack=r1 {rest}"),
            "cloud/nodes.csv: this is a file and no folder; give a folder",
        ),
        (
            format!("cloud --take node=n9 {rest}"),
            "--take node=n9: no node of the fleet",
        ),
        (
            "cloud --take rack=r1 --at now --for -2h".to_owned(),
            "'--for <TIME>': `-2h`",
        ),
        (
            "cloud --take rack=r1 --at -2h --for 2h".to_owned(),
            "--at -2h: give an hour of the day",
        ),
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
