//! Requests while a file is read, packed: 38 bytes each, so that millions fit. Who asks for what is kept once.

use indexmap::IndexSet;

use super::moment::told;

/// Who asks for what: what many requests share.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Who {
    /// Tenant, as it is written.
    pub tenant: String,
    /// User, as it is written.
    pub user: String,
    /// Resource class.
    pub class: String,
    /// Traits that the nodes must have.
    pub traits: Vec<String>,
    /// Fewest machines that will do; 0: the count.
    pub min_count: u16,
    /// Whether it is met as Blazar does.
    pub blazar: bool,
}

/// A request of a foreign file; times in ms since 1970.
#[derive(Clone, Debug)]
pub(crate) struct Ask {
    /// Its name in the file.
    pub id: String,
    /// When it was asked.
    pub arrival: i64,
    /// When it began.
    pub start: i64,
    /// When it ended; none: it runs at the end of the data.
    pub end: Option<i64>,
    /// How long it was asked for, ms.
    pub planned: Option<u64>,
    /// Who asks for what.
    pub who: u32,
    /// Machines, at least 1.
    pub count: u16,
    /// Whether it is wanted when it is asked and waited until it began, so that the wait is the simulation's to find.
    pub queued: bool,
}

/// A name in 8 bytes: digits, two numbers with a mark between, or a place among the other names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Label([u8; 8]);

/// A packed request.
#[derive(Clone, Copy, Debug)]
struct Packed {
    arrival: [u8; 6],
    start: [u8; 6],
    /// All ones: it has no end.
    end: [u8; 6],
    /// Seconds; all ones: unknown.
    planned: [u8; 4],
    label: Label,
    who: [u8; 4],
    count: [u8; 2],
    /// How many of its name came before it, and whether it is queued (the high bit).
    repeat: [u8; 2],
}

const OPEN: [u8; 6] = [0xff; 6];
const QUEUED: u16 = 0x8000;

/// Many requests.
#[derive(Debug, Default)]
pub(crate) struct Asks {
    rows: Vec<Packed>,
    whos: IndexSet<Who>,
    /// Names that are no numbers, one behind the other, and where each ends.
    names: String,
    ends: Vec<u32>,
}

impl Asks {
    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    /// The number of who asks for what.
    pub(crate) fn who(&mut self, who: &Who) -> u32 {
        let at = match self.whos.get_index_of(who) {
            Some(at) => at,
            None => self.whos.insert_full(who.clone()).0,
        };
        u32::try_from(at).unwrap_or(u32::MAX)
    }

    /// Who asks for what, by the number.
    pub(crate) fn who_of(&self, number: u32) -> &Who {
        &self.whos[number as usize]
    }

    /// All that is asked for by anybody.
    pub(crate) fn whos(&self) -> impl Iterator<Item = &Who> {
        self.whos.iter()
    }

    /// Adds a request. Times before 1970 or so late that nobody can mean them are refused.
    pub(crate) fn push(&mut self, ask: &Ask) -> Result<(), String> {
        let time = |at: i64| {
            let bytes = u64::try_from(at).ok().filter(|at| at >> 47 == 0);
            let bytes = bytes.ok_or_else(|| format!("{} is no time of this program", told(at)))?;
            Ok::<[u8; 6], String>(std::array::from_fn(|byte| bytes.to_be_bytes()[byte + 2]))
        };
        let planned = ask
            .planned
            .map_or(u32::MAX, |ms| u32::try_from(ms.div_ceil(1000)).unwrap_or(u32::MAX));
        let row = Packed {
            arrival: time(ask.arrival)?,
            start: time(ask.start)?,
            end: ask.end.map_or(Ok(OPEN), time)?,
            planned: planned.to_be_bytes(),
            label: self.label(&ask.id),
            who: ask.who.to_be_bytes(),
            count: ask.count.to_be_bytes(),
            repeat: (if ask.queued { QUEUED } else { 0 }).to_be_bytes(),
        };
        self.rows.push(row);
        Ok(())
    }

    fn label(&mut self, name: &str) -> Label {
        if let Some(number) = plain(name).filter(|number| number >> 62 == 0) {
            return Label(number.to_be_bytes());
        }
        if let Some((job, task)) = name.split_once('_')
            && let (Some(job), Some(task)) = (plain(job), plain(task))
            && job >> 31 == 0
            && task >> 31 == 0
        {
            return Label((1 << 62 | job << 31 | task).to_be_bytes());
        }
        self.names.push_str(name);
        self.ends.push(u32::try_from(self.names.len()).unwrap_or(u32::MAX));
        Label((2 << 62 | (self.ends.len() as u64 - 1)).to_be_bytes())
    }

    fn named(&self, label: Label) -> String {
        let bits = u64::from_be_bytes(label.0);
        let rest = bits & !(3 << 62);
        match bits >> 62 {
            0 => rest.to_string(),
            1 => format!("{}_{}", rest >> 31, rest & 0x7fff_ffff),
            _ => self.arena(rest as usize).to_owned(),
        }
    }

    fn arena(&self, at: usize) -> &str {
        let end = self.ends.get(at).copied().unwrap_or(0) as usize;
        let start = at.checked_sub(1).map_or(0, |before| self.ends[before] as usize);
        self.names.get(start..end).unwrap_or_default()
    }

