//! Limits: announced lengths, levels, and work.

use protocol::{Decoder, FrameError, Framing, ValueFormat};

use crate::{read, send};

const MAX: usize = 64;

/// Reads `stream` with a limit of 64 bytes, its last byte being the first that tells.
fn told_at_last(format: ValueFormat, stream: &[u8]) -> FrameError {
    let mut decoder = Decoder::new(Framing::Value(format), MAX);
    for len in 0..stream.len() {
        let before = decoder.next_payload(&mut &stream[..len]);
        assert!(matches!(before, Ok(None)), "{stream:x?} at {len}");
    }
    let error = decoder.next_payload(&mut &stream[..]).unwrap_err();
    let again = decoder.next_payload(&mut &stream[..]).unwrap_err();
    assert_eq!(error, again, "second call");
    error
}

#[test]
fn announced_length_over_the_limit_is_told_before_its_bytes_come() {
    let check = |format, stream: &[u8], len: u64| {
        let too_long = FrameError::TooLong { len, max: MAX };
        assert_eq!(told_at_last(format, stream), too_long, "{stream:x?}");
    };
    let msgpack = |stream, len| check(ValueFormat::MessagePack, stream, len);
    msgpack(b"\xd9\x3f", 65);
    msgpack(b"\xdb\xff\xff\xff\xff", 5 + 0xffff_ffff);
    msgpack(b"\xc9\xff\xff\xff\xff", 6 + 0xffff_ffff);
    msgpack(b"\xdd\xff\xff\xff\xff", 5 + 0xffff_ffff);
    msgpack(b"\xdf\xff\xff\xff\xff", 5 + 2 * 0xffff_ffff);
    msgpack(b"\xdc\x00\x3e", 65);
    msgpack(b"\x93\xda\x00\x3d", 67);

    let cbor = |stream, len| check(ValueFormat::Cbor, stream, len);
    cbor(b"\x58\x3f", 65);
    cbor(b"\x5b\xff\xff\xff\xff\xff\xff\xff\xff", u64::MAX);
    cbor(b"\x9b\xff\xff\xff\xff\xff\xff\xff\xff", u64::MAX);
    cbor(b"\xbb\xff\xff\xff\xff\xff\xff\xff\xff", u64::MAX);
    cbor(b"\x9f\x98\x3d", 65);
    cbor(b"\xbf\x78\x3c", 65);

    // Digits tell before their end: more of them make it longer.
    let resp = |stream, len| check(ValueFormat::Resp, stream, len);
    resp(b"$99", 3 + 99 + 4);
    resp(b"$59", 66);
    resp(b"*1\r\n!55", 66);
    resp(b"*21", 3 + 2 + 63);
    resp(b"%11", 3 + 2 + 66);
    resp(b"|10", 3 + 2 + 63);

    let bencode = |stream, len| check(ValueFormat::Bencode, stream, len);
    bencode(b"62", 65);
    bencode(b"d59", 66);
    bencode(b"ll61", 4 + 61 + 1 + 2);

    let ber = |stream, len| check(ValueFormat::Ber, stream, len);
    ber(b"\x04\x3f", 65);
    ber(b"\x30\x81\x3e", 65);
    ber(b"\x30\x80\x04\x3b", 65);
    ber(b"\x04\x88\xff\xff\xff\xff\xff\xff\xff\xff", u64::MAX);
}

#[test]
fn json_over_the_limit_is_told_as_soon_as_it_cannot_end_in_time() {
    let check = |stream: &[u8]| {
        let too_long = FrameError::TooLong { len: 65, max: MAX };
        assert_eq!(told_at_last(ValueFormat::Json, stream), too_long);
    };
    check(&[b"\"", &[b'x'; 63][..]].concat());
    check(&[b'1'; 65]);
    // Two levels and a colon, a value and a quotation mark to come.
    check(&[b"[{\"", &[b'x'; 57][..]].concat());
}

