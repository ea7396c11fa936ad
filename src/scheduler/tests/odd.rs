//! Odd flavors, hints and server groups: the index against the plain definition, while machines, instances and
//! traits come and go.

use super::*;
use crate::scheduler::nova::FilterSettings;
use crate::workload::{GroupPolicy, ServerGroup};

const POLICIES: [GroupPolicy; 4] = [
    GroupPolicy::Affinity,
    GroupPolicy::AntiAffinity,
    GroupPolicy::SoftAffinity,
    GroupPolicy::SoftAntiAffinity,
];

fn spec(pairs: &[(&str, &str)]) -> Extras {
    let pair = |&(key, value): &(&str, &str)| (key.to_owned(), value.to_owned());
    Extras {
        extra_specs: pairs.iter().map(pair).collect(),
        ..Extras::default()
    }
}

fn grouped(policy: GroupPolicy, most_per_host: u32, specs: &[(&str, &str)]) -> Extras {
    let id = POLICIES.iter().position(|other| *other == policy).unwrap_or(0) as u16;
    Extras {
        group: Some(ServerGroup {
            id,
            name: format!("group {id}"),
            policy,
            most_per_host: Some(most_per_host),
        }),
        ..spec(specs)
    }
}

/// What requests may say.
fn odd_extras() -> Vec<Extras> {
    let image = |pairs: &[(&str, &str)], id: &str| Extras {
        image: Some(id.to_owned()),
        image_properties: spec(pairs).extra_specs.into_iter().collect(),
        ..Extras::default()
    };
    let hint = |same: &[&str], other: &[&str], reservation: &[&str]| {
        let texts = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect();
        Extras {
            same_host: texts(same),
            different_host: texts(other),
            reservation: texts(reservation),
            ..Extras::default()
        }
    };
    let mut all = vec![
        spec(&[("trait:CUSTOM_WET", "forbidden")]),
        spec(&[("trait:CUSTOM_NOBODY", "forbidden")]),
        spec(&[("trait:HW_CPU_X86_VMX", "forbidden")]),
        spec(&[("trait1:CUSTOM_FAST", "required")]),
        spec(&[("resources1:CUSTOM_C0", "1"), ("trait1:CUSTOM_FAST", "required")]),
        spec(&[("resources:CUSTOM_C0", "0"), ("resources1:CUSTOM_C0", "1")]),
        spec(&[("resources:CUSTOM_C0", "0")]),
        spec(&[("resources:NONSENSE", "3"), ("resources:CUSTOM_C1", "x")]),
        spec(&[("resources:VCPU", "1")]),
        spec(&[("capabilities:hypervisor_type", "ironic"), ("limits", "{}")]),
        spec(&[("trait:CUSTOM_MAINTENANCE", "forbidden")]),
        image(&[("hw_architecture", "aarch64")], "a"),
        image(&[("hw_vm_mode", "hvm"), ("trait:CUSTOM_WET", "required")], "b"),
        hint(&["vm"], &[], &[]),
        hint(&[], &["vm"], &[]),
        hint(&[], &[], &["az1"]),
    ];
    for policy in POLICIES {
        all.push(grouped(policy, 1, &[]));
        all.push(grouped(policy, 1, &[("capabilities:boot_mode", "s== uefi")]));
    }
    all.push(grouped(GroupPolicy::AntiAffinity, 2, &[("boot_mode", "== uefi")]));
    all.push(grouped(
        GroupPolicy::Affinity,
        1,
        &[("capabilities:nodename", "<or> n1 <or> n4 <or> n7")],
    ));
    all
}

/// Filters that the odd extras speak to.
const FILTERS: [&str; 9] = [
    "ServerGroupAntiAffinityFilter",
    "ServerGroupAffinityFilter",
    "ComputeCapabilitiesFilter",
    "ImagePropertiesFilter",
    "SameHostFilter",
    "DifferentHostFilter",
    "BlazarFilter",
    "IsolatedHostsFilter",
    "AggregateImagePropertiesIsolation",
];

/// Four compute services, so that groups have somewhere to go; one is a Blazar pool, one for isolated images.
fn odd_names(weighs: bool) -> Names {
    let mut names = names();
    for word in ["g2", "g3"] {
        names.groups.enter(word);
    }
    names.models[0].capabilities.extend(map([("cpu_arch", "aarch64")]));
    names.models[1].capabilities.extend(map([("cpu_arch", "x86_64")]));
    names.aggregates[0].metadata = map([("availability_zone", "blazar_az1"), ("blazar:owner", "t1")]);
    names.aggregates[1].metadata.extend(map([("hw_vm_mode", "hvm")]));
    if weighs {
        names.aggregates[1]
            .metadata
            .extend(map([("build_failure_weight_multiplier", "-1.5")]));
    }
    names
}

type Step = (u32, u16, u16, Ask, usize);

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let extras = odd_extras().len();
    prop::collection::vec((any::<u32>(), 0u16..8, 0u16..4, asks(), 0..extras), 1..24)
}

