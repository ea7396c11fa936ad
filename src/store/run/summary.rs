//! `summary.json`: everything of a run but its values and logs.

mod costs;
mod goals;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use crate::cells::outcome::{DecisionsLeft, Log};
use crate::cells::selector::Columns;
use crate::judge::compared::ComparedLine;
use crate::judge::results::{Arm, ErrandWaits, Happened, Results, UndoneCampaign, shown};
use crate::kernel::{Span, Time};
use crate::stats::compare::{Pair, Paired, Verdict};
use crate::stats::estimate::{Estimate, Interval};
use crate::stats::pooled::Pooled;
use costs::CostsPart;
use goals::{BestPart, ClaimsPart, PrecisionPart, WarmUpPart};

/// By the name of a metric or the label of a strategy.
type Named<T> = IndexMap<String, T>;

/// The document.
#[derive(Serialize, Deserialize)]
pub(super) struct SummaryFile {
    sickbay: String,
    scenario: String,
    scenario_digest: String,
    question: String,
    epoch: String,
    horizon_s: f64,
    seed: u64,
    replications: u32,
    partial: bool,
    confidence: f64,
    shown: Vec<String>,
    assumptions: Vec<String>,
    /// By campaign, what is said of it.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    campaigns_undone: Named<String>,
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    compared: Named<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    warm_up: Option<WarmUpPart>,
    #[serde(skip_serializing_if = "Option::is_none")]
    precision: Option<PrecisionPart>,
    #[serde(skip_serializing_if = "Option::is_none")]
    best: Option<BestPart>,
    #[serde(skip_serializing_if = "Option::is_none")]
    costs: Option<CostsPart>,
    claims: ClaimsPart,
    strategies: Named<StrategyPart>,
    paired: AgainstPart,
    /// All pairs, of the metrics that are shown: LABEL less LABEL.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pairs: Named<Named<DifferencePart>>,
    /// Strategies that share a letter are not decided.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    letters: Named<Named<String>>,
}

#[derive(Serialize, Deserialize)]
struct StrategyPart {
    digest: String,
    folder: String,
    metrics: Named<FigurePart>,
    pooled_quantiles: Named<PooledPart>,
    happened_in: Named<HappenedPart>,
    #[serde(skip_serializing_if = "Option::is_none")]
    errand_waits: Option<WaitsPart>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    decisions_left_out: Option<LeftPart>,
}

#[derive(Serialize, Deserialize)]
struct FigurePart {
    mean: f64,
    lo: f64,
    hi: f64,
    n: u32,
    unit: String,
}

#[derive(Serialize, Deserialize)]
struct PooledPart {
    value: f64,
    lo: f64,
    hi: f64,
    n: u32,
    samples: u64,
    unit: String,
}

#[derive(Serialize, Deserialize)]
struct HappenedPart {
    replications: u32,
    n: u32,
    lo: f64,
    hi: f64,
}

/// How the errands waited is in a file of its own.
#[derive(Serialize, Deserialize)]
struct WaitsPart {
    errands: u64,
    served: u64,
}

/// Decisions that are in no file.
#[derive(Serialize, Deserialize)]
struct LeftPart {
    refused: u64,
    misplaced: u64,
}

#[derive(Serialize, Deserialize)]
struct AgainstPart {
    baseline: String,
    #[serde(flatten)]
    strategies: Named<Named<DifferencePart>>,
}

#[derive(Serialize, Deserialize)]
struct DifferencePart {
    diff: f64,
    lo: f64,
    hi: f64,
    n: u32,
    verdict: String,
    alone_lo: f64,
    alone_hi: f64,
    deviation: f64,
    matters: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    variance_reduction: Option<f64>,
}

fn seconds(span: Span) -> f64 {
    span.0 as f64 / 1000.0
}

fn span(seconds: f64) -> Span {
    Span((seconds * 1000.0).round() as u64)
}

/// What is there of each column, by its name.
fn by_name<T, P>(columns: &Columns, all: &[Option<T>], part: impl Fn(usize, &T) -> P) -> Named<P> {
    let known = all.iter().enumerate().filter_map(|(at, it)| Some((at, it.as_ref()?)));
    known
        .map(|(at, it)| (columns[at].name.to_owned(), part(at, it)))
        .collect()
}

