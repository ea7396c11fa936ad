//! Known answers through the command line: the built program runs a scenario file, and what `summary.json` and the
//! CSVs say is held against queueing theory, a small chain of our own, and sums by hand.

use std::fs;

use sickbay::stats::estimate::estimate;
use tempfile::TempDir;

use crate::cli::sickbay;
use crate::truths::erlang_b;

/// What the program wrote of a scenario with one strategy.
struct Answer {
    folder: TempDir,
    summary: serde_json::Value,
}

/// A scenario without maintenance, deploy times or a stale view; `rest` are further tables. The intervals are of
/// 99.9 %.
fn answer(horizon: &str, replications: u32, warm_up: &str, rest: &str) -> Answer {
    let folder = TempDir::new().expect("a temporary folder can be made");
    let head = format!(
        "# Is the known answer found?\n[scenario]\nname = \"known\"\nhorizon = \"{horizon}\"\nseed = 11\nreplications = {replications}\n\
         strategies = [\"naive\"]\n[report]\nwarm_up = \"{warm_up}\"\nconfidence = 0.999\nlog_requests = false\n\
         [ironic]\ndeploy = \"0s\"\ncleaning = \"0s\"\nclean_failure = 0\nbuild_failure = 0\n"
    );
    fs::write(folder.path().join("known.toml"), format!("{head}{rest}")).expect("the scenario can be written");
    let ended = sickbay(&folder, "run known.toml --out out --quiet").assert();
    let output = ended.get_output();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = fs::read_to_string(folder.path().join("out/summary.json")).expect("there is a summary");
    Answer {
        summary: serde_json::from_str(&text).expect("the summary is JSON"),
        folder,
    }
}

impl Answer {
    /// A metric's mean and interval, from `summary.json`.
    fn of(&self, metric: &str) -> [f64; 3] {
        let told = &self.summary["strategies"]["naive"]["metrics"][metric];
        ["mean", "lo", "hi"].map(|key| {
            told[key]
                .as_f64()
                .unwrap_or_else(|| panic!("{metric} has a {key}: {told}"))
        })
    }

    /// A metric in each replication, from `metrics.csv`: some are there alone.
    fn values(&self, metric: &str) -> Vec<f64> {
        let text = fs::read_to_string(self.folder.path().join("out/metrics.csv")).expect("there are metrics");
        let rows = text.lines().map(|line| line.split(',').collect::<Vec<&str>>());
        let rows = rows.filter(|fields| fields.get(2) == Some(&metric));
        rows.map(|fields| fields[3].parse().expect("a number")).collect()
    }

    /// The truth is in the metric's interval, which is narrow enough to say something.
    fn covers(&self, metric: &str, truth: f64) {
        let told = &self.summary["strategies"]["naive"]["metrics"][metric];
        let [mean, lo, hi] = if told.is_null() {
            let interval = estimate(&self.values(metric), 0.999).expect("replications");
            [interval.mean, interval.lo, interval.hi]
        } else {
            self.of(metric)
        };
        assert!(
            lo <= truth && truth <= hi,
            "{metric}: {truth} is not in [{lo}, {hi}], mean {mean}"
        );
        assert!(
            hi - lo < 0.3 * truth,
            "{metric}: [{lo}, {hi}] is too wide to say anything"
        );
    }

    /// The rows of replication 0's windows: when each opened and closed, in seconds.
    fn windows(&self) -> Vec<(String, f64, f64)> {
        let text = fs::read_to_string(self.folder.path().join("out/naive/windows.csv")).expect("there are windows");
        let mut lines = text.lines().filter(|line| !line.starts_with('#'));
        let head: Vec<&str> = lines.next().unwrap_or_default().split(',').collect();
        let place = |name: &str| {
            head.iter()
                .position(|column| *column == name)
                .unwrap_or_else(|| panic!("{name} is among {head:?}"))
        };
        let (node, opened, closed) = (place("node"), place("opened_s"), place("closed_s"));
        let read = |line: &str| {
            let fields: Vec<&str> = line.split(',').collect();
            let time = |at: usize| fields[at].parse().unwrap_or(f64::INFINITY);
            (fields[node].to_owned(), time(opened), time(closed))
        };
        lines.map(read).collect()
    }
}

