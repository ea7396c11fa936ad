//! The whole program against recordings of a running Nova 34.0, Placement 16.0 and Ironic 39.0 (`validation/`): each
//! time table is replayed through its scenario, and the outcome and the nodes of every request are held against what
//! the cloud did.
//!
//! The phase of the cloud's loops and some seconds of its deploys and cleans are not known, so that a time table is
//! replayed in variants. Where all of them agree the cloud has to do the same; where they do not, what it did has to
//! be among them. Differences are listed with their reasons, and the list has to be true in both directions.
//!
//! `cargo test recorded -- --nocapture` prints the table by strategy and family. `SICKBAY_RECORDED` names another
//! folder of recordings, which are printed and not judged by the list.

mod differences;
mod replay;
mod spread;
mod tape;

use std::collections::BTreeMap;

use differences::DIFFERENCES;
use replay::{Account, accounts};
use tape::Recording;

/// How a request of the cloud stands to the simulated ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    /// Every variant says what the cloud did.
    Equal,
    /// Some variant does.
    Among,
    /// None does.
    Differs,
}

fn verdict(real: &Account, simulated: &[Account]) -> Verdict {
    if !simulated.contains(real) {
        return Verdict::Differs;
    }
    if simulated.iter().all(|one| one == real) {
        Verdict::Equal
    } else {
        Verdict::Among
    }
}

/// What was compared: by strategy and family, how many stand how.
#[derive(Default)]
struct Table(BTreeMap<(String, &'static str), [usize; 3]>);

impl Table {
    fn note(&mut self, strategy: &str, family: &'static str, verdict: Verdict) {
        let row = self.0.entry((strategy.to_owned(), family)).or_default();
        row[verdict as usize] += 1;
    }

    fn print(&self, name: &str) {
        println!("{name}: strategy, family: equal, among the simulated, different");
        for ((strategy, family), [equal, among, differs]) in &self.0 {
            println!("  {strategy:<20} {family:<10} {equal:>4} {among:>4} {differs:>4}");
        }
        let sum = |k: usize| self.0.values().map(|row| row[k]).sum::<usize>();
        println!("  {:<31} {:>4} {:>4} {:>4}", "all", sum(0), sum(1), sum(2));
    }
}

/// The differences of a recording, as (strategy, request or spell), each with what both say.
fn differences(recording: &Recording) -> BTreeMap<(String, String), String> {
    let (mut table, mut found) = (Table::default(), BTreeMap::new());
    for (label, played) in &recording.strategies {
        let mut simulated = accounts(recording, label);
        for (what, real) in &played.accounts {
            let (mut real, mut ours) = (real.clone(), simulated.remove(what).unwrap_or_default());
            if recording.picks_by_luck {
                real = real.wherever();
                ours = ours.into_iter().map(Account::wherever).collect();
            }
            let verdict = verdict(&real, &ours);
            table.note(label, recording.family(what), verdict);
            if verdict == Verdict::Differs {
                let mut said: Vec<String> = ours.iter().map(Account::to_string).collect();
                said.sort();
                said.dedup();
                found.insert(
                    (label.clone(), what.clone()),
                    format!("the cloud {real}, we {}", said.join(" or ")),
                );
            }
        }
    }
    table.print(&recording.name);
    found
}

#[test]
fn recorded_clouds_are_met_request_by_request() {
    let mut wrong = Vec::new();
    for recording in tape::of("") {
        let found = differences(&recording);
        let listed = || DIFFERENCES.iter().filter(|one| one.recording == recording.name);
        for ((label, what), said) in &found {
            let reason = listed().find(|one| one.covers(label, what)).map(|one| one.why);
            println!("  {label} {what}: {said}: {}", reason.unwrap_or("NOT LISTED"));
            if reason.is_none() {
                wrong.push(format!("{}: {label} {what}: {said}: not listed", recording.name));
            }
        }
        let all = listed().flat_map(|one| {
            one.whats
                .iter()
                .map(|what| (one.strategy.to_owned(), (*what).to_owned()))
        });
        let gone = all.filter(|key| !found.contains_key(key));
        wrong.extend(gone.map(|(label, what)| format!("{}: {label} {what}: listed and not there", recording.name)));
    }
    assert!(wrong.is_empty() || !tape::is_ours(), "{}", wrong.join("\n"));
}
