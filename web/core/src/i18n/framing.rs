//! Sentences about framings.

use protocol::{
    ByteOrder, Counts, Delimiter, Frame, FrameError, Framing, HeaderBlock, LengthPrefix, Number,
    Picture, Role, ValueFormat,
};

use crate::format::{count, hex_abridged};
use crate::language::Language;
use crate::message_log::Row;

/// Note on a segment of a frame: a line of the wire view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SegmentNote {
    /// Role of the bytes.
    pub role: Role,
    /// Name of the segment.
    pub name: &'static str,
    /// Bytes in hexadecimal; the middle of a long segment is left out.
    pub bytes: String,
    /// Meaning of the bytes.
    pub meaning: String,
}

impl Language {
    /// Explains why a message cannot be sent.
    pub fn refusal(self, error: FrameError) -> String {
        match error {
            FrameError::TooLong { len, max } => self.too_long(len as usize, max),
            FrameError::TooShort { len, min } => self.too_short(len, min),
            FrameError::LineBreak { at } => self.early_end(self.pick("A line break", "改行"), at),
            FrameError::Nul { at } => self.early_end(self.pick("A NUL", "NUL"), at),
            FrameError::HasDelimiter { at } => {
                let end = self.pick("The bytes that end a frame", "フレームの終わりを示すバイト");
                self.early_end(end, at)
            }
            FrameError::NotWhole { format, len } => {
                let bytes = self.bytes(len);
                translate!(
                    self,
                    "Not a whole {format} value: it goes on after {bytes}.",
                    "{format} の値が途中で終わっています({bytes})。"
                )
            }
            FrameError::SeveralValues { format, at } => {
                let place = self.bytes(at);
                translate!(
                    self,
                    "More than one {format} value: the first ends after {place}. Send them one by one.",
                    "{format} の値が複数あります(最初の値は {place}まで)。1 つずつ送信してください。"
                )
            }
            FrameError::NotAValue { format, at, found } => {
                let place = self.bytes(at);
                translate!(
                    self,
                    "Not {format}: after {place} comes {found:02x}.",
                    "{format} ではありません({place}のあとの {found:02x})。"
                )
            }
            FrameError::Empty => self
                .pick(
                    "This framing has no empty messages: write at least one byte.",
                    "このフレーミングでは空のメッセージを送れません。",
                )
                .into(),
            // The other errors occur while decoding only, or name their cause in full.
            other => other.to_string(),
        }
    }

    fn too_short(self, len: usize, min: usize) -> String {
        let (len, min) = (self.bytes(len), self.bytes(min));
        translate!(
            self,
            "Too short: this framing takes {min} of each message for its header, and this one has {len}.",
            "短すぎます。このフレーミングのヘッダーには {min}必要ですが、{len}しかありません。"
        )
    }

    fn early_end(self, delimiter: &str, at: usize) -> String {
        let place = self.bytes(at);
        translate!(
            self,
            "{delimiter} after {place} would end the message early: this framing cannot carry it.",
            "{place}のあとの{delimiter}でメッセージが終わってしまうため、このフレーミングでは送れません。"
        )
    }

    /// Explains each segment of `row`'s frame, in wire order.
    pub fn segment_notes(self, framing: Framing, frame: &Frame, row: &Row) -> Vec<SegmentNote> {
        let mut behind_payload = false;
        let note = |(index, (role, bytes)): (usize, &(Role, bytes::Bytes))| {
            let (name, meaning) = match role {
                Role::Length => (
                    self.length_name(framing),
                    self.length(framing, frame, index),
                ),
                Role::Fixed => (self.fixed(), self.fixed_meaning(framing, behind_payload)),
                Role::Free => {
                    let len = self.bytes(bytes.len());
                    let name = match behind_payload {
                        true => self.trailer(),
                        false => self.header(),
                    };
                    (
                        name,
                        translate!(self, "{len} of the message", "メッセージのうち {len}"),
                    )
                }
                Role::Payload if bytes.len() < row.payload.len() => {
                    (self.payload(), self.encoding_note(bytes))
                }
                Role::Payload => (self.payload(), self.payload_note(row)),
                Role::Encoded => {
                    let (len, message) = (self.bytes(bytes.len()), self.payload_note(row));
                    let meaning = translate!(
                        self,
                        "{len} that stand for {message}",
                        "{len}(元のメッセージは {message})"
                    );
                    (self.payload(), meaning)
                }
            };
            behind_payload |= matches!(role, Role::Payload | Role::Encoded);
            SegmentNote {
                role: *role,
                name,
                bytes: hex_abridged(bytes),
                meaning,
            }
        };
        frame.segments().iter().enumerate().map(note).collect()
    }

