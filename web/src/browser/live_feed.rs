//! The live feed's WebSocket.

use gloo_events::EventListener;
use gloo_timers::callback::Timeout;
use wasm_bindgen::JsCast;
use web_core::action::Action;
use web_core::live_feed::FeedStatus;
use web_sys::{CloseEvent, Document, Event, MessageEvent, WebSocket};
use yew::prelude::*;

use super::event::listen;
use super::url;

/// The feed's URL, relative to the page.
const PATH: &str = "api/monitor";

/// The close code of a gateway that refuses the watcher (RFC 6455, section 7.4.1).
const REFUSED: u16 = 1008;

/// The wait before a lost feed is opened again.
const RETRY_MS: u32 = 1000;

/// Subscribes to the live feed while `enabled` and the tab is visible, and again after a loss.
///
/// A WebSocket rather than an event source, of which six windows would use up the connections
/// that a browser opens to a host for HTTP/1.1.
#[hook]
pub fn use_live_feed(enabled: bool, dispatch: Callback<Action>) {
    let is_visible = use_visibility();
    let losses = use_state(|| 0_u32);
    use_effect_with(
        (enabled && is_visible, *losses),
        move |&(enabled, count)| {
            let on_loss = move || losses.set(count + 1);
            let feed = enabled.then(|| Feed::open(&dispatch, on_loss));
            move || drop(feed)
        },
    );
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

/// A WebSocket with its listeners. Drop closes it.
struct Feed {
    socket: WebSocket,
    _listeners: [EventListener; 3],
}

impl Feed {
    fn open(dispatch: &Callback<Action>, on_loss: impl Fn() + Clone + 'static) -> Option<Self> {
        let socket = WebSocket::new(&url::websocket_url(PATH).ok()?).ok()?;
        let listeners = [
            listen(&socket, "open", dispatch, |_| {
                Some(Action::FeedStatus(FeedStatus::Open))
            }),
            listen(&socket, "message", dispatch, feed_event),
            EventListener::new(&socket, "close", {
                let dispatch = dispatch.clone();
                move |event| {
                    let status = status_after(event);
                    dispatch.emit(Action::FeedStatus(status));
                    if status == FeedStatus::Lost {
                        Timeout::new(RETRY_MS, on_loss.clone()).forget();
                    }
                }
            }),
        ];
        Some(Self {
            socket,
            _listeners: listeners,
        })
    }
}

impl Drop for Feed {
    fn drop(&mut self) {
        // Never fails without a code.
        let _ = self.socket.close();
    }
}

fn feed_event(event: &Event) -> Option<Action> {
    Some(Action::FeedEvent {
        line: event.dyn_ref::<MessageEvent>()?.data().as_string()?,
    })
}

/// The status after the Close, or after a loss without one.
fn status_after(event: &Event) -> FeedStatus {
    match event.dyn_ref::<CloseEvent>() {
        Some(close) if close.code() == REFUSED => FeedStatus::Refused,
        _ => FeedStatus::Lost,
    }
}
