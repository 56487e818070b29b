//! The batch sender: sends a batch at its rate, with backpressure from the WebSocket. The worker
//! of the WebSocket has its clock, because browsers slow down the timers of hidden pages. At a high
//! rate, it gets messages ahead of their time, because a page that draws would send them in bursts.

use std::cell::Cell;

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

/// The most of them before the last message of a batch: until then it is being sent, and a reload
/// asks.
const MAX_AT_END: usize = 16 << 10;

/// The longest turn, in milliseconds, so that the page stays responsive.
const BUDGET_MS: f64 = 4.0;

/// Sends the batch of `run` while it is running.
#[hook]
pub fn use_batch_sender(run: Option<&BatchRun>, socket: SocketHandle, dispatch: Callback<Action>) {
    let running = run.filter(|run| run.running);
    let batch = running.map(|run| (run.number, run.batch.clone()));
    use_effect_with(batch, move |batch| {
        let on_tick = batch.clone().map(|(number, batch)| {
            let (socket, start, sent) = (socket.clone(), clock::now(), Cell::new(0));
            Callback::from(move |()| {
                // It may have been stopped since the page was drawn.
                if !is_running(&socket, number) {
                    return;
                }
                let turn = turn(&batch, sent.get(), start, &socket, &dispatch);
                sent.set(sent.get() + turn);
                dispatch.emit(Action::BatchProgress(turn));
            })
        });
        let is_batch = on_tick.is_some();
        if is_batch {
            socket.set_on_tick(on_tick);
        }
        move || {
            if is_batch {
                socket.set_on_tick(None);
            }
        }
    });
}

/// Returns true while the batch of that number is being sent.
fn is_running(socket: &SocketHandle, number: u32) -> bool {
    let state = socket.state();
    let run = state.batch_run.as_ref();
    run.is_some_and(|run| run.running && run.number == number)
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
    let elapsed = now.since(start) + batch.rate.lookahead();
    let due = batch.rate.due(batch.count, sent, elapsed);
    if due > 0 {
        let interval = batch.rate.interval_ms();
        socket.schedule(start.steady_ms + interval * f64::from(sent), interval);
    }
    for done in 0..due {
        let is_late = clock::steady_ms() - now.steady_ms > BUDGET_MS;
        let max = match sent + done + 1 < batch.count {
            true => MAX_BUFFERED,
            false => MAX_AT_END,
        };
        if is_late || socket.buffered() > max {
            return done;
        }
        if !socket.queue(batch.message(sent + done)) {
            dispatch.emit(Action::ShowNotice(Some(Notice::SendFailed)));
            dispatch.emit(Action::StopBatch);
            return done;
        }
    }
    due
}
