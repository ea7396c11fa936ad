//! The one sentence that an operator reads first: what became of the request, why, and a suggested fix.

use std::collections::BTreeMap;

use super::account::{Asked, Happening, Pass};
use super::scene::{Doing, Scene};
use crate::fleet::NodeId;
use crate::kernel::{Span, Time};
use crate::scheduler::plain::SERVER_GROUP;
use crate::scheduler::{Quota, Rules, Spec, Spread};
use crate::workload::Request;
use crate::world::Cause;

/// What the sentence is made of.
pub(super) struct Story<'a> {
    pub request: &'a Asked,
    pub start: Time,
    pub ended: Option<(Time, Option<Cause>)>,
    pub scene: Option<&'a Scene>,
    pub watched: &'a BTreeMap<NodeId, Option<Time>>,
    pub events: &'a [Happening],
    pub passes: &'a [Pass],
    pub rules: &'a Rules,
    /// The request itself.
    pub it: &'a Request,
    /// With how few machines the last decision would have been content.
    pub least: usize,
    /// The tenant's machines then, in all and of the class.
    pub used: (u32, u32),
    /// Machines that were decided and lost.
    pub lost: usize,
    /// Builds that failed.
    pub failed: usize,
    /// Of all builds, those that went to a node in maintenance.
    pub misplaced: usize,
    /// Whether the strategy hides nodes in maintenance.
    pub hides: bool,
}

impl Story<'_> {
    /// What nodes in maintenance are that cannot be had.
    fn hidden(&self) -> &'static str {
        if self.hides {
            "hidden for maintenance"
        } else {
            "in maintenance and not available"
        }
    }
}

pub(super) fn answer(story: &Story<'_>) -> String {
    let request = story.request;
    let machines = if request.count == 1 {
        format!("a {} node", request.class)
    } else {
        format!("{} {} nodes", request.count, request.class)
    };
    let who = format!("{} (tenant {}, {machines})", request.id, request.tenant);
    match story.ended {
        None if story.events.is_empty() => format!("{who} was not decided before the horizon."),
        None => format!(
            "{who} had neither been served nor given up at the horizon. {}",
            composition(story)
        ),
        Some((at, None)) => {
            let nodes: Vec<&str> = story
                .passes
                .last()
                .map_or_else(Vec::new, |pass| pass.picks.iter().map(String::as_str).collect());
            let builds = match story.failed {
                0 => String::new(),
                1 => ", after one failed build".to_owned(),
                n => format!(", after {n} failed builds"),
            };
            let picked = if nodes.is_empty() {
                String::new()
            } else {
                format!(" (picked: {})", few(&nodes))
            };
            let part = match story.lost {
                0 => String::new(),
                1 => " in part (1 machine was lost)".to_owned(),
                n => format!(" in part ({n} machines were lost)"),
            };
            format!(
                "{who} was served{part}: active {} after its start{builds}{picked}.",
                rough(at - story.start)
            )
        }
        Some((_, Some(cause))) => {
            let text = format!("{who} was refused: {}. {}", because(story, cause), composition(story));
            match fix(story, cause) {
                Some(fix) => format!("{text} {fix}"),
                None => text,
            }
        }
    }
}

fn few(names: &[&str]) -> String {
    match names {
        [.., _] if names.len() > 4 => format!("{} and {} more", names[..3].join(", "), names.len() - 3),
        _ => names.join(", "),
    }
}

fn nodes(count: usize) -> String {
    if count == 1 {
        "1 node".to_owned()
    } else {
        format!("{count} nodes")
    }
}

/// A time as somebody would say it.
fn rough(span: Span) -> String {
    let minutes = span.0.div_ceil(60_000);
    let tenths = |unit: u64| {
        let tenths = (minutes * 10).div_ceil(unit);
        let (whole, rest) = (tenths / 10, tenths % 10);
        if rest == 0 {
            whole.to_string()
        } else {
            format!("{whole}.{rest}")
        }
    };
    match minutes {
        0..120 => format!("{minutes} min"),
        120..2880 => format!("{} h", tenths(60)),
        _ => format!("{} d", tenths(1440)),
    }
}

