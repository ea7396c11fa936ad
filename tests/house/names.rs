//! One meaning for each name: no public type is called as another one.

use std::collections::BTreeMap;

use super::{TextFile, text_files};

/// Where each public type of the sources is declared, by its name.
fn declared(files: &[TextFile]) -> BTreeMap<&str, Vec<String>> {
    let mut places: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for file in files {
        if !file.path.starts_with("src/") || !file.path.ends_with(".rs") {
            continue;
        }
        for (index, line) in file.text.lines().enumerate() {
            if let Some(name) = public_type(line) {
                places
                    .entry(name)
                    .or_default()
                    .push(format!("{}:{}", file.path, index + 1));
            }
        }
    }
    places
}

/// The name of the public type that a line declares.
fn public_type(line: &str) -> Option<&str> {
    let declared = line.trim_start().strip_prefix("pub ")?;
    let named = ["struct ", "enum ", "trait ", "type ", "union "]
        .into_iter()
        .find_map(|kind| declared.strip_prefix(kind))?;
    named.split(|c: char| !c.is_alphanumeric() && c != '_').next()
}

fn doubled(files: &[TextFile]) -> Vec<String> {
    declared(files)
        .into_iter()
        .filter(|(_, places)| places.len() > 1)
        .map(|(name, places)| format!("`{name}` is declared at {}", places.join(" and at ")))
        .collect()
}

#[test]
fn no_public_type_is_called_as_another() {
    let doubled = doubled(&text_files());
    assert!(
        doubled.is_empty(),
        "\n{}\nGive each a name that says what it is.\n",
        doubled.join("\n")
    );
}

#[test]
fn a_planted_double_is_found_and_what_is_private_is_not() {
    let file = |path: &str, text: &str| TextFile {
        path: path.to_owned(),
        text: text.to_owned(),
    };
    let files = [
        file(
            "src/fleet/a.rs",
            "pub struct Desk<T>(T);\nstruct Own;\npub(crate) enum Inner {}",
        ),
        file(
            "src/world/b.rs",
            "mod x {\n    pub enum Desk {}\n}\nstruct Own;\npub(crate) enum Inner {}",
        ),
        file("tests/c.rs", "pub struct Desk;"),
    ];
    assert_eq!(
        doubled(&files),
        ["`Desk` is declared at src/fleet/a.rs:1 and at src/world/b.rs:2"]
    );
}
