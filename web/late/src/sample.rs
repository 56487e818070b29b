//! Sample messages: `hello` in a form that a framing carries, to draw its frame.

use bytes::Bytes;
use protocol::{Frame, Framing, HeaderBlock, Picture, ValueFormat};

const HELLO: &[u8] = b"hello";

/// Returns a message that the framing carries, with `hello` in it if there is room.
pub fn message(framing: Framing) -> Bytes {
    match framing {
        Framing::Picture(picture) if picture.whole => whole_frame(picture),
        Framing::Value(format) => Bytes::from_static(value(format)),
        Framing::HeaderBlock(HeaderBlock::Headers) => Bytes::from_static(b"To: hello\r\n\r\n"),
        Framing::Fixed(len) => HELLO
            .iter()
            .copied()
            .cycle()
            .take(len.min(24) as usize)
            .collect(),
        framing => [&vec![0; framing.min_payload_len()][..], HELLO]
            .concat()
            .into(),
    }
}

fn whole_frame(picture: Picture) -> Bytes {
    let framing = Framing::Picture(Picture {
        whole: false,
        ..picture
    });
    let frame = Frame::new(framing, message(framing));
    let segments = frame.iter().flat_map(Frame::segments);
    segments.flat_map(|(_, bytes)| bytes.to_vec()).collect()
}

fn value(format: ValueFormat) -> &'static [u8] {
    match format {
        ValueFormat::Json => br#"["hello"]"#,
        ValueFormat::MessagePack => b"\xa5hello",
        ValueFormat::Cbor => b"\x65hello",
        ValueFormat::Resp => b"+hello\r\n",
        ValueFormat::Bencode => b"5:hello",
        ValueFormat::Ber => b"\x04\x05hello",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocols;

    #[test]
    fn every_framing_carries_its_sample() {
        let named = Framing::named().map(|it| it.to_string());
        let groups = protocols::GROUPS.iter().flat_map(|it| it.protocols);
        let drawn = groups.map(|(_, notation)| notation.to_string());
        for notation in named.chain(drawn).chain(["fixed5".into()]) {
            let framing: Framing = notation.parse().unwrap();
            assert!(Frame::new(framing, message(framing)).is_ok(), "{notation}");
        }
    }
}
