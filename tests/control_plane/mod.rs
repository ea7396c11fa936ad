//! What a scenario says of flavors, aggregates, zones, hints and filters reaches the decisions.

mod odd;

use std::path::Path;

use sickbay::cells::cell::run_cell;
use sickbay::cells::columns::Metric;
use sickbay::cells::explain::explain;
use sickbay::scenario::{Scenario, load};

const HEAD: &str = "# Who lands where?\n[scenario]\nname = \"plane\"\nhorizon = \"10d\"\nstrategies = [\"withdraw\"]\n";

const FLEET: &str = r#"
[[fleet.aggregate]]
name = "zone-a"
metadata = { availability_zone = "a" }

[[fleet.aggregate]]
name = "gpus"
metadata = { "trait:CUSTOM_GPU" = "required", rack = "7" }
conductor_groups = ["g2"]

[[fleet.group]]
class = "metal"
name = "plain"
nodes = 2
conductor_group = "g1"
capabilities = { boot_mode = "uefi" }
aggregates = ["zone-a"]

[[fleet.group]]
class = "metal"
name = "gpu"
nodes = 2
conductor_group = "g2"
traits = ["gpu"]
capabilities = { boot_mode = "bios" }
aggregates = ["gpus"]

[control_plane]
loop = "instant"
pick = "lowest"

[ironic]
deploy = "1m"
cleaning = "1m"
build_failure = 0
clean_failure = 0
"#;

fn scenario(rest: &str, settings: &[(&str, &str)]) -> Scenario {
    let text = format!("{HEAD}{FLEET}{rest}");
    let settings: Vec<(String, String)> = settings.iter().map(|&(k, v)| (k.to_owned(), v.to_owned())).collect();
    load(&text, "plane.toml", Path::new("."), &settings).unwrap_or_else(|problems| panic!("{}", problems[0]))
}

fn request(what: &str) -> String {
    format!(
        "[[workload]]\n[[workload.request]]\nat = \"2h\"\nclass = \"metal\"\nhold = \"4h\"\nname = \"it\"\n{what}\n"
    )
}

/// The outcome, cause and nodes of the one request.
fn lands(what: &str, settings: &[(&str, &str)]) -> (String, Vec<String>) {
    let told = explain(&scenario(&request(what), settings), 0, 0, "it").unwrap_or_else(|error| panic!("{error}"));
    let word = told.cause.unwrap_or(told.outcome).to_owned();
    (
        word,
        told.decisions
            .last()
            .map_or_else(Vec::new, |decision| decision.picks.clone()),
    )
}

fn on(node: &str) -> (String, Vec<String>) {
    ("accepted".to_owned(), vec![node.to_owned()])
}

fn refused(cause: &str) -> (String, Vec<String>) {
    (cause.to_owned(), Vec::new())
}

