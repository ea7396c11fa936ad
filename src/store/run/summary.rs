//! `summary.json`: everything of a run but its values and logs.

use crate::cells::columns::Column;
use crate::cells::outcome::DecisionsLeft;
use crate::cells::selector::Columns;
use crate::cells::warmup::WarmUp;
use crate::judge::claims::{Claims, HeadlineClaim};
use crate::judge::results::{Arm, Results, shown};
use crate::kernel::number::{fixed, seconds};
use crate::stats::best::BestChosen;
use crate::stats::compare::Paired;
use crate::stats::estimate::Estimate;
use crate::stats::precision::PrecisionReached;
use crate::stats::width::GoalOf;
use crate::store::json::Json;

/// How the warm-up was found: by MSER-5.
pub(super) const MSER5: &str = "mser-5";
/// By the scenario's key.
pub(super) const TYPED: &str = "fixed";

fn text(t: &str) -> Json {
    Json::Text(t.to_owned())
}

fn number(value: f64) -> Json {
    Json::Number(fixed(value))
}

fn whole(value: impl Into<u64>) -> Json {
    Json::Number(value.into().to_string())
}

fn list(items: &[String]) -> Json {
    Json::List(items.iter().map(|t| text(t)).collect())
}

/// What was cut, and how that was found.
fn warm_up(warm_up: &WarmUp) -> Json {
    let series = warm_up.series.iter().map(|series| {
        Json::object([
            ("strategy", text(&series.strategy)),
            ("series", text(&series.series)),
            ("cut_s", Json::Number(seconds(series.cut.0))),
            ("settled", text(if series.settled { "yes" } else { "no" })),
        ])
    });
    Json::object([
        ("method", text(if warm_up.found { MSER5 } else { TYPED })),
        ("cut_s", Json::Number(seconds(warm_up.cut.0))),
        ("share", number(warm_up.share())),
        ("too_much", Json::Flag(warm_up.too_much())),
        ("pilot_replications", whole(warm_up.pilots)),
        ("series", Json::List(series.collect())),
    ])
}

/// The document. `folders` are the strategies' folders.
pub(super) fn summary(results: &Results, folders: &[String]) -> Json {
    let strategies = results.arms.iter().zip(folders);
    let strategies = strategies.map(|(arm, folder)| (arm.label.clone(), strategy(arm, folder, &results.columns)));
    let mut document = vec![
        ("sickbay", text(&results.version)),
        ("scenario", text(&results.scenario)),
        ("scenario_digest", text(&results.scenario_digest)),
        ("question", text(&results.question)),
        ("epoch", text(&results.epoch)),
        ("horizon_s", Json::Number(seconds(results.horizon.0))),
        ("seed", whole(results.seed)),
        ("replications", whole(results.replications)),
        ("partial", Json::Flag(results.partial)),
        ("confidence", number(results.confidence)),
        ("shown", list(&results.shown)),
        ("assumptions", list(&results.assumptions)),
    ];
    if !results.compared.is_empty() {
        let lines = results.compared.iter();
        let lines = lines.map(|line| (line.about.clone(), text(&line.text)));
        document.push(("compared", Json::Object(lines.collect())));
    }
    document.extend(results.warm_up.as_ref().map(|it| ("warm_up", warm_up(it))));
    document.extend(
        results
            .precision
            .as_ref()
            .map(|it| ("precision", precision(results, it))),
    );
    document.extend(results.best.as_ref().map(|it| ("best", best(results, it))));
    document.push(("claims", claims(results)));
    document.push(("strategies", Json::Object(strategies.collect())));
    document.push(("paired", against_baseline(results)));
    if !results.pairs.is_empty() {
        document.push(("pairs", pairs(results)));
        document.push(("letters", letters(results)));
    }
    Json::object(document)
}

fn strategy(arm: &Arm, folder: &str, columns: &Columns) -> Json {
    let metric = |(column, e): (&Column, &Option<Estimate>)| {
        let e = e.as_ref()?;
        let figures = Json::object([
            ("mean", number(e.mean)),
            ("lo", number(e.lo)),
            ("hi", number(e.hi)),
            ("n", whole(e.n)),
            ("unit", text(column.unit)),
        ]);
        Some((column.name.to_owned(), figures))
    };
    let metrics = columns.iter().zip(&arm.estimates).filter_map(metric).collect();
    let pooled = arm.pooled.iter().map(|q| {
        let figures = Json::object([
            ("value", number(q.value)),
            ("lo", number(q.lo)),
            ("hi", number(q.hi)),
            ("n", whole(q.n)),
            ("samples", whole(q.samples)),
            ("unit", text(columns[q.column].unit)),
        ]);
        (columns[q.column].name.to_owned(), figures)
    });
    let happened = arm.happened.iter().map(|h| {
        let figures = Json::object([
            ("replications", whole(h.hits)),
            ("n", whole(h.n)),
            ("lo", number(h.share.lo)),
            ("hi", number(h.share.hi)),
        ]);
        (columns[h.column].name.to_owned(), figures)
    });
    let mut document = vec![
        ("digest", text(&arm.digest)),
        ("folder", text(folder)),
        ("metrics", Json::Object(metrics)),
        ("pooled_quantiles", Json::Object(pooled.collect())),
        ("happened_in", Json::Object(happened.collect())),
    ];
    let waits = arm.errand_waits.as_ref();
    document.extend(waits.map(|waits| {
        let counts = [("errands", whole(waits.errands)), ("served", whole(waits.served))];
        ("errand_waits", Json::object(counts))
    }));
    let left = arm.log.decisions_left;
    if left != DecisionsLeft::default() {
        let counts = [("refused", whole(left.refused)), ("misplaced", whole(left.misplaced))];
        document.push(("decisions_left_out", Json::object(counts)));
    }
    Json::object(document)
}

