//! `scontrol show node`, on one line each or on several.

use std::path::Path;

use super::clock;
use super::records::{Record, RecordText, Records};
use crate::import::foreign::draft::{Draft, DraftNode, DraftSpell};
use crate::import::foreign::tally::Account;
use crate::import::foreign::wrong::ForeignError;
use crate::import::ironic::snapshots::pattern;

/// What is known of Slurm's nodes beside what every source knows.
#[derive(Clone, Debug, Default)]
pub(crate) struct SlurmNode {
    pub partitions: Vec<String>,
    pub cpus: u64,
}

/// How the class of a node is found.
pub(crate) enum ClassFrom {
    Partition,
    Features,
    Feature(regex_lite::Regex),
}

impl ClassFrom {
    /// As the user asks for it.
    pub(crate) fn of(asked: Option<&str>) -> Result<ClassFrom, ForeignError> {
        match asked {
            None | Some("partition") => Ok(ClassFrom::Partition),
            Some("features") => Ok(ClassFrom::Features),
            Some(_) => Ok(pattern(asked, "--class-from")?.map_or(ClassFrom::Partition, ClassFrom::Feature)),
        }
    }

    fn class(&self, partitions: &[String], features: &[&str]) -> Option<String> {
        match self {
            ClassFrom::Partition => partitions.first().cloned(),
            ClassFrom::Features => (!features.is_empty()).then(|| features.join("+")),
            ClassFrom::Feature(regex) => features.iter().find_map(|feature| {
                let found = regex.captures(feature)?;
                let part = found.get(1).or_else(|| found.get(0))?;
                Some(part.as_str().to_owned())
            }),
        }
    }
}

/// Reads the files; gives what Slurm alone knows of each node. Without events, what is drained or down now is told by the reason.
pub(crate) fn import(
    paths: &[&Path],
    class_from: &ClassFrom,
    with_events: bool,
    draft: &mut Draft<'_>,
) -> Result<std::collections::BTreeMap<String, SlurmNode>, ForeignError> {
    let mut account = Account::of("Slurm nodes read");
    let mut known = std::collections::BTreeMap::new();
    let rack_from = pattern(draft.options.naming.rack_from.as_deref(), "--rack-from")?;
    for path in paths {
        let mut records = Records::open(path, "NodeName=")?;
        while let Some(RecordText { line, text, cut }) = records.next()? {
            if cut {
                return Err(ForeignError::at(
                    &records.file,
                    line,
                    "",
                    "the node has more than 1 MiB of text",
                    "print it with `scontrol show node -o`",
                ));
            }
            one(
                (&records.file, line),
                Record(&text),
                class_from,
                (&mut known, draft, &mut account),
                with_events,
                rack_from.as_ref(),
            )?;
        }
    }
    if !paths.is_empty() {
        draft.accounts.push(account);
    }
    Ok(known)
}

type Known<'a, 'o> = (
    &'a mut std::collections::BTreeMap<String, SlurmNode>,
    &'a mut Draft<'o>,
    &'a mut Account,
);

fn one(
    (file, line): (&str, u64),
    record: Record<'_>,
    class_from: &ClassFrom,
    (known, draft, account): Known<'_, '_>,
    with_events: bool,
    rack_from: Option<&regex_lite::Regex>,
) -> Result<(), ForeignError> {
    let wrong = |key: &str, what: &str, mend: &str| ForeignError::at(file, line, key, what, mend);
    let name = record.get("NodeName").ok_or_else(|| {
        wrong(
            "NodeName",
            "the record has none",
            "print it with `scontrol show node -o`",
        )
    })?;
    let state = record.get("State").ok_or_else(|| {
        wrong(
            "State",
            "the node has no State: the record is cut short",
            "fetch it again",
        )
    })?;
    let list = |key: &str| -> Vec<&str> {
        let value = record.get(key).unwrap_or_default();
        value.split(',').filter(|part| !part.is_empty()).collect()
    };
    let features = list("AvailableFeatures");
    let partitions: Vec<String> = list("Partitions").into_iter().map(str::to_owned).collect();
    if state.contains("FUTURE") {
        account.one("skipped: of the future", "FUTURE nodes are not there");
        return Ok(());
    }
    let Some(class) = class_from
        .class(&partitions, &features)
        .or(draft.options.naming.default_class.clone())
    else {
        account.one(
            "skipped: without a class",
            "no partition or feature names one; --default-class gives it",
        );
        return Ok(());
    };
    if draft.nodes.contains_key(name) {
        account.one("skipped: of a name that came before", "the first one counts");
        return Ok(());
    }
    account.one("kept", "");
    let rack = rack_from.and_then(|regex| regex.captures(name)).and_then(|found| {
        let part = found.get(1).or_else(|| found.get(0));
        part.map(|part| part.as_str().to_owned())
    });
    let traits = features
        .iter()
        .map(|feature| crate::import::foreign::names::placement(feature));
    let node = DraftNode {
        class,
        traits: traits.collect(),
        rack: rack.unwrap_or_default(),
        ..DraftNode::default()
    };
    draft.nodes.insert(name.to_owned(), node);
    known.insert(
        name.to_owned(),
        SlurmNode {
            partitions,
            cpus: record.get("CPUTot").and_then(|cpus| cpus.parse().ok()).unwrap_or(0),
        },
    );
    if !with_events {
        away(name, state, record.rest("Reason").unwrap_or_default(), draft);
    }
    Ok(())
}

/// An open spell of a node that is drained or down now.
fn away(name: &str, state: &str, reason: &str, draft: &mut Draft<'_>) {
    if !["DRAIN", "DOWN", "FAIL", "MAINT"]
        .iter()
        .any(|word| state.contains(word))
    {
        return;
    }
    // Its text, and behind that who said so when: [root@2026-11-25T22:33:35].
    let (text, by) = reason.rsplit_once(" [").unwrap_or((reason, ""));
    let at = by.split(']').next().and_then(|by| by.split_once('@')).map(|(_, at)| at);
    let start = at.and_then(|at| clock::time(at, &mut draft.zone).ok().flatten());
    let kind = if state.contains("MAINT") {
        "planned".to_owned()
    } else {
        draft.kinds.of(text)
    };
    if let Some(start) = start {
        draft.aside.see(start);
    }
    draft.spells.push(DraftSpell {
        node: name.to_owned(),
        start,
        end: None,
        kind,
        campaign: None,
    });
}
