//! Timers.

use std::time::Duration;

use gloo_timers::callback::{Interval, Timeout};
use web_core::action::Action;
use web_sys::{Event, Window};
use yew::prelude::*;

use super::event::listen;
use super::{clock, socket};

/// The interval between ticks, in milliseconds: short enough for a countdown to show every
/// second.
const TICK_MS: u32 = 500;

/// Dispatches ticks, and the loss of the network that a probe finds.
pub fn start(window: &Window, dispatch: &Callback<Action>) {
    listen(window, "lost", dispatch, |_| Some(socket::lost())).forget();
    let dispatch = dispatch.clone();
    Interval::new(TICK_MS, move || dispatch.emit(Action::Tick(clock::now()))).forget();
}

/// Dispatches the end of the backoff, given as an attempt and its delay, or earlier when
/// the browser comes back online or the page into sight.
#[hook]
pub fn use_retry_timer(retry: Option<(u32, Duration)>, dispatch: Callback<Action>) {
    use_effect_with(retry, move |retry| {
        let timer = retry.map(|(_, delay)| {
            let millis = u32::try_from(delay.as_millis()).unwrap_or(u32::MAX);
            let dispatch = dispatch.clone();
            Timeout::new(millis, move || dispatch.emit(Action::RetryDue))
        });
        let listeners = web_sys::window().and_then(|window| {
            let retry = |_: &Event| Some(Action::RetryDue);
            let online = listen(&window, "online", &dispatch, retry);
            let document = window.document()?;
            let visible = listen(&document, "visibilitychange", &dispatch, retry);
            Some((online, visible))
        });
        move || drop((timer, listeners))
    });
}
