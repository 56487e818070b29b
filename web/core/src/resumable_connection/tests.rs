//! A session over connections that break, with `protocol` as the gateway.

use bytes::Bytes;
use protocol::Payload;
use protocol::resumable::{Control, Hello, Outbox, Outgoing, gateway_head, split_client_head};

use super::*;

const WINDOW: usize = 64;

fn at(ms: u64) -> Moment {
    Moment {
        utc_ms: 0.0,
        steady_ms: ms as f64,
    }
}

fn text(payload: impl Into<Bytes>) -> Message {
    let (kind, payload) = (Kind::Text, payload.into());
    Message { kind, payload }
}

fn from_service(payload: &str, micros: Option<u64>) -> Message {
    let head = gateway_head(MessageKind::Text, micros.map(Duration::from_micros));
    let payload = [&head[..], payload.as_bytes()].concat().into();
    let kind = Kind::Binary;
    Message { kind, payload }
}

fn hello(received: u64) -> Message {
    let hello = Hello {
        session: format!("a1.{received}"),
        received,
        window: WINDOW as u64,
        keep: 60,
    };
    text(Control::Hello(hello).to_string())
}

/// A connected session, and what it sends.
fn attached() -> (ResumableConnection, Vec<Message>) {
    let mut session = ResumableConnection::default();
    let mut outgoing = Vec::new();
    let attached = session.receive(hello(0), at(0), &mut outgoing);
    assert_eq!(attached, Some(Received::Attached(None)));
    assert!(outgoing.is_empty(), "nothing before the first message");
    (session, outgoing)
}

/// The other side: the gateway, and a service that numbers its messages.
struct Gateway {
    outbox: Outbox,
    inbox: Inbox,
    /// Messages from the page.
    got: Vec<Bytes>,
    /// Messages that the service sent.
    sent: u64,
    /// Messages on their way to the page.
    outgoing: VecDeque<Message>,
}

impl Gateway {
    fn new() -> Self {
        Self {
            outbox: Outbox::new(WINDOW),
            inbox: Inbox::new(WINDOW),
            got: Vec::new(),
            sent: 0,
            outgoing: VecDeque::new(),
        }
    }

    fn service_sends(&mut self) {
        let head = gateway_head(MessageKind::Text, None);
        let payload = self.sent.to_string();
        self.sent += 1;
        if self
            .outbox
            .push(&head, &Payload::Borrowed(payload.as_bytes()))
        {
            self.outgoing.push_back(from_service(&payload, None));
        }
    }

    fn send_rest(&mut self) {
        let joined = |it: Outgoing<'_>| it.copied.to_vec();
        while let Some(message) = self.outbox.next().map(joined) {
            let (kind, payload) = (Kind::Binary, message.into());
            self.outgoing.push_back(Message { kind, payload });
        }
    }

    fn receive(&mut self, message: &Message) {
        if message.kind == Kind::Text {
            let control = Control::parse(std::str::from_utf8(&message.payload).unwrap());
            let Ok(Control::Ack(count)) = control else {
                panic!("{control:?}");
            };
            self.outbox.acknowledge(count).unwrap();
            return self.send_rest();
        }
        let (_, payload) = split_client_head(&message.payload).unwrap();
        self.got.push(Bytes::copy_from_slice(payload));
        self.inbox.receive(1);
        self.inbox.take(1, message.payload.len());
        if self.inbox.ack_due() == AckDue::Now {
            let ack = Control::Ack(self.inbox.acknowledge()).to_string();
            self.outgoing.push_back(text(ack));
        }
    }

    fn resume(&mut self, query: &str) {
        let (_, received) = query.rsplit_once('=').unwrap();
        self.outgoing = [hello(self.inbox.received())].into();
        self.outbox.resume(received.parse().unwrap()).unwrap();
        self.send_rest();
    }
}

/// Pseudo-random numbers below a bound.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (self.0 >> 33) % bound
    }
}

/// Both ends of a session, and what is on its way.
struct Link {
    page: ResumableConnection,
    to_gateway: Vec<Message>,
    gateway: Gateway,
    /// Messages of the service that the page got.
    got: Vec<Bytes>,
    now: u64,
}

impl Link {
    fn page_receives(&mut self) {
        self.now += 7;
        if let Some(message) = self.gateway.outgoing.pop_front() {
            match self
                .page
                .receive(message, at(self.now), &mut self.to_gateway)
            {
                Some(Received::Message(message, _)) => self.got.push(message.payload),
                Some(_) => {}
                None => panic!("a violation"),
            }
        }
    }

