//! The strict reader: a table of the file held against its shape. Every key that is read, typed
//! or not, goes into the sheet of effective values; what is wrong goes into the ledger, and the
//! reader goes on with a stand-in, so that all errors are told at once.

use super::diagnose::{Ledger, fix_word, nearest};
use super::effective::{Cell, EffectiveTable};
use super::keys::ranges::{ENTRIES, KeyRange, range};
use super::keys::{self, Key, Preset, TableShape};
use super::tree::{self, Branch, Item, Place, Value};
use super::values;
use crate::kernel::{Law, Span};
use crate::workload::Sizes;

/// A table of the file, being read.
#[derive(Debug)]
pub struct Section<'a> {
    /// What it may hold.
    pub shape: &'static TableShape,
    /// Its dotted name, for messages.
    pub path: String,
    /// Where it stands.
    pub head: Place,
    /// Where problems go.
    pub ledger: &'a Ledger,
    typed: Branch,
    sheet: EffectiveTable,
}

impl<'a> Section<'a> {
    /// A table of this shape; unknown keys are noted.
    ///
    /// A key that is misspelt is read as the one that it is taken for, so that nothing is told of a key that is missing.
    pub fn new(shape: &'static TableShape, path: &str, head: Place, mut typed: Branch, ledger: &'a Ledger) -> Self {
        let unknown: Vec<String> = typed.keys().filter(|name| shape.key(name).is_none()).cloned().collect();
        let mut astray: Vec<(Place, String, &'static str)> = Vec::new();
        for name in unknown {
            let Some((place, item)) = typed.remove(&name) else {
                continue;
            };
            let near = nearest(&name, shape.keys.iter().map(|key| key.name));
            let home = near.map_or_else(|| home(&name, &super::keys::FILE), |_| None);
            if let Some(home) = home {
                astray.push((place, name, home));
                continue;
            }
            let full = full_name(path, &name);
            ledger.wrong(&place, format!("unknown key `{full}`"), fix_key(&name, shape));
            if let Some(near) = near {
                typed.entry(near.to_owned()).or_insert((place, item));
            }
        }
        tell_astray(path, astray, ledger);
        Section {
            shape,
            path: path.to_owned(),
            head,
            ledger,
            typed,
            sheet: EffectiveTable::default(),
        }
    }

    /// The effective values that were read.
    #[must_use]
    pub fn into_sheet(self) -> EffectiveTable {
        self.sheet
    }

    /// Whether the key was typed.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.typed.contains_key(name)
    }

    /// Whether the key has its preset, typed or not.
    #[must_use]
    pub fn is_preset(&self, name: &str) -> bool {
        let Some((_, item)) = self.typed.get(name) else {
            return true;
        };
        let preset = self.shape.key(name).map(|key| key.preset);
        matches!(preset, Some(Preset::Is(text, _)) if text == item.value.inline())
    }

    /// Where the key's value stands, or the table if it was not typed.
    #[must_use]
    pub fn place(&self, name: &str) -> Place {
        self.typed
            .get(name)
            .map_or_else(|| self.head.clone(), |(_, item)| item.place.clone())
    }

    /// Notes that the value of a key is wrong.
    pub fn wrong(&self, name: &str, message: impl Into<String>, fix: impl Into<String>) {
        self.ledger.wrong(&self.place(name), message, fix);
    }

    /// The dotted name of a key.
    #[must_use]
    pub fn full(&self, name: &str) -> String {
        if self.path.is_empty() {
            name.to_owned()
        } else {
            format!("{}.{name}", self.path)
        }
    }

    /// The key's value as typed or preset, without reading it.
    #[must_use]
    pub fn peek(&self, name: &str) -> Option<Item> {
        if let Some((_, item)) = self.typed.get(name) {
            return Some(item.clone());
        }
        match self.shape.key(name)?.preset {
            Preset::Is(text, _) => tree::parse_value(text, self.head.text, 0)
                .ok()
                .map(|item| self.here(item)),
            _ => None,
        }
    }

    /// A preset's value stands where its table stands.
    fn here(&self, item: Item) -> Item {
        let value = match item.value {
            Value::List(items) => Value::List(items.into_iter().map(|i| self.here(i)).collect()),
            Value::Table(branch) => Value::Table(
                branch
                    .into_iter()
                    .map(|(key, (_, i))| (key, (self.head.clone(), self.here(i))))
                    .collect(),
            ),
            other => other,
        };
        Item {
            value,
            place: self.head.clone(),
        }
    }

