//! nexosim: a model that schedules its own input, on the executor of one thread, which is its fastest here.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use nexosim::model::{BuildContext, Context, Model as Component, ProtoModel, schedulable};
use nexosim::simulation::{Mailbox, SimInit};
use nexosim::time::MonotonicTime;

use crate::lean::{Count, HOUR, Load};
use crate::model::{Event, Model};

/// What nexosim could save and restore; the state that does not serialise is the model's environment.
#[derive(serde::Serialize, serde::Deserialize)]
struct Fleet;

struct Surroundings {
    model: Model,
    shared: Arc<Mutex<Count>>,
}

#[Component(type Env = Surroundings)]
impl Fleet {
    #[nexosim(init)]
    async fn init(&mut self, context: &Context<Self>, env: &mut Surroundings) {
        for (at, event) in env.model.first() {
            plan(context, at, event);
        }
    }

    #[nexosim(schedulable)]
    async fn happens(&mut self, event: Event, context: &Context<Self>, env: &mut Surroundings) {
        for (delay, event) in env.model.handle(event).into_iter().flatten() {
            plan(context, delay, event);
        }
    }
}

/// An event is in the future: at least a nanosecond from now.
fn plan(context: &Context<Fleet>, delay: u64, event: Event) {
    let delay = Duration::from_millis(delay).max(Duration::from_nanos(1));
    let planned = context.schedule_event(delay, schedulable!(Fleet::happens), event);
    planned.expect("it is in the future");
}

impl Drop for Surroundings {
    fn drop(&mut self) {
        *self.shared.lock().expect("nobody panicked") = self.model.count;
    }
}

struct Prototype(Surroundings);

impl ProtoModel for Prototype {
    type Model = Fleet;

    fn build(self, _: &mut BuildContext<Self>) -> (Fleet, Surroundings) {
        (Fleet, self.0)
    }
}

pub fn run(load: &Load) -> Count {
    let shared = Arc::new(Mutex::new(Count::default()));
    let surroundings = Surroundings {
        model: Model::new(*load),
        shared: shared.clone(),
    };
    let mut simulation = SimInit::with_num_threads(1)
        .add_model(Prototype(surroundings), Mailbox::new(), "fleet")
        .init(MonotonicTime::EPOCH)
        .expect("the model begins");
    let end = Duration::from_millis(load.hours * HOUR);
    simulation.step_until(end).expect("no event fails");
    drop(simulation);
    let count = *shared.lock().expect("nobody panicked");
    count
}
