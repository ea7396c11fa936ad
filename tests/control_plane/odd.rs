//! Server groups, images, reservations, odd flavors and traits that Placement does not know, from the scenario on.

use std::collections::BTreeMap;

use sickbay::cells::cell::play_until;
use sickbay::cells::explain::{errands, explain};
use sickbay::fleet::{Boundary, Change, GroupId, NodeId, RequestId};
use sickbay::kernel::Time;
use sickbay::workload::GroupPolicy;
use sickbay::world::{BuildError, Fact, Observer, Sight};

use super::{lands, on, refused, request, scenario};

#[test]
fn a_server_group_spreads_over_or_keeps_to_compute_services() {
    let group = |name: &str, policy: &str, more: &str| {
        format!("group = {{ name = \"{name}\", policy = \"{policy}\"{more} }}\ncount = 2")
    };
    let nodes = |what: &str| lands(what, &[]).1;
    assert_eq!(nodes(&group("db", "anti-affinity", "")), ["plain-1", "gpu-1"]);
    assert_eq!(
        nodes(&group("db", "anti-affinity", ", max_server_per_host = 2")),
        ["plain-1", "plain-2"]
    );
    assert_eq!(nodes(&group("db", "affinity", "")), ["plain-1", "plain-2"]);
    assert_eq!(nodes(&group("db", "soft-anti-affinity", "")), ["plain-1", "gpu-1"]);
    let three = group("db", "anti-affinity", "").replace("count = 2", "count = 3");
    assert_eq!(lands(&three, &[]), refused("never-fits"), "there are two services");
    // The filter acts only where it is enabled; the hint drops the cap all the same.
    let none = [("control_plane.filters", "[]"), ("control_plane.cap", "1")];
    assert_eq!(
        lands(&group("db", "anti-affinity", ""), &none).1,
        ["plain-1", "plain-2"]
    );
    assert_eq!(lands("count = 2", &none).1, Vec::<String>::new());
}

/// What no fleet to come could hold as the group wants it does not wait; a node that changes its service may help.
#[test]
fn a_server_group_that_can_never_fit_is_refused_at_once() {
    let ask = |count: u32, group: &str| {
        let what = format!("count = {count}\ngroup = {{ name = \"db\", {group} }}");
        request(&what).replace("[[workload]]", "[[workload]]\non_refusal = { wait = \"9h\" }")
    };
    let ends = |rest: &str, moves: Option<u64>| {
        let mut scenario = scenario(rest, &[]);
        if let Some(hour) = moves {
            // To a service that has had no node of the class so far.
            let node = |name: &str| scenario.fleet.ids().find(|&id| scenario.fleet.name(id) == name);
            let (moved, there) = (node("plain-2").expect("there"), node("other-1").expect("there"));
            let change = Change::Group(scenario.fleet.kind(there).group);
            let at = Time(hour * 3_600_000);
            scenario.fleet.boundaries.push(Boundary {
                at,
                node: moved,
                change,
            });
        }
        let told = explain(&scenario, 0, 0, "it").unwrap_or_else(|error| panic!("{error}"));
        (told.cause.unwrap_or(told.outcome).to_owned(), told.answer)
    };
    for (count, group, end, why) in [
        (2, "policy = \"anti-affinity\"", "accepted", ""),
        (
            3,
            "policy = \"anti-affinity\"",
            "never-fits",
            "its server group wants 1 node a compute service",
        ),
        (4, "policy = \"anti-affinity\", max_server_per_host = 2", "accepted", ""),
        (2, "policy = \"affinity\"", "accepted", ""),
        (
            3,
            "policy = \"affinity\"",
            "never-fits",
            "no compute service will ever have so many nodes",
        ),
        (4, "policy = \"soft-affinity\"", "accepted", ""),
    ] {
        let (cause, answer) = ends(&ask(count, group), None);
        assert_eq!(cause, end, "{count} {group}: {answer}");
        assert!(answer.contains(why), "{count} {group}: {answer}");
    }
    let fifth = "[[fleet.group]]\nclass = \"metal\"\nname = \"more\"\nnodes = 1\nconductor_group = \"g1\"\n";
    let two_each = ask(5, "policy = \"anti-affinity\", max_server_per_host = 2");
    assert_eq!(ends(&format!("{fifth}{two_each}"), None).0, "never-fits");
    let third = "[[fleet.group]]\nclass = \"else\"\nname = \"other\"\nnodes = 1\nconductor_group = \"g3\"\n";
    let rest = format!("{}{}", third, ask(3, "policy = \"anti-affinity\""));
    for (moves, end) in [(None, "never-fits"), (Some(5), "accepted"), (Some(1), "accepted")] {
        let (cause, answer) = ends(&rest, moves);
        assert_eq!(cause, end, "{moves:?}: {answer}");
    }
}

