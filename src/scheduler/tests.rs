//! The indexed decision against its plain definition, on random fleets and requests: the same
//! choice, for the same reasons.

mod odd;

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::choice::{Choice, Denial, Stage};
use super::choose::{census, choose_among, choose_planned};
use super::judge::ShapeVerdict;
use super::nova::filters::find;
use super::rules::Rules;
use super::{Ask, AskedNode, CapOrder, Needs, Pick, Policy, Spec, choose, plain};
use crate::fleet::{AggregateSpec, ClassId, GroupId, Mark, Marks, Model, Names, NodeId, TenantId, TraitSet};
use crate::kernel::Time;
use crate::view::{ApiFacts, Listing, View};
use crate::workload::Extras;

/// A node: class, traits, marks, failed builds, owner, group, model, and whether it is reserved or used.
type Drawn = (u16, u64, u16, u16, Option<u16>, u16, u16, bool, bool);

fn nodes() -> impl Strategy<Value = Vec<Drawn>> {
    let marks = prop_oneof![4 => Just(0u16), 1 => 0u16..(1 << 12)];
    let failed = prop_oneof![4 => Just(0u16), 1 => 0u16..4];
    let owner = prop_oneof![4 => Just(None), 1 => (1u16..3).prop_map(Some)];
    let busy = prop::bool::weighted(0.2);
    let node = (0u16..2, 0u64..4, marks, failed, owner, 0u16..2, 0u16..3, busy, busy);
    prop::collection::vec(node, 1..60)
}

fn view_of(nodes: &[Drawn]) -> View {
    let mut view = View::new(nodes.len(), 2, 4);
    for (index, &(class, traits, marks, failed_builds, owner, group, model, reserved, used)) in nodes.iter().enumerate()
    {
        let node = NodeId(index as u32);
        let (class, traits, marks) = (ClassId(class), TraitSet(traits), Marks(marks));
        let listing = Listing {
            listed: true,
            class,
            traits,
            marks: marks.looped(),
            reserved,
            failed_builds,
            flag: false,
        };
        view.list(node, listing);
        let facts = ApiFacts {
            group: GroupId(group),
            model,
            marks: marks.api(),
            owner: owner.map(TenantId),
            lessee: None,
            // Of three nodes two have work ahead, at one of a few times.
            work_at: (index % 3 > 0).then_some(Time(index as u64 % 7)),
        };
        view.set_api(node, facts);
        if used {
            view.take(node);
        }
    }
    view
}

fn map<const N: usize>(pairs: [(&str, &str); N]) -> BTreeMap<String, String> {
    pairs
        .into_iter()
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect()
}

fn names() -> Names {
    let mut names = Names::default();
    for (register, words) in [
        (&mut names.classes, ["c0", "c1"]),
        (&mut names.tenants, ["t1", "t2"]),
        (&mut names.groups, ["g0", "g1"]),
        (&mut names.traits, ["fast", "wet"]),
    ] {
        words.iter().for_each(|word| {
            register.enter(word);
        });
    }
    names.models.push(Model {
        capabilities: map([("boot_mode", "uefi"), ("disks", "4")]),
        aggregates: ["az1".to_owned()].into(),
    });
    names.models.push(Model {
        capabilities: map([("boot_mode", "bios")]),
        aggregates: ["gpus".to_owned()].into(),
    });
    names.aggregates = vec![
        AggregateSpec {
            name: "az1".to_owned(),
            metadata: map([("availability_zone", "az1")]),
            groups: vec![GroupId(0)],
        },
        AggregateSpec {
            name: "gpus".to_owned(),
            metadata: map([("trait:CUSTOM_FAST", "required"), ("rack", "7")]),
            groups: vec![GroupId(1)],
        },
    ];
    names
}

