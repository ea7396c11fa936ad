//! Which figures of a results folder are drawn, of what, and how.

use crate::cells::columns::{Column, Dimension, Metric};
use crate::cells::selector::Selector;
use crate::judge::results::Results;

/// What is asked of figures; by itself all of them, of everything, as SVG and as PNG.
#[derive(Clone, Debug, Default)]
pub struct PlotWish {
    /// Names of figures, or what they begin with, as `heat`; empty: all.
    pub figures: Vec<String>,
    /// Names of metrics; empty: those that the figure has by itself.
    pub metrics: Vec<String>,
    /// Labels of strategies; empty: all.
    pub strategies: Vec<String>,
    /// A class: its nodes, its requests.
    pub class: Option<String>,
    /// Another heading.
    pub title: Option<String>,
    /// How many pixels a PNG is wide, and an SVG is shown.
    pub wide: Option<u32>,
    /// The forms; empty: all.
    pub forms: Vec<Form>,
}

/// A form of a figure's file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Scalable vector graphics.
    Svg,
    /// Portable network graphics.
    Png,
}

impl PlotWish {
    /// Whether a figure of this name is asked for.
    #[must_use]
    pub fn wants(&self, name: &str) -> bool {
        let asked = |asked: &String| {
            name == asked
                || name
                    .strip_prefix(asked.as_str())
                    .is_some_and(|more| more.starts_with('-'))
        };
        self.figures.is_empty() || self.figures.iter().any(asked)
    }

    /// Whether this form is asked for.
    #[must_use]
    pub fn has(&self, form: Form) -> bool {
        self.forms.is_empty() || self.forms.contains(&form)
    }

    /// Whether the strategy of this label is asked for.
    #[must_use]
    pub fn of_strategy(&self, label: &str) -> bool {
        self.strategies.is_empty() || self.strategies.iter().any(|asked| asked == label)
    }

    /// The results with the strategies that are asked for alone; the baseline stays where it is `kept`.
    pub(super) fn only(&self, results: &Results, kept: bool) -> Results {
        let mut chosen = results.clone();
        let baseline = results.baseline_label();
        chosen
            .arms
            .retain(|arm| self.of_strategy(&arm.label) || kept && arm.label == baseline);
        let place = chosen.arms.iter().position(|arm| arm.label == baseline);
        chosen.baseline = place.unwrap_or(chosen.arms.len());
        chosen
    }

    /// The columns of the metrics that are named, else of the usual ones, of the class that is asked for; only what the
    /// results have.
    pub(super) fn columns(&self, results: &Results, usual: &[&str]) -> Vec<(usize, &'static Column)> {
        let column = |name: &str| self.column(results, name);
        match self.metrics.is_empty() {
            true => usual.iter().filter_map(|name| column(name)).collect(),
            false => self.metrics.iter().filter_map(|name| column(name)).collect(),
        }
    }

    /// The column of a metric, of the class that is asked for.
    pub(super) fn column(&self, results: &Results, name: &str) -> Option<(usize, &'static Column)> {
        match (&self.class, Metric::named(name)) {
            (Some(class), Some(metric)) => {
                let part = Selector::part(metric, Dimension::Class, class);
                results.columns.placed(&part.to_string())
            }
            _ => results.columns.placed(name),
        }
    }
}

/// What the figures of a sweep, of a plan and of `robust` can be asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Askable {
    /// The figures' names.
    pub figures: Vec<String>,
    /// The metrics that are drawn.
    pub metrics: Vec<String>,
    /// The strategies' labels.
    pub strategies: Vec<String>,
}

impl Askable {
    /// Whether all that a wish names is there.
    ///
    /// # Errors
    /// What is not, in words for who typed it, with what there is.
    pub fn check(&self, wish: &PlotWish) -> Result<(), String> {
        if let Some(class) = &wish.class {
            return Err(format!(
                "these figures have no nodes of class `{class}`: --class is for runs, and a metric of a class is named as in `acceptance{{class={class}}}`"
            ));
        }
        known(&wish.metrics, "metric", self.metrics.iter().map(String::as_str))?;
        known(&wish.strategies, "strategy", self.strategies.iter().map(String::as_str))?;
        let alone = |asked: &String| PlotWish {
            figures: vec![asked.clone()],
            ..PlotWish::default()
        };
        let has = |asked: &&String| self.figures.iter().any(|name| alone(asked).wants(name));
        let missing: Vec<String> = wish.figures.iter().filter(|asked| !has(asked)).cloned().collect();
        known(&missing, "figure", self.figures.iter().map(String::as_str))
    }
}

/// Whether all that is asked for is there.
///
/// # Errors
/// The first that is not, in words for who typed it, with what there is.
pub(super) fn known<'a>(asked: &[String], kind: &str, there: impl IntoIterator<Item = &'a str>) -> Result<(), String> {
    let there: Vec<&str> = there.into_iter().collect();
    let Some(name) = asked.iter().find(|name| !there.contains(&name.as_str())) else {
        return Ok(());
    };
    let but = match there.is_empty() {
        true => String::new(),
        false => format!(", but {}", there.join(", ")),
    };
    Err(format!("there is no {kind} `{name}` here{but}"))
}
