//! The one table of metrics: name, unit, good side and definition. The type [`Metric`], the CSV header, the JSON
//! keys, the printed table and the manual come from it.
//!
//! Unless a definition says otherwise: counts are of facts since the warm-up, requests count when
//! they arrived since the warm-up, and integrals and averages run from the warm-up to the end.

use crate::stats::compare::Good;
use crate::world::{CAUSES, Cause};

/// What the table says of a metric.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Column {
    /// Which metric it is.
    pub metric: Metric,
    /// Its name, as in `summary.json` and `metrics.csv`.
    pub name: &'static str,
    /// Its unit.
    pub unit: &'static str,
    /// Its good side.
    pub good: Good,
    /// Whether it is in the default printed table.
    pub shown: bool,
    /// By what it can be told apart.
    pub dimensions: &'static [Dimension],
    /// What part it is of, where it is not of the whole: of which class, tenant and so on.
    pub of: Option<(Dimension, &'static str)>,
    /// What it is, exactly.
    pub definition: &'static str,
}

/// By what a metric can be told apart: `acceptance{class=gpu}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Dimension {
    /// A resource class: of a request, or of a node.
    Class,
    /// The tenant who asks.
    Tenant,
    /// The workload that a request belongs to.
    Workload,
    /// The node's rack.
    Rack,
    /// A campaign.
    Campaign,
    /// So many machines in one request.
    Size,
    /// The hour of the day, 0 to 23, by the clocks of the scenario's time zone.
    Hour,
    /// Of costs: what is paid for, by its price in `[costs]`.
    Part,
}

impl Dimension {
    /// All dimensions, as they are typed.
    pub const ALL: [(&'static str, Dimension); 8] = [
        ("class", Dimension::Class),
        ("tenant", Dimension::Tenant),
        ("workload", Dimension::Workload),
        ("rack", Dimension::Rack),
        ("campaign", Dimension::Campaign),
        ("size", Dimension::Size),
        ("hour", Dimension::Hour),
        ("part", Dimension::Part),
    ];

    /// As it is typed.
    #[must_use]
    pub fn word(self) -> &'static str {
        Dimension::ALL[self as usize].0
    }
}

const WHOLE: &[Dimension] = &[];
const REQUEST: &[Dimension] = &[Dimension::Class, Dimension::Tenant, Dimension::Workload];
const REFUSAL: &[Dimension] = &[
    Dimension::Class,
    Dimension::Tenant,
    Dimension::Workload,
    Dimension::Hour,
];
const PATIENCE: &[Dimension] = &[
    Dimension::Class,
    Dimension::Tenant,
    Dimension::Workload,
    Dimension::Size,
];
const NODE: &[Dimension] = &[Dimension::Class, Dimension::Rack];
const WINDOW: &[Dimension] = &[Dimension::Class, Dimension::Rack, Dimension::Campaign];
const CLASS: &[Dimension] = &[Dimension::Class];
const CAMPAIGN: &[Dimension] = &[Dimension::Campaign];
const PART: &[Dimension] = &[Dimension::Part];

/// The unit of costs where no scenario names one.
pub const MONEY: &str = "money";

/// Makes the type [`Metric`] and the table [`COLUMNS`] of rows
/// `Variant = name, unit, good side, shown or quiet, dimensions, definition;`.
macro_rules! metrics {
    ($($metric:ident = $name:literal, $unit:literal, $good:ident, $shown:ident, $dimensions:ident, $definition:literal;)+) => {
        /// A metric. Its place among the columns is its number.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Metric {
            $(#[doc = $definition] $metric,)+
        }

        /// Every metric, in the order of all tables.
        pub const COLUMNS: &[Column] = &[
            $(Column {
                metric: Metric::$metric,
                name: $name,
                unit: $unit,
                good: Good::$good,
                shown: metrics!(@$shown),
                dimensions: $dimensions,
                of: None,
                definition: $definition,
            },)+
        ];
    };
    (@shown) => { true };
    (@quiet) => { false };
}

