//! Reads the folder of `robust` back.

use std::path::Path;

use super::{CSV, JSON, Row, SCENARIO, WRITER};
use crate::cells::columns::{COLUMNS, column};
use crate::judge::robust::{BoxTried, ClaimState, ClaimTried, KeyTried, RobustQuest, RobustSizes, Robustness};
use crate::kernel::text::from_cell;
use crate::scenario::{Plausible, PlausibleRange, Problem};
use crate::stats::breakeven::BreakEven;
use crate::stats::compare::{Paired, Verdict};
use crate::stats::estimate::Interval;
use crate::stats::ranks::RankRegression;
use crate::store::again::lasting;
use crate::store::disk::os::read_text;
use crate::store::disk::sealed::verify;
use crate::store::error::{FolderError, at};
use crate::store::field::{Field, document};
use crate::store::kind::there;
use crate::store::tables;

/// Reads the folder, which must be whole. Of a difference the files hold the mean, the interval and whether the claim holds.
///
/// # Errors
/// When a file is missing or is not as it was written; the error names the file and the line or key.
pub fn read(folder: &Path) -> Result<Robustness, FolderError> {
    there(folder)?;
    verify(folder, WRITER, JSON, lasting)?;
    let text = |name: &str| {
        let path = folder.join(name);
        read_text(&path).map_err(at(&path))
    };
    let robust = parse(folder, &text(JSON)?, &text(CSV)?);
    let mut robust = robust.map_err(|why| why.outdated(WRITER))?;
    robust.effective = tables::effective(&folder.join(SCENARIO)).unwrap_or_default();
    Ok(robust)
}

/// What the two files tell of; the scenario is not among them.
pub(super) fn parse(folder: &Path, json: &str, csv: &str) -> Result<Robustness, FolderError> {
    let mut robust = document(json, &folder.join(JSON), robustness)?;
    let rows = |row: Row| enter(&mut robust, &row);
    tables::each_of(csv, &folder.join(CSV), rows)?;
    Ok(robust)
}

fn robustness(top: &Field<'_>) -> Result<Robustness, String> {
    let quest = quest(top)?;
    let claims = top.key("claims")?;
    let claims = claims.items()?.map(|field| claim(&field, &quest));
    Ok(Robustness {
        version: top.key("sickbay")?.text()?,
        scenario: top.key("scenario")?.text()?,
        question: top.key("question")?.text()?,
        digest: top.key("scenario_digest")?.text()?,
        effective: String::new(),
        claims: claims.collect::<Result<_, String>>()?,
        assumptions: top.key("assumptions")?.texts()?,
        quest,
    })
}

fn quest(top: &Field<'_>) -> Result<RobustQuest, String> {
    let range = |field: Field<'_>| {
        let [low, high] = ["low", "high"].map(|key| field.key(key)?.text());
        let range = PlausibleRange::parse(&format!("{}..{}", low?, high?));
        Ok(Plausible {
            key: field.key("key")?.text()?,
            own: field.key("own_toml")?.text()?,
            range: range.map_err(|why| format!("`{}`: {why}", field.path))?,
            source: field.key("source")?.text()?,
            place: Problem::default(),
        })
    };
    let ranges = top.key("ranges")?.items()?.map(range).collect::<Result<_, String>>()?;
    let strategies = top.key("strategies")?.texts()?;
    let baseline = top.key("baseline")?;
    let named = baseline.text()?;
    let place = strategies.iter().position(|label| *label == named);
    let place = baseline.wants(place, "one of the strategies")?;
    let metrics = top.key("metrics")?;
    let columns = metrics.items()?.map(|metric| metric_of(&metric));
    let columns = columns.collect::<Result<_, String>>()?;
    let sizes = RobustSizes {
        replications: top.key("replications")?.count()?,
        samples: top.key("box_points")?.count()?,
        box_replications: top.key("box_replications")?.count()?,
    };
    let luck = (top.key("confidence")?.float()?, top.key("seed")?.whole()?);
    Ok(RobustQuest::new(ranges, columns, (strategies, place), sizes, luck))
}

fn metric_of(field: &Field<'_>) -> Result<usize, String> {
    field.wants(column(&field.text()?), "a metric of this version")
}

fn claim(field: &Field<'_>, quest: &RobustQuest) -> Result<ClaimTried, String> {
    let label = field.key("strategy")?;
    let named = label.text()?;
    let strategy = quest.strategies.iter().position(|known| *known == named);
    let word = field.key("verdict")?;
    let said = word.text()?;
    let verdict = [Verdict::Better, Verdict::Worse]
        .into_iter()
        .find(|it| it.word() == said);
    let [diff, lo, hi] = ["diff", "lo", "hi"].map(|key| field.key(key)?.float());
    let keys = field.key("keys")?;
    let key = |range: &Plausible| along(&keys.key(&range.key)?);
    Ok(ClaimTried {
        column: metric_of(&field.key("metric")?)?,
        strategy: label.wants(strategy, "one of the strategies")?,
        own: difference((diff?, lo?, hi?), 0, word.wants(verdict, "better or worse")?),
        keys: quest.ranges.iter().map(key).collect::<Result<_, String>>()?,
        in_box: in_box(field, quest)?,
    })
}

/// A claim along a range, as yet without the places that were looked at.
fn along(field: &Field<'_>) -> Result<KeyTried, String> {
    let crosses = field.key("crosses")?.flag()?;
    let mut tried = KeyTried {
        looks: Vec::new(),
        crosses,
        break_even: None,
        above: false,
    };
    if let Some(at) = field.maybe("part") {
        tried.break_even = Some(BreakEven {
            at: at.float()?,
            lo: field.key("part_lo")?.float()?,
            hi: field.key("part_hi")?.float()?,
            without: field.key("resamples_without")?.float()?,
        });
        tried.above = field.key("holds")?.text()? == "above";
    }
    Ok(tried)
}

