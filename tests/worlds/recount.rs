//! Every metric a second time: slow and plain, from the recorded facts of a run and the definitions of the column
//! table.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use sickbay::cells::columns::Metric;
use sickbay::fleet::provision::STATES;
use sickbay::fleet::{NodeId, RequestId, WindowId};
use sickbay::scenario::Scenario;
use sickbay::workload::{ErrandId, Kind, Origin, Request};
use sickbay::world::{CAUSES, Deed, ErrandEnd, Fact, Sight, Standing};

mod finer;

use finer::Crewed;

const HOUR: f64 = 3_600_000.0;

/// A fact with its time, and the request that it is about.
#[derive(Clone, Debug)]
struct Told {
    at: u64,
    fact: Fact,
    request: Option<Request>,
}

/// The facts of a run.
#[derive(Clone, Debug)]
pub struct Recount {
    told: Vec<Told>,
    nodes: usize,
    warm: u64,
    end: u64,
    /// Waits that are longer matter.
    matters: u64,
    classes: Vec<String>,
    tenants: Vec<String>,
    crewed: Crewed,
    /// The campaign of each window that has one, by its place in the scenario.
    campaign_of: BTreeMap<WindowId, usize>,
    /// How long the leases have been waited for that had not begun by the end.
    leases_awaited: Vec<u64>,
    /// What `stretches` has found.
    stretches: OnceCell<Vec<(u64, u64, Standing)>>,
}

impl Recount {
    pub fn new(scenario: &Scenario) -> Recount {
        Recount {
            told: Vec::new(),
            nodes: scenario.fleet.nodes.len(),
            warm: scenario.reporting.warm_up.cut().0,
            end: scenario.horizon.0,
            matters: scenario.reporting.matters.waits.0,
            classes: scenario.fleet.names.classes.iter().map(str::to_owned).collect(),
            tenants: scenario.fleet.names.tenants.iter().map(str::to_owned).collect(),
            crewed: Crewed::new(scenario),
            campaign_of: BTreeMap::new(),
            leases_awaited: Vec::new(),
            stretches: OnceCell::new(),
        }
    }

    pub fn told(&mut self, at: u64, fact: &Fact, sight: &Sight<'_>) {
        let request = fact.request().and_then(|request| sight.find(request));
        if let Fact::WindowOpened { window, job, .. } = *fact
            && let Some(Origin::Campaign(round)) = sight.tape.jobs.get(job.at()).map(|job| job.origin)
        {
            let plan = sight.tape.campaigns[round as usize].plan;
            self.campaign_of.insert(window, usize::from(plan));
        }
        if matches!(fact, Fact::Ended) {
            self.leases_awaited = sight.calendar.awaited().map(|since| at - since.0).collect();
        }
        self.told.push(Told {
            at,
            fact: *fact,
            request,
        });
    }

    /// Facts since the warm-up.
    fn since(&self) -> impl Iterator<Item = &Told> {
        self.told.iter().filter(|told| told.at >= self.warm)
    }

    fn count(&self, what: impl Fn(&Told) -> bool) -> f64 {
        self.since().filter(|told| what(told)).count() as f64
    }

    /// Facts of requests of these kinds, whenever, of requests that were due since the warm-up.
    fn requests(&self, kind: Kind, what: impl Fn(&Told) -> bool) -> Vec<&Told> {
        let of = |told: &&Told| {
            told.request
                .is_some_and(|it| it.kind == kind && it.start.0 >= self.warm)
                && what(told)
        };
        self.told.iter().filter(of).collect()
    }

    fn acceptance(&self, kind: Kind, of: impl Fn(&Request) -> bool) -> Option<f64> {
        let of = |told: &&&Told| told.request.is_some_and(|it| of(&it));
        let accepted = self
            .requests(kind, |told| matches!(told.fact, Fact::Accepted { .. }))
            .iter()
            .filter(of)
            .count() as f64;
        let refused = self
            .requests(kind, |told| matches!(told.fact, Fact::Refused { .. }))
            .iter()
            .filter(of)
            .count() as f64;
        ratio(accepted, accepted + refused)
    }

