use super::super::Form;
use super::*;
use crate::cells::table::CellTable;
use crate::judge::point::Point;
use crate::judge::sweeps::{course, manifest};

/// Axes, design and how many strategies.
pub(crate) type Shape = (&'static [&'static str], DesignKind, usize);

pub(crate) const SHAPES: [(&str, Shape); 8] = [
    ("one", (&["fleet.scale=0.25..1:0.125"], DesignKind::Grid, 4)),
    (
        "words",
        (
            &["control_plane.loop=instant,{ period = \"60s\" }"],
            DesignKind::Grid,
            2,
        ),
    ),
    (
        "two",
        (
            &["operators.slip=0..0.2:0.05", "fleet.scale=0.5..1:0.1"],
            DesignKind::Grid,
            4,
        ),
    ),
    (
        "alone",
        (
            &["operators.slip=0.1,0.2", "fleet.scale=0.5..1:0.1"],
            DesignKind::Grid,
            1,
        ),
    ),
    (
        "fine",
        (
            &["operators.slip=0..0.5:0.02", "fleet.scale=0.5..1:0.02"],
            DesignKind::Grid,
            2,
        ),
    ),
    ("three", (&["a.x=1,2", "a.y=0..2", "a.z=p,q"], DesignKind::Grid, 3)),
    ("cube", (&["a.x=0.0..1.0", "a.y=1..40"], DesignKind::Latin(40), 4)),
    (
        "each",
        (
            &[
                "fleet.scale=0.5,0.75,1.25",
                "operators.technicians=1..9:4",
                "control_plane.pick=first,random",
                "workload.0.flavor.0.per_day=1..3",
            ],
            DesignKind::OneAtATime,
            4,
        ),
    ),
];

pub(crate) fn drawn<R>((axes, kind, strategies): Shape, look: impl FnOnce(&Drawn<'_>) -> R) -> R {
    let mut manifest = manifest(axes, kind);
    manifest.strategies.truncate(strategies);
    manifest.metrics.push("stranded_node_hours".to_owned());
    let mut table = CellTable::default();
    let points = manifest.points();
    for cell in 0..points.len() * manifest.cells_of_a_point() {
        table.enter(manifest.job(cell), course(&manifest, cell));
    }
    let places = manifest.places();
    let point = |(at, set)| Point::of(&manifest, &table, at, manifest.coordinates(set)).only(&places);
    let points: Vec<Point> = points.iter().enumerate().map(point).collect();
    look(&Drawn {
        manifest: &manifest,
        digest: "5f0c9b1e7a3d42688d1c0e2f4b6a7980",
        points: &points,
    })
}

/// Draws the samples into the folder that `SICKBAY_PLOTS` names, for eyes to judge; without it, the smallest ones only.
#[test]
fn every_design_can_be_drawn() {
    let folder = std::env::var_os("SICKBAY_PLOTS").map(std::path::PathBuf::from);
    for (name, shape) in SHAPES.into_iter().take(if folder.is_some() { SHAPES.len() } else { 2 }) {
        let files = drawn(shape, |drawn| {
            render(drawn, "sickbay 0.1.0", &PlotWish::default()).expect("drawn")
        });
        assert_eq!(files.len(), 6, "{name}");
        for (file, bytes) in folder.iter().flat_map(|_| &files) {
            let path = folder.clone().unwrap_or_default().join(format!("{name}-{file}"));
            std::fs::write(path, bytes).expect("written");
        }
    }
}

#[test]
fn nothing_lies_outside_the_page_and_texts_do_not_touch() {
    for (name, shape) in SHAPES {
        drawn(shape, |drawn| {
            for (figure, sheet) in sheets(drawn, &PlotWish::default()) {
                assert!(!sheet.told().is_empty(), "{name}: {figure}");
                assert_eq!(sheet.outside(), Vec::<String>::new(), "{name}: {figure}");
                assert_eq!(sheet.collisions(), Vec::<String>::new(), "{name}: {figure}");
            }
        });
    }
}

#[test]
fn only_what_is_asked_for_is_drawn() {
    drawn(SHAPES[0].1, |drawn| {
        let wish = PlotWish {
            metrics: vec!["acceptance".to_owned()],
            strategies: vec![drawn.manifest.strategies[1].clone()],
            figures: vec!["lines".to_owned()],
            forms: vec![Form::Svg],
            title: Some("Another heading".to_owned()),
            ..PlotWish::default()
        };
        let files = render(drawn, "sickbay", &wish).expect("drawn");
        assert_eq!(files.len(), 1);
        let text = String::from_utf8_lossy(&files[0].1);
        assert!(files[0].0 == "lines-acceptance.svg" && text.contains("Another heading"));
        let named = |at: usize| text.contains(&format!("{}\n", drawn.manifest.strategies[at]));
        assert_eq!([named(0), named(1), named(2)], [false, true, false]);
        let askable = askable(drawn);
        assert_eq!(askable.check(&wish), Ok(()));
        assert!(askable.figures.contains(&"lines-acceptance".to_owned()));
        for (wish, word) in [
            (
                PlotWish {
                    figures: vec!["heat".to_owned()],
                    ..PlotWish::default()
                },
                "lines-acceptance",
            ),
            (
                PlotWish {
                    metrics: vec!["speed".to_owned()],
                    ..PlotWish::default()
                },
                "stranded_node_hours",
            ),
            (
                PlotWish {
                    class: Some("gpu".to_owned()),
                    ..PlotWish::default()
                },
                "--class",
            ),
        ] {
            let said = askable.check(&wish).expect_err("not there");
            assert!(said.contains(word), "{said}");
        }
        let nothing = PlotWish {
            figures: vec!["heat".to_owned()],
            ..wish
        };
        assert!(render(drawn, "sickbay", &nothing).expect("drawn").is_empty());
    });
}
