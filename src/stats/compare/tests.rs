use super::*;
use crate::stats::testing::sample as some;

fn of(a: &[Option<f64>], b: &[Option<f64>], good: Good, matters: f64) -> Option<Paired> {
    paired(a, b, good, matters, 0.95)
}

#[test]
fn pairs_say_better_worse_same_or_nothing() {
    let base = some(&[1.0, 2.0, 3.0, 4.0]);
    let more = some(&[2.0, 3.1, 3.9, 5.0]);
    let verdict = |a: &[Option<f64>], b: &[Option<f64>], good, matters| of(a, b, good, matters).unwrap().verdict;
    assert_eq!(verdict(&more, &base, Good::High, 0.0), Verdict::Better);
    assert_eq!(verdict(&more, &base, Good::Low, 0.0), Verdict::Worse);
    assert_eq!(verdict(&base, &more, Good::Low, 0.0), Verdict::Better);
    assert_eq!(verdict(&more, &base, Good::Neither, 0.0), Verdict::None);
    // Below what matters, though it is there.
    assert_eq!(verdict(&more, &base, Good::High, 1.5), Verdict::Same);
    assert_eq!(verdict(&more, &base, Good::High, 1.0), Verdict::Better);
    assert_eq!(verdict(&base, &base, Good::High, 0.0), Verdict::Same);
    assert_eq!(verdict(&more[..1], &base[..1], Good::High, 9.0), Verdict::NotDecided);
    let wide = some(&[0.0, 5.0, 2.0, 5.0]);
    assert_eq!(verdict(&wide, &base, Good::High, 0.0), Verdict::NotDecided);
    assert_eq!(of(&[None, Some(1.0)], &[Some(1.0), None], Good::High, 0.0), None);
    let two = of(&more, &[None, Some(2.0), Some(3.0), None], Good::High, 0.0);
    assert_eq!(two.unwrap().n, 2);
}

#[test]
fn an_interval_is_as_wide_as_its_error_asks() {
    let p = of(&some(&[1.0, 2.0, 3.0, 4.0, 5.0]), &some(&[0.0; 5]), Good::High, 0.0).unwrap();
    // t(0.975, 4) = 2.776445, t(0.995, 4) = 4.604095; sd / sqrt(5) = sqrt(0.5).
    assert!((p.alone.hi - (3.0 + 2.776_445 * 0.5_f64.sqrt())).abs() < 1e-5, "{p:?}");
    assert!(
        (p.interval(0.01).hi - (3.0 + 4.604_095 * 0.5_f64.sqrt())).abs() < 1e-5,
        "{p:?}"
    );
    // t = 3 / sqrt(0.5) = 4.242641 with 4 degrees of freedom: p = 0.013236.
    assert!((p.p_value() - 0.013_236).abs() < 2e-6, "{}", p.p_value());
}

/// Three hypotheses by hand: Holm holds the smallest p-value against error / 3, the next one against error / 2, and stops.
#[test]
fn what_is_told_beside_each_other_shares_the_error_as_holm_has_it() {
    let base = some(&[0.0; 5]);
    let with = |shift: f64| {
        of(
            &some(&[-1.0, -0.5, 0.0, 0.5, 1.0].map(|x| x + shift)),
            &base,
            Good::High,
            0.0,
        )
        .unwrap()
    };
    // sd / sqrt(5) = 0.353553; t = shift / 0.353553.
    let (strong, middle, weak) = (with(1.6), with(1.3), with(0.9));
    let p = [strong, middle, weak].map(|paired| paired.p_value());
    assert!(
        p[0] < 0.05 / 3.0 && p[1] < 0.05 / 2.0 && p[1] > 0.05 / 3.0 && p[2] < 0.1 && p[2] > 0.05,
        "{p:?}"
    );
    let words = |shifts: &[Paired]| {
        let mut family: Vec<Paired> = shifts.to_vec();
        together(family.iter_mut().map(|p| (p, Good::High)).collect(), 0.95);
        family
    };
    let ruled = words(&[weak, strong, middle]);
    let verdicts: Vec<Verdict> = ruled.iter().map(|p| p.verdict).collect();
    assert_eq!(verdicts, [Verdict::NotDecided, Verdict::Better, Verdict::Better]);
    // The word rests on the interval that is kept.
    for p in &ruled {
        assert_eq!(p.verdict == Verdict::NotDecided, p.lo <= 0.0 && p.hi >= 0.0, "{p:?}");
    }
    // Bonferroni would not have found the middle one; and without the strong one Holm does not find it among three.
    assert!(middle.interval(0.05 / 3.0).lo < 0.0);
    let verdicts: Vec<Verdict> = words(&[weak, middle, weak]).iter().map(|p| p.verdict).collect();
    assert_eq!(verdicts, [Verdict::NotDecided; 3]);
    assert_eq!(words(&[middle])[0].verdict, Verdict::Better);
}

