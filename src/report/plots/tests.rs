use super::*;
use crate::judge::sample::{SampleWish, results};

fn sample(arms: usize, replications: u32, eventful: bool) -> Results {
    results(SampleWish {
        arms,
        replications,
        eventful,
    })
}

/// Draws the samples into the folder that `SICKBAY_PLOTS` names, for eyes to judge; without it,
/// the smallest ones only.
#[test]
fn every_figure_can_be_drawn_from_any_shape_of_results() {
    let folder = std::env::var_os("SICKBAY_PLOTS").map(std::path::PathBuf::from);
    let shapes = [
        ("one", 1, 1, true),
        ("none", 0, 0, false),
        ("empty", 4, 20, false),
        ("four", 4, 20, true),
        ("eight", 8, 20, true),
    ];
    for (name, arms, replications, eventful) in shapes.into_iter().take(if folder.is_some() { 5 } else { 2 }) {
        let files = render(&sample(arms, replications, eventful)).expect("drawn");
        assert_eq!(files.len(), 10);
        for (file, bytes) in folder.iter().flat_map(|_| &files) {
            let path = folder.clone().unwrap_or_default().join(format!("{name}-{file}"));
            std::fs::write(path, bytes).expect("written");
        }
    }
}

#[test]
fn figures_are_the_same_bytes_each_time_and_say_what_made_them() {
    let results = sample(2, 20, true);
    let files = render(&results).expect("drawn");
    assert_eq!(files, render(&results).expect("drawn"));
    for (name, bytes) in files {
        let text = String::from_utf8_lossy(&bytes);
        assert!(
            text.contains("sickbay 0.1.0 scenario quickstart digest 5f0c9b1e7a3d42688d1c0e2f4b6a7980 seed 2014"),
            "{name}"
        );
    }
}

#[test]
fn nothing_lies_outside_the_page() {
    for arms in [1, 4, 8] {
        for figure in &FIGURES {
            let sheet = (figure.draw)(&sample(arms, 20, true), &PlotWish::default());
            assert_eq!(sheet.outside(), Vec::<String>::new(), "{} with {arms}", figure.name);
        }
    }
}

#[test]
fn texts_do_not_touch() {
    for (arms, eventful) in [(1, true), (4, true), (8, true), (4, false)] {
        for figure in &FIGURES {
            let sheet = (figure.draw)(&sample(arms, 20, eventful), &PlotWish::default());
            assert_eq!(sheet.collisions(), Vec::<String>::new(), "{} with {arms}", figure.name);
        }
    }
}

/// Long labels, labels that differ at one end or in the middle, and labels in letters that the font lacks.
#[test]
fn every_row_has_a_label_that_tells_it_from_the_others() {
    let mut results = sample(4, 20, true);
    let long = "Ironic's flag set by hand, deploys outside of Nova by the night shift";
    let labels = [
        format!("withdraw: {long} (route out-of-band)"),
        format!("withdraw: {long} (route expose)"),
        format!("{long} 1 {long}"),
        "日本語のラベル".to_owned(),
    ];
    for (arm, label) in results.arms.iter_mut().zip(&labels) {
        label.clone_into(&mut arm.label);
    }
    for figure in &FIGURES {
        let sheet = (figure.draw)(&results, &PlotWish::default());
        assert_eq!(sheet.outside(), Vec::<String>::new(), "{}", figure.name);
        let texts = sheet.texts().join("\n");
        let rows = if figure.name == "paired" {
            &labels[1..]
        } else {
            &labels[..]
        };
        for (what, row) in [("expose)", 1), ("65e5", 3)] {
            assert!(
                rows.contains(&labels[row]) && texts.contains(what),
                "{}: {what} in {texts}",
                figure.name
            );
        }
        assert!(!texts.contains('日'));
    }
}

#[test]
fn every_figure_says_in_words_what_is_to_be_seen() {
    for (arms, eventful) in [(4, true), (1, true), (4, false)] {
        let results = sample(arms, 20, eventful);
        for figure in &FIGURES {
            let sheet = (figure.draw)(&results, &PlotWish::default());
            let told = sheet.told();
            let ends = told.ends_with('.') && !told.contains("inf") && !told.contains("NaN");
            assert!(ends, "{} with {arms}: {told}", figure.name);
        }
    }
    let files = render(&sample(4, 20, true)).expect("drawn");
    for (name, bytes) in files.iter().filter(|(name, _)| name.ends_with(".svg")) {
        let text = std::str::from_utf8(bytes).expect("text");
        let document = roxmltree::Document::parse(text).expect("XML");
        let root = document.root_element();
        assert_eq!(root.attribute("role"), Some("img"), "{name}");
        let named = root.attribute("aria-labelledby").expect("named").split(' ');
        for id in named {
            let element = root.children().find(|child| child.attribute("id") == Some(id));
            let words = element.and_then(|element| element.text()).unwrap_or_default();
            assert!(words.len() > 8, "{name}: {id} says `{words}`");
        }
    }
}

#[test]
fn figures_take_wishes() {
    let results = sample(4, 20, true);
    let wish = PlotWish {
        figures: vec!["paired".to_owned()],
        metrics: vec!["misplacements".to_owned()],
        strategies: vec!["naive".to_owned()],
        title: Some("Told otherwise".to_owned()),
        wide: Some(480),
        forms: vec![Form::Svg, Form::Png],
        ..PlotWish::default()
    };
    assert_eq!(check(&results, &wish), Ok(()));
    let files = wished(&results, &wish).expect("drawn");
    let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["paired.svg", "paired.png"]);
    let paired = String::from_utf8_lossy(&files[0].1);
    for (what, there) in [
        ("misplacements", true),
        ("Told otherwise", true),
        ("<svg width=\"480\"", true),
        ("errand wait p50 (h)", false),
        ("tenant-reservation", false),
    ] {
        assert_eq!(paired.contains(what), there, "{what}");
    }
    // A PNG's width stands at its 17th byte.
    assert_eq!(files[1].1[16..20], [0, 0, 1, 224]);
}

#[test]
fn what_is_not_there_is_said_with_what_there_is() {
    let results = sample(4, 20, true);
    let one = |name: &str| vec![name.to_owned()];
    let wish = PlotWish::default;
    for (wish, words) in [
        (
            PlotWish {
                figures: one("acceptence"),
                ..wish()
            },
            ["acceptence", "errand_wait"],
        ),
        (
            PlotWish {
                metrics: one("refused"),
                figures: one("capacity"),
                ..wish()
            },
            ["capacity", "--metric"],
        ),
        (
            PlotWish {
                metrics: one("speed"),
                ..wish()
            },
            ["speed", "sickbay metrics"],
        ),
        (
            PlotWish {
                strategies: one("nave"),
                ..wish()
            },
            ["nave", "withdraw"],
        ),
        (
            PlotWish {
                class: Some("gpus".to_owned()),
                ..wish()
            },
            ["gpus", "class"],
        ),
    ] {
        let said = check(&results, &wish).expect_err("nothing of this name");
        assert!(words.iter().all(|word| said.contains(word)), "{said}");
    }
}
