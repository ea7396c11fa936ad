//! `[[operators.crew]]`: technicians with hours, racks and skills of their own.

use std::collections::{BTreeMap, BTreeSet};

use super::fleet::Yard;
use super::maintenance::hours_of;
use crate::fleet::{Change, ClassId, Fleet, RackId};
use crate::scenario::diagnose::fix_word;
use crate::scenario::read::Section;
use crate::scenario::tree::Place;
use crate::workload::MaintenancePlan;
use crate::world::settings::{Crew, OTHER_SKILLS};

/// A crew, and the words that are to be skills once the kinds of fault are known.
pub type CrewDraft = (Crew, Vec<(String, Place)>);

/// The crews.
pub fn read(t: &mut Section<'_>, yard: &Yard) -> Vec<CrewDraft> {
    t.every("crew", |c, _| crew(c, yard))
}

fn crew(c: &mut Section<'_>, yard: &Yard) -> CrewDraft {
    let technicians = c.whole("technicians").unwrap_or(1) as u32;
    let hours = hours_of(c, "shift");
    let names = &yard.fleet.names.racks;
    let mut racks = Vec::new();
    for (word, place) in c.words("racks") {
        match names.find(&word) {
            Some(number) => racks.push(RackId(number)),
            None => {
                let known: Vec<&str> = names.iter().collect();
                let fix = fix_word(&word, known.iter().copied());
                c.ledger.wrong(&place, format!("no node is in the rack `{word}`"), fix);
            }
        }
    }
    let skills = c.words("skills");
    let crew = Crew {
        technicians,
        hours,
        racks,
        skills: skills.iter().map(|(word, _)| word.clone()).collect(),
    };
    (crew, skills)
}

/// Holds the crews against the plan: every skill is one, and all work has somebody who may do it.
pub fn check(t: &Section<'_>, drafts: &[CrewDraft], plan: &MaintenancePlan, cleans_fail: bool, yard: &Yard) {
    if drafts.is_empty() {
        return;
    }
    let place = drafts
        .iter()
        .find_map(|(_, skills)| skills.first().map(|(_, place)| place));
    let kinds = plan.faults.iter().flat_map(|law| law.kinds.iter());
    let known: Vec<&str> = kinds.map(|kind| kind.name.as_str()).chain(OTHER_SKILLS).collect();
    let mut unknown = false;
    for (word, place) in drafts.iter().flat_map(|(_, skills)| skills) {
        if !known.contains(&word.as_str()) {
            let message = format!("`{word}` is no kind of fault, and no other work that needs hands");
            t.ledger.wrong(place, message, fix_word(word, known.iter().copied()));
            unknown = true;
        }
    }
    if unknown {
        // That nobody may do some work would follow from the word.
        return;
    }
    let classes = classes_by_rack(&yard.fleet);
    let spells: BTreeSet<RackId> = plan
        .spells
        .iter()
        .map(|spell| yard.fleet.kind(spell.node).rack)
        .collect();
    let racks = (0..yard.fleet.names.racks.len() as u16).map(RackId);
    for rack in racks {
        let none = BTreeSet::new();
        let here = classes.get(&rack).unwrap_or(&none);
        let asked = asked_of(here, spells.contains(&rack), plan, cleans_fail);
        let may = |skill: &&&str| drafts.iter().any(|(crew, _)| crew.may(rack, skill));
        let idle: Vec<String> = asked
            .iter()
            .filter(|skill| !may(skill))
            .map(|skill| format!("`{skill}`"))
            .collect();
        if !idle.is_empty() {
            let name = yard.fleet.names.racks.iter().nth(usize::from(rack.0)).unwrap_or("?");
            t.ledger.wrong(
                place.unwrap_or(&t.head),
                format!("no crew may do work of kind {} in the rack `{name}`", idle.join(", ")),
                "add a crew without `racks` and `skills`, or name them there",
            );
            return;
        }
    }
}

/// The classes that the nodes of each rack have or will have.
fn classes_by_rack(fleet: &Fleet) -> BTreeMap<RackId, BTreeSet<ClassId>> {
    let now = fleet.ids().map(|node| (node, fleet.node(node).class));
    let later = fleet.boundaries.iter().filter_map(|boundary| match boundary.change {
        Change::Class(class) => Some((boundary.node, class)),
        _ => None,
    });
    let mut classes: BTreeMap<RackId, BTreeSet<ClassId>> = BTreeMap::new();
    for (node, class) in now.chain(later) {
        classes.entry(fleet.kind(node).rack).or_default().insert(class);
    }
    classes
}

/// The kinds of work that there can be in a rack whose nodes are of these classes, and where spells are recorded or not.
fn asked_of<'a>(
    classes: &BTreeSet<ClassId>,
    spells: bool,
    plan: &'a MaintenancePlan,
    cleans_fail: bool,
) -> Vec<&'a str> {
    let any = |is: &dyn Fn(ClassId) -> bool| classes.iter().any(|&class| is(class));
    let laws = plan.faults.iter().filter(|law| any(&|class| law.strikes(class)));
    let kinds = laws.flat_map(|law| law.kinds.iter()).map(|kind| kind.name.as_str());
    let others = OTHER_SKILLS.into_iter().filter(|&skill| match skill {
        "campaign" => plan
            .campaigns
            .iter()
            .any(|campaign| any(&|class| campaign.touches(class))),
        "spell" => spells,
        "clean" => cleans_fail,
        _ => true,
    });
    kinds.chain(others).collect()
}
