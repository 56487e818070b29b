//! Cost of framing per frame: decoding of whole frames and of chunked ones, and encoding.

use std::hint::black_box;

use bytes::{Buf, Bytes, BytesMut};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use protocol::{Decoder, Encoder, Framing, HeaderBlock, ValueFormat};

/// Frames in a batch, as on a busy connection.
const FRAMES: usize = 64;
/// Payload lengths, in bytes: the last is too long to copy.
const PAYLOADS: [usize; 3] = [32, 1 << 10, 64 << 10];
const MAX_LEN: usize = 1 << 20;

/// Pictures with free bytes: in a message of two pieces, and in one that is the frame.
const PICTURES: [&str; 2] = ["1+u32be-inclusive", "whole:1+u32be-inclusive"];

fn stream(framing: Framing, payload_len: usize) -> Bytes {
    let mut encoder = Encoder::new(framing);
    let payload = message(framing, payload_len);
    (0..FRAMES).for_each(|_| encoder.push([payload.clone()]).expect("it fits"));
    encoder.copy_to_bytes(encoder.remaining())
}

/// Returns a message of `len` bytes.
fn message(framing: Framing, len: usize) -> Bytes {
    let mut message = vec![b'x'; len];
    if framing == Framing::Value(ValueFormat::Json) {
        (message[0], message[len - 1]) = (b'"', b'"');
    }
    if framing.is_whole() {
        message[1..5].copy_from_slice(&(len as u32 - 1).to_be_bytes());
    }
    message.into()
}

/// Framings that carry any text, and JSON.
fn framings() -> impl Iterator<Item = Framing> {
    let is_measured = |framing: &Framing| match framing {
        Framing::Value(format) => *format == ValueFormat::Json,
        Framing::HeaderBlock(block) => *block == HeaderBlock::Lsp,
        _ => true,
    };
    let pictures = PICTURES.map(|notation| notation.parse().expect("it is a picture"));
    Framing::named().filter(is_measured).chain(pictures)
}

/// Runs `routine` for each framing and payload length; throughput is in frames.
fn for_each(
    c: &mut Criterion,
    name: &str,
    mut routine: impl FnMut(&mut criterion::Bencher<'_>, Framing, usize),
) {
    for framing in framings() {
        let mut group = c.benchmark_group(format!("{name} {framing}"));
        group.throughput(Throughput::Elements(FRAMES as u64));
        for len in PAYLOADS {
            let id = BenchmarkId::from_parameter(format!("{len} B"));
            group.bench_function(id, |b| routine(b, framing, len));
        }
        group.finish();
    }
}

/// Decodes a buffer of complete frames in place.
fn decode_whole(c: &mut Criterion) {
    for_each(c, "decode whole", |b, framing, len| {
        let (stream, mut decoder) = (stream(framing, len), Decoder::new(framing, MAX_LEN));
        b.iter(|| {
            let mut rest = black_box(&stream[..]);
            let mut frames = 0;
            while let Some(payload) = decoder.next_payload(&mut rest).expect("good frames") {
                black_box(payload);
                frames += 1;
            }
            assert_eq!(frames, FRAMES);
        });
    });
}

/// Decodes chunks that end inside frames, from a growing buffer.
fn decode_chunked(c: &mut Criterion) {
    for_each(c, "decode chunked", |b, framing, len| {
        let (stream, mut decoder) = (stream(framing, len), Decoder::new(framing, MAX_LEN));
        // About three frames: each chunk ends elsewhere in a frame.
        let chunk_len = 3 * len + 7;
        let mut buffer = BytesMut::new();
        b.iter(|| {
            let mut frames = 0;
            for chunk in black_box(&stream).chunks(chunk_len) {
                buffer.extend_from_slice(chunk);
                while let Some(payload) = decoder.split_payload(&mut buffer).expect("good frames") {
                    black_box(payload);
                    frames += 1;
                }
            }
            assert_eq!(frames, FRAMES);
        });
    });
}

/// Encodes and writes a batch of replies.
fn encode(c: &mut Criterion) {
    for_each(c, "encode", |b, framing, len| {
        let payload = message(framing, len);
        let prefix = match framing.allows_prefix() {
            true => Bytes::from_static(b"echo : "),
            false => Bytes::new(),
        };
        let mut encoder = Encoder::new(framing);
        b.iter(|| {
            for _ in 0..FRAMES {
                let parts = [prefix.clone(), black_box(&payload).clone()];
                encoder.push(parts).expect("it fits");
            }
            let len = encoder.remaining();
            encoder.advance(black_box(len));
        });
    });
}

criterion_group!(benches, decode_whole, decode_chunked, encode);
criterion_main!(benches);
