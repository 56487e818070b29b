//! Writer of rows as JSON: values, maps and lists.

use crate::bytes_text::{base64, hex};
use crate::field::Options;
use crate::floats::Floats;
use crate::format::Format;
use crate::quote::quote;
use crate::row::{Data, Label, Row, members};
use crate::show::value;

/// Writer of the JSON of rows.
pub(super) struct Writer<'a> {
    pub(super) rows: &'a [Row],
    pub(super) payload: &'a [u8],
    pub(super) options: Options,
    pub(super) is_base64: bool,
    pub(super) out: String,
}

/// Fails with the place of a text that is not UTF-8.
pub(super) type Written = Result<(), usize>;

impl Writer<'_> {
    pub(super) fn value(&mut self, at: usize) -> Written {
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

    pub(super) fn list(&mut self, items: &[usize]) -> Written {
        self.out.push('[');
        for (n, item) in items.iter().enumerate() {
            self.comma(n);
            self.value(*item)?;
        }
        self.out.push(']');
        Ok(())
    }

    pub(super) fn comma(&mut self, n: usize) {
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
