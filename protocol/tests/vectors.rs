//! Byte vectors: streams written by hand, and their payloads.

use bytes::Buf;
use protocol::{Decoder, Encoder, FrameError, Framing};

/// Asserts that `payload` is encoded as `wire` and decoded from it.
fn check(framing: &str, payload: &[u8], wire: &[u8]) {
    let framing: Framing = framing.parse().unwrap();
    let mut encoder = Encoder::new(framing);
    encoder.push_copy(&[payload]).unwrap();
    assert_eq!(
        encoder.copy_to_bytes(encoder.remaining()),
        wire,
        "{framing}"
    );
    assert_eq!(read(&framing.to_string(), wire), Ok(payload.into()));
}

/// Decodes `stream`, which is a single frame.
fn read(framing: &str, mut stream: &[u8]) -> Result<Vec<u8>, FrameError> {
    let mut decoder = Decoder::new(framing.parse().unwrap(), 1 << 20);
    let payload = decoder.next_payload(&mut stream)?.unwrap().to_vec();
    assert_eq!(stream, b"", "{framing}");
    Ok(payload)
}

#[test]
fn length_prefix_has_its_width_and_byte_order() {
    check("u8", b"hello", b"\x05hello");
    check("u16le", b"hello", b"\x05\0hello");
    check("u16be", b"hello", b"\0\x05hello");
    check("u24le", b"hello", b"\x05\0\0hello");
    check("u24be", b"hello", b"\0\0\x05hello");
    check("u32le", b"hello", b"\x05\0\0\0hello");
    check("u32be", b"hello", b"\0\0\0\x05hello");
    check("u64le", b"hello", b"\x05\0\0\0\0\0\0\0hello");
    check("u64be", b"hello", b"\0\0\0\0\0\0\0\x05hello");
}

#[test]
fn inclusive_length_counts_the_prefix() {
    check("u8-inclusive", b"hello", b"\x06hello");
    check("u16le-inclusive", b"hello", b"\x07\0hello");
    check("u16be-inclusive", b"hello", b"\0\x07hello");
    check("u24le-inclusive", b"hello", b"\x08\0\0hello");
    check("u24be-inclusive", b"hello", b"\0\0\x08hello");
    check("u32le-inclusive", b"hello", b"\x09\0\0\0hello");
    check("u32be-inclusive", b"hello", b"\0\0\0\x09hello");
    check("u64le-inclusive", b"hello", b"\x0d\0\0\0\0\0\0\0hello");
    check("u64be-inclusive", b"hello", b"\0\0\0\0\0\0\0\x0dhello");
    check("u16be-inclusive", b"", b"\0\x02");
}

#[test]
fn length_prefix_uses_all_its_bytes() {
    let check_len = |framing: &str, len: usize, header: &[u8]| {
        let payload = vec![b'x'; len];
        check(framing, &payload, &[header, &payload].concat());
    };
    check_len("u8", 0xff, b"\xff");
    check_len("u16le", 0x102, b"\x02\x01");
    check_len("u16be", 0x102, b"\x01\x02");
    check_len("u24le", 0x01_0203, b"\x03\x02\x01");
    check_len("u24be", 0x01_0203, b"\x01\x02\x03");
    check_len("u32le", 0x01_0203, b"\x03\x02\x01\0");
    check_len("u32be", 0x01_0203, b"\0\x01\x02\x03");
    check_len("u64le", 0x01_0203, b"\x03\x02\x01\0\0\0\0\0");
    check_len("u64be", 0x01_0203, b"\0\0\0\0\0\x01\x02\x03");

    let announced = |framing: &str, header: &[u8], len: u64| {
        assert_eq!(
            read(framing, header),
            Err(FrameError::TooLong { len, max: 1 << 20 })
        );
    };
    announced("u24le", b"\x03\x02\xf1", 0xf1_0203);
    announced("u24be", b"\xf1\x02\x03", 0xf1_0203);
    announced("u32le", b"\x04\x03\x02\x01", 0x0102_0304);
    announced("u32be", b"\x01\x02\x03\x04", 0x0102_0304);
    announced(
        "u64le",
        b"\x08\x07\x06\x05\x04\x03\x02\x01",
        0x0102_0304_0506_0708,
    );
    announced(
        "u64be",
        b"\x01\x02\x03\x04\x05\x06\x07\x08",
        0x0102_0304_0506_0708,
    );
    announced("u64be-inclusive", &[0xff; 8], u64::MAX - 8);
    // Truncated to 32 bits, these lengths would be 1 and 0.
    announced("u64be", b"\0\0\0\x01\0\0\0\x01", 0x1_0000_0001);
    announced("varint", b"\x80\x80\x80\x80\x10", 1 << 32);
}

