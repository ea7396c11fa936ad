//! The command line as it is typed: commands, options, and an example for each.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::builder::NonEmptyStringValueParser;
use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;

pub use super::common::{LimitArgs, Wording, WorkArgs};
use crate::cells::points::axis::Axis;
use crate::cells::points::range::Range;
use crate::cells::selector::Selector;
use crate::judge::gate::{FailOn, Tolerance};
use crate::judge::slo::Slo;
use crate::report::findings::Format;
use crate::scenario::keys::ranges::{LEVEL, REPLICATIONS, SHARDS};
use crate::scenario::{PlausibleRange, full_key};

/// In `--tolerance`: the metrics that are not named.
pub const ALL: &str = "all";

/// `sickbay <command> [options]`.
#[derive(Debug, Parser)]
#[command(
    name = "sickbay",
    version,
    about,
    arg_required_else_help = true,
    disable_help_subcommand = true,
    after_help = "Example:\n  sickbay run quickstart    compare four strategies on a small fleet, in seconds\n\n\
        Exit codes: 0 done, 1 changed, regressed or not reachable, 2 wrong use or input (nothing written),\n\
        3 a broken invariant, 75 the file system refused for a reason that may pass (try again), 130 interrupted."
)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Runs every strategy of a scenario in every replication, writes the results, prints the comparison
    #[command(after_help = "Examples:\n  sickbay run quickstart\n  \
        sickbay run quickstart --set fleet.scale=0.5 --replications 10 --out results/half")]
    Run(RunArgs),
    /// Holds a scenario's placements against its golden, its metrics against tolerances, and what it expects
    #[command(after_help = "Examples:\n  \
        sickbay check quickstart --bless --reason \"deploys take 15 min since the new image\"    record, or record anew\n  \
        sickbay check quickstart\n  \
        sickbay check scenarios/*.golden --strict --out check    all that have one, reports in every format\n  \
        sickbay check quickstart --tolerance acceptance=0.2% --fail-on regressed\n\n\
        Exit codes: 0 unchanged, 1 changed or regressed, 2 wrong use or input, 3 a broken invariant.")]
    Check(CheckArgs),
    /// Compares two results folders: what improved, regressed, is unchanged, or cannot be told apart
    #[command(after_help = "Examples:\n  sickbay compare results/before results/quickstart\n  \
        sickbay compare before after --allow operators.slip --tolerance all=1% --fail-on regressed --format markdown\n\n\
        Exit codes: 0 nothing of what --fail-on names, 1 something of it, 2 folders that cannot be compared.")]
    Compare(CompareArgs),
    /// Tells why a request was placed where it was, or refused: the decision stage by stage
    #[command(
        after_help = "Examples:\n  sickbay explain quickstart    list the refused requests\n  \
        sickbay explain quickstart --request r812 --strategy withdraw\n  \
        sickbay explain candidate-cap --request r7 --format json"
    )]
    Explain(ExplainArgs),
    /// Runs a scenario at many points of its keys, in one go or in parts on many machines
    #[command(
        args_conflicts_with_subcommands = true,
        subcommand_negates_reqs = true,
        disable_help_subcommand = true,
        after_help = "Examples:\n  sickbay sweep quickstart --vary fleet.scale=0.8..1.2:0.1\n  \
            sickbay sweep quickstart --vary operators.slip=0,0.05,0.1 --vary control_plane.loop.period=60s,10m\n  \
            sickbay sweep plan quickstart --vary fleet.scale=0.5..2:0.1 --shards 20 --out sweeps/scale\n  \
            sickbay sweep run sweeps/scale --shard 7    in a job array, one shard each\n  \
            sickbay sweep merge sweeps/scale\n\n\
            A killed sweep goes on where it was when the same command is given again.\n\
            Exit codes besides the usual: 4 another version or a machine that computes differently, 75 try again."
    )]
    Sweep(SweepArgs),
    /// Finds the smallest or largest value of a key for which an objective holds, or the cheapest, under each strategy
    #[command(after_help = "Examples:\n  \
        sickbay plan quickstart --find fleet.scale --range 0.5..2:0.05 --slo \"acceptance >= 98% and errand_wait_p95 <= 4h\"\n  \
        sickbay plan quickstart --find operators.technicians --range 1..20 --slo \"acceptance >= 94%\"\n  \
        sickbay plan firmware-campaign --find maintenance.campaign.0.budget.nodes --range 1..10 --largest --slo \"refused <= 30\"\n  \
        sickbay plan priced.toml --find operators.technicians --range 1..6 --minimise cost\n\n\
        Exit codes besides the usual: 1 under some strategy there is no such value.")]
    Plan(PlanArgs),
    /// Says which conclusions hold over what is plausible of the values that no data supports, and where they turn
    #[command(after_help = "Examples:\n  sickbay robust quickstart\n  \
        sickbay robust quickstart --metric errand_wait_p50 --assume ironic.deploy=5m..3h\n\n\
        Ranges are those of the scenario's `[[assume]]` and of --assume; wide ones are gone over by their logarithm.")]
    Robust(RobustArgs),
    /// Says who is refused if nodes of an imported cloud are taken out, under each way of hiding them
    #[command(after_help = "Examples:\n  \
        sickbay whatif data/ours --take rack=7 --at 22:00 --for 8h --demand profile.toml\n  \
        sickbay whatif data/ours --take node=n17,n18 --at now --for 2d --per-day gpu=14 --until 5d\n  \
        sickbay whatif data/ours --take class=gpu --at 22:00 --for 8h    who is on them, and when they leave\n\n\
        The state is that of the end of the imported data. --out keeps the scenario, which `sickbay run` takes.")]
    Whatif(super::taking::WhatifArgs),
    /// Checks a scenario file and says all that is wrong with it
    #[command(after_help = "Examples:\n  sickbay validate quickstart\n  \
        sickbay validate quickstart --effective    print it with every default filled in")]
    Validate(ValidateArgs),
    /// Prints the strategies with their parameters and defaults
    #[command(after_help = "Example:\n  sickbay strategies")]
    Strategies,
    /// Prints what each metric is: name, unit, good side and definition
    #[command(after_help = "Example:\n  sickbay metrics")]
    Metrics,
    /// Says what a term of the glossary means, or a key of scenario files
    #[command(
        after_help = "Examples:\n  sickbay help misplacement\n  sickbay help maintenance.campaign.budget.share\n  \
        sickbay help reference    all keys, as REFERENCE.md has them"
    )]
    Help {
        /// The term or the key; without one, all terms are listed
        term: Vec<String>,
    },
    /// Writes a commented scenario that runs
    #[command(after_help = "Examples:\n  sickbay init --classes general=300,gpu=24 cloud.toml\n  \
        sickbay init --from data/ours study.toml    what was imported there, to be changed here")]
    Init(super::init::InitArgs),
    /// Lists the scenarios in the program, each with its question
    #[command(after_help = "Example:\n  sickbay scenarios")]
    Scenarios,
    /// Prints the JSON Schema of scenario files, for editors
    #[command(after_help = "Example:\n  sickbay schema > sickbay.schema.json")]
    Schema,
    /// Turns what operators have (Ironic, Nova, Slurm, …) into the neutral CSVs and a scenario that runs
    #[command(
        arg_required_else_help = true,
        args_conflicts_with_subcommands = true,
        subcommand_negates_reqs = true,
        disable_help_subcommand = true,
        after_help = "Examples:\n  sickbay import ironic=nodes.json nova=usage.json --out data/ours\n  \
            sickbay import slurm=dump/ --tz Europe/Berlin --from 2025-01-01 --to 2026-01-01 --out data/cluster\n  \
            sickbay import auto=export.json.gz --out data/ours    looks what it is, and says why\n  \
            sickbay import chameleon tacc/ --from 2018-03-15 --to 2020-08-25 --out data/tacc\n\n\
            Then: sickbay run data/ours/scenario.toml. MANUAL.md says how each export is made."
    )]
    Import(super::sources::ImportArgs),
    /// Fits a profile to an imported trace: a scenario that stands in for it and can be scaled, and how well it fits
    #[command(after_help = "Examples:\n  sickbay fit data/ours --out profile.toml\n  \
        sickbay fit data/tacc --scenario scenarios/chameleon-tacc.toml --out tacc.toml --set fleet.scale=0.35\n\n\
        Then: sickbay run profile.toml. No row, name or time of the trace is in the profile; the report beside it says how well each\n\
        law fits, where the profile and the trace differ when both are run, and what a trace cannot tell.")]
    Fit(super::typed::FitArgs),
    /// Draws the figures of a results folder again, without simulating
    #[command(after_help = "Examples:\n  sickbay plot results/quickstart\n  \
        sickbay plot results/quickstart --figure nodes --class gpu --strategy withdraw\n  \
        sickbay plot results/quickstart --metric refused,breaches --format svg --title \"Who is refused\"")]
    Plot {
        /// The results folder
        results: PathBuf,
        /// What is drawn
        #[command(flatten)]
        wish: super::plot::PlotArgs,
        /// Replace figures that were edited or are not ours
        #[arg(long)]
        replace: bool,
    },
    /// Makes report.html of a results folder again, without simulating
    #[command(after_help = "Example:\n  sickbay report results/quickstart")]
    Report {
        /// The folder of a run, a sweep, a plan, or of what robust or compare found
        results: PathBuf,
        /// Replace a page that was edited or is not ours
        #[arg(long)]
        replace: bool,
    },
    /// Prints the completions for a shell
    #[command(after_help = "Example:\n  sickbay completions bash > ~/.local/share/bash-completion/completions/sickbay")]
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Prints the manual page of the program or of a command, for those who package it
    #[command(
        hide = true,
        after_help = "Examples:\n  sickbay man > sickbay.1\n  sickbay man sweep plan > sickbay-sweep-plan.1"
    )]
    Man {
        /// The command; the program itself unless given
        command: Vec<String>,
        /// List the commands that have a page, one a line
        #[arg(long, conflicts_with = "command")]
        list: bool,
    },
}

