//! Export of messages to files: NDJSON to import again, CSV for tables, plain text to read.

use crate::json;
use crate::message::Direction;
use crate::message_log::{Pairing, Row};
use crate::time::micros;
use crate::{encoding, format};

/// A file format for messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportFormat {
    /// A JSON object per line.
    Ndjson,
    /// Comma-separated values (RFC 4180).
    Csv,
    /// A line of text per message.
    Text,
}

impl ExportFormat {
    /// All formats.
    pub const ALL: [Self; 3] = [Self::Ndjson, Self::Csv, Self::Text];

    /// Returns the file name extension.
    pub fn extension(self) -> &'static str {
        match self {
            ExportFormat::Ndjson => "ndjson",
            ExportFormat::Csv => "csv",
            ExportFormat::Text => "txt",
        }
    }

    /// Returns the media type.
    pub fn media_type(self) -> &'static str {
        match self {
            ExportFormat::Ndjson => "application/x-ndjson",
            ExportFormat::Csv => "text/csv",
            ExportFormat::Text => "text/plain",
        }
    }
}

/// Exports the messages of `rows`. `utc_offset_ms` is local time minus UTC.
pub fn export<'a>(
    format: ExportFormat,
    rows: impl Iterator<Item = &'a Row>,
    utc_offset_ms: f64,
) -> String {
    let mut file = String::new();
    if format == ExportFormat::Csv {
        file.push_str("time,direction,kind,bytes,round_trip_us,encoding,payload\r\n");
    }
    for row in rows.filter(|row| row.event.is_none()) {
        file.push_str(&match format {
            ExportFormat::Ndjson => ndjson(row, utc_offset_ms),
            ExportFormat::Csv => csv(row, utc_offset_ms),
            ExportFormat::Text => text(row),
        });
    }
    file
}

fn ndjson(row: &Row, utc_offset_ms: f64) -> String {
    let time = format::date_time(row.at, utc_offset_ms);
    let (direction, kind) = (row.direction.key(), row.kind.key());
    let pairing = match (row.direction, row.pairing) {
        (
            Direction::Received,
            Pairing::Paired {
                with,
                round_trip,
                service_time,
            },
        ) => {
            let micros = micros(round_trip);
            let service = service_time.map_or(String::new(), |it| {
                format!(r#","service_us":{}"#, self::micros(it))
            });
            format!(r#","answers":{with},"round_trip_us":{micros}{service}"#)
        }
        _ => String::new(),
    };
    let framing = row.framing.as_ref();
    let framing = framing.map_or(String::new(), |it| {
        format!(r#","framing":{}"#, json::quote(it.notation()))
    });
    let (encoding, payload) = payload(row);
    let (id, payload) = (row.id, json::quote(&payload));
    format!(
        r#"{{"id":{id},"time":"{time}","direction":"{direction}","kind":"{kind}"{framing}{pairing},"{encoding}":{payload}}}"#
    ) + "\n"
}

fn csv(row: &Row, utc_offset_ms: f64) -> String {
    let (encoding, payload) = payload(row);
    let micros = row.round_trip().map(micros);
    let columns = [
        format::date_time(row.at, utc_offset_ms),
        row.direction.key().into(),
        row.kind.key().into(),
        row.payload.len().to_string(),
        micros.map(|it| it.to_string()).unwrap_or_default(),
        encoding.into(),
        format!("\"{}\"", payload.replace('"', "\"\"")),
    ];
    columns.join(",") + "\r\n"
}

fn text(row: &Row) -> String {
    let time = format::time_of_day(row.at);
    let arrow = row.direction.arrow();
    let (_, payload) = payload(row);
    format!("{time} {arrow} {payload}\n")
}

/// The payload and its encoding: text if it is UTF-8, otherwise Base64.
fn payload(row: &Row) -> (&'static str, String) {
    match std::str::from_utf8(&row.payload) {
        Ok(text) => ("text", text.into()),
        Err(_) => ("base64", encoding::encode_base64(&row.payload)),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::time::Duration;

    use super::*;
    use crate::message::Kind;
    use crate::message_log::RowId;
    use crate::time::Moment;

    /// Local time minus UTC in the expected files: nine hours.
    pub(crate) const UTC_OFFSET_MS: f64 = 9.0 * 3_600_000.0;

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
                local_ms: 1_795_348_863_120.0,
                steady_ms: 5.0,
            },
            pairing,
            framing: None,
            session: None,
            missing_len: 0,
            event: None,
        }
    }

    /// A request, its reply, and a request without a reply.
    pub(crate) fn rows() -> Vec<Row> {
        let paired = |with| Pairing::Paired {
            with,
            round_trip: Duration::from_micros(400),
            service_time: Some(Duration::from_micros(80)),
        };
        let reply = "日本".as_bytes();
        vec![
            row(7, Direction::Sent, Kind::Text, b"a \"b\"\n", paired(8)),
            row(8, Direction::Received, Kind::Text, reply, paired(7)),
            Row {
                framing: Some("1+varint".into()),
                ..row(
                    9,
                    Direction::Sent,
                    Kind::Binary,
                    b"\xff\0",
                    Pairing::Unpaired,
                )
            },
        ]
    }

    #[test]
    fn ndjson_has_every_field_of_a_row() {
        let file = export(ExportFormat::Ndjson, rows().iter(), UTC_OFFSET_MS);
        let lines: Vec<_> = file.lines().collect();
        assert_eq!(
            lines,
            [
                r#"{"id":7,"time":"2026-11-22T12:01:03.120+09:00","direction":"sent","kind":"text","text":"a \"b\"\n"}"#,
                r#"{"id":8,"time":"2026-11-22T12:01:03.120+09:00","direction":"received","kind":"text","answers":7,"round_trip_us":400,"service_us":80,"text":"日本"}"#,
                r#"{"id":9,"time":"2026-11-22T12:01:03.120+09:00","direction":"sent","kind":"binary","framing":"1+varint","base64":"/wA="}"#,
            ]
        );
    }

    #[test]
    fn csv_quotes_payloads() {
        let file = export(ExportFormat::Csv, rows().iter(), UTC_OFFSET_MS);
        let expected = "2026-11-22T12:01:03.120+09:00,sent,text,6,400,text,\"a \"\"b\"\"\n\"\r\n";
        assert!(file.contains(expected), "{file}");
        assert!(file.starts_with("time,direction,"), "{file}");
        assert!(
            file.ends_with(",sent,binary,2,,base64,\"/wA=\"\r\n"),
            "{file}"
        );
    }

    #[test]
    fn plain_text_has_time_arrow_and_payload() {
        let file = export(ExportFormat::Text, rows()[1..].iter(), UTC_OFFSET_MS);
        assert_eq!(file, "12:01:03.120 ↓ 日本\n12:01:03.120 ↑ /wA=\n");
    }
}
