//! Scenario files load, print and load again.

mod assume;

use std::path::Path;

use super::{Scenario, WarmUpRule, load};
use crate::kernel::Span;

const SMALL: &str = r#"# Is it small?
# It is.

[scenario]
name = "small"
horizon = "30d"

[[fleet.group]]
class = "compute"
nodes = 10
racks = 2
traits = ["GPU"]

[[workload]]
name = "people"
tenants = 3
rescue = { share = 0.1 }
on_refusal = { wait = "6h" }

[[workload.flavor]]
class = "compute"
per_day = 4
sizes = [[1, 3], [2, 1]]
hold = { quantiles = [[0, "30s"], [0.5, "8h"], [1, "60d"]] }
traits = ["GPU"]

[[workload]]
name = "gangs"
[[workload.request]]
at = "2h"
class = "compute"
count = 3
hold = "1d"
name = "gang"

[maintenance]
errands = { counts = 2 }

[[maintenance.faults]]
between = { weibull = { scale = "60d", shape = 1.5 } }
[[maintenance.faults.kind]]
work = "4h"

[[maintenance.campaign]]
start = "7d"
work = "30m"
window = ["22:00", "06:00"]
budget = { scope = "rack", nodes = 2 }

[[maintenance.spell]]
node = "compute-3"
start = "2d"
end = "2024-01-05T00:00:00Z"
"#;

fn shown(problems: &[super::Problem]) -> String {
    problems.iter().map(|p| format!("{p}\n")).collect()
}

#[test]
fn the_effective_file_loads_to_the_same_scenario() {
    let base = Path::new("");
    let first = load(SMALL, "small.toml", base, &[]).unwrap_or_else(|p| panic!("{}", shown(&p)));
    let printed = load(SMALL, "small.toml", base, &[])
        .unwrap_or_else(|p| panic!("{}", shown(&p)))
        .annotated;
    let second = load(&printed, "effective.toml", base, &[]).unwrap_or_else(|p| panic!("{printed}\n{}", shown(&p)));
    assert_eq!(first.digest, second.digest, "{printed}");
    assert_eq!(first.question, "Is it small?\nIt is.");
    assert_eq!(first.question, second.question);
}

/// Every scenario of the repository that needs no files of its own loads, and asks a question.
#[test]
fn the_repository_s_scenarios_load_and_ask() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    for name in SHIPPED {
        let path = folder.join(format!("{name}.toml"));
        let scenario = super::load_file(&path, &[]).unwrap_or_else(|p| panic!("{name}:\n{}", shown(&p)));
        assert_eq!(scenario.name, name);
        assert!(
            scenario.question.lines().next().is_some_and(|line| line.ends_with('?')),
            "{name}: {}",
            scenario.question
        );
        let printed = super::load_file(&path, &[])
            .unwrap_or_else(|p| panic!("{name}:\n{}", shown(&p)))
            .annotated;
        let again = load(&printed, "effective.toml", &folder, &[]).unwrap_or_else(|p| panic!("{name}:\n{}", shown(&p)));
        assert_eq!(scenario.digest, again.digest, "{name}\n{printed}");
    }
}

const SHIPPED: [&str; 9] = [
    "quickstart",
    "seed-2014",
    "tripleo",
    "owned",
    "firmware-campaign",
    "leaky-hide",
    "candidate-cap",
    "loop-staleness",
    "erlang-b",
];

