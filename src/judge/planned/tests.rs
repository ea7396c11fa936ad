use super::*;
use crate::judge::quest::Probe;
use crate::judge::slo::Slo;
use crate::stats::estimate::Estimate;

/// A plan made up for tests: found, everywhere, nowhere, not monotone, as many as there are labels.
pub fn planned(largest: bool) -> Planned {
    let quest = Quest {
        values: 30,
        strategies: 5,
        largest,
        slo: Slo::parse("acceptance >= 99% and errand_wait_p95 <= 4h").expect("an objective"),
        confidence: 0.95,
        first: 10,
        most: 200,
        by_seed: false,
    };
    let place = |at: usize| if largest { 29 - at } else { at };
    let probe = |at: usize, ruling: Ruling| {
        let level = 0.9 + 0.1 * at as f64 / 20.0;
        let look = |mean: f64, half: f64| Estimate {
            mean,
            lo: mean - half,
            hi: mean + half,
            n: 20,
        };
        Probe {
            value: place(at),
            ruling,
            replications: 20,
            undone: 0,
            clauses: vec![
                Some(look(level, 0.004)),
                (at > 3).then(|| look(6.0 - at as f64 / 10.0, 0.3)),
            ],
        }
    };
    let border = |holds: usize, fails: Option<usize>| {
        let ruling = |at: usize| match at {
            _ if at >= holds => Ruling::Holds,
            _ if fails.is_some_and(|fails| at <= fails) => Ruling::Fails,
            _ => Ruling::Open,
        };
        let mut probes: Vec<Probe> = [0, holds - 2, holds - 1, holds, holds + 1, 29]
            .map(|at| probe(at, ruling(at)))
            .to_vec();
        probes.sort_by_key(|probe| probe.value);
        Answer {
            finding: SearchEnd::Border {
                holds: place(holds),
                fails: fails.map(place),
            },
            probes,
        }
    };
    let plain = |finding: SearchEnd, ruling: Ruling| Answer {
        finding,
        probes: vec![probe(place(0), ruling), probe(place(29), ruling)],
    };
    let tangled = SearchEnd::NotMonotone {
        holds: place(3),
        fails: place(8),
    };
    Planned {
        version: "0.1.0".to_owned(),
        scenario: "sample".to_owned(),
        question: "How small may it be?".to_owned(),
        digest: "5f0c9b1e7a3d42688d1c0e2f4b6a7980".to_owned(),
        effective: "[scenario]\nname = \"sample\"\n".to_owned(),
        seed: 7,
        key: "fleet.group.0.nodes".to_owned(),
        range: "1..30".to_owned(),
        values: (1..=30).map(|n| n.to_string()).collect(),
        strategies: [
            "withdraw",
            "hidden-via-extra-spec",
            "naive",
            "tenant-reservation",
            "tenants, unnamed",
        ]
        .map(str::to_owned)
        .to_vec(),
        quest,
        assumptions: vec!["Drawn, not recorded: everything.".to_owned()],
        answers: vec![
            border(18, Some(15)),
            border(13, Some(12)),
            plain(SearchEnd::Everywhere, Ruling::Holds),
            plain(SearchEnd::Nowhere, Ruling::Fails),
            plain(tangled, Ruling::Open),
        ],
    }
}