    /// Of tenants' claims: people's and robots'.
    fn befell(&self, what: impl Fn(&Fact) -> bool) -> f64 {
        self.count(|told| what(&told.fact) && told.request.is_some_and(|it| it.kind != Kind::Operator))
    }

    /// Waits of accepted people's requests, from their start until their last machine is active or lost.
    fn waits(&self) -> Vec<u64> {
        let accepted = self.requests(Kind::People, |told| matches!(told.fact, Fact::Accepted { .. }));
        accepted
            .iter()
            .filter_map(|told| Some(told.at - told.request?.start.0))
            .collect()
    }

    /// How long people's requests of so many machines waited that were refused at first and stayed: from their start
    /// until they were over, one way or the other, or until the end.
    fn longest_wait(&self, sizes: impl Fn(u16) -> bool) -> Option<f64> {
        let longest = self.waits_in_line(sizes).into_iter().max();
        longest.map(|longest| longest as f64 / HOUR)
    }

    /// Each of these waits, in milliseconds.
    fn waits_in_line(&self, sizes: impl Fn(u16) -> bool) -> Vec<u64> {
        let of = |told: &&Told| told.request.is_some_and(|it| sizes(it.count));
        let over: BTreeMap<RequestId, u64> = self
            .told
            .iter()
            .filter(|told| matches!(told.fact, Fact::Accepted { .. } | Fact::Refused { .. }))
            .filter_map(|told| Some((told.fact.request()?, told.at)))
            .collect();
        let waited = self.requests(Kind::People, |told| matches!(told.fact, Fact::Waits { .. }));
        // One that is put off again goes on waiting.
        let mut lengths: BTreeMap<RequestId, u64> = BTreeMap::new();
        for told in waited.into_iter().filter(of) {
            let (Some(request), Some(asked)) = (told.fact.request(), told.request) else {
                continue;
            };
            let until = over.get(&request).copied().unwrap_or(self.end);
            lengths.insert(request, until - asked.start.0);
        }
        lengths.into_values().collect()
    }

    /// Machines that were decided for requests for several and never became active, from the builds: each first claim
    /// is a machine that was decided, and a build that fails with no claim of its request after it, at that instant, is
    /// a machine that has no attempt left.
    fn siblings_lost(&self) -> f64 {
        let mut lost = 0;
        for (place, told) in self.told.iter().enumerate() {
            let Some(it) = told.request.filter(|it| it.kind != Kind::Operator) else {
                continue;
            };
            let failed = matches!(told.fact, Fact::BuildFailed { .. });
            if !failed || told.at < self.warm || self.wanted(place) < 2 || it.count < 2 {
                continue;
            }
            let after = self.told[place + 1..].iter().take_while(|next| next.at == told.at);
            let mut next = after.filter(|next| next.fact.request() == told.fact.request());
            let next = next.find(|next| !matches!(next.fact, Fact::SiblingLost { .. }));
            let goes_on = next.is_some_and(|next| matches!(next.fact, Fact::Claimed { attempt, .. } if attempt > 1));
            lost += u32::from(!goes_on && !self.decided_anew(place));
        }
        f64::from(lost)
    }

    /// How many machines the decision came to whose builds the fact at this place is about.
    fn wanted(&self, place: usize) -> usize {
        let request = self.told[place].fact.request();
        let before = self.told[..place]
            .iter()
            .rev()
            .filter(|told| told.fact.request() == request);
        let builds = before.take_while(|told| !matches!(told.fact, Fact::Decided { .. }));
        builds
            .filter(|told| matches!(told.fact, Fact::Claimed { attempt: 1, .. }))
            .count()
    }

    /// Whether the request of a fact waited after it, and had nodes once more after that.
    fn decided_anew(&self, place: usize) -> bool {
        let request = self.told[place].fact.request();
        let after = self.told[place + 1..]
            .iter()
            .filter(|told| told.fact.request() == request);
        after
            .skip_while(|told| !matches!(told.fact, Fact::Waits { .. }))
            .any(|told| matches!(told.fact, Fact::Claimed { .. }))
    }

