//! Every key that a scenario file may have: its default, where the default comes from, and what
//! the key means. `keys.txt` is the only place where a default is written down; the strict reader,
//! `validate --effective` and the lists of known keys are all read off it.

pub mod ranges;

use std::sync::LazyLock;

use super::tree::{self, Branch, Value};
use crate::strategy;

/// The table of keys.
const TEXT: &str = include_str!("keys.txt");

/// The file.
pub static FILE: LazyLock<TableShape> = LazyLock::new(|| shape(""));

/// What happens when a key is not typed.
#[derive(Clone, Copy, Debug)]
pub enum Preset {
    /// It must be typed; this is an example of a value.
    Must(&'static str),
    /// Nothing is set.
    Absent,
    /// This value in TOML, and where it comes from.
    Is(&'static str, &'static str),
}

/// A key.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// Its name.
    pub name: &'static str,
    /// What happens when it is not typed.
    pub preset: Preset,
    /// What it means.
    pub doc: &'static str,
    /// The keys of the table that it opens, if it opens one.
    pub opens: Option<&'static TableShape>,
}

/// The keys of a table.
#[derive(Debug)]
pub struct TableShape {
    /// The table's name.
    pub name: &'static str,
    /// Its keys, in the order in which they are printed.
    pub keys: &'static [Key],
}

impl TableShape {
    /// The key of this name.
    #[must_use]
    pub fn key(&self, name: &str) -> Option<&'static Key> {
        self.keys.iter().find(|key| key.name == name)
    }
}

/// A key of `--set` in full: one of `[scenario]` may leave the table's name out, and one of a strategy what lies above it, as
/// answers do.
#[must_use]
pub fn full_key(key: &str) -> String {
    let first = key.split('.').next().unwrap_or_default();
    let own = FILE.key("scenario").and_then(|key| key.opens);
    if FILE.key(first).is_none() && own.is_some_and(|own| own.key(first).is_some()) {
        format!("scenario.{key}")
    } else if key.contains('.') && strategy::find(first).is_some() {
        format!("{STRATEGIES}.{key}")
    } else {
        key.to_owned()
    }
}

/// The same where the scenario is known: its strategies may have labels of their own.
#[must_use]
pub fn full_key_in(root: &Branch, key: &str) -> String {
    let full = full_key(key);
    let (first, rest) = full.split_once('.').unwrap_or((&full, ""));
    let list: Vec<&str> = STRATEGIES.split('.').collect();
    let Some(Value::List(items)) = tree::value_at(root, &list) else {
        return full;
    };
    if FILE.key(first).is_none()
        && !rest.is_empty()
        && first.parse::<usize>().is_err()
        && tree::entry_at(items, first).is_some()
    {
        return format!("{STRATEGIES}.{full}");
    }
    full
}

/// Where strategies are listed.
pub const STRATEGIES: &str = "scenario.strategies";

/// Whether the source of a default says that there is none.
#[must_use]
pub fn is_assumption(source: &str) -> bool {
    source.starts_with("assumption")
}

/// Whether a dotted key's tables and first key below them are known; what lies deeper, in a value with a grammar of its own
/// or a strategy's parameter, is not looked at.
#[must_use]
pub fn leads_somewhere(path: &[&str]) -> bool {
    let mut shape = &*FILE;
    let mut steps = path.iter();
    while let Some(step) = steps.next() {
        let Some(key) = shape.key(step) else {
            // A number or a name that picks an entry of a list.
            let entry = steps.next().and_then(|next| shape.key(next));
            match entry {
                Some(key) => match key.opens {
                    Some(opened) => shape = opened,
                    None => return true,
                },
                None => return false,
            }
            continue;
        };
        match key.opens {
            Some(opened) => shape = opened,
            None => return true,
        }
    }
    true
}

/// What the table or list at a path would be that the file does not have: its preset, or where an entry of a list does in this
/// as the table around it (faults and campaigns have the errands of `[maintenance]`), what that says. None where that has no
/// entries.
#[must_use]
pub fn inherited(root: &Branch, path: &[&str]) -> Option<Value> {
    let (name, above) = path.split_last()?;
    let (mut shape, mut typed, mut lender) = (&*FILE, Some(root), None);
    let mut steps = above.iter();
    while let Some(step) = steps.next() {
        let value = typed.and_then(|typed| typed.get(*step)).map(|(_, item)| &item.value);
        let opened = shape.key(step)?.opens?;
        typed = match value {
            Some(Value::List(items)) => {
                lender = Some((shape, typed));
                let entry = &items[tree::entry_at(items, steps.next()?)?];
                table_of(&entry.value)
            }
            other => other.and_then(table_of),
        };
        shape = opened;
    }
    let said = |(shape, typed): (&TableShape, Option<&Branch>)| {
        let key = shape.key(name)?;
        let item = typed
            .and_then(|typed| typed.get(*name))
            .map(|(_, item)| item.value.clone());
        let preset = || match key.preset {
            Preset::Is(text, _) => tree::parse_value(text, 0, 0).ok().map(|item| item.value),
            Preset::Must(_) | Preset::Absent => None,
        };
        item.or_else(preset)
    };
    let value = said((shape, typed)).or_else(|| said(lender?))?;
    match &value {
        Value::Table(branch) if !branch.is_empty() => Some(value),
        Value::List(items) if !items.is_empty() => Some(value),
        _ => None,
    }
}

fn table_of(value: &Value) -> Option<&Branch> {
    match value {
        Value::Table(branch) => Some(branch),
        _ => None,
    }
}

/// The table of this name. What keys open is read once and kept for good.
fn shape(name: &'static str) -> TableShape {
    let keys = rows(name).map(|(key, row)| match key.split_once(" > ") {
        Some((key, table)) => Key::of(key, Some(Box::leak(Box::new(shape(table)))), row),
        None => Key::of(key, None, row),
    });
    TableShape {
        name,
        keys: keys.collect::<Vec<_>>().leak(),
    }
}

/// The rows of a table: each key, and its other three columns.
fn rows(table: &'static str) -> Box<dyn Iterator<Item = (&'static str, [&'static str; 3])>> {
    let mut lines = TEXT.lines().skip_while(move |line| {
        let named = line.strip_prefix('[').and_then(|line| line.strip_suffix(']'));
        named != Some(table)
    });
    assert!(lines.next().is_some(), "keys.txt has no table [{table}]");
    Box::new(lines.take_while(|line| !line.is_empty()).flat_map(|line| {
        if let Some(other) = line.strip_prefix("+ ") {
            return rows(other).collect::<Vec<_>>();
        }
        let columns: Vec<&str> = line.split(" | ").collect();
        let [key, default, source, doc] = columns[..] else {
            panic!("keys.txt has a row of {} columns: {line}", columns.len());
        };
        vec![(key, [default, source, doc])]
    }))
}

impl Key {
    fn of(name: &'static str, opens: Option<&'static TableShape>, [default, source, doc]: [&'static str; 3]) -> Key {
        let preset = match source {
            "required" => Preset::Must(default),
            "unset" => Preset::Absent,
            source => Preset::Is(default, source),
        };
        Key {
            name,
            preset,
            doc,
            opens,
        }
    }
}
