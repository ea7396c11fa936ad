//! The whole program against recordings of a running Nova 34.0, Placement 16.0 and Ironic 39.0 (`validation/`): each
//! time table is replayed through its scenario, and the outcome and the nodes of every request are held against what
//! the cloud did.
//!
//! The phase of the cloud's loops and some seconds of its deploys and cleans are not known, so that a time table is
//! replayed in variants. Where all of them agree the cloud has to do the same; where they do not, what it did has to
//! be among them. Differences are listed with their reasons, and the list has to be true in both directions: what is
//! said to be a matter of seconds has to be simulated once the recording's own moments are put in.
//!
//! `cargo test recorded -- --nocapture` prints the table by strategy and family. `SICKBAY_RECORDED` names another
//! folder of recordings, which are printed and not judged by the list.

mod differences;
mod moments;
mod replay;
mod spread;
mod tape;

use std::collections::BTreeMap;

use differences::{DIFFERENCES, Why};
use replay::{Account, accounts, not_by_moments};
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

/// What "among" is worth, over all that stand so.
#[derive(Default)]
struct Power {
    among: usize,
    /// How often the variants say what the cloud did.
    said: f64,
    /// How often a variant says what another one does: as often as that would be, were the cloud a variant.
    of_a_variant: f64,
    /// How often an account drawn among all conceivable ones would be among those of the variants.
    by_chance: f64,
}

impl Power {
    fn note(&mut self, real: &Account, simulated: &[Account], conceivable: f64) {
        let mut counts: BTreeMap<&Account, f64> = BTreeMap::new();
        for one in simulated {
            *counts.entry(one).or_default() += 1.0;
        }
        let all = simulated.len() as f64;
        self.among += 1;
        self.said += counts.get(real).copied().unwrap_or_default() / all;
        self.of_a_variant += counts.values().map(|count| count * count).sum::<f64>() / (all * all);
        self.by_chance += counts.len() as f64 / conceivable;
    }

    fn print(&self, of: &str) {
        let share = |sum: f64| 100.0 * sum / self.among as f64;
        println!(
            "of {} among{of}: {:.0} % of the variants say what the cloud did, {:.0} % would if it were one of them; an account \
             drawn blindly would be among them in {:.0} %",
            self.among,
            share(self.said),
            share(self.of_a_variant),
            share(self.by_chance)
        );
    }
}

/// A difference, and what both say.
struct Difference {
    real: Account,
    said: String,
}

/// The differences of a recording, by strategy and request or spell.
fn differences(recording: &Recording, power: &mut Power) -> BTreeMap<(String, String), Difference> {
    let (mut table, mut found) = (Table::default(), BTreeMap::new());
    for (label, played) in &recording.strategies {
        let mut simulated = accounts(recording, label);
        for (what, real) in &played.accounts {
            let real = recording.compared(real.clone());
            let ours = simulated.remove(what).unwrap_or_default();
            let verdict = verdict(&real, &ours);
            table.note(label, recording.family(what), verdict);
            match verdict {
                Verdict::Equal => {}
                Verdict::Among => power.note(&real, &ours, recording.conceivable(what)),
                Verdict::Differs => {
                    let mut said: Vec<String> = ours.iter().map(Account::to_string).collect();
                    said.sort();
                    said.dedup();
                    let said = format!("the cloud {real}, we {}", said.join(" or "));
                    found.insert((label.clone(), what.clone()), Difference { real, said });
                }
            }
        }
    }
    table.print(&recording.name);
    found
}

/// Of the differences that are said to be a matter of seconds, those that no replay with the recording's moments has.
fn not_seconds(recording: &Recording, found: &BTreeMap<(String, String), Difference>) -> Vec<String> {
    let mut wrong = Vec::new();
    for label in recording.strategies.keys() {
        let of_label = found.iter().filter(|((of, _), _)| of == label);
        let seconds = of_label.filter(|((_, what), _)| {
            let why = reason(recording, label, what);
            matches!(why, Some(Why::Seconds(_)))
        });
        let wanted = seconds.map(|((_, what), it)| (what.clone(), it.real.clone())).collect();
        let left = not_by_moments(recording, label, wanted);
        wrong.extend(left.iter().map(|what| {
            format!(
                "{}: {label} {what}: not among the simulated with the recording's moments",
                recording.name
            )
        }));
    }
    wrong
}

fn reason(recording: &Recording, label: &str, what: &str) -> Option<Why> {
    let mut listed = DIFFERENCES.iter().filter(|one| one.recording == recording.name);
    listed.find(|one| one.covers(label, what)).map(|one| one.why)
}

#[test]
fn recorded_clouds_are_met_request_by_request() {
    let (mut wrong, mut power) = (Vec::new(), [Power::default(), Power::default()]);
    for recording in tape::of("") {
        let found = differences(&recording, &mut power[usize::from(recording.picks_by_luck)]);
        for ((label, what), it) in &found {
            let why = reason(&recording, label, what);
            println!("  {label} {what}: {}: {}", it.said, why.map_or("NOT LISTED", Why::text));
            if why.is_none() {
                wrong.push(format!("{}: {label} {what}: {}: not listed", recording.name, it.said));
            }
        }
        wrong.extend(not_seconds(&recording, &found));
        let listed = DIFFERENCES.iter().filter(|one| one.recording == recording.name);
        let all = listed.flat_map(|one| {
            one.whats
                .iter()
                .map(|what| (one.strategy.to_owned(), (*what).to_owned()))
        });
        let gone = all.filter(|key| !found.contains_key(key));
        wrong.extend(gone.map(|(label, what)| format!("{}: {label} {what}: listed and not there", recording.name)));
    }
    power[0].print(" by node");
    power[1].print(" where it is luck which node is taken");
    assert!(wrong.is_empty() || !tape::is_ours(), "{}", wrong.join("\n"));
}