/// Which scenario, and what differs from its file.
#[derive(Debug, Args)]
pub struct ScenarioArgs {
    /// A scenario file, or the name of a scenario
    pub scenario: String,
    /// The master seed instead of the scenario's
    // TOML's integers end here, and a seed is written into one.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(..=9_223_372_036_854_775_807))]
    pub seed: Option<u64>,
    /// How many replications instead of the scenario's
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=REPLICATIONS))]
    pub replications: Option<u32>,
    /// Only this strategy of the scenario, by label or name (repeatable)
    #[arg(long = "strategy", value_name = "S", value_parser = NonEmptyStringValueParser::new())]
    pub strategies: Vec<String>,
    /// Another value for any key of the scenario, such as fleet.scale=0.5 (repeatable)
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = super::typed::setting)]
    pub settings: Vec<(String, String)>,
    /// What may be read and used.
    #[command(flatten)]
    pub limits: LimitArgs,
}

impl ScenarioArgs {
    /// A scenario with these settings and no other option.
    pub fn of(scenario: &str, settings: Vec<(String, String)>) -> ScenarioArgs {
        ScenarioArgs {
            scenario: scenario.to_owned(),
            seed: None,
            replications: None,
            strategies: Vec::new(),
            settings,
            limits: LimitArgs::default(),
        }
    }

