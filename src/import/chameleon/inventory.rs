//! The machines: each one's history out of `machine_events.csv`, and the nodes of a window.

use std::collections::BTreeMap;
use std::path::Path;

use super::{ImportError, Item, Tally, Window};
use crate::import::neutral::NodeRecord;
use crate::import::table::{self, Bad, Row};
use crate::kernel::text::quoted;

const HOST: &str = "HOST_NAME (PHYSICAL)";
const REQUIRED: &[&str] = &["EVENT_TIME", HOST, "EVENT", "PROPERTIES"];

/// What happened to a machine. The order is that of simultaneous events (alphabetical, as the
/// trace's publishers sort them).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Create,
    Disable,
    Enable,
    Update,
}

/// One event of a machine, with what its properties say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Event {
    /// Ms since 1970.
    pub(super) at: i64,
    pub(super) kind: Kind,
    class: Option<String>,
    rack: Option<String>,
}

/// Every machine's events, in order of time.
pub(super) type Histories = BTreeMap<String, Vec<Event>>;

/// Reads `machine_events.csv`.
pub(super) fn read(path: &Path, tally: &mut Tally) -> Result<Histories, ImportError> {
    let sheet = super::open(path, REQUIRED)?;
    let mut histories = Histories::new();
    let mut errors = Vec::new();
    for mut row in sheet.rows() {
        if let Ok((host, event)) = event(&mut row) {
            histories.entry(host).or_default().push(event);
        }
        errors.append(&mut row.errors);
    }
    if !errors.is_empty() {
        return Err(ImportError::Csv(table::in_order(errors)));
    }
    tally.add(Item::EventRows, sheet.len());
    for events in histories.values_mut() {
        events.sort_by_key(|event| (event.at, event.kind));
    }
    Ok(histories)
}

fn event(row: &mut Row<'_>) -> Result<(String, Event), Bad> {
    let at = super::time(row, "EVENT_TIME", 'T');
    let host = row.text(HOST);
    let kind = kind(row);
    let text = row.raw("PROPERTIES");
    let properties = properties(text).map_err(|message| {
        row.fail(
            "PROPERTIES",
            message,
            "expected flat Python text such as {'node_type': 'compute', 'placement.rack': None}",
        )
    });
    let mut properties = properties?;
    let mut take = |key: &str| properties.remove(key).flatten();
    let (class, rack) = (take("node_type"), take("placement.rack"));
    for name in [&class, &rack].into_iter().flatten() {
        row.harmless("PROPERTIES", name)?;
    }
    Ok((
        host?,
        Event {
            at: at?,
            kind: kind?,
            class,
            rack,
        },
    ))
}

fn kind(row: &mut Row<'_>) -> Result<Kind, Bad> {
    match row.raw("EVENT") {
        "CREATE" => Ok(Kind::Create),
        "DISABLE" => Ok(Kind::Disable),
        "ENABLE" => Ok(Kind::Enable),
        "UPDATE" => Ok(Kind::Update),
        other => Err(row.fail(
            "EVENT",
            format!("{} is not an event", quoted(other)),
            "expected CREATE, UPDATE, DISABLE or ENABLE",
        )),
    }
}

/// The machines that were there before the window's end.
pub(super) fn nodes(histories: &Histories, window: Window, tally: &mut Tally) -> Vec<NodeRecord> {
    let mut nodes = Vec::new();
    for (host, events) in histories {
        let created = events.first().map_or(i64::MAX, |event| event.at);
        if created >= window.to {
            tally.one(Item::NodesOutside);
            continue;
        }
        let Some((resource_class, class_changes)) = classes(events, created, window, tally) else {
            tally.one(Item::NodesNoClass);
            continue;
        };
        tally.one(Item::Nodes);
        tally.one_if(created > window.from, Item::NodesLater);
        tally.add(Item::ClassChanges, class_changes.len());
        nodes.push(NodeRecord {
            node_id: host.clone(),
            resource_class,
            traits: Vec::new(),
            rack: rack(events, window, tally),
            // No trace records it.
            conductor_group: String::new(),
            owner: None,
            available_from_ms: window.since(created),
            available_until_ms: None,
            class_changes,
            group_changes: Vec::new(),
        });
    }
    nodes
}

/// A class, and its later ones: (ms since the window's begin, class).
type Classes = (String, Vec<(u64, String)>);

/// The class when the machine is first seen in the window, and the changes after that.
fn classes(events: &[Event], created: i64, window: Window, tally: &mut Tally) -> Option<Classes> {
    let first = created.max(window.from);
    let known = events
        .iter()
        .filter_map(|event| Some((event.at, event.class.as_deref()?)));
    let mut initial: Option<&str> = None;
    let mut changes: Vec<(u64, String)> = Vec::new();
    for (at, class) in known {
        if at <= first {
            initial = Some(class);
            continue;
        }
        let Some(begin) = initial else {
            // Recorded late: the machine was of that class all along.
            initial = Some(class);
            tally.one(Item::NodesClassLate);
            continue;
        };
        let present = changes.last().map_or(begin, |(_, class)| class.as_str());
        if at < window.to && class != present {
            changes.push((window.since(at), class.to_owned()));
        }
    }
    Some((initial?.to_owned(), changes))
}

