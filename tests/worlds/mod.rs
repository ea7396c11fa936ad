//! Random worlds: small scenarios with every feature turned on and off at random, run under every strategy with every
//! law of the model checked at every fact.
//!
//! - `features` (with `fill` and `scenes`) draws a world from a seed, `doc` is what it is made of, `plan` what the tests read in it;
//! - `laws` watch a run by the tests' own `books`; `recount` is every metric a second time; `deeds` is what has acted;
//! - `run` runs a world and catches panics, `shrink` makes a failing one small;
//! - `pairs` tells what has acted together, `relations` are pairs of worlds, `known` is held against theory.

mod books;
mod deeds;
mod dice;
mod doc;
mod draft;
mod features;
mod fill;
mod known;
mod laws;
mod pairs;
mod plan;
mod recount;
mod relations;
mod run;
mod scenes;
mod shrink;

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::PathBuf;

use rayon::prelude::*;

use laws::{Breach, hour};
use run::{Ran, Unread};

/// The seed of the first world where none is given: the same worlds in every run of the tests.
const BASE_SEED: u64 = 20_140_301;

/// As many worlds as the long form runs: every pair that can act together does in so many. (In 10,000, some four of the
/// rarest are missing half of the time.)
const LONG: u64 = 40_000;

fn number(name: &str) -> Option<u64> {
    env::var(name).ok().map(|text| {
        text.parse()
            .unwrap_or_else(|_| panic!("{name} takes a whole number, not `{text}`"))
    })
}

/// The seed of the first world.
fn base() -> u64 {
    number("SICKBAY_WORLDS_SEED").unwrap_or(BASE_SEED)
}

/// A law that was broken: how often, and by which world first.
#[derive(Clone, Debug)]
struct Found {
    worlds: u64,
    seed: u64,
    label: String,
    breach: Breach,
}

/// What many worlds came to.
#[derive(Default)]
struct Tally {
    worlds: u64,
    refused: BTreeMap<String, (u64, u64)>,
    facts: u64,
    found: BTreeMap<String, Found>,
    pairs: pairs::Pairs,
}

impl Tally {
    fn enter(&mut self, seed: u64, ran: &Result<Vec<Ran>, Unread>) {
        self.worlds += 1;
        match ran {
            Err(Unread::Refused(problems)) => {
                let mut words = problems[0].lines().next().unwrap_or_default().splitn(4, ':');
                let said = words.nth(3).unwrap_or_default().to_owned();
                self.refused.entry(said).or_insert((0, seed)).0 += 1;
            }
            Err(Unread::Panicked(breach)) => self.note(seed, "reading", breach),
            Ok(all) => {
                for ran in all {
                    self.facts += ran.facts;
                    ran.breaches
                        .iter()
                        .for_each(|breach| self.note(seed, &ran.label, breach));
                    for (at, one) in ran.deeds.iter().enumerate() {
                        ran.deeds
                            .iter()
                            .skip(at)
                            .for_each(|two| *self.pairs.entry((one, two)).or_default() += 1);
                    }
                }
            }
        }
    }

    fn note(&mut self, seed: u64, label: &str, breach: &Breach) {
        let first = || Found {
            worlds: 0,
            seed,
            label: label.to_owned(),
            breach: breach.clone(),
        };
        let found = self.found.entry(breach.law.clone()).or_insert_with(first);
        found.worlds += 1;
        if seed < found.seed {
            *found = Found {
                worlds: found.worlds,
                ..first()
            };
        }
    }

    fn merge(&mut self, other: Tally) {
        self.worlds += other.worlds;
        self.facts += other.facts;
        for (said, (n, seed)) in other.refused {
            let entry = self.refused.entry(said).or_insert((0, seed));
            *entry = (entry.0 + n, entry.1.min(seed));
        }
        for (law, found) in other.found {
            match self.found.get_mut(&law) {
                None => _ = self.found.insert(law, found),
                Some(mine) => {
                    let worlds = mine.worlds + found.worlds;
                    if found.seed < mine.seed {
                        *mine = found;
                    }
                    mine.worlds = worlds;
                }
            }
        }
        for (pair, n) in other.pairs {
            *self.pairs.entry(pair).or_default() += n;
        }
    }
}

