//! `explain` says what the run did: over small scenarios that are drawn at random.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::Path;

use sickbay::cells::cell::run_cell;
use sickbay::cells::explain::{Explanation, explain};
use sickbay::cells::outcome::Log;
use sickbay::kernel::streams::{Seed, Stream};
use sickbay::scenario::{Scenario, load};
use sickbay::world::{CAUSES, Cause};

fn one<'a>(stream: &mut Stream, of: &[&'a str]) -> &'a str {
    of[stream.below(of.len() as u64) as usize]
}

/// A small scenario: two classes, a trait, quotas, lines of both kinds, gangs, leases in advance,
/// maintenance.
fn drawn(stream: &mut Stream) -> String {
    let mut text = String::from("[scenario]\nname = \"drawn\"\nhorizon = \"5d\"\nreplications = 1\n");
    let _ = writeln!(text, "seed = {}", stream.below(1000));
    text += "strategies = [\"withdraw\", { name = \"tenant-reservation\", mechanism = \"blazar-lease\", lease = \"1d\" }]\n";
    let (fast, slow, other) = (1 + stream.below(2), 1 + stream.below(3), 1 + stream.below(2));
    let _ = writeln!(
        text,
        "[fleet]\ngroup = [{{ class = \"c\", nodes = {fast}, traits = [\"CUSTOM_FAST\"], name = \"fast\" }}, \
         {{ class = \"c\", nodes = {slow}, name = \"slow\" }}, {{ class = \"d\", nodes = {other} }}]"
    );
    for workload in 0..2 {
        let refusal = one(
            stream,
            &[
                "\"give-up\"",
                "{ wait = \"20h\" }",
                "{ retry = 3, backoff = \"1h\" }",
                "{ wait = \"3h\" }",
            ],
        );
        let (line, multi) = (
            one(stream, &["open", "open", "strict"]),
            one(stream, &["nova", "blazar"]),
        );
        let _ = writeln!(
            text,
            "[[workload]]\nname = \"w{workload}\"\non_refusal = {refusal}\nline = \"{line}\"\nmulti = \"{multi}\""
        );
        for _ in 0..3 + stream.below(6) {
            let class = one(stream, &["c", "c", "d"]);
            let most = if class == "c" { fast + slow } else { other };
            let count = 1 + stream.below(most + 1);
            let (least, at, ahead) = (1 + stream.below(count.min(most)), stream.below(72), stream.below(4) * 5);
            let _ = writeln!(
                text,
                "[[workload.request]]\nat = \"{at}h\"\nstart = \"{}h\"\nclass = \"{class}\"\ntenant = \"{}\"\n\
                 count = {count}\nmin_count = {least}\nhold = \"{}h\"",
                at + ahead,
                one(stream, &["alpha", "beta"]),
                1 + stream.below(30)
            );
            if class == "c" && stream.below(4) == 0 && least <= fast {
                text += "traits = [\"CUSTOM_FAST\"]\n";
            }
        }
    }
    for spell in 0..stream.below(3) {
        let from = stream.below(60);
        let _ = writeln!(
            text,
            "[[maintenance.spell]]\nnode = \"slow-1\"\nstart = \"{}h\"\nend = \"{}h\"",
            from + spell * 61,
            from + spell * 61 + 9
        );
    }
    text += one(
        stream,
        &[
            "[control_plane]\nloop = \"instant\"\n",
            "[control_plane]\nloop = { period = \"10m\" }\n",
        ],
    );
    text += one(
        stream,
        &[
            "",
            "quota = 2\n",
            "quota = 3\nclass_quota = { c = 2 }\n",
            "tenant_quota = [{ tenant = \"beta\", machines = 1 }]\n",
        ],
    );
    text += "[ironic]\ndeploy = \"10m\"\ncleaning = \"15m\"\nclean_failure = 0.0\n";
    text += one(stream, &["build_failure = 0.0\n", "build_failure = 0.3\n"]);
    text
}

fn word(cause: Cause) -> &'static str {
    CAUSES.iter().find(|(known, _)| *known == cause).expect("a cause").1
}

/// The answer says nothing that the run, or another part of it, denies.
fn says_what_is_so(told: &Explanation, log: &Log, text: &str) {
    let id = &told.request.id;
    let row = log.requests.iter().find(|row| row.request == *id);
    let outcome = row.map_or("never decided", |row| row.outcome.word());
    let cause = row.and_then(|row| row.cause).map(word);
    assert_eq!(
        (told.outcome, told.cause),
        (outcome, cause),
        "{id} of\n{text}\n{}",
        told.answer
    );
    let never = told.answer.contains("never be served");
    assert_eq!(never, cause == Some("never-fits"), "{id}: {}\n{text}", told.answer);
    let none_idle = told.answer.contains("node was idle");
    let free = told.answer.contains("were free") || told.answer.contains("was free");
    assert!(!(none_idle && free), "{id}: {}\n{text}", told.answer);
    for decision in &told.decisions {
        let claimed: BTreeSet<&str> = told
            .events
            .iter()
            .filter(|event| event.at == decision.at && !event.what.contains("attempt"))
            .filter_map(|event| event.what.split(" claims node ").nth(1))
            .collect();
        // A request that waits may be asked for twice at one instant, and be served the second time.
        let then = told.decisions.iter().filter(|other| other.at == decision.at);
        let picks: BTreeSet<&str> = then.flat_map(|other| &other.picks).map(String::as_str).collect();
        assert_eq!(claimed, picks, "{id} at {}\n{text}", decision.at);
        assert_eq!(decision.denied_by.is_some(), decision.picks.is_empty(), "{id}\n{text}");
    }
}

#[test]
fn explain_says_what_the_run_does_over_drawn_scenarios() {
    let mut stream = Seed {
        master: 12,
        replication: 0,
    }
    .stream(1, 1);
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    for _ in 0..60 {
        let text = drawn(&mut stream);
        let scenario: Scenario =
            load(&text, "drawn.toml", Path::new(""), &[]).unwrap_or_else(|problems| panic!("{}\n{text}", problems[0]));
        for variant in 0..scenario.variants.len() {
            let log = run_cell(&scenario, variant, 0, &|| false)
                .log
                .expect("replication 0 has a log");
            for row in &log.requests {
                let told = explain(&scenario, variant, 0, &row.request).unwrap_or_else(|error| panic!("{error}"));
                says_what_is_so(&told, &log, &text);
                seen.extend(told.cause);
            }
        }
    }
    for cause in [
        "class-full",
        "quota",
        "never-fits",
        "line",
        "build-chance",
        "only-hidden",
        "no-match",
    ] {
        assert!(seen.contains(cause), "{cause} is among the causes met: {seen:?}");
    }
}
