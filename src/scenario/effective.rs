//! The effective scenario: the file with every default filled in, printed as TOML that loads to
//! the same scenario.

use super::tree::bare;

/// A table's effective values, in the order in which they were read.
#[derive(Clone, Debug, Default)]
pub struct Sheet {
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
    Inline(Sheet),
    /// A table.
    Table(Sheet),
    /// A list of tables.
    Tables(Vec<Sheet>),
}

impl Sheet {
    /// Enters a value; a later one takes the place of an earlier one.
    pub fn put(&mut self, name: &'static str, cell: Cell) {
        match self.cells.iter_mut().find(|(known, _)| *known == name) {
            Some(known) => known.1 = cell,
            None => self.cells.push((name, cell)),
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
                    let note = source.filter(|_| notes).map(|source| format!("  # default: {source}")).unwrap_or_default();
                    out.push_str(&format!("{} = {value}{note}\n", bare(name)));
                }
                Cell::Inline(sheet) => out.push_str(&format!("{} = {}\n", bare(name), sheet.inline())),
                Cell::Unset(doc) if notes => out.push_str(&format!("# {name} is not set: {doc}\n")),
                Cell::Unset(_) | Cell::Table(_) | Cell::Tables(_) => {}
            }
        }
        for (name, cell) in &self.cells {
            let below = if path.is_empty() { bare(name) } else { format!("{path}.{}", bare(name)) };
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
            Cell::Tables(sheets) => Some(format!("[{}]", sheets.iter().map(Sheet::inline).collect::<Vec<_>>().join(", "))),
            Cell::Unset(_) => None,
        };
        let parts: Vec<String> =
            self.cells.iter().filter_map(|(name, cell)| value(cell).map(|v| format!("{} = {v}", bare(name)))).collect();
        if parts.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", parts.join(", ")) }
    }
}