    fn length_name(self, framing: Framing) -> &'static str {
        match framing {
            Framing::HeaderBlock(_) => self.header(),
            _ => self.length_field(),
        }
    }

    /// Describes the length in segment `index` of a frame.
    fn length(self, framing: Framing, frame: &Frame, index: usize) -> String {
        let counted = count(counted(framing, frame, index) as u64);
        let notation = match framing {
            Framing::Length(prefix) => self.prefix(prefix),
            Framing::Picture(Picture {
                length: Some(length),
                ..
            }) => self.number(length.number) + self.counts(length.counts),
            Framing::HeaderBlock(_) => "Content-Length".into(),
            _ => "varint".into(),
        };
        format!("= {counted}, {notation}")
    }

    fn fixed_meaning(self, framing: Framing, behind_payload: bool) -> String {
        let meaning = match framing {
            Framing::Delimited(Delimiter::Lines) => {
                self.pick("LF; CRLF is read as well", "LF(CRLF も可)")
            }
            Framing::Delimited(delimiter) => name(delimiter),
            Framing::Value(_) => self.pick(
                "LF; any white space between values is read as well",
                "LF(値の間の空白はすべて可)",
            ),
            Framing::Stuffed(_) => self.pick(
                "the end of a frame: never in the bytes of a message",
                "フレームの区切り(メッセージ中には現れません)",
            ),
            Framing::Picture(Picture { length: None, .. }) if behind_payload => {
                self.pick("always: the end of the frame", "固定(フレームの終わり)")
            }
            _ => self.pick("always", "固定"),
        };
        meaning.into()
    }

    /// Notes on the framing as a whole, for frames that have no length and no fixed bytes.
    pub fn framing_note(self, framing: Framing) -> Option<String> {
        let note = match framing {
            Framing::Raw => self.pick("none; bytes as they are", "なし。バイト列のまま"),
            Framing::Fixed(len) => {
                let len = self.bytes(len as usize);
                return Some(translate!(
                    self,
                    "each message has {len}",
                    "どのメッセージも {len}"
                ));
            }
            Framing::Value(ValueFormat::Json) => return None,
            Framing::Value(_) | Framing::HeaderBlock(HeaderBlock::Headers) => self.pick(
                "none; the message tells its own end",
                "なし。メッセージ自身が終わりを示します",
            ),
            _ => return None,
        };
        Some(note.into())
    }

    fn prefix(self, prefix: LengthPrefix) -> String {
        let width = prefix.field.width();
        let order = prefix.field.byte_order();
        let counts = match prefix.inclusive {
            true => Counts::Itself,
            false => Counts::Body,
        };
        self.integer(width, order) + self.counts(counts)
    }

    fn integer(self, width: usize, order: Option<ByteOrder>) -> String {
        let bits = 8 * width;
        let order = match order {
            Some(ByteOrder::Little) => self.pick(", little-endian", "、リトルエンディアン"),
            Some(ByteOrder::Big) => self.pick(", big-endian", "、ビッグエンディアン"),
            None => "",
        };
        format!("u{bits}{order}")
    }

    fn number(self, number: Number) -> String {
        match number {
            Number::Integer { width, order } => {
                self.integer(width.into(), (width > 1).then_some(order))
            }
            Number::Ascii(digits) => {
                translate!(self, "{digits} decimal digits", "10 進数 {digits} 桁")
            }
            Number::Hex(digits) => {
                translate!(self, "{digits} hexadecimal digits", "16 進数 {digits} 桁")
            }
            Number::Bcd(_) => self
                .pick("two decimal digits a byte", "BCD(1 バイトに 2 桁)")
                .into(),
            Number::Digits => self.pick("decimal digits", "10 進数").into(),
            Number::Varint | Number::Gob => number.to_string(),
        }
    }

    fn counts(self, counts: Counts) -> &'static str {
        match counts {
            Counts::Body => "",
            Counts::Itself => self.pick(", itself included", "、自身を含む"),
            Counts::Frame => self.pick(", the whole frame", "、フレーム全体"),
        }
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
            _ if framing.is_whole() => {
                return translate!(
                    self,
                    "Or write a whole frame below, {framing}, and press Enter. It is sent over TCP as it is.",
                    "または、下の欄にフレーム全体({framing})を入力して Enter を押します。そのまま TCP を通ります。"
                );
            }
            framing => framing.to_string(),
        };
        translate!(
            self,
            "Or type below and press Enter. Each message is sent over TCP as one frame: {frame}.",
            "または、下の欄に入力して Enter を押します。メッセージは 1 件ごとに 1 フレーム({frame})として TCP を通ります。"
        )
    }

    /// Explains that there is no example client for a framing.
    pub fn no_client(self, framing: Framing) -> String {
        translate!(
            self,
            "There is no short client for {framing}: a few lines cannot read it. The command above speaks it.",
            "{framing} を数行で読むクライアントはありません。上のコマンドが対応しています。"
        )
    }
}

/// Returns the number that the length in segment `index` of a frame has.
fn counted(framing: Framing, frame: &Frame, index: usize) -> usize {
    let segments = frame.segments();
    let counts = match framing {
        Framing::Length(prefix) if prefix.inclusive => Counts::Itself,
        Framing::Picture(Picture {
            length: Some(length),
            ..
        }) => length.counts,
        _ => Counts::Body,
    };
    let len = |segments: &[(Role, bytes::Bytes)]| segments.iter().map(|it| it.1.len()).sum();
    match counts {
        Counts::Itself => len(&segments[index..]),
        Counts::Frame => frame.wire_len(),
        Counts::Body => {
            let body = segments.iter().find(|(role, _)| *role == Role::Payload);
            body.map_or(0, |(_, bytes)| bytes.len())
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
mod tests;
