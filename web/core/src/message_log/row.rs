//! Rows of the message log, and the pairing of requests with their replies.

use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;

use crate::framing::Framing;
use crate::message::{Direction, Kind, Message};
use crate::resumable_connection::SessionEvent;
use crate::time::Moment;

/// A row's id, unique while the page lives. Ids ascend without gaps.
pub type RowId = u64;

/// The link between a request and its reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pairing {
    /// A request whose reply may still come.
    Pending,
    /// A request that waits for its session to be resumed, or was given up then.
    Unsent,
    /// A request with its reply, or a reply with its request.
    Paired {
        /// The other row, which may be evicted already.
        with: RowId,
        /// The time from request to reply.
        round_trip: Duration,
        /// The part of it that the service took, by the gateway's clock.
        service_time: Option<Duration>,
    },
    /// A request that was never answered, or an unsolicited message.
    Unpaired,
}

/// A message in the log, or an event of the session.
#[derive(Debug, Clone)]
pub struct Row {
    /// The row's id.
    pub id: RowId,
    /// Sent or received.
    pub direction: Direction,
    /// Text or binary.
    pub kind: Kind,
    /// The frame's payload.
    pub payload: Bytes,
    /// The time of sending or receipt.
    pub at: Moment,
    /// Its reply or request.
    pub pairing: Pairing,
    /// The framing of the message on TCP; `None` if it is unknown.
    pub framing: Option<Framing>,
    /// The gateway's session number, for a message of another client or a recording.
    pub session: Option<u64>,
    /// The address of the session's client, if it is known.
    pub client: Option<Rc<str>>,
    /// Payload bytes that are missing at the end: the live feed truncates long messages.
    pub missing_len: usize,
    /// The event; the row is no message then.
    pub event: Option<SessionEvent>,
}

/// Compares id and pairing only: nothing else in a row ever changes.
impl PartialEq for Row {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id && self.pairing == other.pairing
    }
}

impl Eq for Row {}

impl Row {
    /// Returns the payload's length in bytes, with the missing part.
    pub fn full_len(&self) -> usize {
        self.payload.len() + self.missing_len
    }

    /// Returns the message, to be sent again.
    pub fn message(&self) -> Message {
        Message {
            kind: self.kind,
            payload: self.payload.clone(),
        }
    }

    /// Returns the time from request to reply, of either of them.
    pub fn round_trip(&self) -> Option<Duration> {
        match self.pairing {
            Pairing::Paired { round_trip, .. } => Some(round_trip),
            Pairing::Pending | Pairing::Unsent | Pairing::Unpaired => None,
        }
    }

    /// Returns the time that the service took to answer, and the rest of the round trip, if
    /// the gateway has told.
    pub fn service_and_way(&self) -> Option<(Duration, Duration)> {
        match self.pairing {
            Pairing::Paired {
                round_trip,
                service_time: Some(service),
                ..
            } => Some((service, round_trip.saturating_sub(service))),
            _ => None,
        }
    }

    /// Returns the reply of a request, or the request of a reply.
    pub fn partner(&self) -> Option<RowId> {
        match self.pairing {
            Pairing::Paired { with, .. } => Some(with),
            Pairing::Pending | Pairing::Unsent | Pairing::Unpaired => None,
        }
    }
}