#[test]
fn a_server_groups_machines_count_while_they_run_and_no_longer() {
    let group = "group = { name = \"db\", policy = \"anti-affinity\" }";
    let before = |hold: &str| {
        format!(
            "{}[[workload.request]]\nat = \"1h\"\nclass = \"metal\"\nhold = \"{hold}\"\nname = \"before\"\n{group}\n",
            request(group)
        )
    };
    let nodes = |hold: &str| {
        let told = explain(&scenario(&before(hold), &[]), 0, 0, "it").unwrap_or_else(|error| panic!("{error}"));
        told.decisions[0].picks.clone()
    };
    assert_eq!(nodes("4h"), ["gpu-1"], "the other one is on g1");
    // Another two have one service left: the decision shows on what the second one falls.
    let two = before("4h").replace(&request(group), &request(&format!("{group}\ncount = 2")));
    let told = explain(&scenario(&two, &[]), 0, 0, "it").unwrap_or_else(|error| panic!("{error}"));
    let last = told.decisions[0].stages.last().expect("stages");
    assert_eq!(
        (told.cause, last.stage.as_str(), last.left, last.fell),
        (Some("no-match"), "server group", 1, 1)
    );
    for words in [
        "its server group lets too few machines",
        "free nodes behind other compute services",
    ] {
        assert!(told.answer.contains(words), "{}", told.answer);
    }
    assert_eq!(nodes("10m"), ["plain-1"], "it has gone");
}

/// A machine whose node changes its compute service counts on the new one, and leaves nothing on the old.
#[test]
fn a_server_group_follows_a_node_to_another_compute_service() {
    let group = "group = { name = \"db\", policy = \"anti-affinity\" }";
    let before = "[[workload.request]]\nat = \"1h\"\nclass = \"metal\"\nhold = \"30m\"\nname = \"before\"\n";
    let rest = format!("{}{before}{group}\n", request(&format!("{group}\ncount = 2")));
    let mut scenario = scenario(&rest, &[]);
    let node = |name: &str| scenario.fleet.ids().find(|&id| scenario.fleet.name(id) == name);
    let (moves, there) = (node("plain-1").expect("there"), node("gpu-1").expect("there"));
    scenario.fleet.boundaries.push(Boundary {
        at: Time(70 * 60_000),
        node: moves,
        change: Change::Group(scenario.fleet.kind(there).group),
    });
    let told = explain(&scenario, 0, 0, "it").unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(told.decisions[0].picks, ["plain-1", "plain-2"], "{}", told.answer);
}

/// The other class's machine was what kept the group off: whoever waits is asked again when it goes.
#[test]
fn who_waits_for_a_server_group_is_served_when_its_machine_of_another_class_has_gone() {
    let group = "group = { name = \"db\", policy = \"anti-affinity\" }";
    let ask = |name: &str, class: &str, at: u32, hold: u32| {
        format!(
            "[[workload.request]]\nname = \"{name}\"\nat = \"{at}h\"\nclass = \"{class}\"\nhold = \"{hold}h\"\n{group}\n"
        )
    };
    let rest = format!(
        "[[fleet.group]]\nclass = \"old\"\nname = \"old\"\nnodes = 1\nconductor_group = \"g1\"\n\
         [[workload]]\non_refusal = {{ wait = \"9h\" }}\n{}{}count = 2\n",
        ask("before", "old", 1, 3),
        ask("it", "metal", 2, 1)
    );
    let told = explain(&scenario(&rest, &[]), 0, 0, "it").unwrap_or_else(|error| panic!("{error}"));
    let last = told.decisions.last().expect("it was decided");
    assert_eq!((last.picks.len(), told.outcome), (2, "accepted"), "{}", told.answer);
}

