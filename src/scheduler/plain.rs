//! The definition of a placement decision: put every node into Nova's terms, ask Placement, cut at
//! the cap, run the filters, weigh, sort, take the first. Slow and obvious; `choose` must give the
//! same answer for the same reasons, and tests hold it to it. It keeps its reasons, and so is what
//! `explain` shows.

use super::ask::{Ask, AskedNode};
use super::choice::{Choice, Denial, Name, Nodes, Stage};
use super::grouped::Spread;
use super::judge::{Judge, ShapeVerdict, owned_away};
use super::known::refusal;
use super::nova::rounds::{Tracking, consume};
use super::nova::{
    Host, Located, Miss, Multipliers, Provider, Query, RequestSpec, gate, locate, pass, query_for, weigh,
};
use super::policy::{CapOrder, Pick, Policy};
use super::render::instance;
use super::walk::rank;
use crate::fleet::NodeId;
use crate::kernel::{Permutation, Time};
use crate::view::View;

/// A stage of a decision: what it left, and who fell in it, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StageTrace {
    /// Its name.
    pub name: String,
    /// How many nodes it left.
    pub left: usize,
    /// Who fell, with the verdict and its reason.
    pub fell: Vec<(NodeId, ShapeVerdict, String)>,
}

/// A decision with all its reasons.
#[derive(Clone, Debug, PartialEq)]
pub struct DecisionTrace {
    /// The request in Nova's terms.
    pub request: RequestSpec,
    /// What Placement is asked; none where a request filter refuses the request.
    pub query: Option<Query>,
    /// The stages in order.
    pub stages: Vec<StageTrace>,
    /// The survivors with their weights, best first.
    pub weighed: Vec<(NodeId, f64)>,
    /// The decision.
    pub outcome: Result<Choice, Denial>,
}

/// Decides one ask by looking at every node.
///
/// # Errors
/// The stage that left too few candidates.
pub fn decide(view: &View, judge: &Judge, ask: &Ask, name: Name<'_>) -> Result<Choice, Denial> {
    trace(view, judge, ask, name).outcome
}

/// The nodes on their way through the stages.
struct Sieve {
    left: Vec<NodeId>,
    stages: Vec<StageTrace>,
}

impl Sieve {
    /// Runs a stage: `judge` says why a node falls, if it does.
    fn stage(&mut self, name: &str, judge: &dyn Fn(NodeId) -> Option<(ShapeVerdict, String)>) {
        let mut fell = Vec::new();
        self.left.retain(|&node| match judge(node) {
            None => true,
            Some((verdict, reason)) => {
                fell.push((node, verdict, reason));
                false
            }
        });
        self.stages.push(StageTrace {
            name: name.to_owned(),
            left: self.left.len(),
            fell,
        });
    }
}

/// Decides one ask by looking at every node, and keeps the reasons.
#[must_use]
pub fn trace(view: &View, judge: &Judge, ask: &Ask, name: Name<'_>) -> DecisionTrace {
    trace_leased(view, judge, ask, name, None)
}

/// Why a node cannot be leased for as long as the request plans, if it cannot.
pub type Leased<'a> = &'a dyn Fn(NodeId) -> Option<String>;

