//! The receiver beside tungstenite, and what both are written to bytes.

use proptest::prelude::*;
use protocol::MessageKind;

use super::*;
use crate::buffer::payload::Payload;
use crate::websocket::oracle::{Outcome, ours, theirs};

/// The longest message here, in bytes.
const MAX: usize = 40_000;

/// A client's frame: its first byte, its payload, and whether it is masked.
fn frame(first: u8, payload: &[u8], masked: bool) -> Vec<u8> {
    let mask_bit = if masked { 0x80 } else { 0 };
    let mut bytes = vec![first];
    match payload.len() {
        len @ 0..=125 => bytes.push(mask_bit | len as u8),
        len @ 126..=0xffff => {
            bytes.push(mask_bit | 126);
            bytes.extend((len as u16).to_be_bytes());
        }
        len => {
            bytes.push(mask_bit | 127);
            bytes.extend((len as u64).to_be_bytes());
        }
    }
    if !masked {
        bytes.extend(payload);
        return bytes;
    }
    let key = [0x37, 0xfa, 0x21, 0x3d];
    bytes.extend(key);
    bytes.extend(payload.iter().zip(key.iter().cycle()).map(|(b, k)| b ^ k));
    bytes
}

/// Mostly frames as they should be, in an order that often is right.
fn frames() -> impl Strategy<Value = Vec<u8>> {
    let first = prop_oneof![
        12 => prop::sample::select(vec![0x81, 0x82, 0x01, 0x02, 0x00, 0x80, 0x89, 0x8a]),
        1 => Just(0x88),
        1 => any::<u8>(),
    ];
    let payload = prop_oneof![
        8 => "[a-z日é]{0,60}".prop_map(String::into_bytes),
        2 => (0_usize..50_000).prop_map(|len| vec![b'x'; len]),
        1 => prop::collection::vec(any::<u8>(), 0..20),
        1 => (990_u16..1020, "[a-z]{0,9}").prop_map(|(code, reason)| {
            [&code.to_be_bytes(), reason.as_bytes()].concat()
        }),
    ];
    let parts = (first, payload, prop::bool::weighted(0.98));
    let frame = parts.prop_map(|(first, payload, masked)| frame(first, &payload, masked));
    prop::collection::vec(frame, 0..12).prop_map(|frames| frames.concat())
}

proptest! {
    #[test]
    fn it_makes_of_frames_what_tungstenite_does(
        bytes in frames(),
        cuts in prop::collection::vec(prop_oneof![1_usize..20, 1_usize..20_000], 0..40),
        // tungstenite has control frames keep to it as well.
        max in prop_oneof![Just(MAX), 125_usize..400],
    ) {
        let (theirs, ours) = (theirs(&bytes, max), ours(&bytes, cuts, max));
        prop_assert!(theirs.agrees_with(&ours), "{theirs:?} {ours:?}");
    }

    #[test]
    fn it_makes_of_any_bytes_what_tungstenite_does(bytes: Vec<u8>, cuts: Vec<u8>) {
        let cuts = cuts.into_iter().map(usize::from);
        let (theirs, ours) = (theirs(&bytes, MAX), ours(&bytes, cuts, MAX));
        prop_assert!(theirs.agrees_with(&ours), "{theirs:?} {ours:?}");
    }
}

#[test]
fn however_the_bytes_are_cut_the_events_are_the_same() {
    let bytes = [
        frame(0x01, "日本".as_bytes(), true),
        frame(0x89, b"there?", true),
        frame(0x80, &b"x".repeat(200), true),
        frame(0x82, b"", true),
        frame(0x88, b"\x03\xe8bye", true),
    ]
    .concat();
    let whole = ours(&bytes, [], MAX);
    assert_eq!(whole.outcome, Outcome::Closed(Some((1000, "bye".into()))));
    for cut in 1..bytes.len() {
        assert_eq!(ours(&bytes, [cut], MAX), whole, "cut at {cut}");
        assert_eq!(
            ours(&bytes, std::iter::repeat(cut), MAX),
            whole,
            "{cut} each"
        );
    }
}

