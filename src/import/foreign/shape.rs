//! What a foreign file is, told by its first bytes.

use std::collections::BTreeSet;

use super::docs::Form;
use crate::kernel::text::{beginning, quoted};

/// The sources, by the names that the command line takes.
pub(crate) const SOURCES: [&str; 6] = ["ironic", "nova", "slurm", "blazar", "fta", "swf"];

/// What a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    IronicNodes(Form),
    IronicNotifications,
    NovaUsage(Form),
    NovaServers,
    NovaFlavors(Form),
    BlazarLeases,
    BlazarAllocations,
    BlazarHosts,
    SlurmJobs,
    SlurmEvents,
    SlurmNodes,
    SlurmReservations,
    SlurmReport,
    FtaEvents,
    FtaNodes,
    FtaOther,
    Swf,
    SwfMachines,
}

impl Shape {
    /// Whose export it is.
    pub(crate) fn source(self) -> &'static str {
        match self {
            Shape::IronicNodes(_) | Shape::IronicNotifications => "ironic",
            Shape::NovaUsage(_) | Shape::NovaServers | Shape::NovaFlavors(_) => "nova",
            Shape::BlazarLeases | Shape::BlazarAllocations | Shape::BlazarHosts => "blazar",
            Shape::SlurmJobs
            | Shape::SlurmEvents
            | Shape::SlurmNodes
            | Shape::SlurmReservations
            | Shape::SlurmReport => "slurm",
            Shape::FtaEvents | Shape::FtaNodes | Shape::FtaOther => "fta",
            Shape::Swf | Shape::SwfMachines => "swf",
        }
    }

    /// What it is, in words.
    pub(crate) fn told(self) -> String {
        match self {
            Shape::IronicNodes(form) => format!("Ironic nodes as {}", form.name()),
            Shape::IronicNotifications => "Ironic notifications".to_owned(),
            Shape::NovaUsage(form) => format!("Nova usage as {}", form.name()),
            Shape::NovaServers => "Nova servers in detail".to_owned(),
            Shape::NovaFlavors(form) => format!("Nova flavors as {}", form.name()),
            Shape::BlazarLeases => "Blazar leases".to_owned(),
            Shape::BlazarAllocations => "Blazar allocations".to_owned(),
            Shape::BlazarHosts => "Blazar hosts".to_owned(),
            Shape::SlurmJobs => "Slurm jobs (sacct)".to_owned(),
            Shape::SlurmEvents => "Slurm node events (sacctmgr show event)".to_owned(),
            Shape::SlurmNodes => "Slurm nodes (scontrol show node)".to_owned(),
            Shape::SlurmReservations => "Slurm reservations (scontrol show reservation)".to_owned(),
            Shape::SlurmReport => "Slurm reservations (sreport)".to_owned(),
            Shape::FtaEvents => "Failure Trace Archive events".to_owned(),
            Shape::FtaNodes => "Failure Trace Archive nodes".to_owned(),
            Shape::FtaOther => "Failure Trace Archive, of no use here".to_owned(),
            Shape::Swf => "a log in the Standard Workload Format".to_owned(),
            Shape::SwfMachines => "machines of a log in the Standard Workload Format".to_owned(),
        }
    }
}

/// What a file is and why, or what is wrong with it and the mend.
pub(crate) type Recognised = Result<(Shape, String), (String, String)>;

/// Recognises a file by its name and its first bytes.
pub(crate) fn recognise(name: &str, head: &[u8]) -> Recognised {
    let text = String::from_utf8_lossy(head);
    let text = text.trim_start_matches('\u{feff}');
    let start = text.trim_start();
    match start.chars().next() {
        None => Err((
            "the file has nothing but blanks".to_owned(),
            "export it again".to_owned(),
        )),
        Some('{' | '[') => json(start),
        Some('+') if start.starts_with("+-") => refuse("this is a table for people", "print it with `-f json`"),
        _ if start.starts_with("---") && start.lines().next().is_some_and(|line| line.trim() == "---")
            || start.starts_with("- ") =>
        {
            listed(Form::Yaml, &yaml_keys(start))
        }
        _ => lines(name, text),
    }
}

