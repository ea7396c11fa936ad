//! Tidiness: small files, short lines, nothing left open, nothing that is true on one computer alone.

use super::text_files;

/// A rule: what is wrong in the file at `path` that holds `text`, as `path:line: what`.
type Rule = fn(path: &str, text: &str) -> Vec<String>;

const RULES: &[Rule] = &[
    short_files,
    short_lines,
    no_tabs,
    nothing_left_open,
    no_absolute_paths,
    scenarios_ask,
];

const FILE_LINES: usize = 700;
const MAIN_LINES: usize = 20;
const LINE_CHARS: usize = 160;

#[test]
fn the_tree_is_tidy() {
    let files = text_files();
    assert!(
        files.iter().any(|file| file.path.starts_with("benches/peers/src/")),
        "the walk did not find the peers"
    );
    let untidy: Vec<String> = files
        .iter()
        .flat_map(|file| RULES.iter().flat_map(|rule| rule(&file.path, &file.text)))
        .collect();
    assert!(untidy.is_empty(), "\n{}\n", untidy.join("\n"));
}

#[test]
fn the_licence_and_the_papers_are_there() {
    let files = text_files();
    for (paper, opening) in [
        ("LICENSE", "Apache License"),
        ("README.md", "# "),
        ("ARCHITECTURE.md", "# "),
        ("CHANGELOG.md", "# "),
        ("CONTRIBUTING.md", "# "),
        ("src/report/DejaVu-copyright.txt", ""),
    ] {
        let file = files
            .iter()
            .find(|file| file.path == paper)
            .unwrap_or_else(|| panic!("{paper} is missing"));
        assert!(
            file.text.trim_start().starts_with(opening),
            "{paper} should open with `{opening}`"
        );
        assert!(!file.text.trim().is_empty(), "{paper} is empty");
    }
}

fn short_files(path: &str, text: &str) -> Vec<String> {
    let limit = if path == "src/main.rs" { MAIN_LINES } else { FILE_LINES };
    let lines = text.lines().count();
    let ours = path.starts_with("src/") || path.starts_with("benches/");
    let long = ours && path.ends_with(".rs") && lines > limit;
    if long {
        vec![format!("{path}:{lines}: longer than {limit} lines")]
    } else {
        Vec::new()
    }
}

fn short_lines(path: &str, text: &str) -> Vec<String> {
    let rule = format!("longer than {LINE_CHARS} characters");
    lines_where(path, text, path.ends_with(".rs"), &rule, |line| {
        line.chars().count() > LINE_CHARS
    })
}

fn no_tabs(path: &str, text: &str) -> Vec<String> {
    lines_where(path, text, path.ends_with(".rs") || is_prose(path), "a tab", |line| {
        line.contains('\t')
    })
}

fn nothing_left_open(path: &str, text: &str) -> Vec<String> {
    // Spelt in two parts so that this file does not report itself.
    const MARKS: [&str; 3] = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X:")];
    let ours = path.ends_with(".rs") || is_prose(path);
    lines_where(path, text, ours, "left open", |line| {
        MARKS.iter().any(|mark| line.contains(mark))
    })
}

fn no_absolute_paths(path: &str, text: &str) -> Vec<String> {
    lines_where(path, text, true, "a path of one computer", |line| {
        ["tmp", "work", "root", "home", "Users"].iter().any(|folder| {
            line.match_indices(&format!("/{folder}/"))
                .any(|(at, _)| !continues_a_path(&line[..at]))
        })
    })
}

/// Whether `before` ends inside a path or an address, so that the slash behind it is not the file system's root.
fn continues_a_path(before: &str) -> bool {
    before.ends_with(|c: char| c.is_alphanumeric() || "_-.~*/)}>".contains(c))
}

/// A scenario opens with the question that it answers.
fn scenarios_ask(path: &str, text: &str) -> Vec<String> {
    let scenario = path.starts_with("scenarios/") && path.ends_with(".toml");
    let asks = text
        .lines()
        .take_while(|line| line.starts_with('#'))
        .any(|line| line.contains('?'));
    if scenario && !asks {
        vec![format!("{path}:1: opens without a question")]
    } else {
        Vec::new()
    }
}

fn is_prose(path: &str) -> bool {
    path.ends_with(".md") || path.ends_with(".toml") || path.starts_with(".ci/")
}

fn lines_where(path: &str, text: &str, applies: bool, what: &str, wrong: impl Fn(&str) -> bool) -> Vec<String> {
    let lines = text.lines().enumerate().filter(|(_, line)| applies && wrong(line));
    lines
        .map(|(index, _)| format!("{path}:{}: {what}", index + 1))
        .collect()
}

#[test]
fn every_rule_catches_what_is_planted() {
    let wide = format!("fn f() {{}}\n// {}", "é".repeat(LINE_CHARS));
    let planted = [
        (
            "src/fleet/node.rs",
            "\n".repeat(FILE_LINES + 1),
            "src/fleet/node.rs:701: longer than 700 lines",
        ),
        (
            "benches/peers/src/main.rs",
            "\n".repeat(FILE_LINES + 1),
            "benches/peers/src/main.rs:701: longer than 700 lines",
        ),
        (
            "src/main.rs",
            "\n".repeat(MAIN_LINES + 1),
            "src/main.rs:21: longer than 20 lines",
        ),
        ("tests/main.rs", wide, "tests/main.rs:2: longer than 160 characters"),
        ("src/cli/mod.rs", "\tlet x = 1;".to_owned(), "src/cli/mod.rs:1: a tab"),
        (
            "README.md",
            concat!("\n// TO", "DO: later").to_owned(),
            "README.md:2: left open",
        ),
        (".ci/run", concat!("# FIX", "ME").to_owned(), ".ci/run:1: left open"),
        (
            "README.md",
            concat!("see `/", "tmp/x`").to_owned(),
            "README.md:1: a path of one computer",
        ),
        (
            "results/quickstart/summary.json",
            concat!("\"/", "home/a\"").to_owned(),
            "quickstart/summary.json:1: a path",
        ),
        (
            "scenarios/mute.toml",
            "# It says.\n[scenario]\n# and asks?".to_owned(),
            "mute.toml:1: opens without a question",
        ),
    ];
    for (path, text, expected) in planted {
        let found: Vec<String> = RULES.iter().flat_map(|rule| rule(path, &text)).collect();
        assert!(
            matches!(&found[..], [one] if one.contains(expected)),
            "{path}: {found:?}, not {expected}"
        );
    }
}

#[test]
fn what_is_tidy_passes() {
    let fine = [
        ("src/fleet/node.rs", "\n".repeat(FILE_LINES)),
        ("tests/main.rs", "é".repeat(LINE_CHARS)),
        ("LICENSE", "\thttp://www.apache.org/licenses/".to_owned()),
        (
            "README.md",
            "https://example.org/work/ and results/work/ and $scratch/tmp/ and ~/work/".to_owned(),
        ),
        (
            "scenarios/asks.toml",
            "# A title.\n# Does it ask?\n[scenario]".to_owned(),
        ),
    ];
    for (path, text) in fine {
        let found: Vec<String> = RULES.iter().flat_map(|rule| rule(path, &text)).collect();
        assert_eq!(found, [""; 0], "{path}");
    }
}
