//! Messages as files, and back: NDJSON to read in again, CSV for tables, text to read.

use std::time::Duration;

use bytes::Bytes;

use crate::json::{self, Value};
use crate::log::{Direction, Id, Kind, Row, Tie};
use crate::time::{Moment, micros};
use crate::{encoding, format};

/// A kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// A JSON object a line.
    Ndjson,
    /// RFC 4180.
    Csv,
    /// Lines to read.
    Text,
}

impl FileKind {
    /// Every kind.
    pub const ALL: [FileKind; 3] = [FileKind::Ndjson, FileKind::Csv, FileKind::Text];

    /// How the names of such files end.
    pub fn extension(self) -> &'static str {
        match self {
            FileKind::Ndjson => "ndjson",
            FileKind::Csv => "csv",
            FileKind::Text => "txt",
        }
    }

    /// What such files hold.
    pub fn media_type(self) -> &'static str {
        match self {
            FileKind::Ndjson => "application/x-ndjson",
            FileKind::Csv => "text/csv",
            FileKind::Text => "text/plain",
        }
    }
}

/// Writes `rows` to a file. `offset_ms` is what local time is ahead of UTC.
pub fn export<'a>(kind: FileKind, rows: impl Iterator<Item = &'a Row>, offset_ms: f64) -> String {
    let mut file = String::new();
    if kind == FileKind::Csv {
        file.push_str("time,direction,kind,bytes,round_trip_us,encoding,payload\r\n");
    }
    for row in rows {
        file.push_str(&match kind {
            FileKind::Ndjson => ndjson(row, offset_ms),
            FileKind::Csv => csv(row, offset_ms),
            FileKind::Text => text(row),
        });
    }
    file
}

fn ndjson(row: &Row, offset_ms: f64) -> String {
    let time = format::date_time(row.at, offset_ms);
    let direction = direction(row.direction);
    let kind = kind(row.kind);
    let tie = match (row.direction, row.tie) {
        (Direction::Received, Tie::Paired { with, round_trip }) => {
            let micros = micros(round_trip);
            format!(r#","answers":{with},"round_trip_us":{micros}"#)
        }
        _ => String::new(),
    };
    let (encoding, payload) = payload(row);
    let (id, payload) = (row.id, json::quote(&payload));
    format!(
        r#"{{"id":{id},"time":"{time}","direction":"{direction}","kind":"{kind}"{tie},"{encoding}":{payload}}}"#
    ) + "\n"
}

fn csv(row: &Row, offset_ms: f64) -> String {
    let (encoding, payload) = payload(row);
    let micros = row.round_trip().map(micros);
    let columns = [
        format::date_time(row.at, offset_ms),
        direction(row.direction).into(),
        kind(row.kind).into(),
        row.payload.len().to_string(),
        micros.map(|it| it.to_string()).unwrap_or_default(),
        encoding.into(),
        format!("\"{}\"", payload.replace('"', "\"\"")),
    ];
    columns.join(",") + "\r\n"
}

fn text(row: &Row) -> String {
    let time = format::time_of_day(row.at);
    let arrow = match row.direction {
        Direction::Sent => '↑',
        Direction::Received => '↓',
    };
    let (_, payload) = payload(row);
    format!("{time} {arrow} {payload}\n")
}

/// The payload as text if it is that, otherwise in Base64; and which of them.
fn payload(row: &Row) -> (&'static str, String) {
    match std::str::from_utf8(&row.payload) {
        Ok(text) => ("text", text.into()),
        Err(_) => ("base64", encoding::to_base64(&row.payload)),
    }
}

fn direction(direction: Direction) -> &'static str {
    match direction {
        Direction::Sent => "sent",
        Direction::Received => "received",
    }
}

fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Text => "text",
        Kind::Binary => "binary",
    }
}