/// Whoever looks at the interval beside a word sees why it is that word.
#[test]
fn the_interval_that_is_kept_shows_the_word() {
    let base = some(&[0.0; 8]);
    let spread = [-1.0, 1.0, -0.6, 0.6, -0.3, 0.3, -0.1, 0.1];
    let mut seen = std::collections::BTreeMap::new();
    for step in 0..24 {
        for width in [0.2, 0.5, 1.0] {
            let shift = f64::from(step) * 0.07;
            let values = some(&spread.map(|x| shift + width * x));
            let one = of(&values, &base, Good::High, 0.6).unwrap();
            let mut family = [one; 4];
            family[1] = of(&some(&spread.map(|x| 9.0 + x)), &base, Good::High, 0.6).unwrap();
            together(family.iter_mut().map(|p| (p, Good::High)).collect(), 0.95);
            for p in family.iter().chain([&one]) {
                let kept = Interval { lo: p.lo, hi: p.hi };
                let within = p.lo >= -p.matters && p.hi <= p.matters;
                assert!(p.lo <= p.diff && p.diff <= p.hi, "{p:?}");
                match p.verdict {
                    Verdict::Same => assert!(within, "{p:?}"),
                    Verdict::NotDecided => assert!(!within && !kept.excludes_zero(), "{p:?}"),
                    _ => assert!(kept.excludes_zero(), "{p:?}"),
                }
                *seen.entry(p.verdict.word()).or_insert(0) += 1;
            }
        }
    }
    assert_eq!(
        seen.keys().copied().collect::<Vec<_>>(),
        ["better", "not decided", "same"]
    );
}

#[test]
fn what_has_no_good_side_makes_no_claim_and_takes_nothing_from_others() {
    let base = some(&[0.0; 5]);
    let middle = of(&some(&[0.3, 0.8, 1.3, 1.8, 2.3]), &base, Good::High, 0.0).unwrap();
    let (mut one, mut other) = (middle, middle);
    together(vec![(&mut one, Good::High), (&mut other, Good::Neither)], 0.95);
    assert_eq!((one.verdict, other.verdict), (Verdict::Better, Verdict::None));
    assert_eq!((other.lo, other.hi), (other.alone.lo, other.alone.hi));
}

#[test]
fn pairing_saves_what_both_share() {
    // Both share a spread of 100; the differences have sd sqrt(0.5): 1 - 0.5 / (var a + var b).
    let base = some(&[0.0, 100.0, 200.0]);
    let more = some(&[1.0, 101.0, 202.0]);
    let saved =
        |more: &[Option<f64>], base: &[Option<f64>]| of(more, base, Good::High, 0.0).unwrap().variance_reduction;
    let share = saved(&more, &base).unwrap();
    assert!(share > 0.9999 && share < 1.0, "{share}");
    // Against each other: pairing does harm.
    assert_eq!(saved(&some(&[200.0, 100.0, 0.0]), &base), Some(-1.0));
    assert_eq!(saved(&base[..1], &base[..1]), None);
}
