//! Openings: a connection whose first message, each way or one way, has another framing.

#[path = "common/vector_file.rs"]
mod vector_file;

use bytes::{Buf, Bytes, BytesMut};
use protocol::{Cutter, FrameError, Framing, Framings};
use vector_file::{bytes, messages, rows};

/// Limit of messages.
const MAX: usize = 64;

/// Reads the settings of an upstream: `framing=u64be&first=fixed8`.
fn framings(settings: &str) -> Framings {
    let (mut framings, mut first) = (Framings::default(), None);
    for setting in settings.split('&') {
        let (key, notation) = setting.split_once('=').unwrap();
        let framing: Framing = notation.parse().unwrap();
        match key {
            "framing" => framings.framing = framing,
            "first" => first = Some(framing),
            "first-sent" => framings.first_sent = Some(framing.into()),
            "first-received" => framings.first_received = Some(framing.into()),
            _ => panic!("{key}"),
        }
    }
    framings.with_first(first)
}

fn written(framings: &Framings, messages: Vec<Bytes>) -> Result<Vec<u8>, FrameError> {
    let mut encoder = framings.encoder();
    for message in messages {
        encoder.push([message])?;
    }
    Ok(encoder.copy_to_bytes(encoder.remaining()).to_vec())
}

fn read(framings: &Framings, stream: &[u8], chunk_len: usize) -> Result<Vec<Bytes>, FrameError> {
    let mut decoder = framings.decoder(MAX);
    let (mut buffer, mut received) = (BytesMut::new(), Vec::new());
    for chunk in stream.chunks(chunk_len) {
        buffer.extend_from_slice(chunk);
        while let Some(message) = decoder.split_payload(&mut buffer)? {
            received.push(message);
        }
    }
    let last = decoder.finish(&buffer)?;
    received.extend(last.map(Bytes::copy_from_slice));
    Ok(received)
}

#[test]
fn first_message_each_way_has_its_own_framing() {
    for [settings, sent, stream, reply, received] in rows("openings") {
        let framings = framings(settings);
        let (stream, reply) = (bytes(stream), bytes(reply));
        let written = written(&framings, messages(sent));
        assert_eq!(written.as_deref(), Ok(&stream[..]), "{settings}");
        for chunk_len in [1, 3, reply.len()] {
            let read = read(&framings, &reply, chunk_len);
            assert_eq!(read, Ok(messages(received)), "{settings}");
        }
    }
}

#[test]
fn capture_is_cut_by_the_framing_of_its_first_message_once() {
    for [settings, _, _, reply, received] in rows("openings") {
        let framings = framings(settings);
        let first = framings.first_received.as_deref().copied();
        let mut cutter = Cutter::new(framings.framing, first, MAX);
        let mut buffer = BytesMut::from(&bytes(reply)[..]);
        let mut cut = Vec::new();
        while let Some(frame) = cutter.next(&mut buffer).unwrap() {
            cut.push(frame.message);
        }
        assert_eq!(cut, messages(received), "{settings}");
        assert_eq!(cutter.finish(&buffer), Ok(None), "{settings}");
    }
}

#[test]
fn settings_say_what_is_other_than_the_default() {
    for [settings] in rows("openings") {
        let framings = framings(settings);
        let shown = framings.settings();
        let shown: Vec<_> = shown.map(|(key, it)| format!("{key}={it}")).collect();
        assert_eq!(shown.join("&"), settings);
    }
}
