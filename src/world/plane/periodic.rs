//! When nova-compute's pass over its nodes begins: the service's own rule, on a clock of its own.
//!
//! The service has one worker for all its periodic tasks (oslo_service 4.x `periodic_task.py`; nova 34.0
//! `compute/manager.py`). It runs every task that is due, one after the other, and sleeps until the next of
//! any kind is due, 60 s at most. A task that has run is due again a spacing after the last boundary: the
//! multiple of its spacing, counted from where it was due before, with a jitter of up to 5 % on top, in whole
//! seconds. What a long pass leaves overdue is known only when the worker wakes, and how long it sleeps was
//! worked out before the pass. So a pass of 10 s begins every 61 s, one of 59 s every 102 s, and one of an
//! hour every hour and a minute. The other tasks are taken to need no time.

use crate::kernel::{Span, Time};

/// The longest sleep, and the spacing of a task that names none.
const DEFAULT: u64 = 60_000;

/// The spacings of nova-compute's tasks, in their order, in ms. The pass is the one at `PASS`, whose spacing
/// the scenario says.
const SPACINGS: [u64; 17] = [
    DEFAULT,   // _check_instance_build_time
    120_000,   // _sync_scheduler_instance_info
    DEFAULT,   // _poll_rebooting_instances
    DEFAULT,   // _poll_rescued_instances
    DEFAULT,   // _poll_unconfirmed_resizes
    3_600_000, // _poll_shelved_instances
    DEFAULT,   // _instance_usage_audit
    DEFAULT,   // _poll_volume_usage
    600_000,   // _sync_power_states
    DEFAULT,   // _reclaim_queued_deletes
    DEFAULT,   // update_available_resource
    1_800_000, // _cleanup_running_deleted_instances
    2_400_000, // _run_image_cache_manager_pass
    300_000,   // _run_pending_deletes
    300_000,   // _cleanup_incomplete_migrations
    1_800_000, // _reconcile_stale_share_access
    300_000,   // _cleanup_expired_console_auth_tokens
];
const PASS: usize = 10;
/// Tasks that run when the service starts.
const AT_ONCE: [usize; 2] = [8, 11];

/// A pass that is due later than this is slept towards in one piece: the tasks between are of no concern.
const ASLEEP: u64 = 4 * DEFAULT;

/// How often the pass is due and how long it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PassTiming {
    /// The spacing.
    pub period: Span,
    /// The jitter's bound, in millionths of a spacing.
    pub jitter: u32,
    /// How long a pass takes.
    pub length: Span,
}

/// The worker, from the start of the service on.
struct Worker<D> {
    pass: PassTiming,
    /// When each task was last due, as the service keeps it; none: never yet.
    last: [Option<u64>; SPACINGS.len()],
    now: u64,
    /// Uniform words for the jitter.
    draw: D,
}

impl<D: FnMut() -> u64> Worker<D> {
    fn new(pass: PassTiming, draw: D) -> Worker<D> {
        let last = std::array::from_fn(|task| (!AT_ONCE.contains(&task)).then_some(0));
        Worker {
            pass,
            last,
            now: 0,
            draw,
        }
    }

    fn spacing(&self, task: usize) -> u64 {
        // A spacing of 0 is the default one, as in Nova's own configuration.
        if task == PASS && self.pass.period > Span::ZERO {
            self.pass.period.0
        } else {
            SPACINGS[task]
        }
    }

    /// `_nearest_boundary`: the last boundary and the jitter.
    fn boundary(&mut self, last: Option<u64>, spacing: u64) -> u64 {
        let Some(last) = last else { return self.now };
        let most = u128::from(spacing) * u128::from(self.pass.jitter);
        let word = if most > 0 { u128::from((self.draw)() >> 11) } else { 0 };
        let jitter = ((most * word) >> 53) as u64 / 1_000_000;
        last + (self.now - last) / spacing * spacing + jitter / 1_000 * 1_000
    }

    /// Runs what is due and sleeps; when the pass began, if it did.
    fn turn(&mut self) -> Option<u64> {
        let (mut idle, mut began) = (DEFAULT, None);
        for task in 0..SPACINGS.len() {
            let (spacing, last) = (self.spacing(task), self.last[task]);
            idle = idle.min(spacing);
            if let Some(due) = last.map(|last| last + spacing)
                && due > self.now
            {
                idle = idle.min(due - self.now);
                continue;
            }
            self.last[task] = Some(self.boundary(last, spacing));
            if task == PASS {
                began = Some(self.now);
                self.now += self.pass.length.0;
            }
        }
        self.now += idle;
        began
    }

