//! The browser's WebSocket: its events become actions, and messages go out.

use std::cell::RefCell;
use std::rc::Rc;

use bytes::Bytes;
use gloo_events::EventListener;
use js_sys::{ArrayBuffer, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use web_core::action::Action;
use web_core::connection::Close;
use web_core::draft::Message;
use web_core::log::Kind;
use web_core::time::Moment;
use web_sys::{BinaryType, CloseEvent, Event, MessageEvent, WebSocket};
use yew::prelude::*;

use super::{clock, url};

/// Stands for a URL that the browser refuses: nothing was abnormal, and trying again
/// would not help.
const INVALID: u16 = 1002;

/// A socket that is to be there: another one for another attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The number of the attempt.
    pub attempt: u32,
    /// The URL, absolute or relative to the page's.
    pub url: String,
}

/// The way to the socket, whichever there is.
#[derive(Clone)]
pub struct Link {
    socket: Rc<RefCell<Option<Socket>>>,
    dispatch: Callback<Action>,
}

/// Keeps a socket open to `target`, and returns the way to it.
#[hook]
pub fn use_socket(target: Option<Target>, dispatch: Callback<Action>) -> Link {
    let socket = use_mut_ref(|| None::<Socket>);
    let link = Link { socket, dispatch };
    use_effect_with(target, {
        let Link { socket, dispatch } = link.clone();
        move |target| {
            if let Some(target) = target {
                match Socket::open(&target.url, &dispatch) {
                    Ok(opening) => *socket.borrow_mut() = Some(opening),
                    Err(error) => dispatch.emit(refused(&error)),
                }
            }
            move || drop(socket.take())
        }
    });
    link
}

impl Link {
    /// Sends `message`, and tells the state; `false` if there is no open socket.
    pub fn send(&self, message: &Message) -> bool {
        let socket = self.socket.borrow();
        let at = socket.as_ref().and_then(|it| it.send(message));
        if let Some(at) = at {
            let message = message.clone();
            self.dispatch.emit(Action::Sent { message, at });
        }
        at.is_some()
    }

    /// The bytes that wait in the browser to be sent.
    pub fn buffered(&self) -> u32 {
        let socket = self.socket.borrow();
        socket.as_ref().map_or(0, |it| it.socket.buffered_amount())
    }
}

/// A WebSocket with those who listen to it; closes and falls silent when dropped.
struct Socket {
    socket: WebSocket,
    _listeners: [EventListener; 3],
}

impl Socket {
    fn open(target: &str, dispatch: &Callback<Action>) -> Result<Self, JsValue> {
        let socket = WebSocket::new(&url::websocket(target)?)?;
        socket.set_binary_type(BinaryType::Arraybuffer);
        let listen = |event, action: fn(&Event) -> Option<Action>| {
            let dispatch = dispatch.clone();
            EventListener::new(&socket, event, move |event| {
                if let Some(action) = action(event) {
                    dispatch.emit(action);
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

    /// Returns when it was sent; `None` if the socket is not open.
    fn send(&self, Message { kind, payload }: &Message) -> Option<Moment> {
        if self.socket.ready_state() != WebSocket::OPEN {
            return None;
        }
        let at = clock::now();
        match (kind, std::str::from_utf8(payload)) {
            (Kind::Text, Ok(text)) => self.socket.send_with_str(text),
            _ => self.socket.send_with_u8_array(payload),
        }
        .ok()?;
        Some(at)
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        // Fails only for codes and reasons that may not be sent, and none is given.
        let _ = self.socket.close_with_code(1000);
    }
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
    let message = Message { kind, payload };
    Some(Action::Received { message, at })
}

fn closed(event: &Event) -> Option<Action> {
    let event = event.dyn_ref::<CloseEvent>()?;
    Some(close(event.code(), event.reason()))
}

fn refused(error: &JsValue) -> Action {
    let reason = error.dyn_ref::<js_sys::Error>();
    let reason = reason.map_or_else(String::new, |error| error.message().into());
    close(INVALID, reason)
}

fn close(code: u16, reason: String) -> Action {
    Action::Closed {
        close: Close {
            code,
            reason,
            ..Close::default()
        },
        at: clock::now(),
        chance: clock::chance(),
    }
}
