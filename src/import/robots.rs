//! Who asks as no person does: a monitoring robot. In the published trace of CHI@TACC the rule finds one user, with 11.8
//! leases a day of which 99 % are over within an hour; nobody else with 100 leases has more than 0.8 a day, or more than
//! 78 % that short.

/// A monitoring robot has at least so many leases,
pub const ROBOT_LEASES: usize = 100;

/// at least so many a day from its first to its last,
pub const ROBOT_PER_DAY: f64 = 2.0;

/// and at least this share of them is over within [`ROBOT_SHORT_MS`].
pub const ROBOT_SHORT_SHARE: f64 = 0.9;

/// What is short for a lease, ms.
pub const ROBOT_SHORT_MS: i64 = 60 * 60 * 1000;

const DAY_MS: f64 = 86_400_000.0;

/// What a user has asked for.
#[derive(Clone, Debug, Default)]
pub struct Habits {
    leases: usize,
    short: usize,
    first: Option<i64>,
    last: i64,
}

impl Habits {
    /// The user asked at an instant for so long, ms.
    pub fn add(&mut self, asked: i64, length: i64) {
        self.leases += 1;
        self.short += usize::from(length <= ROBOT_SHORT_MS);
        self.last = self.first.map_or(asked, |_| self.last.max(asked));
        self.first = Some(self.first.map_or(asked, |first| first.min(asked)));
    }

    /// Whether a robot asks so.
    #[must_use]
    pub fn are_a_robots(&self) -> bool {
        // Whoever asked on one day only asked for a day.
        let days = (self.last.saturating_sub(self.first.unwrap_or(0)) as f64 / DAY_MS).max(1.0);
        self.leases >= ROBOT_LEASES
            && self.leases as f64 / days >= ROBOT_PER_DAY
            && self.short as f64 >= ROBOT_SHORT_SHARE * self.leases as f64
    }
}