const INSTANT: &str = "[control_plane]\nloop = \"instant\"\ncap = \"none\"\npick = \"least-recent\"\n";

fn nodes(count: u32) -> String {
    format!("{INSTANT}[[fleet.group]]\nclass = \"metal\"\nnodes = {count}\n")
}

/// A Poisson workload of one tenant: so many requests a day of this size, ten hours each on average.
fn drawn(name: &str, per_day: f64, size: u32, refused: &str) -> String {
    format!(
        "[[workload]]\nname = \"{name}\"\ntenants = [\"{name}\"]\non_refusal = {refused}\n[[workload.flavor]]\nclass = \"metal\"\n\
         per_day = {per_day}\nsizes = {size}\nhold = {{ exponential = \"10h\" }}\n"
    )
}

#[test]
fn losses_are_erlangs() {
    let (servers, load) = (5, 4.0);
    let answer = answer(
        "400d",
        8,
        "5d",
        &(nodes(servers) + &drawn("all", load * 2.4, 1, "\"give-up\"")),
    );
    answer.covers("acceptance", 1.0 - erlang_b(servers, load));
}

/// M/M/c with a line that nobody leaves: of those who come, Erlang's C wait, and their waits are exponential with
/// rate c mu - lambda (Kleinrock 1975, section 3.4), so that the 95 % quantile is ln(C / 0.05) / (c mu - lambda).
#[test]
fn waits_are_erlangs() {
    let (servers, load) = (4, 2.4);
    let blocked = erlang_b(servers, load);
    let busy = load / f64::from(servers);
    let waits = blocked / (1.0 - busy * (1.0 - blocked));
    let rate = (f64::from(servers) - load) / 36_000.0;
    let answer = answer(
        "2000d",
        20,
        "20d",
        &(nodes(servers) + &drawn("all", load * 2.4, 1, "{ wait = \"9000d\" }")),
    );
    answer.covers("wait_p95", libm::log(waits / 0.05) / rate);
}

/// Batches that hold all their machines or none, and leave at once: the occupancy's law by Kaufman's and Roberts'
/// recursion (1981): n q(n) = sum over kinds of a b q(n - b).
#[test]
fn batches_are_lost_as_kaufman_and_roberts_say() {
    let (servers, kinds) = (8_usize, [(2.5, 1_usize), (0.8, 3)]);
    let mut weights = vec![1.0];
    for n in 1..=servers {
        let of = |&(load, size): &(f64, usize)| {
            if n >= size {
                load * size as f64 * weights[n - size]
            } else {
                0.0
            }
        };
        let sum: f64 = kinds.iter().map(of).sum();
        weights.push(sum / n as f64);
    }
    let whole: f64 = weights.iter().sum();
    let rest = nodes(servers as u32)
        + &drawn("small", 2.5 * 2.4, 1, "\"give-up\"")
        + &drawn("large", 0.8 * 2.4, 3, "\"give-up\"");
    let answer = answer("600d", 8, "5d", &rest);
    for ((_, size), tenant) in kinds.into_iter().zip(["small", "large"]) {
        let lost = weights[servers + 1 - size..].iter().sum::<f64>() / whole;
        answer.covers(&format!("acceptance{{tenant={tenant}}}"), 1.0 - lost);
    }
}

/// M/M/c whose customers leave after a fixed wait (Barrer 1957; Baccelli and Hebuterne 1981): with p(j) the
/// probability of j < c busy servers, p(j) = p(0) a^j / j!, the virtual wait has the density
/// lambda p(c-1) exp(lambda min(v, patience) - c mu v), and who finds more than the patience is lost.
#[test]
fn the_impatient_are_lost_as_barrer_says() {
    let (servers, load, patience_h) = (3_i32, 3.2, 4.0);
    let (lambda, mu) = (load / 10.0, 0.1);
    let mut weights = vec![1.0];
    for j in 1..servers {
        weights.push(weights[j as usize - 1] * load / f64::from(j));
    }
    let last = lambda * weights[servers as usize - 1];
    let full = f64::from(servers) * mu;
    let slope = full - lambda;
    let early = last * (1.0 - libm::exp(-slope * patience_h)) / slope;
    let late = last * libm::exp((lambda - full) * patience_h) / full;
    let lost = late / (weights.iter().sum::<f64>() + early + late);
    let rest = nodes(servers as u32) + &drawn("all", load * 2.4, 1, "{ wait = \"4h\" }");
    answer("800d", 8, "10d", &rest).covers("acceptance", 1.0 - lost);
}