    /// Sleeps until shortly before the pass is due, if that is far off.
    fn skip(&mut self) {
        let due = self.last[PASS].unwrap_or(self.now) + self.spacing(PASS);
        if due <= self.now + 2 * ASLEEP {
            return;
        }
        self.now = due - ASLEEP;
        for task in (0..SPACINGS.len()).filter(|&task| task != PASS) {
            let last = self.last[task].unwrap_or(0);
            self.last[task] = Some(last + (self.now - last) / SPACINGS[task] * SPACINGS[task]);
        }
    }

    /// When the next pass begins.
    fn next_start(&mut self) -> u64 {
        loop {
            self.skip();
            if let Some(began) = self.turn() {
                return began;
            }
        }
    }
}

/// How many passes a timetable has.
const PASSES: usize = 256;

/// When passes begin: a service's first ones, over and over. A function of time alone, so that who asks when
/// changes nothing.
#[derive(Clone, Debug)]
pub struct Timetable {
    /// From the first pass, in order.
    starts: Vec<u64>,
    /// From the first pass to the first one of the next round.
    round: u64,
}

impl Timetable {
    /// The timetable of a pass, with jitter drawn from `draw`.
    #[must_use]
    pub fn new(pass: PassTiming, draw: impl FnMut() -> u64) -> Timetable {
        let mut worker = Worker::new(pass, draw);
        let first = worker.next_start();
        let mut starts: Vec<u64> = (1..PASSES).map(|_| worker.next_start() - first).collect();
        starts.insert(0, 0);
        let round = worker.next_start() - first;
        Timetable { starts, round }
    }

