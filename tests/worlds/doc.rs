//! A scenario as structure: tables of keys and values, and the CSVs beside it. The generator builds it, the shrinker
//! takes it apart, the laws read it by themselves, and `sickbay` takes what it prints.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// A value. A length of time and an instant since the epoch are one kind, in milliseconds.
#[derive(Clone, Debug, PartialEq)]
pub enum Val {
    Text(String),
    Span(u64),
    Int(i64),
    Num(f64),
    Flag(bool),
    List(Vec<Val>),
    /// A table in one line.
    Table(Table),
    /// An array of tables, each under a head of its own.
    Tables(Vec<Table>),
}

/// Keys with values, in order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table(pub Vec<(String, Val)>);

/// A CSV with its columns by name; a row has one field for each.
#[derive(Clone, Debug, PartialEq)]
pub struct Csv {
    pub name: &'static str,
    pub columns: Vec<&'static str>,
    pub rows: Vec<Vec<Val>>,
}

/// A scenario and its files.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Doc {
    pub root: Table,
    pub files: Vec<Csv>,
}

pub fn text(text: impl Into<String>) -> Val {
    Val::Text(text.into())
}

pub fn texts(of: &[&str]) -> Val {
    Val::List(of.iter().map(|&word| text(word)).collect())
}

pub fn table(of: Vec<(&str, Val)>) -> Val {
    Val::Table(Table(of.into_iter().map(|(key, val)| (key.to_owned(), val)).collect()))
}

impl Val {
    pub fn span(&self) -> Option<u64> {
        if let Val::Span(ms) = self { Some(*ms) } else { None }
    }

    pub fn word(&self) -> Option<&str> {
        if let Val::Text(text) = self { Some(text) } else { None }
    }

    pub fn whole(&self) -> Option<i64> {
        if let Val::Int(n) = self { Some(*n) } else { None }
    }

    pub fn number(&self) -> Option<f64> {
        match self {
            Val::Int(n) => Some(*n as f64),
            Val::Num(n) => Some(*n),
            _ => None,
        }
    }

    pub fn flag(&self) -> Option<bool> {
        if let Val::Flag(flag) = self { Some(*flag) } else { None }
    }

    pub fn list(&self) -> &[Val] {
        if let Val::List(list) = self { list } else { &[] }
    }

    pub fn words(&self) -> Vec<String> {
        self.list().iter().filter_map(Val::word).map(str::to_owned).collect()
    }

    pub fn table(&self) -> Option<&Table> {
        if let Val::Table(table) = self {
            Some(table)
        } else {
            None
        }
    }

    pub fn tables(&self) -> &[Table] {
        if let Val::Tables(tables) = self { tables } else { &[] }
    }

    fn inline(&self) -> String {
        match self {
            Val::Text(text) => quoted(text),
            Val::Span(ms) => format!("\"{}\"", length(*ms)),
            Val::Int(n) => n.to_string(),
            Val::Num(n) => format!("{n:?}"),
            Val::Flag(flag) => flag.to_string(),
            Val::List(list) => format!("[{}]", joined(list.iter().map(Val::inline), ", ")),
            Val::Table(table) => {
                let pairs = table
                    .0
                    .iter()
                    .map(|(key, val)| format!("{} = {}", bare(key), val.inline()));
                format!("{{ {} }}", joined(pairs, ", "))
            }
            Val::Tables(tables) => {
                let all = tables.iter().map(|table| Val::Table(table.clone()).inline());
                format!("[{}]", joined(all, ", "))
            }
        }
    }

    /// A field of a CSV: times are seconds.
    fn field(&self) -> String {
        match self {
            Val::Text(text) => text.clone(),
            Val::Span(ms) if ms % 1000 == 0 => (ms / 1000).to_string(),
            Val::Span(ms) => format!("{}.{:03}", ms / 1000, ms % 1000),
            Val::List(list) if list.iter().all(|one| matches!(one, Val::List(_))) => {
                let pair = |one: &Val| joined(one.list().iter().map(Val::field), ":");
                joined(list.iter().map(pair), "|")
            }
            Val::List(list) => joined(list.iter().map(Val::field), " "),
            other => other.inline(),
        }
    }
}

fn joined(parts: impl Iterator<Item = String>, between: &str) -> String {
    parts.collect::<Vec<_>>().join(between)
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

fn bare(key: &str) -> String {
    let plain = key.chars().all(|c| c.is_ascii_alphanumeric() || "_-".contains(c));
    if plain { key.to_owned() } else { quoted(key) }
}

/// A length of time in its largest unit that is exact.
pub fn length(ms: u64) -> String {
    for (unit, of) in [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000)] {
        if ms > 0 && ms.is_multiple_of(of) {
            return format!("{}{unit}", ms / of);
        }
    }
    if ms == 0 { "0s".to_owned() } else { format!("{ms}ms") }
}

