//! What passes through the gateway, for those who watch.
//!
//! Whoever has something to tell owns a [`Tap`]; where nobody watches, that costs a branch
//! for each message. Telling never waits: what a watcher has no room for is dropped, and
//! counted.

mod counter;
pub(crate) mod live_feed;
pub(crate) mod recorder;
pub(crate) mod recording_file;

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use bytes::Bytes;
use protocol::Framing;
use protocol::MessageKind;
use recording::{Direction, EndedBy, Event, Record};

use crate::buffer::payload::Payload;
use crate::observe::live_feed::{FeedEntry, LiveFeed, Transport};
use crate::observe::recorder::Recorder;
use crate::upstream::address::ECHO;
use crate::websocket::code;

/// From this many bytes on, a payload is shared rather than copied. It may share what one
/// read brought, 256 KiB: a shorter one would keep more from being used again than it is
/// long itself.
const SHARED_FROM: usize = 128 * 1024;

/// Who watches: nobody, by default.
#[derive(Debug, Clone, Default)]
pub(crate) struct Observers {
    pub(crate) recorder: Option<Recorder>,
    pub(crate) live_feed: Option<LiveFeed>,
}

/// Whom a tap is for.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    /// What logs call the session.
    pub(crate) id: u64,
    /// Empty where nobody watches.
    peer: String,
}

impl Client {
    fn new(peer: String) -> Self {
        static NEXT_ID: AtomicU64 = AtomicU64::new(1);
        let id = NEXT_ID.fetch_add(1, Ordering::Relaxed);
        Self { id, peer }
    }
}

/// Tells of one client, from its coming to its going, if somebody watches.
#[derive(Debug, Default)]
pub(crate) struct Tap(Option<Box<Inner>>);

#[derive(Debug)]
struct Inner {
    id: u64,
    recorder: Option<Recorder>,
    place: Option<FeedEntry>,
    is_open: bool,
}

impl Observers {
    fn are_none(&self) -> bool {
        self.recorder.is_none() && self.live_feed.is_none()
    }

    /// A client with a number of its own, and a `name` if somebody watches.
    pub(crate) fn client(&self, name: impl FnOnce() -> String) -> Client {
        Client::new(match self.are_none() {
            true => String::new(),
            false => name(),
        })
    }

    /// Tells that a session opens; the tap tells the rest of it.
    pub(crate) fn session(&self, client: &Client, upstream: &str, framing: Framing) -> Tap {
        if self.are_none() {
            return Tap::default();
        }
        let opening = client.opening(upstream, framing);
        if let Some(recorder) = &self.recorder {
            recorder.tell(opening.clone());
        }
        let come = |monitor: &LiveFeed| monitor.came(client.id, opening, Transport::WebSocket);
        Tap::new(Inner {
            id: client.id,
            recorder: self.recorder.clone(),
            place: self.live_feed.as_ref().map(come),
            is_open: true,
        })
    }

    /// Tells that a client of the echo service has come; the tap tells the rest. That is no
    /// session, and not recorded.
    pub(crate) fn echo(&self, peer: SocketAddr, framing: Framing) -> Tap {
        let Some(monitor) = &self.live_feed else {
            return Tap::default();
        };
        let client = Client::new(peer.to_string());
        let opening = client.opening(ECHO, framing);
        Tap::new(Inner {
            id: client.id,
            recorder: None,
            place: Some(monitor.came(client.id, opening, Transport::Tcp)),
            is_open: true,
        })
    }
}

impl Client {
    fn opening(&self, upstream: &str, framing: Framing) -> Record {
        Record {
            time: SystemTime::now(),
            session: Some(self.id),
            event: Event::Open {
                peer: self.peer.clone(),
                upstream: upstream.into(),
                framing,
            },
        }
    }
}

impl Tap {
    fn new(inner: Inner) -> Self {
        Self(Some(Box::new(inner)))
    }

    /// Tells of a message that was passed on.
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

    /// Tells of a message and its echo, behind `prefix`.
    #[inline]
    pub(crate) fn echo(&mut self, prefix: &[u8], payload: &[u8]) {
        if let Some(inner) = &mut self.0 {
            inner.echo(prefix, payload);
        }
    }

    /// Reports the end of the session: the close code, the reason, and the side that ended it.
    pub(crate) fn session_ended(&mut self, code: u16, reason: String, by: EndedBy) {
        if let Some(inner) = &mut self.0 {
            inner.close(code, reason, Some(by));
        }
    }

    /// Tells that the client of the echo service has gone, and why.
    pub(crate) fn echo_ended(&mut self, reason: String) {
        if let Some(inner) = &mut self.0 {
            inner.close(code::NONE, reason, None);
        }
    }
}

impl Inner {
    #[inline(never)]
    fn message(&mut self, direction: Direction, kind: MessageKind, payload: &Payload<'_>) {
        let (id, time) = (self.id, SystemTime::now());
        let mut kept = None;
        if let Some(recorder) = &self.recorder {
            recorder.message(payload.as_ref().len(), || Record {
                time,
                session: Some(id),
                event: Event::Message {
                    direction,
                    kind,
                    payload: kept.insert(own(payload)).clone(),
                },
            });
        }
        if let Some(place) = &self.place {
            place.message(time, direction, kind, &[payload.as_ref()], kept);
        }
    }

    #[inline(never)]
    fn echo(&mut self, prefix: &[u8], payload: &[u8]) {
        let Some(place) = &self.place else { return };
        let (kind, time) = (MessageKind::of(payload), SystemTime::now());
        place.message(time, Direction::Sent, kind, &[payload], None);
        place.message(time, Direction::Received, kind, &[prefix, payload], None);
    }

    fn close(&mut self, code: u16, reason: String, by: Option<EndedBy>) {
        if !std::mem::take(&mut self.is_open) {
            return;
        }
        let time = SystemTime::now();
        let code = (code != code::NONE && code != code::LOST).then_some(code);
        let event = Event::Close { code, reason, by };
        if let Some(recorder) = &self.recorder {
            recorder.tell(Record {
                time,
                session: Some(self.id),
                event: event.clone(),
            });
        }
        if let Some(place) = &self.place {
            place.left(time, event);
        }
    }
}

/// A session that was cut off, or failed, has ended too.
impl Drop for Inner {
    fn drop(&mut self) {
        self.close(code::LOST, String::new(), None);
    }
}

/// The payload, for as long as it is needed.
fn own(payload: &Payload<'_>) -> Bytes {
    match payload {
        Payload::Shared(payload) if payload.len() >= SHARED_FROM => payload.clone(),
        payload => Bytes::copy_from_slice(payload.as_ref()),
    }
}
