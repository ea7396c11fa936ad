use super::*;
use crate::judge::finding::{Difference, Figures, Finding, Judgement, Side};
use crate::stats::compare::Good;

fn finding(strategy: &str, what: &str, verdict: Judgement, fails: bool) -> Finding {
    Finding {
        strategy: strategy.to_owned(),
        what: what.to_owned(),
        verdict,
        fails,
        said: format!("{}: 3 < 4 & \"more\" | than_that", verdict.word()),
        lines: Vec::new(),
        figures: None,
        place: None,
    }
}

/// Two scenarios: one of which something fails, with everything in it that has to be escaped.
pub(crate) fn checked() -> Vec<Checked> {
    let side = |name: &str| Side {
        name: name.to_owned(),
        version: "0.1.0".to_owned(),
        digest: "d".repeat(64),
        seed: 1,
        replications: 2,
    };
    let mut placements = finding("tenants, unnamed", "placements", Judgement::Changed, true);
    placements.lines = vec!["  1d 2h  <b>50%</b>\u{1b}".to_owned(), "golden: ]]>".to_owned()];
    let mut metric = finding("withdraw", "refused", Judgement::Regressed, false);
    metric.figures = Some(Figures {
        unit: "count",
        good: Good::Low,
        old: Some(2.0),
        new: Some(2.5),
        diff: Some(Difference {
            mean: 0.5,
            lo: 0.25,
            hi: 0.75,
            n: 2,
            paired: true,
        }),
        tolerance: 0.1,
    });
    vec![
        Checked {
            scenario: "a & b".to_owned(),
            file: "scenarios/a,b.toml".to_owned(),
            old: Some(side("scenarios/a.golden")),
            new: side("this run"),
            notes: vec!["a note for @somebody".to_owned()],
            findings: vec![
                placements,
                metric,
                finding("withdraw", "breaches", Judgement::Unchanged, false),
            ],
        },
        Checked {
            scenario: "c".to_owned(),
            file: "c.toml".to_owned(),
            old: None,
            new: side("this run"),
            notes: Vec::new(),
            findings: vec![finding("naive", "never breach", Judgement::Holds, false)],
        },
    ]
}

#[test]
fn junit_is_what_a_parser_reads_back() {
    let xml = render(Format::Junit, "check", &checked(), false);
    let document = roxmltree::Document::parse(&xml).unwrap_or_else(|error| panic!("{error}\n{xml}"));
    let root = document.root_element();
    assert_eq!(root.tag_name().name(), "testsuites");
    assert_eq!(
        (root.attribute("tests"), root.attribute("failures")),
        (Some("4"), Some("1"))
    );
    let suites: Vec<_> = root.children().filter(roxmltree::Node::is_element).collect();
    assert_eq!(suites.len(), 2);
    assert_eq!(
        (suites[0].attribute("name"), suites[0].attribute("failures")),
        (Some("a & b"), Some("1"))
    );
    let cases: Vec<_> = root
        .descendants()
        .filter(|node| node.has_tag_name("testcase"))
        .collect();
    assert_eq!(cases.len(), 4);
    assert_eq!(cases[0].attribute("classname"), Some("a & b.tenants, unnamed"));
    let failures: Vec<_> = root.descendants().filter(|node| node.has_tag_name("failure")).collect();
    assert_eq!(failures.len(), 1);
    assert_eq!(
        failures[0].attribute("message"),
        Some("changed: 3 < 4 & \"more\" | than_that")
    );
    assert_eq!(failures[0].text(), Some("  1d 2h  <b>50%</b>\\u{1b}\ngolden: ]]>"));
}

#[test]
fn json_is_what_a_parser_reads_back() {
    let json = render(Format::Json, "check", &checked(), false);
    let document: serde_json::Value = serde_json::from_str(&json).unwrap_or_else(|error| panic!("{error}\n{json}"));
    assert_eq!(document["passed"], false);
    assert_eq!(document["format"], 1);
    let one = &document["scenarios"][0];
    assert_eq!(
        (&one["passed"], &one["old"]["name"]),
        (&false.into(), &"scenarios/a.golden".into())
    );
    let metric = &one["findings"][1];
    assert_eq!(
        (&metric["verdict"], &metric["fails"]),
        (&"regressed".into(), &false.into())
    );
    let figures = ["old", "new", "diff", "lo", "hi", "n", "tolerance"].map(|key| metric[key].as_f64().unwrap());
    assert_eq!(figures, [2.0, 2.5, 0.5, 0.25, 0.75, 2.0, 0.1]);
    assert_eq!(one["findings"][0]["lines"][1], "golden: ]]>");
    assert!(document["scenarios"][1].get("old").is_none());
}

