//! Resumable sessions: the shared vectors, and two sides over connections that break.

use std::collections::VecDeque;

use bytes::Bytes;
use proptest::prelude::*;
use protocol::resumable::{
    AckDue, Control, Hello, Inbox, Outbox, Outgoing, SessionError, split_client_head,
    split_gateway_head,
};
use protocol::{MessageKind, Payload, WriteQueue};
use serde_json::Value;

fn vectors(group: &str) -> Vec<Value> {
    let text = include_str!("resumable-vectors.json");
    let all: Value = serde_json::from_str(text).unwrap();
    all[group].as_array().expect("a group of vectors").clone()
}

fn bytes(hex: &Value) -> Vec<u8> {
    let hex = hex.as_str().unwrap().as_bytes();
    let pair = |pair: &[u8]| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap();
    hex.chunks(2).map(pair).collect()
}

fn kind_name(kind: MessageKind) -> &'static str {
    match kind {
        MessageKind::Text => "text",
        MessageKind::Binary => "binary",
    }
}

fn joined(message: &Outgoing<'_>) -> Vec<u8> {
    let shared = message.shared.map_or(&[][..], |bytes| bytes);
    [message.copied, shared].concat()
}

/// Pushes a message, and returns it if it may be sent at once. Its first byte is the head.
fn push(outbox: &mut Outbox, message: &[u8]) -> Option<Vec<u8>> {
    let (head, payload) = message.split_at(1);
    let payload = match payload.len() {
        WriteQueue::COPY_BELOW.. => Payload::Shared(Bytes::copy_from_slice(payload)),
        _ => Payload::Borrowed(payload),
    };
    outbox.push(head, &payload).then(|| message.to_vec())
}

fn all_that_may_be_sent(outbox: &mut Outbox) -> Vec<Vec<u8>> {
    std::iter::from_fn(|| outbox.next().map(|message| joined(&message))).collect()
}

#[test]
fn heads_are_those_of_the_vectors() {
    for vector in vectors("gateway_messages") {
        let message = bytes(&vector["bytes"]);
        match split_gateway_head(&message) {
            Ok((kind, time, payload)) => {
                assert_eq!(kind_name(kind), vector["kind"]);
                let micros = time.map(|time| time.as_micros() as u64);
                assert_eq!(micros, vector["service_micros"].as_u64(), "{vector}");
                assert_eq!(payload, bytes(&vector["payload"]));
                assert_eq!(
                    [&protocol::resumable::gateway_head(kind, time), payload].concat(),
                    message
                );
            }
            Err(error) => assert_eq!(error.to_string(), vector["error"], "{vector}"),
        }
    }
    for vector in vectors("client_messages") {
        let message = bytes(&vector["bytes"]);
        match split_client_head(&message) {
            Ok((kind, payload)) => {
                assert_eq!(kind_name(kind), vector["kind"]);
                assert_eq!(payload, bytes(&vector["payload"]));
                assert_eq!(
                    [&protocol::resumable::client_head(kind), payload].concat(),
                    message
                );
            }
            Err(error) => assert_eq!(error.to_string(), vector["error"], "{vector}"),
        }
    }
}

#[test]
fn control_messages_are_those_of_the_vectors() {
    for vector in vectors("control") {
        let expected = if let Some(hello) = vector.get("hello") {
            let count = |name: &str| hello[name].as_u64().unwrap();
            Some(Control::Hello(Hello {
                session: hello["session"].as_str().unwrap().into(),
                received: count("received"),
                window: count("window"),
                keep: count("keep"),
            }))
        } else if let Some(ack) = vector.get("ack") {
            ack.as_u64().map(Control::Ack)
        } else if vector.get("ending").is_some() {
            Some(Control::Ending)
        } else {
            vector.get("unknown").map(|_| Control::Unknown)
        };
        let parsed = Control::parse(vector["text"].as_str().unwrap()).ok();
        assert_eq!(parsed, expected, "{vector}");
        if let Some(control) = parsed {
            assert_eq!(Control::parse(&control.to_string()), Ok(control));
        }
    }
    let long = format!("{{\"later\":\"{}\"}}", "x".repeat(1024));
    assert_eq!(
        Control::parse(&long),
        Err(SessionError::ControlTooLong {
            len: long.len(),
            max: 1024
        })
    );
}

