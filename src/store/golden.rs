//! A golden as text: one line per matter, so that a difference reads well where it is reviewed.
//!
//! ```text
//! sickbay golden 2                      the format's version
//! # …                                   comments
//! scenario NAME
//! recorded-by VERSION
//! digest SHA-256 of the scenario
//! seed N / replications N / horizon-s SECONDS
//! strategies N                          how many there are below
//! set KEY=VALUE                         in what it differs from the scenario's file
//! says TABLE DIGEST                     what each table of the scenario says, as eight digits
//! history REASON                        why it was recorded, each time, the oldest first
//!
//! strategy LABEL
//! holds runs N facts N metrics N days N how many lines of each there are below
//! run REPLICATION trajectory DIGEST facts DIGEST
//! fact KIND COUNT …                     by replication
//! metric NAME VALUE …                   by replication, to six decimals, - for none
//! day N facts DIGEST hours MARKS decisions N claims N refused N MARKS
//!
//! end lines N sha256 DIGEST             of all lines before
//! ```
//!
//! The counts and the digest are there so that a golden that was cut short, or lost or got a line where branches were
//! merged, is refused, and never passes for one that asks less. Format 1 had neither.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::disk::manifest::hex as sha256;
use crate::cells::keeper::{Day, are_marks};
use crate::judge::golden::{Golden, RunMark, StrategyRuns};
use crate::kernel::Time;
use crate::kernel::number::{fixed, parse_seconds, seconds};
use crate::kernel::time::DAY_MS;

/// The format that is written and read.
pub const FORMAT: u32 = 2;

const OPENING: &str = "sickbay golden ";

/// Why a text is no golden that can be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GoldenError {
    /// The first line is not that of a golden.
    #[error("{file}:1: not a golden: the first line must be `{OPENING}{FORMAT}`")]
    Foreign {
        /// The file.
        file: String,
    },
    /// Another version of the format.
    #[error(
        "{file}:1: this golden has format {found}, and this sickbay reads format {FORMAT}: \
         check it with the sickbay that recorded it{by}, or record it anew with --bless, \
         which keeps its settings and its history"
    )]
    Version {
        /// The file.
        file: String,
        /// Its format.
        found: String,
        /// The version that recorded it, if the file says so.
        by: String,
    },
    /// A line is not as it was written.
    #[error("{file}:{line}: {what}")]
    Line {
        /// The file.
        file: String,
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        what: String,
    },
}

/// The golden's text.
#[must_use]
pub fn write(golden: &Golden) -> String {
    let mut out = format!(
        "{OPENING}{FORMAT}\n\
         # What `sickbay check` holds placements against. `sickbay check --bless --reason \"…\"` records it anew;\n\
         # MANUAL.md, \"Placement in CI\", says what the lines mean.\n\n\
         scenario {}\nrecorded-by {}\ndigest {}\nseed {}\nreplications {}\nhorizon-s {}\nstrategies {}\n",
        line(&golden.scenario),
        golden.version,
        golden.digest,
        golden.seed,
        golden.replications,
        seconds(golden.horizon.0),
        golden.courses.len(),
    );
    for (key, value) in &golden.settings {
        writeln!(out, "set {}={}", line(key), line(value)).ok();
    }
    for (table, digest) in &golden.says {
        writeln!(out, "says {table} {digest}").ok();
    }
    for reason in &golden.history {
        writeln!(out, "history {}", line(reason)).ok();
    }
    for course in &golden.courses {
        write_course(&mut out, course);
    }
    out.push('\n');
    let end = end(&out);
    out + &end
}

/// The last line of a golden of which this is the rest.
fn end(before: &str) -> String {
    format!(
        "end lines {} sha256 {}\n",
        before.lines().count(),
        sha256(before.as_bytes())
    )
}

