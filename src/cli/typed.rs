//! The options of commands that need nothing of the other ones' but how a key is set.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::Args;
use clap::builder::NonEmptyStringValueParser;

use crate::scenario::keys::ranges::REPLICATIONS;

/// The options of `fit`.
#[derive(Debug, Args)]
pub struct FitArgs {
    /// A folder that `sickbay import` has written: nodes.csv, requests.csv, maintenance.csv, scenario.toml
    pub folder: PathBuf,
    /// The scenario to write
    #[arg(long, value_name = "FILE.toml")]
    pub out: PathBuf,
    /// The scenario that plays the trace, where the folder has no scenario.toml
    #[arg(long, value_name = "SCENARIO")]
    pub scenario: Option<String>,
    /// The folder for the report; the name of --out with `-fit` in place of `.toml` unless given
    #[arg(long, value_name = "DIR")]
    pub report: Option<PathBuf>,
    /// Call classes class-1, class-2, …
    #[arg(long)]
    pub rename_classes: bool,
    /// Do not run trace and profile side by side
    #[arg(long)]
    pub no_loop: bool,
    /// The seed of the bootstraps
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// Replications of trace and profile, 10 unless given
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(2..=REPLICATIONS))]
    pub replications: Option<u32>,
    /// Run only this strategy of the scenario, by label or name (repeatable)
    #[arg(long = "strategy", value_name = "S", value_parser = NonEmptyStringValueParser::new())]
    pub strategies: Vec<String>,
    /// Another value for any key in both trace and profile while they are run, such as fleet.scale=0.5 (repeatable)
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = setting)]
    pub settings: Vec<(String, String)>,
    /// Replace what is there under our names, although it was edited or is not ours
    #[arg(long)]
    pub replace: bool,
    /// How many threads; one per core unless given. The results do not depend on it
    #[arg(long, value_name = "N")]
    pub threads: Option<NonZeroUsize>,
    /// Say nothing on stderr but warnings and errors
    #[arg(long, short)]
    pub quiet: bool,
}

/// `KEY=VALUE`. What stands behind the first `=` is the scenario reader's to judge.
pub fn setting(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.trim().is_empty() => Ok((key.trim().to_owned(), value.trim().to_owned())),
        _ => Err("give KEY=VALUE, such as fleet.scale=0.5".to_owned()),
    }
}
