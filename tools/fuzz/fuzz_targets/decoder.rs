//! The decoder against one that is too simple to be wrong: however the stream is cut,
//! the payloads are the same, and so is the error.
//!
//! The input is the framing's place in the table, the limit in bytes, the number of cuts,
//! their lengths, and the stream.
#![no_main]

use bytes::{Buf, BytesMut};
use framegate_fuzz::naive;
use libfuzzer_sys::fuzz_target;
use protocol::{Decoder, Encoder, FrameError, Framing};

fuzz_target!(|input: &[u8]| {
    let [framing, max, cuts, rest @ ..] = input else {
        return;
    };
    let Some((cuts, stream)) = rest.split_at_checked(usize::from(*cuts)) else {
        return;
    };
    let (framing, max) = (naive::framing(*framing), usize::from(*max));
    let decoder = || Decoder::new(framing, max);
    let (in_pieces, in_place) = (
        in_pieces(decoder(), stream, cuts),
        in_place(decoder(), stream),
    );
    if framing == Framing::Raw && max > 0 {
        assert_eq!(
            (in_pieces.0.concat(), in_pieces.1),
            (stream.to_vec(), Ok(()))
        );
        assert_eq!((in_place.0.concat(), in_place.1), (stream.to_vec(), Ok(())));
    } else if framing != Framing::Raw {
        let naive = naive::decode(framing, stream, max);
        assert_eq!(in_pieces, naive);
        assert_eq!(in_place, naive);
    }
    in_place
        .0
        .iter()
        .for_each(|payload| comes_back(framing, payload));
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

/// A payload that can be framed is, in the plainest way, and is read as it was.
fn comes_back(framing: Framing, payload: &[u8]) {
    let mut encoder = Encoder::new(framing);
    let pushed = encoder.push_copy(&[payload]);
    let wire = encoder.copy_to_bytes(encoder.remaining());
    match naive::frame(framing, payload) {
        Some(frame) => {
            assert_eq!((pushed, &wire[..]), (Ok(()), &frame[..]));
            let (payloads, end) = in_place(Decoder::new(framing, payload.len().max(1)), &wire);
            assert_eq!((payloads.concat(), end), (payload.to_vec(), Ok(())));
        }
        None => assert!(pushed.is_err() && wire.is_empty()),
    }
}
