use super::*;
use crate::kernel::streams::Seed;
use crate::stats::testing::{normal, sample};

fn looks(claims: usize) -> Looks {
    Looks {
        at: vec![40, 80, 160, 320, 640],
        claims,
        confidence: 0.95,
    }
}

fn asked(differences: &[f64], matters: f64) -> ClaimSample {
    ClaimSample {
        own: sample(differences),
        base: sample(&vec![0.0; differences.len()]),
        good: Good::High,
        matters,
    }
}

/// What a run until all is decided says of claims whose differences have these means and a spread of 1.
fn run(looks: &Looks, means: &[f64], matters: f64, nth: u64) -> Vec<Ruled> {
    let mut stream = Seed {
        master: nth,
        replication: 0,
    }
    .stream(9, 1);
    let claims: Vec<ClaimSample> = means
        .iter()
        .map(|mean| {
            let values: Vec<f64> = (0..640).map(|_| mean + normal(&mut stream)).collect();
            asked(&values, matters)
        })
        .collect();
    let mut have = looks.after(0).expect("a look");
    loop {
        let ruled: Vec<Ruled> = claims.iter().filter_map(|claim| looks.rule(claim, have)).collect();
        match looks.after(have) {
            Some(next) if ruled.iter().any(|claim| claim.at.is_none()) => have = next,
            _ => return ruled,
        }
    }
}

/// With nothing between the strategies, a false word anywhere in a run is rare; where every look is taken at the level
/// of a single interval, it is not.
#[test]
fn looking_often_at_many_claims_finds_few_differences_that_are_not_there() {
    let false_in = |looks: &Looks| {
        let any = |nth: &u64| {
            run(looks, &[0.0; 12], 0.02, *nth)
                .iter()
                .any(|claim| claim.paired.verdict.differs())
        };
        (0..100).filter(any).count()
    };
    let shared = false_in(&looks(12));
    // At 5 % more than 11 of 100 have a probability of 0.4 %.
    assert!(shared <= 11, "{shared} of 100");
    let single = Looks {
        claims: 1,
        at: vec![640],
        confidence: 0.95,
    };
    let apart = false_in(&single);
    // 46 % are expected.
    assert!(apart > 30, "{apart} of 100");
}

#[test]
fn what_differs_is_found_and_what_does_not_matter_is_the_same() {
    let all = |means: &[f64], matters: f64| -> Vec<Ruled> {
        (0..20)
            .flat_map(|nth| run(&looks(12), means, matters, 1_000 + nth))
            .collect()
    };
    let far = all(&[0.5, -0.5], 0.1);
    assert!(far.iter().all(|claim| claim.at.is_some_and(|n| n <= 320)));
    assert!(
        far.chunks(2)
            .all(|two| (two[0].paired.verdict, two[1].paired.verdict) == (Verdict::Better, Verdict::Worse))
    );
    let near = all(&[0.0], 0.3);
    assert!(near.iter().all(|claim| claim.paired.verdict == Verdict::Same));
    // Between: as good as never the same, though it may stay open.
    let between = all(&[0.35], 0.3);
    assert!(between.iter().all(|claim| claim.paired.verdict != Verdict::Same));
}

#[test]
fn a_word_stays_and_what_has_none_says_what_it_needs() {
    // Apart at the first look, alike after it.
    let mut values: Vec<f64> = (0..40).map(|i| 1.0 + 0.1 * f64::from(i % 5)).collect();
    values.extend((0..40).map(|i| -1.4 + 0.1 * f64::from(i % 5)));
    let claim = asked(&values, 0.01);
    let ruled = looks(1).rule(&claim, 80).expect("pairs");
    assert_eq!(
        (ruled.paired.verdict, ruled.at, ruled.paired.diff),
        (Verdict::Better, Some(40), 0.0)
    );
    // What the word rests on is shown with it.
    assert!(ruled.paired.lo > 0.0 && ruled.paired.alone.lo < 0.0);
    // One look at 80 has seen both.
    let once = Looks {
        at: vec![80],
        ..looks(1)
    };
    let ruled = once.rule(&claim, 80).expect("pairs");
    assert_eq!((ruled.paired.verdict, ruled.at), (Verdict::NotDecided, None));
    // A mean of 0 and a spread of 1.2: half-width 0.27 at 80 pairs, so that 0.01 needs about 27² times as many.
    let needs = ruled.needs.expect("a spread");
    assert!((40_000..60_000).contains(&needs), "{needs}");
}

#[test]
fn an_interrupted_run_is_looked_at_where_it_stands_and_a_longer_one_no_more_often() {
    let looks = looks(3);
    assert_eq!(looks.until(7), [7]);
    assert_eq!(looks.until(100), [40, 80, 100]);
    assert_eq!(looks.until(160), [40, 80, 160]);
    assert_eq!(looks.until(900), looks.at);
    assert_eq!(
        (looks.after(0), looks.after(320), looks.after(640)),
        (Some(40), Some(640), None)
    );
    assert!((looks.error() - 0.05 / 15.0).abs() < 1e-12);
    assert!(looks.rule(&asked(&[], 0.1), 0).is_none());
}
