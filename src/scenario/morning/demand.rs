//! What is asked for from the instant on: the workloads of a profile, or stated rates.

use std::fmt::Write;
use std::path::Path;

use jiff::Timestamp;

use super::ask::{MorningAsk, When};
use super::folder::Folder;
use super::holds::{self, Holds};
use super::state::State;
use super::told::{HoldFound, MorningError, Rate};
use crate::import::files::Reading;
use crate::kernel::samplers::growth_after;
use crate::kernel::time::HOUR_MS;
use crate::kernel::{Span, Time};
use crate::scenario::diagnose::{Problem, fix_word};
use crate::scenario::library::Library;
use crate::scenario::load::{base_of, read_text};
use crate::scenario::tree::{self, Branch, Value, bare};
use crate::scenario::whole::Scenario;
use crate::workload::{FlavorLaw, Source, Stock, Trend};

/// So many tenants of a class ask by their own names, those who asked most; the others are one.
const TENANTS: usize = 50;
/// So many stretches a trend has at most that is told anew from an instant on.
const MOST_STRETCHES: u64 = 1_000;

/// What is asked for from then on.
pub(super) struct Future {
    /// Its `[[workload]]` tables.
    pub text: String,
    /// Where it is from, in words.
    pub from: String,
    pub tenants: Vec<String>,
    pub classes: Vec<String>,
}

/// A scenario whose workloads are the demand to come.
pub(super) struct Profile {
    scenario: Scenario,
    root: Branch,
    shown: String,
}

impl Profile {
    pub(super) fn read(path: &Path, reading: &Reading) -> Result<Profile, MorningError> {
        let shown = path.display().to_string();
        let text = read_text(path, reading).map_err(MorningError::Problems)?;
        let library = Library::new(reading.clone());
        let base = base_of(path);
        let scenario = library.load(&text, &shown, base, &[]).map_err(MorningError::Problems)?;
        if let Some(source) = scenario
            .demand
            .sources
            .iter()
            .find(|source| matches!(source.stock, Stock::Given(_)))
        {
            let message = format!(
                "the workload `{}` is given and not drawn: it has no future",
                source.name
            );
            let fix = "give a profile whose workloads have flavors; `sickbay fit DIR --out PROFILE.toml` makes one of a trace";
            return Err(MorningError::Problems(vec![Problem::of_file(&shown, &message, fix)]));
        }
        let root = tree::parse(&text).unwrap_or_default();
        Ok(Profile { scenario, root, shown })
    }

    /// Whether the profile says by the calendar when it begins.
    fn says_when(&self) -> bool {
        tree::value_at(&self.root, &["scenario", "epoch"]).is_some()
    }

    /// How far the profile has come at the instant whose state counts: by the calendar where it says when it begins, else as
    /// far as the data, beside which it begins.
    fn passed(&self, when: &When) -> Span {
        let epoch: Option<Timestamp> = self.scenario.epoch.parse().ok().filter(|_| self.says_when());
        match epoch {
            Some(epoch) => Span(u64::try_from(when.now.as_millisecond() - epoch.as_millisecond()).unwrap_or(0)),
            None => Span(when.now_ms),
        }
    }

    fn flavors(&self) -> impl Iterator<Item = (&FlavorLaw, f64)> {
        self.scenario.demand.sources.iter().flat_map(|source| {
            let flavors = match &source.stock {
                Stock::Poisson(poisson) => &poisson.flavors[..],
                Stock::Given(_) => &[],
            };
            flavors.iter().map(|flavor| (flavor, flavor.per_day * source.scale))
        })
    }

    /// The law of holds of a class, over its flavors by their rates.
    pub(super) fn hold(&self, class: &str) -> Option<HoldFound> {
        let names = &self.scenario.fleet.names;
        let of: Vec<(&FlavorLaw, f64)> = self
            .flavors()
            .filter(|(flavor, rate)| names.classes.name(flavor.class.0) == class && *rate > 0.0)
            .collect();
        let all: f64 = of.iter().map(|(_, rate)| rate).sum();
        if of.is_empty() {
            return None;
        }
        let longer = |age| {
            of.iter()
                .map(|(flavor, rate)| flavor.hold.longer(age) * rate / all)
                .sum()
        };
        Some(HoldFound {
            of: class.to_owned(),
            law: holds::table(&longer)?,
            from: format!("the flavors of {}", self.shown),
        })
    }