/// A claim in all ranges at once: how often it stands so is kept, and not where.
fn in_box(field: &Field<'_>, quest: &RobustQuest) -> Result<BoxTried, String> {
    let shares = field.key("box")?;
    let mut states = Vec::new();
    for state in [ClaimState::Held, ClaimState::Open, ClaimState::Reversed] {
        let share = shares.key(state.word())?.float()?;
        let times = (share * f64::from(quest.samples)).round() as usize;
        states.extend(std::iter::repeat_n(state, times.min(quest.samples as usize)));
    }
    let ranks = field.key("ranks")?;
    let coefficients = ranks.items()?.map(|rank| rank.float()).collect::<Result<_, String>>()?;
    let regression = match shares.maybe("r2") {
        None => None,
        Some(r2) => Some(RankRegression {
            r2: r2.float()?,
            coefficients,
        }),
    };
    Ok(BoxTried { states, regression })
}

fn difference((diff, lo, hi): (f64, f64, f64), n: u32, verdict: Verdict) -> Paired {
    Paired {
        diff,
        lo,
        hi,
        n,
        verdict,
        alone: Interval { lo, hi },
        deviation: 0.0,
        matters: 0.0,
        variance_reduction: None,
    }
}

/// Enters what was found at a place; without a key, at the scenario's own values.
fn enter(robust: &mut Robustness, row: &Row) -> Result<(), String> {
    let (label, key) = (from_cell(&row.strategy), from_cell(&row.key));
    let (strategies, ranges) = (&robust.quest.strategies, &robust.quest.ranges);
    let claim = robust
        .claims
        .iter_mut()
        .find(|claim| strategies[claim.strategy] == label && COLUMNS[claim.column].name == row.metric);
    let claim = claim.ok_or_else(|| format!("`{label}` has no claim in `{}` in {JSON}", row.metric))?;
    if key.is_empty() {
        claim.own.n = row.n;
        return Ok(());
    }
    let place = ranges.iter().position(|range| range.key == key);
    let place = place.ok_or_else(|| format!("`{key}` is no range in {JSON}"))?;
    let part: f64 = row
        .part
        .parse()
        .map_err(|_| format!("`{}` is no part of a range", row.part))?;
    let state = ClaimState::named(&row.state).ok_or_else(|| format!("`{}` is no state of a claim", row.state))?;
    let figures = [&row.diff, &row.lo, &row.hi].map(|text| text.parse().ok());
    let found = match figures {
        [Some(diff), Some(lo), Some(hi)] => Some(difference((diff, lo, hi), row.n, state.verdict(claim.own.verdict))),
        _ => None,
    };
    claim.keys[place].looks.push((part, found));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::{DrawnFiles, as_read, document, open, table, write};
    use super::*;
    use crate::judge::robust::sample::robustness;

    #[test]
    fn what_was_found_is_read_as_its_files_hold_it() {
        let given = robustness();
        let temp = tempfile::tempdir().expect("a folder");
        let folder = temp.path().join("robust");
        write(
            &given,
            None,
            DrawnFiles::default(),
            open(&folder, false).expect("opened"),
        )
        .expect("written");
        let found = read(&folder).expect("read");
        let said = |robust: &Robustness| format!("{robust:?}");
        assert_eq!(said(&found), said(&as_read(&given).expect("as read")));
        assert_eq!(found.effective, given.effective);
        assert_eq!(found.quest.settings(1), given.quest.settings(1));
        assert_eq!(found.carries(), given.carries());
        for (own, other) in found.claims.iter().zip(&given.claims) {
            assert_eq!(
                (own.column, own.strategy, own.own.verdict),
                (other.column, other.strategy, other.own.verdict)
            );
            assert_eq!(
                (own.own.n, own.in_box.states.len()),
                (other.own.n, other.in_box.states.len())
            );
            for (own, other) in own.keys.iter().zip(&other.keys) {
                let states = |tried: &KeyTried| tried.ends(Verdict::Better);
                let places = |tried: &KeyTried| tried.looks.iter().map(|look| look.0).collect::<Vec<_>>();
                assert_eq!(
                    (states(own), places(own), own.above),
                    (states(other), places(other), other.above)
                );
            }
        }
        // A second writing and reading changes nothing more.
        assert_eq!(said(&as_read(&found).expect("as read")), said(&found));
    }

    #[test]
    fn what_is_not_as_it_was_written_is_named() {
        let given = robustness();
        let json = document(&given, None);
        let csv = String::from_utf8(table(&given, "sickbay").expect("a table"))
            .expect("text")
            .replacen("# sickbay", "# sickbay x", 1);
        assert!(parse(Path::new(""), &json, &csv).is_ok());
        for (from, to, said) in [
            ("\"question\"", "\"quest\"", "`question` is missing"),
            ("\"own_toml\"", "\"own_text\"", "`ranges.0.own_toml` is missing"),
            ("\"better\"", "\"best\"", "`claims.0.verdict` must be better or worse"),
        ] {
            let why = parse(Path::new(""), &json.replacen(from, to, 1), &csv)
                .expect_err(said)
                .to_string();
            assert!(why.contains(said), "{why}");
        }
        for (from, to, said) in [
            ("\nhidden,", "\nhiding,", "robust.csv:3: `hiding` has no claim"),
            (",reversed,", ",turned,", "`turned` is no state"),
        ] {
            let why = parse(Path::new(""), &json, &csv.replacen(from, to, 1))
                .expect_err(said)
                .to_string();
            assert!(why.contains(said), "{why}");
        }
    }
}
