//! What is asked for from the instant on: the workloads of a profile, or stated rates.

use std::fmt::Write;
use std::path::Path;

use super::ask::MorningAsk;
use super::folder::Folder;
use super::holds::{self, Holds};
use super::state::State;
use super::told::{HoldFound, MorningError, Rate};
use crate::import::files::Reading;
use crate::scenario::diagnose::{Problem, fix_word};
use crate::scenario::library::Library;
use crate::scenario::load::{base_of, read_text};
use crate::scenario::tree::{self, Branch, Value, bare};
use crate::scenario::whole::Scenario;
use crate::workload::{FlavorLaw, Stock};

/// So many tenants of a class ask by their own names, those who asked most; the others are one.
const TENANTS: usize = 50;

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

    fn future(&self) -> Future {
        let mut text = String::new();
        if let Some(Value::List(workloads)) = self.root.get("workload").map(|(_, item)| &item.value) {
            for (at, workload) in workloads.iter().enumerate() {
                let Value::Table(branch) = &workload.value else {
                    continue;
                };
                writeln!(text, "[[workload]]").ok();
                if !branch.contains_key("name") {
                    writeln!(text, "name = \"asked-{}\"", at + 1).ok();
                }
                for (key, (_, item)) in branch {
                    writeln!(text, "{} = {}", bare(key), item.value.inline()).ok();
                }
                text.push('\n');
            }
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

/// What is asked for from then on; none where nobody said.
pub(super) fn of(
    ask: &MorningAsk<'_>,
    (folder, state): (&Folder, &State),
    (profile, holds): (Option<&Profile>, &Holds),
) -> Result<Option<Future>, MorningError> {
    if let Some(profile) = profile {
        return Ok(Some(profile.future()));
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
    for rate in ask.rates {
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
