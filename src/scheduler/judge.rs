//! The rules of a run, with nothing remembered: what they say of a shape or of a single node. A spec is put into Nova's
//! terms once (`compile`), and whoever asks holds shape after shape against that.

use super::ask::{Ask, AskedNode, Spec};
use super::known;
use super::nova::{Host, Located, Miss, No, Query, RequestSpec, gate, query_for};
use super::policy::Policy;
use super::render::{By, Glossary, STRANGER, member};
use crate::fleet::{ClassId, Mark, Marks, Names, NodeId, TenantId, TraitSet};
use crate::view::{Shape, View};
use crate::workload::Extras;

/// What becomes of a node in a decision, as far as its shape says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum ShapeVerdict {
    /// It passes every stage.
    #[default]
    Passes,
    /// A request filter refused the request: no node is asked.
    Refused,
    /// Placement refuses the query (HTTP 400), as for a trait that it has never heard of: no node is found.
    BadQuery,
    /// Placement: it has no inventory of the class.
    Class,
    /// Placement: it lacks a required trait.
    MissingTrait,
    /// Placement: it has a forbidden trait.
    ForbiddenTrait,
    /// Placement: it is in none of the required aggregates.
    NotMember,
    /// Placement: it is in a forbidden aggregate.
    Isolated,
    /// Announced work begins on it before the request's planned end.
    Announced,
    /// It belongs to another tenant, or the tenant is confined to its own.
    Owner,
    /// The filter at this place in the list.
    Filter(u8),
    /// The filter at this place raises: Nova fails the whole request.
    Raises(u8),
    /// The filters look at the single node.
    ByNode,
    /// They do, and one of them may raise.
    MayRaise,
}

impl ShapeVerdict {
    /// Whether Placement lets the node through (its own rules and the owners').
    #[must_use]
    pub fn is_candidate(self) -> bool {
        matches!(
            self,
            ShapeVerdict::Passes
                | ShapeVerdict::Filter(_)
                | ShapeVerdict::Raises(_)
                | ShapeVerdict::ByNode
                | ShapeVerdict::MayRaise
        )
    }

    /// Whether the single node is looked at.
    #[must_use]
    pub fn is_by_node(self) -> bool {
        matches!(self, ShapeVerdict::ByNode | ShapeVerdict::MayRaise)
    }

    /// The verdict that a miss of Placement's query is.
    #[must_use]
    pub fn of(miss: &Miss) -> ShapeVerdict {
        match miss {
            Miss::Class(_) | Miss::Reserved | Miss::Used | Miss::Amount(_) | Miss::Alone | Miss::OtherTree => {
                ShapeVerdict::Class
            }
            Miss::MissingTrait(_) => ShapeVerdict::MissingTrait,
            Miss::ForbiddenTrait(_) => ShapeVerdict::ForbiddenTrait,
            Miss::NotMember(_) => ShapeVerdict::NotMember,
            Miss::ForbiddenAggregate(_) => ShapeVerdict::Isolated,
        }
    }
}

/// A spec in Nova's terms.
#[derive(Clone, Debug)]
pub(super) struct Compiled {
    pub spec: Spec,
    request: RequestSpec,
    /// What Placement is asked; none where a request filter refuses the request.
    query: Option<Query>,
    /// Whether Placement answers the query as far as it does not hang on traits that nodes have reported.
    sound: bool,
    /// Traits that the query names, which Placement must have heard of, and the marks that are traits.
    names: (TraitSet, Marks),
    /// Whether the filters look at the single node.
    by_node: bool,
}

impl Compiled {
    /// Whether Placement refuses the query. It refuses a trait that no node has reported yet, so that this hangs on the view
    /// and not on a shape: it is asked at every decision, and never remembered.
    pub fn refused(&self, view: &View) -> bool {
        let (traits, marks) = self.names;
        let unknown = traits.0 & !view.known_traits().0 | u64::from(marks.0 & !view.known_marks().0);
        !self.sound || unknown != 0
    }

