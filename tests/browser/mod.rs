//! The page in a real browser: it gets ready, complains of nothing, asks nobody for anything, has no fault that axe finds, and
//! is walked through by keyboard. Where there is no browser it says that it was skipped.

mod chromium;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use chromium::{Browser, program};
use serde_json::json;
use sickbay::cells::rows::{DecisionKind, DecisionRow, NodeState, StateRow};
use sickbay::judge::results::Results;
use sickbay::kernel::Time;
use sickbay::report::page::page;
use sickbay::store::run::read::read;

use crate::cli::{sickbay, tiny};

/// The version of axe-core that judges the page.
const AXE: &str = "4.14.1";

fn browser() -> Option<Browser> {
    let found = program();
    if found.is_none() {
        println!("skipped: no chromium (Debian: apt-get install --no-install-recommends chromium)");
    }
    found.map(|program| Browser::start(&program))
}

fn reference() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("results/quickstart")
}

/// Puts a page of these results into a folder.
fn written(results: &Results, folder: &Path) -> PathBuf {
    let file = folder.join("report.html");
    fs::write(&file, page(results).expect("a page")).expect("written");
    file
}

/// The source of axe-core; none where it cannot be had.
fn axe() -> Option<String> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("axe-{AXE}"));
    let file = folder.join("node_modules/axe-core/axe.min.js");
    if !file.is_file() {
        let options = ["--no-save", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"];
        let mut npm = Command::new("npm");
        npm.arg("install")
            .arg("--prefix")
            .arg(&folder)
            .args(options)
            .arg(format!("axe-core@{AXE}"));
        fs::create_dir_all(&folder).expect("a folder");
        let done = npm.output();
        if !done.is_ok_and(|done| done.status.success()) {
            println!("skipped: no axe-core {AXE} (it comes by npm)");
            return None;
        }
    }
    Some(fs::read_to_string(file).expect("axe-core"))
}

fn is_clean(browser: &Browser, what: &str) {
    assert_eq!(browser.complaints(), [""; 0], "{what}");
    assert_eq!(browser.requests(), [""; 0], "{what}");
    assert_eq!(browser.asked_for(), 1, "{what}: the page itself is seen");
}

fn scheme(browser: &mut Browser, scheme: &str) {
    let features = json!([{"name": "prefers-color-scheme", "value": scheme}]);
    browser.ask("Emulation.setEmulatedMedia", json!({"features": features}));
}

#[test]
fn it_is_clean_and_accessible_in_light_and_dark() {
    let Some(mut browser) = browser() else { return };
    judged(&mut browser, "run", &reference().join("report.html"), axe().as_deref());
}

/// Opens a page in both schemes: it is clean, and axe finds no fault.
fn judged(browser: &mut Browser, what: &str, file: &Path, axe: Option<&str>) {
    for theme in ["light", "dark"] {
        scheme(browser, theme);
        browser.open(file);
        is_clean(browser, &format!("{what}, {theme}"));
        let Some(axe) = axe else { continue };
        // Evaluated from outside: the page's policy does not let it in.
        browser.value(axe);
        let found = browser.value(
            "axe.run().then(r => [r.violations.map(v => v.id + ': ' + v.nodes.map(n => n.html.slice(0, 120)).join(' | ')), \
             r.passes.length, r.incomplete.map(v => v.id + ' ' + v.nodes.length)])",
        );
        println!(
            "axe {AXE}, {what}, {theme}: {} rules pass, open: {}",
            found[1], found[2]
        );
        assert_eq!(found[0], json!([]), "{what}, {theme}");
        assert!(found[1].as_u64() > Some(25), "{what}, {theme}: axe has looked");
    }
}

