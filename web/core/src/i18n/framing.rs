//! Sentences about framings.

use protocol::{ByteOrder, Delimiter, Frame, FrameError, Framing, LengthPrefix};

use crate::format::{count, hex};
use crate::language::Language;

impl Language {
    /// Explains why a message cannot be sent.
    pub fn refusal(self, error: FrameError) -> String {
        match error {
            FrameError::TooLong { len, max } => self.too_long(len as usize, max),
            FrameError::LineBreak { at } => self.early_end(self.pick("A line break", "改行"), at),
            FrameError::Nul { at } => self.early_end(self.pick("A NUL", "NUL"), at),
            // The other errors occur while decoding only.
            other => other.to_string(),
        }
    }

    fn early_end(self, delimiter: &str, at: usize) -> String {
        let place = self.bytes(at);
        translate!(
            self,
            "{delimiter} after {place} would end the message early: this framing cannot carry it.",
            "{place}のあとの{delimiter}でメッセージが終わってしまうため、このフレーミングでは送れません。"
        )
    }

    /// Returns a frame's header in hexadecimal, and its meaning.
    pub fn header_note(self, framing: Framing, frame: &Frame) -> (String, String) {
        let length = frame.payload().len();
        let counted = match framing {
            Framing::Length(prefix) if prefix.inclusive => Some(length + prefix.field.width()),
            Framing::Length(_) | Framing::Varint => Some(length),
            Framing::Delimited(_) | Framing::Raw => None,
        };
        let meaning = self.framing(framing);
        let meaning = match counted {
            Some(length) => format!("= {}, {meaning}", count(length as u64)),
            None => meaning,
        };
        (hex(frame.header()), meaning)
    }

    /// Returns the trailer in hexadecimal and its meaning, if the framing has one.
    pub fn trailer_note(self, framing: Framing) -> Option<(String, &'static str)> {
        let Framing::Delimited(delimiter) = framing else {
            return None;
        };
        let meaning = match delimiter {
            Delimiter::Lines => self.pick("LF; CRLF is read as well", "LF(CRLF も可)"),
            Delimiter::Crlf | Delimiter::Nul => name(delimiter),
        };
        Some((hex(framing.trailer()), meaning))
    }

    /// Describes a framing's header.
    fn framing(self, framing: Framing) -> String {
        match framing {
            Framing::Length(prefix) => self.prefix(prefix),
            Framing::Varint => "varint".into(),
            Framing::Delimited(delimiter) => {
                let name = name(delimiter);
                translate!(
                    self,
                    "none; {name} ends the payload",
                    "なし。ペイロードの終わりは {name}"
                )
            }
            Framing::Raw => self
                .pick("none; bytes as they are", "なし。バイト列のまま")
                .into(),
        }
    }

    fn prefix(self, prefix: LengthPrefix) -> String {
        let bits = 8 * prefix.field.width();
        let order = match prefix.field.byte_order() {
            Some(ByteOrder::Little) => self.pick(", little-endian", "、リトルエンディアン"),
            Some(ByteOrder::Big) => self.pick(", big-endian", "、ビッグエンディアン"),
            None => "",
        };
        let included = match prefix.inclusive {
            true => self.pick(", itself included", "、自身を含む"),
            false => "",
        };
        format!("u{bits}{order}{included}")
    }

    /// Returns the hint below the first way to begin: the composer, and the frame of a message.
    pub fn composer_hint(self, framing: Framing) -> String {
        let frame = match framing {
            Framing::Length(prefix) => {
                let prefix = self.prefix(prefix);
                translate!(
                    self,
                    "its length ({prefix}), then the message",
                    "長さ {prefix}、続いて本体"
                )
            }
            Framing::Varint => self
                .pick(
                    "its length as a varint, then the message",
                    "varint の長さ、続いて本体",
                )
                .into(),
            Framing::Delimited(delimiter) => {
                let name = name(delimiter);
                translate!(self, "the message, then {name}", "本体、続いて {name}")
            }
            Framing::Raw => {
                return self.pick("Or type below and press Enter. Each message is sent over TCP as it is.", "または、下の欄に入力して Enter を押します。メッセージはそのまま TCP を通ります。").into();
            }
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
    fn header_note_has_bytes_and_meaning() {
        let check = |framing: &str, payload: Vec<u8>, bytes: &str, meaning: &str| {
            let framing = framing.parse().unwrap();
            let frame = Frame::new(framing, payload).unwrap();
            let note = English.header_note(framing, &frame);
            assert_eq!(note, (bytes.into(), meaning.into()));
        };
        let hello = || b"hello".to_vec();
        check("u32le", hello(), "05 00 00 00", "= 5, u32, little-endian");
        check(
            "u32le",
            vec![0; 258],
            "02 01 00 00",
            "= 258, u32, little-endian",
        );
        check("u8", hello(), "05", "= 5, u8");
        let included = "= 7, u16, big-endian, itself included";
        check("u16be-inclusive", hello(), "00 07", included);
        check("varint", vec![0; 300], "ac 02", "= 300, varint");
        check("crlf", hello(), "", "none; CRLF ends the payload");
        check("raw", hello(), "", "none; bytes as they are");
    }

    #[test]
    fn trailer_note_has_bytes_and_meaning() {
        let check = |framing: &str, expected: Option<(&str, &str)>| {
            let note = English.trailer_note(framing.parse().unwrap());
            let note = note.as_ref().map(|(bytes, meaning)| (&**bytes, *meaning));
            assert_eq!(note, expected);
        };
        check("lines", Some(("0a", "LF; CRLF is read as well")));
        check("crlf", Some(("0d 0a", "CRLF")));
        check("nul", Some(("00", "NUL")));
        check("u32le", None);
        check("varint", None);
        check("raw", None);
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
        let too_long = FrameError::TooLong { len: 256, max: 255 };
        assert_eq!(English.refusal(too_long), English.too_long(256, 255));
    }
}