fn breaking(between: &str, work: &str, technicians: u32) -> String {
    format!(
        "[operators]\ntechnicians = {technicians}\naction = \"0s\"\nslip = 0\n[[maintenance.faults]]\nbetween = {between}\n\
         [[maintenance.faults.kind]]\nwork = {work}\n"
    )
}

/// The finite-source queue M/M/c//N by its balance equations (Kleinrock 1975, section 3.8).
#[test]
fn machines_that_break_queue_for_the_repairmen() {
    let (machines, repairmen, ratio) = (8_u32, 1_u32, 0.15);
    let mut weights = vec![1.0];
    for n in 0..machines {
        let up = f64::from(machines - n) * ratio;
        weights.push(weights[n as usize] * up / f64::from((n + 1).min(repairmen)));
    }
    let failed = weights.iter().enumerate().map(|(n, w)| n as f64 * w).sum::<f64>() / weights.iter().sum::<f64>();
    let rest = nodes(machines) + &breaking("{ exponential = \"100h\" }", "{ exponential = \"15h\" }", repairmen);
    answer("1000d", 8, "20d", &rest).covers("in_maintenance", failed);
}

#[test]
fn faults_and_rounds_renew_as_often_as_their_times_say() {
    let rest = nodes(10) + &breaking("{ exponential = \"50h\" }", "\"0s\"", 9);
    answer("500d", 8, "0s", &rest).covers("windows", 10.0 * 500.0 * 24.0 / 50.0);
    // Rounds on days 1, 3, …, 29 of 30: fifteen windows for each node.
    let rounds = "[operators]\naction = \"0s\"\n[[maintenance.campaign]]\nstart = \"1d\"\nevery = \"2d\"\n\
                  work = \"1h\"\nbudget = { scope = \"fleet\", nodes = 2 }\n";
    let [mean, lo, hi] = answer("30d", 2, "0s", &(nodes(4) + rounds)).of("windows");
    assert_eq!([mean, lo, hi], [60.0; 3]);
}

/// Twelve nodes, three at a time, two hours each: four batches one after the other.
#[test]
fn a_budget_by_hand() {
    let campaign = "[operators]\naction = \"0s\"\n[[maintenance.campaign]]\nstart = \"1d\"\nwork = \"2h\"\nbudget = { scope = \"fleet\", nodes = 3 }\n";
    let answer = answer("5d", 1, "0s", &(nodes(12) + campaign));
    let mut opened: Vec<f64> = answer.windows().iter().map(|window| window.1).collect();
    opened.sort_by(f64::total_cmp);
    let due: Vec<f64> = (0..12).map(|n| f64::from(86_400 + n / 3 * 7200)).collect();
    assert_eq!(opened, due);
}

/// A share of 0.29 of a hundred nodes is 29 of them, not 28.
#[test]
fn a_budget_share_by_hand() {
    let campaign = "[operators]\naction = \"0s\"\n[[maintenance.campaign]]\nstart = \"1d\"\nwork = \"2h\"\nbudget = { scope = \"fleet\", share = 0.29 }\n";
    let answer = answer("5d", 1, "0s", &(nodes(100) + campaign));
    let first = answer.windows().iter().filter(|window| window.1 == 86_400.0).count();
    assert_eq!(first, 29);
}