    /// The same scenario and limits with these settings and no other option.
    pub fn with(&self, settings: Vec<(String, String)>) -> ScenarioArgs {
        ScenarioArgs {
            limits: self.limits.clone(),
            ..ScenarioArgs::of(&self.scenario, settings)
        }
    }
}

/// The options of `run`.
#[derive(Debug, Args)]
pub struct RunArgs {
    /// The scenario.
    #[command(flatten)]
    pub scenario: ScenarioArgs,
    /// The folder to write; results/<name of the scenario> unless given
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Print all tables and notes, and the conclusion before and after them
    #[arg(long)]
    pub details: bool,
    /// Where technicians are overloaded, run again with one more and say what that changes
    #[arg(long)]
    pub what_helps: bool,
    /// How the work is done.
    #[command(flatten)]
    pub work: WorkArgs,
}

/// The options of `explain`.
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// The scenario.
    #[command(flatten)]
    pub scenario: ScenarioArgs,
    /// The request's id, as requests.csv and the trace have it; without it, the refused requests are listed
    #[arg(long, value_name = "ID", value_parser = NonEmptyStringValueParser::new())]
    pub request: Option<String>,
    /// The operators' boots onto this node, instead of a request
    #[arg(long, value_name = "NODE", conflicts_with = "request", value_parser = NonEmptyStringValueParser::new())]
    pub boots: Option<String>,
    /// In which replication
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u32).range(..REPLICATIONS))]
    pub replication: u32,
    /// As text for people or as JSON for programs
    #[arg(long, value_enum, default_value_t = Wording::Text)]
    pub format: Wording,
    /// Say nothing on stderr but warnings and errors
    #[arg(long, short)]
    pub quiet: bool,
}

