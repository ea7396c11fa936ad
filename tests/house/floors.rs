//! The floors: a module of `src/` uses only floors below its own, and some things live on one floor alone.
//!
//! Both tables below are the rule, not a picture of it. A new top-level module needs a row in `FLOORS` before anything
//! may mention it. Which floor a name was re-exported through cannot be seen from the text; `BANS` therefore names the
//! few types that must not travel. `clippy.toml` holds the wall clock and the hash maps by type as well.

use super::paths::{Mention, mentions};
use super::text_files;

/// A top-level module of `src/` and the floors that it may use, besides itself.
struct Floor {
    name: &'static str,
    uses: &'static str,
}

impl Floor {
    fn may_use(&self, other: &str) -> bool {
        other == self.name || self.uses.split(' ').any(|used| used == other)
    }
}

const fn floor(name: &'static str, uses: &'static str) -> Floor {
    Floor { name, uses }
}

/// From the bottom up: a row names earlier rows only.
const FLOORS: &[Floor] = &[
    floor("kernel", ""),
    floor("stats", "kernel"),
    floor("import", "kernel"),
    floor("fleet", "kernel"),
    floor("view", "kernel fleet"),
    floor("workload", "kernel fleet"),
    floor("scheduler", "kernel fleet view workload"),
    floor("strategy", "kernel fleet workload scheduler"),
    floor("world", "kernel fleet view workload scheduler strategy"),
    floor(
        "scenario",
        "kernel stats import fleet view workload scheduler strategy world",
    ),
    floor(
        "cells",
        "kernel stats fleet view workload scheduler strategy world scenario",
    ),
    floor("judge", "kernel stats fleet workload world scenario cells"),
    floor("experiment", "kernel stats scenario cells judge"),
    floor("store", "kernel stats workload world scenario cells judge"),
    floor(
        "report",
        "kernel stats store fleet scheduler strategy world scenario cells judge",
    ),
    floor(
        "cli",
        "kernel stats import fleet view workload scheduler strategy world scenario cells judge experiment store report",
    ),
    // The thin binary: what it may see of the library.
    floor("main", "cli"),
];

/// Where a name may be mentioned. Code under `#[cfg(test)]` is free of bans, not of floors.
enum Scope {
    Only(&'static [&'static str]),
    Nowhere(&'static [&'static str]),
}
use Scope::{Nowhere, Only};

struct Ban {
    /// Neighbouring segments of a path: `std::fs` also bans `std::fs::File` and `use std::{fs, io}`.
    name: &'static str,
    scope: Scope,
    why: &'static str,
}

const fn ban(name: &'static str, scope: Scope, why: &'static str) -> Ban {
    Ban { name, scope, why }
}

const CLI: &[&str] = &["cli"];
const FILES: &[&str] = &["cli", "import", "scenario", "store"];
const STORE: &[&str] = &["store"];
const PRINTING: &str = "all printing is in cli";
const CLOCK: &str = "the only clock is the agenda's; the wall clock belongs to cli";
const FILE_ACCESS: &str = "the core does no I/O";
const WHOLE: &str = "files are put in their place by store, whole or not at all";
const READS: &str = "scenario reads files and writes none";
const DRAWS: &str = "random numbers come from the kernel's named streams";
const ANSWERS: &str = "strategies and the scheduler answer with data: no agenda, no stream, no fleet to change";

