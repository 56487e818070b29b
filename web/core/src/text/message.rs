//! What the page says of messages.

use super::Language::{self, English, Japanese};
use crate::draft::Format;
use crate::encoding::InputError;
use crate::format::{count, round_trip, size};
use crate::json::NotJson;
use crate::log::{Direction, Kind, Log, MAX_BYTES, Row, Tie};
use crate::notice::Notice;
use crate::repeat::{Pace, Repeat};
use crate::view::View;
use crate::wire::MAX_SHOWN;

/// A direction's sign.
pub fn arrow(direction: Direction) -> &'static str {
    match direction {
        Direction::Sent => "↑",
        Direction::Received => "↓",
    }
}

impl Language {
    /// A direction, for those who do not see the arrow.
    pub fn direction(self, direction: Direction) -> &'static str {
        match (self, direction) {
            (English, Direction::Sent) => "sent",
            (Japanese, Direction::Sent) => "送信",
            (English, Direction::Received) => "received",
            (Japanese, Direction::Received) => "受信",
        }
    }

    /// Says what a tally is of.
    pub fn tally_hint(self, direction: Direction) -> &'static str {
        match (self, direction) {
            (English, Direction::Sent) => "Messages and payload bytes sent",
            (Japanese, Direction::Sent) => "送信したメッセージ数とペイロードのバイト数",
            (English, Direction::Received) => "Messages and payload bytes received",
            (Japanese, Direction::Received) => "受信したメッセージ数とペイロードのバイト数",
        }
    }

    /// Messages a second.
    pub fn rate(self, rate: u32) -> String {
        let rate = count(rate.into());
        match self {
            English => format!("{rate}/s"),
            Japanese => format!("{rate} 件/秒"),
        }
    }

    /// Says what a chart of messages shows.
    pub fn rate_chart(self, most: u32) -> String {
        let most = count(most.into());
        match self {
            English => format!("Messages a second over the last minute, at most {most}"),
            Japanese => format!("直近 1 分間の毎秒メッセージ数、最大 {most} 件"),
        }
    }

    /// Says what a chart of round trips shows.
    pub fn round_trip_chart(self, longest: &str) -> String {
        match self {
            English => format!("Longest round trip of each second, at most {longest}"),
            Japanese => format!("毎秒の最長往復時間、最大 {longest}"),
        }
    }

    /// What a row says about its answer, or whose message it is. An answer says how long it took; the message
    /// that it answers needs to say nothing more.
    pub fn answer(self, row: &Row) -> String {
        if let Some(session) = row.session {
            return self.client_name(session);
        }
        match (row.direction, row.tie) {
            (Direction::Sent, Tie::Pending) => "…".into(),
            (Direction::Sent, Tie::Alone) => self.unanswered().into(),
            (Direction::Sent, Tie::Paired { .. }) => String::new(),
            (Direction::Received, _) => row.round_trip().map(round_trip).unwrap_or_default(),
        }
    }

    /// The same in a sentence, for the detailed view.
    pub fn answer_note(self, row: &Row) -> String {
        let took = row.round_trip().map(round_trip).unwrap_or_default();
        if let Some(session) = row.session {
            return self.of_session(session);
        }
        match (self, row.direction, row.tie) {
            (English, Direction::Sent, Tie::Pending) => "not answered yet".into(),
            (Japanese, Direction::Sent, Tie::Pending) => "返信待ち".into(),
            (English, Direction::Sent, Tie::Alone) => "never answered: the connection ended".into(),
            (Japanese, Direction::Sent, Tie::Alone) => "返信なし(接続が終了)".into(),
            (English, Direction::Received, Tie::Pending | Tie::Alone) => "received unasked".into(),
            (Japanese, Direction::Received, Tie::Pending | Tie::Alone) => {
                "送信に対応しない受信".into()
            }
            (English, Direction::Sent, Tie::Paired { .. }) => format!("answered after {took}"),
            (Japanese, Direction::Sent, Tie::Paired { .. }) => format!("{took} で返信あり"),
            (English, Direction::Received, Tie::Paired { .. }) => format!("answer after {took}"),
            (Japanese, Direction::Received, Tie::Paired { .. }) => format!("{took} での返信"),
        }
    }

    /// Names the button that goes to the message on the other side of a pair.
    pub fn show_partner(self, direction: Direction) -> &'static str {
        match (self, direction) {
            (English, Direction::Sent) => "Show answer",
            (Japanese, Direction::Sent) => "返信を表示",
            (English, Direction::Received) => "Show request",
            (Japanese, Direction::Received) => "送信を表示",
        }
    }

    /// Says what a log no longer holds.
    pub fn let_go(self, log: &Log) -> String {
        let rows = count(log.max_rows() as u64);
        let bytes = size(MAX_BYTES as u64);
        let messages = count(log.let_go());
        match self {
            English => {
                format!("{messages} older let go: the log keeps {rows} messages, {bytes}")
            }
            Japanese => format!("古い {messages} 件を破棄(保持は {rows} 件、{bytes} まで)"),
        }
    }

    /// A number of messages.
    pub fn messages_kept(self, rows: usize) -> String {
        let rows = count(rows as u64);
        match self {
            English => format!("{rows} messages"),
            Japanese => format!("{rows} 件"),
        }
    }

    /// Names the button that goes to the end of the log.
    pub fn latest(self, new: usize) -> String {
        let number = count(new as u64);
        match (self, new) {
            (English, 0) => "↓ Latest".into(),
            (Japanese, 0) => "↓ 最新へ".into(),
            (English, _) => format!("↓ {number} new"),
            (Japanese, _) => format!("↓ 新着 {number} 件"),
        }
    }

    /// Says how many messages a pause holds back.
    pub fn held_back(self, messages: u64) -> String {
        let messages = count(messages);
        match self {
            English => format!("{messages} new while paused"),
            Japanese => format!("停止中に {messages} 件"),
        }
    }

    /// Says how much of the log a filter leaves.
    pub fn filtered(self, listed: usize, all: usize) -> String {
        let (listed, all) = (count(listed as u64), count(all as u64));
        match self {
            English => format!("{listed} of {all}"),
            Japanese => format!("{all} 件中 {listed} 件"),
        }
    }

    /// Tells what came in since the last time, for those who do not see the log.
    pub fn announcement(self, new: u64, latest: &str) -> String {
        let number = count(new);
        match self {
            English if new == 1 => format!("Received: {latest}"),
            English => format!("{number} messages received, the last: {latest}"),
            Japanese if new == 1 => format!("受信: {latest}"),
            Japanese => format!("{number} 件受信、最新: {latest}"),
        }
    }

    /// What a frame's payload is.
    pub fn payload_note(self, row: &Row) -> String {
        let length = self.bytes(row.whole_len());
        let is_text = row.kind == Kind::Text || std::str::from_utf8(&row.payload).is_ok();
        match (self, row.kind, is_text) {
            (English, Kind::Text, _) => format!("{length} of UTF-8"),
            (Japanese, Kind::Text, _) => format!("UTF-8 {length}"),
            (English, Kind::Binary, true) => format!("{length} of UTF-8, sent as binary"),
            (Japanese, Kind::Binary, true) => format!("UTF-8 {length}、バイナリとして送信"),
            (English, Kind::Binary, false) => format!("{length} that are not UTF-8"),
            (Japanese, Kind::Binary, false) => format!("{length}(UTF-8 ではない)"),
        }
    }

    /// Says how much of so many bytes is laid out.
    pub fn cut_note(self, len: usize) -> Option<String> {
        (len > MAX_SHOWN).then(|| {
            let shown = size(MAX_SHOWN as u64);
            let rest = count((len - MAX_SHOWN) as u64);
            match self {
                English => format!("The first {shown} are shown; {rest} more bytes follow."),
                Japanese => format!("先頭の {shown} を表示(残り {rest} バイト)"),
            }
        })
    }

    /// A view's name.
    pub fn view(self, view: View) -> &'static str {
        match view {
            View::Wire => self.wire(),
            View::Text => self.plain_text(),
            View::Json => "JSON",
            View::Hex => "Hex",
        }
    }

    /// Says where a text is not JSON.
    pub fn not_json(self, NotJson { line, column }: NotJson) -> String {
        match self {
            English => format!("Not JSON: line {line}, column {column}."),
            Japanese => format!("JSON ではありません({line} 行 {column} 文字目)。"),
        }
    }

    /// A format's name.
    pub fn format_name(self, format: Format) -> &'static str {
        match format {
            Format::Text => self.format_text(),
            Format::Hex => "Hex",
            Format::Base64 => "Base64",
        }
    }

    /// Invites to write in a format.
    pub fn placeholder(self, format: Format) -> &'static str {
        match format {
            Format::Text => self.message_placeholder(),
            Format::Hex => self.hex_placeholder(),
            Format::Base64 => self.base64_placeholder(),
        }
    }

    /// Says what is wrong with what was written.
    pub fn input_error(self, error: InputError) -> String {
        match (self, error) {
            (English, InputError::Unexpected { found, place }) => {
                format!("Character {place}, “{found}”, has no place here.")
            }
            (Japanese, InputError::Unexpected { found, place }) => {
                format!("{place} 文字目の「{found}」は使えません。")
            }
            (English, InputError::HalfByte) => "A byte needs two digits.".into(),
            (Japanese, InputError::HalfByte) => "1 バイトには 2 桁が必要です。".into(),
            (English, InputError::Incomplete) => "The last character is missing.".into(),
            (Japanese, InputError::Incomplete) => "最後の文字が足りません。".into(),
        }
    }

    /// Says that a message is longer than the gateway carries.
    pub(super) fn too_long(self, len: usize, max: usize) -> String {
        let over = self.bytes(len.saturating_sub(max));
        let max = size(max as u64);
        match self {
            English => format!("Too long by {over}: the gateway carries at most {max} a message."),
            Japanese => format!("{over}超過しています。1 件の上限は {max} です。"),
        }
    }

    /// Names the button that sends messages of an export again.
    pub fn replay(self, messages: u32) -> String {
        let number = count(messages.into());
        match self {
            English => format!("Send the {number} sent again"),
            Japanese => format!("送信分 {number} 件をもう一度送信"),
        }
    }

    /// A pace's name.
    pub fn pace_name(self, pace: Pace) -> String {
        match pace {
            Pace::Fast => self.pace_fast().into(),
            Pace::PerSecond(rate) => self.rate(rate),
        }
    }

    /// How far a repetition has got.
    pub fn progress(self, repeat: &Repeat) -> String {
        let (sent, all) = (count(repeat.sent.into()), count(repeat.order.count.into()));
        match self {
            English => format!("{sent} of {all} sent"),
            Japanese => format!("{all} 回中 {sent} 回送信"),
        }
    }

    /// Names the button that writes no longer saved drafts.
    pub fn forget(self, name: &str) -> String {
        match self {
            English => format!("Delete {name}"),
            Japanese => format!("{name} を削除"),
        }
    }

    /// What a notice says.
    pub fn notice(self, notice: &Notice) -> String {
        match (self, notice) {
            (_, Notice::Refused(error)) => self.refusal(*error),
            (_, Notice::OrderRefused { order, error, .. }) if order.is_of_one() => {
                self.refusal(*error)
            }
            (English, Notice::OrderRefused { place, error, .. }) => {
                let (place, refusal) = (count(*place as u64), self.refusal(*error));
                format!("None sent again. Message {place}: {refusal}")
            }
            (Japanese, Notice::OrderRefused { place, error, .. }) => {
                let (place, refusal) = (count(*place as u64), self.refusal(*error));
                format!("再送信していません。{place} 件目: {refusal}")
            }
            (English, Notice::Unreadable) => "The file could not be read.".into(),
            (Japanese, Notice::Unreadable) => "ファイルを読み込めませんでした。".into(),
            (English, Notice::Imported { rows, .. }) => {
                format!("{} read in.", self.messages_kept(*rows))
            }
            (Japanese, Notice::Imported { rows, .. }) => {
                format!("{} 件を読み込みました。", count(*rows as u64))
            }
            (English, Notice::NotExport(line)) => {
                format!("Line {line} of the file is no message of an NDJSON export or recording.")
            }
            (Japanese, Notice::NotExport(line)) => {
                format!(
                    "ファイルの {line} 行目は書き出しまたは記録の NDJSON のメッセージではありません。"
                )
            }
            (English, Notice::NotSent) => "The connection did not take the message.".into(),
            (Japanese, Notice::NotSent) => "メッセージを送信できませんでした。".into(),
        }
    }

    /// A number of bytes in words.
    pub fn bytes(self, len: usize) -> String {
        let number = count(len as u64);
        match self {
            English if len == 1 => "1 byte".into(),
            English => format!("{number} bytes"),
            Japanese => format!("{number} バイト"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Moment;

    #[test]
    fn the_payload_is_explained() {
        let check = |kind, payload: &'static [u8], expected: &str| {
            let row = Row {
                id: 0,
                direction: Direction::Sent,
                kind,
                payload: payload.into(),
                at: Moment::default(),
                tie: Tie::Pending,
                session: None,
                cut: 0,
            };
            assert_eq!(English.payload_note(&row), expected);
        };
        check(Kind::Text, b"hello", "5 bytes of UTF-8");
        check(Kind::Text, b"a", "1 byte of UTF-8");
        check(Kind::Binary, b"hello", "5 bytes of UTF-8, sent as binary");
        check(Kind::Binary, b"\xff\xfe", "2 bytes that are not UTF-8");
    }

    #[test]
    fn bytes_that_are_shown_in_part_say_so() {
        assert_eq!(English.cut_note(MAX_SHOWN), None);
        assert_eq!(
            English.cut_note(MAX_SHOWN + 4).as_deref(),
            Some("The first 4 KiB are shown; 4 more bytes follow.")
        );
    }

    #[test]
    fn a_refusal_says_by_how_much() {
        assert_eq!(
            English.too_long(17, 16),
            "Too long by 1 byte: the gateway carries at most 16 B a message."
        );
        assert_eq!(
            Japanese.too_long(18, 16),
            "2 バイト超過しています。1 件の上限は 16 B です。"
        );
    }
}
