//! Observation of clients and their messages: the recorder and the live feed.
//!
//! Each session, and each connection to the echo service, owns a [`Tap`]. Without observers, a
//! tap costs one branch per message. Observers never block traffic: when their queue is full,
//! an entry is dropped and counted.

mod drop_counter;
pub(crate) mod live_feed;
mod queue_level;
mod rate_limiter;
pub(crate) mod recorder;
pub(crate) mod recording_file;
mod seats;

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use bytes::Bytes;
use net::peer_addr::PeerAddr;
use net::untrusted::Untrusted;
use protocol::{Framing, Framings, MessageKind, Payload};
use recording::{Direction, EndedBy, Event, Record};

use crate::buffer::sizes::OBSERVE_SHARE_FROM;
use crate::observe::live_feed::{FeedEntry, LiveFeed, Transport};
use crate::observe::recorder::Recorder;
use crate::upstream::address::ECHO;
use crate::websocket::{CloseFrame, code};

/// The enabled observers; none by default.
#[derive(Debug, Clone, Default)]
pub(crate) struct Observers {
    pub(crate) recorder: Option<Recorder>,
    pub(crate) live_feed: Option<LiveFeed>,
}

/// A client of the gateway, as its observers name it.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    /// The number of the session, also in log lines.
    pub(crate) id: u64,
    /// The address of the client; empty without observers.
    peer: String,
}

impl Client {
    fn new(peer: String) -> Self {
        static NEXT_ID: AtomicU64 = AtomicU64::new(1);
        let id = NEXT_ID.fetch_add(1, Ordering::Relaxed);
        Self { id, peer }
    }
}

/// Change of a resumable session's connection.
#[derive(Debug, Clone, Copy)]
pub(crate) enum ConnectionChange {
    /// The client has no connection.
    Lost,
    /// The client has another connection, and is sent so many messages again.
    Replaced { peer: PeerAddr, again: u64 },
}

/// A tap: reports one client to the observers, from connect to disconnect.
#[derive(Debug, Default)]
pub(crate) struct Tap(Option<Box<ActiveTap>>);

#[derive(Debug)]
struct ActiveTap {
    id: u64,
    recorder: Option<Recorder>,
    feed_entry: Option<FeedEntry>,
    is_open: bool,
}

impl Observers {
    fn is_empty(&self) -> bool {
        self.recorder.is_none() && self.live_feed.is_none()
    }

    /// Returns a client with a new number. Calls `name` only if there are observers.
    pub(crate) fn client(&self, name: impl FnOnce() -> String) -> Client {
        Client::new(match self.is_empty() {
            true => String::new(),
            false => name(),
        })
    }

    /// Reports that a session opens. Returns the tap for its messages and its end.
    pub(crate) fn session(&self, client: &Client, upstream: &str, framings: &Framings) -> Tap {
        if self.is_empty() {
            return Tap::default();
        }
        let open_record = client.open_record(upstream, framings.clone());
        if let Some(recorder) = &self.recorder {
            recorder.record_event(open_record.clone());
        }
        let connect =
            |feed: &LiveFeed| feed.connected(client.id, open_record, Transport::WebSocket);
        Tap::new(ActiveTap {
            id: client.id,
            recorder: self.recorder.clone(),
            feed_entry: self.live_feed.as_ref().map(connect),
            is_open: true,
        })
    }

    /// Reports a connection to the echo service, and returns its tap. Only the live feed shows
    /// it: recordings contain only sessions.
    pub(crate) fn echo(&self, peer: PeerAddr, framing: Framing) -> Tap {
        let Some(live_feed) = &self.live_feed else {
            return Tap::default();
        };
        let client = Client::new(peer.to_string());
        let open_record = client.open_record(ECHO, framing.into());
        Tap::new(ActiveTap {
            id: client.id,
            recorder: None,
            feed_entry: Some(live_feed.connected(client.id, open_record, Transport::Tcp)),
            is_open: true,
        })
    }
}

impl Client {
    fn open_record(&self, upstream: &str, framings: Framings) -> Record {
        Record {
            time: SystemTime::now(),
            session: Some(self.id),
            event: Event::Open {
                peer: self.peer.clone(),
                upstream: upstream.into(),
                framings: framings.into(),
            },
        }
    }
}