/// Where the instances of each group are, by compute service, and how many builds nova-compute refused for that.
#[derive(Default)]
struct Groups {
    there: BTreeMap<(RequestId, NodeId), (GroupPolicy, GroupId)>,
    refused: usize,
}

impl Observer for Groups {
    fn told(&mut self, at: Time, fact: &Fact, sight: &Sight<'_>) {
        match *fact {
            Fact::Active { request, node } => {
                let policy = [GroupPolicy::AntiAffinity, GroupPolicy::Affinity]
                    [usize::from(sight.request(request).tenant.0 % 2)];
                let service = sight.fleet.kind(node).group;
                for (other, on) in self.there.values().filter(|(other, _)| *other == policy) {
                    let together = *on == service;
                    assert_eq!(together, *other == GroupPolicy::Affinity, "{policy:?} at {at}");
                }
                self.there.insert((request, node), (policy, service));
            }
            Fact::Released { request, node } => _ = self.there.remove(&(request, node)),
            Fact::BuildFailed { error, .. } => self.refused += usize::from(error == BuildError::GroupPolicy),
            _ => {}
        }
    }
}

/// Half of the builds fail and go to alternates that were decided on before others of the group came: nova-compute
/// looks once more, and the group's policy holds all the same.
#[test]
fn an_alternate_that_would_break_its_groups_policy_is_refused_on_the_node() {
    let mut rest = "[[workload]]\n".to_owned();
    for (policy, tenant) in [("affinity", "t1"), ("anti-affinity", "t2")] {
        for n in 0..6 {
            rest += &format!(
                "[[workload.request]]\nname = \"{policy}-{n}\"\nat = \"{}m\"\nclass = \"metal\"\nhold = \"30m\"\n\
                 tenant = \"{tenant}\"\ncount = {}\ngroup = {{ name = \"{policy}\", policy = \"{policy}\" }}\n",
                60 + 37 * n,
                1 + n % 2
            );
        }
    }
    let settings = [
        ("ironic.build_failure", "0.5"),
        ("ironic.build_failure_time", "\"20m\""),
        ("control_plane.attempts", "4"),
        ("control_plane.pick", "\"random\""),
        ("fleet.group.0.nodes", "6"),
        ("fleet.group.1.nodes", "6"),
        ("scenario.replications", "60"),
    ];
    let scenario = scenario(&rest, &settings);
    let refused = (0..60).map(|replication| {
        let watcher = Groups::default();
        play_until(&scenario, 0, replication, scenario.horizon, watcher).refused
    });
    let refused: usize = refused.sum();
    assert!(refused > 5, "{refused}");
}

#[test]
fn images_pools_and_isolated_services_keep_requests_off() {
    let arch = [("fleet.group.1.capabilities", "{ cpu_arch = \"aarch64\" }")];
    let image = "image_properties = { hw_architecture = \"aarch64\" }";
    assert_eq!(lands(image, &arch), on("gpu-1"));
    assert_eq!(lands(image, &[]), refused("never-fits"), "no node says what it is");
    let isolated = [
        ("control_plane.filters", "[\"IsolatedHostsFilter\"]"),
        ("control_plane.isolated_hosts", "[\"g2\"]"),
        ("control_plane.isolated_images", "[\"golden\"]"),
    ];
    assert_eq!(lands("image = \"golden\"", &isolated), on("gpu-1"));
    assert_eq!(lands("", &isolated), on("plain-1"));
    let pool = [
        ("control_plane.filters", "[\"BlazarFilter\"]"),
        (
            "fleet.aggregate.1.metadata",
            "{ availability_zone = \"blazar_gpus\", \"blazar:owner\" = \"lab\" }",
        ),
    ];
    assert_eq!(
        lands("count = 3", &pool).1,
        Vec::<String>::new(),
        "the pool's nodes are nobody's"
    );
    assert_eq!(lands("reservation = [\"gpus\"]\ntenant = \"lab\"", &pool), on("gpu-1"));
    assert_eq!(
        lands("reservation = [\"gpus\"]\ntenant = \"other\"", &pool),
        refused("never-fits")
    );
}

