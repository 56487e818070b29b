//! Export of messages to files: NDJSON to import again, CSV for spreadsheets, plain text to
//! read.

use web_core::framing::Framing;
use web_core::message::Direction;
use web_core::message_log::{Pairing, Row};
use web_core::time::micros;
use web_core::{encoding, format, json};

use crate::details::fields_choice::FieldsChoice;
use crate::export_format::ExportFormat;
use crate::instant;

/// The columns of CSV. The import reads them by name.
const COLUMNS: &str = "id,time,direction,kind,bytes,cut,session,client,framing,answers,\
                       round_trip_us,service_us,encoding,payload";

/// The characters that begin a formula, in some spreadsheets full-width too, and the apostrophe.
const FORMULA_STARTS: &[char] = &[
    '=', '+', '-', '@', '＝', '＋', '－', '＠', '\t', '\r', '\n', '\'',
];

/// Returns the media type of a format.
pub fn media_type(format: ExportFormat) -> &'static str {
    match format {
        ExportFormat::Ndjson => "application/x-ndjson",
        ExportFormat::Csv => "text/csv",
        ExportFormat::Text => "text/plain",
    }
}

/// Returns the beginning of a file. Without a byte order mark, spreadsheets don't take CSV for
/// UTF-8. NDJSON has an event with the format of the fields, unless that is guessed: readers ignore
/// events that they don't know.
pub fn beginning(format: ExportFormat, fields: &FieldsChoice) -> String {
    match (format, fields.format) {
        (ExportFormat::Csv, _) => format!("\u{feff}{COLUMNS}\r\n"),
        (ExportFormat::Ndjson, Some(name)) => {
            let (name, schema) = (name.name(), json::quote(&fields.schema));
            format!("{{\"event\":\"fields\",\"format\":\"{name}\",\"schema\":{schema}}}\n")
        }
        _ => String::new(),
    }
}

/// Returns the part of a file with `rows`.
pub fn part(format: ExportFormat, rows: &[Row]) -> String {
    let write = match format {
        ExportFormat::Ndjson => ndjson,
        ExportFormat::Csv => csv,
        ExportFormat::Text => text,
    };
    rows.iter().map(write).collect()
}

fn ndjson(row: &Row) -> String {
    let mut line = format!(r#"{{"id":{},"time":"{}""#, row.id, instant::write(row.at));
    let mut member = |name: &str, value: String| line += &format!(r#","{name}":{value}"#);
    if let Some(session) = row.session {
        member("session", session.to_string());
    }
    if let Some(client) = &row.client {
        member("client", json::quote(client));
    }
    member("direction", json::quote(row.direction.key()));
    member("kind", json::quote(row.kind.key()));
    // Only of what is cut: a payload may be edited in the file.
    if row.missing_len > 0 {
        member("bytes", row.full_len().to_string());
        member("cut", "true".into());
    }
    if let Some(framing) = &row.framing {
        member("framing", json::quote(framing.notation()));
    }
    if let Some([answers, round_trip, service]) = reply(row) {
        member("answers", answers);
        member("round_trip_us", round_trip);
        if !service.is_empty() {
            member("service_us", service);
        }
    }
    let (encoding, payload) = payload(row);
    member(encoding, json::quote(&payload));
    line + "}\n"
}

fn csv(row: &Row) -> String {
    let (encoding, payload) = payload(row);
    let [answers, round_trip, service] = reply(row).unwrap_or_default();
    let framing = row.framing.as_ref().map(Framing::notation);
    let columns = [
        row.id.to_string(),
        instant::write(row.at),
        row.direction.key().into(),
        row.kind.key().into(),
        row.full_len().to_string(),
        String::from(if row.missing_len > 0 { "cut" } else { "" }),
        row.session.map(|id| id.to_string()).unwrap_or_default(),
        quote_cell(row.client.as_deref().unwrap_or_default()),
        quote_cell(framing.unwrap_or_default()),
        answers,
        round_trip,
        service,
        encoding.into(),
        quote_cell(&payload),
    ];
    columns.join(",") + "\r\n"
}

/// Quotes a cell. An apostrophe is put in front of what a spreadsheet would take for a formula,
/// and of an apostrophe, so that the import can tell.
fn quote_cell(text: &str) -> String {
    let is_formula = text.starts_with(FORMULA_STARTS);
    let guard = if is_formula { "'" } else { "" };
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
}

/// A line: no payload writes control sequences to a terminal, or lines of its own.
fn text(row: &Row) -> String {
    let (time, arrow) = (instant::write(row.at), row.direction.arrow());
    let (_, payload) = payload(row);
    let mut line = format!("{time} {arrow} ");
    for c in payload.chars() {
        match format::escape(c) {
            Some(escape) => line.push_str(&escape),
            None => line.push(c),
        }
    }
    if row.missing_len > 0 {
        line += &format!(" … ({} B)", row.full_len());
    }
    line + "\n"
}

/// The request of a reply, the round trip, and the service's part of it if it is known.
fn reply(row: &Row) -> Option<[String; 3]> {
    match (row.direction, row.pairing) {
        (
            Direction::Received,
            Pairing::Paired {
                with,
                round_trip,
                service_time,
            },
        ) => Some([
            with.to_string(),
            micros(round_trip).to_string(),
            service_time.map_or(String::new(), |it| micros(it).to_string()),
        ]),
        _ => None,
    }
}

/// The payload and its encoding: text if it is UTF-8, otherwise Base64.
fn payload(row: &Row) -> (&'static str, String) {
    match std::str::from_utf8(&row.payload) {
        Ok(text) => ("text", text.into()),
        Err(_) => ("base64", encoding::encode_base64(&row.payload)),
    }
}

#[cfg(test)]
#[path = "export_tests.rs"]
pub(crate) mod tests;
