//! Framings beyond a length prefix: byte vectors, and properties of any picture.

mod common;
#[path = "common/vector_file.rs"]
mod vector_file;

use bytes::Bytes;
use common::{Reader, chunks, encode, read};
use proptest::prelude::*;
use protocol::{Decoder, Frame, FrameError, Framing, Role};
use vector_file::{bytes, messages, rows};

/// Limit of messages in the vectors, and one that none of them reaches.
const LIMIT: usize = 64;
const MAX: usize = 32 * 1024;

/// Returns the vectors' name of an error.
fn kind(error: FrameError) -> &'static str {
    match error {
        FrameError::FixedByte { .. } => "mark",
        FrameError::LengthTooShort { .. } => "too-short-length",
        FrameError::VarintTooLong | FrameError::NotALength { .. } | FrameError::TooManyDigits => {
            "not-a-length"
        }
        FrameError::TooLong { .. }
        | FrameError::TextLength { .. }
        | FrameError::SwappedLength { .. }
        | FrameError::NoDelimiter { .. } => "too-long",
        FrameError::NotAValue { .. } | FrameError::TooDeep { .. } => "not-a-value",
        FrameError::Escape { .. } => "any",
        FrameError::HeaderLine { .. } => "header",
        FrameError::Truncated { .. } => "truncated",
        FrameError::Unterminated { .. } => "unterminated",
        FrameError::TooShort { .. } => "too-short",
        FrameError::LineBreak { .. } | FrameError::Nul { .. } | FrameError::HasDelimiter { .. } => {
            "has-mark"
        }
        FrameError::NotWhole { .. } | FrameError::SeveralValues { .. } => "not-one-value",
        FrameError::Empty => "empty",
    }
}

/// Reads `stream` in one chunk and byte by byte, which has to be the same.
fn read_both(framing: Framing, max: usize, stream: &[u8]) -> (Vec<Bytes>, Result<(), FrameError>) {
    let whole = read(framing, max, [stream]);
    let kinds = |(messages, result): &(Vec<Bytes>, Result<(), FrameError>)| {
        (messages.clone(), result.map_err(kind))
    };
    let single = read(framing, max, stream.chunks(1));
    assert_eq!(kinds(&single), kinds(&whole), "{framing}: {stream:02x?}");
    whole
}

#[test]
fn message_is_written_as_its_frame_and_read_from_it() {
    for [notation, message, frame] in rows("frames") {
        let framing: Framing = notation.parse().unwrap();
        let (message, frame) = (bytes(message), bytes(frame));
        let written = encode(framing, std::slice::from_ref(&message));
        assert_eq!(written.as_deref(), Ok(&frame[..]), "{notation}");
        let twice = [&frame[..], &frame].concat();
        let expected = (vec![message.clone(), message.clone()], Ok(()));
        assert_eq!(read_both(framing, MAX, &twice), expected, "{notation}");
        let segments = Frame::new(framing, message).unwrap();
        let joined: Vec<_> = segments
            .segments()
            .iter()
            .flat_map(|it| &it.1)
            .copied()
            .collect();
        assert_eq!(joined, frame, "{notation}");
        let lens: usize = framing.segments(&frame).iter().map(|it| it.len).sum();
        assert_eq!(lens, frame.len(), "{notation}");
    }
}

#[test]
fn streams_are_read_as_their_messages() {
    for [notation, stream, expected] in rows("read") {
        let framing = notation.parse().unwrap();
        let read = read_both(framing, LIMIT, &bytes(stream));
        assert_eq!(read, (messages(expected), Ok(())), "{notation} {stream}");
    }
}

#[test]
fn broken_stream_is_refused_with_its_last_byte() {
    for [notation, stream, expected] in rows("broken") {
        let framing: Framing = notation.parse().unwrap();
        let stream = bytes(stream);
        let (_, result) = read_both(framing, LIMIT, &stream);
        assert_eq!(
            result.map_err(kind),
            Err(expected),
            "{notation} {stream:02x?}"
        );
        let mut reader = Reader::new(framing, LIMIT);
        let open = stream.chunks(1).try_for_each(|byte| reader.receive(byte));
        let at_end = matches!(expected, "truncated" | "unterminated");
        assert_eq!(open.is_ok(), at_end, "{notation} {stream:02x?}");
    }
}

