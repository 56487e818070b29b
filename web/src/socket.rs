//! The browser's WebSocket: its events become actions, and messages go out.

use bytes::Bytes;
use gloo_events::EventListener;
use js_sys::{ArrayBuffer, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{BinaryType, CloseEvent, Event, MessageEvent, Url, WebSocket};
use yew::prelude::*;

use crate::batch::Batch;
use crate::clock;
use crate::log::Kind;
use crate::state::{Action, State};

/// What browsers report when a connection never came to be.
const ABNORMAL: u16 = 1006;

/// A socket that is to be there: another one for another attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The number of the attempt.
    pub attempt: u32,
    /// The URL, relative to the page's.
    pub path: String,
}

/// Keeps a socket open to `target`, and returns what sends a message on it. That
/// answers `false` if there is no open socket.
#[hook]
pub fn use_socket(
    target: Option<Target>,
    dispatch: UseReducerDispatcher<State>,
) -> Callback<String, bool> {
    let socket = use_mut_ref(|| None::<Socket>);
    let batch = use_memo((), |()| Batch::new(dispatch));
    use_effect_with(target, {
        let (socket, batch) = (socket.clone(), batch.clone());
        move |target| {
            if let Some(target) = target {
                match Socket::open(&target.path, &batch) {
                    Ok(opening) => *socket.borrow_mut() = Some(opening),
                    Err(error) => batch.push(refused(&error)),
                }
            }
            move || drop(socket.borrow_mut().take())
        }
    });
    use_callback((), move |message: String, ()| {
        let at = clock::now();
        let sent = socket.borrow().as_ref().is_some_and(|s| s.send(&message));
        if sent {
            let payload = Bytes::from(message);
            batch.push(Action::Sent { payload, at });
        }
        sent
    })
}

/// A WebSocket with those who listen to it; closes and falls silent when dropped.
struct Socket {
    socket: WebSocket,
    _listeners: [EventListener; 3],
}

impl Socket {
    fn open(path: &str, batch: &Batch) -> Result<Self, JsValue> {
        let socket = WebSocket::new(&url(path)?)?;
        socket.set_binary_type(BinaryType::Arraybuffer);
        let listen = |event, action: fn(&Event) -> Option<Action>| {
            let batch = batch.clone();
            EventListener::new(&socket, event, move |event| {
                if let Some(action) = action(event) {
                    batch.push(action);
                }
            })
        };
        let listeners = [
            listen("open", opened),
            listen("message", received),
            listen("close", closed),
        ];
        Ok(Self {
            socket,
            _listeners: listeners,
        })
    }

    fn send(&self, message: &str) -> bool {
        self.socket.ready_state() == WebSocket::OPEN && self.socket.send_with_str(message).is_ok()
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        // Fails only for codes and reasons that may not be sent, and none is given.
        let _ = self.socket.close_with_code(1000);
    }
}

/// The WebSocket URL of `path`, which may be relative to the page's.
fn url(path: &str) -> Result<String, JsValue> {
    let document = web_sys::window().and_then(|window| window.document());
    let base = document.and_then(|document| document.base_uri().ok().flatten());
    let url = Url::new_with_base(path, &base.unwrap_or_default())?;
    match url.protocol().as_str() {
        "http:" => url.set_protocol("ws:"),
        "https:" => url.set_protocol("wss:"),
        _ => {}
    }
    Ok(url.href())
}

fn opened(_: &Event) -> Option<Action> {
    Some(Action::Opened { at: clock::now() })
}

fn received(event: &Event) -> Option<Action> {
    let at = clock::now();
    let data = event.dyn_ref::<MessageEvent>()?.data();
    let (kind, payload) = match data.as_string() {
        Some(text) => (Kind::Text, Bytes::from(text)),
        None => {
            let buffer = data.dyn_into::<ArrayBuffer>().ok()?;
            (Kind::Binary, Uint8Array::new(&buffer).to_vec().into())
        }
    };
    Some(Action::Received { kind, payload, at })
}

fn closed(event: &Event) -> Option<Action> {
    let event = event.dyn_ref::<CloseEvent>()?;
    Some(Action::Closed {
        code: event.code(),
        reason: event.reason(),
    })
}

fn refused(error: &JsValue) -> Action {
    let reason = error.dyn_ref::<js_sys::Error>();
    Action::Closed {
        code: ABNORMAL,
        reason: reason.map_or_else(String::new, |error| error.message().into()),
    }
}