#[test]
fn outbox_does_what_the_vectors_say() {
    for vector in vectors("outbox") {
        let window = vector["window"]
            .as_u64()
            .map_or(usize::MAX, |it| it as usize);
        let mut outbox = Outbox::new(window);
        for step in vector["steps"].as_array().unwrap() {
            let mut sent = Vec::new();
            let outcome = if let Some(message) = step.get("push") {
                sent.extend(push(&mut outbox, &bytes(message)));
                Ok(())
            } else if let Some(count) = step.get("ack") {
                outbox.acknowledge(count.as_u64().unwrap())
            } else {
                outbox.resume(step["resume"].as_u64().unwrap())
            };
            let error = outcome.err().map(|error| error.to_string());
            assert_eq!(
                error.as_deref(),
                step.get("error").and_then(Value::as_str),
                "{step}"
            );
            sent.extend(all_that_may_be_sent(&mut outbox));
            if let Some(expected) = step.get("sent") {
                let expected: Vec<_> = expected.as_array().unwrap().iter().map(bytes).collect();
                assert_eq!(sent, expected, "{step} of {}", vector["name"]);
            }
            if let Some(kept) = step.get("kept") {
                assert_eq!(kept.as_u64(), Some(outbox.kept_len() as u64), "{step}");
            }
        }
    }
}

#[test]
fn inbox_does_what_the_vectors_say() {
    for vector in vectors("inbox") {
        let mut inbox = Inbox::new(vector["window"].as_u64().unwrap() as usize);
        for step in vector["steps"].as_array().unwrap() {
            let number = |name: &str| step.get(name).and_then(Value::as_u64);
            for _ in 0..number("receive").unwrap_or(0) {
                inbox.receive(1);
            }
            if let Some(count) = number("take") {
                inbox.take(count, number("length").unwrap() as usize);
            }
            if let Some(count) = number("acknowledge") {
                assert_eq!(inbox.acknowledge(), count, "{step}");
            }
            let due = match inbox.ack_due() {
                AckDue::Never => "never",
                AckDue::Later => "later",
                AckDue::Now => "now",
            };
            assert_eq!(step["due"], due, "{step}");
            if let Some(received) = number("received") {
                assert_eq!(inbox.received(), received);
            }
        }
    }
}

/// Event between two sides.
#[derive(Debug, Clone, Copy)]
enum Step {
    /// One side pushes a message of so many bytes.
    Push(usize, usize),
    /// A side receives so many of the messages and acknowledgements that the other has sent.
    Arrive(usize, usize),
    /// A side takes all that it has received.
    Take(usize),
    /// A side acknowledges all that it has taken.
    Acknowledge(usize),
    /// The connection is lost, with all that is on its way, and the next one begins.
    Cut,
}

/// Message or acknowledgement on its way to the other side.
#[derive(Debug, Clone)]
enum OnItsWay {
    Message(Vec<u8>),
    Ack(u64),
}

/// A side, with the messages that it was given and those that arrived.
struct Side {
    outbox: Outbox,
    inbox: Inbox,
    pushed: Vec<Vec<u8>>,
    arrived: Vec<Vec<u8>>,
    taken: usize,
    wire: VecDeque<OnItsWay>,
}

const WINDOW: usize = 10_000;

impl Side {
    fn new() -> Self {
        Self {
            outbox: Outbox::new(WINDOW),
            inbox: Inbox::new(WINDOW),
            pushed: Vec::new(),
            arrived: Vec::new(),
            taken: 0,
            wire: VecDeque::new(),
        }
    }

    fn push(&mut self, len: usize) {
        // A short message is copied by the outbox, a long one shared.
        let mut message = vec![1];
        message.extend(self.pushed.len().to_le_bytes());
        message.resize(message.len() + len, 7);
        let sent = push(&mut self.outbox, &message);
        self.wire.extend(sent.map(OnItsWay::Message));
        self.pushed.push(message);
    }