#[test]
fn stream_that_ends_inside_a_frame_is_truncated() {
    for [notation, _, frame] in rows("frames") {
        let framing: Framing = notation.parse().unwrap();
        let frame = bytes(frame);
        let begin = match notation {
            // A value is whole before its LF, and a number with each digit.
            "json" => continue,
            // A flag alone is between two frames.
            "hdlc" => 2,
            _ => 1,
        };
        for end in begin..frame.len() {
            let (messages, result) = read_both(framing, MAX, &frame[..end]);
            assert_eq!(messages, Vec::<Bytes>::new(), "{notation} {end}");
            let kind = result.map_err(kind).unwrap_err();
            assert!(
                ["truncated", "unterminated"].contains(&kind),
                "{notation} {end}"
            );
        }
    }
}

#[test]
fn message_that_cannot_be_carried_is_refused() {
    for [notation, message, expected] in rows("refused") {
        let framing: Framing = notation.parse().unwrap();
        let message = bytes(message);
        let sent = encode(framing, std::slice::from_ref(&message));
        assert_eq!(
            sent.map_err(kind),
            Err(expected),
            "{notation} {message:02x?}"
        );
        assert!(Frame::new(framing, message).is_err());
    }
}

#[test]
fn wrong_notation_is_refused_with_a_remedy() {
    for [notation] in rows("notations") {
        let notation = if notation == "-" { "" } else { notation };
        let error = notation.parse::<Framing>().expect_err(notation);
        let error = error.to_string();
        let remedies = ["expected", "has to", "cannot", "not before", "did you mean"];
        assert!(remedies.iter().any(|it| error.contains(it)), "{error}");
    }
}

/// Guards against a search that starts over with each chunk.
#[test]
fn message_of_whole_is_sent_as_it_is() {
    for notation in ["whole:u8", "whole:1+ascii1-all", "whole:0x02+u8...0x03"] {
        let framing: Framing = notation.parse().unwrap();
        for message in [Bytes::new(), Bytes::from(vec![b'x'; 1000])] {
            let sent = encode(framing, std::slice::from_ref(&message));
            assert_eq!(sent.as_deref(), Ok(&message[..]), "{notation}");
            assert_eq!(framing.check_len(message.len()), Ok(()), "{notation}");
        }
    }
}

#[test]
fn error_of_a_notation_is_short_and_printable() {
    let long = format!("u{}be", "8".repeat(1000));
    for notation in [
        &long,
        &format!("1+{long}"),
        "u\x1b[31m8",
        "1+\u{202e}u8...0x\r",
    ] {
        let error = notation.parse::<Framing>().unwrap_err().to_string();
        assert!(error.len() < 500, "{error}");
        assert!(!error.contains(['\x1b', '\u{202e}', '\r']), "{error:?}");
    }
}

#[test]
fn long_frame_in_many_chunks_is_read_once() {
    let long = Bytes::from(vec![b'x'; 1 << 20]);
    let head = [b"a:".repeat(1 << 19), b"\r\n\r\n".to_vec()].concat();
    for framing in [
        "mllp",
        "...0x78787878787979",
        "slip",
        "cobs",
        "hdlc",
        "headers",
    ] {
        let framing: Framing = framing.parse().unwrap();
        let sent = match framing {
            Framing::HeaderBlock(_) => head.clone().into(),
            _ => long.clone(),
        };
        let stream = encode(framing, std::slice::from_ref(&sent)).unwrap();
        assert_eq!(
            read(framing, 2 << 20, stream.chunks(4)),
            (vec![sent], Ok(())),
            "{framing}"
        );
    }
}