#[test]
fn unlimited_reader_takes_any_announced_length_without_overflow() {
    let read = |format, stream: &[u8]| read(format, usize::MAX, [stream]).1.unwrap_err();
    let announced: [(_, &[u8]); 8] = [
        (
            ValueFormat::MessagePack,
            b"\xdf\xff\xff\xff\xff\xdf\xff\xff\xff\xff\xdb\xff\xff\xff\xff",
        ),
        (
            ValueFormat::Cbor,
            b"\x9b\x0f\xff\xff\xff\xff\xff\xff\x00\x9b\x0f\xff\xff\xff\xff\xff\xff\xff",
        ),
        (
            ValueFormat::Cbor,
            b"\xbb\xff\xff\xff\xff\xff\xff\xff\xff\x01",
        ),
        (
            ValueFormat::Resp,
            b"*9999999999999999999999\r\n*9999999999999999999999\r\n",
        ),
        (ValueFormat::Resp, b"$18446744073709551615\r\n"),
        (ValueFormat::Bencode, b"99999999999999999999999999:"),
        (
            ValueFormat::Ber,
            b"\x04\x88\xff\xff\xff\xff\xff\xff\xff\xff",
        ),
        (
            ValueFormat::Ber,
            b"\x30\x80\x04\x88\xff\xff\xff\xff\xff\xff\xff\xff",
        ),
    ];
    for (format, stream) in announced {
        let error = read(format, stream);
        assert!(
            matches!(
                error,
                FrameError::TooLong { .. } | FrameError::Truncated { .. }
            ),
            "{error}"
        );
        assert!(matches!(
            send(format, stream),
            Err(FrameError::NotWhole { .. })
        ));
    }
}

#[test]
fn levels_up_to_the_limit_are_read_and_one_more_is_too_deep() {
    let check = |format, open: &[u8], close: &[u8], most: usize, name| {
        let max = most;
        let value = |levels| [open.repeat(levels), close.repeat(levels)].concat();
        assert_eq!(
            read(format, MAX << 20, [&value(most)[..]]),
            (vec![value(most)], Ok(()))
        );
        let error = FrameError::TooDeep { format: name, max };
        assert_eq!(
            read(format, MAX << 20, [&value(most + 1)[..]]).1,
            Err(error)
        );
        assert_eq!(send(format, &value(most + 1)), Err(error));
    };
    check(ValueFormat::Json, b"[", b"]", 65_536, "JSON");
    check(ValueFormat::Bencode, b"l", b"e", 65_536, "bencode");
    check(ValueFormat::Cbor, b"\x9f", b"\xff", 1024, "CBOR");
}

#[test]
fn levels_that_need_no_memory_have_no_limit() {
    let check = |format, head: &[u8], last: &[u8]| {
        let value = [&head.repeat(1 << 18), last].concat();
        assert_eq!(read(format, MAX << 20, [&value[..]]), (vec![value], Ok(())));
    };
    check(ValueFormat::MessagePack, b"\x91", b"\x00");
    check(ValueFormat::Cbor, b"\x81", b"\x00");
    check(ValueFormat::Cbor, b"\xc1", b"\x00");
    check(ValueFormat::Resp, b"*1\r\n", b"_\r\n");
    check(ValueFormat::Ber, b"\x30\x80", &[0; 1 << 19]);
}

/// Guards against a reader that starts over with each chunk: it would read 500 GB.
#[test]
fn long_values_in_many_chunks_are_read_once() {
    let len = 4 << 20;
    let text = vec![b'x'; len];
    let small = |open: &[u8], item: &[u8], close: &[u8]| {
        [open, &item.repeat(len / item.len()), close].concat()
    };
    let values = [
        (ValueFormat::Json, [b"\"", &text[..], b"\""].concat()),
        (ValueFormat::Json, small(b"[0", b",[1,\"a\"]", b"]")),
        (
            ValueFormat::MessagePack,
            [&[0xc6, 0, 0x40, 0, 0][..], &text].concat(),
        ),
        (
            ValueFormat::MessagePack,
            small(&[0xdd, 0, 0x40, 0, 0], b"\x00", b""),
        ),
        (ValueFormat::Cbor, small(b"\x9f", b"\x81\x00", b"\xff")),
        (ValueFormat::Resp, [b"+", &text[..], b"\r\n"].concat()),
        (
            ValueFormat::Resp,
            [b"$4194304\r\n", &text[..], b"\r\n"].concat(),
        ),
        (ValueFormat::Bencode, small(b"l", b"i1e", b"e")),
        (
            ValueFormat::Ber,
            small(b"\x30\x80", b"\x04\x00", b"\x00\x00"),
        ),
    ];
    for (format, value) in values {
        let mut decoder = Decoder::new(Framing::Value(format), 2 * len);
        for have in (0..value.len()).step_by(16) {
            assert!(matches!(
                decoder.next_payload(&mut &value[..have]),
                Ok(None)
            ));
        }
        let message = decoder.next_payload(&mut &value[..]).unwrap().unwrap();
        assert_eq!(message.len(), value.len(), "{format:?}");
    }
}