    /// The workloads from `now` on, which is so long after the profile's begin, for a run of a length.
    fn future(&self, (passed, long): (Span, Span), remarks: &mut Vec<String>) -> Future {
        let mut text = String::new();
        let (mut beyond, mut changes) = (false, false);
        if let Some(Value::List(workloads)) = self.root.get("workload").map(|(_, item)| &item.value) {
            for (at, workload) in workloads.iter().enumerate() {
                let Value::Table(branch) = &workload.value else {
                    continue;
                };
                writeln!(text, "[[workload]]").ok();
                let source = self.scenario.demand.sources.get(at);
                // Tenants without names are called by their workload.
                if let Some(source) = source.filter(|_| !branch.contains_key("name")) {
                    writeln!(text, "name = {}", tree::quoted(&source.name)).ok();
                }
                let onward = source.and_then(|source| Onward::of(source, (passed, long), self.scenario.horizon));
                beyond |= onward.as_ref().is_some_and(|onward| onward.beyond);
                changes |= onward.is_some();
                let ours = |key: &str| onward.is_some() && ["scale", "trend"].contains(&key);
                for (key, (_, item)) in branch.iter().filter(|(key, _)| !ours(key)) {
                    writeln!(text, "{} = {}", bare(key), item.value.inline()).ok();
                }
                onward
                    .iter()
                    .flat_map(Onward::keys)
                    .for_each(|(key, value)| _ = writeln!(text, "{key} = {value}"));
                text.push('\n');
            }
        }
        if changes {
            remarks.push(format!(
                "Its demand changes over time: at that instant {} has come {passed} far, by {}.",
                self.shown,
                if self.says_when() {
                    "its `epoch`"
                } else {
                    "the begin of the data, which is taken for its own"
                }
            ));
        }
        if beyond {
            remarks.push(format!(
                "{} ends before the run does: from there on its demand goes on as at its end.",
                self.shown
            ));
        }
        let names = &self.scenario.fleet.names;
        let mut classes: Vec<String> = self
            .flavors()
            .map(|(flavor, _)| names.classes.name(flavor.class.0).to_owned())
            .collect();
        classes.sort();
        classes.dedup();
        Future {
            text,
            from: format!("the workloads of {}", self.shown),
            // The operators' own tenant is number 0.
            tenants: names.tenants.iter().skip(1).map(str::to_owned).collect(),
            classes,
        }
    }
}

/// What of a workload hangs on how far its profile has come, for a run that begins there: its scale, and its trend.
struct Onward {
    scale: f64,
    trend: Option<Trend>,
    /// The run is, in part, later than all that the trend tells.
    beyond: bool,
}

impl Onward {
    /// None where nothing changes over time.
    fn of(source: &Source, (passed, long): (Span, Span), horizon: Time) -> Option<Onward> {
        let Stock::Poisson(poisson) = &source.stock else {
            return None;
        };
        if poisson.trend.is_none() && poisson.growth == 0.0 {
            return None;
        }
        let grown = growth_after(passed, poisson.growth);
        let Some(trend) = &poisson.trend else {
            return Some(Onward {
                scale: source.scale * grown,
                trend: None,
                beyond: false,
            });
        };
        // A trend that its own scenario runs through more than once comes again; another one ends.
        let told = trend.every.0.saturating_mul(trend.rates.len() as u64);
        let again = horizon.0 > told;
        let at = |ms: u64| trend.at(Time(if again { ms } else { ms.min(told - 1) }));
        let end = passed.0 + long.0;
        let into = passed.0 % trend.every.0;
        let rest = trend.every.0 - into;
        // Stretches of one length from now on at whose ends the trend's are, or nearly.
        let exact = common(trend.every.0, rest);
        let every = if long.0 <= rest {
            long.0.max(1)
        } else if long.0 / exact < MOST_STRETCHES {
            exact
        } else {
            (long.0 / MOST_STRETCHES).max(HOUR_MS)
        };
        let rates: Vec<f64> = (0..long.0.div_ceil(every).max(1))
            .map(|stretch| at(passed.0 + stretch * every + every / 2))
            .collect();
        let mean = rates.iter().sum::<f64>() / rates.len() as f64;
        let changes = mean > 0.0 && rates.iter().any(|rate| *rate != rates[0]);
        Some(Onward {
            scale: source.scale * grown * mean,
            trend: changes.then_some(Trend {
                every: Span(every),
                rates,
            }),
            beyond: !again && end > told,
        })
    }

    fn keys(&self) -> Vec<(&'static str, String)> {
        let mut keys = vec![("scale", format!("{:?}", self.scale))];
        if let Some(trend) = &self.trend {
            let rates: Vec<String> = trend.rates.iter().map(|rate| format!("{rate:?}")).collect();
            keys.push((
                "trend",
                format!("{{ every = \"{}\", rates = [{}] }}", trend.every, rates.join(", ")),
            ));
        }
        keys
    }
}

