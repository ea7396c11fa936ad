//! Metrics as they are asked for, of the whole or of a part: `acceptance`, `acceptance{class=gpu}`; and the columns of a
//! table, which are those of the whole and behind them those of the parts that somebody asks for.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Index;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use super::columns::{COLUMNS, Column, Dimension, MONEY, Metric, column, nearest};
use crate::scenario::expect::Wants;
use crate::scenario::{Price, Scenario};

/// Classes, tenants and campaigns get columns of their own, without having been asked for, when there are at most so many.
const FEW: usize = 20;

/// A metric, of the whole or of one part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selector {
    /// The metric.
    pub metric: Metric,
    /// The part, by its name: of which class, tenant and so on.
    pub of: Option<(Dimension, String)>,
}

/// Why something typed is no metric.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}: {mend}")]
pub struct SelectorError {
    /// What is wrong.
    pub message: String,
    /// What can be done about it.
    pub mend: String,
}

fn wrong<T>(message: String, mend: String) -> Result<T, SelectorError> {
    Err(SelectorError { message, mend })
}

/// The name that is most like `typed`, if one is.
fn likest<'a>(typed: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let mut best: Option<(f64, &str)> = None;
    for name in known {
        let likeness = strsim::jaro_winkler(name, typed);
        if likeness > best.map_or(0.7, |(known, _)| known) {
            best = Some((likeness, name));
        }
    }
    best.map(|(_, name)| name)
}

impl Selector {
    /// A metric of the whole.
    #[must_use]
    pub fn whole(metric: Metric) -> Selector {
        Selector { metric, of: None }
    }

    /// A metric of one part.
    #[must_use]
    pub fn part(metric: Metric, dimension: Dimension, name: &str) -> Selector {
        Selector {
            metric,
            of: Some((dimension, name.to_owned())),
        }
    }

    /// Reads `METRIC` or `METRIC{DIMENSION=NAME}`.
    ///
    /// # Errors
    /// When there is no such metric, or it cannot be told apart so.
    pub fn parse(text: &str) -> Result<Selector, SelectorError> {
        let text = text.trim();
        let (name, braced) = match text.split_once('{') {
            None => (text, None),
            Some((name, rest)) => match rest.strip_suffix('}') {
                Some(inner) => (name.trim(), Some(inner.trim())),
                None => return wrong(format!("`{text}` has no closing brace"), format!("write `{text}}}`")),
            },
        };
        let Some(metric) = Metric::named(name) else {
            let mend = nearest(name).map_or_else(
                || "`sickbay metrics` lists them".to_owned(),
                |near| format!("is it meant as `{near}`?"),
            );
            return wrong(format!("there is no metric `{name}`"), mend);
        };
        let Some(inner) = braced else {
            return Ok(Selector::whole(metric));
        };
        let Some((typed, part)) = inner.split_once('=') else {
            return wrong(format!("`{text}` names no part"), Selector::may_be(metric));
        };
        let (typed, part) = (typed.trim(), part.trim());
        let Some(&(word, dimension)) = Dimension::ALL.iter().find(|(word, _)| *word == typed) else {
            let mend = likest(typed, Dimension::ALL.iter().map(|(word, _)| *word))
                .map_or_else(|| Selector::may_be(metric), |near| format!("is it meant as `{near}`?"));
            return wrong(format!("`{text}`: there is no dimension `{typed}`"), mend);
        };
        if !metric.column().dimensions.contains(&dimension) {
            return wrong(
                format!("`{name}` cannot be told apart by {word}"),
                Selector::may_be(metric),
            );
        }
        let second = part.rsplit_once(',').and_then(|(_, rest)| rest.split_once('='));
        if second.is_some_and(|(word, _)| Dimension::ALL.iter().any(|(known, _)| *known == word.trim())) {
            let one = part.split(',').next().unwrap_or_default();
            return wrong(
                format!("`{text}` names two dimensions, and a metric is told apart by one at a time"),
                format!("write `{name}{{{word}={one}}}`"),
            );
        }
        let number = |least: u16, most: u16| part.parse().is_ok_and(|n: u16| (least..=most).contains(&n));
        let (right, what) = match dimension {
            Dimension::Size => (number(1, u16::MAX), "a number of machines"),
            Dimension::Hour => (number(0, 23), "an hour from 0 to 23"),
            Dimension::Part => (
                Price::ALL.iter().any(|price| price.word() == part),
                "a price of `[costs]`",
            ),
            _ => (!part.is_empty(), "a name"),
        };
        if !right {
            return wrong(
                format!("`{text}`: `{part}` is not {what}"),
                format!("write {what} behind `{word}=`"),
            );
        }
        Ok(Selector::part(metric, dimension, part))
    }

