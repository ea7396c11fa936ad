//! What a world's scenario says, read plainly off its structure by the tests alone: the laws do not ask the program
//! what a key means.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Weekday;
use jiff::tz::TimeZone;

use super::doc::{Doc, Table, Val};

/// Hours of the day, perhaps on some days of the week alone.
#[derive(Clone, Debug)]
pub struct Hours {
    /// Seconds after midnight.
    pub from: i64,
    pub to: i64,
    /// The days on which `from` lies; empty: all.
    pub days: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    Fleet,
    Class,
    Rack,
}

#[derive(Clone, Debug)]
pub struct Campaign {
    pub name: String,
    pub start: u64,
    pub every: Option<u64>,
    pub classes: Vec<String>,
    pub whole: bool,
    pub scope: Scope,
    pub nodes: Option<u64>,
    pub share: Option<f64>,
    /// The budget counts the campaign's own nodes alone.
    pub own_only: bool,
    pub waves: bool,
    /// How long before its start it is known.
    pub announce: u64,
    pub window: Option<Hours>,
    /// Work is not begun that cannot be finished within the window.
    pub inside: bool,
}

#[derive(Clone, Debug, Default)]
pub struct Quotas {
    machines: Option<i64>,
    classes: BTreeMap<String, i64>,
    by_tenant: BTreeMap<String, (Option<i64>, BTreeMap<String, i64>)>,
}

#[derive(Clone, Debug)]
pub struct Plan {
    epoch_ms: i64,
    zone: TimeZone,
    pub campaigns: Vec<Campaign>,
    pub shift: Option<Hours>,
    pub technicians: Option<i64>,
    /// From when until when the nodes of a group are in the fleet.
    dated: BTreeMap<String, (u64, Option<u64>)>,
    /// From when until when nodes are in the fleet.
    stays: BTreeMap<String, (u64, Option<u64>)>,
    /// By workload.
    pub strict: Vec<bool>,
    pub blazar: Vec<bool>,
    /// By workload: how much comes in each hour of the week, if that differs.
    pub weeks: Vec<Option<Vec<i64>>>,
    pub quotas: Quotas,
    pub keep_clear: bool,
    /// The control plane is other than by default in what it lets pass.
    pub filters: bool,
    pub instant: bool,
    pub power: bool,
    pub crews: Vec<Crew>,
    pub slip_flag: f64,
    /// Nodes change their conductor groups.
    pub regroups: bool,
}

/// Technicians of `operators.crew`.
#[derive(Clone, Debug)]
pub struct Crew {
    pub technicians: i64,
    pub shift: Option<Hours>,
    pub racks: Vec<String>,
    pub skills: Vec<String>,
}

impl Hours {
    fn read(val: &Val, days: Option<&Val>) -> Option<Hours> {
        let [from, to] = val.list() else { return None };
        let seconds = |val: &Val| {
            let (hour, minute) = val.word()?.split_once(':')?;
            Some(hour.parse::<i64>().ok()? * 3600 + minute.parse::<i64>().ok()? * 60)
        };
        Some(Hours {
            from: seconds(from)?,
            to: seconds(to)?,
            days: days.map(Val::words).unwrap_or_default(),
        })
    }
}

fn weekday(name: &str) -> Weekday {
    match name {
        "mon" => Weekday::Monday,
        "tue" => Weekday::Tuesday,
        "wed" => Weekday::Wednesday,
        "thu" => Weekday::Thursday,
        "fri" => Weekday::Friday,
        "sat" => Weekday::Saturday,
        _ => Weekday::Sunday,
    }
}

