//! The inner order of the floors: files of `src/` that use each other, directly or by way of others, form a circle, and
//! no circle has more than two files. Who reads a file of a larger one has to read all of them.
//!
//! A name that a module has imported or re-exported counts as what it stands for, so that `mod.rs` may list what is below
//! it. Tests are free.

use std::collections::{BTreeMap, BTreeSet};

use super::floors::module_of;
use super::paths::{Mention, mentions};
use super::text_files;

/// Circles that are still larger: a file in each, and how many files it may have. The list only shrinks.
const STILL: &[(&str, usize)] = &[("import::chameleon", 5)];

/// The most files of a circle.
const MOST: usize = 2;

type Module = Vec<String>;

/// The files of `src/` and what each mentions outside of tests.
struct Tree(BTreeMap<Module, Vec<Mention>>);

impl Tree {
    fn of(files: impl Iterator<Item = (String, String)>) -> Tree {
        let tests =
            |path: &str| path.ends_with("/tests.rs") || path.contains("/tests/") || path.ends_with("/testing.rs");
        let sources = files.filter(|(path, _)| path.starts_with("src/") && path.ends_with(".rs") && !tests(path));
        let read = |(path, text): (String, String)| {
            let module = module_of(&path);
            let own = mentions(&module, &text).into_iter().filter(|mention| !mention.in_test);
            (module, own.collect())
        };
        Tree(
            sources
                .map(read)
                .filter(|(module, _): &(Module, _)| !module.is_empty())
                .collect(),
        )
    }

    /// The path from the crate's root that a mention stands for; none for what is not of this crate.
    fn absolute(&self, mention: &Mention) -> Option<Module> {
        let first = mention.path.first()?.as_str();
        let climbs = mention.path.iter().take_while(|segment| *segment == "super").count();
        let within = &mention.within;
        let (base, rest) = match first {
            "crate" => (&within[..0], &mention.path[1..]),
            "self" => (&within[..], &mention.path[1..]),
            "super" => (&within[..within.len().saturating_sub(climbs)], &mention.path[climbs..]),
            _ => (&within[..], &mention.path[..]),
        };
        let path: Module = base.iter().chain(rest).cloned().collect();
        if rest.is_empty() && !mention.imported {
            return None; // pub(super)
        }
        let relative = !matches!(first, "crate" | "self" | "super");
        let child = || self.0.contains_key(&path[..=within.len().min(path.len() - 1)]);
        (!relative || mention.path.len() > 1 && child()).then_some(path)
    }

    /// The file that a path leads to, past what modules on the way have imported from elsewhere.
    fn file(&self, path: &[String]) -> Option<Module> {
        let mut path = path.to_vec();
        for _ in 0..8 {
            let depth = (1..=path.len())
                .rev()
                .find(|&depth| self.0.contains_key(&path[..depth]))?;
            let (module, rest) = path.split_at(depth);
            let from = rest.first().and_then(|name| {
                let imports = self.0[module].iter().filter(|it| it.imported && it.within == module);
                let mut own = imports
                    .filter(|it| it.path.last() == Some(name))
                    .filter_map(|it| self.absolute(it));
                own.find(|from| *from != path)
            });
            match from {
                Some(from) => path = from.into_iter().chain(rest[1..].iter().cloned()).collect(),
                None => return Some(module.to_vec()),
            }
        }
        None
    }

    /// Which files each file uses.
    fn uses(&self) -> BTreeMap<&Module, BTreeSet<Module>> {
        let of = |module: &Module, mentions: &[Mention]| {
            let own = mentions.iter().filter(|mention| !mention.handed_on);
            let paths = own.filter_map(|mention| self.absolute(mention));
            paths
                .filter_map(|path| self.file(&path))
                .filter(|used| used != module)
                .collect()
        };
        self.0
            .iter()
            .map(|(module, mentions)| (module, of(module, mentions)))
            .collect()
    }

    /// The circles, each in order.
    fn circles(&self) -> BTreeSet<Vec<String>> {
        let uses = self.uses();
        let reached = |from: &Module| {
            let mut found: BTreeSet<&Module> = BTreeSet::new();
            let mut open: Vec<&Module> = uses[from].iter().collect();
            while let Some(module) = open.pop() {
                if found.insert(module) {
                    open.extend(&uses[module]);
                }
            }
            found
        };
        let reach: BTreeMap<&Module, BTreeSet<&Module>> =
            uses.keys().map(|&module| (module, reached(module))).collect();
        let circle = |module: &&Module| {
            let both = reach[module].iter().filter(|other| reach[**other].contains(*module));
            both.map(|other| other.join("::")).collect::<Vec<String>>()
        };
        reach.keys().map(circle).filter(|circle| !circle.is_empty()).collect()
    }
}

#[test]
fn no_circle_has_more_than_two_files() {
    let files = text_files().into_iter().map(|file| (file.path, file.text));
    let circles = Tree::of(files).circles();
    let mut wrong = Vec::new();
    for circle in circles.iter().filter(|circle| circle.len() > MOST) {
        let may = STILL.iter().find(|(file, _)| circle.iter().any(|own| own == file));
        if may.is_none_or(|(_, files)| circle.len() > *files) {
            wrong.push(format!("{} files use each other: {}", circle.len(), circle.join(" ")));
        }
    }
    for (file, files) in STILL {
        let own = circles.iter().find(|circle| circle.iter().any(|own| own == file));
        let found = own.map_or(1, Vec::len);
        if found < *files {
            wrong.push(format!(
                "the circle of {file} has {found} files and may have {files}: let STILL say so"
            ));
        }
    }
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

#[test]
fn a_circle_is_found_however_it_is_spelt() {
    let circles = |files: &[(&str, &str)]| {
        let files = files
            .iter()
            .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()));
        Tree::of(files).circles().into_iter().collect::<Vec<_>>()
    };
    let three = ["a::one".to_owned(), "a::three".to_owned(), "a::two".to_owned()];
    let (one, two) = (
        ("src/a/one.rs", "use super::two::X;"),
        ("src/a/two.rs", "fn f() { crate::a::three::g() }"),
    );
    let found = circles(&[
        ("src/a/mod.rs", ""),
        one,
        two,
        ("src/a/three.rs", "use super::one::{Y, Z};"),
    ]);
    assert_eq!(found, [three.to_vec()]);
    // A list of what is below is no use of it, wherever somebody else takes the name from the list.
    let list = ("src/a/mod.rs", "mod one; mod two; pub use one::Y; pub use two::X;");
    let tail = ("src/a/two.rs", "use super::Y;");
    assert_eq!(circles(&[list, ("src/a/one.rs", ""), tail]), [[""; 0]; 0]);
    let told = ("src/a/one.rs", "pub(super) fn g() {}");
    assert_eq!(
        circles(&[("src/a/mod.rs", "mod one; fn f() { one::g() }"), told]),
        [[""; 0]; 0]
    );
    let tests = ("src/a/one.rs", "#[cfg(test)] mod tests { use crate::a::two::X; }");
    assert_eq!(circles(&[list, tests, tail]), [[""; 0]; 0]);
    // A module that computes with what is below and is used by it is one.
    let both = ("src/a/mod.rs", "mod one; fn f() { one::g() }");
    let found = circles(&[both, ("src/a/one.rs", "use super::f;")]);
    assert_eq!(found, [["a".to_owned(), "a::one".to_owned()]]);
}