    /// Its column.
    #[must_use]
    pub fn column(&self) -> &'static Column {
        column_of(self)
    }

    /// By what a metric can be told apart, as a mend.
    fn may_be(metric: Metric) -> String {
        let column = metric.column();
        match column.dimensions {
            [] => format!("`{}` is of the whole run only", column.name),
            dimensions => {
                let words: Vec<&str> = dimensions.iter().map(|it| it.word()).collect();
                format!(
                    "write `{}{{{}=NAME}}`; there is {}",
                    column.name,
                    words[0],
                    words.join(", ")
                )
            }
        }
    }

    /// Whether a scenario has the part.
    ///
    /// # Errors
    /// When it has not: with the name that is most like it, or all names.
    pub fn check(&self, scenario: &Scenario) -> Result<(), SelectorError> {
        let Some((dimension, part)) = &self.of else {
            return Ok(());
        };
        let Some(names) = names(scenario, *dimension) else {
            return Ok(());
        };
        if names.contains(&part.as_str()) {
            return Ok(());
        }
        let word = dimension.word();
        let mend = match likest(part, names.iter().copied()) {
            Some(near) => format!("is it meant as `{near}`?"),
            None if names.is_empty() && *dimension == Dimension::Part => {
                format!("the scenario has no `[costs]`; price `{part}` there")
            }
            None if names.is_empty() => format!("the scenario has no {word}"),
            None if names.len() <= FEW => format!("there is {}", names.join(", ")),
            None => format!("the scenario has {} of them, such as `{}`", names.len(), names[0]),
        };
        wrong(format!("`{self}`: there is no {word} `{part}`"), mend)
    }

    /// The part's number in a scenario: the place of its name, or the number that it says itself; none where the scenario
    /// does not have it.
    pub(super) fn number(of: (Dimension, &str), scenario: &Scenario) -> Option<(Dimension, u16)> {
        let (dimension, part) = of;
        let number = match names(scenario, dimension) {
            Some(names) => u16::try_from(names.iter().position(|name| *name == part)?).ok()?,
            None => part.parse().ok()?,
        };
        Some((dimension, number))
    }
}

/// The names of a dimension's parts in a scenario, each at its number; none where parts are numbers.
fn names(scenario: &Scenario, dimension: Dimension) -> Option<Vec<&str>> {
    let known = &scenario.fleet.names;
    Some(match dimension {
        Dimension::Class => known.classes.iter().collect(),
        Dimension::Tenant => known.tenants.iter().collect(),
        Dimension::Rack => known.racks.iter().collect(),
        Dimension::Workload => scenario.demand.sources.iter().map(|it| it.name.as_str()).collect(),
        Dimension::Campaign => {
            let campaigns = scenario.maintenance.campaigns.iter();
            campaigns.map(|it| it.name.as_str()).collect()
        }
        Dimension::Part => {
            let prices = scenario.costs.iter().flat_map(|costs| &costs.prices);
            prices.map(|(price, _)| price.word()).collect()
        }
        Dimension::Size | Dimension::Hour => return None,
    })
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.metric.name();
        match &self.of {
            None => f.write_str(name),
            Some((dimension, part)) => write!(f, "{name}{{{}={part}}}", dimension.word()),
        }
    }
}

/// The column of a part. It is made once for each name and kept, so that it can be handed on as those of the whole are.
fn column_of(selector: &Selector) -> &'static Column {
    let whole = selector.metric.column();
    let Some((dimension, part)) = &selector.of else {
        return whole;
    };
    kept(selector.to_string(), whole.unit, |name| Column {
        name: name.to_owned().leak(),
        of: Some((*dimension, part.clone().leak())),
        shown: false,
        ..*whole
    })
}

/// A column of costs in a scenario's unit; the sum of them is shown, for it was asked for.
fn in_money(column: &'static Column, unit: &str) -> &'static Column {
    if column.unit != MONEY {
        return column;
    }
    kept(column.name.to_owned(), unit, |_| Column {
        unit: unit.to_owned().leak(),
        shown: column.of.is_none(),
        ..*column
    })
}

/// The column of this name and unit, made once.
fn kept(name: String, unit: &str, make: impl FnOnce(&str) -> Column) -> &'static Column {
    static KEPT: LazyLock<Mutex<BTreeMap<(String, String), &'static Column>>> = LazyLock::new(Mutex::default);
    let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    kept.entry((name, unit.to_owned()))
        .or_insert_with_key(|(name, _)| Box::leak(Box::new(make(name))))
}

