//! Sends many messages, without getting ahead of the connection.

use gloo_timers::callback::Interval;
use web_core::action::Action;
use web_core::notice::Notice;
use web_core::repeat::{Order, Repeat, due};
use web_core::time::Moment;
use yew::prelude::*;

use super::clock;
use super::socket::Link;

/// How much may wait in the browser to be sent, in bytes: enough to keep the connection
/// busy, and nothing to a tab's memory.
const MAX_BUFFERED: u32 = 1 << 20;

/// How often it is looked what is due, in milliseconds; browsers make it no less.
const TURN_MS: u32 = 4;

/// How long the page may send before it sees to anything else, in milliseconds.
const BUDGET_MS: f64 = 4.0;

/// Sends what `repeat` says, as long as it runs.
#[hook]
pub fn use_repeater(repeat: Option<&Repeat>, link: Link, dispatch: Callback<Action>) {
    let running = repeat.filter(|repeat| repeat.running);
    let order = running.map(|repeat| (repeat.run, repeat.order.clone()));
    use_effect_with(order, move |order| {
        let timer = order.clone().map(|(_, order)| {
            let start = clock::now();
            let mut sent = 0;
            Interval::new(TURN_MS, move || {
                let turn = turn(&order, sent, start, &link, &dispatch);
                sent += turn;
                dispatch.emit(Action::Repeated(turn));
            })
        });
        move || drop(timer)
    });
}

/// Sends what is due, and returns how many messages those were.
fn turn(order: &Order, sent: u32, start: Moment, link: &Link, dispatch: &Callback<Action>) -> u32 {
    let now = clock::now();
    let due = due(order.pace, order.count, sent, now.since(start));
    for done in 0..due {
        let is_late = clock::now().steady_ms - now.steady_ms > BUDGET_MS;
        if is_late || link.buffered() > MAX_BUFFERED {
            return done;
        }
        if !link.send(order.message(sent + done)) {
            dispatch.emit(Action::Notice(Some(Notice::NotSent)));
            dispatch.emit(Action::StopRepeat);
            return done;
        }
    }
    due
}
