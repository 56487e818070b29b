//! Sentences about the framings that are built in.

use bytes::Bytes;
use protocol::{ByteOrder, Delimiter, LengthPrefix, Role};

use crate::format::count;
use crate::frame_view::SegmentView;
use crate::framing::{BuiltIn, Framing, Refusal};
use crate::language::Language;

impl Language {
    /// Explains why a message cannot be sent.
    pub fn refusal(self, refusal: &Refusal) -> String {
        match refusal {
            Refusal::TooLong { len, max } => self.too_long(*len as usize, *max as usize),
            Refusal::LineBreak { at } => self.early_end(self.pick("A line break", "改行"), *at),
            Refusal::Nul { at } => self.early_end(self.pick("A NUL", "NUL"), *at),
            Refusal::Explained(sentence) => sentence.clone(),
        }
    }

    /// Explains that a message has bytes that end it.
    pub fn early_end(self, delimiter: &str, at: usize) -> String {
        let place = self.bytes(at);
        translate!(
            self,
            "{delimiter} after {place} would end the message early: this framing cannot carry it.",
            "{place}のあとの{delimiter}でメッセージが終わってしまうため、このフレーミングでは送れません。"
        )
    }

    /// Explains each segment of a frame with a payload of so many bytes, in wire order.
    pub fn segments(
        self,
        framing: BuiltIn,
        segments: Vec<(Role, Bytes)>,
        payload: usize,
    ) -> Vec<SegmentView> {
        let segments = segments.into_iter().map(|(role, bytes)| {
            let (name, meaning) = match role {
                Role::Length => (self.length_field(), self.length(framing, payload)),
                Role::Payload => (self.payload(), String::new()),
                _ => (self.fixed(), self.delimiter(framing).into()),
            };
            SegmentView {
                role,
                bytes,
                name: name.into(),
                meaning,
            }
        });
        segments.collect()
    }

    fn length(self, framing: BuiltIn, payload: usize) -> String {
        let (counted, notation) = match framing {
            BuiltIn::Length(prefix) if prefix.inclusive => {
                (payload + prefix.field.width(), self.prefix(prefix))
            }
            BuiltIn::Length(prefix) => (payload, self.prefix(prefix)),
            _ => (payload, "varint".into()),
        };
        format!("= {}, {notation}", count(counted as u64))
    }

    fn delimiter(self, framing: BuiltIn) -> &'static str {
        match framing {
            BuiltIn::Delimited(Delimiter::Lines) => {
                self.pick("LF; CRLF is read as well", "LF(CRLF も可)")
            }
            BuiltIn::Delimited(delimiter) => name(delimiter),
            _ => "",
        }
    }

    /// Notes that a framing has no frames.
    pub fn built_in_note(self, framing: BuiltIn) -> Option<String> {
        let none = self.pick("none; bytes as they are", "なし。バイト列のまま");
        (framing == BuiltIn::Raw).then(|| none.into())
    }

    fn prefix(self, prefix: LengthPrefix) -> String {
        let included = match prefix.inclusive {
            true => self.pick(", itself included", "、自身を含む"),
            false => "",
        };
        let field = prefix.field;
        self.integer(field.width(), field.byte_order()) + included
    }

    /// Describes an integer of `width` bytes.
    pub fn integer(self, width: usize, order: Option<ByteOrder>) -> String {
        let bits = 8 * width;
        let order = match order {
            Some(ByteOrder::Little) => self.pick(", little-endian", "、リトルエンディアン"),
            Some(ByteOrder::Big) => self.pick(", big-endian", "、ビッグエンディアン"),
            None => "",
        };
        format!("u{bits}{order}")
    }

    /// Returns the hint below the first way to begin: the composer, and the frame of a message.
    pub fn composer_hint(self, framing: &Framing) -> String {
        let frame = match framing.built_in() {
            Some(BuiltIn::Length(prefix)) => {
                let prefix = self.prefix(prefix);
                translate!(
                    self,
                    "its length ({prefix}), then the message",
                    "長さ {prefix}、続いて本体"
                )
            }
            Some(BuiltIn::Varint) => self
                .pick(
                    "its length as a varint, then the message",
                    "varint の長さ、続いて本体",
                )
                .into(),
            Some(BuiltIn::Delimited(delimiter)) => {
                let name = name(delimiter);
                translate!(self, "the message, then {name}", "本体、続いて {name}")
            }
            Some(BuiltIn::Raw) => {
                return self.pick("Or type below and press Enter. Each message is sent over TCP as it is.", "または、下の欄に入力して Enter を押します。メッセージはそのまま TCP を通ります。").into();
            }
            None => framing.to_string(),
        };
        translate!(
            self,
            "Or type below and press Enter. Each message is sent over TCP as one frame: {frame}.",
            "または、下の欄に入力して Enter を押します。メッセージは 1 件ごとに 1 フレーム({frame})として TCP を通ります。"
        )
    }
}

fn name(delimiter: Delimiter) -> &'static str {
    match delimiter {
        Delimiter::Lines => "LF",
        Delimiter::Crlf => "CRLF",
        Delimiter::Nul => "NUL",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Language::{English, Japanese};

    #[test]
    fn each_segment_has_bytes_and_meaning() {
        let check = |framing: &str, message: &[u8], expected: &[(&[u8], &str)]| {
            let message = Bytes::copy_from_slice(message);
            let framing = Framing::from(framing).built_in().unwrap();
            let segments = framing.frame(&message).unwrap();
            let segments = English.segments(framing, segments, message.len());
            let segments = segments.iter().map(|it| (&*it.bytes, &*it.meaning));
            assert_eq!(segments.collect::<Vec<_>>(), expected, "{framing:?}");
        };
        let payload: (&[u8], _) = (b"hello", "");
        let prefix = |framing: &str, bytes: &[u8], meaning: &str| {
            check(framing, b"hello", &[(bytes, meaning), payload]);
        };
        prefix("u32le", b"\x05\0\0\0", "= 5, u32, little-endian");
        prefix("u8", b"\x05", "= 5, u8");
        let included = "= 7, u16, big-endian, itself included";
        prefix("u16be-inclusive", b"\0\x07", included);
        prefix("varint", b"\x05", "= 5, varint");
        check("crlf", b"hello", &[payload, (b"\r\n", "CRLF")]);
        check(
            "lines",
            b"hello",
            &[payload, (b"\n", "LF; CRLF is read as well")],
        );
        check("raw", b"hello", &[payload]);
    }

    #[test]
    fn a_refusal_has_the_cause_and_its_position() {
        let check = |refusal, english: &str, japanese: &str| {
            assert_eq!(English.refusal(&refusal), english);
            assert_eq!(Japanese.refusal(&refusal), japanese);
        };
        check(
            Refusal::LineBreak { at: 1 },
            "A line break after 1 byte would end the message early: this framing cannot carry it.",
            "1 バイトのあとの改行でメッセージが終わってしまうため、このフレーミングでは送れません。",
        );
        check(
            Refusal::Nul { at: 2 },
            "A NUL after 2 bytes would end the message early: this framing cannot carry it.",
            "2 バイトのあとのNULでメッセージが終わってしまうため、このフレーミングでは送れません。",
        );
        let too_long = Refusal::TooLong { len: 256, max: 255 };
        assert_eq!(English.refusal(&too_long), English.too_long(256, 255));
    }
}
