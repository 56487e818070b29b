//! What passes through the gateway, for those who watch.
//!
//! Whoever has something to tell owns a [`Tap`]; where nobody watches, that costs a branch
//! for each message. Telling never waits: what a watcher has no room for is dropped, and
//! counted.

pub(crate) mod record_file;
pub(crate) mod recorder;

use std::time::SystemTime;

use bytes::Bytes;
use protocol::Framing;

use self::recorder::Recorder;
use crate::recording::{self, Direction, Entry, Event};
use crate::session::end::End;
use crate::socket::read::Payload;
use crate::websocket::{Kind, code};

/// From this many bytes on, a payload is shared rather than copied. It may share what one
/// read brought, 256 KiB: a shorter one would keep more from being used again than it is
/// long itself.
const SHARED_FROM: usize = 128 * 1024;

/// Who watches: nobody, by default.
#[derive(Debug, Clone, Default)]
pub(crate) struct Observers {
    pub(crate) recorder: Option<Recorder>,
}

/// Whom a tap is for.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    /// What logs call the session.
    pub(crate) id: u64,
    pub(crate) peer: String,
}

/// Tells of one client, from its coming to its going, if somebody watches.
#[derive(Debug, Default)]
pub(crate) struct Tap(Option<Box<Inner>>);

#[derive(Debug)]
struct Inner {
    session: u64,
    recorder: Recorder,
    is_open: bool,
}

impl Observers {
    /// Tells that a session opens; the tap tells the rest of it.
    pub(crate) fn session(&self, client: &Client, upstream: &str, framing: Framing) -> Tap {
        let Some(recorder) = &self.recorder else {
            return Tap::default();
        };
        let inner = Inner {
            session: client.id,
            recorder: recorder.clone(),
            is_open: true,
        };
        inner.tell(Event::Open {
            peer: client.peer.clone(),
            upstream: upstream.into(),
            framing,
        });
        Tap(Some(Box::new(inner)))
    }
}

impl Tap {
    /// Tells of a message that was passed on.
    #[inline]
    pub(crate) fn message(&mut self, direction: Direction, kind: Kind, payload: &Payload<'_>) {
        if let Some(inner) = &mut self.0 {
            inner.message(direction, kind, payload);
        }
    }

    /// Tells how the session ended.
    pub(crate) fn ended(&mut self, end: &End) {
        if let Some(inner) = &mut self.0 {
            let reason = end.close_frame().map(|close| close.reason);
            inner.close(end.final_code(), reason.unwrap_or_default());
        }
    }
}

impl Inner {
    #[inline(never)]
    fn message(&mut self, direction: Direction, kind: Kind, payload: &Payload<'_>) {
        let session = self.session;
        self.recorder.message(payload.as_ref().len(), || Entry {
            time: SystemTime::now(),
            session: Some(session),
            event: Event::Message {
                direction,
                kind: recorded_kind(kind),
                payload: own(payload),
            },
        });
    }

    fn close(&mut self, code: u16, reason: String) {
        if std::mem::take(&mut self.is_open) {
            let code = (code != code::NONE && code != code::LOST).then_some(code);
            self.tell(Event::Close { code, reason });
        }
    }

    fn tell(&self, event: Event) {
        self.recorder.tell(Entry {
            time: SystemTime::now(),
            session: Some(self.session),
            event,
        });
    }
}

/// A session that was cut off, or failed, has ended too.
impl Drop for Inner {
    fn drop(&mut self) {
        self.close(code::LOST, String::new());
    }
}

fn recorded_kind(kind: Kind) -> recording::Kind {
    match kind {
        Kind::Text => recording::Kind::Text,
        Kind::Binary => recording::Kind::Binary,
    }
}

/// The payload, for as long as it is needed.
fn own(payload: &Payload<'_>) -> Bytes {
    match payload {
        Payload::Apart(payload) if payload.len() >= SHARED_FROM => payload.clone(),
        payload => Bytes::copy_from_slice(payload.as_ref()),
    }
}
