//! Batches: one message sent many times, or many messages sent once each.

use std::rc::Rc;
use std::time::Duration;

use crate::framing::Refusal;
use crate::gateway_info::SendLimits;
use crate::message::Message;

/// The most repetitions of a message.
pub const MAX_COUNT: u32 = 1_000_000;

/// The rate at which a batch is sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SendRate {
    /// As fast as the connection accepts messages.
    #[default]
    Unlimited,
    /// Messages per second.
    PerSecond(u32),
}

/// Messages to send in turn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// The messages, sent round-robin; never empty.
    messages: Rc<[Message]>,
    /// The number of messages to send.
    pub count: u32,
    /// The rate.
    pub rate: SendRate,
}

/// A batch and its progress.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchRun {
    /// The number of the run, different for each.
    pub number: u32,
    /// The batch.
    pub batch: Batch,
    /// Messages sent so far.
    pub sent: u32,
    /// True until all is sent, or the run is stopped.
    pub running: bool,
}

impl SendRate {
    /// All rates that the page offers.
    pub const ALL: [SendRate; 5] = [
        SendRate::Unlimited,
        SendRate::PerSecond(1),
        SendRate::PerSecond(10),
        SendRate::PerSecond(100),
        SendRate::PerSecond(1000),
    ];

    /// Returns the time between two messages, in milliseconds.
    pub fn interval_ms(self) -> f64 {
        match self {
            SendRate::Unlimited => 0.0,
            SendRate::PerSecond(rate) => 1000.0 / f64::from(rate),
        }
    }

    /// Returns the time by which a message is handed over before it is due: two frames of the
    /// display at a rate of several messages a frame, and otherwise none, so that the log keeps
    /// the order of messages and replies.
    pub fn lookahead(self) -> Duration {
        match self {
            SendRate::PerSecond(500..) => Duration::from_millis(33),
            _ => Duration::ZERO,
        }
    }

    /// Returns how many of `count` messages are due `elapsed` after the start, when `sent`
    /// are sent already. The first is due at once.
    pub fn due(self, count: u32, sent: u32, elapsed: Duration) -> u32 {
        let by_now = match self {
            SendRate::Unlimited => u64::from(count),
            SendRate::PerSecond(rate) => {
                let millis = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
                millis.saturating_mul(rate.into()) / 1000 + 1
            }
        };
        let by_now = u32::try_from(by_now).unwrap_or(u32::MAX);
        by_now.min(count).saturating_sub(sent)
    }
}

impl Batch {
    /// Creates a batch of one message, sent `count` times.
    pub fn repeat(message: Message, count: u32, rate: SendRate) -> Self {
        Self {
            messages: Rc::new([message]),
            count,
            rate,
        }
    }

    /// Creates a batch of all `messages`, sent once each; `None` if there are none.
    pub fn once_each(messages: Rc<[Message]>) -> Option<Self> {
        let count = u32::try_from(messages.len()).ok()?;
        (count > 0).then_some(Self {
            messages,
            count,
            rate: SendRate::Unlimited,
        })
    }

    /// Returns the first message that the gateway would refuse, counted from 1, and the
    /// reason.
    pub fn first_refused(&self, limits: &SendLimits) -> Option<(usize, Refusal)> {
        let later = limits.after_next();
        let mut messages = (1..).zip(&*self.messages);
        // A batch of one message repeats it, framed as the following ones.
        let again = self.messages.first().filter(|_| self.count > 1);
        let first = messages.next().map(|it| (it, limits));
        let first = first.into_iter().chain(again.map(|it| ((1, it), &later)));
        first
            .chain(messages.map(|it| (it, &later)))
            .find_map(|((place, it), limits)| Some((place, limits.check(&it.payload).err()?)))
    }

    /// Returns true if the batch repeats a single message.
    pub fn is_single_message(&self) -> bool {
        self.messages.len() == 1
    }

    /// Returns the message to send after `sent` others.
    pub fn message(&self, sent: u32) -> &Message {
        &self.messages[sent as usize % self.messages.len()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Kind;

    #[test]
    fn a_batch_repeats_one_message_or_sends_each_once() {
        let message = |payload: &'static str| Message {
            kind: Kind::Text,
            payload: payload.into(),
        };
        let many = Batch::repeat(message("a"), 3, SendRate::Unlimited);
        assert_eq!(
            (many.message(0), many.message(2)),
            (&message("a"), &message("a"))
        );
        let each = Batch::once_each(Rc::new([message("a"), message("b")])).unwrap();
        assert_eq!(each.count, 2);
        assert_eq!(
            (each.message(0), each.message(1)),
            (&message("a"), &message("b"))
        );
        assert_eq!(Batch::once_each(Rc::new([])), None);
    }

    #[test]
    fn due_messages_follow_the_rate() {
        let check = |rate: SendRate, count, sent, millis, expected| {
            let elapsed = Duration::from_millis(millis);
            assert_eq!(rate.due(count, sent, elapsed), expected);
        };
        check(SendRate::Unlimited, 1000, 0, 0, 1000);
        check(SendRate::Unlimited, 1000, 400, 9, 600);
        check(SendRate::PerSecond(10), 100, 0, 0, 1);
        check(SendRate::PerSecond(10), 100, 1, 99, 0);
        check(SendRate::PerSecond(10), 100, 1, 100, 1);
        check(SendRate::PerSecond(10), 100, 1, 60_000, 99);
        check(SendRate::PerSecond(1000), 100, 100, 5000, 0);
        check(SendRate::PerSecond(1000), 100, 0, u64::MAX, 100);
    }
}
