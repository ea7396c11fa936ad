//! What the shipped scenarios say of themselves: their comments name what there is, and their warm-ups cover the
//! holds that they have.

use std::process::Command;

use sickbay::cells::columns::column;
use sickbay::kernel::Span;
use sickbay::scenario::{WarmUpRule, load_file};
use sickbay::workload::Stock;

use super::shipped;

/// What stands between backticks in the comments of a file.
fn quoted(text: &str) -> Vec<String> {
    let comments = text.lines().filter_map(|line| line.trim_start().strip_prefix('#'));
    let joined: Vec<&str> = comments.map(str::trim).collect();
    let joined = joined.join(" ");
    joined.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// Whether the program has a command of this name.
fn is_command(word: &str) -> bool {
    let help = Command::new(env!("CARGO_BIN_EXE_sickbay"))
        .args([word, "--help"])
        .output();
    help.expect("the program").status.success()
}

#[test]
fn comments_name_metrics_keys_and_mechanisms_that_there_are() {
    let (mut metrics, mut settings) = (0, 0);
    for file in shipped() {
        let text = std::fs::read_to_string(&file).expect("a scenario");
        let name = file.display();
        for word in quoted(&text) {
            if let Some(setting) = word.strip_prefix("--set ") {
                let setting = setting.trim_matches('\'');
                let (key, value) = setting.split_once('=').expect("a key and a value");
                if !name.to_string().contains("chameleon-tacc") {
                    let loaded = load_file(&file, &[(key.to_owned(), value.to_owned())]);
                    assert!(loaded.is_ok(), "{name}: `{word}` is refused");
                }
                settings += 1;
            } else if let Some(line) = word.strip_prefix("sickbay ") {
                let command = line.split(' ').next().unwrap_or_default();
                assert!(is_command(command), "{name}: there is no `{word}`");
            } else if word.contains('-') {
                assert!(
                    text.contains(&format!("\"{word}\"")),
                    "{name}: nothing is called `{word}`"
                );
            } else {
                let metric = column(&word).is_some();
                assert!(
                    metric || is_command(&word),
                    "{name}: there is no metric and no command `{word}`"
                );
                metrics += u32::from(metric);
            }
        }
    }
    assert!(metrics > 5 && settings > 5, "{metrics} {settings}");
}

/// Of the load of a flavor a time after an empty begin this share is still to come: that of holds which are longer.
fn missing(law: &sickbay::kernel::Law, after: Span) -> f64 {
    let grid = (0..400_u32).map(|at| (f64::from(at) + 0.5) / 400.0);
    let holds: Vec<f64> = grid
        .clone()
        .flat_map(|u| grid.clone().step_by(20).map(move |v| (u, v)))
        .map(|(u, v)| law.at(u, v).0 as f64)
        .collect();
    let later: f64 = holds.iter().map(|hold| (hold - after.0 as f64).max(0.0)).sum();
    later / holds.iter().sum::<f64>()
}

/// A warm-up that a scenario fixes leaves out at most a hundredth of the load of each flavor.
#[test]
fn fixed_warm_ups_cover_the_holds() {
    let mut held = 0;
    for file in shipped() {
        // One that is not loaded needs an import, and replays.
        let Ok(scenario) = load_file(&file, &[]) else { continue };
        let WarmUpRule::Fixed(cut) = scenario.reporting.warm_up else {
            continue;
        };
        if cut == Span::ZERO {
            continue;
        }
        for source in &scenario.demand.sources {
            let Stock::Poisson(poisson) = &source.stock else {
                continue;
            };
            for flavor in &poisson.flavors {
                let missing = missing(&flavor.hold, cut);
                assert!(
                    missing < 0.01,
                    "{}: {missing} of a flavor of {}",
                    file.display(),
                    source.name
                );
                held += 1;
            }
        }
    }
    assert!(held > 0);
}
