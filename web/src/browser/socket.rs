//! The browser's WebSocket: dispatches its events, and sends messages.

use std::cell::RefCell;
use std::rc::Rc;

use bytes::Bytes;
use gloo_events::EventListener;
use js_sys::{ArrayBuffer, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use web_core::action::Action;
use web_core::connection::Close;
use web_core::gateway_info::SendLimits;
use web_core::message::Kind;
use web_core::message::Message;
use web_core::time::Moment;
use web_sys::{BinaryType, CloseEvent, Event, MessageEvent, WebSocket};
use yew::prelude::*;

use super::event::listen;
use super::{clock, url};

/// The close code reported for a URL that the browser refuses: one that is not retried.
const INVALID_URL: u16 = 1002;

/// The socket to keep open. Each attempt opens a new one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SocketTarget {
    /// The attempt.
    pub attempt: u32,
    /// The URL, absolute or relative to the page.
    pub url: String,
}

/// A handle to the current socket.
#[derive(Clone)]
pub struct SocketHandle {
    socket: Rc<RefCell<Option<Socket>>>,
    limits: Rc<SendLimits>,
    dispatch: Callback<Action>,
}

/// Keeps a socket open to `target`, and returns a handle to it. `limits` tell the framing.
#[hook]
pub fn use_socket(
    target: Option<SocketTarget>,
    limits: &Rc<SendLimits>,
    dispatch: Callback<Action>,
) -> SocketHandle {
    let socket = use_mut_ref(|| None::<Socket>);
    let limits = limits.clone();
    let handle = SocketHandle {
        socket,
        limits,
        dispatch,
    };
    use_effect_with(target, {
        let SocketHandle {
            socket, dispatch, ..
        } = handle.clone();
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
    handle
}

impl SocketHandle {
    /// Sends a message and dispatches it; returns false if there is no open socket.
    pub fn send(&self, message: &Message) -> bool {
        let socket = self.socket.borrow();
        let framed = self.limits.on_websocket(message);
        let at = framed.and_then(|framed| socket.as_ref()?.send(&framed));
        if let Some(at) = at {
            let message = message.clone();
            self.dispatch.emit(Action::MessageSent { message, at });
        }
        at.is_some()
    }

    /// Returns the number of bytes in the socket's send buffer.
    pub fn buffered(&self) -> u32 {
        let socket = self.socket.borrow();
        socket.as_ref().map_or(0, |it| it.socket.buffered_amount())
    }
}

/// A WebSocket with its listeners. Drop closes it.
struct Socket {
    socket: WebSocket,
    _listeners: [EventListener; 3],
}

impl Socket {
    fn open(target: &str, dispatch: &Callback<Action>) -> Result<Self, JsValue> {
        let socket = WebSocket::new(&url::websocket_url(target)?)?;
        socket.set_binary_type(BinaryType::Arraybuffer);
        let listeners = [
            listen(&socket, "open", dispatch, opened),
            listen(&socket, "message", dispatch, received),
            listen(&socket, "close", dispatch, closed),
        ];
        Ok(Self {
            socket,
            _listeners: listeners,
        })
    }

    /// Sends a message and returns the time; `None` if the socket is not open.
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
        // Fails for invalid codes and reasons only.
        let _ = self.socket.close_with_code(1000);
    }
}

fn opened(_: &Event) -> Option<Action> {
    Some(Action::SocketOpened { at: clock::now() })
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
    Some(Action::MessageReceived { message, at })
}

fn closed(event: &Event) -> Option<Action> {
    let event = event.dyn_ref::<CloseEvent>()?;
    Some(close(event.code(), event.reason()))
}

fn refused(error: &JsValue) -> Action {
    let reason = error.dyn_ref::<js_sys::Error>();
    let reason = reason.map_or_else(String::new, |error| error.message().into());
    close(INVALID_URL, reason)
}

fn close(code: u16, reason: String) -> Action {
    Action::SocketClosed {
        close: Close {
            code,
            reason,
            ..Close::default()
        },
        at: clock::now(),
        random: clock::random(),
    }
}
