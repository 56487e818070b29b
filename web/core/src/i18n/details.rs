//! Sentences of the wire view's content. The late part of the page uses them.

use crate::format::{count, round_trip};
use crate::language::Language::{self, English};
use crate::message::Direction;
use crate::message_log::Pairing;
use crate::shown_message::ShownMessage;

strings! {
    kind_text: "text", "テキスト";
    kind_binary: "binary", "バイナリ";
    not_paired: "unsolicited", "送信に対応しない受信";
    bytes_of_message: "Bytes", "バイト列";
    segments_of_frame: "Segments of the frame", "フレームの構成";
    save_payload: "Save payload", "ペイロードを保存";
    copy_failed: "Could not be copied: save it instead", "コピーできません。保存してください";
    copying: "Preparing…", "準備中…";
    long_message_alone: "Too long to be framed here: the message alone is shown.",
        "長いため、メッセージ本体だけを表示します。";
    empty_message: "The message is empty.", "メッセージは空です。";
    invalid_text: "Not UTF-8: bytes that are no text are shown as \\x and two digits.",
        "UTF-8 ではありません。テキストでないバイトは \\x と 2 桁で表示します。";
    rest_is_text: "From there on, the text as it is.", "以降はテキストのまま表示します。";
}

impl Language {
    /// Returns the state of a message's pairing as a sentence.
    pub fn pairing_note(self, message: &ShownMessage) -> String {
        if let Some(session) = message.session {
            return self.of_session(session);
        }
        match (message.direction, message.pairing) {
            (_, Pairing::Unsent) => self.unsent().into(),
            (Direction::Sent, Pairing::Pending) => self.pick("not answered yet", "返信待ち").into(),
            (Direction::Sent, Pairing::Unpaired) => self
                .pick(
                    "never answered: the connection ended",
                    "返信なし(接続が終了)",
                )
                .into(),
            (Direction::Sent, Pairing::Paired { round_trip: it, .. }) => {
                let took = round_trip(it);
                translate!(self, "answered after {took}", "{took} で返信あり")
            }
            (Direction::Received, Pairing::Paired { round_trip: it, .. }) => {
                let took = round_trip(it);
                translate!(self, "reply after {took}", "{took} での返信")
            }
            (Direction::Received, _) => self.not_paired().into(),
        }
    }

    /// Tells how much of a message was read.
    pub fn reading_progress(self, percent: usize) -> String {
        translate!(self, "Reading… {percent} %", "読み込み中… {percent} %")
    }

    /// Describes the rows of a text.
    pub fn line_count(self, lines: u64) -> String {
        let number = count(lines);
        match self {
            English if lines == 1 => "1 line".into(),
            _ => translate!(self, "{number} lines", "{number} 行"),
        }
    }

    /// Notes that JSON is nested deeper than it is indented.
    pub fn deep_note(self, depth: usize, indented: usize) -> String {
        let depth = count(depth as u64);
        translate!(
            self,
            "{depth} levels, too deep to indent beyond {indented}.",
            "{depth} 階層。{indented} 階層を超える字下げは省略します。"
        )
    }

    /// Explains that JSON is nested too deep to be laid out.
    pub fn deeper_than(self, max: usize) -> String {
        let max = count(max as u64);
        translate!(
            self,
            "Too deep: more than {max} levels.",
            "{max} 階層を超えています(深すぎます)。"
        )
    }

    /// Describes the byte under the cursor.
    pub fn byte_note(self, offset: usize, byte: u8, segment: &str) -> String {
        translate!(
            self,
            "byte {offset} (0x{offset:x}): 0x{byte:02x} = {byte}, {segment}",
            "バイト {offset}(0x{offset:x}): 0x{byte:02x} = {byte}、{segment}"
        )
    }

    /// Notes the bytes that the gateway's monitor left out.
    pub fn missing_note(self, missing: usize) -> String {
        let missing = self.bytes(missing);
        translate!(
            self,
            "The monitor left out the last {missing}.",
            "モニターは末尾の {missing}を省略しています。"
        )
    }
}
