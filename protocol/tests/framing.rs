//! Properties of all framings: round trips, any chunking, limits.

mod common;

use bytes::{Buf, Bytes, BytesMut};
use common::{chunks, read};
use proptest::prelude::*;
use protocol::{Decoder, Encoder, Frame, FrameError, Framing, HeaderBlock, Role};

const MAX: usize = 32 * 1024;

/// Named framings whose messages are any bytes, except for those that [`carriable`] removes.
fn all() -> Vec<Framing> {
    let has_form = |framing: &Framing| {
        matches!(
            framing,
            Framing::Value(_) | Framing::HeaderBlock(HeaderBlock::Headers)
        )
    };
    Framing::named().filter(|it| !has_form(it)).collect()
}

fn framings() -> impl Strategy<Value = Framing> {
    prop::sample::select(all())
}

/// Framings that have frames: all but `raw`.
fn framed() -> impl Strategy<Value = Framing> {
    framings().prop_filter("has frames", |&framing| framing != Framing::Raw)
}

/// Payloads that are mostly short, some around the length from which they are shared.
fn payloads() -> impl Strategy<Value = Vec<Bytes>> {
    let short = prop::collection::vec(any::<u8>(), 0..40);
    let long = prop::collection::vec(any::<u8>(), 4000..9000);
    let payload = prop_oneof![8 => short, 1 => long].prop_map(Bytes::from);
    prop::collection::vec(payload, 0..12)
}

/// Streams rich in delimiters and short lengths.
fn streams() -> impl Strategy<Value = Vec<u8>> {
    let special = prop::sample::select(&b"\0\0\0\x01\x02\x05\x0b\r\r\n\n\x80\xff"[..]);
    prop::collection::vec(prop_oneof![9 => special, 1 => any::<u8>()], 0..120)
}

/// Removes from `payload` the bytes that the framing cannot carry.
fn carriable(framing: Framing, payload: &[u8]) -> Bytes {
    let mut payload = payload.to_vec();
    payload.truncate(framing.max_payload_len());
    match framing.to_string().as_str() {
        "lines" | "crlf" => payload.retain(|byte| !b"\r\n".contains(byte)),
        "nul" => payload.retain(|&byte| byte != 0),
        "mllp" => {
            while let Some(at) = payload.windows(2).position(|it| it == [0x1c, 0x0d]) {
                payload.remove(at);
            }
        }
        "stx-etx" => payload.retain(|&byte| byte != 0x03),
        "slip" | "hdlc" if payload.is_empty() => payload.push(b'x'),
        _ => {}
    }
    payload.into()
}

fn encode(framing: Framing, payloads: &[Bytes]) -> Vec<u8> {
    common::encode(framing, payloads).expect("payloads can be carried")
}

fn decode<'a>(framing: Framing, chunks: impl IntoIterator<Item = &'a [u8]>) -> Vec<Bytes> {
    let (payloads, end) = read(framing, MAX, chunks);
    end.expect("nothing is left over");
    payloads
}

/// Joins the payloads if the framing has no boundaries between them.
fn joined_if_raw(framing: Framing, payloads: Vec<Bytes>) -> Vec<Bytes> {
    match framing {
        Framing::Raw => vec![payloads.concat().into()],
        _ => payloads,
    }
}

#[test]
fn every_split_point_gives_the_same_payloads() {
    let payloads = ["", "hello", "日本語", "", "x"];
    for framing in all() {
        let payloads = payloads.map(|it| carriable(framing, it.as_bytes()));
        let stream = encode(framing, &payloads);
        let sent = joined_if_raw(framing, payloads.to_vec());
        for first in 0..=stream.len() {
            for second in first..=stream.len() {
                let chunks = [&stream[..first], &stream[first..second], &stream[second..]];
                let received = joined_if_raw(framing, decode(framing, chunks));
                assert_eq!(received, sent, "{framing} cut at {first}, {second}");
            }
        }
    }
}

#[test]
fn segments_of_a_frame_are_its_bytes_on_the_wire() {
    for framing in all() {
        let payload = Bytes::from("hello");
        let frame = Frame::new(framing, payload.clone()).unwrap();
        let wire = encode(framing, std::slice::from_ref(&payload));
        let segments = frame.segments();
        let bytes: Vec<_> = segments.iter().flat_map(|(_, it)| it).copied().collect();
        assert_eq!(bytes, wire, "{framing}");
        assert_eq!(frame.wire_len(), wire.len());
        assert_eq!(frame.message(), &payload);
        let roles = segments.iter().map(|(role, bytes)| (*role, bytes.len()));
        let read = framing.segments(&wire).into_iter();
        assert!(roles.eq(read.map(|it| (it.role, it.len))), "{framing}");
        let carried = segments.iter().find(|(role, _)| *role == Role::Payload);
        let copied = carried.is_some_and(|(_, it)| it.as_ptr() != payload.as_ptr());
        assert!(!copied, "{framing} copies the payload");
    }
}

