//! Sentences of the wire view's content. The late part of the page uses them.

use crate::format::{count, round_trip, size};
use crate::language::Language;
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
    guess_format: "Guess", "推測";
    no_format_guessed: "Guess: none is likely", "推測: 該当なし";
    no_format_fits: "No known format fits: choose one, or write a layout.",
        "既知の形式に当てはまりません。形式を選ぶか、レイアウトを書いてください。";
    field_filter_hint: "After “field:”, write a name, as in field: user.name=bob or field: id>7.",
        "「field:」のあとに名前を書いてください。例: field: user.name=bob、field: id>7。";
    own_layout: "Layout of your own", "独自のレイアウト";
    schema_text: "Schema", "スキーマ";
    layout_text: "Layout", "レイアウト";
    guess_note: "A guess: the bytes do not tell their format.", "推測です。バイト列だけでは形式は決まりません。";
    to_composer: "Put into the composer", "作成欄に入れる";
    in_composer: "In the composer: not sent yet.", "作成欄に入れました(未送信)。";
    write_json: "Edit as JSON", "JSON で編集";
    payload_as_json: "Payload as JSON", "ペイロード(JSON)";
    choice_not_kept: "The browser has no room to keep this choice.", "ブラウザーの保存領域が足りず、この設定は保存されません。";
    unpacking: "Unpacking…", "展開中…";
    rest_is_text: "From there on, the text as it is.", "以降はテキストのまま表示します。";
}

impl Language {
    /// Returns the state of a message's pairing as a sentence.
    pub fn pairing_note(self, message: &ShownMessage) -> String {
        let mut note = match message.session {
            Some(session) => self.of_session(session),
            None => self.pairing(message),
        };
        if !message.client.is_empty() {
            note += &format!(" ({})", message.client);
        }
        if message.missing_len > 0 {
            note += &format!(" · {}", self.cut_note());
        }
        note
    }

    fn pairing(self, message: &ShownMessage) -> String {
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

    /// Tells the byte from which on a text is not JSON.
    pub fn not_json_at_byte(self, at: usize) -> String {
        let at = count(at as u64);
        translate!(
            self,
            "Not JSON: byte {at}.",
            "JSON ではありません(バイト {at})。"
        )
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

    /// Returns the option for a guess that is made.
    pub fn guessed_format(self, title: &str) -> String {
        translate!(self, "Guess: {title}", "推測: {title}")
    }

    /// Tells where a payload stopped being read, and why.
    pub fn stopped_at(self, at: usize, reason: &str) -> String {
        let at = count(at as u64);
        translate!(
            self,
            "Stopped at byte {at}: {reason}.",
            "バイト {at} で停止: {reason}。"
        )
    }

    /// Tells that a payload was unpacked.
    pub fn unpacked_note(self, compression: &str, packed: usize, unpacked: usize) -> String {
        let (packed, unpacked) = (self.bytes(packed), self.bytes(unpacked));
        translate!(
            self,
            "{compression}: {packed}, unpacked {unpacked}.",
            "{compression}: {packed}、展開後 {unpacked}。"
        )
    }

    /// Tells that only the beginning of a payload is taken apart.
    pub fn beginning_note(self, len: usize) -> String {
        let len = size(len as u64);
        translate!(
            self,
            "The first {len} are taken apart; the bytes below are all there.",
            "先頭 {len} を分解しています(下のバイト列は全体です)。"
        )
    }

    /// Labels the box for a field's value.
    pub fn value_of(self, label: &str) -> String {
        translate!(self, "Value of {label}", "{label} の値")
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
