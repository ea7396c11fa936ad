//! Blazar's calendar, worked out by hand.

use super::*;
use crate::fleet::RequestId;

const FIXED: &[(&str, &str)] = &[("mechanism", "blazar-lease"), ("lease", "5h")];
const OPEN: &[(&str, &str)] = &[("mechanism", "blazar-lease"), ("lease", "open")];

impl Lab {
    /// Tenant 1 asks at `asked` hours for one machine from `start` for `hold` hours.
    fn leases(mut self, asked: f64, start: f64, hold: f64) -> Lab {
        self = self.asks(start, 1, 1, hold);
        if let Some(last) = self.requests.last_mut() {
            last.arrival = Time((asked * H as f64) as u64);
        }
        self
    }
}

fn began(told: &Told) -> Option<Time> {
    told.first(|fact| matches!(fact, Fact::LeaseBegan { .. }))
}

fn healed(told: &Told) -> Vec<(u64, bool)> {
    let facts = told.facts.iter().filter_map(|(at, fact)| match fact {
        Fact::LeaseHealed { .. } => Some((at.0 / H, true)),
        Fact::LeaseDegraded { .. } => Some((at.0 / H, false)),
        _ => None,
    });
    facts.collect()
}

/// One node, leased by a tenant from 3 h to 8 h and from 20 h to 30 h; the operators want 5 h of it
/// at 1 h: the first gap that holds them is from 8 h on. An open lease begins at once.
#[test]
fn a_lease_takes_the_earliest_gap_that_holds_it() {
    let lab = || {
        Lab::new(1)
            .leases(0.0, 3.0, 5.0)
            .leases(0.0, 20.0, 10.0)
            .spell(0, 1.0, 40.0)
    };
    assert_eq!(began(&lab().under("tenant-reservation", FIXED)), Some(Time(8 * H)));
    assert_eq!(began(&lab().under("tenant-reservation", OPEN)), Some(Time(H)));
    // A gap of 6 h before the first lease holds 5 h; one of 4 h does not.
    let early = |start: f64| Lab::new(1).leases(0.0, start, 5.0).spell(0, 1.0, 40.0);
    assert_eq!(began(&early(7.0).under("tenant-reservation", FIXED)), Some(Time(H)));
    assert_eq!(
        began(&early(5.0).under("tenant-reservation", FIXED)),
        Some(Time(10 * H))
    );
}

/// Two nodes, one lease from 6 h on; the operators lease its node openly at 1 h, whichever the request's luck has
/// chosen. It is healed an hour before it begins, onto the other node, and served there.
#[test]
fn a_lease_in_the_way_is_healed_when_it_is_near() {
    let mut found = [(0, 1), (1, 0)].map(|(long, short)| {
        let lab = Lab::new(2)
            .leases(0.0, 6.0, 3.0)
            .spell(long, 1.0, 20.0)
            .spell(short, 1.0, 2.0);
        let told = lab.under("tenant-reservation", OPEN);
        assert!(told.refused().is_empty());
        healed(&told)
    });
    found.sort();
    assert_eq!(found, [vec![], vec![(5, true)]]);
    let at_once = [OPEN, &[("healing", "0h")][..]].concat();
    let lab = Lab::new(2).leases(0.0, 6.0, 3.0).spell(0, 1.0, 20.0);
    let told = lab.under("tenant-reservation", &at_once);
    // Either its node was the operators' and it moved at 1 h, or it was on the other all along.
    assert!(
        [vec![], vec![(1, true)]].contains(&healed(&told)),
        "{:?}",
        healed(&told)
    );
    assert!(told.refused().is_empty());
}

/// One node: there is no other to heal onto.
#[test]
fn a_lease_without_another_node_is_degraded() {
    let lab = Lab::new(1).leases(0.0, 6.0, 3.0).spell(0, 1.0, 20.0);
    let told = lab.under("tenant-reservation", OPEN);
    assert_eq!(healed(&told), [(5, false)]);
    assert_eq!(told.refused(), [Cause::OnlyHidden]);
}

/// Three nodes, all leased; the operators have one of them: a node that the request has leased already is no other one.
#[test]
fn a_lease_is_not_healed_onto_a_node_of_its_own() {
    let mut lab = Lab::new(3).leases(0.0, 6.0, 3.0).spell(0, 1.0, 20.0);
    lab.requests[0].count = 3;
    let told = lab.under("tenant-reservation", OPEN);
    assert_eq!(healed(&told), [(5, false)]);
}

