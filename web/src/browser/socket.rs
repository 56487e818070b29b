//! The browser's WebSocket, in a worker: dispatches its events, and sends messages.
//!
//! The worker is a thread of its own, so that its times have nothing of the page's drawing in
//! them. It posts one batch of events at a time: while the page is busy, the others wait there,
//! and a resumable session's are not acknowledged.

use std::cell::{Cell, Ref, RefCell};
use std::rc::Rc;

use bytes::Bytes;
use gloo_events::EventListener;
use js_sys::{Array, Uint8Array};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use web_core::action::Action;
use web_core::connection::Close;
use web_core::message::{Kind, Message};
use web_core::resumable_connection::{ResumableConnection, SUBPROTOCOL};
use web_core::socket_events::SocketEvents;
use web_core::state::State;
use web_sys::{Event, MessageEvent, Worker};
use yew::prelude::*;

use super::{clock, url};
use crate::store::Store;

#[wasm_bindgen]
extern "C" {
    /// Starts the worker that has the WebSocket: a function of the page's script.
    #[wasm_bindgen(catch, js_name = startSocketWorker)]
    fn start_socket_worker() -> Result<Worker, JsValue>;
}

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
    inner: Rc<Inner>,
    store: Store,
}

struct Inner {
    worker: RefCell<Option<SocketWorker>>,
    /// Bytes handed to the worker for the current socket, and those that have left it.
    handed: Cell<usize>,
    gone: Cell<usize>,
    /// Due time of the next message that is handed over, and the interval to the one after, in
    /// milliseconds.
    schedule: Cell<(f64, f64)>,
    /// Called with each batch of events.
    on_tick: RefCell<Option<Callback<()>>>,
}

/// The worker with its listeners. Drop ends it.
struct SocketWorker {
    worker: Worker,
    _listeners: [EventListener; 2],
}

/// Returns a handle to a socket that [`use_socket`] opens.
#[hook]
pub fn use_socket_handle(store: Store) -> SocketHandle {
    let inner = use_memo((), |()| Inner {
        worker: RefCell::default(),
        handed: Cell::default(),
        gone: Cell::default(),
        schedule: Cell::default(),
        on_tick: RefCell::default(),
    });
    SocketHandle { inner, store }
}

/// Keeps a socket open to `target`.
#[hook]
pub fn use_socket(handle: SocketHandle, target: Option<SocketTarget>) {
    use_effect_with(target, move |target| {
        // Started before the first target is known, because that takes a moment.
        let started = handle.start();
        if let Some(target) = target {
            match started {
                Ok(()) => handle.open(target),
                Err(_) => handle.dispatch(Action::SocketMissing),
            }
        }
        move || {
            // A Close that arrives late would end a session that goes on by another connection.
            let is_kept = handle.store.state().time_left().is_some();
            handle.post(if is_kept { "abandon" } else { "close" }, &[]);
        }
    });
}

impl SocketHandle {
    /// Applies an action, and sends what it leaves to send.
    pub fn dispatch(&self, action: Action) {
        self.store.dispatch(action);
        self.flush();
    }

