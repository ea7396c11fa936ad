//! Reads back what runs of this version have beside means and differences: pooled quantiles, rare events, all pairs and
//! what became of goals. Folders without them have none.

use super::difference;
use crate::cells::outcome::DecisionsLeft;
use crate::cells::selector::Columns;
use crate::judge::claims::{Claims, HeadlineClaim};
use crate::judge::results::{Arm, ErrandWaits, Happened};
use crate::stats::best::BestChosen;
use crate::stats::claims::{Looks, Ruled};
use crate::stats::compare::Pair;
use crate::stats::estimate::Interval;
use crate::stats::pooled::Pooled;
use crate::stats::precision::PrecisionReached;
use crate::stats::width::GoalOf;
use crate::store::field::Field;

/// What was read of each column that an object names, with its place; of no object nothing.
fn known<T: Clone>(
    field: Option<Field<'_>>,
    columns: &Columns,
    read: impl Fn(&Field<'_>) -> Result<T, String>,
) -> Result<impl Iterator<Item = (usize, T)>, String> {
    let all = field
        .map(|field| field.by_column(columns, read))
        .transpose()?
        .unwrap_or_default();
    let placed = all.into_iter().enumerate();
    Ok(placed.filter_map(|(column, item)| Some((column, item?))))
}

pub(super) fn pooled(arm: &Field<'_>, columns: &Columns) -> Result<Vec<Pooled>, String> {
    let all = known(arm.maybe("pooled_quantiles"), columns, |f| {
        Ok(Pooled {
            column: 0,
            value: f.key("value")?.float()?,
            lo: f.key("lo")?.float()?,
            hi: f.key("hi")?.float()?,
            n: f.key("n")?.count()?,
            samples: f.key("samples")?.whole()?,
        })
    })?;
    Ok(all.map(|(column, it)| Pooled { column, ..it }).collect())
}

pub(super) fn happened(arm: &Field<'_>, columns: &Columns) -> Result<Vec<Happened>, String> {
    let all = known(arm.maybe("happened_in"), columns, |f| {
        Ok(Happened {
            column: 0,
            hits: f.key("replications")?.count()?,
            n: f.key("n")?.count()?,
            share: Interval {
                lo: f.key("lo")?.float()?,
                hi: f.key("hi")?.float()?,
            },
        })
    })?;
    Ok(all.map(|(column, it)| Happened { column, ..it }).collect())
}

/// How many decisions are in no file; none in folders of the time before decisions were told.
pub(super) fn decisions_left(arm: &Field<'_>) -> Result<DecisionsLeft, String> {
    let Some(field) = arm.maybe("decisions_left_out") else {
        return Ok(DecisionsLeft::default());
    };
    Ok(DecisionsLeft {
        refused: field.key("refused")?.whole()?,
        misplaced: field.key("misplaced")?.whole()?,
    })
}

/// How many errands there were; how they waited is in a file of its own.
pub(super) fn errand_waits(arm: &Field<'_>) -> Result<Option<ErrandWaits>, String> {
    let Some(field) = arm.maybe("errand_waits") else {
        return Ok(None);
    };
    Ok(Some(ErrandWaits {
        errands: field.key("errands")?.whole()?,
        served: field.key("served")?.whole()?,
        steps: Vec::new(),
    }))
}

/// All pairs: `LABEL - LABEL`.
pub(super) fn pairs(top: &Field<'_>, columns: &Columns, arms: &[Arm]) -> Result<Vec<Pair>, String> {
    let Some(field) = top.maybe("pairs") else {
        return Ok(Vec::new());
    };
    let mut pairs = Vec::new();
    for one in 0..arms.len() {
        for other in one + 1..arms.len() {
            let pair = field.key(&format!("{} - {}", arms[one].label, arms[other].label))?;
            pairs.push(Pair {
                one,
                other,
                differences: pair.by_column(columns, difference)?,
            });
        }
    }
    Ok(pairs)
}

pub(super) fn letters(top: &Field<'_>, columns: &Columns, arms: &[Arm]) -> Result<Vec<Vec<String>>, String> {
    let Some(field) = top.maybe("letters") else {
        return Ok(Vec::new());
    };
    let own = |f: &Field<'_>| {
        arms.iter()
            .map(|arm| f.key(&arm.label)?.text())
            .collect::<Result<Vec<_>, _>>()
    };
    let all = field.by_column(columns, own)?;
    Ok(all.into_iter().map(Option::unwrap_or_default).collect())
}

