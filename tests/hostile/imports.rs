//! Foreign files that are cut anywhere, or have a byte that should not be there: an import refuses them or takes them, and never
//! breaks.

use std::fs;
use std::path::{Path, PathBuf};

use sickbay::import::foreign::ForeignOptions;
use sickbay::import::operators::{ForeignFile, import};
use tempfile::TempDir;

/// Our files in the formats of the sources.
fn fixtures() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/import");
    let folders = fs::read_dir(root)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path());
    let mut files: Vec<PathBuf> = folders
        .flat_map(|folder| {
            fs::read_dir(folder)
                .expect("a folder")
                .map(|entry| entry.expect("an entry").path())
        })
        .collect();
    files.sort();
    assert!(files.len() > 12, "{files:?}");
    files
}

/// What an import of these bytes says.
fn imported(folder: &TempDir, name: &Path, bytes: &[u8]) -> Result<String, String> {
    let path = folder.path().join(name.file_name().expect("a name"));
    fs::write(&path, bytes).expect("written");
    let mut options = ForeignOptions {
        zone: Some("Europe/Berlin".to_owned()),
        hold: Some(1000),
        ..ForeignOptions::default()
    };
    options.demand.procs_per_node = Some(2);
    let file = ForeignFile {
        source: "auto".to_owned(),
        path,
    };
    let done = import(&[file], &options).map_err(|error| error.to_string())?;
    let accounts = &done.report.accounts;
    assert!(accounts.iter().all(|account| account.adds_up()), "{}", done.report);
    let text = done.report.to_string();
    let mut rows = 0;
    done.tell_requests(|piece| {
        rows += piece.len();
        Ok::<(), String>(())
    })?;
    assert!(rows > 0);
    Ok(text)
}

#[test]
fn files_that_are_cut_are_refused_or_whole_without_their_end() {
    let folder = TempDir::new().expect("a folder");
    for file in fixtures() {
        let bytes = fs::read(&file).expect("read");
        let told = file.display().to_string();
        for part in 0..60 {
            let cut = &bytes[..bytes.len() * part / 60];
            let answer = imported(&folder, &file, cut);
            // What ends with a whole line may be a whole file; packed files and JSON are none before their end.
            let whole = cut.ends_with(b"\n") && !told.ends_with(".json") && !told.ends_with(".xz");
            let by_rows = told.contains("/fta/") || told.contains("/swf/") || told.ends_with(".csv");
            if let (Ok(report), false, false) = (&answer, whole, by_rows) {
                panic!("{told} cut at {} of {}:\n{report}", cut.len(), bytes.len());
            }
            if let Err(error) = answer {
                assert!(!error.is_empty() && !error.contains("panicked"), "{told}: {error}");
            }
        }
    }
}

#[test]
fn files_with_a_byte_that_should_not_be_there_break_nothing() {
    let folder = TempDir::new().expect("a folder");
    for file in fixtures() {
        let bytes = fs::read(&file).expect("read");
        for part in 0..40 {
            for odd in [b'"', b'|', b'\n', b'[', b'9', 0xff] {
                let mut other = bytes.clone();
                other[bytes.len() * part / 40] = odd;
                let _ = imported(&folder, &file, &other);
            }
        }
    }
}
