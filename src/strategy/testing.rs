//! What tests ask of every strategy of the roster.

use std::sync::Arc;

use super::{Act, Field, ROSTER, RosterEntry, Route, Strategy, Typed};
use crate::fleet::{ClassId, Fleet, GroupId, Mark, Marks, Node, NodeSpec, RackId, TraitSet};
use crate::kernel::Span;

/// The strategy with these parameters: words, numbers, hours (`2h`), `true` and `false`.
pub fn with(entry: &RosterEntry, settings: &[(&str, &str)]) -> Arc<dyn Strategy> {
    let mut strategy = (entry.plain)();
    for (name, value) in settings {
        let mut params = strategy.params();
        let param = params.iter_mut().find(|param| param.name == *name);
        let typed = match *value {
            "true" => Typed::Flag(true),
            "false" => Typed::Flag(false),
            text => {
                let span = text.strip_suffix('h').and_then(|n| n.parse().ok()).map(Span::hours);
                text.parse().map_or(Typed::Text(text, span), Typed::Number)
            }
        };
        let taken = param.is_some_and(|param| param.set(typed));
        assert!(taken, "{} takes no {name} = {value}", entry.name);
    }
    strategy.into()
}

/// Each strategy with every word of its first parameter, and with each of them every word of each other one.
pub fn everything() -> Vec<(String, Arc<dyn Strategy>)> {
    ROSTER.into_iter().flat_map(of).collect()
}

fn of(entry: &'static RosterEntry) -> Vec<(String, Arc<dyn Strategy>)> {
    let mut plain = (entry.plain)();
    let params = plain.params();
    let words: Vec<(&str, Vec<&str>)> = params.iter().map(|param| (param.name, words(&param.field))).collect();
    let (first, others) = words.split_first().expect("a strategy with a parameter");
    let mut all = Vec::new();
    for word in &first.1 {
        let base = (first.0, *word);
        all.push(vec![base]);
        for (name, words) in others {
            all.extend(words.iter().map(|word| vec![base, (*name, *word)]));
        }
    }
    all.into_iter()
        .map(|settings| (format!("{} {settings:?}", entry.name), with(entry, &settings)))
        .collect()
}

fn words(field: &Field<'_>) -> Vec<&'static str> {
    match field {
        Field::Choice(field) => field.words(),
        Field::Flag(_) => vec!["true"],
        Field::Share(_) => vec!["0.5"],
        Field::Span(_) | Field::SpanOr(..) => Vec::new(),
    }
}

/// Asserts what a strategy puts on a node on entry, and what its errands' boots ask for.
pub fn marks_are(strategy: &dyn Strategy, put: &[Mark], asks: Option<Mark>, what: &str) {
    let acts: Vec<Act> = put.iter().map(|&mark| Act::Put(mark)).collect();
    assert_eq!(on_entry(strategy), acts, "{what}");
    assert_eq!(asked(strategy), set(asks), "{what}");
}

/// One mark, or none.
pub fn set(mark: Option<Mark>) -> Marks {
    mark.map_or(Marks::default(), |mark| Marks::default().with(mark))
}

/// A node that nothing is the matter with.
pub fn node() -> Node {
    let mut fleet = Fleet::default();
    let spec = NodeSpec {
        name: "node".to_owned(),
        class: ClassId(0),
        traits: TraitSet::default(),
        model: 0,
        rack: RackId(0),
        group: GroupId(0),
        owner: None,
        lessee: None,
    };
    let id = fleet.enter(&spec);
    fleet.nodes[id.at()].clone()
}

/// What a strategy does on entry, act by act.
pub fn on_entry(strategy: &dyn Strategy) -> Vec<Act> {
    strategy.entry(&node()).into_iter().flat_map(|step| step.acts).collect()
}

/// What the errand's boot asks for.
pub fn asked(strategy: &dyn Strategy) -> Marks {
    let Route::Boot { asks, .. } = strategy.route(&node()) else {
        panic!("{strategy:?} boots no errand")
    };
    asks
}