metrics! {
    ServedWell = "served_well", "share", High, shown, REQUEST,
        "People's requests that were served well / (accepted + refused): accepted, with each of their machines active on a \
         sound node (not in maintenance, not another tenant's, not broken), none lost while it was built, and none ended by an \
         eviction or a fault up to the end of the run";
    Breaches = "breaches", "count", Low, shown, REQUEST,
        "Times that a tenant became active on a node in maintenance or on another tenant's node";
    Acceptance = "acceptance", "share", High, shown, REQUEST,
        "Accepted people's requests / (accepted + refused)";
    AcceptanceMonitoring = "acceptance_monitoring", "share", High, quiet, REQUEST,
        "The same for monitoring robots' requests";
    Requests = "requests", "count", Neither, quiet, REQUEST,
        "People's requests that were decided at least once";
    Accepted = "accepted", "count", High, quiet, REQUEST,
        "People's requests that were decided and of whose machines at least one became active; one of several \
         machines counts as a whole, and those of its machines that were lost are in `siblings_lost`";
    SiblingsLost = "siblings_lost", "count", Low, quiet, REQUEST,
        "Machines of people's and robots' requests for several that were decided and never became active: no \
         attempt of their build was left. Those of a request that waits on and is decided anew are not lost";
    Refused = "refused", "count", Low, shown, REFUSAL,
        "People's requests that were refused for good";
    Waiting = "waiting", "count", Low, quiet, REQUEST,
        "People's requests that were neither accepted nor refused at the end";
    RefusedClassFull = "refused_class_full", "count", Low, shown, REQUEST,
        "Of `refused`: too few machines of the class were free, even counting those in maintenance and other \
         tenants'";
    RefusedOnlyHidden = "refused_only_hidden", "count", Low, shown, REQUEST,
        "Of `refused`: enough were free, counting those that stood idle in maintenance";
    RefusedOtherTenants = "refused_other_tenants", "count", Low, shown, REQUEST,
        "Of `refused`: enough were free, but they were other tenants'";
    RefusedCandidateCap = "refused_candidate_cap", "count", Low, shown, REQUEST,
        "Of `refused`: enough were free, but too few of them survived the candidate cap";
    RefusedQuota = "refused_quota", "count", Low, shown, REQUEST,
        "Of `refused`: the tenant's quota was used up";
    RefusedStaleView = "refused_stale_view", "count", Low, shown, REQUEST,
        "Of `refused`: free machines were not yet seen as free, or the last build's machine was taken out of \
         service under it";
    RefusedBuildChance = "refused_build_chance", "count", Low, shown, REQUEST,
        "Of `refused`: no build succeeded, and the last one failed by chance, on sound hardware";
    RefusedBrokenHardware = "refused_broken_hardware", "count", Low, shown, REQUEST,
        "Of `refused`: no build succeeded, and the last one failed on broken hardware";
    RefusedDriverRefused = "refused_driver_refused", "count", Low, shown, REQUEST,
        "Of `refused`: no build succeeded, and the driver refused the last node, which was not what the view said";
    RefusedNeverFits = "refused_never_fits", "count", Low, shown, REQUEST,
        "Of `refused`: too few nodes will ever fit it (those that are still to join and classes that are still to \
         change counted), or the tenant's quota could never hold it";
    RefusedLine = "refused_line", "count", Low, shown, REQUEST,
        "Of `refused`: somebody who came earlier waited in a strict line";
    RefusedNoMatch = "refused_no_match", "count", Low, shown, REQUEST,
        "Of `refused`: enough were free, but they lack what the request asks for: traits, capabilities, a zone";
    WaitP50 = "wait_p50", "s", Low, quiet, REQUEST,
        "Median time from the start of an accepted people's request until its last machine is active or lost; the \
         replication's exact quantile by nearest rank, and the estimate is the mean of it over replications";
    WaitP95 = "wait_p95", "s", Low, quiet, REQUEST,
        "95 % quantile of the time from the start of an accepted people's request until its last machine is active \
         or lost; the replication's exact quantile by nearest rank, and the estimate is the mean of it over \
         replications";
    LongestWait = "longest_wait", "h", Low, quiet, PATIENCE,
        "Longest time that a people's request which was refused at first waited: from its start until it was \
         accepted or refused for good, or until the end; large requests can starve where others may pass them \
         (`longest_wait{size=N}` tells them apart)";
    LongestWaitSeveral = "longest_wait_several", "h", Low, quiet, WHOLE,
        "The same for requests of several machines";
    WaitedMean = "waited_mean", "h", Low, quiet, REQUEST,
        "Time that people's requests which were refused at first waited, from their start until they were accepted or refused \
         for good, or until the end / people's requests that were decided at least once";
    WaitedLong = "waited_long", "count", Low, quiet, REQUEST,
        "People's requests that were refused at first and waited longer than `report.matters.waits`";
    Misplacements = "misplacements", "count", Low, shown, REQUEST,
        "Claims of people's and robots' requests that were sent to a node in maintenance";
    FailedBuilds = "failed_builds", "count", Low, quiet, REQUEST,
        "Builds of people's and robots' requests that failed, for whatever reason";
    Evictions = "evictions", "count", Low, quiet, REQUEST,
        "Instances that an operator evicted";
    Interruptions = "interruptions", "count", Low, quiet, REQUEST,
        "Instances that a fault ended, or that a broken node failed";
    MisplacementsPerRequest = "misplacements_per_request", "per request", Low, quiet, REQUEST,
        "`misplacements` / people's and robots' requests that were decided at least once";
    FailedBuildsPerRequest = "failed_builds_per_request", "per request", Low, quiet, REQUEST,
        "`failed_builds` / people's and robots' requests that were decided at least once";
    BreachesPerRequest = "breaches_per_request", "per request", Low, quiet, REQUEST,
        "`breaches` / people's and robots' requests that were decided at least once";
    EvictionsPerRequest = "evictions_per_request", "per request", Low, quiet, REQUEST,
        "`evictions` / people's and robots' requests that were decided at least once";
    InterruptionsPerRequest = "interruptions_per_request", "per request", Low, quiet, REQUEST,
        "`interruptions` / people's and robots' requests that were decided at least once";
    Rescues = "rescues", "count", Neither, quiet, REQUEST,
        "Tenants' rescues that began";
    RescuesRefused = "rescues_refused", "count", Low, quiet, REQUEST,
        "Tenants' rescues, and boots back from one, that Ironic's maintenance flag refused";
    RescuesErrored = "rescues_errored", "count", Low, quiet, REQUEST,
        "Times that a rescue, or the boot back, which the flag refused left an instance in ERROR until its tenant \
         reboots it";
    Errands = "errands", "count", Neither, quiet, NODE,
        "Operators' boots on nodes in maintenance that were needed";
    ErrandsDone = "errands_done", "count", High, quiet, NODE,
        "Errands needed since the warm-up whose image ran for its time on the right node";
    ErrandsFailed = "errands_failed", "count", Low, quiet, NODE,
        "Errands needed since the warm-up whose window ended before the image had run for its time";
    ErrandWaitP50 = "errand_wait_p50", "h", Low, shown, NODE,
        "Median time from an errand's need until its image runs on the right node; errands that were given \
         up waited longer than any, so that there is no value where the median is among them; the \
         replication's exact quantile by nearest rank, and the estimate is the mean of it over \
         replications";
    ErrandWaitP95 = "errand_wait_p95", "h", Low, shown, NODE,
        "95 % quantile of the time from an errand's need until its image runs on the right node; errands \
         that were given up waited longer than any, so that there is no value where more than 5 % were; \
         the replication's exact quantile by nearest rank, and the estimate is the mean \
         of it over replications";
    RefusalsPerErrand = "errand_refusals_per_errand", "per errand", Low, quiet, NODE,
        "`errand_refusals` divided by `errands`";
    LeaseWaitP95 = "lease_wait_p95", "h", Low, quiet, WHOLE,
        "95 % quantile of the time from the operators' wanting a lease of a node until it begins, under \
         blazar-lease; one that has not begun by the end counts with its wait until \
         then; the replication's exact quantile by nearest rank, and the estimate is the mean of it over \
         replications";
    LeasesHealed = "leases_healed", "count", Low, quiet, WHOLE,
        "Leases to come that were moved to another node, out of the way of the operators'";
    LeasesDegraded = "leases_degraded", "count", Low, quiet, WHOLE,
        "Leases to come that lost a node to the operators' and found no other";
    LeasesExpired = "leases_expired", "count", Low, quiet, WHOLE,
        "Operators' leases that ended before the work was done";
    Mistargeted = "mistargeted", "count", Low, quiet, NODE,
        "Errands' images that were deployed onto a wrong node";
    ErrandRefusals = "errand_refusals", "count", Low, quiet, NODE,
        "Errands' boots that were refused and had to be tried again";
    BootsFailed = "boots_failed", "count", Low, quiet, NODE,
        "Builds of errands' boots that failed";
    Actions = "actions", "count", Low, shown, NODE,
        "What humans did for maintenances: steps of entries and returns, boots, deploys by hand";
    ActionsEntry = "actions_entry", "count", Low, quiet, NODE,
        "Steps of entries that a human did";
    ActionsReturn = "actions_return", "count", Low, quiet, NODE,
        "Steps of returns that a human did";
    ActionsBoots = "actions_boots", "count", Low, quiet, NODE,
        "Boots that an operator asked for; asking again what was refused is none";
    ActionsByHand = "actions_by_hand", "count", Low, quiet, NODE,
        "Deploys by hand, outside Nova";
    Slips = "slips", "count", Low, quiet, NODE,
        "Steps of returns that a human forgot";
    SlipsFound = "slips_found", "count", Neither, quiet, NODE,
        "Forgotten steps that an audit found and mended";
    ActionsPerWindow = "actions_per_window", "per window", Low, quiet, NODE,
        "`actions` divided by `windows`";
    SlipsPerWindow = "slips_per_window", "per window", Low, quiet, NODE,
        "`slips` divided by `windows`";
    Windows = "windows", "count", Neither, quiet, WINDOW,
        "Maintenance windows that opened";
    WindowsOpen = "windows_open", "count", Neither, quiet, WINDOW,
        "Of `windows`: those whose hold was not released before the end";
    MaintenanceTimeMean = "maintenance_time_mean", "h", Low, quiet, WINDOW,
        "Mean time from a window's opening to its close (its hold released), over windows that opened since the \
         warm-up and closed before the end";
    AwayTimeMean = "away_time_mean", "h", Low, quiet, WINDOW,
        "Mean time from a window's opening until its node is back (all steps of the return done), over windows \
         that opened since the warm-up and whose node came back before the end";
    TechnicianWaitMean = "technician_wait_mean", "h", Low, quiet, NODE,
        "Mean time that work, when a technician began it, had waited for one, shifts included; waiting for a campaign's hours or \
         for a tenant who took the node does not count";
    TechniciansBusy = "technicians_busy", "share", Neither, quiet, WHOLE,
        "Time of technicians at work / time of technicians on shift; more than 1 is cut to 1, since begun work is finished \
         after a shift. None where there is no number of technicians";
    TechnicianQueue = "technician_queue", "nodes", Low, quiet, WHOLE,
        "Time average of the nodes that wait for a technician's hands, shifts included, whether or not one comes before the end";
    CampaignEnd = "campaign_end", "h", Low, quiet, CAMPAIGN,
        "Time from the scenario's epoch until the campaign's last node is done (of several campaigns, until the last of them \
         is); where it is not done at the horizon, the horizon: `campaign_unfinished` says in how many replications";
    CampaignUnfinished = "campaign_unfinished", "count", Low, quiet, CAMPAIGN,
        "Campaigns that did not open or were not finished within the horizon";
    CampaignNodes = "campaign_nodes", "count", Neither, quiet, CAMPAIGN,
        "Nodes that campaigns were to touch, once a round, less those that left the fleet or were retired first";
    CampaignNodesDone = "campaign_nodes_done", "count", High, quiet, CAMPAIGN,
        "Of `campaign_nodes`: those whose window has closed";
    CampaignNodesLeft = "campaign_nodes_left", "count", Low, quiet, CAMPAIGN,
        "Of `campaign_nodes`: those whose window had not closed at the horizon";
    CampaignWorkOutside = "campaign_work_outside", "h", Low, quiet, CAMPAIGN,
        "Hands-on work on campaigns' nodes outside of the hours of their campaign; 0 without hours";
    Installed = "installed", "nodes", Neither, quiet, NODE,
        "Time average of the nodes in the fleet (not enroll)";
    Schedulable = "schedulable", "nodes", High, shown, NODE,
        "Time average of the nodes that ordinary requests could use now or when their tenant leaves: in the fleet, \
         not hidden in the view, not retired, and not clean failed, manageable or error";
    InMaintenance = "in_maintenance", "nodes", Low, quiet, NODE,
        "Time average of the nodes in the fleet with at least one hold";
    Occupied = "occupied", "nodes", Neither, quiet, NODE,
        "Time average of the nodes with a tenant's instance on them, from claim to release";
    InstalledNodeHours = "installed_node_hours", "node-h", Neither, quiet, NODE,
        "Integral of the nodes in the fleet";
    StrandedNodeHours = "stranded_node_hours", "node-h", Low, shown, NODE,
        "Integral of the nodes in the fleet that are hidden in the view although they are healthy and not retired, \
         have no hold and nobody is on them";
    ExposedNodeHours = "exposed_node_hours", "node-h", Low, shown, NODE,
        "Integral of the nodes that are broken or in maintenance and that the view offers to ordinary requests";
    UtilisationInstalled = "utilisation_installed", "share", Neither, quiet, NODE,
        "Node-hours with a tenant on the node / node-hours in the fleet";
    UtilisationSchedulable = "utilisation_schedulable", "share", Neither, quiet, NODE,
        "Schedulable node-hours with a tenant on the node / schedulable node-hours";
    OfferedLoad = "offered_load", "ratio", Neither, quiet, CLASS,
        "Machine-hours that all requests asked for, each counted from its start to the end of its time or of the run, / \
         schedulable node-hours: above 1 more is asked for than there is";
    LargestFit = "largest_fit", "nodes", High, quiet, CLASS,
        "Time average of the largest number of nodes of one class that the view offers at once: the largest \
         request without traits that would fit now";
    CandidatesMean = "candidates_mean", "nodes", Neither, quiet, WHOLE,
        "Mean number of candidates looked at per decision";
    CapHits = "cap_hits", "count", Low, quiet, WHOLE,
        "Decisions whose candidates were cut off by the cap";
    Conflicts = "conflicts", "count", Low, quiet, WHOLE,
        "Claims that were lost because the node was not what the view said";
    Retries = "retries", "count", Low, quiet, WHOLE,
        "Claims beyond a build's first attempt";
    ViewAgeMean = "view_age_mean", "s", Low, quiet, WHOLE,
        "Mean age of a node's facts when the loop brought them to the view";
    ViewAgeMax = "view_age_max", "s", Low, quiet, WHOLE,
        "Greatest age of a node's facts when the loop brought them to the view";
    InstancesOpen = "instances_open", "count", Neither, quiet, WHOLE,
        "Tenants' instances and builds that had not ended at the end: the horizon cuts them off";
    LittleGap = "little_gap", "share", Neither, quiet, WHOLE,
        "|L - lambda W| / L over tenants' instances: the integral of occupied nodes against the sum of the \
         sojourns (claim to release) clipped to the measured time; 0 unless the model is broken";
    RefusedNodeHours = "refused_node_hours", "node-h", Low, quiet, REQUEST,
        "Machine-hours that `refused` asked for, each request's from its start to the end of its time or of the run";
    ErrandWaitHours = "errand_wait_hours", "errand-h", Low, quiet, NODE,
        "Sum of the times that errands needed since the warm-up waited: until their image first ran on the right node, else \
         until they were given up or the run ended";
    TechnicianHours = "technician_hours", "person-h", Low, quiet, WHOLE,
        "Hours of technicians on shift, at work or not; where there is no number of technicians, hours at work";
    Cost = "cost", "money", Low, quiet, PART,
        "Sum over the prices of `[costs]` of price times quantity, in its unit; none without prices. Quantities: `refused`, \
         `refused_node_hours`, `breaches`, `interruptions`, `evictions`, `failed_builds`, `stranded_node_hours`, `actions`, \
         `errand_wait_hours`, `technician_hours`, `installed_node_hours` / 730.5";
    NodeHoursEnrollIn = "node_hours_enroll_in", "node-h", Neither, quiet, NODE,
        "Integral of the nodes in provision state enroll with at least one hold";
    NodeHoursEnrollOut = "node_hours_enroll_out", "node-h", Neither, quiet, NODE,
        "Integral of the nodes in provision state enroll without a hold";
    NodeHoursManageableIn = "node_hours_manageable_in", "node-h", Neither, quiet, NODE,
        "Integral of the nodes in provision state manageable with at least one hold";
    NodeHoursManageableOut = "node_hours_manageable_out", "node-h", Neither, quiet, NODE,
        "Integral of the nodes in provision state manageable without a hold";
    NodeHoursAvailableIn = "node_hours_available_in", "node-h", Neither, quiet, NODE,
        "Integral of the nodes in provision state available with at least one hold";
    NodeHoursAvailableOut = "node_hours_available_out", "node-h", Neither, quiet, NODE,
        "Integral of the nodes in provision state available without a hold";
    NodeHoursDeployingIn = "node_hours_deploying_in", "node-h", Neither, quiet, NODE,
        "Integral of the nodes in provision state deploying with at least one hold";
    NodeHoursDeployingOut = "node_hours_deploying_out", "node-h", Neither, quiet, NODE,
        "Integral of the nodes in provision state deploying without a hold";
    NodeHoursActiveIn = "node_hours_active_in", "node-h", Neither, quiet, NODE,
        "Integral of the nodes in provision state active with at least one hold";
    NodeHoursActiveOut = "node_hours_active_out", "node-h", Neither, quiet, NODE,
        "Integral of the nodes in provision state active without a hold";
    NodeHoursRescuingIn = "node_hours_rescuing_in", "node-h", Neither, quiet, NODE,
        "Integral of the nodes in provision state rescuing with at least one hold";
    NodeHoursRescuingOut = "node_hours_rescuing_out", "node-h", Neither, quiet, NODE,
        "Integral of the nodes in provision state rescuing without a hold";
    NodeHoursRescueIn = "node_hours_rescue_in", "node-h", Neither, quiet, NODE,
        "Integral of the nodes in provision state rescue with at least one hold";
    NodeHoursRescueOut = "node_hours_rescue_out", "node-h", Neither, quiet, NODE,
        "Integral of the nodes in provision state rescue without a hold";
    NodeHoursUnrescuingIn = "node_hours_unrescuing_in", "node-h", Neither, quiet, NODE,
        "Integral of the nodes in provision state unrescuing with at least one hold";
    NodeHoursUnrescuingOut = "node_hours_unrescuing_out", "node-h", Neither, quiet, NODE,
        "Integral of the nodes in provision state unrescuing without a hold";
    NodeHoursDeletingIn = "node_hours_deleting_in", "node-h", Neither, quiet, NODE,
        "Integral of the nodes in provision state deleting with at least one hold";
    NodeHoursDeletingOut = "node_hours_deleting_out", "node-h", Neither, quiet, NODE,
        "Integral of the nodes in provision state deleting without a hold";
    NodeHoursCleaningIn = "node_hours_cleaning_in", "node-h", Neither, quiet, NODE,
        "Integral of the nodes in provision state cleaning with at least one hold";
    NodeHoursCleaningOut = "node_hours_cleaning_out", "node-h", Neither, quiet, NODE,
        "Integral of the nodes in provision state cleaning without a hold";
    NodeHoursCleanFailedIn = "node_hours_clean_failed_in", "node-h", Neither, quiet, NODE,
        "Integral of the nodes in provision state clean_failed with at least one hold";
    NodeHoursCleanFailedOut = "node_hours_clean_failed_out", "node-h", Neither, quiet, NODE,
        "Integral of the nodes in provision state clean_failed without a hold";
    NodeHoursDeployFailedIn = "node_hours_deploy_failed_in", "node-h", Neither, quiet, NODE,
        "Integral of the nodes in provision state deploy_failed with at least one hold";
    NodeHoursDeployFailedOut = "node_hours_deploy_failed_out", "node-h", Neither, quiet, NODE,
        "Integral of the nodes in provision state deploy_failed without a hold";
    NodeHoursErrorIn = "node_hours_error_in", "node-h", Neither, quiet, NODE,
        "Integral of the nodes in provision state error with at least one hold";
    NodeHoursErrorOut = "node_hours_error_out", "node-h", Neither, quiet, NODE,
        "Integral of the nodes in provision state error without a hold";
}

