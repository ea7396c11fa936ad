use super::*;
use crate::stats::testing::sample as some;

#[test]
fn pairs_say_better_worse_or_nothing() {
    let base = some(&[1.0, 2.0, 3.0, 4.0]);
    let more = some(&[2.0, 3.1, 3.9, 5.0]);
    let verdict = |a: &[Option<f64>], b: &[Option<f64>], good| paired(a, b, good, 0.95, 1).unwrap().verdict;
    assert_eq!(verdict(&more, &base, Good::High), Verdict::Better);
    assert_eq!(verdict(&more, &base, Good::Low), Verdict::Worse);
    assert_eq!(verdict(&base, &more, Good::Low), Verdict::Better);
    assert_eq!(verdict(&more, &base, Good::Neither), Verdict::None);
    assert_eq!(verdict(&base, &base, Good::High), Verdict::NotSeparable);
    assert_eq!(verdict(&more[..1], &base[..1], Good::High), Verdict::NotSeparable);
    assert_eq!(
        verdict(&some(&[0.0, 5.0, 2.0, 5.0]), &base, Good::High),
        Verdict::NotSeparable
    );
    assert_eq!(
        paired(&[None, Some(1.0)], &[Some(1.0), None], Good::High, 0.95, 1),
        None
    );
    let two = paired(&more, &[None, Some(2.0), Some(3.0), None], Good::High, 0.95, 1);
    assert_eq!(two.unwrap().n, 2);
}

#[test]
fn several_comparisons_share_the_error() {
    let base = some(&[0.0; 5]);
    let more = some(&[1.0, 2.0, 3.0, 4.0, 5.0]);
    let p = paired(&more, &base, Good::High, 0.95, 5).unwrap();
    // Alone t(0.975, 4) = 2.776445, of five t(0.995, 4) = 4.604095; sd / sqrt(5) = sqrt(0.5).
    assert!((p.alone.hi - (3.0 + 2.776_445 * 0.5_f64.sqrt())).abs() < 1e-5, "{p:?}");
    assert!((p.hi - (3.0 + 4.604_095 * 0.5_f64.sqrt())).abs() < 1e-5, "{p:?}");
    assert_eq!((p.verdict, p.alone.lo > 0.0), (Verdict::NotSeparable, true));
    assert_eq!(
        paired(&more, &base, Good::High, 0.95, 1).unwrap().verdict,
        Verdict::Better
    );
}

#[test]
fn pairing_saves_what_both_share() {
    // Both share a spread of 100; the differences have sd sqrt(0.5): 1 - 0.5 / (var a + var b).
    let base = some(&[0.0, 100.0, 200.0]);
    let more = some(&[1.0, 101.0, 202.0]);
    let p = paired(&more, &base, Good::High, 0.95, 1).unwrap();
    let saved = p.variance_reduction.unwrap();
    assert!(saved > 0.9999 && saved < 1.0, "{saved}");
    // Against each other: pairing does harm.
    let less = some(&[200.0, 100.0, 0.0]);
    assert_eq!(
        paired(&less, &base, Good::High, 0.95, 1).unwrap().variance_reduction,
        Some(-1.0)
    );
    assert_eq!(
        paired(&base[..1], &base[..1], Good::High, 0.95, 1)
            .unwrap()
            .variance_reduction,
        None
    );
}