    fn send(&mut self) {
        let messages = all_that_may_be_sent(&mut self.outbox);
        self.wire
            .extend(messages.into_iter().map(OnItsWay::Message));
    }

    fn arrive(&mut self, from_other: OnItsWay) {
        match from_other {
            OnItsWay::Message(message) => {
                self.arrived.push(message);
                self.inbox.receive(1);
            }
            OnItsWay::Ack(count) => {
                self.outbox.acknowledge(count).unwrap();
                self.send();
            }
        }
    }

    fn take(&mut self) {
        let new = &self.arrived[self.taken..];
        let len = new.iter().map(Vec::len).sum();
        self.inbox.take(new.len() as u64, len);
        self.taken = self.arrived.len();
    }

    fn acknowledge(&mut self) {
        if self.inbox.ack_due() != AckDue::Never {
            let count = self.inbox.acknowledge();
            self.wire.push_back(OnItsWay::Ack(count));
        }
    }
}

fn run(sides: &mut [Side; 2], step: Step) {
    match step {
        Step::Push(side, len) => sides[side].push(len),
        Step::Arrive(side, count) => {
            let count = count.min(sides[1 - side].wire.len());
            let on_its_way: Vec<_> = sides[1 - side].wire.drain(..count).collect();
            for it in on_its_way {
                sides[side].arrive(it);
            }
        }
        Step::Take(side) => sides[side].take(),
        Step::Acknowledge(side) => sides[side].acknowledge(),
        Step::Cut => {
            let received = [0, 1].map(|side| sides[1 - side].inbox.received());
            for (side, received) in sides.iter_mut().zip(received) {
                side.wire.clear();
                side.outbox.resume(received).unwrap();
                side.send();
            }
        }
    }
    for side in sides {
        let in_flight: usize = (side.wire.iter())
            .map(|it| match it {
                OnItsWay::Message(message) => message.len(),
                OnItsWay::Ack(_) => 0,
            })
            .sum();
        assert!(
            in_flight <= WINDOW.max(6_000),
            "{in_flight} bytes in flight"
        );
    }
}

fn step() -> impl Strategy<Value = Step> {
    let len = prop_oneof![4 => 0_usize..20, 1 => 4000_usize..5000];
    prop_oneof![
        6 => (0..2_usize, len).prop_map(|(side, len)| Step::Push(side, len)),
        6 => (0..2_usize, 1..9_usize).prop_map(|(side, count)| Step::Arrive(side, count)),
        3 => (0..2_usize).prop_map(Step::Take),
        2 => (0..2_usize).prop_map(Step::Acknowledge),
        1 => Just(Step::Cut),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn each_message_arrives_once_and_in_order_over_connections_that_break(
        steps in prop::collection::vec(step(), 1..300)
    ) {
        let mut sides = [Side::new(), Side::new()];
        for step in steps {
            run(&mut sides, step);
        }
        // The last connection holds until nothing is left.
        run(&mut sides, Step::Cut);
        while sides.iter().any(|side| side.outbox.unacknowledged() > 0) {
            for side in 0..2 {
                run(&mut sides, Step::Arrive(side, usize::MAX));
                run(&mut sides, Step::Take(side));
                run(&mut sides, Step::Acknowledge(side));
            }
        }
        for side in 0..2 {
            prop_assert_eq!(&sides[side].arrived, &sides[1 - side].pushed);
            prop_assert_eq!(sides[side].outbox.kept_len(), 0);
        }
    }

    #[test]
    fn control_message_of_any_text_is_parsed_or_refused(text in ".{0,80}") {
        let _ = Control::parse(&text);
    }

    #[test]
    fn control_message_of_any_json_object_is_parsed(
        name in "[a-z\"{}:, ]{0,9}",
        value in "[^\u{0}-\u{1f}]{0,20}",
        ack in 0_u64..1 << 53,
    ) {
        prop_assume!(!["ack", "session", "received", "window", "keep", "resume"].contains(&&name[..]));
        let object = serde_json::json!({ (name): [value, {"ack": null}, 1.5e3], "ack": ack });
        prop_assert_eq!(Control::parse(&object.to_string()), Ok(Control::Ack(ack)));
    }
}