/// One change to the view.
fn shake(view: &mut View, node: NodeId, what: u16, drawn: u16) {
    let listing = view.listing(node);
    let service = view.shape_of(node).group;
    match what {
        0 => view.take(node),
        1 => view.release(node),
        2 => view.joins(drawn, service),
        3 => view.parts(drawn, service),
        4 => view.moves_in(service, "vm"),
        5 => view.list(
            node,
            Listing {
                failed_builds: drawn,
                listed: drawn != 1,
                ..listing
            },
        ),
        6 => view.list(
            node,
            Listing {
                traits: TraitSet(u64::from(drawn)),
                marks: Marks::default().with(Mark::MaintenanceTrait),
                ..listing
            },
        ),
        _ => view.moves_out(service, "vm"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]
    #[test]
    fn odd_requests_are_decided_as_the_plain_definition_decides_them(
        drawn in prop::collection::vec((0u64..4, 0u16..4, 0u16..3, 0u16..3), 1..40),
        mut policy in policies(),
        filters in Just(FILTERS.to_vec()).prop_shuffle(),
        enabled in 0usize..=FILTERS.len(),
        (created, weighs, isolated) in (any::<bool>(), prop::bool::weighted(0.1), any::<bool>()),
        steps in steps(),
    ) {
        policy.filters = filters[..enabled].iter().filter_map(|name| find(name)).collect();
        policy.traits_created = created;
        if isolated {
            policy.settings = FilterSettings {
                isolated_hosts: vec!["g3".to_owned()],
                isolated_images: vec!["a".to_owned()],
                ..FilterSettings::default()
            };
        }
        let nodes: Vec<Drawn> = drawn
            .iter()
            .map(|&(traits, service, model, failed)| (0, traits, 0, failed / 2, None, service, model, false, false))
            .collect();
        let mut view = view_of(&nodes);
        let name = |node: NodeId| format!("n{}", node.0);
        let mut rules = Rules::new(&odd_names(weighs), &odd_extras(), policy, Marks::default(), true);
        for (node, what, drawn, ask, extras) in steps {
            let within = |node: u32| NodeId(node % nodes.len() as u32);
            shake(&mut view, within(node), what, drawn);
            let target = match ask.target {
                AskedNode::Named(node) => AskedNode::Named(within(node.0)),
                AskedNode::Forced(node) => AskedNode::Forced(within(node.0)),
                _ => AskedNode::Any,
            };
            let spec = Spec { tenant: TenantId(1), extras: extras as u16, system: true, ..Spec::default() };
            let mut ask = Ask { target, spec, ..ask };
            if target != AskedNode::Any {
                (ask.count, ask.min_count) = (1, 1);
            }
            let plainly = plain::decide(&view, rules.judge(), &ask, &name);
            prop_assert_eq!(choose(&view, &mut rules, &ask, &name), plainly.clone(), "{:?}", odd_extras()[extras]);
            // Blazar's pick, among those that nobody has leased.
            let free = |node: NodeId| !(u64::from(node.0) ^ ask.tie).is_multiple_of(3);
            let leased = |node| (!free(node)).then(|| "leased".to_owned());
            let among = plain::trace_leased(&view, rules.judge(), &ask, &name, Some(&leased)).outcome;
            prop_assert_eq!(choose_among(&view, &mut rules, &ask, &name, &free), among, "{:?}", odd_extras()[extras]);
            if let Some(planned) = planned(&view, &mut rules, &ask) {
                prop_assert_eq!(planned, plainly, "by the plan");
            }
        }
    }
}

/// Three nodes on two services; what a request for `count` machines of a group gets.
fn placed(policy: GroupPolicy, most: u32, count: u16, there: &[(u16, u32)]) -> Result<Vec<NodeId>, Stage> {
    let node = |service| (0, 0, 0, 0, None, service, 0, false, false);
    let mut view = view_of(&[node(0), node(1), node(1)]);
    let group = grouped(policy, most, &[]);
    let id = group.group.as_ref().map_or(0, |group| group.id);
    for &(service, machines) in there {
        (0..machines).for_each(|_| view.joins(id, GroupId(service)));
    }
    let settings = Policy {
        pick: Pick::Lowest,
        cap: Some(1),
        ..Policy::bare()
    };
    let mut rules = Rules::new(&names(), &[group], settings, Marks::default(), true);
    let ask = Ask {
        spec: Spec {
            system: true,
            ..Spec::default()
        },
        count,
        min_count: count,
        ..Ask::default()
    };
    let name = |node: NodeId| format!("n{}", node.0);
    let chosen = choose(&view, &mut rules, &ask, &name);
    assert_eq!(chosen, plain::decide(&view, rules.judge(), &ask, &name));
    chosen
        .map(|choice| choice.picks().to_vec())
        .map_err(|denial| denial.stage)
}

#[test]
fn a_server_groups_machines_are_placed_one_by_one() {
    let nodes = |numbers: &[u32]| Ok(numbers.iter().map(|&n| NodeId(n)).collect::<Vec<_>>());
    let (together, apart) = (GroupPolicy::Affinity, GroupPolicy::AntiAffinity);
    // The hint drops the cap of 1.
    assert_eq!(placed(apart, 1, 2, &[]), nodes(&[0, 1]));
    assert_eq!(placed(apart, 1, 3, &[]), Err(Stage::Filters));
    assert_eq!(placed(apart, 2, 3, &[]), nodes(&[0, 1, 2]));
    assert_eq!(placed(apart, 2, 2, &[(1, 2)]), Err(Stage::Filters));
    assert_eq!(placed(together, 1, 1, &[(1, 1)]), nodes(&[1]));
    // As with Nova, the first machine decides where the group is, and that may be too small.
    assert_eq!(placed(together, 1, 2, &[]), Err(Stage::Filters));
    assert_eq!(placed(together, 1, 2, &[(1, 1)]), nodes(&[1, 2]));
    assert_eq!(placed(GroupPolicy::SoftAffinity, 1, 2, &[(1, 1)]), nodes(&[1, 2]));
    // Where the services are even the order of the round before stays.
    assert_eq!(placed(GroupPolicy::SoftAntiAffinity, 1, 2, &[(0, 1)]), nodes(&[1, 2]));
    assert_eq!(placed(GroupPolicy::SoftAntiAffinity, 1, 2, &[(1, 1)]), nodes(&[0, 1]));
}

/// Two services with 200 nodes each: a few nodes of the services that the policy likes are looked at.
#[test]
fn a_groups_machines_are_found_without_a_look_at_every_candidate() {
    let nodes: Vec<Drawn> = (0..400).map(|n| (0, 0, 0, 0, None, n % 2, 0, false, false)).collect();
    let view = view_of(&nodes);
    let name = |node: NodeId| format!("n{}", node.0);
    for policy in POLICIES {
        for pick in [Pick::Random, Pick::Lowest, Pick::LeastRecent] {
            let settings = Policy { pick, ..Policy::bare() };
            let mut rules = Rules::new(&names(), &[grouped(policy, 2, &[])], settings, Marks::default(), true);
            let ask = Ask {
                count: 2,
                min_count: 2,
                ..Ask::default()
            };
            let looks = std::cell::Cell::new(0);
            let keep = |_| {
                looks.set(looks.get() + 1);
                true
            };
            let chosen = choose_among(&view, &mut rules, &ask, &name, &keep);
            assert!(
                chosen.is_ok() && looks.get() < 20,
                "{policy:?} {pick:?}: {} looks",
                looks.get()
            );
        }
    }
}

#[test]
fn a_trait_that_placement_has_never_heard_of_leaves_nobody() {
    let node = (0, 0, 0, 0, None, 0, 0, false, false);
    let mut view = view_of(&[node, node]);
    let ordinary = Ask {
        spec: Spec {
            system: true,
            refuses: Marks::default().with(Mark::MaintenanceTrait),
            ..Spec::default()
        },
        count: 1,
        min_count: 1,
        ..Ask::default()
    };
    let name = |node: NodeId| format!("n{}", node.0);
    let policy = |traits_created| Policy {
        traits_created,
        ..Policy::bare()
    };
    let mut created = Rules::new(&names(), &[], policy(true), Marks::default(), true);
    assert!(choose(&view, &mut created, &ordinary, &name).is_ok());
    // Nobody has made the trait, and every ordinary flavor forbids it.
    let mut rules = Rules::new(&names(), &[], policy(false), Marks::default(), true);
    let index = rules.index_of(&ordinary.spec);
    let refused = choose(&view, &mut rules, &ordinary, &name);
    assert_eq!(refused.map_err(|denial| denial.stage), Err(Stage::Placement));
    assert!(planned(&view, &mut rules, &ordinary).is_some_and(|planned| planned.is_err()));
    let trace = plain::trace(&view, rules.judge(), &ordinary, &name);
    assert!(trace.stages[0].fell[0].2.contains("no such trait: CUSTOM_MAINTENANCE"));
    // The first node that reports it makes it.
    let marked = Listing {
        marks: Marks::default().with(Mark::MaintenanceTrait),
        ..view.listing(NodeId(0))
    };
    view.list(NodeId(0), marked);
    let chosen = choose(&view, &mut rules, &ordinary, &name).expect("the other node");
    assert_eq!(chosen.picks(), [NodeId(1)]);
    assert_eq!(rules.index_of(&ordinary.spec), index);
    assert!(planned(&view, &mut rules, &ordinary).is_some_and(|planned| planned.is_ok()));
    // It stays known when the node has lost it again.
    view.list(
        NodeId(0),
        Listing {
            marks: Marks::default(),
            ..marked
        },
    );
    assert!(choose(&view, &mut rules, &ordinary, &name).is_ok());
}