/// The same where Blazar's calendar is kept: it has no candidate cap, and a stage of its own.
#[must_use]
pub fn trace_leased(
    view: &View,
    judge: &Judge,
    ask: &Ask,
    name: Name<'_>,
    leased: Option<Leased<'_>>,
) -> DecisionTrace {
    let policy = judge.policy_for(&ask.spec);
    let mut request = judge.request(view, ask, name);
    let located = locate(&mut request, &|host, node| found(view, judge, ask, host, node, name));
    let aggregates = judge.glossary().aggregates();
    let anywhere = Located::default();
    let query = query_for(
        &request,
        aggregates,
        located.as_ref().unwrap_or(&anywhere),
        &policy.options,
    );
    let mut sieve = Sieve {
        left: (0..view.len() as u32)
            .map(NodeId)
            .filter(|&node| view.listing(node).listed)
            .collect(),
        stages: Vec::new(),
    };
    let refused = |mut sieve: Sieve, request, query, (stage, at, verdict): (&str, Stage, ShapeVerdict), why: &str| {
        sieve.stage(stage, &|_| Some((verdict, why.to_owned())));
        DecisionTrace {
            request,
            query,
            stages: sieve.stages,
            weighed: Vec::new(),
            outcome: Err(Denial {
                stage: at,
                examined: 0,
                capped: false,
            }),
        }
    };
    let query = match (query, located) {
        (Err(why), _) => {
            let stage = ("request filters", Stage::RequestFilters, ShapeVerdict::Refused);
            return refused(sieve, request, None, stage, &why.0);
        }
        (_, Err(why)) => {
            let stage = ("compute nodes", Stage::Lookup, ShapeVerdict::Refused);
            return refused(sieve, request, None, stage, &why.0);
        }
        (Ok(query), _) => query,
    };
    if let Some(why) = refusal(judge, view, &query) {
        let stage = ("Placement's checks", Stage::Placement, ShapeVerdict::BadQuery);
        return refused(sieve, request, Some(query), stage, &why);
    }
    placement(view, judge, ask, &query, &mut sieve, name);
    let n = sieve.left.len();
    let examined = match ask.in_tree() {
        Some(_) => n,
        None if leased.is_some() => n,
        None => policy.cap.map_or(n, |cap| n.min(cap as usize)),
    };
    // Nova goes on with fewer than are asked for, and refuses at the end.
    let (mut weighed, mut best) = (Vec::new(), (0, Nodes::new()));
    let mut raised = false;
    if n > 0 {
        cut(view, ask, policy, examined, &mut sieve);
        if let Some(leased) = leased {
            sieve.stage("Blazar's calendar", &|node| {
                leased(node).map(|reason| (ShapeVerdict::Passes, reason))
            });
        }
        raised = filters(view, judge, ask, &request, &mut sieve, name);
        weighed = weights(view, judge, &request, &sieve.left, name);
        best = take(view, judge, ask, &request, &weighed, name);
    }
    let denied = if n < ask.least() {
        Some(Stage::Placement)
    } else {
        (raised || best.0 < ask.least()).then_some(Stage::Filters)
    };
    if denied == Some(Stage::Filters) && !raised {
        by_group(judge, ask, &best, &mut sieve);
    }
    let capped = examined < n;
    let outcome = match denied {
        Some(stage) => Err(Denial {
            stage,
            examined: examined as u32,
            capped,
        }),
        None => Ok(Choice::new(best.1, best.0, examined as u32, capped)),
    };
    DecisionTrace {
        request,
        query: Some(query),
        stages: sieve.stages,
        weighed,
        outcome,
    }
}

/// The stage in which the survivors of the filters fall that a server group does not let be taken together.
pub const SERVER_GROUP: &str = "server group";

/// Machines of a server group are taken one by one: where too few can be, the others fall for its policy.
fn by_group(judge: &Judge, ask: &Ask, (machines, taken): &(usize, Nodes), sieve: &mut Sieve) {
    let policy = judge.policy_for(&ask.spec);
    let why = match Spread::of(policy, judge.glossary().group(&ask.spec)) {
        Spread::Anyhow => return,
        Spread::Together => "not behind the group's compute service".to_owned(),
        Spread::Apart(most) => format!("behind a compute service that has {most} of the group, its most"),
    };
    let taken: Vec<NodeId> = taken.iter().take(*machines).copied().collect();
    if taken.len() < sieve.left.len() {
        sieve.stage(SERVER_GROUP, &|node| {
            (!taken.contains(&node)).then(|| (ShapeVerdict::Passes, why.clone()))
        });
    }
}

/// The compute nodes that Nova finds under these names: the named machine, where it is published.
fn found(
    view: &View,
    judge: &Judge,
    ask: &Ask,
    host: Option<&str>,
    node: Option<&str>,
    name: Name<'_>,
) -> Vec<(String, String)> {
    let named = ask.in_tree().filter(|&id| view.listing(id).listed);
    let known = |id: NodeId| {
        let service = judge.glossary().names().groups.name(view.shape_of(id).group.0);
        (service.to_owned(), name(id))
    };
    let is_it = |(service, own): &(String, String)| {
        host.is_none_or(|host| host == service) && node.is_none_or(|node| node == own)
    };
    named.map(known).filter(is_it).into_iter().collect()
}