fn write_course(out: &mut String, course: &StrategyRuns) {
    writeln!(out, "\nstrategy {}", line(&course.label)).ok();
    writeln!(out, "{}", Holds::of(course)).ok();
    for (replication, run) in course.runs.iter().enumerate() {
        writeln!(
            out,
            "run {replication} trajectory {} facts {}",
            run.trajectory, run.facts
        )
        .ok();
    }
    for (kind, counts) in &course.facts {
        let counts: Vec<String> = counts.iter().map(u64::to_string).collect();
        writeln!(out, "fact {kind} {}", counts.join(" ")).ok();
    }
    for (name, values) in &course.metrics {
        let values: Vec<String> = values
            .iter()
            .map(|value| {
                value
                    .filter(|value| value.is_finite())
                    .map_or_else(|| "-".to_owned(), fixed)
            })
            .collect();
        writeln!(out, "metric {name} {}", values.join(" ")).ok();
    }
    for (day, it) in course.days.iter().enumerate() {
        let text = format!(
            "day {} facts {} hours {} decisions {} claims {} refused {} {}",
            day + 1,
            it.facts,
            it.hours,
            it.decisions,
            it.claims,
            it.refused,
            it.marks
        );
        writeln!(out, "{}", text.trim_end()).ok();
    }
}

/// Text on one line.
fn line(text: &str) -> String {
    text.replace(|c: char| c.is_control(), " ")
}

/// Reads a golden's text; `file` is the name that errors carry.
///
/// # Errors
/// When the text is no golden, one of another format, or not as it was written.
pub fn read(text: &str, file: &str) -> Result<Golden, GoldenError> {
    let first = text.lines().next().unwrap_or_default().trim_end();
    let foreign = || GoldenError::Foreign { file: file.to_owned() };
    let found = first.strip_prefix(OPENING).ok_or_else(foreign)?;
    if found != FORMAT.to_string() {
        let by = text.lines().find_map(|line| line.strip_prefix("recorded-by "));
        return Err(GoldenError::Version {
            file: file.to_owned(),
            found: found.to_owned(),
            by: by.map_or_else(String::new, |by| format!(" (sickbay {})", by.trim())),
        });
    }
    // What a checkout made of the line ends is no change.
    let text = text.replace("\r\n", "\n");
    let wrong = |line: usize, what: String| GoldenError::Line {
        file: file.to_owned(),
        line,
        what,
    };
    let last = text.lines().count();
    let start = text
        .strip_suffix('\n')
        .map_or(0, |text| text.rfind('\n').map_or(0, |at| at + 1));
    let (before, trailer) = text.split_at(start);
    let body = if trailer.starts_with("end ") { before } else { &text };
    let mut reader = Reader::default();
    for (at, text) in body.lines().enumerate().skip(1) {
        if text.is_empty() || text.starts_with('#') {
            continue;
        }
        // Not the spaces: a label may end in some.
        let (word, rest) = text.split_once(' ').unwrap_or((text, ""));
        reader.line(word, rest).map_err(|what| wrong(at + 1, what))?;
    }
    let golden = reader.finish().map_err(|what| wrong(last, what))?;
    if trailer == end(before) {
        Ok(golden)
    } else {
        Err(wrong(
            last,
            format!(
                "its last line must be `{}`, of the lines before: {FIX}",
                end(before).trim_end()
            ),
        ))
    }
}

/// What to do about a golden that is not as it was recorded.
const FIX: &str = "it was cut short, or changed since it was recorded; take it back from version control, \
     or remove it and record it anew with --bless and its options";

/// What can be kept of a golden of any format when it is recorded anew: settings and history.
#[must_use]
pub fn salvage(text: &str) -> (Vec<(String, String)>, Vec<String>) {
    let lines = |word: &'static str| text.lines().filter_map(move |line| line.strip_prefix(word));
    let settings = lines("set ").filter_map(|rest| rest.split_once('='));
    (
        settings
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .collect(),
        lines("history ").map(str::to_owned).collect(),
    )
}

#[derive(Default)]
struct Reader {
    head: BTreeMap<&'static str, String>,
    settings: Vec<(String, String)>,
    says: BTreeMap<String, String>,
    history: Vec<String>,
    courses: Vec<(StrategyRuns, Option<Holds>)>,
}

/// The lines that a golden has once.
const ONCE: [&str; 7] = [
    "scenario",
    "recorded-by",
    "digest",
    "seed",
    "replications",
    "horizon-s",
    "strategies",
];

/// How many lines of each kind a strategy has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Holds {
    runs: usize,
    facts: usize,
    metrics: usize,
    days: usize,
}

