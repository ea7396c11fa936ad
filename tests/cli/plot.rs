//! `plot`: the figures of every kind of folder again, and what can be asked of them.

use std::fs;

use super::{sickbay, stderr, stdout, tiny};

/// The names of the files that a command printed.
fn printed(folder: &tempfile::TempDir, command: &str) -> Vec<String> {
    let told = stdout(&sickbay(folder, command).assert().code(0));
    let name = |line: &str| line.rsplit('/').next().unwrap_or_default().to_owned();
    told.lines().map(name).collect()
}

#[test]
fn figures_of_every_folder_are_drawn_again_and_as_asked() {
    let folder = tiny();
    let work = "--quiet --replications 2";
    for command in [
        "run tiny.toml --out run",
        "sweep tiny.toml --vary operators.technicians=1,2 --metric refused --out sweep",
        "robust tiny.toml --samples 2 --assume operators.slip=0.01..0.5 --out robust",
    ] {
        sickbay(&folder, &format!("{command} {work}")).assert().code(0);
    }
    let plan = "plan tiny.toml --find operators.technicians --range 1..3 --slo refused<=100000 --out plan";
    sickbay(&folder, &format!("{plan} {work} --max-replications 5"))
        .assert()
        .code(0);
    for (name, figure) in [
        ("run", "acceptance.png"),
        ("sweep", "lines-refused.svg"),
        ("plan", "plan-refused.png"),
    ] {
        let path = folder.path().join(name).join("plots").join(figure);
        let first = fs::read(&path).unwrap_or_else(|why| panic!("{name}: {why}"));
        assert!(printed(&folder, &format!("plot {name}")).contains(&figure.to_owned()));
        assert!(fs::read(&path).expect("drawn again") == first, "{name}");
        let stem = figure.split('.').next().expect("a stem");
        let narrow = format!("plot {name} --figure {stem} --format png --size 640 --title Otherwise");
        assert_eq!(printed(&folder, &narrow), [format!("{stem}.png")]);
        let png = fs::read(path.with_extension("png")).expect("drawn again");
        assert_eq!(png[16..20], 640_u32.to_be_bytes(), "{name}");
    }
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
        (
            "plot sweep --figure nodes",
            "there is no figure `nodes` here, but lines-refused",
        ),
        (
            "plot sweep --metric breaches",
            "there is no metric `breaches` here, but refused",
        ),
        ("plot plan --class gpu", "--class is for runs"),
        (
            "plot robust --strategy nobody",
            "there is no strategy `nobody` here, but",
        ),
    ] {
        let told = stderr(&sickbay(&folder, command).assert().code(2));
        assert!(told.contains(said), "{command}: {told}");
    }
}

#[test]
fn one_replication_of_one_strategy_is_drawn_too() {
    let folder = tiny();
    sickbay(
        &folder,
        "run tiny.toml --quiet --replications 1 --strategy naive --out lone",
    )
    .assert()
    .code(0);
    assert!(folder.path().join("lone/plots/acceptance.svg").exists());
}
