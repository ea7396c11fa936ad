//! The first screen: what a run comes to, in ten lines of 80 columns.

use super::number::{decimals, magnitude, rounded, signed};
use super::plots::{counted, percent, words};
use super::roster::broken;
use super::{costs, estimate, factor, is_share, paired, points_or_unit};
use crate::cells::columns::{Column, Metric};
use crate::judge::advice::{Advice, Contender, advice, headline};
use crate::judge::bottlenecks::{Bottleneck, bottleneck};
use crate::judge::campaigns::undone;
use crate::judge::carries::Carried;
use crate::judge::results::Results;
use crate::scenario::value_in;
use crate::stats::compare::{Paired, Verdict};

/// The widest line of the first screen.
pub const NARROW: usize = 80;
/// A strategy's name has so much room.
const NAME: usize = 20;
/// A metric's column has at least so much: a sign, two digits and a word; and at most so much.
const COLUMN: (usize, usize) = (12, 15);
/// More strategies than this are left to the details.
const MOST: usize = 4;

/// What a run comes to.
#[must_use]
pub fn conclusion(results: &Results) -> String {
    let mut lines = broken(&opening(results), NARROW);
    let claims = headline(results);
    if !claims.is_empty() && results.replications > 1 {
        lines.extend(table(results, &claims));
        lines.extend(cut(broken(&recommended(results), NARROW), 2));
    }
    lines.extend(cut(broken(&costs::answer(results).unwrap_or_default(), NARROW), 2));
    lines.extend(cut(broken(&overloaded(results).unwrap_or_default(), NARROW), 2));
    for it in &results.undone {
        let text = unfinished(&it.campaign, undone(results, &it.campaign));
        lines.extend(broken(&text, NARROW));
    }
    lines.join("\n") + "\n"
}

/// The same as sentences, without the table of claims.
#[must_use]
pub fn sentences(results: &Results) -> Vec<String> {
    let mut said = vec![opening(results)];
    if !headline(results).is_empty() && results.replications > 1 {
        said.push(recommended(results));
    }
    said.extend(costs::answer(results));
    said.extend(overloaded(results));
    said.extend(results.undone.iter().map(|it| it.said.clone()));
    said
}

/// That a campaign was not done, by how often: nowhere, somewhere, or who knows where.
fn unfinished(campaign: &str, known: Option<(usize, usize)>) -> String {
    let how = match known {
        Some((open, all)) if open == all => "in any run".to_owned(),
        Some((open, all)) => format!("in {open} of {all} runs over all strategies"),
        None => "in some replications".to_owned(),
    };
    format!("Campaign `{campaign}` was not done at the horizon {how} (--details).")
}

/// What is overloaded; none where nothing is.
fn overloaded(results: &Results) -> Option<String> {
    let under = |arm: usize| &results.arms[arm].label;
    let percent = |share: f64| rounded(share * 100.0, 0);
    let and = |others: usize| match others {
        0 => String::new(),
        1 => " (and one more)".to_owned(),
        n => format!(" (and {n} more)"),
    };
    Some(match bottleneck(results)? {
        Bottleneck::Technicians {
            number,
            arm,
            busy,
            wait,
            queue,
            others,
        } => {
            let who = match number {
                Some(1) => "The one technician is".to_owned(),
                Some(n) => format!("The {n} technicians are"),
                None => "Technicians are".to_owned(),
            };
            format!(
                "{who} {} % busy under {}{}: nodes wait {} h for hands, {} at a time.",
                percent(busy),
                under(arm),
                and(others),
                rounded(wait, 1),
                rounded(queue, 1)
            )
        }
        Bottleneck::Class {
            class,
            arm,
            load,
            hour,
            others,
        } => {
            let zone = value_in(&results.effective, "scenario.time_zone").unwrap_or_else(|| "UTC".to_owned());
            let hour = hour.map_or_else(String::new, |(hour, share)| {
                format!(", most refusals come at {hour}h {zone} ({} %)", percent(share))
            });
            format!(
                "Of class {class} {} % of what can be scheduled under {}{} is asked for{hour}.",
                percent(load),
                under(arm),
                and(others)
            )
        }
    })
}

/// What one technician more would change.
#[must_use]
pub fn helped(results: &Results, with_one_more: &Results) -> Option<String> {
    let Some(Bottleneck::Technicians { arm, wait, .. }) = bottleneck(results) else {
        return None;
    };
    let label = &results.arms.get(arm)?.label;
    let other = with_one_more.arms.iter().find(|it| it.label == *label)?;
    let e = estimate(other, Metric::TechnicianWaitMean.at())?;
    let [now, mean, lo, hi] = [wait, e.mean, e.lo, e.hi].map(|hours| rounded(hours, 1));
    Some(format!(
        "With one technician more, nodes wait {mean} h [{lo}, {hi}] for hands under {label} instead of {now} h."
    ))
}