/// The rack that is known by the window's end, or else the first one recorded after it.
fn rack(events: &[Event], window: Window, tally: &mut Tally) -> String {
    let mut rack: Option<&str> = None;
    let mut moved = false;
    for event in events {
        let Some(next) = event.rack.as_deref() else {
            continue;
        };
        if event.at >= window.to && rack.is_some() {
            break;
        }
        moved |= rack.is_some_and(|rack| rack != next);
        rack = Some(next);
    }
    tally.one_if(moved, Item::NodesRackMoved);
    tally.one_if(rack.is_none(), Item::NodesRackUnknown);
    rack.unwrap_or_default().to_owned()
}

/// Reads the flat Python dictionaries of the trace: strings, numbers and None.
fn properties(text: &str) -> Result<BTreeMap<String, Option<String>>, String> {
    let inner = text.trim().strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
    let Some(mut rest) = inner else {
        return Err(format!("{} is not a dictionary", quoted(text)));
    };
    let mut found = BTreeMap::new();
    loop {
        rest = rest.trim_start();
        if rest.is_empty() {
            return Ok(found);
        }
        let (key, after) = python_text(rest)?;
        let Some(after) = after.trim_start().strip_prefix(':') else {
            return Err(format!("{} is not followed by `:`", quoted(&key)));
        };
        let (value, after) = python_value(after.trim_start())?;
        found.insert(key, value);
        rest = after.trim_start();
        if rest.is_empty() {
            return Ok(found);
        }
        rest = rest
            .strip_prefix(',')
            .ok_or_else(|| format!("{} where a `,` should be", quoted(rest)))?;
    }
}

/// A string in single or double quotes, and what follows it.
fn python_text(text: &str) -> Result<(String, &str), String> {
    let mut letters = text.char_indices();
    let quote = match letters.next() {
        Some((_, quote @ ('\'' | '"'))) => quote,
        _ => return Err(format!("{} where a quoted string should be", quoted(text))),
    };
    let mut found = String::new();
    while let Some((at, letter)) = letters.next() {
        if letter == quote {
            let after = text.get(at + letter.len_utf8()..).unwrap_or_default();
            return Ok((found, after));
        }
        if letter != '\\' {
            found.push(letter);
            continue;
        }
        match letters.next() {
            Some((_, escaped @ ('\\' | '\'' | '"'))) => found.push(escaped),
            _ => return Err(format!("{} holds an escape that is not understood", quoted(text))),
        }
    }
    Err(format!("{} has no closing quote", quoted(text)))
}

/// A string, a number or None, and what follows it.
fn python_value(text: &str) -> Result<(Option<String>, &str), String> {
    if text.starts_with(['\'', '"']) {
        return python_text(text).map(|(value, rest)| (Some(value), rest));
    }
    let end = text.find(',').unwrap_or(text.len());
    let (word, rest) = text.split_at(end);
    let word = word.trim_end();
    let number = |letter: char| letter.is_ascii_digit() || matches!(letter, '-' | '+' | '.' | 'e');
    match word {
        "None" => Ok((None, rest)),
        "True" | "False" => Ok((Some(word.to_owned()), rest)),
        _ if !word.is_empty() && word.chars().all(number) => Ok((Some(word.to_owned()), rest)),
        _ => Err(format!("{} is neither a string nor a number nor None", quoted(word))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn python_dictionaries_are_read() {
        let found = properties(r#"{'a': 6, 'b': None, "c": 'x, y', 'd': "it's", 'e': '\'q\''}"#);
        let found = found.expect("readable");
        let value = |key: &str| found.get(key).cloned().flatten();
        assert_eq!(value("a").as_deref(), Some("6"));
        assert_eq!(found.get("b"), Some(&None));
        assert_eq!(value("c").as_deref(), Some("x, y"));
        assert_eq!(value("d").as_deref(), Some("it's"));
        assert_eq!(value("e").as_deref(), Some("'q'"));
        assert_eq!(properties("{}"), Ok(BTreeMap::new()));
    }

    #[test]
    fn other_texts_are_refused() {
        for text in [
            "",
            "{",
            "None",
            "{'a'}",
            "{'a': }",
            "{'a': x}",
            "{'a': 'b}",
            "{'a': 1 'b': 2}",
            "{'a': {'b': 1}}",
            "{a: 1}",
            r"{'a': '\n'}",
        ] {
            assert!(properties(text).is_err(), "{text}");
        }
    }
}
