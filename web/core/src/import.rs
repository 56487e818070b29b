//! Import of messages from NDJSON: the page's exports, and the gateway's recordings.

use std::time::Duration;

use bytes::Bytes;

use crate::framing::{Framing, Framings};
use crate::json::{self, Value};
use crate::message::{Direction, Kind};
use crate::message_log::{Pairing, Row, RowId};
use crate::row_framings::RowFramings;
use crate::time::Moment;
use crate::{encoding, format};

/// Imports an NDJSON export or recording. Rows get new ids from `next_id` on, and requests
/// stay paired with their replies. `utc_offset_ms` is local time minus UTC, for recordings,
/// whose times are UTC.
///
/// # Errors
///
/// The first line, counted from 1, that is in neither format.
pub fn import(file: &str, next_id: RowId, utc_offset_ms: f64) -> Result<Vec<Row>, usize> {
    let mut rows: Vec<Row> = Vec::new();
    let mut places = Vec::new();
    let mut sessions: Vec<(Option<u64>, RowFramings)> = Vec::new();
    for (line, number) in file.lines().zip(1usize..) {
        if line.trim().is_empty() {
            continue;
        }
        let value = json::parse(line).map_err(|_| number)?;
        if is_other_event(&value) {
            let session = value.number("session");
            sessions.retain(|(id, _)| *id != session);
            if value.string("event") == Some("open") {
                sessions.push((session, framings(&value)));
            }
            continue;
        }
        let mut row = row(&value, next_id + rows.len() as RowId, utc_offset_ms).ok_or(number)?;
        let session = sessions.iter_mut().find(|(id, _)| *id == row.session);
        if let Some((_, framings)) = session {
            row.framing = framings.next(row.direction);
        }
        if let Some((place, round_trip)) = request_of(&value, &places) {
            let request: &mut Row = &mut rows[place];
            let service_time = value.number("service_us").map(Duration::from_micros);
            let paired = |with| Pairing::Paired {
                with,
                round_trip,
                service_time,
            };
            row.pairing = paired(request.id);
            request.pairing = paired(row.id);
        }
        add_place(&value, rows.len(), &mut places);
        rows.push(row);
    }
    Ok(rows)
}

/// Returns true for a recording's events other than messages: open, close, dropped.
fn is_other_event(value: &Value) -> bool {
    let event = value.string("event");
    event.is_some_and(|event| event != "message")
}

/// Reads the framings of an `open` event.
pub fn framings(value: &Value) -> RowFramings {
    let framing = |key| value.string(key).map(Framing::from);
    let Some(all) = framing("framing") else {
        return RowFramings::default();
    };
    RowFramings::new(&Framings {
        framing: all,
        first_sent: framing("first_sent"),
        first_received: framing("first_received"),
    })
}

/// Reads one message of an export, a recording or the live feed.
pub fn row(value: &Value, id: RowId, utc_offset_ms: f64) -> Option<Row> {
    let payload = match (value.string("text"), value.string("base64")) {
        (Some(text), _) => text.as_bytes().to_vec(),
        (None, Some(base64)) => encoding::decode_base64(base64).ok()?,
        (None, None) => return None,
    };
    let is_text = std::str::from_utf8(&payload).is_ok();
    Some(Row {
        id,
        direction: match value.string("direction")? {
            "sent" => Direction::Sent,
            "received" => Direction::Received,
            _ => return None,
        },
        kind: match value.string("kind")? {
            "text" if is_text => Kind::Text,
            "binary" => Kind::Binary,
            _ => return None,
        },
        payload: Bytes::from(payload),
        at: Moment {
            local_ms: local_ms(value.string("time")?, utc_offset_ms)?,
            steady_ms: 0.0,
        },
        pairing: Pairing::Unpaired,
        framing: value.string("framing").map(Framing::from),
        session: value.number("session"),
        missing_len: 0,
        event: None,
    })
}

/// Parses a time as local time, in milliseconds since 1970. Exports have local times,
/// recordings UTC.
pub fn local_ms(time: &str, utc_offset_ms: f64) -> Option<f64> {
    let ms = format::parse_date_time(time)?;
    let is_utc = time.ends_with('Z');
    Some(if is_utc { ms + utc_offset_ms } else { ms })
}