    /// Borrows the state.
    pub fn state(&self) -> Ref<'_, State> {
        self.store.state()
    }

    /// Queues a message; returns false if the connection takes none.
    pub fn queue(&self, message: &Message) -> bool {
        let can_send = self.store.state().can_send();
        if can_send {
            self.store.dispatch(Action::SendMessage {
                message: message.clone(),
                at: clock::now(),
            });
        }
        can_send
    }

    /// Schedules the messages of the next [`flush`](Self::flush): the worker sends the first at
    /// `due`, by the clock that does not jump, and each later one `interval` after, in milliseconds.
    pub fn schedule(&self, due: f64, interval: f64) {
        self.inner.schedule.set((due, interval));
    }

    /// Sends what the state has to send.
    pub fn flush(&self) {
        let (due, interval) = self.inner.schedule.take();
        let outgoing = self.store.take_outgoing();
        if outgoing.is_empty() {
            return;
        }
        let mut len = self.inner.handed.get();
        let messages = outgoing.iter().map(|Message { kind, payload }| {
            len += payload.len();
            match (kind, std::str::from_utf8(payload)) {
                (Kind::Text, Ok(text)) => text.into(),
                _ => Uint8Array::from(&payload[..]).into(),
            }
        });
        let schedule = [due.into(), interval.into()];
        let values: Vec<JsValue> = schedule.into_iter().chain(messages).collect();
        self.post("send", &values);
        self.inner.handed.set(len);
    }

    /// Returns the number of bytes that wait in the socket, or for an acknowledgement.
    pub fn buffered(&self) -> usize {
        let state = self.store.state();
        let kept = state.resumable.as_ref();
        let kept = kept.map_or(0, ResumableConnection::kept_len);
        let buffered = self
            .inner
            .handed
            .get()
            .saturating_sub(self.inner.gone.get());
        kept.max(buffered)
    }

    /// Calls `on_tick` every few milliseconds, also while the page is hidden; `None` ends it.
    pub fn set_on_tick(&self, on_tick: Option<Callback<()>>) {
        self.post("tick", &[on_tick.is_some().into()]);
        *self.inner.on_tick.borrow_mut() = on_tick;
    }

    fn start(&self) -> Result<(), JsValue> {
        let mut running = self.inner.worker.borrow_mut();
        if running.is_none() {
            let worker = start_socket_worker()?;
            let listen = |event, handle: fn(&Self, &Event)| {
                let this = self.clone();
                EventListener::new(&worker, event, move |event| handle(&this, event))
            };
            let listeners = [
                listen("message", Self::handle_batch),
                listen("error", |this, _| this.fail()),
            ];
            *running = Some(SocketWorker {
                worker,
                _listeners: listeners,
            });
        }
        Ok(())
    }

    fn open(&self, target: &SocketTarget) {
        self.inner.handed.set(0);
        self.inner.gone.set(0);
        // The worker reports what the browser has against an invalid one.
        let url = url::websocket_url(&target.url).unwrap_or_else(|_| target.url.clone());
        let subprotocol = if target.is_resumable { SUBPROTOCOL } else { "" };
        let (attempt, origin) = (target.attempt.into(), clock::origin().into());
        self.post("open", &[attempt, url.into(), subprotocol.into(), origin]);
    }

    /// Applies a batch of events, unless its connection is no more, and asks for the next.
    fn handle_batch(&self, event: &Event) {
        let parts: Array = event
            .unchecked_ref::<MessageEvent>()
            .data()
            .unchecked_into();
        let part = |index| Bytes::from(parts.get(index).unchecked_into::<Uint8Array>().to_vec());
        let events = SocketEvents::new(part(0), part(1), clock::now(), clock::random());
        let attempt = events.attempt;
        if attempt == self.store.state().attempt {
            self.inner.gone.set(events.gone as usize);
        }
        for action in events {
            if attempt == self.store.state().attempt {
                self.store.dispatch(action);
            }
        }
        self.flush();
        self.post("taken", &[]);
        let on_tick = self.inner.on_tick.borrow().clone();
        if let Some(on_tick) = on_tick {
            on_tick.emit(());
        }
    }

    /// Ends a worker that did not start.
    fn fail(&self) {
        self.inner.worker.take();
        self.dispatch(Action::SocketMissing);
    }

    fn post(&self, command: &str, values: &[JsValue]) {
        let message = Array::of1(&command.into());
        for value in values {
            message.push(value);
        }
        if let Some(running) = &*self.inner.worker.borrow() {
            // Fails if memory runs out.
            let _ = running.worker.post_message(&message);
        }
    }
}

impl Drop for SocketWorker {
    fn drop(&mut self) {
        self.worker.terminate();
    }
}

/// The loss of a connection that the browser has not noticed.
pub(super) fn lost() -> Action {
    Action::SocketClosed {
        close: Close {
            code: 1006,
            ..Close::default()
        },
        at: clock::now(),
        random: clock::random(),
    }
}