/// The columns of a table: those of the whole, in the order of [`COLUMNS`], and behind them those of parts. A place below
/// `COLUMNS.len()` is the same metric in every table.
#[derive(Clone, Debug)]
pub struct Columns(Arc<[&'static Column]>);

impl Default for Columns {
    /// Those of the whole alone.
    fn default() -> Columns {
        Columns(COLUMNS.iter().collect())
    }
}

impl PartialEq for Columns {
    fn eq(&self, other: &Columns) -> bool {
        self.iter().map(|it| it.name).eq(other.iter().map(|it| it.name))
    }
}

impl Index<usize> for Columns {
    type Output = Column;

    fn index(&self, at: usize) -> &Column {
        self.0[at]
    }
}

impl Columns {
    /// The columns of a scenario's cells: of the whole, of the parts that are asked for by name, and where there are few
    /// of the classes, tenants, campaigns and hours that are always told.
    #[must_use]
    pub fn of(scenario: &Scenario) -> Columns {
        Columns::asked(scenario).with(always(scenario))
    }

    /// The same without those that nobody asks for by name.
    #[must_use]
    pub fn asked(scenario: &Scenario) -> Columns {
        let reporting = &scenario.reporting;
        let goals = [
            reporting.precision.as_ref().map(|goal| &goal.metric),
            reporting.best.as_ref().map(|goal| &goal.metric),
        ];
        let expected = scenario.expectations.iter().filter_map(|it| match &it.wants {
            Wants::Metric { metric, .. } => Some(metric),
            Wants::Never { .. } => None,
        });
        let named = reporting
            .asked
            .iter()
            .chain(&reporting.metrics)
            .chain(&reporting.headline);
        let named = Columns::naming(named.chain(expected).chain(goals.into_iter().flatten()));
        match &scenario.costs {
            Some(costs) => named.in_unit(&costs.unit),
            None => named,
        }
    }

    /// These with costs in a unit of money.
    #[must_use]
    pub fn in_unit(&self, unit: &str) -> Columns {
        Columns(self.0.iter().map(|&column| in_money(column, unit)).collect())
    }

    /// The unit of costs, which is that of all columns of costs.
    #[must_use]
    pub fn money(&self) -> &'static str {
        self.0[Metric::Cost.at()].unit
    }

    /// The columns of the whole and of the parts among these names; what is no metric is left out.
    #[must_use]
    pub fn naming<'a>(names: impl IntoIterator<Item = &'a String>) -> Columns {
        let parsed = names.into_iter().filter_map(|name| Selector::parse(name).ok());
        Columns::default().with(parsed)
    }

    /// These, and behind them those that are asked for and not there yet. Beside a share of requests stand the counts that
    /// it is made of, and beside a campaign's end whether it was finished.
    #[must_use]
    pub fn with(&self, asked: impl IntoIterator<Item = Selector>) -> Columns {
        let mut all: Vec<&'static Column> = self.0.to_vec();
        let mut there: std::collections::BTreeSet<&str> = all.iter().map(|it| it.name).collect();
        for selector in asked {
            let made_of: &[Metric] = match selector.metric {
                Metric::Acceptance | Metric::ServedWell => &[Metric::Accepted, Metric::Refused],
                Metric::CampaignEnd => &[Metric::CampaignUnfinished],
                _ => &[],
            };
            let beside = made_of.iter().map(|&metric| Selector {
                metric,
                of: selector.of.clone(),
            });
            for it in std::iter::once(selector.clone()).chain(beside) {
                let column = in_money(column_of(&it), self.money());
                if there.insert(column.name) {
                    all.push(column);
                }
            }
        }
        Columns(all.into())
    }

    /// How many there are.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "those of the whole are always there")]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// All of them, in the order of their places.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &'static Column> + DoubleEndedIterator {
        self.0.iter().copied()
    }

    /// The column at a place.
    #[must_use]
    pub fn at(&self, place: usize) -> &'static Column {
        self.0[place]
    }

    /// The place of the column of this name, with it.
    #[must_use]
    pub fn placed(&self, name: &str) -> Option<(usize, &'static Column)> {
        let place = column(name).or_else(|| {
            let name = Selector::parse(name).ok()?.to_string();
            self.0.iter().position(|column| column.name == name)
        })?;
        Some((place, self.0[place]))
    }

    /// The place of a metric of the same part as the column at `place` is of; none where it has none.
    #[must_use]
    pub fn beside(&self, place: usize, metric: Metric) -> Option<usize> {
        match self.0[place].of {
            None => Some(metric.at()),
            of => self
                .0
                .iter()
                .position(|column| column.metric == metric && column.of == of),
        }
    }

    /// A row without values.
    #[must_use]
    pub fn empty_row(&self) -> Vec<Option<f64>> {
        vec![None; self.len()]
    }
}

