//! Options that several commands have.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::Args;

/// What may be read, and how much memory may be used.
#[derive(Clone, Debug, Default, Args)]
pub struct LimitArgs {
    /// Read only below the scenario's folder and `--inputs`, links resolved first
    #[arg(long)]
    pub restrict_inputs: bool,
    /// A folder that may be read too, under --restrict-inputs (repeatable)
    #[arg(long, value_name = "DIR", requires = "restrict_inputs")]
    pub inputs: Vec<PathBuf>,
    /// Refuse what would need more memory than this, such as 8GB; unless given, what the machine has
    #[arg(long, value_name = "SIZE", value_parser = super::limits::size)]
    pub max_memory: Option<u64>,
}

/// How the work of a command that writes a folder is done.
#[derive(Debug, Args)]
pub struct WorkArgs {
    /// Replace files that stand under our names but were edited or are not ours; everything else stays
    #[arg(long)]
    pub replace: bool,
    /// How many threads; one per core unless given. The results do not depend on it
    #[arg(long, value_name = "N")]
    pub threads: Option<NonZeroUsize>,
    /// Say nothing on stderr but warnings and errors
    #[arg(long, short)]
    pub quiet: bool,
}

/// How an explanation is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Wording {
    /// For people.
    Text,
    /// For programs.
    Json,
}