/// The place of the row that `value` answers, and the round trip.
fn request_of(value: &Value, places: &[(RowId, usize)]) -> Option<(usize, Duration)> {
    let answers = value.number("answers")?;
    let micros = value.number("round_trip_us")?;
    let found = places.binary_search_by_key(&answers, |&(id, _)| id).ok()?;
    Some((places[found].1, Duration::from_micros(micros)))
}

/// Adds a row's exported id and place. Ids ascend within an export; a lower one begins
/// another export, concatenated with the first.
fn add_place(value: &Value, place: usize, places: &mut Vec<(RowId, usize)>) {
    let Some(id) = value.number("id") else {
        return;
    };
    if places.last().is_some_and(|&(last, _)| id <= last) {
        places.clear();
    }
    places.push((id, place));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::tests::{UTC_OFFSET_MS, rows};
    use crate::export::{ExportFormat, export};

    #[test]
    fn an_export_is_imported_with_new_ids_and_the_same_pairs() {
        let file = export(ExportFormat::Ndjson, rows().iter(), UTC_OFFSET_MS);
        let imported = import(&file, 100, UTC_OFFSET_MS).unwrap();
        let paired = |with| Pairing::Paired {
            with,
            round_trip: Duration::from_micros(400),
            service_time: Some(Duration::from_micros(80)),
        };
        let pairings: Vec<_> = imported.iter().map(|row| (row.id, row.pairing)).collect();
        let expected = [
            (100, paired(101)),
            (101, paired(100)),
            (102, Pairing::Unpaired),
        ];
        assert_eq!(pairings, expected);
        for (imported, row) in imported.iter().zip(rows()) {
            assert_eq!(imported.payload, row.payload);
            assert_eq!(imported.kind, row.kind);
            assert_eq!(imported.direction, row.direction);
            assert_eq!(imported.at.local_ms, row.at.local_ms);
            assert_eq!(imported.framing, row.framing);
        }
    }

    #[test]
    fn a_recording_is_imported_with_its_openings() {
        let open = r#"{"time":"2026-11-22T03:01:03Z","session":7,"event":"open","peer":"a:1","upstream":"db","framing":"1+u32be-inclusive","first_sent":"u32be-inclusive"}"#;
        let message = r#"{"time":"2026-11-22T03:01:03.120Z","session":7,"event":"message","direction":"sent","kind":"binary","base64":"/wA="}"#;
        let file = [open, message, message].join("\n");
        let rows = import(&file, 0, UTC_OFFSET_MS).unwrap();
        let framings = rows
            .iter()
            .map(|it| it.framing.as_ref().unwrap().to_string());
        let framings: Vec<_> = framings.collect();
        assert_eq!(framings, ["u32be-inclusive", "1+u32be-inclusive"]);
    }

    #[test]
    fn concatenated_exports_keep_their_own_pairs() {
        let file = export(ExportFormat::Ndjson, rows()[..2].iter(), UTC_OFFSET_MS);
        let imported = import(&format!("{file}{file}"), 0, UTC_OFFSET_MS).unwrap();
        let partners: Vec<_> = imported.iter().map(Row::partner).collect();
        assert_eq!(partners, [Some(1), Some(0), Some(3), Some(2)]);
    }

    #[test]
    fn an_invalid_line_is_reported_by_its_number() {
        let good = export(ExportFormat::Ndjson, rows()[2..].iter(), UTC_OFFSET_MS);
        let check = |bad: &str| {
            let imported = import(&format!("{good}\n{bad}"), 0, UTC_OFFSET_MS);
            assert_eq!(imported, Err(3), "{bad}");
        };
        check("{");
        check("{}");
        check(r#"{"time":"x","direction":"sent","kind":"text","text":""}"#);
        check(&good.trim_end().replace("binary", "text"));
        check(&good.trim_end().replace("sent", "lost"));
        check(&good.trim_end().replace("/wA=", "!"));
        assert_eq!(import("\n", 0, UTC_OFFSET_MS), Ok(vec![]));
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
        let rows = import(recording, 5, UTC_OFFSET_MS).unwrap();
        let [row] = &rows[..] else {
            panic!("one message, not {}", rows.len());
        };
        let unpaired = Pairing::Unpaired;
        assert_eq!((row.id, row.session, row.pairing), (5, Some(7), unpaired));
        assert_eq!(row.payload, &b"\xff\0"[..]);
        assert_eq!(row.at.local_ms, 1_795_348_863_120.0);
        let broken = recording.replace("sent", "lost");
        assert_eq!(import(&broken, 5, UTC_OFFSET_MS), Err(2));
    }
}