/// A lease that ends gives the node to the tenant who has leased it next, though the work goes on; the operators' next
/// lease begins after his.
#[test]
fn the_node_is_freed_at_the_end_of_the_lease() {
    let mut lab = Lab::new(1).leases(0.0, 6.0, 2.0).campaign(0);
    lab.plan.campaigns[0].work = Law::Fixed(Span::hours(20));
    let told = lab.under("tenant-reservation", FIXED);
    let begun = told
        .facts
        .iter()
        .filter(|(_, fact)| matches!(fact, Fact::LeaseBegan { .. }));
    assert_eq!(begun.map(|(at, _)| at.0 / H).take(2).collect::<Vec<_>>(), [1, 8]);
    assert_eq!(
        told.first(|fact| matches!(fact, Fact::LeaseExpired { .. })),
        Some(Time(6 * H))
    );
    assert!(told.refused().is_empty());
}

/// Leases act under this mechanism alone.
#[test]
fn nobody_else_keeps_a_calendar() {
    let lab = Lab::new(2).leases(0.0, 6.0, 3.0).spell(0, 1.0, 20.0);
    for name in ["naive", "withdraw", "hidden-via-extra-spec", "tenant-reservation"] {
        let told = lab.under(name, &[]);
        assert_eq!((began(&told), healed(&told)), (None, Vec::new()), "{name}");
    }
}

/// One node, the tenant's until 48 h; at 24 h the operators want it for 5 h. Their lease is booked from
/// 48 h on, and whoever asks later for a time within it gets nothing.
#[test]
fn the_operators_lease_is_booked_when_it_is_asked_for() {
    let lab = |start: f64, hold: f64| {
        Lab::new(1)
            .asks(0.0, 1, 1, 48.0)
            .leases(36.0, start, hold)
            .spell(0, 24.0, 200.0)
    };
    for (start, hold, served) in [
        (50.0, 1.0, false),
        (40.0, 20.0, false),
        (53.0, 4.0, true),
        (54.0, 9.0, true),
    ] {
        let told = lab(start, hold).under("tenant-reservation", FIXED);
        assert_eq!(began(&told), Some(Time(48 * H)), "{start}");
        assert_eq!(told.refused().is_empty(), served, "{start}: {:?}", told.refused());
        let held = told.count(|fact| matches!(fact, Fact::LeaseDegraded { .. } | Fact::LeaseHealed { .. }));
        assert_eq!(held, 0, "nobody is in its way");
    }
    // A lease that was there first keeps its time: the operators' begins after it.
    let first = Lab::new(1)
        .asks(0.0, 1, 1, 48.0)
        .leases(1.0, 50.0, 3.0)
        .spell(0, 24.0, 200.0);
    assert_eq!(began(&first.under("tenant-reservation", FIXED)), Some(Time(53 * H)));
}

/// A request that begins at once is a lease: it gets no node that somebody has leased within its time.
#[test]
fn a_request_that_begins_at_once_goes_through_the_calendar() {
    let lab = |hold: f64| Lab::new(1).leases(0.0, 24.0, 24.0).asks(1.0, 2, 1, hold);
    let told = lab(72.0).under("tenant-reservation", FIXED);
    assert_eq!(told.refused(), [Cause::ClassFull]);
    assert!(lab(23.0).under("tenant-reservation", FIXED).refused().is_empty());
    // With a second node it takes the other one, and its planned time counts, not the time that it holds.
    let two = Lab::new(2).leases(0.0, 24.0, 24.0).asks(1.0, 2, 1, 72.0);
    assert!(two.under("tenant-reservation", FIXED).refused().is_empty());
    let mut short = lab(72.0);
    short.requests[1].planned = Span::hours(10);
    short.requests[1].hold = Span::hours(10);
    assert!(short.under("tenant-reservation", FIXED).refused().is_empty());
    // Who waits is served once the lease is over.
    let mut waits = lab(72.0);
    waits.patience = Patience::Wait {
        patience: Span::hours(100),
    };
    let told = waits.under("tenant-reservation", FIXED);
    assert!(told.refused().is_empty());
    assert_eq!(
        told.first(|fact| matches!(fact, Fact::Accepted { request: RequestId(0) })),
        Some(Time(48 * H))
    );
    // No other strategy keeps a calendar.
    assert_eq!(lab(72.0).under("withdraw", &[]).refused(), [Cause::ClassFull]);
}

