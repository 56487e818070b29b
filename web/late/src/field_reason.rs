//! Reasons that fields cannot be read or edited, in both languages.

use fields::{EditError, Kind, Reason};
use web_core::language::Language;

/// Explains why reading a payload stopped, as a part of a sentence.
pub fn of_stop(t: Language, reason: Reason) -> String {
    let japanese = match (t, reason) {
        (Language::English, reason) => return reason.to_string(),
        (_, Reason::TooShort) => "フィールドの途中で終わっています",
        (_, Reason::BytesLeft) => "値のあとにバイトが続いています",
        (_, Reason::TooManyFields) => "フィールドが多すぎます",
        (_, Reason::TooDeep) => "入れ子が深すぎます",
        (_, Reason::Unexpected(byte)) => return format!("ここに {byte:02x} は使えません"),
        (_, Reason::UnknownType(number)) => return format!("型 {number} はこの形式にありません"),
        (_, Reason::TooLong(len)) => return format!("長さ {len} が残りのバイト数を超えています"),
        (_, Reason::NumberTooLarge) => "数値が大きすぎます",
        (_, Reason::NotUtf8) => "テキストが UTF-8 ではありません",
        (_, Reason::WrongType) => "スキーマの型と異なります",
        (_, Reason::NoLine) => "このメッセージに当てはまる行がレイアウトにありません",
        (_, Reason::Unfinished) => "終わりか値が足りません",
        (_, Reason::UnknownBranch(number)) => {
            return format!("{number} はスキーマにありません");
        }
        (_, Reason::WrongLength) => "長さと内容が一致しません",
        (_, Reason::Groups) => {
            "グループは読めません(Protocol Buffers ではメッセージに置き換えられました)"
        }
        (_, Reason::ContainerFile) => {
            "Avro のコンテナーファイルです。読めるのは単独のメッセージだけです"
        }
    };
    japanese.into()
}

/// Explains why a value cannot be put in a field's place.
pub fn of_edit(t: Language, error: EditError) -> String {
    let japanese = match (t, error) {
        (Language::English, error) => return error.to_string(),
        (_, EditError::NoField) => "フィールドがありません",
        (_, EditError::NotEditable) => "このフィールドは編集できません",
        (_, EditError::NotOfKind(kind)) => of_kind(kind),
        (_, EditError::TooLarge) => "値がこのフィールドに収まりません",
        (_, EditError::TooLong) => "値が長く、長さのフィールドで表せません",
        (_, EditError::WrongLength) => "このフィールドは長さが決まっていて、値の長さが異なります",
        (_, EditError::Breaks) => "ほかのフィールドがこの長さに依存しています",
    };
    japanese.into()
}

/// Names what a field of a kind takes.
fn of_kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Bool => "true か false を書いてください",
        Kind::Integer => "整数を 10 進数か、0x で始まる 16 進数で書いてください",
        Kind::Float => "数値、NaN、Infinity のいずれかを書いてください",
        Kind::Bytes => "16 進数を 1 バイトごとに 2 桁で書いてください",
        Kind::Time => "2026-11-29T00:00:00Z のような時刻を書いてください",
        Kind::Null => "null を書いてください",
        Kind::Symbol => "スキーマにある名前か、その番号を書いてください",
        Kind::Text | Kind::Map | Kind::List => "この形式の値を書いてください",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text_reason::tests::is_japanese;

    #[test]
    fn each_reason_has_both_languages() {
        let mut kind = Some(Reason::TooShort);
        while let Some(reason) = kind {
            let english = of_stop(Language::English, reason);
            assert_eq!(english, reason.to_string());
            is_japanese(&of_stop(Language::Japanese, reason));
            kind = following_reason(reason);
        }
        for kind in [
            Kind::Bool,
            Kind::Integer,
            Kind::Float,
            Kind::Bytes,
            Kind::Time,
            Kind::Null,
        ]
        .into_iter()
        .chain([Kind::Symbol, Kind::Text, Kind::Map, Kind::List])
        {
            is_japanese(&of_edit(Language::Japanese, EditError::NotOfKind(kind)));
        }
        let mut kind = Some(EditError::NoField);
        while let Some(error) = kind {
            assert_eq!(of_edit(Language::English, error), error.to_string());
            is_japanese(&of_edit(Language::Japanese, error));
            kind = following_error(error);
        }
    }

    /// Returns the next kind: so that a kind that is added is tested, too.
    fn following_reason(reason: Reason) -> Option<Reason> {
        Some(match reason {
            Reason::TooShort => Reason::BytesLeft,
            Reason::BytesLeft => Reason::TooManyFields,
            Reason::TooManyFields => Reason::TooDeep,
            Reason::TooDeep => Reason::Unexpected(0xc1),
            Reason::Unexpected(_) => Reason::UnknownType(9),
            Reason::UnknownType(_) => Reason::TooLong(300),
            Reason::TooLong(_) => Reason::NumberTooLarge,
            Reason::NumberTooLarge => Reason::NotUtf8,
            Reason::NotUtf8 => Reason::WrongType,
            Reason::WrongType => Reason::NoLine,
            Reason::NoLine => Reason::Unfinished,
            Reason::Unfinished => Reason::UnknownBranch(7),
            Reason::UnknownBranch(_) => Reason::WrongLength,
            Reason::WrongLength => Reason::Groups,
            Reason::Groups => Reason::ContainerFile,
            Reason::ContainerFile => return None,
        })
    }

    fn following_error(error: EditError) -> Option<EditError> {
        Some(match error {
            EditError::NoField => EditError::NotEditable,
            EditError::NotEditable => EditError::NotOfKind(Kind::Bool),
            EditError::NotOfKind(_) => EditError::TooLarge,
            EditError::TooLarge => EditError::TooLong,
            EditError::TooLong => EditError::WrongLength,
            EditError::WrongLength => EditError::Breaks,
            EditError::Breaks => return None,
        })
    }
}