#[test]
fn the_warm_up_is_mser_5_unless_something_is_replayed_or_it_is_typed() {
    let drawn = SMALL.replace("workload.request", "workload.flavor");
    let drawn = drawn
        .replace("at = \"2h\"", "per_day = 1")
        .replace("count = 3\n", "")
        .replace("name = \"gang\"\n", "");
    let from = drawn.find("[[maintenance.spell]]").unwrap_or_default();
    let (drawn, spell) = drawn.split_at(from);
    let with_spell = format!("{drawn}{spell}");
    let rule = |text: &str, typed: &[&str]| {
        let set: Vec<(String, String)> = typed
            .iter()
            .map(|v| ("report.warm_up".to_owned(), (*v).to_owned()))
            .collect();
        let loaded = load(text, "x.toml", Path::new(""), &set).unwrap_or_else(|p| panic!("{}", shown(&p)));
        let printed = loaded.annotated;
        let line = printed
            .lines()
            .find(|line| line.starts_with("warm_up"))
            .unwrap_or_default();
        (loaded.reporting.warm_up, line.to_owned())
    };
    let (none, week) = (WarmUpRule::Fixed(Span::ZERO), WarmUpRule::Fixed(Span::days(7)));
    let (found, line) = rule(drawn, &[]);
    assert_eq!(found, WarmUpRule::Mser5);
    assert!(
        line.starts_with("warm_up = \"mser-5\"  # default: ") && line.contains("Spratt"),
        "{line}"
    );
    // Given requests are a replay, and so are recorded spells.
    for replay in [SMALL, &with_spell] {
        let (cut, line) = rule(replay, &[]);
        assert_eq!(cut, none);
        assert!(line.starts_with("warm_up = \"0s\"  # default: a replay"), "{line}");
        assert_eq!(rule(replay, &["mser-5"]).0, WarmUpRule::Mser5);
    }
    for (typed, wanted) in [("7d", week), ("none", none), ("0s", none)] {
        assert_eq!(rule(drawn, &[typed]), (wanted, format!("warm_up = \"{typed}\"")));
    }
}

#[test]
fn the_quickstart_is_built_in() {
    let text = super::embedded("quickstart").unwrap_or_default();
    let scenario = load(text, "quickstart", Path::new(""), &[]).unwrap_or_else(|p| panic!("{}", shown(&p)));
    assert_eq!((scenario.name.as_str(), scenario.variants.len()), ("quickstart", 4));
}

fn with(overrides: &[(&str, &str)]) -> super::Scenario {
    let sets: Vec<(String, String)> = overrides
        .iter()
        .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
        .collect();
    load(SMALL, "small.toml", Path::new(""), &sets).unwrap_or_else(|p| panic!("{}", shown(&p)))
}

#[test]
fn set_reaches_any_key() {
    use crate::kernel::Span;
    let scenario = with(&[
        ("control_plane.loop.period", "0s"),
        ("workload.0.scale", "2"),
        ("workload.0.flavor.0.per_day", "7"),
        ("strategies", "[\"naive\", { name = \"withdraw\", label = \"now\" }]"),
        ("operators.technicians", "3"),
        ("horizon", "3d"),
        ("control_plane.cap", "none"),
    ]);
    assert_eq!(
        scenario.settings.sync.map(|sync| (sync.period, sync.per_node)),
        Some((Span::ZERO, Span::secs(2)))
    );
    assert_eq!(scenario.demand.sources[0].scale, 2.0);
    assert_eq!(
        scenario.variants.iter().map(|v| v.label.as_str()).collect::<Vec<_>>(),
        ["naive", "now"]
    );
    assert_eq!(
        (
            scenario.baseline,
            scenario.settings.operators.technicians,
            scenario.horizon.0
        ),
        (1, Some(3), 3 * 86_400_000)
    );
    assert_eq!(scenario.policy.cap, None);
    assert!(with(&[("control_plane.loop", "instant")]).settings.sync.is_none());
}

#[test]
fn an_entry_of_a_list_is_reached_by_its_name_as_by_its_number() {
    let by_number = with(&[
        ("fleet.group.0.nodes", "12"),
        ("workload.1.scale", "2"),
        ("workload.0.flavor.0.per_day", "7"),
        ("scenario.strategies.1.taken", "evict"),
    ]);
    let by_name = with(&[
        ("fleet.group.compute.nodes", "12"),
        ("workload.gangs.scale", "2"),
        ("workload.people.flavor.compute.per_day", "7"),
        ("scenario.strategies.withdraw.taken", "evict"),
    ]);
    assert_eq!(by_name.digest, by_number.digest);
    assert_ne!(by_name.digest, with(&[]).digest);
    for key in ["workload.1.scale", "workload.gangs.scale"] {
        assert_eq!(super::value_in(&by_name.annotated, key).as_deref(), Some("2"), "{key}");
    }
    assert_eq!(super::value_in(&by_name.annotated, "workload.nobody.scale"), None);
    let twice = SMALL.replace(
        "[[workload]]",
        "[[fleet.group]]\nclass = \"compute\"\nnodes = 1\n[[workload]]",
    );
    let set = [("fleet.group.compute.nodes".to_owned(), "2".to_owned())];
    let problems = load(&twice, "twice.toml", Path::new(""), &set).expect_err("two groups of one name");
    assert!(
        problems[0]
            .to_string()
            .contains("several entries of `group` are called `compute`")
    );
    // A table that was not typed begins as the one around it says.
    let errands = |at: &str| with(&[(&format!("maintenance.campaign.{at}.errands.duration"), "8h")]).digest;
    let named = with(&[("maintenance.campaign.0.name", "firmware")]);
    let again = |at: &str| {
        let set = [(format!("maintenance.campaign.{at}.errands.duration"), "8h".to_owned())];
        load(&named.annotated, "again.toml", Path::new(""), &set).map(|scenario| scenario.digest)
    };
    assert_ne!(errands("0"), named.digest);
    assert_eq!(again("firmware").ok(), again("0").ok());
}

