//! What the importers of foreign files find, before it is cut to the window: nodes, requests and spells with times in ms since
//! 1970.

use std::collections::{BTreeMap, BTreeSet};

use super::asks::Asks;
use super::kinds::Kinds;
use super::moment::Zone;
use super::names::People;
use super::options::ForeignOptions;
use super::tally::Account;

/// A node of a foreign file.
#[derive(Clone, Debug, Default)]
pub(crate) struct DraftNode {
    /// Its class at first.
    pub class: String,
    /// Its traits.
    pub traits: Vec<String>,
    /// Its rack; empty when unknown.
    pub rack: String,
    /// Its conductor group; empty when there is none.
    pub conductor_group: String,
    /// Whose it is, as the file names him.
    pub owner: Option<String>,
    /// When it came, where that is known.
    pub from: Option<i64>,
    /// When it went, where that is known.
    pub until: Option<i64>,
    /// Later classes.
    pub class_changes: Vec<(i64, String)>,
    /// Later conductor groups.
    pub group_changes: Vec<(i64, String)>,
}

/// A spell of maintenance of a foreign file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct DraftSpell {
    /// The node.
    pub node: String,
    /// When it began; none: before the data.
    pub start: Option<i64>,
    /// When it ended; none: it is open at the end of the data.
    pub end: Option<i64>,
    /// Why.
    pub kind: String,
    /// The campaign that the file names.
    pub campaign: Option<String>,
}

/// An instance on a node, as snapshots and notifications tell of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Seat {
    /// The node.
    pub node: String,
    /// The node's class.
    pub class: String,
    /// Whose it is, as the file names him.
    pub tenant: String,
    /// When it was asked for; none: before the data, or nobody knows.
    pub arrival: Option<i64>,
    /// When it became active.
    pub start: Option<i64>,
    /// When it ended; none: it is there at the end of the data.
    pub end: Option<i64>,
    /// Whether begin and end are as the data say; else one snapshot has seen it and nobody knows how long it is there.
    pub timed: bool,
}

/// The first and the last time seen in the data.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Extent {
    /// The first.
    pub first: Option<i64>,
    /// The last.
    pub last: Option<i64>,
}

impl Extent {
    /// Takes a time in.
    pub(crate) fn see(&mut self, at: i64) {
        self.first = Some(self.first.map_or(at, |first| first.min(at)));
        self.last = Some(self.last.map_or(at, |last| last.max(at)));
    }
}

/// What the files of an import have given so far.
pub(crate) struct Draft<'o> {
    /// What was asked.
    pub options: &'o ForeignOptions,
    /// Nodes by name.
    pub nodes: BTreeMap<String, DraftNode>,
    /// Requests.
    pub asks: Asks,
    /// Spells.
    pub spells: Vec<DraftSpell>,
    /// Instances whose nodes are known, by UUID.
    pub seats: BTreeMap<String, Seat>,
    /// Instances of which a file of demand has told, so that they are not told twice.
    pub told: BTreeSet<String>,
    /// Other names of nodes: Ironic's UUIDs.
    pub aliases: BTreeMap<String, String>,
    /// Flavors of Nova: the class and traits that they ask for; none for virtual machines.
    pub flavors: BTreeMap<String, Option<(String, Vec<String>)>>,
    /// When the newest snapshot was taken.
    pub snapshot: Option<i64>,
    /// The extent of the data.
    pub extent: Extent,
    /// The extent of what is not demand: it counts where there is none.
    pub aside: Extent,
    /// The period that the source was asked for, where it says.
    pub period: Extent,
    /// Patterns for kinds.
    pub kinds: Kinds,
    /// How names of people are written.
    pub people: People,
    /// What local times mean.
    pub zone: Option<Zone>,
    /// The counts, in the order of the files.
    pub accounts: Vec<Account>,
    /// What was assumed and what cannot be known.
    pub remarks: Vec<String>,
    /// Spells shorter than this are left out unless the user says otherwise, ms.
    pub min_spell: i64,
    /// Whether the requests waited in a queue.
    pub waits: bool,
    /// Whether nodes are deployed and cleaned, as Ironic's are.
    pub provisioned: bool,
    /// Names of the sources, in order.
    pub sources: Vec<&'static str>,
}

impl<'o> Draft<'o> {
    /// Nothing yet.
    pub(crate) fn new(options: &'o ForeignOptions, kinds: Kinds, zone: Option<Zone>) -> Draft<'o> {
        Draft {
            options,
            nodes: BTreeMap::new(),
            asks: Asks::default(),
            spells: Vec::new(),
            seats: BTreeMap::new(),
            told: BTreeSet::new(),
            aliases: BTreeMap::new(),
            flavors: BTreeMap::new(),
            snapshot: None,
            extent: Extent::default(),
            aside: Extent::default(),
            period: Extent::default(),
            kinds,
            people: People {
                keep: options.keep_names,
            },
            zone,
            accounts: Vec::new(),
            remarks: Vec::new(),
            min_spell: 0,
            waits: false,
            provisioned: false,
            sources: Vec::new(),
        }
    }

    /// Says something once.
    pub(crate) fn remark(&mut self, text: impl Into<String>) {
        let text = text.into();
        if !self.remarks.contains(&text) {
            self.remarks.push(text);
        }
    }
}
