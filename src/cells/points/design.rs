//! Which points of the axes are run: all of a grid, a Latin hypercube, or one key at a time around the scenario's own
//! values.

use super::axis::{Axis, AxisValues};
use crate::kernel::streams::Seed;

/// The purpose of a design's stream, far from those of the world.
const PURPOSE: u64 = 0x0064_6573_6967_6e00;
/// More points than this are a slip of the finger.
pub const MOST_POINTS: usize = 1_000_000;

/// How points are chosen from the axes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DesignKind {
    /// Every combination, the last axis fastest.
    Grid,
    /// So many points, each axis cut into as many strata and each stratum met once (McKay, Beckman and Conover 1979).
    Latin(u32),
    /// The scenario as it is, then each value of each key alone.
    OneAtATime,
}

/// A design: axes and how their points are chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Design {
    /// The varied keys.
    pub axes: Vec<Axis>,
    /// How points are chosen.
    pub kind: DesignKind,
}

/// What is set at a point: a value for each axis, none where the scenario's own stands.
pub type Setting = Vec<Option<String>>;

impl Design {
    /// Holds axes against each other.
    ///
    /// # Errors
    /// When there is none, one is given twice or inside of another, or there are too many points.
    pub fn new(axes: Vec<Axis>, kind: DesignKind) -> Result<Design, String> {
        if axes.is_empty() {
            return Err("nothing is varied: give --vary KEY=V1,V2,… or KEY=A..B:STEP".to_owned());
        }
        for (at, axis) in axes.iter().enumerate() {
            for other in &axes[..at] {
                let inside = |a: &str, b: &str| a == b || a.starts_with(&format!("{b}."));
                if inside(&axis.key, &other.key) || inside(&other.key, &axis.key) {
                    return Err(format!("`{}` and `{}` are varied at once", other.key, axis.key));
                }
            }
        }
        let design = Design { axes, kind };
        let counts = match kind {
            DesignKind::Latin(samples) => vec![samples as usize],
            _ => {
                let all = design.axes.iter().map(|axis| axis.all().map(|all| all.len()));
                all.collect::<Result<Vec<_>, _>>()?
            }
        };
        let points = match kind {
            DesignKind::OneAtATime => Some(counts.iter().sum()),
            _ => counts.iter().try_fold(1_usize, |all, one| all.checked_mul(*one)),
        };
        match points {
            Some(points) if points <= MOST_POINTS => Ok(design),
            _ => Err(format!("more than {MOST_POINTS} points")),
        }
    }

    /// The points in their order. A hypercube's depend on the seed alone.
    #[must_use]
    pub fn points(&self, seed: u64) -> Vec<Setting> {
        match self.kind {
            DesignKind::Grid => self.grid(),
            DesignKind::Latin(samples) => self.latin(samples as usize, seed),
            DesignKind::OneAtATime => self.one_at_a_time(),
        }
    }

    /// The values of each axis; `new` has asked that there are some.
    fn values(&self) -> Vec<Vec<String>> {
        self.axes.iter().map(|axis| axis.all().unwrap_or_default()).collect()
    }

    fn grid(&self) -> Vec<Setting> {
        let mut points: Vec<Setting> = vec![Vec::new()];
        for values in self.values() {
            let longer = |point: &Setting, value: &String| {
                let mut point = point.clone();
                point.push(Some(value.clone()));
                point
            };
            points = points
                .iter()
                .flat_map(|point| values.iter().map(move |value| longer(point, value)))
                .collect();
        }
        points
    }

    fn one_at_a_time(&self) -> Vec<Setting> {
        let own: Setting = vec![None; self.axes.len()];
        let mut points = vec![own.clone()];
        for (at, values) in self.values().into_iter().enumerate() {
            for value in values {
                let mut point = own.clone();
                point[at] = Some(value);
                points.push(point);
            }
        }
        points
    }

    fn latin(&self, samples: usize, seed: u64) -> Vec<Setting> {
        let value = |(axis, share): (&Axis, f64)| Some(axis.at(share));
        let points = strata(self.axes.len(), samples, seed).into_iter();
        points
            .map(|shares| self.axes.iter().zip(shares).map(value).collect())
            .collect()
    }

