//! desque: events are boxed objects that change the state of the simulation.

use desque::SimState;
use desque::serial::{OkEvent, Simulation};

use crate::lean::{Count, HOUR, Load};
use crate::model::{Event, Model};

struct Fleet {
    model: Model,
    end: u64,
}

impl SimState<u64> for Fleet {
    fn is_complete(&self, now: &u64) -> bool {
        *now >= self.end
    }
}

impl OkEvent<Fleet, u64> for Event {
    fn execute(&mut self, simulation: &mut Simulation<Fleet, u64>) {
        for (delay, event) in simulation.state_mut().model.handle(*self).into_iter().flatten() {
            simulation
                .schedule_with_delay(event, delay)
                .expect("delays are not negative");
        }
    }
}

pub fn run(load: &Load) -> Count {
    let mut model = Model::new(*load);
    let first = model.first();
    let end = load.hours * HOUR;
    let mut simulation = Simulation::new(Fleet { model, end }, 0);
    for (at, event) in first {
        simulation.schedule(event, at).expect("nothing is in the past");
    }
    simulation.run().expect("no event fails");
    simulation.state().model.count
}