/// Reads an NDJSON export, or a gateway's recording. The rows' names are new, from `next_id`
/// on; those that belong together still do. A recording has its times in UTC, which local
/// time is `offset_ms` ahead of.
///
/// # Errors
///
/// The number of the first line, from 1, that is neither.
pub fn import(file: &str, next_id: Id, offset_ms: f64) -> Result<Vec<Row>, usize> {
    let mut rows: Vec<Row> = Vec::new();
    let mut places = Vec::new();
    for (line, number) in file.lines().zip(1usize..) {
        if line.trim().is_empty() {
            continue;
        }
        let value = json::parse(line).map_err(|_| number)?;
        if is_recorded_event(&value) {
            continue;
        }
        let mut row = row(&value, next_id + rows.len() as Id, offset_ms).ok_or(number)?;
        if let Some((place, round_trip)) = answered(&value, &places) {
            let request: &mut Row = &mut rows[place];
            row.tie = tie(request.id, round_trip);
            request.tie = tie(row.id, round_trip);
        }
        note_place(&value, rows.len(), &mut places);
        rows.push(row);
    }
    Ok(rows)
}

/// What a recording tells besides messages: who came and went, and what is missing.
fn is_recorded_event(value: &Value) -> bool {
    let event = value.member("event").and_then(Value::as_str);
    event.is_some_and(|event| event != "message")
}

/// The message that `value` is, of an export or a recording.
pub fn row(value: &Value, id: Id, offset_ms: f64) -> Option<Row> {
    let string = |key| value.member(key).and_then(Value::as_str);
    let payload = match (string("text"), string("base64")) {
        (Some(text), _) => text.as_bytes().to_vec(),
        (None, Some(base64)) => encoding::base64(base64).ok()?,
        (None, None) => return None,
    };
    let is_text = std::str::from_utf8(&payload).is_ok();
    Some(Row {
        id,
        direction: match string("direction")? {
            "sent" => Direction::Sent,
            "received" => Direction::Received,
            _ => return None,
        },
        kind: match string("kind")? {
            "text" if is_text => Kind::Text,
            "binary" => Kind::Binary,
            _ => return None,
        },
        payload: Bytes::from(payload),
        at: Moment {
            local_ms: local_ms(string("time")?, offset_ms)?,
            steady_ms: 0.0,
        },
        tie: Tie::Alone,
        session: value.member("session").and_then(Value::as_number),
        cut: 0,
    })
}

/// An export has the local time, a recording UTC.
pub fn local_ms(time: &str, offset_ms: f64) -> Option<f64> {
    let ms = format::parse_date_time(time)?;
    Some(if time.ends_with('Z') {
        ms + offset_ms
    } else {
        ms
    })
}

/// Where the row that `value` answers is, and how long the answer took.
fn answered(value: &Value, places: &[(Id, usize)]) -> Option<(usize, Duration)> {
    let answers = value.member("answers")?.as_number()?;
    let micros = value.member("round_trip_us")?.as_number()?;
    let found = places.binary_search_by_key(&answers, |&(id, _)| id).ok()?;
    Some((places[found].1, Duration::from_micros(micros)))
}

/// Names only grow within an export; a lower one begins another, put after the first.
fn note_place(value: &Value, place: usize, places: &mut Vec<(Id, usize)>) {
    let Some(id) = value.member("id").and_then(Value::as_number) else {
        return;
    };
    if places.last().is_some_and(|&(last, _)| id <= last) {
        places.clear();
    }
    places.push((id, place));
}

