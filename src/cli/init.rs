//! `init`: a commented scenario that runs, of classes or of what was imported.

use std::fmt::Write;
use std::path::{Component, Path, PathBuf};

use clap::Args;

use super::failure::Failure;
use super::print;
use crate::import::files::Reading;
use crate::kernel::text::quoted;
use crate::scenario::keys::ranges::NODES;
use crate::scenario::{base_of, load};
use crate::store::disk::slot::Slot;

/// The options of `init`.
#[derive(Debug, Args)]
pub struct InitArgs {
    /// The file to write
    pub file: PathBuf,
    /// Resource classes and how many nodes each has (repeatable)
    #[arg(long, value_name = "CLASS=NODES,…", value_delimiter = ',', value_parser = class)]
    pub classes: Vec<(String, u64)>,
    /// A folder that `sickbay import` has written
    #[arg(long, value_name = "DIR", conflicts_with = "classes")]
    pub from: Option<PathBuf>,
    /// Replace the file if there is one
    #[arg(long)]
    pub replace: bool,
}

/// The files of an import that a scenario names.
const FILES: [&str; 3] = ["nodes.csv", "requests.csv", "maintenance.csv"];

/// Writes the scenario after it has been read as `run` would.
pub fn init(args: &InitArgs) -> Result<(), Failure> {
    let file = &args.file;
    let shown = file.display().to_string();
    if file.extension().is_none_or(|extension| extension != "toml") {
        return Err(Failure::Use(format!("{shown}: scenarios end in .toml; name it so")));
    }
    if file.exists() && !args.replace {
        return Err(Failure::Use(format!(
            "{shown} is there already; give another name, or --replace"
        )));
    }
    let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let text = match &args.from {
        Some(folder) => of_import(folder, file, &name)?,
        None if args.classes.is_empty() => of_classes(&name, &[("compute".to_owned(), 48)]),
        None => of_classes(&name, &args.classes),
    };
    // The folder must be there before paths from it lead anywhere.
    let slot = Slot::open(file)?;
    load(&text, &shown, base_of(file), &[]).map_err(|problems| Failure::of_problems(&problems))?;
    slot.put(text.as_bytes())?;
    print::answer(&format!("wrote {shown}\nnext: sickbay run {shown}\n"))
}

/// `CLASS=NODES`.
fn class(text: &str) -> Result<(String, u64), String> {
    let wants = "give CLASS=NODES, such as general=300";
    let (name, nodes) = text.split_once('=').ok_or(wants)?;
    let plain =
        !name.is_empty() && !name.contains(|c: char| c.is_whitespace() || c.is_control() || "\"\\|:".contains(c));
    let nodes: u64 = nodes.parse().map_err(|_| wants)?;
    if !plain {
        return Err(format!("{} is no name for a class; {wants}", quoted(name)));
    }
    if nodes == 0 || nodes > NODES as u64 {
        return Err(format!("a class has 1 to {NODES} nodes"));
    }
    Ok((name.to_owned(), nodes))
}

/// A scenario of an import, whose files stay where they are.
fn of_import(folder: &Path, file: &Path, name: &str) -> Result<String, Failure> {
    let source = folder.join("scenario.toml");
    let bytes = Reading::default().read(&source).map_err(|error| {
        Failure::Use(format!(
            "{}: {error}; give a folder that `sickbay import … --out DIR` has written",
            source.display()
        ))
    })?;
    let text = String::from_utf8(bytes).map_err(|_| {
        Failure::Use(format!(
            "{}: the file is not UTF-8 text; import again",
            source.display()
        ))
    })?;
    let place =
        place(folder, base_of(file)).map_err(|error| Failure::of_file(&folder.display().to_string(), &error))?;
    let mut text = text;
    for csv in FILES {
        text = text.replace(
            &format!("= \"{csv}\""),
            &format!("= {}", toml(&format!("{place}/{csv}"))),
        );
    }
    let lines = text.lines().map(|line| {
        if line.starts_with("name = ") && !line.contains("recorded") && !line.contains("assumed") {
            format!("name = {}", toml(name))
        } else {
            line.to_owned()
        }
    });
    Ok(lines.collect::<Vec<_>>().join("\n") + "\n")
}

/// The folder as the scenario's own folder reaches it.
fn place(folder: &Path, base: &Path) -> std::io::Result<String> {
    let beside = base.as_os_str().is_empty() || base == Path::new(".");
    if folder.is_absolute() || beside {
        return Ok(folder.display().to_string());
    }
    let plain = |path: &Path| {
        path.components()
            .all(|part| matches!(part, Component::Normal(_) | Component::CurDir))
    };
    if plain(base) && base.is_relative() {
        let steps = base
            .components()
            .filter(|part| matches!(part, Component::Normal(_)))
            .count();
        return Ok(format!("{}{}", "../".repeat(steps), folder.display()));
    }
    Ok(folder.canonicalize()?.display().to_string())
}

