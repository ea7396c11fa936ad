//! A world in the making: what the features of the generator write into, and the small, nasty ranges that they draw
//! from.

use std::collections::BTreeSet;

use super::dice::Dice;
use super::doc::{Csv, Doc, Table, Val, table};

pub const SECOND: u64 = 1000;
pub const MINUTE: u64 = 60 * SECOND;
pub const HOUR: u64 = 60 * MINUTE;
pub const DAY: u64 = 24 * HOUR;

#[derive(Debug)]
pub struct Draft {
    pub dice: Dice,
    pub doc: Doc,
    /// The features that are on.
    pub on: BTreeSet<&'static str>,
    pub horizon: u64,
    /// Instants are whole multiples of it, so that many are equal.
    pub grid: u64,
}

impl Draft {
    pub fn new(mut dice: Dice) -> Draft {
        let grid = *dice.pick(&[1000, 10 * MINUTE, HOUR, 6 * HOUR, 12 * HOUR]);
        let horizon = DAY * *dice.pick(&[1, 2, 3, 5]);
        Draft {
            dice,
            doc: Doc::default(),
            on: BTreeSet::new(),
            horizon,
            grid,
        }
    }

    pub fn is(&self, feature: &str) -> bool {
        self.on.contains(feature)
    }

    /// An instant before the horizon, often one that others have, too.
    pub fn instant(&mut self) -> Val {
        let steps = (self.horizon / self.grid.max(MINUTE)).max(1) as usize;
        Val::Span(self.dice.below(steps) as u64 * self.grid.max(MINUTE))
    }

    /// A length of time, often none.
    pub fn length(&mut self) -> Val {
        let grid = self.grid;
        Val::Span(
            *self
                .dice
                .pick(&[0, 0, 1000, grid, 2 * grid, MINUTE, 30 * MINUTE, HOUR, 5 * HOUR, DAY]),
        )
    }

    /// A length of time above 0.
    pub fn positive(&mut self) -> Val {
        let grid = self.grid;
        Val::Span(*self.dice.pick(&[
            MINUTE,
            10 * MINUTE,
            50 * MINUTE,
            HOUR,
            2 * HOUR,
            7 * HOUR,
            12 * HOUR,
            DAY,
            grid.max(MINUTE),
        ]))
    }

    /// A law of time with such a length.
    pub fn law(&mut self) -> Val {
        if self.dice.coin() {
            return self.length();
        }
        self.drawn()
    }

    /// A law of time that is no fixed length.
    pub fn drawn(&mut self) -> Val {
        let (one, two) = (self.positive(), self.positive());
        match self.dice.below(3) {
            0 => table(vec![("exponential", one)]),
            1 => table(vec![(
                "lognormal",
                table(vec![("median", one), ("sigma", Val::Num(0.5))]),
            )]),
            _ => {
                let (one, two) = (one.span().unwrap_or(0), two.span().unwrap_or(0));
                table(vec![(
                    "uniform",
                    Val::List(vec![Val::Span(one.min(two)), Val::Span(one.max(two))]),
                )])
            }
        }
    }

    pub fn share(&mut self) -> Val {
        Val::Num(*self.dice.pick(&[0.1, 0.25, 0.5, 0.5, 1.0]))
    }

    /// Two hours of the day that differ.
    pub fn hours(&mut self) -> Val {
        let hours = [
            "00:00", "02:00", "04:00", "06:00", "08:00", "12:00", "16:00", "18:00", "22:00", "23:30",
        ];
        let from = self.dice.below(hours.len());
        let to = (from + self.dice.between(1, hours.len() - 1)) % hours.len();
        super::doc::texts(&[hours[from], hours[to]])
    }

    /// The names of the classes that nodes have now or will have.
    pub fn classes(&self) -> Vec<String> {
        let mut found: Vec<String> = Vec::new();
        let mut enter = |val: Option<&Val>| {
            if let Some(word) = val.and_then(Val::word)
                && !found.iter().any(|known| known == word)
            {
                found.push(word.to_owned());
            }
        };
        for group in self.groups() {
            enter(group.get("class"));
        }
        if let Some(csv) = self.doc.csv("nodes.csv") {
            for row in &csv.rows {
                enter(csv.field(row, "resource_class"));
                let changes = csv.field(row, "class_changes");
                changes
                    .map_or(&[][..], Val::list)
                    .iter()
                    .for_each(|one| enter(one.list().get(1)));
            }
        }
        found
    }

    pub fn class(&mut self) -> String {
        let classes = self.classes();
        self.dice.pick(&classes).clone()
    }

    /// How many nodes have a class at some time.
    pub fn capacity(&self, class: &str) -> usize {
        let in_groups = self
            .groups()
            .iter()
            .filter(|group| group.get("class").and_then(Val::word) == Some(class));
        let grouped: i64 = in_groups
            .filter_map(|group| group.get("nodes").and_then(Val::whole))
            .sum();
        let listed = self.doc.csv("nodes.csv").map_or(0, |csv| {
            let has = |row: &&Vec<Val>| {
                let first = csv.field(row, "resource_class").and_then(Val::word) == Some(class);
                let changes = csv.field(row, "class_changes").map_or(&[][..], Val::list);
                first
                    || changes
                        .iter()
                        .any(|one| one.list().get(1).and_then(Val::word) == Some(class))
            };
            csv.rows.iter().filter(has).count()
        });
        grouped as usize + listed
    }

