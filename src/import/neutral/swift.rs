//! Reading `requests.csv` row by row, for files of millions of rows: nothing is kept of a row but
//! what whoever reads keeps of it.
//!
//! The swift way takes a file only if all is well with it: no quotation mark, every row whole and
//! every value plain. At the first thing that is odd it gives up, and the plain way (`read`) reads
//! the file from its beginning and says what is wrong. So both ways take the same files, with the
//! same rows and warnings, and what is wrong is said in one place.

use crate::kernel::text::acts;
use std::ops::Range;

use super::read::{REQUEST_REQUIRED, read_requests};
use super::write::REQUEST_COLUMNS;
use super::{CsvError, RequestKind, RequestMulti, RequestRecord};
use crate::import::table::{MACHINES_MAX, SECONDS_MAX, Sheet};
use crate::kernel::streams::mix;

/// A row of `requests.csv`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TraceRow<'t> {
    /// Its line in the file, counted from 1.
    pub line: u64,
    /// Unique name of the request.
    pub request_id: &'t str,
    /// When it is asked, ms since the epoch.
    pub arrival_ms: u64,
    /// When the machines are wanted, ms since the epoch; at or after the arrival.
    pub start_ms: u64,
    /// How long they are held once granted, ms.
    pub hold_ms: u64,
    /// How long they were asked for, ms, where that is known and may differ.
    pub planned_hold_ms: Option<u64>,
    /// Tenant (project).
    pub tenant: &'t str,
    /// Resource class wanted.
    pub resource_class: &'t str,
    /// Required traits, parted by blanks.
    pub traits: &'t str,
    /// Machines wanted, at least 1.
    pub count: u32,
    /// Fewest machines that will do, at most `count`.
    pub min_count: u32,
    /// Who asks.
    pub kind: RequestKind,
    /// How it is met if it is for several machines; none: as the workload says.
    pub multi: Option<RequestMulti>,
    /// The machine on which it runs; empty where that is not known.
    pub node_id: &'t str,
    /// Whether the hold ended; else the data ended before it did.
    pub end_known: bool,
    /// How long it had run before its start, ms.
    pub age_ms: u64,
}

impl<'t> TraceRow<'t> {
    /// The row behind a record; `traits` are the record's, parted by blanks.
    fn of(record: &'t RequestRecord, line: u64, traits: &'t str) -> TraceRow<'t> {
        TraceRow {
            line,
            request_id: &record.request_id,
            arrival_ms: record.arrival_ms,
            start_ms: record.start_ms,
            hold_ms: record.hold_ms,
            planned_hold_ms: record.planned_hold_ms,
            tenant: &record.tenant,
            resource_class: &record.resource_class,
            traits,
            count: record.count,
            min_count: record.min_count,
            kind: record.kind,
            multi: record.multi,
            node_id: record.node_id.as_deref().unwrap_or_default(),
            end_known: record.end_known,
            age_ms: record.age_ms,
        }
    }
}

/// What is told of a file.
#[derive(Clone, Copy, Debug)]
pub enum ToldRow<'t> {
    /// The next row.
    Row(TraceRow<'t>),
    /// The rows told so far do not count: the file is read from its beginning.
    Anew,
}

