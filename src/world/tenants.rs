//! A request's course but for its builds: arrival, decision, release, refusal, the line.

use super::asking::wanted;
use super::desk::Hope;
use super::event::Event;
use super::fact::{Cause, Fact, Observer};
use super::state::World;
use crate::fleet::{NodeId, Occupant, Party};
use crate::kernel::{Agenda, Span};
use crate::scheduler::choose::{choose_planned, tally};
use crate::scheduler::{Ask, Choice, Denial, Stage, choose};
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
        let count = self.request(request).count;
        self.asked.note(self.now, u64::from(count));
        self.ask(request, agenda);
    }

    /// A refused request asks again.
    pub fn retry(&mut self, request: u32, agenda: &mut Agenda<Event>) {
        self.ask(request, agenda);
    }

    /// A request is decided, unless somebody whom it may not pass waits for its class.
    #[inline(always)]
    fn ask(&mut self, request: u32, agenda: &mut Agenda<Event>) {
        let answer = if self.lines.is_empty() {
            self.decide(request, agenda)
        } else {
            self.ask_behind(request, agenda)
        };
        if let Err(cause) = answer {
            self.denied(request, cause, agenda);
        }
    }

    #[inline(never)]
    fn ask_behind(&mut self, request: u32, agenda: &mut Agenda<Event>) -> Result<(), Cause> {
        let it = self.request(request);
        if !self.lines.hold_back(it.class, request) {
            return self.decide(request, agenda);
        }
        Err(if self.never_fits(&it) {
            Cause::NeverFits
        } else {
            Cause::Line
        })
    }

    /// One pass of the scheduler for one request, and its claims.
    pub fn decide(&mut self, request: u32, agenda: &mut Agenda<Event>) -> Result<(), Cause> {
        let it = self.request(request);
        let (tenant, class) = (it.tenant, it.class);
        let quota = self.rules.policy().quota.as_deref();
        let Some(wanted) = wanted(&it, quota, &self.sight.usage) else {
            return Err(self.over_quota(&it));
        };
        match self.choose_for(request, wanted) {
            Ok(choice) => {
                self.tell_here(Fact::Decided {
                    request,
                    examined: choice.examined,
                    capped: choice.capped,
                });
                let count = choice.picks().len();
                if self.rules.policy().quota.is_some() {
                    self.quota_taken(tenant, class, count as u32);
                }
                self.drop_leases(request);
                let gang = self.gangs.begin(request);
                (gang.decided, gang.wanted) = (self.now, count as u16);
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
                Err(self.cause(request, wanted, denial))
            }
        }
    }

    /// What the scheduler answers to a request.
    #[inline(always)]
    fn choose_for(&mut self, request: u32, wanted: (u16, u16)) -> Result<Choice, Denial> {
        let it = self.request(request);
        if self.sight.calendar.is_empty()
            && !self.rules.policy().keep_clear
            && let Some(place) = self.place_of(request)
            && let Some((policy, shapes)) = self.rules.plan(&self.sight.view, place)
        {
            let least = usize::from(wanted.1.max(1));
            let tie = it.luck ^ luck::TIE;
            return choose_planned(&self.sight.view, policy, shapes, (wanted.0, least, tie));
        }
        self.choose_at_length(request, wanted)
    }

    #[inline(never)]
    fn choose_at_length(&mut self, request: u32, wanted: (u16, u16)) -> Result<Choice, Denial> {
        let ask = self.ask_for(&self.request(request), wanted);
        if !self.sight.calendar.is_empty() {
            return self.choose_by_calendar(request, &ask);
        }
        let fleet = &self.sight.fleet;
        choose(&self.sight.view, &mut self.rules, &ask, &|node| {
            fleet.name(node).to_owned()
        })
    }

    /// A request as it is asked now, for so many machines and with so few content.
    fn ask_for(&self, it: &Request, (count, min_count): (u16, u16)) -> Ask {
        Ask {
            count,
            min_count,
            ..self.clerk.ask(it, self.now)
        }
    }

    /// The place of a request's spec among those that the rules know. Drawn requests of one feed and
    /// tenant are alike, so that it is looked up once.
    #[inline(always)]
    fn place_of(&mut self, request: u32) -> Option<usize> {
        let feed = self.sight.requests.drawn_by(request)?;
        let at = feed as usize * self.clerk.owners().len() + self.request(request).tenant.at();
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
        let place = self.rules.place(&self.clerk.ask(it, self.now).spec);
        self.places[at] = place as u32 + 1;
        Some(place)
    }

    /// Why a request found too few machines, from the counts of free nodes by what became of them. Where
    /// several reasons hold, the first in the documented order is told.
    #[cold]
    fn cause(&mut self, request: u32, asked: (u16, u16), denial: Denial) -> Cause {
        let it = self.request(request);
        if self.never_fits(&it) {
            return Cause::NeverFits;
        }
        let ask = &self.ask_for(&it, asked);
        let mut counts = tally(&self.sight.view, &mut self.rules, ask);
        let away = self.away(ask);
        let wanted = ask.least() as u32;
        let (ours, theirs) = self.leased_away(request, ask);
        counts.passing = counts.passing.saturating_sub(ours + theirs);
        if denial.stage == Stage::Filters && counts.passing >= wanted {
            // Without a cap it is a server group that lets no more of them in.
            return if denial.capped {
                Cause::CandidateCap
            } else {
                Cause::NoMatch
            };
        }
        let hidden = away.hidden.max(counts.marked) + ours;
        let seen = counts.passing + away.unseen;
        if seen >= wanted {
            Cause::StaleView
        } else if seen + counts.others >= wanted {
            Cause::OtherTenants
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
        self.uses_less(request, 1);
        self.vacate(node, agenda);
    }

    /// A request was refused: it gives up, asks again, or waits in line. What can never be served does
    /// not wait.
    pub fn denied(&mut self, request: u32, cause: Cause, agenda: &mut Agenda<Event>) {
        let it = self.request(request);
        let start = it.start;
        let patience = self.inputs.demand.sources[usize::from(it.source)].patience;
        let (tries, rounds) = self
            .hopes
            .get(&request)
            .map_or((0, 0), |hope| (hope.tries, hope.rounds));
        let hope = Hope {
            cause,
            tries: tries.saturating_add(1),
            rounds,
            in_line: matches!(patience, Patience::Wait { .. }),
            failed: None,
        };
        match patience {
            _ if cause == Cause::NeverFits => self.refuse(request, cause),
            Patience::Retry { times, backoff } if tries < times => {
                let pause = Span(backoff.0.saturating_mul(1 << tries.min(32)));
                self.hopes.insert(request, hope);
                self.tell(Fact::Waits { request, cause });
                agenda.push(self.now + pause, Event::Retry(request));
            }
            Patience::Wait { patience } if self.now < start + patience => {
                if self.hopes.insert(request, hope).is_none() {
                    agenda.push(start + patience, Event::GiveUp(request));
                }
                self.stand_in_line(request);
                self.tell(Fact::Waits { request, cause });
                if cause.is_of_builds() {
                    // Nodes may have come free for it while its builds failed.
                    self.wake_soon(request, agenda);
                }
            }
            _ => self.refuse(request, cause),
        }
        self.stir_lines(agenda);
    }
}
