use web_core::language::Language::English;

use super::*;

fn wire(framing: &str, message: &[u8]) -> (Wire, Vec<u8>) {
    let source = message.to_vec();
    let wire = Wire::of_frame(English, framing, &source, Kind::Binary);
    (wire.unwrap(), source)
}

#[test]
fn a_frame_has_its_parts_in_wire_order() {
    let (wire, source) = wire("1+u32be-inclusive", b"Qhello");
    assert_eq!(wire.len(), 10);
    let shown: Vec<_> = wire.parts.iter().map(|it| it.abridged(&source)).collect();
    assert_eq!(shown, ["51", "00 00 00 09", "68 65 6c 6c 6f"]);
    assert_eq!(wire.read(&source, 0..10), b"Q\0\0\0\x09hello");
    assert_eq!(wire.read(&source, 4..7), b"\x09he");
    assert_eq!(wire.of_message(&(0..1)), Some(0..1));
    assert_eq!(wire.of_message(&(1..3)), Some(5..7));
    assert_eq!(wire.to_message(6), Some(2));
    assert_eq!(wire.to_message(2), None);
    assert_eq!(wire.part_at(9), Some(2));
}

#[test]
fn the_frame_of_a_long_message_has_the_same_parts() {
    let message = vec![b'x'; MAX_AT_ONCE + 1];
    for framing in [
        "u32le",
        "u64be-inclusive",
        "varint",
        "lines",
        "1+u32be-inclusive",
        "slip",
        "json",
    ] {
        let (wire, source) = wire(framing, &message);
        let end = wire.len() - 16..wire.len();
        assert!(wire.read(&source, end).contains(&b'x'), "{framing}");
        let notes = wire.parts.iter().map(|it| &*it.segment.meaning);
        let notes: Vec<_> = notes.collect();
        if framing.contains("u32") {
            assert!(notes.iter().any(|it| it.contains("1,048,5")), "{notes:?}");
        }
    }
}

#[test]
fn cells_know_the_characters_around_them() {
    let (wire, source) = wire("u32le", "日本x\u{ff}".as_bytes());
    let all = wire.cells(&source, 0..wire.len());
    assert_eq!(all.len(), wire.len());
    for begin in 0..all.len() {
        for end in begin..=all.len() {
            assert_eq!(wire.cells(&source, begin..end), all[begin..end]);
        }
    }
}

#[test]
fn a_message_that_the_framing_cannot_carry_is_told() {
    let source = b"a\nb".to_vec();
    let refused = Wire::of_frame(English, "lines", &source, Kind::Text);
    assert!(refused.unwrap_err().contains("would end the message early"));
}
