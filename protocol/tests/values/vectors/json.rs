//! JSON.

use protocol::ValueFormat;

use super::{MAX, whole, wrong};
use crate::{read, send};

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
