//! The folder of `robust`: `robust.json`, `robust.csv` with every point that was looked at along a range, the scenario, the
//! figures and the page.

mod read;

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::again::DrawnFiles;
use super::disk::sealed::verify;
use super::disk::target::{Target, Wish};
use super::error::FolderError;
use super::json;
use super::kind::FolderKind;
use super::tables;
use crate::cells::columns::COLUMNS;
use crate::judge::robust::{ClaimState, ClaimTried, KeyTried, Robustness, provenance};
use crate::kernel::number::fixed;
use crate::kernel::text::to_cell;
use crate::scenario::Plausible;
use crate::stats::compare::Paired;
pub use read::read;

const JSON: &str = "robust.json";
const CSV: &str = "robust.csv";
const SCENARIO: &str = "scenario.toml";

/// The name under which a folder's manifest lists the files of `robust`.
const WRITER: &str = FolderKind::Robust.writer();

/// Opens the folder `out`, so that it can be asked before anything runs.
///
/// # Errors
/// When the folder may not be written, holds what `robust` did not write, or is being written.
pub fn open(out: &Path, replace: bool) -> Result<Target, FolderError> {
    Ok(Target::open(out, Wish::whole(WRITER, replace))?)
}

/// Writes the folder with what has been drawn and the sentence on what most hangs on, if there is one; gives the files.
///
/// # Errors
/// When the file system refuses.
pub fn write(
    robust: &Robustness,
    carried: Option<&str>,
    drawn: DrawnFiles,
    target: Target,
) -> Result<Vec<PathBuf>, FolderError> {
    let mark = provenance(robust);
    let mut files = vec![
        (PathBuf::from(JSON), document(robust, carried).into_bytes()),
        (PathBuf::from(CSV), table(robust, &mark)?),
        (PathBuf::from(SCENARIO), tables::scenario(&mark, &robust.effective)),
    ];
    files.extend(drawn.files());
    Ok(target.write(&files, &mark)?)
}

/// What was found as its files hold it, so that what is drawn now and what is drawn after reading are the same bytes.
///
/// # Errors
/// When it cannot be written.
pub fn as_read(robust: &Robustness) -> Result<Robustness, FolderError> {
    let table = String::from_utf8_lossy(&table(robust, &provenance(robust))?).into_owned();
    let mut read = read::parse(Path::new(""), &document(robust, None), &table)?;
    read.effective.clone_from(&robust.effective);
    Ok(read)
}

/// What most hangs on, as `robust` wrote it into a folder for the scenario of this digest; none where there is no such folder,
/// it is another scenario's, or its file is not as it was written.
#[must_use]
pub fn carried(folder: &Path, digest: &str) -> Option<String> {
    verify(folder, WRITER, JSON, |file| file == JSON).ok()?;
    let bytes = std::fs::read(folder.join(JSON)).ok()?;
    let json: serde_json::Value = serde_json::from_slice(&bytes).ok()?;
    let own = json.get("scenario_digest")?.as_str()? == digest;
    own.then(|| json.get("carried_by")?.as_str().map(str::to_owned))
        .flatten()
}

fn document(robust: &Robustness, carried: Option<&str>) -> String {
    let quest = &robust.quest;
    let range = |range: &Plausible| {
        let (low, high) = range.range.words();
        let own = range.own.trim_matches('"');
        json!({
            "key": range.key,
            "own": own,
            "own_toml": range.own,
            "low": low,
            "high": high,
            "source": range.source,
        })
    };
    let mut document = json!({
        "sickbay": robust.version,
        "scenario": robust.scenario,
        "question": robust.question,
        "scenario_digest": robust.digest,
        "seed": quest.seed,
        "strategies": quest.strategies,
        "baseline": quest.strategies[quest.baseline],
        "metrics": quest.columns.iter().map(|&at| COLUMNS[at].name).collect::<Vec<_>>(),
        "replications": quest.replications,
        "box_points": quest.samples,
        "box_replications": quest.box_replications,
        "confidence": quest.confidence,
    });
    if let Some(said) = carried {
        document["carried_by"] = said.into();
    }
    document["assumptions"] = json!(robust.assumptions);
    document["ranges"] = quest.ranges.iter().map(range).collect();
    document["claims"] = robust.claims.iter().map(|claim| of_claim(robust, claim)).collect();
    json::document(&document)
}