    /// When the next pass begins, at `now` or later; `phase` says where in a round time 0 is.
    #[must_use]
    pub fn next(&self, now: Time, phase: u64) -> Time {
        let at = (u128::from(now.0) + u128::from(phase)) % u128::from(self.round);
        let at = at as u64;
        let index = self.starts.partition_point(|&start| start < at);
        let start = self.starts.get(index).copied().unwrap_or(self.round);
        now + Span(start - at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Python's generator, as `random.seed(N)` leaves it: the recording's own draws.
    struct Twister {
        state: [u32; 624],
        at: usize,
    }

    impl Twister {
        fn seeded(key: u32) -> Twister {
            let mut state = [0u32; 624];
            state[0] = 19_650_218;
            let step = |before: u32, by: u32| (before ^ before >> 30).wrapping_mul(by);
            for i in 1..624 {
                state[i] = step(state[i - 1], 1_812_433_253).wrapping_add(i as u32);
            }
            let mut i = 1;
            let turn = |i: &mut usize, state: &mut [u32; 624]| {
                *i += 1;
                if *i == 624 {
                    state[0] = state[623];
                    *i = 1;
                }
            };
            for _ in 0..624 {
                state[i] = (state[i] ^ step(state[i - 1], 1_664_525)).wrapping_add(key);
                turn(&mut i, &mut state);
            }
            for _ in 0..623 {
                state[i] = (state[i] ^ step(state[i - 1], 1_566_083_941)).wrapping_sub(i as u32);
                turn(&mut i, &mut state);
            }
            state[0] = 1 << 31;
            Twister { state, at: 624 }
        }

        fn half(&mut self) -> u32 {
            if self.at == 624 {
                for i in 0..624 {
                    let y = self.state[i] & 1 << 31 | self.state[(i + 1) % 624] & 0x7fff_ffff;
                    let odd = if y & 1 == 1 { 0x9908_b0df } else { 0 };
                    self.state[i] = self.state[(i + 397) % 624] ^ y >> 1 ^ odd;
                }
                self.at = 0;
            }
            let mut y = self.state[self.at];
            self.at += 1;
            y ^= y >> 11;
            y ^= y << 7 & 0x9d2c_5680;
            y ^= y << 15 & 0xefc6_0000;
            y ^ y >> 18
        }

        /// The 53 bits of `random.random()`, at the upper end of a word.
        fn word(&mut self) -> u64 {
            let (high, low) = (u64::from(self.half() >> 5), u64::from(self.half() >> 6));
            (high << 26 | low) << 11
        }
    }

    fn pass(length: u64) -> PassTiming {
        PassTiming {
            period: Span::secs(60),
            jitter: 50_000,
            length: Span(length),
        }
    }

    /// From start to start, over as long as the recording went on.
    fn gaps(length: u64, draw: impl FnMut() -> u64) -> Vec<u64> {
        let until = 7_200_000.max(40 * length);
        let mut worker = Worker::new(pass(length), draw);
        let mut starts = Vec::new();
        while worker.now < until {
            starts.extend(worker.turn());
        }
        starts.windows(2).map(|pair| pair[1] - pair[0]).collect()
    }

    fn mean(gaps: &[u64]) -> f64 {
        gaps.iter().sum::<u64>() as f64 / gaps.len() as f64 / 1_000.0
    }

    /// The recording's rows: the pass's length in ms, and mean, least and greatest start-to-start time in s.
    fn recorded() -> Vec<(u64, [f64; 3])> {
        let path = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/fixtures/oracle/more/periodic_probe.txt"
        );
        let text = std::fs::read_to_string(path).expect("the recording");
        let rows = text.lines().filter(|line| line.starts_with("pass"));
        let number = |word: &str| word.parse::<f64>().expect("a number");
        rows.map(|line| {
            let words: Vec<&str> = line.split_whitespace().collect();
            let length = (number(words[1]) * 1_000.0).round() as u64;
            (length, [words[5], words[7], words[9]].map(number))
        })
        .collect()
    }

    #[test]
    fn the_real_service_on_a_virtual_clock_with_its_own_draws_is_met_to_the_digit() {
        let rows = recorded();
        assert_eq!(rows.len(), 22);
        for (length, row) in rows {
            let mut twister = Twister::seeded(1);
            let gaps = gaps(length, || twister.word());
            let ends = [gaps.iter().min(), gaps.iter().max()].map(|end| *end.expect("gaps") as f64 / 1_000.0);
            let ours = [mean(&gaps), ends[0], ends[1]].map(|value| (value * 10.0).round() / 10.0);
            assert_eq!(ours, row, "a pass of {length} ms");
        }
    }

    /// Other draws: the recording is one course of many, and by the boundary at 60 s courses differ.
    #[test]
    fn the_recorded_means_lie_among_those_of_other_draws() {
        for (length, [recorded, ..]) in recorded() {
            let means = (0..200).map(|seed| {
                let mut word = crate::kernel::streams::mix(seed);
                mean(&gaps(length, || {
                    word = crate::kernel::streams::mix(word);
                    word
                }))
            });
            let means: Vec<f64> = means.collect();
            let (least, most) = (
                means.iter().copied().fold(f64::MAX, f64::min),
                means.iter().copied().fold(0.0, f64::max),
            );
            assert!(
                least * 0.99 <= recorded && recorded <= most * 1.01,
                "{length}: {recorded} not in {least}..{most}"
            );
            let all = means.iter().sum::<f64>() / means.len() as f64;
            let near = if (40_000..=61_000).contains(&length) {
                0.15
            } else {
                0.06
            };
            assert!((all / recorded - 1.0).abs() < near, "{length}: {all} for {recorded}");
        }
    }

    #[test]
    fn a_timetable_gives_the_same_passes_to_everybody_and_never_two_at_once() {
        for (period, length) in [(60_000, 10_000), (60_000, 59_000), (1_000, 7_000), (14_400_000, 5)] {
            let mut word = 7;
            let pass = PassTiming {
                period: Span(period),
                ..pass(length)
            };
            let table = Timetable::new(pass, || {
                word = crate::kernel::streams::mix(word);
                word
            });
            let mut now = Time(3);
            let mut starts = Vec::new();
            for _ in 0..600 {
                let next = table.next(now, 12_345);
                assert_eq!(table.next(Time((now.0 + next.0) / 2), 12_345), next);
                starts.push(next);
                now = next + Span(1);
            }
            let gap = |pair: &[Time]| (pair[1] - pair[0]).0;
            assert!(starts.windows(2).all(|pair| gap(pair) >= length.max(1)));
            let over = starts.windows(2).map(gap).sum::<u64>() / 599;
            let most = period.max(length) * 108 / 100 + DEFAULT;
            assert!(over >= period.max(length) && over < most, "{period} {length}: {over}");
        }
    }

    /// The worker sleeps a whole spacing after a pass, so that passes slip until another task wakes it in time.
    #[test]
    fn without_jitter_nothing_is_drawn_and_passes_slip() {
        let table = Timetable::new(
            PassTiming {
                jitter: 0,
                ..pass(2_000)
            },
            || panic!("nothing is drawn"),
        );
        let gaps = table.starts.windows(2).map(|pair| pair[1] - pair[0]);
        assert!(gaps.clone().all(|gap| (2_000..=62_000).contains(&gap)));
        assert!(gaps.clone().any(|gap| gap == 62_000));
        let all: u64 = gaps.sum();
        assert!((255 * 60_000 - 62_000..255 * 61_500).contains(&all), "{all}");
    }
}
