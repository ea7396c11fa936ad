//! `[operators]`, `[control_plane]` and `[ironic]`.

use super::fleet::Yard;
use super::{crews, quota};
use crate::kernel::{Hours, Law};
use crate::scenario::diagnose::fix_word;
use crate::scenario::read::Section;
use crate::scenario::tree::Value;
use crate::scenario::values;
use crate::scheduler::Policy;
use crate::scheduler::nova::filters::find;
use crate::scheduler::nova::{FILTERS, Filter, FilterSettings, Options};
use crate::scheduler::{CapOrder, Pick};
use crate::world::settings::{Ironic, Loop, Operators};

/// `[operators]`.
pub fn operators(t: &mut Section<'_>, yard: &Yard) -> (Operators, Vec<crews::CrewDraft>) {
    let drafts = crews::read(t, yard);
    // The default, spelt out as `validate --effective` does, says nothing of technicians.
    let counts = matches!(t.peek("technicians").map(|item| item.value), Some(Value::Whole(_)));
    let beside = [("shift", t.has("shift")), ("technicians", counts)];
    if !drafts.is_empty()
        && let Some((key, _)) = beside.into_iter().find(|(_, given)| *given)
    {
        t.wrong(
            key,
            format!("`operators.{key}` beside crews, which have their own"),
            "write it in an `[[operators.crew]]`, or leave the crews out",
        );
    }
    let technicians = t.whole_or("technicians", "enough").map(|n| n as u32);
    let shift = t
        .take("shift")
        .and_then(|item| values::hours(t.ledger, "operators.shift", &item));
    let operators = Operators {
        crews: drafts.iter().map(|(crew, _)| crew.clone()).collect(),
        technicians,
        shift: shift.map(|(from, to)| Hours::daily(from, to)),
        action: t.law("action"),
        slip: t.share("slip"),
        slip_flag: t.share("slip_flag"),
        wrong_pool: t.share("wrong_pool"),
        audit: t.span_or("audit", "never"),
        retry: t.span("retry"),
        notice_wrong: t.span("notice_wrong"),
    };
    (operators, drafts)
}

/// `[control_plane]`: the scheduler and the loop.
pub fn plane(t: &mut Section<'_>, yard: &Yard) -> (Policy, Option<Loop>, Law) {
    let sync = sync(t);
    let driver_refusal = t.law("driver_refusal");
    let cap = t.whole_or("cap", "none").map(|n| n as u32);
    let cap_order = t.choice(
        "cap_order",
        &[("random", CapOrder::Random), ("lowest", CapOrder::Lowest)],
    );
    let pick = t.choice(
        "pick",
        &[
            ("random", Pick::Random),
            ("lowest", Pick::Lowest),
            ("least-recent", Pick::LeastRecent),
        ],
    );
    let filters = filters(t);
    let tenant_aggregates = t.choice(
        "tenant_aggregates",
        &[
            ("off", (false, false)),
            ("limit", (true, false)),
            ("required", (true, true)),
        ],
    );
    let (limit_tenants, tenants_need_aggregate) = tenant_aggregates.unwrap_or_default();
    let options = Options {
        isolate_aggregates: t.flag("isolated_aggregates"),
        limit_tenants,
        tenants_need_aggregate,
        ..Options::default()
    };
    let settings = FilterSettings {
        isolated_hosts: words(t, "isolated_hosts"),
        isolated_images: words(t, "isolated_images"),
        restrict_isolated_hosts: t.flag("restrict_isolated_hosts"),
        default_architecture: t.text("default_architecture"),
        ..FilterSettings::default()
    };
    let policy = Policy {
        cap,
        cap_order: cap_order.unwrap_or_default(),
        pick: pick.unwrap_or_default(),
        filters,
        settings,
        options,
        traits_created: t.flag("traits_created"),
        tenants_have_aggregates: false,
        weigh_failed_builds: t.flag("weigh_failed_builds"),
        attempts: t.whole("attempts").unwrap_or(1) as u8,
        quota: quota::read(t, yard),
        owners_overflow: yard.overflow,
        keep_clear: t.flag("keep_clear"),
    };
    (policy, sync, driver_refusal)
}

fn words(t: &mut Section<'_>, key: &str) -> Vec<String> {
    t.words(key).into_iter().map(|(word, _)| word).collect()
}

fn sync(t: &mut Section<'_>) -> Option<Loop> {
    let workers = t.whole("update_resources_max_workers").unwrap_or(1) as u32;
    let item = t.peek("loop")?;
    if let Value::Text(text) = &item.value {
        t.take("loop");
        if text != "instant" {
            let message = format!("`control_plane.loop` is `{text}`, which is neither instant nor a table");
            t.wrong(
                "loop",
                message,
                "write \"instant\" or { period = \"60s\", per_node = \"2s\" }",
            );
        }
        return None;
    }
    t.within("loop", true, |sub| Loop {
        period: sub.span("period"),
        per_node: sub.span("per_node"),
        jitter: (sub.share("jitter") * 1e6 + 0.5) as u32,
        workers,
    })
}

fn filters(t: &mut Section<'_>) -> Vec<&'static Filter> {
    let mut filters: Vec<&'static Filter> = Vec::new();
    for (word, place) in t.words("filters") {
        match find(&word) {
            Some(filter) if filters.iter().any(|other| other.name == filter.name) => {
                t.ledger.wrong(
                    &place,
                    format!("the filter `{word}` is named twice"),
                    "keep one of them",
                );
            }
            Some(filter) => filters.push(filter),
            None => {
                let fix = fix_word(&word, FILTERS.iter().map(|filter| filter.name));
                t.ledger.wrong(&place, format!("there is no filter `{word}`"), fix);
            }
        }
    }
    filters
}

/// `[ironic]`.
pub fn ironic(t: &mut Section<'_>) -> Ironic {
    Ironic {
        deploy: t.law("deploy"),
        cleaning: t.law("cleaning"),
        rescue: t.law("rescue"),
        build_failure: t.share("build_failure"),
        build_failure_time: t.law("build_failure_time"),
        clean_failure: t.share("clean_failure"),
        power_detection: t.span_or("power_detection", "drawn"),
        power_recovery: t.span("power_recovery"),
        allow_provisioning_in_maintenance: t.flag("allow_provisioning_in_maintenance"),
        deploy_in_maintenance: t.flag("deploy_in_maintenance"),
        agent: t.flag("agent"),
        automated_clean: t.flag("automated_clean"),
        typed_holds: t
            .choice("holds", &[("boolean", false), ("typed", true)])
            .unwrap_or_default(),
    }
}