    /// Whether all that is asked of Placement is in granular groups.
    pub fn asks_by_suffix(&self) -> bool {
        self.query.as_ref().is_some_and(|query| query.resources.is_empty())
    }
}

/// The policy of a run and the words in which it is applied. It never changes.
#[derive(Clone, Debug)]
pub struct Judge {
    policy: Policy,
    /// The same without a cap, for specs whose hints drop it.
    uncapped: Policy,
    /// Whether an aggregate's metadata set a weigher's multiplier.
    weighs_by_aggregate: bool,
    glossary: Glossary,
    /// What a stranger's ordinary flavor refuses.
    ordinary_refuses: Marks,
    /// Whether ordinary requests name their owner.
    names_owner: bool,
}

impl Judge {
    /// The judge of a run with these names, extras and policy. `ordinary_refuses` and `names_owner` describe the ordinary
    /// request by which a node counts as hidden.
    #[must_use]
    pub fn new(names: &Names, extras: &[Extras], policy: Policy, ordinary_refuses: Marks, names_owner: bool) -> Judge {
        let mut of_aggregates = names.aggregates.iter().flat_map(|own| own.metadata.keys());
        Judge {
            uncapped: Policy {
                cap: None,
                ..policy.clone()
            },
            weighs_by_aggregate: of_aggregates.any(|key| key.ends_with("_weight_multiplier")),
            glossary: Glossary::new(names, extras, policy.tenants_have_aggregates),
            policy,
            ordinary_refuses,
            names_owner,
        }
    }

    /// The policy.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// The policy without a candidate cap.
    pub(super) fn uncapped(&self) -> &Policy {
        &self.uncapped
    }

    /// The policy for requests of a spec: hints by which Nova looks instances up drop the cap.
    #[must_use]
    pub fn policy_for(&self, spec: &Spec) -> &Policy {
        if self.glossary.drops_cap(spec) {
            &self.uncapped
        } else {
            &self.policy
        }
    }

    /// Whether an aggregate's metadata set a weigher's multiplier, so that weights hang on more than
    /// failed builds.
    #[must_use]
    pub fn weighs_by_aggregate(&self) -> bool {
        self.weighs_by_aggregate
    }

    /// The words.
    #[must_use]
    pub fn glossary(&self) -> &Glossary {
        &self.glossary
    }

    /// Puts a spec into Nova's terms.
    pub(super) fn compile(&self, spec: &Spec) -> Compiled {
        let request = self.glossary.request(spec, 1, None);
        let anywhere = Located::Anywhere;
        let query = query_for(&request, self.glossary.aggregates(), &anywhere, &self.policy.options).ok();
        let (refused, names) = query
            .as_ref()
            .map_or_else(Default::default, |query| known::asked(self, query));
        Compiled {
            spec: *spec,
            request,
            query,
            sound: !refused,
            names,
            by_node: self.glossary.looks_at_nodes(spec, &self.policy),
        }
    }

    /// An ordinary request of nobody in particular: what keeps it off a node by a mark hides the node.
    pub(super) fn stranger(&self, class: ClassId) -> Spec {
        Spec {
            class,
            tenant: STRANGER,
            system: true,
            refuses: self.ordinary_refuses,
            names_owner: self.names_owner,
            ..Spec::default()
        }
    }

    /// What becomes of a free node of this shape.
    pub(super) fn verdict(&self, compiled: &Compiled, shape: &Shape, closed: bool) -> ShapeVerdict {
        let spec = &compiled.spec;
        let Some(query) = &compiled.query else {
            return ShapeVerdict::Refused;
        };
        if !compiled.sound {
            return ShapeVerdict::BadQuery;
        }
        if let Err(miss) = self.glossary.provider("", shape, false, false).meets(query) {
            return ShapeVerdict::of(&miss);
        }
        if owned_away(shape, spec).is_some() {
            return ShapeVerdict::Owner;
        }
        let host = self.glossary.host("", shape, closed, 0);
        if compiled.by_node {
            let (mut filters, settings) = (self.policy.filters.iter(), &self.policy.settings);
            return if filters.any(|filter| (filter.may_raise)(&host, &compiled.request, settings)) {
                ShapeVerdict::MayRaise
            } else {
                ShapeVerdict::ByNode
            };
        }
        self.filter(&host, &compiled.request)
            .unwrap_or_else(|(verdict, _)| verdict)
    }