#[test]
fn segments_have_the_roles_of_their_bytes() {
    let check = |notation: &str, message: &'static [u8], roles: &[(Role, usize)]| {
        let framing: Framing = notation.parse().unwrap();
        let frame = Frame::new(framing, message).unwrap();
        let segments: Vec<_> = frame
            .segments()
            .iter()
            .map(|it| (it.0, it.1.len()))
            .collect();
        assert_eq!(segments, roles, "{notation}");
        let wire: Vec<_> = frame
            .segments()
            .iter()
            .flat_map(|it| &it.1)
            .copied()
            .collect();
        let read = framing.segments(&wire);
        let read: Vec<_> = read.iter().map(|it| (it.role, it.len)).collect();
        assert_eq!(read, roles, "{notation}");
    };
    use Role::{Encoded, Fixed, Free, Length, Payload};
    check(
        "1+0xff+u16be...0xce+1",
        b"ahelloz",
        &[
            (Free, 1),
            (Fixed, 1),
            (Length, 2),
            (Payload, 5),
            (Fixed, 1),
            (Free, 1),
        ],
    );
    check("4+u16be", b"free", &[(Free, 4), (Length, 2), (Payload, 0)]);
    check(
        "whole:1+u8+0x00",
        b"a\x02\0hi",
        &[(Free, 1), (Length, 1), (Fixed, 1), (Payload, 2)],
    );
    check("whole:1+u8", b"no frame", &[(Payload, 8)]);
    check("slip", b"hi\xc0", &[(Encoded, 4), (Fixed, 1)]);
    check("cobs", b"", &[(Encoded, 1), (Fixed, 1)]);
    check("hdlc", b"hi", &[(Fixed, 1), (Encoded, 2), (Fixed, 1)]);
    check("lsp", b"hi", &[(Length, 21), (Payload, 2)]);
    check("headers", b"l:2\n\nhi", &[(Payload, 7)]);

    // The flag before this frame ended another one.
    let frame = "hdlc".parse::<Framing>().unwrap().segments(b"hi\x7e");
    let frame: Vec<_> = frame.iter().map(|it| (it.role, it.len)).collect();
    assert_eq!(frame, [(Encoded, 2), (Fixed, 1)]);
}

/// Parts of fixed and free bytes, mostly few.
fn template() -> impl Strategy<Value = Vec<String>> {
    let free = (1_usize..5).prop_map(|count| count.to_string());
    let fixed = prop::sample::select(&["0x00", "0x0a", "0x0300", "0x3a", "0x6161", "0xce"][..]);
    let part = prop_oneof![free, fixed.prop_map(String::from)];
    prop_oneof![2 => Just(vec![]), 3 => prop::collection::vec(part, 1..4)]
}

fn length() -> impl Strategy<Value = String> {
    let fixed = "u8 u16le u24be u32be u40le u64be ascii2 ascii19 hex2 hex4 bcd1 bcd9";
    let fixed: Vec<_> = fixed.split(' ').collect();
    let counts = prop::sample::select(&["", "-inclusive", "-all"][..]);
    let fixed = (prop::sample::select(fixed), counts)
        .prop_map(|(number, counts)| format!("{number}{counts}"));
    let open = prop::sample::select(&["varint", "gob", "digits+0x20", "digits+0x3a"][..]);
    prop_oneof![3 => fixed, 1 => open.prop_map(String::from)]
}

/// Notations of pictures: some with a length, some with a delimiter.
fn notations() -> impl Strategy<Value = String> {
    let parts = |parts: &[String]| parts.join("+");
    let measured = (template(), length(), template(), template());
    let measured = measured.prop_map(move |(mut header, length, after, tail)| {
        header.push(length);
        header.extend(after);
        (parts(&header), parts(&tail))
    });
    let mark = prop::sample::select(&["0x0a", "0x0d0a", "0x0d0a0d0a", "0x6161", "0x616261"][..]);
    let delimited = (template(), mark, template()).prop_map(move |(header, mark, mut tail)| {
        tail.insert(0, mark.to_owned());
        (parts(&header), parts(&tail))
    });
    let whole = prop::sample::select(&["", "whole:"][..]);
    (whole, prop_oneof![measured, delimited]).prop_map(|(whole, (header, tail))| match &*tail {
        "" => format!("{whole}{header}"),
        tail => format!("{whole}{header}...{tail}"),
    })
}

fn pictures() -> impl Strategy<Value = Framing> {
    notations().prop_map(|notation| notation.parse().expect("the parts make a picture"))
}

/// Bytes that lengths, delimiters and fixed bytes are made of.
fn streams() -> impl Strategy<Value = Vec<u8>> {
    let special =
        prop::sample::select(&b"\0\0\0\x01\x02\x03\x05\x0b\r\n\r\n00012: aab\x80\xce\xff"[..]);
    prop::collection::vec(prop_oneof![9 => special, 1 => any::<u8>()], 0..100)
}

/// Framings whose frames hold more than a length and a payload.
fn framings() -> impl Strategy<Value = Framing> {
    let names = prop::sample::select(&["slip", "cobs", "hdlc", "lsp", "headers", "fixed3"][..]);
    let named = names.prop_map(|name| name.parse().unwrap());
    prop_oneof![4 => pictures(), 1 => named]
}