/// The assumption that most carries a claim, as the cheap form finds it.
#[must_use]
pub fn carried(results: &Results, it: &Carried) -> String {
    let claim = &it.claim;
    let (column, label) = (results.columns.at(claim.column), &results.arms[claim.arm].label);
    let (factor, unit) = (factor(column), points_or_unit(column));
    let there = it.there.alone;
    let places = decimals(&[it.there.diff * factor], &[(there.hi - there.lo) / 2.0 * factor]);
    let [diff, lo, hi] = [it.there.diff, there.lo, there.hi].map(|figure| signed(figure * factor, places));
    let own = claim.ruled.paired.diff;
    let (at, name, own) = (
        super::robust::short(&it.at),
        words(column.name),
        signed(own * factor, places),
    );
    let said = if it.turns() {
        format!("At {at} {label}'s {name} turns round: {diff} {unit} [{lo}, {hi}], not {own} (quick look).")
    } else {
        format!("Most hangs on {at}: {label}'s {name} is {diff} {unit} [{lo}, {hi}] there, not {own} (quick look).")
    };
    broken(&said, NARROW).join("\n")
}

/// The first so many lines.
fn cut(mut lines: Vec<String>, most: usize) -> Vec<String> {
    if lines.len() > most {
        lines.truncate(most);
        if let Some(last) = lines.last_mut() {
            *last = format!("{} …", last.chars().take(NARROW - 2).collect::<String>().trim_end());
        }
    }
    lines
}

/// What was compared, and how far it is decided.
fn opening(results: &Results) -> String {
    let over = format!("Over {}", counted(results.replications, "replication"));
    let Some(baseline) = results.arms.get(results.baseline) else {
        return "There are no strategies to compare.".to_owned();
    };
    if results.arms.len() == 1 {
        let accepted = estimate(baseline, Metric::Acceptance.at());
        let accepts = accepted.map_or_else(String::new, |e| {
            format!(" accepts {:.2} % of people's requests", e.mean * 100.0)
        });
        format!(
            "{over}, {}{accepts}; with one strategy there is nothing to compare.",
            baseline.label
        )
    } else if results
        .arms
        .iter()
        .all(|arm| arm.digest == baseline.digest && !arm.digest.is_empty())
    {
        format!(
            "The strategies do not differ here: {}, every one of them took the same course.",
            over.to_lowercase()
        )
    } else if results.replications < 2 {
        "One replication shows one draw: nothing can be told apart, because there are no intervals.".to_owned()
    } else {
        let (all, open) = (results.claims.all.len(), results.claims.open());
        let decided = match (all, open) {
            (0, _) => "no claims".to_owned(),
            (all, 0) => format!("all {} decided", counted(all as u32, "claim")),
            (all, open) => format!("{} of {all} claims decided", all - open),
        };
        let partial = if results.partial { ", interrupted" } else { "" };
        format!(
            "{over}{partial}, against {}: {decided} ({} % together).",
            baseline.label,
            percent(results.confidence)
        )
    }
}

/// A row a strategy, a column a claim.
fn table(results: &Results, claims: &[usize]) -> Vec<String> {
    let claims = &claims[..claims.len().min((NARROW - NAME) / COLUMN.0)];
    let wide = ((NARROW - NAME) / claims.len().max(1)).min(COLUMN.1);
    let heads: Vec<Vec<String>> = claims
        .iter()
        .map(|&at| head(results.columns.at(at), wide - 1))
        .collect();
    let high = heads.iter().map(Vec::len).max().unwrap_or(0);
    let line = |name: &str, cells: Vec<String>| {
        let cells: String = cells.iter().map(|cell| format!("{cell:>wide$}")).collect();
        format!("{name:<NAME$}{cells}").trim_end().to_owned()
    };
    let mut lines: Vec<String> = (0..high)
        .map(|nth| {
            let cell = |head: &Vec<String>| {
                head.get((nth + head.len()).wrapping_sub(high))
                    .cloned()
                    .unwrap_or_default()
            };
            line("", heads.iter().map(cell).collect())
        })
        .collect();
    let others: Vec<usize> = (0..results.arms.len()).filter(|&arm| arm != results.baseline).collect();
    for &arm in others.iter().take(MOST) {
        let arm = &results.arms[arm];
        let cell =
            |&at: &usize| paired(arm, at).map_or_else(|| "no value".to_owned(), |it| said(it, results.columns.at(at)));
        lines.push(line(&short(&arm.label, NAME), claims.iter().map(cell).collect()));
    }
    if others.len() > MOST {
        lines.push(format!("and {} more (--details)", others.len() - MOST));
    }
    lines
}