/// `sweep`: the whole of it, or one of its parts.
#[derive(Debug, Args)]
pub struct SweepArgs {
    /// One part.
    #[command(subcommand)]
    pub part: Option<SweepPart>,
    /// All at once.
    #[command(flatten)]
    pub whole: Option<WholeSweep>,
}

/// The parts of a sweep.
#[derive(Debug, Subcommand)]
pub enum SweepPart {
    /// Checks all points and writes the plan of a sweep in so many shards
    #[command(after_help = "Example:\n  \
        sickbay sweep plan quickstart --vary fleet.scale=0.5..2:0.1 --shards 20 --out sweeps/scale")]
    Plan {
        /// The points.
        #[command(flatten)]
        grid: GridArgs,
        /// Into how many shards the cells are cut
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=i64::from(SHARDS)))]
        shards: u32,
        /// The folder of the sweep
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
        /// Say nothing on stderr but warnings and errors
        #[arg(long, short)]
        quiet: bool,
    },
    /// Runs one shard of a planned sweep, or what is left of it
    #[command(after_help = "Example:\n  sickbay sweep run sweeps/scale --shard 7 --threads 4")]
    Run {
        /// The folder of the sweep
        folder: PathBuf,
        /// Which shard, from 1
        #[arg(long, value_name = "K", value_parser = clap::value_parser!(u32).range(1..=i64::from(SHARDS)))]
        shard: u32,
        /// Replace a file in the shard's place that was edited or is not ours
        #[arg(long)]
        replace: bool,
        /// How many threads; one per core unless given. The results do not depend on it
        #[arg(long, value_name = "N")]
        threads: Option<NonZeroUsize>,
        /// What may be read and used.
        #[command(flatten)]
        limits: LimitArgs,
        /// Say nothing on stderr but warnings and errors
        #[arg(long, short)]
        quiet: bool,
    },
    /// Prints the shards that are still to be run, as job arrays take them: 2,5-7
    #[command(after_help = "Example:\n  sbatch --array=$(sickbay sweep missing sweeps/scale) job.sh")]
    Missing {
        /// The folder of the sweep
        folder: PathBuf,
    },
    /// Makes the tables and figures of a sweep whose shards are all there
    #[command(after_help = "Example:\n  sickbay sweep merge sweeps/scale")]
    Merge {
        /// The folder of the sweep
        folder: PathBuf,
        /// Replace files that stand under our names but were edited or are not ours; everything else stays
        #[arg(long)]
        replace: bool,
        /// Say nothing on stderr but warnings and errors
        #[arg(long, short)]
        quiet: bool,
    },
}

