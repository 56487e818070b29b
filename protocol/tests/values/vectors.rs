//! Byte vectors, by hand from the specifications.

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

/// RFC 8259.
#[test]
fn json_value_is_a_message() {
    whole(
        ValueFormat::Json,
        &[
            b"{}",
            b"[]",
            b"\"\"",
            b"true",
            b"false",
            b"null",
            b"0",
            b"-0",
            b"-1.5e+9",
            b"12",
            br#"{"a":[1,"\"]"]}"#,
            br#"["\\",{"}":"{"},[[]]]"#,
            br#""\ud83d\u00e9\/""#,
            "\"日本\"".as_bytes(),
            b"[ 1 , 2e0 , 3.0 ]",
            b"{ \"a\" : null ,\"b\":{}}",
            b"\"\xff\x7f\"",
        ],
    );
}

#[test]
fn byte_that_no_json_goes_on_with_is_not_a_value() {
    wrong(
        ValueFormat::Json,
        &[
            b"]",
            b"}",
            b",",
            b":",
            b"x",
            b"T",
            b"+",
            b".",
            b"'",
            b"\0",
            b"\x1e",
            b"\xef",
            b"[}",
            b"{]",
            b"[1}",
            b"{\"a\":1]",
            b"[,",
            b"[1,]",
            b"{,",
            b"{1",
            b"{\"a\",",
            b"{\"a\"}",
            b"{\"a\":}",
            b"{\"a\":1,}",
            b"[1 2",
            b"[1:",
            b"[\"a\"\"",
            b"tru ",
            b"trux",
            b"nul]",
            b"[fals,",
            b"-x",
            b"--",
            b"00",
            b"01",
            b"1.e",
            b"1..",
            b"1e]",
            b"1-",
            b"1x",
            b"12]",
            b"12,",
            b"1t",
            b"[-]",
            b"[1.]",
            b"[01",
            b"[1e+]",
            b"\"\n",
            b"\"\x00",
            b"\"\x1f",
            b"\"\\x",
            b"\"\\u00g",
            b"\"\\u\"",
            b"[\"\\u123\"",
        ],
    );
}

#[test]
fn white_space_around_json_belongs_to_no_message() {
    let check = |stream: &[u8], messages: &[&[u8]]| {
        let messages: Vec<_> = messages.iter().map(|it| it.to_vec()).collect();
        assert_eq!(
            read(ValueFormat::Json, 4, [stream]),
            (messages.clone(), Ok(()))
        );
        assert_eq!(
            read(ValueFormat::Json, 4, stream.chunks(1)),
            (messages, Ok(()))
        );
    };
    check(b" \r\n{}\n\n[]{}", &[b"{}", b"[]", b"{}"]);
    check(b"1 2\t3", &[b"1", b"2", b"3"]);
    check(b"1[]2{}3\"a\"", &[b"1", b"[]", b"2", b"{}", b"3", b"\"a\""]);
    check(b"1234\n", &[b"1234"]);
    check(b"1234", &[b"1234"]);
    check(&b" ".repeat(100), &[]);
    check(
        &[&b" ".repeat(100)[..], b"12", &b"\n".repeat(100)].concat(),
        &[b"12"],
    );
    assert_eq!(
        send(ValueFormat::Json, b" \r\n[ 1 ]\t\n").unwrap(),
        b"[ 1 ]\n"
    );
}

#[test]
fn json_number_ends_with_the_stream_if_it_is_whole() {
    let end = |stream: &[u8]| read(ValueFormat::Json, MAX, [stream]);
    assert_eq!(end(b"-1.5e3"), (vec![b"-1.5e3".to_vec()], Ok(())));
    for stream in ["-", "1.", "1e", "1e-", "tru", "\"", "[1"] {
        let (messages, end) = end(stream.as_bytes());
        assert!(messages.is_empty() && end.is_err(), "{stream}");
        assert!(send(ValueFormat::Json, stream.as_bytes()).is_err());
    }
}

/// <https://github.com/msgpack/msgpack/blob/master/spec.md>
#[test]
fn msgpack_value_is_a_message() {
    whole(
        ValueFormat::MessagePack,
        &[
            b"\x00",
            b"\x7f",
            b"\x80",
            b"\x81\xa1a\x01",
            b"\x90",
            b"\x92\xc0\xc3",
            b"\xa0",
            b"\xa3abc",
            b"\xc0",
            b"\xc2",
            b"\xc3",
            b"\xc4\x00",
            b"\xc4\x01a",
            b"\xc5\x00\x01a",
            b"\xc6\x00\x00\x00\x01a",
            b"\xc7\x00\x05",
            b"\xc7\x02\x05ab",
            b"\xc8\x00\x01\x05a",
            b"\xc9\x00\x00\x00\x01\x05a",
            b"\xca1234",
            b"\xcb12345678",
            b"\xcc1",
            b"\xcd12",
            b"\xce1234",
            b"\xcf12345678",
            b"\xd01",
            b"\xd112",
            b"\xd21234",
            b"\xd312345678",
            b"\xd4t1",
            b"\xd5t12",
            b"\xd6t1234",
            b"\xd7t12345678",
            b"\xd8t1234567890123456",
            b"\xd9\x01a",
            b"\xda\x00\x01a",
            b"\xdb\x00\x00\x00\x01a",
            b"\xdc\x00\x02\x01\xa1a",
            b"\xdd\x00\x00\x00\x01\xc0",
            b"\xde\x00\x01\x01\x02",
            b"\xdf\x00\x00\x00\x01\x01\x90",
            b"\xe0",
            b"\xff",
            b"\x82\xa1a\x01\xa1b\x93\xc0\xc3\xcd\x01\x02",
            b"\x81\x91\x81\x01\x02\x03",
        ],
    );
    wrong(
        ValueFormat::MessagePack,
        &[b"\xc1", b"\x92\x01\xc1", b"\x81\xa1a\xc1"],
    );
}

