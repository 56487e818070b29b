//! Oracle test: tokio-util's `LengthDelimitedCodec` against all framings with a length
//! prefix of fixed width.

use bytes::{Buf, Bytes, BytesMut};
use proptest::prelude::*;
use protocol::{ByteOrder, Decoder, Encoder, Framing, LengthPrefix};
use tokio_util::codec::{Decoder as _, Encoder as _, LengthDelimitedCodec};

const MAX: usize = 32 * 1024;

fn prefixes() -> impl Strategy<Value = LengthPrefix> {
    let prefixes: Vec<_> = Framing::named()
        .filter_map(|framing| match framing {
            Framing::Length(prefix) => Some(prefix),
            _ => None,
        })
        .collect();
    prop::sample::select(prefixes)
}

/// Payloads of which some are too long for a length of one byte.
fn payloads() -> impl Strategy<Value = Vec<Bytes>> {
    let short = prop::collection::vec(any::<u8>(), 0..40);
    let long = prop::collection::vec(any::<u8>(), 250..9000);
    let payload = prop_oneof![8 => short, 1 => long].prop_map(Bytes::from);
    prop::collection::vec(payload, 0..12)
}

fn oracle(prefix: LengthPrefix) -> LengthDelimitedCodec {
    let width = prefix.field.width();
    let mut builder = LengthDelimitedCodec::builder();
    match prefix.field.byte_order() {
        Some(ByteOrder::Big) => builder.big_endian(),
        Some(ByteOrder::Little) | None => builder.little_endian(),
    };
    let counted = if prefix.inclusive { width as isize } else { 0 };
    builder
        .length_field_length(width)
        .length_adjustment(-counted)
        .num_skip(width)
        // The oracle compares the limit with the number in the header.
        .max_frame_length(MAX + counted as usize)
        .new_codec()
}

proptest! {
    #[test]
    fn tokio_util_decodes_encoded_frames(prefix in prefixes(), payloads in payloads()) {
        let mut encoder = Encoder::new(Framing::Length(prefix));
        let written: Vec<_> = payloads
            .into_iter()
            .filter(|payload| encoder.push([payload.clone()]).is_ok())
            .collect();
        let mut stream = BytesMut::from(&encoder.copy_to_bytes(encoder.remaining())[..]);
        let mut oracle = oracle(prefix);
        for payload in written {
            prop_assert_eq!(oracle.decode(&mut stream).unwrap().unwrap(), payload);
        }
        prop_assert!(stream.is_empty());
    }

    #[test]
    fn frames_of_tokio_util_are_decoded(prefix in prefixes(), payloads in payloads()) {
        let framing = Framing::Length(prefix);
        let (mut oracle, mut stream) = (oracle(prefix), BytesMut::new());
        let mut decoder = Decoder::new(framing, MAX);
        for payload in payloads {
            if payload.len() <= framing.max_payload_len() {
                oracle.encode(payload.clone(), &mut stream).unwrap();
                prop_assert_eq!(decoder.split_payload(&mut stream), Ok(Some(payload)));
            }
        }
        prop_assert!(stream.is_empty());
    }

    #[test]
    fn decoder_agrees_with_tokio_util_on_any_stream(prefix in prefixes(), mut stream in any::<Vec<u8>>()) {
        // The oracle refuses the longest frame of `u8-inclusive`.
        let width = prefix.field.width();
        prop_assume!(width > 1 || !prefix.inclusive || !stream.contains(&u8::MAX));
        // Arbitrary bytes seldom announce a short length: make the first length short.
        if let Some(header) = stream.get_mut(..width) {
            let len = header[0] % 16;
            header.fill(0);
            header[if prefix.field.byte_order() == Some(ByteOrder::Big) { width - 1 } else { 0 }] = len;
        }
        let (mut ours, mut theirs) = (BytesMut::from(&stream[..]), BytesMut::from(&stream[..]));
        let (mut decoder, mut oracle) = (Decoder::new(Framing::Length(prefix), MAX), oracle(prefix));
        loop {
            let (read, expected) = (decoder.split_payload(&mut ours), oracle.decode(&mut theirs));
            prop_assert_eq!(read.is_err(), expected.is_err());
            let (Ok(Some(payload)), Ok(Some(expected))) = (&read, &expected) else { break };
            prop_assert_eq!(&payload[..], &expected[..]);
        }
    }
}