    fn gateway_receives(&mut self) {
        if !self.to_gateway.is_empty() {
            self.gateway.receive(&self.to_gateway.remove(0));
        }
    }

    /// Cuts the connection; what is on its way is lost.
    fn cut(&mut self) {
        self.to_gateway.clear();
        self.gateway.outgoing.clear();
        assert!(self.page.lose(1006, at(self.now)));
    }

    fn reconnect(&mut self) {
        self.page.reconnect();
        self.gateway.resume(self.page.query());
    }
}

#[test]
fn each_message_arrives_once_and_in_order_wherever_a_connection_breaks() {
    for seed in 0..1000 {
        let mut random = Random(seed);
        let (page, to_gateway) = attached();
        let mut link = Link {
            page,
            to_gateway,
            gateway: Gateway::new(),
            got: Vec::new(),
            now: 0,
        };
        let (mut sent, mut is_cut) = (0, false);
        for _ in 0..200 {
            match random.below(12) {
                0..3 => {
                    let message = text(format!("{sent}"));
                    link.page.send(&message, &mut link.to_gateway);
                    sent += 1;
                }
                3..6 => link.gateway.service_sends(),
                6..8 => link.page_receives(),
                8..10 => link.gateway_receives(),
                10 if is_cut => {
                    link.reconnect();
                    is_cut = false;
                }
                11 if !is_cut && random.below(3) == 0 => {
                    link.cut();
                    is_cut = true;
                }
                _ => {}
            }
            if is_cut {
                link.gateway.outgoing.clear();
            }
        }
        if is_cut {
            link.reconnect();
        }
        for step in 0..4000 {
            link.page_receives();
            link.gateway_receives();
            if step % 10 == 0 {
                link.now += 200;
                link.page.acknowledge(at(link.now), &mut link.to_gateway);
            }
        }
        let numbers = |count: u64| (0..count).map(|it| Bytes::from(it.to_string()));
        assert!(
            numbers(sent).eq(link.gateway.got),
            "to the service, seed {seed}"
        );
        assert!(
            numbers(link.gateway.sent).eq(link.got),
            "to the page, seed {seed}"
        );
        assert_eq!(link.gateway.outbox.unacknowledged(), 0, "seed {seed}");
    }
}

