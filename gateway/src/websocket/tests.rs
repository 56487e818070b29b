//! Tests of the decoder, with tungstenite as oracle, and of the encoder.

use bytes::{Buf, BufMut};
use proptest::prelude::*;
use protocol::{MessageKind, Payload};

use super::*;
use crate::buffer::sizes::TURN_SIZE;
use crate::websocket::oracle::{Outcome, ours, theirs};

/// Longest message allowed here, in bytes.
const MAX: usize = 40_000;

/// Encodes a client's frame with this first byte.
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

/// Generates frames, most of them valid, in an order that often is.
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
    fn frames_are_decoded_as_by_tungstenite(
        bytes in frames(),
        cuts in prop::collection::vec(prop_oneof![1_usize..20, 1_usize..20_000], 0..40),
        // At least 125, as tungstenite applies the limit to control frames too.
        max in prop_oneof![Just(MAX), 125_usize..400],
    ) {
        let (theirs, ours) = (theirs(&bytes, max), ours(&bytes, cuts, max));
        prop_assert!(theirs.agrees_with(&ours), "{theirs:?} {ours:?}");
    }

    #[test]
    fn random_bytes_are_decoded_as_by_tungstenite(bytes: Vec<u8>, cuts: Vec<u8>) {
        let cuts = cuts.into_iter().map(usize::from);
        let (theirs, ours) = (theirs(&bytes, MAX), ours(&bytes, cuts, MAX));
        prop_assert!(theirs.agrees_with(&ours), "{theirs:?} {ours:?}");
    }
}

#[test]
fn bytes_cut_anywhere_give_the_same_events() {
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
fn bytes_after_a_close_are_ignored() {
    let bytes = [frame(0x88, b"", true), frame(0x81, b"late", true)].concat();
    let received = ours(&bytes, [], MAX);
    assert_eq!(received.outcome, Outcome::Closed(None));
    assert!(received.messages.is_empty());
}

/// Decodes `bytes`, which are invalid, and returns the error.
fn error_of(bytes: &[u8]) -> ReceiveError {
    let mut decoder = MessageDecoder::new(MAX);
    decoder.decode(&mut bytes.into(), |_| Ok(())).unwrap_err()
}

#[test]
fn length_over_the_limit_is_refused_by_the_header_alone() {
    let len = MAX as u64 + 1;
    let header = [&[0x82, 0xff][..], &len.to_be_bytes(), b"mask"].concat();
    assert_eq!(error_of(&header), ReceiveError::TooLong { len, max: MAX });

    let mut strict = MessageDecoder::new(4);
    let short = frame(0x81, b"hello", true);
    let received = strict.decode(&mut short[..].into(), |_| Ok(()));
    assert_eq!(received, Err(ReceiveError::TooLong { len: 5, max: 4 }));

    let start = frame(0x02, &vec![0; MAX - 5], true);
    let next = [0x80, 0x80 | 6, 0, 0, 0, 0];
    assert_eq!(
        error_of(&[&start, &next[..]].concat()),
        ReceiveError::TooLong { len, max: MAX }
    );
}

#[test]
fn announced_length_reserves_no_memory() {
    let mut decoder = MessageDecoder::new(usize::MAX);
    let header = [&[0x82, 0xff][..], &(1_u64 << 40).to_be_bytes(), b"mask"].concat();
    let received = decoder.decode(&mut header[..].into(), |_| Ok::<_, ReceiveError>(()));
    received.unwrap();
    let buffer = decoder.payload_buffer(TURN_SIZE).unwrap();
    assert!(buffer.get_ref().capacity() <= 64 << 10);
}

/// Every fragment of a long message may be its last but one.
#[test]
fn message_in_fragments_is_moved_a_few_times_and_reserves_little() {
    const FRAGMENT: usize = 16 << 10;
    let mut decoder = MessageDecoder::new(16 << 20);
    let (mut moves, mut place) = (0, std::ptr::null());
    for number in 0..1024 {
        let first = if number == 0 { 0x02 } else { 0x00 };
        let header = [first, 0x80 | 126, (FRAGMENT >> 8) as u8, 0, 0, 0, 0, 0];
        let frames = decoder.decode(&mut header[..].into(), |_| Ok::<_, ReceiveError>(()));
        assert_eq!(frames, Ok(1));
        let mut buffer = decoder.payload_buffer(TURN_SIZE).unwrap();
        buffer.put_bytes(b'x', FRAGMENT);
        let payload = buffer.get_ref();
        assert!(payload.capacity() <= 8 * payload.len() + (64 << 10));
        moves += usize::from(payload.as_ptr() != place);
        place = payload.as_ptr();
        let decoded = decoder.decode_payload(FRAGMENT, |_| Ok::<_, ReceiveError>(()));
        decoded.unwrap();
    }
    assert!(moves <= 16, "{moves} moves");
}

#[test]
fn invalid_utf8_is_refused_before_its_frame_is_complete() {
    let invalid = frame(0x81, b"caf\xe9 au lait", true);
    assert_eq!(
        error_of(&invalid[..invalid.len() - 3]),
        ReceiveError::NotUtf8(TextField::Message)
    );
}

/// Returns the bytes of the frames pushed.
fn encoded(push: impl FnOnce(&mut FrameEncoder)) -> Vec<u8> {
    let mut encoder = FrameEncoder::default();
    push(&mut encoder);
    encoder.copy_to_bytes(encoder.remaining()).to_vec()
}

#[test]
fn frames_have_the_shortest_header_and_no_mask() {
    let check = |len: usize, header: &[u8]| {
        let payload = vec![b'*'; len];
        let expected = [header, &payload].concat();
        let borrowed = Payload::Borrowed(&payload);
        assert_eq!(encoded(|e| e.push(MessageKind::Binary, borrowed)), expected);
        let shared = Payload::Shared(payload.clone().into());
        assert_eq!(encoded(|e| e.push(MessageKind::Binary, shared)), expected);
    };
    check(0, &[0x82, 0]);
    check(125, &[0x82, 125]);
    check(126, &[0x82, 126, 0, 126]);
    check(65_535, &[0x82, 126, 0xff, 0xff]);
    check(65_536, &[0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0]);
}

#[test]
fn control_frames_are_encoded() {
    assert_eq!(encoded(FrameEncoder::push_ping), b"\x89\x00");
    assert_eq!(encoded(|e| e.push_pong(b"hi")), b"\x8a\x02hi");
    assert_eq!(encoded(|e| e.push_close(None)), b"\x88\x00");
    let close = CloseFrame {
        code: 1011,
        reason: "gone".into(),
    };
    assert_eq!(
        encoded(|e| e.push_close(Some(&close))),
        b"\x88\x06\x03\xf3gone"
    );
    let long = CloseFrame {
        code: 1011,
        reason: "語".repeat(100).into(),
    };
    let bytes = encoded(|e| e.push_close(Some(&long)));
    assert_eq!(bytes[1], 125);
    assert!(bytes.ends_with("語語…".as_bytes()));
}
