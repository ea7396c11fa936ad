//! How far each campaign has come over time: a line for each strategy.

use super::super::plots::axis::{Scale, calendar, since, ticks};
use super::super::plots::canvas;
use super::super::plots::palette::looks;
use super::curves::{class, stroke};
use super::svg::{At, EM, Svg, bottom, left};
use crate::cells::rows::WindowRow;
use crate::judge::results::{Arm, Results};

const WIDTH: f64 = 460.0;
const HEIGHT: f64 = 260.0;

/// A panel for each campaign that a window is of.
pub(super) fn panels(results: &Results) -> Vec<String> {
    let mut names: Vec<&str> = Vec::new();
    for window in results.arms.iter().flat_map(|arm| &arm.log.windows) {
        if !window.campaign.is_empty() && !names.contains(&window.campaign.as_str()) {
            names.push(&window.campaign);
        }
    }
    names.sort_unstable();
    let panels = names.into_iter().enumerate();
    panels.map(|(at, name)| panel(results, (at, name))).collect()
}

/// When the windows of a campaign were closed, in order.
fn closed(arm: &Arm, name: &str) -> Vec<u64> {
    let of = |window: &&WindowRow| window.campaign == name;
    let windows = arm.log.windows.iter().filter(of);
    let mut closed: Vec<u64> = windows.filter_map(|window| Some(window.closed?.0)).collect();
    closed.sort_unstable();
    closed
}

fn panel(results: &Results, (at, name): (usize, &str)) -> String {
    let (ms, unit) = calendar(results.horizon);
    let (top, base, from, to) = (38.0, HEIGHT - EM * 3.4, 46.0, WIDTH - 12.0);
    let all: Vec<Vec<u64>> = results.arms.iter().map(|arm| closed(arm, name)).collect();
    let most = all.iter().map(Vec::len).max().unwrap_or(0);
    let x = Scale {
        lo: 0.0,
        hi: results.horizon.0.max(1) as f64 / ms,
        from,
        to,
    };
    let y = Scale {
        lo: 0.0,
        hi: (most as f64 * 1.05).max(1.0),
        from: base,
        to: top,
    };
    let mut svg = Svg::new(WIDTH, HEIGHT);
    let title = canvas::wrap(&format!("campaign {name}"), EM, WIDTH - 8.0, 1).concat();
    svg.text((0.0, EM + 2.0), &title, At::Start, "head");
    svg.text((0.0, EM * 2.4), "nodes done", At::Start, "soft");
    left(&mut svg, (from, to), y, &ticks(y.lo, y.hi, 4));
    bottom(&mut svg, (top, base), x, &ticks(x.lo, x.hi, 6));
    let axis = since(unit, &results.epoch);
    svg.text(((from + to) / 2.0, HEIGHT - 4.0), &axis, At::Middle, "soft");
    let mut told = Vec::new();
    let looks = looks(results.arms.iter().map(|arm| arm.label.as_str()));
    for ((arm, closed), look) in results.arms.iter().zip(&all).zip(looks) {
        let mut points = vec![(from, y.at(0.0))];
        for (n, at) in closed.iter().enumerate() {
            let here = x.at(*at as f64 / ms);
            points.extend([(here, y.at(n as f64)), (here, y.at(n as f64 + 1.0))]);
        }
        points.push((to, y.at(closed.len() as f64)));
        svg.path(&points, stroke(&class(look), look), &arm.label);
        let last = closed.last().map_or_else(String::new, |at| {
            format!(", the last one after {:.1} {unit}", *at as f64 / ms)
        });
        told.push(format!("{}: {} done{last}", arm.label, closed.len()));
    }
    let title = format!("Progress of campaign {name}");
    svg.finish(&format!("campaign-{at}"), &title, &told.join("; "))
}