/// Luck hangs on these words, so they must stay as they are, whatever types are called.
#[test]
fn what_has_no_name_is_known_by_words_that_stay() {
    let scenario = with(&[(
        "maintenance.faults.0.kind.0.work",
        "{ quantiles = [[0, \"1h\"], [1, \"2h\"]] }",
    )]);
    let crate::workload::Stock::Poisson(people) = &scenario.demand.sources[0].stock else {
        panic!("people are drawn")
    };
    let words = [
        people.flavors[0].word,
        scenario.maintenance.faults[0].word,
        scenario.maintenance.campaigns[0].word,
    ];
    assert_eq!(words, [4676226732316842487, 233836889632778187, 8010329240152676702]);
}

#[test]
fn scaled_fleets_are_nested_seeded_and_keep_a_node_of_each_class() {
    let names = |scale: &str, seed: &str| {
        let fleet = with(&[("fleet.scale", scale), ("seed", seed), ("fleet.group.0.nodes", "40")]).fleet;
        fleet.ids().map(|id| fleet.name(id).to_owned()).collect::<Vec<_>>()
    };
    let (half, quarter) = (names("0.5", "1"), names("0.25", "1"));
    assert_eq!(
        (
            half.len(),
            quarter.len(),
            names("0.001", "1").len(),
            names("2.5", "1").len()
        ),
        (20, 10, 1, 100)
    );
    assert!(quarter.iter().all(|name| half.contains(name)));
    assert_eq!(half, names("0.5", "1"));
    assert_ne!(half, names("0.5", "2"));
}

#[test]
fn owners_and_conductor_groups_are_spread_over_the_fleet() {
    let scenario = with(&[
        ("fleet.owners", "{ share = 0.4, tenants = [\"a\", \"b\"] }"),
        ("fleet.conductor_groups", "3"),
    ]);
    let owned: Vec<_> = scenario.fleet.nodes.iter().filter_map(|n| n.owner()).collect();
    assert_eq!(owned.len(), 4);
    assert_eq!(owned.iter().filter(|&&o| o == owned[0]).count(), 2);
    assert_eq!(scenario.fleet.names.groups.len(), 3);
    assert!(scenario.fleet.names.racks.len() == 2 && scenario.policy.owners_overflow);
}

#[test]
fn maintenance_inherits_and_counts_from_the_epoch() {
    use crate::kernel::{Span, Time};
    let plan = with(&[]).maintenance;
    assert_eq!(plan.faults[0].errands.counts.mean(), 2.0);
    let night = crate::kernel::Hours::daily(Span::hours(22), Span::hours(6));
    assert_eq!(plan.campaigns[0].hours, Some(night));
    assert_eq!(
        (plan.spells[0].start, plan.spells[0].end),
        (Time(2 * 86_400_000), Some(Time(4 * 86_400_000)))
    );
}

/// Every preset is read by the same reader as a typed value: a scenario without any typed
/// default has loaded above. Here each is TOML at least, and says where it comes from.
#[test]
fn presets_are_toml_with_a_source() {
    fn walk(shape: &'static super::keys::TableShape) {
        for key in shape.keys {
            if let super::keys::Preset::Is(text, source) = key.preset {
                assert!(
                    toml::de::DeTable::parse(&format!("v = {text}")).is_ok(),
                    "{}.{}",
                    shape.name,
                    key.name
                );
                assert!(!source.is_empty());
            }
            assert!(!key.doc.is_empty(), "{}.{}", shape.name, key.name);
            if let Some(sub) = key.opens {
                walk(sub);
            }
        }
    }
    walk(&super::keys::FILE);
}