/// A lease takes what there is between the least and the most, in advance as at once.
#[test]
fn a_lease_takes_what_there_is() {
    use crate::workload::Multi;
    let mut lab = Lab::new(3).asks(0.0, 2, 1, 48.0).leases(1.0, 5.0, 5.0);
    lab.requests[1].count = 3;
    (lab.requests[1].min_count, lab.requests[1].multi) = (1, Multi::Blazar);
    let told = lab.under("tenant-reservation", FIXED);
    assert_eq!(
        told.count(|fact| matches!(
            fact,
            Fact::Claimed {
                request: RequestId(1),
                ..
            }
        )),
        2
    );
    lab.requests[1].multi = Multi::Nova;
    assert_eq!(lab.under("tenant-reservation", FIXED).refused(), [Cause::ClassFull]);
}

/// What a lease leaves undone is done in the next one: the operators ask again, and the window closes when its work and its
/// errands are done.
#[test]
fn what_a_lease_leaves_undone_is_done_in_the_next() {
    let mut lab = Lab::new(1).campaign(2);
    lab.plan.campaigns[0].work = Law::Fixed(Span::hours(20));
    let told = lab.under("tenant-reservation", FIXED);
    assert!(told.count(|fact| matches!(fact, Fact::LeaseExpired { .. })) >= 4);
    assert_eq!(
        told.count(|fact| matches!(fact, Fact::LeaseBegan { .. })),
        told.count(|fact| matches!(fact, Fact::LeaseExpired { .. })) + 1
    );
    for wanted in [
        |fact: &Fact| matches!(fact, Fact::WorkDone { .. }),
        |fact: &Fact| matches!(fact, Fact::WindowClosed { .. }),
        |fact: &Fact| matches!(fact, Fact::Returned { .. }),
    ] {
        assert_eq!(told.count(wanted), 1);
    }
}

/// A lease of an hour, asked for at 1 h, and two steps of 45 min: it ends in the second one. It is renewed then, and what
/// has been begun is not begun anew: hidden at 2 h, and the work of two hours is done at 4 h.
#[test]
fn a_lease_shorter_than_the_steps_does_not_start_over() {
    let mut lab = Lab::new(1).campaign(0);
    lab.settings.operators.action = Law::Fixed(Span::secs(2700));
    lab.plan.campaigns[0].work = Law::Fixed(Span::hours(2));
    let told = lab.under("tenant-reservation", &[("mechanism", "blazar-lease"), ("lease", "1h")]);
    assert_eq!(
        told.first(|fact| matches!(fact, Fact::Hidden { .. })),
        Some(Time(2 * H))
    );
    assert_eq!(
        told.first(|fact| matches!(fact, Fact::WorkDone { .. })),
        Some(Time(4 * H))
    );
    assert_eq!(told.count(|fact| matches!(fact, Fact::Returned { .. })), 1);
}

/// Two steps of 45 min bring the node in at 2 h 30 min; three hours of work, and the lease ends at 6 h, before the operator
/// gives it back: there is nothing left to give back.
#[test]
fn a_lease_that_ends_on_the_way_back_brings_the_node_back() {
    let mut lab = Lab::new(1).campaign(0);
    lab.settings.operators.action = Law::Fixed(Span::secs(2700));
    lab.plan.campaigns[0].work = Law::Fixed(Span::hours(3));
    let told = lab.under("tenant-reservation", FIXED);
    let back = |fact: &Fact| matches!(fact, Fact::Returned { .. });
    assert_eq!((told.first(back), told.count(back)), (Some(Time(6 * H)), 1));
}

/// Two windows share a lease: it ends once, at its time, though the window for which it was asked has closed before.
#[test]
fn a_lease_ends_with_its_time_and_not_with_a_window() {
    let lab = Lab::new(1).spell(0, 1.0, 2.0).spell(0, 1.5, 9.0);
    let told = lab.under("tenant-reservation", FIXED);
    let ends = told
        .facts
        .iter()
        .filter(|(_, fact)| matches!(fact, Fact::LeaseExpired { .. }));
    assert_eq!(ends.map(|(at, _)| at.0 / H).collect::<Vec<_>>(), [6]);
}