impl Tap {
    fn new(inner: ActiveTap) -> Self {
        Self(Some(Box::new(inner)))
    }

    /// Reports a message that was relayed.
    #[inline]
    pub(crate) fn message(
        &mut self,
        direction: Direction,
        kind: MessageKind,
        payload: &Payload<'_>,
    ) {
        if let Some(inner) = &mut self.0 {
            inner.message(direction, kind, payload);
        }
    }

    /// Reports a message to the echo service and its echo, which begins with `prefix`.
    #[inline]
    pub(crate) fn echo(&mut self, prefix: &[u8], payload: &[u8]) {
        if let Some(inner) = &mut self.0 {
            inner.echo(prefix, payload);
        }
    }

    /// Reports that a resumable session has lost its connection, or has another one.
    pub(crate) fn connection_changed(&mut self, change: ConnectionChange) {
        if let Some(inner) = &self.0 {
            inner.connection_changed(change);
        }
    }

    /// Reports the end of the session: the close code, the Close, and the side that ended it.
    pub(crate) fn session_ended(&mut self, code: u16, close: Option<&CloseFrame>, by: EndedBy) {
        if let Some(inner) = &mut self.0 {
            let reason = close.map(CloseFrame::reason_text).unwrap_or_default();
            inner.close(code, reason, Some(by));
        }
    }

    /// Reports the end of a connection to the echo service, with its reason.
    pub(crate) fn echo_ended(&mut self, reason: &Untrusted<'_>) {
        if let Some(inner) = &mut self.0 {
            inner.close(code::NONE, reason.to_string(), None);
        }
    }
}

impl ActiveTap {
    #[inline(never)]
    fn message(&mut self, direction: Direction, kind: MessageKind, payload: &Payload<'_>) {
        let (id, time) = (self.id, SystemTime::now());
        let mut shared = None;
        if let Some(recorder) = &self.recorder {
            recorder.record_message(payload.as_ref().len(), || Record {
                time,
                session: Some(id),
                event: Event::Message {
                    direction,
                    kind,
                    payload: shared.insert(to_bytes(payload)).clone(),
                },
            });
        }
        if let Some(feed_entry) = &self.feed_entry {
            feed_entry.message(time, direction, kind, &[payload.as_ref()], shared);
        }
    }

    #[inline(never)]
    fn echo(&mut self, prefix: &[u8], payload: &[u8]) {
        let Some(feed_entry) = &self.feed_entry else {
            return;
        };
        let (kind, time) = (MessageKind::of(payload), SystemTime::now());
        feed_entry.message(time, Direction::Sent, kind, &[payload], None);
        feed_entry.message(time, Direction::Received, kind, &[prefix, payload], None);
    }

    fn connection_changed(&self, change: ConnectionChange) {
        let time = SystemTime::now();
        let event = match change {
            ConnectionChange::Lost => Event::Detach,
            ConnectionChange::Replaced { peer, again } => Event::Resume {
                peer: peer.to_string(),
                again,
            },
        };
        self.record(time, &event);
        if let Some(feed_entry) = &self.feed_entry {
            feed_entry.connection_changed(time, event);
        }
    }

    fn record(&self, time: SystemTime, event: &Event) {
        if let Some(recorder) = &self.recorder {
            recorder.record_event(Record {
                time,
                session: Some(self.id),
                event: event.clone(),
            });
        }
    }

    fn close(&mut self, code: u16, reason: String, by: Option<EndedBy>) {
        if !std::mem::take(&mut self.is_open) {
            return;
        }
        let time = SystemTime::now();
        let code = (code != code::NONE && code != code::LOST).then_some(code);
        let event = Event::Close { code, reason, by };
        self.record(time, &event);
        if let Some(feed_entry) = &self.feed_entry {
            feed_entry.disconnected(time, event);
        }
    }
}

/// Reports the end of a session that was aborted without a close.
impl Drop for ActiveTap {
    fn drop(&mut self) {
        self.close(code::LOST, String::new(), None);
    }
}

/// Returns the payload as owned bytes: a long one is shared, a short one copied.
fn to_bytes(payload: &Payload<'_>) -> Bytes {
    match payload {
        Payload::Shared(payload) if payload.len() >= OBSERVE_SHARE_FROM => payload.clone(),
        payload => Bytes::copy_from_slice(payload.as_ref()),
    }
}