/// The machines and then the alternates of the survivors, best first; how many are machines. Where each
/// machine changes what the next one may have, one by one.
fn take(
    view: &View,
    judge: &Judge,
    ask: &Ask,
    request: &RequestSpec,
    weighed: &[(NodeId, f64)],
    name: Name<'_>,
) -> (usize, Nodes) {
    let alternates = if ask.in_tree().is_some() {
        0
    } else {
        judge.policy().alternates()
    };
    let count = usize::from(ask.count);
    if request.group.is_none() || count == 1 {
        let best: Nodes = weighed.iter().map(|&(node, _)| node).take(count + alternates).collect();
        return (count.min(best.len()), best);
    }
    let nodes: Vec<NodeId> = weighed.iter().map(|&(node, _)| node).collect();
    let mut hosts: Vec<Host> = nodes.iter().map(|&node| judge.host(view, node, name)).collect();
    let mut request = request.clone();
    let mut left: Vec<usize> = (0..nodes.len()).collect();
    let mut taken: Vec<usize> = Vec::new();
    for which in 0..ask.count {
        request.instance = instance(which);
        if which > 0 {
            left = round(judge, &hosts, left, &request);
        }
        let Some(&at) = left.iter().find(|at| !taken.contains(at)) else {
            break;
        };
        taken.push(at);
        consume(&mut hosts, at, &mut request, &instance(which), Tracking::ByService);
    }
    left = round(judge, &hosts, left, &request);
    let machines = taken.len();
    let others = left.iter().filter(|at| !taken.contains(at)).take(alternates);
    let all = taken.iter().chain(others).map(|&at| nodes[at]).collect();
    (machines, all)
}

/// One further round: filters and weighers on what the last one has left, best first.
fn round(judge: &Judge, hosts: &[Host], left: Vec<usize>, request: &RequestSpec) -> Vec<usize> {
    let policy = judge.policy();
    let Ok(kept) = pass(hosts, left, request, (&policy.filters, &policy.settings), false) else {
        return Vec::new();
    };
    let them: Vec<&Host> = kept.iter().map(|&at| &hosts[at]).collect();
    let weights = weigh(&them, request, &multipliers(judge));
    let mut weighed: Vec<(usize, f64)> = kept.into_iter().zip(weights).collect();
    weighed.sort_by(|a, b| b.1.total_cmp(&a.1));
    weighed.into_iter().map(|(at, _)| at).collect()
}

/// The weighers' multipliers that differ from Nova's.
fn multipliers(judge: &Judge) -> Multipliers {
    let mut set = Multipliers::new();
    if !judge.policy().weigh_failed_builds {
        set.insert("build_failure_weight_multiplier".to_owned(), 0.0);
    }
    set
}

/// Placement's query, part by part, and the owners.
fn placement(view: &View, judge: &Judge, ask: &Ask, query: &Query, sieve: &mut Sieve, name: Name<'_>) {
    let provider = |node: NodeId| -> Provider {
        let listing = view.listing(node);
        judge
            .glossary()
            .provider(&name(node), view.shape_of(node), listing.reserved, view.used(node))
    };
    // A part of the query at a time, so that each node falls in the stage that names its reason.
    let class = Query {
        resources: query.resources.clone(),
        granular: query.granular.clone(),
        group_policy: query.group_policy.clone(),
        ..Query::default()
    };
    let named = Query {
        in_tree: query.in_tree.clone(),
        ..Query::default()
    };
    let traits = Query {
        required: query.required.clone(),
        forbidden: query.forbidden.clone(),
        root_required: query.root_required.clone(),
        root_forbidden: query.root_forbidden.clone(),
        ..Query::default()
    };
    let aggregates = Query {
        member_of: query.member_of.clone(),
        forbidden_aggregates: query.forbidden_aggregates.clone(),
        ..Query::default()
    };
    let falls = |part: &Query, node: NodeId| {
        let miss = provider(node).meets(part).err()?;
        Some((ShapeVerdict::of(&miss), miss.to_string()))
    };
    sieve.stage("resource class", &|node| {
        matches!(provider(node).meets(&class), Err(Miss::Class(_))).then(|| falls(&class, node))?
    });
    if query.in_tree.is_some() {
        sieve.stage("named node", &|node| falls(&named, node));
    }
    sieve.stage("free and not reserved", &|node| falls(&class, node));
    sieve.stage("traits", &|node| falls(&traits, node));
    sieve.stage("aggregates", &|node| falls(&aggregates, node));
    sieve.stage("owner", &|node| {
        let other = owned_away(view.shape_of(node), &ask.spec)?;
        let reason = match (view.shape_of(node).owner.or(view.shape_of(node).lessee), other) {
            (None, _) if ask.spec.confined => "nobody's, and the tenant may use its own only".to_owned(),
            _ => format!("belongs to tenant {}", judge.glossary().names().tenants.name(other.0)),
        };
        Some((ShapeVerdict::Owner, reason))
    });
    if ask.ends > Time::ZERO {
        sieve.stage("clear of announced work", &|node| {
            let shape = view.shape_of(node);
            let at = shape.work_at.filter(|_| ask.runs_into_work(shape))?;
            let reason = match ask.ends {
                Time::NEVER => format!("work is announced from {at} on, and the request has no planned end"),
                ends => format!("work is announced from {at} on, before the request's planned end at {ends}"),
            };
            Some((ShapeVerdict::Announced, reason))
        });
    }
}

