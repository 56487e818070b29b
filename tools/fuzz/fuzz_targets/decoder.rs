//! Differential fuzzing of the framing against the reference codec: wherever the stream is cut,
//! messages and errors are the reference's, and messages are written as it writes them.
//!
//! The input is the choice of the framings, the limit (254 is 1 MiB, 255 none), the number of
//! chunks, their lengths, and the stream. After the byte 255, it is a notation.
#![no_main]

use bytes::{Buf, Bytes, BytesMut};
use framegate_fuzz::choice::{self, Input};
use framegate_fuzz::kind::Kind;
use framegate_fuzz::reference::{Codec, Codecs, Decoded};
use libfuzzer_sys::fuzz_target;
use protocol::{Decoder, Encoder, Frame, FrameError, Framing, Framings, Role, ValueFormat};

fuzz_target!(|input: &[u8]| {
    if let [u8::MAX, notation @ ..] = input {
        return check_notation(notation);
    }
    let mut input = Input(input);
    let codecs = choice::codecs(&mut input);
    let Some(framings) = parse(&codecs) else {
        return;
    };
    let max = match input.byte() {
        u8::MAX => isize::MAX as usize,
        254 => 1 << 20,
        max => max.into(),
    };
    let (chunks, stream) = (input.counted(), input.0);
    if codecs.codec == Codec::Raw {
        return check_raw(max, stream, &chunks);
    }
    let expected = codecs.decode(stream, max, true);
    check_chunks(&codecs, &framings, max, stream, &chunks);
    check_in_place(&framings, max, stream, &expected);
    for (index, (at, frame)) in expected.frames.iter().enumerate() {
        let codec = codecs.of(index);
        let framing = framings.received(index as u64);
        let written = check_encoding(codec, framing, &frame.message);
        let Some(written) = written else {
            let is_line = matches!(codec, Codec::Line(_));
            assert!(is_line, "{framing} cannot send back {:02x?}", frame.message);
            continue;
        };
        let wire = &stream[*at..][..frame.used];
        check_found_segments(framing, wire, &frame.message);
        assert!(
            !frame.is_shortest || written == wire,
            "{framing} {wire:02x?}"
        );
        check_limit(framing, &frame.message, &written);
        check_bytes(codec, framing, max % written.len().max(1), &written);
    }
    let codec = codecs.of(0);
    let framing = framings.sent(0);
    if let Some(written) = check_encoding(codec, framing, stream) {
        check_limit(framing, stream, &written);
    }
    check_first_message(&codecs, &framings, stream, &expected);
});

/// Checks that arbitrary text is parsed or refused, and that what is printed parses to itself.
fn check_notation(notation: &[u8]) {
    let notation = String::from_utf8_lossy(notation);
    match notation.parse::<Framing>() {
        Ok(framing) => {
            let printed = framing.to_string();
            assert_eq!(printed.parse(), Ok(framing), "{notation:?}");
            let as_written = notation.replace(' ', "+").to_ascii_lowercase();
            assert_eq!(printed, as_written, "{notation:?}");
        }
        Err(error) => assert!(error.to_string().len() < 1000, "{error}"),
    }
}

/// Parses the notations of the codecs; `None` if one describes no framing.
fn parse(codecs: &Codecs) -> Option<Framings> {
    let parse = |codec: &Codec| {
        let notation = codec.notation();
        let parsed = notation.parse::<Framing>();
        assert_eq!(parsed.is_ok(), codec.is_valid(), "{notation} {parsed:?}");
        let parsed = parsed.ok()?;
        assert_eq!(parsed.to_string(), notation);
        assert_eq!(notation.replace('+', " ").parse(), Ok(parsed));
        Some(parsed)
    };
    let framings = Framings::from(parse(&codecs.codec)?);
    match &codecs.first {
        Some(first) => Some(framings.with_first(Some(parse(first)?))),
        None => Some(framings),
    }
}

/// Checks that a stream without frames arrives whole, in pieces within the limit.
fn check_raw(max: usize, stream: &[u8], chunks: &[u8]) {
    if max == 0 {
        return;
    }
    let mut feed = Feed::new(&Framings::from(Framing::Raw), max);
    for end in cuts(stream.len(), chunks) {
        feed.append(stream, end);
    }
    assert_eq!(feed.end, None);
    assert!(feed.messages.iter().all(|message| message.len() <= max));
    assert_eq!(feed.messages.concat(), stream);
}

/// Length from which not each prefix of a stream is read: the reference reads each anew.
const LONG: usize = 512;

/// Checks each state of a decoder that is fed with single bytes.
fn check_bytes(codec: &Codec, framing: Framing, max: usize, frame: &[u8]) {
    if frame.len() < LONG {
        let (first, codec) = (None, codec.clone());
        let chunks = vec![1; frame.len()];
        check_chunks(
            &Codecs { first, codec },
            &framing.into(),
            max,
            frame,
            &chunks,
        );
    }
}