/// RFC 8949, appendix A; and appendix F, which is not well-formed.
#[test]
fn cbor_value_is_a_message() {
    whole(
        ValueFormat::Cbor,
        &[
            b"\x00",
            b"\x17",
            b"\x18\x18",
            b"\x19\x03\xe8",
            b"\x1a\x00\x0f\x42\x40",
            b"\x1b\xff\xff\xff\xff\xff\xff\xff\xff",
            b"\x20",
            b"\x39\x03\xe7",
            b"\xf9\x7e\x00",
            b"\xfa\x47\xc3\x50\x00",
            b"\xfb\x3f\xf1\x99\x99\x99\x99\x99\x9a",
            b"\xf4",
            b"\xf6",
            b"\xf7",
            b"\xf0",
            b"\xf8\x20",
            b"\xf8\xff",
            b"\xc1\x1a\x51\x4b\x67\xb0",
            b"\xd8\x18\x45dIETF",
            b"\x40",
            b"\x44\x01\x02\x03\x04",
            b"\x60",
            b"\x64IETF",
            b"\x80",
            b"\x83\x01\x02\x03",
            b"\x83\x01\x82\x02\x03\x82\x04\x05",
            b"\xa0",
            b"\xa2\x01\x02\x03\x04",
            b"\xa1aa\x9f\xff",
            b"\x5f\x42\x01\x02\x43\x03\x04\x05\xff",
            b"\x7festreadming\xff",
            b"\x5f\xff",
            b"\x7f\xff",
            b"\x9f\xff",
            b"\x9f\x01\x82\x02\x03\x9f\x04\x05\xff\xff",
            b"\x82\x9f\x01\xff\x02",
            b"\xbf\xff",
            b"\xbfaa\x01ab\x9f\x02\x03\xff\xff",
            b"\x82aa\xbfabac\xff",
            b"\xbf\x9f\xff\xbf\xff\xff",
            b"\xbf\x82\x01\x02\x03\xff",
            b"\xc1\x9f\xff",
            b"\x9f\xc1\x5f\xff\xff",
            b"\x98\x01\x00",
            b"\xbf\xc1\x01\xc2\x02\xff",
            b"\xb8\x01\x01\x02",
        ],
    );
    wrong(
        ValueFormat::Cbor,
        &[
            b"\x1c",
            b"\x1d",
            b"\x1e",
            b"\x3c",
            b"\x5c",
            b"\x7d",
            b"\x9e",
            b"\xbc",
            b"\xdd",
            b"\xfc",
            b"\xfd",
            b"\xfe",
            b"\x1f",
            b"\x3f",
            b"\xdf",
            b"\xff",
            b"\xf8\x00",
            b"\xf8\x18",
            b"\xf8\x1f",
            b"\x81\xff",
            b"\x82\x00\xff",
            b"\xa1\xff",
            b"\xa1\x00\xff",
            b"\xa2\x00\x00\xff",
            b"\x9f\x81\xff",
            b"\x9f\x82\x9f\x81\xff",
            b"\xbf\x00\xff",
            b"\xbf\x00\x00\x00\xff",
            b"\xc1\xff",
            b"\x9f\xc1\xff",
            b"\xbf\x00\xc1\xff",
            b"\xbf\x82\x00\xff",
            b"\xbf\x81\x00\xff",
            b"\x5f\x00",
            b"\x5f\x21",
            b"\x5f\x61",
            b"\x5f\x80",
            b"\x5f\xa0",
            b"\x5f\xc0",
            b"\x5f\xe0",
            b"\x7f\x41",
            b"\x5f\x5f",
            b"\x7f\x7f",
            b"\x5f\x5c",
            b"\x5f\x41\x00\x61",
        ],
    );
}

