//! A time table with a recording's own moments put in: when Nova had decided each request, when each instance was
//! deleted, how long a pass of the loop took. With them a machine that was slow for some seconds is no difference any
//! more; a rule that is not the cloud's still is.

use std::collections::BTreeMap;

use serde_json::Value;
use sickbay::scenario::values::duration;

use super::tape::Recording;

/// When things happened in a recorded play, in seconds from its begin.
pub struct Moments {
    requests: BTreeMap<String, Asked>,
    /// The least and the greatest time from pass to pass of the slowest service.
    passes: Option<(f64, f64)>,
    /// When each spell's mark was on, by node and the second in which it opened.
    marked: BTreeMap<(String, u64), f64>,
}

/// What of a build that failed is taken to be otherwise than in the model, where a build has the node at the decision.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Failed {
    /// Nothing.
    AsDecided,
    /// It failed when the cloud said so: by then others may have taken its alternates.
    AsSaid,
    /// A mark that came between the decision and the failure was on before.
    ByTheMark,
}

struct Asked {
    at: f64,
    /// When none of its machines was being built any more.
    over: f64,
    /// Whether a machine was built, so that `over` is no measure of the decision.
    built: bool,
    served: bool,
}

/// From the decision until the watcher has seen it, on the mean.
const SEEN_AFTER: f64 = 0.4;
/// Where no request near it was refused: what a decision takes on an idle machine.
const DECIDED_AFTER: f64 = 0.8;
/// So long before the decision a mark is brought forward to: its own steps, and not so long that the view tells.
const MARK_BEFORE: f64 = 0.5;
/// Requests so near to one another met the same load.
const NEAR: f64 = 15.0;

impl Moments {
    pub fn read(played: &Value) -> Moments {
        let rows = played["requests"].as_object().into_iter().flatten();
        let requests = rows
            .filter_map(|(name, row)| Some((name.clone(), asked(row)?)))
            .collect();
        let passes = played["clock"]["passes_s"].as_object().into_iter().flatten();
        let passes = passes.filter_map(|(_, gaps)| Some((gaps[0].as_f64()?, gaps[2].as_f64()?)));
        Moments {
            requests,
            passes: passes.reduce(|a, b| if a.1 > b.1 { a } else { b }),
            marked: marked(played),
        }
    }

    /// How long a request waits for Nova's decision at this moment: the median of the refused ones around it.
    fn decision(&self, at: f64) -> f64 {
        let near = self
            .requests
            .values()
            .filter(|it| !it.built && (it.at - at).abs() <= NEAR);
        let mut took: Vec<f64> = near.map(|it| it.over - SEEN_AFTER - it.at).collect();
        took.sort_by(f64::total_cmp);
        took.get(took.len() / 2).map_or(DECIDED_AFTER, |one| one.max(0.0))
    }

    /// When Nova had decided the request.
    fn decided(&self, it: &Asked, failed: Failed) -> f64 {
        let end = (it.over - SEEN_AFTER).max(it.at);
        if !it.built || (!it.served && failed == Failed::AsSaid) {
            return end;
        }
        (it.at + self.decision(it.at)).min(end)
    }

    /// The decision of a build that failed and within which the spell's mark came.
    fn broken_by(&self, node: &str, start: f64) -> Option<f64> {
        let marked = *self.marked.get(&(node.to_owned(), start as u64))?;
        let lost = self.requests.values().filter(|it| it.built && !it.served);
        let mut decided = lost.filter_map(|it| {
            let decided = self.decided(it, Failed::AsDecided);
            (decided < marked && marked < it.over).then_some(decided)
        });
        decided.next()
    }

    /// What a decision takes, over the whole play.
    pub fn usual_decision(&self) -> f64 {
        let mut all: Vec<f64> = self.requests.values().map(|it| self.decision(it.at)).collect();
        all.sort_by(f64::total_cmp);
        all.get(all.len() / 2).copied().unwrap_or(DECIDED_AFTER)
    }

    /// From a decision to a running instance: what a share of them took at most.
    pub fn deploy(&self, share: f64) -> Option<f64> {
        let served = self.requests.values().filter(|it| it.served);
        let mut all: Vec<f64> = served.map(|it| it.over - self.decided(it, Failed::AsDecided)).collect();
        all.sort_by(f64::total_cmp);
        all.get((share * all.len() as f64) as usize).copied()
    }

