//! What may be read and how much memory may be used: by flags, else by the machine.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use super::common::LimitArgs;
use super::failure::Failure;
use crate::cells::memory::{MemoryPart, Retention, parts};
use crate::import::files::Reading;
use crate::scenario::Scenario;

/// The memory that is taken for granted where the system does not say.
const UNKNOWN: u64 = 8 << 30;

const UNITS: [(&str, u32); 8] = [
    ("KiB", 10),
    ("MiB", 20),
    ("GiB", 30),
    ("TiB", 40),
    ("K", 10),
    ("M", 20),
    ("G", 30),
    ("T", 40),
];

/// A size of memory as it is typed: `8GB`, `512MiB`.
pub fn size(text: &str) -> Result<u64, String> {
    let wrong = || "give a size such as 8GB or 512MiB".to_owned();
    let bare = text
        .strip_suffix('B')
        .filter(|bare| !bare.ends_with(['i', 'B']))
        .unwrap_or(text);
    let (digits, shift) = UNITS
        .iter()
        .find_map(|(unit, shift)| Some((bare.strip_suffix(unit)?, *shift)))
        .ok_or_else(wrong)?;
    let number: u64 = digits.trim().parse().map_err(|_| wrong())?;
    let bytes = number.checked_mul(1 << shift).filter(|bytes| *bytes > 0);
    bytes.ok_or_else(wrong)
}

/// What may be read, for a scenario in this folder.
pub fn reading(args: &LimitArgs, base: &Path) -> Result<Reading, Failure> {
    let most = most(args);
    if !args.restrict_inputs {
        return Ok(Reading {
            most,
            ..Reading::default()
        });
    }
    let folders = std::iter::once(base).chain(args.inputs.iter().map(PathBuf::as_path));
    let reading = Reading::below(folders)
        .map_err(|(folder, error)| Failure::Use(format!("cannot find the folder {}: {error}", folder.display())))?;
    Ok(Reading { most, ..reading })
}

/// The machine's memory, found once: a sweep asks for each of its points.
static MACHINE: LazyLock<Option<u64>> = LazyLock::new(of_machine);

/// The memory that may be used.
fn most(args: &LimitArgs) -> u64 {
    args.max_memory.or(*MACHINE).unwrap_or(UNKNOWN)
}

/// Refuses what would need more memory than there may be used.
pub fn fits(args: &LimitArgs, scenario: &Scenario, threads: Option<usize>, kept: Retention) -> Result<(), Failure> {
    let (most, parts) = (most(args), parts(scenario, threads, kept));
    let all = parts.iter().fold(0_u64, |sum, part| sum.saturating_add(part.bytes));
    match &parts[..] {
        [MemoryPart { bytes, what, fix }, ..] if all > most => Err(Failure::Use(format!(
            "{} would need about {} of memory, and {} may be used; {} are for {what}\n\
             To change it: {fix}; or allow more with `--max-memory`.",
            scenario.name,
            told(all),
            told(most),
            told(*bytes),
        ))),
        _ => Ok(()),
    }
}

/// A size as it is told.
fn told(bytes: u64) -> String {
    let units = [(40, "TiB"), (30, "GiB"), (20, "MiB"), (10, "KiB")];
    let unit = units.into_iter().find(|(shift, _)| bytes >> shift > 0);
    unit.map_or_else(
        || format!("{bytes} bytes"),
        |(shift, unit)| format!("{:.1} {unit}", bytes as f64 / (1_u64 << shift) as f64),
    )
}

/// The machine's memory, or what the control group of this process leaves of it; none where the system does not say.
fn of_machine() -> Option<u64> {
    let text = |path: &str| std::fs::read_to_string(path).ok();
    let total = text("/proc/meminfo").and_then(|text| total(&text));
    let mut limits: Vec<u64> = total.into_iter().collect();
    let groups = text("/proc/self/cgroup").unwrap_or_default();
    for folder in folders(&groups) {
        let limit = text(&format!("{folder}/memory.max")).or_else(|| text(&format!("{folder}/memory.limit_in_bytes")));
        limits.extend(limit.and_then(|limit| limit.trim().parse::<u64>().ok()));
    }
    limits.into_iter().min()
}

/// `MemTotal` of `/proc/meminfo`, in bytes.
fn total(text: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    line.trim()
        .strip_suffix("kB")?
        .trim()
        .parse::<u64>()
        .ok()?
        .checked_mul(1024)
}

/// Where the limits of the control groups in `/proc/self/cgroup` stand: the group's own and those above it.
fn folders(groups: &str) -> Vec<String> {
    let mut folders = Vec::new();
    for line in groups.lines() {
        let mut parts = line.splitn(3, ':').skip(1);
        let (Some(kind), Some(path)) = (parts.next(), parts.next()) else {
            continue;
        };
        let root = match kind {
            "" => "/sys/fs/cgroup",
            "memory" => "/sys/fs/cgroup/memory",
            _ => continue,
        };
        let above = Path::new(path).ancestors().filter(|path| path.is_absolute());
        folders.extend(above.map(|path| format!("{root}{}", path.display()).trim_end_matches('/').to_owned()));
    }
    folders
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_typed_with_their_unit() {
        assert_eq!(size("8GB"), Ok(8 << 30));
        assert_eq!(
            (size("512MiB"), size("2G"), size("1T")),
            (Ok(512 << 20), Ok(2 << 30), Ok(1 << 40))
        );
        for wrong in [
            "",
            "8",
            "GB",
            "0GB",
            "-1GB",
            "1.5GB",
            "99999999999999999999GB",
            "99999999TB",
            "8GiBB",
        ] {
            assert!(size(wrong).is_err(), "{wrong}");
        }
        assert_eq!(
            (told(8 << 30), told(900)),
            ("8.0 GiB".to_owned(), "900 bytes".to_owned())
        );
    }

    #[test]
    fn the_systems_files_are_understood() {
        assert_eq!(
            total("MemTotal:       24689764 kB\nMemFree: 1 kB\n"),
            Some(24_689_764 * 1024)
        );
        assert_eq!(total("nothing"), None);
        let two = folders("0::/a/b\n5:memory:/\n3:cpu:/x\n");
        assert_eq!(
            two,
            [
                "/sys/fs/cgroup/a/b",
                "/sys/fs/cgroup/a",
                "/sys/fs/cgroup",
                "/sys/fs/cgroup/memory"
            ]
        );
    }
}