/// What requests may say: nothing, capabilities, one that raises, a zone, a query, a machine's name.
fn extras() -> Vec<Extras> {
    let spec = |key: &str, value: &str| Extras {
        extra_specs: vec![(key.to_owned(), value.to_owned())],
        ..Extras::default()
    };
    vec![
        Extras::default(),
        spec("capabilities:boot_mode", "s== uefi"),
        spec("boot_mode", "== uefi"),
        Extras {
            availability_zone: Some("az1".to_owned()),
            ..Extras::default()
        },
        Extras {
            query: Some("[\">\", \"$hypervisor_hostname\", \"n3\"]".to_owned()),
            ..Extras::default()
        },
        spec("capabilities:nodename", "<or> n1 <or> n4 <or> n7"),
        spec("aggregate_instance_extra_specs:rack", "7"),
    ]
}

const LISTS: [&[&str]; 4] = [
    &[],
    &[
        "ComputeFilter",
        "ComputeCapabilitiesFilter",
        "AggregateMultiTenancyIsolation",
    ],
    &[
        "MaintenanceFilter",
        "BlazarFilter",
        "JsonFilter",
        "AggregateInstanceExtraSpecsFilter",
    ],
    &["JsonFilter", "ComputeCapabilitiesFilter", "AvailabilityZoneFilter"],
];

fn policies() -> impl Strategy<Value = Policy> {
    let picks = prop_oneof![Just(Pick::Random), Just(Pick::Lowest), Just(Pick::LeastRecent)];
    let orders = prop_oneof![Just(CapOrder::Random), Just(CapOrder::Lowest)];
    let cap = prop_oneof![Just(None), (1u32..20).prop_map(Some)];
    let needs = (any::<bool>(), any::<bool>(), any::<bool>());
    (picks, orders, cap, 0usize..4, any::<bool>(), needs).prop_map(
        |(pick, cap_order, cap, list, weigh_failed_builds, (isolate, limit, closed))| {
            let policy = Policy {
                pick,
                cap_order,
                cap,
                filters: LISTS[list].iter().filter_map(|name| find(name)).collect(),
                weigh_failed_builds,
                ..Policy::bare()
            };
            policy.with(Needs {
                filters: &[],
                isolate_aggregates: isolate,
                limit_tenants: limit,
                tenants_have_aggregates: limit && closed,
            })
        },
    )
}

fn asks() -> impl Strategy<Value = Ask> {
    let target = prop_oneof![
        6 => Just(AskedNode::Any),
        1 => (0u32..60).prop_map(|n| AskedNode::Named(NodeId(n))),
        1 => (0u32..60).prop_map(|n| AskedNode::Forced(NodeId(n))),
        1 => (0u32..60).prop_map(|n| AskedNode::Hinted(NodeId(n)))
    ];
    let marks = || prop_oneof![3 => Just(0u16), 1 => 0u16..(1 << 12)];
    let spec = (
        0u16..2,
        0u64..4,
        0u64..2,
        0u16..3,
        0u16..7,
        marks(),
        marks(),
        any::<(bool, bool, bool)>(),
    );
    (spec, 1u16..6, 1u16..6, target, any::<u64>()).prop_map(|(spec, count, min_count, target, tie)| {
        let (class, required, forbidden, tenant, extras, asks, refuses, (confined, system, names_owner)) = spec;
        Ask {
            spec: Spec {
                class: ClassId(class),
                tenant: TenantId(tenant),
                extras,
                required: TraitSet(required & 1),
                forbidden: TraitSet(forbidden << 1),
                asks: Marks(asks),
                refuses: Marks(refuses),
                confined,
                system,
                names_owner,
            },
            count,
            min_count,
            target,
            ends: [Time::ZERO, Time::ZERO, Time(4), Time::NEVER][tie as usize % 4],
            tie,
        }
    })
}

