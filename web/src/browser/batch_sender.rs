//! The batch sender: sends a batch at its rate, with backpressure from the WebSocket.

use gloo_timers::callback::Interval;
use web_core::action::Action;
use web_core::batch::{Batch, BatchRun};
use web_core::notice::Notice;
use web_core::time::Moment;
use yew::prelude::*;

use super::clock;
use super::socket::SocketHandle;

/// The most bytes that wait to be sent or acknowledged: enough to keep the connection busy, and
/// little memory.
const MAX_BUFFERED: usize = 1 << 20;

/// The interval between turns, in milliseconds: the shortest that browsers allow.
const TURN_MS: u32 = 4;

/// The longest turn, in milliseconds, so that the page stays responsive.
const BUDGET_MS: f64 = 4.0;

/// The longest turn of a hidden page, which gets one a second, and has nothing to draw.
const HIDDEN_BUDGET_MS: f64 = 250.0;

/// Sends the batch of `run` while it is running.
#[hook]
pub fn use_batch_sender(run: Option<&BatchRun>, socket: SocketHandle, dispatch: Callback<Action>) {
    let running = run.filter(|run| run.running);
    let batch = running.map(|run| (run.number, run.batch.clone()));
    use_effect_with(batch, move |batch| {
        let timer = batch.clone().map(|(_, batch)| {
            let start = clock::now();
            let mut sent = 0;
            Interval::new(TURN_MS, move || {
                let turn = turn(&batch, sent, start, &socket, &dispatch);
                sent += turn;
                dispatch.emit(Action::BatchProgress(turn));
            })
        });
        move || drop(timer)
    });
}

/// Sends the messages that are due, and returns their number.
fn turn(
    batch: &Batch,
    sent: u32,
    start: Moment,
    socket: &SocketHandle,
    dispatch: &Callback<Action>,
) -> u32 {
    let now = clock::now();
    let due = batch.rate.due(batch.count, sent, now.since(start));
    let document = web_sys::window().and_then(|window| window.document());
    let budget = match document.is_some_and(|it| it.hidden()) {
        true => HIDDEN_BUDGET_MS,
        false => BUDGET_MS,
    };
    for done in 0..due {
        let is_late = clock::now().steady_ms - now.steady_ms > budget;
        if is_late || socket.buffered() > MAX_BUFFERED {
            return done;
        }
        if !socket.send(batch.message(sent + done)) {
            dispatch.emit(Action::ShowNotice(Some(Notice::SendFailed)));
            dispatch.emit(Action::StopBatch);
            return done;
        }
    }
    due
}
