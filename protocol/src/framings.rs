//! Framings of a connection, whose first message may be framed otherwise.

use crate::decoder::Decoder;
use crate::encoder::Encoder;
use crate::framing::Framing;

/// Framings of a connection to a service: that of all messages, and those of the openings, which
/// are the first ones.
///
/// Some protocols open with a message of another kind: PostgreSQL's first packet has no type
/// byte, AMQP 1.0 begins with eight bytes each way.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Framings {
    /// Framing of all messages without one of their own.
    pub framing: Framing,
    /// Framing of the first message to the service.
    pub first_sent: Option<Box<Framing>>,
    /// Framing of the first message from the service.
    pub first_received: Option<Box<Framing>>,
}

impl Framings {
    /// Sets the framing of the first message each way; one set for a single way stays.
    pub fn with_first(mut self, first: Option<Framing>) -> Self {
        if let Some(first) = first {
            self.first_sent.get_or_insert(Box::new(first));
            self.first_received.get_or_insert(Box::new(first));
        }
        self
    }

    /// Creates the encoder of messages to the service.
    pub fn encoder(&self) -> Encoder {
        Encoder::new(self.framing).with_first(self.first_sent.clone())
    }

    /// Creates the decoder of messages from the service, of at most `max_len` bytes.
    pub fn decoder(&self, max_len: usize) -> Decoder {
        Decoder::new(self.framing, max_len).with_first(self.first_received.clone())
    }

    /// Returns all framings: that of all messages first.
    pub fn all(&self) -> impl Iterator<Item = Framing> {
        let first = [&self.first_sent, &self.first_received];
        let first = first.into_iter().flatten().map(|first| **first);
        [self.framing].into_iter().chain(first)
    }

    /// Returns the longest message to the service, in bytes.
    pub fn max_sent_len(&self) -> usize {
        let first = self
            .first_sent
            .as_ref()
            .map_or(0, |first| first.max_payload_len());
        self.framing.max_payload_len().max(first)
    }

    /// Returns the framing of message number `index` to the service.
    pub fn sent(&self, index: u64) -> Framing {
        first_or(self.first_sent.as_deref(), index, self.framing)
    }

    /// Returns the framing of message number `index` from the service.
    pub fn received(&self, index: u64) -> Framing {
        first_or(self.first_received.as_deref(), index, self.framing)
    }

    /// Returns the settings of an upstream for these framings, in the order in which they are
    /// written; the default framing is left out.
    pub fn settings(&self) -> impl Iterator<Item = (&'static str, Framing)> {
        let is_default = self.framing == Framing::default();
        let both = self
            .first_sent
            .as_ref()
            .filter(|_| self.first_sent == self.first_received);
        let (sent, received) = match both {
            Some(_) => (None, None),
            None => (self.first_sent.as_deref(), self.first_received.as_deref()),
        };
        [
            ("framing", (!is_default).then_some(self.framing)),
            ("first", both.map(|first| **first)),
            ("first-sent", sent.copied()),
            ("first-received", received.copied()),
        ]
        .into_iter()
        .filter_map(|(key, framing)| Some((key, framing?)))
    }
}

impl From<Framing> for Framings {
    fn from(framing: Framing) -> Self {
        Self {
            framing,
            ..Self::default()
        }
    }
}

fn first_or(first: Option<&Framing>, index: u64, framing: Framing) -> Framing {
    first.filter(|_| index == 0).copied().unwrap_or(framing)
}
