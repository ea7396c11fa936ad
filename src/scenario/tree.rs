//! A scenario file as it was typed: a tree whose every key and value knows its place.
//!
//! The tree is read by hand and not through serde, because serde stops at the first value of a
//! wrong type, and a file's errors are told all at once.

use std::collections::BTreeMap;
use std::ops::Range;

use toml::de::{DeTable, DeValue};

use super::diagnose::nearest;

/// A place in one of the texts that a scenario is read from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The text, by its number in the ledger: 0 is the file, the others are `--set` options.
    pub text: usize,
    /// The bytes.
    pub bytes: Range<usize>,
}

/// A value and where it stands.
#[derive(Clone, Debug)]
pub struct Item {
    /// The value.
    pub value: Value,
    /// Where it stands.
    pub place: Place,
}

/// A value as it was typed.
#[derive(Clone, Debug)]
pub enum Value {
    /// Text.
    Text(String),
    /// A whole number.
    Whole(i64),
    /// A number with a point.
    Number(f64),
    /// Yes or no.
    Flag(bool),
    /// A date or time, as text.
    Moment(String),
    /// A list.
    List(Vec<Item>),
    /// A table.
    Table(Branch),
}

/// A table: its keys, each with its own place and its value.
pub type Branch = BTreeMap<String, (Place, Item)>;

/// What is wrong with the spelling of a text: message and place.
pub type Slip = (String, Range<usize>);

impl Value {
    /// What kind of value it is, in words.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Value::Text(_) => "text",
            Value::Whole(_) | Value::Number(_) => "a number",
            Value::Flag(_) => "true or false",
            Value::Moment(_) => "a date or time",
            Value::List(_) => "a list",
            Value::Table(_) => "a table",
        }
    }

    /// The number, if it is one.
    #[must_use]
    pub fn number(&self) -> Option<f64> {
        match self {
            Value::Whole(n) => Some(*n as f64),
            Value::Number(n) => Some(*n),
            _ => None,
        }
    }

    /// The value in TOML, on one line.
    #[must_use]
    pub fn inline(&self) -> String {
        match self {
            Value::Text(text) => quoted(text),
            Value::Whole(n) => n.to_string(),
            Value::Number(n) => format!("{n:?}"),
            Value::Flag(flag) => flag.to_string(),
            Value::Moment(text) => text.clone(),
            Value::List(items) => {
                let parts: Vec<String> = items.iter().map(|item| item.value.inline()).collect();
                format!("[{}]", parts.join(", "))
            }
            Value::Table(branch) => {
                let pair =
                    |(key, (_, item)): (&String, &(Place, Item))| format!("{} = {}", bare(key), item.value.inline());
                let parts: Vec<String> = branch.iter().map(pair).collect();
                format!("{{ {} }}", parts.join(", "))
            }
        }
    }
}

/// A key in TOML, quoted where it must be.
#[must_use]
pub fn bare(key: &str) -> String {
    let plain = !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
    if plain { key.to_owned() } else { quoted(key) }
}