impl Plan {
    pub fn of(doc: &Doc) -> Plan {
        let word = |path: &str| doc.at(path).and_then(Val::word);
        let epoch: Timestamp = word("scenario.epoch")
            .unwrap_or("2024-01-01T00:00:00Z")
            .parse()
            .expect("an instant");
        let zone = word("scenario.time_zone").unwrap_or("UTC");
        let zone = if zone == "UTC" {
            TimeZone::UTC
        } else {
            TimeZone::get(zone).expect("a zone of the bundled data")
        };
        let maintenance = doc
            .root
            .get("maintenance")
            .and_then(Val::table)
            .cloned()
            .unwrap_or_default();
        let workloads = doc.root.all("workload");
        let says = |key: &str, word: &str| {
            let of = |w: &Table| w.get(key).and_then(Val::word) == Some(word);
            workloads.iter().map(of).collect::<Vec<bool>>()
        };
        Plan {
            epoch_ms: epoch.as_millisecond(),
            zone,
            campaigns: maintenance.all("campaign").iter().map(campaign).collect(),
            shift: doc.at("operators.shift").and_then(|val| Hours::read(val, None)),
            technicians: doc.at("operators.technicians").and_then(Val::whole),
            dated: dated(doc),
            stays: stays(doc),
            strict: says("line", "strict"),
            blazar: says("multi", "blazar"),
            weeks: workloads.iter().map(week).collect(),
            quotas: quotas(doc),
            keep_clear: doc.at("control_plane.keep_clear").and_then(Val::flag).unwrap_or(false),
            filters: [
                "filters",
                "tenant_aggregates",
                "isolated_aggregates",
                "default_architecture",
            ]
            .iter()
            .any(|key| doc.at(&format!("control_plane.{key}")).is_some()),
            instant: word("control_plane.loop") == Some("instant"),
            power: maintenance.all("faults").iter().any(|law| {
                law.all("kind")
                    .iter()
                    .any(|kind| kind.get("power") == Some(&Val::Flag(true)))
            }),
            crews: crews(doc),
            slip_flag: doc.at("operators.slip_flag").and_then(Val::number).unwrap_or(0.02),
            regroups: doc
                .csv("nodes.csv")
                .is_some_and(|csv| csv.columns.contains(&"group_changes")),
        }
    }

    /// Whether an instant lies within hours of the day.
    pub fn within(&self, hours: &Hours, at: u64) -> bool {
        let local = self.local(at);
        let second = i64::from(local.hour()) * 3600 + i64::from(local.minute()) * 60 + i64::from(local.second());
        let on = |day: Weekday| hours.days.is_empty() || hours.days.iter().any(|name| weekday(name) == day);
        let (today, yesterday) = (local.weekday(), local.weekday().previous());
        if hours.from < hours.to {
            (hours.from..hours.to).contains(&second) && on(today)
        } else {
            (second >= hours.from && on(today)) || (second < hours.to && on(yesterday))
        }
    }

    /// From when until when a node is in the fleet, if something says so; a copy of a scaled fleet is as the node itself.
    pub fn stay(&self, name: &str) -> Option<(u64, Option<u64>)> {
        let group = name.split_once('-').and_then(|(group, _)| self.dated.get(group));
        if group.is_some() {
            return group.copied();
        }
        let copied = || self.stays.get(name.rsplit_once("-x")?.0);
        self.stays.get(name).or_else(copied).copied()
    }

    /// When hours of the day are open from an instant on, to the minute.
    pub fn opens(&self, hours: Option<&Hours>, at: u64) -> u64 {
        let Some(hours) = hours else { return at };
        let mut minutes = (0..9 * 1440).map(|minute| at + minute * 60_000);
        minutes.find(|&then| self.within(hours, then)).unwrap_or(u64::MAX)
    }

    /// The hour of the week that an instant lies in, Monday's first being 0.
    pub fn hour_of_week(&self, at: u64) -> usize {
        let local = self.local(at);
        local.weekday().to_monday_zero_offset() as usize * 24 + local.hour() as usize
    }

    fn local(&self, at: u64) -> jiff::Zoned {
        Timestamp::from_millisecond(self.epoch_ms + at as i64)
            .expect("an instant")
            .to_zoned(self.zone.clone())
    }
}

impl Campaign {
    /// How many of so many nodes may be away: a share is rounded down, and one may always be.
    pub fn allows(&self, members: usize) -> usize {
        let allowed = match (self.nodes, self.share) {
            (Some(nodes), _) => nodes as usize,
            (None, share) => exact_share(share.unwrap_or(0.05), members),
        };
        allowed.max(1)
    }

    pub fn takes_class(&self, class: &str) -> bool {
        self.classes.is_empty() || self.classes.iter().any(|name| name == class)
    }
}

/// A share of a number, rounded down, exact in the digits as they are written.
pub fn exact_share(share: f64, of: usize) -> usize {
    let text = format!("{share}");
    let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
    let digits: u128 = format!("{whole}{part}").parse().expect("digits");
    (digits * of as u128 / 10_u128.pow(part.len() as u32)) as usize
}

