//! Reasons that a regular expression is invalid, in both languages.

use regex_lite::{Error, RegexBuilder};
use web_core::language::Language;

/// Invalid expressions and the Japanese reasons. Errors have no kinds: one is of the kind of the
/// example that has the same error.
const EXAMPLES: [(&str, &str); 13] = [
    ("(", "「(」が閉じていません。"),
    (")", "「)」に対応する「(」がありません。"),
    ("[", "「[」が閉じていません。"),
    ("[a", "「[」が閉じていません。"),
    ("[b-a]", "文字クラスの範囲が逆です。"),
    ("*", "「*」「+」「?」の前に繰り返すものがありません。"),
    ("{2}", "「{」の前に繰り返すものがありません。"),
    ("a{2", "「{」が閉じていません。"),
    ("a{2,1}", "繰り返しの回数の範囲が逆です。"),
    (r"\", "「\\」のあとに文字がありません。"),
    (r"\q", "使えないエスケープがあります。"),
    ("(?=a)", "先読みと後読みは使えません。"),
    (r"(a)\1", "後方参照は使えません。"),
];

/// Explains why an expression is invalid.
pub fn of_regex(t: Language, error: &Error) -> String {
    let english = error.to_string();
    if t == Language::English {
        return english;
    }
    let is_kind = |example: &str, max_size| {
        let example = RegexBuilder::new(example).size_limit(max_size).build();
        example.is_err_and(|error| error.to_string() == english)
    };
    if is_kind("a", 0) {
        return "正規表現が大きすぎます。繰り返しの回数を減らしてください。".into();
    }
    let mut examples = EXAMPLES.iter();
    let found = examples.find(|(example, _)| is_kind(example, 1 << 10));
    found
        .map_or("正規表現として正しくありません。", |(_, japanese)| japanese)
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_example_has_its_own_reason() {
        let error = |pattern: &str| {
            let regex = RegexBuilder::new(pattern).size_limit(1 << 10).build();
            regex.unwrap_err()
        };
        for (example, japanese) in EXAMPLES {
            assert_eq!(of_regex(Language::Japanese, &error(example)), japanese);
        }
        let check = |pattern: &str, japanese: &str| {
            let reason = of_regex(Language::Japanese, &error(pattern));
            assert!(reason.contains(japanese), "{pattern}: {reason}");
            let english = of_regex(Language::English, &error(pattern));
            assert_eq!(english, error(pattern).to_string());
        };
        check("x(y(z)", "「(」が閉じていません");
        check("(?<!a)b", "後読み");
        check("(a{100}){100}", "大きすぎます");
        check(r"\p{Greek}", "正しくありません");
        check("(?<1>a)", "正しくありません");
    }
}
