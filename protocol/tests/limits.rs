//! Limits on the payload's length, and payloads that a framing cannot carry.

use bytes::{Buf, Bytes};
use protocol::{Decoder, Encoder, Frame, FrameError, Framing, Payload};

fn encode(framing: Framing, payloads: &[Bytes]) -> Vec<u8> {
    let mut encoder = Encoder::new(framing);
    for payload in payloads {
        encoder.push([payload.clone()]).unwrap();
    }
    encoder.copy_to_bytes(encoder.remaining()).to_vec()
}

/// Returns the result of a decoder for a payload in the stream's buffer.
fn borrowed(payload: &[u8]) -> Result<Option<Payload<'_>>, FrameError> {
    Ok(Some(Payload::Borrowed(payload)))
}

#[test]
fn longest_payload_can_be_announced_and_one_byte_more_is_too_long() {
    for framing in Framing::named() {
        let max = framing.max_payload_len();
        assert_eq!(framing.check_len(max), Ok(()), "{framing}");
        if let Some(above) = max.checked_add(1) {
            let too_long = FrameError::TooLong {
                len: above as u64,
                max,
            };
            assert_eq!(framing.check_len(above), Err(too_long));
        }
    }
}

#[test]
fn refused_payload_leaves_the_encoder_unchanged() {
    let check = |framing: &str, parts: [&'static [u8]; 2], expected: FrameError| {
        let framing: Framing = framing.parse().unwrap();
        let mut encoder = Encoder::new(framing);
        encoder.push_copy(&[b"before"]).unwrap();
        assert_eq!(encoder.push_copy(&parts), Err(expected));
        assert_eq!(encoder.push(parts.map(Bytes::from)), Err(expected));
        encoder.push_copy(&[b"after"]).unwrap();
        let written = encoder.copy_to_bytes(encoder.remaining());
        assert_eq!(written, encode(framing, &["before".into(), "after".into()]));
        assert_eq!(Frame::new(framing, parts.concat()), Err(expected));
    };
    check("lines", [b"a\nb", b""], FrameError::LineBreak { at: 1 });
    check("lines", [b"ab", b"cd\r"], FrameError::LineBreak { at: 4 });
    check("crlf", [b"ab\r", b"\n"], FrameError::LineBreak { at: 2 });
    check("crlf", [b"ab", b"c\nd"], FrameError::LineBreak { at: 3 });
    check("nul", [b"ab", b"\0"], FrameError::Nul { at: 2 });
    let too_long = |len, max| FrameError::TooLong { len, max };
    check("u8", [&[b'x'; 255], b"y"], too_long(256, 255));
    check("u8-inclusive", [&[b'x'; 254], b"y"], too_long(255, 254));
}

#[test]
fn line_over_the_limit_is_refused_before_its_delimiter_arrives() {
    let check = |framing: &str, rest: &[u8], expected: Result<Option<&[u8]>, FrameError>| {
        let mut decoder = Decoder::new(framing.parse().unwrap(), 3);
        assert_eq!(decoder.next_payload(&mut &b"abc"[..]), Ok(None));
        let expected = expected.map(|it| it.map(Payload::Borrowed));
        let stream = [b"abc", rest].concat();
        assert_eq!(
            decoder.next_payload(&mut &stream[..]),
            expected.clone(),
            "{framing} {stream:?}"
        );
        assert_eq!(
            decoder.next_payload(&mut &stream[..]),
            expected,
            "second call"
        );
    };
    let no_delimiter = Err(FrameError::NoDelimiter { max: 3 });
    let whole = Ok(Some(&b"abc"[..]));
    for framing in ["lines", "crlf"] {
        check(framing, b"d", no_delimiter);
        check(framing, b"d\r\n", no_delimiter);
        check(framing, b"\rd", no_delimiter);
        check(framing, b"\r\r\n", no_delimiter);
        check(framing, b"\r\n", whole);
    }
    check("lines", b"\n", whole);
    check("crlf", b"\n", no_delimiter);
    check("nul", b"\0", whole);
    check("nul", b"\r", no_delimiter);
    for framing in ["lines", "crlf"] {
        let mut decoder = Decoder::new(framing.parse().unwrap(), 3);
        assert_eq!(decoder.next_payload(&mut &b"abc\r"[..]), Ok(None));
        assert_eq!(decoder.next_payload(&mut &b"abc\r\n"[..]), borrowed(b"abc"));
    }
}