/// The cause in words, with its numbers.
fn because(story: &Story<'_>, cause: Cause) -> String {
    let class = &story.request.class;
    let count = |doing| story.scene.map_or(0, |scene| scene.count(doing));
    let hidden = count(Doing::Hidden) + count(Doing::Stranded);
    match cause {
        Cause::ClassFull => full(story),
        Cause::NeverFits => never(story),
        Cause::Line => "somebody who came earlier waits in a strict line".to_owned(),
        Cause::OnlyHidden if hidden == 0 => {
            let images = count(Doing::Errand);
            let were = if images == 1 { "was" } else { "were" };
            format!(
                "{} of class {class} {were} {}, with operators' images",
                nodes(images),
                story.hidden()
            )
        }
        Cause::OnlyHidden => {
            let were = if hidden == 1 { "was" } else { "were" };
            format!(
                "{} of class {class} that stood idle {were} {}",
                nodes(hidden),
                story.hidden()
            )
        }
        Cause::OtherTenants => {
            let [_, belong] = story.scene.map_or_else(Default::default, whose);
            format!("the free {class} nodes {belong}")
        }
        Cause::CandidateCap => {
            let cap = story
                .rules
                .policy()
                .cap
                .map_or_else(String::new, |cap| format!(" of {cap}"));
            format!("the candidate cap{cap} let only nodes through that the filters then refused")
        }
        Cause::Quota => quota(story),
        Cause::StaleView if story.failed > 0 => {
            format!(
                "{}: the last node was taken out of service, or failed, under it",
                failed(story)
            )
        }
        Cause::StaleView => "the scheduler's view was stale".to_owned(),
        Cause::BuildChance => format!("{}, the last one by chance, on sound hardware", failed(story)),
        Cause::BrokenHardware => format!("{}, the last one on broken hardware", failed(story)),
        Cause::DriverRefused => {
            format!(
                "{}: the driver refused the last node, which was not what the view said",
                failed(story)
            )
        }
        Cause::NoMatch if held_by_group(story) => {
            format!("its server group lets too few machines onto the compute services of the free {class} nodes")
        }
        Cause::NoMatch => {
            let mut reasons: Vec<(&String, &usize)> =
                story.scene.map_or_else(Vec::new, |scene| scene.unfit.iter().collect());
            reasons.sort_by_key(|(_, n)| std::cmp::Reverse(**n));
            let most = reasons
                .first()
                .map_or_else(String::new, |(reason, n)| format!(" ({}: {reason})", nodes(**n)));
            format!("the free {class} nodes lack what it asks for{most}")
        }
    }
}

/// How many builds failed, without a further attempt.
fn failed(story: &Story<'_>) -> String {
    match story.failed {
        1 => "1 build failed, and there was no further attempt".to_owned(),
        n => format!("{n} builds failed, and there was no further attempt"),
    }
}

/// Too few were idle, with how many were.
fn full(story: &Story<'_>) -> String {
    let class = &story.request.class;
    let idle = [
        Doing::Free,
        Doing::Unseen,
        Doing::Hidden,
        Doing::Stranded,
        Doing::OtherTenant,
        Doing::Unfit,
    ];
    let count = |doing| story.scene.map_or(0, |scene| scene.count(doing));
    let leased = count(Doing::Leased);
    match idle.into_iter().map(count).sum::<usize>() {
        _ if leased > 0 => {
            let are = if leased == 1 { "is" } else { "are" };
            format!(
                "{} of class {class} that stood idle {are} leased to others within its time",
                nodes(leased)
            )
        }
        0 => format!("no {class} node was idle, not even in maintenance"),
        n => format!(
            "it asks for {}, and {n} of class {class} stood idle",
            nodes(story.least)
        ),
    }
}

/// It can never be served.
fn never(story: &Story<'_>) -> String {
    let (tenant, class) = (story.it.tenant, story.it.class);
    let quota = story.rules.policy().quota.as_deref();
    let quota = quota.filter(|quota| quota.limits(tenant, class));
    let least = story.it.least(quota.is_some());
    let most = quota.map(|quota| quota.most(tenant, class));
    let why = match (most.filter(|&most| most < u32::from(least)), spread(story)) {
        (Some(most), _) => format!("the quota of tenant {} is {most}", story.request.tenant),
        (None, Spread::Anyhow) => "there will never be enough nodes that fit".to_owned(),
        (None, Spread::Together) => "no compute service will ever have so many nodes that fit".to_owned(),
        (None, Spread::Apart(most)) => format!(
            "its server group wants {} a compute service at most, and there will never be enough services",
            nodes(most as usize)
        ),
    };
    format!("{why}, so it can never be served")
}

