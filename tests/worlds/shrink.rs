//! A failing world is made small: whatever can be left out, shortened or made plain without its ceasing to break the
//! same law goes (greedy delta debugging on the scenario's structure).

use super::doc::{Doc, Table, Val};
use super::draft::{DAY, HOUR, MINUTE};

/// Whether a world still breaks the law.
pub type Fails<'a> = &'a mut dyn FnMut(&Doc) -> bool;

/// More tries than this are not made.
const MOST_TRIES: usize = 3000;

/// The smallest world that still fails, as far as it was found.
pub fn shrink(doc: &Doc, fails: Fails<'_>) -> Doc {
    let mut best = doc.clone();
    let mut tries = 0;
    loop {
        let (mut smaller, mut at) = (false, 0);
        let mut all = candidates(&best);
        while at < all.len() {
            let candidate = std::mem::take(&mut all[at]);
            if weight(&candidate) >= weight(&best) {
                at += 1;
                continue;
            }
            tries += 1;
            if tries > MOST_TRIES {
                return best;
            }
            if fails(&candidate) {
                best = candidate;
                smaller = true;
                // The places behind have moved.
                all = candidates(&best);
            } else {
                at += 1;
            }
        }
        if !smaller {
            return best;
        }
    }
}

/// How large a world is: each candidate has to weigh less, so that shrinking ends.
fn weight(doc: &Doc) -> (usize, u64) {
    fn of(val: &Val) -> (usize, u64) {
        match val {
            Val::Text(text) => (1, text.len() as u64),
            Val::Span(ms) => (1, *ms / 1000 + u64::from(ms % HOUR != 0) + u64::from(ms % DAY != 0)),
            Val::Int(n) => (1 + n.unsigned_abs() as usize, 0),
            Val::Num(n) => (1, (n.abs() * 1000.0) as u64),
            Val::Flag(flag) => (1, u64::from(*flag)),
            Val::List(list) => sum(list.iter().map(of)),
            Val::Table(table) => in_table(table),
            Val::Tables(tables) => sum(tables.iter().map(in_table)),
        }
    }
    fn in_table(table: &Table) -> (usize, u64) {
        sum(table.0.iter().map(|(_, val)| of(val)))
    }
    fn sum(all: impl Iterator<Item = (usize, u64)>) -> (usize, u64) {
        all.fold((1, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1))
    }
    let files = sum(doc
        .files
        .iter()
        .map(|csv| sum(csv.rows.iter().map(|row| sum(row.iter().map(of))))));
    let root = in_table(&doc.root);
    (files.0 + root.0, files.1 + root.1)
}

/// Every world that is one step smaller, the large steps first.
fn candidates(doc: &Doc) -> Vec<Doc> {
    let mut all = Vec::new();
    for at in 0..doc.files.len() {
        // A file goes with the key that names it: the table is tried without both.
        let mut without = doc.clone();
        let name = without.files.remove(at).name;
        drop_naming(&mut without.root, name);
        all.push(without);
    }
    for smaller in tables(&doc.root) {
        all.push(Doc {
            root: smaller,
            files: doc.files.clone(),
        });
    }
    for (at, csv) in doc.files.iter().enumerate() {
        let mut with = |rows: Vec<Vec<Val>>| {
            let mut next = doc.clone();
            next.files[at].rows = rows;
            all.push(next);
        };
        for rows in lists(&csv.rows) {
            with(rows);
        }
        for (row, fields) in csv.rows.iter().enumerate() {
            for (field, val) in fields.iter().enumerate() {
                let blank = [Val::Text(String::new()), Val::List(Vec::new())];
                let plainer = if matches!(val, Val::Text(_)) {
                    Vec::new()
                } else {
                    vals(val)
                };
                for plainer in blank.into_iter().chain(plainer) {
                    let mut rows = csv.rows.clone();
                    rows[row][field] = plainer;
                    with(rows);
                }
            }
        }
    }
    all
}

fn drop_naming(table: &mut Table, name: &str) {
    let names = |val: &Val| val.word() == Some(name);
    table.0.retain(|(_, val)| !names(val));
    for (_, val) in &mut table.0 {
        match val {
            Val::Table(inner) => drop_naming(inner, name),
            Val::Tables(tables) => tables.retain(|inner| !inner.0.iter().any(|(_, val)| names(val))),
            _ => {}
        }
    }
    table.0.retain(|(_, val)| *val != Val::Tables(Vec::new()));
}

/// A table without one key, and with a smaller value of one.
fn tables(table: &Table) -> Vec<Table> {
    let mut all = Vec::new();
    for at in 0..table.0.len() {
        let mut without = table.clone();
        without.0.remove(at);
        all.push(without);
    }
    for (at, (_, val)) in table.0.iter().enumerate() {
        for smaller in vals(val) {
            let mut with = table.clone();
            with.0[at].1 = smaller;
            all.push(with);
        }
    }
    all
}

/// Smaller values than this one.
fn vals(val: &Val) -> Vec<Val> {
    match val {
        Val::Text(_) => Vec::new(),
        Val::Span(ms) => {
            let rounder = [
                0,
                HOUR,
                DAY,
                ms / DAY * DAY,
                ms / HOUR * HOUR,
                ms / 2 / MINUTE * MINUTE,
                ms.saturating_sub(DAY),
                ms.saturating_sub(HOUR),
            ];
            rounder.into_iter().filter(|other| other < ms).map(Val::Span).collect()
        }
        Val::Int(n) => [0, 1, n / 2, n - 1]
            .into_iter()
            .filter(|other| other < n && *other >= 0)
            .map(Val::Int)
            .collect(),
        Val::Num(n) => [0.0, 0.5, 1.0, n / 2.0]
            .into_iter()
            .filter(|other| other < n)
            .map(Val::Num)
            .collect(),
        Val::Flag(flag) => {
            if *flag {
                vec![Val::Flag(false)]
            } else {
                Vec::new()
            }
        }
        Val::List(list) => {
            let mut all: Vec<Val> = lists(list).into_iter().map(Val::List).collect();
            for (at, val) in list.iter().enumerate() {
                for smaller in vals(val) {
                    let mut with = list.clone();
                    with[at] = smaller;
                    all.push(Val::List(with));
                }
            }
            all
        }
        Val::Table(table) => {
            // A drawn law becomes a fixed length.
            let spans = table.0.iter().filter_map(|(_, val)| val.span());
            let fixed = spans.map(Val::Span).collect::<Vec<_>>();
            fixed
                .into_iter()
                .chain(tables(table).into_iter().map(Val::Table))
                .collect()
        }
        Val::Tables(list) => {
            let fewer = lists(list).into_iter().filter(|rest| !rest.is_empty());
            let mut all: Vec<Val> = fewer.map(Val::Tables).collect();
            for (at, table) in list.iter().enumerate() {
                for smaller in tables(table) {
                    let mut with = list.clone();
                    with[at] = smaller;
                    all.push(Val::Tables(with));
                }
            }
            all
        }
    }
}

/// The list without its second half, its first, and without each entry.
fn lists<T: Clone>(list: &[T]) -> Vec<Vec<T>> {
    let mut all = Vec::new();
    if list.len() > 3 {
        let (first, second) = list.split_at(list.len() / 2);
        all.extend([first.to_vec(), second.to_vec()]);
    }
    for at in 0..list.len() {
        let mut without = list.to_vec();
        without.remove(at);
        all.push(without);
    }
    all
}
