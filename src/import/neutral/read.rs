//! Strict reading of the neutral CSVs.

use std::collections::{BTreeMap, BTreeSet};

use super::{CsvError, NodeRecord, Read, RequestKind, RequestMulti, RequestRecord, SpellRecord};
use crate::import::table::{self, Bad, Row, Sheet};
use crate::kernel::text::quoted;

const NODE_REQUIRED: &[&str] = &["node_id", "resource_class"];
pub(super) const REQUEST_REQUIRED: &[&str] = &[
    "request_id",
    "arrival_s",
    "start_s",
    "hold_s",
    "tenant",
    "resource_class",
    "count",
];
const SPELL_REQUIRED: &[&str] = &["node_id", "start_s", "end_s"];

/// The reasons for maintenance that the model knows by name.
const SPELL_KINDS: &[&str] = &["fault", "planned", "hardware-failure", "operator-hold"];

/// Reads `nodes.csv`; `file` is the name that errors carry.
pub fn read_nodes(text: &[u8], file: &str) -> Result<Read<NodeRecord>, Vec<CsvError>> {
    let sheet = open(text, file, NODE_REQUIRED)?;
    let mut read = read_rows(&sheet, super::write::NODE_COLUMNS, node);
    let repeats = repeated(&sheet, "node_id", &read, |node| &node.node_id);
    read.errors.extend(repeats);
    read.finish()
}

/// Reads `requests.csv`; `file` is the name that errors carry.
pub fn read_requests(text: &[u8], file: &str) -> Result<Read<RequestRecord>, Vec<CsvError>> {
    let sheet = open(text, file, REQUEST_REQUIRED)?;
    let mut read = read_rows(&sheet, super::write::REQUEST_COLUMNS, request);
    let repeats = repeated(&sheet, "request_id", &read, |request| &request.request_id);
    read.errors.extend(repeats);
    read.finish()
}

/// Reads `maintenance.csv`; `file` is the name that errors carry.
pub fn read_spells(text: &[u8], file: &str) -> Result<Read<SpellRecord>, Vec<CsvError>> {
    let sheet = open(text, file, SPELL_REQUIRED)?;
    let mut read = read_rows(&sheet, super::write::SPELL_COLUMNS, spell);
    let overlaps = overlapping(&sheet, &read);
    read.errors.extend(overlaps);
    let odd = odd_kinds(&sheet, &read);
    read.warnings.extend(odd);
    read.finish()
}

/// Whether a file has the header of a neutral CSV, or at least half of what one asks for. What is wrong with any other
/// file is nobody's business.
pub fn resembles(text: &[u8]) -> bool {
    const LONGEST: usize = 1 << 16;
    let line = text
        .split(|byte| matches!(byte, b'\n' | b'\r'))
        .next()
        .unwrap_or_default();
    let Ok(line) = std::str::from_utf8(line.get(..LONGEST).unwrap_or(line)) else {
        return false;
    };
    let names: BTreeSet<&str> = line
        .trim_start_matches('\u{feff}')
        .split(',')
        .map(|name| name.trim().trim_matches('"'))
        .collect();
    [NODE_REQUIRED, REQUEST_REQUIRED, SPELL_REQUIRED]
        .iter()
        .any(|required| required.iter().filter(|name| names.contains(*name)).count() * 2 >= required.len())
}

fn open(text: &[u8], file: &str, required: &[&str]) -> Result<Sheet, Vec<CsvError>> {
    let sheet = Sheet::split(text, file)?;
    sheet.refuse_acting()?;
    let missing = sheet.missing(required);
    if missing.is_empty() {
        Ok(sheet)
    } else {
        Err(table::in_order(missing))
    }
}

/// Records read so far and what was wrong.
struct Draft<T> {
    records: Vec<T>,
    lines: Vec<u64>,
    warnings: Vec<String>,
    errors: Vec<CsvError>,
}