/// Fifty minutes a node, one at a time, from 02:00 to 04:00: three nodes begin a night.
#[test]
fn a_window_by_hand() {
    let campaign = "[operators]\naction = \"0s\"\n[[maintenance.campaign]]\nstart = \"1d\"\nwork = \"50m\"\nwindow = [\"02:00\", \"04:00\"]\n\
                    budget = { scope = \"fleet\", nodes = 1 }\n";
    let answer = answer("12d", 1, "0s", &(nodes(40) + campaign));
    let mut opened: Vec<f64> = answer.windows().iter().map(|window| window.1).collect();
    opened.sort_by(f64::total_cmp);
    let night = |day: u32| [7200.0, 10_200.0, 13_200.0].map(|second| f64::from(day) * 86_400.0 + second);
    let due: Vec<f64> = (1..12).flat_map(night).collect();
    assert_eq!(opened, due);
}

/// Two nodes of a class, of which one is broken and nobody notices; each build on the other fails with probability
/// `odds`. Requests come one at a time and are tried once. The weigher sends each to the node with fewer failed builds
/// since its last success, a coin where they are equal. Of `requests`, the expected share that is served: by the chain
/// of (failures of the broken node, failures of the other).
fn served(requests: usize, odds: f64) -> f64 {
    let mut chain = vec![vec![0.0; requests + 2]; requests + 2];
    chain[0][0] = 1.0;
    let mut served = 0.0;
    for _ in 0..requests {
        let mut next = vec![vec![0.0; requests + 2]; requests + 2];
        for broken in 0..=requests {
            for well in 0..=requests {
                let here = chain[broken][well];
                let to_broken = match broken.cmp(&well) {
                    std::cmp::Ordering::Less => 1.0,
                    std::cmp::Ordering::Equal => 0.5,
                    std::cmp::Ordering::Greater => 0.0,
                };
                next[broken + 1][well] += here * to_broken;
                next[broken][well + 1] += here * (1.0 - to_broken) * odds;
                next[broken][0] += here * (1.0 - to_broken) * (1.0 - odds);
                served += here * (1.0 - to_broken) * (1.0 - odds);
            }
        }
        chain = next;
    }
    served / requests as f64
}

#[test]
fn the_weigher_of_failed_builds_walks_its_chain() {
    // The node that breaks is of a class of its own until it has broken.
    let nodes = "node_id,resource_class,class_changes\nbroken,early,7200:metal\nwell,metal,\n";
    for (plane, age) in [("\"instant\"", ""), ("{ period = \"60s\", per_node = \"2s\" }", "")] {
        let folder = TempDir::new().expect("a temporary folder can be made");
        fs::write(folder.path().join("nodes.csv"), nodes).expect("a file can be written");
        let (requests, odds) = (8, 0.5);
        let mut text = format!(
            "# Is the known answer found?\n[scenario]\nname = \"known\"\nhorizon = \"2d\"\nreplications = 800\nstrategies = [\"naive\"]\n\
             [report]\nwarm_up = \"none\"\nconfidence = 0.999\n[fleet]\nsource = \"nodes.csv\"\n\
             [control_plane]\nloop = {plane}\nattempts = 1\n[ironic]\ndeploy = \"0s\"\ncleaning = \"0s\"\nclean_failure = 0\n\
             build_failure = {odds}\nbuild_failure_time = \"0s\"\n[[maintenance.faults]]\nclasses = [\"early\"]\nbetween = \"1h\"\n{age}\
             [[maintenance.faults.kind]]\ndetection = \"1000d\"\nwork = \"1h\"\n[[workload]]\n"
        );
        for n in 0..requests {
            text += &format!(
                "[[workload.request]]\nclass = \"metal\"\nat = \"{}h\"\nhold = \"1m\"\n",
                4 + n
            );
        }
        fs::write(folder.path().join("known.toml"), text).expect("the scenario can be written");
        sickbay(&folder, "run known.toml --out out --quiet").assert().success();
        let text = fs::read_to_string(folder.path().join("out/summary.json")).expect("there is a summary");
        let answer = Answer {
            summary: serde_json::from_str(&text).expect("the summary is JSON"),
            folder,
        };
        answer.covers("acceptance", served(requests, odds));
    }
}
