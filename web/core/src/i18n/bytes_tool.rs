//! Sentences of the tool that tries framings on bytes. The late part of the page uses them.

use crate::format::{count, size};
use crate::language::Language::{self, English};

strings! {
    capture: "Bytes", "バイト列";
    capture_placeholder: "Paste bytes: 51 00 00 00 0d, a hex dump, or text such as PING\\r\\n",
        "バイト列を貼り付け: 51 00 00 00 0d、16 進ダンプ、PING\\r\\n のような文字列";
    capture_hint: "One direction of a connection, from its first byte on. What you paste stays in this page.",
        "接続の片方向を、最初のバイトから貼り付けます。内容はこのページの外に送られません。";
    read_as_format: "Read as", "読み取り方";
    format_guessed: "automatic", "自動";
    format_hex: "hexadecimal", "16 進数";
    format_text: "text with escapes", "エスケープ付き文字列";
    take_message: "Take the shown message", "表示中のメッセージを使う";
    take_stream: "Take all bytes of its direction", "同じ方向の全バイトを使う";
    choose_framing: "Framing", "フレーミング";
    choose_protocol: "Protocol", "プロトコル";
    notation: "Notation", "表記";
    notation_placeholder: "1+u32be-inclusive, 0x02...0x03", "1+u32be-inclusive、0x02...0x03";
    guessed: "Guess", "推測";
    any_protocol: "Choose…", "選択…";
    drawn: "Drawn: as written below", "表記のとおり";
    group_lengths: "Lengths", "長さ";
    group_delimiters: "Delimiters", "区切り";
    group_values: "Values", "値";
    group_headers: "Headers and stuffing", "ヘッダー・エスケープ";
    group_pictures: "Pictures with a name", "名前付きの図";
    nothing_to_cut: "Paste bytes, or take what arrived: they are cut into frames here, and the framings that fit are ranked.",
        "バイト列を貼り付けるか受信した内容を選ぶと、フレームに分けて表示し、合うフレーミングを順に示します。";
    likeliest: "Likeliest framings", "有力なフレーミング";
    evidence_strong: "strong", "強い";
    evidence_fair: "fair", "中程度";
    evidence_weak: "weak", "弱い";
    no_guess: "No framing is likely: too few bytes, or none that is known. More messages, of different lengths, say more.",
        "有力なフレーミングがありません。バイトが少なすぎるか、未知のものです。長さの異なるメッセージがもっとあれば判断できます。";
    cut_result: "Result", "結果";
    read_upstream: "Read the upstream by it", "接続先をこれで表示";
    read_raw: "Read it raw again", "raw の表示に戻す";
    in_page_only: "In this page only, from the next byte on: the gateway still passes raw bytes.",
        "このページの中だけで、次のバイトから有効です。ゲートウェイは raw のまま中継します。";
    not_raw: "For the gateway, add the framing to the upstream:",
        "ゲートウェイでは、接続先にフレーミングを付けます:";
    refused_notation: "is not a notation: join counts of bytes, fixed bytes such as 0x0d0a, and a length such as u16be by +.",
        "は使えません。バイト数、0x0d0a のような固定バイト、u16be のような長さを + でつなぎます。";
}

impl Language {
    /// Describes a capture that was read.
    pub fn capture_note(self, len: usize, format: &str) -> String {
        let len = self.bytes(len);
        translate!(self, "{len}, read as {format}.", "{len}({format}として)。")
    }

    /// Notes that a capture is longer than what is looked at.
    pub fn capture_cut(self, max: usize) -> String {
        let max = size(max as u64);
        translate!(
            self,
            "The first {max} are looked at.",
            "先頭の {max} だけを見ます。"
        )
    }

    /// Explains a line that is not hexadecimal.
    pub fn not_hex(self, line: u64, problem: &str) -> String {
        translate!(self, "Line {line}: {problem}.", "{line} 行目: {problem}。")
    }

    /// Describes the frames of a guess: their number, and the bytes that are left.
    pub fn guess_reason(self, frames: usize, left: usize) -> String {
        let frames = self.frames(frames);
        match left {
            0 => translate!(
                self,
                "{frames}, to the last byte",
                "{frames}、最後のバイトまで"
            ),
            _ => {
                let left = self.bytes(left);
                translate!(
                    self,
                    "{frames}, then {left} of the next",
                    "{frames}、続きは次のフレームの {left}"
                )
            }
        }
    }

    /// Returns a number of frames.
    pub fn frames(self, frames: usize) -> String {
        let number = count(frames as u64);
        match self {
            English if frames == 1 => "1 frame".into(),
            _ => translate!(self, "{number} frames", "{number} フレーム"),
        }
    }

    /// Tells the framing that cut the frames.
    pub fn cut_by(self, frames: usize, framing: &str) -> String {
        let frames = self.frames(frames);
        translate!(self, "{frames} by {framing}", "{framing} で {frames}")
    }

    /// Notes that only the first frames are listed.
    pub fn more_frames(self, more: usize) -> String {
        let more = self.frames(more);
        translate!(self, "{more} more", "ほか {more}")
    }

    /// Explains the byte at which cutting failed.
    pub fn broken_at(self, at: u64, frame: u64, reason: &str) -> String {
        let (at, frame) = (count(at), count(frame));
        translate!(
            self,
            "Fails at byte {at}, in frame {frame}: {reason}.",
            "バイト {at}({frame} 番目のフレーム)で失敗: {reason}。"
        )
    }

    /// Explains that the last frame is incomplete.
    pub fn incomplete_at(self, at: u64, reason: &str) -> String {
        let at = count(at);
        translate!(
            self,
            "From byte {at} on, the last frame is incomplete: {reason}.",
            "バイト {at} からの最後のフレームは不完全です: {reason}。"
        )
    }

    /// Explains that a raw upstream is no longer read by a framing.
    pub fn reading_broken(self, framing: &str, at: u64, reason: &str) -> String {
        let at = count(at);
        translate!(
            self,
            "Not {framing} at byte {at} since reading began: {reason}. From here on, bytes are shown as they come.",
            "読み取り開始からバイト {at} で {framing} に合いません: {reason}。ここからはそのまま表示します。"
        )
    }

    /// Explains that a connection ended inside a frame.
    pub fn reading_cut(self, framing: &str, reason: &str) -> String {
        translate!(
            self,
            "The last bytes are no whole frame of {framing}: {reason}.",
            "最後のバイト列は {framing} のフレームとして不完全です: {reason}。"
        )
    }
}
