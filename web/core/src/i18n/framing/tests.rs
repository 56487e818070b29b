use super::*;
use crate::language::Language::{English, Japanese};
use crate::message::{Direction, Kind};
use crate::message_log::Pairing;
use crate::time::Moment;

/// The lines of the wire view for a message: name, bytes and meaning.
fn notes(language: Language, framing: &str, payload: impl Into<bytes::Bytes>) -> Vec<String> {
    let framing = framing.parse().unwrap();
    let row = Row {
        id: 0,
        direction: Direction::Sent,
        kind: Kind::Text,
        payload: payload.into(),
        at: Moment::default(),
        pairing: Pairing::Pending,
        framing: None,
        session: None,
        missing_len: 0,
    };
    let frame = Frame::new(framing, row.payload.clone()).unwrap();
    let notes = language.segment_notes(framing, &frame, &row).into_iter();
    let lines = notes.map(|it| format!("{} | {} | {}", it.name, it.bytes, it.meaning));
    lines.collect()
}

#[test]
fn each_segment_has_bytes_and_meaning() {
    let check = |framing: &str, payload: &'static [u8], expected: &[&str]| {
        assert_eq!(notes(English, framing, payload), expected, "{framing}");
    };
    let payload = "payload | 68 65 6c 6c 6f | 5 bytes of UTF-8";
    let hello = |framing: &str, length: &str| check(framing, b"hello", &[length, payload]);
    hello("u32le", "length | 05 00 00 00 | = 5, u32, little-endian");
    hello("u8", "length | 05 | = 5, u8");
    let included = "length | 00 07 | = 7, u16, big-endian, itself included";
    hello("u16be-inclusive", included);
    hello("varint", "length | 05 | = 5, varint");
    hello("ascii4", "length | 30 30 30 35 | = 5, 4 decimal digits");
    hello("bcd2", "length | 00 05 | = 5, two decimal digits a byte");
    check("crlf", b"hello", &[payload, "fixed | 0d 0a | CRLF"]);
    let lf = "fixed | 0a | LF; CRLF is read as well";
    check("lines", b"hello", &[payload, lf]);
    check("raw", b"hello", &[payload]);
    check(
        "1+u32be-inclusive",
        b"Qhello",
        &[
            "header | 51 | 1 byte of the message",
            "length | 00 00 00 09 | = 9, u32, big-endian, itself included",
            payload,
        ],
    );
    check(
        "0x0300+u16be-all",
        b"hello",
        &[
            "fixed | 03 00 | always",
            "length | 00 09 | = 9, u16, big-endian, the whole frame",
            payload,
        ],
    );
    check(
        "mllp",
        b"hello",
        &[
            "fixed | 0b | always",
            payload,
            "fixed | 1c 0d | always: the end of the frame",
        ],
    );
    check(
        "u8+1...1",
        b"AhelloZ",
        &[
            "length | 05 | = 5, u8",
            "header | 41 | 1 byte of the message",
            payload,
            "trailer | 5a | 1 byte of the message",
        ],
    );
}

#[test]
fn notes_are_in_japanese_too() {
    assert_eq!(
        notes(Japanese, "1+u32be-inclusive", "Qhi"),
        [
            "ヘッダー | 51 | メッセージのうち 1 バイト",
            "長さ | 00 00 00 06 | = 6, u32、ビッグエンディアン、自身を含む",
            "ペイロード | 68 69 | UTF-8 2 バイト",
        ]
    );
}

#[test]
fn a_refusal_has_the_cause_and_its_position() {
    let check = |error, english: &str, japanese: &str| {
        assert_eq!(English.refusal(error), english);
        assert_eq!(Japanese.refusal(error), japanese);
    };
    check(
        FrameError::LineBreak { at: 1 },
        "A line break after 1 byte would end the message early: this framing cannot carry it.",
        "1 バイトのあとの改行でメッセージが終わってしまうため、このフレーミングでは送れません。",
    );
    check(
        FrameError::Nul { at: 2 },
        "A NUL after 2 bytes would end the message early: this framing cannot carry it.",
        "2 バイトのあとのNULでメッセージが終わってしまうため、このフレーミングでは送れません。",
    );
    check(
        FrameError::TooShort { len: 3, min: 4 },
        "Too short: this framing takes 4 bytes of each message for its header, and this one has 3 bytes.",
        "短すぎます。このフレーミングのヘッダーには 4 バイト必要ですが、3 バイトしかありません。",
    );
    let too_long = FrameError::TooLong { len: 256, max: 255 };
    assert_eq!(English.refusal(too_long), English.too_long(256, 255));
}
