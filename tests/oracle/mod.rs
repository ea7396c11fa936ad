//! The recorded answers of the real Nova, Placement and Ironic, held against this program:
//! `cargo test oracle`. The recordings stand in `tests/fixtures/oracle`; the environment variable
//! `SICKBAY_ORACLE` names another folder of recordings (of other seeds, say) to be used instead.

mod ironic;

use std::path::{Path, PathBuf};

/// The folder of the recordings.
pub(crate) fn folder() -> PathBuf {
    let own = || Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/oracle");
    std::env::var_os("SICKBAY_ORACLE").map_or_else(own, PathBuf::from)
}

/// A recording.
pub(crate) fn recording(name: &str) -> serde_json::Value {
    let path = folder().join(name);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Prints one stage's cases and differences, each difference on its own line, and fails if there is one.
pub(crate) fn conclude(stage: &str, cases: usize, differences: &[String]) {
    println!("oracle {stage}: {cases} cases, {} differ", differences.len());
    for difference in differences {
        println!("  {difference}");
    }
    assert!(cases > 0, "{stage}: the recording holds no case");
    assert!(
        differences.is_empty(),
        "{stage}: {} of {cases} differ",
        differences.len()
    );
}