    /// Whether an axis is a range, so that its values have an order.
    #[must_use]
    pub fn ordered(&self, axis: usize) -> bool {
        self.axes
            .get(axis)
            .is_some_and(|axis| matches!(axis.values, AxisValues::Range(_)))
    }
}

/// The points of a Latin hypercube as shares of each axis: each axis is cut into as many strata as there are points, and each
/// stratum is met once. An axis more leaves the shares of the others as they are.
#[must_use]
pub fn strata(axes: usize, samples: usize, seed: u64) -> Vec<Vec<f64>> {
    let seed = Seed {
        master: seed,
        replication: u64::MAX,
    };
    let mut points: Vec<Vec<f64>> = vec![Vec::new(); samples];
    for number in 0..axes {
        let mut stream = seed.stream(PURPOSE, number as u64);
        let mut strata: Vec<usize> = (0..samples).collect();
        for at in (1..samples).rev() {
            strata.swap(at, stream.below(at as u64 + 1) as usize);
        }
        for (point, stratum) in points.iter_mut().zip(strata) {
            point.push((stratum as f64 + stream.unit()) / samples as f64);
        }
    }
    points
}

#[cfg(test)]
mod tests {
    use super::*;

    fn design(axes: &[&str], kind: DesignKind) -> Result<Design, String> {
        Design::new(
            axes.iter().map(|text| Axis::parse(text).expect("an axis")).collect(),
            kind,
        )
    }

    fn shown(points: &[Setting]) -> Vec<String> {
        let word = |value: &Option<String>| value.clone().unwrap_or_else(|| "own".to_owned());
        points
            .iter()
            .map(|point| point.iter().map(word).collect::<Vec<_>>().join(" "))
            .collect()
    }

    #[test]
    fn a_grid_has_every_combination_and_the_last_key_runs_fastest() {
        let grid = design(&["a.x=1,2", "a.y=0..2"], DesignKind::Grid).expect("a design");
        assert_eq!(shown(&grid.points(1)), ["1 0", "1 1", "1 2", "2 0", "2 1", "2 2"]);
        let one = design(&["a.x=1,2", "a.y=0..1"], DesignKind::OneAtATime).expect("a design");
        assert_eq!(shown(&one.points(1)), ["own own", "1 own", "2 own", "own 0", "own 1"]);
    }

    #[test]
    fn a_hypercube_meets_every_stratum_once_and_repeats_itself() {
        let cube = design(&["a.x=0.0..1.0", "a.y=1..40", "a.z=p,q"], DesignKind::Latin(40)).expect("a design");
        let points = cube.points(7);
        assert_eq!(points, cube.points(7));
        assert_ne!(points, cube.points(8));
        let mut tenths: Vec<usize> = points
            .iter()
            .map(|point| (point[0].as_deref().unwrap_or("").parse::<f64>().expect("a number") * 40.0) as usize)
            .collect();
        tenths.sort_unstable();
        // The value is written to a ten-thousandth, so that it may fall below its stratum by one.
        assert!(
            tenths.iter().enumerate().all(|(at, t)| t.abs_diff(at) <= 1),
            "{tenths:?}"
        );
        let mut whole: Vec<u32> = points
            .iter()
            .map(|point| point[1].as_deref().unwrap_or("").parse().expect("a whole number"))
            .collect();
        whole.sort_unstable();
        assert_eq!(whole, (1..=40).collect::<Vec<_>>());
        assert_eq!(
            points.iter().filter(|point| point[2].as_deref() == Some("p")).count(),
            20
        );
    }

    #[test]
    fn keys_inside_of_each_other_and_too_many_points_are_refused() {
        assert!(design(&["a.x=1,2", "a.x=3"], DesignKind::Grid).is_err());
        assert!(design(&["a=1,2", "a.x=3"], DesignKind::Grid).is_err());
        assert!(design(&[], DesignKind::Grid).is_err());
        assert!(design(&["a.x=1..10000", "a.y=1..10000"], DesignKind::Grid).is_err());
        assert!(design(&["a.x=0.1..0.9"], DesignKind::Grid).is_err());
    }
}