proptest! {
    #[test]
    fn any_chunking_gives_back_the_sent_payloads(
        framing in framings(),
        payloads in payloads(),
        sizes in prop::collection::vec(1_usize..5000, 1..20),
    ) {
        let payloads: Vec<_> = payloads.iter().map(|it| carriable(framing, it)).collect();
        let stream = encode(framing, &payloads);
        let received = decode(framing, chunks(&stream, &sizes));
        prop_assert_eq!(joined_if_raw(framing, received), joined_if_raw(framing, payloads));
    }

    #[test]
    fn push_and_push_copy_agree(framing in framings(), payloads in payloads(), cut in 0_usize..40) {
        let (mut one, mut other) = (Encoder::new(framing), Encoder::new(framing));
        for mut payload in payloads {
            let rest = payload.split_off(cut.min(payload.len()));
            prop_assert_eq!(one.push_copy(&[&payload, &rest]), other.push([payload, rest]));
        }
        let written = one.copy_to_bytes(one.remaining());
        prop_assert_eq!(written, other.copy_to_bytes(other.remaining()));
    }

    #[test]
    fn every_prefix_of_a_frame_is_incomplete(framing in framed(), payload in any::<Vec<u8>>()) {
        let stream = encode(framing, &[carriable(framing, &payload)]);
        let mut decoder = Decoder::new(framing, MAX);
        for len in 0..stream.len() {
            let mut prefix = &stream[..len];
            prop_assert_eq!(decoder.next_payload(&mut prefix), Ok(None));
            let left = prefix.len();
            let truncated = match decoder.finish(prefix) {
                Err(FrameError::Truncated { have, need }) => have == left && (left + 1..=stream.len()).contains(&need),
                Err(FrameError::Unterminated { have }) => have == left,
                _ => false,
            };
            prop_assert!(truncated || left == 0);
        }
    }

    #[test]
    fn payload_limit_is_exact(framing in framed(), len in 0_usize..2000) {
        let payload = carriable(framing, &vec![b'x'; len]);
        let (stream, len) = (encode(framing, std::slice::from_ref(&payload)), payload.len());
        let decode = |max| Decoder::new(framing, max).next_payload(&mut &stream[..]).map(|it| Bytes::from(it.unwrap()));
        prop_assert_eq!(decode(len), Ok(payload));
        if let Some(max) = len.checked_sub(1) {
            let too_long = FrameError::TooLong { len: len as u64, max };
            let refused = match decode(max).unwrap_err() {
                // 768 is 3 in the other byte order.
                FrameError::SwappedLength { len, max, .. } => FrameError::TooLong { len, max },
                refused => refused,
            };
            let refusals = [too_long, FrameError::NoDelimiter { max }];
            prop_assert!(refusals.contains(&refused));
        }
    }
}

// More cases: they are cheap, and the failures to be found are rare.
proptest! {
    #![proptest_config(ProptestConfig::with_cases(5000))]

    #[test]
    fn payload_is_carried_unchanged_or_refused(framing in framed(), payload in streams()) {
        let payload = Bytes::from(payload);
        let mut encoder = Encoder::new(framing);
        let pushed = encoder.push([payload.clone()]);
        let wire = encoder.copy_to_bytes(encoder.remaining());
        if payload == carriable(framing, &payload) {
            prop_assert_eq!(pushed, Ok(()));
            prop_assert_eq!(decode(framing, [&wire[..]]), [payload]);
        } else {
            prop_assert!(pushed.is_err() && wire.is_empty());
        }
    }

    #[test]
    fn chunking_never_changes_the_result(
        framing in framed(),
        stream in streams(),
        max in 0_usize..12,
        sizes in prop::collection::vec(1_usize..9, 1..20),
    ) {
        let whole = read(framing, max, [&stream[..]]);
        prop_assert_eq!(read(framing, max, chunks(&stream, &sizes)), whole);
    }

    #[test]
    fn next_payload_and_split_payload_agree(framing in framings(), stream in streams(), max in 0_usize..300) {
        let (mut one, mut other) = (Decoder::new(framing, max), Decoder::new(framing, max));
        let (mut slice, mut buffer) = (&stream[..], BytesMut::from(&stream[..]));
        loop {
            let in_place = one.next_payload(&mut slice).map(|it| it.map(Bytes::from));
            let split = other.split_payload(&mut buffer);
            prop_assert_eq!(&in_place, &split);
            prop_assert_eq!(slice, &buffer[..]);
            if !matches!(in_place, Ok(Some(_))) { break; }
        }
    }
}