/// Framings that frame what is sent: all but those with `whole:`.
fn framed() -> impl Strategy<Value = Framing> {
    framings().prop_filter("frames", |framing| !framing.is_whole())
}

/// Lines that heads are made of.
fn heads() -> impl Strategy<Value = Vec<u8>> {
    const LINES: &[&str] = &[
        "Content-Length: 3",
        "l:1",
        "L : 12 ",
        "Content-Length:",
        "Content-Type: a",
        "a",
        "b: c",
        " d",
        "\r\n",
        "\n",
        "\r",
        "\r\n\r\n",
        "xyz",
    ];
    let lines = prop::collection::vec(prop::sample::select(LINES), 0..12);
    lines.prop_map(|lines| lines.concat().into_bytes())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn notation_prints_as_it_was_written(notation in notations()) {
        let framing: Framing = notation.parse().unwrap();
        prop_assert_eq!(framing.to_string(), &notation[..]);
        prop_assert_eq!(notation.replace('+', " ").parse(), Ok(framing));
    }

    #[test]
    fn sent_messages_are_received(
        framing in framed(),
        messages in prop::collection::vec(streams(), 1..4),
        sizes in prop::collection::vec(1_usize..40, 1..8),
    ) {
        let mut messages: Vec<_> = messages.into_iter().map(Bytes::from).collect();
        messages.retain(|it| encode(framing, std::slice::from_ref(it)).is_ok());
        let stream = encode(framing, &messages).unwrap();
        prop_assert_eq!(read(framing, MAX, chunks(&stream, &sizes)), (messages, Ok(())));
    }

    #[test]
    fn received_message_is_carried_back(framing in framings(), stream in prop_oneof![streams(), heads()]) {
        for message in read(framing, MAX, [&stream[..]]).0 {
            let frame = encode(framing, std::slice::from_ref(&message)).unwrap();
            prop_assert_eq!(read(framing, MAX, [&frame[..]]), (vec![message.clone()], Ok(())));
            prop_assert!(!framing.is_whole() || frame == message);
        }
    }

    #[test]
    fn payloads_taken_in_place_and_frames_are_the_same(framing in framings(), stream in streams()) {
        let (mut decoder, mut rest) = (Decoder::new(framing, MAX), &stream[..]);
        let mut messages = Vec::new();
        while let Ok(Some(message)) = decoder.next_payload(&mut rest) {
            messages.push(Bytes::from(message));
        }
        prop_assert_eq!(&messages, &read(framing, MAX, [&stream[..]]).0);
        for message in messages {
            let frame = Frame::new(framing, message.clone()).unwrap();
            let frame: Vec<_> = frame.segments().iter().flat_map(|it| &it.1).copied().collect();
            prop_assert_eq!(encode(framing, &[message]), Ok(frame));
        }
    }

    #[test]
    fn chunking_changes_neither_messages_nor_error(
        framing in framings(),
        stream in prop_oneof![streams(), heads()],
        max in 0_usize..40,
        sizes in prop::collection::vec(1_usize..9, 1..20),
    ) {
        // A hint of text says what has arrived.
        let without_text = |error| match error {
            FrameError::FixedByte { at, found, expected, .. } => FrameError::FixedByte { at, found, expected, text: None },
            error => error,
        };
        let (messages, result) = read(framing, max, [&stream[..]]);
        let (chunked, end) = read(framing, max, chunks(&stream, &sizes));
        prop_assert_eq!(chunked, messages);
        prop_assert_eq!(end.map_err(without_text), result.map_err(without_text));
    }

    #[test]
    fn received_bytes_are_written_back_unless_a_length_has_a_longer_form(
        framing in pictures(),
        message in streams(),
    ) {
        let Ok(frame) = encode(framing, &[message.into()]) else { return Ok(()) };
        let (messages, _) = read(framing, MAX, [&frame[..]]);
        prop_assert!(framing.is_whole() || encode(framing, &messages).as_ref() == Ok(&frame));
    }

    #[test]
    fn message_over_the_limit_is_refused(framing in framed(), message in streams(), max in 0_usize..100) {
        let message = Bytes::from(message);
        let Ok(frame) = encode(framing, std::slice::from_ref(&message)) else { return Ok(()) };
        let (messages, result) = read(framing, max, [&frame[..]]);
        match message.len() <= max {
            true => prop_assert_eq!((messages, result), (vec![message], Ok(()))),
            false => prop_assert_eq!((messages, result.map_err(kind)), (vec![], Err("too-long"))),
        }
    }
}
