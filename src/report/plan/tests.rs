use super::*;
use crate::judge::quest::Probe;
use crate::judge::slo::Slo;
use std::fs;

/// A plan made up for tests: found, everywhere, nowhere, not monotone, as many as there are labels.
pub(crate) fn planned(largest: bool) -> Planned {
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
        let look = |mean: f64, half: f64| Look {
            mean,
            lo: mean - half,
            hi: mean + half,
            n: 20,
        };
        Probe {
            value: place(at),
            ruling,
            replications: 20,
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
            finding: Finding::Border {
                holds: place(holds),
                fails: fails.map(place),
            },
            probes,
        }
    };
    let plain = |finding: Finding, ruling: Ruling| Answer {
        finding,
        probes: vec![probe(place(0), ruling), probe(place(29), ruling)],
    };
    let tangled = Finding::NotMonotone {
        holds: place(3),
        fails: place(8),
    };
    Planned {
        version: "0.1.0".to_owned(),
        scenario: "sample".to_owned(),
        question: "How small may it be?".to_owned(),
        digest: "5f0c9b1e7a3d42688d1c0e2f4b6a7980".to_owned(),
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
            plain(Finding::Everywhere, Ruling::Holds),
            plain(Finding::Nowhere, Ruling::Fails),
            plain(tangled, Ruling::Open),
        ],
    }
}

#[test]
fn the_answer_is_a_sentence() {
    let text = answer(&planned(false)).replace('\n', " ");
    let expected = "naive meets acceptance >= 99% and errand_wait_p95 <= 4h with fleet.group.0.nodes = 1 (95 %), hidden-via-extra-spec needs 14, \
         withdraw needs 19; tenant-reservation does not reach it anywhere in fleet.group.0.nodes = 1..30 (95 %); there is no smallest \
         fleet.group.0.nodes under tenants, unnamed, where acceptance >= 99% and errand_wait_p95 <= 4h is not monotone in it.";
    assert!(text.starts_with(expected), "{text}");
    assert!(
        text.contains("holds at 19, fails at 16, open from 17 to 18; 6 values looked at in 120 replications"),
        "{text}"
    );
    let text = answer(&planned(true)).replace('\n', " ");
    assert!(
        text.contains("up to fleet.group.0.nodes = 30 (95 %), hidden-via-extra-spec up to 17, withdraw up to 12;"),
        "{text}"
    );
}

#[test]
fn a_plan_is_written_whole_and_replaces_only_a_plan() {
    let temp = tempfile::tempdir().expect("tempdir");
    let out = temp.path().join("plan");
    let write = |planned: &Planned, out: &Path| super::write(planned, open(out, false)?);
    let files = write(&planned(false), &out).expect("written");
    assert_eq!(files.len(), 7, "{files:?}");
    write(&planned(true), &out).expect("replaced");
    let json: serde_json::Value = serde_json::from_slice(&fs::read(out.join(JSON)).expect("read")).expect("JSON");
    assert_eq!(json["answers"]["withdraw"]["answer"], "12");
    assert_eq!(json["answers"]["tenant-reservation"]["answer"], "");
    let csv = fs::read_to_string(out.join(CSV)).expect("read");
    assert!(
        csv.contains("\nwithdraw,12,holds,20,acceptance,share,>= 0.99,"),
        "{csv}"
    );
    fs::write(out.join("thesis.tex"), "years of work").expect("written");
    assert!(write(&planned(false), &out).is_err());
}

/// Draws the samples into the folder that `SICKBAY_PLOTS` names, for eyes to judge.
#[test]
fn the_curves_can_be_drawn() {
    for (name, largest) in [("smallest", false), ("largest", true)] {
        let files = plots::plan::render(&planned(largest), "sickbay").expect("drawn");
        assert_eq!(files.len(), 4);
        for (folder, (file, bytes)) in std::env::var_os("SICKBAY_PLOTS")
            .iter()
            .flat_map(|folder| files.iter().map(move |f| (folder, f)))
        {
            fs::write(Path::new(folder).join(format!("{name}-{file}")), bytes).expect("written");
        }
    }
}
