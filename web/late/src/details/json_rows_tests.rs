use std::rc::Rc;

use super::super::rows::{Index, Row};
use super::*;

#[path = "../../../core/src/json/malformed.rs"]
mod malformed;

fn laid_out(text: &[u8], columns: usize) -> (Vec<Row>, JsonRows) {
    let mut reader = Reader::new(Rc::new(text.to_vec()));
    let mut index = Index::new(JsonRows::new(columns));
    while !index.advance(&mut reader, || true) {}
    (
        index.rows(&mut reader, 0..index.len()),
        index.cursor().clone(),
    )
}

fn pretty(text: &str) -> String {
    let (rows, layout) = laid_out(text.as_bytes(), 80);
    assert_eq!(layout.fault, None, "{text}");
    let rows: Vec<_> = rows.iter().map(Row::text).collect();
    rows.join("\n")
}

#[test]
fn values_keep_their_spelling_and_order() {
    let check = |text: &str, expected: &str| assert_eq!(pretty(text), expected, "{text}");
    check("null", "null");
    check(" -1.50e+3 ", "-1.50e+3");
    check("12345678901234567890", "12345678901234567890");
    check(r#""a\u0041\n日\u65e5\/""#, r#""aA\n日日/""#);
    check("[]", "[]");
    check("{ }", "{}");
    check("[1,[2]]", "[\n  1,\n  [\n    2\n  ]\n]");
    check(
        r#"{"b":1,"a":{"b":true}, "c" : []}"#,
        "{\n  \"b\": 1,\n  \"a\": {\n    \"b\": true\n  },\n  \"c\": []\n}",
    );
    check(r#""\ud83e\udd80""#, "\"🦀\"");
}

#[test]
fn half_a_surrogate_pair_and_what_is_invisible_stay_escapes() {
    let check = |text: &str, expected: &str| assert_eq!(pretty(text), expected, "{text}");
    check(r#""\ud800x""#, r#""\ud800x""#);
    check(r#""\uDFFF""#, r#""\uDFFF""#);
    check(r#""\ud800\ud800\udc00""#, "\"\\ud800\u{10000}\"");
    check(
        r#""\u0022\u005c\u202e\u0000""#,
        r#""\u0022\u005c\u202e\u0000""#,
    );
    check("\"\u{202e}\"", r#""\u202e""#);
}

#[test]
fn a_fault_has_a_place_and_the_rest_is_text() {
    let check = |text: &str, line: usize, column: usize| {
        let (rows, layout) = laid_out(text.as_bytes(), 80);
        let fault = layout.fault.unwrap_or_else(|| panic!("{text}"));
        assert!(!fault.is_depth, "{text}");
        let before = &text[fault.line_begin..fault.at];
        assert_eq!(
            (fault.line, before.chars().count() + 1),
            (line, column),
            "{text}"
        );
        let end = rows.last().map_or(0, |row| row.bytes.end);
        assert_eq!(end, text.len(), "{text}");
    };
    for (text, line, column) in malformed::PLACED {
        check(text, line, column);
    }
    check("01", 1, 2);
    check("1.", 1, 3);
    for text in malformed::UNPLACED {
        let (_, layout) = laid_out(text.as_bytes(), 80);
        assert!(layout.fault.is_some(), "{text}");
    }
    let (rows, _) = laid_out(b"[1, x]\nrest", 80);
    let rows: Vec<_> = rows.iter().map(|row| (row.line, row.text())).collect();
    let row = |line, text: &str| (Some(line), text.to_owned());
    assert_eq!(
        rows,
        [row(1, "["), row(2, "  1,"), row(3, "x]"), row(4, "rest")]
    );
}

#[test]
fn nesting_is_laid_out_to_a_depth() {
    let nested = |depth| "[".repeat(depth) + &"]".repeat(depth);
    let (rows, layout) = laid_out(nested(MAX_DEPTH).as_bytes(), 80);
    assert_eq!((layout.fault, layout.depth), (None, MAX_DEPTH));
    assert_eq!(rows.len(), 2 * MAX_DEPTH - 1);
    let (_, layout) = laid_out(nested(1_000_000).as_bytes(), 80);
    assert!(layout.fault.unwrap().is_depth);
}

#[test]
fn long_strings_are_cut_and_every_byte_is_in_a_row() {
    let long = "ab日\\n\\u0000".repeat(500);
    let text = format!("{{ \"key\" : [ \"{long}\" , {} ] }}\n", "1".repeat(300));
    for columns in [16, 40, 200] {
        let (rows, layout) = laid_out(text.as_bytes(), columns);
        assert_eq!(layout.fault, None);
        let mut at = 0;
        for row in &rows {
            assert_eq!(row.bytes.start, at);
            at = row.bytes.end;
        }
        assert!(at >= text.trim_end().len());
        let joined: String = rows
            .iter()
            .map(|row| row.text().trim_start().to_owned())
            .collect();
        let expected = format!("{{\"key\": [\"{long}\",{}]}}", "1".repeat(300));
        assert_eq!(joined, expected);
    }
}
