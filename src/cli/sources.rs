//! The command line of `import`: files and whose exports they are, and how they are to be read.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use jiff::Timestamp;

use crate::import::foreign::{DemandOptions, ForeignOptions, NamingOptions};
use crate::import::operators::{self, ForeignFile};
use crate::kernel::text::quoted;
use crate::scenario::values::duration;

/// `import`: operators' exports together, or one site of Chameleon's.
#[derive(Debug, Args)]
pub struct ImportArgs {
    /// Chameleon's traces have a command of their own.
    #[command(subcommand)]
    pub format: Option<ImportFormat>,
    /// Operators' exports.
    #[command(flatten)]
    pub foreign: Option<ForeignArgs>,
}

/// What an import reads that is no operators' export.
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
        /// A user whose leases are a monitoring robot's, as in the column user_id; may be repeated. Without it robots
        /// are known by rule: 100 leases or more, 2 or more a day, 90 % of them over within an hour
        #[arg(long, value_name = "USER")]
        monitoring: Vec<String>,
        /// The folder to write
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
        /// Replace files that stand under our names but were edited or are not ours; everything else stays
        #[arg(long)]
        replace: bool,
        /// Say nothing on stderr but warnings and errors
        #[arg(long, short)]
        quiet: bool,
    },
}

/// Operators' exports, and how they are read.
// Whether there are any is told by what they must have; clap does not look into arguments that are flattened twice.
#[derive(Debug, Args)]
#[group(args = ["sources"])]
pub struct ForeignArgs {
    /// SOURCE=FILE, or SOURCE and its files: ironic, nova, slurm, blazar, fta, swf, or auto. FILE may be a folder, and packed
    /// with gzip or xz
    #[arg(required = true, value_name = "SOURCE=FILE")]
    pub sources: Vec<String>,
    /// Flavors of Nova's, which say which class a request asks for; the same as nova=FILE
    #[arg(long, value_name = "FILE")]
    pub flavors: Option<PathBuf>,
    /// Where the window begins: a date (midnight UTC) or a time as in RFC 3339; else the first time in the files
    #[arg(long, value_name = "TIME", value_parser = timestamp)]
    pub from: Option<Timestamp>,
    /// Where the window ends; else the last time in the files
    #[arg(long, value_name = "TIME", value_parser = timestamp)]
    pub to: Option<Timestamp>,
    /// The time zone of times that tell none, which Slurm prints, such as Europe/Berlin or UTC
    #[arg(long, value_name = "ZONE")]
    pub tz: Option<String>,
    /// When a snapshot was taken; else a date in the file's name counts
    #[arg(long, value_name = "TIME", value_parser = timestamp)]
    pub at: Option<Timestamp>,
    /// How long maintenance lasts whose end is not known, such as 72h; else to the horizon
    #[arg(long, value_name = "TIME", value_parser = length)]
    pub open_spell: Option<i64>,
    /// Leave out shorter spells of maintenance, such as 30min (of Failure Trace Archive unless you say 0s)
    #[arg(long, value_name = "TIME", value_parser = length)]
    pub min_spell: Option<i64>,
    /// Your own table of kinds, lines `pattern = kind`, in place of the program's
    #[arg(long, value_name = "FILE")]
    pub kinds: Option<PathBuf>,
    /// Keep the names of people and projects instead of hashes
    #[arg(long)]
    pub keep_names: bool,
    /// How long an instance is held of which nobody knows, such as 30d
    #[arg(long, value_name = "TIME", value_parser = length)]
    pub hold: Option<i64>,
    /// Name Ironic's nodes by name or by uuid
    #[arg(long, value_name = "WHAT", default_value = "name", value_parser = ["name", "uuid"])]
    pub id: String,
    /// A regular expression on a node's name whose first group is the rack
    #[arg(long, value_name = "REGEX")]
    pub rack_from: Option<String>,
    /// Where a class is from: of Slurm `partition`, `features` or a regular expression on features; of SWF `partition` or `queue`
    #[arg(long, value_name = "WHAT")]
    pub class_from: Option<String>,
    /// The class of Ironic's nodes that have none
    #[arg(long, value_name = "CLASS")]
    pub default_class: Option<String>,
    /// Keep Ironic's nodes that are manageable or retired, too
    #[arg(long)]
    pub all_states: bool,
    /// Write requests that Nova refused as well, held so long
    #[arg(long, value_name = "TIME", value_parser = length)]
    pub refused: Option<i64>,
    /// Make one request of servers that were created together
    #[arg(long)]
    pub group_creates: bool,
    /// Start Slurm's jobs when they did, instead of letting them wait here
    #[arg(long)]
    pub as_scheduled: bool,
    /// Keep Slurm's jobs that share their nodes with others
    #[arg(long)]
    pub keep_shared: bool,
    /// Processors of a node in SWF
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=65_535))]
    pub procs_per_node: Option<u32>,
    /// What becomes of SWF's jobs that want less than a node
    #[arg(long, value_name = "WHAT", default_value = "drop", value_parser = ["drop", "round"])]
    pub small: String,
    /// A regular expression on a lease's name that makes it maintenance, with groups `node` and `reason`
    #[arg(long, value_name = "REGEX")]
    pub maintenance_name: Option<String>,
    /// The project whose leases are maintenance
    #[arg(long, value_name = "ID")]
    pub maintenance_project: Option<String>,
    /// The folder to write
    #[arg(long, value_name = "DIR", required = true)]
    pub out: Option<PathBuf>,
    /// Replace files that stand under our names but were edited or are not ours; everything else stays
    #[arg(long)]
    pub replace: bool,
    /// Say nothing on stderr but warnings and errors
    #[arg(long, short)]
    pub quiet: bool,
}