/// The greatest length of which both are multiples.
fn common(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { common(b, a % b) }
}

/// What is asked for from then on; none where nobody said.
pub(super) fn of(
    ask: &MorningAsk<'_>,
    (folder, state, when): (&Folder, &State, &When),
    (profile, holds): (Option<&Profile>, &Holds),
    remarks: &mut Vec<String>,
) -> Result<Option<Future>, MorningError> {
    if let Some(profile) = profile {
        let passed = profile.passed(when);
        return Ok(Some(profile.future((passed, when.since(when.until)), remarks)));
    }
    if ask.rates.is_empty() {
        return Ok(None);
    }
    let mut future = Future {
        text: String::new(),
        from: "the stated rates".to_owned(),
        tenants: Vec::new(),
        classes: Vec::new(),
    };
    for (at, rate) in ask.rates.iter().enumerate() {
        if let Some(first) = ask.rates[..at].iter().find(|first| first.class == rate.class) {
            return Err(MorningError::Use(format!(
                "--per-day {class}={} and --per-day {class}={}: two rates for one class; give one of them",
                first.per_day,
                rate.per_day,
                class = rate.class
            )));
        }
        stated(rate, folder, state, holds, &mut future)?;
    }
    future.tenants.sort();
    future.tenants.dedup();
    Ok(Some(future))
}

fn stated(rate: &Rate, folder: &Folder, state: &State, holds: &Holds, future: &mut Future) -> Result<(), MorningError> {
    let class = &rate.class;
    let nodes = state.nodes.iter().filter(|node| node.resource_class == *class).count();
    if nodes == 0 {
        let known: std::collections::BTreeSet<&str> =
            state.nodes.iter().map(|node| node.resource_class.as_str()).collect();
        let all: Vec<&str> = known.into_iter().collect();
        return Err(MorningError::Use(format!(
            "--per-day {class}={}: no node has the class `{class}`; {}",
            rate.per_day,
            fix_word(class, all.iter().copied())
        )));
    }
    let Some(law) = holds.of.get(&(class.clone(), false)).map(|at| &holds.laws[*at]) else {
        return Err(MorningError::Use(format!(
            "--per-day {class}={}: too few holds have ended in the data to say how long a request holds its machine; give \
             --demand PROFILE.toml, whose flavors say it",
            rate.per_day
        )));
    };
    let mut tenants: Vec<(String, u32)> = state
        .tenants
        .get(class)
        .map(|tenants| tenants.iter().map(|(name, count)| (name.clone(), *count)).collect())
        .unwrap_or_default();
    tenants.sort_by(|a, b| (b.1, &a.0).cmp(&(a.1, &b.0)));
    let rest: u32 = tenants.iter().skip(TENANTS).map(|(_, count)| count).sum();
    tenants.truncate(TENANTS);
    if rest > 0 || tenants.is_empty() {
        tenants.push(("others".to_owned(), rest.max(1)));
    }
    let shares: Vec<String> = tenants
        .iter()
        .map(|(name, count)| format!("{{ name = {}, share = {count} }}", tree::quoted(name)))
        .collect();
    let sizes: Vec<String> = state
        .sizes
        .get(class)
        .map(|sizes| {
            let fit = sizes.iter().filter(|(count, _)| (**count as usize) <= nodes);
            fit.map(|(count, times)| format!("[{count}, {times}]")).collect()
        })
        .unwrap_or_default();
    let text = &mut future.text;
    writeln!(text, "[[workload]]\nname = {}", tree::quoted(&format!("asked-{class}"))).ok();
    for (key, value) in folder.of_trace(&["on_refusal", "line", "multi", "hold_from"]) {
        writeln!(text, "{key} = {value}").ok();
    }
    writeln!(text, "tenants = [{}]", shares.join(", ")).ok();
    writeln!(text, "\n[[workload.flavor]]\nclass = {}", tree::quoted(class)).ok();
    writeln!(text, "per_day = {:?}", rate.per_day).ok();
    if !sizes.is_empty() {
        writeln!(text, "sizes = [{}]", sizes.join(", ")).ok();
    }
    writeln!(text, "hold = {}\n", holds::toml(&law.law)).ok();
    write!(
        future.from,
        "{} {class} {} a day",
        if future.classes.is_empty() { ":" } else { "," },
        rate.per_day
    )
    .ok();
    future.tenants.extend(tenants.into_iter().map(|(name, _)| name));
    future.classes.push(class.clone());
    Ok(())
}
