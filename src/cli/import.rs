//! `import`: foreign data into the neutral CSVs.

use super::args::ImportFormat;
use super::failure::Failure;
use super::print;
use crate::import::chameleon;
use crate::store::disk::error::may_pass;
use crate::store::disk::target::{Target, Wish};

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