impl Holds {
    fn of(course: &StrategyRuns) -> Holds {
        Holds {
            runs: course.runs.len(),
            facts: course.facts.len(),
            metrics: course.metrics.len(),
            days: course.days.len(),
        }
    }

    fn read(rest: &str) -> Result<Holds, String> {
        let words: Vec<&str> = rest.split(' ').collect();
        let ["runs", runs, "facts", facts, "metrics", metrics, "days", days] = words[..] else {
            return Err("`holds` wants runs N facts N metrics N days N".to_owned());
        };
        Ok(Holds {
            runs: number(runs, "runs")?,
            facts: number(facts, "facts")?,
            metrics: number(metrics, "metrics")?,
            days: number(days, "days")?,
        })
    }
}

impl std::fmt::Display for Holds {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Holds {
            runs,
            facts,
            metrics,
            days,
        } = self;
        write!(f, "holds runs {runs} facts {facts} metrics {metrics} days {days}")
    }
}

impl Reader {
    fn line(&mut self, word: &str, rest: &str) -> Result<(), String> {
        if let Some(&once) = ONCE.iter().find(|&&once| once == word) {
            return match self.head.insert(once, rest.to_owned()) {
                None => Ok(()),
                Some(_) => Err(format!("`{word}` is said twice")),
            };
        }
        match word {
            "set" => {
                let (key, value) = rest.split_once('=').ok_or("`set` wants KEY=VALUE")?;
                self.settings.push((key.to_owned(), value.to_owned()));
            }
            "says" => {
                let (table, digest) = rest.split_once(' ').ok_or("`says` wants a table and a digest")?;
                self.says.insert(table.to_owned(), digest.to_owned());
            }
            "history" => self.history.push(rest.to_owned()),
            "strategy" if self.courses.iter().any(|(course, _)| course.label == rest) => {
                return Err(format!("the strategy `{rest}` stands here twice"));
            }
            "strategy" => {
                let course = StrategyRuns {
                    label: rest.to_owned(),
                    ..StrategyRuns::default()
                };
                self.courses.push((course, None));
            }
            "holds" | "run" | "fact" | "metric" | "day" => {
                let (course, holds) = self.courses.last_mut().ok_or("a `strategy` must come first")?;
                if word != "holds" {
                    of_course(course, word, rest)?;
                } else if holds.replace(Holds::read(rest)?).is_some() {
                    return Err("`holds` is said twice".to_owned());
                }
            }
            _ => return Err(format!("`{word}` is no line of a golden of format {FORMAT}")),
        }
        Ok(())
    }

    fn finish(self) -> Result<Golden, String> {
        let said = |key: &str| self.head.get(key).ok_or_else(|| format!("the line `{key}` is missing"));
        let replications = number(said("replications")?, "replications")?;
        let horizon = Time(parse_seconds(said("horizon-s")?).ok_or("`horizon-s` wants seconds")?);
        let strategies: usize = number(said("strategies")?, "strategies")?;
        if self.courses.len() != strategies {
            return Err(format!(
                "it has {} strategies and not {strategies}: {FIX}",
                self.courses.len()
            ));
        }
        for (course, holds) in &self.courses {
            whole(course, *holds, replications as usize, horizon)?;
        }
        Ok(Golden {
            version: said("recorded-by")?.clone(),
            scenario: said("scenario")?.clone(),
            digest: said("digest")?.clone(),
            seed: number(said("seed")?, "seed")?,
            replications,
            horizon,
            settings: self.settings,
            says: self.says,
            history: self.history,
            courses: self.courses.into_iter().map(|(course, _)| course).collect(),
        })
    }
}