/// A sweep in one go.
// Whether there is one is told by what it must have; clap does not look into arguments that are flattened twice.
#[derive(Debug, Args)]
#[group(args = ["axes"])]
pub struct WholeSweep {
    /// The points.
    #[command(flatten)]
    pub grid: GridArgs,
    /// The folder to write; results/<name of the scenario>-sweep unless given
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// How the work is done.
    #[command(flatten)]
    pub work: WorkArgs,
}

/// Which points a sweep has.
#[derive(Debug, Args)]
pub struct GridArgs {
    /// The scenario.
    #[command(flatten)]
    pub scenario: ScenarioArgs,
    /// A key and its values, KEY=V1,V2,… or KEY=A..B:STEP (repeatable: every combination)
    #[arg(long = "vary", value_name = "KEY=VALUES", required = true, value_parser = Axis::parse)]
    pub axes: Vec<Axis>,
    /// So many points instead of every combination: a Latin hypercube, drawn from the scenario's seed
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=REPLICATIONS))]
    pub samples: Option<u32>,
    /// Vary one key at a time, the others at the scenario's own values, and draw a tornado
    #[arg(long, conflicts_with = "samples")]
    pub one_at_a_time: bool,
    /// A metric to draw and to print (repeatable); all metrics are in the tables
    #[arg(long = "metric", value_name = "M", value_parser = metric)]
    pub metrics: Vec<String>,
}

/// The options of `check`.
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// Scenario files or names, or their goldens
    #[arg(required = true, value_name = "SCENARIO")]
    pub scenarios: Vec<String>,
    /// The golden, where it is not beside the scenario as <scenario>.golden
    #[arg(long, value_name = "FILE")]
    pub golden: Option<PathBuf>,
    /// Record the golden anew; the options below become part of it, and `check` runs with them
    #[arg(long)]
    pub bless: bool,
    /// Why it is recorded anew: a line of the golden's history
    #[arg(long, value_name = "TEXT", requires = "bless", value_parser = NonEmptyStringValueParser::new())]
    pub reason: Option<String>,
    /// Fail on any difference: also where only events moved, or the scenario says something else
    #[arg(long)]
    pub strict: bool,
    /// How results are judged.
    #[command(flatten)]
    pub gate: GateArgs,
    /// The master seed instead of the golden's
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(..=9_223_372_036_854_775_807))]
    pub seed: Option<u64>,
    /// How many replications instead of the golden's
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=REPLICATIONS))]
    pub replications: Option<u32>,
    /// Only this strategy of the scenario, by label or name (repeatable)
    #[arg(long = "strategy", value_name = "S", conflicts_with = "bless", value_parser = NonEmptyStringValueParser::new())]
    pub strategies: Vec<String>,
    /// Another value for any key of the scenario, on top of the golden's own (repeatable)
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = super::typed::setting)]
    pub settings: Vec<(String, String)>,
    /// A folder that scenarios may read beside their own (repeatable)
    #[arg(long, value_name = "DIR")]
    pub inputs: Vec<PathBuf>,
    /// Refuse what would need more memory than this, such as 8GB; unless given, what the machine has
    #[arg(long, value_name = "SIZE", value_parser = super::limits::size)]
    pub max_memory: Option<u64>,
    /// How many threads; one per core unless given. The answer does not depend on it
    #[arg(long, value_name = "N")]
    pub threads: Option<NonZeroUsize>,
    /// Say nothing on stderr but warnings and errors
    #[arg(long, short)]
    pub quiet: bool,
}

/// The options of `compare`.
#[derive(Debug, Args)]
pub struct CompareArgs {
    /// The old results folder
    pub old: PathBuf,
    /// The new one
    pub new: PathBuf,
    /// A key (or table) of the scenario in which the two may differ; `files` for what it reads, `all` for anything
    #[arg(long = "allow", value_name = "KEY")]
    pub allowed: Vec<String>,
    /// Compare every metric, not only those that reports show and tolerances name
    #[arg(long)]
    pub every: bool,
    /// How results are judged.
    #[command(flatten)]
    pub gate: GateArgs,
}

