//! Random worlds.
mod dice;
mod doc;
mod draft;
mod features;

#[test]
fn worlds_load() {
    let folder = tempfile::TempDir::new().expect("a folder");
    let mut bad = std::collections::BTreeMap::new();
    let mut good = 0;
    for seed in 0..400 {
        let draft = features::world(seed);
        draft.doc.write_files(folder.path());
        match sickbay::scenario::load(&draft.doc.toml(), "world.toml", folder.path(), &[]) {
            Ok(_) => good += 1,
            Err(problems) => {
                let text = problems[0].to_string();
                bad.entry(text.lines().next().unwrap_or_default().to_owned()).or_insert((0, seed, text)).0 += 1;
            }
        }
    }
    for (_, (n, seed, text)) in &bad { println!("{n} {seed}: {text}\n"); }
    println!("{good} good");
}
