//! Reasons that a notation is no framing, in both languages.

use protocol::{NotationError, PictureProblem};
use web_core::format::count;
use web_core::language::Language;

/// Explains a refused notation. The reason for a picture says nothing of the whole notation, which
/// stands beside it.
pub fn of_notation(t: Language, error: &NotationError) -> String {
    let reason = match (t, error) {
        (Language::English, NotationError::Picture { reason, .. }) => reason.to_string(),
        // Its text ends with the suggestion.
        (Language::English, error) => return error.to_string(),
        (Language::Japanese, NotationError::Picture { reason, .. }) => japanese(reason),
        (Language::Japanese, NotationError::Unknown(word)) => {
            format!("「{word}」{}", t.refused_notation())
        }
    };
    match (t, error.suggestion()) {
        (_, None) => reason,
        (Language::English, Some(meant)) => format!("{reason}; did you mean {meant}?"),
        (Language::Japanese, Some(meant)) => format!("{reason}。{meant} のことですか?"),
    }
}

fn japanese(problem: &PictureProblem) -> String {
    use PictureProblem as P;
    match problem {
        P::TwoLengths { first, second } => {
            format!("長さが 2 つあります({first} と {second})。1 つにしてください")
        }
        P::LateLength { length } => {
            format!("長さ {length} が「...」のあとにあります。本体より前に置いてください")
        }
        P::EmptyPart => "「+」の前かあとが空です".into(),
        P::LongPart { len, max } => format!(
            "1 つの部分が {} 文字あります。{} 文字までにしてください",
            count(*len as u64),
            count(*max as u64)
        ),
        P::NoPart { part } => format!(
            "「{part}」は使えません。バイト数、0x0d0a のような固定バイト、u16be、varint、ascii4、digits のような長さを書いてください"
        ),
        P::NameInPicture { name } => format!(
            "{name} は単独のフレーミングで、図の一部としては使えません。バイト数、0x0d0a のような固定バイト、u16be や varint のような長さを書いてください"
        ),
        P::NoEnd => {
            "メッセージの終わりが決まりません。長さか、「...」のあとの固定バイトが必要です".into()
        }
        P::NoDelimiter => {
            "メッセージの終わりが決まりません。...0x0a のように、「...」のあとに固定バイトが必要です".into()
        }
        P::DigitAfterDigits => "digits の次のバイトが数字のため、数字の終わりになりません".into(),
        P::EndlessDigits => "digits+0x20 のように、digits の終わりを示す固定バイトが必要です".into(),
        P::NarrowLength {
            length,
            counted,
            number,
            max,
        } => format!(
            "{length} は本体がなくても {counted} バイトを数えますが、{number} の最大値は {max} です。幅の広いものにしてください"
        ),
        P::ManyBytes { part, max } => format!("{part}: 1 か所に置けるのは {max} バイトまでです"),
        P::LeadingZero { part, max } => {
            format!("{part}: バイト数は 1 から {max} までで、先頭に 0 を付けません")
        }
        P::HexDigits { part } => format!("{part}: 1 バイトごとに 16 進数 2 桁が必要です"),
        P::NoSuffix { suffix } => format!(
            "-{suffix} は使えません。-inclusive(長さ自身とそのあとを含む)か -all(フレーム全体)にしてください"
        ),
        P::VaryingWidth { part, number } => {
            format!("{part}: {number} の幅は値によって変わるため、自身を含められません")
        }
        P::DigitCount {
            part, name, max, ..
        } => format!("{part}: {name}1 から {name}{max} までです"),
        P::NoByteOrder { part } => format!("{part}: 最後はバイト順の le か be です"),
        P::NoWidth { part, bits } => {
            format!("{part}: {bits} ビットの長さはありません。8 から 64 まで、8 刻みです")
        }
        P::OrderOfByte { part } => format!("{part}: 1 バイトにはバイト順がありません。u8 です"),
        P::MissingOrder { part } => {
            format!("{part}: バイト順が必要です。{part}le か {part}be にしてください")
        }
        P::FixedCount => format!("fixed1 から fixed{} までです", u32::MAX),
        P::NotWhole { name } => format!(
            "whole: は 1+varint や ...0x0a のような長さや図の前に付けます。{name} の前には付けられません"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::Framing;

    #[track_caller]
    fn check(notation: &str, english: &str, japanese: &str) {
        let error = notation.parse::<Framing>().unwrap_err();
        let reason = of_notation(Language::English, &error);
        assert!(reason.contains(english), "{reason}");
        let reason = of_notation(Language::Japanese, &error);
        assert!(reason.contains(japanese), "{reason}");
    }

    #[test]
    fn each_reason_is_told_in_both_languages() {
        check(
            "u16be+u8",
            "two lengths, u16be and u8",
            "2 つあります(u16be と u8)",
        );
        check("1...u8", "after \"...\"", "u8 が「...」のあと");
        check("1++u8", "did you mean 1+u8?", "1+u8 のことですか?");
        check("1++u8", "a part is empty", "前かあとが空です");
        check("fixed0", "fixed1 to fixed4294967295", "fixed1 から");
        check("1+u8x!", "no part", "使えません");
        check("1+json", "json is a framing of its own", "json は単独の");
        check("1+2", "expected a length", "終わりが決まりません");
        check("0x02...", "as in ...0x0a", "...0x0a のように");
        check("digits+0x30", "cannot end them", "数字のため");
        check("digits", "has to end the digits", "終わりを示す");
        check("20+ascii1-all", "ends at 9", "最大値は 9");
        check("0x0+u8", "two hexadecimal digits", "16 進数 2 桁");
        check("01+u8", "leading zeros", "先頭に 0");
        check("u16be-half", "no suffix -half", "-half は使えません");
        check(
            "1+varint-all",
            "cannot count itself",
            "自身を含められません",
        );
        check("ascii20", "ascii1 to ascii19", "ascii1 から ascii19");
        check("u16xe", "byte order le or be", "le か be");
        check("1+u15be", "no length of 15 bits", "15 ビットの長さ");
        check("u8le", "has no order", "バイト順がありません");
        check("u16", "u16le or u16be", "u16le か u16be");
        check("whole:raw", "not before raw", "raw の前には");
        check("nonsense", "unknown framing", "「nonsense」は使えません");
        check("msgpak", "did you mean msgpack?", "msgpack のことですか?");
    }
}