/// The same back, by the column's place.
fn by_place<P, T: Clone>(
    columns: &Columns,
    all: &Named<P>,
    read: impl Fn(usize, &P) -> Result<T, String>,
) -> Result<Vec<Option<T>>, String> {
    let mut placed = vec![None; columns.len()];
    for (name, part) in all {
        let at = place(columns, name)?;
        placed[at] = Some(read(at, part)?);
    }
    Ok(placed)
}

fn place(columns: &Columns, name: &str) -> Result<usize, String> {
    let known = columns.placed(name).map(|(at, _)| at);
    known.ok_or_else(|| format!("`{name}` is not a metric of this version"))
}

/// The place of a strategy by its label.
fn place_of(arms: &[Arm], label: &str) -> Result<usize, String> {
    let place = arms.iter().position(|arm| arm.label == label);
    place.ok_or_else(|| format!("`{label}` is not among the strategies"))
}

impl SummaryFile {
    /// What is to be written of results. `folders` are the strategies' folders.
    pub(super) fn of(results: &Results, folders: &[String]) -> SummaryFile {
        let columns = &results.columns;
        let label = |at: usize| results.arms.get(at).map_or_else(String::new, |arm| arm.label.clone());
        let strategies = results.arms.iter().zip(folders);
        let compared = results.compared.iter();
        let undone = results.undone.iter();
        let others = results.others();
        let differences = |all: &[Option<Paired>]| by_name(columns, all, |_, p| DifferencePart::of(p));
        let of_pair = |pair: &Pair| {
            let mut own = vec![None; columns.len()];
            for (at, _) in shown(results) {
                own[at] = pair.differences.get(at).copied().flatten();
            }
            (
                format!("{} - {}", label(pair.one), label(pair.other)),
                differences(&own),
            )
        };
        SummaryFile {
            sickbay: results.version.clone(),
            scenario: results.scenario.clone(),
            scenario_digest: results.scenario_digest.clone(),
            question: results.question.clone(),
            epoch: results.epoch.clone(),
            horizon_s: seconds(Span(results.horizon.0)),
            seed: results.seed,
            replications: results.replications,
            partial: results.partial,
            confidence: results.confidence,
            shown: results.shown.clone(),
            assumptions: results.assumptions.clone(),
            campaigns_undone: undone.map(|it| (it.campaign.clone(), it.said.clone())).collect(),
            compared: compared.map(|line| (line.about.clone(), line.text.clone())).collect(),
            warm_up: results.warm_up.as_ref().map(WarmUpPart::of),
            precision: results.precision.as_ref().map(|it| PrecisionPart::of(results, it)),
            best: results.best.as_ref().map(|it| BestPart::of(results, it)),
            costs: results.priced.as_ref().map(|it| CostsPart::of(results, it)),
            claims: ClaimsPart::of(results),
            strategies: strategies
                .map(|(arm, folder)| (arm.label.clone(), StrategyPart::of(arm, folder, columns)))
                .collect(),
            paired: AgainstPart {
                baseline: results.baseline_label().to_owned(),
                strategies: others
                    .map(|arm| (arm.label.clone(), differences(&arm.paired)))
                    .collect(),
            },
            pairs: results.pairs.iter().map(of_pair).collect(),
            letters: letters(results),
        }
    }

