//! QQ figures of the laws that were tried: the sample's quantiles over those of the best family, on logarithmic axes. Where the
//! law is true the points lie on the diagonal.

use super::axis::{Scale, bottom, left};
use super::canvas::{Anchor, BLUE, DARK, FAINT, Frame, GREY, Sheet, VERMILLION, wrap};
use super::page::{BODY, MARGIN, Page, PlotFile, Swatch, cell};
use super::{PlotWish, files};
use crate::fit::tried::LawTried;
use crate::kernel::Span;
use crate::report::error::DrawError;
use crate::report::number::rounded;

/// Panels of a figure: those laws that the most lengths stand behind.
const PANELS: usize = 12;
const COLUMNS: usize = 3;
/// The height of a panel.
const HIGH: f64 = 250.0;

/// Draws the figure, as SVG and as PNG; none where there is no law to draw.
///
/// # Errors
/// When plotters or the PNG encoder fails.
pub fn render(laws: &[LawTried], name: &str, mark: &str, version: &str) -> Result<Vec<PlotFile>, DrawError> {
    let mut drawn: Vec<&LawTried> = laws.iter().filter(|law| law.quantiles.len() >= 5).collect();
    drawn.sort_by_key(|law| std::cmp::Reverse(law.counts.1));
    drawn.truncate(PANELS);
    if drawn.is_empty() {
        return Ok(Vec::new());
    }
    let sheet = draw(&drawn, laws.len(), name, mark);
    files(
        vec![("qq".to_owned(), sheet)],
        (name, version),
        mark,
        &PlotWish::default(),
    )
}

fn draw(laws: &[&LawTried], all: usize, name: &str, mark: &str) -> Sheet {
    let rows = laws.len().div_ceil(COLUMNS);
    let below = format!("Quantiles of the trace over those of the law: {name}");
    let note = format!(
        "{} of {all} laws, those with the most ends seen; orange ones do not fit (p < 0.05) and are written as tables where there is enough; \
         quantiles of the trace by Kaplan and Meier, both axes logarithmic",
        laws.len()
    );
    let mut page = Page::with(
        ("How well the laws fit", &below),
        &[note],
        mark,
        30.0 + rows as f64 * HIGH,
    );
    let legend = [
        ("fits, or was not tested", Swatch::Line(BLUE, 2.0)),
        ("does not fit", Swatch::Line(VERMILLION, 2.0)),
        ("where law and trace agree", Swatch::Line(GREY, 1.0)),
    ];
    page.legend((MARGIN, page.body.y0 + 8.0), &legend);
    let grid = Frame {
        y0: page.body.y0 + 30.0,
        ..page.body
    };
    for (at, law) in laws.iter().enumerate() {
        let frame = cell(grid, (at % COLUMNS, COLUMNS), (at / COLUMNS, rows), (18.0, 10.0));
        panel(&mut page.sheet, law, frame);
    }
    let fit = laws.iter().filter(|law| !law.rejected()).count();
    page.sheet.tell(format!(
        "Of the {} laws drawn {fit} are not rejected: their points lie along the diagonal.",
        laws.len()
    ));
    page.sheet
}