fn campaign(c: &Table) -> Campaign {
    let budget = c.get("budget").and_then(Val::table).cloned().unwrap_or_default();
    let nodes = budget.get("nodes").and_then(Val::whole).map(|n| n as u64);
    let share = budget.get("share").and_then(Val::number);
    let scope = match budget.get("scope").and_then(Val::word) {
        Some("fleet") => Scope::Fleet,
        Some("rack") => Scope::Rack,
        Some(_) => Scope::Class,
        // A number of nodes is of the fleet, a share of the class.
        None if nodes.is_some() => Scope::Fleet,
        None => Scope::Class,
    };
    Campaign {
        name: c.get("name").and_then(Val::word).unwrap_or("campaign").to_owned(),
        start: c.get("start").and_then(Val::span).unwrap_or(0),
        every: c.get("every").and_then(Val::span),
        classes: c.get("classes").map(Val::words).unwrap_or_default(),
        whole: c.get("share").and_then(Val::number).is_none_or(|share| share >= 1.0),
        scope,
        nodes,
        share,
        own_only: budget.get("counts").and_then(Val::word) == Some("campaign"),
        waves: c.get("waves").and_then(Val::flag).unwrap_or(false),
        announce: c.get("announce").and_then(Val::span).unwrap_or(0),
        window: c.get("window").and_then(|val| Hours::read(val, c.get("days"))),
        inside: c.get("finish").and_then(Val::word) == Some("inside"),
    }
}

fn crews(doc: &Doc) -> Vec<Crew> {
    let crew = |crew: &Table| Crew {
        technicians: crew.get("technicians").and_then(Val::whole).unwrap_or(1),
        shift: crew.get("shift").and_then(|val| Hours::read(val, crew.get("days"))),
        racks: crew.get("racks").map(Val::words).unwrap_or_default(),
        skills: crew.get("skills").map(Val::words).unwrap_or_default(),
    };
    let operators = doc.root.get("operators").and_then(Val::table);
    operators.map_or_else(Vec::new, |operators| operators.all("crew").iter().map(crew).collect())
}

fn week(workload: &Table) -> Option<Vec<i64>> {
    let hours = workload.get("hours_of_week")?.list();
    Some(hours.iter().filter_map(Val::whole).collect())
}

fn dated(doc: &Doc) -> BTreeMap<String, (u64, Option<u64>)> {
    let fleet = doc.root.get("fleet").and_then(Val::table);
    let groups = fleet.map_or(&[][..], |fleet| fleet.all("group"));
    let dated = groups.iter().filter_map(|group| {
        let (from, until) = (
            group.get("from").and_then(Val::span),
            group.get("until").and_then(Val::span),
        );
        let name = group.get("name").and_then(Val::word)?.to_owned();
        (from.is_some() || until.is_some()).then_some((name, (from.unwrap_or(0), until)))
    });
    dated.collect()
}

fn stays(doc: &Doc) -> BTreeMap<String, (u64, Option<u64>)> {
    let Some(csv) = doc.csv("nodes.csv") else {
        return BTreeMap::new();
    };
    let stay = |row: &Vec<Val>| {
        let time = |column: &str| csv.field(row, column).and_then(Val::span);
        let name = csv.field(row, "node_id")?.word()?.to_owned();
        Some((name, (time("available_from_s").unwrap_or(0), time("available_until_s"))))
    };
    csv.rows.iter().filter_map(stay).collect()
}

fn quotas(doc: &Doc) -> Quotas {
    let classes = |val: Option<&Val>| -> BTreeMap<String, i64> {
        let pairs = val
            .and_then(Val::table)
            .map(|table| table.0.clone())
            .unwrap_or_default();
        pairs
            .into_iter()
            .filter_map(|(class, n)| Some((class, n.whole()?)))
            .collect()
    };
    let plane = doc
        .root
        .get("control_plane")
        .and_then(Val::table)
        .cloned()
        .unwrap_or_default();
    let of_tenant = |one: &Table| {
        let tenant = one.get("tenant").and_then(Val::word).unwrap_or_default().to_owned();
        (
            tenant,
            (one.get("machines").and_then(Val::whole), classes(one.get("classes"))),
        )
    };
    Quotas {
        machines: plane.get("quota").and_then(Val::whole),
        classes: classes(plane.get("class_quota")),
        by_tenant: plane.all("tenant_quota").iter().map(of_tenant).collect(),
    }
}

impl Quotas {
    pub fn any(&self) -> bool {
        self.machines.is_some() || !self.classes.is_empty() || !self.by_tenant.is_empty()
    }

    /// How many machines in all a tenant may have, and how many of a class.
    pub fn of(&self, tenant: &str, class: &str) -> (Option<i64>, Option<i64>) {
        let own = self.by_tenant.get(tenant);
        let machines = own.and_then(|own| own.0).or(self.machines);
        let classes = own.and_then(|own| own.1.get(class)).or(self.classes.get(class));
        (machines, classes.copied())
    }
}
