//! Byte vectors, by hand from the specifications.

mod binary;
mod json;
mod text;

use protocol::{FrameError, ValueFormat};

use crate::{read, send};

const MAX: usize = 64;

/// Asserts that each of `values` is a message, also after another.
fn whole(format: ValueFormat, values: &[&[u8]]) {
    for &value in values {
        let wire = send(format, value).unwrap();
        let stream = [&wire[..], &wire].concat();
        let both = vec![value.to_vec(), value.to_vec()];
        assert_eq!(read(format, MAX, [&stream[..]]), (both.clone(), Ok(())));
        assert_eq!(read(format, MAX, stream.chunks(1)), (both, Ok(())));
    }
}

/// Asserts that the last byte of each of `streams` is the first that is wrong.
fn wrong(format: ValueFormat, streams: &[&[u8]]) {
    for &stream in streams {
        let at = stream.len() - 1;
        let (messages, end) = read(format, MAX, [stream]);
        let told = match end {
            Err(FrameError::NotAValue { at, .. }) => at,
            end => panic!("{stream:x?}: {end:?}"),
        };
        assert_eq!((messages, told), (vec![], at), "{stream:x?}");
        let end = read(format, MAX, [&stream[..at]]).1;
        let is_wrong = matches!(end, Err(FrameError::NotAValue { .. }));
        assert!(!is_wrong, "{stream:x?}: {end:?}");
    }
}

#[test]
fn message_that_is_not_one_value_is_refused() {
    let check = |format, message: &[u8], expected: &str| {
        assert_eq!(send(format, message).unwrap_err().to_string(), expected);
    };
    check(
        ValueFormat::Json,
        b"",
        "message of 0 bytes is not a whole JSON value",
    );
    check(
        ValueFormat::Json,
        b" \n",
        "message of 2 bytes is not a whole JSON value",
    );
    check(
        ValueFormat::Json,
        b"{",
        "message of 1 bytes is not a whole JSON value",
    );
    check(
        ValueFormat::Json,
        b" {} {}",
        "message is more than one JSON value: the first ends after 3 bytes",
    );
    check(ValueFormat::Json, b" [}", "no JSON after 2 bytes: 0x7d");
    check(
        ValueFormat::MessagePack,
        b"\x92\x01",
        "message of 2 bytes is not a whole MessagePack value",
    );
    check(
        ValueFormat::MessagePack,
        b"\x01\x02",
        "message is more than one MessagePack value: the first ends after 1 bytes",
    );
    check(
        ValueFormat::MessagePack,
        b"\xa5ab",
        "message of 3 bytes is not a whole MessagePack value",
    );
    check(
        ValueFormat::Cbor,
        b"\x82\x01",
        "message of 2 bytes is not a whole CBOR value",
    );
    check(ValueFormat::Cbor, b"\xff", "no CBOR after 0 bytes: 0xff");
    check(
        ValueFormat::Resp,
        b"+OK",
        "message of 3 bytes is not a whole RESP value",
    );
    check(
        ValueFormat::Resp,
        b"PING\r\n",
        "no RESP after 0 bytes: 0x50",
    );
    check(
        ValueFormat::Bencode,
        b"i1ei2e",
        "message is more than one bencode value: the first ends after 3 bytes",
    );
    check(
        ValueFormat::Ber,
        b"\x30\x03\x02\x01",
        "message of 4 bytes is not a whole BER value",
    );
}
