//! Reads a plan's folder back.

use std::path::Path;

use super::{CSV, EVERYWHERE, FOUND, JSON, NOWHERE, Row, SCENARIO, TANGLED, WRITER};
use crate::cells::points::range::Range;
use crate::judge::planned::{Planned, ruling_of};
use crate::judge::quest::{Answer, Probe, Quest};
use crate::judge::search::SearchEnd;
use crate::judge::slo::Slo;
use crate::kernel::text::from_cell;
use crate::stats::estimate::Estimate;
use crate::store::again::lasting;
use crate::store::disk::os::read_text;
use crate::store::disk::sealed::verify;
use crate::store::error::{FolderError, at};
use crate::store::field::{Field, document};
use crate::store::kind::there;
use crate::store::tables;

/// Reads a plan's folder, which must be whole.
///
/// # Errors
/// When a file is missing or is not as it was written; the error names the file and the line or key.
pub fn read(folder: &Path) -> Result<Planned, FolderError> {
    there(folder)?;
    verify(folder, WRITER, JSON, lasting)?;
    let text = |name: &str| {
        let path = folder.join(name);
        read_text(&path).map_err(at(&path))
    };
    let planned = parse(folder, &text(JSON)?, &text(CSV)?);
    let mut planned = planned.map_err(|why| why.outdated(WRITER))?;
    planned.effective = tables::effective(&folder.join(SCENARIO)).unwrap_or_default();
    Ok(planned)
}

/// The plan that its two files tell of; the scenario is not among them.
pub(super) fn parse(folder: &Path, json: &str, csv: &str) -> Result<Planned, FolderError> {
    let mut planned = document(json, &folder.join(JSON), planned)?;
    let rows = |row: Row| enter(&mut planned, &row);
    tables::each_of(csv, &folder.join(CSV), rows)?;
    Ok(planned)
}

/// What was asked and found, as yet without what was looked at.
fn planned(top: &Field<'_>) -> Result<Planned, String> {
    let slo = top.key("slo")?;
    let slo = Slo::parse(&slo.text()?).map_err(|why| format!("`{}`: {why}", slo.path))?;
    let range = top.key("range")?;
    let parsed = Range::parse(&range.text()?).and_then(Result::ok).map(Range::stepped);
    let values = range.wants(parsed.and_then(Result::ok), "a range of values")?.values();
    let looks: Vec<u32> = top
        .key("looks")?
        .items()?
        .map(|look| look.count())
        .collect::<Result<_, _>>()?;
    let largest = top.key("which")?.text()? == "largest";
    let found = top.key("answers")?;
    let strategies: Vec<String> = found.object()?.keys().cloned().collect();
    let answers = strategies.iter().map(|label| {
        let finding = finding(&found.key(label)?, &values)?;
        Ok(Answer {
            finding,
            probes: Vec::new(),
        })
    });
    let quest = Quest {
        values: values.len(),
        strategies: strategies.len(),
        largest,
        slo,
        confidence: top.key("confidence")?.float()?,
        first: looks.first().copied().unwrap_or(0),
        most: looks.last().copied().unwrap_or(0),
        by_seed: top.key("replicated_by")?.text()? == "seed",
    };
    Ok(Planned {
        version: top.key("sickbay")?.text()?,
        scenario: top.key("scenario")?.text()?,
        question: top.key("question")?.text()?,
        digest: top.key("scenario_digest")?.text()?,
        effective: String::new(),
        seed: top.key("seed")?.whole()?,
        key: top.key("find")?.text()?,
        range: range.text()?,
        answers: answers.collect::<Result<_, String>>()?,
        values,
        strategies,
        quest,
        assumptions: top.key("assumptions")?.texts()?,
    })
}

/// What was found for a strategy.
fn finding(field: &Field<'_>, values: &[String]) -> Result<SearchEnd, String> {
    let place = |key: &str| {
        let field = field.key(key)?;
        let text = field.text()?;
        match text.is_empty() {
            true => Ok(None),
            false => field
                .wants(values.iter().position(|value| *value == text), "a value of the range")
                .map(Some),
        }
    };
    let both = || Ok::<_, String>((place("holds_at")?, place("fails_at")?));
    let word = field.key("finding")?;
    let end = match word.text()?.as_str() {
        EVERYWHERE => Some(SearchEnd::Everywhere),
        NOWHERE => Some(SearchEnd::Nowhere),
        FOUND => {
            let (holds, fails) = both()?;
            holds.map(|holds| SearchEnd::Border { holds, fails })
        }
        TANGLED => match both()? {
            (Some(holds), Some(fails)) => Some(SearchEnd::NotMonotone { holds, fails }),
            _ => None,
        },
        _ => None,
    };
    word.wants(
        end,
        "found, everywhere, nowhere or not monotone, with the values that hold and fail",
    )
}