/// <https://redis.io/docs/latest/develop/reference/protocol-spec/>
#[test]
fn resp_value_is_a_message() {
    whole(
        ValueFormat::Resp,
        &[
            b"+OK\r\n",
            b"+\r\n",
            b"-ERR unknown command 'asdf'\r\n",
            b":0\r\n",
            b":+5\r\n",
            b":-1000\r\n",
            b"$5\r\nhello\r\n",
            b"$0\r\n\r\n",
            b"$-1\r\n",
            b"*-1\r\n",
            b"$4\r\na\r\nb\r\n",
            b"*0\r\n",
            b"*2\r\n$5\r\nhello\r\n$5\r\nworld\r\n",
            b"*3\r\n:1\r\n*1\r\n+a\r\n$-1\r\n",
            b"$02\r\nab\r\n",
            b"_\r\n",
            b"#t\r\n",
            b"#f\r\n",
            b",1.23\r\n",
            b",-1e-5\r\n",
            b",inf\r\n",
            b",-inf\r\n",
            b",nan\r\n",
            b"(3492890328409238509324850943850943825024385\r\n",
            b"!21\r\nSYNTAX invalid syntax\r\n",
            b"=15\r\ntxt:Some string\r\n",
            b"%2\r\n+first\r\n:1\r\n+second\r\n:2\r\n",
            b"%0\r\n",
            b"~2\r\n+a\r\n#t\r\n",
            b">2\r\n+message\r\n+a\r\n",
            b"|1\r\n+ttl\r\n:3600\r\n*1\r\n:1\r\n",
            b"*1\r\n|1\r\n+ttl\r\n:1\r\n:2\r\n",
            b"|0\r\n|0\r\n_\r\n",
        ],
    );
    wrong(
        ValueFormat::Resp,
        &[
            b"P",
            b"\r",
            b"\n",
            b"0",
            b" ",
            b"?",
            b";",
            b".",
            b"+OK\n",
            b"+O\rK",
            b"-E\r\r",
            b":x",
            b":\r",
            b":+\r",
            b":1x",
            b":1\n",
            b"$\r",
            b"$x",
            b"$-2",
            b"$-1\n",
            b"$-1\rx",
            b"$-10",
            b"$1x",
            b"$1\n",
            b"$1\r\r",
            b"$1\r\nab",
            b"$1\r\na\n",
            b"$1\r\na\rb",
            b"*x",
            b"*-0",
            b"*1\r\nx",
            b"%-",
            b"~-",
            b">-",
            b"!-",
            b"=-",
            b"|-",
            b"$?",
            b"*?",
            b"%?",
            b"_x",
            b"#x",
            b"#tt",
            b"#T",
            b",x",
            b",1\n",
            b"(x",
            b"(1.",
            b"*2\r\n:1\r\nP",
        ],
    );
}

/// <https://www.bittorrent.org/beps/bep_0003.html>
#[test]
fn bencode_value_is_a_message() {
    whole(
        ValueFormat::Bencode,
        &[
            b"4:spam",
            b"0:",
            b"i3e",
            b"i-3e",
            b"i0e",
            b"i-0e",
            b"i03e",
            b"04:spam",
            b"le",
            b"de",
            b"l4:spam4:eggse",
            b"d3:cow3:moo4:spam4:eggse",
            b"d4:spaml1:a1:bee",
            b"d0:dee",
            b"lldeelee",
            b"d1:ai1e1:blee",
            b"3:\x00e\xff",
        ],
    );
    wrong(
        ValueFormat::Bencode,
        &[
            b"x",
            b"e",
            b":",
            b"-",
            b"\n",
            b"ie",
            b"i-e",
            b"i--",
            b"ix",
            b"i1x",
            b"i1-",
            b"i1.",
            b"4x",
            b"4e",
            b"1 ",
            b"lx",
            b"l-",
            b"di",
            b"dl",
            b"dd",
            b"d1:ae",
            b"d1:a1:bi",
            b"d1:ai1e1:be",
            b"lde:",
        ],
    );
}

/// X.690, section 8.1.
#[test]
fn ber_element_is_a_message() {
    whole(
        ValueFormat::Ber,
        &[
            b"\x05\x00",
            b"\x02\x01\x03",
            b"\x30\x0c\x02\x01\x01\x60\x07\x02\x01\x03\x04\x00\x80\x00",
            b"\x04\x81\x01a",
            b"\x04\x88\0\0\0\0\0\0\0\x01a",
            b"\x30\x80\0\0",
            b"\x30\x80\x04\x02\0\0\x30\x80\0\0\0\0",
            b"\x24\x80\x04\x01a\0\0",
            b"\x30\x02\0\0",
            b"\x1f\x1f\x01a",
            b"\x1f\x81\x01\x00",
            b"\xbf\x8f\xff\xff\xff\x7f\x01a",
            b"\x3f\x1f\x80\x05\x00\0\0",
            b"\x30\x80\x30\x04\x30\x80\x00\x00\0\0",
            b"\x01\x81\x00",
        ],
    );
    wrong(
        ValueFormat::Ber,
        &[
            b"\x00",
            b"\x30\xff",
            b"\x04\x80",
            b"\x30\x89",
            b"\x30\x80\x00\x01",
            b"\x30\x80\x04\x80",
            b"\x30\x80\x00\x80",
            b"\x1f\x80",
            b"\x1f\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
        ],
    );
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
