//! Sentences about messages, drafts and notices.

use crate::batch::{BatchRun, SendRate};
use crate::draft::InputFormat;
use crate::encoding::DecodeError;
use crate::format::{count, preview_text, round_trip, service_time, size};
use crate::json::SyntaxError;
use crate::language::Language::{self, English};
use crate::message::{Direction, Kind};
use crate::message_log::{MAX_PAYLOAD_BYTES, MessageLog, Pairing, Row};
use crate::notice::Notice;
use crate::stored_state::StoredPart;
use crate::wire_view_tab::WireViewTab;

impl Language {
    /// Returns the name of a direction, for screen readers.
    pub fn direction(self, direction: Direction) -> &'static str {
        match direction {
            Direction::Sent => self.pick("sent", "送信"),
            Direction::Received => self.pick("received", "受信"),
        }
    }

    /// Explains the totals of a direction.
    pub fn tally_hint(self, direction: Direction) -> &'static str {
        match direction {
            Direction::Sent => self.pick(
                "Messages and payload bytes sent",
                "送信したメッセージ数とペイロードのバイト数",
            ),
            Direction::Received => self.pick(
                "Messages and payload bytes received",
                "受信したメッセージ数とペイロードのバイト数",
            ),
        }
    }

    /// Returns a rate, in messages per second.
    pub fn rate(self, rate: u32) -> String {
        let rate = count(rate.into());
        translate!(self, "{rate}/s", "{rate} 件/秒")
    }

    /// Describes the chart of message rates.
    pub fn rate_chart(self, most: u32) -> String {
        let most = count(most.into());
        translate!(
            self,
            "Messages per second over the last minute, at most {most}",
            "直近 1 分間の毎秒メッセージ数、最大 {most} 件"
        )
    }

    /// Describes the chart of round trips.
    pub fn round_trip_chart(self, longest: &str) -> String {
        translate!(
            self,
            "Longest round trip of each second, at most {longest}",
            "毎秒の最長往復時間、最大 {longest}"
        )
    }

    /// Returns the reply column of a row: the client, the round trip of a reply, or the status
    /// of a request that has none.
    pub fn reply_cell(self, row: &Row) -> String {
        if let Some(session) = row.session {
            return self.client_name(session);
        }
        match (row.direction, row.pairing) {
            (_, Pairing::Unsent) => self.unsent().into(),
            (Direction::Sent, Pairing::Pending) => "…".into(),
            (Direction::Sent, Pairing::Unpaired) => self.unanswered().into(),
            (Direction::Sent, Pairing::Paired { .. }) => String::new(),
            (Direction::Received, _) => row.round_trip().map(round_trip).unwrap_or_default(),
        }
    }

    /// Returns the parts of a round trip, if the gateway has told the service's.
    pub fn service_and_way(self, row: &Row) -> Option<String> {
        let (service, way) = row.service_and_way()?;
        let (service, way) = (service_time(service), round_trip(way));
        Some(translate!(
            self,
            "service {service} · way {way}",
            "サービス {service} · 経路 {way}"
        ))
    }

    /// Labels the button that selects the partner of a row.
    pub fn show_partner(self, direction: Direction) -> &'static str {
        match direction {
            Direction::Sent => self.pick("Show reply", "返信を表示"),
            Direction::Received => self.pick("Show request", "送信を表示"),
        }
    }

    /// Returns the number of evicted messages, and the cap.
    pub fn evicted_note(self, log: &MessageLog) -> String {
        let rows = count(log.max_rows() as u64);
        let bytes = size(MAX_PAYLOAD_BYTES as u64);
        let messages = count(log.evicted());
        translate!(
            self,
            "{messages} older removed: the log keeps at most {rows} messages, {bytes}",
            "古い {messages} 件を削除(保持は {rows} 件、{bytes} まで)"
        )
    }

    /// Returns a number of messages.
    pub fn message_count(self, messages: u64) -> String {
        let number = count(messages);
        match self {
            English if messages == 1 => "1 message".into(),
            _ => translate!(self, "{number} messages", "{number} 件"),
        }
    }

    /// Labels the button that scrolls to the end of the log.
    pub fn latest(self, new: usize) -> String {
        let number = count(new as u64);
        match new {
            0 => self.pick("↓ Latest", "↓ 最新へ").into(),
            _ => translate!(self, "↓ {number} new", "↓ 新着 {number} 件"),
        }
    }

    /// Returns the number of messages that a pause holds back.
    pub fn held_back(self, messages: u64) -> String {
        let messages = count(messages);
        translate!(
            self,
            "{messages} new while paused",
            "停止中に {messages} 件"
        )
    }

    /// Returns the number of messages that pass the filter.
    pub fn filtered(self, listed: usize, all: usize) -> String {
        let (listed, all) = (count(listed as u64), count(all as u64));
        translate!(self, "{listed} of {all}", "{all} 件中 {listed} 件")
    }

    /// Announces received messages to screen readers.
    pub fn announcement(self, new: u64, latest: &str) -> String {
        let number = count(new);
        match new {
            1 => translate!(self, "Received: {latest}", "受信: {latest}"),
            _ => translate!(
                self,
                "{number} messages received, the last: {latest}",
                "{number} 件受信、最新: {latest}"
            ),
        }
    }

    /// Describes the payload of a message: `len` is its whole length.
    pub fn payload_note(self, kind: Kind, payload: &[u8], len: usize) -> String {
        let length = self.bytes(len);
        match kind {
            Kind::Text => translate!(self, "{length} of UTF-8", "UTF-8 {length}"),
            Kind::Binary if std::str::from_utf8(payload).is_ok() => translate!(
                self,
                "{length} of UTF-8, sent as binary",
                "UTF-8 {length}、バイナリとして送信"
            ),
            Kind::Binary => self.encoding_note(payload),
        }
    }

    /// Describes bytes: their number, and if they are text.
    pub fn encoding_note(self, bytes: &[u8]) -> String {
        let length = self.bytes(bytes.len());
        match std::str::from_utf8(bytes) {
            Ok(_) => translate!(self, "{length} of UTF-8", "UTF-8 {length}"),
            Err(_) => translate!(
                self,
                "{length} that are not UTF-8",
                "{length}(UTF-8 ではない)"
            ),
        }
    }

    /// Returns the name of a wire view tab.
    pub fn wire_view_tab(self, tab: WireViewTab) -> &'static str {
        match tab {
            WireViewTab::Wire => self.wire(),
            WireViewTab::Text => self.plain_text(),
            WireViewTab::Json => "JSON",
            WireViewTab::Hex => "Hex",
            WireViewTab::Fields => self.fields(),
        }
    }

    /// Explains a JSON syntax error.
    pub fn not_json(self, error: SyntaxError) -> String {
        let SyntaxError {
            line,
            column,
            is_too_deep,
        } = error;
        match is_too_deep {
            true => self.too_deep().into(),
            false => self.not_json_at(line, column),
        }
    }

    /// Tells the place from which on a text is not JSON.
    pub fn not_json_at(self, line: usize, column: usize) -> String {
        translate!(
            self,
            "Not JSON: line {line}, column {column}.",
            "JSON ではありません({line} 行 {column} 文字目)。"
        )
    }

    /// Returns the name of an input format.
    pub fn format_name(self, format: InputFormat) -> &'static str {
        match format {
            InputFormat::Text => self.plain_text(),
            InputFormat::TextCrlf => self.text_crlf(),
            InputFormat::TextCr => self.text_cr(),
            InputFormat::Escaped => self.text_escaped(),
            InputFormat::Hex => "Hex",
            InputFormat::Base64 => "Base64",
        }
    }

    /// Returns the composer's placeholder.
    pub fn placeholder(self, format: InputFormat) -> &'static str {
        match format {
            InputFormat::Text | InputFormat::TextCrlf | InputFormat::TextCr => {
                self.message_placeholder()
            }
            InputFormat::Escaped => self.escaped_placeholder(),
            InputFormat::Hex => self.hex_placeholder(),
            InputFormat::Base64 => self.base64_placeholder(),
        }
    }

    /// Explains an error in hexadecimal or Base64 input.
    pub fn input_error(self, error: DecodeError) -> String {
        match error {
            DecodeError::Unexpected { found, place } => translate!(
                self,
                "Character {place}, “{found}”, is invalid.",
                "{place} 文字目の「{found}」は使えません。"
            ),
            DecodeError::HalfByte => self
                .pick("A byte needs two digits.", "1 バイトには 2 桁が必要です。")
                .into(),
            DecodeError::Loading => self.loading().into(),
            DecodeError::Explained(reason) => reason,
            DecodeError::Incomplete => self
                .pick("The last character is missing.", "最後の文字が足りません。")
                .into(),
        }
    }

    /// Explains that a message is longer than the gateway accepts.
    pub fn too_long(self, len: usize, max: usize) -> String {
        let over = self.bytes(len.saturating_sub(max));
        let max = size(max as u64);
        translate!(
            self,
            "Too long by {over}: the gateway accepts at most {max} per message.",
            "{over}超過しています。1 件の上限は {max} です。"
        )
    }

    /// Labels the button that sends the sent messages of an import again.
    pub fn send_all_again(self, messages: u32) -> String {
        let number = count(messages.into());
        match self {
            English if messages == 1 => "Resend 1 sent message".into(),
            _ => translate!(
                self,
                "Resend {number} sent messages",
                "送信分 {number} 件をもう一度送信"
            ),
        }
    }

    /// Returns the name of a send rate.
    pub fn rate_name(self, rate: SendRate) -> String {
        match rate {
            SendRate::Unlimited => self.rate_unlimited().into(),
            SendRate::PerSecond(rate) => self.rate(rate),
        }
    }

    /// Returns the progress of a batch.
    pub fn progress(self, run: &BatchRun) -> String {
        let (sent, all) = (count(run.sent.into()), count(run.batch.count.into()));
        translate!(self, "{sent} of {all} sent", "{all} 回中 {sent} 回送信")
    }

    /// Returns the number of chosen messages.
    pub fn chosen(self, messages: usize) -> String {
        let number = count(messages as u64);
        match messages {
            0 => self.none_chosen().into(),
            _ => translate!(self, "{number} chosen", "{number} 件を選択中"),
        }
    }

    /// Labels the button that removes an attachment.
    pub fn detach(self, name: &str) -> String {
        translate!(self, "Remove {name}", "{name} を外す")
    }

    /// Labels the button that deletes a saved draft.
    pub fn delete_saved(self, name: &str) -> String {
        translate!(self, "Delete {name}", "{name} を削除")
    }

    /// Returns the text of a notice.
    pub fn notice(self, notice: &Notice) -> String {
        match notice {
            Notice::MessageRefused(error) => self.refusal(error),
            Notice::BatchRefused { batch, error, .. } if batch.is_single_message() => {
                self.refusal(error)
            }
            Notice::BatchRefused { place, error, .. } => {
                let (place, refusal) = (count(*place as u64), self.refusal(error));
                translate!(
                    self,
                    "Nothing was sent. Message {place}: {refusal}",
                    "送信していません。{place} 件目: {refusal}"
                )
            }
            Notice::ForeignLink(url) => {
                let url = preview_text(url.as_bytes());
                translate!(
                    self,
                    "This link leads to {url}, on another host. Connect only if you trust it.",
                    "このリンクの接続先は別のホストの {url} です。信頼できる場合だけ接続してください。"
                )
            }
            Notice::Copied => self.copied().into(),
            Notice::NotCopied => self
                .pick(
                    "The browser does not allow copying: export the messages instead.",
                    "ブラウザーでコピーが許可されていません。代わりに書き出してください。",
                )
                .into(),
            Notice::FileUnreadable => self
                .pick(
                    "The file could not be read.",
                    "ファイルを読み込めませんでした。",
                )
                .into(),
            Notice::FileUnwritable => self
                .pick(
                    "The file could not be written.",
                    "ファイルを書き込めませんでした。",
                )
                .into(),
            Notice::Imported { rows, cut, .. } => {
                let messages = self.message_count(*rows as u64);
                let all = translate!(self, "{messages} imported.", "{messages}を読み込みました。");
                match *cut {
                    0 => all,
                    cut => {
                        let (cut, why) = (self.message_count(cut as u64), self.cut_note());
                        translate!(self, "{all} {cut} of these: {why}", "{all}うち{cut}: {why}")
                    }
                }
            }
            Notice::InvalidImport(line) => translate!(
                self,
                "Line {line} of the file is not a message of an NDJSON export or recording.",
                "ファイルの {line} 行目は、書き出しや記録の NDJSON のメッセージではありません。"
            ),
            Notice::LatePartFailed => self
                .pick(
                    "A part of the page could not be loaded. It explains framings, filters by expressions, and reads and writes files.",
                    "ページの一部を読み込めませんでした。フレーミングの説明、正規表現の絞り込み、ファイルの読み書きに使います。",
                )
                .into(),
            Notice::ReadingEnded(reason) => reason.clone(),
            Notice::PastedBreaks(format) => {
                let breaks = self.line_breaks(*format);
                translate!(
                    self,
                    "The pasted text has {breaks} line breaks. They are sent as LF.",
                    "貼り付けたテキストの改行は {breaks} です。LF で送信されます。"
                )
            }
            Notice::NotStored(part) => {
                let what = self.stored_part(*part);
                translate!(
                    self,
                    "{what} until the page is closed only: the browser has no room left for it, or allows it no storage.",
                    "{what}ページを閉じるまで: ブラウザーの保存領域が足りないか、保存が許可されていません。"
                )
            }
            Notice::SendFailed => self
                .pick(
                    "The message could not be sent.",
                    "メッセージを送信できませんでした。",
                )
                .into(),
        }
    }

    /// Labels the button that sends text with the line breaks of an input format.
    pub fn send_with_breaks(self, format: InputFormat) -> String {
        let breaks = self.line_breaks(format);
        translate!(self, "Send as {breaks}", "{breaks} で送信")
    }

    fn line_breaks(self, format: InputFormat) -> &'static str {
        match format {
            InputFormat::TextCr => "CR",
            _ => "CRLF",
        }
    }

    /// Returns the beginning of a sentence on what could not be stored.
    fn stored_part(self, part: StoredPart) -> &'static str {
        match part {
            StoredPart::Settings => self.pick("The setting is kept", "この設定は"),
            StoredPart::History => self.pick("The history is kept", "履歴は"),
            StoredPart::Saved => self.pick("The saved message is kept", "保存したメッセージは"),
            StoredPart::Readings => self.pick("The framing is kept", "このフレーミングは"),
        }
    }

    /// Returns a number of bytes, spelled out.
    pub fn bytes(self, len: usize) -> String {
        let number = count(len as u64);
        match self {
            English if len == 1 => "1 byte".into(),
            _ => translate!(self, "{number} bytes", "{number} バイト"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Language::Japanese;

    #[test]
    fn payload_note_has_length_and_encoding() {
        let check = |kind, payload: &'static [u8], expected: &str| {
            assert_eq!(English.payload_note(kind, payload, payload.len()), expected);
        };
        check(Kind::Text, b"hello", "5 bytes of UTF-8");
        check(Kind::Text, b"a", "1 byte of UTF-8");
        check(Kind::Binary, b"hello", "5 bytes of UTF-8, sent as binary");
        check(Kind::Binary, b"\xff\xfe", "2 bytes that are not UTF-8");
    }

    #[test]
    fn a_too_long_message_is_refused_with_the_excess() {
        assert_eq!(
            English.too_long(17, 16),
            "Too long by 1 byte: the gateway accepts at most 16 B per message."
        );
        assert_eq!(
            Japanese.too_long(18, 16),
            "2 バイト超過しています。1 件の上限は 16 B です。"
        );
    }
}