const BANS: &[Ban] = &[
    ban("rayon", Only(&["cells"]), "the unit of parallelism is the cell"),
    ban("std::time::Instant", Only(CLI), CLOCK),
    ban("std::time::SystemTime", Only(CLI), CLOCK),
    ban("std::time::*", Only(CLI), CLOCK),
    ban("println!", Only(CLI), PRINTING),
    ban("print!", Only(CLI), PRINTING),
    ban("eprintln!", Only(CLI), PRINTING),
    ban("eprint!", Only(CLI), PRINTING),
    ban("io::stdout", Only(CLI), PRINTING),
    ban("io::stderr", Only(CLI), PRINTING),
    ban("std::fs", Only(FILES), FILE_ACCESS),
    ban("from_path", Only(FILES), FILE_ACCESS),
    ban("disk", Nowhere(&["report"]), "report stores nothing"),
    ban("tempfile", Only(STORE), WHOLE),
    ban("rustix", Only(STORE), FILE_ACCESS),
    ban("fs::write", Only(STORE), WHOLE),
    ban("fs::rename", Only(STORE), WHOLE),
    ban("fs::remove_dir_all", Only(STORE), WHOLE),
    ban("File::create", Only(STORE), WHOLE),
    ban("fs::remove_file", Nowhere(&["scenario"]), READS),
    ban("fs::create_dir_all", Nowhere(&["scenario"]), READS),
    ban("OpenOptions", Nowhere(&["scenario"]), READS),
    ban("rand", Only(&["kernel"]), DRAWS),
    ban("rand_chacha", Only(&["kernel"]), DRAWS),
    ban("kernel::agenda", Nowhere(&["strategy", "scheduler"]), ANSWERS),
    ban("Agenda", Nowhere(&["strategy", "scheduler"]), ANSWERS),
    ban("&mut Fleet", Nowhere(&["strategy", "scheduler"]), ANSWERS),
    ban("Rules", Nowhere(&["strategy"]), ANSWERS),
    ban("choose", Nowhere(&["strategy"]), ANSWERS),
    ban("kernel::streams", Nowhere(&["strategy"]), ANSWERS),
    ban("Stream", Nowhere(&["strategy"]), ANSWERS),
    ban("Seed", Nowhere(&["strategy"]), ANSWERS),
    ban("kernel::*", Nowhere(&["strategy"]), ANSWERS),
    ban(
        "run_cell",
        Nowhere(&["judge", "store", "report"]),
        "cells are run by cells, experiment and cli",
    ),
];

/// The files that may name plotters and its font parser, which nobody keeps up any more (`deny.toml`).
const FONT_FILES: [&str; 3] = [
    "src/report/plots/alike.rs",
    "src/report/plots/letters.rs",
    "src/report/plots/paint.rs",
];

fn names_fonts(path: &str, text: &str) -> bool {
    let names = ["plotters::", "ab_glyph::", "ttf_parser::", "owned_ttf_parser::"];
    path.starts_with("src/") && !FONT_FILES.contains(&path) && names.iter().any(|name| text.contains(name))
}

#[test]
fn plotters_and_its_font_parser_stay_in_their_files() {
    let files = text_files();
    let broken: Vec<&str> = files
        .iter()
        .filter(|file| names_fonts(&file.path, &file.text))
        .map(|file| file.path.as_str())
        .collect();
    assert_eq!(broken, Vec::<&str>::new());
    assert!(names_fonts("src/report/plots/axis.rs", "use plotters::prelude::*;"));
    assert!(
        FONT_FILES
            .iter()
            .all(|path| files.iter().any(|file| file.path == *path))
    );
}

#[test]
fn every_module_keeps_to_its_floor() {
    let files = text_files();
    let broken: Vec<String> = files
        .iter()
        .filter(|file| file.path.starts_with("src/") && file.path.ends_with(".rs"))
        .flat_map(|file| violations(&file.path, &file.text))
        .collect();
    assert!(broken.is_empty(), "\n{}\n", broken.join("\n"));
}