#[test]
fn extra_specs_zones_and_isolated_aggregates_steer_requests() {
    let bios = r#"extra_specs = { "capabilities:boot_mode" = "s== bios" }"#;
    assert_eq!(lands("", &[]), on("plain-1"));
    assert_eq!(lands(bios, &[]), on("gpu-1"));
    assert_eq!(
        lands(r#"extra_specs = { "capabilities:boot_mode" = "s== coreboot" }"#, &[]),
        refused("never-fits")
    );
    assert_eq!(
        lands(r#"extra_specs = { "capabilities:boot_mode" = "== uefi" }"#, &[]),
        refused("never-fits"),
        "it raises"
    );
    assert_eq!(
        lands(r#"extra_specs = { "capabilities:nodename" = "gpu-2" }"#, &[]),
        on("gpu-2"),
        "it names a machine"
    );
    assert_eq!(
        lands("availability_zone = \"a\"\ncount = 2", &[]).1,
        ["plain-1", "plain-2"]
    );
    assert_eq!(
        lands("availability_zone = \"a\"\ncount = 3", &[]),
        refused("never-fits")
    );
    // The isolated aggregate keeps off who does not ask for its trait, and lets in who does.
    let isolated = [("control_plane.isolated_aggregates", "true")];
    assert_eq!(lands(bios, &isolated), refused("never-fits"));
    assert_eq!(lands("traits = [\"gpu\"]", &isolated), on("gpu-1"));
    // Aggregates hold services to the filters, and a filter acts only where it is enabled.
    let rack = r#"extra_specs = { "aggregate_instance_extra_specs:rack" = "7" }"#;
    assert_eq!(lands(rack, &[]), on("plain-1"));
    let enabled = [("control_plane.filters", "[\"AggregateInstanceExtraSpecsFilter\"]")];
    assert_eq!(lands(rack, &enabled), on("gpu-1"));
}

#[test]
fn a_hint_is_ignored_without_its_filter_and_narrows_with_it() {
    let query = r#"query = '["=", "$hypervisor_hostname", "gpu-2"]'"#;
    assert_eq!(lands(query, &[]), on("plain-1"));
    let enabled = [("control_plane.filters", "[\"JsonFilter\"]")];
    assert_eq!(lands(query, &enabled), on("gpu-2"));
    // It comes after the candidate cap: of four nodes only the first two can be named.
    let capped = [
        enabled[0],
        ("control_plane.cap", "2"),
        ("control_plane.cap_order", "lowest"),
    ];
    assert_eq!(lands(query, &capped).1, Vec::<String>::new());
    assert_eq!(
        lands(r#"query = '["=", "$hypervisor_hostname", "plain-2"]'"#, &capped),
        on("plain-2")
    );
}

/// The operators' boots by each way of naming a machine, on the second of four like nodes.
#[test]
fn an_errands_hint_without_jsonfilter_boots_the_wrong_machine() {
    let spell = "[[maintenance.spell]]\nnode = \"plain-2\"\nstart = \"1d\"\nend = \"5d\"\n\
                 [maintenance.errands]\ncounts = 1\nduration = \"1h\"\n[operators]\naction = \"0s\"\nslip = 0\n";
    let mistargeted = |naming: &str, filters: &str| {
        let strategies =
            format!("[{{ name = \"hidden-via-extra-spec\", mechanism = \"spec-only\", naming = \"{naming}\" }}]");
        let settings = [
            ("scenario.strategies", strategies.as_str()),
            ("control_plane.filters", filters),
        ];
        let outcome = run_cell(&scenario(spell, &settings), 0, 0, &|| false);
        let value = |metric: Metric| outcome.values[metric.at()].unwrap_or(-1.0);
        (value(Metric::Mistargeted) > 0.0, value(Metric::ErrandsDone))
    };
    assert_eq!(mistargeted("destination", "[]"), (false, 1.0));
    assert_eq!(mistargeted("forced", "[]"), (false, 1.0));
    assert_eq!(mistargeted("hint", "[\"JsonFilter\"]"), (false, 1.0));
    assert!(
        mistargeted("hint", "[]").0,
        "Nova's default: the boot lands on the lowest node"
    );
}

/// Hints count instances by compute service: same_host means any node of the service.
#[test]
fn same_host_and_different_host_go_by_the_compute_service() {
    let filters = [("control_plane.filters", "[\"SameHostFilter\", \"DifferentHostFilter\"]")];
    let first = "[[workload.request]]\nat = \"1h\"\nclass = \"metal\"\nhold = \"9h\"\nname = \"first\"\n";
    let after = |hint: &str, settings: &[(&str, &str)]| lands(&format!("{hint}\n{first}"), settings);
    assert_eq!(after("same_host = [\"first\"]", &filters), on("plain-2"));
    assert_eq!(after("different_host = [\"first\"]", &filters), on("gpu-1"));
    assert_eq!(
        after("different_host = [\"first\"]", &[]),
        on("plain-2"),
        "the filter is not enabled"
    );
    assert_eq!(after("same_host = [\"nobody\"]", &filters), refused("no-match"));
}

/// Behind the loop a flagged node is still listed, and where its driver refuses in no time, whoever waits is sent there
/// again and again: ever more seldom, for all who wait at once, and not twice as often each time.
#[test]
fn who_waits_beside_a_node_that_refuses_in_no_time_is_asked_ever_more_seldom() {
    let text = "# Who waits?\n[scenario]\nname = \"breath\"\nhorizon = \"13h\"\nstrategies = [\"withdraw\"]\n\
        [operators]\naction = \"0s\"\n[control_plane]\ndriver_refusal = \"0s\"\n\
        [[fleet.group]]\nclass = \"b\"\nnodes = 1\n\
        [[maintenance.campaign]]\nstart = \"12h\"\nwork = \"30m\"\n";
    let waits = "[[workload]]\non_refusal = { wait = \"1m\" }\n\
        [[workload.request]]\nat = \"12h\"\nhold = \"0s\"\nclass = \"b\"\n";
    let events = |waiting: usize| {
        let text = format!("{text}{}", waits.repeat(waiting));
        let scenario =
            load(&text, "breath.toml", Path::new("."), &[]).unwrap_or_else(|problems| panic!("{}", problems[0]));
        run_cell(&scenario, 0, 0, &|| false).events
    };
    let (one, four) = (events(1), events(4));
    // After 1, 3, 7, 15 and 31 s of the minute; whoever came later would double that at each look.
    assert!(
        (20..30).contains(&one) && four < 4 * one,
        "{one} events for one, {four} for four"
    );
}

/// A trait that Placement does not know is an error for everybody who names it, also who forbids it; with the first node that
/// has it, of whatever class, those who wait are asked again.
#[test]
fn who_waits_for_a_trait_to_be_known_is_asked_when_it_is() {
    let text = "# Who waits?\n[scenario]\nname = \"known\"\nhorizon = \"3h\"\nstrategies = [\"naive\"]\n\
        [control_plane]\nloop = \"instant\"\n[ironic]\nbuild_failure = 0\n[fleet]\nsource = \"nodes.csv\"\n\
        [[workload]]\non_refusal = { wait = \"2h\" }\n\
        [[workload.request]]\nat = \"0s\"\nhold = \"1m\"\nclass = \"c\"\nforbidden = [\"BIG\"]\n";
    let folder = tempfile::TempDir::new().expect("a temporary folder can be made");
    let nodes = "node_id,resource_class,traits,rack,available_from_s,available_until_s\nn5,c,,,,\nn6,a,BIG,,3600,\n";
    std::fs::write(folder.path().join("nodes.csv"), nodes).expect("a file can be written");
    let scenario = load(text, "known.toml", folder.path(), &[]).unwrap_or_else(|problems| panic!("{}", problems[0]));
    let outcome = run_cell(&scenario, 0, 0, &|| false);
    let value = |metric: Metric| outcome.values[metric.at()];
    assert_eq!(value(Metric::Acceptance), Some(1.0));
}
