use crate::export_format::ExportFormat;

use fields::Format;

use super::*;
use crate::export::beginning;
use crate::export::tests::{export, rows};

/// The rows of a file.
fn import(file: &[u8]) -> Result<Vec<Row>, usize> {
    super::import(file).map(|it| it.rows)
}

#[test]
fn the_format_of_the_fields_is_imported_as_it_was_exported() {
    let choice = FieldsChoice {
        format: Some(Format::Layout),
        schema: "u8 \"type\"\nbytes rest".into(),
    };
    let file = beginning(ExportFormat::Ndjson, &choice) + &export(ExportFormat::Ndjson, &rows());
    let imported = super::import(file.as_bytes()).unwrap();
    assert_eq!(imported.fields, Some(choice));
    assert_eq!(imported.rows.len(), rows().len());
    let guessed = export(ExportFormat::Ndjson, &rows());
    assert_eq!(super::import(guessed.as_bytes()).unwrap().fields, None);
}

fn paired(with: RowId) -> Pairing {
    Pairing::Paired {
        with,
        round_trip: Duration::from_micros(400),
        service_time: Some(Duration::from_micros(80)),
    }
}

#[test]
fn an_export_is_imported_with_every_field_and_its_pairs() {
    for format in [ExportFormat::Ndjson, ExportFormat::Csv] {
        let file = export(format, &rows());
        let imported = import(file.as_bytes()).unwrap();
        let pairings: Vec<_> = imported.iter().map(|row| (row.id, row.pairing)).collect();
        let expected = [
            (0, paired(1)),
            (1, paired(0)),
            (2, Pairing::Unpaired),
            (3, Pairing::Unpaired),
        ];
        assert_eq!(pairings, expected, "{format:?}");
        for (imported, row) in imported.iter().zip(rows()) {
            assert_eq!(imported.payload, row.payload);
            assert_eq!(imported.kind, row.kind);
            assert_eq!(imported.direction, row.direction);
            assert_eq!(imported.at.utc_ms, row.at.utc_ms);
            assert_eq!(imported.framing, row.framing);
            assert_eq!(imported.session, row.session);
            assert_eq!(imported.client, row.client);
            assert_eq!(imported.missing_len, row.missing_len);
        }
    }
}

#[test]
fn an_export_of_another_version_has_its_instants() {
    let line = r#"{"id":1,"time":"2026-11-22T12:01:03.120+09:00","direction":"sent","kind":"text","text":"a"}"#;
    let rows = import(line.as_bytes()).unwrap();
    assert_eq!(rows[0].at.utc_ms, 1_795_316_463_120.0);
    let csv = "time,direction,kind,bytes,round_trip_us,encoding,payload\r\n\
               2026-11-22T12:01:03.120+09:00,received,text,3,400,text,\"a\"\"b\"\r\n";
    let rows = import(csv.as_bytes()).unwrap();
    assert_eq!((rows.len(), &rows[0].payload[..]), (1, &b"a\"b"[..]));
}

#[test]
fn csv_of_spreadsheets_has_other_separators_and_quotes() {
    let file = export(ExportFormat::Csv, &rows());
    let expected = import(file.as_bytes()).unwrap();
    let payload = |row: &Row| row.payload.clone();
    let expected: Vec<_> = expected.iter().map(payload).collect();
    for separator in [";", "\t"] {
        // The payloads have no commas, so that all of them are separators.
        let changed = file.replace(',', separator).replacen("id", "\"id\"", 1);
        let imported = import(changed.as_bytes()).unwrap();
        let imported: Vec<_> = imported.iter().map(payload).collect();
        assert_eq!(imported, expected, "{separator:?}");
    }
}

#[test]
fn a_length_beyond_all_memory_is_imported_as_cut() {
    let line = r#"{"time":"2026-11-22T12:01:03Z","direction":"sent","kind":"text","bytes":18446744073709551615,"text":"a"}"#;
    let rows = import(line.as_bytes()).unwrap();
    assert_eq!(rows[0].full_len(), usize::MAX);
}