/// The candidate cap, and the order in which ties are broken.
fn cut(view: &View, ask: &Ask, policy: &Policy, examined: usize, sieve: &mut Sieve) {
    let capped = examined < sieve.left.len();
    let by_number = capped && policy.cap_order == CapOrder::Lowest;
    let by_seat = policy.pick == Pick::Random || (capped && !by_number);
    let everybody = sieve.left.clone();
    if by_number {
        sieve.left.truncate(examined);
    }
    order(view, &mut sieve.left, policy.pick, by_seat.then_some(ask.tie));
    sieve.left.truncate(examined);
    if capped && policy.pick != Pick::Random {
        sieve.left.sort_by_key(|&node| rank(view, node, policy.pick));
    }
    let kept: std::collections::BTreeSet<NodeId> = sieve.left.iter().copied().collect();
    let off = everybody.into_iter().filter(|node| !kept.contains(node));
    let fell: Vec<_> = off
        .map(|node| (node, ShapeVerdict::Passes, "beyond the candidate cap".to_owned()))
        .collect();
    if !fell.is_empty() {
        sieve.stages.push(StageTrace {
            name: "candidate cap".to_owned(),
            left: sieve.left.len(),
            fell,
        });
    }
}

/// The filters, in the policy's order; whether one of them raised.
fn filters(view: &View, judge: &Judge, ask: &Ask, request: &RequestSpec, sieve: &mut Sieve, name: Name<'_>) -> bool {
    if matches!(ask.target, AskedNode::Forced(_)) {
        return false;
    }
    let host = |node: NodeId| judge.host(view, node, name);
    debug_assert!(
        sieve.left.iter().all(|&node| gate(&host(node), request).is_ok()),
        "Placement has seen to a named node"
    );
    for (index, filter) in judge.policy().filters.iter().enumerate() {
        let raised = std::cell::Cell::new(false);
        sieve.stage(
            filter.name,
            &|node| match (filter.run)(&host(node), request, &judge.policy().settings) {
                Ok(()) => None,
                Err(super::nova::No::Because(reason)) => Some((ShapeVerdict::Filter(index as u8), reason)),
                Err(super::nova::No::Raised(what)) => {
                    raised.set(true);
                    Some((
                        ShapeVerdict::Raises(index as u8),
                        format!("raises {what}: the whole request fails"),
                    ))
                }
            },
        );
        if raised.get() {
            return true;
        }
        if sieve.left.is_empty() {
            break;
        }
    }
    false
}

/// The survivors with their weights, best first; the tie order is kept among equal weights.
fn weights(view: &View, judge: &Judge, request: &RequestSpec, left: &[NodeId], name: Name<'_>) -> Vec<(NodeId, f64)> {
    let hosts: Vec<Host> = left.iter().map(|&node| judge.host(view, node, name)).collect();
    let weights = weigh(&hosts.iter().collect::<Vec<_>>(), request, &multipliers(judge));
    let mut weighed: Vec<(NodeId, f64)> = left.iter().copied().zip(weights).collect();
    weighed.sort_by(|a, b| b.1.total_cmp(&a.1));
    weighed
}

/// Puts candidates into the order by which the cap cuts and ties are broken: by their seats as a request's luck
/// orders them, or by rank.
fn order(view: &View, candidates: &mut [NodeId], pick: Pick, luck: Option<u64>) {
    match luck {
        Some(tie) => {
            let seats = Permutation::new(view.seats().bits(), tie);
            candidates.sort_by_key(|&node| seats.index(view.seats().seat(node)));
        }
        None => candidates.sort_by_key(|&node| rank(view, node, pick)),
    }
}