    /// Gives the key a value if it was not typed.
    pub fn lend(&mut self, name: &str, item: Option<Item>) {
        if let Some(item) = item {
            self.typed
                .entry(name.to_owned())
                .or_insert_with(|| (item.place.clone(), item));
        }
    }

    /// The key's value, typed or preset; noted as missing if it must be typed.
    fn find(&mut self, name: &str) -> Option<(Item, &'static Key)> {
        let key = self.shape.key(name)?;
        let item = self.peek(name);
        if item.is_none() {
            if let Preset::Must(example) = key.preset {
                // What belongs there stands elsewhere, and that has been told.
                if self.ledger.is_astray(key.opens.map_or("", |shape| shape.name)) {
                    return None;
                }
                let table = if self.path.is_empty() {
                    "the file".to_owned()
                } else {
                    format!("`{}`", self.path)
                };
                let fix = format!("add `{name} = {example}`: {}", key.doc);
                self.ledger.wrong(&self.head, format!("{table} lacks `{name}`"), fix);
            } else {
                self.sheet.put(key.name, Cell::Unset(key.doc));
            }
        }
        item.map(|item| (item, key))
    }

    /// The key's value, entered in the sheet.
    pub fn take(&mut self, name: &str) -> Option<Item> {
        let (item, key) = self.find(name)?;
        let source = match key.preset {
            Preset::Is(_, source) if !self.has(name) => Some(source),
            _ => None,
        };
        if source.is_some_and(keys::is_assumption) && range(self.shape.name, name).is_some() {
            self.ledger.suppose(self.full(name), item.value.inline());
        }
        self.sheet.put(key.name, Cell::Plain(item.value.inline(), source));
        Some(self.in_range(name, item))
    }

    /// A time outside of its key's range is noted, and the nearest bound stands in for it. Other numbers are
    /// held against their ranges as they are read.
    fn in_range(&self, name: &str, mut item: Item) -> Item {
        let Some(range) = range(self.shape.name, name) else {
            return item;
        };
        let stand_in = match (range, &item.value) {
            (KeyRange::Time(least, most), Value::Text(text)) => {
                let time = values::duration(text).map_or(least, |span| span.0);
                let bound = time.clamp(least, most);
                (bound != time).then(|| Value::Text(Span(bound).to_string()))
            }
            _ => None,
        };
        if let Some(value) = stand_in {
            let message = format!("`{}` is {}, and takes {range}", self.full(name), item.value.inline());
            self.ledger.wrong(&item.place, message, format!("give {range}"));
            item.value = value;
        }
        item
    }

    /// Enters a value that was made out otherwise than by its preset.
    pub fn enter(&mut self, name: &'static str, toml: String, source: Option<&'static str>) {
        self.sheet.put(name, Cell::Plain(toml, source));
    }

    /// Whether keys of a table that this one opens have been found elsewhere.
    #[must_use]
    pub fn has_astray(&self, name: &str) -> bool {
        let opens = self.shape.key(name).and_then(|key| key.opens);
        opens.is_some_and(|shape| self.ledger.is_astray(shape.name))
    }

    /// Notes a value of a wrong kind.
    fn mistyped(&self, name: &str, item: &Item, wants: &str) {
        let message = format!("`{}` takes {wants}, not {}", self.full(name), item.value.kind());
        let example = match self.shape.key(name).map(|key| (key.preset, key.doc)) {
            Some((Preset::Must(example) | Preset::Is(example, _), doc)) => {
                format!("such as `{name} = {example}`: {doc}")
            }
            Some((Preset::Absent, doc)) => format!("give {wants}: {doc}"),
            None => String::new(),
        };
        let fix = match &item.value {
            Value::Text(text) if wants.contains("number") || wants.contains("share") => plain_number(text),
            _ => None,
        };
        let fix = fix.map(|number| format!("write it as a number, without quotes: `{name} = {number}`"));
        self.ledger.wrong(&item.place, message, fix.unwrap_or(example));
    }

    /// Text, if the key has a value.
    pub fn text(&mut self, name: &str) -> Option<String> {
        let item = self.take(name)?;
        match &item.value {
            Value::Text(text) if !text.trim().is_empty() => Some(text.clone()),
            Value::Text(_) => {
                self.ledger.wrong(
                    &item.place,
                    format!("`{}` is empty", self.full(name)),
                    "give it a text, or leave the key out",
                );
                None
            }
            _ => {
                self.mistyped(name, &item, "text");
                None
            }
        }
    }