#[test]
fn the_keyboard_reaches_everything_and_walks_the_timeline() {
    let Some(mut browser) = browser() else { return };
    browser.open(&reference().join("report.html"));
    let stops = reached(&mut browser, "run");
    assert!(stops > 15, "{stops} stops");
    browser.value("document.getElementById('timeline').focus()");
    let told = "document.getElementById('told').textContent";
    let mut said = Vec::new();
    for key in ["ArrowDown", "ArrowRight", "ArrowRight", "+", "ArrowRight"] {
        browser.press(key);
        said.push(browser.value(told).as_str().unwrap_or_default().to_owned());
    }
    println!("{}", said.join("\n"));
    assert!(
        said.iter()
            .all(|said| said.contains(", since day ") && said.contains(", for ")),
        "{said:?}"
    );
    assert_ne!(said[1], said[2]);
    is_clean(&browser, "after all keys");
}

/// How many stops a page has, all of which Tab reaches.
fn reached(browser: &mut Browser, what: &str) -> u64 {
    let wanted = "[...document.querySelectorAll('a[href], button, select, input, summary, [tabindex=\"0\"]')]\
                  .filter(e => e.checkVisibility())";
    browser.value(&format!("{wanted}.forEach((e, i) => {{ e.dataset.stop = i; }})"));
    let stops = browser.value(&format!("{wanted}.length")).as_u64().expect("a number");
    let mut reached = std::collections::BTreeSet::new();
    for _ in 0..stops + 3 {
        browser.press("Tab");
        reached.extend(
            browser
                .value("document.activeElement.dataset.stop ?? ''")
                .as_str()
                .map(str::to_owned),
        );
    }
    let missed: Vec<u64> = (0..stops).filter(|stop| !reached.contains(&stop.to_string())).collect();
    assert_eq!(missed, [0; 0], "{what}: stops that no Tab reaches");
    stops
}

/// A folder with the results of every command that writes a page.
fn every_kind() -> tempfile::TempDir {
    let folder = tiny();
    let work = "--quiet --replications 3";
    for command in [
        "run tiny.toml --out run",
        "run tiny.toml --out other --set operators.slip=0.5",
        "sweep tiny.toml --vary operators.technicians=1,2,3 --out lines",
        "sweep tiny.toml --vary operators.technicians=1,2 --vary operators.slip=0,0.1 --out maps",
        "sweep tiny.toml --vary operators.technicians=1,2 --vary operators.slip=0,0.1 --one-at-a-time --out effects",
        "plan tiny.toml --find operators.technicians --range 1..3 --slo refused<=100000 --max-replications 5 --out plan",
        "robust tiny.toml --samples 2 --assume operators.slip=0.01..0.5 --metric schedulable --out robust",
    ] {
        sickbay(&folder, &format!("{command} {work}")).assert().code(0);
    }
    sickbay(&folder, "compare run other --allow operators --out compare")
        .assert()
        .code(0);
    folder
}

#[test]
fn every_kind_of_page_is_clean_accessible_and_reached_by_keyboard() {
    let Some(mut browser) = browser() else { return };
    let (folder, axe) = (every_kind(), axe());
    for kind in ["run", "lines", "maps", "effects", "plan", "robust", "compare"] {
        let file = folder.path().join(kind).join("report.html");
        judged(&mut browser, kind, &file, axe.as_deref());
        let stops = reached(&mut browser, kind);
        assert!(stops > 5, "{kind}: {stops} stops");
        is_clean(&browser, kind);
    }
}

