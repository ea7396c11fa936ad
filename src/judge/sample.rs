//! Results made up for the tests of the report: of a realistic shape, and of no meaning.

use super::claims::{Claims, HeadlineClaim};
use super::compared::ComparedLine;
use super::results::{Arm, ErrandWaits, Happened, MOST_STEPS, Results};
use crate::cells::columns::{COLUMNS, Column, Metric};
use crate::cells::outcome::{DecisionsLeft, Log};
use crate::cells::rows::{
    DecisionKind, DecisionRow, ErrandOutcome, ErrandRow, NodeState, RequestOutcome, RequestRow, StateRow, TimelineRow,
    WindowRow,
};
use crate::cells::selector::Columns;
use crate::cells::warmup::{SeriesCut, WarmUp};
use crate::fleet::WindowId;
use crate::kernel::{Span, Time};
use crate::stats::best::BestChosen;
use crate::stats::claims::{Looks, Ruled};
use crate::stats::compare::{Good, Pair, Paired, Verdict};
use crate::stats::estimate::{Estimate, Interval};
use crate::stats::pooled::Pooled;
use crate::stats::precision::PrecisionReached;
use crate::stats::steps::steps;
use crate::stats::width::GoalOf;
use crate::workload::{ErrandId, Kind};
use crate::world::CAUSES;

const LABELS: [&str; 8] = [
    "withdraw",
    "naive",
    "hidden-via-extra-spec",
    "tenant-reservation",
    "withdraw, exposed",
    "hidden-via-extra-spec (post-filter, leaky)",
    "tenants, unnamed",
    "tenant-reservation with Blazar leases of 168 h",
];

/// What a sample has.
#[derive(Clone, Copy, Debug)]
pub struct SampleWish {
    pub arms: usize,
    pub replications: u32,
    /// Whether anything happened: errands, windows, refusals.
    pub eventful: bool,
}