/// Checks each state of a decoder that is fed with chunks, as from a socket.
fn check_chunks(codecs: &Codecs, framings: &Framings, max: usize, stream: &[u8], chunks: &[u8]) {
    let mut feed = Feed::new(framings, max);
    for end in cuts(stream.len(), chunks) {
        feed.append(stream, end);
        if stream.len() < LONG {
            feed.check(&codecs.decode(&stream[..end], max, false));
        }
    }
    feed.finish();
    feed.check(&codecs.decode(stream, max, true));
}

/// Returns the ends of chunks with these lengths, 0 being a chunk to the end.
fn cuts(len: usize, chunks: &[u8]) -> Vec<usize> {
    let ends = chunks.iter().scan(0, |end, &chunk| {
        *end = (*end + usize::from(chunk)).min(len);
        Some(*end)
    });
    ends.chain([len]).collect()
}

/// A decoder that is fed with a stream.
struct Feed {
    decoder: Decoder,
    buffer: BytesMut,
    fed: usize,
    messages: Vec<Vec<u8>>,
    end: Option<FrameError>,
}

impl Feed {
    fn new(framings: &Framings, max: usize) -> Self {
        Self {
            decoder: framings.decoder(max),
            buffer: BytesMut::new(),
            fed: 0,
            messages: Vec::new(),
            end: None,
        }
    }

    /// Appends the stream up to `end`, and takes all messages.
    fn append(&mut self, stream: &[u8], end: usize) {
        self.buffer.extend_from_slice(&stream[self.fed..end]);
        self.fed = end;
        while self.end.is_none() {
            let (reserved, have) = (self.buffer.capacity(), self.buffer.len());
            let taken = self.decoder.split_payload(&mut self.buffer);
            let is_reserved = self.buffer.capacity() > reserved;
            assert!(!is_reserved, "memory was reserved for an announced length");
            assert!(self.buffer.len() <= have, "the stream goes back");
            assert!(stream[..end].ends_with(&self.buffer));
            match taken {
                Ok(Some(message)) => self.messages.push(message.to_vec()),
                Ok(None) => {
                    let len = self.decoder.frame_len(&self.buffer);
                    assert!(len.is_none_or(|len| len > self.buffer.len()));
                    break;
                }
                Err(error) => {
                    let again = self.decoder.split_payload(&mut self.buffer);
                    assert_eq!(again.as_ref().map_err(Kind::from), Err((&error).into()));
                    check_place(&error, &self.buffer);
                    self.end = Some(error);
                }
            }
        }
    }

    /// Ends the stream.
    fn finish(&mut self) {
        if self.end.is_none() {
            match self.decoder.finish(&self.buffer) {
                Ok(last) => self.messages.extend(last.map(Into::into)),
                Err(error) => self.end = Some(error),
            }
            if let Some(FrameError::Truncated { have, need }) = self.end {
                assert!(have <= self.buffer.len() && have < need, "{have} {need}");
            }
        }
    }

    fn check(&self, expected: &Decoded) {
        let messages: Vec<_> = expected.messages().cloned().collect();
        assert_eq!(self.messages, messages, "{:?}", self.end);
        let end = self.end.as_ref().map(Kind::from).map_or(Ok(()), Err);
        assert_eq!(end, expected.end, "{:?}", self.end);
    }
}

/// Checks that the byte of an error is at its place in the frame.
fn check_place(error: &FrameError, frame: &[u8]) {
    if let FrameError::FixedByte { at, found, .. }
    | FrameError::NotALength { at, found }
    | FrameError::NotAValue { at, found, .. }
    | FrameError::Escape { at, found } = *error
    {
        assert_eq!(frame.get(at), Some(&found), "{error}");
    }
}

/// Checks the decoder of a whole stream, without a copy.
fn check_in_place(framings: &Framings, max: usize, stream: &[u8], expected: &Decoded) {
    let (mut decoder, mut rest) = (framings.decoder(max), stream);
    let mut messages = Vec::new();
    let end = loop {
        let before = rest;
        let is_contiguous = decoder.has_contiguous_frame(rest);
        match decoder.next_payload(&mut rest) {
            Ok(Some(payload)) => {
                let is_borrowed = matches!(payload, protocol::Payload::Borrowed(_));
                assert!(is_borrowed || !is_contiguous);
                messages.push(payload.to_vec());
            }
            Ok(None) => {
                break decoder
                    .finish(rest)
                    .map(|last| messages.extend(last.map(Into::into)));
            }
            Err(error) => break Err(error),
        }
        assert!(before.len() > rest.len() && before.ends_with(rest));
    };
    assert!(messages.iter().eq(expected.messages()));
    assert_eq!(end.as_ref().map_err(Kind::from).copied(), expected.end);
}

