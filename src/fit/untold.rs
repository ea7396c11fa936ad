//! What a trace cannot tell, and what the profile does not keep of it: sentences for the report and the scenario.

use super::CloudProfile;

/// What no trace of this form can tell, whatever is in it.
#[must_use]
pub fn untold(profile: &CloudProfile) -> Vec<String> {
    let mut said = vec![
        "Refused demand: a trace holds what was granted. Who was turned away, or did not ask because the class was full, is \
         in no row, so that the rates are lower bounds where the cloud was full."
            .to_owned(),
        "Errands: how often operators boot a node in maintenance, and for how long, is not recorded. The numbers are those of \
         the scenario beside the trace, which are assumed."
            .to_owned(),
        "Hands-on work: a spell contains the wait for the node's tenant, the operators' steps and the errands. The wait that the \
         trace's tenants make on average is taken out, as the profile's tenants make it again. The rest is written as work, so that a \
         strategy's own route comes on top."
            .to_owned(),
        "What a fault does: whether it ended an instance or failed a deploy is not recorded. It is written as one that does \
         neither and is noticed at once, as a spell does and is."
            .to_owned(),
        "Slips, technicians, deploy and cleaning times: not recorded. They are those of the scenario beside the trace.".to_owned(),
    ];
    if profile.faults.is_empty() {
        said.push("Faults: none was recorded, so that the profile has no law of faults.".to_owned());
    }
    if profile.campaigns.is_empty() {
        said.push("Campaigns: none was recorded, so that the profile has none.".to_owned());
    }
    said
}

/// What was recorded and is not kept.
#[must_use]
pub fn dropped() -> Vec<String> {
    [
        "That requests come in clusters (a course, a job of many parts): a workload is a Poisson process of its rates.",
        "That a tenant asks in several classes: each workload has tenants of its own.",
        "The end that a request planned, where it differs from the hold.",
        "How the fleet grew or shrank: it is as large as it was on average.",
        "Who was on the nodes when the trace began: the profile begins empty.",
        "Which nodes broke more often than others of their class, and racks that broke together.",
    ]
    .map(str::to_owned)
    .to_vec()
}