impl ForeignArgs {
    /// The options as the importers take them.
    #[must_use]
    pub fn options(&self) -> ForeignOptions {
        let ms = |at: Timestamp| at.as_millisecond();
        ForeignOptions {
            from: self.from.map(ms),
            to: self.to.map(ms),
            zone: self.tz.clone(),
            at: self.at.map(ms),
            open_spell: self.open_spell,
            min_spell: self.min_spell,
            kinds: self.kinds.clone(),
            keep_names: self.keep_names,
            hold: self.hold,
            naming: NamingOptions {
                by_uuid: self.id == "uuid",
                rack_from: self.rack_from.clone(),
                class_from: self.class_from.clone(),
                default_class: self.default_class.clone(),
                all_states: self.all_states,
            },
            demand: DemandOptions {
                refused: self.refused,
                group_creates: self.group_creates,
                as_scheduled: self.as_scheduled,
                shared: self.keep_shared,
                procs_per_node: self.procs_per_node,
                round_small: self.small == "round",
                maintenance_name: self.maintenance_name.clone(),
                maintenance_project: self.maintenance_project.clone(),
            },
        }
    }

    /// The files, each with its source.
    ///
    /// # Errors
    /// What is typed wrong, and the mend.
    pub fn files(&self) -> Result<Vec<ForeignFile>, String> {
        let known: Vec<&str> = operators::sources().collect();
        let (mut files, mut source): (Vec<ForeignFile>, Option<&str>) = (Vec::new(), None);
        let mut waits = false;
        for typed in &self.sources {
            if known.contains(&typed.as_str()) {
                (source, waits) = (Some(typed.as_str()), true);
                continue;
            }
            let named = typed.split_once('=').filter(|(name, _)| known.contains(name));
            let path = match named {
                Some((name, path)) => {
                    source = Some(name);
                    path
                }
                None => typed,
            };
            let Some(source) = source else {
                return Err(unsaid(typed, &known));
            };
            if path.is_empty() {
                return Err(format!("{typed} names no file; give {source}=FILE"));
            }
            waits = false;
            files.push(ForeignFile {
                source: source.to_owned(),
                path: PathBuf::from(path),
            });
        }
        if waits || files.is_empty() {
            let source = source.unwrap_or("ironic");
            return Err(format!("{source} has no file; give {source}=FILE"));
        }
        let flavors = self.flavors.iter().map(|path| ForeignFile {
            source: "nova".to_owned(),
            path: path.clone(),
        });
        files.extend(flavors);
        Ok(files)
    }
}

/// What to say of a file whose source is not said.
fn unsaid(typed: &str, known: &[&str]) -> String {
    let (name, file) = typed.split_once('=').unwrap_or(("", typed));
    let list = known.join(", ");
    if name == "chameleon" {
        return format!("chameleon is imported by itself: sickbay import chameleon {file} --from … --to … --out …");
    }
    if name.is_empty() {
        return format!("whose export is {}? Give SOURCE=FILE; sources are {list}", quoted(file));
    }
    let guess = super::nearest::guess(name, known.iter().copied());
    let between = if guess.is_empty() { ";" } else { "" };
    format!("there is no source {}{guess}{between} sources are {list}", quoted(name))
}

/// A length of time, ms.
fn length(text: &str) -> Result<i64, String> {
    let read = duration(text).map_err(|message| format!("{message}; give a time such as 30min, 72h or 30d"))?;
    i64::try_from(read.0).map_err(|_| "too long".to_owned())
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
    use super::*;

    #[test]
    fn a_date_is_its_midnight_and_a_zoneless_time_is_refused() {
        assert_eq!(timestamp("2018-03-15"), timestamp("2018-03-15T00:00:00Z"));
        assert!(timestamp("2018-03-15T12:00:00").is_err());
        assert!(timestamp("15.3.2018").is_err());
    }
}
