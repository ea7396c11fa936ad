//! What is told of one request: who asked, how each decision was taken, what came of it.

use serde::Serialize;

use super::scene::Group;

/// What is known of one request's course.
#[derive(Clone, Debug, Serialize)]
pub struct Explanation {
    /// The scenario.
    pub scenario: String,
    /// Its digest.
    pub scenario_digest: String,
    /// The strategy's label.
    pub strategy: String,
    /// The master seed.
    pub seed: u64,
    /// The replication.
    pub replication: u32,
    /// What was asked.
    pub request: Asked,
    /// In one sentence what became of it, and a suggested fix.
    pub answer: String,
    /// The scheduler's decisions on it.
    pub decisions: Vec<Pass>,
    /// Decisions that are left out, because they are too many.
    pub decisions_left_out: usize,
    /// What happened to it, in order.
    pub events: Vec<Happening>,
    /// What its class's nodes were doing when it was last decided.
    pub nodes: Vec<Group>,
    /// accepted, refused, waiting, or never decided.
    pub outcome: &'static str,
    /// Why it was refused.
    pub cause: Option<&'static str>,
}

/// A request.
#[derive(Clone, Debug, Serialize)]
pub struct Asked {
    /// Its id.
    pub id: String,
    /// When it was asked for, RFC 3339.
    pub arrival: String,
    /// When it was to begin, RFC 3339.
    pub start: String,
    /// The tenant.
    pub tenant: String,
    /// The resource class.
    pub class: String,
    /// How many machines.
    pub count: u16,
    /// With how few it is content.
    pub min_count: u16,
    /// How long it holds them, in seconds.
    pub hold_s: f64,
    /// Required traits.
    pub traits: Vec<String>,
    /// Forbidden traits.
    pub forbidden: Vec<String>,
    /// The flavor's extra specs, as Nova sees them.
    pub extra_specs: Vec<(String, String)>,
    /// Its hints.
    pub hints: Vec<(String, String)>,
    /// Its availability zone.
    pub availability_zone: Option<String>,
}

/// One decision of the scheduler.
#[derive(Clone, Debug, Serialize)]
pub struct Pass {
    /// When, RFC 3339.
    pub at: String,
    /// What Placement was asked: parameters in Placement's own form.
    pub query: Vec<(String, String)>,
    /// The nodes that the scheduler knew.
    pub known: usize,
    /// The stages.
    pub stages: Vec<DecisionStage>,
    /// The survivors with their weights, best first, at most ten.
    pub weights: Vec<(String, f64)>,
    /// Whether all survivors weigh the same: then the pick among them is arbitrary in real Nova.
    pub tied: bool,
    /// The machines that were picked.
    pub picks: Vec<String>,
    /// Those of them that the request had leased in advance.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub leased: Vec<String>,
    /// Where a failed build could have gone.
    pub alternates: Vec<String>,
    /// The stage that left too few; none where the ask was met.
    pub denied_by: Option<&'static str>,
}

/// One stage of a decision.
#[derive(Clone, Debug, Serialize)]
pub struct DecisionStage {
    /// Its name.
    pub stage: String,
    /// How many nodes it left.
    pub left: usize,
    /// How many fell in it.
    pub fell: usize,
    /// The reasons, with how many nodes fell for each, most first.
    pub reasons: Vec<(String, usize)>,
    /// Up to ten of the nodes that fell, each with the exact reason.
    pub nodes: Vec<(String, String)>,
}

/// Something that happened.
#[derive(Clone, Debug, Serialize)]
pub struct Happening {
    /// When, RFC 3339.
    pub at: String,
    /// What.
    pub what: String,
}

/// Why there is no explanation.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ExplainError {
    /// No request has this id.
    #[error("replication {replication} has no request `{id}`")]
    Unknown {
        /// What was asked for.
        id: String,
        /// In which replication.
        replication: u32,
        /// Ids that there are, for the nearest.
        known: Vec<String>,
    },
    /// No node has this name.
    #[error("the fleet has no node `{node}`")]
    NoNode {
        /// What was asked for.
        node: String,
        /// Nodes that there are, for the nearest.
        known: Vec<String>,
    },
}

/// A refused request, for the list from which one is chosen.
#[derive(Clone, Debug, Serialize)]
pub struct RefusedRequest {
    /// Its id.
    pub id: String,
    /// When it was refused, RFC 3339.
    pub at: String,
    /// The tenant.
    pub tenant: String,
    /// The resource class.
    pub class: String,
    /// How many machines.
    pub count: u16,
    /// Why.
    pub cause: &'static str,
}