impl Metric {
    /// Its index among the columns.
    #[must_use]
    pub const fn at(self) -> usize {
        self as usize
    }

    /// What the table says of it.
    #[must_use]
    pub fn column(self) -> &'static Column {
        &COLUMNS[self.at()]
    }

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.column().name
    }

    /// The metric that counts the refusals for a cause.
    #[must_use]
    pub const fn refused_for(cause: Cause) -> Metric {
        match cause {
            Cause::ClassFull => Metric::RefusedClassFull,
            Cause::OnlyHidden => Metric::RefusedOnlyHidden,
            Cause::OtherTenants => Metric::RefusedOtherTenants,
            Cause::CandidateCap => Metric::RefusedCandidateCap,
            Cause::Quota => Metric::RefusedQuota,
            Cause::StaleView => Metric::RefusedStaleView,
            Cause::BuildChance => Metric::RefusedBuildChance,
            Cause::BrokenHardware => Metric::RefusedBrokenHardware,
            Cause::DriverRefused => Metric::RefusedDriverRefused,
            Cause::NeverFits => Metric::RefusedNeverFits,
            Cause::Line => Metric::RefusedLine,
            Cause::NoMatch => Metric::RefusedNoMatch,
        }
    }

    /// The cause whose refusals it counts; none of any other metric.
    #[must_use]
    pub fn cause(self) -> Option<Cause> {
        let causes = CAUSES.iter().map(|(cause, _)| *cause);
        causes.into_iter().find(|&cause| Metric::refused_for(cause) == self)
    }

    /// Whether it counts requests that were refused, for any cause or for one.
    #[must_use]
    pub fn is_refusal(self) -> bool {
        self == Metric::Refused || self.cause().is_some()
    }

    /// Whether it counts errands, or what went wrong with them.
    #[must_use]
    pub fn is_of_errands(self) -> bool {
        matches!(
            self,
            Metric::Errands
                | Metric::ErrandsDone
                | Metric::ErrandsFailed
                | Metric::ErrandRefusals
                | Metric::Mistargeted
                | Metric::BootsFailed
        )
    }

    /// The metric of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Metric> {
        COLUMNS
            .iter()
            .find(|column| column.name == name)
            .map(|column| column.metric)
    }
}

