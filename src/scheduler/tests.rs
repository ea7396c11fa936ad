//! The indexed decision against its plain definition, on random fleets and requests.

use proptest::prelude::*;

use super::{Ask, CapOrder, Filter, Pick, Policy, Target, choose, plain};
use crate::fleet::{ClassId, GroupId, Marks, NodeId, TenantId, TraitSet};
use crate::view::{Listing, View};

/// A node: class, traits, marks, failed builds, owner, group, and whether it is reserved or used.
type Drawn = (u16, u64, u16, u16, Option<u16>, u16, bool, bool);

fn nodes() -> impl Strategy<Value = Vec<Drawn>> {
    let marks = prop_oneof![4 => Just(0u16), 1 => 0u16..(1 << 12)];
    let failed = prop_oneof![4 => Just(0u16), 1 => 0u16..4];
    let owner = prop_oneof![4 => Just(None), 1 => (1u16..3).prop_map(Some)];
    let busy = prop::bool::weighted(0.2);
    prop::collection::vec((0u16..2, 0u64..4, marks, failed, owner, 0u16..2, busy, busy), 1..60)
}

fn view_of(nodes: &[Drawn]) -> View {
    let mut view = View::new(nodes.len(), 2, 2);
    for (place, &(class, traits, marks, failed_builds, owner, group, reserved, used)) in nodes.iter().enumerate() {
        let node = NodeId(place as u32);
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
        view.set_api(node, GroupId(group), marks.api(), owner.map(TenantId), None);
        if used {
            view.take(node);
        }
    }
    view
}

fn policies() -> impl Strategy<Value = Policy> {
    let picks = prop_oneof![Just(Pick::Random), Just(Pick::Lowest), Just(Pick::LeastRecent)];
    let orders = prop_oneof![Just(CapOrder::Random), Just(CapOrder::Lowest)];
    let cap = prop_oneof![Just(None), (1u32..20).prop_map(Some)];
    let filters = prop_oneof![
        Just(Vec::new()),
        Just(vec![Filter::AggregateMultiTenancyIsolation, Filter::MaintenanceFilter])
    ];
    (picks, orders, cap, filters, any::<bool>()).prop_map(|(pick, cap_order, cap, filters, weigh_failed_builds)| {
        Policy {
            pick,
            cap_order,
            cap,
            filters,
            weigh_failed_builds,
            ..Policy::default()
        }
    })
}

fn asks() -> impl Strategy<Value = Ask> {
    let target = prop_oneof![
        6 => Just(Target::Any),
        1 => (0u32..60).prop_map(|n| Target::Named(NodeId(n))),
        1 => (0u32..60).prop_map(|n| Target::Forced(NodeId(n)))
    ];
    (
        0u16..2,
        0u64..4,
        0u64..2,
        1u16..3,
        1u16..6,
        0u16..(1 << 12),
        any::<bool>(),
        target,
        any::<u64>(),
    )
        .prop_map(
            |(class, required, forbidden, tenant, count, tolerates, system, target, tie)| Ask {
                class: ClassId(class),
                required: TraitSet(required & 1),
                forbidden: TraitSet(forbidden << 1),
                tenant: TenantId(tenant),
                count,
                min_count: count,
                tolerates: Marks(tolerates),
                system,
                target,
                tie,
                ..Ask::default()
            },
        )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]
    #[test]
    fn the_index_decides_as_the_plain_definition(nodes in nodes(), policy in policies(), mut ask in asks()) {
        let view = view_of(&nodes);
        if let Target::Named(node) | Target::Forced(node) = ask.target {
            let node = NodeId(node.0 % nodes.len() as u32);
            ask.target = if matches!(ask.target, Target::Named(_)) { Target::Named(node) } else { Target::Forced(node) };
            (ask.count, ask.min_count) = (1, 1);
        }
        prop_assert_eq!(choose(&view, &ask, &policy), plain::choose(&view, &ask, &policy));
    }
}