#[test]
fn decisions_are_filtered_and_lead_to_the_timeline() {
    let Some(mut browser) = browser() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let mut results = read(&reference()).expect("the reference");
    for arm in &mut results.arms {
        arm.log.decisions.clear();
    }
    let log = &mut results.arms[1].log;
    let node = log.states[log.states.len() / 2].node.clone();
    let row = |what, request: &str| DecisionRow {
        at: Time(90_000_000),
        what,
        request: request.to_owned(),
        said: format!("{request} had bad luck."),
        ..DecisionRow::default()
    };
    log.decisions = vec![
        row(DecisionKind::Refused, "people-1"),
        DecisionRow {
            node: node.clone(),
            ..row(DecisionKind::Misplaced, "robot-2")
        },
    ];
    browser.open(&written(&results, folder.path()));
    let count = "document.getElementById('decision-count').textContent";
    assert_eq!(browser.value(count), "2 of 2 decisions");
    browser.value(
        "const field = document.getElementById('decision-find'); field.value = 'ROBOT'; field.dispatchEvent(new Event('input'))",
    );
    assert_eq!(browser.value(count), "1 of 2 decisions");
    browser.value("document.querySelector('.decisions li:not([hidden]) details').open = true");
    browser.value("document.querySelector('.decisions li:not([hidden]) button').click()");
    assert_eq!(browser.value("document.activeElement.id"), "timeline");
    let told = browser.value("document.getElementById('told').textContent");
    assert!(
        told.as_str().is_some_and(|told| told.starts_with(&node)),
        "{told} is not of {node}"
    );
    assert_eq!(browser.value("document.getElementById('strategy').value"), "1");
    is_clean(&browser, "after the link");
}

#[test]
fn a_narrow_screen_scrolls_tables_and_wide_figures_in_their_own_boxes() {
    let Some(mut browser) = browser() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let file = written(&read(&reference()).expect("the reference"), folder.path());
    let narrow = json!({"width": 420, "height": 800, "deviceScaleFactor": 1, "mobile": false});
    browser.ask("Emulation.setDeviceMetricsOverride", narrow);
    browser.open(&file);
    // What is wider than the screen stands in a box that scrolls and that the keyboard reaches.
    let seen = browser.value(
        "[...document.querySelectorAll('main *, header *, footer *')]\
         .filter(e => e.checkVisibility() && e.getBoundingClientRect().right > 420)\
         .map(e => [e.tagName, e.closest('[tabindex=\"0\"], pre') !== null, e.textContent.slice(0, 40)])",
    );
    let wide = seen.as_array().expect("a list");
    assert!(wide.len() > 3, "{seen}");
    let out: Vec<_> = wide.iter().filter(|it| it[1] == false).collect();
    assert!(out.is_empty(), "{out:?}");
    let width = browser.value("document.documentElement.scrollWidth").as_u64();
    assert!(width <= Some(420), "{width:?} units wide");
    is_clean(&browser, "narrow");
}

#[test]
fn hostile_names_have_no_effect() {
    let Some(mut browser) = browser() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let mut results = read(&reference()).expect("the reference");
    let name = "</script><script>document.title='pwned'</script><img src=x onerror=\"document.title='pwned'\">'\"&\u{2028}\u{202e}";
    results.scenario = name.to_owned();
    results.question = name.to_owned();
    results.effective = name.to_owned();
    results.assumptions.push(name.to_owned());
    results.arms[0].label = name.to_owned();
    for row in &mut results.arms[0].log.states {
        row.node = format!("{name}{}", row.node);
    }
    browser.open(&written(&results, folder.path()));
    is_clean(&browser, "hostile names");
    let title = browser.value("document.title");
    assert!(
        title
            .as_str()
            .is_some_and(|title| title.starts_with("</script><script>")),
        "{title}"
    );
    assert_eq!(browser.value("document.querySelectorAll('img').length"), 0);
    let option = browser.value("document.querySelector('#strategy option').textContent");
    assert!(
        option.as_str().is_some_and(|option| option.starts_with("</script>")),
        "{option}"
    );
}

#[test]
fn a_touched_script_does_not_run() {
    let Some(mut browser) = browser() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("report.html");
    let text = fs::read_to_string(reference().join("report.html")).expect("the reference");
    let touched = text.replace("'use strict';", "'use strict'; document.title = 'touched';");
    assert_ne!(text, touched);
    fs::write(&file, touched).expect("written");
    browser.go(&file);
    assert_eq!(browser.value("document.documentElement.dataset.ready ?? 'no'"), "no");
    assert_ne!(browser.value("document.title"), "touched");
    let complaints = browser.complaints();
    assert!(
        complaints.iter().any(|text| text.contains("Content Security Policy")),
        "{complaints:?}"
    );
}

