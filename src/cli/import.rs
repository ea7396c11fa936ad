//! `import`: foreign data into the neutral CSVs.

use std::path::Path;

use super::args::ImportFormat;
use super::failure::Failure;
use super::print;
use crate::import::chameleon;
use crate::store::{self, Target, Wish};

/// Imports, writes the folder, and prints what was kept and what was left out.
pub fn import(format: &ImportFormat) -> Result<(), Failure> {
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
        chameleon::ImportError::Io { source, .. } if store::may_pass(source) => Failure::Temporary(error.to_string()),
        _ => Failure::Use(error.to_string()),
    };
    let mut target = Target::open(out, Wish::whole("import", *replace))?;
    let imported = chameleon::import(source, (*from, *to), monitoring).map_err(failed)?;
    for (name, text) in chameleon::files(&imported) {
        target.add(Path::new(name), &text)?;
    }
    let notes = target.notes().to_vec();
    let files = target.commit(&format!(
        "sickbay {} import chameleon {from} to {to}",
        env!("CARGO_PKG_VERSION")
    ))?;
    print::answer(&imported.report.to_string())?;
    if !quiet {
        notes.iter().for_each(|said| print::note(said));
        for file in files {
            print::note(&format!("wrote {}", file.display()));
        }
    }
    Ok(())
}