/// What is wrong in the source of `file`, one line per place.
fn violations(file: &str, source: &str) -> Vec<String> {
    let module = module_of(file);
    let Some(top) = module.first() else {
        return Vec::new(); // src/lib.rs lists the floors and stands on none
    };
    let Some(floor) = FLOORS.iter().find(|floor| floor.name == top.as_str()) else {
        return vec![format!(
            "{file}:1: `{top}` has no row in FLOORS of tests/house/floors.rs"
        )];
    };
    let tests_only = file.ends_with("/tests.rs") || file.contains("/tests/");
    let mut found = Vec::new();
    for mention in mentions(&module, source) {
        let place = format!("{file}:{}: `{}`", mention.line, mention.path.join("::"));
        found.extend(floor_broken(floor, &mention).map(|why| format!("{place}: {why}")));
        if !(mention.in_test || tests_only) {
            found.extend(bans_broken(floor, &mention).map(|why| format!("{place}: {why}")));
        }
    }
    found
}

/// `src/fleet/node.rs` is `[fleet, node]`, `src/fleet/mod.rs` is `[fleet]`, `src/lib.rs` is the root.
pub(super) fn module_of(file: &str) -> Vec<String> {
    let path = file.trim_start_matches("src/").trim_end_matches(".rs");
    let mut module: Vec<String> = path.split('/').map(str::to_owned).collect();
    if module.last().is_some_and(|name| name == "mod") || module == ["lib"] {
        module.pop();
    }
    module
}

fn floor_broken(floor: &Floor, mention: &Mention) -> Option<String> {
    let name = floor.name;
    let target = target(floor, mention)?;
    if floor.may_use(&target) {
        return None;
    }
    let allowed = if floor.uses.is_empty() {
        "no other floor"
    } else {
        floor.uses
    };
    Some(if FLOORS.iter().any(|floor| floor.name == target) {
        format!("{name} may not use {target}; it may use {allowed}")
    } else if target.is_empty() {
        format!("{name} reaches for the whole crate; name the floor")
    } else {
        format!("`{target}` is on no floor; {name} may use {allowed}")
    })
}

/// The top-level module that a mention reaches into; empty for the crate root as a whole, `None` for other crates
/// and for names in reach already.
fn target(floor: &Floor, mention: &Mention) -> Option<String> {
    let root = if floor.name == "main" { "sickbay" } else { "crate" };
    let mut rest = &mention.path[..];
    let mut absolute = Vec::new();
    if rest[0] == root {
        if rest.len() == 1 && !mention.imported {
            return None; // pub(crate)
        }
        rest = &rest[1..];
    } else {
        rest = rest.strip_prefix(&["self".to_owned()]).unwrap_or(rest);
        let climbs = rest.iter().take_while(|segment| *segment == "super").count();
        if climbs == 0 {
            return None;
        }
        absolute.extend_from_slice(&mention.within[..mention.within.len().saturating_sub(climbs)]);
        rest = &rest[climbs..];
    }
    absolute.extend_from_slice(rest);
    let top = absolute.first().filter(|top| !matches!(top.as_str(), "*" | "self"));
    Some(top.cloned().unwrap_or_default())
}

fn bans_broken(floor: &Floor, mention: &Mention) -> impl Iterator<Item = &'static str> {
    BANS.iter()
        .filter(|ban| banned(ban, floor) && mentioned(ban, &mention.path))
        .map(|ban| ban.why)
}

fn banned(ban: &Ban, floor: &Floor) -> bool {
    match ban.scope {
        Only(floors) => !floors.contains(&floor.name),
        Nowhere(floors) => floors.contains(&floor.name),
    }
}

fn mentioned(ban: &Ban, path: &[String]) -> bool {
    let name: Vec<&str> = ban.name.split("::").collect();
    path.windows(name.len()).any(|segments| segments == name)
}

#[test]
fn the_floors_are_listed_from_the_bottom_up() {
    for (row, floor) in FLOORS.iter().enumerate() {
        for used in floor.uses.split_whitespace() {
            let below = FLOORS[..row].iter().any(|lower| lower.name == used);
            assert!(below, "{} uses {used}, which is not below it", floor.name);
        }
    }
    for ban in BANS {
        let (Only(floors) | Nowhere(floors)) = ban.scope;
        for name in floors {
            assert!(
                FLOORS.iter().any(|floor| floor.name == *name),
                "ban on {}: no floor {name}",
                ban.name
            );
        }
    }
}