#[test]
fn it_is_right_without_its_stylesheet_and_without_javascript() {
    let Some(mut browser) = browser() else { return };
    let file = reference().join("report.html");
    browser.open(&file);
    browser.value("document.querySelector('style').remove()");
    let filled = "[...document.querySelectorAll('#capacity path.schedulable, #waits path')]\
                  .map(e => getComputedStyle(e).fill + getComputedStyle(e).stroke)";
    let strokes = browser.value(filled);
    let strokes = strokes.as_array().expect("a list");
    assert!(strokes.len() >= 8);
    let fine = |it: &serde_json::Value| {
        it.as_str()
            .is_some_and(|it| it.starts_with("none") && it.len() > "nonenone".len())
    };
    assert!(strokes.iter().all(fine), "{strokes:?}");
    browser.ask("Emulation.setScriptExecutionDisabled", json!({"value": true}));
    browser.go(&file);
    let seen = browser.value(
        "[document.querySelectorAll('figure svg').length, document.querySelectorAll('td').length, \
         document.documentElement.dataset.ready ?? 'no']",
    );
    assert!(
        seen[0].as_u64() > Some(10) && seen[1].as_u64() > Some(40) && seen[2] == "no",
        "{seen}"
    );
}

/// Courses of 2,000 nodes with 100,000 stretches, as irregular as real ones: pieces of those of the reference.
fn many(results: &mut Results) {
    for (at, arm) in results.arms.iter_mut().enumerate() {
        let real: Vec<(u64, NodeState, String)> = arm
            .log
            .states
            .iter()
            .map(|row| (row.to.0 - row.from.0, row.state, row.whose.clone()))
            .collect();
        assert!(real.len() > 1_000, "{}", real.len());
        let mut rows = Vec::new();
        for node in 0..2_000_usize {
            let first = (node * 7_919 + at * 104_729) % real.len();
            let own: Vec<_> = (0..50).map(|k| &real[(first + k) % real.len()]).collect();
            let all: u64 = own.iter().map(|piece| piece.0).sum();
            let mut end = 0;
            for (k, (length, state, whose)) in own.iter().enumerate() {
                let to = if k == 49 {
                    results.horizon.0
                } else {
                    end + (u128::from(*length) * u128::from(results.horizon.0) / u128::from(all.max(1))) as u64
                };
                rows.push(StateRow {
                    node: format!("rack-{}-node-{node}", node / 40),
                    class: format!("class-{}", node % 7),
                    whose: whose.clone(),
                    from: Time(end),
                    to: Time(to),
                    state: *state,
                });
                end = to;
            }
        }
        arm.log.states = rows;
    }
}

#[test]
fn a_page_of_a_hundred_thousand_stretches_opens() {
    let mut results = read(&reference()).expect("the reference");
    many(&mut results);
    let bytes = page(&results).expect("a page").len();
    assert!(bytes < 1_000_000, "{bytes} bytes");
    let Some(mut browser) = browser() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let file = written(&results, folder.path());
    let mut times: Vec<u128> = (0..5).map(|_| browser.open(&file).as_millis()).collect();
    times.sort_unstable();
    is_clean(&browser, "a great page");
    assert_eq!(browser.value("document.documentElement.dataset.rows"), "shares");
    let [unpacked, drawn] =
        ["decodeMs", "drawMs"].map(|key| browser.value(&format!("document.documentElement.dataset.{key}")));
    println!("{bytes} bytes, ready after {times:?} ms; the last: unpacked in {unpacked} ms, drawn in {drawn} ms");
    browser.value(
        "const find = document.getElementById('find'); find.value = 'rack-7-'; find.dispatchEvent(new Event('input')); \
         new Promise(requestAnimationFrame)",
    );
    assert_eq!(
        browser.value("document.getElementById('count').textContent"),
        "40 of 2000 nodes"
    );
}
