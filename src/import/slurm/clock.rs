//! Slurm's times. It prints the local time of the shell that ran the command, without its zone.

use crate::import::foreign::moment::{self, Zone};
use crate::kernel::text::quoted;

/// What to do about local times of nobody knows where.
pub(crate) const NEEDS_ZONE: &str =
    "say whose clock it is with --tz, such as --tz Europe/Berlin, or --tz UTC where the command ran under TZ=UTC";

/// A time; none where Slurm prints that there is none. Or what is wrong, and the mend.
pub(crate) fn time(text: &str, zone: &mut Option<Zone>) -> Result<Option<i64>, (String, &'static str)> {
    if matches!(text, "Unknown" | "None" | "N/A" | "NONE" | "" | "0") {
        return Ok(None);
    }
    if let Some(at) = moment::epoch_seconds(text) {
        return Ok(Some(at));
    }
    let no_time = || {
        (
            format!("{} is no time", quoted(text)),
            "print times as Slurm does, with their date",
        )
    };
    match zone {
        Some(zone) => moment::read(text, zone).map(Some).ok_or_else(no_time),
        None => match moment::utc(text) {
            // One that tells its offset needs no zone.
            Some(at) if text.len() > 19 => Ok(Some(at)),
            Some(_) => Err((
                format!("{} is a local time of nobody knows where", quoted(text)),
                NEEDS_ZONE,
            )),
            None => Err(no_time()),
        },
    }
}

/// A limit of time, `[D-]HH:MM:SS` or minutes, ms; none for no limit.
pub(crate) fn limit(text: &str) -> Option<u64> {
    let (days, rest) = text.split_once('-').unwrap_or(("0", text));
    let days: u64 = days.parse().ok()?;
    let parts: Vec<u64> = rest.split(':').map(|part| part.parse().ok()).collect::<Option<_>>()?;
    let seconds = match parts[..] {
        [hours, minutes, seconds] => hours * 3600 + minutes * 60 + seconds,
        [minutes, seconds] => minutes * 60 + seconds,
        [hours] if days > 0 => hours * 3600,
        [minutes] => minutes * 60,
        _ => return None,
    };
    (days < 100_000 && seconds < 10_000_000_000).then(|| (days * 86_400 + seconds) * 1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_limits_of_slurm_are_read() {
        let mut berlin = Zone::find("Europe/Berlin");
        let utc = |text: &str, zone: &mut Option<Zone>| time(text, zone).map(|at| at.map(moment::told));
        let told = |text: &str| Ok(Some(text.to_owned()));
        assert_eq!(utc("2026-11-25T22:32:18", &mut berlin), told("2026-11-25T21:32:18Z"));
        assert_eq!(utc("1795646250", &mut None), told("2026-11-25T22:37:30Z"));
        assert_eq!(utc("Unknown", &mut None), Ok(None));
        assert_eq!(utc("2026-11-25T22:32:18", &mut None).expect_err("a zone").1, NEEDS_ZONE);
        assert!(utc("14:24:22", &mut berlin).expect_err("no date").0.contains("no time"));
        for (text, ms) in [
            ("00:10:00", Some(600_000)),
            ("1-00:00:00", Some(86_400_000)),
            ("1440", Some(86_400_000)),
            ("10:30", Some(630_000)),
            ("UNLIMITED", None),
            ("Partition_Limit", None),
            ("99999999999999-00:00:00", None),
        ] {
            assert_eq!(limit(text), ms, "{text}");
        }
    }
}