/// Runs the worlds of so many seeds on all processors, a stretch of seeds at a time.
fn explore(base: u64, worlds: u64) -> Tally {
    const STRETCH: u64 = 16;
    let stretches = (0..worlds.div_ceil(STRETCH)).into_par_iter();
    let all = stretches.map(|stretch| {
        let folder = tempfile::TempDir::new().expect("a temporary folder can be made");
        let mut mine = Tally::default();
        for at in stretch * STRETCH..((stretch + 1) * STRETCH).min(worlds) {
            let seed = base + at;
            mine.enter(seed, &run::run(&features::world(seed).doc, folder.path()));
        }
        mine
    });
    all.reduce(Tally::default, |mut one, two| {
        one.merge(two);
        one
    })
}

/// Makes the first world that broke a law small, and writes it down; where, and what it says there.
fn written(found: &Found, into: Option<&PathBuf>) -> String {
    let scratch = tempfile::TempDir::new().expect("a temporary folder can be made");
    let law = found.breach.law.clone();
    let doc = features::world(found.seed).doc;
    let breach_of = |doc: &doc::Doc| -> Option<Breach> {
        match run::run(doc, scratch.path()) {
            Err(Unread::Panicked(breach)) => Some(breach).filter(|breach| breach.law == law),
            Err(Unread::Refused(_)) => None,
            Ok(all) => all
                .into_iter()
                .flat_map(|ran| ran.breaches)
                .find(|breach| breach.law == law),
        }
    };
    let small = shrink::shrink(&doc, &mut |doc| breach_of(doc).is_some());
    let said = breach_of(&small).unwrap_or_else(|| found.breach.clone());
    let name: String = law
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .take(60)
        .collect();
    let folder = into
        .cloned()
        .unwrap_or_else(|| env::temp_dir().join("sickbay-worlds"))
        .join(format!("{name}-{}", found.seed));
    fs::create_dir_all(&folder).expect("a folder can be made");
    small.write(&folder);
    format!("{}/world.toml: at {} {}", folder.display(), hour(said.at), said.what)
}

/// Fails with every broken law, its seed and its smallest world.
fn judge(tally: &Tally) {
    let into = env::var_os("SICKBAY_WORLDS_INTO").map(PathBuf::from);
    let mut text = String::new();
    for (law, found) in &tally.found {
        text += &format!(
            "\nbroken: {law}\n  in {} runs, first seed {} under {} at {}: {}\n",
            found.worlds,
            found.seed,
            found.label,
            hour(found.breach.at),
            found.breach.what
        );
        if env::var_os("SICKBAY_WORLDS_RAW").is_none() {
            text += &format!("  small: {}\n", written(found, into.as_ref()));
        }
    }
    assert!(tally.found.is_empty(), "{text}");
}

fn told(tally: &Tally, base: u64) {
    let refused: u64 = tally.refused.values().map(|(n, _)| n).sum();
    println!(
        "{} worlds from seed {base}, {} facts; {refused} were refused by the reader",
        tally.worlds, tally.facts
    );
    let few = tally.refused.iter().collect::<Vec<_>>();
    few.iter()
        .take(30)
        .for_each(|(said, (n, seed))| println!("  refused {n}, such as seed {seed}:{said}"));
}

#[test]
fn a_world_is_a_file_that_the_program_takes() {
    let folder = tempfile::TempDir::new().expect("a temporary folder can be made");
    let readable = |seed: &u64| run::read(&features::world(*seed).doc, folder.path()).is_ok();
    let seed = (BASE_SEED..).find(readable).expect("a world that is no mistake");
    features::world(seed).doc.write(folder.path());
    crate::cli::sickbay(&folder, "validate world.toml").assert().success();
}