    /// Yes or no.
    pub fn flag(&mut self, name: &str) -> bool {
        match self.take(name) {
            Some(Item {
                value: Value::Flag(flag),
                ..
            }) => flag,
            Some(item) => {
                self.mistyped(name, &item, "true or false");
                false
            }
            None => false,
        }
    }

    /// A whole number within the key's range.
    pub fn whole(&mut self, name: &str) -> Option<i64> {
        let item = self.take(name)?;
        self.whole_of(name, &item)
    }

    /// A whole number within the key's range, or this word for none.
    pub fn whole_or(&mut self, name: &str, word: &str) -> Option<i64> {
        let item = self.take(name)?;
        match &item.value {
            Value::Text(text) if text == word => None,
            Value::Text(_) => {
                self.mistyped(name, &item, &format!("a whole number, or \"{word}\""));
                None
            }
            _ => self.whole_of(name, &item),
        }
    }

    fn whole_of(&self, name: &str, item: &Item) -> Option<i64> {
        let Some(KeyRange::Whole(least, most)) = range(self.shape.name, name) else {
            unreachable!("`{}.{name}` has a range of whole numbers", self.shape.name);
        };
        match item.value {
            Value::Whole(n) if (least..=most).contains(&n) => Some(n),
            Value::Whole(n) => {
                let message = format!("`{}` is {n}, outside of {least} to {most}", self.full(name));
                self.ledger.wrong(
                    &item.place,
                    message,
                    format!("give a whole number from {least} to {most}"),
                );
                None
            }
            _ => {
                self.mistyped(name, item, "a whole number");
                None
            }
        }
    }

    /// A number within the key's range; `wants` says what it takes.
    pub fn number(&mut self, name: &str, wants: &str) -> Option<f64> {
        let item = self.take(name)?;
        let holds = |n| range(self.shape.name, name).is_some_and(|range| range.holds(n));
        match item.value.number() {
            Some(n) if holds(n) => Some(n),
            Some(n) => {
                let message = format!("`{}` is {n}, and takes {wants}", self.full(name));
                let percent = wants.contains("share") && n > 1.0 && n <= 100.0;
                let meant = if percent {
                    format!(": {n} % is {}", n / 100.0)
                } else {
                    String::new()
                };
                self.ledger.wrong(&item.place, message, format!("give {wants}{meant}"));
                None
            }
            None => {
                self.mistyped(name, &item, wants);
                None
            }
        }
    }

    /// A share from 0 to 1; 0 stands in for a wrong one.
    pub fn share(&mut self, name: &str) -> f64 {
        self.number(name, "a share from 0 to 1").unwrap_or(0.0)
    }

    /// A length of time, if the key has a value.
    pub fn maybe_span(&mut self, name: &str) -> Option<Span> {
        let item = self.take(name)?;
        values::span(self.ledger, &self.full(name), &item)
    }

    /// A length of time; none at all stands in for a wrong one.
    pub fn span(&mut self, name: &str) -> Span {
        self.maybe_span(name).unwrap_or_default()
    }

    /// A length of time, or this word for none.
    pub fn span_or(&mut self, name: &str, word: &str) -> Option<Span> {
        let item = self.take(name)?;
        if matches!(&item.value, Value::Text(text) if text == word) {
            return None;
        }
        values::span(self.ledger, &self.full(name), &item)
    }

    /// A law of time.
    pub fn law(&mut self, name: &str) -> Law {
        let item = self.take(name);
        item.and_then(|item| values::law(self.ledger, &self.full(name), &item))
            .unwrap_or(Law::Fixed(Span::ZERO))
    }

    /// A law of time; this one stands in for a wrong one.
    pub fn law_or(&mut self, name: &str, stand_in: Law) -> Law {
        self.maybe_law(name).unwrap_or(stand_in)
    }

    /// A law of time, if the key has a value.
    pub fn maybe_law(&mut self, name: &str) -> Option<Law> {
        let item = self.take(name)?;
        values::law(self.ledger, &self.full(name), &item)
    }

    /// Counts with weights.
    pub fn sizes(&mut self, name: &str) -> Sizes {
        let Some(KeyRange::Sizes(least, most)) = range(self.shape.name, name) else {
            unreachable!("`{}.{name}` has a range of sizes", self.shape.name);
        };
        let item = self.take(name);
        item.and_then(|item| values::sizes(self.ledger, &self.full(name), &item, (least, most)))
            .unwrap_or_else(|| Sizes::always(least))
    }