/// What became of the free nodes of the class, by the trace; those beyond the cap and those that
/// the filters were not run for count as passing what came before.
fn fell(view: &View, ask: &Ask, trace: &plain::DecisionTrace) -> BTreeMap<ShapeVerdict, u32> {
    let counts = |node: NodeId| view.free(node) && view.shape_of(node).class == ask.spec.class;
    let mut fell: BTreeMap<ShapeVerdict, u32> = BTreeMap::new();
    let mut left = (0..view.len() as u32).map(NodeId).filter(|&node| counts(node)).count() as u32;
    for (node, verdict, _) in trace.stages.iter().flat_map(|stage| &stage.fell) {
        if counts(*node) && *verdict != ShapeVerdict::Passes {
            *fell.entry(*verdict).or_default() += 1;
            left -= 1;
        }
    }
    if left > 0 {
        fell.insert(ShapeVerdict::Passes, left);
    }
    fell
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]
    #[test]
    fn the_index_decides_as_the_plain_definition(nodes in nodes(), policy in policies(), mut ask in asks()) {
        let view = view_of(&nodes);
        let within = |node: NodeId| NodeId(node.0 % nodes.len() as u32);
        let name = |node: NodeId| format!("n{}", node.0);
        ask.target = match ask.target {
            AskedNode::Any => AskedNode::Any,
            AskedNode::Named(node) => AskedNode::Named(within(node)),
            AskedNode::Forced(node) => AskedNode::Forced(within(node)),
            AskedNode::Hinted(node) => AskedNode::Hinted(within(node)),
        };
        if ask.target != AskedNode::Any {
            (ask.count, ask.min_count) = (1, 1);
        }
        let uncapped = Policy { cap: None, ..policy.clone() };
        let mut rules = Rules::new(&names(), &extras(), policy, Marks::default(), true);
        let trace = plain::trace(&view, rules.judge(), &ask, &name);
        prop_assert_eq!(choose(&view, &mut rules, &ask, &name), trace.outcome);
        // A second time by the memo, and the reasons.
        let again = plain::decide(&view, rules.judge(), &ask, &name);
        prop_assert_eq!(choose(&view, &mut rules, &ask, &name), again.clone());
        if let Some(planned) = planned(&view, &mut rules, &ask) {
            prop_assert_eq!(planned, again, "by the plan");
        }
        let census = census(&view, &mut rules, &ask);
        let plain_of_all = Rules::new(&names(), &extras(), uncapped, Marks::default(), true);
        let everybody = Ask { count: 1, min_count: 1, target: AskedNode::Any, ..ask };
        let trace = plain::trace(&view, plain_of_all.judge(), &everybody, &name);
        let by_node = census.keys().any(|verdict| verdict.is_by_node());
        let raises = census.keys().any(|verdict| matches!(verdict, ShapeVerdict::Raises(_)));
        if !by_node && !raises {
            prop_assert_eq!(fell(&view, &ask, &trace), census);
        }
    }
}

/// The answer by the plan of the spec's class, where there is one.
fn planned(view: &View, rules: &mut Rules, ask: &Ask) -> Option<Result<Choice, Denial>> {
    if ask.target != AskedNode::Any || ask.ends > Time::ZERO {
        return None;
    }
    let index = rules.index_of(&ask.spec);
    let (policy, shapes) = rules.plan(view, index)?;
    Some(choose_planned(view, policy, shapes, (ask.count, ask.least(), ask.tie)))
}

/// The extras of the other test, and two that look at who is on the compute service.
fn extras_with_hosts() -> Vec<Extras> {
    let mut all = extras();
    all[1].same_host = vec!["vm".to_owned()];
    all[2].different_host = vec!["vm".to_owned()];
    all
}