/// Checks that all ways of writing a message agree with the reference, and that what they
/// write is read as the message; returns it, or `None` if the framing cannot carry it.
fn check_encoding(codec: &Codec, framing: Framing, message: &[u8]) -> Option<Vec<u8>> {
    let expected = codec.write(message);
    let mut encoder = Encoder::new(framing);
    let (front, back) = message.split_at(message.len() / 2);
    let pushed = encoder.push_copy(&[front, back]);
    let kind = pushed.as_ref().map_err(Kind::from).copied();
    assert_eq!(
        kind,
        expected.as_ref().map(drop).map_err(|&kind| kind),
        "{framing} {pushed:?}"
    );
    let written = encoder.copy_to_bytes(encoder.remaining()).to_vec();
    let shared = encoder.push([Bytes::copy_from_slice(front), Bytes::copy_from_slice(back)]);
    assert_eq!(shared, pushed);
    assert_eq!(encoder.copy_to_bytes(encoder.remaining()), written);
    let framed = Frame::new(framing, message.to_vec());
    assert_eq!(framed.as_ref().map(drop).map_err(|&error| error), pushed);
    let is_of_len = matches!(kind, Err(Kind::TooShort | Kind::TooLong));
    assert_eq!(framing.check_len(message.len()).is_err(), is_of_len);
    let expected = expected.ok();
    assert_eq!(written, expected.as_deref().unwrap_or_default());
    check_segments(framing, &framed.ok()?, &written);
    Some(written)
}

/// Checks that the segments of a frame are its bytes.
fn check_segments(framing: Framing, frame: &Frame, wire: &[u8]) {
    let segments = frame.segments().iter();
    let bytes: Vec<u8> = segments.flat_map(|(_, bytes)| bytes.to_vec()).collect();
    assert_eq!((&bytes[..], frame.wire_len()), (wire, wire.len()));
    let is_trimmed = framing == Framing::Value(ValueFormat::Json);
    if !framing.is_whole() && !is_trimmed {
        check_found_segments(framing, wire, frame.message());
    }
}

/// Checks that the segments found in a frame are its bytes, and have its message's.
fn check_found_segments(framing: Framing, wire: &[u8], message: &[u8]) {
    let (mut rest, mut found) = (wire, Vec::<u8>::new());
    let mut is_encoded = framing.is_whole();
    for segment in framing.segments(wire) {
        let bytes = rest.split_off(..segment.len).expect("the frame is longer");
        match segment.role {
            Role::Free | Role::Payload => found.extend(bytes),
            Role::Encoded => is_encoded = true,
            Role::Length | Role::Fixed => {}
        }
    }
    assert!(rest.is_empty(), "{framing} {wire:02x?}");
    assert!(is_encoded || found == message, "{framing} {wire:02x?}");
}

/// Checks that what is written for a message is read as that message, with the limit just so,
/// and is too long with a lower one.
fn check_limit(framing: Framing, message: &[u8], written: &[u8]) {
    // Without white space around it, and the LF.
    let message = match framing {
        Framing::Value(ValueFormat::Json) => &written[..written.len() - 1],
        _ => message,
    };
    // What `whole:` writes is not checked, and what `raw` reads has no frames.
    if framing.is_whole() || framing == Framing::Raw {
        return;
    }
    let read = |max| {
        let mut feed = Feed::new(&framing.into(), max);
        feed.append(written, written.len());
        feed.finish();
        let kind = feed.end.as_ref().map(Kind::from);
        (feed.messages, kind)
    };
    let expected = (vec![message.to_vec()], None);
    assert_eq!(read(message.len()), expected, "{framing} {written:02x?}");
    if let Some(below) = message.len().checked_sub(1) {
        let expected = (vec![], Some(Kind::TooLong));
        assert_eq!(read(below), expected, "{framing} {written:02x?}");
    }
}

/// Checks that an encoder with a first framing writes what the reference does: a message that
/// is refused is not the first.
fn check_first_message(codecs: &Codecs, framings: &Framings, stream: &[u8], decoded: &Decoded) {
    let mut encoder = framings.encoder();
    let (mut expected, mut sent) = (Vec::new(), 0);
    for message in std::iter::once(&stream.to_vec()).chain(decoded.messages()) {
        let written = codecs.of(sent).write(message);
        assert_eq!(encoder.push_copy(&[message]).is_ok(), written.is_ok());
        sent += usize::from(written.is_ok());
        expected.extend(written.unwrap_or_default());
    }
    assert_eq!(encoder.copy_to_bytes(encoder.remaining()), expected);
}
