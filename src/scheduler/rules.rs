//! Verdicts: what the rules of Nova and Placement say of a shape that a request meets. All nodes
//! of a shape fare alike, so each (spec, shape) is put into Nova's terms and judged once; a
//! decision then reads verdicts. What looks at the single node (a JsonFilter query, an extra spec
//! that names a machine) is judged node by node.

use std::collections::BTreeMap;

use super::ask::{Ask, Spec, Target};
use super::known;
use super::memo::{Memo, Recent};
use super::nova::{Host, Located, Miss, No, Query, RequestSpec, gate, query_for};
use super::policy::Policy;
use super::render::{By, Glossary, STRANGER, member};
use crate::fleet::{Mark, Marks, Names, NodeId, TenantId, TraitSet};
use crate::kernel::Time;
use crate::view::{Shape, ShapeId, View};
use crate::workload::Extras;

/// What becomes of a node in a decision, as far as its shape says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
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

impl Verdict {
    /// Whether Placement lets the node through (its own rules and the owners').
    #[must_use]
    pub fn is_candidate(self) -> bool {
        matches!(
            self,
            Verdict::Passes | Verdict::Filter(_) | Verdict::Raises(_) | Verdict::ByNode | Verdict::MayRaise
        )
    }

    /// Whether the single node is looked at.
    #[must_use]
    pub fn is_by_node(self) -> bool {
        matches!(self, Verdict::ByNode | Verdict::MayRaise)
    }

    /// The verdict that a miss of Placement's query is.
    #[must_use]
    pub fn of(miss: &Miss) -> Verdict {
        match miss {
            Miss::Class(_) | Miss::Reserved | Miss::Used | Miss::Amount(_) | Miss::Alone | Miss::OtherTree => {
                Verdict::Class
            }
            Miss::MissingTrait(_) => Verdict::MissingTrait,
            Miss::ForbiddenTrait(_) => Verdict::ForbiddenTrait,
            Miss::NotMember(_) => Verdict::NotMember,
            Miss::ForbiddenAggregate(_) => Verdict::Isolated,
        }
    }
}

/// A spec in Nova's terms, with the verdicts that have been needed so far.
#[derive(Clone, Debug)]
struct Compiled {
    spec: Spec,
    request: RequestSpec,
    query: Option<Query>,
    /// Whether Placement answers the query as far as it does not hang on traits that nodes have reported.
    sound: bool,
    /// Traits that the query names, which Placement must have heard of, and the marks that are traits.
    names: (TraitSet, Marks),
    by_node: bool,
    /// By shape, for an open and for a closed compute service, and for one without marks.
    verdicts: Vec<[Option<Verdict>; 3]>,
    plan: Plan,
}

/// How all shapes of a spec's class fare, whether they hold free nodes or not.
#[derive(Clone, Debug, Default)]
struct Plan {
    /// The version of the view for which this holds; a view with shapes has none that is 0.
    version: u32,
    /// Each shape passes every stage or is none of Placement's candidates: no filter refuses what
    /// Placement lets through, and none raises or looks at the single node.
    plain: bool,
    /// The shapes that pass.
    passing: Vec<ShapeId>,
    /// Whether the candidate cap does not hold for the spec.
    uncapped: bool,
}

/// The place of the verdict on a shape without its marks, after the open and the closed service's.
const BARE: usize = 2;

/// Verdicts on single nodes are kept for so many flavors.
const FLAVORS: usize = 16;

impl Compiled {
    /// Whether Placement refuses the query.
    fn refused(&self, view: &View) -> bool {
        let (traits, marks) = self.names;
        let unknown = traits.0 & !view.known_traits().0 | u64::from(marks.0 & !view.known_marks().0);
        !self.sound || unknown != 0
    }
}