#[test]
fn markdown_has_a_table_whose_cells_keep_to_their_columns() {
    let mut calling = checked();
    calling[0].findings[0].strategy += " @anybody";
    let text = render(Format::Markdown, "check", &calling, false);
    assert!(text.contains("&#64;anybody") && !text.contains('@'), "{text}");
    assert!(
        text.starts_with("### :x: sickbay check: failed: 1 of 4 findings in 2 scenarios\n"),
        "{text}"
    );
    let rows: Vec<&str> = text.lines().filter(|line| line.starts_with('|')).collect();
    assert_eq!(rows.len(), 4, "{text}");
    for row in &rows {
        let bars = row.replace("\\|", "").matches('|').count();
        assert_eq!(bars, 8, "{row}");
    }
    assert!(
        rows[3].contains("| 2 count | 2.5 count | 0.5 \\[0.25, 0.75\\] |"),
        "{}",
        rows[3]
    );
    assert!(text.contains("<pre>\n  1d 2h  &lt;b&gt;50%&lt;/b&gt;"), "{text}");
    assert!(
        text.contains("&#64;somebody") && text.contains("All 1 findings are unchanged or hold."),
        "{text}"
    );
}

#[test]
fn annotations_are_single_lines_with_their_properties_escaped() {
    let text = render(Format::Github, "check", &checked(), false);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 2, "{text}");
    let head =
        "::error file=scenarios/a%2Cb.toml,line=1,title=placements of a & b under tenants%2C unnamed::changed%3A";
    assert!(
        lines[0].starts_with(&head.replace("changed%3A", "changed: ")),
        "{}",
        lines[0]
    );
    assert!(
        lines[0].contains("<b>50%25</b>") && lines[0].contains("%0Agolden: ]]>"),
        "{}",
        lines[0]
    );
    assert_eq!(
        lines[1],
        "::notice title=sickbay check::failed: 1 of 4 findings in 2 scenarios"
    );
}

#[test]
fn text_tells_what_fails_or_moved_and_counts_the_rest() {
    let text = render(Format::Text, "check", &checked(), false);
    assert!(
        text.starts_with(
            "a & b: FAILED against scenarios/a.golden (sickbay 0.1.0): 1 unchanged, 1 changed, 1 regressed\n"
        ),
        "{text}"
    );
    assert!(
        text.contains("\n  FAIL placements: changed: ") && text.contains("\n       refused: regressed: "),
        "{text}"
    );
    assert!(!text.contains("breaches") && text.contains("\nc: passed against its expectations: 1 expectations hold\n"));
    assert!(text.ends_with("failed: 1 of 4 findings in 2 scenarios\n"), "{text}");
    // What regressed and was let pass is not passed over in silence.
    let mut lenient = checked();
    let all = lenient.iter_mut().flat_map(|one| &mut one.findings);
    all.for_each(|finding| finding.fails = false);
    let text = render(Format::Text, "compare", &lenient, true);
    let end = "passed, and 1 regressed on which nothing was asked to fail: 4 findings in 2 scenarios\n";
    assert!(text.ends_with(end), "{text}");
}

#[test]
fn markdown_keeps_to_the_length_of_a_comment() {
    let mut many = Vec::new();
    for nth in 0..400 {
        let mut one = checked().remove(0);
        one.scenario = format!("scenario {nth}");
        one.findings[0].lines = vec!["x".repeat(3000)];
        many.push(one);
    }
    let text = render(Format::Markdown, "check", &many, false);
    assert!(text.len() < 65_536, "{}", text.len());
    assert!(text.contains("<details>") && text.contains("**scenario 20**: failed") && text.contains("no room here"));
    assert!(
        text.ends_with(" more scenarios are not shown.\n"),
        "{}",
        &text[text.len() - 100..]
    );
}
