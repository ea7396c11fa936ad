//! Blazar's calendar, worked out by hand.

use super::*;

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

/// A lease that ends takes the node back though the work goes on, and the tenant gets it.
#[test]
fn the_node_is_freed_at_the_end_of_the_lease() {
    let mut lab = Lab::new(1).asks(7.0, 1, 1, 2.0).campaign(0);
    lab.plan.campaigns[0].work = Law::Fixed(Span::hours(20));
    let told = lab.under("tenant-reservation", FIXED);
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
