use super::*;
use crate::cells::columns::{Dimension, Metric};
use crate::cells::selector::Selector;
use crate::judge::sample::{SampleWish, results};

fn text(arms: usize, replications: u32, eventful: bool) -> String {
    let sample = results(SampleWish {
        arms,
        replications,
        eventful,
    });
    String::from_utf8(page(&sample).expect("a page")).expect("text")
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
        let page = text(arms, replications, eventful);
        let tags = tags(&page);
        let mut ids = std::collections::BTreeSet::new();
        for (name, attributes) in &tags {
            for (key, value) in attributes {
                assert!(!key.starts_with("on") && key != "style", "<{name} {key}>");
                assert!(!["src", "srcset", "action"].contains(&key.as_str()), "<{name} {key}>");
                assert!(key != "href" || value.starts_with('#'), "<{name} {key}={value}>");
                assert!(key != "id" || ids.insert(value), "`{value}` is there twice");
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
        assert!(page.contains("<h2 id=\"answer-h\">"), "{page}");
    }
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
}

#[test]
fn the_same_results_give_the_same_bytes() {
    assert_eq!(text(4, 20, true), text(4, 20, true));
}