fn difference(p: &Paired) -> Json {
    let mut figures = vec![
        ("diff", number(p.diff)),
        ("lo", number(p.lo)),
        ("hi", number(p.hi)),
        ("n", whole(p.n)),
        ("verdict", text(p.verdict.word())),
        ("alone_lo", number(p.alone.lo)),
        ("alone_hi", number(p.alone.hi)),
        ("deviation", number(p.deviation)),
        ("matters", number(p.matters)),
    ];
    figures.extend(p.variance_reduction.map(|share| ("variance_reduction", number(share))));
    Json::object(figures)
}

fn against_baseline(results: &Results) -> Json {
    let baseline = results.baseline_label();
    let mut differences = vec![("baseline".to_owned(), text(baseline))];
    for arm in results.others() {
        let metrics = results.columns.iter().zip(&arm.paired);
        let metrics = metrics.filter_map(|(column, p)| Some((column.name.to_owned(), difference(p.as_ref()?))));
        differences.push((arm.label.clone(), Json::Object(metrics.collect())));
    }
    Json::Object(differences)
}

/// All pairs, of the metrics that are shown: LABEL less LABEL.
fn pairs(results: &Results) -> Json {
    let label = |at: usize| results.arms.get(at).map_or("", |arm| arm.label.as_str());
    let of = |pair: &crate::stats::compare::Pair| {
        let metrics = shown(results).into_iter().filter_map(|(place, column)| {
            let p = pair.differences.get(place)?.as_ref()?;
            Some((column.name.to_owned(), difference(p)))
        });
        (
            format!("{} - {}", label(pair.one), label(pair.other)),
            Json::Object(metrics.collect()),
        )
    };
    Json::Object(results.pairs.iter().map(of).collect())
}

/// Strategies that share a letter are not decided.
fn letters(results: &Results) -> Json {
    let of = |(place, column): (usize, &Column)| {
        let own = results.letters.get(place).filter(|own| !own.is_empty())?;
        let arms = results.arms.iter().zip(own);
        let arms = arms.map(|(arm, letters)| (arm.label.clone(), text(letters)));
        Some((column.name.to_owned(), Json::Object(arms.collect())))
    };
    Json::Object(shown(results).into_iter().filter_map(of).collect())
}

/// When the claims were looked at, and what was found; the differences themselves stand under `paired`.
fn claims(results: &Results) -> Json {
    let Claims {
        all,
        looks,
        until_decided,
        short,
    } = &results.claims;
    let claim = |claim: &HeadlineClaim| {
        let label = results.arms.get(claim.arm).map_or("", |arm| arm.label.as_str());
        let mut figures = vec![
            ("metric", text(results.columns[claim.column].name)),
            ("strategy", text(label)),
            ("verdict", text(claim.ruled.paired.verdict.word())),
        ];
        figures.extend(claim.ruled.at.map(|at| ("decided_at", whole(at))));
        figures.extend(claim.ruled.needs.map(|needs| ("needs", whole(needs))));
        Json::object(figures)
    };
    Json::object([
        ("until_decided", Json::Flag(*until_decided)),
        ("short_of_budget", Json::Flag(*short)),
        ("confidence", number(looks.confidence)),
        ("share_the_error", whole(looks.claims as u64)),
        ("looks", Json::List(looks.at.iter().map(|&at| whole(at)).collect())),
        ("all", Json::List(all.iter().map(claim).collect())),
    ])
}

fn precision(results: &Results, it: &PrecisionReached) -> Json {
    let label = |at: usize| results.arms.get(at).map_or("", |arm| arm.label.as_str()).to_owned();
    let half_widths = it.half_widths.iter().filter_map(|(at, widths)| {
        let (half, wanted) = (*widths)?;
        Some((
            label(*at),
            Json::object([("half_width", number(half)), ("wanted", number(wanted))]),
        ))
    });
    let mut document = vec![
        ("metric", text(results.columns[it.column].name)),
        (
            "of",
            text(match it.of {
                GoalOf::Mean => "mean",
                GoalOf::Difference => "difference",
            }),
        ),
        ("confidence", number(it.confidence)),
        ("met", Json::Flag(it.at.is_some())),
        ("max_replications", whole(it.budget)),
        ("half_widths", Json::Object(half_widths.collect())),
    ];
    document.extend(it.at.map(|at| ("reached_at", whole(at))));
    Json::object(document)
}

fn best(results: &Results, it: &BestChosen) -> Json {
    let label = |at: usize| results.arms.get(at).map_or("", |arm| arm.label.as_str()).to_owned();
    let left: Vec<String> = it.left.iter().map(|at| label(*at)).collect();
    let let_go = it.let_go.iter().map(|(at, n)| (label(*at), whole(*n)));
    let mut document = vec![
        ("metric", text(results.columns[it.column].name)),
        ("indifference", number(it.indifference)),
        ("confidence", number(it.confidence)),
        ("procedure", text("KN")),
        ("decided", Json::Flag(it.at.is_some())),
        ("first_stage", whole(it.first)),
        ("max_replications", whole(it.budget)),
        ("left", list(&left)),
        ("let_go_at", Json::Object(let_go.collect())),
    ];
    document.extend(it.at.map(|at| ("decided_at", whole(at))));
    Json::object(document)
}