/// How findings are judged and printed.
#[derive(Debug, Args)]
pub struct GateArgs {
    /// How far a metric's mean may move: in its unit or in % of the old mean; `all` for the others (repeatable)
    #[arg(long = "tolerance", value_name = "METRIC=AMOUNT", value_parser = tolerance)]
    pub tolerances: Vec<(String, Tolerance)>,
    /// What makes the exit code 1: placements, regressed, improved, changed, not-decided
    #[arg(long, value_name = "WHAT,…", value_delimiter = ',', value_parser = fail_on)]
    pub fail_on: Vec<FailOn>,
    /// The level of the intervals; 0.95 unless given
    #[arg(long, value_name = "SHARE", value_parser = confidence)]
    pub confidence: Option<f64>,
    /// What is printed on stdout
    #[arg(long, value_name = "FORMAT", default_value = "text", value_parser = format)]
    pub format: Format,
    /// A folder for the findings in every format: text, JSON, JUnit XML and Markdown
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Replace files that stand in that folder under our names but were edited or are not ours
    #[arg(long)]
    pub replace: bool,
}

/// The options of `plan`.
#[derive(Debug, Args)]
pub struct PlanArgs {
    /// The scenario.
    #[command(flatten)]
    pub scenario: ScenarioArgs,
    /// The key to find a value of, such as fleet.scale or fleet.group.0.nodes
    #[arg(long, value_name = "KEY")]
    pub find: String,
    /// Where to look: A..B:STEP; the step is 1 between whole numbers
    #[arg(long, value_name = "A..B:STEP", value_parser = range)]
    pub range: Range,
    /// Look for the largest value instead of the smallest
    #[arg(long, conflicts_with = "minimise")]
    pub largest: bool,
    /// What must hold: METRIC >= BOUND or METRIC <= BOUND, several joined by `and`
    #[arg(long, value_name = "SLO", value_parser = Slo::parse, required_unless_present = "minimise")]
    pub slo: Option<Slo>,
    /// Look for the value at which this metric is smallest, such as cost, instead of a border
    #[arg(long, value_name = "METRIC", value_parser = metric, conflicts_with = "slo")]
    pub minimise: Option<String>,
    /// How sure a statement about one value must be
    #[arg(long, value_name = "SHARE", default_value = "0.95", value_parser = confidence)]
    pub confidence: f64,
    /// How many replications one value may take before it stays open; the first look takes the scenario's
    #[arg(long, value_name = "N", default_value_t = 320, value_parser = clap::value_parser!(u32).range(5..=REPLICATIONS))]
    pub max_replications: u32,
    /// Replicate over seeds: each replication takes the next one, so that what a scenario draws once (which nodes a
    /// scaled fleet keeps) is drawn anew
    #[arg(long, conflicts_with = "minimise")]
    pub seeds: bool,
    /// The folder to write; results/<name of the scenario>-plan unless given
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// How the work is done.
    #[command(flatten)]
    pub work: WorkArgs,
}

/// The options of `robust`.
#[derive(Debug, Args)]
pub struct RobustArgs {
    /// The scenario.
    #[command(flatten)]
    pub scenario: ScenarioArgs,
    /// A metric to make claims of instead of the headline's (repeatable)
    #[arg(long = "metric", value_name = "M", value_parser = metric)]
    pub metrics: Vec<String>,
    /// The plausible range of a key, KEY=LOW..HIGH, in place of the scenario's or beside it (repeatable)
    #[arg(long = "assume", value_name = "KEY=LOW..HIGH", value_parser = assumed)]
    pub assumed: Vec<(String, PlausibleRange)>,
    /// How many points of the box of all ranges are looked at
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = clap::value_parser!(u32).range(..=10_000))]
    pub samples: u32,
    /// The folder to write; results/<name of the scenario>-robust unless given
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// How the work is done.
    #[command(flatten)]
    pub work: WorkArgs,
}

