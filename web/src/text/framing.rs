//! What the page says of framings.

use protocol::{ByteOrder, Delimiter, Frame, Framing, LengthPrefix};

use super::Language::{self, English, Japanese};
use crate::format::{count, hex};

impl Language {
    /// What a frame's header says.
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

    /// How a framing tells where a payload ends.
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

    /// Says how the third way to begin works.
    pub fn begin_composer_note(self, framing: Framing) -> String {
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
                format!("Type below and press Enter. Each message crosses TCP {crosses}.")
            }
            Japanese => {
                let crosses = match framing {
                    Framing::Length(prefix) => format!(
                        "1 件ごとに 1 フレーム(長さ {}、続いて本体)として",
                        self.prefix(prefix)
                    ),
                    Framing::Varint => {
                        "1 件ごとに 1 フレーム(varint の長さ、続いて本体)として".into()
                    }
                    Framing::Delimited(delimiter) => {
                        format!(
                            "1 件ごとに 1 フレーム(本体、続いて {})として",
                            name(delimiter)
                        )
                    }
                    Framing::Raw => "そのまま".into(),
                };
                format!("下の欄に入力して Enter を押します。メッセージは{crosses} TCP を通ります。")
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
    fn the_header_is_explained() {
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
}