    /// What humans did of a kind.
    fn deeds(&self, wanted: Deed) -> Option<f64> {
        Some(self.count(|told| matches!(told.fact, Fact::Action { human: true, deed, .. } if deed == wanted)))
    }

    /// Standings over time: per node, from when to when it stood so, all of the measured time.
    fn stretches(&self) -> &[(u64, u64, Standing)] {
        self.stretches.get_or_init(|| self.all_stretches())
    }

    fn all_stretches(&self) -> Vec<(u64, u64, Standing)> {
        let mut last: Vec<(u64, Standing)> = vec![(0, Standing::default()); self.nodes];
        let mut all = Vec::new();
        let clip = |from: u64, to: u64, standing: Standing| (from.max(self.warm), to.max(self.warm), standing);
        for told in &self.told {
            if let Fact::Stood { node, to, .. } = told.fact {
                let (since, standing) = std::mem::replace(&mut last[node.at()], (told.at, to));
                all.push(clip(since, told.at, standing));
            }
        }
        all.extend(
            last.into_iter()
                .map(|(since, standing)| clip(since, self.end, standing)),
        );
        all
    }

    fn node_ms(&self, what: impl Fn(Standing) -> bool) -> f64 {
        let wanted = self.stretches().iter().filter(|&&(_, _, standing)| what(standing));
        wanted.map(|(from, to, _)| to - from).sum::<u64>() as f64
    }

    fn average(&self, what: impl Fn(Standing) -> bool) -> Option<f64> {
        ratio(self.node_ms(what), (self.end - self.warm) as f64)
    }

    /// The integral of the largest number of nodes of one class that are offered at once.
    fn largest_fit(&self) -> f64 {
        let mut last = vec![Standing::default(); self.nodes];
        let (mut integral, mut since) = (0, self.warm);
        let largest = |last: &[Standing]| {
            let mut offered: BTreeMap<u16, u64> = BTreeMap::new();
            last.iter()
                .filter(|standing| standing.is(Standing::OFFERED))
                .for_each(|standing| *offered.entry(standing.class()).or_default() += 1);
            offered.into_values().max().unwrap_or(0)
        };
        for told in &self.told {
            if let Fact::Stood { node, to, .. } = told.fact {
                let at = told.at.max(self.warm);
                integral += largest(&last) * (at - since);
                (last[node.at()], since) = (to, at);
            }
        }
        (integral + largest(&last) * (self.end - since)) as f64
    }

    /// Windows that opened since the warm-up: when each opened, closed, and when its node was back.
    fn windows(&self) -> Vec<(u64, Option<u64>, Option<u64>)> {
        let mut windows: BTreeMap<WindowId, (NodeId, u64, Option<u64>, Option<u64>)> = BTreeMap::new();
        for told in &self.told {
            match told.fact {
                Fact::WindowOpened { window, node, .. } => _ = windows.insert(window, (node, told.at, None, None)),
                Fact::WindowClosed { window, .. } => {
                    _ = windows.entry(window).and_modify(|page| page.2 = Some(told.at))
                }
                Fact::Returned { node } => {
                    let back = windows
                        .values_mut()
                        .filter(|page| page.0 == node && page.2.is_some() && page.3.is_none());
                    back.for_each(|page| page.3 = Some(told.at));
                }
                _ => {}
            }
        }
        let counted = windows.into_values().filter(|page| page.1 >= self.warm);
        counted
            .map(|(_, opened, closed, back)| (opened, closed, back))
            .collect()
    }

    /// Errands that were first needed since the warm-up, by window and number: when.
    fn errands(&self) -> BTreeMap<(WindowId, ErrandId), u64> {
        let mut needed = BTreeMap::new();
        for told in &self.told {
            if let Fact::ErrandNeeded { window, errand, .. } = told.fact {
                needed.entry((window, errand)).or_insert(told.at);
            }
        }
        needed.retain(|_, at| *at >= self.warm);
        needed
    }