/// A text in TOML.
#[must_use]
pub fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if c.is_control() => out.push_str(&format!("\\u{:04X}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// Reads a whole file. A broken file gives its first two slips: what follows them is often their
/// consequence.
///
/// # Errors
/// When the text is not TOML.
pub fn parse(text: &str) -> Result<Branch, Vec<Slip>> {
    let (table, errors) = DeTable::parse_recoverable(text);
    if errors.is_empty() {
        return branch(table.get_ref(), 0, 0).map_err(|slip| vec![slip]);
    }
    let slip = |error: &toml::de::Error| {
        let end = text.len();
        (first_line(error.message()), error.span().unwrap_or(end..end))
    };
    Err(errors.iter().take(2).map(slip).collect())
}

fn first_line(message: &str) -> String {
    message.lines().collect::<Vec<_>>().join("; ")
}

/// Reads the value of `--set KEY=VALUE`; `at` is where VALUE begins in `KEY=VALUE`. What is not
/// TOML is bare text, unless it begins like a list, a table or a quoted text.
///
/// # Errors
/// When a list, table or quoted text is broken.
pub fn parse_value(value: &str, text: usize, at: usize) -> Result<Item, Slip> {
    const LEAD: &str = "v=";
    let document = format!("{LEAD}{value}");
    let bare_text = || Item {
        value: Value::Text(value.to_owned()),
        place: Place {
            text,
            bytes: at..at + value.len(),
        },
    };
    match DeTable::parse(&document) {
        Ok(table) => {
            let mut parsed = branch(table.get_ref(), text, 0)?;
            // More than one key means a line break in VALUE: not a value.
            let found = parsed.remove("v").filter(|_| parsed.is_empty());
            Ok(found.map_or_else(bare_text, |(_, item)| shifted(item, at, LEAD.len())))
        }
        Err(error) if value.trim_start().starts_with(['[', '{', '"', '\'']) => {
            Err((first_line(error.message()), at..at + value.len()))
        }
        Err(_) => Ok(bare_text()),
    }
}

fn shifted(mut item: Item, up: usize, down: usize) -> Item {
    let shift = |place: &mut Place| {
        place.bytes = (place.bytes.start + up).saturating_sub(down)..(place.bytes.end + up).saturating_sub(down);
    };
    shift(&mut item.place);
    item.value = match item.value {
        Value::List(items) => Value::List(items.into_iter().map(|i| shifted(i, up, down)).collect()),
        Value::Table(branch) => {
            let moved = |(key, (mut place, item)): (String, (Place, Item))| {
                shift(&mut place);
                (key, (place, shifted(item, up, down)))
            };
            Value::Table(branch.into_iter().map(moved).collect())
        }
        other => other,
    };
    item
}

fn branch(table: &DeTable<'_>, text: usize, depth: usize) -> Result<Branch, Slip> {
    let mut out = Branch::new();
    for (key, value) in table {
        let item = Item {
            value: convert(value, text, depth)?,
            place: Place {
                text,
                bytes: value.span(),
            },
        };
        out.insert(
            key.get_ref().to_string(),
            (
                Place {
                    text,
                    bytes: key.span(),
                },
                item,
            ),
        );
    }
    Ok(out)
}

fn convert(value: &toml::Spanned<DeValue<'_>>, text: usize, depth: usize) -> Result<Value, Slip> {
    if depth > 30 {
        return Err(("nested too deeply".to_owned(), value.span()));
    }
    Ok(match value.get_ref() {
        DeValue::String(s) => Value::Text(s.to_string()),
        DeValue::Integer(n) => {
            let whole = i64::from_str_radix(n.as_str(), n.radix());
            Value::Whole(whole.map_err(|_| (format!("{n} is too large a number"), value.span()))?)
        }
        DeValue::Float(x) => {
            let number: f64 = x.as_str().parse().unwrap_or(f64::NAN);
            if !number.is_finite() {
                return Err((format!("{x} is not a finite number"), value.span()));
            }
            Value::Number(number)
        }
        DeValue::Boolean(flag) => Value::Flag(*flag),
        DeValue::Datetime(moment) => Value::Moment(moment.to_string()),
        DeValue::Array(items) => {
            let item = |v: &toml::Spanned<DeValue<'_>>| {
                Ok(Item {
                    value: convert(v, text, depth + 1)?,
                    place: Place { text, bytes: v.span() },
                })
            };
            Value::List(items.iter().map(item).collect::<Result<_, Slip>>()?)
        }
        DeValue::Table(table) => Value::Table(branch(table, text, depth + 1)?),
    })
}

/// The place in a list that a step of a dotted key means: a number from 0 on, or the name of an entry.
#[must_use]
pub fn entry_at(items: &[Item], step: &str) -> Option<usize> {
    if let Ok(number) = step.parse() {
        return (number < items.len()).then_some(number);
    }
    let mut called = (0..items.len()).filter(|&at| name_of(&items[at]) == Some(step));
    called.next().filter(|_| called.next().is_none())
}

/// The value at the steps of a dotted key; none where they lead nowhere.
#[must_use]
pub fn value_at<'t>(root: &'t Branch, path: &[&str]) -> Option<&'t Value> {
    let (first, rest) = path.split_first()?;
    let mut at = &root.get(*first)?.1.value;
    for step in rest {
        at = match at {
            Value::Table(branch) => &branch.get(*step)?.1.value,
            Value::List(items) => &items[entry_at(items, step)?].value,
            _ => return None,
        };
    }
    Some(at)
}

