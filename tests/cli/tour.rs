//! README's tour, the manual's six questions and the studies are true: what a block shows below a command is an excerpt of what the program prints.

use std::fs;
use std::path::Path;

use snapbox::cmd::Command;
use tempfile::TempDir;

/// A command of a paper, and what the paper says that it prints.
struct Shown {
    command: String,
    prints: String,
}

/// The commands of a paper's blocks, in order.
fn shown(paper: &str) -> Vec<Shown> {
    let mut found: Vec<Shown> = Vec::new();
    let (mut inside, mut continued) = (false, false);
    for line in paper.lines() {
        if line.starts_with("```") {
            (inside, continued) = (line == "```text", false);
        } else if let (true, Some(command)) = (inside, line.strip_prefix("$ ")) {
            continued = command.ends_with('\\');
            found.push(Shown {
                command: command.trim_end_matches('\\').to_owned(),
                prints: String::new(),
            });
        } else if let (true, Some(last)) = (inside, found.last_mut()) {
            if continued {
                continued = line.ends_with('\\');
                last.command.push_str(line.trim_end_matches('\\'));
            } else {
                last.prints.push_str(line);
                last.prints.push('\n');
            }
        }
    }
    found
}

/// The first line of an excerpt that is not printed after the lines before it; `…` stands for any lines.
fn missing<'a>(excerpt: &'a str, printed: &str) -> Option<&'a str> {
    let mut printed = printed.lines().map(str::trim_end);
    let mut shown = excerpt.lines().filter(|line| !["", "…"].contains(&line.trim()));
    shown.find(|line| !printed.any(|other| other == line.trim_end()))
}

/// What the tour takes as given: the shipped scenarios with their goldens, and a scenario with mistakes.
fn stage() -> TempDir {
    let folder = TempDir::new().expect("a temporary folder can be made");
    let scenarios = folder.path().join("scenarios");
    fs::create_dir(&scenarios).expect("a folder can be made");
    for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios")).expect("there are scenarios") {
        let entry = entry.expect("a folder can be read");
        fs::copy(entry.path(), scenarios.join(entry.file_name())).expect("a file can be copied");
    }
    let broken = "[scenario]\nname = \"broken\"\nhorizon = \"90\"\n\nstrategies = [\"withdrw\"]\n\n\
                  [[fleet.group]]\nclass = \"c\"\nnodes = -1\n";
    fs::write(folder.path().join("broken.toml"), broken).expect("a scenario can be written");
    folder
}

const README: &str = include_str!("../../README.md");

/// Worked studies: a planner's question each.
const STUDIES: [&str; 2] = [
    include_str!("../../docs/slow-loop.md"),
    include_str!("../../docs/owned-nodes.md"),
];

/// The manual's part with a planner's questions.
fn six() -> &'static str {
    let manual = include_str!("../../MANUAL.md");
    let from = manual.split("## A planner's six questions").nth(1);
    from.and_then(|rest| rest.split("\n## ").next())
        .expect("the manual has them")
}

fn held(paper: &str, commands: impl Fn(&str) -> bool) {
    let folder = stage();
    let mut false_lines = Vec::new();
    for it in shown(paper).iter().filter(|it| commands(&it.command)) {
        let program = env!("CARGO_BIN_EXE_sickbay");
        let command = it.command.replacen("sickbay", program, 1);
        let output = Command::new("sh")
            .args(["-c", &command])
            .current_dir(folder.path())
            .env_remove("GITHUB_ACTIONS")
            .output()
            .expect("a shell can be run");
        let printed = [output.stdout, output.stderr].concat();
        if let Some(line) = missing(&it.prints, &String::from_utf8_lossy(&printed)) {
            false_lines.push(format!("$ {}\nprints no such line here: {line}", it.command));
        }
    }
    assert!(
        false_lines.is_empty(),
        "the paper is not true:\n{}",
        false_lines.join("\n")
    );
}

/// It takes hundreds of replications, or points: minutes in a debug build.
fn long(command: &str) -> bool {
    [
        "report.precision",
        "sickbay sweep",
        "sickbay plan",
        "run quickstart",
        "leaky-hide",
        "candidate-cap",
        "chameleon-tacc",
    ]
    .iter()
    .any(|word| command.contains(word))
}

#[test]
fn the_tour_prints_what_readme_shows() {
    held(README, |command| !long(command));
}

#[test]
fn the_studies_print_what_they_show() {
    assert!(STUDIES.iter().all(|study| !shown(study).is_empty()));
    STUDIES.iter().for_each(|study| held(study, |_| true));
}

#[test]
fn the_manual_asks_six_questions_and_the_short_one_is_answered_as_it_says() {
    assert_eq!(shown(six()).len(), 6);
    held(six(), |command| command.contains("firmware-campaign"));
}

#[test]
#[ignore = "takes minutes; cargo test --release six_questions -- --ignored"]
fn the_six_questions_are_answered_as_the_manual_says() {
    held(six(), |_| true);
}

/// Some of these commands run hundreds of replications or a fleet of thousands: six minutes in a debug build.
#[test]
#[ignore = "takes minutes; cargo test --release tour -- --ignored"]
fn the_long_part_of_the_tour_prints_what_readme_shows() {
    println!("skipped: chameleon-tacc, whose inputs come from `sickbay import chameleon`");
    held(README, |command| long(command) && !command.contains("chameleon-tacc"));
}

#[test]
fn an_excerpt_has_lines_that_are_printed_in_their_order() {
    let printed = "a\nb\nc\nd\n";
    for (excerpt, absent) in [
        ("a\nb\nc\nd\n", None),
        ("a\n…\nd\n", None),
        ("d\na\n", Some("a")),
        ("a\na\n", Some("a")),
        ("a\nx\n", Some("x")),
    ] {
        assert_eq!(missing(excerpt, printed), absent, "{excerpt}");
    }
}
