//! Prices, as a user types them and reads what they come to.

use std::fs;

use super::{files_below, sickbay, stderr, stdout, tiny};

/// Prices of what happens in two days on four nodes.
const PRICES: &str =
    "{ unit = \"EUR\", refused_request = 50, operator_action = 20, errand_wait_hour = 3.5, node_month = 400 }";

const RUN: &str = "run tiny.toml --replications 12 --quiet --set report.warm_up=none";

/// The lines of a CSV without its heading, each with its cells.
fn rows(bytes: &[u8]) -> Vec<Vec<String>> {
    let text = String::from_utf8(bytes.to_vec()).expect("UTF-8");
    let lines = text.lines().filter(|line| !line.starts_with('#')).skip(1);
    lines.map(|line| line.split(',').map(str::to_owned).collect()).collect()
}

#[test]
fn a_run_says_what_it_costs_and_the_sum_is_that_of_its_counts() {
    let folder = tiny();
    let run = |more: &str| {
        let ended = sickbay(&folder, &format!("{RUN} {more}"))
            .args(["--set", &format!("costs={PRICES}")])
            .assert()
            .code(0);
        stdout(&ended)
    };
    let said = run("--out a");
    assert!(said.contains("Cheapest"), "{said}");
    let details = run("--details --out b");
    for told in ["Costs:", "cost{part=operator_action}", "Break-even prices", " EUR "] {
        assert!(details.contains(told), "{told}: {details}");
    }
    let files = files_below(&folder.path().join("a"));
    let json: serde_json::Value = serde_json::from_slice(&files["summary.json"]).expect("JSON");
    assert_eq!(json["costs"]["unit"], "EUR");
    assert_eq!(json["costs"]["prices"]["operator_action"], 20);
    assert_eq!(json["strategies"]["naive"]["metrics"]["cost"]["unit"], "EUR");
    let turns = json["costs"]["break_even"].as_array().expect("a list");
    assert!(turns.iter().any(|turn| turn["price"] == "operator_action"), "{json}");
    let page = String::from_utf8(files["report.html"].clone()).expect("UTF-8");
    assert!(page.contains("Costs of a replication, in EUR"));
    // Each replication's sum, from the counts beside it.
    let metrics = rows(&files["metrics.csv"]);
    let value = |strategy: &str, replication: u32, metric: &str| -> f64 {
        let found = metrics
            .iter()
            .find(|row| row[0] == strategy && row[1] == replication.to_string() && row[2] == metric);
        found.unwrap_or_else(|| panic!("{metric}"))[3]
            .parse()
            .expect("a number")
    };
    for strategy in ["naive", "withdraw"] {
        for replication in 0..12 {
            let of = |metric: &str| value(strategy, replication, metric);
            let due = 50.0 * of("refused")
                + 20.0 * of("actions")
                + 3.5 * of("errand_wait_hours")
                + 400.0 * of("installed_node_hours") / 730.5;
            assert!(
                (of("cost") - due).abs() < 1e-3,
                "{strategy} {replication}: {} {due}",
                of("cost")
            );
            assert!((of("cost{part=refused_request}") - 50.0 * of("refused")).abs() < 1e-9);
        }
    }
    // What was stored is drawn again to the byte.
    fs::remove_file(folder.path().join("a/report.html")).expect("removed");
    sickbay(&folder, "report a").assert().code(0);
    assert_eq!(
        fs::read(folder.path().join("a/report.html")).expect("read"),
        files["report.html"]
    );
}

#[test]
fn prices_change_no_trajectory_and_without_them_nothing_is_priced() {
    let folder = tiny();
    let json = |out: &str| -> serde_json::Value {
        let bytes = fs::read(folder.path().join(out).join("summary.json")).expect("read");
        serde_json::from_slice(&bytes).expect("JSON")
    };
    sickbay(&folder, &format!("{RUN} --out plain")).assert().code(0);
    sickbay(&folder, &format!("{RUN} --out priced"))
        .args(["--set", &format!("costs={PRICES}")])
        .assert()
        .code(0);
    let (plain, priced) = (json("plain"), json("priced"));
    assert!(plain.get("costs").is_none() && plain["strategies"]["naive"]["metrics"].get("cost").is_none());
    for strategy in ["naive", "withdraw"] {
        assert_eq!(
            plain["strategies"][strategy]["digest"],
            priced["strategies"][strategy]["digest"]
        );
    }
}

#[test]
fn what_is_paid_for_twice_is_warned_about_once() {
    let folder = tiny();
    let prices = "{ unit = \"EUR\", refused_request = 50, refused_node_hour = 2 }";
    let ended = sickbay(&folder, "validate tiny.toml")
        .args(["--set", &format!("costs={prices}")])
        .assert()
        .code(0);
    let said = stderr(&ended);
    assert_eq!(said.matches("may pay for one thing twice").count(), 1, "{said}");
    assert!(
        said.contains("`costs.refused_request` and `costs.refused_node_hour`"),
        "{said}"
    );
    let ended = sickbay(&folder, &format!("{RUN} --details --out twice"))
        .args(["--set", &format!("costs={prices}")])
        .assert()
        .code(0);
    let answer = stdout(&ended).replace('\n', " ");
    assert_eq!(answer.matches("Counted twice:").count(), 1, "{answer}");
    // Who asks for quiet reads the answer alone, whose first screen has no room for it.
    assert_eq!(stderr(&ended).matches("may pay for one thing twice").count(), 1);
}

