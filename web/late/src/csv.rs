//! Comma-separated values (RFC 4180), as the export writes them and spreadsheets save them.

use web_core::json::Value;

/// Characters between cells. Spreadsheets save semicolons where the comma is the decimal sign, and
/// tabs as "Unicode text".
const SEPARATORS: [char; 3] = [',', ';', '\t'];

/// Returns the character between the cells of a text that begins with the export's columns.
pub fn separator(text: &str) -> Option<char> {
    SEPARATORS.into_iter().find(|&separator| {
        let columns = record(text, separator).map(|it| it.0).unwrap_or_default();
        let has = |name: &str| columns.iter().any(|it| it == name);
        has("time") && has("direction") && has("payload")
    })
}

/// Returns the records of a text as objects, each with its line: numbers as numbers, and the
/// payload under the name of its encoding.
///
/// # Errors
/// The line of a quoted cell without an end, counted from 1.
pub fn records(text: &str, separator: char) -> Result<Vec<(usize, Value)>, usize> {
    let (mut line, mut rest) = (1, text);
    let mut columns = Vec::new();
    let mut records = Vec::new();
    while !rest.is_empty() {
        let (cells, after) = record(rest, separator).ok_or(line)?;
        match columns.is_empty() {
            true => columns = cells,
            false if cells == [""] => {}
            false => records.push((line, object(&columns, cells))),
        }
        let len = rest.len() - after.len();
        line += rest[..len].matches('\n').count();
        rest = after;
    }
    Ok(records)
}

/// Takes the cells of a record off the front.
fn record(mut rest: &str, separator: char) -> Option<(Vec<String>, &str)> {
    let mut cells = Vec::new();
    loop {
        let (cell, after) = match rest.strip_prefix('"') {
            Some(quoted) => quoted_cell(quoted)?,
            None => {
                let end = rest.find([separator, '\r', '\n']).unwrap_or(rest.len());
                (rest[..end].into(), &rest[end..])
            }
        };
        cells.push(cell);
        rest = match after.strip_prefix(separator) {
            Some(rest) => rest,
            None => {
                let after = after.strip_prefix('\r').unwrap_or(after);
                return Some((cells, after.strip_prefix('\n').unwrap_or(after)));
            }
        };
    }
}

/// Takes a cell after its opening quote.
fn quoted_cell(mut rest: &str) -> Option<(String, &str)> {
    let mut cell = String::new();
    loop {
        let (text, after) = rest.split_once('"')?;
        cell.push_str(text);
        match after.strip_prefix('"') {
            Some(after) => {
                cell.push('"');
                rest = after;
            }
            None => return Some((cell, after)),
        }
    }
}

fn object(columns: &[String], cells: Vec<String>) -> Value {
    let is_base64 = |(name, cell): (&String, &String)| name == "encoding" && cell == "base64";
    let encoding = match columns.iter().zip(&cells).any(is_base64) {
        true => "base64",
        false => "text",
    };
    let string = |text: &str| Value::String(text.into());
    let member = |(name, cell): (&String, String)| match &**name {
        "payload" => Some((string(encoding), Value::String(unguarded(cell)))),
        _ if cell.is_empty() => None,
        "id" | "bytes" | "session" | "answers" | "round_trip_us" | "service_us" => {
            Some((string(name), Value::Literal(cell)))
        }
        _ => Some((string(name), Value::String(unguarded(cell)))),
    };
    Value::Object(columns.iter().zip(cells).filter_map(member).collect())
}

/// The cell without the apostrophe that the export puts in front of a formula.
fn unguarded(cell: String) -> String {
    match cell.strip_prefix('\'') {
        Some(rest) => rest.into(),
        None => cell,
    }
}
