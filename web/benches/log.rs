//! What a message costs, in a log that is short and in one that is full: the same.

use std::hint::black_box;
use std::rc::Rc;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use web::action::Action;
use web::draft::Message;
use web::filter::{Filter, Matcher};
use web::gateway::Choice;
use web::log::Kind;
use web::settings::Kept;
use web::state::State;
use web::time::Moment;

fn message() -> Message {
    Message {
        kind: Kind::Text,
        payload: "echo : hello".into(),
    }
}

fn received() -> Action {
    Action::Received {
        message: message(),
        at: Moment::default(),
    }
}

fn state(messages: usize) -> State {
    let mut state = State::new(Choice::First, Kept::default());
    state.apply(Action::Keep(100_000));
    (0..messages).for_each(|_| state.apply(received()));
    state
}

fn adding(c: &mut Criterion) {
    for messages in [100, 100_000] {
        let mut all = state(messages);
        c.bench_function(&format!("add to {messages}"), |b| {
            b.iter_batched(
                received,
                |it| all.apply(black_box(it)),
                BatchSize::SmallInput,
            );
        });
        let mut some = state(messages);
        some.apply(Action::Filter(Filter {
            text: "hello".into(),
            matcher: Some(Ok(Matcher::new(|text| text.contains("hello")))),
            direction: None,
        }));
        c.bench_function(&format!("add to {messages}, filtered"), |b| {
            b.iter_batched(
                received,
                |it| some.apply(black_box(it)),
                BatchSize::SmallInput,
            );
        });
    }
}

fn drawing(c: &mut Criterion) {
    for messages in [100, 100_000] {
        let state = state(messages);
        let rows = |state: &State| -> Vec<_> {
            let window = state.listing.window(&state.log);
            let id = |index| state.listing.id(index, &state.log);
            let row = |index| state.log.row(id(index)?).map(Rc::clone);
            window.filter_map(row).collect()
        };
        c.bench_function(&format!("draw of {messages}"), |b| b.iter(|| rows(&state)));
    }
}

criterion_group!(benches, adding, drawing);
criterion_main!(benches);