fn of_claim(robust: &Robustness, claim: &ClaimTried) -> Value {
    let ranges = &robust.quest.ranges;
    let column = &COLUMNS[claim.column];
    let mut in_box = json!({
        "held": claim.in_box.share(ClaimState::Held),
        "open": claim.in_box.share(ClaimState::Open),
        "reversed": claim.in_box.share(ClaimState::Reversed),
    });
    if let Some(regression) = &claim.in_box.regression {
        in_box["r2"] = regression.r2.into();
    }
    let ranks = claim.in_box.regression.as_ref().map(|it| &it.coefficients[..]);
    let decides = claim.in_box.decides().unwrap_or_default();
    let decides = ranges.iter().zip(decides);
    let decides: Map<String, Value> = decides.map(|(range, part)| (range.key.clone(), part.into())).collect();
    let keys = ranges.iter().zip(&claim.keys);
    let keys: Map<String, Value> = keys
        .map(|(range, tried)| (range.key.clone(), of_key(range, tried, claim)))
        .collect();
    json!({
        "strategy": robust.quest.strategies[claim.strategy],
        "metric": column.name,
        "unit": column.unit,
        "verdict": claim.own.verdict.word(),
        "diff": claim.own.diff,
        "lo": claim.own.lo,
        "hi": claim.own.hi,
        "box": in_box,
        "decides": decides,
        "ranks": ranks.unwrap_or_default(),
        "keys": keys,
    })
}

fn of_key(range: &Plausible, tried: &KeyTried, claim: &ClaimTried) -> Value {
    let (low, high) = tried.ends(claim.own.verdict);
    let mut key = json!({ "low": low.word(), "high": high.word(), "crosses": tried.crosses });
    if let Some(even) = tried.break_even {
        let value = |part: f64| range.range.at(part).trim_matches('"').to_owned();
        key["break_even"] = value(even.at).into();
        key["break_even_lo"] = value(even.lo).into();
        key["break_even_hi"] = value(even.hi).into();
        key["holds"] = if tried.above { "above" } else { "below" }.into();
        key["part"] = even.at.into();
        key["part_lo"] = even.lo.into();
        key["part_hi"] = even.hi.into();
        key["resamples_without"] = even.without.into();
    }
    key
}

/// Every point along a range, a line for each claim.
fn table(robust: &Robustness, mark: &str) -> Result<Vec<u8>, FolderError> {
    let mut rows = Vec::new();
    for claim in &robust.claims {
        let row = |key: &str, (part, value): (Option<f64>, &str), found: Option<Paired>| {
            let of = |figure: fn(&Paired) -> f64| found.as_ref().map(figure).map_or_else(String::new, fixed);
            Row {
                strategy: to_cell(&robust.quest.strategies[claim.strategy]).into_owned(),
                metric: COLUMNS[claim.column].name.to_owned(),
                unit: COLUMNS[claim.column].unit.to_owned(),
                key: to_cell(key).into_owned(),
                part: part.map_or_else(String::new, exact),
                value: to_cell(value).into_owned(),
                state: ClaimState::of(claim.own.verdict, found).word().to_owned(),
                diff: of(|found| found.diff),
                lo: of(|found| found.lo),
                hi: of(|found| found.hi),
                n: found.map_or(0, |found| found.n),
            }
        };
        rows.push(row("", (None, ""), Some(claim.own)));
        for (range, tried) in robust.quest.ranges.iter().zip(&claim.keys) {
            for (part, found) in &tried.looks {
                let value = range.range.at(*part);
                rows.push(row(&range.key, (Some(*part), value.trim_matches('"')), *found));
            }
        }
    }
    tables::table(mark, &rows)
}

/// A part of a range in all its digits: places are binary fractions, of which six decimals are not the whole.
fn exact(part: f64) -> String {
    part.to_string()
}

/// A line of robust.csv: a claim at a point along a range; without a key, at the scenario's own values.
#[derive(Default, Serialize, Deserialize)]
struct Row {
    strategy: String,
    metric: String,
    unit: String,
    key: String,
    part: String,
    value: String,
    state: String,
    diff: String,
    lo: String,
    hi: String,
    n: u32,
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::judge::robust::sample::robustness;

    #[test]
    fn a_folder_is_written_whole_and_what_carries_it_is_read_back_for_its_scenario_alone() {
        let temp = tempfile::tempdir().expect("tempdir");
        let out = temp.path().join("robust");
        let robust = robustness();
        let target = open(&out, false).expect("opened");
        let files = write(
            &robust,
            Some("Most hangs on it."),
            DrawnFiles {
                figures: vec![("a.svg".to_owned(), Vec::new())],
                page: Vec::new(),
            },
            target,
        );
        assert_eq!(files.expect("written").len(), 6);
        let json: serde_json::Value = serde_json::from_slice(&fs::read(out.join(JSON)).expect("read")).expect("JSON");
        let claim = &json["claims"][0];
        assert_eq!(claim["box"]["held"], 0.75);
        let key = &claim["keys"]["scenario.strategies.withdraw.out_of_band"];
        assert_eq!(
            (key["low"].as_str(), key["holds"].as_str()),
            (Some("reversed"), Some("above"))
        );
        let csv = fs::read_to_string(out.join(CSV)).expect("read");
        assert!(
            csv.contains("\nhidden,errand_wait_p50,h,operators.slip,0,0.003,held,-1.4"),
            "{csv}"
        );
        assert_eq!(carried(&out, &robust.digest).as_deref(), Some("Most hangs on it."));
        assert_eq!(carried(&out, "another"), None);
        fs::write(out.join(JSON), "{}").expect("edited");
        assert_eq!(carried(&out, &robust.digest), None);
    }
}