    /// Runs the filters on one host.
    ///
    /// # Errors
    /// The first filter that does not let it through, with its reason.
    pub fn filter(&self, host: &Host, request: &RequestSpec) -> Result<ShapeVerdict, (ShapeVerdict, String)> {
        for (index, filter) in self.policy.filters.iter().enumerate() {
            match (filter.run)(host, request, &self.policy.settings) {
                Ok(()) => {}
                Err(No::Because(reason)) => return Err((ShapeVerdict::Filter(index as u8), reason)),
                Err(No::Raised(what)) => {
                    return Err((
                        ShapeVerdict::Raises(index as u8),
                        format!("raises {what}: the whole request fails"),
                    ));
                }
            }
        }
        Ok(ShapeVerdict::Passes)
    }

    /// The request of an ask, with the machine's name if it has one.
    #[must_use]
    pub fn request(&self, view: &View, ask: &Ask, name: &dyn Fn(NodeId) -> String) -> RequestSpec {
        let named = match ask.target {
            AskedNode::Any => None,
            AskedNode::Named(node) => Some((By::Destination, node)),
            AskedNode::Forced(node) => Some((By::Force, node)),
            AskedNode::Hinted(node) => Some((By::Hint, node)),
        };
        let mut request = match named {
            None => self.glossary.request(&ask.spec, ask.count, None),
            Some((by, node)) => {
                let host = self.glossary.names().groups.name(view.shape_of(node).group.0);
                self.glossary
                    .request(&ask.spec, ask.count, Some((by, &name(node), host)))
            }
        };
        let group = self.glossary.group(&ask.spec);
        request.group = group.map(|group| self.glossary.server_group(view, group, ask.count));
        request
    }

    /// A node as the filters see it.
    #[must_use]
    pub fn host(&self, view: &View, node: NodeId, name: &dyn Fn(NodeId) -> String) -> Host {
        let shape = view.shape_of(node);
        let failed = view.failed_builds(node);
        let closed = view.closed(shape.group);
        let grouped = view.groups_on(shape.group);
        let members = grouped.flat_map(|(group, n)| (0..n).map(move |which| member(group, shape.group, which)));
        Host {
            instances: view.residents(shape.group).iter().cloned().chain(members).collect(),
            ..self.glossary.host(&name(node), shape, closed, failed)
        }
    }

    /// Judges one node by the gate and the filters.
    #[must_use]
    pub fn judge_node(&self, host: &Host, request: &RequestSpec) -> ShapeVerdict {
        debug_assert!(gate(host, request).is_ok(), "Placement has seen to a named node");
        self.filter(host, request).unwrap_or_else(|(verdict, _)| verdict)
    }
}

/// Why a node is kept from a tenant by who owns or leases it, if it is. Nova 34.0 does not read a
/// node's owner; this is Ironic's own rule (allocation API, db/sqlalchemy/api.py:559): an
/// allocation that names its owner gets only nodes that the owner owns or leases. Nodes that the
/// operators have taken over (`Mark::OperatorsOwner`) are kept from those allocations alone.
#[must_use]
pub fn owned_away(shape: &Shape, spec: &Spec) -> Option<TenantId> {
    let operators = shape.marks.has(Mark::OperatorsOwner);
    if spec.asks.has(Mark::OperatorsOwner) {
        let theirs = shape.owner.or(shape.lessee).unwrap_or(spec.tenant);
        return (!operators).then_some(theirs);
    }
    if operators && spec.names_owner {
        return Some(TenantId::OPERATORS);
    }
    let own = shape.owner == Some(spec.tenant) || shape.lessee == Some(spec.tenant);
    if spec.system || own {
        return None;
    }
    let other = shape.owner.or(shape.lessee);
    if spec.confined {
        Some(other.unwrap_or(TenantId::OPERATORS))
    } else {
        other
    }
}
