//! `import`: foreign data into the neutral CSVs.

use super::args::ImportFormat;
use super::failure::Failure;
use super::print;
use crate::import::chameleon;

/// Imports, writes the folder, and prints what was kept and what was left out.
pub fn import(format: &ImportFormat) -> Result<(), Failure> {
    let ImportFormat::Chameleon {
        source,
        from,
        to,
        monitoring,
        out,
        quiet,
    } = format;
    let failed = |error: chameleon::ImportError| Failure::Use(error.to_string());
    let imported = chameleon::import(source, (*from, *to), monitoring).map_err(failed)?;
    let files = chameleon::write_to(&imported, out).map_err(failed)?;
    print::answer(&imported.report.to_string())?;
    if !quiet {
        for file in files {
            print::note(&format!("wrote {}", file.display()));
        }
    }
    Ok(())
}
