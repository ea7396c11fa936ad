//! The parts of a summary that tell what was asked of a run and what became of it: warm-up, claims, precision, the best.

use serde::{Deserialize, Serialize};

use super::{Named, place, place_of, seconds, span};
use crate::cells::selector::Columns;
use crate::cells::warmup::{SeriesCut, WarmUp};
use crate::judge::claims::{Claims, HeadlineClaim};
use crate::judge::results::{Arm, Results};
use crate::kernel::Time;
use crate::stats::best::BestChosen;
use crate::stats::claims::{Looks, Ruled};
use crate::stats::precision::PrecisionReached;
use crate::stats::width::GoalOf;

/// What was cut, and how that was found.
#[derive(Serialize, Deserialize)]
pub(super) struct WarmUpPart {
    method: Method,
    cut_s: f64,
    share: f64,
    too_much: bool,
    pilot_replications: u32,
    series: Vec<SeriesPart>,
}

#[derive(Serialize, Deserialize)]
enum Method {
    #[serde(rename = "mser-5")]
    Mser5,
    /// By the scenario's key.
    #[serde(rename = "fixed")]
    Typed,
}

#[derive(Serialize, Deserialize)]
struct SeriesPart {
    strategy: String,
    series: String,
    cut_s: f64,
    settled: Settled,
}

#[derive(Serialize, Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Settled {
    Yes,
    No,
}

/// When the claims were looked at, and what was found; the differences themselves stand under `paired`.
#[derive(Serialize, Deserialize)]
pub(super) struct ClaimsPart {
    until_decided: bool,
    short_of_budget: bool,
    confidence: f64,
    share_the_error: usize,
    looks: Vec<u32>,
    all: Vec<ClaimPart>,
}