fn tie(with: Id, round_trip: Duration) -> Tie {
    Tie::Paired { with, round_trip }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(id: Id, direction: Direction, kind: Kind, payload: &'static [u8], tie: Tie) -> Row {
        Row {
            id,
            direction,
            kind,
            payload: payload.into(),
            at: Moment {
                local_ms: 1_795_348_863_120.0,
                steady_ms: 5.0,
            },
            tie,
            session: None,
            cut: 0,
        }
    }

    fn rows() -> Vec<Row> {
        let took = Duration::from_micros(400);
        vec![
            row(7, Direction::Sent, Kind::Text, b"a \"b\"\n", tie(8, took)),
            row(
                8,
                Direction::Received,
                Kind::Text,
                "日本".as_bytes(),
                tie(7, took),
            ),
            row(9, Direction::Sent, Kind::Binary, b"\xff\0", Tie::Alone),
        ]
    }

    const OFFSET: f64 = 9.0 * 3_600_000.0;

    #[test]
    fn ndjson_has_all_of_a_message() {
        let file = export(FileKind::Ndjson, rows().iter(), OFFSET);
        let lines: Vec<_> = file.lines().collect();
        assert_eq!(
            lines,
            [
                r#"{"id":7,"time":"2026-11-22T12:01:03.120+09:00","direction":"sent","kind":"text","text":"a \"b\"\n"}"#,
                r#"{"id":8,"time":"2026-11-22T12:01:03.120+09:00","direction":"received","kind":"text","answers":7,"round_trip_us":400,"text":"日本"}"#,
                r#"{"id":9,"time":"2026-11-22T12:01:03.120+09:00","direction":"sent","kind":"binary","base64":"/wA="}"#,
            ]
        );
    }

    #[test]
    fn csv_quotes_payloads() {
        let file = export(FileKind::Csv, rows().iter(), OFFSET);
        let expected = "2026-11-22T12:01:03.120+09:00,sent,text,6,400,text,\"a \"\"b\"\"\n\"\r\n";
        assert!(file.contains(expected), "{file}");
        assert!(file.starts_with("time,direction,"), "{file}");
        assert!(
            file.ends_with(",sent,binary,2,,base64,\"/wA=\"\r\n"),
            "{file}"
        );
    }

    #[test]
    fn text_is_for_reading() {
        let file = export(FileKind::Text, rows()[1..].iter(), OFFSET);
        assert_eq!(file, "12:01:03.120 ↓ 日本\n12:01:03.120 ↑ /wA=\n");
    }

    #[test]
    fn an_export_reads_back_with_new_names() {
        let file = export(FileKind::Ndjson, rows().iter(), OFFSET);
        let imported = import(&file, 100, OFFSET).unwrap();
        let took = Duration::from_micros(400);
        let ties: Vec<_> = imported.iter().map(|row| (row.id, row.tie)).collect();
        let expected = [
            (100, tie(101, took)),
            (101, tie(100, took)),
            (102, Tie::Alone),
        ];
        assert_eq!(ties, expected);
        for (imported, row) in imported.iter().zip(rows()) {
            assert_eq!(imported.payload, row.payload);
            assert_eq!(imported.kind, row.kind);
            assert_eq!(imported.direction, row.direction);
            assert_eq!(imported.at.local_ms, row.at.local_ms);
        }
    }

    #[test]
    fn two_exports_in_one_file_keep_their_answers_apart() {
        let file = export(FileKind::Ndjson, rows()[..2].iter(), OFFSET);
        let imported = import(&format!("{file}{file}"), 0, OFFSET).unwrap();
        let partners: Vec<_> = imported.iter().map(Row::partner).collect();
        assert_eq!(partners, [Some(1), Some(0), Some(3), Some(2)]);
    }

    #[test]
    fn a_line_that_is_none_is_told() {
        let good = export(FileKind::Ndjson, rows()[2..].iter(), OFFSET);
        let check = |bad: &str| {
            assert_eq!(
                import(&format!("{good}\n{bad}"), 0, OFFSET),
                Err(3),
                "{bad}"
            );
        };
        check("{");
        check("{}");
        check(r#"{"time":"x","direction":"sent","kind":"text","text":""}"#);
        check(&good.trim_end().replace("binary", "text"));
        check(&good.trim_end().replace("sent", "lost"));
        check(&good.trim_end().replace("/wA=", "!"));
        assert_eq!(import("\n", 0, OFFSET), Ok(vec![]));
    }

    #[test]
    fn a_recording_is_read_too() {
        let recording = concat!(
            r#"{"time":"2026-11-22T03:01:03.120456Z","session":7,"event":"open","peer":"a:1","upstream":"echo","framing":"u32le"}"#,
            "\n",
            r#"{"time":"2026-11-22T03:01:03.120456Z","session":7,"event":"message","direction":"sent","kind":"binary","base64":"/wA="}"#,
            "\n",
            r#"{"time":"2026-11-22T03:01:03.2Z","event":"dropped","messages":2}"#,
            "\n",
        );
        let rows = import(recording, 5, OFFSET).unwrap();
        let [row] = &rows[..] else {
            panic!("one message, not {}", rows.len());
        };
        assert_eq!((row.id, row.session, row.tie), (5, Some(7), Tie::Alone));
        assert_eq!(row.payload, &b"\xff\0"[..]);
        assert_eq!(row.at.local_ms, 1_795_348_863_120.0);
        let broken = recording.replace("sent", "lost");
        assert_eq!(import(&broken, 5, OFFSET), Err(2));
    }
}