fn refuse(what: &str, mend: &str) -> Recognised {
    Err((what.to_owned(), mend.to_owned()))
}

/// The keys of a JSON text down to four levels, with their depths.
fn json_keys(text: &str) -> BTreeSet<(usize, String)> {
    let mut keys = BTreeSet::new();
    let (mut open, mut key_next) = (Vec::new(), false);
    let mut letters = text.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '{' => {
                open.push('{');
                key_next = true;
            }
            '[' => {
                open.push('[');
                key_next = false;
            }
            '}' | ']' => {
                open.pop();
                key_next = false;
            }
            ',' => key_next = open.last() == Some(&'{'),
            ':' => key_next = false,
            '"' => {
                let mut escaped = false;
                let end = letters.find(|(_, letter)| {
                    let ends = *letter == '"' && !escaped;
                    escaped = *letter == '\\' && !escaped;
                    ends
                });
                let Some((end, _)) = end else { break };
                if key_next && open.len() <= 4 {
                    keys.insert((open.len(), text[at + 1..end].to_owned()));
                }
            }
            _ => {}
        }
    }
    keys
}

fn json(text: &str) -> Recognised {
    let keys = json_keys(text);
    let has = |key: &str| keys.iter().any(|(_, name)| name == key);
    let at = |depth: usize, key: &str| keys.contains(&(depth, key.to_owned()));
    let by = |shape: Shape, why: &str| Ok((shape, format!("it has {why}")));
    if has("oslo.message") || has("publisher_id") && has("event_type") {
        return by(Shape::IronicNotifications, "`event_type` and `publisher_id`");
    }
    if at(1, "tenant_usages") || at(1, "tenant_usage") {
        return by(Shape::NovaUsage(Form::Json), "`tenant_usages`");
    }
    if at(1, "servers") || at(1, "server") || has("OS-SRV-USG:launched_at") {
        return by(Shape::NovaServers, "`servers`");
    }
    if at(1, "flavors") {
        return by(Shape::NovaFlavors(Form::Json), "`flavors`");
    }
    if at(1, "leases") {
        return by(Shape::BlazarLeases, "`leases`");
    }
    if at(1, "allocations") || has("resource_id") && has("lease_id") && at(2, "reservations") && text.starts_with('[') {
        return by(Shape::BlazarAllocations, "`reservations` of a `resource_id`");
    }
    if at(1, "hosts") || at(1, "host") {
        return by(Shape::BlazarHosts, "`hosts`");
    }
    let names: BTreeSet<String> = keys
        .iter()
        .filter(|(depth, _)| *depth <= 2)
        .map(|(_, name)| name.clone())
        .collect();
    if at(1, "nodes") && has("uuid") || at(1, "nodes") && keys.len() <= 2 {
        return by(Shape::IronicNodes(Form::Json), "`nodes`");
    }
    if (text.starts_with("[]") || text.starts_with("{}")) && text.trim().len() == 2 {
        return refuse("the list is empty", "list as an administrator, for all projects");
    }
    listed(Form::Json, &names)
}

