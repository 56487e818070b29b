//! Time that goes by.

use std::time::Duration;

use gloo_events::EventListener;
use gloo_timers::callback::{Interval, Timeout};
use web_core::action::Action;
use yew::prelude::*;

use super::clock;

/// How often the page is told the time, in milliseconds: what counts seconds must not
/// leave one out.
const TICK_MS: u32 = 500;

/// Dispatches the time, again and again.
#[hook]
pub fn use_ticks(dispatch: Callback<Action>) {
    use_effect_with((), move |()| {
        let ticks = Interval::new(TICK_MS, move || dispatch.emit(Action::Tick(clock::now())));
        move || drop(ticks)
    });
}

/// Dispatches the end of a wait: of another one for another `attempt`. The network's
/// return ends it early.
#[hook]
pub fn use_wait(wait: Option<(u32, Duration)>, dispatch: Callback<Action>) {
    use_effect_with(wait, move |wait| {
        let timer = wait.map(|(_, delay)| {
            let millis = u32::try_from(delay.as_millis()).unwrap_or(u32::MAX);
            let dispatch = dispatch.clone();
            Timeout::new(millis, move || dispatch.emit(Action::Waited))
        });
        let online = web_sys::window().map(|window| {
            EventListener::new(&window, "online", move |_| dispatch.emit(Action::Online))
        });
        move || drop((timer, online))
    });
}
