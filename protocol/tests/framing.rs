//! What every framing promises, through the crate's public face.

use bytes::{Buf, Bytes, BytesMut};
use proptest::prelude::*;
use protocol::{Decoder, Encoder, Frame, FrameError, Framing};
use tokio_util::codec::{Decoder as _, Encoder as _, LengthDelimitedCodec};

const MAX: usize = 32 * 1024;

fn framings() -> impl Strategy<Value = Framing> {
    prop::sample::select(Framing::ALL)
}

/// Mostly short payloads, some around the sizes where buffers change hands.
fn payloads() -> impl Strategy<Value = Vec<Bytes>> {
    let short = prop::collection::vec(any::<u8>(), 0..40);
    let long = prop::collection::vec(any::<u8>(), 4000..9000);
    let payload = prop_oneof![8 => short, 1 => long].prop_map(Bytes::from);
    prop::collection::vec(payload, 0..12)
}

fn encode(framing: Framing, payloads: &[Bytes]) -> Vec<u8> {
    let mut encoder = Encoder::new(framing);
    for payload in payloads {
        encoder.push([payload.clone()]).unwrap();
    }
    encoder.copy_to_bytes(encoder.remaining()).to_vec()
}

/// Feeds `chunks` as a socket would, taking what is complete after each.
fn decode<'a>(framing: Framing, chunks: impl IntoIterator<Item = &'a [u8]>) -> Vec<Bytes> {
    let decoder = Decoder::new(framing, MAX);
    let mut buffer = BytesMut::new();
    let mut payloads = Vec::new();
    for chunk in chunks {
        buffer.extend_from_slice(chunk);
        while let Some(payload) = decoder.split_payload(&mut buffer).unwrap() {
            payloads.push(payload);
        }
    }
    decoder.finish(&buffer).expect("nothing is left over");
    payloads
}

#[test]
fn every_split_point_gives_the_same_payloads() {
    let payloads = ["", "hello", "日本語", "", "x"].map(Bytes::from);
    for &framing in Framing::ALL {
        let stream = encode(framing, &payloads);
        for first in 0..=stream.len() {
            for second in first..=stream.len() {
                let chunks = [&stream[..first], &stream[first..second], &stream[second..]];
                assert_eq!(
                    decode(framing, chunks),
                    payloads,
                    "cut at {first}, {second}"
                );
            }
        }
    }
}

#[test]
fn a_frame_is_its_header_and_its_payload() {
    for &framing in Framing::ALL {
        let payload = Bytes::from("hello");
        let frame = Frame::new(framing, payload.clone()).unwrap();
        let wire = encode(framing, std::slice::from_ref(&payload));
        assert_eq!([frame.header(), frame.payload()].concat(), wire);
        assert_eq!(frame.wire_len(), wire.len());
        assert_eq!(frame.payload().as_ptr(), payload.as_ptr(), "not copied");
    }
}

proptest! {
    #[test]
    fn any_chunking_gives_back_what_was_sent(
        framing in framings(),
        payloads in payloads(),
        sizes in prop::collection::vec(1_usize..5000, 1..20),
    ) {
        let stream = encode(framing, &payloads);
        let mut rest = &stream[..];
        let chunks = sizes.iter().cycle().map_while(|&size| {
            let (chunk, after) = rest.split_at(size.min(rest.len()));
            rest = after;
            (!chunk.is_empty()).then_some(chunk)
        });
        prop_assert_eq!(decode(framing, chunks), payloads);
    }

    #[test]
    fn both_ways_to_decode_agree(framing in framings(), mut stream in any::<Vec<u8>>(), max in 0_usize..300) {
        // Arbitrary bytes seldom announce a short length: make the first one do so.
        if let Some(top) = stream.get_mut(1..4) { top.fill(0); }
        let decoder = Decoder::new(framing, max);
        let (mut slice, mut buffer) = (&stream[..], BytesMut::from(&stream[..]));
        loop {
            let in_place = decoder.next_payload(&mut slice);
            let split = decoder.split_payload(&mut buffer);
            prop_assert_eq!(in_place.map(|p| p.map(Bytes::copy_from_slice)), split);
            prop_assert_eq!(slice, &buffer[..]);
            if !matches!(in_place, Ok(Some(_))) { break; }
        }
    }

    #[test]
    fn every_prefix_of_a_frame_wants_more(framing in framings(), payload in any::<Vec<u8>>()) {
        let stream = encode(framing, &[payload.into()]);
        let decoder = Decoder::new(framing, MAX);
        for len in 0..stream.len() {
            let mut prefix = &stream[..len];
            prop_assert_eq!(decoder.next_payload(&mut prefix), Ok(None));
            let truncated = matches!(decoder.finish(prefix), Err(FrameError::Truncated { have, .. }) if have == len);
            prop_assert!(truncated || len == 0);
        }
    }

    #[test]
    fn the_limit_is_exact(framing in framings(), len in 0_usize..2000) {
        let stream = encode(framing, &[vec![0; len].into()]);
        let decode = |max| Decoder::new(framing, max).next_payload(&mut &stream[..]).map(Option::unwrap);
        prop_assert_eq!(decode(len).unwrap().len(), len);
        if len > 0 {
            prop_assert_eq!(decode(len - 1), Err(FrameError::TooLong { len, max: len - 1 }));
        }
    }

    #[test]
    fn the_oracle_reads_what_is_written(payloads in payloads()) {
        let mut stream = BytesMut::from(&encode(Framing::U32Le, &payloads)[..]);
        let mut oracle = oracle();
        for payload in payloads {
            prop_assert_eq!(oracle.decode(&mut stream).unwrap().unwrap(), payload);
        }
        prop_assert!(stream.is_empty());
    }

    #[test]
    fn what_the_oracle_writes_is_read(payloads in payloads(), cut in 1_usize..6000) {
        let mut stream = BytesMut::new();
        for payload in &payloads {
            oracle().encode(payload.clone(), &mut stream).unwrap();
        }
        prop_assert_eq!(decode(Framing::U32Le, stream.chunks(cut)), payloads);
    }
}

/// tokio-util's codec, set up for `u32le`.
fn oracle() -> LengthDelimitedCodec {
    LengthDelimitedCodec::builder()
        .little_endian()
        .length_field_type::<u32>()
        .max_frame_length(MAX)
        .new_codec()
}
