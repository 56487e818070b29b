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
        FrameError::TooShort { len, min } => format!(
            "{} バイトのメッセージは短すぎます。{} バイト必要です",
            number(*len as u64),
            number(*min as u64)
        ),
        FrameError::LineBreak { at } => {
            format!(
                "{} バイトのあとに改行があり、送れません",
                number(*at as u64)
            )
        }
        FrameError::Nul { at } => {
            format!(
                "{} バイトのあとに NUL があり、送れません",
                number(*at as u64)
            )
        }
        FrameError::HasDelimiter { at } => format!(
            "{} バイトのあとに、フレームの終わりを示すバイトがあります",
            number(*at as u64)
        ),
        FrameError::NotWhole { format, len } => {
            format!(
                "{format} の値が途中で終わっています({} バイト)",
                number(*len as u64)
            )
        }
        FrameError::SeveralValues { format, at } => format!(
            "{format} の値が複数あります(最初の値は {} バイトまで)",
            number(*at as u64)
        ),
        FrameError::Empty => "空のメッセージは送れません".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text_reason::tests::is_japanese;
    use protocol::{ByteOrder, ByteOrderHint, Cutter, Framing, TextHint};

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
    fn each_reason_has_both_languages() {
        let mut next = Some(FrameError::TooLong { len: 9, max: 5 });
        while let Some(error) = next {
            assert_eq!(of_frame(Language::English, &error), error.to_string());
            is_japanese(&of_frame(Language::Japanese, &error));
            next = following(&error);
        }
        for problem in [
            HexProblem::HalfByte,
            HexProblem::NotADigit(b'g'),
            HexProblem::LinesLeftOut,
        ] {
            is_japanese(&of_hex(Language::Japanese, &problem));
        }
    }

    /// Returns the next kind: so that a kind that is added is tested, too.
    fn following(error: &FrameError) -> Option<FrameError> {
        use FrameError as E;
        let (at, found, format) = (2, 0x41, "msgpack");
        Some(match error {
            E::TooLong { .. } => E::TextLength {
                len: 9,
                max: 5,
                text: TextHint::of_frame(b"HTTP")?,
            },
            E::TextLength { .. } => E::SwappedLength {
                len: 0x0100_0000,
                max: 5,
                other: ByteOrderHint {
                    len: 1,
                    width: 4,
                    order: ByteOrder::Little,
                },
            },
            E::SwappedLength { .. } => E::NoDelimiter { max: 5 },
            E::NoDelimiter { .. } => E::LengthTooShort {
                len: 1,
                header_len: 4,
            },
            E::LengthTooShort { .. } => E::VarintTooLong,
            E::VarintTooLong => E::NotALength { at, found },
            E::NotALength { .. } => E::TooManyDigits,
            E::TooManyDigits => E::FixedByte {
                at,
                found,
                expected: 0,
                text: TextHint::of_frame(b"HTTP"),
            },
            E::FixedByte { .. } => E::NotAValue { format, at, found },
            E::NotAValue { .. } => E::TooDeep { format, max: 64 },
            E::TooDeep { .. } => E::Escape { at, found },
            E::Escape { .. } => E::HeaderLine {
                at,
                problem: "has no colon",
            },
            E::HeaderLine { .. } => E::Truncated { have: 1, need: 2 },
            E::Truncated { .. } => E::Unterminated { have: 1 },
            E::Unterminated { .. } => E::TooShort { len: 1, min: 2 },
            E::TooShort { .. } => E::LineBreak { at },
            E::LineBreak { .. } => E::Nul { at },
            E::Nul { .. } => E::HasDelimiter { at },
            E::HasDelimiter { .. } => E::NotWhole { format, len: 2 },
            E::NotWhole { .. } => E::SeveralValues { format, at },
            E::SeveralValues { .. } => E::Empty,
            E::Empty => return None,
        })
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