    /// The results that it is of, without values, waits and logs.
    ///
    /// # Errors
    /// When it names a metric that this version does not have, or a strategy that is not there; the text says which.
    pub(super) fn results(&self) -> Result<Results, String> {
        let named = self.strategies.values().flat_map(|it| it.metrics.keys());
        let columns = match &self.costs {
            Some(costs) => Columns::naming(named).in_unit(&costs.unit),
            None => Columns::naming(named),
        };
        let arm =
            |(label, part): (&String, &StrategyPart)| part.arm(label, &columns, self.paired.strategies.get(label));
        let arms: Vec<Arm> = self.strategies.iter().map(arm).collect::<Result<_, _>>()?;
        let baseline = match arms.is_empty() {
            true => 0,
            false => place_of(&arms, &self.paired.baseline).map_err(|what| format!("`paired.baseline`: {what}"))?,
        };
        let lines = self.compared.iter();
        let lines = lines.map(|(about, text)| ComparedLine {
            about: about.clone(),
            text: text.clone(),
        });
        let horizon = Time(span(self.horizon_s).0);
        let undone = self.campaigns_undone.iter();
        let undone = undone.map(|(campaign, said)| UndoneCampaign {
            campaign: campaign.clone(),
            said: said.clone(),
        });
        Ok(Results {
            version: self.sickbay.clone(),
            scenario: self.scenario.clone(),
            question: self.question.clone(),
            scenario_digest: self.scenario_digest.clone(),
            effective: String::new(),
            epoch: self.epoch.clone(),
            horizon,
            seed: self.seed,
            replications: self.replications,
            partial: self.partial,
            confidence: self.confidence,
            baseline,
            pairs: self.pairs(&columns, &arms)?,
            letters: self.letters(&columns, &arms)?,
            precision: self
                .precision
                .as_ref()
                .map(|it| it.read(&columns, &arms, baseline))
                .transpose()?,
            best: self.best.as_ref().map(|it| it.read(&columns, &arms)).transpose()?,
            claims: self.claims.read(&columns, &arms)?,
            shown: self.shown.clone(),
            priced: self.costs.as_ref().map(|it| it.read(&arms)).transpose()?,
            undone: undone.collect(),
            compared: lines.collect(),
            assumptions: self.assumptions.clone(),
            warm_up: self.warm_up.as_ref().map(|it| it.read(horizon)),
            arms,
            columns,
        })
    }

    fn pairs(&self, columns: &Columns, arms: &[Arm]) -> Result<Vec<Pair>, String> {
        let mut pairs = Vec::new();
        if self.pairs.is_empty() {
            return Ok(pairs);
        }
        for one in 0..arms.len() {
            for other in one + 1..arms.len() {
                let name = format!("{} - {}", arms[one].label, arms[other].label);
                let own = self
                    .pairs
                    .get(&name)
                    .ok_or_else(|| format!("`pairs.{name}` is missing"))?;
                let differences = by_place(columns, own, |_, part| part.read())?;
                pairs.push(Pair {
                    one,
                    other,
                    differences,
                });
            }
        }
        Ok(pairs)
    }

    fn letters(&self, columns: &Columns, arms: &[Arm]) -> Result<Vec<Vec<String>>, String> {
        if self.letters.is_empty() {
            return Ok(Vec::new());
        }
        let own = |at: usize, part: &Named<String>| {
            let letter = |arm: &Arm| {
                let missing = || format!("`letters.{}.{}` is missing", columns[at].name, arm.label);
                part.get(&arm.label).cloned().ok_or_else(missing)
            };
            arms.iter().map(letter).collect::<Result<Vec<_>, _>>()
        };
        let all = by_place(columns, &self.letters, own)?;
        Ok(all.into_iter().map(Option::unwrap_or_default).collect())
    }
}

fn letters(results: &Results) -> Named<Named<String>> {
    let of = |(at, column): (usize, &crate::cells::columns::Column)| {
        let own = results.letters.get(at).filter(|own| !own.is_empty())?;
        let arms = results.arms.iter().zip(own);
        let arms = arms.map(|(arm, letters)| (arm.label.clone(), letters.clone()));
        Some((column.name.to_owned(), arms.collect()))
    };
    shown(results).into_iter().filter_map(of).collect()
}

