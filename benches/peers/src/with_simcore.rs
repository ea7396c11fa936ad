//! simcore (of DSLab): one component that sends itself events; time is an f64, here in milliseconds.

use std::cell::RefCell;
use std::rc::Rc;

use simcore::{Event as Envelope, EventHandler, Simulation, SimulationContext, cast};

use crate::lean::{Count, HOUR, Load};
use crate::model::{Event, Model};

#[derive(Clone, serde::Serialize)]
struct Happens {
    what: Event,
}

struct Fleet {
    model: Model,
    context: SimulationContext,
}

impl EventHandler for Fleet {
    fn on(&mut self, event: Envelope) {
        cast!(match event.data {
            Happens { what } => {
                for (delay, what) in self.model.handle(what).into_iter().flatten() {
                    self.context.emit_self(Happens { what }, delay as f64);
                }
            }
        })
    }
}

pub fn run(load: &Load) -> Count {
    let mut simulation = Simulation::new(1);
    let mut model = Model::new(*load);
    let context = simulation.create_context("fleet");
    for (at, what) in model.first() {
        context.emit_self(Happens { what }, at as f64);
    }
    let fleet = Rc::new(RefCell::new(Fleet { model, context }));
    simulation.add_handler("fleet", fleet.clone());
    simulation.step_until_time((load.hours * HOUR) as f64);
    let count = fleet.borrow().model.count;
    count
}