    /// A list of texts, each with its place.
    pub fn words(&mut self, name: &str) -> Vec<(String, Place)> {
        let Some(item) = self.take(name) else { return Vec::new() };
        let Value::List(items) = &item.value else {
            self.mistyped(name, &item, "a list of texts");
            return Vec::new();
        };
        let mut words = Vec::new();
        for entry in items {
            match &entry.value {
                Value::Text(text) if !text.trim().is_empty() => words.push((text.clone(), entry.place.clone())),
                Value::Text(_) => self.ledger.wrong(&entry.place, "an empty text", "remove it"),
                _ => self.mistyped(name, entry, "a list of texts"),
            }
        }
        words
    }

    /// A table of texts under names of the user's own; numbers and flags are taken as text.
    pub fn texts(&mut self, name: &str) -> Vec<(String, String)> {
        let Some(item) = self.take(name) else { return Vec::new() };
        let Value::Table(branch) = &item.value else {
            self.mistyped(name, &item, "a table of texts");
            return Vec::new();
        };
        let mut texts = Vec::new();
        for (key, (_, entry)) in branch {
            match &entry.value {
                Value::Text(text) => texts.push((key.clone(), text.clone())),
                Value::Whole(number) => texts.push((key.clone(), number.to_string())),
                Value::Flag(flag) => texts.push((key.clone(), flag.to_string())),
                _ => self.mistyped(name, entry, "a table of texts"),
            }
        }
        texts
    }

    /// One of some words; the first stands in for a wrong one.
    pub fn choice<T: Copy>(&mut self, name: &str, known: &[(&str, T)]) -> Option<T> {
        let item = self.take(name)?;
        let Value::Text(text) = &item.value else {
            self.mistyped(name, &item, "text");
            return None;
        };
        let found = known.iter().find(|(word, _)| word == text).map(|(_, value)| *value);
        if found.is_none() {
            let words: Vec<&str> = known.iter().map(|(word, _)| *word).collect();
            let message = format!(
                "`{}` is `{text}`, which is none of {}",
                self.full(name),
                words.join(", ")
            );
            self.ledger
                .wrong(&item.place, message, fix_word(text, words.iter().copied()));
        }
        found
    }