/// Enters a clause at a value that was looked at: the rows of a value follow each other, in the clauses' order.
fn enter(planned: &mut Planned, row: &Row) -> Result<(), String> {
    let (label, typed) = (from_cell(&row.strategy), from_cell(&row.value));
    let variant = planned.strategies.iter().position(|known| known == label);
    let variant = variant.ok_or_else(|| format!("`{label}` is not a strategy of {JSON}"))?;
    let value = planned.values.iter().position(|known| known == typed);
    let value = value.ok_or_else(|| format!("`{typed}` is not a value of the range in {JSON}"))?;
    let ruling = ruling_of(&row.ruling).ok_or_else(|| format!("`{}` is no ruling", row.ruling))?;
    let clauses = &planned.quest.slo.clauses;
    let probes = &mut planned.answers[variant].probes;
    let open = probes
        .last()
        .is_some_and(|probe| probe.value == value && probe.clauses.len() < clauses.len());
    if !open {
        probes.push(Probe {
            value,
            ruling,
            replications: row.replications,
            undone: row.undone,
            clauses: Vec::new(),
        });
    }
    let Some(probe) = probes.last_mut() else { return Ok(()) };
    if clauses
        .get(probe.clauses.len())
        .is_none_or(|it| it.metric.name != row.metric)
    {
        return Err(format!("`{}` is not the next metric of the objective", row.metric));
    }
    let figures = [&row.mean, &row.lo, &row.hi].map(|text| text.parse().ok());
    probe.clauses.push(match figures {
        [Some(mean), Some(lo), Some(hi)] => Some(Estimate { mean, lo, hi, n: row.n }),
        _ => None,
    });
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::{DrawnFiles, as_read, open, write};
    use super::*;
    use crate::judge::planned::tests;

    #[test]
    fn a_plan_is_read_as_its_files_hold_it() {
        for largest in [false, true] {
            let given = tests::planned(largest);
            let temp = tempfile::tempdir().expect("a folder");
            let folder = temp.path().join("plan");
            write(&given, DrawnFiles::default(), open(&folder, false).expect("opened")).expect("written");
            let found = read(&folder).expect("read");
            let said = |planned: &Planned| format!("{planned:?}");
            assert_eq!(said(&found), said(&as_read(&given).expect("as read")));
            // What is not rounded is the same as ever.
            assert_eq!(found.quest.looks(), given.quest.looks());
            assert_eq!((&found.values, &found.strategies), (&given.values, &given.strategies));
            assert_eq!(found.effective, given.effective);
            for (own, other) in found.answers.iter().zip(&given.answers) {
                assert_eq!(own.finding, other.finding);
                let of = |answer: &Answer| -> Vec<_> {
                    answer
                        .probes
                        .iter()
                        .map(|p| (p.value, p.ruling, p.replications))
                        .collect()
                };
                assert_eq!(of(own), of(other));
            }
        }
    }

    #[test]
    fn what_is_not_as_it_was_written_is_named() {
        let given = tests::planned(false);
        let temp = tempfile::tempdir().expect("a folder");
        let folder = temp.path().join("plan");
        assert!(
            read(&folder)
                .expect_err("missing")
                .to_string()
                .contains("no such folder")
        );
        write(&given, DrawnFiles::default(), open(&folder, false).expect("opened")).expect("written");
        let json = std::fs::read_to_string(folder.join(JSON)).expect("read");
        let csv = std::fs::read_to_string(folder.join(CSV)).expect("read");
        for (from, to, said) in [
            ("\"question\"", "\"quest\"", "`question` is missing"),
            ("\"found\"", "\"lost\"", "found, everywhere"),
            ("\"1..30\"", "\"30\"", "`range` must be a range"),
        ] {
            let why = parse(&folder, &json.replacen(from, to, 1), &csv)
                .expect_err(said)
                .to_string();
            assert!(why.contains(said) && why.contains(JSON), "{why}");
        }
        for (from, to, said) in [
            ("\nwithdraw,", "\nwithdrew,", "plan.csv:3: `withdrew` is not a strategy"),
            (
                ",acceptance,",
                ",acceptance_,",
                "plan.csv:3: `acceptance_` is not the next metric",
            ),
            (",fails,", ",falls,", "`falls` is no ruling"),
        ] {
            let why = parse(&folder, &json, &csv.replacen(from, to, 1))
                .expect_err(said)
                .to_string();
            assert!(why.contains(said), "{why}");
        }
    }
}