/// The first of the columns of node-hours per provision state: they end the table, two for each
/// state in the order of the states' numbers, in maintenance and out of it.
pub(super) const NODE_HOURS: usize = COLUMNS.len() - 2 * crate::world::PROVISIONS;

/// The place of the metric of this name.
#[must_use]
pub fn column(name: &str) -> Option<usize> {
    COLUMNS.iter().position(|column| column.name == name)
}

/// The metric whose name is most like `name`, for error messages; none when nothing is like it.
#[must_use]
pub fn nearest(name: &str) -> Option<&'static str> {
    let likeness = |column: &Column| strsim::jaro_winkler(column.name, name);
    // Of equals the first: `max_by` takes the last.
    let best = COLUMNS
        .iter()
        .rev()
        .max_by(|a, b| likeness(a).total_cmp(&likeness(b)))?;
    (likeness(best) > 0.7).then_some(best.name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::provision::STATES;

    #[test]
    fn names_are_apart_and_every_column_says_what_it_is() {
        for (at, row) in COLUMNS.iter().enumerate() {
            assert_eq!((column(row.name), row.metric.at()), (Some(at), at));
            assert!(row.definition.len() > 20 && !row.unit.is_empty(), "{}", row.name);
        }
    }

    #[test]
    fn node_hours_end_the_table_in_the_order_of_the_states() {
        for (at, state) in STATES.iter().enumerate() {
            let name = state.name().replace(' ', "_");
            assert_eq!(COLUMNS[NODE_HOURS + 2 * at].name, format!("node_hours_{name}_in"));
            assert_eq!(COLUMNS[NODE_HOURS + 2 * at + 1].name, format!("node_hours_{name}_out"));
        }
    }

    #[test]
    fn a_misspelt_metric_finds_its_neighbour() {
        assert_eq!(nearest("aceptance"), Some("acceptance"));
        assert_eq!(nearest("mistargetted"), Some("mistargeted"));
        assert_eq!(nearest("zzz"), None);
    }
}
