//! The options of `whatif`.

use std::path::PathBuf;

use clap::Args;

use super::common::{LimitArgs, Wording, WorkArgs};
use crate::kernel::Span;
use crate::scenario::keys::ranges::REPLICATIONS;
use crate::scenario::morning::{Rate, TakeBy};
use crate::scenario::values;

/// The fewest draws: below, a word on a difference would rest on too little.
const LEAST: u32 = 40;

/// The options of `whatif`.
#[derive(Debug, Args)]
pub struct WhatifArgs {
    /// A folder that `sickbay import` has written
    pub folder: PathBuf,
    /// Which nodes are taken out: rack=R, class=C, group=G (a conductor group) or node=N1,N2,… (repeatable: all of them)
    #[arg(long = "take", value_name = "BY=NAME,…", required = true, value_parser = take)]
    pub takes: Vec<(TakeBy, Vec<String>)>,
    /// From when: an hour of the day (22:00), a date, a time from then on (36h), an instant, or now
    #[arg(long, value_name = "WHEN", allow_hyphen_values = true)]
    pub at: String,
    /// For how long, such as 8h
    #[arg(long = "for", value_name = "TIME", value_parser = span, allow_hyphen_values = true)]
    pub long: Span,
    /// Until when refusals count; three days after the nodes are back unless given
    #[arg(long, value_name = "WHEN", allow_hyphen_values = true)]
    pub until: Option<String>,
    /// The instant whose state counts; the end of the imported data unless given
    #[arg(long, value_name = "WHEN", allow_hyphen_values = true)]
    pub now: Option<String>,
    /// What becomes of who is on the nodes: tenant-leaves, at-once or a deadline such as 4h; as the folder's scenario says unless given
    #[arg(long, value_name = "RULE", value_parser = drain)]
    pub drain: Option<String>,
    /// A scenario whose workloads are asked for from then on, such as `sickbay fit` writes
    #[arg(long, value_name = "PROFILE.toml")]
    pub demand: Option<PathBuf>,
    /// Requests a day for a class, by tenants and for holds as they were seen (repeatable)
    #[arg(long = "per-day", value_name = "CLASS=N", value_parser = rate, conflicts_with = "demand")]
    pub rates: Vec<Rate>,
    /// How many draws
    #[arg(long, value_name = "N", default_value_t = LEAST, value_parser = clap::value_parser!(u32).range(i64::from(LEAST)..=REPLICATIONS))]
    pub replications: u32,
    /// The master seed
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u64).range(..=9_223_372_036_854_775_807))]
    pub seed: u64,
    /// Only this strategy of the folder's scenario, by label or name (repeatable)
    #[arg(long = "strategy", value_name = "S")]
    pub strategies: Vec<String>,
    /// Print the scenario with every default filled in, and run nothing
    #[arg(long)]
    pub effective: bool,
    /// As text for people or as JSON for programs
    #[arg(long, value_enum, default_value_t = Wording::Text)]
    pub format: Wording,
    /// Keep the scenario with its files and the answer in this folder
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// How the work is done.
    #[command(flatten)]
    pub work: WorkArgs,
    /// What may be read and used.
    #[command(flatten)]
    pub limits: LimitArgs,
}

fn take(text: &str) -> Result<(TakeBy, Vec<String>), String> {
    let wants = "give rack=R, class=C, group=G or node=N1,N2,…, such as rack=7";
    let (by, names) = text.split_once('=').ok_or(wants)?;
    let found = TakeBy::ALL.iter().find(|(word, _)| *word == by.trim());
    let (_, by) = found.ok_or_else(|| format!("nodes are not taken by `{by}`; {wants}"))?;
    let names: Vec<String> = names.split(',').map(|name| name.trim().to_owned()).collect();
    if names.iter().any(String::is_empty) {
        return Err(format!("`{text}` names nothing; {wants}"));
    }
    Ok((*by, names))
}

fn span(text: &str) -> Result<Span, String> {
    values::duration(text).map_err(|why| format!("{why}; give a time with its unit, such as 8h"))
}

fn drain(text: &str) -> Result<String, String> {
    match text {
        "tenant-leaves" | "at-once" => Ok(format!("\"{text}\"")),
        _ => match values::duration(text) {
            Ok(deadline) => Ok(format!("{{ deadline = \"{deadline}\" }}")),
            Err(_) => Err("give tenant-leaves, at-once or a time such as 4h".to_owned()),
        },
    }
}

fn rate(text: &str) -> Result<Rate, String> {
    let wants = "give CLASS=N, such as gpu=14.5 requests a day";
    let (class, number) = text.rsplit_once('=').ok_or(wants)?;
    let per_day: f64 = number.trim().parse().map_err(|_| wants)?;
    if class.trim().is_empty() || !(0.0..=1e6).contains(&per_day) {
        return Err(format!("{wants}, from 0 to 1000000"));
    }
    Ok(Rate {
        class: class.trim().to_owned(),
        per_day,
    })
}
