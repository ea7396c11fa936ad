//! `init`, `scenarios`, `schema` and `help KEY`: the way into scenarios for somebody who has none.

use std::fs;

use tempfile::TempDir;

use super::{sickbay, stderr, stdout};

#[test]
fn a_first_scenario_of_classes_runs() {
    let folder = TempDir::new().expect("a folder");
    for arguments in [
        "init small.toml",
        "init --classes general=30,gpu=3 --classes odd=1 cloud.toml",
    ] {
        let said = stdout(&sickbay(&folder, arguments).assert().code(0));
        let file = arguments.rsplit(' ').next().expect("a name");
        assert!(said.contains(&format!("next: sickbay run {file}")), "{said}");
        let checked = sickbay(&folder, &format!("validate {file}")).assert().code(0);
        assert_eq!(stderr(&checked), "");
        let run = format!(
            "run {file} --replications 1 --set scenario.horizon=4d --set maintenance.campaign.0.start=1d --out ran-{file}"
        );
        let ran = stdout(&sickbay(&folder, &run).assert().code(0));
        assert!(ran.contains("One replication shows one draw"), "{ran}");
    }
    let text = fs::read_to_string(folder.path().join("cloud.toml")).expect("read");
    assert!(text.contains("class = \"gpu\"\nnodes = 3\n"), "{text}");
    let told = stderr(&sickbay(&folder, "init cloud.toml").assert().code(2));
    assert!(told.contains("--replace"), "{told}");
    sickbay(&folder, "init cloud.toml --replace").assert().code(0);
    for (arguments, said) in [
        ("init cloud", ".toml"),
        ("init --classes gpu other.toml", "CLASS=NODES"),
        ("init --classes gpu=0 other.toml", "1 to"),
        ("init --from nowhere other.toml", "sickbay import"),
    ] {
        let told = stderr(&sickbay(&folder, arguments).assert().code(2));
        assert!(told.contains(said), "{arguments}: {told}");
    }
}

#[test]
fn a_first_scenario_of_an_import_reads_its_files_where_they_are() {
    let folder = TempDir::new().expect("a folder");
    let nodes = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/import/ironic/nodes.json");
    sickbay(
        &folder,
        &format!("import ironic={} --hold 3d --out data/ours", nodes.display()),
    )
    .assert()
    .code(0);
    for file in ["study.toml", "studies/deep/study.toml"] {
        sickbay(&folder, &format!("init --from data/ours {file}"))
            .assert()
            .code(0);
        sickbay(&folder, &format!("run {file} --replications 1 --out {file}-ran"))
            .assert()
            .code(0);
    }
    let text = fs::read_to_string(folder.path().join("studies/deep/study.toml")).expect("read");
    assert!(
        text.contains("name = \"study\"") && text.contains("\"../../data/ours/nodes.csv\""),
        "{text}"
    );
}

#[test]
fn shipped_scenarios_are_listed_with_their_questions_and_can_be_had_anywhere() {
    let folder = TempDir::new().expect("a folder");
    let list = stdout(&sickbay(&folder, "scenarios").assert().code(0));
    for (name, word) in [("quickstart", "least?"), ("erlang-b", "Erlang"), ("owned", "belong")] {
        assert!(list.contains(&format!("{name} ")) && list.contains(word), "{list}");
        sickbay(&folder, &format!("validate {name}")).assert().code(0);
    }
    // A file of one's own goes before the one in the program.
    let own = folder.path().join("scenarios");
    fs::create_dir(&own).expect("made");
    fs::write(own.join("owned.toml"), "nonsense").expect("written");
    let told = stderr(&sickbay(&folder, "validate owned").assert().code(2));
    assert!(told.contains("scenarios/owned.toml"), "{told}");
}

#[test]
fn help_tells_of_keys_and_the_schema_is_json() {
    let folder = TempDir::new().expect("a folder");
    let told = stdout(
        &sickbay(&folder, "help maintenance.campaign.0.budget.share")
            .assert()
            .code(0),
    );
    for said in [
        "maintenance.campaign.budget.share\n",
        "a number above 0, at most 1",
        "default  none",
        "moves    schedulable",
    ] {
        assert!(told.contains(said), "{said}: {told}");
    }
    let guessed = stderr(&sickbay(&folder, "help fleet.scael").assert().code(2));
    assert!(guessed.contains("fleet.scale"), "{guessed}");
    let schema: serde_json::Value =
        serde_json::from_str(&stdout(&sickbay(&folder, "schema").assert().code(0))).expect("JSON");
    assert_eq!(schema["$schema"], "http://json-schema.org/draft-07/schema#");
    assert!(stdout(&sickbay(&folder, "help reference").assert().code(0)).starts_with("# Reference"));
}
