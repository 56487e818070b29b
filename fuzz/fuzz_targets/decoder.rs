//! The decoder against one that is too simple to be wrong: however the stream is cut,
//! the payloads are the same, and so is the error.
//!
//! The input is the limit in bytes, the number of cuts, their lengths, and the stream.
#![no_main]

use bytes::{Buf, BytesMut};
use framegate_fuzz::naive;
use libfuzzer_sys::fuzz_target;
use protocol::{Decoder, Encoder, FrameError, Framing};

fuzz_target!(|input: &[u8]| {
    let [max, cuts, rest @ ..] = input else {
        return;
    };
    let Some((cuts, stream)) = rest.split_at_checked(usize::from(*cuts)) else {
        return;
    };
    let decoder = || Decoder::new(Framing::U32LE, usize::from(*max));
    let (payloads, end) = naive::decode(stream, usize::from(*max));
    assert_eq!(in_pieces(decoder(), stream, cuts), (payloads.clone(), end));
    assert_eq!(in_place(decoder(), stream), (payloads.clone(), end));
    assert!(stream.starts_with(&encode(&payloads)));
});

type Decoded = (Vec<Vec<u8>>, Result<(), FrameError>);

/// As a socket brings it: piece by piece into one buffer.
fn in_pieces(mut decoder: Decoder, mut stream: &[u8], cuts: &[u8]) -> Decoded {
    let (mut buffer, mut payloads) = (BytesMut::new(), Vec::new());
    let mut cuts = cuts.iter().map(|cut| usize::from(*cut));
    loop {
        let next = cuts.next().unwrap_or(stream.len()).min(stream.len());
        buffer.extend_from_slice(stream.split_off(..next).expect("as long as that"));
        loop {
            let reserved = buffer.capacity();
            let taken = decoder.split_payload(&mut buffer);
            assert!(
                buffer.capacity() <= reserved,
                "reserved for an announced length"
            );
            match taken {
                Ok(Some(payload)) => payloads.push(payload.to_vec()),
                Ok(None) => break,
                Err(error) => return (payloads, Err(error)),
            }
        }
        if stream.is_empty() {
            return (payloads, decoder.finish(&buffer));
        }
    }
}

fn in_place(mut decoder: Decoder, mut stream: &[u8]) -> Decoded {
    let mut payloads = Vec::new();
    loop {
        match decoder.next_payload(&mut stream) {
            Ok(Some(payload)) => payloads.push(payload.to_vec()),
            Ok(None) => return (payloads, decoder.finish(stream)),
            Err(error) => return (payloads, Err(error)),
        }
    }
}

fn encode(payloads: &[Vec<u8>]) -> Vec<u8> {
    let mut encoder = Encoder::new(Framing::U32LE);
    for payload in payloads {
        encoder.push_copy(&[payload]).expect("it was announced");
    }
    encoder.copy_to_bytes(encoder.remaining()).to_vec()
}