impl<T> Draft<T> {
    fn finish(self) -> Result<Read<T>, Vec<CsvError>> {
        if !self.errors.is_empty() {
            return Err(table::in_order(self.errors));
        }
        Ok(Read {
            records: self.records,
            lines: self.lines,
            warnings: self.warnings,
        })
    }
}

fn read_rows<T>(sheet: &Sheet, known: &[&str], parse: impl Fn(&mut Row<'_>) -> Result<T, Bad>) -> Draft<T> {
    let mut draft = Draft {
        records: Vec::with_capacity(sheet.len()),
        lines: Vec::with_capacity(sheet.len()),
        warnings: sheet.warnings(known),
        errors: Vec::new(),
    };
    for mut row in sheet.rows() {
        if let Ok(record) = parse(&mut row)
            && row.errors.is_empty()
        {
            draft.records.push(record);
            draft.lines.push(row.line);
        }
        draft.errors.append(&mut row.errors);
    }
    draft
}

fn node(row: &mut Row<'_>) -> Result<NodeRecord, Bad> {
    let node_id = row.text("node_id");
    let resource_class = row.text("resource_class");
    let rack = row.optional_text("rack");
    let conductor_group = row.optional_text("conductor_group");
    let owner = row.optional_text("owner");
    let from = row.optional_seconds("available_from_s");
    let until = row.optional_seconds("available_until_s");
    let changes = self::changes(row, "class_changes", "class");
    let regrouped = self::changes(row, "group_changes", "group");
    let available_from_ms = from?.unwrap_or(0);
    let available_until_ms = until?;
    if available_until_ms.is_some_and(|until| until <= available_from_ms) {
        let message = format!("{} is not after available_from_s", quoted(row.raw("available_until_s")));
        row.fail(
            "available_until_s",
            message,
            "let the node leave after it came, or leave the field empty",
        );
    }
    Ok(NodeRecord {
        node_id: node_id?,
        resource_class: resource_class?,
        traits: traits(row),
        rack: rack?.unwrap_or_default(),
        conductor_group: conductor_group?.unwrap_or_default(),
        owner: owner?,
        available_from_ms,
        available_until_ms,
        class_changes: changes?,
        group_changes: regrouped?,
    })
}

fn traits(row: &Row<'_>) -> Vec<String> {
    let words = row.raw("traits").split_whitespace();
    words.map(str::to_owned).collect()
}

/// `seconds:name|seconds:name`, in order of time.
fn changes(row: &mut Row<'_>, column: &'static str, what: &str) -> Result<Vec<(u64, String)>, Bad> {
    let mend = format!("write `seconds:{what}|seconds:{what}`, in order of time");
    let text = row.raw(column);
    let mut changes: Vec<(u64, String)> = Vec::new();
    if text.is_empty() {
        return Ok(changes);
    }
    let quoted = |part: &str| match part {
        whole if whole == text => quoted(text),
        _ => format!("{} in {}", quoted(part), quoted(text)),
    };
    for part in text.split('|') {
        let Some((seconds, name)) = part.split_once(':') else {
            return Err(row.fail(column, format!("{} has no `:`", quoted(part)), &mend));
        };
        let at_ms = table::seconds_to_ms(seconds).map_err(|message| row.fail(column, message, &mend))?;
        if name.is_empty() || name.contains(char::is_whitespace) {
            return Err(row.fail(column, format!("{} names no {what}", quoted(part)), &mend));
        }
        if changes.last().is_some_and(|(last, _)| *last >= at_ms) {
            return Err(row.fail(
                column,
                format!("{} is not later than the one before", quoted(part)),
                &mend,
            ));
        }
        changes.push((at_ms, name.to_owned()));
    }
    Ok(changes)
}

fn request(row: &mut Row<'_>) -> Result<RequestRecord, Bad> {
    let request_id = row.text("request_id");
    let arrival = row.seconds("arrival_s");
    let start = row.seconds("start_s");
    let hold = row.seconds("hold_s");
    let planned = row.optional_seconds("planned_hold_s");
    let tenant = row.text("tenant");
    let user = row.optional_text("user");
    let resource_class = row.text("resource_class");
    let counts = counts(row);
    let kind = request_kind(row);
    let multi = request_multi(row);
    let node_id = row.optional_text("node_id");
    let end_known = end_known(row);
    let age = row.optional_seconds("age_s");
    let (arrival_ms, start_ms) = (arrival?, start?);
    if start_ms < arrival_ms {
        let message = format!(
            "{} is before arrival_s, {}",
            quoted(row.raw("start_s")),
            quoted(row.raw("arrival_s"))
        );
        row.fail("start_s", message, "let the request start when it is asked, or later");
    }
    let (count, min_count) = counts?;
    Ok(RequestRecord {
        request_id: request_id?,
        arrival_ms,
        start_ms,
        hold_ms: hold?,
        planned_hold_ms: planned?,
        tenant: tenant?,
        user: user?.unwrap_or_default(),
        resource_class: resource_class?,
        traits: traits(row),
        count,
        min_count,
        kind: kind?,
        multi: multi?,
        node_id: node_id?,
        end_known: end_known?,
        age_ms: age?.unwrap_or(0),
    })
}

/// `count` and `min_count`.
fn counts(row: &mut Row<'_>) -> Result<(u32, u32), Bad> {
    let count = row.machines("count");
    let min_count = if row.raw("min_count").is_empty() {
        None
    } else {
        Some(row.machines("min_count"))
    };
    let count = count?;
    let min_count = min_count.transpose()?.unwrap_or(count);
    for (column, value) in [("count", count), ("min_count", min_count)] {
        if value == 0 {
            return Err(row.fail(column, "`0` machines".to_owned(), "ask for at least 1"));
        }
    }
    if min_count > count {
        let message = format!("`{min_count}` is more than count, `{count}`");
        return Err(row.fail("min_count", message, "give at most the count"));
    }
    Ok((count, min_count))
}

fn request_kind(row: &mut Row<'_>) -> Result<RequestKind, Bad> {
    let text = row.raw("kind");
    if text.is_empty() {
        return Ok(RequestKind::People);
    }
    let known = RequestKind::ALL.into_iter().find(|kind| kind.name() == text);
    known.ok_or_else(|| {
        row.fail(
            "kind",
            format!("{} is not a kind of request", quoted(text)),
            "use `people`, `monitoring` or `operator`",
        )
    })
}

fn request_multi(row: &mut Row<'_>) -> Result<Option<RequestMulti>, Bad> {
    let text = row.raw("multi");
    let known = RequestMulti::ALL.into_iter().find(|multi| multi.name() == text);
    if known.is_none() && !text.is_empty() {
        let message = format!("{} is no way to meet a request for several machines", quoted(text));
        return Err(row.fail("multi", message, "use `nova` or `blazar`, or leave the field empty"));
    }
    Ok(known)
}

fn end_known(row: &mut Row<'_>) -> Result<bool, Bad> {
    match row.raw("end_known") {
        "" | "true" => Ok(true),
        "false" => Ok(false),
        other => {
            let message = format!("{} is neither yes nor no", quoted(other));
            Err(row.fail("end_known", message, "use `true` or `false`, or leave the field empty"))
        }
    }
}

fn spell(row: &mut Row<'_>) -> Result<SpellRecord, Bad> {
    let node_id = row.text("node_id");
    let start = row.seconds("start_s");
    let end = row.optional_seconds("end_s");
    let kind = spell_kind(row);
    let campaign = row.optional_text("campaign");
    let (start_ms, end_ms) = (start?, end?);
    if end_ms.is_some_and(|end| end <= start_ms) {
        let message = format!(
            "{} is not after start_s, {}",
            quoted(row.raw("end_s")),
            quoted(row.raw("start_s"))
        );
        row.fail(
            "end_s",
            message,
            "let the spell end after its start, or leave the field empty for the horizon",
        );
    }
    Ok(SpellRecord {
        node_id: node_id?,
        start_ms,
        end_ms,
        kind: kind?,
        campaign: campaign?,
    })
}

/// A kind of spell is a word in lower case; the list is open (see [`odd_kinds`]).
fn spell_kind(row: &mut Row<'_>) -> Result<String, Bad> {
    let text = row.raw("kind");
    if text.is_empty() {
        return Ok("fault".to_owned());
    }
    let plain = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
    if text.starts_with(|letter: char| letter.is_ascii_lowercase()) && text.chars().all(plain) {
        return Ok(text.to_owned());
    }
    Err(row.fail(
        "kind",
        format!("{} is not a kind of spell", quoted(text)),
        "use `fault`, `planned`, or another word of lower-case letters, digits and `-`",
    ))
}

/// One warning for each kind of spell that the model does not know by name.
fn odd_kinds(sheet: &Sheet, read: &Draft<SpellRecord>) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let mut warnings = Vec::new();
    for (spell, line) in read.records.iter().zip(&read.lines) {
        let kind = spell.kind.as_str();
        if SPELL_KINDS.contains(&kind) || !seen.insert(kind) {
            continue;
        }
        let hint = table::nearest(kind, SPELL_KINDS.iter().copied())
            .map_or_else(String::new, |near| format!("; is it meant as `{near}`?"));
        warnings.push(format!(
            "{}:{line}: column `kind`: {} is none of {}; kept as it stands{hint}",
            sheet.file,
            quoted(kind),
            SPELL_KINDS.join(", ")
        ));
    }
    warnings
}