#[test]
fn inclusive_length_below_its_own_width_is_too_short() {
    let short = |framing: &str, header: &[u8], len, header_len| {
        assert_eq!(
            read(framing, header),
            Err(FrameError::LengthTooShort { len, header_len })
        );
    };
    short("u8-inclusive", b"\0", 0, 1);
    short("u16be-inclusive", b"\0\x01", 1, 2);
    short("u24le-inclusive", b"\x02\0\0", 2, 3);
    short("u32le-inclusive", b"\x03\0\0\0", 3, 4);
    short("u64be-inclusive", b"\0\0\0\0\0\0\0\x07", 7, 8);
}

/// Encodings of 150 and 300 are the examples of <https://protobuf.dev/programming-guides/encoding/>
/// and of its earlier editions.
#[test]
fn varint_length_is_leb128() {
    let check_len = |len: usize, header: &[u8]| {
        let payload = vec![b'x'; len];
        check("varint", &payload, &[header, &payload].concat());
    };
    check_len(0, b"\0");
    check_len(1, b"\x01");
    check_len(127, b"\x7f");
    check_len(128, b"\x80\x01");
    check_len(150, b"\x96\x01");
    check_len(300, b"\xac\x02");
    check_len(16_383, b"\xff\x7f");
    check_len(16_384, b"\x80\x80\x01");

    let longest = b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01";
    let (len, max) = (u64::MAX, 1 << 20);
    assert_eq!(
        read("varint", longest),
        Err(FrameError::TooLong { len, max })
    );
}

#[test]
fn overlong_varint_is_accepted_up_to_64_bits_in_ten_bytes() {
    assert_eq!(read("varint", b"\x85\0hello"), Ok(b"hello".into()));
    let padded = b"\x85\x80\x80\x80\x80\x80\x80\x80\x80\0hello";
    assert_eq!(read("varint", padded), Ok(b"hello".into()));
    let beyond_64_bits = b"\x80\x80\x80\x80\x80\x80\x80\x80\x80\x02";
    assert_eq!(
        read("varint", beyond_64_bits),
        Err(FrameError::VarintTooLong)
    );
    let eleven_bytes = b"\x85\x80\x80\x80\x80\x80\x80\x80\x80\x80\0hello";
    assert_eq!(read("varint", eleven_bytes), Err(FrameError::VarintTooLong));
}

#[test]
fn delimiter_follows_each_payload() {
    check("lines", b"hello", b"hello\n");
    check("lines", b"", b"\n");
    check("lines", b"a\0b", b"a\0b\n");
    check("crlf", b"hello", b"hello\r\n");
    check("crlf", b"", b"\r\n");
    check("nul", b"hello", b"hello\0");
    check("nul", b"a\r\nb", b"a\r\nb\0");
    check("nul", b"", b"\0");
}

#[test]
fn lines_accepts_lf_or_crlf_and_crlf_accepts_crlf_alone() {
    assert_eq!(read("lines", b"hello\r\n"), Ok(b"hello".into()));
    assert_eq!(read("lines", b"\r\n"), Ok(b"".into()));
    assert_eq!(read("lines", b"a\rb\r\r\n"), Ok(b"a\rb\r".into()));
    assert_eq!(read("crlf", b"a\nb\rc\r\r\n"), Ok(b"a\nb\rc\r".into()));
    assert_eq!(read("crlf", b"\n\r\n"), Ok(b"\n".into()));
}

#[test]
fn raw_payload_has_no_header_or_trailer() {
    check("raw", b"RFB 003.008\n", b"RFB 003.008\n");
}
