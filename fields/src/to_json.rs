//! Payloads written as JSON, from their rows.

use std::fmt;

use crate::bytes_text::{base64, hex};
use crate::decode::rows;
use crate::field::{Options, Reason, Stopped};
use crate::floats::Floats;
use crate::format::Format;
use crate::quote::quote;
use crate::row::{Data, Label, MAP_ENTRY, PACKED, Row, members};
use crate::schema::Schema;
use crate::show::value;

/// Most fields of a payload that is written as JSON.
const MAX_ROWS: usize = 1 << 20;

/// Payload that cannot be written as JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ToJsonError {
    /// Not for this format, or not without a schema.
    Format,
    /// Not all of the payload can be read.
    Stopped(Stopped),
}

impl fmt::Display for ToJsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Format => f.write_str(
                "only MessagePack, CBOR, layouts, and Protocol Buffers with a schema become JSON",
            ),
            Self::Stopped(stopped) => write!(f, "{stopped}"),
        }
    }
}

impl std::error::Error for ToJsonError {}

/// Writes a payload as JSON, which [`from_json`](crate::from_json) reads again.
///
/// Names that JSON has no values for are objects with one key: `{"$bytes": "0a0b"}`, `{"$f32": 1.5}`,
/// `{"$f64": "NaN"}`, `{"$ext": [5, "0a"]}`, `{"$time": "2026-11-29T00:00:00Z"}`, `{"$tag": [32,
/// "x"]}`, `{"$simple": 23}`, and `{"$map": [[1, "x"]]}` for keys that are not all text. Protocol
/// Buffers follow their own mapping: bytes in base64, enums by name; fields that are not in the
/// schema are left out.
///
/// # Errors
/// [`ToJsonError`] if the format has no JSON, or if not all of the payload can be read.
pub fn to_json(schema: &Schema, payload: &[u8], options: &Options) -> Result<String, ToJsonError> {
    if !schema.format.has_json(schema.has_definition()) {
        return Err(ToJsonError::Format);
    }
    let unlimited = Options {
        max_fields: MAX_ROWS,
        max_value: usize::MAX,
        ..*options
    };
    let (rows, stopped) = rows(schema, payload, &unlimited);
    if let Some(stopped) = stopped {
        return Err(ToJsonError::Stopped(stopped));
    }
    let mut writer = Writer {
        rows: &rows,
        payload,
        options: unlimited,
        is_base64: schema.format == Format::Protobuf,
        out: String::new(),
    };
    let written = match schema.format {
        Format::Protobuf | Format::Layout => writer.record(None),
        _ => writer.value(0),
    };
    match written {
        Ok(()) => Ok(writer.out),
        Err(at) => Err(ToJsonError::Stopped(Stopped {
            at,
            reason: Reason::NotUtf8,
        })),
    }
}

struct Writer<'a> {
    rows: &'a [Row],
    payload: &'a [u8],
    options: Options,
    is_base64: bool,
    out: String,
}

/// Fails with the place of a text that is not UTF-8.
type Written = Result<(), usize>;

