//! Socket events: a batch from the worker that has the WebSocket, decoded to actions.
//!
//! The head is a list of numbers: the attempt, the bytes that have left the socket, and for each
//! event its kind, its time and a value. The body has the payloads of the messages, one after
//! another, or the reason of a Close.

use bytes::{Buf, Bytes};

use crate::action::Action;
use crate::connection::Close;
use crate::message::{Kind, Message};
use crate::time::Moment;

/// A batch of events, in order: an iterator of actions.
#[derive(Debug)]
pub struct SocketEvents {
    /// The attempt whose connection it is.
    pub attempt: u32,
    /// The bytes that have left the socket since the connection was opened.
    pub gone: f64,
    head: Bytes,
    body: Bytes,
    now: Moment,
    random: f64,
}

impl SocketEvents {
    /// Decodes a batch. `random` is a random number from 0 to 1, for the backoff.
    pub fn new(mut head: Bytes, body: Bytes, now: Moment, random: f64) -> Self {
        Self {
            attempt: number(&mut head) as u32,
            gone: number(&mut head),
            head,
            body,
            now,
            random,
        }
    }
}

impl Iterator for SocketEvents {
    type Item = Action;

    /// Returns the next event. The kinds are those of `web/src/socket_worker.mjs`.
    fn next(&mut self) -> Option<Action> {
        if self.head.is_empty() {
            return None;
        }
        let kind = number(&mut self.head) as u32;
        let at = self.now.at(number(&mut self.head));
        let value = number(&mut self.head);
        Some(match kind {
            2 => Action::MessageSent { at },
            3 => Action::SocketOpened { at },
            4 => Action::SocketClosed {
                close: Close {
                    code: value as u16,
                    reason: std::str::from_utf8(&self.body).unwrap_or_default().into(),
                    ..Close::default()
                },
                at,
                random: self.random,
            },
            5 => Action::MessagesDropped {
                count: value as u64,
                at,
            },
            kind => Action::MessageReceived {
                message: Message {
                    kind: if kind == 1 { Kind::Text } else { Kind::Binary },
                    payload: self.body.split_to((value as usize).min(self.body.len())),
                },
                at,
            },
        })
    }
}

fn number(head: &mut Bytes) -> f64 {
    head.try_get_f64_le().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Moment = Moment {
        utc_ms: 9_000_000.0,
        steady_ms: 500.0,
    };

    fn decode(numbers: &[f64], body: &'static str) -> Vec<Action> {
        let head: Vec<u8> = [7.0, 30.0]
            .iter()
            .chain(numbers)
            .flat_map(|it| it.to_le_bytes())
            .collect();
        let events = SocketEvents::new(head.into(), body.into(), NOW, 0.5);
        assert_eq!((events.attempt, events.gone), (7, 30.0));
        events.collect()
    }

    #[test]
    fn messages_share_the_body_and_have_the_workers_times() {
        let at = |steady_ms| Moment {
            utc_ms: 9_000_000.0 - 500.0 + steady_ms,
            steady_ms,
        };
        let received = |kind, payload: &'static str, ms| Action::MessageReceived {
            message: Message {
                kind,
                payload: payload.into(),
            },
            at: at(ms),
        };
        let head = [2.0, 480.0, 0.0, 0.0, 481.25, 3.0, 1.0, 482.0, 2.0];
        assert_eq!(
            decode(&head, "onego"),
            [
                Action::MessageSent { at: at(480.0) },
                received(Kind::Binary, "one", 481.25),
                received(Kind::Text, "go", 482.0),
            ]
        );
    }

    #[test]
    fn a_close_has_its_code_and_reason() {
        let [Action::SocketClosed { close, random, .. }] = &decode(&[4.0, 1.0, 1011.0], "down")[..]
        else {
            panic!("expected a close");
        };
        assert_eq!((close.code, &*close.reason, *random), (1011, "down", 0.5));
    }

    #[test]
    fn an_empty_batch_tells_what_has_left_the_socket() {
        assert_eq!(decode(&[], ""), []);
    }
}
