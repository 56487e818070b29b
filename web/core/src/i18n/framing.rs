//! Sentences about framings.

use protocol::{ByteOrder, Delimiter, Frame, FrameError, Framing, LengthPrefix};

use crate::format::{count, hex};
use crate::language::Language::{self, English, Japanese};

impl Language {
    /// Explains why a message cannot be sent.
    pub fn refusal(self, error: FrameError) -> String {
        let early = |what: &str, at: usize| match self {
            English => format!(
                "{what} after {} would end the message early: this framing cannot carry it.",
                self.bytes(at)
            ),
            Japanese => format!(
                "{}のあとの{what}でメッセージが終わってしまうため、このフレーミングでは送れません。",
                self.bytes(at)
            ),
        };
        match (self, error) {
            (_, FrameError::TooLong { len, max }) => self.too_long(len as usize, max),
            (English, FrameError::LineBreak { at }) => early("A line break", at),
            (Japanese, FrameError::LineBreak { at }) => early("改行", at),
            (English, FrameError::Nul { at }) => early("A NUL", at),
            (Japanese, FrameError::Nul { at }) => early("NUL", at),
            // The other errors occur while decoding only.
            (_, other) => other.to_string(),
        }
    }

    /// Returns a frame's header in hexadecimal, and its meaning.
    pub fn header_note(self, framing: Framing, frame: &Frame) -> (String, String) {
        let length = frame.payload().len();
        let meaning = match framing {
            Framing::Length(prefix) if prefix.inclusive => {
                let counted = length + prefix.field.width();
                format!("= {}, {}", count(counted as u64), self.framing(framing))
            }
            Framing::Length(_) | Framing::Varint => {
                format!("= {}, {}", count(length as u64), self.framing(framing))
            }
            Framing::Delimited(_) | Framing::Raw => self.framing(framing),
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
            Delimiter::Crlf => "CRLF",
            Delimiter::Nul => "NUL",
        };
        Some((hex(framing.trailer()), meaning))
    }

    /// Describes a framing's header.
    pub fn framing(self, framing: Framing) -> String {
        match (self, framing) {
            (_, Framing::Length(prefix)) => self.prefix(prefix),
            (_, Framing::Varint) => "varint".into(),
            (English, Framing::Delimited(delimiter)) => {
                format!("none; {} ends the payload", name(delimiter))
            }
            (Japanese, Framing::Delimited(delimiter)) => {
                format!("なし。ペイロードの終わりは {}", name(delimiter))
            }
            (English, Framing::Raw) => "none; bytes as they are".into(),
            (Japanese, Framing::Raw) => "なし。バイト列のまま".into(),
        }
    }

    fn prefix(self, prefix: LengthPrefix) -> String {
        let bits = 8 * prefix.field.width();
        let order = match (self, prefix.field.byte_order()) {
            (English, Some(ByteOrder::Little)) => ", little-endian",
            (Japanese, Some(ByteOrder::Little)) => "、リトルエンディアン",
            (English, Some(ByteOrder::Big)) => ", big-endian",
            (Japanese, Some(ByteOrder::Big)) => "、ビッグエンディアン",
            (_, None) => "",
        };
        let counted = match self {
            _ if !prefix.inclusive => "",
            English => ", itself included",
            Japanese => "、自身を含む",
        };
        format!("u{bits}{order}{counted}")
    }

    /// Returns the hint below the first way to begin: the composer, and the frame of a message.
    pub fn composer_hint(self, framing: Framing) -> String {
        match self {
            English => {
                let crosses = match framing {
                    Framing::Length(prefix) => format!(
                        "as one frame: its length ({}), then the message",
                        self.prefix(prefix)
                    ),
                    Framing::Varint => {
                        "as one frame: its length as a varint, then the message".into()
                    }
                    Framing::Delimited(delimiter) => {
                        format!("as one frame: the message, then {}", name(delimiter))
                    }
                    Framing::Raw => "as it is".into(),
                };
                format!("Or type below and press Enter. Each message crosses TCP {crosses}.")
            }
            Japanese => {
                let crosses = match framing {
                    Framing::Length(prefix) => format!(
                        " 1 件ごとに 1 フレーム(長さ {}、続いて本体)として",
                        self.prefix(prefix)
                    ),
                    Framing::Varint => {
                        " 1 件ごとに 1 フレーム(varint の長さ、続いて本体)として".into()
                    }
                    Framing::Delimited(delimiter) => {
                        format!(
                            " 1 件ごとに 1 フレーム(本体、続いて {})として",
                            name(delimiter)
                        )
                    }
                    Framing::Raw => "そのまま".into(),
                };
                format!(
                    "または、下の欄に入力して Enter を押します。メッセージは{crosses} TCP を通ります。"
                )
            }
        }
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