impl Writer<'_> {
    fn value(&mut self, at: usize) -> Written {
        let row = &self.rows[at];
        let is_typed = matches!(row.format, Format::Protobuf | Format::Layout);
        match &row.data {
            Data::Map(_) if is_typed => return self.record(Some(at)),
            Data::Map(_) => return self.map(at),
            Data::List(_) => return self.list(&members(self.rows, at).collect::<Vec<_>>()),
            Data::F32(number) => self.float(f64::from(*number), true, is_typed),
            Data::F64(number) => self.float(*number, false, is_typed),
            Data::Bytes(range) => self.bytes(&self.payload[range.clone()]),
            Data::Blob(bytes) => self.bytes(bytes),
            Data::Text(_) | Data::Str(_) | Data::Enum(..) => return self.text(&row.data),
            Data::Extension(kind, range) => {
                let bytes = hex(&self.payload[range.clone()], "");
                self.out += &format!("{{\"$ext\":[{kind},\"{bytes}\"]}}");
            }
            Data::Time(..) => {
                let time = value(&row.data, self.payload, &self.options).text;
                self.out += &format!("{{\"$time\":\"{time}\"}}");
            }
            Data::Tag(number, _) => {
                self.out += &format!("{{\"$tag\":[{number},");
                for member in members(self.rows, at) {
                    self.value(member)?;
                }
                self.out += "]}";
            }
            Data::Simple(number) => self.out += &format!("{{\"$simple\":{number}}}"),
            Data::Hex(number, _) => self.out += &number.to_string(),
            Data::Symbol(text) => quote(text, &mut self.out),
            Data::Null
            | Data::Bool(_)
            | Data::Int(_)
            | Data::Uint(_)
            | Data::Negative(_)
            | Data::Number(..) => {
                self.out += &value(&row.data, self.payload, &self.options).text;
            }
        }
        Ok(())
    }

    fn text(&mut self, data: &Data) -> Written {
        if let Data::Text(range) = data {
            let text = str::from_utf8(&self.payload[range.clone()]);
            quote(text.map_err(|_| range.start)?, &mut self.out);
        } else if let Data::Str(text) | Data::Enum(_, text, _) = data {
            quote(text, &mut self.out);
        }
        Ok(())
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.out += &match self.is_base64 {
            true => format!("\"{}\"", base64(bytes)),
            false => format!("{{\"$bytes\":\"{}\"}}", hex(bytes, "")),
        };
    }

    fn float(&mut self, number: f64, is_single: bool, is_typed: bool) {
        let text = float(number, is_single && is_typed, self.options.floats);
        let is_plain = number.is_finite() && !is_single || is_typed;
        self.out += &match (is_plain, is_single) {
            (true, _) => text,
            (_, true) => format!("{{\"$f32\":{text}}}"),
            (_, false) => format!("{{\"$f64\":{text}}}"),
        };
    }

    fn list(&mut self, items: &[usize]) -> Written {
        self.out.push('[');
        for (n, item) in items.iter().enumerate() {
            self.comma(n);
            self.value(*item)?;
        }
        self.out.push(']');
        Ok(())
    }

    fn comma(&mut self, n: usize) {
        if n > 0 {
            self.out.push(',');
        }
    }

    /// Writes a map of a format that describes itself.
    fn map(&mut self, at: usize) -> Written {
        let rows = self.rows;
        let is_object = members(rows, at).all(|it| match &rows[it].label {
            Label::Key(Data::Text(range)) => {
                self.payload.get(range.start) != Some(&b'$') || range.is_empty()
            }
            Label::Key(Data::Str(text)) => !text.starts_with('$'),
            Label::Name(_) => true,
            _ => false,
        });
        self.out += if is_object { "{" } else { "{\"$map\":[" };
        let mut is_key_written = false;
        for (n, member) in members(rows, at).enumerate() {
            if !is_key_written {
                self.comma(n);
            }
            match &rows[member].label {
                Label::GroupKey => {
                    self.out.push('[');
                    self.value(member)?;
                    is_key_written = true;
                    continue;
                }
                Label::Key(key) if is_object => self.text(key)?,
                Label::Name(name) => quote(name, &mut self.out),
                Label::Key(key) => {
                    self.out.push('[');
                    self.key(key, &rows[member])?;
                }
                _ => {}
            }
            self.out.push(if is_object { ':' } else { ',' });
            self.value(member)?;
            if !is_object {
                self.out.push(']');
            }
            is_key_written = false;
        }
        self.out += if is_object { "}" } else { "]}" };
        Ok(())
    }

    /// Writes a key of a `$map`.
    fn key(&mut self, key: &Data, row: &Row) -> Written {
        let row = Row {
            data: key.clone(),
            ..row.clone()
        };
        let mut writer = Writer {
            rows: &[row],
            payload: self.payload,
            options: self.options,
            is_base64: self.is_base64,
            out: String::new(),
        };
        writer.value(0)?;
        self.out += &writer.out;
        Ok(())
    }

    /// Writes a message or a group with a schema: the rows of a group, or of the payload.
    fn record(&mut self, group: Option<usize>) -> Written {
        let rows = self.rows;
        let fields: Vec<usize> = match group {
            Some(group) => members(rows, group).collect(),
            None => (0..rows.len()).filter(|it| rows[*it].depth == 0).collect(),
        };
        self.out.push('{');
        let mut count = 0;
        for (n, field) in fields.iter().enumerate() {
            let label = &rows[*field].label;
            let is_same = |it: &&usize| rows[**it].label == *label;
            match label {
                // The last one counts.
                Label::Name(name) if !fields[n + 1..].iter().any(|it| is_same(&it)) => {
                    self.comma(count);
                    quote(name, &mut self.out);
                    self.out.push(':');
                    self.value(*field)?;
                }
                Label::Repeated(name) if !fields[..n].iter().any(|it| is_same(&it)) => {
                    self.comma(count);
                    quote(name, &mut self.out);
                    self.out.push(':');
                    let all: Vec<_> = fields[n..].iter().filter(is_same).copied().collect();
                    self.repeated(&all)?;
                }
                _ => continue,
            }
            count += 1;
        }
        self.out.push('}');
        Ok(())
    }

    /// Writes the occurrences of a repeated field.
    fn repeated(&mut self, all: &[usize]) -> Written {
        let rows = self.rows;
        if rows[all[0]].type_name == MAP_ENTRY {
            return self.entries(all);
        }
        let mut items = Vec::new();
        for row in all {
            match rows[*row].type_name {
                PACKED => items.extend(members(rows, *row)),
                _ => items.push(*row),
            }
        }
        self.list(&items)
    }

    /// Writes the entries of a map of Protocol Buffers, whose keys are strings in JSON.
    fn entries(&mut self, all: &[usize]) -> Written {
        let rows = self.rows;
        self.out.push('{');
        for (n, entry) in all.iter().enumerate() {
            self.comma(n);
            let find = |name: &str| {
                let is_it =
                    |it: &usize| matches!(&rows[*it].label, Label::Name(label) if label == name);
                members(rows, *entry).filter(is_it).last()
            };
            match find("key") {
                Some(key) if matches!(rows[key].data, Data::Text(_)) => self.value(key)?,
                Some(key) => {
                    self.out.push('"');
                    self.value(key)?;
                    self.out.push('"');
                }
                None => self.out += "\"\"",
            }
            self.out.push(':');
            match find("value") {
                Some(value) => self.value(value)?,
                None => self.out += "null",
            }
        }
        self.out.push('}');
        Ok(())
    }
}

/// Writes a number of JSON; a string for those that it has none for.
fn float(number: f64, is_single: bool, floats: Floats) -> String {
    match number {
        _ if number.is_nan() => "\"NaN\"".into(),
        f64::INFINITY => "\"Infinity\"".into(),
        f64::NEG_INFINITY => "\"-Infinity\"".into(),
        _ => {
            let text = (floats.write)(number, is_single);
            match text.contains(['.', 'e', 'E']) {
                true => text,
                false => text + ".0",
            }
        }
    }
}