    /// How long a pass took. By the service's rule the next one begins a second after it at the earliest, and a
    /// period after its end at the latest.
    pub fn pass(&self, period: f64) -> Option<f64> {
        let (least, greatest) = self.passes?;
        Some(((least - 1.0).max(0.0) + (greatest - period).max(0.0)) / 2.0)
    }
}

fn marked(played: &Value) -> BTreeMap<(String, u64), f64> {
    let spells = played["spells"].as_array().into_iter().flatten();
    let marked = spells.filter_map(|row| {
        let node = row["node"].as_str()?.to_owned();
        Some(((node, row["opened"].as_f64()? as u64), row["marked"].as_f64()?))
    });
    marked.collect()
}

fn asked(row: &Value) -> Option<Asked> {
    let tries = row["tries"].as_array().into_iter().flatten();
    Some(Asked {
        at: row["at"].as_f64()?,
        over: row["over"].as_f64()?,
        built: tries.filter_map(Value::as_u64).sum::<u64>() > 0,
        served: row["outcome"] == "accepted",
    })
}

/// As a scenario types it, in seconds.
pub fn seconds(typed: &toml::Value) -> Option<f64> {
    Some(duration(typed.as_str()?).ok()?.0 as f64 / 1000.0)
}

fn span(seconds: f64) -> toml::Value {
    toml::Value::String(typed(seconds))
}

/// As a scenario types it.
pub fn typed(seconds: f64) -> String {
    format!("{}ms", (seconds.max(0.0) * 1000.0).round())
}

/// The scenario as it was played under the strategy: each request when it was decided, each instance deleted when it
/// was, if a deploy takes `deploy`.
pub fn table(recording: &Recording, label: &str, deploy: f64, failed: Failed) -> String {
    let moments = &recording.strategies[label].moments;
    let mut table = recording.scenario.clone();
    let loads = table["workload"].as_array_mut().into_iter().flatten();
    let requests = loads
        .filter_map(|load| load.get_mut("request")?.as_array_mut())
        .flatten();
    for request in requests {
        let it = request["name"].as_str().and_then(|name| moments.requests.get(name));
        let (Some(it), Some(hold)) = (it, seconds(&request["hold"])) else {
            continue;
        };
        let decided = moments.decided(it, failed);
        request["at"] = span(decided);
        if it.served {
            request["hold"] = span((it.over + hold - decided - deploy).max(0.1));
        }
    }
    if failed == Failed::ByTheMark {
        bring_marks_forward(&mut table, moments);
    }
    toml::to_string(&table).unwrap_or_else(|e| panic!("{e}"))
}

fn bring_marks_forward(table: &mut toml::Value, moments: &Moments) {
    let spells = table["maintenance"]
        .get_mut("spell")
        .and_then(toml::Value::as_array_mut);
    for spell in spells.into_iter().flatten() {
        let node = spell["node"].as_str().unwrap_or_default();
        let start = seconds(&spell["start"]).unwrap_or_default();
        if let Some(decided) = moments.broken_by(node, start) {
            spell["start"] = span(start.min(decided - MARK_BEFORE));
        }
    }
}

/// A pass's length per node, and how long the operators' script waits from try to try: the decision and its pause.
pub fn clock(recording: &Recording, label: &str) -> Vec<(String, String)> {
    let moments = &recording.strategies[label].moments;
    let table = &recording.scenario;
    let of = |part: &str, key: &str| seconds(table.get(part)?.get(key)?);
    let mut settings = Vec::new();
    if let Some(retry) = of("operators", "retry") {
        let retry = retry + moments.usual_decision();
        settings.push(("operators.retry".to_owned(), format!("\"{}\"", typed(retry))));
    }
    let period = seconds(&table["control_plane"]["loop"]["period"]).unwrap_or_default();
    let groups = table["fleet"]["group"].as_array().into_iter().flatten();
    let mut services: BTreeMap<&str, i64> = BTreeMap::new();
    for group in groups {
        let service = group
            .get("conductor_group")
            .and_then(toml::Value::as_str)
            .unwrap_or_default();
        *services.entry(service).or_default() += group["nodes"].as_integer().unwrap_or(0);
    }
    let nodes = services.values().copied().max().unwrap_or(1);
    if let Some(pass) = moments.pass(period) {
        let per_node = format!("\"{}\"", typed(pass / nodes as f64));
        settings.push(("control_plane.loop.per_node".to_owned(), per_node));
    }
    settings
}