/// Changes one thing about a node, or about who is on a compute service.
fn change(view: &mut View, node: NodeId, what: u16, drawn: &Drawn) {
    let listing = view.listing(node);
    let group = view.shape_of(node).group;
    let facts = ApiFacts {
        group,
        model: drawn.6,
        marks: Marks(drawn.2).api(),
        owner: drawn.4.map(TenantId),
        lessee: None,
        work_at: None,
    };
    match what {
        0 => view.take(node),
        1 => view.release(node),
        2 => view.moves_in(group, "vm"),
        3 => view.moves_out(group, "vm"),
        4 => view.set_api(node, facts),
        5 => view.list(
            node,
            Listing {
                failed_builds: drawn.3,
                ..listing
            },
        ),
        _ => view.list(
            node,
            Listing {
                traits: TraitSet(drawn.1),
                marks: Marks(drawn.2).looped(),
                reserved: drawn.7,
                ..listing
            },
        ),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    /// Verdicts that are remembered, by shape and by node, while the view changes under them.
    #[test]
    fn what_is_remembered_holds_while_the_view_changes(
        nodes in nodes(),
        mut policy in policies(),
        steps in prop::collection::vec((any::<u32>(), 0u16..7, any::<prop::sample::Index>(), asks(), 0u16..7), 1..40),
    ) {
        let hosts = ["SameHostFilter", "DifferentHostFilter", "JsonFilter"];
        policy.filters.extend(hosts.iter().filter_map(|name| find(name)));
        let mut view = view_of(&nodes);
        let name = |node: NodeId| format!("n{}", node.0);
        let mut rules = Rules::new(&names(), &extras_with_hosts(), policy, Marks::default(), true);
        for (node, what, drawn, ask, extras) in steps {
            change(&mut view, NodeId(node % nodes.len() as u32), what, drawn.get(&nodes));
            // Few flavors, so that they come again.
            let spec = Spec { class: ask.spec.class, tenant: TenantId(1), extras, ..Spec::default() };
            let ask = Ask { target: AskedNode::Any, spec, ..ask };
            let plainly = plain::decide(&view, rules.judge(), &ask, &name);
            prop_assert_eq!(choose(&view, &mut rules, &ask, &name), plainly.clone());
            if let Some(planned) = planned(&view, &mut rules, &ask) {
                prop_assert_eq!(planned, plainly, "by the plan");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    /// Plans, in fleets that are nearly of one shape, while allocations, failed builds and compute services
    /// that are the operators' come and go.
    #[test]
    fn a_plan_decides_as_the_plain_definition(
        groups in prop::collection::vec(prop::bool::weighted(0.1), 1..40),
        mut policy in policies(),
        needs_aggregate in prop::bool::weighted(0.1),
        steps in prop::collection::vec((any::<u32>(), 0u16..5, 0u16..3, asks()), 1..40),
    ) {
        // Now and then every tenant needs an aggregate, and has none: the request filters refuse.
        if needs_aggregate {
            (policy.options.limit_tenants, policy.options.tenants_need_aggregate) = (true, true);
        }
        let node = |&other: &bool| (0, 0, 0, 0, None, u16::from(other), 0, false, false);
        let mut view = view_of(&groups.iter().map(node).collect::<Vec<_>>());
        let name = |node: NodeId| format!("n{}", node.0);
        let open = policy.filters.is_empty() && !needs_aggregate;
        let mut rules = Rules::new(&names(), &extras(), policy, Marks::default(), true);
        for (node, what, drawn, ask) in steps {
            let node = NodeId(node % groups.len() as u32);
            let tenancy = Marks::default().with(Mark::ServiceTenancy);
            match what {
                0 => view.take(node),
                1 => view.release(node),
                2 => view.list(node, Listing { failed_builds: drawn, ..view.listing(node) }),
                _ => {
                    let group = view.shape_of(node).group;
                    let marks = if what == 3 { tenancy } else { Marks::default() };
                    view.set_api(node, ApiFacts { group, marks, ..ApiFacts::default() });
                }
            }
            let spec = Spec { tenant: TenantId(drawn), extras: ask.spec.extras, ..Spec::default() };
            let ask = Ask { target: AskedNode::Any, ends: Time::ZERO, spec, ..ask };
            let plainly = plain::decide(&view, rules.judge(), &ask, &name);
            match planned(&view, &mut rules, &ask) {
                Some(planned) => prop_assert_eq!(planned, plainly),
                None => prop_assert!(!open || ask.spec.extras > 0, "a plain flavor has a plan"),
            }
        }
    }
}

/// What looks at single nodes beside what raises on some of them, or on none.
fn extras_that_raise() -> Vec<Extras> {
    let flavor = |specs: &[(&str, &str)], query: Option<&str>, away: bool| Extras {
        extra_specs: specs.iter().map(|&(k, v)| (k.to_owned(), v.to_owned())).collect(),
        query: query.map(str::to_owned),
        different_host: if away { vec!["vm".to_owned()] } else { Vec::new() },
        ..Extras::default()
    };
    let (named, raising) = (
        (
            "capabilities:nodename",
            "<or> 0 <or> n1 <or> 2 <or> n3 <or> 4 <or> n5 <or> 8 <or> n9",
        ),
        ("boot_mode", "== uefi"),
    );
    let by_name = Some("[\">\", \"$hypervisor_hostname\", \"3\"]");
    vec![
        flavor(&[raising], None, true),
        flavor(&[named, raising], None, false),
        flavor(&[raising, named], None, false),
        flavor(&[raising], by_name, false),
        // Where a name is no number.
        flavor(&[("capabilities:nodename", ">= 7")], None, false),
        flavor(&[("capabilities:failed_builds", ">= 1"), raising], None, false),
        flavor(&[("capabilities:failed_builds", "<= none")], by_name, false),
        // Text against a number, where there is such a text.
        flavor(&[], Some("[\"or\", true, [\"<\", \"$stats.disks\", 5]]"), false),
        flavor(&[named], Some("[\"or\", [\"<\", \"$stats.disks\", 5]]"), true),
        flavor(&[], Some("[\"no command\"]"), true),
        flavor(&[("aggregate_instance_extra_specs:rack", ">= 7")], by_name, false),
        flavor(&[("rack", "<or>")], None, true),
        // A version that is none, which is looked at where an architecture is asked for.
        Extras {
            image: Some("i".to_owned()),
            image_properties: map([("img_hv_requested_version", "about 1")]),
            ..flavor(&[], by_name, false)
        },
        // Those raise on no machine.
        flavor(&[("capabilities:disks", ">= 4")], None, true),
        flavor(&[named], by_name, true),
        flavor(&[("capabilities:failed_builds", "<= 0")], by_name, true),
    ]
}

const HARMLESS: usize = 13;

/// Every filter that looks at nodes or may raise.
const LOOKING: [&str; 6] = [
    "DifferentHostFilter",
    "ImagePropertiesFilter",
    "ComputeCapabilitiesFilter",
    "JsonFilter",
    "AggregateInstanceExtraSpecsFilter",
    "MaintenanceFilter",
];

/// Some names are numbers, and some are not.
fn half_numbers(node: NodeId) -> String {
    if node.0.is_multiple_of(2) {
        node.0.to_string()
    } else {
        format!("n{}", node.0)
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]
    /// One node that raises fails the request, unless an earlier filter or the cap has dropped it.
    #[test]
    fn a_raise_on_one_node_is_not_overlooked(
        nodes in nodes(),
        mut policy in policies(),
        filters in Just(LOOKING.to_vec()).prop_shuffle(),
        enabled in 1usize..=LOOKING.len(),
        vm in prop::option::of(0u16..2),
        asks in prop::collection::vec((asks(), 0..extras_that_raise().len()), 1..4),
    ) {
        let mut names = names();
        names.aggregates[0].metadata.extend(map([("rack", "the old one")]));
        names.models[0].capabilities.extend(map([("cpu_arch", "x86_64")]));
        policy.settings.default_architecture = vm.map(|_| "x86_64".to_owned());
        policy.filters = filters[..enabled].iter().filter_map(|name| find(name)).collect();
        let mut view = view_of(&nodes);
        if let Some(group) = vm {
            view.moves_in(GroupId(group), "vm");
        }
        let mut rules = Rules::new(&names, &extras_that_raise(), policy, Marks::default(), true);
        for (ask, extras) in asks {
            let spec = Spec { class: ask.spec.class, tenant: TenantId(1), extras: extras as u16, ..Spec::default() };
            let ask = Ask { target: AskedNode::Any, spec, ..ask };
            let plainly = plain::decide(&view, rules.judge(), &ask, &half_numbers);
            prop_assert_eq!(choose(&view, &mut rules, &ask, &half_numbers), plainly.clone());
            prop_assert_eq!(choose(&view, &mut rules, &ask, &half_numbers), plainly, "by the memo");
            let free = |node: NodeId| !(u64::from(node.0) ^ ask.tie).is_multiple_of(3);
            let leased = |node| (!free(node)).then(|| "leased".to_owned());
            let among = plain::trace_leased(&view, rules.judge(), &ask, &half_numbers, Some(&leased)).outcome;
            prop_assert_eq!(choose_among(&view, &mut rules, &ask, &half_numbers, &free), among, "Blazar's pick");
            let census = census(&view, &mut rules, &ask);
            prop_assert!(
                extras < HARMLESS || !census.contains_key(&ShapeVerdict::MayRaise),
                "nobody need be asked but those that are taken"
            );
        }
    }
}

/// Two nodes: the first, of service g0, raises on `boot_mode == 4`; the other, of g1, has none and passes.
fn decide_beside_a_raise(filters: &[&str], cap: Option<u32>, vm: &str) -> Result<Vec<NodeId>, Denial> {
    let extras = Extras {
        extra_specs: vec![("boot_mode".to_owned(), "== 4".to_owned())],
        different_host: vec!["vm".to_owned()],
        ..Extras::default()
    };
    let node = |group, model| (0, 0, 0, 0, None, group, model, false, false);
    let mut view = view_of(&[node(0, 1), node(1, 0)]);
    view.moves_in(GroupId(0), vm);
    let policy = Policy {
        pick: Pick::Lowest,
        cap_order: CapOrder::Lowest,
        cap,
        filters: filters.iter().filter_map(|name| find(name)).collect(),
        ..Policy::bare()
    };
    let mut rules = Rules::new(&names(), &[extras], policy, Marks::default(), true);
    let ask = Ask {
        spec: Spec {
            system: true,
            ..Spec::default()
        },
        count: 1,
        min_count: 1,
        ..Ask::default()
    };
    let chosen = choose(&view, &mut rules, &ask, &half_numbers);
    assert_eq!(chosen, plain::decide(&view, rules.judge(), &ask, &half_numbers));
    chosen.map(|choice| choice.picks().to_vec())
}

#[test]
fn a_raise_fails_the_request_where_no_earlier_filter_has_dropped_the_node() {
    let denied = |capped, examined| {
        Err(Denial {
            stage: Stage::Filters,
            examined,
            capped,
        })
    };
    let (away, specs) = ("DifferentHostFilter", "ComputeCapabilitiesFilter");
    assert_eq!(decide_beside_a_raise(&[away, specs], None, "vm"), Ok(vec![NodeId(1)]));
    assert_eq!(decide_beside_a_raise(&[specs, away], None, "vm"), denied(false, 2));
    assert_eq!(decide_beside_a_raise(&[away, specs], None, "another"), denied(false, 2));
    // The hint drops the cap, and where the machine that raises is cut off nobody is asked: everybody is.
    assert_eq!(
        decide_beside_a_raise(&[away, specs], Some(1), "another"),
        denied(false, 2)
    );
    assert_eq!(decide_beside_a_raise(&[away], None, "another"), Ok(vec![NodeId(0)]));
}

/// A hint that no filter reads costs no look at single nodes, however many there are.
#[test]
fn an_unread_hint_is_not_held_against_every_node() {
    let shape = |_| {
        let mut node = None;
        let mut runner = proptest::test_runner::TestRunner::deterministic();
        if let Ok(tree) = nodes().new_tree(&mut runner) {
            node = proptest::strategy::ValueTree::current(&tree).into_iter().next();
        }
        node
    };
    let all: Vec<_> = (0..300).filter_map(shape).collect();
    let view = view_of(&all);
    let mut rules = Rules::new(&names(), &extras(), Policy::bare(), Marks::default(), true);
    assert!(!rules.policy().enables("JsonFilter"));
    let ask = Ask {
        count: 1,
        min_count: 1,
        target: AskedNode::Hinted(NodeId(7)),
        ..Ask::default()
    };
    let named = std::cell::Cell::new(0);
    let name = |node: NodeId| {
        named.set(named.get() + 1);
        format!("n{}", node.0)
    };
    let chosen = choose(&view, &mut rules, &ask, &name);
    assert!(named.get() < 10, "{} nodes were put into words", named.get());
    assert_eq!(chosen, plain::decide(&view, rules.judge(), &ask, &name));
}