    fn errands_ended(&self, how: impl Fn(ErrandEnd) -> bool) -> f64 {
        let needed = self.errands();
        let ended = self.told.iter().filter(|told| match told.fact {
            Fact::ErrandEnded {
                window, errand, end, ..
            } => how(end) && needed.contains_key(&(window, errand)),
            _ => false,
        });
        ended.count() as f64
    }

    fn errand_waits(&self) -> Vec<u64> {
        let needed = self.errands();
        let runs = self.told.iter().filter_map(|told| match told.fact {
            Fact::ErrandRuns { window, errand, .. } => Some(told.at - needed.get(&(window, errand))?),
            Fact::ErrandEnded {
                window,
                errand,
                end: ErrandEnd::Unserved,
                ..
            } => needed.get(&(window, errand)).map(|_| u64::MAX),
            _ => None,
        });
        runs.collect()
    }

    /// Tenants' claims that have not ended.
    fn open(&self) -> f64 {
        let claims = self
            .told
            .iter()
            .filter(|told| matches!(told.fact, Fact::Claimed { .. }))
            .count();
        let ends = self.told.iter().filter(|told| match told.fact {
            Fact::BuildFailed { error, .. } => !error.loses_claim(),
            Fact::Released { .. } | Fact::Evicted { .. } | Fact::Interrupted { .. } | Fact::Conflict { .. } => true,
            _ => false,
        });
        claims as f64 - ends.count() as f64
    }

    fn cause(&self, name: &str) -> Option<f64> {
        let wanted = CAUSES.iter().find(|(_, cause)| cause.replace('-', "_") == name)?.0;
        let refused = self.requests(
            Kind::People,
            |told| matches!(told.fact, Fact::Refused { cause, .. } if cause == wanted),
        );
        Some(refused.len() as f64)
    }

    /// A metric by its definition; none where there is no definition here, `Some(None)` where it has no value.
    pub fn metric(&self, metric: Metric) -> Option<Option<f64>> {
        let tenants = self.of_tenants(metric).or_else(|| self.of_operators(metric));
        tenants
            .or_else(|| self.of_fleet(metric))
            .or_else(|| self.of_control(metric))
    }

    fn of_tenants(&self, metric: Metric) -> Option<Option<f64>> {
        let people = |what: fn(&Told) -> bool| self.requests(Kind::People, what).len() as f64;
        let arrived = || people(|told| matches!(told.fact, Fact::Arrived { .. }));
        let accepted = || people(|told| matches!(told.fact, Fact::Accepted { .. }));
        let refused = || people(|told| matches!(told.fact, Fact::Refused { .. }));
        Some(match metric {
            Metric::Acceptance => self.acceptance(Kind::People, |_| true),
            Metric::AcceptanceMonitoring => self.acceptance(Kind::Monitoring, |_| true),
            Metric::Requests => Some(arrived()),
            Metric::Accepted => Some(accepted()),
            Metric::Refused => Some(refused()),
            Metric::Waiting => Some(arrived() - accepted() - refused()),
            Metric::SiblingsLost => Some(self.siblings_lost()),
            Metric::LongestWait => self.longest_wait(|_| true),
            Metric::LongestWaitSeveral => self.longest_wait(|size| size > 1),
            Metric::WaitedMean => ratio(
                self.waits_in_line(|_| true).into_iter().sum::<u64>() as f64 / HOUR,
                arrived(),
            ),
            Metric::WaitedLong => {
                let waits = self.waits_in_line(|_| true).into_iter();
                Some(waits.filter(|wait| *wait > self.matters).count() as f64)
            }
            Metric::WaitP50 => quantile(self.waits(), 0.5, 1000.0),
            Metric::WaitP95 => quantile(self.waits(), 0.95, 1000.0),
            Metric::Misplacements => Some(self.befell(|fact| matches!(fact, Fact::Misplaced { .. }))),
            Metric::FailedBuilds => Some(self.befell(|fact| matches!(fact, Fact::BuildFailed { .. }))),
            Metric::Breaches => Some(self.befell(|fact| matches!(fact, Fact::Breach { .. }))),
            Metric::Evictions => Some(self.befell(|fact| matches!(fact, Fact::Evicted { .. }))),
            Metric::Interruptions => Some(self.befell(|fact| matches!(fact, Fact::Interrupted { .. }))),
            Metric::Rescues => Some(self.befell(|fact| matches!(fact, Fact::RescueBegan { .. }))),
            Metric::RescuesErrored => Some(self.befell(|fact| matches!(fact, Fact::RescueErrored { .. }))),
            Metric::RescuesRefused => Some(self.befell(|fact| matches!(fact, Fact::RescueRefused { .. }))),
            _ => Some(self.cause(metric.name().strip_prefix("refused_")?)?),
        })
    }