/// Whether the free nodes have all that the request asks for, and its server group alone keeps it off them.
fn held_by_group(story: &Story<'_>) -> bool {
    let unfit = story.scene.is_some_and(|scene| !scene.unfit.is_empty());
    let by_policy = |pass: &Pass| {
        let last = pass.stages.iter().rev().find(|stage| stage.fell > 0);
        last.is_some_and(|stage| stage.stage == SERVER_GROUP || stage.stage.starts_with("ServerGroup"))
    };
    spread(story) != Spread::Anyhow && (!unfit || story.passes.last().is_some_and(by_policy))
}

/// How the request's machines may lie on compute services.
fn spread(story: &Story<'_>) -> Spread {
    let (class, tenant, extras) = (story.it.class, story.it.tenant, story.it.extras);
    story.rules.spread(&Spec {
        class,
        tenant,
        extras,
        ..Spec::default()
    })
}

/// Whether it is the tenant's machines in all that bind, and not those of the class.
fn all_bind(quota: &Quota, story: &Story<'_>) -> bool {
    let (tenant, class) = (story.it.tenant, story.it.class);
    let (all, of_class) = story.used;
    let left = |most: u32, used: u32| most.saturating_sub(used);
    left(quota.machines(tenant), all) <= left(quota.of_class(tenant, class), of_class)
}

