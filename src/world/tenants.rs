//! A request's course but for its builds: arrival, decision, release, refusal, the line.

use super::desk::Hope;
use super::event::Event;
use super::fact::{Cause, Fact, Observer};
use super::standing::Standing;
use super::state::World;
use crate::fleet::{ClassId, NodeId, Occupant, Party};
use crate::kernel::{Agenda, Span};
use crate::scheduler::choose::{choose_planned, tally};
use crate::scheduler::{Choice, Denial, Stage, choose};
use crate::workload::draw::luck;
use crate::workload::{Patience, Request};

/// The places of specs are kept for so many pairs of feed and tenant; others are found by their spec.
const MOST_PLACES: usize = 1 << 20;

impl<O: Observer> World<'_, O> {
    /// A request that has arrived and is not over.
    #[inline(always)]
    pub fn request(&self, request: u32) -> Request {
        self.sight.requests.request(request)
    }

    /// Makes the next request and puts its arrival onto the agenda.
    #[inline(always)]
    pub fn next_arrival(&mut self, agenda: &mut Agenda<Event>) {
        if let Some((next, start)) = self.sight.requests.advance() {
            agenda.hold(start, Event::Arrival(next));
        }
    }

    /// A request is due; the one after it is put onto the agenda.
    pub fn arrival(&mut self, request: u32, agenda: &mut Agenda<Event>) {
        self.next_arrival(agenda);
        self.sight.requests.take_up(request);
        self.tell_here(Fact::Arrived { request });
        let it = self.request(request);
        self.asked.note(self.now, u64::from(it.count));
        let patience = self.inputs.demand.sources[usize::from(it.source)].patience;
        if matches!(patience, Patience::Wait { .. }) && !self.lines[it.class.at()].is_empty() {
            // First in, first out: nobody overtakes the line.
            self.denied(request, Cause::ClassFull, agenda);
            return;
        }
        if let Err(cause) = self.decide(request, agenda) {
            self.denied(request, cause, agenda);
        }
    }

    /// A refused request asks again.
    pub fn retry(&mut self, request: u32, agenda: &mut Agenda<Event>) {
        if let Err(cause) = self.decide(request, agenda) {
            self.denied(request, cause, agenda);
        }
    }

    /// One pass of the scheduler for one request, and its claims.
    fn decide(&mut self, request: u32, agenda: &mut Agenda<Event>) -> Result<(), Cause> {
        let it = self.request(request);
        let (tenant, count, min_count) = (it.tenant, it.count, it.min_count);
        if self
            .rules
            .policy()
            .quota
            .is_some_and(|quota| self.in_use[tenant.at()] + u32::from(count) > quota)
        {
            return Err(Cause::Quota);
        }
        match self.choose_for(request) {
            Ok(choice) => {
                self.tell_here(Fact::Decided {
                    request,
                    examined: choice.examined,
                    capped: choice.capped,
                });
                let count = choice.picks().len();
                if self.rules.policy().quota.is_some() {
                    self.in_use[tenant.at()] += count as u32;
                }
                let gang = self.gangs.begin(request);
                gang.wanted = count as u16;
                gang.least = min_count.min(count as u16);
                choice.alternates().iter().for_each(|&node| gang.alternates.push(node));
                for &node in choice.picks() {
                    self.claim(request, node, 1, agenda);
                }
                Ok(())
            }
            Err(denial) => {
                self.tell(Fact::Decided {
                    request,
                    examined: denial.examined,
                    capped: denial.capped,
                });
                Err(self.cause(request, denial))
            }
        }
    }

    /// What the scheduler answers to a request.
    #[inline(always)]
    fn choose_for(&mut self, request: u32) -> Result<Choice, Denial> {
        let it = self.request(request);
        if self.calendar.is_empty()
            && let Some(place) = self.place_of(request)
            && let Some((policy, shapes)) = self.rules.plan(&self.sight.view, place)
        {
            let least = usize::from(it.min_count.min(it.count).max(1));
            let tie = it.luck ^ luck::TIE;
            return choose_planned(&self.sight.view, policy, shapes, (it.count, least, tie));
        }
        self.choose_at_length(request)
    }

    #[inline(never)]
    fn choose_at_length(&mut self, request: u32) -> Result<Choice, Denial> {
        let ask = self.clerk.ask(&self.request(request));
        match self.leased(request, &ask) {
            Some(choice) => Ok(choice),
            None => choose(&self.sight.view, &mut self.rules, &ask, &|node| {
                self.sight.fleet.name(node).to_owned()
            }),
        }
    }

    /// The place of a request's spec among those that the rules know. Drawn requests of one feed and
    /// tenant are alike, so that it is looked up once.
    #[inline(always)]
    fn place_of(&mut self, request: u32) -> Option<usize> {
        let feed = self.sight.requests.drawn_by(request)?;
        let at = feed as usize * self.in_use.len() + self.request(request).tenant.at();
        match self.places.get(at) {
            Some(&place) if place > 0 => Some(place as usize - 1),
            _ => self.note_place(at, request),
        }
    }

    #[cold]
    fn note_place(&mut self, at: usize, request: u32) -> Option<usize> {
        let it = &self.request(request);
        if at >= MOST_PLACES || !self.clerk.alike(it.source) {
            return None;
        }
        if self.places.len() <= at {
            self.places.resize(at + 1, 0);
        }
        let place = self.rules.place(&self.clerk.ask(it).spec);
        self.places[at] = place as u32 + 1;
        Some(place)
    }

    /// Why a request found too few machines, from the counts of free nodes by what became of them.
    #[cold]
    fn cause(&mut self, request: u32, denial: Denial) -> Cause {
        let ask = &self.clerk.ask(&self.request(request));
        let counts = tally(&self.sight.view, &mut self.rules, ask);
        let away = self.away(ask);
        let wanted = ask.least() as u32;
        if denial.stage == Stage::Filters && counts.passing >= wanted {
            return Cause::CandidateCap;
        }
        let hidden = away.hidden.max(counts.marked);
        let seen = counts.passing + away.unseen;
        if seen >= wanted {
            Cause::StaleView
        } else if seen + hidden >= wanted {
            Cause::OnlyHidden
        } else if seen + hidden + counts.others >= wanted {
            Cause::OtherTenants
        } else if seen + hidden + counts.others + counts.unfit >= wanted {
            Cause::NoMatch
        } else {
            Cause::ClassFull
        }
    }

    /// An instance's hold ends.
    #[inline]
    pub fn hold_ends(&mut self, node: NodeId, epoch: u32, agenda: &mut Agenda<Event>) {
        let it = self.sight.fleet.node(node);
        let Some(Occupant {
            party: Party::Tenant(request),
            ..
        }) = it.occupant()
        else {
            return;
        };
        if it.epoch != epoch {
            return;
        }
        self.tell_here(Fact::Released { request, node });
        self.leave_gang(request, node);
        self.vacate(node, agenda);
    }

    /// An instance is gone before its time: the books of its tenant and of its gang follow.
    #[inline(always)]
    pub fn leave_gang(&mut self, request: u32, node: NodeId) {
        self.uses_less(request, 1);
        if let Some(gang) = self.gangs.get_mut(request) {
            gang.nodes.retain(|&other| other != node);
        }
    }

    /// A request was refused: it gives up, asks again, or waits in line.
    pub fn denied(&mut self, request: u32, cause: Cause, agenda: &mut Agenda<Event>) {
        let it = self.request(request);
        let (class, start) = (it.class, it.start);
        let patience = self.inputs.demand.sources[usize::from(it.source)].patience;
        let tries = self.hopes.get(&request).map_or(0, |hope| hope.tries);
        match patience {
            Patience::Retry { times, backoff } if tries < times => {
                let pause = Span(backoff.0.saturating_mul(1 << tries.min(32)));
                self.hopes.insert(
                    request,
                    Hope {
                        cause,
                        tries: tries + 1,
                        in_line: false,
                    },
                );
                self.tell(Fact::Waits { request });
                agenda.push(self.now + pause, Event::Retry(request));
            }
            Patience::Wait { patience } if self.now < start + patience => {
                if !self.hopes.contains_key(&request) {
                    agenda.push(start + patience, Event::GiveUp(request));
                }
                self.hopes.insert(
                    request,
                    Hope {
                        cause,
                        tries,
                        in_line: true,
                    },
                );
                self.lines[class.at()].push_back(request);
                self.tell(Fact::Waits { request });
            }
            _ => {
                self.hopes.remove(&request);
                self.tell(Fact::Refused { request, cause });
            }
        }
    }

    /// A waiting request's patience ends.
    pub fn give_up(&mut self, request: u32) {
        let Some(hope) = self.hopes.get(&request).copied() else {
            return;
        };
        if !hope.in_line {
            return;
        }
        self.hopes.remove(&request);
        let class = self.request(request).class;
        // Who loses patience has mostly waited for longest: the search ends at the line's head.
        let line = &mut self.lines[class.at()];
        if let Some(place) = line.iter().position(|&other| other == request) {
            line.remove(place);
        }
        self.tell(Fact::Refused {
            request,
            cause: hope.cause,
        });
    }

    /// If somebody waits for this class and the node is on offer, the line is looked at.
    #[inline]
    pub fn wake_if_offered(&mut self, node: NodeId, agenda: &mut Agenda<Event>) {
        let standing = self.desks.standing(node);
        if !standing.is(Standing::OFFERED) {
            return;
        }
        let class = ClassId(standing.class());
        if self.lines[class.at()].is_empty() || self.waking[class.at()] {
            return;
        }
        self.waking[class.at()] = true;
        agenda.push(self.now, Event::Wake(class.0));
    }

    /// The line of a class is served, first come first served, until somebody cannot be.
    pub fn wake(&mut self, class: u16, agenda: &mut Agenda<Event>) {
        let place = usize::from(class);
        self.waking[place] = false;
        while let Some(&request) = self.lines[place].front() {
            if let Some(hope) = self.hopes.get_mut(&request) {
                hope.in_line = false;
            }
            if self.decide(request, agenda).is_err() {
                if let Some(hope) = self.hopes.get_mut(&request) {
                    hope.in_line = true;
                }
                return;
            }
            self.lines[place].pop_front();
        }
    }
}