/// The place of a strategy by its label.
fn place_of(arms: &[Arm], label: &str) -> Result<usize, String> {
    let place = arms.iter().position(|arm| arm.label == label);
    place.ok_or_else(|| format!("`{label}` is not among the strategies"))
}

fn metric(field: &Field<'_>, columns: &Columns) -> Result<usize, String> {
    let name = field.key("metric")?.text()?;
    let known = columns.placed(&name).map(|(at, _)| at);
    known.ok_or_else(|| format!("`{name}` is not a metric of this version"))
}

/// The claims; of a folder that was written before there were any, none.
pub(super) fn claims(top: &Field<'_>, columns: &Columns, arms: &[Arm]) -> Result<Claims, String> {
    let Some(field) = top.maybe("claims") else {
        return Ok(Claims::default());
    };
    let one = |f: Field<'_>| {
        let (column, label) = (metric(&f, columns)?, f.key("strategy")?.text()?);
        let arm = place_of(arms, &label)?;
        let paired = arms[arm].paired[column];
        let ruled = Ruled {
            paired: paired.ok_or_else(|| format!("`paired.{label}` lacks what `{}` is about", f.path))?,
            at: f.maybe("decided_at").map(|f| f.count()).transpose()?,
            needs: f.maybe("needs").map(|f| f.whole()).transpose()?,
        };
        Ok(HeadlineClaim { column, arm, ruled })
    };
    let looks = Looks {
        at: field
            .key("looks")?
            .items()?
            .map(|f| f.count())
            .collect::<Result<_, _>>()?,
        claims: field.key("share_the_error")?.count()? as usize,
        confidence: field.key("confidence")?.float()?,
    };
    Ok(Claims {
        all: field.key("all")?.items()?.map(one).collect::<Result<_, String>>()?,
        looks,
        until_decided: field.key("until_decided")?.flag()?,
        short: field.key("short_of_budget")?.flag()?,
    })
}

pub(super) fn precision(top: &Field<'_>, columns: &Columns, arms: &[Arm]) -> Result<Option<PrecisionReached>, String> {
    let Some(field) = top.maybe("precision") else {
        return Ok(None);
    };
    let of = match field.key("of")?.text()?.as_str() {
        "mean" => GoalOf::Mean,
        "difference" => GoalOf::Difference,
        other => return Err(format!("`precision.of` is `{other}`, neither mean nor difference")),
    };
    let widths = field.key("half_widths")?;
    let own = |(at, arm): (usize, &Arm)| -> Result<_, String> {
        let Some(own) = widths.maybe(&arm.label) else {
            return Ok((at, None));
        };
        Ok((at, Some((own.key("half_width")?.float()?, own.key("wanted")?.float()?))))
    };
    // Differences are asked of all but the baseline.
    let baseline = top.key("paired")?.key("baseline")?.text()?;
    let asked = arms
        .iter()
        .enumerate()
        .filter(|(_, arm)| of == GoalOf::Mean || arm.label != baseline);
    Ok(Some(PrecisionReached {
        column: metric(&field, columns)?,
        of,
        confidence: field.key("confidence")?.float()?,
        at: field.maybe("reached_at").map(|f| f.count()).transpose()?,
        budget: field.key("max_replications")?.count()?,
        half_widths: asked.map(own).collect::<Result<_, _>>()?,
    }))
}

pub(super) fn best(top: &Field<'_>, columns: &Columns, arms: &[Arm]) -> Result<Option<BestChosen>, String> {
    let Some(field) = top.maybe("best") else {
        return Ok(None);
    };
    let left = field.key("left")?.texts()?;
    let let_go = field.key("let_go_at")?;
    let gone = |label: &String| Ok((place_of(arms, label)?, let_go.key(label)?.count()?));
    Ok(Some(BestChosen {
        column: metric(&field, columns)?,
        indifference: field.key("indifference")?.float()?,
        confidence: field.key("confidence")?.float()?,
        first: field.key("first_stage")?.count()?,
        at: field.maybe("decided_at").map(|f| f.count()).transpose()?,
        budget: field.key("max_replications")?.count()?,
        left: left
            .iter()
            .map(|label| place_of(arms, label))
            .collect::<Result<_, _>>()?,
        let_go: let_go.object()?.keys().map(gone).collect::<Result<_, String>>()?,
    }))
}