/// The rules of a run: the policy, the words, and the verdicts found so far. A pure function of
/// its inputs; the verdicts are a memo.
#[derive(Clone, Debug)]
pub struct Rules {
    policy: Policy,
    /// The same without a cap, for specs whose hints drop it.
    uncapped: Policy,
    /// Whether an aggregate's metadata set a weigher's multiplier.
    weighs_by_aggregate: bool,
    glossary: Glossary,
    places: BTreeMap<Spec, usize>,
    /// The same, for specs that were asked for lately.
    recent: Recent,
    compiled: Vec<Compiled>,
    hidden: Vec<[Option<bool>; 2]>,
    /// Verdicts on single nodes, the flavor that was asked for last at the end.
    memos: Vec<Memo>,
    /// A list of a survey that is over.
    spare: Vec<(ShapeId, Verdict)>,
    /// What a stranger's ordinary flavor refuses.
    ordinary_refuses: Marks,
    /// Whether ordinary requests name their owner.
    names_owner: bool,
}

impl Rules {
    /// The rules of a run with these names, extras and policy. `ordinary_refuses` and
    /// `names_owner` describe the ordinary request by which a node counts as hidden.
    #[must_use]
    pub fn new(names: &Names, extras: &[Extras], policy: Policy, ordinary_refuses: Marks, names_owner: bool) -> Rules {
        let mut of_aggregates = names.aggregates.iter().flat_map(|own| own.metadata.keys());
        Rules {
            uncapped: Policy {
                cap: None,
                ..policy.clone()
            },
            weighs_by_aggregate: of_aggregates.any(|key| key.ends_with("_weight_multiplier")),
            glossary: Glossary::new(names, extras, policy.tenants_have_aggregates),
            policy,
            places: BTreeMap::new(),
            recent: Recent::default(),
            compiled: Vec::new(),
            hidden: Vec::new(),
            memos: Vec::new(),
            spare: Vec::new(),
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

    /// Whether all that a spec asks of Placement is in granular groups.
    pub fn asks_by_suffix(&mut self, spec: &Spec) -> bool {
        let place = self.compile(spec);
        let query = self.compiled[place].query.as_ref();
        query.is_some_and(|query| query.resources.is_empty())
    }

    /// The words.
    #[must_use]
    pub fn glossary(&self) -> &Glossary {
        &self.glossary
    }

    /// The place of a spec among the compiled ones.
    #[inline]
    fn compile(&mut self, spec: &Spec) -> usize {
        if let Some(place) = self.recent.find(spec) {
            return place;
        }
        let place = match self.places.get(spec) {
            Some(&place) => place,
            None => self.compile_anew(spec),
        };
        self.recent.note(spec, place);
        place
    }

    #[cold]
    fn compile_anew(&mut self, spec: &Spec) -> usize {
        let request = self.glossary.request(spec, 1, None);
        let anywhere = Located::Anywhere;
        let query = query_for(&request, self.glossary.aggregates(), &anywhere, &self.policy.options).ok();
        let (refused, names) = query
            .as_ref()
            .map_or_else(Default::default, |query| known::asked(self, query));
        let by_node = self.glossary.looks_at_nodes(spec, &self.policy);
        self.compiled.push(Compiled {
            spec: *spec,
            plan: Plan::default(),
            request,
            query,
            sound: !refused,
            names,
            by_node,
            verdicts: Vec::new(),
        });
        self.places.insert(*spec, self.compiled.len() - 1);
        self.compiled.len() - 1
    }

    /// The verdict on a shape of the view.
    pub fn verdict(&mut self, view: &View, spec: &Spec, id: ShapeId) -> Verdict {
        let place = self.compile(spec);
        self.verdict_at(place, view, id)
    }

    /// The place of a spec among those that the rules know, for `plan`.
    pub fn place(&mut self, spec: &Spec) -> usize {
        self.compile(spec)
    }

    /// The policy, and the shapes that the spec at this place passes with, where nothing else needs
    /// to be looked at; none where it does.
    #[inline]
    pub fn plan(&mut self, view: &View, place: usize) -> Option<(&Policy, &[ShapeId])> {
        if self.compiled[place].plan.version != view.version() {
            self.make_plan(view, place);
        }
        let compiled = &self.compiled[place];
        let plan = &compiled.plan;
        let policy = if plan.uncapped { &self.uncapped } else { &self.policy };
        plan.plain.then_some((policy, &plan.passing))
    }

    #[cold]
    fn make_plan(&mut self, view: &View, place: usize) {
        let mut plan = Plan {
            version: view.version(),
            plain: !self.weighs_by_aggregate && self.glossary.group(&self.compiled[place].spec).is_none(),
            passing: Vec::new(),
            uncapped: self.glossary.drops_cap(&self.compiled[place].spec),
        };
        for &id in view.shapes_of(self.compiled[place].spec.class) {
            match self.verdict_at(place, view, id) {
                Verdict::Passes => plan.passing.push(id),
                Verdict::Refused => plan.plain = false,
                verdict => plan.plain &= !verdict.is_candidate(),
            }
        }
        self.compiled[place].plan = plan;
    }

    fn verdict_at(&mut self, place: usize, view: &View, id: ShapeId) -> Verdict {
        if self.compiled[place].refused(view) {
            return Verdict::BadQuery;
        }
        let shape = view.shape(id);
        let closed = usize::from(view.closed(shape.group));
        let verdicts = &mut self.compiled[place].verdicts;
        if verdicts.len() <= id as usize {
            verdicts.resize(id as usize + 1, [None; 3]);
        }
        if let Some(verdict) = verdicts[id as usize][closed] {
            return verdict;
        }
        let verdict = self.judge(&self.compiled[place], shape, closed == 1);
        self.compiled[place].verdicts[id as usize][closed] = Some(verdict);
        verdict
    }

    /// The shapes of the spec's class that hold free nodes, with their verdicts. `put_by` takes the list
    /// back, so that the next survey need not ask for memory.
    pub fn survey(&mut self, view: &View, spec: &Spec) -> Vec<(ShapeId, Verdict)> {
        let place = self.compile(spec);
        let mut survey = std::mem::take(&mut self.spare);
        survey.clear();
        for &id in view.shapes_of(spec.class) {
            if !view.shelf(id).is_empty() {
                survey.push((id, self.verdict_at(place, view, id)));
            }
        }
        survey
    }

    /// The same for an ask: what its planned end keeps it off is no candidate.
    pub fn survey_for(&mut self, view: &View, ask: &Ask) -> Vec<(ShapeId, Verdict)> {
        let mut survey = self.survey(view, &ask.spec);
        if ask.ends > Time::ZERO {
            for (id, verdict) in &mut survey {
                if verdict.is_candidate() && ask.runs_into_work(view.shape(*id)) {
                    *verdict = Verdict::Announced;
                }
            }
        }
        survey
    }

    /// A survey is over.
    pub fn put_by(&mut self, survey: Vec<(ShapeId, Verdict)>) {
        self.spare = survey;
    }

    /// The verdicts on single nodes for this ask's flavor, to be given back by `keep`.
    pub(super) fn memo(&mut self, ask: &Ask) -> Memo {
        let place = self.compile(&ask.spec);
        let found = self.memos.iter().position(|memo| memo.is_of(place, ask.count));
        found.map_or_else(|| Memo::new(place, ask.count), |at| self.memos.remove(at))
    }

    /// Keeps verdicts on single nodes; those of the flavor that was asked for least lately go.
    pub(super) fn keep(&mut self, memo: Memo) {
        if self.memos.len() == FLAVORS {
            self.memos.remove(0);
        }
        self.memos.push(memo);
    }

    /// Judges a shape by the rules themselves.
    fn judge(&self, compiled: &Compiled, shape: &Shape, closed: bool) -> Verdict {
        let spec = &compiled.spec;
        let Some(query) = &compiled.query else {
            return Verdict::Refused;
        };
        if !compiled.sound {
            return Verdict::BadQuery;
        }
        if let Err(miss) = self.glossary.provider("", shape, false, false).meets(query) {
            return Verdict::of(&miss);
        }
        if owned_away(shape, spec).is_some() {
            return Verdict::Owner;
        }
        let host = self.glossary.host("", shape, closed, 0);
        if compiled.by_node {
            let (mut filters, settings) = (self.policy.filters.iter(), &self.policy.settings);
            return if filters.any(|filter| (filter.may_raise)(&host, &compiled.request, settings)) {
                Verdict::MayRaise
            } else {
                Verdict::ByNode
            };
        }
        self.filter(&host, &compiled.request)
            .unwrap_or_else(|(verdict, _)| verdict)
    }

    /// Runs the filters on one host.
    ///
    /// # Errors
    /// The first filter that does not let it through, with its reason.
    pub fn filter(&self, host: &Host, request: &RequestSpec) -> Result<Verdict, (Verdict, String)> {
        for (place, filter) in self.policy.filters.iter().enumerate() {
            match (filter.run)(host, request, &self.policy.settings) {
                Ok(()) => {}
                Err(No::Because(reason)) => return Err((Verdict::Filter(place as u8), reason)),
                Err(No::Raised(what)) => {
                    return Err((
                        Verdict::Raises(place as u8),
                        format!("raises {what}: the whole request fails"),
                    ));
                }
            }
        }
        Ok(Verdict::Passes)
    }

    /// The request of an ask, with the machine's name if it has one.
    #[must_use]
    pub fn request(&self, view: &View, ask: &Ask, name: &dyn Fn(NodeId) -> String) -> RequestSpec {
        let named = match ask.target {
            Target::Any => None,
            Target::Named(node) => Some((By::Destination, node)),
            Target::Forced(node) => Some((By::Force, node)),
            Target::Hinted(node) => Some((By::Hint, node)),
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
    pub fn judge_node(&self, host: &Host, request: &RequestSpec) -> Verdict {
        debug_assert!(gate(host, request).is_ok(), "Placement has seen to a named node");
        self.filter(host, request).unwrap_or_else(|(verdict, _)| verdict)
    }

    /// The verdict on a shape if it had no marks and its service were not the operators'.
    pub fn but_for_marks(&mut self, view: &View, spec: &Spec, id: ShapeId) -> Verdict {
        let place = self.compile(spec);
        let verdicts = &mut self.compiled[place].verdicts;
        if verdicts.len() <= id as usize {
            verdicts.resize(id as usize + 1, [None; 3]);
        }
        if let Some(verdict) = verdicts[id as usize][BARE] {
            return verdict;
        }
        let bare = Shape {
            marks: Marks::default(),
            ..*view.shape(id)
        };
        let verdict = self.judge(&self.compiled[place], &bare, false);
        self.compiled[place].verdicts[id as usize][BARE] = Some(verdict);
        verdict
    }

    /// Whether a node of this shape could serve a request of this spec if it were free.
    pub fn could(&mut self, spec: &Spec, shape: &Shape) -> bool {
        let place = self.compile(spec);
        let verdict = self.judge(&self.compiled[place], shape, false);
        verdict == Verdict::Passes || verdict.is_by_node()
    }

    /// Whether a stranger's ordinary request is kept off nodes of this shape by their marks.
    #[inline]
    pub fn hides(&mut self, view: &View, id: ShapeId) -> bool {
        let shape = view.shape(id);
        let closed = view.closed(shape.group);
        if shape.marks.is_empty() && !closed {
            return false;
        }
        self.hides_marked(view, id, closed)
    }

    fn hides_marked(&mut self, view: &View, id: ShapeId, closed: bool) -> bool {
        let shape = *view.shape(id);
        if self.hidden.len() <= id as usize {
            self.hidden.resize(id as usize + 1, [None; 2]);
        }
        if let Some(hidden) = self.hidden[id as usize][usize::from(closed)] {
            return hidden;
        }
        let probe = Spec {
            class: shape.class,
            tenant: STRANGER,
            system: true,
            refuses: self.ordinary_refuses,
            names_owner: self.names_owner,
            ..Spec::default()
        };
        let passes = |verdict: Verdict| verdict == Verdict::Passes || verdict.is_by_node();
        let place = self.compile(&probe);
        let now = self.judge(&self.compiled[place], &shape, closed);
        let hidden = !passes(now) && passes(self.but_for_marks(view, &probe, id));
        self.hidden[id as usize][usize::from(closed)] = Some(hidden);
        hidden
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
