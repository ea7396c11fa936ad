//! How a machine computes: a digest of random words, of every law's draws and of the functions behind them. Machines
//! with one fingerprint give one sweep the same figures.

use crate::kernel::streams::Seed;
use crate::kernel::{Digest, Law, Span};
use crate::stats::estimate::{t_quantile, z_quantile};

/// Arguments that each function is asked at.
const POINTS: u32 = 200;

/// The fingerprint of the machine that asks, 32 hexadecimal digits.
#[must_use]
pub fn of_this_machine() -> String {
    let mut digest = Digest::default();
    let mut stream = Seed {
        master: 2014,
        replication: 3,
    }
    .stream(1, 2);
    let laws = [
        Law::Uniform(Span::secs(1), Span::hours(9)),
        Law::Exponential(Span::hours(24)),
        Law::Weibull {
            scale: Span::hours(100),
            shape: 0.7,
        },
        Law::Lognormal {
            median: Span::hours(2),
            sigma: 1.3,
        },
        Law::Pareto {
            least: Span::secs(60),
            index: 1.5,
        },
    ];
    for _ in 0..POINTS {
        digest.word(stream.word());
        laws.iter().for_each(|law| digest.word(law.draw(&mut stream).0));
        let x = stream.unit();
        for value in [
            libm::log(x),
            libm::log1p(x),
            libm::log10(x),
            libm::exp(4.0 * x),
            libm::expm1(x),
            libm::pow(1.0 + x, 7.0 * x),
            libm::tgamma(1.0 + 3.0 * x),
            libm::cos(7.0 * x),
            x.sqrt(),
        ] {
            digest.word(value.to_bits());
        }
    }
    for freedom in [1, 2, 4, 9, 29, 99, 499] {
        digest.word(t_quantile(0.95, freedom).to_bits());
        digest.word(z_quantile(1.0 - 1.0 / f64::from(freedom + 1)).to_bits());
    }
    digest.text(&format!("{:.6} {:e}", 2.0 / 3.0, 1.0e-9_f64 / 3.0));
    digest.hex()
}

#[cfg(test)]
mod tests {
    use crate::cells::fingerprint::of_this_machine;

    /// Pinned: a machine or a version of a dependency that computes otherwise changes results.
    #[test]
    fn this_machine_computes_as_the_one_that_wrote_this_test() {
        assert_eq!(of_this_machine(), "a5357687719b96970a5649bbbc869632");
    }
}
