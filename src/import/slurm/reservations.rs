//! Slurm's reservations for maintenance: those to come (`scontrol show reservation`) and those that were (`sreport`).

use std::collections::BTreeSet;
use std::path::Path;

use super::clock;
use super::hostlist;
use super::records::{Record, RecordText, Records};
use crate::import::foreign::draft::{Draft, DraftSpell};
use crate::import::foreign::names::clean;
use crate::import::foreign::open::Lines;
use crate::import::foreign::tally::Account;
use crate::import::foreign::wrong::ForeignError;
use crate::kernel::text::quoted;

/// What a reservation begins with.
const HEAD: &str = "ReservationName=";

/// A reservation: name, nodes, begin, end, flags.
type Reservation = (String, String, String, String, String);

/// Reads what `scontrol` printed.
pub(crate) fn of_scontrol(paths: &[&Path], draft: &mut Draft<'_>) -> Result<(), ForeignError> {
    let mut account = Account::of("Slurm reservations read");
    for path in paths {
        let mut records = Records::open(path, HEAD)?;
        while let Some(RecordText { line, text, .. }) = records.next()? {
            if !text.starts_with(HEAD) {
                continue; // "No reservations in the system".
            }
            let keys = Record(&text);
            let get = |key: &str| keys.get(key).unwrap_or_default().to_owned();
            let reservation = (
                get("ReservationName"),
                get("Nodes"),
                get("StartTime"),
                get("EndTime"),
                get("Flags"),
            );
            one((&records.file, line), reservation, draft, &mut account)?;
        }
    }
    if !paths.is_empty() {
        draft.accounts.push(account);
    }
    Ok(())
}

/// Reads what `sreport reservation utilization` printed; a row comes once for each of its resources.
pub(crate) fn of_sreport(paths: &[&Path], draft: &mut Draft<'_>) -> Result<(), ForeignError> {
    let mut account = Account::of("Slurm reservations read from sreport");
    for path in paths {
        let mut lines = Lines::open(path)?;
        let file = lines.file.clone();
        let mut columns: Vec<usize> = (0..5).collect();
        let mut seen = BTreeSet::new();
        while let Some(text) = lines.next()?.map(str::to_owned) {
            let fields: Vec<&str> = text.split('|').map(str::trim).collect();
            if fields.len() < 3 {
                continue; // A title, a ruler, a blank line.
            }
            let names: Vec<String> = fields.iter().map(|name| name.to_lowercase()).collect();
            if names.iter().any(|name| name == "name") && names.iter().any(|name| name == "nodes") {
                let place = |wanted: &str| names.iter().position(|name| name == wanted).unwrap_or(usize::MAX);
                columns = ["name", "nodes", "start", "end", "flags"]
                    .into_iter()
                    .map(place)
                    .collect();
                continue;
            }
            let line = lines.line;
            let get = |at: usize| {
                columns
                    .get(at)
                    .and_then(|at| fields.get(*at))
                    .map_or("", |field| *field)
                    .to_owned()
            };
            let reservation = (get(0), get(1), get(2), get(3), get(4));
            if !seen.insert(reservation.clone()) {
                account.one("skipped: the same again", "a row comes once for each resource");
                continue;
            }
            one((&file, line), reservation, draft, &mut account)?;
        }
    }
    if !paths.is_empty() {
        draft.accounts.push(account);
    }
    Ok(())
}

fn one(
    (file, line): (&str, u64),
    reservation: Reservation,
    draft: &mut Draft<'_>,
    account: &mut Account,
) -> Result<(), ForeignError> {
    let (name, nodes, start, end, flags) = reservation;
    let is_maintenance = flags.split([',', '+']).any(|flag| flag == "MAINT");
    if !is_maintenance {
        account.one("skipped: not for maintenance", "their flags have no MAINT");
        return Ok(());
    }
    let mut time = |text: &str, column: &str| {
        clock::time(text, &mut draft.zone)
            .map_err(|(message, mend)| ForeignError::at(file, line, column, message, mend))
    };
    let (start, end) = (time(&start, "StartTime")?, time(&end, "EndTime")?);
    let names = hostlist::expand(&nodes).map_err(|message| {
        ForeignError::at(
            file,
            line,
            "Nodes",
            format!("{}: {message}", quoted(&nodes)),
            "give it as Slurm printed it",
        )
    })?;
    let Some(start) = start.filter(|_| !names.is_empty()) else {
        account.one("skipped: without nodes or a begin", "");
        return Ok(());
    };
    account.one("for maintenance", "spells of kind planned, one a node");
    draft.aside.see(start);
    if let Some(end) = end {
        draft.aside.see(end);
    }
    draft.spells.extend(names.into_iter().map(|node| DraftSpell {
        node,
        start: Some(start),
        end,
        kind: "planned".to_owned(),
        campaign: Some(clean(&name)),
    }));
    Ok(())
}
