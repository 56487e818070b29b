//! The live feed's event source.

use gloo_events::EventListener;
use wasm_bindgen::JsCast;
use web_core::action::Action;
use web_core::live_feed::FeedStatus;
use web_sys::{Document, Event, EventSource, MessageEvent};
use yew::prelude::*;

use super::clock;
use super::event::listen;

/// The feed's URL, relative to the page.
const PATH: &str = "api/monitor";

/// Subscribes to the live feed while `enabled` and the tab is visible. The browser reconnects by
/// itself.
///
/// A browser opens at most six connections to a host for HTTP/1.1, and an event source holds one:
/// hidden tabs would leave none to load the page in another.
#[hook]
pub fn use_live_feed(enabled: bool, dispatch: Callback<Action>) {
    let is_visible = use_visibility();
    use_effect_with(enabled && is_visible, move |&enabled| {
        let source = enabled.then(|| Source::open(&dispatch));
        move || drop(source)
    });
}

/// Returns true while the tab is visible.
#[hook]
fn use_visibility() -> bool {
    let visibility = use_state(is_visible);
    let setter = visibility.setter();
    use_effect_with((), move |()| {
        let changed = move |_: &Event| setter.set(is_visible());
        let listener = document().map(|it| EventListener::new(&it, "visibilitychange", changed));
        move || drop(listener)
    });
    *visibility
}

fn is_visible() -> bool {
    document().is_none_or(|document| !document.hidden())
}

fn document() -> Option<Document> {
    web_sys::window()?.document()
}

/// An event source with its listeners. Drop closes it.
struct Source {
    source: EventSource,
    _listeners: [EventListener; 3],
}

impl Source {
    fn open(dispatch: &Callback<Action>) -> Option<Self> {
        let source = EventSource::new(PATH).ok()?;
        let listeners = [
            listen(&source, "open", dispatch, |_| {
                Some(Action::FeedStatus(FeedStatus::Open))
            }),
            listen(&source, "message", dispatch, feed_event),
            listen(&source, "error", dispatch, failed),
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

fn feed_event(event: &Event) -> Option<Action> {
    Some(Action::FeedEvent {
        line: event.dyn_ref::<MessageEvent>()?.data().as_string()?,
        utc_offset_ms: clock::utc_offset_ms(),
    })
}

/// The status after an error. The browser closes the source if the answer is not an event
/// stream: the gateway refused.
fn failed(event: &Event) -> Option<Action> {
    let source: EventSource = event.target()?.dyn_into().ok()?;
    Some(Action::FeedStatus(match source.ready_state() {
        EventSource::CLOSED => FeedStatus::Refused,
        _ => FeedStatus::Lost,
    }))
}