    /// The names of all nodes as written.
    pub fn nodes(&self) -> Vec<String> {
        node_names(&self.doc)
    }

    /// The nodes that are in the fleet at the begin, each with its class then.
    pub fn there_at_the_begin(&self) -> Vec<(String, String)> {
        let word = |val: Option<&Val>| val.and_then(Val::word).unwrap_or_default().to_owned();
        let mut found = Vec::new();
        let joins = |val: Option<&Val>| val.and_then(Val::span).is_some_and(|from| from > 0);
        for group in self.groups().iter().filter(|group| !joins(group.get("from"))) {
            let (name, nodes) = (
                word(group.get("name")),
                group.get("nodes").and_then(Val::whole).unwrap_or(0),
            );
            found.extend((1..=nodes).map(|n| (format!("{name}-{n}"), word(group.get("class")))));
        }
        if let Some(csv) = self.doc.csv("nodes.csv") {
            let there = csv.rows.iter().filter(|row| !joins(csv.field(row, "available_from_s")));
            let named = there.map(|row| (word(csv.field(row, "node_id")), word(csv.field(row, "resource_class"))));
            found.extend(named);
        }
        found
    }

    /// Whether nodes have this trait.
    pub fn has_trait(&self, name: &str) -> bool {
        let in_groups = self.groups().iter().any(|group| {
            group
                .get("traits")
                .is_some_and(|val| val.words().iter().any(|word| word == name))
        });
        let listed = self.doc.csv("nodes.csv").is_some_and(|csv| {
            csv.rows.iter().any(|row| {
                csv.field(row, "traits")
                    .is_some_and(|val| val.words().iter().any(|word| word == name))
            })
        });
        in_groups || listed
    }

    pub fn groups(&self) -> &[Table] {
        self.doc
            .root
            .get("fleet")
            .and_then(Val::table)
            .map_or(&[], |fleet| fleet.all("group"))
    }

    pub fn fleet(&mut self) -> &mut Table {
        self.doc.root.within("fleet")
    }

    /// Sets a key of a root table.
    pub fn put(&mut self, path: &str, key: &str, val: Val) {
        self.doc.root.within(path).set(key, val);
    }

    /// Does something to some of the tables at a place, with numbers of their own: to each with even odds, and to
    /// one at least.
    pub fn some(&mut self, place: Place, mut what: impl FnMut(&mut Draft, &mut Table)) {
        let mut all = self.taken(place);
        let sure = self.dice.below(all.len());
        for (at, one) in all.iter_mut().enumerate() {
            if at == sure || self.dice.coin() {
                what(self, one);
            }
        }
        self.given(place, all);
    }

    fn taken(&mut self, place: Place) -> Vec<Table> {
        let (path, key) = place.path();
        let root = &mut self.doc.root;
        let within = if path.is_empty() { root } else { root.within(path) };
        std::mem::take(match within.get_mut(key) {
            Some(Val::Tables(tables)) => tables,
            _ => return Vec::new(),
        })
    }

    fn given(&mut self, place: Place, all: Vec<Table>) {
        let (path, key) = place.path();
        let root = &mut self.doc.root;
        let within = if path.is_empty() { root } else { root.within(path) };
        if !all.is_empty() {
            within.set(key, Val::Tables(all));
        }
    }
}

/// Where arrays of tables stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Groups,
    Workloads,
    Faults,
    Campaigns,
}

impl Place {
    fn path(self) -> (&'static str, &'static str) {
        match self {
            Place::Groups => ("fleet", "group"),
            Place::Workloads => ("", "workload"),
            Place::Faults => ("maintenance", "faults"),
            Place::Campaigns => ("maintenance", "campaign"),
        }
    }
}

/// The names of all nodes of a scenario as written.
pub fn node_names(doc: &Doc) -> Vec<String> {
    let groups = doc
        .root
        .get("fleet")
        .and_then(Val::table)
        .map_or(&[][..], |fleet| fleet.all("group"));
    let mut names = Vec::new();
    for group in groups {
        let prefix = group
            .get("name")
            .or(group.get("class"))
            .and_then(Val::word)
            .unwrap_or("node");
        let count = group.get("nodes").and_then(Val::whole).unwrap_or(0);
        names.extend((1..=count).map(|n| format!("{prefix}-{n}")));
    }
    if let Some(csv) = doc.csv("nodes.csv") {
        names.extend(
            csv.rows
                .iter()
                .filter_map(|row| csv.field(row, "node_id")?.word().map(str::to_owned)),
        );
    }
    names
}

/// A CSV without rows.
pub fn csv(name: &'static str, columns: &[&'static str]) -> Csv {
    Csv {
        name,
        columns: columns.to_vec(),
        rows: Vec::new(),
    }
}
