//! `import`: foreign data into the neutral CSVs, with a scenario that runs.

use std::io::Write;
use std::path::Path;

use super::failure::Failure;
use super::print;
use super::sources::{ForeignArgs, ImportArgs, ImportFormat};
use crate::import::chameleon;
use crate::import::foreign::{ForeignError, ForeignImport};
use crate::import::neutral::{write_nodes, write_spells};
use crate::import::operators;
use crate::store::disk::error::may_pass;
use crate::store::disk::target::{Target, Wish};

/// Imports, writes the folder, and prints what was kept and what was left out.
pub fn import(args: &ImportArgs) -> Result<(), Failure> {
    match (&args.format, &args.foreign) {
        (Some(format), _) => of_chameleon(format),
        (None, Some(foreign)) => of_operators(foreign),
        (None, None) => Err(Failure::Use(
            "name what is to be imported, such as ironic=nodes.json".to_owned(),
        )),
    }
}

fn of_chameleon(format: &ImportFormat) -> Result<(), Failure> {
    let ImportFormat::Chameleon {
        source,
        from,
        to,
        monitoring,
        out,
        replace,
        quiet,
    } = format;
    let failed = |error: chameleon::ImportError| match &error {
        chameleon::ImportError::Io { source, .. } if may_pass(source) => Failure::Temporary(error.to_string()),
        _ => Failure::Use(error.to_string()),
    };
    let target = Target::open(out, Wish::whole("import", *replace))?;
    let imported = chameleon::import(source, (*from, *to), monitoring).map_err(failed)?;
    let files: Vec<_> = chameleon::files(&imported)
        .into_iter()
        .map(|(name, text)| (name.into(), text))
        .collect();
    let notes = target.notes().to_vec();
    let mark = format!("sickbay {} import chameleon {from} to {to}", env!("CARGO_PKG_VERSION"));
    let files = target.write(&files, &mark)?;
    print::answer(&imported.report.to_string())?;
    if !quiet {
        notes.iter().for_each(|said| print::note(said));
        for file in files {
            print::note(&format!("wrote {}", file.display()));
        }
    }
    Ok(())
}

fn of_operators(args: &ForeignArgs) -> Result<(), Failure> {
    let files = args.files().map_err(Failure::Use)?;
    let out = args
        .out
        .as_deref()
        .ok_or_else(|| Failure::Use("give the folder to write, --out DIR".to_owned()))?;
    let mut target = Target::open(out, Wish::whole("import", args.replace))?;
    let failed = |error: ForeignError| match &error {
        ForeignError::Io { source, .. } if may_pass(source) => Failure::Temporary(error.to_string()),
        _ => Failure::Use(error.to_string()),
    };
    let imported = operators::import(&files, &args.options()).map_err(failed)?;
    let notes = target.notes().to_vec();
    let report = imported.report.to_string();
    target.add(Path::new("nodes.csv"), &write_nodes(&imported.nodes))?;
    requests(&imported, &mut target)?;
    target.add(Path::new("maintenance.csv"), &write_spells(&imported.spells))?;
    target.add(Path::new("report.txt"), report.as_bytes())?;
    target.add(Path::new("scenario.toml"), imported.scenario.as_bytes())?;
    let mark = format!("sickbay {} {}", env!("CARGO_PKG_VERSION"), imported.report.title);
    let written = target.commit(&mark)?;
    print::answer(&report)?;
    if !args.quiet {
        notes.iter().for_each(|said| print::note(said));
        for file in written {
            print::note(&format!("wrote {}", file.display()));
        }
        print::note(&format!("next: sickbay run {}", out.join("scenario.toml").display()));
    }
    Ok(())
}

/// Writes the requests, which may be millions, piece by piece.
fn requests(imported: &ForeignImport, target: &mut Target) -> Result<(), Failure> {
    let name = Path::new("requests.csv");
    let mut file = target.create(name)?;
    let written = imported.tell_requests(|piece| file.write_all(piece));
    written.map_err(|error| Failure::of_file("cannot write requests.csv", &error))?;
    target.end(file)?;
    Ok(())
}
