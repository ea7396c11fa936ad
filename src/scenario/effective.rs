//! The effective scenario: the file with every default filled in, printed as TOML that loads to
//! the same scenario.

use std::collections::BTreeMap;

use super::tree::{self, Branch, Item, Value, bare};

/// A table's effective values, in the order in which they were read.
#[derive(Clone, Debug, Default)]
pub struct EffectiveTable {
    cells: Vec<(&'static str, Cell)>,
}

/// An effective value.
#[derive(Clone, Debug)]
pub enum Cell {
    /// A value in TOML, with its default's source if it was not typed.
    Plain(String, Option<&'static str>),
    /// Not set; what the key means.
    Unset(&'static str),
    /// A table on one line.
    Inline(EffectiveTable),
    /// A table.
    Table(EffectiveTable),
    /// A list of tables.
    Tables(Vec<EffectiveTable>),
}

impl EffectiveTable {
    /// Enters a value; a later one takes the place of an earlier one.
    pub fn put(&mut self, name: &'static str, cell: Cell) {
        match self.cells.iter_mut().find(|(known, _)| *known == name) {
            Some(known) => known.1 = cell,
            None => self.cells.push((name, cell)),
        }
    }

    /// The sheet without one of its entries.
    #[must_use]
    pub fn without(&self, name: &str) -> EffectiveTable {
        let kept = self.cells.iter().filter(|(known, _)| *known != name);
        EffectiveTable {
            cells: kept.cloned().collect(),
        }
    }

    /// The whole file in TOML; `notes` adds the sources of defaults and what is not set.
    #[must_use]
    pub fn to_toml(&self, notes: bool) -> String {
        let mut out = String::new();
        self.write(&mut out, "", notes);
        out
    }

    /// Plain keys come before tables, as TOML asks.
    fn write(&self, out: &mut String, path: &str, notes: bool) {
        for (name, cell) in &self.cells {
            match cell {
                Cell::Plain(value, source) => {
                    let note = source
                        .filter(|_| notes)
                        .map(|source| format!("  # default: {source}"))
                        .unwrap_or_default();
                    out.push_str(&format!("{} = {value}{note}\n", bare(name)));
                }
                Cell::Inline(sheet) => out.push_str(&format!("{} = {}\n", bare(name), sheet.inline())),
                Cell::Unset(doc) if notes => out.push_str(&format!("# {name} is not set: {doc}\n")),
                Cell::Unset(_) | Cell::Table(_) | Cell::Tables(_) => {}
            }
        }
        for (name, cell) in &self.cells {
            let below = if path.is_empty() {
                bare(name)
            } else {
                format!("{path}.{}", bare(name))
            };
            match cell {
                Cell::Table(sheet) => {
                    out.push_str(&format!("\n[{below}]\n"));
                    sheet.write(out, &below, notes);
                }
                Cell::Tables(sheets) => {
                    for sheet in sheets {
                        out.push_str(&format!("\n[[{below}]]\n"));
                        sheet.write(out, &below, notes);
                    }
                }
                _ => {}
            }
        }
    }

    fn inline(&self) -> String {
        let value = |cell: &Cell| match cell {
            Cell::Plain(value, _) => Some(value.clone()),
            Cell::Inline(sheet) | Cell::Table(sheet) => Some(sheet.inline()),
            Cell::Tables(sheets) => Some(format!(
                "[{}]",
                sheets.iter().map(EffectiveTable::inline).collect::<Vec<_>>().join(", ")
            )),
            Cell::Unset(_) => None,
        };
        let parts: Vec<String> = self
            .cells
            .iter()
            .filter_map(|(name, cell)| value(cell).map(|v| format!("{} = {v}", bare(name))))
            .collect();
        if parts.is_empty() {
            "{}".to_owned()
        } else {
            format!("{{ {} }}", parts.join(", "))
        }
    }
}

/// An effective scenario as dotted keys with their values in TOML, entries of lists by their
/// numbers: what two scenarios say differently is where these differ. Empty for what is not TOML.
#[must_use]
pub fn flat(effective: &str) -> BTreeMap<String, String> {
    let mut keys = BTreeMap::new();
    if let Ok(root) = tree::parse(effective) {
        flatten(&mut keys, "", &root);
    }
    keys
}

fn flatten(keys: &mut BTreeMap<String, String>, path: &str, branch: &Branch) {
    for (name, (_, item)) in branch {
        let below = if path.is_empty() {
            name.clone()
        } else {
            format!("{path}.{name}")
        };
        flatten_item(keys, below, item);
    }
}

fn flatten_item(keys: &mut BTreeMap<String, String>, path: String, item: &Item) {
    match &item.value {
        Value::Table(branch) => flatten(keys, &path, branch),
        Value::List(items) if items.iter().any(|item| matches!(item.value, Value::Table(_))) => {
            for (at, item) in items.iter().enumerate() {
                flatten_item(keys, format!("{path}.{at}"), item);
            }
        }
        value => _ = keys.insert(path, value.inline()),
    }
}

#[cfg(test)]
mod tests {
    use super::flat;

    #[test]
    fn a_scenario_is_flattened_to_dotted_keys() {
        let keys = flat("a = 1\n[b]\nc = [1, 2]\nd = { e = \"x\" }\n[[f]]\ng = true\n");
        let pairs: Vec<String> = keys.iter().map(|(key, value)| format!("{key}={value}")).collect();
        assert_eq!(pairs, ["a=1", "b.c=[1, 2]", "b.d.e=\"x\"", "f.0.g=true"]);
        assert!(flat("not = = toml").is_empty());
    }
}