/// A number from 0 to 1 that looks random and is always the same.
fn noise(a: u64, b: u64) -> f64 {
    let mut x = (a + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ (b + 7).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x ^= x >> 31;
    x = x.wrapping_mul(0x94d0_49bb_1331_11eb);
    ((x ^ (x >> 29)) >> 11) as f64 / (1_u64 << 53) as f64
}

fn centre(metric: Metric, arm: usize) -> f64 {
    let arm = arm as f64;
    let centre: f64 = match metric {
        Metric::Acceptance => 0.962 + 0.004 * arm,
        Metric::Refused => 91.0 - 7.0 * arm,
        Metric::RefusedClassFull => 60.0 - 2.0 * arm,
        Metric::RefusedOnlyHidden => 24.0 - 4.0 * arm,
        Metric::RefusedStaleView => 7.0 - arm,
        Metric::Misplacements => {
            if arm == 1.0 {
                61.0
            } else {
                3.0 + arm
            }
        }
        Metric::ErrandWaitP50 => 2.4 / (1.0 + arm),
        Metric::ErrandWaitP95 => 19.0 / (1.0 + arm),
        Metric::StrandedNodeHours => 510.0 - 30.0 * arm,
        Metric::ExposedNodeHours => 12.0 + 900.0 * f64::from(arm == 1.0),
        Metric::Actions => 140.0 + 70.0 * arm,
        Metric::Installed => 120.0,
        Metric::Schedulable => 108.0 + arm,
        _ => 0.0,
    };
    centre.max(0.0)
}

/// Makes results.
pub fn results(wish: SampleWish) -> Results {
    let arms: Vec<Arm> = (0..wish.arms).map(|i| arm(i, wish)).collect();
    Results {
        columns: Columns::default(),
        claims: claims(wish, &arms),
        version: "0.1.0".to_owned(),
        scenario: "quickstart".to_owned(),
        question: "What does each way of hiding nodes in maintenance cost tenants, operators and the fleet, \
                   on a small fleet that is contended enough to tell the ways apart?"
            .to_owned(),
        scenario_digest: "5f0c9b1e7a3d42688d1c0e2f4b6a7980".to_owned(),
        effective: "[scenario]\nname = \"sample\"\n".to_owned(),
        epoch: "2018-03-15T00:00:00Z".to_owned(),
        horizon: Time::ZERO + Span::days(90),
        seed: 2014,
        replications: wish.replications,
        partial: false,
        confidence: 0.95,
        baseline: 0,
        arms,
        pairs: pairs(wish),
        letters: letters(wish),
        precision: wish.eventful.then(|| PrecisionReached {
            column: 0,
            of: GoalOf::Difference,
            confidence: 0.95,
            at: Some(15),
            budget: 500,
            half_widths: (1..wish.arms)
                .map(|at| (at, (at != 2).then_some((0.0018, 0.002))))
                .collect(),
        }),
        best: wish.eventful.then(|| BestChosen {
            column: 0,
            indifference: 0.005,
            confidence: 0.95,
            first: 10,
            at: None,
            budget: 500,
            left: vec![0],
            let_go: (1..wish.arms).map(|at| (at, 10 + at as u32)).collect(),
        }),
        shown: Vec::new(),
        priced: None,
        compared: vec![ComparedLine {
            about: "Fleet".to_owned(),
            text: "120 nodes: 120 gpu".to_owned(),
        }],
        assumptions: vec!["Assumed: errands are drawn, no trace records them".to_owned()],
        undone: Vec::new(),
        warm_up: Some(warm_up()),
    }
}

/// Decided where the sample has a word.
fn claims(wish: SampleWish, arms: &[Arm]) -> Claims {
    let columns = [
        Metric::Acceptance,
        Metric::Misplacements,
        Metric::ErrandWaitP50,
        Metric::StrandedNodeHours,
    ]
    .map(Metric::at);
    let claim = |column: usize, arm: usize| {
        let paired = arms[arm].paired[column]?;
        let decided = paired.verdict != Verdict::NotDecided;
        let ruled = Ruled {
            paired,
            at: decided.then_some(wish.replications),
            needs: (!decided).then_some(1_234),
        };
        Some(HeadlineClaim { column, arm, ruled })
    };
    let all = columns
        .iter()
        .flat_map(|&column| (1..arms.len()).filter_map(move |arm| claim(column, arm)));
    Claims {
        all: all.collect(),
        looks: Looks {
            at: vec![wish.replications],
            claims: columns.len() * arms.len().saturating_sub(1),
            confidence: 0.95,
        },
        until_decided: false,
        short: false,
    }
}

fn pairs(wish: SampleWish) -> Vec<Pair> {
    let arms: Vec<Arm> = (0..wish.arms).map(|i| arm(i, wish)).collect();
    let of = |one, other| Pair {
        one,
        other,
        differences: arms[other].paired.clone(),
    };
    let pairs = (0..wish.arms).flat_map(|one| (one + 1..wish.arms).map(move |other| (one, other)));
    if wish.arms > 2 {
        pairs.map(|(one, other)| of(one, other)).collect()
    } else {
        Vec::new()
    }
}

/// Neighbours share a letter.
fn letters(wish: SampleWish) -> Vec<Vec<String>> {
    let own = |i: usize| ["a", "ab", "bc", "c", "cd", "d", "de", "e"][i % 8].to_owned();
    let of = |_| {
        if wish.arms > 2 {
            (0..wish.arms).map(own).collect()
        } else {
            Vec::new()
        }
    };
    (0..COLUMNS.len()).map(of).collect()
}

/// A warm-up that a pilot found.
fn warm_up() -> WarmUp {
    let series = |strategy: &str, days| SeriesCut {
        strategy: strategy.to_owned(),
        series: "occupied".to_owned(),
        cut: Span::days(days),
        settled: days < 9,
    };
    WarmUp {
        found: true,
        cut: Span::days(9),
        horizon: Time::ZERO + Span::days(90),
        pilots: 5,
        series: vec![series("withdraw", 9), series("naive", 4)],
    }
}

fn arm(i: usize, wish: SampleWish) -> Arm {
    let value = |place: usize, replication: u32| {
        let Column { metric, name, .. } = COLUMNS[place];
        if !wish.eventful && (name.starts_with("errand_wait") || metric == Metric::Acceptance) {
            return None;
        }
        let centre = if wish.eventful || metric == Metric::Installed {
            centre(metric, i)
        } else {
            0.0
        };
        Some(
            centre
                * (1.0
                    + if metric == Metric::Acceptance { 0.004 } else { 0.2 }
                        * (noise(place as u64, u64::from(replication)) - 0.5)),
        )
    };
    let estimate = |place: usize| {
        let mean = value(place, 0)?;
        let half = if wish.replications > 1 {
            mean.abs()
                * if COLUMNS[place].metric == Metric::Acceptance {
                    0.002
                } else {
                    0.09
                }
        } else {
            0.0
        };
        Some(Estimate {
            mean,
            lo: mean - half,
            hi: mean + half,
            n: wish.replications,
        })
    };
    let paired = |place: usize| {
        if i == 0 {
            return None;
        }
        let diff = value(place, 0)?
            - if wish.eventful {
                centre(COLUMNS[place].metric, 0)
            } else {
                value(place, 0)?
            };
        let half = if wish.replications > 1 {
            0.2 + diff.abs() * 0.3 * (1.0 + noise(place as u64, i as u64) * 3.0)
        } else {
            0.0
        };
        let half = if COLUMNS[place].metric == Metric::Acceptance && half > 0.0 {
            0.005
        } else {
            half
        };
        let verdict = match COLUMNS[place].good {
            Good::Neither => Verdict::None,
            _ if half == 0.0 || diff.abs() <= half => Verdict::NotDecided,
            good => {
                if (diff > 0.0) == (good == Good::High) {
                    Verdict::Better
                } else {
                    Verdict::Worse
                }
            }
        };
        Some(Paired {
            diff,
            lo: diff - half,
            hi: diff + half,
            n: wish.replications,
            verdict,
            alone: Interval {
                lo: diff - half * 0.8,
                hi: diff + half * 0.8,
            },
            deviation: half,
            matters: 0.002,
            variance_reduction: Some(0.9 - 0.01 * i as f64),
        })
    };
    let pooled = Pooled {
        column: Metric::ErrandWaitP95.at(),
        value: 19.5 / (1.0 + i as f64),
        lo: 17.0 / (1.0 + i as f64),
        hi: 22.0 / (1.0 + i as f64),
        n: wish.replications,
        samples: 1_234,
    };
    let happened = Happened {
        column: Metric::Misplacements.at(),
        hits: 1,
        n: wish.replications,
        share: Interval { lo: 0.009, hi: 0.236 },
    };
    Arm {
        label: LABELS[i % LABELS.len()].to_owned(),
        digest: format!("{:032x}", 0x9e37_79b9_u128 * (i as u128 + 1)),
        estimates: (0..COLUMNS.len()).map(estimate).collect(),
        paired: (0..COLUMNS.len()).map(paired).collect(),
        values: (0..wish.replications)
            .map(|r| (0..COLUMNS.len()).map(|place| value(place, r)).collect())
            .collect(),
        pooled: if wish.eventful { vec![pooled] } else { Vec::new() },
        happened: if wish.eventful { vec![happened] } else { Vec::new() },
        errand_waits: wish.eventful.then(|| errand_waits(i)),
        log: if wish.eventful { log(i) } else { Log::default() },
        more_logs: Vec::new(),
    }
}

fn errand_waits(i: usize) -> ErrandWaits {
    let wait = |k: u64| libm::exp(9.5 + i as f64 * 0.7 + 4.0 * noise(k, 9)) as u64;
    let waits: Vec<u64> = (0..900).map(wait).collect();
    ErrandWaits {
        errands: 1_000,
        served: 900,
        steps: steps(waits, 1_000, MOST_STEPS)
            .into_iter()
            .map(|(ms, share)| (Span(ms), share))
            .collect(),
    }
}

fn log(i: usize) -> Log {
    let ms = |days: f64| Time((days * 86_400_000.0) as u64);
    let mut log = Log {
        timeline: timeline(i),
        ..Log::default()
    };
    for node in 0..40_u64 {
        let name = format!("gpu-p100-rack{}-node-{node:03}", node / 10);
        let (open, length) = (noise(node, 1) * 60.0 + 4.0, 2.0 + noise(node, 2) * 14.0);
        let (opened, closed) = (ms(open), ms(open + length));
        let back = ms(open + length + noise(node, 3) * (1.0 + i as f64));
        log.windows.push(WindowRow {
            window: WindowId(node as u32),
            node: name.clone(),
            opened,
            in_hand: Some(opened),
            closed: Some(closed),
            returned: Some(back),
            occupied: node % 3 == 0,
            cause: "campaign".to_owned(),
            campaign: "firmware".to_owned(),
        });
        let mut at = Time::ZERO;
        let mut put = |to: Time, state: NodeState| {
            let whose = match state {
                NodeState::Tenant => "t1",
                NodeState::Maintenance | NodeState::Exposed => "campaign:firmware",
                _ => "",
            };
            log.states.push(StateRow {
                node: name.clone(),
                class: "gpu".to_owned(),
                from: at,
                to,
                state,
                whose: whose.to_owned(),
            });
            at = to;
        };
        if node == 7 {
            put(ms(3.0), NodeState::Absent);
        }
        put(ms(open * 0.3), NodeState::Free);
        put(ms(open * 0.8), NodeState::Tenant);
        put(ms(open * 0.82), NodeState::Busy);
        put(
            opened,
            if node % 5 == 0 {
                NodeState::Broken
            } else {
                NodeState::Free
            },
        );
        put(ms(open + 0.02), NodeState::Exposed);
        put(
            ms(open + length * 0.4),
            if i == 1 {
                NodeState::Exposed
            } else {
                NodeState::Maintenance
            },
        );
        put(ms(open + length * 0.5), NodeState::Errand);
        put(closed, NodeState::Maintenance);
        put(back, NodeState::Stranded);
        put(ms(88.0), NodeState::Tenant);
        put(ms(90.0), NodeState::Free);
        for errand in 0..4_u16 {
            let needed = ms(open + length * 0.2 * f64::from(errand));
            let wait = libm::exp(9.5 + i as f64 * 0.7 + 4.0 * noise(node * 4 + u64::from(errand), 9)) as u64;
            let running = (node + u64::from(errand) % 11 != 5 + i as u64).then_some(Time(needed.0 + wait));
            log.errands.push(ErrandRow {
                window: WindowId(node as u32),
                errand: ErrandId(errand),
                node: name.clone(),
                needed,
                running,
                ended: running.map(|r| r + Span::hours(1)),
                refused: 1,
                mistargeted: 0,
                outcome: if running.is_some() {
                    ErrandOutcome::Done
                } else {
                    ErrandOutcome::Unserved
                },
            });
        }
    }
    log.requests.push(RequestRow {
        request: "#1, \"quoted\"".to_owned(),
        arrival: Time(1_234),
        tenant: "t1".to_owned(),
        class: "gpu".to_owned(),
        count: 2,
        kind: Kind::People,
        outcome: RequestOutcome::Refused,
        cause: Some(CAUSES[1].0),
        wait: None,
        failed_builds: 1,
        nodes: Vec::new(),
    });
    log.requests.push(RequestRow {
        request: "r2".to_owned(),
        arrival: Time(60_000),
        tenant: "t1".to_owned(),
        class: "gpu".to_owned(),
        count: 1,
        kind: Kind::People,
        outcome: RequestOutcome::Accepted,
        cause: None,
        wait: Some(Span(90_500)),
        failed_builds: 0,
        nodes: vec!["a".to_owned(), "b".to_owned()],
    });
    log.decisions.push(DecisionRow {
        at: Time(1_234),
        what: DecisionKind::Refused,
        request: "#1, \"quoted\"".to_owned(),
        tenant: "t1".to_owned(),
        class: "gpu".to_owned(),
        count: 2,
        cause: Some(CAUSES[1].0),
        said: "#1 was refused: two nodes were hidden.".to_owned(),
        ..DecisionRow::default()
    });
    log.decisions.push(DecisionRow {
        at: Time(60_000),
        what: DecisionKind::Misplaced,
        request: "r2".to_owned(),
        node: "node-1".to_owned(),
        said: "r2 was sent to node-1, which was in maintenance.".to_owned(),
        ..DecisionRow::default()
    });
    log.decisions_left = DecisionsLeft {
        refused: 7,
        misplaced: 0,
    };
    log.story.push((Time(90_000), "the node is hidden".to_owned()));
    log
}

fn timeline(i: usize) -> Vec<TimelineRow> {
    (0..180_u64)
        .map(|bin| {
            let installed = if bin < 40 { 112.0 } else { 120.0 };
            let wave = 6.0 * libm::sin(bin as f64 / 14.0) + 7.0 + noise(bin, 4) * 2.0;
            let stranded = 0.6 + i as f64 * 0.5;
            let schedulable = if i == 1 { installed } else { installed - wave - stranded };
            TimelineRow {
                at: Time(bin * 43_200_000),
                installed,
                schedulable,
                in_maintenance: wave,
                occupied: 80.0,
                exposed: if i == 1 { wave } else { 0.1 },
                stranded,
            }
        })
        .collect()
}
