//! What laws and requests say, in words of their own. What has no name is known to the streams of luck by these words, so
//! every byte of them counts: another byte is another draw. They were once what the types print for debugging, and keep
//! that look; now they hang on no type's name and on no field's place.

use super::extras::{Extras, GroupPolicy, ServerGroup};
use super::laws::{Age, Drain, ErrandLaw, FaultKind, Patience, Sizes};
use super::request::{Kind, Request};
use super::trace::Trace;
use crate::fleet::Names;
use crate::kernel::{Law, Span, Time};

/// An instant.
#[must_use]
pub fn time(time: Time) -> String {
    format!("Time({})", time.0)
}

/// A length of time.
#[must_use]
pub fn span(span: Span) -> String {
    format!("Span({})", span.0)
}

/// Something that may not be there.
#[must_use]
pub fn maybe(said: Option<String>) -> String {
    said.map_or_else(|| "None".to_owned(), |said| format!("Some({said})"))
}

/// A list.
#[must_use]
pub fn list(said: impl IntoIterator<Item = String>) -> String {
    let said: Vec<String> = said.into_iter().collect();
    format!("[{}]", said.join(", "))
}

/// The law of a length of time.
#[must_use]
pub fn law(law: &Law) -> String {
    match law {
        Law::Fixed(length) => format!("Fixed({})", span(*length)),
        Law::Uniform(least, most) => format!("Uniform({}, {})", span(*least), span(*most)),
        Law::Exponential(mean) => format!("Exponential({})", span(*mean)),
        Law::Weibull { scale, shape } => format!("Weibull {{ scale: {}, shape: {shape:?} }}", span(*scale)),
        Law::Lognormal { median, sigma } => {
            format!("Lognormal {{ median: {}, sigma: {sigma:?} }}", span(*median))
        }
        Law::Pareto { least, index } => format!("Pareto {{ least: {}, index: {index:?} }}", span(*least)),
        Law::Table(table) => format!("Table(Table {{ points: {:?} }})", table.points()),
    }
}

/// How many machines.
#[must_use]
pub fn sizes(sizes: &Sizes) -> String {
    format!("Sizes({:?})", sizes.0)
}

/// The operators' boots.
#[must_use]
pub fn errands(errands: &ErrandLaw) -> String {
    format!(
        "ErrandLaw {{ counts: {}, duration: {} }}",
        sizes(&errands.counts),
        law(&errands.duration)
    )
}

/// A kind of fault.
#[must_use]
pub fn fault_kind(kind: &FaultKind) -> String {
    format!(
        "FaultKind {{ name: {:?}, share: {:?}, interrupts: {}, deploy_fails: {:?}, power: {}, detection: {}, work: {} }}",
        kind.name,
        kind.share,
        kind.interrupts,
        kind.deploy_fails,
        kind.power,
        law(&kind.detection),
        law(&kind.work)
    )
}

/// What becomes of an instance when its node's maintenance begins.
#[must_use]
pub fn drain(drain: Drain) -> String {
    match drain {
        Drain::AtOnce => "AtOnce".to_owned(),
        Drain::TenantLeaves => "TenantLeaves".to_owned(),
        Drain::Deadline(after) => format!("Deadline({})", span(after)),
    }
}

/// How old hardware is at first.
#[must_use]
pub fn age(age: Age) -> &'static str {
    match age {
        Age::Stationary => "Stationary",
        Age::New => "New",
    }
}

/// What a refused requester does.
#[must_use]
pub fn patience(it: Patience) -> String {
    match it {
        Patience::GiveUp => "GiveUp".to_owned(),
        Patience::Retry { times, backoff } => format!("Retry {{ times: {times}, backoff: {} }}", span(backoff)),
        Patience::Wait { patience } => format!("Wait {{ patience: {} }}", span(patience)),
    }
}

/// Who asks.
#[must_use]
pub fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::People => "People",
        Kind::Monitoring => "Monitoring",
        Kind::Operator => "Operator",
    }
}

/// Extra specs, hints, image and zone. A server group is known by its name: its number is its index among all of them,
/// and is left out as 0.
#[must_use]
pub fn extras(it: &Extras) -> String {
    format!(
        "Extras {{ extra_specs: {:?}, query: {:?}, same_host: {:?}, different_host: {:?}, reservation: {:?}, group: {}, \
         image: {:?}, image_properties: {:?}, availability_zone: {:?} }}",
        it.extra_specs,
        it.query,
        it.same_host,
        it.different_host,
        it.reservation,
        maybe(it.group.as_ref().map(server_group)),
        it.image,
        it.image_properties,
        it.availability_zone
    )
}

fn server_group(it: &ServerGroup) -> String {
    let policy = match it.policy {
        GroupPolicy::Affinity => "Affinity",
        GroupPolicy::AntiAffinity => "AntiAffinity",
        GroupPolicy::SoftAffinity => "SoftAffinity",
        GroupPolicy::SoftAntiAffinity => "SoftAntiAffinity",
    };
    format!(
        "ServerGroup {{ id: 0, name: {:?}, policy: {policy}, most_per_host: {:?} }}",
        it.name, it.most_per_host
    )
}

