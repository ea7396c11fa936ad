//! The command line as it is typed: commands, options, and an example for each.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::builder::NonEmptyStringValueParser;
use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;
use jiff::Timestamp;

/// `sickbay <command> [options]`.
#[derive(Debug, Parser)]
#[command(
    name = "sickbay",
    version,
    about,
    arg_required_else_help = true,
    disable_help_subcommand = true,
    after_help = "Example:\n  sickbay run quickstart    compare four strategies on a small fleet, in seconds\n\n\
        Exit codes: 0 done, 2 wrong use or input (nothing written), 3 a broken invariant, 130 interrupted."
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
        sickbay run scenarios/chameleon-tacc.toml --set fleet.scale=0.5 --replications 10 --out results/half")]
    Run(RunArgs),
    /// Tells why a request was placed where it was, or refused: the decision stage by stage
    #[command(
        after_help = "Examples:\n  sickbay explain quickstart    list the refused requests\n  \
        sickbay explain quickstart --request r812 --strategy withdraw\n  \
        sickbay explain scenarios/candidate-cap.toml --request r7 --format json"
    )]
    Explain(ExplainArgs),
    /// Checks a scenario file and says all that is wrong with it
    #[command(after_help = "Examples:\n  sickbay validate scenarios/quickstart.toml\n  \
        sickbay validate quickstart --effective    print it with every default filled in")]
    Validate(ValidateArgs),
    /// Prints the strategies with their parameters and defaults
    #[command(after_help = "Example:\n  sickbay strategies")]
    Strategies,
    /// Prints what each metric is: name, unit, good side and definition
    #[command(after_help = "Example:\n  sickbay metrics")]
    Metrics,
    /// Turns foreign data into the neutral CSVs that scenarios read
    #[command(
        arg_required_else_help = true,
        disable_help_subcommand = true,
        after_help = "Example:\n  sickbay import chameleon tacc/ --from 2018-03-15 --to 2020-08-25 --out data/tacc"
    )]
    Import {
        /// Where the data is from.
        #[command(subcommand)]
        format: ImportFormat,
    },
    /// Draws the figures of a results folder again, without simulating
    #[command(after_help = "Example:\n  sickbay plot results/quickstart")]
    Plot {
        /// The results folder
        results: PathBuf,
    },
    /// Prints the completions for a shell
    #[command(after_help = "Example:\n  sickbay completions bash > ~/.local/share/bash-completion/completions/sickbay")]
    Completions {
        /// The shell
        shell: Shell,
    },
}

/// What an import reads.
#[derive(Debug, Subcommand)]
pub enum ImportFormat {
    /// The leases and machine events of one Chameleon site, as published with CHISim
    #[command(after_help = "Example:\n  \
        sickbay import chameleon tacc/ --from 2018-03-15 --to 2020-08-25 --out data/tacc")]
    Chameleon {
        /// The folder with machine_events.csv, on_demand and in_advance
        source: PathBuf,
        /// Where the window begins: a date (midnight UTC) or a time as in RFC 3339
        #[arg(long, value_name = "TIME", value_parser = timestamp)]
        from: Timestamp,
        /// Where the window ends
        #[arg(long, value_name = "TIME", value_parser = timestamp)]
        to: Timestamp,
        /// The folder to write
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
        /// Say nothing on stderr but errors
        #[arg(long, short)]
        quiet: bool,
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
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub replications: Option<u32>,
    /// Only this strategy of the scenario, by label or name (repeatable)
    #[arg(long = "strategy", value_name = "S", value_parser = NonEmptyStringValueParser::new())]
    pub strategies: Vec<String>,
    /// Another value for any key of the scenario, such as fleet.scale=0.5 (repeatable)
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = setting)]
    pub settings: Vec<(String, String)>,
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
    /// How many threads; one per core unless given. The results do not depend on it
    #[arg(long, value_name = "N")]
    pub threads: Option<NonZeroUsize>,
    /// Say nothing on stderr but errors
    #[arg(long, short)]
    pub quiet: bool,
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
    /// In which replication
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub replication: u32,
    /// As text for people or as JSON for programs
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// Say nothing on stderr but errors
    #[arg(long, short)]
    pub quiet: bool,
}

/// How an answer is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For people.
    Text,
    /// For programs.
    Json,
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
    /// Say nothing but errors
    #[arg(long, short)]
    pub quiet: bool,
}

/// `KEY=VALUE`. What stands behind the first `=` is the scenario reader's to judge.
fn setting(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.trim().is_empty() => Ok((key.trim().to_owned(), value.trim().to_owned())),
        _ => Err("give KEY=VALUE, such as fleet.scale=0.5".to_owned()),
    }
}

/// A date stands for its first instant, UTC.
fn timestamp(text: &str) -> Result<Timestamp, String> {
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Ok(instant);
    }
    // A civil date parses out of a longer text too; a time without its zone is nobody's instant.
    let date = text
        .parse::<jiff::civil::Date>()
        .ok()
        .filter(|date| date.to_string() == text);
    let midnight = date.and_then(|date| date.to_zoned(jiff::tz::TimeZone::UTC).ok());
    midnight
        .map(|zoned| zoned.timestamp())
        .ok_or_else(|| "give a date such as 2018-03-15, or a time such as 2018-03-15T12:00:00Z".to_owned())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::{Arguments, setting, timestamp};

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

    #[test]
    fn a_date_is_its_midnight_and_a_zoneless_time_is_refused() {
        assert_eq!(timestamp("2018-03-15"), timestamp("2018-03-15T00:00:00Z"));
        assert!(timestamp("2018-03-15T12:00:00").is_err());
        assert!(timestamp("15.3.2018").is_err());
    }
}