#[test]
fn what_follows_a_close_is_not_looked_at() {
    let bytes = [frame(0x88, b"", true), frame(0x81, b"late", true)].concat();
    let received = ours(&bytes, [], MAX);
    assert_eq!(received.outcome, Outcome::Closed(None));
    assert!(received.messages.is_empty());
}

/// Why `bytes` are refused.
fn broken(bytes: &[u8]) -> ReceiveError {
    let mut receiver = MessageDecoder::new(MAX);
    receiver.receive(&mut bytes.into(), |_| Ok(())).unwrap_err()
}

#[test]
fn a_length_over_the_limit_is_refused_by_the_header_alone() {
    let len = MAX as u64 + 1;
    let header = [&[0x82, 0xff][..], &len.to_be_bytes(), b"mask"].concat();
    assert_eq!(broken(&header), ReceiveError::TooLong { len, max: MAX });

    let mut strict = MessageDecoder::new(4);
    let short = frame(0x81, b"hello", true);
    let received = strict.receive(&mut short[..].into(), |_| Ok(()));
    assert_eq!(received, Err(ReceiveError::TooLong { len: 5, max: 4 }));

    let start = frame(0x02, &vec![0; MAX - 5], true);
    let next = [0x80, 0x80 | 6, 0, 0, 0, 0];
    assert_eq!(
        broken(&[&start, &next[..]].concat()),
        ReceiveError::TooLong { len, max: MAX }
    );
}

#[test]
fn nothing_is_reserved_for_an_announced_length() {
    let mut receiver = MessageDecoder::new(usize::MAX);
    let header = [&[0x82, 0xff][..], &(1_u64 << 40).to_be_bytes(), b"mask"].concat();
    let received = receiver.receive(&mut header[..].into(), |_| Ok::<_, ReceiveError>(()));
    received.unwrap();
    let room = receiver.room().unwrap();
    assert!(room.get_ref().capacity() <= 64 << 10);
}

#[test]
fn text_that_cannot_become_utf8_is_refused_before_its_frame_is_whole() {
    let torn = frame(0x81, b"caf\xe9 au lait", true);
    assert_eq!(
        broken(&torn[..torn.len() - 3]),
        ReceiveError::NotUtf8(Text::Message)
    );
}

/// What is pushed, as bytes.
fn written(push: impl FnOnce(&mut FrameEncoder)) -> Vec<u8> {
    let mut outbox = FrameEncoder::default();
    push(&mut outbox);
    outbox.copy_to_bytes(outbox.remaining()).to_vec()
}

#[test]
fn frames_have_the_shortest_length_and_no_mask() {
    let check = |len: usize, header: &[u8]| {
        let payload = vec![b'*'; len];
        let expected = [header, &payload].concat();
        let in_place = Payload::Borrowed(&payload);
        assert_eq!(written(|o| o.push(MessageKind::Binary, in_place)), expected);
        let apart = Payload::Shared(payload.clone().into());
        assert_eq!(written(|o| o.push(MessageKind::Binary, apart)), expected);
    };
    check(0, &[0x82, 0]);
    check(125, &[0x82, 125]);
    check(126, &[0x82, 126, 0, 126]);
    check(65_535, &[0x82, 126, 0xff, 0xff]);
    check(65_536, &[0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0]);
}

#[test]
fn control_frames_are_written_as_they_should_be() {
    assert_eq!(written(FrameEncoder::push_ping), b"\x89\x00");
    assert_eq!(written(|o| o.push_pong(b"hi")), b"\x8a\x02hi");
    assert_eq!(written(|o| o.push_close(None)), b"\x88\x00");
    let close = CloseFrame {
        code: 1011,
        reason: "gone".into(),
    };
    assert_eq!(
        written(|o| o.push_close(Some(&close))),
        b"\x88\x06\x03\xf3gone"
    );
}