/// All that a given request says, but for its name, in words rather than in the numbers of a run.
#[must_use]
pub fn given(trace: &Trace, index: u32, names: &Names) -> String {
    let known = Request {
        start: trace.start(index),
        hold: trace.hold(index),
        ..Request::default()
    };
    let it = trace.spelt(index, known);
    let traits = |set| {
        let mut traits: Vec<&str> = names.traits_of(set).collect();
        traits.sort_unstable();
        traits
    };
    let when = [time(it.arrival), time(it.start), span(it.hold), span(it.planned)].join(", ");
    let (tenant, class) = (names.tenants.name(it.tenant.0), names.classes.name(it.class.0));
    let what = (traits(it.required), traits(it.forbidden), it.count, it.min_count);
    format!("({when}) ({tenant:?}, {class:?}, {}) {what:?}", kind(it.kind))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::samplers::QuantileTable;

    /// Luck hangs on these bytes: they stay as they are.
    #[test]
    fn every_law_says_what_it_always_said() {
        let table = QuantileTable::new(vec![(0.0, 0.0), (1.0, 2.5)]).expect("a table");
        let laws = [
            (Law::Fixed(Span(60_000)), "Fixed(Span(60000))"),
            (Law::Uniform(Span(1), Span(2)), "Uniform(Span(1), Span(2))"),
            (Law::Exponential(Span(7)), "Exponential(Span(7))"),
            (
                Law::Weibull {
                    scale: Span(3),
                    shape: 1.0,
                },
                "Weibull { scale: Span(3), shape: 1.0 }",
            ),
            (
                Law::Lognormal {
                    median: Span(3),
                    sigma: 0.5,
                },
                "Lognormal { median: Span(3), sigma: 0.5 }",
            ),
            (
                Law::Pareto {
                    least: Span(3),
                    index: 1e21,
                },
                "Pareto { least: Span(3), index: 1e21 }",
            ),
            (Law::Table(table), "Table(Table { points: [(0.0, 0.0), (1.0, 2.5)] })"),
        ];
        for (it, said) in laws {
            assert_eq!(law(&it), said);
        }
    }

    #[test]
    fn everything_else_says_what_it_always_said() {
        let fault = FaultKind {
            name: "a \"b\"".to_owned(),
            share: 0.5,
            interrupts: true,
            deploy_fails: 1.0,
            power: false,
            detection: Law::Fixed(Span(1)),
            work: Law::Fixed(Span(2)),
        };
        assert_eq!(
            fault_kind(&fault),
            "FaultKind { name: \"a \\\"b\\\"\", share: 0.5, interrupts: true, deploy_fails: 1.0, power: false, \
             detection: Fixed(Span(1)), work: Fixed(Span(2)) }"
        );
        let boots = ErrandLaw {
            counts: Sizes(vec![(1, 0.25), (2, 0.75)]),
            duration: Law::Fixed(Span(3)),
        };
        assert_eq!(
            errands(&boots),
            "ErrandLaw { counts: Sizes([(1, 0.25), (2, 0.75)]), duration: Fixed(Span(3)) }"
        );
        let drains = [Drain::AtOnce, Drain::TenantLeaves, Drain::Deadline(Span(4))].map(drain);
        assert_eq!(drains, ["AtOnce", "TenantLeaves", "Deadline(Span(4))"]);
        assert_eq!([Age::Stationary, Age::New].map(age), ["Stationary", "New"]);
        let retry = Patience::Retry {
            times: 3,
            backoff: Span(5),
        };
        let wait = Patience::Wait { patience: Span(6) };
        assert_eq!(
            [Patience::GiveUp, retry, wait].map(patience),
            [
                "GiveUp",
                "Retry { times: 3, backoff: Span(5) }",
                "Wait { patience: Span(6) }"
            ]
        );
        let kinds = [Kind::People, Kind::Monitoring, Kind::Operator].map(kind);
        assert_eq!(kinds, ["People", "Monitoring", "Operator"]);
        assert_eq!(
            (time(Time(1)), maybe(None), list(["a".to_owned(), "b".to_owned()])),
            ("Time(1)".to_owned(), "None".to_owned(), "[a, b]".to_owned())
        );
    }

    #[test]
    fn extras_say_what_they_always_said() {
        let full = Extras {
            extra_specs: vec![("a".to_owned(), "1".to_owned())],
            query: Some("[]".to_owned()),
            same_host: vec!["r1".to_owned()],
            group: Some(ServerGroup {
                id: 9,
                name: "g".to_owned(),
                policy: GroupPolicy::SoftAntiAffinity,
                most_per_host: Some(2),
            }),
            image_properties: [("k".to_owned(), "v".to_owned())].into(),
            ..Extras::default()
        };
        assert_eq!(
            extras(&full),
            "Extras { extra_specs: [(\"a\", \"1\")], query: Some(\"[]\"), same_host: [\"r1\"], different_host: [], \
             reservation: [], group: Some(ServerGroup { id: 0, name: \"g\", policy: SoftAntiAffinity, \
             most_per_host: Some(2) }), image: None, image_properties: {\"k\": \"v\"}, availability_zone: None }"
        );
    }
}
