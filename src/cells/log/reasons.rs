//! Why a node is taken out of service, in words.

use crate::scenario::Scenario;
use crate::workload::{JobId, Origin};
use crate::world::Sight;

/// What a window is for.
#[derive(Clone, Debug)]
pub struct Reason {
    pub cause: String,
    /// The campaign, where it is one's.
    pub campaign: String,
}

impl Reason {
    /// As a course tells it.
    pub fn words(&self) -> String {
        if self.campaign.is_empty() {
            self.cause.clone()
        } else {
            format!("{}:{}", self.cause, self.campaign)
        }
    }

    fn plain(cause: &str) -> Reason {
        Reason {
            cause: cause.to_owned(),
            campaign: String::new(),
        }
    }
}

/// The names that a scenario gives to kinds of faults and to campaigns.
#[derive(Debug)]
pub struct Reasons {
    kinds: Vec<String>,
    campaigns: Vec<String>,
}

impl Reasons {
    pub fn new(scenario: &Scenario) -> Reasons {
        let plan = &scenario.maintenance;
        let kinds = plan.faults.iter().flat_map(|law| &law.kinds);
        Reasons {
            kinds: kinds.map(|kind| kind.name.clone()).collect(),
            campaigns: plan.campaigns.iter().map(|campaign| campaign.name.clone()).collect(),
        }
    }

    /// What a job is for; the jobs of failed cleans are made during the run, behind those of the tape.
    pub fn of(&self, job: JobId, sight: &Sight<'_>) -> Reason {
        match sight.tape.jobs.get(job.at()).map_or(Origin::Clean, |job| job.origin) {
            Origin::Spell(_) => Reason::plain("spell"),
            Origin::Fault(place) => self.of_fault(sight.tape.faults[place as usize].kind),
            Origin::Campaign(place) => {
                let plan = sight.tape.campaigns[place as usize].plan;
                Reason {
                    campaign: self.campaigns[usize::from(plan)].clone(),
                    ..Reason::plain("campaign")
                }
            }
            Origin::Clean => Reason::plain("failed-clean"),
        }
    }

    /// A fault, by the place of its kind among all kinds of all laws.
    pub fn of_fault(&self, kind: u16) -> Reason {
        Reason::plain(&format!("fault:{}", self.kinds[usize::from(kind)]))
    }
}
