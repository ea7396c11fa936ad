//! What is done with a node in maintenance. A strategy sees a node and answers with data: the
//! steps on entry and on return, and the route by which an errand reaches the node. It never
//! sees the agenda, a random stream or a fleet that it could change.

pub mod answers;
pub mod hidden;
pub mod naive;
pub mod params;
pub mod tenant;
pub mod withdraw;

#[cfg(test)]
pub mod testing;

pub use answers::{Act, Actor, Lease, Naming, RosterEntry, Route, Step, Strategy, Taken, Terms};
pub use params::{Field, Param, Typed};

/// Every strategy, in the order of the roster. Adding one is its file, its `mod` and one line here.
pub const ROSTER: [&RosterEntry; 4] = [&naive::ENTRY, &withdraw::ENTRY, &hidden::ENTRY, &tenant::ENTRY];

/// The entry of this name.
#[must_use]
pub fn find(name: &str) -> Option<&'static RosterEntry> {
    ROSTER.into_iter().find(|entry| entry.name == name)
}

#[cfg(test)]
mod tests {
    use super::testing::{everything, node};
    use super::*;
    use crate::fleet::Marks;

    #[test]
    fn each_strategy_and_each_parameter_has_a_name_of_its_own_and_a_meaning() {
        for entry in ROSTER {
            let named = ROSTER.iter().filter(|other| other.name == entry.name).count();
            assert_eq!(named, 1, "{}", entry.name);
            assert!(find(entry.name).is_some() && !entry.summary.is_empty());
            let mut plain = (entry.plain)();
            let params = plain.params();
            for param in &params {
                let same = params.iter().filter(|other| other.name == param.name).count();
                assert!(same == 1 && !param.doc.is_empty(), "{}.{}", entry.name, param.name);
                // Keys of the table in which parameters stand.
                assert!(!["name", "label"].contains(&param.name), "{}", entry.name);
            }
        }
    }

    #[test]
    fn each_word_of_a_parameter_is_read_as_it_is_printed() {
        for entry in ROSTER {
            let mut plain = (entry.plain)();
            for mut param in plain.params() {
                let default = param.toml();
                for word in param.words() {
                    assert!(param.set(Typed::Text(word, None)), "{}: {word}", entry.name);
                    assert_eq!(param.toml(), format!("\"{word}\""), "{}", entry.name);
                }
                let printed = default.trim_matches('"');
                let span = Some(crate::kernel::Span::hours(5));
                let typed = match (&param.field, printed) {
                    (Field::Flag(_), flag) => Typed::Flag(flag == "true"),
                    (Field::Share(_), share) => Typed::Number(share.parse().unwrap()),
                    (_, text) => Typed::Text(text, span),
                };
                assert!(param.set(typed), "{}.{} = {default}", entry.name, param.name);
            }
        }
    }

    #[test]
    fn a_parameter_refuses_what_it_does_not_take_and_stays_as_it_is() {
        for entry in ROSTER {
            let mut plain = (entry.plain)();
            for mut param in plain.params() {
                let default = param.toml();
                for typed in [Typed::Other, Typed::Number(1.5), Typed::Text("no such word", None)] {
                    assert!(!param.set(typed), "{}.{} takes {typed:?}", entry.name, param.name);
                }
                assert_eq!(param.toml(), default, "{}.{}", entry.name, param.name);
            }
        }
    }

    #[test]
    fn what_is_done_on_entry_is_undone_on_return() {
        for (name, strategy) in everything() {
            let undone = |act: &Act| match *act {
                Act::SetFlag => Act::ClearFlag,
                Act::Put(mark) => Act::Drop(mark),
                Act::TakeOver => Act::GiveBack,
                act => panic!("{name} begins with {act:?}"),
            };
            let entry = strategy.entry(&node());
            let back: Vec<Vec<Act>> = strategy.back(&node()).into_iter().map(|step| step.acts).collect();
            let expected: Vec<Vec<Act>> = entry
                .iter()
                .map(|step| step.acts.iter().map(undone).collect())
                .collect();
            assert_eq!(back, expected, "{name}");
        }
    }

    #[test]
    fn an_errand_lifts_the_flag_only_where_it_was_set() {
        for (name, strategy) in everything() {
            let flagged = testing::on_entry(&*strategy).contains(&Act::SetFlag);
            if let Route::Boot { lift_flag, .. } = strategy.route(&node()) {
                assert!(flagged || !lift_flag, "{name}");
            }
        }
    }

    #[test]
    fn what_ordinary_flavors_refuse_is_on_the_node_and_errands_ask_for_what_is_there() {
        for (name, strategy) in everything() {
            let acts = testing::on_entry(&*strategy);
            let put = acts.iter().fold(Marks::default(), |put, act| match act {
                Act::Put(mark) => put.with(*mark),
                _ => put,
            });
            let within = |marks: Marks| marks.0 & !put.0 == 0;
            assert!(within(strategy.terms().refuses), "{name}");
            if let Route::Boot { asks, .. } = strategy.route(&node()) {
                assert!(within(asks), "{name}");
            }
        }
    }

    #[test]
    fn who_takes_the_node_from_a_tenant_says_so() {
        for entry in ROSTER {
            for (word, taken) in [("wait", Taken::Wait), ("evict", Taken::Evict)] {
                let strategy = testing::with(entry, &[("taken", word)]);
                let (Route::Boot { taken: found, .. } | Route::OutOfBand { taken: found, .. }) =
                    strategy.route(&node());
                assert_eq!(found, taken, "{}", entry.name);
            }
        }
    }
}