    fn of_operators(&self, metric: Metric) -> Option<Option<f64>> {
        let facts = |what: fn(&Fact) -> bool| Some(self.count(|told| what(&told.fact)));
        let windows = self.windows();
        Some(match metric {
            Metric::Errands => Some(self.errands().len() as f64),
            Metric::ErrandsDone => Some(self.errands_ended(|end| end == ErrandEnd::Done)),
            Metric::ErrandsFailed => Some(self.errands_ended(|end| end != ErrandEnd::Done)),
            Metric::ErrandWaitP50 => quantile(self.errand_waits(), 0.5, HOUR),
            Metric::ErrandWaitP95 => quantile(self.errand_waits(), 0.95, HOUR),
            Metric::LeaseWaitP95 => {
                let waits = self.since().filter_map(|told| match told.fact {
                    Fact::LeaseBegan { waited, .. } => Some(waited.0),
                    _ => None,
                });
                let waits = waits.chain(self.leases_awaited.iter().copied());
                quantile(waits.collect(), 0.95, HOUR)
            }
            Metric::LeasesHealed => facts(|fact| matches!(fact, Fact::LeaseHealed { .. })),
            Metric::LeasesDegraded => facts(|fact| matches!(fact, Fact::LeaseDegraded { .. })),
            Metric::LeasesExpired => facts(|fact| matches!(fact, Fact::LeaseExpired { .. })),
            Metric::Mistargeted => facts(|fact| matches!(fact, Fact::Mistargeted { .. })),
            Metric::ErrandRefusals => facts(|fact| matches!(fact, Fact::ErrandRefused { .. })),
            Metric::Actions => facts(|fact| matches!(fact, Fact::Action { human: true, .. })),
            Metric::ActionsEntry => self.deeds(Deed::Entry),
            Metric::ActionsReturn => self.deeds(Deed::Return),
            Metric::ActionsBoots => self.deeds(Deed::Boot),
            Metric::ActionsByHand => self.deeds(Deed::ByHand),
            Metric::BootsFailed => facts(|fact| matches!(fact, Fact::BootFailed { .. })),
            Metric::Slips => facts(|fact| matches!(fact, Fact::Slipped { .. })),
            Metric::SlipsFound => facts(|fact| matches!(fact, Fact::Audited { .. })),
            Metric::Windows => Some(windows.len() as f64),
            Metric::WindowsOpen => Some(windows.iter().filter(|window| window.1.is_none()).count() as f64),
            Metric::MaintenanceTimeMean => mean(windows.iter().filter_map(|window| Some(window.1? - window.0)), HOUR),
            Metric::AwayTimeMean => mean(windows.iter().filter_map(|window| Some(window.2? - window.0)), HOUR),
            Metric::TechnicianWaitMean => {
                let waits = self.since().filter_map(|told| match told.fact {
                    Fact::WorkBegan { waited, .. } => Some(waited.0),
                    _ => None,
                });
                mean(waits, HOUR)
            }
            _ => return None,
        })
    }

