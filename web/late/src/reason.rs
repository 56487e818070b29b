//! Reasons that bytes are no frame, in both languages.

use protocol::{FrameError, HexProblem};
use web_core::format::count;
use web_core::language::Language;

/// Explains an error of reading frames, as the end of a sentence.
pub fn of_frame(t: Language, error: &FrameError) -> String {
    match t {
        Language::English => error.to_string(),
        Language::Japanese => japanese(error),
    }
}

/// Returns the offset in its frame of the byte that an error is about.
pub fn offset(error: &FrameError) -> usize {
    match *error {
        FrameError::NotALength { at, .. }
        | FrameError::FixedByte { at, .. }
        | FrameError::NotAValue { at, .. }
        | FrameError::Escape { at, .. }
        | FrameError::HeaderLine { at, .. } => at,
        _ => 0,
    }
}

/// Returns true if an error is the end of the bytes inside a frame.
pub fn is_end(error: &FrameError) -> bool {
    matches!(
        error,
        FrameError::Truncated { .. } | FrameError::Unterminated { .. }
    )
}

/// Explains a problem of hexadecimal.
pub fn of_hex(t: Language, problem: &HexProblem) -> String {
    match (t, problem) {
        (Language::English, problem) => problem.to_string(),
        (Language::Japanese, HexProblem::HalfByte) => "1 バイトには 2 桁が必要です".into(),
        (Language::Japanese, HexProblem::NotADigit(byte)) => {
            format!("'{}' は 16 進数の数字ではありません", byte.escape_ascii())
        }
        (Language::Japanese, HexProblem::LinesLeftOut) => {
            "ダンプが同じ行を省略しています。hexdump -Cv を使ってください".into()
        }
    }
}

fn japanese(error: &FrameError) -> String {
    let number = |it: u64| count(it);
    match error {
        FrameError::TooLong { len, max } => format!(
            "長さ {} バイトは上限 {} バイトを超えています",
            number(*len),
            number(*max as u64)
        ),
        FrameError::TextLength { len, max, text } => format!(
            "長さ {} バイトは上限 {} バイトを超えています(長さの位置に文字列 {text} があります)",
            number(*len),
            number(*max as u64)
        ),
        FrameError::SwappedLength { len, max, other } => format!(
            "長さ {} バイトは上限 {} バイトを超えています({} として読むと {} バイトです)",
            number(*len),
            number(*max as u64),
            other.notation(),
            number(other.len as u64)
        ),
        FrameError::NoDelimiter { max } => {
            format!(
                "上限 {} バイトまでに区切りがありません",
                number(*max as u64)
            )
        }
        FrameError::LengthTooShort { len, header_len } => {
            format!("長さ {len} は、長さに含まれる {header_len} バイトより小さい値です")
        }
        FrameError::VarintTooLong => "varint が 64 ビットまたは 10 バイトを超えています".into(),
        FrameError::NotALength { at, found } => {
            format!("フレームのバイト {at} の {found:#04x} は長さに使えません")
        }
        FrameError::TooManyDigits => "長さが 20 桁を超えています".into(),
        FrameError::FixedByte {
            at,
            found,
            expected,
            text,
        } => {
            let text = text.map_or_else(String::new, |text| format!("(文字列 {text} のようです)"));
            format!("フレームのバイト {at} は {expected:#04x} のはずが {found:#04x} です{text}")
        }
        FrameError::NotAValue { format, at, found } => {
            format!("{at} バイトのあとの {found:#04x} は {format} ではありません")
        }
        FrameError::TooDeep { format, max } => {
            format!("{format} の入れ子が {max} 段を超えています")
        }
        FrameError::Escape { at, found } => {
            format!("フレームのバイト {at} の {found:#04x} はエスケープとして使えません")
        }
        FrameError::HeaderLine { at, .. } => {
            format!("フレームのバイト {at} のヘッダー行を読めません")
        }
        FrameError::Truncated { have, need } => format!(
            "{} バイトのうち {} バイトまで",
            number(*need as u64),
            number(*have as u64)
        ),
        FrameError::Unterminated { have } => {
            format!("{} バイトのあとに区切りがありません", number(*have as u64))
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::{Cutter, Framing};

    #[track_caller]
    fn check(framing: &str, capture: &'static [u8], english: &str, japanese: &str) {
        let framing: Framing = framing.parse().unwrap();
        let mut cutter = Cutter::new(framing, None, 1 << 20);
        let mut buffer = capture.into();
        let error = loop {
            match cutter.next(&mut buffer) {
                Ok(Some(_)) => {}
                Ok(None) => break cutter.finish(&buffer).unwrap_err().source,
                Err(error) => break error.source,
            }
        };
        let english_reason = of_frame(Language::English, &error);
        assert!(english_reason.contains(english), "{english_reason}");
        let japanese_reason = of_frame(Language::Japanese, &error);
        assert!(japanese_reason.contains(japanese), "{japanese_reason}");
    }

    #[test]
    fn reasons_are_told_in_both_languages() {
        check("u32be", b"HTTP", "the text \"HTTP\"", "文字列 \"HTTP\"");
        check("u32be", b"\x7f\x7f\x7f\x7f", "over the limit", "上限");
        check(
            "u32be",
            b"\x05\0\0\0",
            "bytes: as u32le it has 5 bytes",
            "(u32le として読むと 5 バイトです)",
        );
        check(
            "u32be-inclusive",
            b"\0\0\0\x01",
            "less than the 4 that it has to count",
            "より小さい",
        );
        check(
            "ascii4",
            b"00x1",
            "not part of a length",
            "長さに使えません",
        );
        check(
            "0x0300+u16be-all",
            b"\x03\x01",
            "expected 0x00",
            "0x00 のはず",
        );
        check("json", b"[}", "no JSON", "ではありません");
        check("slip", b"\xdb\x01\xc0", "byte stuffing", "エスケープ");
        check(
            "u32be",
            b"\0\0\0\x09a",
            "after 5 of 13 bytes",
            "13 バイトのうち 5",
        );
        check("lines", b"abc", "without a delimiter", "区切りがありません");
        check("lsp", b"nonsense\r\n", "header line", "ヘッダー行");
    }
}
