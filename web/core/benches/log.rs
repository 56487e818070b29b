//! What a message costs, in a log that is short and in one that is full: the same.

use std::hint::black_box;
use std::rc::Rc;
use std::time::Duration;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use web_core::action::Action;
use web_core::draft::Message;
use web_core::filter::{Filter, Matcher};
use web_core::gateway::Choice;
use web_core::histogram::Histogram;
use web_core::log::Kind;
use web_core::settings::Kept;
use web_core::state::State;
use web_core::time::Moment;

const SIZES: [usize; 3] = [100, 10_000, 100_000];

fn received() -> Action {
    Action::Received {
        message: Message {
            kind: Kind::Text,
            payload: "echo : hello".into(),
        },
        at: Moment::default(),
    }
}

fn filter() -> Action {
    Action::Filter(Filter {
        text: "hello".into(),
        matcher: Some(Ok(Matcher::new(|text| text.contains("hello")))),
        ..Filter::default()
    })
}

/// A log that keeps `messages`, and holds them.
fn state(messages: usize) -> State {
    let mut state = State::new(Choice::First, Kept::default());
    state.apply(Action::Keep(messages));
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
            let window = state.own.listing.window(&state.own.log);
            let id = |index| state.own.listing.id(index, &state.own.log);
            let row = |index| state.own.log.row(id(index)?).map(Rc::clone);
            window.filter_map(row).collect()
        };
        c.bench_function(&format!("draw of {messages}"), |b| b.iter(|| rows(&state)));
    }
}

/// The one thing that looks at all messages: another filter.
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