/// A failed clean has been looked at, and the operator is about to clear its flag when the lease ends: he clears it all the
/// same, and the window closes.
#[test]
fn a_flag_that_is_about_to_be_cleared_at_the_end_of_a_lease_is_cleared() {
    let mut lab = Lab::new(1).asks(0.0, 1, 1, 1.0);
    lab.settings.ironic.clean_failure = 1.0;
    lab.settings.operators.action = Law::Fixed(Span::hours(1));
    lab.plan.clean_work = Law::Fixed(Span::secs(5400));
    // From 1 h to 6 h: two steps, the work until 4 h 30 min, and the flag at 5 h 30 min.
    let closed = |fact: &Fact| matches!(fact, Fact::WindowClosed { .. });
    assert_eq!(
        lab.under("tenant-reservation", FIXED).first(closed),
        Some(Time(11 * H / 2))
    );
    // With two hours of work the flag is due at 6 h, with two and a half half an hour after the lease.
    lab.plan.clean_work = Law::Fixed(Span::secs(9000));
    let told = lab.under("tenant-reservation", FIXED);
    assert_eq!(told.first(closed), Some(Time(13 * H / 2)));
    assert_eq!(told.count(|fact| matches!(fact, Fact::Returned { .. })), 1);
}

/// The lease ends before the work, the next one would begin after another's, and the work is done before that: the flag and
/// the owner that came with the first lease are given back all the same.
#[test]
fn what_came_with_the_last_lease_is_given_back_where_the_next_never_begins() {
    let mut lab = Lab::new(1).leases(0.0, 7.0, 9.0).campaign(0).asks(20.0, 2, 1, 1.0);
    lab.plan.campaigns[0].work = Law::Fixed(Span::hours(8));
    for more in [&[("flag", "true")][..], &[("pool", "owned")], &[]] {
        let params = [FIXED, more].concat();
        let told = lab.under("tenant-reservation", &params);
        let returned = told.first(|fact| matches!(fact, Fact::Returned { .. }));
        assert_eq!(returned, Some(Time(9 * H)), "{more:?}");
        let served = told.count(|fact| matches!(fact, Fact::Accepted { request: RequestId(1) }));
        assert_eq!(served, 1, "{more:?}");
    }
}

/// A lease that nobody has remembered to give back ends with its time, and with it all that was forgotten unless there is a
/// flag; one that is open stays.
#[test]
fn a_forgotten_lease_ends_with_its_time() {
    let mut lab = Lab::new(1).campaign(0).asks(5.0, 1, 1, 1.0).asks(7.0, 2, 1, 1.0);
    lab.settings.operators.slip = 1.0;
    let flag = [FIXED, &[("flag", "true")]].concat();
    for (params, back, served) in [(FIXED, Some(Time(6 * H)), 1), (&flag[..], None, 0), (OPEN, None, 0)] {
        let told = lab.under("tenant-reservation", params);
        let returned = told.first(|fact| matches!(fact, Fact::Returned { .. }));
        let accepted = told.count(|fact| matches!(fact, Fact::Accepted { .. }));
        assert_eq!((returned, accepted), (back, served), "{params:?}");
    }
}

/// One node, which a tenant keeps for longer than he planned. Of two who wait then the first may not have it, because the
/// second has leased it; that one has it at 10 h. Where he is gone before, the first has it when the lease is over.
#[test]
fn who_has_leased_the_node_does_not_wait_behind_one_who_may_not_have_it() {
    let active = |lab: &Lab| {
        let told = lab.under("tenant-reservation", OPEN);
        let active = told.facts.iter().filter_map(|(at, fact)| match fact {
            Fact::Active { request, .. } => Some((at.0 / H, request.0)),
            _ => None,
        });
        active.collect::<Vec<_>>()
    };
    let mut lab = Lab::new(1)
        .asks(0.0, 1, 1, 10.0)
        .asks(2.0, 1, 1, 20.0)
        .leases(1.0, 6.0, 20.0);
    lab.requests[0].planned = Span::hours(5);
    lab.patience = Patience::Wait {
        patience: Span::hours(72),
    };
    assert_eq!(active(&lab), [(0, 0), (10, 2), (30, 1)]);
    // The one with the lease wants two machines by now, and there is one: nobody has it until the lease is over.
    lab.fleet.enter(&spec("n1".to_owned()));
    let (long, ahead) = (lab.requests[0], lab.requests[2]);
    lab.requests = vec![
        long,
        Request {
            hold: Span::hours(100),
            ..long
        },
        Request {
            arrival: Time(2 * H),
            start: Time(2 * H),
            ..ahead
        },
        Request {
            count: 2,
            min_count: 2,
            ..ahead
        },
    ];
    assert_eq!(active(&lab), [(0, 0), (0, 1), (26, 2)]);
}