/// The options of `validate`.
#[derive(Debug, Args)]
pub struct ValidateArgs {
    /// The scenario.
    #[command(flatten)]
    pub scenario: ScenarioArgs,
    /// Print the scenario with every default filled in
    #[arg(long, conflicts_with = "strategies")]
    pub effective: bool,
    /// Say nothing but warnings and errors
    #[arg(long, short)]
    pub quiet: bool,
}

/// `KEY=LOW..HIGH`.
fn assumed(typed: &str) -> Result<(String, PlausibleRange), String> {
    let (key, range) = typed
        .split_once('=')
        .ok_or_else(|| "give KEY=LOW..HIGH, such as operators.slip=0.003..0.05".to_owned())?;
    Ok((full_key(key.trim()), PlausibleRange::parse(range)?))
}

/// A range with its step.
fn range(text: &str) -> Result<Range, String> {
    Range::parse(text).ok_or("give A..B or A..B:STEP")??.stepped()
}

/// A level of confidence; below a half nothing is said.
fn confidence(text: &str) -> Result<f64, String> {
    let level = text.parse().ok().filter(|level| (LEVEL.0..=LEVEL.1).contains(level));
    level.ok_or_else(|| format!("give a share from {} to {}, such as 0.95", LEVEL.0, LEVEL.1))
}

/// The name of a metric, of the whole or of a part.
fn metric(text: &str) -> Result<String, String> {
    Selector::parse(text)
        .map(|it| it.to_string())
        .map_err(|why| why.to_string())
}

/// One of some words.
fn word<T: Copy>(text: &str, known: &[(&str, T)]) -> Result<T, String> {
    let found = known.iter().find(|(name, _)| *name == text);
    found.map(|(_, value)| *value).ok_or_else(|| {
        let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
        format!("give one of {}", names.join(", "))
    })
}

fn format(text: &str) -> Result<Format, String> {
    word(text, &Format::ALL)
}

fn fail_on(text: &str) -> Result<FailOn, String> {
    word(text, &FailOn::ALL)
}

/// `METRIC=AMOUNT`, where the amount is in the metric's unit or a percentage.
fn tolerance(text: &str) -> Result<(String, Tolerance), String> {
    let wants = "give METRIC=AMOUNT, such as acceptance=0.002 or errand_wait_p95=5%";
    let (typed, amount) = text.rsplit_once('=').ok_or(wants)?;
    let metric = if typed == ALL { typed.to_owned() } else { metric(typed)? };
    let (figure, scale) = amount.strip_suffix('%').map_or((amount, 1.0), |figure| (figure, 100.0));
    let figure: f64 = figure.trim().parse().map_err(|_| wants)?;
    if !figure.is_finite() || figure < 0.0 {
        return Err("a tolerance is 0 or more".to_owned());
    }
    let tolerance = if scale > 1.0 {
        Tolerance::Share(figure / scale)
    } else {
        Tolerance::Absolute(figure)
    };
    Ok((metric, tolerance))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::Arguments;
    use crate::cli::typed::setting;

    #[test]
    fn the_definition_holds_together() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn every_command_shows_an_example() {
        for command in Arguments::command().get_subcommands() {
            let after = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            let line = format!("  sickbay {}", command.get_name());
            assert!(after.contains(&line), "{} has no example", command.get_name());
        }
    }

    #[test]
    fn a_setting_is_split_at_its_first_equals_sign() {
        let parts = |key: &str, value: &str| Ok((key.to_owned(), value.to_owned()));
        assert_eq!(setting("a.b = x=y"), parts("a.b", "x=y"));
        assert_eq!(setting("a="), parts("a", ""));
        assert!(setting("=1").is_err());
        assert!(setting("fleet.scale").is_err());
    }
}