/// Reads `requests.csv` and tells its rows in order; `file` is the name that errors carry. Answers
/// with what was odd without being wrong.
///
/// # Errors
/// As `read_requests`; the rows told do not count then.
pub fn each_request(text: &[u8], file: &str, tell: &mut impl FnMut(ToldRow<'_>)) -> Result<Vec<String>, Vec<CsvError>> {
    if let Some(warnings) = swiftly(text, file, tell) {
        return Ok(warnings);
    }
    tell(ToldRow::Anew);
    let read = read_requests(text, file)?;
    for (record, &line) in read.records.iter().zip(&read.lines) {
        tell(ToldRow::Row(TraceRow::of(record, line, &record.traits.join(" "))));
    }
    Ok(read.warnings)
}

/// Where fields stand, in the order of `REQUEST_COLUMNS`; the last one takes what no column of ours has.
type Fields = [Range<usize>; REQUEST_COLUMNS.len() + 1];

/// The warnings, if all is well with the file.
fn swiftly(text: &[u8], file: &str, tell: &mut impl FnMut(ToldRow<'_>)) -> Option<Vec<String>> {
    let text = std::str::from_utf8(text).ok()?;
    if text.starts_with('\u{feff}') || is_odd(text) {
        return None;
    }
    let (header, _) = text.split_once('\n')?;
    let sheet = Sheet::split(header.as_bytes(), file).ok()?;
    if header.trim_end_matches('\r').contains('\r') || !sheet.missing(REQUEST_REQUIRED).is_empty() {
        return None;
    }
    let mut warnings = sheet.unknown(REQUEST_COLUMNS);
    let place = |name: &str| REQUEST_COLUMNS.iter().position(|column| *column == name);
    let slots: Vec<usize> = sheet
        .header()
        .map(|name| place(name).unwrap_or(REQUEST_COLUMNS.len()))
        .collect();
    let (mut rows, mut last, mut rising) = (0_u64, "", true);
    let mut scan = Scan::new(text, header.len());
    let mut fields = Fields::default();
    while let Some(line) = scan.row(&slots, &mut fields)? {
        let row = row(text, line, &fields)?;
        // Names that rise by length and letters are told apart without keeping any.
        rising &= (last.len(), last) < (row.request_id.len(), row.request_id);
        last = row.request_id;
        rows += 1;
        tell(ToldRow::Row(row));
    }
    if rows == 0 || !rising && may_repeat(text, header.len(), &slots) {
        return None;
    }
    if !text.ends_with('\n') {
        warnings.push(sheet.no_line_end(scan.line));
    }
    Some(warnings)
}

/// Whether the plain reader is to look at the text: it has quotation marks or apostrophes, characters that act, or what may
/// be a command.
fn is_odd(text: &str) -> bool {
    let odd = |byte: &u8| matches!(byte, b'"' | b'\'' | 0..=9 | 11..=12 | 14..=31 | 127);
    text.bytes().any(|byte| odd(&byte))
        || ["::", "##["].iter().any(|command| text.contains(command))
        || !text.is_ascii() && text.chars().any(|c| acts(c) && !matches!(c, '\n' | '\r'))
}

/// Splits a text without quotation marks.
struct Scan<'t> {
    bytes: &'t [u8],
    /// Where the next field begins.
    at: usize,
    line: u64,
    /// The eight bytes that are looked at, and which of them end a field: the high bit of each.
    word: usize,
    ends: u64,
}

impl<'t> Scan<'t> {
    /// A scan of what follows the first `from` bytes, a header without its line end.
    fn new(text: &'t str, from: usize) -> Scan<'t> {
        let mut scan = Scan {
            bytes: text.as_bytes(),
            at: from,
            line: 1,
            word: from & !7,
            ends: 0,
        };
        scan.ends = scan.ends_in(scan.word) & (u64::MAX << ((from & 7) * 8));
        scan
    }

    /// Which of the eight bytes from `word` on are commas or line ends. Beyond the text there are none.
    fn ends_in(&self, word: usize) -> u64 {
        const LOW: u64 = 0x7f7f_7f7f_7f7f_7f7f;
        let eight = match self.bytes.get(word..word + 8) {
            Some(eight) => eight.try_into().unwrap_or_default(),
            None => {
                let rest = self.bytes.get(word..).unwrap_or_default();
                let mut eight = [0; 8];
                eight[..rest.len()].copy_from_slice(rest);
                eight
            }
        };
        let eight = u64::from_le_bytes(eight);
        // The high bit of a byte is clear exactly where the byte is the one looked for.
        let other = |byte: u8| {
            let differs = eight ^ u64::from_ne_bytes([byte; 8]);
            ((differs & LOW) + LOW) | differs
        };
        !(other(b',') & other(b'\n') & other(b'\r')) & !LOW
    }

    /// Where the field that begins at `at` ends.
    #[inline]
    fn end(&mut self) -> usize {
        while self.ends == 0 {
            self.word += 8;
            if self.word >= self.bytes.len() {
                return self.bytes.len();
            }
            self.ends = self.ends_in(self.word);
        }
        let end = self.word + self.ends.trailing_zeros() as usize / 8;
        self.ends &= self.ends - 1;
        end
    }

    /// Splits the next row into its fields; answers with its line, or nothing at the end of the
    /// text. None where the row has not the right width.
    #[inline]
    fn row(&mut self, slots: &[usize], fields: &mut Fields) -> Option<Option<u64>> {
        // Line ends and blank lines before it.
        let mut end = loop {
            if self.at >= self.bytes.len() {
                return Some(None);
            }
            let end = self.end();
            match self.bytes[self.at] {
                b'\n' => self.line += 1,
                b'\r' => {}
                _ => break end,
            }
            self.at += 1;
        };
        let mut slots = slots.iter();
        loop {
            fields[*slots.next()?] = self.at..end;
            self.at = end;
            if self.bytes.get(end) != Some(&b',') {
                // The byte that ends the row is looked at again, to count its line.
                if end < self.bytes.len() {
                    self.ends |= 0x80 << ((end & 7) * 8);
                }
                return slots.next().is_none().then_some(Some(self.line));
            }
            self.at += 1;
            end = self.end();
        }
    }
}

/// The row, if every value of it is plain and right.
#[inline]
fn row<'t>(text: &'t str, line: u64, fields: &Fields) -> Option<TraceRow<'t>> {
    let bytes = |place: usize| &text.as_bytes()[fields[place].clone()];
    let word = |place: usize| &text[fields[place].clone()];
    let (request_id, tenant, user, resource_class) = (word(0), word(5), word(6), word(7));
    let (arrival_ms, start_ms) = (seconds(bytes(1))?, seconds(bytes(2))?);
    let planned_hold_ms = if fields[4].is_empty() {
        None
    } else {
        Some(seconds(bytes(4))?)
    };
    let count = whole(bytes(9))?;
    let min_count = if fields[10].is_empty() {
        count
    } else {
        whole(bytes(10))?
    };
    let named = [request_id, tenant, resource_class];
    let texts = named.iter().all(|text| !text.is_empty() && is_trim(text)) && is_trim(user);
    let kind = match bytes(11) {
        b"" | b"people" => RequestKind::People,
        b"monitoring" => RequestKind::Monitoring,
        b"operator" => RequestKind::Operator,
        _ => return None,
    };
    let multi = match bytes(12) {
        b"" => None,
        b"nova" => Some(RequestMulti::Nova),
        b"blazar" => Some(RequestMulti::Blazar),
        _ => return None,
    };
    let end_known = match bytes(14) {
        b"" | b"true" => true,
        b"false" => false,
        _ => return None,
    };
    if !is_trim(word(13)) {
        return None;
    }
    let age_ms = if fields[15].is_empty() { 0 } else { seconds(bytes(15))? };
    let right = texts && count <= MACHINES_MAX && arrival_ms <= start_ms && min_count >= 1 && min_count <= count;
    right.then_some(TraceRow {
        line,
        request_id,
        arrival_ms,
        start_ms,
        hold_ms: seconds(bytes(3))?,
        planned_hold_ms,
        tenant,
        resource_class,
        traits: word(8),
        count,
        min_count,
        kind,
        multi,
        node_id: word(13),
        end_known,
        age_ms,
    })
}