/// Whether all is there that a strategy was recorded with.
fn whole(course: &StrategyRuns, holds: Option<Holds>, replications: usize, horizon: Time) -> Result<(), String> {
    let label = &course.label;
    let holds = holds.ok_or_else(|| format!("`{label}` does not say what it `holds`: {FIX}"))?;
    let found = Holds::of(course);
    if found != holds {
        return Err(format!(
            "`{label}` {holds}, and has {}: {FIX}",
            found.to_string().replacen("holds ", "", 1)
        ));
    }
    if holds.runs != replications {
        return Err(format!("`{label}` has {} runs and not {replications}", holds.runs));
    }
    let days = horizon.0.saturating_sub(1) / DAY_MS + 1;
    if holds.days as u64 != days {
        return Err(format!(
            "`{label}` has {} days and not {days}, as the horizon is",
            holds.days
        ));
    }
    let counts = course.facts.iter().map(|(name, counts)| (name, counts.len()));
    let values = course.metrics.iter().map(|(name, values)| (name, values.len()));
    for (name, count) in counts.chain(values) {
        if count != replications {
            return Err(format!(
                "`{name}` of `{label}` has {count} values and not {replications}"
            ));
        }
    }
    Ok(())
}

fn number<N: std::str::FromStr>(text: &str, what: &str) -> Result<N, String> {
    text.parse()
        .map_err(|_| format!("`{what}` wants a whole number, not `{text}`"))
}

/// One line of a strategy.
fn of_course(course: &mut StrategyRuns, word: &str, rest: &str) -> Result<(), String> {
    let words: Vec<&str> = rest.split(' ').filter(|word| !word.is_empty()).collect();
    match (word, &words[..]) {
        ("run", [nth, "trajectory", trajectory, "facts", facts])
            if *nth == course.runs.len().to_string() && [trajectory, facts].iter().all(|digest| hex(digest, 32)) =>
        {
            course.runs.push(RunMark {
                trajectory: (*trajectory).to_owned(),
                facts: (*facts).to_owned(),
            });
        }
        ("fact", [kind, counts @ ..]) => {
            let counts: Result<Vec<u64>, String> = counts.iter().map(|count| number(count, kind)).collect();
            if course.facts.insert((*kind).to_owned(), counts?).is_some() {
                return Err(format!("the fact `{kind}` stands here twice"));
            }
        }
        ("metric", [name, ..]) if course.metrics.iter().any(|(known, _)| known == name) => {
            return Err(format!("the metric `{name}` stands here twice"));
        }
        ("metric", [name, values @ ..]) => {
            let values: Result<_, String> = values.iter().map(|value| figure(value)).collect();
            course.metrics.push(((*name).to_owned(), values?));
        }
        (
            "day",
            [
                nth,
                "facts",
                facts,
                "hours",
                hours,
                "decisions",
                decisions,
                "claims",
                claims,
                "refused",
                refused,
                marks @ ..,
            ],
        ) if *nth == (course.days.len() + 1).to_string() && hex(facts, 16) && marks.len() <= 1 => {
            let marks = marks.first().copied().unwrap_or_default();
            if !are_marks(hours) || !are_marks(marks) {
                return Err(format!("day {nth} has checkpoints that are none"));
            }
            course.days.push(Day {
                facts: (*facts).to_owned(),
                hours: (*hours).to_owned(),
                decisions: number(decisions, "decisions")?,
                claims: number(claims, "claims")?,
                refused: number(refused, "refused")?,
                marks: marks.to_owned(),
            });
        }
        _ => return Err(format!("this is not how a line of `{word}` is written")),
    }
    Ok(())
}

fn figure(text: &str) -> Result<Option<f64>, String> {
    if text == "-" {
        return Ok(None);
    }
    // NaN and infinity would pass every comparison.
    let figure = text.parse::<f64>().ok().filter(|figure| figure.is_finite());
    figure.map(Some).ok_or_else(|| format!("`{text}` is no figure"))
}