#[test]
fn a_resumed_session_counts_what_it_sends_again_and_what_waited() {
    let (mut session, mut outgoing) = attached();
    for payload in ["one", "two", "three"] {
        assert!(session.send(&text(payload), &mut outgoing));
    }
    assert!(session.lose(1006, at(1000)));
    assert!(!session.send(&text("four"), &mut outgoing));
    assert_eq!(session.time_left(at(11_000)), Some(Duration::from_secs(50)));
    session.reconnect();
    assert_eq!(session.query(), "?resume=a1.0&received=0");
    outgoing.clear();
    let event = SessionEvent::Resumed {
        after: Duration::from_secs(12),
        again: 2,
        waited: 1,
    };
    let received = session.receive(hello(1), at(13_000), &mut outgoing);
    assert_eq!(received, Some(Received::Attached(Some(event))));
    let payloads: Vec<_> = outgoing.iter().map(|it| &it.payload[..]).collect();
    assert_eq!(
        payloads,
        [&br#"{"ack":0}"#[..], b"\x01two", b"\x01three", b"\x01four"]
    );
    assert_eq!(session.time_left(at(13_000)), None);
}

#[test]
fn a_lost_session_counts_what_may_have_arrived_and_what_has_not() {
    let (mut session, mut outgoing) = attached();
    session.send(&text("one"), &mut outgoing);
    session.send(&text("two"), &mut outgoing);
    session.receive(text(r#"{"ack":1}"#), at(0), &mut outgoing);
    assert!(session.lose(1006, at(1000)));
    session.send(&text("three"), &mut outgoing);
    let (uncertain, unsent) = (1, 1);
    assert_eq!(session.lost(), SessionEvent::Lost { uncertain, unsent });
}

#[test]
fn only_a_loss_without_a_close_is_resumed() {
    let check = |code, expected| {
        let (mut session, _) = attached();
        assert_eq!(session.lose(code, at(0)), expected, "{code}");
    };
    check(1006, true);
    for code in [1000, 1001, 1002, 1011, 1013, close_code::TAKEN_OVER] {
        check(code, false);
    }
    let mut new = ResumableConnection::default();
    assert!(!new.lose(1006, at(0)), "before the gateway's greeting");
    let (mut ending, mut outgoing) = attached();
    ending.receive(text(r#"{"resume":false}"#), at(0), &mut outgoing);
    assert!(!ending.lose(1006, at(0)), "after the gateway said so");
    let (mut detached, _) = attached();
    assert!(detached.lose(1006, at(0)) && detached.lose(1013, at(0)));
}

#[test]
fn messages_are_acknowledged_at_half_the_window_or_after_a_tenth_of_a_second() {
    let (mut session, mut outgoing) = attached();
    let mut acks_after = |message: &str, ms| {
        outgoing.clear();
        session.receive(from_service(message, None), at(ms), &mut outgoing);
        let texts = outgoing
            .iter()
            .map(|it| String::from_utf8_lossy(&it.payload));
        texts.collect::<Vec<_>>().concat()
    };
    assert_eq!(acks_after("a", 200), r#"{"ack":1}"#);
    assert_eq!(acks_after("b", 250), "");
    assert_eq!(acks_after(&"c".repeat(WINDOW / 2), 251), r#"{"ack":3}"#);
    assert_eq!(acks_after("d", 260), "");
    assert_eq!(acks_after("e", 360), r#"{"ack":5}"#);
    outgoing.clear();
    session.acknowledge(at(500), &mut outgoing);
    assert!(outgoing.is_empty(), "nothing is left to acknowledge");
}

#[test]
fn service_times_and_kinds_are_decoded() {
    let (mut session, mut outgoing) = attached();
    let check = |session: &mut ResumableConnection, micros: Option<u64>| {
        let received = session.receive(from_service("hi", micros), at(0), &mut Vec::new());
        let time = micros.map(Duration::from_micros);
        assert_eq!(received, Some(Received::Message(text("hi"), time)));
    };
    check(&mut session, Some(80));
    check(&mut session, None);
    session.send(&text("a"), &mut outgoing);
    let sent = outgoing.pop().unwrap();
    assert_eq!(sent.kind, Kind::Binary);
    assert_eq!(sent.payload[..1], client_head(MessageKind::Text));
}

#[test]
fn what_violates_the_protocol_ends_the_session() {
    let check = |messages: &[Message]| {
        let (mut session, mut outgoing) = attached();
        session.send(&text("one"), &mut outgoing);
        let results = messages
            .iter()
            .map(|it| session.receive(it.clone(), at(0), &mut outgoing));
        assert_eq!(results.last(), Some(None), "{messages:?}");
    };
    let binary = |payload: &'static [u8]| Message {
        kind: Kind::Binary,
        payload: payload.into(),
    };
    check(&[binary(b"")]);
    check(&[binary(b"\x01\0\0\0")]);
    check(&[binary(b"\x03\0\0\0\0")]);
    check(&[text("hello")]);
    check(&[text(r#"{"ack":2}"#)]);
    let (mut session, mut outgoing) = attached();
    session.send(&text("one"), &mut outgoing);
    session.receive(text(r#"{"ack":1}"#), at(0), &mut outgoing);
    session.lose(1006, at(0));
    session.reconnect();
    let received = session.receive(hello(0), at(0), &mut outgoing);
    assert_eq!(received, None, "a message that was acknowledged is gone");
}

#[test]
fn a_session_keeps_a_bounded_number_of_bytes() {
    let (mut session, mut outgoing) = attached();
    session.lose(1006, at(0));
    let long = text(vec![b'a'; 1 << 20]);
    while session.has_room() {
        session.send(&long, &mut outgoing);
    }
    assert_eq!(session.kept_len(), MAX_KEPT);
    assert!(outgoing.is_empty());
}

#[test]
fn window_holds_messages_of_the_page_back() {
    let (mut session, mut outgoing) = attached();
    for _ in 0..10 {
        assert!(session.send(&text("x".repeat(19)), &mut outgoing));
    }
    assert_eq!(outgoing.len(), 3, "20 bytes each, and a window of {WINDOW}");
    let ack = text(Control::Ack(2).to_string());
    session.receive(ack, at(1), &mut outgoing);
    assert_eq!(outgoing.len(), 5);
    // A longer message goes alone.
    let (mut session, mut outgoing) = attached();
    session.send(&text("x".repeat(1000)), &mut outgoing);
    session.send(&text("next"), &mut outgoing);
    assert_eq!(outgoing.len(), 1);
}