    /// Leaves those that are wanted, given with their places.
    pub(crate) fn retain(&mut self, mut wanted: impl FnMut(usize) -> bool) {
        let mut at = 0..;
        self.rows.retain(|_| wanted(at.next().unwrap_or(usize::MAX)));
    }

    /// Numbers those whose names came before, in order of time, and sorts all by arrival, start and name.
    pub(crate) fn settle(&mut self) -> u64 {
        let mut rows = std::mem::take(&mut self.rows);
        let (names, ends) = (std::mem::take(&mut self.names), std::mem::take(&mut self.ends));
        let view = Asks {
            names,
            ends,
            ..Asks::default()
        };
        let is_text = |label: Label| u64::from_be_bytes(label.0) >> 62 == 2;
        let text = |label: Label| view.arena((u64::from_be_bytes(label.0) & !(3 << 62)) as usize);
        let order = |a: &Packed, b: &Packed| match (is_text(a.label), is_text(b.label)) {
            (true, true) => text(a.label).cmp(text(b.label)),
            _ => a.label.cmp(&b.label),
        };
        let times = |row: &Packed| (row.arrival, row.start, row.end);
        rows.sort_unstable_by(|a, b| order(a, b).then_with(|| times(a).cmp(&times(b))));
        let mut repeats = 0;
        for at in 1..rows.len() {
            if order(&rows[at - 1], &rows[at]).is_eq() {
                let before = u16::from_be_bytes(rows[at - 1].repeat) & !QUEUED;
                let own = u16::from_be_bytes(rows[at].repeat);
                rows[at].repeat = (own | (before + 1).min(!QUEUED)).to_be_bytes();
                repeats += 1;
            }
        }
        rows.sort_unstable_by(|a, b| {
            let name =
                || order(a, b).then_with(|| (a.repeat[0] & 0x7f, a.repeat[1]).cmp(&(b.repeat[0] & 0x7f, b.repeat[1])));
            (a.arrival, a.start).cmp(&(b.arrival, b.start)).then_with(name)
        });
        self.rows = rows;
        self.names = view.names;
        self.ends = view.ends;
        repeats
    }

    /// The request at a place.
    pub(crate) fn get(&self, at: usize) -> Option<Ask> {
        let row = self.rows.get(at)?;
        let repeat = u16::from_be_bytes(row.repeat);
        let name = self.named(row.label);
        let planned = u32::from_be_bytes(row.planned);
        Some(Ask {
            id: match repeat & !QUEUED {
                0 => name,
                again => format!("{name}.{again}"),
            },
            arrival: time(row.arrival),
            start: time(row.start),
            end: (row.end != OPEN).then(|| time(row.end)),
            planned: (planned != u32::MAX).then(|| u64::from(planned) * 1000),
            who: u32::from_be_bytes(row.who),
            count: u16::from_be_bytes(row.count),
            queued: repeat & QUEUED != 0,
        })
    }

    /// Start and end of the one at a place, without its name.
    pub(crate) fn held(&self, at: usize) -> (i64, Option<i64>) {
        let row = &self.rows[at];
        (time(row.start), (row.end != OPEN).then(|| time(row.end)))
    }

    /// All of them, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = Ask> {
        (0..self.len()).filter_map(|at| self.get(at))
    }
}

fn time(bytes: [u8; 6]) -> i64 {
    bytes.iter().fold(0, |sum, byte| sum << 8 | i64::from(*byte))
}

/// A number that is written back as it was read.
fn plain(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let canonical = text == "0" || !text.starts_with('0');
    (digits && canonical && text.len() < 19)
        .then(|| text.parse().ok())
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(id: &str, arrival: i64) -> Ask {
        Ask {
            id: id.to_owned(),
            arrival,
            start: arrival + 1,
            end: (arrival % 2 == 0).then_some(arrival + 5),
            planned: Some(1500),
            who: 0,
            count: 3,
            queued: arrival > 10,
        }
    }

    #[test]
    fn what_is_packed_comes_back_and_repeats_are_numbered() {
        let mut asks = Asks::default();
        asks.who(&Who::default());
        for (id, arrival) in [
            ("12", 20),
            ("7f-a", 4),
            ("3_1", 6),
            ("12", 5),
            ("007", 1),
            ("7f-a", 3),
            ("12", 30),
        ] {
            asks.push(&ask(id, arrival)).expect("a time");
        }
        assert_eq!(asks.settle(), 3);
        let told: Vec<(String, i64)> = asks.iter().map(|ask| (ask.id, ask.arrival)).collect();
        let want = [
            ("007", 1),
            ("7f-a", 3),
            ("7f-a.1", 4),
            ("12", 5),
            ("3_1", 6),
            ("12.1", 20),
            ("12.2", 30),
        ];
        assert_eq!(told, want.map(|(id, at)| (id.to_owned(), at)));
        let last = asks.get(6).expect("a row");
        assert_eq!(
            (last.start, last.end, last.planned, last.count),
            (31, Some(35), Some(2000), 3)
        );
        assert!(last.queued && !asks.get(0).expect("a row").queued && asks.get(0).expect("a row").end.is_none());
        assert!(asks.push(&ask("x", -1)).is_err());
    }

    #[test]
    fn a_request_takes_few_bytes() {
        assert_eq!(size_of::<Packed>(), 38);
    }
}