/// The key that says the quota which binds.
fn quota_key(story: &Story<'_>) -> &'static str {
    let Some(quota) = story.rules.policy().quota.as_deref() else {
        return "control_plane.quota";
    };
    let own = quota.tenants.get(&story.it.tenant);
    let all = all_bind(quota, story);
    let is_own = own.is_some_and(|own| match all {
        true => own.machines.is_some(),
        false => own.classes.contains_key(&story.it.class),
    });
    match (is_own, all) {
        (true, _) => "limit in control_plane.tenant_quota",
        (false, true) => "control_plane.quota",
        (false, false) => "control_plane.class_quota",
    }
}

/// The quota, and what is used of it.
fn quota(story: &Story<'_>) -> String {
    let Some(quota) = story.rules.policy().quota.as_deref() else {
        return "the tenant's quota is used up".to_owned();
    };
    let (tenant, class) = (story.it.tenant, story.it.class);
    let (all, of_class) = story.used;
    let (most, most_of_class) = (quota.machines(tenant), quota.of_class(tenant, class));
    if all_bind(quota, story) {
        format!(
            "tenant {} has {all} of the {most} machines of its quota",
            story.request.tenant
        )
    } else {
        format!(
            "tenant {} has {of_class} of the {most_of_class} {} machines of its quota",
            story.request.tenant, story.request.class
        )
    }
}

fn refs(words: &[String]) -> Vec<&str> {
    words.iter().map(String::as_str).collect()
}

/// Whose the nodes are that are not for the tenant: of one of them, and of several.
fn whose(scene: &Scene) -> [String; 2] {
    let owners = few(&refs(&scene.owners));
    let confined = "none of the tenant's own, to which it is confined";
    match (scene.ownerless, owners.is_empty()) {
        (true, true) => [format!("is {confined}"), format!("are {confined}")],
        (true, false) => ["belongs", "belong"].map(|verb| format!("{verb} to {owners} or to nobody")),
        (false, _) => ["belongs", "belong"].map(|verb| format!("{verb} to {owners}")),
    }
}

/// What the class's nodes were doing, and when those out of reach came back.
fn composition(story: &Story<'_>) -> String {
    let Some(scene) = story.scene else { return String::new() };
    let part = |doing, one: &str, many: &str| {
        let n = scene.count(doing);
        (n > 0).then(|| format!("{n} {}", if n == 1 { one } else { many }))
    };
    let [belongs, belong] = whose(scene);
    let mut parts: Vec<String> = [
        part(Doing::Tenant, "ran a tenant's instance", "ran tenants' instances"),
        part(Doing::Deploying, "was being deployed", "were being deployed"),
        part(Doing::Errand, "held an operators' image", "held operators' images"),
        part(Doing::Cleaning, "was being cleaned", "were being cleaned"),
        part(
            Doing::Away,
            "was in another state of Ironic's",
            "were in other states of Ironic's",
        ),
        part(Doing::OtherTenant, &belongs, &belong),
        part(
            Doing::Leased,
            "was free and is leased to somebody else within its time",
            "were free and are leased to others within its time",
        ),
        part(Doing::Unfit, "does not fit", "do not fit"),
        part(Doing::Unseen, "was free unseen", "were free unseen"),
        part(
            Doing::Stranded,
            "was hidden though nothing was to be done",
            "were hidden though nothing was to be done",
        ),
        part(Doing::Free, "was free", "were free"),
    ]
    .into_iter()
    .flatten()
    .collect();
    let (one, many) = (format!("was {}", story.hidden()), format!("were {}", story.hidden()));
    if let Some(mut hidden) = part(Doing::Hidden, &one, &many) {
        if let Some((n, within)) = back(story, &[Doing::Hidden]) {
            let returns = if n == 1 { "returns" } else { "return" };
            hidden = format!("{hidden} ({n} {returns} within {within})");
        }
        parts.insert(0, hidden);
    }
    let all = scene.doing.len();
    format!("Of {} of the class, {}.", nodes(all), parts.join(", "))
}

/// How many of the nodes that were doing this came back within a week, and within what time.
fn back(story: &Story<'_>, doing: &[Doing]) -> Option<(usize, String)> {
    let scene = story.scene?;
    let of = |node: &NodeId| scene.doing.get(node).is_some_and(|one| doing.contains(one));
    let mut times: Vec<Span> = story
        .watched
        .iter()
        .filter(|(node, _)| of(node))
        .filter_map(|(_, back)| Some((*back)? - scene.at))
        .filter(|&span| span <= Span::days(7))
        .collect();
    times.sort_unstable();
    let last = *times.last()?;
    Some((times.len(), rough(last)))
}

/// What would have helped, or when waiting would have.
fn fix(story: &Story<'_>, cause: Cause) -> Option<String> {
    match cause {
        Cause::CandidateCap => Some(
            "Suggested fix: raise control_plane.cap, or hide nodes in Placement (mechanism isolated-aggregate) so that \
             they are no candidates at all."
                .to_owned(),
        ),
        Cause::Quota => Some(format!(
            "Suggested fix: a higher {}, or releasing a machine.",
            quota_key(story)
        )),
        Cause::StaleView if story.failed > 0 => {
            Some("Suggested fix: more attempts, or maintenance that lets builds end (drain = \"tenant-leaves\").".to_owned())
        }
        Cause::StaleView | Cause::DriverRefused => Some(
            "Suggested fix: more conductor groups (shorter passes of the loop), or a mark that travels by API."
                .to_owned(),
        ),
        Cause::BrokenHardware if story.misplaced > 0 && !story.hides => Some(
            "Suggested fix: hiding nodes in maintenance, to which its builds were sent, or more attempts.".to_owned(),
        ),
        Cause::BrokenHardware => Some("Suggested fix: faster detection of broken nodes, or more attempts.".to_owned()),
        Cause::BuildChance => Some("Suggested fix: more attempts.".to_owned()),
        Cause::NeverFits => Some("Suggested fix: a smaller request, more nodes that fit, or a higher quota.".to_owned()),
        Cause::Line => Some("Suggested fix: line = \"open\", which lets pass whoever fits.".to_owned()),
        Cause::OtherTenants => Some("Suggested fix: a lease of one of these nodes.".to_owned()),
        Cause::NoMatch if held_by_group(story) => Some(
            "Suggested fix: waiting until machines of the group have gone, or free nodes behind other compute services."
                .to_owned(),
        ),
        Cause::NoMatch => Some("Suggested fix: another flavor.".to_owned()),
        Cause::ClassFull | Cause::OnlyHidden => {
            let scene = story.scene?;
            let free = scene.count(Doing::Free);
            let short = story.least.saturating_sub(free).max(1);
            let mut times: Vec<Span> = story
                .watched
                .values()
                .filter_map(|back| Some((*back)? - scene.at))
                .collect();
            times.sort_unstable();
            let wait = times.get(short - 1)?;
            let nodes = if short == 1 {
                "a node was".to_owned()
            } else {
                format!("the {short} nodes that it lacked were")
            };
            Some(format!(
                "Suggested fix: waiting; {nodes} on offer again {} later.",
                rough(*wait)
            ))
        }
    }
}
