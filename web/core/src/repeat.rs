//! Messages that are sent one after another: one many times, or many once. Pure.

use std::rc::Rc;
use std::time::Duration;

use protocol::FrameError;

use crate::draft::Message;
use crate::gateway::Bounds;

/// The most times that a message can be repeated.
pub const MAX_COUNT: u32 = 1_000_000;

/// How often a message is sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Pace {
    /// As often as the connection takes it.
    #[default]
    Fast,
    /// So many times a second.
    PerSecond(u32),
}

/// What to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// The messages, in turns; never none.
    messages: Rc<[Message]>,
    /// How many to send.
    pub count: u32,
    /// How often.
    pub pace: Pace,
}

/// An order and how far it has got.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repeat {
    /// Tells one run from the next.
    pub run: u32,
    /// What to repeat.
    pub order: Order,
    /// How many times it was sent so far.
    pub sent: u32,
    /// Whether it goes on.
    pub running: bool,
}

impl Pace {
    /// Every pace that can be chosen.
    pub const ALL: [Pace; 5] = [
        Pace::Fast,
        Pace::PerSecond(1),
        Pace::PerSecond(10),
        Pace::PerSecond(100),
        Pace::PerSecond(1000),
    ];
}

impl Order {
    /// Sends `message` so many times.
    pub fn repeat(message: Message, count: u32, pace: Pace) -> Self {
        Self {
            messages: Rc::new([message]),
            count,
            pace,
        }
    }

    /// Sends each of `messages` once, as fast as the connection takes them; `None` if
    /// there are none.
    pub fn replay(messages: Rc<[Message]>) -> Option<Self> {
        let count = u32::try_from(messages.len()).ok()?;
        (count > 0).then_some(Self {
            messages,
            count,
            pace: Pace::Fast,
        })
    }

    /// The first of the messages that the gateway would refuse, counted from one, and why.
    pub fn refusal(&self, bounds: Bounds) -> Option<(usize, FrameError)> {
        (1..)
            .zip(&*self.messages)
            .find_map(|(place, it)| Some((place, bounds.check(&it.payload).err()?)))
    }

    /// Whether there is but one message, however many times.
    pub fn is_of_one(&self) -> bool {
        self.messages.len() == 1
    }

    /// The message to send after `sent` others.
    pub fn message(&self, sent: u32) -> &Message {
        &self.messages[sent as usize % self.messages.len()]
    }
}

/// How many of `count` messages are to be sent now, `elapsed` after the start, when
/// `sent` are out already. The first goes at once.
pub fn due(pace: Pace, count: u32, sent: u32, elapsed: Duration) -> u32 {
    let by_now = match pace {
        Pace::Fast => u64::from(count),
        Pace::PerSecond(rate) => {
            let millis = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
            millis.saturating_mul(rate.into()) / 1000 + 1
        }
    };
    let by_now = u32::try_from(by_now).unwrap_or(u32::MAX);
    by_now.min(count).saturating_sub(sent)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::Kind;

    #[test]
    fn one_is_sent_many_times_and_many_are_sent_once() {
        let message = |payload: &'static str| Message {
            kind: Kind::Text,
            payload: payload.into(),
        };
        let many = Order::repeat(message("a"), 3, Pace::Fast);
        assert_eq!(
            (many.message(0), many.message(2)),
            (&message("a"), &message("a"))
        );
        let each = Order::replay(Rc::new([message("a"), message("b")])).unwrap();
        assert_eq!(each.count, 2);
        assert_eq!(
            (each.message(0), each.message(1)),
            (&message("a"), &message("b"))
        );
        assert_eq!(Order::replay(Rc::new([])), None);
    }

    #[test]
    fn so_many_are_due() {
        let check = |pace, count, sent, millis, expected| {
            let elapsed = Duration::from_millis(millis);
            assert_eq!(due(pace, count, sent, elapsed), expected);
        };
        check(Pace::Fast, 1000, 0, 0, 1000);
        check(Pace::Fast, 1000, 400, 9, 600);
        check(Pace::PerSecond(10), 100, 0, 0, 1);
        check(Pace::PerSecond(10), 100, 1, 99, 0);
        check(Pace::PerSecond(10), 100, 1, 100, 1);
        check(Pace::PerSecond(10), 100, 1, 60_000, 99);
        check(Pace::PerSecond(1000), 100, 100, 5000, 0);
        check(Pace::PerSecond(1000), 100, 0, u64::MAX, 100);
    }
}