/// What a client's list is by its columns.
fn listed(form: Form, keys: &BTreeSet<String>) -> Recognised {
    let has = |key: &str| keys.contains(key);
    let any = |names: &[&str]| names.iter().any(|name| keys.contains(*name));
    let by = |shape: Shape, why: &str| Ok((shape, format!("it has {why}")));
    if any(&["provision_state", "Provisioning State", "Provision State"]) {
        return by(Shape::IronicNodes(form), "the provision state of nodes");
    }
    if any(&["event_type", "Event Origin Type"]) && any(&["severity", "Severity", "conductor", "Conductor"]) {
        return refuse(
            "this is the history of an Ironic node, which does not record maintenance",
            "give `openstack baremetal node list --long -f json` of several days, or notifications",
        );
    }
    if any(&["Servers", "server_usages"]) || has("CPU Hours") && any(&["Project", "Disk GB-Hours"]) {
        return by(Shape::NovaUsage(form), "servers by project");
    }
    if any(&["Networks"]) && any(&["Status", "Flavor", "Flavor Name"]) {
        return refuse(
            "the client's list of servers tells no times",
            "give `openstack usage list --start … --end … -f json`, or /servers/detail?all_tenants=1 of REST",
        );
    }
    if any(&["VCPUs", "vcpus"]) && any(&["RAM", "ram"]) {
        return by(Shape::NovaFlavors(form), "flavors");
    }
    if any(&["lease_id"]) && any(&["resource_id"]) || has("reservations") && has("resource_id") {
        return by(Shape::BlazarAllocations, "reservations by resource");
    }
    if has("reservations") && has("start_date") {
        return by(Shape::BlazarLeases, "leases with reservations");
    }
    if has("start_date") && has("end_date") {
        return refuse(
            "the client's list of leases does not tell what is reserved",
            "give what REST answers on /v1/leases",
        );
    }
    if has("hypervisor_hostname") {
        return by(Shape::BlazarHosts, "hypervisors");
    }
    let some: Vec<&str> = keys.iter().take(6).map(String::as_str).collect();
    refuse(
        &format!(
            "nothing that is known has these {} keys: {}",
            form.name(),
            quoted(&some.join(", "))
        ),
        "MANUAL.md lists what is read, and how each export is made",
    )
}

/// The keys of the first items of a YAML list.
fn yaml_keys(text: &str) -> BTreeSet<String> {
    let key = |line: &str| {
        let line = line
            .strip_prefix("- ")
            .or_else(|| line.strip_prefix("  "))
            .unwrap_or(line);
        let (key, _) = line.split_once(':')?;
        (!key.starts_with([' ', '-'])).then(|| key.trim_matches(['\'', '"']).to_owned())
    };
    text.lines().take(2000).filter_map(key).collect()
}

/// What a text of lines is.
fn lines(name: &str, text: &str) -> Recognised {
    let by = |shape: Shape, why: &str| Ok((shape, why.to_owned()));
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let lower = first.to_lowercase();
    if first.starts_with("NodeName=") {
        return by(Shape::SlurmNodes, "it begins with `NodeName=`");
    }
    if first.starts_with("ReservationName=") || lower.starts_with("no reservations in the system") {
        return by(Shape::SlurmReservations, "it begins with `ReservationName=`");
    }
    if first.contains('|') {
        return piped(text, first);
    }
    if first.contains(',') && !first.starts_with([';', '#']) {
        let header = csv_header(first);
        if header.len() > 1 {
            if header.contains("nodenumz") || header.contains("Prob Started") {
                return refuse(
                    "this is LANL's failure data, which is not read",
                    "take a trace of the Failure Trace Archive",
                );
            }
            return listed(Form::Csv, &header);
        }
    }
    let words: Vec<&str> = lower.split_whitespace().collect();
    let second = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .nth(1)
        .unwrap_or_default();
    if words
        .iter()
        .any(|word| matches!(*word, "jobid" | "nodename" | "timestart"))
        && second.trim_start().starts_with("---")
    {
        return refuse(
            "this is a table for people, whose cells are cut",
            "print it with -P: sacct -a -X -D -P …, sacctmgr -P show event …",
        );
    }
    if first.trim_start().starts_with(';') {
        return by(Shape::Swf, "it begins with `;`");
    }
    numbers(name, text, first)
}