#[test]
fn a_date_that_does_not_exist_is_refused() {
    for time in [
        "2026-02-30T12:00:00Z",
        "2026-13-01T12:00:00Z",
        "2026-01-01T12:60:00Z",
    ] {
        let line = format!(r#"{{"time":"{time}","direction":"sent","kind":"text","text":"a"}}"#);
        assert_eq!(import(line.as_bytes()).err(), Some(1), "{time}");
    }
}

#[test]
fn files_of_editors_are_imported_whatever_their_encoding() {
    let file = export(ExportFormat::Ndjson, &rows());
    let utf16: Vec<u8> = format!("\u{feff}{file}")
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let marked = format!("\u{feff}{}", file.replace('\n', "\r\n"));
    for file in [utf16, marked.into_bytes()] {
        let imported = import(&file).unwrap();
        assert_eq!(imported.len(), 4);
        assert_eq!(imported[1].payload, "日本".as_bytes());
    }
}

#[test]
fn no_payload_is_changed_by_csv() {
    let payloads = [
        "=1+1",
        "'=1",
        "''",
        "\"",
        "a,b\r\nc",
        "\n",
        "\r",
        "",
        "\u{feff}x",
        " ",
    ];
    let rows: Vec<_> = payloads
        .iter()
        .map(|payload| Row {
            payload: payload.as_bytes().into(),
            ..rows().remove(0)
        })
        .collect();
    let imported = import(export(ExportFormat::Csv, &rows).as_bytes()).unwrap();
    let imported: Vec<_> = imported.iter().map(|row| &row.payload[..]).collect();
    assert_eq!(imported, payloads.map(str::as_bytes));
}

#[test]
fn a_recording_is_imported_with_its_openings_and_clients() {
    let open = r#"{"time":"2026-11-22T03:01:03Z","session":7,"event":"open","peer":"a:1","upstream":"db","framing":"1+u32be-inclusive","first_sent":"u32be-inclusive"}"#;
    let message = r#"{"time":"2026-11-22T03:01:03.120Z","session":7,"event":"message","direction":"sent","kind":"binary","base64":"/wA="}"#;
    let file = [open, message, message].join("\n");
    let rows = import(file.as_bytes()).unwrap();
    let framings = rows
        .iter()
        .map(|it| it.framing.as_ref().unwrap().to_string());
    let framings: Vec<_> = framings.collect();
    assert_eq!(framings, ["u32be-inclusive", "1+u32be-inclusive"]);
    assert_eq!(rows[0].client.as_deref(), Some("a:1"));
}

#[test]
fn concatenated_exports_keep_their_own_pairs() {
    let file = export(ExportFormat::Ndjson, &rows()[..2]);
    let imported = import(format!("{file}{file}").as_bytes()).unwrap();
    let partners: Vec<_> = imported.iter().map(Row::partner).collect();
    assert_eq!(partners, [Some(1), Some(0), Some(3), Some(2)]);
}

#[test]
fn an_invalid_line_is_reported_by_its_number() {
    let good = export(ExportFormat::Ndjson, &rows()[2..3]);
    let check = |bad: &str| {
        let imported = import(format!("{good}\n{bad}").as_bytes());
        assert_eq!(imported, Err(3), "{bad}");
    };
    check("{");
    check("{}");
    check(r#"{"time":"x","direction":"sent","kind":"text","text":""}"#);
    check(&good.trim_end().replace("binary", "text"));
    check(&good.trim_end().replace("sent", "lost"));
    check(&good.trim_end().replace("/wA=", "!"));
    assert_eq!(import(b"\n"), Ok(vec![]));
    assert_eq!(import(b"\x89PNG\r\n\x1a\n\xff"), Err(1));
    let csv = export(ExportFormat::Csv, &rows()[..2]);
    assert_eq!(import(csv.replace("received", "x").as_bytes()), Err(4));
    assert_eq!(import(format!("{csv}\"").as_bytes()), Err(5));
}

#[test]
fn a_recording_is_imported() {
    let recording = concat!(
        r#"{"time":"2026-11-22T03:01:03.120456Z","session":7,"event":"open","peer":"a:1","upstream":"echo","framing":"u32le"}"#,
        "\n",
        r#"{"time":"2026-11-22T03:01:03.120456Z","session":7,"event":"message","direction":"sent","kind":"binary","base64":"/wA="}"#,
        "\n",
        r#"{"time":"2026-11-22T03:01:03.2Z","event":"dropped","messages":2}"#,
        "\n",
    );
    let rows = import(recording.as_bytes()).unwrap();
    let [row] = &rows[..] else {
        panic!("one message, not {}", rows.len());
    };
    let unpaired = Pairing::Unpaired;
    assert_eq!((row.id, row.session, row.pairing), (0, Some(7), unpaired));
    assert_eq!(row.payload, &b"\xff\0"[..]);
    assert_eq!(row.at.utc_ms, 1_795_316_463_120.0);
    let broken = recording.replace("sent", "lost");
    assert_eq!(import(broken.as_bytes()), Err(2));
}
