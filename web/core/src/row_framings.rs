//! Framings of a connection's rows: shared by all rows, and other ones for the first message
//! each way.

use crate::framing::{Framing, Framings};
use crate::message::Direction;

/// Framings of a connection, and the number of its messages so far.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RowFramings {
    /// Framing of all messages but the first; `None` if it is unknown.
    framing: Option<Framing>,
    first_sent: Option<Framing>,
    first_received: Option<Framing>,
    /// True if the page frames messages, and the gateway passes bytes.
    is_reading: bool,
    sent: u64,
    received: u64,
}

impl RowFramings {
    /// Creates the framings of a connection that begins.
    pub fn new(framings: &Framings) -> Self {
        Self {
            framing: Some(framings.framing.clone()),
            first_sent: framings.first_sent.clone(),
            first_received: framings.first_received.clone(),
            ..Self::default()
        }
    }

    /// Creates the framings of a raw connection that the page reads by `framing`.
    pub fn reading(framing: &Framing) -> Self {
        Self {
            framing: Some(framing.clone()),
            is_reading: true,
            ..Self::default()
        }
    }

    /// Returns the framing by which the page reads a raw connection.
    pub fn read_by(&self) -> Option<&Framing> {
        self.framing.as_ref().filter(|_| self.is_reading)
    }

    /// Sets the numbers of messages so far.
    pub fn set_counts(&mut self, sent: u64, received: u64) {
        (self.sent, self.received) = (sent, received);
    }

    /// Returns the number of messages sent so far.
    pub fn sent(&self) -> u64 {
        self.sent
    }

    /// Returns the number of messages received so far.
    pub fn received(&self) -> u64 {
        self.received
    }

    /// Returns the framing of the next message, and counts it.
    pub fn next(&mut self, direction: Direction) -> Option<Framing> {
        let (count, first) = match direction {
            Direction::Sent => (&mut self.sent, &self.first_sent),
            Direction::Received => (&mut self.received, &self.first_received),
        };
        *count += 1;
        let first = first.as_ref().filter(|_| *count == 1);
        first.or(self.framing.as_ref()).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_message_each_way_has_a_framing_of_its_own() {
        let framings = Framings {
            framing: "1+u32be-inclusive".into(),
            first_sent: Some("u32be-inclusive".into()),
            first_received: None,
        };
        let mut rows = RowFramings::new(&framings);
        let mut next = |direction| rows.next(direction).unwrap().to_string();
        assert_eq!(next(Direction::Received), "1+u32be-inclusive");
        assert_eq!(next(Direction::Sent), "u32be-inclusive");
        assert_eq!(next(Direction::Sent), "1+u32be-inclusive");
        assert_eq!(RowFramings::default().next(Direction::Sent), None);
    }
}