fn panel(sheet: &mut Sheet, law: &LawTried, frame: Frame) {
    let title = wrap(&law.of, BODY, frame.x1 - frame.x0, 2);
    sheet.lines((frame.x0, frame.y0 + 8.0), &title, BODY, Anchor::Start, DARK);
    let family = law.found.as_ref().map_or(String::new(), |found| {
        let fits = law
            .goodness
            .map_or("too few for p".to_owned(), |fits| format!("p = {}", rounded(fits.p, 3)));
        format!("{}, {fits}", format!("{:?}", found.law.family()).to_lowercase())
    });
    sheet.text((frame.x0, frame.y0 + 38.0), &family, 9.0, Anchor::Start, GREY);
    let inner = Frame {
        x0: frame.x0 + 46.0,
        y0: frame.y0 + 50.0,
        x1: frame.x1 - 4.0,
        y1: frame.y1 - 30.0,
    };
    let logs: Vec<(f64, f64)> = law
        .quantiles
        .iter()
        .map(|(x, y)| (libm::log10(x.max(0.5)), libm::log10(y.max(0.5))))
        .collect();
    let numbers = || logs.iter().flat_map(|(x, y)| [*x, *y]);
    let (lo, hi) = (
        numbers().fold(f64::INFINITY, f64::min),
        numbers().fold(f64::NEG_INFINITY, f64::max),
    );
    let (lo, hi) = super::axis::padded(lo, hi, 0.06);
    let marks = times(lo, hi);
    let across = Scale {
        lo,
        hi,
        from: inner.x0,
        to: inner.x1,
    };
    let up = Scale {
        lo,
        hi,
        from: inner.y1,
        to: inner.y0,
    };
    bottom(sheet, inner, across, &marks, "");
    left(sheet, inner, up, &marks, true);
    sheet.outline(inner, FAINT);
    sheet.line((across.at(lo), up.at(lo)), (across.at(hi), up.at(hi)), 1.0, GREY);
    let ink = if law.rejected() { VERMILLION } else { BLUE };
    for (x, y) in logs {
        sheet.dot((across.at(x), up.at(y)), 2.0, ink);
    }
}

/// Times that people know, within a range of logarithms of seconds.
fn times(lo: f64, hi: f64) -> Vec<(f64, String)> {
    const KNOWN: [u64; 9] = [1, 10, 60, 600, 3_600, 36_000, 864_000, 8_640_000, 86_400_000];
    let marks = KNOWN
        .into_iter()
        .map(|seconds| (libm::log10(seconds as f64), Span::secs(seconds).to_string()));
    let within: Vec<(f64, String)> = marks.filter(|(at, _)| (lo..=hi).contains(at)).collect();
    // Next to each other they would touch.
    let step = within.len().div_ceil(4).max(1);
    within.into_iter().step_by(step).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fit::tried::WrittenLaw;
    use crate::stats::goodness::Goodness;
    use crate::stats::lifelaw::{Family, LifeLaw};
    use crate::stats::lifetimes::Lifetime;

    fn law(at: usize) -> LawTried {
        let law = LifeLaw::Lognormal {
            median: 7_000.0,
            sigma: 1.4,
        };
        let sample: Vec<Lifetime> = (1..=40)
            .map(|n| Lifetime::ended(law.quantile(f64::from(n) / 41.0)))
            .collect();
        LawTried {
            of: format!("hold of people-compute_haswell-large/5-16-flexible number {at}"),
            counts: (40 + at, 40 + at),
            found: Family::Lognormal.fit(&sample, 0.95),
            goodness: Some(Goodness {
                distance: 0.03,
                p: if at.is_multiple_of(2) { 0.5 } else { 0.005 },
            }),
            written: WrittenLaw::Life(law),
            quantiles: crate::stats::goodness::quantiles(&sample, law, 40),
            why: "fits",
        }
    }

    /// Draws the sample into the folder that `SICKBAY_PLOTS` names, for eyes to judge.
    #[test]
    fn panels_can_be_drawn_and_no_text_leaves_the_page_or_lies_on_another() {
        let laws: Vec<LawTried> = (0..14).map(law).collect();
        let refs: Vec<&LawTried> = laws.iter().take(PANELS).collect();
        let sheet = draw(&refs, laws.len(), "ours", "sickbay 0 fit");
        assert_eq!((sheet.outside(), sheet.collisions()), (Vec::new(), Vec::new()));
        let files = render(&laws, "ours", "sickbay 0 fit", "0").expect("drawn");
        assert_eq!(files.len(), 2);
        if let Some(folder) = std::env::var_os("SICKBAY_PLOTS") {
            for (file, bytes) in &files {
                std::fs::write(std::path::Path::new(&folder).join(file), bytes).expect("written");
            }
        }
        assert!(render(&[], "ours", "m", "0").expect("nothing").is_empty());
    }
}
