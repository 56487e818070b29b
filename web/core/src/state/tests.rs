//! The reducer: the state after a sequence of actions.

mod batch;
mod composing;
mod connection;
mod log;
mod network;
mod reading;
mod resumable;
mod selection;
mod storage;
mod timing;

use std::time::Duration;

use crate::framing::{Framing, Framings, Refusal};

use super::*;
use crate::action::Action;
use crate::batch::{Batch, SendRate};
use crate::connection::{Close, ConnectionEnd};
use crate::draft::InputFormat;
use crate::filter::{Filter, Matcher};
use crate::gateway_info::InfoError;
use crate::language::Language;
use crate::message::{Direction, Kind, Message};
use crate::message_log::{Pairing, RowId};
use crate::resumable_connection::SessionEvent;
use crate::shown_message::{self, ShownMessage};
use crate::step::Step;

fn gateway() -> GatewayInfo {
    let upstream = |name: &str| Upstream {
        name: name.into(),
        path: format!("ws/{name}"),
        framings: Framings::default(),
        max_frame: 16,
    };
    GatewayInfo {
        version: "0.1.0".into(),
        echo: None,
        upstreams: vec![upstream("echo"), upstream("db")],
        token: false,
        live_feed: false,
        resume: false,
    }
}

/// The packed rows of the open tab.
fn packed(state: &State, filtered: bool) -> Vec<u8> {
    let packed = std::cell::RefCell::new(Vec::new());
    state.pack_rows(filtered, |part| {
        packed.borrow_mut().extend_from_slice(part);
    });
    packed.into_inner()
}

/// The state that the next visit begins with.
fn stored(state: &State) -> StoredState {
    StoredState::from_entries(&state.to_stored().to_entries())
}

fn at(seconds: f64) -> Moment {
    Moment {
        utc_ms: 0.0,
        steady_ms: seconds * 1000.0,
    }
}

fn answered(answer: Result<GatewayInfo, InfoError>) -> Action {
    Action::InfoLoaded {
        answer,
        at: at(0.0),
        random: 1.0,
    }
}

fn info_loaded() -> Action {
    answered(Ok(gateway()))
}

fn opened() -> Action {
    Action::SocketOpened { at: at(0.0) }
}

fn closed_at(code: u16, seconds: f64) -> Action {
    let close = Close {
        code,
        reason: "why".into(),
        ..Close::default()
    };
    Action::SocketClosed {
        close,
        at: at(seconds),
        random: 1.0,
    }
}

fn closed(code: u16) -> Action {
    closed_at(code, 0.0)
}

fn message(text: &'static str) -> Message {
    Message {
        kind: Kind::Text,
        payload: text.into(),
    }
}

fn sent() -> Action {
    Action::SendMessage {
        message: message("hello"),
        at: at(0.0),
    }
}

fn received() -> Action {
    Action::MessageReceived {
        message: message("echo : hello"),
        at: at(0.0),
    }
}

fn new() -> State {
    State::new(UpstreamChoice::First, StoredState::default())
}

fn after(actions: impl IntoIterator<Item = Action>) -> State {
    let mut state = new();
    actions.into_iter().for_each(|action| state.apply(action));
    state
}

fn open_then(actions: impl IntoIterator<Item = Action>) -> State {
    after_opening([info_loaded(), opened()], actions)
}

/// The state after `opening`, whose event is not logged, and `actions`.
fn after_opening(
    opening: impl IntoIterator<Item = Action>,
    actions: impl IntoIterator<Item = Action>,
) -> State {
    let mut state = after(opening);
    state.console = MessagePane::new(state.settings.max_rows);
    actions.into_iter().for_each(|action| state.apply(action));
    state
}

fn end(code: u16, opened: bool) -> ConnectionEnd {
    ConnectionEnd::Closed(Close {
        code,
        reason: "why".into(),
        opened,
        unanswered: 0,
    })
}

fn waiting(attempt: u32, seconds: u64, end: ConnectionEnd) -> Connection {
    Connection::Waiting {
        attempt,
        delay: Duration::from_secs(seconds),
        since: at(0.0),
        end,
    }
}

#[track_caller]
fn check_connection(actions: &[Action], expected: &Connection) {
    assert_eq!(&after(actions.to_vec()).connection, expected, "{actions:?}");
}