impl StrategyPart {
    fn of(arm: &Arm, folder: &str, columns: &Columns) -> StrategyPart {
        let unit = |at: usize| columns[at].unit.to_owned();
        let name = |at: usize| columns[at].name.to_owned();
        let pooled = arm.pooled.iter().map(
            |&Pooled {
                 column,
                 value,
                 lo,
                 hi,
                 n,
                 samples,
             }| {
                let unit = unit(column);
                (
                    name(column),
                    PooledPart {
                        value,
                        lo,
                        hi,
                        n,
                        samples,
                        unit,
                    },
                )
            },
        );
        let happened = arm.happened.iter().map(|it| {
            let (replications, n, lo, hi) = (it.hits, it.n, it.share.lo, it.share.hi);
            (
                name(it.column),
                HappenedPart {
                    replications,
                    n,
                    lo,
                    hi,
                },
            )
        });
        StrategyPart {
            digest: arm.digest.clone(),
            folder: folder.to_owned(),
            metrics: by_name(columns, &arm.estimates, |at, &Estimate { mean, lo, hi, n }| {
                FigurePart {
                    mean,
                    lo,
                    hi,
                    n,
                    unit: unit(at),
                }
            }),
            pooled_quantiles: pooled.collect(),
            happened_in: happened.collect(),
            errand_waits: arm.errand_waits.as_ref().map(|it| WaitsPart {
                errands: it.errands,
                served: it.served,
            }),
            decisions_left_out: LeftPart::of(arm.log.decisions_left),
        }
    }

    fn arm(&self, label: &str, columns: &Columns, paired: Option<&Named<DifferencePart>>) -> Result<Arm, String> {
        let pooled = by_place(columns, &self.pooled_quantiles, |column, it| {
            Ok(Pooled {
                column,
                value: it.value,
                lo: it.lo,
                hi: it.hi,
                n: it.n,
                samples: it.samples,
            })
        })?;
        let happened = by_place(columns, &self.happened_in, |column, it| {
            let share = Interval { lo: it.lo, hi: it.hi };
            Ok(Happened {
                column,
                hits: it.replications,
                n: it.n,
                share,
            })
        })?;
        Ok(Arm {
            label: label.to_owned(),
            digest: self.digest.clone(),
            estimates: by_place(columns, &self.metrics, |_, it| {
                Ok(Estimate {
                    mean: it.mean,
                    lo: it.lo,
                    hi: it.hi,
                    n: it.n,
                })
            })?,
            paired: match paired {
                Some(paired) => by_place(columns, paired, |_, part| part.read())?,
                None => vec![None; columns.len()],
            },
            pooled: pooled.into_iter().flatten().collect(),
            happened: happened.into_iter().flatten().collect(),
            errand_waits: self.errand_waits.as_ref().map(|it| ErrandWaits {
                errands: it.errands,
                served: it.served,
                steps: Vec::new(),
            }),
            values: Vec::new(),
            log: Log {
                decisions_left: self.decisions_left_out.as_ref().map(LeftPart::read).unwrap_or_default(),
                ..Log::default()
            },
            more_logs: Vec::new(),
        })
    }
}

impl LeftPart {
    fn of(left: DecisionsLeft) -> Option<LeftPart> {
        let DecisionsLeft { refused, misplaced } = left;
        (left != DecisionsLeft::default()).then_some(LeftPart { refused, misplaced })
    }

    fn read(&self) -> DecisionsLeft {
        DecisionsLeft {
            refused: self.refused,
            misplaced: self.misplaced,
        }
    }
}

impl DifferencePart {
    fn of(p: &Paired) -> DifferencePart {
        DifferencePart {
            diff: p.diff,
            lo: p.lo,
            hi: p.hi,
            n: p.n,
            verdict: p.verdict.word().to_owned(),
            alone_lo: p.alone.lo,
            alone_hi: p.alone.hi,
            deviation: p.deviation,
            matters: p.matters,
            variance_reduction: p.variance_reduction,
        }
    }

    fn read(&self) -> Result<Paired, String> {
        let verdict = Verdict::ALL.into_iter().find(|verdict| verdict.word() == self.verdict);
        let words = || format!("`{}` is not better, worse, same, not decided or none", self.verdict);
        Ok(Paired {
            diff: self.diff,
            lo: self.lo,
            hi: self.hi,
            n: self.n,
            verdict: verdict.ok_or_else(words)?,
            alone: Interval {
                lo: self.alone_lo,
                hi: self.alone_hi,
            },
            deviation: self.deviation,
            matters: self.matters,
            variance_reduction: self.variance_reduction,
        })
    }
}
