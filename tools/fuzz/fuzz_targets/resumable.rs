//! Resumable sessions: an outbox under steps by an honest and by a lying other side, against a
//! naive one, and control messages of any text.
//!
//! The input is the window (255: none), then steps. After the byte 254, it is a control message.
#![no_main]

use bytes::Bytes;
use framegate_fuzz::choice::Input;
use libfuzzer_sys::fuzz_target;
use protocol::resumable::{Control, Outbox, SessionError};
use protocol::{Payload, WriteQueue};

fuzz_target!(|input: &[u8]| {
    if let [254, text @ ..] = input {
        return check_control(text);
    }
    let mut input = Input(input);
    let window = match input.byte() {
        u8::MAX => usize::MAX,
        window => usize::from(window) * 64,
    };
    let (mut outbox, mut naive) = (Outbox::new(window), Naive::new(window));
    while !input.0.is_empty() {
        match input.byte() % 8 {
            0..4 => {
                let message = message(input.byte(), naive.messages.len());
                let (head, payload) = message.split_at(1);
                let payload = match payload.len() {
                    WriteQueue::COPY_BELOW.. => Payload::Shared(Bytes::copy_from_slice(payload)),
                    _ => Payload::Borrowed(payload),
                };
                naive.messages.push(message.clone());
                let expected = naive.next();
                let sent = outbox.push(head, &payload).then_some(message);
                assert_eq!(sent, expected);
            }
            4..6 => {
                let count = naive.count(&mut input);
                let outcome = outbox.acknowledge(count);
                assert_eq!(outcome, naive.acknowledge(count));
            }
            _ => {
                let count = naive.count(&mut input);
                assert_eq!(outbox.resume(count), naive.resume(count));
            }
        }
        while let Some(message) = outbox.next() {
            let shared = message.shared.map_or(&[][..], |bytes| bytes);
            let message = [message.copied, shared].concat();
            assert_eq!(Some(message), naive.next());
        }
        assert_eq!(naive.next(), None);
        assert_eq!(outbox.kept_len(), naive.kept_len());
        assert_eq!(outbox.sent(), naive.sent as u64);
    }
});

/// Returns a message that is told from all others; some are long enough to be shared.
fn message(len: u8, number: usize) -> Vec<u8> {
    let len = match len {
        250.. => WriteQueue::COPY_BELOW + usize::from(len),
        len => len.into(),
    };
    let mut message = vec![1; len + 5];
    message[1..5].copy_from_slice(&(number as u32).to_le_bytes());
    message
}

/// An outbox that keeps all messages for ever.
struct Naive {
    window: usize,
    messages: Vec<Vec<u8>>,
    dropped: usize,
    taken: usize,
    sent: usize,
}

impl Naive {
    fn new(window: usize) -> Self {
        Self {
            window,
            messages: Vec::new(),
            dropped: 0,
            taken: 0,
            sent: 0,
        }
    }

    /// A count that is near to what was sent.
    fn count(&self, input: &mut Input<'_>) -> u64 {
        (self.sent as u64 + 8).saturating_sub(u64::from(input.byte() % 24))
    }

    fn len(&self, from: usize, to: usize) -> usize {
        self.messages[from..to].iter().map(Vec::len).sum()
    }

    fn kept_len(&self) -> usize {
        self.len(self.dropped, self.messages.len())
    }

    fn next(&mut self) -> Option<Vec<u8>> {
        let next = self.messages.get(self.sent)?;
        let in_flight = self.len(self.dropped, self.sent);
        if in_flight > 0 && in_flight + next.len() > self.window {
            return None;
        }
        self.sent += 1;
        Some(next.clone())
    }

    fn check(&self, count: u64, least: usize) -> Result<(), SessionError> {
        let (acknowledged, sent) = (least as u64, self.sent as u64);
        if count < acknowledged {
            return Err(SessionError::TakenBack {
                count,
                acknowledged,
            });
        }
        match count > sent {
            true => Err(SessionError::NeverSent { count, sent }),
            false => Ok(()),
        }
    }

    fn acknowledge(&mut self, count: u64) -> Result<(), SessionError> {
        self.check(count, self.taken)?;
        self.taken = count as usize;
        self.dropped = self.dropped.max(self.taken);
        Ok(())
    }

    fn resume(&mut self, count: u64) -> Result<(), SessionError> {
        self.check(count, self.dropped)?;
        self.dropped = count as usize;
        self.sent = self.dropped;
        Ok(())
    }
}

fn check_control(text: &[u8]) {
    let Ok(text) = str::from_utf8(text) else {
        return;
    };
    if let Ok(control) = Control::parse(text) {
        // A token with a quote or backslash is none of the gateway's.
        let is_plain =
            !matches!(&control, Control::Hello(hello) if hello.session.contains(['"', '\\']));
        if is_plain {
            assert_eq!(Control::parse(&control.to_string()), Ok(control));
        }
    }
}