#[test]
fn odd_flavors_fare_as_with_nova() {
    let specs = |text: &str| lands(&format!("extra_specs = {{ {text} }}"), &[]);
    assert_eq!(
        specs("\"resources:METAL\" = \"1\""),
        on("plain-1"),
        "an unknown class is dropped"
    );
    assert_eq!(specs("\"resources:CUSTOM_METAL\" = \"0\""), refused("never-fits"));
    assert_eq!(
        specs("\"resources:VCPU\" = \"1\""),
        refused("never-fits"),
        "Ironic nodes have none"
    );
    assert_eq!(specs("\"trait1:CUSTOM_GPU\" = \"required\""), refused("never-fits"));
    assert_eq!(specs("\"trait:CUSTOM_TYPO\" = \"forbidden\""), refused("never-fits"));
    assert_eq!(specs("\"capabilities:hypervisor_type\" = \"ironic\""), on("plain-1"));
}

/// Every ordinary flavor forbids the maintenance trait before any node has had it.
#[test]
fn the_inverse_trait_refuses_everybody_until_somebody_has_created_it() {
    let strategy = "[{ name = \"hidden-via-extra-spec\", mechanism = \"flavor-spec\", form = \"trait\" }]";
    let spell = "[[maintenance.spell]]\nnode = \"gpu-2\"\nstart = \"1h\"\nend = \"90m\"\n";
    let told = |created: &str, rest: &str| {
        let settings = [
            ("scenario.strategies", strategy),
            ("control_plane.traits_created", created),
        ];
        let all = format!("{}{rest}", request(""));
        explain(&scenario(&all, &settings), 0, 0, "it").unwrap_or_else(|error| panic!("{error}"))
    };
    assert_eq!(told("true", "").outcome, "accepted");
    let trap = told("false", "");
    assert_eq!(trap.cause, Some("no-match"));
    let stage = &trap.decisions[0].stages[0];
    assert!(
        stage.reasons[0].0.contains("no such trait: CUSTOM_MAINTENANCE"),
        "{:?}",
        stage.reasons
    );
    assert_eq!(
        told("false", spell).outcome,
        "accepted",
        "the first marked node has made the trait known"
    );
}

#[test]
fn explain_goes_on_after_placement_with_too_few_nodes() {
    let what = "count = 4\nextra_specs = { \"capabilities:boot_mode\" = \"s== bios\" }";
    let before = "[[workload.request]]\nat = \"1h\"\nclass = \"metal\"\nhold = \"1d\"\n";
    let all = format!("{}{before}", request(what));
    let told = explain(&scenario(&all, &[]), 0, 0, "it").unwrap_or_else(|error| panic!("{error}"));
    let decision = &told.decisions[0];
    assert_eq!(decision.denied_by, Some("Placement"));
    let filter = decision
        .stages
        .iter()
        .find(|stage| stage.stage == "ComputeCapabilitiesFilter");
    assert_eq!(
        filter.map(|stage| (stage.left, stage.fell)),
        Some((2, 1)),
        "Nova filters what there is"
    );
}

#[test]
fn explain_shows_the_operators_boots() {
    let rest = "[[maintenance.spell]]\nnode = \"plain-2\"\nstart = \"1d\"\nend = \"5d\"\n\
                [maintenance.errands]\ncounts = 1\nduration = \"1h\"\n[operators]\naction = \"0s\"\nslip = 0\n";
    let hidden = |naming: &str| {
        let strategy = format!(
            "[{{ name = \"hidden-via-extra-spec\", mechanism = \"isolated-aggregate\", naming = \"{naming}\" }}]"
        );
        let scenario = scenario(rest, &[("scenario.strategies", &strategy)]);
        errands(&scenario, 0, 0, "plain-2").unwrap_or_else(|error| panic!("{error}"))
    };
    let told = hidden("destination");
    assert!(!told.decisions.is_empty(), "{}", told.answer);
    assert_eq!(told.decisions[0].picks, ["plain-2"]);
    assert!(told.decisions[0].query.iter().any(|(key, _)| key == "in_tree"));
    assert!(told.answer.starts_with("plain-2 had 1 errand"), "{}", told.answer);
    assert!(told.events.len() >= 2, "{:?}", told.events);
    let scenario = scenario(rest, &[]);
    assert!(errands(&scenario, 0, 0, "plain-9").is_err());
    let none = errands(&scenario, 0, 0, "gpu-1").unwrap_or_else(|error| panic!("{error}"));
    assert!(none.answer.contains("Nothing had to be booted"), "{}", none.answer);
}