/// What an entry of a list is called: as results call it, or what it is.
fn name_of(entry: &Item) -> Option<&str> {
    let branch = match &entry.value {
        Value::Text(text) => return Some(text),
        Value::Table(branch) => branch,
        _ => return None,
    };
    ["label", "name", "class"]
        .into_iter()
        .find_map(|key| match &branch.get(key)?.1.value {
            Value::Text(text) => Some(text.as_str()),
            _ => None,
        })
}

/// Why a step leads to no entry of the list, and the fix.
fn no_entry(items: &[Item], list: &str, step: &str) -> (String, String) {
    let names: Vec<&str> = items.iter().filter_map(name_of).collect();
    if names.contains(&step) {
        return (
            format!("several entries of `{list}` are called `{step}`"),
            format!("name one by its number, `{list}.0` to `{list}.{}`", items.len() - 1),
        );
    }
    let count = items.len();
    let mut message = format!(
        "`{list}` is a list of {count}: its entries are `{list}.0` to `{list}.{}`",
        count.saturating_sub(1)
    );
    let mut fix = "name an entry by its number, the first is 0".to_owned();
    if !names.is_empty() {
        message.push_str(&format!(" or by their names {}", names.join(", ")));
        fix.push_str(", or by its name");
    }
    if let Some(near) = nearest(step, names) {
        fix = format!("is it meant as `{list}.{near}`?");
    }
    (format!("{message}, and `{step}` is none"), fix)
}

/// A value of a `--set` on its way to its dotted key.
#[derive(Clone, Copy)]
pub struct Put<'a> {
    /// The steps of the key; a number or a name picks an entry of a list.
    pub path: &'a [&'a str],
    /// Where the key stands.
    pub place: &'a Place,
    /// What a table or list that was not typed would be, by its path; none where it would be empty. So it begins, and what
    /// else it holds stays as it is.
    pub inherited: &'a dyn Fn(&[&str]) -> Option<Value>,
}

impl Put<'_> {
    /// Puts the value below the root.
    ///
    /// # Errors
    /// When the key leads through a list without naming one of its entries: what is wrong, and the fix.
    pub fn into(self, root: &mut Branch, item: Item) -> Result<(), (String, String)> {
        self.step(root, 0, item)
    }

    fn step(self, branch: &mut Branch, at: usize, item: Item) -> Result<(), (String, String)> {
        let Some(name) = self.path.get(at) else { return Ok(()) };
        if at + 1 == self.path.len() {
            branch.insert((*name).to_owned(), (self.place.clone(), item));
            return Ok(());
        }
        let base = || (self.place.clone(), self.holding((self.inherited)(&self.path[..=at])));
        let entry = branch.entry((*name).to_owned()).or_insert_with(base);
        self.below(&mut entry.1, at + 1, item)
    }

    /// Below the value whose step is the one before `at`.
    fn below(self, value: &mut Item, at: usize, item: Item) -> Result<(), (String, String)> {
        let Value::List(items) = &mut value.value else {
            // A plain value gives way to a table: `control_plane.loop.period` over `loop = "instant"`.
            if !matches!(value.value, Value::Table(_)) {
                *value = self.holding(None);
            }
            let Value::Table(branch) = &mut value.value else {
                return Ok(());
            };
            return self.step(branch, at, item);
        };
        let step = self.path[at];
        let Some(place) = entry_at(items, step) else {
            return Err(no_entry(items, self.path[at - 1], step));
        };
        let entry = &mut items[place];
        if at + 1 == self.path.len() {
            *entry = item;
            return Ok(());
        }
        // An entry that is only a name, as a strategy may be, is a table with that name.
        if let Value::Text(_) = entry.value {
            let named = Branch::from([("name".to_owned(), (entry.place.clone(), entry.clone()))]);
            entry.value = Value::Table(named);
        }
        self.below(entry, at + 1, item)
    }

    fn holding(self, value: Option<Value>) -> Item {
        Item {
            value: value.unwrap_or_else(|| Value::Table(Branch::new())),
            place: self.place.clone(),
        }
    }
}
