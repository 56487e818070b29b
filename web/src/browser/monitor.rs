//! The browser's end of what the gateway tells of its clients.

use gloo_events::EventListener;
use wasm_bindgen::JsCast;
use web_core::action::Action;
use web_core::monitor::Life;
use web_sys::{Event, EventSource, MessageEvent};
use yew::prelude::*;

use super::clock;

/// Where it is told, relative to the page.
const PATH: &str = "api/monitor";

/// Watches the gateway while `watches`; the browser connects again by itself.
#[hook]
pub fn use_monitor(watches: bool, dispatch: Callback<Action>) {
    use_effect_with(watches, move |&watches| {
        let source = watches.then(|| Source::open(&dispatch));
        move || drop(source)
    });
}

/// An event source with those who listen to it; closes and falls silent when dropped.
struct Source {
    source: EventSource,
    _listeners: [EventListener; 3],
}

impl Source {
    fn open(dispatch: &Callback<Action>) -> Option<Self> {
        let source = EventSource::new(PATH).ok()?;
        let listen = |event, action: fn(&Event) -> Option<Action>| {
            let dispatch = dispatch.clone();
            EventListener::new(&source, event, move |event| {
                if let Some(action) = action(event) {
                    dispatch.emit(action);
                }
            })
        };
        let listeners = [
            listen("open", |_| Some(Action::Watch(Life::Open))),
            listen("message", told),
            listen("error", failed),
        ];
        Some(Self {
            source,
            _listeners: listeners,
        })
    }
}

impl Drop for Source {
    fn drop(&mut self) {
        self.source.close();
    }
}

fn told(event: &Event) -> Option<Action> {
    Some(Action::Told {
        line: event.dyn_ref::<MessageEvent>()?.data().as_string()?,
        offset_ms: clock::offset_ms(),
    })
}

/// Closed by the browser itself means that the gateway's answer was no stream of events.
fn failed(event: &Event) -> Option<Action> {
    let source: EventSource = event.target()?.dyn_into().ok()?;
    Some(Action::Watch(match source.ready_state() {
        EventSource::CLOSED => Life::Refused,
        _ => Life::Lost,
    }))
}
