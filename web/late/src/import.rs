//! Import of messages from files: the page's exports as NDJSON or CSV, and the gateway's
//! recordings.

use std::time::Duration;

use web_core::json::{self, Value};
use web_core::message_log::{Pairing, Row, RowId};
use web_core::record;
use web_core::row_framings::RowFramings;

use crate::details::fields_choice::FieldsChoice;
use crate::{csv, file_text, instant};

/// Content of a file.
#[derive(Debug, Default)]
pub struct Imported {
    /// Messages.
    pub rows: Vec<Row>,
    /// Format of their fields, if the file has one.
    pub fields: Option<FieldsChoice>,
}

/// Imports a file. Its rows have ids from 0 on, and requests stay paired with their replies.
///
/// # Errors
/// The first line, counted from 1, that is in no known format.
pub fn import(file: &[u8]) -> Result<Imported, usize> {
    let text = file_text::decode(file).ok_or(1usize)?;
    let mut import = Import::default();
    match csv::separator(&text) {
        Some(separator) => {
            for (line, record) in csv::records(&text, separator)? {
                import.read(&record).ok_or(line)?;
            }
        }
        None => {
            for (line, number) in text.lines().zip(1usize..) {
                if !line.trim().is_empty() {
                    let value = json::parse(line).map_err(|_| number)?;
                    import.read(&value).ok_or(number)?;
                }
            }
        }
    }
    Ok(import.imported)
}

/// A session of a recording.
struct Session {
    id: Option<u64>,
    client: Option<String>,
    framings: RowFramings,
}

#[derive(Default)]
struct Import {
    imported: Imported,
    /// The ids of rows in the file, and their places.
    places: Vec<(RowId, usize)>,
    sessions: Vec<Session>,
}

impl Import {
    /// Reads a record; `None` if it is invalid.
    fn read(&mut self, value: &Value) -> Option<()> {
        if is_other_event(value) {
            self.read_event(value);
            return Some(());
        }
        let at = instant::read(value.string("time")?)?;
        let mut row = record::row(value, self.imported.rows.len() as RowId, at)?;
        let mut sessions = self.sessions.iter_mut();
        if let Some(session) = sessions.find(|it| it.id == row.session) {
            row.framing = session.framings.next(row.direction);
            row.client = session.client.as_deref().map(Into::into);
        }
        self.pair(value, &mut row);
        self.add_place(value);
        self.imported.rows.push(row);
        Some(())
    }

    fn read_event(&mut self, value: &Value) {
        if value.string("event") == Some("fields") {
            self.imported.fields = Some(FieldsChoice {
                format: value.string("format").and_then(|it| it.parse().ok()),
                schema: value.string("schema").unwrap_or_default().into(),
            });
            return;
        }
        let id = value.number("session");
        self.sessions.retain(|it| it.id != id);
        if value.string("event") == Some("open") {
            self.sessions.push(Session {
                id,
                client: value.string("peer").map(Into::into),
                framings: record::framings(value),
            });
        }
    }

    /// Pairs a reply with the row that it answers.
    fn pair(&mut self, value: &Value, reply: &mut Row) {
        let Some((place, round_trip)) = request_of(value, &self.places) else {
            return;
        };
        let service_time = value.number("service_us").map(Duration::from_micros);
        let paired = |with| Pairing::Paired {
            with,
            round_trip,
            service_time,
        };
        reply.pairing = paired(place as RowId);
        self.imported.rows[place].pairing = paired(reply.id);
    }

    /// Adds the next row's exported id and place. Ids ascend within an export; a lower one
    /// begins another export, concatenated with the first.
    fn add_place(&mut self, value: &Value) {
        let Some(id) = value.number("id") else {
            return;
        };
        if self.places.last().is_some_and(|&(last, _)| id <= last) {
            self.places.clear();
        }
        self.places.push((id, self.imported.rows.len()));
    }
}

/// Returns true for a recording's events other than messages: open, close, dropped.
fn is_other_event(value: &Value) -> bool {
    let event = value.string("event");
    event.is_some_and(|event| event != "message")
}

/// The place of the row that `value` answers, and the round trip.
fn request_of(value: &Value, places: &[(RowId, usize)]) -> Option<(usize, Duration)> {
    let answers = value.number("answers")?;
    let micros = value.number("round_trip_us")?;
    let found = places.binary_search_by_key(&answers, |&(id, _)| id).ok()?;
    Some((places[found].1, Duration::from_micros(micros)))
}

#[cfg(test)]
#[path = "import_tests.rs"]
mod tests;