/// Most worlds are no mistakes, and those that are are put right.
#[test]
fn most_worlds_can_be_read() {
    let folder = tempfile::TempDir::new().expect("a temporary folder can be made");
    let mut refused = 0;
    for seed in 0..200 {
        match run::read(&features::world(seed).doc, folder.path()) {
            Ok(_) => {}
            Err(Unread::Refused(problems)) => {
                refused += 1;
                assert!(
                    problems.iter().all(|said| said.contains("help: ")),
                    "seed {seed}: {problems:?}"
                );
            }
            Err(Unread::Panicked(breach)) => panic!("seed {seed}: {}", breach.what),
        }
    }
    assert!(refused < 60, "{refused} of 200 are refused");
}

#[test]
fn a_failing_world_becomes_small() {
    let doc = (BASE_SEED..)
        .map(|seed| features::world(seed).doc)
        .find(|doc| doc.toml().contains("waves = true"))
        .expect("a world with waves");
    let small = shrink::shrink(&doc, &mut |doc| doc.toml().contains("waves = true"));
    assert_eq!(
        small.toml(),
        "# Do all laws hold in this world?\n\n[maintenance]\n\n[[maintenance.campaign]]\nwaves = true\n"
    );
    assert!(small.files.is_empty());
}

#[test]
fn a_few_worlds_keep_every_law() {
    let base = base();
    let tally = explore(base, 200);
    told(&tally, base);
    judge(&tally);
}

/// `SICKBAY_WORLDS=10000 cargo test --release worlds::many -- --ignored --nocapture`
#[test]
#[ignore = "as many worlds as SICKBAY_WORLDS says"]
fn many_worlds_keep_every_law() {
    let base = base();
    let tally = explore(base, number("SICKBAY_WORLDS").unwrap_or(LONG));
    told(&tally, base);
    println!("{}", pairs::table(&tally.pairs));
    judge(&tally);
    let missing = pairs::missing(&tally.pairs);
    assert!(
        missing.is_empty() || tally.worlds < LONG,
        "pairs that never acted together:\n{}",
        missing.join("\n")
    );
}

/// `SICKBAY_WORLDS_SEED=7 cargo test worlds::one_world -- --ignored --nocapture`: writes the world of a seed down as it was drawn,
/// and says what became of it.
#[test]
#[ignore = "for a world that is to be looked at"]
fn one_world() {
    let doc = features::world(base()).doc;
    let folder = env::var_os("SICKBAY_WORLDS_INTO")
        .map_or_else(env::temp_dir, PathBuf::from)
        .join(format!("world-{}", base()));
    fs::create_dir_all(&folder).expect("a folder can be made");
    doc.write(&folder);
    println!("{}", folder.join("world.toml").display());
    match run::run(&doc, &folder) {
        Err(unread) => println!("{unread:?}"),
        Ok(all) => all
            .iter()
            .for_each(|ran| println!("{}: {} facts, {:?}", ran.label, ran.facts, ran.breaches)),
    }
}

/// `SICKBAY_WORLDS=2000 cargo test --release worlds::until -- --ignored --nocapture`: how many worlds it takes until a
/// law breaks that is not in `SICKBAY_WORLDS_KNOWN` (names, separated by `;`).
#[test]
#[ignore = "for a program into which a fault has been put"]
fn until_a_law_breaks() {
    let base = base();
    let most = number("SICKBAY_WORLDS").unwrap_or(10_000);
    let known = env::var("SICKBAY_WORLDS_KNOWN").unwrap_or_default();
    let folder = tempfile::TempDir::new().expect("a temporary folder can be made");
    for at in 0..most {
        let mut tally = Tally::default();
        tally.enter(base + at, &run::run(&features::world(base + at).doc, folder.path()));
        if let Some((law, found)) = tally
            .found
            .iter()
            .find(|(law, _)| !known.split(';').any(|name| name == law.as_str()))
        {
            println!(
                "found after {} worlds: {law}: seed {}: {}",
                at + 1,
                found.seed,
                found.breach.what
            );
            return;
        }
    }
    println!("not found in {most} worlds");
}
