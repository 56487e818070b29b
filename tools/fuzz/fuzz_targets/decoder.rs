//! Differential fuzzing of the decoder against the reference codec: wherever the stream is cut,
//! payloads and error are the reference's.
//!
//! The input is the framing's index in the table, the limit in bytes, the number of chunks,
//! their lengths, and the stream.
#![no_main]

use bytes::{Buf, BytesMut};
use framegate_fuzz::reference;
use libfuzzer_sys::fuzz_target;
use protocol::{Decoder, Encoder, FrameError, Framing};

fuzz_target!(|input: &[u8]| {
    let [framing, max, chunks, rest @ ..] = input else {
        return;
    };
    let Some((chunks, stream)) = rest.split_at_checked(usize::from(*chunks)) else {
        return;
    };
    let (framing, max) = (reference::framing(*framing), usize::from(*max));
    let decoder = || Decoder::new(framing, max);
    let (in_chunks, in_place) = (
        in_chunks(decoder(), stream, chunks),
        in_place(decoder(), stream),
    );
    if framing == Framing::Raw && max > 0 {
        assert_eq!(
            (in_chunks.0.concat(), in_chunks.1),
            (stream.to_vec(), Ok(()))
        );
        assert_eq!((in_place.0.concat(), in_place.1), (stream.to_vec(), Ok(())));
    } else if framing != Framing::Raw {
        let expected = reference::decode(framing, stream, max);
        assert_eq!(in_chunks, expected);
        assert_eq!(in_place, expected);
    }
    in_place
        .0
        .iter()
        .for_each(|payload| check_round_trip(framing, payload));
});

type Decoded = (Vec<Vec<u8>>, Result<(), FrameError>);

/// Decodes chunk by chunk from one buffer, as from a socket.
fn in_chunks(mut decoder: Decoder, mut stream: &[u8], chunks: &[u8]) -> Decoded {
    let (mut buffer, mut payloads) = (BytesMut::new(), Vec::new());
    let mut chunks = chunks.iter().map(|len| usize::from(*len));
    loop {
        let next = chunks.next().unwrap_or(stream.len()).min(stream.len());
        buffer.extend_from_slice(
            stream
                .split_off(..next)
                .expect("next is at most the length"),
        );
        loop {
            let reserved = buffer.capacity();
            let taken = decoder.split_payload(&mut buffer);
            assert!(
                buffer.capacity() <= reserved,
                "memory was reserved for an announced length"
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

/// Decodes from the whole stream, without a copy.
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

/// Checks that the encoder agrees with the reference, and that its frame decodes to the payload.
fn check_round_trip(framing: Framing, payload: &[u8]) {
    let mut encoder = Encoder::new(framing);
    let pushed = encoder.push_copy(&[payload]);
    let wire = encoder.copy_to_bytes(encoder.remaining());
    match reference::frame(framing, payload) {
        Some(frame) => {
            assert_eq!((pushed, &wire[..]), (Ok(()), &frame[..]));
            let (payloads, end) = in_place(Decoder::new(framing, payload.len().max(1)), &wire);
            assert_eq!((payloads.concat(), end), (payload.to_vec(), Ok(())));
        }
        None => assert!(pushed.is_err() && wire.is_empty()),
    }
}
