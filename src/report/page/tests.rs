use super::*;
use crate::cells::columns::{Dimension, Metric};
use crate::cells::selector::Selector;
use crate::judge::sample::{SampleWish, results};
use crate::report::plots::sweep::Drawn;

fn text(arms: usize, replications: u32, eventful: bool) -> String {
    let sample = results(SampleWish {
        arms,
        replications,
        eventful,
    });
    String::from_utf8(page(&sample).expect("a page")).expect("text")
}

/// A page of each kind beside a run's, by name; every text in it that a user has given is `name`, if there is one.
fn others(name: Option<&str>) -> Vec<(&'static str, String)> {
    use crate::judge::planned::tests::planned;
    use crate::judge::robust::sample::robustness;
    use crate::report::findings::tests::checked;
    use crate::report::plots::sweep::tests::{SHAPES, drawn};
    let set = |texts: Vec<&mut String>| {
        for text in texts {
            name.into_iter().for_each(|name| name.clone_into(text));
        }
    };
    let mut pages: Vec<(&str, Vec<u8>)> = Vec::new();
    for (shape, of) in SHAPES {
        let page = drawn(of, |drawn| {
            let mut manifest = drawn.manifest.clone();
            set(vec![
                &mut manifest.scenario,
                &mut manifest.question,
                &mut manifest.strategies[0],
            ]);
            sweep(&SweepSeen {
                drawn: Drawn {
                    manifest: &manifest,
                    ..*drawn
                },
                mark: name.unwrap_or("sickbay 0.1.0"),
                broken: 1,
                scenario: name.unwrap_or("[scenario]"),
            })
        });
        pages.push((shape, page.expect("a page")));
    }
    for largest in [false, true] {
        let mut of = planned(largest);
        set(vec![
            &mut of.scenario,
            &mut of.question,
            &mut of.strategies[0],
            &mut of.effective,
            &mut of.key,
        ]);
        pages.push(("plan", plan(&of).expect("a page")));
    }
    let mut of = robustness();
    set(vec![
        &mut of.scenario,
        &mut of.question,
        &mut of.effective,
        &mut of.quest.strategies[1],
        &mut of.quest.ranges[0].source,
    ]);
    pages.push(("robust", robust(&of).expect("a page")));
    of.claims.clear();
    pages.push(("robust without a claim", robust(&of).expect("a page")));
    let mut of = checked();
    let one = &mut of[0];
    set(vec![&mut one.scenario, &mut one.notes[0]]);
    let finding = &mut one.findings[1];
    set(vec![&mut finding.strategy, &mut finding.said]);
    pages.push(("compare", compare(&of).expect("a page")));
    let text = |(kind, bytes): (&'static str, Vec<u8>)| (kind, String::from_utf8(bytes).expect("text"));
    pages.into_iter().map(text).collect()
}

/// The elements of the page; attributes by name.
fn tags(page: &str) -> Vec<(String, Vec<(String, String)>)> {
    let mut found = Vec::new();
    let mut rest = page;
    while let Some((_, after)) = rest.split_once('<') {
        let mut chars = after.char_indices();
        let mut quoted = false;
        let end = chars.find(|(_, c)| {
            quoted ^= *c == '"';
            *c == '>' && !quoted
        });
        let Some((end, _)) = end else { break };
        let tag = &after[..end];
        rest = &after[end + 1..];
        let (name, attributes) = tag.split_once(' ').unwrap_or((tag, ""));
        let mut pairs = Vec::new();
        let mut left = attributes;
        while let Some((key, value)) = left.split_once("=\"") {
            let (value, more) = value.split_once('"').unwrap_or((value, ""));
            pairs.push((key.trim().to_owned(), value.to_owned()));
            left = more;
        }
        found.push((name.to_owned(), pairs));
        if name == "script" || name == "style" {
            rest = rest.split_once(&format!("</{name}>")).map_or("", |(_, after)| after);
        }
    }
    found
}

#[test]
fn it_is_one_file_that_asks_for_nothing_and_names_everything_once() {
    for (arms, replications, eventful) in [
        (0, 0, false),
        (1, 1, true),
        (2, 20, true),
        (4, 20, true),
        (8, 20, false),
    ] {
        asks_for_nothing("run", &text(arms, replications, eventful));
    }
    for (kind, page) in others(None) {
        asks_for_nothing(kind, &page);
    }
}

fn asks_for_nothing(kind: &str, page: &str) {
    let tags = tags(page);
    let mut ids = std::collections::BTreeSet::new();
    for (name, attributes) in &tags {
        for (key, value) in attributes {
            assert!(!key.starts_with("on") && key != "style", "<{name} {key}>");
            assert!(!["src", "srcset", "action"].contains(&key.as_str()), "<{name} {key}>");
            assert!(key != "href" || value.starts_with('#'), "<{name} {key}={value}>");
            assert!(key != "id" || ids.insert(value), "{kind}: `{value}` is there twice");
        }
        assert!(
            !["link", "img", "iframe", "object", "base", "form"].contains(&name.as_str()),
            "<{name}>"
        );
    }
    for (name, attributes) in &tags {
        for (key, value) in attributes {
            if ["aria-labelledby", "aria-describedby"].contains(&key.as_str()) {
                assert!(ids.contains(value), "<{name} {key}={value}> points nowhere");
            }
            if key == "href" {
                assert!(ids.iter().any(|id| value[1..] == **id), "{value} leads nowhere");
            }
        }
    }
    assert!(page.contains("<h2 id=\"answer-h\">"), "{kind}: {page}");
}

#[test]
fn every_kind_of_page_shows_what_it_is_of() {
    let pages = others(None);
    let of = |kind: &str| &pages.iter().find(|(known, _)| *known == kind).expect(kind).1;
    let figures = |kind: &str| of(kind).matches("<figure>").count();
    // Of two metrics, the third has no value: a figure over one key, a panel for each of few values of a second one, one for
    // each of many keys.
    let shapes = [("one", 2), ("words", 2), ("two", 10), ("three", 6), ("cube", 4)];
    assert_eq!(shapes.map(|(kind, _)| figures(kind)), shapes.map(|(_, n)| n));
    assert!(
        of("two").contains("class=\"h6\"") && of("two").contains("class=\"g"),
        "shaded differences"
    );
    assert!(of("each").contains("against the scenario&#39;s own values"));
    assert!(of("one").contains("1 cell broke an invariant"));
    assert!(of("plan").contains("smallest 19") && of("plan").contains("▲ holds") && of("plan").contains("▼ fails"));
    assert_eq!(figures("plan"), 10);
    assert!(of("robust").contains("holds &gt; 29.2 min") && of("robust").contains("class=\"reversed\""));
    assert!(of("robust without a claim").contains("Nothing is claimed"));
    assert!(of("compare").contains("▼ regressed") && of("compare").contains("class=\"delta\""));
}

#[test]
fn the_policy_knows_the_very_bytes() {
    let page = text(4, 20, true);
    let (_, script) = page.rsplit_once("<script>").expect("a script");
    let (script, _) = script.split_once("</script>").expect("its end");
    let (_, style) = page.split_once("<style>").expect("a style");
    let (style, _) = style.split_once("</style>").expect("its end");
    for (what, of) in [("script", script), ("style", style)] {
        let entry = format!("{what}-src {};", json::source(of));
        assert!(page.contains(&entry), "{entry}");
    }
    assert!(page.contains("default-src 'none'") && !page.contains("unsafe"));
}

/// A part's cell has a shade and a sign where all cells' intervals together tell it from the baseline, and nowhere else.
#[test]
fn parts_are_shaded_where_they_are_decided_and_not_where_they_are_small() {
    let mut sample = results(SampleWish {
        arms: 3,
        replications: 20,
        eventful: true,
    });
    let part = |name: &str| Selector::part(Metric::Accepted, Dimension::Class, name);
    sample.columns = sample.columns.with([part("great"), part("small")]);
    let p = sample.arms[1].paired[Metric::Acceptance.at()].expect("a difference");
    let difference = |diff: f64, half: f64| crate::stats::compare::Paired {
        diff,
        // Student's t of 19 degrees at 95 %.
        deviation: half * f64::from(p.n).sqrt() / 2.093,
        verdict: crate::stats::compare::Verdict::None,
        ..p
    };
    let parts = [
        [None; 2],
        [Some((-40.0, 5.0)), Some((-2.0, 5.0))],
        // The second excludes 0 by itself, and not together with the three others.
        [Some((8.0, 1.0)), Some((1.0, 0.9))],
    ];
    for (arm, parts) in sample.arms.iter_mut().zip(parts) {
        let known = arm.estimates[Metric::Acceptance.at()];
        arm.estimates.extend([known; 2]);
        arm.paired
            .extend(parts.map(|it| it.map(|(diff, half)| difference(diff, half))));
    }
    let grids = tables::grouped(&sample);
    let cells: Vec<(&str, &str)> = grids[0]
        .rows
        .iter()
        .flat_map(|row| {
            row.cells
                .iter()
                .map(|cell| (cell.class.as_str(), cell.verdict.as_str()))
        })
        .collect();
    let plain = ("", "");
    assert_eq!(cells, [plain, ("h6", "▼"), ("g1", "▲"), plain, plain, plain]);
}

#[test]
fn hostile_names_stay_text() {
    let mut sample = results(SampleWish {
        arms: 2,
        replications: 4,
        eventful: true,
    });
    let name = "</script><script>alert(1)</script><img src=x onerror=alert(1)>\"'&\u{2028}\u{202e}{{ 7*7 }}";
    sample.arms[0].label = name.to_owned();
    sample.scenario = name.to_owned();
    sample.question = name.to_owned();
    sample.effective = name.to_owned();
    sample.assumptions = vec![name.to_owned()];
    for row in &mut sample.arms[0].log.states {
        row.node = format!("{name}{}", row.node);
    }
    let part = Selector::part(Metric::Acceptance, Dimension::Class, name);
    sample.columns = sample.columns.with([part]);
    let known = sample.arms[0].estimates[Metric::Acceptance.at()];
    sample.arms[0].estimates.push(known);
    let page = String::from_utf8(page(&sample).expect("a page")).expect("text");
    assert!(
        !page.contains("<img") && !page.contains('\u{202e}') && !page.contains("<script>alert"),
        "{page}"
    );
    assert_eq!(page.matches("</script>").count(), 2);
    assert!(page.contains("{{ 7*7 }}"));
    assert!(tags(&page).iter().all(|(name, _)| name != "img"));
    for (kind, page) in others(Some(name)) {
        assert!(
            !page.contains("<img") && !page.contains('\u{202e}') && !page.contains("<script>alert"),
            "{kind}: {page}"
        );
        assert_eq!(page.matches("</script>").count(), 2, "{kind}");
        assert!(page.contains("{{ 7*7 }}"), "{kind}");
    }
}

#[test]
fn the_same_results_give_the_same_bytes() {
    assert_eq!(text(4, 20, true), text(4, 20, true));
}
