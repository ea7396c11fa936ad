//! `plot`: the figures of a folder again, and what can be asked of them.

use std::fs;

use super::{sickbay, stderr, stdout, tiny};

/// The names of the files that a command printed.
fn printed(folder: &tempfile::TempDir, command: &str) -> Vec<String> {
    let told = stdout(&sickbay(folder, command).assert().code(0));
    let name = |line: &str| line.rsplit('/').next().unwrap_or_default().to_owned();
    told.lines().map(name).collect()
}

#[test]
fn figures_are_drawn_again_and_as_asked() {
    let folder = tiny();
    sickbay(&folder, "run tiny.toml --out run --quiet --replications 2")
        .assert()
        .code(0);
    let path = folder.path().join("run/plots/acceptance.png");
    let first = fs::read(&path).expect("drawn");
    assert!(printed(&folder, "plot run").contains(&"acceptance.png".to_owned()));
    assert!(fs::read(&path).expect("drawn again") == first);
    let narrow = "plot run --figure acceptance --format png --size 640 --title Otherwise";
    assert_eq!(printed(&folder, narrow), ["acceptance.png"]);
    let png = fs::read(&path).expect("drawn again");
    assert_eq!(png[16..20], 640_u32.to_be_bytes());
    // What was not asked for stays, and the plain figures come back.
    let plain = fs::read(folder.path().join("run/plots/nodes.svg")).expect("drawn");
    assert_eq!(
        printed(&folder, "plot run --figure nodes --format svg --title Otherwise"),
        ["nodes.svg"]
    );
    let other = fs::read(folder.path().join("run/plots/nodes.svg")).expect("drawn");
    assert!(String::from_utf8_lossy(&other).contains("Otherwise") && other != plain);
    printed(&folder, "plot run");
    assert!(fs::read(folder.path().join("run/plots/nodes.svg")).expect("drawn") == plain);
    for (command, said) in [
        (
            "plot run --figure heat",
            "there is no figure `heat` here, but acceptance",
        ),
        ("plot run --strategy nobody", "there is no strategy `nobody` here, but"),
        ("plot run --class nothing", "there is no class `nothing` here, but"),
        ("plot run --metric speed", "there is no metric `speed` in these results"),
        ("plot run --figure capacity --class compute", "leave out --class"),
        ("plot run --format gif", "it takes svg, png or both"),
        ("plot run --size 12", "320..=8000"),
    ] {
        let told = stderr(&sickbay(&folder, command).assert().code(2));
        assert!(told.contains(said), "{command}: {told}");
    }
}