/// Guards against a search that starts over with each chunk: it would read 8 TiB.
#[test]
fn long_line_in_many_chunks_is_searched_once() {
    for framing in ["lines", "crlf", "nul"] {
        let framing: Framing = framing.parse().unwrap();
        let stream = encode(framing, &[vec![b'x'; 16 << 20].into()]);
        let mut decoder = Decoder::new(framing, 16 << 20);
        for len in (0..stream.len()).step_by(16) {
            assert_eq!(decoder.next_payload(&mut &stream[..len]), Ok(None));
        }
        let payload = decoder.next_payload(&mut &stream[..]).unwrap();
        assert_eq!(payload.map(|it| it.len()), Some(16 << 20));
    }
}

#[test]
fn raw_payload_is_all_bytes_available_up_to_the_limit() {
    let mut decoder = Decoder::new(Framing::Raw, 4);
    let mut stream: &[u8] = b"abcdef";
    assert_eq!(decoder.next_payload(&mut stream), borrowed(b"abcd"));
    assert_eq!(decoder.next_payload(&mut stream), borrowed(b"ef"));
    assert_eq!(decoder.next_payload(&mut stream), Ok(None));
    assert_eq!(decoder.finish(b""), Ok(None));
    assert_eq!(
        encode(Framing::Raw, &["".into(), "a\n".into(), "".into()]),
        b"a\n"
    );
    let too_long = Err(FrameError::TooLong { len: 1, max: 0 });
    assert_eq!(
        Decoder::new(Framing::Raw, 0).next_payload(&mut &b"a"[..]),
        too_long
    );
}

#[test]
fn length_in_the_other_byte_order_is_told_if_it_is_plausible() {
    let check = |framing: &str, header: &[u8], max: usize, expected: Option<&str>| {
        let framing: Framing = framing.parse().unwrap();
        let error = Decoder::new(framing, max).next_payload(&mut &*header);
        let hint = match error.unwrap_err() {
            FrameError::SwappedLength { other, .. } => Some(other.to_string()),
            _ => None,
        };
        assert_eq!(hint.as_deref(), expected, "{framing} {header:x?}");
    };
    check(
        "u32be",
        b"\x05\0\0\0",
        1000,
        Some("as u32le it has 5 bytes"),
    );
    check("u32le", b"\0\0\0\x01", 1000, Some("as u32be it has 1 byte"));
    check(
        "u16be",
        b"\x2c\x01",
        1000,
        Some("as u16le it has 300 bytes"),
    );
    check(
        "u64le",
        b"\0\0\0\0\0\0\x01\0",
        1000,
        Some("as u64be it has 256 bytes"),
    );
    check(
        "u24be",
        b"\xe8\x03\0",
        1000,
        Some("as u24le it has 1000 bytes"),
    );
    check(
        "u32be-inclusive",
        b"\x09\0\0\0",
        1000,
        Some("as u32le it has 5 bytes"),
    );
    check(
        "2+u16be-all+1",
        b"ab\x09\0c",
        1000,
        Some("as u16le it has 7 bytes"),
    );
    // Over the limit in both, shorter than what it has to count, chance, and no byte order.
    check("u16be", b"\xe9\x03", 1000, None);
    check("u32be-inclusive", b"\x03\0\0\0", 1000, None);
    check("u24be", b"\xf1\x02\x03", 1 << 20, None);
    check("varint", b"\x80\x80\x01", 1000, None);
    check("u8", b"\xff", 10, None);
}
