//! Packed recordings with other seeds and generators than the first: `tests/fixtures/oracle/more`.
//!
//! `NAME.jsonl.gz` holds one line per case, `{"case": ..., "answer": ...}`; a case's family is the middle part of its
//! id (`c-iso-0007` is of `iso`). Small recordings lie there as they were made.

use std::io::Read;
use std::path::Path;

use serde_json::Value;

/// A small recording as text.
pub fn plain(name: &str) -> String {
    let path = super::folder().join("more").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// The text of a packed file.
pub fn unpacked(path: &Path) -> String {
    let packed = std::fs::File::open(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let mut text = String::new();
    flate2::read::GzDecoder::new(packed)
        .read_to_string(&mut text)
        .unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    text
}

/// The lines of a packed recording.
pub fn lines(name: &str) -> Vec<Value> {
    let path = super::folder().join("more").join(format!("{name}.jsonl.gz"));
    let text = unpacked(&path);
    let read = |line: &str| serde_json::from_str(line).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    text.lines().map(read).collect()
}

/// The cases of a packed recording with their answers.
pub fn cases(name: &str) -> Vec<(Value, Value)> {
    let pair = |mut line: Value| {
        let pair = (line["case"].take(), line["answer"].take());
        assert_eq!(pair.0["id"], pair.1["id"], "{name}: the ids agree");
        pair
    };
    lines(name).into_iter().map(pair).collect()
}

#[test]
fn oracle_every_packed_recording_is_whole() {
    let counts = [
        ("hard.cloud", 500),
        ("hard.filters", 564),
        ("hard.placement", 200),
        ("s77.cloud", 300),
        ("s77.filters", 300),
        ("s77.placement", 300),
        ("unmodelled.filters", 200),
        ("flav.cloud", 9),
        ("e2e.cloud", 48),
    ];
    for (name, count) in counts {
        assert_eq!(cases(name).len(), count, "{name}");
    }
    let small = ["claim_probe.json", "delete_probe.json", "ironic.extra.json"];
    for name in small {
        assert!(serde_json::from_str::<Value>(&plain(name)).is_ok(), "{name}");
    }
    assert!(plain("periodic_probe.txt").contains("pass"));
}
