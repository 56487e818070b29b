//! The browser's WebSocket: dispatches its events, and sends messages.

use std::cell::RefCell;
use std::rc::Rc;

use bytes::Bytes;
use gloo_events::EventListener;
use js_sys::{ArrayBuffer, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use web_core::action::Action;
use web_core::connection::Close;
use web_core::message::Kind;
use web_core::message::Message;
use web_core::resumable_connection::{ResumableConnection, SUBPROTOCOL};
use web_sys::{BinaryType, CloseEvent, Event, MessageEvent, WebSocket};
use yew::prelude::*;

use super::event::listen;
use super::{clock, url};
use crate::store::Store;

/// The close code reported for a URL that the browser refuses: one that is not retried.
const INVALID_URL: u16 = 1002;

/// The socket to keep open. Each attempt opens a new one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SocketTarget {
    /// The attempt.
    pub attempt: u32,
    /// The URL, absolute or relative to the page.
    pub url: String,
    /// True to offer `framegate.1`.
    pub is_resumable: bool,
}

/// A handle to the current socket and to the store that feeds it.
#[derive(Clone)]
pub struct SocketHandle {
    socket: Rc<RefCell<Option<Socket>>>,
    store: Store,
}

/// Returns a handle to a socket that [`use_socket`] opens.
#[hook]
pub fn use_socket_handle(store: Store) -> SocketHandle {
    let socket = use_mut_ref(|| None::<Socket>);
    SocketHandle { socket, store }
}

/// Keeps a socket open to `target`.
#[hook]
pub fn use_socket(handle: SocketHandle, target: Option<SocketTarget>, dispatch: Callback<Action>) {
    use_effect_with(target, {
        let SocketHandle { socket, store } = handle;
        move |target| {
            if let Some(target) = target {
                match Socket::open(target, &dispatch) {
                    Ok(opening) => *socket.borrow_mut() = Some(opening),
                    Err(error) => dispatch.emit(refused(&error)),
                }
            }
            move || {
                let is_kept = store.state().time_left().is_some();
                let socket = socket.take();
                if let Some(mut socket) = socket
                    && is_kept
                {
                    socket.abandon();
                }
            }
        }
    });
}

impl SocketHandle {
    /// Applies an action, and sends what it leaves to send.
    pub fn dispatch(&self, action: Action) {
        self.store.dispatch(action);
        let outgoing = self.store.take_outgoing();
        if let Some(socket) = &*self.socket.borrow() {
            outgoing.iter().for_each(|message| socket.send(message));
        }
    }

    /// Sends a message; returns false if the connection takes none.
    pub fn send(&self, message: &Message) -> bool {
        let can_send = self.store.state().can_send();
        if can_send {
            self.dispatch(Action::SendMessage {
                message: message.clone(),
                at: clock::now(),
            });
        }
        can_send
    }

    /// Returns the number of bytes that wait in the socket, or for an acknowledgement.
    pub fn buffered(&self) -> usize {
        let socket = self.socket.borrow();
        let buffered = socket.as_ref().map_or(0, |it| it.socket.buffered_amount());
        let kept = self
            .store
            .state()
            .resumable
            .as_ref()
            .map_or(0, ResumableConnection::kept_len);
        kept.max(buffered as usize)
    }
}

/// A WebSocket with its listeners. Drop closes it, unless it is abandoned.
struct Socket {
    socket: WebSocket,
    is_abandoned: bool,
    _listeners: [EventListener; 3],
}

impl Socket {
    fn open(target: &SocketTarget, dispatch: &Callback<Action>) -> Result<Self, JsValue> {
        let url = url::websocket_url(&target.url)?;
        let socket = match target.is_resumable {
            true => WebSocket::new_with_str(&url, SUBPROTOCOL),
            false => WebSocket::new(&url),
        }?;
        socket.set_binary_type(BinaryType::Arraybuffer);
        let listeners = [
            listen(&socket, "open", dispatch, opened),
            listen(&socket, "message", dispatch, received),
            listen(&socket, "close", dispatch, closed),
        ];
        Ok(Self {
            socket,
            is_abandoned: false,
            _listeners: listeners,
        })
    }

    /// Leaves the WebSocket open when dropped: a Close that arrives late would end the session,
    /// which goes on by another connection. A listener keeps it until it ends.
    fn abandon(&mut self) {
        EventListener::new(&self.socket, "close", |_| {}).forget();
        self.is_abandoned = true;
    }

    fn send(&self, Message { kind, payload }: &Message) {
        // Fails before the socket is open only.
        let _ = match (kind, std::str::from_utf8(payload)) {
            (Kind::Text, Ok(text)) => self.socket.send_with_str(text),
            _ => self.socket.send_with_u8_array(payload),
        };
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        if !self.is_abandoned {
            // Fails for invalid codes and reasons only.
            let _ = self.socket.close_with_code(1000);
        }
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

/// The loss of a connection that the browser has not noticed.
pub(super) fn lost() -> Action {
    close(1006, String::new())
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