/// What is told without having been asked for.
fn always(scenario: &Scenario) -> Vec<Selector> {
    let mut all = Vec::new();
    let mut add = |dimension: Dimension, skip: usize, metrics: &[Metric]| {
        let names = names(scenario, dimension).unwrap_or_default();
        if names.len() <= FEW + skip {
            for name in names.iter().skip(skip) {
                all.extend(metrics.iter().map(|&metric| Selector::part(metric, dimension, name)));
            }
        }
    };
    add(
        Dimension::Class,
        0,
        &[Metric::ServedWell, Metric::Acceptance, Metric::OfferedLoad],
    );
    // The operators' tenant is number 0 and asks for nothing as a person.
    add(Dimension::Tenant, 1, &[Metric::ServedWell, Metric::Acceptance]);
    add(
        Dimension::Campaign,
        0,
        &[
            Metric::CampaignEnd,
            Metric::CampaignUnfinished,
            Metric::CampaignNodesLeft,
        ],
    );
    add(Dimension::Part, 0, &[Metric::Cost]);
    let hours = (0..24).map(|hour| Selector::part(Metric::Refused, Dimension::Hour, &hour.to_string()));
    all.extend(hours);
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cells::testing::scenario;

    #[test]
    fn what_is_typed_is_what_is_printed() {
        for text in [
            "acceptance",
            "acceptance{class=gpu}",
            "campaign_end{campaign=fw}",
            "refused{hour=7}",
        ] {
            assert_eq!(Selector::parse(text).expect(text).to_string(), text);
        }
        let spaced = Selector::parse(" acceptance{ class = gpu, old } ").expect("a metric");
        assert_eq!(spaced.to_string(), "acceptance{class=gpu, old}");
    }

    #[test]
    fn mistakes_are_named_with_their_mend() {
        for (wrong, told, mend) in [
            ("aceptance{class=gpu}", "no metric `aceptance`", "`acceptance`"),
            ("acceptance{clas=gpu}", "no dimension `clas`", "`class`"),
            ("acceptance{class=gpu", "no closing brace", "`acceptance{class=gpu}`"),
            ("acceptance{gpu}", "names no part", "acceptance{class=NAME}"),
            ("acceptance{class=}", "is not a name", "behind `class=`"),
            (
                "acceptance{rack=r1}",
                "cannot be told apart by rack",
                "class, tenant, workload",
            ),
            ("cap_hits{class=gpu}", "cannot be told apart by class", "whole run only"),
            ("refused{hour=24}", "is not an hour", "from 0 to 23"),
            (
                "acceptance{class=gpu,tenant=a}",
                "two dimensions",
                "`acceptance{class=gpu}`",
            ),
        ] {
            let said = Selector::parse(wrong).expect_err(wrong);
            assert!(
                said.message.contains(told) && said.mend.contains(mend),
                "{wrong}: {said}"
            );
        }
        let scenario = scenario(2, 10);
        let class = scenario.fleet.names.classes.name(0).to_owned();
        let check = |text: &str| Selector::parse(text).expect(text).check(&scenario);
        assert_eq!(check(&format!("acceptance{{class={class}}}")), Ok(()));
        let said = check(&format!("acceptance{{class={class}x}}")).expect_err("no such class");
        assert!(said.mend.contains(&format!("`{class}`")), "{said}");
        assert!(
            check("campaign_end{campaign=fw}")
                .expect_err("none")
                .mend
                .contains("no campaign")
        );
    }

    #[test]
    fn places_of_the_whole_are_the_same_everywhere_and_parts_come_behind() {
        let columns = Columns::naming(&[
            "acceptance{class=a}".to_owned(),
            "refused".to_owned(),
            "nonsense".to_owned(),
        ]);
        assert_eq!(columns.len(), COLUMNS.len() + 3);
        assert_eq!(columns.placed("refused").map(|(at, _)| at), Some(Metric::Refused.at()));
        let (at, column) = columns.placed("acceptance{class=a}").expect("asked for");
        assert_eq!(
            (at, column.metric, column.shown),
            (COLUMNS.len(), Metric::Acceptance, false)
        );
        let refused = columns.beside(at, Metric::Refused).expect("beside it");
        assert_eq!(columns[refused].name, "refused{class=a}");
        assert_eq!(columns.placed("acceptance{class=b}").map(|(at, _)| at), None);
        assert_eq!(
            columns.beside(Metric::Acceptance.at(), Metric::Refused),
            Some(Metric::Refused.at())
        );
    }
}
