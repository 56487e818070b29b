//! The cost of a message in short and in full logs: constant.

use std::hint::black_box;
use std::rc::Rc;
use std::time::Duration;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use web_core::action::Action;
use web_core::filter::{Filter, Matcher};
use web_core::gateway_info::UpstreamChoice;
use web_core::histogram::Histogram;
use web_core::message::{Kind, Message};
use web_core::state::State;
use web_core::stored_state::StoredState;
use web_core::time::Moment;

const SIZES: [usize; 3] = [100, 10_000, 100_000];

fn received() -> Action {
    Action::MessageReceived {
        message: Message {
            kind: Kind::Text,
            payload: "echo : hello".into(),
        },
        at: Moment::default(),
    }
}

fn filter() -> Action {
    Action::SetFilter(Filter {
        text: "hello".into(),
        matcher: Some(Ok(Matcher::new(|it| {
            String::from_utf8_lossy(it).contains("hello")
        }))),
        ..Filter::default()
    })
}

/// A state whose log has `messages` rows, and keeps no more.
fn state(messages: usize) -> State {
    let mut state = State::new(UpstreamChoice::First, StoredState::default());
    state.apply(Action::SetMaxRows(messages));
    (0..messages).for_each(|_| state.apply(received()));
    state
}

fn add(c: &mut Criterion, name: &str, state: &mut State) {
    c.bench_function(name, |b| {
        b.iter_batched(
            received,
            |it| state.apply(black_box(it)),
            BatchSize::SmallInput,
        );
    });
}

fn adding(c: &mut Criterion) {
    for messages in SIZES {
        let mut state = state(messages);
        add(c, &format!("add to {messages}"), &mut state);
        state.apply(filter());
        add(c, &format!("add to {messages}, filtered"), &mut state);
    }
}

fn drawing(c: &mut Criterion) {
    for messages in SIZES {
        let state = state(messages);
        let rows = |state: &State| -> Vec<_> {
            let window = state.console.view.window(&state.console.log);
            let id = |index| state.console.view.id_at(index, &state.console.log);
            let row = |index| state.console.log.row(id(index)?).map(Rc::clone);
            window.filter_map(row).collect()
        };
        c.bench_function(&format!("draw of {messages}"), |b| b.iter(|| rows(&state)));
    }
}

/// A new filter: the only action that scans the whole log.
fn filtering(c: &mut Criterion) {
    for messages in SIZES {
        let mut state = state(messages);
        c.bench_function(&format!("filter {messages}"), |b| {
            b.iter(|| state.apply(filter()));
        });
    }
}

fn histogram(c: &mut Criterion) {
    for messages in SIZES {
        let mut histogram = Histogram::default();
        (0..messages as u64).for_each(|n| histogram.add(Duration::from_micros(n * 37)));
        c.bench_function(&format!("round trip after {messages}"), |b| {
            b.iter(|| histogram.add(black_box(Duration::from_micros(400))));
        });
        c.bench_function(&format!("percentile of {messages}"), |b| {
            b.iter(|| histogram.percentile(black_box(99)));
        });
    }
}

criterion_group!(benches, adding, drawing, filtering, histogram);
criterion_main!(benches);