    /// Reads the table that a key opens, if it has a value. `inline` prints it on one line.
    pub fn within<R>(&mut self, name: &str, inline: bool, read: impl FnOnce(&mut Section<'a>) -> R) -> Option<R> {
        let (item, _) = self.find(name)?;
        let Value::Table(branch) = item.value else {
            self.mistyped(name, &item, "a table");
            return None;
        };
        Some(self.opened(name, branch, inline, read))
    }

    /// Reads the table that a key opens; what is no table is noted and counts as an empty one.
    pub fn section<R>(&mut self, name: &str, read: impl FnOnce(&mut Section<'a>) -> R) -> R {
        let branch = match self.find(name) {
            Some((item, _)) => match item.value {
                Value::Table(branch) => branch,
                _ => {
                    self.mistyped(name, &item, "a table");
                    Branch::new()
                }
            },
            None => Branch::new(),
        };
        self.opened(name, branch, false, read)
    }

    fn opened<R>(&mut self, name: &str, branch: Branch, inline: bool, read: impl FnOnce(&mut Section<'a>) -> R) -> R {
        let key = self.shape.key(name).and_then(|key| Some((key.name, key.opens?)));
        let (name, shape) = key.unwrap_or_else(|| unreachable!("`{}` opens a table", self.full(name)));
        // A table that is only preset stands where its parent stands.
        let typed = self.typed.get(name).map(|(place, _)| place.clone());
        let head = typed.unwrap_or_else(|| self.head.clone());
        let mut sub = Section::new(shape, &self.full(name), head, branch, self.ledger);
        let result = read(&mut sub);
        let sheet = sub.into_sheet();
        self.sheet.put(
            name,
            if inline {
                Cell::Inline(sheet)
            } else {
                Cell::Table(sheet)
            },
        );
        result
    }

    /// Reads each of the tables that a key opens.
    pub fn every<R>(&mut self, name: &str, mut read: impl FnMut(&mut Section<'a>, usize) -> R) -> Vec<R> {
        let Some((item, key)) = self.find(name) else {
            return Vec::new();
        };
        let Some(shape) = key.opens else { return Vec::new() };
        let named = tables(&self.full(name));
        let items = match item.value {
            Value::List(items) => items,
            Value::Table(_) => {
                // One table is read as a list of one, so that nothing is told of what it holds.
                let message = format!("`{named}` takes a list of tables, and this is one table");
                let fix = format!("write two brackets, `[[{named}]]`, or `{name} = [{{ … }}]`");
                self.ledger.wrong(&item.place, message, fix);
                vec![item]
            }
            _ => {
                self.mistyped(name, &item, &format!("tables, each under `[[{named}]]`"));
                return Vec::new();
            }
        };
        if items.len() > ENTRIES {
            let message = format!("`{}` has {} entries, more than {ENTRIES}", self.full(name), items.len());
            self.ledger.wrong(
                &self.place(name),
                message,
                "write fewer; a trace holds any number of rows",
            );
            return Vec::new();
        }
        let (mut results, mut sheets) = (Vec::new(), Vec::new());
        for (at, entry) in items.into_iter().enumerate() {
            let Value::Table(branch) = entry.value else {
                self.mistyped(name, &entry, "a list of tables");
                continue;
            };
            let mut sub = Section::new(
                shape,
                &format!("{}.{at}", self.full(name)),
                entry.place,
                branch,
                self.ledger,
            );
            results.push(read(&mut sub, at));
            sheets.push(sub.into_sheet());
        }
        self.sheet.put(key.name, Cell::Tables(sheets));
        results
    }
}

/// A key's dotted name.
fn full_name(path: &str, name: &str) -> String {
    if path.is_empty() {
        name.to_owned()
    } else {
        format!("{path}.{name}")
    }
}

/// The dotted name of tables without the numbers of entries, as it stands between brackets.
fn tables(full: &str) -> String {
    let names: Vec<&str> = full.split('.').filter(|step| step.parse::<usize>().is_err()).collect();
    names.join(".")
}

/// Tells of keys that belong to other tables: once for all that belong to one.
fn tell_astray(path: &str, astray: Vec<(Place, String, &'static str)>, ledger: &Ledger) {
    let mut homes: Vec<&'static str> = astray.iter().map(|(.., home)| *home).collect();
    homes.dedup();
    for home in homes {
        let names: Vec<&(Place, String, &str)> = astray.iter().filter(|(.., of)| *of == home).collect();
        let Some((place, ..)) = names.iter().min_by_key(|(place, ..)| place.bytes.start) else {
            continue;
        };
        let full: Vec<String> = names
            .iter()
            .map(|(_, name, _)| format!("`{}`", full_name(path, name)))
            .collect();
        let bare: Vec<String> = names.iter().map(|(_, name, _)| format!("`{name}`")).collect();
        let (keys, are) = if names.len() == 1 {
            ("key", "is a key")
        } else {
            ("keys", "are keys")
        };
        ledger.wrong(
            place,
            format!("unknown {keys} {}", full.join(", ")),
            format!("{} {are} of `[{home}]`", bare.join(", ")),
        );
        ledger.note_astray(home);
        // A table that was meant to stand in another one, such as `[[flavor]]`.
        names
            .iter()
            .for_each(|(_, name, _)| ledger.note_astray(&format!("{home}.{name}")));
    }
}

/// A number that was typed as text, as it is to be written; none where the text is no number.
pub(super) fn plain_number(text: &str) -> Option<String> {
    let text = text.trim();
    let (digits, percent) = match text.strip_suffix('%') {
        Some(digits) => (digits.trim_end(), true),
        None => (text, false),
    };
    // 1,200 is a thousand and two hundred; 0,5 a half.
    let parts: Vec<&str> = digits.split(',').collect();
    let thousands = parts.len() > 1 && parts[1..].iter().all(|part| part.len() == 3) && !parts[0].starts_with('0');
    let digits = if thousands {
        parts.concat()
    } else {
        digits.replacen(',', ".", 1)
    };
    let number: f64 = digits.parse().ok().filter(|number: &f64| number.is_finite())?;
    let number = if percent { number / 100.0 } else { number };
    Some(format!("{number}"))
}

/// A fix for an unknown key: the nearest of this table, or the table where it belongs.
fn fix_key(name: &str, shape: &TableShape) -> String {
    let known = shape.keys.iter().map(|key| key.name);
    if let Some(near) = nearest(name, known.clone()) {
        return format!("is it meant as `{near}`?");
    }
    if let Some(home) = home(name, &super::keys::FILE) {
        return format!("`{name}` is a key of `[{home}]`");
    }
    fix_word(name, known)
}

/// The table that has a key of this name.
fn home(name: &str, shape: &'static TableShape) -> Option<&'static str> {
    let opened = || shape.keys.iter().filter_map(|key| key.opens);
    let here = opened().find(|sub| sub.key(name).is_some()).map(|sub| sub.name);
    here.or_else(|| opened().find_map(|sub| home(name, sub)))
}
