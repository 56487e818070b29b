//! Errors of schemas, layouts and JSON that people write, in both languages.

use fields::{Expected, Found, TextError, TextProblem};
use web_core::format::count;
use web_core::language::Language;

use crate::field_reason::{of_edit, of_stop};

/// Explains an error, with its place.
pub fn of_text(t: Language, error: &TextError) -> String {
    let japanese = match t {
        Language::English => return error.to_string(),
        Language::Japanese => problem(&error.problem),
    };
    match error.line {
        0 => japanese,
        line => format!("{line} 行 {} 桁: {japanese}", error.column),
    }
}

fn problem(problem: &TextProblem) -> String {
    use TextProblem as P;
    let t = Language::Japanese;
    match problem {
        P::Expected(expected) => format!("{}が必要です", self::expected(expected)),
        P::Found { expected, found } => {
            let expected = self::expected(expected);
            format!("{expected}が必要ですが、{}", self::found(found))
        }
        P::NotJson(reason) => format!("JSON ではありません。{}", of_stop(t, *reason)),
        P::NoSchema(format) => format!("{format} にスキーマは要りません。消してください"),
        P::SchemaNeeded(format) => format!("{format} にはスキーマが必要です"),
        P::NotWritten => {
            "JSON から書けるのは MessagePack、CBOR、レイアウトと、スキーマのある Protocol Buffers です"
                .into()
        }
        P::FieldNotWritten(format) => format!("{format} は JSON から書けません"),
        P::NotReadAgain(stopped) => format!(
            "書いたメッセージを読み戻せません。{} バイトのあと: {}",
            count(stopped.at as u64),
            of_stop(t, stopped.reason)
        ),
        P::Value(error) => of_edit(t, *error),
        P::ValueOf(name, error) => format!("{name}: {}", of_edit(t, *error)),
        P::Key(error) => format!("キー: {}", of_edit(t, *error)),
        P::KeyType => "マップのキーは数値か文字列です".into(),
        P::ByteCount { expected, found } => format!(
            "{} バイト必要ですが、{} バイトあります",
            count(*expected),
            count(*found as u64)
        ),
        P::Nul => "NUL でテキストが終わってしまいます".into(),
        P::NoField { key, names } => {
            format!("「{key}」というフィールドはありません。あるのは {} です", names.join(", "))
        }
        P::FieldMissing(name) => format!("オブジェクトに「{name}」がありません"),
        P::NoMessage => {
            "スキーマにメッセージがありません。「message Name { … }」と書いてください".into()
        }
        P::UnknownMessage { name, names } => {
            format!("「{name}」というメッセージはありません。あるのは {} です", names.join(", "))
        }
        other => schema_problem(other),
    }
}

/// Explains a problem of the definitions in a schema or layout.
fn schema_problem(problem: &TextProblem) -> String {
    use TextProblem as P;
    match problem {
        P::UnknownType(name) => format!(
            "「{name}」という型はありません。string、int32、メッセージ、列挙型のいずれかを書いてください"
        ),
        P::ImportedType { name, import } => format!(
            "「{name}」という型はありません。「{import}」などの import は読まないため、定義をここに加えてください"
        ),
        P::UnknownAvroType(name) => format!(
            "「{name}」という型はありません。null、boolean、int、long、float、double、bytes、string か、前に定義した型を書いてください"
        ),
        P::UnknownLayoutType(word) => format!(
            "「{word}」という型はありません。u8、u16be、i32le、x32be、f64be、varint、zigzag のような数値、text、bytes、cstr、{{…}}、msgpack のような形式のいずれかを書いてください"
        ),
        P::ByteOrder(word) => {
            format!("{word} は 2 バイト以上です。{word}be か {word}le と書いてください")
        }
        P::TooDeep => "定義の入れ子が深すぎます".into(),
        P::Groups => of_stop(Language::Japanese, fields::Reason::Groups),
        P::FieldNumber => "フィールド番号は 1 から 536870911 までです".into(),
        P::NumberTaken { number, name } => {
            format!("番号 {number} はフィールド「{name}」が使っています")
        }
        P::NoFieldBefore(name) => format!("これより前に「{name}」というフィールドはありません"),
        P::NotUnsigned(name) => format!("フィールド「{name}」は符号なし整数ではありません"),
        P::NotALength(word) => format!("{word} は長さに使えません"),
        P::LongLength => "長さが大きすぎます".into(),
        P::InnerSchema(format) => {
            format!("{format} には別のスキーマが必要なため、中に入れられません")
        }
        P::NoFields => {
            "レイアウトにフィールドがありません。「u8 type, text name」のように書いてください"
                .into()
        }
        P::EndlessList(name) => format!("{name}[] は終わりまで続くため、最後に置いてください"),
        P::EndlessField(name) => format!(
            "{name} には長さがなく終わりまで続くため、最後に置くか、:u16be や :12、フィールド名で長さを書いてください"
        ),
        P::Expected(_)
        | P::Found { .. }
        | P::NotJson(_)
        | P::NoSchema(_)
        | P::SchemaNeeded(_)
        | P::NotWritten
        | P::FieldNotWritten(_)
        | P::NotReadAgain(_)
        | P::Value(_)
        | P::ValueOf(..)
        | P::Key(_)
        | P::KeyType
        | P::ByteCount { .. }
        | P::Nul
        | P::NoField { .. }
        | P::FieldMissing(_)
        | P::NoMessage
        | P::UnknownMessage { .. } => self::problem(problem),
    }
}