/// Tables of numbers: logs of jobs, traces of failures.
fn numbers(name: &str, text: &str, first: &str) -> Recognised {
    let file = name.rsplit(['/', '\\']).next().unwrap_or(name).to_lowercase();
    let header = first.trim_start().starts_with('#');
    let titles = if header { first.to_lowercase() } else { String::new() };
    let fta = |shape: Shape| Ok((shape, "its columns are those of the Failure Trace Archive".to_owned()));
    if titles.contains("event_type") && titles.contains("event_start_time") {
        return fta(Shape::FtaEvents);
    }
    if titles.contains("node_location") || titles.contains("node_ip") {
        return fta(Shape::FtaNodes);
    }
    if titles.contains("component_id") || titles.contains("platform_id") || titles.contains("creator_id") {
        return fta(Shape::FtaOther);
    }
    let rows = text
        .lines()
        .filter(|line| !line.trim().is_empty() && !line.trim_start().starts_with(['#', ';']));
    let number = |word: &str| word.parse::<f64>().is_ok();
    for row in rows.take(3) {
        let words: Vec<&str> = row.split_whitespace().collect();
        if words.len() >= 18 && words.iter().take(18).all(|word| number(word)) {
            return Ok((Shape::Swf, "it has 18 numbers a line".to_owned()));
        }
        let plain = |at: usize| words.get(at).is_some_and(|word| number(word));
        if words.len() == 9 && plain(0) && matches!(words[5], "0" | "1") && plain(6) && plain(7) {
            return Ok((
                Shape::FtaEvents,
                "it has the 9 columns of the Failure Trace Archive's events".to_owned(),
            ));
        }
    }
    if file.contains("machines") && first.split_whitespace().count() >= 4 {
        return Ok((Shape::SwfMachines, "its name says `machines`".to_owned()));
    }
    if file.starts_with("component")
        || file.starts_with("platform")
        || file.starts_with("creator")
        || file.starts_with("event_trace_end")
    {
        return fta(Shape::FtaOther);
    }
    if file.starts_with("node.") {
        return fta(Shape::FtaNodes);
    }
    if first.trim_start().starts_with("value") || text.trim().lines().count() == 1 && text.trim().parse::<f64>().is_ok()
    {
        return refuse("the file holds values without names", "print it with `-f json`");
    }
    refuse(
        &format!(
            "nothing that is known begins with `{}`",
            beginning(text.trim_start().as_bytes())
        ),
        "MANUAL.md lists what is read; check that this is the whole output of the command",
    )
}

/// Slurm's parsable output.
fn piped(text: &str, first: &str) -> Recognised {
    let names: BTreeSet<String> = first.split('|').map(|name| name.trim().to_lowercase()).collect();
    let has = |name: &str| names.contains(name);
    if has("jobid") || has("jobidraw") {
        return Ok((Shape::SlurmJobs, "its header has JobID".to_owned()));
    }
    if has("nodename") && (has("timestart") || has("start")) {
        return Ok((Shape::SlurmEvents, "its header has NodeName and TimeStart".to_owned()));
    }
    if has("name") && (has("nodes") || has("start")) {
        return Ok((Shape::SlurmReport, "its header has Name and Nodes".to_owned()));
    }
    // Without a header: by the number of fields of the first row, and what stands where.
    let fields: Vec<&str> = first.split('|').collect();
    let time = |at: usize| fields.get(at).is_some_and(|field| is_time(field));
    if fields.len() >= 26
        && fields
            .first()
            .is_some_and(|id| id.starts_with(|c: char| c.is_ascii_digit()))
    {
        return Ok((
            Shape::SlurmJobs,
            "it has the 26 columns that XDMoD asks sacct for".to_owned(),
        ));
    }
    if (5..=9).contains(&fields.len()) && time(2) && time(3) {
        let flags = fields
            .get(4)
            .is_some_and(|flags| flags.is_empty() || flags.contains("MAINT") || flags.contains(','));
        let cluster = text
            .lines()
            .take(50)
            .any(|line| line.contains("Cluster Registered TRES"));
        if flags && !cluster && !fields[4].contains("DOWN") && !fields[4].contains("DRAIN") {
            return Ok((
                Shape::SlurmReport,
                "it has a name, nodes, two times and flags".to_owned(),
            ));
        }
        return Ok((Shape::SlurmEvents, "it has a cluster, a node and two times".to_owned()));
    }
    refuse(
        &format!("nothing that is known begins with `{}`", beginning(first.as_bytes())),
        "print it with the header (without -n), so that its columns are known",
    )
}