/// A metric's name and unit in lines of so many characters.
fn head(column: &Column, wide: usize) -> Vec<String> {
    let unit = match column.unit {
        _ if is_share(column) => "points",
        "count" => "",
        unit => unit,
    };
    let name = words(column.name);
    let named = if unit.is_empty() || name.ends_with("hours") {
        name
    } else {
        format!("{name} ({unit})")
    };
    broken(&named, wide).iter().map(|line| short(line, wide)).collect()
}

/// A difference with its word, as short as a column is wide.
fn said(p: Paired, column: &Column) -> String {
    let diff = p.diff * factor(column);
    let places = usize::try_from(1 - magnitude(diff)).unwrap_or(0).min(1);
    match p.verdict {
        Verdict::Same => "same".to_owned(),
        Verdict::NotDecided => "not decided".to_owned(),
        verdict => format!("{} {}", signed(diff, places), verdict.word()),
    }
}

/// A text of at most so many characters, its middle left out where it is longer.
fn short(text: &str, wide: usize) -> String {
    let all: Vec<char> = text.chars().collect();
    if all.len() <= wide {
        return text.to_owned();
    }
    let tail = (wide - 1) * 2 / 5;
    let head = wide - 1 - tail;
    let part = |from: usize, to: usize| all[from..to].iter().collect::<String>();
    format!("{}…{}", part(0, head), part(all.len() - tail, all.len()))
}

/// Which strategy stands out, and why.
fn recommended(results: &Results) -> String {
    let label = |it: &Contender| results.arms[it.arm].label.clone();
    let named = |columns: &[usize]| {
        let names: Vec<String> = columns.iter().map(|&at| words(results.columns[at].name)).collect();
        names.join(", ")
    };
    let baseline = &results.arms[results.baseline].label;
    match advice(results) {
        Advice::Nothing => String::new(),
        Advice::StandsOut(it) if it.arm == results.baseline => {
            format!("{baseline} stands out: every other one is worse than another in something, and better in nothing.")
        }
        Advice::StandsOut(it) => format!(
            "{} stands out: better in {}, worse in nothing.",
            label(&it),
            named(&it.better)
        ),
        Advice::Left(left) => {
            let mut lost: Vec<usize> = left.iter().flat_map(|it| it.worse.iter().copied()).collect();
            lost.sort_unstable();
            lost.dedup();
            let names: Vec<String> = left.iter().map(label).collect();
            if lost.is_empty() {
                format!("None stands out: {} are not told apart.", names.join(", "))
            } else {
                format!("None stands out: better ones lose in {}.", named(&lost))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::sample::{SampleWish, results};

    fn text(arms: usize, replications: u32) -> String {
        conclusion(&results(SampleWish {
            arms,
            replications,
            eventful: true,
        }))
    }

    #[test]
    fn it_fits_a_small_terminal() {
        for (arms, replications) in [(0, 0), (1, 20), (2, 1), (2, 20), (4, 20), (8, 20)] {
            let text = text(arms, replications);
            let widest = text.lines().map(|l| l.chars().count()).max().unwrap_or(0);
            assert!(widest <= NARROW && text.lines().count() <= 10, "{widest}:\n{text}");
            assert!(text.lines().all(|l| l == l.trim_end()), "{text}");
        }
    }

    #[test]
    fn it_answers() {
        assert!(text(4, 20).starts_with("Over 20 replications, against withdraw: "));
        assert!(text(1, 20).contains("nothing to compare"));
        assert!(text(4, 1).starts_with("One replication"));
        let mut same = results(SampleWish {
            arms: 4,
            replications: 20,
            eventful: true,
        });
        for arm in &mut same.arms {
            arm.digest = "0".repeat(32);
        }
        assert!(conclusion(&same).starts_with("The strategies do not differ here"));
    }

    #[test]
    fn a_campaign_is_undone_nowhere_somewhere_or_who_knows() {
        let said = |known| unfinished("fw", known);
        assert_eq!(
            said(Some((20, 20))),
            "Campaign `fw` was not done at the horizon in any run (--details)."
        );
        assert_eq!(
            said(Some((3, 20))),
            "Campaign `fw` was not done at the horizon in 3 of 20 runs over all strategies (--details)."
        );
        assert!(said(None).contains("in some replications"));
    }

    #[test]
    fn long_labels_lose_their_middle_and_stay_apart() {
        let labels = [
            "hidden-via-extra-spec (post-filter, leaky)",
            "hidden-via-extra-spec",
            "naive",
        ];
        let short = labels.map(|label| super::short(label, NAME));
        assert_eq!(short, ["hidden-via-e… leaky)", "hidden-via-e…ra-spec", "naive"]);
    }
}