    fn of_fleet(&self, metric: Metric) -> Option<Option<f64>> {
        let installed = |standing: Standing| standing.provision() != STATES[0];
        let hidden = |standing: Standing| standing.is(Standing::HIDDEN);
        let failed =
            |standing: Standing| ["clean failed", "manageable", "error"].contains(&standing.provision().name());
        let schedulable = move |standing: Standing| {
            installed(standing) && !hidden(standing) && !failed(standing) && !standing.is(Standing::RETIRED)
        };
        let tenant = |standing: Standing| standing.is(Standing::TENANT);
        let well = |standing: Standing| {
            !standing.is(Standing::BROKEN)
                && !standing.is(Standing::HELD)
                && !tenant(standing)
                && !standing.is(Standing::ERRAND)
                && !standing.is(Standing::RETIRED)
        };
        let ill = |standing: Standing| standing.is(Standing::BROKEN) || standing.is(Standing::HELD);
        Some(match metric {
            Metric::Installed => self.average(installed),
            Metric::Schedulable => self.average(schedulable),
            Metric::InMaintenance => self.average(|standing| installed(standing) && standing.is(Standing::HELD)),
            Metric::Occupied => self.average(tenant),
            Metric::InstalledNodeHours => Some(self.node_ms(installed) / HOUR),
            Metric::StrandedNodeHours => {
                Some(self.node_ms(|standing| installed(standing) && hidden(standing) && well(standing)) / HOUR)
            }
            Metric::ExposedNodeHours => {
                Some(self.node_ms(|standing| standing.is(Standing::OFFERED) && ill(standing)) / HOUR)
            }
            Metric::UtilisationInstalled => ratio(
                self.node_ms(|standing| tenant(standing) && installed(standing)),
                self.node_ms(installed),
            ),
            Metric::UtilisationSchedulable => ratio(
                self.node_ms(|standing| tenant(standing) && schedulable(standing)),
                self.node_ms(schedulable),
            ),
            Metric::LargestFit => ratio(self.largest_fit(), (self.end - self.warm) as f64),
            Metric::InstancesOpen => Some(self.open()),
            Metric::LittleGap => Some(0.0),
            _ => {
                let (state, held) = metric.name().strip_prefix("node_hours_")?.rsplit_once('_')?;
                let state = STATES
                    .into_iter()
                    .find(|known| known.name().replace(' ', "_") == state)?;
                let there =
                    |standing: Standing| standing.provision() == state && standing.is(Standing::HELD) == (held == "in");
                Some(self.node_ms(there) / HOUR)
            }
        })
    }

    fn of_control(&self, metric: Metric) -> Option<Option<f64>> {
        let ages = || {
            self.since().filter_map(|told| match told.fact {
                Fact::Published { age, .. } => Some(age.0),
                _ => None,
            })
        };
        Some(match metric {
            Metric::CandidatesMean => {
                let examined = self.since().filter_map(|told| match told.fact {
                    Fact::Decided { examined, .. } => Some(u64::from(examined)),
                    _ => None,
                });
                mean(examined, 1.0)
            }
            Metric::CapHits => Some(self.count(|told| matches!(told.fact, Fact::Decided { capped: true, .. }))),
            Metric::Conflicts => Some(self.count(|told| matches!(told.fact, Fact::Conflict { .. }))),
            Metric::Retries => {
                Some(self.count(|told| matches!(told.fact, Fact::Claimed { attempt, .. } if attempt > 1)))
            }
            Metric::ViewAgeMean => mean(ages(), 1000.0),
            Metric::ViewAgeMax => ages().max().map(|ms| ms as f64 / 1000.0),
            _ => return None,
        })
    }

    /// Nodes times time is what all standings sum to.
    pub fn whole(&self) -> bool {
        self.node_ms(|_| true) == (self.nodes as u64 * (self.end - self.warm)) as f64
    }
}

fn ratio(part: f64, whole: f64) -> Option<f64> {
    (whole > 0.0).then(|| part / whole)
}

fn mean(values: impl Iterator<Item = u64>, unit: f64) -> Option<f64> {
    let all: Vec<u64> = values.collect();
    ratio(all.iter().sum::<u64>() as f64, all.len() as f64).map(|mean| mean / unit)
}

/// The smallest value that at least the share `p` do not exceed.
fn quantile(mut values: Vec<u64>, p: f64, unit: f64) -> Option<f64> {
    values.sort_unstable();
    let n = values.len();
    let enough = |&place: &usize| (place + 1) as f64 + 1e-9 >= p * n as f64;
    let found = (0..n).find(enough).map(|place| values[place]);
    found.filter(|&value| value < u64::MAX).map(|value| value as f64 / unit)
}