/// A text in TOML.
fn toml(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

/// A scenario of classes, with everything that is assumed said beside it.
fn of_classes(name: &str, classes: &[(String, u64)]) -> String {
    let mut text = format!(
        "# Which way of hiding nodes in maintenance costs tenants, operators and the fleet least here?\n\
         #\n\
         # A first draft by `sickbay init`. Every figure in it is assumed: replace what you know. `sickbay help KEY` says what a key\n\
         # means, takes and moves, REFERENCE.md lists all of them, `sickbay validate --effective` prints the defaults of the others.\n\
         \n\
         [scenario]\n\
         name = {}\n\
         # Hours of the day and days of the week are those of this zone.\n\
         time_zone = \"UTC\"\n\
         horizon = \"60d\"\n\
         seed = 1\n\
         replications = 10\n\
         strategies = [\"naive\", \"withdraw\", \"hidden-via-extra-spec\", \"tenant-reservation\"]\n\
         baseline = \"withdraw\"\n",
        toml(name)
    );
    for (class, nodes) in classes {
        let racks = nodes.div_ceil(20).min(10_000);
        write!(
            text,
            "\n[[fleet.group]]\nclass = {}\nnodes = {nodes}\n# In blocks over so many racks.\nracks = {racks}\n",
            toml(class)
        )
        .ok();
    }
    text.push_str(
        "\n[[workload]]\n\
         name = \"tenants\"\n\
         # What a refused tenant does: { retry = 3, backoff = \"10m\" } or { wait = \"6h\" } instead.\n\
         on_refusal = \"give-up\"\n\
         tenants = 20\n\
         # The n-th tenant's share of the requests falls as 1 / n^skew.\n\
         skew = 0.8\n",
    );
    for (class, nodes) in classes {
        // Requests of 1.3 machines on average, held a day: 70 % of the class is in use.
        let per_day = (*nodes as f64 * 0.7 / 1.3 * 10.0).round().max(1.0) / 10.0;
        write!(
            text,
            "\n[[workload.flavor]]\nclass = {}\n# Requests a day, their sizes, and how long they are held: 70 % of the class in use.\n\
             per_day = {per_day:?}\nsizes = {}\nhold = {{ exponential = \"1d\" }}\n",
            toml(class),
            if *nodes > 8 { "[[1, 0.8], [2, 0.15], [4, 0.05]]" } else { "1" }
        )
        .ok();
    }
    text.push_str(
        "\n[maintenance]\n\
         # What becomes of an instance on a node that is to be maintained: at-once, tenant-leaves or { deadline = \"48h\" }.\n\
         drain = \"tenant-leaves\"\n\
         # How often operators boot a node in maintenance to look at it, and for how long.\n\
         errands = { counts = [[1, 0.5], [2, 0.3], [3, 0.2]], duration = { lognormal = { median = \"2h\", sigma = 0.8 } } }\n\
         \n\
         [[maintenance.faults]]\n\
         name = \"hardware\"\n\
         # The time from fault to fault of one node.\n\
         between = { exponential = \"200d\" }\n\
         kind = [\n  \
           { name = \"memory\", share = 0.6, work = { lognormal = { median = \"4h\", sigma = 1.0 } } },\n  \
           { name = \"power\", share = 0.4, power = true, work = { lognormal = { median = \"6h\", sigma = 1.0 } } },\n\
         ]\n\
         \n\
         [[maintenance.campaign]]\n\
         name = \"firmware\"\n\
         start = \"30d\"\n\
         work = \"45m\"\n\
         # How many nodes may be out at once.\n\
         budget = { share = 0.05 }\n\
         window = [\"22:00\", \"06:00\"]\n\
         \n\
         [operators]\n\
         technicians = 2\n\
         # The time until a human has done one step, and how often he forgets one.\n\
         action = { lognormal = { median = \"10m\", sigma = 1.0 } }\n\
         slip = 0.02\n\
         audit = \"7d\"\n\
         \n\
         [ironic]\n\
         # From claim to active, and automated cleaning.\n\
         deploy = { lognormal = { median = \"12m\", sigma = 0.3 } }\n\
         cleaning = { lognormal = { median = \"15m\", sigma = 0.4 } }\n",
    );
    text
}