fn found(found: &Found) -> String {
    match found {
        Found::End => "ここで終わっています".into(),
        Found::LineEnd => "行が終わっています".into(),
        Found::Token(token) => format!("「{token}」があります"),
    }
}

/// Names an expected value or token.
fn expected(expected: &Expected) -> String {
    use Expected as E;
    let name = match expected {
        E::Token(token) => return format!("「{token}」"),
        E::Number64 => "64 ビットの数値",
        E::Float => "数値、NaN、Infinity のいずれか",
        E::ExtensionType => "-128 から 127 までの型",
        E::Time => "2026-11-29T00:00:00Z のような時刻",
        E::TagNumber => "タグの番号",
        E::SimpleValue => "単純値(0 から 19、23、32 から 255)",
        E::SpecialKey => {
            "MessagePack の $bytes、$f32、$f64、$map、$ext、$time か CBOR の $tag、$simple(このようなキーのオブジェクトは {\"$map\": [[key, value]]} と書きます)"
        }
        E::Pair => "2 つの値の配列",
        E::Hex => "1 バイトごとに 2 桁の 16 進数の文字列",
        E::Base64 => "Base64 の文字列",
        E::Text => "文字列",
        E::MessageObject => "メッセージを表すオブジェクト",
        E::LayoutObject => "レイアウトのフィールドを持つオブジェクト",
        E::ObjectWith(key) => return format!("「{key}」のあるオブジェクト"),
        E::Array => "配列",
        E::ArrayOf(len) => return format!("{} 個の値の配列", count(*len)),
        E::ArrayOrMap => "繰り返しフィールドには配列、マップにはオブジェクト",
        E::OneOf(names) => return format!("{} のいずれかか、数値", names.join("、")),
        E::Symbol => "シンボルの名前",
        E::ByteCount => "バイト数",
        E::Definition => "message、enum、package、option、@Name のいずれか",
        E::Package => "パッケージ名",
        E::MessageName => "メッセージ名",
        E::EnumName => "列挙型の名前",
        E::EnumValue => "「RED = 0;」のような値",
        E::Field => "「string name = 1;」のようなフィールド",
        E::KeyType => "キーの型",
        E::ValueType => "値の型",
        E::FieldName => "フィールド名",
        E::Number => "数値",
        E::ColonAfterElse => "else のあとに「:」",
        E::ColonOrBar => "値のあとに「:」か「|」",
        E::Comma => "フィールドの間に「,」",
        E::Constant => "1、0x1f、'E' のような値",
        E::QuotedText => "テキストと、終わりの引用符",
        E::LayoutType => "u8、u16be、text、bytes のような型",
        E::Length => "長さ(数、フィールド、u16be のような型)",
        E::Count => "数、フィールド、「]」のいずれか",
    };
    name.into()
}

#[cfg(test)]
#[path = "text_reason_tests.rs"]
pub(crate) mod tests;
