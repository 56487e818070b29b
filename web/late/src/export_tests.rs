use std::time::Duration;

use web_core::message::Kind;
use web_core::message_log::RowId;
use web_core::time::Moment;

use super::*;

fn row(
    id: RowId,
    direction: Direction,
    kind: Kind,
    payload: &'static [u8],
    pairing: Pairing,
) -> Row {
    Row {
        id,
        direction,
        kind,
        payload: payload.into(),
        at: Moment {
            utc_ms: 1_795_316_463_120.0,
            steady_ms: 5.0,
        },
        pairing,
        framing: None,
        session: None,
        client: None,
        missing_len: 0,
        event: None,
    }
}

/// A request, its reply, a request without a reply, and a message of another client, cut.
pub(crate) fn rows() -> Vec<Row> {
    let paired = |with| Pairing::Paired {
        with,
        round_trip: Duration::from_micros(400),
        service_time: Some(Duration::from_micros(80)),
    };
    let reply = "日本".as_bytes();
    let unpaired = Pairing::Unpaired;
    vec![
        row(7, Direction::Sent, Kind::Text, b"a \"b\"\n", paired(8)),
        row(8, Direction::Received, Kind::Text, reply, paired(7)),
        Row {
            framing: Some("1+varint".into()),
            ..row(9, Direction::Sent, Kind::Binary, b"\xff\0", unpaired)
        },
        Row {
            session: Some(3),
            client: Some("127.0.0.1:5".into()),
            missing_len: 4998,
            ..row(10, Direction::Sent, Kind::Text, b"hi", unpaired)
        },
    ]
}

/// A whole file.
pub(crate) fn export(format: ExportFormat, rows: &[Row]) -> String {
    beginning(format, &FieldsChoice::default()) + &part(format, rows)
}

fn text_row(payload: &'static str) -> Row {
    row(
        0,
        Direction::Received,
        Kind::Text,
        payload.as_bytes(),
        Pairing::Unpaired,
    )
}

#[test]
fn ndjson_has_every_field_of_a_row() {
    let file = export(ExportFormat::Ndjson, &rows());
    let lines: Vec<_> = file.lines().collect();
    assert_eq!(
        lines,
        [
            r#"{"id":7,"time":"2026-11-22T03:01:03.120Z","direction":"sent","kind":"text","text":"a \"b\"\n"}"#,
            r#"{"id":8,"time":"2026-11-22T03:01:03.120Z","direction":"received","kind":"text","answers":7,"round_trip_us":400,"service_us":80,"text":"日本"}"#,
            r#"{"id":9,"time":"2026-11-22T03:01:03.120Z","direction":"sent","kind":"binary","framing":"1+varint","base64":"/wA="}"#,
            r#"{"id":10,"time":"2026-11-22T03:01:03.120Z","session":3,"client":"127.0.0.1:5","direction":"sent","kind":"text","bytes":5000,"cut":true,"text":"hi"}"#,
        ]
    );
}

#[test]
fn csv_is_utf_8_to_spreadsheets_and_quotes_payloads() {
    let file = export(ExportFormat::Csv, &rows());
    assert!(file.starts_with("\u{feff}id,time,direction,"), "{file}");
    for line in [
        "7,2026-11-22T03:01:03.120Z,sent,text,6,,,\"\",\"\",,,,text,\"a \"\"b\"\"\n\"\r\n",
        "8,2026-11-22T03:01:03.120Z,received,text,6,,,\"\",\"\",7,400,80,text,\"日本\"\r\n",
        ",sent,binary,2,,,\"\",\"1+varint\",,,,base64,\"/wA=\"\r\n",
        ",sent,text,5000,cut,3,\"127.0.0.1:5\",\"\",,,,text,\"hi\"\r\n",
    ] {
        assert!(file.contains(line), "{file}");
    }
}

#[test]
fn no_payload_is_a_formula_in_a_spreadsheet() {
    for payload in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1", "'=1"] {
        let file = export(ExportFormat::Csv, &[text_row(payload)]);
        let guarded = format!(",text,\"'{payload}\"\r\n");
        assert!(file.ends_with(&guarded), "{file}");
    }
    // Base64 has a plus in front, too.
    let bytes = row(
        0,
        Direction::Sent,
        Kind::Binary,
        b"\xfb\xff",
        Pairing::Unpaired,
    );
    let file = export(ExportFormat::Csv, &[bytes]);
    assert!(file.ends_with(",base64,\"'+/8=\"\r\n"), "{file}");
}

#[test]
fn plain_text_is_a_line_for_each_message_without_control_characters() {
    let file = export(ExportFormat::Text, &rows()[1..3]);
    let expected = "2026-11-22T03:01:03.120Z ↓ 日本\n2026-11-22T03:01:03.120Z ↑ /wA=\n";
    assert_eq!(file, expected);
    let hostile = export(
        ExportFormat::Text,
        &[text_row("\x1b]0;x\x07\n2026 ↑ forged\u{9b}2J")],
    );
    assert_eq!(
        hostile,
        "2026-11-22T03:01:03.120Z ↓ \\x1b]0;x\\x07\\n2026 ↑ forged\\u009b2J\n"
    );
}