#[test]
fn requests_are_written_down_where_they_are_few_or_it_is_asked_for() {
    let logged = |per_day: &str, report: &str| {
        let text = SMALL.replace("per_day = 4", &format!("per_day = {per_day}")) + report;
        let scenario = load(&text, "small.toml", Path::new("."), &[]).expect("a scenario");
        let said = scenario
            .assumptions
            .iter()
            .any(|line| line.contains("report.log_requests"));
        (scenario.reporting.log_requests, said)
    };
    assert_eq!(logged("33000", ""), (true, false));
    assert_eq!(logged("34000", ""), (false, true));
    assert_eq!(logged("34000", "\n[report]\nlog_requests = true\n"), (true, false));
    assert_eq!(logged("4", "\n[report]\nlog_requests = false\n"), (false, false));
}

/// Crews in place of `technicians` and `shift`: skills are kinds of fault or other work, and all work needs somebody.
#[test]
fn crews_are_read_and_held_against_the_plan() {
    let faults = "\n[[maintenance.faults]]\nbetween = \"90d\"\n[[maintenance.faults.kind]]\nname = \"disk\"\nshare = 1\n\
                  interrupts = true\ndeploy_fails = 1\ndetection = \"1h\"\nwork = \"2h\"\n";
    let read = |crews: &str| load(&format!("{SMALL}{faults}{crews}"), "small.toml", Path::new(""), &[]);
    let day = "[[operators.crew]]\ntechnicians = 2\nshift = [\"08:00\", \"18:00\"]\ndays = [\"mon\", \"fri\"]\n";
    let scenario = read(&format!("{day}[[operators.crew]]\nskills = [\"disk\", \"campaign\"]\n"))
        .unwrap_or_else(|p| panic!("{}", shown(&p)));
    let crews = &scenario.settings.operators.crews;
    assert_eq!((crews.len(), crews[0].technicians, crews[1].technicians), (2, 2, 1));
    assert_eq!(crews[0].hours.map(|hours| hours.days), Some(0b1_0001));
    // No clean fails, and so nobody is needed after one.
    read("[[operators.crew]]\nskills = [\"disk\", \"fault\", \"spell\", \"campaign\"]\n[ironic]\nclean_failure = 0\n")
        .unwrap_or_else(|p| panic!("{}", shown(&p)));
    for (crews, told) in [
        ("[[operators.crew]]\nskills = [\"dik\"]\n", "`dik` is no kind of fault"),
        (
            "[[operators.crew]]\nskills = [\"disk\"]\n",
            "no crew may do work of kind",
        ),
        (
            "[[operators.crew]]\nracks = [\"nowhere\"]\n",
            "no node is in the rack `nowhere`",
        ),
        ("[[operators.crew]]\n[operators]\ntechnicians = 1\n", "beside crews"),
        ("[[operators.crew]]\ndays = [\"moon\"]\n", "there is no day `moon`"),
        (
            "[[operators.crew]]\nshift = [\"08:00\", \"16:00\"]\n[[maintenance.campaign]]\nstart = \"1d\"\nwork = \"1h\"\n\
             window = [\"20:00\", \"22:00\"]\n",
            "never meet the shift of a crew",
        ),
        (
            "[[operators.crew]]\ndays = [\"mon\"]\n[[maintenance.campaign]]\nstart = \"1d\"\nwork = \"1h\"\ndays = [\"sat\"]\n",
            "never meet the shift of a crew",
        ),
        (
            "[[operators.crew]]\nskills = [\"disk\"]\n[[operators.crew]]\nskills = [\"campaign\", \"spell\", \"clean\"]\n\
             days = [\"mon\"]\n[[maintenance.campaign]]\nstart = \"1d\"\nwork = \"1h\"\ndays = [\"sat\"]\n",
            "never meet the shift of a crew",
        ),
    ] {
        let problems = read(crews).err().map(|problems| shown(&problems)).unwrap_or_default();
        assert!(problems.contains(told), "{crews}: {problems}");
    }
}