#[derive(Serialize, Deserialize)]
struct ClaimPart {
    metric: String,
    strategy: String,
    verdict: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    decided_at: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    needs: Option<u64>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct PrecisionPart {
    metric: String,
    of: Of,
    confidence: f64,
    met: bool,
    max_replications: u32,
    half_widths: Named<WidthPart>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reached_at: Option<u32>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Of {
    Mean,
    Difference,
}

#[derive(Serialize, Deserialize)]
struct WidthPart {
    half_width: f64,
    wanted: f64,
}

#[derive(Serialize, Deserialize)]
pub(super) struct BestPart {
    metric: String,
    indifference: f64,
    confidence: f64,
    procedure: String,
    decided: bool,
    first_stage: u32,
    max_replications: u32,
    left: Vec<String>,
    let_go_at: Named<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    decided_at: Option<u32>,
}

impl WarmUpPart {
    pub(super) fn of(it: &WarmUp) -> WarmUpPart {
        let series = it.series.iter().map(|it| SeriesPart {
            strategy: it.strategy.clone(),
            series: it.series.clone(),
            cut_s: seconds(it.cut),
            settled: if it.settled { Settled::Yes } else { Settled::No },
        });
        WarmUpPart {
            method: if it.found { Method::Mser5 } else { Method::Typed },
            cut_s: seconds(it.cut),
            share: it.share(),
            too_much: it.too_much(),
            pilot_replications: it.pilots,
            series: series.collect(),
        }
    }

    pub(super) fn read(&self, horizon: Time) -> WarmUp {
        let series = self.series.iter().map(|it| SeriesCut {
            strategy: it.strategy.clone(),
            series: it.series.clone(),
            cut: span(it.cut_s),
            settled: it.settled == Settled::Yes,
        });
        WarmUp {
            found: matches!(self.method, Method::Mser5),
            cut: span(self.cut_s),
            horizon,
            pilots: self.pilot_replications,
            series: series.collect(),
        }
    }
}

impl ClaimsPart {
    pub(super) fn of(results: &Results) -> ClaimsPart {
        let Claims {
            all,
            looks,
            until_decided,
            short,
        } = &results.claims;
        let claim = |claim: &HeadlineClaim| ClaimPart {
            metric: results.columns[claim.column].name.to_owned(),
            strategy: results
                .arms
                .get(claim.arm)
                .map_or_else(String::new, |arm| arm.label.clone()),
            verdict: claim.ruled.paired.verdict.word().to_owned(),
            decided_at: claim.ruled.at,
            needs: claim.ruled.needs,
        };
        ClaimsPart {
            until_decided: *until_decided,
            short_of_budget: *short,
            confidence: looks.confidence,
            share_the_error: looks.claims,
            looks: looks.at.clone(),
            all: all.iter().map(claim).collect(),
        }
    }

    pub(super) fn read(&self, columns: &Columns, arms: &[Arm]) -> Result<Claims, String> {
        let claim = |it: &ClaimPart| {
            let (column, arm) = (place(columns, &it.metric)?, place_of(arms, &it.strategy)?);
            let missing = || format!("`paired.{}` lacks `{}`, which is claimed", it.strategy, it.metric);
            let paired = arms[arm].paired[column].ok_or_else(missing)?;
            let ruled = Ruled {
                paired,
                at: it.decided_at,
                needs: it.needs,
            };
            Ok(HeadlineClaim { column, arm, ruled })
        };
        Ok(Claims {
            all: self.all.iter().map(claim).collect::<Result<_, String>>()?,
            looks: Looks {
                at: self.looks.clone(),
                claims: self.share_the_error,
                confidence: self.confidence,
            },
            until_decided: self.until_decided,
            short: self.short_of_budget,
        })
    }
}

fn label(results: &Results, arm: usize) -> String {
    results.arms.get(arm).map_or_else(String::new, |arm| arm.label.clone())
}

impl PrecisionPart {
    pub(super) fn of(results: &Results, it: &PrecisionReached) -> PrecisionPart {
        let widths = it.half_widths.iter().filter_map(|(at, widths)| {
            let (half_width, wanted) = (*widths)?;
            Some((label(results, *at), WidthPart { half_width, wanted }))
        });
        PrecisionPart {
            metric: results.columns[it.column].name.to_owned(),
            of: match it.of {
                GoalOf::Mean => Of::Mean,
                GoalOf::Difference => Of::Difference,
            },
            confidence: it.confidence,
            met: it.at.is_some(),
            max_replications: it.budget,
            half_widths: widths.collect(),
            reached_at: it.at,
        }
    }

    pub(super) fn read(&self, columns: &Columns, arms: &[Arm], baseline: usize) -> Result<PrecisionReached, String> {
        let of = match self.of {
            Of::Mean => GoalOf::Mean,
            Of::Difference => GoalOf::Difference,
        };
        let widths = |(at, arm): (usize, &Arm)| {
            let own = self.half_widths.get(&arm.label);
            (at, own.map(|own| (own.half_width, own.wanted)))
        };
        // Differences are asked of all but the baseline.
        let asked = arms
            .iter()
            .enumerate()
            .filter(|(at, _)| of == GoalOf::Mean || *at != baseline);
        Ok(PrecisionReached {
            column: place(columns, &self.metric)?,
            of,
            confidence: self.confidence,
            at: self.reached_at,
            budget: self.max_replications,
            half_widths: asked.map(widths).collect(),
        })
    }
}

impl BestPart {
    pub(super) fn of(results: &Results, it: &BestChosen) -> BestPart {
        let let_go = it.let_go.iter().map(|(at, n)| (label(results, *at), *n));
        BestPart {
            metric: results.columns[it.column].name.to_owned(),
            indifference: it.indifference,
            confidence: it.confidence,
            procedure: "KN".to_owned(),
            decided: it.at.is_some(),
            first_stage: it.first,
            max_replications: it.budget,
            left: it.left.iter().map(|at| label(results, *at)).collect(),
            let_go_at: let_go.collect(),
            decided_at: it.at,
        }
    }

    pub(super) fn read(&self, columns: &Columns, arms: &[Arm]) -> Result<BestChosen, String> {
        let left = self.left.iter().map(|label| place_of(arms, label));
        let let_go = self.let_go_at.iter().map(|(label, n)| Ok((place_of(arms, label)?, *n)));
        Ok(BestChosen {
            column: place(columns, &self.metric)?,
            indifference: self.indifference,
            confidence: self.confidence,
            first: self.first_stage,
            at: self.decided_at,
            budget: self.max_replications,
            left: left.collect::<Result<_, _>>()?,
            let_go: let_go.collect::<Result<_, String>>()?,
        })
    }
}
