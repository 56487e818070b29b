use super::*;
use web_core::frame_view::Explainer;
use web_core::language::Language::{English, Japanese};

/// The view as the page gets it: through the lines.
fn view_of(language: Language, framing: &str, message: &[u8]) -> Result<FrameView, String> {
    let explainer = Explainer::new(move |framing, message| explain(framing, message, language));
    let message = Bytes::copy_from_slice(message);
    let view = FrameView::new(&framing.into(), &message, Some(&explainer));
    view.unwrap().map_err(|refusal| language.refusal(&refusal))
}

#[track_caller]
fn check(language: Language, framing: &str, message: &[u8], expected: &[(&str, &[u8], &str)]) {
    let view = view_of(language, framing, message).unwrap();
    let segments = view.segments.iter();
    let segments = segments.map(|it| (&*it.name, &*it.bytes, &*it.meaning));
    assert_eq!(segments.collect::<Vec<_>>(), expected, "{framing}");
}

#[test]
fn each_segment_has_bytes_and_meaning() {
    let hello: (&str, &[u8], &str) = ("payload", b"hello", "");
    let length = |framing: &str, bytes: &[u8], meaning: &str| {
        check(
            English,
            framing,
            b"hello",
            &[("length", bytes, meaning), hello],
        );
    };
    length("ascii4", b"0005", "= 5, 4 decimal digits");
    length("bcd2", b"\x00\x05", "= 5, two decimal digits a byte");
    let byte = "1 byte of the message";
    let itself = "= 9, u32, big-endian, itself included";
    let postgres: [(&str, &[u8], &str); 3] = [
        ("header", b"Q", byte),
        ("length", b"\0\0\0\x09", itself),
        hello,
    ];
    check(English, "1+u32be-inclusive", b"Qhello", &postgres);
    let tpkt: [(&str, &[u8], &str); 3] = [
        ("fixed", b"\x03\0", "always"),
        ("length", b"\0\x09", "= 9, u16, big-endian, the whole frame"),
        hello,
    ];
    check(English, "0x0300+u16be-all", b"hello", &tpkt);
    let mllp: [(&str, &[u8], &str); 3] = [
        ("fixed", b"\x0b", "always"),
        hello,
        ("fixed", b"\x1c\r", "always: the end of the frame"),
    ];
    check(English, "mllp", b"hello", &mllp);
    let around: [(&str, &[u8], &str); 4] = [
        ("length", b"\x05", "= 5, u8"),
        ("header", b"A", byte),
        hello,
        ("trailer", b"Z", byte),
    ];
    check(English, "u8+1...1", b"AhelloZ", &around);
    let japanese: [(&str, &[u8], &str); 3] = [
        ("ヘッダー", b"Q", "メッセージのうち 1 バイト"),
        (
            "長さ",
            b"\0\0\0\x06",
            "= 6, u32、ビッグエンディアン、自身を含む",
        ),
        ("ペイロード", b"hi", ""),
    ];
    check(Japanese, "1+u32be-inclusive", b"Qhi", &japanese);
}

#[test]
fn every_named_framing_is_explained() {
    for framing in Framing::named() {
        for message in [
            &b"{}"[..],
            b"hello",
            b"\xc0",
            b"+OK\r\n",
            b"1:a",
            b"\x02\x01\x00",
        ] {
            let view = view_of(English, &framing.to_string(), message);
            let wire_len = Frame::new(framing, message.to_vec()).map(|frame| frame.wire_len());
            assert_eq!(view.is_ok(), wire_len.is_ok(), "{framing}");
            if let (Ok(view), Ok(wire_len)) = (view, wire_len) {
                assert_eq!(view.wire_len(), wire_len, "{framing}");
            }
        }
    }
}

#[test]
fn a_refusal_says_what_is_wrong() {
    let check = |framing: &str, message: &[u8], expected: &str| {
        let refusal = view_of(English, framing, message).unwrap_err();
        assert!(refusal.contains(expected), "{refusal}");
    };
    check(
        "4+u16be",
        b"abc",
        "Too short: each message needs 4 bytes at least",
    );
    check(
        "0x02...0x03",
        b"a\x03",
        "The bytes that end a frame after 1 byte",
    );
    check("json", b"[1", "Not a whole");
    check("json", b"1 2", "More than one");
    check("ascii2", &[b'x'; 100], "Too long by 1 byte");
    check("u33", b"", "u33");
}

#[test]
fn a_whole_frame_with_a_wrong_length_is_sent_and_can_be_set_right() {
    let view = view_of(English, "whole:1+u32be-inclusive", b"Q\0\0\0\x0chi").unwrap();
    let note = "Not one frame: its length says 12, it should be 6.";
    assert_eq!(view.note.as_deref(), Some(note));
    assert_eq!(view.repaired.unwrap(), b"Q\0\0\0\x06hi"[..]);
    let right = view_of(English, "whole:1+u32be-inclusive", b"Q\0\0\0\x06hi").unwrap();
    assert!(right.note.is_none() && right.is_whole);
    assert_eq!(right.segments[1].bytes, b"\0\0\0\x06"[..]);
}