/// The cheapest number of nodes, against every number in every replication.
#[test]
fn the_cheapest_value_is_among_those_that_brute_force_cannot_tell_apart() {
    let folder = tiny();
    let prices = "costs={ unit = \"EUR\", matters = \"0.1%\", refused_request = 30, node_month = 400 }";
    let common = ["--set", prices, "--set", "report.warm_up=none"];
    let range = "fleet.group.0.nodes";
    let plan = |out: &str, threads: u32| {
        let line = format!(
            "plan tiny.toml --find {range} --range 3..10 --minimise cost --max-replications 160 --quiet --threads {threads} --out {out}"
        );
        stdout(&sickbay(&folder, &line).args(common).assert().code(0))
    };
    let said = plan("plan", 1);
    assert!(
        said.contains("naive: cost is smallest with fleet.group.0.nodes = "),
        "{said}"
    );
    assert_eq!(plan("again", 3), said);
    let files = files_below(&folder.path().join("plan"));
    assert!(
        files == files_below(&folder.path().join("again")),
        "other bytes on other threads"
    );
    let line = format!("sweep tiny.toml --vary {range}=3..10 --metric cost --replications 160 --quiet --out sweep");
    sickbay(&folder, &line).args(common).assert().code(0);
    let all = rows(&fs::read(folder.path().join("sweep/sweep.csv")).expect("read"));
    let json: serde_json::Value = serde_json::from_slice(&files["plan.json"]).expect("JSON");
    for strategy in ["naive", "withdraw"] {
        let mean = |nodes: u32| {
            let own = all
                .iter()
                .filter(|row| row[1] == nodes.to_string() && row[2] == strategy && row[4] == "cost");
            let values: Vec<f64> = own.map(|row| row[5].parse().expect("a number")).collect();
            assert_eq!(values.len(), 160);
            values.iter().sum::<f64>() / 160.0
        };
        let best = (3..=10).reduce(|best, nodes| if mean(nodes) < mean(best) { nodes } else { best });
        let best = best.expect("a value").to_string();
        let answer = &json["answers"][strategy];
        let left = answer["left"].as_array().expect("a list");
        assert!(left.iter().any(|value| *value == best), "{best} is not among {answer}");
        assert!(left.len() < 5, "{answer}");
        // Neither end is the cheapest: nodes cost and so do refusals.
        assert!(best != "3" && best != "10", "{best}");
    }
}

#[test]
fn what_cannot_be_the_cheapest_is_refused_before_anything_runs() {
    let folder = tiny();
    let plan = "plan tiny.toml --find fleet.group.0.nodes --range 3..10 --quiet";
    for (rest, told) in [
        ("--minimise cost", "nothing has a price"),
        ("--minimise acceptance", "less of it is not better"),
        ("--minimise cots", "`cost`"),
        ("--minimise cost --seeds", "cannot be used with"),
        ("", "--slo"),
    ] {
        let ended = sickbay(&folder, &format!("{plan} {rest}")).assert().code(2);
        assert!(stderr(&ended).contains(told), "{rest}: {}", stderr(&ended));
    }
    // Of a price the least is always the cheapest. What each costs at it can be looked at.
    let price = "costs.refused_request";
    for goal in ["--minimise cost", "--slo refused<=3"] {
        let line = format!("plan tiny.toml --find {price} --range 1..3 {goal} --quiet");
        let costs = ["--set", "costs={ unit = \"EUR\", refused_request = 30 }"];
        let ended = sickbay(&folder, &line).args(costs).assert().code(2);
        let said = stderr(&ended);
        assert!(
            said.contains("a price is not a thing to choose") && said.contains(&format!("sweep --vary {price}=1..3")),
            "{said}"
        );
        let sweep = format!("sweep tiny.toml --vary {price}=1..3 --metric cost --replications 2 --quiet --replace");
        sickbay(&folder, &sweep).args(costs).assert().code(0);
    }
    let many = "plan tiny.toml --find fleet.scale --range 0.5..1:0.001 --minimise refused --quiet";
    let ended = sickbay(&folder, many).assert().code(2);
    assert!(stderr(&ended).contains("give a larger step"), "{}", stderr(&ended));
}

/// What the logs say, computed by a script that shares no code with the program; and the script sees what is false.
#[test]
fn a_script_of_its_own_computes_the_same_from_the_logs() {
    if std::process::Command::new("python3").arg("--version").output().is_err() {
        println!("skipped: there is no python3");
        return;
    }
    let folder = tiny();
    let prices = "costs={ unit = \"EUR\", refused_request = 50, stranded_node_hour = 2, errand_wait_hour = 3.5, node_month = 400 }";
    let campaign = "maintenance.campaign=[{ name = \"fw\", start = \"12h\", work = \"1h\", budget = { nodes = 1 } }]";
    sickbay(&folder, &format!("{RUN} --out a"))
        .args(["--set", prices, "--set", campaign, "--set", "operators.slip=0.3"])
        .assert()
        .code(0);
    let check = |amount: &str| {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/validation/answers/check.py");
        let output = std::process::Command::new("python3")
            .args([
                script,
                "a",
                "refused_request=50",
                "stranded_node_hour=2",
                "errand_wait_hour=3.5",
                amount,
            ])
            .current_dir(folder.path())
            .output()
            .expect("it runs");
        (
            output.status.code(),
            String::from_utf8_lossy(&output.stdout).into_owned(),
        )
    };
    let (code, said) = check("node_month=400");
    assert_eq!(code, Some(0), "{said}");
    for figure in [
        "acceptance{class=compute}",
        "campaign_end{campaign=fw}",
        "cost{part=stranded_node_hour}",
        "mean cost",
    ] {
        assert!(said.contains(&format!("withdraw: {figure}")), "{figure}: {said}");
    }
    assert_eq!(check("node_month=401").0, Some(1));
}