fn is_time(field: &str) -> bool {
    matches!(field, "Unknown" | "None")
        || super::moment::utc(field).is_some()
        || super::moment::epoch_seconds(field).is_some_and(|at| at > 100_000_000_000)
}

fn csv_header(line: &str) -> BTreeSet<String> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(line.as_bytes());
    let record = reader.records().next().and_then(Result::ok).unwrap_or_default();
    record.iter().map(|name| name.trim().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_known_by_their_content() {
        let usage = r#"[{"Project": "p", "Servers": [{"name": "a", "name": "a"}]}]"#;
        let header = "JobID|State|Start|End|NodeList\n";
        for (text, shape) in [
            (
                r#"[{"uuid": "x", "provision_state": "active"}]"#,
                Shape::IronicNodes(Form::Json),
            ),
            (
                "- Name: n\n  Provisioning State: active\n",
                Shape::IronicNodes(Form::Yaml),
            ),
            ("\"UUID\",\"Provisioning State\"\n", Shape::IronicNodes(Form::Csv)),
            (r#"{"nodes": []}"#, Shape::IronicNodes(Form::Json)),
            (
                r#"{"event_type": "a", "publisher_id": "b"}"#,
                Shape::IronicNotifications,
            ),
            (usage, Shape::NovaUsage(Form::Json)),
            (r#"{"tenant_usage": {}}"#, Shape::NovaUsage(Form::Json)),
            (r#"{"servers": []}"#, Shape::NovaServers),
            (
                r#"[{"ID": "1", "Name": "a", "RAM": 1, "VCPUs": 2}]"#,
                Shape::NovaFlavors(Form::Json),
            ),
            (r#"{"leases": []}"#, Shape::BlazarLeases),
            (header, Shape::SlurmJobs),
            (
                "Cluster|NodeName|TimeStart|TimeEnd|State|Reason|User\n",
                Shape::SlurmEvents,
            ),
            ("NodeName=n1 Arch=x\n", Shape::SlurmNodes),
            (
                "fw|n06|2026-11-25T22:32:19|2026-11-25T22:40:22|MAINT,IGNORE_JOBS|2\n",
                Shape::SlurmReport,
            ),
            ("; MaxNodes: 3\n", Shape::Swf),
            ("1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18\n", Shape::Swf),
            (
                "#\tevent_id component_id node_id platform_id node_name event_type event_start_time\n",
                Shape::FtaEvents,
            ),
            ("3 5 3 2 10.000 0 1000 2000 NULL\n", Shape::FtaEvents),
        ] {
            assert_eq!(
                recognise("f", text.as_bytes()).map(|(shape, _)| shape),
                Ok(shape),
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_of_no_use_is_refused_with_what_would_be() {
        for (text, mend) in [
            ("+----+\n| ID |\n", "-f json"),
            ("JobID   State\n------- -----\n", "-P"),
            (r#"[{"ID": "1", "Networks": {}, "Status": "ACTIVE"}]"#, "usage list"),
            (
                r#"[{"id": "1", "name": "a", "start_date": "x", "end_date": "y"}]"#,
                "/v1/leases",
            ),
            (r#"[{"Severity": "INFO", "Event Origin Type": "x"}]"#, "--long"),
            ("[]", "administrator"),
            ("   \n", "again"),
            ("hello\n", "MANUAL"),
        ] {
            let (_, told) = recognise("f", text.as_bytes()).expect_err(text);
            assert!(told.contains(mend), "{text}: {told}");
        }
    }
}