impl Table {
    pub fn get(&self, key: &str) -> Option<&Val> {
        self.0.iter().find(|(name, _)| name == key).map(|(_, val)| val)
    }

    pub fn get_mut(&mut self, key: &str) -> Option<&mut Val> {
        self.0.iter_mut().find(|(name, _)| name == key).map(|(_, val)| val)
    }

    pub fn set(&mut self, key: &str, val: Val) {
        match self.get_mut(key) {
            Some(old) => *old = val,
            None => self.0.push((key.to_owned(), val)),
        }
    }

    /// The array of tables under a key; a key that is not there has none.
    pub fn all(&self, key: &str) -> &[Table] {
        self.get(key).map_or(&[], Val::tables)
    }

    pub fn all_mut(&mut self, key: &str) -> &mut [Table] {
        match self.get_mut(key) {
            Some(Val::Tables(tables)) => tables,
            _ => &mut [],
        }
    }

    pub fn add(&mut self, key: &str, one: Table) {
        match self.get_mut(key) {
            Some(Val::Tables(tables)) => tables.push(one),
            _ => self.set(key, Val::Tables(vec![one])),
        }
    }

    /// The table under a key, which comes into being if it is not there.
    pub fn within(&mut self, key: &str) -> &mut Table {
        if !matches!(self.get(key), Some(Val::Table(_))) {
            self.set(key, Val::Table(Table::default()));
        }
        match self.get_mut(key) {
            Some(Val::Table(table)) => table,
            _ => unreachable!("it has just been set"),
        }
    }

    fn print(&self, path: &str, out: &mut String) {
        let (heads, lines): (Vec<_>, Vec<_>) = self.0.iter().partition(|(_, val)| matches!(val, Val::Tables(_)));
        for (key, val) in lines {
            _ = writeln!(out, "{} = {}", bare(key), val.inline());
        }
        for (key, val) in heads {
            let path = format!("{path}.{key}");
            for table in val.tables() {
                _ = write!(out, "\n[[{}]]\n", path.trim_start_matches('.'));
                table.print(&path, out);
            }
        }
    }
}

impl Doc {
    /// The scenario as a file.
    pub fn toml(&self) -> String {
        let mut out = "# Do all laws hold in this world?\n".to_owned();
        for (key, val) in &self.root.0 {
            match val {
                Val::Table(table) => {
                    _ = write!(out, "\n[{key}]\n");
                    table.print(key, &mut out);
                }
                Val::Tables(tables) => {
                    for table in tables {
                        _ = write!(out, "\n[[{key}]]\n");
                        table.print(key, &mut out);
                    }
                }
                other => _ = writeln!(out, "{key} = {}", other.inline()),
            }
        }
        out
    }

    /// Writes the scenario as `world.toml`, with its files beside it.
    pub fn write(&self, folder: &Path) {
        fs::write(folder.join("world.toml"), self.toml()).expect("a file can be written");
        self.write_files(folder);
    }

    /// Writes the files alone.
    pub fn write_files(&self, folder: &Path) {
        for csv in &self.files {
            fs::write(folder.join(csv.name), csv.text()).expect("a file can be written");
        }
    }

    pub fn csv(&self, name: &str) -> Option<&Csv> {
        self.files.iter().find(|csv| csv.name == name)
    }

    pub fn csv_mut(&mut self, name: &str) -> Option<&mut Csv> {
        self.files.iter_mut().find(|csv| csv.name == name)
    }

    /// A value by its path: `maintenance.drain`.
    pub fn at(&self, path: &str) -> Option<&Val> {
        let mut steps = path.split('.');
        let mut at = self.root.get(steps.next()?)?;
        for step in steps {
            at = at.table()?.get(step)?;
        }
        Some(at)
    }
}

impl Csv {
    fn text(&self) -> String {
        let mut out = self.columns.join(",") + "\n";
        for row in &self.rows {
            _ = writeln!(out, "{}", joined(row.iter().map(Val::field), ","));
        }
        out
    }

    /// The field of a row in a column.
    pub fn field<'a>(&self, row: &'a [Val], column: &str) -> Option<&'a Val> {
        row.get(self.columns.iter().position(|name| *name == column)?)
    }
}