fn hex(text: &str, digits: usize) -> bool {
    text.len() == digits && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use crate::store::golden::*;

    fn golden() -> Golden {
        let day = |decisions: u32, marks: &str| Day {
            facts: "0123456789abcdef".to_owned(),
            hours: "0-_z".to_owned(),
            decisions,
            claims: decisions + 1,
            refused: 3,
            marks: marks.to_owned(),
        };
        let run = RunMark {
            trajectory: "a".repeat(32),
            facts: "b".repeat(32),
        };
        Golden {
            version: "0.1.0".to_owned(),
            scenario: "hand made".to_owned(),
            digest: "c".repeat(64),
            seed: 7,
            replications: 2,
            horizon: Time(86_400_500),
            settings: vec![("a.b".to_owned(), "\"x = y\"".to_owned())],
            says: BTreeMap::from([("fleet".to_owned(), "01234567".to_owned())]),
            history: vec!["First".to_owned(), "Because: of this".to_owned()],
            courses: vec![StrategyRuns {
                label: "tenants, unnamed ".to_owned(),
                runs: vec![run.clone(), run],
                facts: BTreeMap::from([("claimed".to_owned(), vec![3, 4])]),
                metrics: vec![("acceptance".to_owned(), vec![Some(0.5), None])],
                days: vec![day(2, "aabb"), day(0, "")],
            }],
        }
    }

    #[test]
    fn what_is_written_is_read_back() {
        let text = write(&golden());
        assert_eq!(read(&text, "x.golden"), Ok(golden()), "{text}");
    }

    #[test]
    fn another_format_says_so_and_by_whom() {
        let text = write(&golden()).replacen("golden 2", "golden 1", 1);
        let said = read(&text, "x.golden").unwrap_err().to_string();
        assert!(
            said.contains("has format 1, and this sickbay reads format 2") && said.contains("(sickbay 0.1.0)"),
            "{said}"
        );
        let said = read("[scenario]\n", "x.golden").unwrap_err().to_string();
        assert!(said.starts_with("x.golden:1: not a golden"), "{said}");
    }

    #[test]
    fn a_line_that_was_changed_by_hand_is_named() {
        let text = write(&golden());
        for (from, to, what) in [
            ("fact claimed 3 4", "fact claimed 3 x", "wants a whole number"),
            ("run 1 ", "run 2 ", "not how a line of `run`"),
            ("metric acceptance 0.5", "metric acceptance half", "is no figure"),
            ("hours 0-_z", "hours 0-!z", "checkpoints"),
            ("history First", "herstory First", "is no line of a golden"),
            ("seed 7\n", "seed seven\n", "wants a whole number"),
            ("replications 2", "replications 3", "has 2 runs and not 3"),
            ("metric acceptance 0.5", "metric acceptance NaN", "is no figure"),
            ("metric acceptance 0.5", "metric acceptance inf", "is no figure"),
            ("strategies 1", "strategies 2", "has 1 strategies and not 2"),
            (
                "metrics 1 days 2",
                "metrics 2 days 2",
                "holds runs 2 facts 1 metrics 2 days 2, and has runs 2",
            ),
            ("horizon-s 86400.5", "horizon-s 86400", "has 2 days and not 1"),
            (
                "metric acceptance 0.5 -",
                "metric acceptance 0.5",
                "has 1 values and not 2",
            ),
            ("fact claimed 3 4", "fact claimed 3 5", "its last line must be"),
            (
                "metric acceptance 0.5",
                "metric acceptance 0.6",
                "its last line must be",
            ),
            ("history First\n", "", "its last line must be"),
            ("recorded-by 0.1.0\n", "", "`recorded-by` is missing"),
        ] {
            let wrong = text.replacen(from, to, 1);
            assert_ne!(wrong, text, "{from}");
            let said = read(&wrong, "x.golden").unwrap_err().to_string();
            assert!(said.contains(what), "{said}");
        }
    }

    #[test]
    fn a_golden_that_lost_anything_is_refused() {
        let text = write(&golden());
        assert_eq!(read(&text.replace('\n', "\r\n"), "x.golden"), Ok(golden()));
        for cut in (0..text.len()).filter(|&cut| text.is_char_boundary(cut)) {
            assert!(read(&text[..cut], "x.golden").is_err(), "cut at {cut}");
        }
        let lines: Vec<&str> = text.lines().collect();
        for gone in 0..lines.len() {
            let mut left = lines.clone();
            left.remove(gone);
            assert!(
                read(&(left.join("\n") + "\n"), "x.golden").is_err(),
                "without {}",
                lines[gone]
            );
            left.insert(gone, lines[gone]);
            left.insert(gone, lines[gone]);
            assert!(
                read(&(left.join("\n") + "\n"), "x.golden").is_err(),
                "twice {}",
                lines[gone]
            );
        }
    }
}