/// Whether the text neither begins nor ends with a blank.
fn is_trim(text: &str) -> bool {
    let plain = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_graphic);
    let bytes = text.as_bytes();
    plain(bytes.first()) && plain(bytes.last()) || text.trim() == text
}

/// Seconds with up to three decimals, in ms; none for anything that is not plainly that.
fn seconds(text: &[u8]) -> Option<u64> {
    let (whole, rest) = digits(text);
    let length = text.len() - rest.len();
    if length == 0 || length > 13 || whole > SECONDS_MAX {
        return None;
    }
    let decimals = match rest {
        [] => 0,
        [b'.', rest @ ..] if !rest.is_empty() && rest.len() <= 3 => {
            let (number, rest) = digits(rest);
            if !rest.is_empty() {
                return None;
            }
            number * [0, 100, 10, 1][text.len() - length - 1]
        }
        _ => return None,
    };
    Some(whole * 1000 + decimals)
}

fn whole(text: &[u8]) -> Option<u32> {
    let (number, rest) = digits(text);
    let plain = !text.is_empty() && text.len() <= 10 && rest.is_empty();
    u32::try_from(number).ok().filter(|_| plain)
}

/// The number that the first digits give, of which more than 19 are too many for it, and what follows.
fn digits(text: &[u8]) -> (u64, &[u8]) {
    let mut number = 0_u64;
    for (place, byte) in text.iter().enumerate() {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return (number, &text[place..]);
        }
        number = number.wrapping_mul(10).wrapping_add(u64::from(digit));
    }
    (number, &[])
}