#[test]
fn an_upward_use_is_caught_however_it_is_spelt() {
    for floor in FLOORS.iter().filter(|floor| floor.name != "main") {
        for other in FLOORS.iter().filter(|other| other.name != "main") {
            let (from, to) = (floor.name, other.name);
            let planted = [
                ("mod", format!("use crate::{to}::Planted;")),
                ("mod", format!("use crate::{{{from}::Own, {to}::{{Planted, Other}}}};")),
                ("mod", format!("pub(crate) use crate::{to} as other;")),
                ("mod", format!("fn f() -> u8 {{ crate::{to}::planted() }}")),
                ("mod", format!("use super::{to}::Planted;")),
                ("mod", format!("mod inner {{ use super::super::{to}::Planted; }}")),
                ("mod", format!("#[cfg(test)] mod tests {{ use crate::{to}::Planted; }}")),
                ("room", format!("use super::super::{to}::Planted;")),
                ("room", format!("use super::{{super::{to}::Planted}};")),
                (
                    "room",
                    format!("macro_rules! m {{ () => {{ $crate::{to}::planted() }} }}"),
                ),
            ];
            let allowed = floor.may_use(to);
            for (file, source) in planted {
                let file = format!("src/{from}/{file}.rs");
                let caught = violations(&file, &source)
                    .iter()
                    .any(|line| line.contains(&format!("may not use {to};")));
                assert_eq!(caught, !allowed, "{file}: {source}");
            }
        }
    }
}

#[test]
fn every_ban_is_caught_where_it_holds_and_only_there() {
    for ban in BANS {
        let source = match ban.name {
            name if name.ends_with('!') => format!("fn f() {{ {name}(\"planted\") }}"),
            name if name.starts_with('&') => format!("fn f<'a>(planted: {}) {{}}", name.replace('&', "&'a ")),
            name => format!("use {name};"),
        };
        for floor in FLOORS {
            let file = format!("src/{}/mod.rs", floor.name);
            let caught = |source: &str| violations(&file, source).iter().any(|line| line.ends_with(ban.why));
            assert_eq!(caught(&source), banned(ban, floor), "{file}: {source}");
            assert!(
                !caught(&format!("#[cfg(test)]\nmod tests {{ {source} }}")),
                "{file}: {source} in a test"
            );
        }
    }
}

#[test]
fn a_violation_names_its_line_and_the_rule() {
    let source =
        "use crate::kernel::Time;\n\n/// crate::cli in a comment\npub(crate) fn f() {\n    crate::view::g()\n}\n";
    let expected = "src/fleet/node.rs:5: `crate::view::g`: fleet may not use view; it may use kernel";
    assert_eq!(violations("src/fleet/node.rs", source), [expected]);
}

#[test]
fn what_stands_on_no_floor_is_caught() {
    let first = |file: &str, source: &str| violations(file, source).first().cloned().unwrap_or_default();
    assert!(first("src/helpers.rs", "").contains("has no row in FLOORS"));
    assert!(first("src/fleet/mod.rs", "use crate::helpers::f;").contains("`helpers` is on no floor"));
    for whole in [
        "use crate::*;",
        "use crate as all;",
        "use super::*;",
        "use crate::{self as all};",
    ] {
        assert!(
            first("src/fleet/mod.rs", whole).contains("reaches for the whole crate"),
            "{whole}"
        );
    }
    assert!(first("src/main.rs", "fn main() { sickbay::world::run() }").contains("main may not use world"));
    assert_eq!(
        violations("src/main.rs", "fn main() -> ExitCode { sickbay::cli::main() }"),
        [""; 0]
    );
    assert_eq!(violations("src/lib.rs", "pub mod kernel;\npub mod cli;"), [""; 0]);
}
