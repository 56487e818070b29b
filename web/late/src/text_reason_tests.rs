//! Kinds of errors of texts, all of them.

use fields::{EditError, Format, Reason, Stopped};

use super::*;

/// Fails unless a sentence is Japanese: outside of what it quotes, it has no words of English.
#[track_caller]
pub(crate) fn is_japanese(sentence: &str) {
    let has_kana = |it: char| ('\u{3040}'..='\u{30ff}').contains(&it);
    assert!(sentence.contains(has_kana), "{sentence}");
    let words = sentence.split(|it: char| !it.is_ascii_alphabetic());
    let english = [
        "the", "is", "are", "of", "or", "expected", "there", "has", "not", "to",
    ];
    for word in words {
        assert!(!english.contains(&word), "{sentence}");
    }
}

fn check(problem: TextProblem) {
    let error = |line, problem| TextError {
        line,
        column: 7,
        problem,
    };
    let english = of_text(Language::English, &error(3, problem.clone()));
    assert_eq!(english, format!("line 3, column 7: {problem}"));
    assert!(problem.to_string().len() > 6, "{problem:?}");
    let japanese = of_text(Language::Japanese, &error(3, problem.clone()));
    assert!(japanese.starts_with("3 行 7 桁: "), "{japanese}");
    is_japanese(&japanese["3 行 7 桁: ".len()..]);
    let japanese = of_text(Language::Japanese, &error(0, problem));
    assert!(!japanese.contains("7 桁"), "{japanese}");
}

#[test]
fn each_problem_has_both_languages() {
    let mut next = Some(TextProblem::NotJson(Reason::TooShort));
    while let Some(problem) = next {
        next = following(&problem);
        check(problem);
    }
}

#[test]
fn each_expected_value_has_both_languages() {
    let mut next = Some(Expected::Token("]".into()));
    while let Some(expected) = next {
        next = following_expected(&expected);
        for found in [Found::End, Found::LineEnd, Found::Token("x".into())] {
            let expected = expected.clone();
            check(TextProblem::Found { expected, found });
        }
        check(expected.into());
    }
}

/// Returns the next kind: so that a kind that is added is tested, too.
fn following(problem: &TextProblem) -> Option<TextProblem> {
    use TextProblem as P;
    let name = || "name".to_owned();
    let names = || vec![name(), name()];
    let format = Format::Avro;
    Some(match problem {
        P::Expected(_) | P::Found { .. } => return None,
        P::NotJson(_) => P::NoSchema(format),
        P::NoSchema(_) => P::SchemaNeeded(format),
        P::SchemaNeeded(_) => P::NotWritten,
        P::NotWritten => P::FieldNotWritten(format),
        P::FieldNotWritten(_) => P::NotReadAgain(Stopped {
            at: 6,
            reason: Reason::TooShort,
        }),
        P::NotReadAgain(_) => P::Value(EditError::TooLong),
        P::Value(_) => P::ValueOf(name(), EditError::TooLong),
        P::ValueOf(..) => P::Key(EditError::TooLong),
        P::Key(_) => P::KeyType,
        P::KeyType => P::ByteCount {
            expected: 2,
            found: 3,
        },
        P::ByteCount { .. } => P::Nul,
        P::Nul => P::NoField {
            key: name(),
            names: names(),
        },
        P::NoField { .. } => P::FieldMissing(name()),
        P::FieldMissing(_) => P::NoMessage,
        P::NoMessage => P::UnknownMessage {
            name: name(),
            names: names(),
        },
        P::UnknownMessage { .. } => P::UnknownType(name()),
        P::UnknownType(_) => P::ImportedType {
            name: name(),
            import: name(),
        },
        P::ImportedType { .. } => P::UnknownAvroType(name()),
        P::UnknownAvroType(_) => P::UnknownLayoutType(name()),
        P::UnknownLayoutType(_) => P::ByteOrder(name()),
        P::ByteOrder(_) => P::TooDeep,
        P::TooDeep => P::Groups,
        P::Groups => P::FieldNumber,
        P::FieldNumber => P::NumberTaken {
            number: 1,
            name: name(),
        },
        P::NumberTaken { .. } => P::NoFieldBefore(name()),
        P::NoFieldBefore(_) => P::NotUnsigned(name()),
        P::NotUnsigned(_) => P::NotALength(name()),
        P::NotALength(_) => P::LongLength,
        P::LongLength => P::InnerSchema(format),
        P::InnerSchema(_) => P::NoFields,
        P::NoFields => P::EndlessList(name()),
        P::EndlessList(_) => P::EndlessField(name()),
        P::EndlessField(_) => P::Expected(Expected::Text),
    })
}

fn following_expected(expected: &Expected) -> Option<Expected> {
    use Expected as E;
    Some(match expected {
        E::Token(_) => E::Number64,
        E::Number64 => E::Float,
        E::Float => E::ExtensionType,
        E::ExtensionType => E::Time,
        E::Time => E::TagNumber,
        E::TagNumber => E::SimpleValue,
        E::SimpleValue => E::SpecialKey,
        E::SpecialKey => E::Pair,
        E::Pair => E::Hex,
        E::Hex => E::Base64,
        E::Base64 => E::Text,
        E::Text => E::MessageObject,
        E::MessageObject => E::LayoutObject,
        E::LayoutObject => E::ObjectWith("type".into()),
        E::ObjectWith(_) => E::Array,
        E::Array => E::ArrayOf(2),
        E::ArrayOf(_) => E::ArrayOrMap,
        E::ArrayOrMap => E::OneOf(vec!["RED".into(), "BLUE".into()]),
        E::OneOf(_) => E::Symbol,
        E::Symbol => E::ByteCount,
        E::ByteCount => E::Definition,
        E::Definition => E::Package,
        E::Package => E::MessageName,
        E::MessageName => E::EnumName,
        E::EnumName => E::EnumValue,
        E::EnumValue => E::Field,
        E::Field => E::KeyType,
        E::KeyType => E::ValueType,
        E::ValueType => E::FieldName,
        E::FieldName => E::Number,
        E::Number => E::ColonAfterElse,
        E::ColonAfterElse => E::ColonOrBar,
        E::ColonOrBar => E::Comma,
        E::Comma => E::Constant,
        E::Constant => E::QuotedText,
        E::QuotedText => E::LayoutType,
        E::LayoutType => E::Length,
        E::Length => E::Count,
        E::Count => return None,
    })
}