/// Whether a name may have come twice, by the hashes of the names.
fn may_repeat(text: &str, from: usize, slots: &[usize]) -> bool {
    let (mut scan, mut fields, mut hashes) = (Scan::new(text, from), Fields::default(), Vec::new());
    while let Some(Some(_)) = scan.row(slots, &mut fields) {
        hashes.push(hash(&text[fields[0].clone()]));
    }
    hashes.sort_unstable();
    hashes.windows(2).any(|pair| pair[0] == pair[1])
}

fn hash(name: &str) -> u64 {
    let (chunks, rest) = name.as_bytes().as_chunks::<8>();
    let mut last = [0; 8];
    last[..rest.len()].copy_from_slice(rest);
    let words = chunks.iter().chain([&last]).map(|chunk| u64::from_le_bytes(*chunk));
    words.fold(name.len() as u64, |hash, word| mix(hash ^ word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::streams::{Seed, Stream};

    type Answer = Result<(Vec<String>, Vec<String>), Vec<String>>;

    /// Rows and warnings, or errors, by the two ways together and by the plain one alone.
    fn both(text: &[u8]) -> (Answer, Answer) {
        let words = |errors: Vec<CsvError>| errors.iter().map(ToString::to_string).collect::<Vec<_>>();
        let mut rows = Vec::new();
        let read = each_request(text, "f", &mut |told| match told {
            ToldRow::Anew => rows.clear(),
            ToldRow::Row(row) => {
                // Traits are words; the blanks between them do not count.
                let traits = &row.traits.split_whitespace().collect::<Vec<_>>().join(" ");
                rows.push(format!("{:?}", TraceRow { traits, ..row }));
            }
        });
        let told = read.map(|warnings| (rows, warnings)).map_err(words);
        let plain = read_requests(text, "f").map(|read| {
            let rows = read.records.iter().zip(&read.lines).map(|(record, &line)| {
                let traits = record.traits.join(" ");
                let row = TraceRow::of(record, line, &traits);
                format!("{row:?}")
            });
            (rows.collect(), read.warnings)
        });
        (told, plain.map_err(words))
    }

    fn one<'a>(stream: &mut Stream, of: &[&'a str]) -> &'a str {
        of[stream.below(of.len() as u64) as usize]
    }

    /// A file; `odd` says how often in a hundred something is unusual or wrong in a row.
    fn file(stream: &mut Stream, odd: u64) -> String {
        let mut columns = REQUEST_COLUMNS.to_vec();
        if stream.below(3) == 0 {
            columns.retain(|column| !["user", "traits", "kind", "multi"].contains(column));
            columns.insert(stream.below(4) as usize, "colour");
        }
        if stream.below(8) == 0 && odd > 0 {
            columns.remove(stream.below(4) as usize);
        }
        let line_end = one(stream, &["\n", "\n", "\r\n"]);
        let mut text = columns.join(",") + line_end;
        for number in 0..stream.below(12) {
            let mut odds = |chance| odd > 0 && stream.below(100) < odd.min(chance);
            let (arrival, again) = (number * 7 + 1, odds(9));
            let (strange, cut, blank) = (odds(30), odds(7), odds(7));
            let at = stream.below(columns.len() as u64) as usize;
            let fields = columns.iter().enumerate().map(|(place, column)| {
                if strange && place == at {
                    let odd = [
                        "",
                        " x",
                        "-1",
                        "1.",
                        "1.2345",
                        "0",
                        "a b",
                        "\"q,\"",
                        "0000000000000007",
                        "9999999999999",
                    ];
                    return one(stream, &odd).to_owned();
                }
                match *column {
                    "request_id" => format!("r{}", if again { 0 } else { number }),
                    "arrival_s" => arrival.to_string(),
                    "start_s" => format!("{arrival}{}", one(stream, &["", ".5", ".125", ".0"])),
                    "hold_s" | "planned_hold_s" => one(stream, &["3600", "0", "17.25"]).to_owned(),
                    "tenant" | "resource_class" => one(stream, &["a", "bé", "läb"]).to_owned(),
                    "traits" => one(stream, &["", "A", "A B"]).to_owned(),
                    "count" => "2".to_owned(),
                    "min_count" => one(stream, &["", "1", "2"]).to_owned(),
                    "kind" => one(stream, &["", "people", "monitoring", "operator"]).to_owned(),
                    "multi" => one(stream, &["", "nova", "blazar"]).to_owned(),
                    "node_id" => one(stream, &["", "n1"]).to_owned(),
                    "end_known" => one(stream, &["", "true", "false"]).to_owned(),
                    "age_s" => one(stream, &["", "0", "86400.5"]).to_owned(),
                    _ => String::new(),
                }
            });
            let mut row = fields.collect::<Vec<_>>().join(",");
            if cut {
                row = row.replacen(',', one(stream, &["", ",,", "\n"]), 1);
            }
            text += &row;
            text += line_end;
            text += if blank { "\n" } else { "" };
        }
        if stream.below(6) == 0 {
            text.truncate(text.trim_end().len());
        }
        text
    }

    #[test]
    fn both_ways_read_the_same_rows_and_find_the_same_wrong() {
        let mut stream = Seed {
            master: 11,
            replication: 0,
        }
        .stream(1, 1);
        let (mut swift, mut wrong, mut fine) = (0, 0, 0);
        for round in 0..4_000 {
            let text = file(&mut stream, [0, 10, 60][round % 3]);
            let (told, plain) = both(text.as_bytes());
            assert_eq!(told, plain, "{text}");
            let swiftly = swiftly(text.as_bytes(), "f", &mut |_| ());
            if let Some(warnings) = &swiftly {
                assert_eq!(Ok(warnings), plain.as_ref().map(|(_, warnings)| warnings), "{text}");
            }
            swift += usize::from(swiftly.is_some());
            wrong += usize::from(plain.is_err());
            fine += usize::from(plain.is_ok_and(|(rows, _)| !rows.is_empty()));
        }
        assert!(
            wrong > 500 && fine > 1000 && swift * 10 > fine * 8,
            "{swift} {fine} {wrong}"
        );
    }

    #[test]
    fn names_in_any_order_are_told_apart() {
        let text = |names: &[&str]| {
            let rows = names.iter().map(|name| format!("{name},0,0,1,t,c,1\n"));
            rows.fold(
                "request_id,arrival_s,start_s,hold_s,tenant,resource_class,count\n".to_owned(),
                |all, row| all + &row,
            )
        };
        let swift = |names: &[&str]| swiftly(text(names).as_bytes(), "f", &mut |_| ()).is_some();
        assert!(swift(&["r9", "r10", "r11"]) && swift(&["b", "a", "long-enough-for-two-words", "c"]));
        assert!(!swift(&["b", "a", "b"]) && !swift(&["a", "a"]));
        assert!(both(text(&["b", "a", "b"]).as_bytes()).0.unwrap_err()[0].contains("`b` is on line 2 already"));
    }
}