/// Errors for names that occur twice.
fn repeated<T>(sheet: &Sheet, column: &str, read: &Draft<T>, name: impl Fn(&T) -> &String) -> Vec<CsvError> {
    let mut first: BTreeMap<&str, u64> = BTreeMap::new();
    let mut errors = Vec::new();
    for (record, line) in read.records.iter().zip(&read.lines) {
        let name = name(record).as_str();
        if let Some(earlier) = first.get(name) {
            errors.push(sheet.error(
                *line,
                column,
                format!("{} is on line {earlier} already", quoted(name)),
                "give every row a name of its own".to_owned(),
            ));
        } else {
            first.insert(name, *line);
        }
    }
    errors
}

/// Errors for spells of one node and kind that run at the same time.
fn overlapping(sheet: &Sheet, read: &Draft<SpellRecord>) -> Vec<CsvError> {
    let mut order: Vec<(&SpellRecord, u64)> = read.records.iter().zip(read.lines.iter().copied()).collect();
    order.sort_by_key(|(spell, line)| (&spell.node_id, &spell.kind, spell.start_ms, *line));
    let mut errors = Vec::new();
    // The spell that lasts longest so far, among those of the same node and kind.
    let mut longest: Option<(&SpellRecord, u64)> = None;
    for (spell, line) in order {
        let same = longest.filter(|(other, _)| other.node_id == spell.node_id && other.kind == spell.kind);
        let Some((other, other_line)) = same else {
            longest = Some((spell, line));
            continue;
        };
        if other.end_ms.is_none_or(|end| end > spell.start_ms) {
            let (early, late) = (line.min(other_line), line.max(other_line));
            errors.push(sheet.error(
                late,
                "start_s",
                format!(
                    "this {} spell of {} overlaps the one on line {early}",
                    quoted(&spell.kind),
                    quoted(&spell.node_id)
                ),
                "merge the two, or part their times".to_owned(),
            ));
        }
        if spell.end_ms.unwrap_or(u64::MAX) > other.end_ms.unwrap_or(u64::MAX) {
            longest = Some((spell, line));
        }
    }
    errors
}
