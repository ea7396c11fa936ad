//! The inverse question where its answer is known.

use std::path::Path;

use sickbay::cells::engine::Engine;
use sickbay::experiment::find::find;
use sickbay::judge::quest::Quest;
use sickbay::judge::search::SearchEnd;
use sickbay::judge::slo::Slo;
use sickbay::scenario::load;

use super::erlang_b;

/// A loss system of this load in Erlang, without maintenance; the nodes are set.
fn text(load: f64) -> String {
    // Two hours are held on average.
    let per_day = load * 12.0;
    format!(
        "# How many nodes?\n[scenario]\nname = \"nodes\"\nhorizon = \"130d\"\nseed = 4\nreplications = 10\n\
         strategies = [\"naive\"]\n[[fleet.group]]\nclass = \"metal\"\nnodes = 1\n[[workload]]\nname = \"all\"\ntenants = 1\n\
         [[workload.flavor]]\nclass = \"metal\"\nper_day = {per_day}\nsizes = 1\nhold = {{ exponential = \"2h\" }}\n\
         [control_plane]\nloop = \"instant\"\ncap = \"none\"\n\
         [ironic]\ndeploy = \"0s\"\ncleaning = \"0s\"\nbuild_failure = 0\nclean_failure = 0\n[report]\nwarm_up = \"2d\"\n"
    )
}

#[test]
fn plan_finds_erlangs_smallest_number_of_nodes_for_one_percent_of_blocking() {
    // Loads whose border is clear: at n nodes blocking is well below 1 %, at n - 1 well above.
    for (erlangs, nodes) in [(1.0, 5), (3.0, 8), (5.0, 11), (10.0, 18)] {
        assert!(erlang_b(nodes, erlangs) <= 0.01 && erlang_b(nodes - 1, erlangs) > 0.01);
        let (text, most) = (text(erlangs), 30);
        let quest = Quest {
            values: most,
            strategies: 1,
            largest: false,
            slo: Slo::parse("acceptance >= 99%").expect("an objective"),
            confidence: 0.95,
            first: 10,
            most: 320,
            by_seed: false,
        };
        let set = |place: usize| {
            let nodes = ("fleet.group.0.nodes".to_owned(), (place + 1).to_string());
            load(&text, "nodes.toml", Path::new("."), &[nodes]).map_err(|problems| problems[0].to_string())
        };
        let answers =
            find(&quest, &set, Engine::on(None, &|| false), &|_| ()).unwrap_or_else(|error| panic!("{error}"));
        let holds = nodes as usize - 1;
        let fails = Some(holds - 1);
        assert_eq!(
            answers[0].finding,
            SearchEnd::Border { holds, fails },
            "{erlangs} Erlang"
        );
        // The replications are spent where they are needed: beside the border, not at the ends.
        let spent = |place: usize| {
            answers[0]
                .probes
                .iter()
                .find(|probe| probe.value == place)
                .map(|probe| probe.replications)
        };
        assert_eq!((spent(0), spent(most - 1)), (Some(10), Some(10)));
        // Each mean that was found holds the formula's value in its interval, which is wider than 95 %.
        for probe in answers[0]
            .probes
            .iter()
            .filter(|probe| probe.value.abs_diff(holds) <= 1)
        {
            let look = probe.clauses[0].expect("a value");
            let truth = 1.0 - erlang_b(probe.value as u32 + 1, erlangs);
            assert!(
                look.lo <= truth && truth <= look.hi,
                "{truth} is not in {look:?} at {} nodes",
                probe.value + 1
            );
        }
    }
}
